import LedgerDomain
import ReferralLedger
import Testing

/// The commands of the main line again: the first receipt, or a conflict that names what differs.
@Suite struct MainLineIdempotencyTests {
    /// A command that is recorded, and the same with one field changed.
    struct Row {
        let command: Command
        let code: Refusal.Code
        let changed: [(field: String, command: Command)]
        init(
            _ command: Command, _ code: Refusal.Code, _ changed: [(field: String, command: Command)]
        ) {
            (self.command, self.code, self.changed) = (command, code, changed)
        }
    }

    static var policy: Policy {
        paying {
            $0.rewards.rules = [
                .init(stage: .completed, side: .referrer, asset: .premiumDay, amount: .fixed(10))
            ]
            $0.withdrawal.approvalRequired = true
        }
    }

    static let start: [Command] = [
        Say.signup("a"), Say.signup("b", by: "a"), Say.signup("c", by: "a"), Say.signup("x"),
        Say.signup("y"), Say.signup("z"), Say.issue("a", "AAAA", key: "k"), Say.issue("a", "BBBB", key: "l"),
        Say.pay("p", "b", 100_00), Say.pay("q", "c", 100_00), Say.refund("r", "p", 10_00),
        Say.opening("x", 1_000_00, key: "start"), Say.adjust("y", -5_00, key: "start"),
        Say.rate(.usd, .eur, "2", key: "start"),
    ]

    private static let moneyRows: [Row] = [
        Row(Say.refundFailed("r"), .refundConflict, [("at", Say.refundFailed("r", day(4)))]),
        Row(
            Say.dispute("d", "p", .opened, 20_00), .disputeConflict,
            [
                ("amount", Say.dispute("d", "p", .opened, 20_01)),
                ("currency", Say.dispute("d", "p", .opened, 20_00, asset: .eur)),
                ("at", Say.dispute("d", "p", .opened, 20_00, day(4))),
                ("paymentId", Say.dispute("d", "q", .opened, 20_00)),
            ]),
        Row(Say.dispute("d", "p", .won), .disputeDecided, [("status", Say.dispute("d", "p", .lost))]),
        Row(
            Say.dispute("e", "later", .opened, 20_00), .disputeConflict,
            [
                ("amount", Say.dispute("e", "later", .opened, 20_01)),
                ("currency", Say.dispute("e", "later", .opened, 20_00, asset: .eur)),
                ("at", Say.dispute("e", "later", .opened, 20_00, day(4))),
                ("paymentId", Say.dispute("e", "other", .opened, 20_00)),
                ("paymentId", Say.dispute("e", "q", .opened, 20_00)),
            ]),
        Row(
            Say.dispute("f", "later", .lost, 20_00), .disputeConflict,
            [
                ("amount", Say.dispute("f", "later", .lost, 20_01)),
                ("at", Say.dispute("f", "later", .lost, 20_00, day(4))),
            ]),
        Row(
            Say.adjust("a", 7_00, key: "k"), .keyConflict,
            [
                ("userId", Say.adjust("b", 7_00, key: "k")), ("amount", Say.adjust("a", -7_00, key: "k")),
                ("currency", Say.adjust("a", 7_00, key: "k", asset: .eur)),
                ("reason", Say.adjust("a", 7_00, key: "k", reason: "other")),
                ("approvers", Say.adjust("a", 7_00, key: "k", by: ["deputy"])),
                ("approvers", Say.adjust("a", 7_00, key: "k", by: ["root", "deputy"])),
                ("at", Say.adjust("a", 7_00, key: "k", day(4))),
            ]),
        Row(
            Say.writeOff("y", 2_00, key: "k", by: ["root", "deputy"]), .keyConflict,
            [
                ("userId", Say.writeOff("x", 2_00, key: "k", by: ["root", "deputy"])),
                ("amount", Say.writeOff("y", 1_00, key: "k", by: ["root", "deputy"])),
                ("currency", Say.writeOff("y", 2_00, key: "k", asset: .eur, by: ["root", "deputy"])),
                ("reason", Say.writeOff("y", 2_00, key: "k", reason: "other", by: ["root", "deputy"])),
                ("approvers", Say.writeOff("y", 2_00, key: "k")),
                ("at", Say.writeOff("y", 2_00, key: "k", day(4), by: ["root", "deputy"])),
            ]),
        Row(
            Say.opening("x", 9_00, key: "k"), .keyConflict,
            [
                ("userId", Say.opening("y", 9_00, key: "k")), ("amount", Say.opening("x", 9_01, key: "k")),
                ("currency", Say.opening("x", 9_00, key: "k", asset: .eur)),
                ("at", Say.opening("x", 9_00, key: "k", day(1))),
            ]),
        Row(
            Say.rate(.usd, .eur, "1.5", key: "k", day(1)), .keyConflict,
            [
                ("base", Say.rate(.gbp, .eur, "1.5", key: "k", day(1))),
                ("quote", Say.rate(.usd, .gbp, "1.5", key: "k", day(1))),
                ("rate", Say.rate(.usd, .eur, "1.51", key: "k", day(1))),
                ("source", Say.rate(.usd, .eur, "1.5", key: "k", day(1), source: "other")),
                ("at", Say.rate(.usd, .eur, "1.5", key: "k", day(2))),
            ]),
        Row(
            Say.exchange("x", 10_00, .usd, to: .eur, key: "k"), .keyConflict,
            [
                ("userId", Say.exchange("y", 10_00, .usd, to: .eur, key: "k")),
                ("amount", Say.exchange("x", 10_01, .usd, to: .eur, key: "k")),
                ("currency", Say.exchange("x", 10_00, .gbp, to: .eur, key: "k")),
                ("to", Say.exchange("x", 10_00, .usd, to: .gbp, key: "k")),
                ("at", Say.exchange("x", 10_00, .usd, to: .eur, key: "k", day(4))),
            ]),
        Row(
            Say.fund(50_00, key: "k", reference: "tx"), .keyConflict,
            [
                ("amount", Say.fund(50_01, key: "k", reference: "tx")),
                ("currency", Say.fund(50_00, key: "k", asset: .eur, reference: "tx")),
                ("reference", Say.fund(50_00, key: "k")),
                ("at", Say.fund(50_00, key: "k", day(1), reference: "tx")),
            ]),
        Row(
            Say.cost("ads", 50_00, key: "k"), .keyConflict,
            [
                ("kind", Say.cost("fees", 50_00, key: "k")), ("amount", Say.cost("ads", 50_01, key: "k")),
                ("currency", Say.cost("ads", 50_00, key: "k", asset: .eur)),
                ("reference", Say.cost("ads", 50_00, key: "k", reference: "tx")),
                ("at", Say.cost("ads", 50_00, key: "k", day(1))),
            ]),
        Row(
            Say.budget(5_000_00, .month, key: "k"), .keyConflict,
            [
                ("amount", Say.budget(5_000_01, .month, key: "k")),
                ("currency", Say.budget(5_000_00, .month, key: "k", asset: .eur)),
                ("period", Say.budget(5_000_00, .week, key: "k")),
                ("at", Say.budget(5_000_00, .month, key: "k", day(1))),
            ]),
    ]

    private static let payoutRows: [Row] = [
        Row(Say.claim("r1", "a"), .rewardClaimed, [("rewardId", Say.claim("r1", "a", day(4)))]),
        Row(Say.fulfil("r1", true), .rewardFulfilled, [("status", Say.fulfil("r1", false))]),
        Row(
            Say.withdraw("w", "x", 20_00, method: "iban"), .withdrawalConflict,
            [
                ("userId", Say.withdraw("w", "y", 20_00, method: "iban")),
                ("amount", Say.withdraw("w", "x", 20_01, method: "iban")),
                ("currency", Say.withdraw("w", "x", 20_00, asset: .eur, method: "iban")),
                ("at", Say.withdraw("w", "x", 20_00, day(21), method: "iban")),
                ("method", Say.withdraw("w", "x", 20_00, method: "other")),
                ("method", Say.withdraw("w", "x", 20_00)),
            ]),
        Row(
            Say.decide("w", .approve), .withdrawalState,
            [
                ("withdrawalId", Say.decide("w", .approve, day(22))),
                ("withdrawalId", Say.decide("w", .approve, by: Say.second)),
            ]),
        Row(
            Say.decide("w", .reduce, to: 15_00), .withdrawalAmount,
            [("amount", Say.decide("w", .reduce, to: 16_00))]),
        Row(
            Say.payout("w", .sent), .payoutConflict,
            [
                ("provider", Say.payout("w", .sent, provider: "other")),
                ("providerRef", Say.payout("w", .sent, ref: "other")),
                ("at", Say.payout("w", .sent, day(23))),
            ]),
        Row(
            Say.payout("w", .settled, day(23)), .payoutConflict,
            [
                ("provider", Say.payout("w", .settled, day(23), provider: "other")),
                ("providerRef", Say.payout("w", .settled, day(23), ref: "other")),
                ("at", Say.payout("w", .settled, day(24))),
            ]),
        Row(
            Say.payout("w", .returned, day(24), kept: 1_00), .payoutConflict,
            [
                ("provider", Say.payout("w", .returned, day(24), provider: "other", kept: 1_00)),
                ("providerRef", Say.payout("w", .returned, day(24), ref: "other", kept: 1_00)),
                ("kept", Say.payout("w", .returned, day(24))),
                ("at", Say.payout("w", .returned, day(25), kept: 1_00)),
            ]),
        Row(
            Say.payout("v", .failed, day(23), kept: 1_00), .payoutConflict,
            [
                ("provider", Say.payout("v", .failed, day(23), provider: "other", kept: 1_00)),
                ("providerRef", Say.payout("v", .failed, day(23), ref: "other", kept: 1_00)),
                ("kept", Say.payout("v", .failed, day(23), kept: 2_00)),
                ("kept", Say.payout("v", .failed, day(23))),
                ("at", Say.payout("v", .failed, day(24), kept: 1_00)),
            ]),
    ]

    private static let peopleRows: [Row] = [
        Row(
            Say.kyc("x", 1, .submitted, key: "k", hash: "h"), .keyConflict,
            [
                ("userId", Say.kyc("y", 1, .submitted, key: "k", hash: "h")),
                ("level", Say.kyc("x", 2, .submitted, key: "k", hash: "h")),
                ("decision", Say.kyc("x", 1, .approved, key: "k", hash: "h")),
                ("documentHash", Say.kyc("x", 1, .submitted, key: "k", hash: "i")),
                ("at", Say.kyc("x", 1, .submitted, key: "k", day(4), hash: "h")),
            ]),
        Row(
            Say.kyc("x", 1, .approved, key: "l", days: 30), .keyConflict,
            [
                ("userId", Say.kyc("y", 1, .approved, key: "l", days: 30)),
                ("level", Say.kyc("x", 2, .approved, key: "l", days: 30)),
                ("decision", Say.kyc("x", 1, .rejected, key: "l", days: 30)),
                ("expiresInDays", Say.kyc("x", 1, .approved, key: "l", days: 31)),
                ("expiresInDays", Say.kyc("x", 1, .approved, key: "l")),
                ("documentHash", Say.kyc("x", 1, .approved, key: "l", hash: "h", days: 30)),
                ("at", Say.kyc("x", 1, .approved, key: "l", day(4), days: 30)),
            ]),
        Row(
            Say.risk("x", 500, key: "k"), .keyConflict,
            [
                ("userId", Say.risk("y", 500, key: "k")), ("score", Say.risk("x", 501, key: "k")),
                ("source", Say.risk("x", 500, key: "k", source: "other")),
                ("at", Say.risk("x", 500, key: "k", day(4))),
            ]),
        Row(
            Say.suspend("y", key: "k"), .keyConflict,
            [
                ("userId", Say.suspend("x", key: "k")),
                ("reason", Say.suspend("y", key: "k", reason: "other")),
                ("at", Say.suspend("y", key: "k", day(4))),
            ]),
        Row(
            Say.reinstate("y", key: "k"), .keyConflict,
            [("userId", Say.reinstate("x", key: "k")), ("at", Say.reinstate("y", key: "k", day(5)))]),
        Row(
            Say.flag("x", key: "k", evidence: "e", provider: "shop", payment: "p"), .keyConflict,
            [
                ("userId", Say.flag("y", key: "k", evidence: "e", provider: "shop", payment: "p")),
                ("rule", Say.flag("x", key: "k", rule: "o", evidence: "e", provider: "shop", payment: "p")),
                (
                    "severity",
                    Say.flag("x", key: "k", severity: .low, evidence: "e", provider: "shop", payment: "p")
                ),
                ("evidence", Say.flag("x", key: "k", evidence: "f", provider: "shop", payment: "p")),
                ("evidence", Say.flag("x", key: "k", provider: "shop", payment: "p")),
                ("paymentId", Say.flag("x", key: "k", evidence: "e", provider: "shop", payment: "q")),
                ("paymentId", Say.flag("x", key: "k", evidence: "e", provider: "shop", payment: "never")),
                ("rewardId", Say.flag("x", key: "k", evidence: "e")),
                ("at", Say.flag("x", key: "k", day(4), evidence: "e", provider: "shop", payment: "p")),
            ]),
        Row(
            Say.review("f1", confirm: false), .reviewDecided,
            [
                ("decision", Say.review("f1", confirm: true)),
                ("at", Say.review("f1", confirm: false, day(5))),
            ]),
        Row(
            Say.disable("a", "AAAA", key: "k"), .keyConflict,
            [
                ("userId", Say.disable("b", "AAAA", key: "k")),
                ("code", Say.disable("a", "BBBB", key: "k")),
                ("at", Say.disable("a", "AAAA", key: "k", day(4))),
            ]),
        Row(
            Say.reactivate("a", "AAAA", key: "k", days: 9), .keyConflict,
            [
                ("userId", Say.reactivate("b", "AAAA", key: "k", days: 9)),
                ("code", Say.reactivate("a", "BBBB", key: "k", days: 9)),
                ("expiresInDays", Say.reactivate("a", "AAAA", key: "k", days: 8)),
                ("at", Say.reactivate("a", "AAAA", key: "k", day(5), days: 9)),
            ]),
        Row(
            Say.merge("z", into: "x", key: "k", by: ["root", "deputy"]), .keyConflict,
            [
                ("userId", Say.merge("y", into: "x", key: "k", by: ["root", "deputy"])),
                ("intoUserId", Say.merge("z", into: "y", key: "k", by: ["root", "deputy"])),
                ("approvers", Say.merge("z", into: "x", key: "k", by: ["root"])),
                ("at", Say.merge("z", into: "x", key: "k", day(4), by: ["root", "deputy"])),
            ]),
        Row(
            Say.close("y", key: "k", reason: "left"), .keyConflict,
            [
                ("userId", Say.close("x", key: "k", reason: "left")),
                ("reason", Say.close("y", key: "k")), ("at", Say.close("y", key: "k", day(4), reason: "left")),
            ]),
    ]

    static let rows = moneyRows + payoutRows + peopleRows

    /// Each command, twice, then with each field changed; at the end all of them again.
    @Test func repeatsAndConflicts() throws {
        let bench = try Bench(policy: Self.policy)
        try bench.run(Self.start)
        var receipts: [Receipt?] = []
        for row in Self.rows {
            let first = try bench.ledger.submit(row.command)
            #expect(first.name == "accepted" || first.name == "parked", "\(row.command): \(first)")
            #expect(try bench.ledger.submit(row.command) == .repeated(first.receipt!), "\(row.command)")
            for (field, changed) in row.changed {
                let refusal = try bench.ledger.submit(changed).refusal
                #expect(
                    refusal?.code == row.code && refusal?.field == field,
                    "\(changed): \(String(describing: refusal)), not \(row.code) \(field)")
            }
            receipts.append(first.receipt)
        }
        // A withdrawal's decision is repeated while it is the last one.
        for (row, receipt) in zip(Self.rows, receipts) {
            let again = try bench.ledger.submit(row.command)
            if case .decideWithdrawal = row.command.action { continue }
            #expect(again == .repeated(receipt!), "\(row.command)")
        }
        try bench.sound()
    }

    /// A dispute may end at any moment, even before it began; said again with another one, it is a conflict.
    @Test func disputesEndAtAnyMoment() throws {
        let bench = try Bench(policy: Self.policy)
        try bench.run(Self.start)
        try bench.run([Say.dispute("d", "p", .opened, 20_00)])
        let end = Say.dispute("d", nil, .won, nil, day(2))
        let first = try bench.ledger.submit(end)
        #expect(first.name == "accepted")
        #expect(try bench.ledger.submit(end) == .repeated(first.receipt!))
        #expect(try bench.refusal(Say.dispute("d", nil, .won, nil, day(6))) == "dispute.conflict at")
        // A key that is needed and one that is not are told apart by type.
        #expect(try bench.ledger.submit(Say.fund(1, key: "start")).name == "accepted")
        try bench.sound()
    }

    /// An explicit key of a command that has a natural one covers no other fact.
    @Test func keysBesideNaturalOnes() throws {
        let bench = try Bench(policy: Self.policy)
        try bench.run(Self.start)
        try bench.run([Say.refund("s", "q", 10_00), Say.dispute("e", "q", .opened, 1_00)])
        let rows: [(first: Command, other: Command, field: String)] = [
            (Say.refundFailed("r", key: "k"), Say.refundFailed("s", key: "k"), "refundId"),
            (
                Say.dispute("d", "p", .opened, 1_00, key: "k"), Say.dispute("g", "q", .opened, 1_00, key: "k"),
                "disputeId"
            ),
            (Say.claim("r1", "a", key: "k"), Say.claim("r2", "a", key: "k"), "rewardId"),
            (
                Say.withdraw("w", "x", 1_00, key: "k"), Say.withdraw("v", "x", 1_00, key: "k"),
                "withdrawalId"
            ),
            (
                Say.payout("later", .sent, key: "k"), Say.payout("other", .sent, key: "k"), "withdrawalId"
            ),
        ]
        for row in rows {
            let first = try bench.ledger.submit(row.first)
            if case .payout = row.first.action {
                // Nothing parks a sending: an unknown withdrawal does.
                #expect(first.name == "parked", "\(first)")
            } else {
                #expect(first.name == "accepted", "\(first)")
            }
            #expect(try bench.ledger.submit(row.first) == .repeated(first.receipt!))
            var bare = row.first
            bare.key = nil
            #expect(try bench.ledger.submit(bare) == .repeated(first.receipt!))
            let refusal = try bench.ledger.submit(row.other).refusal
            #expect(refusal?.code == .keyConflict && refusal?.field == row.field, "\(row.other)")
        }
        try bench.sound()
    }
}
