import LedgerExchange
import LedgerSocket
import ReferralLedger

// Runs that may record nothing: rehearsals, and imports that are all or nothing.
extension ImportRun {
    // MARK: Dry run

    /// Decides all lines of all files on a private copy of the state.
    mutating func dryRun() throws(CLIError) -> ExitCode {
        let rejects = try RejectsReport(invocation, limit: Self.shownRejects)
        Signals.catchStopRequests()
        let directory = try invocation.directory()
        let rehearsal = try calling { () throws(LedgerError) in try Rehearsal.open(at: directory) }
        defer { rehearsal.close() }
        let position = rehearsal.position
        for name in files where !wasStopped { try rehearse(name, rehearsal, rejects) }
        try rejects.finish()
        try report(position, recorded: false)
        if wasStopped {
            invocation.output.error("stopped: not all lines were decided\n")
            return .busy
        }
        if sum.refused == 0 { return .done }
        return invocation.parsed.flag("atomic") ? .badInput : .differences
    }

    private mutating func rehearse(
        _ name: String, _ rehearsal: Rehearsal, _ rejects: RejectsReport
    ) throws(CLIError) {
        let file = try InputFile(name)
        // Stdin has no name of its own, also where it is a file.
        let isNamed = invocation.parsed.string("import-id") != nil || (name != "-" && file.isRegular)
        let id = isNamed ? try importId(name, file) : nil
        let progress = progressCell(file)
        var importer = Importer(
            rehearsal: rehearsal, importId: id, options: options(rejects),
            shouldStop: { Signals.isStopRequested }, onProgress: { progress.update($0) },
            onReject: { rejects.add(Reject($0), file: name) })
        let decoder = try calling { () throws(LedgerError) in try CommandLineDecoder(of: rehearsal.state) }
        do throws(ImportFailure) {
            try run(&importer, file, decoder)
        } catch {
            progress.finish()
            try? rejects.finish()
            throw undone(error, name)
        }
        progress.finish()
        sum += importer.counts
        wasStopped = importer.wasStopped
    }

    // MARK: All or nothing

    /// Records the one file in one transaction, or nothing.
    mutating func importAtomically() throws(CLIError) -> ExitCode {
        let rejects = try RejectsReport(invocation, limit: Self.shownRejects)
        Signals.catchStopRequests()
        let name = files[0]
        let file = try InputFile(name)
        let id = try importId(name, file)
        let progress = progressCell(file)
        var isRecorded = false
        var exceedsLimit = false
        let position = try invocation.withLedger(purpose: "import --atomic") { ledger throws(CLIError) in
            let decoder = try CommandLineDecoder(ledger.current)
            let answer: (importer: Importer, isRecorded: Bool)
            do throws(ImportFailure) {
                answer = try withSource(file, decoder) { source throws(ImportFailure) in
                    try Importer.importAtomically(
                        &source, into: ledger, importId: id, options: options(rejects),
                        shouldStop: { Signals.isStopRequested }, onProgress: { progress.update($0) },
                        onReject: { rejects.add(Reject($0), file: name) })
                }
            } catch {
                progress.finish()
                try? rejects.finish()
                throw undone(error, name)
            }
            progress.finish()
            sum += answer.importer.counts
            wasStopped = answer.importer.wasStopped
            exceedsLimit = answer.importer.exceedsLimit
            isRecorded = answer.isRecorded
            return ledger.current.position
        }
        try rejects.finish()
        try report(position, recorded: isRecorded)
        if isRecorded { return .done }
        if wasStopped {
            invocation.output.error("stopped: nothing was recorded\n")
            return .busy
        }
        if exceedsLimit {
            throw CLIError(
                .badInput,
                "'\(name)' has more than \(NumberText.grouped(Importer.atomicLimit)) lines, which --atomic takes "
                    + "at most; nothing was recorded")
        }
        throw CLIError(
            .badInput,
            "\(Plural.text(Int(sum.refused), "line")) of '\(name)' cannot be recorded, so nothing was",
            hint: "Mend the file, or import without --atomic: each line then has its own result.")
    }

    // MARK: Shared

    private func options(_ rejects: RejectsReport) -> Importer.Options {
        var options = Importer.Options()
        options.retriesRefused = invocation.parsed.flag("retry-refused")
        options.keepsTexts = rejects.wantsTexts
        return options
    }

    private func progressCell(_ file: borrowing InputFile) -> ProgressCell {
        let output = invocation.output
        let total = output.isErrorTerminal && file.isRegular ? file.countLines() : nil
        return ProgressCell("import", unit: "lines", total: total, output)
    }

    /// A failure of a run that has recorded nothing.
    private func undone(_ failure: ImportFailure, _ name: String) -> CLIError {
        switch failure {
        case .read(let problem):
            CLIError(.inputOutput, "cannot read '\(name)': \(problem)", hint: "Nothing was recorded.")
        case .table(let problem): CLIError(.badInput, "\(name): \(problem)")
        case .ledger(let error): CLIError(error)
        }
    }
}
