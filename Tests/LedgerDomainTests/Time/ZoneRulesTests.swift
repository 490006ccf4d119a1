import Testing

@testable import LedgerDomain

@Suite struct ZoneRulesTests {
    @Test func offsetsAgreeWithPython() throws {
        for (name, points) in GoldenOffsets.zones {
            let zone = try ZoneRules.load(name)
            for point in points.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
                let pair = point.split(separator: ":").compactMap { Int64($0) }
                let moment = try #require(Timestamp(seconds: pair[0]))
                #expect(zone.offsetSeconds(at: moment) == Int(pair[1]), "\(name) at \(moment)")
            }
        }
    }

    @Test(arguments: [
        ("Europe/London", "2011-03-27T12:00:00Z", "2011-03-27T00:00:00Z", 23.0),
        ("Europe/London", "2011-10-30T23:59:59Z", "2011-10-29T23:00:00Z", 25.0),
        ("Europe/London", "2011-06-30T22:59:59Z", "2011-06-29T23:00:00Z", 24.0),
        ("Europe/London", "2250-07-01T00:00:00Z", "2250-06-30T23:00:00Z", 24.0),
        ("America/New_York", "2024-03-10T12:00:00Z", "2024-03-10T05:00:00Z", 23.0),
        ("America/New_York", "2024-11-03T12:00:00Z", "2024-11-03T04:00:00Z", 25.0),
        ("America/New_York", "2100-11-07T12:00:00Z", "2100-11-07T04:00:00Z", 25.0),
        ("Asia/Kolkata", "2024-02-29T18:29:59.999999999Z", "2024-02-28T18:30:00Z", 24.0),
        ("Australia/Lord_Howe", "2024-10-05T20:00:00Z", "2024-10-05T13:30:00Z", 23.5),
        ("Australia/Lord_Howe", "2024-04-06T20:00:00Z", "2024-04-06T13:00:00Z", 24.5),
        ("Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29T10:00:00Z", 24.0),
        ("Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z", 24.0),
        // No midnight: the day begins at 01:00 by the clocks.
        ("America/Sao_Paulo", "2018-11-04T12:00:00Z", "2018-11-04T03:00:00Z", 23.0),
        // Clocks back from 00:00 to 23:00: the day before has 25 hours.
        ("America/Sao_Paulo", "2018-02-18T02:30:00Z", "2018-02-17T02:00:00Z", 25.0),
        // Midnight twice: the day begins at the first.
        ("America/Havana", "2024-11-03T04:30:00Z", "2024-11-03T04:00:00Z", 25.0),
        // Clocks back over midnight, from 00:01 to 23:01: what they show again belongs to the new day.
        ("America/St_Johns", "2010-11-07T02:45:00Z", "2010-11-07T02:30:00Z", 25.0),
    ])
    func days(zone: String, moment: String, start: String, hours: Double) throws {
        let day = try ZoneRules.load(zone).day(containing: Timestamp(moment))
        #expect(day.start.description == start)
        #expect(day.end.nanoseconds - day.start.nanoseconds == Int64(hours * 2) * 1_800_000_000_000)
        #expect(try day.contains(Timestamp(moment)))
    }

    @Test func weeksBeginWhereThePolicySays() throws {
        let london = try ZoneRules.load("Europe/London")
        let moment = try Timestamp("2011-03-27T12:00:00Z")  // a Sunday, of 23 hours
        let monday = london.week(containing: moment, start: .monday)
        #expect(monday.start.description == "2011-03-21T00:00:00Z")
        #expect(monday.end.description == "2011-03-27T23:00:00Z")
        let sunday = london.week(containing: moment, start: .sunday)
        #expect(sunday.start.description == "2011-03-27T00:00:00Z")
        #expect(sunday.end.description == "2011-04-02T23:00:00Z")
        let utc = ZoneRules.utc.week(containing: moment, start: .monday)
        #expect(utc.end.description == "2011-03-28T00:00:00Z")
    }

    @Test(arguments: [
        ("UTC", "2012-02-29T23:59:59Z", "2012-02-01T00:00:00Z", "2012-03-01T00:00:00Z"),
        ("UTC", "2011-12-31T23:59:59.999999999Z", "2011-12-01T00:00:00Z", "2012-01-01T00:00:00Z"),
        ("Europe/London", "2011-03-31T23:00:00Z", "2011-03-31T23:00:00Z", "2011-04-30T23:00:00Z"),
        ("Asia/Kolkata", "2024-02-29T18:30:00Z", "2024-02-29T18:30:00Z", "2024-03-31T18:30:00Z"),
        ("Pacific/Apia", "2011-12-15T00:00:00Z", "2011-12-01T10:00:00Z", "2011-12-31T10:00:00Z"),
    ])
    func months(zone: String, moment: String, start: String, end: String) throws {
        let month = try ZoneRules.load(zone).month(containing: Timestamp(moment))
        #expect(month.start.description == start)
        #expect(month.end.description == end)
    }

    /// Days, weeks and months each part the time line: the end of one is in the next, which starts there.
    @Test(arguments: GoldenOffsets.zones.map(\.name) + ["UTC", "Africa/Casablanca", "Antarctica/Troll"])
    func periodsPartTheTimeLine(name: String) throws {
        let zone = try ZoneRules.load(name)
        var random = SplitMix(seed: 13)
        for start in ["1966-01-01T00:00:00Z", "2005-06-01T00:00:00Z", "2100-01-01T00:00:00Z"] {
            var day = try zone.day(containing: Timestamp(start))
            for _ in 0..<3000 {
                let length = UInt64(day.end.nanoseconds - day.start.nanoseconds)
                let inside = Timestamp(nanoseconds: day.start.nanoseconds + Int64(random.next() % length))
                #expect(zone.day(containing: inside) == day, "\(name), seed 13, \(inside)")
                #expect(zone.week(containing: inside, start: .monday).contains(inside))
                #expect(zone.month(containing: inside).contains(inside))
                let next = zone.day(containing: day.end)
                #expect(next.start == day.end)
                day = next
            }
        }
    }

    @Test func theRangeEndsInClampedPeriods() {
        #expect(ZoneRules.utc.day(containing: .max).end == .max)
        #expect(ZoneRules.utc.day(containing: .min).start == .min)
        #expect(ZoneRules.utc.month(containing: .max).start.description == "2262-04-01T00:00:00Z")
    }

    @Test(arguments: [
        ("UTC", "2011-01-31T10:00:00.5Z", 1, "2011-02-28T10:00:00.500Z"),
        ("UTC", "2011-01-31T10:00:00Z", 2, "2011-03-31T10:00:00Z"),
        ("UTC", "2012-02-29T00:00:00Z", 12, "2013-02-28T00:00:00Z"),
        ("UTC", "2011-03-31T00:00:00Z", -1, "2011-02-28T00:00:00Z"),
        ("Europe/London", "2011-02-28T12:00:00Z", 1, "2011-03-28T11:00:00Z"),
        // 01:30 is skipped on 2011-03-27: the moment the clocks go forward.
        ("Europe/London", "2011-02-27T01:30:00.25Z", 1, "2011-03-27T01:00:00Z"),
        // 01:30 comes twice on 2011-10-30: the first.
        ("Europe/London", "2011-09-30T00:30:00Z", 1, "2011-10-30T00:30:00Z"),
        ("Europe/London", "2011-10-30T01:30:00Z", 0, "2011-10-30T01:30:00Z"),
        ("Asia/Kolkata", "2024-01-30T20:00:00Z", 1, "2024-02-28T20:00:00Z"),
    ])
    func monthsAfterAnAnchor(zone: String, anchor: String, count: Int, result: String) throws {
        #expect(try ZoneRules.load(zone).months(after: Timestamp(anchor), count)?.description == result)
    }

    @Test func monthsOutsideTheRange() {
        #expect(ZoneRules.utc.months(after: .max, 1) == nil)
        #expect(ZoneRules.utc.months(after: .min, -1) == nil)
        #expect(ZoneRules.utc.months(after: .max, .max) == nil)
        #expect(ZoneRules.utc.months(after: .max, 0) == .max)
    }

    // MARK: Local times

    @Test(arguments: [
        ("Europe/London", "2010-12-01 08:26:00", "2010-12-01T08:26:00Z"),
        ("Europe/London", "2011-06-01T08:26", "2011-06-01T07:26:00Z"),
        ("Europe/London", "2011-10-30 01:30:00.5", "2011-10-30T00:30:00.500Z"),
        ("America/New_York", "2024-11-03 01:59:59", "2024-11-03T05:59:59Z"),
        ("Australia/Lord_Howe", "2024-04-07 01:45:00", "2024-04-06T14:45:00Z"),
        ("Asia/Kolkata", "2024-02-29 00:00:00", "2024-02-28T18:30:00Z"),
    ])
    func localTimes(zone: String, local: String, moment: String) throws {
        #expect(try LocalDateTime(local).moment(in: ZoneRules.load(zone)).description == moment)
    }

    @Test(arguments: [
        ("Europe/London", "2011-03-27 01:00:00"), ("Europe/London", "2011-03-27 01:59:59"),
        ("America/New_York", "2024-03-10 02:30:00"), ("Pacific/Apia", "2011-12-30 12:00:00"),
        ("Australia/Lord_Howe", "2024-10-06 02:15:00"),
    ])
    func skippedLocalTimesAreRefused(zone: String, local: String) throws {
        let rules = try ZoneRules.load(zone)
        #expect(throws: TimestampProblem.skippedLocalTime) { try LocalDateTime(local).moment(in: rules) }
    }

    @Test(
        arguments: [
            ("", .notLocalDateTime), ("2010-12-01", .notLocalDateTime),
            ("2010-12-01 08:26:00Z", .notLocalDateTime),
            ("2010-12-01 8:26", .notLocalDateTime), ("01/12/2010 08:26", .notLocalDateTime),
            ("2010-12-01 08:26:0", .notLocalDateTime), ("2010-12-01 08:26:", .notLocalDateTime),
            ("2011-02-29 08:26", .noSuchTime), ("2010-12-01 24:00", .noSuchTime),
            ("2010-12-01 08:26:60", .noSuchTime),
        ] as [(String, TimestampProblem)])
    func malformedLocalTimes(text: String, problem: TimestampProblem) {
        #expect(throws: problem) { try LocalDateTime(text) }
    }

    @Test func localTimesOutsideTheRange() throws {
        let local = try LocalDateTime("9999-01-01 00:00:00")
        #expect(throws: TimestampProblem.outOfRange) { try local.moment(in: .utc) }
        #expect(try LocalDateTime("2010-12-01T08:26").description == "2010-12-01 08:26:00")
    }
}
