import LedgerDomain
import ReferralLedger
import Testing

/// Short ways to say the commands of the main line.
extension Say {
    static let admin = Command.Actor(role: .admin, id: "root")
    static let second = Command.Actor(role: .admin, id: "deputy")

    static func refundFailed(
        _ id: String, _ at: Timestamp = day(3), provider: String = "shop", key: String? = nil
    ) -> Command {
        Command(.refundFailed(RefundFailure(refundId: id, provider: provider, at: at)), key: key)
    }

    static func dispute(
        _ id: String, _ payment: String?, _ status: DisputeStatus, _ amount: Int64? = nil,
        _ at: Timestamp = day(3), asset: AssetNumber? = .usd, provider: String = "shop", key: String? = nil
    ) -> Command {
        Command(
            .dispute(
                Dispute(
                    disputeId: id, provider: provider, paymentId: payment, status: status, amount: amount,
                    asset: amount == nil ? nil : asset, at: at)), key: key)
    }

    static func adjust(
        _ user: String, _ amount: Int64, key: String?, _ at: Timestamp = day(3), asset: AssetNumber = .usd,
        reason: String = "why", by approvers: [String] = ["root"]
    ) -> Command {
        Command(
            .adjust(
                Adjust(
                    userId: user, amount: amount, asset: asset, reason: reason, approvers: approvers, at: at)),
            key: key)
    }

    static func writeOff(
        _ user: String, _ amount: Int64, key: String?, _ at: Timestamp = day(3), asset: AssetNumber = .usd,
        reason: String = "why", by approvers: [String] = ["root"]
    ) -> Command {
        Command(
            .writeOff(
                WriteOff(
                    userId: user, amount: amount, asset: asset, reason: reason, approvers: approvers, at: at)),
            key: key)
    }

    static func opening(
        _ user: String, _ amount: Int64, key: String?, _ at: Timestamp = day(0), asset: AssetNumber = .usd
    ) -> Command {
        Command(.openingBalance(OpenBalance(userId: user, amount: amount, asset: asset, at: at)), key: key)
    }

    static func rate(
        _ base: AssetNumber, _ quote: AssetNumber, _ rate: String, key: String?, _ at: Timestamp = day(0),
        source: String = "bank"
    ) -> Command {
        Command(
            .fxRate(
                RecordRate(
                    base: base, quote: quote, rate: ExchangeRate(text: rate)!, source: source, at: at)),
            key: key)
    }

    static func exchange(
        _ user: String, _ amount: Int64, _ asset: AssetNumber, to: AssetNumber, key: String?,
        _ at: Timestamp = day(3)
    ) -> Command {
        Command(
            .fxConvert(ConvertBalance(userId: user, amount: amount, asset: asset, to: to, at: at)), key: key)
    }

    static func run(
        _ id: String, _ at: Timestamp = day(3), provider: String = "shop", lines: Int = 3
    ) -> Command {
        Command(
            .reconciliation(
                RecordReconciliation(
                    runId: id, provider: provider, statement: "s", lines: lines, matched: 2, breaks: 1, at: at
                )))
    }

    static func open(
        _ id: String, _ at: Timestamp = day(3), run: String = "run-1", kind: BreakKind = .mismatch,
        subject: String = "payment p-1", expected: Int64? = nil, found: Int64? = 7,
        asset: AssetNumber? = .usd
    ) -> Command {
        Command(
            .openBreak(
                OpenBreak(
                    breakId: id, runId: run, rule: "statement.amount", kind: kind, subject: subject,
                    since: day(1), asset: asset, expected: expected, found: found, at: at)))
    }

    static func resolve(
        _ id: String, key: String?, _ at: Timestamp = day(3), run: String? = nil, reason: String = "done"
    ) -> Command {
        Command(.resolveBreak(ResolveBreak(breakId: id, runId: run, reason: reason, at: at)), key: key)
    }

    static func fund(
        _ amount: Int64, key: String?, _ at: Timestamp = day(0), asset: AssetNumber = .usd,
        reference: String? = nil
    ) -> Command {
        Command(.fund(FundCash(amount: amount, asset: asset, reference: reference, at: at)), key: key)
    }

    static func remitTax(
        _ amount: Int64, key: String?, _ at: Timestamp = day(60), asset: AssetNumber = .usd,
        reference: String? = nil
    ) -> Command {
        Command(.remitTax(RemitTax(amount: amount, asset: asset, reference: reference, at: at)), key: key)
    }

    static func cost(
        _ kind: String, _ amount: Int64, key: String?, _ at: Timestamp = day(0), asset: AssetNumber = .usd,
        reference: String? = nil
    ) -> Command {
        Command(
            .recordCost(RecordCost(kind: kind, amount: amount, asset: asset, reference: reference, at: at)),
            key: key)
    }

    static func budget(
        _ amount: Int64, _ period: BudgetPeriod, key: String?, _ at: Timestamp = day(0),
        asset: AssetNumber = .usd
    ) -> Command {
        Command(.setBudget(SetBudget(amount: amount, asset: asset, period: period, at: at)), key: key)
    }

    static func claim(
        _ reward: String, _ user: String, _ at: Timestamp = day(3), key: String? = nil
    ) -> Command {
        Command(.claim(ClaimReward(rewardId: reward, userId: user, at: at)), key: key)
    }

    static func fulfil(
        _ reward: String, _ isDelivered: Bool, _ at: Timestamp = day(4), key: String? = nil
    ) -> Command {
        Command(.fulfil(FulfilReward(rewardId: reward, isDelivered: isDelivered, at: at)), key: key)
    }

    static func withdraw(
        _ id: String, _ user: String, _ amount: Int64, _ at: Timestamp = day(20), asset: AssetNumber = .usd,
        method: String? = nil, key: String? = nil
    ) -> Command {
        Command(
            .withdraw(
                Withdraw(
                    withdrawalId: id, userId: user, amount: amount, asset: asset, method: method, at: at)),
            key: key)
    }

    static func decide(
        _ id: String, _ decision: WithdrawalDecision, _ at: Timestamp = day(21), to amount: Int64? = nil,
        by actor: Command.Actor = admin, reason: String? = nil, key: String? = nil
    ) -> Command {
        Command(
            .decideWithdrawal(
                DecideWithdrawal(
                    withdrawalId: id, decision: decision, amount: amount, reason: reason, at: at)),
            key: key, actor: actor)
    }

    static func payout(
        _ id: String, _ status: PayoutStatus, _ at: Timestamp = day(22), provider: String = "bank",
        ref: String = "ref", kept: Int64? = nil, asset: AssetNumber = .usd, key: String? = nil
    ) -> Command {
        Command(
            .payout(
                Payout(
                    withdrawalId: id, status: status, provider: provider, providerRef: ref, kept: kept,
                    asset: kept == nil ? nil : asset, at: at)), key: key)
    }

    static func kyc(
        _ user: String, _ level: Int, _ decision: KycDecision, key: String?, _ at: Timestamp = day(3),
        hash: String? = nil, days: Int? = nil
    ) -> Command {
        Command(
            .kyc(
                Kyc(
                    userId: user, level: level, decision: decision, documentHash: hash, expiresInDays: days,
                    at: at)), key: key)
    }

    static func suspend(
        _ user: String, key: String?, _ at: Timestamp = day(3), reason: String = "why"
    ) -> Command {
        Command(.suspend(SuspendUser(userId: user, reason: reason, at: at)), key: key)
    }

    static func reinstate(_ user: String, key: String?, _ at: Timestamp = day(4)) -> Command {
        Command(.reinstate(ReinstateUser(userId: user, at: at)), key: key)
    }

    static func close(
        _ user: String, key: String?, _ at: Timestamp = day(3), reason: String? = nil
    ) -> Command {
        Command(.closeUser(CloseUser(userId: user, reason: reason, at: at)), key: key)
    }

    static func merge(
        _ user: String, into other: String, key: String?, _ at: Timestamp = day(3),
        by approvers: [String] = ["root"]
    ) -> Command {
        Command(
            .mergeUsers(MergeUsers(userId: user, intoUserId: other, approvers: approvers, at: at)), key: key)
    }

    static func flag(
        _ user: String, key: String?, _ at: Timestamp = day(3), rule: String = "rule",
        severity: FraudSeverity = .high, evidence: String? = nil, reward: String? = nil,
        provider: String? = nil, payment: String? = nil
    ) -> Command {
        Command(
            .flag(
                FlagUser(
                    userId: user, rule: rule, severity: severity, evidence: evidence, rewardId: reward,
                    provider: provider, paymentId: payment, at: at)), key: key)
    }

    static func review(
        _ id: String, confirm: Bool, _ at: Timestamp = day(4), by actor: Command.Actor = admin,
        key: String? = nil
    ) -> Command {
        Command(.review(DecideReview(reviewId: id, isConfirmed: confirm, at: at)), key: key, actor: actor)
    }

    static func risk(
        _ user: String, _ score: Int, key: String?, _ at: Timestamp = day(3), source: String = "scorer"
    ) -> Command {
        Command(.riskScore(ReportRisk(userId: user, source: source, score: score, at: at)), key: key)
    }

    static func disable(
        _ user: String, _ code: String, key: String?, _ at: Timestamp = day(3)
    ) -> Command {
        Command(.disableCode(DisableCode(userId: user, code: code, at: at)), key: key)
    }

    static func reactivate(
        _ user: String, _ code: String, key: String?, _ at: Timestamp = day(4), days: Int? = nil
    ) -> Command {
        Command(
            .reactivateCode(ReactivateCode(userId: user, code: code, expiresInDays: days, at: at)), key: key)
    }

    static func quarantine(
        _ fact: FactReference, _ at: Timestamp = day(5), reason: String = "why", by approver: String = "root",
        key: String? = nil
    ) -> Command {
        Command(
            .quarantine(QuarantineFact(fact: fact, reason: reason, approver: approver, at: at)), key: key)
    }

    static func release(
        _ fact: FactReference, _ at: Timestamp = day(6), reason: String? = nil, by approver: String = "root",
        key: String? = nil
    ) -> Command {
        Command(.release(ReleaseFact(fact: fact, reason: reason, approver: approver, at: at)), key: key)
    }

    static func correct(
        _ user: String, to referrer: String?, key: String?, _ at: Timestamp = day(5),
        reason: String = "why", by approvers: [String] = ["root"]
    ) -> Command {
        Command(
            .correctAttribution(
                CorrectAttribution(
                    userId: user, referrerId: referrer, reason: reason, approvers: approvers, at: at)),
            key: key)
    }

    static func advance(_ to: Timestamp) -> Command { Command(.advance(Advance(to: to))) }
}
