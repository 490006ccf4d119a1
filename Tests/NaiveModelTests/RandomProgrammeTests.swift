import NaiveModel
import Testing

@Suite("Random programmes")
struct RandomProgrammeTests {
    @Test("A seed gives the same lines; another gives others")
    func deterministic() {
        var options = RandomProgramme.Options()
        options.lines = 300
        let lines = RandomProgramme.lines(seed: 1, options: options)
        #expect(lines.count == 300)
        #expect(lines == Array(RandomProgramme(seed: 1, options: options)))
        #expect(lines != Array(RandomProgramme(seed: 2, options: options)))
    }

    @Test("SplitMix64 is the published one")
    func splitMix() {
        var random = SplitMix64(seed: 1_234_567)
        #expect(random.next() == 6_457_827_717_110_365_317)
        #expect(random.next() == 3_203_168_211_198_807_973)
    }

    @Test("The invariants hold after every line", arguments: [1, 2, 3, 4] as [UInt64])
    func invariants(seed: UInt64) {
        let ledger = NaiveLedger(
            ratesPpm: seed % 2 == 0 ? [200_000, 100_000] : [333_333, 50_000, 25_000],
            expiryDays: seed > 2 ? 30 : nil,
            applyWindowDays: seed > 2 ? 20 : nil)
        for (index, line) in RandomProgramme.lines(seed: seed).enumerated() {
            _ = ledger.submit(line: line)
            let faults = index % 10 == 0 ? ledger.invariants() : []
            #expect(faults.isEmpty, "seed \(seed), line \(index + 1): \(line)")
        }
        #expect(ledger.invariants().isEmpty)
    }

    @Test("Saying everything a second time changes nothing")
    func idempotent() {
        let lines = RandomProgramme.lines(seed: 5)
        let ledger = NaiveLedger()
        let first = lines.map { ledger.submit(line: $0) }
        let (trial, parked) = (ledger.trialBalance, ledger.parkedFacts)
        let clock = ledger.businessClock
        var again = 0
        for (line, outcome) in zip(lines, first) where !line.contains("advance") {
            let second = ledger.submit(line: line)
            if outcome == .accepted || outcome == .parked {
                #expect(second == .repeated, "\(line)")
                again += 1
            }
        }
        #expect(again > 200)
        #expect(trial != [:] || parked != [])
        #expect(ledger.businessClock == clock)
    }

    @Test("Every kind of outcome and of board is met")
    func coverage() {
        var options = RandomProgramme.Options()
        options.lines = 9_000
        let ledger = NaiveLedger(expiryDays: 60, applyWindowDays: 30)
        var counts: [String: Int] = [:]
        var stages: Set<ReferralStage> = []
        for line in RandomProgramme.lines(seed: 6, options: options) {
            let outcome = ledger.submit(line: line)
            stages.formUnion(ledger.userIDs.suffix(5).compactMap { ledger.stage($0) })
            switch outcome {
            case .accepted: counts["accepted", default: 0] += 1
            case .repeated: counts["repeated", default: 0] += 1
            case .parked: counts["parked", default: 0] += 1
            case .refused(let code): counts[code, default: 0] += 1
            }
        }
        let expected = [
            "accepted", "repeated", "parked", "user.unknown", "signup.conflict", "signup.two_referrers",
            "payment.conflict", "refund.conflict", "refund.currency", "refund.zero_payment",
            "refund.mixed_counting", "refund.total_went_back", "parking.full", "key.missing", "key.conflict",
            "code.taken", "code.one_active", "code.unknown", "code.expired", "code.own", "code.text",
            "attribution.already", "attribution.too_late", "attribution.conflict", "attribution.cycle",
            "attribution.self_referral",
            "referral.none", "referral.expired", "referral.already_converted", "referral.stage",
            "amount.text", "amount.digits", "amount.range", "amount.negative", "amount.zero", "amount.base",
            "currency.unknown", "time.text", "id.invalid", "type.unknown", "field.missing", "field.range",
        ]
        for outcome in expected { #expect(counts[outcome, default: 0] > 0, "never met: \(outcome)") }
        #expect(ledger.invariants().isEmpty)
        stages.formUnion(ledger.userIDs.compactMap { ledger.stage($0) })
        print(counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
        #expect(stages.isSuperset(of: [.registered, .active, .qualified, .completed, .expired, .reverted]))
        #expect(ledger.userIDs.contains { ledger.ancestors($0).count > 30 })
        let rejections = Set(ledger.userIDs.compactMap { ledger.rejection($0) })
        #expect(rejections == ["unknownReferrer", "unknownCode", "expiredCode", "selfReferral"])
    }
}
