import LedgerDomain
import LedgerLog

/// How an advance went on.
public enum AdvanceProgress: Sendable, Equatable {
    /// Records were appended to the group, and there is more to do: commit it and call again.
    case more(Receipt)
    /// All that was due is done; nil when there was nothing to record at all.
    case done(Receipt?)
    case refused(Refusal)
}

/// Something due at a moment.
struct DueItem {
    let at: Timestamp
    let kind: Int
    /// Order within the same moment and kind: log order of what made it due.
    let order: UInt64
    let number: Int
    var period: Period?
    var isPayment: Bool { period == nil && kind == Int(DueKind.payment.rawValue) }
    func isSame(as other: DueItem) -> Bool { period == nil && kind == other.kind && number == other.number }
    static func precedes(_ a: DueItem, _ b: DueItem) -> Bool {
        if a.at != b.at { return a.at < b.at }
        return a.kind != b.kind ? a.kind < b.kind : a.order < b.order
    }
}

/// Where an advance stood that has more to do: to find out anew what a day has left would cost the whole day, for each group.
///
/// Holds as long as nothing but how an import came on was recorded since. Memory: 56 bytes for each item of the day, until the next
/// advance, or until a group is taken back.
struct UnfinishedAdvance {
    let programme: ProgrammeNumber
    let target: Timestamp
    let day: Int
    /// The day's work, in order, of which those from `next` on are to be done.
    let items: [DueItem]
    let next: Int
    /// How many of those are periods.
    let periods: Int
    /// Where the log ended.
    var head: LogHead
}

extension Decider {
    /// Does what is due up to a moment, in order of due time, as records of at most 1,024 events, until all
    /// is done or the group is full.
    ///
    /// Each record is whole by itself: an advance that was cut off anywhere and is asked for again goes on
    /// where it was.
    public mutating func advance(
        _ c: Advance, _ command: Command, _ state: inout CoreState, _ group: RecordGroup,
        _ inputs: DecisionInputs
    ) throws(LogError) -> AdvanceProgress {
        arena.reset()
        if let bad = invalidTexts(command) { return .refused(bad) }
        let programme: ProgrammeNumber
        switch try resolveProgramme(command.programme, state) {
        case .success(let number): programme = number
        case .failure(let refusal): return .refused(refusal.refusal)
        }
        guard let index = state.policyIndex(programme, at: c.to) else {
            return .refused(Refusal(.policyInvalid, field: "programme", "the programme has no policy"))
        }
        let policy = try state.policy(index)
        var envelope = envelope(command, programme)
        envelope.key = .empty
        envelope.policyVersion = policy.version
        envelope.occurredAt = c.to
        let now = Case(inputs: inputs, group: group, envelope: envelope, policyIndex: index, policy: policy)
        if case .refused(let early)? = inFuture(now, field: "to") { return .refused(early) }

        var run = AdvanceRun(
            programme: programme, target: c.to, now: now, groupBytes: advanceBounds.group)
        if try settleCases(&run, &state) { return .more(run.first!) }
        let periods = try duePeriods(programme, until: c.to, &state)
        let row = state.programmes[Int(programme.rawValue)]
        let lastDay = CoreState.dueDay(c.to)
        var nextPeriod = 0
        var unfinished = state.resume(programme, c.to)
        if row.dueFrom != .max {
            var day = unfinished?.day ?? Int(row.dueFrom)
            while day <= lastDay, day < state.dueDays.count {
                state.lowestScheduled = .max
                let (items, begin): ([DueItem], Int)
                // Periods among them that are still to be closed.
                var waiting = 0
                if let known = unfinished {
                    (items, begin, waiting) = (known.items, known.next, known.periods)
                    // Those that are closed are no more among `periods`; the others come first there, in the same order.
                    nextPeriod = waiting
                    unfinished = nil
                } else {
                    var found = try dueItems(on: day, programme, until: c.to, &state)
                    // Periods that end before this day's work come first.
                    while !found.isEmpty, nextPeriod < periods.count,
                        CoreState.dueDay(periods[nextPeriod].at) <= day
                    {
                        found.append(periods[nextPeriod])
                        nextPeriod += 1
                        waiting += 1
                    }
                    found.sort(by: DueItem.precedes)
                    (items, begin) = (found, 0)
                }
                run.ahead.begin(at: begin)
                for index in begin..<items.count {
                    let item = items[index]
                    // A referral may have been put in the queue twice.
                    if index > 0, item.isSame(as: items[index - 1]) { continue }
                    makeRoom(&run, &state)
                    if run.isFull(group) {
                        state.unfinishedAdvance = UnfinishedAdvance(
                            programme: programme, target: c.to, day: day, items: items, next: index,
                            periods: waiting, head: state.head)
                        return .more(run.first!)
                    }
                    run.ahead.move(to: index, of: items, state)
                    try perform(item, index, &state, &run)
                    if item.period != nil { waiting -= 1 }
                    if state.lowestScheduled <= day {
                        // What came back is due by now: it comes before the rest, whose periods come again.
                        nextPeriod -= waiting
                        break
                    }
                }
                day = state.lowestScheduled <= day ? state.lowestScheduled : day + 1
            }
        }
        state.lowestScheduled = .max
        for period in periods[nextPeriod...] {
            makeRoom(&run, &state)
            if run.isFull(group) { return .more(run.first!) }
            try perform(period, 0, &state, &run)
        }
        close(&run, &state, clock: c.to)
        return .done(run.first)
    }

    /// The records of one call, one open at a time.
    struct AdvanceRun: ~Copyable {
        let programme: ProgrammeNumber
        let target: Timestamp
        let now: Case
        let groupBytes: Int
        var out: RecordBuilder?
        var lastDue = Timestamp(nanoseconds: .min)
        var first: Receipt?
        var ahead = DueAhead()

        /// Makes sure that a record is open: of this moment, where it has no events yet.
        mutating func begin(at moment: Timestamp, _ state: borrowing CoreState) {
            guard out == nil || out?.count == 0 else { return }
            var envelope = now.envelope
            envelope.occurredAt = moment
            out = state.begin(envelope, in: now.group)
        }

        /// Whether the group should be committed before more is added. Only between records.
        func isFull(_ group: RecordGroup) -> Bool {
            out == nil && first != nil && group.byteCount > groupBytes
        }
    }

    /// Closes the open record when an item's events might not fit.
    private func makeRoom(_ run: inout AdvanceRun, _ state: inout CoreState) {
        guard let count = run.out?.count, let bytes = run.out?.byteCount,
            count + LedgerBounds.commissionLevels + 1 > advanceBounds.record
                || bytes > LedgerBounds.recordBytes - 4_096
        else { return }
        close(&run, &state, clock: run.lastDue)
    }

    /// Adds an item's events to the open record. Called after `makeRoom`.
    /// - Parameter index: the item's, among those of its day.
    private func perform(
        _ item: DueItem, _ index: Int, _ state: inout CoreState, _ run: inout AdvanceRun
    ) throws(LogError) {
        returned.begin()
        // A withdrawal may bring much of what disputes are about: the same in whatever record.
        if DueKind(rawValue: UInt32(item.kind)) == .withdrawal, run.out?.count ?? 0 > Self.holdsPerRecord {
            close(&run, &state, clock: run.lastDue)
        }
        // An item that comes to nothing leaves no trace, not even the moment of its record.
        run.begin(at: item.at, state)
        run.lastDue = item.at
        switch DueKind(rawValue: UInt32(item.kind)) {
        case .payment:
            mature(try run.ahead.payment(index, item.number, state), at: item.at, &state, &run.out!)
        case .referral:
            var event = ReferralExpired()
            event.referee = UserNumber(state.members[item.number].user)
            event.from = state.members[item.number].referralStage
            state.emit(.referralExpired(event), at: item.at, &run.out!)
        case .code:
            var event = CodeExpired()
            event.owner = UserNumber(state.members[Int(state.codes[item.number].owner)].user)
            event.issued = LogPosition(state.codePositions[item.number])
            state.emit(.codeExpired(event), at: item.at, &run.out!)
        case .grant: mature(grant: item.number, at: item.at, &state, &run.out!)
        case .grantExpiry: expire(grant: item.number, at: item.at, &state, &run.out!)
        case .withdrawal:
            free(
                item.number, state.withdrawals[item.number].amount, nil, clawback: false, reason: nil,
                at: item.at,
                &state, &run.out!)
            try holdReturned(&state, &run.out!)
        case .kyc:
            var event = KycExpired()
            event.user = UserNumber(state.members[item.number].user)
            event.decided = LogPosition(item.order)
            state.emit(.kycExpired(event), at: item.at, &run.out!)
        case nil:
            guard let period = item.period else { return }
            var event = PeriodClosed()
            event.kind = UInt8(item.number)
            event.start = period.start
            event.end = period.end
            state.emit(.periodClosed(event), at: item.at, &run.out!)
        }
    }

    /// Ends the open record with the business clock, where it moves; opens one for the clock alone when there
    /// is none.
    private func close(_ run: inout AdvanceRun, _ state: inout CoreState, clock: Timestamp) {
        // With something due again before the clock, the clock waits: it would be passed over.
        let moves =
            clock.nanoseconds > state.programmes[Int(run.programme.rawValue)].clock
            && state.lowestScheduled > CoreState.dueDay(clock)
        if moves { run.begin(at: clock, state) }
        guard var out = run.out.take() else { return }
        if moves {
            var event = ClockAdvanced()
            event.to = clock
            state.emit(.clockAdvanced(event), at: clock, &out)
        }
        // A record of items that all came to nothing has no events: it was never begun.
        guard out.count > 0 else { return }
        let receipt = state.finish(out, now: run.now.inputs.now, in: run.now.group)
        run.first = Receipt(
            position: run.first?.position ?? receipt.position,
            events: (run.first?.events ?? 0) + receipt.events)
    }

    /// What is left of a payment's commissions can be spent.
    private func mature(
        _ payment: MaturingPayment, at moment: Timestamp, _ state: inout CoreState, _ out: inout RecordBuilder
    ) {
        let counted = state.counted(payment.number)
        // The events name it by position.
        state.lastPayment = (payment.position.rawValue, payment.number)
        for leg in payment.legs {
            let row = state.legNumber(payment.number, leg.level).map { state.legs[$0] }
            let reversed =
                counted == 0
                ? 0 : payment.rounding.share(leg.amount, numerator: counted, denominator: payment.paid)!
            let left = row?.pendingPart ?? leg.amount - reversed
            guard left > 0 || row?.held ?? 0 > 0 else { continue }
            let member = state.holder(of: leg.beneficiary, out.envelope.programme)
            var event = RewardMatured()
            event.level = leg.level
            event.payment = payment.position
            event.beneficiary = UserNumber(state.members[member].user)
            event.asset = payment.asset
            (event.toAvailable, event.toReceivable) = state.credit(left, member, payment.asset)
            state.emit(.rewardMatured(event), at: moment, &out)
        }
    }

    /// What is left of a grant of money can be spent.
    private func mature(
        grant number: Int, at moment: Timestamp, _ state: inout CoreState, _ out: inout RecordBuilder
    ) {
        let row = state.rewards[number]
        let member = state.resolve(Int(row.member))
        var event = RewardMatured()
        event.payment = LogPosition(state.rewardPositions[number])
        event.beneficiary = UserNumber(state.members[member].user)
        event.asset = AssetNumber(rawValue: row.asset)
        (event.toAvailable, event.toReceivable) = state.credit(row.pendingPart, member, event.asset)
        state.emit(.rewardMatured(event), at: moment, &out)
    }

    /// What was not used of a grant in time is lost. What is held stays held.
    private func expire(
        grant number: Int, at moment: Timestamp, _ state: inout CoreState, _ out: inout RecordBuilder
    ) {
        let row = state.rewards[number]
        let member = state.resolve(Int(row.member))
        var event = RewardExpired()
        event.reward = LogPosition(state.rewardPositions[number])
        event.user = UserNumber(state.members[member].user)
        event.asset = AssetNumber(rawValue: row.asset)
        if !event.asset.isMoney {
            event.fromAvailable = row.standing
        } else if row.isMatured {
            event.fromAvailable = min(
                row.pendingPart, state.lotLeft(of: state.lotKey(.grant(number)), member, event.asset))
        } else {
            event.fromPending = row.pendingPart
        }
        if event.fromPending + event.fromAvailable > 0 { state.emit(.rewardExpired(event), at: moment, &out) }
    }

    /// Goes on with cases that ended with more holds than their record could settle. True: the group is full.
    private func settleCases(_ run: inout AdvanceRun, _ state: inout CoreState) throws(LogError) -> Bool {
        guard state.releasingCount > 0 else { return false }
        let clock = state.programmes[Int(run.programme.rawValue)].clock
        let moment = clock == .min ? run.target : Timestamp(nanoseconds: clock)
        for number in 0..<state.cases.count {
            while true {
                let row = state.cases[number]
                guard !row.isOpen, row.holds > 0, row.kind != CaseKind.dispute.rawValue,
                    state.members[Int(row.subject)].programme == run.programme.rawValue
                else { break }
                if run.isFull(run.now.group) { return true }
                run.begin(at: moment, state)
                run.lastDue = moment
                returned.begin()
                if row.state == CaseRow.released {
                    try release(number, limit: Self.holdsPerRecord, at: moment, &state, &run.out!)
                } else {
                    try confiscate(
                        number, limit: Self.holdsPerRecord, at: moment, &state, &run.out!, run.now)
                }
                close(&run, &state, clock: Timestamp(nanoseconds: .min))
            }
        }
        return false
    }

    /// What of a day's work is really due: the exact moments stand in the log.
    private func dueItems(
        on day: Int, _ programme: ProgrammeNumber, until: Timestamp, _ state: inout CoreState
    ) throws(LogError) -> [DueItem] {
        var candidates: [(DueKind, Int)] = []
        try state.due(on: day, programme) { kind, number throws(LogError) in candidates.append((kind, number))
        }
        var items: [DueItem] = []
        for (kind, number) in candidates {
            guard let at = try dueMoment(kind, number, &state), at <= until, CoreState.dueDay(at) == day
            else { continue }
            let order = kind == .kyc ? state.marked(.kycApproved, number)?.rawValue ?? 0 : UInt64(number)
            items.append(DueItem(at: at, kind: Int(kind.rawValue), order: order, number: number))
        }
        return items
    }

    /// When an entity falls due; nil when it does not, or no more.
    private func dueMoment(_ kind: DueKind, _ number: Int, _ state: inout CoreState) throws(LogError)
        -> Timestamp?
    {
        switch kind {
        case .payment:
            let row = state.payments[number]
            if row.isMatured || state.isQuarantined(payment: number) { return nil }
            guard let due = try state.maturity(of: number) else { return nil }
            if row.extra != nil {
                let paid = try state.storedPayment(number).payment.amount
                // Wholly taken back: nothing is left, but for what a case may still hold.
                if state.counted(number) >= paid, !state.holdsOfLegs(number) { return nil }
            }
            return due
        case .referral:
            let row = state.members[number]
            guard !row.isMerged, row.referralStage.mayExpire, let days = state.expiryDays(of: number)
            else { return nil }
            return Timestamp(nanoseconds: row.attributedAt).adding(wholeDays: days)
        case .code:
            if state.codes[number].flags & CodeRow.expired != 0 { return nil }
            return try state.codeExpiry(number)
        case .grant:
            let row = state.rewards[number]
            if row.isMatured || row.pendingPart == 0 && row.held == 0 { return nil }
            return Timestamp(nanoseconds: row.maturesAt)
        case .grantExpiry:
            let row = state.rewards[number]
            // Money that a case held at the end is due again once it is there.
            let isOver = row.isExpired && !AssetNumber(rawValue: row.asset).isMoney
            if isOver || row.isRevoked || row.isClaimed || row.standing == 0 { return nil }
            return try state.grantExpiry(number)
        case .withdrawal:
            let row = state.withdrawals[number]
            return row.withdrawalState.isUnsent ? Timestamp(nanoseconds: row.expiresAt) : nil
        case .kyc:
            let profile = state.profile(number)
            return profile.kycLevel > 0 ? Timestamp(nanoseconds: profile.kycUntil) : nil
        }
    }

    /// Weeks and months that are over, with their grace past, and not yet closed; in order.
    ///
    /// Each goes by the policy that rules where it begins to count, so that it does not matter how an advance is split.
    private func duePeriods(
        _ programme: ProgrammeNumber, until: Timestamp, _ state: inout CoreState
    ) throws(LogError) -> [DueItem] {
        let row = state.programmes[Int(programme.rawValue)]
        var items: [DueItem] = []
        for kind in PeriodKind.allCases {
            let closedTo = kind == .week ? row.weekClosedTo : row.monthClosedTo
            var moment = Timestamp(nanoseconds: closedTo == .min ? row.firstFactAt : closedTo)
            var lastDue = Timestamp(nanoseconds: .min)
            var follows = closedTo != .min
            if closedTo == .min {
                let first = moment <= until ? try ending(kind, moment, programme, &state) : nil
                if first == nil || first!.due > until {
                    // No fact so far lies in a period that is over: the last such period stands for all before it.
                    let grace = try ending(kind, until, programme, &state).grace
                    let settled = Timestamp(nanoseconds: until.nanoseconds &- grace)
                    let open = try ending(kind, settled, programme, &state).period
                    moment = Timestamp(nanoseconds: open.start.nanoseconds &- 1)
                }
            } else if closedTo > .min + 1 {
                lastDue = try lastClosing(kind, row, programme, &state)
            }
            while true {
                let (period, next, _) = try ending(kind, moment, programme, &state)
                // A shorter grace does not close a period before the one ahead of it.
                lastDue = max(lastDue, next)
                if lastDue > until || period.end <= moment { break }
                // A change of zone or week start may leave a period begun before the last one's end: it is cut there.
                let start = follows ? max(period.start, moment) : period.start
                items.append(
                    DueItem(
                        at: lastDue, kind: 3, order: UInt64(kind.rawValue) << 32 | UInt64(items.count),
                        number: Int(kind.rawValue),
                        period: Period(start: start, end: period.end)))
                moment = period.end
                follows = true
            }
        }
        return items.sorted(by: DueItem.precedes)
    }

    /// When the last closed period was due: not before any ahead of it, whose grace may have been longer. Cost: the periods that the longest
    /// grace reaches over.
    private func lastClosing(
        _ kind: PeriodKind, _ row: ProgrammeRow, _ programme: ProgrammeNumber, _ state: inout CoreState
    ) throws(LogError) -> Timestamp {
        var longest = 0 as Int64
        for i in 0..<state.policies.count where state.policies[i].programme == UInt32(programme.rawValue) {
            longest = max(longest, Int64(try state.policy(i).policy.periods.graceHours) * Self.hour)
        }
        var moment = kind == .week ? row.weekClosedTo : row.monthClosedTo
        var last = Timestamp(nanoseconds: .min)
        repeat {
            let period = try ending(kind, Timestamp(nanoseconds: moment - 1), programme, &state).period
            // The policy that ruled where it began to count; before the first fact, one period stands for all.
            let first =
                row.firstFactAt < period.end.nanoseconds
                ? max(period.start.nanoseconds, row.firstFactAt) : moment - 1
            last = max(last, try ending(kind, Timestamp(nanoseconds: first), programme, &state).due)
            moment = period.start.nanoseconds
            let (reach, overflow) = moment.addingReportingOverflow(longest)
            if !overflow, reach <= last.nanoseconds { break }
        } while moment > row.firstFactAt && moment > .min
        return last
    }

    private static let hour = 3_600_000_000_000 as Int64

    /// The week or month around a moment, when it closes, and its grace in nanoseconds.
    private func ending(
        _ kind: PeriodKind, _ moment: Timestamp, _ programme: ProgrammeNumber, _ state: inout CoreState
    ) throws(LogError) -> (period: Period, due: Timestamp, grace: Int64) {
        guard let index = state.policyIndex(programme, at: moment) else {
            throw LogError(.broken, "a programme without a policy")
        }
        let known = try state.policy(index)
        let period =
            kind == .week
            ? known.zone.week(containing: moment, start: known.policy.weekStart)
            : known.zone.month(containing: moment)
        let grace = Int64(known.policy.periods.graceHours) * Self.hour
        let (due, overflow) = period.end.nanoseconds.addingReportingOverflow(grace)
        return (period, Timestamp(nanoseconds: overflow ? .max : due), grace)
    }
}

extension CoreState {
    /// Where an advance goes on, if it was left like this. Taken once.
    fileprivate mutating func resume(_ programme: ProgrammeNumber, _ target: Timestamp) -> UnfinishedAdvance?
    {
        defer { unfinishedAdvance = nil }
        guard let known = unfinishedAdvance, known.programme == programme, known.target == target,
            known.head == head
        else { return nil }
        return known
    }
}
