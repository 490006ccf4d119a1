import Foundation
import Testing

@testable import LedgerDomain
@testable import LedgerLog
@testable import LedgerState

/// `Fixtures/log/`: what a reader in another language checks itself by.
///
/// The file changes only with `LEDGER_WRITE_LOG_VECTORS=1` in the environment. With `LEDGER_VECTOR_LOG_DIRECTORY=DIR` the
/// log itself stays in DIR/log, for programs that read LMDB.
@Suite struct LogVectorTests {
    static let file = repositoryFile("Fixtures/log/two-programmes.json")

    private static func golden() throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
    }

    static func goldenRecords() throws -> [[UInt8]] {
        let records = try #require(try golden()["records"] as? [[String: Any]])
        return try records.map { record in
            let hex = try #require(record["bytes"] as? String)
            return try #require(Hex.bytes(hex))
        }
    }

    @Test("the bytes say what the fixture says, and are the one form of it")
    func decodes() throws {
        let golden = try Self.golden()
        let records = try Self.goldenRecords()
        let hex = try #require(golden["ledgerId"] as? String)
        let id = try #require(Hex.bytes(hex))
        let described = try Vectors.describe(ledgerId: Bytes16(id), records)
        #expect(NSDictionary(dictionary: described) == NSDictionary(dictionary: golden))
        for record in records { #expect(try Vectors.recode(record) == record) }
    }

    @Test("every type of event in use is in the fixture")
    func coverage() throws {
        var seen: Set<EventType> = []
        for record in try Self.goldenRecords() {
            let fault = record.withUnsafeBytes { raw in
                StoredRecord.walk(raw) { stored, _ in
                    seen.insert(stored.event.type)
                    return true
                }
            }
            #expect(fault == nil)
        }
        #expect(seen == Set(EventType.allCases))
    }

    @Test("the engine makes this log, but for keys and nonces of sealed data")
    func engine() throws {
        let environment = ProcessInfo.processInfo.environment
        let folder = try TemporaryFolder()
        var directory = folder.path
        if let kept = environment["LEDGER_VECTOR_LOG_DIRECTORY"] { directory = kept }
        let log = try VectorLog(folder: directory)
        let records = try log.engine.records()
        let described = try Vectors.describe(ledgerId: VectorLog.ledgerId, records)
        if environment["LEDGER_WRITE_LOG_VECTORS"] == "1" {
            let json = try JSONSerialization.data(
                withJSONObject: described, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
            try (json + Data("\n".utf8)).write(to: Self.file)
        }
        #expect(Self.unsealed(described) == Self.unsealed(try Self.golden()))
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
