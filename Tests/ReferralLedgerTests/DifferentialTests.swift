import Foundation
import LedgerDomain
import LedgerExchange
import NaiveModel
import ReferralLedger
import Testing

/// The engine against the naive model, which was written apart from it and shares no code.
@Suite struct DifferentialTests {
    static let seeds: [UInt64] = {
        let count = Int(ProcessInfo.processInfo.environment["LEDGER_SEEDS"] ?? "") ?? 6
        return (1...UInt64(max(1, count))).map { $0 }
    }()

    @Test(arguments: seeds)
    func agreesWithNaiveModel(seed: UInt64) throws {
        let folder = TemporaryFolder()
        let ledger = try makeLedger(folder)
        defer { ledger.close() }
        var policy = NaiveLedger.Policy()
        policy.hasOneActiveCode = false
        let naive = NaiveLedger(policy: policy)
        var feeder = LineFeeder(ledger)
        var options = RandomProgramme.Options()
        options.lines = 600
        for (number, line) in RandomProgramme.lines(seed: seed, options: options).enumerated() {
            let expected = naive.submit(line: line)
            let got = try feeder.submit(line)
            #expect(
                got.name == expected.kindName,
                "seed \(seed) line \(number + 1): \(line) → \(got) / \(expected)")
            if got.name != expected.kindName { return }
        }
        try Agreement.check(ledger.current, naive, "seed \(seed)")
    }

    /// With expiry, a window for codes and one active code.
    @Test(arguments: seeds)
    func agreesUnderStricterPolicy(seed: UInt64) throws {
        let folder = TemporaryFolder()
        var rules = Policy.preset(named: "two-level")!
        rules.workflow.expiryDays = 40
        rules.attribution.applyWindowDays = 10
        rules.codes.oneActive = true
        rules.codes.ttlDays = 60
        rules.commission.levels = [125_000, 50_000, 25_000]
        rules.commission.maxDepth = 3
        rules.commission.holdingDays = 5
        let ledger = try makeLedger(folder, policy: rules)
        defer { ledger.close() }
        var policy = NaiveLedger.Policy()
        policy.ratesPpm = [125_000, 50_000, 25_000]
        policy.holdingDays = 5
        policy.expiryDays = 40
        policy.applyWindowDays = 10
        policy.codeDays = 60
        let naive = NaiveLedger(policy: policy)
        var feeder = LineFeeder(ledger)
        var options = RandomProgramme.Options()
        options.lines = 500
        for (number, line) in RandomProgramme.lines(seed: seed &+ 1_000, options: options).enumerated() {
            let expected = naive.submit(line: line)
            let got = try feeder.submit(line)
            #expect(
                got.name == expected.kindName,
                "seed \(seed) line \(number + 1): \(line) → \(got) / \(expected)")
            if got.name != expected.kindName { return }
        }
        try Agreement.check(ledger.current, naive, "seed \(seed)")
    }
}

extension NaiveModel.Outcome {
    var kindName: String {
        switch self {
        case .accepted: "accepted"
        case .repeated: "repeated"
        case .parked: "parked"
        case .refused: "refused"
        }
    }
}

/// Everything both can be asked, compared.
enum Agreement {
    static func check(_ reader: LedgerReader, _ naive: NaiveLedger, _ what: String) throws {
        #expect(naive.invariants() == [], "\(what)")
        // A merged user's id answers for the one that stays.
        for id in naive.userIDs where naive.mergedInto(id) == nil {
            let user = try #require(try reader.user(id), "\(what): \(id)")
            let counts = naive.counts(id)
            #expect(
                user.referrerId.map { Array($0.utf8) } == naive.parent(id).map { Array($0.utf8) },
                "\(what): \(id)")
            #expect(
                user.referrals == counts.referrals && user.conversions == counts.conversions, "\(what): \(id)"
            )
            #expect(user.stage.name == (naive.stage(id).map { "\($0)" } ?? "none"), "\(what): stage of \(id)")
            let known = naive.balances(id)
            // Badges are units of the ledger's own; they are compared by name.
            for balance in user.balances where !balance.asset.isLedgerDefined {
                let code = Asset(number: balance.asset)!.code
                let expected = known[code] ?? NaiveBalance()
                #expect(
                    balance.pending == expected.pending
                        && balance.available == expected.available + expected.claimable
                        && balance.held == expected.held && balance.receivable == expected.receivable
                        && balance.earned == expected.earned,
                    "\(what): \(id) \(code): \(balance) / \(expected)")
            }
            for (code, expected) in known
            where !code.hasPrefix("BADGE:")
                && !user.balances.contains(where: { Asset(number: $0.asset)?.code == code })
            {
                // What was ever reversed is the model's own figure.
                var bare = expected
                bare.reversed = 0
                #expect(bare == NaiveBalance(), "\(what): \(id) has no \(code)")
            }
        }
        let status = try reader.status()
        #expect(status.users == naive.userIDs.count)
        #expect(status.parked == naive.parkedFacts.count)
        try trialBalance(reader, naive, what)
        try boards(reader, naive, what)
        #expect(
            try reader.parkedFacts().map(\.kind).sorted()
                == naive.parkedFacts.map { $0.kind == "convert" ? "conversion" : $0.kind }.sorted(), "\(what)"
        )
    }

    private static func trialBalance(_ reader: LedgerReader, _ naive: NaiveLedger, _ what: String) throws {
        var sums: [String: [String: Int128]] = [:]
        let codes = try reader.assetCodes()
        for line in try reader.trialBalance().value where line.debit != line.credit {
            let account = line.provider.map { "\(line.account):\($0)" } ?? line.account
            sums[codes.code(line.asset), default: [:]][account] = Int128(line.debit) - Int128(line.credit)
        }
        var expected: [String: [String: Int128]] = [:]
        for (outer, inner) in naive.trialBalance {
            for (key, value) in inner {
                if value != 0 { expected[key, default: [:]][outer] = value }
            }
        }
        for code in Set(sums.keys).union(expected.keys).sorted() {
            #expect(
                (sums[code] ?? [:]) == (expected[code] ?? [:]),
                "\(what) \(code): \(sums[code] ?? [:]) / \(expected[code] ?? [:])")
        }
    }

    private static func boards(_ reader: LedgerReader, _ naive: NaiveLedger, _ what: String) throws {
        for (metric, period) in naive.boardsEverUsed {
            let (kind, asset): (LeaderboardMetric, AssetNumber?) =
                switch metric {
                case .referrals: (.referrals, nil)
                case .conversions: (.conversions, nil)
                case .earnings(let code): (.earnings, Asset(code: code)!.number)
                }
            let span: LeaderboardPeriod =
                switch period {
                case .all: .allTime
                case .week(let start): .week(containing: Timestamp(nanoseconds: start))
                case .month(let start): .month(containing: Timestamp(nanoseconds: start))
                }
            let board = try #require(
                try reader.leaderboard(by: kind, period: span, asset: asset, limit: 1_000_000))
            let expected = naive.leaderboard(metric, period)
            #expect(
                board.entries.map { "\($0.rank) \($0.userId) \($0.score)" }
                    == expected.map { "\($0.rank) \($0.user) \($0.score)" },
                "\(what): \(metric) \(period)")
            for entry in board.entries.prefix(3) where naive.mergedInto(entry.userId) == nil {
                let rank = try reader.rank(of: entry.userId, by: kind, period: span, asset: asset)
                #expect(rank == entry, "\(what): rank of \(entry.userId)")
            }
        }
    }
}
