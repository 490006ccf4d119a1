import CLMDB
import Glibc

/// What one of the two meta pages of a data file says (`MDB_meta` in LMDB 0.9's `mdb.c`, 64-bit layout).
struct MetaPage: Equatable {
    /// Bytes of page header and meta record together.
    static let byteCount = 152
    /// `P_INVALID`: the root of an empty tree.
    static let noPage = UInt64.max

    let pageSize: UInt64
    let freeListDepth: UInt16
    let freeListRoot: UInt64
    let mainRoot: UInt64
    let lastPage: UInt64
    let transactionID: UInt64

    /// Reads a meta page's first bytes; the code is LMDB's own for what it would refuse.
    init(_ bytes: [UInt8]) throws(MetaRefusal) {
        guard bytes.count >= Self.byteCount else { throw MetaRefusal(code: MDB_INVALID) }
        let isMeta = bytes.littleEndian(at: 10, as: UInt16.self) & 0x08 != 0
        guard isMeta, bytes.littleEndian(at: 16, as: UInt32.self) == 0xBEEF_C0DE else {
            throw MetaRefusal(code: MDB_INVALID)
        }
        guard bytes.littleEndian(at: 20, as: UInt32.self) == 1 else {
            throw MetaRefusal(code: MDB_VERSION_MISMATCH)
        }
        pageSize = UInt64(bytes.littleEndian(at: 40, as: UInt32.self))
        freeListDepth = bytes.littleEndian(at: 46, as: UInt16.self)
        freeListRoot = bytes.littleEndian(at: 80, as: UInt64.self)
        mainRoot = bytes.littleEndian(at: 128, as: UInt64.self)
        lastPage = bytes.littleEndian(at: 136, as: UInt64.self)
        transactionID = bytes.littleEndian(at: 144, as: UInt64.self)
    }

    /// Whether the fields could be true of any file: checked before they steer a read.
    var isPlausible: Bool {
        func isRoot(_ page: UInt64) -> Bool { page == Self.noPage || (2...max(2, lastPage)).contains(page) }
        return (512...65536).contains(pageSize) && pageSize.nonzeroBitCount == 1
            && (1..<UInt64(1) << 44).contains(lastPage) && freeListDepth <= 32
            && transactionID < UInt64(1) << 62
            && isRoot(freeListRoot) && isRoot(mainRoot)
    }
}

/// Why a meta page is not believed.
struct MetaRefusal: Error {
    let code: Int32
}

extension Array where Element == UInt8 {
    /// The integer at a byte offset, in the byte order of the machines we run on.
    func littleEndian<T: FixedWidthInteger>(at offset: Int, as type: T.Type) -> T {
        precondition(offset >= 0 && offset + MemoryLayout<T>.size <= count)
        return unsafe T(
            littleEndian: withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: offset, as: T.self) })
    }
}

/// Looks at a data file before LMDB maps it.
///
/// LMDB trusts what it maps: a page beyond the end of the file is a SIGBUS, not an error. So both meta
/// pages are read with `pread`, and the pages they promise must be there. A file may rightly be shorter
/// than its last page number says when the pages at its end are free (`mm_last_pg` in `mdb.c`: "the file
/// may be shorter if the freeDB lists the final pages"); only then is the free list read, to tell that case
/// from a truncation.
///
/// This finds other programs' files, files cut short and damaged headers. It does not find damage inside a
/// page. The cost is two reads of 152 bytes, as a rule.
func checkDataFile(path: String) throws(LMDBError) {
    let file = try OpenFile(path: path, flags: O_RDONLY, operation: "open")
    var meta = try newestMeta(of: file)
    // Another process may commit while we look, and reuse the pages of the free list we read. A verdict
    // counts only when the snapshot is still the newest one afterwards: its pages are not reused before that.
    for _ in 0..<64 {
        guard let missing = try firstMissingPage(of: file, meta: meta) else { return }
        let now = try newestMeta(of: file)
        if now == meta {
            let expected = (missing.isKnown ? missing.lastUsedPage + 1 : meta.lastPage + 1) * meta.pageSize
            let actual = try file.size()
            throw LMDBError(
                code: MDB_CORRUPTED, operation: "check", path: path,
                detail: "the file is cut short: \(actual) bytes of \(expected)",
                truncation: .init(expectedBytes: expected, actualBytes: actual))
        }
        meta = now
    }
    throw LMDBError(
        code: EAGAIN, operation: "check", path: path, detail: "the file changes too fast to be checked")
}

/// The highest page in use that the file does not hold; `isKnown` is false when even the free list is cut
/// off.
private struct MissingPages {
    var lastUsedPage: UInt64
    var isKnown: Bool
}

private func firstMissingPage(of file: borrowing OpenFile, meta: MetaPage) throws(LMDBError) -> MissingPages?
{
    let pagesInFile = try file.size() / meta.pageSize
    if meta.lastPage < pagesInFile { return nil }
    guard let free = try freePages(atLeast: pagesInFile, of: file, meta: meta) else {
        return MissingPages(lastUsedPage: meta.lastPage, isKnown: false)
    }
    // Walk down from the end: the first page that is not free must be in the file.
    var page = meta.lastPage
    for candidate in free.sorted(by: >) where candidate <= page {
        guard candidate == page else { break }
        page -= 1
    }
    return page < pagesInFile ? nil : MissingPages(lastUsedPage: page, isKnown: true)
}

/// Both header pages looked at, as before mapping: throws what `checkDataFile` throws of them.
func checkHeaders(of file: borrowing OpenFile) throws(LMDBError) { _ = try newestMeta(of: file) }

/// Both meta pages checked, the newer one returned (`mdb_env_pick_meta`).
private func newestMeta(of file: borrowing OpenFile) throws(LMDBError) -> MetaPage {
    let path = file.path
    let size = try file.size()
    guard size > 0 else {
        throw LMDBError(
            code: MDB_INVALID, operation: "check", path: path,
            detail: "the file is empty; a new one is only made where there is none")
    }
    let first = try meta(of: file, at: 0)
    guard first.isPlausible else {
        throw LMDBError(code: MDB_CORRUPTED, operation: "check", path: path, detail: "meta page 0 is damaged")
    }
    guard size >= 2 * first.pageSize else {
        let expected = max(2, first.lastPage + 1) * first.pageSize
        throw LMDBError(
            code: MDB_CORRUPTED, operation: "check", path: path,
            detail: "the file is cut short: \(size) bytes of at least \(expected)",
            truncation: .init(expectedBytes: expected, actualBytes: size))
    }
    let second = try meta(of: file, at: first.pageSize)
    let newest = first.transactionID >= second.transactionID ? first : second
    // A transaction writes meta page (its id & 1), and LMDB reads it back from there.
    let isInPlace = newest.transactionID == 0 || newest.transactionID & 1 == (newest == first ? 0 : 1)
    guard second.isPlausible, second.pageSize == first.pageSize, isInPlace else {
        throw LMDBError(code: MDB_CORRUPTED, operation: "check", path: path, detail: "meta page 1 is damaged")
    }
    return newest
}

private func meta(of file: borrowing OpenFile, at offset: UInt64) throws(LMDBError) -> MetaPage {
    let bytes = try file.read(at: offset, count: MetaPage.byteCount)
    do {
        return try MetaPage(bytes)
    } catch {
        let detail = "no LMDB header at byte \(offset); not a file of ours, or its start is damaged"
        throw LMDBError(code: error.code, operation: "check", path: file.path, detail: detail)
    }
}
