/// The place of an event in the log: 1 for the first event ever, then counted without a gap.
///
/// Position 0 is the empty ledger; a ledger that holds n events stands at position n.
public struct LogPosition: RawRepresentable, Comparable, Hashable, Sendable, BitwiseCopyable,
    CustomStringConvertible
{
    /// The number.
    public var rawValue: UInt64
    /// Memberwise.
    @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }
    /// Memberwise.
    @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
    /// The empty ledger.
    public static let start = LogPosition(0)
    @inlinable public static func < (a: LogPosition, b: LogPosition) -> Bool { a.rawValue < b.rawValue }
    /// For messages.
    public var description: String { String(rawValue) }
}

/// A user inside the ledger: 0 for the first to sign up, then dense, in log order.
public struct UserNumber: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    /// The number.
    public var rawValue: UInt32
    /// Memberwise.
    @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// Memberwise.
    @inlinable public init(_ rawValue: UInt32) { self.rawValue = rawValue }
}

/// A programme inside the ledger: 0 for the first created, then dense, in log order.
public struct ProgrammeNumber: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    /// The number.
    public var rawValue: UInt16
    /// Memberwise.
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }
    /// Memberwise.
    @inlinable public init(_ rawValue: UInt16) { self.rawValue = rawValue }
}

/// A provider of payments, or another name that events repeat: defined once by `SymbolDefined`, then two
/// bytes.
public struct SymbolNumber: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    /// The number.
    public var rawValue: UInt16
    /// Memberwise.
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }
    /// Memberwise.
    @inlinable public init(_ rawValue: UInt16) { self.rawValue = rawValue }
}

/// Bounds that hold for every ledger. Past one of them a command is refused, never cut.
public enum LedgerBounds {
    /// Events in one record.
    public static let eventsPerRecord = 1_024
    /// Bytes of one stored record.
    public static let recordBytes = 256 * 1_024
    /// Bytes of an id, a provider's name or a key.
    public static let identifierBytes = 255
    /// Minor units of one amount that a command states: so many that no single fact brings a programme's sums,
    /// which are 64 bits wide, near their end.
    public static let amount: Int64 = 10_000_000_000_000_000
    /// Levels that a policy may pay.
    public static let commissionLevels = 8
    /// Withdrawals of one user that are neither sent nor ended.
    public static let openWithdrawals: UInt32 = 16
    /// Open disputes of a payment that hold what another case lets go of; the last of them holds for any more.
    public static let holdersPerRelease = 16
    /// Facts parked for one predecessor.
    public static let parkedPerPredecessor = 64
    /// Facts parked in the whole ledger.
    public static let parkedInAll = 100_000
    /// How often a thing that can be undone is said of one entity: a suspension of a user, a claim of a reward.
    public static let repeatsOfAFact = 1_024
    /// Users, payments, codes and other entities of a kind: their numbers are 30 bits.
    public static let entitiesOfAKind = 1 << 30
    /// Bytes of sealed personal data in one event.
    public static let sealedBytes = 16 * 1_024
}
