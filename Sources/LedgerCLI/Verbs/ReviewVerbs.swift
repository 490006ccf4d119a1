import ReferralLedger
import StrictJSON

/// `review`: the fraud desk.
enum ReviewVerbs {
    static let group = Verb(
        "review", abstract: "The fraud desk: lists what holds money, and decides reviews.",
        section: "Write",
        examples: [
            .init("What waits", "referral-ledger review list"),
            .init("Not fraud", "referral-ledger review decide f3 clear --actor ann"),
        ],
        options: [CommonOptions.programme], subcommands: [list, decide])

    private static let list = Verb(
        "list", abstract: "Lists reviews, oldest first, with what they hold.",
        discussion: """
            While a review is open its user is blocked: earnings are held, nothing is paid out. --kind also \
            lists disputes, suspensions and closures, which hold money in the same way.
            """,
        examples: [
            .init("What waits for a decision", "referral-ledger review list"),
            .init("All about a user", "referral-ledger review list --kind all --all --user u-17850"),
        ],
        options: [
            .init(
                "kind", "KIND", "What is listed.",
                kind: .choice(CaseSummary.Kind.allCases.map(\.rawValue) + ["all"]), default: "review"),
            .init("user", "ID", "Only what is about this user."),
            .init("limit", "N", "Cases at most.", kind: .integer(1...1_000_000), default: "1000"),
            .init(
                "after", "POSITION", "Only those after this position: the last one of the page before.",
                kind: .integer(0...Int.max)),
            CommonOptions.at, CommonOptions.effective,
        ],
        flags: [.init("all", "Lists what is decided, too.")],
        action: { (invocation) throws(CLIError) in
            try invocation.withState { reader throws(CLIError) in
                let programme = try reader.programmeId(invocation.programme)
                let user = invocation.parsed.string("user")
                let cases = try calling { () throws(LedgerError) in
                    try reader.cases(
                        of: user, kind: CaseSummary.Kind(rawValue: invocation.parsed.string("kind") ?? ""),
                        openOnly: !invocation.parsed.flag("all"), programme: programme,
                        after: LogPosition(UInt64(invocation.parsed.int("after") ?? 0)),
                        limit: invocation.parsed.int("limit") ?? 1_000)
                }
                guard let cases else {
                    throw .unknownUser(user ?? "", programme, by: reader.effectiveMoment)
                }
                let codes = try reader.codes()
                if invocation.isJSON {
                    try invocation.output.json { json throws(CLIError) in
                        json.member("position", reader.position)
                        json.member("effective", reader.effectiveMoment)
                        json.member("programme", programme)
                        json.list("cases", cases) { json, item in write(item, codes, to: &json) }
                    }
                } else {
                    show(cases, codes, invocation.output)
                }
                return .done
            }
        })

    private static let decide = Verb(
        "decide", abstract: "Decides a review: its user goes on, or what it holds is taken back.",
        discussion: """
            clear: what the review holds is released. confirm: it is taken back, and with it all that is left \
            of a reward that the flag named.
            """,
        examples: [
            .init("Not fraud", "referral-ledger review decide f3 clear --actor ann"),
            .init("Fraud", "referral-ledger review decide f3 confirm --actor ann"),
        ],
        arguments: [
            .init("ID", "The review, such as f3."),
            .init("DECISION", "What it is.", kind: .choice(["clear", "confirm"])),
        ],
        options: [.init("actor", "NAME", "Who decides; not the user.", isRequired: true), DeskOptions.at],
        action: { (invocation) throws(CLIError) in
            let action = Command.Action.review(
                DecideReview(
                    reviewId: invocation.parsed.argument("ID") ?? "",
                    isConfirmed: invocation.parsed.argument("DECISION") == "confirm",
                    at: try invocation.deskTime()))
            return try invocation.sendFromDesk(action)
        })

    /// `review f3`, `dispute shop/d-1`, `suspension`.
    private static func name(_ item: CaseSummary) -> String {
        let id = [item.provider, item.id].compactMap { $0 }.joined(separator: "/")
        return id.isEmpty ? item.kind.rawValue : "\(item.kind.rawValue) \(id)"
    }

    /// Sums by asset: `12.50 GBP, 3 POINT`.
    private static func held(_ item: CaseSummary, _ codes: AssetCodes) -> String {
        var sums: [(asset: AssetNumber, amount: Int64)] = []
        for hold in item.holds {
            if let index = sums.firstIndex(where: { $0.asset == hold.asset }) {
                sums[index].amount += hold.amount
            } else {
                sums.append((hold.asset, hold.amount))
            }
        }
        return sums.map { "\($0.asset.decimal($0.amount)) \(codes.code($0.asset))" }.joined(separator: ", ")
    }

    private static func show(_ cases: [CaseSummary], _ codes: AssetCodes, _ output: Output) {
        if cases.isEmpty { return output.line("Nothing is open.") }
        var table = TextTable([
            .text("case"), .text("user"), .text("opened"), .text("why", maxColumns: 48), .text("state"),
            .text("holds"),
        ])
        for item in cases {
            let contested = item.amount.flatMap { amount in item.asset.map { $0.text(amount) } }
            let payment = item.paymentId.map { "payment \($0)" }
            let severity = item.severity.map { "(\($0.name))" }
            let why = [item.rule, severity, item.reason, contested, payment].compactMap { $0 }
                .joined(separator: " ")
            table.add([
                name(item), item.userId, "\(item.openedAt)", why, item.state, held(item, codes),
            ])
        }
        output.write(table.text(style: output.style))
    }

    private static func write(_ item: CaseSummary, _ codes: AssetCodes, to json: inout JSONWriter) {
        json.member("kind", item.kind.rawValue)
        json.member("id", item.id)
        json.member("userId", item.userId)
        json.member("state", item.state)
        json.member("openedAt", item.openedAt.description)
        json.member("rule", item.rule)
        json.member("severity", item.severity?.name)
        json.member("evidence", item.evidence)
        json.member("reason", item.reason)
        json.member("provider", item.provider)
        json.member("paymentId", item.paymentId)
        json.member("asset", item.asset?.code)
        json.member("amount", item.amount.flatMap { amount in item.asset.map { $0.decimal(amount) } })
        json.member("moved", item.moved.flatMap { amount in item.asset.map { $0.decimal(amount) } })
        json.list("holds", item.holds) { json, hold in
            json.member("rewardId", hold.rewardId)
            json.member("paymentId", hold.paymentId)
            json.member("level", hold.level)
            json.member("userId", hold.userId)
            json.member("asset", codes.code(hold.asset))
            json.member("amount", hold.asset.decimal(hold.amount))
        }
        json.member("position", item.position)
    }
}
