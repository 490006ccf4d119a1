import LedgerDomain
import ReferralLedger
import Testing

/// Suspension, closure, codes, months of commissions.
@Suite struct StandingRuleTests {
    static let people = DisputeRuleTests.people

    private func held(_ said: [String]) -> [String] { said.filter { $0.hasPrefix("RewardHeld") } }

    /// What a suspended user earns is granted, then held; what they had stays, and cannot be used.
    @Test func suspended() throws {
        let bench = try Bench(policy: paying())
        try bench.run(Self.people + [Say.opening("a", 5_00, key: "1"), Say.pay("p", "b", 50_00)])
        #expect(try bench.tell(Say.suspend("a", key: "1")) == ["UserSuspended"])
        #expect(
            held(try bench.tell(Say.pay("q", "b", 100_00, day(4)))) == ["RewardHeld pending:a→held:a 2000"])
        #expect(try bench.purse("a") == [10_00, 5_00, 20_00, 0])
        #expect(try bench.refusal(Say.withdraw("w", "a", 1_00)) == "user.blocked userId")
        // p matures with all of it, q with nothing for a.
        #expect(
            try bench.advance(day(18)) == [
                "RewardMatured pending:a→available:a 1000", "RewardMatured pending:top→available:top 500",
                "RewardMatured", "RewardMatured pending:top→available:top 1000",
            ])
        #expect(
            try bench.tell(Say.reinstate("a", key: "1", day(19))) == [
                "UserReinstated", "RewardReleased held:a→available:a 2000",
            ])
        #expect(try bench.purse("a") == [0, 35_00, 0, 0])
        #expect(held(try bench.tell(Say.pay("r", "b", 10_00, day(20)))) == [])
        try bench.run([Say.suspend("a", key: "2", day(21)), Say.reinstate("a", key: "2", day(22))])
        try bench.sound()
    }

    /// A reversal of what is held; of what is left the suspension lets go.
    @Test func refundsOfHeldRewards() throws {
        let bench = try Bench(policy: paying())
        try bench.run(Self.people + [Say.suspend("a", key: "1", day(0)), Say.pay("p", "b", 100_00)])
        #expect(
            try bench.tell(Say.refund("r", "p", 30_00)) == [
                "RefundReceived", "CommissionReversed held:a→rewardExpense 600",
                "CommissionReversed pending:top→rewardExpense 300",
            ])
        #expect(
            try bench.tell(Say.reinstate("a", key: "1")) == [
                "UserReinstated", "RewardReleased held:a→pending:a 1400",
            ])
        try bench.sound()
    }

    /// Units are granted, and not held.
    @Test func unitsAreNotHeld() throws {
        let bench = try Bench(policy: GrantRuleTests.granting(GrantRuleTests.days))
        try bench.run(GrantRuleTests.people + [Say.suspend("b", key: "1", day(0))])
        #expect(
            try bench.tell(Say.pay("p", "b", 1_00)).last == "RewardGranted issued→claimable:b 30 PREMIUM_DAY")
        #expect(try bench.refusal(Say.claim("r1", "b")) == "user.blocked userId")
        try bench.sound()
    }

    /// 600 holds: 512 in the record that lets go of them, the rest by the next advance, wherever it goes.
    @Test func manyHoldsAreReleasedByAndBy() throws {
        let bench = try Bench(policy: paying())
        try bench.run(TakeBackTests.people + [Say.suspend("a", key: "1", day(0))])
        try bench.run((0..<600).map { Say.pay("p\($0)", "b", 10_00, day(1)) })
        try bench.advance(day(2))
        #expect(try bench.purse("a") == [0, 0, 1_200_00, 0])
        let said = try bench.tell(Say.reinstate("a", key: "1"))
        #expect(said.count == 513 && Set(said.dropFirst()) == ["RewardReleased held:a→pending:a 200"])
        #expect(try bench.purse("a") == [1_024_00, 0, 176_00, 0])
        // Nothing new is held meanwhile.
        try bench.run([Say.pay("q", "b", 10_00, day(2))])
        #expect(try bench.purse("a") == [1_026_00, 0, 176_00, 0])
        #expect(
            try bench.advance(day(0)) == Array(repeating: "RewardReleased held:a→pending:a 200", count: 88))
        #expect(try bench.purse("a") == [1_202_00, 0, 0, 0])
        #expect(try bench.advance(day(0)) == [])
        try bench.sound()
    }

    // MARK: Closure

    @Test(
        arguments: [
            (Policy.Closure.pay, ["UserClosed"], [] as [String], [20_00, 15_00, 0, 0] as [Int64]),
            (.hold, ["UserClosed"], ["RewardHeld pending:a→held:a 1000"], [10_00, 15_00, 10_00, 0]),
            (
                .forfeit,
                [
                    "UserClosed", "WithdrawalCancelled reserved:a→available:a 500",
                    "BalanceForfeited available:a→breakage 2000",
                ], ["RewardHeld pending:a→held:a 1000"], [10_00, 0, 10_00, 0]
            ),
        ])
    func closed(rule: Policy.Closure, said: [String], later: [String], purse: [Int64]) throws {
        let bench = try Bench(policy: paying { $0.closure = rule })
        try bench.run(
            Self.people + [
                Say.opening("a", 20_00, key: "1"), Say.pay("p", "b", 50_00), Say.withdraw("w", "a", 5_00),
            ])
        #expect(try bench.tell(Say.close("a", key: "1", day(21))) == said)
        #expect(try bench.refusal(Say.close("a", key: "2", day(22))) == "user.state userId")
        // The edge stays.
        #expect(held(try bench.tell(Say.pay("q", "b", 50_00, day(22)))) == later)
        #expect(try bench.purse("a") == purse)
        let withdrawal = try bench.refusal(Say.withdraw("v", "a", 1_00, day(23)))
        #expect(withdrawal == (rule == .pay ? nil : "user.blocked userId"))
        // What was pending comes free in time; it is not asked for.
        try bench.advance(day(40))
        #expect(try bench.purse("a")[0] == 0)
        try bench.sound()
    }

    // MARK: Codes

    @Test func disabledCodes() throws {
        let bench = try Bench(policy: paying { $0.codes.oneActive = true })
        try bench.run([
            Say.signup("a"), Say.issue("a", "AAAA", key: "1"), Say.disable("a", "aaaa", key: "1"),
        ])
        #expect(
            try bench.tell(Say.signup("b", day(4), code: "AAAA")) == ["UserSignedUp", "AttributionRejected"])
        #expect(try bench.refusal(Say.apply("b", "AAAA", day(5))) == "code.disabled code")
        // A disabled one is not active: another may be issued, and then this one stays out of use.
        try bench.run([Say.issue("a", "BBBB", key: "2", day(4))])
        #expect(try bench.refusal(Say.reactivate("a", "AAAA", key: "1", day(5))) == "code.one_active userId")
        try bench.run([Say.disable("a", "BBBB", key: "2", day(5))])
        #expect(
            try bench.tell(Say.reactivate("a", "AAAA", key: "1", day(6), days: 10)) == ["CodeReactivated"])
        try bench.run([Say.apply("b", "AAAA", day(15))])
        #expect(try bench.refusal(Say.apply("c", "AAAA", day(15))) == "user.unknown userId")
        // It lives for ten days.
        #expect(
            try bench.tell(Say.signup("c", day(16), code: "AAAA")) == ["UserSignedUp", "AttributionRejected"])
        #expect(try bench.advance(day(16)) == ["CodeExpired"])
        #expect(try bench.tell(Say.reactivate("a", "AAAA", key: "3", day(17))) == ["CodeReactivated"])
        try bench.run([Say.apply("c", "AAAA", day(100))])
        #expect(try bench.advance(day(101)) == [])
        try bench.sound()
    }

    // MARK: Months

    /// From 31 January for one month: to the end of 27 February. For two: to the end of 30 March.
    @Test(arguments: [(1, "2026-02-28T00:00:00Z"), (2, "2026-03-31T00:00:00Z")])
    func months(count: Int, end: String) throws {
        let bench = try Bench(policy: paying { $0.commission.months = count })
        let end = try Timestamp(end)
        try bench.run([
            Say.signup("top", day(30)), Say.signup("a", day(30), by: "top"),
            Say.signup("b", day(30), by: "a"),
            Say.pay("p", "b", 10_00, Timestamp(nanoseconds: end.nanoseconds - 1)),
            Say.pay("q", "b", 10_00, end),
        ])
        #expect(try bench.purse("a") == [2_00, 0, 0, 0] && bench.purse("top") == [1_00, 0, 0, 0])
        try bench.sound()
    }
}
