/// Caps and budgets.
extension NaiveLedger {
    /// What the caps leave of an amount that is about to be granted: all, a part, nothing.
    func capped(_ amount: Int64, _ asset: String, to user: Int, at: Int64) -> Int64 {
        var rest = amount
        for cap in policy.caps + budgets where cap.asset == asset {
            rest = min(rest, max(0, self.rest(of: cap, user: user, at: at)))
        }
        return policy.refusesExcess && rest < amount ? 0 : rest
    }

    /// What may still be granted under a cap in the period that a moment is in.
    private func rest(of cap: Cap, user: Int, at: Int64) -> Int64 {
        let granted = capUse[useName(cap, user, at)] ?? 0
        return cap.amount - granted
    }

    private func useName(_ cap: Cap, _ user: Int, _ at: Int64) -> Exact {
        Exact(
            "\(cap.isPerUser ? user : -1) \(cap.asset) \(cap.period) \(NaiveLedger.period(cap.period, of: at))"
        )
    }

    /// Counts for every kind of cap that there has been: from the first cap or budget of that kind on, and
    /// never below nothing.
    func countUse(of reward: Reward, _ amount: Int64) {
        var seen: Set<Exact> = []
        for cap in policy.caps + budgetsEver where cap.asset == reward.asset {
            let name = useName(cap, reward.owner, reward.at)
            if seen.insert(name).inserted { capUse[name] = max(0, (capUse[name] ?? 0) + amount) }
        }
    }

    /// What the one that goes has used counts for the one that stays.
    func mergeUse(_ from: Int, _ into: Int) {
        for (name, used) in capUse {
            let words = String(decoding: name.bytes, as: UTF8.self).split(separator: " ", maxSplits: 1)
            if words[0] == "\(from)" { capUse[Exact("\(into) \(words[1])"), default: 0] += used }
        }
    }

    /// The first nanosecond of a day, week or month; 0 for all time.
    static func period(_ period: CapPeriod, of moment: Int64) -> Int64 {
        switch period {
        case .day: return Int64(dayNumber(moment)) * dayNanoseconds
        case .week:
            guard case .week(let start) = week(of: moment) else { return 0 }
            return start
        case .month:
            guard case .month(let start) = month(of: moment) else { return 0 }
            return start
        case .ever: return 0
        }
    }

    /// `BudgetExhausted` for each cap of the programme that a grant has just used up, once in its period.
    func noteExhausted(_ asset: String, at: Int64) {
        for (index, cap) in (policy.caps + budgets).enumerated() where cap.asset == asset && !cap.isPerUser {
            if rest(of: cap, user: 0, at: at) > 0 { continue }
            let start = NaiveLedger.period(cap.period, of: at)
            let isOfPolicy = index < policy.caps.count
            let name = Exact("\(isOfPolicy) \(asset) \(cap.period) \(cap.amount) \(start)")
            if exhausted.insert(name).inserted { event("budgetExhausted", at: at) }
        }
    }

    func setBudget(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("currency amount period at")
        let asset = try fields.asset("currency")
        let amount = try fields.positive("amount", in: asset)
        let word = try fields.choice("period", "day week month ever")
        let at = try fields.moment("at")
        let identity = try keyed("setBudget", fields)
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)
        guard let period = CapPeriod(rawValue: word) else { throw Refusal("field.value") }
        remember(identity)
        event("budgetSet", at: at)
        budgets.removeAll { $0.asset == asset && $0.period == period }
        budgetsEver.append(Cap(isPerUser: false, asset: asset, amount: amount, period: period))
        budgets.append(Cap(isPerUser: false, asset: asset, amount: amount, period: period))
        return .accepted
    }
}
