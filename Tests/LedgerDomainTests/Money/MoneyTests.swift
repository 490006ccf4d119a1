import LedgerDomain
import Testing

@Suite struct AssetTests {
    @Test func knowsCurrenciesByCodeAndNumber() throws {
        let pound = try #require(Asset(code: "GBP"))
        #expect(pound.number.rawValue == 826)
        #expect(pound.exponent == 2)
        #expect(Asset(number: AssetNumber(rawValue: 826)) == pound)
        #expect(Asset(code: "JPY")?.exponent == 0)
        #expect(Asset(code: "KWD")?.exponent == 3)
        #expect(Asset(code: "ALL")?.number.rawValue == 8)
    }

    @Test func fixedUnitsHaveFixedNumbers() {
        #expect(Asset(code: "PREMIUM_DAY")?.number.rawValue == 1000)
        #expect(Asset(code: "PREMIUM_LIFETIME")?.number.rawValue == 1001)
        #expect(Asset(code: "POINT")?.number.rawValue == 1002)
        #expect(Asset(code: "POINT")?.exponent == 0)
    }

    @Test func currenciesAndPointsAreMoney() {
        let others = Asset.all.filter { !$0.number.isMoney }.map(\.code)
        #expect(others == ["PREMIUM_DAY", "PREMIUM_LIFETIME"])
        #expect(!AssetNumber.firstLedgerDefined.isMoney)
    }

    @Test(arguments: [
        "", "gbp", "GB", "GBPX", "CLF", "UYW", "XAU", "XXX", "XTS", "BADGE:x", "point", "ANG", "ZZZ", "£££",
        "G P",
    ])
    func refuses(code: String) { #expect(Asset(code: code) == nil) }

    @Test func theTableIsOneToOne() {
        #expect(Set(Asset.all.map(\.number)).count == Asset.all.count)
        #expect(Set(Asset.all.map(\.code)).count == Asset.all.count)
        #expect(Asset.all.count == 170)
        for asset in Asset.all {
            #expect(Asset(code: asset.code) == asset)
            #expect(Asset(number: asset.number) == asset)
            #expect([0, 2, 3].contains(asset.exponent))
        }
        for number in UInt16.min...UInt16.max {
            let asset = Asset(number: AssetNumber(rawValue: number))
            #expect((asset != nil) == Asset.all.contains { $0.number.rawValue == number } || number > 1002)
            if number > 1002 { #expect(asset == nil) }
        }
    }

    @Test func ledgerDefinedSymbols() {
        let badge = Asset(ledgerDefined: AssetNumber(rawValue: 2000), code: "BADGE:referral-master")
        #expect(badge.exponent == 0)
        #expect(badge.number.isLedgerDefined)
        #expect(!AssetNumber.point.isLedgerDefined)
    }
}

@Suite struct DecimalTextTests {
    @Test(
        arguments: [
            ("49.99", 2, 4999), ("5", 2, 500), ("5.5", 2, 550), ("0.50", 2, 50), ("0", 2, 0), ("-0", 2, 0),
            ("-0.05", 2, -5), ("0.001", 3, 1), ("7", 0, 7), ("9223372036854775807", 0, .max),
            ("-9223372036854775808", 0, .min), ("92233720368547758.07", 2, .max),
            ("-92233720368547758.08", 2, .min),
            ("9.223372036854775807", 18, .max),
        ] as [(String, Int, Int64)])
    func reads(text: String, exponent: Int, minor: Int64) throws {
        #expect(try DecimalText.parse(text, exponent: exponent) == minor)
    }

    @Test(
        arguments: [
            ("", 2, .empty), ("-", 2, .notDecimal), (".", 2, .notDecimal), ("5.", 2, .notDecimal),
            (".5", 2, .notDecimal),
            ("-.5", 2, .notDecimal), ("+5", 2, .notDecimal), ("--5", 2, .notDecimal), ("05", 2, .notDecimal),
            ("00", 2, .notDecimal), ("-01.00", 2, .notDecimal), ("1e2", 2, .notDecimal),
            ("1,00", 2, .notDecimal),
            ("1.2.3", 2, .notDecimal), (" 1", 2, .notDecimal), ("1 ", 2, .notDecimal),
            ("1_000", 2, .notDecimal),
            ("٣", 2, .notDecimal), ("NaN", 2, .notDecimal), ("0x1", 2, .notDecimal), ("1/", 0, .notDecimal),
            ("1:", 0, .notDecimal), ("5.000", 2, .tooManyDigits), ("5.0", 0, .tooManyDigits),
            ("99999999999999999999999.999", 2, .tooManyDigits), ("9223372036854775808", 0, .overflow),
            ("-9223372036854775809", 0, .overflow), ("92233720368547758.08", 2, .overflow),
            ("99999999999999999999", 0, .overflow),
        ] as [(String, Int, DecimalProblem)])
    func refuses(text: String, exponent: Int, problem: DecimalProblem) {
        #expect(throws: problem) { try DecimalText.parse(text, exponent: exponent) }
    }

    @Test(
        arguments: [
            (4999, 2, "49.99"), (5, 2, "0.05"), (-5, 2, "-0.05"), (0, 2, "0.00"), (0, 0, "0"), (-7, 0, "-7"),
            (1, 3, "0.001"),
            (.min, 2, "-92233720368547758.08"), (.max, 18, "9.223372036854775807"),
            (.min, 0, "-9223372036854775808"),
        ] as [(Int64, Int, String)])
    func writes(minor: Int64, exponent: Int, text: String) {
        #expect(DecimalText.format(minor: minor, exponent: exponent) == text)
    }

    @Test func roundTrips() throws {
        var random = SplitMix(seed: 3)
        for _ in 0..<20_000 {
            let minor = Int64(bitPattern: random.next()) >> Int64(random.next() % 64)
            let exponent = Int(random.next() % 19)
            let text = DecimalText.format(minor: minor, exponent: exponent)
            #expect(try DecimalText.parse(text, exponent: exponent) == minor, "seed 3, \(text)")
        }
    }
}

@Suite struct RoundingTests {
    @Test(
        arguments: [
            (5, 1, 2, [2, 3, 2, 3]), (7, 1, 2, [4, 4, 3, 4]), (-5, 1, 2, [-2, -3, -2, -3]),
            (-7, 1, 2, [-4, -4, -3, -4]),
            (1, 1, 3, [0, 0, 0, 1]), (2, 1, 3, [1, 1, 0, 1]), (-1, 1, 3, [0, 0, 0, -1]),
            (6, 1, 3, [2, 2, 2, 2]),
            (0, 1, 3, [0, 0, 0, 0]), (9, 0, 3, [0, 0, 0, 0]),
            (13912, 200_000, 1_000_000, [2782, 2782, 2782, 2783]),
        ] as [(Int64, Int64, Int64, [Int64])])
    func table(amount: Int64, numerator: Int64, denominator: Int64, shares: [Int64]) {
        for (mode, share) in zip(Rounding.allCases, shares) {
            #expect(mode.share(amount, numerator: numerator, denominator: denominator) == share, "\(mode)")
        }
    }

    @Test func refusesWhatDoesNotFit() {
        for mode in Rounding.allCases {
            #expect(mode.share(.max, numerator: 2, denominator: 1) == nil)
            #expect(mode.share(.max, numerator: .max, denominator: .max) == .max)
            #expect(mode.share(.min, numerator: .max, denominator: .max) == .min)
            #expect(mode.share(.min, numerator: 1, denominator: 1) == .min)
            #expect(mode.share(.min, numerator: .max, denominator: 1) == nil)
            #expect(mode.share(1, numerator: 1, denominator: 0) == nil)
            #expect(mode.share(1, numerator: -1, denominator: 1) == nil)
            #expect(mode.share(1, numerator: 1, denominator: -1) == nil)
        }
        // The same quotient, just below and just above the range, by its rounding alone.
        let half = Int64.max - 1
        #expect(Rounding.down.share(half, numerator: .max, denominator: half) == .max)
        #expect(Rounding.down.share(.max, numerator: 3, denominator: 2) == nil)
        #expect(Rounding.down.share(6_148_914_691_236_517_205, numerator: 3, denominator: 2) == .max)
        #expect(Rounding.up.share(6_148_914_691_236_517_205, numerator: 3, denominator: 2) == nil)
        #expect(Rounding.halfUp.share(-6_148_914_691_236_517_205, numerator: 3, denominator: 2) == .min)
    }

    /// Against schoolbook arithmetic over base-2¹⁶ digits, which shares nothing with the engine.
    @Test func agreesWithASlowModel() {
        var random = SplitMix(seed: 5)
        for _ in 0..<20_000 {
            let amount = Int64(bitPattern: random.next()) >> Int64(random.next() % 64)
            let numerator = Int64(random.next() >> (1 + random.next() % 63))
            var denominator = max(1, Int64(random.next() >> (1 + random.next() % 63)))
            if random.next() % 4 == 0 { denominator = max(2, numerator & ~1) }
            for mode in Rounding.allCases {
                let ours = mode.share(amount, numerator: numerator, denominator: denominator)
                let slow = SlowShare.share(amount, numerator, denominator, mode)
                #expect(ours == slow, "seed 5: \(amount) × \(numerator) ÷ \(denominator), \(mode)")
                if amount != .min, let ours, ours != .min {
                    #expect(mode.share(-amount, numerator: numerator, denominator: denominator) == -ours)
                }
            }
        }
    }

    @Test func namesRoundTrip() {
        for mode in Rounding.allCases { #expect(Rounding(name: mode.name) == mode) }
        #expect(Rounding(name: "HalfEven") == nil)
        #expect(Rounding.allCases.map(\.rawValue) == [0, 1, 2, 3])
    }
}

/// Long multiplication and bit-by-bit long division.
enum SlowShare {
    static func share(_ amount: Int64, _ numerator: Int64, _ denominator: Int64, _ mode: Rounding) -> Int64? {
        var product = Array(repeating: UInt64(0), count: 9)
        for i in 0..<4 {
            for j in 0..<4 {
                product[i + j] +=
                    (amount.magnitude >> (16 * UInt64(i)) & 0xFFFF)
                    * (numerator.magnitude >> (16 * UInt64(j)) & 0xFFFF)
                for k in i + j..<8 where product[k] > 0xFFFF {
                    product[k + 1] += product[k] >> 16
                    product[k] &= 0xFFFF
                }
            }
        }
        var remainder: UInt64 = 0
        var quotient: [Bool] = []
        for bit in (0..<128).reversed() {
            remainder = remainder << 1 | product[bit / 16] >> UInt64(bit % 16) & 1
            quotient.append(remainder >= denominator.magnitude)
            if remainder >= denominator.magnitude { remainder -= denominator.magnitude }
        }
        if quotient.prefix(64).contains(true) { return nil }
        var value = quotient.reduce(UInt64(0)) { $0 << 1 | ($1 ? 1 : 0) }
        let rest = denominator.magnitude - remainder
        let raise: Bool =
            switch mode {
            case .down: false
            case .up: remainder > 0
            case .halfUp: remainder >= rest
            case .halfEven: remainder > rest || (remainder == rest && value % 2 == 1)
            }
        if raise {
            if value == .max { return nil }
            value += 1
        }
        if amount < 0 { return value > Int64.min.magnitude ? nil : Int64(truncatingIfNeeded: ~value &+ 1) }
        return Int64(exactly: value)
    }
}
