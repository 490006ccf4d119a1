import LedgerDomain
import LedgerLog

/// Facts in quarantine. Source: Documentation/rules.md, "quarantine, release".
extension CoreState {
    // MARK: Which

    /// The row of a fact that was ever put in quarantine. Cost: a probe.
    func quarantineNumber(of fact: LogPosition) -> Int? {
        var probe = caseIds.probe(quarantineHash(fact))
        while let candidate = caseIds.next(&probe) {
            if candidate < quarantines.count, quarantinePositions[candidate] == fact.rawValue {
                return candidate
            }
        }
        return nil
    }

    private func quarantineHash(_ fact: LogPosition) -> UInt64 {
        var words = (fact.rawValue, UInt64(0))
        return unsafe withUnsafeBytes(of: &words) { raw in
            let text = unsafe BorrowedText(raw.baseAddress!.assumingMemoryBound(to: UInt8.self), count: 16)
            return hash(text, space: IdSpace.quarantine)
        }
    }

    /// Whether a fact is in quarantine now.
    func isQuarantined(_ fact: LogPosition) -> Bool {
        quarantineNumber(of: fact).map { quarantines[$0].isActive != 0 } ?? false
    }

    /// Whether a payment is in quarantine now. Cost: two rows.
    public func isQuarantined(payment: Int) -> Bool {
        payments[payment].extra.map { paymentExtras[$0].isQuarantined } ?? false
    }

    /// The payment whose `PaymentReceived` stands exactly there.
    mutating func payment(standingAt position: LogPosition) -> Int? {
        guard let number = paymentNumber(at: position),
            let stored = try? storedPayment(number), stored.position == position
        else { return nil }
        return number
    }

    // MARK: Applying

    mutating func applyQuarantined(_ e: QuarantineMove, _ place: EventPlace) {
        if e.flags & QuarantineMove.part != 0 { return takeLeg(e, place) }
        if e.flags & QuarantineMove.automatic != 0 {
            return fail("quarantine.flags", "nothing is put in quarantine by itself", place)
        }
        var number = quarantineNumber(of: e.fact)
        if let number, quarantines[number].isActive != 0 {
            return fail("quarantine.twice", "the fact at \(e.fact) is in quarantine already", place)
        }
        if number == nil {
            var row = QuarantineRow()
            row.programme = place.programme.rawValue
            row.kind = e.kind
            number = further.quarantines.append(row)
            further.quarantinePositions.append(e.fact.rawValue)
            further.caseIds.insert(quarantineHash(e.fact), number!, &undo)
        }
        guard quarantines[number!].kind == e.kind, quarantines[number!].programme == place.programme.rawValue
        else { return fail("quarantine.kind", "the fact at \(e.fact) is of another kind", place) }
        let row = unsafe further.quarantines.edit(number!, &undo)
        unsafe row.pointee.isActive = 1
        unsafe row.pointee.times &+= 1
        mark(.quarantined, number!, place)
        switch QuarantineKind(rawValue: e.kind) {
        case .payment: setQuarantined(e, true, place)
        case .grant: takeGrant(e, place)
        default: moveBooks(e, takes: e.flags & QuarantineMove.minus == 0, .eventQuarantined(e), place)
        }
        noteFact(place)
    }

    mutating func applyReleasedFact(_ e: QuarantineMove, _ place: EventPlace) {
        if e.flags & QuarantineMove.part != 0 { return giveLeg(e, place) }
        guard let number = quarantineNumber(of: e.fact), quarantines[number].isActive != 0,
            quarantines[number].kind == e.kind
        else { return fail("quarantine.none", "the fact at \(e.fact) is not in quarantine", place) }
        unsafe further.quarantines.edit(number, &undo).pointee.isActive = 0
        mark(.releasedFact, number, place)
        switch QuarantineKind(rawValue: e.kind) {
        case .payment: setQuarantined(e, false, place)
        case .grant: giveGrant(e, place)
        default: moveBooks(e, takes: e.flags & QuarantineMove.minus != 0, .eventReleased(e), place)
        }
        noteFact(place)
    }

    /// A payment goes into quarantine, or comes out: it qualifies no more, or again.
    private mutating func setQuarantined(_ e: QuarantineMove, _ isOn: Bool, _ place: EventPlace) {
        guard let number = payment(standingAt: e.fact), isQuarantined(payment: number) != isOn,
            let stored = try? storedPayment(number)
        else { return fail("quarantine.payment", "no such payment stands at \(e.fact)", place) }
        let (paid, payer) = (stored.payment.amount, stored.payment.payer)
        let extra = unsafe editExtra(number)
        if isOn {
            unsafe extra.pointee.flags |= PaymentExtraRow.quarantined
        } else {
            unsafe extra.pointee.flags &= ~PaymentExtraRow.quarantined
        }
        guard counted(number) < paid, let payer = member(payer, place) else { return }
        let row = unsafe members.edit(resolve(payer), &undo)
        if isOn {
            unsafe row.pointee.qualifying &-= 1
        } else {
            unsafe row.pointee.qualifying &+= 1
        }
    }

    // MARK: Commissions

    private mutating func takeLeg(_ e: QuarantineMove, _ place: EventPlace) {
        guard let payment = payment(standingAt: e.fact), isQuarantined(payment: payment),
            let key = ensureReward(e.fact, e.level, place), let member = member(e.user, place)
        else { return fail("quarantine.leg", "a commission of no payment in quarantine", place) }
        takeReward(key, e, member, place)
    }

    /// Takes money of a reward out of everybody's hands; remembers what holds lost by it.
    private mutating func takeReward(
        _ key: RewardKey, _ e: QuarantineMove, _ member: Int, _ place: EventPlace
    ) {
        let row = reward(key)
        guard row.quarantined == 0, e.amount == row.standing, e.pending <= max(0, row.pendingPart),
            e.held <= row.held, e.asset.rawValue == row.asset
        else { return fail("quarantine.amount", "not what is left of the reward is set aside", place) }
        applyPostings(.eventQuarantined(e), place)
        unsafe add(&editBalance(member, e.asset).pointee.earned, 0 &- e.amount, place)
        consumeLots(of: member, e.asset, e.available, place)
        countGrant(member, e.asset, 0 &- e.amount, at: e.earnedAt, place)
        if e.held > 0 { unhold(key, e.held, first: nil, others: true, setAside: true, place) }
        unsafe editReward(key).pointee.quarantined &+= e.amount
    }

    private mutating func giveLeg(_ e: QuarantineMove, _ place: EventPlace) {
        guard let payment = payment(standingAt: e.fact), !isQuarantined(payment: payment),
            let key = rewardKey(at: e.fact, level: e.level), let member = member(e.user, place)
        else { return fail("quarantine.leg", "a commission of no payment that is released", place) }
        giveReward(key, e, member, matured: payments[payment].isMatured, place)
        // Its day may have passed meanwhile.
        if e.pending > 0 {
            schedule(
                .payment, payment, at: Timestamp(nanoseconds: reward(key).maturesAt), place.programme)
        }
    }

    private mutating func giveReward(
        _ key: RewardKey, _ e: QuarantineMove, _ member: Int, matured: Bool, _ place: EventPlace
    ) {
        let row = reward(key)
        guard e.amount == row.quarantined, e.held == 0, matured == (e.pending == 0),
            e.asset.rawValue == row.asset, resolve(Int(row.member)) == member
        else { return fail("quarantine.amount", "not what was set aside is released", place) }
        applyPostings(.eventReleased(e), place)
        unsafe add(&editBalance(member, e.asset).pointee.earned, e.amount, place)
        countGrant(member, e.asset, e.amount, at: e.earnedAt, place)
        unsafe editReward(key).pointee.quarantined = 0
        var next = row.firstHold
        while next != 0 {
            let hold = holds[Int(next) - 1]
            if hold.quarantined != 0 {
                unsafe further.holds.edit(Int(next) - 1, &undo).pointee.quarantined = 0
            }
            next = hold.nextOfReward
        }
        var lot = lotKey(key)
        lot.left = e.available
        addLot(lot, to: member, e.asset)
    }

    // MARK: Grants

    private mutating func takeGrant(_ e: QuarantineMove, _ place: EventPlace) {
        guard let number = grantNumber(at: e.fact), !rewards[number].isQuarantined,
            !rewards[number].isRevoked
        else { return fail("quarantine.grant", "no such grant stands at \(e.fact)", place) }
        defer { unsafe further.rewards.edit(number, &undo).pointee.state |= RewardRow.quarantined }
        guard e.flags & QuarantineMove.moves != 0 else { return }
        guard let member = member(e.user, place) else { return }
        if e.asset.isMoney { return takeReward(.grant(number), e, member, place) }
        let row = rewards[number]
        guard !row.isClaimed, !row.isExpired, e.held == 0, e.pending == 0,
            e.amount == row.standing &+ row.reversed
        else { return fail("quarantine.units", "not what is left of the grant is set aside", place) }
        applyPostings(.eventQuarantined(e), place)
        unsafe add(&editBalance(member, e.asset).pointee.earned, 0 &- e.amount, place)
        countGrant(member, e.asset, 0 &- e.amount, at: e.earnedAt, place)
        let edited = unsafe further.rewards.edit(number, &undo)
        // What had repaid a debt is owed again, or comes out of the user's other grants.
        unsafe edited.pointee.reversed = 0
        unsafe edited.pointee.quarantined = e.amount
        repayFromGrants(of: member, e.asset, e.available &- row.standing, place)
    }

    private mutating func giveGrant(_ e: QuarantineMove, _ place: EventPlace) {
        guard let number = grantNumber(at: e.fact), rewards[number].isQuarantined else {
            return fail("quarantine.grant", "no such grant stands at \(e.fact)", place)
        }
        unsafe further.rewards.edit(number, &undo).pointee.state &= ~RewardRow.quarantined
        guard e.flags & QuarantineMove.moves != 0 else {
            if rewards[number].quarantined != 0 {
                fail("quarantine.amount", "not what was set aside is released", place)
            }
            return
        }
        guard let member = member(e.user, place) else { return }
        let row = rewards[number]
        if e.asset.isMoney {
            giveReward(.grant(number), e, member, matured: row.isMatured, place)
            if e.pending > 0 {
                schedule(.grant, number, at: Timestamp(nanoseconds: row.maturesAt), place.programme)
            }
        } else {
            guard e.amount == row.quarantined, e.pending == 0, e.held == 0 else {
                return fail("quarantine.amount", "not what was set aside is released", place)
            }
            applyPostings(.eventReleased(e), place)
            unsafe add(&editBalance(member, e.asset).pointee.earned, e.amount, place)
            countGrant(member, e.asset, e.amount, at: e.earnedAt, place)
            let edited = unsafe further.rewards.edit(number, &undo)
            unsafe edited.pointee.quarantined = 0
            unsafe edited.pointee.reversed = e.receivable
        }
        scheduleExpiry(number, place)
    }

    // MARK: Books

    /// What is no reward: the balance, or the programme's own money.
    private mutating func moveBooks(
        _ e: QuarantineMove, takes: Bool, _ event: Event, _ place: EventPlace
    ) {
        guard e.flags & QuarantineMove.moves != 0, e.held == 0, e.pending == 0, e.asset.isMoney else {
            return fail("quarantine.amount", "a fact of the books moves money", place)
        }
        applyPostings(event, place)
        guard e.flags & QuarantineMove.ofUser != 0, let member = member(e.user, place) else { return }
        if takes {
            consumeLots(of: member, e.asset, e.available, place)
        } else {
            addCredit(e.available, to: member, e.asset, place)
        }
    }
}
