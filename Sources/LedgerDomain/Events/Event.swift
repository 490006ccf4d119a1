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
        case .importProgressed: "ImportProgressed"
        }
    }
}

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
        case .importProgressed: .importProgressed(.init())
        }
    }
}
