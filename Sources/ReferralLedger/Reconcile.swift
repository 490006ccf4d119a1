import LedgerDomain
import LedgerLog
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
            try work.walk(through: current.position, progress: progress)
            let viewBox = current.viewBox
            return try writer.whileIdle { core throws(LogError) in
                try work.walk(through: core.head.position, progress: progress)
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
