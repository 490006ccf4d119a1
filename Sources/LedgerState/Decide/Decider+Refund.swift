import LedgerDomain
import LedgerLog

extension Decider {
    /// A refund's facts, whether just sent or parked before.
    struct RefundFacts {
        var provider: SymbolNumber
        var refundId: BorrowedText
        var asset: AssetNumber
        var amount: Int64
        var refundedTotal: Int64?
        var at: Timestamp
        /// Position of the `EventParked`, when it comes from there.
        var parked: LogPosition?
    }

    /// What a refund would do to a payment.
    enum RefundEffect {
        case moves(Int64)
        case noHeadroom
        case refused(Refusal)
    }

    func decide(_ c: Refund, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let programme = now.envelope.programme
        let provider = arena.text(c.provider)
        let id = arena.text(c.refundId)
        let symbol = try state.findSymbol(SymbolDefined.provider, provider)
        if let symbol, let known = try state.findRefund(programme, symbol, id) {
            if let field = try difference(c, known.stored, state) {
                return now.refuse(
                    .refundConflict, field,
                    "the refund was recorded at position \(known.stored.base) with another \(field)")
            }
            return .repeated(try state.receipt(known.stored.base))
        }
        let byKey = try judgeKey(state, now) { _ throws(LogError) in "refundId" }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        var facts = RefundFacts(
            provider: symbol ?? SymbolNumber(rawValue: 0), refundId: id, asset: c.asset, amount: c.amount,
            refundedTotal: c.refundedTotal, at: c.at)
        guard let paymentId = c.paymentId.map({ arena.text($0) }) else {
            return try park(facts, provider, .empty, .nothing, &state, now)
        }
        guard let symbol, let payment = try state.findPayment(programme, symbol, paymentId) else {
            return try park(facts, provider, paymentId, .payment, &state, now)
        }
        facts.provider = symbol
        // A payment in quarantine is as if it were not there yet.
        if state.isQuarantined(payment: payment.number) {
            return try park(facts, provider, paymentId, .payment, &state, now)
        }
        switch effect(of: facts, on: payment, state) {
        case .refused(let refusal): return .refused(refusal)
        case .noHeadroom: return try park(facts, provider, paymentId, .headroom, &state, now)
        case .moves(let money):
            let number = payment.number
            var out = state.begin(now.envelope, in: now.group)
            try apply(facts, moving: money, to: number, &state, &out, now)
            return .accepted(state.finish(out, now: now.inputs.now, in: now.group))
        }
    }

    /// What a refund moves, judged in this order: currency, zero payment, way of counting, total, headroom.
    func effect(of facts: RefundFacts, on payment: StoredPayment, _ state: borrowing CoreState)
        -> RefundEffect
    {
        if facts.asset != payment.payment.asset {
            return .refused(
                Refusal(.refundCurrency, field: "currency", "the payment was in another currency"))
        }
        if payment.payment.amount == 0 {
            return .refused(Refusal(.refundZeroPayment, field: "paymentId", "the payment was of zero"))
        }
        let before = state.payments[payment.number].extra.map { state.paymentExtras[$0] }
        if let before, before.isCountingFixed, before.isCumulative != (facts.refundedTotal != nil) {
            return .refused(
                Refusal(
                    .refundMixedCounting, field: "refundedTotal",
                    "the payment's first refund was counted "
                        + (before.isCumulative ? "cumulatively" : "one by one") + ", this one is not"))
        }
        let soFar = before?.refunded ?? 0
        let money = facts.refundedTotal.map { $0 - soFar } ?? facts.amount
        if money < 0 {
            return .refused(
                Refusal(
                    .refundTotalWentBack, field: "refundedTotal",
                    "refundedTotal is below the \(facts.asset.amountText(soFar)) refunded so far"))
        }
        return money > payment.payment.amount - (before?.counted ?? 0) ? .noHeadroom : .moves(money)
    }

    /// Records a refund that fits: the refund, a reversal for each leg, and what follows for the referral.
    func apply(
        _ facts: RefundFacts, moving money: Int64, to number: Int, _ state: inout CoreState,
        _ out: inout RecordBuilder, _ now: Case
    ) throws(LogError) {
        let payment = try state.storedPayment(number)
        let (paid, payer) = (payment.payment.amount, payment.payment.payer)
        let before = state.counted(number)
        var event = RefundReceived()
        event.payment = payment.position
        event.asset = payment.payment.asset
        if let parked = facts.parked {
            var event = EventUnparked()
            event.parked = parked
            state.emit(.eventUnparked(event), at: facts.at, &out)
        }
        event.provider = facts.provider
        event.refundId = facts.refundId
        event.moved = money
        event.amount = facts.amount
        if let total = facts.refundedTotal {
            event.flags |= RefundReceived.cumulative
            event.refundedTotal = total
        }
        if facts.parked != nil { event.flags |= RefundReceived.unparked }
        let place = RefundPlace(refund: out.encoder.context.position, payment: number, moved: money)
        state.emit(.refundReceived(event), at: facts.at, &out)
        try reverseLegs(of: number, before: before, holder: nil, at: facts.at, &state, &out, now)
        if before < paid, before + money == paid { try revertIfLast(payer, at: facts.at, &state, &out, now) }
        try unparkFailure(of: facts.refundId, facts.provider, place, &state, &out, now)
    }

    /// Takes the conversion back when no qualifying payment is left, and what it earned.
    func revertIfLast(
        _ payer: UserNumber, at moment: Timestamp, _ state: inout CoreState, _ out: inout RecordBuilder,
        _ now: Case
    ) throws(LogError) {
        let member = state.holder(of: payer, out.envelope.programme)
        guard member >= 0 else { return }
        let row = state.members[member]
        guard row.qualifying == 0, row.isConverted, !row.isConvertedManually, row.parent != 0 else { return }
        var event = ReferralReverted()
        event.referee = UserNumber(row.user)
        event.referrer = UserNumber(state.members[state.resolve(Int(row.parent) - 1)].user)
        event.convertedAt = Timestamp(nanoseconds: row.convertedAt)
        state.emit(.referralReverted(event), at: moment, &out)
        try lower(after: member, at: moment, &state, &out, now)
    }

    /// The first field in which a refund differs from the one recorded.
    private func difference(
        _ c: Refund, _ was: StoredRefund, _ state: borrowing CoreState
    ) throws(LogError) -> String? {
        if was.occurredAt != c.at { return "at" }
        if let parked = was.parked {
            let total = parked.flags & EventParked.cumulative != 0 ? parked.refundedTotal : nil
            if parked.amount != c.amount { return "amount" }
            if parked.asset != c.asset { return "currency" }
            if total != c.refundedTotal { return "refundedTotal" }
            let named = parked.flags & EventParked.hasPredecessor != 0
            if named != (c.paymentId != nil) { return "paymentId" }
            return parked.predecessor.equals(c.paymentId.map { arena.text($0) } ?? .empty) ? nil : "paymentId"
        }
        guard let applied = was.applied else { return "type" }
        let total = applied.flags & RefundReceived.cumulative != 0 ? applied.refundedTotal : nil
        if applied.amount != c.amount { return "amount" }
        if applied.asset != c.asset { return "currency" }
        if total != c.refundedTotal { return "refundedTotal" }
        guard let paymentId = c.paymentId else { return "paymentId" }
        return try state.isPayment(at: applied.payment, paymentId: arena.text(paymentId)) ? nil : "paymentId"
    }
}

extension CoreState {
    func isPayment(at position: LogPosition, paymentId: BorrowedText) throws(LogError) -> Bool {
        guard let number = paymentPositions.find(notAfter: position.rawValue) else { return false }
        return try storedPayment(number).payment.paymentId.equals(paymentId)
    }

    /// The rounding of the policy that a record was decided under.
    func rounding(of envelope: RecordEnvelope) throws(LogError) -> Rounding {
        for i in 0..<policies.count
        where policies[i].programme == UInt32(envelope.programme.rawValue)
            && policies[i].version == envelope.policyVersion
        {
            if let known = policyCache[i] { return known.policy.commission.rounding }
            return try readPolicy(i).policy.commission.rounding
        }
        return .halfEven
    }
}
