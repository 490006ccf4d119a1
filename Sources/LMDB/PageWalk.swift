import CLMDB
import Glibc

/// The walk of ``PageCheck``: one header's trees and free list.
final class PageWalk {
    private enum Kind {
        static let branch: UInt16 = 0x01
        static let leaf: UInt16 = 0x02
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
    private var window: PageWindow
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
            uncounted += record.overflowPages
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
        _ page: UInt64, depthLeft: Int, bounds: Bounds, isEdge: Bool, _ tree: inout Tree
    ) throws(LMDBError) -> [UInt8]? {
        if report.faults.count >= PageCheck.mostFaults {
            tree.isSound = false
            return nil
        }
        let key =
            tree.isInteger && tree.name != "free list"
            ? bounds.low.map { $0.littleEndian(at: 0, as: UInt64.self) } : nil
        func refuse(_ message: String) {
            fault(page, tree.name, key, message)
            tree.isSound = false
        }
        guard page >= 2, page <= header.lastPage, page < pagesInFile else {
            refuse("a page that the file does not hold is pointed to")
            return nil
        }
        guard seen.insert(page) else {
            refuse("it is in two places")
            return nil
        }
        if depthLeft == 1 {
            tree.leaves += 1
            guard tree.readsLeaves || isEdge else { return nil }
        }
        let bytes = try window.page(page, keeping: depthLeft > 1)
        report.pages += 1
        let kind = depthLeft > 1 ? Kind.branch : Kind.leaf
        let nodes: [PageNode]
        switch PageNode.all(bytes, page: page, kind: kind, pageSize: pageSize) {
        case .failure(let message):
            refuse(message.text)
            return nil
        case .success(let found): nodes = found
        }
        guard nodes.count >= (kind == Kind.branch ? 2 : 1) else {
            refuse("it has \(nodes.count) nodes")
            return nil
        }
        if let message = order(nodes, bytes, kind, bounds, tree) {
            refuse(message)
            return nil
        }
        if kind == Kind.leaf {
            tree.entries += UInt64(nodes.count)
            for node in nodes {
                if let message = try leafNode(node, bytes, &tree) {
                    refuse(message)
                    return nil
                }
            }
            return Array(bytes[nodes[0].key])
        }
        tree.branches += 1
        return try children(nodes, bytes, page, depthLeft, bounds, isEdge, &tree)
    }

    private func children(
        _ nodes: [PageNode], _ bytes: [UInt8], _ page: UInt64, _ depthLeft: Int, _ bounds: Bounds,
        _ isEdge: Bool, _ tree: inout Tree
    ) throws(LMDBError) -> [UInt8]? {
        var first: [UInt8]?
        for (i, node) in nodes.enumerated() {
            let low = i == 0 ? bounds.low : Array(bytes[node.key])
            let high = i + 1 < nodes.count ? Array(bytes[nodes[i + 1].key]) : bounds.high
            let isChildEdge = isEdge && (i == 0 || i == nodes.count - 1)
            let found = try visit(
                node.child, depthLeft: depthLeft - 1, bounds: Bounds(low: low, high: high),
                isEdge: isChildEdge, &tree)
            if i == 0 { first = found }
            if i > 0, tree.isAppendOnly, let found, let low, found != low {
                fault(page, tree.name, nil, "its separator \(i) is not the first key below it")
                tree.isSound = false
            }
        }
        return first
    }

    /// Whether the keys of a page rise, and lie where the page above says. Nil: they do.
    private func order(
        _ nodes: [PageNode], _ bytes: [UInt8], _ kind: UInt16, _ bounds: Bounds, _ tree: Tree
    ) -> String? {
        // The first key of a branch is not used: it stands for everything below the second.
        let keyed = kind == Kind.branch ? nodes.dropFirst() : nodes[...]
        var before = kind == Kind.branch ? bounds.low : nil
        for node in keyed {
            let key = bytes[node.key]
            guard (1...Self.longestKey).contains(key.count), !tree.isInteger || key.count == 8 else {
                return "a key has \(key.count) bytes"
            }
            if let low = before {
                let isRising = KeyOrder.isBelow(low[...], key, isInteger: tree.isInteger)
                guard isRising else { return "its keys do not rise" }
            }
            before = Array(key)
        }
        if kind == Kind.leaf, let low = bounds.low, let node = nodes.first,
            KeyOrder.isBelow(bytes[node.key], low[...], isInteger: tree.isInteger)
        {
            return "its first key is below what the page above says"
        }
        if let high = bounds.high, let last = before,
            !KeyOrder.isBelow(last[...], high[...], isInteger: tree.isInteger)
        {
            return "its last key is not below what the page above says"
        }
        return nil
    }

    // MARK: Leaves

    /// Looks at an entry. Nil: it is sound.
    private func leafNode(_ node: PageNode, _ bytes: [UInt8], _ tree: inout Tree) throws(LMDBError) -> String?
    {
        guard node.flags & ~(NodeFlag.bigData | NodeFlag.table) == 0 else {
            return "an entry has flags \(node.flags)"
        }
        let isTable = node.flags & NodeFlag.table != 0
        guard isTable == (tree.name == "tables") else { return "an entry says wrongly whether it is a table" }
        if node.flags & NodeFlag.bigData != 0 {
            if isTable { return "a table's record lies outside of its page" }
            return try overflow(node, bytes, &tree)
        }
        if isTable {
            guard node.size == TableRecord.byteCount else { return "a table's record has \(node.size) bytes" }
            let name = String(decoding: bytes[node.key], as: UTF8.self)
            tree.tables.append((name, TableRecord(bytes, at: node.data)))
        } else if tree.name == "free list" {
            return take(Array(bytes[node.data..<node.data + node.size]), bytes, node, &tree)
        }
        return nil
    }

    /// A value on pages of its own.
    private func overflow(_ node: PageNode, _ bytes: [UInt8], _ tree: inout Tree) throws(LMDBError) -> String?
    {
        let page = bytes.littleEndian(at: node.data, as: UInt64.self)
        let needed = UInt64((Self.pageHeader + node.size + pageSize - 1) / pageSize)
        guard page >= 2, page <= header.lastPage, needed <= header.lastPage - page + 1,
            page + needed <= pagesInFile
        else { return "a value points out of the file, to page \(page)" }
        if depth == .all || tree.name == "free list" {
            let start = try window.bytes(page, count: Self.pageHeader)
            report.pages += 1
            let (number, kind) = (
                start.littleEndian(at: 0, as: UInt64.self), start.littleEndian(at: 10, as: UInt16.self)
            )
            let count = UInt64(start.littleEndian(at: 12, as: UInt32.self))
            guard number == page, kind == Kind.overflow, count == needed else {
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
        let value = try window.bytes(page, count: Self.pageHeader + node.size)
        return take(Array(value[Self.pageHeader...]), bytes, node, &tree)
    }

    /// An entry of the free list: a transaction, and the pages it freed, from the highest down.
    private func take(_ value: [UInt8], _ bytes: [UInt8], _ node: PageNode, _ tree: inout Tree) -> String? {
        let transaction = bytes.littleEndian(at: node.key.lowerBound, as: UInt64.self)
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

/// How LMDB compares keys: as numbers, or as bytes from the left.
enum KeyOrder {
    static func isBelow(_ a: ArraySlice<UInt8>, _ b: ArraySlice<UInt8>, isInteger: Bool) -> Bool {
        isInteger ? a.reversed().lexicographicallyPrecedes(b.reversed()) : a.lexicographicallyPrecedes(b)
    }
}
