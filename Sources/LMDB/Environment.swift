import CLMDB
import CPlatform
import Glibc
import Synchronization

/// One LMDB environment: a folder with `data.mdb` and `lock.mdb`, mapped into memory.
///
/// Readers see the snapshot of the last commit before they began and never wait; one writer at a time, over
/// all processes. Always opened with `MDB_NOTLS`, so that a read transaction may hop threads with its task;
/// never with `MDB_WRITEMAP` (slower when synchronous) nor `MDB_NOMEMINIT` (it would write stale heap
/// memory to the file). A commit is durable when it returns.
///
/// All methods may be called from any thread. After a `fork` the child gets ``LMDBError/isUsedAfterFork``
/// from every call and opens the folder anew.
///
/// `@unchecked Sendable` holds because: the LMDB handle is set once before the object is shared and LMDB's
/// own functions on an environment are thread-safe (lmdb.h, "Thread-safe" notes, except `mdb_env_close`,
/// `mdb_env_set_mapsize` and `mdb_dbi_open`, which ``enter(_:)`` / ``leave()``, ``resize(mapSizeBytes:)`` and
/// `databaseOpening` serialise); every other stored property is a constant, an atomic or a mutex.
@safe
public final class Environment: @unchecked Sendable {
    /// How an environment is opened.
    public struct Options: Sendable {
        /// The most the data file may grow to, in bytes, rounded up to a page. Address space only: the file
        /// is as long as its data, so reserve far more than will ever be needed.
        public var mapSizeBytes: Int
        /// The most named tables.
        public var maxDatabases: UInt32
        /// The most read transactions at a time, over all processes. The first process to open the folder
        /// decides.
        public var maxReaders: UInt32
        /// Whether to open for reading only; nothing but `lock.mdb` is created then.
        public var readOnly: Bool
        /// Whether to do without `lock.mdb`; needs `readOnly`. Snapshots are then not protected: right for a
        /// copy that nobody writes.
        public var noLock: Bool

        /// Options with their usual values: 1 TiB of map, 16 tables, 512 readers, writable, locked.
        public init(
            mapSizeBytes: Int = 1 << 40, maxDatabases: UInt32 = 16, maxReaders: UInt32 = 512,
            readOnly: Bool = false, noLock: Bool = false
        ) {
            self.mapSizeBytes = mapSizeBytes
            self.maxDatabases = maxDatabases
            self.maxReaders = maxReaders
            self.readOnly = readOnly
            self.noLock = noLock
        }
    }

    /// The folder, as given to ``init(directory:options:)``.
    public let directory: String
    /// Whether writing is refused.
    public let isReadOnly: Bool
    /// Whether the environment runs without `lock.mdb`, by wish or because its folder cannot be written.
    ///
    /// Then nothing keeps a writer in another process from reusing the pages a snapshot reads.
    public let isLockless: Bool
    /// This environment among all of this process, never used twice.
    @usableFromInline let number: UInt64
    /// Held while a table is opened.
    let databaseOpening = Mutex<Void>(())

    /// Pages that were found sound: see ``CheckedTable``.
    let soundPages: SoundPages
    /// How many bytes the file had when it was last looked at.
    private let fileBytes = Atomic<UInt64>(0)

    private let handle: OpaquePointer
    private let identity: FileIdentity
    private let forkGeneration: UInt32
    /// How many calls and transactions use the handle, and the flags of ``Gate``.
    private let gate = Atomic<Int>(0)
    /// The thread of this process that has the write transaction, or 0.
    private let writerThread = Atomic<UInt>(0)

    private enum Gate {
        /// Closed, or to be closed by the last user.
        static let closed = 1 << 62
        /// The map is being resized; users wait at the door.
        static let resizing = 1 << 61
    }

    /// Opens the environment in a folder; creates folder (one level) and data file unless `readOnly`.
    ///
    /// The data file is looked at before LMDB maps it: see ``LMDBError/isCorrupt`` and
    /// ``LMDBError/truncation``. A new data file appears under its name whole and durable, or not at all.
    /// Read-only in a folder that cannot be written it falls back to ``isLockless``.
    ///
    /// - Throws: ``LMDBError/isAlreadyOpen`` when this process has the folder open, by whatever path;
    ///   ``LMDBError/isNotFound`` when read-only and absent; the system's error otherwise. No handle stays
    ///   open.
    public init(directory: String, options: Options = .init()) throws(LMDBError) {
        let opened = try EnvironmentOpening(directory: directory, options: options).run()
        self.directory = directory
        isReadOnly = options.readOnly
        isLockless = opened.isLockless
        unsafe handle = opened.handle
        identity = opened.identity
        number = opened.number
        forkGeneration = platform_fork_generation()
        soundPages = SoundPages(mapSizeBytes: options.mapSizeBytes)
    }

    deinit { close() }

    /// Whether the file holds a page. It only grows, so it is looked at again only for a page past what is known.
    @inline(__always) func holds(page: UInt64, pageSize: Int) -> Bool {
        page < fileBytes.load(ordering: .relaxed) / UInt64(pageSize) || grewToHold(page, pageSize)
    }

    @inline(never) private func grewToHold(_ page: UInt64, _ pageSize: Int) -> Bool {
        var descriptor: mdb_filehandle_t = -1
        var status = stat()
        guard unsafe mdb_env_get_fd(handle, &descriptor) == 0, unsafe fstat(descriptor, &status) == 0,
            status.st_size > 0
        else { return false }
        fileBytes.store(UInt64(status.st_size), ordering: .relaxed)
        return page < UInt64(status.st_size) / UInt64(pageSize)
    }

    // MARK: Closing

    /// Closes the environment: new calls are refused from now on.
    ///
    /// Open transactions stay usable; the last of them to end releases the files. Never waits, never
    /// invalidates a pointer in use, may be called again.
    ///
    /// - Returns: whether the files are released already. Until they are, the folder cannot be opened again.
    @discardableResult
    public func close() -> Bool {
        let before = gate.bitwiseOr(Gate.closed, ordering: .acquiringAndReleasing).oldValue
        if before == 0 { releaseFiles() }
        return before & ~Gate.closed == 0
    }

    private func releaseFiles() {
        // In a forked child this drops the child's own mapping and descriptors; the locks are the parent's
        // and stay.
        unsafe mdb_env_close(handle)
        EnvironmentRegistry.remove(identity, number: number)
    }

    /// Lets a call or a transaction in; ``leave()`` must follow.
    func enter(_ operation: String) throws(LMDBError) {
        guard forkGeneration == platform_fork_generation() else {
            throw error(LMDBError.usedAfterFork, operation)
        }
        var seen = gate.load(ordering: .relaxed)
        while true {
            guard seen & Gate.closed == 0 else { throw error(LMDBError.environmentClosed, operation) }
            if seen & Gate.resizing != 0 {
                sched_yield()
                seen = gate.load(ordering: .relaxed)
                continue
            }
            let attempt = gate.weakCompareExchange(
                expected: seen, desired: seen + 1, ordering: .acquiringAndReleasing)
            if attempt.exchanged { return }
            seen = attempt.original
        }
    }

    /// Ends what ``enter(_:)`` began. The last one out of a closed environment releases the files.
    func leave() {
        let left = gate.subtract(1, ordering: .acquiringAndReleasing).newValue
        if left == Gate.closed { releaseFiles() }
    }

    /// Runs one call on the handle.
    func use(_ operation: String, _ body: (OpaquePointer) -> Int32) throws(LMDBError) {
        try enter(operation)
        defer { leave() }
        let code = unsafe body(handle)
        guard code == 0 else { throw error(code, operation) }
    }

    /// An error about this environment.
    func error(_ code: Int32, _ operation: String, detail: String? = nil) -> LMDBError {
        LMDBError(code: code, operation: operation, path: directory, detail: detail)
    }

    // MARK: Transactions

    /// Begins a read transaction on the newest snapshot. Never waits for a writer. About half a microsecond.
    ///
    /// - Throws: ``LMDBError/isReadersFull`` when every slot is held by a live process; slots of dead ones
    ///   are cleared first.
    public func beginRead() throws(LMDBError) -> ReadTransaction {
        ReadTransaction(core: try beginReadCore())
    }

    /// Begins the write transaction; waits while another thread or process has it.
    ///
    /// It must end on the thread it began on.
    ///
    /// - Throws: ``LMDBError/writerReentered`` when this thread has it already; `EACCES` when read-only.
    public func beginWrite() throws(LMDBError) -> WriteTransaction {
        WriteTransaction(core: try beginWriteCore())
    }

    func beginReadCore() throws(LMDBError) -> TransactionCore {
        try enter("begin read")
        var transaction: OpaquePointer?
        var code = unsafe mdb_txn_begin(handle, nil, UInt32(MDB_RDONLY), &transaction)
        if code == MDB_READERS_FULL {
            unsafe mdb_reader_check(handle, nil)
            code = unsafe mdb_txn_begin(handle, nil, UInt32(MDB_RDONLY), &transaction)
        }
        guard code == 0, let transaction = unsafe transaction else {
            leave()
            throw error(code, "begin read")
        }
        return unsafe TransactionCore(environment: self, handle: transaction, writerThread: 0)
    }

    func beginWriteCore() throws(LMDBError) -> TransactionCore {
        try refuseReentry("begin write")
        try enter("begin write")
        var transaction: OpaquePointer?
        let code = unsafe mdb_txn_begin(handle, nil, 0, &transaction)
        guard code == 0, let transaction = unsafe transaction else {
            leave()
            throw error(code, "begin write")
        }
        writerThread.store(currentThread(), ordering: .relaxed)
        return unsafe TransactionCore(environment: self, handle: transaction, writerThread: currentThread())
    }

    /// LMDB's writer mutex is not recursive: a second taking by one thread would wait for itself. In a
    /// forked child the mark is the parent's.
    func refuseReentry(_ operation: String) throws(LMDBError) {
        guard forkGeneration == platform_fork_generation() else {
            throw error(LMDBError.usedAfterFork, operation)
        }
        // Relaxed is enough: only this thread's own store can make it equal.
        guard writerThread.load(ordering: .relaxed) != currentThread() else {
            throw error(LMDBError.writerReentered, operation)
        }
    }

    /// To be called before the writer's mutex is given back.
    func writerEnded() { writerThread.store(0, ordering: .relaxed) }

    // MARK: Map size

    /// Changes how large the data file may grow, after ``LMDBError/isMapFull`` or when another process grew
    /// it (`MDB_MAP_RESIZED`).
    ///
    /// - Parameter mapSizeBytes: the new size, or 0 for the size another process has set. Never takes less
    ///   than the data in use.
    /// - Throws: `EBUSY` while any transaction of this process is open: their pointers lead into the map.
    public func resize(mapSizeBytes: Int) throws(LMDBError) {
        guard forkGeneration == platform_fork_generation() else {
            throw error(LMDBError.usedAfterFork, "resize")
        }
        let attempt = gate.compareExchange(
            expected: 0, desired: Gate.resizing, ordering: .acquiringAndReleasing)
        guard attempt.exchanged else {
            let isClosed = attempt.original & Gate.closed != 0
            throw error(isClosed ? LMDBError.environmentClosed : EBUSY, "resize")
        }
        let code = unsafe mdb_env_set_mapsize(handle, max(0, mapSizeBytes))
        let left = gate.bitwiseAnd(~Gate.resizing, ordering: .acquiringAndReleasing).newValue
        if left == Gate.closed { releaseFiles() }
        guard code == 0 else { throw error(code, "resize") }
    }
}
