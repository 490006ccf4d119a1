import LedgerDomain
import LedgerLog

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
    public static let foldVersion: UInt32 = 5
    let home = TableHome()
    /// The number of `history`, for who keeps its blocks.
    public static let historyTable = 75
    /// Whether a table's number is one of the views': 60 to 79. The others are the core's.
    public static func owns(table: Int) -> Bool { (60..<80).contains(table) }

    /// See `AddressOnly`.
    private let pin = AddressOnly()
    var undo = UndoLog()
    let hash: KeyedHash
    public internal(set) var boards: PlainTable<BoardRow>
    var spans: PlainTable<SpanRow>
    var tallyExtents: PlainTable<ExtentRow>
    public internal(set) var tallies: PlainTable<TallyRow>
    var scoreExtents: PlainTable<ExtentRow>
    public internal(set) var scores: PlainTable<ScoreRow>
    var users: PlainTable<ViewUserRow>
    /// Which records concern whom: see `ViewState+History`.
    var history: WordTable
    /// No block of `history` before this one is in memory of its own.
    var historyReleased = 0
    /// The record whose position was put into `history` last, and where.
    var noted: (base: LogPosition, word: UInt64)?
    var boardIds: IdTable
    /// Where the folded log ends.
    public internal(set) var head = LogHead.empty
    /// Events so far that count: those that change what anyone has, not how the log came to be.
    public internal(set) var sequence: UInt64 = 0
    /// Derived from `PolicyPublished`; rebuilt from the log when a checkpoint is opened.
    var calendars: [ProgrammeCalendar] = []
    var touched: [UInt32] = []
    var caches: [SeriesCache] = []
    var watches: [SeriesWatch] = []

    /// Memberwise.
    public init(hashSeed: UInt64) {
        hash = KeyedHash(seed: hashSeed)
        boards = PlainTable(64, "boards", digested: true, home)
        spans = PlainTable(65, "spans", digested: true, home)
        tallyExtents = PlainTable(66, "tallyExtents", digested: true, home)
        tallies = PlainTable(67, "tallies", digested: true, home)
        scoreExtents = PlainTable(68, "scoreExtents", digested: true, home)
        scores = PlainTable(69, "scores", digested: true, home)
        users = PlainTable(74, "viewUsers", home)
        history = WordTable(Self.historyTable, "history", home.withPlainMemory)
        // 71 was an id table of scores, 72 and 73 were rows of users and pieces of histories.
        boardIds = IdTable(70, "boardIds", home)
    }

    /// A block of the checkpoint was found damaged: throw the views away and fold the log again.
    public var damagedTable: String? { home.damage.table }
}

extension ViewState: TableSet {
    public mutating func visit(_ visitor: inout some TableVisitor) {
        visitor.words(&boards)
        visitor.words(&spans)
        visitor.words(&tallyExtents)
        visitor.words(&tallies)
        visitor.words(&scoreExtents)
        visitor.words(&scores)
        visitor.words(&users)
        visitor.words(&history)
        visitor.ids(&boardIds)
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

    /// The week and the month that a moment belongs to, as far as they are open.
    mutating func open(at moment: Timestamp) -> (week: Period?, month: Period?) {
        let week = period(.week, containing: moment)
        let month = period(.month, containing: moment)
        return (
            week.end.nanoseconds > weekClosedTo ? week : nil,
            month.end.nanoseconds > monthClosedTo ? month : nil
        )
    }

    /// Nanoseconds from and before which every moment has the last answers: none while several versions may rule them.
    var constant: (from: Int64, until: Int64) {
        guard versions.count == 1 else { return (.max, .min) }
        return (
            max(week.start.nanoseconds, month.start.nanoseconds),
            min(week.end.nanoseconds, month.end.nanoseconds)
        )
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
