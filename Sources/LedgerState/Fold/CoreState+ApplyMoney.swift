import LedgerDomain
import LedgerLog

extension CoreState {
    /// - Parameter idHash: the hash of the payment's id in its name space, where it is known.
    mutating func applyPayment(_ e: PaymentReceived, _ place: EventPlace, idHash: UInt64? = nil) {
        guard let payer = member(e.payer, place) else { return }
        guard e.amount >= 0, e.commissionableBase >= 0, e.commissionableBase <= e.amount else {
            return fail(
                "payment.amount", "a payment of \(e.amount) on a base of \(e.commissionableBase)", place)
        }
        let number = payments.append(at: place.base.rawValue)
        lastPayment = (place.position.rawValue, number)
        lastPaymentSpace = IdSpace.payment(place.programme, e.provider)
        paymentIds.insert(idHash ?? hash(e.paymentId, space: lastPaymentSpace), number, &undo)
        notePaid(payer, e.amount)
        let sums = unsafe editTotals(place.programme, e.asset)
        unsafe add(&sums.pointee.paid, e.amount, place)
        unsafe sums.pointee.payments += 1
        noteFact(place)
    }

    /// Counts a payment of a member.
    @inline(__always)
    mutating func notePaid(_ payer: Int, _ amount: Int64) {
        let row = unsafe members.edit(payer, &undo)
        unsafe row.pointee.flags |= MemberRow.hasPaid
        if amount > 0 { unsafe row.pointee.qualifying += 1 }
    }

    /// Remembers the earliest business moment of a programme, where its periods begin, and the latest.
    @inline(__always)
    mutating func noteFact(_ place: EventPlace) {
        let number = Int(place.programme.rawValue)
        let moment = place.occurredAt.nanoseconds
        // The facts of a record, and those of a moment, come one after the other.
        if lastFact.moment == moment, lastFact.programme == number { return }
        lastFact = (number, moment)
        let row = unsafe programmes.peek(number)
        if unsafe row.pointee.lastFactAt < moment {
            unsafe programmes.edit(number, &undo).pointee.lastFactAt = moment
        }
        if unsafe row.pointee.firstFactAt > moment {
            unsafe programmes.edit(number, &undo).pointee.firstFactAt = moment
        }
    }

    /// rewardExpense → pending(beneficiary)
    @inline(__always)
    mutating func applyCommission(_ e: CommissionEarned, _ place: EventPlace) {
        guard let beneficiary = member(e.beneficiary, place) else { return }
        guard e.amount > 0 else { return fail("commission.amount", "a commission of \(e.amount)", place) }
        let balance = unsafe editBalance(beneficiary, e.asset)
        unsafe add(&balance.pointee.pending, e.amount, place)
        unsafe add(&balance.pointee.earned, e.amount, place)
        let sums = unsafe editTotals(place.programme, e.asset)
        unsafe add(&sums.pointee.rewardExpense, e.amount, place)
        unsafe add(&sums.pointee.pending, e.amount, place)
        countGrant(beneficiary, e.asset, e.amount, isGrant: true, at: place.occurredAt, place)
        // Maturities and refunds look for a payment's legs in its own record.
        guard let number = paymentNumber(at: e.payment), paymentPositions[number] == place.base.rawValue
        else {
            return fail("commission.payment", "a commission of no payment of its own record", place)
        }
        // The commissions of a payment mature together: one entry in the queue is enough.
        if lastDue.base == place.base.rawValue, lastDue.moment == e.maturesAt { return }
        lastDue = (place.base.rawValue, e.maturesAt)
        schedule(.payment, number, at: e.maturesAt, place.programme)
    }

    /// pending → receivable up to the debt, the rest → available
    mutating func applyMatured(_ e: RewardMatured, _ place: EventPlace) {
        if e.level == 0 { return applyGrantMatured(e, place) }
        guard let beneficiary = member(e.beneficiary, place) else { return }
        guard let number = paymentNumber(at: e.payment) else {
            return fail("maturity.payment", "a maturity of no payment", place)
        }
        let leg = payments[number].extra == nil ? nil : legNumber(number, e.level)
        let balance = unsafe editBalance(beneficiary, e.asset)
        let amount = e.amount
        let debt = unsafe balance.pointee.receivable
        let repays = min(debt, amount)
        guard e.toAvailable >= 0, e.toReceivable == repays, amount > 0 || leg != nil,
            unsafe amount <= balance.pointee.pending
        else {
            return fail(
                "maturity.amount",
                "\(e.toAvailable) to available and \(e.toReceivable) to a debt of \(debt) do not follow from the balance",
                place)
        }
        unsafe balance.pointee.pending -= amount
        unsafe add(&balance.pointee.settled, amount, place)
        let sums = unsafe editTotals(place.programme, e.asset)
        unsafe sums.pointee.pending -= amount
        unsafe add(&sums.pointee.available, e.toAvailable, place)
        unsafe sums.pointee.receivable -= e.toReceivable
        if !payments[number].isMatured { payments.setMatured(number, &undo) }
        if let leg {
            let row = legs[leg]
            guard !row.isMatured, amount == row.pendingPart else {
                return fail("maturity.amount", "\(amount) matures of \(row.pendingPart)", place)
            }
            unsafe further.legs.edit(leg, &undo).pointee.state |= RewardRow.matured
        }
        // The event is of the moment at which the leg was due.
        var lot = lotKey(payment: number, level: e.level, maturesAt: place.occurredAt.nanoseconds)
        lot.left = e.toAvailable
        addLot(lot, to: beneficiary, e.asset)
    }

    mutating func applyRefund(_ e: RefundReceived, _ place: EventPlace) {
        guard let number = paymentNumber(at: e.payment) else {
            return fail("refund.payment", "a refund of no payment", place)
        }
        let extra = unsafe editExtra(number)
        if unsafe extra.pointee.flags & PaymentExtraRow.countingIsFixed == 0 {
            unsafe extra.pointee.flags |= PaymentExtraRow.countingIsFixed
            if e.flags & RefundReceived.cumulative != 0 {
                unsafe extra.pointee.flags |= PaymentExtraRow.cumulative
            }
        }
        guard e.moved >= 0 else { return fail("refund.headroom", "a refund below zero", place) }
        count(e.moved, lost: false, of: number, place)
        let sums = unsafe editTotals(place.programme, e.asset)
        unsafe add(&sums.pointee.refunded, e.moved, place)
        unsafe sums.pointee.refunds += 1
        if e.flags & RefundReceived.unparked == 0 { noteRefundId(e.provider, e.refundId, parked: 0, place) }
        noteFact(place)
    }

    private mutating func noteRefundId(
        _ provider: SymbolNumber, _ id: BorrowedText, parked: UInt32, _ place: EventPlace
    ) {
        var row = RefundRow()
        row.parked = parked
        let number = further.refunds.append(row)
        further.refundPositions.append(place.base.rawValue)
        further.refundIds.insert(hash(id, space: IdSpace.refund(place.programme, provider)), number, &undo)
    }

    mutating func applyParked(_ e: EventParked, _ place: EventPlace) {
        let parkedNumber = parked.count
        var row = ParkedRow()
        row.kind = e.kind
        row.reason = e.reason
        row.programme = place.programme.rawValue
        if let wait = waitHash(e, place.programme) {
            let number: Int
            if let known = findWait(wait, e, place.programme) {
                number = known
                let last = Int(waits[number].last) - 1
                unsafe further.parked.edit(last, &undo).pointee.next = UInt32(parkedNumber + 1)
            } else {
                var fresh = WaitRow()
                fresh.first = UInt32(parkedNumber + 1)
                number = further.waits.append(fresh)
                further.waitIds.insert(wait, number, &undo)
            }
            let waiting = unsafe further.waits.edit(number, &undo)
            unsafe waiting.pointee.last = UInt32(parkedNumber + 1)
            unsafe waiting.pointee.count += 1
            row.wait = UInt32(number + 1)
        }
        further.parked.append(row)
        further.parkedPositions.append(place.position.rawValue)
        if e.kind == ParkedKind.refund.rawValue {
            var seen = RefundRow()
            seen.parked = UInt32(parkedNumber + 1)
            let number = further.refunds.append(seen)
            further.refundPositions.append(place.base.rawValue)
            further.refundIds.insert(
                hash(e.factId, space: IdSpace.refund(place.programme, e.provider)), number, &undo)
        }
        if e.kind == ParkedKind.dispute.rawValue, e.status == DisputeStatus.opened.rawValue {
            let space = IdSpace.parkedDispute(place.programme, e.provider)
            further.caseIds.insert(hash(e.factId, space: space), parkedNumber, &undo)
        }
        unsafe further.globals.edit(0, &undo).pointee.waiting += 1
        noteFact(place)
    }

    mutating func applyUnparked(_ e: EventUnparked, _ place: EventPlace) {
        guard let number = find(in: parkedPositions, notAfter: e.parked.rawValue),
            parkedPositions[number] == e.parked.rawValue, !parked[number].isApplied
        else { return fail("parking.position", "nothing is parked at \(e.parked)", place) }
        unsafe further.parked.edit(number, &undo).pointee.state |= ParkedRow.applied
        if parked[number].wait != 0 {
            unsafe further.waits.edit(Int(parked[number].wait) - 1, &undo).pointee.count -= 1
        }
        unsafe further.globals.edit(0, &undo).pointee.waiting -= 1
        mark(.unparked, number, place)
    }

    /// The hash under which facts that wait for a predecessor are chained; nil when nothing can come.
    func waitHash(_ e: EventParked, _ programme: ProgrammeNumber) -> UInt64? {
        switch ParkedReason(rawValue: e.reason) {
        case .payment, .headroom: hash(e.predecessor, space: IdSpace.waitPayment(programme, e.provider))
        case .user: hash(e.predecessor, space: IdSpace.waitUser(programme))
        case .dispute: hash(e.predecessor, space: IdSpace.waitDispute(programme, e.provider))
        case .refund: hash(e.predecessor, space: IdSpace.waitRefund(programme, e.provider))
        case .withdrawal: hash(e.predecessor, space: IdSpace.waitWithdrawal(programme))
        case .nothing, nil: nil
        }
    }

    /// The chain of facts that wait for what this one waits for.
    func findWait(_ wait: UInt64, _ e: EventParked, _ programme: ProgrammeNumber) -> Int? {
        findWait(
            wait, predecessor: e.predecessor, provider: e.provider,
            for: ParkedReason(rawValue: e.reason) ?? .nothing, programme)
    }

    func findWait(
        _ wait: UInt64, predecessor: BorrowedText, provider: SymbolNumber, for reason: ParkedReason,
        _ programme: ProgrammeNumber
    ) -> Int? {
        var probe = waitIds.probe(wait)
        while let candidate = waitIds.next(&probe) {
            guard candidate < waits.count, waits[candidate].first != 0 else { continue }
            guard let e = try? storedParked(Int(waits[candidate].first) - 1) else { continue }
            guard let theirs = ParkedReason(rawValue: e.event.reason) else { continue }
            if theirs.chain == reason.chain, e.programme == programme,
                !reason.isOfProvider || e.event.provider == provider,
                e.event.predecessor.equals(predecessor)
            {
                return candidate
            }
        }
        return nil
    }

    /// A parked fact as the log has it. Texts are valid until the next read or change.
    public func storedParked(
        _ number: Int
    ) throws(LogError) -> (
        event: EventParked, occurredAt: Timestamp, position: LogPosition, programme: ProgrammeNumber
    ) {
        let position = LogPosition(parkedPositions[number])
        var found: (EventParked, Timestamp, LogPosition, ProgrammeNumber)?
        unsafe StoredRecord.walk(try record(holding: position)) { stored, envelope in
            guard stored.position == position, case .eventParked(let event) = stored.event else {
                return true
            }
            found = (event, stored.occurredAt, stored.position, envelope.programme)
            return false
        }
        guard let found else { throw LogError(.broken, "no parked fact stands there", position: position) }
        return found
    }
}

extension ParkedReason {
    /// What waits for headroom waits in the chain of its payment.
    var chain: ParkedReason { self == .headroom ? .payment : self }
    /// Whether the predecessor's id is the provider's, and not the host's.
    var isOfProvider: Bool { self != .user && self != .withdrawal }
}
