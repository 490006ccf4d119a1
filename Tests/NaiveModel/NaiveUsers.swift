/// Suspension, closure, merging, fraud reviews.
extension NaiveLedger {
    /// `suspend` and `reinstate`.
    func suspend(_ type: String, _ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("userId reason at")
        let userID = try fields.id("userId")
        // The rules name a reason for `suspend` only; `reinstate` may have one.
        if type == "suspend" || fields.has("reason") { _ = try fields.words("reason") }
        let at = try fields.moment("at")
        let identity = try keyed(type, fields)
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)
        let user = try knownUser(userID)
        if (type == "suspend") != (user.suspension == nil) { throw Refusal("user.state") }
        remember(identity)
        if let suspension = user.suspension {
            event("userReinstated", at: at)
            user.suspension = nil
            finish(suspension, isRevoked: false, user: user.number, at: at)
        } else {
            event("userSuspended", at: at)
            user.suspension = Case("suspension")
        }
        return .accepted
    }

    /// Releases or revokes what a case holds: until 512 events are made now, the rest by the next `advance`.
    private func finish(_ reason: Case, isRevoked: Bool, user: Int, at: Int64) {
        var events = 0
        for reward in holds(of: reason) {
            if events >= 512 {
                leftOver.append((reason: reason, isRevoked: isRevoked, user: user))
                return
            }
            events += settle(reward, of: reason, isRevoked: isRevoked, at: at)
        }
    }

    /// Settles one hold of a case; the number of events.
    private func settle(_ reward: Reward, of reason: Case, isRevoked: Bool, at: Int64) -> Int {
        if !isRevoked { return release(reward, of: reason, at: at) }
        let hold = reward.holds.first { $0.reason === reason }
        revokeMoney(reward, hold?.amount ?? 0, for: reason, at: at)
        return 1
    }

    /// What 512 left; true when there was something.
    func finishLeftOver(at: Int64) -> Bool {
        var didSomething = false
        for left in leftOver {
            for reward in holds(of: left.reason) {
                _ = settle(reward, of: left.reason, isRevoked: left.isRevoked, at: at)
                didSomething = true
            }
        }
        leftOver = []
        return didSomething
    }

    // MARK: - Closing

    func closeUser(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("userId reason at")
        let userID = try fields.id("userId")
        _ = try fields.words("reason")
        let at = try fields.moment("at")
        let identity = try keyed("closeUser", fields)
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)
        let user = try knownUser(userID)
        if user.closure != nil { throw Refusal("user.state") }
        remember(identity)
        event("userClosed", at: at)
        user.closure = Case("closure")
        user.closureRule = policy.closure
        if policy.closure != .forfeit { return .accepted }
        let unsent = withdrawals.filter { $0.owner == user.number && $0.isUnsent }
        for withdrawal in unsent.sorted(by: { $0.position > $1.position }) {
            giveBack(withdrawal, withdrawal.amount, as: "withdrawalCancelled", at: at)
            withdrawal.state = .cancelled
        }
        // What disputes are about is not there to be forfeited.
        holdReturned()
        for (asset, balance) in user.balances.sorted(by: { $0.key < $1.key }) where balance.available > 0 {
            event("balanceForfeited", at: at)
            _ = takeLots(user.number, asset, balance.available)
            post(.available(user.number), .breakage, balance.available, asset)
        }
        return .accepted
    }

    // MARK: - Merging

    func mergeUsers(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("userId intoUserId approvers at")
        let fromID = try fields.id("userId")
        let intoID = try fields.id("intoUserId")
        let approvers = try fields.approvers()
        let at = try fields.moment("at")
        let identity = try keyed("mergeUsers", fields)
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)
        let from = try knownUser(fromID)
        let into = try knownUser(intoID)
        if from.number == into.number { throw Refusal("merge.same") }
        if isBelow(from, into) || isBelow(into, from) { throw Refusal("merge.cycle") }
        for user in [from, into]
        where user.suspension != nil || user.closure != nil || !user.openReviews.isEmpty {
            throw Refusal("user.blocked")
        }
        for user in [from, into] { try checkApprovers(approvers, user) }
        remember(identity)
        event("usersMerged", at: at)
        moveMoney(from, into)
        moveThings(from, into)
        mergeBoards(from.number, into.number)
        mergeUse(from.number, into.number)
        from.mergedInto = into.number
        return .accepted
    }

    private func moveMoney(_ from: User, _ into: User) {
        let (old, new) = (from.number, into.number)
        for asset in from.balances.keys.sorted() {
            // A badge is had once.
            if asset.hasPrefix("BADGE:"), self.balance(old, asset).claimable > 0,
                self.balance(new, asset).claimable > 0
            {
                post(.claimable(old), .issued, 1, asset)
            }
            let balance = self.balance(old, asset)
            post(.pending(old), .pending(new), balance.pending, asset)
            post(.available(old), .available(new), balance.available, asset)
            post(.held(old), .held(new), balance.held, asset)
            post(.reserved(old), .reserved(new), balance.reserved, asset)
            post(.claimable(old), .claimable(new), balance.claimable, asset)
            post(.receivable(new), .receivable(old), balance.receivable, asset)
            for lot in from.lots[asset] ?? [] { addLot(new, asset, lot.amount, lot) }
            // Rewards are the other's from then on, and with them what was earned.
            into.balances[asset, default: NaiveBalance()].earned += balance.earned
            into.balances[asset, default: NaiveBalance()].reversed += balance.reversed
            from.balances[asset]?.earned = 0
            from.balances[asset]?.reversed = 0
            // The one's debt with the other's money.
            let both = self.balance(new, asset)
            let netted = min(both.available, both.receivable)
            _ = takeLots(new, asset, netted)
            post(.available(new), .receivable(new), netted, asset)
        }
        for reward in rewards where reward.owner == from.number { reward.owner = into.number }
        for asset in Set(grants.filter { !$0.isMoney }.map(\.asset)).sorted() {
            let both = self.balance(new, asset)
            _ = takeUnits(of: new, asset, min(both.claimable, both.receivable), to: .receivable(new))
        }
        from.lots = [:]
    }

    private func moveThings(_ from: User, _ into: User) {
        for reward in rewards where reward.owner == from.number { reward.owner = into.number }
        for withdrawal in withdrawals where withdrawal.owner == from.number { withdrawal.owner = into.number }
        for payment in payments.values where payment.payer == from.number { payment.payer = into.number }
        for code in codes.values where code.owner == from.number { code.owner = into.number }
        into.codes += from.codes
        for child in from.children { users[child].parent = into.number }
        into.children += from.children
        into.referrals += from.referrals
        into.conversions += from.conversions
        for (day, count) in from.attributionsByDay { into.attributionsByDay[day, default: 0] += count }
        into.flaggedDays.formUnion(from.flaggedDays)
        // A bonus is granted once and a badge held once, whichever of the two names had it.
        into.bonusLevels.formUnion(from.bonusLevels)
        into.badges.formUnion(from.badges)
        into.hasPayment = into.hasPayment || from.hasPayment
        into.qualifyingPayments += from.qualifyingPayments
        (from.codes, from.children) = ([], [])
        (from.referrals, from.conversions, from.qualifyingPayments) = (0, 0, 0)
        // With a referrer of its own, the one that stays keeps it, and the other's referral stands still.
        guard into.parent == nil, let parent = from.parent else { return }
        into.parent = parent
        into.attributedAt = from.attributedAt
        into.stage = from.stage
        into.isCompletedByPayment = from.isCompletedByPayment
        into.completedAt = from.completedAt
        users[parent].children = users[parent].children.map { $0 == from.number ? into.number : $0 }
        for grant in grants where grant.referral == from.number { grant.referral = into.number }
        from.parent = nil
        from.stage = nil
    }

    /// The rules do not speak of boards. Here: open boards list the one that stays with what both had; closed
    /// ones do not change.
    private func mergeBoards(_ from: Int, _ into: Int) {
        for key in boards.keys where !isClosed(key.period) {
            // Nothing added changes no score, nor when it was reached.
            guard let score = boards[key]?.removeValue(forKey: from), score.value != 0 else { continue }
            boards[key, default: [:]][into, default: Score()].value += score.value
            boards[key, default: [:]][into, default: Score()].reachedAt = position
        }
    }

    // MARK: - Reviews

    private func openReview(of user: User, at: Int64) -> Review {
        event("fraudFlagged", at: at)
        let review = Review(number: reviews.count + 1, user: user.number)
        reviews.append(review)
        user.openReviews.append(review)
        return review
    }

    /// Counts an attribution; the one above the policy's number in a day opens a review, once a day.
    func watchVelocity(of referrer: User, at: Int64) {
        let day = dayNumber(at)
        referrer.attributionsByDay[day, default: 0] += 1
        guard let limit = policy.attributionsPerDay, referrer.attributionsByDay[day] == limit + 1 else {
            return
        }
        if !referrer.flaggedDays.insert(day).inserted { return }
        _ = openReview(of: referrer, at: at)
    }

    func flag(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("userId rule severity evidence rewardId provider paymentId at")
        let userID = try fields.id("userId")
        _ = try fields.words("rule")
        _ = try fields.choice("severity", "low medium high")
        _ = try fields.text("evidence")
        let rewardID = try fields.optionalID("rewardId")
        let provider = try fields.optionalID("provider")
        let paymentID = try fields.optionalID("paymentId")
        if (provider == nil) != (paymentID == nil) { throw Refusal("field.missing") }
        if rewardID != nil && paymentID != nil { throw Refusal("field.value") }
        let at = try fields.moment("at")
        let identity = try keyed("flag", fields)
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)
        let user = try knownUser(userID)
        var named: [Reward] = []
        var subject: Payment?
        if let rewardID {
            named = grants.filter { $0.name == rewardID && $0.owner == user.number }
            if named.isEmpty { throw Refusal("reward.unknown") }
        }
        if let provider, let paymentID {
            guard let payment = payments[Exact(provider, paymentID)] else { throw Refusal("reward.unknown") }
            named = payment.legs.filter { $0.owner == user.number }
            subject = payment
        }
        remember(identity)
        let review = openReview(of: user, at: at)
        review.named = named
        review.payment = subject
        for reward in named where reward.isMoney {
            let amount = holdable(reward)
            if amount > 0 { hold(reward, amount, for: review.reason, at: at) }
        }
        return .accepted
    }

    func review(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("reviewId decision at")
        let id = try fields.id("reviewId")
        let decision = try fields.choice("decision", "clear confirm")
        let at = try fields.moment("at")
        let actor = fields.actor
        let identity = try identity("review", fields)
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)
        guard let review = reviews.first(where: { "f\($0.number)" == id }) else {
            throw Refusal("review.unknown")
        }
        if let before = review.decision {
            if before.decision == decision && before.at == at { return .repeated }
            throw Refusal("review.decided")
        }
        let user = living(review.user)
        guard let reviewer = actor.id, !isUser(reviewer, user.number), actor.mayApprove else {
            throw Refusal("review.reviewer")
        }
        if review.payment?.isSetAside == true || review.named.contains(where: \.isSetAside)
            || rewards.contains(where: {
                $0.heldBefore.contains { $0.reason === review.reason && $0.amount > 0 }
            })
        {
            throw Refusal("fact.quarantined")
        }
        remember(identity)
        event("reviewDecided", at: at)
        review.decision = (decision: decision, at: at)
        user.openReviews.removeAll { $0 === review }
        if decision == "confirm" {
            // All that is left of what was named, this review's hold of it first.
            for reward in review.named where reward.left > 0 {
                if reward.isMoney {
                    revokeMoney(reward, reward.left, for: review.reason, at: at)
                } else {
                    revokeGrant(reward, at: at)
                }
            }
        }
        finish(review.reason, isRevoked: decision == "confirm", user: user.number, at: at)
        return .accepted
    }

    func riskScore(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("userId source score at")
        let userID = try fields.id("userId")
        _ = try fields.words("source")
        _ = try fields.number("score", in: 0...1_000)
        let at = try fields.moment("at")
        let identity = try keyed("riskScore", fields)
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)
        _ = try knownUser(userID)
        remember(identity)
        event("riskScoreReported", at: at)
        return .accepted
    }
}
