import LedgerDomain

// Claims and withdrawals.
extension CommandLineDecoder {
    /// The action of a line of one of these types; nil for others.
    mutating func payoutAction(_ type: String) throws(LineFault) -> Command.Action? {
        switch type {
        case "claim":
            return .claim(
                ClaimReward(rewardId: try text(.rewardId), userId: try text(.userId), at: try time(.at)))
        case "fulfil":
            let status = try choice(.status, Fulfilment.allCases, \.rawValue)
            return .fulfil(
                FulfilReward(
                    rewardId: try text(.rewardId), isDelivered: status == .fulfilled, at: try time(.at)))
        case "withdraw":
            let (amount, asset) = try money()
            return .withdraw(
                Withdraw(
                    withdrawalId: try text(.withdrawalId), userId: try text(.userId), amount: amount,
                    asset: asset, method: try optionalText(.method), at: try time(.at)))
        case "decideWithdrawal": return .decideWithdrawal(try decideWithdrawal())
        case "payout":
            let (kept, asset) = try optionalMoney(.kept)
            return .payout(
                Payout(
                    withdrawalId: try text(.withdrawalId),
                    status: try choice(.status, PayoutStatus.allCases, \.name),
                    provider: try text(.provider), providerRef: try text(.providerRef), kept: kept,
                    asset: asset, at: try time(.at)))
        default: return nil
        }
    }

    private mutating func decideWithdrawal() throws(LineFault) -> DecideWithdrawal {
        let decision = try choice(.decision, WithdrawalDecision.allCases, \.name)
        if decision == .reduce {
            if !has(.amount) { throw missing(FieldID.amount.name) }
        } else if let field = [FieldID.amount, .currency].first(where: { has($0) }) {
            throw LineFault(
                .fieldConflict, field: field.name, at: Int(node(field).key.offset) - 1,
                "\(field.name) is of reduce, not of \(decision.name)")
        }
        let (amount, asset) = try optionalMoney(.amount)
        return DecideWithdrawal(
            withdrawalId: try text(.withdrawalId), decision: decision, amount: amount, asset: asset,
            reason: try optionalText(.reason), at: try time(.at))
    }
}

/// The `status` of a `fulfil` line.
enum Fulfilment: String, CaseIterable {
    case fulfilled, failed
}

/// The `decision` of a `review` line.
enum ReviewDecision: String, CaseIterable {
    case clear, confirm
}
