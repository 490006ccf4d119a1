import Glibc
import LedgerSocket
import ReferralLedger

/// `daemon`: the simplest host of a writer.
enum DaemonVerb {
    static let verb = Verb(
        "daemon", abstract: "Holds the ledger open for writing and lets other processes write through it.",
        discussion: """
            While it runs, record, import, advance and policy publish of other processes go through its socket, \
            writer.sock in the ledger's folder, which only the ledger's owner can open. They answer as they do \
            alone, and share its fsyncs. Verbs that read need it not.

            It says on stdout when it is ready. SIGTERM or Ctrl-C end it with 0: what has arrived is answered, a \
            running import ends after the groups on their way (with 75: the same call goes on). Killed in any \
            other way it loses nothing that was acknowledged.
            """,
        section: "Write",
        examples: [.init("Until it is told to stop", "referral-ledger daemon --ledger ./acme")],
        action: { (invocation) throws(CLIError) in
            Signals.catchStopRequests()
            return try invocation.withLedger { ledger throws(CLIError) in
                let server: LedgerSocketServer
                do throws(SocketError) {
                    server = try LedgerSocketServer(ledger, program: Program.nameAndVersion)
                } catch {
                    throw CLIError(error)
                }
                try announce(ledger, invocation)
                // The signal may come on any thread: waiting has an end.
                while !Signals.isStopRequested { _ = poll(nil, 0, 100) }
                server.stop()
                invocation.output.message("Stopped at position \(ledger.current.position).")
                return .done
            }
        })

    private static func announce(_ ledger: Ledger, _ invocation: Invocation) throws(CLIError) {
        let output = invocation.output
        let position = ledger.current.position
        if invocation.isJSON {
            try output.json { json throws(CLIError) in
                json.member("directory", ledger.directory)
                json.member("ledgerId", ledger.id.hex)
                json.member("processId", getpid())
                json.member("position", position)
            }
        } else {
            output.line("Writing \(ledger.directory) from position \(position) on, as process \(getpid()).")
        }
        output.flush()
    }
}
