import Testing

@testable import LedgerLog
@testable import LedgerState

@Suite struct BlockStoreTests {
    typealias Words = WordTable

    private static func read(_ memory: UnsafeRawPointer, _ i: Int) -> UInt64 {
        memory.loadUnaligned(fromByteOffset: i * 5, as: Word40.self).value
    }

    @Test("what was frozen is what is taken, whatever is written meanwhile")
    func freezing() {
        var table = Words(2, "words", TableHome())
        let perBlock = Words.rowsPerBlock
        for i in 0..<(perBlock * 2 + 10) { table.append(UInt64(i)) }
        table.store.freeze()
        // The last block moves on; the first stays.
        for i in 0..<10 { table.append(UInt64(1_000 + i)) }
        let memory = UnsafeMutableRawPointer.allocate(byteCount: BlockArena.blockBytes, alignment: 64)
        defer { memory.deallocate() }
        for block in 0..<3 {
            let taken = table.store.takeFrozen(block, into: memory, clearing: BlockStore.Mark.dirty)
            #expect(taken)
            #expect(Self.read(memory, 0) == UInt64(block * perBlock))
            let again = table.store.takeFrozen(block, into: memory, clearing: 0)
            #expect(!again)
        }
        // As frozen: ten rows, and zeros after them.
        #expect(Self.read(memory, 9) == UInt64(perBlock * 2 + 9))
        #expect(Self.read(memory, 10) == 0)
        #expect(table[perBlock * 2 + 10] == 1_000)
        // Only what changed since is wanted by the next snapshot.
        #expect(table.store.marks[0] & BlockStore.Mark.dirty == 0)
        #expect(table.store.marks[2] & BlockStore.Mark.dirty != 0)
        table.store.thaw()
        #expect(table.store.kept.isEmpty)
    }

    @Test("thawing lets go of what was not taken")
    func thawing() {
        let home = TableHome()
        var table = Words(2, "words", home)
        for i in 0..<10 { table.append(UInt64(i)) }
        for round in 0..<100 {
            table.store.freeze()
            table.append(UInt64(round))
            #expect(table.store.kept.count == 1)
            table.store.thaw()
            #expect(table.store.kept.isEmpty)
        }
        let memory = UnsafeMutableRawPointer.allocate(byteCount: BlockArena.blockBytes, alignment: 64)
        defer { memory.deallocate() }
        let taken = table.store.takeFrozen(0, into: memory, clearing: 0)
        #expect(!taken)
        #expect((0..<10).allSatisfy { table[$0] == UInt64($0) })
    }

    @Test("rows that were dropped do not come back")
    func truncation() {
        var table = RowTable<CodeRow>(6, "codes", TableHome())
        let perBlock = RowTable<CodeRow>.rowsPerBlock
        for i in 0..<(perBlock + 100) {
            var row = CodeRow()
            row.owner = UInt32(i | 1)
            table.append(row)
        }
        table.store.truncate(to: 50)
        #expect(table.count == 50)
        table.extend(to: perBlock * 2 + 5)
        #expect(table.count == perBlock * 2 + 5)
        #expect((50..<table.count).allSatisfy { table[$0].owner == 0 })
        #expect(table[49].owner == 49)
    }

    /// One block of ones for every index.
    final class Ones: BlockSource {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: BlockArena.blockBytes, alignment: 64)
        var damaged = false
        var asked = 0
        init() { memory.initializeMemory(as: UInt8.self, repeating: 1, count: BlockArena.blockBytes) }
        deinit { memory.deallocate() }
        func block(table: Int, index: Int) -> UnsafeRawPointer? {
            asked += 1
            return damaged ? nil : UnsafeRawPointer(memory)
        }
    }

    @Test("a checkpoint's blocks are read in place, and copied when written")
    func attached() {
        let home = TableHome()
        var table = Words(2, "words", home)
        let source = Ones()
        table.store.attach(count: Words.rowsPerBlock + 1, blockCount: 2, hashes: [], source: source)
        let ones: UInt64 = 0x01_0101_0101
        #expect(table[0] == ones)
        #expect(table[1] == ones)
        #expect(source.asked == 1)
        table.append(7)
        #expect(table[Words.rowsPerBlock] == ones)
        #expect(table[Words.rowsPerBlock + 1] == 7)
        #expect(Self.read(source.memory, 1) == ones)
        table.store.detachMapped(source: source)
        #expect(table[0] == ones)
        #expect(source.asked == 3)
        // The block of its own stays.
        #expect(table[Words.rowsPerBlock + 1] == 7)
        #expect(source.asked == 3)
        #expect(home.damage.table == nil)
    }

    @Test("a block that is damaged, or whose checkpoint is gone, is said", arguments: [true, false])
    func damage(_ gone: Bool) {
        let home = TableHome()
        var table = Words(2, "words", home)
        let source = Ones()
        table.store.attach(count: 1, blockCount: 1, hashes: [], source: source)
        if gone { table.store.detachMapped(source: nil) } else { source.damaged = true }
        #expect(table[0] == 0)
        #expect(home.damage.table == "words")
        withExtendedLifetime(source) {}
    }

    @Test("memory is used again")
    func arena() {
        let home = TableHome()
        var first: Set<UnsafeMutableRawPointer> = []
        for round in 0..<2 {
            var table = Words(2, "words", home)
            for i in 0..<(Words.rowsPerBlock * 3) { table.append(UInt64(i)) }
            let blocks = Set((0..<3).map { table.store.blocks[$0]! })
            #expect(blocks.allSatisfy { UInt(bitPattern: $0) % UInt(BlockArena.blockBytes) == 0 })
            if round == 0 { first = blocks } else { #expect(blocks == first) }
        }
    }
}
