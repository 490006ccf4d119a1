import Testing

@testable import LedgerDomain
@testable import LedgerLog

/// Headers and checksums. Source: Documentation/log-format.md, section 3.
@Suite struct RecordHeaderTests {
    private func sample(events: Int = 5, bytes: Int = 30) -> [UInt8] {
        let group = RecordGroup()
        let header = RecordHeader(
            ordinal: 9, basePosition: LogPosition(21), eventCount: events,
            recordedAt: Timestamp(nanoseconds: 77),
            length: 0)
        let length = LogMaker.record(header, bytes: bytes, into: group.reserve())
        group.commit(length: length, base: header.basePosition)
        return Array(group[0])
    }

    private func read(_ bytes: [UInt8]) throws -> RecordHeader {
        try bytes.withUnsafeBytes { (raw) throws in try RecordHeader.read(raw) }
    }

    /// Sets bytes and makes the checksum right again.
    private func patched(_ bytes: [UInt8], _ offset: Int, _ values: [UInt8]) -> [UInt8] {
        var bytes = bytes
        bytes.replaceSubrange(offset..<(offset + values.count), with: values)
        let sum = bytes.withUnsafeBytes { RecordHeader.checksum($0) }
        for i in 0..<8 { bytes[32 + i] = UInt8(truncatingIfNeeded: sum >> (8 * UInt64(i))) }
        return bytes
    }

    @Test("what was written is read")
    func roundTrip() throws {
        let bytes = sample()
        let header = try read(bytes)
        #expect(header.ordinal == 9)
        #expect(header.basePosition == LogPosition(21))
        #expect(header.lastPosition == LogPosition(25))
        #expect(header.eventCount == 5)
        #expect(header.recordedAt.nanoseconds == 77)
        #expect(header.length == bytes.count)
    }

    @Test("every flipped bit is found")
    func bitFlips() {
        let bytes = sample()
        for bit in 0..<(bytes.count * 8) {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: RecordHeader.Fault.self, "bit \(bit)") { _ = try read(damaged) }
        }
    }

    @Test("every shortened record is found, and every lengthened one")
    func lengths() {
        let bytes = sample()
        for length in 0..<bytes.count {
            #expect(throws: RecordHeader.Fault.self, "\(length) bytes") {
                _ = try read(Array(bytes[..<length]))
            }
        }
        #expect(throws: RecordHeader.Fault.badLength(stated: bytes.count, actual: bytes.count + 1)) {
            _ = try read(bytes + [0])
        }
        #expect(throws: RecordHeader.Fault.tooShort(39)) { _ = try read(Array(bytes[..<39])) }
    }

    @Test("a header with a right checksum keeps to the format's bounds")
    func bounds() throws {
        let bytes = sample()
        #expect(throws: RecordHeader.Fault.newerFormat(2)) { _ = try read(patched(bytes, 0, [2])) }
        #expect(throws: RecordHeader.Fault.badVersion(0)) { _ = try read(patched(bytes, 0, [0])) }
        #expect(throws: RecordHeader.Fault.badFlags(1)) { _ = try read(patched(bytes, 1, [1])) }
        #expect(throws: RecordHeader.Fault.badCount(0)) { _ = try read(patched(bytes, 2, [0, 0])) }
        #expect(throws: RecordHeader.Fault.badCount(1_025)) { _ = try read(patched(bytes, 2, [1, 4])) }
        #expect(try read(patched(bytes, 2, [0, 4])).eventCount == 1_024)
        let all = [UInt8](repeating: 0xFF, count: 8)
        #expect(throws: RecordHeader.Fault.badPlace(ordinal: .max, base: 21)) {
            _ = try read(patched(bytes, 8, all))
        }
        #expect(throws: RecordHeader.Fault.badPlace(ordinal: 9, base: .max)) {
            _ = try read(patched(bytes, 16, all))
        }
        #expect(throws: RecordHeader.Fault.badPlace(ordinal: 9, base: 9)) {
            _ = try read(patched(bytes, 16, [9, 0, 0, 0, 0, 0, 0, 0]))
        }
        var large = [UInt8](repeating: 0, count: LedgerBounds.recordBytes + 1)
        large.replaceSubrange(..<bytes.count, with: bytes)
        let length = (0..<4).map { UInt8(truncatingIfNeeded: large.count >> (8 * $0)) }
        #expect(throws: RecordHeader.Fault.badLength(stated: large.count, actual: large.count)) {
            _ = try read(patched(large, 4, length))
        }
    }

    @Test("a record of the most events fits, and is read")
    func largest() throws {
        let bytes = sample(events: LedgerBounds.eventsPerRecord, bytes: 200_000)
        #expect(try read(bytes).eventCount == LedgerBounds.eventsPerRecord)
        #expect(bytes.count <= LedgerBounds.recordBytes)
    }

    @Test("each fault has a sentence of its own")
    func messages() {
        let faults: [RecordHeader.Fault] = [
            .tooShort(3), .newerFormat(2), .badVersion(0), .badFlags(1), .badPlace(ordinal: 2, base: 1),
            .badLength(stated: 1, actual: 2), .badCount(0), .badChecksum(stated: 1, actual: 2),
        ]
        #expect(Set(faults.map(\.message)).count == faults.count)
    }
}
