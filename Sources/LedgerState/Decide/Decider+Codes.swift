import LedgerDomain
import LedgerLog

/// Codes that end and live again. Source: Documentation/rules.md, "disableCode, reactivateCode".
extension Decider {
    func decide(_ c: DisableCode, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let byKey = try judgeKey(state, now, at: c.at) { stored throws(LogError) in
            guard case .codeDisabled(let e) = stored.event else { return .other }
            return .compare(
                ("userId", try isSame(e.owner, c.userId, state, now)),
                ("code", try isCode(e.issued, c.code, state)))
        }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard let party = try party(c.userId, state, now) else { return unknownUser(c.userId, now) }
        guard let number = try ownCode(c.code, party, state, now) else { return unknownCode(c.code, now) }
        if state.codes[number].flags & CodeRow.disabled != 0 {
            return now.refuse(.codeDisabled, "code", "the code is disabled already")
        }
        var event = CodeDisabled()
        event.owner = party.user
        event.issued = LogPosition(state.codePositions[number])
        var out = state.begin(now.envelope, in: now.group)
        state.emit(.codeDisabled(event), at: c.at, &out)
        return accept(out, &state, now)
    }

    func decide(_ c: ReactivateCode, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let byKey = try judgeKey(state, now) { base throws(LogError) in
            // By the policy that it was decided under: a later version does not make it another command.
            var days = c.expiresInDays
            let version = try state.policyVersion(of: base)
            if days == nil, let index = state.policyIndex(now.envelope.programme, version: version) {
                days = try state.readPolicy(index).policy.codes.ttlDays
            }
            return try difference(from: base, state, at: c.at) { stored throws(LogError) in
                guard case .codeReactivated(let e) = stored.event else { return .other }
                return .compare(
                    ("userId", try isSame(e.owner, c.userId, state, now)),
                    ("code", try isCode(e.issued, c.code, state)),
                    ("expiresInDays", isSame(e.flags & CodeReactivated.expires, e.expiresAt, days, stored)))
            }
        }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard let party = try party(c.userId, state, now) else { return unknownUser(c.userId, now) }
        guard let number = try ownCode(c.code, party, state, now) else { return unknownCode(c.code, now) }
        if try state.codeState(number, at: c.at) == .lives {
            return now.refuse(.codeActive, "code", "the code lives")
        }
        if now.policy.policy.codes.oneActive, let active = try state.activeCode(of: party.member, at: c.at) {
            return now.refuse(.codeOneActive, "userId", "the user has the active code “\(active)”")
        }
        if let full = timesFull(.codeReactivated, number, "code", state, now) { return full }
        var event = CodeReactivated()
        event.owner = party.user
        event.issued = LogPosition(state.codePositions[number])
        if let days = c.expiresInDays ?? now.policy.policy.codes.ttlDays {
            guard let end = c.at.adding(wholeDays: days) else {
                return now.refuse(
                    .timeOutOfRange, "expiresInDays", "the code would expire past the year 2262")
            }
            event.flags = CodeReactivated.expires
            event.expiresAt = end
        }
        var out = state.begin(now.envelope, in: now.group)
        state.emit(.codeReactivated(event), at: c.at, &out)
        return accept(out, &state, now)
    }

    /// Whether an event's end is so many days after it.
    func isSame(_ expires: UInt8, _ end: Timestamp, _ days: Int?, _ stored: StoredEvent) -> Bool {
        let due = days.flatMap { stored.occurredAt.adding(wholeDays: $0) }
        return expires != 0 ? end == due : due == nil
    }

    private func ownCode(_ code: String, _ party: Party, _ state: borrowing CoreState, _ now: Case)
        throws(LogError)
        -> Int?
    {
        guard let number = try state.findCode(now.envelope.programme, arena.text(code)),
            state.resolve(Int(state.codes[number].owner)) == party.member
        else { return nil }
        return number
    }

    private func unknownCode(_ code: String, _ now: Case) -> Outcome {
        now.refuse(.codeUnknown, "code", "“\(code)” is no code of this user")
    }

    private func isCode(_ issued: LogPosition, _ code: String, _ state: borrowing CoreState) throws(LogError)
        -> Bool
    {
        guard let number = state.codeNumber(issued) else { return false }
        return CodeSkeleton.bytes(of: try state.storedCode(number).event.code)
            == CodeSkeleton.bytes(of: arena.text(code))
    }
}

/// Whether a code may be used at a moment.
enum CodeState {
    case lives, expired, disabled
}

extension CoreState {
    /// The version of the policy that a record was decided under.
    func policyVersion(of base: LogPosition) throws(LogError) -> UInt64 {
        var version: UInt64 = 0
        unsafe StoredRecord.walk(try record(base.rawValue)) { _, envelope in
            version = envelope.policyVersion
            return false
        }
        return version
    }

    /// A code's state at a moment: by its issue, or by what made it live again.
    func codeState(_ number: Int, at moment: Timestamp) throws(LogError) -> CodeState {
        let flags = codes[number].flags
        if try codeExpiry(number) <= moment { return .expired }
        return flags & CodeRow.disabled != 0 ? .disabled : .lives
    }

    /// When a code expires; the end of time when it does not.
    public func codeExpiry(_ number: Int) throws(LogError) -> Timestamp {
        guard codes[number].flags & CodeRow.reactivated != 0, let base = marked(.codeReactivated, number)
        else {
            return try storedCode(number).event.expiresAt
        }
        var found = Timestamp(nanoseconds: .max)
        unsafe StoredRecord.walk(try record(base.rawValue)) { stored, _ in
            guard case .codeReactivated(let e) = stored.event else { return true }
            found = e.expiresAt
            return false
        }
        return found
    }
}
