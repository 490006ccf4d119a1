import LedgerDomain
import ReferralLedger
import Testing

/// Tiers, bonuses, badges: upwards, and back where the policy says so.
@Suite struct TierRuleTests {
    static func standing(_ change: (inout Policy) -> Void = { _ in }) -> Policy {
        GrantRuleTests.granting([]) {
            $0.tiers.levels = [
                .init(name: "one", threshold: 0), .init(name: "two", threshold: 1, bonuses: .usd(10_00)),
                .init(
                    name: "three", threshold: 2,
                    bonuses: .init([
                        .init(asset: .usd, amount: 20_00), .init(asset: .premiumDay, amount: 1),
                    ])),
            ]
            $0.badges = [
                .init(name: "first", threshold: 1, revocable: true), .init(name: "second", threshold: 2),
            ]
            change(&$0)
        }
    }

    static let people = [Say.signup("a"), Say.signup("b", by: "a"), Say.signup("c", by: "a")]
    static let converts = GrantRuleTests.moves + ["ReferralConverted"]

    @Test func upAndDown() throws {
        let bench = try Bench(
            policy: Self.standing {
                $0.tiers.downgrade = .below
                $0.tiers.bonusClawback = true
            })
        try bench.run(Self.people)
        #expect(
            try bench.tell(Say.pay("p", "b", 10_00)) == Self.converts + [
                "BadgeAwarded issued→claimable:a 1 badge", "TierChanged",
                "RewardGranted rewardExpense→pending:a 1000",
            ])
        #expect(
            try bench.tell(Say.pay("q", "c", 10_00)) == Self.converts + [
                "BadgeAwarded issued→claimable:a 1 badge", "TierChanged",
                "RewardGranted issued→claimable:a 1 PREMIUM_DAY",
                "RewardGranted rewardExpense→pending:a 2000",
            ])
        // The bonuses go back, the latest first; the second badge stays.
        #expect(
            try bench.tell(Say.refund("r", "q", 10_00)) == [
                "RefundReceived", "ReferralReverted", "TierChanged",
                "RewardRevoked pending:a→rewardExpense 2000",
                "RewardRevoked claimable:a→issued 1 PREMIUM_DAY",
            ])
        #expect(try bench.purse("a") == [10_00, 0, 0, 0])
        // A bonus is granted once, ever.
        #expect(
            try bench.tell(Say.pay("s", "c", 10_00, day(3))) == [
                "PaymentReceived", "ReferralAdvanced", "ReferralAdvanced", "ReferralConverted", "TierChanged",
            ])
        #expect(
            try bench.tell(Say.refund("t", "p", 10_00, day(4))) == [
                "RefundReceived", "ReferralReverted", "TierChanged",
            ])
        #expect(
            try bench.tell(Say.refund("u", "s", 10_00, day(5))) == [
                "RefundReceived", "ReferralReverted", "BadgeRevoked claimable:a→issued 1 badge",
                "TierChanged",
                "RewardRevoked pending:a→rewardExpense 1000",
            ])
        #expect(try bench.account("rewardExpense") == 0)
        try bench.sound()
    }

    /// By default a tier is not lost, and earlier rewards keep what they were.
    @Test func tiersStay() throws {
        let bench = try Bench(policy: Self.standing())
        try bench.run(Self.people + [Say.pay("p", "b", 10_00)])
        #expect(
            try bench.tell(Say.refund("r", "p", 10_00)) == [
                "RefundReceived", "ReferralReverted", "BadgeRevoked claimable:a→issued 1 badge",
            ])
        #expect(
            try bench.tell(Say.pay("q", "c", 10_00)) == Self.converts + [
                "BadgeAwarded issued→claimable:a 1 badge"
            ])
        try bench.sound()
    }

    @Test func lostTierKeepsItsBonus() throws {
        let bench = try Bench(policy: Self.standing { $0.tiers.downgrade = .below })
        try bench.run(Self.people + [Say.pay("p", "b", 10_00)])
        #expect(
            try bench.tell(Say.refund("r", "p", 10_00)).suffix(2) == [
                "BadgeRevoked claimable:a→issued 1 badge", "TierChanged",
            ])
        #expect(try bench.purse("a") == [10_00, 0, 0, 0])
        try bench.sound()
    }

    /// A later policy brings tiers: the next conversion passes two at once, lowest first.
    @Test func severalTiersAtOnce() throws {
        let bench = try Bench(policy: GrantRuleTests.granting([]))
        try bench.run(
            Self.people + [
                Say.signup("d", by: "a"), Say.pay("p", "b", 10_00), Say.pay("q", "c", 10_00),
                Say.publish(Self.standing(), from: day(5)),
            ])
        #expect(
            try bench.tell(Say.pay("s", "d", 10_00, day(6))) == Self.converts + [
                "BadgeAwarded issued→claimable:a 1 badge", "BadgeAwarded issued→claimable:a 1 badge",
                "TierChanged", "RewardGranted rewardExpense→pending:a 1000",
                "RewardGranted issued→claimable:a 1 PREMIUM_DAY",
                "RewardGranted rewardExpense→pending:a 2000",
            ])
        // Bonuses mature after the holding time of commissions.
        #expect(try bench.advance(day(19)) == [])
        #expect(try bench.advance(day(20)).count == 2)
        #expect(try bench.purse("a") == [0, 30_00, 0, 0])
        try bench.sound()
    }

    /// Two holders of a badge become one, who loses it once.
    @Test func badgesOfMergedUsers() throws {
        let bench = try Bench(policy: Self.standing { $0.tiers.levels = [] })
        try bench.run([
            Say.signup("a"), Say.signup("z"), Say.signup("b", by: "a"), Say.signup("c", by: "z"),
            Say.pay("p", "b", 10_00), Say.pay("q", "c", 10_00), Say.merge("z", into: "a", key: "1"),
        ])
        #expect(try bench.ledger.current.user("a")?.conversions == 2)
        #expect(
            try bench.tell(Say.refund("r", "p", 10_00, day(4))) == ["RefundReceived", "ReferralReverted"])
        #expect(
            try bench.tell(Say.refund("s", "q", 10_00, day(5))) == [
                "RefundReceived", "ReferralReverted", "BadgeRevoked claimable:a→issued 1 badge",
            ])
        try bench.sound()
    }
}
