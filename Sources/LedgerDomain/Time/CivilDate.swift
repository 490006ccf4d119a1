/// A day of the week. Raw values are those of ISO 8601.
public enum Weekday: UInt8, Sendable, CaseIterable, BitwiseCopyable {
    /// The day itself.
    case monday = 1
    case tuesday, wednesday, thursday, friday, saturday, sunday

    /// The name in a policy: `monday` … `sunday`.
    public var name: String {
        switch self {
        case .monday: "monday"
        case .tuesday: "tuesday"
        case .wednesday: "wednesday"
        case .thursday: "thursday"
        case .friday: "friday"
        case .saturday: "saturday"
        case .sunday: "sunday"
        }
    }

    /// The day of that name in a policy.
    public init?(name: String) {
        guard let day = Weekday.allCases.first(where: { $0.name == name }) else { return nil }
        self = day
    }
}

/// A date of the proleptic Gregorian calendar, without a zone.
///
/// The arithmetic is Howard Hinnant's `days_from_civil` (chrono-compatible low-level date algorithms): exact
/// integers, no tables, no locale.
public struct CivilDate: Hashable, Comparable, Sendable {
    /// The year; 0 is the year before 1.
    public let year: Int
    /// 1 to 12.
    public let month: Int
    /// 1 to the month's length.
    public let day: Int

    /// A date, or nil when it does not exist. Years −999 999 to 999 999.
    public init?(year: Int, month: Int, day: Int) {
        guard -999_999...999_999 ~= year, 1...12 ~= month, day >= 1,
            day <= CivilDate.dayCount(year: year, month: month)
        else { return nil }
        self.init(unchecked: year, month, day)
    }

    private init(unchecked year: Int, _ month: Int, _ day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// The date that many days after 1970-01-01. Within ± 3 × 10⁸ days.
    public init(daysSinceEpoch days: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        self.init(
            unchecked: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month,
            dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    /// Days after 1970-01-01, negative before it.
    public var daysSinceEpoch: Int {
        let marchYear = month <= 2 ? year - 1 : year
        let era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The day of the week.
    public var weekday: Weekday {
        // 1970-01-01 was a Thursday.
        let sinceMonday = ((daysSinceEpoch + 3) % 7 + 7) % 7
        return Weekday.allCases[sinceMonday]
    }

    /// The same day `count` months on, or the month's last day where that is shorter. Nil outside the years.
    public func addingMonths(_ count: Int) -> CivilDate? {
        guard -20_000_000...20_000_000 ~= count else { return nil }
        let months = year * 12 + month - 1 + count
        let newYear = months >= 0 ? months / 12 : (months - 11) / 12
        let newMonth = months - newYear * 12 + 1
        return CivilDate(
            year: newYear, month: newMonth,
            day: min(day, CivilDate.dayCount(year: newYear, month: newMonth)))
    }

    /// The length of a month, 28 to 31. `month` is 1 to 12.
    public static func dayCount(year: Int, month: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Earlier dates first.
    public static func < (left: CivilDate, right: CivilDate) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }
}
