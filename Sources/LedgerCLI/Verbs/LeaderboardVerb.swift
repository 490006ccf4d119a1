import ReferralLedger
import StrictJSON

/// Options of leaderboards and ranks.
enum BoardOptions {
    static let all: [Verb.Option] = [
        .init(
            "by", "METRIC", "What is counted.", kind: .choice(["referrals", "conversions", "earnings"]),
            default: "earnings"),
        .init(
            "period", "PERIOD",
            "all, week or month (the current ones), a month as 2010-12, or the week that holds a day, as "
                + "2010-12-24.", default: "all"),
        CommonOptions.asset, CommonOptions.at, CommonOptions.effective, CommonOptions.programme,
    ]

    /// Reads `--period`, days and months in the programme's time zone.
    static func period(
        _ invocation: Invocation, _ reader: LedgerReader, _ programme: String
    ) throws(CLIError) -> LeaderboardPeriod {
        let text = invocation.parsed.string("period") ?? "all"
        switch text {
        case "all": return .allTime
        case "week": return .currentWeek
        case "month": return .currentMonth
        default: break
        }
        let zone = try calling { () throws(LedgerError) in
            try reader.policy(programme: programme)?.zone ?? .utc
        }
        func noon(_ day: String) -> Timestamp? { try? LocalDateTime("\(day)T12:00:00").moment(in: zone) }
        if text.utf8.count == 7, let moment = noon("\(text)-15") { return .month(containing: moment) }
        if text.utf8.count == 10, let moment = noon(text) { return .week(containing: moment) }
        throw .usage(
            "--period is '\(text)', no period",
            hint: "all, week, month, a month as 2010-12, or a day as 2010-12-24.")
    }

    /// A period for people: `2010-12-01 to 2010-12-31`, both included.
    static func text(_ period: Period, _ zone: ZoneRules) -> String {
        let last = Timestamp(nanoseconds: period.end.nanoseconds - 1)
        return "\(day(zone.date(of: period.start))) to \(day(zone.date(of: last)))"
    }

    private static func day(_ date: CivilDate) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(date.year)-\(two(date.month))-\(two(date.day))"
    }
}

/// `leaderboard`: who did most.
enum LeaderboardVerb {
    static let verb = Verb(
        "leaderboard", abstract: "Shows who referred, converted or earned most.",
        discussion: """
            Equal scores share a rank (1, 1, 3); among them, who reached the score earlier stands first. Weeks \
            and months are those of the programme's time zone; a closed one does not change any more.
            """,
        section: "Read",
        examples: [
            .init("Who earned most", "referral-ledger leaderboard"),
            .init("A month's referrals", "referral-ledger leaderboard --by referrals --period 2010-12"),
        ],
        options: [.init("limit", "N", "Places shown.", kind: .integer(1...1_000_000_000), default: "10")]
            + BoardOptions.all,
        action: { (invocation) throws(CLIError) in
            let asset = try invocation.asset()
            return try invocation.withState { reader throws(CLIError) in
                let programme = try reader.programmeId(invocation.programme)
                let period = try BoardOptions.period(invocation, reader, programme)
                let limit = invocation.parsed.int("limit") ?? 10
                let board = try calling { () throws(LedgerError) in
                    switch invocation.parsed.string("by") {
                    case "referrals":
                        try reader.leaderboard(
                            by: .referrals, period: period, limit: limit, programme: programme)
                    case "conversions":
                        try reader.leaderboard(
                            by: .conversions, period: period, limit: limit, programme: programme)
                    default:
                        try reader.leaderboard(
                            by: .earnings, period: period, asset: asset, limit: limit, programme: programme)
                    }
                }
                guard let board else { throw CLIError(.notFound, "no programme '\(programme)'") }
                if invocation.isJSON {
                    try invocation.output.json { json throws(CLIError) in
                        write(board, effective: reader.effectiveMoment, to: &json)
                    }
                } else {
                    try show(board, reader, invocation.output)
                }
                return .done
            }
        })

    private static func show(_ board: Leaderboard, _ reader: LedgerReader, _ output: Output) throws(CLIError)
    {
        let zone = try calling { () throws(LedgerError) in
            try reader.policy(programme: board.programme)?.zone ?? .utc
        }
        var title = "\(board.programme), by \(board.metric.name)"
        if let period = board.period {
            title += ", \(BoardOptions.text(period, zone)) (\(board.isClosed ? "closed" : "open"))"
        } else {
            title += ", all time"
        }
        output.line(output.style.bold(DisplayText.safe(title)))
        if board.entries.isEmpty { return output.line("Nobody yet.") }
        var table = TextTable([
            .number("rank"), .text("user"), .number(board.asset?.code ?? board.metric.name),
        ])
        for entry in board.entries {
            table.add(["\(entry.rank)", entry.userId, score(entry, board.asset)])
        }
        output.write(table.text(style: output.style))
        if board.size > board.entries.count {
            output.line(output.style.dim("\(NumberText.grouped(board.size - board.entries.count)) more"))
        }
    }

    /// A score for people: a count, or a decimal.
    static func score(_ entry: LeaderboardEntry, _ asset: AssetNumber?) -> String {
        asset?.decimal(entry.score) ?? NumberText.grouped(Int(entry.score))
    }

    private static func write(
        _ board: Leaderboard, effective: Timestamp?, to json: inout JSONWriter
    ) {
        json.member("position", board.position)
        json.member("effective", effective)
        json.member("programme", board.programme)
        json.member("by", board.metric.name)
        json.member("asset", board.asset?.code)
        json.member("periodStart", board.period?.start)
        json.member("periodEnd", board.period?.end)
        json.member("closed", board.isClosed)
        json.member("size", board.size)
        json.list("entries", board.entries) { json, entry in json.entry(entry, board.asset) }
    }
}

extension JSONWriter {
    /// Members of a place: a count is a number, an amount a decimal string.
    mutating func entry(_ entry: LeaderboardEntry, _ asset: AssetNumber?) {
        member("rank", entry.rank)
        member("userId", entry.userId)
        if let asset { member("score", asset.decimal(entry.score)) } else { member("score", entry.score) }
    }
}

/// `rank`: one user's place.
enum RankVerb {
    static let verb = Verb(
        "rank", abstract: "Shows a user's place on a leaderboard.", section: "Read",
        examples: [.init("By earnings, all time", "referral-ledger rank u-13047")],
        arguments: [.init("ID", "The user.")],
        options: BoardOptions.all,
        action: { (invocation) throws(CLIError) in
            let chosen = try invocation.asset()
            return try invocation.withState { reader throws(CLIError) in
                let programme = try reader.programmeId(invocation.programme)
                let id = invocation.parsed.argument("ID") ?? ""
                let period = try BoardOptions.period(invocation, reader, programme)
                let by = invocation.parsed.string("by") ?? ""
                let known = try calling { () throws(LedgerError) in
                    try reader.user(id, programme: programme)
                }
                guard known != nil else { throw .unknownUser(id, programme, by: reader.effectiveMoment) }
                let entry = try calling { () throws(LedgerError) in
                    switch by {
                    case "referrals":
                        try reader.rank(of: id, by: .referrals, period: period, programme: programme)
                    case "conversions":
                        try reader.rank(of: id, by: .conversions, period: period, programme: programme)
                    default:
                        try reader.rank(
                            of: id, by: .earnings, period: period, asset: chosen, programme: programme)
                    }
                }
                let own = try calling { () throws(LedgerError) in
                    try reader.defaultAsset(programme: programme)
                }
                let asset = by == "earnings" ? chosen ?? own : nil
                if invocation.isJSON {
                    try invocation.output.json { json throws(CLIError) in
                        json.member("position", reader.position)
                        json.member("effective", reader.effectiveMoment)
                        json.member("programme", programme)
                        json.member("by", by)
                        json.member("asset", asset?.code)
                        if let entry {
                            json.entry(entry, asset)
                        } else {
                            json.key("rank")
                            json.null()
                            json.member("userId", id)
                        }
                    }
                } else if let entry {
                    let score = LeaderboardVerb.score(entry, asset) + (asset.map { " \($0.code)" } ?? "")
                    invocation.output.line(
                        DisplayText.safe("\(id): rank \(entry.rank) by \(by), with \(score)"))
                } else {
                    invocation.output.line(DisplayText.safe("\(id): no rank by \(by) yet"))
                }
                return .done
            }
        })
}
