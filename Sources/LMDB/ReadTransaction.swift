/// A snapshot of an environment: what the last commit before it left, unchanged for as long as it lives.
///
/// It ends when its last use, or the last of its cursors, ends. Buffers it returns lead into the mapped
/// file: they are read-only, of no alignment (use `loadUnaligned`), and good until the transaction ends, is
/// reset or renewed. It may move from thread to thread, with `MDB_NOTLS`, but only one thread may use it at
/// a time; so it is not `Sendable`. A snapshot held for long keeps old pages from being reused and makes
/// the file grow: renew it.
public struct ReadTransaction: ~Copyable {
    @usableFromInline let core: TransactionCore

    init(core: TransactionCore) { self.core = core }

    // A value with a `deinit` lives to the end of its scope, whatever its last use: the buffers need it
    // until then.
    deinit { withExtendedLifetime(core) {} }

    /// The id of the write transaction whose commit this snapshot shows; 0 in a new environment.
    public var id: UInt64 {
        get throws(LMDBError) { try core.identifier() }
    }

    /// The value at an integer key, or nil. The tree's height in page lookups, no copy.
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

    /// How many entries a table holds. Constant time.
    public func entryCount(_ database: Database) throws(LMDBError) -> UInt64 { try core.entryCount(database) }

    /// A cursor over a table. It shares the snapshot and keeps it alive.
    public func cursor(_ database: Database) throws(LMDBError) -> Cursor { try core.cursor(database) }

    /// Lets go of the snapshot but keeps the reader slot; every use but ``renew()`` throws from now on.
    ///
    /// Traps while a cursor is open: its page would be pulled away.
    public func reset() throws(LMDBError) { try core.reset() }

    /// Moves on to the newest snapshot. Cheaper than a new transaction: the reader slot is kept.
    ///
    /// Buffers of the old snapshot are void. Traps while a cursor is open.
    public func renew() throws(LMDBError) { try core.renew() }

    /// Ends the transaction now rather than at the end of its scope.
    public consuming func end() {}
}

@available(*, unavailable, message: "one thread at a time may use a transaction")
extension ReadTransaction: Sendable {}
