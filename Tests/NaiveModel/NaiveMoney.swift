/// Payments and refunds.
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
        let payer = try knownUser(payerID)
        let legs = try commissions(payer, base: base, currency: currency, at: at)

        remember(identity)
        event("paymentReceived", at: at)
        let payment = pay(legs, payer, amount: amount, currency: currency, name: "\(provider)/\(id)", at: at)
        payments[Exact(provider, id)] = payment
        moveByPayment(payer, of: amount, at: at)
        unpark(Exact("payment", provider, id)) { parked in
            switch parked.fact {
            case .refund(let refund):
                // What is refused now keeps waiting, and never fails the payment.
                guard let isApplied = try? apply(refund, to: payment) else { return false }
                if !isApplied { parked.waitingFor = "headroom" }
                return isApplied
            case .dispute(let dispute): return (try? open(dispute, on: payment)) != nil
            default: return false
            }
        }
        return .accepted
    }

    /// A leg before the caps have been asked.
    struct DueLeg {
        let level: Int
        let beneficiary: Int
        let amount: Int64
        let maturesAt: Int64
    }

    /// What each level above the payer earns.
    private func commissions(
        _ payer: User, base: Int64, currency: String, at: Int64
    ) throws(Refusal) -> [DueLeg] {
        var legs: [DueLeg] = []
        if let months = policy.commissionMonths, payer.parent != nil {
            if at >= (try moment(payer.attributedAt, plusMonths: months)) { return [] }
        }
        var below = payer
        for (index, rate) in policy.ratesPpm.enumerated() {
            guard let parent = below.parent, below.attributedAt <= at else { break }
            let amount = try share(base, Int64(rate), 1_000_000, policy.rounding)
            let maturesAt = try moment(at, plusDays: policy.holdingDays)
            below = users[parent]
            if amount == 0 { continue }
            let balance = balance(parent, currency)
            if (balance.earned + balance.reversed).addingReportingOverflow(amount).overflow {
                throw Refusal("amount.overflow")
            }
            legs.append(DueLeg(level: index + 1, beneficiary: parent, amount: amount, maturesAt: maturesAt))
        }
        return legs
    }

    /// `CommissionEarned` for each leg, as far as the caps let it.
    private func pay(
        _ legs: [DueLeg], _ payer: User, amount: Int64, currency: String, name: String, at: Int64
    ) -> Payment {
        var commissions: [Reward] = []
        for leg in legs {
            let granted = capped(leg.amount, currency, to: leg.beneficiary, at: at)
            if granted == 0 { continue }
            let reward = Reward(
                name: "\(name)/\(leg.level)", isCommission: true, owner: leg.beneficiary, amount: granted,
                asset: currency, at: at, maturesAt: leg.maturesAt)
            event("commissionEarned", at: at)
            reward.position = position
            rewards.append(reward)
            unmatured.append(reward)
            commissions.append(reward)
            post(.expense, .pending(leg.beneficiary), granted, currency)
            earn(reward, granted, isGrant: true)
            noteExhausted(currency, at: at)
            holdIfBlocked(reward, at: at)
        }
        let payment = Payment(payer: payer.number, amount: amount, currency: currency, legs: commissions)
        payer.hasPayment = true
        if amount > 0 { payer.qualifyingPayments += 1 }
        return payment
    }

    /// What a blocked user earns in money is held at once.
    func holdIfBlocked(_ reward: Reward, at: Int64) {
        guard reward.isMoney, let reason = users[reward.owner].blocking else { return }
        hold(reward, reward.amount, for: reason, at: at)
    }

    /// Counts what a reward earned, on its owner's balance and on the boards; less than zero takes back.
    func earn(_ reward: Reward, _ amount: Int64, isGrant: Bool = false) {
        if isGrant || policy.reversalsFreeCaps { countUse(of: reward, amount) }
        users[reward.owner].balances[reward.asset, default: NaiveBalance()].earned += amount
        score(.earnings(reward.asset), reward.owner, amount, at: reward.at)
    }

    /// A payment moves its payer's referral.
    func moveByPayment(_ payer: User, of amount: Int64, at: Int64) {
        guard let target = amount > 0 ? policy.paymentAdvancesTo : policy.zeroPaymentAdvancesTo else {
            return
        }
        if isExpired(payer, at: at) { return }
        let passed = move(payer, to: target, at: at, byPayment: true)
        grantForStages(payer, passed, at: at)
    }

    // MARK: - Refunds

    func refund(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("refundId provider paymentId amount currency at refundedTotal")
        let id = try fields.id("refundId")
        let provider = try fields.id("provider")
        let paymentID = try fields.optionalID("paymentId")
        let at = try fields.moment("at")
        let currency = try fields.currency(default: policy.asset)
        let amount = try fields.positive("amount", in: currency)
        let total = try fields.amount("refundedTotal", in: currency)
        let identity = try identity("refund", fields, natural: [provider, id], conflict: "refund.conflict")
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)

        let refund = RefundFact(
            name: Exact("refund", provider, id), amount: amount, total: total, currency: currency, at: at)
        let predecessor = paymentID.map { Exact("payment", provider, $0) }
        var waitingFor = paymentID.map { "payment:\(provider)/\($0)" } ?? "paymentId"
        if let paymentID, let payment = payments[Exact(provider, paymentID)], !payment.isSetAside {
            if try apply(refund, to: payment) {
                remember(identity)
                refunds[Exact(provider, id)] = refund
                return .accepted
            }
            waitingFor = "headroom"
        }
        try park(Parked(.refund(refund), id: "\(provider)/\(id)", waitingFor: waitingFor), for: predecessor)
        remember(identity)
        refunds[Exact(provider, id)] = refund
        position += 1
        return .parked
    }

    /// Applies a refund to its payment; false when it is more than what is left.
    func apply(_ refund: RefundFact, to payment: Payment) throws(Refusal) -> Bool {
        if refund.currency != payment.currency { throw Refusal("refund.currency") }
        if payment.amount == 0 { throw Refusal("refund.zero_payment") }
        let isCumulative = refund.total != nil
        if payment.isCumulative ?? isCumulative != isCumulative { throw Refusal("refund.mixed_counting") }
        let money = refund.total.map { $0 - payment.refunded } ?? refund.amount
        if money < 0 { throw Refusal("refund.total_went_back") }
        if money > payment.headroom { return false }

        let didQualify = payment.qualifies
        payment.isCumulative = isCumulative
        payment.refunded += money
        refund.payment = payment
        refund.moved = money
        event("refundReceived", at: refund.at)
        reverseLegs(of: payment, for: nil, at: refund.at)
        if didQualify && !payment.qualifies { loseQualifying(payment, at: refund.at) }
        unpark(refund.name) { parked in
            guard case .refundFailed(let at) = parked.fact else { return false }
            fail(refund, of: payment, at: at)
            return true
        }
        return true
    }

    /// What of a leg should be taken back, by what of its payment is counted.
    func target(_ leg: Reward, _ payment: Payment, counted: Int64) -> Int64 {
        // A share of at most the whole is never too large.
        try! share(leg.amount, counted, payment.amount, policy.rounding)
    }

    /// `CommissionReversed` for each leg that is behind.
    func reverseLegs(of payment: Payment, for reason: Case?, at: Int64) {
        for leg in payment.legs {
            let due = target(leg, payment, counted: payment.counted) - leg.reversed - leg.revoked
            if due <= 0 { continue }
            take(leg, due, for: reason, as: "commissionReversed", at: at)
            leg.reversed += due
            users[leg.owner].balances[leg.asset, default: NaiveBalance()].reversed += due
            earn(leg, -due)
            holdReturned()
        }
    }

    /// A payment that qualified does no more: the last one takes the conversion back.
    func loseQualifying(_ payment: Payment, at: Int64) {
        let payer = living(payment.payer)
        payer.qualifyingPayments -= 1
        if payer.qualifyingPayments == 0 && payer.stage == .completed && payer.isCompletedByPayment {
            revert(payer, at: at)
        }
    }

    // MARK: - A refund that never went out

    func refundFailed(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("refundId provider at")
        let id = try fields.id("refundId")
        let provider = try fields.id("provider")
        let at = try fields.moment("at")
        let identity = try identity(
            "refundFailed", fields, natural: [provider, id], conflict: "refund.conflict")
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)
        guard let refund = refunds[Exact(provider, id)], let payment = refund.payment else {
            let parked = Parked(
                .refundFailed(at: at), id: "\(provider)/\(id)", waitingFor: "refund:\(provider)/\(id)")
            try park(parked, for: Exact("refund", provider, id))
            remember(identity)
            position += 1
            return .parked
        }
        if payment.isSetAside {
            guard let place = payments.first(where: { $0.value === payment })?.key else { return .parked }
            let parked = Parked(
                .refundFailed(at: at), id: "\(provider)/\(id)",
                waitingFor: "payment:" + place.parts.joined(separator: "/"))
            parked.refund = refund
            try park(parked, for: Exact(["payment"] + place.parts))
            remember(identity)
            position += 1
            return .parked
        }
        remember(identity)
        fail(refund, of: payment, at: at)
        return .accepted
    }

    /// `RefundFailed`, and what the refund took comes back.
    func fail(_ refund: RefundFact, of payment: Payment, at: Int64) {
        event("refundFailed", at: at)
        let didQualify = payment.qualifies
        payment.refunded -= refund.moved
        // A dispute lost for more than there was left takes what is free now.
        for dispute in payment.disputes where dispute.decision == "lost" {
            let more = min(dispute.amount - dispute.moved, payment.headroom)
            dispute.moved += more
            payment.lost += more
        }
        for leg in payment.legs {
            let back = leg.reversed - target(leg, payment, counted: payment.counted)
            if back <= 0 { continue }
            event("commissionRestored", at: at)
            leg.reversed -= back
            if leg.isMatured {
                credit(leg.owner, leg.asset, back, from: .expense, as: lot(of: leg))
            } else {
                post(.expense, .pending(leg.owner), back, leg.asset)
            }
            users[leg.owner].balances[leg.asset, default: NaiveBalance()].reversed -= back
            earn(leg, back)
            _ = holdForDisputes(leg, at: at)
        }
        if !didQualify && payment.qualifies {
            let payer = living(payment.payer)
            payer.qualifyingPayments += 1
            moveByPayment(payer, of: payment.amount, at: at)
        }
    }
}
