import NaiveModel
import Testing

@Suite("Random programmes of the main line")
struct MainLineProgrammeTests {
    @Test("A seed gives the same lines; another gives others")
    func deterministic() {
        let programme = MainLineProgramme(seed: 1, policy: .tiered, lines: 300)
        let lines = Array(programme)
        #expect(lines.count == 300)
        #expect(lines == Array(programme))
        #expect(lines != Array(MainLineProgramme(seed: 2, policy: .tiered, lines: 300)))
    }

    @Test("The invariants hold after every line", arguments: RandomPolicy.all)
    func invariants(policy: RandomPolicy) {
        for seed in 1...1 as ClosedRange<UInt64> {
            let ledger = NaiveLedger(policy: policy.naive)
            let lines = MainLineProgramme.lines(seed: seed, policy: policy, lines: 700)
            for (index, line) in lines.enumerated() {
                _ = ledger.submit(line: line)
                let faults = index % 5 == 0 ? ledger.invariants() : []
                #expect(faults.isEmpty, "\(policy) seed \(seed), line \(index + 1): \(line)")
                if !faults.isEmpty { return }
            }
            #expect(ledger.invariants().isEmpty)
        }
    }

    @Test("One advance over half a year equals one of each day", arguments: RandomPolicy.all)
    func advances(policy: RandomPolicy) {
        let (once, daily) = (NaiveLedger(policy: policy.naive), NaiveLedger(policy: policy.naive))
        for line in MainLineProgramme.lines(seed: 7, policy: policy, lines: 500)
        where !line.contains("\"advance\"") {
            #expect(once.submit(line: line) == daily.submit(line: line))
        }
        func advance(_ ledger: NaiveLedger, _ text: String) {
            _ = ledger.submit(line: "{\"type\":\"advance\",\"to\":\"\(text)\"}")
        }
        for month in ["02", "03", "04", "05", "06", "07"] {
            for day in 1...31 {
                advance(daily, "2024-\(month)-\(day < 10 ? "0" : "")\(day)T00:00:00Z")
            }
        }
        advance(once, "2024-07-31T00:00:00Z")
        #expect(once.trialBalance == daily.trialBalance)
        #expect(once.allRewards == daily.allRewards)
        #expect(once.allWithdrawals == daily.allWithdrawals)
        for id in once.userIDs {
            #expect(once.balances(id) == daily.balances(id))
            #expect(once.stage(id) == daily.stage(id))
        }
        #expect(once.trialBalance != [:])
    }

    @Test("What has a key of either kind changes nothing when it is said again", arguments: RandomPolicy.all)
    func idempotent(policy: RandomPolicy) {
        let ledger = NaiveLedger(policy: policy.naive)
        let lines = MainLineProgramme.lines(seed: 8, policy: policy, lines: 500)
        let outcomes = lines.map { ledger.submit(line: $0) }
        let (trial, rewards) = (ledger.trialBalance, ledger.allRewards)
        let byState = ["advance", "advanceReferral", "claim", "fulfil", "decideWithdrawal", "review"]
        var again = 0
        for (line, outcome) in zip(lines, outcomes) where outcome == .accepted || outcome == .parked {
            if byState.contains(where: { line.contains("\"\($0)\"") }) { continue }
            #expect(ledger.submit(line: line) == .repeated, "\(line)")
            again += 1
        }
        #expect(again > 150)
        #expect(ledger.trialBalance == trial && ledger.allRewards == rewards)
    }

    @Test("Every kind of outcome is met")
    func coverage() {
        var counts: [String: Int] = [:]
        var states: Set<String> = []
        for policy in RandomPolicy.all {
            for seed in 1...6 as ClosedRange<UInt64> {
                let ledger = NaiveLedger(policy: policy.naive)
                for line in MainLineProgramme(seed: seed + 100, policy: policy, lines: 900) {
                    let type = line.split(separator: "\"type\"")[1].split(separator: "\"")[1]
                    let outcome: String
                    switch ledger.submit(line: line) {
                    case .accepted: outcome = "\(type) accepted"
                    case .repeated: outcome = "\(type) repeated"
                    case .parked: outcome = "\(type) parked"
                    case .refused(let code): outcome = code
                    }
                    counts[outcome, default: 0] += 1
                }
                states.formUnion(
                    ledger.allRewards.map { "\($0.name.first == "r" ? "grant" : "leg") \($0.state)" })
                states.formUnion(ledger.allWithdrawals.map { "withdrawal \($0.state)" })
                states.formUnion(ledger.allReviews.map { "review \($0.state)" })
                states.formUnion(ledger.parkedFacts.map { "parked \($0.kind)" })
                states.formUnion(ledger.userIDs.map { "tier \(ledger.tier($0))" })
                states.formUnion(ledger.trialBalance.keys.map { "account \($0)" })
                states.formUnion(ledger.trialBalance.values.flatMap(\.keys).map { "asset \($0)" })
            }
        }
        print(counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
        for outcome in Self.outcomes { #expect(counts[outcome, default: 0] > 0, "never met: \(outcome)") }
        for state in Self.states { #expect(states.contains(state), "never met: \(state)") }
    }

    private static let outcomes =
        [
            "refundFailed", "dispute", "claim", "fulfil", "withdraw", "decideWithdrawal", "payout", "kyc",
            "adjust", "writeOff", "openingBalance", "fxRate", "fxConvert", "fund", "remitTax", "recordCost",
            "suspend", "reinstate", "closeUser", "mergeUsers", "flag", "review", "riskScore", "setBudget",
            "disableCode", "reactivateCode", "quarantine", "release", "correctAttribution",
        ].map { $0 + " accepted" } + [
            "claim repeated", "fulfil repeated", "decideWithdrawal repeated", "review repeated",
            "dispute parked",
            "payout parked", "refundFailed parked", "refund.conflict", "dispute.amount",
            "dispute.currency", "dispute.decided", "dispute.zero_payment", "dispute.conflict",
            "reward.unknown",
            "reward.claimed", "reward.expired", "reward.fulfilled", "reward.not_claimable",
            "reward.not_claimed", "user.blocked", "user.state", "withdrawal.debt", "withdrawal.minimum",
            "withdrawal.kyc", "withdrawal.funds", "withdrawal.unknown", "withdrawal.state",
            "withdrawal.expired", "withdrawal.reviewer", "withdrawal.amount", "withdrawal.conflict",
            "payout.provider", "payout.kept", "payout.conflict", "adjust.approvers", "writeOff.debt",
            "fx.rate", "fx.no_rate", "fx.too_small", "tax.balance", "merge.same",
            "merge.cycle", "review.unknown", "review.decided", "review.reviewer", "code.active",
            "code.disabled",
            "key.conflict", "quarantine.already", "quarantine.none", "quarantine.fact", "quarantine.used",
            "fact.quarantined", "attribution.cycle", "attribution.unchanged",
        ]

    private static let states = [
        "account breakage", "account loss", "account fx", "account tax", "account fee", "account used",
        "account issued", "account opening", "account funding", "account held", "account reserved",
        "grant available", "grant claimable", "grant claimed", "grant expired", "grant fulfilled",
        "grant held",
        "grant pending", "grant revoked", "leg held", "leg reversed", "leg revoked", "parked dispute",
        "parked payout", "review clear", "review confirm", "review open", "tier 0", "tier 1", "tier 2",
        "withdrawal approved", "withdrawal cancelled", "withdrawal expired", "withdrawal failed",
        "withdrawal rejected", "withdrawal requested", "withdrawal returned", "withdrawal sent",
        "withdrawal settled",
    ]
}
