// What a proposal of `re-decide` changes. Source: Documentation/repair.md.

/// What a ``CorrectionApplied`` says. Raw values are part of the log format.
public enum CorrectionKind: UInt8, Sendable, CaseIterable {
    /// First in its record: which proposal, and who approved it. No postings.
    case proposal = 1
    /// A commission becomes what it should have been.
    case commission
    /// Grants of one cause become what they should have been: a `RewardGranted` or a `revocation` follows.
    case grant
    /// A part of one grant is taken back.
    case revocation
}

/// A correction of what was granted wrongly, approved by a person: nothing earlier is changed.
///
/// Money: `rewardExpense → pending(u)`, or once matured `→ receivable(u)` up to the debt and the rest
/// `→ available(u)`; taken back: `held(u)`, `pending(u)`, `available(u)`, then `receivable(u) → rewardExpense`.
/// Units go to and from `issued`.
public struct CorrectionApplied: EventPayload {
    /// The reward had matured.
    public static let matured: UInt8 = 1
    /// It is taken back, not given.
    public static let takes: UInt8 = 2
    /// The commission was not there; when it matures follows.
    public static let made: UInt8 = 4
    /// Nothing is left of the grant: nothing more comes of it.
    public static let ends: UInt8 = 8

    /// Bits as named above.
    public var flags: UInt8 = 0
    /// `CorrectionKind`.
    public var kind: UInt8 = 0
    /// SHA-256 of the proposal, hexadecimal.
    public var proposal = BorrowedText.empty
    /// Who approved it.
    public var approver = BorrowedText.empty
    /// Which part of the proposal, from 1, and of how many.
    public var part: UInt64 = 0
    public var parts: UInt64 = 0
    /// Level of a commission, 1 to 8.
    public var level: UInt8 = 0
    /// The `PaymentReceived`, or the grant that is taken back.
    public var reward = LogPosition.start
    /// `RewardCause`.
    public var cause: UInt8 = 0
    /// 0 the referrer, 1 the referee.
    public var side: UInt8 = 0
    /// The stage reached, or the tier.
    public var detail: UInt8 = 0
    /// Who gets it.
    public var beneficiary = UserNumber(0)
    /// Whose referral a grant is for.
    public var referee = UserNumber(0)
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// Of a commission: what it is from here on. Of grants: what they are in all, less what was revoked.
    /// Minor units.
    public var granted: Int64 = 0
    /// Of a commission, taken back by refunds and lost disputes; minor units.
    public var reversed: Int64 = 0
    /// Of a commission, taken back for good; minor units.
    public var revoked: Int64 = 0
    /// When it was earned: the business moment that boards and caps count it in.
    public var earnedAt = Timestamp(nanoseconds: 0)
    /// When a commission that was not there matures.
    public var maturesAt = Timestamp(nanoseconds: 0)
    /// Minor units from holds.
    public var held: Int64 = 0
    /// Minor units to or from pending.
    public var pending: Int64 = 0
    /// Minor units to or from available, of units claimable.
    public var available: Int64 = 0
    /// Minor units that repay a debt, or are owed.
    public var receivable: Int64 = 0

    /// With the defaults.
    public init() {}

    /// What it says.
    public var correctionKind: CorrectionKind? { CorrectionKind(rawValue: kind) }
    /// Whether it takes back.
    public var isTaking: Bool { flags & Self.takes != 0 }
    /// What moves; minor units, not negative.
    public var amount: Int64 { held &+ pending &+ available &+ receivable }
    /// What the user has more of by it; minor units.
    public var change: Int64 { isTaking ? 0 &- amount : amount }

    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.flags(&flags, known: 0x0F)
        c.byte("kind", &kind)
        switch CorrectionKind(rawValue: kind) {
        case .proposal: codeProposal(&c)
        case .commission:
            c.require(flags & Self.ends == 0, "flags")
            c.byte("level", &level)
            c.require(level >= 1 && Int(level) <= LedgerBounds.commissionLevels, "level")
            c.position("reward", &reward)
            c.user("beneficiary", &beneficiary)
            c.asset("asset", &asset)
            c.money("granted", &granted)
            c.money("reversed", &reversed)
            c.money("revoked", &revoked)
            c.require(granted >= 0 && reversed >= 0 && revoked >= 0, "granted")
            c.time("earnedAt", &earnedAt)
            if flags & Self.made != 0 { c.time("maturesAt", &maturesAt) }
            codeMoved(&c)
        case .grant:
            c.require(flags == 0, "flags")
            codeGrant(&c)
            c.money("granted", &granted)
            c.require(granted >= 0, "granted")
        case .revocation:
            c.require(flags & ~Self.ends == Self.takes, "flags")
            c.position("reward", &reward)
            codeGrant(&c)
            c.time("earnedAt", &earnedAt)
            codeMoved(&c)
        case nil: c.require(false, "kind")
        }
    }

    @inline(__always)
    private mutating func codeProposal<C: EventCoder>(_ c: inout C) {
        c.require(flags == 0, "flags")
        c.text("proposal", &proposal)
        c.text("approver", &approver)
        c.count("part", &part)
        c.count("parts", &parts)
        c.require(part >= 1 && part <= parts, "part")
    }

    @inline(__always)
    private mutating func codeGrant<C: EventCoder>(_ c: inout C) {
        c.byte("cause", &cause)
        c.require(RewardCause(rawValue: cause) != nil, "cause")
        c.byte("side", &side)
        c.require(side <= 1, "side")
        c.byte("detail", &detail)
        c.user("beneficiary", &beneficiary)
        c.user("referee", &referee)
        c.asset("asset", &asset)
    }

    @inline(__always)
    private mutating func codeMoved<C: EventCoder>(_ c: inout C) {
        c.money("held", &held)
        c.money("pending", &pending)
        c.money("available", &available)
        c.money("receivable", &receivable)
        c.require(held >= 0 && pending >= 0 && available >= 0 && receivable >= 0, "held")
    }
}
