import LedgerDomain
import ReferralLedger
import Synchronization
import Testing

/// What a command gets that the ledger will not do.
@Suite struct RefusalTests {
    /// One way to be refused.
    struct Row: CustomTestStringConvertible, Sendable {
        let code: Refusal.Code
        let field: String?
        let command: Command
        var testDescription: String { code.rawValue }
        init(_ code: Refusal.Code, _ field: String?, _ command: Command) {
            self.code = code
            self.field = field
            self.command = command
        }
    }

    static var policy: Policy {
        twoLevel {
            $0.attribution.applyWindowDays = 10
            $0.codes.oneActive = true
            $0.workflow.expiryDays = 40
        }
    }

    /// What the table's commands meet.
    static let history: [Command] =
        [
            Command(.signup(Signup(userId: "a", at: day(0), signals: .init(device: "d-1")))),
            Say.signup("b", by: "a"), Say.signup("e", by: "a"), Say.signup("solo"), Say.signup("x"),
            Say.signup("z"),
            Say.signup("paid"), Say.signup("max"), Say.signup("min", by: "a"),
            Command(.signup(Signup(userId: "twin", at: day(0), signals: .init(device: "d-1")))),
            Say.issue("a", "AAAA", key: "k-a"), Say.issue("b", "BBBB", key: "k-b"),
            Say.issue("x", "EXP1", key: "k-x", days: 2), Say.apply("z", "AAAA"),
            Say.pay("p-0", "b", 0), Say.pay("p-1", "b", 100_00), Say.pay("p-2", "b", 50_00),
            Say.pay("p-3", "paid", 1),
            Say.refund("r-1", "p-1", 10_00), Say.refund("r-2", "p-2", 20_00, total: 20_00),
        ] + (0..<64).map { Say.refund("w-\($0)", "never", 1) }

    static let table: [Row] = [
        Row(.identifierInvalid, "userId", Say.signup("")),
        Row(.identifierInvalid, "provider", Say.pay("p-9", "b", 1, provider: "a\u{7}b")),
        Row(.identifierInvalid, "key", Say.issue("a", nil, key: String(repeating: "k", count: 256))),
        Row(.identifierInvalid, "programme", Say.signup("n", programme: "")),
        Row(.keyRequired, "key", Say.issue("a", "CCCC", key: nil)),
        Row(.keyConflict, "at", Say.issue("a", "AAAA", key: "k-a", day(1))),
        Row(.keyConflict, "code", Say.issue("a", "OTHER", key: "k-a")),
        Row(.keyConflict, "userId", Say.issue("b", "AAAA", key: "k-a")),
        Row(.keyConflict, "expiresInDays", Say.issue("a", "AAAA", key: "k-a", days: 3)),
        Row(.programmeUnknown, "programme", Say.signup("n", programme: "other")),
        Row(.programmeExists, "programme", Say.create("two-level", asset: .eur, policy: policy)),
        Row(
            .policyInvalid, "policy",
            Say.publish(twoLevel { $0.commission.levels = [900_000, 200_000] }, from: day(3))),
        Row(.policyInvalid, "policy", Say.publish(twoLevel { $0.codes.alphabet = "" }, from: day(3))),
        Row(.policyInvalid, "policy", Say.create("new", policy: twoLevel { $0.commission.holdingDays = -1 })),
        Row(.timeInFuture, "at", Say.signup("n", day(160))),
        Row(.timeInFuture, "to", Command(.advance(Advance(to: day(160))))),
        Row(.timeOutOfRange, "expiresInDays", Say.issue("solo", "CCCC", key: "k-9", days: 0)),
        Row(.timeOutOfRange, "expiresInDays", Say.issue("solo", "CCCC", key: "k-9", days: 36_501)),
        Row(.userUnknown, "userId", Say.pay("p-9", "ghost", 1)),
        Row(.userUnknown, "userId", Say.issue("ghost", "CCCC", key: "k-9")),
        Row(.userUnknown, "userId", Say.apply("ghost", "AAAA")),
        Row(.userUnknown, "userId", Say.move("ghost", .active)),
        Row(.countryInvalid, "country", Command(.signup(Signup(userId: "n", at: day(0), country: "gb")))),
        Row(.signupConflict, "at", Say.signup("a", day(1))),
        Row(.signupConflict, "referrerId", Say.signup("b", by: "x")),
        Row(.signupConflict, "signals.device", Command(.signup(Signup(userId: "a", at: day(0))))),
        Row(.signupTwoReferrers, "referralCode", Say.signup("n", by: "a", code: "AAAA")),
        Row(
            .personalTooLong, "metadata",
            Command(
                .signup(
                    Signup(
                        userId: "n", at: day(0),
                        personal: .init(metadata: String(repeating: "m", count: 16_129)))))
        ),
        Row(.codeInvalid, "code", Say.issue("solo", "", key: "k-9")),
        Row(.codeInvalid, "code", Say.issue("solo", String(repeating: "C", count: 51), key: "k-9")),
        Row(.codeTaken, "code", Say.issue("solo", "aaaa", key: "k-9")),
        Row(.codeOneActive, "userId", Say.issue("a", "CCCC", key: "k-9")),
        Row(.codeUnknown, "code", Say.apply("solo", "NONE")),
        Row(.codeExpired, "code", Say.apply("solo", "EXPL", day(2))),
        Row(.codeOwn, "code", Say.apply("a", "AAAA")),
        Row(.attributionAlready, "userId", Say.apply("b", "AAAA")),
        Row(.attributionTooLate, "at", Say.apply("paid", "AAAA")),
        Row(.attributionTooLate, "at", Say.apply("solo", "AAAA", day(10, hours: 1))),
        Row(.attributionConflict, "code", Say.apply("z", "BBBB")),
        Row(.attributionConflict, "at", Say.apply("z", "AAAA", day(2))),
        Row(.attributionCycle, "code", Say.apply("a", "BBBB")),
        Row(.attributionSharedSignal, "code", Say.apply("twin", "AAAA")),
        Row(.referralNone, "userId", Say.move("solo", .active)),
        Row(.referralNone, "userId", Say.convert("solo")),
        Row(.referralExpired, "at", Say.move("e", .active, day(40))),
        Row(.referralExpired, "at", Say.convert("e", day(41))),
        Row(.referralAlreadyConverted, "userId", Say.convert("b")),
        Row(.referralStage, "to", Say.move("b", .pending)),
        Row(.amountNegative, "amount", Say.pay("p-9", "b", -1)),
        Row(.amountNegative, "refundedTotal", Say.refund("r-9", "p-2", 1, total: -1)),
        Row(.amountNotPositive, "amount", Say.refund("r-9", "p-1", 0)),
        Row(.amountBase, "commissionableBase", Say.pay("p-9", "b", 5, base: 6)),
        Row(.amountBase, "commissionableBase", Say.pay("p-9", "b", 5, base: -1)),
        Row(.amountLimit, "amount", Say.pay("p-9", "min", LedgerBounds.amount + 1)),
        Row(.amountLimit, "amount", Say.refund("r-9", "p-1", .max)),
        Row(.amountLimit, "refundedTotal", Say.refund("r-9", "p-1", 1, total: .max)),
        Row(.assetUnknown, "currency", Say.pay("p-9", "b", 1, asset: AssetNumber(rawValue: 65_000))),
        Row(.assetUnknown, "currency", Say.refund("r-9", "p-1", 1, asset: AssetNumber(rawValue: 65_000))),
        Row(.paymentConflict, "amount", Say.pay("p-1", "b", 99_99)),
        Row(.paymentConflict, "currency", Say.pay("p-1", "b", 100_00, asset: .eur)),
        Row(.paymentConflict, "at", Say.pay("p-1", "b", 100_00, day(2))),
        Row(.paymentConflict, "commissionableBase", Say.pay("p-1", "b", 100_00, base: 1)),
        Row(.paymentConflict, "userId", Say.pay("p-1", "a", 100_00)),
        Row(.refundConflict, "amount", Say.refund("r-1", "p-1", 11_00)),
        Row(.refundConflict, "paymentId", Say.refund("r-1", "p-2", 10_00)),
        Row(.refundConflict, "refundedTotal", Say.refund("r-1", "p-1", 10_00, total: 10_00)),
        Row(.refundConflict, "paymentId", Say.refund("w-0", nil, 1)),
        Row(.refundCurrency, "currency", Say.refund("r-9", "p-0", 1, asset: .eur, total: 1)),
        Row(.refundZeroPayment, "paymentId", Say.refund("r-9", "p-0", 1)),
        Row(.refundMixedCounting, "refundedTotal", Say.refund("r-9", "p-1", 20_00, total: 20_00)),
        Row(.refundMixedCounting, "refundedTotal", Say.refund("r-9", "p-2", 99_00)),
        Row(.refundTotalWentBack, "refundedTotal", Say.refund("r-9", "p-2", 1, total: 19_99)),
        Row(.parkingFull, nil, Say.refund("w-64", "never", 1)),
    ]

    /// Codes that need a ledger of their own, each with its test below.
    static let elsewhere: [Refusal.Code] = [
        .programmeRequired, .limitReached, .clockBehind, .quarantineUnsettled, .factQuarantined,
    ]

    static var options: LedgerOptions { testOptions { $0.clock = { day(151).nanoseconds } } }

    @Test func everyRowIsRefusedAndLeavesNoTrace() throws {
        let bench = try Bench(policy: Self.policy, options: Self.options)
        try bench.run(Self.history)
        let before = try bench.ledger.current.digest()
        for row in Self.table {
            let refusal = try bench.ledger.submit(row.command).refusal
            #expect(refusal?.code == row.code, "\(row.code.rawValue): \(row.command)")
            #expect(refusal?.field == row.field, "\(row.code.rawValue): \(row.command)")
            #expect(refusal?.message.isEmpty == false)
        }
        let after = try bench.ledger.current.digest()
        #expect(after.value == before.value && after.position == before.position)
    }

    @Test func everyCodeIsAccountedFor() {
        let mainLine = MainLineRefusalTests.forms + MainLineRefusalTests.table
        let known = Set((Self.table + mainLine).map(\.code)).union(Self.elsewhere)
        for code in Refusal.Code.allCases { #expect(known.contains(code), "\(code)") }
        #expect(Set(Self.table.map(\.code)).isDisjoint(with: Self.elsewhere))
        for code in Refusal.Code.allCases { #expect((400...599).contains(code.httpStatus)) }
    }

    /// Two things wrong at once: which is said.
    @Test func precedence() throws {
        let bench = try Bench(policy: Self.policy, options: Self.options)
        try bench.run(Self.history)
        let rows: [Row] = [
            Row(.identifierInvalid, "programme", Say.issue("ghost", nil, key: nil, programme: "")),
            Row(.amountNegative, "amount", Say.pay("p-9", "ghost", -1, programme: "other")),
            Row(.programmeUnknown, "programme", Say.pay("p-9", "ghost", 1, day(160), programme: "other")),
            Row(.paymentConflict, "amount", Say.pay("p-1", "ghost", 1, day(160))),
            Row(.keyConflict, "at", Say.issue("ghost", "AAAA", key: "k-a", day(160))),
            Row(.timeInFuture, "at", Say.pay("p-9", "ghost", 1, day(160))),
            Row(.userUnknown, "userId", Say.issue("ghost", "AAAA", key: "k-9")),
            Row(.codeTaken, "code", Say.issue("a", "AAAA", key: "k-9")),
            Row(.refundCurrency, "currency", Say.refund("r-9", "p-0", 1, asset: .eur)),
            Row(.refundZeroPayment, "paymentId", Say.refund("r-9", "p-0", 1, total: 1)),
            Row(.refundMixedCounting, "refundedTotal", Say.refund("r-9", "p-1", 1, total: 1)),
        ]
        for row in rows {
            let refusal = try bench.ledger.submit(row.command).refusal
            #expect(
                refusal?.code == row.code && refusal?.field == row.field,
                "\(row.command): \(String(describing: refusal))")
        }
    }

    @Test func programmeMustBeNamedWhereThereAreTwo() throws {
        let bench = try Bench()
        try bench.run([Say.create("second", policy: twoLevel())])
        let refusal = try bench.ledger.submit(Say.signup("a")).refusal
        #expect(refusal?.code == .programmeRequired && refusal?.field == "programme")
        try bench.run([Say.signup("a", programme: "second")])
    }

    @Test func drawnCodesRunOut() throws {
        let bench = try Bench(
            options: testOptions { $0.drawCode = { length, _ in Array(repeating: 65, count: length) } })
        try bench.run([Say.signup("a"), Say.issue("a", nil, key: "1")])
        let refusal = try bench.ledger.submit(Say.issue("a", nil, key: "2")).refusal
        #expect(refusal?.code == .limitReached && refusal?.field == "code")
        #expect(try bench.ledger.current.user("a")?.codes.map(\.code) == ["AAAAAAAA"])
    }

    @Test func clockBehindTheLog() throws {
        let clock = Mutex(day(100).nanoseconds)
        let now: @Sendable () -> Int64 = { clock.withLock { $0 } }
        let bench = try Bench(options: testOptions { $0.clock = now })
        try bench.run([Say.signup("a")])
        clock.withLock { $0 = day(100, hours: -1).nanoseconds + 1_000 }
        try bench.run([Say.signup("b")])
        clock.withLock { $0 = day(100, hours: -2).nanoseconds }
        #expect(try bench.ledger.submit(Say.signup("c")).refusal?.code == .clockBehind)
        #expect(try bench.ledger.advance(to: day(1)).refusal?.code == .clockBehind)
        // It is the state of the clock, not of the command: later it may go.
        clock.withLock { $0 = day(100, hours: 1).nanoseconds }
        try bench.run([Say.signup("c")])
        #expect(try bench.ledger.current.status().users == 3)
    }

    /// A refusal is not remembered.
    @Test func laterItMaySucceed() throws {
        let bench = try Bench()
        #expect(try bench.ledger.submit(Say.pay("p", "a", 1, key: "k")).refusal?.code == .userUnknown)
        try bench.run([Say.signup("a")])
        #expect(try bench.ledger.submit(Say.pay("p", "a", 1, key: "k")).name == "accepted")
    }
}
