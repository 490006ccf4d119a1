import LedgerLog

/// Up to 256 hashes of one level of the tree: a tile of C2SP tlog-tiles, at level 1 or above.
///
/// Level L, tile N holds the roots of the full tiles 256·N … of level L − 1; a full tile never changes. Level 0, the leaf
/// hashes, is not stored: the records stand in the log beside it, and 256 of them are hashed in some 30 µs. So the
/// stored tree takes 40 bytes for 256 records.
public struct TileRow: Sendable, Equatable {
    /// Hashes of a full tile.
    public static let width = 256

    /// 1 or above.
    public var level: Int
    /// Which tile of its level, from 0.
    public var index: UInt64
    /// 1 … 256 hashes, from the left.
    public var hashes: [Digest32]
    /// At level 1: for each hash the base position of the first of its 256 records. Else empty.
    public var bases: [UInt64]

    init(level: Int, index: UInt64) {
        self.level = level
        self.index = index
        hashes = []
        bases = []
    }

    /// The key of a row: level in the high byte.
    public static func key(level: Int, index: UInt64) -> UInt64 { UInt64(level) << 56 | index }

    /// The key of this row.
    public var key: UInt64 { Self.key(level: level, index: index) }

    /// Hashes, then bases, little-endian. What stores it adds a checksum.
    public func encoded() -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(hashes.count * 40)
        for hash in hashes { out.append(contentsOf: hash.bytes) }
        for base in bases {
            for shift in 0..<8 { out.append(UInt8(truncatingIfNeeded: base >> (8 * UInt64(shift)))) }
        }
        return out
    }

    /// Nil when the bytes cannot be a row of this level.
    public init?(level: Int, index: UInt64, encoded bytes: [UInt8]) {
        let each = level == 1 ? 40 : 32
        guard level >= 1, !bytes.isEmpty, bytes.count % each == 0, bytes.count / each <= Self.width else {
            return nil
        }
        let count = bytes.count / each
        self.level = level
        self.index = index
        hashes = unsafe bytes.withUnsafeBytes { raw in
            (0..<count).map {
                unsafe Digest32(UnsafeRawBufferPointer(rebasing: raw[32 * $0..<32 * $0 + 32]))!
            }
        }
        bases = []
        guard level == 1 else { return }
        for i in 0..<count {
            let at = 32 * count + 8 * i
            bases.append(bytes[at..<at + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) })
        }
    }

    /// The first hashes only: the row as it was earlier.
    func prefix(_ count: Int) -> TileRow {
        var row = self
        row.hashes = Array(hashes.prefix(count))
        row.bases = Array(bases.prefix(count))
        return row
    }
}

/// Where a tree finds what it does not hold in memory.
public protocol TileSource: Sendable {
    /// A stored row; nil when there is none, or it is damaged.
    func row(level: Int, index: UInt64) throws(LogError) -> TileRow?
    /// The stored values of consecutive records, the first at a base position.
    /// - Parameter body: called once a record, in order. Stops early at the log's end.
    func records(
        from base: UInt64, count: Int, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(LogError)
}
