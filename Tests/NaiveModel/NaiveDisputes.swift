/// Disputes: what they hold while they last, and what they move when they are lost.
extension NaiveLedger {
    func dispute(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("disputeId provider paymentId status amount currency at")
        let id = try fields.id("disputeId")
        let provider = try fields.id("provider")
        let paymentID = try fields.id("paymentId")
        let status = try fields.choice("status", "opened won lost")
        let at = try fields.moment("at")
        var amount: Int64?
        var currency: String?
        if status == "opened" || fields.has("amount") || fields.has("currency") {
            currency = try fields.currency(default: policy.asset)
        }
        if status == "opened" || fields.has("amount") {
            amount = try fields.positive("amount", in: currency ?? policy.asset)
        }
        // "`at` is free" is taken to be: before or after the opening. It is content all the same.
        // What a report of the end leaves out is that of the opening, and no other content.
        let name = Exact("dispute", provider, id)
        if status != "opened" { fields.forget("amount", "currency") }
        let identity = try identity(
            "dispute", fields, natural: [provider, id, status], conflict: "dispute.conflict")
        if try isRepeat(identity) {
            if status != "opened" {
                // Once it has taken effect it is judged by the opening, until then by what waits.
                let known = disputes[name]
                let isDecided = known?.decision == status
                let first = disputeEnds[Exact(provider, id, status)]
                let before = isDecided ? known?.amount : first?.amount
                let beforeIn = isDecided ? known?.payment.currency : first?.currency
                if let before, amount ?? before != before { throw Refusal("dispute.conflict") }
                if let beforeIn, currency ?? beforeIn != beforeIn { throw Refusal("dispute.conflict") }
            }
            return .repeated
        }
        try checkNotAhead(at, now)

        let fact = DisputeFact(
            name: name, provider: provider, paymentID: paymentID, status: status, amount: amount,
            currency: currency, at: at)
        let parked = { Parked(.dispute(fact), id: "\(provider)/\(id)", waitingFor: $0) }
        if status == "opened" {
            if let payment = payments[Exact(provider, paymentID)], !payment.isSetAside {
                try open(fact, on: payment)
            } else {
                let predecessor = Exact("payment", provider, paymentID)
                try park(parked("payment:\(provider)/\(paymentID)"), for: predecessor)
                remember(identity)
                position += 1
                return .parked
            }
        } else if let dispute = disputes[name], dispute.decision != nil || !dispute.payment.isSetAside {
            try decide(dispute, fact)
        } else {
            if let dispute = disputes[name], dispute.paymentID != paymentID {
                throw Refusal("dispute.conflict")
            }
            try park(parked("dispute:\(provider)/\(id)"), for: name)
            remember(identity)
            disputeEnds[Exact(provider, id, status)] = fact
            position += 1
            return .parked
        }
        remember(identity)
        if status != "opened" { disputeEnds[Exact(provider, id, status)] = fact }
        return .accepted
    }

    /// `DisputeOpened`, its holds, then what was parked for it.
    func open(_ fact: DisputeFact, on payment: Payment) throws(Refusal) {
        guard let amount = fact.amount, let currency = fact.currency else { return }
        if currency != payment.currency { throw Refusal("dispute.currency") }
        if payment.amount == 0 { throw Refusal("dispute.zero_payment") }
        if amount > payment.amount { throw Refusal("dispute.amount") }
        let open = payment.disputes.filter { $0.decision == nil }.reduce(Int128(amount)) {
            $0 + Int128($1.amount)
        }
        if open > Int128(Int64.max) { throw Refusal("amount.overflow") }
        let dispute = Dispute(
            payment: payment, paymentID: fact.paymentID, amount: amount, reason: Case("dispute"))
        disputes[fact.name] = dispute
        payment.disputes.append(dispute)
        event("disputeOpened", at: fact.at)
        // Open disputes of one payment may together be more than an Int64 holds.
        let disputed = payment.disputes.filter { $0.decision == nil }.reduce(Int128(0)) {
            $0 + Int128($1.amount)
        }
        let counted = Int64(min(Int128(payment.amount), Int128(payment.counted) + disputed))
        for leg in payment.legs {
            let wanted = target(leg, payment, counted: counted) - leg.reversed - leg.revoked - leg.held
            let amount = min(wanted, holdable(leg))
            if amount > 0 { hold(leg, amount, for: dispute.reason, at: fact.at) }
        }
        unpark(fact.name) { parked in
            guard case .dispute(let decision) = parked.fact else { return false }
            return (try? decide(dispute, decision)) != nil
        }
    }

    /// `DisputeWon` or `DisputeLost`.
    func decide(_ dispute: Dispute, _ fact: DisputeFact) throws(Refusal) {
        // The rules name no codes for what is not that of the opening.
        if fact.paymentID != dispute.paymentID { throw Refusal("dispute.conflict") }
        if let currency = fact.currency, currency != dispute.payment.currency {
            throw Refusal("dispute.currency")
        }
        if let amount = fact.amount, amount != dispute.amount { throw Refusal("dispute.amount") }
        if dispute.decision != nil { throw Refusal("dispute.decided") }
        let payment = dispute.payment
        dispute.decision = fact.status
        if fact.status == "won" {
            event("disputeWon", at: fact.at)
        } else {
            let didQualify = payment.qualifies
            event("disputeLost", at: fact.at)
            dispute.moved = min(dispute.amount, payment.headroom)
            payment.lost += dispute.moved
            reverseLegs(of: payment, for: dispute.reason, at: fact.at)
            releaseAll(of: dispute.reason, at: fact.at)
            if didQualify && !payment.qualifies { loseQualifying(payment, at: fact.at) }
            return
        }
        releaseAll(of: dispute.reason, at: fact.at)
    }
}
