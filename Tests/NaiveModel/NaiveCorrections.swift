/// Approved corrections of commissions, tiers and badges. (Those of grants are not modelled.)
extension NaiveLedger {
    /// What an entry changes.
    private enum Step {
        case commission(Corrected)
        case tier(User, Int)
        case badge(User, String, isHeld: Bool)
    }

    /// What a commission is to be.
    private struct Corrected {
        let payment: Payment
        let leg: Reward
        let owner: Int
        let granted: Int64
        let reversed: Int64
        let revoked: Int64
    }

    func correct(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("correction at")
        let said = try fields.object("correction")
        guard let entries = said["entries"] as? [[String: Any]], let approver = said["approvedBy"] as? String
        else { throw Refusal("correction.invalid") }
        // Under its key a part is known by its proposal: what is in it is no other content.
        for name in ["proposal", "part", "approvedBy"] { fields.imply(name, "\(said[name] ?? "")") }
        let at = try fields.moment("at")
        let identity = try keyed("correct", fields)
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)
        if let approving = user(approver) {
            for entry in entries where user(entry["userId"] as? String ?? "") === approving {
                throw Refusal("correction.approver")
            }
        }
        var steps: [Step] = []
        for entry in entries {
            guard let step = try step(entry) else { continue }
            if steps.contains(where: { isSame($0, step) }) { throw Refusal("correction.invalid") }
            steps.append(step)
        }
        if steps.isEmpty { return .repeated }
        remember(identity)
        event("correctionApplied", at: at)
        for step in steps {
            switch step {
            case .commission(let corrected): apply(corrected, at: at)
            case .tier(let user, let tier):
                event("tierChanged", at: at)
                user.tier = tier
            case .badge(let user, let name, let isHeld):
                event(isHeld ? "badgeAwarded" : "badgeRevoked", at: at)
                let (mine, issued) = (Account.claimable(user.number), Account.issued)
                if isHeld { user.badges.insert(name) } else { user.badges.remove(name) }
                post(isHeld ? issued : mine, isHeld ? mine : issued, 1, "BADGE:" + name)
            }
        }
        return .accepted
    }

    /// Whether two entries say what one thing is to be.
    private func isSame(_ one: Step, _ other: Step) -> Bool {
        switch (one, other) {
        case (.commission(let a), .commission(let b)): a.leg === b.leg
        case (.tier(let a, _), .tier(let b, _)): a === b
        case (.badge(let a, let x, _), .badge(let b, let y, _)): a === b && x == y
        default: false
        }
    }

    private func step(_ entry: [String: Any]) throws(Refusal) -> Step? {
        guard let user = user(entry["userId"] as? String ?? "") else { throw Refusal("correction.subject") }
        switch entry["kind"] as? String {
        case "tier":
            let tier = entry["tier"] as? Int ?? 0
            return user.tier == tier ? nil : .tier(user, tier)
        case "badge":
            let (name, isHeld) = (entry["badge"] as? String ?? "", entry["held"] as? Bool ?? false)
            return user.badges.contains(name) == isHeld ? nil : .badge(user, name, isHeld: isHeld)
        default: return try corrected(entry).map { .commission($0) }
        }
    }

    /// What an entry changes; nil where it holds already.
    private func corrected(_ entry: [String: Any]) throws(Refusal) -> Corrected? {
        func text(_ name: String) -> String { entry[name] as? String ?? "" }
        guard let owner = user(text("userId")) else { throw Refusal("correction.subject") }
        guard let payment = payments[Exact(text("provider"), text("paymentId"))] else {
            throw Refusal("correction.subject")
        }
        let currency = text("asset")
        func amount(_ name: String) throws(Refusal) -> Int64 {
            try parseAmount(text(name), exponent: exponents[currency] ?? 0)
        }
        let (granted, reversed, revoked) = (
            try amount("granted"), try amount("reversed"), try amount("revoked")
        )
        if currency != payment.currency || granted > payment.amount { throw Refusal("correction.amount") }
        if payment.isSetAside { throw Refusal("fact.quarantined") }
        let level = "/\(entry["level"] as? Int ?? 0)"
        guard let leg = payment.legs.first(where: { $0.name.hasSuffix(level) }) else {
            throw Refusal("correction.unmodelled")
        }
        let isSame =
            leg.owner == owner.number && leg.amount == granted && leg.reversed == reversed
            && leg.revoked == revoked
        if isSame || granted == 0 && leg.amount == 0 { return nil }
        return Corrected(
            payment: payment, leg: leg, owner: owner.number, granted: granted, reversed: reversed,
            revoked: revoked)
    }

    private func apply(_ step: Corrected, at: Int64) {
        let leg = step.leg
        leg.isCorrected = true
        if leg.owner != step.owner {
            // Whoever had it loses it first.
            if leg.left > 0 { become(leg, (0, 0, 0), at: at) }
            noteReversed(leg, -(leg.reversed + leg.revoked))
            leg.owner = step.owner
            noteReversed(leg, leg.reversed + leg.revoked)
        }
        become(leg, (step.granted, step.reversed, step.revoked), at: at)
    }

    private func noteReversed(_ leg: Reward, _ amount: Int64) {
        users[leg.owner].balances[leg.asset, default: NaiveBalance()].reversed += amount
    }

    /// Moves the difference, and remembers what the commission is.
    private func become(
        _ leg: Reward, _ now: (granted: Int64, reversed: Int64, revoked: Int64), at: Int64
    ) {
        let change = now.granted - now.reversed - now.revoked - leg.left
        var earned: Int64 = 0
        if change < 0 {
            take(leg, -change, for: nil, as: "correctionApplied", at: at)
        } else {
            event("correctionApplied", at: at)
            earned = change
            if leg.isMatured {
                earned -= min(change, balance(leg.owner, leg.asset).receivable)
                credit(leg.owner, leg.asset, change, from: .expense, as: lot(of: leg))
            } else {
                post(.expense, .pending(leg.owner), change, leg.asset)
            }
        }
        noteReversed(leg, now.reversed + now.revoked - leg.reversed - leg.revoked)
        (leg.amount, leg.reversed, leg.revoked) = now
        // What adds nothing to a board changes no moment of it.
        if change != 0 { earn(leg, change, isGrant: change > 0) }
        holdReturned()
        if earned <= 0 { return }
        if let reason = users[leg.owner].blocking {
            hold(leg, earned, for: reason, at: at)
        } else {
            _ = holdForDisputes(leg, at: at)
        }
    }
}
