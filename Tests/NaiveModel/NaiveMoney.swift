/// Payments, refunds and the passing of time.
extension NaiveLedger {
    func payment(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("paymentId provider userId amount currency at commissionableBase")
        let id = try fields.id("paymentId")
        let provider = try fields.id("provider")
        let payerID = try fields.id("userId")
        let at = try fields.moment("at")
        let currency = try fields.currency(default: policy.asset)
        guard let amount = try fields.amount("amount", in: currency) else { throw Refusal("field.missing") }
        let base = try fields.amount("commissionableBase", in: currency) ?? amount
        fields.imply("commissionableBase", String(base))
        if base > amount { throw Refusal("amount.base") }
        let identity = try identity(
            "payment", fields, natural: [provider, id], conflict: "payment.conflict")
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)
        guard let payer = user(payerID) else { throw Refusal("user.unknown") }
        let legs = try commissions(payer, base: base, currency: currency, at: at)

        let payment = Payment(payer: payer.number, amount: amount, currency: currency, legs: legs)
        payments[Exact(provider, id)] = payment
        remember(identity)
        position += 1
        for leg in legs {
            leg.position = position
            position += 1
            self.legs.append(leg)
            unmatured.append(leg)
            post(leg, "commissionEarned", at: at, expense: leg.amount, pending: leg.amount)
            score(.earnings(currency), leg.beneficiary, leg.amount, at: at)
        }
        payer.hasPayment = true
        if amount > 0 { payer.qualifyingPayments += 1 }
        if !isExpired(payer, at: at) {
            _ = move(payer, to: amount > 0 ? .completed : .active, at: at, byPayment: true)
        }
        unpark(Exact("payment", provider, id)) { parked in
            guard case .refund(let refund) = parked.fact else { return false }
            // What is refused now keeps waiting, and never fails the payment.
            guard let isApplied = try? apply(refund, to: payment) else { return false }
            if !isApplied { parked.waitingFor = "headroom" }
            return isApplied
        }
        return .accepted
    }

    /// What each level above the payer earns.
    private func commissions(
        _ payer: User, base: Int64, currency: String, at: Int64
    ) throws(Refusal) -> [Leg] {
        var legs: [Leg] = []
        var below = payer
        for rate in policy.ratesPpm {
            guard let parent = below.parent, below.attributedAt <= at else { break }
            let amount = try share(base, Int64(rate), 1_000_000)
            let maturesAt = try moment(at, plusDays: policy.holdingDays)
            below = users[parent]
            if amount == 0 { continue }
            let balance = below.balances[currency] ?? NaiveBalance()
            if (balance.earned + balance.reversed).addingReportingOverflow(amount).overflow {
                throw Refusal("amount.overflow")
            }
            legs.append(
                Leg(beneficiary: parent, amount: amount, currency: currency, paidAt: at, maturesAt: maturesAt)
            )
        }
        return legs
    }

    // MARK: - Refunds

    func refund(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("refundId provider paymentId amount currency at refundedTotal")
        let id = try fields.id("refundId")
        let provider = try fields.id("provider")
        let paymentID = try fields.optionalID("paymentId")
        let at = try fields.moment("at")
        let currency = try fields.currency(default: policy.asset)
        guard let amount = try fields.amount("amount", in: currency) else { throw Refusal("field.missing") }
        if amount == 0 { throw Refusal("amount.zero") }
        let total = try fields.amount("refundedTotal", in: currency)
        let identity = try identity("refund", fields, natural: [provider, id], conflict: "refund.conflict")
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)

        let refund = Refund(amount: amount, total: total, currency: currency, at: at)
        let predecessor = paymentID.map { Exact("payment", provider, $0) }
        var waitingFor = paymentID.map { "payment:\(provider)/\($0)" } ?? "paymentId"
        if let paymentID, let payment = payments[Exact(provider, paymentID)] {
            if try apply(refund, to: payment) {
                remember(identity)
                return .accepted
            }
            waitingFor = "headroom"
        }
        try park(Parked(.refund(refund), id: "\(provider)/\(id)", waitingFor: waitingFor), for: predecessor)
        remember(identity)
        position += 1
        return .parked
    }

    /// Applies a refund to its payment; false when it is more than what is left.
    private func apply(_ refund: Refund, to payment: Payment) throws(Refusal) -> Bool {
        if refund.currency != payment.currency { throw Refusal("refund.currency") }
        if payment.amount == 0 { throw Refusal("refund.zero_payment") }
        let isCumulative = refund.total != nil
        if payment.isCumulative ?? isCumulative != isCumulative { throw Refusal("refund.mixed_counting") }
        let money = refund.total.map { $0 - payment.refunded } ?? refund.amount
        if money < 0 { throw Refusal("refund.total_went_back") }
        if money > payment.amount - payment.refunded { return false }

        payment.isCumulative = isCumulative
        payment.refunded += money
        position += 1
        for leg in payment.legs {
            let due = try share(leg.amount, payment.refunded, payment.amount) - leg.reversed
            if due != 0 { reverse(leg, by: due, at: refund.at) }
        }
        if money > 0 && payment.refunded == payment.amount {
            let payer = users[payment.payer]
            payer.qualifyingPayments -= 1
            if payer.qualifyingPayments == 0 && payer.stage == .completed && payer.isCompletedByPayment {
                revert(payer)
            }
        }
        return true
    }

    private func reverse(_ leg: Leg, by amount: Int64, at: Int64) {
        leg.reversed += amount
        position += 1
        if leg.isMatured {
            let available = users[leg.beneficiary].balances[leg.currency]?.available ?? 0
            let paid = min(available, amount)
            post(
                leg, "commissionReversed", at: at, expense: -amount, available: -paid,
                receivable: amount - paid)
        } else {
            post(leg, "commissionReversed", at: at, expense: -amount, pending: -amount)
        }
        score(.earnings(leg.currency), leg.beneficiary, -amount, at: leg.paidAt)
    }

    // MARK: - Time

    func advance(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("to")
        let to = try fields.moment("to")
        let identity = try identity("advance", fields)
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(to, now)
        var didSomething = to > clock
        let due = unmatured.filter { $0.maturesAt <= to }.sorted {
            ($0.maturesAt, $0.position) < ($1.maturesAt, $1.position)
        }
        unmatured.removeAll { $0.maturesAt <= to }
        for leg in due {
            leg.isMatured = true
            if leg.reversed == leg.amount { continue }
            mature(leg)
            didSomething = true
        }
        if policy.expiryDays != nil {
            for user in users {
                guard let deadline = deadline(of: user), deadline <= to else { continue }
                user.stage = .expired
                position += 1
                didSomething = true
            }
        }
        for code in expiringCodes where code.isExpired(at: to) {
            code.isExpiryRecorded = true
            position += 1
            didSomething = true
        }
        expiringCodes.removeAll { $0.isExpiryRecorded }
        // Ends of periods need no list: a period is closed when its end + grace is not after the clock.
        clock = max(clock, to)
        if !didSomething { return .repeated }
        remember(identity)
        return .accepted
    }

    private func mature(_ leg: Leg) {
        let left = leg.amount - leg.reversed
        let debt = users[leg.beneficiary].balances[leg.currency]?.receivable ?? 0
        let repaid = min(debt, left)
        position += 1
        post(
            leg, "rewardMatured", at: leg.maturesAt, pending: -left, available: left - repaid,
            receivable: -repaid)
    }

    // MARK: - Posting

    /// Changes one user's balance and the totals; receivable is what the user owes.
    private func post(
        _ leg: Leg, _ kind: String, at: Int64, expense: Int64 = 0, pending: Int64 = 0, available: Int64 = 0,
        receivable: Int64 = 0
    ) {
        let user = users[leg.beneficiary]
        var balance = user.balances[leg.currency] ?? NaiveBalance()
        balance.pending += pending
        balance.available += available
        balance.receivable += receivable
        balance.earned += expense
        if expense < 0 { balance.reversed -= expense }
        user.balances[leg.currency] = balance
        user.statement.append(
            NaiveEntry(
                occurredAt: at, kind: kind, currency: leg.currency, pending: pending, available: available,
                held: 0, receivable: receivable))
        totals["rewardExpense", default: [:]][leg.currency, default: 0] += Int128(expense)
        totals["pending", default: [:]][leg.currency, default: 0] -= Int128(pending)
        totals["available", default: [:]][leg.currency, default: 0] -= Int128(available)
        totals["receivable", default: [:]][leg.currency, default: 0] += Int128(receivable)
    }
}
