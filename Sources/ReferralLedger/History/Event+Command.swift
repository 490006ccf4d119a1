import LedgerDomain

extension Event {
    /// Whether it can be what a command was for. The first such event of a record tells its command; the
    /// others follow from it, as all events of a record without one follow from an `advance`.
    var isOfCommand: Bool {
        switch self {
        case .programmeCreated, .policyPublished, .userSignedUp, .codeIssued, .codeDisabled,
            .codeReactivated, .referralAdvanced, .referralConverted, .paymentReceived, .eventParked,
            .refundFailed, .disputeWon, .disputeLost, .budgetSet, .userSuspended, .userReinstated,
            .userClosed, .usersMerged, .rewardClaimed, .rewardFulfilled, .fulfilmentFailed, .kycSubmitted,
            .kycDecided, .withdrawalRequested, .withdrawalApproved, .payoutSent, .payoutSettled,
            .payoutFailed, .payoutReturned, .taxRemitted, .cashFunded, .costRecorded, .riskScoreReported,
            .reviewDecided, .adjustmentPosted, .debtWrittenOff, .openingBalance, .fxRateRecorded,
            .fxConverted, .attributionCorrected, .reconciliationRun, .breakOpened, .breakResolved:
            true
        case .eventQuarantined(let e), .eventReleased(let e):
            e.flags & (QuarantineMove.part | QuarantineMove.automatic) == 0
        case .referralAttributed(let e): e.flags & ReferralAttributed.applied != 0
        case .correctionApplied(let e): e.correctionKind == .proposal
        case .refundReceived(let e): e.flags & RefundReceived.unparked == 0
        case .disputeOpened(let e): e.flags & DisputeOpened.unparked == 0
        case .fraudFlagged(let e): e.flags & FraudFlagged.automatic == 0
        // Room for what is taken back, or the end of a closed user's, is made without anybody deciding.
        case .withdrawalReduced(let e), .withdrawalRejected(let e), .withdrawalCancelled(let e):
            e.flags & WithdrawalFreed.clawback == 0
        case .ledgerCreated, .periodClosed, .symbolDefined, .clockAdvanced, .codeExpired,
            .attributionRejected, .referralExpired, .referralReverted, .eventUnparked, .commissionEarned,
            .rewardMatured, .commissionReversed, .budgetExhausted, .balanceMerged, .balanceForfeited,
            .rewardHeld, .rewardReleased, .rewardGranted, .rewardRevoked, .rewardExpired, .tierChanged,
            .badgeAwarded, .badgeRevoked, .commissionRestored, .kycExpired, .withdrawalExpired,
            .taxWithheld, .feeCharged, .importProgressed:
            false
        }
    }
}
