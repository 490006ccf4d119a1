import Testing

@testable import LedgerDomain

/// The text holds all of a policy, and only it.
@Suite struct PolicyPropertyTests {
    static let seed: UInt64 = 0x5EED_0002

    @Test func formsRoundTrip() throws {
        var random = SplitMix(seed: Self.seed)
        for index in 0..<200 {
            let policy = Policy.random(&random)
            let text = policy.canonicalJSON()
            let again = try Policy.parse(text)
            #expect(again.canonicalJSON() == text, "seed \(Self.seed), policy \(index)")
            #expect(parts(again) == parts(policy), "seed \(Self.seed), policy \(index)")
            #expect(try Policy.parse(policy.prettyJSON()) == policy, "seed \(Self.seed), policy \(index)")
        }
    }

    /// A field that the text left out would make two different policies equal.
    @Test func eachFieldChangesTheText() {
        var random = SplitMix(seed: Self.seed)
        for index in 0..<20 {
            let (one, other) = (Policy.random(&random), Policy.random(&random))
            let (text, before) = (one.canonicalJSON(), parts(one))
            var fieldsThatDiffer = 0
            for transplant in Self.transplants {
                var changed = one
                transplant(&changed, other)
                let differs = parts(changed) != before
                if differs { fieldsThatDiffer += 1 }
                #expect((changed.canonicalJSON() != text) == differs, "seed \(Self.seed), policy \(index)")
                #expect((changed != one) == differs)
            }
            #expect(fieldsThatDiffer > 10, "seed \(Self.seed), policy \(index)")
        }
    }

    /// Compared as they are in memory, without any text in between.
    private func parts(_ policy: Policy) -> [UInt8] { Array(String(reflecting: policy).utf8) }

    private static let transplants: [@Sendable (inout Policy, Policy) -> Void] = [
        { $0.name = $1.name }, { $0.timeZone = $1.timeZone }, { $0.weekStart = $1.weekStart },
        { $0.attribution = $1.attribution }, { $0.codes = $1.codes },
        { $0.commission.levels = $1.commission.levels }, { $0.commission.maxDepth = $1.commission.maxDepth },
        { $0.commission.rounding = $1.commission.rounding },
        { $0.commission.holdingDays = $1.commission.holdingDays },
        { $0.commission.months = $1.commission.months }, { $0.workflow = $1.workflow },
        { $0.periods = $1.periods }, { $0.rewards.rules = $1.rewards.rules },
        { $0.rewards.revokeOnRevert = $1.rewards.revokeOnRevert },
        { $0.rewards.usedUnits = $1.rewards.usedUnits }, { $0.tiers.levels = $1.tiers.levels },
        { $0.tiers.downgrade = $1.tiers.downgrade }, { $0.tiers.bonusClawback = $1.tiers.bonusClawback },
        { $0.badges = $1.badges }, { $0.caps = $1.caps }, { $0.capExcess = $1.capExcess },
        { $0.capReversalsFree = $1.capReversalsFree },
        { $0.withdrawal.approvalRequired = $1.withdrawal.approvalRequired },
        { $0.withdrawal.approvalAbove = $1.withdrawal.approvalAbove },
        { $0.withdrawal.secondApproverAbove = $1.withdrawal.secondApproverAbove },
        { $0.withdrawal.minimum = $1.withdrawal.minimum }, { $0.withdrawal.feePpm = $1.withdrawal.feePpm },
        { $0.withdrawal.fixedFee = $1.withdrawal.fixedFee }, { $0.withdrawal.taxPpm = $1.withdrawal.taxPpm },
        { $0.withdrawal.kycLevel = $1.withdrawal.kycLevel },
        { $0.withdrawal.expiryDays = $1.withdrawal.expiryDays },
        { $0.withdrawal.onClawback = $1.withdrawal.onClawback },
        { $0.adjustmentSecondApproverAbove = $1.adjustmentSecondApproverAbove },
        { $0.fraudAttributionsPerDay = $1.fraudAttributionsPerDay }, { $0.closure = $1.closure },
        { $0.clockToleranceSeconds = $1.clockToleranceSeconds },
    ]

    /// Names that look alike are different names.
    @Test func namesAreComparedByteForByte() throws {
        var composed = try #require(Policy.preset(named: "tiered"))
        var decomposed = composed
        (composed.name, decomposed.name) = ("\u{E9}", "e\u{301}")
        #expect(composed != decomposed)
    }

    /// What was put together in memory and cannot be said in a text is seen when it is read again.
    @Test func whatNoTextCanSayIsNotReadBack() throws {
        var policy = try #require(Policy.preset(named: "two-level"))
        policy.caps = [.init(scope: .user, asset: .firstLedgerDefined, amount: 1, period: .ever)]
        #expect(throws: PolicyProblems.self) { try Policy.parse(policy.canonicalJSON()) }
        policy.caps = []
        let (pound, point) = (AssetNumber(rawValue: 826), AssetNumber.point)
        policy.withdrawal.minimum.entries = [.init(asset: point, amount: 1), .init(asset: pound, amount: 1)]
        #expect(try Policy.parse(policy.canonicalJSON()) != policy)
        policy.withdrawal.minimum = .init(policy.withdrawal.minimum.entries)
        #expect(try Policy.parse(policy.canonicalJSON()) == policy)
    }
}
