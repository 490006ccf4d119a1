/// What one user has in one currency, in minor units.
public struct NaiveBalance: Hashable, Sendable {
    /// Commissions that have not matured.
    public var pending: Int64 = 0
    /// What could be withdrawn.
    public var available: Int64 = 0
    /// What a dispute or a review holds back; no command of the model does.
    public var held: Int64 = 0
    /// What the user owes.
    public var receivable: Int64 = 0
    /// Commissions granted less reversed.
    public var earned: Int64 = 0
    /// Commissions reversed.
    public var reversed: Int64 = 0

    /// Memberwise, all zero by default.
    public init(
        pending: Int64 = 0, available: Int64 = 0, held: Int64 = 0, receivable: Int64 = 0, earned: Int64 = 0,
        reversed: Int64 = 0
    ) {
        self.pending = pending
        self.available = available
        self.held = held
        self.receivable = receivable
        self.earned = earned
        self.reversed = reversed
    }
}

/// One line of a user's statement: what it changed, in minor units.
public struct NaiveEntry: Hashable, Sendable {
    /// The business moment.
    public let occurredAt: Int64
    /// `commissionEarned`, `commissionReversed` or `rewardMatured`.
    public let kind: String
    /// ISO 4217 code.
    public let currency: String
    /// Changes of the four balances.
    public let pending, available, held, receivable: Int64

    /// Memberwise.
    public init(
        occurredAt: Int64, kind: String, currency: String, pending: Int64 = 0, available: Int64 = 0,
        held: Int64 = 0, receivable: Int64 = 0
    ) {
        self.occurredAt = occurredAt
        self.kind = kind
        self.currency = currency
        self.pending = pending
        self.available = available
        self.held = held
        self.receivable = receivable
    }
}

/// A fact that waits.
public struct NaiveParkedFact: Hashable, Sendable {
    /// `refund` or `convert`.
    public let kind: String
    /// `PROVIDER/REFUND` or the user id.
    public let id: String
    /// `payment:PROVIDER/PAYMENT`, `user:USER`, `headroom`, or `paymentId` when it names none.
    public let waitingFor: String

    /// Memberwise.
    public init(kind: String, id: String, waitingFor: String) {
        self.kind = kind
        self.id = id
        self.waitingFor = waitingFor
    }
}

extension NaiveLedger {
    /// Ids of all users, in the order of signup.
    public var userIDs: [String] { users.map(\.id) }

    /// The furthest moment advanced to; nil before the first `advance`.
    public var businessClock: Int64? { clock == .min ? nil : clock }

    /// By currency; only those the user ever had.
    public func balances(_ id: String) -> [String: NaiveBalance] { user(id)?.balances ?? [:] }

    /// Id of the referrer.
    public func parent(_ id: String) -> String? { user(id)?.parent.map { users[$0].id } }

    /// Where the user's own referral stands; nil without one.
    public func stage(_ id: String) -> ReferralStage? { user(id)?.stage }

    /// Why the referrer or code of the user's signup was rejected.
    public func rejection(_ id: String) -> String? { user(id)?.rejection }

    /// How many the user has referred, and how many of those are converted.
    public func counts(_ id: String) -> (referrals: Int, conversions: Int) {
        user(id).map { ($0.referrals, $0.conversions) } ?? (0, 0)
    }

    /// Ids of those the user has referred, in the order of attribution.
    public func children(_ id: String) -> [String] { user(id)?.children.map { users[$0].id } ?? [] }

    /// Ids from the referrer up to the root.
    public func ancestors(_ id: String) -> [String] {
        var result: [String] = []
        var next = user(id)?.parent
        while let number = next {
            result.append(users[number].id)
            next = users[number].parent
        }
        return result
    }

    /// Account, then currency; debits positive, credits negative, zeros left out.
    public var trialBalance: [String: [String: Int128]] {
        totals.mapValues { $0.filter { $0.value != 0 } }.filter { !$0.value.isEmpty }
    }

    /// What waits, in the order of parking.
    public var parkedFacts: [NaiveParkedFact] {
        parking.values.joined().sorted { $0.order < $1.order }.map {
            if case .refund = $0.fact {
                return NaiveParkedFact(kind: "refund", id: $0.id, waitingFor: $0.waitingFor)
            }
            return NaiveParkedFact(kind: "convert", id: $0.id, waitingFor: $0.waitingFor)
        }
    }

    /// Everything that moved the user's money, in log order.
    public func statement(_ id: String) -> [NaiveEntry] { user(id)?.statement ?? [] }

    // MARK: - Invariants

    /// What is wrong; empty when all is well. Costs O(users + commissions + payments).
    public func invariants() -> [String] {
        balanceFaults() + commissionFaults() + forestFaults() + paymentFaults()
    }

    private func balanceFaults() -> [String] {
        var faults: [String] = []
        var sums: [String: [String: Int128]] = [:]
        for user in users {
            for (currency, balance) in user.balances {
                let name = "\(user.id) \(currency)"
                let (pending, available) = (balance.pending, balance.available)
                let (held, receivable) = (balance.held, balance.receivable)
                if min(pending, available, held, receivable, balance.earned, balance.reversed) < 0 {
                    faults.append("\(name): below zero")
                }
                if available != 0 && receivable != 0 { faults.append("\(name): has money and owes money") }
                if pending + available + held - receivable != balance.earned {
                    faults.append("\(name): balances are not what was earned")
                }
                sums["pending", default: [:]][currency, default: 0] -= Int128(pending)
                sums["available", default: [:]][currency, default: 0] -= Int128(available)
                sums["receivable", default: [:]][currency, default: 0] += Int128(receivable)
                let entries = user.statement.filter { $0.currency == currency }
                if entries.reduce(0, { $0 + $1.pending }) != pending
                    || entries.reduce(0, { $0 + $1.available }) != available
                    || entries.reduce(0, { $0 + $1.receivable }) != receivable
                {
                    faults.append("\(name): the statement does not add up")
                }
            }
        }
        for currency in exponents.keys {
            if totals.values.reduce(0, { $0 + ($1[currency] ?? 0) }) != 0 {
                faults.append("\(currency): does not sum to zero")
            }
            for account in ["pending", "available", "receivable"]
            where (totals[account]?[currency] ?? 0) != (sums[account]?[currency] ?? 0) {
                faults.append("\(account) \(currency): total is not the sum of the users")
            }
        }
        return faults
    }

    private func commissionFaults() -> [String] {
        var faults: [String] = []
        var pending: [Exact: Int64] = [:]
        var earned: [Exact: Int64] = [:]
        for leg in legs {
            if leg.reversed < 0 || leg.reversed > leg.amount {
                faults.append("commission \(leg.position): reversed \(leg.reversed) of \(leg.amount)")
            }
            let row = Exact(String(leg.beneficiary), leg.currency)
            earned[row, default: 0] += leg.amount - leg.reversed
            if !leg.isMatured { pending[row, default: 0] += leg.amount - leg.reversed }
        }
        for user in users {
            for (currency, balance) in user.balances {
                let row = Exact(String(user.number), currency)
                if balance.pending != pending[row] ?? 0 || balance.earned != earned[row] ?? 0 {
                    faults.append("\(user.id) \(currency): not the sum of the commissions")
                }
            }
        }
        return faults
    }

    private func forestFaults() -> [String] {
        var faults: [String] = []
        var isRooted = [Bool](repeating: false, count: users.count)
        for user in users {
            var path: [Int] = []
            var next: Int? = user.number
            while let number = next, !isRooted[number], path.count <= users.count {
                path.append(number)
                next = users[number].parent
            }
            if path.count > users.count { return faults + ["\(user.id): a cycle above it"] }
            for number in path { isRooted[number] = true }

            let children = user.children.map { users[$0] }
            if children.contains(where: { $0.parent != user.number }) {
                faults.append("\(user.id): a child has another parent")
            }
            if (user.parent == nil) != (user.stage == nil) {
                faults.append("\(user.id): stage without parent")
            }
            if user.referrals != children.count
                || user.conversions != children.filter({ $0.stage == .completed }).count
            {
                faults.append("\(user.id): counts are not those of the children")
            }
        }
        if users.reduce(0, { $0 + $1.children.count }) != users.filter({ $0.parent != nil }).count {
            faults.append("edges are not counted once")
        }
        return faults
    }

    private func paymentFaults() -> [String] {
        var faults: [String] = []
        var qualifying = [Int](repeating: 0, count: users.count)
        for payment in payments.values {
            if payment.amount > payment.refunded { qualifying[payment.payer] += 1 }
            if payment.refunded < 0 || payment.refunded > payment.amount {
                faults.append("a payment of \(payment.amount) is refunded \(payment.refunded)")
            }
            for leg in payment.legs where payment.amount > 0 {
                let expected = try? share(leg.amount, payment.refunded, payment.amount)
                if leg.reversed != expected { faults.append("commission \(leg.position): wrong reversal") }
            }
        }
        for user in users {
            if qualifying[user.number] != user.qualifyingPayments {
                faults.append("\(user.id): wrong number of qualifying payments")
            }
            if user.stage == .completed && user.isCompletedByPayment && user.qualifyingPayments == 0 {
                faults.append("\(user.id): completed by payment, without one")
            }
        }
        let counts = parking.values.map(\.count)
        if counts.reduce(0, +) != parkedCount || parkedCount > policy.parkedInAll {
            faults.append("parking is miscounted")
        }
        for (predecessor, waiting) in parking
        where predecessor != Exact("") && waiting.count > policy.parkedPerPredecessor {
            faults.append("too many wait for one fact")
        }
        return faults
    }
}
