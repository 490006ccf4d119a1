/// How a run of `referral-ledger` ended: the whole list, and nothing else is ever returned.
///
/// 64 to 76 are the numbers of BSD `sysexits.h`, so scripts can tell a typing mistake from a full disk.
enum ExitCode: Int32, CaseIterable, Sendable {
    /// Done, equal, clean.
    case done = 0
    /// The verb worked and found differences, breaks or refused lines.
    case differences = 1
    /// The command line itself is wrong.
    case usage = 64
    /// A file that was given cannot be used; the message names file, line, column and reason.
    case badInput = 65
    /// No such ledger or file.
    case notFound = 66
    /// A defect of this program.
    case internalError = 70
    /// Reading or writing failed below us.
    case inputOutput = 74
    /// Someone else has the ledger, or a queue is full: the same call may succeed later.
    case busy = 75
    /// The log is broken, or a proof does not hold.
    case broken = 76

    /// The line of the help text and of the man page.
    var summary: String {
        switch self {
        case .done: "done, equal or clean"
        case .differences: "differences, breaks or refused lines found"
        case .usage: "wrong use of the command line"
        case .badInput: "bad input; the message names file, line and reason"
        case .notFound: "no such ledger or file"
        case .internalError: "internal error"
        case .inputOutput: "input/output error"
        case .busy: "busy, try again"
        case .broken: "broken log or failed proof"
        }
    }
}
