import LedgerDomain

/// The rule that an event was made by, with the values of the policy version that ruled it. The rules in full
/// are in Documentation/rules.md.
enum ExplainedRules {
    static func text(_ event: LedgerEvent, _ policy: Policy?) -> String {
        switch event.type {
        case .commissionEarned: return commission(event, policy)
        case .rewardMatured:
            guard let policy else { return "holding period over" }
            return
                "commission.holdingDays = \(policy.commission.holdingDays): what is left matures; a debt is repaid first"
        case .commissionReversed:
            return event["heldBy"] == nil
                ? "leg × taken back ÷ payment, rounded \(rounding(policy)), less what was reversed before"
                : "a lost dispute or confirmed review takes what it held first"
        case .commissionRestored: return "the refund failed: what it took of the leg comes back"
        case .correctionApplied: return "an approved proposal of re-decide: absolute, a debt repaid first"
        case .rewardGranted: return granted(event, policy)
        case .rewardRevoked: return "the cause of the grant is gone: what is left of it is taken back"
        case .rewardHeld: return "a case holds it; only that case releases it"
        case .rewardReleased: return "the case is over: back to where it was, a debt repaid first"
        case .rewardExpired: return "expiresAt of the grant has passed"
        case .rewardClaimed: return "units are used once"
        case .tierChanged: return tiers(policy)
        case .badgeAwarded, .badgeRevoked: return badges(policy)
        case .referralConverted, .referralReverted:
            return "a referral converts when it is completed, and once; it is reverted with its last payment"
        case .referralAdvanced: return "one stage after the other, whatever brought it about"
        case .referralExpired: return "the referral's time to complete is over"
        case .symbolDefined: return "a name that events repeat gets a number"
        case .referralAttributed: return "one referrer a user, by the attribution rules of the policy"
        case .eventParked: return "a fact whose predecessor is unknown waits for it, in log order"
        case .eventUnparked: return "its predecessor came: it takes effect in that record"
        default: return money(event, policy)
        }
    }

    private static func commission(_ event: LedgerEvent, _ policy: Policy?) -> String {
        guard case .integer(let level)? = event["level"], case .rate(let rate)? = event["ratePpm"] else {
            return "commission.levels"
        }
        let held = policy.map { ", matures after \($0.commission.holdingDays) days" } ?? ""
        let cut = policy.map { $0.caps.isEmpty ? "" : ", caps apply" } ?? ""
        return
            "commission.levels[\(level - 1)] = \(rate) ppm (\(EventWords.percent(rate))) of the base, "
            + "rounded \(rounding(policy))\(held)\(cut)"
    }

    private static func rounding(_ policy: Policy?) -> String {
        policy?.commission.rounding.name ?? Rounding.halfEven.name
    }

    private static func granted(_ event: LedgerEvent, _ policy: Policy?) -> String {
        if event["cause"] == .text(RewardCause.tierBonus.name) {
            return "tiers.levels[].bonuses: once a user and tier, ever"
        }
        guard case .text(let stage)? = event["stage"] else { return "rewards.rules" }
        let side = event["side"] == .text("referee") ? Policy.Rewards.Side.referee : .referrer
        let rule = policy?.rewards.rules.first { $0.stage.name == stage && $0.side == side }
        let amount: String =
            switch rule?.amount {
            case .fixed(let minor)?: rule.map { " = \(decimal(minor, $0.asset))" } ?? ""
            case .byTier?: ", by the referrer's tier at the time"
            case nil: ""
            }
        return "rewards.rules (\(stage), \(side.rawValue))\(amount)"
    }

    private static func tiers(_ policy: Policy?) -> String {
        guard let levels = policy?.tiers.levels, !levels.isEmpty else { return "tiers.levels" }
        return "tiers.levels by conversions: "
            + levels.map { "\($0.name) from \($0.threshold)" }.joined(separator: ", ")
    }

    private static func badges(_ policy: Policy?) -> String {
        guard let badges = policy?.badges, !badges.isEmpty else { return "badges" }
        return "badges by conversions: "
            + badges.map { "\($0.name) from \($0.threshold)" }.joined(separator: ", ")
    }

    private static func money(_ event: LedgerEvent, _ policy: Policy?) -> String {
        switch event.type {
        case .withdrawalRequested: return "available money is reserved, oldest matured rewards first"
        case .withdrawalReduced, .withdrawalCancelled:
            let rule = policy?.withdrawal.onClawback.rawValue ?? "reduce"
            return event["cause"] == .text("clawback") ? "withdrawal.onClawback = \(rule)" : "a decision"
        case .withdrawalRejected, .withdrawalExpired: return "reserved money goes back, a debt repaid first"
        case .payoutSent, .payoutSettled: return "the provider's word"
        case .payoutFailed, .payoutReturned:
            return "all of it is available again at once, a debt repaid first"
        case .taxWithheld: return "withdrawal.taxPpm = \(policy?.withdrawal.taxPpm ?? 0)"
        case .feeCharged: return "withdrawal.fee"
        case .adjustmentPosted: return "people correct a balance; the approvers are named"
        case .debtWrittenOff: return "people give a debt up; the approvers are named"
        case .openingBalance: return "what was there before this ledger"
        case .fxConverted: return "the latest recorded rate at or before it"
        case .balanceMerged: return "two users became one"
        case .balanceForfeited: return "closure = \(policy?.closure.rawValue ?? "forfeit")"
        default: return "a recorded fact"
        }
    }

    static func decimal(_ minor: Int64, _ asset: AssetNumber) -> String {
        let known = Asset(number: asset)
        return DecimalText.format(minor: minor, exponent: known?.exponent ?? 0)
            + (known.map { " \($0.code)" } ?? "")
    }
}
