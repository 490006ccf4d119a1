import LedgerDomain
import LedgerLog

extension ViewState {
    /// Folds a durable record. The core has folded it before, so what it says holds.
    public mutating func apply(record: UnsafeRawBufferPointer, header: RecordHeader) throws(FoldFault) {
        touched.removeAll(keepingCapacity: true)
        let fault = unsafe StoredRecord.walk(record) { stored, envelope in
            if stored.event.counts { sequence += 1 }
            fold(stored, envelope)
            return true
        }
        if let fault { throw FoldFault("log.decoding", fault.message, at: header.basePosition) }
        for user in touched { note(user, header.basePosition) }
        head = LogHead(
            position: header.lastPosition, records: header.ordinal + 1, recordedAt: header.recordedAt)
    }

    /// Reads only what calendars need: for the part of the log that a checkpoint covers.
    public mutating func recall(policy published: PolicyPublished, in programme: ProgrammeNumber) {
        while calendars.count <= Int(programme.rawValue) { calendars.append(ProgrammeCalendar()) }
        guard let policy = try? Policy.parse(unsafe Array(published.rules.utf8)) else { return }
        let zone =
            published.zoneRules.isEmpty
            ? ZoneRules.utc : ZoneRules(bytes: unsafe Array(published.zoneRules.utf8))
        calendars[Int(programme.rawValue)].versions.append(
            .init(effectiveFrom: published.effectiveFrom, zone: zone ?? .utc, weekStart: policy.weekStart))
    }

    /// Restores how far periods were closed at the checkpoint.
    public mutating func recall(closedTo: (week: Int64, month: Int64), in programme: Int) {
        while calendars.count <= programme { calendars.append(ProgrammeCalendar()) }
        calendars[programme].weekClosedTo = closedTo.week
        calendars[programme].monthClosedTo = closedTo.month
    }

    private mutating func fold(_ stored: StoredEvent, _ envelope: RecordEnvelope) {
        let programme = envelope.programme
        switch stored.event {
        case .policyPublished(let e): recall(policy: e, in: programme)
        case .userSignedUp(let e): touch(e.user)
        case .codeIssued(let e): touch(e.owner)
        case .codeExpired(let e): touch(e.owner)
        case .referralAttributed(let e):
            touch(e.referee)
            touch(e.referrer)
            score(e.referrer, .referrals, 0, 1, stored.occurredAt, programme)
        case .attributionRejected(let e): touch(e.referee)
        case .referralAdvanced(let e): touch(e.referee)
        case .referralExpired(let e): touch(e.referee)
        case .referralConverted(let e):
            touch(e.referrer)
            score(e.referrer, .conversions, 0, 1, stored.occurredAt, programme)
        case .referralReverted(let e):
            touch(e.referee)
            touch(e.referrer)
            score(e.referrer, .conversions, 0, -1, e.convertedAt, programme)
        case .paymentReceived(let e): touch(e.payer)
        case .commissionEarned(let e):
            touch(e.beneficiary)
            score(e.beneficiary, .earnings, e.asset.rawValue, e.amount, stored.occurredAt, programme)
        case .commissionReversed(let e):
            touch(e.beneficiary)
            score(e.beneficiary, .earnings, e.asset.rawValue, -e.amount, e.earnedAt, programme)
        case .rewardMatured(let e): touch(e.beneficiary)
        case .periodClosed(let e): close(e, programme)
        case .commissionRestored(let e):
            touch(e.beneficiary)
            score(e.beneficiary, .earnings, e.asset.rawValue, e.amount, e.earnedAt, programme)
        case .rewardGranted(let e):
            touch(e.beneficiary)
            score(e.beneficiary, .earnings, e.asset.rawValue, e.amount, stored.occurredAt, programme)
        case .rewardRevoked(let e):
            touch(e.beneficiary)
            score(e.beneficiary, .earnings, e.asset.rawValue, -e.amount, e.earnedAt, programme)
        case .eventQuarantined(let e) where e.isReward && e.flags & QuarantineMove.ofUser != 0:
            touch(e.user)
            score(e.user, .earnings, e.asset.rawValue, -e.amount, e.earnedAt, programme)
        case .eventReleased(let e) where e.isReward && e.flags & QuarantineMove.ofUser != 0:
            touch(e.user)
            score(e.user, .earnings, e.asset.rawValue, e.amount, e.earnedAt, programme)
        case .attributionCorrected(let e): correct(e, programme)
        case .correctionApplied(let e) where e.amount > 0:
            touch(e.beneficiary)
            score(e.beneficiary, .earnings, e.asset.rawValue, e.change, e.earnedAt, programme)
        case .usersMerged(let e):
            touch(e.from)
            touch(e.into)
            mergeScores(e, programme)
        default:
            if let user = stored.event.subject { touch(user) }
        }
    }

    /// A referral, and its conversion, count for another referrer, each in the period in which it was counted.
    private mutating func correct(_ e: AttributionCorrected, _ programme: ProgrammeNumber) {
        touch(e.referee)
        let isConverted = e.flags & AttributionCorrected.converted != 0
        if e.flags & AttributionCorrected.hadReferrer != 0 {
            touch(e.former)
            score(e.former, .referrals, 0, -1, e.attributedAt, programme)
            if isConverted { score(e.former, .conversions, 0, -1, e.convertedAt, programme) }
        }
        if e.flags & AttributionCorrected.hasReferrer != 0 {
            touch(e.referrer)
            score(e.referrer, .referrals, 0, 1, e.attributedAt, programme)
            if isConverted { score(e.referrer, .conversions, 0, 1, e.convertedAt, programme) }
        }
    }

    // MARK: History

    @inline(__always)
    private mutating func touch(_ user: UserNumber) {
        if touched.count < 16 {
            if !touched.contains(user.rawValue) { touched.append(user.rawValue) }
        } else {
            touched.append(user.rawValue)
        }
    }

    private mutating func note(_ user: UInt32, _ base: LogPosition) {
        if Int(user) >= histories.count { histories.extend(to: Int(user) + 1) }
        let last = histories[Int(user)].last
        if last != 0 {
            let chunk = chunks[Int(last) - 1]
            // In long records a user may be noted more than once.
            // A damaged block of the checkpoint reads as zeros: `damagedTable` tells, and no answer is given.
            guard chunk.count > 0 else { return }
            if chunk.positions[Int(chunk.count) - 1] == base.rawValue { return }
            if chunk.count < HistoryChunkRow.capacity {
                let row = unsafe chunks.edit(Int(last) - 1, &undo)
                unsafe row.pointee.positions[Int(chunk.count)] = base.rawValue
                unsafe row.pointee.count += 1
                return
            }
        }
        var fresh = HistoryChunkRow()
        fresh.previous = last
        fresh.count = 1
        fresh.positions[0] = base.rawValue
        let number = chunks.append(fresh)
        unsafe histories.edit(Int(user), &undo).pointee.last = UInt32(number + 1)
    }

    /// Base positions of the records that concern a user, newest first, until the body has seen enough.
    public func history(of user: Int, _ body: (LogPosition) -> Bool) {
        guard user < histories.count else { return }
        var next = histories[user].last
        while next != 0 {
            let chunk = chunks[Int(next) - 1]
            for i in stride(from: Int(chunk.count) - 1, through: 0, by: -1)
            where !body(LogPosition(chunk.positions[i])) { return }
            next = chunk.previous
        }
    }

    // MARK: Boards

    private mutating func score(
        _ user: UserNumber, _ metric: LeaderboardMetric, _ asset: UInt16, _ change: Int64,
        _ moment: Timestamp,
        _ programme: ProgrammeNumber
    ) {
        let forever = Period(start: Timestamp(nanoseconds: 0), end: Timestamp(nanoseconds: 0))
        add(change, user, board(programme, 0, metric, asset, forever))
        while calendars.count <= Int(programme.rawValue) { calendars.append(ProgrammeCalendar()) }
        let week = calendars[Int(programme.rawValue)].period(.week, containing: moment)
        if week.end.nanoseconds > calendars[Int(programme.rawValue)].weekClosedTo {
            add(change, user, board(programme, PeriodKind.week.rawValue, metric, asset, week))
        }
        let month = calendars[Int(programme.rawValue)].period(.month, containing: moment)
        if month.end.nanoseconds > calendars[Int(programme.rawValue)].monthClosedTo {
            add(change, user, board(programme, PeriodKind.month.rawValue, metric, asset, month))
        }
    }

    private func boardHash(
        _ programme: ProgrammeNumber, _ period: UInt8, _ metric: LeaderboardMetric, _ asset: UInt16,
        _ start: Timestamp
    ) -> UInt64 {
        hash(
            UInt64(programme.rawValue) << 32 | UInt64(period) << 24 | UInt64(metric.rawValue) << 16
                | UInt64(asset),
            UInt64(bitPattern: start.nanoseconds))
    }

    func hash(_ a: UInt64, _ b: UInt64) -> UInt64 {
        var words = (a, b)
        return unsafe withUnsafeBytes(of: &words) { raw in
            unsafe hash(
                BorrowedText(raw.baseAddress!.assumingMemoryBound(to: UInt8.self), count: 16), space: 11)
        }
    }

    /// A board's number; nil when nothing was ever scored on it.
    public func findBoard(
        _ programme: ProgrammeNumber, _ period: UInt8, _ metric: LeaderboardMetric, _ asset: UInt16,
        _ start: Timestamp
    ) -> Int? {
        var probe = boardIds.probe(boardHash(programme, period, metric, asset, start))
        while let candidate = boardIds.next(&probe) {
            let row = boards[candidate]
            if row.programme == programme.rawValue, row.period == period, row.metric == metric.rawValue,
                row.asset == asset, row.start == start.nanoseconds
            {
                return candidate
            }
        }
        return nil
    }

    private mutating func board(
        _ programme: ProgrammeNumber, _ kind: UInt8, _ metric: LeaderboardMetric, _ asset: UInt16,
        _ period: Period
    ) -> Int {
        if let known = findBoard(programme, kind, metric, asset, period.start) { return known }
        var row = BoardRow()
        row.programme = programme.rawValue
        row.period = kind
        row.metric = metric.rawValue
        row.asset = asset
        row.start = period.start.nanoseconds
        row.end = period.end.nanoseconds
        let number = boards.append(row)
        boardIds.insert(boardHash(programme, kind, metric, asset, period.start), number, &undo)
        return number
    }

    /// A user's row on a board; nil when there is none.
    public func findScore(_ board: Int, _ user: UserNumber) -> Int? {
        var probe = scoreIds.probe(hash(UInt64(board), UInt64(user.rawValue)))
        while let candidate = scoreIds.next(&probe) {
            let row = scores[candidate]
            if row.board == UInt32(board), row.user == user.rawValue { return candidate }
        }
        return nil
    }

    private mutating func add(_ change: Int64, _ user: UserNumber, _ board: Int) {
        let boardRow = unsafe boards.edit(board, &undo)
        unsafe boardRow.pointee.changes &+= 1
        if let known = findScore(board, user) {
            let row = unsafe scores.edit(known, &undo)
            // In range: the programme's sums were checked when it was decided.
            unsafe row.pointee.score &+= change
            unsafe row.pointee.reached = sequence
            return
        }
        var row = ScoreRow()
        row.board = UInt32(board)
        row.user = user.rawValue
        row.score = change
        row.reached = sequence
        row.next = unsafe boardRow.pointee.first
        let number = scores.append(row)
        unsafe boardRow.pointee.first = UInt32(number + 1)
        unsafe boardRow.pointee.scores += 1
        scoreIds.insert(hash(UInt64(board), UInt64(user.rawValue)), number, &undo)
    }

    /// On open boards the one that stays is listed with what both had; closed ones do not change any more.
    private mutating func mergeScores(_ e: UsersMerged, _ programme: ProgrammeNumber) {
        while calendars.count <= Int(programme.rawValue) { calendars.append(ProgrammeCalendar()) }
        let calendar = calendars[Int(programme.rawValue)]
        for number in 0..<boards.count {
            let row = boards[number]
            let closedTo =
                switch PeriodKind(rawValue: row.period) {
                case .week: calendar.weekClosedTo
                case .month: calendar.monthClosedTo
                case nil: Int64.min
                }
            guard row.programme == programme.rawValue, row.period == 0 || row.end > closedTo,
                let known = findScore(number, e.from), scores[known].score != 0
            else { continue }
            let score = scores[known].score
            add(-score, e.from, number)
            add(score, e.into, number)
        }
    }

    private mutating func close(_ e: PeriodClosed, _ programme: ProgrammeNumber) {
        while calendars.count <= Int(programme.rawValue) { calendars.append(ProgrammeCalendar()) }
        if e.kind == PeriodKind.week.rawValue {
            calendars[Int(programme.rawValue)].weekClosedTo = e.end.nanoseconds
        } else {
            calendars[Int(programme.rawValue)].monthClosedTo = e.end.nanoseconds
        }
    }
}

extension Event {
    /// Whether an event changes what anyone has or is, as opposed to how the log came to be.
    var counts: Bool {
        switch self {
        case .importProgressed, .clockAdvanced, .periodClosed, .ledgerCreated, .reconciliationRun,
            .breakOpened, .breakResolved:
            false
        default: true
        }
    }
}
