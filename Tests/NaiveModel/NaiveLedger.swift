import Foundation

/// What became of one line.
public enum Outcome: Hashable, Sendable {
    /// It was new and is in the ledger now.
    case accepted
    /// It was there already, or there was nothing to do.
    case repeated
    /// It waits for a fact that has not come yet.
    case parked
    /// It was turned down; `code` is stable, dotted, lower case.
    case refused(code: String)
}

/// The rules page as plain code: dictionaries, arrays and loops, sharing nothing with the engine.
///
/// One programme with the `two-level` policy or a variation of it. Every command is a JSON line. Not thread safe.
/// Amounts are minor units, moments are nanoseconds since 1970-01-01T00:00:00Z.
public final class NaiveLedger {
    /// What an input may change about the policy.
    public struct Policy: Sendable {
        /// Parts per million for level 1, 2, …
        public var ratesPpm = [200_000, 100_000]
        /// Days between a payment and the maturity of its commissions.
        public var holdingDays = 14
        /// Days until a referral that has not completed expires; nil: never.
        public var expiryDays: Int?
        /// Days after the signup in which a code may be applied; nil: no limit.
        public var applyWindowDays: Int?
        /// Currency of a money line that names none.
        public var asset = "USD"
        /// Whether a user may have only one code that is not expired.
        public var hasOneActiveCode = true
        /// Days a code lives when its line does not say; nil: for ever.
        public var codeDays: Int?
        /// Whether a shared e-mail makes a referral a self-referral, as a shared signal does.
        public var countsSharedEmail = false
        /// How far ahead of `now` a fact may be dated.
        public var toleranceNanoseconds: Int64 = 300_000_000_000
        /// Time between a period's end and its closing.
        public var graceNanoseconds: Int64 = dayNanoseconds
        /// Most facts parked for one predecessor.
        public var parkedPerPredecessor = 64
        /// Most facts parked in all.
        public var parkedInAll = 100_000

        /// The `two-level` preset.
        public init() {}
    }

    let policy: Policy
    var users: [User] = []
    var userNumbers: [Exact: Int] = [:]
    var codes: [Exact: Code] = [:]
    var payments: [Exact: Payment] = [:]
    /// Codes with an expiry that `advance` has not recorded yet.
    var expiringCodes: [Code] = []
    var unmatured: [Leg] = []
    var legs: [Leg] = []
    var parking: [Exact: [Parked]] = [:]
    var parkedCount = 0
    var parkedEver = 0
    var boards: [BoardKey: [Int: Score]] = [:]
    /// Debits are positive, credits negative; account, then currency.
    var totals: [String: [String: Int128]] = [:]
    /// The business clock: the furthest moment advanced to.
    var clock = Int64.min
    /// Number of events so far; what the log would call a position.
    var position = 0
    private var seen: [Exact: Exact] = [:]

    /// An empty programme.
    public init(policy: Policy) { self.policy = policy }

    /// An empty programme with the figures that tests vary most.
    public convenience init(
        ratesPpm: [Int] = [200_000, 100_000], holdingDays: Int = 14, expiryDays: Int? = nil,
        applyWindowDays: Int? = nil, asset: String = "USD"
    ) {
        var policy = Policy()
        policy.ratesPpm = ratesPpm
        policy.holdingDays = holdingDays
        policy.expiryDays = expiryDays
        policy.applyWindowDays = applyWindowDays
        policy.asset = asset
        self.init(policy: policy)
    }

    /// Decides one line and applies it.
    ///
    /// - Parameters:
    ///   - line: one JSON object.
    ///   - now: the wall clock; nil leaves facts of the future alone.
    public func submit(line: String, now: Int64? = nil) -> Outcome {
        do throws(Refusal) {
            var fields = try Fields(line)
            guard let type = try fields.plain("type") else { throw Refusal("field.missing") }
            switch type {
            case "signup": return try signup(&fields, now)
            case "issueCode": return try issueCode(&fields, now)
            case "applyCode": return try applyCode(&fields, now)
            case "advanceReferral": return try advanceReferral(&fields, now)
            case "convert": return try convert(&fields, now)
            case "payment": return try payment(&fields, now)
            case "refund": return try refund(&fields, now)
            case "advance": return try advance(&fields, now)
            default: throw Refusal("type.unknown")
            }
        } catch {
            return .refused(code: error.code)
        }
    }

    // MARK: - Saying a thing twice

    /// The names under which a command is remembered, and what it said.
    struct Identity {
        let natural: Exact?
        let key: Exact?
        let content: Exact
        let conflict: String
    }

    func identity(
        _ type: String, _ fields: Fields, natural: [String]? = nil, conflict: String = ""
    ) throws(Refusal) -> Identity {
        let key = try fields.plain("key")
        if let key { try Fields.checkID(key) }
        let sorted = fields.content.sorted { $0.key < $1.key }
        return Identity(
            natural: natural.map { Exact(type, "natural", $0.joined(separator: "\u{0}")) },
            key: key.map { Exact(type, "key", $0) },
            content: Exact(sorted.map { "\($0.key)=\($0.value)" }.joined(separator: "\u{0}")),
            conflict: conflict)
    }

    /// True when the same was said before; refused when the name was used for something else. The natural name
    /// is asked first.
    func isRepeat(_ identity: Identity) throws(Refusal) -> Bool {
        if let natural = identity.natural, let before = seen[natural] {
            if before != identity.content { throw Refusal(identity.conflict) }
            return true
        }
        if let key = identity.key, let before = seen[key] {
            if before != identity.content { throw Refusal("key.conflict") }
            return true
        }
        return false
    }

    /// Takes the names, once the command is accepted or parked.
    func remember(_ identity: Identity) {
        if let natural = identity.natural { seen[natural] = identity.content }
        if let key = identity.key { seen[key] = identity.content }
    }

    func checkNotAhead(_ moment: Int64, _ now: Int64?) throws(Refusal) {
        if let now, moment > now, moment - now > policy.toleranceNanoseconds { throw Refusal("time.ahead") }
    }

    func user(_ id: String) -> User? { userNumbers[Exact(id)].map { users[$0] } }

    // MARK: - Parking

    func park(_ fact: Parked, for predecessor: Exact?) throws(Refusal) {
        if let predecessor, parking[predecessor, default: []].count >= policy.parkedPerPredecessor {
            throw Refusal("parking.full")
        }
        if parkedCount >= policy.parkedInAll { throw Refusal("parking.full") }
        parking[predecessor ?? Exact(""), default: []].append(fact)
        fact.order = parkedEver
        parkedEver += 1
        parkedCount += 1
    }

    /// Tries every fact parked for this predecessor, in the order of parking; keeps those that fail.
    func unpark(_ predecessor: Exact, _ attempt: (Parked) -> Bool) {
        guard let waiting = parking[predecessor] else { return }
        let left = waiting.filter { !attempt($0) }
        parkedCount -= waiting.count - left.count
        parking[predecessor] = left.isEmpty ? nil : left
    }
}

// MARK: - What the model keeps

/// Where a referral stands.
public enum ReferralStage: Int, Sendable {
    /// The five steps forward, in order, then the two other ends.
    case pending, registered, active, qualified, completed, expired, reverted
}

final class User {
    let id: String
    let number: Int
    let signedUpAt: Int64
    let signals: [String: String]
    let email: String?
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
    /// Number of payments above zero that are not wholly refunded.
    var qualifyingPayments = 0
    var balances: [String: NaiveBalance] = [:]
    var statement: [NaiveEntry] = []

    init(id: String, number: Int, signedUpAt: Int64, signals: [String: String], email: String?) {
        self.id = id
        self.number = number
        self.signedUpAt = signedUpAt
        self.signals = signals
        self.email = email
    }
}

final class Code {
    let owner: Int
    let expiresAt: Int64?
    var isExpiryRecorded = false

    init(owner: Int, expiresAt: Int64?) {
        self.owner = owner
        self.expiresAt = expiresAt
    }

    func isExpired(at moment: Int64) -> Bool { expiresAt.map { $0 <= moment } ?? false }
}

final class Payment {
    let payer: Int
    let amount: Int64
    let currency: String
    let legs: [Leg]
    var refunded: Int64 = 0
    /// Fixed by the first refund.
    var isCumulative: Bool?

    init(payer: Int, amount: Int64, currency: String, legs: [Leg]) {
        self.payer = payer
        self.amount = amount
        self.currency = currency
        self.legs = legs
    }
}

final class Leg {
    let beneficiary: Int
    let amount: Int64
    let currency: String
    let paidAt: Int64
    let maturesAt: Int64
    var position = 0
    var reversed: Int64 = 0
    var isMatured = false

    init(beneficiary: Int, amount: Int64, currency: String, paidAt: Int64, maturesAt: Int64) {
        self.beneficiary = beneficiary
        self.amount = amount
        self.currency = currency
        self.paidAt = paidAt
        self.maturesAt = maturesAt
    }
}

struct Refund {
    let amount: Int64
    let total: Int64?
    let currency: String
    let at: Int64
}

final class Parked {
    enum Fact {
        case refund(Refund)
        case conversion(at: Int64)
    }

    let fact: Fact
    let id: String
    var waitingFor: String
    var order = 0

    init(_ fact: Fact, id: String, waitingFor: String) {
        self.fact = fact
        self.id = id
        self.waitingFor = waitingFor
    }
}
