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
                "DisputeOpened", "RewardHeld available:a→held:a 500",
                "RewardHeld available:top→held:top 1000",
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

    /// Of 0.02 and 0.01 the second is wholly reversed when the first matures: it matures with it all the same.
    @Test(arguments: [false, true])
    func legsMatureTogether(isTouched: Bool) throws {
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
                "CommissionRestored rewardExpense→available:top 1",
            ])
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
        try bench.run([Say.pay("p", "b", 100_00), Say.refundFailed("r")])
        #expect(try bench.purse("a") == [20_00, 0, 0, 0])
        try bench.sound()
    }

    // MARK: Out of order

    /// The failure comes before its refund, of a provider that nobody knows yet.
    @Test func beforeItsRefund() throws {
        let bench = try paid()
        #expect(try bench.tell(Say.refundFailed("r", provider: "new")) == ["EventParked"])
        #expect(try bench.tell(Say.refundFailed("r")) == ["EventParked"])
        #expect(try bench.ledger.submit(Say.refundFailed("r")).name == "repeated")
        #expect(try bench.refusal(Say.refundFailed("r", day(4))) == "refund.conflict at")
        let waiting = try bench.ledger.current.parkedFacts()
        #expect(waiting.map(\.kind) == ["refundFailed", "refundFailed"])
        #expect(waiting.map(\.waitingFor) == ["refund", "refund"])
        #expect(waiting.map(\.provider) == ["new", "shop"] && waiting.allSatisfy { $0.amount == nil })
        #expect(
            try bench.tell(Say.refund("r", "p", 100_00)) == [
                "RefundReceived", "CommissionReversed pending:a→rewardExpense 2000",
                "CommissionReversed pending:top→rewardExpense 1000", "ReferralReverted", "EventUnparked",
                "RefundFailed", "CommissionRestored rewardExpense→pending:a 2000",
                "CommissionRestored rewardExpense→pending:top 1000", "ReferralAdvanced", "ReferralAdvanced",
                "ReferralConverted",
            ])
        #expect(try bench.ledger.current.parkedFacts().map(\.provider) == ["new"])
        #expect(try bench.ledger.submit(Say.refundFailed("r")).name == "repeated")
        #expect(try bench.refusal(Say.refundFailed("r", day(4))) == "refund.conflict at")
        #expect(try bench.ledger.submit(Say.refund("s", "p", 100_00)).name == "accepted")
        try bench.sound()
    }

    /// Failure, refund, payment: both take effect in the payment's record, each refund before its failure.
    @Test func beforeItsPayment() throws {
        let bench = try Bench(policy: paying())
        try bench.run(DisputeRuleTests.people)
        try bench.run([
            Say.refundFailed("r1"), Say.refundFailed("r2"), Say.refund("r2", "p", 60_00),
            Say.refund("r1", "p", 50_00), Say.refund("r3", "p", 70_00),
        ])
        #expect(
            try bench.tell(Say.pay("p", "b", 100_00)).filter { !$0.hasPrefix("Commission") }
                == GrantRuleTests.moves + [
                    "ReferralConverted", "EventUnparked", "RefundReceived", "EventUnparked", "RefundFailed",
                    "EventUnparked", "RefundReceived", "EventUnparked", "RefundFailed", "EventUnparked",
                    "RefundReceived",
                ])
        #expect(try bench.purse("a") == [6_00, 0, 0, 0])
        #expect(try bench.ledger.current.parkedFacts().isEmpty)
        try bench.sound()
    }

    /// What waits for headroom has not taken effect: its failure goes on waiting, and takes nothing.
    @Test func ofWhatDidNotFit() throws {
        let bench = try paid()
        try bench.run([Say.refund("r", "p", 80_00), Say.refund("s", "p", 30_00)])
        #expect(try bench.tell(Say.refundFailed("s")) == ["EventParked"])
        #expect(try bench.ledger.current.parkedFacts().map(\.kind) == ["refund", "refundFailed"])
        #expect(try bench.purse("a") == [4_00, 0, 0, 0])
        try bench.sound()
    }

    /// An open dispute holds of what comes back what it is about.
    @Test func beneathADispute() throws {
        let bench = try paid()
        try bench.run([Say.refund("r", "p", 100_00), Say.dispute("d", "p", .opened, 30_00)])
        #expect(try bench.purse("a") == [0, 0, 0, 0])
        #expect(
            try bench.tell(Say.refundFailed("r")).prefix(5) == [
                "RefundFailed", "CommissionRestored rewardExpense→pending:a 2000",
                "RewardHeld pending:a→held:a 600", "CommissionRestored rewardExpense→pending:top 1000",
                "RewardHeld pending:top→held:top 300",
            ])
        try bench.sound()
    }
}
