import Foundation

extension NaiveLedger {
    /// What an input may change about the policy. Amounts are minor units, days are 24 hours.
    public struct Policy: Sendable {
        /// Parts per million for level 1, 2, …
        public var ratesPpm = [200_000, 100_000]
        /// Days between a payment and the maturity of its commissions.
        public var holdingDays = 14
        /// A payment this many months after the payer's attribution, or later, earns nothing; nil: no limit.
        public var commissionMonths: Int?
        /// How a share becomes whole minor units.
        public var rounding = Rounding.halfEven
        /// Days until a referral that has not completed expires; nil: never.
        public var expiryDays: Int?
        /// Where a payment above zero moves the referral.
        public var paymentAdvancesTo = ReferralStage.completed
        /// Where a payment of zero moves the referral; nil: nowhere.
        public var zeroPaymentAdvancesTo: ReferralStage? = .active
        /// Days after the signup in which a code may be applied; nil: no limit.
        public var applyWindowDays: Int?
        /// Currency of a money line that names none.
        public var asset = "USD"
        /// Whether a user may have only one code that is not expired.
        public var hasOneActiveCode = true
        /// Days a code lives when its line does not say; nil: for ever.
        public var codeDays: Int?
        /// Whether a shared signal makes a referral a self-referral.
        public var countsSharedSignals = true
        /// Whether a shared e-mail or phone makes a referral a self-referral, as a shared signal does.
        public var countsSharedEmail = false
        /// How far ahead of `now` a fact may be dated.
        public var toleranceNanoseconds: Int64 = 300_000_000_000
        /// Time between a period's end and its closing.
        public var graceNanoseconds: Int64 = dayNanoseconds
        /// Most facts parked for one predecessor.
        public var parkedPerPredecessor = 64
        /// Most facts parked in all.
        public var parkedInAll = 100_000
        /// What a referral that reaches a stage gives, in order.
        public var rewardRules: [RewardRule] = []
        /// Whether a reverted referral takes back what its completion gave.
        public var revokeOnRevert = true
        /// Whether units that were used before they were revoked are owed.
        public var owesUsedUnits = false
        /// Lowest first; the first is where everyone begins.
        public var tiers: [Tier] = []
        /// Whether a tier is lost with the conversions.
        public var downgrades = false
        /// Whether a lost tier takes its bonus back.
        public var bonusClawback = false
        /// Badges and what they take.
        public var badges: [Badge] = []
        /// Caps on what is granted.
        public var caps: [Cap] = []
        /// Whether what passes a cap is not made at all, instead of cut.
        public var refusesExcess = false
        /// Whether reversals give room under a cap back.
        public var reversalsFreeCaps = false
        /// What holds for withdrawals.
        public var withdrawal = WithdrawalRules()
        /// Adjustments above this need two approvers, by currency.
        public var adjustmentSecondApproverAbove: [String: Int64] = [:]
        /// Attributions to one referrer in a day before a review is opened; nil: never.
        public var attributionsPerDay: Int?
        /// What becomes of a closed user's money.
        public var closure = Closure.hold

        /// The `two-level` preset.
        public init() {}
    }

    /// How a share becomes whole.
    public enum Rounding: String, Sendable {
        /// Ties to even, ties away from zero, cut off, everything up.
        case halfEven, halfUp, down, up
    }

    /// One entry of `rewards.rules`.
    public struct RewardRule: Sendable {
        /// The stage that is reached.
        public var stage: ReferralStage
        /// Whether the referee gets it, instead of the referrer.
        public var isForReferee: Bool
        /// Currency or unit.
        public var asset: String
        /// One amount for everyone, or one for each tier of the referrer.
        public var amounts: [Int64]
        /// Days until money matures.
        public var holdingDays: Int
        /// Days until it expires; nil: never.
        public var expiryDays: Int?
    }

    /// One entry of `tiers.levels`.
    public struct Tier: Sendable {
        /// Its name.
        public var name: String
        /// Conversions it takes.
        public var threshold: Int
        /// What reaching it gives, sorted by asset.
        public var bonuses: [(asset: String, amount: Int64)]
    }

    /// One entry of `badges`.
    public struct Badge: Sendable {
        /// Its unit is `BADGE:name`.
        public var name: String
        /// Conversions it takes.
        public var threshold: Int
        /// Whether it is lost with the conversions.
        public var isRevocable: Bool
    }

    /// How long a cap counts.
    public enum CapPeriod: String, Sendable {
        /// A day, a week from Monday, a month, or all time.
        case day, week, month, ever
    }

    /// A limit on what is granted in a period.
    public struct Cap: Sendable {
        /// Whether it holds for each user alone, instead of the programme.
        public var isPerUser: Bool
        /// Currency or unit.
        public var asset: String
        /// Most that is granted.
        public var amount: Int64
        /// In which time.
        public var period: CapPeriod
    }

    /// What the policy says about withdrawals.
    public struct WithdrawalRules: Sendable {
        /// Whether a person approves.
        public var approvalRequired = true
        /// Up to this nobody need approve, by currency.
        public var approvalAbove: [String: Int64] = [:]
        /// Above this two must approve, by currency.
        public var secondApproverAbove: [String: Int64] = [:]
        /// Least amount, by currency.
        public var minimum: [String: Int64] = [:]
        /// Fee in parts per million, and a fixed one by currency.
        public var feePpm = 0, fixedFee: [String: Int64] = [:]
        /// Tax in parts per million.
        public var taxPpm = 0
        /// Least KYC level.
        public var kycLevel = 0
        /// Days until one that is not sent expires; nil: never.
        public var expiryDays: Int?
        /// What a clawback does to those that are not sent.
        public var onClawback = Clawback.owe

        init() {}
    }

    /// What a clawback does to withdrawals that are not sent.
    public enum Clawback: String, Sendable {
        /// Leaves them; makes them smaller; cancels them.
        case owe, reduce, cancel
    }

    /// What becomes of a closed user's money.
    public enum Closure: String, Sendable {
        /// Paid as before; held for ever; given up.
        case pay, hold, forfeit
    }
}

extension NaiveLedger.Policy {
    /// The rules of a policy file. Fields that are left out are as in `Documentation/policy.md`.
    ///
    /// - Parameters:
    ///   - json: one JSON object; must be a valid policy, or this traps.
    ///   - asset: the programme's default asset.
    public init(json: String, asset: String) {
        let root = Part(try? JSONSerialization.jsonObject(with: Data(json.utf8)))
        self.asset = asset
        hasOneActiveCode = root["codes"]["oneActive"].flag ?? false
        codeDays = root["codes"]["ttlDays"].number
        applyWindowDays = root["attribution"]["applyWindowDays"].number
        countsSharedSignals = root["attribution"]["rejectSharedSignals"].flag ?? true
        countsSharedEmail = countsSharedSignals
        toleranceNanoseconds = Int64(root["clockToleranceSeconds"].number ?? 300) * 1_000_000_000
        graceNanoseconds = Int64(root["periods"]["graceHours"].number ?? 24) * (dayNanoseconds / 24)
        let commission = root["commission"]
        ratesPpm = commission["levels"].list.compactMap { $0["ratePpm"].number }
        ratesPpm = Array(ratesPpm.prefix(commission["maxDepth"].number ?? ratesPpm.count))
        holdingDays = commission["holdingDays"].number!
        commissionMonths = commission["months"].number
        rounding = commission["rounding"].text.map { .init(rawValue: $0)! } ?? .halfEven
        let workflow = root["workflow"]
        expiryDays = workflow.isNull("expiryDays") ? nil : workflow["expiryDays"].number ?? 90
        paymentAdvancesTo = workflow["paymentAdvancesTo"].text.map { .init(name: $0)! } ?? .completed
        if workflow.isNull("zeroPaymentAdvancesTo") { zeroPaymentAdvancesTo = nil }
        if let name = workflow["zeroPaymentAdvancesTo"].text { zeroPaymentAdvancesTo = .init(name: name)! }
        readRewards(root)
        readWithdrawals(root["withdrawal"])
        adjustmentSecondApproverAbove = root["adjustment"]["secondApproverAbove"].amounts
        attributionsPerDay = root["fraud"]["attributionsPerDay"].number
        closure = root["closure"].text.map { .init(rawValue: $0)! } ?? .hold
    }

    private mutating func readRewards(_ root: Part) {
        let rewards = root["rewards"]
        for rule in rewards["rules"].list {
            let asset = rule["asset"].text!
            let one = rule["amount"].amount(in: asset)
            let many = rule["tierAmounts"].list.map { $0.amount(in: asset)! }
            rewardRules.append(
                NaiveLedger.RewardRule(
                    stage: ReferralStage(name: rule["stage"].text!)!,
                    isForReferee: rule["side"].text == "referee",
                    asset: asset, amounts: one.map { [$0] } ?? many,
                    holdingDays: rule["holdingDays"].number ?? 0, expiryDays: rule["expiryDays"].number))
        }
        revokeOnRevert = rewards["revokeOnRevert"].flag ?? true
        owesUsedUnits = rewards["usedUnits"].text == "owe"
        tiers = root["tiers"]["levels"].list.map { level in
            let bonuses = level["bonuses"].amounts.sorted { $0.key < $1.key }
            return NaiveLedger.Tier(
                name: level["name"].text!, threshold: level["threshold"].number!,
                bonuses: bonuses.map { (asset: $0.key, amount: $0.value) })
        }
        downgrades = root["tiers"]["downgrade"].text == "below"
        bonusClawback = root["tiers"]["bonusClawback"].flag ?? false
        badges = root["badges"].list.map {
            NaiveLedger.Badge(
                name: $0["name"].text!, threshold: $0["threshold"].number!,
                isRevocable: $0["revocable"].flag ?? false)
        }
        caps = root["caps"]["limits"].list.map {
            let asset = $0["asset"].text!
            return NaiveLedger.Cap(
                isPerUser: $0["scope"].text == "user", asset: asset, amount: $0["amount"].amount(in: asset)!,
                period: .init(rawValue: $0["period"].text!)!)
        }
        refusesExcess = root["caps"]["excess"].text == "refuse"
        reversalsFreeCaps = root["caps"]["reversalsFree"].flag ?? false
    }

    private mutating func readWithdrawals(_ part: Part) {
        withdrawal.approvalRequired = part["approvalRequired"].flag ?? true
        withdrawal.approvalAbove = part["approvalAbove"].amounts
        withdrawal.secondApproverAbove = part["secondApproverAbove"].amounts
        withdrawal.minimum = part["minimum"].amounts
        withdrawal.feePpm = part["fee"]["ratePpm"].number ?? 0
        withdrawal.fixedFee = part["fee"]["fixed"].amounts
        withdrawal.taxPpm = part["taxPpm"].number ?? 0
        withdrawal.kycLevel = part["kycLevel"].number ?? 0
        withdrawal.expiryDays = part["expiryDays"].number
        withdrawal.onClawback = part["onClawback"].text.map { .init(rawValue: $0)! } ?? .owe
    }
}

/// A part of a JSON document; what is not there is a part with nothing in it.
private struct Part {
    let value: Any?

    init(_ value: Any?) { self.value = value }

    subscript(_ name: String) -> Part { Part((value as? [String: Any])?[name]) }

    func isNull(_ name: String) -> Bool { self[name].value is NSNull }

    var list: [Part] { (value as? [Any] ?? []).map { Part($0) } }
    var text: String? { value as? String }
    var number: Int? { value as? Int }
    var flag: Bool? { value as? Bool }

    /// An object of asset → decimal text, in minor units.
    var amounts: [String: Int64] {
        var result: [String: Int64] = [:]
        for (asset, text) in value as? [String: Any] ?? [:] { result[asset] = Part(text).amount(in: asset)! }
        return result
    }

    func amount(in asset: String) -> Int64? {
        text.map { try! parseAmount($0, exponent: exponents[asset] ?? 0) }
    }
}
