import LedgerDomain
import LedgerLog
import LedgerState

extension CommandHistory {
    // MARK: Payments' aftermath

    func moneyAction(of record: Record) throws(LogError) -> Command.Action? {
        switch record.lead.event {
        case .refundReceived(let e):
            return .refund(
                Refund(
                    refundId: e.refundId.string, provider: try provider(e.provider),
                    paymentId: try payment(e.payment).id, amount: e.amount, asset: e.asset, at: record.at,
                    refundedTotal: e.flags & RefundReceived.cumulative != 0 ? e.refundedTotal : nil))
        case .refundFailed(let e):
            let (id, symbol) = try named(at: e.refund) { event, _ -> (String, SymbolNumber)? in
                if case .refundReceived(let refund) = event {
                    (refund.refundId.string, refund.provider)
                } else {
                    nil
                }
            }
            return .refundFailed(
                RefundFailure(refundId: id, provider: try provider(symbol), at: record.at))
        case .disputeOpened(let e):
            return .dispute(
                Dispute(
                    disputeId: e.disputeId.string, provider: try provider(e.provider),
                    paymentId: try payment(e.payment).id, status: .opened, amount: e.amount, asset: e.asset,
                    at: record.at))
        case .disputeWon(let e): return .dispute(try endOfDispute(e.dispute, .won, record))
        case .disputeLost(let e): return .dispute(try endOfDispute(e.dispute, .lost, record))
        case .eventParked(let e): return try parked(e, record)
        default: return nil
        }
    }

    private func endOfDispute(
        _ dispute: LogPosition, _ status: DisputeStatus, _ record: Record
    ) throws(LogError) -> Dispute {
        let (id, symbol) = try named(at: dispute) { event, _ -> (String, SymbolNumber)? in
            if case .disputeOpened(let opened) = event {
                (opened.disputeId.string, opened.provider)
            } else {
                nil
            }
        }
        return Dispute(disputeId: id, provider: try provider(symbol), status: status, at: record.at)
    }

    /// The command of a fact that has to wait, or had to: it goes where it came.
    private func parked(_ e: EventParked, _ record: Record) throws(LogError) -> Command.Action? {
        let predecessor = e.flags & EventParked.hasPredecessor != 0 ? e.predecessor.string : nil
        let amount = e.flags & EventParked.noAmount == 0 ? e.amount : nil
        let asset = e.flags & EventParked.noAmount == 0 ? e.asset : nil
        switch ParkedKind(rawValue: e.kind) {
        case .refund:
            return .refund(
                Refund(
                    refundId: e.factId.string, provider: try provider(e.provider), paymentId: predecessor,
                    amount: e.amount, asset: e.asset, at: record.at,
                    refundedTotal: e.flags & EventParked.cumulative != 0 ? e.refundedTotal : nil))
        case .conversion: return .convert(Convert(userId: e.predecessor.string, at: record.at))
        case .dispute:
            guard let status = DisputeStatus(rawValue: e.status) else { return nil }
            return .dispute(
                Dispute(
                    disputeId: e.factId.string, provider: try provider(e.provider),
                    paymentId: status == .opened ? predecessor : nil, status: status, amount: amount,
                    asset: asset, at: record.at))
        case .payout:
            guard let status = PayoutStatus(rawValue: e.status) else { return nil }
            return .payout(
                Payout(
                    withdrawalId: e.factId.string, status: status, provider: try provider(e.provider),
                    providerRef: e.reference.string, kept: amount, asset: asset, at: record.at))
        case .refundFailed:
            return .refundFailed(
                RefundFailure(
                    refundId: e.factId.string, provider: try provider(e.provider), at: record.at))
        case nil: return nil
        }
    }

    /// A payment's id and provider.
    func payment(_ position: LogPosition) throws(LogError) -> (id: String, provider: SymbolNumber) {
        try named(at: position) { event, _ in
            if case .paymentReceived(let e) = event { (e.paymentId.string, e.provider) } else { nil }
        }
    }

    // MARK: Claims, withdrawals

    func payoutAction(of record: Record) throws(LogError) -> Command.Action? {
        let at = record.at
        switch record.lead.event {
        case .rewardClaimed(let e):
            return .claim(
                ClaimReward(rewardId: try grant(e.reward), userId: try userId(e.user), at: at))
        case .rewardFulfilled(let e):
            return .fulfil(FulfilReward(rewardId: try grant(e.reward), isDelivered: true, at: at))
        case .fulfilmentFailed(let e):
            return .fulfil(FulfilReward(rewardId: try grant(e.reward), isDelivered: false, at: at))
        case .withdrawalApproved(let e):
            return .decideWithdrawal(
                DecideWithdrawal(
                    withdrawalId: try withdrawal(e.withdrawal).id, decision: .approve, at: at))
        case .withdrawalReduced(let e): return .decideWithdrawal(try decision(.reduce, e, at))
        case .withdrawalRejected(let e): return .decideWithdrawal(try decision(.reject, e, at))
        case .withdrawalCancelled(let e): return .decideWithdrawal(try decision(.cancel, e, at))
        case .payoutSent(let e):
            return .payout(try payout(e.withdrawal, .sent, e.provider, e.reference, nil, record))
        case .payoutSettled(let e):
            return .payout(try payout(e.withdrawal, .settled, e.provider, e.reference, nil, record))
        case .payoutFailed(let e):
            return .payout(try payout(e.withdrawal, .failed, e.provider, e.reference, e, record))
        case .payoutReturned(let e):
            return .payout(try payout(e.withdrawal, .returned, e.provider, e.reference, e, record))
        default: return nil
        }
    }

    func grant(_ position: LogPosition) throws(LogError) -> String {
        try reader.trusted { core throws(LogError) in
            if let name = core.grantName(at: position) { return name }
            throw LogError(.broken, "the log refers to a grant that is not there", position: position)
        }
    }

    private func withdrawal(_ position: LogPosition) throws(LogError) -> (id: String, amount: Int64) {
        try named(at: position) { event, _ in
            if case .withdrawalRequested(let e) = event { (e.withdrawalId.string, e.amount) } else { nil }
        }
    }

    private func decision(
        _ decision: WithdrawalDecision, _ e: WithdrawalFreed, _ at: Timestamp
    ) throws(LogError) -> DecideWithdrawal {
        let (id, amount) = try withdrawal(e.withdrawal)
        var decided = DecideWithdrawal(withdrawalId: id, decision: decision, at: at)
        if e.flags & WithdrawalFreed.hasReason != 0 { decided.reason = e.reason.string }
        if decision == .reduce {
            decided.amount = amount - reduction(of: e.withdrawal)
            decided.asset = e.asset
        }
        return decided
    }

    private func payout(
        _ withdrawal: LogPosition, _ status: PayoutStatus, _ symbol: SymbolNumber,
        _ reference: BorrowedText, _ back: PayoutBack?, _ record: Record
    ) throws(LogError) -> Payout {
        var payout = Payout(
            withdrawalId: try self.withdrawal(withdrawal).id, status: status, provider: try provider(symbol),
            providerRef: reference.string, at: record.at)
        if let back, back.kept > 0 {
            payout.kept = back.kept
            payout.asset = back.asset
        }
        return payout
    }
}
