import LedgerDomain
import LedgerLog

/// Attributions that people put right. Source: Documentation/rules.md, "correctAttribution".
extension Decider {
    func decide(_ c: CorrectAttribution, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let byKey = try judgeKey(state, now, at: c.at) { stored throws(LogError) in
            guard case .attributionCorrected(let e) = stored.event else { return .other }
            let named = e.flags & AttributionCorrected.hasReferrer != 0 ? e.referrer : nil
            var same = (named == nil) == (c.referrerId == nil)
            if same, let named, let id = c.referrerId { same = try isSame(named, id, state, now) }
            return .compare(
                ("userId", try isSame(e.referee, c.userId, state, now)), ("referrerId", same),
                ("reason", e.reason.equals(arena.text(c.reason))),
                ("approvers", isSame(c.approvers, e.approver, e.secondApprover)))
        }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard let party = try party(c.userId, state, now) else { return unknownUser(c.userId, now) }
        let referrer = try c.referrerId.map { (id) throws(LogError) in try self.party(id, state, now) }
        if case .some(nil) = referrer {
            return now.refuse(.userUnknown, "referrerId", "no user “\(c.referrerId ?? "")” has signed up")
        }
        let row = state.members[party.member]
        let former = row.parent == 0 ? nil : state.resolve(Int(row.parent) - 1)
        if let refused = try refusal(against: c, party.member, former, referrer??.member, state, now) {
            return refused
        }
        var event = AttributionCorrected()
        event.referee = party.user
        event.attributedAt = Timestamp(nanoseconds: row.attributedAt)
        if let former {
            event.flags |= AttributionCorrected.hadReferrer
            event.former = UserNumber(state.members[former].user)
        } else {
            event.attributedAt = try state.signupTime(party.member)
        }
        if let referrer = referrer ?? nil {
            event.flags |= AttributionCorrected.hasReferrer
            event.referrer = referrer.user
        }
        if row.isConverted {
            event.flags |= AttributionCorrected.converted
            event.convertedAt = Timestamp(nanoseconds: row.convertedAt)
        }
        event.reason = arena.text(c.reason)
        event.approver = arena.text(c.approvers[0])
        if c.approvers.count > 1 {
            event.flags |= AttributionCorrected.second
            event.secondApprover = arena.text(c.approvers[1])
        }
        var out = state.begin(now.envelope, in: now.group)
        state.emit(.attributionCorrected(event), at: c.at, &out)
        if former == nil {
            step(party.user, from: .pending, at: c.at, &state, &out)
            try reward([.registered], of: party.member, converted: false, at: c.at, &state, &out, now)
        } else if row.isConverted {
            // The conversion counts for another one now: badges and tiers follow the counts, both ways.
            if let former { try lowerStanding(of: former, at: c.at, &state, &out, now) }
            if let referrer = referrer ?? nil {
                try raise(referrer.member, at: c.at, &state, &out, now)
            }
        }
        return accept(out, &state, now)
    }

    private func refusal(
        against c: CorrectAttribution, _ member: Int, _ former: Int?, _ referrer: Int?,
        _ state: borrowing CoreState, _ now: Case
    ) throws(LogError) -> Outcome? {
        if former == referrer {
            return now.refuse(
                .attributionUnchanged, "referrerId",
                referrer == nil ? "the user has no referrer" : "that is the user's referrer already")
        }
        if let referrer {
            if referrer == member || state.isBelow(referrer, member) {
                return now.refuse(
                    .attributionCycle, "referrerId",
                    "the user would stand above themselves: directly or not, they referred that one")
            }
        }
        let concerned = [member, former, referrer].compactMap { $0 }
        return try refusal(ofApprovers: c.approvers, over: concerned, state, now)
    }
}
