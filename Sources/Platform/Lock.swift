import CPlatform
import Glibc

/// A plain mutex. (Not `Synchronization.Mutex`: ThreadSanitizer does not understand that one on Linux.)
@safe public final class Lock: @unchecked Sendable {
    // Proof of Sendable: the only state is the pthread mutex itself.
    @usableFromInline let raw: UnsafeMutablePointer<pthread_mutex_t>

    /// With the defaults.
    public init() {
        unsafe raw = .allocate(capacity: 1)
        unsafe raw.initialize(to: pthread_mutex_t())
        let code = unsafe platform_make_mutex(raw)
        precondition(code == 0, "no mutex can be made: error \(code)")
    }

    deinit {
        unsafe pthread_mutex_destroy(raw)
        unsafe raw.deallocate()
    }

    /// Waits for the lock. Not re-entrant.
    @inlinable public func lock() { unsafe pthread_mutex_lock(raw) }
    @inlinable public func unlock() { unsafe pthread_mutex_unlock(raw) }
    /// Takes the lock if it is free.
    @inlinable public func tryLock() -> Bool { unsafe pthread_mutex_trylock(raw) == 0 }

    /// Tries for the lock for some microseconds, without going to sleep: for one that is let go of often, by a thread that
    /// runs on another processor. Whether it was taken.
    public func trySpinning() -> Bool {
        for _ in 0..<Self.spins {
            if tryLock() { return true }
            platform_pause()
        }
        return false
    }
    /// A pause takes some 10 to 50 nanoseconds: in all up to about the time that a sleeping thread takes to wake.
    private static let spins = 400

    /// Runs the body with the lock held.
    @inlinable
    public func locked<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
        lock()
        defer { unlock() }
        return try body()
    }
}

/// A condition to wait for under a `Lock`.
@safe public final class Condition: @unchecked Sendable {
    // Proof of Sendable: the only state is the pthread condition itself.
    private let raw: UnsafeMutablePointer<pthread_cond_t>

    /// With the defaults.
    public init() {
        unsafe raw = .allocate(capacity: 1)
        unsafe raw.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(raw, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        unsafe pthread_cond_destroy(raw)
        unsafe raw.deallocate()
    }

    /// Lets go of the lock, waits, takes it again. May wake without cause: wait in a loop.
    public func wait(_ lock: Lock) { unsafe pthread_cond_wait(raw, lock.raw) }

    /// The same with an end: false when the monotonic clock has passed `deadline` (nanoseconds).
    public func wait(_ lock: Lock, until deadline: UInt64) -> Bool {
        var time = timespec()
        time.tv_sec = Int(deadline / 1_000_000_000)
        time.tv_nsec = Int(deadline % 1_000_000_000)
        return unsafe pthread_cond_timedwait(raw, lock.raw, &time) == 0
    }

    public func signal() { unsafe pthread_cond_signal(raw) }
    public func broadcast() { unsafe pthread_cond_broadcast(raw) }
}

/// The clocks. Only the writer's edge and the tools read them; nothing that decides or folds does.
public enum Clock {
    /// Nanoseconds since 1970 by the wall clock.
    public static func wallNanoseconds() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    /// Nanoseconds of a clock that never goes back.
    public static func monotonicNanoseconds() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}

/// A thread of our own: it may block on the disk, which tasks must not.
public final class WorkerThread: @unchecked Sendable {
    // Proof of Sendable: `thread` is written once by init, and joined once by `join` under `joinLock`.
    private var thread = pthread_t()
    private let joinLock = Lock()
    private var joined = false

    private final class Body {
        let name: String
        let run: @Sendable () -> Void
        init(_ name: String, _ run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    /// Starts a thread that runs the body once.
    public init(name: String, _ body: @escaping @Sendable () -> Void) {
        let box = unsafe Unmanaged.passRetained(Body(name, body)).toOpaque()
        let result = unsafe pthread_create(
            &thread, nil,
            { raw in
                let body = unsafe Unmanaged<Body>.fromOpaque(raw!).takeRetainedValue()
                unsafe body.name.withCString { unsafe platform_name_thread($0) }
                body.run()
                return nil
            }, box)
        precondition(result == 0, "no thread can be started: error \(result)")
    }

    /// Waits for the body's end.
    public func join() {
        joinLock.lock()
        defer { joinLock.unlock() }
        if joined { return }
        joined = true
        pthread_join(thread, nil)
    }
}
