// What people put right about who referred whom.

/// A user's referrer is another one than was recorded, or there is none: from here on. No postings.
public struct AttributionCorrected: EventPayload {
    /// There is a referrer from now on.
    public static let hasReferrer: UInt8 = 1
    /// There was one before.
    public static let hadReferrer: UInt8 = 2
    /// The referral is converted: the conversion goes with it.
    public static let converted: UInt8 = 4
    /// Two approved.
    public static let second: UInt8 = 8
    /// Bits as named above.
    public var flags: UInt8 = 0
    /// The referred user's number.
    public var referee = UserNumber(0)
    /// The referrer from now on.
    public var referrer = UserNumber(0)
    /// The referrer so far.
    public var former = UserNumber(0)
    /// When the referral counts as made: as before, or without one before when the user signed up.
    public var attributedAt = Timestamp(nanoseconds: 0)
    /// When it was converted.
    public var convertedAt = Timestamp(nanoseconds: 0)
    /// Why.
    public var reason = BorrowedText.empty
    /// Who approved.
    public var approver = BorrowedText.empty
    /// Who approved, too.
    public var secondApprover = BorrowedText.empty
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.flags(&flags, known: 0x0F)
        c.user("referee", &referee)
        if flags & Self.hasReferrer != 0 { c.user("referrer", &referrer) }
        if flags & Self.hadReferrer != 0 { c.user("former", &former) }
        c.time("attributedAt", &attributedAt)
        if flags & Self.converted != 0 { c.time("convertedAt", &convertedAt) }
        c.text("reason", &reason)
        c.text("approver", &approver)
        if flags & Self.second != 0 { c.text("secondApprover", &secondApprover) }
        c.require(flags & (Self.hasReferrer | Self.hadReferrer) != 0, "flags")
        c.require(flags & Self.converted == 0 || flags & Self.hadReferrer != 0, "flags")
        c.require(flags & Self.second == 0 || !secondApprover.isEmpty, "secondApprover")
    }
}
