// What users and payment providers do in a simulated programme. Each function appends at most one line; more
// come as lines that follow.

extension Simulation {
    // MARK: Users

    mutating func signUp(into output: inout [UInt8]) {
        let user = people.count
        var parent: Int?
        var how = SimulationLine.Origin.none
        if user > 0, random.permille(800) {
            let drawn = referrer(for: user)
            let byCode = random.permille(200) && people.hasLivingCode(drawn, at: now)
            if mayRefer(drawn) {
                parent = drawn
                how = byCode ? .code(drawn) : .referrer(drawn)
            }
        } else if random.permille(2) {
            how = .unknownCode(user)
        }
        line.signup(user, at: now, from: how, into: &output)
        people.add(at: now, parent: parent.map { UInt32($0) } ?? SimulatedPeople.noParent)
        money.add()
        if Self.hasCode(user, options.seed) {
            follow { $0.line.issueCode(user, at: $0.now, into: &$1) }
            people.set(.code, user)
        }
        if case .none = how, user > 0, random.permille(40) {
            let owner = random.below(user)
            if people.hasLivingCode(owner, at: now), mayRefer(owner) {
                people.refer(user, to: owner)
                follow { $0.line.applyCode(of: owner, to: user, at: $0.now, into: &$1) }
            }
        }
        if case .none = how {
        } else if random.permille(20), parent != nil {
            follow { $0.line.activate(user, at: $0.now, into: &$1) }
        }
        if random.permille(2) { suspendAny() }
    }

    /// A user drawn at random or, more often, the one who brought that user: who has many, gets more.
    private mutating func referrer(for user: Int) -> Int {
        let drawn = random.below(user)
        guard let parent = people.parent(of: drawn), random.permille(600) else { return drawn }
        return parent
    }

    /// With the preset `tiered` more than ten referrals a day are looked into: nobody has more than nine.
    private mutating func mayRefer(_ referrer: Int) -> Bool {
        if options.preset != .tiered { return true }
        let day = now / 86_400
        if day != counts.today {
            counts.today = day
            counts.signupsToday.removeAll(keepingCapacity: true)
        }
        if counts.signupsToday[referrer, default: 0] == 9 { return false }
        counts.signupsToday[referrer, default: 0] += 1
        return true
    }

    /// Whether a user gets a code: a quarter, known from the number alone.
    private static func hasCode(_ user: Int, _ seed: UInt64) -> Bool {
        var random = SimulationRandom(seed: seed ^ (UInt64(user) &* 0xD6E8_FEB8_6659_FD93))
        return random.next() & 3 == 0
    }

    /// A line that comes next.
    mutating func follow(_ body: (inout Simulation, inout [UInt8]) -> Void) {
        var bytes: [UInt8] = []
        body(&self, &bytes)
        following.add(bytes)
    }

    /// Puts a line off for 1 to 250 lines, or forgets it when too many wait.
    mutating func repeatLater(_ text: ArraySlice<UInt8>, payment: Int? = nil) {
        let distance = 1 + random.below(DelayedLines.longest)
        if delayed.hasRoom, !text.isEmpty { delayed.add(text, after: distance, payment: payment) }
    }

    // MARK: Payments

    mutating func pay(into output: inout [UInt8]) {
        let number = counts.payments
        counts.payments += 1
        // Half of the payments are of anybody, half of those who have been there longer.
        var payer = random.below(people.count)
        if random.next() & 1 == 0 { payer = random.below(payer + 1) }
        let amount = random.permille(10) ? 0 : self.amount()
        let base = random.permille(30) ? amount * 4 / 5 : nil
        let at = random.permille(20) ? max(0, now - random.below(3 * 86_400)) : now
        let payment = SimulationLine.Payment(
            number: number, payer: payer, amount: amount, base: base, isOfApp: random.permille(200), at: at)
        let start = output.count
        line.payment(payment, at: at, into: &output)
        if amount > 0 { recent.add(payment) }
        let recorded = amount > 0 ? recent.newest : nil
        // Whichever of the two comes first is the one that counts.
        if random.permille(10) { repeatLater(output[start...], payment: recorded) }
        let isEarlyRefund = amount > 0 && random.permille(4)
        if isEarlyRefund || random.permille(20), delayed.hasRoom {
            let distance = 1 + random.below(DelayedLines.longest)
            delayed.add(output[start...], after: distance, payment: recorded)
            output.removeSubrange(start...)
            if isEarlyRefund, let recorded { follow { $0.refund(recorded, into: &$1) } }
        } else if let recorded {
            arrive(recorded)
        }
        if random.permille(50) { follow { $0.refundAny(into: &$1) } }
        if random.permille(5) { follow { $0.disputeAny(into: &$1) } }
        if random.permille(30) { withdrawAny() }
        if random.permille(1) { follow { $0.adjustAny(into: &$1) } }
    }

    /// A payment above zero reaches the ledger, for the first time or again.
    mutating func arrive(_ index: Int) {
        var entry = recent[index]
        if entry.hasArrived { return }
        entry.hasArrived = true
        recent[index] = entry
        let payment = entry.payment
        let base = payment.base ?? payment.amount
        let (first, second) = people.beneficiaries(of: payment.payer, at: payment.at)
        // A commission is at least what is left when its fraction is dropped.
        if let first, !people.has(.suspended, first) { money.earn(first, base / 5) }
        if let second, !people.has(.suspended, second) { money.earn(second, base / 10) }
        if let granted = people.qualify(payment.payer, at: payment.at) {
            take(granted, for: payment.payer)
        }
        if entry.counted == payment.amount { takeBackWhole(payment.payer) }
    }

    /// Minor units, at least 1: the sum of four dice as an exponent in thirty-seconds of an octave, between
    /// which it goes straight.
    mutating func amount() -> Int64 {
        var exponent = 0
        for _ in 0..<4 { exponent += random.below(64) }
        let smallest = options.asset.exponent == 0 ? 15 : options.asset.exponent == 2 ? 150 : 1500
        let fine = smallest * (32 + exponent & 31) << (exponent >> 5) / 32
        return Int64(fine + random.below(1 + fine / 32))
    }

    // MARK: Refunds

    private mutating func refundAny(into output: inout [UInt8]) {
        if counts.strayRefunds < 1000, random.permille(2) {
            counts.strayRefunds += 1
            counts.refunds += 1
            line.strayRefund(
                counts.refunds, of: counts.strayRefunds, amount: amount(), at: now, into: &output)
        } else if let index = recent.draw(&random) {
            refund(index, into: &output)
        }
    }

    private mutating func refund(_ index: Int, into output: inout [UInt8]) {
        let left = recent.left(index)
        if left == 0 { return }
        let part = random.next() & 1 == 0 ? left : 1 + Int64(random.below(Int(left)))
        let payment = recent[index].payment
        guard mayTakeBack(part, of: payment, isWhole: part == left) else { return }
        counts.refunds += 1
        let start = output.count
        recent[index].counted += part
        let refunded = recent[index].counted
        line.refund(counts.refunds, of: payment, amount: part, refunded: refunded, at: now, into: &output)
        if random.permille(20) { repeatLater(output[start...]) }
        takeBack(part, of: payment)
        if recent[index].hasArrived, refunded == payment.amount { takeBackWhole(payment.payer) }
    }

    // MARK: Taking back

    /// Whether nobody who waits for a withdrawal loses more than what is surely theirs.
    func mayTakeBack(_ part: Int64, of payment: SimulationLine.Payment, isWhole: Bool) -> Bool {
        let (first, second) = people.beneficiaries(of: payment.payer, at: payment.at)
        if let first, !money.allows(first, Self.share(part, of: payment, 5)) { return false }
        if let second, !money.allows(second, Self.share(part, of: payment, 10)) { return false }
        guard options.preset == .tiered, isWhole, people.wouldRevert(payment.payer),
            let referrer = people.parent(of: payment.payer)
        else { return true }
        return money.allows(referrer, Self.largestReward)
    }

    /// What a referrer loses at most with a conversion of the preset `tiered`.
    private static let largestReward: Int64 = 300_00

    mutating func takeBack(_ part: Int64, of payment: SimulationLine.Payment) {
        let (first, second) = people.beneficiaries(of: payment.payer, at: payment.at)
        if let first { money.debit(first, Self.share(part, of: payment, 5)) }
        if let second { money.debit(second, Self.share(part, of: payment, 10)) }
    }

    /// At most so much of a commission of one part in `divisor` goes with a part of the payment.
    static func share(_ part: Int64, of payment: SimulationLine.Payment, _ divisor: Int64) -> Int64 {
        let leg = (payment.base ?? payment.amount) / divisor + 1
        return leg * part / payment.amount + 1
    }

    /// Nothing of a payment is left.
    mutating func takeBackWhole(_ payer: Int) {
        guard people.disqualify(payer), let referrer = people.parent(of: payer) else { return }
        grants.revoke(referee: payer)
        if options.preset == .tiered { money.debit(referrer, Self.largestReward) }
    }

    /// A conversion's grants.
    private mutating func take(_ granted: SimulatedPeople.Granted, for referee: Int) {
        let isHeld = people.has(.suspended, granted.referrer)
        if let reward = granted.reward {
            if options.preset == .tiered {
                grants.pass()
                if !isHeld { money.earn(granted.referrer, reward) }
            } else {
                plan(grants.add(to: granted.referrer, for: referee))
            }
        }
        for (index, bonus) in granted.bonuses.enumerated() {
            grants.pass()
            if !isHeld { money.earn(granted.referrer, bonus) }
            if granted.hasLifetime, index == granted.bonuses.count - 1 {
                plan(grants.add(to: granted.referrer, for: nil))
            }
        }
    }

    /// Most grants in units are claimed within a month.
    private mutating func plan(_ grant: RecentGrants.Grant) {
        if random.permille(700), agenda.hasRoom {
            agenda.add(.claim(grant), at: now + 3600 + random.below(30 * 86_400))
        }
    }
}
