/// A zone's rule for the years to come: the TZ string of POSIX 1003.1 §8.3 with RFC 8536's wider hours, such
/// as `GMT0BST,M3.5.0/1,M10.5.0` or `<+1030>-10:30<+11>-11,M10.1.0,M4.1.0`.
struct POSIXRule {
    /// A day of each year and a local second of that day, which may be outside 0 to 86 399.
    private struct YearDay {
        enum Day {
            /// `Jn`: 1 to 365, 29 February never counted.
            case withoutLeapDay(Int)
            /// `n`: 0 to 365.
            case zeroBased(Int)
            /// `Mm.w.d`: weekday 0 = Sunday; week 5 is the last.
            case monthly(month: Int, week: Int, weekday: Int)
        }
        var day: Day
        var second: Int

        /// Local seconds since 1970 in a year.
        func localSecond(year: Int) -> Int64 {
            let first = POSIXRule.firstDay(ofMonth: 1, year)
            let number: Int
            switch day {
            case .zeroBased(let index): number = first + index
            case .withoutLeapDay(let index):
                let isLeap = CivilDate.dayCount(year: year, month: 2) == 29
                number = first + index - 1 + (isLeap && index >= 60 ? 1 : 0)
            case .monthly(let month, let week, let weekday):
                let start = POSIXRule.firstDay(ofMonth: month, year)
                let length = CivilDate.dayCount(year: year, month: month)
                let firstWeekday = Int(CivilDate(daysSinceEpoch: start).weekday.rawValue) % 7
                var day = (weekday - firstWeekday + 7) % 7 + (week - 1) * 7
                if day >= length { day -= 7 }
                number = start + day
            }
            return Int64(number) * 86_400 + Int64(second)
        }
    }

    private var standardOffset: Int
    private var summer: (offset: Int, start: YearDay, end: YearDay)?

    private static func firstDay(ofMonth month: Int, _ year: Int) -> Int {
        // The month is 1 to 12 and the year is of this millennium, so the date exists.
        CivilDate(year: year, month: month, day: 1)?.daysSinceEpoch ?? 0
    }

    /// Every change of the offset after `last` (from the beginning of time when nil) to the end of
    /// ``Timestamp``'s range.
    func transitions(after last: Int64?) -> [ZoneRules.Transition] {
        let earliest = Timestamp.min.secondsAndNanosecond.seconds
        let standard = Int32(standardOffset)
        guard let summer else {
            // After a transition the file's own last offset is this one (RFC 8536 §3.3).
            return last == nil ? [ZoneRules.Transition(second: earliest, offset: standard)] : []
        }
        let from = CivilDate(daysSinceEpoch: Int(max(last ?? earliest, earliest) / 86_400)).year - 1
        var all: [ZoneRules.Transition] = []
        for year in from...2263 {
            let start = summer.start.localSecond(year: year) - Int64(standardOffset)
            let end = summer.end.localSecond(year: year) - Int64(summer.offset)
            let pair = [
                ZoneRules.Transition(second: start, offset: Int32(summer.offset)),
                ZoneRules.Transition(second: end, offset: standard),
            ]
            all += start <= end ? pair : pair.reversed()
        }
        return all.filter { $0.second > last ?? .min }
    }

    // MARK: Reading

    /// Nil when the text is not such a rule.
    init?(_ text: [UInt8]) {
        var scanner = Scanner(text: text)
        guard scanner.skipName(), let standard = scanner.time(hourLimit: 25) else { return nil }
        standardOffset = -standard
        if scanner.isAtEnd { return }
        guard scanner.skipName() else { return nil }
        var offset = standardOffset + 3600
        if scanner.next != UInt8(ascii: ",") {
            guard let given = scanner.time(hourLimit: 25) else { return nil }
            offset = -given
        }
        guard let start = scanner.yearDay(), let end = scanner.yearDay(), scanner.isAtEnd else { return nil }
        summer = (offset, start, end)
    }

    private struct Scanner {
        let text: [UInt8]
        var index = 0

        var isAtEnd: Bool { index == text.count }
        var next: UInt8 { isAtEnd ? 0 : text[index] }

        mutating func take(_ byte: UInt8) -> Bool {
            guard next == byte, !isAtEnd else { return false }
            index += 1
            return true
        }

        /// `GMT` or `<+1030>`.
        mutating func skipName() -> Bool {
            let start = index
            if take(UInt8(ascii: "<")) {
                while !isAtEnd, next != UInt8(ascii: ">") { index += 1 }
                return take(UInt8(ascii: ">"))
            }
            while 0x61...0x7A ~= next | 0x20 { index += 1 }
            return index - start >= 3
        }

        mutating func number(_ range: ClosedRange<Int>) -> Int? {
            let start = index
            var value = 0
            while next &- UInt8(ascii: "0") < 10, index - start < 4 {
                value = value * 10 + Int(next - UInt8(ascii: "0"))
                index += 1
            }
            return index > start && range ~= value ? value : nil
        }

        /// `[+-]hh[:mm[:ss]]` in seconds.
        mutating func time(hourLimit: Int) -> Int? {
            let sign = take(UInt8(ascii: "-")) ? -1 : 1
            if sign == 1 { _ = take(UInt8(ascii: "+")) }
            guard var seconds = number(0...hourLimit).map({ $0 * 3600 }) else { return nil }
            for unit in [60, 1] where take(UInt8(ascii: ":")) {
                guard let part = number(0...59) else { return nil }
                seconds += part * unit
            }
            return sign * seconds
        }

        /// `,M3.5.0/1`, `,J60` or `,59/2`.
        mutating func yearDay() -> YearDay? {
            guard take(UInt8(ascii: ",")) else { return nil }
            let day: YearDay.Day
            if take(UInt8(ascii: "M")) {
                guard let month = number(1...12), take(UInt8(ascii: ".")), let week = number(1...5),
                    take(UInt8(ascii: ".")), let weekday = number(0...6)
                else { return nil }
                day = .monthly(month: month, week: week, weekday: weekday)
            } else if take(UInt8(ascii: "J")) {
                guard let index = number(1...365) else { return nil }
                day = .withoutLeapDay(index)
            } else {
                guard let index = number(0...365) else { return nil }
                day = .zeroBased(index)
            }
            guard take(UInt8(ascii: "/")) else { return YearDay(day: day, second: 7200) }
            guard let second = time(hourLimit: 167) else { return nil }
            return YearDay(day: day, second: second)
        }
    }
}
