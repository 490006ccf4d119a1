extension Policy {
    /// The names of the presets that are compiled in.
    public static var presetNames: [String] { presets.map(\.name) }

    /// The preset of that name. Each also ships as `Fixtures/programmes/NAME.json`.
    public static func preset(named name: String) -> Policy? { presets.first { $0.name == name } }

    private static let presets = [twoLevel, premiumDays, tiered]

    /// What the presets have in common. Their zone is UTC, which needs no zone files.
    private static func base(name: String, commission: Commission) -> Policy {
        Policy(
            name: name, timeZone: "UTC", weekStart: .monday,
            attribution: Attribution(applyWindowDays: nil, rejectSharedSignals: true),
            codes: Codes(length: 8, alphabet: defaultAlphabet, ttlDays: nil, oneActive: false),
            commission: commission,
            workflow: Workflow(
                paymentAdvancesTo: .completed, zeroPaymentAdvancesTo: .active, expiryDays: defaultExpiryDays),
            periods: Periods(graceHours: 24), withdrawal: Withdrawal(approvalRequired: true),
            clockToleranceSeconds: 300)
    }

    private static let noCommission = Commission(
        levels: [], maxDepth: 0, rounding: .halfEven, holdingDays: 0)

    /// Every payment, for ever, pays 20 % to the referrer and 10 % to the referrer's referrer.
    private static let twoLevel: Policy = {
        var policy = base(
            name: "two-level",
            commission: Commission(
                levels: [200_000, 100_000], maxDepth: 2, rounding: .halfEven, holdingDays: 14))
        policy.workflow.expiryDays = nil
        return policy
    }()

    /// A conversion is worth 30 days of premium to the referrer; the fifth a badge.
    private static let premiumDays: Policy = {
        var policy = base(name: "premium-days", commission: noCommission)
        policy.codes.ttlDays = 365
        policy.codes.oneActive = true
        policy.rewards.rules = [
            .init(
                stage: .completed, side: .referrer, asset: .premiumDay, amount: .fixed(30), holdingDays: 0,
                expiryDays: nil)
        ]
        policy.badges = [.init(name: "referral-master", threshold: 5, revocable: false)]
        return policy
    }()

    /// A completed referral is worth ₹50 to ₹300 by the referrer's tier; each tier has a bonus once.
    private static let tiered: Policy = {
        var policy = base(name: "tiered", commission: noCommission)
        let rupee = AssetNumber(rawValue: 356)
        policy.rewards.rules = [
            .init(
                stage: .completed, side: .referrer, asset: rupee,
                amount: .byTier([50_00, 100_00, 150_00, 200_00, 300_00]), holdingDays: 0, expiryDays: nil)
        ]
        func bonus(_ minor: Int64) -> Amounts.Entry { .init(asset: rupee, amount: minor) }
        policy.tiers.levels = [
            .init(name: "STARTER", threshold: 0, bonuses: .init()),
            .init(name: "PRO", threshold: 5, bonuses: .init([bonus(250_00)])),
            .init(name: "ELITE", threshold: 15, bonuses: .init([bonus(500_00)])),
            .init(name: "CHAMPION", threshold: 50, bonuses: .init([bonus(1000_00)])),
            .init(
                name: "LEGEND", threshold: 100,
                bonuses: .init([bonus(2500_00), .init(asset: .premiumLifetime, amount: 1)])),
        ]
        policy.fraudAttributionsPerDay = 10
        return policy
    }()

    /// Digits and capitals without 0, 1, I, L and O.
    static let defaultAlphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
}
