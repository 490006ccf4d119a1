import CPlatform

/// From an id's hash to the numbers of the entities that may have it.
///
/// A slot is a word: 34 bits of fingerprint, 30 bits of number + 1; 0 is empty. The ids themselves stay in
/// the log, where the caller confirms a match.
///
/// **Order.** Fingerprints are laid out over blocks in their own order, so slots are sorted but for gaps: an
/// entry stands at the first free place from the one that its fingerprint names (linear probing, sorted,
/// which is Robin Hood's rule). A look-up ends at the first entry that should stand behind, so that tables
/// may be nine tenths full.
///
/// **Growth.** The first bits of a fingerprint name a *group* of 8 to 16 blocks (fewer while the table is
/// small), which grows block by block: its entries are laid out again in one pass over sorted words, at most
/// a mebibyte. A group of 16 becomes two of 8 without moving anything, as both halves lie where they would
/// lie anyway. So tables are at least four fifths full on their way, where doubling leaves them at half.
///
/// Not thread-safe; all calls are made under the state's lock.
public struct IdTable: ~Copyable {
    static let slots = BlockArena.blockBytes / 8
    static let slotMask = slots - 1
    private static let slotBits: UInt64 = 13
    /// 90 %: past it a group gets a further block.
    static let fill = slots * 90 / 100
    /// Entries of a single block: a gap always ends a look-up.
    static let blockBound = slots * 99 / 100
    static let numberMask: UInt64 = (1 << 30) - 1
    static let groupBlocks = 16
    private static let fingerprintBits: UInt64 = 34
    /// A group's own bits must tell its 2^17 slots apart.
    private static let depthBound = 17

    var store: BlockStore
    /// Group for each prefix of `depth` bits of the fingerprint.
    var directory: [UInt32] = []
    var depth = 0
    /// Bits of prefix that all entries of a group share.
    var localDepth: [UInt8] = []
    /// Blocks of each group.
    var widths: [UInt8] = []
    /// Their numbers, `groupBlocks` a group.
    var places: [UInt32] = []
    /// Entries of each block, and of each group.
    var used: [UInt32] = []
    var groupUsed: [UInt32] = []

    init(_ table: Int, _ name: String, _ home: TableHome) {
        store = BlockStore(
            table: table, name: name, digested: false, stride: 8, tagged: false, arena: home.arena,
            damage: home.damage)
    }

    /// Ids in the table.
    public var count: Int { groupUsed.reduce(0) { $0 + Int($1) } }

    /// Where a fingerprint should stand.
    @inline(__always)
    private func home(_ fingerprint: UInt64, in group: Int) -> (index: Int, slot: Int) {
        let bits = Self.fingerprintBits - UInt64(localDepth[group])
        let rest = fingerprint & ((1 << bits) - 1)
        let place = (rest * UInt64(widths[group])) >> (bits - Self.slotBits)
        return (Int(place >> Self.slotBits), Int(place) & Self.slotMask)
    }

    @inline(__always)
    private func group(_ fingerprint: UInt64) -> Int {
        depth == 0 ? 0 : Int(directory[Int(fingerprint >> (Self.fingerprintBits - UInt64(depth)))])
    }

    /// Walks the numbers whose fingerprint is that of `hash`.
    public struct Probe {
        let fingerprint: UInt64
        let group: Int
        let block: Int
        let home: Int
        var slot: Int
    }

    @inline(__always)
    public func probe(_ hash: UInt64) -> Probe {
        let fingerprint = hash >> 30
        if store.blockCount == 0 {
            return Probe(fingerprint: fingerprint, group: 0, block: -1, home: 0, slot: 0)
        }
        let group = group(fingerprint)
        let (index, slot) = home(fingerprint, in: group)
        return Probe(
            fingerprint: fingerprint, group: group, block: Int(places[group * Self.groupBlocks + index]),
            home: slot, slot: slot)
    }

    /// Starts loading the line that a probe begins at.
    @inline(__always)
    func prefetch(_ hash: UInt64) {
        let probe = probe(hash)
        guard probe.block >= 0, let block = unsafe store.blocks[probe.block] else { return }
        unsafe platform_prefetch_read(block + probe.slot * 8)
    }

    /// Starts loading the lines of a probe that will find nothing, and insert: it may go over more than one.
    @inline(__always)
    func prefetchRun(_ hash: UInt64) {
        let probe = probe(hash)
        guard probe.block >= 0, let block = unsafe store.blocks[probe.block] else { return }
        unsafe platform_prefetch_write(block + probe.slot * 8)
        unsafe platform_prefetch_write(block + (probe.slot + 8 & Self.slotMask) * 8)
    }

    /// The next candidate, or nil when there are no more.
    @inline(__always)
    public func next(_ probe: inout Probe) -> Int? {
        if probe.block < 0 { return nil }
        let words = unsafe store.readable(probe.block).assumingMemoryBound(to: UInt64.self)
        // A block is never full; one that is comes from a damaged checkpoint, and a walk ends all the same.
        for _ in 0..<Self.slots {
            let word = unsafe words[probe.slot]
            if word == 0 { return nil }
            let fingerprint = word >> 30
            if fingerprint == probe.fingerprint {
                probe.slot = (probe.slot + 1) & Self.slotMask
                return Int(word & Self.numberMask) - 1
            }
            // What stands behind ours begins here.
            let theirs = (probe.slot - home(fingerprint, in: probe.group).slot) & Self.slotMask
            let ours = (probe.slot - probe.home) & Self.slotMask
            if theirs < ours || theirs == ours && fingerprint > probe.fingerprint { return nil }
            probe.slot = (probe.slot + 1) & Self.slotMask
        }
        return nil
    }

    /// Adds an entry. The caller made sure that the id is new.
    mutating func insert(_ hash: UInt64, _ number: Int, _ undo: inout UndoLog) {
        precondition(number >= 0 && number < Int(Self.numberMask), "more entities than a table can number")
        insertEntry(hash >> 30, number)
        if undo.recording { undo.noteInsert(table: UInt8(store.table), hash: hash, number: UInt32(number)) }
    }

    private mutating func insertEntry(_ fingerprint: UInt64, _ number: Int) {
        if store.blockCount == 0 { begin() }
        while true {
            let target = group(fingerprint)
            let (index, slot) = home(fingerprint, in: target)
            let block = Int(places[target * Self.groupBlocks + index])
            if Int(groupUsed[target]) < Int(widths[target]) * Self.fill,
                Int(used[block]) < Self.blockBound
            {
                place(fingerprint << 30 | UInt64(number + 1), in: block, of: target, from: slot)
                used[block] += 1
                groupUsed[target] += 1
                return
            }
            if Int(widths[target]) < Self.groupBlocks { widen(target) } else { split(target) }
        }
    }

    private mutating func begin() {
        store.grow(blocks: 1)
        store.count = Self.slots
        directory = [0]
        localDepth = [0]
        widths = [1]
        places = Array(repeating: 0, count: Self.groupBlocks)
        used = [0]
        groupUsed = [0]
    }

    /// Puts a word where it belongs; those behind it move on, up to the next gap.
    @inline(__always)
    private mutating func place(_ word: UInt64, in block: Int, of group: Int, from home: Int) {
        let words = unsafe store.writable(block).assumingMemoryBound(to: UInt64.self)
        var slot = home
        var carried = word
        while true {
            let found = unsafe words[slot]
            if found == 0 { break }
            let theirs = (slot - self.home(found >> 30, in: group).slot) & Self.slotMask
            let ours = (slot - home) & Self.slotMask
            if theirs < ours || theirs == ours && found > word {
                // From here to the gap each word moves by one.
                carried = found
                unsafe words[slot] = word
                slot = (slot + 1) & Self.slotMask
                while unsafe words[slot] != 0 {
                    let next = unsafe words[slot]
                    unsafe words[slot] = carried
                    carried = next
                    slot = (slot + 1) & Self.slotMask
                }
                break
            }
            slot = (slot + 1) & Self.slotMask
        }
        unsafe words[slot] = carried
    }

    /// Gives a group one block more.
    private mutating func widen(_ group: Int) {
        let first = group * Self.groupBlocks
        let width = Int(widths[group])
        unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: Int(groupUsed[group])) { words in
            var count = 0
            for index in 0..<width {
                unsafe gather(Int(places[first + index]), of: group, into: words, &count)
            }
            // A damaged block reads as zeros: `damagedTable` tells, and no answer is given.
            precondition(
                count == Int(groupUsed[group]) || store.damage.table != nil,
                "an id table counts what it does not have")
            groupUsed[group] = UInt32(count)
            let new = store.blockCount
            store.grow(blocks: new + 1)
            store.count = (new + 1) * Self.slots
            used.append(0)
            places[first + width] = UInt32(new)
            widths[group] += 1
            unsafe layOut(UnsafeBufferPointer(rebasing: words[..<count]), over: group)
        }
    }

    /// A block's words in order: those that went round its end belong behind the others.
    private func gather(
        _ block: Int, of group: Int, into words: UnsafeMutableBufferPointer<UInt64>, _ count: inout Int
    ) {
        let from = unsafe store.readable(block).assumingMemoryBound(to: UInt64.self)
        var wrapped = 0
        while wrapped < Self.slots, unsafe from[wrapped] != 0,
            unsafe home(from[wrapped] >> 30, in: group).slot > wrapped
        {
            wrapped += 1
        }
        for slot in wrapped..<Self.slots where unsafe from[slot] != 0 {
            unsafe words[count] = from[slot]
            count += 1
        }
        for slot in 0..<wrapped {
            unsafe words[count] = from[slot]
            count += 1
        }
    }

    /// Writes sorted words over the blocks of a group.
    private mutating func layOut(_ words: UnsafeBufferPointer<UInt64>, over group: Int) {
        let first = group * Self.groupBlocks
        var next = 0
        for index in 0..<Int(widths[group]) {
            let block = Int(places[first + index])
            let to = unsafe store.writable(block).assumingMemoryBound(to: UInt64.self)
            unsafe UnsafeMutableRawPointer(to).initializeMemory(
                as: UInt8.self, repeating: 0, count: BlockArena.blockBytes)
            let begin = next
            var free = 0
            while next < words.count {
                let word = unsafe words[next]
                let wanted = home(word >> 30, in: group)
                if wanted.index != index { break }
                if free < Self.slots {
                    free = max(free, wanted.slot)
                    if free < Self.slots {
                        unsafe to[free] = word
                        free += 1
                        next += 1
                        continue
                    }
                }
                // Past the end: round it, among those that are there.
                place(word, in: block, of: group, from: wanted.slot)
                next += 1
            }
            used[block] = UInt32(next - begin)
        }
    }

    /// Makes two groups of one: each half of its blocks holds half of its fingerprints already.
    private mutating func split(_ old: Int) {
        let local = Int(localDepth[old])
        precondition(local < Self.depthBound, "id table cannot be split further")
        if local == depth {
            directory = directory.flatMap { [$0, $0] }
            depth += 1
        }
        let new = widths.count
        let half = Self.groupBlocks / 2
        localDepth[old] = UInt8(local + 1)
        localDepth.append(UInt8(local + 1))
        widths[old] = UInt8(half)
        widths.append(UInt8(half))
        let first = old * Self.groupBlocks
        let upper = Array(places[(first + half)..<(first + Self.groupBlocks)])
        places += upper + Array(repeating: 0, count: half)
        for i in (first + half)..<(first + Self.groupBlocks) { places[i] = 0 }
        groupUsed[old] = places[first..<(first + half)].reduce(0) { $0 + used[Int($1)] }
        groupUsed.append(upper.reduce(0) { $0 + used[Int($1)] })
        for i in directory.indices where Int(directory[i]) == old {
            // The first bit after the shared prefix decides.
            if i >> (depth - local - 1) & 1 == 1 { directory[i] = UInt32(new) }
        }
    }

    /// Takes an entry out again: the undoing of `insert`. What stands behind it moves back.
    mutating func remove(_ hash: UInt64, _ number: Int) {
        let probe = probe(hash)
        let word = probe.fingerprint << 30 | UInt64(number + 1)
        let words = unsafe store.writable(probe.block).assumingMemoryBound(to: UInt64.self)
        var hole = probe.home
        while unsafe words[hole] != word {
            precondition(unsafe words[hole] != 0, "an id to take out is not in its table")
            hole = (hole + 1) & Self.slotMask
        }
        while true {
            let slot = (hole + 1) & Self.slotMask
            let next = unsafe words[slot]
            if next == 0 || home(next >> 30, in: probe.group).slot == slot { break }
            unsafe words[hole] = next
            hole = slot
        }
        unsafe words[hole] = 0
        used[probe.block] -= 1
        groupUsed[probe.group] -= 1
    }

    /// Words that a checkpoint keeps beside the blocks.
    var shape: [UInt32] {
        if store.blockCount == 0 { return [0] }
        return [UInt32(depth), UInt32(widths.count)] + directory + localDepth.map(UInt32.init)
            + widths.map(UInt32.init) + places + used
    }

    /// Restores what `shape` gave; false when the numbers contradict one another.
    mutating func restore(shape: [UInt32], blockCount: Int) -> Bool {
        if blockCount == 0 { return shape == [0] }
        guard shape.count > 2, shape[0] <= Self.depthBound, shape[1] >= 1, shape[1] <= blockCount else {
            return false
        }
        depth = Int(shape[0])
        let groups = Int(shape[1])
        let size = 1 << depth
        guard shape.count == 2 + size + groups * (2 + Self.groupBlocks) + blockCount else { return false }
        var rest = shape[2...]
        func take(_ count: Int) -> [UInt32] {
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        directory = take(size)
        let (depths, wide) = (take(groups), take(groups))
        places = take(groups * Self.groupBlocks)
        used = take(blockCount)
        guard directory.allSatisfy({ $0 < groups }), depths.allSatisfy({ $0 <= depth }),
            wide.allSatisfy({ $0 >= 1 && $0 <= Self.groupBlocks }),
            wide.reduce(0, { $0 + Int($1) }) == blockCount,
            used.allSatisfy({ $0 <= Self.blockBound })
        else { return false }
        localDepth = depths.map { UInt8($0) }
        widths = wide.map { UInt8($0) }
        var seen = Set<UInt32>()
        groupUsed = []
        for group in 0..<groups {
            let first = group * Self.groupBlocks
            let own = places[first..<(first + Int(widths[group]))]
            guard own.allSatisfy({ $0 < blockCount && seen.insert($0).inserted }) else { return false }
            groupUsed.append(own.reduce(0) { $0 + used[Int($1)] })
        }
        return true
    }
}
