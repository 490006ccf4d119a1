import ReferralLedger
import StrictJSON

/// `init`: a new ledger.
enum InitVerb {
    static let verb = Verb(
        "init", abstract: "Creates a ledger with a programme and its first policy version.",
        discussion: """
            The folder is made if it is not there; it must not hold a ledger. No key or secret needs to be \
            given: what the ledger needs is drawn and kept in its keys/ folder.
            """,
        section: "Write",
        examples: [
            .init(
                "Two levels of commission in dollars", "referral-ledger init --preset two-level --asset USD"),
            .init("Rules of one's own", "referral-ledger init --policy rules.json --programme friends"),
        ],
        options: [
            .init(
                "preset", "NAME", "Rules that come with the program; two-level unless told otherwise.",
                kind: .choice(Policy.presetNames)),
            .init("policy", "FILE", "Rules in JSON; - is stdin.", kind: .file),
            .init("asset", "CODE", "Currency or unit of facts that name none.", default: "GBP"),
            .init("programme", "ID", "Id of the programme; else the name of its policy."),
        ],
        exclusive: [["preset", "policy"]],
        action: run)

    private static func run(_ invocation: Invocation) throws(CLIError) -> ExitCode {
        let parsed = invocation.parsed
        let directory = try invocation.directory()
        let asset = try Asset.option(try parsed.required("asset"), of: "--asset")
        let policy = try PolicyFile.choose(invocation, default: "two-level")
        try PolicyFile.checkZone(policy)
        let programme = parsed.string("programme") ?? policy.name
        if let problem = IdentifierRules.validate(programme) {
            throw .usage("--programme is '\(programme)', no id: \(problem.message)")
        }
        let setup = ProgrammeSetup(id: programme, asset: asset.code, policy: policy)
        let ledger = try calling { () throws(LedgerError) in
            try Ledger.create(at: directory, programme: setup)
        }
        let (id, position) = (ledger.id.hex, ledger.current.position)
        ledger.close()
        if invocation.isJSON {
            try invocation.output.json { json throws(CLIError) in
                json.member("directory", directory)
                json.member("ledgerId", id)
                json.member("programme", setup.id)
                json.member("asset", asset.code)
                json.member("policy", policy.name)
                json.member("position", position)
            }
        } else {
            invocation.output.line(
                "Created a ledger in \(directory): programme \(setup.id) in \(asset.code), policy \(policy.name)."
            )
        }
        return .done
    }
}

/// Policies that come from files and presets.
enum PolicyFile {
    /// Reads a policy file.
    /// - Throws: exit 65 with every problem, its line and column.
    static func read(_ name: String) throws(CLIError) -> Policy {
        // One byte more than allowed, so that the parser says what is wrong.
        let bytes = try InputFile.read(name, limit: Policy.maximumByteCount + 1)
        do throws(PolicyProblems) {
            return try Policy.parse(bytes)
        } catch {
            let lines = error.problems.map { "\(name): \($0)" }
            throw CLIError(.badInput, lines.joined(separator: "\n"))
        }
    }

    /// The policy that `--policy FILE` or `--preset NAME` names.
    static func choose(_ invocation: Invocation, default preset: String?) throws(CLIError) -> Policy {
        if let file = invocation.parsed.string("policy") { return try read(file) }
        guard let name = invocation.parsed.string("preset") ?? preset, let policy = Policy.preset(named: name)
        else { throw .usage("no policy is given", hint: "Name a FILE or give --preset.") }
        return policy
    }

    /// The rules of the policy's time zone.
    @discardableResult
    static func checkZone(_ policy: Policy) throws(CLIError) -> ZoneRules {
        do throws(LedgerError) {
            return try Ledger.loadZone(policy.timeZone)
        } catch {
            throw CLIError(.badInput, error.message)
        }
    }
}
