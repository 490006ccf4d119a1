/// Why a text is not a moment. Raw values are stable.
public enum TimestampProblem: String, Error, Sendable, CaseIterable {
    /// Not of the form `2010-12-01T08:26:00Z`.
    case notRFC3339
    /// Not of the form `2010-12-01 08:26:00`.
    case notLocalDateTime
    /// A date or time of day that does not exist, second 60 included: the clock of a ledger has no leap
    /// seconds.
    case noSuchTime
    /// Outside 1677-09-21T00:12:43.145224192Z to 2262-04-11T23:47:16.854775807Z, what 64 bits of nanoseconds
    /// reach.
    case outOfRange
    /// A local time that the zone's clocks skip when they go forward.
    case skippedLocalTime

    /// One half of a sentence for people, to stand behind a colon.
    public var message: String {
        switch self {
        case .notRFC3339: "a time is written as 2010-12-01T08:26:00Z, or with an offset such as +05:30"
        case .notLocalDateTime: "a local time is written as 2010-12-01 08:26:00"
        case .noSuchTime: "no calendar or clock shows this time"
        case .outOfRange: "this time is not between 1677-09-21 and 2262-04-11"
        case .skippedLocalTime: "the clocks skipped this time when they went forward"
        }
    }
}

/// Fixed-width fields of a date and time, read from the left. Safe to use once made; it must not outlive its
/// bytes.
@safe struct DateTimeScanner {
    private let utf8: UnsafeBufferPointer<UInt8>
    private(set) var index = 0

    init(_ utf8: UnsafeBufferPointer<UInt8>) { unsafe self.utf8 = utf8 }

    var isAtEnd: Bool { unsafe index == utf8.count }

    /// The next byte without taking it; 0 at the end.
    var next: UInt8 { unsafe index < utf8.count ? utf8[index] : 0 }

    mutating func take(_ byte: UInt8) -> Bool {
        guard !isAtEnd, next == byte else { return false }
        index += 1
        return true
    }

    /// Exactly `count` digits.
    mutating func digits(_ count: Int) -> Int? {
        guard unsafe index + count <= utf8.count else { return nil }
        var value = 0
        for position in index..<index + count {
            let digit = unsafe utf8[position] &- UInt8(ascii: "0")
            if digit >= 10 { return nil }
            value = value * 10 + Int(digit)
        }
        index += count
        return value
    }

    /// `2010-12-01`, then one of `separators`, then `08:26`; each field still unchecked.
    mutating func dateAndMinute(separators: [UInt8]) -> (
        year: Int, month: Int, day: Int, hour: Int, minute: Int
    )? {
        guard let year = digits(4), take(UInt8(ascii: "-")), let month = digits(2), take(UInt8(ascii: "-")),
            let day = digits(2), separators.contains(where: { take($0) }), let hour = digits(2),
            take(UInt8(ascii: ":")), let minute = digits(2)
        else { return nil }
        return (year, month, day, hour, minute)
    }

    /// Nothing, or a point and 1 to 9 digits, as nanoseconds.
    mutating func fraction() -> Int? {
        guard take(UInt8(ascii: ".")) else { return 0 }
        var nanoseconds = 0
        var count = 0
        while count < 9, let digit = digits(1) {
            nanoseconds = nanoseconds * 10 + digit
            count += 1
        }
        guard count > 0, next &- UInt8(ascii: "0") >= 10 else { return nil }
        for _ in count..<9 { nanoseconds *= 10 }
        return nanoseconds
    }
}
