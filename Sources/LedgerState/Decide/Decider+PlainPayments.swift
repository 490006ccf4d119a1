import CPlatform
import LedgerDomain
import LedgerLog

/// Payments about which nothing is special, side by side: what a step needs of all payments of a run is asked for once, and each
/// step is short enough for the compiler to keep what it works on in registers.
///
/// Special is what would be refused or was recorded before, too: why is not asked here. All that is left over is decided one by one, by
/// the same rules, to the same bytes and rows.
extension Decider {
    /// Decides payments as long as they are plain, all for one provider.
    /// - Parameter moments: nanoseconds that the case's policy version rules.
    /// - Returns: the number of the first that was not decided.
    func decidePlain(
        _ batch: CommandBatch, _ range: Range<Int>, _ provider: SymbolNumber, within moments: Range<Int64>,
        _ state: inout CoreState, _ now: Case, _ outcomes: inout [Outcome]
    ) -> Int {
        let asset = batch.row(range.lowerBound).asset
        guard state.takesPlainPayments(now.envelope.programme, asset) else { return range.lowerBound }
        plain.removeAll()
        gather(batch, range, provider, within: moments, &state, now)
        if plain.count == 0 { return range.lowerBound }
        state.apply(plain, batch, from: range.lowerBound, provider, now)
        record(batch, from: range.lowerBound, provider, &state, now, &outcomes)
        return range.lowerBound + plain.count
    }

    /// Finds payers, sees that all is usual, walks up the tree, and takes the payments' ids: the last, as from then on it is sure.
    private func gather(
        _ batch: CommandBatch, _ range: Range<Int>, _ provider: SymbolNumber, within moments: Range<Int64>,
        _ state: inout CoreState, _ now: Case
    ) {
        let programme = now.envelope.programme
        let asset = batch.row(range.lowerBound).asset
        let space = IdSpace.payment(programme, provider)
        let first = state.payments.count
        let waits = state.hasWaitingFacts
        for i in range {
            warmth.move(to: i, of: batch, state)
            let row = batch.row(i)
            var wanted = FlatPayment.isPayment | FlatPayment.plain
            if i > range.lowerBound { wanted |= FlatPayment.sameProvider | FlatPayment.sameProgramme }
            guard row.flags & wanted == wanted, row.asset == asset,
                moments.contains(row.at.nanoseconds), row.at.nanoseconds <= now.latest
            else { return }
            let hint = warmth.hint(i)
            let ids = batch.ids(row)
            let user = hint.user
            guard user >= 0, state.isShortId(ids.user, of: user),
                let payer = state.member(of: user, in: programme), !state.isMerged(payer),
                !mayMove(payer, paid: row.amount, state, now)
            else { return }
            var legs = plain.legs(plain.count)
            if earns(row.at, payer, state, now) {
                guard legs.fill(row.base, at: row.at, payer, now.policy.terms, state), !legs.areBlocked
                else { return }
            }
            if waits, state.mayWait(for: ids.payment, of: provider, programme) { return }
            let hash = hint.space == space ? hint.paymentHash : state.hash(ids.payment, space: space)
            guard state.paymentIds.insertIfAlone(hash, first + plain.count, &state.undo) else { return }
            plain.add(
                member: payer, user: UserNumber(UInt32(user)), amount: row.amount, at: row.at, legs)
        }
    }

    /// Starts loading lines that one of the next records will be written to: a group's memory was last read on another core.
    @inline(__always)
    private func prefetch(behind region: UnsafeMutableRawBufferPointer) {
        for line in 0..<3 { unsafe platform_prefetch_write(region.baseAddress! + 1_024 + line * 64) }
    }

    /// Encodes the records and says so.
    private func record(
        _ batch: CommandBatch, from first: Int, _ provider: SymbolNumber, _ state: inout CoreState,
        _ now: Case, _ outcomes: inout [Outcome]
    ) {
        let writer = PaymentRecordWriter(
            programme: now.envelope.programme, policyVersion: now.envelope.policyVersion)
        var payment = PaymentReceived()
        payment.provider = provider
        for i in 0..<plain.count {
            let row = batch.row(first + i)
            payment.payer = plain[i].user
            payment.paymentId = batch.ids(row).payment
            payment.asset = row.asset
            payment.amount = row.amount
            payment.commissionableBase = row.base
            let base = LogPosition(state.head.position.rawValue + 1)
            let region = unsafe now.group.reserve()
            unsafe prefetch(behind: region)
            let length = unsafe writer.write(
                payment, plain.commissions(i).shares, at: base, occurredAt: row.at,
                maturesAt: now.policy.terms.maturity(of: row.at),
                into: UnsafeMutableRawBufferPointer(rebasing: region[RecordHeader.size...]))
            let receipt = unsafe state.close(
                region, at: base, events: 1 + plain[i].legs, length: RecordHeader.size + length,
                now: now.inputs.now,
                in: now.group)
            outcomes.append(.accepted(receipt))
        }
    }
}

extension CoreState {
    /// Whether nothing is special about a programme: no caps, its sums in the asset are those that were touched last, and
    /// they have room for a run. (Sixteen payments of `LedgerBounds.amount` are below 2^58, and their commissions no more,
    /// as rates add up to one at the most.)
    func takesPlainPayments(_ programme: ProgrammeNumber, _ asset: AssetNumber) -> Bool {
        guard unsafe programmes.peek(Int(programme.rawValue)).pointee.firstBudget == 0,
            payments.count < LedgerBounds.entitiesOfAKind - 2 - PlainRun.capacity, lastTotals < totals.count
        else { return false }
        let row = unsafe totals.peek(lastTotals)
        guard
            unsafe row.pointee.programme == programme.rawValue && row.pointee.asset == asset.rawValue
        else { return false }
        return unsafe Self.isFarFromEnd(row.pointee.paid) && Self.isFarFromEnd(row.pointee.rewardExpense)
            && Self.isFarFromEnd(row.pointee.available) && row.pointee.pending >= 0
            && Self.isFarFromEnd(row.pointee.pending)
    }

    private static func isFarFromEnd(_ sum: Int64) -> Bool { sum.magnitude < 1 << 61 }

    /// Whether parked facts may be waiting for a payment.
    fileprivate func mayWait(
        for paymentId: BorrowedText, of provider: SymbolNumber, _ programme: ProgrammeNumber
    ) -> Bool {
        var probe = waitIds.probe(hash(paymentId, space: IdSpace.waitPayment(programme, provider)))
        return waitIds.next(&probe) != nil
    }

    /// Whether a user's id is this one, and short enough to be known without the log.
    @inline(__always)
    fileprivate func isShortId(_ id: BorrowedText, of number: Int) -> Bool {
        number < users.count && userTexts.holds(id, number) == true
    }

    @inline(__always)
    fileprivate func isMerged(_ member: Int) -> Bool {
        unsafe members.peek(member).pointee.flags & MemberRow.merged != 0
    }

    /// Folds what was decided: as `applyPayment` and `applyCommission` do one by one. The ids of the payments are in their table.
    fileprivate mutating func apply(
        _ run: PlainRun, _ batch: CommandBatch, from first: Int, _ provider: SymbolNumber,
        _ now: Decider.Case
    ) {
        let programme = now.envelope.programme
        let asset = batch.row(first).asset
        var base = head.position.rawValue + 1
        var place = EventPlace(
            base: LogPosition(base), position: LogPosition(base), occurredAt: run.moments.lowerBound,
            programme: programme)
        var due = (day: 0, numbers: 0..<0)
        for i in 0..<run.count {
            let number = payments.append(at: base)
            lastPayment = (base, number)
            base += UInt64(1 + run[i].legs)
            let row = batch.row(first + i)
            notePaid(Int(run[i].member), row.amount)
            let (shares, owners) = unsafe run.commissions(i)
            for leg in shares.indices {
                let balance = unsafe editBalance(Int(owners[leg]), asset)
                unsafe add(&balance.pointee.pending, shares[leg].amount, place)
                unsafe add(&balance.pointee.earned, shares[leg].amount, place)
            }
            if shares.isEmpty { continue }
            let day = Self.dueDay(now.policy.terms.maturity(of: row.at))
            if day != due.day || number != due.numbers.upperBound {
                if !due.numbers.isEmpty { schedule(.payment, due.numbers, on: due.day, programme) }
                due = (day, number..<number)
            }
            due.numbers = due.numbers.lowerBound..<(number + 1)
        }
        if !due.numbers.isEmpty { schedule(.payment, due.numbers, on: due.day, programme) }
        lastPaymentSpace = IdSpace.payment(programme, provider)
        let sums = unsafe editTotals(programme, asset)
        unsafe add(&sums.pointee.paid, run.paid, place)
        unsafe sums.pointee.payments += UInt64(run.count)
        unsafe add(&sums.pointee.rewardExpense, run.earned, place)
        unsafe add(&sums.pointee.pending, run.earned, place)
        noteFact(place)
        place.occurredAt = run.moments.upperBound
        noteFact(place)
    }
}
