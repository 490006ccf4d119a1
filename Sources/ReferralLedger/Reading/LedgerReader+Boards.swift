import LedgerDomain
import LedgerLog
import LedgerState
import LedgerViews

extension LedgerReader {
    /// Folds what the views have not seen yet, up to what is on disk (or to where a past state stands), then
    /// runs the body.
    func withViews<R>(_ body: (ViewBox, LogHead) throws(LogError) -> R) throws(LedgerError) -> R {
        // Asked before: whoever takes both locks takes the state's first.
        let target = fixed ?? position
        viewBox.lock.lock()
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
    /// - Returns: nil for an unknown programme.
    public func leaderboard(
        by metric: LeaderboardMetric = .conversions, period: LeaderboardPeriod = .allTime,
        asset: AssetNumber? = nil,
        limit: Int = 10, programme: String? = nil
    ) throws(LedgerError) -> Leaderboard? {
        guard let spot = try locate(metric, period, asset, programme) else { return nil }
        let (places, head) = try withViews { box, head in
            (spot.board(box.views).map { box.ranked.places(of: $0, box.views) } ?? [], head)
        }
        let entries = try reading { core throws(LogError) in
            var entries: [LeaderboardEntry] = []
            for place in places.prefix(max(0, limit)) {
                entries.append(
                    LeaderboardEntry(
                        rank: place.rank, userId: try core.userId(Int(place.user.rawValue)).string,
                        score: place.score))
            }
            return entries
        }
        return Leaderboard(
            programme: spot.programmeId, metric: metric, asset: metric == .earnings ? spot.asset : nil,
            period: spot.period, isClosed: spot.isClosed, size: places.count, entries: entries,
            position: head.position)
    }

    /// A user's place on a leaderboard; nil for an unknown user, or one without a score above zero.
    /// Cost: a binary search, once the board has been ranked.
    ///
    /// ```swift
    /// let place = try ledger.current.rank(of: "u-1", by: .conversions)?.rank
    /// ```
    public func rank(
        of userId: String, by metric: LeaderboardMetric = .conversions, period: LeaderboardPeriod = .allTime,
        asset: AssetNumber? = nil, programme: String? = nil
    ) throws(LedgerError) -> LeaderboardEntry? {
        guard let spot = try locate(metric, period, asset, programme) else { return nil }
        let user = try reading { core throws(LogError) -> UInt32? in
            try member(userId, programme, core).flatMap { core.visibleRow(member: $0)?.user }
        }
        guard let user else { return nil }
        return try withViews { box, _ in
            guard let board = spot.board(box.views) else { return nil }
            return box.ranked.rank(of: UserNumber(user), on: board, box.views).map {
                LeaderboardEntry(rank: $0.rank, userId: userId, score: $0.score)
            }
        }
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

        func board(_ views: borrowing ViewState) -> Int? {
            views.findBoard(
                programme, kind?.rawValue ?? 0, metric, metric == .earnings ? asset.rawValue : 0,
                period?.start ?? Timestamp(nanoseconds: 0))
        }
    }

    private func locate(
        _ metric: LeaderboardMetric, _ period: LeaderboardPeriod, _ asset: AssetNumber?,
        _ programmeId: String?
    ) throws(LedgerError) -> Spot? {
        try reading { core throws(LogError) in
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
                programme: number, programmeId: try core.programmeId(Int(number.rawValue)).string,
                metric: metric,
                kind: kind, asset: asset ?? AssetNumber(rawValue: row.asset), period: span,
                isClosed: span.map { $0.end.nanoseconds <= closedTo } ?? false)
        }
    }
}

extension ViewBox {
    /// Folds records up to a position. Called with the lock held.
    func catchUp(_ store: LogStore, through position: LogPosition) throws(LogError) {
        guard views.head.position < position else { return }
        unsafe try store.scan(after: views.head.position, through: position) {
            record, header throws(LogError) in
            do throws(FoldFault) {
                try unsafe views.apply(record: record, header: header)
            } catch {
                throw LogError(.broken, error.message, position: error.position)
            }
            return true
        }
    }
}
