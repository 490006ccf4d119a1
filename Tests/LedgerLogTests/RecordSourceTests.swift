import Testing

@testable import LedgerDomain
@testable import LedgerLog

@Suite struct RecordSourceTests {
    @Test("a group grows, is cut back, and finds its records by base")
    func groups() {
        let group = RecordGroup()
        #expect(group.isEmpty)
        let head = LogMaker.fill(group, after: .empty, counts: [1, 2, 3], bytes: 200_000)
        #expect(group.count == 3)
        #expect(group.byteCount > 600_000)
        let third = Array(group[2])
        // Past the first MiB the memory moves; what was there stays.
        _ = LogMaker.fill(group, after: head, counts: [1, 1, 1, 1], bytes: 200_000)
        #expect(group.count == 7)
        #expect(Array(group[2]) == third)
        #expect(group.record(at: LogPosition(4)).map { Array($0) } == third)
        #expect(group.record(at: LogPosition(5)) == nil)
        #expect(group.record(at: LogPosition(100)) == nil)
        group.truncate(to: 3)
        #expect(group.count == 3)
        #expect(group.record(at: LogPosition(7)) == nil)
        #expect(group.base(2) == LogPosition(4))
        group.truncate(to: 0)
        #expect(group.isEmpty)
        #expect(group.byteCount == 0)
        #expect(group.record(at: LogPosition(1)) == nil)
    }

    @Test("groups in flight are readable until removed, then from disk")
    func inFlight() throws {
        let folder = try TemporaryFolder()
        let store = try LogStore.create(
            directory: folder.path + "/log", ledgerId: Bytes16(low: 1, high: 1), mapSizeBytes: 1 << 30)
        let source = RecordSource(store)
        let first = RecordGroup()
        let second = RecordGroup()
        let middle = LogMaker.fill(first, after: .empty, counts: [1, 2])
        _ = LogMaker.fill(second, after: middle, counts: [3])
        let (a, b, c) = (Array(first[0]), Array(first[1]), Array(second[0]))
        func read(_ base: UInt64) throws -> [UInt8]? {
            try source.record(at: LogPosition(base)).map { Array($0) }
        }

        #expect(try read(1) == nil)
        source.add(first)
        source.add(second)
        #expect(try read(1) == a)
        #expect(try read(2) == b)
        #expect(try read(3) == nil)
        #expect(try read(4) == c)

        try store.append(first, expecting: .empty)
        source.remove(first)
        first.removeAll()
        #expect(try read(2) == b)
        #expect(try read(4) == c)
        // Undone, not written.
        source.remove(second)
        #expect(try read(4) == nil)
        #expect(try read(1) == a)
        source.release()
        store.close()
    }

    @Test("the record being decided is readable as far as it is")
    func building() throws {
        let folder = try TemporaryFolder()
        let store = try LogStore.create(
            directory: folder.path + "/log", ledgerId: Bytes16(low: 1, high: 1), mapSizeBytes: 1 << 30)
        let source = RecordSource(store)
        let bytes: [UInt8] = [1, 2, 3]
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 3, alignment: 1)
        defer { memory.deallocate() }
        memory.copyBytes(from: bytes)
        source.showBuilding(UnsafeRawBufferPointer(memory), LogPosition(1))
        #expect(try source.record(at: LogPosition(1)).map { Array($0) } == bytes)
        #expect(try source.record(at: LogPosition(2)) == nil)
        source.hideBuilding()
        #expect(try source.record(at: LogPosition(1)) == nil)
        source.release()
        store.close()
    }
}
