import CPlatform
import Glibc
import LMDB
import LedgerDomain
import LedgerLog
import LedgerState
import Platform

/// What allows a swap of views.
public enum SwapGate: Sendable, Equatable {
    /// Both lead to the same state.
    case equal
    /// They differ in just what somebody has read: `ViewsDiff.hash`.
    case approved(String)
}

/// What a swap did.
public struct SwapReport: Sendable {
    /// What was compared; nil on the way back.
    public let diff: ViewsDiff?
    /// Whether the views were exchanged; else the gate stayed shut.
    public let isSwapped: Bool
}

extension LedgerFolders {
    /// A rebuild beside the live views.
    var nextViews: String { root + "/views.next" }
    /// What a swap has put aside.
    var oldViews: String { root + "/views.old" }
    /// Held by who rebuilds beside, or swaps.
    var nextLock: String { root + "/views.next.lock" }

    static func holdsFile(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// Deletes the files of one folder of views, and the folder.
    static func removeViews(_ folder: String) {
        for file in ["data.mdb", "lock.mdb"] { unsafe unlink("\(folder)/\(file)") }
        unsafe rmdir(folder)
    }

    /// Takes the lock of those who make or move views.
    func takeNextLock() throws(LedgerError) -> FileLockHolder {
        do {
            guard let file = try FileLock.acquire(path: nextLock) else {
                throw LedgerError(.busy, "somebody rebuilds or swaps the views of \(root) already")
            }
            return FileLockHolder(file)
        } catch let error as LMDBError {
            throw LedgerError(LogError(error, "cannot lock the views of \(root)"))
        } catch let error as LedgerError {
            throw error
        } catch {
            throw LedgerError(.inputOutput, "\(error)")
        }
    }
}

extension Ledger {
    /// Folds the log into new views beside the live ones, in `views.next/`. A writer goes on meanwhile; at the
    /// end they stand where the log stood when the last stretch began, and whoever opens them folds the tail.
    ///
    /// A checkpoint is written every so many events: a run that was stopped anywhere goes on from the last one.
    /// - Parameters:
    ///   - resume: Go on with what is there; else begin anew.
    ///   - threads: With two the views are folded beside the core.
    ///   - stretch: Events between checkpoints; a record is never cut.
    ///   - progress: Told the position and the log's end now and then.
    /// - Throws: `busy` when another rebuild or swap is at work.
    public static func rebuildBeside(
        at directory: String, resume: Bool = false, threads: Int = 2, stretch: UInt64 = 2_000_000,
        options: LedgerOptions = .init(), progress: (UInt64, UInt64) -> Void = { _, _ in }
    ) throws(LedgerError) -> RebuildReport {
        let folders = LedgerFolders(root: directory)
        guard folders.holdsLog else { throw LedgerError(.noLedger, "there is no ledger in \(directory)") }
        do throws(LogError) {
            let store = try LogStore.open(
                directory: folders.log, readOnly: true, mapSizeBytes: options.logMapBytes)
            defer { store.close() }
            return try rebuildBeside(store, folders, resume, threads, stretch, options, progress)
        } catch {
            throw LedgerError(error)
        }
    }

    /// As ``rebuildBeside(at:resume:threads:stretch:options:progress:)``, of the ledger that this process writes.
    public func rebuildBeside(
        resume: Bool = false, threads: Int = 2, stretch: UInt64 = 2_000_000,
        options: LedgerOptions = .init(), progress: (UInt64, UInt64) -> Void = { _, _ in }
    ) throws(LedgerError) -> RebuildReport {
        try current.checkOpen()
        do throws(LogError) {
            return try Self.rebuildBeside(
                store, LedgerFolders(root: directory), resume, threads, stretch, options, progress)
        } catch {
            throw LedgerError(error)
        }
    }

    private static func rebuildBeside(
        _ store: LogStore, _ folders: LedgerFolders, _ resume: Bool, _ threads: Int, _ stretch: UInt64,
        _ options: LedgerOptions, _ progress: (UInt64, UInt64) -> Void
    ) throws(LogError) -> RebuildReport {
        let lock: FileLockHolder
        do throws(LedgerError) {
            lock = try folders.takeNextLock()
            if !resume { LedgerFolders.removeViews(folders.nextViews) }
            try LedgerFolders.makeDirectory(folders.nextViews)
        } catch {
            throw LogError(error.code == .busy ? .busy : .inputOutput, error.message)
        }
        defer { lock.release() }
        let start = Clock.monotonicNanoseconds()
        let fold = try SideFold(store, folders.nextViews, options)
        defer { fold.close() }
        var end = try store.head().position
        repeat {
            let begin = fold.position
            var reach = begin.rawValue
            // Only whole records are folded: a stretch that ends within the next one goes on.
            repeat {
                reach = min(end.rawValue, reach + max(1, stretch))
                try fold.run(through: LogPosition(reach), threads: threads) { progress($0, end.rawValue) }
            } while fold.position == begin && reach < end.rawValue
            try fold.checkpoint()
            end = try store.head().position
            progress(fold.position.rawValue, end.rawValue)
            // A writer may be as fast: what comes in the last stretch is left to who opens the views.
        } while fold.position < end && end.rawValue - fold.position.rawValue > stretch / 8
        let seconds = Double(Clock.monotonicNanoseconds() - start) / 1e9
        return RebuildReport(
            position: fold.position, records: fold.records, stateDigest: try fold.digest(), seconds: seconds,
            threads: threads)
    }

    /// Puts the views that were rebuilt beside in the place of the live ones, in one step, if the gate allows it.
    /// The live ones are put aside in `views.old/`. Takes the writer's lock: nothing is written meanwhile.
    ///
    /// - Throws: `busy` while a process writes the ledger, `noLedger` when nothing was rebuilt.
    public static func swapViews(
        at directory: String, _ gate: SwapGate, options: LedgerOptions = .init(),
        progress: (UInt64) -> Void = { _ in }
    ) throws(LedgerError) -> SwapReport {
        let folders = LedgerFolders(root: directory)
        guard folders.holdsLog else { throw LedgerError(.noLedger, "there is no ledger in \(directory)") }
        let lock = try folders.takeLock()
        defer { lock.release() }
        let nextLock = try folders.takeNextLock()
        defer { nextLock.release() }
        let isLive = LedgerFolders.holdsFile(folders.views + "/data.mdb")
        let diff = try diff(
            at: directory, isLive ? .live : .fresh, .next, options: options, progress: progress)
        // The log alone would be compared with itself: views of no use are not put in place.
        guard diff.checkpoints.after != nil || diff.position == .start else {
            throw LedgerError(.broken, "no checkpoint in \(folders.nextViews) can be used: rebuild anew")
        }
        switch gate {
        case .approved(let hash) where hash != diff.hash:
            return SwapReport(diff: diff, isSwapped: false)
        case .equal where !diff.isEqual: return SwapReport(diff: diff, isSwapped: false)
        default: break
        }
        try LedgerFolders.makeDirectory(folders.views)
        try exchange(folders.views, folders.nextViews)
        // From here on the new views live. What is left is tidying, and a stop in it leaves only the old ones
        // under another name.
        LedgerFolders.removeViews(folders.oldViews)
        try rename(folders.nextViews, to: folders.oldViews)
        return SwapReport(diff: diff, isSwapped: true)
    }

    /// Puts back what the last swap has put aside, in one step; what lived until now is put aside instead.
    public static func swapViewsBack(at directory: String) throws(LedgerError) -> SwapReport {
        let folders = LedgerFolders(root: directory)
        guard folders.holdsLog else { throw LedgerError(.noLedger, "there is no ledger in \(directory)") }
        let lock = try folders.takeLock()
        defer { lock.release() }
        let nextLock = try folders.takeNextLock()
        defer { nextLock.release() }
        guard LedgerFolders.holdsFile(folders.oldViews + "/data.mdb") else {
            throw LedgerError(.noLedger, "no swap has put views aside in \(folders.oldViews)")
        }
        guard try OpenSide.holdsUsable(.old, of: directory) else {
            throw LedgerError(.broken, "no checkpoint in \(folders.oldViews) can be used: rebuild anew")
        }
        try LedgerFolders.makeDirectory(folders.views)
        try exchange(folders.views, folders.oldViews)
        return SwapReport(diff: nil, isSwapped: true)
    }

    /// Exchanges two folders' names in one step, and makes it durable.
    private static func exchange(_ a: String, _ b: String) throws(LedgerError) {
        let code = unsafe platform_exchange_paths(a, b)
        if code == 0 { return }
        let reason = unsafe String(cString: strerror(code))
        throw LedgerError(.inputOutput, "cannot exchange \(a) and \(b): \(reason)")
    }

    private static func rename(_ from: String, to: String) throws(LedgerError) {
        if unsafe Glibc.rename(from, to) == 0 { return }
        let reason = unsafe String(cString: strerror(errno))
        throw LedgerError(.inputOutput, "cannot rename \(from) to \(to): \(reason)")
    }
}

/// A fold into a folder of checkpoints that nobody else uses.
private final class SideFold {
    private let store: LogStore
    private let box: StateBox
    private let viewBox: ViewBox
    private let keeper: Keeper

    /// Takes up the newest checkpoint that is of this log, or begins.
    init(_ store: LogStore, _ folder: String, _ options: LedgerOptions) throws(LogError) {
        self.store = store
        let checkpoints = try CheckpointStore(
            directory: folder, readOnly: false, mapSizeBytes: options.viewsMapBytes)
        do throws(LogError) {
            let newest = ((try? checkpoints.readManifests()) ?? []).first { $0.ledgerId == store.ledgerId }
            var loaded = try Loader.load(
                store, checkpoints, through: newest?.head.position ?? .start)
            let (manifest, seed, head) = (loaded.takeManifest(), loaded.hashSeed, loaded.core.head)
            (box, viewBox) = Ledger.boxes(loaded)
            let tree = try TreeKeeper(store, checkpoints, manifest)
            var own = options
            own.checkpointOnClose = false
            keeper = try Keeper(
                store: store, checkpoints: checkpoints, box: box, viewBox: viewBox, tree: tree, options: own,
                hashSeed: seed, manifest: manifest, head: head)
        } catch {
            checkpoints.close()
            throw error
        }
    }

    var position: LogPosition { box.read { $0.head.position } }
    var records: UInt64 { box.read { $0.head.records } }

    func run(
        through position: LogPosition, threads: Int, _ progress: (UInt64) -> Void
    ) throws(LogError) {
        let side = threads > 1 ? ViewRun(store, viewBox, position) : nil
        let thread = side.map { side in WorkerThread(name: "ledger-fold") { side.run() } }
        do throws(LogError) {
            try box.read { core throws(LogError) in try Loader.foldTail(&core, store, position, progress) }
        } catch {
            thread?.join()
            throw error
        }
        thread?.join()
        if let failure = side?.failure { throw failure }
    }

    func checkpoint() throws(LogError) {
        keeper.note(box.read { $0.head })
        do throws(LedgerError) { try keeper.checkpoint() } catch {
            throw LogError(.inputOutput, error.message, position: error.position)
        }
    }

    func digest() throws(LogError) -> String {
        do throws(LedgerError) { return try PrivateDigest.compute(box, viewBox, store).digest.hex } catch {
            throw LogError(.broken, error.message, position: error.position)
        }
    }

    func close() {
        box.read { $0.records.release() }
        if keeper.beginClosing() { keeper.close() }
    }
}

/// The views' part of a stretch, on a thread of its own.
private final class ViewRun: @unchecked Sendable {
    // Proof of Sendable: `failure` is set inside the thread and read after its join; the rest is constant.
    private let store: LogStore
    private let box: ViewBox
    private let target: LogPosition
    private(set) var failure: LogError?

    init(_ store: LogStore, _ box: ViewBox, _ target: LogPosition) {
        (self.store, self.box, self.target) = (store, box, target)
    }

    func run() {
        do throws(LogError) {
            try box.lock.locked { () throws(LogError) in try box.catchUp(store, through: target) }
        } catch {
            failure = error
        }
    }
}
