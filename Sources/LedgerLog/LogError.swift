import LMDB
import LedgerDomain

/// What can go wrong with a log: a stable code, a sentence, and LMDB's own words where it was LMDB.
public struct LogError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Stable codes.
    public enum Code: String, Sendable {
        /// No ledger there.
        case noLedger = "log.none"
        /// There is a ledger already.
        case exists = "log.exists"
        /// The file is no ledger of ours, or is damaged.
        case broken = "log.broken"
        /// Written by a newer version.
        case newer = "log.newer"
        /// Another process, or another handle, is the writer.
        case busy = "log.busy"
        /// The disk, the map or a quota is full. Nothing of the group was written.
        case outOfSpace = "log.out_of_space"
        /// The folder cannot be written.
        case readOnly = "log.read_only"
        /// Reading or writing failed.
        case inputOutput = "log.io"
        /// A commit failed half-way, and whether it reached the disk is not known until the ledger is opened
        /// again.
        case indeterminate = "log.indeterminate"
        /// The wall clock is more than an hour behind the log.
        case clock = "log.clock"
        /// The ledger was closed.
        case closed = "log.closed"
    }
    /// What kind of failure it is.
    public let code: Code
    /// One sentence for people.
    public let message: String
    /// The position concerned, where there is one.
    public let position: LogPosition?
    /// LMDB's error.
    public let cause: LMDBError?

    /// Memberwise.
    public init(_ code: Code, _ message: String, position: LogPosition? = nil, cause: LMDBError? = nil) {
        self.code = code
        self.message = message
        self.position = position
        self.cause = cause
    }

    /// For messages.
    public var description: String {
        "\(code.rawValue): \(message)" + (cause.map { " (\($0.operation): \($0.message))" } ?? "")
    }

    /// LMDB's error in the log's terms.
    public init(_ cause: LMDBError, _ what: String) {
        let code: Code =
            if cause.isOutOfSpace || cause.isMapFull {
                .outOfSpace
            } else if cause.isCorrupt {
                .broken
            } else if cause.isReadOnlyFolder {
                .readOnly
            } else {
                .inputOutput
            }
        self.init(code, what, cause: cause)
    }
}
