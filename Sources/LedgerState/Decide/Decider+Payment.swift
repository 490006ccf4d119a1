import LedgerDomain
import LedgerLog

extension Decider {
    /// Payments that are decided without a look to the left or right: so long a reader waits at most.
    static let run = 16

    /// Decides the next commands of a batch: up to sixteen payments, or one command of another kind.
    ///
    /// - Parameters:
    ///   - first: where to begin; from 0 to what the call before returned, until that is `batch.count`.
    ///   - outcomes: gets one for each.
    /// - Returns: the number of the first command that was not decided.
    /// - Throws: `LogError` when the log cannot be read: then the whole group has to be undone.
    public mutating func decide(
        _ batch: CommandBatch, from first: Int, _ state: inout CoreState, _ group: RecordGroup,
        _ inputs: DecisionInputs, into outcomes: inout [Outcome]
    ) throws(LogError) -> Int {
        var next = first + 1
        do throws(LogError) {
            if batch.isPayment(first) {
                let end = min(batch.count, (first / Self.run + 1) * Self.run)
                next = try decidePayments(batch, first..<end, &state, group, inputs, &outcomes)
            } else {
                outcomes.append(try decide(batch.command(first), &state, group, inputs))
            }
        } catch {
            // The batch may have other commands in it when it comes next.
            warmth.forget()
            throw error
        }
        if next == batch.count { warmth.forget() }
        return next
    }

    /// Decides a payment by itself.
    mutating func decidePayment(
        _ command: Command, _ state: inout CoreState, _ group: RecordGroup, _ inputs: DecisionInputs
    ) throws(LogError) -> Outcome {
        let batch = CommandBatch(command)
        guard batch.isPayment(0) else {
            guard let bad = invalidTexts(command) else {
                preconditionFailure("a payment is of good form or not")
            }
            return .refused(bad)
        }
        warmth.forget()
        var outcomes: [Outcome] = []
        _ = try decidePayments(batch, 0..<1, &state, group, inputs, &outcomes)
        return outcomes[0]
    }

    /// Decides payments that stand side by side in a batch, as long as their senders say nothing but one programme, and
    /// one policy version rules them; else one. The number of the first that was not decided.
    private mutating func decidePayments(
        _ batch: CommandBatch, _ range: Range<Int>, _ state: inout CoreState, _ group: RecordGroup,
        _ inputs: DecisionInputs, _ outcomes: inout [Outcome]
    ) throws(LogError) -> Int {
        switch try open(batch, range.lowerBound, &state, group, inputs) {
        case .success(let now): return try decidePayments(batch, range, &state, now, &outcomes)
        case .failure(let refusal):
            outcomes.append(.refused(refusal.refusal))
            return range.lowerBound + 1
        }
    }

    /// The same with what the envelope of the first says. (Apart, as a case that is handed in need not be counted for each
    /// payment.)
    private mutating func decidePayments(
        _ batch: CommandBatch, _ range: Range<Int>, _ state: inout CoreState, _ now: Case,
        _ outcomes: inout [Outcome]
    ) throws(LogError) -> Int {
        guard let ruling = state.ruling else { preconditionFailure("a payment is decided by a policy") }
        let moments = ruling.from..<ruling.until
        let isPlain = batch.payment(range.lowerBound).isPlain
        var provider: SymbolNumber?
        var i = range.lowerBound
        while i < range.upperBound, batch.isPayment(i) {
            let payment = batch.payment(i)
            if i > range.lowerBound {
                // What the envelope of the first says holds for this one, but for the moment.
                guard isPlain, payment.isPlain, payment.isOfSameProgramme,
                    moments.contains(payment.at.nanoseconds)
                else { return i }
                if !payment.isOfSameProvider { provider = nil }
            }
            if provider == nil { provider = try state.findSymbol(SymbolDefined.provider, payment.provider) }
            if isPlain, decidesSideBySide, let provider {
                let next = decidePlain(
                    batch, i..<range.upperBound, provider, within: moments, &state, now, &outcomes)
                if next > i {
                    i = next
                    continue
                }
            }
            arena.reset()
            now.envelope.occurredAt = payment.at
            warmth.move(to: i, of: batch, state)
            outcomes.append(try decide(payment, warmth.hint(i), &provider, &state, now))
            i += 1
        }
        return i
    }

    /// Finds the programme and the policy that a payment is decided by.
    private func open(
        _ batch: CommandBatch, _ i: Int, _ state: inout CoreState, _ group: RecordGroup,
        _ inputs: DecisionInputs
    ) throws(LogError) -> Result<Case, Unresolved> {
        let sender = batch.sender(i)
        var envelope = RecordEnvelope()
        switch try resolveProgramme(sender.programme, state) {
        case .success(let programme): envelope.programme = programme
        case .failure(let refusal): return .failure(refusal)
        }
        envelope.actorRole = sender.role
        envelope.actorId = sender.id
        envelope.correlationId = sender.correlationId
        envelope.causation = sender.causation
        envelope.key = sender.key
        if !sender.key.isEmpty { envelope.keyType = Command.Action.paymentTypeNumber }
        return try open(envelope, at: batch.row(i).at, &state, group, inputs)
    }

    /// Decides one payment.
    /// - Parameter provider: the provider's symbol; nil when the ledger does not know it yet, and known afterwards.
    private func decide(
        _ c: PaymentFacts, _ hint: Warmth.Hint, _ provider: inout SymbolNumber?, _ state: inout CoreState,
        _ now: Case
    ) throws(LogError) -> Outcome {
        let programme = now.envelope.programme
        var idHash: UInt64?
        if let symbol = provider {
            let space = IdSpace.payment(programme, symbol)
            let hash = hint.space == space ? hint.paymentHash : state.hash(c.paymentId, space: space)
            idHash = hash
            if let number = try state.findPaymentNumber(programme, symbol, c.paymentId, hash: hash) {
                let known = try state.storedPayment(number)
                if let field = try difference(c, known, state, now) {
                    return now.refuse(
                        .paymentConflict, field,
                        "the payment was recorded at position \(known.position) with another \(field)")
                }
                return .repeated(try state.receipt(known.base))
            }
        }
        if !now.envelope.key.isEmpty {
            let byKey = try judgeKey(state, now) { base throws(LogError) in try difference(c, state, base) }
            if let byKey { return byKey }
        }
        if let early = inFuture(now) { return early }
        guard let party = try party(c.userId, candidate: hint.user, state, now) else {
            return unknownUser(c.userId.string, now)
        }
        let payer = party.member
        guard state.payments.count < LedgerBounds.entitiesOfAKind - 2 else {
            return now.refuse(.limitReached, nil, "the ledger holds as many payments as it can number")
        }
        if provider == nil, let full = symbolsFull(state, now) { return full }
        var legs = plain.legs(0)
        guard
            earns(c.at, payer, state, now)
                ? legs.fill(c.base, at: c.at, payer, now.policy.terms, state) : true,
            state.hasRoom(c, legs.total, programme)
        else {
            return now.refuse(.amountOverflow, "amount", "a sum would leave the range of 64 bits")
        }
        var out = state.begin(now.envelope, in: now.group)
        let name: SymbolNumber
        if let provider { name = provider } else { name = try define(c.provider, &state, &out) }
        provider = name
        var event = PaymentReceived()
        event.payer = party.user
        event.provider = name
        event.paymentId = c.paymentId
        event.asset = c.asset
        event.amount = c.amount
        event.commissionableBase = c.base
        if event.commissionableBase != c.amount { event.flags |= PaymentReceived.hasBase }
        let position = out.encoder.context.position
        state.emit(payment: &event, idHash: idHash, at: c.at, &out)
        emit(legs, of: position, event, now, at: c.at, &state, &out)
        try advanceByPayment(payer, paid: c.amount, at: c.at, &state, &out, now)
        if state.hasWaitingFacts { try unparkOfPayment(of: c.paymentId, name, &state, &out, now) }
        return .accepted(state.finish(out, now: now.inputs.now, in: now.group))
    }

    /// Whether a payment is within the months that the payer's attribution earns.
    func earns(_ at: Timestamp, _ payer: Int, _ state: borrowing CoreState, _ now: Case) -> Bool {
        guard let months = now.policy.terms.months else { return true }
        let from = unsafe Timestamp(nanoseconds: state.members.peek(payer).pointee.attributedAt)
        guard let end = now.policy.zone.months(after: from, months) else { return true }
        return at < end
    }

    /// Moves a payer's referral as the policy says of a payment of this amount.
    func advanceByPayment(
        _ payer: Int, paid: Int64, at moment: Timestamp, _ state: inout CoreState, _ out: inout RecordBuilder,
        _ now: Case
    ) throws(LogError) {
        guard mayMove(payer, paid: paid, state, now) else { return }
        guard let target = now.policy.terms.target(paid: paid), !isExpired(payer, at: moment, &state)
        else { return }
        try advance(payer, to: target, manual: false, at: moment, &state, &out, now)
    }

    /// Whether a payment of this amount may move its payer's referral. Nearly always it is there already, and nothing is left to do.
    @inline(__always)
    func mayMove(_ payer: Int, paid: Int64, _ state: borrowing CoreState, _ now: Case) -> Bool {
        guard let target = now.policy.terms.target(paid: paid) else { return false }
        let row = unsafe state.members.peek(payer)
        guard unsafe row.pointee.parent != 0 else { return false }
        if unsafe row.pointee.stage == ReferralStage.completed.rawValue {
            return unsafe !row.pointee.isConverted
        }
        return unsafe row.pointee.referralStage.rank < target.rank
    }

    private func emit(
        _ legs: Legs, of payment: LogPosition, _ event: PaymentReceived, _ now: Case, at moment: Timestamp,
        _ state: inout CoreState, _ out: inout RecordBuilder
    ) {
        guard legs.count > 0 else { return }
        var leg = CommissionEarned()
        leg.payment = payment
        leg.asset = event.asset
        leg.base = event.commissionableBase
        leg.maturesAt = now.policy.terms.maturity(of: moment)
        for i in 0..<legs.count {
            let share = unsafe legs.shares[i]
            leg.level = share.level
            leg.beneficiary = share.beneficiary
            leg.ratePpm = share.ratePpm
            leg.amount = share.amount
            let member = state.holder(of: leg.beneficiary, now.envelope.programme)
            leg.amount = capped(leg.amount, to: member, leg.asset, at: moment, &state, now)
            if leg.amount == 0 { continue }
            state.emit(commission: leg, at: moment, &out)
            noteExhausted(leg.asset, at: moment, &state, &out, now)
        }
        if legs.areBlocked { hold(of: payment, leg.asset, at: moment, &state, &out) }
    }

    /// Holds what blocked users have just earned.
    private func hold(
        of payment: LogPosition, _ asset: AssetNumber, at moment: Timestamp, _ state: inout CoreState,
        _ out: inout RecordBuilder
    ) {
        // What the fold needs of this record is read from the builder.
        out.expose(to: state.records)
        defer { state.records.hideBuilding() }
        guard let earned = try? state.legs(of: state.payments.count - 1) else { return }
        for leg in earned {
            let member = state.holder(of: leg.beneficiary, out.envelope.programme)
            holdIfBlocked(leg.amount, payment, level: leg.level, member, asset, at: moment, &state, &out)
        }
    }

    /// Providers come from outside: past what can be numbered a new one is refused.
    func symbolsFull(_ state: borrowing CoreState, _ now: Case) -> Outcome? {
        guard state.symbols.count >= Int(UInt16.max) else { return nil }
        return now.refuse(
            .limitReached, "provider",
            "the ledger knows \(state.symbols.count) names, as many as it can number")
    }

    /// Defines a provider's symbol in the record that first uses it.
    func define(
        _ name: BorrowedText, kind: UInt8 = SymbolDefined.provider, _ state: inout CoreState,
        _ out: inout RecordBuilder
    ) throws(LogError) -> SymbolNumber {
        var event = SymbolDefined()
        event.kind = kind
        event.number = SymbolNumber(rawValue: UInt16(state.symbols.count))
        event.name = name
        state.emit(.symbolDefined(event), at: out.envelope.occurredAt, &out)
        // The record is not in the log yet: the name is kept from here.
        try state.remember(name)
        return event.number
    }

    /// The first field in which a payment differs from the one recorded.
    private func difference(
        _ c: PaymentFacts, _ was: StoredPayment, _ state: borrowing CoreState, _ now: Case
    ) throws(LogError) -> String? {
        if was.payment.amount != c.amount { return "amount" }
        if was.payment.asset != c.asset { return "currency" }
        if was.occurredAt != c.at { return "at" }
        if was.payment.commissionableBase != c.base { return "commissionableBase" }
        return try isSame(was.payment.payer, c.userId, state, now) ? nil : "userId"
    }

    /// The same by explicit key: the natural id is another one.
    private func difference(
        _ c: PaymentFacts, _ state: borrowing CoreState, _ base: LogPosition
    ) throws(LogError) -> String? {
        var sameId = false
        unsafe StoredRecord.walk(try state.record(base.rawValue)) { stored, _ in
            guard case .paymentReceived(let payment) = stored.event else { return true }
            sameId = payment.paymentId.equals(c.paymentId)
            return false
        }
        return sameId ? "provider" : "paymentId"
    }
}

extension CoreState {
    /// Whether the programme's sums stay in range with one more payment.
    func hasRoom(_ c: PaymentFacts, _ commissions: Int64, _ programme: ProgrammeNumber) -> Bool {
        for i in 0..<totals.count {
            let row = unsafe totals.peek(i)
            guard
                unsafe row.pointee.programme == programme.rawValue && row.pointee.asset == c.asset.rawValue
            else { continue }
            let (available, pending) = unsafe (row.pointee.available, row.pointee.pending)
            return unsafe !row.pointee.paid.addingReportingOverflow(c.amount).overflow
                && !row.pointee.rewardExpense.addingReportingOverflow(commissions).overflow
                && !pending.addingReportingOverflow(commissions).overflow
                // What can ever become available: all that is pending, and all that is there.
                && !available.addingReportingOverflow(pending &+ commissions).overflow
                && pending &+ commissions >= 0
        }
        return true
    }

    /// Whether anything is parked that still waits.
    @inline(__always)
    var hasWaitingFacts: Bool { unsafe globals.count > 0 && globals.peek(0).pointee.waiting != 0 }

    mutating func remember(_ name: BorrowedText) throws(LogError) {
        if symbolNames.count + 1 == symbols.count { symbolNames.append(unsafe Array(name.utf8)) }
    }
}
