import LedgerDomain
import ReferralLedger
import Testing

/// The same again gives the first receipt; the same name for something else is a conflict that says what differs.
@Suite struct IdempotencyTests {
    static let history: [Command] = [
        Say.signup("a"), Say.signup("b", by: "a"), Say.signup("c", by: "a"), Say.signup("d"),
        Say.issue("a", "AAAA", key: "code"), Say.apply("d", "AAAA"), Say.pay("p", "b", 10_00),
        Say.refund("r", "p", 1_00), Say.refund("w", "later", 5), Say.refund("n", nil, 5), Say.convert("new"),
        Say.publish(twoLevel { $0.commission.holdingDays = 7 }, from: day(100)),
        Say.create("second", policy: twoLevel()),
    ].map { command in
        var command = command
        if case .createProgramme = command.action { return command }
        command.programme = "two-level"
        return command
    }

    @Test func repeatsGiveTheFirstReceipt() throws {
        let bench = try Bench()
        let first = try bench.ledger.submit(Self.history)
        let digest = try bench.ledger.current.digest()
        // One by one, in one group, and after opening again.
        for command in Self.history.enumerated() {
            let again = try bench.ledger.submit(command.element)
            #expect(again.name == "repeated", "\(command.element)")
            #expect(again.receipt == first[command.offset].receipt, "\(command.element)")
        }
        #expect(try bench.ledger.submit(Self.history).map(\.receipt) == first.map(\.receipt))
        bench.ledger.close()
        let ledger = try Ledger.open(at: bench.folder.path, options: testOptions())
        defer { ledger.close() }
        #expect(try ledger.submit(Self.history).map(\.receipt) == first.map(\.receipt))
        #expect(try ledger.current.digest().value == digest.value)
        #expect(try ledger.current.digest().position == digest.position)
    }

    /// The repeat is decided before the first is on disk.
    @Test func repeatsInOneGroup() throws {
        let bench = try Bench()
        let doubled = Self.history.flatMap { [$0, $0] }
        let outcomes = try bench.ledger.submit(doubled)
        for i in stride(from: 0, to: outcomes.count, by: 2) {
            #expect(outcomes[i].refusal == nil && outcomes[i + 1].name == "repeated", "\(doubled[i])")
            #expect(outcomes[i].receipt == outcomes[i + 1].receipt, "\(doubled[i])")
        }
        let other = try Bench()
        try other.run(Self.history)
        #expect(try bench.ledger.current.digest().value == other.ledger.current.digest().value)
    }

    /// Many callers send the same at once: one is first, all get its receipt.
    @Test func repeatsWhileTheFirstIsInFlight() async throws {
        let bench = try Bench()
        try bench.run([Say.signup("a"), Say.signup("b", by: "a")])
        let ledger = bench.ledger
        let outcomes = try await withThrowingTaskGroup(of: Outcome.self) { group in
            for i in 0..<200 {
                group.addTask { try await ledger.submit(Say.pay("p-\(i % 5)", "b", 10_00)) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.filter { $0.name == "accepted" }.count == 5)
        #expect(outcomes.filter { $0.name == "repeated" }.count == 195)
        #expect(Set(outcomes.compactMap(\.receipt?.position.rawValue)).count == 5)
        #expect(try bench.money("a") == [10_00, 0, 0, 10_00])
    }

    @Test func keysAreScopedToProgrammeAndType() throws {
        let bench = try Bench()
        try bench.run([
            Say.create("second", policy: twoLevel()), Say.signup("a", programme: "two-level"),
            Say.signup("a", programme: "second"), Say.issue("a", "ONE1", key: "k", programme: "two-level"),
            Say.issue("a", "ONE1", key: "k", programme: "second"),
            Say.pay("p", "a", 1, programme: "two-level", key: "k"),
            Say.pay("p", "a", 1, programme: "second", key: "k"),
        ])
        // A key never replaces the natural one, and never covers another fact.
        let same = try bench.ledger.submit(Say.pay("p", "a", 1, programme: "second", key: "other"))
        #expect(same.name == "repeated")
        let other = try bench.ledger.submit(Say.pay("q", "a", 1, programme: "second", key: "k"))
        #expect(other.refusal?.code == .keyConflict && other.refusal?.field == "paymentId")
        let elsewhere = try bench.ledger.submit(
            Say.pay("p", "a", 1, provider: "bank", programme: "second", key: "k"))
        #expect(elsewhere.refusal?.code == .keyConflict && elsewhere.refusal?.field == "provider")
        // The natural key belongs to the provider: another one's payment is another payment.
        #expect(
            try bench.ledger.submit(Say.pay("p", "a", 1, provider: "bank", programme: "second")).name
                == "accepted")
    }

    /// Keys of stages: the same, and what differs.
    @Test func keysOfStages() throws {
        let bench = try Bench()
        try bench.run([Say.signup("a"), Say.signup("b", by: "a"), Say.signup("c", by: "a")])
        let first = try bench.ledger.submit(Say.move("b", .active, key: "k"))
        #expect(first.name == "accepted")
        #expect(try bench.ledger.submit(Say.move("b", .active, key: "k")) == .repeated(first.receipt!))
        for (field, command) in [
            ("userId", Say.move("c", .active, key: "k")), ("to", Say.move("b", .qualified, key: "k")),
            ("at", Say.move("b", .active, day(2), key: "k")),
        ] {
            let refusal = try bench.ledger.submit(command).refusal
            #expect(refusal?.code == .keyConflict && refusal?.field == field)
        }
        // The same key for a conversion is another key.
        #expect(try bench.ledger.submit(Say.convert("b", key: "k")).name == "accepted")
        #expect(try bench.ledger.submit(Say.convert("c", key: "k")).refusal?.code == .keyConflict)
    }

    /// A policy published later does not make an old command another one.
    @Test func laterPoliciesDoNotMakeConflicts() throws {
        let bench = try Bench()
        let first = Say.publish(twoLevel { $0.commission.holdingDays = 1 }, from: day(10), key: "first")
        let commands = [
            Say.signup("a"), Say.issue("a", "AAAA", key: "k", day(20)), first,
            Say.publish(twoLevel { $0.codes.ttlDays = 3 }, from: day(11), key: "second"),
        ]
        let receipts = try bench.ledger.submit(commands).map(\.receipt)
        #expect(try bench.ledger.submit(commands).map(\.name) == Array(repeating: "repeated", count: 4))
        #expect(try bench.ledger.submit(commands).map(\.receipt) == receipts)
        let changed = Say.publish(twoLevel { $0.commission.holdingDays = 2 }, from: day(10), key: "first")
        #expect(try bench.ledger.submit(changed).refusal?.field == "policy")
        let moved = Say.publish(twoLevel { $0.commission.holdingDays = 1 }, from: day(9), key: "first")
        #expect(try bench.ledger.submit(moved).refusal?.field == "effectiveFrom")
        // The programme as it was created, versions later.
        let create = Say.create("second", policy: twoLevel())
        let created = try bench.ledger.submit(create)
        try bench.run([Say.publish(twoLevel { $0.codes.length = 9 }, from: day(-9), programme: "second")])
        #expect(try bench.ledger.submit(create) == .repeated(created.receipt!))
    }
}
