import LedgerDomain
import LedgerLog
import LedgerProof
import Platform
import Synchronization

/// Keeps the RFC 6962 tree over the stored records up, off the commit path.
///
/// The tree is derived: what `views/` holds of it is taken up when it gives the edge that its checkpoint wrote down and
/// the checkpoint's last record is the log's; otherwise the tree is made of the log again.
final class TreeKeeper: @unchecked Sendable {
    // Proof of Sendable: `tree`, `position` and `copies` are only touched with `lock` held; the rest is constant or atomic.
    private let lock = Lock()
    private let store: LogStore
    private let tree: TileTree
    private var position: LogPosition
    /// Records up to here were there at opening: their checksums are compared before they are hashed.
    private let checkedThrough: LogPosition
    private let leafCount: Atomic<UInt64>

    /// How many leaves are hashed in one snapshot of the log, and under one taking of the lock.
    private static let stretch = 1 << 14
    /// Events that are few enough to be copied out of their snapshot first, and hashed after it.
    private static let few: UInt64 = 1 << 14
    /// Records that are copied at once, at most: some hundred kilobytes as a rule, and never more than as many of the largest.
    private static let fewRecords = 1 << 11
    private let copies = RecordGroup()
    /// What was recorded last, for the tree to take.
    let recent = RecentRecords()

    /// Takes up the tree of a checkpoint, or begins an empty one.
    ///
    /// - Parameter manifest: a checkpoint that is known to be one of this log.
    init(_ store: LogStore, _ checkpoints: CheckpointStore?, _ manifest: Manifest?) throws(LogError) {
        self.store = store
        tree = TileTree(source: StoredTiles(store: store, checkpoints: checkpoints))
        checkedThrough = try store.head().position
        position = .start
        if let manifest, manifest.tree.size == manifest.head.records, manifest.tree.size > 0 {
            let back = Int(manifest.tree.size & 255) - 1
            let base = back < 0 ? .start : try store.base(back, recordsBefore: manifest.head.position)
            if let base, try tree.resume(manifest.tree, openTileBase: base.rawValue) {
                position = manifest.head.position
            }
        }
        leafCount = Atomic(tree.size)
    }

    /// Adds the leaves of records that end at or before a position.
    func catchUp(through target: LogPosition) throws(LogError) {
        if let fresh = recent.take() {
            defer { recent.giveBack(fresh) }
            // What lies before them is read from the log.
            let before = min(target, LogPosition(fresh.base(0).rawValue - 1))
            while try advance(through: before) {}
            append(fresh, through: target)
        }
        while try advance(through: target) {}
    }

    /// Adds the leaves of records in memory that follow on what the tree has.
    private func append(_ fresh: RecordGroup, through target: LogPosition) {
        lock.lock()
        defer {
            leafCount.store(tree.size, ordering: .releasing)
            lock.unlock()
        }
        for i in 0..<fresh.count where fresh.base(i).rawValue == position.rawValue + 1 {
            let record = unsafe fresh[i]
            let events = unsafe RecordHeader.statedEvents(record)
            let end = LogPosition(position.rawValue + UInt64(events))
            if end > target { return }
            unsafe tree.append(record, base: position.rawValue + 1)
            position = end
        }
    }

    /// Adds some leaves. False: there are none left.
    private func advance(through target: LogPosition) throws(LogError) -> Bool {
        lock.lock()
        defer { lock.unlock() }
        guard position < target else { return false }
        let before = position
        // What was hashed before a record that cannot be read stays hashed, and known.
        defer { leafCount.store(tree.size, ordering: .releasing) }
        if target.rawValue - before.rawValue <= Self.few {
            position = try copyAndHash(through: target)
        } else {
            _ = unsafe try leaves(through: target, limit: Self.stretch) { record, base in
                unsafe tree.append(record, base: base.rawValue)
                let events = unsafe RecordHeader.statedEvents(record)
                position = LogPosition(base.rawValue + UInt64(events) - 1)
            }
        }
        return position > before
    }

    /// Hashes copies of a few records, so that the snapshot is open no longer than it takes to copy them: see `RecentRecords`.
    private func copyAndHash(through target: LogPosition) throws(LogError) -> LogPosition {
        defer { copies.removeAll() }
        let end = unsafe try leaves(through: target, limit: Self.fewRecords) { record, base in
            unsafe copies.reserve().copyMemory(from: record)
            copies.commit(length: record.count, base: base)
        }
        for i in 0..<copies.count { unsafe tree.append(copies[i], base: copies.base(i).rawValue) }
        return end
    }

    private func leaves(
        through target: LogPosition, limit: Int, _ body: (UnsafeRawBufferPointer, LogPosition) -> Void
    ) throws(LogError) -> LogPosition {
        unsafe try store.leaves(
            after: position, through: target, limit: limit, ordinal: tree.size,
            isChecked: position < checkedThrough, body)
    }

    /// Leaves so far. Never waits.
    var size: UInt64 { leafCount.load(ordering: .acquiring) }

    /// Size and root now.
    func root() -> (size: UInt64, root: Digest32) { lock.locked { (tree.size, tree.root()) } }

    /// The right edge at a size, and the rows that `views/` lacks of the tree now: to be stored together. Rows that hold
    /// more than the size asks for do no harm: a row only ever grows.
    func snapshot(at size: UInt64) throws(LogError) -> (MerkleRange, [TileRow]) {
        try lock.locked { () throws(LogError) in (try tree.range(at: size), tree.rowsToStore()) }
    }

    /// Told when rows are durable.
    func stored(_ rows: [TileRow]) { lock.locked { tree.stored(rows) } }

    /// For proofs and tiles: the tree, for one thread at a time.
    func withTree<R>(_ body: (TileTree) throws(LogError) -> R) throws(LogError) -> R {
        try lock.locked { () throws(LogError) -> R in try body(tree) }
    }
}

/// What a tree reads back: rows from `views/`, records from the log.
private struct StoredTiles: TileSource {
    let store: LogStore
    let checkpoints: CheckpointStore?

    func row(level: Int, index: UInt64) throws(LogError) -> TileRow? {
        guard let checkpoints else { return nil }
        do { return try checkpoints.treeRow(level: level, index: index) } catch {
            throw LogError(error, "the hash tree in views/ cannot be read")
        }
    }

    func records(
        from base: UInt64, count: Int, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(LogError) {
        var left = count
        guard base > 0 else { return }
        _ = unsafe try store.scan(after: LogPosition(base - 1)) { record, _ throws(LogError) in
            unsafe body(record)
            left -= 1
            return left > 0
        }
    }
}
