import LedgerDomain
import LedgerLog

/// What can fall due.
enum DueKind: UInt32 {
    case payment = 0
    case referral = 1
    case code = 2
    /// A grant of money matures. (3 are periods.)
    case grant = 4
    case grantExpiry = 5
    case withdrawal = 6
    /// A member's check of identity runs out.
    case kyc = 7
}

/// Work that falls due: by UTC day, runs of neighbouring numbers. Facts come nearly in order, so a day has
/// few runs;
/// the exact moments are read from the log on the day itself. Derived; no content of the digest.
extension CoreState {
    static let nanosecondsPerDay: Int64 = 86_400_000_000_000
    /// Index of 1970-01-01 among the days that a `Timestamp` can name.
    static let dueOrigin: Int64 = 106_752

    static func dueDay(_ moment: Timestamp) -> Int {
        let (quotient, remainder) = moment.nanoseconds.quotientAndRemainder(dividingBy: nanosecondsPerDay)
        return Int(quotient - (remainder < 0 ? 1 : 0) + dueOrigin)
    }

    @inline(__always)
    mutating func schedule(_ kind: DueKind, _ number: Int, at moment: Timestamp, _ programme: ProgrammeNumber)
    {
        schedule(kind, number..<(number + 1), on: Self.dueDay(moment), programme)
    }

    /// The same of neighbouring entities, which are all there already or none.
    @inline(__always)
    mutating func schedule(_ kind: DueKind, _ numbers: Range<Int>, on day: Int, _ programme: ProgrammeNumber)
    {
        if day >= dueDays.count { dueDays.extend(to: day + 1) }
        lowestScheduled = min(lowestScheduled, day)
        if unsafe UInt32(day) < programmes.peek(Int(programme.rawValue)).pointee.dueFrom {
            unsafe programmes.edit(Int(programme.rawValue), &undo).pointee.dueFrom = UInt32(day)
        }
        let tag = UInt32(programme.rawValue) << 16 | kind.rawValue
        let last = unsafe dueDays.peek(day).pointee.lastRun
        if last != 0 {
            let run = unsafe dueRuns.peek(Int(last) - 1)
            if unsafe run.pointee.kind == tag {
                let end = unsafe Int(run.pointee.first) + Int(run.pointee.count)
                // A payment has one maturity, named by each of its legs.
                if unsafe numbers.lowerBound < end && numbers.lowerBound >= Int(run.pointee.first) { return }
                if numbers.lowerBound == end {
                    unsafe dueRuns.edit(Int(last) - 1, &undo).pointee.count += UInt32(numbers.count)
                    return
                }
            }
        }
        addRun(day, tag, numbers, after: last)
    }

    private mutating func addRun(_ day: Int, _ tag: UInt32, _ numbers: Range<Int>, after last: UInt32) {
        var run = DueRunRow()
        run.first = UInt32(numbers.lowerBound)
        run.count = UInt32(numbers.count)
        run.kind = tag
        let index = dueRuns.append(run)
        if last != 0 { unsafe dueRuns.edit(Int(last) - 1, &undo).pointee.next = UInt32(index + 1) }
        let row = unsafe dueDays.edit(day, &undo)
        unsafe row.pointee.lastRun = UInt32(index + 1)
        if last == 0 { unsafe row.pointee.firstRun = UInt32(index + 1) }
    }

    /// Entities of a programme that may be due on a day.
    func due(on day: Int, _ programme: ProgrammeNumber, _ body: (DueKind, Int) throws(LogError) -> Void)
        throws(LogError)
    {
        guard day < dueDays.count else { return }
        var next = dueDays[day].firstRun
        while next != 0 {
            let run = dueRuns[Int(next) - 1]
            if run.kind >> 16 == UInt32(programme.rawValue), let kind = DueKind(rawValue: run.kind & 0xFFFF) {
                for number in Int(run.first)..<(Int(run.first) + Int(run.count)) { try body(kind, number) }
            }
            next = run.next
        }
    }

    mutating func scheduleReferralExpiry(_ member: Int, attributedAt: Timestamp, _ place: EventPlace) {
        guard let days = expiryDays(of: member),
            let due = attributedAt.adding(wholeDays: days)
        else { return }
        schedule(.referral, member, at: due, place.programme)
    }

    /// `workflow.expiryDays` of the policy that rules a member's attribution: among the versions published before it.
    mutating func expiryDays(of member: Int) -> Int? {
        let row = unsafe members.peek(member)
        let programme = unsafe ProgrammeNumber(row.pointee.programme)
        let at = unsafe Timestamp(nanoseconds: row.pointee.attributedAt)
        var known = policies.count
        if unsafe programmes.peek(Int(programme.rawValue)).pointee.policies > 1,
            let base = unsafe marked(.codeApplied, member)
                ?? signupPosition(Int(row.pointee.user), in: programme)
        {
            known = find(in: policyPositions, notAfter: base.rawValue).map { $0 + 1 } ?? 0
        }
        if known == policies.count { return rulingExpiryDays(programme, at: at) }
        guard let index = policyIndex(programme, at: at, among: known), let found = try? policy(index) else {
            return nil
        }
        return found.policy.workflow.expiryDays
    }

    /// `workflow.expiryDays` of the version that rules a moment among all that there are.
    @inline(__always)
    private mutating func rulingExpiryDays(_ programme: ProgrammeNumber, at moment: Timestamp) -> Int? {
        if let known = rulingExpiry, known.programme == programme, known.from <= moment.nanoseconds,
            moment.nanoseconds < known.until
        {
            return known.days
        }
        guard let found = try? rulingPolicy(programme, at: moment) else { return nil }
        let days = found.policy.policy.workflow.expiryDays
        rulingExpiry = RulingExpiry(programme: programme, from: found.from, until: found.until, days: days)
        return days
    }
}
