import LedgerDomain
import ReferralLedger
import Testing

/// What comes late or twice must do what it would have done in its place, or nothing.
@Suite struct OrderAndRepeatTests {
    // MARK: Repeats

    /// A claim that failed and was made again: neither the first claim nor its failure acts a second time.
    @Test func repeatsOfAnEarlierClaim() throws {
        let bench = try Bench(policy: GrantRuleTests.granting(GrantRuleTests.days))
        try bench.run(
            GrantRuleTests.people + [
                Say.pay("p", "b", 10_00), Say.claim("r1", "b", day(3)), Say.fulfil("r1", false, day(4)),
            ])
        #expect(try bench.ledger.submit(Say.claim("r1", "b", day(3))).name == "repeated")
        #expect(try bench.purse("b", .premiumDay) == [0, 30, 0, 0])
        try bench.run([Say.claim("r1", "b", day(5))])
        #expect(try bench.ledger.submit(Say.fulfil("r1", false, day(4))).name == "repeated")
        #expect(try bench.ledger.submit(Say.claim("r1", "b", day(3))).name == "repeated")
        #expect(try bench.refusal(Say.claim("r1", "b", day(6))) == "reward.claimed rewardId")
        #expect(try bench.purse("b", .premiumDay) == [0, 0, 0, 0])
        // A failure of its own is another thing.
        try bench.run([Say.fulfil("r1", false, day(6))])
        #expect(try bench.purse("b", .premiumDay) == [0, 30, 0, 0])
        try bench.sound()
    }

    /// A dispute's end that comes again with another amount or currency is not the same report.
    @Test func repeatsOfADisputesEnd() throws {
        let bench = try Bench(policy: paying())
        try bench.run(
            DisputeRuleTests.people + [
                Say.pay("p", "b", 100_00), Say.dispute("d", "p", .opened, 50_00),
                Say.dispute("d", nil, .won, 50_00, day(4)),
            ])
        #expect(try bench.ledger.submit(Say.dispute("d", nil, .won, 50_00, day(4))).name == "repeated")
        #expect(try bench.ledger.submit(Say.dispute("d", nil, .won, nil, day(4))).name == "repeated")
        #expect(try bench.refusal(Say.dispute("d", nil, .won, 40_00, day(4))) == "dispute.conflict amount")
        #expect(
            try bench.refusal(Say.dispute("d", nil, .won, 50_00, day(4), asset: AssetNumber(rawValue: 826)))
                == "dispute.conflict currency")
        try bench.sound()
    }

    /// After a merge a repeat of what converted one user must not convert the other.
    @Test(arguments: [Say.convert("x"), Say.move("x", .completed)])
    func repeatsOfAMergedUsersConversion(command: Command) throws {
        let rule = Policy.Rewards.Rule(
            stage: .completed, side: .referrer, asset: .usd, amount: .fixed(5_00))
        let bench = try Bench(policy: GrantRuleTests.granting([rule]))
        try bench.run([
            Say.signup("a"), Say.signup("c"), Say.signup("x", by: "a"), Say.signup("y", by: "c"), command,
            Say.merge("x", into: "y", key: "1"),
        ])
        #expect(try bench.ledger.submit(command).name == "repeated")
        #expect(try bench.purse("a") == [5_00, 0, 0, 0])
        #expect(try bench.purse("c") == [0, 0, 0, 0])
        #expect(try bench.ledger.current.user("c")?.conversions == 0)
        // Another conversion is of the user that both are now.
        try bench.run([Say.convert("x", day(5))])
        #expect(try bench.ledger.current.user("c")?.conversions == 1)
        #expect(try bench.ledger.submit(Say.convert("x", day(5))).name == "repeated")
        try bench.sound()
    }

    /// A merge in the name of a user that was merged before is the same merge when it comes again.
    @Test func repeatsOfAMergeByAnOldName() throws {
        let bench = try Bench(policy: paying())
        let second = Say.merge("x", into: "z", key: "2")
        try bench.run([
            Say.signup("x"), Say.signup("y"), Say.signup("z"), Say.merge("x", into: "y", key: "1"), second,
        ])
        #expect(try bench.ledger.submit(second).name == "repeated")
        #expect(try bench.ledger.submit(Say.merge("y", into: "z", key: "2")).name == "repeated")
        #expect(try bench.refusal(Say.merge("z", into: "x", key: "2")) == "key.conflict userId")
        try bench.sound()
    }

    // MARK: Two approvals are two persons'

    @Test func aReductionBetweenTwoApprovals() throws {
        let bench = try Bench(policy: WithdrawalRuleTests.charged())
        try bench.run([
            Say.signup("a"), Say.opening("a", 100_00, key: "1"), Say.withdraw("w", "a", 80_00),
            Say.decide("w", .approve), Say.decide("w", .reduce, to: 70_00, by: Say.second),
        ])
        #expect(try bench.refusal(Say.decide("w", .approve, day(22))) == "withdrawal.reviewer actor")
        #expect(try bench.refusal(Say.payout("w", .sent, day(22))) == "withdrawal.state withdrawalId")
        // Who reduced it has not approved it yet.
        try bench.run([
            Say.decide("w", .approve, day(22), by: Say.second), Say.payout("w", .sent, day(22)),
        ])
        try bench.sound()
    }

    // MARK: A parked fact goes by the policy of its own moment

    /// From day 22 on a payout costs 5.00.
    private func dearer(_ policy: Policy) -> [Command] {
        var later = policy
        later.withdrawal.fixedFee = .usd(5_00)
        later.withdrawal.onClawback = .owe
        return [Say.publish(later, from: day(22))]
    }

    @Test(arguments: [[0, 1, 2], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0], [0, 2, 1]])
    func thePayoutsFee(order: [Int]) throws {
        let policy = twoLevel()
        let bench = try Bench(policy: policy)
        try bench.run([Say.signup("a"), Say.opening("a", 100_00, key: "1")] + dearer(policy))
        let facts = [
            [Say.withdraw("w", "a", 60_00), Say.decide("w", .approve)], [Say.payout("w", .sent, day(22))],
            [Say.payout("w", .settled, day(23))],
        ]
        try bench.run(order.flatMap { facts[$0] })
        #expect(try bench.account("fee") == 5_00)
        #expect(try bench.account("cash") == 55_00)
        try bench.sound()
    }

    /// A conversion that was parked pays what its own day paid.
    @Test(arguments: [false, true]) func theConversionsReward(isParked: Bool) throws {
        let rule = { (amount: Int64) in
            [Policy.Rewards.Rule(stage: .completed, side: .referrer, asset: .usd, amount: .fixed(amount))]
        }
        let bench = try Bench(policy: GrantRuleTests.granting(rule(1_00)))
        try bench.run([
            Say.signup("a"), Say.publish(GrantRuleTests.granting(rule(7_00)), from: day(10)),
        ])
        let facts = [Say.signup("b", day(1), by: "a"), Say.convert("b", day(11))]
        try bench.run(isParked ? facts.reversed() : facts)
        #expect(try bench.purse("a") == [7_00, 0, 0, 0])
        try bench.sound()
    }

    /// What a lost dispute takes back after the money is reserved: by the policy of the day it was lost.
    @Test(arguments: [false, true]) func theDisputesClawback(isParked: Bool) throws {
        let policy = paying()
        let bench = try Bench(policy: policy)
        try bench.run(
            [Say.signup("a"), Say.signup("b", by: "a")] + dearer(policy) + [Say.pay("p", "b", 100_00)])
        try bench.advance(day(16))
        try bench.run([Say.withdraw("w", "a", 20_00)])
        let facts = [
            Say.dispute("d", "p", .opened, 100_00, day(21)), Say.dispute("d", nil, .lost, nil, day(23)),
        ]
        try bench.run(isParked ? facts.reversed() : facts)
        // From day 22 on the withdrawal stays and the user owes.
        #expect(try bench.purse("a") == [0, 0, 0, 20_00])
        #expect(try bench.account("reserved") == 20_00)
        try bench.sound()
    }

    // MARK: Money that comes back after its reward's time

    /// All of a grant, or all but a cent, is on its way when its time is over: what the bank gives back stays.
    @Test(arguments: [10_00 as Int64, 9_99]) func aPayoutFailsAfterTheRewardsEnd(sent: Int64) throws {
        let rule = Policy.Rewards.Rule(
            stage: .completed, side: .referrer, asset: .usd, amount: .fixed(10_00), expiryDays: 30)
        let bench = try Bench(policy: GrantRuleTests.granting([rule]))
        try bench.run(GrantRuleTests.people + [Say.pay("p", "b", 1_00)])
        try bench.advance(day(3))
        try bench.run([Say.withdraw("w", "a", sent, day(20)), Say.payout("w", .sent, day(20))])
        try bench.advance(day(40))
        try bench.run([Say.payout("w", .failed, day(41))])
        try bench.advance(day(60))
        #expect(try bench.purse("a") == [0, sent, 0, 0])
        #expect(try bench.account("breakage") == 10_00 - sent)
        try bench.sound()
    }

    /// Given back in time it expires with the rest.
    @Test func aPayoutFailsBeforeTheRewardsEnd() throws {
        let rule = Policy.Rewards.Rule(
            stage: .completed, side: .referrer, asset: .usd, amount: .fixed(10_00), expiryDays: 30)
        let bench = try Bench(policy: GrantRuleTests.granting([rule]))
        try bench.run(GrantRuleTests.people + [Say.pay("p", "b", 1_00)])
        try bench.advance(day(3))
        try bench.run([
            Say.withdraw("w", "a", 10_00, day(20)), Say.payout("w", .sent, day(20)),
            Say.payout("w", .failed, day(30)),
        ])
        try bench.advance(day(60))
        #expect(try bench.purse("a") == [0, 0, 0, 0])
        #expect(try bench.account("breakage") == 10_00)
        try bench.sound()
    }

    // MARK: Sums

    /// Open disputes may together be more than was paid, but no more than a number holds.
    @Test func openDisputesPast64Bits() throws {
        let bench = try Bench(
            policy: twoLevel {
                $0.commission.levels = []
                $0.commission.maxDepth = 0
            })
        let most = LedgerBounds.amount
        let fitting = Int(Int64.max / most)
        try bench.run([Say.signup("b"), Say.pay("p", "b", most)])
        try bench.run((1...fitting).map { Say.dispute("d\($0)", "p", .opened, most) })
        #expect(try bench.refusal(Say.dispute("e", "p", .opened, most)) == "amount.overflow amount")
        try bench.run([Say.dispute("d1", nil, .won, nil, day(4))])
        try bench.run([Say.dispute("f", "p", .opened, most)])
        try bench.sound()
    }

    // MARK: A refund that fails after a dispute was lost

    /// 60.00 refunded, 100.00 lost: the dispute found room for 40.00. When the refund fails, the dispute takes
    /// what it was lost for, as it does when the failure is known before.
    @Test(arguments: [false, true]) func theDisputeTakesTheRefundsPlace(failsFirst: Bool) throws {
        let bench = try Bench(policy: paying())
        try bench.run(DisputeRuleTests.people + [Say.pay("p", "b", 100_00), Say.refund("r", "p", 60_00)])
        let lost = [
            Say.dispute("d", "p", .opened, 100_00), Say.dispute("d", nil, .lost, nil, day(4)),
        ]
        let failed = [Say.refundFailed("r", day(5))]
        try bench.run(failsFirst ? failed + lost : lost + failed)
        #expect(try bench.purse("a") == [0, 0, 0, 0])
        #expect(try bench.account("rewardExpense") == 0)
        #expect(try bench.ledger.current.user("b")?.stage == .reverted)
        // Nothing is left to be refunded.
        #expect(try bench.ledger.submit(Say.refund("s", "p", 1)).name == "parked")
        try bench.sound()
    }

    /// Two disputes, and a refund that leaves less than both lack: the older one takes first.
    @Test func theOlderDisputeTakesFirst() throws {
        let bench = try Bench(policy: paying())
        try bench.run(
            DisputeRuleTests.people + [
                Say.pay("p", "b", 100_00), Say.refund("r", "p", 50_00), Say.refund("s", "p", 30_00),
                Say.dispute("d", "p", .opened, 50_00), Say.dispute("e", "p", .opened, 60_00),
                Say.dispute("d", nil, .lost, nil, day(4)), Say.dispute("e", nil, .lost, nil, day(4)),
            ])
        // 80.00 refunded, d took 20.00 of 50.00, e nothing of 60.00. The 50.00 of r: 30.00 to d, 20.00 to e.
        #expect(try bench.tell(Say.refundFailed("r", day(5))) == ["RefundFailed"])
        let cases = try #require(try bench.ledger.current.cases(kind: .dispute, openOnly: false))
        let moved = cases.compactMap(\.moved)
        #expect(moved.sorted() == [20_00, 50_00])
        #expect(try bench.tell(Say.refundFailed("s", day(6))) == ["RefundFailed"])
        #expect(try bench.purse("a") == [0, 0, 0, 0])
        try bench.sound()
    }
}
