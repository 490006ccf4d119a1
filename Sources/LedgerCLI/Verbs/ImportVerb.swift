import LedgerExchange
import LedgerSocket
import ReferralLedger
import StrictJSON

/// `import`: a stream of commands.
enum ImportVerb {
    static let verb = Verb(
        "import", abstract: "Reads a stream of commands in durable groups.",
        discussion: """
            What is reported is on disk. Stopped anywhere, even by the loss of power, the same call goes on \
            where it was; running it again changes nothing. A file is known by its content, so its name does \
            not matter; a CSV file by its content and its map.

            A line that is refused does not hinder those after it: the import goes on and ends with 1. Lines \
            that an earlier run has passed count as repeated, those refused then as refused; --retry-refused \
            decides all of them again. Ctrl-C finishes the groups on their way and ends with 75: the same call \
            goes on.

            --dry-run checks the form of every line (as the exit code says), without deciding: whether an id \
            is known or an amount fits only shows when the lines before it are recorded.
            """,
        section: "Write",
        examples: [
            .init("JSON lines", "referral-ledger import facts.jsonl"),
            .init("A table", "referral-ledger import --format csv --map payments.map.json payments.csv"),
            .init(
                "A made-up programme",
                "referral-ledger simulate --users 1000 --payments 5000 --seed 1 "
                    + "| referral-ledger import - --import-id demo-1"),
        ],
        arguments: [.init("FILE", "What to read; - is stdin.", kind: .file, isRepeating: true)],
        options: [
            .init(
                "format", "NAME", "The form of the files.", kind: .choice(["jsonl", "csv"]), default: "jsonl"),
            .init("map", "FILE", "For csv: which column becomes which field.", kind: .file),
            .init("import-id", "ID", "Names the import in place of the content's SHA-256; needed for stdin."),
            .init("rejects", "FILE", "Adds each refused line there, as JSON with the reason.", kind: .file),
        ],
        flags: [
            .init("dry-run", "Checks the form of all lines and records nothing."),
            .init("retry-refused", "Decides lines again that an earlier run has passed."),
        ],
        exclusive: [["dry-run", "retry-refused"]],
        action: { (invocation) throws(CLIError) in
            var run = try ImportRun(invocation)
            return try run.perform()
        })
}

/// One run of the verb, over all its files.
private struct ImportRun {
    private static let shownRejects = 10

    private let invocation: Invocation
    private let files: [String]
    private let map: CSVMap?
    private var sum = ImportCounts()
    private var wasStopped = false

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

    private func run(
        _ importer: inout Importer, _ file: borrowing InputFile, _ decoder: CommandLineDecoder
    ) throws(ImportFailure) {
        if var source = try csvSource(file, decoder) {
            try importer.run(&source)
        } else {
            var source = JSONLineSource(reader: lineReader(file), decoder: decoder)
            try importer.run(&source)
        }
    }

    private func lineReader(_ file: borrowing InputFile) -> LineReader {
        LineReader(descriptor: file.descriptor, stopsAfterSignal: { Signals.isStopRequested })
    }

    private func csvSource(
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
    private func importId(_ name: String, _ file: borrowing InputFile) throws(CLIError) -> String {
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

    private func failure(_ failure: ImportFailure, _ name: String, _ counts: ImportCounts) -> CLIError {
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

    private func report(_ position: LogPosition) throws(CLIError) {
        let output = invocation.output
        if invocation.isJSON {
            try output.json { json throws(CLIError) in
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
        output.line("\(text). Position \(position).")
    }

    // MARK: Dry run

    private func dryRun() throws(CLIError) -> ExitCode {
        let rejects = try RejectsReport(invocation, limit: Self.shownRejects)
        var sound: UInt64 = 0
        var refused: UInt64 = 0
        let decoder = try invocation.withReaderOfNow { reader throws(CLIError) in
            try CommandLineDecoder(reader)
        }
        for name in files {
            let file = try InputFile(name)
            do throws(ImportFailure) {
                let counts =
                    if var source = try csvSource(file, decoder) {
                        try Importer.check(&source) { rejects.add(Reject($0), file: name) }
                    } else {
                        try checkLines(file, decoder) { rejects.add(Reject($0), file: name) }
                    }
                sound += counts.sound
                refused += counts.refused
            } catch {
                throw failure(error, name, ImportCounts())
            }
        }
        try rejects.finish()
        if invocation.isJSON {
            try invocation.output.json { json throws(CLIError) in
                json.member("dryRun", true)
                json.member("sound", sound)
                json.member("refused", refused)
            }
        } else {
            invocation.output.line(
                "\(Plural.text(Int(sound + refused), "line")): \(NumberText.grouped(Int(sound))) well-formed, "
                    + "\(NumberText.grouped(Int(refused))) not. Nothing was recorded.")
        }
        return refused > 0 ? .differences : .done
    }

    private func checkLines(
        _ file: borrowing InputFile, _ decoder: CommandLineDecoder, _ onReject: (RejectedLine) -> Void
    ) throws(ImportFailure) -> (sound: UInt64, refused: UInt64) {
        var source = JSONLineSource(reader: lineReader(file), decoder: decoder)
        return try Importer.check(&source, onReject: onReject)
    }
}
