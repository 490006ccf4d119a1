import LedgerDomain
import LedgerLog

/// A leaderboard: one programme, period, metric and asset. 40 bytes.
@frozen
public struct BoardRow: StateRow {
    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    /// The programme.
    public var programme: UInt16 = 0
    /// 0 all time, else `PeriodKind`.
    public var period: UInt8 = 0
    /// `LeaderboardMetric`.
    public var metric: UInt8 = 0
    /// The asset that amounts are in.
    public var asset: UInt16 = 0
    public var closed: UInt16 = 0
    /// First score, + 1.
    public var first: UInt32 = 0
    public var scores: UInt32 = 0
    /// Changes so far: tells a ranked copy that it is old.
    public var changes: UInt32 = 0
    /// Its first moment.
    public var start: Int64 = 0
    /// The first moment after it.
    public var end: Int64 = 0
    /// With the defaults.
    public init() {}
}

/// A member's score on a board. 32 bytes.
@frozen
public struct ScoreRow: StateRow {
    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    /// The board.
    public var board: UInt32 = 0
    /// The user's number.
    public var user: UInt32 = 0
    /// Next score of the board, + 1.
    public var next: UInt32 = 0
    /// A count, or minor units.
    public var score: Int64 = 0
    /// When, in log order, the score became what it is: the number of the event among those that count.
    public var reached: UInt64 = 0
    /// With the defaults.
    public init() {}
}

/// The newest piece of a user's history. 8 bytes.
@frozen
public struct HistoryRow: StateRow {
    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    /// `HistoryChunkRow`, + 1.
    public var last: UInt32 = 0
    /// With the defaults.
    public init() {}
}

/// Base positions of up to six records that concern a user. 64 bytes.
@frozen
public struct HistoryChunkRow: StateRow {
    public static let capacity = 6
    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    public var previous: UInt32 = 0
    /// How many.
    public var count: UInt64 = 0
    public var positions: InlineArray<6, UInt64> = .init(repeating: 0)
    /// With the defaults.
    public init() {}
}

/// What leaderboards count.
public enum LeaderboardMetric: UInt8, Sendable, CaseIterable {
    case referrals = 0
    case conversions, earnings
    /// Stable name.
    public var name: String {
        switch self {
        case .referrals: "referrals"
        case .conversions: "conversions"
        case .earnings: "earnings"
        }
    }
}

/// The folds that nothing is decided by: leaderboards, and which records concern a user.
///
/// Folded from durable records only, off the writer, with a position of their own. Not thread-safe; all calls
/// are
/// made under the views' lock.
public struct ViewState: ~Copyable {
    /// Changes when the same log folds to other rows.
    public static let foldVersion: UInt32 = 2
    let home = TableHome()
    /// Whether a table's number is one of the views': 60 to 79. The others are the core's.
    public static func owns(table: Int) -> Bool { (60..<80).contains(table) }

    /// See `AddressOnly`.
    private let pin = AddressOnly()
    var undo = UndoLog()
    let hash: KeyedHash
    public internal(set) var boards: RowTable<BoardRow>
    public internal(set) var scores: RowTable<ScoreRow>
    public internal(set) var histories: RowTable<HistoryRow>
    public internal(set) var chunks: RowTable<HistoryChunkRow>
    /// One row of programme facts that folding needs: zones, week starts and what is closed.
    var boardIds: IdTable
    var scoreIds: IdTable
    /// Where the folded log ends.
    public internal(set) var head = LogHead.empty
    /// Events so far that count: those that change what anyone has, not how the log came to be.
    public internal(set) var sequence: UInt64 = 0
    /// Derived from `PolicyPublished`; rebuilt from the log when a checkpoint is opened.
    var calendars: [ProgrammeCalendar] = []
    var touched: [UInt32] = []

    /// Memberwise.
    public init(hashSeed: UInt64) {
        hash = KeyedHash(seed: hashSeed)
        boards = RowTable(60, "boards", home)
        scores = RowTable(61, "scores", home)
        histories = RowTable(62, "histories", digested: false, home)
        chunks = RowTable(63, "historyChunks", digested: false, home)
        boardIds = IdTable(70, "boardIds", home)
        scoreIds = IdTable(71, "scoreIds", home)
    }

    /// A block of the checkpoint was found damaged: throw the views away and fold the log again.
    public var damagedTable: String? { home.damage.table }
}

extension ViewState: TableSet {
    public mutating func visit(_ visitor: inout some TableVisitor) {
        visitor.rows(&boards)
        visitor.rows(&scores)
        visitor.rows(&histories)
        visitor.rows(&chunks)
        visitor.ids(&boardIds)
        visitor.ids(&scoreIds)
    }
}

/// The policy versions of a programme, as far as periods need them.
struct ProgrammeCalendar {
    struct Version {
        let effectiveFrom: Timestamp
        let zone: ZoneRules
        let weekStart: Weekday
    }
    var versions: [Version] = []
    /// Last answers: facts come nearly in order.
    var week = Period(start: Timestamp(nanoseconds: 0), end: Timestamp(nanoseconds: 0))
    var month = Period(start: Timestamp(nanoseconds: 0), end: Timestamp(nanoseconds: 0))
    var weekClosedTo = Int64.min
    var monthClosedTo = Int64.min

    /// The version that rules a moment: as `CoreState.policyIndex`.
    func version(at moment: Timestamp) -> Version? {
        var best: Version?
        for version in versions where version.effectiveFrom <= moment {
            if let known = best, known.effectiveFrom > version.effectiveFrom { continue }
            best = version
        }
        return best ?? versions.first
    }

    mutating func period(_ kind: PeriodKind, containing moment: Timestamp) -> Period {
        let known = kind == .week ? week : month
        if known.contains(moment), versions.count == 1 { return known }
        guard let version = version(at: moment) else { return known }
        let found =
            kind == .week
            ? version.zone.week(containing: moment, start: version.weekStart)
            : version.zone.month(containing: moment)
        if kind == .week { week = found } else { month = found }
        return found
    }
}
