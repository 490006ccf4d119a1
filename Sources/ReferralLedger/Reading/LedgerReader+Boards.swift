import LedgerDomain
import LedgerLog
import LedgerState
import LedgerViews
import Platform

/// How new an answer of the views must be. Each carries its position.
public enum ViewFreshness: Sendable, Equatable {
    /// At or after what was on disk when it was asked: whoever has a receipt sees what it is for. The views
    /// first fold what they have not seen: while others write at full speed that is some milliseconds.
    case current
    /// At or after a position, such as a receipt's. What is there already is given at once when it is new
    /// enough. A position past the end of the log is taken as its end.
    case atLeast(LogPosition)
    /// At most a second old, and nothing is waited for while boards are kept up, which they are for five
    /// seconds after a question: for pages that many look at while payments stream in. On a quiet ledger the
    /// same as `current`, but for the groups of that second.
    case recent
}

extension LedgerReader {
    /// Folds what the views have not seen yet, up to what is on disk (or to where a past state stands), then
    /// runs the body.
    func withViews<R>(_ body: (ViewBox, LogHead) throws(LogError) -> R) throws(LedgerError) -> R {
        // Asked before: whoever takes both locks takes the state's first.
        let target = fixed ?? position
        viewBox.lockForReading()
        defer { viewBox.lock.unlock() }
        try checkOpen()
        do throws(LogError) {
            let answer: Result<R, LogError>
            do throws(LogError) {
                try viewBox.catchUp(store, through: target)
                answer = .success(try body(viewBox, viewBox.views.head))
            } catch {
                answer = .failure(error)
            }
            // Checked last, as blocks of the checkpoint are read when first touched; and told first.
            if let table = viewBox.views.damagedTable { throw .damaged(table) }
            return try answer.get()
        } catch {
            throw LedgerError(error)
        }
    }

    /// A leaderboard.
    ///
    /// ```swift
    /// let board = try ledger.current.leaderboard(by: .earnings, period: .currentMonth, limit: 10)
    /// ```
    ///
    /// - Parameters:
    ///   - asset: For `earnings`; nil: the programme's asset.
    ///   - limit: Entries at most.
    ///   - freshness: How new the answer must be; it carries its position.
    /// - Returns: nil for an unknown programme.
    public func leaderboard(
        by metric: LeaderboardMetric = .conversions, period: LeaderboardPeriod = .allTime,
        asset: AssetNumber? = nil,
        limit: Int = 10, programme: String? = nil, freshness: ViewFreshness = .current
    ) throws(LedgerError) -> Leaderboard? {
        let found = try reading { core throws(LogError) -> Spot? in
            try locate(metric, period, asset, programme, core)
        }
        guard let spot = found else { return nil }
        let board = try ranked(spot, freshness)
        let names = try board.names(first: limit) { (range) throws(LedgerError) -> [String] in
            try reading { core throws(LogError) in
                var names: [String] = []
                for index in range { names.append(try core.userText(Int(board.place(index).user.rawValue))) }
                return names
            }
        }
        var entries: [LeaderboardEntry] = []
        entries.reserveCapacity(names.count)
        for (index, name) in names.enumerated() {
            let place = board.place(index)
            entries.append(LeaderboardEntry(rank: place.rank, userId: name, score: place.score))
        }
        return Leaderboard(
            programme: spot.programmeId, metric: metric, asset: metric == .earnings ? spot.asset : nil,
            period: spot.period, isClosed: spot.isClosed, size: board.size, entries: entries,
            position: board.position)
    }

    /// A user's place on a leaderboard; nil for an unknown user, or one without a score above zero.
    /// Cost: a binary search, once the board has been ranked.
    ///
    /// ```swift
    /// let place = try ledger.current.rank(of: "u-1", by: .conversions)?.rank
    /// ```
    /// - Parameter freshness: How new the answer must be.
    public func rank(
        of userId: String, by metric: LeaderboardMetric = .conversions, period: LeaderboardPeriod = .allTime,
        asset: AssetNumber? = nil, programme: String? = nil, freshness: ViewFreshness = .current
    ) throws(LedgerError) -> LeaderboardEntry? {
        try place(
            of: userId, by: metric, period: period, asset: asset, programme: programme, freshness: freshness
        )?.value
    }

    /// As ``rank(of:by:period:asset:programme:freshness:)``, with the position that the answer holds at.
    /// - Returns: nil for an unknown programme or user; a value of nil for one without a score above zero.
    public func place(
        of userId: String, by metric: LeaderboardMetric = .conversions, period: LeaderboardPeriod = .allTime,
        asset: AssetNumber? = nil, programme: String? = nil, freshness: ViewFreshness = .current
    ) throws(LedgerError) -> Answered<LeaderboardEntry?>? {
        let found = try reading { core throws(LogError) -> (spot: Spot, user: UInt32)? in
            guard let spot = try locate(metric, period, asset, programme, core),
                let member = try member(userId, spot.programme, core),
                let row = core.visibleRow(member: member)
            else { return nil }
            return (spot, row.user)
        }
        guard let found else { return nil }
        let board = try ranked(found.spot, freshness)
        let entry = board.place(of: UserNumber(found.user)).map {
            LeaderboardEntry(rank: $0.rank, userId: userId, score: $0.score)
        }
        return Answered(value: entry, position: board.position)
    }

    /// How old a board may be for `recent`, in nanoseconds.
    private static let recentBound: UInt64 = 1_000_000_000

    /// A board in order: one that is there when it is new enough, else a new one.
    private func ranked(_ spot: Spot, _ freshness: ViewFreshness) throws(LedgerError) -> RankedBoard {
        try checkOpen()
        let key = spot.key
        let now = Clock.monotonicNanoseconds()
        if let known = viewBox.published(key, askedAt: now) {
            let isNew =
                switch freshness {
                case .current: known.board.position >= spot.head
                case .atLeast(let position): known.board.position >= min(position, spot.head)
                case .recent: now &- known.asOf <= Self.recentBound || known.board.position >= spot.head
                }
            if isNew { return known.board }
        }
        let board = try withViews { box, _ in box.ranked.board(key, &box.views) }
        viewBox.publish(key, board, asOf: now, askedAt: now)
        return board
    }

    /// Which board is meant.
    private struct Spot {
        let programme: ProgrammeNumber
        let programmeId: String
        let metric: LeaderboardMetric
        let kind: PeriodKind?
        let asset: AssetNumber
        let period: Period?
        let isClosed: Bool
        /// Where the log stood when it was asked.
        let head: LogPosition

        var key: BoardKey {
            BoardKey(
                programme: programme, period: kind?.rawValue ?? 0, metric: metric,
                asset: metric == .earnings ? asset.rawValue : 0,
                start: period?.start ?? Timestamp(nanoseconds: 0))
        }
    }

    private func locate(
        _ metric: LeaderboardMetric, _ period: LeaderboardPeriod, _ asset: AssetNumber?,
        _ programmeId: String?, _ core: borrowing CoreState
    ) throws(LogError) -> Spot? {
        guard let number = try self.programme(programmeId, core),
            let row = core.visibleRow(programme: Int(number.rawValue))
        else { return nil }
        let clock = Timestamp(nanoseconds: row.clock == .min ? max(row.lastFactAt, 0) : row.clock)
        let (kind, moment): (PeriodKind?, Timestamp) =
            switch period {
            case .allTime: (nil, clock)
            case .currentWeek: (.week, clock)
            case .currentMonth: (.month, clock)
            case .week(let moment): (.week, moment)
            case .month(let moment): (.month, moment)
            }
        var span: Period?
        if let kind, let index = core.visiblePolicy(number, at: moment) {
            let policy = try core.readPolicy(index)
            span =
                kind == .week
                ? policy.zone.week(containing: moment, start: policy.policy.weekStart)
                : policy.zone.month(containing: moment)
        }
        let closedTo = kind == .week ? row.weekClosedTo : row.monthClosedTo
        return Spot(
            programme: number, programmeId: try self.programmeId(number, core), metric: metric, kind: kind,
            asset: asset ?? AssetNumber(rawValue: row.asset), period: span,
            isClosed: span.map { $0.end.nanoseconds <= closedTo } ?? false,
            head: fixed ?? core.visibleHead.position)
    }
}
