import ReferralLedger
import StrictJSON

/// `explain`: an answer, down to the events that made it.
enum ExplainVerbs {
    static let group = Verb(
        "explain", abstract: "Shows how an answer came to be: events, rules, policy versions.",
        discussion: """
            Each step is an event of the log, with the rule it was made by and the version of the policy that \
            ruled. The leaf is the step's place in the hash tree, whose root stands below; --json and the page hold \
            the path of hashes from each leaf to the root. --proofs writes a C2SP tlog-proof for each record, \
            which 'check-proof' checks, by the checkpoint signed last. --html writes a page for people that needs \
            nothing beside it.
            """,
        section: "Read",
        examples: [
            .init("Why is this my balance?", "referral-ledger explain balance u-17850"),
            .init("One commission", "referral-ledger explain reward shop/536365/2"),
            .init("A page to send", "referral-ledger explain balance u-17850 --html why.html"),
        ],
        options: [
            CommonOptions.programme, CommonOptions.at, CommonOptions.effective,
            html, proofs,
        ],
        subcommands: [balance, tier, rank, reward, parked])

    static let html = Verb.Option("html", "FILE", "Writes a page that needs nothing beside it.", kind: .file)
    static let proofs = Verb.Option(
        "proofs", "DIR", "Writes a proof for each record that steps name.", kind: .directory)
    private static let user = Verb.Argument("ID", "The user.")

    private static let balance = Verb(
        "balance", abstract: "Explains a user's money.",
        examples: [.init("In one currency", "referral-ledger explain balance u-17850 --asset GBP")],
        arguments: [user], options: [CommonOptions.asset],
        action: { (invocation) throws(CLIError) in
            try explain(invocation) { reader throws(CLIError) in
                .balance(
                    userId: invocation.parsed.argument("ID") ?? "",
                    asset: try invocation.asset(try reader.codes()))
            }
        })

    private static let tier = Verb(
        "tier", abstract: "Explains a user's tier.",
        examples: [.init("A user's", "referral-ledger explain tier u-17850")], arguments: [user],
        action: { (invocation) throws(CLIError) in
            try explain(invocation) { _ throws(CLIError) in
                .tier(userId: invocation.parsed.argument("ID") ?? "")
            }
        })

    private static let rank = Verb(
        "rank", abstract: "Explains a user's place on the leaderboard of all time.",
        examples: [.init("By earnings", "referral-ledger explain rank u-17850 --by earnings")],
        arguments: [user],
        options: [
            .init(
                "by", "WHAT", "What is counted.",
                kind: .choice(["conversions", "referrals", "earnings"]), default: "conversions"),
            CommonOptions.asset,
        ],
        action: { (invocation) throws(CLIError) in
            try explain(invocation) { reader throws(CLIError) in
                let metric: LeaderboardMetric =
                    switch invocation.parsed.string("by") {
                    case "referrals": .referrals
                    case "earnings": .earnings
                    default: .conversions
                    }
                return .rank(
                    userId: invocation.parsed.argument("ID") ?? "", by: metric,
                    asset: try invocation.asset(try reader.codes()))
            }
        })

    private static let reward = Verb(
        "reward", abstract: "Explains a reward: a grant, or a level of a payment's commission.",
        examples: [
            .init("A grant", "referral-ledger explain reward r17"),
            .init("A commission", "referral-ledger explain reward shop/536365/2"),
        ],
        arguments: [.init("KEY", "r17, or PROVIDER/PAYMENT/LEVEL.")],
        action: { (invocation) throws(CLIError) in
            try explain(invocation) { _ throws(CLIError) in
                .reward(invocation.parsed.argument("KEY") ?? "")
            }
        })

    private static let parked = Verb(
        "parked", abstract: "Explains a fact that waits for its predecessor, or waited.",
        examples: [.init("By its id", "referral-ledger explain parked C536379-1")],
        arguments: [.init("KEY", "Its id, that of its predecessor, or its position.")],
        action: { (invocation) throws(CLIError) in
            try explain(invocation) { _ throws(CLIError) in
                .parked(invocation.parsed.argument("KEY") ?? "")
            }
        })

    private static func explain(
        _ invocation: Invocation, _ what: (LedgerReader) throws(CLIError) -> Explained
    ) throws(CLIError) -> ExitCode {
        let answer = try invocation.withState { reader throws(CLIError) in
            let programme = try reader.programmeId(invocation.programme)
            let question = try what(reader)
            let found = try calling { () throws(LedgerError) in
                try reader.explain(question, programme: programme)
            }
            guard let found else {
                throw CLIError(.notFound, "there is nothing of that name in programme '\(programme)'")
            }
            return found
        }
        return try tell(answer, invocation)
    }

    private static func tell(_ found: Explanation, _ invocation: Invocation) throws(CLIError) -> ExitCode {
        try writeFiles(found, invocation)
        if invocation.isJSON {
            try invocation.output.json { json throws(CLIError) in write(found, to: &json) }
        } else {
            show(found, invocation.output)
        }
        return .done
    }

    /// What `--html` and `--proofs` ask for.
    static func writeFiles(_ found: Explanation, _ invocation: Invocation) throws(CLIError) {
        if let name = invocation.parsed.string("html") {
            let file = try OutputFile(name)
            file.write(Array(ExplanationPage.html(found).utf8))
            try file.finish()
        }
        if let folder = invocation.parsed.string("proofs") { try writeProofs(found, folder, invocation) }
    }

    private static func writeProofs(
        _ found: Explanation, _ folder: String, _ invocation: Invocation
    ) throws(CLIError) {
        try invocation.withProver { prover throws(CLIError) in
            let note = try ProofFiles.kept(prover)
            try OutputFile.makeFolder(folder)
            var written: Set<UInt64> = []
            for step in found.steps where written.insert(step.leaf).inserted {
                let proof = try calling { () throws(LedgerError) in
                    try prover.inclusionProof(of: step.position, in: note)
                }
                guard let proof else {
                    throw CLIError(
                        .notFound, "position \(step.position) is past the checkpoint",
                        hint: "'referral-ledger checkpoint sign' signs the log as it is.")
                }
                let file = try OutputFile("\(folder)/\(step.leaf).tlog-proof")
                file.write(Array("\(proof)".utf8))
                try file.finish()
            }
        }
    }

    private static func show(_ found: Explanation, _ output: Output) {
        let when = found.effective.map { ", by \($0) of business time" } ?? ""
        output.line(DisplayText.safe("\(found.title), programme \(found.programme)\(when)"))
        output.facts(found.facts.map { ($0.name, $0.value) })
        output.line()
        var table = TextTable([
            .number("position"), .text("time"), .text("what", maxColumns: 56), .text("change"),
            .number("policy"), .text("rule", maxColumns: 110),
        ])
        for step in found.steps {
            table.add([
                "\(step.position)", "\(step.occurredAt)", step.text, step.changes.joined(separator: ", "),
                step.policyVersion == 0 ? "" : "\(step.policyVersion)", step.rule,
            ])
        }
        output.write(table.text(style: output.style))
        output.line()
        for policy in found.policies {
            let from = policy.effectiveFrom.map { "from \($0)" } ?? "from the beginning"
            output.line(DisplayText.safe("policy \(policy.version): \(policy.name), \(from), \(policy.hash)"))
        }
        output.line("log root \(found.logRoot), \(Plural.text(Int(found.treeSize), "record")).")
    }

    private static func write(_ found: Explanation, to json: inout JSONWriter) {
        json.member("kind", found.kind)
        json.member("key", found.key)
        json.member("programme", found.programme)
        json.member("position", found.position)
        json.member("effective", found.effective)
        json.list("facts", found.facts) { json, fact in
            json.member("name", fact.name)
            json.member("value", fact.value)
        }
        writeSteps(found, to: &json)
    }

    /// How it came to be: steps, rules, proofs.
    static func writeSteps(_ found: Explanation, to json: inout JSONWriter) {
        json.list("steps", found.steps) { json, step in
            json.member("position", step.position)
            json.member("leaf", step.leaf)
            json.member("occurredAt", step.occurredAt.description)
            json.member("type", step.type.name)
            json.member("text", step.text)
            json.key("changes")
            json.beginArray()
            for change in step.changes { json.string(change) }
            json.endArray()
            json.member("policyVersion", step.policyVersion)
            json.member("rule", step.rule)
        }
        json.list("policies", found.policies) { json, policy in
            json.member("version", policy.version)
            json.member("name", policy.name)
            json.member("effectiveFrom", policy.effectiveFrom)
            json.member("hash", policy.hash)
        }
        json.member("treeSize", found.treeSize)
        json.member("logRoot", found.logRoot)
        json.list("proofs", found.proofs) { json, proof in
            json.member("leaf", proof.leaf)
            json.member("leafHash", proof.leafHash.hex)
            json.strings("path", proof.path.map(\.hex))
        }
    }
}
