import LedgerDomain
import LedgerLog
import LedgerState

/// What can go wrong with a ledger, as opposed to a command that it refuses: a stable code, a sentence, and
/// the cause.
public struct LedgerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Stable codes.
    public enum Code: String, Sendable, CaseIterable {
        /// No ledger in the folder.
        case noLedger = "ledger.none"
        /// There is a ledger in the folder already.
        case exists = "ledger.exists"
        /// The log is damaged, or is not one.
        case broken = "ledger.broken"
        /// Written by a newer version of this program.
        case newer = "ledger.newer"
        /// Another writer has the ledger, or the queue is full.
        case busy = "ledger.busy"
        /// The disk, a quota or the map is full: nothing of the group was written; reading goes on.
        case outOfSpace = "ledger.out_of_space"
        /// The folder cannot be written.
        case readOnly = "ledger.read_only"
        /// Reading or writing failed; nothing of the group was written.
        case inputOutput = "ledger.io"
        /// A commit failed, and whether it reached the disk could not be found out. The writer has stopped:
        /// open the ledger again, and send the commands again: what was recorded is repeated.
        case indeterminate = "ledger.indeterminate"
        /// The ledger was closed.
        case closed = "ledger.closed"
        /// A command was sent from inside a custom view's `apply`.
        case reentrant = "ledger.reentrant"
        /// Past the caller's own deadline.
        case timedOut = "ledger.timed_out"
        /// The log ends before the position that was asked for.
        case beyondEnd = "ledger.beyond_end"
    }
    /// What kind of failure it is.
    public let code: Code
    /// One sentence for people.
    public let message: String
    /// The log position concerned, where there is one.
    public let position: LogPosition?

    /// Memberwise.
    public init(_ code: Code, _ message: String, position: LogPosition? = nil) {
        self.code = code
        self.message = message
        self.position = position
    }

    /// For messages.
    public var description: String {
        "\(code.rawValue): \(message)" + (position.map { " (position \($0))" } ?? "")
    }

    init(_ error: LogError) {
        let code: Code =
            switch error.code {
            case .noLedger: .noLedger
            case .exists: .exists
            case .broken: .broken
            case .newer: .newer
            case .busy: .busy
            case .outOfSpace: .outOfSpace
            case .readOnly: .readOnly
            case .inputOutput, .clock: .inputOutput
            case .indeterminate: .indeterminate
            case .closed: .closed
            }
        let cause =
            error.cause.map { ": \($0.operation): \($0.message)" + ($0.detail.map { ", \($0)" } ?? "") } ?? ""
        self.init(code, error.message + cause, position: error.position)
    }

    init(_ fault: FoldFault) {
        self.init(.broken, "\(fault.check): \(fault.message)", position: fault.position)
    }
}

extension LedgerError {
    static func beyond(_ position: LogPosition, end: LogPosition) -> LedgerError {
        LedgerError(.beyondEnd, "position \(position) is beyond the log's last position, \(end)")
    }
}
