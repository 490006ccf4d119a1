import ReferralLedger

/// Reads a line of a `then`.
enum ScenarioExpectations {
    static func parse(_ words: inout ScenarioWords) throws(ScenarioProblem) -> Expectation {
        let line = words.line
        let kind = try kind(&words)
        try words.finish()
        return Expectation(line: line, kind: kind)
    }

    private static func kind(_ words: inout ScenarioWords) throws(ScenarioProblem) -> Expectation.Kind {
        let subject = try words.take(due: "what must hold")
        switch subject.isQuoted ? "" : subject.text {
        case "balance": return try balance(&words)
        case "trial": return try trialBalance(&words)
        case "withdrawal": return try withdrawal(&words)
        case "reward": return try reward(&words)
        case "rank": return try rank(&words)
        case "debt":
            let user = try words.take(due: "a user").text
            let money = try words.takeMoney()
            let owed = Expectation.Part(name: Expectation.Bucket.owed, amount: money.amount)
            return .balance(user: user, asset: money.code, amounts: [owed])
        case "no":
            try words.require("badge")
            return try badge(&words, isHeld: false)
        case "badge": return try badge(&words, isHeld: true)
        case "tier":
            return .tier(user: try words.take(due: "a user").text, name: try words.take(due: "a tier").text)
        case "parked": return .parked(try words.takeCount())
        case "clock": return .businessClock(try words.takeTime().value)
        case "dispute":
            return .dispute(
                id: try words.take(due: "a dispute").text, state: try state(&words, ["open", "won", "lost"]),
                held: try held(&words))
        case "review":
            return .review(
                id: try words.take(due: "a review").text,
                state: try state(&words, ["open", "cleared", "confirmed"]), held: try held(&words))
        case "events":
            let type = try words.takeChoice("an event type", EventType.allCases) { $0.name }
            return .events(type: type, try words.takeCount())
        default: return try aboutUser(subject, &words)
        }
    }

    private static func aboutUser(
        _ subject: ScenarioLine.Word, _ words: inout ScenarioWords
    ) throws(ScenarioProblem) -> Expectation.Kind {
        if !subject.isQuoted, let count = Expectation.Count(rawValue: subject.text) {
            return .count(count, user: try words.take(due: "a user").text, try words.takeCount())
        }
        switch subject.isQuoted ? "" : subject.text {
        case "stage":
            return .stage(
                user: try words.take(due: "a user").text,
                try words.takeChoice("a stage", ReferralStage.allCases) { $0.name })
        case "referrer":
            let user = try words.take(due: "a user").text
            let isNone = words.take("none")
            return .referrer(user: user, isNone ? nil : try words.take(due: "a user or none").text)
        case "rejected":
            return .rejected(
                user: try words.take(due: "a user").text,
                reason: try words.takeChoice("a reason", AttributionRejection.allCases) { $0.code })
        case "user":
            return .standing(
                user: try words.take(due: "a user").text,
                try state(&words, ["active", "suspended", "closed", "underReview"]))
        default: throw words.problem(subject, "“\(subject.text)” is nothing that can be checked")
        }
    }

    private static func state(
        _ words: inout ScenarioWords, _ states: [String]
    ) throws(ScenarioProblem) -> String {
        try words.takeChoice("a state", states) { $0 }
    }

    private static func held(_ words: inout ScenarioWords) throws(ScenarioProblem) -> Expectation.Money? {
        guard words.take("holds") else { return nil }
        let money = try words.takeMoney()
        return Expectation.Money(amount: money.amount, asset: money.code)
    }

    private static func badge(
        _ words: inout ScenarioWords, isHeld: Bool
    ) throws(ScenarioProblem) -> Expectation.Kind {
        .badge(
            user: try words.take(due: "a user").text, name: try words.take(due: "a badge").text,
            isHeld: isHeld)
    }

    private static func balance(_ words: inout ScenarioWords) throws(ScenarioProblem) -> Expectation.Kind {
        let user = try words.take(due: "a user").text
        let (code, exponent) = try words.takeAsset()
        var amounts: [Expectation.Part<Expectation.Bucket>] = []
        repeat {
            let word = words.peek
            let bucket = try words.takeChoice("a part of a balance", Expectation.Bucket.allCases) {
                $0.rawValue
            }
            if let word, amounts.contains(where: { $0.name == bucket }) {
                throw words.problem(word, "“\(word.text)” is said twice")
            }
            amounts.append(.init(name: bucket, amount: try words.takeAmount(exponent)))
        } while !words.isAtEnd
        return .balance(user: user, asset: code, amounts: amounts)
    }

    /// Debits above zero, credits below.
    private static func trialBalance(
        _ words: inout ScenarioWords
    ) throws(ScenarioProblem) -> Expectation.Kind {
        try words.require("balance")
        let (code, exponent) = try words.takeAsset()
        let isWhole = words.take("only")
        var amounts: [Expectation.Part<String>] = []
        while let word = words.peek {
            let account = try words.take(due: "an account").text
            let head = account.prefix { $0 != ":" }
            guard accounts.contains(String(head)), (head == "clearing") == (head.count < account.count) else {
                throw words.problem(
                    word, "no account “\(account)”: \(accounts.joined(separator: ", ")):PROVIDER")
            }
            if amounts.contains(where: { $0.name == account }) {
                throw words.problem(word, "“\(account)” is said twice")
            }
            amounts.append(.init(name: account, amount: try words.takeAmount(exponent)))
        }
        if amounts.isEmpty, !isWhole { _ = try words.take(due: "an account") }
        return .trialBalance(asset: code, isWhole: isWhole, amounts: amounts)
    }

    /// As the trial balance names them.
    private static let accounts = [
        "rewardExpense", "issued", "pending", "available", "claimable", "held", "reserved", "receivable",
        "cash", "funding", "tax", "fee", "breakage", "loss", "fx", "opening", "used", "clearing",
    ]

    private static func withdrawal(_ words: inout ScenarioWords) throws(ScenarioProblem) -> Expectation.Kind {
        let id = try words.take(due: "a withdrawal").text
        let state = try words.takeChoice("a state", WithdrawalState.allCases) { $0.name }
        guard !words.isAtEnd else { return .withdrawal(id: id, state: state, asset: nil, amounts: []) }
        try words.require("of")
        let money = try words.takeMoney()
        var amounts = [Expectation.Part(name: Expectation.PayoutPart.of, amount: money.amount)]
        while let word = words.peek {
            let part = try words.takeChoice("fee, tax or net", Expectation.PayoutPart.allCases) {
                $0.rawValue
            }
            if amounts.contains(where: { $0.name == part }) {
                throw words.problem(word, "“\(word.text)” is said twice")
            }
            amounts.append(.init(name: part, amount: try words.takeAmount(money.exponent)))
        }
        return .withdrawal(id: id, state: state, asset: money.code, amounts: amounts)
    }

    private static func reward(_ words: inout ScenarioWords) throws(ScenarioProblem) -> Expectation.Kind {
        let id = try words.take(due: "a reward").text
        let state = try words.takeChoice("a state", RewardSummary.State.allCases) { $0.rawValue }
        var amount: Expectation.Money?
        if words.take("of") {
            let money = try words.takeMoney()
            amount = Expectation.Money(amount: money.amount, asset: money.code)
        }
        let user = words.take("to") ? try words.take(due: "a user").text : nil
        return .reward(id: id, state: state, amount: amount, user: user)
    }

    private static func rank(_ words: inout ScenarioWords) throws(ScenarioProblem) -> Expectation.Kind {
        let user = try words.take(due: "a user").text
        let rank = words.take("none") ? nil : try words.takeCount()
        try words.require("by")
        let metric = try words.takeChoice("a leaderboard", LeaderboardMetric.allCases) { $0.name }
        var asset: (code: String, exponent: Int)?
        if metric == .earnings { asset = try words.takeAsset() }
        var score: Int64?
        if words.take("score") { score = try words.takeAmount(asset?.exponent ?? 0) }
        var period = LeaderboardPeriod.allTime
        if words.take("week") {
            period = .week(containing: try words.takeTime().value)
        } else if words.take("month") {
            period = .month(containing: try words.takeTime().value)
        }
        let board = Expectation.Board(metric: metric, asset: asset?.code, period: period)
        return .rank(user: user, rank: rank, board: board, score: score)
    }
}
