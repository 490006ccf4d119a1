import LedgerDomain

// Commands of the newer types; see RandomCommand.
extension RandomCommand {
    private static func asset(_ random: inout SplitMix64) -> AssetNumber {
        Asset.all.randomElement(using: &random)!.number
    }

    private static func approvers(_ random: inout SplitMix64) -> [String] {
        (0..<Int.random(in: 0...8, using: &random)).map { _ in text(&random) }
    }

    /// An amount with what it is in, the latter alone, or neither.
    private static func optionalMoney(_ random: inout SplitMix64) -> (Int64?, AssetNumber?) {
        switch Int.random(in: 0..<3, using: &random) {
        case 0: (nil, nil)
        case 1: (nil, asset(&random))
        default: (amount(&random), asset(&random))
        }
    }

    static func reconciliation(_ random: inout SplitMix64) -> Command.Action {
        let at = time(&random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0:
            return .reconciliation(
                RecordReconciliation(
                    runId: text(&random), provider: text(&random), statement: text(&random),
                    lines: .random(in: 0...1 << 60, using: &random),
                    matched: .random(in: 0...1 << 60, using: &random),
                    breaks: .random(in: 0...1 << 60, using: &random), at: at))
        case 1:
            var open = OpenBreak(
                breakId: text(&random), runId: text(&random), rule: text(&random),
                kind: BreakKind.allCases.randomElement(using: &random)!, subject: text(&random),
                since: time(&random), at: at)
            if Bool.random(using: &random) { open.expected = amount(&random) }
            if Bool.random(using: &random) { open.found = amount(&random) }
            if open.expected != nil || open.found != nil { open.asset = asset(&random) }
            return .openBreak(open)
        default:
            return .resolveBreak(
                ResolveBreak(
                    breakId: text(&random), runId: optional(&random), reason: text(&random), at: at))
        }
    }

    static func money(_ random: inout SplitMix64) -> Command.Action {
        let asset = asset(&random)
        let (user, money, at) = (text(&random), amount(&random), time(&random))
        switch Int.random(in: 0..<7, using: &random) {
        case 0:
            return .refundFailed(RefundFailure(refundId: text(&random), provider: text(&random), at: at))
        case 1: return .dispute(dispute(&random))
        case 2:
            return .adjust(
                Adjust(
                    userId: user, amount: money, asset: asset, reason: text(&random),
                    approvers: approvers(&random), at: at))
        case 3:
            return .writeOff(
                WriteOff(
                    userId: user, amount: money, asset: asset, reason: text(&random),
                    approvers: approvers(&random), at: at))
        case 4: return .openingBalance(OpenBalance(userId: user, amount: money, asset: asset, at: at))
        case 5:
            let rate = ExchangeRate(
                mantissa: .random(in: 0...99_999_999_999_999_999, using: &random) * 10 + 7,
                scale: .random(in: 0...12, using: &random))!
            return .fxRate(
                RecordRate(
                    base: asset, quote: self.asset(&random), rate: rate, source: text(&random), at: at))
        default:
            return .fxConvert(
                ConvertBalance(
                    userId: user, amount: money, asset: asset, to: self.asset(&random), at: at))
        }
    }

    private static func dispute(_ random: inout SplitMix64) -> Dispute {
        var dispute = Dispute(
            disputeId: text(&random), provider: text(&random), paymentId: optional(&random),
            status: DisputeStatus.allCases.randomElement(using: &random)!, at: time(&random))
        (dispute.amount, dispute.asset) = optionalMoney(&random)
        if dispute.status == .opened {
            dispute.paymentId = text(&random)
            dispute.amount = amount(&random)
            dispute.asset = asset(&random)
        }
        return dispute
    }

    static func programme(_ random: inout SplitMix64) -> Command.Action {
        let asset = asset(&random)
        let (money, at, reference) = (amount(&random), time(&random), optional(&random))
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return .fund(FundCash(amount: money, asset: asset, reference: reference, at: at))
        case 1: return .remitTax(RemitTax(amount: money, asset: asset, reference: reference, at: at))
        case 2:
            return .recordCost(
                RecordCost(kind: text(&random), amount: money, asset: asset, reference: reference, at: at))
        default:
            let period = BudgetPeriod.allCases.randomElement(using: &random)!
            return .setBudget(SetBudget(amount: money, asset: asset, period: period, at: at))
        }
    }

    static func payout(_ random: inout SplitMix64) -> Command.Action {
        let (id, user, at) = (text(&random), text(&random), time(&random))
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return .claim(ClaimReward(rewardId: id, userId: user, at: at))
        case 1:
            return .fulfil(FulfilReward(rewardId: id, isDelivered: .random(using: &random), at: at))
        case 2:
            return .withdraw(
                Withdraw(
                    withdrawalId: id, userId: user, amount: amount(&random), asset: asset(&random),
                    method: optional(&random), at: at))
        case 3:
            var decision = DecideWithdrawal(
                withdrawalId: id, decision: WithdrawalDecision.allCases.randomElement(using: &random)!,
                reason: optional(&random), at: at)
            if decision.decision == .reduce {
                (decision.amount, decision.asset) = (amount(&random), asset(&random))
            }
            return .decideWithdrawal(decision)
        default:
            var payout = Payout(
                withdrawalId: id, status: PayoutStatus.allCases.randomElement(using: &random)!,
                provider: text(&random), providerRef: text(&random), at: at)
            (payout.kept, payout.asset) = optionalMoney(&random)
            return .payout(payout)
        }
    }

    static func people(_ random: inout SplitMix64) -> Command.Action {
        let (user, at) = (text(&random), time(&random))
        switch Int.random(in: 0..<10, using: &random) {
        case 0:
            return .kyc(
                Kyc(
                    userId: user, level: .random(in: -3...1 << 40, using: &random),
                    decision: KycDecision.allCases.randomElement(using: &random)!,
                    documentHash: optional(&random), expiresInDays: days(&random), at: at))
        case 1: return .suspend(SuspendUser(userId: user, reason: text(&random), at: at))
        case 2: return .reinstate(ReinstateUser(userId: user, at: at))
        case 3: return .closeUser(CloseUser(userId: user, reason: optional(&random), at: at))
        case 4:
            return .mergeUsers(
                MergeUsers(userId: user, intoUserId: text(&random), approvers: approvers(&random), at: at))
        case 5: return .flag(flag(&random))
        case 6:
            return .review(
                DecideReview(reviewId: text(&random), isConfirmed: .random(using: &random), at: at))
        case 7:
            return .riskScore(
                ReportRisk(
                    userId: user, source: text(&random), score: .random(in: -9...5000, using: &random), at: at
                ))
        case 8: return .disableCode(DisableCode(userId: user, code: text(&random), at: at))
        default:
            return .reactivateCode(
                ReactivateCode(userId: user, code: text(&random), expiresInDays: days(&random), at: at))
        }
    }

    static func repair(_ random: inout SplitMix64) -> Command.Action {
        let fact: FactReference =
            switch Int.random(in: 0..<4, using: &random) {
            case 0: .payment(provider: text(&random), paymentId: text(&random))
            case 1: .reward(text(&random))
            case 2:
                .keyed(
                    type: FactReference.keyedTypes.randomElement(using: &random)!, key: text(&random))
            default: .position(LogPosition(.random(in: 1...1 << 60, using: &random)))
            }
        let at = time(&random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0:
            return .quarantine(
                QuarantineFact(fact: fact, reason: text(&random), approver: text(&random), at: at))
        case 1:
            return .release(
                ReleaseFact(fact: fact, reason: optional(&random), approver: text(&random), at: at))
        default:
            return .correctAttribution(
                CorrectAttribution(
                    userId: text(&random), referrerId: optional(&random), reason: text(&random),
                    approvers: approvers(&random), at: at))
        }
    }

    private static func flag(_ random: inout SplitMix64) -> FlagUser {
        let isHashed = Bool.random(using: &random)
        return FlagUser(
            userId: text(&random), rule: text(&random),
            severity: FraudSeverity.allCases.randomElement(using: &random)!,
            evidence: isHashed ? nil : optional(&random), evidenceHash: isHashed ? hash(&random) : nil,
            rewardId: optional(&random), provider: optional(&random), paymentId: optional(&random),
            at: time(&random))
    }

    /// Any entries: whether they hold is for the ledger to judge.
    static func correction(_ random: inout SplitMix64) -> Correction {
        let entries = (0..<Int.random(in: 0...4, using: &random)).map { _ in entry(&random) }
        return Correction(
            proposal: text(&random), part: .random(in: -3...3, using: &random),
            parts: .random(in: 0...1 << 40, using: &random), approvedBy: text(&random), entries: entries,
            at: time(&random),
            expectedHead: Bool.random(using: &random)
                ? nil : LogPosition(.random(in: 0...1 << 40, using: &random)))
    }

    private static func entry(_ random: inout SplitMix64) -> CorrectionEntry {
        let user = text(&random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            return .commission(
                CorrectedCommission(
                    provider: text(&random), paymentId: text(&random),
                    level: .random(in: -1...9, using: &random), userId: user, asset: asset(&random),
                    granted: amount(&random), reversed: amount(&random), revoked: amount(&random),
                    maturesAt: Bool.random(using: &random) ? nil : time(&random)))
        case 1:
            return .grants(
                CorrectedGrants(
                    refereeId: text(&random), userId: user,
                    cause: RewardCause.allCases.randomElement(using: &random)!,
                    isReferee: .random(using: &random), detail: .random(in: 0...255, using: &random),
                    asset: asset(&random), entitled: amount(&random), earnedAt: time(&random),
                    maturesAt: Bool.random(using: &random) ? nil : time(&random),
                    expiresAt: Bool.random(using: &random) ? nil : time(&random)))
        case 2: return .tier(CorrectedTier(userId: user, tier: .random(in: -1...20, using: &random)))
        default:
            return .badge(
                CorrectedBadge(userId: user, badge: text(&random), isHeld: .random(using: &random)))
        }
    }
}
