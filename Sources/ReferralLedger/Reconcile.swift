import LMDB
import LedgerDomain
import LedgerLog
import LedgerProof
import LedgerReconcile
import LedgerState
import LedgerViews
import Platform

@_exported import struct LedgerReconcile.ReconcileBreak
@_exported import struct LedgerReconcile.ReconcileCheck
@_exported import struct LedgerReconcile.ReconcileReport
@_exported import struct LedgerReconcile.ReconcileResult

extension Ledger {
    /// Checks a ledger's books, life cycles, tree and keys against its log, and lists what is on its way.
    /// `Documentation/reconcile.md` says what is checked.
    ///
    /// Reads only; a writer may go on beside it. The state that is checked is what a reader would get: the
    /// checkpoint and the log's tail. Without a checkpoint it is the fresh fold's own.
    /// Memory: two states, entries for each user, grant, refund and withdrawal, and 10 bytes a payment.
    ///
    /// ```swift
    /// let report = try Ledger.reconcile(at: folder)
    /// for found in report.breaks { print(found.kind.rawValue, found.code, found.message) }
    /// ```
    /// - Parameters:
    ///   - limit: Breaks listed of each check; their totals are always whole.
    ///   - progress: Told the position now and then.
    /// - Throws: `noLedger`, `newer`, `inputOutput`. What is wrong inside is in the report; a log that cannot
    ///   be read is too: see `isLogBroken`.
    public static func reconcile(
        at directory: String, limit: Int = 100, options: LedgerOptions = .init(),
        progress: (UInt64) -> Void = { _ in }
    ) throws(LedgerError) -> ReconcileReport {
        let folders = LedgerFolders(root: directory)
        try folders.requireLog()
        do throws(LogError) {
            let store = try LogStore.open(
                directory: folders.log, readOnly: true, mapSizeBytes: options.logMapBytes)
            defer { store.close() }
            let vault =
                folders.holdsKeys
                ? try KeyVault(
                    directory: folders.keys, readOnly: true, ledgerId: store.ledgerId, mayCreate: false)
                : nil
            defer { vault?.close() }
            return try reconcile(store, vault, folders, limit, options, progress)
        } catch {
            throw LedgerError(error)
        }
    }

    private static func reconcile(
        _ store: LogStore, _ vault: KeyVault?, _ folders: LedgerFolders, _ limit: Int,
        _ options: LedgerOptions, _ progress: (UInt64) -> Void
    ) throws(LogError) -> ReconcileReport {
        var work = Reconciliation(store, vault: vault, limit: limit)
        let fresh = work.growTree()
        try work.walk(progress: progress)
        if work.isLogBroken { return try work.report() }
        guard
            let checkpoints = try? CheckpointStore(
                directory: folders.views, readOnly: true, mapSizeBytes: options.viewsMapBytes)
        else {
            try work.compareFold()
            return try work.report()
        }
        defer { checkpoints.close() }
        work.add(treeFaults: try checkpoints.treeFaults(against: fresh, store))
        guard let manifests = try? checkpoints.readManifests(), !manifests.isEmpty else {
            try work.compareFold()
            return try work.report()
        }
        let (box, viewBox) = boxes(try Loader.load(store, checkpoints, through: work.position))
        defer { box.read { $0.records.release() } }
        try viewBox.catchUp(store, through: work.position)
        try work.compare(&box.core, &viewBox.views)
        if let table = box.core.damagedTable ?? viewBox.views.damagedTable { throw .damaged(table) }
        return try work.report()
    }

    /// As ``reconcile(at:limit:options:progress:)``, of the state that this process writes.
    ///
    /// The log is walked beside the writer; then it waits, and readers with it, while rows are compared and
    /// each id is looked up. Where nothing may wait, reconcile from another process.
    public func reconcile(
        limit: Int = 100, progress: (UInt64) -> Void = { _ in }
    ) throws(LedgerError) -> ReconcileReport {
        try current.checkOpen()
        do throws(LogError) {
            var work = Reconciliation(store, vault: vault, limit: limit)
            let fresh = work.growTree()
            try work.walk(through: current.position, progress: progress)
            let viewBox = current.viewBox
            return try writer.whileIdle { core throws(LogError) in
                try work.walk(through: core.head.position, progress: progress)
                if !work.isLogBroken {
                    let faults = try keeper.hashTree.faults(
                        against: fresh, in: keeper.checkpoints, store, through: core.head.position)
                    work.add(treeFaults: faults)
                }
                try viewBox.lock.locked { () throws(LogError) in
                    try viewBox.catchUp(store, through: core.head.position)
                    try work.compare(&core, &viewBox.views)
                }
                if let table = core.damagedTable ?? viewBox.views.damagedTable { throw .damaged(table) }
                return try work.report()
            }
        } catch {
            throw LedgerError(error)
        }
    }
}

extension Reconciliation {
    /// A hash tree that grows with the walk, of nothing but the records. About 0.2 µs and 0.16 bytes a record.
    fileprivate mutating func growTree() -> TileTree {
        let fresh = TileTree(source: NoTiles())
        unsafe onRecord = { record, base in unsafe fresh.append(record, base: base.rawValue) }
        return fresh
    }
}

extension CheckpointStore {
    /// What of the stored rows is not what the log's records give.
    fileprivate func treeFaults(against fresh: TileTree, _ store: LogStore) throws(LogError) -> [String] {
        do throws(LMDBError) {
            let wrong = try wrongTreeRows(fresh)
            if wrong.isEmpty { return [] }
            // Beside a writer rows may hold records that came after the walk: those are nothing to say of.
            let head: LogHead
            do throws(LogError) { head = try store.head() } catch { return Self.said(wrong) }
            return Self.said(head.records == fresh.size ? wrong : try wrongTreeRows(fresh, mayHoldMore: true))
        } catch {
            throw LogError(error, "the hash tree in views/ cannot be read")
        }
    }

    private static func said(_ rows: [String]) -> [String] {
        rows.map { "row \($0) of the hash tree in views/ is not what the records give" }
    }
}

extension TreeKeeper {
    /// What of the tree of an open ledger is not what the log's records give up to a position.
    fileprivate func faults(
        against fresh: TileTree, in checkpoints: CheckpointStore, _ store: LogStore, through end: LogPosition
    ) throws(LogError) -> [String] {
        try catchUp(through: end)
        var faults = try checkpoints.treeFaults(against: fresh, store)
        let (size, root) = root()
        if size != fresh.size || root != fresh.root() {
            faults.append(
                "the tree of \(size) records has the root \(root), the \(fresh.size) that were walked \(fresh.root())"
            )
        }
        return faults
    }
}
