import LedgerDomain
import ReferralLedger
import Testing

/// What a command of the main line gets that the ledger will not do. One row for each way, in the order in
/// which they are judged: form, natural key, explicit key, clock, state.
@Suite struct MainLineRefusalTests {
    typealias Row = RefusalTests.Row

    static var policy: Policy {
        twoLevel {
            $0.rewards.rules = [
                .init(
                    stage: .active, side: .referee, asset: .premiumDay, amount: .fixed(30), expiryDays: 5),
                .init(stage: .completed, side: .referrer, asset: .premiumDay, amount: .fixed(10)),
                .init(stage: .completed, side: .referee, asset: .usd, amount: .fixed(1_00)),
            ]
            $0.withdrawal.minimum = .usd(10_00)
            $0.withdrawal.secondApproverAbove = .usd(50_00)
            $0.withdrawal.kycLevel = 1
            $0.withdrawal.expiryDays = 10
            $0.withdrawal.taxPpm = 100_000
            $0.withdrawal.fixedFee = Policy.Amounts([
                .init(asset: .usd, amount: 1_00), .init(asset: .eur, amount: 1_00),
            ])
            $0.adjustmentSecondApproverAbove = .usd(100_00)
        }
    }

    /// Grants: r1 30 days for b, r2 10 days for a, r3 1.00 for b; r4 30 days for c until day 6; r5 30 days for e, r6 10 days
    /// for a and r7 1.00 for e, the last two revoked.
    static let history: [Command] = [
        Say.signup("a"), Say.signup("b", by: "a"), Say.signup("c", by: "a"), Say.signup("e", by: "a"),
        Say.signup("rich"), Say.signup("poor"), Say.signup("low"), Say.signup("sus"), Say.signup("rev"),
        Say.signup("was"), Say.signup("gone"),
        Say.issue("a", "AAAA", key: "k-1"), Say.issue("a", "DEAD", key: "k-2"),
        Say.disable("a", "DEAD", key: "k-1"),
        Say.pay("p-1", "b", 100_00), Say.pay("p-0", "b", 0), Say.pay("p-2", "b", 50_00),
        Say.move("c", .active), Say.pay("p-e", "e", 1_00), Say.refund("r-e", "p-e", 1_00),
        Say.refund("r-1", "p-1", 10_00), Say.refund("r-2", "p-2", 10_00), Say.refundFailed("r-2"),
        Say.refund("r-w", "never", 1_00), Say.refundFailed("r-9"),
        Say.dispute("d-1", "p-1", .opened, 20_00), Say.dispute("d-2", "p-1", .opened, 10_00),
        Say.dispute("d-2", nil, .won, nil, day(4)), Say.dispute("d-9", "never", .opened, 10_00),
        Say.claim("r1", "b"), Say.fulfil("r1", true),
        Say.opening("rich", 1_000_00, key: "o-1"), Say.opening("rich", 5_00, key: "o-2", asset: .eur),
        Say.opening("low", 100_00, key: "o-3"), Say.opening("sus", 100_00, key: "o-4"),
        Say.adjust("poor", -5_00, key: "a-1"), Say.kyc("rich", 1, .approved, key: "k-1"),
        Say.kyc("sus", 1, .approved, key: "k-2"),
        Say.suspend("sus", key: "s-1"), Say.close("gone", key: "c-1"),
        Say.withdraw("w-1", "rich", 20_00), Say.withdraw("w-2", "rich", 60_00),
        Say.withdraw("w-3", "rich", 20_00), Say.withdraw("w-4", "rich", 20_00),
        Say.decide("w-2", .approve), Say.decide("w-3", .approve), Say.decide("w-4", .approve),
        Say.withdraw("w-5", "rich", 20_00), Say.decide("w-5", .cancel, reason: "asked"),
        Say.payout("w-3", .sent), Say.payout("w-3", .settled, day(23)),
        Say.rate(.usd, .eur, "0.5", key: "f-1"),
        Say.rate(.usd, AssetNumber(rawValue: 392), "0.01", key: "f-2"),
        Say.rate(.usd, AssetNumber(rawValue: 756), "99999999999999999", key: "f-3"),
        Say.pay("p-q", "b", 30_00), Say.refund("r-q", "p-q", 1_00),
        Say.quarantine(.payment(provider: "shop", paymentId: "p-q")),
        Say.correct("c", to: "rich", key: "co-1"),
        Say.flag("rev", key: "g-1"), Say.flag("was", key: "g-2"), Say.review("f2", confirm: false),
        Say.run("run-1"), Say.run("run-b"), Say.open("b-1"), Say.open("b-2"), Say.resolve("b-2", key: "rb-1"),
    ]

    static let long = String(repeating: "x", count: 256)
    static let strange = AssetNumber(rawValue: 65_000)
    static let anybody = Command.Actor.system

    /// Bad forms, the same wherever they stand.
    static let forms: [Row] = [
        Row(.identifierInvalid, "runId", Say.run("")),
        Row(.identifierInvalid, "provider", Say.run("r", provider: long)),
        Row(.numberOutOfRange, "lines", Say.run("r", lines: -1)),
        Row(.numberOutOfRange, "matched", Say.run("r", lines: 1)),
        Row(.identifierInvalid, "breakId", Say.open("")),
        Row(.identifierInvalid, "subject", Say.open("b", subject: long)),
        Row(.assetUnknown, "currency", Say.open("b", found: 1, asset: nil)),
        Row(.assetUnknown, "currency", Say.open("b", found: 1, asset: strange)),
        Row(.keyRequired, "key", Say.resolve("b-1", key: nil)),
        Row(.identifierInvalid, "reason", Say.resolve("b-1", key: "k", reason: "")),
        Row(.identifierInvalid, "refundId", Say.refundFailed("")),
        Row(.identifierInvalid, "provider", Say.refundFailed("r-2", provider: "a\nb")),
        Row(.identifierInvalid, "disputeId", Say.dispute("", "p-1", .opened, 1)),
        Row(.identifierInvalid, "provider", Say.dispute("d", "p-1", .opened, 1, provider: "")),
        Row(.identifierInvalid, "paymentId", Say.dispute("d", long, .opened, 1)),
        Row(.identifierInvalid, "paymentId", Say.dispute("d", nil, .opened, 1)),
        Row(.identifierInvalid, "userId", Say.claim("r1", "")),
        Row(.identifierInvalid, "withdrawalId", Say.withdraw("", "rich", 10_00)),
        Row(.identifierInvalid, "userId", Say.withdraw("w", long, 10_00)),
        Row(.identifierInvalid, "withdrawalId", Say.decide("", .approve)),
        Row(.identifierInvalid, "reason", Say.decide("w-1", .cancel, reason: "")),
        Row(.identifierInvalid, "actor", Say.decide("w-1", .cancel, by: .init(role: .admin, id: ""))),
        Row(.identifierInvalid, "withdrawalId", Say.payout("", .sent)),
        Row(.identifierInvalid, "provider", Say.payout("w-4", .sent, provider: "")),
        Row(.identifierInvalid, "providerRef", Say.payout("w-4", .sent, ref: "")),
        Row(.identifierInvalid, "reason", Say.adjust("a", 1, key: "k", reason: "")),
        Row(.identifierInvalid, "approvers", Say.adjust("a", 1, key: "k", by: [""])),
        Row(.identifierInvalid, "reason", Say.writeOff("poor", 1, key: "k", reason: long)),
        Row(.identifierInvalid, "userId", Say.opening("", 1, key: "k")),
        Row(.identifierInvalid, "source", Say.rate(.usd, .eur, "1", key: "k", source: "")),
        Row(.identifierInvalid, "userId", Say.exchange("", 1, .usd, to: .eur, key: "k")),
        Row(.identifierInvalid, "reference", Say.fund(1, key: "k", reference: "")),
        Row(.identifierInvalid, "reference", Say.remitTax(1, key: "k", reference: "")),
        Row(.identifierInvalid, "kind", Say.cost("", 1, key: "k")),
        Row(.identifierInvalid, "reference", Say.cost("ads", 1, key: "k", reference: long)),
        Row(.identifierInvalid, "userId", Say.kyc("", 1, .submitted, key: "k")),
        Row(.identifierInvalid, "reason", Say.suspend("a", key: "k", reason: "")),
        Row(.identifierInvalid, "userId", Say.reinstate("", key: "k")),
        Row(.identifierInvalid, "reason", Say.close("a", key: "k", reason: "")),
        Row(.identifierInvalid, "intoUserId", Say.merge("a", into: "", key: "k")),
        Row(.identifierInvalid, "rule", Say.flag("a", key: "k", rule: "")),
        Row(.identifierInvalid, "paymentId", Say.flag("a", key: "k", provider: "shop")),
        Row(.identifierInvalid, "paymentId", Say.flag("a", key: "k", payment: "p-1")),
        Row(
            .identifierInvalid, "paymentId",
            Say.flag("a", key: "k", reward: "r1", provider: "shop", payment: "p-1")),
        Row(.identifierInvalid, "source", Say.risk("a", 1, key: "k", source: "")),
        Row(.identifierInvalid, "reason", Say.quarantine(.reward("r1"), reason: "")),
        Row(.identifierInvalid, "approvers", Say.quarantine(.reward("r1"), by: long)),
        Row(.identifierInvalid, "reason", Say.release(.reward("r1"), reason: long)),
        Row(
            .identifierInvalid, "paymentId",
            Say.release(.payment(provider: "shop", paymentId: ""))),
        Row(.identifierInvalid, "reference", Say.quarantine(.keyed(type: "adjust", key: ""))),
        Row(.identifierInvalid, "referrerId", Say.correct("a", to: "", key: "k")),
        Row(.identifierInvalid, "reason", Say.correct("a", to: "b", key: "k", reason: "")),
        Row(.keyRequired, "key", Say.correct("a", to: "b", key: nil)),
        Row(.amountLimit, "amount", Say.adjust("a", -LedgerBounds.amount - 1, key: "k")),
        Row(.amountLimit, "amount", Say.opening("a", .max, key: "k")),
        Row(.amountLimit, "amount", Say.dispute("d", "p-1", .opened, .max)),
        Row(.amountLimit, "kept", Say.payout("w-3", .returned, kept: .max)),
        Row(.adjustApprovers, "approvers", Say.correct("a", to: "b", key: "k", by: ["x", "x"])),
        Row(.keyRequired, "key", Say.adjust("a", 1, key: nil)),
        Row(.keyRequired, "key", Say.writeOff("poor", 1, key: nil)),
        Row(.keyRequired, "key", Say.opening("a", 1, key: nil)),
        Row(.keyRequired, "key", Say.rate(.usd, .eur, "1", key: nil)),
        Row(.keyRequired, "key", Say.exchange("rich", 1, .usd, to: .eur, key: nil)),
        Row(.keyRequired, "key", Say.fund(1, key: nil)),
        Row(.keyRequired, "key", Say.remitTax(1, key: nil)),
        Row(.keyRequired, "key", Say.cost("ads", 1, key: nil)),
        Row(.keyRequired, "key", Say.budget(1, .day, key: nil)),
        Row(.keyRequired, "key", Say.kyc("a", 1, .submitted, key: nil)),
        Row(.keyRequired, "key", Say.suspend("a", key: nil)),
        Row(.keyRequired, "key", Say.reinstate("sus", key: nil)),
        Row(.keyRequired, "key", Say.close("a", key: nil)),
        Row(.keyRequired, "key", Say.merge("a", into: "rich", key: nil)),
        Row(.keyRequired, "key", Say.flag("a", key: nil)),
        Row(.keyRequired, "key", Say.risk("a", 1, key: nil)),
        Row(.keyRequired, "key", Say.disable("a", "AAAA", key: nil)),
        Row(.keyRequired, "key", Say.reactivate("a", "DEAD", key: nil)),
        Row(.personalTooLong, "method", Say.withdraw("w", "rich", 10_00, method: "")),
        Row(
            .personalTooLong, "method",
            Say.withdraw("w", "rich", 10_00, method: String(repeating: "x", count: 1_025))),
        Row(.personalTooLong, "documentHash", Say.kyc("a", 1, .submitted, key: "k", hash: "")),
        Row(.timeOutOfRange, "expiresInDays", Say.kyc("a", 1, .approved, key: "k", days: 0)),
        Row(.timeOutOfRange, "expiresInDays", Say.reactivate("a", "DEAD", key: "k", days: 36_501)),
        Row(.codeInvalid, "code", Say.disable("a", "", key: "k")),
        Row(.codeInvalid, "code", Say.reactivate("a", String(repeating: "C", count: 51), key: "k")),
        Row(.amountNotPositive, "amount", Say.dispute("d", "p-1", .opened, 0)),
        Row(.amountNotPositive, "amount", Say.dispute("d", "p-1", .opened)),
        Row(.amountNotPositive, "amount", Say.dispute("d-1", nil, .won, -1)),
        Row(.amountNotPositive, "amount", Say.withdraw("w", "rich", 0)),
        Row(.amountNotPositive, "amount", Say.adjust("a", 0, key: "k")),
        Row(.amountNotPositive, "amount", Say.writeOff("poor", 0, key: "k")),
        Row(.amountNotPositive, "amount", Say.opening("a", -1, key: "k")),
        Row(.amountNotPositive, "amount", Say.exchange("rich", 0, .usd, to: .eur, key: "k")),
        Row(.amountNotPositive, "amount", Say.fund(0, key: "k")),
        Row(.amountNotPositive, "amount", Say.remitTax(-1, key: "k")),
        Row(.amountNotPositive, "amount", Say.cost("ads", 0, key: "k")),
        Row(.amountNegative, "amount", Say.budget(-1, .day, key: "k")),
        Row(.amountNegative, "kept", Say.payout("w-3", .returned, kept: -1)),
        Row(.assetUnknown, "currency", Say.dispute("d", "p-1", .opened, 1, asset: strange)),
        Row(.assetUnknown, "currency", Say.withdraw("w", "rich", 1, asset: strange)),
        Row(.assetUnknown, "currency", Say.budget(1, .day, key: "k", asset: strange)),
        Row(.assetUnknown, "base", Say.rate(strange, .usd, "1", key: "k")),
        Row(.assetUnknown, "quote", Say.rate(.usd, strange, "1", key: "k")),
        Row(.assetNotMoney, "currency", Say.withdraw("w", "rich", 1, asset: .premiumDay)),
        Row(.assetNotMoney, "currency", Say.adjust("a", 1, key: "k", asset: .premiumDay)),
        Row(.assetNotMoney, "currency", Say.writeOff("a", 1, key: "k", asset: .premiumDay)),
        Row(.assetNotMoney, "currency", Say.opening("a", 1, key: "k", asset: .premiumLifetime)),
        Row(.assetNotMoney, "currency", Say.fund(1, key: "k", asset: .premiumDay)),
        Row(.assetNotMoney, "currency", Say.remitTax(1, key: "k", asset: .premiumDay)),
        Row(.assetNotMoney, "currency", Say.cost("ads", 1, key: "k", asset: .premiumDay)),
        Row(.assetNotMoney, "quote", Say.rate(.usd, .premiumDay, "1", key: "k")),
        Row(.assetNotMoney, "to", Say.exchange("rich", 1, .usd, to: .premiumDay, key: "k")),
        Row(.fxSame, "quote", Say.rate(.usd, .usd, "1", key: "k")),
        Row(.fxSame, "to", Say.exchange("rich", 1, .usd, to: .usd, key: "k")),
        Row(.numberOutOfRange, "level", Say.kyc("a", 0, .submitted, key: "k")),
        Row(.numberOutOfRange, "level", Say.kyc("a", 10, .approved, key: "k")),
        Row(.numberOutOfRange, "score", Say.risk("a", -1, key: "k")),
        Row(.numberOutOfRange, "score", Say.risk("a", 1_001, key: "k")),
        Row(.adjustApprovers, "approvers", Say.adjust("a", 1, key: "k", by: [])),
        Row(.adjustApprovers, "approvers", Say.adjust("a", 1, key: "k", by: ["x", "x"])),
        Row(.adjustApprovers, "approvers", Say.writeOff("poor", 1, key: "k", by: ["x", "y", "z"])),
        Row(.adjustApprovers, "approvers", Say.merge("a", into: "rich", key: "k", by: [])),
    ]

    @Test func everyFormIsRefusedAndLeavesNoTrace() throws { try check(Self.forms) }

    @Test func everyRowIsRefusedAndLeavesNoTrace() throws { try check(Self.table) }

    @Test func precedence() throws { try check(Self.twoThingsWrong) }

    private func check(_ rows: [Row]) throws {
        let bench = try Bench(policy: Self.policy, options: RefusalTests.options)
        try bench.run(Self.history)
        let before = try bench.ledger.current.digest()
        for row in rows {
            let refusal = try bench.ledger.submit(row.command).refusal
            #expect(refusal?.code == row.code, "\(row.code.rawValue): \(row.command)")
            #expect(refusal?.field == row.field, "\(row.code.rawValue): \(row.command)")
            #expect(refusal?.message.isEmpty == false)
        }
        let after = try bench.ledger.current.digest()
        #expect(after.value == before.value && after.position == before.position)
        try bench.sound()
    }
}
