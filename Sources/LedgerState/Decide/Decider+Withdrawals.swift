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
        // Above the limit for two persons no rule stands in for them.
        let needsTwo = rules.secondApproverAbove[c.asset].map { c.amount > $0 } ?? false
        if !needsTwo, !rules.approvalRequired || c.amount <= rules.approvalAbove[c.asset] ?? -1 {
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
    func charges(on amount: Int64, _ asset: AssetNumber, _ now: Case) -> (tax: Int64, fee: Int64)? {
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
        if let number, let repeated = try repeated(c, number, state, now) { return repeated }
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
        if c.decision == .approve, let refused = blockedOwner(row, state, now) { return refused }
        if c.decision == .reduce, c.amount ?? 0 <= 0 || c.amount! >= row.amount {
            let all = AssetNumber(rawValue: row.asset).amountText(row.amount)
            return now.refuse(.withdrawalAmount, "amount", "what stays is above zero and below \(all)")
        }
        if c.decision == .reduce, let asset = c.asset, asset.rawValue != row.asset {
            return now.refuse(.withdrawalAmount, "currency", "the withdrawal is in another currency")
        }
        if c.decision == .reduce, let full = timesFull(.decided, number, "withdrawalId", state, now) {
            return full
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
        try holdReturned(&state, &out)
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
        let isUser = try isMember(actor, member, state, now)
        if isUser || now.envelope.actorRole == .user || now.envelope.actorRole == .auditor {
            return now.refuse(
                .withdrawalReviewer, "actor", "“\(actor.string)” may not decide about this withdrawal")
        }
        guard c.decision == .approve, row.withdrawalState == .partlyApproved else { return nil }
        return try hasApproved(actor, number, state, now)
            ? now.refuse(.withdrawalReviewer, "actor", "the second approval is another person's") : nil
    }

    /// Whether somebody has approved a withdrawal already. A reduction may stand between two approvals, so the
    /// last decision need not be the first approval.
    private func hasApproved(
        _ actor: BorrowedText, _ number: Int, _ state: borrowing CoreState, _ now: Case
    ) throws(LogError) -> Bool {
        let position = LogPosition(state.withdrawalPositions[number])
        for base in state.allMarked(.decided, number) {
            var who = BorrowedText.empty
            unsafe StoredRecord.walk(try state.record(base.rawValue)) { stored, envelope in
                guard case .withdrawalApproved(let e) = stored.event, e.withdrawal == position else {
                    return true
                }
                // Its bytes are read over by the next look into the log.
                who = arena.text(envelope.actorId.string)
                return false
            }
            if !who.isEmpty, try isOnePerson(who, actor, state, now) { return true }
        }
        return false
    }

    /// An earlier decision on a withdrawal that was this one: its receipt, or a conflict when it had another reason.
    /// (An approval keeps none.)
    private func repeated(_ c: DecideWithdrawal, _ number: Int, _ state: borrowing CoreState, _ now: Case)
        throws(LogError) -> Outcome?
    {
        let position = LogPosition(state.withdrawalPositions[number])
        let all = state.allMarked(.decided, number)
        let given = arena.text(c.reason ?? "")
        var hadOtherReason = false
        for (index, base) in all.enumerated() {
            var (isSame, hasReason) = (false, true)
            unsafe StoredRecord.walk(try state.record(base.rawValue)) { stored, envelope in
                var made: WithdrawalDecision?
                switch stored.event {
                case .withdrawalApproved(let e) where e.withdrawal == position: made = .approve
                case .withdrawalRejected(let e) where e.withdrawal == position:
                    (made, hasReason) = (.reject, e.reason.equals(given))
                case .withdrawalCancelled(let e) where e.withdrawal == position:
                    (made, hasReason) = (.cancel, e.reason.equals(given))
                case .withdrawalReduced(let e) where e.withdrawal == position:
                    (made, hasReason) = (.reduce, e.reason.equals(given))
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
            if isSame, hasReason { return .repeated(try state.receipt(base)) }
            if isSame { hadOtherReason = true }
        }
        guard hadOtherReason else { return nil }
        return now.refuse(
            .withdrawalConflict, "reason", "at that moment the same was decided for another reason")
    }

    func unknownWithdrawal(_ id: String, _ now: Case) -> Outcome {
        now.refuse(.withdrawalUnknown, "withdrawalId", "no withdrawal “\(id)” was asked for")
    }

    func impossible(_ row: WithdrawalRow, _ now: Case) -> Outcome {
        now.refuse(.withdrawalState, "withdrawalId", "the withdrawal is \(row.withdrawalState.name)")
    }

    func expired(_ now: Case) -> Outcome {
        now.refuse(.withdrawalExpired, "at", "the withdrawal's time is up")
    }

    /// Nothing is approved or sent while the user is blocked.
    func blockedOwner(_ row: WithdrawalRow, _ state: borrowing CoreState, _ now: Case) -> Outcome? {
        guard state.members[state.resolve(Int(row.member))].isBlocked else { return nil }
        return now.refuse(
            .userBlocked, "withdrawalId",
            "its user is suspended, closed or under review: nothing is approved or sent meanwhile")
    }
}

extension WithdrawalState {
    /// An approval may follow.
    var isUnapproved: Bool { self == .requested || self == .partlyApproved }
}

extension CoreState {
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
