import CPlatform

/// From an id's hash to the numbers of the entities that may have it: extendible hashing over segments of one
/// block.
///
/// A slot is a word: 34 bits of fingerprint, 30 bits of number + 1; 0 is empty. The ids themselves stay in
/// the log,
/// where the caller confirms a match. Growth splits one segment of 64 KiB at a time, so no insertion stalls.
/// Not thread-safe; all calls are made under the state's lock.
public struct IdTable: ~Copyable {
    static let slots = BlockArena.blockBytes / 8
    static let slotMask = slots - 1
    /// 85 %: past it a segment is split.
    static let fill = slots * 85 / 100
    static let numberMask: UInt64 = (1 << 30) - 1

    var store: BlockStore
    /// Segment for each prefix of `depth` bits of the fingerprint.
    var directory: [UInt32] = []
    var depth = 0
    /// Bits of prefix that all entries of a segment share, and entries in it.
    var localDepth: [UInt8] = []
    var used: [UInt32] = []

    init(_ table: Int, _ name: String, _ home: TableHome) {
        store = BlockStore(
            table: table, name: name, digested: false, stride: 8, tagged: false, arena: home.arena,
            damage: home.damage)
    }

    /// Ids in the table.
    public var count: Int { used.reduce(0) { $0 + Int($1) } }

    @inline(__always)
    private func segment(_ fingerprint: UInt64) -> Int {
        depth == 0 ? 0 : Int(directory[Int(fingerprint >> (34 - UInt64(depth)))])
    }

    /// Walks the numbers whose fingerprint is that of `hash`.
    public struct Probe {
        let fingerprint: UInt64
        let segment: Int
        var slot: Int
    }

    @inline(__always)
    public func probe(_ hash: UInt64) -> Probe {
        let fingerprint = hash >> 30
        return Probe(
            fingerprint: fingerprint, segment: segment(fingerprint), slot: Int(fingerprint) & Self.slotMask)
    }

    /// Starts loading the line that a probe begins at.
    @inline(__always)
    func prefetch(_ hash: UInt64) {
        if store.blockCount == 0 { return }
        let probe = probe(hash)
        guard let block = unsafe store.blocks[probe.segment] else { return }
        unsafe platform_prefetch_read(block + probe.slot * 8)
    }

    /// Starts loading the lines of a probe that will find nothing, and insert: it may go over more than one.
    @inline(__always)
    func prefetchRun(_ hash: UInt64) {
        if store.blockCount == 0 { return }
        let probe = probe(hash)
        guard let block = unsafe store.blocks[probe.segment] else { return }
        unsafe platform_prefetch_write(block + probe.slot * 8)
        unsafe platform_prefetch_write(block + (probe.slot + 8 & Self.slotMask) * 8)
    }

    /// The next candidate, or nil when there are no more.
    @inline(__always)
    public func next(_ probe: inout Probe) -> Int? {
        if store.blockCount == 0 { return nil }
        let words = unsafe store.readable(probe.segment).assumingMemoryBound(to: UInt64.self)
        while true {
            let word = unsafe words[probe.slot]
            if word == 0 { return nil }
            probe.slot = (probe.slot + 1) & Self.slotMask
            if word >> 30 == probe.fingerprint { return Int(word & Self.numberMask) - 1 }
        }
    }

    /// Adds an entry. The caller made sure that the id is new.
    mutating func insert(_ hash: UInt64, _ number: Int, _ undo: inout UndoLog) {
        precondition(number >= 0 && number < Int(Self.numberMask), "more entities than a table can number")
        insertEntry(hash, number)
        if undo.recording { undo.noteInsert(table: UInt8(store.table), hash: hash, number: UInt32(number)) }
    }

    private mutating func insertEntry(_ hash: UInt64, _ number: Int) {
        let fingerprint = hash >> 30
        if store.blockCount == 0 {
            store.grow(blocks: 1)
            store.count = Self.slots
            directory = [0]
            localDepth = [0]
            used = [0]
        }
        var target = segment(fingerprint)
        while used[target] >= Self.fill {
            split(target)
            target = segment(fingerprint)
        }
        place(fingerprint << 30 | UInt64(number + 1), in: target)
        used[target] += 1
    }

    @inline(__always)
    private mutating func place(_ word: UInt64, in segment: Int) {
        let words = unsafe store.writable(segment).assumingMemoryBound(to: UInt64.self)
        var slot = Int(word >> 30) & Self.slotMask
        while unsafe words[slot] != 0 { slot = (slot + 1) & Self.slotMask }
        unsafe words[slot] = word
    }

    private mutating func split(_ old: Int) {
        let local = Int(localDepth[old])
        // 34 bits of prefix would need 2^34 equal fingerprints in one segment.
        precondition(local < 34, "id table cannot be split further")
        if local == depth {
            directory = directory.isEmpty ? [0, 0] : directory.flatMap { [$0, $0] }
            depth += 1
        }
        let new = store.blockCount
        store.grow(blocks: new + 1)
        store.count = (new + 1) * Self.slots
        localDepth[old] = UInt8(local + 1)
        localDepth.append(UInt8(local + 1))
        used.append(0)
        let from = unsafe store.writable(old).assumingMemoryBound(to: UInt64.self)
        let entries = (0..<Self.slots).map { unsafe from[$0] }.filter { $0 != 0 }
        unsafe UnsafeMutableRawPointer(from).initializeMemory(
            as: UInt8.self, repeating: 0, count: BlockArena.blockBytes)
        used[old] = 0
        for i in directory.indices where Int(directory[i]) == old {
            // The first bit after the shared prefix decides.
            if i >> (depth - local - 1) & 1 == 1 { directory[i] = UInt32(new) }
        }
        for word in entries {
            let bit = (word >> 30) >> UInt64(33 - local) & 1
            let target = bit == 1 ? new : old
            place(word, in: target)
            used[target] += 1
        }
    }

    /// Takes an entry out again: the undoing of `insert`. The rest of the probe run closes up.
    mutating func remove(_ hash: UInt64, _ number: Int) {
        let fingerprint = hash >> 30
        let target = segment(fingerprint)
        let word = fingerprint << 30 | UInt64(number + 1)
        let words = unsafe store.writable(target).assumingMemoryBound(to: UInt64.self)
        var hole = Int(fingerprint) & Self.slotMask
        while unsafe words[hole] != word {
            precondition(unsafe words[hole] != 0, "an id to take out is not in its table")
            hole = (hole + 1) & Self.slotMask
        }
        var slot = hole
        while true {
            slot = (slot + 1) & Self.slotMask
            let next = unsafe words[slot]
            if next == 0 { break }
            let home = Int(next >> 30) & Self.slotMask
            if (slot - home) & Self.slotMask >= (slot - hole) & Self.slotMask {
                unsafe words[hole] = next
                hole = slot
            }
        }
        unsafe words[hole] = 0
        used[target] -= 1
    }

    /// Words that a checkpoint keeps beside the blocks.
    var shape: [UInt32] { [UInt32(depth)] + directory + localDepth.map(UInt32.init) + used }

    /// Restores what `shape` gave; false when the numbers contradict one another.
    mutating func restore(shape: [UInt32], blockCount: Int) -> Bool {
        guard let first = shape.first, first <= 30 else { return blockCount == 0 && shape.isEmpty }
        let size = 1 << Int(first)
        if blockCount == 0 { return shape.count == 1 }
        guard shape.count == 1 + size + 2 * blockCount else { return false }
        depth = Int(first)
        directory = Array(shape[1..<(1 + size)])
        localDepth = shape[(1 + size)..<(1 + size + blockCount)].map { UInt8(clamping: $0) }
        used = Array(shape[(1 + size + blockCount)...])
        return directory.allSatisfy { $0 < blockCount } && localDepth.allSatisfy { $0 <= depth }
            && used.allSatisfy { $0 <= Self.fill }
    }
}
