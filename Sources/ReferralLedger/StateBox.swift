import LedgerDomain
import LedgerLog
import LedgerState
import Platform
import Synchronization

/// The state and its lock. Readers are let in between two commands, so none waits for a whole group.
final class StateBox: @unchecked Sendable {
    // Proof of Sendable, and of exclusive access without a check: `core` is only changed with `lock` held, and only looked at
    // with it held or in a peek.
    let lock = BiasedLock()
    private let waiting = Atomic<Int>(0)
    /// The writer has let readers in and wants the lock back.
    private let writerReturns = Atomic<Bool>(false)
    @safe @exclusivity(unchecked) var core: CoreState

    init(_ core: consuming CoreState) { self.core = core }

    /// Runs a reader. It must only use what is visible: see `CoreState`'s reading side.
    func read<R, E: Error>(_ body: (inout CoreState) throws(E) -> R) throws(E) -> R {
        // Readers that hand the lock to one another must not keep the writer out.
        if writerReturns.load(ordering: .relaxed) { letWriterReturn() }
        // Mostly nobody has it; then nobody needs to know of the waiting.
        if !lock.tryLock() {
            waiting.add(1, ordering: .relaxed)
            // The writer lets go of it soon, and for a moment: who sleeps then does not wake in time.
            if !lock.trySpinning() { lock.lock() }
            waiting.subtract(1, ordering: .relaxed)
        }
        defer { lock.unlock() }
        return try body(&core)
    }

    /// Runs a reader that only looks at rows in memory beside others like it, or says nil: `read` answers then.
    @inline(__always)
    func peek<R>(_ body: (borrowing CoreState) -> R?) -> R? { lock.peek { body(core) } }

    /// Lets waiting readers in. Called by the writer, with the lock held, between two commands.
    @inline(__always)
    func yieldToReaders() {
        if waiting.load(ordering: .relaxed) == 0 { return }
        letReadersIn()
    }

    @inline(never)
    private func letReadersIn() {
        lock.unlock()
        // A mutex is not fair: give a waiter the time to take it.
        var spins = 0
        while waiting.load(ordering: .relaxed) > 0, spins < 2_000 { spins += 1 }
        writerReturns.store(true, ordering: .relaxed)
        lock.lock()
        writerReturns.store(false, ordering: .relaxed)
    }

    /// Steps back for a moment, at most: the writer may be asleep.
    @inline(never)
    private func letWriterReturn() {
        var spins = 0
        while writerReturns.load(ordering: .relaxed), spins < 2_000 { spins += 1 }
    }
}
