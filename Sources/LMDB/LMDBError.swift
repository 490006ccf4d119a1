import CLMDB
import Glibc

/// What went wrong in LMDB, in the system below it, or in the use of this module.
///
/// The ``code`` is the stable part: an `errno` value when positive, an LMDB code (`MDB_…` in `lmdb.h`) from
/// −30799 to −30780, or one of this module's own codes (``environmentClosed`` and its neighbours).
public struct LMDBError: Error, Sendable, Equatable {
    /// A data file that is shorter than its own header says.
    public struct Truncation: Sendable, Equatable {
        /// The least size in bytes at which every page in use would be there; an upper bound of it when the
        /// cut took the list of free pages too.
        public let expectedBytes: UInt64
        /// The size in bytes the file has.
        public let actualBytes: UInt64

        /// A truncation of a file to `actualBytes` where `expectedBytes` are in use.
        public init(expectedBytes: UInt64, actualBytes: UInt64) {
            self.expectedBytes = expectedBytes
            self.actualBytes = actualBytes
        }
    }

    /// `errno` (positive), LMDB's code or this module's code (negative). Never zero.
    public let code: Int32
    /// What was being done, for example `commit`. Stable, meant for logs and tests.
    public let operation: String
    /// The file or folder concerned, where there is one.
    public let path: String?
    /// What this module knows beyond the code, as one sentence.
    public let detail: String?
    /// Set when the data file is too short for what its header says.
    public let truncation: Truncation?

    /// The environment was closed before the call. −20001.
    public static let environmentClosed: Int32 = -20001
    /// The handle was made by the parent of this forked process; open the folder anew in the child. −20002.
    public static let usedAfterFork: Int32 = -20002
    /// This process has the folder open already; LMDB would lose its locks on a second open. −20003.
    public static let alreadyOpen: Int32 = -20003
    /// This thread has a write transaction open already; waiting for it would never end. −20004.
    public static let writerReentered: Int32 = -20004
    /// The read transaction was reset and not renewed since. −20005.
    public static let transactionReset: Int32 = -20005

    /// An error as this module, or a test standing in for it, reports it.
    public init(
        code: Int32, operation: String, path: String? = nil, detail: String? = nil,
        truncation: Truncation? = nil
    ) {
        self.code = code
        self.operation = operation
        self.path = path
        self.detail = detail
        self.truncation = truncation
    }

    /// The code in words, from `mdb_strerror`, `strerror` or this module.
    public var message: String {
        switch code {
        case Self.environmentClosed: "the environment is closed"
        case Self.usedAfterFork: "the handle belongs to the parent of this forked process"
        case Self.alreadyOpen: "this process has the environment open already"
        case Self.writerReentered: "this thread has a write transaction open already"
        case Self.transactionReset: "the read transaction is reset; renew it first"
        default:
            // Both give static text for LMDB's codes; glibc 2.32 and later keep strerror's per thread.
            unsafe code < 0 ? String(cString: mdb_strerror(code)) : String(cString: strerror(code))
        }
    }
}

extension LMDBError: CustomStringConvertible {
    /// One line: operation, path, message, detail.
    public var description: String {
        var line = "lmdb \(operation)"
        if let path { line += " \(path)" }
        line += ": \(message) (\(code))"
        if let detail { line += "; \(detail)" }
        return line
    }
}

extension LMDBError {
    /// The map size of ``Environment/Options/mapSizeBytes`` is used up. Abort; reading goes on.
    public var isMapFull: Bool { code == MDB_MAP_FULL }

    /// The table has keys or flags of another kind than asked for: `MDB_INCOMPATIBLE`.
    public var isIncompatible: Bool { code == MDB_INCOMPATIBLE }

    /// A database or file that was asked for is not there.
    public var isNotFound: Bool { code == MDB_NOTFOUND || code == ENOENT }

    /// With `append`: the key is not greater than the last one. The transaction stays usable.
    public var isKeyExists: Bool { code == MDB_KEYEXIST }

    /// The file is damaged, cut short, of another LMDB version, or not LMDB's at all.
    public var isCorrupt: Bool {
        switch code {
        case MDB_CORRUPTED, MDB_PAGE_NOTFOUND, MDB_INVALID, MDB_VERSION_MISMATCH: true
        default: false
        }
    }

    /// The file system, the file size limit or the quota is full. Nothing was committed.
    ///
    /// LMDB 0.9.24 reports a write that the disk took only in part as `EIO`, which is not counted here: it
    /// cannot be told from a failed sync (see ``isIndeterminate``).
    public var isOutOfSpace: Bool { code == ENOSPC || code == EFBIG || code == EDQUOT }

    /// The file or folder cannot be written by this process.
    public var isReadOnlyFolder: Bool { code == EROFS || code == EACCES || code == EPERM }

    /// Every reader slot is taken, by live processes.
    public var isReadersFull: Bool { code == MDB_READERS_FULL }

    /// This process has the folder open already.
    public var isAlreadyOpen: Bool { code == Self.alreadyOpen }

    /// The handle came across a `fork`.
    public var isUsedAfterFork: Bool { code == Self.usedAfterFork }

    /// The environment was closed before.
    public var isClosed: Bool { code == Self.environmentClosed }

    /// Whether the data of a failed commit may or may not be durable.
    ///
    /// A failed sync or header write leaves the page cache and the disk in unknown agreement, and LMDB may
    /// answer every later call with `MDB_PANIC`. Close the environment, open it again, and look.
    public var isIndeterminate: Bool {
        if code == MDB_PANIC { return true }
        return operation == Self.commitOperation && code > 0 && code != ENOMEM && !isOutOfSpace
    }

    /// The operation name that ``isIndeterminate`` looks for.
    static let commitOperation = "commit"
}
