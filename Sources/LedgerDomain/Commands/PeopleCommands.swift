// Commands about users: identity, standing, fraud.

/// How a check of identity went. Raw values are part of the log format.
public enum KycDecision: UInt8, Sendable, CaseIterable {
    case submitted = 1
    case approved, rejected
    /// The name in input lines.
    public var name: String {
        switch self {
        case .submitted: "submitted"
        case .approved: "approved"
        case .rejected: "rejected"
        }
    }
}

/// How bad a suspicion is. Raw values are part of the log format.
public enum FraudSeverity: UInt8, Sendable, CaseIterable {
    case low = 1
    case medium, high
    /// The name in input lines.
    public var name: String {
        switch self {
        case .low: "low"
        case .medium: "medium"
        case .high: "high"
        }
    }
}

/// A check of a user's identity. Needs a `key`.
public struct Kyc: Sendable, Equatable {
    /// The user, as the host names them: 1–255 bytes of UTF-8.
    public var userId: String
    /// 1 to 9.
    public var level: Int
    /// How it went.
    public var decision: KycDecision
    /// Sealed under the user's key.
    public var documentHash: String?
    /// How long an approval lasts, 1 to 36,500 days × 24 h; nil: for ever.
    public var expiresInDays: Int?
    /// The business moment.
    public var at: Timestamp
    /// Memberwise.
    public init(
        userId: String, level: Int, decision: KycDecision, documentHash: String? = nil,
        expiresInDays: Int? = nil, at: Timestamp
    ) {
        self.userId = userId
        self.level = level
        self.decision = decision
        self.documentHash = documentHash
        self.expiresInDays = expiresInDays
        self.at = at
    }
}

/// A user is stopped: what they earn is held. Needs a `key`.
public struct SuspendUser: Sendable, Equatable {
    /// The user, as the host names them: 1–255 bytes of UTF-8.
    public var userId: String
    /// Why: 1–255 bytes.
    public var reason: String
    /// The business moment.
    public var at: Timestamp
    /// Memberwise.
    public init(userId: String, reason: String, at: Timestamp) {
        self.userId = userId
        self.reason = reason
        self.at = at
    }
}

/// A suspended user goes on. Needs a `key`.
public struct ReinstateUser: Sendable, Equatable {
    /// The user, as the host names them: 1–255 bytes of UTF-8.
    public var userId: String
    /// The business moment.
    public var at: Timestamp
    /// Memberwise.
    public init(userId: String, at: Timestamp) {
        self.userId = userId
        self.at = at
    }
}

/// A user leaves; the policy's `closure` says what becomes of the money. Needs a `key`.
public struct CloseUser: Sendable, Equatable {
    /// The user, as the host names them: 1–255 bytes of UTF-8.
    public var userId: String
    /// Why: 1–255 bytes.
    public var reason: String?
    /// The business moment.
    public var at: Timestamp
    /// Memberwise.
    public init(userId: String, reason: String? = nil, at: Timestamp) {
        self.userId = userId
        self.reason = reason
        self.at = at
    }
}

/// Two users turn out to be one. Needs a `key`.
public struct MergeUsers: Sendable, Equatable {
    /// Who goes.
    public var userId: String
    /// Who stays.
    public var intoUserId: String
    /// Who approved: one, or two where the policy asks for it.
    public var approvers: [String]
    /// The business moment.
    public var at: Timestamp
    /// Memberwise.
    public init(userId: String, intoUserId: String, approvers: [String], at: Timestamp) {
        self.userId = userId
        self.intoUserId = intoUserId
        self.approvers = approvers
        self.at = at
    }
}

/// A suspicion opens a review. Needs a `key`.
public struct FlagUser: Sendable, Equatable {
    /// The user, as the host names them: 1–255 bytes of UTF-8.
    public var userId: String
    /// The rule that speaks: 1–255 bytes.
    public var rule: String
    /// How bad.
    public var severity: FraudSeverity
    /// Kept as a hash only.
    public var evidence: String?
    /// The hash itself, from another ledger's export; it goes before `evidence`.
    public var evidenceHash: Bytes16?
    /// A grant to hold at once: `r17`.
    public var rewardId: String?
    /// With `paymentId`: the payment whose commissions to hold at once.
    public var provider: String?
    /// With `provider`.
    public var paymentId: String?
    /// The business moment.
    public var at: Timestamp
    /// Memberwise.
    public init(
        userId: String, rule: String, severity: FraudSeverity, evidence: String? = nil,
        evidenceHash: Bytes16? = nil, rewardId: String? = nil, provider: String? = nil,
        paymentId: String? = nil, at: Timestamp
    ) {
        self.userId = userId
        self.rule = rule
        self.severity = severity
        self.evidence = evidence
        self.evidenceHash = evidenceHash
        self.rewardId = rewardId
        self.provider = provider
        self.paymentId = paymentId
        self.at = at
    }
}

/// A person decides a review; who stands in the command's actor.
public struct DecideReview: Sendable, Equatable {
    /// `f3`.
    public var reviewId: String
    /// Fraud, or not.
    public var isConfirmed: Bool
    /// The business moment.
    public var at: Timestamp
    /// Memberwise.
    public init(reviewId: String, isConfirmed: Bool, at: Timestamp) {
        self.reviewId = reviewId
        self.isConfirmed = isConfirmed
        self.at = at
    }
}

/// A score from outside. Needs a `key`.
public struct ReportRisk: Sendable, Equatable {
    /// The user, as the host names them: 1–255 bytes of UTF-8.
    public var userId: String
    /// Whose: 1–255 bytes.
    public var source: String
    /// 0 to 1000.
    public var score: Int
    /// The business moment.
    public var at: Timestamp
    /// Memberwise.
    public init(userId: String, source: String, score: Int, at: Timestamp) {
        self.userId = userId
        self.source = source
        self.score = score
        self.at = at
    }
}

/// A code is taken out of use. Needs a `key`.
public struct DisableCode: Sendable, Equatable {
    /// The user, as the host names them: 1–255 bytes of UTF-8.
    public var userId: String
    /// The code.
    public var code: String
    /// The business moment.
    public var at: Timestamp
    /// Memberwise.
    public init(userId: String, code: String, at: Timestamp) {
        self.userId = userId
        self.code = code
        self.at = at
    }
}

/// The owner's code lives again. Needs a `key`.
public struct ReactivateCode: Sendable, Equatable {
    /// The user, as the host names them: 1–255 bytes of UTF-8.
    public var userId: String
    /// The code.
    public var code: String
    /// From `at`; nil: the policy's `ttlDays`.
    public var expiresInDays: Int?
    /// The business moment.
    public var at: Timestamp
    /// Memberwise.
    public init(userId: String, code: String, expiresInDays: Int? = nil, at: Timestamp) {
        self.userId = userId
        self.code = code
        self.expiresInDays = expiresInDays
        self.at = at
    }
}
