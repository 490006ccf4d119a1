import LedgerDomain
import Testing

@Suite struct TimestampTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2010-12-01T08:26:00Z", 1_291_191_960_000_000_000),
            ("2010-12-01t08:26:00z", 1_291_191_960_000_000_000),
            ("2010-12-01T13:56:00+05:30", 1_291_191_960_000_000_000),
            ("2010-11-30T22:26:00-10:00", 1_291_191_960_000_000_000), ("1970-01-01T00:00:00-00:00", 0),
            ("1970-01-01T00:00:00.1Z", 100_000_000), ("1970-01-01T00:00:00.000000001Z", 1),
            ("1969-12-31T23:59:59.999999999Z", -1), ("1969-12-31T23:59:59Z", -1_000_000_000),
            ("2000-02-29T00:00:00Z", 951_782_400_000_000_000), ("2262-04-11T23:47:16.854775807Z", .max),
            ("1677-09-21T00:12:43.145224192Z", .min), ("2262-04-12T23:47:16.854775807+24:00", nil),
            ("2262-04-12T23:46:15+23:59", 9_223_372_035_000_000_000),
        ] as [(String, Int64?)])
    func reads(text: String, nanoseconds: Int64?) throws {
        guard let nanoseconds else {
            #expect(throws: TimestampProblem.noSuchTime) { try Timestamp(text) }
            return
        }
        #expect(try Timestamp(text).nanoseconds == nanoseconds)
    }

    @Test(
        arguments: [
            ("", .notRFC3339), ("2010-12-01", .notRFC3339), ("2010-12-01 08:26:00Z", .notRFC3339),
            ("2010-12-01T08:26:00", .notRFC3339), ("2010-12-01T08:26Z", .notRFC3339),
            ("10-12-01T08:26:00Z", .notRFC3339),
            ("2010-12-01T08:26:00.Z", .notRFC3339), ("2010-12-01T08:26:00.1234567890Z", .notRFC3339),
            ("2010-12-01T08:26:00,5Z", .notRFC3339), ("2010-12-01T08:26:00+0530", .notRFC3339),
            ("2010-12-01T08:26:00+05", .notRFC3339), ("2010-12-01T08:26:00Z ", .notRFC3339),
            (" 2010-12-01T08:26:00Z", .notRFC3339), ("+010-12-01T08:26:00Z", .notRFC3339),
            ("2010-12-01T08:26:00ZZ", .notRFC3339), ("２010-12-01T08:26:00Z", .notRFC3339),
            ("2010-02-29T08:26:00Z", .noSuchTime), ("1900-02-29T00:00:00Z", .noSuchTime),
            ("2010-13-01T08:26:00Z", .noSuchTime), ("2010-00-01T08:26:00Z", .noSuchTime),
            ("2010-12-00T08:26:00Z", .noSuchTime), ("2010-11-31T08:26:00Z", .noSuchTime),
            ("2010-12-01T24:00:00Z", .noSuchTime), ("2010-12-01T08:60:00Z", .noSuchTime),
            ("2016-12-31T23:59:60Z", .noSuchTime), ("2010-12-01T08:26:00+24:00", .noSuchTime),
            ("2010-12-01T08:26:00+05:60", .noSuchTime), ("2262-04-11T23:47:16.854775808Z", .outOfRange),
            ("1677-09-21T00:12:43.145224191Z", .outOfRange), ("0000-01-01T00:00:00Z", .outOfRange),
            ("9999-12-31T23:59:59Z", .outOfRange),
        ] as [(String, TimestampProblem)])
    func refuses(text: String, problem: TimestampProblem) {
        #expect(throws: problem) { try Timestamp(text) }
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (1, "1970-01-01T00:00:00.000000001Z"),
            (-1, "1969-12-31T23:59:59.999999999Z"),
            (1_000_000, "1970-01-01T00:00:00.001Z"), (1000, "1970-01-01T00:00:00.000001Z"),
            (1_291_191_960_500_000_000, "2010-12-01T08:26:00.500Z"), (.max, "2262-04-11T23:47:16.854775807Z"),
            (.min, "1677-09-21T00:12:43.145224192Z"),
        ] as [(Int64, String)])
    func writes(nanoseconds: Int64, text: String) {
        #expect(Timestamp(nanoseconds: nanoseconds).description == text)
    }

    @Test func roundTrips() throws {
        var random = SplitMix(seed: 9)
        for _ in 0..<20_000 {
            let unit: [Int64] = [1, 1000, 1_000_000, 1_000_000_000]
            let divisor = unit[Int(random.next() % 4)]
            let moment = Timestamp(nanoseconds: Int64(bitPattern: random.next()) / divisor * divisor)
            #expect(try Timestamp(moment.description) == moment, "seed 9, \(moment)")
        }
    }

    @Test func partsMustExist() {
        #expect(Timestamp(year: 2012, month: 2, day: 29)?.description == "2012-02-29T00:00:00Z")
        #expect(Timestamp(year: 2013, month: 2, day: 29) == nil)
        #expect(Timestamp(year: 2012, month: 1, day: 1, hour: 24) == nil)
        #expect(Timestamp(year: 2012, month: 1, day: 1, second: 60) == nil)
        #expect(Timestamp(year: 2012, month: 1, day: 1, nanosecond: 1_000_000_000) == nil)
        #expect(Timestamp(year: 1600, month: 1, day: 1) == nil)
        #expect(Timestamp(seconds: .min) == nil)
        #expect(Timestamp(seconds: .max, nanosecond: 1) == nil)
    }

    @Test func addsWithinTheRange() {
        let zero = Timestamp(nanoseconds: 0)
        #expect(zero.adding(days: 14)?.description == "1970-01-15T00:00:00Z")
        #expect(zero.adding(seconds: -1)?.description == "1969-12-31T23:59:59Z")
        #expect(Timestamp.max.adding(seconds: 1) == nil)
        #expect(Timestamp.min.adding(seconds: -1) == nil)
        #expect(zero.adding(days: 106_751) != nil)
        #expect(zero.adding(days: 106_752) == nil)
        #expect(zero.adding(days: .max) == nil)
        #expect(Timestamp.max.adding(days: 0) == .max)
        #expect(Timestamp.min < zero && zero < .max)
    }
}

@Suite struct CivilDateTests {
    /// Every day of 800 years, counted one by one.
    @Test func countsDays() throws {
        var number = try #require(CivilDate(year: 1600, month: 1, day: 1)).daysSinceEpoch
        #expect(number == -135_140)
        var weekday = 5  // 1600-01-01 was a Saturday.
        for year in 1600..<2400 {
            for month in 1...12 {
                for day in 1...CivilDate.dayCount(year: year, month: month) {
                    let date = try #require(CivilDate(year: year, month: month, day: day))
                    guard date.daysSinceEpoch == number, CivilDate(daysSinceEpoch: number) == date,
                        date.weekday == Weekday.allCases[weekday]
                    else {
                        Issue.record("\(date)")
                        return
                    }
                    number += 1
                    weekday = (weekday + 1) % 7
                }
            }
        }
    }

    @Test(arguments: [
        (2011, 1, 31, 1, 2011, 2, 28), (2012, 1, 31, 1, 2012, 2, 29), (2011, 1, 31, 2, 2011, 3, 31),
        (2012, 2, 29, 12, 2013, 2, 28), (2012, 2, 29, 48, 2016, 2, 29), (2011, 12, 15, 1, 2012, 1, 15),
        (2011, 1, 31, -1, 2010, 12, 31), (2011, 3, 31, -1, 2011, 2, 28), (2011, 1, 1, -13, 2009, 12, 1),
    ])
    func addsMonths(year: Int, month: Int, day: Int, count: Int, toYear: Int, toMonth: Int, toDay: Int) throws
    {
        let date = try #require(CivilDate(year: year, month: month, day: day))
        #expect(date.addingMonths(count) == CivilDate(year: toYear, month: toMonth, day: toDay))
    }

    @Test func bounds() throws {
        let date = try #require(CivilDate(year: 2000, month: 1, day: 1))
        #expect(date.addingMonths(.max) == nil)
        #expect(date.addingMonths(.min) == nil)
        #expect(CivilDate(year: .max, month: 1, day: 1) == nil)
        #expect(Weekday(name: "sunday") == .sunday)
        #expect(Weekday(name: "Sunday") == nil)
        #expect(Weekday.allCases.allSatisfy { Weekday(name: $0.name) == $0 })
    }
}
