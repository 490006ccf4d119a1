import LedgerDomain
import ReferralLedger
import Testing

/// Corrections, opening balances, currencies.
@Suite struct BookRuleTests {
    @Test func corrections() throws {
        let bench = try Bench(policy: paying())
        try bench.run([Say.signup("a")])
        let rows: [(command: Command, said: String, purse: [Int64])] = [
            (
                Say.adjust("a", 10_00, key: "1"), "AdjustmentPosted rewardExpense→available:a 1000",
                [0, 10_00, 0, 0]
            ),
            (
                Say.adjust("a", -15_00, key: "2"),
                "AdjustmentPosted available:a→rewardExpense 1000 receivable:a→rewardExpense 500",
                [0, 0, 0, 5_00]
            ),
            (
                Say.adjust("a", 7_00, key: "3"),
                "AdjustmentPosted rewardExpense→receivable:a 500 rewardExpense→available:a 200",
                [0, 2_00, 0, 0]
            ),
            (
                Say.adjust("a", -12_00, key: "4"),
                "AdjustmentPosted available:a→rewardExpense 200 receivable:a→rewardExpense 1000",
                [0, 0, 0, 10_00]
            ),
            (Say.writeOff("a", 4_00, key: "1"), "DebtWrittenOff loss→receivable:a 400", [0, 0, 0, 6_00]),
            (
                Say.opening("a", 10_00, key: "1"),
                "OpeningBalance opening→receivable:a 600 opening→available:a 400", [0, 4_00, 0, 0]
            ),
        ]
        for row in rows {
            #expect(try bench.tell(row.command) == [row.said])
            #expect(try bench.purse("a") == row.purse, "\(row.said)")
        }
        try bench.sound()
    }

    /// A correction downwards makes room as a reversal does.
    @Test func correctionsMakeRoom() throws {
        let bench = try Bench(policy: paying())
        try bench.run([
            Say.signup("a"), Say.opening("a", 10_00, key: "1"), Say.withdraw("w", "a", 9_00),
        ])
        #expect(
            try bench.tell(Say.adjust("a", -3_00, key: "1")) == [
                "WithdrawalReduced reserved:a→available:a 200",
                "AdjustmentPosted available:a→rewardExpense 300",
            ])
        try bench.sound()
    }

    @Test func secondApprover() throws {
        let bench = try Bench(policy: paying { $0.adjustmentSecondApproverAbove = .usd(10_00) })
        try bench.run([Say.signup("a"), Say.adjust("a", 10_00, key: "1")])
        #expect(try bench.refusal(Say.adjust("a", 10_01, key: "2")) == "adjust.approvers approvers")
        try bench.run([
            Say.adjust("a", 10_01, key: "2", by: ["root", "deputy"]), Say.adjust("a", -10_00, key: "3"),
            // The table names dollars only.
            Say.adjust("a", 99_00, key: "4", asset: .eur),
        ])
        #expect(try bench.purse("a") == [0, 10_01, 0, 0])
        try bench.sound()
    }

    static let yen = Asset(code: "JPY")!.number
    static let dinar = Asset(code: "KWD")!.number

    /// One rate over exponents 0, 2 and 3; half to even; what is given and what comes of it, in minor units.
    static let conversions: [(AssetNumber, AssetNumber, String, Int64, Int64?)] = [
        // 10.00 × 150.25 = 1502.5 → 1502; 30.00 → 4507.5 → 4508
        (.usd, yen, "150.25", 10_00, 1_502), (.usd, yen, "150.25", 30_00, 4_508),
        // 10.01 × 0.3075 = 3.078075
        (.usd, dinar, "0.3075", 10_01, 3_078),
        // 1001 × 0.0021 = 2.1021
        (yen, dinar, "0.0021", 1_001, 2_102),
        // 1.001 × 480.5 = 480.9805
        (dinar, yen, "480.5", 1_001, 481),
        // 0.002 × 2.5 = 0.005 → 0, which is too small; 0.006 × 2.5 = 0.015 → 0.02
        (dinar, .usd, "2.5", 2, nil), (dinar, .usd, "2.5", 6, 2),
        // 7 × 0.0066 = 0.0462; a million yen at a fine rate
        (yen, .usd, "0.0066", 7, 5), (yen, .usd, "0.006612345678", 1_000_000, 6_612_35),
        (.usd, .eur, "0.92", 1, 1), (.usd, .eur, "1", 12_345, 12_345),
    ]

    @Test func exchange() throws {
        for row in Self.conversions {
            let bench = try Bench(policy: paying())
            try bench.run([
                Say.signup("a"), Say.opening("a", 2_000_000, key: "1", asset: row.0),
                Say.rate(row.0, row.1, row.2, key: "1"),
            ])
            let command = Say.exchange("a", row.3, row.0, to: row.1, key: "1")
            guard let expected = row.4 else {
                #expect(try bench.refusal(command) == "fx.too_small amount", "\(row)")
                continue
            }
            #expect(try bench.tell(command).count == 1)
            #expect(try bench.purse("a", row.0) == [0, 2_000_000 - row.3, 0, 0], "\(row)")
            #expect(try bench.purse("a", row.1) == [0, expected, 0, 0], "\(row)")
            // The fx account keeps the two apart.
            #expect(try bench.account("fx", row.0) == row.3 && bench.account("fx", row.1) == -expected)
            try bench.sound()
        }
    }

    @Test func exchangeRepaysADebt() throws {
        let bench = try Bench(policy: paying())
        try bench.run([
            Say.signup("a"), Say.opening("a", 10_00, key: "1"), Say.adjust("a", -5_00, key: "1", asset: .eur),
            Say.rate(.usd, .eur, "2", key: "1"),
        ])
        #expect(
            try bench.tell(Say.exchange("a", 4_00, .usd, to: .eur, key: "1")) == [
                "FxConverted available:a→fx 400 fx→receivable:a 500 EUR fx→available:a 300 EUR"
            ])
        try bench.sound()
    }

    /// The latest rate that is not later; of two of one moment the one recorded later.
    @Test func whichRate() throws {
        let bench = try Bench(policy: paying())
        try bench.run([
            Say.signup("a"), Say.opening("a", 100_00, key: "1"), Say.rate(.usd, .eur, "2", key: "1", day(0)),
            Say.rate(.usd, .eur, "3", key: "2", day(2)), Say.rate(.usd, .eur, "4", key: "3", day(2)),
        ])
        var had: Int64 = 0
        func comes(_ at: Timestamp, _ key: String) throws -> Int64 {
            try bench.run([Say.exchange("a", 1_00, .usd, to: .eur, key: key, at)])
            let has = try bench.purse("a", .eur)[1]
            defer { had = has }
            return has - had
        }
        #expect(try comes(day(1), "a") == 2_00)
        #expect(try comes(day(2), "b") == 4_00)
        #expect(try comes(Timestamp(nanoseconds: day(2).nanoseconds - 1), "c") == 2_00)
        try bench.run([Say.rate(.usd, .eur, "5", key: "4", day(1))])
        #expect(try comes(day(1), "d") == 5_00)
        #expect(try comes(day(3), "e") == 4_00)
        #expect(
            try bench.refusal(Say.exchange("a", 1_00, .usd, to: .eur, key: "f", day(-1))) == "fx.no_rate to")
        try bench.sound()
    }

    /// Converted money is a lot of its own, of the moment of the conversion.
    @Test func convertedMoneyIsFresh() throws {
        let bench = try Bench(policy: paying())
        try bench.run(
            TakeBackTests.people + [
                Say.pay("p", "b", 10_00, asset: .eur), Say.opening("a", 10_00, key: "1"),
                Say.rate(.usd, .eur, "1", key: "1"),
            ])
        try bench.advance(day(15))
        // 2.00 of p, due on day 15; 5.00 converted on day 3 stand before it.
        try bench.run([
            Say.exchange("a", 5_00, .usd, to: .eur, key: "1", day(3)),
            Say.withdraw("w", "a", 5_00, day(16), asset: .eur),
        ])
        #expect(
            try bench.tell(Say.dispute("d", "p", .opened, 10_00, day(17), asset: .eur)) == [
                "DisputeOpened", "RewardHeld available:a→held:a 200 EUR",
            ])
        try bench.sound()
    }
}
