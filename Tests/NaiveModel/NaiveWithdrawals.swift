/// Withdrawals, their decisions and payouts, and the KYC that gates them.
extension NaiveLedger {
    func withdrawal(_ id: String) -> Withdrawal? { withdrawals.first { Exact($0.id) == Exact(id) } }

    // MARK: - Request

    func withdraw(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("withdrawalId userId amount currency at method")
        let id = try fields.id("withdrawalId")
        let userID = try fields.id("userId")
        let at = try fields.moment("at")
        let currency = try fields.currency(default: policy.asset)
        let amount = try fields.positive("amount", in: currency)
        _ = try fields.text("method")
        let identity = try identity("withdraw", fields, natural: [id], conflict: "withdrawal.conflict")
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)
        let user = try knownUser(userID)
        try checkFree(user, currency)
        let rules = policy.withdrawal
        if amount < rules.minimum[currency] ?? 0 { throw Refusal("withdrawal.minimum") }
        if kycLevel(of: user, at: at) < rules.kycLevel { throw Refusal("withdrawal.kyc") }
        if amount > balance(user.number, currency).available { throw Refusal("withdrawal.funds") }
        let (tax, fee) = try deductions(amount, currency)
        if Int128(tax) + Int128(fee) >= Int128(amount) { throw Refusal("withdrawal.minimum") }
        if withdrawals.filter({ $0.owner == user.number && $0.isUnsent }).count >= 16 {
            throw Refusal("limit.reached")
        }
        var expiresAt: Int64?
        if let days = rules.expiryDays { expiresAt = try moment(at, plusDays: days) }

        remember(identity)
        event("withdrawalRequested", at: at)
        let withdrawal = Withdrawal(
            id: id, owner: user.number, currency: currency, at: at, position: position, expiresAt: expiresAt,
            amount: amount, lots: takeLots(user.number, currency, amount))
        withdrawals.append(withdrawal)
        post(.available(user.number), .reserved(user.number), amount, currency)
        let needsTwo = rules.secondApproverAbove[currency].map { amount > $0 } ?? false
        let isSmall = rules.approvalAbove[currency].map { amount <= $0 } ?? false
        if !needsTwo && (!rules.approvalRequired || isSmall) {
            event("withdrawalApproved", at: at)
            withdrawal.state = .approved
        }
        unparkPayouts(of: withdrawal, "recorded")
        return .accepted
    }

    /// Not blocked, and nothing owed in the asset.
    func checkFree(_ user: User, _ asset: String) throws(Refusal) {
        if user.blocking != nil { throw Refusal("user.blocked") }
        if balance(user.number, asset).receivable > 0 { throw Refusal("withdrawal.debt") }
    }

    /// Tax and fee of an amount.
    private func deductions(_ amount: Int64, _ currency: String) throws(Refusal) -> (tax: Int64, fee: Int64) {
        let rules = policy.withdrawal
        let tax = try share(amount, Int64(rules.taxPpm), 1_000_000, policy.rounding)
        let fee = try share(amount, Int64(rules.feePpm), 1_000_000, policy.rounding)
        let (sum, overflow) = fee.addingReportingOverflow(rules.fixedFee[currency] ?? 0)
        if overflow { throw Refusal("amount.overflow") }
        return (tax, sum)
    }

    // MARK: - Decision

    func decideWithdrawal(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("withdrawalId decision at reason amount currency")
        let id = try fields.id("withdrawalId")
        let decision = try fields.choice("decision", "approve reject cancel reduce")
        let at = try fields.moment("at")
        let reason = try fields.text("reason")
        let amountText = try fields.text("amount")
        _ = try fields.text("currency")
        if decision == "reduce" && amountText == nil { throw Refusal("field.missing") }
        let actor = fields.actor
        let identity = try identity("decideWithdrawal", fields)
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)
        guard let withdrawal = withdrawal(id) else { throw Refusal("withdrawal.unknown") }
        // Of the last reduction it is known what it left.
        let left = amountText.flatMap { try? parseAmount($0, exponent: exponents[withdrawal.currency] ?? 0) }
        let isOther = decision == "reduce" && withdrawal.isUnsent && left != withdrawal.amount
        let like = withdrawal.decisions.enumerated().filter { index, said in
            let isLast = index == withdrawal.decisions.count - 1
            return !(isLast && isOther) && said.decision == decision && said.at == at
                && said.actor.map { Exact($0) } == actor.id.map { Exact($0) }
        }
        // No reason is kept of an approval.
        let hasSame = like.contains {
            decision == "approve" || Exact($0.element.reason ?? "") == Exact(reason ?? "")
        }
        if hasSame { return .repeated }
        if !like.isEmpty { throw Refusal("withdrawal.conflict") }
        let isAllowed = decision == "approve" ? withdrawal.state == .requested : withdrawal.isUnsent
        if !isAllowed { throw Refusal("withdrawal.state") }
        try checkNotExpired(withdrawal, at)
        if decision != "cancel" {
            guard let id = actor.id else { throw Refusal("actor.required") }
            if isUser(id, withdrawal.owner) || !actor.mayApprove { throw Refusal("withdrawal.reviewer") }
        }
        if decision == "approve" && users[withdrawal.owner].blocking != nil { throw Refusal("user.blocked") }
        switch decision {
        case "approve": try approve(withdrawal, actor, at: at)
        case "reduce": try reduce(withdrawal, to: amountText ?? "", at: at)
        default:
            let kind = decision == "reject" ? "withdrawalRejected" : "withdrawalCancelled"
            giveBack(withdrawal, withdrawal.amount, as: kind, at: at)
            holdReturned()
            withdrawal.state = decision == "reject" ? .rejected : .cancelled
        }
        withdrawal.decisions.append((decision: decision, actor: actor.id, at: at, reason: reason))
        remember(identity)
        // What was parked as sent may follow now.
        if decision == "approve" { unparkPayouts(of: withdrawal, "recorded") }
        return .accepted
    }

    /// Whether an actor's or approver's id is a user's.
    func isUser(_ id: String, _ number: Int) -> Bool {
        Exact(id) == Exact(users[number].id) || user(id)?.number == number
    }

    /// Whether two names are one person's: the same, or both ids of one user.
    func isOnePerson(_ one: String, _ other: String) -> Bool {
        if Exact(one) == Exact(other) { return true }
        guard let first = user(one) else { return false }
        return first === user(other)
    }

    private func checkNotExpired(_ withdrawal: Withdrawal, _ at: Int64) throws(Refusal) {
        if let end = withdrawal.expiresAt, end <= at { throw Refusal("withdrawal.expired") }
    }

    private func approve(
        _ withdrawal: Withdrawal, _ actor: (id: String?, mayApprove: Bool), at: Int64
    ) throws(Refusal) {
        guard let id = actor.id, actor.mayApprove else { throw Refusal("withdrawal.reviewer") }
        let limit = policy.withdrawal.secondApproverAbove[withdrawal.currency]
        if let limit, withdrawal.amount > limit {
            guard let first = withdrawal.firstApprover else {
                event("withdrawalApproved", at: at)
                withdrawal.firstApprover = id
                return
            }
            if isOnePerson(first, id) { throw Refusal("withdrawal.reviewer") }
        }
        event("withdrawalApproved", at: at)
        withdrawal.state = .approved
    }

    private func reduce(_ withdrawal: Withdrawal, to text: String, at: Int64) throws(Refusal) {
        let amount = try parseAmount(text, exponent: exponents[withdrawal.currency] ?? 0)
        if amount <= 0 || amount >= withdrawal.amount { throw Refusal("withdrawal.amount") }
        giveBack(withdrawal, withdrawal.amount - amount, as: "withdrawalReduced", at: at)
        holdReturned()
    }

    // MARK: - Payout

    func payout(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("withdrawalId status provider providerRef at kept currency")
        let id = try fields.id("withdrawalId")
        let status = try fields.choice("status", "sent settled failed returned")
        let provider = try fields.id("provider")
        _ = try fields.id("providerRef")
        let at = try fields.moment("at")
        let kept = try fields.text("kept")
        // Nothing can be kept of what arrived.
        if kept != nil && (status == "sent" || status == "settled") { throw Refusal("payout.kept") }
        let identity = try identity("payout", fields, natural: [id, status], conflict: "payout.conflict")
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)

        let fact = PayoutFact(withdrawalID: id, status: status, provider: provider, kept: kept, at: at)
        let withdrawal = withdrawal(id)
        // What is parked is tried when that step is recorded, and not again: `sent` that came before a
        // withdrawal which then needs approval stays parked for ever. After a rejection nothing waits.
        let waitsFor: String? =
            switch (status, withdrawal?.state) {
            case ("sent", nil): "recorded"
            case ("settled", nil), ("settled", .requested), ("settled", .approved): "sent"
            case ("failed", nil), ("failed", .requested), ("failed", .approved): "sent"
            case ("returned", nil), ("returned", .requested), ("returned", .approved): "settled"
            case ("returned", .sent): "settled"
            default: nil
            }
        if let waitsFor {
            let parked = Parked(.payout(fact), id: "\(id)/\(status)", waitingFor: "payout:\(id)/\(waitsFor)")
            try park(parked, for: Exact("payout", id, waitsFor))
            remember(identity)
            position += 1
            return .parked
        }
        guard let withdrawal else { throw Refusal("withdrawal.unknown") }
        try apply(fact, to: withdrawal)
        remember(identity)
        return .accepted
    }

    /// Tries what waited for a step of a withdrawal.
    private func unparkPayouts(of withdrawal: Withdrawal, _ step: String) {
        unpark(Exact("payout", withdrawal.id, step)) { parked in
            guard case .payout(let fact) = parked.fact else { return false }
            return (try? apply(fact, to: withdrawal)) != nil
        }
    }

    private func apply(_ fact: PayoutFact, to withdrawal: Withdrawal) throws(Refusal) {
        let needed: Withdrawal.State =
            switch fact.status {
            case "sent": .approved
            case "returned": .settled
            default: .sent
            }
        if withdrawal.state != needed { throw Refusal("withdrawal.state") }
        if fact.status == "sent" { return try send(withdrawal, fact) }
        if Exact(withdrawal.provider ?? "") != Exact(fact.provider) { throw Refusal("payout.provider") }
        let kept = try fact.kept.map { text throws(Refusal) in
            try parseAmount(text, exponent: exponents[withdrawal.currency] ?? 0)
        }
        if let kept, kept < 0 || kept > withdrawal.net { throw Refusal("payout.kept") }
        if fact.status == "settled" {
            event("payoutSettled", at: fact.at)
            post(
                .programme("clearing:" + fact.provider), .programme("cash"), withdrawal.net,
                withdrawal.currency)
            withdrawal.state = .settled
            unparkPayouts(of: withdrawal, "settled")
        } else {
            comeBack(withdrawal, fact, kept: kept ?? 0)
        }
    }

    private func send(_ withdrawal: Withdrawal, _ fact: PayoutFact) throws(Refusal) {
        try checkNotExpired(withdrawal, fact.at)
        if users[withdrawal.owner].blocking != nil { throw Refusal("user.blocked") }
        let (tax, fee) = try deductions(withdrawal.amount, withdrawal.currency)
        // A withdrawal may have been reduced until nothing is left to send.
        let net = Int128(withdrawal.amount) - Int128(tax) - Int128(fee)
        if net <= 0 { throw Refusal("withdrawal.minimum") }
        withdrawal.net = Int64(net)
        withdrawal.tax = tax
        withdrawal.fee = fee
        withdrawal.provider = fact.provider
        withdrawal.state = .sent
        let reserved = Account.reserved(withdrawal.owner)
        event("payoutSent", at: fact.at)
        post(reserved, .programme("clearing:" + fact.provider), withdrawal.net, withdrawal.currency)
        if tax > 0 { event("taxWithheld", at: fact.at) }
        post(reserved, .programme("tax"), tax, withdrawal.currency)
        if fee > 0 { event("feeCharged", at: fact.at) }
        post(reserved, .programme("fee"), fee, withdrawal.currency)
        unparkPayouts(of: withdrawal, "sent")
    }

    /// `PayoutFailed` or `PayoutReturned`: all of it is available again; what the bank keeps is a loss.
    private func comeBack(_ withdrawal: Withdrawal, _ fact: PayoutFact, kept: Int64) {
        let (owner, currency) = (withdrawal.owner, withdrawal.currency)
        let isFailed = fact.status == "failed"
        event(isFailed ? "payoutFailed" : "payoutReturned", at: fact.at)
        let source = isFailed ? Account.programme("clearing:" + fact.provider) : .programme("cash")
        // Through reserved, where it was before it was sent: the sums are the same.
        post(source, .reserved(owner), withdrawal.net, currency)
        post(.programme("tax"), .reserved(owner), withdrawal.tax, currency)
        post(.programme("fee"), .reserved(owner), withdrawal.fee, currency)
        returnLots(withdrawal.lots, to: owner, currency, from: .reserved(owner), at: fact.at)
        defer { holdReturned() }
        post(.programme("loss"), source, kept, currency)
        // Of a failed payout it is cash that is gone; nothing is under way any more.
        if isFailed { post(source, .programme("cash"), kept, currency) }
        withdrawal.lots = []
        withdrawal.state = isFailed ? .failed : .returned
    }

    // MARK: - KYC

    func kyc(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("userId level decision documentHash expiresInDays at")
        let userID = try fields.id("userId")
        let level = try fields.number("level", in: 1...9)
        let decision = try fields.choice("decision", "submitted approved rejected", default: "submitted")
        _ = try fields.text("documentHash")
        let days = try fields.days("expiresInDays")
        let at = try fields.moment("at")
        let identity = try keyed("kyc", fields)
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)
        let user = try knownUser(userID)
        var expiresAt: Int64?
        if let days { expiresAt = try moment(at, plusDays: days) }
        remember(identity)
        event(decision == "submitted" ? "kycSubmitted" : "kycDecided", at: at)
        // A rejection says nothing about a level approved before.
        if decision == "approved" {
            user.kycLevel = level
            user.kycExpiresAt = expiresAt
            user.kycPosition = position
        }
        return .accepted
    }

    /// The level last approved; 0 from its end on, and for all dates once `advance` has recorded the end.
    func kycLevel(of user: User, at: Int64) -> Int {
        if let end = user.kycExpiresAt, end <= at { return 0 }
        return user.kycLevel
    }
}
