import LedgerDomain
import LedgerLog

/// Grants, from making to end; tiers and badges.
extension CoreState {
    mutating func applyGranted(_ e: RewardGranted, _ place: EventPlace) {
        guard let about = member(e.referee, place), let member = member(e.beneficiary, place) else { return }
        guard e.asset.isMoney == (e.flags & RewardGranted.matures != 0), e.repaid >= 0, e.repaid <= e.amount
        else { return fail("reward.amount", "a grant of \(e.amount)", place) }
        applyPostings(.rewardGranted(e), place)
        unsafe add(&editBalance(member, e.asset).pointee.earned, e.amount, place)
        countGrant(member, e.asset, e.amount, isGrant: true, at: place.occurredAt, place)
        var row = RewardRow()
        row.member = UInt32(member)
        row.about = UInt32(about)
        row.asset = e.asset.rawValue
        row.cause = e.cause
        row.side = e.side
        row.detail = e.detail
        row.granted = e.amount
        row.reversed = e.repaid
        row.maturesAt = e.maturesAt.nanoseconds
        row.next = profile(member).firstReward
        row.nextAbout = profile(about).firstAbout
        let number = further.rewards.append(row)
        further.rewardPositions.append(place.position.rawValue)
        unsafe editProfile(member).pointee.firstReward = UInt32(number + 1)
        let subject = unsafe editProfile(about)
        unsafe subject.pointee.firstAbout = UInt32(number + 1)
        if e.cause == RewardCause.tierBonus.rawValue {
            unsafe subject.pointee.bonuses |= 1 << UInt16(e.detail & 15)
        }
        if e.asset.isMoney { schedule(.grant, number, at: e.maturesAt, place.programme) }
        if e.flags & RewardGranted.expires != 0 {
            schedule(.grantExpiry, number, at: e.expiresAt, place.programme)
        }
        noteFact(place)
    }

    /// A grant has matured: pending → receivable up to the debt, the rest → available.
    mutating func applyGrantMatured(_ e: RewardMatured, _ place: EventPlace) {
        guard let number = grantNumber(at: e.payment), let member = member(e.beneficiary, place) else {
            return fail("maturity.reward", "a maturity of no grant", place)
        }
        let key = RewardKey.grant(number)
        let row = reward(key)
        guard !row.isMatured, e.asset.isMoney, e.amount == row.pendingPart, e.amount > 0 || row.held > 0
        else {
            return fail("maturity.amount", "\(e.amount) matures of \(row.pendingPart)", place)
        }
        applyPostings(.rewardMatured(e), place)
        unsafe editReward(key).pointee.state |= RewardRow.matured
        var lot = lotKey(key)
        lot.left = e.toAvailable
        addLot(lot, to: member, e.asset)
    }

    mutating func applyClaimed(_ e: RewardClaimed, _ place: EventPlace) {
        guard let number = grantNumber(at: e.reward) else {
            return fail("reward.unknown", "no grant stands at \(e.reward)", place)
        }
        let row = rewards[number]
        guard !row.isClaimed, !row.isExpired, !row.isRevoked, e.amount == row.standing else {
            return fail("reward.claimed", "a claim of what cannot be claimed", place)
        }
        applyPostings(.rewardClaimed(e), place)
        unsafe further.rewards.edit(number, &undo).pointee.state |= RewardRow.claimed
        mark(.claimed, number, place)
    }

    mutating func applyFulfilled(_ e: RewardFulfilled, _ place: EventPlace) {
        guard let number = grantNumber(at: e.reward), rewards[number].isClaimed, !rewards[number].isFulfilled
        else { return fail("reward.fulfilled", "what was not claimed is delivered", place) }
        unsafe further.rewards.edit(number, &undo).pointee.state |= RewardRow.fulfilled
        mark(.fulfilled, number, place)
    }

    mutating func applyFulfilmentFailed(_ e: FulfilmentFailed, _ place: EventPlace) {
        guard let number = grantNumber(at: e.reward), rewards[number].isClaimed, !rewards[number].isFulfilled,
            let used = try? claimedAmount(number), e.toAvailable &+ e.toReceivable == used
        else { return fail("reward.fulfilment", "what was not claimed comes back", place) }
        applyPostings(.fulfilmentFailed(e), place)
        let row = unsafe further.rewards.edit(number, &undo)
        unsafe row.pointee.state &= ~RewardRow.claimed
        if unsafe row.pointee.state & RewardRow.revoked != 0 {
            // What was owed for it is paid; the rest is the user's, though the grant is gone.
            unsafe row.pointee.revoked &-= e.toAvailable
        } else {
            unsafe row.pointee.reversed &+= e.toReceivable
        }
        mark(.fulfilmentFailed, number, place)
        scheduleExpiry(number, place)
    }

    mutating func applyRewardExpired(_ e: RewardExpired, _ place: EventPlace) {
        guard let number = grantNumber(at: e.reward), let member = member(e.user, place) else {
            return fail("reward.unknown", "no grant stands at \(e.reward)", place)
        }
        let row = rewards[number]
        let amount = e.fromPending &+ e.fromAvailable
        guard amount > 0, !row.isExpired || e.asset.isMoney && amount <= row.pendingPart else {
            return fail("reward.expired", "a grant expires twice, or with nothing", place)
        }
        applyPostings(.rewardExpired(e), place)
        if e.asset.isMoney {
            reduceLot(lotKey(.grant(number)), of: member, e.asset, by: e.fromAvailable, place)
        }
        let edited = unsafe further.rewards.edit(number, &undo)
        unsafe edited.pointee.expired &+= amount
        unsafe edited.pointee.state |= RewardRow.expired
    }

    mutating func applyTier(_ e: TierChanged, _ place: EventPlace) {
        guard let member = member(e.user, place) else { return }
        guard profile(member).tier == e.from else {
            return fail("tier.from", "a change from tier \(e.from)", place)
        }
        unsafe editProfile(member).pointee.tier = e.to
    }

    mutating func applyBadge(
        _ user: UserNumber, _ asset: AssetNumber, awarded: Bool, _ event: Event, _ place: EventPlace
    ) {
        guard let member = member(user, place) else { return }
        guard balance(member: member, asset: asset).settled == (awarded ? 0 : 1), asset.isLedgerDefined else {
            return fail("badge.held", "a badge is awarded twice, or revoked without", place)
        }
        applyPostings(event, place)
    }

    // MARK: Caps

    mutating func applyBudget(_ e: BudgetSet, _ place: EventPlace) {
        let number = countUse(programme: place.programme, e.asset.rawValue, e.period, whole: true)
        unsafe further.budgets.edit(number, &undo).pointee.amount = e.amount
    }

    mutating func applyExhausted(_ e: BudgetExhausted, _ place: EventPlace) {
        let number = usageRow(nil, place.programme, e.asset, e.period, e.start.nanoseconds)
        unsafe further.usages.edit(number, &undo).pointee.flags |= UsageRow.exhausted
    }

    /// From here on the programme's grants are counted for this kind of cap. The row's number.
    @discardableResult
    mutating func countUse(programme: ProgrammeNumber, _ asset: UInt16, _ period: UInt8, whole: Bool) -> Int {
        let first = programmes[Int(programme.rawValue)].firstBudget
        var next = first
        while next != 0 {
            let row = budgets[Int(next) - 1]
            if row.asset == asset, row.period == period, (row.isWhole != 0) == whole { return Int(next) - 1 }
            next = row.next
        }
        var row = BudgetRow()
        row.asset = asset
        row.period = period
        row.isWhole = whole ? 1 : 0
        row.next = first
        let number = further.budgets.append(row)
        unsafe programmes.edit(Int(programme.rawValue), &undo).pointee.firstBudget = UInt32(number + 1)
        return number
    }

    /// Counts what was granted, or taken back, against the kinds of cap that the programme has had.
    @inline(__always)
    mutating func countGrant(
        _ member: Int, _ asset: AssetNumber, _ amount: Int64, isGrant: Bool = false, at moment: Timestamp,
        _ place: EventPlace
    ) {
        if unsafe programmes.peek(Int(place.programme.rawValue)).pointee.firstBudget != 0 {
            countCapped(member, asset, amount, isGrant: isGrant, at: moment, place)
        }
    }

    private mutating func countCapped(
        _ member: Int, _ asset: AssetNumber, _ amount: Int64, isGrant: Bool, at moment: Timestamp,
        _ place: EventPlace
    ) {
        guard let index = policyIndex(place.programme, at: moment), let policy = try? policy(index) else {
            return fail("policy.missing", "a grant without a policy", place)
        }
        if !isGrant, !policy.policy.capReversalsFree { return }
        var next = programmes[Int(place.programme.rawValue)].firstBudget
        while next != 0 {
            let row = budgets[Int(next) - 1]
            next = row.next
            guard row.asset == asset.rawValue, let period = BudgetPeriod(rawValue: row.period) else {
                continue
            }
            let start = policy.start(of: period, at: moment)
            let number = usageRow(row.isWhole != 0 ? nil : member, place.programme, asset, row.period, start)
            let usage = unsafe further.usages.edit(number, &undo)
            unsafe add(&usage.pointee.used, amount, place)
            // What was granted before counting began may be taken back: it freed nothing.
            if unsafe usage.pointee.used < 0 { unsafe usage.pointee.used = 0 }
        }
    }

    /// What counted for a member that goes counts for the one that stays.
    mutating func addUsages(of gone: ProfileRow, to into: Int, _ place: EventPlace) {
        var next = gone.firstUsage
        while next != 0 {
            let row = usages[Int(next) - 1]
            next = row.next
            let asset = AssetNumber(rawValue: row.asset)
            let number = usageRow(into, ProgrammeNumber(row.programme), asset, row.period, row.start)
            let usage = unsafe further.usages.edit(number, &undo)
            unsafe add(&usage.pointee.used, row.used, place)
        }
    }

    mutating func usageRow(
        _ member: Int?, _ programme: ProgrammeNumber, _ asset: AssetNumber, _ period: UInt8, _ start: Int64
    ) -> Int {
        if let known = usage(member, programme, asset, period, start) { return known }
        var row = UsageRow()
        row.member = member.map { UInt32($0 + 1) } ?? 0
        row.programme = programme.rawValue
        row.asset = asset.rawValue
        row.period = period
        row.start = start
        row.next = member.map { profile($0).firstUsage } ?? programmes[Int(programme.rawValue)].firstUsage
        let number = further.usages.append(row)
        if let member {
            unsafe editProfile(member).pointee.firstUsage = UInt32(number + 1)
        } else {
            unsafe programmes.edit(Int(programme.rawValue), &undo).pointee.firstUsage = UInt32(number + 1)
        }
        return number
    }

    /// The row of what was granted in a period; nil where nothing was counted.
    func usage(
        _ member: Int?, _ programme: ProgrammeNumber, _ asset: AssetNumber, _ period: UInt8, _ start: Int64
    ) -> Int? {
        var next = member.map { profile($0).firstUsage } ?? programmes[Int(programme.rawValue)].firstUsage
        while next != 0 {
            let row = usages[Int(next) - 1]
            if row.asset == asset.rawValue, row.period == period, row.start == start { return Int(next) - 1 }
            next = row.next
        }
        return nil
    }
}

extension CachedPolicy {
    /// The first moment of the period around a moment, in the programme's zone; the first there is for `ever`.
    func start(of period: BudgetPeriod, at moment: Timestamp) -> Int64 {
        switch period {
        case .day: zone.day(containing: moment).start.nanoseconds
        case .week: zone.week(containing: moment, start: policy.weekStart).start.nanoseconds
        case .month: zone.month(containing: moment).start.nanoseconds
        case .ever: .min
        }
    }
}
