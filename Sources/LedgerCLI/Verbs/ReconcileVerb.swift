import ReferralLedger
import StrictJSON

/// `reconcile`: the state against the log, and what is on its way.
enum ReconcileVerb {
    static let verb = Verb(
        "reconcile", abstract: "Checks the books, life cycles, tree and keys against the log.",
        discussion: """
            Sums every posting apart from the fold, replays every life cycle from events alone, folds the log \
            anew, and compares all of it with the state's rows. A MISMATCH is wrong, and ends with 1. What is \
            INCOMPLETE (parked facts, payouts with a provider) is on its way, and alone ends with 0. A broken \
            log ends with 76. Documentation/reconcile.md lists the checks.

            With --statement the facts of one provider are compared with its settlement file instead: each line's             fact is looked for by a ladder of keys, and what is missing here or there, doubled, late, or of another             amount is told with its age. Known are Stripe's balance history, its itemized balance, payout             reconciliation and payouts reports, and Razorpay's settlement recon; any other table needs a --map.             With --record run and breaks become events: see 'breaks'. A file that cannot be read ends with 65.
            """,
        section: "Audit",
        examples: [
            .init("Every night", "referral-ledger reconcile"),
            .init("For a monitor", "referral-ledger reconcile --quiet --json --limit 10"),
            .init("Against a provider", "referral-ledger reconcile --statement stripe-january.csv --record"),
        ],
        options: [
            .init(
                "limit", "N", "Breaks listed of each check; totals are always whole.",
                kind: .integer(1...1_000_000), default: "100")
        ] + StatementReconcileVerb.options,
        flags: [StatementReconcileVerb.record],
        action: { (invocation) throws(CLIError) in
            if invocation.parsed.string("statement") != nil {
                return try StatementReconcileVerb.perform(invocation)
            }
            try StatementReconcileVerb.refuseOptions(invocation)
            let directory = try invocation.directory()
            let progress = ProgressCell("reconcile", total: nil, invocation.output)
            let report: ReconcileReport
            do throws(LedgerError) {
                report = try Ledger.reconcile(
                    at: directory, limit: invocation.parsed.int("limit") ?? 100,
                    progress: { progress.update($0) })
            } catch {
                progress.finish()
                throw CLIError(error)
            }
            progress.finish()
            let codes = AssetCodes(own: report.assetNames)
            if invocation.isJSON {
                try invocation.output.json { json throws(CLIError) in write(report, codes, to: &json) }
            } else {
                show(report, codes, invocation.output)
            }
            if report.isLogBroken { return .broken }
            return report.isClean ? .done : .differences
        })

    private static func show(_ report: ReconcileReport, _ codes: AssetCodes, _ output: Output) {
        if !report.breaks.isEmpty {
            var table = TextTable([
                .text("kind"), .text("check"), .number("position"), .text("programme"), .text("user"),
                .text("asset"), .number("by the log"), .number("found"), .number("age"), .text("what"),
            ])
            for found in report.breaks {
                func amount(_ minor: Int64?) -> String {
                    minor.flatMap { minor in found.asset.map { $0.decimal(minor) } } ?? ""
                }
                table.add([
                    found.kind.rawValue, found.code, found.position.map { "\($0)" } ?? "",
                    found.programme ?? "", found.userId ?? "", found.asset.map { codes.code($0) } ?? "",
                    amount(found.expected), amount(found.found), found.ageSeconds.map(age) ?? "",
                    found.message,
                ])
            }
            output.write(table.text(style: output.style))
            output.line()
        }
        showTotals(report, codes, output)
    }

    private static func showTotals(_ report: ReconcileReport, _ codes: AssetCodes, _ output: Output) {
        let found = report.results.filter { $0.count > 0 }
        if !found.isEmpty {
            var table = TextTable([
                .text("kind"), .text("check"), .number("breaks"), .text("amounts"),
            ])
            for result in found {
                let amounts = result.amounts.map { "\($0.asset.decimal($0.minor)) \(codes.code($0.asset))" }
                table.add([
                    result.check.kind.rawValue, result.check.code, NumberText.grouped(result.count),
                    amounts.joined(separator: ", "),
                ])
            }
            output.write(table.text(style: output.style))
            output.line()
        }
        func count(_ number: some BinaryInteger) -> String { NumberText.grouped(Int(number)) }
        output.facts([
            ("position", "\(report.position)"), ("records", count(report.records)),
            ("postings", count(report.postings)), ("users", count(report.users)),
            ("payments", count(report.payments)), ("MISMATCH", count(report.mismatches)),
            ("INCOMPLETE", count(report.incomplete)),
        ])
        let style = output.style
        if report.isLogBroken {
            output.line(style.red("The log is broken: nothing was compared with it."))
        } else if report.isClean {
            output.line(style.green("Everything agrees."))
        } else {
            output.line(style.red("\(Plural.text(report.mismatches, "break")): see above."))
        }
    }

    /// Days and hours, or what is less.
    static func age(_ seconds: Int64) -> String {
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60)
        if days > 0 { return "\(days) d \(hours) h" }
        return hours > 0 ? "\(hours) h \(minutes) min" : "\(minutes) min"
    }

    private static func write(
        _ report: ReconcileReport, _ codes: AssetCodes, to json: inout JSONWriter
    ) {
        json.member("position", report.position)
        json.member("records", report.records)
        json.member("postings", report.postings)
        json.member("users", report.users)
        json.member("payments", report.payments)
        json.member("comparedViews", report.comparedViews)
        json.member("logBroken", report.isLogBroken)
        json.member("ok", report.isClean)
        json.member("mismatches", report.mismatches)
        json.member("incomplete", report.incomplete)
        json.list("checks", report.results) { json, result in
            json.member("code", result.check.code)
            json.member("kind", result.check.kind.rawValue)
            json.member("count", result.count)
            json.list("amounts", result.amounts) { json, amount in
                json.member("asset", codes.code(amount.asset))
                json.member("amount", amount.asset.decimal(amount.minor))
            }
        }
        json.list("breaks", report.breaks) { json, found in
            json.member("code", found.code)
            json.member("kind", found.kind.rawValue)
            json.member("message", found.message)
            json.member("position", found.position?.rawValue)
            json.member("programme", found.programme)
            json.member("userId", found.userId)
            json.member("asset", found.asset.map { codes.code($0) })
            json.member("expected", found.expected.flatMap { n in found.asset.map { $0.decimal(n) } })
            json.member("found", found.found.flatMap { n in found.asset.map { $0.decimal(n) } })
            json.member("ageSeconds", found.ageSeconds)
        }
    }
}
