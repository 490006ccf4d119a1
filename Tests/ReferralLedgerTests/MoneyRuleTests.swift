import LedgerDomain
import ReferralLedger
import Testing

/// Documentation/rules.md on money, by hand-computed figures in minor units.
@Suite struct MoneyRuleTests {
    /// A chain of referrers: u0 ← u1 ← … ← u9.
    static let chain = (0..<10).map { Say.signup("u\($0)", by: $0 == 0 ? nil : "u\($0 - 1)") }

    /// Amount, base, and what levels 1, 2 and 3 get of 12.5 %, 5 % and 2.5 %.
    static let legs: [(amount: Int64, base: Int64?, expected: [Int64])] = [
        (0, nil, [0, 0, 0]), (1, nil, [0, 0, 0]),
        // 0.5 → 0, 0.2, 0.1 · 1.5 → 2, 0.6 → 1, 0.3 · 2.5 → 2, 1, 0.5 → 0
        (4, nil, [0, 0, 0]), (12, nil, [2, 1, 0]), (20, nil, [2, 1, 0]),
        // 3.75, 1.5 → 2, 0.75 → 1 · 7.5 → 8, 3, 1.5 → 2 · 62.5 → 62, 25, 12.5 → 12
        (30, nil, [4, 2, 1]), (60, nil, [8, 3, 2]), (500, nil, [62, 25, 12]),
        (99_99, nil, [12_50, 5_00, 2_50]), (99_99, 0, [0, 0, 0]), (99_99, 60, [8, 3, 2]),
        (
            999_999_999_999_980, nil,
            [124_999_999_999_998, 49_999_999_999_999, 25_000_000_000_000]
        ),
    ]

    @Test func legsByLevel() throws {
        let policy = twoLevel {
            $0.commission.levels = [125_000, 50_000, 25_000]
            $0.commission.maxDepth = 3
        }
        for (number, row) in Self.legs.enumerated() {
            let bench = try Bench(policy: policy)
            try bench.run(Self.chain)
            try bench.run([Say.pay("p", "u9", row.amount, base: row.base)])
            for level in 1...3 {
                let expected = row.expected[level - 1]
                #expect(
                    try bench.money("u\(9 - level)") == [expected, 0, 0, expected],
                    "row \(number), level \(level)")
            }
            #expect(try bench.money("u5") == [0, 0, 0, 0])
        }
    }

    /// The policy's rounding: the same payment of 20 at 12.5 %, which is 2.5.
    @Test(arguments: [(Rounding.halfEven, Int64(2)), (.halfUp, 3), (.down, 2)])
    func roundingIsThePolicys(rounding: Rounding, expected: Int64) throws {
        let bench = try Bench(
            policy: twoLevel {
                $0.commission.levels = [125_000]
                $0.commission.maxDepth = 1
                $0.commission.rounding = rounding
            })
        try bench.run([Say.signup("a"), Say.signup("b", by: "a"), Say.pay("p", "b", 20)])
        #expect(try bench.money("a")[0] == expected)
        // Another version's rounding does not touch what was earned under this one.
        try bench.run([
            Say.publish(twoLevel(), from: day(0)), Say.refund("r", "p", 10), Say.refund("s", "p", 10),
        ])
        #expect(try bench.money("a") == [0, 0, 0, 0])
    }

    @Test func fewerLevelsThanRatesEarn() throws {
        let bench = try Bench(
            policy: twoLevel {
                $0.commission.levels = Array(repeating: 10_000, count: 8)
                $0.commission.maxDepth = 5
            })
        try bench.run(Self.chain)
        try bench.run([Say.pay("p", "u9", 100_00)])
        for i in 0..<9 { #expect(try bench.money("u\(i)")[0] == (i >= 4 ? 1_00 : 0), "u\(i)") }
    }

    /// An edge pays what is not before it (`≤`); a younger edge ends the walk, whatever is above.
    @Test func attributionNotLaterThanPayment() throws {
        let bench = try Bench()
        try bench.run([
            Say.signup("top", day(0)), Say.signup("middle", day(0), by: "top"),
            Say.issue("middle", "MID", key: "1"),
            Say.signup("late", day(0)), Say.apply("late", "MID", day(5)),
            // One nanosecond before, at, and after the edge.
            Say.pay("1", "late", 10_00, Timestamp(nanoseconds: day(5).nanoseconds - 1)),
        ])
        #expect(try bench.money("middle") == [0, 0, 0, 0] && bench.money("top") == [0, 0, 0, 0])
        try bench.run([Say.pay("2", "late", 10_00, day(5))])
        #expect(try bench.money("middle")[0] == 2_00 && bench.money("top")[0] == 1_00)
        try bench.run([Say.pay("3", "late", 10_00, day(6))])
        #expect(try bench.money("middle")[0] == 4_00 && bench.money("top")[0] == 2_00)
    }

    /// A young edge in the middle of the chain cuts off the older ones above it.
    @Test func youngEdgeEndsTheWalk() throws {
        let bench = try Bench()
        try bench.run([
            Say.signup("top", day(0)), Say.issue("top", "TOP", key: "1"), Say.signup("middle", day(0)),
            Say.signup("low", day(0), by: "middle"), Say.apply("middle", "TOP", day(5)),
            Say.pay("1", "low", 10_00, day(4)), Say.pay("2", "low", 10_00, day(5)),
        ])
        #expect(try bench.money("middle")[0] == 4_00 && bench.money("top")[0] == 1_00)
    }

    /// Any slicing of 100 % takes exactly 100 % back, and each slice what the rule says.
    @Test func slicesAddUp() throws {
        // 999 minor units: legs of 200 (199.8) and 100 (99.9).
        let slicings: [[Int64]] = [
            [999], [1, 998], [998, 1], [333, 333, 333], [500, 499], Array(repeating: 1, count: 999),
            Array(repeating: 37, count: 27),
        ]
        for (number, slices) in slicings.enumerated() {
            for matured in [false, true] {
                let bench = try Bench()
                try bench.run(Self.chain)
                try bench.run([Say.pay("p", "u9", 999)])
                if matured { try bench.ledger.advance(to: day(60)) }
                var refunded: Int64 = 0
                for (i, slice) in slices.enumerated() {
                    try bench.run([Say.refund("r\(i)", "p", slice, day(61))])
                    refunded += slice
                    // round(leg × refunded ÷ payment), half to even; 999 is odd, so a tie never comes.
                    let left = [
                        (200 - (200 * refunded * 2 + 999) / 1_998),
                        (100 - (100 * refunded * 2 + 999) / 1_998),
                    ]
                    let money = try [bench.money("u8"), bench.money("u7")]
                    #expect(
                        money[0] == (matured ? [0, left[0], 0, left[0]] : [left[0], 0, 0, left[0]]),
                        "\(number)/\(i)")
                    #expect(
                        money[1] == (matured ? [0, left[1], 0, left[1]] : [left[1], 0, 0, left[1]]),
                        "\(number)/\(i)")
                }
                #expect(refunded == 999)
                #expect(try bench.ledger.current.trialBalance().value.isEmpty)
                #expect(try bench.ledger.submit(Say.refund("more", "p", 1)).name == "parked")
            }
        }
    }

    /// refundedTotal given: money is the difference; the same total under a second id moves nothing.
    @Test func cumulativeProviders() throws {
        let bench = try Bench()
        try bench.run(Self.chain)
        try bench.run([Say.pay("p", "u9", 100_00)])
        let rows: [(id: String, amount: Int64, total: Int64, name: String, left: Int64)] = [
            ("a", 30_00, 30_00, "accepted", 14_00), ("b", 30_00, 30_00, "accepted", 14_00),
            // The amount is a cross-check, never money.
            ("c", 1, 50_00, "accepted", 10_00), ("a", 30_00, 30_00, "repeated", 10_00),
            ("d", 20_00, 49_99, "refused", 10_00), ("e", 50_01, 100_01, "parked", 10_00),
            ("f", 50_00, 100_00, "accepted", 0),
        ]
        for row in rows {
            let outcome = try bench.ledger.submit(Say.refund(row.id, "p", row.amount, total: row.total))
            #expect(outcome.name == row.name, "\(row.id)")
            #expect(try bench.money("u8") == [row.left, 0, 0, row.left], "\(row.id)")
        }
    }

    /// Refunds that come first wait, and are applied in the payment's own record, in order; what fails stays.
    @Test func refundsBeforeTheirPayment() throws {
        let bench = try Bench()
        try bench.run(Self.chain)
        for command in [
            Say.refund("1", "p", 30_00), Say.refund("2", "p", 10_00, asset: .eur),
            Say.refund("3", "p", 80_00),
            Say.refund("4", "p", 70_00), Say.refund("5", nil, 1), Say.refund("6", "p", 1, total: 1),
        ] {
            #expect(try bench.ledger.submit(command).name == "parked")
        }
        #expect(try bench.ledger.current.status().parked == 6)
        let paid = try bench.ledger.submit(Say.pay("p", "u9", 100_00))
        // 30 applies, another currency does not, 80 has no headroom, 70 takes the rest, mixed counting does not.
        #expect(try bench.money("u8") == [0, 0, 0, 0])
        #expect(try bench.ledger.current.parkedFacts().map(\.id) == ["2", "3", "5", "6"])
        #expect(
            try bench.ledger.current.parkedFacts().map(\.waitingFor) == [
                "headroom", "headroom", "nothing", "headroom",
            ])
        let record = try bench.ledger.current.events(from: paid.receipt!.position)
        #expect(record.map(\.type).filter { $0 == .refundReceived }.count == 2)
        #expect(Set(record.map(\.ordinal)).count == 1)
        #expect(try bench.ledger.current.user("u9")?.stage == .reverted)
        // The id of a parked one is taken.
        #expect(try bench.ledger.submit(Say.refund("3", "p", 80_00)).name == "repeated")
        #expect(try bench.ledger.submit(Say.refund("3", "p", 81_00)).refusal?.code == .refundConflict)
    }

    /// What does not fit is parked whole and moves nothing; what comes later and fits, applies.
    @Test func headroom() throws {
        let bench = try Bench()
        try bench.run(Self.chain)
        try bench.run([Say.pay("p", "u9", 10_00), Say.refund("1", "p", 6_00)])
        #expect(try bench.ledger.submit(Say.refund("2", "p", 5_00)).name == "parked")
        #expect(try bench.money("u8") == [80, 0, 0, 80])
        #expect(try bench.ledger.submit(Say.refund("3", "p", 4_00)).name == "accepted")
        #expect(try bench.money("u8") == [0, 0, 0, 0])
        #expect(try bench.ledger.current.parkedFacts().map(\.waitingFor) == ["headroom"])
        // Sixty-four wait for one payment, with it or before it; the next is refused.
        for i in 0..<63 { #expect(try bench.ledger.submit(Say.refund("h\(i)", "p", 1)).name == "parked") }
        #expect(try bench.ledger.submit(Say.refund("h63", "p", 1)).refusal?.code == .parkingFull)
        #expect(try bench.ledger.submit(Say.refund("h63", "q", 1)).name == "parked")
    }

    /// Pending until the day, by the advance alone; then a reversal takes from what is available.
    @Test func maturity() throws {
        let bench = try Bench()
        try bench.run(Self.chain)
        try bench.run([Say.pay("p", "u9", 10_00, day(1)), Say.pay("q", "u9", 20_00, day(2))])
        try bench.ledger.advance(to: Timestamp(nanoseconds: day(15).nanoseconds - 1))
        #expect(try bench.money("u8") == [6_00, 0, 0, 6_00])
        try bench.ledger.advance(to: day(15))
        #expect(try bench.money("u8") == [4_00, 2_00, 0, 6_00])
        #expect(try bench.ledger.advance(to: day(15)).name == "repeated")
        #expect(try bench.ledger.advance(to: day(3)).name == "repeated")
        // A refund whose date lies past the maturity still finds pending, as no advance has been there.
        try bench.run([Say.refund("r", "q", 10_00, day(40))])
        #expect(try bench.money("u8") == [2_00, 2_00, 0, 4_00])
        try bench.ledger.advance(to: day(40))
        #expect(try bench.money("u8") == [0, 4_00, 0, 4_00])
        try bench.run([Say.refund("s", "p", 10_00, day(3)), Say.refund("t", "q", 10_00, day(3))])
        #expect(try bench.money("u8") == [0, 0, 0, 0])
        // A backdated payment matures with the next advance, though the clock does not move.
        try bench.run([Say.pay("back", "u9", 10_00, day(1))])
        #expect(try bench.money("u8") == [2_00, 0, 0, 2_00])
        #expect(try bench.ledger.advance(to: day(20)).name == "accepted")
        #expect(try bench.money("u8") == [0, 2_00, 0, 2_00])
    }

    /// A commission that is wholly reversed matures with nothing.
    @Test func nothingMaturesOfNothing() throws {
        let bench = try Bench()
        try bench.run(Self.chain)
        try bench.run([Say.pay("p", "u9", 10_00), Say.refund("r", "p", 10_00)])
        let end = bench.ledger.current.position
        try bench.ledger.advance(to: day(30))
        let events = try bench.ledger.current.events(from: LogPosition(end.rawValue + 1))
        #expect(!events.contains { $0.type == .rewardMatured })
    }

    @Test func assetsAreApart() throws {
        let bench = try Bench()
        try bench.run(Self.chain)
        let assets = ["USD", "JPY", "KWD", "EUR"].map { Asset(code: $0)!.number }
        for (i, asset) in assets.enumerated() {
            try bench.run([Say.pay("p\(i)", "u9", Int64(i + 1) * 1_000, asset: asset)])
        }
        try bench.ledger.advance(to: day(20))
        try bench.run([Say.refund("r", "p1", 1_000, asset: assets[1])])
        #expect(try bench.ledger.current.balances(of: "u8")?.map(\.asset) == assets)
        #expect(
            try assets.map { try bench.money("u8", $0) } == [
                [0, 200, 0, 200], [0, 200, 0, 200], [0, 600, 0, 600], [0, 800, 0, 800],
            ])
        #expect(try bench.money("u8", .gbp) == [0, 0, 0, 0])
        for line in try bench.ledger.current.trialBalance().value where line.account == "rewardExpense" {
            #expect(line.debit == [300, 300, 900, 1_200][assets.firstIndex(of: line.asset)!])
        }
        let statement = try #require(try bench.ledger.current.statement(of: "u8", asset: assets[1]))
        #expect(statement.map(\.pending) == [400, -400, 0] && statement.map(\.available) == [0, 400, -200])
        #expect(statement.last?.availableAfter == 200)
    }

    /// No single fact brings a programme's sums near their end: an amount above the bound is refused, and the
    /// largest that is not leaves room for hundreds like it.
    @Test func extremes() throws {
        let most = LedgerBounds.amount
        let bench = try Bench()
        try bench.run(Self.chain)
        for amount in [most + 1, .max] {
            #expect(try bench.refusal(Say.pay("p", "u9", amount)) == "amount.limit amount")
        }
        try bench.run([Say.pay("p", "u9", most), Say.pay("q", "u9", most), Say.pay("r", "u9", 1)])
        #expect(try bench.money("u8")[0] == 2 * most / 5 && bench.money("u7")[0] == 2 * most / 10)
        try bench.ledger.advance(to: day(20))
        try bench.run([Say.refund("1", "p", 1), Say.refund("2", "p", most - 1)])
        #expect(try bench.money("u8")[1] == most / 5 && bench.money("u7")[1] == most / 10)
    }

    /// Sums stay in 64 bits: past 922 of the largest payments one more is refused, and nothing is half done.
    @Test func sumsStayInRange() throws {
        let bench = try Bench()
        try bench.run([Say.signup("a"), Say.signup("b", by: "a")])
        let whole = Int(Int64.max / LedgerBounds.amount)
        try bench.run((0..<whole).map { Say.pay("p\($0)", "b", LedgerBounds.amount) })
        let before = try bench.ledger.current.digest().value
        #expect(try bench.refusal(Say.pay("one", "b", LedgerBounds.amount)) == "amount.overflow amount")
        #expect(try bench.ledger.current.digest().value == before)
        try bench.run([Say.pay("small", "b", 1_00), Say.pay("euro", "b", LedgerBounds.amount, asset: .eur)])
    }
}
