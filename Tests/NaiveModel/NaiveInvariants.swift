/// What must hold after every line, worked out anew from what the model keeps.
extension NaiveLedger {
    /// What is wrong; empty when all is well. Costs O(users + rewards + payments).
    public func invariants() -> [String] {
        balanceFaults() + rewardFaults() + forestFaults() + paymentFaults() + withdrawalFaults()
    }

    private func balanceFaults() -> [String] {
        var faults: [String] = []
        var sums: [String: [String: Int128]] = [:]
        for user in users {
            for (asset, balance) in user.balances {
                let name = "\(user.id) \(asset)"
                let all = [
                    balance.pending, balance.available, balance.held, balance.receivable, balance.earned,
                    balance.reversed, balance.reserved, balance.claimable,
                ]
                if all.contains(where: { $0 < 0 }) { faults.append("\(name): below zero") }
                if balance.available != 0 && balance.receivable != 0 {
                    faults.append("\(name): has money and owes money")
                }
                if user.mergedInto != nil && all.contains(where: { $0 != 0 }) {
                    faults.append("\(name): merged, and has something")
                }
                sums["pending", default: [:]][asset, default: 0] -= Int128(balance.pending)
                sums["available", default: [:]][asset, default: 0] -= Int128(balance.available)
                sums["held", default: [:]][asset, default: 0] -= Int128(balance.held)
                sums["receivable", default: [:]][asset, default: 0] += Int128(balance.receivable)
                sums["reserved", default: [:]][asset, default: 0] -= Int128(balance.reserved)
                sums["claimable", default: [:]][asset, default: 0] -= Int128(balance.claimable)
                let entries = user.statement.map(\.entry).filter { $0.currency == asset }
                if entries.reduce(0, { $0 + $1.pending }) != balance.pending
                    || entries.reduce(0, { $0 + $1.available }) != balance.available
                    || entries.reduce(0, { $0 + $1.held }) != balance.held
                    || entries.reduce(0, { $0 + $1.receivable }) != balance.receivable
                {
                    faults.append("\(name): the statement does not add up")
                }
            }
        }
        for asset in Set(totals.values.flatMap(\.keys)) {
            if totals.values.reduce(0, { $0 + ($1[asset] ?? 0) }) != 0 {
                faults.append("\(asset): does not sum to zero")
            }
            for account in ["pending", "available", "held", "receivable", "reserved", "claimable"]
            where (totals[account]?[asset] ?? 0) != (sums[account]?[asset] ?? 0) {
                faults.append("\(account) \(asset): total is not the sum of the users")
            }
        }
        return faults
    }

    private func rewardFaults() -> [String] {
        var faults: [String] = []
        var expected: [Exact: NaiveBalance] = [:]
        for reward in rewards {
            let row = Exact(String(reward.owner), reward.asset)
            if [reward.reversed, reward.revoked, reward.expired, reward.left, reward.pendingPart].contains(
                where: { $0 < 0 })
            {
                faults.append("reward \(reward.name): below zero")
            }
            if reward.left < reward.held { faults.append("reward \(reward.name): more is held than is left") }
            expected[row, default: NaiveBalance()].pending += reward.pendingPart
            expected[row, default: NaiveBalance()].held += reward.held
            expected[row, default: NaiveBalance()].claimable += reward.claimable
            expected[row, default: NaiveBalance()].earned += reward.left + reward.expired
            if reward.isCommission {
                expected[row, default: NaiveBalance()].reversed += reward.reversed + reward.revoked
            }
        }
        for user in users {
            for (asset, balance) in user.balances where !asset.hasPrefix("BADGE:") {
                let row = expected[Exact(String(user.number), asset)] ?? NaiveBalance()
                let lots = user.lots[asset] ?? []
                if balance.pending != row.pending || balance.held != row.held
                    || balance.claimable != row.claimable || balance.earned != row.earned
                    || balance.reversed != row.reversed
                {
                    faults.append("\(user.id) \(asset): not the sum of the rewards")
                }
                if lots.reduce(0, { $0 + $1.amount }) != balance.available
                    || lots.contains(where: { $0.amount <= 0 })
                {
                    faults.append("\(user.id) \(asset): the lots are not what is available")
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
            if payment.qualifies { qualifying[payment.payer] += 1 }
            if min(payment.refunded, payment.lost) < 0 || payment.headroom < 0 {
                faults.append("a payment of \(payment.amount): \(payment.refunded) and \(payment.lost) back")
            }
            // A correction says what is taken back of a leg, whatever its share.
            for leg in payment.legs where payment.amount > 0 && !leg.isCorrected {
                let wanted = target(leg, payment, counted: payment.counted)
                let isRight = leg.revoked == 0 ? leg.reversed == wanted : leg.reversed + leg.revoked >= wanted
                if !isRight { faults.append("commission \(leg.name): wrong reversal") }
            }
        }
        for user in users {
            if qualifying[user.number] != user.qualifyingPayments {
                faults.append("\(user.id): wrong number of qualifying payments")
            }
            let isCompleted = user.stage == .completed && user.isCompletedByPayment
            if isCompleted && user.mergedInto == nil && user.qualifyingPayments == 0 {
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

    private func withdrawalFaults() -> [String] {
        var faults: [String] = []
        var reserved: [Exact: Int64] = [:]
        for withdrawal in withdrawals {
            let row = Exact(String(withdrawal.owner), withdrawal.currency)
            if withdrawal.isUnsent { reserved[row, default: 0] += withdrawal.amount }
            let lots = withdrawal.lots.reduce(0) { $0 + $1.amount }
            let hasLots = withdrawal.state != .failed && withdrawal.state != .returned
            if hasLots && lots != withdrawal.amount {
                faults.append("withdrawal \(withdrawal.id): its lots are not its amount")
            }
        }
        for user in users {
            for (asset, balance) in user.balances
            where balance.reserved != reserved[Exact(String(user.number), asset)] ?? 0 {
                faults.append("\(user.id) \(asset): reserved is not the sum of the withdrawals")
            }
        }
        return faults
    }
}
