/// Reads the free pages at or after `first` from a data file's free list, without mapping it.
///
/// - Returns: the page numbers, in no order, or nil when the list itself is damaged or lies beyond the
///   file's end.
/// - Complexity: one read a page of the list.
func freePages(
    atLeast first: UInt64, of file: borrowing OpenFile, meta: MetaPage
) throws(LMDBError) -> [UInt64]? {
    guard meta.freeListRoot != MetaPage.noPage else { return [] }
    var walk = FreeListWalk(
        first: first, pageSize: Int(meta.pageSize), pagesInFile: try file.size() / meta.pageSize)
    return try walk.visit(meta.freeListRoot, depthLeft: Int(meta.freeListDepth), in: file) ? walk.found : nil
}

/// A walk over the free list's B-tree: `MDB_page` and `MDB_node` of LMDB 0.9's `mdb.c`.
///
/// Nothing read is trusted: every offset is compared with its page, every page with the file, and no more
/// pages are read than the file has, so damage ends the walk instead of steering it.
private struct FreeListWalk {
    private enum Flag {
        static let branch: UInt16 = 0x01
        static let leaf: UInt16 = 0x02
        static let bigData: UInt16 = 0x01
    }
    private static let pageHeader = 16
    private static let nodeHeader = 8

    let first: UInt64
    let pageSize: Int
    let pagesInFile: UInt64
    var pagesRead: UInt64 = 0
    var found: [UInt64] = []

    init(first: UInt64, pageSize: Int, pagesInFile: UInt64) {
        self.first = first
        self.pageSize = pageSize
        self.pagesInFile = pagesInFile
    }

    /// Visits a subtree. False: damaged or not wholly in the file.
    mutating func visit(_ page: UInt64, depthLeft: Int, in file: borrowing OpenFile) throws(LMDBError) -> Bool
    {
        guard depthLeft > 0, page >= 2, page < pagesInFile, pagesRead < pagesInFile else { return false }
        pagesRead += 1
        let bytes = try file.read(at: page * UInt64(pageSize), count: pageSize)
        guard bytes.count == pageSize, bytes.littleEndian(at: 0, as: UInt64.self) == page else {
            return false
        }
        let flags = bytes.littleEndian(at: 10, as: UInt16.self)
        let lower = Int(bytes.littleEndian(at: 12, as: UInt16.self))
        guard lower >= Self.pageHeader, lower <= pageSize else { return false }
        for index in 0..<(lower - Self.pageHeader) / 2 {
            let node = Int(bytes.littleEndian(at: Self.pageHeader + 2 * index, as: UInt16.self))
            guard node >= lower, node + Self.nodeHeader <= pageSize else { return false }
            let isGood: Bool
            switch flags & (Flag.branch | Flag.leaf) {
            case Flag.branch:
                isGood = try visit(child(of: bytes, at: node), depthLeft: depthLeft - 1, in: file)
            case Flag.leaf: isGood = try collect(bytes, at: node, in: file)
            default: isGood = false
            }
            guard isGood else { return false }
        }
        return true
    }

    /// A branch node's page number: 48 bits spread over `mn_lo`, `mn_hi` and `mn_flags`.
    private func child(of bytes: [UInt8], at node: Int) -> UInt64 {
        UInt64(bytes.littleEndian(at: node, as: UInt32.self))
            | UInt64(bytes.littleEndian(at: node + 4, as: UInt16.self)) << 32
    }

    /// A leaf node: the key is a transaction id, the value a count and that many page numbers.
    private mutating func collect(
        _ bytes: [UInt8], at node: Int, in file: borrowing OpenFile
    ) throws(LMDBError) -> Bool {
        let size = Int(bytes.littleEndian(at: node, as: UInt32.self))
        let flags = bytes.littleEndian(at: node + 4, as: UInt16.self)
        let value = node + Self.nodeHeader + Int(bytes.littleEndian(at: node + 6, as: UInt16.self))
        if flags & Flag.bigData == 0 {
            guard value + size <= pageSize else { return false }
            return take(bytes, from: value, size: size)
        }
        guard value + 8 <= pageSize else { return false }
        let page = bytes.littleEndian(at: value, as: UInt64.self)
        let pageCount = UInt64((Self.pageHeader + size + pageSize - 1) / pageSize)
        guard page >= 2, page < pagesInFile, pageCount <= pagesInFile - page else { return false }
        pagesRead += pageCount
        let big = try file.read(at: page * UInt64(pageSize) + UInt64(Self.pageHeader), count: size)
        return big.count == size && take(big, from: 0, size: size)
    }

    private mutating func take(_ bytes: [UInt8], from offset: Int, size: Int) -> Bool {
        guard size >= 8 else { return false }
        let count = bytes.littleEndian(at: offset, as: UInt64.self)
        guard count <= UInt64(size / 8 - 1) else { return false }
        for index in 0..<Int(count) {
            let page = bytes.littleEndian(at: offset + 8 + 8 * index, as: UInt64.self)
            if page >= first { found.append(page) }
        }
        return true
    }
}
