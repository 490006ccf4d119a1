import LedgerDomain
import ReferralLedger
import Testing

/// Money that two things ask for at once: disputes beside other cases, ends of grants that are held.
@Suite struct HeldMoneyRuleTests {
    /// top ← a ← b; a suspended or under review, so that its 20.00 of b's payment are held.
    private func held(by review: Bool) throws -> Bench {
        let bench = try Bench(policy: paying())
        try bench.run(DisputeRuleTests.people)
        try bench.run([review ? Say.flag("a", key: "1", day(0)) : Say.suspend("a", key: "1", day(0))])
        try bench.run([Say.pay("p", "b", 100_00)])
        return bench
    }

    private func letGo(_ review: Bool, _ at: Timestamp = day(5)) -> Command {
        review ? Say.review("f1", confirm: false, at) : Say.reinstate("a", key: "1", at)
    }

    // MARK: Disputes beside other cases

    @Test(arguments: [false, true], [DisputeStatus.won, .lost])
    func theDisputeTakesOver(review: Bool, end: DisputeStatus) throws {
        let bench = try held(by: review)
        #expect(
            try bench.tell(Say.dispute("d", "p", .opened, 50_00)) == [
                "DisputeOpened", "RewardHeld pending:top→held:top 500",
            ])
        #expect(
            try bench.tell(letGo(review)).dropFirst() == [
                "RewardReleased held:a→pending:a 2000", "RewardHeld pending:a→held:a 1000",
            ])
        #expect(try bench.purse("a") == [10_00, 0, 10_00, 0])
        let said = try bench.tell(Say.dispute("d", nil, end, nil, day(6)))
        if end == .won {
            #expect(
                said == [
                    "DisputeWon", "RewardReleased held:top→pending:top 500",
                    "RewardReleased held:a→pending:a 1000",
                ])
            #expect(try bench.purse("a") == [20_00, 0, 0, 0])
        } else {
            #expect(
                said == [
                    "DisputeLost", "CommissionReversed held:a→rewardExpense 1000",
                    "CommissionReversed held:top→rewardExpense 500",
                ])
            #expect(try bench.purse("a") == [10_00, 0, 0, 0])
        }
        try bench.sound()
    }

    /// Matured: nothing of the disputed part can be withdrawn, and a debt is repaid first as ever.
    @Test(arguments: [0, 5_00])
    func matured(debt: Int64) throws {
        let bench = try held(by: false)
        try bench.run([Say.dispute("d", "p", .opened, 50_00)])
        if debt > 0 { try bench.run([Say.adjust("a", -debt, key: "1")]) }
        try bench.advance(day(15))
        #expect(
            try bench.tell(letGo(false, day(16))) == [
                "UserReinstated",
                debt > 0
                    ? "RewardReleased held:a→receivable:a 500 held:a→available:a 1500"
                    : "RewardReleased held:a→available:a 2000", "RewardHeld available:a→held:a 1000",
            ])
        #expect(try bench.purse("a") == [0, 10_00 - debt, 10_00, 0])
        try bench.sound()
    }

    /// Each dispute holds its own share, as if the other case had not been; one that ends passes nothing on.
    @Test func several() throws {
        let bench = try held(by: false)
        try bench.run([
            Say.dispute("d1", "p", .opened, 30_00), Say.dispute("d2", "p", .opened, 20_00),
            Say.dispute("d3", "p", .opened, 10_00), Say.dispute("d3", nil, .won, nil),
        ])
        #expect(
            try bench.tell(letGo(false)) == [
                "UserReinstated", "RewardReleased held:a→pending:a 2000", "RewardHeld pending:a→held:a 600",
                "RewardHeld pending:a→held:a 400",
            ])
        #expect(
            try bench.tell(Say.dispute("d1", nil, .won, nil, day(6))) == [
                "DisputeWon", "RewardReleased held:top→pending:top 300",
                "RewardReleased held:a→pending:a 600",
            ])
        #expect(try bench.purse("a") == [16_00, 0, 4_00, 0])
        try bench.sound()
    }

    /// Past sixteen open disputes the last of them holds for the others, so that a record keeps its bound.
    @Test func many() throws {
        let bench = try held(by: false)
        try bench.run((0..<40).map { Say.dispute("d\($0)", "p", .opened, 1_00) })
        let said = try bench.tell(letGo(false))
        #expect(said.count == 2 + 16 && said.last == "RewardHeld pending:a→held:a 500")
        #expect(try bench.purse("a") == [12_00, 0, 8_00, 0])
        // When that one is won, the next takes over what is still asked for.
        #expect(
            try bench.tell(Say.dispute("d15", nil, .won, nil, day(6))) == [
                "DisputeWon", "RewardReleased held:top→pending:top 10",
                "RewardReleased held:a→pending:a 500", "RewardHeld pending:a→held:a 480",
            ])
        for other in 0..<40 where other != 15 {
            try bench.run([Say.dispute("d\(other)", nil, .won, nil, day(6))])
        }
        #expect(try bench.purse("a") == [20_00, 0, 0, 0])
        try bench.sound()
    }

    /// A refund in between leaves less to ask for; a lost dispute takes from the other case's hold.
    @Test func refundedAndLostMeanwhile() throws {
        let bench = try held(by: false)
        try bench.run([
            Say.dispute("d", "p", .opened, 50_00), Say.dispute("e", "p", .opened, 20_00),
            Say.refund("r", "p", 10_00),
        ])
        #expect(
            try bench.tell(Say.dispute("e", nil, .lost, nil))[1]
                == "CommissionReversed held:a→rewardExpense 400")
        #expect(
            try bench.tell(letGo(false)) == [
                "UserReinstated", "RewardReleased held:a→pending:a 1400", "RewardHeld pending:a→held:a 1000",
            ])
        try bench.sound()
    }

    /// The case that held it ended while the payment was in quarantine.
    @Test func outOfQuarantine() throws {
        let bench = try held(by: false)
        let fact = FactReference.payment(provider: "shop", paymentId: "p")
        try bench.run([
            Say.dispute("d", "p", .opened, 50_00), Say.quarantine(fact), letGo(false, day(6)),
        ])
        #expect(
            try bench.tell(Say.release(fact, day(7))).prefix(4) == [
                "EventReleased", "EventReleased rewardExpense→pending:a 2000",
                "RewardHeld pending:a→held:a 1000", "EventReleased rewardExpense→pending:top 1000",
            ])
        #expect(try bench.purse("a") == [10_00, 0, 10_00, 0])
        try bench.sound()
    }

    // MARK: Ends of grants that are held

    /// b's completion grants a 10.00 until day 10.
    private func granted() throws -> Bench {
        let rule = Policy.Rewards.Rule(
            stage: .completed, side: .referrer, asset: .usd, amount: .fixed(10_00), expiryDays: 8)
        let bench = try Bench(policy: GrantRuleTests.granting([rule]))
        try bench.run(GrantRuleTests.people)
        return bench
    }

    /// All of it is held at its end: it expires with the first `advance` after the release.
    @Test func heldWhole() throws {
        let bench = try granted()
        try bench.run([Say.suspend("a", key: "1", day(0)), Say.pay("p", "b", 1_00, day(2))])
        try bench.advance(day(5))
        #expect(try bench.advance(day(11)) == [])
        #expect(
            try bench.tell(Say.reinstate("a", key: "1", day(12))) == [
                "UserReinstated", "RewardReleased held:a→available:a 1000",
            ])
        #expect(try bench.advance(day(13)) == ["RewardExpired available:a→breakage 1000"])
        #expect(try bench.advance(day(14)) == [])
        try bench.sound()
    }

    /// A part is held at its end: the rest expires then, the part when it is let go.
    @Test(arguments: [false, true])
    func heldInPart(confirm: Bool) throws {
        let bench = try granted()
        try bench.run([Say.pay("p", "b", 1_00, day(2))])
        try bench.advance(day(3))
        try bench.run([
            Say.withdraw("w", "a", 6_00, day(4)), Say.flag("a", key: "1", day(5), reward: "r1"),
            Say.decide("w", .cancel, day(6)),
        ])
        #expect(try bench.purse("a") == [0, 6_00, 4_00, 0])
        #expect(try bench.advance(day(11)) == ["RewardExpired available:a→breakage 600"])
        let said = try bench.tell(Say.review("f1", confirm: confirm, day(12)))
        if confirm {
            #expect(said.last == "RewardRevoked held:a→rewardExpense 400")
            #expect(try bench.advance(day(13)) == [])
        } else {
            #expect(said == ["ReviewDecided", "RewardReleased held:a→available:a 400"])
            #expect(try bench.advance(day(13)) == ["RewardExpired available:a→breakage 400"])
        }
        #expect(try bench.purse("a") == [0, 0, 0, 0])
        #expect(try bench.advance(day(40)) == [])
        try bench.sound()
    }
}
