import Glibc
import LedgerDomain
import LedgerLog
import LedgerState
import LedgerViews
import Platform
import Synchronization

/// The views and their lock, and the ranked boards that readers may use without it.
final class ViewBox: @unchecked Sendable {
    // Proof of Sendable: `views`, `ranked` and `stretch` are only touched with `lock` held, `published` with
    // `publishing` held; the rest is atomic or constant.
    let lock = Lock()
    var views: ViewState
    var ranked = RankedBoards()
    /// What is being folded; kept, as it is asked for again and again.
    private let stretch = FoldStretch(hash: nil)

    /// A board as it was last made.
    struct Published {
        let key: BoardKey
        var board: RankedBoard
        /// When (monotonic nanoseconds) its position was the newest on disk.
        var asOf: UInt64
        /// When it was last asked for.
        var askedAt: UInt64
    }
    /// Taken for a moment, and never while anything is folded. When both are, `lock` comes first.
    private let publishing = Lock()
    private var published: [Published] = []
    private static let bound = 64

    /// When a board was last asked for; and whether the views' keeper sleeps and is to be woken then.
    let askedAt = Atomic<UInt64>(0)
    let isKeeperAsleep = Atomic<Bool>(false)
    let wake = Condition()
    let wakeLock = Lock()

    private let waiting = Atomic<Int>(0)

    init(_ views: consuming ViewState) { self.views = views }

    /// Takes the lock, as one whom the keeper lets in between two pieces of its work.
    func lockForReading() {
        waiting.add(1, ordering: .relaxed)
        lock.lock()
        waiting.subtract(1, ordering: .relaxed)
    }

    /// Lets waiting readers in. Called by the keeper, with the lock held.
    func letReadersIn() {
        if waiting.load(ordering: .relaxed) == 0 { return }
        lock.unlock()
        // A mutex is not fair: give a waiter the time to take it.
        var turns = 0
        while waiting.load(ordering: .relaxed) > 0, turns < 20 {
            usleep(20)
            turns += 1
        }
        lock.lock()
    }

    /// The board as it was last made, if it was; and tells the keeper that somebody asks.
    func published(_ key: BoardKey, askedAt now: UInt64) -> Published? {
        askedAt.store(now, ordering: .sequentiallyConsistent)
        if isKeeperAsleep.load(ordering: .sequentiallyConsistent) { wakeLock.locked { wake.signal() } }
        publishing.lock()
        defer { publishing.unlock() }
        for i in published.indices where published[i].key == key {
            published[i].askedAt = now
            return published[i]
        }
        return nil
    }

    /// Lets readers have a board.
    func publish(_ key: BoardKey, _ board: RankedBoard, asOf: UInt64, askedAt: UInt64? = nil) {
        publishing.locked {
            if let known = published.firstIndex(where: { $0.key == key }) {
                // Never back: somebody else may have been faster.
                guard published[known].board.position <= board.position else { return }
                published[known].board = board
                published[known].asOf = max(asOf, published[known].asOf)
            } else if let askedAt {
                if published.count >= Self.bound { published.removeFirst() }
                published.append(Published(key: key, board: board, asOf: asOf, askedAt: askedAt))
            }
        }
    }

    /// The boards that were asked for since a moment.
    func keys(askedSince moment: UInt64) -> [BoardKey] {
        publishing.locked { published.filter { $0.askedAt >= moment }.map(\.key) }
    }

    /// Whether any board is kept for readers.
    var hasBoards: Bool { publishing.locked { !published.isEmpty } }

    /// Forgets what was not asked for since a moment.
    func forget(before moment: UInt64) {
        publishing.locked { published.removeAll { $0.askedAt < moment } }
    }
}

extension ViewBox {
    /// Folds records up to a position. Called with the lock held.
    func catchUp(_ store: LogStore, through position: LogPosition) throws(LogError) {
        guard views.head.position < position else { return }
        unsafe try store.scanStretches(
            after: views.head.position, through: position, of: FoldStretch.capacity
        ) { records throws(LogError) in
            unsafe stretch.fill(records)
            do throws(FoldFault) {
                try views.apply(stretch)
            } catch {
                throw LogError(.broken, error.message, position: error.position)
            }
        }
    }
}
