import LedgerDomain
import LedgerLog

/// What reaching a stage, a tier, a number of conversions earns; caps; holding for those who are blocked.
extension Decider {
    // MARK: Caps

    /// What may be granted to a member under all caps that apply: the whole, a part, or nothing.
    func capped(
        _ amount: Int64, to member: Int, _ asset: AssetNumber, at moment: Timestamp, _ state: inout CoreState,
        _ now: Case
    ) -> Int64 {
        let programme = now.envelope.programme
        let firstBudget = unsafe state.programmes.peek(Int(programme.rawValue)).pointee.firstBudget
        if firstBudget == 0 { return amount }
        let policy = now.policy.policy
        var rest = amount
        func limit(_ cap: Int64, _ whole: Bool, _ period: BudgetPeriod) {
            let start = now.periods(at: moment, &state).start(of: period, at: moment)
            let row = state.usage(whole ? nil : member, programme, asset, period.rawValue, start)
            rest = min(rest, max(0, cap - (row.map { state.usages[$0].used } ?? 0)))
        }
        for cap in policy.caps where cap.asset == asset {
            limit(cap.amount, cap.scope == .programme, cap.period)
        }
        var next = firstBudget
        while next != 0 {
            let row = state.budgets[Int(next) - 1]
            next = row.next
            guard row.asset == asset.rawValue, row.amount >= 0,
                let period = BudgetPeriod(rawValue: row.period)
            else { continue }
            limit(row.amount, true, period)
        }
        return policy.capExcess == .refuse && rest < amount ? 0 : rest
    }

    /// Says of each cap on the whole programme that a grant has used up.
    func noteExhausted(
        _ asset: AssetNumber, at moment: Timestamp, _ state: inout CoreState, _ out: inout RecordBuilder,
        _ now: Case
    ) {
        let programme = now.envelope.programme
        let firstBudget = unsafe state.programmes.peek(Int(programme.rawValue)).pointee.firstBudget
        if firstBudget == 0 { return }
        var caps: [(cap: Int64, period: BudgetPeriod)] = []
        for cap in now.policy.policy.caps where cap.asset == asset && cap.scope == .programme {
            caps.append((cap.amount, cap.period))
        }
        var next = firstBudget
        while next != 0 {
            let row = state.budgets[Int(next) - 1]
            next = row.next
            guard row.asset == asset.rawValue, row.amount >= 0,
                let period = BudgetPeriod(rawValue: row.period)
            else { continue }
            caps.append((row.amount, period))
        }
        for (cap, period) in caps {
            let start = now.periods(at: moment, &state).start(of: period, at: moment)
            guard let usage = state.usage(nil, programme, asset, period.rawValue, start),
                state.usages[usage].used >= cap, state.usages[usage].flags & UsageRow.exhausted == 0
            else { continue }
            var event = BudgetExhausted()
            event.asset = asset
            event.period = period.rawValue
            event.start = Timestamp(nanoseconds: start)
            event.cap = cap
            state.emit(.budgetExhausted(event), at: moment, &out)
        }
    }

    // MARK: Holding

    /// Holds what a blocked user has just earned.
    func holdIfBlocked(
        _ amount: Int64, _ reward: LogPosition, level: UInt8, _ member: Int, _ asset: AssetNumber,
        at moment: Timestamp, _ state: inout CoreState, _ out: inout RecordBuilder
    ) {
        guard state.members[member].isBlocked, let holder = state.blockingCase(member) else { return }
        hold(
            amount, reward, level: level, matured: false, member, asset, by: holder, at: moment, &state, &out)
    }

    func hold(
        _ amount: Int64, _ reward: LogPosition, level: UInt8, matured: Bool, _ member: Int,
        _ asset: AssetNumber,
        by holder: Int, at moment: Timestamp, _ state: inout CoreState, _ out: inout RecordBuilder
    ) {
        var event = RewardHeld()
        if matured { event.flags = RewardHeld.matured }
        event.level = level
        event.reward = reward
        event.heldBy = LogPosition(state.casePositions[holder])
        event.user = UserNumber(state.members[member].user)
        event.asset = asset
        event.amount = amount
        state.emit(.rewardHeld(event), at: moment, &out)
    }

    // MARK: Grants

    /// Grants money or units, as far as caps allow.
    func grant(
        _ amount: Int64, _ asset: AssetNumber, to member: Int, about: Int, cause: RewardCause,
        side: Policy.Rewards.Side, detail: UInt8, holdingDays: Int, expiryDays: Int?, at moment: Timestamp,
        _ state: inout CoreState, _ out: inout RecordBuilder, _ now: Case
    ) {
        let allowed = capped(amount, to: member, asset, at: moment, &state, now)
        guard allowed > 0, state.hasRoom(for: allowed, asset, now.envelope.programme),
            state.rewards.count < LedgerBounds.entitiesOfAKind
        else { return }
        var event = RewardGranted()
        event.cause = cause.rawValue
        event.side = side == .referrer ? 0 : 1
        event.detail = detail
        event.beneficiary = UserNumber(state.members[member].user)
        event.referee = UserNumber(state.members[about].user)
        event.asset = asset
        event.amount = allowed
        if allowed < amount {
            event.flags |= RewardGranted.capped
            event.uncappedAmount = amount
        }
        if asset.isMoney {
            event.flags |= RewardGranted.matures
            // Past the year 2262 nothing matures.
            event.maturesAt = moment.adding(wholeDays: holdingDays) ?? Timestamp(nanoseconds: .max)
        } else {
            event.repaid = state.credit(allowed, member, asset).receivable
            if event.repaid > 0 { event.flags |= RewardGranted.repays }
        }
        if let end = expiryDays.flatMap({ moment.adding(wholeDays: $0) }) {
            event.flags |= RewardGranted.expires
            event.expiresAt = end
        }
        let position = out.encoder.context.position
        state.emit(.rewardGranted(event), at: moment, &out)
        if asset.isMoney {
            holdIfBlocked(allowed, position, level: 0, member, asset, at: moment, &state, &out)
        }
        noteExhausted(asset, at: moment, &state, &out, now)
    }

    /// What a referral's stages earn, after they were passed; then the referrer's badges and tier.
    func reward(
        _ stages: [ReferralStage], of member: Int, converted: Bool, at moment: Timestamp,
        _ state: inout CoreState,
        _ out: inout RecordBuilder, _ now: Case
    ) throws(LogError) {
        let parent = state.members[member].parent
        guard parent != 0 else { return }
        let referrer = state.resolve(Int(parent) - 1)
        let rules = now.policy.policy.rewards.rules
        for stage in stages {
            for rule in rules where rule.stage == stage {
                let beneficiary = rule.side == .referrer ? referrer : member
                let amount: Int64
                switch rule.amount {
                case .fixed(let fixed): amount = fixed
                case .byTier(let amounts):
                    let tier = Int(state.profile(referrer).tier)
                    amount = amounts.isEmpty ? 0 : amounts[min(tier, amounts.count - 1)]
                }
                if amount == 0 || state.hasStageReward(member, stage, rule.side, rule.asset) { continue }
                grant(
                    amount, rule.asset, to: beneficiary, about: member, cause: .stage, side: rule.side,
                    detail: stage.rawValue, holdingDays: rule.holdingDays, expiryDays: rule.expiryDays,
                    at: moment, &state, &out, now)
            }
        }
        if converted { try raise(referrer, at: moment, &state, &out, now) }
    }

    /// Badges and tier after a conversion.
    func raise(
        _ member: Int, at moment: Timestamp, _ state: inout CoreState, _ out: inout RecordBuilder, _ now: Case
    ) throws(LogError) {
        let policy = now.policy.policy
        let count = Int(state.members[member].conversions)
        let user = UserNumber(state.members[member].user)
        for badge in policy.badges where badge.threshold <= count {
            guard let asset = try badgeAsset(badge.name, &state, &out),
                state.balance(member: member, asset: asset).settled == 0,
                state.hasRoom(for: 1, asset, now.envelope.programme)
            else { continue }
            var event = BadgeAwarded()
            event.user = user
            event.asset = asset
            event.threshold = UInt64(badge.threshold)
            state.emit(.badgeAwarded(event), at: moment, &out)
        }
        let from = Int(state.profile(member).tier)
        let to = policy.tier(forConversions: count)
        guard to > from else { return }
        change(member, from: from, to: to, at: moment, &state, &out)
        for index in (from + 1)...to where state.profile(member).bonuses & 1 << UInt16(index) == 0 {
            for bonus in policy.tiers.levels[index].bonuses.entries {
                grant(
                    bonus.amount, bonus.asset, to: member, about: member, cause: .tierBonus, side: .referrer,
                    detail: UInt8(index), holdingDays: policy.commission.holdingDays, expiryDays: nil,
                    at: moment,
                    &state, &out, now)
            }
        }
    }

    private func change(
        _ member: Int, from: Int, to: Int, at moment: Timestamp, _ state: inout CoreState,
        _ out: inout RecordBuilder
    ) {
        var event = TierChanged()
        event.user = UserNumber(state.members[member].user)
        event.from = UInt8(from)
        event.to = UInt8(to)
        state.emit(.tierChanged(event), at: moment, &out)
    }

    /// What a reverted referral takes back: its completion's grants, then the referrer's badges and tier.
    func lower(
        after reverted: Int, at moment: Timestamp, _ state: inout CoreState, _ out: inout RecordBuilder,
        _ now: Case
    ) throws(LogError) {
        let policy = now.policy.policy
        let member = state.resolve(Int(state.members[reverted].parent) - 1)
        if policy.rewards.revokeOnRevert {
            for number in state.stageRewards(about: reverted, .completed) {
                try revoke(number, .reverted, holder: nil, at: moment, &state, &out, now)
            }
        }
        try lowerStanding(of: member, at: moment, &state, &out, now)
    }

    /// Badges and tier after a conversion is gone.
    func lowerStanding(
        of member: Int, at moment: Timestamp, _ state: inout CoreState, _ out: inout RecordBuilder,
        _ now: Case
    ) throws(LogError) {
        let policy = now.policy.policy
        let count = Int(state.members[member].conversions)
        let user = UserNumber(state.members[member].user)
        for badge in policy.badges where badge.revocable && badge.threshold > count {
            guard
                let asset = try state.findSymbol(SymbolDefined.asset, arena.text(badgeCode(badge.name))).map({
                    AssetNumber(rawValue: AssetNumber.firstLedgerDefined.rawValue + $0.rawValue)
                }), state.balance(member: member, asset: asset).settled > 0
            else { continue }
            var event = BadgeRevoked()
            event.user = user
            event.asset = asset
            event.threshold = UInt64(badge.threshold)
            state.emit(.badgeRevoked(event), at: moment, &out)
        }
        let from = Int(state.profile(member).tier)
        let to = policy.tier(forConversions: count)
        guard policy.tiers.downgrade == .below, to < from else { return }
        change(member, from: from, to: to, at: moment, &state, &out)
        guard policy.tiers.bonusClawback else { return }
        for number in state.bonuses(of: member, above: to) {
            try revoke(number, .tierLost, holder: nil, at: moment, &state, &out, now)
        }
    }

    private func badgeCode(_ name: String) -> String { "BADGE:\(name)" }

    /// A badge's asset, defined in this record when it is new; nil when there are no numbers left.
    func badgeAsset(_ name: String, _ state: inout CoreState, _ out: inout RecordBuilder)
        throws(LogError)
        -> AssetNumber?
    {
        let first = AssetNumber.firstLedgerDefined.rawValue
        let code = arena.text(badgeCode(name))
        if let known = try state.findSymbol(SymbolDefined.asset, code) {
            return AssetNumber(rawValue: first + known.rawValue)
        }
        guard state.symbols.count < Int(UInt16.max - first) else { return nil }
        return AssetNumber(
            rawValue: first + (try define(code, kind: SymbolDefined.asset, &state, &out)).rawValue)
    }
}

extension Decider.Case {
    /// The policy by whose zone a moment's periods go.
    func periods(at moment: Timestamp, _ state: inout CoreState) -> CachedPolicy {
        guard let index = state.policyIndex(envelope.programme, at: moment) else { return policy }
        return (try? state.policy(index)) ?? policy
    }
}

extension CoreState {
    /// The unrevoked grants of a referral for a stage, in the order in which they were made.
    func stageRewards(about member: Int, _ stage: ReferralStage) -> [Int] {
        var out: [Int] = []
        var next = profile(member).firstAbout
        while next != 0 {
            let row = rewards[Int(next) - 1]
            if row.cause == RewardCause.stage.rawValue, row.detail == stage.rawValue, !row.isRevoked {
                out.append(Int(next) - 1)
            }
            next = row.nextAbout
        }
        return out.reversed()
    }

    /// Whether a referral's stage has earned this already.
    func hasStageReward(
        _ member: Int, _ stage: ReferralStage, _ side: Policy.Rewards.Side, _ asset: AssetNumber
    ) -> Bool {
        stageRewards(about: member, stage).contains {
            rewards[$0].side == (side == .referrer ? 0 : 1) && rewards[$0].asset == asset.rawValue
        }
    }

    /// A member's unrevoked bonuses of the tiers above one, the latest first.
    func bonuses(of member: Int, above tier: Int) -> [Int] {
        var out: [Int] = []
        var next = profile(member).firstReward
        while next != 0 {
            let row = rewards[Int(next) - 1]
            if row.cause == RewardCause.tierBonus.rawValue, Int(row.detail) > tier, !row.isRevoked {
                out.append(Int(next) - 1)
            }
            next = row.next
        }
        return out
    }
}
