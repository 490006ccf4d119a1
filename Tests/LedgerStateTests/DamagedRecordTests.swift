import Testing

@testable import LedgerDomain
@testable import LedgerLog
@testable import LedgerState

/// Damage to stored records, with and without a checksum that was made to fit it.
@Suite struct DamagedRecordTests {
    static let seed: UInt64 = 0x5EED_0005

    /// A record with a few bytes changed behind the header, and header fields and checksum that fit.
    private static func mutated(_ record: [UInt8], _ random: inout SplitMix) -> [UInt8] {
        var bytes = record
        for _ in 0...Int.random(in: 0..<3, using: &random) {
            let at = Int.random(in: RecordHeader.size..<bytes.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes[at] = [0x00, 0x01, 0x7F, 0x80, 0xFF].randomElement(using: &random)!
            case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: at)
            case 3: if bytes.count > RecordHeader.size + 1 { bytes.remove(at: at) }
            // Another number of events.
            default: bytes[2] = UInt8.random(in: 1...9, using: &random)
            }
        }
        for i in 0..<4 { bytes[4 + i] = UInt8(truncatingIfNeeded: bytes.count >> (8 * i)) }
        let sum = bytes.withUnsafeBytes { RecordHeader.checksum($0) }
        for i in 0..<8 { bytes[32 + i] = UInt8(truncatingIfNeeded: sum >> (8 * UInt64(i))) }
        return bytes
    }

    @Test(
        "what a fitting checksum hides is refused, or is the one form of something else",
        arguments: LogFixture.allCases)
    func mutations(_ fixture: LogFixture) throws {
        var random = SplitMix(seed: Self.seed)
        var (refused, taken) = (0, 0)
        for record in try fixture.records() {
            for _ in 0..<500 {
                let bytes = Self.mutated(record, &random)
                do {
                    let again = try Vectors.recode(bytes)
                    try #require(again == bytes, "seed \(Self.seed): two forms of one record")
                    taken += 1
                } catch is DecodingFault {
                    refused += 1
                }
            }
        }
        // A short fixture has fewer changes to refuse or take, in the same parts.
        let changes = refused + taken
        #expect(refused > min(5_000, changes * 3 / 4))
        #expect(taken > min(1_000, changes / 10))
    }

    @Test(
        "every truncation of every record is refused, the checksum made to fit or not",
        arguments: LogFixture.allCases)
    func truncations(_ fixture: LogFixture) throws {
        for record in try fixture.records() {
            for length in 0..<record.count {
                var bytes = Array(record[..<length])
                #expect(throws: RecordHeader.Fault.self) {
                    _ = try bytes.withUnsafeBytes { (raw) throws in try RecordHeader.read(raw) }
                }
                guard length >= RecordHeader.size else { continue }
                for i in 0..<4 { bytes[4 + i] = UInt8(truncatingIfNeeded: length >> (8 * i)) }
                let fault = bytes.withUnsafeBytes { raw in StoredRecord.walk(raw) { _, _ in true } }
                try #require(fault == .truncated, "\(length) of \(record.count) bytes")
            }
        }
    }

    @Test("every flipped bit of every record is found", arguments: LogFixture.allCases)
    func bitFlips(_ fixture: LogFixture) throws {
        // The long ones are policies: the first 200 bytes of each says enough.
        for var record in try fixture.records() {
            for bit in 0..<min(record.count * 8, 1_600) {
                record[bit / 8] ^= 1 << UInt8(bit % 8)
                let sound = record.withUnsafeBytes { raw in (try? RecordHeader.read(raw)) != nil }
                try #require(!sound, "bit \(bit)")
                record[bit / 8] ^= 1 << UInt8(bit % 8)
            }
        }
    }
}
