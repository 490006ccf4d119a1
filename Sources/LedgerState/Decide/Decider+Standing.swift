import LedgerDomain
import LedgerLog

extension Decider {
    /// Holds that are released or taken back in the record that ends a case; `advance` does the rest.
    static let holdsPerRecord = 512

    func decide(_ c: Kyc, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let end = c.expiresInDays.flatMap { c.at.adding(wholeDays: $0) }
        let byKey = try judgeKey(state, now, at: c.at) { stored throws(LogError) in
            switch stored.event {
            case .kycSubmitted(let e):
                return .compare(
                    ("userId", try isSame(e.user, c.userId, state, now)), ("level", Int(e.level) == c.level),
                    ("decision", c.decision == .submitted),
                    ("documentHash", try isSame(e.sealed, c.documentHash, of: e.user, now)))
            case .kycDecided(let e):
                let approved = e.flags & KycDecided.approved != 0
                return .compare(
                    ("userId", try isSame(e.user, c.userId, state, now)), ("level", Int(e.level) == c.level),
                    ("decision", c.decision == (approved ? .approved : .rejected)),
                    (
                        "expiresInDays",
                        isSame(e.flags & KycDecided.expires, e.expiresAt, c.expiresInDays, stored)
                    ),
                    ("documentHash", try isSame(e.sealed, c.documentHash, of: e.user, now)))
            default: return .other
            }
        }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard let party = try party(c.userId, state, now) else { return unknownUser(c.userId, now) }
        if c.decision == .approved, let full = timesFull(.kycApproved, party.member, "userId", state, now) {
            return full
        }
        let sealed = try c.documentHash.map { (text) throws(LogError) in
            try seal(Array(text.utf8), for: party.user, now)
        }
        var out = state.begin(now.envelope, in: now.group)
        if c.decision == .submitted {
            var event = KycSubmitted()
            event.user = party.user
            event.level = UInt8(c.level)
            if let sealed {
                event.flags = KycSubmitted.hasSealed
                event.sealed = sealed
            }
            state.emit(.kycSubmitted(event), at: c.at, &out)
            return accept(out, &state, now)
        }
        var event = KycDecided()
        event.user = party.user
        event.level = UInt8(c.level)
        if c.decision == .approved { event.flags |= KycDecided.approved }
        if let end {
            event.flags |= KycDecided.expires
            event.expiresAt = end
        }
        if let sealed {
            event.flags |= KycDecided.hasSealed
            event.sealed = sealed
        }
        state.emit(.kycDecided(event), at: c.at, &out)
        return accept(out, &state, now)
    }

    // MARK: Suspension, closure

    func decide(_ c: SuspendUser, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let byKey = try judgeKey(state, now, at: c.at) { stored throws(LogError) in
            guard case .userSuspended(let e) = stored.event else { return .other }
            return .compare(
                ("userId", try isSame(e.user, c.userId, state, now)),
                ("reason", e.reason.equals(arena.text(c.reason))))
        }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard let party = try party(c.userId, state, now) else { return unknownUser(c.userId, now) }
        if state.profile(party.member).isSuspended {
            return now.refuse(.userState, "userId", "the user is suspended already")
        }
        if let full = timesFull(.suspended, party.member, "userId", state, now) { return full }
        var event = UserSuspended()
        event.user = party.user
        event.reason = arena.text(c.reason)
        var out = state.begin(now.envelope, in: now.group)
        state.emit(.userSuspended(event), at: c.at, &out)
        return accept(out, &state, now)
    }

    func decide(_ c: ReinstateUser, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let byKey = try judgeKey(state, now, at: c.at) { stored throws(LogError) in
            guard case .userReinstated(let e) = stored.event else { return .other }
            return .compare(("userId", try isSame(e.user, c.userId, state, now)))
        }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard let party = try party(c.userId, state, now) else { return unknownUser(c.userId, now) }
        guard state.profile(party.member).isSuspended, let number = state.blockingCase(party.member) else {
            return now.refuse(.userState, "userId", "the user is not suspended")
        }
        var event = UserReinstated()
        event.user = party.user
        event.suspended = LogPosition(state.casePositions[number])
        var out = state.begin(now.envelope, in: now.group)
        state.emit(.userReinstated(event), at: c.at, &out)
        try release(number, limit: Self.holdsPerRecord, at: c.at, &state, &out)
        return accept(out, &state, now)
    }

    func decide(_ c: CloseUser, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let reason = arena.text(c.reason ?? "")
        let byKey = try judgeKey(state, now, at: c.at) { stored throws(LogError) in
            guard case .userClosed(let e) = stored.event else { return .other }
            return .compare(
                ("userId", try isSame(e.user, c.userId, state, now)), ("reason", e.reason.equals(reason)))
        }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard let party = try party(c.userId, state, now) else { return unknownUser(c.userId, now) }
        if state.profile(party.member).isClosed {
            return now.refuse(.userState, "userId", "the user is closed already")
        }
        var event = UserClosed()
        event.user = party.user
        event.reason = reason
        let rule = now.policy.policy.closure
        event.rule = rule == .pay ? 1 : rule == .hold ? 2 : 3
        var out = state.begin(now.envelope, in: now.group)
        state.emit(.userClosed(event), at: c.at, &out)
        if rule == .forfeit { try forfeit(party, at: c.at, &state, &out) }
        return accept(out, &state, now)
    }

    /// What a closed user has goes to breakage, unsent withdrawals included.
    private func forfeit(
        _ party: Party, at moment: Timestamp, _ state: inout CoreState, _ out: inout RecordBuilder
    ) throws(LogError) {
        var next = state.profile(party.member).firstWithdrawal
        while next != 0 {
            let number = Int(next) - 1
            let row = state.withdrawals[number]
            next = row.next
            if row.withdrawalState.isUnsent {
                free(number, row.amount, .cancel, clawback: true, reason: nil, at: moment, &state, &out)
            }
        }
        // What disputes are about is not there to be forfeited.
        try holdReturned(&state, &out)
        for asset in state.assets(of: party.member) where asset.isMoney {
            let available = state.balance(member: party.member, asset: asset).available
            guard available > 0 else { continue }
            var event = BalanceForfeited()
            event.user = party.user
            event.asset = asset
            event.amount = available
            state.emit(.balanceForfeited(event), at: moment, &out)
        }
    }
}

extension CoreState {
    /// The assets of a member's balances, in the order in which it got them.
    func assets(of member: Int) -> [AssetNumber] {
        let row = money(of: member)
        var out: [AssetNumber] = []
        if row.hasBalance { out.append(AssetNumber(rawValue: row.asset)) }
        var further: [AssetNumber] = []
        var next = profile(member).extraAccount
        while next != 0 {
            further.append(AssetNumber(rawValue: accounts[Int(next) - 1].asset))
            next = accounts[Int(next) - 1].next
        }
        return out + further.reversed()
    }
}
