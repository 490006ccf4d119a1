@testable import LedgerDomain
@testable import LedgerState

/// The log behind `Fixtures/log/two-programmes.json`: every type of event in use, in two programmes.
///
/// Clock, ledger id, codes and the secret of signals are fixed; keys and nonces of sealed data are drawn.
struct VectorLog {
    let engine: Engine
    static let ledgerId = Bytes16((0..<16).map { UInt8($0 * 17) })
    static let gbp = AssetNumber(rawValue: 826)
    static let usd = AssetNumber(rawValue: 840)
    static let eur = AssetNumber(rawValue: 978)
    static let jpy = AssetNumber(rawValue: 392)
    static let bhd = AssetNumber(rawValue: 48)

    init(folder: String) throws {
        engine = try Engine(
            folder: folder, ledgerId: Self.ledgerId, now: try Timestamp("2026-06-01T00:00:00.123456789Z"),
            secret: (0..<32).map { UInt8($0) })
        try programmes()
        try people()
        try payments()
        try refunds()
        try later()
    }

    func at(_ day: String) throws -> Timestamp { try Timestamp("2026-\(day)T10:00:00Z") }

    private func send(
        _ action: Command.Action, _ programme: String? = "friends", key: String? = nil,
        actor: Command.Actor = .system, correlation: String? = nil, causation: String? = nil
    ) throws {
        try engine.record(
            Command(
                action, programme: programme, key: key, actor: actor, correlationId: correlation,
                causation: causation))
    }

    private static var friends: Policy {
        var policy = Policy.preset(named: "two-level")!
        policy.commission.levels = [200_000, 100_000, 50_000]
        policy.commission.maxDepth = 3
        policy.workflow.expiryDays = 30
        return policy
    }

    /// Two changes of one spring and autumn: the form is what matters, not the zone.
    private static let zone = ZoneRules(
        name: "Europe/Example", initialOffset: 0,
        transitions: [.init(second: 1_774_746_000, offset: 3_600), .init(second: 1_792_890_000, offset: 0)])

    private func programmes() throws {
        try send(
            .createProgramme(
                CreateProgramme(
                    programmeId: "friends", asset: Self.gbp, at: at("01-01"), policy: Self.friends,
                    zoneRules: .utc)),
            nil)
        var partners = Policy.preset(named: "two-level")!
        partners.name = "partners"
        partners.timeZone = "Europe/Example"
        try send(
            .createProgramme(
                CreateProgramme(
                    programmeId: "partners", asset: Self.eur, at: at("01-01"), policy: partners,
                    zoneRules: Self.zone)),
            nil, actor: .init(role: .admin, id: "root"), correlation: "req-1", causation: "ticket-7")
    }

    private func people() throws {
        var ann = Signup(userId: "ann", at: try at("01-02"), country: "GB")
        ann.personal = .init(email: "ann@example.com", name: "Ann Ünal", metadata: #"{"plan":"pro"}"#)
        ann.signals = .init(ip: "192.0.2.1", device: "device-1")
        try send(.signup(ann))
        try send(
            .issueCode(IssueCode(userId: "ann", at: at("01-02"), code: "Ann-2026", expiresInDays: 30)),
            key: "k-1")
        try send(
            .issueCode(IssueCode(userId: "ann", at: at("01-02"))), key: "k-2",
            actor: .init(role: .user, id: "ann"))
        try send(.signup(Signup(userId: "bob", at: at("01-03"), referralCode: "ann-2o26")))
        try send(.signup(Signup(userId: "cid", at: at("01-04"), referrerId: "bob")))
        try send(.signup(Signup(userId: "dan", at: at("01-04"), referrerId: "nobody")))
        try send(.signup(Signup(userId: "eve", at: at("01-04"))), actor: .init(role: .auditor))
        try send(.applyCode(ApplyCode(userId: "eve", code: "ANN-2026", at: at("01-05"))))
        try send(.signup(Signup(userId: "fay", at: at("01-05"), country: "IN", referrerId: "cid")))
        try send(.signup(Signup(userId: "名前", at: at("01-05"))))
        try send(
            .advanceReferral(AdvanceReferral(userId: "eve", to: .qualified, at: at("01-06"))),
            actor: .init(role: .admin, id: "root"))
        try send(.convert(Convert(userId: "zed", at: at("01-20"))))
        try send(.signup(Signup(userId: "zed", at: at("01-08"), referrerId: "bob")))
    }

    private func pay(
        _ id: String, _ provider: String, _ user: String, _ amount: Int64, _ asset: AssetNumber,
        _ day: String,
        base: Int64? = nil, programme: String = "friends"
    ) throws {
        try send(
            .payment(
                Payment(
                    paymentId: id, provider: provider, userId: user, amount: amount, asset: asset,
                    at: at(day),
                    commissionableBase: base)),
            programme)
    }

    private func payments() throws {
        try pay("p-1", "stripe", "cid", 4_999, Self.gbp, "01-09")
        try pay("p-2", "paypal", "cid", 10_000, Self.usd, "01-09", base: 8_333)
        try pay("p-3", "stripe", "bob", 1, Self.jpy, "01-09")
        try pay("p-4", "stripe", "dan", 0, Self.gbp, "01-09")
        try pay("p-5", "stripe", "cid", 9_007_199_254_740_993, Self.bhd, "01-10")
        try pay("p-6", "stripe", "bob", 2_500, Self.gbp, "01-10")
    }

    private func refund(
        _ id: String, _ provider: String, _ payment: String?, _ amount: Int64, _ asset: AssetNumber,
        _ day: String,
        total: Int64? = nil
    ) throws {
        try send(
            .refund(
                Refund(
                    refundId: id, provider: provider, paymentId: payment, amount: amount, asset: asset,
                    at: at(day),
                    refundedTotal: total)))
    }

    private func refunds() throws {
        try refund("r-1", "stripe", "p-1", 1_000, Self.gbp, "01-11")
        try refund("r-2", "paypal", "p-2", 3_000, Self.usd, "01-11", total: 3_000)
        try refund("r-3", "paypal", "p-2", 2_000, Self.usd, "01-12", total: 5_000)
        try refund("r-4", "stripe", "p-1", 4_500, Self.gbp, "01-12")
        try refund("r-5", "stripe", nil, 50, Self.gbp, "01-12")
        try refund("r-6", "adyen", "p-late", 700, Self.gbp, "01-13", total: 700)
        try pay("p-late", "adyen", "cid", 7_000, Self.gbp, "01-12")
        try refund("r-7", "stripe", "p-6", 2_500, Self.gbp, "01-13")
        try refund("r-8", "stripe", "p-3", 1, Self.jpy, "01-13")
    }

    private func later() throws {
        var stricter = Self.friends
        stricter.commission.levels = [150_000]
        stricter.commission.maxDepth = 1
        try send(
            .publishPolicy(PublishPolicy(policy: stricter, effectiveFrom: at("01-15"), zoneRules: .utc)),
            key: "policy-2", actor: .init(role: .admin, id: "root"))
        try pay("p-7", "stripe", "cid", 10_000, Self.gbp, "01-16")
        try engine.advance("friends", to: at("01-24"))
        try refund("r-9", "stripe", "p-1", 3_999, Self.gbp, "01-25")
        try send(.signup(Signup(userId: "ann", at: at("01-26"))), "partners")
        try send(.signup(Signup(userId: "gus", at: at("01-27"), referrerId: "ann")), "partners")
        try pay("p-1", "stripe", "gus", 20_000, Self.eur, "03-30", programme: "partners")
        try engine.advance("friends", to: at("03-10"))
        try engine.advance("partners", to: at("04-20"))
        var progress = ImportProgress(importId: "january.csv", throughLine: 1_000)
        (progress.accepted, progress.repeated, progress.parked, progress.refused) = (990, 5, 3, 2)
        try engine.progress(progress)
    }
}
