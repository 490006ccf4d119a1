import LMDB
import LedgerDomain
import LedgerLog
import LedgerState
import LedgerViews
import Platform

/// A ledger opened for reading only: beside a running writer, on a copy, or on a folder that cannot be
/// written.
///
/// It reads the checkpoint and folds the log's tail privately; `refresh` takes up what was written since.
/// Needs no keys: nothing sealed is shown.
public final class LedgerArchive: Sendable {
    /// The ledger's folder.
    public let directory: String
    /// The ledger's id, hexadecimal.
    public var ledgerId: String { store.ledgerId.hex }
    let store: LogStore
    let checkpoints: CheckpointStore?
    private let readers = OpenReaders()
    /// The state at the log's end, as of opening or the last `refresh`.
    public let current: LedgerReader

    private init(directory: String, store: LogStore, checkpoints: CheckpointStore?, current: LedgerReader) {
        self.directory = directory
        self.store = store
        self.checkpoints = checkpoints
        self.current = current
    }

    /// Opens a ledger for reading.
    ///
    /// ```swift
    /// let archive = try LedgerArchive.open(at: "/var/lib/acme/ledger")   // the writer may go on
    /// print(try archive.current.status().stateDigest)
    /// ```
    ///
    /// - Parameter progress: Told the position now and then while the log is folded.
    public static func open(
        at directory: String, options: LedgerOptions = .init(), progress: (UInt64) -> Void = { _ in }
    ) throws(LedgerError) -> LedgerArchive {
        let folders = LedgerFolders(root: directory)
        try folders.requireLog()
        do throws(LogError) {
            let store = try LogStore.open(
                directory: folders.log, readOnly: true, mapSizeBytes: options.logMapBytes)
            let checkpoints = try? CheckpointStore(
                directory: folders.views, readOnly: true, mapSizeBytes: options.viewsMapBytes)
            do throws(LogError) {
                let reader = try makeReader(store, checkpoints, through: nil, progress: progress)
                return LedgerArchive(
                    directory: directory, store: store, checkpoints: checkpoints, current: reader)
            } catch {
                checkpoints?.close()
                store.close()
                throw error
            }
        } catch {
            throw LedgerError(error)
        }
    }

    /// Where a ledger's log ends. Cost: one look-up; nothing is folded.
    public static func end(
        at directory: String, options: LedgerOptions = .init()
    ) throws(LedgerError) -> LogPosition {
        let folders = LedgerFolders(root: directory)
        guard folders.holdsLog else { throw LedgerError(.noLedger, "there is no ledger in \(directory)") }
        do throws(LogError) {
            let store = try LogStore.open(
                directory: folders.log, readOnly: true, mapSizeBytes: options.logMapBytes)
            defer { store.close() }
            return try store.head().position
        } catch {
            throw LedgerError(error)
        }
    }

    /// Opens a ledger by folding its whole log, whatever checkpoints there are. For measuring, and for
    /// doubters.
    public static func openWithoutCheckpoint(
        at directory: String, options: LedgerOptions = .init()
    ) throws(LedgerError) -> LedgerArchive {
        let folders = LedgerFolders(root: directory)
        try folders.requireLog()
        do throws(LogError) {
            let store = try LogStore.open(
                directory: folders.log, readOnly: true, mapSizeBytes: options.logMapBytes)
            do throws(LogError) {
                let reader = try makeReader(store, nil, through: nil)
                return LedgerArchive(directory: directory, store: store, checkpoints: nil, current: reader)
            } catch {
                store.close()
                throw error
            }
        } catch {
            throw LedgerError(error)
        }
    }

    /// Folds a state of its own up to a position.
    static func makeReader(
        _ store: LogStore, _ checkpoints: CheckpointStore?, through: LogPosition?,
        progress: (UInt64) -> Void = { _ in }
    ) throws(LogError) -> LedgerReader {
        let loaded = try Loader.load(store, checkpoints, through: through, progress: progress)
        let head = loaded.core.head
        let tree = try TreeKeeper(store, checkpoints, loaded.manifest)
        let (box, viewBox) = Ledger.boxes(loaded)
        let reader = LedgerReader(
            store: store, box: box, viewBox: viewBox, tree: tree, fixed: through == nil ? nil : head.position)
        reader.attach(digest: { () throws(LedgerError) in
            try PrivateDigest.compute(box, viewBox, store)
        })
        return reader
    }

    /// The state at a past position: of the last record that ends at or before it.
    public func past(at position: LogPosition) throws(LedgerError) -> LedgerReader {
        do throws(LogError) {
            return readers.add(try Self.makeReader(store, checkpoints, through: position))
        } catch {
            throw LedgerError(error)
        }
    }

    /// The state at a past moment by recorded order: of the last record with `recordedAt` ≤ the moment.
    public func past(at moment: Timestamp) throws(LedgerError) -> LedgerReader {
        do throws(LogError) {
            let position = try store.position(recordedBy: moment)
            return readers.add(try Self.makeReader(store, checkpoints, through: position))
        } catch {
            throw LedgerError(error)
        }
    }

    /// The events after a position; with `follow`, those that a writer in another process adds, too.
    public func events(after position: LogPosition = .start, follow: Bool = false) -> EventSequence {
        EventSequence(reader: current, signal: nil, after: position, follows: follow)
    }

    /// Lets go of the files; further questions to this archive and to its past states throw `closed`.
    public func close() {
        readers.closeAll()
        current.release()
        checkpoints?.close()
        store.close()
    }
}

extension Ledger {
    /// The state at a past position, folded privately from the nearest checkpoint. The writer goes on.
    public func past(at position: LogPosition) throws(LedgerError) -> LedgerReader {
        try current.checkOpen()
        do throws(LogError) {
            return readers.add(try LedgerArchive.makeReader(store, keeper.checkpointStore, through: position))
        } catch {
            throw LedgerError(error)
        }
    }

    /// The state at a past moment by recorded order.
    public func past(at moment: Timestamp) throws(LedgerError) -> LedgerReader {
        try current.checkOpen()
        do throws(LogError) {
            let position = try store.position(recordedBy: moment)
            return readers.add(try LedgerArchive.makeReader(store, keeper.checkpointStore, through: position))
        } catch {
            throw LedgerError(error)
        }
    }
}

extension LedgerReader {
    /// Takes up what another process has written since. Nothing for a past state, or beside the writer.
    public func refresh() throws(LedgerError) {
        try checkOpen()
        guard fixed == nil else { return }
        do throws(LogError) {
            let end = try store.head()
            try box.read { core throws(LogError) in
                guard core.head.position < end.position, store.isReadOnly else { return }
                core.records.release()
                unsafe try store.scan(after: core.head.position, through: end.position) {
                    record, header throws(LogError) in
                    do throws(FoldFault) {
                        try unsafe core.apply(record: record, header: header)
                    } catch {
                        throw LogError(.broken, "\(error.check): \(error.message)", position: error.position)
                    }
                    return true
                }
                core.records.release()
            }
        } catch {
            throw LedgerError(error)
        }
    }

    /// The ledger at a glance. Cost: hashing of what changed since the last digest, and the tree's tail.
    public func status() throws(LedgerError) -> LedgerStatus {
        let (digest, head) = try computeDigest()
        do throws(LogError) { try tree.catchUp(through: head.position) } catch { throw LedgerError(error) }
        let (size, root): (UInt64, Digest32)
        do throws(LogError) {
            // A state by business time shares its ledger's tree, which may have grown since.
            (size, root) =
                business == nil
                ? tree.root()
                : (
                    head.records,
                    try tree.withTree { tree throws(LogError) in try tree.root(at: head.records) }
                )
        } catch { throw LedgerError(error) }
        let logBytes: UInt64
        do throws(LogError) { logBytes = try store.info().usedBytes } catch { throw LedgerError(error) }
        return try reading { core throws(LogError) in
            var programmes: [ProgrammeStatus] = []
            // Those that took effect; parked ones wait.
            let refunds = (0..<core.visibleTotals).reduce(0) {
                $0 + Int(core.visibleRow(total: $1)?.refunds ?? 0)
            }
            for i in 0..<core.visibleProgrammes {
                guard let row = core.visibleRow(programme: i) else { continue }
                let latest = core.visiblePolicy(ProgrammeNumber(UInt16(i)), at: Timestamp(nanoseconds: .max))
                let policy = try latest.map { index throws(LogError) in try core.readPolicy(index) }
                programmes.append(
                    ProgrammeStatus(
                        id: try core.programmeId(i).string, asset: AssetNumber(rawValue: row.asset),
                        members: business?.members(in: i) ?? Int(row.members),
                        policyVersion: policy?.version ?? 0,
                        policyName: policy?.policy.name ?? "",
                        businessClock: row.clock == .min ? nil : Timestamp(nanoseconds: row.clock)))
            }
            return LedgerStatus(
                ledgerId: store.ledgerId.hex, position: head.position, records: head.records,
                lastRecordedAt: head.records == 0 ? nil : head.recordedAt,
                users: business?.users ?? core.visibleUsers,
                members: business?.allMembers ?? core.visibleMembers, payments: core.visiblePayments,
                refunds: refunds,
                codes: core.visibleCodes, parked: core.visibleWaiting, programmes: programmes,
                stateDigest: digest.hex,
                foldVersion: "\(CoreState.foldVersion).\(ViewState.foldVersion)", treeSize: size,
                logRoot: root.hex,
                logBytes: logBytes)
        }
    }
}

/// The digest of a state that nobody writes.
enum PrivateDigest {
    static func compute(
        _ box: StateBox, _ viewBox: ViewBox, _ store: LogStore
    ) throws(LedgerError) -> (digest: Digest32, head: LogHead) {
        do throws(LogError) {
            return try box.read { core throws(LogError) in
                try viewBox.lock.locked { () throws(LogError) -> (digest: Digest32, head: LogHead) in
                    try viewBox.catchUp(store, through: core.head.position)
                    let coreTables = core.freeze(at: core.head).tables
                    let viewTables = viewBox.views.freeze(at: core.head).tables
                    var parts =
                        unsafe DigestWork.hash(coreTables) {
                            unsafe core.take(table: $0, block: $1, into: $2, forCheckpoint: false)
                        } keep: {
                            core.keep(hash: $0, table: $1, block: $2)
                        }
                    parts += unsafe DigestWork.hash(viewTables) {
                        unsafe viewBox.views.take(table: $0, block: $1, into: $2, forCheckpoint: false)
                    } keep: {
                        viewBox.views.keep(hash: $0, table: $1, block: $2)
                    }
                    core.thaw()
                    viewBox.views.thaw()
                    if let table = core.damagedTable ?? viewBox.views.damagedTable { throw .damaged(table) }
                    return (StateDigest.combine(parts), core.head)
                }
            }
        } catch {
            throw LedgerError(error)
        }
    }
}
