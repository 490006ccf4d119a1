import Glibc
import LedgerExchange
import ReferralLedger
import StrictJSON

/// `report`: what an auditor signs, as one page.
enum ReportVerb {
    static let verb = Verb(
        "report", abstract: "Writes one page for an auditor to sign.",
        discussion: """
            Runs 'verify' and 'reconcile' and writes what they found, with log head, tree root, state digest, \
            versions of fold and policies, the trial balance, open breaks, what is on its way, receivables and \
            charts, as one HTML file with nothing from elsewhere: for the screen, dark or light, for a phone, and \
            for A4 paper. Ends as they do: with 1 when something does not agree, with 76 when the log is broken; \
            the page is written then, too.
            """,
        section: "Audit",
        examples: [
            .init("For the year's end", "referral-ledger report audit-2026.html"),
            .init(
                "Of a quarter",
                "referral-ledger report q1.html --from 2026-01-01T00:00:00Z --through 2026-03-31T23:59:59Z"),
        ],
        arguments: [.init("FILE", "Where the page goes; one that is there is replaced.", kind: .file)],
        options: [
            .init("from", "TIME", "The begin of the period of charts and statements; else the first fact."),
            .init("through", "TIME", "The end of that period; else the last fact."),
            .init(
                "checkpoint", "FILE",
                "A signed checkpoint of the log, to be shown; else the one signed last.", kind: .file),
        ],
        action: { (invocation) throws(CLIError) in
            let directory = try invocation.directory()
            guard let file = invocation.parsed.argument("FILE"), file != "-" else {
                throw .usage("FILE is a file: a page is written whole, or not at all")
            }
            var options = try options(invocation.parsed)
            if options.checkpoint == nil { options.checkpoint = keptCheckpoint(invocation) }
            let progress = ProgressCell("report", total: nil, invocation.output)
            let report: AuditReport
            do throws(LedgerError) {
                report = try AuditReport.make(
                    at: directory, options: options, progress: { progress.update($0) })
            } catch {
                progress.finish()
                throw CLIError(error)
            }
            progress.finish()
            let page = Array(report.html().utf8)
            try write(page, to: file)
            if invocation.isJSON {
                try invocation.output.json { json throws(CLIError) in
                    json.member("file", file)
                    json.member("bytes", page.count)
                    json.member("ok", report.isClean)
                    json.member("position", report.verified.position)
                    json.member("logRoot", report.verified.logRoot)
                    json.member("stateDigest", report.verified.stateDigest)
                    json.member("findings", report.verified.findings.count)
                    json.member("mismatches", report.reconciled.mismatches)
                    json.member("incomplete", report.reconciled.incomplete)
                }
            } else {
                invocation.output.line(
                    "\(DisplayText.safe(file)): \(NumberText.grouped(page.count)) bytes, of position \(report.verified.position)."
                )
            }
            if !report.verified.isClean || report.reconciled.isLogBroken { return .broken }
            return report.isClean ? .done : .differences
        })

    private static func options(_ parsed: ParsedVerb) throws(CLIError) -> AuditReport.Options {
        var now = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        let moment = Timestamp(seconds: Int64(now.tv_sec)) ?? Timestamp(nanoseconds: 0)
        var options = AuditReport.Options(madeAt: moment, program: Program.nameAndVersion)
        func time(_ name: String) throws(CLIError) -> Timestamp? {
            try parsed.string(name).map { text throws(CLIError) in try Timestamp.option(text, of: "--\(name)")
            }
        }
        options.from = try time("from")
        options.through = try time("through")
        if let from = options.from, let through = options.through, through < from {
            throw .usage("--through lies before --from")
        }
        options.checkpoint = try parsed.string("checkpoint").map { name throws(CLIError) in
            String(decoding: try InputFile.read(name, limit: 1 << 16), as: UTF8.self)
        }
        return options
    }

    /// What `checkpoint sign` made last; nil when nothing was signed, or a broken log has none that can be had.
    private static func keptCheckpoint(_ invocation: Invocation) -> String? {
        do throws(CLIError) {
            return try invocation.withProver { prover throws(CLIError) in
                try ProofFiles.kept(prover).description
            }
        } catch {
            return nil
        }
    }

    /// The file appears whole, or stays as it was.
    private static func write(_ bytes: [UInt8], to file: String) throws(CLIError) {
        func failure(_ what: String, _ path: String) -> CLIError {
            CLIError(.inputOutput, "cannot \(what) '\(path)': \(Output.describe(errno: errno))")
        }
        let draft = "\(file).partial-\(getpid())"
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("create", draft) }
        var done = 0
        while done < bytes.count {
            let written = unsafe bytes.withUnsafeBytes {
                // In bounds: done < count.
                unsafe Glibc.write(descriptor, $0.baseAddress! + done, bytes.count - done)
            }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else {
                let error = failure("write", draft)
                _ = close(descriptor)
                unsafe unlink(draft)
                throw error
            }
            done += written
        }
        let isSynced = fsync(descriptor) == 0
        _ = close(descriptor)
        guard isSynced, unsafe rename(draft, file) == 0 else {
            let error = failure("write", file)
            unsafe unlink(draft)
            throw error
        }
    }
}
