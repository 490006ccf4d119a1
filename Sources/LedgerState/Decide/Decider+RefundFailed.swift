import LedgerDomain
import LedgerLog

/// Refunds that never went out. Source: Documentation/rules.md, "refundFailed".
extension Decider {
    /// Where a refund took effect.
    struct RefundPlace {
        /// The `RefundReceived`.
        var refund: LogPosition
        /// Number of its payment.
        var payment: Int
        /// What it took of it; minor units.
        var moved: Int64
    }

    func decide(_ c: RefundFailure, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let programme = now.envelope.programme
        let (id, provider) = (arena.text(c.refundId), arena.text(c.provider))
        let symbol = try state.findSymbol(SymbolDefined.provider, provider)
        let known = try symbol.flatMap { (s) throws(LogError) in try state.findRefund(programme, s, id) }
        if let repeated = try repeated(c, known?.number, id, provider, &state, now) { return repeated }
        let byKey = try judgeKey(state, now) { _ throws(LogError) in "refundId" }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        // Unknown, or parked itself: what failed has to take effect first.
        guard let known, let symbol,
            let place = try state.refundPosition(known.number, programme, symbol, id)
        else { return try park(c, id, provider, for: .refund, id, &state, now) }
        // A payment in quarantine is as if it were not there yet.
        if state.isQuarantined(payment: place.payment) {
            let paymentId = arena.text(try state.storedPayment(place.payment).payment.paymentId)
            return try park(c, id, provider, for: .payment, paymentId, &state, now)
        }
        var out = state.begin(now.envelope, in: now.group)
        try fail(place, at: c.at, &state, &out, now)
        return accept(out, &state, now)
    }

    /// A failure that is recorded or parked already: the first receipt, or what differs.
    private func repeated(
        _ c: RefundFailure, _ refund: Int?, _ id: BorrowedText, _ provider: BorrowedText,
        _ state: inout CoreState, _ now: Case
    ) throws(LogError) -> Outcome? {
        if let refund, let base = state.marked(.refundFailed, refund) {
            let field = try difference(from: base, state, at: c.at) {
                if case .refundFailed = $0.event { .same } else { .other }
            }
            if let field {
                return now.refuse(.refundConflict, field, "the refund failed with another \(field)")
            }
            return .repeated(try state.receipt(base))
        }
        var waiting = try state.waiting(
            kind: .refundFailed, factId: id, status: 0, for: .refund, predecessor: id, provider,
            now.envelope.programme)
        // Of a refund that has taken effect: for its payment, while that is in quarantine.
        if waiting == nil, let refund, let symbol = try state.findSymbol(SymbolDefined.provider, provider),
            let place = try state.refundPosition(refund, now.envelope.programme, symbol, id),
            state.isQuarantined(payment: place.payment)
        {
            let paymentId = arena.text(try state.storedPayment(place.payment).payment.paymentId)
            waiting = try state.waiting(
                kind: .refundFailed, factId: id, status: 0, for: .payment, predecessor: paymentId, provider,
                now.envelope.programme)
        }
        guard let waiting else { return nil }
        if waiting.occurredAt != c.at {
            return now.refuse(.refundConflict, "at", "the refund's failure is parked with another at")
        }
        return .repeated(try state.receipt(waiting.base))
    }

    private func park(
        _ c: RefundFailure, _ id: BorrowedText, _ provider: BorrowedText, for reason: ParkedReason,
        _ predecessor: BorrowedText, _ state: inout CoreState, _ now: Case
    ) throws(LogError) -> Outcome {
        var event = EventParked()
        event.kind = ParkedKind.refundFailed.rawValue
        event.reason = reason.rawValue
        event.flags = EventParked.hasPredecessor | EventParked.noAmount
        event.factId = id
        event.predecessor = predecessor
        return try park(event, provider, at: c.at, &state, now)
    }

    /// Applies a failure that came before its refund took effect, in the refund's own record.
    func unparkFailure(
        of refundId: BorrowedText, _ provider: SymbolNumber, _ place: RefundPlace, _ state: inout CoreState,
        _ out: inout RecordBuilder, _ now: Case
    ) throws(LogError) {
        guard state.waitingCount > 0 else { return }
        let waiting = try state.waitingFacts(
            for: .refund, predecessor: refundId, provider: provider, now.envelope.programme)
        guard let number = waiting.first else { return }
        // The refund's record is not in the log yet: the fold reads it from the builder.
        out.expose(to: state.records)
        defer { state.records.hideBuilding() }
        try unparkFailure(number, place, &state, &out, now)
    }

    /// Applies a failure that came while the payment of its refund was in quarantine.
    func unparkFailure(
        _ number: Int, afterReleaseOf provider: SymbolNumber, _ state: inout CoreState,
        _ out: inout RecordBuilder, _ now: Case
    ) throws(LogError) {
        let programme = now.envelope.programme
        let refundId = arena.text(try state.storedParked(number).event.factId)
        guard let known = try state.findRefund(programme, provider, refundId),
            let place = try state.refundPosition(known.number, programme, provider, refundId)
        else { return }
        try unparkFailure(number, place, &state, &out, now)
    }

    private func unparkFailure(
        _ number: Int, _ place: RefundPlace, _ state: inout CoreState, _ out: inout RecordBuilder, _ now: Case
    ) throws(LogError) {
        let stored = try state.storedParked(number)
        var event = EventUnparked()
        event.parked = stored.position
        let at = stored.occurredAt
        state.emit(.eventUnparked(event), at: at, &out)
        try fail(place, at: at, &state, &out, try ruling(at, &state, now))
    }

    /// Records that a refund failed, and gives back what it took.
    private func fail(
        _ place: RefundPlace, at moment: Timestamp, _ state: inout CoreState, _ out: inout RecordBuilder,
        _ now: Case
    ) throws(LogError) {
        let payment = try state.storedPayment(place.payment)
        let (number, paid, asset) = (payment.number, payment.payment.amount, payment.payment.asset)
        let (payer, paymentAt, paidAt) = (payment.payment.payer, payment.position, payment.occurredAt)
        let rounding = try state.rounding(of: payment.envelope)
        let before = state.counted(number)
        var event = RefundFailed()
        event.refund = place.refund
        event.payment = paymentAt
        event.asset = asset
        event.moved = place.moved
        state.emit(.refundFailed(event), at: moment, &out)
        // What a lost dispute had found no room for takes the refund's place.
        let counted = state.counted(number)
        for leg in try state.legs(of: number) {
            let row = state.legNumber(number, leg.level).map { state.legs[$0] }
            let target = rounding.share(leg.amount, numerator: counted, denominator: paid)!
            let soFar = row?.reversed ?? rounding.share(leg.amount, numerator: before, denominator: paid)!
            guard soFar > target else { continue }
            let member = state.holder(of: leg.beneficiary, now.envelope.programme)
            var restored = CommissionRestored()
            restored.level = leg.level
            restored.payment = paymentAt
            restored.beneficiary = UserNumber(state.members[member].user)
            restored.asset = asset
            restored.earnedAt = paidAt
            if state.payments[number].isMatured {
                restored.flags = CommissionRestored.matured
                (restored.toAvailable, restored.toReceivable) = state.credit(soFar - target, member, asset)
            } else {
                restored.toPending = soFar - target
            }
            state.emit(.commissionRestored(restored), at: moment, &out)
            try holdForDisputes(level: leg.level, of: number, at: moment, &state, &out)
        }
        if before == paid, counted < paid {
            let member = state.holder(of: payer, now.envelope.programme)
            try advanceByPayment(member, paid: paid, at: moment, &state, &out, now)
        }
    }
}

extension CoreState {
    /// Where a refund took effect; nil while it is parked.
    func refundPosition(
        _ number: Int, _ programme: ProgrammeNumber, _ provider: SymbolNumber, _ id: BorrowedText
    ) throws(LogError) -> Decider.RefundPlace? {
        var base = refundPositions[number]
        let parkedRow = refunds[number].parked
        if parkedRow != 0 {
            let parked = parked[Int(parkedRow) - 1]
            guard parked.isApplied, let fact = marked(.unparked, Int(parkedRow) - 1) else { return nil }
            base = fact.rawValue
        }
        var found: (LogPosition, LogPosition, Int64)?
        unsafe StoredRecord.walk(try record(base)) { stored, _ in
            guard case .refundReceived(let refund) = stored.event, refund.provider == provider,
                refund.refundId.equals(id)
            else { return true }
            found = (stored.position, refund.payment, refund.moved)
            return false
        }
        guard let (refund, payment, moved) = found,
            let paymentNumber = paymentPositions.find(notAfter: payment.rawValue)
        else { return nil }
        return Decider.RefundPlace(refund: refund, payment: paymentNumber, moved: moved)
    }
}
