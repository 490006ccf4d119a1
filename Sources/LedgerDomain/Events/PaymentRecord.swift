/// A commission of a payment, without what the payment's record says anyway.
@frozen
public struct CommissionShare: BitwiseCopyable, Sendable {
    /// Minor units, above zero.
    public var amount: Int64
    /// Who gets it.
    public var beneficiary: UserNumber
    /// Parts per million.
    public var ratePpm: UInt32
    /// 1 for the direct referrer, 8 at most.
    public var level: UInt8

    /// Memberwise.
    @inlinable
    public init(amount: Int64, beneficiary: UserNumber, ratePpm: UInt32, level: UInt8) {
        self.amount = amount
        self.beneficiary = beneficiary
        self.ratePpm = ratePpm
        self.level = level
    }
}

/// Writes records that hold a payment and its commissions and nothing else, sent by the system without a key: what nearly all
/// records of a log are.
///
/// The same bytes as an `EventEncoder` writes event by event, from the same lists of fields; but what the record has said so far is
/// known while it is compiled, and where it is written to stays in a register.
@frozen
public struct PaymentRecordWriter: Sendable {
    /// What a record can have at most: eight commissions, and the longest id.
    public static let bytes = 1_024

    private let programme: ProgrammeNumber
    private let policyVersion: UInt64

    /// For the payments of one programme that one policy version rules.
    public init(programme: ProgrammeNumber, policyVersion: UInt64) {
        self.programme = programme
        self.policyVersion = policyVersion
    }

    /// Writes the prelude and the events.
    /// - Parameters:
    ///   - payment: `payer`, `provider`, `paymentId`, `asset`, `amount` and `commissionableBase`; the flags are found here.
    ///   - commissions: in the order of their levels.
    ///   - base: position of the payment.
    ///   - maturesAt: of all commissions.
    ///   - region: at least `bytes` of memory.
    /// - Returns: how many bytes were written.
    public func write(
        _ payment: PaymentReceived, _ commissions: UnsafeBufferPointer<CommissionShare>, at base: LogPosition,
        occurredAt: Timestamp, maturesAt: Timestamp, into region: UnsafeMutableRawBufferPointer
    ) -> Int {
        precondition(region.count >= Self.bytes, "no room for a payment's record")
        let start = unsafe region.baseAddress!.assumingMemoryBound(to: UInt8.self)
        let end = unsafe start + Self.bytes
        var context = RecordContext(basePosition: base, occurredAt: occurredAt)
        var cursor = unsafe write(payment, start, end, context)
        context.payment = base
        context.paymentAsset = payment.asset
        context.asset = payment.asset
        context.paymentBase = payment.commissionableBase
        for i in commissions.indices {
            context.position = LogPosition(context.position.rawValue + 1)
            unsafe cursor = unsafe Self.write(commissions[i], maturesAt, cursor, end, context)
            context.maturesAt = maturesAt
        }
        return unsafe cursor - start
    }

    // Each in an encoder of its own, small enough to be one in registers: what the context says is known to be what the event says.

    @inline(__always)
    private func write(
        _ payment: PaymentReceived, _ start: UnsafeMutablePointer<UInt8>, _ end: UnsafeMutablePointer<UInt8>,
        _ context: RecordContext
    ) -> UnsafeMutablePointer<UInt8> {
        var encoder = unsafe EventEncoder(from: start, to: end, context: context)
        encoder.prelude(0, programme, policyVersion, context.occurredAt)
        var payment = payment
        payment.flags = payment.commissionableBase == payment.amount ? 0 : PaymentReceived.hasBase
        encoder.write(&payment, .paymentReceived, context.occurredAt, context.occurredAt)
        return unsafe encoder.finished
    }

    @inline(__always)
    private static func write(
        _ commission: CommissionShare, _ maturesAt: Timestamp, _ start: UnsafeMutablePointer<UInt8>,
        _ end: UnsafeMutablePointer<UInt8>, _ context: RecordContext
    ) -> UnsafeMutablePointer<UInt8> {
        var encoder = unsafe EventEncoder(from: start, to: end, context: context)
        var event = CommissionEarned()
        event.level = commission.level
        event.payment = context.payment
        event.beneficiary = commission.beneficiary
        event.asset = context.paymentAsset
        event.base = context.paymentBase
        event.ratePpm = commission.ratePpm
        event.amount = commission.amount
        event.maturesAt = maturesAt
        encoder.write(&event, .commissionEarned, context.occurredAt, context.occurredAt)
        return unsafe encoder.finished
    }
}
