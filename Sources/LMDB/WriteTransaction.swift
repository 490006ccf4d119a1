public import CLMDB

/// The write transaction: it sees its own changes, and others see all of them after ``commit()`` or none.
///
/// Ending without ``commit()`` undoes everything. It begins and ends on one thread; ending it on another
/// traps. Buffers it returns lead into the file or into changed pages and are good until its next change or
/// its end, whichever is first. They have no alignment.
///
/// After an error other than ``LMDBError/isKeyExists`` from a changing call, abort: LMDB refuses the rest.
public struct WriteTransaction: ~Copyable {
    @usableFromInline let core: TransactionCore

    init(core: TransactionCore) { self.core = core }

    // A value with a `deinit` lives to the end of its scope, whatever its last use: the buffers need it
    // until then.
    deinit { withExtendedLifetime(core) {} }

    /// The id the commit will have: one more than the last one.
    public var id: UInt64 {
        get throws(LMDBError) { try core.identifier() }
    }

    /// Makes the changes durable and visible: pages, `fdatasync`, then the header with a synchronous write.
    ///
    /// Traps when a cursor is still open.
    ///
    /// - Throws: ``LMDBError/isMapFull``, ``LMDBError/isOutOfSpace``: undone, carry on reading.
    ///   ``LMDBError/isIndeterminate``: unknown, open the environment again and look.
    public consuming func commit() throws(LMDBError) { try core.commit() }

    /// Undoes everything now rather than at the end of the scope.
    public consuming func abort() {}

    // MARK: Reading

    /// The value at an integer key, or nil.
    @inlinable @inline(__always)
    public func value(_ database: Database, key: UInt64) throws(LMDBError) -> UnsafeRawBufferPointer? {
        try unsafe core.value(database, key)
    }

    /// The value at a raw key of 1 to 511 bytes, or nil.
    @inlinable @inline(__always)
    public func value(
        _ database: Database, key: UnsafeRawBufferPointer
    ) throws(LMDBError) -> UnsafeRawBufferPointer? {
        try unsafe core.value(database, key)
    }

    /// Hands the value at an integer key to `body` as a span that cannot leave it; nil when there is none.
    @inlinable @inline(__always)
    public func withValue<R>(_ database: Database, key: UInt64, _ body: (RawSpan) -> R) throws(LMDBError)
        -> R?
    {
        guard let bytes = try unsafe core.value(database, key) else { return nil }
        return unsafe body(bytes.bytes)
    }

    /// How many entries a table holds, changes included. Constant time.
    public func entryCount(_ database: Database) throws(LMDBError) -> UInt64 { try core.entryCount(database) }

    /// A cursor over a table. It must end before ``commit()``.
    public func cursor(_ database: Database) throws(LMDBError) -> Cursor { try core.cursor(database) }

    // MARK: Changing

    /// Puts a value at an integer key, in place of any that is there.
    ///
    /// - Parameter append: whether the key is greater than every other (`MDB_APPEND`): pages are filled to
    ///   the brim and not searched. ``LMDBError/isKeyExists`` when it is not greater.
    @inlinable @inline(__always)
    public func put(
        _ database: Database, key: UInt64, value: UnsafeRawBufferPointer, append: Bool = false
    ) throws(LMDBError) {
        precondition(database.hasIntegerKeys, "the database has no integer keys")
        var key = key
        var stored = unsafe MDB_val(value)
        try unsafe withUnsafeMutableBytes(of: &key) { bytes throws(LMDBError) in
            try unsafe put(database, MDB_val(bytes), &stored, append ? UInt32(MDB_APPEND) : 0)
        }
    }

    /// Puts a value at a raw key of 1 to 511 bytes, in place of any that is there.
    ///
    /// - Parameter append: as with integer keys.
    @inlinable @inline(__always)
    public func put(
        _ database: Database, key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, append: Bool = false
    ) throws(LMDBError) {
        unsafe database.checkRawKey(key)
        var stored = unsafe MDB_val(value)
        try unsafe put(database, MDB_val(key), &stored, append ? UInt32(MDB_APPEND) : 0)
    }

    /// Makes room for a value at an integer key and returns it to be filled (`MDB_RESERVE`): saves a copy.
    ///
    /// Fill all of it before the next change of the transaction: it holds bytes of former values.
    @inlinable @inline(__always)
    public func reserve(
        _ database: Database, key: UInt64, count: Int, append: Bool = false
    ) throws(LMDBError) -> UnsafeMutableRawBufferPointer {
        precondition(database.hasIntegerKeys, "the database has no integer keys")
        precondition(count >= 0, "a value has no negative size")
        var key = key
        var stored = unsafe MDB_val(mv_size: count, mv_data: nil)
        let flags = UInt32(MDB_RESERVE) | (append ? UInt32(MDB_APPEND) : 0)
        try unsafe withUnsafeMutableBytes(of: &key) { bytes throws(LMDBError) in
            try unsafe put(database, MDB_val(bytes), &stored, flags)
        }
        return unsafe UnsafeMutableRawBufferPointer(start: stored.mv_data, count: stored.mv_size)
    }

    @inlinable @inline(__always)
    func put(_ database: Database, _ key: MDB_val, _ value: inout MDB_val, _ flags: UInt32) throws(LMDBError)
    {
        let transaction = try unsafe core.live(for: database)
        var key = unsafe key
        let code = unsafe mdb_put(transaction, database.handle, &key, &value, flags)
        guard code == 0 else { throw core.error(code, "put") }
    }

    /// Takes an integer key and its value out. False when it is not there.
    @discardableResult
    public func delete(_ database: Database, key: UInt64) throws(LMDBError) -> Bool {
        precondition(database.hasIntegerKeys, "the database has no integer keys")
        return try unsafe withUnsafeBytes(of: key) { bytes throws(LMDBError) in
            try unsafe delete(database, key: bytes)
        }
    }

    /// Takes a raw key and its value out. False when it is not there.
    @discardableResult
    public func delete(_ database: Database, key: UnsafeRawBufferPointer) throws(LMDBError) -> Bool {
        unsafe database.checkRawKey(key)
        let transaction = try unsafe core.live(for: database)
        var keyValue = unsafe MDB_val(key)
        let code = unsafe mdb_del(transaction, database.handle, &keyValue, nil)
        guard code == 0 || code == MDB_NOTFOUND else { throw core.error(code, "delete") }
        return code == 0
    }

    /// Empties a table; the table itself stays. Visits every page but the leaves.
    public func drop(_ database: Database) throws(LMDBError) {
        let transaction = try unsafe core.live(for: database)
        let code = unsafe mdb_drop(transaction, database.handle, 0)
        guard code == 0 else { throw core.error(code, "drop") }
    }
}

@available(*, unavailable, message: "a write transaction stays on its thread")
extension WriteTransaction: Sendable {}
