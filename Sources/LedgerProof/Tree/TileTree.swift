import LedgerLog

/// A growing RFC 6962 tree over the stored records: leaf i is the value with ordinal i.
///
/// Holds the right edge in memory (the open tile of each level) and the full rows that were not stored yet; the rest is
/// read from a ``TileSource`` when a proof asks for it. Adding a leaf costs its hash and, once every 256, a batch of 255
/// node hashes. Not for use from two threads at once.
@safe public final class TileTree {
    /// Leaves so far.
    public private(set) var size: UInt64 = 0
    private let source: any TileSource
    private let hasher: TreeHasher
    /// The leaf hashes of the open tile, 256 places; then as many places to compute in.
    private let leaves: UnsafeMutableRawPointer
    private var scratch: UnsafeMutableRawPointer { unsafe leaves + TileRow.width * 32 }
    /// Base position of the open tile's first record.
    private var tileBase: UInt64 = 0
    /// The open rows of levels 1, 2 …: less than 256 hashes each.
    private var open: [TileRow] = []
    /// Full rows that are not stored yet.
    private var full: [UInt64: TileRow] = [:]

    /// An empty tree.
    /// - Parameter usesInstructions: false hashes by libcrypto alone. For tests.
    public init(source: any TileSource, usesInstructions: Bool = true) {
        self.source = source
        hasher = TreeHasher(usesInstructions: usesInstructions)
        unsafe leaves = .allocate(byteCount: 2 * TileRow.width * 32, alignment: 64)
        unsafe leaves.initializeMemory(as: UInt8.self, repeating: 0, count: 2 * TileRow.width * 32)
    }

    deinit { unsafe leaves.deallocate() }

    private var openLeaves: Int { Int(truncatingIfNeeded: size % UInt64(TileRow.width)) }

    /// Adds the next record.
    /// - Parameters:
    ///   - record: its stored value, header included. Copied.
    ///   - base: its base position.
    public func append(_ record: UnsafeRawBufferPointer, base: UInt64) {
        let place = openLeaves
        if place == 0 { tileBase = base }
        unsafe hasher.add(record, to: leaves + 32 * place)
        size += 1
        if place + 1 == TileRow.width { closeTile() }
    }

    /// The open tile is full: its root goes up, and may fill rows there.
    private func closeTile() {
        hasher.finish()
        unsafe scratch.copyMemory(from: leaves, byteCount: TileRow.width * 32)
        var hash = unsafe hasher.root(in: scratch, count: TileRow.width)
        var level = 1
        while true {
            if open.count < level { open.append(TileRow(level: level, index: 0)) }
            open[level - 1].hashes.append(hash)
            if level == 1 { open[0].bases.append(tileBase) }
            guard open[level - 1].hashes.count == TileRow.width else { return }
            let row = open[level - 1]
            full[row.key] = row
            hash = hasher.root(of: row.hashes)
            open[level - 1] = TileRow(level: level, index: row.index + 1)
            level += 1
        }
    }

    // MARK: Roots

    /// The root now (RFC 6962: of no leaves, SHA-256 of nothing). Cost: at most 255 node hashes a level.
    public func root() -> Digest32 {
        guard size > 0 else { return SHA256Hasher().hash([]) }
        hasher.finish()
        var lone: Digest32?
        if openLeaves > 0 {
            unsafe scratch.copyMemory(from: leaves, byteCount: openLeaves * 32)
            lone = unsafe hasher.root(in: scratch, count: openLeaves)
        }
        for row in open {
            let hashes = row.hashes + (lone.map { [$0] } ?? [])
            if !hashes.isEmpty { lone = hasher.root(of: hashes) }
        }
        return lone!
    }

    /// The right edge of the tree as it was at a size: roots of the perfect subtrees, largest first.
    /// - Throws: as `hash`.
    public func range(at count: UInt64) throws(LogError) -> MerkleRange {
        precondition(count <= size)
        var edge: [Digest32] = []
        var start: UInt64 = 0
        for height in (0..<64).reversed() where count >> UInt64(height) & 1 == 1 {
            edge.append(try perfect(height: height, index: start >> UInt64(height)))
            start += 1 << UInt64(height)
        }
        return MerkleRange(size: count, edge: edge)!
    }

    /// The root as it was at a size.
    public func root(at count: UInt64) throws(LogError) -> Digest32 {
        count == size ? root() : try range(at: count).root(SHA256Hasher())
    }

    /// The leaf hashes of the open tile.
    private func leafHashes() -> [Digest32] {
        hasher.finish()
        return (0..<openLeaves).map { unsafe leaves.load(fromByteOffset: 32 * $0, as: Digest32.self) }
    }

    // MARK: Storing and taking up

    /// The rows that a store lacks: full ones, and the open ones as they are.
    public func rowsToStore() -> [TileRow] {
        full.values.sorted { $0.key < $1.key } + open.filter { !$0.hashes.isEmpty }
    }

    /// Told when rows are durable: full ones leave memory.
    public func stored(_ rows: [TileRow]) {
        for row in rows { full[row.key] = nil }
    }

    /// Takes up a tree that was stored at a size: its rows from the source, the open tile's leaves from the log.
    ///
    /// - Parameter base: base position of the open tile's first record; any value when the size is a multiple of 256.
    /// - Returns: false, and an empty tree, when rows or records are missing or do not give the edge that was written
    ///   down.
    public func resume(_ range: MerkleRange, openTileBase base: UInt64) throws(LogError) -> Bool {
        precondition(size == 0, "only an empty tree takes up another")
        let rows = try storedRows(range.size)
        let count = Int(range.size % UInt64(TileRow.width))
        var found = 0
        if count > 0, rows != nil {
            unsafe try source.records(from: base, count: count) { record in
                unsafe hasher.add(record, to: leaves + 32 * found)
                found += 1
            }
        }
        if let rows, found == count {
            open = rows
            tileBase = base
            size = range.size
            if try self.range(at: size) == range { return true }
        }
        hasher.finish()
        open = []
        size = 0
        return false
    }

    /// The open rows of a tree of a size; nil when one is missing.
    private func storedRows(_ size: UInt64) throws(LogError) -> [TileRow]? {
        var rows: [TileRow] = []
        var (level, entries) = (1, size >> 8)
        while entries > 0 {
            let count = Int(entries % UInt64(TileRow.width))
            var row = TileRow(level: level, index: entries >> 8)
            if count > 0 {
                guard let stored = try source.row(level: level, index: row.index),
                    stored.hashes.count >= count
                else { return nil }
                row = stored.prefix(count)
            }
            rows.append(row)
            level += 1
            entries >>= 8
        }
        return rows
    }

    // MARK: Any part of the tree

    /// Hash of a part of the tree: MTH(D[start:end]) of RFC 6962.
    /// - Parameter start: a multiple of the least power of two that is not less than the part's size, as in all parts
    ///   that proofs speak of.
    /// - Throws: `.broken` when a row that should be stored is missing or damaged: rebuild the views.
    public func hash(_ start: UInt64, _ end: UInt64) throws(LogError) -> Digest32 {
        precondition(start < end && end <= size)
        let count = end - start
        if count.nonzeroBitCount == 1 {
            let height = count.trailingZeroBitCount
            return try perfect(height: height, index: start >> UInt64(height))
        }
        let left = UInt64(1) << UInt64(63 - (count - 1).leadingZeroBitCount)
        return hasher.node(try hash(start, start + left), try hash(start + left, end))
    }

    private func perfect(height: Int, index: UInt64) throws(LogError) -> Digest32 {
        let (level, rest) = (height / 8, height % 8)
        let first = index << UInt64(rest)
        let hashes = try tile(level: level, index: first >> 8)
        let from = Int(first & 255)
        precondition(from + 1 << rest <= hashes.count)
        return hasher.root(of: hashes[from..<from + 1 << rest])
    }

    /// The hashes of a tile of C2SP tlog-tiles: up to 256, fewer at the right edge.
    /// - Throws: `.broken` when the tile should be stored and is not.
    public func tile(level: Int, index: UInt64) throws(LogError) -> [Digest32] {
        if let cached, cached.level == level, cached.index == index { return cached.hashes }
        if level == 0 {
            if index == size >> 8 { return leafHashes() }
            let hashes = try leafTile(index)
            cached = (0, index, hashes)
            return hashes
        }
        if level <= open.count, open[level - 1].index == index { return open[level - 1].hashes }
        return try row(level: level, index: index).hashes
    }

    /// The full tile read last: the parts of one proof lie close together.
    private var cached: (level: Int, index: UInt64, hashes: [Digest32])?

    private func row(level: Int, index: UInt64) throws(LogError) -> TileRow {
        if level <= open.count, open[level - 1].index == index { return open[level - 1] }
        if let row = full[TileRow.key(level: level, index: index)] { return row }
        if let row = try source.row(level: level, index: index), row.hashes.count == TileRow.width {
            return row
        }
        throw LogError(.broken, "tile \(index) of level \(level) of the hash tree is not in views/: rebuild")
    }

    /// Base position of the first record of a full leaf tile, or of the open one.
    public func base(ofTile index: UInt64) throws(LogError) -> UInt64 {
        precondition(index <= size >> 8)
        if index == size >> 8 { return tileBase }
        return try row(level: 1, index: index >> 8).bases[Int(index & 255)]
    }

    /// A full leaf tile, hashed from the log, and held against the root that was kept of it.
    private func leafTile(_ index: UInt64) throws(LogError) -> [Digest32] {
        let parent = try row(level: 1, index: index >> 8)
        let base = parent.bases[Int(index & 255)]
        hasher.finish()
        var found = 0
        unsafe try source.records(from: base, count: TileRow.width) { record in
            unsafe hasher.add(record, to: scratch + 32 * found)
            found += 1
        }
        hasher.finish()
        let hashes = (0..<found).map { unsafe scratch.load(fromByteOffset: 32 * $0, as: Digest32.self) }
        guard found == TileRow.width, hasher.root(of: hashes) == parent.hashes[Int(index & 255)] else {
            throw LogError(
                .broken,
                "records \(index * 256) to \(index * 256 + 255) are not those the hash tree was made of",
                position: .init(base))
        }
        return hashes
    }
}
