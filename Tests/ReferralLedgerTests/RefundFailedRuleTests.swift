import LedgerDomain
import ReferralLedger
import Testing

/// Refunds that never went out: what they took is given back.
@Suite struct RefundFailedRuleTests {
    private func paid() throws -> Bench {
        let bench = try Bench(policy: paying())
        try bench.run(DisputeRuleTests.people + [Say.pay("p", "b", 100_00)])
        return bench
    }

    @Test func beforeMaturity() throws {
        let bench = try paid()
        try bench.run([Say.refund("r", "p", 40_00)])
        #expect(
            try bench.tell(Say.refundFailed("r")) == [
                "RefundFailed", "CommissionRestored rewardExpense→pending:a 800",
                "CommissionRestored rewardExpense→pending:top 400",
            ])
        #expect(try bench.money("a") == [20_00, 0, 0, 20_00])
        // The headroom is there again.
        #expect(try bench.ledger.submit(Say.refund("s", "p", 100_00)).name == "accepted")
        try bench.sound()
    }

    /// Matured: a debt first, then what is available, in the reward's own lot.
    @Test func afterMaturity() throws {
        let bench = try paid()
        try bench.advance(day(15))
        try bench.run([
            Say.withdraw("w", "a", 15_00), Say.payout("w", .sent), Say.refund("r", "p", 40_00, day(23)),
        ])
        #expect(try bench.purse("a") == [0, 0, 0, 3_00])
        #expect(
            try bench.tell(Say.refundFailed("r", day(24))) == [
                "RefundFailed",
                "CommissionRestored rewardExpense→receivable:a 300 rewardExpense→available:a 500",
                "CommissionRestored rewardExpense→available:top 400",
            ])
        #expect(
            try bench.tell(Say.dispute("d", "p", .opened, 100_00, day(25))) == [
                "DisputeOpened", "RewardHeld available:a→held:a 500", "RewardHeld available:top→held:top 1000",
            ])
        try bench.sound()
    }

    /// The payment qualifies again: the referral goes on as with a payment of that moment.
    @Test func qualifiesAgain() throws {
        let bench = try paid()
        try bench.run([Say.refund("r", "p", 100_00)])
        #expect(try bench.ledger.current.user("b")?.stage == .reverted)
        #expect(
            try bench.tell(Say.refundFailed("r")) == [
                "RefundFailed", "CommissionRestored rewardExpense→pending:a 2000",
                "CommissionRestored rewardExpense→pending:top 1000", "ReferralAdvanced", "ReferralAdvanced",
                "ReferralConverted",
            ])
        #expect(try bench.ledger.current.user("a")?.conversions == 1)
        try bench.sound()
    }

    /// What a lost dispute took stays taken.
    @Test func besideALostDispute() throws {
        let bench = try paid()
        try bench.run([
            Say.refund("r", "p", 60_00), Say.dispute("d", "p", .opened, 40_00),
            Say.dispute("d", nil, .lost, nil, day(4)),
        ])
        #expect(try bench.purse("a") == [0, 0, 0, 0])
        #expect(
            try bench.tell(Say.refundFailed("r", day(5))).prefix(3) == [
                "RefundFailed", "CommissionRestored rewardExpense→pending:a 1200",
                "CommissionRestored rewardExpense→pending:top 600",
            ])
        try bench.sound()
    }

    /// Nothing was due when everything was refunded; what comes back matures all the same.
    @Test func maturesLater() throws {
        let bench = try paid()
        try bench.run([Say.refund("r", "p", 100_00)])
        #expect(try bench.advance(day(30)) == [])
        try bench.run([Say.refundFailed("r", day(31))])
        #expect(try bench.purse("a") == [20_00, 0, 0, 0])
        #expect(
            try bench.advance(day(40)) == [
                "RewardMatured pending:a→available:a 2000", "RewardMatured pending:top→available:top 1000",
            ])
        try bench.sound()
    }

    /// Of 0.02 and 0.01 the second is wholly reversed when the first matures: it did not mature with it.
    @Test(arguments: [false, true])
    func oneLegMaturesLater(isTouched: Bool) throws {
        let bench = try Bench(policy: paying())
        try bench.run(DisputeRuleTests.people + [Say.pay("p", "b", 10)])
        if isTouched {
            try bench.run([Say.dispute("d", "p", .opened, 10), Say.dispute("d", nil, .won, nil, day(4))])
        }
        // 2 × 6 ÷ 10 = 1.2 and 0.6.
        try bench.run([Say.refund("r", "p", 6, day(5))])
        #expect(try bench.advance(day(15)) == ["RewardMatured pending:a→available:a 1"])
        #expect(
            try bench.tell(Say.refundFailed("r", day(16))) == [
                "RefundFailed", "CommissionRestored rewardExpense→available:a 1",
                "CommissionRestored rewardExpense→pending:top 1",
            ])
        #expect(try bench.advance(day(17)) == ["RewardMatured pending:top→available:top 1"])
        #expect(try bench.advance(day(30)) == [])
        try bench.sound()
    }

    @Test func cumulativeProviders() throws {
        let bench = try paid()
        try bench.run([
            Say.refund("r1", "p", 30_00, total: 30_00), Say.refund("r2", "p", 20_00, total: 50_00),
            Say.refundFailed("r2"),
        ])
        #expect(try bench.purse("a") == [14_00, 0, 0, 0])
        try bench.run([Say.refund("r3", "p", 20_00, day(4), total: 50_00)])
        #expect(try bench.purse("a") == [10_00, 0, 0, 0])
        try bench.sound()
    }

    /// A refund that had been parked can fail as any other.
    @Test func parkedBefore() throws {
        let bench = try Bench(policy: paying())
        try bench.run(DisputeRuleTests.people + [Say.refund("r", "p", 40_00)])
        #expect(try bench.refusal(Say.refundFailed("r")) == "refund.parked refundId")
        try bench.run([Say.pay("p", "b", 100_00), Say.refundFailed("r")])
        #expect(try bench.purse("a") == [20_00, 0, 0, 0])
        try bench.sound()
    }
}
