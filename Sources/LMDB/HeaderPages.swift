import CLMDB
import Glibc

/// What is written of a table: `MDB_db` of LMDB 0.9's `mdb.c`, 48 bytes.
struct TableRecord: Equatable {
    static let byteCount = 48
    static let integerKeys: UInt16 = 0x08
    static let noPage = UInt64.max

    let pad: UInt32
    let flags: UInt16
    let depth: UInt16
    let branchPages: UInt64
    let leafPages: UInt64
    let overflowPages: UInt64
    let entries: UInt64
    let root: UInt64

    init(_ bytes: [UInt8], at offset: Int) {
        pad = bytes.littleEndian(at: offset, as: UInt32.self)
        flags = bytes.littleEndian(at: offset + 4, as: UInt16.self)
        depth = bytes.littleEndian(at: offset + 6, as: UInt16.self)
        branchPages = bytes.littleEndian(at: offset + 8, as: UInt64.self)
        leafPages = bytes.littleEndian(at: offset + 16, as: UInt64.self)
        overflowPages = bytes.littleEndian(at: offset + 24, as: UInt64.self)
        entries = bytes.littleEndian(at: offset + 32, as: UInt64.self)
        root = bytes.littleEndian(at: offset + 40, as: UInt64.self)
    }
}

/// Both header pages of a data file (`MDB_meta`), wholly read.
struct HeaderPages: Equatable {
    struct Header: Equatable {
        let number: UInt64
        let flags: UInt16
        let address: UInt64
        let pageSize: UInt64
        let free: TableRecord
        let main: TableRecord
        let lastPage: UInt64
        let transactionID: UInt64

        init(_ bytes: [UInt8]) {
            number = bytes.littleEndian(at: 0, as: UInt64.self)
            flags = bytes.littleEndian(at: 10, as: UInt16.self)
            address = bytes.littleEndian(at: 24, as: UInt64.self)
            free = TableRecord(bytes, at: 40)
            main = TableRecord(bytes, at: 88)
            pageSize = UInt64(free.pad)
            lastPage = bytes.littleEndian(at: 136, as: UInt64.self)
            transactionID = bytes.littleEndian(at: 144, as: UInt64.self)
        }
    }
    let both: [Header]

    /// The one that LMDB goes by (`mdb_env_pick_meta`).
    var newest: Header { both[0].transactionID >= both[1].transactionID ? both[0] : both[1] }

    /// Both pages as they were at one instant.
    /// - Throws: `LMDBError` when they are no headers of LMDB's, or keep changing.
    static func stable(_ file: borrowing OpenFile) throws(LMDBError) -> HeaderPages {
        try checkHeaders(of: file)
        for _ in 0..<1_000 {
            let once = try HeaderPages(file)
            if try HeaderPages(file) == once { return once }
        }
        throw LMDBError(
            code: EAGAIN, operation: "check", path: file.path,
            detail: "the file changes too fast to be checked")
    }

    private init(_ file: borrowing OpenFile) throws(LMDBError) {
        let first = Header(try Self.bytes(file, 0))
        both = [first, Header(try Self.bytes(file, first.pageSize))]
    }

    private static func bytes(_ file: borrowing OpenFile, _ offset: UInt64) throws(LMDBError) -> [UInt8] {
        let bytes = try file.read(at: offset, count: MetaPage.byteCount)
        guard bytes.count == MetaPage.byteCount else {
            throw LMDBError(
                code: MDB_CORRUPTED, operation: "check", path: file.path, detail: "the file is cut short")
        }
        return bytes
    }

    /// What the two pages say against each other.
    var faults: [PageFault] {
        var out: [PageFault] = []
        func require(_ page: Int, _ holds: Bool, _ message: String) {
            if !holds { out.append(PageFault(page: UInt64(page), table: "meta", key: nil, message: message)) }
        }
        for (page, header) in both.enumerated() {
            require(page, header.number == UInt64(page), "it says to be page \(header.number)")
            require(page, header.flags == 0x08, "its kind is \(header.flags), not a header's 8")
            require(page, header.address == 0, "it names a fixed address")
            require(
                page,
                header.pageSize == both[0].pageSize && header.free.flags == both[0].free.flags
                    && header.free.flags & TableRecord.integerKeys != 0 && header.main.flags == 0
                    && header.main.pad == 0,
                "constant fields differ from what LMDB writes")
        }
        let (a, b) = (both[0].transactionID, both[1].transactionID)
        // Each commit writes the page its number's last bit names; the other holds the commit before.
        require(
            1, a == b ? a == 0 : max(a, b) - min(a, b) == 1,
            "transactions \(a) and \(b) do not follow each other")
        require(0, a & 1 == 0, "transaction \(a) belongs on page 1")
        require(1, b & 1 == 1 || b == 0, "transaction \(b) belongs on page 0")
        let (newer, older) = a >= b ? (both[0], both[1]) : (both[1], both[0])
        require(
            a >= b ? 1 : 0, older.lastPage <= newer.lastPage || older.transactionID == newer.transactionID,
            "the file was longer before")
        return out
    }
}
