// Events about payments that are contested or whose refund failed.

/// The refund never went out. What was taken back is restored after this. No postings.
public struct RefundFailed: EventPayload {
    /// The `RefundReceived`.
    public var refund = LogPosition.start
    /// The `PaymentReceived`.
    public var payment = LogPosition.start
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// What it had moved. Minor units.
    public var moved: Int64 = 0
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.position("refund", &refund)
        c.position("payment", &payment)
        c.asset("asset", &asset)
        c.money("moved", &moved)
    }
}

/// The payer contests a payment. `RewardHeld` follows for each leg. No postings.
public struct DisputeOpened: EventPayload {
    public static let unparked: UInt8 = 1
    /// Bits as named above.
    public var flags: UInt8 = 0
    /// The `PaymentReceived`.
    public var payment = LogPosition.start
    /// The provider.
    public var provider = SymbolNumber(rawValue: 0)
    /// The dispute's id at its provider.
    public var disputeId = BorrowedText.empty
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// Contested. Minor units.
    public var amount: Int64 = 0
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.flags(&flags, known: 0x01)
        c.position("payment", &payment)
        c.symbol("provider", &provider)
        c.text("disputeId", &disputeId)
        c.asset("asset", &asset)
        c.money("amount", &amount)
        c.require(amount > 0, "amount")
    }
}

/// The payment stands; `RewardReleased` follows. No postings.
public struct DisputeWon: EventPayload {
    /// The `DisputeOpened`.
    public var dispute = LogPosition.start
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.position("dispute", &dispute)
    }
}

/// The payment is taken back; `CommissionReversed` and `RewardReleased` follow. No postings.
public struct DisputeLost: EventPayload {
    /// The `DisputeOpened`.
    public var dispute = LogPosition.start
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// What counts as taken back. Minor units.
    public var moved: Int64 = 0
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.position("dispute", &dispute)
        c.asset("asset", &asset)
        c.money("moved", &moved)
        c.require(moved >= 0, "moved")
    }
}
