import LedgerDomain

// Rows of rewards, cases, withdrawals and standings. Layouts are fixed by the fold version, as in Rows.swift.

/// What few members have: standing, and the heads of their lists. 80 bytes.
@frozen
public struct ProfileRow: StateRow {
    static let suspended: UInt16 = 1
    static let closed: UInt16 = 2
    /// Closed under the rule `hold` or `forfeit`.
    static let closedAndHeld: UInt16 = 4

    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    /// The member.
    public var member: UInt32 = 0
    /// `AccountRow` of a further asset, + 1, the latest first.
    public var extraAccount: UInt32 = 0
    /// Of the first asset: `LotRow`, + 1.
    public var firstLot: UInt32 = 0
    /// The last of them, + 1.
    public var lastLot: UInt32 = 0
    /// `RewardRow` of a grant to the member, + 1, the latest first.
    public var firstReward: UInt32 = 0
    /// `RewardRow` of a grant for the member's own referral, + 1, the latest first.
    public var firstAbout: UInt32 = 0
    /// `WithdrawalRow`, + 1, the latest first.
    public var firstWithdrawal: UInt32 = 0
    /// `CaseRow` about the member, + 1, the latest first.
    public var firstCase: UInt32 = 0
    /// `UsageRow` of a cap, + 1.
    public var firstUsage: UInt32 = 0
    /// The member that goes on for this one, + 1.
    public var mergedInto: UInt32 = 0
    /// Day of the programme's zone, since 1970, whose attributions are counted; + 1.
    public var attributionDay: UInt32 = 0
    /// Attributions on that day.
    public var attributions: UInt32 = 0
    /// Reviews that are open.
    public var openReviews: UInt32 = 0
    /// Tiers whose bonus was granted, ever.
    public var bonuses: UInt16 = 0
    /// Bits as named above.
    public var standing: UInt16 = 0
    /// Index of the tier.
    public var tier: UInt8 = 0
    /// Level of identity that was approved.
    public var kycLevel: UInt8 = 0
    /// Zero.
    public var spare: UInt16 = 0
    /// Until when it holds, nanoseconds.
    public var kycUntil: Int64 = 0
    /// Last score from outside, + 1.
    public var riskScore: UInt32 = 0
    /// Withdrawals that are neither sent nor ended.
    public var openWithdrawals: UInt32 = 0
    /// With the defaults.
    public init() {}

    public var isSuspended: Bool { standing & Self.suspended != 0 }
    public var isClosed: Bool { standing & Self.closed != 0 }
    var isBlocked: Bool { standing & (Self.suspended | Self.closedAndHeld) != 0 || openReviews > 0 }
}

/// A part of an available balance that came in at once. 32 bytes. Freed when used up.
@frozen
public struct LotRow: StateRow {
    static let leg: UInt8 = 0
    static let grant: UInt8 = 1
    static let credit: UInt8 = 2

    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    /// The next one in its list, + 1.
    public var next: UInt32 = 0
    /// Number of the payment, grant or credit.
    public var number: UInt32 = 0
    /// What `number` counts.
    public var kind: UInt8 = 0
    /// Level of a commission.
    public var level: UInt8 = 0
    /// Zero.
    public var spare: UInt16 = 0
    /// Minor units that are left.
    public var left: Int64 = 0
    /// Nanoseconds.
    public var maturesAt: Int64 = 0
    /// With the defaults.
    public init() {}

    func isSame(_ other: LotRow) -> Bool {
        kind == other.kind && number == other.number && level == other.level
    }
}

/// A grant; or a commission leg that a case or a quarantine has touched. 96 bytes.
@frozen
public struct RewardRow: StateRow {
    static let matured: UInt8 = 1
    static let claimed: UInt8 = 2
    static let fulfilled: UInt8 = 4
    static let expired: UInt8 = 8
    /// A grant taken back by name: nothing more comes of it.
    static let revoked: UInt8 = 16
    /// A grant in quarantine.
    static let quarantined: UInt8 = 32
    /// A leg whose row, and not its payment's record, says what it is and whose.
    static let corrected: UInt8 = 64

    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    /// Whose it was when it was granted.
    public var member: UInt32 = 0
    /// Next grant of the member, or leg of the payment, + 1.
    public var next: UInt32 = 0
    /// Next grant for the same referral, + 1.
    public var nextAbout: UInt32 = 0
    /// Payment of a leg.
    public var payment: UInt32 = 0
    /// Member whose referral a grant is for.
    public var about: UInt32 = 0
    /// `HoldRow`, + 1.
    public var firstHold: UInt32 = 0
    /// The last of them, + 1.
    public var lastHold: UInt32 = 0
    /// What it is in.
    public var asset: UInt16 = 0
    /// Level of a leg; 0 for a grant.
    public var level: UInt8 = 0
    /// Bits as named above.
    public var state: UInt8 = 0
    /// `RewardCause`.
    public var cause: UInt8 = 0
    /// 0 the referrer, 1 the referee.
    public var side: UInt8 = 0
    /// The stage reached, or the tier.
    public var detail: UInt8 = 0
    /// Zero.
    public var spare: UInt8 = 0
    /// Minor units.
    public var granted: Int64 = 0
    /// Of a leg: by refunds and lost disputes. Of units: what repaid a debt. Minor units.
    public var reversed: Int64 = 0
    /// By reviews, reverted referrals, lost tiers; minor units.
    public var revoked: Int64 = 0
    /// Minor units.
    public var expired: Int64 = 0
    /// Sum of its holds; minor units.
    public var held: Int64 = 0
    /// Nanoseconds; of a grant of money.
    public var maturesAt: Int64 = 0
    /// What a quarantine has set aside; minor units.
    public var quarantined: Int64 = 0
    /// With the defaults.
    public init() {}

    public var isMatured: Bool { state & Self.matured != 0 }
    public var isClaimed: Bool { state & Self.claimed != 0 }
    public var isFulfilled: Bool { state & Self.fulfilled != 0 }
    public var isExpired: Bool { state & Self.expired != 0 }
    public var isRevoked: Bool { state & Self.revoked != 0 }
    public var isQuarantined: Bool { state & Self.quarantined != 0 }
    /// Whether a correction has said what it is.
    public var isCorrected: Bool { state & Self.corrected != 0 }
    /// What was not taken back or set aside, whatever became of it; minor units.
    public var standing: Int64 { granted &- reversed &- revoked &- expired &- quarantined }
    /// Of a grant: what can be taken back. Of units also what has repaid a debt: it may be owed again. Minor units.
    public var takeable: Int64 {
        AssetNumber(rawValue: asset).isMoney ? standing : standing &+ reversed
    }
    /// What waits for maturity, when it has not come; of units what may be claimed. Minor units.
    public var pendingPart: Int64 { standing &- held }
}

/// A grant or a leg, as a number.
public struct RewardKey: Hashable, Sendable {
    static let legBit: UInt32 = 1 << 31
    var raw: UInt32
    static func grant(_ number: Int) -> RewardKey { RewardKey(raw: UInt32(number)) }
    static func leg(_ number: Int) -> RewardKey { RewardKey(raw: UInt32(number) | legBit) }
    var isLeg: Bool { raw & Self.legBit != 0 }
    var number: Int { Int(raw & ~Self.legBit) }
}

/// What a case is.
public enum CaseKind: UInt8, Sendable {
    case dispute = 1
    case review, suspension, closure
}

/// What can hold rewards. 48 bytes.
@frozen
public struct CaseRow: StateRow {
    static let open: UInt8 = 0
    /// Won, cleared, reinstated: what is held is released.
    static let released: UInt8 = 1
    /// Lost, confirmed: what is held is taken back.
    static let taken: UInt8 = 2
    /// A review that names a reward.
    static let names: UInt16 = 1

    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    /// Payment of a dispute, else member.
    public var subject: UInt32 = 0
    /// Next of the payment or member, + 1.
    public var next: UInt32 = 0
    /// `HoldRow`, + 1, in the order in which they were made.
    public var firstHold: UInt32 = 0
    /// The last of them, + 1.
    public var lastHold: UInt32 = 0
    /// Holds that are above zero.
    public var holds: UInt32 = 0
    /// `CaseKind`.
    public var kind: UInt8 = 0
    /// One of the states above.
    public var state: UInt8 = 0
    /// Bits as named above.
    public var flags: UInt16 = 0
    /// Of a review: its number, from 1.
    public var number: UInt32 = 0
    /// Of a dispute; minor units.
    public var amount: Int64 = 0
    /// Of a lost dispute: what it took back of the payment; minor units.
    public var moved: Int64 = 0
    /// With the defaults.
    public init() {}
    public var isOpen: Bool { state == Self.open }
}

/// What a case holds of a reward. 40 bytes.
@frozen
public struct HoldRow: StateRow {
    /// The review names the reward: on confirmation all that is left of it goes.
    static let named: UInt32 = 1
    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    /// The case.
    public var of: UInt32 = 0
    /// `RewardKey`.
    public var reward: UInt32 = 0
    /// Next of the case, + 1.
    public var nextOfCase: UInt32 = 0
    /// Next of the reward, + 1.
    public var nextOfReward: UInt32 = 0
    /// Bits as named above.
    public var flags: UInt32 = 0
    /// Minor units.
    public var amount: Int64 = 0
    /// What a quarantine of the reward took of it, and a release brings back; minor units.
    public var quarantined: Int64 = 0
    /// With the defaults.
    public init() {}
}

/// How far a withdrawal has come.
public enum WithdrawalState: UInt8, Sendable, CaseIterable {
    case requested = 1
    /// One of two approvals.
    case partlyApproved
    case approved, sent, settled, failed, returned, rejected, cancelled, expired
    /// Stable name.
    public var name: String {
        switch self {
        case .requested: "requested"
        case .partlyApproved: "partlyApproved"
        case .approved: "approved"
        case .sent: "sent"
        case .settled: "settled"
        case .failed: "failed"
        case .returned: "returned"
        case .rejected: "rejected"
        case .cancelled: "cancelled"
        case .expired: "expired"
        }
    }
    /// Its money is reserved, and nothing was sent.
    public var isUnsent: Bool { rawValue <= Self.approved.rawValue }
}

/// A withdrawal. 72 bytes; its id and method stand in the log.
@frozen
public struct WithdrawalRow: StateRow {
    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    /// Whose it was when it was asked for.
    public var member: UInt32 = 0
    /// Next of the member, + 1.
    public var next: UInt32 = 0
    /// What it is in.
    public var asset: UInt16 = 0
    /// `WithdrawalState`.
    public var state: UInt8 = 0
    /// Zero.
    public var spare: UInt8 = 0
    /// What is reserved or sent; minor units.
    public var amount: Int64 = 0
    /// Of what was sent; minor units.
    public var tax: Int64 = 0
    /// Of what was sent; minor units.
    public var fee: Int64 = 0
    /// Nanoseconds; `Int64.max`: never.
    public var expiresAt: Int64 = .max
    /// `LotRow`, + 1: what it was taken from.
    public var firstLot: UInt32 = 0
    /// The last of them, + 1.
    public var lastLot: UInt32 = 0
    /// Symbol of the provider that it was sent with.
    public var provider: UInt16 = 0
    /// Zero.
    public var spare2: UInt16 = 0
    /// Zero.
    public var spare3: UInt32 = 0
    /// What was asked for; minor units.
    public var requested: Int64 = 0
    /// With the defaults.
    public init() {}
    public var withdrawalState: WithdrawalState { WithdrawalState(rawValue: state) ?? .requested }
}

/// What counts against a cap in one period. 40 bytes.
@frozen
public struct UsageRow: StateRow {
    static let exhausted: UInt8 = 1
    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    /// The next one of the member or programme, + 1.
    public var next: UInt32 = 0
    /// Member, + 1; 0: the whole programme.
    public var member: UInt32 = 0
    /// What it is in.
    public var asset: UInt16 = 0
    /// The programme.
    public var programme: UInt16 = 0
    /// `BudgetPeriod`.
    public var period: UInt8 = 0
    /// Bits as named above.
    public var flags: UInt8 = 0
    /// Zero.
    public var spare: UInt16 = 0
    /// Zero.
    public var spare2: UInt32 = 0
    /// The period's first moment, nanoseconds.
    public var start: Int64 = 0
    /// Minor units.
    public var used: Int64 = 0
    /// With the defaults.
    public init() {}
}

/// A kind of cap that a programme has had: its use is counted from then on. 24 bytes.
@frozen
public struct BudgetRow: StateRow {
    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    /// The next one, + 1.
    public var next: UInt32 = 0
    /// What it is in.
    public var asset: UInt16 = 0
    /// `BudgetPeriod`.
    public var period: UInt8 = 0
    /// 0 for each user alone, 1 for the whole programme.
    public var isWhole: UInt8 = 0
    /// Zero.
    public var spare: UInt32 = 0
    /// What `setBudget` set, minor units; −1: nothing.
    public var amount: Int64 = -1
    /// With the defaults.
    public init() {}
}

/// A rate between two assets. 32 bytes.
@frozen
public struct RateRow: StateRow {
    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    /// The programme.
    public var programme: UInt16 = 0
    /// From.
    public var base: UInt16 = 0
    /// To.
    public var quote: UInt16 = 0
    /// Fraction digits.
    public var scale: UInt8 = 0
    /// Zero.
    public var spare: UInt8 = 0
    /// Zero.
    public var spare2: UInt32 = 0
    /// Nanoseconds.
    public var at: Int64 = 0
    /// Digits.
    public var mantissa: Int64 = 0
    /// With the defaults.
    public init() {}
}

/// What a provider of payouts was sent and has not confirmed. 24 bytes.
@frozen
public struct ClearingRow: StateRow {
    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    /// The programme.
    public var programme: UInt16 = 0
    /// The provider's symbol.
    public var provider: UInt16 = 0
    /// What it is in.
    public var asset: UInt16 = 0
    /// Zero.
    public var spare: UInt16 = 0
    /// Zero.
    public var spare2: UInt32 = 0
    /// Credit; minor units.
    public var balance: Int64 = 0
    /// With the defaults.
    public init() {}
}

/// A fact that was put in quarantine, once or more often. 16 bytes; where the fact stands is in a table of
/// positions beside it.
@frozen
public struct QuarantineRow: StateRow {
    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    /// The programme.
    public var programme: UInt16 = 0
    /// `QuarantineKind`.
    public var kind: UInt8 = 0
    /// 1: it is in quarantine now.
    public var isActive: UInt8 = 0
    /// How often it was put there.
    public var times: UInt32 = 0
    /// Zero.
    public var spare: UInt32 = 0
    /// With the defaults.
    public init() {}
}
