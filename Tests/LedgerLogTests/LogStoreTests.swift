import Foundation
import LMDB
import Synchronization
import Testing

@testable import LedgerDomain
@testable import LedgerLog

@Suite struct LogStoreTests {
    static let id = Bytes16(low: 1, high: 2)
    static let mapBytes = 1 << 30

    private func make(_ folder: TemporaryFolder) throws -> LogMaker {
        LogMaker(
            store: try LogStore.create(
                directory: folder.path + "/log", ledgerId: Self.id, mapSizeBytes: Self.mapBytes))
    }

    private func open(_ folder: TemporaryFolder, readOnly: Bool = false) throws -> LogStore {
        try LogStore.open(directory: folder.path + "/log", readOnly: readOnly, mapSizeBytes: Self.mapBytes)
    }

    /// Writes into the log's file as another program would.
    private func tamper(
        _ folder: TemporaryFolder, _ body: (borrowing WriteTransaction, Database, Database) throws -> Void
    ) throws {
        let environment = try Environment(
            directory: folder.path + "/log", options: .init(mapSizeBytes: Self.mapBytes))
        defer { environment.close() }
        let meta = try environment.openDatabase("meta", integerKeys: false, create: true)
        let records = try environment.openDatabase("records", integerKeys: true, create: true)
        let write = try environment.beginWrite()
        try body(write, meta, records)
        try write.commit()
    }

    private func code(_ body: () throws -> Void) -> LogError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? LogError)?.code
        }
    }

    @Test("an empty log, then records, then a reopen")
    func life() throws {
        let folder = try TemporaryFolder()
        var maker = try make(folder)
        #expect(try maker.store.head() == .empty)
        #expect(try maker.store.baseOfRecord(holding: LogPosition(1)) == nil)
        #expect(try maker.store.scan(after: .start) { _, _ in true } == .start)
        try maker.append([1, 3])
        try maker.append([2])
        #expect(try maker.store.head() == maker.head)
        #expect(maker.head.position == LogPosition(6))
        maker.store.close()
        #expect(code { _ = try make(folder) } == .exists)
        for readOnly in [true, false] {
            let store = try open(folder, readOnly: readOnly)
            #expect(store.ledgerId == Self.id)
            #expect(store.isReadOnly == readOnly)
            #expect(try store.head() == maker.head)
            store.close()
        }
    }

    @Test("an empty group is nothing")
    func emptyGroup() throws {
        let folder = try TemporaryFolder()
        let maker = try make(folder)
        defer { maker.store.close() }
        try maker.store.append(RecordGroup(), expecting: maker.head)
        #expect(try maker.store.head() == .empty)
    }

    @Test("a group for another head is not appended", arguments: [(1, 0), (3, 1), (9, 3)])
    func wrongHead(_ position: UInt64, _ records: UInt64) throws {
        let folder = try TemporaryFolder()
        var maker = try make(folder)
        defer { maker.store.close() }
        try maker.append([2, 2])
        let wrong = LogHead(
            position: LogPosition(position), records: records, recordedAt: maker.head.recordedAt)
        let group = RecordGroup()
        _ = LogMaker.fill(group, after: wrong, counts: [1])
        do {
            try maker.store.append(group, expecting: wrong)
            Issue.record("a group was appended where it does not belong")
        } catch {
            #expect(error.code == .broken)
            #expect(error.position == LogPosition(4))
        }
        #expect(try maker.store.head() == maker.head)
        try maker.append([1])
        #expect(try maker.store.head().position == LogPosition(5))
    }

    @Test("records are found by base, by a position within, and by time")
    func finding() throws {
        let folder = try TemporaryFolder()
        var maker = try make(folder)
        defer { maker.store.close() }
        var random = SplitMix(seed: 0x5EED_0002)
        var bases: [UInt64: UInt64] = [:]
        for _ in 0..<40 {
            let counts = (0..<5).map { _ in Int.random(in: 1...7, using: &random) }
            var next = maker.head.position.rawValue + 1
            for count in counts {
                for i in 0..<UInt64(count) { bases[next + i] = next }
                next += UInt64(count)
            }
            try maker.append(counts)
        }
        for (position, base) in bases {
            try #require(try maker.store.baseOfRecord(holding: LogPosition(position)) == LogPosition(base))
            try #require(try (maker.store.record(at: LogPosition(position)) != nil) == (position == base))
        }
        let starts = Set(bases.values).sorted()
        // Record i is of second i + 1: the last recorded by then ends where the next begins.
        for (i, start) in starts.enumerated() {
            let second = Int64(i) * 1_000_000_000
            #expect(
                try maker.store.position(recordedBy: Timestamp(nanoseconds: second)) == LogPosition(start - 1)
            )
            #expect(
                try maker.store.position(recordedBy: .init(nanoseconds: second + 999_999_999))
                    == LogPosition(start - 1))
        }
        #expect(try maker.store.position(recordedBy: .max) == maker.head.position)
        #expect(try maker.store.position(recordedBy: .min) == .start)
    }

    @Test("a position past the end is in no record")
    func pastTheEnd() throws {
        let folder = try TemporaryFolder()
        var maker = try make(folder)
        defer { maker.store.close() }
        try maker.append([3, 2])
        #expect(try maker.store.baseOfRecord(holding: LogPosition(5)) == LogPosition(4))
        #expect(try maker.store.baseOfRecord(holding: LogPosition(6)) == nil)
        #expect(try maker.store.baseOfRecord(holding: LogPosition(1_000)) == nil)
        #expect(try maker.store.baseOfRecord(holding: .start) == nil)
    }

    @Test("a scan keeps to its bounds and stops when told")
    func scanning() throws {
        let folder = try TemporaryFolder()
        var maker = try make(folder)
        defer { maker.store.close() }
        try maker.append([1, 2, 3, 4])
        func visited(_ after: UInt64, _ through: UInt64?, stop: Int = .max) throws -> ([UInt64], UInt64) {
            var seen: [UInt64] = []
            let end = try maker.store.scan(
                after: LogPosition(after), through: through.map { LogPosition($0) }
            ) { _, header in
                seen.append(header.basePosition.rawValue)
                return seen.count < stop
            }
            return (seen, end.rawValue)
        }
        #expect(try visited(0, nil) == ([1, 2, 4, 7], 10))
        #expect(try visited(1, 6) == ([2, 4], 6))
        #expect(try visited(1, 5) == ([2], 3))
        #expect(try visited(10, nil) == ([], 10))
        #expect(try visited(0, nil, stop: 2) == ([1, 2], 3))
    }

    @Test("a scan goes on while the file grows under it")
    func growth() throws {
        let folder = try TemporaryFolder()
        var maker = try make(folder)
        defer { maker.store.close() }
        try maker.append([Int](repeating: 1, count: 50), bytes: 1_000)
        var seen: UInt64 = 0
        var rounds = 0
        let store = maker.store
        // More than the stretch after which a scan renews its snapshot is not needed: the next scan sees the growth.
        while rounds < 6 {
            let end = try store.scan(after: LogPosition(seen)) { (_, header) throws(LogError) in
                seen += 1
                if header.basePosition.rawValue != seen { return false }
                if seen % 400 == 40 { try maker.append([Int](repeating: 1, count: 400), bytes: 5_000) }
                return true
            }
            #expect(end.rawValue == seen)
            rounds += 1
        }
        #expect(seen >= 1_000)
        #expect(seen <= maker.head.position.rawValue)
    }

    @Test("a scan of more than one stretch misses no record and repeats none, and sees what came meanwhile")
    func stretches() throws {
        let folder = try TemporaryFolder()
        var maker = try make(folder)
        defer { maker.store.close() }
        try maker.append([Int](repeating: 1, count: LogStore.scanStretch + 10))
        let store = maker.store
        var seen: UInt64 = 0
        let end = try store.scan(after: .start) { (_, header) throws(LogError) in
            guard header.basePosition.rawValue == seen + 1, header.ordinal == seen else { return false }
            seen += 1
            // In the first stretch's snapshot this is not; the second one has it.
            if seen == 1 { try maker.append([1, 1]) }
            return true
        }
        #expect(end == maker.head.position)
        #expect(seen == UInt64(LogStore.scanStretch) + 12)
    }

    @Test("another program's file is not ours")
    func foreign() throws {
        let folder = try TemporaryFolder()
        let directory = folder.path + "/log"
        let environment = try Environment(directory: directory, options: .init(mapSizeBytes: Self.mapBytes))
        _ = try environment.openDatabase("theirs", integerKeys: false, create: true)
        environment.close()
        #expect(code { _ = try open(folder) } == .broken)
        #expect(code { _ = try open(folder, readOnly: true) } == .broken)
    }

    @Test("another format is newer, no id is damage, no file is no log")
    func formats() throws {
        let folder = try TemporaryFolder()
        #expect(code { _ = try open(folder, readOnly: true) } != nil)
        let maker = try make(folder)
        maker.store.close()
        try tamper(folder) { write, meta, _ in
            try write.put(meta, named: "format", Array("referral-ledger log 2\n".utf8))
        }
        #expect(code { _ = try open(folder) } == .newer)
        try tamper(folder) { write, meta, _ in
            try write.put(meta, named: "format", LogStore.magic)
            try write.put(meta, named: "ledgerId", [1, 2, 3])
        }
        #expect(code { _ = try open(folder) } == .broken)
        #expect(LogStore.magic.count == 22)
    }

    @Test("damage is named with its position", arguments: [UInt64(1), 3, 6])
    func damage(_ base: UInt64) throws {
        let folder = try TemporaryFolder()
        var maker = try make(folder)
        try maker.append([2, 3, 1])
        maker.store.close()
        try tamper(folder) { write, _, records in
            var bytes = Array(try #require(try write.value(records, key: base)))
            bytes[bytes.count - 1] ^= 0x40
            try bytes.withUnsafeBytes { try write.put(records, key: base, value: $0, append: false) }
        }
        let store = try open(folder)
        defer { store.close() }
        do {
            try store.scan(after: .start) { _, _ in true }
            Issue.record("damage was not seen")
        } catch {
            #expect(error.code == .broken)
            #expect(error.position == LogPosition(base))
            #expect(error.message.contains("position \(base)"))
        }
        if base == 6 {
            do {
                _ = try store.head()
                Issue.record("a damaged head was believed")
            } catch {
                #expect(error.code == .broken)
                #expect(error.position == LogPosition(6))
            }
        } else {
            #expect(try store.head() == maker.head)
        }
    }

    @Test("a record under another's key is damage, one of a newer format is newer")
    func misplaced() throws {
        let folder = try TemporaryFolder()
        var maker = try make(folder)
        try maker.append([2, 3])
        maker.store.close()
        try tamper(folder) { write, _, records in
            let bytes = Array(try #require(try write.value(records, key: 3)))
            try bytes.withUnsafeBytes { try write.put(records, key: 9, value: $0, append: false) }
        }
        var store = try open(folder)
        #expect(code { try store.scan(after: .start) { _, _ in true } } == .broken)
        #expect(code { _ = try store.head() } == .broken)
        store.close()
        try tamper(folder) { write, _, records in
            var bytes = Array(try #require(try write.value(records, key: 9)))
            bytes[0] = 2
            try bytes.withUnsafeBytes { try write.put(records, key: 9, value: $0, append: false) }
        }
        store = try open(folder)
        #expect(code { try store.scan(after: .start) { _, _ in true } } == .newer)
        #expect(code { _ = try store.head() } == .newer)
        store.close()
    }

    @Test("after a reopen all is as before")
    func reopening() throws {
        let folder = try TemporaryFolder()
        var maker = try make(folder)
        defer { maker.store.close() }
        try maker.append([2])
        try maker.store.reopen()
        #expect(try maker.store.head() == maker.head)
        try maker.append([3])
        #expect(try maker.store.head().position == LogPosition(5))
    }

    @Test("a source that still has the log is asked to let go of it, until it does", .timeLimit(.minutes(1)))
    func reopeningBesideAReader() throws {
        let folder = try TemporaryFolder()
        var maker = try make(folder)
        defer { maker.store.close() }
        try maker.append([2])
        let source = RecordSource(maker.store)
        #expect(try unsafe source.record(at: LogPosition(1)) != nil)
        var asked = 0
        try maker.store.reopen {
            asked += 1
            // As if it had come back to the log the first time.
            if asked == 2 { source.release() }
        }
        #expect(asked == 2)
        #expect(try unsafe source.record(at: LogPosition(1)) != nil)
        source.release()
        #expect(try maker.store.head() == maker.head)
    }

    /// Asks for the log's figures until it is told to end.
    private final class Asker: Sendable {
        let isStopped = Atomic<Bool>(false)
        let failures = Atomic<Int>(0)
        let begin = DispatchSemaphore(value: 0)
        let end = DispatchSemaphore(value: 0)

        func run(_ store: LogStore) {
            begin.signal()
            while !isStopped.load(ordering: .relaxed) {
                do {
                    _ = try store.info()
                    _ = try store.clearDeadReaders()
                } catch {
                    failures.add(1, ordering: .relaxed)
                }
            }
            end.signal()
        }

        func stop() {
            isStopped.store(true, ordering: .relaxed)
            end.wait()
        }
    }

    @Test("figures of the log are asked for beside a reopen", .timeLimit(.minutes(1)))
    func reopeningBesideFigures() throws {
        let folder = try TemporaryFolder()
        var maker = try make(folder)
        defer { maker.store.close() }
        try maker.append([2])
        let (store, asker) = (maker.store, Asker())
        DispatchQueue.global().async { asker.run(store) }
        defer { asker.stop() }
        asker.begin.wait()
        for round in 0..<1_000 {
            // Lets the other one in, and comes at another point of what it does each time.
            usleep(50 + UInt32(round % 17))
            try store.reopen()
        }
        #expect(asker.failures.load(ordering: .relaxed) == 0)
        #expect(try store.head() == maker.head)
    }

    @Test("a copy is a log", arguments: [true, false])
    func copying(_ compacting: Bool) throws {
        let folder = try TemporaryFolder()
        var maker = try make(folder)
        try maker.append([2, 2, 2])
        let target = folder.path + "/copy"
        try maker.store.copy(to: target, compacting: compacting)
        let copy = try LogStore.open(directory: target, readOnly: true, mapSizeBytes: Self.mapBytes)
        #expect(copy.ledgerId == Self.id)
        #expect(try copy.head() == maker.head)
        copy.close()
        maker.store.close()
    }
}
