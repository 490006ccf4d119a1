/// A commission or a grant, as it stands. Amounts are minor units of `asset`.
public struct NaiveReward: Hashable, Sendable {
    /// `PROVIDER/PAYMENT/LEVEL` of a commission, `r17` of a grant.
    public let name: String
    /// Who has it now, after merges.
    public let user: String
    /// Currency or unit.
    public let asset: String
    /// What was granted, and what of it was reversed, revoked, has expired, is held.
    public let granted, reversed, revoked, expired, held: Int64
    /// Granted less reversed, revoked, expired: of units not what was used.
    public let left: Int64
    /// Of money: what of it is still pending. Of units: 0.
    public let pending: Int64
    /// Of money: what of it is available, its own lot. Of units: what can be claimed.
    public let available: Int64
    /// Whether `RewardMatured` is recorded.
    public let isMatured: Bool
    /// Money: `pending`, `available` (matured), `held` (all that is left), and `reversed`, `revoked`,
    /// `expired` when nothing is left. Units: `claimable`, `claimed`, `fulfilled`, `revoked`, `expired`.
    public let state: String
}

/// A withdrawal, as it stands. Amounts are minor units.
public struct NaiveWithdrawal: Hashable, Sendable {
    /// Its id, and the user's after merges.
    public let id, user: String
    /// `requested`, `approved`, `rejected`, `cancelled`, `expired`, `sent`, `settled`, `failed`, `returned`.
    public let state: String
    /// Currency.
    public let currency: String
    /// What it is for: reduced when it was; 0 when all was given back before it was sent.
    public let amount: Int64
    /// What it was sent with; 0 before.
    public let net, tax, fee: Int64
}

/// A dispute, as it stands.
public struct NaiveDispute: Hashable, Sendable {
    /// `PROVIDER/DISPUTE`.
    public let name: String
    /// `opened`, `won`, `lost`.
    public let state: String
    /// Minor units in the payment's currency.
    public let amount: Int64
    /// What it holds of commissions.
    public let held: Int64
}

/// A fraud review.
public struct NaiveReview: Hashable, Sendable {
    /// `f1`, `f2`, …
    public let name: String
    /// The user under review.
    public let user: String
    /// `open`, `clear`, `confirm`.
    public let state: String
}

extension NaiveLedger {
    /// All commissions and grants, in log order.
    public var allRewards: [NaiveReward] { rewards.map(view) }

    /// Those of one user, in log order.
    public func rewards(_ id: String) -> [NaiveReward] {
        guard let user = user(id) else { return [] }
        return rewards.filter { $0.owner == user.number }.map(view)
    }

    /// One, by its name; nil when there is none.
    public func reward(_ name: String) -> NaiveReward? { rewards.first { $0.name == name }.map(view) }

    private func view(_ reward: Reward) -> NaiveReward {
        NaiveReward(
            name: reward.name, user: users[reward.owner].id, asset: reward.asset, granted: reward.amount,
            reversed: reward.reversed, revoked: reward.revoked, expired: reward.expired, held: reward.held,
            left: reward.left, pending: reward.pendingPart,
            available: reward.isMoney ? ownLot(reward) : reward.claimable, isMatured: reward.isMatured,
            state: state(of: reward))
    }

    private func state(of reward: Reward) -> String {
        if reward.isRevoked { return "revoked" }
        if !reward.isMoney {
            if reward.isExpiryRecorded { return "expired" }
            if reward.claimedAt == nil { return "claimable" }
            return reward.lastFulfilment == "fulfilled" ? "fulfilled" : "claimed"
        }
        if reward.left == 0 { return reward.expired > 0 ? "expired" : "reversed" }
        if reward.held == reward.left { return "held" }
        return reward.isMatured ? "available" : "pending"
    }

    /// All withdrawals, in log order.
    public var allWithdrawals: [NaiveWithdrawal] {
        withdrawals.map {
            NaiveWithdrawal(
                id: $0.id, user: users[$0.owner].id, state: $0.state.rawValue, currency: $0.currency,
                amount: $0.amount, net: $0.net, tax: $0.tax, fee: $0.fee)
        }
    }

    /// One user's, in log order.
    public func withdrawals(_ id: String) -> [NaiveWithdrawal] {
        guard let user = user(id) else { return [] }
        return allWithdrawals.filter { $0.user == user.id }
    }

    /// A dispute that was opened; nil when it was not, or is parked.
    public func dispute(provider: String, id: String) -> NaiveDispute? {
        guard let dispute = disputes[Exact("dispute", provider, id)] else { return nil }
        let held = dispute.payment.legs.flatMap(\.holds).filter { $0.reason === dispute.reason }
        return NaiveDispute(
            name: "\(provider)/\(id)", state: dispute.decision ?? "opened", amount: dispute.amount,
            held: held.reduce(0) { $0 + $1.amount })
    }

    /// All reviews, in log order.
    public var allReviews: [NaiveReview] {
        reviews.map {
            NaiveReview(
                name: "f\($0.number)", user: living($0.user).id, state: $0.decision?.decision ?? "open")
        }
    }

    /// Index of the user's tier.
    public func tier(_ id: String) -> Int { user(id)?.tier ?? 0 }

    /// Names of the badges that the user holds, sorted.
    public func badges(_ id: String) -> [String] { user(id)?.badges.sorted() ?? [] }

    /// The KYC level last approved, at a moment.
    public func kycLevel(_ id: String, at: Int64) -> Int { user(id).map { kycLevel(of: $0, at: at) } ?? 0 }

    /// Whether the user is suspended, closed (but by the rule `pay`), or under an open review.
    public func isBlocked(_ id: String) -> Bool { user(id)?.blocking != nil }

    /// Id of the user that a user was merged into, at any depth; nil when it was not.
    ///
    /// Every other question about a merged user is answered for that one.
    public func mergedInto(_ id: String) -> String? {
        guard let asked = userNumbers[Exact(id)], users[asked].mergedInto != nil else { return nil }
        return living(asked).id
    }

    /// What is available to a user in an asset, in the order in which it is taken: moment of maturity and
    /// amount.
    public func lots(_ id: String, _ asset: String) -> [(maturesAt: Int64, amount: Int64)] {
        user(id)?.lots[asset]?.map { (maturesAt: $0.maturesAt, amount: $0.amount) } ?? []
    }
}
