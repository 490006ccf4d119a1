import LedgerDomain
import LedgerLog

extension Decider {
    func decide(_ c: ClaimReward, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let party = try party(c.userId, state, now)
        let number = grantNumber(c.rewardId, state, now)
        if let number, let known = try claimed(c, number, state, now) { return known }
        let byKey = try judgeKey(state, now) { _ throws(LogError) in "rewardId" }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard let party, let number, state.resolve(Int(state.rewards[number].member)) == party.member else {
            return now.refuse(.rewardUnknown, "rewardId", "“\(c.rewardId)” is no reward of “\(c.userId)”")
        }
        let row = state.rewards[number]
        let asset = AssetNumber(rawValue: row.asset)
        if asset.isMoney {
            return now.refuse(.rewardNotClaimable, "rewardId", "money is withdrawn, not claimed")
        }
        if row.isRevoked { return now.refuse(.rewardRevoked, "rewardId", "the reward was taken back") }
        if row.isQuarantined {
            return now.refuse(.factQuarantined, "rewardId", "the reward is in quarantine")
        }
        let end = try state.grantExpiry(number)
        if row.isExpired || end <= c.at {
            return now.refuse(.rewardExpired, "at", "the reward has expired")
        }
        if state.members[party.member].isBlocked { return blocked(c.userId, now) }
        if row.standing == 0 {
            return now.refuse(.rewardNotClaimable, "rewardId", "all of the reward repaid a debt")
        }
        if let full = timesFull(.claimed, number, "rewardId", state, now) { return full }
        var event = RewardClaimed()
        event.reward = LogPosition(state.rewardPositions[number])
        event.user = party.user
        event.asset = asset
        event.amount = row.standing
        var out = state.begin(now.envelope, in: now.group)
        state.emit(.rewardClaimed(event), at: c.at, &out)
        return accept(out, &state, now)
    }

    /// A claim that is recorded already: the same one again, whatever came of it since, or another one of what
    /// is claimed.
    private func claimed(_ c: ClaimReward, _ number: Int, _ state: borrowing CoreState, _ now: Case)
        throws(LogError) -> Outcome?
    {
        var other: LogPosition?
        for base in state.allMarked(.claimed, number) {
            let field = try difference(from: base, state, at: c.at) { stored throws(LogError) in
                guard case .rewardClaimed(let e) = stored.event else { return .other }
                return try isSame(e.user, c.userId, state, now) ? .same : .differs("userId")
            }
            if field == nil { return .repeated(try state.receipt(base)) }
            if field == "at" { other = base }
        }
        guard state.rewards[number].isClaimed, let other else { return nil }
        return now.refuse(.rewardClaimed, "rewardId", "the reward was claimed at position \(other)")
    }

    func decide(_ c: FulfilReward, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let number = grantNumber(c.rewardId, state, now)
        if let number {
            let row = state.rewards[number]
            var base =
                c.isDelivered
                ? (row.isFulfilled ? state.marked(.fulfilled, number) : nil)
                : (row.isClaimed ? nil : state.marked(.fulfilmentFailed, number))
            if base == nil, !c.isDelivered {
                // The reward was claimed again since: a late repeat must not undo that.
                for record in state.allMarked(.fulfilmentFailed, number) {
                    let field = try difference(from: record, state, at: c.at) {
                        if case .fulfilmentFailed = $0.event { .same } else { .other }
                    }
                    if field == nil { base = record }
                }
            }
            if let base { return .repeated(try state.receipt(base)) }
        }
        let byKey = try judgeKey(state, now) { _ throws(LogError) in "rewardId" }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard let number else {
            return now.refuse(.rewardUnknown, "rewardId", "there is no reward “\(c.rewardId)”")
        }
        let row = state.rewards[number]
        guard row.isClaimed else {
            return now.refuse(.rewardNotClaimed, "rewardId", "the reward is not claimed")
        }
        if row.isFulfilled { return now.refuse(.rewardFulfilled, "status", "the reward was delivered") }
        let member = state.resolve(Int(row.member))
        let user = UserNumber(state.members[member].user)
        var out = state.begin(now.envelope, in: now.group)
        if c.isDelivered {
            var event = RewardFulfilled()
            event.reward = LogPosition(state.rewardPositions[number])
            event.user = user
            state.emit(.rewardFulfilled(event), at: c.at, &out)
        } else {
            var event = FulfilmentFailed()
            event.reward = LogPosition(state.rewardPositions[number])
            event.user = user
            event.asset = AssetNumber(rawValue: row.asset)
            let used = try state.claimedAmount(number)
            (event.toAvailable, event.toReceivable) = state.credit(used, member, event.asset)
            state.emit(.fulfilmentFailed(event), at: c.at, &out)
        }
        return accept(out, &state, now)
    }

    func blocked(_ userId: String, _ now: Case) -> Outcome {
        now.refuse(.userBlocked, "userId", "“\(userId)” is suspended, closed or under review")
    }
}

extension CoreState {
    /// Units that the last claim of a grant used; what became of the grant since does not matter.
    func claimedAmount(_ number: Int) throws(LogError) -> Int64 {
        guard let base = marked(.claimed, number) else { return 0 }
        let position = LogPosition(rewardPositions[number])
        var found: Int64 = 0
        unsafe StoredRecord.walk(try record(base.rawValue)) { stored, _ in
            guard case .rewardClaimed(let e) = stored.event, e.reward == position else { return true }
            found = e.amount
            return false
        }
        return found
    }

    /// When a grant expires; the end of time when it does not.
    func grantExpiry(_ number: Int) throws(LogError) -> Timestamp {
        let position = LogPosition(rewardPositions[number])
        var found = Timestamp(nanoseconds: .max)
        unsafe StoredRecord.walk(try record(holding: position)) { stored, _ in
            if stored.position == position, case .rewardGranted(let e) = stored.event { found = e.expiresAt }
            return stored.position != position
        }
        return found
    }
}
