import CPlatform
import Glibc
import Synchronization

/// An exclusive lock on a file, held by one handle in one process: the guard of a single writer.
///
/// It is an open-file-description lock (`F_OFD_SETLK`, fcntl(2)): two handles exclude each other within one
/// process too, and the kernel drops the lock when the process ends, however it ends. The file is created
/// when absent, stays empty and is never removed: removing it would let two holders lock two different files.
/// Take it before LMDB opens. A forked child shares the parent's lock. It ends when the parent gives it back, so that a child that is
/// about to run another program does not prolong it; where the parent ended without doing so, when the child does either.
public final class FileLock: Sendable {
    /// The locked file, as given to ``acquire(path:)``.
    public let path: String
    /// The open descriptor, or −1 once released.
    private let descriptor: Atomic<Int32>
    private let forkGeneration = platform_fork_generation()

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = Atomic(descriptor)
    }

    deinit { release() }

    /// Tries to take the lock, without waiting.
    ///
    /// - Returns: the lock, or nil when another process or another handle of this process holds it.
    /// - Throws: the system's error when the file cannot be created, opened or locked.
    public static func acquire(path: String) throws(LMDBError) -> FileLock? {
        // A file unlinked between open and lock is nobody's any more; look again, a bounded number of times.
        for _ in 0..<16 {
            let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw LMDBError(code: errno, operation: "lock", path: path) }
            let code = platform_try_lock_exclusive(descriptor)
            guard code == 0 else {
                _ = Glibc.close(descriptor)
                if code == EAGAIN || code == EACCES { return nil }
                throw LMDBError(code: code, operation: "lock", path: path)
            }
            if FileIdentity(descriptor: descriptor) == FileIdentity(path: path) {
                return FileLock(path: path, descriptor: descriptor)
            }
            _ = Glibc.close(descriptor)
        }
        throw LMDBError(
            code: EAGAIN, operation: "lock", path: path,
            detail: "the lock file is being replaced again and again")
    }

    /// Gives the lock back. Safe to call from any thread and more than once.
    public func release() {
        let held = descriptor.exchange(-1, ordering: .acquiringAndReleasing)
        guard held >= 0 else { return }
        // Unlocked, and not only closed: a child between fork and exec has the file open, too. But in a forked child
        // an unlock would take the parent's lock away.
        if forkGeneration == platform_fork_generation() { _ = platform_unlock(held) }
        _ = Glibc.close(held)
    }
}
