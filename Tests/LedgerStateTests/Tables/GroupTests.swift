import Testing

@testable import LedgerDomain
@testable import LedgerLog
@testable import LedgerState

/// Rows, words and ids against plain arrays: groups in flight, retired and undone in every order.
@Suite struct GroupTests {
    /// What the tables hold, without tables.
    struct Model: Equatable {
        var members: [Int64] = []
        var words: [UInt64] = []
        var ids: [UInt64: [Int]] = [:]
    }

    struct Group {
        let parity: UInt32
        let before: Model
    }

    /// A state and its model, driven by one seed.
    struct Rig: ~Copyable {
        var state: CoreState
        var random: SplitMix
        var now = Model()
        /// Older first; at most two.
        var flight: [Group] = []
        var nextParity: UInt32 = 0
        /// A group was undone: its successor begins before anything is changed.
        var mustBegin = true
        var frozen: Model?

        init(seed: UInt64, store: LogStore) {
            state = CoreState(records: RecordSource(store), hashSeed: 1)
            random = SplitMix(seed: seed)
        }

        /// What readers see: the state before the oldest group in flight.
        var durable: Model { flight.first?.before ?? now }

        mutating func begin() {
            state.beginGroup(parity: nextParity)
            flight.append(Group(parity: nextParity, before: now))
            nextParity = 1 - nextParity
            mustBegin = false
        }

        mutating func change() {
            for _ in 0..<Int.random(in: 1...40, using: &random) {
                switch Int.random(in: 0..<10, using: &random) {
                case 0..<3:
                    var row = MemberRow()
                    row.convertedAt = Int64(bitPattern: random.next())
                    state.members.append(row)
                    now.members.append(row.convertedAt)
                case 3: appendMany()
                case 4:
                    let word = random.next() >> 16
                    state.userPositions.append(word)
                    now.words.append(word)
                case 5..<7:
                    // Few fingerprints, so that many are equal.
                    let hash = UInt64.random(in: 0..<50, using: &random) << 58 | random.next() & 0xFFFF
                    let number = Int.random(in: 0..<1_000_000, using: &random)
                    state.userIds.insert(hash, number, &state.undo)
                    now.ids[hash >> 30, default: []].append(number)
                default:
                    guard !now.members.isEmpty else { break }
                    let i = Int.random(in: 0..<now.members.count, using: &random)
                    let value = Int64(bitPattern: random.next())
                    state.members.edit(i, &state.undo).pointee.convertedAt = value
                    now.members[i] = value
                }
            }
        }

        /// Enough for a block or two; zero rows, as `extend` makes them.
        private mutating func appendMany() {
            guard Int.random(in: 0..<8, using: &random) == 0, now.members.count < 3_000 else { return }
            let count = now.members.count + Int.random(in: 1...900, using: &random)
            state.members.extend(to: count)
            now.members += [Int64](repeating: 0, count: count - now.members.count)
        }

        mutating func retire() {
            let group = flight.removeFirst()
            state.retireGroup(parity: group.parity)
            if flight.isEmpty { mustBegin = true }
        }

        mutating func undo() {
            let group = flight.removeLast()
            state.rollBackGroup(parity: group.parity)
            now = group.before
            nextParity = group.parity
            mustBegin = true
        }

        mutating func step() {
            switch Int.random(in: 0..<12, using: &random) {
            case 0..<3: if flight.count < 2 { begin() }
            case 3..<7: if !mustBegin { change() }
            case 7..<9: if !flight.isEmpty { retire() }
            case 9..<11: if !flight.isEmpty { undo() }
            default: if frozen == nil { freeze() } else { takeFrozen() }
            }
        }

        mutating func freeze() {
            _ = state.freeze(at: state.head)
            frozen = now
        }

        /// Copies what was frozen, and compares it with the model of that moment.
        mutating func takeFrozen() {
            guard let then = frozen else { return }
            let memory = UnsafeMutableRawPointer.allocate(byteCount: BlockArena.blockBytes, alignment: 64)
            defer { memory.deallocate() }
            let perBlock = RowTable<MemberRow>.rowsPerBlock
            for block in 0..<((then.members.count + perBlock - 1) / perBlock) {
                // Half of it is left to `thaw`.
                guard Bool.random(using: &random) else { continue }
                guard state.take(table: 3, block: block, into: memory, forCheckpoint: false) else { continue }
                let rows = memory.assumingMemoryBound(to: MemberRow.self)
                for i in (block * perBlock)..<min((block + 1) * perBlock, then.members.count) {
                    #expect(rows[i % perBlock].convertedAt == then.members[i])
                    #expect(rows[i % perBlock].undo == 0)
                }
            }
            state.thaw()
            frozen = nil
        }

        func candidates(_ fingerprint: UInt64) -> [Int] {
            var probe = state.userIds.probe(fingerprint << 30)
            var found: [Int] = []
            while let next = state.userIds.next(&probe) { found.append(next) }
            return found.sorted()
        }

        func check(all: Bool) throws {
            let durable = durable
            try #require(state.members.count == now.members.count)
            try #require(state.members.visibleCount(state.flight) == durable.members.count)
            let step = all ? 1 : max(1, now.members.count / 25)
            for i in stride(from: 0, to: now.members.count, by: step) {
                try #require(state.members[i].convertedAt == now.members[i])
                let seen = state.members.visible(i, state.undo, state.flight)
                let expected = i < durable.members.count ? durable.members[i] : nil
                try #require(seen?.convertedAt == expected, "row \(i)")
            }
            guard all else { return }
            try #require((0..<state.userPositions.count).map { state.userPositions[$0] } == now.words)
            try #require(state.userIds.count == now.ids.values.reduce(0) { $0 + $1.count })
            for (fingerprint, numbers) in now.ids {
                try #require(candidates(fingerprint) == numbers.sorted())
            }
        }
    }

    @Test("readers see the last durable group, an undone group leaves nothing", arguments: UInt64(1)...6)
    func property(_ seed: UInt64) throws {
        let folder = try TemporaryFolder()
        let store = try LogStore.create(
            directory: folder.path + "/log", ledgerId: .zero, mapSizeBytes: 1 << 30)
        var rig = Rig(seed: seed, store: store)
        // Past 255 groups, so that stamps come round and old tags name new groups.
        for i in 0..<2_400 {
            rig.step()
            do { try rig.check(all: i % 60 == 0) } catch {
                Issue.record("seed \(seed), step \(i)")
                throw error
            }
        }
        while !rig.flight.isEmpty { rig.retire() }
        try rig.check(all: true)
        rig.state.records.release()
        store.close()
    }

    @Test("a row that both groups touched", arguments: [true, false], [true, false])
    func chain(_ retireOlder: Bool, _ undoNewer: Bool) throws {
        let folder = try TemporaryFolder()
        let store = try LogStore.create(
            directory: folder.path + "/log", ledgerId: .zero, mapSizeBytes: 1 << 30)
        var state = CoreState(records: RecordSource(store), hashSeed: 1)
        state.members.append(MemberRow())
        for parity in [0, 1] as [UInt32] {
            state.beginGroup(parity: parity)
            // Twice: one image a group.
            state.members.edit(0, &state.undo).pointee.user = 10 + parity
            state.members.edit(0, &state.undo).pointee.user = 20 + parity
        }
        #expect(state.members.visible(0, state.undo, state.flight)?.user == 0)
        #expect(state.undo.even.imageCount == 1)
        #expect(state.undo.odd.imageCount == 1)
        if retireOlder {
            state.retireGroup(parity: 0)
            #expect(state.members.visible(0, state.undo, state.flight)?.user == 20)
        }
        if undoNewer { state.rollBackGroup(parity: 1) }
        if !retireOlder {
            #expect(state.members.visible(0, state.undo, state.flight)?.user == 0)
            state.retireGroup(parity: 0)
        }
        if !undoNewer { state.retireGroup(parity: 1) }
        #expect(state.members[0].user == (undoNewer ? 20 : 21))
        #expect(state.members.visible(0, state.undo, state.flight)?.user == (undoNewer ? 20 : 21))
        state.records.release()
        store.close()
    }
}
