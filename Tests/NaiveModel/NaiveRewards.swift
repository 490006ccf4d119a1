/// Stage rewards, tiers, badges: what conversions give and take.
extension NaiveLedger {
    /// What the stages that a referral passed give, then badges and tier of the referrer.
    func grantForStages(_ referee: User, _ passed: [ReferralStage], at: Int64) {
        guard let parent = referee.parent else { return }
        for stage in passed {
            for rule in policy.rewardRules where rule.stage == stage {
                let tier = min(users[parent].tier, rule.amounts.count - 1)
                let owner = rule.isForReferee ? referee.number : parent
                let hasOne = grants.contains {
                    $0.referral == referee.number && $0.stage == stage && $0.asset == rule.asset
                        && $0.isForReferee == rule.isForReferee && !$0.isRevoked
                }
                if hasOne { continue }
                let made = grant(
                    rule.amounts[tier], rule.asset, to: owner, at: at, holdingDays: rule.holdingDays,
                    expiryDays: rule.expiryDays)
                made?.referral = referee.number
                made?.stage = stage
                made?.isForReferee = rule.isForReferee
            }
        }
        if !passed.contains(.completed) { return }
        raiseStanding(of: users[parent], at: at)
    }

    /// Badges and tier of one who has more conversions.
    func raiseStanding(of user: User, at: Int64) {
        awardBadges(user, at: at)
        raiseTier(user, at: at)
    }

    /// `RewardGranted`, as far as the caps let it; nil when nothing is left. A bonus that a cap cuts to
    /// nothing has not been had.
    ///
    /// An amount of zero (a tier that gets none) is no grant.
    private func grant(
        _ amount: Int64, _ asset: String, to owner: Int, at: Int64, holdingDays: Int, expiryDays: Int?
    ) -> Reward? {
        let granted = capped(amount, asset, to: owner, at: at)
        if granted == 0 { return nil }
        let isMoney = exponents[asset] != nil
        let reward = Reward(
            name: "r\(grants.count + 1)", isCommission: false, owner: owner, amount: granted, asset: asset,
            at: at, maturesAt: later(at, isMoney ? holdingDays : 0),
            expiresAt: expiryDays.map { later(at, $0) })
        event("rewardGranted", at: at)
        reward.position = position
        rewards.append(reward)
        grants.append(reward)
        if isMoney {
            unmatured.append(reward)
            post(.expense, .pending(owner), granted, asset)
        } else {
            let repaid = min(balance(owner, asset).receivable, granted)
            reward.claimable = granted - repaid
            post(.issued, .receivable(owner), repaid, asset)
            post(.issued, .claimable(owner), granted - repaid, asset)
        }
        earn(reward, granted, isGrant: true)
        noteExhausted(asset, at: at)
        holdIfBlocked(reward, at: at)
        return reward
    }

    /// Some days later, or the end of time.
    private func later(_ at: Int64, _ days: Int) -> Int64 { (try? moment(at, plusDays: days)) ?? .max }

    // MARK: - Badges and tiers

    private func awardBadges(_ user: User, at: Int64) {
        for badge in policy.badges where badge.threshold <= user.conversions {
            if !user.badges.insert(badge.name).inserted { continue }
            event("badgeAwarded", at: at)
            post(.issued, .claimable(user.number), 1, "BADGE:" + badge.name)
        }
    }

    /// The highest level that so many conversions reach.
    private func level(for conversions: Int) -> Int {
        policy.tiers.lastIndex { $0.threshold <= conversions } ?? 0
    }

    private func raiseTier(_ user: User, at: Int64) {
        let to = level(for: user.conversions)
        if to <= user.tier { return }
        event("tierChanged", at: at)
        let passed = (user.tier + 1)...to
        user.tier = to
        for level in passed where !user.bonusLevels.contains(level) {
            for bonus in policy.tiers[level].bonuses {
                let made = grant(
                    bonus.amount, bonus.asset, to: user.number, at: at, holdingDays: policy.holdingDays,
                    expiryDays: nil)
                guard let made else { continue }
                made.bonusLevel = level
                user.bonusLevels.insert(level)
            }
        }
    }

    // MARK: - A referral that is reverted

    /// Takes back what a completion gave, then badges and tier of the referrer.
    func revokeAfterReversion(of referee: User, at: Int64) {
        guard let parent = referee.parent else { return }
        if policy.revokeOnRevert {
            for grant in grants where grant.referral == referee.number && grant.stage == .completed {
                revokeGrant(grant, at: at)
            }
        }
        lowerStanding(of: users[parent], at: at)
    }

    /// Badges and tier of one who has fewer conversions.
    func lowerStanding(of user: User, at: Int64) {
        for badge in policy.badges where badge.isRevocable && badge.threshold > user.conversions {
            if user.badges.remove(badge.name) == nil { continue }
            event("badgeRevoked", at: at)
            post(.claimable(user.number), .issued, 1, "BADGE:" + badge.name)
        }
        let to = level(for: user.conversions)
        if !policy.downgrades || to >= user.tier { return }
        event("tierChanged", at: at)
        user.tier = to
        if !policy.bonusClawback { return }
        for grant in grants.reversed() where grant.owner == user.number {
            if let level = grant.bonusLevel, level > to { revokeGrant(grant, at: at) }
        }
    }

    /// `RewardRevoked` of all that is left; one that expired or has nothing left stays as it is.
    func revokeGrant(_ grant: Reward, at: Int64) {
        if grant.isSetAside { letOut(grant, at: at, holdsAgain: false) }
        // Of money what was spent in time is taken back, though the rest of it has expired.
        if grant.isExpiryRecorded && !grant.isMoney || grant.left == 0 { return }
        if grant.isMoney {
            revokeMoney(grant, grant.left, for: nil, at: at)
        } else {
            revokeUnits(grant, at: at)
        }
    }

    /// `RewardRevoked` of a part of a money reward.
    func revokeMoney(_ reward: Reward, _ amount: Int64, for reason: Case?, at: Int64) {
        take(reward, amount, for: reason, as: "rewardRevoked", at: at)
        reward.revoked += amount
        if reward.isCommission {
            users[reward.owner].balances[reward.asset, default: NaiveBalance()].reversed += amount
        }
        earn(reward, -amount)
        holdReturned()
    }

    /// What can be claimed goes back. The rest, used or gone into a debt, is owed, if the policy says so: first
    /// from what other grants have claimable, the oldest first.
    private func revokeUnits(_ grant: Reward, at: Int64) {
        if grant.claimedAt != nil && !policy.owesUsedUnits { return }
        let claimable = grant.claimable
        let owed = policy.owesUsedUnits ? grant.left - claimable : 0
        if claimable + owed == 0 { return }
        event("rewardRevoked", at: at)
        grant.claimable = 0
        post(.claimable(grant.owner), .issued, claimable, grant.asset)
        grant.revoked += claimable + owed
        let rest = takeUnits(of: grant.owner, grant.asset, owed, to: .issued)
        post(.receivable(grant.owner), .issued, rest, grant.asset)
        earn(grant, -(claimable + owed))
    }

    /// Takes units of a user's grants, the oldest first; what is not there.
    func takeUnits(of owner: Int, _ asset: String, _ amount: Int64, to account: Account) -> Int64 {
        var rest = amount
        for other in grants where other.owner == owner && other.asset == asset && rest > 0 {
            let part = min(rest, other.claimable)
            other.claimable -= part
            post(.claimable(owner), account, part, asset)
            rest -= part
        }
        return rest
    }

    // MARK: - Claims

    private func grant(named name: String) -> Reward? { grants.first { $0.name == name } }

    func claim(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("rewardId userId at")
        let id = try fields.id("rewardId")
        let userID = try fields.id("userId")
        let at = try fields.moment("at")
        let identity = try identity("claim", fields)
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)
        guard let user = user(userID), let grant = grant(named: id), grant.owner == user.number else {
            throw Refusal("reward.unknown")
        }
        if grant.isMoney { throw Refusal("reward.not_claimable") }
        // The same claim again, whatever became of it.
        if grant.claims.contains(at) { return .repeated }
        if grant.claimedAt != nil { throw Refusal("reward.claimed") }
        if grant.isRevoked { throw Refusal("reward.revoked") }
        if grant.isSetAside { throw Refusal("fact.quarantined") }
        if grant.isExpiryRecorded || (grant.expiresAt.map { $0 <= at } ?? false) {
            throw Refusal("reward.expired")
        }
        if user.blocking != nil { throw Refusal("user.blocked") }
        if grant.claimable == 0 { throw Refusal("reward.not_claimable") }
        remember(identity)
        event("rewardClaimed", at: at)
        post(.claimable(user.number), .used, grant.claimable, grant.asset)
        grant.used = grant.claimable
        grant.claimable = 0
        grant.claimedAt = at
        grant.claims.append(at)
        grant.lastFulfilment = nil
        return .accepted
    }

    func fulfil(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("rewardId status at")
        let id = try fields.id("rewardId")
        let status = try fields.choice("status", "fulfilled failed")
        let at = try fields.moment("at")
        let identity = try identity("fulfil", fields)
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)
        guard let grant = grant(named: id) else { throw Refusal("reward.unknown") }
        if grant.lastFulfilment == status { return .repeated }
        if status == "failed" && grant.failures.contains(at) { return .repeated }
        if grant.claimedAt == nil { throw Refusal("reward.not_claimed") }
        if grant.lastFulfilment == "fulfilled" { throw Refusal("reward.fulfilled") }
        remember(identity)
        grant.lastFulfilment = status
        event(status == "failed" ? "fulfilmentFailed" : "rewardFulfilled", at: at)
        if status == "failed" {
            let repaid = min(balance(grant.owner, grant.asset).receivable, grant.used)
            post(.used, .receivable(grant.owner), repaid, grant.asset)
            post(.used, .claimable(grant.owner), grant.used - repaid, grant.asset)
            grant.claimable = grant.used - repaid
            grant.used = 0
            grant.claimedAt = nil
            grant.failures.append(at)
        }
        return .accepted
    }
}
