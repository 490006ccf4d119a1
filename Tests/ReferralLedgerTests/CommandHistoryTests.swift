import Foundation
import LedgerDomain
import LedgerExchange
import NaiveModel
import ReferralLedger
import Testing

/// A ledger's commands, exported as lines, make the same ledger again.
@Suite struct CommandHistoryTests {
    /// Exports a ledger and imports the lines into a fresh one: the same digest, and the same lines again.
    @discardableResult
    private func roundTrip(
        _ ledger: Ledger, _ history: CommandHistory? = nil, policy: Policy = twoLevel(),
        asset: String = "USD", what: String
    ) throws -> [String] {
        let lines = try Lines.export(history ?? ledger.commandHistory())
        let folder = TemporaryFolder()
        let again = try makeLedger(folder, asset: asset, policy: policy)
        defer { again.close() }
        var feeder = LineFeeder(again, asset: asset)
        for (number, line) in lines.enumerated() {
            let (name, code) = try feeder.submit(line)
            #expect(
                name == "accepted" || name == "parked",
                "\(what), line \(number + 1): \(line) → \(code ?? name)")
            if name == "refused" { return lines }
        }
        #expect(try again.current.digest().value == ledger.current.digest().value, "\(what)")
        #expect(try Lines.export(again.commandHistory()) == lines, "\(what)")
        return lines
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func ofTheCore(seed: UInt64) throws {
        let bench = try Bench(policy: DigestTests.policy)
        var options = RandomProgramme.Options()
        options.lines = 600
        options.sharesEmails = true
        var feeder = LineFeeder(bench.ledger)
        for line in RandomProgramme(seed: seed, options: options) { _ = try feeder.submit(line) }
        let lines = try roundTrip(
            bench.ledger, policy: DigestTests.policy, asset: "USD", what: "seed \(seed)")
        #expect(lines.count > 250)
    }

    @Test(arguments: ReDecisionTests.runs(21, inTurn: 3))
    func ofTheMainLine(policy: RandomPolicy, seed: UInt64) throws {
        let rules = try Policy.parse(Array(policy.json.utf8))
        let bench = try Bench(asset: policy.asset, policy: rules)
        var feeder = LineFeeder(bench.ledger, asset: policy.asset)
        for line in MainLineProgramme.lines(seed: seed, policy: policy, lines: 700) {
            _ = try feeder.submit(line)
        }
        let lines = try roundTrip(
            bench.ledger, policy: rules, asset: policy.asset, what: "\(policy), seed \(seed)")
        #expect(lines.count > 200)
    }

    /// Without keys there is no personal data, and hashes alone say who shares what with whom.
    @Test(arguments: [5, 6] as [UInt64])
    func withoutKeys(seed: UInt64) throws {
        let policy = twoLevel { $0.attribution.rejectSharedSignals = true }
        let bench = try Bench(policy: policy)
        var options = RandomProgramme.Options()
        options.lines = 500
        options.sharesEmails = true
        var feeder = LineFeeder(bench.ledger)
        for line in RandomProgramme(seed: seed, options: options) { _ = try feeder.submit(line) }
        let rejected = try bench.ledger.current.events(from: LogPosition(1), limit: 10_000).count {
            $0.type == .attributionRejected && $0["reason"] == .text("sharedSignal")
        }
        #expect(rejected > 0)
        let open = try roundTrip(bench.ledger, policy: policy, what: "seed \(seed)")
        #expect(open.contains { $0.contains(#""email":""#) })
        #expect(!open.contains { $0.contains(#""signalHashes":{"email""#) })
        let copy = TemporaryFolder()
        try FileManager.default.copyItem(atPath: bench.folder.path, toPath: copy.path)
        try FileManager.default.removeItem(atPath: copy.path + "/keys")
        let archive = try LedgerArchive.open(at: copy.path, options: testOptions())
        defer { archive.close() }
        let closed = try roundTrip(
            bench.ledger, archive.commandHistory(), policy: policy, what: "seed \(seed) without keys")
        #expect(!closed.contains { $0.contains(#""email":"x"#) || $0.contains("@") })
        #expect(closed.contains { $0.contains(#""signalHashes":{"email""#) })
        #expect(closed.count == open.count)
    }

    /// Several programmes and policies, keys and actors, and what belongs to nobody.
    @Test func envelopes() throws {
        let bench = try Bench()
        var second = twoLevel { $0.commission.holdingDays = 7 }
        second.name = "second"
        var full = Say.pay("p2", "b", 50_00, programme: "second", key: "k-1")
        full.actor = .init(role: .user, id: "b")
        full.correlationId = "request-7"
        full.causation = "webhook-9"
        var named = Say.create("second", asset: Asset(code: "EUR")!.number, policy: second)
        named.key = "creates"
        try bench.each([
            Say.signup("a"), named, Say.signup("b", by: "a", programme: "two-level"),
            Say.signup("a", programme: "second"), Say.signup("b", by: "a", programme: "second"), full,
            Say.publish(twoLevel { $0.commission.holdingDays = 3 }, from: day(5), programme: "two-level"),
            Say.convert("late", day(3), key: "c").with(programme: "second"),
            Command(.advance(Advance(to: day(40))), programme: "second"),
            Command(.advance(Advance(to: day(50))), programme: "second"),
            Command(.advance(Advance(to: day(30))), programme: "two-level"),
            Command(.advance(Advance(to: day(60))), programme: "two-level", correlationId: "nightly"),
        ])
        let lines = try roundTrip(bench.ledger, what: "envelopes")
        #expect(lines.count { $0.contains(#""type":"advance""#) } == 3)
        #expect(lines.count { $0.contains(#""programme":""#) } == lines.count)
        let payment = try #require(lines.first { $0.contains(#""type":"payment""#) })
        for part in ["k-1", #""actor":"b","actorRole":"user""#, "request-7", "webhook-9"] {
            #expect(payment.contains(part))
        }
    }

    /// What is left of an ended case goes on with the next advance, whatever its moment.
    @Test(arguments: [10, 300])
    func casesThatGoOn(days: Int) throws {
        let bench = try Bench()
        try bench.each([
            Say.signup("a"), Say.signup("b", by: "a"),
            Command(.advance(Advance(to: day(60)))),
            Command(.suspend(SuspendUser(userId: "a", reason: "r", at: day(0))), key: "1"),
        ])
        try bench.run((0..<700).map { Say.pay("p\($0)", "b", 10_00) })
        try bench.each([
            Command(.reinstate(ReinstateUser(userId: "a", at: day(2))), key: "2"),
            Command(.advance(Advance(to: day(days)))), Say.pay("last", "b", 1_00),
        ])
        #expect(try (bench.money("a")[1] > 0) == (days == 300))
        let lines = try roundTrip(bench.ledger, what: "\(days) days")
        #expect(lines.count { $0.contains(#""type":"advance""#) } == 2)
    }

    @Test func ofThePast() throws {
        let bench = try Bench()
        try bench.run([Say.signup("a"), Say.signup("b", by: "a")])
        let past = try bench.ledger.past(at: bench.ledger.current.position)
        try bench.run([Say.pay("p", "b", 10_00)])
        #expect(try Lines.export(bench.ledger.commandHistory(of: past)).count == 2)
        #expect(try Lines.export(bench.ledger.commandHistory()).count == 3)
    }
}

extension Bench {
    /// One after the other, as an advance has to be sent.
    fileprivate func each(_ commands: [Command]) throws {
        for command in commands { try run([command]) }
    }
}

extension Command {
    fileprivate func with(programme: String) -> Command {
        var command = self
        command.programme = programme
        return command
    }
}

enum Lines {
    static func export(_ history: CommandHistory) throws -> [String] {
        var bytes: [UInt8] = []
        var export = JSONLinesExport(history)
        try export.write { piece in
            bytes += piece
            return true
        }
        let lines = bytes.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
        #expect(lines.count == export.lines)
        return lines
    }
}
