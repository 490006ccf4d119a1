/// A date and time of day as a wall clock shows it, without a zone: what CSV files of providers hold.
public struct LocalDateTime: Hashable, Sendable, CustomStringConvertible {
    /// The date.
    public let date: CivilDate
    /// Seconds since the day's 00:00 by the wall clock, 0 to 86 399.
    public let secondOfDay: Int
    /// 0 to 999 999 999.
    public let nanosecond: Int

    /// Reads `2010-12-01 08:26:00`: a blank or `T` between, seconds and up to nine fraction digits optional.
    public init(_ utf8: UnsafeBufferPointer<UInt8>) throws(TimestampProblem) {
        var scanner = unsafe DateTimeScanner(utf8)
        guard let parts = scanner.dateAndMinute(separators: [UInt8(ascii: " "), UInt8(ascii: "T")]) else {
            throw .notLocalDateTime
        }
        var second = 0
        var nanosecond = 0
        if scanner.take(UInt8(ascii: ":")) {
            guard let read = scanner.digits(2), let fraction = scanner.fraction() else {
                throw .notLocalDateTime
            }
            (second, nanosecond) = (read, fraction)
        }
        guard scanner.isAtEnd else { throw .notLocalDateTime }
        guard let date = CivilDate(year: parts.year, month: parts.month, day: parts.day), parts.hour < 24,
            parts.minute < 60, second < 60
        else { throw .noSuchTime }
        self.date = date
        self.secondOfDay = parts.hour * 3600 + parts.minute * 60 + second
        self.nanosecond = nanosecond
    }

    /// Reads `2010-12-01 08:26:00`; see the pointer form.
    public init(_ text: String) throws(TimestampProblem) {
        self = try unsafe text.utf8.span.withUnsafeBufferPointer { (utf8) throws(TimestampProblem) in
            try unsafe LocalDateTime(utf8)
        }
    }

    /// The moment in a zone.
    ///
    /// A time that the zone's clocks showed twice is taken as the first of the two. A time that they skipped
    /// is an error and is not shifted: it shows that the file is not in the zone that its map names.
    public func moment(in zone: ZoneRules) throws(TimestampProblem) -> Timestamp {
        let local = Int64(date.daysSinceEpoch) * 86_400 + Int64(secondOfDay)
        let seconds = zone.firstSecond(atOrAfterLocal: local)
        guard let moment = Timestamp(seconds: seconds, nanosecond: nanosecond) else { throw .outOfRange }
        if seconds + Int64(zone.offsetSeconds(at: moment)) != local { throw .skippedLocalTime }
        return moment
    }

    /// `2010-12-01 08:26:00`, the fraction left out.
    public var description: String {
        let day = Timestamp(seconds: Int64(date.daysSinceEpoch) * 86_400 + Int64(secondOfDay))
        guard let day else { return "\(date.year)-\(date.month)-\(date.day)" }
        return String(day.description.dropLast().map { $0 == "T" ? " " : $0 })
    }
}
