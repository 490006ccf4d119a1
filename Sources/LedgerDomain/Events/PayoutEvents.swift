// Events about withdrawals and payouts.

/// Documents are in. No postings.
public struct KycSubmitted: EventPayload {
    public static let hasSealed: UInt8 = 1
    /// Bits as named above.
    public var flags: UInt8 = 0
    /// Whose it is.
    public var user = UserNumber(0)
    /// 1 to 9.
    public var level: UInt8 = 0
    /// The documents' hash, sealed.
    public var sealed = BorrowedText.empty
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.flags(&flags, known: 0x01)
        c.user("user", &user)
        c.byte("level", &level)
        if flags & Self.hasSealed != 0 {
            c.blob("sealed", &sealed)
            c.require(!sealed.isEmpty, "sealed")
        }
        c.require(level >= 1 && level <= 9, "level")
    }
}

/// A check of identity is decided. No postings.
public struct KycDecided: EventPayload {
    public static let approved: UInt8 = 1
    public static let expires: UInt8 = 2
    public static let hasSealed: UInt8 = 4
    /// Bits as named above.
    public var flags: UInt8 = 0
    /// Whose it is.
    public var user = UserNumber(0)
    /// 1 to 9.
    public var level: UInt8 = 0
    /// Until when an approval holds.
    public var expiresAt = Timestamp(nanoseconds: .max)
    /// The documents' hash, sealed.
    public var sealed = BorrowedText.empty
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.flags(&flags, known: 0x07)
        c.user("user", &user)
        c.byte("level", &level)
        if flags & Self.expires != 0 { c.time("expiresAt", &expiresAt) }
        if flags & Self.hasSealed != 0 {
            c.blob("sealed", &sealed)
            c.require(!sealed.isEmpty, "sealed")
        }
        c.require(level >= 1 && level <= 9, "level")
    }
}

/// An approval ran out. No postings.
public struct KycExpired: EventPayload {
    /// Whose it is.
    public var user = UserNumber(0)
    /// The `KycDecided`.
    public var decided = LogPosition.start
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.user("user", &user)
        c.position("decided", &decided)
    }
}

/// `available → reserved(w)`
public struct WithdrawalRequested: EventPayload {
    public static let expires: UInt8 = 1
    public static let hasSealed: UInt8 = 2
    /// Bits as named above.
    public var flags: UInt8 = 0
    /// Whose it is.
    public var user = UserNumber(0)
    /// The host's id.
    public var withdrawalId = BorrowedText.empty
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// Asked for. Minor units.
    public var amount: Int64 = 0
    /// Until when it must be sent.
    public var expiresAt = Timestamp(nanoseconds: .max)
    /// Where to, sealed.
    public var sealed = BorrowedText.empty
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.flags(&flags, known: 0x03)
        c.user("user", &user)
        c.text("withdrawalId", &withdrawalId)
        c.asset("asset", &asset)
        c.money("amount", &amount)
        if flags & Self.expires != 0 { c.time("expiresAt", &expiresAt) }
        if flags & Self.hasSealed != 0 {
            c.blob("sealed", &sealed)
            c.require(!sealed.isEmpty, "sealed")
        }
        c.require(amount > 0, "amount")
    }
}

/// A person, or the policy, agrees; `final`: it may be sent. No postings.
public struct WithdrawalApproved: EventPayload {
    public static let final: UInt8 = 1
    /// Bits as named above.
    public var flags: UInt8 = 0
    /// The `WithdrawalRequested`.
    public var withdrawal = LogPosition.start
    /// Whose it is.
    public var user = UserNumber(0)
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.flags(&flags, known: 0x01)
        c.position("withdrawal", &withdrawal)
        c.user("user", &user)
    }
}

/// Reserved money goes back: `reserved(w) → receivable` up to the debt, the rest `reserved(w) →
/// available`.
public struct WithdrawalFreed: EventPayload {
    public static let clawback: UInt8 = 1
    public static let hasReason: UInt8 = 2
    /// Bits as named above.
    public var flags: UInt8 = 0
    /// The `WithdrawalRequested`.
    public var withdrawal = LogPosition.start
    /// Whose it is.
    public var user = UserNumber(0)
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// To available. Minor units.
    public var toAvailable: Int64 = 0
    /// That repay a debt. Minor units.
    public var toReceivable: Int64 = 0
    /// Why.
    public var reason = BorrowedText.empty
    /// Minor units in all.
    public var amount: Int64 { toAvailable &+ toReceivable }
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.flags(&flags, known: 0x03)
        c.position("withdrawal", &withdrawal)
        c.user("user", &user)
        c.asset("asset", &asset)
        c.money("toAvailable", &toAvailable)
        c.money("toReceivable", &toReceivable)
        if flags & Self.hasReason != 0 {
            c.text("reason", &reason)
            c.require(!reason.isEmpty, "reason")
        }
        c.require(toAvailable >= 0 && toReceivable >= 0 && amount > 0, "amount")
    }
}

/// The money is on its way: `reserved(w) → clearing(provider)`.
public struct PayoutSent: EventPayload {
    /// The `WithdrawalRequested`.
    public var withdrawal = LogPosition.start
    /// Whose it is.
    public var user = UserNumber(0)
    /// The provider.
    public var provider = SymbolNumber(rawValue: 0)
    /// The provider's own.
    public var reference = BorrowedText.empty
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// Sent. Minor units.
    public var net: Int64 = 0
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.position("withdrawal", &withdrawal)
        c.user("user", &user)
        c.symbol("provider", &provider)
        c.text("reference", &reference)
        c.asset("asset", &asset)
        c.money("net", &net)
        c.require(net > 0, "net")
    }
}

/// `reserved(w) → tax`
public struct TaxWithheld: EventPayload {
    /// The `WithdrawalRequested`.
    public var withdrawal = LogPosition.start
    /// Whose it is.
    public var user = UserNumber(0)
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// Withheld. Minor units.
    public var amount: Int64 = 0
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.position("withdrawal", &withdrawal)
        c.user("user", &user)
        c.asset("asset", &asset)
        c.money("amount", &amount)
        c.require(amount > 0, "amount")
    }
}

/// `reserved(w) → fee`
public struct FeeCharged: EventPayload {
    /// The `WithdrawalRequested`.
    public var withdrawal = LogPosition.start
    /// Whose it is.
    public var user = UserNumber(0)
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// Charged. Minor units.
    public var amount: Int64 = 0
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.position("withdrawal", &withdrawal)
        c.user("user", &user)
        c.asset("asset", &asset)
        c.money("amount", &amount)
        c.require(amount > 0, "amount")
    }
}

/// The bank confirms: `clearing(provider) → cash`.
public struct PayoutSettled: EventPayload {
    /// The `WithdrawalRequested`.
    public var withdrawal = LogPosition.start
    /// Whose it is.
    public var user = UserNumber(0)
    /// The provider.
    public var provider = SymbolNumber(rawValue: 0)
    /// The provider's own.
    public var reference = BorrowedText.empty
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// Settled. Minor units.
    public var net: Int64 = 0
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.position("withdrawal", &withdrawal)
        c.user("user", &user)
        c.symbol("provider", &provider)
        c.text("reference", &reference)
        c.asset("asset", &asset)
        c.money("net", &net)
        c.require(net > 0, "net")
    }
}

/// The money came back: `clearing(provider)` (failed) or `cash` (returned), `tax`, `fee → receivable`
/// up to the debt, the rest `→ available`; what the bank keeps: `loss → clearing(provider)` or `loss →
/// cash`.
public struct PayoutBack: EventPayload {
    /// The `WithdrawalRequested`.
    public var withdrawal = LogPosition.start
    /// The provider.
    public var provider = SymbolNumber(rawValue: 0)
    /// The provider's own.
    public var reference = BorrowedText.empty
    /// Whose it is.
    public var user = UserNumber(0)
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// Comes back. Minor units.
    public var net: Int64 = 0
    /// Comes back. Minor units.
    public var tax: Int64 = 0
    /// Comes back. Minor units.
    public var fee: Int64 = 0
    /// What the bank keeps. Minor units.
    public var kept: Int64 = 0
    /// Of all that comes back, repays a debt. Minor units.
    public var toReceivable: Int64 = 0
    /// Minor units that come back to the user.
    public var amount: Int64 { net &+ tax &+ fee }
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.position("withdrawal", &withdrawal)
        c.symbol("provider", &provider)
        c.text("reference", &reference)
        c.user("user", &user)
        c.asset("asset", &asset)
        c.money("net", &net)
        c.money("tax", &tax)
        c.money("fee", &fee)
        c.money("kept", &kept)
        c.money("toReceivable", &toReceivable)
        c.require(
            net > 0 && tax >= 0 && fee >= 0 && kept >= 0 && kept <= net && toReceivable >= 0
                && toReceivable <= amount, "amount")
    }
}
