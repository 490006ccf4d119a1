@testable import LedgerDomain

extension Policy {
    /// A policy with any values that its text may hold, the ends of their ranges often.
    static func random(_ random: inout SplitMix) -> Policy {
        var draw = PolicyDraw(random: random)
        defer { random = draw.random }
        var policy = Policy(
            name: draw.one(of: ["p", "Ü \"1\"", "e\u{301}", "\u{E9}"]),
            timeZone: draw.one(of: ["UTC", "Asia/Kolkata"]), weekStart: draw.one(of: Weekday.allCases),
            attribution: .init(
                applyWindowDays: draw.optional(Limits.days), rejectSharedSignals: draw.bool()),
            codes: .init(
                length: draw.integer(Limits.codeLength), alphabet: draw.one(of: ["ABCDEFGH", "23456789"]),
                ttlDays: draw.optional(Limits.lifeDays), oneActive: draw.bool()),
            commission: draw.commission(),
            workflow: .init(
                paymentAdvancesTo: draw.one(of: [.active, .qualified, .completed]),
                zeroPaymentAdvancesTo: draw.one(of: [nil, .active, .qualified, .completed]),
                expiryDays: draw.optional(Limits.lifeDays)),
            periods: .init(graceHours: draw.integer(Limits.graceHours)), withdrawal: draw.withdrawal(),
            clockToleranceSeconds: draw.integer(Limits.toleranceSeconds))
        policy.tiers = draw.tiers()
        policy.rewards = draw.rewards(tiers: policy.tiers.levels.count)
        policy.badges = (0..<draw.integer(Limits.itemCount)).map {
            .init(
                name: "badge-\($0)", threshold: draw.integer(Limits.badgeThreshold), revocable: draw.bool())
        }
        policy.caps = draw.caps()
        policy.capExcess = draw.one(of: CapExcess.allCases)
        policy.capReversalsFree = draw.bool()
        policy.adjustmentSecondApproverAbove = draw.amounts(draw.money(4), least: 0)
        policy.fraudAttributionsPerDay = draw.optional(Limits.attributionsPerDay)
        policy.closure = draw.one(of: Closure.allCases)
        return policy
    }
}

/// Draws the parts of a policy.
private struct PolicyDraw {
    var random: SplitMix

    mutating func bool() -> Bool { Bool.random(using: &random) }

    mutating func one<Value>(of values: [Value]) -> Value {
        values[Int.random(in: 0..<values.count, using: &random)]
    }

    mutating func integer(_ range: ClosedRange<Int>) -> Int {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: range.lowerBound
        case 1: range.upperBound
        default: Int.random(in: range, using: &random)
        }
    }

    mutating func optional(_ range: ClosedRange<Int>) -> Int? { bool() ? nil : integer(range) }

    /// Different assets, `count` of them.
    mutating func assets(_ count: Int) -> [AssetNumber] {
        Array(Asset.all.map(\.number).shuffled(using: &random).prefix(count))
    }

    /// Up to `limit` different kinds of money.
    mutating func money(_ limit: Int) -> [AssetNumber] {
        assets(integer(0...limit)).filter(\.isMoney)
    }

    mutating func minor(least: Int64) -> Int64 {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: least
        case 1: Int64.max
        default: Int64.random(in: least...1_000_000, using: &random)
        }
    }

    mutating func amounts(_ assets: [AssetNumber], least: Int64) -> Policy.Amounts {
        .init(assets.map { .init(asset: $0, amount: minor(least: least)) })
    }

    mutating func commission() -> Policy.Commission {
        let levels = (0..<integer(Policy.Limits.levelCount)).map { _ in UInt32(integer(0...125_000)) }
        return .init(
            levels: levels, maxDepth: levels.isEmpty ? 0 : integer(1...levels.count),
            rounding: one(of: Rounding.allCases), holdingDays: integer(Policy.Limits.days),
            months: optional(Policy.Limits.months))
    }

    mutating func tiers() -> Policy.Tiers {
        var threshold = 0
        let levels: [Policy.Tiers.Level] = (0..<integer(Policy.Limits.itemCount)).map { index in
            if index > 0 { threshold += integer(1...1000) }
            let count = index == 0 ? 0 : integer(Policy.Limits.bonusCount)
            return .init(name: "t\(index)", threshold: threshold, bonuses: amounts(assets(count), least: 1))
        }
        return .init(
            levels: levels, downgrade: one(of: Policy.Tiers.Downgrade.allCases), bonusClawback: bool())
    }

    mutating func rewards(tiers: Int) -> Policy.Rewards {
        let rules: [Policy.Rewards.Rule] = assets(integer(Policy.Limits.itemCount)).map { asset in
            let isFixed = tiers == 0 || bool()
            return .init(
                stage: one(of: [.registered, .active, .qualified, .completed]),
                side: one(of: Policy.Rewards.Side.allCases), asset: asset,
                amount: isFixed
                    ? .fixed(minor(least: 1)) : .byTier((0..<tiers).map { _ in minor(least: 0) }),
                holdingDays: integer(Policy.Limits.days), expiryDays: optional(Policy.Limits.lifeDays))
        }
        return .init(
            rules: rules, revokeOnRevert: bool(), usedUnits: one(of: Policy.Rewards.UsedUnits.allCases))
    }

    mutating func caps() -> [Policy.Cap] {
        assets(integer(Policy.Limits.itemCount)).map { asset in
            .init(
                scope: one(of: Policy.Cap.Scope.allCases), asset: asset, amount: minor(least: 0),
                period: one(of: BudgetPeriod.allCases))
        }
    }

    mutating func withdrawal() -> Policy.Withdrawal {
        let fee = integer(Policy.Limits.chargePpm)
        return .init(
            approvalRequired: bool(), approvalAbove: amounts(money(4), least: 0),
            secondApproverAbove: amounts(money(200), least: 0), minimum: amounts(money(4), least: 0),
            feePpm: UInt32(fee), fixedFee: amounts(money(4), least: 0),
            taxPpm: UInt32(integer(0...(Policy.Limits.chargePpm.upperBound - fee))),
            kycLevel: integer(Policy.Limits.kycLevel), expiryDays: optional(Policy.Limits.lifeDays),
            onClawback: one(of: Policy.Withdrawal.OnClawback.allCases))
    }
}
