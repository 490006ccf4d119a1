// Events about balances that people correct, currencies, and the programme's own money.

/// `tax → cash`
public struct TaxRemitted: EventPayload {
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// Paid. Minor units.
    public var amount: Int64 = 0
    /// The host's own; may be empty.
    public var reference = BorrowedText.empty
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.asset("asset", &asset)
        c.money("amount", &amount)
        c.text("reference", &reference)
        c.require(amount > 0, "amount")
    }
}

/// `cash → funding`
public struct CashFunded: EventPayload {
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// Paid in. Minor units.
    public var amount: Int64 = 0
    /// The host's own; may be empty.
    public var reference = BorrowedText.empty
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.asset("asset", &asset)
        c.money("amount", &amount)
        c.text("reference", &reference)
        c.require(amount > 0, "amount")
    }
}

/// A memo. No postings.
public struct CostRecorded: EventPayload {
    /// What for.
    public var kind = BorrowedText.empty
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// Cost. Minor units.
    public var amount: Int64 = 0
    /// The host's own; may be empty.
    public var reference = BorrowedText.empty
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.text("kind", &kind)
        c.asset("asset", &asset)
        c.money("amount", &amount)
        c.text("reference", &reference)
        c.require(amount > 0, "amount")
    }
}

/// Plus: `rewardExpense → receivable` up to the debt, the rest `→ available`. Minus: `available →
/// rewardExpense`, then `receivable → rewardExpense`.
public struct AdjustmentPosted: EventPayload {
    public static let minus: UInt8 = 1
    public static let second: UInt8 = 2
    /// Bits as named above.
    public var flags: UInt8 = 0
    /// Whose it is.
    public var user = UserNumber(0)
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// To or from available. Minor units.
    public var available: Int64 = 0
    /// Repaid, or owed. Minor units.
    public var receivable: Int64 = 0
    /// Why.
    public var reason = BorrowedText.empty
    /// Who approved.
    public var approver = BorrowedText.empty
    /// The second who approved.
    public var secondApprover = BorrowedText.empty
    /// Minor units in all.
    public var amount: Int64 { available &+ receivable }
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.flags(&flags, known: 0x03)
        c.user("user", &user)
        c.asset("asset", &asset)
        c.money("available", &available)
        c.money("receivable", &receivable)
        c.text("reason", &reason)
        c.text("approver", &approver)
        if flags & Self.second != 0 {
            c.text("secondApprover", &secondApprover)
            c.require(!secondApprover.isEmpty, "secondApprover")
        }
        c.require(available >= 0 && receivable >= 0 && amount > 0, "amount")
    }
}

/// `loss → receivable`
public struct DebtWrittenOff: EventPayload {
    public static let second: UInt8 = 1
    /// Bits as named above.
    public var flags: UInt8 = 0
    /// Whose it is.
    public var user = UserNumber(0)
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// Given up. Minor units.
    public var amount: Int64 = 0
    /// Why.
    public var reason = BorrowedText.empty
    /// Who approved.
    public var approver = BorrowedText.empty
    /// The second who approved.
    public var secondApprover = BorrowedText.empty
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.flags(&flags, known: 0x01)
        c.user("user", &user)
        c.asset("asset", &asset)
        c.money("amount", &amount)
        c.text("reason", &reason)
        c.text("approver", &approver)
        if flags & Self.second != 0 {
            c.text("secondApprover", &secondApprover)
            c.require(!secondApprover.isEmpty, "secondApprover")
        }
        c.require(amount > 0, "amount")
    }
}

/// `opening → receivable` up to the debt, the rest `→ available`.
public struct OpeningBalance: EventPayload {
    /// Whose it is.
    public var user = UserNumber(0)
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// To available. Minor units.
    public var toAvailable: Int64 = 0
    /// That repay a debt. Minor units.
    public var toReceivable: Int64 = 0
    /// Minor units in all.
    public var amount: Int64 { toAvailable &+ toReceivable }
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.user("user", &user)
        c.asset("asset", &asset)
        c.money("toAvailable", &toAvailable)
        c.money("toReceivable", &toReceivable)
        c.require(toAvailable >= 0 && toReceivable >= 0 && amount > 0, "amount")
    }
}

/// A rate: `mantissa` × 10^−`scale` whole units of `quote` for one of `base`. No postings.
public struct FxRateRecorded: EventPayload {
    /// From.
    public var base = AssetNumber(rawValue: 0)
    /// To.
    public var quote = AssetNumber(rawValue: 0)
    /// Digits.
    public var mantissa: Int64 = 0
    /// Fraction digits.
    public var scale: UInt8 = 0
    /// Where it is from.
    public var source = BorrowedText.empty
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.asset("base", &base)
        c.asset("quote", &quote)
        c.money("mantissa", &mantissa)
        c.byte("scale", &scale)
        c.text("source", &source)
        c.require(ExchangeRate(mantissa: mantissa, scale: scale) != nil, "rate")
    }
}

/// `available → fx` in the one asset; `fx → receivable` up to the debt, the rest `fx → available` in
/// the other.
public struct FxConverted: EventPayload {
    /// Whose it is.
    public var user = UserNumber(0)
    /// What is given.
    public var from = AssetNumber(rawValue: 0)
    /// Given. Minor units.
    public var amount: Int64 = 0
    /// The `FxRateRecorded`.
    public var rate = LogPosition.start
    /// What it becomes.
    public var to = AssetNumber(rawValue: 0)
    /// To available. Minor units.
    public var toAvailable: Int64 = 0
    /// That repay a debt. Minor units.
    public var toReceivable: Int64 = 0
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.user("user", &user)
        c.asset("from", &from)
        c.money("amount", &amount)
        c.position("rate", &rate)
        c.asset("to", &to)
        c.money("toAvailable", &toAvailable)
        c.money("toReceivable", &toReceivable)
        c.require(amount > 0 && toAvailable >= 0 && toReceivable >= 0, "amount")
    }
}
