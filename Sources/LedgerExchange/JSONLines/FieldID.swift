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
    private let bytes: [[UInt8]]
    /// A field's raw value, or ``free``.
    private let slots: [UInt8]

    private static let free = UInt8.max
    private static let slotCount = 256

    private init() {
        names = FieldID.allCases.map { "\($0)" }
        bytes = names.map { Array($0.utf8) }
        var slots = Array(repeating: Self.free, count: Self.slotCount)
        for (field, name) in bytes.enumerated() {
            var slot = Self.hash(name[...])
            while slots[slot] != Self.free { slot = (slot + 1) % Self.slotCount }
            slots[slot] = UInt8(field)
        }
        self.slots = slots
    }

    /// The field of that name, byte for byte.
    func field(_ name: ArraySlice<UInt8>) -> FieldID? {
        if name.isEmpty { return nil }
        var slot = Self.hash(name)
        while slots[slot] != Self.free {
            let candidate = slots[slot]
            if bytes[Int(candidate)].elementsEqual(name) { return FieldID(rawValue: candidate) }
            slot = (slot + 1) % Self.slotCount
        }
        return nil
    }

    /// The field of that name.
    func field(_ name: String) -> FieldID? { field(Array(name.utf8)[...]) }

    /// - Precondition: `name` is not empty.
    @inline(__always)
    private static func hash(_ name: ArraySlice<UInt8>) -> Int {
        let first = Int(name[name.startIndex])
        let last = Int(name[name.endIndex - 1])
        return (name.count &* 37 &+ first &* 11 &+ last &* 5) % slotCount
    }
}
