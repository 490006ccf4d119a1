import ReferralLedger
import StrictJSON

/// `backup`: a copy of a ledger, also of one that is being written.
enum BackupVerb {
    static let verb = Verb(
        "backup", abstract: "Copies the ledger, also while it is written.",
        discussion: """
            The log's copy is of one moment, whole records only; its writer goes on. DIR appears whole and on \
            disk, or not at all: killed anywhere it leaves DIR.partial, which the next run clears. Nothing is \
            overwritten.

            The keys of personal data go to a folder of their own, with --keys: who has them beside an old log has \
            what erasure destroyed. Keep them apart, and not for longer than your promise of erasure allows. A \
            ledger that is restored without them can only be read.
            """,
        section: "Audit",
        examples: [
            .init(
                "Every night",
                "referral-ledger backup /backup/2026-11-26 --keys /safe/keys-2026-11-26 --verify")
        ],
        arguments: [
            .init("DIR", "Where the copy is to appear; it is not there yet, or empty.", kind: .directory)
        ],
        options: [.init("keys", "DIR", "Copies the keys of personal data there.", kind: .directory)],
        flags: [
            .init("verify", "Checks the copy from first to last record; notes its state digest and root."),
            .init("views", "Takes the views along, so that the restored ledger opens at once."),
            .init("compact", "Leaves out free pages; takes longer."),
        ],
        action: { (invocation) throws(CLIError) in
            let directory = try invocation.directory()
            guard let target = invocation.parsed.argument("DIR") else { throw .usage("DIR is missing") }
            var options = BackupOptions()
            options.keysDirectory = invocation.parsed.string("keys")
            options.isVerified = invocation.parsed.flag("verify")
            options.includesViews = invocation.parsed.flag("views")
            options.isCompacting = invocation.parsed.flag("compact")
            let progress = ProgressCell("verify", total: nil, invocation.output)
            let report: BackupReport
            do throws(LedgerError) {
                report = try Ledger.backUp(
                    at: directory, to: target, options: options, progress: { progress.update($0) })
            } catch {
                progress.finish()
                throw CLIError(backup: error)
            }
            progress.finish()
            try show(report, target, invocation)
            return .done
        })

    private static func show(
        _ report: BackupReport, _ target: String, _ invocation: Invocation
    ) throws(CLIError) {
        if invocation.isJSON {
            return try invocation.output.json { json throws(CLIError) in
                json.member("ledgerId", report.ledgerId)
                json.member("position", report.position)
                json.member("records", report.records)
                json.member("logBytes", report.logBytes)
                json.member("logSha256", report.logSHA256)
                json.member("keys", report.hasKeys)
                json.member("views", report.hasViews)
                json.member("verified", report.stateDigest != nil)
                json.member("stateDigest", report.stateDigest)
                json.member("logRoot", report.logRoot)
            }
        }
        let output = invocation.output
        output.line(
            "Backed up to \(DisplayText.safe(target)): \(Plural.text(Int(report.records), "record")) through "
                + "position \(report.position), \(NumberText.grouped(Int(report.logBytes))) bytes.")
        if let digest = report.stateDigest { output.line("Checked: state digest \(digest).") }
        if !report.hasKeys {
            output.message(
                "The keys of personal data are not in it: --keys DIR copies them, to be kept apart.")
        }
    }
}

/// `restore`: a ledger of a backup.
enum RestoreVerb {
    static let verb = Verb(
        "restore", abstract: "Makes a ledger of a backup, in a folder that is not there yet.",
        discussion: """
            The ledger goes on where the backup ended, under the same id. Hashes of the files are always checked; \
            with --verify every record is checked and folded, state digest and root are compared with those of \
            the backup, and for each user with sealed data a key is looked for. The folder appears whole and on \
            disk, or not at all. A backup that does not pass ends with 76.
            """,
        section: "Audit",
        examples: [
            .init(
                "After a loss",
                "referral-ledger restore /backup/2026-11-26 --keys /safe/keys-2026-11-26 --verify --ledger ./acme"
            )
        ],
        arguments: [.init("DIR", "The backup.", kind: .directory)],
        options: [
            .init(
                "keys", "DIR", "The copy of the keys; without it the ledger can only be read.",
                kind: .directory)
        ],
        flags: [.init("verify", "Checks all of it before it appears.")],
        action: { (invocation) throws(CLIError) in
            let directory = try invocation.directory()
            guard let source = invocation.parsed.argument("DIR") else { throw .usage("DIR is missing") }
            let progress = ProgressCell("verify", total: nil, invocation.output)
            let report: RestoreReport
            do throws(LedgerError) {
                report = try Ledger.restore(
                    from: source, keys: invocation.parsed.string("keys"), to: directory,
                    verify: invocation.parsed.flag("verify"), progress: { progress.update($0) })
            } catch {
                progress.finish()
                throw CLIError(backup: error)
            }
            progress.finish()
            try show(report, directory, invocation)
            return .done
        })

    private static func show(
        _ report: RestoreReport, _ directory: String, _ invocation: Invocation
    ) throws(CLIError) {
        if invocation.isJSON {
            return try invocation.output.json { json throws(CLIError) in
                json.member("ledgerId", report.ledgerId)
                json.member("position", report.position)
                json.member("records", report.records)
                json.member("keys", report.hasKeys)
                json.member("verified", report.isVerified)
                json.member("stateDigest", report.stateDigest)
                json.member("logRoot", report.logRoot)
            }
        }
        let output = invocation.output
        output.line(
            "Restored to \(DisplayText.safe(directory)): \(Plural.text(Int(report.records), "record")) through "
                + "position \(report.position).")
        if let digest = report.stateDigest { output.line("Everything holds: state digest \(digest).") }
        if !report.hasKeys {
            output.message("Without its keys it can only be read: copy them into its folder as keys/.")
        }
    }
}

/// `compact`: the files without their free pages.
enum CompactVerb {
    static let verb = Verb(
        "compact", abstract: "Writes the ledger's files anew without their free pages.",
        discussion: """
            Nobody else may have the ledger open, not even to read. Records, digest and root stay as they are: the \
            new log is read from end to end before it takes the old one's place. Killed anywhere, each part is the \
            old one or the new one. A backup of a running ledger can be compacted, too: backup --compact.
            """,
        section: "Audit",
        examples: [.init("After an erasure", "referral-ledger compact")],
        action: { (invocation) throws(CLIError) in
            let directory = try invocation.directory()
            let report: CompactReport
            do throws(LedgerError) {
                report = try Ledger.compact(at: directory)
            } catch {
                throw CLIError(error)
            }
            if invocation.isJSON {
                try invocation.output.json { json throws(CLIError) in
                    json.member("position", report.position)
                    json.member("logRoot", report.logRoot)
                    json.list("parts", report.parts) { json, part in
                        json.member("part", part.name)
                        json.member("bytesBefore", part.before)
                        json.member("bytesAfter", part.after)
                    }
                }
                return .done
            }
            var table = TextTable([.text("part"), .number("bytes before"), .number("after")])
            for part in report.parts {
                table.add([
                    part.name, NumberText.grouped(Int(part.before)), NumberText.grouped(Int(part.after)),
                ])
            }
            invocation.output.write(table.text(style: invocation.output.style))
            invocation.output.line("The same records: root \(report.logRoot).")
            return .done
        })
}

extension CLIError {
    /// What went wrong with a backup: its own folder, never that of a ledger to be made.
    fileprivate init(backup error: LedgerError) {
        switch error.code {
        case .noLedger: self.init(.notFound, error.message)
        case .exists:
            self.init(.usage, error.message, hint: "Nothing is ever overwritten: name another folder.")
        default: self.init(error)
        }
    }
}
