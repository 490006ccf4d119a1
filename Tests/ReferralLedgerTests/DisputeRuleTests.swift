import LedgerDomain
import ReferralLedger
import Testing

/// Disputes, from opening to end: top ← a ← b, b pays 100.00, a earns 20.00 and top 10.00.
@Suite struct DisputeRuleTests {
    static let people = [Say.signup("top"), Say.signup("a", by: "top"), Say.signup("b", by: "a")]

    private func paid() throws -> Bench {
        let bench = try Bench(policy: paying())
        try bench.run(Self.people + [Say.pay("p", "b", 100_00)])
        return bench
    }

    @Test func wonBeforeMaturity() throws {
        let bench = try paid()
        #expect(
            try bench.tell(Say.dispute("d", "p", .opened, 50_00)) == [
                "DisputeOpened", "RewardHeld pending:a→held:a 1000", "RewardHeld pending:top→held:top 500",
            ])
        #expect(try bench.purse("a") == [10_00, 0, 10_00, 0])
        #expect(
            try bench.tell(Say.dispute("d", "p", .won, 50_00, day(4))) == [
                "DisputeWon", "RewardReleased held:a→pending:a 1000",
                "RewardReleased held:top→pending:top 500",
            ])
        #expect(try bench.purse("a") == [20_00, 0, 0, 0])
        try bench.sound()
    }

    /// What is not held matures; what is held is there to be spent when the dispute is won.
    @Test func wonAfterMaturity() throws {
        let bench = try paid()
        try bench.run([Say.dispute("d", "p", .opened, 50_00)])
        #expect(
            try bench.advance(day(15)) == [
                "RewardMatured pending:a→available:a 1000", "RewardMatured pending:top→available:top 500",
            ])
        #expect(
            try bench.tell(Say.dispute("d", nil, .won, nil, day(16))) == [
                "DisputeWon", "RewardReleased held:a→available:a 1000",
                "RewardReleased held:top→available:top 500",
            ])
        #expect(try bench.purse("a") == [0, 20_00, 0, 0])
        try bench.sound()
    }

    /// A release repays a debt first.
    @Test func wonWithADebt() throws {
        let bench = try paid()
        try bench.run([Say.dispute("d", "p", .opened, 100_00), Say.adjust("a", -5_00, key: "1")])
        // All of it is held: it matures with nothing, so that a release knows where to go.
        #expect(try bench.advance(day(15)) == ["RewardMatured", "RewardMatured"])
        #expect(
            try bench.tell(Say.dispute("d", nil, .won, nil, day(16))) == [
                "DisputeWon", "RewardReleased held:a→receivable:a 500 held:a→available:a 1500",
                "RewardReleased held:top→available:top 1000",
            ])
        try bench.sound()
    }

    @Test(arguments: [false, true])
    func lostWhole(matured: Bool) throws {
        let bench = try paid()
        if matured { try bench.advance(day(15)) }
        try bench.run([Say.dispute("d", "p", .opened, 100_00, day(16))])
        #expect(try bench.purse("a") == [0, 0, 20_00, 0])
        #expect(
            try bench.tell(Say.dispute("d", nil, .lost, nil, day(17))) == [
                "DisputeLost", "CommissionReversed held:a→rewardExpense 2000",
                "CommissionReversed held:top→rewardExpense 1000", "ReferralReverted",
            ])
        #expect(try bench.ledger.current.user("b")?.stage == .reverted)
        #expect(try bench.ledger.current.user("a")?.conversions == 0)
        #expect(try bench.advance(day(30)) == [])
        try bench.sound()
    }

    /// Refunds while the dispute is open take pending first, then what it holds.
    @Test func refundsInBetween() throws {
        let bench = try paid()
        try bench.run([Say.dispute("d", "p", .opened, 50_00)])
        #expect(
            try bench.tell(Say.refund("r", "p", 30_00, day(4))) == [
                "RefundReceived", "CommissionReversed pending:a→rewardExpense 600",
                "CommissionReversed pending:top→rewardExpense 300",
            ])
        #expect(
            try bench.tell(Say.refund("s", "p", 50_00, day(5))) == [
                "RefundReceived", "CommissionReversed pending:a→rewardExpense 400 held:a→rewardExpense 600",
                "CommissionReversed pending:top→rewardExpense 200 held:top→rewardExpense 300",
            ])
        // Only 20.00 of the 50.00 still fit.
        #expect(
            try bench.tell(Say.dispute("d", nil, .lost, nil, day(6))) == [
                "DisputeLost", "CommissionReversed held:a→rewardExpense 400",
                "CommissionReversed held:top→rewardExpense 200", "ReferralReverted",
            ])
        #expect(try bench.account("rewardExpense") == 0)
        try bench.sound()
    }

    /// A small refund leaves the dispute its own.
    @Test func lostAfterASmallRefund() throws {
        let bench = try paid()
        try bench.run([Say.dispute("d", "p", .opened, 50_00), Say.refund("r", "p", 30_00, day(4))])
        #expect(
            try bench.tell(Say.dispute("d", nil, .lost, nil, day(5))) == [
                "DisputeLost", "CommissionReversed held:a→rewardExpense 1000",
                "CommissionReversed held:top→rewardExpense 500",
            ])
        #expect(try bench.purse("a") == [4_00, 0, 0, 0] && bench.purse("top") == [2_00, 0, 0, 0])
        #expect(try bench.ledger.current.user("b")?.stage == .completed)
        try bench.sound()
    }

    /// Disputes never hold more than the leg; each lets go of its own alone, and what the others found no room for they
    /// hold then.
    @Test func twoDisputes() throws {
        let bench = try paid()
        try bench.run([Say.dispute("d1", "p", .opened, 60_00)])
        #expect(
            try bench.tell(Say.dispute("d2", "p", .opened, 60_00)) == [
                "DisputeOpened", "RewardHeld pending:a→held:a 800", "RewardHeld pending:top→held:top 400",
            ])
        #expect(try bench.tell(Say.dispute("d3", "p", .opened, 10_00)) == ["DisputeOpened"])
        #expect(
            try bench.tell(Say.dispute("d1", nil, .won, nil, day(4))) == [
                "DisputeWon", "RewardReleased held:a→pending:a 1200", "RewardHeld pending:a→held:a 400",
                "RewardHeld pending:a→held:a 200", "RewardReleased held:top→pending:top 600",
                "RewardHeld pending:top→held:top 200", "RewardHeld pending:top→held:top 100",
            ])
        #expect(
            try bench.tell(Say.dispute("d2", nil, .lost, nil, day(5))) == [
                "DisputeLost", "CommissionReversed held:a→rewardExpense 1200",
                "CommissionReversed held:top→rewardExpense 600",
            ])
        #expect(try bench.purse("a") == [6_00, 0, 2_00, 0])
        #expect(
            try bench.tell(Say.dispute("d3", nil, .lost, nil, day(6))) == [
                "DisputeLost", "CommissionReversed held:a→rewardExpense 200",
                "CommissionReversed held:top→rewardExpense 100",
            ])
        #expect(try bench.purse("a") == [6_00, 0, 0, 0])
        try bench.sound()
    }

    /// Lost, then opened, then paid: everything happens in the record of the payment.
    @Test func parkedUntilThePayment() throws {
        let bench = try Bench(policy: paying())
        try bench.run(Self.people)
        #expect(try bench.tell(Say.dispute("d", nil, .lost)) == ["EventParked"])
        #expect(try bench.tell(Say.dispute("d", "p", .opened, 50_00)) == ["EventParked"])
        #expect(try bench.tell(Say.dispute("e", "p", .opened, 50_00, asset: .eur)) == ["EventParked"])
        #expect(
            try bench.tell(Say.pay("p", "b", 100_00)) == [
                "PaymentReceived", "CommissionEarned rewardExpense→pending:a 2000",
                "CommissionEarned rewardExpense→pending:top 1000", "ReferralAdvanced", "ReferralAdvanced",
                "ReferralAdvanced", "ReferralConverted",
                "EventUnparked", "DisputeOpened", "RewardHeld pending:a→held:a 1000",
                "RewardHeld pending:top→held:top 500",
                "EventUnparked", "DisputeLost", "CommissionReversed held:a→rewardExpense 1000",
                "CommissionReversed held:top→rewardExpense 500",
            ])
        #expect(try bench.purse("a") == [10_00, 0, 0, 0])
        // Another currency than the payment's: it stays where it is.
        #expect(try bench.ledger.current.parkedFacts().map(\.id) == ["e"])
        try bench.sound()
    }

    @Test func wonBeforeOpened() throws {
        let bench = try paid()
        #expect(try bench.tell(Say.dispute("d", nil, .won, 40_00)) == ["EventParked"])
        #expect(try bench.tell(Say.dispute("d", nil, .lost)) == ["EventParked"])
        // The first that fits decides: won speaks of another amount, lost of none.
        #expect(
            try bench.tell(Say.dispute("d", "p", .opened, 50_00)) == [
                "DisputeOpened", "RewardHeld pending:a→held:a 1000", "RewardHeld pending:top→held:top 500",
                "EventUnparked", "DisputeLost", "CommissionReversed held:a→rewardExpense 1000",
                "CommissionReversed held:top→rewardExpense 500",
            ])
        #expect(try bench.ledger.current.parkedFacts().map(\.id) == ["d"])
        try bench.run([Say.dispute("e", nil, .won)])
        #expect(
            try bench.tell(Say.dispute("e", "p", .opened, 50_00)) == [
                "DisputeOpened", "RewardHeld pending:a→held:a 1000", "RewardHeld pending:top→held:top 500",
                "EventUnparked", "DisputeWon", "RewardReleased held:a→pending:a 1000",
                "RewardReleased held:top→pending:top 500",
            ])
        try bench.sound()
    }
}
