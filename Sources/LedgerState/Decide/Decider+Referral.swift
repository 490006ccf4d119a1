import LedgerDomain
import LedgerLog

extension Decider {
    // MARK: Codes

    func decide(_ c: IssueCode, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let byKey = try judgeKey(state, now) { base throws(LogError) in try difference(c, state, base, now) }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        let programme = now.envelope.programme
        guard let party = try party(c.userId, state, now) else { return unknownUser(c.userId, now) }
        let owner = party.member
        let given = c.code.map { arena.text($0) }
        if let given, try state.findCode(programme, given) != nil {
            return now.refuse(.codeTaken, "code", "the code, or one that looks like it, was issued before")
        }
        if now.policy.policy.codes.oneActive, let active = try state.activeCode(of: owner, at: c.at) {
            return now.refuse(.codeOneActive, "userId", "the user has the active code “\(active)”")
        }
        var event = CodeIssued()
        event.owner = party.user
        if let given {
            event.code = given
        } else {
            event.flags |= CodeIssued.drawn
            guard let drawn = try drawCode(state, now) else {
                return now.refuse(
                    .limitReached, "code", "no free code was drawn in 64 tries: make codes longer")
            }
            event.code = drawn
        }
        if let days = c.expiresInDays ?? now.policy.policy.codes.ttlDays {
            guard let end = c.at.adding(wholeDays: days) else {
                return now.refuse(
                    .timeOutOfRange, "expiresInDays", "the code would expire past the year 2262")
            }
            event.flags |= CodeIssued.expires
            event.expiresAt = end
        }
        var out = state.begin(now.envelope, in: now.group)
        state.emit(.codeIssued(event), at: c.at, &out)
        return .accepted(state.finish(out, now: now.inputs.now, in: now.group))
    }

    /// Draws until the skeleton is free: uniqueness is checked, never assumed.
    private func drawCode(_ state: borrowing CoreState, _ now: Case) throws(LogError) -> BorrowedText? {
        let rules = now.policy.policy.codes
        for _ in 0..<64 {
            let text = arena.text(try now.inputs.drawCode(rules.length, Array(rules.alphabet.utf8)))
            if try state.findCode(now.envelope.programme, text) == nil { return text }
        }
        return nil
    }

    private func difference(
        _ c: IssueCode, _ state: borrowing CoreState, _ base: LogPosition, _ now: Case
    ) throws(LogError) -> String? {
        var found: (CodeIssued, Timestamp, UInt64)?
        unsafe StoredRecord.walk(try state.record(base.rawValue)) { stored, envelope in
            guard case .codeIssued(let issued) = stored.event else { return true }
            found = (issued, stored.occurredAt, envelope.policyVersion)
            return false
        }
        guard let (was, at, version) = found else { return "type" }
        if at != c.at { return "at" }
        let drawn = was.flags & CodeIssued.drawn != 0
        if let code = c.code {
            if drawn || !was.code.equals(arena.text(code)) { return "code" }
        } else if !drawn {
            return "code"
        }
        let end = was.flags & CodeIssued.expires != 0 ? was.expiresAt : nil
        // By the policy that it was decided under: a later version does not make it another command.
        var days = c.expiresInDays
        if days == nil, let index = state.policyIndex(now.envelope.programme, version: version) {
            days = try state.readPolicy(index).policy.codes.ttlDays
        }
        if end != days.flatMap({ c.at.adding(wholeDays: $0) }) { return "expiresInDays" }
        return try isSame(was.owner, c.userId, state, now) ? nil : "userId"
    }

    func decide(_ c: ApplyCode, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let programme = now.envelope.programme
        let party = try party(c.userId, state, now)
        // The user's own edge, whoever goes on for the user now.
        let own = try ownMember(arena.text(c.userId), state, now)
        if let own, let base = state.marked(.codeApplied, own) {
            if let field = try difference(c, state, base, now) {
                return now.refuse(
                    .attributionConflict, field,
                    "a code was applied at position \(base) with another \(field)")
            }
            return .repeated(try state.receipt(base))
        }
        let byKey = try judgeKey(state, now) { base throws(LogError) in try difference(c, state, base, now) }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard let party else { return unknownUser(c.userId, now) }
        let member = party.member
        let row = state.members[member]
        if row.parent != 0 {
            return now.refuse(.attributionAlready, "userId", "the user has a referrer already")
        }
        if row.hasPaid { return now.refuse(.attributionTooLate, "at", "the user has paid already") }
        if let days = now.policy.policy.attribution.applyWindowDays,
            let end = try state.signupTime(member).adding(wholeDays: days), c.at > end
        {
            return now.refuse(.attributionTooLate, "at", "codes could be applied until \(end)")
        }
        guard let code = try state.findCode(programme, arena.text(c.code)) else {
            return now.refuse(.codeUnknown, "code", "no code “\(c.code)” was issued")
        }
        switch try state.codeState(code, at: c.at) {
        case .lives: break
        case .expired: return now.refuse(.codeExpired, "code", "the code “\(c.code)” had expired")
        case .disabled: return now.refuse(.codeDisabled, "code", "the code “\(c.code)” is disabled")
        }
        let referrer = state.resolve(Int(state.codes[code].owner))
        if referrer == member { return now.refuse(.codeOwn, "code", "the code is the user's own") }
        if state.isBelow(referrer, member) {
            return now.refuse(
                .attributionCycle, "code", "the code's owner was referred, directly or not, by the user")
        }
        if now.policy.policy.attribution.rejectSharedSignals,
            try state.sharesSignal(referrer, state.signals(member), programme)
        {
            return now.refuse(
                .attributionSharedSignal, "code",
                "the user and the code's owner share a signal: self-referral")
        }
        var event = ReferralAttributed()
        event.flags = ReferralAttributed.byCode | ReferralAttributed.applied
        event.referee = party.user
        event.referrer = UserNumber(state.members[referrer].user)
        event.given = arena.text(c.code)
        var out = state.begin(now.envelope, in: now.group)
        state.emit(.referralAttributed(event), at: c.at, &out)
        step(event.referee, from: .pending, at: c.at, &state, &out)
        flagVelocity(referrer, at: c.at, &state, &out, now)
        try reward([.registered], of: member, converted: false, at: c.at, &state, &out, now)
        return .accepted(state.finish(out, now: now.inputs.now, in: now.group))
    }

    private func difference(
        _ c: ApplyCode, _ state: borrowing CoreState, _ base: LogPosition, _ now: Case
    ) throws(LogError) -> String? {
        var found: (ReferralAttributed, Timestamp)?
        unsafe StoredRecord.walk(try state.record(base.rawValue)) { stored, _ in
            guard case .referralAttributed(let attributed) = stored.event else { return true }
            found = (attributed, stored.occurredAt)
            return false
        }
        guard let (was, at) = found else { return "type" }
        if !was.given.equals(arena.text(c.code)) { return "code" }
        if at != c.at { return "at" }
        return try isSame(was.referee, c.userId, state, now) ? nil : "userId"
    }

    // MARK: Stages

    /// One step forward.
    @discardableResult
    func step(
        _ referee: UserNumber, from: ReferralStage, at: Timestamp, _ state: inout CoreState,
        _ out: inout RecordBuilder
    ) -> ReferralStage {
        var event = ReferralAdvanced()
        event.referee = referee
        event.from = from
        event.to = from.next!
        state.emit(advance: event, at: at, &out)
        return event.to
    }

    /// Moves a referral forward through every stage between, converts it on reaching the last, and grants what
    /// that earns.
    func advance(
        _ member: Int, to target: ReferralStage, manual: Bool, at: Timestamp, _ state: inout CoreState,
        _ out: inout RecordBuilder, _ now: Case
    ) throws(LogError) {
        let row = state.members[member]
        let referee = UserNumber(row.user)
        var stage = row.referralStage
        var passed: [ReferralStage] = []
        while stage.rank < target.rank, stage.next != nil {
            stage = step(referee, from: stage, at: at, &state, &out)
            passed.append(stage)
        }
        let converts = stage == .completed && !row.isConverted
        if converts {
            var event = ReferralConverted()
            if manual { event.flags = ReferralConverted.manual }
            event.referee = referee
            event.referrer = UserNumber(state.members[state.resolve(Int(row.parent) - 1)].user)
            state.emit(.referralConverted(event), at: at, &out)
        }
        if !passed.isEmpty || converts {
            try reward(passed, of: member, converted: converts, at: at, &state, &out, now)
        }
    }

    /// Whether a referral's time had run out at a moment, whether or not `advance` has said so.
    func isExpired(_ member: Int, at moment: Timestamp, _ state: inout CoreState) -> Bool {
        let row = state.members[member]
        if row.referralStage == .expired { return true }
        guard row.referralStage.mayExpire, let days = state.expiryDays(of: member),
            let due = Timestamp(nanoseconds: row.attributedAt).adding(wholeDays: days)
        else { return false }
        return moment >= due
    }

    func decide(_ c: AdvanceReferral, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let byKey = try judgeKey(state, now) { base throws(LogError) in
            try stepDifference(c.userId, c.at, c.to, state, base, now)
        }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard c.to == .active || c.to == .qualified || c.to == .completed else {
            return now.refuse(.referralStage, "to", "a referral is moved to active, qualified or completed")
        }
        guard let member = try party(c.userId, state, now)?.member else { return unknownUser(c.userId, now) }
        let row = state.members[member]
        let own = try ownMember(arena.text(c.userId), state, now) ?? member
        let edge = state.members[own]
        if own != member, edge.parent != row.parent || edge.attributedAt != row.attributedAt,
            edge.referralStage.rank >= c.to.rank
        {
            // What the user reached before the merge; the edge of the one that stays is another.
            return .repeated(Receipt(position: state.head.position, events: 0))
        }
        if row.parent == 0 { return now.refuse(.referralNone, "userId", "the user was not referred") }
        if isExpired(member, at: c.at, &state) {
            return now.refuse(.referralExpired, "at", "the referral has expired")
        }
        if row.referralStage.rank >= c.to.rank {
            return .repeated(Receipt(position: state.head.position, events: 0))
        }
        var out = state.begin(now.envelope, in: now.group)
        try advance(member, to: c.to, manual: true, at: c.at, &state, &out, now)
        return .accepted(state.finish(out, now: now.inputs.now, in: now.group))
    }

    func decide(_ c: Convert, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let id = arena.text(c.userId)
        let member = try party(c.userId, state, now)?.member
        // The user's own edge too: after a merge the fact must not convert that of the one that stays.
        for edge in [member, try ownMember(id, state, now)] {
            guard let edge else { continue }
            let row = state.members[edge]
            if row.isConvertedManually, row.convertedAt == c.at.nanoseconds {
                return .repeated(Receipt(position: state.head.position, events: 0))
            }
        }
        if let waiting = try state.waitingConversion(of: id, at: c.at, now.envelope.programme) {
            return .repeated(try state.receipt(waiting))
        }
        let byKey = try judgeKey(state, now) { base throws(LogError) in
            try stepDifference(c.userId, c.at, nil, state, base, now)
        }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard let member else { return try park(c, id, &state, now) }
        if let refusal = refusal(against: c, member, &state) { return .refused(refusal) }
        var out = state.begin(now.envelope, in: now.group)
        try advance(member, to: .completed, manual: true, at: c.at, &state, &out, now)
        return .accepted(state.finish(out, now: now.inputs.now, in: now.group))
    }

    func refusal(against c: Convert, _ member: Int, _ state: inout CoreState) -> Refusal? {
        let row = state.members[member]
        if row.parent == 0 { return Refusal(.referralNone, field: "userId", "the user was not referred") }
        if row.isConverted {
            return Refusal(.referralAlreadyConverted, field: "userId", "the referral is converted already")
        }
        if isExpired(member, at: c.at, &state) {
            return Refusal(.referralExpired, field: "at", "the referral has expired")
        }
        return nil
    }

    private func stepDifference(
        _ userId: String, _ at: Timestamp, _ to: ReferralStage?, _ state: borrowing CoreState,
        _ base: LogPosition, _ now: Case
    ) throws(LogError) -> String? {
        var user: UserNumber?
        var parkedFor = BorrowedText.empty
        var moment = at
        var reached: ReferralStage?
        unsafe StoredRecord.walk(try state.record(base.rawValue)) { stored, _ in
            switch stored.event {
            case .referralAdvanced(let e):
                user = e.referee
                reached = e.to
                moment = stored.occurredAt
            case .referralConverted(let e):
                user = e.referee
                moment = stored.occurredAt
            case .eventParked(let e):
                parkedFor = e.predecessor
                moment = stored.occurredAt
            default: break
            }
            return true
        }
        if moment != at { return "at" }
        if let to, let reached, reached != to { return "to" }
        let id = arena.text(userId)
        if let user { return try isSame(user, userId, state, now) ? nil : "userId" }
        return parkedFor.equals(id) ? nil : "userId"
    }

    func unknownUser(_ id: String, _ now: Case) -> Outcome {
        now.refuse(.userUnknown, "userId", "no user “\(id)” has signed up")
    }
}

extension ReferralStage {
    /// How far along: reverted counts as active, expired and none as nothing.
    var rank: Int {
        switch self {
        case .none, .expired: 0
        case .pending: 1
        case .registered: 2
        case .active, .reverted: 3
        case .qualified: 4
        case .completed: 5
        }
    }
}

extension CoreState {
    /// A code of the member that lives at a moment.
    func activeCode(of member: Int, at moment: Timestamp) throws(LogError) -> String? {
        var next = members[member].firstCode
        while next != 0 {
            let stored = try storedCode(Int(next) - 1)
            let code = stored.event.code.string
            if try codeState(Int(next) - 1, at: moment) == .lives { return code }
            next = codes[Int(next) - 1].next
        }
        return nil
    }

    /// When a member signed up.
    public func signupTime(_ member: Int) throws(LogError) -> Timestamp {
        var found = Timestamp(nanoseconds: 0)
        let row = members[member]
        guard let base = signupPosition(Int(row.user), in: ProgrammeNumber(row.programme)) else {
            return found
        }
        unsafe StoredRecord.walk(try record(base.rawValue)) { stored, _ in
            guard case .userSignedUp = stored.event else { return true }
            found = stored.occurredAt
            return false
        }
        return found
    }

    /// The signals of a member's signup, as stored.
    func signals(_ member: Int) throws(LogError) -> [UInt8] {
        var found: [UInt8] = []
        let row = members[member]
        guard let base = signupPosition(Int(row.user), in: ProgrammeNumber(row.programme)) else { return [] }
        unsafe StoredRecord.walk(try record(base.rawValue)) { stored, _ in
            guard case .userSignedUp(let signup) = stored.event else { return true }
            found = unsafe Array(signup.signals.utf8)
            return false
        }
        return found
    }
}
