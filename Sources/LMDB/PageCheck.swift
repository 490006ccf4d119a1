import Glibc

/// A page of a data file that cannot be what LMDB wrote.
public struct PageFault: Sendable, Equatable {
    /// Its number; its place in the file is that times the page size.
    public let page: UInt64
    /// What the page was reached as: a table's name, or `meta`, `free list`, `tables`.
    public let table: String
    /// The key at which the page was found, of tables with integer keys, where it is known.
    public let key: UInt64?
    /// What is wrong. One sentence for people.
    public let message: String
}

/// What a check of pages went through.
public struct PageCheckReport: Sendable, Equatable {
    /// Pages read.
    public internal(set) var pages: UInt64 = 0
    /// Faults in the order found; no more than ``PageCheck/mostFaults``.
    public internal(set) var faults: [PageFault] = []
    /// Whether leaf pages were read, too.
    public internal(set) var isWhole = true
}

/// Walks the pages of a data file by `pread`, without LMDB, and trusts none of them.
///
/// LMDB follows what it finds in pages, and keeps no checksums of them: a flipped bit can lead it out of the file. This
/// looks at every reachable page first: header pages, branches, leaves, overflow pages, the free list (`MDB_page`,
/// `MDB_node`, `MDB_db`, `MDB_meta` of LMDB 0.9's `mdb.c`, 64-bit). Held to be true of each: its number, its kind, that its
/// nodes fill it without gap or overlap, that keys rise and lie between their neighbours above, that all leaves are equally
/// deep, that the counts in the table's record are those found; and of all together: that each page up to the last is in
/// one place, or free, once. As etcd's bbolt has it in `tx_check.go`.
///
/// What is left: bytes that hold no information (gaps inside pages, padding, the rest of header pages, what the older header
/// page says of its trees), and the values themselves, which only their owner can judge.
public enum PageCheck {
    /// How much of a file is read.
    public enum Depth: Sendable, Equatable {
        /// All pages.
        case all
        /// What LMDB needs to find its way: header pages, branches, the free list, the table of tables, and the leaves of
        /// tables that have no more leaf pages than this; of others the first and the last.
        case branches(leavesUpTo: UInt64)
    }

    /// After so many faults the walk ends.
    public static let mostFaults = 20

    /// Checks a file that no process writes, or an instant of one that is written.
    ///
    /// - Parameters:
    ///   - path: of `data.mdb`.
    ///   - depth: how much is read.
    ///   - appendOnly: names of tables that only ever grew at their end: separators are then exactly the first keys.
    /// - Throws: `LMDBError` when the file cannot be read, or has no header of LMDB's.
    public static func run(
        path: String, depth: Depth = .all, appendOnly: Set<String> = []
    ) throws(LMDBError) -> PageCheckReport {
        let file = try OpenFile(path: path, flags: O_RDONLY, operation: "open")
        // A writer may reuse pages while they are read. A fault counts when the header is the same afterwards.
        for _ in 0..<64 {
            let headers = try HeaderPages.stable(file)
            let report = try walk(file, headers, headers.newest, depth, appendOnly)
            if report.faults.isEmpty { return report }
            if try HeaderPages.stable(file) == headers { return report }
        }
        return PageCheckReport(pages: 0, faults: [], isWhole: false)
    }

    static func walk(
        _ file: borrowing OpenFile, _ headers: HeaderPages, _ header: HeaderPages.Header, _ depth: Depth,
        _ appendOnly: Set<String>
    ) throws(LMDBError) -> PageCheckReport {
        let walk = PageWalk(
            path: file.path, descriptor: file.descriptor, size: try file.size(), header: header, depth: depth,
            appendOnly: appendOnly)
        walk.report.faults = headers.faults
        walk.report.pages = 2
        try walk.run()
        return walk.report
    }
}

extension Environment {
    /// Checks every page that the newest snapshot reaches, beside a writer if there is one: the snapshot is held meanwhile,
    /// so that none of its pages is reused.
    /// - Parameter appendOnly: as of ``PageCheck/run(path:depth:appendOnly:)``.
    public func checkPages(appendOnly: Set<String> = []) throws(LMDBError) -> PageCheckReport {
        let path = directory + "/" + EnvironmentOpening.dataFileName
        let file = try OpenFile(path: path, flags: O_RDONLY, operation: "open")
        for _ in 0..<1_000 {
            let read = try beginRead()
            let id = try read.id
            // Two more commits, and the header page of this snapshot is another's.
            let headers = try HeaderPages.stable(file)
            guard let header = headers.both.first(where: { $0.transactionID == id }) else { continue }
            return try PageCheck.walk(file, headers, header, .all, appendOnly)
        }
        throw LMDBError(
            code: EAGAIN, operation: "check", path: path, detail: "the file changes too fast to be checked")
    }
}
