import LedgerExchange
import ReferralLedger
import StrictJSON

/// `reconcile --statement FILE`: the facts of one provider against its settlement file.
enum StatementReconcileVerb {
    static let record = Verb.Flag("record", "Records the run over --statement and its breaks as events.")

    static let options: [Verb.Option] = [
        .init("statement", "FILE", "A provider's settlement file, to compare with.", kind: .file),
        .init("map", "FILE", "Which column of it is what; without one its form is recognised.", kind: .file),
        .init("provider", "NAME", "The provider, as facts name it; else as the form or map says."),
        CommonOptions.programme,
        .init(
            "tolerance", "MINOR", "Minor units by which amounts may differ.",
            kind: .integer(0...1_000_000_000),
            default: "0"),
        .init(
            "timing", "HOURS", "Hours by which moments may differ.", kind: .integer(0...100_000),
            default: "24"),
        .init(
            "grace", "DAYS", "Days before its end in which what is missing is on its way.",
            kind: .integer(0...10_000), default: "3"),
        .init(
            "match", "KEYS",
            "The ladder, of: \(MatchKey.allCases.map(\.rawValue).joined(separator: ",")); else all."),
        .init("from", "TIME", "The begin of the statement's period; else its first line."),
        .init("through", "TIME", "The end of the statement's period; else its last line."),
        .init("as-of", "TIME", "The moment that ages count to; else the end of the period."),
    ]

    /// Options that mean nothing without a statement.
    static func refuseOptions(_ invocation: Invocation) throws(CLIError) {
        for option in options where option.name != "statement" && invocation.parsed.isGiven(option.name) {
            throw .usage("--\(option.name) is for --statement FILE")
        }
        if invocation.parsed.flag("record") { throw .usage("--record is for --statement FILE") }
    }

    static func perform(_ invocation: Invocation) throws(CLIError) -> ExitCode {
        let statement = try read(invocation)
        let options = try statementOptions(invocation.parsed)
        let programme = invocation.programme
        let progress = ProgressCell("reconcile", total: nil, invocation.output)
        let report = try invocation.withReaderOfNow { reader throws(CLIError) in
            try calling { () throws(LedgerError) in
                try reader.reconcile(
                    statement, programme: programme, options: options, progress: { progress.update($0) })
            }
        }
        progress.finish()
        let recording = invocation.parsed.flag("record") ? try record(report, programme, invocation) : nil
        let codes = AssetCodes(own: report.assetNames)
        if invocation.isJSON {
            try invocation.output.json { json throws(CLIError) in
                StatementReportText.write(report, recording, codes, to: &json)
            }
        } else {
            StatementReportText.show(report, recording, codes, invocation.output)
        }
        return report.isClean ? .done : .differences
    }

    /// Through whoever writes the ledger.
    private static func record(
        _ report: StatementReport, _ programme: String?, _ invocation: Invocation
    ) throws(CLIError) -> StatementRecording {
        try invocation.withWriter { writer throws(CLIError) in
            let name = try writer.programmeId(programme)
            let known = try known(report.provider, name, writer, invocation)
            var recording = StatementRecording()
            for command in report.commands(programme: name, known: known) {
                if let refusal = recording.note(command, try writer.submit(command)) {
                    throw CLIError(.badInput, "\(refusal)")
                }
            }
            return recording
        }
    }

    private static func known(
        _ provider: String, _ programme: String, _ writer: LedgerWriter, _ invocation: Invocation
    ) throws(CLIError) -> [BreakSummary] {
        func breaks(_ reader: LedgerReader) throws(CLIError) -> [BreakSummary] {
            try calling { () throws(LedgerError) in
                try reader.breaks(openOnly: false, programme: programme, provider: provider)
            }
        }
        switch writer {
        case .own(let ledger): return try breaks(ledger.current)
        case .other: return try invocation.withReaderOfNow { reader throws(CLIError) in try breaks(reader) }
        }
    }

    // MARK: Reading

    private static func read(_ invocation: Invocation) throws(CLIError) -> ProviderStatement {
        let parsed = invocation.parsed
        let name = try parsed.required("statement")
        guard name != "-" else { throw .usage("a statement is read twice and cannot come from stdin") }
        let file = try InputFile(name)
        var digest = try calling { () throws(LedgerError) in try FileDigest.sha256(path: name) }
        var map: StatementMap?
        if let mapName = parsed.string("map") {
            let bytes = try InputFile.read(mapName, limit: 1 << 20)
            do throws(StatementProblem) { map = try StatementMap.parse(bytes) } catch {
                throw CLIError(.badInput, "\(mapName): \(error.code.rawValue): \(error)")
            }
            // Under another map it is another statement.
            digest += "+" + (try calling { () throws(LedgerError) in try FileDigest.sha256(path: mapName) })
        }
        do throws(StatementProblem) {
            return try StatementReader.read(
                file.descriptor, digest: digest, map: map, provider: parsed.string("provider"))
        } catch {
            let place = error.isInMap ? parsed.string("map") ?? name : name
            throw CLIError(.badInput, "\(place): \(error.code.rawValue): \(error)")
        }
    }

    private static func statementOptions(_ parsed: ParsedVerb) throws(CLIError) -> StatementOptions {
        var options = StatementOptions()
        options.tolerance = Int64(parsed.int("tolerance") ?? 0)
        options.timingSeconds = Int64(parsed.int("timing") ?? 24) * 3_600
        options.graceSeconds = Int64(parsed.int("grace") ?? 3) * 86_400
        if let text = parsed.string("match") {
            options.keys = []
            for word in text.split(separator: ",", omittingEmptySubsequences: false) {
                guard let key = MatchKey(rawValue: String(word)) else {
                    let all = MatchKey.allCases.map(\.rawValue)
                    throw .usage(
                        "--match is '\(text)', but '\(word)' is no rung",
                        hint: "They are: \(all.joined(separator: ", ")).")
                }
                options.keys.append(key)
            }
        }
        func time(_ name: String) throws(CLIError) -> Timestamp? {
            try parsed.string(name).map { text throws(CLIError) in try Timestamp.option(text, of: "--\(name)")
            }
        }
        options.from = try time("from")
        options.through = try time("through")
        options.asOf = try time("as-of")
        if let from = options.from, let through = options.through, through < from {
            throw .usage("--through lies before --from")
        }
        // Everything is recorded: what is listed is cut only when shown.
        options.limit = parsed.flag("record") ? .max : parsed.int("limit") ?? 100
        return options
    }
}

/// The report in words and as JSON.
enum StatementReportText {
    static func show(
        _ report: StatementReport, _ recording: StatementRecording?, _ codes: AssetCodes, _ output: Output
    ) {
        if !report.breaks.isEmpty {
            var table = TextTable([
                .text("kind"), .text("check"), .text("subject"), .number("line"), .number("position"),
                .text("asset"), .number("here"), .number("there"), .number("age"), .text("what"),
            ])
            for found in report.breaks {
                func amount(_ minor: Int64?) -> String {
                    minor.flatMap { minor in found.asset.map { $0.decimal(minor) } } ?? ""
                }
                table.add([
                    found.kind.rawValue, found.code, found.subject, found.line.map { "\($0)" } ?? "",
                    found.position.map { "\($0)" } ?? "", found.asset.map { codes.code($0) } ?? "",
                    amount(found.expected), amount(found.found), ReconcileVerb.age(found.ageSeconds),
                    found.message,
                ])
            }
            output.write(table.text(style: output.style))
            output.line()
        }
        showSums(report, codes, output)
        showAges(report, output)
        let rungs = report.matchedBy.filter { $0.count > 0 }.map { "\($0.key.rawValue) \($0.count)" }
        output.facts([
            ("provider", report.provider), ("form", report.format), ("statement", report.statement),
            ("period", "\(report.from) to \(report.through)"), ("run", report.runId),
            ("lines", NumberText.grouped(report.lines)), ("matched", NumberText.grouped(report.matched)),
            ("matched by", rungs.joined(separator: ", ")), ("position", "\(report.position)"),
            ("MISMATCH", NumberText.grouped(report.mismatches)),
            ("INCOMPLETE", NumberText.grouped(report.incomplete)),
        ])
        if let recording {
            output.line(
                recording.isRepeated && recording.opened + recording.resolved == 0
                    ? "Recorded before."
                    : "Recorded: \(Plural.text(recording.opened, "break")) opened, \(recording.resolved) resolved."
            )
        }
        output.line(
            report.isClean
                ? output.style.green("The statement agrees.")
                : output.style.red("\(Plural.text(report.mismatches, "break")): see above."))
    }

    private static func showSums(_ report: StatementReport, _ codes: AssetCodes, _ output: Output) {
        var table = TextTable([
            .text("what"), .text("asset"), .number("lines"), .number("matched"), .number("statement"),
            .number("ledger"),
        ])
        for sum in report.sums {
            table.add([
                sum.kind.rawValue, codes.code(sum.asset), NumberText.grouped(sum.lines),
                NumberText.grouped(sum.matched), sum.asset.decimal(sum.amount), sum.asset.decimal(sum.ledger),
            ])
        }
        for settlement in report.settlements {
            table.add([
                "settlement \(settlement.id)", codes.code(settlement.asset),
                NumberText.grouped(settlement.lines), "", settlement.asset.decimal(settlement.net),
                settlement.transferred.map { settlement.asset.decimal($0) } ?? "",
            ])
        }
        output.write(table.text(style: output.style))
        output.line()
    }

    private static func showAges(_ report: StatementReport, _ output: Output) {
        if report.mismatches + report.incomplete == 0 { return }
        var table = TextTable([.text("age in days"), .number("MISMATCH"), .number("INCOMPLETE")])
        for bucket in report.ages {
            table.add([
                bucket.toDays.map { "\(bucket.fromDays) to \($0)" } ?? "\(bucket.fromDays) and more",
                NumberText.grouped(bucket.mismatches), NumberText.grouped(bucket.incomplete),
            ])
        }
        output.write(table.text(style: output.style))
        output.line()
    }

    static func write(
        _ report: StatementReport, _ recording: StatementRecording?, _ codes: AssetCodes,
        to json: inout JSONWriter
    ) {
        json.member("provider", report.provider)
        json.member("format", report.format)
        json.member("statement", report.statement)
        json.member("runId", report.runId)
        json.member("position", report.position)
        json.member("from", report.from.description)
        json.member("through", report.through.description)
        json.member("asOf", report.asOf.description)
        json.member("lines", report.lines)
        json.member("matched", report.matched)
        json.key("matchedBy")
        json.beginObject()
        for rung in report.matchedBy { json.member(rung.key.rawValue, rung.count) }
        json.endObject()
        json.member("ok", report.isClean)
        json.member("mismatches", report.mismatches)
        json.member("incomplete", report.incomplete)
        json.list("checks", report.counts) { json, count in
            json.member("code", count.check.code)
            json.member("mismatches", count.mismatches)
            json.member("incomplete", count.incomplete)
        }
        json.list("ages", report.ages) { json, bucket in
            json.member("fromDays", bucket.fromDays)
            json.member("toDays", bucket.toDays)
            json.member("mismatches", bucket.mismatches)
            json.member("incomplete", bucket.incomplete)
        }
        json.list("sums", report.sums) { json, sum in
            json.member("kind", sum.kind.rawValue)
            json.member("asset", codes.code(sum.asset))
            json.member("lines", sum.lines)
            json.member("matched", sum.matched)
            json.member("amount", sum.asset.decimal(sum.amount))
            json.member("ledger", sum.asset.decimal(sum.ledger))
        }
        json.list("settlements", report.settlements) { json, settlement in
            json.member("id", settlement.id)
            json.member("asset", codes.code(settlement.asset))
            json.member("lines", settlement.lines)
            json.member("net", settlement.asset.decimal(settlement.net))
            json.member("transferred", settlement.transferred.map { settlement.asset.decimal($0) })
        }
        json.list("breaks", report.breaks) { json, found in
            json.member("breakId", found.id)
            json.member("code", found.code)
            json.member("kind", found.kind.rawValue)
            json.member("subject", found.subject)
            json.member("message", found.message)
            json.member("line", found.line)
            json.member("position", found.position?.rawValue)
            json.member("asset", found.asset.map { codes.code($0) })
            json.member("expected", found.expected.flatMap { n in found.asset.map { $0.decimal(n) } })
            json.member("found", found.found.flatMap { n in found.asset.map { $0.decimal(n) } })
            json.member("since", found.since.description)
            json.member("ageSeconds", found.ageSeconds)
        }
        if let recording {
            json.key("recorded")
            json.beginObject()
            json.member("repeated", recording.isRepeated)
            json.member("opened", recording.opened)
            json.member("resolved", recording.resolved)
            json.endObject()
        }
    }
}

/// `breaks`: what statements showed and nobody has dealt with.
enum BreaksVerb {
    static let verb = Verb(
        "breaks", abstract: "Lists the open breaks of provider statements.",
        discussion: """
            They are opened and resolved by 'reconcile --statement FILE --record'; a person who has dealt with one \
            says so with 'record resolveBreak'. They are events: --at shows those of any past position.
            """,
        section: "Read",
        examples: [
            .init("What is open", "referral-ledger breaks"),
            .init(
                "One is dealt with",
                "referral-ledger record resolveBreak --breakId 5f1c… --reason 'refunded by hand' "
                    + "--at 2026-02-03T09:00:00Z --key rb-17 --actor ann"),
        ],
        options: [
            CommonOptions.programme, .init("provider", "NAME", "Only this provider's."), CommonOptions.at,
            CommonOptions.effective,
        ],
        flags: [.init("all", "Those that are resolved, too.")],
        action: { (invocation) throws(CLIError) in
            try invocation.withState { reader throws(CLIError) in
                let breaks = try calling { () throws(LedgerError) in
                    try reader.breaks(
                        openOnly: !invocation.parsed.flag("all"), programme: invocation.programme,
                        provider: invocation.parsed.string("provider"))
                }
                let codes = try reader.codes()
                if invocation.isJSON {
                    try invocation.output.json { json throws(CLIError) in
                        json.member("position", reader.position)
                        json.member("effective", reader.effectiveMoment)
                        json.list("breaks", breaks) { json, item in write(item, codes, to: &json) }
                    }
                } else {
                    show(breaks, codes, invocation.output)
                }
                return .done
            }
        })

    private static func show(_ breaks: [BreakSummary], _ codes: AssetCodes, _ output: Output) {
        if breaks.isEmpty { return output.line("No break is open.") }
        var table = TextTable([
            .text("break"), .text("kind"), .text("check"), .text("provider"), .text("subject"),
            .text("asset"),
            .number("here"), .number("there"), .text("since"), .text("state"),
        ])
        for item in breaks {
            func amount(_ minor: Int64?) -> String {
                minor.flatMap { minor in item.asset.map { $0.decimal(minor) } } ?? ""
            }
            let state = item.resolution.map { end in
                "\(end.reason)\(end.actor.map { " (\($0))" } ?? "")"
            }
            table.add([
                item.breakId, item.kind.rawValue, item.rule, item.provider, item.subject,
                item.asset.map { codes.code($0) } ?? "", amount(item.expected), amount(item.found),
                "\(item.since)", state ?? "open",
            ])
        }
        output.write(table.text(style: output.style))
    }

    private static func write(_ item: BreakSummary, _ codes: AssetCodes, to json: inout JSONWriter) {
        json.member("breakId", item.breakId)
        json.member("programme", item.programme)
        json.member("provider", item.provider)
        json.member("runId", item.runId)
        json.member("rule", item.rule)
        json.member("kind", item.kind.rawValue)
        json.member("subject", item.subject)
        json.member("since", item.since.description)
        json.member("asset", item.asset.map { codes.code($0) })
        json.member("expected", item.expected.flatMap { n in item.asset.map { $0.decimal(n) } })
        json.member("found", item.found.flatMap { n in item.asset.map { $0.decimal(n) } })
        json.member("openedAt", item.openedAt.description)
        json.member("position", item.position)
        json.key("resolution")
        guard let end = item.resolution else { return json.null() }
        json.beginObject()
        json.member("at", end.at.description)
        json.member("position", end.position)
        json.member("reason", end.reason)
        json.member("runId", end.runId)
        json.member("actor", end.actor)
        json.endObject()
    }
}
