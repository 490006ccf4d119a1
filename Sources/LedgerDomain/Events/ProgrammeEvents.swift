// Events about what a programme may grant.

/// The programme grants no more than this in a period. Replaces an earlier one of the same asset and
/// period. No postings.
public struct BudgetSet: EventPayload {
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// The cap. Minor units.
    public var amount: Int64 = 0
    /// `BudgetPeriod`.
    public var period: UInt8 = 0
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.asset("asset", &asset)
        c.money("amount", &amount)
        c.byte("period", &period)
        c.require(BudgetPeriod(rawValue: period) != nil, "period")
        c.require(amount >= 0, "amount")
    }
}

/// Nothing is left of a cap on the whole programme, for this period. No postings.
public struct BudgetExhausted: EventPayload {
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// `BudgetPeriod`.
    public var period: UInt8 = 0
    /// The period's first moment; for `ever` the first there is.
    public var start = Timestamp(nanoseconds: 0)
    /// The cap. Minor units.
    public var cap: Int64 = 0
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.asset("asset", &asset)
        c.byte("period", &period)
        c.time("start", &start)
        c.money("cap", &cap)
        c.require(BudgetPeriod(rawValue: period) != nil, "period")
    }
}
