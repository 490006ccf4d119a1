import CLMDB
import CPlatform
import Glibc

/// A table with integer keys as one snapshot has it, read without trust in its pages.
///
/// LMDB keeps no checksums and follows what it finds: a flipped bit can lead it, and the process, out of the file. This reads
/// the same tree (`MDB_page`, `MDB_node` of LMDB 0.9's `mdb.c`, 64-bit) by itself. Whatever the pages say, it reads no byte
/// outside the file; and the first time that an environment comes to a page, all of it is held to be what LMDB writes:
/// its number and kind, nodes side by side, keys of eight bytes that rise between those of the page above, values on pages
/// of their own inside the file. What does not hold is an ``LMDBError/isCorrupt`` that names the page.
///
/// Values are not judged: they are their owner's. It keeps its transaction alive; its buffers are good as long as the
/// transaction is neither reset nor renewed. Cost of a look-up: as LMDB's; of a page's first visit: some 100 ns.
@safe public struct CheckedTable {
    let core: TransactionCore
    let name: String
    let pageSize: Int
    /// Where the file is mapped.
    private let base: UnsafeRawPointer
    private let root: UInt64
    let depth: Int

    static let branch: UInt16 = 0x01
    static let leaf: UInt16 = 0x02
    private static let overflow: UInt16 = 0x04
    private static let bigData: UInt16 = 0x01
    private static let pageHeader = PageWalk.pageHeader
    private static let nodeHeader = PageWalk.nodeHeader
    /// `MAIN_DBI` of `mdb.c`: open in every transaction.
    private static let mainTable: MDB_dbi = 1

    init(core: TransactionCore, _ database: Database, named name: String) throws(LMDBError) {
        precondition(database.hasIntegerKeys, "the database has no integer keys")
        let transaction = try unsafe core.live(for: database)
        self.core = core
        self.name = name
        var statistics = MDB_stat()
        var found = unsafe MDB_val()
        var code = unsafe mdb_stat(transaction, Self.mainTable, &statistics)
        if code == 0 {
            var text = name
            code = text.withUTF8 { bytes in
                var key = unsafe MDB_val(UnsafeRawBufferPointer(bytes))
                return unsafe mdb_get(transaction, Self.mainTable, &key, &found)
            }
        }
        guard code == 0 else { throw core.error(code, "read table") }
        pageSize = Int(statistics.ms_psize)
        let bytes = unsafe UnsafeRawBufferPointer(found)
        // The page that holds the record tells where the file is mapped: it knows its own number.
        let address = UInt(bitPattern: bytes.baseAddress) & ~UInt(pageSize - 1)
        guard bytes.count == TableRecord.byteCount, let page = unsafe UnsafeRawPointer(bitPattern: address)
        else { throw core.error(MDB_CORRUPTED, "read table") }
        let number = unsafe page.load(as: UInt64.self)
        unsafe base = page - Int(truncatingIfNeeded: number) * pageSize
        let record = unsafe TableRecord(Array(bytes), at: 0)
        root = record.root
        depth = root == TableRecord.noPage ? 0 : Int(record.depth)
        guard depth <= 32, record.flags == TableRecord.integerKeys else {
            throw core.error(MDB_CORRUPTED, "read table")
        }
        guard number >= 2, isInFile(number) else { throw core.error(MDB_CORRUPTED, "read table") }
    }

    // MARK: Reading

    /// The value at a key, or nil.
    public func value(key: UInt64) throws(LMDBError) -> UnsafeRawBufferPointer? {
        guard depth > 0 else { return nil }
        return unsafe try value(key: key, on: leaf(of: key))
    }

    /// Where a look-up ended: the leaf, and between which of its keys all others are on it, too.
    public struct Place {
        fileprivate var leaf: UInt64 = 0
        fileprivate var first: UInt64 = 1
        fileprivate var last: UInt64 = 0
        /// Nowhere yet.
        public init() {}
    }

    /// The value at a key, or nil; looked for first where the look-up before it ended. Cost: among neighbours no more than a
    /// search in one page.
    ///
    /// - Parameter place: of a look-up in this very table, or of none.
    public func value(key: UInt64, near place: inout Place) throws(LMDBError) -> UnsafeRawBufferPointer? {
        guard depth > 0 else { return nil }
        let leaf: UnsafeRawPointer
        if key >= place.first, key <= place.last {
            unsafe leaf = try page(place.leaf, isBranch: false, above: nil, at: 0)
        } else {
            unsafe leaf = try self.leaf(of: key)
            let count = unsafe count(leaf)
            place = Place()
            if count > 0 {
                place.leaf = unsafe number(leaf)
                place.first = unsafe self.key(leaf, 0)
                place.last = unsafe self.key(leaf, count - 1)
            }
        }
        return unsafe try value(key: key, on: leaf)
    }

    @inline(__always)
    private func value(key: UInt64, on leaf: UnsafeRawPointer) throws(LMDBError) -> UnsafeRawBufferPointer? {
        let index = unsafe lowerBound(leaf, key)
        guard unsafe index < count(leaf) else { return nil }
        let entry = unsafe try entry(leaf, index)
        return unsafe entry.key == key ? entry.value : nil
    }

    /// The leaf on which a key is, if it is anywhere. The table must not be empty.
    private func leaf(of key: UInt64) throws(LMDBError) -> UnsafeRawPointer {
        var page = try unsafe top()
        for level in 1..<depth {
            unsafe page = try child(of: page, childIndex(page, key), isBranch: level + 1 < depth)
        }
        return unsafe page
    }

    /// A cursor over the table.
    public func cursor() -> CheckedCursor { CheckedCursor(self) }

    // MARK: Pages

    /// The page that all begin at. The table must not be empty.
    func top() throws(LMDBError) -> UnsafeRawPointer {
        try unsafe page(root, isBranch: depth > 1, above: nil, at: 0)
    }

    /// The page that a branch's entry leads to.
    func child(of parent: UnsafeRawPointer, _ index: Int, isBranch: Bool) throws(LMDBError)
        -> UnsafeRawPointer
    {
        // The first key of a branch may be empty: the node is its header alone.
        let at = unsafe Int(parent.load(fromByteOffset: Self.pageHeader + 2 * index, as: UInt16.self))
        guard at >= Self.pageHeader, at + Self.nodeHeader <= pageSize else {
            throw unsafe damaged(number(parent), nil, "its node \(index) lies outside of it")
        }
        return try unsafe page(childNumber(parent, at), isBranch: isBranch, above: parent, at: index)
    }

    /// The page that a branch's node leads to, by its header.
    @inline(__always)
    private func childNumber(_ branch: UnsafeRawPointer, _ at: Int) -> UInt64 {
        let low = unsafe UInt64(branch.loadUnaligned(fromByteOffset: at, as: UInt32.self))
        let high = unsafe UInt64(branch.loadUnaligned(fromByteOffset: at + 4, as: UInt16.self))
        return low | high << 32
    }

    /// Where the page lies that a branch's entry after one leads to, by what the entry says: nobody has looked at it. Nil when
    /// the branch has no such entry, or names no page of the file.
    func follower(of index: Int, in branch: UnsafeRawPointer) -> UnsafeRawPointer? {
        guard unsafe index + 1 < count(branch), let at = unsafe nodeOffset(branch, index + 1) else {
            return nil
        }
        let number = unsafe childNumber(branch, at)
        return isInFile(number) ? unsafe address(of: number) : nil
    }

    /// Starts loading a part of a page: all of them together are the whole page. Reads nothing.
    @inline(__always)
    func prefetch(_ page: UnsafeRawPointer?, part: Int, of parts: Int) {
        guard let page = unsafe page else { return }
        let line = 64
        let bytes = (pageSize / line + parts - 1) / parts * line
        // From the end down, as the nodes stand.
        var at = pageSize - part * bytes
        let end = max(0, at - bytes)
        while at > end {
            at -= line
            unsafe platform_prefetch_read(page + at)
        }
    }

    private func page(
        _ number: UInt64, isBranch: Bool, above parent: UnsafeRawPointer?, at index: Int
    ) throws(LMDBError) -> UnsafeRawPointer {
        guard number >= 2, isInFile(number) else {
            let above = unsafe parent.map { unsafe self.number($0) }
            throw damaged(above ?? number, nil, "it leads to page \(number), which the file does not hold")
        }
        let page = unsafe base + Int(number) * pageSize
        let sound = core.environment.soundPages
        if !sound.contains(number) {
            let low = unsafe parent.flatMap { unsafe separator($0, index) }
            let high = unsafe parent.flatMap { unsafe separator($0, index + 1) }
            if let refusal = unsafe refusal(page, number, isBranch: isBranch, from: low, below: high) {
                throw damaged(number, low, refusal)
            }
            sound.insert(number)
        } else if unsafe page.load(fromByteOffset: 10, as: UInt16.self)
            != (isBranch ? Self.branch : Self.leaf)
            || page.load(fromByteOffset: 12, as: UInt16.self) > UInt16(clamping: pageSize)
        {
            throw damaged(number, nil, "it has changed under the program")
        }
        return unsafe page
    }

    /// The file only grows: its length is asked for anew when a page lies past it.
    @inline(__always) private func isInFile(_ page: UInt64) -> Bool {
        core.environment.holds(page: page, pageSize: pageSize)
    }

    /// Where a page is mapped that was found to be in the file.
    @inline(__always) func address(of page: UInt64) -> UnsafeRawPointer {
        unsafe base + Int(page) * pageSize
    }

    /// A page's number, by where it is mapped.
    @inline(__always) func number(_ page: UnsafeRawPointer) -> UInt64 {
        unsafe UInt64(page - base) / UInt64(pageSize)
    }

    /// The number that a page says it has.
    @inline(__always) private func stated(_ page: UnsafeRawPointer) -> UInt64 {
        unsafe page.load(as: UInt64.self)
    }

    /// How many nodes a page has.
    @inline(__always) func count(_ page: UnsafeRawPointer) -> Int {
        let lower = unsafe Int(page.load(fromByteOffset: 12, as: UInt16.self))
        return max(0, min(lower, pageSize) - Self.pageHeader) / 2
    }

    /// Where a node begins; nil when it has no room there for its header and a key.
    @inline(__always) private func nodeOffset(_ page: UnsafeRawPointer, _ index: Int) -> Int? {
        let at = unsafe Int(page.load(fromByteOffset: Self.pageHeader + 2 * index, as: UInt16.self))
        return at >= Self.pageHeader && at + Self.nodeHeader + 8 <= pageSize ? at : nil
    }

    /// The key of a node; the least for one that lies outside of its page.
    @inline(__always) private func key(_ page: UnsafeRawPointer, _ index: Int) -> UInt64 {
        guard let at = unsafe nodeOffset(page, index) else { return 0 }
        return unsafe page.loadUnaligned(fromByteOffset: at + Self.nodeHeader, as: UInt64.self)
    }

    /// What a branch says of the keys from an entry on; nil of its first, and past its last.
    private func separator(_ branch: UnsafeRawPointer, _ index: Int) -> UInt64? {
        guard index > 0, unsafe index < count(branch) else { return nil }
        return unsafe key(branch, index)
    }

    /// The entry of a branch below which a key lies (`mdb_node_search`): the last that is not above it.
    @inline(__always) func childIndex(_ page: UnsafeRawPointer, _ key: UInt64) -> Int {
        var (low, high) = unsafe (1, count(page))
        while low < high {
            let middle = (low + high) / 2
            if unsafe self.key(page, middle) <= key { low = middle + 1 } else { high = middle }
        }
        return low - 1
    }

    /// The first entry of a leaf whose key is not below a key.
    @inline(__always) func lowerBound(_ page: UnsafeRawPointer, _ key: UInt64) -> Int {
        var (low, high) = unsafe (0, count(page))
        while low < high {
            let middle = (low + high) / 2
            if unsafe self.key(page, middle) < key { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// An entry of a leaf.
    @inline(__always) func entry(
        _ page: UnsafeRawPointer, _ index: Int
    ) throws(LMDBError) -> (key: UInt64, value: UnsafeRawBufferPointer) {
        guard let at = unsafe nodeOffset(page, index) else {
            throw unsafe damaged(number(page), nil, "its node \(index) lies outside of it")
        }
        let size = unsafe Int(page.loadUnaligned(fromByteOffset: at, as: UInt32.self))
        let flags = unsafe page.loadUnaligned(fromByteOffset: at + 4, as: UInt16.self)
        let key = unsafe page.loadUnaligned(fromByteOffset: at + Self.nodeHeader, as: UInt64.self)
        let start = at + Self.nodeHeader + 8
        if flags == 0, start + size <= pageSize {
            return unsafe (key, UnsafeRawBufferPointer(start: page + start, count: size))
        }
        return unsafe (key, try apart(page, at: start, size, flags, key))
    }

    /// A value on pages of its own.
    private func apart(
        _ page: UnsafeRawPointer, at start: Int, _ size: Int, _ flags: UInt16, _ key: UInt64
    ) throws(LMDBError) -> UnsafeRawBufferPointer {
        guard flags == Self.bigData, start + 8 <= pageSize else {
            throw unsafe damaged(number(page), key, "the entry of key \(key) is longer than the page")
        }
        let first = unsafe page.loadUnaligned(fromByteOffset: start, as: UInt64.self)
        let needed = UInt64((Self.pageHeader + size + pageSize - 1) / pageSize)
        guard first >= 2, first < UInt64.max - needed, isInFile(first + needed - 1) else {
            throw unsafe damaged(number(page), key, "a value points out of the file, to page \(first)")
        }
        let value = unsafe base + Int(first) * pageSize
        guard unsafe stated(value) == first,
            unsafe value.load(fromByteOffset: 10, as: UInt16.self) == Self.overflow,
            unsafe UInt64(value.load(fromByteOffset: 12, as: UInt32.self)) == needed
        else { throw damaged(first, key, "it is not the \(needed) overflow pages that a value needs") }
        return unsafe UnsafeRawBufferPointer(start: value + Self.pageHeader, count: size)
    }

    // MARK: Checking

    func damaged(_ page: UInt64, _ key: UInt64?, _ message: String) -> LMDBError {
        core.environment.error(
            MDB_CORRUPTED, "check",
            detail: "page \(page) (\(name)\(key.map { ", from key \($0)" } ?? "")) is damaged: \(message)")
    }

    /// Why a page is not what LMDB wrote; nil when it is.
    private func refusal(
        _ page: UnsafeRawPointer, _ number: UInt64, isBranch: Bool, from low: UInt64?, below high: UInt64?
    ) -> String? {
        let view = unsafe PageView(page.assumingMemoryBound(to: UInt8.self), byteCount: pageSize)
        if unsafe !isLaidDown(page, number, isBranch: isBranch) {
            var tidiness = PageTidiness(pageSize: pageSize)
            if let refusal = tidiness.nodes(view, number: number, isBranch: isBranch).refusal {
                return refusal
            }
        }
        let count = unsafe count(page)
        guard count >= (isBranch ? 2 : 1) else { return "it has \(count) nodes" }
        var before: UInt64?
        // The first key of a branch is not used: it stands for everything below the second.
        for index in (isBranch ? 1 : 0)..<count {
            guard let at = unsafe nodeOffset(page, index),
                unsafe page.loadUnaligned(fromByteOffset: at + 6, as: UInt16.self) == 8
            else { return "a key does not have 8 bytes" }
            let key = unsafe page.loadUnaligned(fromByteOffset: at + Self.nodeHeader, as: UInt64.self)
            if let before, key <= before { return "its keys do not rise" }
            if before == nil, let low, isBranch ? key <= low : key < low {
                return "its first key is below what the page above says"
            }
            before = key
            if isBranch { continue }
            let flags = unsafe page.loadUnaligned(fromByteOffset: at + 4, as: UInt16.self)
            guard flags & ~Self.bigData == 0 else { return "an entry has flags \(flags)" }
        }
        if let high, let before, before >= high {
            return "its last key is not below what the page above says"
        }
        return nil
    }

    /// Whether a page is tidy in the way in which pages of a table that grows at its end are: each node right below the one
    /// before. Any other is for ``PageTidiness`` to judge.
    private func isLaidDown(_ page: UnsafeRawPointer, _ number: UInt64, isBranch: Bool) -> Bool {
        let kind = unsafe page.load(fromByteOffset: 10, as: UInt16.self)
        let lower = unsafe Int(page.load(fromByteOffset: 12, as: UInt16.self))
        let upper = unsafe Int(page.load(fromByteOffset: 14, as: UInt16.self))
        guard unsafe stated(page) == number, kind == (isBranch ? Self.branch : Self.leaf),
            lower >= Self.pageHeader, lower % 2 == 0, lower <= upper, upper <= pageSize
        else { return false }
        var end = pageSize
        for index in 0..<(lower - Self.pageHeader) / 2 {
            let at = unsafe Int(page.load(fromByteOffset: Self.pageHeader + 2 * index, as: UInt16.self))
            guard at >= upper, at % 2 == 0, at + Self.nodeHeader <= end else { return false }
            let size = unsafe Int(page.loadUnaligned(fromByteOffset: at, as: UInt32.self))
            let flags = unsafe page.loadUnaligned(fromByteOffset: at + 4, as: UInt16.self)
            let keySize = unsafe Int(page.loadUnaligned(fromByteOffset: at + 6, as: UInt16.self))
            let length = isBranch ? 0 : flags & Self.bigData != 0 ? 8 : size
            guard (at + Self.nodeHeader + keySize + length + 1) & ~1 == end else { return false }
            end = at
        }
        return end == upper
    }
}

extension ReadTransaction {
    /// A table with integer keys, to be read without trust in its pages: see ``CheckedTable``. Cost: two look-ups.
    ///
    /// - Parameter name: the table's own, as it was opened.
    /// - Throws: ``LMDBError/isCorrupt``; ``LMDBError/isNotFound`` when the snapshot has no such table.
    public func checkedTable(_ database: Database, named name: String) throws(LMDBError) -> CheckedTable {
        try CheckedTable(core: core, database, named: name)
    }
}

@available(*, unavailable, message: "one thread at a time may use a transaction")
extension CheckedTable: Sendable {}
