@testable import LedgerDomain
@testable import LedgerState

/// The log behind `Fixtures/log/corrections.json`: every kind of correction, before and after maturity.
///
/// Fixed and drawn is what is fixed and drawn in ``VectorLog``.
struct CorrectionLog {
    let engine: Engine
    private static let gbp = AssetNumber(rawValue: 826)
    private static let proposal = String(repeating: "0123456789abcdef", count: 4)

    init(folder: String) throws {
        engine = try Engine(
            folder: folder, ledgerId: VectorLog.ledgerId,
            now: try Timestamp("2026-06-01T00:00:00.123456789Z"), secret: (0..<32).map { UInt8($0) })
        var policy = Policy.preset(named: "two-level")!
        policy.rewards.rules = [
            .init(stage: .completed, side: .referrer, asset: Self.gbp, amount: .fixed(5_00), holdingDays: 7),
            .init(stage: .completed, side: .referee, asset: .premiumDay, amount: .fixed(30)),
        ]
        try send(
            .createProgramme(
                CreateProgramme(
                    programmeId: "shop", asset: Self.gbp, at: try at("01-01"), policy: policy, zoneRules: .utc
                )))
        try send(.signup(Signup(userId: "a", at: try at("01-02"))))
        try send(.signup(Signup(userId: "b", at: try at("01-02"), referrerId: "a")))
        try send(.signup(Signup(userId: "c", at: try at("01-02"), referrerId: "b")))
        try pay("p1", 100_00, "01-03")
        try engine.advance("shop", to: try at("02-01"))
        try pay("p2", 50_00, "02-02")
        try correct(
            1,
            [
                commission("p1", 2, "a", 5_00), commission("p1", 1, "b", 25_00),
                commission("p2", 2, "a", 6_00), commission("p2", 1, "b", 8_00),
                commission("p2", 3, "a", 50, maturesAt: try at("02-16")),
            ])
        try correct(
            2,
            [
                .grants(grants("b", Self.gbp, isReferee: false, 9_00)),
                .grants(grants("c", .premiumDay, isReferee: true, 10)),
                .tier(CorrectedTier(userId: "a", tier: 0)),
                .badge(CorrectedBadge(userId: "a", badge: "early", isHeld: true)),
            ])
        try correct(
            3,
            [
                .grants(grants("c", .premiumDay, isReferee: true, 0)),
                .badge(CorrectedBadge(userId: "a", badge: "early", isHeld: false)),
            ])
        try engine.advance("shop", to: try at("03-01"))
    }

    private func at(_ day: String) throws -> Timestamp { try Timestamp("2026-\(day)T10:00:00Z") }

    private func send(_ action: Command.Action, key: String? = nil) throws {
        try engine.record(Command(action, key: key))
    }

    private func pay(_ id: String, _ amount: Int64, _ day: String) throws {
        try send(
            .payment(
                Payment(
                    paymentId: id, provider: "stripe", userId: "c", amount: amount, asset: Self.gbp,
                    at: try at(day))))
    }

    private func commission(
        _ payment: String, _ level: Int, _ user: String, _ granted: Int64, maturesAt: Timestamp? = nil
    ) -> CorrectionEntry {
        .commission(
            CorrectedCommission(
                provider: "stripe", paymentId: payment, level: level, userId: user, asset: Self.gbp,
                granted: granted, maturesAt: maturesAt))
    }

    private func grants(_ user: String, _ asset: AssetNumber, isReferee: Bool, _ entitled: Int64)
        -> CorrectedGrants
    {
        CorrectedGrants(
            refereeId: "c", userId: user, cause: .stage, isReferee: isReferee,
            detail: ReferralStage.completed.rawValue, asset: asset,
            entitled: entitled, earnedAt: Timestamp(nanoseconds: 1_767_400_000_000_000_000),
            maturesAt: asset == Self.gbp ? Timestamp(nanoseconds: 1_768_000_000_000_000_000) : nil)
    }

    private func correct(_ part: Int, _ entries: [CorrectionEntry]) throws {
        let correction = Correction(
            proposal: Self.proposal, part: part, parts: 3, approvedBy: "ann", entries: entries,
            at: try at("02-10"))
        try send(.correct(correction), key: Correction.key(proposal: Self.proposal, part: part))
    }
}
