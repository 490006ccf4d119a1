// Events about rewards: granted, held, taken back, claimed, expired.

/// Why a reward was granted. Raw values are part of the log format.
public enum RewardCause: UInt8, Sendable, CaseIterable {
    /// A referral reached a stage.
    case stage = 1
    /// A referrer reached a tier.
    case tierBonus
    /// Stable name.
    public var name: String {
        switch self {
        case .stage: "stage"
        case .tierBonus: "tierBonus"
        }
    }
}

/// Why a grant was taken back. Raw values are part of the log format.
public enum RevocationReason: UInt8, Sendable, CaseIterable {
    /// The referral was reverted.
    case reverted = 1
    /// The tier was lost.
    case tierLost
    /// A review confirmed fraud.
    case review
    /// Stable name.
    public var name: String {
        switch self {
        case .reverted: "reverted"
        case .tierLost: "tierLost"
        case .review: "review"
        }
    }
}

/// A case holds money of a reward: `pending → held`, or once matured `available → held`.
public struct RewardHeld: EventPayload {
    public static let matured: UInt8 = 1
    /// Bits as named above.
    public var flags: UInt8 = 0
    /// Level of a commission, 1 to 8; 0 for a grant.
    public var level: UInt8 = 0
    /// The `RewardGranted` (level 0) or `PaymentReceived`.
    public var reward = LogPosition.start
    /// The event that opened the case.
    public var heldBy = LogPosition.start
    /// Whose it is.
    public var user = UserNumber(0)
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// Held. Minor units.
    public var amount: Int64 = 0
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        var stored = flags & 0x01 | level << 4
        c.flags(&stored, known: 0xF1)
        flags = stored & 0x01
        level = stored >> 4
        c.require(Int(level) <= LedgerBounds.commissionLevels, "level")
        c.inFlags("level", level)
        c.position("reward", &reward)
        c.position("heldBy", &heldBy)
        c.user("user", &user)
        c.asset("asset", &asset)
        c.money("amount", &amount)
        c.require(amount > 0, "amount")
    }
}

/// A case lets go: `held → pending`, or once matured `held → receivable` up to the debt, the rest `held
/// → available`.
public struct RewardReleased: EventPayload {
    public static let matured: UInt8 = 1
    /// Bits as named above.
    public var flags: UInt8 = 0
    /// Level of a commission, 1 to 8; 0 for a grant.
    public var level: UInt8 = 0
    /// The `RewardGranted` (level 0) or `PaymentReceived`.
    public var reward = LogPosition.start
    /// The event that opened the case.
    public var heldBy = LogPosition.start
    /// Whose it is.
    public var user = UserNumber(0)
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// Minor units.
    public var toAvailable: Int64 = 0
    /// Minor units that repay a debt.
    public var toReceivable: Int64 = 0
    /// Minor units.
    public var toPending: Int64 = 0
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        var stored = flags & 0x01 | level << 4
        c.flags(&stored, known: 0xF1)
        flags = stored & 0x01
        level = stored >> 4
        c.require(Int(level) <= LedgerBounds.commissionLevels, "level")
        c.inFlags("level", level)
        c.position("reward", &reward)
        c.position("heldBy", &heldBy)
        c.user("user", &user)
        c.asset("asset", &asset)
        if flags & Self.matured != 0 { c.money("toAvailable", &toAvailable) }
        if flags & Self.matured != 0 { c.money("toReceivable", &toReceivable) }
        if flags & Self.matured == 0 { c.money("toPending", &toPending) }
        c.require(toAvailable >= 0 && toReceivable >= 0 && toPending >= 0, "amount")
    }
}

/// Money: `rewardExpense → pending`. Units: `issued → receivable` up to the debt, `issued → claimable`
/// for the rest.
public struct RewardGranted: EventPayload {
    public static let capped: UInt8 = 1
    public static let repays: UInt8 = 2
    public static let matures: UInt8 = 4
    public static let expires: UInt8 = 8
    /// Bits as named above.
    public var flags: UInt8 = 0
    /// `RewardCause`.
    public var cause: UInt8 = 0
    /// 0 the referrer, 1 the referee.
    public var side: UInt8 = 0
    /// The stage reached, or the tier.
    public var detail: UInt8 = 0
    /// Who gets it.
    public var beneficiary = UserNumber(0)
    /// Whose referral it is for; of a tier bonus the beneficiary.
    public var referee = UserNumber(0)
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// Granted. Minor units.
    public var amount: Int64 = 0
    /// What it would be without a cap; minor units.
    public var uncappedAmount: Int64 = 0
    /// Units that repay a debt.
    public var repaid: Int64 = 0
    /// When money matures.
    public var maturesAt = Timestamp(nanoseconds: 0)
    /// When what is not used expires.
    public var expiresAt = Timestamp(nanoseconds: .max)
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.flags(&flags, known: 0x0F)
        c.byte("cause", &cause)
        c.byte("side", &side)
        c.byte("detail", &detail)
        c.user("beneficiary", &beneficiary)
        c.user("referee", &referee)
        c.asset("asset", &asset)
        c.money("amount", &amount)
        if flags & Self.capped != 0 { c.money("uncappedAmount", &uncappedAmount) }
        if flags & Self.repays != 0 { c.money("repaid", &repaid) }
        if flags & Self.matures != 0 { c.time("maturesAt", &maturesAt) }
        if flags & Self.expires != 0 { c.time("expiresAt", &expiresAt) }
        c.require(RewardCause(rawValue: cause) != nil, "cause")
        c.require(side <= 1, "side")
        c.require(amount > 0, "amount")
        // What is not so is not said: one event has one form.
        c.require(flags & Self.capped == 0 || uncappedAmount > amount, "uncappedAmount")
        c.require(flags & Self.repays == 0 || repaid > 0, "repaid")
    }
}

/// A grant is taken back: `held`, `pending`, `available`, `receivable → rewardExpense`; units:
/// `claimable`, `receivable → issued`.
public struct RewardRevoked: EventPayload {
    public static let ofCase: UInt8 = 1
    public static let held: UInt8 = 2
    public static let pending: UInt8 = 4
    public static let available: UInt8 = 8
    public static let owed: UInt8 = 16
    /// Bits as named above.
    public var flags: UInt8 = 0
    /// The `RewardGranted`.
    public var reward = LogPosition.start
    /// `RevocationReason`.
    public var reason: UInt8 = 0
    /// The case whose hold is used first.
    public var heldBy = LogPosition.start
    /// Whose it was.
    public var beneficiary = UserNumber(0)
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// When it was granted.
    public var earnedAt = Timestamp(nanoseconds: 0)
    /// Minor units.
    public var fromHeld: Int64 = 0
    /// Minor units.
    public var fromPending: Int64 = 0
    /// Minor units; of units: claimable.
    public var fromAvailable: Int64 = 0
    /// Minor units that become a debt.
    public var toReceivable: Int64 = 0
    /// Minor units in all.
    public var amount: Int64 { fromHeld &+ fromPending &+ fromAvailable &+ toReceivable }
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.flags(&flags, known: 0x1F)
        c.position("reward", &reward)
        c.byte("reason", &reason)
        if flags & Self.ofCase != 0 { c.position("heldBy", &heldBy) }
        c.user("beneficiary", &beneficiary)
        c.asset("asset", &asset)
        c.time("earnedAt", &earnedAt)
        if flags & Self.held != 0 { c.money("fromHeld", &fromHeld) }
        if flags & Self.pending != 0 { c.money("fromPending", &fromPending) }
        if flags & Self.available != 0 { c.money("fromAvailable", &fromAvailable) }
        if flags & Self.owed != 0 { c.money("toReceivable", &toReceivable) }
        c.require(RevocationReason(rawValue: reason) != nil, "reason")
        c.require(flags & Self.ofCase == 0 || flags & Self.held != 0, "flags")
        // An amount of zero is not said: one event has one form.
        c.require(flags & Self.held == 0 || fromHeld > 0, "fromHeld")
        c.require(flags & Self.pending == 0 || fromPending > 0, "fromPending")
        c.require(flags & Self.available == 0 || fromAvailable > 0, "fromAvailable")
        c.require(flags & Self.owed == 0 || toReceivable > 0, "toReceivable")
        c.require(
            fromHeld >= 0 && fromPending >= 0 && fromAvailable >= 0 && toReceivable >= 0 && amount > 0,
            "amount")
    }
}

/// `claimable → used`
public struct RewardClaimed: EventPayload {
    /// The `RewardGranted`.
    public var reward = LogPosition.start
    /// Whose it is.
    public var user = UserNumber(0)
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// Units. Minor units.
    public var amount: Int64 = 0
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.position("reward", &reward)
        c.user("user", &user)
        c.asset("asset", &asset)
        c.money("amount", &amount)
        c.require(amount > 0, "amount")
    }
}

/// What was claimed was delivered. No postings.
public struct RewardFulfilled: EventPayload {
    /// The `RewardGranted`.
    public var reward = LogPosition.start
    /// Whose it is.
    public var user = UserNumber(0)
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.position("reward", &reward)
        c.user("user", &user)
    }
}

/// It could not be: `used → receivable` up to the debt, the rest `used → claimable`.
public struct FulfilmentFailed: EventPayload {
    /// The `RewardGranted`.
    public var reward = LogPosition.start
    /// Whose it is.
    public var user = UserNumber(0)
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// To claimable. Minor units.
    public var toAvailable: Int64 = 0
    /// That repay a debt. Minor units.
    public var toReceivable: Int64 = 0
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.position("reward", &reward)
        c.user("user", &user)
        c.asset("asset", &asset)
        c.money("toAvailable", &toAvailable)
        c.money("toReceivable", &toReceivable)
        c.require(toAvailable >= 0 && toReceivable >= 0, "amount")
    }
}

/// What was not used in time: `pending`, `available → breakage`; units: `claimable → issued`.
public struct RewardExpired: EventPayload {
    /// The `RewardGranted`.
    public var reward = LogPosition.start
    /// Whose it is.
    public var user = UserNumber(0)
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// Of money that had not matured. Minor units.
    public var fromPending: Int64 = 0
    /// Of money that had; of units: claimable. Minor units.
    public var fromAvailable: Int64 = 0
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.position("reward", &reward)
        c.user("user", &user)
        c.asset("asset", &asset)
        c.money("fromPending", &fromPending)
        c.money("fromAvailable", &fromAvailable)
        c.require(fromPending >= 0 && fromAvailable >= 0, "amount")
    }
}

/// A referrer stands in another tier. No postings.
public struct TierChanged: EventPayload {
    /// Whose it is.
    public var user = UserNumber(0)
    /// Index of the tier left.
    public var from: UInt8 = 0
    /// Index of the tier reached.
    public var to: UInt8 = 0
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.user("user", &user)
        c.byte("from", &from)
        c.byte("to", &to)
        c.require(from != to, "to")
    }
}

/// `issued → claimable`, one unit.
public struct BadgeAwarded: EventPayload {
    /// Whose it is.
    public var user = UserNumber(0)
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// Conversions that it needed.
    public var threshold: UInt64 = 0
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.user("user", &user)
        c.asset("asset", &asset)
        c.count("threshold", &threshold)
    }
}

/// `claimable → issued`, one unit.
public struct BadgeRevoked: EventPayload {
    /// Whose it is.
    public var user = UserNumber(0)
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// Conversions that it needs.
    public var threshold: UInt64 = 0
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.user("user", &user)
        c.asset("asset", &asset)
        c.count("threshold", &threshold)
    }
}

/// A reversal is undone, for its refund failed: `rewardExpense → pending`, or once matured
/// `rewardExpense → receivable` up to the debt, the rest `→ available`.
public struct CommissionRestored: EventPayload {
    public static let matured: UInt8 = 1
    /// Bits as named above.
    public var flags: UInt8 = 0
    /// Level of a commission, 1 to 8; 0 for a grant.
    public var level: UInt8 = 0
    /// The `PaymentReceived`.
    public var payment = LogPosition.start
    /// Whose it is.
    public var beneficiary = UserNumber(0)
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// When the payment was made.
    public var earnedAt = Timestamp(nanoseconds: 0)
    /// Minor units.
    public var toAvailable: Int64 = 0
    /// Minor units that repay a debt.
    public var toReceivable: Int64 = 0
    /// Minor units.
    public var toPending: Int64 = 0
    /// Minor units in all.
    public var amount: Int64 { toPending &+ toAvailable &+ toReceivable }
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        var stored = flags & 0x01 | level << 4
        c.flags(&stored, known: 0xF1)
        flags = stored & 0x01
        level = stored >> 4
        c.require(Int(level) <= LedgerBounds.commissionLevels, "level")
        c.inFlags("level", level)
        c.position("payment", &payment)
        c.user("beneficiary", &beneficiary)
        c.asset("asset", &asset)
        c.time("earnedAt", &earnedAt)
        if flags & Self.matured != 0 { c.money("toAvailable", &toAvailable) }
        if flags & Self.matured != 0 { c.money("toReceivable", &toReceivable) }
        if flags & Self.matured == 0 { c.money("toPending", &toPending) }
        c.require(toAvailable >= 0 && toReceivable >= 0 && toPending >= 0, "amount")
    }
}
