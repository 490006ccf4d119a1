import LedgerDomain
import LedgerState

/// What a user has of one asset, in minor units. `available` × `receivable` = 0.
public struct UserBalance: Sendable, Equatable {
    /// The asset that amounts are in.
    public let asset: AssetNumber
    /// Earned, and not yet matured.
    public let pending: Int64
    /// Can be spent; of a unit such as `PREMIUM_DAY` or a badge: can be claimed.
    public let available: Int64
    /// Held by a dispute, a review, a suspension or a closure.
    public let held: Int64
    /// Asked for by withdrawals that are not sent yet.
    public let reserved: Int64
    /// Owed by the user.
    public let receivable: Int64
    /// Granted less taken back, of all time.
    public let earned: Int64

    init(_ asset: AssetNumber, _ balance: Balance, reserved: Int64) {
        self.asset = asset
        pending = balance.pending
        available = balance.available
        held = balance.held
        self.reserved = reserved
        receivable = balance.receivable
        earned = balance.earned
    }
}

/// An answer, and the log position at which it holds.
public struct Answered<Value: Sendable>: Sendable {
    /// The answer.
    public let value: Value
    /// The log position.
    public let position: LogPosition
}

/// A user in a programme.
public struct UserSummary: Sendable, Equatable {
    /// The user's id as the host gives it: 1–255 bytes of UTF-8, echoed exactly. When the user that was asked
    /// for was merged into another one: that one's.
    public let userId: String
    /// The id that was asked for, when its user was merged into `userId`.
    public let mergedFrom: String?
    /// The number inside the ledger.
    public let number: UserNumber
    /// The programme.
    public let programme: String
    /// When the user signed up.
    public let signedUpAt: Timestamp
    /// ISO 3166 alpha-2, or nil.
    public let country: String?
    /// The referrer's user id; not together with a code.
    public let referrerId: String?
    /// When the user was attributed to the referrer.
    public let attributedAt: Timestamp?
    /// Stage of the user's own referral; `none` without a referrer.
    public let stage: ReferralStage
    /// Whether the referral is converted.
    public let isConverted: Bool
    /// Users this one referred, and how many of them are converted.
    public let referrals: Int
    /// Converted referees.
    public let conversions: Int
    /// Payments above zero that are not wholly refunded.
    public let qualifyingPayments: Int
    /// Whether the user may act, and what hinders it.
    public let standing: UserStanding
    /// Nil where the programme's latest policy has no tiers.
    public let tier: TierStanding?
    /// Badges that the user holds, such as `BADGE:referral-master`.
    public let badges: [String]
    /// Level of identity that was approved; 0: none.
    public let kycLevel: Int
    /// Until when the approval holds; nil: for ever, or there is none.
    public let kycUntil: Timestamp?
    /// Last score from outside, 0 to 1000.
    public let riskScore: Int?
    /// Referral codes, oldest first.
    public let codes: [CodeSummary]
    /// One an asset, in the order in which the user first got them.
    public let balances: [UserBalance]
}

/// Whether a user may act.
public struct UserStanding: Sendable, Equatable {
    /// Stopped by `suspend`.
    public let isSuspended: Bool
    /// Gone by `closeUser`.
    public let isClosed: Bool
    /// Reviews that are open.
    public let openReviews: Int
    /// Whether earnings are held and nothing is paid out: suspended, under review, or closed by a rule other
    /// than `pay`.
    public let isBlocked: Bool
    /// One word for it: active, suspended, closed or underReview, the gravest first.
    public var name: String {
        if isSuspended { return "suspended" }
        if isClosed { return "closed" }
        return openReviews > 0 ? "underReview" : "active"
    }
}

/// A tier that a user stands in.
public struct TierStanding: Sendable, Equatable {
    /// From 0, the lowest.
    public let index: Int
    /// By the programme's latest policy.
    public let name: String
    /// Conversions that the next tier needs; nil in the highest.
    public let nextThreshold: Int?
}

/// A referral code.
public struct CodeSummary: Sendable, Equatable {
    /// The code.
    public let code: String
    /// When it was issued.
    public let issuedAt: Timestamp
    /// Nil: never.
    public let expiresAt: Timestamp?
    /// Taken out of use.
    public let isDisabled: Bool
}

/// A user in a drawn tree.
public struct TreeNode: Sendable, Equatable {
    /// The user's id as the host gives it: 1–255 bytes of UTF-8, echoed exactly.
    public let userId: String
    /// Levels below the tree's root.
    public let depth: Int
    /// The referral's stage.
    public let stage: ReferralStage
    /// Direct referees.
    public let referrals: Int
    /// Where its referees are in the list of nodes; empty at the depth limit.
    public var children: [Int]
}

/// One line of a statement: an event's effect on a user's money, and the balances after it.
public struct StatementLine: Sendable, Equatable {
    /// The log position.
    public let position: LogPosition
    /// The business moment.
    public let occurredAt: Timestamp
    /// Event type name.
    public let type: String
    /// In a user's words, such as “20 % of payment p-1 of u-2”.
    public let text: String
    /// The asset that amounts are in.
    public let asset: AssetNumber
    /// Change of what is pending, in minor units.
    public let pending: Int64
    /// Change of what is available (of a unit: claimable), in minor units.
    public let available: Int64
    /// Change of what is held, in minor units.
    public let held: Int64
    /// Change of what withdrawals have reserved, in minor units.
    public let reserved: Int64
    /// Change of what the user owes, in minor units.
    public let receivable: Int64
    /// Pending after it.
    public let pendingAfter: Int64
    /// Available after it.
    public let availableAfter: Int64
    /// Held after it.
    public let heldAfter: Int64
    /// Reserved after it.
    public let reservedAfter: Int64
    /// Owed after it.
    public let receivableAfter: Int64
}

/// Which span of time a leaderboard covers.
public enum LeaderboardPeriod: Sendable, Equatable {
    case allTime
    /// The week or month that the business clock is in (the last fact's, before the first advance).
    case currentWeek, currentMonth
    /// The week or month around a moment.
    case week(containing: Timestamp)
    case month(containing: Timestamp)
}

/// A place on a leaderboard.
public struct LeaderboardEntry: Sendable, Equatable {
    /// Competition rank: 1, 1, 3.
    public let rank: Int
    /// The user's id as the host gives it: 1–255 bytes of UTF-8, echoed exactly.
    public let userId: String
    /// A count, or minor units of the asset.
    public let score: Int64
}

/// A leaderboard.
public struct Leaderboard: Sendable, Equatable {
    /// The programme.
    public let programme: String
    /// What is counted.
    public let metric: LeaderboardMetric
    /// For `earnings`.
    public let asset: AssetNumber?
    /// Nil for all time.
    public let period: Period?
    /// Whether it is closed.
    public let isClosed: Bool
    /// Members with a score above zero.
    public let size: Int
    /// The places asked for, best first.
    public let entries: [LeaderboardEntry]
    /// The log position.
    public let position: LogPosition
}

/// A sum over all users, or of a programme's own account. Debits are positive, credits negative.
public struct TrialBalanceLine: Sendable, Equatable {
    /// The programme.
    public let programme: String
    /// Account name.
    public let account: String
    /// Of `clearing`: the provider of payouts.
    public let provider: String?
    /// The asset that amounts are in.
    public let asset: AssetNumber
    /// Debit; minor units.
    public let debit: Int64
    /// Credit; minor units.
    public let credit: Int64
}

/// A fact that waits for its predecessor.
public struct ParkedFact: Sendable, Equatable {
    /// The log position.
    public let position: LogPosition
    /// The programme.
    public let programme: String
    /// `refund`, `conversion`, `dispute` or `payout`.
    public let kind: String
    /// The refund's or dispute's id; empty for a conversion.
    public let id: String
    /// The provider's name: 1–255 bytes of UTF-8.
    public let provider: String?
    /// Of a dispute: opened, won, lost. Of a payout: sent, settled, failed, returned.
    public let status: String?
    /// payment, user, headroom, dispute, withdrawal or nothing.
    public let waitingFor: String
    /// The payment, user, dispute or withdrawal it names.
    public let predecessor: String?
    /// Minor units.
    public let amount: Int64?
    /// The asset that amounts are in.
    public let asset: AssetNumber?
    /// The business moment.
    public let occurredAt: Timestamp
}

/// The ledger at a glance.
public struct LedgerStatus: Sendable, Equatable {
    /// The ledger's id.
    public let ledgerId: String
    /// Events so far.
    public let position: LogPosition
    /// Records so far.
    public let records: UInt64
    /// When the last record was made.
    public let lastRecordedAt: Timestamp?
    /// Users.
    public let users: Int
    /// Users in the programme.
    public let members: Int
    /// Payments.
    public let payments: Int
    /// Refunds that took effect.
    public let refunds: Int
    /// Referral codes.
    public let codes: Int
    /// Facts that wait.
    public let parked: Int
    /// Programmes, in the order in which they were created.
    public let programmes: [ProgrammeStatus]
    /// SHA-256 of the state, hexadecimal: the same for every ledger made of the same commands.
    public let stateDigest: String
    /// Versions of the folds.
    public let foldVersion: String
    /// Leaves and root of the hash tree (RFC 6962), hexadecimal.
    public let treeSize: UInt64
    /// Root of the hash tree, hexadecimal.
    public let logRoot: String
    /// Bytes of the log's file in use.
    public let logBytes: UInt64
}

/// A programme at a glance.
public struct ProgrammeStatus: Sendable, Equatable {
    /// The id.
    public let id: String
    /// The asset that amounts are in.
    public let asset: AssetNumber
    /// Users in the programme.
    public let members: Int
    /// The policy version that ruled it.
    public let policyVersion: UInt64
    /// Its name.
    public let policyName: String
    /// Nil before the first advance.
    public let businessClock: Timestamp?
}

/// One event of the log, for people, JSON and custom views. Owns what it holds.
public struct LedgerEvent: Sendable, Equatable {
    /// The log position.
    public let position: LogPosition
    /// Of its record.
    public let ordinal: UInt64
    /// When the record was made, by the wall clock; audit only.
    public let recordedAt: Timestamp
    /// The business moment.
    public let occurredAt: Timestamp
    /// The type.
    public let type: EventType
    /// The programme.
    public let programme: String
    /// The policy version that ruled it.
    public let policyVersion: UInt64
    /// Who sent the command.
    public let actorRole: ActorRole
    /// The sender's id, or nil.
    public let actorId: String?
    /// The host's request id, or nil.
    public let correlationId: String?
    /// What made the host send it, or nil.
    public let causation: String?
    /// The explicit idempotency key.
    public let key: String?
    /// The fields, in stored order.
    public let fields: [Field]
    /// The postings.
    public let postings: [NamedPosting]

    /// A field by name, with numbers already turned into what they stand for.
    public struct Field: Sendable, Equatable {
        /// Name.
        public let name: String
        /// The answer.
        public let value: Value
    }

    public enum Value: Sendable, Equatable {
        case text(String)
        case user(String)
        case integer(UInt64)
        /// Minor units.
        case amount(Int64, AssetNumber)
        /// Parts per million.
        case rate(UInt32)
        case time(Timestamp)
        case position(LogPosition)
        /// Sealed or opaque; its length.
        case bytes(Int)
    }

    /// A posting with account names, as in the exports.
    public struct NamedPosting: Sendable, Equatable {
        /// Debit; minor units.
        public let debit: AccountName
        /// Credit; minor units.
        public let credit: AccountName
        /// Minor units.
        public let amount: Int64
        /// The asset that amounts are in.
        public let asset: AssetNumber
    }

    /// An account of a programme.
    public struct AccountName: Sendable, Equatable, Hashable {
        /// rewardExpense, pending, available, held, receivable …
        public let account: String
        /// Nil for the programme's own accounts.
        public let userId: String?
        /// Of `clearing`: the provider of payouts.
        public let provider: String?
    }

    /// The first field of that name.
    public subscript(name: String) -> Value? { fields.first { $0.name == name }?.value }
}
