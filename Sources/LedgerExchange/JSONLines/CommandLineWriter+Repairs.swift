import LedgerDomain
import StrictJSON

// Facts in quarantine, attributions put right.
extension CommandLineWriter {
    /// - Returns: whether the action is one of these.
    static func append(repair action: Command.Action, to writer: inout JSONWriter) -> Bool {
        switch action {
        case .quarantine(let c):
            append(c.fact, to: &writer)
            writer.text(.reason, c.reason)
            writer.texts(.approvers, [c.approver])
            writer.time(.at, c.at)
        case .release(let c):
            append(c.fact, to: &writer)
            writer.text(.reason, c.reason)
            writer.texts(.approvers, [c.approver])
            writer.time(.at, c.at)
        case .correctAttribution(let c):
            writer.text(.userId, c.userId)
            writer.text(.referrerId, c.referrerId)
            writer.text(.reason, c.reason)
            writer.texts(.approvers, c.approvers)
            writer.time(.at, c.at)
        default: return false
        }
        return true
    }

    private static func append(_ fact: FactReference, to writer: inout JSONWriter) {
        switch fact {
        case .payment(let provider, let id):
            writer.text(.provider, provider)
            writer.text(.paymentId, id)
        case .reward(let id): writer.text(.rewardId, id)
        case .keyed(let type, let key):
            writer.text(.kind, type)
            writer.text(.reference, key)
        case .position(let position): writer.integer(.position, Int(position.rawValue))
        }
    }
}
