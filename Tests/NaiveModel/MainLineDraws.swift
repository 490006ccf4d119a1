/// One draw of each type of line.
extension MainLineProgramme.Iterator {
    typealias Fields = [(String, RandomLine.Value)]

    private mutating func key() -> (String, RandomLine.Value) {
        serial += 1
        return ("key", .text(base.random.chance(15) ? "k-\(base.random.below(40))" : "k-\(serial)"))
    }

    private mutating func at() -> (String, RandomLine.Value) { ("at", .moment(base.at())) }

    private mutating func exponent(_ currency: String) -> Int { base.exponent(currency) }

    private mutating func small(_ currency: String) -> RandomLine.Value {
        let value = base.random.pick(
            [1, 2, 3, 5, 7, 10, 33, 50, 99, 100, 101, 250, 333, 501, 1_000] as [Int64])
        return .amount(value, exponent: base.exponent(currency))
    }

    private mutating func currency() -> String {
        base.random.chance(15)
            ? base.random.pick(["POINT", "XYZ"]) : base.random.pick(base.options.currencies)
    }

    /// Users who have something available, with their assets; in order of signup.
    private func rich() -> [(user: User, asset: String)] {
        shadow.users.flatMap { user in
            user.balances.sorted { $0.key < $1.key }.filter { $0.value.available > 0 }.map {
                (user: user, asset: $0.key)
            }
        }
    }

    private mutating func actor(_ user: String?) -> Fields {
        if base.random.chance(40) { return [] }
        var id = user != nil && base.random.chance(60) ? user! : "admin-\(1 + base.random.below(3))"
        if base.random.chance(60), let pair = aliases() {
            id = base.random.chance(500) ? pair.one : pair.other
        }
        let role = base.random.chance(50) ? base.random.pick(["user", "auditor"]) : "admin"
        return [("actor", .text(id)), ("actorRole", .text(role))]
    }

    // MARK: - Refunds that failed, disputes

    mutating func refundFailed() -> RandomLine {
        if refunds.isEmpty || base.random.chance(120) {
            // Some of these refunds come later, some never.
            serial += 1
            failedAhead.append("r-early-\(serial)")
            return RandomLine(
                "refundFailed",
                [("refundId", .text("r-early-\(serial)")), ("provider", .text("shop")), at()])
        }
        let refund = refunds[refunds.count - 1 - base.random.below(Swift.min(refunds.count, 40))]
        return RandomLine(
            "refundFailed", [("refundId", .text(refund.id)), ("provider", .text(refund.provider)), at()])
    }

    mutating func dispute() -> RandomLine {
        if !disputes.isEmpty && base.random.chance(500) { return decision() }
        if base.payments.isEmpty { return refundFailed() }
        let recent = base.random.below(Swift.min(base.payments.count, 30))
        let payment = base.payments[base.payments.count - 1 - recent]
        let amounts = [payment.amount, payment.amount / 2, payment.amount / 3, 1, payment.amount + 1]
        let amount = base.random.pick(amounts)
        serial += 1
        let known = (id: "d-\(serial)", payment: payment, amount: amount)
        disputes.append(known)
        let currency = base.random.chance(20) ? base.random.pick(base.options.currencies) : payment.currency
        let opened = RandomLine(
            "dispute",
            [
                ("disputeId", .text(known.id)), ("provider", .text(payment.provider)),
                ("paymentId", .text(payment.id)), ("status", .text("opened")),
                ("amount", .amount(amount, exponent: exponent(currency))), ("currency", .text(currency)),
                at(),
            ])
        if !base.random.chance(100) { return opened }
        later.append(opened)
        return decision()
    }

    private mutating func decision() -> RandomLine {
        let known = disputes[disputes.count - 1 - base.random.below(Swift.min(disputes.count, 12))]
        var fields: Fields = [
            ("disputeId", .text(known.id)), ("provider", .text(known.payment.provider)),
            ("paymentId", .text(known.payment.id)),
            ("status", .text(base.random.pick(["won", "lost", "lost"]))),
            at(),
        ]
        if base.random.chance(300) {
            let amount = known.amount + (base.random.chance(60) ? 1 : 0)
            let exponent = exponent(known.payment.currency)
            fields.append(("amount", .amount(amount, exponent: exponent)))
            fields.append(("currency", .text(known.payment.currency)))
        }
        return RandomLine("dispute", fields)
    }

    // MARK: - Claims

    mutating func claim() -> RandomLine {
        let isAny = base.random.chance(300)
        let units = shadow.grants.filter {
            isAny ? $0.isRevoked || $0.isMoney || $0.claimedAt != nil : !$0.isMoney && $0.claimable > 0
        }
        if units.isEmpty && !base.random.chance(150) { return withdraw() }
        if units.isEmpty || base.random.chance(60) {
            let id = base.random.pick(["r1", "r2", "r0", "r9999", "x"])
            return RandomLine("claim", [("rewardId", .text(id)), ("userId", .text(base.user())), at()])
        }
        let grant = base.random.pick(units)
        let owner = base.random.chance(40) ? base.user() : shadow.users[grant.owner].id
        return RandomLine("claim", [("rewardId", .text(grant.name)), ("userId", .text(owner)), at()])
    }

    mutating func fulfil() -> RandomLine {
        let claimed = shadow.grants.filter { $0.claimedAt != nil }
        if claimed.isEmpty && !base.random.chance(100) { return claim() }
        let grant =
            base.random.chance(100) || claimed.isEmpty ? shadow.grants.last : base.random.pick(claimed)
        let status = base.random.pick(["fulfilled", "failed"])
        return RandomLine(
            "fulfil", [("rewardId", .text(grant?.name ?? "r1")), ("status", .text(status)), at()])
    }

    // MARK: - Withdrawals

    mutating func withdraw() -> RandomLine {
        serial += 1
        let rich = rich()
        var (user, asset, amount) = (base.user(), currency(), Int64(base.random.below(300)))
        if !rich.isEmpty && !base.random.chance(80) {
            let pick = base.random.pick(rich)
            (user, asset) = (pick.user.id, pick.asset)
            let all = pick.user.balances[asset]?.available ?? 0
            amount = base.random.pick([
                all, all, all / 2, all / 3, all / 7, 1, all + 1, base.random.within(0...all),
            ])
        }
        let owing = shadow.users.filter { $0.balances[asset].map { $0.receivable > 0 } ?? false }
        if !owing.isEmpty && base.random.chance(60) { user = base.random.pick(owing).id }
        var fields: Fields = [
            ("withdrawalId", .text("w-\(serial)")), ("userId", .text(user)),
            ("amount", .amount(amount, exponent: exponent(asset))), ("currency", .text(asset)), at(),
        ]
        if base.random.chance(300) { fields.append(("method", .text("upi:\(user.utf8.count)"))) }
        let line = RandomLine("withdraw", fields)
        if !base.random.chance(40) { return line }
        later.append(line)
        return payout(of: "w-\(serial)", status: base.random.pick(["sent", "settled"]), provider: "bank")
    }

    private mutating func someWithdrawal(_ isWanted: (Withdrawal) -> Bool) -> Withdrawal? {
        let wanted = shadow.withdrawals.filter(isWanted)
        if !wanted.isEmpty && !base.random.chance(120) { return base.random.pick(wanted) }
        return shadow.withdrawals.isEmpty ? nil : base.random.pick(shadow.withdrawals)
    }

    mutating func decide() -> RandomLine {
        if shadow.withdrawals.isEmpty && !base.random.chance(100) { return withdraw() }
        let decision = base.random.pick([
            "approve", "approve", "approve", "approve", "reject", "cancel", "reduce",
        ])
        let withdrawal = someWithdrawal { decision == "approve" ? $0.state == .requested : $0.isUnsent }
        var fields: Fields = [
            ("withdrawalId", .text(withdrawal?.id ?? "w-none")), ("decision", .text(decision)), at(),
        ]
        fields += actor(withdrawal.map { shadow.users[$0.owner].id })
        if let withdrawal, decision == "reduce" {
            let exponent = exponent(withdrawal.currency)
            let amount = withdrawal.amount
            let to = base.random.pick([amount / 2, amount / 2, amount - 1, amount, 1, 0])
            fields.append(("amount", .amount(to, exponent: exponent)))
            fields.append(("currency", .text(withdrawal.currency)))
        } else if decision == "reduce" {
            fields.append(("amount", .amount(1, exponent: 0)))
        }
        if base.random.chance(100) { fields.append(("reason", .text("because"))) }
        return RandomLine("decideWithdrawal", fields)
    }

    mutating func payout() -> RandomLine {
        if shadow.withdrawals.isEmpty && !base.random.chance(100) { return withdraw() }
        let open = someWithdrawal { $0.state == .approved || $0.state == .sent || $0.state == .settled }
        guard let withdrawal = open else { return payout(of: "w-none", status: "sent", provider: "bank") }
        var status: String
        switch withdrawal.state {
        case .sent: status = base.random.pick(["settled", "settled", "failed", "returned"])
        case .settled: status = base.random.pick(["returned", "returned", "failed"])
        case .approved:
            status = base.random.pick(["sent", "sent", "sent", "sent", "sent", "sent", "settled"])
        default: status = base.random.pick(["sent", "settled", "failed", "returned"])
        }
        if base.random.chance(30) { status = "sent" }
        let known = withdrawal.provider ?? base.random.pick(["bank", "bank", "razorpay"])
        return payout(
            of: withdrawal.id, status: status, provider: base.random.chance(40) ? "other" : known,
            currency: withdrawal.currency)
    }

    private mutating func payout(
        of id: String, status: String, provider: String, currency: String? = nil
    ) -> RandomLine {
        var fields: Fields = [
            ("withdrawalId", .text(id)), ("status", .text(status)), ("provider", .text(provider)),
            ("providerRef", .text("ref-\(id)")), at(),
        ]
        if (status == "failed" || status == "returned") && base.random.chance(300) {
            fields.append(("kept", .text(base.random.pick(["1", "0", "2", "100000"]))))
            if let currency { fields.append(("currency", .text(currency))) }
        }
        return RandomLine("payout", fields)
    }

    mutating func kyc() -> RandomLine {
        let rich = rich()
        let user = rich.isEmpty || base.random.chance(200) ? base.user() : base.random.pick(rich).user.id
        var fields: Fields = [
            key(), ("userId", .text(user)), ("level", .number(base.random.pick([1, 2, 2, 3, 9, 0]))), at(),
        ]
        if base.random.chance(850) {
            fields.append(
                ("decision", .text(base.random.pick(["approved", "approved", "rejected", "submitted"]))))
        }
        if base.random.chance(400) {
            fields.append(("expiresInDays", .number(base.random.pick([1, 5, 30]))))
        }
        return RandomLine("kyc", fields)
    }

    // MARK: - The finance desk

    /// Ids of users that a merge made one.
    private func aliases() -> (one: String, other: String)? {
        guard let gone = shadow.users.first(where: { $0.mergedInto != nil }) else { return nil }
        return (one: gone.id, other: shadow.living(gone.number).id)
    }

    private mutating func approvers() -> RandomLine.Value {
        if base.random.chance(60), let pair = aliases() {
            let lists = [[pair.one], [pair.one, pair.other], [pair.one, "admin-1"]]
            return .raw("[" + base.random.pick(lists).map(quoted).joined(separator: ",") + "]")
        }
        let lists = [
            "[\"admin-1\"]", "[\"admin-1\"]", "[\"admin-1\",\"admin-2\"]", "[\"admin-1\",\"admin-2\"]",
            "[\"admin-3\",\"admin-2\"]", "[\"admin-1\",\"admin-1\"]", "[]",
        ]
        return .raw(lists[base.random.chance(30) ? base.random.below(lists.count) : base.random.below(5)])
    }

    mutating func money(_ type: String) -> RandomLine {
        let currency = currency()
        return RandomLine(
            type,
            [
                key(), ("userId", .text(base.user())), ("amount", small(currency)),
                ("currency", .text(currency)), at(),
            ])
    }

    mutating func adjust() -> RandomLine {
        let asset = currency()
        var (user, amount) = (base.user(), base.random.within(-700...700))
        let rich = rich()
        if !rich.isEmpty && base.random.chance(400) {
            let pick = base.random.pick(rich)
            (user, amount) = (pick.user.id, -(pick.user.balances[asset]?.available ?? 0) - 1)
        }
        return RandomLine(
            "adjust",
            [
                key(), ("userId", .text(user)), ("amount", .amount(amount, exponent: exponent(asset))),
                ("currency", .text(asset)), ("reason", .text("goodwill")), ("approvers", approvers()), at(),
            ])
    }

    mutating func writeOff() -> RandomLine {
        var (user, asset, amount) = (base.user(), currency(), Int64(5))
        let owing = shadow.users.filter { $0.balances.contains { $0.value.receivable > 0 } }
        if !owing.isEmpty && !base.random.chance(100) {
            let pick = base.random.pick(owing)
            let debts = pick.balances.sorted { $0.key < $1.key }.filter { $0.value.receivable > 0 }
            (user, asset) = (pick.id, debts[0].key)
            let debt = debts[0].value.receivable
            amount = base.random.pick([debt, debt / 2, 1, debt + 1])
        }
        return RandomLine(
            "writeOff",
            [
                key(), ("userId", .text(user)), ("amount", .amount(amount, exponent: exponent(asset))),
                ("currency", .text(asset)), ("reason", .text("too old")), ("approvers", approvers()), at(),
            ])
    }

    mutating func fxRate() -> RandomLine {
        let base = self.base.random.pick(self.base.options.currencies)
        let quote = self.base.random.pick(["GBP", "INR", "JPY"])
        let rate = self.base.random.pick([
            "105.25", "0.0095", "1", "0.333333333333", "1.50", "190.123456", "0", "01.5", "0.0000000000001",
            "-1",
        ])
        return RandomLine(
            "fxRate",
            [
                key(), ("base", .text(base)), ("quote", .text(quote)), ("rate", .text(rate)),
                ("source", .text("ecb")), at(),
            ])
    }

    mutating func fxConvert() -> RandomLine {
        let rich = rich()
        let to = base.random.pick(["GBP", "INR", "JPY"])
        if rich.isEmpty { return fxRate() }
        let pick = base.random.pick(rich)
        let all = pick.user.balances[pick.asset]?.available ?? 0
        let amount = base.random.pick([all, all / 2, all / 3, 1, 5, all + 1])
        return RandomLine(
            "fxConvert",
            [
                key(), ("userId", .text(pick.user.id)),
                ("amount", .amount(amount, exponent: exponent(pick.asset))), ("currency", .text(pick.asset)),
                ("to", .text(to)), at(),
            ])
    }

    mutating func cash(_ type: String) -> RandomLine {
        let currency = currency()
        var fields: Fields = [key(), ("amount", small(currency)), ("currency", .text(currency)), at()]
        if base.random.chance(300) { fields.append(("reference", .text("bank-\(serial)"))) }
        if type == "recordCost" { fields.append(("kind", .text("sms"))) }
        return RandomLine(type, fields)
    }

    mutating func setBudget() -> RandomLine {
        let asset = base.random.pick(base.options.currencies + ["POINT"])
        let amount = base.random.within(1...40) * (exponents[asset] == 2 ? 100 : 1)
        return RandomLine(
            "setBudget",
            [
                key(), ("currency", .text(asset)),
                ("amount", .amount(amount, exponent: exponents[asset] ?? 0)),
                ("period", .text(base.random.pick(["day", "week", "month"]))), at(),
            ])
    }

    // MARK: - Users

    mutating func suspend() -> RandomLine {
        let suspended = shadow.users.filter { $0.suspension != nil }
        let isEnough = suspended.count > 3 || base.random.chance(300)
        if !suspended.isEmpty && isEnough {
            return RandomLine(
                "reinstate",
                [key(), ("userId", .text(base.random.pick(suspended).id)), at()])
        }
        return RandomLine("suspend", [key(), ("userId", .text(base.user())), ("reason", .text("odd")), at()])
    }

    mutating func closeUser() -> RandomLine {
        RandomLine("closeUser", [key(), ("userId", .text(base.user())), ("reason", .text("asked")), at()])
    }

    mutating func mergeUsers() -> RandomLine {
        RandomLine(
            "mergeUsers",
            [
                key(), ("userId", .text(base.user())), ("intoUserId", .text(base.user())),
                ("approvers", .raw("[\"admin-1\"]")), at(),
            ])
    }

    mutating func flag() -> RandomLine {
        let user = shadow.users.isEmpty ? "u-0" : base.random.pick(shadow.users).id
        let earned = shadow.rewards.filter { $0.left > 0 }
        var fields: Fields = [key(), ("rule", .text("device")), ("severity", .text("high")), at()]
        if base.random.chance(700) && !earned.isEmpty {
            let reward = earned[earned.count - 1 - base.random.below(Swift.min(earned.count, 25))]
            let owner = base.random.chance(40) ? user : shadow.users[reward.owner].id
            fields.append(("userId", .text(owner)))
            if reward.isCommission {
                let parts = reward.name.split(separator: "/")
                fields.append(("provider", .text(String(parts[0]))))
                fields.append(("paymentId", .text(String(parts[1]))))
            } else {
                fields.append(("rewardId", .text(reward.name)))
            }
        } else {
            fields.append(("userId", .text(user)))
        }
        fields.append(("evidence", .text("seen twice")))
        return RandomLine("flag", fields)
    }

    mutating func review() -> RandomLine {
        let open = shadow.reviews.filter { $0.decision == nil }
        let review = open.isEmpty || base.random.chance(80) ? shadow.reviews.last : base.random.pick(open)
        let user = review.map { shadow.users[$0.user].id }
        return RandomLine(
            "review",
            [
                ("reviewId", .text("f\(review?.number ?? 1)")),
                ("decision", .text(base.random.pick(["clear", "clear", "confirm"]))), at(),
            ] + actor(user))
    }

    mutating func riskScore() -> RandomLine {
        RandomLine(
            "riskScore",
            [
                key(), ("userId", .text(base.user())), ("source", .text("model")),
                ("score", .number(base.random.pick([0, 500, 1_000, 1_001]))), at(),
            ])
    }

    mutating func code() -> RandomLine {
        if base.codes.isEmpty { return riskScore() }
        let known = base.random.pick(base.codes)
        let owner = base.random.chance(60) ? base.user() : known.owner
        let isBack = base.random.chance(500)
        var fields: Fields = [key(), ("code", .text(known.text)), ("userId", .text(owner)), at()]
        if isBack && base.random.chance(500) {
            fields.append(("expiresInDays", .number(base.random.pick([1, 10, 60]))))
        }
        return RandomLine(isBack ? "reactivateCode" : "disableCode", fields)
    }

    // MARK: - Repairs

    /// How a line names a fact.
    private mutating func fact(setAside: Bool) -> Fields {
        let wanted = shadow.payments.filter { $0.value.isSetAside == setAside }.keys
            .map(\.parts).sorted { $0.lexicographicallyPrecedes($1) }
        let grants = shadow.grants.filter { $0.isSetAside == setAside }
        let books = shadow.books.filter { $0.value.isSetAside == setAside }.keys
            .map(\.parts).sorted { $0.lexicographicallyPrecedes($1) }
        if base.random.chance(40) { return [("rewardId", .text("r9999"))] }
        switch base.random.below(10) {
        case 0..<6 where !wanted.isEmpty:
            let recent = setAside ? 0 : base.random.below(wanted.count)
            let parts = setAside ? base.random.pick(wanted) : wanted[recent]
            return [("provider", .text(parts[0])), ("paymentId", .text(parts[1]))]
        case 6..<8 where !grants.isEmpty: return [("rewardId", .text(base.random.pick(grants).name))]
        case 8... where !books.isEmpty:
            let parts = base.random.pick(books)
            return [("kind", .text(parts[0])), ("reference", .text(parts[1]))]
        default: return [("provider", .text("shop")), ("paymentId", .text("p-none"))]
        }
    }

    private mutating func oneApprover() -> RandomLine.Value {
        base.random.chance(60) ? .raw("[\(quoted(base.user()))]") : .raw("[\"admin-1\"]")
    }

    mutating func quarantine() -> RandomLine {
        let fact = fact(setAside: base.random.chance(60))
        return RandomLine(
            "quarantine", fact + [("reason", .text("odd")), ("approvers", oneApprover()), at()])
    }

    mutating func release() -> RandomLine {
        let fact = fact(setAside: !base.random.chance(60))
        return RandomLine("release", fact + [("approvers", oneApprover()), at()])
    }

    mutating func correct() -> RandomLine {
        var fields: Fields = [
            key(), ("userId", .text(base.user())), ("reason", .text("support")), ("approvers", approvers()),
            at(),
        ]
        if !base.random.chance(150) { fields.append(("referrerId", .text(base.user()))) }
        return RandomLine("correctAttribution", fields)
    }
}
