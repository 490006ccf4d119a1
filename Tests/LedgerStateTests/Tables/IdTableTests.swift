import CPlatform
import Glibc
import LedgerDomain
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

    /// Random hashes, of which a stretch shares one fingerprint: they differ in no bit but those that are always a number's.
    private static func hashes(_ count: Int, equal: Range<Int>) -> [UInt64] {
        var random = SplitMix(seed: 0x5EED_0003)
        let same = random.next()
        return (0..<count).map {
            equal.contains($0) ? same & ~0xFFFF | random.next() & 0xFFFF : random.next()
        }
    }

    /// What is found at a glance is what a walk would find first; and nearly all is found so.
    @Test func glances() {
        let count = 60_000
        let hashes = Self.hashes(count, equal: 30_000..<30_040)
        var table = IdTable(40, "ids", TableHome())
        var undo = UndoLog()
        #expect(table.glance(table.probe(hashes[0])) == -1)
        for (number, hash) in hashes.enumerated() where number % 2 == 0 { table.insert(hash, number, &undo) }
        var seen = 0
        for (number, hash) in hashes.enumerated() {
            let glance = table.glance(table.probe(hash))
            var probe = table.probe(hash)
            let first = table.next(&probe)
            #expect(glance == -1 || glance == first, "id \(number)")
            if glance >= 0 { seen += 1 }
        }
        #expect(seen > count / 2 * 8 / 10)
        // Alike in the 32 bits that are compared at once, and other in one that is not.
        let pair = (first: UInt64(0x1234_5678) << 32, second: UInt64(0x1234_5678) << 32 | 1 << 31)
        table.insert(pair.second, count, &undo)
        #expect(table.glance(table.probe(pair.first)) == -1)
        #expect(table.glance(table.probe(pair.second)) == count)
        table.insert(pair.first, count + 1, &undo)
        #expect(table.glance(table.probe(pair.first)) == count + 1)
        #expect([-1, count].contains(table.glance(table.probe(pair.second))))
    }

    /// Put in where no other has the fingerprint, and where there is room: the same table as by `insert`; else nothing is changed.
    @Test func alone() {
        let count = 60_000
        let hashes = Self.hashes(count, equal: 30_000..<30_040)
        var table = IdTable(40, "ids", TableHome())
        var model = IdTable(40, "ids", TableHome())
        var undo = UndoLog()
        undo.begin(parity: 0)
        #expect(!table.insertIfAlone(hashes[0], 0, &undo))
        var (put, seen) = (0, Set<UInt64>())
        for (number, hash) in hashes.enumerated() {
            let blocks = table.store.blockCount
            let isNew = seen.insert(hash >> 16).inserted
            let noted = undo.even.inserted.count
            if table.insertIfAlone(hash, number, &undo) {
                put += 1
                #expect(isNew)
                let last = undo.even.inserted[undo.even.inserted.count - 1]
                #expect((last.table, last.hash, last.number) == (40, hash, UInt32(number)))
            } else {
                #expect(undo.even.inserted.count == noted && table.store.blockCount == blocks)
                table.insert(hash, number, &undo)
                // Only where another is like it, or where it made the table grow.
                #expect(!isNew || table.store.blockCount > blocks)
            }
            model.insert(hash, number, &undo)
        }
        #expect(put > count * 99 / 100 && put < count)
        #expect(table.count == count && table.store.blockCount == model.store.blockCount)
        for block in 0..<table.store.blockCount {
            let (some, others) = (table.store.readable(block), model.store.readable(block))
            #expect(memcmp(some, others, BlockArena.blockBytes) == 0)
        }
    }

    /// Eight words at once, as one after the other: none, one, several of them alike, and those whose lower half is.
    @Test func eightAtOnce() {
        var random = SplitMix(seed: 0x5EED_0019)
        for _ in 0..<2_000 {
            // Zero among them: an empty entry.
            let kinds = (0..<3).map { _ in
                random.next() % 4 == 0 ? 0 : UInt32(truncatingIfNeeded: random.next())
            }
            let words = (0..<8).map { _ in
                UInt64(kinds[Int(random.next() % 3)]) << 32 | UInt64(kinds[Int(random.next() % 3)])
            }
            let wanted = kinds[0]
            let first = words.firstIndex { UInt32($0 >> 32) == wanted } ?? 8
            #expect(words.withUnsafeBytes { Int(platform_first_of_eight($0.baseAddress!, wanted)) } == first)
            let plain = words.withUnsafeBytes { Int(platform_first_of_eight_plain($0.baseAddress!, wanted)) }
            #expect(plain == first)
        }
    }

    /// Where fingerprints stand is a part of what checkpoints keep: the group's own bits in proportion to its slots. The number's bits
    /// of a word, and those of a hash that are not in the fingerprint, make no difference.
    @Test func homes() {
        var random = SplitMix(seed: 0x5EED_001A)
        for depth in UInt8(0)...17 {
            for (width, numberBits) in zip(UInt8(1)...16, (0..<16).map { 30 - UInt8($0 % 15) }) {
                let bits = 64 - UInt64(numberBits) - UInt64(depth)
                let some: [UInt64] = [0, 1, ~0] + (0..<20).map { _ in random.next() }
                let homes = IdTable.Homes(depth: depth, width: width, numberBits: numberBits)
                for hash in some {
                    let own = hash >> UInt64(numberBits) & (1 << bits - 1)
                    let (high, low) = own.multipliedFullWidth(by: UInt64(width) << 13)
                    let slots = Int(high << (64 - bits) | low >> bits)
                    let home = homes.home(hash)
                    #expect(home.index == slots >> 13 && home.slot == slots & 8_191)
                    let number = Int(random.next() % (1 << UInt64(numberBits) - 1))
                    let word = homes.word(hash, number)
                    #expect(homes.number(word) == number && homes.areAlike(word, hash) && homes.holds(number))
                    #expect(homes.home(word) == home)
                }
                #expect(homes.holds(1 << Int(numberBits) - 2) && !homes.holds(1 << Int(numberBits) - 1))
            }
        }
    }

    /// Numbers that grow in any order, past what groups have bits for: no id is lost, those that differ only in bits that are lost become
    /// alike and stand in the order of their numbers, and what is taken out of a group that was laid out anew since is found.
    @Test("bits for numbers", arguments: UInt64(1)...3)
    func numberBits(_ seed: UInt64) {
        var random = SplitMix(seed: seed &+ 0x5EED_0040)
        var table = IdTable(40, "ids", TableHome())
        var undo = UndoLog()
        var held: [(hash: UInt64, number: Int)] = []
        // Clusters that differ in bits which numbers take from their fingerprints later, the greater hash with the smaller number.
        let count = 150_000
        while held.count < count {
            let hash = random.next() & ~(0x3FFF << 16)
            let bits = 15 + UInt64(held.count * 15 / count)
            for _ in 0..<4 {
                let number = Int(random.next() % (1 << bits - 2))
                held.append((hash | (random.next() & 0x3FFF) << 16, number))
            }
        }
        held.append((random.next(), IdTable.numberBound - 1))
        var widths = Set<Int>()
        for entry in held {
            table.insert(entry.hash, entry.number, &undo)
            if entry.number % 64 == 0 { widths.insert(Set(table.groups.map(\.numberBits)).count) }
        }
        #expect(table.count == held.count && table.groups.count > 1 && widths.contains(2), "seed \(seed)")
        var isLost = 0
        for entry in held where !Self.found(table, entry.hash).contains(entry.number) { isLost += 1 }
        #expect(isLost == 0, "seed \(seed)")
        // In order, block by block, but for those that went round a block's end.
        var alike = 0
        for group in table.groups {
            for index in 0..<Int(group.width) {
                let words = table.store.readable(Int(group.blocks[index])).assumingMemoryBound(
                    to: UInt64.self)
                let all = (0..<IdTable.slots).map { words[$0] }.enumerated().filter {
                    $0.element != 0 && group.homes.slot($0.element) <= $0.offset
                }
                for (one, next) in zip(all, all.dropFirst()) where one.offset + 1 == next.offset {
                    if one.element > next.element { Issue.record("seed \(seed): out of order") }
                    if group.homes.areAlike(one.element, next.element) { alike += 1 }
                }
            }
        }
        #expect(alike > 1_000)
        var again = IdTable(40, "ids", TableHome())
        let isRestored = again.restore(shape: table.shape, blockCount: table.store.blockCount)
        #expect(isRestored && again.groups.map(\.numberBits) == table.groups.map(\.numberBits))
        for entry in held { table.remove(entry.hash, entry.number) }
        #expect(table.count == 0)
        for block in 0..<table.store.blockCount {
            let words = table.store.readable(block).assumingMemoryBound(to: UInt64.self)
            #expect((0..<IdTable.slots).allSatisfy { words[$0] == 0 }, "seed \(seed)")
        }
    }

    /// The greatest number that a group's bits hold, and the one past it: with room in the group, or without a look at what is there.
    @Test func numbersAtTheEdge() {
        var table = IdTable(40, "ids", TableHome())
        var undo = UndoLog()
        undo.begin(parity: 0)
        var bits: [UInt8] = []
        let numbers = [65_534, 65_535, 131_070, 131_071, IdTable.numberBound - 1]
        for (at, number) in numbers.enumerated() {
            let noted = undo.even.inserted.count
            let isIn = table.insertIfAlone(UInt64(at + 1) << 40, number, &undo)
            // Neither into an empty table, nor where a word has no room for the number.
            #expect(isIn == (number == 131_070))
            if !isIn {
                #expect(undo.even.inserted.count == noted && table.count == at)
                table.insert(UInt64(at + 1) << 40, number, &undo)
            }
            bits.append(table.groups[0].numberBits)
            #expect(Self.found(table, UInt64(at + 1) << 40) == [number])
        }
        #expect(bits == [16, 17, 17, 18, 30])
        for (at, number) in numbers.enumerated().reversed() { table.remove(UInt64(at + 1) << 40, number) }
        #expect(table.count == 0)
    }

    /// In a table of ordinary size, whose numbers are those of its entries, hardly any two ids are alike; and groups get their bits when they
    /// are laid out anew anyway.
    @Test func fingerprintsAreLong() {
        let count = 300_000
        var random = SplitMix(seed: 0x5EED_0041)
        var table = IdTable(40, "ids", TableHome())
        var undo = UndoLog()
        var (renewed, blocks) = (0, 0)
        for number in 0..<count {
            let bits = table.groups.map(\.numberBits)
            blocks = table.store.blockCount
            table.insert(random.next(), number, &undo)
            if table.store.blockCount == blocks, bits.count == table.groups.count {
                renewed += zip(bits, table.groups).count { $0 != $1.numberBits }
            }
        }
        // 300,000 are numbered by 19 bits; a quarter to spare may be one more.
        for group in table.groups { #expect((19...20).contains(group.numberBits)) }
        #expect(renewed <= 2)
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
            model[hash >> 16, default: []].insert(number)
        }
        #expect(table.count == count)
        // More than one group; and full, but for the last step.
        #expect(table.depth >= 1)
        #expect(count * 100 >= table.store.blockCount * IdTable.slots * 63)
        #expect(Self.found(table, hashes[30_000]).count == 1_500)
        for number in stride(from: 0, to: count, by: 17) {
            #expect(Self.found(table, hashes[number]) == model[hashes[number] >> 16])
        }
        var random = SplitMix(seed: 0x5EED_0004)
        for number in 0..<count where Bool.random(using: &random) {
            table.remove(hashes[number], number)
            model[hashes[number] >> 16]!.remove(number)
        }
        #expect(table.count == model.values.reduce(0) { $0 + $1.count })
        for number in stride(from: 0, to: count, by: 13) {
            #expect(Self.found(table, hashes[number]) == model[hashes[number] >> 16])
        }
        for segment in 0..<table.store.blockCount {
            let words = table.store.readable(segment).assumingMemoryBound(to: UInt64.self)
            let filled = (0..<IdTable.slots).reduce(0) { $0 + (words[$1] == 0 ? 0 : 1) }
            #expect(filled == Int(table.used[segment]))
            #expect(filled <= IdTable.blockBound)
        }
    }

    @Test("groups side by side fill to different bounds, none to the brim")
    func bounds() {
        for first in [0, 64, 4_096] as [UInt64] {
            let bounds = (first..<(first + 64)).map { IdTable.fill(of: $0) }
            #expect(bounds.allSatisfy { $0 >= IdTable.slots * 80 / 100 && $0 <= IdTable.slots * 89 / 100 })
            for (_, alike) in Dictionary(grouping: bounds, by: { $0 }) { #expect(alike.count <= 6) }
        }
    }

    /// Every entry stands where a look-up that ends early still finds it, whatever was put in and taken out
    /// before.
    @Test("random puts and takes on few blocks", arguments: UInt64(1)...4)
    func churn(_ seed: UInt64) {
        var random = SplitMix(seed: seed)
        var table = IdTable(40, "ids", TableHome())
        var undo = UndoLog()
        var held: [(hash: UInt64, number: Int)] = []
        // Fingerprints near both ends of their range, so that runs go round the ends of blocks.
        func hash() -> UInt64 {
            let near = random.next() >> 18
            return switch random.next() % 128 {
            case 0: near
            case 1: ~near
            default: random.next()
            }
        }
        for number in 0..<40_000 {
            if random.next() % 5 == 0, !held.isEmpty {
                let at = Int(random.next() % UInt64(held.count))
                table.remove(held[at].hash, held[at].number)
                held.swapAt(at, held.count - 1)
                held.removeLast()
            } else {
                let fresh = hash()
                table.insert(fresh, number, &undo)
                held.append((fresh, number))
            }
        }
        #expect(table.count == held.count, "seed \(seed)")
        let lost = held.filter { !Self.found(table, $0.hash).contains($0.number) }
        #expect(lost.isEmpty, "seed \(seed)")
        for entry in held { table.remove(entry.hash, entry.number) }
        #expect(table.count == 0, "seed \(seed)")
        for block in 0..<table.store.blockCount {
            let words = table.store.readable(block).assumingMemoryBound(to: UInt64.self)
            #expect((0..<IdTable.slots).allSatisfy { words[$0] == 0 }, "seed \(seed)")
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
        let groups = table.groups.count
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
        #expect(!accepts([], 0))
        #expect(!accepts([], 1))
        #expect(!accepts([0], 1))
        #expect(!accepts(shape, blocks + 1))
        #expect(!accepts(shape.dropLast(), blocks))
        let (directory, depths) = (2, 2 + size)
        let (widths, places) = (depths + groups, depths + 2 * groups)
        let used = places + groups * IdTable.groupBlocks
        #expect(!accepts(changed(0, 31), blocks))
        #expect(!accepts(changed(0, UInt32(table.depth + 1)), blocks))
        #expect(!accepts(changed(1, 0), blocks))
        #expect(!accepts(changed(1, UInt32(blocks + 1)), blocks))
        #expect(!accepts(changed(directory, UInt32(groups)), blocks))
        #expect(!accepts(changed(depths, UInt32(table.depth + 1)), blocks))
        #expect(!accepts(changed(depths, shape[depths] & 0xFF), blocks))
        #expect(!accepts(changed(depths, shape[depths] & 0xFF | 15 << 8), blocks))
        #expect(!accepts(changed(depths, shape[depths] & 0xFF | 31 << 8), blocks))
        #expect(!accepts(changed(depths, shape[depths] | 1 << 16), blocks))
        #expect(!accepts(changed(widths, 0), blocks))
        #expect(!accepts(changed(widths, UInt32(IdTable.groupBlocks + 1)), blocks))
        #expect(!accepts(changed(places, UInt32(blocks)), blocks))
        #expect(!accepts(changed(places, shape[places + 1]), blocks))
        #expect(!accepts(changed(used, UInt32(IdTable.slots)), blocks))
    }
}
