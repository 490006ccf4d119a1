import LedgerDomain
import Testing

@testable import LedgerState

/// Histories against plain arrays: positions with small and large gaps, short and long ones side by side.
@Suite struct ViewHistoryTests {
    /// Blocks as the disk would have them.
    private final class Disk: BlockSource {
        private(set) var blocks: [Int: UnsafeMutableRawPointer] = [:]
        var isDamaged = false
        deinit { for block in blocks.values { block.deallocate() } }
        func keep(_ block: HistoryBlock) {
            let copy = UnsafeMutableRawPointer.allocate(byteCount: BlockArena.blockBytes, alignment: 64)
            block.withBytes { copy.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
            blocks[block.number] = copy
        }
        func block(table: Int, index: Int) -> UnsafeRawPointer? {
            isDamaged || table != ViewState.historyTable ? nil : blocks[index].map { UnsafeRawPointer($0) }
        }
    }

    /// Writes down who is concerned by what.
    private struct Model {
        var histories: [UInt32: [UInt64]] = [:]
        var position: UInt64

        mutating func note(_ records: Int, _ views: inout ViewState, _ random: inout SplitMix) {
            for _ in 0..<records {
                position += 1 + (random.next() >> (63 - random.next() % 24))
                // Most records concern few, some many; few users have much, many have little.
                let users = random.next() % 50 == 0 ? 40 : 1 + random.next() % 4
                for _ in 0..<users {
                    let user = UInt32(random.next() % 3 == 0 ? random.next() % 3 : random.next() % 2_000)
                    views.note(user, LogPosition(position))
                    // A record that names a user twice is noted once.
                    if histories[user]?.last != position { histories[user, default: []].append(position) }
                }
            }
        }

        func check(_ views: borrowing ViewState, _ comment: Comment) {
            for (user, positions) in histories {
                var found: [UInt64] = []
                views.history(of: Int(user)) {
                    found.append($0.rawValue)
                    return true
                }
                #expect(found == positions.reversed(), comment)
                var first: UInt64?
                views.history(of: Int(user)) {
                    first = $0.rawValue
                    return false
                }
                #expect(first == positions.last, comment)
            }
        }
    }

    @Test("histories are read as they were noted", arguments: UInt64(1)...6)
    func property(_ seed: UInt64) {
        var random = SplitMix(seed: seed)
        var views = ViewState(hashSeed: 1)
        var model = Model(position: seed == 1 ? 0 : random.next() >> 30)
        model.note(12_000, &views, &random)
        model.check(views, "seed \(seed)")
        views.history(of: 1 << 20) { _ in
            Issue.record("a user that nobody noted has a history")
            return false
        }
    }

    @Test("the first record of a log may be at position 0")
    func zero() {
        var views = ViewState(hashSeed: 1)
        views.note(5, LogPosition(0))
        views.note(5, LogPosition(0))
        var found: [UInt64] = []
        views.history(of: 5) {
            found.append($0.rawValue)
            return true
        }
        #expect(found == [0])
    }

    @Test("full blocks leave the memory, and histories are the same", arguments: UInt64(1)...3)
    func releasing(_ seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        var views = ViewState(hashSeed: 1)
        var model = Model(position: 7)
        let disk = Disk()
        var released = 0
        for round in 0..<6 {
            model.note(6_000, &views, &random)
            let most = round % 2 == 0 ? 1 : 100
            let full = views.fullHistoryBlocks(most: most)
            #expect(!full.isEmpty && full.count <= most)
            #expect(full.map(\.number) == Array(released..<(released + full.count)))
            for block in full { disk.keep(block) }
            views.releaseHistory(full, source: disk)
            released += full.count
            let inMemory = try #require(views.tableMemory().first { $0.name == "history" })
            let blocks = (inMemory.rows + WordTable.rowsPerBlock - 1) / WordTable.rowsPerBlock
            #expect(inMemory.bytes == (blocks - released) * BlockArena.blockBytes)
            model.check(views, "seed \(seed), round \(round)")
        }
        #expect(views.damagedTable == nil)
    }

    @Test("a block that a snapshot wants stays in memory until it was taken")
    func frozen() {
        var random = SplitMix(seed: 4)
        var views = ViewState(hashSeed: 1)
        var model = Model(position: 7)
        model.note(9_000, &views, &random)
        let count = views.fullHistoryBlocks(most: 100).count
        #expect(count > 0)
        let snapshot = views.freeze(at: views.head)
        #expect(views.fullHistoryBlocks(most: 100).isEmpty)
        #expect(snapshot.tables.contains { $0.table == ViewState.historyTable && $0.changed.count > count })
        views.thaw()
        #expect(views.fullHistoryBlocks(most: 100).count == count)
    }

    @Test("a damaged block ends a history, and is told")
    func damage() {
        var random = SplitMix(seed: 5)
        var views = ViewState(hashSeed: 1)
        var model = Model(position: 7)
        model.note(9_000, &views, &random)
        let disk = Disk()
        let full = views.fullHistoryBlocks(most: 100)
        for block in full { disk.keep(block) }
        views.releaseHistory(full, source: disk)
        disk.isDamaged = true
        var count = 0
        views.history(of: 0) { _ in
            count += 1
            return true
        }
        #expect(count < model.histories[0]!.count)
        #expect(views.damagedTable == "history")
    }
}
