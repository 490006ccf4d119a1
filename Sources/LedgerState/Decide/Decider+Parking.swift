import LedgerDomain
import LedgerLog

extension Decider {
    /// Parks a refund.
    func park(
        _ facts: RefundFacts, _ provider: BorrowedText, _ paymentId: BorrowedText, _ reason: ParkedReason,
        _ state: inout CoreState, _ now: Case
    ) throws(LogError) -> Outcome {
        var event = EventParked()
        event.kind = ParkedKind.refund.rawValue
        event.reason = reason.rawValue
        event.provider = facts.provider
        event.factId = facts.refundId
        if reason != .nothing {
            event.flags |= EventParked.hasPredecessor
            event.predecessor = paymentId
        }
        event.asset = facts.asset
        event.amount = facts.amount
        if let total = facts.refundedTotal {
            event.flags |= EventParked.cumulative
            event.refundedTotal = total
        }
        return try park(event, provider, at: facts.at, &state, now)
    }

    /// Parks a fact of a provider.
    func park(
        _ event: EventParked, _ provider: BorrowedText, at moment: Timestamp, _ state: inout CoreState,
        _ now: Case
    ) throws(LogError) -> Outcome {
        var event = event
        let known = try state.findSymbol(SymbolDefined.provider, provider)
        if let known, let full = parkingFull(state, event, known, now) { return full }
        if known == nil, let full = parkingFull(state, event, nil, now) ?? symbolsFull(state, now) {
            return full
        }
        var out = state.begin(now.envelope, in: now.group)
        if let known { event.provider = known } else { event.provider = try define(provider, &state, &out) }
        state.emit(.eventParked(event), at: moment, &out)
        return .parked(state.finish(out, now: now.inputs.now, in: now.group))
    }

    /// Parks a conversion of a user who is not known yet.
    func park(_ c: Convert, _ id: BorrowedText, _ state: inout CoreState, _ now: Case) throws(LogError)
        -> Outcome
    {
        var event = EventParked()
        event.kind = ParkedKind.conversion.rawValue
        event.reason = ParkedReason.user.rawValue
        event.flags = EventParked.hasPredecessor
        event.predecessor = id
        if let full = parkingFull(state, event, event.provider, now) { return full }
        var out = state.begin(now.envelope, in: now.group)
        state.emit(.eventParked(event), at: c.at, &out)
        return .parked(state.finish(out, now: now.inputs.now, in: now.group))
    }

    private func parkingFull(
        _ state: borrowing CoreState, _ event: EventParked, _ provider: SymbolNumber?, _ now: Case
    ) -> Outcome? {
        if state.waitingCount >= LedgerBounds.parkedInAll {
            return now.refuse(.parkingFull, nil, "\(LedgerBounds.parkedInAll) facts are parked already")
        }
        // A provider that is not known yet has nothing parked; what is the host's own needs none.
        guard
            let provider = provider
                ?? (event.reason == ParkedReason.withdrawal.rawValue ? event.provider : nil)
        else { return nil }
        var event = event
        event.provider = provider
        if let wait = state.waitHash(event, now.envelope.programme),
            let number = state.findWait(wait, event, now.envelope.programme),
            state.waits[number].count >= LedgerBounds.parkedPerPredecessor
        {
            return now.refuse(
                .parkingFull, nil,
                "\(LedgerBounds.parkedPerPredecessor) facts wait for the same predecessor already")
        }
        return nil
    }

    /// What decides a parked fact: the policy of its own moment, as if it had come after its predecessor.
    func ruling(_ moment: Timestamp, _ state: inout CoreState, _ now: Case) throws(LogError) -> Case {
        guard let index = state.policyIndex(now.envelope.programme, at: moment), index != now.policyIndex
        else { return now }
        return Case(
            inputs: now.inputs, group: now.group, envelope: now.envelope, policyIndex: index,
            policy: try state.policy(index))
    }

    /// Applies what was parked for the payment of this record, in the order in which it was parked. What cannot be applied
    /// stays parked.
    func unparkOfPayment(
        of paymentId: BorrowedText, _ provider: SymbolNumber, _ state: inout CoreState,
        _ out: inout RecordBuilder,
        _ now: Case
    ) throws(LogError) {
        let programme = now.envelope.programme
        let wait = state.hash(paymentId, space: IdSpace.waitPayment(programme, provider))
        guard
            let chain = state.findWait(
                wait, predecessor: paymentId, provider: provider, for: .payment, programme),
            state.waits[chain].count > 0
        else { return }
        let number = state.payments.count - 1
        // The payment's own record is not in the log yet: what refunds need of it is read from the builder.
        out.expose(to: state.records)
        defer { state.records.hideBuilding() }
        var next = state.waits[chain].first
        while next != 0 {
            let row = state.parked[Int(next) - 1]
            defer { next = row.next }
            guard !row.isApplied else { continue }
            try unpark(Int(next) - 1, on: number, provider, &state, &out, now)
        }
    }

    /// Applies one refund, refund's failure or opened dispute that was parked for a payment; what cannot be applied stays
    /// parked.
    func unpark(
        _ number: Int, on payment: Int, _ provider: SymbolNumber, _ state: inout CoreState,
        _ out: inout RecordBuilder, _ now: Case
    ) throws(LogError) {
        let row = state.parked[number]
        // What was applied before this one may have hidden the record again.
        out.expose(to: state.records)
        if row.kind == ParkedKind.dispute.rawValue {
            return try unparkDispute(number, on: payment, &state, &out, now)
        }
        if row.kind == ParkedKind.refundFailed.rawValue {
            return try unparkFailure(number, afterReleaseOf: provider, &state, &out, now)
        }
        guard row.kind == ParkedKind.refund.rawValue else { return }
        let stored = try state.storedParked(number)
        let facts = RefundFacts(
            provider: provider, refundId: arena.text(stored.event.factId), asset: stored.event.asset,
            amount: stored.event.amount,
            refundedTotal: stored.event.flags & EventParked.cumulative != 0
                ? stored.event.refundedTotal : nil,
            at: stored.occurredAt, parked: stored.position)
        guard case .moves(let money) = effect(of: facts, on: try state.storedPayment(payment), state)
        else { return }
        let own = try ruling(facts.at, &state, now)
        try apply(facts, moving: money, to: payment, &state, &out, own)
    }

    /// Applies conversions that were parked for a user who has now signed up.
    func unparkConversions(
        of member: Int, _ id: BorrowedText, _ state: inout CoreState, _ out: inout RecordBuilder, _ now: Case
    ) throws(LogError) {
        let programme = now.envelope.programme
        let wait = state.hash(id, space: IdSpace.waitUser(programme))
        guard
            let chain = state.findWait(
                wait, predecessor: id, provider: SymbolNumber(rawValue: 0), for: .user, programme),
            state.waits[chain].count > 0
        else { return }
        var next = state.waits[chain].first
        while next != 0 {
            let row = state.parked[Int(next) - 1]
            defer { next = row.next }
            guard !row.isApplied else { continue }
            let stored = try state.storedParked(Int(next) - 1)
            let convert = Convert(userId: "", at: stored.occurredAt)
            guard refusal(against: convert, member, &state) == nil else { continue }
            var event = EventUnparked()
            event.parked = stored.position
            state.emit(.eventUnparked(event), at: stored.occurredAt, &out)
            let own = try ruling(stored.occurredAt, &state, now)
            let step = own.policy.policy.workflow.conversionStep
            try advance(member, to: step, manual: true, at: stored.occurredAt, &state, &out, own)
        }
    }
}

extension CoreState {
    /// Facts that are parked and wait.
    public var waitingCount: Int { globals.count == 0 ? 0 : Int(globals[0].waiting) }

    /// The record of a conversion of this user and moment that was parked, whatever became of it.
    func parkedConversion(
        of id: BorrowedText, at moment: Timestamp, _ programme: ProgrammeNumber
    ) throws(LogError) -> LogPosition? {
        let wait = hash(id, space: IdSpace.waitUser(programme))
        guard
            let chain = findWait(
                wait, predecessor: id, provider: SymbolNumber(rawValue: 0), for: .user, programme)
        else { return nil }
        var next = waits[chain].first
        while next != 0 {
            let row = parked[Int(next) - 1]
            let stored = try storedParked(Int(next) - 1)
            if stored.occurredAt == moment { return stored.position }
            next = row.next
        }
        return nil
    }

    /// A fact of this kind, id and status that is parked and waits.
    func waiting(
        kind: ParkedKind, factId: BorrowedText, status: UInt8, for reason: ParkedReason,
        predecessor: BorrowedText, _ provider: BorrowedText, _ programme: ProgrammeNumber
    ) throws(LogError) -> (event: EventParked, occurredAt: Timestamp, base: LogPosition)? {
        var symbol = SymbolNumber(rawValue: 0)
        if reason.isOfProvider {
            guard let found = try symbolNumber(SymbolDefined.provider, provider) else { return nil }
            symbol = found
        }
        for number in try waitingFacts(for: reason, predecessor: predecessor, provider: symbol, programme) {
            let stored = try storedParked(number)
            if stored.event.kind == kind.rawValue, stored.event.status == status,
                stored.event.factId.equals(factId)
            {
                return (stored.event, stored.occurredAt, try baseOfRecord(holding: stored.position))
            }
        }
        return nil
    }

    /// The facts that wait for a predecessor, in the order in which they were parked.
    func waitingFacts(
        for reason: ParkedReason, predecessor: BorrowedText, provider: SymbolNumber,
        _ programme: ProgrammeNumber
    ) throws(LogError) -> [Int] {
        var probe = EventParked()
        probe.reason = reason.rawValue
        probe.predecessor = predecessor
        probe.provider = provider
        guard let wait = waitHash(probe, programme),
            let chain = findWait(wait, predecessor: predecessor, provider: provider, for: reason, programme)
        else { return [] }
        var out: [Int] = []
        var next = waits[chain].first
        while next != 0 {
            if !parked[Int(next) - 1].isApplied { out.append(Int(next) - 1) }
            next = parked[Int(next) - 1].next
        }
        return out
    }
}
