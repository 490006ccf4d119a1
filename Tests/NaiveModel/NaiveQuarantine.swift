/// Facts that are set aside and let out again; attributions that are put right.
extension NaiveLedger {
    /// A fact that can be set aside.
    enum Fact {
        case payment(Payment)
        case grant(Reward)
        case book(BookFact)
    }

    /// The fact that a line names; its name for ever, and nil where there is none.
    private func fact(_ fields: inout Fields) throws(Refusal) -> (name: String, fact: Fact?) {
        let provider = try fields.optionalID("provider")
        let paymentID = try fields.optionalID("paymentId")
        let rewardID = try fields.text("rewardId")
        let kind = try fields.text("kind")
        let reference = try fields.optionalID("reference")
        if let provider, let paymentID {
            return (
                "payment \(provider)/\(paymentID)", payments[Exact(provider, paymentID)].map { .payment($0) }
            )
        }
        if let rewardID {
            return ("grant \(rewardID)", grants.first { $0.name == rewardID }.map { .grant($0) })
        }
        guard let kind, let reference else { throw Refusal("field.missing") }
        return ("\(kind) \(reference)", books[Exact(kind, reference)].map { .book($0) })
    }

    /// Whose money a fact moves.
    private func concerned(_ fact: Fact) -> [Int] {
        switch fact {
        case .payment(let payment): [payment.payer] + payment.legs.map(\.owner)
        case .grant(let grant): [grant.owner]
        case .book(let book): book.user.map { [living($0).number] } ?? []
        }
    }

    private func isSetAside(_ fact: Fact) -> Bool {
        switch fact {
        case .payment(let payment): payment.isSetAside
        case .grant(let grant): grant.isSetAside
        case .book(let book): book.isSetAside
        }
    }

    /// One name of who approved.
    private func approver(_ fields: inout Fields) throws(Refusal) -> String {
        let names = try fields.approvers()
        if names.count != 1 { throw Refusal("field.range") }
        return names[0]
    }

    func quarantine(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("provider paymentId rewardId kind reference reason approvers at")
        let (name, found) = try fact(&fields)
        _ = try fields.words("reason")
        let approver = try approver(&fields)
        let at = try fields.moment("at")
        let identity = try identity(
            "quarantine", fields, natural: [name, String(at)], conflict: "quarantine.conflict")
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)
        guard let found else { throw Refusal("quarantine.fact") }
        if isSetAside(found) { throw Refusal("quarantine.already") }
        for user in concerned(found) where isUser(approver, user) { throw Refusal("adjust.approvers") }
        switch found {
        case .payment(let payment):
            if payment.legs.contains(where: isUnsettled) { throw Refusal("quarantine.unsettled") }
        case .grant(let grant):
            if grant.isRevoked { throw Refusal("reward.revoked") }
            if grant.claimedAt != nil { throw Refusal("quarantine.used") }
            if isUnsettled(grant) { throw Refusal("quarantine.unsettled") }
        case .book: break
        }
        remember(identity)
        switch found {
        case .payment(let payment): setAside(payment, at: at)
        case .grant(let grant): setAside(grant, at: at)
        case .book(let book):
            if book.amount > 0, let user = book.user {
                makeRoom(living(user).number, book.asset, for: book.amount, at: at)
            }
            event("eventQuarantined", at: at)
            book.isSetAside = true
            move(book, -book.amount)
            holdReturned()
        }
        return .accepted
    }

    func release(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("provider paymentId rewardId kind reference reason approvers at")
        let (name, found) = try fact(&fields)
        if fields.has("reason") { _ = try fields.words("reason") }
        let approver = try approver(&fields)
        let at = try fields.moment("at")
        let identity = try identity(
            "release", fields, natural: [name, String(at)], conflict: "quarantine.conflict")
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)
        guard let found else { throw Refusal("quarantine.fact") }
        if !isSetAside(found) { throw Refusal("quarantine.none") }
        for user in concerned(found) where isUser(approver, user) { throw Refusal("adjust.approvers") }
        if case .book(let book) = found, book.kind == "remitTax",
            Int128(book.amount) > -(totals["tax"]?[book.asset] ?? 0)
        {
            throw Refusal("tax.balance")
        }
        remember(identity)
        switch found {
        case .payment(let payment): letOut(payment, name, at: at)
        case .grant(let grant): letOut(grant, at: at, holdsAgain: true)
        case .book(let book):
            if book.amount < 0, let user = book.user {
                makeRoom(living(user).number, book.asset, for: -book.amount, at: at)
            }
            event("eventReleased", at: at)
            book.isSetAside = false
            move(book, book.amount)
            holdReturned()
        }
        return .accepted
    }

    // MARK: - Money of the books

    /// Posts what a fact of the books did once more, or with another sign its opposite.
    private func move(_ book: BookFact, _ amount: Int64) {
        let other: Account =
            switch book.kind {
            case "adjust": .expense
            case "writeOff": .programme("loss")
            case "openingBalance": .programme("opening")
            case "fund": .programme("funding")
            default: .programme("tax")
            }
        guard let user = book.user.map({ living($0).number }) else {
            // Funding: cash → funding. Remitted tax: tax → cash.
            let isIn = (book.kind == "fund") == (amount > 0)
            let cash = Account.programme("cash")
            return post(isIn ? cash : other, isIn ? other : cash, abs(amount), book.asset)
        }
        if amount > 0 {
            creditFresh(user, book.asset, amount, from: other)
        } else {
            takeAvailable(user, book.asset, -amount, to: other)
        }
    }

    // MARK: - Rewards

    /// Whether what may hold rewards still lasts.
    private func isOpen(_ reason: Case) -> Bool {
        disputes.values.contains { $0.reason === reason && $0.decision == nil }
            || users.contains {
                $0.suspension === reason || $0.closure === reason
                    || $0.openReviews.contains { $0.reason === reason }
            }
    }

    /// A case that is over still holds some of it.
    private func isUnsettled(_ reward: Reward) -> Bool {
        reward.holds.contains { $0.amount > 0 && !isOpen($0.reason) }
    }

    /// Takes all that is left of a money reward, and remembers what each case held.
    private func empty(_ reward: Reward, at: Int64) {
        let amount = reward.left
        if amount == 0 { return }
        reward.heldBefore = reward.holds.map { (reason: $0.reason, amount: $0.amount) }
        take(reward, amount, for: nil, as: "eventQuarantined", at: at)
        reward.setAside = amount
        earn(reward, -amount)
        holdReturned()
    }

    /// Gives a money reward back what was taken.
    private func refill(_ reward: Reward, at: Int64, holdsAgain: Bool) {
        let amount = reward.setAside
        let held = reward.heldBefore
        (reward.setAside, reward.heldBefore) = (0, [])
        if amount == 0 { return }
        event("eventReleased", at: at)
        if reward.isMatured {
            credit(reward.owner, reward.asset, amount, from: .expense, as: lot(of: reward))
        } else {
            post(.expense, .pending(reward.owner), amount, reward.asset)
        }
        earn(reward, amount)
        for before in held where holdsAgain && isOpen(before.reason) {
            let part = min(before.amount, holdable(reward))
            if part > 0 { hold(reward, part, for: before.reason, at: at) }
        }
        _ = holdForDisputes(reward, at: at)
    }

    private func setAside(_ payment: Payment, at: Int64) {
        let didQualify = payment.qualifies
        event("eventQuarantined", at: at)
        payment.isSetAside = true
        for leg in payment.legs { empty(leg, at: at) }
        if didQualify { loseQualifying(payment, at: at) }
    }

    private func letOut(_ payment: Payment, _ name: String, at: Int64) {
        event("eventReleased", at: at)
        payment.isSetAside = false
        for leg in payment.legs { refill(leg, at: at, holdsAgain: true) }
        if payment.qualifies {
            let payer = living(payment.payer)
            payer.qualifyingPayments += 1
            moveByPayment(payer, of: payment.amount, at: at)
        }
        applyWhatWaited(for: payment)
    }

    /// Refunds, disputes and their ends that came meanwhile, in the order in which they came.
    private func applyWhatWaited(for payment: Payment) {
        guard let place = payments.first(where: { $0.value === payment })?.key else { return }
        let predecessor = Exact(["payment"] + place.parts)
        var waiting = (parking[predecessor] ?? []).map {
            (parked: $0, of: predecessor, dispute: Dispute?.none)
        }
        for (name, dispute) in disputes where dispute.payment === payment && dispute.decision == nil {
            waiting += (parking[name] ?? []).map { (parked: $0, of: name, dispute: dispute) }
        }
        for item in waiting.sorted(by: { $0.parked.order < $1.parked.order }) {
            guard parking[item.of]?.contains(where: { $0 === item.parked }) == true else { continue }
            let isApplied: Bool
            switch item.parked.fact {
            case .refund(let refund):
                let applied = try? apply(refund, to: payment)
                if applied == false { item.parked.waitingFor = "headroom" }
                isApplied = applied == true
            case .dispute(let fact):
                if let dispute = item.dispute {
                    isApplied = (try? decide(dispute, fact)) != nil
                } else {
                    isApplied = (try? open(fact, on: payment)) != nil
                }
            case .refundFailed(let at):
                if let refund = item.parked.refund { fail(refund, of: payment, at: at) }
                isApplied = item.parked.refund != nil
            default: isApplied = false
            }
            if !isApplied { continue }
            parking[item.of]?.removeAll { $0 === item.parked }
            parkedCount -= 1
            if parking[item.of]?.isEmpty == true { parking[item.of] = nil }
        }
    }

    private func setAside(_ grant: Reward, at: Int64) {
        grant.isSetAside = true
        if grant.isMoney {
            if grant.left == 0 { event("eventQuarantined", at: at) }
            return empty(grant, at: at)
        }
        event("eventQuarantined", at: at)
        if grant.isExpiryRecorded { return }
        let claimable = grant.claimable
        let owed = grant.left - claimable
        grant.claimable = 0
        post(.claimable(grant.owner), .issued, claimable, grant.asset)
        grant.setAside = claimable + owed
        let rest = takeUnits(of: grant.owner, grant.asset, owed, to: .issued)
        post(.receivable(grant.owner), .issued, rest, grant.asset)
        earn(grant, -(claimable + owed))
    }

    /// A grant counts again; before it is revoked no case holds anything of it again.
    func letOut(_ grant: Reward, at: Int64, holdsAgain: Bool) {
        grant.isSetAside = false
        if grant.isMoney {
            if grant.setAside == 0 { event("eventReleased", at: at) }
            return refill(grant, at: at, holdsAgain: holdsAgain)
        }
        event("eventReleased", at: at)
        let amount = grant.setAside
        grant.setAside = 0
        let repaid = min(balance(grant.owner, grant.asset).receivable, amount)
        if amount == 0 { return }
        post(.issued, .receivable(grant.owner), repaid, grant.asset)
        post(.issued, .claimable(grant.owner), amount - repaid, grant.asset)
        grant.claimable = amount - repaid
        earn(grant, amount)
    }

    // MARK: - Attributions

    func correctAttribution(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("userId referrerId reason approvers at")
        let userID = try fields.id("userId")
        let referrerID = try fields.optionalID("referrerId")
        _ = try fields.words("reason")
        let approvers = try fields.approvers()
        let at = try fields.moment("at")
        let identity = try keyed("correctAttribution", fields)
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)
        let user = try knownUser(userID)
        var referrer: User?
        if let referrerID { referrer = try knownUser(referrerID) }
        let former = user.parent.map { users[$0] }
        if former === referrer { throw Refusal("attribution.unchanged") }
        if let referrer, isBelow(referrer, user) { throw Refusal("attribution.cycle") }
        for concerned in [user, former, referrer].compactMap(\.self) {
            try checkApprovers(approvers, concerned)
        }
        remember(identity)
        event("attributionCorrected", at: at)
        let isCompleted = user.stage == .completed
        if let former {
            former.children.removeAll { $0 == user.number }
            former.referrals -= 1
            score(.referrals, former.number, -1, at: user.attributedAt)
            if isCompleted {
                former.conversions -= 1
                score(.conversions, former.number, -1, at: user.completedAt)
            }
        } else {
            user.attributedAt = user.signedUpAt
            user.stage = .registered
        }
        user.parent = referrer?.number
        if let referrer {
            referrer.children.append(user.number)
            referrer.referrals += 1
            score(.referrals, referrer.number, 1, at: user.attributedAt)
            if isCompleted {
                referrer.conversions += 1
                score(.conversions, referrer.number, 1, at: user.completedAt)
            }
        } else {
            user.stage = nil
            user.isCompletedByPayment = false
        }
        if former == nil {
            position += 1
            grantForStages(user, [.registered], at: at)
        } else if isCompleted {
            if let former { lowerStanding(of: former, at: at) }
            if let referrer { raiseStanding(of: referrer, at: at) }
        }
        return .accepted
    }
}

/// What a command of the finance desk did, by its type and key.
final class BookFact {
    let kind: String
    let user: Int?
    let asset: String
    /// To the user, or below zero from them; of the programme's own money what was said.
    let amount: Int64
    var isSetAside = false

    init(_ kind: String, user: Int?, _ asset: String, _ amount: Int64) {
        self.kind = kind
        self.user = user
        self.asset = asset
        self.amount = amount
    }
}
