import LedgerDomain
import LedgerLog

/// Payments and grants in quarantine. Source: Documentation/rules.md, "quarantine, release".
extension Decider {
    // MARK: Payments

    /// What is left of a payment's commissions is reversed; the payment qualifies no more.
    func setAside(
        payment fact: Fact, _ move: QuarantineMove, at moment: Timestamp, _ state: inout CoreState,
        _ out: inout RecordBuilder, _ now: Case
    ) throws(LogError) {
        guard let number = state.payment(standingAt: fact.position) else { return }
        let stored = try state.storedPayment(number)
        let (paid, payer, paidAt) = (stored.payment.amount, stored.payment.payer, stored.occurredAt)
        let rounding = try state.rounding(of: stored.envelope)
        let counted = state.counted(number)
        state.emit(.eventQuarantined(move), at: moment, &out)
        for leg in try state.legs(of: number) {
            let key = state.legNumber(number, leg.level).map { RewardKey.leg($0) }
            let left =
                key.map { state.reward($0).standing }
                ?? leg.amount - rounding.share(leg.amount, numerator: counted, denominator: paid)!
            guard left > 0 else { continue }
            let member = state.holder(of: leg.beneficiary, out.envelope.programme)
            let taken = take(
                left, of: key, matured: state.payments[number].isMatured, member: member, asset: fact.asset,
                holder: nil, at: moment, &state, &out, now)
            var part = QuarantineMove()
            part.flags = QuarantineMove.part
            part.kind = move.kind
            part.fact = fact.position
            part.level = leg.level
            fill(&part, taken, member, fact.asset, earnedAt: paidAt, state)
            state.emit(.eventQuarantined(part), at: moment, &out)
            try holdReturned(&state, &out)
        }
        if counted < paid { try revertIfLast(payer, at: moment, &state, &out, now) }
    }

    /// Its commissions come back, and then what waited for the payment takes effect.
    func letOut(
        payment fact: Fact, _ move: QuarantineMove, at moment: Timestamp, _ state: inout CoreState,
        _ out: inout RecordBuilder, _ now: Case
    ) throws(LogError) {
        guard let number = state.payment(standingAt: fact.position) else { return }
        let stored = try state.storedPayment(number)
        let (paid, payer, paidAt) = (stored.payment.amount, stored.payment.payer, stored.occurredAt)
        let provider = stored.payment.provider
        let paymentId = arena.text(stored.payment.paymentId)
        state.emit(.eventReleased(move), at: moment, &out)
        let matured = state.payments[number].isMatured
        for leg in try state.legs(of: number) {
            guard let row = state.legNumber(number, leg.level), state.legs[row].quarantined > 0 else {
                continue
            }
            let key = RewardKey.leg(row)
            let held = state.setAside(key)
            let member = state.holder(of: leg.beneficiary, out.envelope.programme)
            var part = QuarantineMove()
            part.flags = QuarantineMove.part
            part.kind = move.kind
            part.fact = fact.position
            part.level = leg.level
            fill(&part, returning: state.legs[row].quarantined, matured, member, fact.asset, state)
            part.earnedAt = paidAt
            state.emit(.eventReleased(part), at: moment, &out)
            holdAgain(held, key, fact.position, level: leg.level, matured, at: moment, &state, &out)
            // A case that held it may have ended meanwhile.
            try holdForDisputes(level: leg.level, of: number, at: moment, &state, &out)
        }
        if state.counted(number) < paid {
            try advanceByPayment(
                state.holder(of: payer, now.envelope.programme), paid: paid, at: moment, &state, &out, now)
        }
        try unparkAfterRelease(of: number, paymentId, provider, &state, &out, now)
    }

    // MARK: Grants

    /// What is left of a grant is reversed.
    func setAside(
        grant fact: Fact, _ move: QuarantineMove, at moment: Timestamp, _ state: inout CoreState,
        _ out: inout RecordBuilder, _ now: Case
    ) throws(LogError) {
        guard let number = state.grantNumber(at: fact.position) else { return }
        var move = move
        let row = state.rewards[number]
        let member = state.resolve(Int(row.member))
        if fact.asset.isMoney {
            if row.standing > 0 {
                let taken = take(
                    row.standing, of: .grant(number), matured: row.isMatured, member: member,
                    asset: fact.asset, holder: nil, at: moment, &state, &out, now)
                fill(&move, taken, member, fact.asset, earnedAt: fact.at, state)
            }
        } else if !row.isExpired {
            // What repaid a debt is owed again. What the user has of other grants goes first: nobody owes and has at
            // once.
            var taken = Taken()
            let others = state.balance(member: member, asset: fact.asset).available - row.standing
            taken.fromAvailable = row.standing + min(row.reversed, others)
            taken.toReceivable = row.reversed - min(row.reversed, others)
            fill(&move, taken, member, fact.asset, earnedAt: fact.at, state)
        }
        state.emit(.eventQuarantined(move), at: moment, &out)
        try holdReturned(&state, &out)
    }

    /// A grant counts again.
    func letOut(
        grant number: Int, _ move: QuarantineMove, at moment: Timestamp, _ state: inout CoreState,
        _ out: inout RecordBuilder
    ) throws(LogError) {
        var move = move
        let row = state.rewards[number]
        let asset = AssetNumber(rawValue: row.asset)
        let member = state.resolve(Int(row.member))
        let held = state.setAside(.grant(number))
        if row.quarantined > 0 {
            fill(&move, returning: row.quarantined, row.isMatured || !asset.isMoney, member, asset, state)
            move.earnedAt = try state.grantTime(number)
        }
        state.emit(.eventReleased(move), at: moment, &out)
        if move.flags & QuarantineMove.automatic == 0 {
            holdAgain(held, .grant(number), move.fact, level: 0, row.isMatured, at: moment, &state, &out)
        }
    }

    /// Something takes a grant back for good that is in quarantine: it comes out first, in the same record.
    func letOutToRevoke(
        _ number: Int, at moment: Timestamp, _ state: inout CoreState, _ out: inout RecordBuilder
    ) throws(LogError) {
        var move = QuarantineMove()
        move.flags = QuarantineMove.automatic
        move.kind = QuarantineKind.grant.rawValue
        move.fact = LogPosition(state.rewardPositions[number])
        try letOut(grant: number, move, at: moment, &state, &out)
    }

    // MARK: Amounts

    private func fill(
        _ move: inout QuarantineMove, _ taken: Taken, _ member: Int, _ asset: AssetNumber,
        earnedAt: Timestamp, _ state: borrowing CoreState
    ) {
        move.flags |= QuarantineMove.moves | QuarantineMove.ofUser
        move.user = UserNumber(state.members[member].user)
        move.asset = asset
        move.earnedAt = earnedAt
        move.held = taken.fromHeld
        move.pending = taken.fromPending
        move.available = taken.fromAvailable
        move.receivable = taken.toReceivable
    }

    private func fill(
        _ move: inout QuarantineMove, returning amount: Int64, _ matured: Bool, _ member: Int,
        _ asset: AssetNumber, _ state: borrowing CoreState
    ) {
        move.flags |= QuarantineMove.moves | QuarantineMove.ofUser
        move.user = UserNumber(state.members[member].user)
        move.asset = asset
        if matured {
            (move.available, move.receivable) = state.credit(amount, member, asset)
        } else {
            move.pending = amount
        }
    }

    /// Cases that are still open hold again what the quarantine took from them, as far as it is there.
    private func holdAgain(
        _ held: [(of: Int, amount: Int64)], _ key: RewardKey, _ position: LogPosition, level: UInt8,
        _ matured: Bool, at moment: Timestamp, _ state: inout CoreState, _ out: inout RecordBuilder
    ) {
        for (holder, amount) in held where state.cases[holder].isOpen {
            let row = state.reward(key)
            let asset = AssetNumber(rawValue: row.asset)
            let member = state.resolve(Int(row.member))
            var left = min(amount, row.pendingPart)
            if matured { left = min(left, state.lotLeft(of: state.lotKey(key), member, asset)) }
            guard left > 0 else { continue }
            hold(
                left, position, level: level, matured: matured, member, asset, by: holder, at: moment, &state,
                &out)
        }
    }

    // MARK: What waited

    /// Applies what came for a payment and its disputes while it was in quarantine, in the order in which it
    /// was parked. What cannot be applied stays parked.
    private func unparkAfterRelease(
        of payment: Int, _ paymentId: BorrowedText, _ provider: SymbolNumber, _ state: inout CoreState,
        _ out: inout RecordBuilder, _ now: Case
    ) throws(LogError) {
        let programme = now.envelope.programme
        var waiting = try state.waitingFacts(
            for: .payment, predecessor: paymentId, provider: provider, programme)
        var disputes: [Int: Int] = [:]
        for dispute in state.openDisputes(of: payment) {
            let id = arena.text(try state.storedDispute(dispute).event.disputeId)
            for number in try state.waitingFacts(
                for: .dispute, predecessor: id, provider: provider, programme)
            {
                waiting.append(number)
                disputes[number] = dispute
            }
        }
        out.expose(to: state.records)
        defer { state.records.hideBuilding() }
        for number in waiting.sorted() where !state.parked[number].isApplied {
            out.expose(to: state.records)
            if let dispute = disputes[number] {
                try unparkEnd(number, of: dispute, &state, &out, now)
            } else {
                try unpark(number, on: payment, provider, &state, &out, now)
            }
        }
    }
}

extension CoreState {
    /// What a quarantine took from the holds of a reward, the oldest first; minor units.
    func setAside(_ key: RewardKey) -> [(of: Int, amount: Int64)] {
        var out: [(of: Int, amount: Int64)] = []
        var next = reward(key).firstHold
        while next != 0 {
            let hold = holds[Int(next) - 1]
            if hold.quarantined > 0 { out.append((Int(hold.of), hold.quarantined)) }
            next = hold.nextOfReward
        }
        return out
    }

    /// The open disputes of a payment, the oldest first.
    func openDisputes(of payment: Int) -> [Int] {
        var out: [Int] = []
        var next = payments[payment].extra.map { paymentExtras[$0].firstDispute } ?? 0
        while next != 0 {
            if cases[Int(next) - 1].isOpen { out.append(Int(next) - 1) }
            next = cases[Int(next) - 1].next
        }
        return out.reversed()
    }

    /// Whether a review names, or held something of, what is in quarantine now.
    func waitsForRelease(review number: Int) throws(LogError) -> Bool {
        if cases[number].flags & CaseRow.names != 0, let subject = try flagSubject(number),
            isQuarantined(subject)
        {
            return true
        }
        var next = cases[number].firstHold
        while next != 0 {
            if holds[Int(next) - 1].quarantined > 0 { return true }
            next = holds[Int(next) - 1].nextOfCase
        }
        return false
    }
}
