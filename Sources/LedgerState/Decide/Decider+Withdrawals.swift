import LedgerDomain
import LedgerLog

extension Decider {
    func decide(_ c: Withdraw, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let id = arena.text(c.withdrawalId)
        if let known = try state.findWithdrawal(now.envelope.programme, id) {
            let stored = try state.storedWithdrawal(known)
            var field: String?
            if try !isSame(stored.event.user, c.userId, state, now) {
                field = "userId"
            } else if stored.event.amount != c.amount {
                field = "amount"
            } else if stored.event.asset != c.asset {
                field = "currency"
            } else if stored.at != c.at {
                field = "at"
            } else if try !isSame(stored.event.sealed, c.method, of: stored.event.user, now) {
                field = "method"
            }
            if let field {
                return now.refuse(
                    .withdrawalConflict, field, "the withdrawal was asked for with another \(field)")
            }
            return .repeated(try state.receipt(stored.base))
        }
        let byKey = try judgeKey(state, now) { _ throws(LogError) in "withdrawalId" }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard let party = try party(c.userId, state, now) else { return unknownUser(c.userId, now) }
        let rules = now.policy.policy.withdrawal
        if let refused = try refusal(against: c, party, rules, state, now) { return refused }
        var event = WithdrawalRequested()
        event.user = party.user
        event.withdrawalId = id
        event.asset = c.asset
        event.amount = c.amount
        if let end = rules.expiryDays.flatMap({ c.at.adding(wholeDays: $0) }) {
            event.flags |= WithdrawalRequested.expires
            event.expiresAt = end
        }
        if let method = c.method {
            event.flags |= WithdrawalRequested.hasSealed
            event.sealed = try seal(Array(method.utf8), for: party.user, now)
        }
        var out = state.begin(now.envelope, in: now.group)
        let position = out.encoder.context.position
        state.emit(.withdrawalRequested(event), at: c.at, &out)
        let number = state.withdrawals.count - 1
        if !rules.approvalRequired || c.amount <= rules.approvalAbove[c.asset] ?? -1 {
            var approved = WithdrawalApproved()
            approved.flags = WithdrawalApproved.final
            approved.withdrawal = position
            approved.user = party.user
            state.emit(.withdrawalApproved(approved), at: c.at, &out)
        }
        try unparkPayouts(of: number, id, &state, &out, now)
        return accept(out, &state, now)
    }

    private func refusal(
        against c: Withdraw, _ party: Party, _ rules: Policy.Withdrawal, _ state: borrowing CoreState,
        _ now: Case
    ) throws(LogError) -> Outcome? {
        if state.members[party.member].isBlocked { return blocked(c.userId, now) }
        let balance = state.balance(member: party.member, asset: c.asset)
        if balance.receivable > 0 {
            return now.refuse(
                .withdrawalDebt, "userId", "the user owes \(c.asset.amountText(balance.receivable))")
        }
        if let least = rules.minimum[c.asset], c.amount < least {
            return now.refuse(
                .withdrawalMinimum, "amount", "at least \(c.asset.amountText(least)) are withdrawn")
        }
        let profile = state.profile(party.member)
        if rules.kycLevel > 0,
            Int(profile.kycLevel) < rules.kycLevel || profile.kycUntil <= c.at.nanoseconds
        {
            return now.refuse(.withdrawalKyc, "userId", "a withdrawal needs identity level \(rules.kycLevel)")
        }
        if c.amount > balance.available {
            return now.refuse(
                .withdrawalFunds, "amount",
                "available are \(c.asset.amountText(balance.available)), not \(c.asset.amountText(c.amount))")
        }
        guard let charges = charges(on: c.amount, c.asset, now), charges.tax + charges.fee < c.amount else {
            return now.refuse(.withdrawalMinimum, "amount", "tax and fee are all of it")
        }
        if profile.openWithdrawals >= LedgerBounds.openWithdrawals {
            return now.refuse(
                .limitReached, "userId",
                "the user has \(profile.openWithdrawals) withdrawals that are not sent")
        }
        return nil
    }

    /// Tax and fee of a withdrawal; nil when they leave the range of 64 bits.
    private func charges(on amount: Int64, _ asset: AssetNumber, _ now: Case) -> (tax: Int64, fee: Int64)? {
        let rules = now.policy.policy.withdrawal
        let rounding = now.policy.policy.commission.rounding
        guard let tax = rounding.share(amount, numerator: Int64(rules.taxPpm), denominator: 1_000_000),
            let rate = rounding.share(amount, numerator: Int64(rules.feePpm), denominator: 1_000_000)
        else { return nil }
        let (fee, overflow) = rate.addingReportingOverflow(rules.fixedFee[asset] ?? 0)
        return overflow || tax.addingReportingOverflow(fee).overflow ? nil : (tax, fee)
    }

    // MARK: Decisions

    func decide(_ c: DecideWithdrawal, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let id = arena.text(c.withdrawalId)
        let number = try state.findWithdrawal(now.envelope.programme, id)
        if let number, let base = try repeated(c, number, state, now) {
            return .repeated(try state.receipt(base))
        }
        let byKey = try judgeKey(state, now) { _ throws(LogError) in "withdrawalId" }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard let number else { return unknownWithdrawal(c.withdrawalId, now) }
        let row = state.withdrawals[number]
        let mayFollow =
            c.decision == .approve ? row.withdrawalState.isUnapproved : row.withdrawalState.isUnsent
        guard mayFollow else { return impossible(row, now) }
        if c.at.nanoseconds >= row.expiresAt { return expired(now) }
        if let refused = try reviewer(c, number, state, now) { return refused }
        if c.decision == .reduce, c.amount ?? 0 <= 0 || c.amount! >= row.amount {
            let all = AssetNumber(rawValue: row.asset).amountText(row.amount)
            return now.refuse(.withdrawalAmount, "amount", "what stays is above zero and below \(all)")
        }
        if c.decision == .reduce, let asset = c.asset, asset.rawValue != row.asset {
            return now.refuse(.withdrawalAmount, "currency", "the withdrawal is in another currency")
        }
        var out = state.begin(now.envelope, in: now.group)
        let reason = c.reason.map { arena.text($0) }
        switch c.decision {
        case .approve: try approve(number, at: c.at, &state, &out, now)
        case .reduce:
            free(
                number, row.amount - c.amount!, nil, clawback: false, reason: reason, at: c.at, &state, &out)
        case .reject, .cancel:
            free(number, row.amount, c.decision, clawback: false, reason: reason, at: c.at, &state, &out)
        }
        try unparkPayouts(of: number, id, &state, &out, now)
        return accept(out, &state, now)
    }

    private func approve(
        _ number: Int, at moment: Timestamp, _ state: inout CoreState, _ out: inout RecordBuilder, _ now: Case
    ) throws(LogError) {
        let row = state.withdrawals[number]
        let asset = AssetNumber(rawValue: row.asset)
        let limit = now.policy.policy.withdrawal.secondApproverAbove[asset]
        let needsTwo = limit.map { row.amount > $0 } ?? false
        var event = WithdrawalApproved()
        event.withdrawal = LogPosition(state.withdrawalPositions[number])
        event.user = UserNumber(state.members[state.resolve(Int(row.member))].user)
        if !needsTwo || row.withdrawalState == .partlyApproved { event.flags = WithdrawalApproved.final }
        state.emit(.withdrawalApproved(event), at: moment, &out)
    }

    /// Who may decide: a person who is not the user; of two approvers another one.
    private func reviewer(_ c: DecideWithdrawal, _ number: Int, _ state: borrowing CoreState, _ now: Case)
        throws(LogError) -> Outcome?
    {
        if c.decision == .cancel { return nil }
        if now.envelope.actorId.isEmpty {
            return now.refuse(.actorRequired, "actor", "who decides is needed")
        }
        let row = state.withdrawals[number]
        let actor = now.envelope.actorId
        let member = state.resolve(Int(row.member))
        let isUser =
            try state.findUser(actor).flatMap { state.member(of: $0, in: now.envelope.programme) }
            .map { state.resolve($0) == member } ?? false
        if isUser || now.envelope.actorRole == .user || now.envelope.actorRole == .auditor {
            return now.refuse(
                .withdrawalReviewer, "actor", "“\(actor.string)” may not decide about this withdrawal")
        }
        guard c.decision == .approve, row.withdrawalState == .partlyApproved else { return nil }
        return try hasApproved(actor, number, state)
            ? now.refuse(.withdrawalReviewer, "actor", "the second approval is another person's") : nil
    }

    /// Whether somebody has approved a withdrawal already. A reduction may stand between two approvals, so the
    /// last decision need not be the first approval.
    private func hasApproved(_ actor: BorrowedText, _ number: Int, _ state: borrowing CoreState)
        throws(LogError) -> Bool
    {
        let position = LogPosition(state.withdrawalPositions[number])
        for base in state.allMarked(.decided, number) {
            var isTheirs = false
            unsafe StoredRecord.walk(try state.record(base.rawValue)) { stored, envelope in
                guard case .withdrawalApproved(let e) = stored.event, e.withdrawal == position else {
                    return true
                }
                isTheirs = envelope.actorId.equals(actor)
                return false
            }
            if isTheirs { return true }
        }
        return false
    }

    /// An earlier decision on a withdrawal that was this one.
    private func repeated(_ c: DecideWithdrawal, _ number: Int, _ state: borrowing CoreState, _ now: Case)
        throws(LogError) -> LogPosition?
    {
        let position = LogPosition(state.withdrawalPositions[number])
        let all = state.allMarked(.decided, number)
        for (index, base) in all.enumerated() {
            var isSame = false
            unsafe StoredRecord.walk(try state.record(base.rawValue)) { stored, envelope in
                var made: WithdrawalDecision?
                switch stored.event {
                case .withdrawalApproved(let e) where e.withdrawal == position: made = .approve
                case .withdrawalRejected(let e) where e.withdrawal == position: made = .reject
                case .withdrawalCancelled(let e) where e.withdrawal == position: made = .cancel
                case .withdrawalReduced(let e) where e.withdrawal == position: made = .reduce
                default: return true
                }
                isSame =
                    made == c.decision && stored.occurredAt == c.at
                    && envelope.actorId.equals(now.envelope.actorId)
                    && envelope.actorRole == now.envelope.actorRole
                return false
            }
            // Of the last reduction it is known what it left.
            let isLast = index == all.count - 1
            if isSame, c.decision == .reduce, isLast, state.withdrawals[number].withdrawalState.isUnsent,
                state.withdrawals[number].amount != c.amount ?? 0
            {
                continue
            }
            if isSame { return base }
        }
        return nil
    }

    func unknownWithdrawal(_ id: String, _ now: Case) -> Outcome {
        now.refuse(.withdrawalUnknown, "withdrawalId", "no withdrawal “\(id)” was asked for")
    }

    private func impossible(_ row: WithdrawalRow, _ now: Case) -> Outcome {
        now.refuse(.withdrawalState, "withdrawalId", "the withdrawal is \(row.withdrawalState.name)")
    }

    private func expired(_ now: Case) -> Outcome {
        now.refuse(.withdrawalExpired, "at", "the withdrawal's time is up")
    }

    // MARK: Payouts

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
            state.emit(
                facts.status == .failed ? .payoutFailed(event) : .payoutReturned(event), at: facts.at, &out)
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

extension WithdrawalState {
    /// An approval may follow.
    var isUnapproved: Bool { self == .requested || self == .partlyApproved }
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

    /// A withdrawal by the host's id.
    func findWithdrawal(_ programme: ProgrammeNumber, _ id: BorrowedText) throws(LogError) -> Int? {
        var probe = withdrawalIds.probe(hash(id, space: IdSpace.withdrawal(programme)))
        while let candidate = withdrawalIds.next(&probe) {
            guard candidate < withdrawals.count else { continue }
            let stored = try storedWithdrawal(candidate)
            if stored.event.withdrawalId.equals(id), stored.programme == programme { return candidate }
        }
        return nil
    }

    /// A withdrawal as the log has it. Texts are valid until the next read or change.
    public func storedWithdrawal(_ number: Int) throws(LogError) -> (
        event: WithdrawalRequested, at: Timestamp, base: LogPosition, programme: ProgrammeNumber
    ) {
        let position = LogPosition(withdrawalPositions[number])
        var found: (WithdrawalRequested, Timestamp, LogPosition, ProgrammeNumber)?
        var base: LogPosition?
        unsafe StoredRecord.walk(try record(holding: position)) { stored, envelope in
            if base == nil { base = stored.position }
            guard stored.position == position, case .withdrawalRequested(let event) = stored.event else {
                return true
            }
            found = (event, stored.occurredAt, base!, envelope.programme)
            return false
        }
        guard let found else { throw LogError(.broken, "no withdrawal stands there", position: position) }
        return found
    }
}
