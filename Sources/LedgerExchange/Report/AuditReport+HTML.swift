import LedgerDomain
import ReferralLedger

extension AuditReport {
    /// The report as one page, without anything from elsewhere: no script, no font, no picture that is not in it.
    public func html() -> String {
        var out = HTMLWriter()
        out.raw("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
        out.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
        out.raw(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        )
        out.raw("<meta name=\"color-scheme\" content=\"light dark\">")
        out.element("title", "Audit report, ledger \(content?.status.ledgerId ?? "")")
        out.markup("<style>\(Self.style)</style></head><body><main>\n")
        header(&out)
        checks(&out)
        if let content {
            versions(content, &out)
            trialBalance(content, &out)
            charts(content, &out)
            statements(content, &out)
            openThings(content, &out)
        }
        signature(&out)
        out.raw("</main></body></html>\n")
        return out.html
    }

    // MARK: Parts

    private func header(_ out: inout HTMLWriter) {
        out.raw("<header><p class=\"kind\">Referral ledger</p><h1>Audit report</h1>")
        out.element("p", class: isClean ? "verdict good" : "verdict bad", verdict)
        var facts: [(String, String)] = []
        if let status = content?.status {
            facts.append(("Ledger", status.ledgerId))
            facts.append(("Programmes", status.programmes.map(\.id).joined(separator: ", ")))
        }
        let first = options.from ?? content?.activity.first
        let last = options.through ?? content?.activity.last
        if let first, let last { facts.append(("Period", "\(first) to \(last)")) }
        facts.append(("Made", "\(options.madeAt) by \(options.program)"))
        out.facts(facts)
        out.raw("<h2>What this report is of</h2>")
        var head: [(String, String)] = [
            ("Log position", ReportNumber.count(verified.position.rawValue)),
            ("Records", ReportNumber.count(verified.records)),
        ]
        if let at = content?.status.lastRecordedAt { head.append(("Last recorded", "\(at)")) }
        head.append(("Tree size", ReportNumber.count(verified.treeSize)))
        head.append(("Tree root (RFC 6962)", verified.logRoot))
        head.append(("State digest (SHA-256)", verified.stateDigest))
        out.facts(head)
        checkpoint(&out)
        out.raw("</header>\n")
    }

    private var verdict: String {
        if !verified.isClean || reconciled.isLogBroken { return "The log is broken: see the findings." }
        let open = content?.breaks.count { $0.kind == .mismatch } ?? 0
        let wrong = reconciled.mismatches + open
        if wrong > 0 {
            return "\(ReportNumber.count(wrong)) \(wrong == 1 ? "thing does" : "things do") not agree."
        }
        if checkpointState == .another { return "The signed checkpoint is of another log." }
        let waiting = reconciled.incomplete + (content?.breaks.count ?? 0)
        return waiting == 0
            ? "Everything holds."
            : "Everything holds; \(ReportNumber.count(waiting)) \(waiting == 1 ? "thing is" : "things are") on the way."
    }

    private func checkpoint(_ out: inout HTMLWriter) {
        guard let note = options.checkpoint else {
            out.raw(
                "<p class=\"note\">No signed checkpoint was given: the root above is this program’s own computation.</p>"
            )
            return
        }
        switch checkpointState {
        case .same:
            out.raw(
                "<p>The signed checkpoint below names this very tree. Its signatures are checked by <code>check-proof</code> or any other program for C2SP notes.</p>"
            )
        case .earlier:
            out.raw(
                "<p>The signed checkpoint below is of an earlier size of the log. That this log is its continuation shows a consistency proof.</p>"
            )
        case .another:
            out.raw("<p class=\"bad\">The signed checkpoint below names another tree than this log has.</p>")
        case .unreadable, .none: out.raw("<p class=\"bad\">The checkpoint below cannot be read.</p>")
        }
        out.element("pre", note)
    }

    private func checks(_ out: inout HTMLWriter) {
        out.raw("<section><h2>What was checked</h2>")
        out.raw(
            "<p>Every record was read, its checksum, order and decoding checked, and hashed into the tree. Every posting was summed apart from the fold, every life cycle replayed from events alone; the log was folded anew and compared with the state that readers get, row by row.</p>"
        )
        for finding in verified.findings {
            let place = finding.position.map { "position \($0): " } ?? ""
            out.element("p", class: "bad", "\(place)\(finding.code): \(finding.message)")
        }
        out.facts([
            ("Postings summed", ReportNumber.count(reconciled.postings)),
            ("Users", ReportNumber.count(reconciled.users)),
            ("Payments", ReportNumber.count(reconciled.payments)),
            (
                "Compared with stored views",
                verified.comparedViews || reconciled.comparedViews ? "yes" : "there were none"
            ),
        ])
        let rows = reconciled.results.map { result in
            [
                result.check.code, result.check.sentence,
                result.count == 0
                    ? (result.check.kind == .mismatch ? "holds" : "nothing")
                    : "\(ReportNumber.count(result.count)) \(result.check.kind.rawValue)",
            ]
        }
        out.table(
            [("Check", false), ("What holds, or is listed", false), ("Result", false)], rows, class: "stack")
        out.raw("</section>\n")
    }

    private func versions(_ content: Content, _ out: inout HTMLWriter) {
        out.raw("<section><h2>By which rules</h2>")
        out.facts([
            ("Fold of state and views", "version \(content.status.foldVersion)"),
            ("Program", options.program),
        ])
        let rows = content.activity.policies.map { policy in
            [
                policy.programme, "\(policy.version)",
                policy.effectiveFrom.map { "\($0)" } ?? "from the beginning", policy.hash,
                ReportNumber.count(policy.position.rawValue),
            ]
        }
        out.table(
            [
                ("Programme", false), ("Policy version", true), ("Rules from", false),
                ("Hash of its rules", false),
                ("Position", true),
            ], rows)
        out.raw("</section>\n")
    }

    private func trialBalance(_ content: Content, _ out: inout HTMLWriter) {
        out.raw("<section><h2>Trial balance</h2>")
        var rest = content.trialBalance[...]
        if rest.isEmpty { out.raw("<p>No posting was made yet.</p>") }
        while let first = rest.first {
            let own = rest.prefix { $0.programme == first.programme && $0.asset == first.asset }
            rest = rest.dropFirst(own.count)
            func sum(_ side: KeyPath<TrialBalanceLine, Int64>) -> String {
                let total = own.reduce(Int128(0)) { $0 + Int128($1[keyPath: side]) }
                return ReportNumber.amount(Int64(clamping: total), first.asset)
            }
            func cell(_ amount: Int64) -> String {
                amount == 0 ? "" : ReportNumber.amount(amount, first.asset)
            }
            out.table(
                [("Account", false), ("Debit", true), ("Credit", true)],
                own.map { line in
                    [
                        line.account + (line.provider.map { " (\($0))" } ?? ""), cell(line.debit),
                        cell(line.credit),
                    ]
                }, foot: [["Sum", sum(\.debit), sum(\.credit)]],
                caption: "\(first.programme), \(content.codes.code(first.asset))", class: "whole")
        }
        out.raw("</section>\n")
    }

    private func charts(_ content: Content, _ out: inout HTMLWriter) {
        out.raw("<section><h2>Over time</h2>")
        let buckets = content.activity.buckets
        if buckets.isEmpty { out.raw("<p>Nothing happened in the period.</p>") }
        ReportChart.activity(buckets, content.codes, isDaily: isDaily(buckets), to: &out)
        out.raw("<h2>Balances by account</h2>")
        ReportChart.balances(content.trialBalance, content.codes, to: &out)
        out.raw("</section>\n")
    }

    /// Whether the stretches are days: the period is short.
    private func isDaily(_ buckets: [ActivityBucket]) -> Bool {
        guard let first = options.from ?? content?.activity.first,
            let last = options.through ?? content?.activity.last
        else { return false }
        return last.nanoseconds / 1_000_000_000 - first.nanoseconds / 1_000_000_000 <= 62 * 86_400
    }

    private func statements(_ content: Content, _ out: inout HTMLWriter) {
        out.raw("<section><h2>Statements of providers</h2>")
        if content.runs.isEmpty {
            out.raw("<p>No statement was compared and recorded in the period.</p>")
        } else {
            out.table(
                [
                    ("Programme", false), ("Provider", false), ("Through", false), ("Lines", true),
                    ("Matched", true), ("Breaks", true), ("SHA-256 of the statement", false),
                ],
                content.runs.suffix(options.limit).map { run in
                    [
                        run.programme, run.provider, "\(run.at)", ReportNumber.count(run.lines),
                        ReportNumber.count(run.matched), ReportNumber.count(run.breaks), run.statement,
                    ]
                })
        }
        out.raw("<h2>Open breaks</h2>")
        if content.breaks.isEmpty { out.raw("<p>No break with a provider is open.</p>") }
        if !content.breaks.isEmpty {
            out.table(
                [
                    ("Kind", false), ("Check", false), ("Provider", false), ("About", false),
                    ("Asset", false),
                    ("Ledger", true), ("Statement", true), ("Since", false),
                ],
                content.breaks.prefix(options.limit).map { item in
                    [
                        item.kind.rawValue, item.rule, item.provider, item.subject,
                        item.asset.map { content.codes.code($0) } ?? "", amount(item.expected, item.asset),
                        amount(item.found, item.asset), "\(item.since)",
                    ]
                })
            more(content.breaks.count, &out)
        }
        out.raw("</section>\n")
    }

    private func amount(_ minor: Int64?, _ asset: AssetNumber?) -> String {
        minor.flatMap { minor in asset.map { ReportNumber.amount(minor, $0) } } ?? ""
    }

    private func more(_ count: Int, _ out: inout HTMLWriter) {
        if count > options.limit {
            out.element("p", class: "note", "and \(ReportNumber.count(count - options.limit)) more")
        }
    }

    private func openThings(_ content: Content, _ out: inout HTMLWriter) {
        out.raw("<section><h2>On the way (INCOMPLETE)</h2>")
        let open = reconciled.breaks.filter { $0.kind == .incomplete }
        if open.isEmpty { out.raw("<p>Nothing is on the way.</p>") }
        if !open.isEmpty {
            out.table(
                [
                    ("Check", false), ("What", false), ("Programme", false), ("Asset", false),
                    ("Amount", true),
                    ("Age", true),
                ],
                open.prefix(options.limit).map { item in
                    [
                        item.code, item.message, item.programme ?? "",
                        item.asset.map { content.codes.code($0) } ?? "", amount(item.found, item.asset),
                        item.ageSeconds.map(ReportNumber.age) ?? "",
                    ]
                })
            more(reconciled.incomplete, &out)
        }
        let wrong = reconciled.breaks.filter { $0.kind == .mismatch }
        if !wrong.isEmpty {
            out.raw("<h2>What does not agree inside (MISMATCH)</h2>")
            out.table(
                [
                    ("Check", false), ("What", false), ("Programme", false), ("User", false),
                    ("Asset", false),
                    ("By the log", true), ("Found", true), ("Position", true),
                ],
                wrong.prefix(options.limit).map { item in
                    [
                        item.code, item.message, item.programme ?? "", item.userId ?? "",
                        item.asset.map { content.codes.code($0) } ?? "", amount(item.expected, item.asset),
                        amount(item.found, item.asset), item.position.map { "\($0)" } ?? "",
                    ]
                })
            more(reconciled.mismatches, &out)
        }
        out.raw("<h2>Receivables: users who owe</h2>")
        if content.receivables.isEmpty {
            out.raw("<p>Nobody owes.</p>")
        } else {
            out.table(
                [("Programme", false), ("User", false), ("Asset", false), ("Owed", true)],
                content.receivables.map { row in
                    [
                        row.programme, row.userId, content.codes.code(row.asset),
                        ReportNumber.amount(row.amount, row.asset),
                    ]
                })
            if content.hasMoreReceivables { out.raw("<p class=\"note\">and more</p>") }
        }
        out.raw("</section>\n")
    }

    private func signature(_ out: inout HTMLWriter) {
        out.raw(
            "<section class=\"sign\"><h2>Signature</h2><p>I have checked the figures of this report against the log whose position, root and state digest stand at its beginning.</p>"
        )
        out.raw(
            "<div class=\"lines\"><p><span></span>Name</p><p><span></span>Place and date</p><p><span></span>Signature</p></div></section>\n"
        )
    }
}
