import LedgerDomain
import LedgerLog
import LedgerState
import LedgerViews
import Platform

/// Keeps the views, and the boards that are asked for, close behind the log: while somebody asks, and for
/// some seconds after.
///
/// Nobody pays for leaderboards that nobody looks at: without questions the views are folded by checkpoints
/// and digests.
final class ViewKeeper: @unchecked Sendable {
    // Proof of Sendable: `isClosing` is only touched with the box's `wakeLock` held, `thread` by who starts
    // and closes.
    private static let second: UInt64 = 1_000_000_000
    /// For how long after a question boards are kept up, and then for how long they are kept at all.
    private static let attention = 5 * second
    private static let memory = 60 * second
    /// Events folded before waiting readers are let in: about two milliseconds.
    private static let slice: UInt64 = 8_192
    private static let shortestRest: UInt64 = 10_000_000
    private static let longestRest: UInt64 = 300_000_000

    private let store: LogStore
    private let box: ViewBox
    private let durable: @Sendable () -> LogPosition
    private var isClosing = false
    private var thread: WorkerThread?

    init(_ store: LogStore, _ box: ViewBox, durable: @escaping @Sendable () -> LogPosition) {
        self.store = store
        self.box = box
        self.durable = durable
    }

    func start() { thread = WorkerThread(name: "ledger-views") { [unowned self] in loop() } }

    func beginClosing() {
        box.wakeLock.locked {
            isClosing = true
            box.wake.broadcast()
        }
    }

    func join() { thread?.join() }

    private func loop() {
        var rest = Self.shortestRest
        while awaitQuestions(rest) {
            let began = Clock.monotonicNanoseconds()
            // What fails here fails again, with a message, where somebody asks for it.
            do throws(LogError) { try keepUp(began) } catch { rest = Self.longestRest }
            // A fifth of a processor at most goes into boards while others write.
            let took = Clock.monotonicNanoseconds() - began
            rest = min(max(took * 4, Self.shortestRest), Self.longestRest)
        }
    }

    /// Rests, then waits for somebody to ask; false when the ledger closes.
    private func awaitQuestions(_ rest: UInt64) -> Bool {
        box.wakeLock.lock()
        defer { box.wakeLock.unlock() }
        let until = Clock.monotonicNanoseconds() + rest
        while !isClosing, Clock.monotonicNanoseconds() < until {
            _ = box.wake.wait(box.wakeLock, until: until)
        }
        box.isKeeperAsleep.store(true, ordering: .sequentiallyConsistent)
        defer { box.isKeeperAsleep.store(false, ordering: .sequentiallyConsistent) }
        while !isClosing {
            // Looked at after it was said that the keeper sleeps: whoever asks later wakes it.
            let asked = box.askedAt.load(ordering: .sequentiallyConsistent)
            let idle = Clock.monotonicNanoseconds() &- asked
            if asked != 0, idle < Self.attention { return true }
            guard box.hasBoards else {
                box.wake.wait(box.wakeLock)
                continue
            }
            if idle < Self.memory {
                _ = box.wake.wait(box.wakeLock, until: asked + Self.memory)
                continue
            }
            box.wakeLock.unlock()
            forget()
            box.wakeLock.lock()
        }
        return false
    }

    private func forget() {
        box.lock.locked {
            box.forget(before: .max)
            box.ranked.dropAll(&box.views)
        }
    }

    /// Folds what is on disk, then makes the boards that are asked for.
    private func keepUp(_ now: UInt64) throws(LogError) {
        let target = durable()
        var isBehind = true
        while isBehind {
            box.lock.lock()
            defer { box.lock.unlock() }
            let next = LogPosition(box.views.head.position.rawValue + Self.slice)
            try box.catchUp(store, through: min(next, target))
            isBehind = next < target
            box.letReadersIn()
        }
        for key in box.keys(askedSince: now &- Self.attention) {
            box.lock.lock()
            defer { box.lock.unlock() }
            // Of zeros in the place of a damaged block nothing is told.
            if box.views.damagedTable != nil { return }
            let board = box.ranked.board(key, &box.views)
            if box.views.damagedTable != nil { return }
            box.publish(key, board, asOf: now)
            box.letReadersIn()
        }
    }
}
