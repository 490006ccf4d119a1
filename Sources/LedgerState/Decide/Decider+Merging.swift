import LedgerDomain
import LedgerLog

/// Two users who are one. Source: Documentation/rules.md, "suspend, reinstate, close, merge".
extension Decider {
    func decide(_ c: MergeUsers, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let byKey = try judgeKey(state, now, at: c.at) { stored throws(LogError) in
            guard case .usersMerged(let e) = stored.event else { return .other }
            return .compare(
                ("userId", try wasMerged(c.userId, as: e.from, state, now)),
                ("intoUserId", try isSame(e.into, c.intoUserId, state, now)),
                ("approvers", isSame(c.approvers, e.approver, e.secondApprover)))
        }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard let from = try party(c.userId, state, now) else { return unknownUser(c.userId, now) }
        guard let into = try party(c.intoUserId, state, now) else {
            return now.refuse(.userUnknown, "intoUserId", "no user “\(c.intoUserId)” has signed up")
        }
        if from.member == into.member {
            return now.refuse(.mergeSame, "intoUserId", "they are one user already")
        }
        if state.isBelow(from.member, into.member) || state.isBelow(into.member, from.member) {
            return now.refuse(
                .mergeCycle, "intoUserId",
                "one was referred by the other, directly or not: a user would stand above itself")
        }
        for (party, id) in [(from, c.userId), (into, c.intoUserId)]
        where state.members[party.member].isBlocked || state.profile(party.member).isClosed {
            return blocked(id, now)
        }
        let both = [from.member, into.member]
        if let refused = try refusal(ofApprovers: c.approvers, over: both, state, now) { return refused }
        var out = state.begin(now.envelope, in: now.group)
        var event = UsersMerged()
        event.from = from.user
        event.into = into.user
        event.approver = arena.text(c.approvers[0])
        if c.approvers.count > 1 {
            event.flags = UsersMerged.second
            event.secondApprover = arena.text(c.approvers[1])
        }
        state.emit(.usersMerged(event), at: c.at, &out)
        for asset in state.assets(of: from.member) { merge(asset, from, into, at: c.at, &state, &out) }
        return accept(out, &state, now)
    }

    /// Whether a user's id means the one that went in a merge: it, or one that was merged into it before.
    private func wasMerged(_ userId: String, as gone: UserNumber, _ state: borrowing CoreState, _ now: Case)
        throws(LogError) -> Bool
    {
        var member = try ownMember(arena.text(userId), state, now)
        while let named = member {
            if state.members[named].user == gone.rawValue { return true }
            let into = state.members[named].isMerged ? Int(state.profile(named).mergedInto) : 0
            member = into == 0 ? nil : into - 1
        }
        return false
    }

    private func merge(
        _ asset: AssetNumber, _ from: Party, _ into: Party, at moment: Timestamp, _ state: inout CoreState,
        _ out: inout RecordBuilder
    ) {
        let mine = state.balance(member: from.member, asset: asset)
        let theirs = state.balance(member: into.member, asset: asset)
        guard mine.pending != 0 || mine.settled != 0 || mine.held != 0 || mine.earned != 0 else { return }
        // A badge is had once.
        if asset.isLedgerDefined, mine.settled > 0, theirs.settled > 0 {
            var event = BadgeRevoked()
            event.user = from.user
            event.asset = asset
            return state.emit(.badgeRevoked(event), at: moment, &out)
        }
        var event = BalanceMerged()
        event.from = from.user
        event.into = into.user
        event.asset = asset
        event.pending = mine.pending
        event.held = mine.held
        event.toReceivable = min(mine.available, theirs.receivable)
        event.toAvailable = mine.available - event.toReceivable
        event.fromAvailable = min(mine.receivable, theirs.available)
        event.fromReceivable = mine.receivable - event.fromAvailable
        state.emit(.balanceMerged(event), at: moment, &out)
    }
}
