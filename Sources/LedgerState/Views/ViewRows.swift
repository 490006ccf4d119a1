import LedgerDomain

// Rows of the views. They are folded from what is on disk, so none has an undo tag. Layouts are fixed by the
// views' fold version. A reference to another row is its number + 1, so that a row of zeros refers to
// nothing.

/// A leaderboard: one programme, period, metric and asset. 48 bytes.
///
/// The boards of one programme, metric and asset are a *series*, named by its board of all time.
@frozen
public struct BoardRow: BitwiseCopyable, Sendable {
    /// The programme.
    public var programme: UInt16 = 0
    /// 0 all time, else `PeriodKind`.
    public var period: UInt8 = 0
    /// `LeaderboardMetric`.
    public var metric: UInt8 = 0
    /// The asset that amounts are in.
    public var asset: UInt16 = 0
    /// Zero.
    public var spare: UInt16 = 0
    /// The series' board of all time.
    public var series: UInt32 = 0
    /// Newest `ExtentRow` of its tallies (all time) or scores (periods), + 1.
    public var lastExtent: UInt32 = 0
    /// Rows in use of that extent; older ones are full.
    public var filled: UInt32 = 0
    /// Of a series: its newest `SpanRow`, + 1.
    public var lastSpan: UInt32 = 0
    /// Zero.
    public var spare2: UInt64 = 0
    /// Its first moment.
    public var start: Int64 = 0
    /// The first moment after it.
    public var end: Int64 = 0
    /// With the defaults.
    public init() {}
}

/// A week and a month of a series that have moments in common. 12 bytes.
@frozen
public struct SpanRow: BitwiseCopyable, Sendable {
    /// `BoardRow` of the week, + 1; 0 when it was closed already.
    public var week: UInt32 = 0
    /// `BoardRow` of the month, + 1; 0 when it was closed already.
    public var month: UInt32 = 0
    /// The series' span before, + 1.
    public var previous: UInt32 = 0
    /// With the defaults.
    public init() {}
}

/// Whose rows a stretch of tallies or scores are. 8 bytes.
@frozen
public struct ExtentRow: BitwiseCopyable, Sendable {
    /// Rows of an extent.
    public static let rows = 64
    /// The board.
    public var board: UInt32 = 0
    /// The board's extent before, + 1.
    public var previous: UInt32 = 0
    /// With the defaults.
    public init() {}
}

/// What a user has scored in a series, of all time. 32 bytes.
///
/// While all of it was scored within one span, it is the score of that span's week and month, too, and there
/// is no `ScoreRow`; most users of a large ledger are seen in one stretch of time only. From then on the tally names the
/// newest of the user's rows of weeks and of months, and each of these the one before it.
@frozen
public struct TallyRow: BitwiseCopyable, Sendable {
    private static let isSpread: UInt32 = 1 << 31

    /// The user's number.
    public var user: UInt32 = 0
    /// The user's tally in another series, + 1.
    public var next: UInt32 = 0
    /// `SpanRow`, + 1; or `isSpread` and the `ScoreRow` of the newest week, + 1.
    private var spanOrWeek: UInt32 = 0
    /// `ScoreRow` of the newest month, + 1; 0 while there is a span.
    private var month: UInt32 = 0
    /// A count, or minor units.
    public var score: Int64 = 0
    /// When, in log order, the score became what it is: the number of the event among those that count.
    public var reached: UInt64 = 0
    /// With the defaults.
    public init() {}

    /// `SpanRow`, + 1, of all changes; 0 once there were changes of several.
    public var span: UInt32 {
        get { spanOrWeek & Self.isSpread == 0 ? spanOrWeek : 0 }
        set {
            spanOrWeek = newValue == 0 ? Self.isSpread : newValue
            month = 0
        }
    }

    /// The newest `ScoreRow`, + 1, of a kind of period; 0: none. To be set only where there is no span.
    subscript(newest kind: UInt8) -> UInt32 {
        get {
            if kind != PeriodKind.week.rawValue { return month }
            return spanOrWeek & Self.isSpread == 0 ? 0 : spanOrWeek & ~Self.isSpread
        }
        set {
            if kind == PeriodKind.week.rawValue {
                spanOrWeek = newValue | Self.isSpread
            } else {
                month = newValue
            }
        }
    }
}

/// A user's score in a week or month. 24 bytes.
@frozen
public struct ScoreRow: BitwiseCopyable, Sendable {
    /// The user's number.
    public var user: UInt32 = 0
    /// The user's row of an earlier week, or month, of the series, + 1.
    public var previous: UInt32 = 0
    /// A count, or minor units.
    public var score: Int64 = 0
    /// As in `TallyRow`.
    public var reached: UInt64 = 0
    /// With the defaults.
    public init() {}
}

/// Where the views have something of a user. 9 bytes: one of each user is in memory, and most are never asked for.
@frozen
public struct ViewUserRow: BitwiseCopyable, Sendable {
    private static let tallyOffset = 5
    private var bytes: InlineArray<9, UInt8> = .init(repeating: 0)
    /// With the defaults.
    public init() {}

    /// The user's newest word in `ViewState.history`; 0: nothing concerns the user.
    public var last: UInt64 {
        @inline(__always) get {
            unsafe withUnsafeBytes(of: bytes) {
                unsafe UInt64($0.loadUnaligned(as: UInt32.self)) | UInt64($0[4]) << 32
            }
        }
        @inline(__always) set {
            unsafe withUnsafeMutableBytes(of: &bytes) {
                unsafe $0.storeBytes(of: UInt32(truncatingIfNeeded: newValue), as: UInt32.self)
                unsafe $0[4] = UInt8(truncatingIfNeeded: newValue >> 32)
            }
        }
    }

    /// `TallyRow`, + 1.
    public var tally: UInt32 {
        @inline(__always) get {
            unsafe withUnsafeBytes(of: bytes) {
                unsafe $0.loadUnaligned(fromByteOffset: Self.tallyOffset, as: UInt32.self)
            }
        }
        @inline(__always) set {
            unsafe withUnsafeMutableBytes(of: &bytes) {
                unsafe $0.storeBytes(of: newValue, toByteOffset: Self.tallyOffset, as: UInt32.self)
            }
        }
    }
}
