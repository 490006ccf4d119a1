import StrictJSON

/// Every field that an input line may have at its top level. The raw value is its bit in a ``FieldSet``.
enum FieldID: UInt8, CaseIterable {
    case type, key, programme, actor, actorRole, correlationId, causation
    case userId, at, country, referrerId, referralCode, email, phone, name, metadata, signals
    case code, expiresInDays, to
    case paymentId, provider, amount, currency, commissionableBase, refundId, refundedTotal
    case policy, preset, effectiveFrom, asset
    case disputeId, status, rewardId, withdrawalId, method, decision, reason, providerRef, kept
    case approvers, base, quote, rate, source, reference, kind, period
    case level, documentHash, intoUserId, rule, severity, evidence, reviewId, score
    case signalHashes, evidenceHash, position
    case runId, statement, lines, matched, breaks, breakId, subject, since, expected, found
    case correction

    static let count = FieldID.allCases.count

    /// As it is written in a line: the case's own name.
    var name: String { FieldIndex.shared.names[Int(rawValue)] }
}

/// A set of fields.
struct FieldSet: OptionSet {
    var rawValue: UInt128

    init(rawValue: UInt128) { self.rawValue = rawValue }
    init(_ field: FieldID) { rawValue = 1 << UInt128(field.rawValue) }
    init(_ fields: some Sequence<FieldID>) {
        rawValue = fields.reduce(0) { $0 | FieldSet($1).rawValue }
    }

    func contains(_ field: FieldID) -> Bool { rawValue & FieldSet(field).rawValue != 0 }

    /// The field that comes first in ``FieldID``, or nil when there is none.
    var first: FieldID? {
        rawValue == 0 ? nil : FieldID(rawValue: UInt8(truncatingIfNeeded: rawValue.trailingZeroBitCount))
    }
}

/// Finds a field by its name: a small hash table with open addressing, made once.
struct FieldIndex: Sendable {
    static let shared = FieldIndex()

    let names: [String]
    /// All names, one after another, and where each begins; the last number is the end.
    private let bytes: [UInt8]
    private let starts: [Int]
    /// A field's raw value, or ``free``.
    private let slots: [UInt8]

    private static let free = UInt8.max
    private static let slotCount = 256

    private init() {
        names = FieldID.allCases.map { "\($0)" }
        bytes = names.flatMap { Array($0.utf8) }
        starts = names.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.utf8.count) }
        var slots = Array(repeating: Self.free, count: Self.slotCount)
        for (field, name) in names.enumerated() {
            var slot = unsafe Array(name.utf8).withUnsafeBufferPointer { unsafe Self.hash($0) }
            while slots[slot] != Self.free { slot = (slot + 1) % Self.slotCount }
            slots[slot] = UInt8(field)
        }
        self.slots = slots
    }

    /// The field of that name, byte for byte.
    func field(_ name: UnsafeBufferPointer<UInt8>) -> FieldID? {
        if name.isEmpty { return nil }
        var slot = unsafe Self.hash(name)
        while slots[slot] != Self.free {
            let candidate = slots[slot]
            if unsafe isName(Int(candidate), name) { return FieldID(rawValue: candidate) }
            slot = (slot + 1) % Self.slotCount
        }
        return nil
    }

    /// The field of that name.
    func field(_ name: String) -> FieldID? {
        unsafe Array(name.utf8).withUnsafeBufferPointer { unsafe field($0) }
    }

    @inline(__always)
    private func isName(_ field: Int, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
        let start = starts[field]
        if starts[field + 1] - start != name.count { return false }
        for i in 0..<name.count where unsafe bytes[start + i] != name[i] { return false }
        return true
    }

    /// - Precondition: `name` is not empty.
    @inline(__always)
    private static func hash(_ name: UnsafeBufferPointer<UInt8>) -> Int {
        let first = unsafe Int(name[0])
        let last = unsafe Int(name[name.count - 1])
        return (name.count &* 37 &+ first &* 11 &+ last &* 5) % slotCount
    }
}
