import ReferralLedger
import StrictJSON

/// `user`: all about one user.
enum UserVerb {
    static let verb = Verb(
        "user", abstract: "Shows a user: referrer, stage, codes, money.", section: "Read",
        examples: [
            .init("Now", "referral-ledger user u-17850"),
            .init("As it was", "referral-ledger user u-17850 --at 2011-06-30T00:00:00Z"),
        ],
        arguments: [.init("ID", "The user.")],
        options: [CommonOptions.at, CommonOptions.effective, CommonOptions.programme],
        action: { (invocation) throws(CLIError) in
            try invocation.withState { reader throws(CLIError) in
                let programme = try reader.programmeId(invocation.programme)
                let id = invocation.parsed.argument("ID") ?? ""
                let user = try calling { () throws(LedgerError) in try reader.user(id, programme: programme) }
                guard let user else { throw .unknownUser(id, programme, by: reader.effectiveMoment) }
                let codes = try reader.codes()
                if invocation.isJSON {
                    try invocation.output.json { json throws(CLIError) in
                        json.member("position", reader.position)
                        json.member("effective", reader.effectiveMoment)
                        write(user, codes, to: &json)
                    }
                } else {
                    show(user, codes, invocation.output)
                }
                return .done
            }
        })

    private static func show(_ user: UserSummary, _ codes: AssetCodes, _ output: Output) {
        var facts: [(String, String)] = [
            ("user", user.userId), ("programme", user.programme), ("signed up", "\(user.signedUpAt)"),
        ]
        if let gone = user.mergedFrom { facts.insert(("merged from", gone), at: 1) }
        if let country = user.country { facts.append(("country", country)) }
        if let referrer = user.referrerId {
            facts.append(("referred by", referrer))
            facts.append(("attributed", user.attributedAt?.description ?? "–"))
            facts.append(("referral", user.stage.name + (user.isConverted ? ", converted" : "")))
        } else {
            facts.append(("referred by", "nobody"))
        }
        facts.append(("referrals", NumberText.grouped(user.referrals)))
        facts.append(("conversions", NumberText.grouped(user.conversions)))
        facts.append(("qualifying payments", NumberText.grouped(user.qualifyingPayments)))
        facts += standing(user)
        for code in user.codes {
            let live = code.expiresAt.map { "expires \($0)" } ?? "never expires"
            let end = code.isDisabled ? "disabled" : live
            facts.append(("code", "\(code.code), issued \(code.issuedAt), \(end)"))
        }
        output.facts(facts)
        output.line()
        BalanceVerb.show(user.balances, codes, output)
    }

    private static func standing(_ user: UserSummary) -> [(String, String)] {
        var facts: [(String, String)] = []
        let reviews = user.standing.openReviews
        let open = reviews > 0 ? ", \(Plural.text(reviews, "review")) open" : ""
        let name = user.standing.name == "underReview" ? "under review" : user.standing.name
        facts.append(("standing", name + open))
        if let tier = user.tier {
            let next = tier.nextThreshold.map { ", next at \(Plural.text($0, "conversion"))" } ?? ""
            facts.append(("tier", tier.name + next))
        }
        if !user.badges.isEmpty { facts.append(("badges", user.badges.joined(separator: ", "))) }
        if user.kycLevel > 0 {
            let until = user.kycUntil.map { " until \($0)" } ?? ""
            facts.append(("identity", "level \(user.kycLevel)\(until)"))
        }
        if let score = user.riskScore { facts.append(("risk score", "\(score)")) }
        return facts
    }

    private static func write(_ user: UserSummary, _ codes: AssetCodes, to json: inout JSONWriter) {
        json.member("programme", user.programme)
        json.member("userId", user.userId)
        json.member("mergedFrom", user.mergedFrom)
        json.member("number", user.number.rawValue)
        json.member("signedUpAt", user.signedUpAt.description)
        json.member("country", user.country)
        json.member("referrerId", user.referrerId)
        json.member("attributedAt", user.attributedAt)
        json.member("stage", user.stage.name)
        json.member("converted", user.isConverted)
        json.member("referrals", user.referrals)
        json.member("conversions", user.conversions)
        json.member("qualifyingPayments", user.qualifyingPayments)
        json.list("codes", user.codes) { json, code in
            json.member("code", code.code)
            json.member("issuedAt", code.issuedAt.description)
            json.member("expiresAt", code.expiresAt)
            json.member("disabled", code.isDisabled)
        }
        json.member("standing", user.standing.name)
        json.member("blocked", user.standing.isBlocked)
        json.member("openReviews", user.standing.openReviews)
        json.member("tier", user.tier?.name)
        json.member("tierIndex", user.tier?.index)
        json.key("badges")
        json.beginArray()
        for badge in user.badges { json.string(badge) }
        json.endArray()
        json.member("kycLevel", user.kycLevel)
        json.member("kycUntil", user.kycUntil)
        json.member("riskScore", user.riskScore)
        json.list("balances", user.balances) { json, balance in json.balance(balance, codes) }
    }
}

/// `balance`: a user's money.
enum BalanceVerb {
    static let verb = Verb(
        "balance", abstract: "Shows a user's money, one line an asset.",
        discussion: """
            Pending is earned and not yet matured; available can be spent, or of units claimed; held waits for \
            a decision; reserved is asked for by withdrawals that are not sent; owed is what the user has to \
            give back. Earned is everything granted less what was taken back.
            """,
        section: "Read",
        examples: [
            .init("Now", "referral-ledger balance u-17850"),
            .init("At a past position", "referral-ledger balance u-17850 --at 125000"),
            .init(
                "At the end of a month", "referral-ledger balance u-17850 --effective 2011-06-30T23:59:59Z"),
        ],
        arguments: [.init("ID", "The user.")],
        options: [
            CommonOptions.at, CommonOptions.effective, CommonOptions.programme, CommonOptions.asset,
        ],
        action: { (invocation) throws(CLIError) in
            return try invocation.withReader { reader throws(CLIError) in
                let codes = try reader.codes()
                let asset = try invocation.asset(codes)
                let programme = try reader.programmeId(invocation.programme)
                let id = invocation.parsed.argument("ID") ?? ""
                let effective = try invocation.effective(reader)
                let balances = try calling { () throws(LedgerError) in
                    try reader.balances(of: id, programme, asset, effective)
                }
                guard let balances else { throw .unknownUser(id, programme) }
                if invocation.isJSON {
                    try invocation.output.json { json throws(CLIError) in
                        json.member("position", reader.position)
                        json.member("effective", effective?.moment)
                        json.member("programme", programme)
                        json.member("userId", id)
                        json.list("balances", balances) { json, balance in json.balance(balance, codes) }
                    }
                } else {
                    show(balances, codes, invocation.output)
                }
                return .done
            }
        })

    /// The balances as a table.
    static func show(_ balances: [UserBalance], _ codes: AssetCodes, _ output: Output) {
        if balances.isEmpty { return output.line("No money yet.") }
        var table = TextTable([
            .text("asset"), .number("pending"), .number("available"), .number("held"), .number("reserved"),
            .number("owed"), .number("earned"),
        ])
        for balance in balances {
            let asset = balance.asset
            let amounts = [
                balance.pending, balance.available, balance.held, balance.reserved, balance.receivable,
                balance.earned,
            ]
            table.add([codes.code(asset)] + amounts.map(asset.decimal))
        }
        output.write(table.text(style: output.style))
    }
}

extension LedgerReader {
    /// A user's balances, all or one, now or by business time; nil for an unknown user.
    fileprivate func balances(
        of id: String, _ programme: String, _ asset: AssetNumber?, _ effective: EffectiveReader?
    ) throws(LedgerError) -> [UserBalance]? {
        guard let asset else {
            guard let effective else { return try balances(of: id, programme: programme) }
            return try effective.balances(of: id, programme: programme)
        }
        let one: UserBalance?
        if let effective {
            one = try effective.balance(of: id, asset: asset, programme: programme)
        } else {
            one = try balance(of: id, asset: asset, programme: programme)
        }
        return one.map { [$0] }
    }
}
