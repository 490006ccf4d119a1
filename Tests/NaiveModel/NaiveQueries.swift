/// What one user has in one currency, in minor units.
public struct NaiveBalance: Hashable, Sendable {
    /// Commissions that have not matured.
    public var pending: Int64 = 0
    /// What could be withdrawn.
    public var available: Int64 = 0
    /// What disputes, reviews, suspensions and closures hold back.
    public var held: Int64 = 0
    /// What the user owes.
    public var receivable: Int64 = 0
    /// Commissions granted less reversed.
    public var earned: Int64 = 0
    /// Commissions reversed or revoked, less what was restored.
    public var reversed: Int64 = 0
    /// In withdrawals that are not sent.
    public var reserved: Int64 = 0
    /// Units that are not used.
    public var claimable: Int64 = 0

    /// Memberwise, all zero by default.
    public init(
        pending: Int64 = 0, available: Int64 = 0, held: Int64 = 0, receivable: Int64 = 0, earned: Int64 = 0,
        reversed: Int64 = 0, reserved: Int64 = 0, claimable: Int64 = 0
    ) {
        self.reserved = reserved
        self.claimable = claimable
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
    /// The event, as `commissionEarned`.
    public let kind: String
    /// Currency or unit.
    public let currency: String
    /// Changes of the four balances.
    public var pending, available, held, receivable: Int64

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
    /// `refund`, `convert`, `dispute` or `payout`.
    public let kind: String
    /// `PROVIDER/REFUND`, the user id, `PROVIDER/DISPUTE` or `WITHDRAWAL/STATUS`.
    public let id: String
    /// `payment:PROVIDER/PAYMENT`, `user:USER`, `headroom`, `paymentId` when it names none,
    /// `dispute:PROVIDER/DISPUTE`, `payout:WITHDRAWAL/recorded` (or `sent`, `settled`).
    public let waitingFor: String

    /// Memberwise.
    public init(kind: String, id: String, waitingFor: String) {
        self.kind = kind
        self.id = id
        self.waitingFor = waitingFor
    }
}

extension NaiveLedger {
    /// Ids of all users, merged ones too, in the order of signup.
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
            let kind =
                switch $0.fact {
                case .refund: "refund"
                case .conversion: "convert"
                case .dispute: "dispute"
                case .payout: "payout"
                case .refundFailed: "refundFailed"
                }
            return NaiveParkedFact(kind: kind, id: $0.id, waitingFor: $0.waitingFor)
        }
    }

    /// Everything that moved the user's money, in log order.
    public func statement(_ id: String) -> [NaiveEntry] { user(id)?.statement.map(\.entry) ?? [] }
}
