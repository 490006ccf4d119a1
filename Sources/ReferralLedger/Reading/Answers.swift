import LedgerDomain
import LedgerState

/// What a user has of one asset, in minor units. `available` × `receivable` = 0.
public struct UserBalance: Sendable, Equatable {
    public let asset: AssetNumber
    /// Earned, and not yet matured.
    public let pending: Int64
    /// Can be spent.
    public let available: Int64
    /// Held by a dispute or a review.
    public let held: Int64
    /// Owed by the user.
    public let receivable: Int64
    /// Commissions granted less reversed, of all time.
    public let earned: Int64

    init(_ asset: AssetNumber, _ balance: Balance) {
        self.asset = asset
        pending = balance.pending
        available = balance.available
        held = balance.held
        receivable = balance.receivable
        earned = balance.earned
    }
}

/// An answer, and the log position at which it holds.
public struct Answered<Value: Sendable>: Sendable {
    public let value: Value
    public let position: LogPosition
}

/// A user in a programme.
public struct UserSummary: Sendable, Equatable {
    public let userId: String
    public let number: UserNumber
    public let programme: String
    public let signedUpAt: Timestamp
    /// ISO 3166 alpha-2, or nil.
    public let country: String?
    public let referrerId: String?
    /// When the user was attributed to the referrer.
    public let attributedAt: Timestamp?
    /// Stage of the user's own referral; `none` without a referrer.
    public let stage: ReferralStage
    public let isConverted: Bool
    /// Users this one referred, and how many of them are converted.
    public let referrals: Int
    public let conversions: Int
    /// Payments above zero that are not wholly refunded.
    public let qualifyingPayments: Int
    /// Referral codes, oldest first.
    public let codes: [CodeSummary]
    public let balances: [UserBalance]
}

/// A referral code.
public struct CodeSummary: Sendable, Equatable {
    public let code: String
    public let issuedAt: Timestamp
    /// Nil: never.
    public let expiresAt: Timestamp?
}

/// A user in a drawn tree.
public struct TreeNode: Sendable, Equatable {
    public let userId: String
    /// Levels below the tree's root.
    public let depth: Int
    public let stage: ReferralStage
    /// Direct referees.
    public let referrals: Int
    /// Where its referees are in the list of nodes; empty at the depth limit.
    public var children: [Int]
}

/// One line of a statement: an event's effect on a user's money, and the balances after it.
public struct StatementLine: Sendable, Equatable {
    public let position: LogPosition
    public let occurredAt: Timestamp
    /// Event type name.
    public let type: String
    /// In a user's words, such as “20 % of payment p-1 of u-2”.
    public let text: String
    public let asset: AssetNumber
    /// Changes, in minor units.
    public let pending: Int64
    public let available: Int64
    public let receivable: Int64
    /// Balances after it.
    public let pendingAfter: Int64
    public let availableAfter: Int64
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
    public let userId: String
    /// A count, or minor units of the asset.
    public let score: Int64
}

/// A leaderboard.
public struct Leaderboard: Sendable, Equatable {
    public let programme: String
    public let metric: LeaderboardMetric
    /// For `earnings`.
    public let asset: AssetNumber?
    /// Nil for all time.
    public let period: Period?
    public let isClosed: Bool
    /// Members with a score above zero.
    public let size: Int
    public let entries: [LeaderboardEntry]
    public let position: LogPosition
}

/// A sum over all users, or of a programme's own account. Debits are positive, credits negative.
public struct TrialBalanceLine: Sendable, Equatable {
    public let programme: String
    public let account: String
    public let asset: AssetNumber
    public let debit: Int64
    public let credit: Int64
}

/// A fact that waits for its predecessor.
public struct ParkedFact: Sendable, Equatable {
    public let position: LogPosition
    public let programme: String
    /// `refund` or `conversion`.
    public let kind: String
    /// The refund's id; empty for a conversion.
    public let id: String
    public let provider: String?
    /// payment, user, headroom or nothing.
    public let waitingFor: String
    /// The payment or user it names.
    public let predecessor: String?
    public let amount: Int64?
    public let asset: AssetNumber?
    public let occurredAt: Timestamp
}

/// The ledger at a glance.
public struct LedgerStatus: Sendable, Equatable {
    public let ledgerId: String
    /// Events so far.
    public let position: LogPosition
    public let records: UInt64
    public let lastRecordedAt: Timestamp?
    public let users: Int
    public let members: Int
    public let payments: Int
    public let refunds: Int
    public let codes: Int
    /// Facts that wait.
    public let parked: Int
    public let programmes: [ProgrammeStatus]
    /// SHA-256 of the state, hexadecimal: the same for every ledger made of the same commands.
    public let stateDigest: String
    public let foldVersion: String
    /// Leaves and root of the hash tree (RFC 6962), hexadecimal.
    public let treeSize: UInt64
    public let logRoot: String
    /// Bytes of the log's file in use.
    public let logBytes: UInt64
}

/// A programme at a glance.
public struct ProgrammeStatus: Sendable, Equatable {
    public let id: String
    public let asset: AssetNumber
    public let members: Int
    public let policyVersion: UInt64
    public let policyName: String
    /// Nil before the first advance.
    public let businessClock: Timestamp?
}

/// One event of the log, for people, JSON and custom views. Owns what it holds.
public struct LedgerEvent: Sendable, Equatable {
    public let position: LogPosition
    /// Of its record.
    public let ordinal: UInt64
    public let recordedAt: Timestamp
    public let occurredAt: Timestamp
    public let type: EventType
    public let programme: String
    public let policyVersion: UInt64
    public let actorRole: ActorRole
    public let actorId: String?
    public let correlationId: String?
    public let causation: String?
    public let key: String?
    public let fields: [Field]
    public let postings: [NamedPosting]

    /// A field by name, with numbers already turned into what they stand for.
    public struct Field: Sendable, Equatable {
        public let name: String
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
        public let debit: AccountName
        public let credit: AccountName
        public let amount: Int64
        public let asset: AssetNumber
    }

    /// An account of a programme.
    public struct AccountName: Sendable, Equatable, Hashable {
        /// rewardExpense, pending, available, held, receivable …
        public let account: String
        /// Nil for the programme's own accounts.
        public let userId: String?
    }

    /// The first field of that name.
    public subscript(name: String) -> Value? { fields.first { $0.name == name }?.value }
}
