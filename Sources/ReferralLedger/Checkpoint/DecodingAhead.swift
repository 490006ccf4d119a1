import LedgerDomain
import LedgerLog
import LedgerState
import Platform

/// Reads, checks and decodes records on a thread of its own, while those before are folded.
///
/// Stretches go round: filled here, folded by whoever takes them, filled again; so memory is bounded by `stretches` of
/// them. They come in log order, whatever the threads do.
final class DecodingAhead: @unchecked Sendable {
    // Proof of Sendable: everything below `lock` is touched with it held.

    /// Stretches under way: some 1 MiB.
    private static let stretches = 6

    private let store: LogStore
    private let after: LogPosition
    private let through: LogPosition
    private let lock = Lock()
    private let changed = Condition()
    private var free: [FoldStretch]
    private var ready: [FoldStretch] = []
    private var failure: LogError?
    /// All was read, or reading failed.
    private var hasEnded = false
    /// Nobody wants more.
    private var isStopped = false
    private var thread: WorkerThread?

    /// Begins to read what lies after a position, up to another.
    /// - Parameter hash: of the state that folds.
    init(_ store: LogStore, hash: KeyedHash, after: LogPosition, through: LogPosition) {
        self.store = store
        self.after = after
        self.through = through
        free = (0..<Self.stretches).map { _ in FoldStretch(hash: hash) }
        thread = WorkerThread(name: "ledger-decode") { [self] in run() }
    }

    /// Hands stretches to `fold`, in order, until all were folded or it throws.
    /// - Throws: what `fold` throws; else why the log could not be read, at the place where that is.
    func forEach(_ fold: (FoldStretch) throws(LogError) -> Void) throws(LogError) {
        defer { stop() }
        while let stretch = try take() {
            try fold(stretch)
            lock.lock()
            free.append(stretch)
            lock.unlock()
            changed.broadcast()
        }
    }

    private func take() throws(LogError) -> FoldStretch? {
        lock.lock()
        defer { lock.unlock() }
        while ready.isEmpty, !hasEnded { changed.wait(lock) }
        if !ready.isEmpty { return ready.removeFirst() }
        if let failure { throw failure }
        return nil
    }

    private func stop() {
        lock.lock()
        isStopped = true
        lock.unlock()
        changed.broadcast()
        thread?.join()
        thread = nil
    }

    private func run() {
        var found: LogError?
        // The one that is being filled.
        var stretch: FoldStretch?
        do throws(LogError) {
            unsafe try store.scanStretches(after: after, through: through, of: FoldStretch.piece) {
                records throws(LogError) in
                let filled: FoldStretch
                if let known = stretch { filled = known } else { filled = try takeFree() }
                stretch = filled
                unsafe filled.add(records)
                if filled.count + FoldStretch.piece <= FoldStretch.capacity { return }
                stretch = nil
                handOver(filled)
            } atEndOfSnapshot: {
                // What was read lies in the snapshot's pages.
                if let filled = stretch { handOver(filled) }
                stretch = nil
                waitUntilFolded()
            }
        } catch {
            found = error
        }
        lock.lock()
        failure = found
        hasEnded = true
        lock.unlock()
        changed.broadcast()
    }

    private func handOver(_ stretch: FoldStretch) {
        lock.lock()
        ready.append(stretch)
        lock.unlock()
        changed.broadcast()
    }

    /// An empty stretch to fill. Throws when nobody wants more; nobody hears of that.
    private func takeFree() throws(LogError) -> FoldStretch {
        lock.lock()
        defer { lock.unlock() }
        while free.isEmpty, !isStopped { changed.wait(lock) }
        if isStopped { throw LogError(.closed, "the fold has ended") }
        let stretch = free.removeLast()
        stretch.empty()
        return stretch
    }

    private func waitUntilFolded() {
        lock.lock()
        while free.count < Self.stretches, !isStopped { changed.wait(lock) }
        lock.unlock()
    }
}
