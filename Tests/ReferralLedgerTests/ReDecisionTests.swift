import Foundation
import LedgerDomain
import LedgerExchange
import LedgerReplay
import NaiveModel
import ReferralLedger
import Testing

extension Bench {
    /// The recorded facts through rules, beside the open ledger.
    func reDecide(_ policy: Policy? = nil, from: LogPosition? = nil) throws -> ReDecisionReport {
        try ledger.reDecide(ReDecision(policy: policy, from: from, at: day(100)))
    }

    /// Appends a proposal; the names of the outcomes.
    @discardableResult
    func correct(
        _ proposal: CorrectionProposal?, head: LogPosition? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> [String] {
        let proposal = try #require(proposal, sourceLocation: sourceLocation)
        let commands = proposal.corrections(
            approvedBy: "the-approver", expectedHead: head ?? proposal.position)
        return try commands.map { command in
            let outcome = try ledger.submit(command)
            return outcome.refusal.map { "refused \($0.code.rawValue): \($0.message)" } ?? outcome.name
        }
    }
}

/// Recorded facts through the rules again. Rules: Documentation/repair.md.
@Suite struct ReDecisionTests {
    private static let lines = 500

    /// Every policy with a seed of its own from `first` on, in turn; `LEDGER_SEEDS=N` plays N of them with each.
    static func runs(_ first: UInt64, inTurn count: Int) -> [(RandomPolicy, UInt64)] {
        let wanted = ProcessInfo.processInfo.environment["LEDGER_SEEDS"].flatMap { UInt64($0) }
        return RandomPolicy.all.enumerated().flatMap { index, policy in
            let seeds = wanted.map { 0..<$0 } ?? UInt64(index % count)..<UInt64(index % count) + 1
            return seeds.map { (policy, first + $0) }
        }
    }

    /// A ledger in which a little of everything has happened.
    private func bench(_ policy: RandomPolicy, _ rules: Policy, _ seed: UInt64) throws -> Bench {
        let bench = try Bench(asset: policy.asset, policy: rules)
        var feeder = LineFeeder(bench.ledger, asset: policy.asset)
        for line in MainLineProgramme.lines(seed: seed, policy: policy, lines: Self.lines) {
            _ = try feeder.submit(line)
        }
        return bench
    }

    @Test("the same rules give the same state", arguments: runs(31, inTurn: 2))
    func sameRules(policy: RandomPolicy, seed: UInt64) throws {
        let rules = try Policy.parse(Array(policy.json.utf8))
        let bench = try bench(policy, rules, seed)
        let report = try bench.reDecide()
        #expect(report.isSameState, "\(policy), seed \(seed): \(report.differences.prefix(3))")
        #expect(report.refused.isEmpty && report.proposal == nil && report.facts > 100)
        // Given as a file they are the same rules.
        let given = try bench.reDecide(rules)
        #expect(given.differences.isEmpty, "\(policy), seed \(seed): \(given.differences.prefix(3))")
        // And from the middle, what is before stands as it is.
        let middle = LogPosition(bench.ledger.current.position.rawValue / 2)
        let half = try bench.reDecide(from: middle)
        #expect(half.isSameState && half.facts < report.facts, "\(policy), seed \(seed)")
    }

    /// Rules with other amounts everywhere.
    static func changed(_ policy: Policy, _ seed: UInt64) -> Policy {
        var policy = policy
        policy.commission.levels = policy.commission.levels.map {
            seed % 2 == 0 ? $0 / 2 + 1_000 : min($0 * 2, 300_000)
        }
        if seed % 3 == 0 { policy.commission.levels.append(50_000) }
        if seed % 5 == 0, policy.commission.levels.count > 1 { policy.commission.levels.removeLast() }
        policy.commission.maxDepth = policy.commission.levels.count
        policy.rewards.rules = policy.rewards.rules.map { rule in
            var rule = rule
            if case .fixed(let amount) = rule.amount {
                rule.amount = .fixed(max(1, amount + (seed % 2 == 0 ? 3 : -2)))
            }
            return rule
        }
        for index in policy.tiers.levels.indices.dropFirst() {
            policy.tiers.levels[index].threshold += Int(seed % 2)
        }
        return policy
    }

    @Test(
        "other rules: found, corrected, and nothing is found again", arguments: runs(40, inTurn: 3))
    func otherRules(policy: RandomPolicy, seed: UInt64) throws {
        let rules = try Policy.parse(Array(policy.json.utf8))
        let due = Self.changed(rules, seed)
        let bench = try bench(policy, rules, seed)
        let what = Comment(rawValue: "\(policy), seed \(seed)")
        let report = try bench.reDecide(due)
        #expect(!report.differences.isEmpty, what)
        let before = try bench.ledger.current.digest().value
        let outcomes = try bench.correct(report.proposal)
        #expect(outcomes.allSatisfy { $0 == "accepted" }, "\(policy), seed \(seed): \(outcomes)")
        #expect(try bench.ledger.current.digest().value != before)
        let after = try bench.ledger.current.digest().value
        // Again: nothing.
        #expect(try bench.correct(report.proposal).allSatisfy { $0 == "repeated" }, what)
        #expect(try bench.ledger.current.digest().value == after)
        // What is in quarantine waits for its release.
        let again = try bench.reDecide(due)
        let open = again.differences.filter { !$0.isQuarantined }
        #expect(open.isEmpty, "\(policy), seed \(seed): \(open.prefix(4))")
        let recorded = try bench.reDecide()
        #expect(recorded.isSameState, "\(policy), seed \(seed): \(recorded.differences.prefix(4))")
        let reconciled = try bench.ledger.reconcile()
        #expect(reconciled.isClean, "\(policy), seed \(seed): \(reconciled.breaks.prefix(4))")
        // The ledger goes on; what comes later finds corrected rewards.
        var feeder = LineFeeder(bench.ledger, asset: policy.asset)
        for line in MainLineProgramme(seed: seed, policy: policy, lines: Self.lines + 250).dropFirst(
            Self.lines)
        {
            _ = try feeder.submit(line)
        }
        _ = try bench.ledger.advance(to: day(4_000))
        let later = try bench.reDecide()
        #expect(later.isSameState, "\(policy), seed \(seed): \(later.differences.prefix(4))")
        let end = try bench.ledger.reconcile()
        #expect(end.isClean, "\(policy), seed \(seed): \(end.breaks.prefix(4))")
        try roundTrip(bench, rules, policy.asset, what)
        try bench.sound()
    }

    private func roundTrip(_ bench: Bench, _ rules: Policy, _ asset: String, _ what: Comment) throws {
        let lines = try Lines.export(bench.ledger.commandHistory())
        #expect(lines.contains { $0.contains(#""type":"correct""#) }, what)
        let again = try Bench(asset: asset, policy: rules)
        var feeder = LineFeeder(again.ledger, asset: asset)
        for line in lines {
            let (name, code) = try feeder.submit(line)
            #expect(name != "refused", "\(line): \(code ?? "")")
        }
        #expect(try again.ledger.current.digest().value == bench.ledger.current.digest().value, what)
        #expect(try Lines.export(again.ledger.commandHistory()) == lines, what)
    }
}
