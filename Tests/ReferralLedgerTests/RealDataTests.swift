import Foundation
import LedgerDomain
import LedgerExchange
import NaiveModel
import ReferralLedger
import Testing

/// The real purchases of the fixture (or of a folder given in LEDGER_DATA), through the engine and through the naive model.
@Suite struct RealDataTests {
    /// Tables in the order in which the demo imports them: refunds come before their payments.
    static let tables = ["customers", "refunds", "payments"]

    @Test func fixtureAgreesWithNaiveModel() throws {
        let environment = ProcessInfo.processInfo.environment
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let data =
            environment["LEDGER_DATA"].map { URL(fileURLWithPath: $0) }
            ?? root.appendingPathComponent("Fixtures/cdnow")
        let asset = environment["LEDGER_DATA_ASSET"] ?? "USD"
        let folder = TemporaryFolder()
        let ledger = try makeLedger(folder, asset: asset)
        defer { ledger.close() }
        let naive = NaiveLedger(asset: asset)
        // A part of the real rows in debug's time; all of them when asked.
        let limit = environment["LEDGER_DATA_ROWS"].flatMap { Int($0) } ?? 3_000
        for table in Self.tables {
            let map = table == "customers" ? "signups" : table
            let commands = try Self.commands(
                data.appendingPathComponent("\(table).csv"), data.appendingPathComponent("\(map).map.json"),
                asset: asset, limit: limit)
            let outcomes = try ledger.submit(commands)
            for (command, outcome) in zip(commands, outcomes) {
                let line = String(decoding: try CommandLineWriter.line(command), as: UTF8.self)
                #expect(outcome.name == naive.submit(line: line).kindName, "\(line)")
            }
        }
        for day in ["1997-01-20T00:00:00Z", "1997-06-01T12:00:00Z", "2012-08-01T00:00:00Z"] {
            let outcome = try ledger.advance(to: at(day))
            #expect(outcome.name == naive.submit(line: "{\"type\":\"advance\",\"to\":\"\(day)\"}").kindName)
        }
        try Agreement.check(ledger.current, naive, "real data")
    }

    static func commands(_ table: URL, _ map: URL, asset: String, limit: Int) throws -> [Command] {
        let descriptor = open(table.path, O_RDONLY)
        defer { close(descriptor) }
        var reader = try CSVCommandReader(
            descriptor: descriptor, map: try CSVMap.parse(Array(try Data(contentsOf: map))),
            decoder: CommandLineDecoder(defaultAsset: Asset(code: asset)))
        var commands: [Command] = []
        while commands.count < limit, let line = try reader.next() { commands.append(try line.result.get()) }
        return commands
    }
}
