import LedgerDomain
import ReferralLedger
import Testing

import struct NaiveModel.SplitMix64

/// How new the answers of boards are, and that boards that are kept up are those that are made anew.
@Suite struct FreshnessTests {
    private struct Draw {
        var random: SplitMix64
        mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
    }

    private static let periods: [LeaderboardPeriod] = [
        .allTime, .currentWeek, .currentMonth, .week(containing: day(1)), .month(containing: day(40)),
    ]

    /// Random payments and refunds over two months, some of them late; the board that is kept up from group
    /// to group is the one that a reader of the past sorts from nothing.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func keptBoardsAreThoseMadeAnew(seed: UInt64) throws {
        var draw = Draw(random: SplitMix64(seed: seed))
        let bench = try Bench(policy: twoLevel { _ in })
        let ledger = bench.ledger
        for i in 0..<30 { try bench.run([Say.signup("u\(i)", by: i == 0 ? nil : "u\(draw.below(i))")]) }
        var payments = 0
        for round in 0..<25 {
            var commands: [Command] = []
            for _ in 0..<(1 + draw.below(12)) {
                let late = draw.below(4) == 0 ? 20 : 0
                if payments > 3, draw.below(4) == 0 {
                    let paid = draw.below(payments)
                    let id = "r\(round)-\(commands.count)"
                    commands.append(Say.refund(id, "p\(paid)", 1, day(round * 3 + 1)))
                } else {
                    let payer = draw.below(30)
                    let amount = Int64((1 + draw.below(9)) * 1_000)
                    let at = day(max(1, round * 3 - late))
                    commands.append(Say.pay("p\(payments)", "u\(payer)", amount, at))
                    payments += 1
                }
            }
            _ = try ledger.submit(commands)
            let fresh = try ledger.past(at: ledger.current.position)
            for metric in LeaderboardMetric.allCases {
                for period in Self.periods {
                    let kept = try #require(
                        try ledger.current.leaderboard(by: metric, period: period, limit: 100))
                    let anew = try #require(try fresh.leaderboard(by: metric, period: period, limit: 100))
                    #expect(kept == anew, "seed \(seed), round \(round), \(metric.name) \(period)")
                    for entry in kept.entries {
                        let place = try ledger.current.place(of: entry.userId, by: metric, period: period)
                        #expect(place?.value == entry, "seed \(seed), round \(round)")
                        #expect(place?.position == kept.position)
                    }
                }
            }
        }
    }

    @Test("a receipt's own write is seen at once, whoever else writes", arguments: [true, false])
    func ownWrites(byPosition: Bool) async throws {
        let bench = try Bench()
        let ledger = bench.ledger
        try bench.run([Say.signup("top"), Say.signup("a", by: "top"), Say.signup("b", by: "top")])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for i in 0..<200 { try await ledger.submit(Say.pay("other-\(i)", "b", 10_00)) }
            }
            group.addTask {
                var last: Int64 = 0
                for i in 0..<60 {
                    let outcome = try await ledger.submit(Say.pay("own-\(i)", "a", 100_00))
                    guard case .accepted(let receipt) = outcome else {
                        Issue.record("\(outcome)")
                        return
                    }
                    let place = try #require(
                        try ledger.current.place(
                            of: "top", by: .earnings,
                            freshness: byPosition ? .atLeast(receipt.position) : .current))
                    #expect(place.position >= receipt.position)
                    let score = place.value?.score ?? 0
                    #expect(score >= last + 20_00)
                    last = score
                }
            }
            try await group.waitForAll()
        }
    }

    /// What is at most a second old still holds at one position: the one that it names.
    @Test func recentAnswersHoldWhereTheySay() async throws {
        let bench = try Bench()
        let ledger = bench.ledger
        try bench.run((0..<10).map { Say.signup("u\($0)", by: $0 == 0 ? nil : "u\($0 - 1)") })
        let stop = Flag()
        let seen = try await withThrowingTaskGroup(of: [Leaderboard].self) { group in
            group.addTask {
                var seen: [Leaderboard] = []
                while !stop.isSet || seen.isEmpty {
                    let board = try #require(
                        try ledger.current.leaderboard(by: .earnings, limit: 20, freshness: .recent))
                    if seen.last?.position != board.position { seen.append(board) }
                    await Task.yield()
                }
                return seen
            }
            group.addTask {
                for i in 0..<300 {
                    try await ledger.submit(Say.pay("p\(i)", "u\(i % 10)", Int64(100 + i * 7)))
                }
                stop.set()
                return []
            }
            var seen: [Leaderboard] = []
            for try await part in group { seen += part }
            return seen
        }
        #expect(seen.map(\.position) == seen.map(\.position).sorted())
        for board in seen.prefix(1) + seen.suffix(3) {
            #expect(try ledger.past(at: board.position).leaderboard(by: .earnings, limit: 20) == board)
        }
        // On a quiet ledger nothing is missing a moment later.
        let current = try ledger.current.leaderboard(by: .earnings, limit: 20)
        #expect(current?.position == ledger.current.position)
        #expect(try ledger.current.leaderboard(by: .earnings, limit: 20, freshness: .recent) == current)
    }

    @Test func whatIsUnknownHasNoPlace() throws {
        let bench = try Bench()
        try bench.run([Say.signup("a")])
        let reader = bench.ledger.current
        #expect(try reader.place(of: "nobody", by: .earnings) == nil)
        #expect(try reader.leaderboard(by: .earnings, programme: "none", freshness: .recent) == nil)
        let place = try #require(try reader.place(of: "a", by: .earnings, freshness: .recent))
        #expect(place.value == nil)
        // A position past the log's end is its end.
        let board = try reader.leaderboard(freshness: .atLeast(LogPosition(1 << 39)))
        #expect(board?.position == reader.position)
        bench.ledger.close()
        #expect(throws: LedgerError.self) { try reader.leaderboard(by: .earnings, freshness: .recent) }
    }
}
