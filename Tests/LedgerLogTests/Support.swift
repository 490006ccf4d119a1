import Foundation

@testable import LedgerDomain
@testable import LedgerLog

/// A folder that goes with its test.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("log-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// SplitMix64: a seed gives the same test everywhere.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

enum Hex {
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// Nil when the text is not pairs of hexadecimal digits.
    static func bytes(_ text: String) -> [UInt8]? {
        let digits = text.utf8.map { UInt8(String(UnicodeScalar($0)), radix: 16) }
        guard digits.count.isMultiple(of: 2), !digits.contains(nil) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0]! << 4 | digits[$0 + 1]! }
    }
}

/// A file of the repository.
func repositoryFile(_ path: String) -> URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent(path)
}

/// Makes logs of records that hold clocks only: what a store needs, without an engine.
struct LogMaker {
    let store: LogStore
    var head = LogHead.empty

    /// A record of `count` events, the first text of them of `bytes` bytes.
    static func record(_ header: RecordHeader, bytes: Int = 0, into region: UnsafeMutableRawBufferPointer)
        -> Int
    {
        let body = UnsafeMutableRawBufferPointer(rebasing: region[RecordHeader.size...])
        var encoder = EventEncoder(
            region: body,
            context: RecordContext(basePosition: header.basePosition, occurredAt: .init(nanoseconds: 0)))
        encoder.prelude(RecordEnvelope())
        for i in 0..<header.eventCount {
            var event = Event.clockAdvanced(ClockAdvanced())
            var held = [UInt8](repeating: 0x61, count: bytes)
            held.withUnsafeMutableBufferPointer { text in
                if i == 0, bytes > 0 {
                    var progressed = ImportProgressed()
                    progressed.importId = BorrowedText(text.baseAddress, count: text.count)
                    event = .importProgressed(progressed)
                }
                encoder.event(
                    &event, occurredAt: .init(nanoseconds: 0), recordOccurredAt: .init(nanoseconds: 0))
            }
        }
        precondition(!encoder.overflowed)
        let length = UnsafeMutableRawPointer(encoder.cursor) - region.baseAddress!
        var header = header
        header.length = length
        RecordHeader.write(header, into: UnsafeMutableRawBufferPointer(rebasing: region[..<length]))
        return length
    }

    /// Fills a group with records that follow `head`; returns where it ends. Recorded one second apart.
    static func fill(_ group: RecordGroup, after head: LogHead, counts: [Int], bytes: Int = 0) -> LogHead {
        var head = head
        for count in counts {
            let base = LogPosition(head.position.rawValue + 1)
            let header = RecordHeader(
                ordinal: head.records, basePosition: base, eventCount: count,
                recordedAt: Timestamp(nanoseconds: head.recordedAt.nanoseconds + 1_000_000_000), length: 0)
            let length = record(header, bytes: bytes, into: group.reserve())
            group.commit(length: length, base: base)
            head = LogHead(
                position: header.lastPosition, records: header.ordinal + 1, recordedAt: header.recordedAt)
        }
        return head
    }

    mutating func append(_ counts: [Int], bytes: Int = 0) throws(LogError) {
        let group = RecordGroup()
        let end = Self.fill(group, after: head, counts: counts, bytes: bytes)
        try store.append(group, expecting: head)
        head = end
    }
}
