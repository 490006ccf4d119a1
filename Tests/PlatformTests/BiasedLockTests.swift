import CPlatform
import Foundation
import Platform
import Synchronization
import Testing

/// Readers beside one another, writers alone.
@Suite(.serialized, .enabled(if: platform_can_peek())) struct BiasedLockTests {
    /// Peeks begin after as many readers have taken the lock as pay for forbidding them, and end with the next lock.
    @Test func peeksAreAllowedAfterInvitations() {
        let lock = BiasedLock()
        #expect(lock.peek { 1 } == nil)
        for _ in 0..<63 { lock.locked { lock.invitePeeks() } }
        #expect(lock.peek { 1 } == nil)
        lock.locked { lock.invitePeeks() }
        #expect(lock.peek { 1 } == 1)
        #expect(lock.peek { () -> Int? in nil } == nil)
        #expect(lock.peek { 2 } == 2)
        lock.locked {}
        #expect(lock.peek { 1 } == nil)
        allow(lock)
        #expect(lock.tryLock())
        lock.unlock()
        #expect(lock.peek { 1 } == nil)
    }

    /// Whoever invites may go on changing things: peeks begin when the lock is let go of.
    @Test func peeksBeginAfterTheLock() {
        let lock = BiasedLock()
        for _ in 0..<63 { lock.locked { lock.invitePeeks() } }
        let seen = Atomic<Int>(0)
        lock.locked {
            lock.invitePeeks()
            WorkerThread(name: "reader") { seen.store(lock.peek { 1 } ?? -1, ordering: .relaxed) }.join()
        }
        let answer = seen.load(ordering: .relaxed)
        #expect(answer == -1)
        #expect(lock.peek { 1 } == 1)
    }

    /// A thread that peeks does not begin another one: of this lock or of one beside it.
    @Test func peeksAreNotNested() {
        let (lock, other) = (BiasedLock(), BiasedLock())
        allow(lock)
        allow(other)
        #expect(lock.peek { lock.peek { 1 } ?? 0 } == 0)
        #expect(lock.peek { other.peek { 1 } ?? 0 } == 0)
        #expect(other.peek { 1 } == 1)
    }

    /// Who takes the lock waits for the peek that another thread is in.
    @Test func aLockWaitsForPeeks() {
        let lock = BiasedLock()
        allow(lock)
        let (begun, mayEnd) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let hasEnded = Atomic<Bool>(false)
        let reader = WorkerThread(name: "reader") {
            let peeked = lock.peek { () -> Int? in
                begun.signal()
                mayEnd.wait()
                hasEnded.store(true, ordering: .relaxed)
                return 1
            }
            #expect(peeked == 1)
            // Without a peek nobody need wait for one for ever.
            if peeked == nil { begun.signal() }
        }
        begun.wait()
        let isHeld = Atomic<Bool>(false)
        let writer = WorkerThread(name: "writer") {
            lock.lock()
            isHeld.store(true, ordering: .sequentiallyConsistent)
            let wasAlone = hasEnded.load(ordering: .relaxed)
            #expect(wasAlone)
            lock.unlock()
        }
        // It cannot be shown that somebody waits for ever: a while must do.
        usleep(20_000)
        let isTooEarly = isHeld.load(ordering: .sequentiallyConsistent)
        #expect(!isTooEarly)
        mayEnd.signal()
        reader.join()
        writer.join()
        let wasHeld = isHeld.load(ordering: .sequentiallyConsistent)
        #expect(wasHeld)
    }

    /// Words that only belong together under the lock are never seen apart, whatever comes between. (That who locks does not wait
    /// would show; that memory is not ordered would not on every processor: the window is some nanoseconds.)
    @Test func nothingHalfDoneIsSeen() {
        let shared = Shared()
        let writers = (0..<2).map { _ in
            WorkerThread(name: "writer") { for _ in 0..<20_000 { shared.change() } }
        }
        let peeks = Atomic<Int>(0)
        let torn = Atomic<Int>(0)
        let readers = (0..<3).map { _ in
            WorkerThread(name: "reader") {
                while !shared.isDone {
                    let difference = shared.difference()
                    if difference.peeked { peeks.add(1, ordering: .relaxed) }
                    if difference.value != 0 { torn.add(1, ordering: .relaxed) }
                }
            }
        }
        for writer in writers { writer.join() }
        // On a machine that never let a reader in between: now nobody is in the way.
        for _ in 0..<100 where shared.difference().peeked { peeks.add(1, ordering: .relaxed) }
        shared.end()
        for reader in readers { reader.join() }
        let (seen, wrong) = (peeks.load(ordering: .relaxed), torn.load(ordering: .relaxed))
        #expect(wrong == 0 && seen > 0)
    }

    /// Threads come and go, and there are more of them than can announce themselves: those take the lock.
    @Test func threadsBeyondTheSlots() {
        let lock = BiasedLock()
        allow(lock)
        for _ in 0..<2 {
            let allowed = Atomic<Int>(0)
            let refused = Atomic<Int>(0)
            let allHere = Barrier(300)
            let threads = (0..<300).map { _ in
                WorkerThread(name: "reader") {
                    let peeked = lock.peek { 1 } == 1
                    if peeked {
                        allowed.add(1, ordering: .relaxed)
                    } else {
                        refused.add(1, ordering: .relaxed)
                    }
                    allHere.wait()
                }
            }
            for thread in threads { thread.join() }
            // Other tests' threads may have some.
            let (peeked, locked) = (allowed.load(ordering: .relaxed), refused.load(ordering: .relaxed))
            #expect(peeked > 100 && locked >= 44)
        }
        #expect(lock.peek { 1 } == 1)
        lock.locked {}
        #expect(lock.peek { 1 } == nil)
    }

    private func allow(_ lock: BiasedLock) {
        for _ in 0..<64 { lock.locked { lock.invitePeeks() } }
    }
}

/// Two words that are equal whenever nobody has the lock.
private final class Shared: @unchecked Sendable {
    // Proof of Sendable: the words are only changed with `lock` held, and only read with it held or in a peek.
    private let lock = BiasedLock()
    private var (first, second) = (0, 0)
    private let done = Atomic<Bool>(false)
    var isDone: Bool { done.load(ordering: .relaxed) }
    func end() { done.store(true, ordering: .relaxed) }

    func change() {
        lock.lock()
        first += 1
        for _ in 0..<10 { platform_pause() }
        second += 1
        lock.unlock()
    }

    func difference() -> (value: Int, peeked: Bool) {
        if let seen = lock.peek({ () -> Int? in first - second }) { return (seen, true) }
        return lock.locked {
            lock.invitePeeks()
            return (first - second, false)
        }
    }
}

/// Lets nobody on before all have come.
private final class Barrier: @unchecked Sendable {
    // Proof of Sendable: the count is only touched with the lock held.
    private let lock = Lock()
    private let allCame = Condition()
    private var missing: Int

    init(_ count: Int) { missing = count }

    func wait() {
        lock.lock()
        defer { lock.unlock() }
        missing -= 1
        if missing == 0 { allCame.broadcast() }
        while missing > 0 { allCame.wait(lock) }
    }
}
