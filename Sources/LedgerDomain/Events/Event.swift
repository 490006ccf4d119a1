/// One event: its type and payload. Texts inside point into the record or command it came from.
public enum Event: Sendable, BitwiseCopyable {
    case ledgerCreated(LedgerCreated)
    case programmeCreated(ProgrammeCreated)
    case periodClosed(PeriodClosed)
    case policyPublished(PolicyPublished)
    case symbolDefined(SymbolDefined)
    case clockAdvanced(ClockAdvanced)
    case codeIssued(CodeIssued)
    case codeExpired(CodeExpired)
    case userSignedUp(UserSignedUp)
    case referralAttributed(ReferralAttributed)
    case attributionRejected(AttributionRejected)
    case referralAdvanced(ReferralAdvanced)
    case referralExpired(ReferralExpired)
    case referralReverted(ReferralReverted)
    case referralConverted(ReferralConverted)
    case paymentReceived(PaymentReceived)
    case refundReceived(RefundReceived)
    case eventParked(EventParked)
    case eventUnparked(EventUnparked)
    case commissionEarned(CommissionEarned)
    case rewardMatured(RewardMatured)
    case commissionReversed(CommissionReversed)
    case budgetSet(BudgetSet)
    case budgetExhausted(BudgetExhausted)
    case codeDisabled(CodeDisabled)
    case codeReactivated(CodeReactivated)
    case userSuspended(UserSuspended)
    case userReinstated(UserReinstated)
    case userClosed(UserClosed)
    case usersMerged(UsersMerged)
    case balanceMerged(BalanceMerged)
    case balanceForfeited(BalanceForfeited)
    case rewardHeld(RewardHeld)
    case refundFailed(RefundFailed)
    case disputeOpened(DisputeOpened)
    case disputeWon(DisputeWon)
    case disputeLost(DisputeLost)
    case rewardReleased(RewardReleased)
    case rewardGranted(RewardGranted)
    case rewardRevoked(RewardRevoked)
    case rewardClaimed(RewardClaimed)
    case rewardFulfilled(RewardFulfilled)
    case fulfilmentFailed(FulfilmentFailed)
    case rewardExpired(RewardExpired)
    case tierChanged(TierChanged)
    case badgeAwarded(BadgeAwarded)
    case badgeRevoked(BadgeRevoked)
    case commissionRestored(CommissionRestored)
    case kycSubmitted(KycSubmitted)
    case kycDecided(KycDecided)
    case kycExpired(KycExpired)
    case withdrawalRequested(WithdrawalRequested)
    case withdrawalApproved(WithdrawalApproved)
    case withdrawalReduced(WithdrawalFreed)
    case withdrawalRejected(WithdrawalFreed)
    case withdrawalCancelled(WithdrawalFreed)
    case withdrawalExpired(WithdrawalFreed)
    case payoutSent(PayoutSent)
    case taxWithheld(TaxWithheld)
    case feeCharged(FeeCharged)
    case payoutSettled(PayoutSettled)
    case payoutFailed(PayoutBack)
    case payoutReturned(PayoutBack)
    case taxRemitted(TaxRemitted)
    case cashFunded(CashFunded)
    case costRecorded(CostRecorded)
    case fraudFlagged(FraudFlagged)
    case riskScoreReported(RiskScoreReported)
    case reviewDecided(ReviewDecided)
    case adjustmentPosted(AdjustmentPosted)
    case debtWrittenOff(DebtWrittenOff)
    case openingBalance(OpeningBalance)
    case fxRateRecorded(FxRateRecorded)
    case fxConverted(FxConverted)
    case attributionCorrected(AttributionCorrected)
    case eventQuarantined(QuarantineMove)
    case eventReleased(QuarantineMove)
    case reconciliationRun(ReconciliationRun)
    case breakOpened(BreakOpened)
    case breakResolved(BreakResolved)
    case correctionApplied(CorrectionApplied)
    case importProgressed(ImportProgressed)

    /// The type.
    public var type: EventType {
        switch self {
        case .ledgerCreated: .ledgerCreated
        case .programmeCreated: .programmeCreated
        case .periodClosed: .periodClosed
        case .policyPublished: .policyPublished
        case .symbolDefined: .symbolDefined
        case .clockAdvanced: .clockAdvanced
        case .codeIssued: .codeIssued
        case .codeExpired: .codeExpired
        case .userSignedUp: .userSignedUp
        case .referralAttributed: .referralAttributed
        case .attributionRejected: .attributionRejected
        case .referralAdvanced: .referralAdvanced
        case .referralExpired: .referralExpired
        case .referralReverted: .referralReverted
        case .referralConverted: .referralConverted
        case .paymentReceived: .paymentReceived
        case .refundReceived: .refundReceived
        case .eventParked: .eventParked
        case .eventUnparked: .eventUnparked
        case .commissionEarned: .commissionEarned
        case .rewardMatured: .rewardMatured
        case .commissionReversed: .commissionReversed
        case .budgetSet: .budgetSet
        case .budgetExhausted: .budgetExhausted
        case .codeDisabled: .codeDisabled
        case .codeReactivated: .codeReactivated
        case .userSuspended: .userSuspended
        case .userReinstated: .userReinstated
        case .userClosed: .userClosed
        case .usersMerged: .usersMerged
        case .balanceMerged: .balanceMerged
        case .balanceForfeited: .balanceForfeited
        case .rewardHeld: .rewardHeld
        case .refundFailed: .refundFailed
        case .disputeOpened: .disputeOpened
        case .disputeWon: .disputeWon
        case .disputeLost: .disputeLost
        case .rewardReleased: .rewardReleased
        case .rewardGranted: .rewardGranted
        case .rewardRevoked: .rewardRevoked
        case .rewardClaimed: .rewardClaimed
        case .rewardFulfilled: .rewardFulfilled
        case .fulfilmentFailed: .fulfilmentFailed
        case .rewardExpired: .rewardExpired
        case .tierChanged: .tierChanged
        case .badgeAwarded: .badgeAwarded
        case .badgeRevoked: .badgeRevoked
        case .commissionRestored: .commissionRestored
        case .kycSubmitted: .kycSubmitted
        case .kycDecided: .kycDecided
        case .kycExpired: .kycExpired
        case .withdrawalRequested: .withdrawalRequested
        case .withdrawalApproved: .withdrawalApproved
        case .withdrawalReduced: .withdrawalReduced
        case .withdrawalRejected: .withdrawalRejected
        case .withdrawalCancelled: .withdrawalCancelled
        case .withdrawalExpired: .withdrawalExpired
        case .payoutSent: .payoutSent
        case .taxWithheld: .taxWithheld
        case .feeCharged: .feeCharged
        case .payoutSettled: .payoutSettled
        case .payoutFailed: .payoutFailed
        case .payoutReturned: .payoutReturned
        case .taxRemitted: .taxRemitted
        case .cashFunded: .cashFunded
        case .costRecorded: .costRecorded
        case .fraudFlagged: .fraudFlagged
        case .riskScoreReported: .riskScoreReported
        case .reviewDecided: .reviewDecided
        case .adjustmentPosted: .adjustmentPosted
        case .debtWrittenOff: .debtWrittenOff
        case .openingBalance: .openingBalance
        case .fxRateRecorded: .fxRateRecorded
        case .fxConverted: .fxConverted
        case .attributionCorrected: .attributionCorrected
        case .eventQuarantined: .eventQuarantined
        case .eventReleased: .eventReleased
        case .reconciliationRun: .reconciliationRun
        case .breakOpened: .breakOpened
        case .breakResolved: .breakResolved
        case .correctionApplied: .correctionApplied
        case .importProgressed: .importProgressed
        }
    }

    /// Walks the payload's fields.
    @inline(__always)
    mutating func code<C: EventCoder>(_ c: inout C) {
        switch self {
        case .ledgerCreated(var e):
            e.code(&c)
            self = .ledgerCreated(e)
        case .programmeCreated(var e):
            e.code(&c)
            self = .programmeCreated(e)
        case .periodClosed(var e):
            e.code(&c)
            self = .periodClosed(e)
        case .policyPublished(var e):
            e.code(&c)
            self = .policyPublished(e)
        case .symbolDefined(var e):
            e.code(&c)
            self = .symbolDefined(e)
        case .clockAdvanced(var e):
            e.code(&c)
            self = .clockAdvanced(e)
        case .codeIssued(var e):
            e.code(&c)
            self = .codeIssued(e)
        case .codeExpired(var e):
            e.code(&c)
            self = .codeExpired(e)
        case .userSignedUp(var e):
            e.code(&c)
            self = .userSignedUp(e)
        case .referralAttributed(var e):
            e.code(&c)
            self = .referralAttributed(e)
        case .attributionRejected(var e):
            e.code(&c)
            self = .attributionRejected(e)
        case .referralAdvanced(var e):
            e.code(&c)
            self = .referralAdvanced(e)
        case .referralExpired(var e):
            e.code(&c)
            self = .referralExpired(e)
        case .referralReverted(var e):
            e.code(&c)
            self = .referralReverted(e)
        case .referralConverted(var e):
            e.code(&c)
            self = .referralConverted(e)
        case .paymentReceived(var e):
            e.code(&c)
            self = .paymentReceived(e)
        case .refundReceived(var e):
            e.code(&c)
            self = .refundReceived(e)
        case .eventParked(var e):
            e.code(&c)
            self = .eventParked(e)
        case .eventUnparked(var e):
            e.code(&c)
            self = .eventUnparked(e)
        case .commissionEarned(var e):
            e.code(&c)
            self = .commissionEarned(e)
        case .rewardMatured(var e):
            e.code(&c)
            self = .rewardMatured(e)
        case .commissionReversed(var e):
            e.code(&c)
            self = .commissionReversed(e)
        case .budgetSet(var e):
            e.code(&c)
            self = .budgetSet(e)
        case .budgetExhausted(var e):
            e.code(&c)
            self = .budgetExhausted(e)
        case .codeDisabled(var e):
            e.code(&c)
            self = .codeDisabled(e)
        case .codeReactivated(var e):
            e.code(&c)
            self = .codeReactivated(e)
        case .userSuspended(var e):
            e.code(&c)
            self = .userSuspended(e)
        case .userReinstated(var e):
            e.code(&c)
            self = .userReinstated(e)
        case .userClosed(var e):
            e.code(&c)
            self = .userClosed(e)
        case .usersMerged(var e):
            e.code(&c)
            self = .usersMerged(e)
        case .balanceMerged(var e):
            e.code(&c)
            self = .balanceMerged(e)
        case .balanceForfeited(var e):
            e.code(&c)
            self = .balanceForfeited(e)
        case .rewardHeld(var e):
            e.code(&c)
            self = .rewardHeld(e)
        case .refundFailed(var e):
            e.code(&c)
            self = .refundFailed(e)
        case .disputeOpened(var e):
            e.code(&c)
            self = .disputeOpened(e)
        case .disputeWon(var e):
            e.code(&c)
            self = .disputeWon(e)
        case .disputeLost(var e):
            e.code(&c)
            self = .disputeLost(e)
        case .rewardReleased(var e):
            e.code(&c)
            self = .rewardReleased(e)
        case .rewardGranted(var e):
            e.code(&c)
            self = .rewardGranted(e)
        case .rewardRevoked(var e):
            e.code(&c)
            self = .rewardRevoked(e)
        case .rewardClaimed(var e):
            e.code(&c)
            self = .rewardClaimed(e)
        case .rewardFulfilled(var e):
            e.code(&c)
            self = .rewardFulfilled(e)
        case .fulfilmentFailed(var e):
            e.code(&c)
            self = .fulfilmentFailed(e)
        case .rewardExpired(var e):
            e.code(&c)
            self = .rewardExpired(e)
        case .tierChanged(var e):
            e.code(&c)
            self = .tierChanged(e)
        case .badgeAwarded(var e):
            e.code(&c)
            self = .badgeAwarded(e)
        case .badgeRevoked(var e):
            e.code(&c)
            self = .badgeRevoked(e)
        case .commissionRestored(var e):
            e.code(&c)
            self = .commissionRestored(e)
        case .kycSubmitted(var e):
            e.code(&c)
            self = .kycSubmitted(e)
        case .kycDecided(var e):
            e.code(&c)
            self = .kycDecided(e)
        case .kycExpired(var e):
            e.code(&c)
            self = .kycExpired(e)
        case .withdrawalRequested(var e):
            e.code(&c)
            self = .withdrawalRequested(e)
        case .withdrawalApproved(var e):
            e.code(&c)
            self = .withdrawalApproved(e)
        case .withdrawalReduced(var e):
            e.code(&c)
            self = .withdrawalReduced(e)
        case .withdrawalRejected(var e):
            e.code(&c)
            self = .withdrawalRejected(e)
        case .withdrawalCancelled(var e):
            e.code(&c)
            self = .withdrawalCancelled(e)
        case .withdrawalExpired(var e):
            e.code(&c)
            self = .withdrawalExpired(e)
        case .payoutSent(var e):
            e.code(&c)
            self = .payoutSent(e)
        case .taxWithheld(var e):
            e.code(&c)
            self = .taxWithheld(e)
        case .feeCharged(var e):
            e.code(&c)
            self = .feeCharged(e)
        case .payoutSettled(var e):
            e.code(&c)
            self = .payoutSettled(e)
        case .payoutFailed(var e):
            e.code(&c)
            self = .payoutFailed(e)
        case .payoutReturned(var e):
            e.code(&c)
            self = .payoutReturned(e)
        case .taxRemitted(var e):
            e.code(&c)
            self = .taxRemitted(e)
        case .cashFunded(var e):
            e.code(&c)
            self = .cashFunded(e)
        case .costRecorded(var e):
            e.code(&c)
            self = .costRecorded(e)
        case .fraudFlagged(var e):
            e.code(&c)
            self = .fraudFlagged(e)
        case .riskScoreReported(var e):
            e.code(&c)
            self = .riskScoreReported(e)
        case .reviewDecided(var e):
            e.code(&c)
            self = .reviewDecided(e)
        case .adjustmentPosted(var e):
            e.code(&c)
            self = .adjustmentPosted(e)
        case .debtWrittenOff(var e):
            e.code(&c)
            self = .debtWrittenOff(e)
        case .openingBalance(var e):
            e.code(&c)
            self = .openingBalance(e)
        case .fxRateRecorded(var e):
            e.code(&c)
            self = .fxRateRecorded(e)
        case .fxConverted(var e):
            e.code(&c)
            self = .fxConverted(e)
        case .attributionCorrected(var e):
            e.code(&c)
            self = .attributionCorrected(e)
        case .eventQuarantined(var e):
            e.code(&c)
            self = .eventQuarantined(e)
        case .eventReleased(var e):
            e.code(&c)
            self = .eventReleased(e)
        case .reconciliationRun(var e):
            e.code(&c)
            self = .reconciliationRun(e)
        case .breakOpened(var e):
            e.code(&c)
            self = .breakOpened(e)
        case .breakResolved(var e):
            e.code(&c)
            self = .breakResolved(e)
        case .correctionApplied(var e):
            e.code(&c)
            self = .correctionApplied(e)
        case .importProgressed(var e):
            e.code(&c)
            self = .importProgressed(e)
        }
    }

    /// An event of this type with nothing in it yet, for the decoder to fill.
    @inline(__always)
    static func empty(_ type: EventType) -> Event {
        switch type {
        case .ledgerCreated: .ledgerCreated(.init())
        case .programmeCreated: .programmeCreated(.init())
        case .periodClosed: .periodClosed(.init())
        case .policyPublished: .policyPublished(.init())
        case .symbolDefined: .symbolDefined(.init())
        case .clockAdvanced: .clockAdvanced(.init())
        case .codeIssued: .codeIssued(.init())
        case .codeExpired: .codeExpired(.init())
        case .userSignedUp: .userSignedUp(.init())
        case .referralAttributed: .referralAttributed(.init())
        case .attributionRejected: .attributionRejected(.init())
        case .referralAdvanced: .referralAdvanced(.init())
        case .referralExpired: .referralExpired(.init())
        case .referralReverted: .referralReverted(.init())
        case .referralConverted: .referralConverted(.init())
        case .paymentReceived: .paymentReceived(.init())
        case .refundReceived: .refundReceived(.init())
        case .eventParked: .eventParked(.init())
        case .eventUnparked: .eventUnparked(.init())
        case .commissionEarned: .commissionEarned(.init())
        case .rewardMatured: .rewardMatured(.init())
        case .commissionReversed: .commissionReversed(.init())
        case .budgetSet: .budgetSet(.init())
        case .budgetExhausted: .budgetExhausted(.init())
        case .codeDisabled: .codeDisabled(.init())
        case .codeReactivated: .codeReactivated(.init())
        case .userSuspended: .userSuspended(.init())
        case .userReinstated: .userReinstated(.init())
        case .userClosed: .userClosed(.init())
        case .usersMerged: .usersMerged(.init())
        case .balanceMerged: .balanceMerged(.init())
        case .balanceForfeited: .balanceForfeited(.init())
        case .rewardHeld: .rewardHeld(.init())
        case .refundFailed: .refundFailed(.init())
        case .disputeOpened: .disputeOpened(.init())
        case .disputeWon: .disputeWon(.init())
        case .disputeLost: .disputeLost(.init())
        case .rewardReleased: .rewardReleased(.init())
        case .rewardGranted: .rewardGranted(.init())
        case .rewardRevoked: .rewardRevoked(.init())
        case .rewardClaimed: .rewardClaimed(.init())
        case .rewardFulfilled: .rewardFulfilled(.init())
        case .fulfilmentFailed: .fulfilmentFailed(.init())
        case .rewardExpired: .rewardExpired(.init())
        case .tierChanged: .tierChanged(.init())
        case .badgeAwarded: .badgeAwarded(.init())
        case .badgeRevoked: .badgeRevoked(.init())
        case .commissionRestored: .commissionRestored(.init())
        case .kycSubmitted: .kycSubmitted(.init())
        case .kycDecided: .kycDecided(.init())
        case .kycExpired: .kycExpired(.init())
        case .withdrawalRequested: .withdrawalRequested(.init())
        case .withdrawalApproved: .withdrawalApproved(.init())
        case .withdrawalReduced: .withdrawalReduced(.init())
        case .withdrawalRejected: .withdrawalRejected(.init())
        case .withdrawalCancelled: .withdrawalCancelled(.init())
        case .withdrawalExpired: .withdrawalExpired(.init())
        case .payoutSent: .payoutSent(.init())
        case .taxWithheld: .taxWithheld(.init())
        case .feeCharged: .feeCharged(.init())
        case .payoutSettled: .payoutSettled(.init())
        case .payoutFailed: .payoutFailed(.init())
        case .payoutReturned: .payoutReturned(.init())
        case .taxRemitted: .taxRemitted(.init())
        case .cashFunded: .cashFunded(.init())
        case .costRecorded: .costRecorded(.init())
        case .fraudFlagged: .fraudFlagged(.init())
        case .riskScoreReported: .riskScoreReported(.init())
        case .reviewDecided: .reviewDecided(.init())
        case .adjustmentPosted: .adjustmentPosted(.init())
        case .debtWrittenOff: .debtWrittenOff(.init())
        case .openingBalance: .openingBalance(.init())
        case .fxRateRecorded: .fxRateRecorded(.init())
        case .fxConverted: .fxConverted(.init())
        case .attributionCorrected: .attributionCorrected(.init())
        case .eventQuarantined: .eventQuarantined(.init())
        case .eventReleased: .eventReleased(.init())
        case .reconciliationRun: .reconciliationRun(.init())
        case .breakOpened: .breakOpened(.init())
        case .breakResolved: .breakResolved(.init())
        case .correctionApplied: .correctionApplied(.init())
        case .importProgressed: .importProgressed(.init())
        }
    }
}
