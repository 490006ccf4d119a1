import LedgerDomain

extension Event {
    /// The one user that an event of the rarer kinds is about; nil where it is about none, or about several.
    var subject: UserNumber? {
        switch self {
        case .rewardHeld(let e): e.user
        case .rewardReleased(let e): e.user
        case .rewardClaimed(let e): e.user
        case .rewardFulfilled(let e): e.user
        case .fulfilmentFailed(let e): e.user
        case .rewardExpired(let e): e.user
        case .tierChanged(let e): e.user
        case .badgeAwarded(let e): e.user
        case .badgeRevoked(let e): e.user
        case .codeDisabled(let e): e.owner
        case .codeReactivated(let e): e.owner
        case .userSuspended(let e): e.user
        case .userReinstated(let e): e.user
        case .userClosed(let e): e.user
        case .balanceForfeited(let e): e.user
        case .fraudFlagged(let e): e.user
        case .riskScoreReported(let e): e.user
        case .reviewDecided(let e): e.user
        case .kycSubmitted(let e): e.user
        case .kycDecided(let e): e.user
        case .kycExpired(let e): e.user
        case .withdrawalRequested(let e): e.user
        case .withdrawalApproved(let e): e.user
        case .withdrawalReduced(let e), .withdrawalRejected(let e), .withdrawalCancelled(let e),
            .withdrawalExpired(let e):
            e.user
        case .payoutSent(let e): e.user
        case .taxWithheld(let e): e.user
        case .feeCharged(let e): e.user
        case .payoutSettled(let e): e.user
        case .payoutFailed(let e), .payoutReturned(let e): e.user
        case .adjustmentPosted(let e): e.user
        case .debtWrittenOff(let e): e.user
        case .openingBalance(let e): e.user
        case .fxConverted(let e): e.user
        case .eventQuarantined(let e), .eventReleased(let e):
            e.flags & QuarantineMove.ofUser != 0 ? e.user : nil
        case .correctionApplied(let e): e.correctionKind == .proposal ? nil : e.beneficiary
        default: nil
        }
    }
}
