// What happens in a simulated programme. Each function appends one line, or none where it comes later.

extension Simulation {
    // MARK: Users

    mutating func signUp(into output: inout [UInt8]) {
        let user = parents.count
        var parent = Self.noParent
        var how = SimulationLine.Origin.none
        if user > 0, random.permille(800) {
            parent = referrer(for: user)
            let byCode = random.permille(200) && Self.hasCode(Int(parent), options.seed)
            how = byCode ? .code(Int(parent)) : .referrer(Int(parent))
        } else if random.permille(2) {
            how = .unknownCode(user)
        }
        line.signup(user, at: now, from: how, into: &output)
        if Self.hasCode(user, options.seed) { later { $0.line.issueCode(user, at: $0.now, into: &$1) } }
        if case .none = how, user > 0, random.permille(10) {
            let owner = random.below(user)
            if Self.hasCode(owner, options.seed) {
                parent = UInt32(owner)
                later { $0.line.applyCode(of: owner, to: user, at: $0.now, into: &$1) }
            }
        }
        if case .none = how {
        } else if random.permille(20), parent != Self.noParent {
            later { $0.line.activate(user, at: $0.now, into: &$1) }
        }
        parents.append(parent)
    }

    /// A user drawn at random or, more often, the one who brought that user: who has many, gets more.
    private mutating func referrer(for user: Int) -> UInt32 {
        let drawn = random.below(user)
        let parent = parents[drawn]
        return parent != Self.noParent && random.permille(600) ? parent : UInt32(drawn)
    }

    /// Whether a user gets a code: a quarter, known from the number alone.
    private static func hasCode(_ user: Int, _ seed: UInt64) -> Bool {
        var random = SimulationRandom(seed: seed ^ (UInt64(user) &* 0xD6E8_FEB8_6659_FD93))
        return random.next() & 3 == 0
    }

    /// A line that comes next.
    private mutating func later(_ body: (inout Simulation, inout [UInt8]) -> Void) {
        var bytes: [UInt8] = []
        body(&self, &bytes)
        delayed.add(bytes, after: 1)
    }

    /// Puts a line off for 1 to 250 lines.
    private mutating func delay(_ text: ArraySlice<UInt8>) {
        delayed.add(Array(text), after: 1 + random.below(DelayedLines.longest))
    }

    // MARK: Payments

    mutating func pay(into output: inout [UInt8]) {
        let number = paymentCount
        paymentCount += 1
        // Half of the payments are of anybody, half of those who have been there longer.
        var payer = random.below(parents.count)
        if random.next() & 1 == 0 { payer = random.below(payer + 1) }
        let amount = random.permille(10) ? 0 : self.amount()
        let base = random.permille(30) ? amount * 4 / 5 : nil
        let at = random.permille(20) ? max(0, now - random.below(3 * 86_400)) : now
        let payment = SimulationLine.Payment(
            number: number, payer: payer, amount: amount, base: base, isOfApp: random.permille(200))
        let start = output.count
        line.payment(payment, at: at, into: &output)
        if random.permille(10) { delay(output[start...]) }
        if amount > 0 { recent.add(payment) }
        if amount > 0, random.permille(4) {
            delay(output[start...])
            output.removeSubrange(start...)
            refund(recent.newest, into: &output)
        } else if random.permille(20) {
            delay(output[start...])
            output.removeSubrange(start...)
        }
        if random.permille(50) {
            later { simulation, bytes in simulation.refundAny(into: &bytes) }
        }
    }

    /// Minor units, at least 1: the sum of four dice as an exponent in thirty-seconds of an octave, between
    /// which it goes straight.
    private mutating func amount() -> Int64 {
        var exponent = 0
        for _ in 0..<4 { exponent += random.below(64) }
        let smallest = options.asset.exponent == 0 ? 15 : options.asset.exponent == 2 ? 150 : 1500
        let fine = smallest * (32 + exponent & 31) << (exponent >> 5) / 32
        return Int64(fine + random.below(1 + fine / 32))
    }

    // MARK: Refunds

    private mutating func refundAny(into output: inout [UInt8]) {
        if strayRefundCount < 1000, random.permille(2) {
            strayRefundCount += 1
            refundCount += 1
            line.strayRefund(refundCount, of: strayRefundCount, amount: amount(), at: now, into: &output)
        } else if let index = recent.draw(&random) {
            refund(index, into: &output)
        }
    }

    private mutating func refund(_ index: Int, into output: inout [UInt8]) {
        let left = recent.left(index)
        if left == 0 { return }
        let part = random.next() & 1 == 0 ? left : 1 + Int64(random.below(Int(left)))
        refundCount += 1
        let start = output.count
        let (payment, refunded) = recent.take(part, of: index)
        line.refund(refundCount, of: payment, amount: part, refunded: refunded, at: now, into: &output)
        if random.permille(20) { delay(output[start...]) }
    }
}
