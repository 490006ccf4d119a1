import LedgerDomain
import LedgerLog

/// One table as it was when a snapshot was taken.
public struct TableShape: Sendable, Equatable {
    /// Number of the table.
    public var table: Int
    /// Name.
    public var name: String
    /// Whether it takes part in the digest.
    public var digested: Bool
    /// Bytes of a row.
    public var stride: Int
    /// Rows of a block.
    public var rowsPerBlock: Int
    /// How many.
    public var count: Int
    /// Blocks.
    public var blockCount: Int
    /// SHA-256 of each block's rows, for digested tables; what is not known yet is nil.
    public var hashes: [Digest32?]
    /// Blocks that are not in the last checkpoint as they are.
    public var changed: [Int]
    /// What an id table keeps beside its blocks.
    public var extra: [UInt32]

    /// Memberwise.
    public init(
        table: Int, name: String, digested: Bool, stride: Int, rowsPerBlock: Int, count: Int, blockCount: Int,
        hashes: [Digest32?] = [], changed: [Int] = [], extra: [UInt32] = []
    ) {
        self.table = table
        self.name = name
        self.digested = digested
        self.stride = stride
        self.rowsPerBlock = rowsPerBlock
        self.count = count
        self.blockCount = blockCount
        self.hashes = hashes
        self.changed = changed
        self.extra = extra
    }

    /// Rows in use of a block.
    func rows(of block: Int) -> Int { max(0, min(rowsPerBlock, count - block * rowsPerBlock)) }
    var usedBlocks: Int { (count + rowsPerBlock - 1) / rowsPerBlock }
}

/// What a state was at one position, block by block: frozen now, copied out afterwards while the writer goes
/// on.
public struct Snapshot: Sendable {
    /// The tables.
    public var tables: [TableShape]
    /// Where the log ended.
    public var head: LogHead
}

struct FreezeVisitor: TableVisitor {
    var tables: [TableShape] = []

    private mutating func freeze(_ store: inout BlockStore, extra: [UInt32]) {
        store.freeze()
        var hashes: [Digest32?] = []
        var changed: [Int] = []
        for block in 0..<store.blockCount {
            let mark = unsafe store.marks[block]
            if mark & BlockStore.Mark.dirty != 0 { changed.append(block) }
            guard store.digested else { continue }
            let known = mark & BlockStore.Mark.stale == 0 && block < store.hashes.count
            hashes.append(known ? store.hashes[block] : nil)
        }
        tables.append(
            TableShape(
                table: store.table, name: store.name, digested: store.digested, stride: store.stride,
                rowsPerBlock: store.rowsPerBlock, count: store.count, blockCount: store.blockCount,
                hashes: hashes, changed: changed, extra: extra))
    }

    mutating func rows<Row>(_ table: inout RowTable<Row>) { freeze(&table.store, extra: []) }
    mutating func words<Element>(_ table: inout PlainTable<Element>) { freeze(&table.store, extra: []) }
    mutating func ids(_ table: inout IdTable) { freeze(&table.store, extra: table.shape) }
}

/// Does something to the block store of one table.
private struct StoreVisitor: TableVisitor {
    let wanted: Int
    let body: (inout BlockStore) -> Void
    func rows<Row>(_ table: inout RowTable<Row>) { if table.store.table == wanted { body(&table.store) } }
    func words<Element>(_ table: inout PlainTable<Element>) {
        if table.store.table == wanted { body(&table.store) }
    }
    func ids(_ table: inout IdTable) { if table.store.table == wanted { body(&table.store) } }
}

private struct ThawVisitor: TableVisitor {
    func rows<Row>(_ table: inout RowTable<Row>) { table.store.thaw() }
    func words<Element>(_ table: inout PlainTable<Element>) { table.store.thaw() }
    func ids(_ table: inout IdTable) { table.store.thaw() }
}

extension TableSet where Self: ~Copyable {
    /// Freezes every table. Only one snapshot at a time; end it with `thaw`.
    public mutating func freeze(at head: LogHead) -> Snapshot {
        var visitor = FreezeVisitor()
        visit(&visitor)
        return Snapshot(tables: visitor.tables, head: head)
    }

    /// Lets go of what was frozen and not copied.
    public mutating func thaw() {
        var visitor = ThawVisitor()
        visit(&visitor)
    }

    /// Copies a frozen block out. `forCheckpoint` marks it as held by the checkpoint being written.
    public mutating func take(
        table: Int, block: Int, into target: UnsafeMutableRawPointer, forCheckpoint: Bool
    ) -> Bool {
        var taken = false
        var visitor = StoreVisitor(wanted: table) { store in
            let clearing = BlockStore.Mark.stale | (forCheckpoint ? BlockStore.Mark.dirty : 0)
            taken = unsafe store.takeFrozen(block, into: target, clearing: clearing)
        }
        visit(&visitor)
        return taken
    }

    /// Keeps a block's hash for the next digest.
    public mutating func keep(hash: Digest32, table: Int, block: Int) {
        var visitor = StoreVisitor(wanted: table) { store in
            while store.hashes.count <= block { store.hashes.append(Digest32()) }
            store.hashes[block] = hash
        }
        visit(&visitor)
    }

    /// A checkpoint was not finished: its blocks are not held after all.
    public mutating func markDirty(_ blocks: [(table: Int, block: Int)]) {
        for entry in blocks {
            var visitor = StoreVisitor(wanted: entry.table) { $0.markDirty(entry.block) }
            visit(&visitor)
        }
    }

    /// Blocks read in place are looked up again when next touched: the checkpoint's read snapshot is renewed.
    public mutating func detachMapped(source: (any BlockSource)?) {
        var visitor = DetachVisitor(source: source)
        visit(&visitor)
    }

    /// Takes up the tables of a checkpoint; false when they are not those of this program.
    public mutating func attach(_ tables: [TableShape], source: any BlockSource) -> Bool {
        var visitor = AttachVisitor(tables: tables, source: source)
        visit(&visitor)
        return visitor.fits && visitor.seen == tables.count
    }
}

private struct DetachVisitor: TableVisitor {
    let source: (any BlockSource)?
    func rows<Row>(_ table: inout RowTable<Row>) { table.store.detachMapped(source: source) }
    func words<Element>(_ table: inout PlainTable<Element>) { table.store.detachMapped(source: source) }
    func ids(_ table: inout IdTable) { table.store.detachMapped(source: source) }
}

private struct AttachVisitor: TableVisitor {
    let tables: [TableShape]
    let source: any BlockSource
    var fits = true
    var seen = 0

    private mutating func attach(_ store: inout BlockStore) -> TableShape? {
        guard let shape = tables.first(where: { $0.table == store.table }), shape.stride == store.stride,
            shape.name == store.name, shape.rowsPerBlock == store.rowsPerBlock,
            shape.count <= shape.blockCount * shape.rowsPerBlock
        else {
            fits = false
            return nil
        }
        seen += 1
        store.attach(
            count: shape.count, blockCount: shape.blockCount, hashes: shape.hashes.map { $0 ?? Digest32() },
            source: source)
        return shape
    }

    mutating func rows<Row>(_ table: inout RowTable<Row>) { _ = attach(&table.store) }
    mutating func words<Element>(_ table: inout PlainTable<Element>) { _ = attach(&table.store) }
    mutating func ids(_ table: inout IdTable) {
        if let shape = attach(&table.store), !table.restore(shape: shape.extra, blockCount: shape.blockCount)
        {
            fits = false
        }
    }
}

/// The digest of a state: SHA-256 over its digested tables, in order of their numbers.
///
/// For each: its number, name and row count, then the SHA-256 of each block's rows in use. Rows are
/// little-endian, undo tags zero.
/// Not in it: ledger id, recordedAt, positions, id tables and seeds, hashes, import progress, sealed data,
/// due queue.
public enum StateDigest {
    public static func combine(_ tables: [(shape: TableShape, hashes: [Digest32])]) -> Digest32 {
        let hasher = SHA256Hasher()
        hasher.begin()
        hasher.update(Array("referral-ledger state \(CoreState.foldVersion).\(ViewState.foldVersion)\n".utf8))
        for (shape, hashes) in tables.sorted(by: { $0.shape.table < $1.shape.table }) where shape.digested {
            hasher.update(Array("\(shape.table) \(shape.name) \(shape.count)\n".utf8))
            for hash in hashes { hasher.update(hash.bytes) }
        }
        return hasher.finish()
    }

    /// SHA-256 of a block's rows in use.
    public static func hash(
        _ block: UnsafeRawPointer, shape: TableShape, index: Int, hasher: SHA256Hasher
    ) -> Digest32 {
        unsafe hasher.hash(UnsafeRawBufferPointer(start: block, count: shape.rows(of: index) * shape.stride))
    }
}

extension TableShape {
    /// How many block hashes make up the table's part of the digest.
    public var digestBlocks: Int { usedBlocks }
}

extension TableSet where Self: ~Copyable {
    /// Takes up the hashes that a checkpoint computed, for blocks that have not changed since.
    public mutating func keepHashes(of shape: TableShape) {
        var visitor = StoreVisitor(wanted: shape.table) { store in
            for (block, hash) in shape.hashes.enumerated() {
                guard let hash, block < store.blockCount,
                    unsafe store.marks[block] & BlockStore.Mark.stale == 0
                else {
                    continue
                }
                while store.hashes.count <= block { store.hashes.append(Digest32()) }
                store.hashes[block] = hash
            }
        }
        visit(&visitor)
    }
}
