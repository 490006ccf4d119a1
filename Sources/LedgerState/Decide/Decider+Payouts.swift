import LedgerDomain
import LedgerLog

/// What providers tell of withdrawals that were sent. Source: Documentation/rules.md, "payout".
extension Decider {
    /// A payout's facts, whether just sent or parked before.
    struct PayoutFacts {
        var status: PayoutStatus
        var provider: BorrowedText
        var reference: BorrowedText
        var kept: Int64
        /// Of `kept`, where it is above zero.
        var asset: AssetNumber?
        var at: Timestamp
        /// Position of the `EventParked`, when it comes from there.
        var parked: LogPosition?
    }

    func decide(_ c: Payout, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let id = arena.text(c.withdrawalId)
        let facts = PayoutFacts(
            status: c.status, provider: arena.text(c.provider), reference: arena.text(c.providerRef),
            kept: c.kept ?? 0, asset: c.asset, at: c.at)
        let number = try state.findWithdrawal(now.envelope.programme, id)
        if let repeated = try repeated(facts, number, id, &state, now) { return repeated }
        let byKey = try judgeKey(state, now) { _ throws(LogError) in "withdrawalId" }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard let number, !state.waits(facts.status, number) else { return try park(facts, id, &state, now) }
        if let refusal = try refusal(against: facts, number, &state, now) { return refusal }
        var out = state.begin(now.envelope, in: now.group)
        try apply(facts, to: number, &state, &out, now)
        try unparkPayouts(of: number, id, &state, &out, now)
        return accept(out, &state, now)
    }

    private func refusal(
        against facts: PayoutFacts, _ number: Int, _ state: inout CoreState, _ now: Case
    ) throws(LogError) -> Outcome? {
        let row = state.withdrawals[number]
        let from: WithdrawalState
        switch facts.status {
        case .sent: from = .approved
        case .settled, .failed: from = .sent
        case .returned: from = .settled
        }
        guard row.withdrawalState == from else { return impossible(row, now) }
        let asset = AssetNumber(rawValue: row.asset)
        if facts.status == .sent {
            if facts.at.nanoseconds >= row.expiresAt { return expired(now) }
            if let refused = blockedOwner(row, state, now) { return refused }
            guard let charges = charges(on: row.amount, asset, now), charges.tax + charges.fee < row.amount
            else {
                return now.refuse(.withdrawalMinimum, "withdrawalId", "tax and fee are all of it")
            }
            if facts.kept > 0 { return now.refuse(.payoutKept, "kept", "nothing is kept of what is sent") }
            if try state.findSymbol(SymbolDefined.provider, facts.provider) == nil,
                let full = symbolsFull(state, now)
            {
                return full
            }
            return overflows(row.amount, asset, state, now)
        }
        if try state.findSymbol(SymbolDefined.provider, facts.provider)?.rawValue != row.provider {
            return now.refuse(.payoutProvider, "provider", "it was sent with another provider")
        }
        if facts.kept < 0 || facts.kept > row.amount - row.tax - row.fee
            || facts.kept > 0 && facts.status == .settled
        {
            return now.refuse(
                .payoutKept, "kept", "the bank keeps no more than what was sent, and nothing that settled")
        }
        if facts.kept > 0, facts.asset?.rawValue != row.asset {
            return now.refuse(.payoutKept, "currency", "the withdrawal is in another currency")
        }
        return nil
    }

    private func apply(
        _ facts: PayoutFacts, to number: Int, _ state: inout CoreState, _ out: inout RecordBuilder,
        _ now: Case
    ) throws(LogError) {
        let row = state.withdrawals[number]
        let position = LogPosition(state.withdrawalPositions[number])
        let asset = AssetNumber(rawValue: row.asset)
        let member = state.resolve(Int(row.member))
        let user = UserNumber(state.members[member].user)
        if let parked = facts.parked {
            var event = EventUnparked()
            event.parked = parked
            state.emit(.eventUnparked(event), at: facts.at, &out)
        }
        switch facts.status {
        case .sent:
            let charges = charges(on: row.amount, asset, now)!
            let provider = try symbol(facts.provider, &state, &out)
            var event = PayoutSent()
            event.withdrawal = position
            event.user = user
            event.provider = provider
            event.reference = facts.reference
            event.asset = asset
            event.net = row.amount - charges.tax - charges.fee
            state.emit(.payoutSent(event), at: facts.at, &out)
            if charges.tax > 0 {
                var tax = TaxWithheld()
                (tax.withdrawal, tax.user, tax.asset, tax.amount) = (position, user, asset, charges.tax)
                state.emit(.taxWithheld(tax), at: facts.at, &out)
            }
            if charges.fee > 0 {
                var fee = FeeCharged()
                (fee.withdrawal, fee.user, fee.asset, fee.amount) = (position, user, asset, charges.fee)
                state.emit(.feeCharged(fee), at: facts.at, &out)
            }
        case .settled:
            var event = PayoutSettled()
            event.withdrawal = position
            event.user = user
            event.provider = SymbolNumber(rawValue: row.provider)
            event.reference = facts.reference
            event.asset = asset
            event.net = row.amount - row.tax - row.fee
            state.emit(.payoutSettled(event), at: facts.at, &out)
        case .failed, .returned:
            var event = PayoutBack()
            event.withdrawal = position
            event.provider = SymbolNumber(rawValue: row.provider)
            event.reference = facts.reference
            event.user = user
            event.asset = asset
            (event.tax, event.fee) = (row.tax, row.fee)
            event.net = row.amount - row.tax - row.fee
            event.kept = facts.kept
            event.toReceivable = state.credit(row.amount, member, asset).receivable
            noteReturned(number, row.amount, repaying: event.toReceivable, at: facts.at, state)
            state.emit(
                facts.status == .failed ? .payoutFailed(event) : .payoutReturned(event), at: facts.at, &out)
            try holdReturned(&state, &out)
        }
    }

    /// A status that is recorded or parked already: the first receipt, or what differs.
    private func repeated(
        _ facts: PayoutFacts, _ number: Int?, _ id: BorrowedText, _ state: inout CoreState, _ now: Case
    ) throws(LogError) -> Outcome? {
        let kind: FactKind =
            switch facts.status {
            case .sent: .sent
            case .settled: .settled
            case .failed: .payoutFailed
            case .returned: .returned
            }
        if let number, let base = state.marked(kind, number) {
            let symbol = try state.findSymbol(SymbolDefined.provider, facts.provider)
            let position = LogPosition(state.withdrawalPositions[number])
            let field = try difference(from: base, state, at: facts.at) {
                switch $0.event {
                case .payoutSent(let e) where facts.status == .sent && e.withdrawal == position:
                    .compare(
                        ("provider", e.provider == symbol),
                        ("providerRef", e.reference.equals(facts.reference)))
                case .payoutSettled(let e) where facts.status == .settled && e.withdrawal == position:
                    .compare(
                        ("provider", e.provider == symbol),
                        ("providerRef", e.reference.equals(facts.reference)))
                case .payoutFailed(let e) where facts.status == .failed && e.withdrawal == position:
                    .compare(
                        ("provider", e.provider == symbol),
                        ("providerRef", e.reference.equals(facts.reference)),
                        ("kept", e.kept == facts.kept))
                case .payoutReturned(let e) where facts.status == .returned && e.withdrawal == position:
                    .compare(
                        ("provider", e.provider == symbol),
                        ("providerRef", e.reference.equals(facts.reference)),
                        ("kept", e.kept == facts.kept))
                default: .other
                }
            }
            guard let field else { return .repeated(try state.receipt(base)) }
            return now.refuse(.payoutConflict, field, "the payout was recorded with another \(field)")
        }
        let provider = try state.symbolNumber(SymbolDefined.provider, facts.provider)
        let waiting = try state.waiting(
            kind: .payout, factId: id, status: facts.status.rawValue, for: .withdrawal, predecessor: id,
            .empty, now.envelope.programme)
        guard let waiting else { return nil }
        if waiting.occurredAt != facts.at {
            return now.refuse(.payoutConflict, "at", "the payout is parked with another at")
        }
        if provider != waiting.event.provider {
            return now.refuse(.payoutConflict, "provider", "the payout is parked with another provider")
        }
        if !waiting.event.reference.equals(facts.reference) {
            return now.refuse(.payoutConflict, "providerRef", "the payout is parked with another providerRef")
        }
        let kept = waiting.event.flags & EventParked.noAmount == 0 ? waiting.event.amount : 0
        if kept != facts.kept {
            return now.refuse(.payoutConflict, "kept", "the payout is parked with another kept")
        }
        return .repeated(try state.receipt(waiting.base))
    }

    private func park(
        _ facts: PayoutFacts, _ id: BorrowedText, _ state: inout CoreState, _ now: Case
    ) throws(LogError) -> Outcome {
        var event = EventParked()
        event.kind = ParkedKind.payout.rawValue
        event.reason = ParkedReason.withdrawal.rawValue
        event.flags = EventParked.hasPredecessor | EventParked.hasStatus
        event.status = facts.status.rawValue
        event.reference = facts.reference
        event.factId = id
        event.predecessor = id
        if facts.kept > 0, let asset = facts.asset {
            event.asset = asset
            event.amount = facts.kept
        } else {
            event.flags |= EventParked.noAmount
        }
        return try park(event, facts.provider, at: facts.at, &state, now)
    }

    /// Applies what was parked for a withdrawal, as far as it can follow now.
    func unparkPayouts(
        of number: Int, _ id: BorrowedText, _ state: inout CoreState, _ out: inout RecordBuilder, _ now: Case
    ) throws(LogError) {
        let programme = now.envelope.programme
        var again = true
        while again {
            again = false
            for waiting in try state.waitingFacts(
                for: .withdrawal, predecessor: id, provider: SymbolNumber(rawValue: 0), programme)
            {
                let stored = try state.storedParked(waiting)
                var facts = PayoutFacts(
                    status: PayoutStatus(rawValue: stored.event.status) ?? .sent, provider: .empty,
                    reference: arena.text(stored.event.reference),
                    kept: stored.event.flags & EventParked.noAmount == 0 ? stored.event.amount : 0,
                    asset: stored.event.asset, at: stored.occurredAt, parked: stored.position)
                facts.provider = arena.text(try state.symbolText(Int(stored.event.provider.rawValue)))
                let own = try ruling(facts.at, &state, now)
                guard try refusal(against: facts, number, &state, own) == nil else { continue }
                try apply(facts, to: number, &state, &out, own)
                again = true
                break
            }
        }
    }
}

extension CoreState {
    /// Whether a status is ahead of what is known of a withdrawal: it is parked until its time comes.
    func waits(_ status: PayoutStatus, _ number: Int) -> Bool {
        let state = withdrawals[number].withdrawalState
        return switch status {
        case .sent: false
        case .settled, .failed: state.isUnsent
        case .returned: state.isUnsent || state == .sent
        }
    }
}
