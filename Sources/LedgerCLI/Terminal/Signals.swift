import CPlatform
import Glibc
import Platform
import Synchronization

/// Ctrl-C and `kill`, turned into a flag that a long verb polls between two durable steps.
///
/// The handler only sets a lock-free flag, which POSIX allows in a handler. The first SIGINT or SIGTERM asks;
/// a second one of the same kind ends the process at once, which is safe too: what is acknowledged is on
/// disk, and what is not was never there. Calls that wait (`read`, `poll`) end with `EINTR` at the first one,
/// so that the flag is seen.
enum Signals {
    private static let stopRequested = Atomic<Bool>(false)
    private static let isEnding = Atomic<Bool>(false)

    /// Whether the user asked to stop. Cost: one load.
    static var isStopRequested: Bool {
        stopRequested.load(ordering: .relaxed)
    }

    /// Makes a closed pipe an error of `write` rather than the end of the process. Call once at the start.
    static func ignoreBrokenPipes() {
        _ = signal(SIGPIPE, SIG_IGN)
    }

    /// From now on SIGINT and SIGTERM ask instead of ending the process. For verbs that poll; the others end
    /// at once.
    static func catchStopRequests() {
        // Read once before any handler can run: a global's first use may initialise it, which a handler must
        // not do.
        _ = isStopRequested
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_handler = { _ in
            Signals.stopRequested.store(true, ordering: .relaxed)
        }
        // No SA_RESTART, so that waiting calls return; SA_RESETHAND, so that the second signal is the
        // default: the end.
        action.sa_flags = CInt(truncatingIfNeeded: SA_RESETHAND)
        for number in [SIGINT, SIGTERM] {
            // Only fails for a number that is no signal.
            precondition(unsafe sigaction(number, &action, nil) == 0, "sigaction")
        }
    }

    /// From now on SIGINT, SIGTERM and SIGHUP run `clean`, on a thread of its own, before they end the process as they would
    /// have. For verbs that poll nothing and keep files that must not outlive them. Call once, before other threads
    /// are started: these inherit that the signals wait for that thread.
    static func whenStopped(_ clean: @escaping @Sendable () -> Void) {
        var awaited = sigset_t()
        unsafe sigemptyset(&awaited)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            var action = sigaction()
            precondition(unsafe sigaction(number, nil, &action) == 0, "sigaction")
            // Ignored by whoever started us (nohup, a shell's background): stays ignored.
            let handler = unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            let ignoring = unsafe unsafeBitCast(SIG_IGN, to: Int.self)
            if handler != ignoring { unsafe sigaddset(&awaited, number) }
        }
        precondition(unsafe pthread_sigmask(SIG_BLOCK, &awaited, nil) == 0, "pthread_sigmask")
        let signals = awaited
        _ = WorkerThread(name: "ledger-stop") {
            var (set, number) = (signals, CInt(0))
            guard unsafe sigwait(&set, &number) == 0 else { return }
            isEnding.store(true, ordering: .sequentiallyConsistent)
            clean()
            _ = signal(number, SIG_DFL)
            unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
            raise(number)
        }
    }

    /// Once ``whenStopped(_:)`` has begun, waits for the end: what the verb says then, without its files, is of no use.
    static func standStillWhenStopped() {
        while isEnding.load(ordering: .sequentiallyConsistent) { sleep(1) }
    }

    /// Makes a fault on a mapped file an exit code: LMDB follows what stands in a damaged page, be it out of the
    /// file or against its own assertions. Nothing acknowledged is lost by it. Call once at the start.
    static func reportDamage() {
        let text = """
            referral-ledger: a file of the ledger is damaged: one of its pages points out of the file
              If deleting views/ does not help, restore log/data.mdb from its backup.

            """
        // Never freed: a handler may need it until the end.
        let message = unsafe strdup(text)
        precondition(unsafe platform_exit_on_damage(ExitCode.broken.rawValue, message) == 0, "sigaction")
    }

    /// Forgets a request, for tests.
    static func reset() {
        stopRequested.store(false, ordering: .relaxed)
    }
}
