import LMDB
import LedgerDomain
import Synchronization

/// Where a log ends.
public struct LogHead: Sendable, Equatable {
    /// Position of the last event; 0 for an empty log.
    public var position: LogPosition
    /// Records so far: the next ordinal.
    public var records: UInt64
    /// `recordedAt` of the last record.
    public var recordedAt: Timestamp
    /// Memberwise.
    public init(position: LogPosition, records: UInt64, recordedAt: Timestamp) {
        self.position = position
        self.records = records
        self.recordedAt = recordedAt
    }
    public static let empty = LogHead(position: .start, records: 0, recordedAt: Timestamp(nanoseconds: 0))
}

/// The append-only log: one LMDB environment with `records` (base position → record) and `meta`.
///
/// Appending is for one thread at a time; reading is for any. This type and `append(_:expecting:)`,
/// `scan(from:…)` and `head` are the seam behind which another store could stand.
public final class LogStore: Sendable {
    /// The environment can be exchanged (`reopen`) while nobody reads.
    private let box: EnvironmentBox
    /// The last transaction that was committed here, and where the log ended then; 0: none yet.
    private let committed = Atomic<UInt64>(0)
    private let committedEnd = Atomic<UInt64>(0)
    /// The ledger's id, drawn when it was made.
    public let ledgerId: Bytes16
    public let isReadOnly: Bool

    private init(box: EnvironmentBox, ledgerId: Bytes16, isReadOnly: Bool) {
        self.box = box
        self.ledgerId = ledgerId
        self.isReadOnly = isReadOnly
    }

    static let magic: [UInt8] = Array("referral-ledger log 1\n".utf8)

    /// Makes an empty log in a folder that has none.
    public static func create(directory: String, ledgerId: Bytes16, mapSizeBytes: Int) throws(LogError)
        -> LogStore
    {
        let environment: Environment
        do {
            environment = try Environment(directory: directory, options: .init(mapSizeBytes: mapSizeBytes))
        } catch {
            throw LogError(error, "cannot make a log in \(directory)")
        }
        let records: Database
        let existed: Bool
        do throws(LMDBError) {
            let meta = try environment.openDatabase("meta", integerKeys: false, create: true)
            records = try environment.openDatabase("records", integerKeys: true, create: true)
            let write = try environment.beginWrite()
            existed = try write.bytes(meta, named: "format") != nil
            if !existed {
                try write.put(meta, named: "format", magic)
                try write.put(meta, named: "ledgerId", ledgerId.bytes)
                try write.commit()
            }
        } catch {
            environment.close()
            throw LogError(error, "cannot make a log in \(directory)")
        }
        if existed {
            environment.close()
            throw LogError(.exists, "\(directory) holds a log already")
        }
        return LogStore(
            box: EnvironmentBox(environment, records, directory, mapSizeBytes), ledgerId: ledgerId,
            isReadOnly: false)
    }

    /// Opens an existing log.
    public static func open(directory: String, readOnly: Bool, mapSizeBytes: Int) throws(LogError) -> LogStore
    {
        let environment: Environment
        do {
            environment = try Environment(
                directory: directory, options: .init(mapSizeBytes: mapSizeBytes, readOnly: readOnly))
        } catch {
            throw LogError(error, "cannot open the log in \(directory)")
        }
        do throws(LogError) {
            let (records, id) = try identify(environment, directory)
            return LogStore(
                box: EnvironmentBox(environment, records, directory, mapSizeBytes), ledgerId: id,
                isReadOnly: readOnly)
        } catch {
            environment.close()
            throw error
        }
    }

    /// Makes sure that the environment is a log of ours, and of this format.
    private static func identify(
        _ environment: Environment, _ directory: String
    ) throws(LogError) -> (Database, Bytes16) {
        let records: Database
        let format: [UInt8]?
        let id: [UInt8]?
        do throws(LMDBError) {
            let meta = try environment.openDatabase("meta", integerKeys: false, create: false)
            records = try environment.openDatabase("records", integerKeys: true, create: false)
            let read = try environment.beginRead()
            format = try read.bytes(meta, named: "format")
            id = try read.bytes(meta, named: "ledgerId")
        } catch {
            if error.isNotFound || error.isIncompatible {
                throw LogError(.broken, "\(directory)/data.mdb is another program's LMDB file", cause: error)
            }
            throw LogError(error, "cannot open the log in \(directory)")
        }
        guard let format else {
            throw LogError(.broken, "\(directory)/data.mdb is another program's LMDB file")
        }
        guard format == magic else {
            throw LogError(.newer, "\(directory)/data.mdb has another format than this program's")
        }
        guard let id, id.count == 16 else {
            throw LogError(.broken, "\(directory)/data.mdb has no ledger id")
        }
        return (records, Bytes16(id))
    }

    /// Where the log ends on disk. Cost: one look-up.
    public func head() throws(LogError) -> LogHead {
        var last: LogHead?
        var failure: LogError?
        try reading { read, records throws(LMDBError) in
            var cursor = try Self.checked(read, records).cursor()
            guard let found = try unsafe cursor.lastInteger() else { return }
            do throws(LogError) {
                let header = try unsafe Self.check(found.key, found.value)
                last = LogHead(
                    position: header.lastPosition, records: header.ordinal + 1, recordedAt: header.recordedAt)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return last ?? .empty
    }

    /// Appends a group in one transaction: when this returns, it is on disk.
    ///
    /// - Parameter head: where the log must end now: the caller's own idea of it.
    /// - Throws: `.broken` when the log ends elsewhere, `.outOfSpace` and `.inputOutput`: nothing was written.
    ///   `.indeterminate` when the commit itself failed: then call `reopen` and look at `head`.
    public func append(_ group: RecordGroup, expecting head: LogHead) throws(LogError) {
        guard group.count > 0 else { return }
        precondition(
            group.base(0).rawValue == head.position.rawValue + 1, "group does not follow the log's head")
        group.seal()
        let (environment, records) = box.forAppending
        let end: LogPosition
        var committing = false
        do throws(LMDBError) {
            let write = try environment.beginWrite()
            let number = try write.id
            // Where nobody has committed since, the log ends where it did: nothing is to be looked up.
            if number == committed.load(ordering: .relaxed) + 1 {
                end = LogPosition(committedEnd.load(ordering: .relaxed))
            } else {
                end = try Self.end(of: write.cursor(records))
            }
            if end == head.position {
                if group.count == 1 {
                    try unsafe write.put(records, key: group.base(0).rawValue, value: group[0], append: true)
                } else {
                    let cursor = try write.cursor(records)
                    for i in 0..<group.count {
                        try unsafe cursor.append(key: group.base(i).rawValue, value: group[i])
                    }
                    cursor.end()
                }
                committing = true
                try write.commit()
                committedEnd.store(group.end.rawValue, ordering: .relaxed)
                committed.store(number, ordering: .relaxed)
                return
            }
        } catch {
            // Where it ends is looked up next time.
            committed.store(0, ordering: .relaxed)
            // A full map is found out before anything is committed.
            if committing, !error.isMapFull {
                throw LogError(.indeterminate, "the commit of a group failed", cause: error)
            }
            throw LogError(error, "a group could not be appended")
        }
        committed.store(0, ordering: .relaxed)
        throw LogError(.broken, "the log ends at \(end) where \(head.position) was expected", position: end)
    }

    /// Position of the last event on disk, by the last record's key and count. Cost: one look-up; no checksum.
    private static func end(of cursor: borrowing Cursor) throws(LMDBError) -> LogPosition {
        guard let last = unsafe try cursor.lastInteger(), unsafe last.value.count >= RecordHeader.size else {
            return .start
        }
        let count = unsafe RecordHeader.statedEvents(last.value)
        return unsafe LogPosition(last.key &+ UInt64(count) &- 1)
    }

    /// Closes and opens the environment again, waiting until nobody reads. For use after `.indeterminate`.
    ///
    /// - Parameter lettingGo: Makes sources of records (``RecordSource``) let go of the log; called as often as some came back
    ///   to it meanwhile.
    public func reopen(lettingGo: () -> Void = {}) throws(LogError) {
        // What a commit came to that failed is looked up.
        committed.store(0, ordering: .relaxed)
        do {
            try box.reopen(lettingGo: lettingGo)
        } catch {
            throw LogError(error, "the log cannot be opened again")
        }
    }

    /// Closes the environment. Every reader must be gone.
    public func close() { box.close() }

    /// A read transaction for the closure; the environment stays in place as long. Not for long stays: a
    /// reader keeps old pages alive.
    public func reading<R>(
        _ body: (borrowing ReadTransaction, Database) throws(LMDBError) -> R
    ) throws(LogError) -> R {
        let (environment, records) = box.enter()
        defer { box.leave() }
        do {
            let read = try environment.beginRead()
            return try body(read, records)
        } catch {
            throw LogError(error, "the log cannot be read")
        }
    }

    /// The records as a snapshot has them, read without trust in their pages: damage is an error that names its page.
    static func checked(
        _ read: borrowing ReadTransaction, _ records: Database
    ) throws(LMDBError) -> CheckedTable { try read.checkedTable(records, named: "records") }

    /// For a reader that stays: the environment is not exchanged until `leaveReading`.
    func enterReading() -> (Environment, Database) { box.enter() }
    func leaveReading() { box.leave() }

    /// Bytes of the log's file that are in use, and other figures of LMDB's.
    public func info() throws(LogError) -> EnvironmentInfo {
        let (environment, _) = box.enter()
        defer { box.leave() }
        do { return try environment.info } catch { throw LogError(error, "the log cannot be read") }
    }

    /// Checks every page that the log reaches now, without LMDB's trust in them.
    public func checkPages() throws(LogError) -> PageCheckReport {
        let (environment, _) = box.enter()
        defer { box.leave() }
        do { return try environment.checkPages(appendOnly: ["records"]) } catch {
            throw LogError(error, "the log's pages cannot be checked")
        }
    }

    /// Clears the slots of readers whose process has died, and says how many there were.
    public func clearDeadReaders() throws(LogError) -> Int {
        let (environment, _) = box.enter()
        defer { box.leave() }
        do { return try environment.staleReaders() } catch {
            throw LogError(error, "the readers cannot be checked")
        }
    }

    /// Whether nothing keeps a writer in another process from reusing the pages that are read here: the folder
    /// cannot be written, so that this reader is not on LMDB's list.
    public var isLockless: Bool { box.current.0.isLockless }

    /// A copy of the whole log under `directory`, made while the ledger goes on.
    public func copy(to directory: String, compacting: Bool) throws(LogError) {
        let (environment, _) = box.enter()
        defer { box.leave() }
        do {
            try environment.copy(to: directory, compacting: compacting)
        } catch {
            throw LogError(error, "the log cannot be copied to \(directory)")
        }
    }
}
