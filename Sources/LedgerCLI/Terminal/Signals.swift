import CPlatform
import Glibc
import Synchronization

/// Ctrl-C and `kill`, turned into a flag that a long verb polls between two durable steps.
///
/// The handler only sets a lock-free flag, which POSIX allows in a handler. The first SIGINT or SIGTERM asks;
/// a second one of the same kind ends the process at once, which is safe too: what is acknowledged is on
/// disk, and what is not was never there. Calls that wait (`read`, `poll`) end with `EINTR` at the first one,
/// so that the flag is seen.
enum Signals {
    private static let stopRequested = Atomic<Bool>(false)

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
