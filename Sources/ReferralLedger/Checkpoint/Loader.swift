import LMDB
import LedgerDomain
import LedgerLog
import LedgerState
import Platform

/// A state that was opened: from a checkpoint and the log's tail, or from the log alone.
struct LoadedState: ~Copyable {
    var core: CoreState
    var views: ViewState
    var manifest: Manifest?
    var hashSeed: UInt64

    /// The manifest, for who keeps it longer than the state. Moved out, not copied: the optimiser (Swift 6.3) has taken a copy, used
    /// after the state was consumed, from the state that was gone.
    mutating func takeManifest() -> Manifest? {
        var taken: Manifest?
        swap(&taken, &manifest)
        return taken
    }
}

/// Opens states.
enum Loader {
    /// The newest checkpoint at or before a position that is one of this log, then the log's tail.
    ///
    /// - Parameter through: Where to stop; nil: at the log's end.
    static func load(
        _ store: LogStore, _ checkpoints: CheckpointStore?, through: LogPosition? = nil,
        progress: (UInt64) -> Void = { _ in }, viewsToo: Bool = false
    ) throws(LogError) -> LoadedState {
        let end = try store.head()
        let target = through.map { min($0, end.position) } ?? end.position
        for manifest in (try? checkpoints?.readManifests()) ?? [] {
            guard manifest.ledgerId == store.ledgerId, manifest.head.position <= target,
                manifest.viewsHead.position <= target, try holds(manifest, store)
            else { continue }
            if let loaded = try attach(manifest, checkpoints!, store, target, progress) { return loaded }
        }
        return viewsToo ? try foldOnTwoThreads(store, target, progress) : try fold(store, target, progress)
    }

    /// The core on this thread, the views on another: nothing of one depends on the other.
    private static func foldOnTwoThreads(
        _ store: LogStore, _ target: LogPosition, _ progress: (UInt64) -> Void
    ) throws(LogError) -> LoadedState {
        var loaded = try emptyState(store)
        let seed = loaded.hashSeed
        let side = ViewFold(store, target, seed)
        let thread = WorkerThread(name: "ledger-fold") { side.run() }
        do throws(LogError) {
            try foldTail(&loaded.core, store, target, progress)
        } catch {
            thread.join()
            throw error
        }
        thread.join()
        loaded.views = try side.take()
        return loaded
    }

    /// The views' part of a fold on two threads.
    private final class ViewFold: @unchecked Sendable {
        // Proof of Sendable: the fields are touched by one thread at a time, before its start, inside it, and
        // after its join.
        private let store: LogStore
        private let target: LogPosition
        private let box: ViewBox
        private let seed: UInt64
        private var failure: LogError?

        init(_ store: LogStore, _ target: LogPosition, _ seed: UInt64) {
            self.store = store
            self.target = target
            self.seed = seed
            box = ViewBox(ViewState(hashSeed: seed))
        }

        func run() {
            do throws(LogError) { try box.catchUp(store, through: target) } catch { failure = error }
        }

        func take() throws(LogError) -> ViewState {
            if let failure { throw failure }
            var empty = ViewState(hashSeed: seed)
            swap(&empty, &box.views)
            return empty
        }
    }

    /// Whether the record that a checkpoint ends with is the one in the log.
    static func holds(_ manifest: Manifest, _ store: LogStore) throws(LogError) -> Bool {
        if manifest.head.position == .start { return true }
        guard let base = try store.baseOfRecord(holding: manifest.head.position),
            let record = try store.record(at: base)
        else { return false }
        return SHA256Hasher().hash(record) == manifest.recordHash
    }

    private static func attach(
        _ manifest: Manifest, _ checkpoints: CheckpointStore, _ store: LogStore, _ target: LogPosition,
        _ progress: (UInt64) -> Void
    ) throws(LogError) -> LoadedState? {
        guard let blocks = try? CheckpointBlocks(checkpoints, manifest.tables) else { return nil }
        var core = CoreState(records: RecordSource(store), hashSeed: manifest.hashSeed)
        var views = ViewState(hashSeed: manifest.hashSeed)
        let shapes = manifest.tables.map(\.shape)
        guard core.attach(shapes.filter { !ViewState.owns(table: $0.table) }, source: blocks),
            views.attach(shapes.filter { ViewState.owns(table: $0.table) }, source: blocks), core.isSound
        else { return nil }
        core.resume(at: manifest.head)
        views.resume(at: manifest.viewsHead, sequence: manifest.sequence)
        do throws(LogError) {
            try recallCalendars(manifest, core, &views)
            try foldTail(&core, store, target, progress)
        } catch {
            // Blocks of zeros contradict the log: it is the checkpoint that is not to be used.
            if core.damagedTable != nil { return nil }
            throw error
        }
        // A damaged block shows on first touch.
        if core.damagedTable != nil { return nil }
        return LoadedState(core: core, views: views, manifest: manifest, hashSeed: manifest.hashSeed)
    }

    /// What the views know of policies and closed periods, as of the checkpoint.
    private static func recallCalendars(
        _ manifest: Manifest, _ core: borrowing CoreState, _ views: inout ViewState
    ) throws(LogError) {
        for i in 0..<core.policies.count {
            let row = core.policies[i]
            let base = core.policyPositions[i]
            if base > manifest.viewsHead.position.rawValue { continue }
            try core.visitPolicy(i) { views.recall(policy: $0, in: ProgrammeNumber(UInt16(row.programme))) }
        }
        for (i, closed) in manifest.closedTo.enumerated() { views.recall(closedTo: closed, in: i) }
    }

    /// From the log alone.
    static func fold(
        _ store: LogStore, _ target: LogPosition, _ progress: (UInt64) -> Void = { _ in }
    ) throws(LogError) -> LoadedState {
        var loaded = try emptyState(store)
        try foldTail(&loaded.core, store, target, progress)
        return loaded
    }

    private static func emptyState(_ store: LogStore) throws(LogError) -> LoadedState {
        let seed: UInt64
        do { seed = try Crypto.randomWord() } catch { throw LogError(.inputOutput, error.message) }
        return LoadedState(
            core: CoreState(records: RecordSource(store), hashSeed: seed), views: ViewState(hashSeed: seed),
            manifest: nil, hashSeed: seed)
    }

    /// A fold of as many events is worth threads of its own, for reading and for ids.
    private static let aheadFrom: UInt64 = 100_000

    static func foldTail(
        _ core: inout CoreState, _ store: LogStore, _ target: LogPosition, _ progress: (UInt64) -> Void
    ) throws(LogError) {
        let begin = core.head.position
        guard begin < target else { return }
        var (count, told) = (0, 0)
        func fold(_ stretch: FoldStretch) throws(LogError) {
            do throws(FoldFault) {
                try core.apply(stretch)
            } catch {
                throw LogError(.broken, "\(error.check): \(error.message)", position: error.position)
            }
            count += stretch.count
            if count - told >= 1 << 16 {
                told = count
                progress(core.head.position.rawValue)
            }
        }
        if target.rawValue - begin.rawValue < aheadFrom {
            let stretch = FoldStretch(hash: core.hash)
            unsafe try store.scanStretches(after: begin, through: target, of: FoldStretch.capacity) {
                records throws(LogError) in
                unsafe stretch.fill(records)
                try fold(stretch)
            }
            return
        }
        if begin == .start { core.spreadIds() }
        defer { core.gatherIds() }
        try DecodingAhead(store, hash: core.hash, after: begin, through: target).forEach(fold)
    }
}
