import LedgerExchange
import LedgerSocket
import ReferralLedger

/// The one who writes the ledger: this process, or the one that holds the lock, through its socket.
///
/// Verbs that only send commands use it (`withWriter`) and do not care which it is. A verb that needs the
/// ledger for itself uses `withLedger`, and is busy while another process writes.
enum LedgerWriter {
    /// This process holds the lock.
    case own(Ledger)
    /// Another does, and serves its socket.
    case other(LedgerSocketClient)

    /// Sends one command and waits until its record, and all that the answer speaks of, is on disk.
    func submit(_ command: Command) throws(CLIError) -> Outcome {
        switch self {
        case .own(let ledger): return try calling { () throws(LedgerError) in try ledger.submit(command) }
        case .other(let client):
            do {
                return try client.submit(command)
            } catch let error as SocketError {
                throw CLIError(error)
            } catch let error as LedgerError {
                throw CLIError(error)
            } catch let problem as LineProblem {
                throw CLIError(.badInput, "\(problem.code.rawValue): \(problem.message)")
            } catch {
                throw CLIError(.internalError, "\(error)")
            }
        }
    }

    /// The log's last position, as far as this process knows.
    var position: LogPosition {
        switch self {
        case .own(let ledger): ledger.current.position
        case .other(let client): client.position
        }
    }

    /// The programme that is meant, by its id.
    /// - Throws: when the ledger has no such programme, or several and none was named.
    func programmeId(_ named: String?) throws(CLIError) -> String {
        switch self {
        case .own(let ledger): try ledger.current.programmeId(named)
        case .other(let client): try ProgrammeChoice.choose(named, among: client.hello.programmes.map(\.id))
        }
    }

    /// A decoder that knows what lines without a currency mean in this ledger.
    func decoder() throws(CLIError) -> CommandLineDecoder {
        switch self {
        case .own(let ledger): try CommandLineDecoder(ledger.current)
        case .other(let client): CommandLineDecoder(of: client.hello)
        }
    }
}

extension CLIError {
    /// What a failure of the socket means for a run.
    init(_ error: SocketError) {
        switch error.code {
        case .system: self.init(.inputOutput, error.message)
        case .gone, .stopped:
            self.init(
                .busy, error.message, hint: "Send the same call again: what was recorded is repeated.")
        case .busy: self.init(.busy, error.message, hint: "The same call may succeed later.")
        case .version, .notForwardable:
            self.init(
                .busy, error.message, hint: "Stop the process that writes the ledger, and call again.")
        }
    }
}

extension Invocation {
    /// Runs the body with whoever writes the ledger: this process, unless another holds the lock and serves
    /// its socket.
    ///
    /// - Parameter serving: whether other processes may write through this one in the meantime.
    /// - Throws: exit 75 when another process writes and serves no socket.
    func withWriter<Result>(
        serving: Bool = false, _ body: (LedgerWriter) throws(CLIError) -> Result
    ) throws(CLIError) -> Result {
        let directory = try directory()
        let ledger: Ledger
        do throws(LedgerError) {
            ledger = try Ledger.open(at: directory)
        } catch {
            guard error.code == .busy else { throw CLIError(error) }
            let client: LedgerSocketClient?
            do throws(SocketError) {
                client = try LedgerSocketClient.connect(to: directory)
            } catch {
                throw CLIError(error)
            }
            guard let client else { throw CLIError(error) }
            return try body(.other(client))
        }
        defer { ledger.close() }
        // Where no socket can be made others are told that the ledger is busy: no reason not to go on.
        let server = serving ? try? LedgerSocketServer(ledger, program: Program.nameAndVersion) : nil
        defer { server?.stop() }
        return try body(.own(ledger))
    }
}

/// Which programme is meant.
enum ProgrammeChoice {
    /// The programme that is named, or the only one.
    static func choose(_ named: String?, among ids: [String]) throws(CLIError) -> String {
        if let named {
            if ids.contains(named) { return named }
            let hint = Suggestion.nearest(to: named, among: ids).map { "Did you mean '\($0)'?" }
            throw CLIError(.notFound, "the ledger has no programme '\(named)'", hint: hint)
        }
        if ids.count == 1 { return ids[0] }
        if ids.isEmpty { throw CLIError(.notFound, "the ledger has no programme at this position") }
        throw .usage(
            "the ledger has \(ids.count) programmes",
            hint: "Give --programme: \(ids.joined(separator: ", ")).")
    }
}
