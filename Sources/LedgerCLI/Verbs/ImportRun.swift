import LedgerExchange
import LedgerSocket
import ReferralLedger
import StrictJSON

/// One run of `import`, over all its files.
struct ImportRun {
    static let shownRejects = 10

    let invocation: Invocation
    let files: [String]
    let map: CSVMap?
    var sum = ImportCounts()
    var wasStopped = false

    init(_ invocation: Invocation) throws(CLIError) {
        let parsed = invocation.parsed
        self.invocation = invocation
        files = parsed.arguments("FILE")
        let isCSV = parsed.string("format") == "csv"
        let mapFile = parsed.string("map")
        guard isCSV == (mapFile != nil) else {
            throw .usage(
                isCSV ? "--format csv needs --map FILE" : "--map is for --format csv",
                hint: "A map says which column becomes which field.")
        }
        if mapFile == "-" { throw .usage("the map is read twice and cannot come from stdin") }
        if parsed.flag("atomic"), files.count > 1 {
            throw .usage(
                "--atomic takes one FILE, but there are \(files.count)",
                hint:
                    "Put them together: cat a.jsonl b.jsonl | referral-ledger import --atomic - --import-id ID"
            )
        }
        let id = parsed.string("import-id")
        if let id {
            guard files.count == 1 else {
                throw .usage("--import-id names one import, but there are \(files.count) files")
            }
            guard 1...255 ~= id.utf8.count else { throw .usage("--import-id is not 1 to 255 bytes") }
        } else if files.contains("-"), !parsed.flag("dry-run") {
            throw .usage("stdin needs --import-id", hint: "An id lets the same import go on after a stop.")
        }
        map = try mapFile.map { name throws(CLIError) in
            let bytes = try InputFile.read(name, limit: 1 << 20)
            do throws(CSVMapProblem) {
                return try CSVMap.parse(bytes)
            } catch {
                throw CLIError(.badInput, "\(name): \(error)")
            }
        }
    }

    mutating func perform() throws(CLIError) -> ExitCode {
        for name in files where name != "-" { _ = try InputFile(name) }
        if invocation.parsed.flag("dry-run") { return try dryRun() }
        if invocation.parsed.flag("atomic") { return try importAtomically() }
        let rejects = try RejectsReport(invocation, limit: Self.shownRejects)
        Signals.catchStopRequests()
        let position = try invocation.withWriter(serving: true) { writer throws(CLIError) in
            for name in files where !wasStopped {
                switch writer {
                case .own(let ledger): try importFile(name, ledger, rejects)
                case .other(let client): try forwardFile(name, client, rejects)
                }
            }
            return writer.position
        }
        try rejects.finish()
        try report(position)
        if wasStopped {
            invocation.output.error(
                "stopped: \(Plural.text(Int(sum.lines), "line")) done; the same call goes on after them\n")
            return .busy
        }
        return sum.refused > 0 ? .differences : .done
    }

    private mutating func importFile(
        _ name: String, _ ledger: Ledger, _ rejects: RejectsReport
    ) throws(CLIError) {
        let file = try InputFile(name)
        let id = try importId(name, file)
        let output = invocation.output
        let total = output.isErrorTerminal && file.isRegular ? file.countLines() : nil
        let progress = ProgressCell("import", unit: "lines", total: total, output)
        var options = Importer.Options()
        options.retriesRefused = invocation.parsed.flag("retry-refused")
        options.keepsTexts = rejects.wantsTexts
        var importer = Importer(
            ledger: ledger, importId: id, options: options, shouldStop: { Signals.isStopRequested },
            onProgress: { progress.update($0) }, onReject: { rejects.add(Reject($0), file: name) })
        let decoder = try CommandLineDecoder(ledger.current)
        do throws(ImportFailure) {
            try run(&importer, file, decoder)
        } catch {
            progress.finish()
            try? rejects.finish()
            throw failure(error, name, importer.counts)
        }
        progress.finish()
        sum += importer.counts
        wasStopped = importer.wasStopped
    }

    /// The same through the process that writes the ledger.
    private mutating func forwardFile(
        _ name: String, _ client: LedgerSocketClient, _ rejects: RejectsReport
    ) throws(CLIError) {
        let file = try InputFile(name)
        let id = try importId(name, file)
        let output = invocation.output
        let total = output.isErrorTerminal && file.isRegular ? file.countLines() : nil
        let progress = ProgressCell("import", unit: "lines", total: total, output)
        var forwarded = ForwardedImport(
            client: client, importId: id, retriesRefused: invocation.parsed.flag("retry-refused"),
            keepsTexts: rejects.wantsTexts, shouldStop: { Signals.isStopRequested },
            onProgress: { progress.update($0) }, onReject: { rejects.add(Reject($0), file: name) })
        let failed: ImportFailure?
        do {
            if let source = try csvSource(file, CommandLineDecoder(of: client.hello)) {
                var forwarding = CommandForwarding(source)
                try forwarded.run(&forwarding)
            } else {
                var forwarding = JSONForwarding(reader: lineReader(file))
                try forwarded.run(&forwarding)
            }
            failed = nil
        } catch let failure as ForwardFailure {
            progress.finish()
            try? rejects.finish()
            switch failure {
            case .read(let problem): failed = .read(problem)
            case .ledger(let error): failed = .ledger(error)
            case .socket(let error): throw CLIError(error)
            }
        } catch let failure as ImportFailure {
            failed = failure
        } catch {
            throw CLIError(.internalError, "\(error)")
        }
        progress.finish()
        if let failed { throw self.failure(failed, name, forwarded.counts) }
        sum += forwarded.counts
        wasStopped = forwarded.wasStopped
    }

    func run(
        _ importer: inout Importer, _ file: borrowing InputFile, _ decoder: CommandLineDecoder
    ) throws(ImportFailure) {
        if var source = try csvSource(file, decoder) {
            try importer.run(&source)
        } else {
            var source = JSONLineSource(reader: lineReader(file), decoder: decoder)
            try importer.run(&source)
        }
    }

    /// The commands of a file, in the form that `--format` names. For what is no hot path: calls go through
    /// an existential.
    func withSource<Result>(
        _ file: borrowing InputFile, _ decoder: CommandLineDecoder,
        _ body: (inout any CommandSource) throws(ImportFailure) -> Result
    ) throws(ImportFailure) -> Result {
        var source: any CommandSource
        if let table = try csvSource(file, decoder) {
            source = table
        } else {
            source = JSONLineSource(reader: lineReader(file), decoder: decoder)
        }
        return try body(&source)
    }

    func lineReader(_ file: borrowing InputFile) -> LineReader {
        LineReader(descriptor: file.descriptor, stopsAfterSignal: { Signals.isStopRequested })
    }

    func csvSource(
        _ file: borrowing InputFile, _ decoder: CommandLineDecoder
    ) throws(ImportFailure) -> CSVCommandReader? {
        guard let map else { return nil }
        do throws(CSVProblem) {
            return try CSVCommandReader(
                descriptor: file.descriptor, map: map, decoder: decoder,
                stopsAfterSignal: { Signals.isStopRequested })
        } catch {
            switch error {
            case .map(let problem): throw .table(problem)
            case .read(let problem): throw .read(problem)
            }
        }
    }

    /// What names the import for ever.
    func importId(_ name: String, _ file: borrowing InputFile) throws(CLIError) -> String {
        if let id = invocation.parsed.string("import-id") { return id }
        guard file.isRegular else {
            throw .usage(
                "'\(name)' can be read only once and needs --import-id",
                hint: "An id lets the same import go on after a stop.")
        }
        let content = try calling { () throws(LedgerError) in try FileDigest.sha256(path: name) }
        guard let mapFile = invocation.parsed.string("map") else { return content }
        // Another map makes other commands of the same table.
        return content + "+"
            + (try calling { () throws(LedgerError) in try FileDigest.sha256(path: mapFile) })
    }

    func failure(_ failure: ImportFailure, _ name: String, _ counts: ImportCounts) -> CLIError {
        let done =
            "\(Plural.text(Int(counts.lines), "line")) of '\(name)' are done; the same call goes on after them."
        switch failure {
        case .read(let problem):
            return CLIError(.inputOutput, "cannot read '\(name)': \(problem)", hint: done)
        case .table(let problem): return CLIError(.badInput, "\(name): \(problem)")
        case .ledger(let error):
            let base = CLIError(error)
            return CLIError(base.exitCode, base.message, hint: done)
        }
    }

    /// What came of the lines; `recorded` is told of runs that may record nothing at all.
    func report(_ position: LogPosition, recorded: Bool? = nil) throws(CLIError) {
        let output = invocation.output
        if invocation.isJSON {
            try output.json { json throws(CLIError) in
                if let recorded {
                    json.member("dryRun", invocation.parsed.flag("dry-run"))
                    json.member("atomic", invocation.parsed.flag("atomic"))
                    json.member("recorded", recorded)
                }
                json.member("accepted", sum.accepted)
                json.member("repeated", sum.repeated)
                json.member("parked", sum.parked)
                json.member("refused", sum.refused)
                json.member("position", position)
            }
            return
        }
        func count(_ number: UInt64) -> String { NumberText.grouped(Int(number)) }
        var text = "\(Plural.text(Int(sum.lines), "line")): \(count(sum.accepted)) accepted"
        text +=
            ", \(count(sum.repeated)) repeated, \(count(sum.parked)) parked, \(count(sum.refused)) refused"
        if recorded == false { text += ". Nothing was recorded" }
        output.line("\(text). Position \(position).")
    }
}
