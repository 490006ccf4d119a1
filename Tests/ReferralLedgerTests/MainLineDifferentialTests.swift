import Foundation
import LedgerDomain
import LedgerExchange
import NaiveModel
import ReferralLedger
import Testing

/// The whole main line against the naive model: random programmes with every command, out of order and
/// duplicated, under several policies. `LEDGER_SEEDS=N` plays more of them.
@Suite struct MainLineDifferentialTests {
    static let runs: [(policy: String, seed: UInt64)] = {
        let count = Int(ProcessInfo.processInfo.environment["LEDGER_SEEDS"] ?? "") ?? 2
        return RandomPolicy.all.flatMap { policy in (1...UInt64(max(1, count))).map { (policy.name, $0) } }
    }()

    /// Balances are compared after every so many lines; after each one where more is played.
    static let stride = ProcessInfo.processInfo.environment["LEDGER_SEEDS"] == nil ? 4 : 1

    @Test(arguments: runs)
    func agreesWithNaiveModel(policyName: String, seed: UInt64) throws {
        let policy = try #require(RandomPolicy.all.first { $0.name == policyName })
        let folder = TemporaryFolder()
        let rules = try Policy.parse(Array(policy.json.utf8))
        let ledger = try makeLedger(folder, asset: policy.asset, policy: rules)
        defer { ledger.close() }
        let naive = NaiveLedger(policy: policy.naive)
        var feeder = LineFeeder(ledger, asset: policy.asset)
        let lines = MainLineProgramme.lines(seed: seed, policy: policy, lines: 500, corrects: seed % 2 == 0)
        for (number, line) in lines.enumerated() {
            let place = "\(policyName) seed \(seed) line \(number + 1): \(line)"
            let expected = naive.submit(line: line)
            let got = try feeder.submit(line)
            let isCompared = number % Self.stride == 0 || number == lines.count - 1
            let balances = isCompared ? try Self.difference(ledger.current, naive) : nil
            if let difference = Self.difference(got, expected) ?? balances {
                let words = Set(line.split(separator: "\"").filter { $0.contains("-") && $0.count < 10 })
                let before = lines[..<number].filter { old in words.contains { old.contains("\"\($0)\"") } }
                if let file = ProcessInfo.processInfo.environment["LEDGER_SHOW"] {
                    try? lines[...number].joined(separator: "\n").write(
                        toFile: "\(file)-\(policyName)-\(seed).jsonl", atomically: true, encoding: .utf8)
                }
                Issue.record("\(place)\n  \(difference)\n  \(before.suffix(12).joined(separator: "\n  "))")
                return
            }
            if number % 50 == 0 { #expect(naive.invariants() == [], "\(place)") }
        }
        try Agreement.check(ledger.current, naive, "\(policyName) seed \(seed)")
        let digest = try ledger.current.status().stateDigest
        ledger.close()
        try Folders.removeViews(of: folder)
        let again = try Ledger.open(at: folder.path, options: testOptions())
        defer { again.close() }
        #expect(try again.current.status().stateDigest == digest, "\(policyName) seed \(seed)")
    }

    /// Outcomes, and the codes of refusals.
    private static func difference(_ got: (name: String, code: String?), _ expected: NaiveModel.Outcome)
        -> String?
    {
        if got.name != expected.kindName { return "\(got) / \(expected)" }
        // Forms have codes of the line reader's own, and of the core's.
        let ofMainLine = [
            "dispute.", "reward.", "user.", "withdrawal.", "payout.", "adjust.", "writeOff.", "merge.",
            "review.",
            "refund.", "quarantine.", "fact.", "correction.", "attribution.cycle", "attribution.unchanged",
            "code.disabled",
            "code.active", "tax.", "fx.no_rate", "fx.too_small",
        ]
        if case .refused(let code) = expected, let mine = got.code, mine != code,
            ofMainLine.contains(where: { code.hasPrefix($0) }),
            ofMainLine.contains(where: { mine.hasPrefix($0) })
        {
            return "\(got) / \(expected)"
        }
        return nil
    }

    /// The first balance that is not the same.
    private static func difference(_ reader: LedgerReader, _ naive: NaiveLedger) throws -> String? {
        for id in naive.userIDs where naive.mergedInto(id) == nil {
            guard let user = try reader.user(id) else { return "\(id) is unknown" }
            let known = naive.balances(id)
            for (code, expected) in known where !code.hasPrefix("BADGE:") {
                let mine = user.balances.first { Asset(number: $0.asset)?.code == code }
                let available = expected.available + expected.claimable
                if (mine?.pending ?? 0) != expected.pending || (mine?.available ?? 0) != available
                    || (mine?.held ?? 0) != expected.held || (mine?.receivable ?? 0) != expected.receivable
                {
                    return "\(id) \(code): \(mine.map { "\($0)" } ?? "nothing") / \(expected)"
                }
            }
        }
        return nil
    }
}
