import LedgerDomain
import LedgerLog

/// What a board or series is called.
public struct BoardKey: Hashable, Sendable {
    /// The programme.
    public var programme: ProgrammeNumber
    /// 0 all time, else `PeriodKind`.
    public var period: UInt8
    /// What is counted.
    public var metric: LeaderboardMetric
    /// Raw number of the asset; 0 for counts.
    public var asset: UInt16
    /// The period's first moment; 1970 for all time.
    public var start: Timestamp

    /// Memberwise.
    public init(
        programme: ProgrammeNumber, period: UInt8, metric: LeaderboardMetric, asset: UInt16, start: Timestamp
    ) {
        self.programme = programme
        self.period = period
        self.metric = metric
        self.asset = asset
        self.start = start
    }
}

/// Where the last changes of a series went: facts come nearly in order. Derived, never persisted.
struct SeriesCache {
    let programme: ProgrammeNumber
    let metric: LeaderboardMetric
    let asset: UInt16
    /// Board of all time.
    let series: Int
    /// Starts of the week and month that `span` is of; nil where they were closed.
    var week: Int64?
    var month: Int64?
    /// `SpanRow`, + 1.
    var span: UInt32 = 0
    /// Nanoseconds: what was found of week and month holds from the first to before the second, while no calendar changes.
    var holds = (from: Int64.max, until: Int64.min)
    /// Place in `watches`, if it is watched.
    var watch: Int?
}

/// A series that somebody keeps a ranked copy of: whose score has changed.
struct SeriesWatch {
    let series: Int
    var changed: [UInt32] = []
    /// More than is worth merging: the copy is to be made anew.
    var isOverflown = false
}

extension ViewState {
    // MARK: Boards

    private static let forever = Period(start: Timestamp(nanoseconds: 0), end: Timestamp(nanoseconds: 0))
    /// More changed users than this, and a ranked copy is made anew.
    private static let watchBound = 1 << 18

    private func boardHash(_ key: BoardKey) -> UInt64 {
        hash(
            UInt64(key.programme.rawValue) << 32 | UInt64(key.period) << 24 | UInt64(key.metric.rawValue)
                << 16
                | UInt64(key.asset),
            UInt64(bitPattern: key.start.nanoseconds))
    }

    func hash(_ a: UInt64, _ b: UInt64) -> UInt64 {
        var words = (a, b)
        return unsafe withUnsafeBytes(of: &words) { raw in
            unsafe hash(
                BorrowedText(raw.baseAddress!.assumingMemoryBound(to: UInt8.self), count: 16), space: 11)
        }
    }

    /// A board's number; nil when nothing was ever scored on it.
    public func findBoard(_ key: BoardKey) -> Int? {
        var probe = boardIds.probe(boardHash(key))
        while let candidate = boardIds.next(&probe) {
            guard candidate < boards.count else { continue }
            let row = unsafe boards.peek(candidate).pointee
            if row.programme == key.programme.rawValue, row.period == key.period,
                row.metric == key.metric.rawValue, row.asset == key.asset, row.start == key.start.nanoseconds
            {
                return candidate
            }
        }
        return nil
    }

    private mutating func board(_ key: BoardKey, until end: Timestamp, series: Int?) -> Int {
        if let known = findBoard(key) { return known }
        var row = BoardRow()
        row.programme = key.programme.rawValue
        row.period = key.period
        row.metric = key.metric.rawValue
        row.asset = key.asset
        row.start = key.start.nanoseconds
        row.end = end.nanoseconds
        let number = boards.count
        row.series = UInt32(series ?? number)
        boards.add(row)
        boardIds.insert(boardHash(key), number, &undo)
        return number
    }

    private mutating func cache(
        _ programme: ProgrammeNumber, _ metric: LeaderboardMetric, _ asset: UInt16
    ) -> Int {
        for i in caches.indices
        where caches[i].metric == metric && caches[i].asset == asset && caches[i].programme == programme {
            return i
        }
        let key = BoardKey(
            programme: programme, period: 0, metric: metric, asset: asset, start: Self.forever.start)
        let series = board(key, until: Self.forever.end, series: nil)
        if caches.count >= 32 { caches.removeAll(keepingCapacity: true) }
        caches.append(
            SeriesCache(
                programme: programme, metric: metric, asset: asset, series: series,
                watch: watches.firstIndex { $0.series == series }))
        return caches.count - 1
    }

    /// Counts a change of a user's score at a moment: of all time, and in those of its week and month that
    /// are open.
    mutating func score(
        _ user: UserNumber, _ metric: LeaderboardMetric, _ asset: UInt16, _ change: Int64,
        _ moment: Timestamp,
        _ programme: ProgrammeNumber
    ) {
        let at = cache(programme, metric, asset)
        if moment.nanoseconds < caches[at].holds.from || moment.nanoseconds >= caches[at].holds.until {
            findSpan(at, moment)
        }
        let (series, span) = (caches[at].series, caches[at].span)
        if let watch = caches[at].watch { noteChange(of: user, watch) }
        if let known = findTally(series, user.rawValue) {
            if unsafe tallies.peek(known).pointee.span != span { spread(known, series) }
            let row = unsafe tallies.change(known)
            // In range: the programme's sums were checked when it was decided.
            unsafe row.pointee.score &+= change
            unsafe row.pointee.reached = sequence
            if unsafe row.pointee.span == 0 {
                let boards = unsafe spans.peek(Int(span) - 1).pointee
                if boards.week != 0 { add(change, to: known, Int(boards.week) - 1) }
                if boards.month != 0 { add(change, to: known, Int(boards.month) - 1) }
            }
            return
        }
        addTally(series, user.rawValue, span, change)
    }

    /// Makes a series' cache that of a moment.
    private mutating func findSpan(_ at: Int, _ moment: Timestamp) {
        let programme = Int(caches[at].programme.rawValue)
        while calendars.count <= programme { calendars.append(ProgrammeCalendar()) }
        let (week, month) = calendars[programme].open(at: moment)
        if caches[at].span == 0 || caches[at].week != week?.start.nanoseconds
            || caches[at].month != month?.start.nanoseconds
        {
            caches[at].week = week?.start.nanoseconds
            caches[at].month = month?.start.nanoseconds
            caches[at].span = span(week, month, caches[at])
        }
        caches[at].holds = calendars[programme].constant
    }

    /// A calendar has changed: what was found by it may hold no more.
    mutating func calendarsChanged() {
        for i in caches.indices { caches[i].holds = (.max, .min) }
    }

    private mutating func noteChange(of user: UserNumber, _ watch: Int) {
        if watches[watch].isOverflown { return }
        watches[watch].changed.append(user.rawValue)
        if watches[watch].changed.count >= Self.watchBound {
            watches[watch].isOverflown = true
            watches[watch].changed = []
        }
    }

    /// The series' span of a week and a month, + 1. Cost: nearly always that of one row; a late fact walks
    /// back.
    private mutating func span(_ week: Period?, _ month: Period?, _ cache: SeriesCache) -> UInt32 {
        var wanted = SpanRow()
        func key(_ kind: PeriodKind, _ period: Period) -> BoardKey {
            BoardKey(
                programme: cache.programme, period: kind.rawValue, metric: cache.metric, asset: cache.asset,
                start: period.start)
        }
        if let week {
            wanted.week = UInt32(board(key(.week, week), until: week.end, series: cache.series) + 1)
        }
        if let month {
            wanted.month = UInt32(board(key(.month, month), until: month.end, series: cache.series) + 1)
        }
        var next = unsafe boards.peek(cache.series).pointee.lastSpan
        while next != 0 {
            let known = unsafe spans.peek(Int(next) - 1).pointee
            if known.week == wanted.week, known.month == wanted.month { return next }
            next = known.previous
        }
        wanted.previous = unsafe boards.peek(cache.series).pointee.lastSpan
        spans.add(wanted)
        unsafe boards.change(cache.series).pointee.lastSpan = UInt32(spans.count)
        return UInt32(spans.count)
    }

    // MARK: Tallies and scores

    /// A user's tally in a series; nil when there is none. Cost: a row for each series that the user has
    /// scored in.
    @inline(__always)
    func findTally(_ series: Int, _ user: UInt32) -> Int? {
        guard Int(user) < users.count else { return nil }
        var next = unsafe users.peek(Int(user)).pointee.tally
        while next != 0 {
            let number = Int(next) - 1
            if unsafe Int(tallyExtents.peek(number / ExtentRow.rows).pointee.board) == series {
                return number
            }
            next = unsafe tallies.peek(number).pointee.next
        }
        return nil
    }

    private mutating func addTally(_ series: Int, _ user: UInt32, _ span: UInt32, _ score: Int64) {
        let board = unsafe boards.change(series)
        if unsafe board.pointee.lastExtent == 0 || Int(board.pointee.filled) == ExtentRow.rows {
            var extent = ExtentRow()
            extent.board = UInt32(series)
            extent.previous = unsafe board.pointee.lastExtent
            tallyExtents.add(extent)
            tallies.extend(to: tallyExtents.count * ExtentRow.rows)
            unsafe board.pointee.lastExtent = UInt32(tallyExtents.count)
            unsafe board.pointee.filled = 0
        }
        let number = unsafe (Int(board.pointee.lastExtent) - 1) * ExtentRow.rows + Int(board.pointee.filled)
        unsafe board.pointee.filled += 1
        if Int(user) >= users.count { users.extend(to: Int(user) + 1) }
        let owner = unsafe users.change(Int(user))
        var row = TallyRow()
        row.user = user
        row.next = unsafe owner.pointee.tally
        row.span = span
        row.score = score
        row.reached = sequence
        unsafe tallies.change(number).pointee = row
        unsafe owner.pointee.tally = UInt32(number + 1)
    }

    /// The user has scored in several spans: what was of one becomes rows of its week and month.
    private mutating func spread(_ tally: Int, _ series: Int) {
        let row = unsafe tallies.peek(tally).pointee
        guard row.span != 0 else { return }
        let boards = unsafe spans.peek(Int(row.span) - 1).pointee
        unsafe tallies.change(tally).pointee.span = 0
        if boards.week != 0 { addScore(Int(boards.week) - 1, tally, row.score, row.reached, after: nil) }
        if boards.month != 0 { addScore(Int(boards.month) - 1, tally, row.score, row.reached, after: nil) }
    }

    /// A user's row on a week's or month's board, by the user's tally in the series; nil when there is none. Cost: that of
    /// one row for the newest, of a row for each later week or month for others.
    func findScore(_ board: Int, of tally: Int) -> Int? { seekScore(board, of: tally).found }

    /// The same, and after which row it would stand: rows go back in time from the tally.
    @inline(__always)
    private func seekScore(_ board: Int, of tally: Int) -> (found: Int?, later: Int?) {
        let wanted = unsafe boards.peek(board)
        var later: Int?
        var next = unsafe tallies.peek(tally).pointee[newest: wanted.pointee.period]
        while next != 0 {
            let number = Int(next) - 1
            let other = unsafe Int(scoreExtents.peek(number / ExtentRow.rows).pointee.board)
            if other == board { return (number, later) }
            // Two boards of a series and kind never begin at the same moment.
            if unsafe boards.peek(other).pointee.start < wanted.pointee.start { break }
            later = number
            next = unsafe scores.peek(number).pointee.previous
        }
        return (nil, later)
    }

    /// Starts loading the rows of the newest week and month behind a user's tally.
    @inline(__always)
    func prefetch(scoresOf user: UInt32) {
        guard Int(user) < users.count else { return }
        let tally = unsafe users.peek(Int(user)).pointee.tally
        if tally == 0 { return }
        let row = unsafe tallies.peek(Int(tally) - 1)
        let week = unsafe row.pointee[newest: PeriodKind.week.rawValue]
        let month = unsafe row.pointee[newest: PeriodKind.month.rawValue]
        if week != 0 { scores.prefetch(Int(week) - 1) }
        if month != 0 { scores.prefetch(Int(month) - 1) }
    }

    private mutating func add(_ change: Int64, to tally: Int, _ board: Int) {
        let (known, later) = seekScore(board, of: tally)
        guard let known else { return addScore(board, tally, change, sequence, after: later) }
        let row = unsafe scores.change(known)
        unsafe row.pointee.score &+= change
        unsafe row.pointee.reached = sequence
    }

    /// Adds a row, in its place among the user's others.
    /// - Parameter later: the row after which it stands; nil: it is the newest.
    private mutating func addScore(
        _ number: Int, _ tally: Int, _ score: Int64, _ reached: UInt64, after later: Int?
    ) {
        let board = unsafe boards.change(number)
        if unsafe board.pointee.lastExtent == 0 || Int(board.pointee.filled) == ExtentRow.rows {
            var extent = ExtentRow()
            extent.board = UInt32(number)
            extent.previous = unsafe board.pointee.lastExtent
            scoreExtents.add(extent)
            scores.extend(to: scoreExtents.count * ExtentRow.rows)
            unsafe board.pointee.lastExtent = UInt32(scoreExtents.count)
            unsafe board.pointee.filled = 0
        }
        let place = unsafe (Int(board.pointee.lastExtent) - 1) * ExtentRow.rows + Int(board.pointee.filled)
        unsafe board.pointee.filled += 1
        let kind = unsafe board.pointee.period
        let owner = unsafe tallies.change(tally)
        var row = ScoreRow()
        row.user = unsafe owner.pointee.user
        row.score = score
        row.reached = reached
        if let later {
            let newer = unsafe scores.change(later)
            row.previous = unsafe newer.pointee.previous
            unsafe newer.pointee.previous = UInt32(place + 1)
        } else {
            row.previous = unsafe owner.pointee[newest: kind]
            unsafe owner.pointee[newest: kind] = UInt32(place + 1)
        }
        unsafe scores.change(place).pointee = row
    }

    /// On open boards the one that stays is listed with what both had; closed ones do not change any more.
    mutating func mergeScores(_ e: UsersMerged, _ programme: ProgrammeNumber) {
        while calendars.count <= Int(programme.rawValue) { calendars.append(ProgrammeCalendar()) }
        let calendar = calendars[Int(programme.rawValue)]
        for series in 0..<boards.count {
            let row = unsafe boards.peek(series).pointee
            guard row.period == 0, row.programme == programme.rawValue,
                let from = findTally(series, e.from.rawValue)
            else { continue }
            spread(from, series)
            if let watch = watches.firstIndex(where: { $0.series == series }) {
                noteChange(of: e.from, watch)
                noteChange(of: e.into, watch)
            }
            let score = unsafe tallies.peek(from).pointee.score
            if let into = findTally(series, e.into.rawValue) { spread(into, series) }
            moveTally(score, from, e.into.rawValue, series)
            guard let into = findTally(series, e.into.rawValue) else { continue }
            for number in 0..<boards.count {
                let board = unsafe boards.peek(number).pointee
                let closedTo =
                    board.period == PeriodKind.week.rawValue ? calendar.weekClosedTo : calendar.monthClosedTo
                guard board.series == UInt32(series), board.period != 0, board.end > closedTo,
                    let known = findScore(number, of: from)
                else { continue }
                let score = unsafe scores.peek(known).pointee.score
                guard score != 0 else { continue }
                add(-score, to: from, number)
                add(score, to: into, number)
            }
        }
    }

    /// The one that stays has a tally without a span from here on, as it may get rows of weeks and months.
    private mutating func moveTally(_ score: Int64, _ from: Int, _ into: UInt32, _ series: Int) {
        guard score != 0 else {
            if findTally(series, into) == nil { addTally(series, into, 0, 0) }
            return
        }
        let old = unsafe tallies.change(from)
        unsafe old.pointee.score &-= score
        unsafe old.pointee.reached = sequence
        guard let known = findTally(series, into) else { return addTally(series, into, 0, score) }
        let row = unsafe tallies.change(known)
        unsafe row.pointee.score &+= score
        unsafe row.pointee.reached = sequence
    }

    // MARK: Reading

    /// A user's score on a board, and when it was reached; nil when there is none.
    public func standing(of user: UserNumber, on board: Int) -> (score: Int64, reached: UInt64)? {
        let row = unsafe boards.peek(board).pointee
        guard let tally = findTally(Int(row.series), user.rawValue) else { return nil }
        let known = unsafe tallies.peek(tally).pointee
        if row.period == 0 || covers(known.span, board) { return (known.score, known.reached) }
        // While there is a span, all there is stands in the tally.
        guard known.span == 0, let number = findScore(board, of: tally) else { return nil }
        let score = unsafe scores.peek(number).pointee
        return (score.score, score.reached)
    }

    private func covers(_ span: UInt32, _ board: Int) -> Bool {
        guard span != 0 else { return false }
        let boards = unsafe spans.peek(Int(span) - 1).pointee
        return boards.week == UInt32(board + 1) || boards.month == UInt32(board + 1)
    }

    /// All scores of a board. Cost: in step with the users that have scored in its series.
    public func visitScores(
        of board: Int, _ body: (_ user: UInt32, _ score: Int64, _ reached: UInt64) -> Void
    ) {
        let row = unsafe boards.peek(board).pointee
        visitExtents(unsafe boards.peek(Int(row.series)).pointee, tallyExtents) { number in
            let tally = unsafe tallies.peek(number).pointee
            if row.period == 0 || covers(tally.span, board) { body(tally.user, tally.score, tally.reached) }
        }
        if row.period == 0 { return }
        visitExtents(row, scoreExtents) { number in
            let score = unsafe scores.peek(number).pointee
            body(score.user, score.score, score.reached)
        }
    }

    private func visitExtents(
        _ board: BoardRow, _ extents: borrowing PlainTable<ExtentRow>, _ body: (Int) -> Void
    ) {
        var next = board.lastExtent
        var rows = Int(board.filled)
        while next != 0 {
            let first = (Int(next) - 1) * ExtentRow.rows
            for number in first..<(first + rows) { body(number) }
            next = unsafe extents.peek(Int(next) - 1).pointee.previous
            rows = ExtentRow.rows
        }
    }

    /// The series that a board belongs to.
    public func series(of board: Int) -> Int { unsafe Int(boards.peek(board).pointee.series) }

    /// From now on, users whose score in a series changes are written down for `takeChanges`.
    public mutating func watch(_ series: Int) {
        if watches.contains(where: { $0.series == series }) { return }
        watches.append(SeriesWatch(series: series))
        for i in caches.indices where caches[i].series == series { caches[i].watch = watches.count - 1 }
    }

    /// Ends all watching.
    public mutating func unwatchAll() {
        watches = []
        caches.removeAll(keepingCapacity: true)
    }

    /// Whose score in a watched series has changed since last asked; nil: too many to say.
    public mutating func takeChanges(_ series: Int) -> [UInt32]? {
        guard let at = watches.firstIndex(where: { $0.series == series }) else { return nil }
        let changed = watches[at].isOverflown ? nil : watches[at].changed
        watches[at].isOverflown = false
        watches[at].changed = []
        return changed
    }
}
