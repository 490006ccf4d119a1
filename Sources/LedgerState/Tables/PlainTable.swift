import CPlatform
import LedgerDomain

/// Things that are only ever appended, and derived from the log: no content of the digest, no undo but forgetting the
/// newest.
///
/// Not thread-safe; all calls are made under the state's lock.
public struct PlainTable<Element: BitwiseCopyable & Sendable>: ~Copyable {
    var store: BlockStore
    var countBefore: (Int, Int) = (0, 0)
    @inline(__always) static var size: Int { MemoryLayout<Element>.stride }
    @inline(__always) static var rowsPerBlock: Int { BlockArena.blockBytes / size }

    init(_ table: Int, _ name: String, _ home: TableHome) {
        store = BlockStore(
            table: table, name: name, digested: false, stride: Self.size, tagged: false, arena: home.arena,
            damage: home.damage)
    }

    /// How many.
    public var count: Int { store.count }

    @inline(__always)
    public subscript(_ i: Int) -> Element {
        unsafe peek(i).pointee
    }

    /// A place for reading without a copy; valid until the next change of any table.
    @inline(__always)
    func peek(_ i: Int) -> UnsafePointer<Element> {
        precondition(i >= 0 && i < store.count, "row out of range")
        let block = unsafe store.readable(i / Self.rowsPerBlock)
        return unsafe (block + i % Self.rowsPerBlock * Self.size).assumingMemoryBound(to: Element.self)
    }

    /// Starts loading one.
    @inline(__always)
    func prefetch(_ i: Int) {
        guard i >= 0, i < store.count, let block = unsafe store.blocks[i / Self.rowsPerBlock] else { return }
        unsafe platform_prefetch_read(block + i % Self.rowsPerBlock * Self.size)
    }

    @inline(__always)
    mutating func append(_ value: Element) {
        let i = store.count
        let block = i / Self.rowsPerBlock
        if block >= store.blockCount { store.grow(blocks: block + 1) }
        let memory = unsafe store.writable(block)
        unsafe memory.storeBytes(
            of: value, toByteOffset: i % Self.rowsPerBlock * Self.size, as: Element.self)
        store.count = i + 1
    }

    mutating func begin(parity: UInt32) {
        if parity == 0 { countBefore.0 = store.count } else { countBefore.1 = store.count }
    }

    mutating func truncate(parity: UInt32) { store.truncate(to: parity == 0 ? countBefore.0 : countBefore.1) }
}

/// Words: where in the log a row's record is.
public typealias WordTable = PlainTable<UInt64>

/// The first bytes of a user's id, so that a look-up by a short id is confirmed without reading the log. 24 bytes.
@frozen
public struct IdText: BitwiseCopyable, Sendable {
    /// The longest id that is here whole.
    public static let capacity = 23
    /// Its length, or 255 for an id that is longer: that one is confirmed in the log.
    private var length: UInt8 = 255
    private var bytes: InlineArray<23, UInt8> = .init(repeating: 0)

    init(_ id: BorrowedText) {
        guard id.count <= Self.capacity else { return }
        length = UInt8(id.count)
        unsafe withUnsafeMutableBytes(of: &bytes) { unsafe $0.copyMemory(from: id.bytes) }
    }
}

extension PlainTable<IdText> {
    /// Whether the id of a number is this one; nil when only the log can say.
    @inline(__always)
    func holds(_ id: BorrowedText, _ number: Int) -> Bool? {
        let row = unsafe UnsafeRawPointer(peek(number))
        let length = unsafe row.load(as: UInt8.self)
        if length == 255 { return id.count <= IdText.capacity ? false : nil }
        guard Int(length) == id.count else { return false }
        return unsafe BorrowedText((row + 1).assumingMemoryBound(to: UInt8.self), count: id.count).equals(id)
    }
}
