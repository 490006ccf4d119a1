import LedgerDomain
import LedgerLog

extension CoreState {
    /// - Parameter idHash: the hash of the user's id, where it is known.
    mutating func applySignup(_ e: UserSignedUp, _ place: EventPlace, idHash: UInt64? = nil) {
        let user = Int(e.user.rawValue)
        guard Int(place.programme.rawValue) < programmes.count else {
            return fail("programme.unknown", "a signup to a programme that was not created", place)
        }
        if user == users.count {
            var row = UserRow()
            row.country = UInt16(truncatingIfNeeded: e.country)
            users.add(row)
            userPositions.append(place.base.rawValue)
            userTexts.put(e.userId, at: user)
            userIds.insert(idHash ?? hash(e.userId, space: IdSpace.user), user, &undo)
        } else if user > users.count {
            return fail("user.density", "user number \(user) after \(users.count) users", place)
        } else if member(of: user, in: place.programme) != nil {
            return fail("user.twice", "the user is in the programme already", place)
        }
        addMember(user, place)
        noteFact(place)
    }

    private mutating func addMember(_ user: Int, _ place: EventPlace) {
        var row = MemberRow()
        row.user = UInt32(user)
        row.programme = place.programme.rawValue
        let number = members.append(row)
        let programme = unsafe programmes.edit(Int(place.programme.rawValue), &undo)
        unsafe programme.pointee.members += 1
        // While every user so far is a member of the same number, no index is needed.
        if unsafe number == user && Int(programme.pointee.identityMembers) == user {
            unsafe programme.pointee.identityMembers += 1
            return
        }
        var membership = MembershipRow()
        membership.user = UInt32(user)
        membership.member = UInt32(number)
        membership.programme = UInt32(place.programme.rawValue)
        membership.position = place.base.rawValue
        let index = further.memberships.append(membership)
        userIds.insert(membershipHash(user, place.programme), index, &undo)
    }

    mutating func applyAttribution(_ e: ReferralAttributed, _ place: EventPlace) {
        guard let referee = member(e.referee, place), let referrer = member(e.referrer, place) else { return }
        guard referee != referrer, members[referee].parent == 0 else {
            return fail("referral.parent", "a second referrer, or oneself", place)
        }
        if e.flags & ReferralAttributed.applied != 0, isBelow(referrer, referee) {
            return fail("referral.cycle", "the referrer is below the referee", place)
        }
        let elder = members[referrer].firstChild
        let child = unsafe members.edit(referee, &undo)
        unsafe child.pointee.parent = UInt32(referrer + 1)
        unsafe child.pointee.nextSibling = elder
        unsafe child.pointee.attributedAt = place.occurredAt.nanoseconds
        unsafe child.pointee.stage = ReferralStage.pending.rawValue
        let parent = unsafe members.edit(referrer, &undo)
        unsafe parent.pointee.firstChild = UInt32(referee + 1)
        unsafe parent.pointee.referrals += 1
        if e.flags & ReferralAttributed.applied != 0 {
            mark(.codeApplied, referee, place)
        }
        scheduleReferralExpiry(referee, attributedAt: place.occurredAt, place)
        if unsafe programmes.peek(Int(place.programme.rawValue)).pointee.flags & 1 != 0 {
            countAttribution(referrer, place)
        }
        noteFact(place)
    }

    /// Counts a referrer's attributions in one day of the programme's zone.
    private mutating func countAttribution(_ referrer: Int, _ place: EventPlace) {
        guard let index = policyIndex(place.programme, at: place.occurredAt), let policy = try? policy(index)
        else { return fail("policy.missing", "an attribution without a policy", place) }
        let day = policy.start(of: .day, at: place.occurredAt)
        let number = usageRow(
            referrer, place.programme, AssetNumber(rawValue: 0), BudgetPeriod.day.rawValue, day)
        unsafe further.usages.edit(number, &undo).pointee.used &+= 1
    }

    /// Whether `member` has `ancestor` above it. Cost: the depth of the tree.
    public func isBelow(_ member: Int, _ ancestor: Int) -> Bool {
        var next = members[member].parent
        while next != 0 {
            let above = resolve(Int(next) - 1)
            if above == ancestor { return true }
            next = members[above].parent
        }
        return false
    }

    mutating func applyAdvance(_ e: ReferralAdvanced, _ place: EventPlace) {
        guard let referee = member(e.referee, place) else { return }
        let row = unsafe members.edit(referee, &undo)
        guard unsafe row.pointee.stage == e.from.rawValue, e.from.mayAdvance(to: e.to) else {
            return fail("referral.stage", "a step from \(e.from) to \(e.to)", place)
        }
        unsafe row.pointee.stage = e.to.rawValue
        // First in its record: somebody moved it by hand.
        if place.position == place.base { mark(.steppedByHand, referee, place) }
        // Back among the stages that run out: its day may have passed while it was reverted.
        if e.from == .reverted {
            scheduleReferralExpiry(
                referee, attributedAt: Timestamp(nanoseconds: members[referee].attributedAt), place)
        }
        noteFact(place)
    }

    mutating func applyConversion(_ e: ReferralConverted, _ place: EventPlace) {
        guard let referee = member(e.referee, place), let referrer = member(e.referrer, place) else { return }
        let row = unsafe members.edit(referee, &undo)
        guard unsafe !row.pointee.isConverted && row.pointee.parent != 0,
            resolve(unsafe Int(row.pointee.parent) - 1) == referrer
        else {
            return fail("referral.converted", "a second conversion, or of another's referral", place)
        }
        unsafe row.pointee.flags |= MemberRow.converted
        if e.flags & ReferralConverted.manual != 0 { unsafe row.pointee.flags |= MemberRow.convertedManually }
        unsafe row.pointee.convertedAt = place.occurredAt.nanoseconds
        unsafe members.edit(referrer, &undo).pointee.conversions &+= 1
        if place.position == place.base { mark(.steppedByHand, referee, place) }
    }

    mutating func applyReversion(_ e: ReferralReverted, _ place: EventPlace) {
        guard let referee = member(e.referee, place), let referrer = member(e.referrer, place) else { return }
        let row = unsafe members.edit(referee, &undo)
        guard unsafe row.pointee.isConverted && row.pointee.parent != 0,
            resolve(unsafe Int(row.pointee.parent) - 1) == referrer
        else {
            return fail("referral.reverted", "a reversion of what was not converted", place)
        }
        unsafe row.pointee.flags &= ~(MemberRow.converted | MemberRow.convertedManually)
        unsafe row.pointee.stage = ReferralStage.reverted.rawValue
        unsafe members.edit(referrer, &undo).pointee.conversions &-= 1
    }

    mutating func applyExpiry(_ e: ReferralExpired, _ place: EventPlace) {
        guard let referee = member(e.referee, place) else { return }
        let row = unsafe members.edit(referee, &undo)
        guard unsafe row.pointee.stage == e.from.rawValue, e.from.mayExpire else {
            return fail("referral.expiry", "an expiry from stage \(e.from)", place)
        }
        unsafe row.pointee.stage = ReferralStage.expired.rawValue
    }

    mutating func applyCode(_ e: CodeIssued, _ place: EventPlace) {
        guard let owner = member(e.owner, place) else { return }
        var row = CodeRow()
        row.owner = UInt32(owner)
        row.next = members[owner].firstCode
        let number = further.codes.append(row)
        further.codePositions.append(place.base.rawValue)
        unsafe members.edit(owner, &undo).pointee.firstCode = UInt32(number + 1)
        let skeleton = CodeSkeleton.bytes(of: e.code)
        let hashed = skeleton.withBorrowed { hash($0, space: IdSpace.code(place.programme)) }
        further.codeIds.insert(hashed, number, &undo)
        if e.flags & CodeIssued.expires != 0 { schedule(.code, number, at: e.expiresAt, place.programme) }
        noteFact(place)
    }

    mutating func applyCodeExpiry(_ e: CodeExpired, _ place: EventPlace) {
        guard let number = codeNumber(e.issued), codes[number].flags & CodeRow.expired == 0
        else {
            return fail("code.expiry", "no live code was issued at \(e.issued)", place)
        }
        unsafe further.codes.edit(number, &undo).pointee.flags |= CodeRow.expired
    }

    /// The code of the record that begins at a position.
    func codeNumber(_ issued: LogPosition) -> Int? {
        guard let number = codePositions.find(notAfter: issued.rawValue),
            codePositions[number] == issued.rawValue
        else { return nil }
        return number
    }

    mutating func applyCodeDisabled(_ e: CodeDisabled, _ place: EventPlace) {
        guard let number = codeNumber(e.issued), codes[number].flags & CodeRow.disabled == 0 else {
            return fail("code.disabled", "no live code was issued at \(e.issued)", place)
        }
        unsafe further.codes.edit(number, &undo).pointee.flags |= CodeRow.disabled
        noteFact(place)
    }

    mutating func applyCodeReactivated(_ e: CodeReactivated, _ place: EventPlace) {
        guard let number = codeNumber(e.issued) else {
            return fail("code.reactivated", "no code was issued at \(e.issued)", place)
        }
        unsafe further.codes.edit(number, &undo).pointee.flags = CodeRow.reactivated
        mark(.codeReactivated, number, place)
        if e.flags & CodeReactivated.expires != 0 {
            schedule(.code, number, at: e.expiresAt, place.programme)
        }
        noteFact(place)
    }

    // MARK: Programmes and the clock

    mutating func applyProgramme(_ e: ProgrammeCreated, _ place: EventPlace) {
        guard Int(place.programme.rawValue) == programmes.count else {
            return fail(
                "programme.density", "programme \(place.programme.rawValue) after \(programmes.count)", place)
        }
        var row = ProgrammeRow()
        row.asset = e.asset.rawValue
        programmes.append(row)
        further.programmePositions.append(place.base.rawValue)
        if globals.count == 0 { further.globals.append(GlobalsRow()) }
    }

    mutating func applyPolicy(_ e: PolicyPublished, _ place: EventPlace) {
        guard Int(place.programme.rawValue) < programmes.count else {
            return fail("programme.unknown", "a policy for a programme that was not created", place)
        }
        let programme = unsafe programmes.edit(Int(place.programme.rawValue), &undo)
        guard unsafe e.version == UInt64(programme.pointee.policies) + 1 else {
            return fail("policy.version", "policy version \(e.version) is not the next", place)
        }
        unsafe programme.pointee.policies += 1
        var row = PolicyRow()
        row.programme = UInt32(place.programme.rawValue)
        row.effectiveFrom = e.effectiveFrom.nanoseconds
        row.version = e.version
        further.policies.append(row)
        ruling = nil
        further.policyPositions.append(place.base.rawValue)
        guard let rules = try? Policy.parse(unsafe Array(e.rules.utf8)) else {
            return fail("policy.rules", "a policy that cannot be read", place)
        }
        for cap in rules.caps {
            countUse(
                programme: place.programme, cap.asset.rawValue, cap.period.rawValue,
                whole: cap.scope == .programme)
        }
        if rules.fraudAttributionsPerDay != nil {
            unsafe programmes.edit(Int(place.programme.rawValue), &undo).pointee.flags |= 1
        }
    }

    mutating func applySymbol(_ e: SymbolDefined, _ place: EventPlace) {
        guard Int(e.number.rawValue) == symbols.count else {
            return fail("symbol.density", "symbol \(e.number.rawValue) after \(symbols.count)", place)
        }
        var row = SymbolRow()
        row.kind = UInt32(e.kind)
        further.symbols.append(row)
        further.symbolPositions.append(place.base.rawValue)
    }

    mutating func applyClock(_ e: ClockAdvanced, _ place: EventPlace) {
        guard Int(place.programme.rawValue) < programmes.count else {
            return fail("programme.unknown", "a clock of no programme", place)
        }
        let row = unsafe programmes.edit(Int(place.programme.rawValue), &undo)
        guard unsafe e.to.nanoseconds > row.pointee.clock else {
            return fail("clock.back", "the business clock would go back", place)
        }
        unsafe row.pointee.clock = e.to.nanoseconds
        // What was due before has been done, in order of due time.
        if unsafe row.pointee.dueFrom != .max { unsafe row.pointee.dueFrom = UInt32(Self.dueDay(e.to)) }
    }

    mutating func applyPeriodClosed(_ e: PeriodClosed, _ place: EventPlace) {
        guard let kind = PeriodKind(rawValue: e.kind), Int(place.programme.rawValue) < programmes.count else {
            return fail("period.kind", "a period of kind \(e.kind)", place)
        }
        let row = unsafe programmes.edit(Int(place.programme.rawValue), &undo)
        switch kind {
        case .week:
            if unsafe e.end.nanoseconds <= row.pointee.weekClosedTo {
                fail("period.order", "a week closed twice", place)
            }
            unsafe row.pointee.weekClosedTo = e.end.nanoseconds
        case .month:
            if unsafe e.end.nanoseconds <= row.pointee.monthClosedTo {
                fail("period.order", "a month closed twice", place)
            }
            unsafe row.pointee.monthClosedTo = e.end.nanoseconds
        }
    }

    mutating func applyImport(_ e: ImportProgressed, _ place: EventPlace) {
        var number: Int?
        do throws(LogError) {
            number = try importNumber(e.importId)
        } catch {
            return fail("import.id", error.message, place)
        }
        if number == nil {
            number = further.imports.append(ImportRow())
            further.importPositions.append(place.base.rawValue)
            further.importIds.insert(hash(e.importId, space: IdSpace.importId), number!, &undo)
        }
        let row = unsafe further.imports.edit(number!, &undo)
        unsafe row.pointee.throughLine = e.throughLine
        unsafe row.pointee.accepted = e.accepted
        unsafe row.pointee.repeated = e.repeated
        unsafe row.pointee.parked = e.parked
        unsafe row.pointee.refused = e.refused
    }
}

extension ReferralStage {
    /// The one step forward, if there is one.
    public var next: ReferralStage? {
        switch self {
        case .pending: .registered
        case .registered: .active
        case .active: .qualified
        case .qualified: .completed
        // From reverted the way leads on from active.
        case .reverted: .qualified
        case .completed, .expired, .none: nil
        }
    }
    func mayAdvance(to stage: ReferralStage) -> Bool { next == stage }
    /// Only the first four stages run out.
    public var mayExpire: Bool {
        switch self {
        case .pending, .registered, .active, .qualified: true
        default: false
        }
    }
}
