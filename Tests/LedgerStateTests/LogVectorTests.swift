import Foundation
import Testing

@testable import LedgerDomain
@testable import LedgerLog
@testable import LedgerState

/// The logs of `Fixtures/log/`.
enum LogFixture: String, CaseIterable, CustomTestStringConvertible {
    case twoProgrammes = "two-programmes"
    case mainLine = "main-line"
    case repairs
    case statements
    case corrections

    var testDescription: String { rawValue }
    var file: URL { repositoryFile("Fixtures/log/\(rawValue).json") }

    /// Makes the log anew.
    func make(in folder: String) throws -> Engine {
        switch self {
        case .twoProgrammes: try VectorLog(folder: folder).engine
        case .mainLine: try MainLineLog(folder: folder).engine
        case .repairs: try RepairsLog(folder: folder).engine
        case .statements: try StatementLog(folder: folder).engine
        case .corrections: try CorrectionLog(folder: folder).engine
        }
    }

    /// What the file says.
    func golden() throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
    }

    /// The file's records, as bytes.
    func records() throws -> [[UInt8]] {
        let records = try #require(try golden()["records"] as? [[String: Any]])
        return try records.map { record in
            let hex = try #require(record["bytes"] as? String)
            return try #require(Hex.bytes(hex))
        }
    }
}

/// `Fixtures/log/`: what a reader in another language checks itself by.
///
/// The files change only with `LEDGER_WRITE_LOG_VECTORS=1` in the environment. With `LEDGER_VECTOR_LOG_DIRECTORY=DIR` the
/// logs themselves stay in DIR/two-programmes/log and so on, for programs that read LMDB.
@Suite struct LogVectorTests {
    @Test("the bytes say what the fixture says, and are the one form of it", arguments: LogFixture.allCases)
    func decodes(_ fixture: LogFixture) throws {
        let golden = try fixture.golden()
        let records = try fixture.records()
        let hex = try #require(golden["ledgerId"] as? String)
        let id = try #require(Hex.bytes(hex))
        let described = try Vectors.describe(ledgerId: Bytes16(id), records)
        #expect(NSDictionary(dictionary: described) == NSDictionary(dictionary: golden))
        for record in records { #expect(try Vectors.recode(record) == record) }
    }

    @Test("every type of event in use is in the fixtures")
    func coverage() throws {
        var seen: Set<EventType> = []
        for record in try LogFixture.allCases.flatMap({ try $0.records() }) {
            let fault = record.withUnsafeBytes { raw in
                StoredRecord.walk(raw) { stored, _ in
                    seen.insert(stored.event.type)
                    return true
                }
            }
            #expect(fault == nil)
        }
        #expect(Set(EventType.allCases).subtracting(seen) == [])
    }

    @Test("the engine makes this log, but for keys and nonces of sealed data", arguments: LogFixture.allCases)
    func engine(_ fixture: LogFixture) throws {
        let environment = ProcessInfo.processInfo.environment
        let folder = try TemporaryFolder()
        var directory = folder.path
        if let kept = environment["LEDGER_VECTOR_LOG_DIRECTORY"] { directory = "\(kept)/\(fixture.rawValue)" }
        let log = try fixture.make(in: directory)
        let records = try log.records()
        let described = try Vectors.describe(ledgerId: VectorLog.ledgerId, records)
        if environment["LEDGER_WRITE_LOG_VECTORS"] == "1" {
            let json = try JSONSerialization.data(
                withJSONObject: described, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
            try (json + Data("\n".utf8)).write(to: fixture.file)
        }
        #expect(Self.unsealed(described) == Self.unsealed(try fixture.golden()))
    }

    /// Without what is drawn at random, and what follows from that.
    private static func unsealed(_ log: [String: Any]) -> NSDictionary {
        var log = log
        log["root"] = nil
        log["records"] = (log["records"] as? [[String: Any]])?.map { record in
            var record = record
            record["bytes"] = nil
            var header = record["header"] as? [String: Any] ?? [:]
            header["checksum"] = nil
            record["header"] = header
            record["events"] = (record["events"] as? [[String: Any]])?.map { event in
                var event = event
                var fields = event["fields"] as? [String: Any] ?? [:]
                if let sealed = fields["sealed"] as? String { fields["sealed"] = sealed.count }
                event["fields"] = fields
                return event
            }
            return record
        }
        return NSDictionary(dictionary: log)
    }
}
