// What the model keeps.

/// Where a referral stands.
public enum ReferralStage: Int, Sendable {
    /// The five steps forward, in order, then the two other ends.
    case pending, registered, active, qualified, completed, expired, reverted

    init?(name: String) {
        let all: [ReferralStage] = [
            .pending, .registered, .active, .qualified, .completed, .expired, .reverted,
        ]
        guard let stage = all.first(where: { "\($0)" == name }) else { return nil }
        self = stage
    }
}

final class User {
    let id: String
    let number: Int
    let signedUpAt: Int64
    let signals: [String: String]
    let email: String?
    let phone: String?
    var rejection: String?
    /// The referrer's number.
    var parent: Int?
    var attributedAt: Int64 = 0
    var stage: ReferralStage?
    var isCompletedByPayment = false
    var completedAt: Int64 = 0
    var children: [Int] = []
    var referrals = 0
    var conversions = 0
    /// Skeletons of the codes ever issued to the user.
    var codes: [Exact] = []
    var hasPayment = false
    /// Number of payments that qualify.
    var qualifyingPayments = 0
    var balances: [String: NaiveBalance] = [:]
    var statement: [(position: Int, entry: NaiveEntry)] = []
    /// What is available, by asset, in the order in which it is taken.
    var lots: [String: [Lot]] = [:]
    /// Number of the user this one was merged into.
    var mergedInto: Int?
    /// The suspension that lasts.
    var suspension: Case?
    var closure: Case?
    var closureRule: NaiveLedger.Closure?
    /// Open ones, oldest first.
    var openReviews: [Review] = []
    var tier = 0
    /// Levels whose bonus the user ever had.
    var bonusLevels: Set<Int> = []
    var badges: Set<String> = []
    /// The level last approved, and when it ends.
    var kycLevel = 0
    var kycExpiresAt: Int64?
    var kycPosition = 0
    /// Attributions to this user by day, and the days that opened a review.
    var attributionsByDay: [Int: Int] = [:]
    var flaggedDays: Set<Int> = []

    init(
        id: String, number: Int, signedUpAt: Int64, signals: [String: String], email: String?, phone: String?
    ) {
        self.id = id
        self.number = number
        self.signedUpAt = signedUpAt
        self.signals = signals
        self.email = email
        self.phone = phone
    }

    /// What holds the user's new earnings: the suspension, else the closure, else the oldest open review.
    var blocking: Case? {
        if let suspension { return suspension }
        if let closure, closureRule != .pay { return closure }
        return openReviews.first?.reason
    }
}

final class Code {
    var owner: Int
    var expiresAt: Int64?
    var isDisabled = false
    var isExpiryRecorded = false

    init(owner: Int, expiresAt: Int64?) {
        self.owner = owner
        self.expiresAt = expiresAt
    }

    func isExpired(at moment: Int64) -> Bool { expiresAt.map { $0 <= moment } ?? false }
    func isActive(at moment: Int64) -> Bool { !isDisabled && !isExpired(at: moment) }
}

final class Payment {
    var payer: Int
    let amount: Int64
    let currency: String
    /// The commissions, by level.
    let legs: [Reward]
    /// By refunds that did not fail.
    var refunded: Int64 = 0
    /// By disputes that were lost.
    var lost: Int64 = 0
    /// Fixed by the first refund that takes effect.
    var isCumulative: Bool?
    var disputes: [Dispute] = []
    var isSetAside = false

    init(payer: Int, amount: Int64, currency: String, legs: [Reward]) {
        self.payer = payer
        self.amount = amount
        self.currency = currency
        self.legs = legs
    }

    var counted: Int64 { refunded + lost }
    var headroom: Int64 { amount - counted }
    var qualifies: Bool { amount > 0 && counted < amount && !isSetAside }
}

/// What can hold rewards. Two of them are the same only when they are one object.
final class Case {
    let name: String

    init(_ name: String) { self.name = name }
}

struct Hold {
    let reason: Case
    var amount: Int64
    /// Position of its making.
    let position: Int
}

/// A commission or a grant.
final class Reward {
    let name: String
    let isCommission: Bool
    var owner: Int
    /// What was granted, or is to be by a correction.
    var amount: Int64
    let asset: String
    let at: Int64
    let maturesAt: Int64
    let expiresAt: Int64?
    var position = 0
    var reversed: Int64 = 0
    var revoked: Int64 = 0
    var expired: Int64 = 0
    var holds: [Hold] = []
    /// In quarantine, what of it was taken there, and what cases held then.
    var isSetAside = false
    var setAside: Int64 = 0
    var heldBefore: [(reason: Case, amount: Int64)] = []
    var isMatured = false
    /// Whether a correction has said what it is.
    var isCorrected = false
    var isExpiryRecorded = false
    /// Of a stage grant: number of the referee, the stage, the side.
    var referral: Int?
    var stage: ReferralStage?
    var isForReferee = false
    /// Of a tier bonus.
    var bonusLevel: Int?
    /// Of units: what can be claimed, and what was.
    var claimable: Int64 = 0
    var used: Int64 = 0
    var claimedAt: Int64?
    /// Every claim there was, and every failure to deliver.
    var claims: [Int64] = []
    var failures: [Int64] = []
    var lastFulfilment: String?

    init(
        name: String, isCommission: Bool, owner: Int, amount: Int64, asset: String, at: Int64,
        maturesAt: Int64, expiresAt: Int64? = nil
    ) {
        self.name = name
        self.isCommission = isCommission
        self.owner = owner
        self.amount = amount
        self.asset = asset
        self.at = at
        self.maturesAt = maturesAt
        self.expiresAt = expiresAt
    }

    var isMoney: Bool { exponents[asset] != nil }
    var held: Int64 { holds.reduce(0) { $0 + $1.amount } }
    /// Granted less reversed, revoked, expired and set aside.
    var left: Int64 { amount - reversed - revoked - expired - setAside }
    /// What of it is still pending.
    var pendingPart: Int64 { isMatured || !isMoney ? 0 : left - held }
    /// Nothing is left, and a revocation had a part in it. (A grant of which a review took only a part is
    /// not.)
    var isRevoked: Bool { revoked > 0 && left == 0 && !isSetAside }
}

/// A part of what is available.
struct Lot {
    let maturesAt: Int64
    let position: Int
    /// The reward it is the rest of; nil for any other credit.
    let reward: Reward?
    var amount: Int64
}

final class RefundFact {
    let name: Exact
    let amount: Int64
    let total: Int64?
    let currency: String
    let at: Int64
    /// Set when it takes effect: the payment, and what it moved.
    var payment: Payment?
    var moved: Int64 = 0

    init(name: Exact, amount: Int64, total: Int64?, currency: String, at: Int64) {
        self.name = name
        self.amount = amount
        self.total = total
        self.currency = currency
        self.at = at
    }
}

struct DisputeFact {
    let name: Exact
    let provider: String
    let paymentID: String
    let status: String
    let amount: Int64?
    let currency: String?
    let at: Int64
}

final class Dispute {
    let payment: Payment
    let paymentID: String
    let amount: Int64
    let reason: Case
    var decision: String?
    /// What it took of the payment when it was lost.
    var moved: Int64 = 0

    init(payment: Payment, paymentID: String, amount: Int64, reason: Case) {
        self.payment = payment
        self.paymentID = paymentID
        self.amount = amount
        self.reason = reason
    }
}

final class Withdrawal {
    enum State: String {
        case requested, approved, rejected, cancelled, expired, sent, settled, failed, returned
    }

    let id: String
    var owner: Int
    let currency: String
    let at: Int64
    let position: Int
    let expiresAt: Int64?
    var state = State.requested
    var amount: Int64
    /// What it took, in order.
    var lots: [Lot]
    var firstApprover: String?
    var decisions: [(decision: String, actor: String?, at: Int64, reason: String?)] = []
    var provider: String?
    var net: Int64 = 0
    var tax: Int64 = 0
    var fee: Int64 = 0

    init(
        id: String, owner: Int, currency: String, at: Int64, position: Int, expiresAt: Int64?, amount: Int64,
        lots: [Lot]
    ) {
        self.id = id
        self.owner = owner
        self.currency = currency
        self.at = at
        self.position = position
        self.expiresAt = expiresAt
        self.amount = amount
        self.lots = lots
    }

    /// Not decided against, and not sent.
    var isUnsent: Bool { state == .requested || state == .approved }
    /// Has not come to an end.
    var isOpen: Bool { isUnsent || state == .sent }
}

struct PayoutFact {
    let withdrawalID: String
    let status: String
    let provider: String
    let kept: String?
    let at: Int64
}

final class Review {
    let number: Int
    let user: Int
    let reason: Case
    var named: [Reward] = []
    /// The payment that the flag names.
    var payment: Payment?
    var decision: (decision: String, at: Int64)?

    init(number: Int, user: Int) {
        self.number = number
        self.user = user
        reason = Case("review f\(number)")
    }
}

final class Parked {
    enum Fact {
        case refund(RefundFact)
        case conversion(at: Int64)
        case dispute(DisputeFact)
        case payout(PayoutFact)
        case refundFailed(at: Int64)
    }

    let fact: Fact
    let id: String
    var waitingFor: String
    var order = 0
    /// Of a failure that waits for the release of its payment: the refund that failed.
    var refund: RefundFact?

    init(_ fact: Fact, id: String, waitingFor: String) {
        self.fact = fact
        self.id = id
        self.waitingFor = waitingFor
    }
}
