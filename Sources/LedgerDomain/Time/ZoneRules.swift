/// A stretch of time, half-open: `start` is in it and `end` is not.
public struct Period: Hashable, Sendable, BitwiseCopyable {
    /// The first moment.
    public var start: Timestamp
    /// The first moment after it.
    public var end: Timestamp

    /// Makes a period.
    public init(start: Timestamp, end: Timestamp) {
        self.start = start
        self.end = end
    }

    /// Whether a moment is in it.
    public func contains(_ moment: Timestamp) -> Bool { start <= moment && moment < end }
}

/// A time zone's offsets from UTC over the whole range of ``Timestamp``, pinned: once loaded, evaluation
/// needs no system data, so that a ledger gives the same answers after the system's time zone data changed.
///
/// Days, weeks and months begin at the first moment at which the zone's clocks show 00:00 of their first day
/// or, where that is skipped, a later time. So they part the time line without gap or overlap; a day may last
/// 23, 24.5 or 25 hours, and a date that a zone left out (Apia, 2011-12-30) has no day. Isolation: an
/// immutable value. Cost: a binary search over some hundred transitions.
public struct ZoneRules: Sendable, Hashable {
    /// A change of the offset.
    struct Transition: Sendable, Hashable {
        /// Seconds since 1970, the first with the new offset.
        var second: Int64
        /// Seconds east of UTC.
        var offset: Int32
    }

    /// The IANA name, such as `Europe/London`.
    public let name: String
    /// Seconds east of UTC before the first transition.
    let initialOffset: Int32
    /// In order of time; neighbours differ.
    let transitions: [Transition]

    /// UTC, which never changes.
    public static let utc = ZoneRules(name: "UTC", initialOffset: 0, transitions: [])

    /// Keeps what matters: transitions in the range of ``Timestamp`` that change the offset, the last of
    /// equal seconds.
    init(name: String, initialOffset: Int32, transitions: [Transition]) {
        let earliest = Timestamp.min.secondsAndNanosecond.seconds
        let latest = Timestamp.max.secondsAndNanosecond.seconds
        var initialOffset = initialOffset
        var kept: [Transition] = []
        for transition in transitions where transition.second <= latest {
            if transition.second <= earliest {
                initialOffset = transition.offset
                continue
            }
            if kept.last?.second == transition.second { kept.removeLast() }
            if kept.last?.offset ?? initialOffset != transition.offset { kept.append(transition) }
        }
        self.name = name
        self.initialOffset = initialOffset
        self.transitions = kept
    }

    // MARK: Offsets

    /// Seconds east of UTC at a moment.
    public func offsetSeconds(at moment: Timestamp) -> Int {
        Int(offset(segment: segment(at: moment.secondsAndNanosecond.seconds)))
    }

    /// How many transitions are at or before a second.
    private func segment(at second: Int64) -> Int {
        var low = 0
        var high = transitions.count
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle].second <= second { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func offset(segment: Int) -> Int32 {
        segment == 0 ? initialOffset : transitions[segment - 1].offset
    }

    /// The first second at which the zone's clocks show `local` (seconds since 1970 by the wall clock) or
    /// later.
    func firstSecond(atOrAfterLocal local: Int64) -> Int64 {
        // No offset reaches 26 h (RFC 8536 §3.2), so nothing before this segment can show it.
        var index = segment(at: local - Int64(TZif.greatestOffset))
        while true {
            var second = local - Int64(offset(segment: index))
            if index > 0 { second = max(second, transitions[index - 1].second) }
            if index == transitions.count || second < transitions[index].second { return second }
            index += 1
        }
    }

    // MARK: Periods

    /// The zone's day that holds a moment.
    public func day(containing moment: Timestamp) -> Period {
        let date = dayNumber(containing: moment)
        return Period(start: start(ofDay: date), end: start(ofDay: date + 1))
    }

    /// The zone's week that holds a moment; weeks begin on `start`.
    public func week(containing moment: Timestamp, start firstDay: Weekday) -> Period {
        let date = dayNumber(containing: moment)
        let weekday = Int(CivilDate(daysSinceEpoch: date).weekday.rawValue)
        let first = date - (weekday - Int(firstDay.rawValue) + 7) % 7
        return Period(start: start(ofDay: first), end: start(ofDay: first + 7))
    }

    /// The zone's calendar month that holds a moment.
    public func month(containing moment: Timestamp) -> Period {
        let number = dayNumber(containing: moment)
        let date = CivilDate(daysSinceEpoch: number)
        let first = number - (date.day - 1)
        let length = CivilDate.dayCount(year: date.year, month: date.month)
        return Period(start: start(ofDay: first), end: start(ofDay: first + length))
    }

    /// The date, in the zone, of the day that holds a moment.
    public func date(of moment: Timestamp) -> CivilDate {
        CivilDate(daysSinceEpoch: dayNumber(containing: moment))
    }

    /// `count` calendar months after `anchor` by the zone's clocks: the same day and time, or the month's
    /// last day where it has fewer (31 January → 28 February), always counted from the anchor, never chained.
    ///
    /// A time that clocks skip becomes the moment they go forward; one they show twice, the first of the two.
    /// - Parameter count: may be negative; 0 is the anchor itself.
    /// - Returns: nil outside the range of ``Timestamp``.
    public func months(after anchor: Timestamp, _ count: Int) -> Timestamp? {
        if count == 0 { return anchor }
        let (seconds, nanosecond) = anchor.secondsAndNanosecond
        let local = seconds + Int64(offsetSeconds(at: anchor))
        let day = Self.floorDay(local)
        guard let date = CivilDate(daysSinceEpoch: day).addingMonths(count) else { return nil }
        let wanted = Int64(date.daysSinceEpoch) * 86_400 + (local - Int64(day) * 86_400)
        let second = firstSecond(atOrAfterLocal: wanted)
        let offset = offset(segment: segment(at: second))
        let isSkipped = second + Int64(offset) != wanted
        return Timestamp(seconds: second, nanosecond: isSkipped ? 0 : nanosecond)
    }

    private static func floorDay(_ local: Int64) -> Int {
        Int(local >= 0 ? local / 86_400 : (local - 86_399) / 86_400)
    }

    private func dayNumber(containing moment: Timestamp) -> Int {
        let second = moment.secondsAndNanosecond.seconds
        var day = Self.floorDay(second + Int64(offset(segment: segment(at: second))))
        // Clocks set back over midnight show a date again whose day has ended.
        while firstSecond(atOrAfterLocal: Int64(day + 1) * 86_400) <= second { day += 1 }
        return day
    }

    /// Clamped to the range of ``Timestamp``.
    private func start(ofDay day: Int) -> Timestamp {
        let second = firstSecond(atOrAfterLocal: Int64(day) * 86_400)
        return Timestamp(seconds: second) ?? (second < 0 ? .min : .max)
    }
}
