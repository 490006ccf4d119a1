import Foundation
import NaiveModel
import Testing

@testable import LedgerDomain
@testable import LedgerLog
@testable import LedgerState
@testable import ReferralLedger

/// Records decoded on a thread of their own come in order, all of them, however fast who folds them is; and what ends one
/// thread ends the other.
@Suite(.timeLimit(.minutes(2))) struct DecodingAheadTests {
    private static let hash = KeyedHash(seed: 0x5EED_0046)

    /// A log of payments, one a record; the record of ordinal `damaged` has a flag that nobody knows.
    private static func log(_ folder: TemporaryFolder, records: Int, damaged: Int? = nil) throws -> LogStore {
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        let store = try LogStore.create(
            directory: folder.path + "/log", ledgerId: Bytes16(low: 1, high: 2), mapSizeBytes: 1 << 30)
        let group = RecordGroup()
        var head = LogHead.empty
        var before = head
        for ordinal in 0..<records {
            let room = group.reserve()
            let header = header(ordinal, length: write(ordinal, into: room))
            RecordHeader.write(header, into: UnsafeMutableRawBufferPointer(rebasing: room[..<header.length]))
            if ordinal == damaged { room[1] = 1 }
            group.commit(length: header.length, base: header.basePosition)
            head = LogHead(
                position: header.lastPosition, records: header.ordinal + 1, recordedAt: header.recordedAt)
            if group.count == 20_000 || ordinal == records - 1 {
                try store.append(group, expecting: before)
                group.removeAll()
                before = head
            }
        }
        return store
    }

    private static func header(_ ordinal: Int, length: Int) -> RecordHeader {
        RecordHeader(
            ordinal: UInt64(ordinal), basePosition: LogPosition(UInt64(ordinal) + 1), eventCount: 1,
            recordedAt: Timestamp(nanoseconds: Int64(ordinal)), length: length)
    }

    /// Writes a payment behind where the header comes; the record's length.
    private static func write(_ ordinal: Int, into room: UnsafeMutableRawBufferPointer) -> Int {
        let moment = Timestamp(nanoseconds: 0)
        var encoder = EventEncoder(
            region: UnsafeMutableRawBufferPointer(rebasing: room[RecordHeader.size...]),
            context: RecordContext(basePosition: LogPosition(UInt64(ordinal) + 1), occurredAt: moment))
        encoder.prelude(RecordEnvelope())
        var payment = PaymentReceived()
        payment.payer = UserNumber(UInt32(ordinal))
        payment.amount = Int64(ordinal)
        payment.commissionableBase = payment.amount
        encoder.event(&payment, occurredAt: moment, recordOccurredAt: moment)
        return UnsafeMutableRawPointer(encoder.cursor) - room.baseAddress!
    }

    /// How many records came, if all that came stood in order and was what was written.
    private static func inOrder(_ stretch: FoldStretch, after count: Int) -> Int? {
        for i in 0..<stretch.count {
            let record = stretch.record(i)
            guard record.pointee.header.ordinal == UInt64(count + i), record.pointee.first >= 0,
                stretch.events(record).payment.amount == Int64(count + i)
            else { return nil }
        }
        return count + stretch.count
    }

    private static func decoding(_ store: LogStore) throws -> DecodingAhead {
        DecodingAhead(store, hash: hash, after: .start, through: try store.head().position)
    }

    @Test(
        "less than a stretch, several, and more than a snapshot",
        arguments: [1, 31, 256, 257, 2_049, LogStore.scanStretch + 777])
    func all(_ records: Int) throws {
        let folder = TemporaryFolder()
        let store = try Self.log(folder, records: records)
        defer { store.close() }
        var count: Int? = 0
        func fold(_ stretch: FoldStretch) { count = count.flatMap { Self.inOrder(stretch, after: $0) } }
        try Self.decoding(store).forEach(fold)
        #expect(count == records)
    }

    @Test("who folds is slow: all the time, at first, now and then", arguments: [1, 20, 3])
    func slow(_ rests: Int) throws {
        let folder = TemporaryFolder()
        let store = try Self.log(folder, records: 10_000)
        defer { store.close() }
        var (count, stretches): (Int?, Int) = (0, 0)
        func fold(_ stretch: FoldStretch) {
            // So that all stretches are ready, or all are free again, at different moments.
            if rests == 20 ? stretches < 1 : stretches % rests == 0 { usleep(rests == 20 ? 200_000 : 5_000) }
            stretches += 1
            count = count.flatMap { Self.inOrder(stretch, after: $0) }
        }
        try Self.decoding(store).forEach(fold)
        #expect(count == 10_000)
        #expect(stretches == 40)
    }

    @Test(
        "a damaged record ends it, with its place; what was before has come", arguments: [0, 40, 300, 4_000])
    func damaged(_ ordinal: Int) throws {
        let folder = TemporaryFolder()
        let store = try Self.log(folder, records: 5_000, damaged: ordinal)
        defer { store.close() }
        var count: Int? = 0
        let decoding = DecodingAhead(
            store, hash: Self.hash, after: .start, through: LogPosition(5_000))
        func fold(_ stretch: FoldStretch) { count = count.flatMap { Self.inOrder(stretch, after: $0) } }
        do throws(LogError) {
            try decoding.forEach(fold)
            Issue.record("a damaged record was taken")
        } catch {
            #expect(error.code == .broken)
            #expect(error.position == LogPosition(UInt64(ordinal) + 1))
        }
        // But for those that were read together with it.
        let came = try #require(count)
        #expect(came <= ordinal && came + FoldStretch.piece > ordinal)
    }

    @Test("who folds gives up: the log can be closed", arguments: [1, 2, 9, 30])
    func givenUp(_ last: Int) throws {
        let folder = TemporaryFolder()
        let store = try Self.log(folder, records: 10_000)
        var stretches = 0
        func fold(_ stretch: FoldStretch) throws(LogError) {
            stretches += 1
            if stretches == last { throw LogError(.broken, "enough") }
        }
        #expect(throws: LogError.self) { try Self.decoding(store).forEach(fold) }
        #expect(stretches == last)
        // Waits for every reader.
        store.close()
    }

    /// All blocks of all tables.
    private static func contents<State: TableSet & ~Copyable>(_ state: inout State) -> [Int: [[UInt8]]] {
        let snapshot = state.freeze(at: .empty)
        var all: [Int: [[UInt8]]] = [:]
        let memory = UnsafeMutableRawPointer.allocate(byteCount: BlockArena.blockBytes, alignment: 64)
        defer { memory.deallocate() }
        for table in snapshot.tables {
            for block in 0..<table.blockCount
            where state.take(table: table.table, block: block, into: memory, forCheckpoint: true) {
                all[table.table, default: []].append(
                    Array(UnsafeRawBufferPointer(start: memory, count: BlockArena.blockBytes)))
            }
        }
        state.thaw()
        return all
    }

    /// Hands over one record after the other.
    private static func oneByOne(
        _ store: LogStore, _ fold: (UnsafeRawBufferPointer, RecordHeader) throws(FoldFault) -> Void
    ) throws {
        try store.scan(after: .start) { record, header throws(LogError) in
            do throws(FoldFault) { try fold(record, header) } catch {
                throw LogError(.broken, error.message, position: error.position)
            }
            return true
        }
    }

    @Test("on threads the state is the same, word for word", arguments: RandomPolicy.all.map(\.name))
    func state(_ policyName: String) throws {
        let folder = TemporaryFolder()
        let seed: UInt64 = 0x5EED_0047
        try makeRandomLedger(folder, policyName: policyName, seed: seed).close()
        let store = try LogStore.open(
            directory: folder.path + "/log", readOnly: true, mapSizeBytes: testOptions().logMapBytes)
        defer { store.close() }
        var plain = CoreState(records: RecordSource(store), hashSeed: Self.hash.seed)
        var core = CoreState(records: RecordSource(store), hashSeed: Self.hash.seed)
        defer {
            plain.records.release()
            core.records.release()
        }
        try Self.oneByOne(store) { record, header throws(FoldFault) in
            try plain.apply(record: record, header: header)
        }
        func fold(_ stretch: FoldStretch) throws(LogError) {
            do throws(FoldFault) { try core.apply(stretch) } catch {
                throw LogError(.broken, error.message, position: error.position)
            }
        }
        core.spreadIds()
        try DecodingAhead(store, hash: core.hash, after: .start, through: try store.head().position).forEach(
            fold)
        core.gatherIds()
        #expect(Self.contents(&core) == Self.contents(&plain), "seed \(seed)")
        #expect(core.head.position.rawValue > 300)
    }

    @Test("views by stretches are the same, word for word", arguments: RandomPolicy.all.map(\.name))
    func views(_ policyName: String) throws {
        let folder = TemporaryFolder()
        let seed: UInt64 = 0x5EED_0048
        try makeRandomLedger(folder, policyName: policyName, seed: seed).close()
        let store = try LogStore.open(
            directory: folder.path + "/log", readOnly: true, mapSizeBytes: testOptions().logMapBytes)
        defer { store.close() }
        var plain = ViewState(hashSeed: Self.hash.seed)
        try Self.oneByOne(store) { record, header throws(FoldFault) in
            try plain.apply(record: record, header: header)
        }
        let box = ViewBox(ViewState(hashSeed: Self.hash.seed))
        try box.catchUp(store, through: try store.head().position)
        #expect(Self.contents(&box.views) == Self.contents(&plain), "seed \(seed)")
        #expect(box.views.head == plain.head && box.views.sequence == plain.sequence)
    }
}
