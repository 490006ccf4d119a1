@testable import LedgerDomain
@testable import LedgerState

/// The log behind `Fixtures/log/repairs.json`: facts that go into quarantine and come out, each kind of them, and
/// attributions that are put right. No sealed data: the same bytes each time it is made.
struct RepairsLog {
    let engine: Engine
    private static let gbp = AssetNumber(rawValue: 826)
    private static let admin = Command.Actor(role: .admin, id: "root")

    init(folder: String) throws {
        engine = try Engine(
            folder: folder, ledgerId: VectorLog.ledgerId,
            now: try Timestamp("2026-06-01T00:00:00.123456789Z"),
            secret: (0..<32).map { UInt8($0) })
        try rewards()
        try books()
        try attributions()
    }

    private func at(_ day: String) throws -> Timestamp { try Timestamp("2026-\(day)T10:00:00Z") }

    private func send(_ action: Command.Action, key: String? = nil) throws {
        try engine.record(Command(action, key: key, actor: Self.admin))
    }

    private func setAside(_ fact: FactReference, _ day: String) throws {
        try send(
            .quarantine(QuarantineFact(fact: fact, reason: "a wrong report", approver: "ann", at: at(day))))
    }

    private func letOut(_ fact: FactReference, _ day: String, reason: String? = nil) throws {
        try send(.release(ReleaseFact(fact: fact, reason: reason, approver: "ann", at: at(day))))
    }

    private func join(_ id: String, by referrer: String? = nil) throws {
        try send(.signup(Signup(userId: id, at: at("01-05"), referrerId: referrer)))
    }

    private func pay(_ id: String, _ user: String, _ amount: Int64, _ day: String) throws {
        try send(
            .payment(
                Payment(
                    paymentId: id, provider: "shop", userId: user, amount: amount, asset: Self.gbp,
                    at: at(day))))
    }

    /// A payment with a dispute, whose refund waits; grants of money and of units, one of them revoked meanwhile.
    private func rewards() throws {
        var policy = Policy.preset(named: "two-level")!
        policy.name = "shop"
        policy.rewards.rules = [
            .init(stage: .registered, side: .referee, asset: .premiumDay, amount: .fixed(30)),
            .init(stage: .completed, side: .referrer, asset: Self.gbp, amount: .fixed(5_00), holdingDays: 7),
        ]
        policy.rewards.revokeOnRevert = true
        try send(
            .createProgramme(
                CreateProgramme(
                    programmeId: "shop", asset: Self.gbp, at: at("01-01"), policy: policy, zoneRules: .utc)))
        for (id, referrer) in [("ann", nil), ("bob", "ann"), ("cid", "bob"), ("dan", nil)] {
            try join(id, by: referrer)
        }
        try pay("p-1", "cid", 100_00, "01-10")
        try send(
            .dispute(
                Dispute(
                    disputeId: "d-1", provider: "shop", paymentId: "p-1", status: .opened, amount: 40_00,
                    asset: Self.gbp, at: at("01-11"))))
        let payment = FactReference.payment(provider: "shop", paymentId: "p-1")
        try engine.record(
            Command(
                .quarantine(
                    QuarantineFact(fact: payment, reason: "sent twice", approver: "olga", at: at("01-12"))),
                actor: Self.admin))
        try send(
            .refund(
                Refund(
                    refundId: "r-1", provider: "shop", paymentId: "p-1", amount: 10_00, asset: Self.gbp,
                    at: at("01-13"))))
        try engine.record(
            Command(
                .release(ReleaseFact(fact: payment, reason: "it was not", approver: "olga", at: at("01-14"))),
                actor: Self.admin))
        try engine.advance("shop", to: at("02-10"))
        try setAside(.reward("r1"), "02-11")
        try letOut(.reward("r1"), "02-12")
        // Revoked with its referral, while it is set aside.
        try pay("p-2", "bob", 20_00, "02-12")
        try send(
            .quarantine(
                QuarantineFact(fact: .reward("r5"), reason: "odd", approver: "olga", at: at("02-13"))))
        try send(
            .refund(
                Refund(
                    refundId: "r-2", provider: "shop", paymentId: "p-2", amount: 20_00, asset: Self.gbp,
                    at: at("02-14"))))
    }

    private func books() throws {
        let (user, gbp) = ("dan", Self.gbp)
        try send(
            .openingBalance(OpenBalance(userId: user, amount: 12_00, asset: gbp, at: at("02-15"))), key: "1")
        try send(
            .adjust(
                Adjust(
                    userId: user, amount: -15_00, asset: gbp, reason: "error", approvers: ["olga"],
                    at: at("02-15"))), key: "2")
        try send(
            .writeOff(
                WriteOff(
                    userId: user, amount: 1_00, asset: gbp, reason: "small", approvers: ["olga"],
                    at: at("02-15"))), key: "3")
        try send(.fund(FundCash(amount: 500_00, asset: gbp, at: at("02-15"))), key: "4")
        for (type, key) in [("openingBalance", "1"), ("adjust", "2"), ("writeOff", "3"), ("fund", "4")] {
            try setAside(.keyed(type: type, key: key), "02-16")
            try letOut(.keyed(type: type, key: key), "02-17", reason: "checked")
        }
    }

    private func attributions() throws {
        func correct(_ user: String, to referrer: String?, _ day: String, key: String, by: [String]) throws {
            try send(
                .correctAttribution(
                    CorrectAttribution(
                        userId: user, referrerId: referrer, reason: "support", approvers: by, at: at(day))),
                key: key)
        }
        try correct("cid", to: "dan", "02-18", key: "1", by: ["olga"])
        try correct("cid", to: nil, "02-19", key: "2", by: ["olga", "otto"])
        try correct("cid", to: "bob", "02-20", key: "3", by: ["olga"])
        try pay("p-3", "cid", 10_00, "02-21")
    }
}
