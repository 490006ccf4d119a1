// Events about users' standing, identity and codes.

/// A code is out of use. No postings.
public struct CodeDisabled: EventPayload {
    /// The owner.
    public var owner = UserNumber(0)
    /// The record that issued it.
    public var issued = LogPosition.start
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.user("owner", &owner)
        c.position("issued", &issued)
    }
}

/// The owner's code lives again. No postings.
public struct CodeReactivated: EventPayload {
    public static let expires: UInt8 = 1
    /// Bits as named above.
    public var flags: UInt8 = 0
    /// The owner.
    public var owner = UserNumber(0)
    /// The record that issued it.
    public var issued = LogPosition.start
    /// When it expires.
    public var expiresAt = Timestamp(nanoseconds: .max)
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.flags(&flags, known: 0x01)
        c.user("owner", &owner)
        c.position("issued", &issued)
        if flags & Self.expires != 0 { c.time("expiresAt", &expiresAt) }
    }
}

/// A user is stopped. What is earned from here on is held. No postings.
public struct UserSuspended: EventPayload {
    /// Whose it is.
    public var user = UserNumber(0)
    /// Why.
    public var reason = BorrowedText.empty
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.user("user", &user)
        c.text("reason", &reason)
    }
}

/// The user goes on; what the suspension held is released after this. No postings.
public struct UserReinstated: EventPayload {
    /// Whose it is.
    public var user = UserNumber(0)
    /// The `UserSuspended`.
    public var suspended = LogPosition.start
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.user("user", &user)
        c.position("suspended", &suspended)
    }
}

/// The user has left. No postings.
public struct UserClosed: EventPayload {
    /// Whose it is.
    public var user = UserNumber(0)
    /// What becomes of the money: 1 pay, 2 hold, 3 forfeit.
    public var rule: UInt8 = 0
    /// Why; may be empty.
    public var reason = BorrowedText.empty
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.user("user", &user)
        c.byte("rule", &rule)
        c.text("reason", &reason)
        c.require(rule >= 1 && rule <= 3, "rule")
    }
}

/// Two users are one from here on. A `BalanceMerged` for each asset follows.
public struct UsersMerged: EventPayload {
    public static let second: UInt8 = 1
    /// Bits as named above.
    public var flags: UInt8 = 0
    /// Who goes.
    public var from = UserNumber(0)
    /// Who stays.
    public var into = UserNumber(0)
    /// Who approved.
    public var approver = BorrowedText.empty
    /// The second who approved.
    public var secondApprover = BorrowedText.empty
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.flags(&flags, known: 0x01)
        c.user("from", &from)
        c.user("into", &into)
        c.text("approver", &approver)
        if flags & Self.second != 0 {
            c.text("secondApprover", &secondApprover)
            c.require(!secondApprover.isEmpty, "secondApprover")
        }
        c.require(from != into, "into")
    }
}

/// One asset of a merged user: each balance → the same of the one that stays; a debt here is netted
/// with what is available there.
public struct BalanceMerged: EventPayload {
    /// Who goes.
    public var from = UserNumber(0)
    /// Who stays.
    public var into = UserNumber(0)
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// Moved as pending. Minor units.
    public var pending: Int64 = 0
    /// Moved as held. Minor units.
    public var held: Int64 = 0
    /// Available here, available there. Minor units.
    public var toAvailable: Int64 = 0
    /// Available here, repays a debt there. Minor units.
    public var toReceivable: Int64 = 0
    /// A debt here, repaid from what is available there. Minor units.
    public var fromAvailable: Int64 = 0
    /// A debt here, a debt there. Minor units.
    public var fromReceivable: Int64 = 0
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.user("from", &from)
        c.user("into", &into)
        c.asset("asset", &asset)
        c.money("pending", &pending)
        c.money("held", &held)
        c.money("toAvailable", &toAvailable)
        c.money("toReceivable", &toReceivable)
        c.money("fromAvailable", &fromAvailable)
        c.money("fromReceivable", &fromReceivable)
        c.require(
            pending >= 0 && held >= 0 && toAvailable >= 0 && toReceivable >= 0 && fromAvailable >= 0
                && fromReceivable >= 0, "amount")
    }
}

/// What a closed user had: `available → breakage`.
public struct BalanceForfeited: EventPayload {
    /// Whose it is.
    public var user = UserNumber(0)
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// Lost. Minor units.
    public var amount: Int64 = 0
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.user("user", &user)
        c.asset("asset", &asset)
        c.money("amount", &amount)
        c.require(amount > 0, "amount")
    }
}

/// A review is open. No postings.
public struct FraudFlagged: EventPayload {
    public static let hasEvidence: UInt8 = 1
    public static let hasSubject: UInt8 = 2
    public static let automatic: UInt8 = 4
    /// Bits as named above.
    public var flags: UInt8 = 0
    /// Whose it is.
    public var user = UserNumber(0)
    /// `FraudSeverity`.
    public var severity: UInt8 = 0
    /// The rule that speaks.
    public var rule = BorrowedText.empty
    /// First sixteen bytes of the SHA-256 of the evidence.
    public var evidence = Bytes16.zero
    /// The `RewardGranted` or `PaymentReceived` named.
    public var subject = LogPosition.start
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.flags(&flags, known: 0x07)
        c.user("user", &user)
        c.byte("severity", &severity)
        c.text("rule", &rule)
        if flags & Self.hasEvidence != 0 { c.hash("evidence", &evidence) }
        if flags & Self.hasSubject != 0 { c.position("subject", &subject) }
        c.require(FraudSeverity(rawValue: severity) != nil, "severity")
    }
}

/// A score from outside. No postings.
public struct RiskScoreReported: EventPayload {
    /// Whose it is.
    public var user = UserNumber(0)
    /// Whose.
    public var source = BorrowedText.empty
    /// 0 to 1000.
    public var score: UInt64 = 0
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.user("user", &user)
        c.text("source", &source)
        c.count("score", &score)
        c.require(score <= 1000, "score")
    }
}

/// A review is decided; what it held is released or revoked after this. No postings.
public struct ReviewDecided: EventPayload {
    public static let confirmed: UInt8 = 1
    /// Bits as named above.
    public var flags: UInt8 = 0
    /// The `FraudFlagged`.
    public var flagged = LogPosition.start
    /// Whose it is.
    public var user = UserNumber(0)
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.flags(&flags, known: 0x01)
        c.position("flagged", &flagged)
        c.user("user", &user)
    }
}
