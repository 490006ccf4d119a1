// Events about the ledger itself: its programmes, policies, symbols and clock.

/// The first event of every log. The id takes no part in any digest.
public struct LedgerCreated: EventPayload {
    /// The ledger's id.
    public var ledgerId = Bytes16.zero
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) { c.hash("ledgerId", &ledgerId) }
}

/// A programme begins. Its number is the next one. No postings.
public struct ProgrammeCreated: EventPayload {
    /// The programme's id: 1–255 bytes of UTF-8.
    public var programmeId = BorrowedText.empty
    /// Asset of facts that name none.
    public var asset = AssetNumber(rawValue: 0)
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.text("programmeId", &programmeId)
        c.asset("asset", &asset)
    }
}

/// A policy version, whole and immutable, with the time-zone rules it was published with. No postings.
public struct PolicyPublished: EventPayload {
    /// It rules from before any fact: `effectiveFrom` is the first moment there is, and is not stored.
    public static let fromTheBeginning: UInt8 = 1
    /// Bits as named above.
    public var flags: UInt8 = 0
    /// The version.
    public var version: UInt64 = 0
    /// From which business moment on they rule.
    public var effectiveFrom = Timestamp(nanoseconds: .min)
    /// SHA-256 of the canonical JSON, first sixteen bytes.
    public var policyHash = Bytes16.zero
    /// Canonical JSON.
    public var rules = BorrowedText.empty
    /// `ZoneRules` in its own encoding; empty for UTC.
    public var zoneRules = BorrowedText.empty
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.flags(&flags, known: 0x01)
        c.count("version", &version)
        if flags & Self.fromTheBeginning == 0 { c.time("effectiveFrom", &effectiveFrom) }
        let isBeginning = effectiveFrom.nanoseconds == .min
        c.require(isBeginning == (flags & Self.fromTheBeginning != 0), "effectiveFrom")
        c.hash("policyHash", &policyHash)
        c.text("rules", &rules)
        c.blob("zoneRules", &zoneRules)
    }
}

/// A name gets a number that later events use in its place. Kind 1: provider. Kind 2: asset of the ledger's
/// own.
public struct SymbolDefined: EventPayload {
    /// The provider's name: 1–255 bytes of UTF-8.
    public static let provider: UInt8 = 1
    /// The asset that amounts are in.
    public static let asset: UInt8 = 2
    /// The kind.
    public var kind: UInt8 = 0
    /// The number inside the ledger.
    public var number = SymbolNumber(rawValue: 0)
    /// Name.
    public var name = BorrowedText.empty
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.byte("kind", &kind)
        c.require(kind == Self.provider || kind == Self.asset, "kind")
        c.symbol("number", &number)
        c.text("name", &name)
    }
}

/// The programme's business clock now stands here. It never goes back.
public struct ClockAdvanced: EventPayload {
    /// Where the clock stands now.
    public var to = Timestamp(nanoseconds: 0)
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) { c.time("to", &to) }
}

/// The kinds of period a leaderboard may cover.
public enum PeriodKind: UInt8, Sendable, CaseIterable {
    case week = 1
    case month = 2
}

/// A week or month is over and its grace is past: its board does not change any more.
public struct PeriodClosed: EventPayload {
    /// `PeriodKind`.
    public var kind: UInt8 = 0
    /// Its first moment.
    public var start = Timestamp(nanoseconds: 0)
    /// The first moment after it.
    public var end = Timestamp(nanoseconds: 0)
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.byte("kind", &kind)
        c.require(PeriodKind(rawValue: kind) != nil, "kind")
        c.time("start", &start)
        c.time("end", &end)
    }
}

/// How far an import has come; one in each durable group that holds imported lines. Takes no part in any
/// digest.
/// Counts are sums over all runs of this import.
public struct ImportProgressed: EventPayload {
    /// The import's id.
    public var importId = BorrowedText.empty
    /// The last line covered.
    public var throughLine: UInt64 = 0
    /// Recorded.
    public var accepted: UInt64 = 0
    /// Done before.
    public var repeated: UInt64 = 0
    /// Recorded, and waiting.
    public var parked: UInt64 = 0
    /// Not done.
    public var refused: UInt64 = 0
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.text("importId", &importId)
        c.count("throughLine", &throughLine)
        c.count("accepted", &accepted)
        c.count("repeated", &repeated)
        c.count("parked", &parked)
        c.count("refused", &refused)
    }
}
