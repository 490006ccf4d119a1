// Events that move money, or wait to.

/// A payment of a user, as its provider reported it. The payment is the host's money: no posting of its own.
@frozen
public struct PaymentReceived: EventPayload {
    public static let hasBase: UInt8 = 1
    /// Bits as named above.
    public var flags: UInt8 = 0
    /// Who paid.
    public var payer = UserNumber(0)
    /// The provider's name: 1–255 bytes of UTF-8.
    public var provider = SymbolNumber(rawValue: 0)
    /// The payment's id at its provider: 1–255 bytes of UTF-8.
    public var paymentId = BorrowedText.empty
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// Minor units.
    public var amount: Int64 = 0
    /// What rates apply to; equal to the amount unless given.
    public var commissionableBase: Int64 = 0
    /// With the defaults.
    @inlinable public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.flags(&flags, known: 0x01)
        c.user("payer", &payer)
        c.symbol("provider", &provider)
        c.text("paymentId", &paymentId)
        c.asset("asset", &asset)
        c.money("amount", &amount)
        if flags & Self.hasBase != 0 {
            c.money("commissionableBase", &commissionableBase)
            c.require(commissionableBase != amount, "commissionableBase")
        } else {
            commissionableBase = amount
        }
        c.context.payment = c.context.position
        c.context.paymentAsset = asset
        c.context.paymentBase = commissionableBase
    }
}

/// `rewardExpense → pending(beneficiary)`. Natural key: (payment, level).
///
/// In the record of its payment it names neither the payment nor base and asset; and a `maturesAt` equal to
/// that of the commission before it in the record is left out.
@frozen
public struct CommissionEarned: EventPayload {
    static let ofOtherRecord: UInt8 = 1
    static let sameMaturity: UInt8 = 2
    /// 1 for the direct referrer.
    public var level: UInt8 = 0
    /// Position of the `PaymentReceived`.
    public var payment = LogPosition.start
    /// Who gets it.
    public var beneficiary = UserNumber(0)
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// What the rate applied to; minor units.
    public var base: Int64 = 0
    /// Parts per million.
    public var ratePpm: UInt32 = 0
    /// Minor units.
    public var amount: Int64 = 0
    /// When it matures.
    public var maturesAt = Timestamp(nanoseconds: 0)
    /// With the defaults.
    @inlinable public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        // Bits 0 and 1 as named above; bits 4 to 7 are the level.
        let usual =
            payment == c.context.payment && asset == c.context.paymentAsset && base == c.context.paymentBase
        var flags = level << 4
        if !usual { flags |= Self.ofOtherRecord }
        if maturesAt == c.context.maturesAt { flags |= Self.sameMaturity }
        c.flags(&flags, known: 0xF3)
        level = flags >> 4
        c.require(level >= 1 && Int(level) <= LedgerBounds.commissionLevels, "level")
        c.inFlags("level", level)
        if flags & Self.ofOtherRecord != 0 {
            c.position("payment", &payment)
            c.asset("asset", &asset)
            c.money("base", &base)
            // What the record has said is not said again: one event has one form.
            c.require(
                payment != c.context.payment || asset != c.context.paymentAsset
                    || base != c.context.paymentBase,
                "payment")
        } else {
            c.require(c.context.payment != .start, "payment")
            payment = c.context.payment
            asset = c.context.paymentAsset
            base = c.context.paymentBase
            c.context.asset = asset
        }
        c.user("beneficiary", &beneficiary)
        c.rate("ratePpm", &ratePpm)
        c.money("amount", &amount)
        if flags & Self.sameMaturity != 0 {
            maturesAt = c.context.maturesAt
        } else {
            c.time("maturesAt", &maturesAt)
            c.require(maturesAt != c.context.maturesAt, "maturesAt")
        }
        c.context.maturesAt = maturesAt
    }
}

/// A refund that counts. What it takes back from whom stands in the `CommissionReversed` after it.
public struct RefundReceived: EventPayload {
    public static let cumulative: UInt8 = 1
    public static let unparked: UInt8 = 2
    /// Bits as named above.
    public var flags: UInt8 = 0
    /// Position of the `PaymentReceived`.
    public var payment = LogPosition.start
    /// The provider's name: 1–255 bytes of UTF-8.
    public var provider = SymbolNumber(rawValue: 0)
    /// The refund's id at its provider: 1–255 bytes of UTF-8.
    public var refundId = BorrowedText.empty
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// What it moves: the amount, or for a cumulative provider refundedTotal − refunded so far.
    public var moved: Int64 = 0
    /// As stated by the provider.
    public var amount: Int64 = 0
    /// What the provider says was refunded in all; minor units.
    public var refundedTotal: Int64 = 0
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.flags(&flags, known: 0x03)
        c.position("payment", &payment)
        c.symbol("provider", &provider)
        c.text("refundId", &refundId)
        c.asset("asset", &asset)
        c.money("moved", &moved)
        if flags & Self.cumulative != 0 {
            c.money("amount", &amount)
            c.money("refundedTotal", &refundedTotal)
        } else {
            amount = moved
        }
    }
}

/// A commission leg is taken back, in part or whole: `pending → rewardExpense`, `held → rewardExpense`, or once
/// matured `available → rewardExpense` and `receivable → rewardExpense`.
public struct CommissionReversed: EventPayload {
    /// By a review, for good; else by refunds and lost disputes, whose failure restores it.
    public static let revoked: UInt8 = 8
    static let matured: UInt8 = 1
    static let fromHolds: UInt8 = 2
    static let alsoPending: UInt8 = 4
    /// Bits as named above; only `revoked` is the caller's.
    public var flags: UInt8 = 0
    /// 1 for the direct referrer.
    public var level: UInt8 = 0
    /// Position of the `PaymentReceived`.
    public var payment = LogPosition.start
    /// Who gets it.
    public var beneficiary = UserNumber(0)
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// When the payment was made: the period in which the reversal is taken back.
    public var earnedAt = Timestamp(nanoseconds: 0)
    /// The case whose hold is used first; position 0: none.
    public var heldBy = LogPosition.start
    /// Minor units from holds.
    public var fromHeld: Int64 = 0
    /// Minor units from pending.
    public var fromPending: Int64 = 0
    /// Minor units from available.
    public var fromAvailable: Int64 = 0
    /// Minor units to the debt.
    public var toReceivable: Int64 = 0
    /// With the defaults.
    public init() {}
    /// Minor units.
    public var amount: Int64 { fromHeld &+ fromPending &+ fromAvailable &+ toReceivable }
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        // Bit 0: the leg had matured, and two amounts follow. Bit 1: an amount from holds. Bit 2: one from
        // pending beside it. Neither 0 nor 1: one from pending. Bit 3: for good. Bits 4 to 7 are the level.
        var stored = level << 4 | flags & Self.revoked
        if fromAvailable != 0 || toReceivable != 0 { stored |= Self.matured }
        if fromHeld != 0 { stored |= Self.fromHolds }
        if stored & (Self.matured | Self.fromHolds) != 0, fromPending != 0 { stored |= Self.alsoPending }
        c.flags(&stored, known: 0xFF)
        level = stored >> 4
        flags = stored & Self.revoked
        c.require(level >= 1 && Int(level) <= LedgerBounds.commissionLevels, "level")
        c.inFlags("level", level)
        c.position("payment", &payment)
        c.user("beneficiary", &beneficiary)
        c.asset("asset", &asset)
        c.time("earnedAt", &earnedAt)
        if stored & Self.fromHolds != 0 {
            var ofCase: UInt8 = heldBy == .start ? 0 : 1
            c.byte("ofCase", &ofCase)
            c.require(ofCase <= 1, "ofCase")
            if ofCase == 1 { c.position("heldBy", &heldBy) }
            c.money("fromHeld", &fromHeld)
            c.require(fromHeld > 0, "fromHeld")
        }
        if stored & Self.matured != 0 {
            c.money("fromAvailable", &fromAvailable)
            c.money("toReceivable", &toReceivable)
            c.require(fromAvailable >= 0 && toReceivable >= 0, "fromAvailable")
            c.require(fromAvailable != 0 || toReceivable != 0, "fromAvailable")
        }
        // Beside nothing else the amount from pending needs no bit: one event has one form.
        let alone = stored & (Self.matured | Self.fromHolds) == 0
        c.require(!alone || stored & Self.alsoPending == 0, "flags")
        if alone || stored & Self.alsoPending != 0 {
            c.money("fromPending", &fromPending)
            c.require(alone || fromPending > 0, "fromPending")
        }
    }
}

/// What is left of a reward can be spent: `pending → receivable` up to the debt, `pending → available` for the
/// rest. Of zero when all of it is held: a release then knows where to go.
@frozen
public struct RewardMatured: EventPayload {
    static let repaid: UInt8 = 1
    /// Level of a commission, 1 to 8; 0 for a grant.
    public var level: UInt8 = 0
    /// Position of the `PaymentReceived`, or of the `RewardGranted`.
    public var payment = LogPosition.start
    /// Who gets it.
    public var beneficiary = UserNumber(0)
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// Minor units to available.
    public var toAvailable: Int64 = 0
    /// Minor units to the debt.
    public var toReceivable: Int64 = 0
    /// With the defaults.
    @inlinable public init() {}
    /// Minor units.
    public var amount: Int64 { toAvailable &+ toReceivable }
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        // Bit 0: a debt was repaid. Bits 4 to 7 are the level.
        var flags = level << 4
        if toReceivable != 0 { flags |= Self.repaid }
        c.flags(&flags, known: 0xF1)
        level = flags >> 4
        c.require(Int(level) <= LedgerBounds.commissionLevels, "level")
        c.inFlags("level", level)
        c.position("payment", &payment)
        c.user("beneficiary", &beneficiary)
        c.asset("asset", &asset)
        c.money("toAvailable", &toAvailable)
        if flags & Self.repaid != 0 {
            c.money("toReceivable", &toReceivable)
            c.require(toReceivable != 0, "toReceivable")
        }
    }
}

/// What a parked fact is.
public enum ParkedKind: UInt8, Sendable, CaseIterable {
    case refund = 1
    case conversion, dispute, payout, refundFailed
}

/// What a parked fact waits for.
public enum ParkedReason: UInt8, Sendable, CaseIterable {
    case payment = 1
    case user, headroom, nothing, dispute, withdrawal, refund
    /// Stable name.
    public var code: String {
        switch self {
        case .payment: "payment"
        case .user: "user"
        case .headroom: "headroom"
        case .nothing: "nothing"
        case .dispute: "dispute"
        case .withdrawal: "withdrawal"
        case .refund: "refund"
        }
    }
}

/// A fact whose predecessor is unknown, kept whole until it comes. No postings.
public struct EventParked: EventPayload {
    public static let cumulative: UInt8 = 1
    public static let hasPredecessor: UInt8 = 2
    /// Of a dispute or payout: its status follows, and of a payout the provider's reference.
    public static let hasStatus: UInt8 = 4
    /// Of a dispute that says no amount, a payout of which the bank keeps nothing, a refund's failure: none follows.
    public static let noAmount: UInt8 = 8
    /// Bits as named above.
    public var flags: UInt8 = 0
    /// `ParkedKind`.
    public var kind: UInt8 = 0
    /// `ParkedReason`.
    public var reason: UInt8 = 0
    /// The provider's name: 1–255 bytes of UTF-8.
    public var provider = SymbolNumber(rawValue: 0)
    /// Id of the parked fact itself; empty for a conversion.
    public var factId = BorrowedText.empty
    /// Id of the payment, user, dispute, withdrawal or refund that it names.
    public var predecessor = BorrowedText.empty
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// Minor units.
    public var amount: Int64 = 0
    /// What the provider says was refunded in all; minor units.
    public var refundedTotal: Int64 = 0
    /// `DisputeStatus` or `PayoutStatus`.
    public var status: UInt8 = 0
    /// The provider's reference of a payout.
    public var reference = BorrowedText.empty
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.flags(&flags, known: 0x0F)
        c.byte("kind", &kind)
        c.byte("reason", &reason)
        c.require(ParkedKind(rawValue: kind) != nil, "kind")
        c.require(ParkedReason(rawValue: reason) != nil, "reason")
        c.symbol("provider", &provider)
        c.text("factId", &factId)
        if flags & Self.hasPredecessor != 0 { c.text("predecessor", &predecessor) }
        if flags & Self.noAmount == 0 {
            c.asset("asset", &asset)
            c.money("amount", &amount)
        }
        if flags & Self.cumulative != 0 { c.money("refundedTotal", &refundedTotal) }
        if flags & Self.hasStatus != 0 {
            c.byte("status", &status)
            c.text("reference", &reference)
        }
    }
}

/// The parked fact takes effect: the events after this one are its own.
public struct EventUnparked: EventPayload {
    /// Recorded, and waiting.
    public var parked = LogPosition.start
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) { c.position("parked", &parked) }
}
