import LedgerDomain
import LedgerLog

extension Decider {
    func decide(_ c: Signup, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let id = arena.text(c.userId)
        let known = try state.findUser(id)
        if let known, let base = state.signupPosition(known, in: now.envelope.programme) {
            if let field = try difference(c, state, base, now) {
                return now.refuse(
                    .signupConflict, field, "the user signed up at position \(base) with another \(field)")
            }
            return .repeated(try state.receipt(base))
        }
        let byKey = try judgeKey(state, now) { base throws(LogError) in try difference(c, state, base, now) }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        let user = known ?? state.users.count
        guard user < LedgerBounds.entitiesOfAKind - 2 else {
            return now.refuse(.limitReached, nil, "the ledger holds as many users as it can number")
        }
        let signals = signalBytes(c, now)
        let link = try findReferrer(c, id, signals, state, now)

        var signup = UserSignedUp()
        signup.user = UserNumber(UInt32(user))
        signup.userId = id
        if let country = c.country {
            signup.flags |= UserSignedUp.hasCountry
            signup.country = CountryCode.number(country)
        }
        if !signals.isEmpty {
            signup.flags |= UserSignedUp.hasSignals
            signup.signals = arena.text(signals)
        }
        if !c.personal.isEmpty {
            signup.flags |= UserSignedUp.hasSealed
            signup.sealed = try seal(PersonalCodec.encode(c.personal), for: UserNumber(UInt32(user)), now)
        }
        if let named = c.referrerId ?? c.referralCode {
            signup.flags |= c.referrerId != nil ? UserSignedUp.namedReferrer : UserSignedUp.namedCode
            signup.named = clipped(named)
        }
        var out = state.begin(now.envelope, in: now.group)
        state.emit(.userSignedUp(signup), at: c.at, &out)
        let number = UserNumber(UInt32(user))
        switch link {
        case .none: break
        case .rejected(let reason):
            var event = AttributionRejected()
            event.referee = number
            event.reason = reason.rawValue
            state.emit(.attributionRejected(event), at: c.at, &out)
        case .referrer(let member):
            var event = ReferralAttributed()
            if c.referralCode != nil { event.flags = ReferralAttributed.byCode }
            event.referee = number
            event.referrer = UserNumber(state.members[member].user)
            state.emit(.referralAttributed(event), at: c.at, &out)
            step(number, from: .pending, at: c.at, &state, &out)
            flagVelocity(member, at: c.at, &state, &out, now)
            if let referee = state.member(of: user, in: now.envelope.programme) {
                try reward([.registered], of: referee, converted: false, at: c.at, &state, &out, now)
            }
        }
        if let member = state.member(of: user, in: now.envelope.programme) {
            try unparkConversions(of: member, id, &state, &out, now)
        }
        return .accepted(state.finish(out, now: now.inputs.now, in: now.group))
    }

    enum Link {
        case none
        case referrer(Int)
        case rejected(AttributionRejection)
    }

    /// Whom a signup's code or referrer id leads to.
    private func findReferrer(
        _ c: Signup, _ id: BorrowedText, _ signals: [UInt8], _ state: borrowing CoreState, _ now: Case
    ) throws(LogError) -> Link {
        let programme = now.envelope.programme
        var referrer: Int?
        if let given = c.referrerId {
            let text = arena.text(given)
            if text.equals(id) { return .rejected(.selfReferral) }
            guard let user = try state.findUser(text), let member = state.member(of: user, in: programme)
            else {
                return .rejected(.unknownReferrer)
            }
            referrer = state.resolve(member)
        } else if let given = c.referralCode {
            guard let code = try state.findCode(programme, arena.text(given)) else {
                return .rejected(.unknownCode)
            }
            switch try state.codeState(code, at: c.at) {
            case .lives: break
            case .expired: return .rejected(.expiredCode)
            case .disabled: return .rejected(.disabledCode)
            }
            referrer = state.resolve(Int(state.codes[code].owner))
        }
        guard let referrer else { return .none }
        let owner = Int(state.members[referrer].user)
        if try state.isUser(owner, id) { return .rejected(.selfReferral) }
        if now.policy.policy.attribution.rejectSharedSignals,
            try state.sharesSignal(referrer, signals, programme)
        {
            return .rejected(.sharedSignal)
        }
        return .referrer(referrer)
    }

    /// A named referrer or code as it is stored: no more of it than a valid one could have.
    private func clipped(_ text: String) -> BorrowedText {
        let whole = arena.text(text)
        return unsafe BorrowedText(
            whole.utf8.baseAddress, count: min(whole.count, LedgerBounds.identifierBytes))
    }

    /// Seventeen bytes for each signal: kind and keyed hash.
    func signalBytes(_ c: Signup, _ now: Case) -> [UInt8] {
        var out: [UInt8] = []
        func add(_ kind: SignalKind, _ text: String?) {
            // A hash from another ledger's export says more than one that is made now: others that it has
            // to match were made with it.
            let given = c.signalHashes.first { $0.kind == kind }?.hash
            guard let hash = given ?? text.map({ now.inputs.vault.hash(kind, $0) }) else { return }
            out.append(kind.rawValue)
            out.append(contentsOf: hash.bytes)
        }
        add(.email, c.personal.email?.lowercased())
        add(.phone, c.personal.phone)
        add(.ip, c.signals.ip)
        add(.device, c.signals.device)
        add(.paymentMethod, c.signals.paymentMethod)
        return out
    }

    /// The first field in which a signup differs from the one recorded; nil when they are the same.
    private func difference(
        _ c: Signup, _ state: borrowing CoreState, _ base: LogPosition, _ now: Case
    ) throws(LogError) -> String? {
        var found: (UserSignedUp, Timestamp)?
        unsafe StoredRecord.walk(try state.record(base.rawValue)) { stored, _ in
            guard case .userSignedUp(let signup) = stored.event else { return true }
            found = (signup, stored.occurredAt)
            return false
        }
        guard let (was, at) = found else { return "type" }
        if !was.userId.equals(arena.text(c.userId)) { return "userId" }
        if at != c.at { return "at" }
        if was.country != (c.country.map { CountryCode.number($0) } ?? 0) { return "country" }
        let named = (c.referrerId ?? c.referralCode).map { clipped($0) } ?? .empty
        let namedId = was.flags & UserSignedUp.namedReferrer != 0
        let namedCode = was.flags & UserSignedUp.namedCode != 0
        if namedId != (c.referrerId != nil) || namedId && !was.named.equals(named) { return "referrerId" }
        if namedCode != (c.referralCode != nil) || namedCode && !was.named.equals(named) {
            return "referralCode"
        }
        if let field = try personalDifference(c, was, now) { return field }
        if let field = signalDifference(unsafe Array(was.signals.utf8), signalBytes(c, now)) { return field }
        return nil
    }

    /// Personal fields are compared in clear while the user's key lives; once erased, the natural key alone
    /// decides.
    private func personalDifference(_ c: Signup, _ was: UserSignedUp, _ now: Case) throws(LogError) -> String?
    {
        if was.sealed.isEmpty != c.personal.isEmpty {
            return PersonalCodec.firstField(of: c.personal) ?? "email"
        }
        if was.sealed.isEmpty { return nil }
        guard let key = try now.inputs.vault.key(of: was.user, create: false),
            let plain = unsafe Crypto.open(
                Array(was.sealed.utf8), key: key, bound: PersonalCodec.binding(now.inputs.ledgerId, was.user))
        else { return nil }
        return PersonalCodec.firstDifference(PersonalCodec.decode(plain), c.personal)
    }

    private func signalDifference(_ was: [UInt8], _ given: [UInt8]) -> String? {
        if was == given { return nil }
        func table(_ bytes: [UInt8]) -> [UInt8: ArraySlice<UInt8>] {
            var out: [UInt8: ArraySlice<UInt8>] = [:]
            for start in stride(from: 0, to: bytes.count - 16, by: 17) {
                out[bytes[start]] = bytes[start..<(start + 17)]
            }
            return out
        }
        let (before, after) = (table(was), table(given))
        for kind in SignalKind.allCases where before[kind.rawValue] != after[kind.rawValue] {
            switch kind {
            case .email: return "email"
            case .phone: return "phone"
            case .ip: return "signals.ip"
            case .device: return "signals.device"
            case .paymentMethod: return "signals.paymentMethod"
            }
        }
        return "signals"
    }
}

extension CoreState {
    /// Where a user's signup to a programme stands; nil when there is none.
    public func signupPosition(_ user: Int, in programme: ProgrammeNumber) -> LogPosition? {
        guard let member = member(of: user, in: programme) else { return nil }
        if user < Int(programmes[Int(programme.rawValue)].identityMembers) {
            return LogPosition(userPositions[user])
        }
        var probe = userIds.probe(membershipHash(user, programme))
        while let candidate = userIds.next(&probe) {
            if candidate < memberships.count, Int(memberships[candidate].member) == member {
                return LogPosition(memberships[candidate].position)
            }
        }
        return nil
    }

    /// Whether a member's signup had one of these signals.
    func sharesSignal(_ member: Int, _ signals: [UInt8], _ programme: ProgrammeNumber) throws(LogError)
        -> Bool
    {
        guard !signals.isEmpty, let base = signupPosition(Int(members[member].user), in: programme) else {
            return false
        }
        var shared = false
        unsafe StoredRecord.walk(try record(base.rawValue)) { stored, _ in
            guard case .userSignedUp(let signup) = stored.event else { return true }
            let theirs = unsafe Array(signup.signals.utf8)
            for a in stride(from: 0, to: signals.count - 16, by: 17) {
                for b in stride(from: 0, to: theirs.count - 16, by: 17)
                where signals[a..<(a + 17)] == theirs[b..<(b + 17)] {
                    shared = true
                }
            }
            return false
        }
        return shared
    }
}
