@testable import LedgerDomain
@testable import LedgerState

/// The log behind `Fixtures/log/main-line.json`: every type of event of the main line, in one programme.
///
/// Fixed and drawn is what is fixed and drawn in ``VectorLog``.
struct MainLineLog {
    let engine: Engine
    static let gbp = AssetNumber(rawValue: 826)
    static let eur = AssetNumber(rawValue: 978)
    static let jpy = AssetNumber(rawValue: 392)

    init(folder: String) throws {
        engine = try Engine(
            folder: folder, ledgerId: VectorLog.ledgerId, now: try Timestamp("2026-06-01T00:00:00.123456789Z"),
            secret: (0..<32).map { UInt8($0) })
        try people()
        try rewards()
        try disputes()
        try books()
        try withdrawals()
        try payouts()
        try standing()
        try ends()
    }

    private func at(_ day: String) throws -> Timestamp { try Timestamp("2026-\(day)T10:00:00Z") }

    private static let admin = Command.Actor(role: .admin, id: "root")

    private func send(
        _ action: Command.Action, key: String? = nil, actor: Command.Actor = .system, named: Bool = true
    ) throws {
        try engine.record(Command(action, programme: named ? "shop" : nil, key: key, actor: actor))
    }

    /// Every kind of rule, with amounts that the commands below meet.
    private static var policy: Policy {
        var policy = Policy.preset(named: "two-level")!
        policy.name = "shop"
        policy.rewards.rules = [
            .init(
                stage: .registered, side: .referee, asset: .premiumDay, amount: .fixed(30), expiryDays: 60),
            .init(
                stage: .completed, side: .referrer, asset: gbp, amount: .byTier([5_00, 7_50, 7_50]),
                holdingDays: 7, expiryDays: 40),
        ]
        policy.rewards.usedUnits = .owe
        policy.tiers.levels = [
            .init(name: "one", threshold: 0),
            .init(name: "two", threshold: 1, bonuses: .init([.init(asset: gbp, amount: 10_00)])),
            .init(name: "three", threshold: 2, bonuses: .init([.init(asset: .premiumLifetime, amount: 1)])),
        ]
        policy.tiers.downgrade = .below
        policy.tiers.bonusClawback = true
        policy.badges = [.init(name: "first", threshold: 1, revocable: true)]
        policy.caps = [.init(scope: .programme, asset: gbp, amount: 500_00, period: .month)]
        policy.withdrawal.taxPpm = 100_000
        policy.withdrawal.feePpm = 10_000
        policy.withdrawal.expiryDays = 10
        policy.withdrawal.secondApproverAbove = .init([.init(asset: gbp, amount: 50_00)])
        policy.closure = .forfeit
        policy.fraudAttributionsPerDay = 4
        return policy
    }

    private func join(_ id: String, _ day: String, by referrer: String? = nil, code: String? = nil) throws {
        try send(.signup(Signup(userId: id, at: at(day), referrerId: referrer, referralCode: code)))
    }

    private func pay(_ id: String, _ user: String, _ amount: Int64, _ day: String) throws {
        try send(
            .payment(
                Payment(
                    paymentId: id, provider: "stripe", userId: user, amount: amount, asset: Self.gbp,
                    at: at(day))))
    }

    private func refund(_ id: String, _ payment: String, _ amount: Int64, _ day: String) throws {
        try send(
            .refund(
                Refund(
                    refundId: id, provider: "stripe", paymentId: payment, amount: amount, asset: Self.gbp,
                    at: at(day))))
    }

    private func people() throws {
        try send(
            .createProgramme(
                CreateProgramme(
                    programmeId: "shop", asset: Self.gbp, at: at("01-01"), policy: Self.policy,
                    zoneRules: .utc)), named: false)
        try join("ann", "01-02")
        try join("bob", "01-02", by: "ann")
        try join("cid", "01-02", by: "ann")
        try join("dan", "01-02", by: "bob")
        for name in ["eve", "fay", "gus"] { try join(name, "01-03") }
        try send(
            .issueCode(IssueCode(userId: "ann", at: at("01-03"), code: "ANN-1", expiresInDays: 90)), key: "1")
        try send(.disableCode(DisableCode(userId: "ann", code: "ANN-1", at: at("01-04"))), key: "1")
        try join("hal", "01-04", code: "ann-1")
        try send(
            .reactivateCode(
                ReactivateCode(userId: "ann", code: "ANN-1", expiresInDays: 30, at: at("01-05"))), key: "1")
        try join("ida", "01-06", code: "ANN-1")
    }

    /// Grants, tiers, badges, claims; a budget that runs out; a reversion that takes things back.
    private func rewards() throws {
        try send(
            .setBudget(SetBudget(amount: 60_00, asset: Self.gbp, period: .week, at: at("01-05"))), key: "1")
        try pay("p-1", "bob", 100_00, "01-06")
        try pay("p-2", "cid", 120_00, "01-07")
        try send(.claim(ClaimReward(rewardId: "r1", userId: "bob", at: at("01-08"))))
        try send(.fulfil(FulfilReward(rewardId: "r1", isDelivered: false, at: at("01-09"))))
        try send(.claim(ClaimReward(rewardId: "r1", userId: "bob", at: at("01-10"))))
        try send(.fulfil(FulfilReward(rewardId: "r1", isDelivered: true, at: at("01-11"))))
        try refund("f-1", "p-2", 120_00, "01-12")
        try send(.refundFailed(RefundFailure(refundId: "f-1", provider: "stripe", at: at("01-13"))))
        try refund("f-2", "p-1", 25_00, "01-13")
        // Nothing qualifies any more: the badge and the tiers go.
        try refund("f-3", "p-2", 120_00, "01-13")
        try refund("f-4", "p-1", 75_00, "01-13")
        try pay("p-3", "bob", 200_00, "01-14")
        try pay("p-4", "dan", 80_00, "01-14")
    }

    private func dispute(
        _ id: String, _ payment: String?, _ status: DisputeStatus, _ amount: Int64?, _ day: String
    ) throws {
        try send(
            .dispute(
                Dispute(
                    disputeId: id, provider: "stripe", paymentId: payment, status: status, amount: amount,
                    asset: amount == nil ? nil : Self.gbp, at: at(day))))
    }

    private func disputes() throws {
        try dispute("d-1", "p-3", .opened, 50_00, "01-15")
        try dispute("d-2", "p-4", .opened, 80_00, "01-15")
        try dispute("d-3", nil, .lost, nil, "01-15")
        try dispute("d-1", nil, .won, 50_00, "01-16")
        try dispute("d-3", "p-3", .opened, 20_00, "01-16")
        try engine.advance("shop", to: at("01-29"))
        try dispute("d-2", nil, .lost, nil, "01-30")
    }

    private func books() throws {
        try send(
            .openingBalance(OpenBalance(userId: "eve", amount: 200_00, asset: Self.gbp, at: at("01-02"))),
            key: "1")
        try send(
            .adjust(
                Adjust(
                    userId: "fay", amount: -8_00, asset: Self.gbp, reason: "paid twice",
                    approvers: ["root", "deputy"], at: at("01-30"))), key: "1")
        try send(
            .adjust(
                Adjust(
                    userId: "fay", amount: 3_00, asset: Self.gbp, reason: "goodwill", approvers: ["root"],
                    at: at("01-30"))), key: "2")
        try send(
            .writeOff(
                WriteOff(
                    userId: "fay", amount: 1_00, asset: Self.gbp, reason: "small", approvers: ["root"],
                    at: at("01-30"))), key: "1")
        for (key, quote, text) in [("1", Self.eur, "1.17"), ("2", Self.jpy, "191.005")] {
            try send(
                .fxRate(
                    RecordRate(
                        base: Self.gbp, quote: quote, rate: ExchangeRate(text: text)!, source: "ecb",
                        at: at("01-29"))), key: key)
        }
        try send(
            .fxConvert(
                ConvertBalance(userId: "eve", amount: 10_01, asset: Self.gbp, to: Self.jpy, at: at("01-30"))),
            key: "1")
        try send(
            .fund(FundCash(amount: 1_000_00, asset: Self.gbp, reference: "tx-1", at: at("01-30"))), key: "1")
        try send(.recordCost(RecordCost(kind: "ads", amount: 40_00, asset: Self.gbp, at: at("01-30"))), key: "1")
    }

    private func ask(_ id: String, _ user: String, _ amount: Int64, _ day: String, _ method: String? = nil)
        throws
    {
        try send(
            .withdraw(
                Withdraw(
                    withdrawalId: id, userId: user, amount: amount, asset: Self.gbp, method: method,
                    at: at(day))))
    }

    private func decide(
        _ id: String, _ decision: WithdrawalDecision, _ day: String, to amount: Int64? = nil,
        reason: String? = nil, by actor: String = "root"
    ) throws {
        try send(
            .decideWithdrawal(
                DecideWithdrawal(
                    withdrawalId: id, decision: decision, amount: amount, reason: reason, at: at(day))),
            actor: .init(role: .admin, id: actor))
    }

    private func withdrawals() throws {
        try send(
            .kyc(Kyc(userId: "eve", level: 1, decision: .submitted, documentHash: "aa55", at: at("01-30"))),
            key: "1")
        try send(
            .kyc(Kyc(userId: "eve", level: 1, decision: .approved, expiresInDays: 20, at: at("01-31"))),
            key: "2", actor: Self.admin)
        try send(.kyc(Kyc(userId: "fay", level: 2, decision: .rejected, at: at("01-31"))), key: "3")
        try ask("w-1", "eve", 60_00, "01-31", "GB33BUKB20201555555555")
        try decide("w-1", .approve, "02-01")
        try decide("w-1", .approve, "02-01", by: "deputy")
        try ask("w-2", "eve", 20_00, "02-01")
        try decide("w-2", .reduce, "02-01", to: 15_00, reason: "limit")
        try decide("w-2", .approve, "02-01")
        try ask("w-3", "eve", 5_00, "02-01")
        try decide("w-3", .reject, "02-02", reason: "no")
        try ask("w-4", "eve", 5_00, "02-01")
        try decide("w-4", .cancel, "02-02", by: "eve")
        try ask("w-5", "eve", 7_00, "02-01")
        try ask("w-6", "eve", 30_00, "02-01")
        try decide("w-6", .approve, "02-02")
    }

    private func payout(_ id: String, _ status: PayoutStatus, _ day: String, kept: Int64? = nil) throws {
        try send(
            .payout(
                Payout(
                    withdrawalId: id, status: status, provider: "bank", providerRef: "ref-\(id)", kept: kept,
                    asset: kept == nil ? nil : Self.gbp, at: at(day))))
    }

    private func payouts() throws {
        try payout("w-1", .settled, "02-04")
        try payout("w-1", .sent, "02-03")
        try payout("w-2", .sent, "02-03")
        try payout("w-2", .failed, "02-04", kept: 50)
        try payout("w-6", .sent, "02-03")
        try payout("w-6", .settled, "02-04")
        try payout("w-6", .returned, "02-06")
        try send(
            .remitTax(RemitTax(amount: 6_00, asset: Self.gbp, reference: "q1", at: at("02-06"))), key: "1")
        // What is taken back now is partly on its way out.
        try ask("w-7", "eve", 40_00, "02-06")
        try send(
            .adjust(
                Adjust(
                    userId: "eve", amount: -150_00, asset: Self.gbp, reason: "error", approvers: ["root"],
                    at: at("02-07"))), key: "3")
    }

    private func standing() throws {
        try send(.suspend(SuspendUser(userId: "bob", reason: "chargebacks", at: at("02-08"))), key: "1")
        try pay("p-5", "dan", 50_00, "02-09")
        try send(.reinstate(ReinstateUser(userId: "bob", at: at("02-10"))), key: "1", actor: Self.admin)
        try send(
            .flag(
                FlagUser(
                    userId: "bob", rule: "velocity", severity: .high, evidence: "ip 192.0.2.1",
                    provider: "stripe", paymentId: "p-5", at: at("02-11"))), key: "1")
        try send(
            .review(DecideReview(reviewId: "f1", isConfirmed: true, at: at("02-12"))), actor: Self.admin)
        try send(.flag(FlagUser(userId: "gus", rule: "device", severity: .low, at: at("02-11"))), key: "2")
        try send(
            .review(DecideReview(reviewId: "f2", isConfirmed: false, at: at("02-12"))), actor: Self.admin)
        try send(
            .riskScore(ReportRisk(userId: "gus", source: "scorer", score: 730, at: at("02-12"))), key: "1")
        try send(
            .mergeUsers(
                MergeUsers(userId: "hal", intoUserId: "gus", approvers: ["root", "deputy"], at: at("02-12"))),
            key: "1")
        try send(
            .mergeUsers(MergeUsers(userId: "fay", intoUserId: "eve", approvers: ["root"], at: at("02-12"))),
            key: "2")
        try send(
            .openingBalance(OpenBalance(userId: "gus", amount: 9_00, asset: Self.gbp, at: at("02-12"))),
            key: "2")
        try ask("w-8", "gus", 4_00, "02-12")
        try send(.closeUser(CloseUser(userId: "gus", reason: "asked", at: at("02-13"))), key: "1")
        try send(.closeUser(CloseUser(userId: "ida", at: at("02-13"))), key: "2")
        for name in ["jan", "kim", "lea", "max", "nia"] { try join(name, "02-14", by: "dan") }
        // Nobody decides: it runs out.
        try send(
            .openingBalance(OpenBalance(userId: "nia", amount: 12_00, asset: Self.gbp, at: at("02-14"))),
            key: "3")
        try ask("w-9", "nia", 5_00, "02-14")
    }

    private func ends() throws {
        try engine.advance("shop", to: at("02-28"))
        try engine.advance("shop", to: at("04-20"))
    }
}
