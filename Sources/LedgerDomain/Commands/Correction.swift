/// A part of a proposal of `re-decide` that a person has approved: rewards become what they should have been.
///
/// Entries are absolute: applied where they hold already, they change nothing. What a user has too much of is
/// taken back as the routine of `Documentation/rules.md` takes it; what is missing is granted, a debt repaid
/// first. Source: Documentation/repair.md.
public struct Correction: Sendable, Equatable {
    /// Entries of one command: with all that they cause they fit into one record.
    public static let maximumEntries = 48

    /// SHA-256 of the proposal, 64 hexadecimal digits.
    public var proposal: String
    /// Which part of it, from 1.
    public var part: Int
    /// Of how many.
    public var parts: Int
    /// Who approved it: 1–255 bytes; none of the users concerned.
    public var approvedBy: String
    /// What is corrected, at most ``maximumEntries``.
    public var entries: [CorrectionEntry]
    /// The business moment.
    public var at: Timestamp
    /// Where the log must end, or the command is refused. Nil: wherever. No content of the command.
    public var expectedHead: LogPosition?

    /// Memberwise.
    public init(
        proposal: String, part: Int = 1, parts: Int = 1, approvedBy: String, entries: [CorrectionEntry],
        at: Timestamp, expectedHead: LogPosition? = nil
    ) {
        self.proposal = proposal
        self.part = part
        self.parts = parts
        self.approvedBy = approvedBy
        self.entries = entries
        self.at = at
        self.expectedHead = expectedHead
    }

    /// The explicit key under which a part is recorded.
    public static func key(proposal: String, part: Int) -> String { "\(proposal)#\(part)" }
}

/// One thing that a correction makes right.
public enum CorrectionEntry: Sendable, Equatable {
    case commission(CorrectedCommission)
    case grants(CorrectedGrants)
    case tier(CorrectedTier)
    case badge(CorrectedBadge)
}

/// A level of a payment's commission, as it is from here on. Later refunds count from it.
public struct CorrectedCommission: Sendable, Equatable {
    /// The payment's provider and id.
    public var provider: String
    public var paymentId: String
    /// 1 to 8.
    public var level: Int
    /// Who gets it.
    public var userId: String
    /// What it is in: the payment's asset.
    public var asset: AssetNumber
    /// The whole commission; minor units, at most the payment.
    public var granted: Int64
    /// What refunds and lost disputes have taken of it; minor units.
    public var reversed: Int64
    /// What reviews have taken of it; minor units.
    public var revoked: Int64
    /// When it matures, where it was not there.
    public var maturesAt: Timestamp?

    /// Memberwise.
    public init(
        provider: String, paymentId: String, level: Int, userId: String, asset: AssetNumber, granted: Int64,
        reversed: Int64 = 0, revoked: Int64 = 0, maturesAt: Timestamp? = nil
    ) {
        self.provider = provider
        self.paymentId = paymentId
        self.level = level
        self.userId = userId
        self.asset = asset
        self.granted = granted
        self.reversed = reversed
        self.revoked = revoked
        self.maturesAt = maturesAt
    }
}

/// All grants of one cause: a referral's stage and side, or a tier's bonus.
public struct CorrectedGrants: Sendable, Equatable {
    /// Whose referral it is; of a tier's bonus the user.
    public var refereeId: String
    /// Who gets it.
    public var userId: String
    public var cause: RewardCause
    /// Whether the referee's side gets it.
    public var isReferee: Bool
    /// The stage's or the tier's number, as in the log.
    public var detail: UInt8
    public var asset: AssetNumber
    /// What was granted in all, less what was revoked; minor units.
    public var entitled: Int64
    /// The business moment at which it was earned, for what is granted now.
    public var earnedAt: Timestamp
    /// When that matures; money only.
    public var maturesAt: Timestamp?
    /// When that expires.
    public var expiresAt: Timestamp?

    /// Memberwise.
    public init(
        refereeId: String, userId: String, cause: RewardCause, isReferee: Bool, detail: UInt8,
        asset: AssetNumber, entitled: Int64, earnedAt: Timestamp, maturesAt: Timestamp? = nil,
        expiresAt: Timestamp? = nil
    ) {
        self.refereeId = refereeId
        self.userId = userId
        self.cause = cause
        self.isReferee = isReferee
        self.detail = detail
        self.asset = asset
        self.entitled = entitled
        self.earnedAt = earnedAt
        self.maturesAt = maturesAt
        self.expiresAt = expiresAt
    }
}

/// A user's tier.
public struct CorrectedTier: Sendable, Equatable {
    public var userId: String
    /// Index into the policy's levels.
    public var tier: Int
    /// Memberwise.
    public init(userId: String, tier: Int) {
        self.userId = userId
        self.tier = tier
    }
}

/// Whether a user holds a badge.
public struct CorrectedBadge: Sendable, Equatable {
    public var userId: String
    /// The badge's name in the policy.
    public var badge: String
    public var isHeld: Bool
    /// Memberwise.
    public init(userId: String, badge: String, isHeld: Bool) {
        self.userId = userId
        self.badge = badge
        self.isHeld = isHeld
    }
}

extension CorrectionEntry {
    /// The user whose balance or standing changes.
    public var userId: String {
        switch self {
        case .commission(let c): c.userId
        case .grants(let g): g.userId
        case .tier(let t): t.userId
        case .badge(let b): b.userId
        }
    }
}
