import LedgerDomain
import ReferralLedger
import Testing

/// "Taking back: the one routine": where the money of a reversal comes from, by hand-computed figures.
@Suite struct TakeBackTests {
    static let people = [Say.signup("a"), Say.signup("b", by: "a")]

    /// a has 2.00 of p, due on day 15, and 4.00 of q, due on day 16; both can be spent.
    private func rich(_ rule: Policy.Withdrawal.OnClawback) throws -> Bench {
        let bench = try Bench(policy: paying { $0.withdrawal.onClawback = rule })
        try bench.run(Self.people + [Say.pay("p", "b", 10_00, day(1)), Say.pay("q", "b", 20_00, day(2))])
        try bench.advance(day(20))
        #expect(try bench.purse("a") == [0, 6_00, 0, 0])
        return bench
    }

    @Test func ownPendingAndNoOthers() throws {
        let bench = try Bench(policy: paying())
        try bench.run(Self.people + [Say.pay("p", "b", 100_00), Say.pay("q", "b", 50_00)])
        #expect(
            try bench.tell(Say.refund("r", "p", 100_00)) == [
                "RefundReceived", "CommissionReversed pending:a→rewardExpense 2000",
            ])
        #expect(try bench.purse("a") == [10_00, 0, 0, 0])
        try bench.sound()
    }

    /// What one refund of p takes when 5.00 of the 6.00 are on their way out.
    @Test(
        arguments: [
            (
                Policy.Withdrawal.OnClawback.owe,
                ["CommissionReversed available:a→rewardExpense 100 receivable:a→rewardExpense 100"],
                [0, 0, 0, 1_00] as [Int64], 5_00 as Int64
            ),
            (
                .reduce,
                [
                    "WithdrawalReduced reserved:a→available:a 100",
                    "CommissionReversed available:a→rewardExpense 200",
                ], [0, 0, 0, 0], 4_00
            ),
            (
                .cancel,
                [
                    "WithdrawalCancelled reserved:a→available:a 500",
                    "CommissionReversed available:a→rewardExpense 200",
                ], [0, 4_00, 0, 0], 0
            ),
        ])
    func withdrawalsByPolicy(
        rule: Policy.Withdrawal.OnClawback, said: [String], purse: [Int64], reserved: Int64
    ) throws {
        let bench = try rich(rule)
        try bench.run([Say.withdraw("w", "a", 5_00)])
        #expect(try bench.tell(Say.refund("r", "p", 10_00, day(21))) == ["RefundReceived"] + said)
        #expect(try bench.purse("a") == purse)
        #expect(try bench.account("reserved") == reserved)
        try bench.sound()
    }

    /// The latest withdrawal first; of all of it, a reduction is a cancellation.
    @Test(
        arguments: [
            (
                Policy.Withdrawal.OnClawback.reduce, 20_00 as Int64,
                [
                    "WithdrawalCancelled reserved:a→available:a 300",
                    "WithdrawalCancelled reserved:a→available:a 100",
                    "CommissionReversed available:a→rewardExpense 400",
                ], [0, 0, 0, 0] as [Int64]
            ),
            (
                .reduce, 5_00,
                [
                    "WithdrawalReduced reserved:a→available:a 100",
                    "CommissionReversed available:a→rewardExpense 100",
                ], [0, 0, 0, 0]
            ),
            (
                .cancel, 5_00,
                [
                    "WithdrawalCancelled reserved:a→available:a 300",
                    "CommissionReversed available:a→rewardExpense 100",
                ], [0, 2_00, 0, 0]
            ),
        ])
    func latestWithdrawalFirst(
        rule: Policy.Withdrawal.OnClawback, money: Int64, said: [String], purse: [Int64]
    ) throws {
        let bench = try rich(rule)
        try bench.run([
            Say.withdraw("w1", "a", 2_00), Say.withdraw("w2", "a", 1_00), Say.withdraw("w3", "a", 3_00),
        ])
        #expect(try bench.tell(Say.refund("r", "q", money, day(21))) == ["RefundReceived"] + said)
        #expect(try bench.purse("a") == purse)
        try bench.sound()
    }

    /// What was sent stays; the debt nets from the next reward and is taken once.
    @Test func refundAfterPayout() throws {
        let bench = try rich(.cancel)
        try bench.run([Say.withdraw("w", "a", 5_00), Say.payout("w", .sent), Say.payout("w", .settled)])
        #expect(
            try bench.tell(Say.refund("r", "p", 10_00, day(23))) == [
                "RefundReceived",
                "CommissionReversed available:a→rewardExpense 100 receivable:a→rewardExpense 100",
            ])
        #expect(try bench.refusal(Say.withdraw("v", "a", 1)) == "withdrawal.debt userId")
        try bench.run([Say.pay("s", "b", 10_00, day(30))])
        #expect(try bench.purse("a") == [2_00, 0, 0, 1_00])
        #expect(
            try bench.advance(day(44)) == [
                "RewardMatured pending:a→receivable:a 100 pending:a→available:a 100"
            ]
        )
        #expect(try bench.purse("a") == [0, 1_00, 0, 0])
        #expect(try bench.account("cash") == 5_00)
        try bench.sound()
    }

    /// Lots from the front: a withdrawal of 3.00 takes all of p's and a part of q's.
    @Test func lotsInOrder() throws {
        let bench = try rich(.reduce)
        try bench.run([Say.withdraw("w", "a", 3_00)])
        #expect(try bench.tell(Say.dispute("d", "p", .opened, 10_00, day(21))) == ["DisputeOpened"])
        #expect(
            try bench.tell(Say.dispute("e", "q", .opened, 20_00, day(21))) == [
                "DisputeOpened", "RewardHeld available:a→held:a 300",
            ])
        try bench.sound()
    }

    /// The case's own hold, then pending, then other holds.
    @Test func holdsBeforeMaturity() throws {
        let bench = try Bench(policy: paying())
        try bench.run(Self.people + [Say.pay("p", "b", 100_00)])
        // 20 × 40 ÷ 100, and 20 × 70 ÷ 100 less what is held.
        #expect(
            try bench.tell(Say.dispute("d1", "p", .opened, 40_00))
                == ["DisputeOpened", "RewardHeld pending:a→held:a 800"])
        #expect(
            try bench.tell(Say.dispute("d2", "p", .opened, 30_00))
                == ["DisputeOpened", "RewardHeld pending:a→held:a 600"])
        #expect(
            try bench.tell(Say.dispute("d2", nil, .lost, nil, day(4)))
                == ["DisputeLost", "CommissionReversed held:a→rewardExpense 600"])
        #expect(try bench.purse("a") == [6_00, 0, 8_00, 0])
        // Refunded 60 and lost 30: 18.00 in all, 6.00 of them done.
        #expect(
            try bench.tell(Say.refund("r", "p", 60_00, day(5))) == [
                "RefundReceived", "CommissionReversed pending:a→rewardExpense 600 held:a→rewardExpense 600",
            ])
        #expect(
            try bench.tell(Say.dispute("d1", nil, .won, nil, day(6)))
                == ["DisputeWon", "RewardReleased held:a→pending:a 200"])
        #expect(
            try bench.tell(Say.refund("s", "p", 10_00, day(7))) == [
                "RefundReceived", "CommissionReversed pending:a→rewardExpense 200", "ReferralReverted",
            ])
        #expect(try bench.purse("a") == [0, 0, 0, 0])
        // 70 of 100 are refunded and 30 lost: nothing more fits.
        #expect(try bench.ledger.submit(Say.refund("t", "p", 1)).name == "parked")
        try bench.sound()
    }

    /// Matured: other holds of the reward, then what is available, then a debt.
    @Test func holdsAfterMaturity() throws {
        let bench = try Bench(policy: paying())
        try bench.run(Self.people + [Say.pay("p", "b", 100_00)])
        try bench.advance(day(15))
        #expect(
            try bench.tell(Say.dispute("d", "p", .opened, 40_00, day(16)))
                == ["DisputeOpened", "RewardHeld available:a→held:a 800"])
        try bench.run([Say.withdraw("w", "a", 12_00), Say.payout("w", .sent)])
        #expect(
            try bench.tell(Say.refund("r", "p", 50_00, day(23))) == [
                "RefundReceived",
                "CommissionReversed held:a→rewardExpense 800 receivable:a→rewardExpense 200",
            ])
        #expect(
            try bench.tell(Say.dispute("d", nil, .lost, nil, day(24)))
                == ["DisputeLost", "CommissionReversed receivable:a→rewardExpense 800"])
        #expect(try bench.purse("a") == [0, 0, 0, 10_00])
        try bench.sound()
    }
}
