import CPlatform
import Synchronization

/// The environments this process has open, by the identity of their folder.
///
/// LMDB's locks on `lock.mdb` are POSIX record locks: a process that opens the folder twice loses them all
/// when it closes either (lmdb.h, "Caveats"). So a second open is refused here.
enum EnvironmentRegistry {
    private struct Contents {
        var forkGeneration: UInt32 = 0
        var lastNumber: UInt64 = 0
        var open: [FileIdentity: UInt64] = [:]
    }

    private static let contents = Mutex(Contents())

    /// Enters a folder and numbers it; nil when it is there already.
    static func add(_ identity: FileIdentity) -> UInt64? {
        contents.withLock { contents in
            // What the parent of a fork has open is none of the child's: POSIX locks are not inherited.
            if contents.forkGeneration != platform_fork_generation() {
                contents.forkGeneration = platform_fork_generation()
                contents.open = [:]
            }
            guard contents.open[identity] == nil else { return nil }
            contents.lastNumber += 1
            contents.open[identity] = contents.lastNumber
            return contents.lastNumber
        }
    }

    /// Takes a folder out, if it is entered under this number.
    static func remove(_ identity: FileIdentity, number: UInt64) {
        contents.withLock { contents in
            if contents.open[identity] == number { contents.open[identity] = nil }
        }
    }
}
