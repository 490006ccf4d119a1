import ReferralLedger
import StrictJSON

/// `receivables`: who owes.
enum ReceivablesVerb {
    static let verb = Verb(
        "receivables", abstract: "Lists users who owe the programme, in the order of signup.",
        discussion: """
            A debt comes of what was taken back after it was paid out. What is earned repays it first; while it \
            lasts, nothing is paid out in that asset. With --json a page that is not the last one has next, for \
            --after.
            """,
        section: "Read",
        examples: [
            .init("Everybody", "referral-ledger receivables"),
            .init("In one currency", "referral-ledger receivables --asset GBP"),
        ],
        options: [
            CommonOptions.asset,
            .init("limit", "N", "Users at most.", kind: .integer(1...100_000), default: "1000"),
            .init("after", "N", "The next of the page before.", kind: .integer(0...Int.max)),
            CommonOptions.at, CommonOptions.effective, .init("programme", "ID", "Only this programme's."),
        ],
        exclusive: [["after", "effective"]],
        action: { (invocation) throws(CLIError) in
            try invocation.withReader { reader throws(CLIError) in
                let codes = try reader.codes()
                let asset = try invocation.asset(codes)
                let chosen = try invocation.programme.map { id throws(CLIError) in try reader.programmeId(id)
                }
                let effective = try invocation.effective(reader)
                if effective != nil, invocation.parsed.isGiven("limit") {
                    throw .usage("'--limit' is not for --effective: all who owed are on one page")
                }
                let page = try invocation.summing(reader) { progress throws(LedgerError) in
                    if let effective {
                        return ReceivablesPage(
                            try effective.receivables(asset: asset, programme: chosen, progress: progress))
                    }
                    return try reader.receivables(
                        asset: asset, programme: chosen, after: invocation.parsed.int("after"),
                        limit: invocation.parsed.int("limit") ?? 1_000)
                }
                if invocation.isJSON {
                    try invocation.output.json { json throws(CLIError) in
                        json.member("position", page.position)
                        json.member("effective", effective?.moment)
                        json.list("receivables", page.receivables) { json, row in
                            json.member("programme", row.programme)
                            json.member("userId", row.userId)
                            json.member("asset", codes.code(row.asset))
                            json.member("amount", row.asset.decimal(row.amount))
                        }
                        json.member("next", page.next)
                    }
                } else {
                    show(page, codes, invocation.output)
                }
                return .done
            }
        })

    private static func show(_ page: ReceivablesPage, _ codes: AssetCodes, _ output: Output) {
        if page.receivables.isEmpty {
            return output.line(
                page.next == nil ? "Nobody owes." : "None here; go on with --after \(page.next!).")
        }
        var table = TextTable([.text("programme"), .text("user"), .text("asset"), .number("owed")])
        for row in page.receivables {
            table.add([row.programme, row.userId, codes.code(row.asset), row.asset.decimal(row.amount)])
        }
        output.write(table.text(style: output.style))
        if let next = page.next { output.line("There may be more: go on with --after \(next).") }
    }
}

/// `budgets`: limits, and how much of them is used.
enum BudgetsVerb {
    static let verb = Verb(
        "budgets", abstract: "Shows limits of what is granted, and how much of them is used.",
        discussion: """
            Limits stand in the policy (caps) or are set with setBudget. Use is that of the period that the \
            business clock is in. A limit of each user shows use with --user only.
            """,
        section: "Read",
        examples: [
            .init("The programme's", "referral-ledger budgets"),
            .init("And a user's own", "referral-ledger budgets --user u-17850"),
        ],
        options: [
            .init("user", "ID", "Whose use of limits of each user is shown."), CommonOptions.at,
            CommonOptions.effective, CommonOptions.programme,
        ],
        action: { (invocation) throws(CLIError) in
            try invocation.withState { reader throws(CLIError) in
                let programme = try reader.programmeId(invocation.programme)
                let user = invocation.parsed.string("user")
                let answer = try calling { () throws(LedgerError) in
                    try reader.budgets(of: user, programme: programme)
                }
                guard let answer else {
                    throw .unknownUser(user ?? "", programme, by: reader.effectiveMoment)
                }
                if invocation.isJSON {
                    try invocation.output.json { json throws(CLIError) in
                        json.member("position", answer.position)
                        json.member("effective", reader.effectiveMoment)
                        json.member("programme", programme)
                        json.member("userId", user)
                        json.list("budgets", answer.value) { json, use in write(use, to: &json) }
                    }
                } else {
                    show(answer.value, invocation.output)
                }
                return .done
            }
        })

    private static func show(_ uses: [BudgetUse], _ output: Output) {
        if uses.isEmpty { return output.line("No limits.") }
        var table = TextTable([
            .text("limit of"), .text("set by"), .text("per"), .text("since"), .text("asset"),
            .number("cap"), .number("used"), .number("left"), .text("state"),
        ])
        for use in uses {
            let asset = use.asset
            table.add([
                use.scope == .user ? "each user" : "programme", use.origin.rawValue, use.period.name,
                use.periodStart?.description ?? "–", asset.code, asset.decimal(use.cap),
                use.used.map(asset.decimal) ?? "", use.left.map(asset.decimal) ?? "",
                use.isExhausted ? "exhausted" : "",
            ])
        }
        output.write(table.text(style: output.style))
    }

    private static func write(_ use: BudgetUse, to json: inout JSONWriter) {
        json.member("scope", use.scope.rawValue)
        json.member("origin", use.origin.rawValue)
        json.member("asset", use.asset.code)
        json.member("period", use.period.name)
        json.member("periodStart", use.periodStart)
        json.member("cap", use.asset.decimal(use.cap))
        json.member("used", use.used.map(use.asset.decimal))
        json.member("left", use.left.map(use.asset.decimal))
        json.member("exhausted", use.isExhausted)
    }
}
