import LedgerDomain
import ReferralLedger
import Testing

/// Caps and budgets: what is cut, what is not made, and by which period it counts.
@Suite struct CapRuleTests {
    static func capped(
        _ scope: Policy.Cap.Scope, _ amount: Int64, _ period: BudgetPeriod,
        _ change: (inout Policy) -> Void = { _ in }
    ) -> Policy {
        paying {
            $0.caps = [.init(scope: scope, asset: .usd, amount: amount, period: period)]
            change(&$0)
        }
    }

    static let people = DisputeRuleTests.people

    private func earned(_ bench: Bench, _ command: Command) throws -> [String] {
        try bench.tell(command).filter { $0.hasPrefix("Commission") || $0.hasPrefix("Budget") }
    }

    @Test func clampedForAUser() throws {
        let bench = try Bench(policy: Self.capped(.user, 30_00, .month))
        try bench.run(Self.people)
        let whole = [
            "CommissionEarned rewardExpense→pending:a 2000",
            "CommissionEarned rewardExpense→pending:top 1000",
        ]
        #expect(try earned(bench, Say.pay("1", "b", 100_00)) == whole)
        #expect(
            try earned(bench, Say.pay("2", "b", 100_00)) == [
                "CommissionEarned rewardExpense→pending:a 1000",
                "CommissionEarned rewardExpense→pending:top 1000",
            ])
        // Nothing is left for a; the walk goes on.
        #expect(
            try earned(bench, Say.pay("3", "b", 100_00)) == [
                "CommissionEarned rewardExpense→pending:top 1000"
            ])
        #expect(try earned(bench, Say.pay("4", "b", 100_00)) == [])
        // February.
        #expect(try earned(bench, Say.pay("5", "b", 100_00, day(31))) == whole)
        try bench.sound()
    }

    @Test func refusedForAUser() throws {
        let bench = try Bench(policy: Self.capped(.user, 30_00, .month) { $0.capExcess = .refuse })
        try bench.run(Self.people + [Say.pay("1", "b", 100_00)])
        #expect(
            try earned(bench, Say.pay("2", "b", 100_00)) == [
                "CommissionEarned rewardExpense→pending:top 1000"
            ])
        // What fits is made: 10.00 and 5.00.
        #expect(
            try earned(bench, Say.pay("3", "b", 50_00)) == [
                "CommissionEarned rewardExpense→pending:a 1000",
                "CommissionEarned rewardExpense→pending:top 500",
            ])
        try bench.sound()
    }

    /// Days, Mondays, months, and for ever; half open, by the payment's own moment.
    @Test(
        arguments: [
            (BudgetPeriod.day, day(1) as Timestamp?), (.week, day(4)), (.month, day(31)), (.ever, nil),
        ])
    func periods(period: BudgetPeriod, next: Timestamp?) throws {
        let bench = try Bench(policy: Self.capped(.user, 20_00, period))
        try bench.run(Self.people + [Say.pay("1", "b", 100_00, day(0))])
        let end = next ?? day(150)
        let last = Timestamp(nanoseconds: end.nanoseconds - 1)
        // What is left at the last moment of the period is top's half.
        #expect(
            try earned(bench, Say.pay("2", "b", 100_00, last)) == [
                "CommissionEarned rewardExpense→pending:top 1000"
            ])
        #expect(try earned(bench, Say.pay("3", "b", 100_00, end)).count == (next == nil ? 0 : 2))
        // Late facts count where they belong.
        #expect(try earned(bench, Say.pay("4", "b", 100_00, day(0, hours: 1))) == [])
        try bench.sound()
    }

    @Test func programmesCapIsUsedUp() throws {
        let bench = try Bench(policy: Self.capped(.programme, 30_00, .month) { $0.capReversalsFree = true })
        try bench.run(Self.people)
        #expect(
            try earned(bench, Say.pay("1", "b", 100_00)) == [
                "CommissionEarned rewardExpense→pending:a 2000",
                "CommissionEarned rewardExpense→pending:top 1000", "BudgetExhausted",
            ])
        #expect(try earned(bench, Say.pay("2", "b", 100_00)) == [])
        // A refund makes room, and it is used up again: said once.
        try bench.run([Say.refund("r", "1", 50_00)])
        #expect(
            try earned(bench, Say.pay("3", "b", 100_00)) == ["CommissionEarned rewardExpense→pending:a 1500"])
        #expect(try earned(bench, Say.pay("4", "b", 150_00, day(31))).last == "BudgetExhausted")
        try bench.sound()
    }

    /// What was taken back may be granted again only where the policy says so.
    @Test(arguments: [(false, 11_00 as Int64), (true, 30_00)])
    func reversals(free: Bool, expected: Int64) throws {
        let bench = try Bench(policy: Self.capped(.user, 30_00, .month) { $0.capReversalsFree = free })
        try bench.run(Self.people + [Say.pay("1", "b", 100_00), Say.refund("r", "1", 95_00)])
        #expect(try bench.purse("a") == [1_00, 0, 0, 0])
        // 10.00 are left, or 29.00.
        try bench.run([Say.pay("2", "b", 200_00, day(3))])
        #expect(try bench.purse("a") == [expected, 0, 0, 0])
        try bench.sound()
    }

    @Test func budgets() throws {
        let bench = try Bench(policy: paying())
        try bench.run(Self.people)
        #expect(try bench.tell(Say.budget(25_00, .month, key: "1")) == ["BudgetSet"])
        #expect(
            try earned(bench, Say.pay("1", "b", 100_00)) == [
                "CommissionEarned rewardExpense→pending:a 2000",
                "CommissionEarned rewardExpense→pending:top 500", "BudgetExhausted",
            ])
        // A later one of the same kind takes its place; another period stands beside it.
        try bench.run([Say.budget(40_00, .month, key: "2"), Say.budget(0, .day, key: "3", asset: .eur)])
        #expect(
            try earned(bench, Say.pay("2", "b", 100_00)).prefix(1) == [
                "CommissionEarned rewardExpense→pending:a 1500"
            ])
        #expect(try earned(bench, Say.pay("3", "b", 100_00, asset: .eur)) == [])
        #expect(try earned(bench, Say.pay("4", "b", 100_00, asset: .gbp)).count == 2)
        try bench.sound()
    }

    /// A reversal that freed nothing does not count again when its refund fails.
    @Test(arguments: [false, true])
    func restored(free: Bool) throws {
        let bench = try Bench(policy: Self.capped(.user, 30_00, .month) { $0.capReversalsFree = free })
        try bench.run(
            Self.people + [Say.pay("1", "b", 100_00), Say.refund("r", "1", 40_00), Say.refundFailed("r")])
        try bench.run([Say.pay("2", "b", 100_00, day(4))])
        #expect(try bench.purse("a") == [30_00, 0, 0, 0])
        try bench.sound()
    }

    /// Who was two has one cap: what both had counts.
    @Test func mergedUsers() throws {
        let bench = try Bench(policy: Self.capped(.user, 30_00, .month))
        try bench.run([
            Say.signup("x"), Say.signup("y"), Say.signup("b", by: "x"), Say.signup("c", by: "y"),
            Say.pay("1", "b", 50_00), Say.pay("2", "c", 60_00), Say.merge("x", into: "y", key: "1"),
        ])
        #expect(
            try earned(bench, Say.pay("3", "b", 100_00, day(4))) == [
                "CommissionEarned rewardExpense→pending:y 800"
            ])
        #expect(try earned(bench, Say.pay("4", "c", 100_00, day(4))) == [])
        try bench.sound()
    }

    /// The smallest rest of all caps that apply decides.
    @Test func smallestRestDecides() throws {
        let bench = try Bench(
            policy: paying {
                $0.caps = [
                    .init(scope: .user, asset: .usd, amount: 15_00, period: .day),
                    .init(scope: .programme, asset: .usd, amount: 40_00, period: .ever),
                    .init(scope: .user, asset: .usd, amount: 25_00, period: .week),
                ]
            })
        try bench.run(Self.people + [Say.pay("1", "b", 100_00, day(4)), Say.pay("2", "b", 100_00, day(5))])
        // Day: 15.00, then week: 10.00. Top: 10.00, then of the programme's 40.00 what is left: 5.00.
        #expect(try bench.purse("a") == [25_00, 0, 0, 0] && bench.purse("top") == [15_00, 0, 0, 0])
        #expect(try earned(bench, Say.pay("3", "b", 100_00, day(20))) == [])
        try bench.sound()
    }

    /// Grants and units; what a grant would have been stands in the event.
    @Test func unitsAreCut() throws {
        let rules = [
            Policy.Rewards.Rule(stage: .completed, side: .referrer, asset: .premiumDay, amount: .fixed(30))
        ]
        let bench = try Bench(
            policy: GrantRuleTests.granting(rules) {
                $0.caps = [.init(scope: .user, asset: .premiumDay, amount: 50, period: .ever)]
            })
        try bench.run(TierRuleTests.people + [Say.pay("p", "b", 1_00)])
        let end = bench.ledger.current.position
        try bench.run([Say.pay("q", "c", 1_00)])
        let events = try bench.ledger.current.events(from: LogPosition(end.rawValue + 1))
        let grant = try #require(events.first { $0.type == .rewardGranted })
        #expect(grant["uncappedAmount"] == .amount(30, .premiumDay))
        #expect(grant.said == "RewardGranted issued→claimable:a 20 PREMIUM_DAY")
        try bench.sound()
    }
}
