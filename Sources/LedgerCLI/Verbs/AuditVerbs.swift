import ReferralLedger
import StrictJSON

/// `verify`: the log, checked from its first byte to its last.
enum VerifyVerb {
    static let verb = Verb(
        "verify", abstract: "Re-hashes every record and re-checks every posting.",
        discussion: """
            Checks every page of the ledger's files, each record's checksum, that positions are dense and in order, \
            that every event decodes, that every record sums to zero, and that a fresh fold gives the state. The hash \
            tree is made anew and held against a signed checkpoint: the one that --from names, or the one kept in the \
            ledger; with --key its signatures, too. Ends with 76 when something does not hold, naming the first bad \
            position or page.
            """,
        section: "Audit",
        examples: [
            .init("Every night", "referral-ledger verify"),
            .init(
                "Against what was signed",
                "referral-ledger verify --from december.checkpoint --key \"$(cat acme.vkey)\""),
        ],
        options: [
            .init("from", "CHECKPOINT", "A checkpoint's file: the log must begin with it.", kind: .file),
            ProofFiles.verifierOption,
        ],
        action: { (invocation) throws(CLIError) in
            let directory = try invocation.directory()
            let expecting = VerifyExpectations(
                checkpoint: try invocation.parsed.string("from").map { name throws(CLIError) in
                    try ProofFiles.note(name)
                }, keys: try ProofFiles.verifiers(invocation))
            let progress = ProgressCell("verify", total: nil, invocation.output)
            let report: VerifyReport
            do throws(LedgerError) {
                report = try Ledger.verify(
                    at: directory, expecting: expecting, progress: { progress.update($0) })
            } catch {
                progress.finish()
                throw CLIError(error)
            }
            progress.finish()
            if invocation.isJSON {
                try invocation.output.json { json throws(CLIError) in write(report, to: &json) }
            } else {
                show(report, invocation.output)
            }
            return report.findings.isEmpty ? .done : .broken
        })

    private static func show(_ report: VerifyReport, _ output: Output) {
        for finding in report.findings {
            let place = finding.position.map { "position \($0): " } ?? ""
            output.line(output.style.red(DisplayText.safe("\(place)\(finding.code): \(finding.message)")))
        }
        func count(_ number: some BinaryInteger) -> String { NumberText.grouped(Int(number)) }
        output.facts([
            ("position", "\(report.position)"), ("records", count(report.records)),
            ("postings", count(report.postings)),
            ("users", count(report.users)), ("payments", count(report.payments)),
            ("state digest", report.stateDigest), ("log root", report.logRoot),
        ])
        if let size = report.checkpointSize {
            let signers =
                report.signers.isEmpty
                ? "signatures not looked at" : "signed by " + report.signers.joined(separator: ", ")
            output.facts([("checkpoint", "\(count(size)) records, \(signers)")])
        }
        if report.findings.isEmpty {
            output.line(output.style.green("Everything holds."))
        } else {
            output.line(
                output.style.red("\(Plural.text(report.findings.count, "finding")): the log is broken."))
        }
    }

    private static func write(_ report: VerifyReport, to json: inout JSONWriter) {
        json.member("position", report.position)
        json.member("records", report.records)
        json.member("postings", report.postings)
        json.member("users", report.users)
        json.member("payments", report.payments)
        json.member("stateDigest", report.stateDigest)
        json.member("logRoot", report.logRoot)
        json.member("treeSize", report.treeSize)
        json.member("comparedViews", report.comparedViews)
        json.member("checkpointSize", report.checkpointSize)
        json.strings("signers", report.signers)
        json.member("ok", report.findings.isEmpty)
        json.list("findings", report.findings) { json, finding in
            json.member("code", finding.code)
            json.member("message", finding.message)
            json.member("position", finding.position?.rawValue)
        }
    }
}

/// `rebuild`: views from the log.
enum RebuildVerb {
    static let verb = Verb(
        "rebuild", abstract: "Folds the views from the log again.",
        discussion: """
            The log is the only truth: what it makes is the same to the last byte. The live views are thrown \
            away and made anew; with --side-by-side new ones are made in views.next/ while the ledger goes on, \
            to be compared with 'diff' and put in place by 'swap'. A rebuild beside that was stopped goes on \
            with --resume.
            """,
        section: "Audit",
        examples: [
            .init("On both cores", "referral-ledger rebuild --jobs 2"),
            .init("While the ledger goes on", "referral-ledger rebuild --side-by-side"),
        ],
        options: [
            .init(
                "jobs", "N", "Core and views in turn at 1, else at once.", kind: .integer(1...1_024),
                default: "2"),
            .init(
                "checkpoint-every", "N", "With --side-by-side: events between checkpoints.",
                kind: .integer(1...Int.max), default: "2000000"),
        ],
        flags: [
            .init("side-by-side", "New views beside the live ones, in views.next/."),
            .init("resume", "Goes on with a rebuild beside that was stopped."),
        ],
        action: { (invocation) throws(CLIError) in
            let directory = try invocation.directory()
            let threads = min(2, invocation.parsed.int("jobs") ?? 2)
            let isBeside = invocation.parsed.flag("side-by-side")
            if invocation.parsed.flag("resume"), !isBeside {
                throw .usage("--resume is for a rebuild beside", hint: "Give --side-by-side, too.")
            }
            let head = isBeside ? try? LedgerArchive.end(at: directory) : nil
            let progress = ProgressCell("rebuild", total: head.map { Int($0.rawValue) }, invocation.output)
            let report: RebuildReport
            do throws(LedgerError) {
                if isBeside {
                    report = try Ledger.rebuildBeside(
                        at: directory, resume: invocation.parsed.flag("resume"), threads: threads,
                        stretch: UInt64(invocation.parsed.int("checkpoint-every") ?? 2_000_000),
                        progress: { done, _ in progress.update(done) })
                } else {
                    report = try Ledger.rebuild(
                        at: directory, threads: threads, progress: { progress.update($0) })
                }
            } catch {
                progress.finish()
                throw CLIError(error)
            }
            progress.finish()
            try show(report, isBeside, invocation)
            return .done
        })

    private static func show(
        _ report: RebuildReport, _ isBeside: Bool, _ invocation: Invocation
    ) throws(CLIError) {
        let milliseconds = Int(report.seconds * 1_000)
        if invocation.isJSON {
            try invocation.output.json { json throws(CLIError) in
                json.member("position", report.position)
                json.member("records", report.records)
                json.member("stateDigest", report.stateDigest)
                json.member("milliseconds", milliseconds)
                if isBeside { json.member("sideBySide", true) }
            }
            return
        }
        let place = isBeside ? " beside, in views.next," : ""
        invocation.output.line(
            "Rebuilt\(place) through position \(report.position) in \(NumberText.grouped(milliseconds)) ms.")
        invocation.output.line("State digest \(report.stateDigest).")
    }
}

/// A progress line that closures share.
final class ProgressCell: @unchecked Sendable {
    // Proof of Sendable: the facade tells of progress on the thread that called it, which is the verb's.
    private var progress: Progress

    init(_ label: String, unit: String = "events", total: Int?, _ output: Output) {
        progress = Progress(label, unit: unit, total: total, output: output)
    }

    func update(_ done: UInt64) { progress.update(Int(clamping: done)) }
    func finish() { progress.finish() }
}
