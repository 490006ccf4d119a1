import Glibc
import Testing

@testable import LedgerDomain
@testable import LedgerLog
@testable import LedgerState

/// Folding stretches of records, with ids put in beside it or not, is folding them one by one.
@Suite struct FoldStretchTests {
    private static let seed: UInt64 = 0x5EED_0042

    /// All blocks of all tables, those of the id tables among them.
    private static func contents<State: TableSet & ~Copyable>(_ state: inout State) -> [Int: [[UInt8]]] {
        let snapshot = state.freeze(at: .empty)
        var all: [Int: [[UInt8]]] = [:]
        let memory = UnsafeMutableRawPointer.allocate(byteCount: BlockArena.blockBytes, alignment: 64)
        defer { memory.deallocate() }
        for table in snapshot.tables {
            for block in 0..<table.blockCount {
                if state.take(table: table.table, block: block, into: memory, forCheckpoint: true) {
                    all[table.table, default: []].append(
                        Array(UnsafeRawBufferPointer(start: memory, count: BlockArena.blockBytes)))
                }
            }
        }
        state.thaw()
        return all
    }

    private static func byStretches(
        _ store: LogStore, of count: Int, spread: Bool
    ) throws -> [Int: [[UInt8]]] {
        var state = CoreState(records: RecordSource(store), hashSeed: seed)
        defer { state.records.release() }
        if spread { state.spreadIds() }
        let stretch = FoldStretch(hash: state.hash)
        try store.scanStretches(after: .start, of: count) { records throws(LogError) in
            stretch.fill(records)
            do throws(FoldFault) { try state.apply(stretch) } catch {
                throw LogError(.broken, error.message, position: error.position)
            }
        }
        state.gatherIds()
        return contents(&state)
    }

    @Test("every fixture, in stretches of one to 256 records", arguments: LogFixture.allCases)
    func fixtures(_ fixture: LogFixture) throws {
        let folder = try TemporaryFolder()
        let (store, _) = try DamagedFoldTests.stored(fixture, folder)
        defer { store.close() }
        var one = CoreState(records: RecordSource(store), hashSeed: Self.seed)
        try store.scan(after: .start) { record, header throws(LogError) in
            do throws(FoldFault) { try one.apply(record: record, header: header) } catch {
                throw LogError(.broken, error.message, position: error.position)
            }
            return true
        }
        let expected = Self.contents(&one)
        one.records.release()
        #expect(expected.count > 3)
        for count in [1, 7, 33, FoldStretch.capacity] {
            for spread in [false, true] {
                #expect(try Self.byStretches(store, of: count, spread: spread) == expected)
            }
        }
    }

    @Test("a table that was fed is the same, word for word", arguments: [0, 3, 200])
    func fed(lookUps: Int) {
        var random = SplitMix(seed: 0x5EED_0043)
        let hashes = (0..<150_000).map { _ in random.next() }
        var undo = UndoLog()
        var plain = IdTable(40, "ids", TableHome())
        var fed = IdTable(40, "ids", TableHome())
        let feeder = IdFeeder()
        // Some ids are there before it begins.
        for number in 0..<1000 { fed.insert(hashes[number], number, &undo) }
        fed.goAway(with: feeder)
        for (number, hash) in hashes.enumerated() {
            plain.insert(hash, number, &undo)
            if number >= 1000 { fed.insert(hash, number, &undo) }
            if lookUps > 0, number % (hashes.count / lookUps) == 700 {
                var probe = fed.probe(hash)
                #expect(fed.next(&probe) == number)
                var unknown = fed.probe(hash ^ 1 << 40)
                #expect(fed.next(&unknown) == nil)
            }
        }
        // Who looks ids up all the time gets the table back.
        let isAway = fed.isAway
        #expect(isAway == (lookUps < 100))
        fed.comeBack()
        feeder.end()
        let (count, mine, theirs) = (fed.count, fed.shape, plain.shape)
        #expect(count == hashes.count)
        #expect(mine == theirs)
        for block in 0..<plain.store.blockCount {
            let (mine, theirs) = (fed.store.readable(block), plain.store.readable(block))
            #expect(memcmp(mine, theirs, BlockArena.blockBytes) == 0)
        }
    }

    // MARK: Views

    @Test("views fold stretches as they fold records", arguments: LogFixture.allCases)
    func views(_ fixture: LogFixture) throws {
        let folder = try TemporaryFolder()
        let (store, _) = try DamagedFoldTests.stored(fixture, folder)
        defer { store.close() }
        var one = ViewState(hashSeed: Self.seed)
        try store.scan(after: .start) { record, header throws(LogError) in
            do throws(FoldFault) { try one.apply(record: record, header: header) } catch {
                throw LogError(.broken, error.message, position: error.position)
            }
            return true
        }
        let expected = Self.contents(&one)
        #expect(expected.count >= 2)
        for count in [1, 7, FoldStretch.capacity] {
            var views = ViewState(hashSeed: Self.seed)
            let stretch = FoldStretch(hash: nil)
            try store.scanStretches(after: .start, of: count) { records throws(LogError) in
                stretch.fill(records)
                do throws(FoldFault) { try views.apply(stretch) } catch {
                    throw LogError(.broken, error.message, position: error.position)
                }
            }
            let (head, sequence) = (views.head, views.sequence)
            #expect(head == one.head && sequence == one.sequence)
            #expect(Self.contents(&views) == expected)
        }
    }

    // MARK: Damage

    /// What came of a fold: nothing, or the fault.
    private static func outcome(_ body: () throws(FoldFault) -> Void) -> String {
        do throws(FoldFault) {
            try body()
            return "folded"
        } catch {
            return "\(error.position), \(error.check): \(error.message)"
        }
    }

    @Test("a record that is wrong is found wrong in the same words", arguments: LogFixture.allCases)
    func faults(_ fixture: LogFixture) throws {
        let folder = try TemporaryFolder()
        let (store, records) = try DamagedFoldTests.stored(fixture, folder)
        defer { store.close() }
        var random = SplitMix(seed: Self.seed)
        var one = CoreState(records: RecordSource(store), hashSeed: Self.seed)
        var other = CoreState(records: RecordSource(store), hashSeed: Self.seed)
        defer {
            one.records.release()
            other.records.release()
        }
        let stretch = FoldStretch(hash: other.hash)
        var found: [String: Int] = [:]
        for record in records {
            for round in 0...100 {
                // The last is the record itself.
                let bytes = round < 100 ? DamagedFoldTests.mutated(record, &random) : record
                try bytes.withUnsafeBytes { raw in
                    let scanned = [ScannedRecord(bytes: raw, header: try RecordHeader.read(raw))]
                    one.beginGroup(parity: 0)
                    other.beginGroup(parity: 0)
                    let expected = Self.outcome { () throws(FoldFault) in
                        try one.apply(record: raw, header: scanned[0].header)
                    }
                    let told = Self.outcome { () throws(FoldFault) in
                        scanned.withUnsafeBufferPointer { stretch.fill($0) }
                        try other.apply(stretch)
                    }
                    #expect(told == expected, "seed \(Self.seed), record \(scanned[0].header.ordinal)")
                    let check = expected.prefix { $0 != ":" }.split(separator: " ").last ?? ""
                    found[String(check), default: 0] += 1
                    if round < 100 {
                        one.rollBackGroup(parity: 0)
                        other.rollBackGroup(parity: 0)
                    } else {
                        #expect(expected == "folded")
                        one.retireGroup(parity: 0)
                        other.retireGroup(parity: 0)
                    }
                }
            }
        }
        #expect(Self.contents(&one) == Self.contents(&other))
        #expect(found.count > 3, "\(found)")
    }
}
