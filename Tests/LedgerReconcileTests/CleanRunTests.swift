import Foundation
import LedgerExchange
import NaiveModel
import Testing

@testable import LedgerReconcile
@testable import ReferralLedger

/// Sound ledgers: no MISMATCH, whatever has happened in them.
@Suite struct CleanRunTests {
    @Test func aShopWithEverything() throws {
        let shop = try Shop()
        let live = try shop.ledger.reconcile()
        #expect(live.isClean && live.comparedViews, "\(live.text)")
        #expect(live.position == shop.ledger.current.position)
        #expect(live.codes == ["clearing.open", "parked.waiting"])
        // From a checkpoint, and from the log alone.
        try shop.ledger.checkpoint()
        let stored = try shop.reconcileClosed()
        #expect(stored.comparedViews)
        #expect(stored == live)
        try FileManager.default.removeItem(atPath: shop.folder.path + "/views")
        var alone = try Ledger.reconcile(at: shop.folder.path, options: testOptions())
        #expect(!alone.comparedViews)
        alone.comparedViews = true
        #expect(alone == live)
    }

    /// What is on its way, with its age by the business clock (2024-02-10).
    @Test func whatIsOnItsWay() throws {
        let shop = try Shop()
        let report = try shop.ledger.reconcile()
        #expect(report.breaks.map(\.code) == ["clearing.open", "parked.waiting"])
        let clearing = report.breaks[0]
        #expect(clearing.message == "provider bank: 1 payout without an answer")
        #expect(clearing.found == 10_00)
        #expect(clearing.ageSeconds == 424_800 as Int64)
        let parked = report.breaks[1]
        #expect(parked.message == "refund r3 waits for payment p-none")
        #expect(parked.found == 7_00 && parked.asset == .usd)
        #expect(parked.ageSeconds == 604_800 as Int64)
        #expect(report.mismatches == 0 && report.incomplete == 2)
    }

    /// What the bank keeps of a failed payout is a loss of cash: nothing stays open with the provider.
    @Test func whatTheBankKept() throws {
        let shop = try Shop()
        let failed = Shop.payout("w1", "failed").dropLast() + #","kept":"1.00","currency":"USD"}"#
        try shop.play([String(failed)], "two-level")
        let report = try shop.ledger.reconcile()
        #expect(report.isClean)
        #expect(!report.breaks.contains { $0.message.contains("bank") }, "\(report.breaks)")
    }

    @Test func beforeTheClockStarts() throws {
        let folder = TemporaryFolder()
        let ledger = try Ledger.create(
            at: folder.path, programme: ProgrammeSetup(asset: "USD", preset: "two-level"),
            options: testOptions())
        defer { ledger.close() }
        #expect(try ledger.reconcile().breaks == [])
        var decoder = CommandLineDecoder(defaultAsset: Asset(code: "USD")!)
        try ledger.submit(try decoder.decode(Shop.refund("r", "p", "1.00")))
        let report = try ledger.reconcile()
        #expect(report.breaks.map(\.code) == ["parked.waiting"])
        #expect(report.breaks.first?.ageSeconds == nil)
    }

    /// A writer goes on: each report is of one position.
    @Test func besideTheWriter() async throws {
        let shop = try Shop()
        let ledger = shop.ledger
        let moment = try Timestamp("2024-02-11T00:00:00Z")
        let writer = Task {
            for number in 0..<300 {
                let signup = Signup(userId: "n\(number)", at: moment, referrerId: number % 2 == 0 ? "a" : "b")
                try await ledger.submit(Command(.signup(signup), programme: "two-level"))
            }
        }
        var position = LogPosition.start
        for _ in 0..<8 {
            let report = try ledger.reconcile()
            let isClean = report.isClean
            #expect(isClean, "\(report.text)")
            #expect(report.position >= position && report.comparedViews)
            position = report.position
        }
        try await writer.value
        #expect(try ledger.reconcile().users == 9 + 300)
        withExtendedLifetime(shop) {}
    }

    /// `LEDGER_SEEDS=N` plays more of them.
    static let seeds = UInt64(ProcessInfo.processInfo.environment["LEDGER_SEEDS"] ?? "") ?? 1

    /// Random programmes with every command, out of order and duplicated, under several policies.
    @Test(arguments: RandomPolicy.all.map(\.name))
    func randomProgrammes(policyName: String) throws {
        let policy = try #require(RandomPolicy.all.first { $0.name == policyName })
        for seed in 1...Self.seeds {
            let folder = TemporaryFolder()
            let ledger = try Ledger.create(
                at: folder.path,
                programme: ProgrammeSetup(
                    id: "p", asset: policy.asset, policy: try Policy.parse(Array(policy.json.utf8))),
                options: testOptions())
            defer { ledger.close() }
            var decoder = CommandLineDecoder(defaultAsset: Asset(code: policy.asset)!)
            for line in MainLineProgramme.lines(seed: seed, policy: policy, lines: 800) {
                guard let command = try? decoder.decode(line) else { continue }
                try ledger.submit(command)
            }
            let report = try ledger.reconcile()
            let isClean = report.isClean
            #expect(isClean, "\(policyName) seed \(seed)\n\(report.text)")
        }
    }

    /// The real purchases of the fixture, a part of them.
    @Test func realPurchases() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Fixtures/cdnow")
        let folder = TemporaryFolder()
        let ledger = try Ledger.create(
            at: folder.path, programme: ProgrammeSetup(asset: "USD", preset: "two-level"),
            options: testOptions())
        defer { ledger.close() }
        for (table, map) in [("customers", "signups"), ("refunds", "refunds"), ("payments", "payments")] {
            let descriptor = open(root.appendingPathComponent("\(table).csv").path, O_RDONLY)
            defer { close(descriptor) }
            let text = try Data(contentsOf: root.appendingPathComponent("\(map).map.json"))
            var reader = try CSVCommandReader(
                descriptor: descriptor, map: try CSVMap.parse(Array(text)),
                decoder: CommandLineDecoder(defaultAsset: Asset(code: "USD")!))
            var commands: [Command] = []
            while commands.count < 3_000, let line = try reader.next() {
                commands.append(try line.result.get())
            }
            try ledger.submit(commands)
        }
        try ledger.advance(to: try Timestamp("1997-06-01T12:00:00Z"))
        let report = try ledger.reconcile(limit: 5)
        #expect(report.isClean, "\(report.text)")
        // Refunds of payments beyond the rows taken.
        #expect(report.codes == ["parked.waiting"])
        #expect(report.breaks.count == 5 && report.incomplete > 5)
    }
}

/// The page for people says what the code checks.
@Suite struct DocumentationTests {
    @Test func pageListsTheChecks() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appendingPathComponent("Documentation/reconcile.md"), encoding: .utf8)
        let end = page.range(of: "# Statements of providers")?.lowerBound ?? page.endIndex
        let rows = page[..<end].split(separator: "\n").filter { $0.hasPrefix("| `") }.map(String.init)
        for check in StatementCheck.all { #expect(page.contains("| \(check.code) |"), "\(check.code)") }
        let expected = ReconcileCheck.all.map { "| `\($0.code)` | \($0.kind.rawValue) | \($0.sentence) |" }
        #expect(rows == expected, "write:\n\(expected.joined(separator: "\n"))")
    }
}
