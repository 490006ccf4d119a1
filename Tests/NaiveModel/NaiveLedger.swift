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
/// One programme with the `two-level` policy or a variation of it. Every command is a JSON line. Not thread
/// safe. Amounts are minor units, moments are nanoseconds since 1970-01-01T00:00:00Z.
public final class NaiveLedger {
    let policy: Policy
    var users: [User] = []
    var userNumbers: [Exact: Int] = [:]
    var codes: [Exact: Code] = [:]
    var payments: [Exact: Payment] = [:]
    var refunds: [Exact: RefundFact] = [:]
    var disputes: [Exact: Dispute] = [:]
    /// How their ends were first reported.
    var disputeEnds: [Exact: DisputeFact] = [:]
    /// What the finance desk recorded, by type and key.
    var books: [Exact: BookFact] = [:]
    /// Codes with an expiry that `advance` has not recorded yet.
    var expiringCodes: [Code] = []
    /// Commissions and grants, in log order.
    var rewards: [Reward] = []
    /// Those of money that have not matured.
    var unmatured: [Reward] = []
    /// `r1`, `r2`, …
    var grants: [Reward] = []
    var withdrawals: [Withdrawal] = []
    /// `f1`, `f2`, …
    var reviews: [Review] = []
    /// Cases that are over and still hold something, and whether what they hold is revoked.
    var leftOver: [(reason: Case, isRevoked: Bool, user: Int)] = []
    var budgets: [Cap] = []
    /// Every budget that was set: its kind is counted from then on.
    var budgetsEver: [Cap] = []
    /// What was granted, by kind of cap, user and period.
    var capUse: [Exact: Int64] = [:]
    var exhausted: Set<Exact> = []
    var rates: [(base: String, quote: String, rate: Rate, at: Int64)] = []
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
    /// Commissions of which withdrawals gave something back, in the record that is being made.
    var returned: [(leg: Reward, at: Int64)] = []
    /// The event that is being written.
    var current = Moment("", 0)
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
            try fields.checkEnvelope()
            return try dispatch(type, &fields, now)
        } catch {
            return .refused(code: error.code)
        }
    }

    private func dispatch(_ type: String, _ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        switch type {
        case "signup": return try signup(&fields, now)
        case "issueCode": return try issueCode(&fields, now)
        case "applyCode": return try applyCode(&fields, now)
        case "disableCode": return try disableCode(&fields, now)
        case "reactivateCode": return try reactivateCode(&fields, now)
        case "advanceReferral": return try advanceReferral(&fields, now)
        case "convert": return try convert(&fields, now)
        case "payment": return try payment(&fields, now)
        case "refund": return try refund(&fields, now)
        case "refundFailed": return try refundFailed(&fields, now)
        case "dispute": return try dispute(&fields, now)
        case "advance": return try advance(&fields, now)
        case "claim": return try claim(&fields, now)
        case "fulfil": return try fulfil(&fields, now)
        case "withdraw": return try withdraw(&fields, now)
        case "decideWithdrawal": return try decideWithdrawal(&fields, now)
        case "payout": return try payout(&fields, now)
        case "kyc": return try kyc(&fields, now)
        case "adjust": return try adjust(&fields, now)
        case "writeOff": return try writeOff(&fields, now)
        case "openingBalance": return try openingBalance(&fields, now)
        case "fxRate": return try fxRate(&fields, now)
        case "fxConvert": return try fxConvert(&fields, now)
        case "fund", "remitTax", "recordCost": return try cash(type, &fields, now)
        case "suspend", "reinstate": return try suspend(type, &fields, now)
        case "closeUser": return try closeUser(&fields, now)
        case "mergeUsers": return try mergeUsers(&fields, now)
        case "flag": return try flag(&fields, now)
        case "review": return try review(&fields, now)
        case "riskScore": return try riskScore(&fields, now)
        case "setBudget": return try setBudget(&fields, now)
        case "quarantine": return try quarantine(&fields, now)
        case "release": return try release(&fields, now)
        case "correctAttribution": return try correctAttribution(&fields, now)
        case "correct": return try correct(&fields, now)
        default: throw Refusal("type.unknown")
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

    /// True when the same was said before; refused when the name was used for something else. The natural
    /// name is asked first.
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

    /// The user of an id: of a merged one, the one it was merged into, at any depth.
    func user(_ id: String) -> User? { userNumbers[Exact(id)].map { living($0) } }

    /// The user itself, or the one it was merged into.
    func living(_ number: Int) -> User {
        var user = users[number]
        while let next = user.mergedInto { user = users[next] }
        return user
    }

    func knownUser(_ id: String) throws(Refusal) -> User {
        guard let user = user(id) else { throw Refusal("user.unknown") }
        return user
    }

    /// The identity of a command that has no natural key: its explicit key, which it must give.
    func keyed(_ type: String, _ fields: Fields) throws(Refusal) -> Identity {
        if !fields.has("key") { throw Refusal("key.missing") }
        return try identity(type, fields)
    }

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
        for fact in waiting where attempt(fact) {
            parking[predecessor]?.removeAll { $0 === fact }
            parkedCount -= 1
        }
        if parking[predecessor]?.isEmpty == true { parking[predecessor] = nil }
    }
}
