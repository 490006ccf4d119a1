/// What the finance desk says: adjustments, debts, opening balances, rates, cash.
extension NaiveLedger {
    /// A decimal rate: `digits` ÷ 10^`fraction`.
    struct Rate {
        let digits: Int64
        let fraction: Int

        /// Above 0, at most 12 fraction digits, 18 digits in all.
        init(_ text: String) throws(Refusal) {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            let isWhole = parts.count == 1
            guard (1...2).contains(parts.count),
                parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }),
                parts[0].utf8.count == 1 || parts[0].first != "0",
                isWhole || parts[1].utf8.count <= 12, parts.joined().utf8.count <= 18,
                let digits = Int64(parts.joined()), digits > 0
            else { throw Refusal("fx.rate") }
            var (value, fraction) = (digits, isWhole ? 0 : parts[1].utf8.count)
            while fraction > 0 && value % 10 == 0 { (value, fraction) = (value / 10, fraction - 1) }
            self.digits = value
            self.fraction = fraction
        }
    }

    /// Ten to a small power.
    private func tens(_ power: Int) -> Int128 { (0..<power).reduce(1) { ten, _ in ten * 10 } }

    /// No balance of the user in the asset may leave an Int64.
    private func checkRoom(_ user: User, _ asset: String, _ amount: Int64) throws(Refusal) {
        let balance = balance(user.number, asset)
        let all = [
            balance.pending, balance.available, balance.held, balance.reserved, balance.receivable, amount,
        ]
        let sum = all.reduce(Int128(0)) { $0 + Int128($1.magnitude) }
        if sum > Int128(Int64.max) { throw Refusal("amount.overflow") }
    }

    /// Remembers a fact under its key.
    private func noteBook(
        _ type: String, _ fields: Fields, _ user: Int?, _ asset: String, _ amount: Int64
    ) throws(Refusal) {
        let key = try fields.plain("key") ?? ""
        books[Exact(type, key)] = BookFact(type, user: user, asset, amount)
    }

    /// Refuses approvers who are the user.
    func checkApprovers(_ approvers: [String], _ user: User) throws(Refusal) {
        if approvers.contains(where: { isUser($0, user.number) }) { throw Refusal("adjust.approvers") }
        if approvers.count > 1 && isOnePerson(approvers[0], approvers[1]) {
            throw Refusal("adjust.approvers")
        }
    }

    func adjust(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("userId amount currency reason approvers at")
        let userID = try fields.id("userId")
        let currency = try fields.currency(default: policy.asset)
        let amount = try fields.signed("amount", in: currency)
        _ = try fields.words("reason")
        let approvers = try fields.approvers()
        let at = try fields.moment("at")
        let identity = try keyed("adjust", fields)
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)
        let user = try knownUser(userID)
        try checkApprovers(approvers, user)
        if let limit = policy.adjustmentSecondApproverAbove[currency], amount.magnitude > limit.magnitude,
            approvers.count < 2
        {
            throw Refusal("adjust.approvers")
        }
        try checkRoom(user, currency, amount)
        remember(identity)
        try noteBook("adjust", fields, user.number, currency, amount)
        if amount > 0 {
            event("adjustmentPosted", at: at)
            creditFresh(user.number, currency, amount, from: .expense)
        } else {
            makeRoom(user.number, currency, for: -amount, at: at)
            event("adjustmentPosted", at: at)
            takeAvailable(user.number, currency, -amount, to: .expense)
            holdReturned()
        }
        return .accepted
    }

    func writeOff(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("userId amount currency reason approvers at")
        let userID = try fields.id("userId")
        let currency = try fields.currency(default: policy.asset)
        let amount = try fields.positive("amount", in: currency)
        _ = try fields.words("reason")
        let approvers = try fields.approvers()
        let at = try fields.moment("at")
        let identity = try keyed("writeOff", fields)
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)
        let user = try knownUser(userID)
        try checkApprovers(approvers, user)
        if let limit = policy.adjustmentSecondApproverAbove[currency], amount > limit, approvers.count < 2 {
            throw Refusal("adjust.approvers")
        }
        if amount > balance(user.number, currency).receivable { throw Refusal("writeOff.debt") }
        remember(identity)
        try noteBook("writeOff", fields, user.number, currency, amount)
        event("debtWrittenOff", at: at)
        post(.programme("loss"), .receivable(user.number), amount, currency)
        return .accepted
    }

    func openingBalance(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("userId amount currency at")
        let userID = try fields.id("userId")
        let currency = try fields.currency(default: policy.asset)
        let amount = try fields.positive("amount", in: currency)
        let at = try fields.moment("at")
        let identity = try keyed("openingBalance", fields)
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)
        let user = try knownUser(userID)
        try checkRoom(user, currency, amount)
        remember(identity)
        try noteBook("openingBalance", fields, user.number, currency, amount)
        event("openingBalance", at: at)
        creditFresh(user.number, currency, amount, from: .programme("opening"))
        return .accepted
    }

    // MARK: - Rates

    func fxRate(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("base quote rate source at")
        if !fields.has("base") || !fields.has("quote") { throw Refusal("field.missing") }
        let base = try fields.currency("base", default: "")
        let quote = try fields.currency("quote", default: "")
        if base == quote { throw Refusal("fx.same") }
        guard let text = try fields.plain("rate") else { throw Refusal("field.missing") }
        let rate = try Rate(text)
        fields.imply("rate", "\(rate.digits)e-\(rate.fraction)")
        _ = try fields.words("source")
        let at = try fields.moment("at")
        let identity = try keyed("fxRate", fields)
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)
        remember(identity)
        event("fxRateRecorded", at: at)
        rates.append((base: base, quote: quote, rate: rate, at: at))
        return .accepted
    }

    /// The latest rate of exactly this pair at a moment; of two for one moment, the one recorded later.
    private func rate(_ base: String, _ quote: String, at: Int64) -> Rate? {
        var best: (rate: Rate, at: Int64)?
        for rate in rates where rate.base == base && rate.quote == quote && rate.at <= at {
            if best.map({ $0.at <= rate.at }) ?? true { best = (rate: rate.rate, at: rate.at) }
        }
        return best?.rate
    }

    func fxConvert(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("userId amount currency to at")
        let userID = try fields.id("userId")
        let currency = try fields.currency(default: policy.asset)
        let amount = try fields.positive("amount", in: currency)
        if !fields.has("to") { throw Refusal("field.missing") }
        let to = try fields.currency("to", default: "")
        let at = try fields.moment("at")
        let identity = try keyed("fxConvert", fields)
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)
        let user = try knownUser(userID)
        guard let rate = rate(currency, to, at: at) else { throw Refusal("fx.no_rate") }
        try checkFree(user, currency)
        if amount > balance(user.number, currency).available { throw Refusal("withdrawal.funds") }
        let (product, overflow) = (Int128(amount) * Int128(rate.digits))
            .multipliedReportingOverflow(by: tens(exponents[to] ?? 0))
        if overflow { throw Refusal("amount.overflow") }
        let divisor = tens(rate.fraction + (exponents[currency] ?? 0))
        let quote = try whole(product, divisor, policy.rounding)
        if quote == 0 { throw Refusal("fx.too_small") }
        try checkRoom(user, to, quote)
        remember(identity)
        event("fxConverted", at: at)
        _ = takeLots(user.number, currency, amount)
        post(.available(user.number), .programme("fx"), amount, currency)
        creditFresh(user.number, to, quote, from: .programme("fx"))
        return .accepted
    }

    // MARK: - Cash

    /// `fund`, `remitTax`, `recordCost`.
    func cash(_ type: String, _ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("amount currency reference at" + (type == "recordCost" ? " kind" : ""))
        let currency = try fields.currency(default: policy.asset)
        let amount = try fields.positive("amount", in: currency)
        _ = try fields.text("reference")
        if type == "recordCost" { _ = try fields.words("kind") }
        let at = try fields.moment("at")
        let identity = try keyed(type, fields)
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)
        let cash = Account.programme("cash")
        if type == "remitTax" && Int128(amount) > -(totals["tax"]?[currency] ?? 0) {
            throw Refusal("tax.balance")
        }
        remember(identity)
        if type != "recordCost" { try noteBook(type, fields, nil, currency, amount) }
        switch type {
        case "fund":
            event("cashFunded", at: at)
            post(cash, .programme("funding"), amount, currency)
        case "remitTax":
            event("taxRemitted", at: at)
            post(.programme("tax"), cash, amount, currency)
        default: event("costRecorded", at: at)
        }
        return .accepted
    }
}
