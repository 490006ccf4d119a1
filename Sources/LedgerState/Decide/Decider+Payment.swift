import LedgerDomain
import LedgerLog

extension Decider {
    func decide(_ c: Payment, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let programme = now.envelope.programme
        let id = arena.text(c.paymentId)
        let provider = arena.text(c.provider)
        let symbol = try state.findSymbol(SymbolDefined.provider, provider)
        if let symbol, let known = try state.findPayment(programme, symbol, id) {
            if let field = try difference(c, known, state, now) {
                return now.refuse(
                    .paymentConflict, field,
                    "the payment was recorded at position \(known.position) with another \(field)")
            }
            return .repeated(try state.receipt(known.base))
        }
        let byKey = try judgeKey(state, now) { base throws(LogError) in try difference(c, state, base) }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard let party = try party(c.userId, state, now) else { return unknownUser(c.userId, now) }
        let payer = party.member
        guard state.payments.count < LedgerBounds.entitiesOfAKind - 2 else {
            return now.refuse(.limitReached, nil, "the ledger holds as many payments as it can number")
        }
        if symbol == nil, let full = symbolsFull(state, now) { return full }
        var legs = Legs()
        guard earns(c, payer, state, now) ? legs.fill(c, payer, now.policy.policy.commission, state) : true,
            state.hasRoom(c, legs.total, programme)
        else {
            return now.refuse(.amountOverflow, "amount", "a sum would leave the range of 64 bits")
        }
        var out = state.begin(now.envelope, in: now.group)
        let name: SymbolNumber
        if let symbol { name = symbol } else { name = try define(provider, &state, &out) }
        var event = PaymentReceived()
        event.payer = party.user
        event.provider = name
        event.paymentId = id
        event.asset = c.asset
        event.amount = c.amount
        event.commissionableBase = c.commissionableBase ?? c.amount
        if event.commissionableBase != c.amount { event.flags |= PaymentReceived.hasBase }
        let position = out.encoder.context.position
        state.emit(payment: event, at: c.at, &out)
        emit(legs, of: position, event, now, at: c.at, &state, &out)
        try advanceByPayment(payer, paid: c.amount, at: c.at, &state, &out, now)
        try unparkOfPayment(of: id, name, &state, &out, now)
        return .accepted(state.finish(out, now: now.inputs.now, in: now.group))
    }

    /// Whether a payment is within the months that the payer's attribution earns.
    private func earns(_ c: Payment, _ payer: Int, _ state: borrowing CoreState, _ now: Case) -> Bool {
        guard let months = now.policy.policy.commission.months else { return true }
        let from = unsafe Timestamp(nanoseconds: state.members.peek(payer).pointee.attributedAt)
        guard let end = now.policy.zone.months(after: from, months) else { return true }
        return c.at < end
    }

    /// Moves a payer's referral as the policy says of a payment of this amount.
    func advanceByPayment(
        _ payer: Int, paid: Int64, at moment: Timestamp, _ state: inout CoreState, _ out: inout RecordBuilder,
        _ now: Case
    ) throws(LogError) {
        guard state.members[payer].parent != 0, !isExpired(payer, at: moment, &state) else { return }
        let workflow = now.policy.policy.workflow
        if let target = paid > 0 ? workflow.paymentAdvancesTo : workflow.zeroPaymentAdvancesTo {
            try advance(payer, to: target, manual: false, at: moment, &state, &out, now)
        }
    }

    /// The commissions of a payment, before they are events. At most eight, so on the stack.
    struct Legs {
        var count = 0
        var total: Int64 = 0
        var beneficiaries: InlineArray<8, UInt32> = .init(repeating: 0)
        var levels: InlineArray<8, UInt8> = .init(repeating: 0)
        var amounts: InlineArray<8, Int64> = .init(repeating: 0)

        /// Walks up from the payer. An edge younger than the payment ends the walk. False on overflow.
        mutating func fill(
            _ c: Payment, _ payer: Int, _ rules: Policy.Commission, _ state: borrowing CoreState
        ) -> Bool {
            let base = c.commissionableBase ?? c.amount
            var member = payer
            let depth = min(rules.levels.count, rules.maxDepth, LedgerBounds.commissionLevels)
            for level in 0..<depth {
                let row = unsafe state.members.peek(member)
                guard unsafe row.pointee.parent != 0 && row.pointee.attributedAt <= c.at.nanoseconds else {
                    break
                }
                member = state.resolve(unsafe Int(row.pointee.parent) - 1)
                guard
                    let amount = rules.rounding.share(
                        base, numerator: Int64(rules.levels[level]), denominator: 1_000_000)
                else { return false }
                if amount == 0 { continue }
                beneficiaries[count] = unsafe state.members.peek(member).pointee.user
                levels[count] = UInt8(level + 1)
                amounts[count] = amount
                count += 1
                let (sum, overflow) = total.addingReportingOverflow(amount)
                if overflow { return false }
                total = sum
            }
            return true
        }
    }

    private func emit(
        _ legs: Legs, of payment: LogPosition, _ event: PaymentReceived, _ now: Case, at moment: Timestamp,
        _ state: inout CoreState, _ out: inout RecordBuilder
    ) {
        guard legs.count > 0 else { return }
        let rules = now.policy.policy.commission
        let hasCaps =
            unsafe state.programmes.peek(Int(now.envelope.programme.rawValue)).pointee.firstBudget != 0
        var blocked = false
        var leg = CommissionEarned()
        leg.payment = payment
        leg.asset = event.asset
        leg.base = event.commissionableBase
        // Past the year 2262 nothing matures.
        leg.maturesAt = moment.adding(wholeDays: rules.holdingDays) ?? Timestamp(nanoseconds: .max)
        for i in 0..<legs.count {
            leg.level = legs.levels[i]
            leg.beneficiary = UserNumber(legs.beneficiaries[i])
            leg.ratePpm = rules.levels[Int(leg.level) - 1]
            leg.amount = legs.amounts[i]
            if hasCaps {
                let member = state.holder(of: leg.beneficiary, now.envelope.programme)
                leg.amount = capped(leg.amount, to: member, leg.asset, at: moment, &state, now)
                if leg.amount == 0 { continue }
            }
            state.emit(commission: leg, at: moment, &out)
            if hasCaps { noteExhausted(leg.asset, at: moment, &state, &out, now) }
            blocked = blocked || state.isBlocked(leg.beneficiary, now.envelope.programme)
        }
        if blocked { hold(legs, of: payment, leg.asset, at: moment, &state, &out) }
    }

    /// Holds what blocked users have just earned.
    private func hold(
        _ legs: Legs, of payment: LogPosition, _ asset: AssetNumber, at moment: Timestamp,
        _ state: inout CoreState, _ out: inout RecordBuilder
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
        _ c: Payment, _ was: StoredPayment, _ state: borrowing CoreState, _ now: Case
    ) throws(LogError) -> String? {
        if was.payment.amount != c.amount { return "amount" }
        if was.payment.asset != c.asset { return "currency" }
        if was.occurredAt != c.at { return "at" }
        if was.payment.commissionableBase != c.commissionableBase ?? c.amount { return "commissionableBase" }
        return try isSame(was.payment.payer, c.userId, state, now) ? nil : "userId"
    }

    /// The same by explicit key: the natural id is another one.
    private func difference(
        _ c: Payment, _ state: borrowing CoreState, _ base: LogPosition
    ) throws(LogError) -> String? {
        var sameId = false
        unsafe StoredRecord.walk(try state.record(base.rawValue)) { stored, _ in
            guard case .paymentReceived(let payment) = stored.event else { return true }
            sameId = payment.paymentId.equals(arena.text(c.paymentId))
            return false
        }
        return sameId ? "provider" : "paymentId"
    }
}

extension CoreState {
    /// Whether the programme's sums stay in range with one more payment.
    func hasRoom(_ c: Payment, _ commissions: Int64, _ programme: ProgrammeNumber) -> Bool {
        for i in 0..<totals.count {
            let key = unsafe totals.peek(i)
            guard
                unsafe key.pointee.programme == programme.rawValue && key.pointee.asset == c.asset.rawValue
            else { continue }
            let row = totals[i]
            return !row.paid.addingReportingOverflow(c.amount).overflow
                && !row.rewardExpense.addingReportingOverflow(commissions).overflow
                && !row.pending.addingReportingOverflow(commissions).overflow
                // What can ever become available: all that is pending, and all that is there.
                && !row.available.addingReportingOverflow(row.pending &+ commissions).overflow
                && row.pending &+ commissions >= 0
        }
        return true
    }

    /// Whether what a user earns is held.
    @inline(__always)
    func isBlocked(_ user: UserNumber, _ programme: ProgrammeNumber) -> Bool {
        guard let member = member(of: Int(user.rawValue), in: programme) else { return false }
        return unsafe members.peek(member).pointee.flags & MemberRow.blocked != 0
    }

    mutating func remember(_ name: BorrowedText) throws(LogError) {
        if symbolNames.count + 1 == symbols.count { symbolNames.append(unsafe Array(name.utf8)) }
    }
}
