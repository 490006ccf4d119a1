import Foundation
import Testing

@testable import LedgerDomain
@testable import LedgerLog
@testable import LedgerState

/// The examples of `Documentation/log-format.md`, section 7, as they stand on the page.
@Suite struct DocumentedRecordTests {
    /// The hexadecimal pairs at the begin of each line of the section's code blocks.
    private static func examples() throws -> [[UInt8]] {
        let page = try String(contentsOf: repositoryFile("Documentation/log-format.md"), encoding: .utf8)
        let start = try #require(page.range(of: "## 7. A record in hex"))
        let end = try #require(page.range(of: "## 8. Versions"))
        let parts = page[start.upperBound..<end.lowerBound].components(separatedBy: "```")
        return stride(from: 1, to: parts.count, by: 2).map { part in
            parts[part].split(separator: "\n").flatMap { line in
                line.components(separatedBy: "  ")[0].split(separator: " ")
                    .prefix { $0.count == 2 && UInt8($0, radix: 16) != nil }.map { UInt8($0, radix: 16)! }
            }
        }
    }

    @Test("the payment's record is what the page says")
    func payment() throws {
        let examples = try Self.examples()
        try #require(examples.count == 2)
        let record = examples[0]
        try record.withUnsafeBytes { raw in
            let header = try RecordHeader.read(raw)
            #expect(header.ordinal == 9)
            #expect(header.basePosition == LogPosition(21))
            #expect(header.eventCount == 5)
            #expect(
                MerkleRange.leaf(raw, SHA256Hasher()).hex
                    == "af19af5b51ff353f63d91cf03b1ac28ce7ca34ace5d3d68d6ce9a39b01d93c47")
        }
        #expect(try Vectors.recode(record) == record)
        let described = try Vectors.describe(record)
        let events = try #require(described["events"] as? [[String: Any]])
        #expect(events.map { $0["type"] as? Int } == [40, 50, 50, 50, 31])
        let last = try #require(events[3]["inherited"] as? [String: Any])
        #expect(last["payment"] as? String == "21")
        #expect(last["maturesAt"] as? String == String((1_291_982_400 + 1_209_600) * 1_000_000_000))
    }

    @Test("the refund's record is that of the fixture")
    func refund() throws {
        let examples = try Self.examples()
        let records = try LogFixture.twoProgrammes.records()
        try #require(examples.count == 2)
        #expect(examples[1] == records[21])
    }
}
