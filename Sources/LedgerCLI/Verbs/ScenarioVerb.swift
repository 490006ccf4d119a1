import LedgerExchange
import ReferralLedger
import StrictJSON

/// `scenario`: stories that must come true.
enum ScenarioVerb {
    static let verb = Verb(
        "scenario", abstract: "Plays given / when / then files, each scenario in a fresh ledger.",
        discussion: """
            A file tells what is given, what happens and what must then hold, to the last minor unit; \
            Documentation/scenarios.md describes its form. Needs no ledger: each scenario has one of its own in \
            a temporary folder (under TMPDIR, else in memory where it can be), and must leave books that sum to \
            zero and a log that verifies. Ends with 1 when something does not hold, with 65 for a file that \
            cannot be read as scenarios.
            """,
        section: "Tools",
        examples: [.init("All of them", "referral-ledger scenario Fixtures/scenarios/*")],
        arguments: [.init("FILE", "Scenarios; - is stdin.", kind: .file, isRepeating: true)],
        action: { (invocation) throws(CLIError) in
            var files: [(name: String, scenarios: [Scenario])] = []
            for name in invocation.parsed.arguments("FILE") { files.append((name, try read(name))) }
            Signals.whenStopped { ScratchFolders.removeAll() }
            var played: [Played] = []
            for (name, scenarios) in files {
                for scenario in scenarios {
                    let result = try calling { () throws(LedgerError) in try scenario.run() }
                    let one = Played(file: name, scenario: scenario, result: result)
                    if !invocation.isJSON { show(one, invocation.output) }
                    played.append(one)
                }
            }
            let failed = played.count { !$0.result.failures.isEmpty }
            if invocation.isJSON {
                try invocation.output.json { json throws(CLIError) in
                    json.member("files", files.count)
                    json.member("failed", failed)
                    json.list("scenarios", played) { json, one in write(one, to: &json) }
                }
            } else {
                summarise(played, failed, invocation.output)
            }
            return failed == 0 ? .done : .differences
        })

    /// A scenario and what came of it.
    private struct Played {
        let file: String
        let scenario: Scenario
        let result: ScenarioResult
    }

    private static func read(_ name: String) throws(CLIError) -> [Scenario] {
        let bytes = try InputFile.read(name, limit: Scenario.maximumByteCount)
        do throws(ScenarioProblem) {
            return try Scenario.parse(bytes)
        } catch {
            throw CLIError(.badInput, "\(name): \(error)")
        }
    }

    private static func show(_ one: Played, _ output: Output) {
        let holds = one.result.failures.isEmpty
        let mark = holds ? output.style.green("holds") : output.style.red("fails")
        output.line("\(mark)  \(DisplayText.safe(one.scenario.title))")
        for failure in one.result.failures {
            output.line("       " + DisplayText.safe("\(one.file):\(failure.line): \(failure.subject)"))
            output.line("         expected  " + DisplayText.safe(failure.expected))
            output.line("         actual    " + DisplayText.safe(failure.actual))
            if let difference = failure.difference { output.line("         differs   \(difference)") }
        }
        output.flush()
    }

    private static func summarise(_ played: [Played], _ failed: Int, _ output: Output) {
        let checks = played.reduce(0) { $0 + $1.result.checks }
        let commands = played.reduce(0) { $0 + $1.result.commands }
        let sum = """
            \(Plural.text(played.count, "scenario")), \(Plural.text(commands, "command")), \
            \(Plural.text(checks, "check")): 
            """
        let end = failed == 0 ? "all hold." : "\(failed) \(failed == 1 ? "fails" : "fail")."
        output.line(sum + (failed == 0 ? output.style.green(end) : output.style.red(end)))
    }

    private static func write(_ one: Played, to json: inout JSONWriter) {
        json.member("file", one.file)
        json.member("line", one.scenario.line)
        json.member("title", one.scenario.title)
        json.member("holds", one.result.failures.isEmpty)
        json.member("commands", one.result.commands)
        json.member("checks", one.result.checks)
        json.list("failures", one.result.failures) { json, failure in
            json.member("line", failure.line)
            json.member("subject", failure.subject)
            json.member("expected", failure.expected)
            json.member("actual", failure.actual)
            json.member("difference", failure.difference)
        }
    }
}
