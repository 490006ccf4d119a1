import Foundation
import LedgerExchange
import Testing

@testable import LedgerDomain
@testable import LedgerReconcile
@testable import ReferralLedger

/// The programme of `Fixtures/statements` and the statements of its providers.
final class StatementDesk {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Fixtures/statements")
    let folder = TemporaryFolder()
    let ledger: Ledger

    init(more: Bool = false) throws {
        ledger = try Ledger.create(
            at: folder.path, programme: ProgrammeSetup(asset: "USD", preset: "two-level"),
            options: testOptions())
        try play("facts.jsonl")
        if more { try play("more-facts.jsonl") }
    }

    deinit { ledger.close() }

    func play(_ name: String) throws {
        var decoder = CommandLineDecoder(defaultAsset: Asset(code: "USD")!)
        let text = try String(contentsOf: Self.root.appendingPathComponent(name), encoding: .utf8)
        for line in text.split(separator: "\n") {
            let outcome = try ledger.submit(try decoder.decode(String(line)))
            if case .refused(let refusal) = outcome { Issue.record("\(line): \(refusal)") }
        }
    }

    static func read(_ name: String, map: String? = nil, provider: String? = nil) throws -> ProviderStatement
    {
        let path = root.appendingPathComponent(name).path
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        let known = try map.map { name in
            try StatementMap.parse(Array(try Data(contentsOf: root.appendingPathComponent(name))))
        }
        return try StatementReader.read(
            descriptor, digest: try FileDigest.sha256(path: path), map: known, provider: provider)
    }

    func compare(
        _ name: String, map: String? = nil, _ edit: (inout StatementOptions) -> Void = { _ in }
    ) throws -> StatementReport {
        var options = StatementOptions()
        edit(&options)
        return try ledger.current.reconcile(try Self.read(name, map: map), options: options)
    }
}

extension StatementReport {
    /// `MISMATCH statement.amount payment ch_1 10000 9000`, one for each break.
    var told: [String] {
        breaks.map { b in
            let amounts = [b.expected, b.found].map { $0.map { "\($0)" } ?? "-" }.joined(separator: " ")
            return "\(b.kind.rawValue) \(b.code.dropFirst(10)) \(b.subject) \(amounts)"
        }
    }
}

@Suite struct StatementTests {
    /// Sound statements give nothing, and every line finds its fact.
    @Test(
        arguments: [
            ("stripe-balance.csv", nil, "stripe-balance", 11),
            ("stripe-itemized.csv", nil, "stripe-itemized", 10),
            ("stripe-payouts.csv", nil, "stripe-payouts", 1),
            ("razorpay-settlement.csv", nil, "razorpay-settlement", 4),
            ("acme.csv", "acme.map.json", "csv", 6),
        ] as [(String, String?, String, Int)])
    func soundStatements(_ name: String, _ map: String?, _ format: String, _ lines: Int) throws {
        let desk = try StatementDesk()
        let report = try desk.compare(name, map: map)
        #expect(report.told == [])
        #expect(report.isClean && report.incomplete == 0)
        #expect(report.format == format && report.position == desk.ledger.current.position)
        #expect(report.lines == lines && report.matched == lines)
        #expect(
            report.settlements.allSatisfy {
                $0.lines == 0 || $0.transferred == nil || $0.transferred == $0.net
            })
        withExtendedLifetime(desk) {}
    }

    /// Each planted fault is found, by its code, kind, subject and amounts, and nothing else is.
    @Test func plantedInStripesBalance() throws {
        let report = try StatementDesk(more: true).compare("stripe-balance-breaks.csv")
        #expect(
            report.told == [
                "MISMATCH missing-here payment ch_9 - 1200",
                "INCOMPLETE missing-here payment ch_10 - 800",
                "MISMATCH missing-there payment ch_4 2000 -",
                "MISMATCH missing-there payment ch_6 1500 -",
                "MISMATCH missing-there payment pi_6 1500 -",
                "MISMATCH amount payment ch_2 5000 5010",
                "MISMATCH currency payment order-77 - -",
                "MISMATCH timing payment ch_3 7550 7550",
                "MISMATCH state dispute dp_1 4000 -",
                "MISMATCH duplicate-there payment ch_1 - 10000",
                "INCOMPLETE parked refund re_9 500 500",
                "MISMATCH settlement settlement po_1 21816 21806",
                "MISMATCH settlement settlement po_2 -6218 1295",
                "MISMATCH arithmetic refund re_1 -1000 -900",
                "INCOMPLETE unknown-line other rsv_1 - 200",
            ])
        #expect(!report.isClean && report.matched < report.lines)
    }

    @Test func plantedElsewhere() throws {
        let desk = try StatementDesk(more: true)
        // ch_6 stands there under its charge and its intent; the ledger has both.
        #expect(
            try desk.compare("stripe-itemized-breaks.csv").told == [
                "MISMATCH duplicate-here payment pi_6 1500 -"
            ])
        #expect(
            try desk.compare("stripe-payouts-breaks.csv").told == [
                "MISMATCH state payout tr_1 1000 1000"
            ])
        #expect(
            try desk.compare("razorpay-settlement-breaks.csv").told == [
                "INCOMPLETE missing-here payment pay_9 - 7000",
                "MISMATCH missing-there refund rfnd_1 20000 -",
                "MISMATCH amount payment pay_2 50000 51000",
                "MISMATCH duplicate-there dispute disp_1 - 30000",
                "MISMATCH arithmetic payment pay_1 97640 97040",
            ])
        #expect(
            try desk.compare("acme-breaks.csv", map: "acme.map.json").told == [
                "MISMATCH missing-there fee A-2 75 -",
                "MISMATCH missing-there payment A-2 2500 -",
                "MISMATCH amount fee A-1 50 60",
            ])
    }

    /// A trial or a wholly discounted payment moves no money: no provider settles it.
    @Test func zeroIsNowhere() throws {
        let desk = try StatementDesk()
        let moment = try Timestamp("2026-01-02T11:00:00Z")
        for (id, amount) in [("ch_free", Int64(0)), ("ch_paid", 1_00)] {
            let payment = Payment(
                paymentId: id, provider: "stripe", userId: "b", amount: amount, asset: .usd, at: moment)
            let outcome = try desk.ledger.submit(Command(.payment(payment)))
            guard case .accepted = outcome else {
                Issue.record("\(outcome)")
                continue
            }
        }
        var options = StatementOptions()
        options.from = moment
        options.through = moment
        let statement = ProviderStatement(
            provider: "stripe", format: "test", digest: "d", lines: [], covers: [.payment])
        let report = try desk.ledger.current.reconcile(statement, options: options)
        #expect(report.told == ["INCOMPLETE missing-there payment ch_paid 100 -"])
    }

    /// Each rung of the ladder finds what the rungs above do not; without it the fact is missing.
    @Test func ladder() throws {
        let desk = try StatementDesk()
        let moment = try Timestamp("2026-01-02T10:00:00Z")
        func line(_ kind: StatementKind = .payment, _ amount: Int64 = 100_00, hours: Int64 = 0)
            -> ProviderLine
        {
            ProviderLine(
                number: 2, kind: kind, asset: .usd, amount: amount,
                at: moment.adding(seconds: hours * 3_600) ?? moment)
        }
        var byId = line()
        byId.id = "ch_1"
        var byReference = line()
        (byReference.id, byReference.references) = ("txn", ["nothing", "ch_1"])
        var byPayment = line(.refund, 10_00, hours: 8 * 24)
        (byPayment.id, byPayment.paymentIds) = ("pyr_9", ["ch_2"])
        let byDay = line(hours: 13)
        let near = line(hours: 20)
        for (key, line) in [
            (MatchKey.id, byId), (.reference, byReference), (.payment, byPayment), (.amountDay, byDay),
            (.amountNear, near),
        ] {
            let statement = ProviderStatement(
                provider: "stripe", format: "test", digest: "d", lines: [line], covers: [])
            let report = try desk.ledger.current.reconcile(statement)
            #expect(report.matched == 1, "\(key)")
            #expect(report.matchedBy.filter { $0.count > 0 }.map(\.key) == [key])
            var options = StatementOptions()
            options.keys = MatchKey.allCases.filter { $0 != key && $0 != .amountNear && $0 != .amountDay }
            let without = try desk.ledger.current.reconcile(statement, options: options)
            #expect(without.matched == 0, "\(key)")
        }
    }

    @Test func toleranceAndTiming() throws {
        let desk = try StatementDesk(more: true)
        let loose = try desk.compare("stripe-balance-breaks.csv") {
            $0.tolerance = 10
            $0.timingSeconds = 4 * 86_400
        }
        #expect(!loose.told.contains { $0.contains(" amount ") || $0.contains(" timing ") })
        let exact = try desk.compare("stripe-balance-breaks.csv") { $0.tolerance = 9 }
        #expect(exact.told.contains("MISMATCH amount payment ch_2 5000 5010"))
        // Everything is on its way when the grace is long enough, but what can never come right.
        let patient = try desk.compare("stripe-balance-breaks.csv") { $0.graceSeconds = 60 * 86_400 }
        #expect(patient.told.contains("INCOMPLETE missing-here payment ch_9 - 1200"))
        #expect(patient.told.contains("MISMATCH amount payment ch_2 5000 5010"))
    }

    @Test func ages() throws {
        let desk = try StatementDesk(more: true)
        let asOf = try Timestamp("2026-04-15T00:00:00Z")
        let report = try desk.compare("stripe-balance-breaks.csv") { $0.asOf = asOf }
        #expect(report.ages.map(\.fromDays) == [0, 2, 8, 31, 91])
        #expect(report.ages.reduce(0) { $0 + $1.mismatches + $1.incomplete } == report.breaks.count)
        let missing = try #require(report.breaks.first { $0.subject == "payment ch_9" })
        #expect(missing.ageSeconds == (asOf.nanoseconds - missing.since.nanoseconds) / 1_000_000_000)
        #expect(report.breaks.allSatisfy { $0.ageSeconds >= 0 })
    }

    /// The same file in any order of lines finds the same breaks, but for lines' numbers.
    @Test func isDeterministic() throws {
        let desk = try StatementDesk(more: true)
        var statement = try StatementDesk.read("stripe-balance-breaks.csv")
        let first = try desk.ledger.current.reconcile(statement)
        #expect(try desk.ledger.current.reconcile(statement) == first)
        // By position they are those of any other reader of the log.
        let past = try desk.ledger.past(at: first.position)
        #expect(try past.reconcile(statement).runId == first.runId)
        statement.lines.reverse()
        let reversed = try desk.ledger.current.reconcile(statement)
        #expect(Set(reversed.breaks.map(\.id)) == Set(first.breaks.map(\.id)))
        #expect(reversed.runId == first.runId)
        withExtendedLifetime(past) {}
    }
}

/// Breaks as events.
@Suite struct BreakTests {
    @Test func recordingIsIdempotent() throws {
        let desk = try StatementDesk()
        let ledger = desk.ledger
        let digest = try ledger.current.digest().value
        let report = try desk.compare("stripe-balance-breaks.csv")
        let first = try ledger.record(report)
        #expect(first.opened == report.breaks.count && first.resolved == 0 && !first.isRepeated)
        let position = ledger.current.position
        let second = try ledger.record(report)
        #expect(second.isRepeated && second.opened == 0 && second.resolved == 0)
        #expect(ledger.current.position == position)
        let open = try ledger.current.breaks()
        #expect(open.map(\.breakId) == report.breaks.map(\.id))
        #expect(open.map(\.subject) == report.breaks.map(\.subject))
        #expect(open.map(\.found) == report.breaks.map(\.found))
        // What statements show changes nobody's state.
        #expect(try ledger.current.digest().value == digest)
        let runs = try ledger.current.reconciliationRuns()
        #expect(runs.map(\.statement) == [report.statement] && runs[0].breaks == UInt64(report.breaks.count))
        #expect(try ledger.reconcile().isClean)
    }

    /// What a later run does not find any more is resolved by it; what a person has dealt with stays so.
    @Test func theyAreResolved() throws {
        let desk = try StatementDesk()
        let ledger = desk.ledger
        try ledger.record(try desk.compare("stripe-balance-breaks.csv"))
        let before = ledger.current.position
        let open = try ledger.current.breaks()
        let amount = try #require(open.first { $0.rule == "statement.amount" })
        let at = try Timestamp("2026-02-03T09:00:00Z")
        let resolve = Command(
            .resolveBreak(ResolveBreak(breakId: amount.breakId, reason: "bank's error", at: at)), key: "r",
            actor: .init(role: .admin, id: "ann"))
        guard case .accepted = try ledger.submit(resolve) else { throw Failed() }
        guard case .repeated = try ledger.submit(resolve) else { throw Failed() }
        // Found again: stays dealt with.
        let again = try ledger.record(try desk.compare("stripe-balance-breaks.csv"))
        #expect(again.opened == 0)
        #expect(try !ledger.current.breaks().contains { $0.breakId == amount.breakId })
        // The right file comes: all of the period is resolved.
        let sound = try ledger.record(try desk.compare("stripe-balance.csv"))
        #expect(sound.resolved == open.count - 1)
        #expect(try ledger.current.breaks() == [])
        let all = try ledger.current.breaks(openOnly: false)
        #expect(all.count == open.count)
        let end = try #require(all.first { $0.breakId == amount.breakId }?.resolution)
        #expect(end.reason == "bank's error" && end.actor == "ann" && end.runId == nil)
        // The past is as it was.
        #expect(try ledger.past(at: before).breaks() == open)
        #expect(try ledger.reconcile().isClean)
        ledger.close()
        #expect(try Ledger.reconcile(at: desk.folder.path, options: testOptions()).isClean)
        let archive = try LedgerArchive.openWithoutCheckpoint(at: desk.folder.path, options: testOptions())
        #expect(try archive.current.breaks(openOnly: false) == all)
        archive.close()
    }

    struct Failed: Error {}

    /// A statement that does not cover what a break is about leaves it open.
    @Test func whatIsNotCoveredStaysOpen() throws {
        let desk = try StatementDesk()
        try desk.ledger.record(try desk.compare("stripe-balance-breaks.csv"))
        let open = try desk.ledger.current.breaks().count
        let payouts = try desk.ledger.record(try desk.compare("stripe-payouts.csv"))
        #expect(payouts.resolved == 0)
        #expect(try desk.ledger.current.breaks().count == open)
        // Another provider's touches none.
        let other = try desk.ledger.record(try desk.compare("razorpay-settlement.csv"))
        #expect(other.resolved == 0)
    }

    /// Commands read back from the log, sent to a ledger of the same beginning, give the same breaks.
    @Test func roundTrip() throws {
        let desk = try StatementDesk()
        try desk.ledger.record(try desk.compare("stripe-balance-breaks.csv"))
        try desk.ledger.record(try desk.compare("stripe-balance.csv"))
        let folder = TemporaryFolder()
        let copy = try Ledger.create(
            at: folder.path, programme: ProgrammeSetup(asset: "USD", preset: "two-level"),
            options: testOptions())
        defer { copy.close() }
        var decoder = CommandLineDecoder(defaultAsset: Asset(code: "USD")!)
        var history = try desk.ledger.commandHistory()
        while true {
            let commands = try history.next()
            if commands.isEmpty { break }
            for recorded in commands {
                let line = String(
                    decoding: try CommandLineWriter.line(recorded.command).dropLast(), as: UTF8.self)
                let outcome = try copy.submit(try decoder.decode(line))
                if case .refused(let refusal) = outcome { Issue.record("\(line): \(refusal)") }
            }
        }
        #expect(try copy.current.digest().value == desk.ledger.current.digest().value)
        #expect(
            try copy.current.breaks(openOnly: false).map { [$0.breakId, $0.runId, $0.subject] }
                == desk.ledger.current.breaks(openOnly: false).map { [$0.breakId, $0.runId, $0.subject] })
    }
}

/// Files that cannot be used.
@Suite struct StatementProblemTests {
    private func read(_ text: String, map: String? = nil) throws -> ProviderStatement {
        let path = NSTemporaryDirectory() + "statement-\(UUID().uuidString).csv"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        return try StatementReader.read(
            descriptor, digest: "d", map: try map.map { try StatementMap.parse(Array($0.utf8)) })
    }

    private static let header = "id,Type,Source,Amount,Fee,Net,Currency,Created (UTC)\n"
    private static let simple =
        #"{"provider":"p","columns":{"type":"T","amount":"A","at":"D"},"constants":{"currency":"EUR"}}"#

    @Test(
        arguments: [
            ("", nil, "line 1, column 1: the file has no header"),
            ("a,b\n1,2\n", nil, "line 1, column 1: no known form"),
            (
                header + "t,charge,ch,1.00,0,1.00,usd\n", nil,
                "line 2, column 1: 7 cells where the header has 8"
            ),
            (
                header + "t,charge,ch,1.005,0,1.00,usd,2026-01-01 00:00\n", nil,
                "line 2, column 13: Amount: “1.005” is no amount"
            ),
            (header + "t,charge,ch,1;5,0,1.00,usd,2026-01-01 00:00\n", nil, "Amount: “1;5” is no amount"),
            (
                header + "t,charge,ch,\"1,00\",0,1.00,usd,2026-01-01 00:00\n", nil,
                "Amount: “1,00” is no amount"
            ),
            (
                header + "t,charge,ch,1.00,0,1.00,xxz,2026-01-01 00:00\n", nil,
                "Currency: “xxz” is no known currency"
            ),
            (
                header + "t,charge,ch,1.00,0,1.00,usd,yesterday\n", nil,
                "Created (UTC): “yesterday” is no time"
            ),
            (
                header + "t,charge,\"c\th\",1.00,0,1.00,usd,2026-01-01\n", nil,
                "Source: no id: controlCharacter"
            ),
            (header + "t,\"charge,ch,1.00\n", nil, "line 2, column 3: this quote never closes"),
            ("T,A\nx,1\n", simple, "line 1, column 52: columns.at: the file has no column “D”"),
            ("T,A,A,D\nx,1,1,2026-01-01\n", simple, "A: the file has two columns of this name"),
        ] as [(String, String?, String)])
    func files(_ text: String, _ map: String?, _ message: String) throws {
        do {
            _ = try read(text, map: map)
            Issue.record("taken: \(text)")
        } catch let problem as StatementProblem {
            #expect("\(problem)".contains(message), "\(problem)")
        }
    }

    @Test(arguments: [
        ("{", "syntax"), (#"{"provider":"p"}"#, "missingMember"), (#"{"columns":{}}"#, "missingMember"),
        (#"{"provider":"","columns":{}}"#, "identifier"), (#"{"provider":1,"columns":{}}"#, "wrongType"),
        (#"{"provider":"p","colums":{}}"#, "unknownMember"),
        (#"{"provider":"p","columns":{"amont":"A"}}"#, "unknownMember"),
        (#"{"provider":"p","columns":{"amount":["A","B"]}}"#, "wrongType"),
        (#"{"provider":"p","columns":{"amount":"A"},"types":{"x":"sale"}}"#, "wrongType"),
        (#"{"provider":"p","columns":{"amount":"A"},"statuses":{"x":"gone"}}"#, "wrongType"),
        (#"{"provider":"p","columns":{"amount":"A"},"covers":["other"]}"#, "wrongType"),
        (#"{"provider":"p","columns":{"amount":"A"},"timeZone":"Mars/Olympus"}"#, "unknownZone"),
        (#"{"provider":"p","columns":{"type":"T","at":"D","currency":"C"}}"#, "missingMember"),
    ])
    func maps(_ text: String, _ code: String) throws {
        do {
            _ = try StatementMap.parse(Array(text.utf8))
            Issue.record("taken: \(text)")
        } catch {
            #expect(error.code.rawValue == code && error.isInMap, "\(error)")
            #expect(error.line == 1 && error.column >= 1)
        }
    }

    /// Amounts and times as providers write them.
    @Test func cells() throws {
        let rows =
            Self.header
            + "t1,charge,a,\"1,234.50\",0.00,1234.50,USD,2026-01-31 08:05\n"
            + "t2,charge,b,500.00,0,500,jpy,31/01/2026 08:05:09\n"
            + "t3,charge,c,+7,,,eur,2026-01-31T08:05:09+02:00\n"
        let lines = try read(rows).lines
        #expect(lines.map(\.amount) == [1_234_50, 500, 7_00])
        #expect(
            lines.map { "\($0.at)" } == [
                "2026-01-31T08:05:00Z", "2026-01-31T08:05:09Z", "2026-01-31T06:05:09Z",
            ])
        #expect(lines.map(\.net) == [1_234_50, 500, nil])
    }
}
