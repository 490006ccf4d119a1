// Events about provider statements and what in them did not agree. They move nothing and change nobody's state:
// they take no part in the state digest.

/// A statement of a provider was compared with the ledger.
public struct ReconciliationRun: EventPayload {
    /// What names it: of the statement's bytes and of what was found.
    public var runId = BorrowedText.empty
    /// The provider's name.
    public var provider = BorrowedText.empty
    /// SHA-256 of the statement and its map, hexadecimal.
    public var statement = BorrowedText.empty
    /// Lines of the statement that are facts.
    public var lines: UInt64 = 0
    /// Lines that a fact here belongs to.
    public var matched: UInt64 = 0
    /// Breaks that were found, those known before included.
    public var breaks: UInt64 = 0
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.text("runId", &runId)
        c.text("provider", &provider)
        c.text("statement", &statement)
        c.count("lines", &lines)
        c.count("matched", &matched)
        c.count("breaks", &breaks)
        c.require(!runId.isEmpty && !provider.isEmpty && !statement.isEmpty, "runId")
    }
}

/// Something in a statement and the ledger do not agree.
public struct BreakOpened: EventPayload {
    /// It is on its way, and nothing is wrong.
    public static let incomplete: UInt8 = 1
    /// There is an amount by the statement or by the ledger, or both.
    public static let hasAmounts: UInt8 = 2
    /// There is an amount by the ledger.
    public static let hasExpected: UInt8 = 4
    /// There is an amount by the statement.
    public static let hasFound: UInt8 = 8
    /// Bits as named above.
    public var flags: UInt8 = 0
    /// The `ReconciliationRun` that found it.
    public var run = LogPosition.start
    /// What names it: the same thing has the same name in each run.
    public var breakId = BorrowedText.empty
    /// Code of the check, such as `statement.amount`.
    public var rule = BorrowedText.empty
    /// What it is about: `payment pi_3Mtw`.
    public var subject = BorrowedText.empty
    /// When the thing happened, by the statement, or by the ledger where only it knows.
    public var since = Timestamp(nanoseconds: 0)
    /// What the amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// By the ledger; minor units.
    public var expected: Int64 = 0
    /// By the statement; minor units.
    public var found: Int64 = 0
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.flags(&flags, known: 0x0F)
        c.position("run", &run)
        c.text("breakId", &breakId)
        c.text("rule", &rule)
        c.text("subject", &subject)
        c.time("since", &since)
        let amounts = flags & (Self.hasExpected | Self.hasFound)
        c.require((flags & Self.hasAmounts != 0) == (amounts != 0), "flags")
        if flags & Self.hasAmounts != 0 { c.asset("asset", &asset) }
        if flags & Self.hasExpected != 0 { c.money("expected", &expected) }
        if flags & Self.hasFound != 0 { c.money("found", &found) }
        c.require(!breakId.isEmpty && !rule.isEmpty && !subject.isEmpty, "breakId")
    }
}

/// A break is no more: a later run did not find it, or somebody has dealt with it.
public struct BreakResolved: EventPayload {
    /// A run did not find it any more; else a person says so.
    public static let byRun: UInt8 = 1
    /// Bits as named above.
    public var flags: UInt8 = 0
    /// The `BreakOpened`.
    public var opened = LogPosition.start
    /// The `ReconciliationRun` that did not find it.
    public var run = LogPosition.start
    /// Why.
    public var reason = BorrowedText.empty
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.flags(&flags, known: 0x01)
        c.position("opened", &opened)
        if flags & Self.byRun != 0 { c.position("run", &run) }
        c.text("reason", &reason)
        c.require(!reason.isEmpty, "reason")
    }
}
