import ReferralLedger

/// What a scenario says against what the ledger says.
struct ScenarioCheck {
    private let ledger: Ledger
    private var reader: LedgerReader { ledger.current }
    private(set) var result = ScenarioResult(commands: 0, checks: 0, failures: [])

    init(_ ledger: Ledger) { self.ledger = ledger }

    // MARK: Commands

    mutating func record(_ step: Scenario.CommandStep, _ outcome: Outcome) {
        result.commands += 1
        var actual = outcome.name
        if case .refused(let refusal) = outcome { actual = "refused \(refusal)" }
        let isMet =
            switch (step.outcome, outcome) {
            case (.accepted, .accepted), (.repeated, .repeated), (.parked, .parked): true
            case (.refused(let code), .refused(let refusal)): code == refusal.code
            default: false
            }
        expect(step.line, step.command.action.typeName, step.outcome.text, isMet ? step.outcome.text : actual)
    }

    // MARK: What is always checked

    mutating func booksBalance(_ line: Int) throws(LedgerError) {
        var sums: [String: Int64] = [:]
        let codes = try reader.assetCodes()
        for row in try reader.trialBalance().value {
            sums["\(row.programme) \(codes.code(row.asset))", default: 0] += row.debit - row.credit
        }
        for (name, sum) in sums.sorted(by: { $0.key < $1.key }) {
            expect(line, "sum of the trial balance, \(name)", "0", "\(sum)")
        }
    }

    /// - Parameter digest: of the ledger, which is closed.
    mutating func logHolds(
        _ line: Int, _ directory: String, _ digest: String, _ options: LedgerOptions
    ) throws(LedgerError) {
        let rebuilt = try Ledger.rebuild(at: directory, threads: 1, options: options)
        expect(line, "state digest of a rebuild", digest, rebuilt.stateDigest)
        let report = try Ledger.verify(at: directory, options: options)
        expect(line, "findings of verify", "", report.findings.map(\.message).joined(separator: "; "))
    }

    // MARK: Comparing

    private mutating func expect(_ line: Int, _ subject: String, _ expected: String, _ actual: String) {
        result.checks += 1
        if expected == actual { return }
        result.failures.append(
            ScenarioFailure(line: line, subject: subject, expected: expected, actual: actual))
    }

    /// Amounts of an asset: what differs, to the last minor unit.
    private mutating func expect(
        _ line: Int, _ subject: String, _ expected: Int64, _ actual: Int64, _ asset: String
    ) {
        result.checks += 1
        if expected == actual { return }
        let exponent = Asset(code: asset)?.exponent ?? 0
        func text(_ minor: Int64) -> String { DecimalText.format(minor: minor, exponent: exponent) }
        let (difference, overflow) = actual.subtractingReportingOverflow(expected)
        result.failures.append(
            ScenarioFailure(
                line: line, subject: subject, expected: "\(text(expected)) \(asset)",
                actual: "\(text(actual)) \(asset)",
                difference: overflow ? nil : "\(difference > 0 ? "+" : "")\(text(difference)) \(asset)"))
    }

    // MARK: Expectations

    mutating func hold(_ expectation: Expectation) throws(LedgerError) {
        let line = expectation.line
        switch expectation.kind {
        case .balance(let user, let asset, let amounts): try balance(line, user, asset, amounts)
        case .trialBalance(let asset, let isWhole, let amounts):
            try trialBalance(line, asset, isWhole, amounts)
        case .withdrawal(let id, let state, let asset, let amounts):
            try withdrawal(line, id, state, asset, amounts)
        case .reward(let id, let state, let amount, let user): try reward(line, id, state, amount, user)
        case .rank(let user, let rank, let board, let score):
            try self.rank(line, user, rank, board, score)
        case .dispute(let id, let state, let held):
            let found = try reader.cases(kind: .dispute, openOnly: false, limit: .max)?.first { $0.id == id }
            try decided(line, "dispute \(id)", found, state, held)
        case .review(let id, let state, let held):
            try decided(line, "review \(id)", try reader.review(id), state, held)
        case .parked(let count): expect(line, "parked", "\(count)", "\(try reader.parkedFacts().count)")
        case .events(let type, let count):
            let found = try reader.events(limit: .max).count { $0.type == type }
            expect(line, "events \(type.name)", "\(count)", "\(found)")
        case .businessClock(let moment):
            let clock = try reader.status().programmes.first?.businessClock
            expect(line, "clock", moment.description, clock?.description ?? "none")
        case .rejected(let user, let reason):
            let reasons = try reader.events(limit: .max).filter {
                $0.type == .attributionRejected && $0["referee"] == .user(user)
            }.map { event -> String in
                if case .text(let text) = event["reason"] { text } else { "" }
            }
            expect(line, "rejected \(user)", reason.code, reasons.last ?? "not rejected")
        case .tier, .badge, .count, .stage, .referrer, .standing: try aboutUser(expectation)
        }
    }

    private mutating func aboutUser(_ expectation: Expectation) throws(LedgerError) {
        let line = expectation.line
        func user(_ id: String) throws(LedgerError) -> UserSummary? { try reader.user(id) }
        switch expectation.kind {
        case .tier(let id, let name):
            let found = try user(id)
            expect(line, "tier \(id)", name, found.map { $0.tier?.name ?? "none" } ?? Self.noUser)
        case .badge(let id, let name, let isHeld):
            let found = try user(id).map { $0.badges.contains("BADGE:\(name)") ? "held" : "not held" }
            expect(line, "badge \(id) \(name)", isHeld ? "held" : "not held", found ?? Self.noUser)
        case .count(let count, let id, let number):
            let found = try user(id)
            var actual: Int?
            switch count {
            case .referrals: actual = found?.referrals
            case .conversions: actual = found?.conversions
            case .rewards: actual = try reader.rewards(of: id)?.count
            }
            expect(line, "\(count.rawValue) \(id)", "\(number)", actual.map { "\($0)" } ?? Self.noUser)
        case .stage(let id, let stage):
            expect(line, "stage \(id)", stage.name, try user(id)?.stage.name ?? Self.noUser)
        case .referrer(let id, let referrer):
            let found = try user(id)
            expect(
                line, "referrer \(id)", referrer ?? "none",
                found.map { $0.referrerId ?? "none" } ?? Self.noUser)
        case .standing(let id, let name):
            expect(line, "user \(id)", name, try user(id)?.standing.name ?? Self.noUser)
        default: preconditionFailure("not about a user")
        }
    }

    private static let noUser = "no such user"

    private mutating func balance(
        _ line: Int, _ user: String, _ code: String, _ amounts: [Expectation.Part<Expectation.Bucket>]
    ) throws(LedgerError) {
        guard let all = try reader.balances(of: user) else {
            return expect(line, "balance \(user)", "a balance", Self.noUser)
        }
        let asset = try reader.assetCodes().asset(code)
        let found = all.first { $0.asset == asset }
        for part in amounts {
            var actual: Int64 = 0
            switch part.name {
            case .pending: actual = found?.pending ?? 0
            case .available, .claimable: actual = found?.available ?? 0
            case .held: actual = found?.held ?? 0
            case .reserved: actual = found?.reserved ?? 0
            case .owed: actual = found?.receivable ?? 0
            case .earned: actual = found?.earned ?? 0
            }
            expect(line, "balance \(user) \(part.name.rawValue)", part.amount, actual, code)
        }
    }

    private mutating func trialBalance(
        _ line: Int, _ code: String, _ isWhole: Bool, _ amounts: [Expectation.Part<String>]
    ) throws(LedgerError) {
        let asset = try reader.assetCodes().asset(code)
        var left: [String: Int64] = [:]
        for row in try reader.trialBalance().value where row.asset == asset {
            left[row.account + (row.provider.map { ":" + $0 } ?? ""), default: 0] += row.debit - row.credit
        }
        for part in amounts {
            expect(
                line, "trial balance \(part.name)", part.amount, left.removeValue(forKey: part.name) ?? 0,
                code)
        }
        guard isWhole else { return }
        for (account, amount) in left.sorted(by: { $0.key < $1.key }) {
            expect(line, "trial balance \(account)", 0, amount, code)
        }
    }

    private mutating func withdrawal(
        _ line: Int, _ id: String, _ state: WithdrawalState, _ code: String?,
        _ amounts: [Expectation.Part<Expectation.PayoutPart>]
    ) throws(LedgerError) {
        guard let found = try reader.withdrawal(id) else {
            return expect(line, "withdrawal \(id)", state.name, "no such withdrawal")
        }
        expect(line, "withdrawal \(id)", state.name, found.state.name)
        guard let code else { return }
        expect(line, "asset of withdrawal \(id)", code, try reader.assetCodes().code(found.asset))
        for part in amounts {
            let actual =
                switch part.name {
                case .of: found.amount
                case .fee: found.fee
                case .tax: found.tax
                case .net: found.net ?? 0
                }
            expect(line, "withdrawal \(id) \(part.name.rawValue)", part.amount, actual, code)
        }
    }

    private mutating func reward(
        _ line: Int, _ id: String, _ state: RewardSummary.State, _ amount: Expectation.Money?, _ user: String?
    ) throws(LedgerError) {
        guard let found = try reader.reward(id) else {
            return expect(line, "reward \(id)", state.rawValue, "no such reward")
        }
        expect(line, "reward \(id)", state.rawValue, found.state.rawValue)
        if let amount {
            expect(line, "asset of reward \(id)", amount.asset, try reader.assetCodes().code(found.asset))
            expect(line, "reward \(id) of", amount.amount, found.amount, amount.asset)
        }
        if let user { expect(line, "reward \(id) to", user, found.userId) }
    }

    private mutating func rank(
        _ line: Int, _ user: String, _ rank: Int?, _ board: Expectation.Board, _ score: Int64?
    ) throws(LedgerError) {
        let asset = try board.asset.flatMap { code throws(LedgerError) in try reader.assetCodes().asset(code)
        }
        let place = try reader.rank(of: user, by: board.metric, period: board.period, asset: asset)
        let subject = "rank \(user) by \(board.metric.name)"
        expect(line, subject, rank.map { "\($0)" } ?? "none", place.map { "\($0.rank)" } ?? "none")
        guard let score else { return }
        if let code = board.asset {
            expect(line, "\(subject) score", score, place?.score ?? 0, code)
        } else {
            expect(line, "\(subject) score", "\(score)", "\(place?.score ?? 0)")
        }
    }

    private mutating func decided(
        _ line: Int, _ subject: String, _ found: CaseSummary?, _ state: String, _ held: Expectation.Money?
    ) throws(LedgerError) {
        expect(line, subject, state, found?.state ?? "no such \(subject.prefix { $0 != " " })")
        guard let held, let found else { return }
        let asset = try reader.assetCodes().asset(held.asset)
        let sum = found.holds.filter { $0.asset == asset }.reduce(Int64(0)) { $0 + $1.amount }
        expect(line, "\(subject) holds", held.amount, sum, held.asset)
    }
}
