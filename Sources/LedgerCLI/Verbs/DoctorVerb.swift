import LedgerSocket
import ReferralLedger
import StrictJSON

/// `doctor`: what an operator would want to know.
enum DoctorVerb {
    static let verb = Verb(
        "doctor", abstract: "Looks at machine, folder and ledger, and says what to do.",
        discussion: """
            Changes nothing but slots that dead readers have left. Beside a writer it tells who that is and \
            whether its socket answers. Ends with 1 when something fails; warnings alone end with 0. A log that \
            is broken ends with 76; only 'verify' looks at every record.
            """,
        section: "Audit",
        examples: [
            .init("Is all well?", "referral-ledger doctor"),
            .init("Every hour, by a monitor", "referral-ledger doctor --quiet --json"),
        ],
        action: { (invocation) throws(CLIError) in
            let directory = try invocation.directory()
            var checks = try calling { () throws(LedgerError) in try Ledger.examine(at: directory) }
            let isWritten = checks.contains { $0.name == "writer" && $0.isBusy }
            let place = (checks.firstIndex { $0.name == "writer" } ?? checks.count - 1) + 1
            checks.insert(socket(directory, isWritten: isWritten), at: place)
            let fails = checks.contains { $0.state == .fail }
            if invocation.isJSON {
                try invocation.output.json { json throws(CLIError) in
                    json.member("ok", !fails)
                    json.list("checks", checks) { json, check in
                        json.member("check", check.name)
                        json.member("state", check.state.rawValue)
                        json.member("text", check.text)
                        json.member("advice", check.advice)
                    }
                }
            } else {
                show(checks, invocation.output)
            }
            if checks.contains(where: \.isBrokenLog) { return .broken }
            return fails ? .differences : .done
        })

    /// Whether the writer's socket answers.
    private static func socket(_ directory: String, isWritten: Bool) -> HealthCheck {
        do throws(SocketError) {
            if let client = try LedgerSocketClient.connect(to: directory) {
                let hello = client.hello
                return HealthCheck(
                    "socket", .ok, "process \(hello.processId) (\(hello.program)) serves it")
            }
            if !isWritten { return HealthCheck("socket", .ok, "nobody writes, so nobody serves it") }
            return HealthCheck(
                "socket", .warn, "who writes the ledger serves no socket",
                advice: "Writing verbs of other processes are told that the ledger is busy until it is done.")
        } catch {
            return HealthCheck(
                "socket", error.code == .busy ? .warn : .fail, error.message,
                advice: "Writing verbs of other processes cannot go through it.")
        }
    }

    private static func show(_ checks: [HealthCheck], _ output: Output) {
        let width = checks.reduce(0) { max($0, $1.name.count) }
        for check in checks {
            let state =
                switch check.state {
                case .ok: output.style.green("ok  ")
                case .warn: output.style.yellow("warn")
                case .fail: output.style.red("fail")
                }
            output.line(
                "\(state)  \(DisplayText.padded(check.name, to: width))  \(DisplayText.safe(check.text))")
            if let advice = check.advice {
                output.line(
                    String(repeating: " ", count: width + 8) + output.style.dim(DisplayText.safe(advice)))
            }
        }
    }
}
