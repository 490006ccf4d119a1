/// Corrections of commissions that are there: a little more, less, nothing, another's. Now and then of a tier or badge.
extension MainLineProgramme.Iterator {
    mutating func correctRewards() -> RandomLine? {
        let known = shadow.payments.filter { !$0.value.legs.isEmpty }.sorted { one, other in
            one.value.legs[0].position < other.value.legs[0].position
        }
        if known.isEmpty { return nil }
        var entries: [String] = []
        for _ in 0...base.random.below(2) {
            let (place, payment) = known[known.count - 1 - base.random.below(Swift.min(known.count, 40))]
            if base.random.chance(250), let standing = standing() {
                entries.append(standing)
            } else if let entry = entry(base.random.pick(payment.legs), of: payment, place.parts) {
                entries.append(entry)
            }
        }
        if entries.isEmpty { return nil }
        serial += 1
        let hash = String(repeating: "0", count: 56) + String(10_000_000 + serial)
        let approver = base.random.chance(40) ? base.user() : "the-approver"
        let correction =
            "{\"proposal\":\"\(hash)\",\"part\":1,\"parts\":1,\"approvedBy\":\(quoted(approver)),"
            + "\"entries\":[\(entries.joined(separator: ","))]}"
        return RandomLine(
            "correct",
            [("correction", .raw(correction)), ("at", .moment(base.at())), ("key", .text("\(hash)#1"))])
    }

    /// Of a tier that the policy has, or a badge that it gives.
    private mutating func standing() -> String? {
        let user = quoted(base.user())
        let (tiers, badges) = (shadow.policy.tiers, shadow.policy.badges)
        if !badges.isEmpty, tiers.isEmpty || base.random.chance(500) {
            let name = quoted(base.random.pick(badges).name)
            return
                "{\"kind\":\"badge\",\"userId\":\(user),\"badge\":\(name),\"held\":\(base.random.chance(600))}"
        }
        if tiers.isEmpty { return nil }
        return "{\"kind\":\"tier\",\"userId\":\(user),\"tier\":\(base.random.below(tiers.count))}"
    }

    private mutating func entry(_ leg: Reward, of payment: Payment, _ place: [String]) -> String? {
        guard let level = leg.name.split(separator: "/").last else { return nil }
        let wanted = base.random.pick([leg.amount, leg.amount + 1, leg.amount / 2, 0, leg.amount * 2])
        let granted = Swift.min(wanted, payment.amount + (base.random.chance(30) ? 1 : 0))
        let whole = Swift.max(1, payment.amount)
        guard let reversed = try? share(granted, payment.counted, whole, shadow.policy.rounding) else {
            return nil
        }
        let revoked = Swift.min(leg.revoked, granted - reversed)
        let owner = base.random.chance(120) ? base.user() : shadow.users[leg.owner].id
        let amounts = [("granted", granted), ("reversed", reversed), ("revoked", revoked)].map {
            "\"\($0)\":\"\(amountText($1, exponent: base.exponent(payment.currency)))\""
        }
        return "{\"kind\":\"commission\",\"provider\":\(quoted(place[0])),\"paymentId\":\(quoted(place[1])),"
            + "\"level\":\(level),\"userId\":\(quoted(owner)),\"asset\":\"\(payment.currency)\","
            + amounts.joined(separator: ",") + "}"
    }
}
