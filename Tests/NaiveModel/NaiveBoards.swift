/// What a leaderboard counts.
public enum NaiveMetric: Hashable, Sendable {
    /// Attributions to the member.
    case referrals
    /// Referrals of the member that are converted.
    case conversions
    /// Commissions less reversals, in minor units of one currency.
    case earnings(String)
}

/// Over which time a leaderboard counts. A start is the period's first nanosecond, UTC.
public enum NaivePeriod: Hashable, Sendable {
    case all
    /// From the first of a month.
    case month(start: Int64)
    /// From a Monday.
    case week(start: Int64)
}

/// One row of a leaderboard.
public struct NaiveRank: Hashable, Sendable {
    /// 1 + the number of members with more.
    public let rank: Int
    /// The member's user id.
    public let user: String
    /// A count, or minor units.
    public let score: Int64

    /// Memberwise.
    public init(rank: Int, user: String, score: Int64) {
        self.rank = rank
        self.user = user
        self.score = score
    }
}

struct BoardKey: Hashable {
    let metric: NaiveMetric
    let period: NaivePeriod
}

struct Score {
    var value: Int64 = 0
    /// Position of the event that made the score what it is.
    var reachedAt = 0
}

extension NaiveLedger {
    /// The month that a moment is in.
    public static func month(of moment: Int64) -> NaivePeriod {
        let (year, month) = yearAndMonth(moment)
        return .month(start: Int64(daysSinceEpoch(year: year, month: month, day: 1)) * dayNanoseconds)
    }

    /// The week, Monday to Sunday, that a moment is in.
    public static func week(of moment: Int64) -> NaivePeriod {
        let day = dayNumber(moment)
        // Day 0 was a Thursday: three days after a Monday.
        let sinceMonday = ((day + 3) % 7 + 7) % 7
        return .week(start: Int64(day - sinceMonday) * dayNanoseconds)
    }

    /// The first nanosecond after a period; nil for all time.
    static func end(of period: NaivePeriod) -> Int64? {
        switch period {
        case .all: return nil
        case .week(let start): return start + 7 * dayNanoseconds
        case .month(let start):
            let (year, month) = yearAndMonth(start)
            return start + Int64(daysIn(month: month, year: year)) * dayNanoseconds
        }
    }

    /// Whether `advance` has passed the period's end and the grace after it.
    public func isClosed(_ period: NaivePeriod) -> Bool {
        guard let end = NaiveLedger.end(of: period) else { return false }
        return end + policy.graceNanoseconds <= clock
    }

    /// Counts for all time, and for the month and week of `at` while they are open.
    func score(_ metric: NaiveMetric, _ user: Int, _ change: Int64, at: Int64) {
        for period in [.all, NaiveLedger.month(of: at), NaiveLedger.week(of: at)] where !isClosed(period) {
            let key = BoardKey(metric: metric, period: period)
            boards[key, default: [:]][user, default: Score()].value += change
            boards[key, default: [:]][user, default: Score()].reachedAt = position
        }
    }

    /// The members with a score above zero, best first.
    public func leaderboard(_ metric: NaiveMetric, _ period: NaivePeriod = .all) -> [NaiveRank] {
        let board = boards[BoardKey(metric: metric, period: period)] ?? [:]
        let sorted = board.filter { $0.value.value > 0 }.sorted { one, other in
            if one.value.value != other.value.value { return one.value.value > other.value.value }
            if one.value.reachedAt != other.value.reachedAt {
                return one.value.reachedAt < other.value.reachedAt
            }
            return one.key < other.key
        }
        var rows: [NaiveRank] = []
        for (index, (user, score)) in sorted.enumerated() {
            let isTie = rows.last?.score == score.value
            let rank = isTie ? rows[index - 1].rank : index + 1
            rows.append(NaiveRank(rank: rank, user: users[user].id, score: score.value))
        }
        return rows
    }

    /// Every board that ever held a score.
    public var boardsEverUsed: [(metric: NaiveMetric, period: NaivePeriod)] {
        boards.keys.map { ($0.metric, $0.period) }
    }
}
