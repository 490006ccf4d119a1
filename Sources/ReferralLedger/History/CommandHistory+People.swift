import LedgerDomain
import LedgerLog
import LedgerState

extension CommandHistory {
    // MARK: Standing, fraud

    func peopleAction(of record: Record) throws(LogError) -> Command.Action? {
        let at = record.at
        switch record.lead.event {
        case .userSuspended(let e):
            return .suspend(
                SuspendUser(userId: try userId(e.user), reason: e.reason.string, at: at))
        case .userReinstated(let e):
            return .reinstate(ReinstateUser(userId: try userId(e.user), at: at))
        case .userClosed(let e):
            return .closeUser(
                CloseUser(userId: try userId(e.user), reason: e.reason.text, at: at))
        case .usersMerged(let e):
            let second = e.flags & UsersMerged.second != 0 ? e.secondApprover : nil
            return .mergeUsers(
                MergeUsers(
                    userId: try userId(e.from), intoUserId: try userId(e.into),
                    approvers: Self.approvers(e.approver, second), at: at))
        case .fraudFlagged(let e): return .flag(try flag(e, at))
        case .reviewDecided(let e):
            let name = try reader.trusted { core throws(LogError) in core.reviewName(at: e.flagged) }
            guard let name else {
                throw LogError(.broken, "the log refers to a review that is not there", position: e.flagged)
            }
            return .review(
                DecideReview(
                    reviewId: name, isConfirmed: e.flags & ReviewDecided.confirmed != 0, at: at))
        case .riskScoreReported(let e):
            return .riskScore(
                ReportRisk(
                    userId: try userId(e.user), source: e.source.string, score: Int(e.score), at: at))
        default: return nil
        }
    }

    private func flag(_ e: FraudFlagged, _ at: Timestamp) throws(LogError) -> FlagUser {
        guard let severity = FraudSeverity(rawValue: e.severity) else {
            throw LogError(.broken, "a severity that is none")
        }
        var flag = FlagUser(
            userId: try userId(e.user), rule: e.rule.string, severity: severity,
            evidenceHash: e.flags & FraudFlagged.hasEvidence != 0 ? e.evidence : nil, at: at)
        if e.flags & FraudFlagged.hasSubject != 0 {
            flag.rewardId = try reader.trusted { core throws(LogError) in core.grantName(at: e.subject) }
            if flag.rewardId == nil {
                let (id, symbol) = try payment(e.subject)
                flag.paymentId = id
                flag.provider = try provider(symbol)
            }
        }
        return flag
    }

    static func approvers(_ first: BorrowedText, _ second: BorrowedText?) -> [String] {
        [first.string] + (second.map { [$0.string] } ?? [])
    }

    // MARK: Balances, currencies, the programme's own money

    func booksAction(of record: Record) throws(LogError) -> Command.Action? {
        let at = record.at
        switch record.lead.event {
        case .adjustmentPosted(let e):
            let second = e.flags & AdjustmentPosted.second != 0 ? e.secondApprover : nil
            return .adjust(
                Adjust(
                    userId: try userId(e.user),
                    amount: e.flags & AdjustmentPosted.minus != 0 ? -e.amount : e.amount, asset: e.asset,
                    reason: e.reason.string, approvers: Self.approvers(e.approver, second), at: at))
        case .debtWrittenOff(let e):
            let second = e.flags & DebtWrittenOff.second != 0 ? e.secondApprover : nil
            return .writeOff(
                WriteOff(
                    userId: try userId(e.user), amount: e.amount, asset: e.asset, reason: e.reason.string,
                    approvers: Self.approvers(e.approver, second), at: at))
        case .openingBalance(let e):
            return .openingBalance(
                OpenBalance(userId: try userId(e.user), amount: e.amount, asset: e.asset, at: at))
        case .fxRateRecorded(let e):
            guard let rate = ExchangeRate(mantissa: e.mantissa, scale: e.scale) else {
                throw LogError(.broken, "a rate that is none", position: record.lead.position)
            }
            return .fxRate(
                RecordRate(base: e.base, quote: e.quote, rate: rate, source: e.source.string, at: at))
        case .fxConverted(let e):
            return .fxConvert(
                ConvertBalance(
                    userId: try userId(e.user), amount: e.amount, asset: e.from, to: e.to, at: at))
        default: return Self.ownAction(of: record)
        }
    }

    /// What concerns no user.
    private static func ownAction(of record: Record) -> Command.Action? {
        let at = record.at
        switch record.lead.event {
        case .cashFunded(let e):
            return .fund(FundCash(amount: e.amount, asset: e.asset, reference: e.reference.text, at: at))
        case .taxRemitted(let e):
            return .remitTax(
                RemitTax(amount: e.amount, asset: e.asset, reference: e.reference.text, at: at))
        case .costRecorded(let e):
            return .recordCost(
                RecordCost(
                    kind: e.kind.string, amount: e.amount, asset: e.asset, reference: e.reference.text,
                    at: at))
        case .budgetSet(let e):
            guard let period = BudgetPeriod(rawValue: e.period) else { return nil }
            return .setBudget(SetBudget(amount: e.amount, asset: e.asset, period: period, at: at))
        default: return nil
        }
    }
}
