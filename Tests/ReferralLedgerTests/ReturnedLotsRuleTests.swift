import LedgerDomain
import ReferralLedger
import Testing

/// What disputes are about goes on being held when it comes back out of a withdrawal.
@Suite struct ReturnedLotsRuleTests {
    /// top ← a ← b; a has withdrawn the 20.00 of b's payment of 100.00 before half of it was disputed.
    private func withdrawn(_ change: (inout Policy) -> Void = { _ in }) throws -> Bench {
        let bench = try Bench(policy: paying(change))
        try bench.run(DisputeRuleTests.people + [Say.pay("p", "b", 100_00)])
        try bench.advance(day(15))
        try bench.run([Say.withdraw("w", "a", 20_00, day(16))])
        #expect(
            try bench.tell(Say.dispute("d", "p", .opened, 50_00, day(17))) == [
                "DisputeOpened", "RewardHeld available:top→held:top 500",
            ])
        #expect(try bench.purse("a") == [0, 0, 0, 0])
        return bench
    }

    private let heldAgain = "RewardHeld available:a→held:a 1000"

    @Test(arguments: [WithdrawalDecision.reject, .cancel])
    func decided(decision: WithdrawalDecision) throws {
        let bench = try withdrawn()
        let said = try bench.tell(Say.decide("w", decision, day(18)))
        #expect(said.count == 2 && said.last == heldAgain, "\(said)")
        #expect(try bench.purse("a") == [0, 10_00, 10_00, 0])
        #expect(
            try bench.tell(Say.dispute("d", nil, .lost, nil, day(19))) == [
                "DisputeLost", "CommissionReversed held:a→rewardExpense 1000",
                "CommissionReversed held:top→rewardExpense 500",
            ])
        #expect(try bench.purse("a") == [0, 10_00, 0, 0])
        try bench.sound()
    }

    /// A part that is less than what is disputed is held whole; the rest of the share when more comes back.
    @Test func reduced() throws {
        let bench = try withdrawn()
        #expect(
            try bench.tell(Say.decide("w", .reduce, day(18), to: 14_00)) == [
                "WithdrawalReduced reserved:a→available:a 600", "RewardHeld available:a→held:a 600",
            ])
        #expect(
            try bench.tell(Say.decide("w", .reduce, day(19), to: 1_00)) == [
                "WithdrawalReduced reserved:a→available:a 1300", "RewardHeld available:a→held:a 400",
            ])
        #expect(try bench.purse("a") == [0, 9_00, 10_00, 0])
        try bench.sound()
    }

    @Test func expired() throws {
        let bench = try withdrawn { $0.withdrawal.expiryDays = 5 }
        #expect(
            try bench.advance(day(40)).suffix(2) == [
                "WithdrawalExpired reserved:a→available:a 2000", heldAgain,
            ])
        try bench.sound()
    }

    @Test(arguments: [PayoutStatus.failed, .returned])
    func paidBack(status: PayoutStatus) throws {
        let bench = try withdrawn()
        try bench.run([Say.payout("w", .sent)])
        if status == .returned { try bench.run([Say.payout("w", .settled, day(23))]) }
        let said = try bench.tell(Say.payout("w", status, day(24)))
        #expect(said.count == 2 && said.last == heldAgain, "\(said)")
        #expect(try bench.purse("a") == [0, 10_00, 10_00, 0])
        try bench.sound()
    }

    /// A debt is repaid first; what is left is held.
    @Test func aDebtFirst() throws {
        let bench = try withdrawn { $0.withdrawal.onClawback = .owe }
        try bench.run([Say.adjust("a", -14_00, key: "1", day(18))])
        #expect(try bench.purse("a") == [0, 0, 0, 14_00])
        #expect(
            try bench.tell(Say.decide("w", .cancel, day(19))) == [
                "WithdrawalCancelled reserved:a→receivable:a 1400 reserved:a→available:a 600",
                "RewardHeld available:a→held:a 600",
            ])
        try bench.sound()
    }

    /// What is taken back comes first: it needed the room.
    @Test(arguments: [Policy.Withdrawal.OnClawback.reduce, .cancel])
    func clawback(rule: Policy.Withdrawal.OnClawback) throws {
        let bench = try withdrawn { $0.withdrawal.onClawback = rule }
        let said = try bench.tell(Say.adjust("a", -15_00, key: "1", day(18)))
        if rule == .reduce {
            #expect(
                said == [
                    "WithdrawalReduced reserved:a→available:a 1500",
                    "AdjustmentPosted available:a→rewardExpense 1500",
                ])
            #expect(try bench.purse("a") == [0, 0, 0, 0])
        } else {
            #expect(
                said == [
                    "WithdrawalCancelled reserved:a→available:a 2000",
                    "AdjustmentPosted available:a→rewardExpense 1500", "RewardHeld available:a→held:a 500",
                ])
            #expect(try bench.purse("a") == [0, 0, 5_00, 0])
        }
        try bench.sound()
    }

    /// The refund of the disputed payment itself: what is reversed is not held besides.
    @Test func refundOfTheSamePayment() throws {
        let bench = try withdrawn { $0.withdrawal.onClawback = .cancel }
        #expect(
            try bench.tell(Say.refund("r", "p", 20_00, day(18))) == [
                "RefundReceived", "WithdrawalCancelled reserved:a→available:a 2000",
                "CommissionReversed available:a→rewardExpense 400", heldAgain,
                "CommissionReversed held:top→rewardExpense 200",
            ])
        try bench.sound()
    }

    /// What is held is not there to be forfeited with the account.
    @Test func forfeited() throws {
        let bench = try withdrawn { $0.closure = .forfeit }
        #expect(
            try bench.tell(Say.close("a", key: "1", day(18))) == [
                "UserClosed", "WithdrawalCancelled reserved:a→available:a 2000", heldAgain,
                "BalanceForfeited available:a→breakage 1000",
            ])
        try bench.sound()
    }

    /// Without a dispute, and after its end, nothing is held; nor of a payment in quarantine.
    @Test func nothingIsDisputed() throws {
        let bench = try withdrawn()
        try bench.run([Say.dispute("d", nil, .won, nil, day(17))])
        #expect(
            try bench.tell(Say.decide("w", .cancel, day(18))) == [
                "WithdrawalCancelled reserved:a→available:a 2000"
            ])
        try bench.sound()
    }

    /// Past 256 holds a record is full of them: what comes back further stays available.
    @Test func many() throws {
        let bench = try Bench(policy: paying())
        try bench.run(DisputeRuleTests.people)
        try bench.run((0..<300).map { Say.pay("p\($0)", "b", 1_00) })
        try bench.advance(day(15))
        try bench.run([Say.withdraw("w", "a", 60_00, day(16))])
        try bench.run((0..<300).map { Say.dispute("d\($0)", "p\($0)", .opened, 1_00, day(17)) })
        let said = try bench.tell(Say.decide("w", .cancel, day(18)))
        #expect(said.filter { $0 == "RewardHeld available:a→held:a 20" }.count == said.count - 1)
        #expect(said.count - 1 > 200 && said.count - 1 <= 256, "\(said.count)")
        try bench.sound()
    }
}
