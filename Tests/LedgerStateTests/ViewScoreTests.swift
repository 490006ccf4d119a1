import LedgerDomain
import Testing

@testable import LedgerState

/// Scores of weeks and months against plain dictionaries: facts of all moments, in no order.
@Suite struct ViewScoreTests {
    private struct Place: Hashable {
        let user: UInt32
        let metric: LeaderboardMetric
        let period: UInt8
        let start: Int64
    }

    private struct Standing: Equatable {
        var score: Int64 = 0
        var reached: UInt64 = 0
    }

    private static let programme = ProgrammeNumber(0)

    @Test("weeks and months in any order", arguments: UInt64(1)...4)
    func property(_ seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let begin = try Timestamp("2024-01-01T00:00:00Z")
        var views = ViewState(hashSeed: 1)
        var calendar = ProgrammeCalendar()
        calendar.versions = [.init(effectiveFrom: begin, zone: .utc, weekStart: .monday)]
        views.calendars = [calendar]
        var model: [Place: Standing] = [:]
        for step in 1...20_000 {
            views.sequence = UInt64(step)
            let user = UInt32(random.next() % 150)
            let metric: LeaderboardMetric = random.next() % 4 == 0 ? .conversions : .earnings
            let change = Int64(random.next() % 2_000) - 500
            // Mostly near an end that moves on; sometimes a late fact of any moment.
            let days = random.next() % 5 == 0 ? random.next() % 400 : UInt64(step) / 60
            let moment = try #require(begin.adding(wholeDays: Int(days)))
            views.score(UserNumber(user), metric, 0, change, moment, Self.programme)
            let (week, month) = (
                ZoneRules.utc.week(containing: moment, start: .monday),
                ZoneRules.utc.month(containing: moment)
            )
            for (period, start) in [
                (0, 0), (PeriodKind.week.rawValue, week.start.nanoseconds),
                (PeriodKind.month.rawValue, month.start.nanoseconds),
            ] as [(UInt8, Int64)] {
                let place = Place(user: user, metric: metric, period: period, start: start)
                model[place, default: Standing()].score += change
                model[place]?.reached = UInt64(step)
            }
        }
        try compare(views, model, seed)
    }

    private func compare(_ views: borrowing ViewState, _ model: [Place: Standing], _ seed: UInt64) throws {
        let boards = Dictionary(grouping: model.keys) {
            BoardKey(
                programme: Self.programme, period: $0.period, metric: $0.metric, asset: 0,
                start: Timestamp(nanoseconds: $0.start))
        }
        #expect(boards.count > 100)
        for (key, places) in boards {
            let found = views.findBoard(key)
            let board = try #require(found, "seed \(seed), \(key)")
            var listed: [UInt32: Standing] = [:]
            views.visitScores(of: board) { listed[$0] = Standing(score: $1, reached: $2) }
            #expect(
                listed == Dictionary(uniqueKeysWithValues: places.map { ($0.user, model[$0]!) }),
                "seed \(seed), \(key)")
            for user in UInt32(0)..<150 {
                let found = views.standing(of: UserNumber(user), on: board)
                let wanted = model[
                    Place(user: user, metric: key.metric, period: key.period, start: key.start.nanoseconds)]
                #expect(
                    found?.score == wanted?.score && found?.reached == wanted?.reached,
                    "seed \(seed), user \(user), \(key)")
            }
        }
    }
}
