// What people put right: facts in quarantine, attributions that were wrong.

/// A fact of the log, by its position or by a name of its own. A position holds in one ledger only; the names hold
/// in every ledger that was made of the same commands.
public enum FactReference: Sendable, Equatable {
    /// Where its event stands.
    case position(LogPosition)
    /// A payment, by its provider's name and its id there.
    case payment(provider: String, paymentId: String)
    /// A grant: `r17`.
    case reward(String)
    /// What a command with an explicit key recorded: the `type` of its input line, and the key.
    case keyed(type: String, key: String)

    /// The types of command that a fact can be named by.
    public static let keyedTypes = ["adjust", "writeOff", "openingBalance", "fund", "remitTax"]
}

/// A fact is set aside: what it posted is reversed, and what depends on it waits.
///
/// Natural key: the fact, with the same moment.
public struct QuarantineFact: Sendable, Equatable {
    /// Which one.
    public var fact: FactReference
    /// Why: 1–255 bytes.
    public var reason: String
    /// Who approved: 1–255 bytes; nobody whose money it moves.
    public var approver: String
    /// The business moment.
    public var at: Timestamp
    /// Memberwise.
    public init(fact: FactReference, reason: String, approver: String, at: Timestamp) {
        self.fact = fact
        self.reason = reason
        self.approver = approver
        self.at = at
    }
}

/// A fact that is in quarantine counts again.
///
/// Natural key: the fact, with the same moment.
public struct ReleaseFact: Sendable, Equatable {
    /// Which one.
    public var fact: FactReference
    /// Why: 1–255 bytes.
    public var reason: String?
    /// Who approved: 1–255 bytes; nobody whose money it moves.
    public var approver: String
    /// The business moment.
    public var at: Timestamp
    /// Memberwise.
    public init(fact: FactReference, reason: String? = nil, approver: String, at: Timestamp) {
        self.fact = fact
        self.reason = reason
        self.approver = approver
        self.at = at
    }
}

/// A user's referrer was recorded wrongly. Payments recorded from now on go by the right one. Needs a `key`.
public struct CorrectAttribution: Sendable, Equatable {
    /// The referred user.
    public var userId: String
    /// Who really referred them; nil: nobody.
    public var referrerId: String?
    /// Why: 1–255 bytes.
    public var reason: String
    /// Who approved: one or two, none of them the user or a referrer.
    public var approvers: [String]
    /// The business moment.
    public var at: Timestamp
    /// Memberwise.
    public init(
        userId: String, referrerId: String? = nil, reason: String, approvers: [String], at: Timestamp
    ) {
        self.userId = userId
        self.referrerId = referrerId
        self.reason = reason
        self.approvers = approvers
        self.at = at
    }
}
