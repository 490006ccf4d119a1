import LedgerDomain
import StrictJSON

// Claims and withdrawals.
extension CommandLineWriter {
    /// - Returns: whether the action is one of these.
    static func append(
        payout action: Command.Action, to writer: inout JSONWriter, asset: (AssetNumber) -> Asset?
    ) throws(UnknownAsset) -> Bool {
        switch action {
        case .claim(let c):
            writer.text(.rewardId, c.rewardId)
            writer.text(.userId, c.userId)
            writer.time(.at, c.at)
        case .fulfil(let c):
            let status: Fulfilment = c.isDelivered ? .fulfilled : .failed
            writer.text(.rewardId, c.rewardId)
            writer.text(.status, status.rawValue)
            writer.time(.at, c.at)
        case .withdraw(let c):
            writer.text(.withdrawalId, c.withdrawalId)
            writer.text(.userId, c.userId)
            try money(c.amount, c.asset, to: &writer, asset)
            writer.text(.method, c.method)
            writer.time(.at, c.at)
        case .decideWithdrawal(let c):
            writer.text(.withdrawalId, c.withdrawalId)
            writer.text(.decision, c.decision.name)
            try optionalMoney(.amount, c.amount, c.asset, to: &writer, asset)
            writer.text(.reason, c.reason)
            writer.time(.at, c.at)
        case .payout(let c):
            writer.text(.withdrawalId, c.withdrawalId)
            writer.text(.status, c.status.name)
            writer.text(.provider, c.provider)
            writer.text(.providerRef, c.providerRef)
            try optionalMoney(.kept, c.kept, c.asset, to: &writer, asset)
            writer.time(.at, c.at)
        default: return false
        }
        return true
    }
}
