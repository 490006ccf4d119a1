import ReferralLedger
import StrictJSON

/// `re-decide`: recorded facts through the rules again.
enum ReDecideVerb {
    static let verb = Verb(
        "re-decide", abstract: "Runs the recorded facts through the rules again and compares.",
        discussion: """
            What should have been granted, against what was: in events, users and money. With --policy these \
            rules stand in place of every version that the programme had. A proposal that makes it right, with \
            balanced legs, is written to --out; 'correct' appends it. Nothing is changed here: facts are decided \
            in a scratch ledger. Ends with 1 when something differs. Documentation/repair.md has an example.
            """,
        section: "Audit",
        examples: [
            .init("Does this program decide as was decided?", "referral-ledger re-decide"),
            .init(
                "By the rules that were meant",
                "referral-ledger re-decide --policy rules.json --out proposal.json"),
        ],
        options: [
            .init(
                "policy", "FILE", "Rules in place of all that the programme had; - is stdin.", kind: .file),
            .init(
                "from", "POS", "Facts recorded from here on; what is before stands as it is.",
                kind: .integer(1...Int.max)),
            .init("out", "FILE", "Where the proposal goes.", kind: .file, default: "proposal.json"),
            .init(
                "at", "TIME", "The business moment of the correction; else now."),
            .init(
                "limit", "N", "Differences listed as text; totals are always whole.",
                kind: .integer(0...1_000_000), default: "50"),
            .init(
                "keep", "DIR", "Leaves the ledger that the rules lead to in this new folder.",
                kind: .directory),
            CommonOptions.programme,
        ],
        action: { (invocation) throws(CLIError) in
            var how = ReDecision()
            if let name = invocation.parsed.string("policy") {
                let policy = try PolicyFile.read(name)
                how.zone = try PolicyFile.checkZone(policy)
                how.policy = policy
            }
            how.from = invocation.parsed.int("from").map { LogPosition(UInt64($0)) }
            how.at =
                try invocation.parsed.string("at").map { text throws(CLIError) in
                    try Timestamp.option(text, of: "--at")
                } ?? .now()
            how.keep = invocation.parsed.string("keep")
            Signals.whenStopped { ScratchFolders.removeAll() }
            return try invocation.withArchive { archive throws(CLIError) in
                how.programme = try archive.current.programmeId(invocation.programme)
                return try run(archive, how, invocation)
            }
        })

    private static func run(
        _ archive: LedgerArchive, _ how: ReDecision, _ invocation: Invocation
    ) throws(CLIError) -> ExitCode {
        let end = Int(archive.current.position.rawValue)
        let progress = ProgressCell("re-decide", total: end, invocation.output)
        let report: ReDecisionReport
        do throws(LedgerError) {
            report = try archive.reDecide(how, progress: { progress.update($0) })
        } catch {
            progress.finish()
            throw CLIError(error)
        }
        progress.finish()
        var out: String?
        if let proposal = report.proposal {
            let name = invocation.parsed.string("out") ?? "proposal.json"
            let file = try OutputFile(name)
            file.write(proposal.document())
            try file.finish()
            out = name
        }
        if invocation.isJSON {
            try invocation.output.json { json throws(CLIError) in write(report, out, to: &json) }
        } else {
            show(report, out, invocation)
        }
        return report.differences.isEmpty ? .done : .differences
    }

    private static func show(_ report: ReDecisionReport, _ out: String?, _ invocation: Invocation) {
        let output = invocation.output
        let limit = invocation.parsed.int("limit") ?? 50
        if !report.differences.isEmpty, limit > 0 {
            var table = TextTable([
                .number("position"), .text("user"), .text("what", maxColumns: 60), .text("asset"),
                .number("was"), .number("should be"), .number("change"),
            ])
            for found in report.differences.prefix(limit) {
                func amount(_ minor: Int64) -> String { found.asset?.decimal(minor) ?? "\(minor)" }
                table.add([
                    found.position.map { "\($0)" } ?? "", found.userId, found.subject,
                    found.asset?.code ?? "", amount(found.was), amount(found.shouldBe),
                    found.asset?.change(found.change) ?? "",
                ])
            }
            output.write(table.text(style: output.style))
            if report.differences.count > limit {
                output.line("\(NumberText.grouped(report.differences.count - limit)) more")
            }
            output.line()
        }
        for fact in report.refused.prefix(limit) {
            output.line(
                DisplayText.safe(
                    "The rules would have refused \(fact.type) at \(fact.position): \(fact.refusal.message).")
            )
        }
        output.line(
            "\(Plural.text(report.facts, "fact")) from position \(report.from) to \(report.position): "
                + "\(Plural.text(report.differences.count, "difference")), "
                + "\(Plural.text(report.users, "user")), "
                + "\(Plural.text(report.refused.count, "fact")) refused.")
        let waiting = report.differences.count(where: \.isQuarantined)
        if waiting > 0 {
            output.line(
                "\(Plural.text(waiting, "difference")) in quarantine: to be corrected after the release.")
        }
        for sum in report.sums {
            if sum.quarantined != 0 {
                output.line(
                    "\(sum.asset.code): \(sum.asset.change(sum.quarantined)) in quarantine, in no proposal.")
            }
            output.line(
                "\(sum.asset.code): \(sum.asset.decimal(sum.missing)) missing, "
                    + "\(sum.asset.decimal(sum.excess)) too much, net \(sum.asset.decimal(sum.net)).")
        }
        if let out, let proposal = report.proposal {
            output.line("Proposal \(proposal.hash) in \(out).")
            output.line(
                "Append it: referral-ledger correct \(out) --approved-by NAME "
                    + "--expect-head \(report.position)")
        } else if report.isSameState
            || report.differences.isEmpty && report.refused.isEmpty
                && invocation.parsed.string("policy") != nil
        {
            output.line(output.style.green("Nothing differs."))
        } else if report.differences.isEmpty {
            output.line("No reward differs; the state does (--keep DIR leaves the other one for a look).")
        }
        let beyond = report.differences.count {
            $0.entry == nil && $0.asset == nil && !$0.isQuarantined
        }
        if beyond > 0 {
            output.line("\(Plural.text(beyond, "difference")) of referral stages: shown, and not corrected.")
        }
    }

    private static func write(_ report: ReDecisionReport, _ out: String?, to json: inout JSONWriter) {
        json.member("programme", report.programme)
        json.member("position", report.position)
        json.member("from", report.from)
        json.member("facts", report.facts)
        json.member("users", report.users)
        json.member("sameState", report.isSameState)
        json.list("sums", report.sums) { json, sum in
            json.member("asset", sum.asset.code)
            json.member("missing", sum.asset.decimal(sum.missing))
            json.member("excess", sum.asset.decimal(sum.excess))
            json.member("net", sum.asset.decimal(sum.net))
            json.member("quarantined", sum.asset.decimal(sum.quarantined))
        }
        json.list("differences", report.differences) { json, found in
            json.member("position", found.position?.rawValue)
            json.member("userId", found.userId)
            json.member("subject", found.subject)
            json.member("asset", found.asset?.code)
            json.member("was", found.asset?.decimal(found.was) ?? "\(found.was)")
            json.member("shouldBe", found.asset?.decimal(found.shouldBe) ?? "\(found.shouldBe)")
            json.member("change", found.asset.map { $0.decimal(found.change) })
            json.member("quarantined", found.isQuarantined)
        }
        json.list("refusedFacts", report.refused) { json, fact in
            json.member("position", fact.position)
            json.member("type", fact.type)
            json.member("code", fact.refusal.code.rawValue)
            json.member("reason", fact.refusal.message)
        }
        json.member("proposal", report.proposal?.hash)
        json.member("out", out)
    }
}

/// `correct`: an approved proposal is appended.
enum CorrectVerb {
    static let verb = Verb(
        "correct", abstract: "Appends the corrections of a proposal of re-decide.",
        discussion: """
            History stays as it is: new events with balanced legs make rewards what they should have been. A \
            debt is repaid first; what was spent already becomes one. Once appended, the same proposal changes \
            nothing any more. Refused when it was edited, when it is another ledger's, or when the log goes on \
            beyond --expect-head: then decide anew.
            """,
        section: "Audit",
        examples: [
            .init(
                "After reading it",
                "referral-ledger correct proposal.json --approved-by ann --expect-head 329921")
        ],
        arguments: [.init("FILE", "The proposal; - is stdin.", kind: .file)],
        options: [
            .init(
                "approved-by", "NAME", "Who approves it; none of the users concerned.",
                isRequired: true),
            .init(
                "expect-head", "POS", "The position that 'status' shows, and the proposal was made at.",
                kind: .integer(0...Int.max), isRequired: true),
        ],
        action: { (invocation) throws(CLIError) in
            let name = invocation.parsed.argument("FILE") ?? "-"
            let approver = invocation.parsed.string("approved-by") ?? ""
            let head = invocation.parsed.int("expect-head") ?? 0
            let bytes = try InputFile.read(name, limit: 1 << 30)
            let proposal: CorrectionProposal
            do throws(ProposalProblem) {
                proposal = try CorrectionProposal(document: bytes)
            } catch {
                throw CLIError(.badInput, "\(name): \(error)")
            }
            return try append(proposal, approver, LogPosition(UInt64(head)), invocation)
        })

    private static func append(
        _ proposal: CorrectionProposal, _ approver: String, _ head: LogPosition, _ invocation: Invocation
    ) throws(CLIError) -> ExitCode {
        let ledgerId = try invocation.withArchive { archive throws(CLIError) in archive.ledgerId }
        guard proposal.ledgerId == ledgerId else {
            throw CLIError(
                .badInput, "proposal.ledger: it was made for ledger \(proposal.ledgerId), not \(ledgerId)")
        }
        guard proposal.position == head else {
            throw CLIError(
                .badInput, "the proposal was made at position \(proposal.position), not at \(head)",
                hint: "Run re-decide again.")
        }
        let commands = proposal.corrections(approvedBy: approver, expectedHead: head)
        // All of it is judged before any of it is appended.
        let directory = try invocation.directory()
        let check = try calling { () throws(LedgerError) in
            let rehearsal = try Rehearsal.open(at: directory)
            defer { rehearsal.close() }
            return try rehearsal.check(proposal, approvedBy: approver)
        }
        if check.isRefused { return try report(check.outcomes, proposal, check.position, invocation) }
        if let problem = check.problem { throw CLIError(.badInput, "\(problem)") }
        var outcomes: [Outcome] = []
        let position = try invocation.withWriter { writer throws(CLIError) in
            for command in commands {
                let outcome = try writer.submit(command)
                outcomes.append(outcome)
                if case .refused = outcome { break }
            }
            return writer.position
        }
        return try report(outcomes, proposal, position, invocation)
    }

    private static func report(
        _ outcomes: [Outcome], _ proposal: CorrectionProposal, _ position: LogPosition,
        _ invocation: Invocation
    ) throws(CLIError) -> ExitCode {
        let output = invocation.output
        if invocation.isJSON {
            try output.json { json throws(CLIError) in
                json.member("proposal", proposal.hash)
                json.member("entries", proposal.entries.count)
                json.member("position", position)
                json.list("parts", outcomes) { json, outcome in json.outcome(outcome) }
            }
        }
        for outcome in outcomes {
            guard case .refused(let refusal) = outcome else { continue }
            output.error(
                "refused: \(DisplayText.safe("\(refusal.code.rawValue): \(refusal.message)"))\n")
            return .differences
        }
        if invocation.isJSON { return .done }
        var appended = 0
        for (index, outcome) in outcomes.enumerated() {
            guard case .accepted = outcome else { continue }
            let before = index * Correction.maximumEntries
            appended += min(Correction.maximumEntries, proposal.entries.count - before)
        }
        if appended > 0 {
            output.line(
                "Corrected \(Plural.text(appended, "reward")) by proposal \(proposal.hash), "
                    + "through position \(position).")
        } else {
            output.line("Nothing to do: proposal \(proposal.hash) was appended before.")
        }
        return .done
    }
}
