/// The passing of time.
extension NaiveLedger {
    /// What `advance` finds due, in the order in which it is recorded.
    private struct Due {
        enum Thing {
            case maturity(Reward)
            case referral(User)
            case code(Code)
            case expiry(Reward)
            case withdrawal(Withdrawal)
            case kyc(User)
        }

        let at: Int64
        let kind: Int
        let position: Int
        let thing: Thing
    }

    func advance(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("to")
        let to = try fields.moment("to")
        let identity = try identity("advance", fields)
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(to, now)
        var didSomething = finishLeftOver(at: max(clock, to))
        if to > clock { didSomething = true }
        // A withdrawal that expires may bring something back that was due before: then all is looked at anew.
        var isDone = false
        while !isDone {
            isDone = true
            for due in due(until: to) {
                record(due)
                didSomething = true
                if case .withdrawal = due.thing {
                    isDone = false
                    break
                }
            }
        }
        // Ends of periods need no list: a period is closed when its end + grace is not after the clock.
        clock = max(clock, to)
        if !didSomething { return .repeated }
        remember(identity)
        return .accepted
    }

    /// A commission or grant of which nothing is left does not mature, one that is all held does.
    ///
    /// A grant of which nothing is there to expire is due again when something comes back: money also when its
    /// expiry is recorded, since a case may have held a part of it then.
    private func due(until to: Int64) -> [Due] {
        var due: [Due] = []
        for reward in unmatured where reward.maturesAt <= to && reward.left > 0 {
            let kind = reward.isCommission ? 0 : 4
            due.append(
                Due(at: reward.maturesAt, kind: kind, position: reward.position, thing: .maturity(reward)))
        }
        for user in users where user.mergedInto == nil {
            if let deadline = deadline(of: user), deadline <= to {
                due.append(Due(at: deadline, kind: 1, position: user.number, thing: .referral(user)))
            }
            if let end = user.kycExpiresAt, end <= to {
                due.append(Due(at: end, kind: 7, position: user.kycPosition, thing: .kyc(user)))
            }
        }
        for (index, code) in expiringCodes.enumerated() {
            guard let end = code.expiresAt, end <= to else { continue }
            due.append(Due(at: end, kind: 2, position: index, thing: .code(code)))
        }
        for grant in grants where !grant.isExpiryRecorded || grant.isMoney && !grant.isRevoked {
            guard let end = grant.expiresAt, end <= to else { continue }
            let willMature = grant.isMoney && grant.maturesAt <= end && grant.left > 0
            if expirable(grant) == 0 && !(willMature && grant.pendingPart > 0) { continue }
            due.append(Due(at: end, kind: 5, position: grant.position, thing: .expiry(grant)))
        }
        for withdrawal in withdrawals where withdrawal.isUnsent {
            guard let end = withdrawal.expiresAt, end <= to else { continue }
            due.append(Due(at: end, kind: 6, position: withdrawal.position, thing: .withdrawal(withdrawal)))
        }
        return due.sorted { ($0.at, $0.kind, $0.position) < ($1.at, $1.kind, $1.position) }
    }

    /// What of a grant would expire now.
    private func expirable(_ grant: Reward) -> Int64 { grant.isMoney ? holdable(grant) : grant.claimable }

    private func record(_ due: Due) {
        switch due.thing {
        case .maturity(let reward): mature(reward)
        case .referral(let user):
            event("referralExpired", at: due.at)
            user.stage = .expired
        case .code(let code):
            event("codeExpired", at: due.at)
            code.isExpiryRecorded = true
            expiringCodes.removeAll { $0 === code }
        case .expiry(let grant): expire(grant, at: due.at)
        case .withdrawal(let withdrawal):
            giveBack(withdrawal, withdrawal.amount, as: "withdrawalExpired", at: due.at)
            holdReturned()
            withdrawal.state = .expired
        case .kyc(let user):
            event("kycExpired", at: due.at)
            user.kycLevel = 0
            user.kycExpiresAt = nil
        }
    }

    private func mature(_ reward: Reward) {
        let part = reward.pendingPart
        event("rewardMatured", at: reward.maturesAt)
        reward.isMatured = true
        // The commissions of a payment mature together, also those of which nothing is left.
        let together = payments.values.first { $0.legs.contains { $0 === reward } }?.legs ?? []
        for leg in together where leg.left == 0 { leg.isMatured = true }
        unmatured.removeAll { $0 === reward || $0.isMatured }
        credit(reward.owner, reward.asset, part, from: .pending(reward.owner), as: lot(of: reward))
    }

    /// `RewardExpired`; what is held stays held.
    private func expire(_ grant: Reward, at: Int64) {
        let part = expirable(grant)
        // A maturity just before may have gone into a debt.
        if part == 0 { return }
        event("rewardExpired", at: at)
        if !grant.isMoney {
            post(.claimable(grant.owner), .issued, part, grant.asset)
            grant.claimable = 0
        } else if grant.isMatured {
            takeOwnLot(grant, part)
            post(.available(grant.owner), .breakage, part, grant.asset)
        } else {
            post(.pending(grant.owner), .breakage, part, grant.asset)
        }
        grant.expired += part
        grant.isExpiryRecorded = true
    }
}
