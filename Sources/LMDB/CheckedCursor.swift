/// A position in a ``CheckedTable``, moving in key order.
///
/// Each move returns key and value, or nil past the end; the buffers are good as long as those of the table. A fresh
/// cursor's ``nextInteger()`` goes to the first entry, its ``previousInteger()`` to the last. Past an end it stays where
/// it was.
@safe public struct CheckedCursor: ~Copyable {
    private let table: CheckedTable
    /// Numbers of the branches above the leaf, from the root down, and which of their entries was taken.
    private var path: [(page: UInt64, index: Int)] = []
    private var leaf: UnsafeRawPointer?
    private var index = 0
    private var count = 0
    /// Where the leaf behind this one is, as far as the branch above says: its lines are asked for while this one is read.
    /// (Nodes stand from a page's end down, each read upwards: no processor foresees that.)
    private var following: UnsafeRawPointer?

    init(_ table: CheckedTable) {
        self.table = table
        path.reserveCapacity(table.depth)
    }

    /// What a move finds.
    public typealias Entry = (key: UInt64, value: UnsafeRawBufferPointer)

    /// The entry with the least key.
    public mutating func firstInteger() throws(LMDBError) -> Entry? {
        guard table.depth > 0 else { return nil }
        path.removeAll(keepingCapacity: true)
        try unsafe down(from: table.top()) { _ in 0 }
        index = 0
        return try unsafe current()
    }

    /// The entry with the greatest key.
    public mutating func lastInteger() throws(LMDBError) -> Entry? {
        guard table.depth > 0 else { return nil }
        path.removeAll(keepingCapacity: true)
        let table = table
        try unsafe down(from: table.top()) { unsafe table.count($0) - 1 }
        index = count - 1
        return try unsafe current()
    }

    /// The first entry whose key is `key` or greater.
    public mutating func seekInteger(atLeast key: UInt64) throws(LMDBError) -> Entry? {
        guard table.depth > 0 else { return nil }
        path.removeAll(keepingCapacity: true)
        let table = table
        try unsafe down(from: table.top()) { unsafe table.childIndex($0, key) }
        index = unsafe leaf.map { unsafe table.lowerBound($0, key) } ?? 0
        if index < count { return try unsafe current() }
        index = count - 1
        return try unsafe nextInteger()
    }

    /// The entry after the current one.
    @inline(__always)
    public mutating func nextInteger() throws(LMDBError) -> Entry? {
        if index + 1 < count {
            index += 1
            unsafe table.prefetch(following, part: index - 1, of: count - 1)
            return try unsafe current()
        }
        return try unsafe turn(by: 1)
    }

    /// The entry before the current one.
    public mutating func previousInteger() throws(LMDBError) -> Entry? {
        if index > 0 {
            index -= 1
            return try unsafe current()
        }
        return try unsafe turn(by: -1)
    }

    @inline(__always)
    private func current() throws(LMDBError) -> Entry? {
        guard let leaf = unsafe leaf else { return nil }
        return try unsafe table.entry(leaf, index)
    }

    /// To the next leaf, or the one before.
    private mutating func turn(by step: Int) throws(LMDBError) -> Entry? {
        guard unsafe leaf != nil else {
            return step > 0 ? try unsafe firstInteger() : try unsafe lastInteger()
        }
        var level = path.count - 1
        while level >= 0 {
            let next = path[level].index + step
            if next >= 0, unsafe next < table.count(table.address(of: path[level].page)) { break }
            level -= 1
        }
        guard level >= 0 else { return nil }
        path.removeLast(path.count - 1 - level)
        path[level].index += step
        let (parent, at) = path[level]
        let table = table
        let page = try unsafe table.child(
            of: table.address(of: parent), at, isBranch: level + 2 < table.depth)
        try unsafe down(from: page) { unsafe step > 0 ? 0 : table.count($0) - 1 }
        index = step > 0 ? 0 : count - 1
        return try unsafe current()
    }

    /// From a page down to a leaf, by the entry that `choose` takes of each branch.
    private mutating func down(
        from page: UnsafeRawPointer, _ choose: (UnsafeRawPointer) -> Int
    ) throws(LMDBError) {
        var page = unsafe page
        while path.count + 1 < table.depth {
            let index = unsafe choose(page)
            unsafe path.append((table.number(page), index))
            unsafe page = try table.child(of: page, index, isBranch: path.count + 1 < table.depth)
        }
        unsafe leaf = page
        count = unsafe table.count(page)
        unsafe following = path.last.flatMap { last in
            unsafe table.follower(of: last.index, in: table.address(of: last.page))
        }
    }
}

@available(*, unavailable, message: "one thread at a time may use a cursor")
extension CheckedCursor: Sendable {}
