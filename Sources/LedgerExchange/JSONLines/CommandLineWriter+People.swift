import LedgerDomain
import StrictJSON

// Users: identity, standing, fraud, codes out of use.
extension CommandLineWriter {
    /// - Returns: whether the action is one of these.
    static func append(people action: Command.Action, to writer: inout JSONWriter) -> Bool {
        switch action {
        case .kyc(let c):
            writer.text(.userId, c.userId)
            writer.integer(.level, c.level)
            writer.text(.decision, c.decision.name)
            writer.text(.documentHash, c.documentHash)
            writer.integer(.expiresInDays, c.expiresInDays)
            writer.time(.at, c.at)
        case .suspend(let c):
            writer.text(.userId, c.userId)
            writer.text(.reason, c.reason)
            writer.time(.at, c.at)
        case .reinstate(let c):
            writer.text(.userId, c.userId)
            writer.time(.at, c.at)
        case .closeUser(let c):
            writer.text(.userId, c.userId)
            writer.text(.reason, c.reason)
            writer.time(.at, c.at)
        case .mergeUsers(let c):
            writer.text(.userId, c.userId)
            writer.text(.intoUserId, c.intoUserId)
            writer.texts(.approvers, c.approvers)
            writer.time(.at, c.at)
        case .disableCode(let c):
            writer.text(.userId, c.userId)
            writer.text(.code, c.code)
            writer.time(.at, c.at)
        case .reactivateCode(let c):
            writer.text(.userId, c.userId)
            writer.text(.code, c.code)
            writer.integer(.expiresInDays, c.expiresInDays)
            writer.time(.at, c.at)
        default: return append(fraud: action, to: &writer)
        }
        return true
    }

    private static func append(fraud action: Command.Action, to writer: inout JSONWriter) -> Bool {
        switch action {
        case .flag(let c):
            writer.text(.userId, c.userId)
            writer.text(.rule, c.rule)
            writer.text(.severity, c.severity.name)
            if let hash = c.evidenceHash {
                writer.text(.evidenceHash, hash.hex)
            } else {
                writer.text(.evidence, c.evidence)
            }
            writer.text(.rewardId, c.rewardId)
            writer.text(.provider, c.provider)
            writer.text(.paymentId, c.paymentId)
            writer.time(.at, c.at)
        case .review(let c):
            let decision: ReviewDecision = c.isConfirmed ? .confirm : .clear
            writer.text(.reviewId, c.reviewId)
            writer.text(.decision, decision.rawValue)
            writer.time(.at, c.at)
        case .riskScore(let c):
            writer.text(.userId, c.userId)
            writer.text(.source, c.source)
            writer.integer(.score, c.score)
            writer.time(.at, c.at)
        default: return false
        }
        return true
    }
}
