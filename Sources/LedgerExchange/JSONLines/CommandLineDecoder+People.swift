import LedgerDomain

// Users: identity, standing, fraud, codes out of use.
extension CommandLineDecoder {
    /// The action of a line of one of these types; nil for others.
    func peopleAction(_ type: String) throws(LineFault) -> Command.Action? {
        switch type {
        case "kyc": return .kyc(try kyc())
        case "suspend":
            return .suspend(
                SuspendUser(userId: try text(.userId), reason: try text(.reason), at: try time(.at)))
        case "reinstate": return .reinstate(ReinstateUser(userId: try text(.userId), at: try time(.at)))
        case "closeUser":
            return .closeUser(
                CloseUser(userId: try text(.userId), reason: try optionalText(.reason), at: try time(.at)))
        case "mergeUsers":
            return .mergeUsers(
                MergeUsers(
                    userId: try text(.userId), intoUserId: try text(.intoUserId),
                    approvers: try texts(.approvers), at: try time(.at)))
        case "flag": return .flag(try flag())
        case "review":
            let decision = try choice(.decision, ReviewDecision.allCases, \.rawValue)
            return .review(
                DecideReview(
                    reviewId: try text(.reviewId), isConfirmed: decision == .confirm, at: try time(.at)))
        case "riskScore":
            return .riskScore(
                ReportRisk(
                    userId: try text(.userId), source: try text(.source), score: try integer(.score),
                    at: try time(.at)))
        case "disableCode":
            return .disableCode(
                DisableCode(userId: try text(.userId), code: try text(.code), at: try time(.at)))
        case "reactivateCode":
            return .reactivateCode(
                ReactivateCode(
                    userId: try text(.userId), code: try text(.code),
                    expiresInDays: try optionalInteger(.expiresInDays), at: try time(.at)))
        default: return nil
        }
    }

    private func kyc() throws(LineFault) -> Kyc {
        Kyc(
            userId: try text(.userId), level: try integer(.level),
            decision: has(.decision) ? try choice(.decision, KycDecision.allCases, \.name) : .submitted,
            documentHash: try optionalText(.documentHash),
            expiresInDays: try optionalInteger(.expiresInDays), at: try time(.at))
    }

    private func flag() throws(LineFault) -> FlagUser {
        let severity = try choice(.severity, FraudSeverity.allCases, \.name)
        var hash: Bytes16?
        if has(.evidenceHash) {
            if has(.evidence) {
                throw LineFault(
                    .fieldConflict, field: FieldID.evidenceHash.name, at: Int(node(.evidenceHash).offset),
                    "evidence or evidenceHash, not both")
            }
            hash = Bytes16(hex: try Array(text(.evidenceHash).utf8))
            if hash == nil {
                throw LineFault(
                    .fieldType, field: FieldID.evidenceHash.name, at: Int(node(.evidenceHash).offset),
                    "evidenceHash: 32 small hexadecimal digits are due")
            }
        }
        return FlagUser(
            userId: try text(.userId), rule: try text(.rule), severity: severity,
            evidence: try optionalText(.evidence), evidenceHash: hash,
            rewardId: try optionalText(.rewardId), provider: try optionalText(.provider),
            paymentId: try optionalText(.paymentId), at: try time(.at))
    }
}
