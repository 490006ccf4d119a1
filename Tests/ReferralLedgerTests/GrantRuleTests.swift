import LedgerDomain
import ReferralLedger
import Testing

/// Stage rewards on both sides, units and their claims, ends of grants.
@Suite struct GrantRuleTests {
    /// Payments earn nothing; rules, and tiers at 0, 1 and 2 conversions.
    static func granting(
        _ rules: [Policy.Rewards.Rule], _ change: (inout Policy) -> Void = { _ in }
    ) -> Policy {
        paying {
            $0.commission.levels = []
            $0.commission.maxDepth = 0
            $0.rewards.rules = rules
            change(&$0)
        }
    }

    static let both: [Policy.Rewards.Rule] = [
        .init(stage: .registered, side: .referee, asset: .premiumDay, amount: .fixed(5)),
        .init(stage: .active, side: .referrer, asset: .usd, amount: .fixed(50), holdingDays: 7),
        .init(stage: .completed, side: .referrer, asset: .usd, amount: .byTier([1_00, 2_00, 0])),
        .init(stage: .completed, side: .referee, asset: .usd, amount: .fixed(3_00)),
    ]
    static let tiers = [
        Policy.Tiers.Level(name: "one", threshold: 0), .init(name: "two", threshold: 1),
        .init(name: "three", threshold: 2),
    ]
    static let moves = ["PaymentReceived", "ReferralAdvanced", "ReferralAdvanced", "ReferralAdvanced"]
    static let people = [Say.signup("a"), Say.signup("b", by: "a")]

    /// Each referral is paid at the tier before it.
    @Test func bothSidesByTier() throws {
        let bench = try Bench(policy: Self.granting(Self.both) { $0.tiers.levels = Self.tiers })
        try bench.run([Say.signup("a")])
        #expect(
            try bench.tell(Say.signup("b", by: "a")) == [
                "UserSignedUp", "ReferralAttributed", "ReferralAdvanced",
                "RewardGranted issued→claimable:b 5 PREMIUM_DAY",
            ])
        #expect(
            try bench.tell(Say.pay("p", "b", 10_00)) == Self.moves + [
                "ReferralConverted", "RewardGranted rewardExpense→pending:a 50",
                "RewardGranted rewardExpense→pending:a 100", "RewardGranted rewardExpense→pending:b 300",
                "TierChanged",
            ])
        try bench.run([Say.signup("c", by: "a"), Say.signup("d", by: "a")])
        #expect(
            try bench.tell(Say.pay("q", "c", 10_00)) == Self.moves + [
                "ReferralConverted", "RewardGranted rewardExpense→pending:a 50",
                "RewardGranted rewardExpense→pending:a 200", "RewardGranted rewardExpense→pending:c 300",
                "TierChanged",
            ])
        // The third tier earns nothing.
        #expect(
            try bench.tell(Say.pay("s", "d", 10_00)) == Self.moves + [
                "ReferralConverted", "RewardGranted rewardExpense→pending:a 50",
                "RewardGranted rewardExpense→pending:d 300",
            ])
        // Even without a holding time only an advance makes money available.
        #expect(try bench.purse("a") == [4_50, 0, 0, 0])
        try bench.advance(day(1))
        #expect(try bench.purse("a") == [1_50, 3_00, 0, 0] && bench.purse("b") == [0, 3_00, 0, 0])
        try bench.advance(day(8))
        #expect(try bench.purse("a") == [0, 4_50, 0, 0])
        try bench.sound()
    }

    /// A reverted referral takes its completion's grants back, in order, and earns them again.
    @Test func revokedOnRevert() throws {
        let bench = try Bench(policy: Self.granting(Self.both) { $0.tiers.levels = Self.tiers })
        try bench.run(Self.people + [Say.pay("p", "b", 10_00)])
        try bench.advance(day(1))
        #expect(
            try bench.tell(Say.refund("r", "p", 10_00)) == [
                "RefundReceived", "ReferralReverted", "RewardRevoked available:a→rewardExpense 100",
                "RewardRevoked available:b→rewardExpense 300",
            ])
        // What the stage before earned stays; so does the tier.
        #expect(try bench.purse("a") == [50, 0, 0, 0])
        #expect(
            try bench.tell(Say.pay("q", "b", 10_00, day(3))) == [
                "PaymentReceived", "ReferralAdvanced", "ReferralAdvanced", "ReferralConverted",
                "RewardGranted rewardExpense→pending:a 200", "RewardGranted rewardExpense→pending:b 300",
            ])
        try bench.sound()
    }

    @Test func notRevokedWherePolicySaysSo() throws {
        let bench = try Bench(
            policy: Self.granting(Self.both) {
                $0.tiers.levels = Self.tiers
                $0.rewards.revokeOnRevert = false
            })
        try bench.run(Self.people + [Say.pay("p", "b", 10_00)])
        #expect(try bench.tell(Say.refund("r", "p", 10_00)) == ["RefundReceived", "ReferralReverted"])
        // The grants are there: the second completion earns none.
        #expect(
            try bench.tell(Say.pay("q", "b", 10_00, day(3))) == [
                "PaymentReceived", "ReferralAdvanced", "ReferralAdvanced", "ReferralConverted",
            ])
        try bench.sound()
    }

    /// Revoked after it was spent: room among withdrawals, then a debt.
    @Test func revokedAfterItWasSpent() throws {
        let rules = [
            Policy.Rewards.Rule(stage: .completed, side: .referrer, asset: .usd, amount: .fixed(10_00))
        ]
        let bench = try Bench(policy: Self.granting(rules))
        try bench.run(Self.people + [Say.pay("p", "b", 10_00)])
        try bench.advance(day(1))
        try bench.run([
            Say.withdraw("w", "a", 6_00, day(2)), Say.payout("w", .sent, day(2)),
            Say.withdraw("v", "a", 3_00, day(2)),
        ])
        #expect(
            try bench.tell(Say.refund("r", "p", 10_00, day(3))) == [
                "RefundReceived", "ReferralReverted", "WithdrawalCancelled reserved:a→available:a 300",
                "RewardRevoked available:a→rewardExpense 400 receivable:a→rewardExpense 600",
            ])
        #expect(try bench.purse("a") == [0, 0, 0, 6_00])
        try bench.sound()
    }

    // MARK: Units

    static let days = [
        Policy.Rewards.Rule(
            stage: .completed, side: .referee, asset: .premiumDay, amount: .fixed(30), expiryDays: 10)
    ]

    private func units(_ change: (inout Policy) -> Void = { _ in }) throws -> Bench {
        let bench = try Bench(policy: Self.granting(Self.days, change))
        try bench.run(Self.people + [Say.pay("p", "b", 10_00)])
        #expect(try bench.purse("b", .premiumDay) == [0, 30, 0, 0])
        return bench
    }

    @Test func claimAndFulfilment() throws {
        let bench = try units()
        #expect(
            try bench.tell(Say.claim("r1", "b")) == ["RewardClaimed claimable:b→used 30 PREMIUM_DAY"])
        #expect(try bench.purse("b", .premiumDay) == [0, 0, 0, 0])
        #expect(
            try bench.tell(Say.fulfil("r1", false)) == ["FulfilmentFailed used→claimable:b 30 PREMIUM_DAY"])
        #expect(try bench.ledger.submit(Say.fulfil("r1", false, day(9))).name == "repeated")
        #expect(
            try bench.tell(Say.claim("r1", "b", day(5))) == ["RewardClaimed claimable:b→used 30 PREMIUM_DAY"])
        #expect(try bench.tell(Say.fulfil("r1", true, day(6))) == ["RewardFulfilled"])
        #expect(try bench.ledger.submit(Say.fulfil("r1", true, day(9))).name == "repeated")
        // It was claimed: nothing expires.
        #expect(try bench.advance(day(20)) == [])
        #expect(try bench.account("issued", .premiumDay) == -30)
        try bench.sound()
    }

    @Test func unclaimedUnitsGoBack() throws {
        let bench = try units()
        #expect(
            try bench.tell(Say.refund("r", "p", 10_00)) == [
                "RefundReceived", "ReferralReverted", "RewardRevoked claimable:b→issued 30 PREMIUM_DAY",
            ])
        #expect(try bench.refusal(Say.claim("r1", "b")) == "reward.revoked rewardId")
        try bench.sound()
    }

    @Test func usedUnitsAreKept() throws {
        let bench = try units()
        try bench.run([Say.claim("r1", "b", day(1))])
        #expect(try bench.tell(Say.refund("r", "p", 10_00)) == ["RefundReceived", "ReferralReverted"])
        // The grant stays, so it is not made again.
        try bench.run([Say.pay("q", "b", 10_00, day(3))])
        #expect(try bench.purse("b", .premiumDay) == [0, 0, 0, 0])
        try bench.sound()
    }

    @Test func usedUnitsAreOwed() throws {
        let bench = try units { $0.rewards.usedUnits = .owe }
        try bench.run([Say.claim("r1", "b", day(1))])
        #expect(
            try bench.tell(Say.refund("r", "p", 10_00)) == [
                "RefundReceived", "ReferralReverted", "RewardRevoked receivable:b→issued 30 PREMIUM_DAY",
            ])
        #expect(try bench.purse("b", .premiumDay) == [0, 0, 0, 30])
        // The next grant repays the debt: nothing of it can be claimed.
        #expect(
            try bench.tell(Say.pay("q", "b", 10_00, day(3))).last
                == "RewardGranted issued→receivable:b 30 PREMIUM_DAY")
        #expect(try bench.purse("b", .premiumDay) == [0, 0, 0, 0])
        #expect(try bench.refusal(Say.claim("r2", "b")) == "reward.not_claimable rewardId")
        #expect(try bench.advance(day(30)) == [])
        try bench.sound()
    }

    /// Units that were owed and could not be delivered: the failure pays the debt.
    @Test func owedUnitsThatWereNotDelivered() throws {
        let bench = try units { $0.rewards.usedUnits = .owe }
        try bench.run([Say.claim("r1", "b", day(1)), Say.refund("r", "p", 10_00)])
        #expect(
            try bench.tell(Say.fulfil("r1", false)) == ["FulfilmentFailed used→receivable:b 30 PREMIUM_DAY"])
        #expect(try bench.purse("b", .premiumDay) == [0, 0, 0, 0])
        try bench.sound()
    }

    @Test func unclaimedUnitsExpire() throws {
        let bench = try units()
        #expect(try bench.refusal(Say.claim("r1", "b", day(11))) == "reward.expired at")
        #expect(
            try bench.advance(day(11)) == ["RewardExpired claimable:b→issued 30 PREMIUM_DAY"])
        #expect(try bench.refusal(Say.claim("r1", "b", day(2))) == "reward.expired at")
        // What expired is not taken back.
        #expect(
            try bench.tell(Say.refund("r", "p", 10_00, day(12))) == ["RefundReceived", "ReferralReverted"])
        try bench.sound()
    }

    @Test func blockedUsersClaimNothing() throws {
        let bench = try units()
        try bench.run([Say.suspend("b", key: "1", day(2))])
        #expect(try bench.refusal(Say.claim("r1", "b")) == "user.blocked userId")
        try bench.run([Say.reinstate("b", key: "1"), Say.claim("r1", "b", day(5))])
        try bench.sound()
    }

    // MARK: Ends of money

    private func money(holding: Int) throws -> Bench {
        let rules = [
            Policy.Rewards.Rule(
                stage: .completed, side: .referrer, asset: .usd, amount: .fixed(5_00), holdingDays: holding,
                expiryDays: 10)
        ]
        let bench = try Bench(policy: Self.granting(rules))
        try bench.run(Self.people + [Say.pay("p", "b", 10_00)])
        return bench
    }

    @Test func pendingMoneyExpires() throws {
        let bench = try money(holding: 20)
        #expect(try bench.advance(day(11)) == ["RewardExpired pending:a→breakage 500"])
        #expect(try bench.advance(day(40)) == [])
        try bench.sound()
    }

    /// What was withdrawn in time is gone; the rest of the lot expires.
    @Test func maturedMoneyExpires() throws {
        let bench = try money(holding: 0)
        try bench.advance(day(5))
        try bench.run([Say.withdraw("w", "a", 3_00, day(6))])
        #expect(try bench.advance(day(11)) == ["RewardExpired available:a→breakage 200"])
        // What comes back of an expired reward is fresh money.
        try bench.run([Say.decide("w", .cancel, day(12))])
        #expect(try bench.advance(day(40)) == [])
        #expect(try bench.purse("a") == [0, 3_00, 0, 0])
        try bench.sound()
    }

    /// Maturity comes before expiry at the same moment.
    @Test func maturesAndExpiresAtOnce() throws {
        let bench = try money(holding: 10)
        #expect(
            try bench.advance(day(11)) == [
                "RewardMatured pending:a→available:a 500", "RewardExpired available:a→breakage 500",
            ])
        try bench.sound()
    }

    @Test func heldMoneyStaysHeld() throws {
        let bench = try money(holding: 0)
        #expect(
            try bench.tell(Say.flag("a", key: "1", reward: "r1"))
                == ["FraudFlagged", "RewardHeld pending:a→held:a 500"])
        #expect(try bench.advance(day(20)) == ["RewardMatured"])
        #expect(try bench.purse("a") == [0, 0, 5_00, 0])
        #expect(
            try bench.tell(Say.review("f1", confirm: false, day(21)))
                == ["ReviewDecided", "RewardReleased held:a→available:a 500"])
        #expect(try bench.advance(day(22)) == ["RewardExpired available:a→breakage 500"])
        try bench.sound()
    }
}
