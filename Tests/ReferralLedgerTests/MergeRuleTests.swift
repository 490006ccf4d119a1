import LedgerDomain
import ReferralLedger
import Testing

/// Two users become one.
@Suite struct MergeRuleTests {
    static let two = [Say.signup("x"), Say.signup("y")]

    /// What x has goes to y, who stays; a debt on either side is netted.
    @Test(
        arguments: [
            (
                10_00 as Int64, -4_00 as Int64,
                "BalanceMerged available:x→receivable:y 400 available:x→available:y 600",
                [0, 6_00, 0, 0] as [Int64]
            ),
            (3_00, -4_00, "BalanceMerged available:x→receivable:y 300", [0, 0, 0, 1_00]),
            (
                -10_00, 4_00,
                "BalanceMerged available:y→receivable:x 400 receivable:y→receivable:x 600", [0, 0, 0, 6_00]
            ),
            (-1_00, 4_00, "BalanceMerged available:y→receivable:x 100", [0, 3_00, 0, 0]),
            (-1_00, -2_00, "BalanceMerged receivable:y→receivable:x 100", [0, 0, 0, 3_00]),
            (1_00, 2_00, "BalanceMerged available:x→available:y 100", [0, 3_00, 0, 0]),
        ])
    func debtsAreNetted(mine: Int64, theirs: Int64, said: String, purse: [Int64]) throws {
        let bench = try Bench(policy: paying())
        try bench.run(Self.two + [Say.adjust("x", mine, key: "1"), Say.adjust("y", theirs, key: "2")])
        #expect(try bench.tell(Say.merge("x", into: "y", key: "1")) == ["UsersMerged", said])
        #expect(try bench.purse("y") == purse)
        // The id that went means the one that stays.
        try bench.run([Say.adjust("x", 100_00, key: "3")])
        #expect(try bench.purse("y")[1] == max(0, purse[1] - purse[3] + 100_00))
        #expect(try bench.refusal(Say.merge("x", into: "y", key: "2")) == "merge.same intoUserId")
        try bench.sound()
    }

    /// Pending, held and open withdrawals go with them.
    @Test func everythingMoves() throws {
        let bench = try Bench(policy: paying())
        try bench.run(
            Self.two + [
                Say.signup("b", by: "x"), Say.pay("p", "b", 100_00), Say.pay("q", "b", 50_00),
                Say.dispute("d", "p", .opened, 50_00), Say.opening("x", 8_00, key: "1"),
                Say.withdraw("w", "x", 5_00, day(3)), Say.issue("x", "XXXX", key: "1"),
            ])
        #expect(
            try bench.tell(Say.merge("x", into: "y", key: "1", day(4))) == [
                "UsersMerged",
                "BalanceMerged pending:x→pending:y 2000 held:x→held:y 1000 available:x→available:y 300",
            ])
        // Referees earn for the one that stays; what was earned before is reversed there, too.
        #expect(
            try bench.tell(Say.pay("r", "b", 10_00, day(5)))
                == ["PaymentReceived", "CommissionEarned rewardExpense→pending:y 200"])
        #expect(
            try bench.tell(Say.refund("s", "q", 50_00, day(5)))
                == ["RefundReceived", "CommissionReversed pending:y→rewardExpense 1000"])
        #expect(
            try bench.tell(Say.dispute("d", nil, .won, nil, day(5)))
                == ["DisputeWon", "RewardReleased held:y→pending:y 1000"])
        #expect(
            try bench.tell(Say.decide("w", .cancel, day(5)))
                == ["WithdrawalCancelled reserved:y→available:y 500"])
        try bench.run([Say.signup("c", day(6), code: "XXXX"), Say.pay("t", "c", 10_00, day(6))])
        #expect(try bench.purse("y") == [24_00, 8_00, 0, 0])
        #expect(
            try bench.advance(day(40)) == [
                "RewardMatured pending:y→available:y 2000", "RewardMatured pending:y→available:y 200",
                "RewardMatured pending:y→available:y 200",
            ])
        #expect(try bench.ledger.current.user("y")?.referrals == 2)
        try bench.sound()
    }

    /// A user without a referrer takes over the edge, with its time, stage and conversion.
    @Test func edgeIsTakenOver() throws {
        let bench = try Bench(policy: paying())
        try bench.run([
            Say.signup("a"), Say.signup("x", day(2), by: "a"), Say.signup("y"),
            Say.pay("p", "x", 10_00, day(3)),
            Say.merge("x", into: "y", key: "1", day(4)),
        ])
        #expect(try bench.ledger.current.user("y")?.referrerId == "a")
        #expect(try bench.ledger.current.user("y")?.stage == .completed)
        #expect(
            try bench.tell(Say.pay("q", "y", 10_00, day(5))) == [
                "PaymentReceived", "CommissionEarned rewardExpense→pending:a 200",
            ])
        // Before the attribution nothing is earned.
        #expect(try bench.tell(Say.pay("r", "x", 10_00, day(1))) == ["PaymentReceived"])
        // Of two qualifying payments the first keeps the conversion.
        #expect(try bench.tell(Say.refund("s", "p", 10_00, day(6))).last?.hasPrefix("Commission") == true)
        try bench.run([Say.refund("t", "q", 10_00, day(6))])
        #expect(
            try bench.tell(Say.refund("u", "r", 10_00, day(6))) == ["RefundReceived", "ReferralReverted"])
        #expect(try bench.ledger.current.user("a")?.conversions == 0)
        try bench.sound()
    }

    /// The edge expires when it would have.
    @Test func takenOverEdgeExpires() throws {
        let bench = try Bench(policy: paying { $0.workflow.expiryDays = 40 })
        try bench.run([
            Say.signup("a"), Say.signup("x", by: "a"), Say.signup("y"), Say.merge("x", into: "y", key: "1"),
        ])
        #expect(try bench.advance(day(39)) == [])
        #expect(try bench.advance(day(40)) == ["ReferralExpired"])
        #expect(try bench.ledger.current.user("y")?.stage == .expired)
        try bench.sound()
    }

    /// The grants of a referral that was taken over are revoked with it.
    @Test func takenOverGrantsAreRevoked() throws {
        let rules = [
            Policy.Rewards.Rule(stage: .completed, side: .referrer, asset: .usd, amount: .fixed(5_00)),
            .init(stage: .completed, side: .referee, asset: .usd, amount: .fixed(1_00)),
        ]
        let bench = try Bench(policy: GrantRuleTests.granting(rules))
        try bench.run([
            Say.signup("a"), Say.signup("x", by: "a"), Say.signup("y"), Say.pay("p", "x", 10_00),
            Say.merge("x", into: "y", key: "1"),
        ])
        #expect(
            try bench.tell(Say.refund("r", "p", 10_00, day(4))) == [
                "RefundReceived", "ReferralReverted", "RewardRevoked pending:a→rewardExpense 500",
                "RewardRevoked pending:y→rewardExpense 100",
            ])
        try bench.sound()
    }

    /// Who has a referrer keeps it.
    @Test func ownEdgeStays() throws {
        let bench = try Bench(policy: paying())
        try bench.run([
            Say.signup("a"), Say.signup("z"), Say.signup("x", by: "a"), Say.signup("y", by: "z"),
            Say.merge("x", into: "y", key: "1"), Say.pay("p", "x", 10_00, day(4)),
        ])
        #expect(try bench.purse("a") == [0, 0, 0, 0] && bench.purse("z") == [2_00, 0, 0, 0])
        try bench.sound()
    }

    /// At any depth.
    @Test func chains() throws {
        let bench = try Bench(policy: paying())
        try bench.run([
            Say.signup("1"), Say.signup("2"), Say.signup("3"), Say.opening("1", 1_00, key: "1"),
            Say.merge("1", into: "2", key: "1"), Say.merge("2", into: "3", key: "2"),
            Say.opening("1", 1_00, key: "2"),
        ])
        #expect(try bench.purse("3") == [0, 2_00, 0, 0])
        #expect(try bench.refusal(Say.signup("4", day(4), by: "1")) == nil)
        #expect(try bench.ledger.current.user("4")?.referrerId == "3")
        try bench.sound()
    }

    /// Codes are the other's from then on: one active code is one too many for a second.
    @Test func codesMove() throws {
        let bench = try Bench(policy: paying { $0.codes.oneActive = true })
        try bench.run(Self.two + [Say.issue("x", "XXXX", key: "1"), Say.merge("x", into: "y", key: "1")])
        #expect(try bench.refusal(Say.issue("y", "YYYY", key: "2", day(4))) == "code.one_active userId")
        try bench.run([Say.disable("y", "XXXX", key: "1", day(4)), Say.issue("y", "YYYY", key: "2", day(5))])
        try bench.sound()
    }
}
