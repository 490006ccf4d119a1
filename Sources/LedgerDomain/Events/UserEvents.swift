// Events about users, codes and who referred whom. None of them posts money.

/// What a keyed hash in a signup stands for.
public enum SignalKind: UInt8, Sendable, CaseIterable {
    case email = 1
    case phone, ip, device, paymentMethod
    /// The name in input lines.
    public var name: String {
        switch self {
        case .email: "email"
        case .phone: "phone"
        case .ip: "ip"
        case .device: "device"
        case .paymentMethod: "paymentMethod"
        }
    }
}

/// A user exists, or joins a further programme.
///
/// Signals are keyed hashes (HMAC-SHA-256 under the ledger's secret, first sixteen bytes), one entry of kind
/// and
/// hash each; sealed data is AES-256-GCM under the user's own key. Neither takes part in any digest.
@frozen
public struct UserSignedUp: EventPayload {
    public static let hasCountry: UInt8 = 1
    public static let hasSignals: UInt8 = 2
    public static let hasSealed: UInt8 = 4
    /// The signup named a code or a referrer; the next events of the record say what came of it.
    public static let namedReferrer: UInt8 = 8
    public static let namedCode: UInt8 = 16
    /// Bits as named above.
    public var flags: UInt8 = 0
    /// The user's number.
    public var user = UserNumber(0)
    /// The user's id as the host gives it: 1–255 bytes of UTF-8, echoed exactly.
    public var userId = BorrowedText.empty
    /// Two ASCII letters of ISO 3166, as (first << 8 | second); 0 when not given.
    public var country: UInt64 = 0
    /// Seventeen bytes each: `SignalKind`, hash.
    public var signals = BorrowedText.empty
    /// Twelve bytes of nonce, ciphertext, sixteen bytes of tag.
    public var sealed = BorrowedText.empty
    /// The referrer id or code as given.
    public var named = BorrowedText.empty
    /// With the defaults.
    @inlinable public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.flags(&flags, known: 0x1F)
        c.require(flags & Self.namedReferrer == 0 || flags & Self.namedCode == 0, "flags")
        c.user("user", &user)
        c.text("userId", &userId)
        if flags & Self.hasCountry != 0 {
            c.count("country", &country)
            c.require(country <= UInt64(UInt16.max), "country")
        }
        if flags & Self.hasSignals != 0 { c.blob("signals", &signals) }
        if flags & Self.hasSealed != 0 { c.blob("sealed", &sealed) }
        if flags & (Self.namedReferrer | Self.namedCode) != 0 { c.text("named", &named) }
    }
}

/// A code is the owner's, for ever: its skeleton never passes to another.
public struct CodeIssued: EventPayload {
    public static let drawn: UInt8 = 1
    public static let expires: UInt8 = 2
    /// Bits as named above.
    public var flags: UInt8 = 0
    /// The owner's number.
    public var owner = UserNumber(0)
    /// The code.
    public var code = BorrowedText.empty
    /// When it expires.
    public var expiresAt = Timestamp(nanoseconds: .max)
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.flags(&flags, known: 0x03)
        c.user("owner", &owner)
        c.text("code", &code)
        if flags & Self.expires != 0 { c.time("expiresAt", &expiresAt) }
    }
}

/// `advance` passed the end of a code's life. A deadline counts with or without this event.
public struct CodeExpired: EventPayload {
    /// The owner's number.
    public var owner = UserNumber(0)
    public var issued = LogPosition.start
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.user("owner", &owner)
        c.position("issued", &issued)
    }
}

/// The referee's one referrer in this programme.
@frozen
public struct ReferralAttributed: EventPayload {
    /// By a code (as opposed to the referrer's id).
    public static let byCode: UInt8 = 1
    /// After signup, by `applyCode`; the code as given follows.
    public static let applied: UInt8 = 2
    /// Bits as named above.
    public var flags: UInt8 = 0
    /// The referred user's number.
    public var referee = UserNumber(0)
    /// The referrer's number.
    public var referrer = UserNumber(0)
    /// The code as given.
    public var given = BorrowedText.empty
    /// With the defaults.
    @inlinable public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.flags(&flags, known: 0x03)
        c.user("referee", &referee)
        c.user("referrer", &referrer)
        if flags & Self.applied != 0 { c.text("given", &given) }
    }
}

/// Why a signup's referrer was not taken.
public enum AttributionRejection: UInt8, Sendable, CaseIterable {
    case unknownReferrer = 1
    case unknownCode, expiredCode, disabledCode, selfReferral, sharedSignal, cycle
    /// Stable name.
    public var code: String {
        switch self {
        case .unknownReferrer: "unknownReferrer"
        case .unknownCode: "unknownCode"
        case .expiredCode: "expiredCode"
        case .disabledCode: "disabledCode"
        case .selfReferral: "selfReferral"
        case .sharedSignal: "sharedSignal"
        case .cycle: "cycle"
        }
    }
}

/// The signup stands, without a referrer.
public struct AttributionRejected: EventPayload {
    /// The referred user's number.
    public var referee = UserNumber(0)
    /// `AttributionRejection`.
    public var reason: UInt8 = 0
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.user("referee", &referee)
        c.byte("reason", &reason)
        c.require(AttributionRejection(rawValue: reason) != nil, "reason")
    }
}

/// One step of a referral's life.
@frozen
public struct ReferralAdvanced: EventPayload {
    /// The referred user's number.
    public var referee = UserNumber(0)
    /// From which stage.
    public var from = ReferralStage.none
    /// Where it goes.
    public var to = ReferralStage.none
    /// With the defaults.
    @inlinable public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.user("referee", &referee)
        c.stage("from", &from)
        c.stage("to", &to)
        c.require(from != .none && to != .none, "stage")
    }
}

/// The referral's time ran out before it completed.
public struct ReferralExpired: EventPayload {
    /// The referred user's number.
    public var referee = UserNumber(0)
    /// From which stage.
    public var from = ReferralStage.none
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.user("referee", &referee)
        c.stage("from", &from)
        c.require(from != .none, "stage")
    }
}

/// The referral counts as a conversion of the referrer.
@frozen
public struct ReferralConverted: EventPayload {
    /// By the command `convert`, not by a payment.
    public static let manual: UInt8 = 1
    /// Bits as named above.
    public var flags: UInt8 = 0
    /// The referred user's number.
    public var referee = UserNumber(0)
    /// The referrer's number.
    public var referrer = UserNumber(0)
    /// With the defaults.
    @inlinable public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.flags(&flags, known: 0x01)
        c.user("referee", &referee)
        c.user("referrer", &referrer)
    }
}

/// The last qualifying payment was wholly refunded: the conversion is taken back, in the period it was
/// counted in.
public struct ReferralReverted: EventPayload {
    /// The referred user's number.
    public var referee = UserNumber(0)
    /// The referrer's number.
    public var referrer = UserNumber(0)
    /// When it was converted.
    public var convertedAt = Timestamp(nanoseconds: 0)
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.user("referee", &referee)
        c.user("referrer", &referrer)
        c.time("convertedAt", &convertedAt)
    }
}
