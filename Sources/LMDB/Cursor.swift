public import CLMDB

/// A position in a table, moving in key order.
///
/// Each move returns key and value, or nil past the end; the buffers are good as long as those of its
/// transaction and have no alignment. A fresh cursor's ``next()`` goes to the first entry and its
/// ``previous()`` to the last. It keeps its transaction's snapshot alive, must end before a commit, reset
/// or renewal (else that traps), and is used by one thread at a time.
@safe
public struct Cursor: ~Copyable {
    /// The table it moves in.
    public let database: Database
    @usableFromInline let handle: OpaquePointer
    @usableFromInline let core: TransactionCore

    init(handle: OpaquePointer, core: TransactionCore, database: Database) {
        unsafe self.handle = handle
        self.core = core
        self.database = database
    }

    deinit {
        unsafe mdb_cursor_close(handle)
        core.openCursors -= 1
    }

    /// Ends the cursor now rather than at the end of its scope.
    public consuming func end() {}

    // MARK: Moving

    /// The entry with the least key.
    @inlinable @inline(__always)
    public func first() throws(LMDBError) -> (key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)? {
        try unsafe move(MDB_FIRST)
    }

    /// The entry with the greatest key.
    @inlinable @inline(__always)
    public func last() throws(LMDBError) -> (key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)? {
        try unsafe move(MDB_LAST)
    }

    /// The entry after the current one.
    @inlinable @inline(__always)
    public func next() throws(LMDBError) -> (key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)? {
        try unsafe move(MDB_NEXT)
    }

    /// The entry before the current one.
    @inlinable @inline(__always)
    public func previous() throws(LMDBError) -> (key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)?
    {
        try unsafe move(MDB_PREV)
    }

    /// The first entry whose integer key is `key` or greater.
    @inlinable @inline(__always)
    public func seek(
        atLeast key: UInt64
    ) throws(LMDBError) -> (key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)? {
        precondition(database.hasIntegerKeys, "the database has no integer keys")
        return try unsafe withUnsafeBytes(of: key) { bytes throws(LMDBError) in
            try unsafe move(MDB_SET_RANGE, from: MDB_val(bytes))
        }
    }

    /// The first entry whose raw key is `key` or greater.
    @inlinable @inline(__always)
    public func seek(
        atLeast key: UnsafeRawBufferPointer
    ) throws(LMDBError) -> (key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)? {
        unsafe database.checkRawKey(key)
        return try unsafe move(MDB_SET_RANGE, from: MDB_val(key))
    }

    // MARK: Moving, with integer keys

    /// ``first()`` with the key as a number.
    @inlinable @inline(__always)
    public func firstInteger() throws(LMDBError) -> (key: UInt64, value: UnsafeRawBufferPointer)? {
        try unsafe number(first())
    }

    /// ``last()`` with the key as a number.
    @inlinable @inline(__always)
    public func lastInteger() throws(LMDBError) -> (key: UInt64, value: UnsafeRawBufferPointer)? {
        try unsafe number(last())
    }

    /// ``next()`` with the key as a number.
    @inlinable @inline(__always)
    public func nextInteger() throws(LMDBError) -> (key: UInt64, value: UnsafeRawBufferPointer)? {
        try unsafe number(next())
    }

    /// ``previous()`` with the key as a number.
    @inlinable @inline(__always)
    public func previousInteger() throws(LMDBError) -> (key: UInt64, value: UnsafeRawBufferPointer)? {
        try unsafe number(previous())
    }

    /// ``seek(atLeast:)`` with the key as a number.
    @inlinable @inline(__always)
    public func seekInteger(
        atLeast key: UInt64
    ) throws(LMDBError) -> (key: UInt64, value: UnsafeRawBufferPointer)? {
        try unsafe number(seek(atLeast: key))
    }

    // MARK: Changing

    /// Puts a value at an integer key greater than every other (`MDB_APPEND`), and stays there. From an entry to
    /// the next no page is searched: about half the cost of ``WriteTransaction/put(_:key:value:append:)``.
    ///
    /// - Throws: ``LMDBError/isKeyExists`` when the key is not greater; after any other error abort. A cursor
    ///   of a read transaction is refused.
    @inlinable @inline(__always)
    public func append(key: UInt64, value: UnsafeRawBufferPointer) throws(LMDBError) {
        precondition(database.hasIntegerKeys, "the database has no integer keys")
        var key = key
        var stored = unsafe MDB_val(value)
        let code = unsafe withUnsafeMutableBytes(of: &key) { bytes in
            var name = unsafe MDB_val(bytes)
            return unsafe mdb_cursor_put(handle, &name, &stored, UInt32(MDB_APPEND))
        }
        guard code == 0 else { throw core.error(code, "append") }
    }

    // MARK: Below

    @inlinable @inline(__always)
    func move(
        _ operation: MDB_cursor_op, from start: MDB_val? = nil
    ) throws(LMDBError) -> (key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)? {
        var key = unsafe start ?? MDB_val()
        var value = unsafe MDB_val()
        let code = unsafe mdb_cursor_get(handle, &key, &value, operation)
        if code == 0 { return unsafe (UnsafeRawBufferPointer(key), UnsafeRawBufferPointer(value)) }
        if code == MDB_NOTFOUND { return nil }
        throw core.error(code, "move cursor")
    }

    @inlinable @inline(__always)
    func number(
        _ entry: (key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)?
    ) throws(LMDBError) -> (key: UInt64, value: UnsafeRawBufferPointer)? {
        guard let entry = unsafe entry else { return nil }
        // A damaged page can hold a key of any length; a raw-key table certainly does.
        guard unsafe entry.key.count == 8 else { throw core.error(MDB_CORRUPTED, "read integer key") }
        return unsafe (entry.key.loadUnaligned(as: UInt64.self), entry.value)
    }
}

@available(*, unavailable, message: "one thread at a time may use a cursor")
extension Cursor: Sendable {}
