import CPlatform

/// A row of a table with undo. Rows have no padding, and their first field is the undo tag, which is not
/// content.
public protocol StateRow: BitwiseCopyable, Sendable {
    init()
    /// Names the row's before-image while a group that touched it is in flight; means nothing afterwards.
    var undo: UInt32 { get set }
}

/// Rows of one kind, numbered from 0.
///
/// Not thread-safe; all calls are made under the state's lock, or in a peek where it says so: those change nothing.
public struct RowTable<Row: StateRow>: ~Copyable {
    /// The blocks.
    public internal(set) var store: BlockStore

    @inline(__always) static var rowsPerBlock: Int { BlockArena.blockBytes / MemoryLayout<Row>.stride }

    init(_ table: Int, _ name: String, digested: Bool = true, _ home: TableHome) {
        assert(MemoryLayout<Row>.size == MemoryLayout<Row>.stride, "rows have no padding")
        store = BlockStore(
            table: table, name: name, digested: digested, stride: MemoryLayout<Row>.stride, tagged: true, home
        )
    }

    /// How many.
    public var count: Int { store.count }

    /// The row as the writer sees it.
    @inline(__always)
    public subscript(_ i: Int) -> Row {
        precondition(i >= 0 && i < store.count, "row out of range")
        let block = unsafe store.readable(i / Self.rowsPerBlock)
        return unsafe block.load(
            fromByteOffset: i % Self.rowsPerBlock * MemoryLayout<Row>.stride, as: Row.self)
    }

    /// A place for reading without copying the row; valid until the next change of any table.
    @inline(__always)
    func peek(_ i: Int) -> UnsafePointer<Row> {
        precondition(i >= 0 && i < store.count, "row out of range")
        let block = unsafe store.readable(i / Self.rowsPerBlock)
        return unsafe (block + i % Self.rowsPerBlock * MemoryLayout<Row>.stride).assumingMemoryBound(
            to: Row.self)
    }

    /// The same, in a peek: if there is such a row and reading it changes nothing, as its block was touched before.
    @inline(__always)
    func loaded(_ i: Int) -> UnsafePointer<Row>? {
        guard i >= 0, i < store.count, let block = unsafe store.blocks[i / Self.rowsPerBlock] else {
            return nil
        }
        let place = unsafe UnsafeRawPointer(block) + i % Self.rowsPerBlock * MemoryLayout<Row>.stride
        return unsafe place.assumingMemoryBound(to: Row.self)
    }

    /// Starts loading a row, which may stand on two lines.
    @inline(__always)
    func prefetch(_ i: Int) {
        guard i >= 0, i < store.count, let block = unsafe store.blocks[i / Self.rowsPerBlock] else { return }
        let place = unsafe block + i % Self.rowsPerBlock * MemoryLayout<Row>.stride
        unsafe platform_prefetch_write(place)
        unsafe platform_prefetch_write(place + MemoryLayout<Row>.stride - 1)
    }

    /// A place for writing; valid until the next change of any table.
    @inline(__always)
    mutating func edit(_ i: Int, _ undo: inout UndoLog) -> UnsafeMutablePointer<Row> {
        precondition(i >= 0 && i < store.count, "row out of range")
        let block = unsafe store.writable(i / Self.rowsPerBlock)
        let place = unsafe block + i % Self.rowsPerBlock * MemoryLayout<Row>.stride
        // Only rows that the group being decided has found need images.
        if i < store.count(before: undo.parity) {
            if unsafe !undo.hasImage(place.load(as: UInt32.self), UInt32(store.table), i) {
                unsafe undo.save(
                    table: UInt32(store.table), row: i, at: place, bytes: MemoryLayout<Row>.stride)
            }
        }
        return unsafe place.assumingMemoryBound(to: Row.self)
    }

    /// Adds a row; its number.
    @inline(__always)
    @discardableResult
    mutating func append(_ row: Row) -> Int {
        let i = store.count
        let block = i / Self.rowsPerBlock
        if block >= store.blockCount { store.grow(blocks: block + 1) }
        let memory = unsafe store.writable(block)
        unsafe memory.storeBytes(
            of: row, toByteOffset: i % Self.rowsPerBlock * MemoryLayout<Row>.stride, as: Row.self)
        store.count = i + 1
        return i
    }

    /// Makes rows exist up to `count`; new ones are all zeros.
    mutating func extend(to count: Int) {
        guard count > store.count else { return }
        let had = store.blockCount
        store.grow(blocks: (count + Self.rowsPerBlock - 1) / Self.rowsPerBlock)
        // Rows of an undone group may have left something behind in blocks that stayed.
        for i in store.count..<min(count, had * Self.rowsPerBlock) {
            let block = unsafe store.writable(i / Self.rowsPerBlock)
            unsafe block.storeBytes(
                of: Row(), toByteOffset: i % Self.rowsPerBlock * MemoryLayout<Row>.stride, as: Row.self)
        }
        store.count = count
    }

    /// How many rows a reader may see.
    public func visibleCount(_ flight: Flight) -> Int {
        switch flight {
        case .none: store.count
        case .oldest(let parity): store.count(before: parity)
        }
    }

    /// The row as a reader may see it: as it was before any group in flight. Nil where it did not exist.
    public func visible(_ i: Int, _ undo: borrowing UndoLog, _ flight: Flight) -> Row? {
        guard i < visibleCount(flight) else { return nil }
        if case .none = flight { return self[i] }
        return undo.oldest(self[i], UInt32(store.table), i)
    }

    /// Puts an image back.
    mutating func restore(_ i: Int, from bytes: UnsafeRawPointer) {
        let memory = unsafe store.writable(i / Self.rowsPerBlock)
        unsafe (memory + i % Self.rowsPerBlock * MemoryLayout<Row>.stride)
            .copyMemory(from: bytes, byteCount: MemoryLayout<Row>.stride)
    }

    /// Drops the rows of an undone group.
    mutating func truncate(parity: UInt32) { store.truncate(to: store.count(before: parity)) }
}

/// Which groups are not yet on disk, for readers.
public enum Flight: Sendable {
    case none
    /// The parity of the oldest one.
    case oldest(UInt32)
}

/// What all tables of a state share.
struct TableHome {
    private(set) var arena = BlockArena()
    let counts = RowCounts()
    let damage = BlockStore.DamageFlag()

    /// The same with memory of its own in small pages: for a table whose blocks leave memory.
    var withPlainMemory: TableHome {
        var other = self
        other.arena = BlockArena(huge: false)
        return other
    }
}
