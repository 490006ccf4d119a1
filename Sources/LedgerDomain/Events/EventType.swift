/// The stored number of an event type. Numbers are never reused; those without a payload here are reserved
/// for the catalogue's other rows (see `Documentation/log-format.md`).
public enum EventType: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    case ledgerCreated = 1
    case programmeCreated = 2
    case periodClosed = 8
    case policyPublished = 10
    case symbolDefined = 14
    case clockAdvanced = 15
    case codeIssued = 16
    case codeExpired = 19
    case userSignedUp = 20
    case referralAttributed = 28
    case attributionRejected = 29
    case referralAdvanced = 31
    case referralExpired = 32
    case referralReverted = 33
    case referralConverted = 34
    case paymentReceived = 40
    case refundReceived = 41
    case eventParked = 46
    case eventUnparked = 47
    case commissionEarned = 50
    case rewardMatured = 52
    case commissionReversed = 53
    case budgetSet = 11
    case budgetExhausted = 12
    case codeDisabled = 17
    case codeReactivated = 18
    case userSuspended = 21
    case userReinstated = 22
    case userClosed = 23
    case usersMerged = 24
    case balanceMerged = 37
    case balanceForfeited = 38
    case rewardHeld = 39
    case refundFailed = 42
    case disputeOpened = 43
    case disputeWon = 44
    case disputeLost = 45
    case rewardReleased = 49
    case rewardGranted = 51
    case rewardRevoked = 54
    case rewardClaimed = 55
    case rewardFulfilled = 56
    case fulfilmentFailed = 57
    case rewardExpired = 58
    case tierChanged = 59
    case badgeAwarded = 60
    case badgeRevoked = 61
    case commissionRestored = 62
    case kycSubmitted = 64
    case kycDecided = 65
    case kycExpired = 66
    case withdrawalRequested = 68
    case withdrawalApproved = 69
    case withdrawalReduced = 70
    case withdrawalRejected = 71
    case withdrawalCancelled = 72
    case withdrawalExpired = 73
    case payoutSent = 74
    case taxWithheld = 75
    case feeCharged = 76
    case payoutSettled = 77
    case payoutFailed = 78
    case payoutReturned = 79
    case taxRemitted = 80
    case cashFunded = 81
    case costRecorded = 82
    case fraudFlagged = 86
    case riskScoreReported = 87
    case reviewDecided = 88
    case adjustmentPosted = 92
    case debtWrittenOff = 93
    case openingBalance = 94
    case fxRateRecorded = 95
    case fxConverted = 96
    case attributionCorrected = 30
    case eventQuarantined = 98
    case eventReleased = 99
    case reconciliationRun = 113
    case breakOpened = 114
    case breakResolved = 115
    case correctionApplied = 97
    case importProgressed = 120

    /// The name used in text and JSON, as in the event catalogue.
    public var name: String {
        switch self {
        case .ledgerCreated: "LedgerCreated"
        case .programmeCreated: "ProgrammeCreated"
        case .periodClosed: "PeriodClosed"
        case .policyPublished: "PolicyPublished"
        case .symbolDefined: "SymbolDefined"
        case .clockAdvanced: "ClockAdvanced"
        case .codeIssued: "CodeIssued"
        case .codeExpired: "CodeExpired"
        case .userSignedUp: "UserSignedUp"
        case .referralAttributed: "ReferralAttributed"
        case .attributionRejected: "AttributionRejected"
        case .referralAdvanced: "ReferralAdvanced"
        case .referralExpired: "ReferralExpired"
        case .referralReverted: "ReferralReverted"
        case .referralConverted: "ReferralConverted"
        case .paymentReceived: "PaymentReceived"
        case .refundReceived: "RefundReceived"
        case .eventParked: "EventParked"
        case .eventUnparked: "EventUnparked"
        case .commissionEarned: "CommissionEarned"
        case .rewardMatured: "RewardMatured"
        case .commissionReversed: "CommissionReversed"
        case .budgetSet: "BudgetSet"
        case .budgetExhausted: "BudgetExhausted"
        case .codeDisabled: "CodeDisabled"
        case .codeReactivated: "CodeReactivated"
        case .userSuspended: "UserSuspended"
        case .userReinstated: "UserReinstated"
        case .userClosed: "UserClosed"
        case .usersMerged: "UsersMerged"
        case .balanceMerged: "BalanceMerged"
        case .balanceForfeited: "BalanceForfeited"
        case .rewardHeld: "RewardHeld"
        case .refundFailed: "RefundFailed"
        case .disputeOpened: "DisputeOpened"
        case .disputeWon: "DisputeWon"
        case .disputeLost: "DisputeLost"
        case .rewardReleased: "RewardReleased"
        case .rewardGranted: "RewardGranted"
        case .rewardRevoked: "RewardRevoked"
        case .rewardClaimed: "RewardClaimed"
        case .rewardFulfilled: "RewardFulfilled"
        case .fulfilmentFailed: "FulfilmentFailed"
        case .rewardExpired: "RewardExpired"
        case .tierChanged: "TierChanged"
        case .badgeAwarded: "BadgeAwarded"
        case .badgeRevoked: "BadgeRevoked"
        case .commissionRestored: "CommissionRestored"
        case .kycSubmitted: "KycSubmitted"
        case .kycDecided: "KycDecided"
        case .kycExpired: "KycExpired"
        case .withdrawalRequested: "WithdrawalRequested"
        case .withdrawalApproved: "WithdrawalApproved"
        case .withdrawalReduced: "WithdrawalReduced"
        case .withdrawalRejected: "WithdrawalRejected"
        case .withdrawalCancelled: "WithdrawalCancelled"
        case .withdrawalExpired: "WithdrawalExpired"
        case .payoutSent: "PayoutSent"
        case .taxWithheld: "TaxWithheld"
        case .feeCharged: "FeeCharged"
        case .payoutSettled: "PayoutSettled"
        case .payoutFailed: "PayoutFailed"
        case .payoutReturned: "PayoutReturned"
        case .taxRemitted: "TaxRemitted"
        case .cashFunded: "CashFunded"
        case .costRecorded: "CostRecorded"
        case .fraudFlagged: "FraudFlagged"
        case .riskScoreReported: "RiskScoreReported"
        case .reviewDecided: "ReviewDecided"
        case .adjustmentPosted: "AdjustmentPosted"
        case .debtWrittenOff: "DebtWrittenOff"
        case .openingBalance: "OpeningBalance"
        case .fxRateRecorded: "FxRateRecorded"
        case .fxConverted: "FxConverted"
        case .attributionCorrected: "AttributionCorrected"
        case .eventQuarantined: "EventQuarantined"
        case .eventReleased: "EventReleased"
        case .reconciliationRun: "ReconciliationRun"
        case .breakOpened: "BreakOpened"
        case .breakResolved: "BreakResolved"
        case .correctionApplied: "CorrectionApplied"
        case .importProgressed: "ImportProgressed"
        }
    }
}
