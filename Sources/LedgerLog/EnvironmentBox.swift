import LMDB
import Platform

/// Holds the log's environment so that it can be exchanged after a failed commit, once all readers are out.
final class EnvironmentBox: @unchecked Sendable {
    // Proof of Sendable: `environment` and `records` change only in `reopen` and `close`, under `lock` and
    // with no reader
    // in; readers take them under `lock`. No access to them calls out, so that exclusive access needs no check.
    private let lock = Lock()
    private let changed = Condition()
    private var readers = 0
    private var exchanging = false
    @safe @exclusivity(unchecked) private var environment: Environment
    @safe @exclusivity(unchecked) private var records: Database
    private let directory: String
    private let mapSizeBytes: Int

    init(_ environment: Environment, _ records: Database, _ directory: String, _ mapSizeBytes: Int) {
        self.environment = environment
        self.records = records
        self.directory = directory
        self.mapSizeBytes = mapSizeBytes
    }

    /// The environment now, for the one thread that appends: no other exchanges it.
    var forAppending: (Environment, Database) { (environment, records) }

    /// The environment now. Whoever calls it may be met by `reopen`, which
    /// closes it then, and cannot open the folder again as long as the call goes on: they `enter`.
    var current: (Environment, Database) { lock.locked { (environment, records) } }

    /// Counts a reader in; pair with `leave`. Any thread may leave for another.
    func enter() -> (Environment, Database) {
        lock.locked {
            while exchanging { changed.wait(lock) }
            readers += 1
            return (environment, records)
        }
    }

    func leave() {
        lock.locked {
            readers -= 1
            if readers == 0 { changed.broadcast() }
        }
    }

    /// Closes and opens the environment, once nobody reads.
    ///
    /// - Parameter lettingGo: Makes readers leave that stay in between two questions. Called without the lock and while
    ///   readers may come in, as it may have to wait for one that is about to; again and again, as one may have come in
    ///   since.
    func reopen(lettingGo: () -> Void) throws(LMDBError) {
        lock.lock()
        defer { lock.unlock() }
        while true {
            exchanging = true
            let deadline = Clock.monotonicNanoseconds() + 20_000_000
            while readers > 0, changed.wait(lock, until: deadline) {}
            if readers == 0 { break }
            exchanging = false
            changed.broadcast()
            lock.unlock()
            lettingGo()
            lock.lock()
        }
        defer {
            exchanging = false
            changed.broadcast()
        }
        environment.close()
        environment = try Environment(directory: directory, options: .init(mapSizeBytes: mapSizeBytes))
        records = try environment.openDatabase("records", integerKeys: true, create: false)
    }

    func close() {
        lock.lock()
        defer { lock.unlock() }
        while readers > 0 { changed.wait(lock) }
        environment.close()
    }
}
