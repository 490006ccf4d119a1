import LedgerDomain
import ReferralLedger
import Testing

/// Flags and reviews.
@Suite struct ReviewRuleTests {
    static let people = DisputeRuleTests.people

    /// A named payment, partly withdrawn: what is left is held; confirmed, the whole leg goes.
    @Test func confirmedAfterAWithdrawal() throws {
        let bench = try Bench(policy: paying())
        try bench.run(Self.people + [Say.pay("p", "b", 100_00)])
        try bench.advance(day(15))
        try bench.run([Say.withdraw("w", "a", 15_00, day(16)), Say.payout("w", .sent, day(16))])
        #expect(
            try bench.tell(Say.flag("a", key: "1", day(20), provider: "shop", payment: "p")) == [
                "FraudFlagged", "RewardHeld available:a→held:a 500",
            ])
        #expect(try bench.refusal(Say.withdraw("v", "a", 1)) == "user.blocked userId")
        #expect(
            try bench.tell(Say.review("f1", confirm: true, day(21))) == [
                "ReviewDecided",
                "CommissionReversed held:a→rewardExpense 500 receivable:a→rewardExpense 1500",
            ])
        #expect(try bench.purse("a") == [0, 0, 0, 15_00] && bench.purse("top") == [0, 10_00, 0, 0])
        // It is gone for good: a refund takes top's alone, a failure gives a nothing.
        #expect(
            try bench.tell(Say.refund("r", "p", 100_00, day(22))) == [
                "RefundReceived", "CommissionReversed available:top→rewardExpense 1000", "ReferralReverted",
            ])
        let back = try bench.tell(Say.refundFailed("r", day(23)))
        #expect(
            back.filter { $0.hasPrefix("CommissionRestored") } == [
                "CommissionRestored rewardExpense→available:top 1000"
            ])
        try bench.sound()
    }

    @Test func cleared() throws {
        let bench = try Bench(policy: paying())
        try bench.run(Self.people + [Say.pay("p", "b", 100_00)])
        #expect(
            try bench.tell(Say.flag("a", key: "1", provider: "shop", payment: "p")) == [
                "FraudFlagged", "RewardHeld pending:a→held:a 2000",
            ])
        // Meanwhile what is earned is held, too.
        #expect(
            try bench.tell(Say.pay("q", "b", 10_00, day(4))).last == "RewardHeld pending:a→held:a 200")
        #expect(
            try bench.tell(Say.review("f1", confirm: false, day(5))) == [
                "ReviewDecided", "RewardReleased held:a→pending:a 2000",
                "RewardReleased held:a→pending:a 200",
            ])
        #expect(try bench.purse("a") == [22_00, 0, 0, 0])
        try bench.sound()
    }

    /// Without a name nothing that is there is held; confirmed, what came since is taken back.
    @Test func confirmedWithoutAName() throws {
        let bench = try Bench(policy: paying())
        try bench.run(Self.people + [Say.pay("p", "b", 100_00), Say.flag("a", key: "1")])
        #expect(try bench.purse("a") == [20_00, 0, 0, 0])
        try bench.run([Say.pay("q", "b", 10_00, day(4))])
        #expect(
            try bench.tell(Say.review("f1", confirm: true, day(5))) == [
                "ReviewDecided", "CommissionReversed held:a→rewardExpense 200",
            ])
        #expect(try bench.purse("a") == [20_00, 0, 0, 0])
        try bench.sound()
    }

    /// Of two reviews the older holds; clearing it leaves the user blocked by the other.
    @Test func twoReviews() throws {
        let bench = try Bench(policy: paying())
        try bench.run(
            Self.people + [
                Say.flag("a", key: "1", day(0)), Say.flag("a", key: "2", day(0)), Say.pay("p", "b", 10_00),
            ])
        #expect(try bench.tell(Say.review("f2", confirm: true)) == ["ReviewDecided"])
        #expect(try bench.refusal(Say.withdraw("w", "a", 1)) == "user.blocked userId")
        #expect(
            try bench.tell(Say.review("f1", confirm: false)) == [
                "ReviewDecided", "RewardReleased held:a→pending:a 200",
            ])
        try bench.sound()
    }

    /// The suspension holds before the review does.
    @Test func suspensionComesFirst() throws {
        let bench = try Bench(policy: paying())
        try bench.run(
            Self.people + [
                Say.flag("a", key: "1", day(0)), Say.suspend("a", key: "1", day(0)),
                Say.pay("p", "b", 10_00),
            ])
        #expect(try bench.tell(Say.review("f1", confirm: true)) == ["ReviewDecided"])
        #expect(
            try bench.tell(Say.reinstate("a", key: "1", day(5))) == [
                "UserReinstated", "RewardReleased held:a→pending:a 200",
            ])
        try bench.sound()
    }

    @Test func manyHoldsAreTakenByAndBy() throws {
        let bench = try Bench(policy: paying())
        try bench.run(TakeBackTests.people + [Say.flag("a", key: "1", day(0))])
        try bench.run((0..<600).map { Say.pay("p\($0)", "b", 10_00, day(1)) })
        let said = try bench.tell(Say.review("f1", confirm: true))
        #expect(said.count == 513)
        #expect(Set(said.dropFirst()) == ["CommissionReversed held:a→rewardExpense 200"])
        #expect(
            try bench.advance(day(1))
                == Array(repeating: "CommissionReversed held:a→rewardExpense 200", count: 88))
        #expect(try bench.purse("a") == [0, 0, 0, 0])
        try bench.sound()
    }

    /// A named grant in money.
    @Test func namedGrant() throws {
        let rules = [
            Policy.Rewards.Rule(stage: .completed, side: .referrer, asset: .usd, amount: .fixed(5_00))
        ]
        let bench = try Bench(policy: GrantRuleTests.granting(rules))
        try bench.run(GrantRuleTests.people + [Say.pay("p", "b", 10_00)])
        try bench.advance(day(1))
        try bench.run([Say.withdraw("w", "a", 3_00, day(2))])
        #expect(
            try bench.tell(Say.flag("a", key: "1", day(3), reward: "r1")) == [
                "FraudFlagged", "RewardHeld available:a→held:a 200",
            ])
        // Room is made of the withdrawal that was not sent.
        #expect(
            try bench.tell(Say.review("f1", confirm: true)) == [
                "ReviewDecided", "WithdrawalCancelled reserved:a→available:a 300",
                "RewardRevoked held:a→rewardExpense 200 available:a→rewardExpense 300",
            ])
        // Revoked by name: the referral's reversion finds nothing.
        #expect(
            try bench.tell(Say.refund("r", "p", 10_00, day(5))) == ["RefundReceived", "ReferralReverted"])
        try bench.sound()
    }

    // MARK: Velocity

    /// The third attribution of a day opens a review in its own record; once a day.
    @Test func velocity() throws {
        let bench = try Bench(policy: paying { $0.fraudAttributionsPerDay = 2 })
        try bench.run([Say.signup("a")])
        let plain = ["UserSignedUp", "ReferralAttributed", "ReferralAdvanced"]
        func joins(_ id: String, _ at: Timestamp) throws -> [String] {
            try bench.tell(Say.signup(id, at, by: "a"))
        }
        #expect(try joins("b1", day(1)) == plain && joins("b2", day(1, hours: 23)) == plain)
        #expect(try joins("c1", day(2)) == plain)
        #expect(try joins("b3", day(1, hours: 5)) == plain + ["FraudFlagged"])
        #expect(try joins("b4", day(1)) == plain)
        #expect(try joins("c2", day(2)) == plain)
        #expect(try joins("c3", day(2)) == plain + ["FraudFlagged"])
        #expect(try bench.refusal(Say.withdraw("w", "a", 1)) == "user.blocked userId")
        try bench.run([Say.review("f1", confirm: false), Say.review("f2", confirm: false)])
        try bench.sound()
    }

    @Test func riskScores() throws {
        let bench = try Bench(policy: paying())
        try bench.run(Self.people)
        #expect(try bench.tell(Say.risk("a", 1_000, key: "1")) == ["RiskScoreReported"])
        #expect(try bench.tell(Say.pay("p", "b", 10_00)).contains { $0.hasPrefix("RewardHeld") } == false)
        try bench.sound()
    }
}
