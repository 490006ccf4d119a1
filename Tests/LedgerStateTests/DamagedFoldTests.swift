import Testing

@testable import LedgerDomain
@testable import LedgerLog
@testable import LedgerState

/// Damage that a checksum does not find, because it was computed after it: folded or refused, never trapped, and undone
/// without a trace.
@Suite struct DamagedFoldTests {
    static let seed: UInt64 = 0x5EED_0005

    /// The records of `Fixtures/log`, in a store of their own.
    static func stored(
        _ fixture: LogFixture, _ folder: TemporaryFolder
    ) throws -> (LogStore, [[UInt8]]) {
        let records = try fixture.records()
        let store = try LogStore.create(
            directory: folder.path + "/log", ledgerId: VectorLog.ledgerId, mapSizeBytes: 1 << 30)
        let group = RecordGroup()
        for record in records {
            group.reserve().copyBytes(from: record)
            let base = try record.withUnsafeBytes { try RecordHeader.read($0).basePosition }
            group.commit(length: record.count, base: base)
        }
        try store.append(group, expecting: .empty)
        return (store, records)
    }

    private static func fold(_ record: [UInt8], _ state: inout CoreState) throws {
        try record.withUnsafeBytes { raw in
            let header = try RecordHeader.read(raw)
            try state.apply(record: raw, header: header)
        }
    }

    /// Every row of every table that is digested, as bytes.
    private static func contents(_ state: inout CoreState) -> [Int: [[UInt8]]] {
        let snapshot = state.freeze(at: state.head)
        var all: [Int: [[UInt8]]] = [:]
        let memory = UnsafeMutableRawPointer.allocate(byteCount: BlockArena.blockBytes, alignment: 64)
        defer { memory.deallocate() }
        for table in snapshot.tables where table.digested {
            for block in 0..<table.digestBlocks {
                let taken = state.take(table: table.table, block: block, into: memory, forCheckpoint: false)
                #expect(taken)
                let count = min(table.rowsPerBlock, table.count - block * table.rowsPerBlock) * table.stride
                all[table.table, default: []].append(
                    Array(UnsafeRawBufferPointer(start: memory, count: count)))
            }
        }
        state.thaw()
        return all
    }

    /// A record with a few bytes changed behind the header, and header fields and checksum that fit.
    static func mutated(_ record: [UInt8], _ random: inout SplitMix) -> [UInt8] {
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
        "a record cut short or changed never traps the fold, and leaves nothing behind",
        arguments: LogFixture.allCases)
    func mutations(_ fixture: LogFixture) throws {
        let folder = try TemporaryFolder()
        let (store, records) = try Self.stored(fixture, folder)
        defer { store.close() }
        var random = SplitMix(seed: Self.seed)
        var state = CoreState(records: RecordSource(store), hashSeed: 1)
        var (refused, taken) = (0, 0)
        for record in records {
            let before = Self.contents(&state)
            for _ in 0..<200 {
                let bytes = Self.mutated(record, &random)
                state.beginGroup(parity: 0)
                do {
                    try Self.fold(bytes, &state)
                    taken += 1
                } catch is FoldFault {
                    refused += 1
                }
                state.rollBackGroup(parity: 0)
            }
            #expect(Self.contents(&state) == before, "seed \(Self.seed)")
            try Self.fold(record, &state)
        }
        // A short fixture has fewer changes to refuse or take, in the same parts.
        let changes = refused + taken
        #expect(refused > min(2_000, changes * 3 / 4))
        #expect(taken > min(400, changes / 10))
        var clean = CoreState(records: RecordSource(store), hashSeed: 1)
        for record in records { try Self.fold(record, &clean) }
        #expect(Self.contents(&clean) == Self.contents(&state))
        clean.records.release()
        state.records.release()
    }
}
