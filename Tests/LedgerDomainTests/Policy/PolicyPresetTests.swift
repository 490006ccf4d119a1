import Testing

@testable import LedgerDomain

/// What the presets pay, as the specification has it.
@Suite struct PolicyPresetTests {
    @Test func premiumDaysPaysDays() throws {
        let policy = try #require(Policy.preset(named: "premium-days"))
        #expect(policy.timeZone == "UTC")
        #expect(policy.commission.payingLevels.isEmpty)
        #expect(
            policy.rewards.rules == [
                .init(
                    stage: .completed, side: .referrer, asset: .premiumDay, amount: .fixed(30),
                    holdingDays: 0, expiryDays: nil)
            ])
        #expect(policy.rewards.usedUnits == .keep)
        #expect(policy.badges == [.init(name: "referral-master", threshold: 5, revocable: false)])
        #expect(policy.codes.length == 8 && policy.codes.ttlDays == 365 && policy.codes.oneActive)
        #expect(policy.workflow.paymentAdvancesTo == .completed)
        #expect(policy.workflow.zeroPaymentAdvancesTo == .active)
        #expect(policy.workflow.expiryDays == 90)
        #expect(policy.tiers.levels.isEmpty && policy.caps.isEmpty)
    }

    @Test func tieredPaysByTier() throws {
        let policy = try #require(Policy.preset(named: "tiered"))
        let rupee = try #require(Asset(code: "INR")).number
        #expect(policy.commission.payingLevels.isEmpty)
        #expect(
            policy.rewards.rules == [
                .init(
                    stage: .completed, side: .referrer, asset: rupee,
                    amount: .byTier([5000, 10_000, 15_000, 20_000, 30_000]), holdingDays: 0, expiryDays: nil)
            ])
        let levels = policy.tiers.levels
        #expect(levels.map(\.name) == ["STARTER", "PRO", "ELITE", "CHAMPION", "LEGEND"])
        #expect(levels.map(\.threshold) == [0, 5, 15, 50, 100])
        #expect(levels.map { $0.bonuses[rupee] } == [nil, 25_000, 50_000, 100_000, 250_000])
        #expect(levels.map { $0.bonuses[.premiumLifetime] } == [nil, nil, nil, nil, 1])
        #expect(policy.tiers.downgrade == .never && !policy.tiers.bonusClawback)
        #expect(policy.attribution.rejectSharedSignals)
        #expect(policy.fraudAttributionsPerDay == 10)
        #expect(policy.workflow.expiryDays == 90)
    }

    @Test(arguments: Policy.presetNames)
    func presetsAreSound(name: String) throws {
        let policy = try #require(Policy.preset(named: name))
        #expect(policy.name == name)
        #expect(try Policy.parse(policy.canonicalJSON()) == policy)
    }

    @Test(arguments: [
        (0, 0), (4, 0), (5, 1), (6, 1), (14, 1), (15, 2), (49, 2), (50, 3), (99, 3), (100, 4), (.max, 4),
    ])
    func tiersByConversions(count: Int, tier: Int) throws {
        #expect(try #require(Policy.preset(named: "tiered")).tier(forConversions: count) == tier)
        #expect(try #require(Policy.preset(named: "two-level")).tier(forConversions: count) == 0)
    }
}
