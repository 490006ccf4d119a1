import CPlatform
import LedgerDomain

/// Things derived from the log that no decision in flight changes: no undo but forgetting the newest. The
/// core only appends to its own; the views, which fold what is on disk, also change theirs.
///
/// Not thread-safe; all calls are made under the state's lock, or in a peek where it says so: those change nothing.
public struct PlainTable<Element: BitwiseCopyable & Sendable>: ~Copyable {
    var store: BlockStore
    @inline(__always) static var size: Int { MemoryLayout<Element>.stride }
    @inline(__always) static var rowsPerBlock: Int { BlockArena.blockBytes / size }

    init(_ table: Int, _ name: String, digested: Bool = false, _ home: TableHome) {
        assert(MemoryLayout<Element>.size == MemoryLayout<Element>.stride, "rows have no padding")
        store = BlockStore(
            table: table, name: name, digested: digested, stride: Self.size, tagged: false, home)
    }

    /// How many.
    public var count: Int { store.count }

    /// How many a reader may see.
    public func visibleCount(_ flight: Flight) -> Int {
        switch flight {
        case .none: store.count
        case .oldest(let parity): store.count(before: parity)
        }
    }

    /// A place for reading without a copy; valid until the next change of any table.
    @inline(__always)
    func peek(_ i: Int) -> UnsafePointer<Element> {
        precondition(i >= 0 && i < store.count, "row out of range")
        let block = unsafe store.readable(i / Self.rowsPerBlock)
        return unsafe (block + i % Self.rowsPerBlock * Self.size).assumingMemoryBound(to: Element.self)
    }

    /// The same, in a peek: if there is such a row and reading it changes nothing, as its block was touched before.
    @inline(__always)
    func loaded(_ i: Int) -> UnsafePointer<Element>? {
        guard i >= 0, i < store.count, let block = unsafe store.blocks[i / Self.rowsPerBlock] else {
            return nil
        }
        let place = unsafe UnsafeRawPointer(block) + i % Self.rowsPerBlock * Self.size
        return unsafe place.assumingMemoryBound(to: Element.self)
    }

    /// Starts loading one.
    @inline(__always)
    func prefetch(_ i: Int) {
        guard i >= 0, i < store.count, let block = unsafe store.blocks[i / Self.rowsPerBlock] else { return }
        let place = unsafe block + i % Self.rowsPerBlock * Self.size
        unsafe platform_prefetch_read(place)
        // It may stand on two lines.
        unsafe platform_prefetch_read(place + Self.size - 1)
    }

    @inline(__always)
    mutating func add(_ value: Element) {
        let i = store.count
        let block = i / Self.rowsPerBlock
        if block >= store.blockCount { store.grow(blocks: block + 1) }
        let memory = unsafe store.writable(block)
        unsafe memory.storeBytes(
            of: value, toByteOffset: i % Self.rowsPerBlock * Self.size, as: Element.self)
        store.count = i + 1
    }

    /// A place for writing; valid until the next change of any table.
    @inline(__always)
    mutating func change(_ i: Int) -> UnsafeMutablePointer<Element> {
        precondition(i >= 0 && i < store.count, "row out of range")
        let block = unsafe store.writable(i / Self.rowsPerBlock)
        return unsafe (block + i % Self.rowsPerBlock * Self.size).assumingMemoryBound(to: Element.self)
    }

    /// Makes rows exist up to `count`; new ones are all zeros; where the table was truncated, what stood there.
    mutating func extend(to count: Int) {
        guard count > store.count else { return }
        store.grow(blocks: (count + Self.rowsPerBlock - 1) / Self.rowsPerBlock)
        store.count = count
    }

    mutating func truncate(parity: UInt32) { store.truncate(to: store.count(before: parity)) }
}

/// A number below 2^40 in five bytes: a log of that many events has some fifty terabytes.
@frozen
public struct Word40: BitwiseCopyable, Sendable {
    private var bytes: InlineArray<5, UInt8>

    @inline(__always)
    init(_ value: UInt64) {
        precondition(value >> 40 == 0, "more than a table can number")
        bytes = [
            UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8),
            UInt8(truncatingIfNeeded: value >> 16), UInt8(truncatingIfNeeded: value >> 24),
            UInt8(truncatingIfNeeded: value >> 32),
        ]
    }

    /// The number.
    @inline(__always)
    public var value: UInt64 {
        UInt64(bytes[0]) | UInt64(bytes[1]) << 8 | UInt64(bytes[2]) << 16 | UInt64(bytes[3]) << 24
            | UInt64(bytes[4]) << 32
    }
}

/// Words: where in the log a row's record is.
public typealias WordTable = PlainTable<Word40>

extension PlainTable<Word40> {
    /// The number of a row.
    @inline(__always)
    public subscript(_ i: Int) -> UInt64 { unsafe peek(i).pointee.value }

    @inline(__always)
    mutating func append(_ value: UInt64) { add(Word40(value)) }
}
