public import CLMDB
public import CPlatform
import Glibc

/// What a transaction and its cursors share: the LMDB handle and who still uses it.
///
/// The handle ends with the last of them, so a cursor that outlives its transaction's scope keeps the
/// snapshot alive instead of reading freed memory. Reading ends by abort; a write ends by abort unless
/// committed before.
@safe @usableFromInline
final class TransactionCore {
    // A transaction and its cursors are for one thread at a time, and no access to a field calls out: exclusive access needs
    // no check at run time.
    @usableFromInline let environment: Environment
    @usableFromInline let forkGeneration: UInt32
    /// The live handle; nil while reset and once finished.
    @exclusivity(unchecked) @usableFromInline var handle: OpaquePointer?
    @safe @exclusivity(unchecked) @usableFromInline var openCursors = 0
    /// The handle of a reset read transaction, kept for renewal.
    private var parked: OpaquePointer?
    /// The thread of a write transaction, zero for a read transaction.
    private let writerThread: UInt

    init(environment: Environment, handle: OpaquePointer, writerThread: UInt) {
        self.environment = environment
        unsafe self.handle = handle
        self.writerThread = writerThread
        forkGeneration = platform_fork_generation()
    }

    deinit {
        // In a forked child the reader slot and the writer's mutex are the parent's: leave both alone.
        guard forkGeneration == platform_fork_generation() else { return }
        if let open = unsafe handle ?? parked {
            endWriterTurn()
            unsafe mdb_txn_abort(open)
            environment.leave()
        }
    }

    /// The handle to work with on `database`.
    @inlinable @inline(__always)
    func live(for database: Database) throws(LMDBError) -> OpaquePointer {
        precondition(
            database.environmentNumber == environment.number,
            "a Database is used with another environment's transaction")
        return try unsafe live()
    }

    /// The handle, or why there is none to work with.
    @inlinable @inline(__always)
    func live() throws(LMDBError) -> OpaquePointer {
        guard let handle = unsafe handle, forkGeneration == platform_fork_generation() else {
            throw notLive()
        }
        return unsafe handle
    }

    @usableFromInline @inline(never)
    func notLive() -> LMDBError {
        let isForked = forkGeneration != platform_fork_generation()
        let code = isForked ? LMDBError.usedAfterFork : LMDBError.transactionReset
        return environment.error(code, "transaction")
    }

    @usableFromInline @inline(never)
    func error(_ code: Int32, _ operation: String) -> LMDBError { environment.error(code, operation) }

    // MARK: Ends and pauses

    func commit() throws(LMDBError) {
        let open = try unsafe live()
        precondition(openCursors == 0, "a cursor is open at commit; end it first")
        endWriterTurn()
        unsafe handle = nil
        let code = unsafe mdb_txn_commit(open)
        environment.leave()
        guard code == 0 else { throw error(code, LMDBError.commitOperation) }
    }

    func reset() throws(LMDBError) {
        precondition(openCursors == 0, "a cursor is open at reset; end it first")
        if unsafe handle == nil, unsafe parked != nil { return }
        let open = try unsafe live()
        unsafe mdb_txn_reset(open)
        unsafe (handle, parked) = (nil, open)
    }

    func renew() throws(LMDBError) {
        guard forkGeneration == platform_fork_generation() else { throw notLive() }
        try reset()
        guard let open = unsafe parked else { throw notLive() }
        let code = unsafe mdb_txn_renew(open)
        guard code == 0 else { throw error(code, "renew") }
        unsafe (handle, parked) = (open, nil)
    }

    /// LMDB's writer mutex belongs to a thread; releasing it from another one would leave it locked for ever.
    private func endWriterTurn() {
        guard writerThread != 0 else { return }
        precondition(writerThread == currentThread(), "a write transaction ended on another thread")
        environment.writerEnded()
    }

    // MARK: Reading

    @inlinable @inline(__always)
    func value(_ database: Database, _ key: UInt64) throws(LMDBError) -> UnsafeRawBufferPointer? {
        precondition(database.hasIntegerKeys, "the database has no integer keys")
        let transaction = try unsafe live(for: database)
        var key = key
        var found = unsafe MDB_val()
        let code = unsafe withUnsafeMutableBytes(of: &key) { bytes in
            var keyValue = unsafe MDB_val(bytes)
            return unsafe mdb_get(transaction, database.handle, &keyValue, &found)
        }
        return try unsafe optional(found, code)
    }

    @inlinable @inline(__always)
    func value(_ database: Database, _ key: UnsafeRawBufferPointer) throws(LMDBError)
        -> UnsafeRawBufferPointer?
    {
        unsafe database.checkRawKey(key)
        let transaction = try unsafe live(for: database)
        var keyValue = unsafe MDB_val(key)
        var found = unsafe MDB_val()
        let code = unsafe mdb_get(transaction, database.handle, &keyValue, &found)
        return try unsafe optional(found, code)
    }

    @inlinable @inline(__always)
    func optional(_ found: MDB_val, _ code: Int32) throws(LMDBError) -> UnsafeRawBufferPointer? {
        if code == 0 { return unsafe UnsafeRawBufferPointer(found) }
        if code == MDB_NOTFOUND { return nil }
        throw error(code, "get")
    }

    func identifier() throws(LMDBError) -> UInt64 {
        UInt64(truncatingIfNeeded: unsafe mdb_txn_id(try live()))
    }

    func entryCount(_ database: Database) throws(LMDBError) -> UInt64 {
        let transaction = try unsafe live(for: database)
        var statistics = MDB_stat()
        let code = unsafe mdb_stat(transaction, database.handle, &statistics)
        guard code == 0 else { throw error(code, "stat") }
        return UInt64(truncatingIfNeeded: statistics.ms_entries)
    }

    func cursor(_ database: Database) throws(LMDBError) -> Cursor {
        let transaction = try unsafe live(for: database)
        var cursor: OpaquePointer?
        let code = unsafe mdb_cursor_open(transaction, database.handle, &cursor)
        guard code == 0, let cursor = unsafe cursor else { throw error(code, "open cursor") }
        openCursors += 1
        return unsafe Cursor(handle: cursor, core: self, database: database)
    }
}

/// The calling thread, as `pthread_self` names it; never zero.
func currentThread() -> UInt { UInt(pthread_self()) }

extension MDB_val {
    @inlinable @inline(__always)
    init(_ bytes: UnsafeRawBufferPointer) {
        // LMDB reads keys and values through this pointer and never writes.
        unsafe self.init(mv_size: bytes.count, mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
    }

    @inlinable @inline(__always)
    init(_ bytes: UnsafeMutableRawBufferPointer) {
        unsafe self.init(mv_size: bytes.count, mv_data: bytes.baseAddress)
    }
}

extension UnsafeRawBufferPointer {
    @inlinable @inline(__always)
    init(_ value: MDB_val) {
        unsafe self.init(start: value.mv_data, count: value.mv_size)
    }
}
