import CPlatform
import Synchronization

/// A mutex that lets short readers by without taking it, as long as nobody has taken it lately.
///
/// Two locked instructions are most of what a short read under a mutex costs, and the processor cannot begin a read before the
/// one before has let go. A *peek* only says on a line of its own thread that it reads. Whoever takes the mutex while
/// peeks are allowed forbids them, orders memory for all threads with one system call, and waits for those under way. So
/// peeks cost nearly nothing, the first lock after them some microseconds: they are allowed again after as many
/// readers have had to take the mutex as pay for that.
///
/// After Dice and Kogan, *BRAVO: Biased Locking for Reader-Writer Locks*, USENIX ATC 2019, with process-wide barriers in
/// place of a reader's atomic exchange. Where the system has no membarrier(2) nobody ever peeks; nor does a thread that found
/// 256 others with a slot.
public final class BiasedLock: @unchecked Sendable {
    // Proof of Sendable: `invited` is only touched with the mutex held; the rest is constant or atomic.
    private let mutex = Lock()
    @usableFromInline let allowsPeeks = Atomic<Bool>(false)
    private var invited = 0
    /// Readers that take the mutex, of some tenths of a microsecond each, before peeks are allowed again.
    private static let invitations = 64

    /// A free lock.
    public init() {
        // Now, as the first time takes long in a process of several threads: not with the lock held.
        _ = platform_can_peek()
    }

    /// Waits for the lock, and for peeks under way. Not re-entrant, and never within a peek.
    public func lock() {
        mutex.lock()
        endPeeks()
    }

    /// Lets go of it; allows peeks when enough have been invited.
    public func unlock() {
        // Last of all: what was changed with the lock held is seen by whoever sees this.
        if invited >= Self.invitations { allowPeeks() }
        mutex.unlock()
    }

    /// Takes the lock if it is free; waits for peeks under way.
    public func tryLock() -> Bool {
        guard mutex.tryLock() else { return false }
        endPeeks()
        return true
    }

    /// See ``Lock/trySpinning()``.
    public func trySpinning() -> Bool {
        guard mutex.trySpinning() else { return false }
        endPeeks()
        return true
    }

    /// Runs the body with the lock held.
    public func locked<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
        lock()
        defer { unlock() }
        return try body()
    }

    /// Runs the body beside other peeks, while nobody has the lock, if that is allowed just now: else nil. The body changes
    /// nothing, takes no lock, and is over in less than a microsecond or so but for a page that must be read: writers wait for it.
    @inlinable
    @inline(__always)
    public func peek<R>(_ body: () -> R?) -> R? {
        // Asked first: whoever has the lock need not be disturbed by announcements.
        guard _fastPath(allowsPeeks.load(ordering: .relaxed)) else { return nil }
        guard unsafe _fastPath(platform_begin_peek(identity)) else { return nil }
        defer { platform_end_peek() }
        guard _fastPath(allowsPeeks.load(ordering: .acquiring)) else { return nil }
        return body()
    }

    /// Called with the lock held, by a reader that would rather have peeked. It counts when the lock is let go of.
    public func invitePeeks() { invited += 1 }

    @inline(never)
    private func allowPeeks() {
        invited = 0
        if platform_can_peek() { allowsPeeks.store(true, ordering: .releasing) }
    }

    @inlinable
    @inline(__always)
    var identity: UnsafeRawPointer { unsafe UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque()) }

    @inline(__always)
    private func endPeeks() {
        if _slowPath(allowsPeeks.load(ordering: .relaxed)) { forbidPeeks() }
    }

    @inline(never)
    private func forbidPeeks() {
        allowsPeeks.store(false, ordering: .relaxed)
        unsafe platform_await_peeks(identity)
    }
}
