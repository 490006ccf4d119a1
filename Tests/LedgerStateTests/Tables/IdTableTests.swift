import Testing

@testable import LedgerLog
@testable import LedgerState

/// The id table against a dictionary.
@Suite struct IdTableTests {
    private static func found(_ table: borrowing IdTable, _ hash: UInt64) -> Set<Int> {
        var probe = table.probe(hash)
        var all: Set<Int> = []
        while let next = table.next(&probe) { all.insert(next) }
        return all
    }

    /// Random hashes, of which a stretch shares one fingerprint.
    private static func hashes(_ count: Int, equal: Range<Int>) -> [UInt64] {
        var random = SplitMix(seed: 0x5EED_0003)
        let same = random.next()
        return (0..<count).map {
            equal.contains($0) ? same & ~0x3FFF_FFFF | random.next() & 0x3FFF_FFFF : random.next()
        }
    }

    @Test("200,000 ids, 1,500 of them alike, put in and taken out")
    func large() {
        let count = 200_000
        let hashes = Self.hashes(count, equal: 30_000..<31_500)
        var table = IdTable(40, "ids", TableHome())
        var undo = UndoLog()
        var model: [UInt64: Set<Int>] = [:]
        #expect(Self.found(table, hashes[0]).isEmpty)
        for (number, hash) in hashes.enumerated() {
            table.insert(hash, number, &undo)
            model[hash >> 30, default: []].insert(number)
        }
        #expect(table.count == count)
        #expect(table.depth >= 5)
        #expect(Self.found(table, hashes[30_000]).count == 1_500)
        for number in stride(from: 0, to: count, by: 17) {
            #expect(Self.found(table, hashes[number]) == model[hashes[number] >> 30])
        }
        var random = SplitMix(seed: 0x5EED_0004)
        for number in 0..<count where Bool.random(using: &random) {
            table.remove(hashes[number], number)
            model[hashes[number] >> 30]!.remove(number)
        }
        #expect(table.count == model.values.reduce(0) { $0 + $1.count })
        for number in stride(from: 0, to: count, by: 13) {
            #expect(Self.found(table, hashes[number]) == model[hashes[number] >> 30])
        }
        for segment in 0..<table.store.blockCount {
            let words = table.store.readable(segment).assumingMemoryBound(to: UInt64.self)
            let filled = (0..<IdTable.slots).reduce(0) { $0 + (words[$1] == 0 ? 0 : 1) }
            #expect(filled == Int(table.used[segment]))
            #expect(filled <= IdTable.fill)
        }
    }

    /// Blocks of another table, as a checkpoint would have them.
    final class Blocks: BlockSource {
        var blocks: [[UInt8]] = []
        func block(table: Int, index: Int) -> UnsafeRawPointer? {
            guard blocks.indices.contains(index) else { return nil }
            return blocks[index].withUnsafeBytes { raw in
                // Held by this object, and not changed while a table reads it.
                raw.baseAddress
            }
        }
    }

    @Test("a table goes on from its shape and blocks")
    func restoring() {
        let hashes = Self.hashes(30_000, equal: 100..<200)
        var table = IdTable(40, "ids", TableHome())
        var undo = UndoLog()
        for number in 0..<20_000 { table.insert(hashes[number], number, &undo) }
        let source = Blocks()
        for block in 0..<table.store.blockCount {
            source.blocks.append(
                Array(
                    UnsafeRawBufferPointer(start: table.store.readable(block), count: BlockArena.blockBytes)))
        }
        var again = IdTable(40, "ids", TableHome())
        let shape = table.shape
        let restored = again.restore(shape: shape, blockCount: table.store.blockCount)
        #expect(restored)
        again.store.attach(
            count: table.store.count, blockCount: table.store.blockCount, hashes: [], source: source)
        for number in 0..<20_000 {
            #expect(Self.found(again, hashes[number]) == Self.found(table, hashes[number]))
        }
        for number in 20_000..<30_000 { again.insert(hashes[number], number, &undo) }
        #expect(again.count == 30_000)
        for number in stride(from: 0, to: 30_000, by: 7) {
            #expect(Self.found(again, hashes[number]).contains(number))
        }
        // Written blocks were copied: the source is as it was.
        #expect(
            source.blocks[0].withUnsafeBytes { raw in
                raw.elementsEqual(
                    UnsafeRawBufferPointer(start: table.store.readable(0), count: BlockArena.blockBytes))
            })
    }

    @Test("a shape that contradicts itself is refused")
    func badShapes() {
        var table = IdTable(40, "ids", TableHome())
        var undo = UndoLog()
        for (number, hash) in Self.hashes(20_000, equal: 0..<0).enumerated() {
            table.insert(hash, number, &undo)
        }
        let shape = table.shape
        let blocks = table.store.blockCount
        let size = 1 << table.depth
        func accepts(_ shape: [UInt32], _ blocks: Int) -> Bool {
            var fresh = IdTable(40, "ids", TableHome())
            return fresh.restore(shape: shape, blockCount: blocks)
        }
        func changed(_ i: Int, _ value: UInt32) -> [UInt32] {
            var shape = shape
            shape[i] = value
            return shape
        }
        #expect(accepts(shape, blocks))
        #expect(accepts([0], 0))
        #expect(!accepts([], 1))
        #expect(!accepts(shape, blocks + 1))
        #expect(!accepts(shape.dropLast(), blocks))
        #expect(!accepts(changed(0, 31), blocks))
        #expect(!accepts(changed(0, UInt32(table.depth + 1)), blocks))
        #expect(!accepts(changed(1, UInt32(blocks)), blocks))
        #expect(!accepts(changed(1 + size, UInt32(table.depth + 1)), blocks))
        #expect(!accepts(changed(1 + size, 256), blocks))
        #expect(!accepts(changed(1 + size + blocks, UInt32(IdTable.fill + 1)), blocks))
    }
}
