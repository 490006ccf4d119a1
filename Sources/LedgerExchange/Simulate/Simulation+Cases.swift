// What takes its time: disputes, withdrawals, suspensions, claims. Each function appends at most one line;
// more come as lines that follow.

extension Simulation {
    /// What was put on the agenda happens, unless it can no more.
    mutating func perform(_ item: Agenda.Item, into output: inout [UInt8]) {
        switch item {
        case .dispute(let dispute): end(dispute, into: &output)
        case .decide(let withdrawal): decide(withdrawal, into: &output)
        case .approve(let withdrawal): approve(withdrawal, into: &output)
        case .send(let withdrawal): send(withdrawal, into: &output)
        case .settle(let withdrawal): settle(withdrawal, into: &output)
        case .giveBack(let withdrawal):
            line.payout(withdrawal.number, "returned", at: now, into: &output)
            money.credit(withdrawal.user, withdrawal.amount)
        case .reinstate(let user, let number):
            line.reinstate(user, number: number, at: now, into: &output)
            people.set(.suspended, user, false)
        case .claim(let grant): claim(grant, into: &output)
        case .fulfil(let grant): fulfil(grant, into: &output)
        }
    }

    private mutating func days(_ least: Int, _ most: Int) -> Int {
        now + least * 86_400 + random.below((most - least) * 86_400)
    }

    // MARK: Disputes

    mutating func disputeAny(into output: inout [UInt8]) {
        guard agenda.hasRoom, let index = recent.draw(&random), recent[index].hasArrived else { return }
        let left = recent.left(index)
        let payment = recent[index].payment
        if left == 0 || !mayTakeBack(left, of: payment, isWhole: true) { return }
        counts.disputes += 1
        let dispute = Agenda.Dispute(
            number: counts.disputes, payment: payment, amount: left, counted: recent[index].counted)
        recent[index].isClosed = true
        takeBack(left, of: payment)
        let start = output.count
        line.dispute(dispute, status: "opened", at: now, into: &output)
        if random.permille(20) { repeatLater(output[start...]) }
        agenda.add(.dispute(dispute), at: days(5, 40))
    }

    private mutating func end(_ dispute: Agenda.Dispute, into output: inout [UInt8]) {
        let start = output.count
        let payment = dispute.payment
        let isLost = random.permille(333)
        if isLost, options.preset == .tiered, people.wouldRevert(payment.payer),
            !mayTakeBack(0, of: payment, isWhole: true)
        {
            // The referrer's withdrawal goes first.
            agenda.add(.dispute(dispute), at: days(1, 5))
            return
        }
        line.dispute(dispute, status: isLost ? "lost" : "won", at: now, into: &output)
        if random.permille(20) { repeatLater(output[start...]) }
        if isLost {
            takeBackWhole(payment.payer)
        } else {
            let (first, second) = people.beneficiaries(of: payment.payer, at: payment.at)
            if let first { money.credit(first, Self.share(dispute.amount, of: payment, 5)) }
            if let second { money.credit(second, Self.share(dispute.amount, of: payment, 10)) }
        }
    }

    // MARK: Withdrawals

    /// A user who has enough asks for money, with an identity that is known.
    mutating func withdrawAny() {
        guard agenda.hasRoom, money.count > 0 else { return }
        let unit: Int64 = grantMoney.exponent == 0 ? 1 : grantMoney.exponent == 2 ? 100 : 1000
        for _ in 0..<4 {
            let user = random.below(random.below(money.count) + 1)
            let available = money.available(user)
            if available < 5 * unit || money.isOpen(user) || people.has(.suspended, user) { continue }
            var amount = available
            if random.permille(500) { amount = 5 * unit + Int64(random.below(Int(amount - 5 * unit + 1))) }
            if !people.has(.known, user) {
                people.set(.known, user)
                follow { $0.line.kyc(user, decision: "submitted", at: $0.now, into: &$1) }
                follow { $0.line.kyc(user, decision: "approved", at: $0.now, into: &$1) }
            }
            counts.withdrawals += 1
            let withdrawal = Agenda.Withdrawal(number: counts.withdrawals, user: user, amount: amount)
            money.debit(user, amount)
            money.setOpen(user, true)
            follow { simulation, bytes in
                simulation.line.withdraw(
                    withdrawal, in: simulation.grantMoney, at: simulation.now, into: &bytes)
                if simulation.random.permille(20) { simulation.repeatLater(bytes[...]) }
            }
            agenda.add(.decide(withdrawal), at: now + 3600 + random.below(3 * 86_400))
            return
        }
    }

    private mutating func decide(_ withdrawal: Agenda.Withdrawal, into output: inout [UInt8]) {
        switch random.below(100) {
        case 0..<4: drop(withdrawal, "reject", into: &output)
        case 4..<7: drop(withdrawal, "cancel", into: &output)
        case 7..<9 where withdrawal.amount > 1:
            var less = withdrawal
            less.amount = withdrawal.amount / 2
            line.decide(withdrawal.number, "reduce", to: less.amount, in: grantMoney, at: now, into: &output)
            money.credit(withdrawal.user, withdrawal.amount - less.amount)
            agenda.add(.approve(less), at: now + 3600)
        default: approve(withdrawal, into: &output)
        }
    }

    private mutating func drop(
        _ withdrawal: Agenda.Withdrawal, _ decision: StaticString, into output: inout [UInt8]
    ) {
        line.decide(withdrawal.number, decision, at: now, into: &output)
        money.setOpen(withdrawal.user, false)
        money.credit(withdrawal.user, withdrawal.amount)
    }

    private mutating func approve(_ withdrawal: Agenda.Withdrawal, into output: inout [UInt8]) {
        line.decide(withdrawal.number, "approve", at: now, into: &output)
        agenda.add(.send(withdrawal), at: now + 3600 + random.below(2 * 86_400))
    }

    private mutating func send(_ withdrawal: Agenda.Withdrawal, into output: inout [UInt8]) {
        let start = output.count
        line.payout(withdrawal.number, "sent", at: now, into: &output)
        if random.permille(20) { repeatLater(output[start...]) }
        money.setOpen(withdrawal.user, false)
        agenda.add(.settle(withdrawal), at: days(1, 4))
    }

    private mutating func settle(_ withdrawal: Agenda.Withdrawal, into output: inout [UInt8]) {
        let start = output.count
        if random.permille(30) {
            let kept = random.permille(500) ? 1 + withdrawal.amount / 20 : nil
            line.payout(
                withdrawal.number, "failed", kept: kept, in: grantMoney, at: now, into: &output)
            money.credit(withdrawal.user, withdrawal.amount)
        } else {
            line.payout(withdrawal.number, "settled", at: now, into: &output)
            if random.permille(10) { agenda.add(.giveBack(withdrawal), at: days(3, 20)) }
        }
        if random.permille(20) { repeatLater(output[start...]) }
    }

    // MARK: People

    /// Somebody is stopped, but nobody who waits for a withdrawal.
    mutating func suspendAny() {
        let user = random.below(people.count)
        guard agenda.hasRoom, !people.has(.suspended, user), !money.isOpen(user) else { return }
        counts.suspensions += 1
        let number = counts.suspensions
        people.set(.suspended, user)
        follow { $0.line.suspend(user, number: number, at: $0.now, into: &$1) }
        if random.permille(900) { agenda.add(.reinstate(user: user, number: number), at: days(3, 30)) }
    }

    /// A goodwill payment, or a mistake put right.
    mutating func adjustAny(into output: inout [UInt8]) {
        let user = random.below(people.count)
        let unit: Int64 = grantMoney.exponent == 0 ? 1 : grantMoney.exponent == 2 ? 100 : 1000
        var amount = unit + Int64(random.below(Int(20 * unit)))
        if random.permille(300) { amount = -amount }
        if amount < 0, !money.allows(user, -amount) { return }
        counts.adjustments += 1
        line.adjust(counts.adjustments, user, by: amount, in: grantMoney, at: now, into: &output)
        money.credit(user, amount)
    }

    // MARK: Claims

    private mutating func claim(_ grant: RecentGrants.Grant, into output: inout [UInt8]) {
        guard !people.has(.suspended, grant.owner), grants.take(grant.number) else { return }
        line.claim(grant.number, of: grant.owner, at: now, into: &output)
        if let referee = grant.referee { people.set(.claimed, referee) }
        agenda.add(.fulfil(grant), at: now + 600 + random.below(3 * 86_400))
    }

    private mutating func fulfil(_ grant: RecentGrants.Grant, into output: inout [UInt8]) {
        let isDelivered = random.permille(950)
        line.fulfil(grant.number, isDelivered ? "fulfilled" : "failed", at: now, into: &output)
        // It can be claimed, and revoked, again.
        if !isDelivered, let referee = grant.referee { people.set(.claimed, referee, false) }
    }
}
