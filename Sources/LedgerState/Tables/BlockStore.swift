import LedgerLog

/// The rows of one table, in blocks of at most 64 KiB.
///
/// A block is in one of three places: nowhere yet (it reads as zeros, or comes from the checkpoint when first
/// touched), in the mapped checkpoint (read in place, copied when first written), or in memory of its own.
/// `freeze` marks the present content as wanted by a snapshot: a frozen block is copied before it is next
/// written.
///
/// Not thread-safe; all calls are made under the state's lock, or in a peek where it says so: those change nothing.
@safe public struct BlockStore: ~Copyable {
    struct Mark {
        static let owned: UInt8 = 1
        /// Not in the checkpoint as it is.
        static let dirty: UInt8 = 2
        /// Its hash is to be computed again.
        static let stale: UInt8 = 4
        /// A snapshot wants the content as it is now.
        static let frozen: UInt8 = 8
        static let writable: UInt8 = owned | dirty | stale
    }

    /// See `AddressOnly`.
    private let pin = AddressOnly()
    /// Number of the table: part of the checkpoint's keys and of the digest. Never reused.
    public let table: Int
    /// Name.
    public let name: String
    /// Whether the table takes part in the state digest.
    public let digested: Bool
    /// Bytes of a row, and rows of a block.
    public let stride: Int
    /// Rows of a block.
    public let rowsPerBlock: Int
    /// Whether rows begin with the undo tag, which is no content.
    public let tagged: Bool
    /// Rows.
    public internal(set) var count = 0 { didSet { unsafe place.pointee = count } }
    var blocks: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    var marks: UnsafeMutablePointer<UInt8>
    var capacity: Int
    var blockCount = 0
    /// Frozen contents whose live block has moved on.
    var kept: [Int: UnsafeMutableRawPointer] = unsafe [:]
    var hashes: [Digest32] = []
    let arena: BlockArena
    /// Counts of all tables of the state, and this one's place among them.
    let counts: RowCounts
    private let place: UnsafeMutablePointer<Int>
    /// Held strongly: blocks read in place are alive as long as the table is.
    var source: (any BlockSource)?
    /// A block of the checkpoint was damaged: what was read since is not to be trusted.
    let damage: DamageFlag

    final class DamageFlag {
        var table: String?
    }

    init(
        table: Int, name: String, digested: Bool, stride: Int, tagged: Bool, _ home: TableHome
    ) {
        unsafe self.init(
            table, name, digested: digested, stride: stride, tagged: tagged, arena: home.arena,
            damage: home.damage, counts: home.counts, place: home.counts.makePlace())
    }

    /// One without rows, to take another's place: they share that among the counts, so only one of them may have rows that are
    /// counted.
    init(emptyLike other: borrowing BlockStore) {
        unsafe self.init(
            other.table, other.name, digested: other.digested, stride: other.stride, tagged: other.tagged,
            arena: other.arena, damage: other.damage, counts: other.counts, place: other.place)
    }

    private init(
        _ table: Int, _ name: String, digested: Bool, stride: Int, tagged: Bool, arena: BlockArena,
        damage: DamageFlag, counts: RowCounts, place: UnsafeMutablePointer<Int>
    ) {
        self.table = table
        self.name = name
        self.digested = digested
        self.stride = stride
        self.tagged = tagged
        self.rowsPerBlock = BlockArena.blockBytes / stride
        self.arena = arena
        self.damage = damage
        self.counts = counts
        unsafe self.place = unsafe place
        capacity = 16
        unsafe blocks = .allocate(capacity: 16)
        unsafe blocks.initialize(repeating: nil, count: 16)
        unsafe marks = .allocate(capacity: 16)
        unsafe marks.initialize(repeating: 0, count: 16)
    }

    deinit {
        for i in 0..<blockCount where unsafe marks[i] & Mark.owned != 0 { unsafe arena.give(blocks[i]!) }
        giveKept()
        unsafe blocks.deallocate()
        unsafe marks.deallocate()
    }

    /// The block, for reading.
    @inline(__always)
    func readable(_ block: Int) -> UnsafeRawPointer {
        if let found = unsafe blocks[block] { return UnsafeRawPointer(found) }
        return unsafe load(block)
    }

    @inline(never)
    func load(_ block: Int) -> UnsafeRawPointer {
        // A block that was never made here came with a checkpoint: when that is gone, zeros would be a lie.
        guard let found = unsafe source?.block(table: table, index: block) else {
            damage.table = name
            return unsafe UnsafeRawPointer(BlockArena.zeroBlock.base)
        }
        unsafe blocks[block] = UnsafeMutableRawPointer(mutating: found)
        return unsafe found
    }

    /// The block, for writing.
    @inline(__always)
    mutating func writable(_ block: Int) -> UnsafeMutableRawPointer {
        if unsafe marks[block] != Mark.writable { prepare(block) }
        return unsafe blocks[block]!
    }

    @inline(never)
    mutating func prepare(_ block: Int) {
        let mark = unsafe marks[block]
        if mark & Mark.owned == 0 {
            let copy = unsafe arena.take()
            unsafe copy.copyMemory(from: readable(block), byteCount: BlockArena.blockBytes)
            unsafe blocks[block] = copy
        } else if mark & Mark.frozen != 0 {
            let copy = unsafe arena.take()
            unsafe copy.copyMemory(from: blocks[block]!, byteCount: BlockArena.blockBytes)
            unsafe kept[block] = blocks[block]!
            unsafe blocks[block] = copy
        }
        unsafe marks[block] = Mark.writable
    }

    /// Makes blocks exist up to `wanted`; new ones read as zeros.
    mutating func grow(blocks wanted: Int) {
        if wanted <= blockCount { return }
        if wanted > capacity {
            var larger = capacity
            while larger < wanted { larger *= 2 }
            let newBlocks = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: larger)
            unsafe newBlocks.initialize(repeating: nil, count: larger)
            unsafe newBlocks.update(from: blocks, count: blockCount)
            let newMarks = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
            unsafe newMarks.initialize(repeating: 0, count: larger)
            unsafe newMarks.update(from: marks, count: blockCount)
            unsafe blocks.deallocate()
            unsafe marks.deallocate()
            unsafe blocks = newBlocks
            unsafe marks = newMarks
            capacity = larger
        }
        for i in blockCount..<wanted {
            unsafe blocks[i] = arena.takeZeroed()
            unsafe marks[i] = Mark.writable
        }
        blockCount = wanted
    }

    /// Rows before the group of a parity, which is the newest of that parity that has begun.
    @inline(__always)
    func count(before parity: UInt32) -> Int { unsafe place[RowCounts.offset(before: parity)] }

    /// Drops rows from the end.
    mutating func truncate(to rows: Int) {
        guard rows < count else { return }
        count = rows
        // The last block's hash covered rows that are gone.
        if rows % rowsPerBlock != 0 { _ = unsafe writable(rows / rowsPerBlock) }
    }

    /// Rows in use of a block.
    func rows(of block: Int) -> Int { max(0, min(rowsPerBlock, count - block * rowsPerBlock)) }

    /// Blocks that hold rows.
    var usedBlocks: Int { (count + rowsPerBlock - 1) / rowsPerBlock }

    /// Wants the present content of every block that changed since the last checkpoint or hash.
    /// Cost: a byte a block.
    mutating func freeze() {
        for i in 0..<blockCount where unsafe marks[i] & (Mark.dirty | Mark.stale) != 0 {
            unsafe marks[i] |= Mark.frozen
        }
    }

    /// Copies a block as it was when frozen, undo tags blanked, into `target`, and lets go of it.
    ///
    /// - Parameter clearing: marks to take off where the live block still is what was frozen.
    /// - Returns: whether the block was frozen.
    mutating func takeFrozen(_ block: Int, into target: UnsafeMutableRawPointer, clearing: UInt8) -> Bool {
        if let old = unsafe kept.removeValue(forKey: block) {
            unsafe target.copyMemory(from: old, byteCount: BlockArena.blockBytes)
            unsafe arena.give(old)
        } else if unsafe marks[block] & Mark.frozen != 0 {
            unsafe target.copyMemory(from: blocks[block]!, byteCount: BlockArena.blockBytes)
            unsafe marks[block] &= ~(Mark.frozen | clearing)
        } else {
            return false
        }
        if tagged {
            for row in 0..<rowsPerBlock {
                unsafe target.storeBytes(of: 0, toByteOffset: row * stride, as: UInt32.self)
            }
        }
        return true
    }

    private func giveKept() {
        let indices: [Int] = unsafe Array(kept.keys)
        for index in indices { unsafe arena.give(kept[index]!) }
    }

    /// Lets go of what is frozen and was not taken.
    mutating func thaw() {
        giveKept()
        unsafe kept.removeAll()
        for i in 0..<blockCount { unsafe marks[i] &= ~Mark.frozen }
    }

    /// The rows are those of a checkpoint: nothing is read yet.
    mutating func attach(count: Int, blockCount wanted: Int, hashes: [Digest32], source: any BlockSource) {
        precondition(self.count == 0 && blockCount == 0)
        if wanted > capacity {
            unsafe blocks.deallocate()
            unsafe marks.deallocate()
            capacity = wanted
            unsafe blocks = .allocate(capacity: wanted)
            unsafe blocks.initialize(repeating: nil, count: wanted)
            unsafe marks = .allocate(capacity: wanted)
            unsafe marks.initialize(repeating: 0, count: wanted)
        }
        blockCount = wanted
        self.count = count
        self.hashes = hashes
        self.source = source
    }

    /// The checkpoint's snapshot is renewed: blocks read in place are looked up again when next touched.
    mutating func detachMapped(source: (any BlockSource)?) {
        for i in 0..<blockCount where unsafe marks[i] & Mark.owned == 0 { unsafe blocks[i] = nil }
        self.source = source
    }

    /// Whether a block is in memory of its own.
    func isOwned(_ block: Int) -> Bool { unsafe marks[block] & Mark.owned != 0 }

    /// The content of a block that is in memory of its own and that no snapshot wants; nil of any other.
    func ownedForGood(_ block: Int) -> UnsafeRawBufferPointer? {
        guard unsafe marks[block] & (Mark.owned | Mark.frozen) == Mark.owned, unsafe kept[block] == nil else {
            return nil
        }
        return unsafe UnsafeRawBufferPointer(start: blocks[block]!, count: BlockArena.blockBytes)
    }

    /// Lets go of the memory of a block that the source has as it is.
    mutating func release(_ block: Int) {
        guard unsafe ownedForGood(block) != nil else { return }
        unsafe arena.giveBack(blocks[block]!)
        unsafe blocks[block] = nil
        unsafe marks[block] = 0
    }

    /// Takes a checkpoint's promise back: the block is not in it after all, nor its hash kept.
    mutating func markDirty(_ block: Int) { unsafe marks[block] |= Mark.dirty | Mark.stale }
}
