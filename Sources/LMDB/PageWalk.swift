import CLMDB
import Glibc

/// The walk of ``PageCheck``: one header's trees and free list.
final class PageWalk {
    private enum Kind {
        static let overflow: UInt16 = 0x04
    }
    private enum NodeFlag {
        static let bigData: UInt16 = 0x01
        static let table: UInt16 = 0x02
    }
    static let pageHeader = 16
    static let nodeHeader = 8
    /// `MDB_MAXKEYSIZE` of LMDB 0.9.
    private static let longestKey = 511

    var report = PageCheckReport()
    private let header: HeaderPages.Header
    private let depth: PageCheck.Depth
    private let appendOnly: Set<String>
    private let pageSize: Int
    private let pagesInFile: UInt64
    private let window: PageWindow
    private var tidiness: PageTidiness
    private var seen: PageSet
    /// Pages of overflow runs that were not read, and so are in no set.
    private var uncounted: UInt64 = 0

    init(
        path: String, descriptor: Int32, size: UInt64, header: HeaderPages.Header, depth: PageCheck.Depth,
        appendOnly: Set<String>
    ) {
        self.header = header
        self.depth = depth
        self.appendOnly = appendOnly
        pageSize = Int(header.pageSize)
        pagesInFile = size / header.pageSize
        window = PageWindow(path: path, descriptor: descriptor, pageSize: pageSize)
        tidiness = PageTidiness(pageSize: pageSize)
        // Free pages at the end need not be in the file; a number that cannot be must not cost memory.
        seen = PageSet(count: min(header.lastPage + 1, pagesInFile * 2 + 1 << 24))
    }

    /// A tree on its way: what its record promises, what was found.
    private struct Tree {
        let name: String
        let record: TableRecord
        let isInteger: Bool
        let isAppendOnly: Bool
        let readsLeaves: Bool
        var branches: UInt64 = 0
        var leaves: UInt64 = 0
        var overflow: UInt64 = 0
        var entries: UInt64 = 0
        /// Tables that stand in this one: the main tree's.
        var tables: [(name: String, record: TableRecord)] = []
        /// Page numbers of the free list.
        var free: [UInt64] = []
        var isSound = true
    }

    func run() throws(LMDBError) {
        seen.insert(0)
        seen.insert(1)
        guard header.lastPage >= 1, seen.covers(header.lastPage) else {
            fault(0, "meta", nil, "it counts \(header.lastPage + 1) pages, the file has \(pagesInFile)")
            return
        }
        let main = try walk("tables", header.main, isSmall: true)
        var isSound = main.isSound
        for table in main.tables {
            isSound = try walk(table.name, table.record, isSmall: false).isSound && isSound
        }
        let free = try walk("free list", header.free, isSmall: true)
        isSound = free.isSound && isSound
        for page in free.free {
            if !seen.insert(page) {
                fault(page, "free list", nil, "it is free, and in use as well")
                isSound = false
            }
        }
        // Only a whole walk that found no fault knows what ought to be there.
        let found = seen.count + uncounted
        if isSound, found != header.lastPage + 1 {
            let lost = seen.firstMissing(through: header.lastPage)
            fault(
                lost ?? header.lastPage, "meta", nil,
                "\(header.lastPage + 1) pages are counted, \(found) are in a tree or free")
        }
    }

    private func fault(_ page: UInt64, _ table: String, _ key: UInt64?, _ message: String) {
        guard report.faults.count < PageCheck.mostFaults else { return }
        report.faults.append(PageFault(page: page, table: table, key: key, message: message))
    }

    // MARK: Trees

    private func walk(_ name: String, _ record: TableRecord, isSmall: Bool) throws(LMDBError) -> Tree {
        let reads: Bool =
            switch depth {
            case .all: true
            case .branches(let most): isSmall || record.leafPages <= most
            }
        if !reads { report.isWhole = false }
        var tree = Tree(
            name: name, record: record, isInteger: record.flags & TableRecord.integerKeys != 0,
            isAppendOnly: appendOnly.contains(name), readsLeaves: reads)
        let place = name == "free list" || name == "tables" ? "meta" : "tables"
        func promise(_ holds: Bool, _ message: String) {
            if !holds {
                fault(
                    record.root == TableRecord.noPage ? 0 : record.root, place, nil,
                    "the record of “\(name)” \(message)")
                tree.isSound = false
            }
        }
        if name != "free list" {
            promise(record.flags & ~TableRecord.integerKeys == 0, "has flags \(record.flags)")
            promise(record.pad == 0, "has a pad of \(record.pad)")
        }
        guard record.root != TableRecord.noPage else {
            promise(
                record.depth == 0 && record.entries == 0 && record.branchPages == 0 && record.leafPages == 0
                    && record.overflowPages == 0, "counts what an empty table has not")
            return tree
        }
        guard (1...32).contains(record.depth) else {
            promise(false, "says its tree is \(record.depth) deep")
            return tree
        }
        _ = try visit(record.root, depthLeft: Int(record.depth), bounds: Bounds(), isEdge: true, &tree)
        guard tree.isSound else { return tree }
        promise(
            tree.branches == record.branchPages,
            "counts \(record.branchPages) branch pages, there are \(tree.branches)")
        promise(
            tree.leaves == record.leafPages, "counts \(record.leafPages) leaf pages, there are \(tree.leaves)"
        )
        if reads {
            promise(
                tree.entries == record.entries, "counts \(record.entries) entries, there are \(tree.entries)")
            promise(
                tree.overflow == record.overflowPages,
                "counts \(record.overflowPages) overflow pages, there are \(tree.overflow)")
        } else {
            // Those of the leaves that were read are in the set.
            uncounted += record.overflowPages - min(tree.overflow, record.overflowPages)
        }
        return tree
    }

    /// What the page above says of the keys of a page: at or above the one, below the other.
    private struct Bounds {
        var low: [UInt8]?
        var high: [UInt8]?
    }

    /// First key of a subtree; nil when its leaves were not read, or it is damaged.
    private func visit(
        _ number: UInt64, depthLeft: Int, bounds: Bounds, isEdge: Bool, _ tree: inout Tree
    ) throws(LMDBError) -> [UInt8]? {
        if report.faults.count >= PageCheck.mostFaults {
            tree.isSound = false
            return nil
        }
        let low = tree.isInteger && tree.name != "free list" ? bounds.low : nil
        func refuse(_ message: String) {
            fault(number, tree.name, low.map { $0.littleEndian(at: 0, as: UInt64.self) }, message)
            tree.isSound = false
        }
        guard number >= 2, number <= header.lastPage, number < pagesInFile else {
            refuse("a page that the file does not hold is pointed to")
            return nil
        }
        guard seen.insert(number) else {
            refuse("it is in two places")
            return nil
        }
        let isBranch = depthLeft > 1
        if !isBranch {
            tree.leaves += 1
            guard tree.readsLeaves || isEdge else { return nil }
        }
        guard let page = try window.page(number, isAlone: isBranch || !tree.readsLeaves) else {
            refuse("the file ends inside it")
            return nil
        }
        report.pages += 1
        let (count, refusal) = tidiness.nodes(page, number: number, isBranch: isBranch)
        if let refusal = refusal ?? order(page, count, isBranch, bounds, tree) {
            refuse(refusal)
            return nil
        }
        if isBranch {
            tree.branches += 1
            return try children(page, count, number, depthLeft, bounds, isEdge, &tree)
        }
        tree.entries += UInt64(count)
        let first = page.bytes(node(page, 0, isBranch: false).key)
        if let refusal = try leafNodes(page, count, &tree) {
            refuse(refusal)
            return nil
        }
        return first
    }

    private func node(_ page: PageView, _ index: Int, isBranch: Bool) -> PageNode {
        PageNode(page, at: Int(page.u16(Self.pageHeader + 2 * index)), isBranch: isBranch)
    }

    private func children(
        _ page: PageView, _ count: Int, _ number: UInt64, _ depthLeft: Int, _ bounds: Bounds, _ isEdge: Bool,
        _ tree: inout Tree
    ) throws(LMDBError) -> [UInt8]? {
        // Copied: the pages below take the window.
        let nodes = (0..<count).map { index in
            let node = node(page, index, isBranch: true)
            return (child: node.child, key: page.bytes(node.key))
        }
        var first: [UInt8]?
        for (i, node) in nodes.enumerated() {
            let low = i == 0 ? bounds.low : node.key
            let high = i + 1 < nodes.count ? nodes[i + 1].key : bounds.high
            let isChildEdge = isEdge && (i == 0 || i == nodes.count - 1)
            let found = try visit(
                node.child, depthLeft: depthLeft - 1, bounds: Bounds(low: low, high: high),
                isEdge: isChildEdge, &tree)
            if i == 0 { first = found }
            if i > 0, tree.isAppendOnly, let found, let low, found != low {
                fault(number, tree.name, nil, "its separator \(i) is not the first key below it")
                tree.isSound = false
            }
        }
        return first
    }

    /// Whether the keys of a page rise, and lie where the page above says. Nil: they do.
    private func order(
        _ page: PageView, _ count: Int, _ isBranch: Bool, _ bounds: Bounds, _ tree: Tree
    ) -> String? {
        guard count >= (isBranch ? 2 : 1) else { return "it has \(count) nodes" }
        var before: Range<Int>?
        // The first key of a branch is not used: it stands for everything below the second.
        for index in (isBranch ? 1 : 0)..<count {
            let key = node(page, index, isBranch: isBranch).key
            guard (1...Self.longestKey).contains(key.count), !tree.isInteger || key.count == 8 else {
                return "a key has \(key.count) bytes"
            }
            let isRising =
                if let before {
                    tree.isInteger
                        ? page.u64(before.lowerBound) < page.u64(key.lowerBound)
                        : page.compare(before, key) < 0
                } else if let low = bounds.low {
                    isBranch ? compare(page, key, low, tree) > 0 : compare(page, key, low, tree) >= 0
                } else { true }
            guard isRising else { return "its keys do not rise" }
            before = key
        }
        if let high = bounds.high, let before, compare(page, before, high, tree) >= 0 {
            return "its last key is not below what the page above says"
        }
        return nil
    }

    /// Compares a key as LMDB does: as a number, or as bytes.
    private func compare(_ page: PageView, _ key: Range<Int>, _ other: [UInt8], _ tree: Tree) -> Int {
        guard tree.isInteger else { return page.compare(key, other) }
        let (a, b) = (page.u64(key.lowerBound), other.littleEndian(at: 0, as: UInt64.self))
        return a < b ? -1 : (a == b ? 0 : 1)
    }

    // MARK: Leaves

    /// Looks at what the entries of a leaf point to. Nil: they are sound.
    private func leafNodes(_ page: PageView, _ count: Int, _ tree: inout Tree) throws(LMDBError) -> String? {
        let isSpecial = tree.name == "tables" || tree.name == "free list"
        // Copied where reading on takes the window: the nodes that point elsewhere, their keys and numbers.
        var apart: [(size: Int, page: UInt64, key: UInt64)] = []
        for index in 0..<count {
            let node = node(page, index, isBranch: false)
            if node.flags == 0, !isSpecial { continue }
            guard node.flags & ~(NodeFlag.bigData | NodeFlag.table) == 0 else {
                return "an entry has flags \(node.flags)"
            }
            let isTable = node.flags & NodeFlag.table != 0
            guard isTable == (tree.name == "tables") else {
                return "an entry says wrongly whether it is a table"
            }
            let key = tree.isInteger ? page.u64(node.key.lowerBound) : 0
            if node.flags & NodeFlag.bigData != 0 {
                if isTable { return "a table's record lies outside of its page" }
                apart.append((node.size, page.u64(node.data), key))
            } else if isTable {
                guard node.size == TableRecord.byteCount else {
                    return "a table's record has \(node.size) bytes"
                }
                let name = String(decoding: page.bytes(node.key), as: UTF8.self)
                let record = page.bytes(node.data..<node.data + TableRecord.byteCount)
                tree.tables.append((name, TableRecord(record, at: 0)))
            } else if let refusal = take(page.bytes(node.data..<node.data + node.size), key, &tree) {
                return refusal
            }
        }
        for each in apart {
            if let refusal = try overflow(each.page, each.size, each.key, &tree) { return refusal }
        }
        return nil
    }

    /// A value on pages of its own.
    private func overflow(
        _ page: UInt64, _ size: Int, _ key: UInt64, _ tree: inout Tree
    ) throws(LMDBError) -> String? {
        let needed = UInt64((Self.pageHeader + size + pageSize - 1) / pageSize)
        guard page >= 2, page <= header.lastPage, needed <= header.lastPage - page + 1,
            page + needed <= pagesInFile
        else { return "a value points out of the file, to page \(page)" }
        if depth == .all || tree.name == "free list" {
            let start = try window.bytes(page, count: Self.pageHeader)
            report.pages += 1
            let kind = start.littleEndian(at: 10, as: UInt16.self)
            let count = UInt64(start.littleEndian(at: 12, as: UInt32.self))
            guard start.littleEndian(at: 0, as: UInt64.self) == page, kind == Kind.overflow, count == needed
            else {
                fault(page, tree.name, nil, "it is not the \(needed) overflow pages that a value needs")
                tree.isSound = false
                return nil
            }
        }
        tree.overflow += needed
        for each in page..<page + needed where !seen.insert(each) {
            return "its value's page \(each) is in two places"
        }
        guard tree.name == "free list" else { return nil }
        let value = try window.bytes(page, count: Self.pageHeader + size)
        return take(Array(value[Self.pageHeader...]), key, &tree)
    }

    /// An entry of the free list: a transaction, and the pages it freed, from the highest down.
    private func take(_ value: [UInt8], _ transaction: UInt64, _ tree: inout Tree) -> String? {
        guard transaction <= header.transactionID else { return "pages are said to be freed in the future" }
        guard value.count >= 8, value.count % 8 == 0 else {
            return "a list of free pages has \(value.count) bytes"
        }
        let count = value.littleEndian(at: 0, as: UInt64.self)
        guard count <= UInt64(value.count / 8 - 1) else {
            return "a list of free pages is too short for its \(count)"
        }
        var before = UInt64.max
        for i in 0..<Int(count) {
            let page = value.littleEndian(at: 8 + 8 * i, as: UInt64.self)
            guard page >= 2, page <= header.lastPage, page < before else {
                return "free pages are out of order or place"
            }
            before = page
            tree.free.append(page)
        }
        return nil
    }
}
