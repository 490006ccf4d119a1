public import CLMDB

/// A named table of an environment: bytes to bytes, ordered by key.
///
/// A small value that may be kept and passed anywhere for as long as its environment is open. Keys are either
/// 64-bit unsigned integers in the machine's byte order (`MDB_INTEGERKEY`), ordered as numbers, or 1 to 511
/// raw bytes, ordered byte for byte, a prefix first. Using it with another environment's transaction traps.
public struct Database: Sendable, Hashable {
    /// Whether keys are 64-bit unsigned integers.
    public let hasIntegerKeys: Bool
    /// LMDB's handle, good for the life of the environment.
    @usableFromInline let handle: MDB_dbi
    /// The environment it belongs to, by its number in this process.
    @usableFromInline let environmentNumber: UInt64

    init(handle: MDB_dbi, hasIntegerKeys: Bool, environmentNumber: UInt64) {
        self.handle = handle
        self.hasIntegerKeys = hasIntegerKeys
        self.environmentNumber = environmentNumber
    }

    /// An integer-key tree reads 8 bytes of every key, whatever its length says: a shorter one is read past
    /// its end.
    @inlinable @inline(__always)
    func checkRawKey(_ key: UnsafeRawBufferPointer) {
        precondition(!hasIntegerKeys || key.count == 8, "an integer key has 8 bytes")
    }
}

extension Environment {
    /// Opens a table, in a short transaction of its own.
    ///
    /// The handle works in transactions begun afterwards (and in a reader renewed afterwards), not in older
    /// ones. Opening the same name again gives an equal value. With `create` it waits for the writer;
    /// without, it does not.
    ///
    /// - Parameters:
    ///   - name: the table's name, or nil for the unnamed main table. Names of tables are keys of the main
    ///     table, so use it for data only in an environment without named tables.
    ///   - integerKeys: whether keys are 64-bit integers; must be what the table was created with.
    ///   - create: whether to create the table when it is not there.
    /// - Throws: ``LMDBError/isNotFound``; `MDB_INCOMPATIBLE` when the table has other keys or several
    ///   values a key; `MDB_DBS_FULL` past ``Options/maxDatabases``; ``LMDBError/writerReentered`` when
    ///   this thread has a write transaction open.
    public func openDatabase(_ name: String?, integerKeys: Bool, create: Bool) throws(LMDBError) -> Database {
        try refuseReentry("open database")
        // Two transactions must not open handles at one time (mdb_dbi_open in lmdb.h), readers included.
        let outcome = databaseOpening.withLock { _ in
            do throws(LMDBError) {
                return Result<Database, LMDBError>.success(
                    try openAlone(name, integerKeys: integerKeys, create: create))
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    private func openAlone(_ name: String?, integerKeys: Bool, create: Bool) throws(LMDBError) -> Database {
        let core = create ? try beginWriteCore() : try beginReadCore()
        let transaction = try unsafe core.live()
        var handle: MDB_dbi = 0
        var flags: UInt32 = 0
        func incompatible(_ detail: String) -> LMDBError {
            error(MDB_INCOMPATIBLE, "open database", detail: "\(name ?? "the main table") \(detail)")
        }
        // The main table always exists: its flags are settled while it is empty.
        var wanted = UInt32(create ? MDB_CREATE : 0) | UInt32(integerKeys ? MDB_INTEGERKEY : 0)
        if name == nil { wanted = 0 }
        var code = unsafe mdb_dbi_open(transaction, name, wanted, &handle)
        if code == 0 { code = unsafe mdb_dbi_flags(transaction, handle, &flags) }
        guard code == 0 else { throw error(code, "open database", detail: name) }
        if name == nil, create, integerKeys, flags & UInt32(MDB_INTEGERKEY) == 0 {
            let database = Database(handle: handle, hasIntegerKeys: false, environmentNumber: number)
            guard try core.entryCount(database) == 0 else { throw incompatible("holds other keys already") }
            code = unsafe mdb_dbi_open(transaction, nil, UInt32(MDB_INTEGERKEY), &handle)
            if code == 0 { code = unsafe mdb_dbi_flags(transaction, handle, &flags) }
            guard code == 0 else { throw error(code, "open database") }
        }
        guard (flags & UInt32(MDB_INTEGERKEY) != 0) == integerKeys else {
            throw incompatible(integerKeys ? "has no integer keys" : "has integer keys")
        }
        guard flags & ~UInt32(MDB_INTEGERKEY) == 0 else { throw incompatible("has flags \(flags), not ours") }
        try core.commit()
        return Database(handle: handle, hasIntegerKeys: integerKeys, environmentNumber: number)
    }
}
