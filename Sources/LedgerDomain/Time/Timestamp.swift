/// A moment: nanoseconds since 1970-01-01T00:00:00Z, without leap seconds.
///
/// Range: 1677-09-21T00:12:43.145224192Z to 2262-04-11T23:47:16.854775807Z.
/// Source: Documentation/rules.md, "Time, money, text".
public struct Timestamp: Comparable, Hashable, Sendable, BitwiseCopyable {
    /// Nanoseconds since 1970-01-01T00:00:00Z, negative before it.
    public var nanoseconds: Int64

    /// The moment that many nanoseconds after 1970-01-01T00:00:00Z.
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The earliest moment.
    public static let min = Timestamp(nanoseconds: .min)
    /// The latest moment.
    public static let max = Timestamp(nanoseconds: .max)

    static let nanosecondsPerSecond: Int64 = 1_000_000_000

    /// The moment that many seconds and nanoseconds after 1970-01-01T00:00:00Z, or nil outside the range.
    /// - Parameter nanosecond: 0 to 999 999 999, added to the seconds also before 1970.
    public init?(seconds: Int64, nanosecond: Int = 0) {
        guard 0..<Int(Timestamp.nanosecondsPerSecond) ~= nanosecond else { return nil }
        // Before 1970 one second is lent, so that the product does not leave the range that the sum is in.
        let lent: Int64 = seconds < 0 && nanosecond > 0 ? 1 : 0
        let (product, overflow) = (seconds + lent).multipliedReportingOverflow(
            by: Timestamp.nanosecondsPerSecond)
        let rest = Int64(nanosecond) - lent * Timestamp.nanosecondsPerSecond
        let (sum, carry) = product.addingReportingOverflow(rest)
        if overflow || carry { return nil }
        self.init(nanoseconds: sum)
    }

    /// A date and time of day in UTC, or nil when it does not exist or is outside the range.
    public init?(
        year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0, nanosecond: Int = 0
    ) {
        guard let date = CivilDate(year: year, month: month, day: day), 0..<24 ~= hour, 0..<60 ~= minute,
            0..<60 ~= second
        else { return nil }
        let seconds = date.daysSinceEpoch * 86_400 + hour * 3600 + minute * 60 + second
        self.init(seconds: Int64(seconds), nanosecond: nanosecond)
    }

    // MARK: Text

    /// Reads RFC 3339 §5.6: `2010-12-01T08:26:00Z`, up to nine fraction digits, `Z` or an offset of up to
    /// ±23:59; `T` and `Z` may be small.
    public init(_ utf8: UnsafeBufferPointer<UInt8>) throws(TimestampProblem) {
        var scanner = unsafe DateTimeScanner(utf8)
        guard let parts = scanner.dateAndMinute(separators: [UInt8(ascii: "T"), UInt8(ascii: "t")]),
            scanner.take(UInt8(ascii: ":")), let second = scanner.digits(2),
            let nanosecond = scanner.fraction(), let offset = Timestamp.offset(&scanner),
            scanner.isAtEnd
        else { throw .notRFC3339 }
        guard let date = CivilDate(year: parts.year, month: parts.month, day: parts.day), parts.hour < 24,
            parts.minute < 60, second < 60, offset.hours < 24, offset.minutes < 60
        else { throw .noSuchTime }
        let offsetSeconds = offset.sign * (offset.hours * 3600 + offset.minutes * 60)
        let seconds =
            date.daysSinceEpoch * 86_400 + parts.hour * 3600 + parts.minute * 60 + second - offsetSeconds
        guard let moment = Timestamp(seconds: Int64(seconds), nanosecond: nanosecond) else {
            throw .outOfRange
        }
        self = moment
    }

    /// Reads RFC 3339 text; see the pointer form.
    public init(_ text: String) throws(TimestampProblem) {
        self = try unsafe text.utf8.span.withUnsafeBufferPointer { (utf8) throws(TimestampProblem) in
            try unsafe Timestamp(utf8)
        }
    }

    private static func offset(_ scanner: inout DateTimeScanner) -> (sign: Int, hours: Int, minutes: Int)? {
        if scanner.take(UInt8(ascii: "Z")) || scanner.take(UInt8(ascii: "z")) { return (1, 0, 0) }
        let isEast = scanner.take(UInt8(ascii: "+"))
        guard isEast || scanner.take(UInt8(ascii: "-")), let hours = scanner.digits(2),
            scanner.take(UInt8(ascii: ":")), let minutes = scanner.digits(2)
        else { return nil }
        return (isEast ? 1 : -1, hours, minutes)
    }

    // MARK: Arithmetic

    /// Whole seconds since 1970, rounded down, and the nanoseconds above them.
    public var secondsAndNanosecond: (seconds: Int64, nanosecond: Int) {
        let (quotient, remainder) = nanoseconds.quotientAndRemainder(
            dividingBy: Timestamp.nanosecondsPerSecond)
        return remainder < 0
            ? (quotient - 1, Int(remainder + Timestamp.nanosecondsPerSecond)) : (quotient, Int(remainder))
    }

    /// The moment `seconds` later (earlier when negative), or nil outside the range.
    public func adding(seconds: Int64) -> Timestamp? {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: Timestamp.nanosecondsPerSecond)
        let (sum, carry) = nanoseconds.addingReportingOverflow(product)
        return overflow || carry ? nil : Timestamp(nanoseconds: sum)
    }

    /// The moment `days` × 24 h later, whatever clocks did between, or nil outside the range.
    public func adding(days: Int64) -> Timestamp? {
        let (seconds, overflow) = days.multipliedReportingOverflow(by: 86_400)
        return overflow ? nil : adding(seconds: seconds)
    }

    /// By time.
    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.nanoseconds < right.nanoseconds }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with as few of 0, 3, 6 or 9 fraction digits as are exact: `2010-12-01T08:26:00Z`.
    public var description: String {
        let (seconds, nanosecond) = secondsAndNanosecond
        let days = Int(seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400)
        let date = CivilDate(daysSinceEpoch: days)
        let secondOfDay = Int(seconds) - days * 86_400
        var bytes: [UInt8] = []
        bytes.reserveCapacity(30)
        func append(_ value: Int, digits: Int, then byte: UInt8) {
            let first = bytes.count
            var rest = value
            for _ in 0..<digits {
                bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
                rest /= 10
            }
            bytes[first...].reverse()
            bytes.append(byte)
        }
        append(date.year, digits: 4, then: UInt8(ascii: "-"))
        append(date.month, digits: 2, then: UInt8(ascii: "-"))
        append(date.day, digits: 2, then: UInt8(ascii: "T"))
        append(secondOfDay / 3600, digits: 2, then: UInt8(ascii: ":"))
        append(secondOfDay / 60 % 60, digits: 2, then: UInt8(ascii: ":"))
        let end = UInt8(ascii: "Z")
        append(secondOfDay % 60, digits: 2, then: nanosecond == 0 ? end : UInt8(ascii: "."))
        if nanosecond == 0 {
        } else if nanosecond % 1_000_000 == 0 {
            append(nanosecond / 1_000_000, digits: 3, then: end)
        } else if nanosecond % 1000 == 0 {
            append(nanosecond / 1000, digits: 6, then: end)
        } else {
            append(nanosecond, digits: 9, then: end)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
