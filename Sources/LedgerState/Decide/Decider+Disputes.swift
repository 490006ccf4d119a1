import LedgerDomain
import LedgerLog

extension Decider {
    /// A dispute's facts, whether just sent or parked before.
    struct DisputeFacts {
        var disputeId: BorrowedText
        var provider: BorrowedText
        var status: DisputeStatus
        var amount: Int64?
        var asset: AssetNumber?
        var at: Timestamp
        /// Position of the `EventParked`, when it comes from there.
        var parked: LogPosition?
    }

    func decide(_ c: Dispute, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let facts = DisputeFacts(
            disputeId: arena.text(c.disputeId), provider: arena.text(c.provider), status: c.status,
            amount: c.amount, asset: c.asset, at: c.at)
        let paymentId = c.paymentId.map { arena.text($0) }
        let symbol = try state.findSymbol(SymbolDefined.provider, facts.provider)
        let known = try symbol.flatMap { (s) throws(LogError) in
            try state.findDispute(now.envelope.programme, s, facts.disputeId)
        }
        if let repeated = try repeated(c, known, paymentId, &state, now) { return repeated }
        let byKey = try judgeKey(state, now) { _ throws(LogError) in "disputeId" }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        if c.status == .opened {
            guard let paymentId else {
                return now.refuse(.identifierInvalid, "paymentId", "an opened dispute names a payment")
            }
            let payment = try symbol.flatMap { (s) throws(LogError) in
                try state.findPayment(now.envelope.programme, s, paymentId)
            }
            // A payment in quarantine is as if it were not there yet.
            guard let payment, !state.isQuarantined(payment: payment.number) else {
                return try park(facts, paymentId, .payment, &state, now)
            }
            if let refusal = refusal(against: facts, payment, state) { return .refused(refusal) }
            var out = state.begin(now.envelope, in: now.group)
            try open(facts, on: payment.number, &state, &out, now)
            return accept(out, &state, now)
        }
        guard let known else { return try park(facts, facts.disputeId, .dispute, &state, now) }
        if state.cases[known].isOpen, state.isQuarantined(payment: Int(state.cases[known].subject)) {
            return try park(facts, facts.disputeId, .dispute, &state, now)
        }
        if let refusal = refusal(against: facts, known, state) { return .refused(refusal) }
        var out = state.begin(now.envelope, in: now.group)
        try end(facts, known, &state, &out, now)
        return accept(out, &state, now)
    }

    /// A status that is recorded or parked already: the first receipt, or what differs.
    private func repeated(
        _ c: Dispute, _ known: Int?, _ paymentId: BorrowedText?, _ state: inout CoreState, _ now: Case
    ) throws(LogError) -> Outcome? {
        if let known {
            let stored = try state.storedDispute(known)
            let row = state.cases[known]
            let asset = stored.event.asset
            if let paymentId, try !state.isPayment(at: stored.event.payment, paymentId: paymentId) {
                return now.refuse(.disputeConflict, "paymentId", "the dispute is about another payment")
            }
            if c.status == .opened {
                var field: String?
                if stored.at != c.at {
                    field = "at"
                } else if stored.event.amount != c.amount {
                    field = "amount"
                } else if stored.event.asset != c.asset {
                    field = "currency"
                }
                if let field {
                    return now.refuse(.disputeConflict, field, "the dispute was opened with another \(field)")
                }
                return .repeated(try state.receipt(stored.base))
            }
            let same = c.status == .won ? row.state == CaseRow.released : row.state == CaseRow.taken
            if same, let base = state.marked(.caseEnded, known) {
                var field = try difference(from: base, state, at: c.at) {
                    switch $0.event {
                    case .disputeWon, .disputeLost: .same
                    default: .other
                    }
                }
                // What a report of the end leaves out is no difference; what it gives is the opening's.
                if field == nil, let amount = c.amount, amount != row.amount { field = "amount" }
                if field == nil, let given = c.asset, given != asset { field = "currency" }
                if let field {
                    return now.refuse(
                        .disputeConflict, field, "the dispute was decided with another \(field)")
                }
                return .repeated(try state.receipt(base))
            }
        }
        let (id, provider) = (arena.text(c.disputeId), arena.text(c.provider))
        let waiting =
            c.status == .opened
            ? try state.waitingDispute(id, provider, now.envelope.programme)
            : try state.waiting(
                kind: .dispute, factId: id, status: c.status.rawValue, for: .dispute, predecessor: id,
                provider,
                now.envelope.programme)
        guard let waiting else { return nil }
        let was = waiting.event
        var field: String?
        if waiting.occurredAt != c.at {
            field = "at"
        } else if was.flags & EventParked.noAmount == 0 {
            // What a report of the end leaves out is no difference.
            if let amount = c.amount, was.amount != amount { field = "amount" }
            if field == nil, let asset = c.asset, was.asset != asset { field = "currency" }
        }
        if field == nil, let known, c.status != .opened {
            let stored = try state.storedDispute(known)
            if let amount = c.amount, amount != stored.event.amount { field = "amount" }
            if field == nil, let asset = c.asset, asset != stored.event.asset { field = "currency" }
        }
        if field == nil, c.status == .opened, let paymentId, !was.predecessor.equals(paymentId) {
            field = "paymentId"
        }
        if let field {
            return now.refuse(.disputeConflict, field, "the dispute is parked with another \(field)")
        }
        return .repeated(try state.receipt(waiting.base))
    }

    /// What an opened dispute is refused for: currency, zero payment, amount.
    private func refusal(
        against facts: DisputeFacts, _ payment: StoredPayment, _ state: borrowing CoreState
    ) -> Refusal? {
        if facts.asset != payment.payment.asset {
            return Refusal(.disputeCurrency, field: "currency", "the payment was in another currency")
        }
        if payment.payment.amount == 0 {
            return Refusal(.disputeZeroPayment, field: "paymentId", "the payment was of zero")
        }
        if facts.amount ?? 0 > payment.payment.amount {
            return Refusal(.disputeAmount, field: "amount", "the dispute is about more than was paid")
        }
        // Each is at most the payment, all open ones together need not be.
        let open = state.payments[payment.number].extra.map { state.paymentExtras[$0].disputed } ?? 0
        if open.addingReportingOverflow(facts.amount ?? 0).overflow {
            return Refusal(
                .amountOverflow, field: "amount", "the open disputes would leave the range of 64 bits")
        }
        return nil
    }

    /// What a won or lost dispute is refused for.
    private func refusal(against facts: DisputeFacts, _ number: Int, _ state: borrowing CoreState) -> Refusal?
    {
        let row = state.cases[number]
        if let amount = facts.amount, amount != row.amount {
            return Refusal(.disputeAmount, field: "amount", "the dispute was opened with another amount")
        }
        if let asset = facts.asset, let stored = try? state.storedPayment(Int(row.subject)),
            stored.payment.asset != asset
        {
            return Refusal(.disputeCurrency, field: "currency", "the dispute was opened in another currency")
        }
        guard row.isOpen else {
            return Refusal(.disputeDecided, field: "status", "the dispute was decided the other way")
        }
        return nil
    }

    /// Opens a dispute and holds what its payment's legs would lose.
    private func open(
        _ facts: DisputeFacts, on payment: Int, _ state: inout CoreState, _ out: inout RecordBuilder,
        _ now: Case
    ) throws(LogError) {
        let stored = try state.storedPayment(payment)
        let (paid, asset, position) = (stored.payment.amount, stored.payment.asset, stored.position)
        let shares = Shares(
            payment: payment, position: position, paid: paid, asset: asset,
            rounding: try state.rounding(of: stored.envelope))
        let provider = stored.payment.provider
        unpark(facts.parked, at: facts.at, &state, &out)
        var event = DisputeOpened()
        if facts.parked != nil { event.flags = DisputeOpened.unparked }
        event.payment = position
        event.provider = provider
        event.disputeId = facts.disputeId
        event.asset = asset
        event.amount = facts.amount ?? 0
        state.emit(.disputeOpened(event), at: facts.at, &out)
        let holder = state.cases.count - 1
        let extra = state.paymentExtras[state.payments[payment].extra!]
        let (sum, overflow) = extra.counted.addingReportingOverflow(extra.disputed)
        let numerator = overflow ? paid : min(paid, sum)
        for leg in try state.legs(of: payment) {
            _ = hold(
                leg, upTo: numerator, of: shares, by: holder, at: facts.at, &state, &out)
        }
        try unparkDisputes(of: facts.disputeId, facts.provider, &state, &out, now)
    }

    /// What shares of a payment's legs are measured by.
    private struct Shares {
        let payment: Int
        let position: LogPosition
        let paid: Int64
        let asset: AssetNumber
        let rounding: Rounding
    }

    /// Holds what is free of a leg, until all that is taken or held of it is its share of so much of the payment. How
    /// much more that is; minor units.
    private func hold(
        _ leg: StoredLeg, upTo numerator: Int64, of shares: Shares, by holder: Int, at moment: Timestamp,
        _ state: inout CoreState, _ out: inout RecordBuilder
    ) -> Int64 {
        let (payment, paid, rounding) = (shares.payment, shares.paid, shares.rounding)
        let member = state.holder(of: leg.beneficiary, out.envelope.programme)
        let row = state.legNumber(payment, leg.level).map { state.legs[$0] }
        let soFar = rounding.share(leg.amount, numerator: state.counted(payment), denominator: paid)!
        let gone = row.map { $0.reversed + $0.revoked + $0.held } ?? soFar
        let matured = state.payments[payment].isMatured
        // A lot may be larger than what is left of its reward: clawbacks take from the front.
        var left = row?.pendingPart ?? leg.amount - soFar
        if matured {
            let lot = state.lotKey(
                payment: payment, level: leg.level, maturesAt: leg.maturesAt.nanoseconds)
            left = min(left, state.lotLeft(of: lot, member, shares.asset))
        }
        let target = rounding.share(leg.amount, numerator: numerator, denominator: paid)!
        let amount = min(target - gone, left)
        guard amount > 0 else { return 0 }
        hold(
            amount, shares.position, level: leg.level, matured: matured, member, shares.asset, by: holder,
            at: moment, &state, &out)
        return amount
    }

    /// Of a leg something is free again: what open disputes of its payment are about goes on being held, by each its
    /// own share, in the order in which they were opened; past sixteen of them the last of these holds for the others.
    ///
    /// - Returns: How many events that took; at most `LedgerBounds.holdersPerRelease`.
    @discardableResult
    func holdForDisputes(
        level: UInt8, of payment: Int, at moment: Timestamp, _ state: inout CoreState,
        _ out: inout RecordBuilder
    ) throws(LogError) -> Int {
        let open = state.openDisputes(of: payment)
        guard !open.isEmpty, !state.isQuarantined(payment: payment) else { return 0 }
        let stored = try state.storedPayment(payment)
        let shares = Shares(
            payment: payment, position: stored.position, paid: stored.payment.amount,
            asset: stored.payment.asset, rounding: try state.rounding(of: stored.envelope))
        guard let leg = try state.legs(of: payment).first(where: { $0.level == level }) else { return 0 }
        var numerator = state.counted(payment)
        var events = 0
        for (index, holder) in open.enumerated() {
            // Each is at most the payment: no sum of two leaves the range.
            numerator = min(shares.paid, numerator + state.cases[holder].amount)
            if index + 1 >= LedgerBounds.holdersPerRelease, index + 1 < open.count { continue }
            let amount = hold(
                leg, upTo: numerator, of: shares, by: open[min(index, LedgerBounds.holdersPerRelease - 1)],
                at: moment, &state, &out)
            if amount > 0 { events += 1 }
        }
        return events
    }

    /// Ends a dispute: what it holds is released, or taken back.
    private func end(
        _ facts: DisputeFacts, _ number: Int, _ state: inout CoreState, _ out: inout RecordBuilder,
        _ now: Case
    ) throws(LogError) {
        let row = state.cases[number]
        let payment = Int(row.subject)
        unpark(facts.parked, at: facts.at, &state, &out)
        let position = LogPosition(state.casePositions[number])
        if facts.status == .won {
            var event = DisputeWon()
            event.dispute = position
            state.emit(.disputeWon(event), at: facts.at, &out)
            return try release(number, limit: .max, at: facts.at, &state, &out)
        }
        let stored = try state.storedPayment(payment)
        let (paid, payer) = (stored.payment.amount, stored.payment.payer)
        let before = state.counted(payment)
        var event = DisputeLost()
        event.dispute = position
        event.asset = stored.payment.asset
        event.moved = min(row.amount, paid - before)
        state.emit(.disputeLost(event), at: facts.at, &out)
        try reverseLegs(of: payment, before: before, holder: number, at: facts.at, &state, &out, now)
        try release(number, limit: .max, at: facts.at, &state, &out)
        if before < paid, before + event.moved == paid {
            try revertIfLast(payer, at: facts.at, &state, &out, now)
        }
    }

    /// Releases what a case still holds, in the order in which it was held, until so many events are made. What other
    /// open disputes are about goes on being held, for them.
    func release(
        _ number: Int, limit: Int, at moment: Timestamp, _ state: inout CoreState, _ out: inout RecordBuilder
    ) throws(LogError) {
        var left = limit
        var next = state.cases[number].firstHold
        while next != 0, left > 0 {
            let hold = state.holds[Int(next) - 1]
            next = hold.nextOfCase
            if hold.amount == 0 { continue }
            left -= 1
            let key = RewardKey(raw: hold.reward)
            let row = state.reward(key)
            let member = state.resolve(Int(row.member))
            var event = RewardReleased()
            event.level = row.level
            event.reward = try state.position(of: key)
            event.heldBy = LogPosition(state.casePositions[number])
            event.user = UserNumber(state.members[member].user)
            event.asset = AssetNumber(rawValue: row.asset)
            if state.isMatured(key) {
                event.flags = RewardReleased.matured
                (event.toAvailable, event.toReceivable) = state.credit(hold.amount, member, event.asset)
            } else {
                event.toPending = hold.amount
            }
            state.emit(.rewardReleased(event), at: moment, &out)
            guard key.isLeg else { continue }
            left -= try holdForDisputes(
                level: row.level, of: Int(row.payment), at: moment, &state, &out)
        }
    }

    // MARK: Parking

    private func unpark(
        _ parked: LogPosition?, at moment: Timestamp, _ state: inout CoreState, _ out: inout RecordBuilder
    ) {
        guard let parked else { return }
        var event = EventUnparked()
        event.parked = parked
        state.emit(.eventUnparked(event), at: moment, &out)
    }

    private func park(
        _ facts: DisputeFacts, _ predecessor: BorrowedText, _ reason: ParkedReason, _ state: inout CoreState,
        _ now: Case
    ) throws(LogError) -> Outcome {
        var event = EventParked()
        event.kind = ParkedKind.dispute.rawValue
        event.reason = reason.rawValue
        event.flags = EventParked.hasPredecessor | EventParked.hasStatus
        event.status = facts.status.rawValue
        event.factId = facts.disputeId
        event.predecessor = predecessor
        if let amount = facts.amount, let asset = facts.asset {
            event.amount = amount
            event.asset = asset
        } else {
            event.flags |= EventParked.noAmount
        }
        return try park(event, facts.provider, at: facts.at, &state, now)
    }

    /// A parked dispute that its payment's arrival opens. False: it stays parked.
    func unparkDispute(
        _ number: Int, on payment: Int, _ state: inout CoreState, _ out: inout RecordBuilder, _ now: Case
    ) throws(LogError) {
        let facts = try parkedDispute(number, &state)
        let stored = try state.storedPayment(payment)
        guard refusal(against: facts, stored, state) == nil,
            try state.findDispute(out.envelope.programme, stored.payment.provider, facts.disputeId) == nil
        else { return }
        let own = try ruling(facts.at, &state, now)
        try open(facts, on: payment, &state, &out, own)
    }

    /// Ends of a dispute that were reported before it was opened; in order of arrival, the first that fits.
    private func unparkDisputes(
        of disputeId: BorrowedText, _ provider: BorrowedText, _ state: inout CoreState,
        _ out: inout RecordBuilder,
        _ now: Case
    ) throws(LogError) {
        let programme = now.envelope.programme
        guard let symbol = try state.findSymbol(SymbolDefined.provider, provider) else { return }
        for number in try state.waitingFacts(
            for: .dispute, predecessor: disputeId, provider: symbol, programme)
        {
            try unparkEnd(number, of: state.cases.count - 1, &state, &out, now)
        }
    }

    /// Ends a dispute as was reported before; what does not fit stays parked.
    func unparkEnd(
        _ number: Int, of dispute: Int, _ state: inout CoreState, _ out: inout RecordBuilder, _ now: Case
    ) throws(LogError) {
        let facts = try parkedDispute(number, &state)
        guard refusal(against: facts, dispute, state) == nil else { return }
        let own = try ruling(facts.at, &state, now)
        try end(facts, dispute, &state, &out, own)
    }

    private func parkedDispute(_ number: Int, _ state: inout CoreState) throws(LogError) -> DisputeFacts {
        let stored = try state.storedParked(number)
        let hasAmount = stored.event.flags & EventParked.noAmount == 0
        var facts = DisputeFacts(
            disputeId: arena.text(stored.event.factId), provider: .empty,
            status: DisputeStatus(rawValue: stored.event.status) ?? .opened,
            amount: hasAmount ? stored.event.amount : nil, asset: hasAmount ? stored.event.asset : nil,
            at: stored.occurredAt, parked: stored.position)
        let provider = Int(stored.event.provider.rawValue)
        facts.provider = arena.text(try state.symbolText(provider))
        return facts
    }
}

extension CoreState {
    /// A dispute's case by its provider's id.
    func findDispute(
        _ programme: ProgrammeNumber, _ provider: SymbolNumber, _ id: BorrowedText
    ) throws(LogError) -> Int? {
        var probe = caseIds.probe(hash(id, space: IdSpace.dispute(programme, provider)))
        while let candidate = caseIds.next(&probe) {
            guard candidate < cases.count, cases[candidate].kind == CaseKind.dispute.rawValue else {
                continue
            }
            let stored = try storedDispute(candidate)
            if stored.event.disputeId.equals(id), stored.event.provider == provider,
                stored.programme == programme
            {
                return candidate
            }
        }
        return nil
    }

    /// An opened dispute that is parked, whatever payment it waits for.
    func waitingDispute(
        _ id: BorrowedText, _ provider: BorrowedText, _ programme: ProgrammeNumber
    ) throws(LogError) -> (event: EventParked, occurredAt: Timestamp, base: LogPosition)? {
        guard let symbol = try symbolNumber(SymbolDefined.provider, provider) else { return nil }
        var probe = caseIds.probe(hash(id, space: IdSpace.parkedDispute(programme, symbol)))
        while let candidate = caseIds.next(&probe) {
            guard candidate < parked.count, parked[candidate].kind == ParkedKind.dispute.rawValue,
                !parked[candidate].isApplied
            else { continue }
            let stored = try storedParked(candidate)
            if stored.event.factId.equals(id), stored.event.provider == symbol,
                stored.event.status == DisputeStatus.opened.rawValue, stored.programme == programme
            {
                return (stored.event, stored.occurredAt, try baseOfRecord(holding: stored.position))
            }
        }
        return nil
    }

    /// A dispute as the log has it. Texts are valid until the next read or change.
    public func storedDispute(_ number: Int) throws(LogError) -> (
        event: DisputeOpened, at: Timestamp, base: LogPosition, programme: ProgrammeNumber
    ) {
        let position = LogPosition(casePositions[number])
        var found: (DisputeOpened, Timestamp, LogPosition, ProgrammeNumber)?
        var base: LogPosition?
        unsafe StoredRecord.walk(try record(holding: position)) { stored, envelope in
            if base == nil { base = stored.position }
            guard stored.position == position, case .disputeOpened(let event) = stored.event else {
                return true
            }
            found = (event, stored.occurredAt, base!, envelope.programme)
            return false
        }
        guard let found else { throw LogError(.broken, "no dispute stands there", position: position) }
        return found
    }

    /// The position that names a reward in events.
    func position(of key: RewardKey) throws(LogError) -> LogPosition {
        if !key.isLeg { return LogPosition(rewardPositions[key.number]) }
        return try storedPayment(Int(legs[key.number].payment)).position
    }
}
