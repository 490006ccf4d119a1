import LedgerExchange
import ReferralLedger
import StrictJSON

/// `trial-balance`: all accounts.
enum TrialBalanceVerb {
    static let verb = Verb(
        "trial-balance", abstract: "Sums up every kind of account; debits equal credits.",
        discussion: """
            Accounts of users are summed over all users. Ends with 76 when the sums differ. --effective adds up \
            the postings of all that had happened by a business time, in the order of the log, and decides \
            nothing anew; together with --at, of what was recorded by then.
            """,
        section: "Read",
        examples: [
            .init("Now", "referral-ledger trial-balance"),
            .init("At the year's end", "referral-ledger trial-balance --effective 2011-12-31T23:59:59Z"),
        ],
        options: [CommonOptions.at, CommonOptions.effective, CommonOptions.programme],
        action: { (invocation) throws(CLIError) in
            try invocation.withReader { reader throws(CLIError) in
                let chosen = try invocation.programme.map { id throws(CLIError) in try reader.programmeId(id)
                }
                let effective = try invocation.effective(reader)
                let answer = try invocation.summing(reader) { progress throws(LedgerError) in
                    guard let effective else { return try reader.trialBalance(programme: chosen) }
                    return try effective.trialBalance(programme: chosen, progress: progress)
                }
                let sums = Sums(answer.value)
                let codes = try reader.codes()
                if invocation.isJSON {
                    try invocation.output.json { json throws(CLIError) in
                        json.member("position", answer.position)
                        json.member("effective", effective?.moment)
                        json.list("lines", answer.value) { json, line in write(line, codes, to: &json) }
                        json.list("totals", sums.rows) { json, row in
                            json.member("programme", row.programme)
                            json.member("asset", codes.code(row.asset))
                            json.member("debit", row.asset.decimal(row.debit))
                            json.member("credit", row.asset.decimal(row.credit))
                        }
                        json.member("balanced", sums.areBalanced)
                    }
                } else {
                    show(answer.value, sums, codes, invocation.output)
                }
                guard sums.areBalanced else {
                    throw CLIError(.broken, "debits and credits differ at position \(answer.position)")
                }
                return .done
            }
        })

    /// Debits and credits of each programme and asset.
    private struct Sums {
        struct Row {
            var programme: String
            var asset: AssetNumber
            var debit: Int64 = 0
            var credit: Int64 = 0
        }
        private(set) var rows: [Row] = []
        private(set) var areBalanced = true

        init(_ lines: [TrialBalanceLine]) {
            for line in lines {
                let found = rows.firstIndex { $0.programme == line.programme && $0.asset == line.asset }
                let index = found ?? rows.count
                if found == nil { rows.append(Row(programme: line.programme, asset: line.asset)) }
                let debit = rows[index].debit.addingReportingOverflow(line.debit)
                let credit = rows[index].credit.addingReportingOverflow(line.credit)
                rows[index].debit = debit.partialValue
                rows[index].credit = credit.partialValue
            }
            areBalanced = rows.allSatisfy { $0.debit == $0.credit }
        }
    }

    private static func show(
        _ lines: [TrialBalanceLine], _ sums: Sums, _ codes: AssetCodes, _ output: Output
    ) {
        if lines.isEmpty { return output.line("No money has moved yet.") }
        var table = TextTable([
            .text("programme"), .text("account"), .text("asset"), .number("debit"), .number("credit"),
        ])
        func amount(_ minor: Int64, _ asset: AssetNumber) -> String { minor == 0 ? "" : asset.decimal(minor) }
        for row in sums.rows {
            for line in lines where line.programme == row.programme && line.asset == row.asset {
                table.add([
                    line.programme, line.account + (line.provider.map { " \($0)" } ?? ""),
                    codes.code(line.asset), amount(line.debit, line.asset), amount(line.credit, line.asset),
                ])
            }
            table.addRule()
            table.add([
                row.programme, "", codes.code(row.asset), row.asset.decimal(row.debit),
                row.asset.decimal(row.credit),
            ])
        }
        output.write(table.text(style: output.style))
    }

    private static func write(_ line: TrialBalanceLine, _ codes: AssetCodes, to json: inout JSONWriter) {
        json.member("programme", line.programme)
        json.member("account", line.account)
        json.member("provider", line.provider)
        json.member("asset", codes.code(line.asset))
        json.member("debit", line.asset.decimal(line.debit))
        json.member("credit", line.asset.decimal(line.credit))
    }
}

/// `parked`: facts that wait.
enum ParkedVerb {
    static let verb = Verb(
        "parked", abstract: "Lists facts that wait for another fact.",
        discussion: """
            A refund waits for its payment, or for headroom when it is more than is left of it; a conversion \
            for its user; a dispute for its payment, its end for its opening; a payout for its withdrawal. They \
            are INCOMPLETE, not wrong: nothing of them has moved.
            """,
        section: "Read",
        examples: [.init("What waits", "referral-ledger parked")],
        options: [
            .init("limit", "N", "Facts listed.", kind: .integer(1...1_000_000), default: "1000000"),
            CommonOptions.at, CommonOptions.effective,
        ],
        action: { (invocation) throws(CLIError) in
            try invocation.withState { reader throws(CLIError) in
                let limit = invocation.parsed.int("limit") ?? 1_000_000
                let facts = try calling { () throws(LedgerError) in try reader.parkedFacts(limit: limit) }
                if invocation.isJSON {
                    try invocation.output.json { json throws(CLIError) in
                        json.member("position", reader.position)
                        json.member("effective", reader.effectiveMoment)
                        json.list("parked", facts) { json, fact in write(fact, to: &json) }
                    }
                } else {
                    show(facts, invocation.output)
                }
                return .done
            }
        })

    private static func show(_ facts: [ParkedFact], _ output: Output) {
        if facts.isEmpty { return output.line("Nothing is parked.") }
        var table = TextTable([
            .number("position"), .text("time"), .text("what"), .number("amount"), .text("waits for"),
        ])
        for fact in facts {
            let amount = fact.amount.flatMap { amount in fact.asset.map { $0.text(amount) } } ?? ""
            let waitsFor = [fact.waitingFor, fact.predecessor].compactMap { $0 }.joined(separator: " ")
            let what = [fact.kind, fact.status, fact.provider, fact.id].compactMap { $0 }
                .joined(separator: " ")
            table.add(["\(fact.position)", "\(fact.occurredAt)", what, amount, waitsFor])
        }
        output.write(table.text(style: output.style))
        output.line("\(Plural.text(facts.count, "fact")) INCOMPLETE.")
    }

    private static func write(_ fact: ParkedFact, to json: inout JSONWriter) {
        json.member("position", fact.position)
        json.member("programme", fact.programme)
        json.member("kind", fact.kind)
        json.member("id", fact.id)
        json.member("provider", fact.provider)
        json.member("status", fact.status)
        json.member("waitingFor", fact.waitingFor)
        json.member("predecessor", fact.predecessor)
        json.member("amount", fact.amount.flatMap { amount in fact.asset.map { $0.decimal(amount) } })
        json.member("asset", fact.asset?.code)
        json.member("occurredAt", fact.occurredAt.description)
    }
}

/// `export`: the books for other programs.
enum ExportVerb {
    static let verb = Verb(
        "export", abstract: "Writes the books or the commands for another program, on stdout.",
        discussion: """
            hledger and ledger: a journal in which each posting asserts the balance after it. beancount: a file \
            that asserts the balances of each day. So the other program adds everything up itself. csv: one row \
            a posting. Documentation/exports.md describes names and order.

            jsonl: the commands that made the ledger, as lines for 'import'. A ledger begun with the same \
            'init' has the same state digest after them. Personal data is in them in clear.

            tiles: the log itself as static files, for --out DIR: hashes, stored records, and the signed checkpoint \
            (C2SP tlog-tiles). Personal data is sealed in them. What is there already is not written again.
            """,
        section: "Audit",
        examples: [
            .init(
                "Checked by hledger",
                "referral-ledger export --format hledger | hledger -f - check -s ordereddates accounts commodities"
            ),
            .init(
                "Checked by Beancount",
                "referral-ledger export --format beancount > books.beancount && bean-check books.beancount"),
            .init("Into another ledger", "referral-ledger export --format jsonl > commands.jsonl"),
            .init(
                "For auditors, by any web server", "referral-ledger export --format tiles --out /srv/acme-log"
            ),
        ],
        options: [
            .init(
                "format", "NAME", "For which program.",
                kind: .choice(BooksFormat.allCases.map(\.rawValue) + ["jsonl", "tiles"]), isRequired: true),
            CommonOptions.at,
            .init(
                "effective", "TIME",
                "Only what had happened by then, by business time; not for jsonl and tiles."),
            .init("programme", "ID", "Only this programme's books."),
            .init("out", "DIR", "Of tiles: the folder they go to.", kind: .directory),
        ],
        action: { (invocation) throws(CLIError) in
            if invocation.parsed.string("format") == "tiles" { return try ExportTiles.run(invocation) }
            if invocation.parsed.string("out") != nil {
                throw .usage("--out is for tiles", hint: "The other formats go to stdout.")
            }
            if invocation.parsed.string("format") == "jsonl" { return try writeLines(invocation) }
            return try invocation.withReader { reader throws(CLIError) in
                let chosen = try invocation.programme.map { id throws(CLIError) in try reader.programmeId(id)
                }
                let output = invocation.output
                let end = reader.position
                var progress = Progress("export", unit: "events", total: Int(end.rawValue), output: output)
                let format = BooksFormat(rawValue: try invocation.parsed.required("format")) ?? .csv
                let export = BooksExport(
                    reader, format: format, through: end,
                    effective: try invocation.effective(reader)?.moment, programme: chosen)
                do throws(BooksExport.Failure) {
                    try export.write(onProgress: { progress.update(Int($0.rawValue)) }) { bytes in
                        output.write(bytes)
                        return !output.isReaderGone
                    }
                } catch {
                    progress.finish()
                    switch error {
                    case .ledger(let error): throw CLIError(error)
                    case .overflow(let position):
                        throw CLIError(.broken, "a balance leaves 64 bits (position \(position))")
                    }
                }
                progress.finish()
                return .done
            }
        })
}
