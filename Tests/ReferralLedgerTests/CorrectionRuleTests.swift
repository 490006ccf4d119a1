import LedgerDomain
import ReferralLedger
import Testing

/// "correctAttribution": who earns from now on; the tree, counts, badges and tiers.
@Suite struct CorrectionRuleTests {
    private func tree(_ policy: Policy = paying()) throws -> Bench {
        let bench = try Bench(policy: policy)
        try bench.run([
            Say.signup("a"), Say.signup("b", by: "a"), Say.signup("c", by: "b"), Say.signup("d", by: "c"),
            Say.signup("x"),
        ])
        return bench
    }

    private func node(_ bench: Bench, _ id: String) throws -> (
        referrals: Int, conversions: Int, parent: String?
    ) {
        let user = try #require(try bench.ledger.current.user(id))
        return (Int(user.referrals), Int(user.conversions), user.referrerId)
    }

    @Test("Payments recorded later go by it, whatever their date; earlier ones stay")
    func laterPayments() throws {
        let bench = try tree()
        try bench.run([Say.pay("p", "c", 100_00, day(3))])
        #expect(try bench.tell(Say.correct("c", to: "x", key: "1")) == ["AttributionCorrected"])
        #expect(
            try bench.tell(Say.pay("q", "c", 10_00, day(2))) == [
                "PaymentReceived", "CommissionEarned rewardExpense→pending:x 200",
            ])
        #expect(
            try bench.tell(Say.pay("s", "d", 10_00, day(2))).prefix(3) == [
                "PaymentReceived", "CommissionEarned rewardExpense→pending:c 200",
                "CommissionEarned rewardExpense→pending:x 100",
            ])
        #expect(try bench.money("b")[0] == 20_00 && bench.money("a")[0] == 10_00)
        // What is taken back of the earlier payment is taken from those who have it.
        #expect(
            try bench.tell(Say.refund("r", "p", 100_00, day(6))).prefix(3) == [
                "RefundReceived", "CommissionReversed pending:b→rewardExpense 2000",
                "CommissionReversed pending:a→rewardExpense 1000",
            ])
        try bench.sound()
    }

    @Test("The whole branch moves, and the counts with it")
    func counts() throws {
        let bench = try tree()
        try bench.run([Say.pay("p", "c", 100_00, day(3)), Say.correct("c", to: "x", key: "1")])
        #expect(try node(bench, "b") == (0, 0, "a") && node(bench, "x") == (1, 1, nil))
        #expect(try node(bench, "c") == (1, 0, "x") && node(bench, "d").parent == "c")
        // Below where it was: that is no cycle any more.
        try bench.run([Say.correct("a", to: "c", key: "2")])
        #expect(try node(bench, "a").parent == "c" && node(bench, "c").referrals == 2)
        #expect(try bench.refusal(Say.correct("x", to: "b", key: "3")) == "attribution.cycle referrerId")
        #expect(try bench.refusal(Say.correct("x", to: "d", key: "3")) == "attribution.cycle referrerId")
        #expect(try bench.refusal(Say.correct("x", to: "x", key: "3")) == "attribution.cycle referrerId")
        try bench.sound()
    }

    /// Each of several referees in every place of the list.
    @Test(arguments: ["k0", "k2", "k4"])
    func lists(who: String) throws {
        let bench = try Bench(policy: paying())
        try bench.run([Say.signup("a"), Say.signup("x")] + (0..<5).map { Say.signup("k\($0)", by: "a") })
        try bench.run([Say.correct(who, to: "x", key: "1"), Say.correct(who, to: "a", key: "2")])
        #expect(try node(bench, "a").referrals == 5 && node(bench, "x").referrals == 0)
        #expect(try bench.ledger.reconcile().isClean)
        try bench.sound()
    }

    @Test("One who was wrongly referred has no referrer, and may get one")
    func removed() throws {
        let bench = try tree(
            paying {
                $0.rewards.rules = [
                    .init(stage: .registered, side: .referrer, asset: .usd, amount: .fixed(1_00))
                ]
            })
        try bench.run([Say.pay("p", "c", 100_00, day(3)), Say.correct("c", to: nil, key: "1")])
        #expect(try node(bench, "b") == (0, 0, "a") && node(bench, "c").parent == nil)
        #expect(try bench.tell(Say.pay("q", "c", 10_00)) == ["PaymentReceived"])
        #expect(try bench.refusal(Say.correct("c", to: nil, key: "2")) == "attribution.unchanged referrerId")
        // The stage's reward was granted for this referral already, and stays with who has it.
        #expect(
            try bench.tell(Say.correct("c", to: "x", key: "3")) == [
                "AttributionCorrected", "ReferralAdvanced",
            ])
        #expect(
            try bench.tell(Say.pay("s", "c", 10_00, day(1))).suffix(1) == ["ReferralConverted"])
        #expect(try node(bench, "x") == (1, 1, nil))
        try bench.sound()
    }

    @Test("Badges and tiers follow the conversions, both ways")
    func tiers() throws {
        let bench = try tree(
            paying {
                $0.tiers.levels = [
                    .init(name: "one", threshold: 0),
                    .init(name: "two", threshold: 1, bonuses: .usd(3_00)),
                ]
                $0.tiers.downgrade = .below
                $0.tiers.bonusClawback = true
                $0.badges = [.init(name: "first", threshold: 1, revocable: true)]
            })
        try bench.run([Say.pay("p", "c", 100_00, day(3))])
        #expect(
            try bench.tell(Say.correct("c", to: "x", key: "1")) == [
                "AttributionCorrected", "BadgeRevoked claimable:b→issued 1 badge", "TierChanged",
                "RewardRevoked pending:b→rewardExpense 300", "BadgeAwarded issued→claimable:x 1 badge",
                "TierChanged", "RewardGranted rewardExpense→pending:x 300",
            ])
        try bench.sound()
    }

    @Test("Boards: in the periods in which referral and conversion were counted")
    func boards() throws {
        let bench = try tree()
        try bench.run([Say.pay("p", "c", 100_00, day(3)), Say.correct("c", to: "x", key: "1")])
        for metric in [LeaderboardMetric.referrals, .conversions] {
            let board = try #require(try bench.ledger.current.leaderboard(by: metric)).entries
            #expect(board.contains { $0.userId == "x" && $0.score == 1 }, "\(metric)")
            #expect(!board.contains { $0.userId == "b" }, "\(metric)")
        }
        try bench.sound()
    }

    @Test func repeats() throws {
        let bench = try tree()
        let command = Say.correct("c", to: "x", key: "k")
        let first = try bench.ledger.submit(command)
        #expect(try bench.ledger.submit(command) == .repeated(first.receipt!))
        for (field, other) in [
            ("userId", Say.correct("d", to: "x", key: "k")),
            ("referrerId", Say.correct("c", to: "a", key: "k")),
            ("referrerId", Say.correct("c", to: nil, key: "k")),
            ("at", Say.correct("c", to: "x", key: "k", day(6))),
            ("reason", Say.correct("c", to: "x", key: "k", reason: "other")),
            ("approvers", Say.correct("c", to: "x", key: "k", by: ["other"])),
        ] {
            #expect(try bench.refusal(other) == "key.conflict \(field)")
        }
        try bench.sound()
    }
}
