/// Why a command was not done. Nothing was recorded, nothing moved; a refusal is a result, never thrown.
public struct Refusal: Sendable, Equatable, CustomStringConvertible {
    /// Stable, machine-readable.
    public var code: Code
    /// The input field at fault, in the name of the input line; nil where it is the state.
    public var field: String?
    /// One sentence for people, with the values that matter.
    public var message: String

    /// Memberwise.
    public init(_ code: Code, field: String? = nil, _ message: String) {
        self.code = code
        self.field = field
        self.message = message
    }

    /// For messages.
    public var description: String { "\(code.rawValue): \(message)" }

    /// The stable codes. One row each in the tests, in the order in which they are judged.
    public enum Code: String, Sendable, CaseIterable {
        case identifierInvalid = "identifier.invalid"
        case keyRequired = "key.required"
        case keyConflict = "key.conflict"
        case programmeUnknown = "programme.unknown"
        case programmeRequired = "programme.required"
        case programmeExists = "programme.exists"
        case policyInvalid = "policy.invalid"
        case timeInFuture = "time.in_future"
        case timeOutOfRange = "time.out_of_range"
        case userUnknown = "user.unknown"
        case countryInvalid = "country.invalid"
        case signupConflict = "signup.conflict"
        case signupTwoReferrers = "signup.two_referrers"
        case personalTooLong = "personal.too_long"
        case codeInvalid = "code.invalid"
        case codeTaken = "code.taken"
        case codeOneActive = "code.one_active"
        case codeUnknown = "code.unknown"
        case codeExpired = "code.expired"
        case codeOwn = "code.own"
        case attributionAlready = "attribution.already"
        case attributionTooLate = "attribution.too_late"
        case attributionConflict = "attribution.conflict"
        case attributionCycle = "attribution.cycle"
        case attributionSharedSignal = "attribution.shared_signal"
        case referralNone = "referral.none"
        case referralExpired = "referral.expired"
        case referralAlreadyConverted = "referral.already_converted"
        case referralStage = "referral.stage"
        case amountNegative = "amount.negative"
        case amountNotPositive = "amount.not_positive"
        case amountBase = "amount.base"
        case amountOverflow = "amount.overflow"
        case assetUnknown = "asset.unknown"
        case paymentConflict = "payment.conflict"
        case refundConflict = "refund.conflict"
        case refundCurrency = "refund.currency"
        case refundZeroPayment = "refund.zero_payment"
        case refundMixedCounting = "refund.mixed_counting"
        case refundTotalWentBack = "refund.total_went_back"
        case parkingFull = "parking.full"
        case limitReached = "limit.reached"
        case clockBehind = "clock.behind"
        case disputeConflict = "dispute.conflict"
        case disputeCurrency = "dispute.currency"
        case disputeZeroPayment = "dispute.zero_payment"
        case disputeAmount = "dispute.amount"
        case disputeDecided = "dispute.decided"
        case rewardUnknown = "reward.unknown"
        case rewardNotClaimable = "reward.not_claimable"
        case rewardRevoked = "reward.revoked"
        case rewardExpired = "reward.expired"
        case rewardClaimed = "reward.claimed"
        case rewardNotClaimed = "reward.not_claimed"
        case rewardFulfilled = "reward.fulfilled"
        case userBlocked = "user.blocked"
        case userState = "user.state"
        case withdrawalUnknown = "withdrawal.unknown"
        case withdrawalConflict = "withdrawal.conflict"
        case withdrawalDebt = "withdrawal.debt"
        case withdrawalMinimum = "withdrawal.minimum"
        case withdrawalKyc = "withdrawal.kyc"
        case withdrawalFunds = "withdrawal.funds"
        case withdrawalState = "withdrawal.state"
        case withdrawalExpired = "withdrawal.expired"
        case withdrawalReviewer = "withdrawal.reviewer"
        case withdrawalAmount = "withdrawal.amount"
        case payoutConflict = "payout.conflict"
        case payoutProvider = "payout.provider"
        case payoutKept = "payout.kept"
        case adjustApprovers = "adjust.approvers"
        case writeOffDebt = "writeOff.debt"
        case assetNotMoney = "asset.not_money"
        case fxNoRate = "fx.no_rate"
        case fxTooSmall = "fx.too_small"
        case fxSame = "fx.same"
        case taxBalance = "tax.balance"
        case mergeSame = "merge.same"
        case mergeCycle = "merge.cycle"
        case reviewUnknown = "review.unknown"
        case reviewDecided = "review.decided"
        case reviewReviewer = "review.reviewer"
        case codeDisabled = "code.disabled"
        case codeActive = "code.active"
        case numberOutOfRange = "number.out_of_range"
        case actorRequired = "actor.required"
        case amountLimit = "amount.limit"
        case attributionUnchanged = "attribution.unchanged"
        case quarantineFact = "quarantine.fact"
        case quarantineKind = "quarantine.kind"
        case quarantineAlready = "quarantine.already"
        case quarantineNone = "quarantine.none"
        case quarantineConflict = "quarantine.conflict"
        case quarantineUsed = "quarantine.used"
        case quarantineUnsettled = "quarantine.unsettled"
        case factQuarantined = "fact.quarantined"
        case runUnknown = "run.unknown"
        case breakUnknown = "break.unknown"
        case breakConflict = "break.conflict"
        case breakState = "break.state"
        case correctionInvalid = "correction.invalid"
        case correctionApprover = "correction.approver"
        case correctionHead = "correction.head"
        case correctionSubject = "correction.subject"
        case correctionAmount = "correction.amount"

        /// The HTTP status that goes with it.
        public var httpStatus: Int {
            switch self {
            case .fxSame, .mergeSame, .numberOutOfRange, .actorRequired, .amountLimit, .correctionInvalid:
                400
            case .quarantineFact: 404
            case .quarantineAlready, .quarantineNone, .quarantineConflict, .quarantineUsed,
                .quarantineUnsettled, .factQuarantined, .attributionUnchanged:
                409
            case .quarantineKind: 422
            case .userBlocked, .withdrawalKyc, .withdrawalReviewer, .adjustApprovers, .reviewReviewer,
                .correctionApprover:
                403
            case .rewardUnknown, .withdrawalUnknown, .reviewUnknown, .runUnknown,
                .breakUnknown:
                404
            case .disputeConflict, .disputeDecided, .rewardClaimed, .rewardFulfilled,
                .userState, .withdrawalConflict, .withdrawalState, .payoutConflict, .mergeCycle,
                .reviewDecided, .codeActive, .breakConflict, .breakState, .correctionHead:
                409
            case .disputeCurrency, .disputeZeroPayment, .disputeAmount, .rewardNotClaimable,
                .rewardRevoked, .rewardExpired, .rewardNotClaimed, .withdrawalDebt, .withdrawalMinimum,
                .withdrawalFunds, .withdrawalExpired, .withdrawalAmount, .payoutProvider, .payoutKept,
                .writeOffDebt, .assetNotMoney, .fxNoRate, .fxTooSmall, .taxBalance, .codeDisabled,
                .correctionSubject, .correctionAmount:
                422
            case .keyConflict, .signupConflict, .paymentConflict, .refundConflict, .attributionConflict,
                .programmeExists, .codeTaken, .codeOneActive, .attributionAlready,
                .referralAlreadyConverted:
                409
            case .userUnknown, .codeUnknown, .programmeUnknown, .referralNone: 404
            case .parkingFull, .clockBehind: 503
            case .identifierInvalid, .keyRequired, .programmeRequired, .policyInvalid, .timeOutOfRange,
                .countryInvalid, .signupTwoReferrers, .personalTooLong, .codeInvalid, .amountNegative,
                .amountNotPositive, .amountBase, .assetUnknown, .referralStage:
                400
            case .timeInFuture, .codeExpired, .codeOwn, .attributionTooLate, .attributionCycle,
                .attributionSharedSignal, .referralExpired, .amountOverflow, .refundCurrency,
                .refundZeroPayment,
                .refundMixedCounting, .refundTotalWentBack, .limitReached:
                422
            }
        }
    }
}

/// Where a command's record stands.
public struct Receipt: Sendable, Equatable {
    /// Position of the record's first event.
    public var position: LogPosition
    /// Number of events in the record; 0 where nothing had to be recorded.
    public var events: Int
    /// Memberwise.
    public init(position: LogPosition, events: Int) {
        self.position = position
        self.events = events
    }
}

/// What came of a command. Given out only once everything it speaks of is on disk.
public enum Outcome: Sendable, Equatable {
    /// Recorded now.
    case accepted(Receipt)
    /// Done before, with the same content: the first receipt.
    case repeated(Receipt)
    /// Recorded, and waiting for its predecessor.
    case parked(Receipt)
    /// Not done. (Boxed, so that an outcome is small: nearly all are receipts.)
    indirect case refused(Refusal)

    /// Stable name: accepted, repeated, parked, refused.
    public var name: String {
        switch self {
        case .accepted: "accepted"
        case .repeated: "repeated"
        case .parked: "parked"
        case .refused: "refused"
        }
    }
}
