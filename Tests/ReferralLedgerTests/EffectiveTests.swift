import Foundation
import LedgerDomain
import LedgerExchange
import NaiveModel
import ReferralLedger
import Testing

/// Money by business time: what `occurredAt` ≤ a moment has moved, summed up naively from the events.
@Suite struct EffectiveTests {
    // MARK: By hand

    /// available, pending of `a` at a moment.
    private func money(_ ledger: Ledger, _ moment: Timestamp) throws -> [Int64] {
        let balance = try ledger.effective(at: moment).balance(of: "a", asset: .usd)
        return balance.map { [$0.pending, $0.available, $0.earned] } ?? []
    }

    @Test func aDayAtATime() throws {
        let bench = try Bench()
        try bench.run([
            Say.signup("a"), Say.signup("b", by: "a"), Say.pay("p", "b", 100_00, day(10)),
            Say.refund("r", "p", 25_00, day(20)),
            // Recorded last, and long before by business time.
            Say.pay("late", "b", 10_00, day(5)),
        ])
        try bench.ledger.advance(to: day(40))
        let table: [(moment: Timestamp, expected: [Int64])] = [
            (day(0), [0, 0, 0]), (Timestamp(nanoseconds: day(5).nanoseconds - 1), [0, 0, 0]),
            (day(5), [2_00, 0, 2_00]), (day(10), [22_00, 0, 22_00]),
            // Fourteen days after the late one.
            (day(19), [20_00, 2_00, 22_00]), (day(20), [15_00, 2_00, 17_00]),
            (day(24), [0, 17_00, 17_00]), (day(1_000), [0, 17_00, 17_00]),
        ]
        for (moment, expected) in table { #expect(try money(bench.ledger, moment) == expected, "\(moment)") }
        let lines = try #require(try bench.ledger.effective(at: day(19)).statement(of: "a"))
        #expect(lines.map(\.type) == ["CommissionEarned", "CommissionEarned", "RewardMatured"])
        #expect(lines.last?.availableAfter == 2_00 && lines.last?.pendingAfter == 20_00)
        // What was recorded by a position, of what had happened by a moment.
        let before = try bench.ledger.past(at: LogPosition(bench.ledger.current.position.rawValue / 2))
        #expect(before.effective(at: day(1_000)).position == before.position)
        #expect(try bench.ledger.effective(at: day(1)).balances(of: "nobody") == nil)
        #expect(try bench.ledger.effective(at: day(1)).statement(of: "nobody") == nil)
        #expect(try bench.ledger.effective(at: day(1)).balances(of: "a") == [])
        #expect(try bench.ledger.effective(at: day(0)).trialBalance().value == [])
    }

    /// A merge counts from its own time on; open withdrawals come along.
    @Test func merges() throws {
        let bench = try Bench(policy: paying())
        try bench.run([
            Say.signup("x"), Say.signup("y"), Say.opening("x", 8_00, key: "1", day(1)),
            Say.withdraw("w", "x", 5_00, day(3)), Say.merge("x", into: "y", key: "1", day(6)),
        ])
        func purse(_ user: String, _ moment: Timestamp) throws -> [Int64] {
            let all = try bench.ledger.effective(at: moment).balance(of: user, asset: .usd)
            return all.map { [$0.available, $0.reserved] } ?? []
        }
        #expect(try purse("x", day(5)) == [3_00, 5_00])
        #expect(try purse("y", day(5)) == [0, 0])
        #expect(try purse("x", day(6)) == [3_00, 5_00])
        #expect(try purse("y", day(6)) == [3_00, 5_00])
    }

    // MARK: Random programmes

    /// A user's sums by hand: pending, available, held, reserved, owed.
    private struct Purse: Equatable {
        var sums = [String: Int64]()
        subscript(account: String) -> Int64 { sums[account] ?? 0 }
    }

    /// All postings by a moment, from what `events` lists and nothing else.
    private struct Naive {
        var purses: [String: [AssetNumber: Purse]] = [:]
        var accounts: [String: Int64] = [:]
        var into: [String: String] = [:]
        var events = 0

        init(_ all: [LedgerEvent], until moment: Timestamp) {
            for event in all where event.occurredAt <= moment {
                events += 1
                if event.type == .usersMerged, case .user(let gone)? = event["from"],
                    case .user(let stays)? = event["into"]
                {
                    into[gone] = stays
                }
                for posting in event.postings {
                    add(posting.debit, posting.asset, -posting.amount)
                    add(posting.credit, posting.asset, posting.amount)
                }
            }
        }

        private mutating func add(_ name: LedgerEvent.AccountName, _ asset: AssetNumber, _ credit: Int64) {
            accounts["\(name.account) \(name.provider ?? "") \(asset.rawValue)", default: 0] += credit
            guard let user = name.userId else { return }
            let account = name.account == "claimable" ? "available" : name.account
            purses[user, default: [:]][asset, default: Purse()].sums[account, default: 0] +=
                account == "receivable" ? -credit : credit
        }

        /// Who an id stands for.
        func holder(_ user: String) -> String {
            var user = user
            while let next = into[user] { user = next }
            return user
        }

        /// An account of a user; what is reserved goes with a merge.
        func sum(_ user: String, _ asset: AssetNumber, _ account: String) -> Int64 {
            let whose = account == "reserved" ? purses.keys.filter { holder($0) == user } : [user]
            return whose.reduce(0) { $0 + (purses[$1]?[asset]?[account] ?? 0) }
        }
    }

    @Test(arguments: RandomPolicy.all.map(\.name))
    func agreesWithANaiveSum(policyName: String) throws {
        let seed = UInt64(ProcessInfo.processInfo.environment["LEDGER_SEED"] ?? "") ?? 11
        let folder = TemporaryFolder()
        let ledger = try makeRandomLedger(folder, policyName: policyName, seed: seed)
        defer { ledger.close() }
        let events = try ledger.current.events(limit: .max)
        let users = Set(events.flatMap { $0.postings.flatMap { [$0.debit.userId, $0.credit.userId] } })
            .compactMap { $0 }.sorted()
        try #require(!users.isEmpty)
        let moments = events.indices.filter { $0 % (events.count / 12 + 1) == 0 }.map {
            events[$0].occurredAt
        }
        for moment in moments + [Timestamp(nanoseconds: .max)] {
            let place = "\(policyName) seed \(seed) at \(moment)"
            let naive = Naive(events, until: moment)
            let effective = ledger.effective(at: moment)
            #expect(try effective.events(limit: .max).count == naive.events, "\(place)")
            try checkUsers(users, effective, naive, place)
            try checkSums(effective, naive, place)
        }
        // The end of time is the present.
        let last = ledger.effective(at: Timestamp(nanoseconds: .max))
        #expect(try last.trialBalance().value == ledger.current.trialBalance().value)
        for user in users {
            func known(_ all: [UserBalance]?) -> [UserBalance] {
                (all ?? []).filter { $0 != UserBalance.none($0.asset) }.sorted { $0.asset < $1.asset }
            }
            #expect(
                try known(last.balances(of: user)) == known(ledger.current.balances(of: user)),
                "\(policyName) seed \(seed) \(user)")
        }
    }

    private func checkUsers(
        _ users: [String], _ effective: EffectiveReader, _ naive: Naive, _ place: String
    ) throws {
        for user in users {
            let balances = try #require(try effective.balances(of: user), "\(place) \(user)")
            let holder = naive.holder(user)
            let assets = Set(balances.map(\.asset)).union((naive.purses[holder] ?? [:]).keys)
            for asset in assets {
                let mine = balances.first { $0.asset == asset } ?? .none(asset)
                #expect(
                    [mine.pending, mine.available, mine.held, mine.reserved, mine.receivable]
                        == ["pending", "available", "held", "reserved", "receivable"].map {
                            naive.sum(holder, asset, $0)
                        }, "\(place) \(user)")
            }
            let lines = try #require(try effective.statement(of: user))
            #expect(lines.allSatisfy { $0.occurredAt <= effective.moment }, "\(place) \(user)")
            #expect(zip(lines, lines.dropFirst()).allSatisfy { $0.position <= $1.position })
            for (asset, purse) in naive.purses[holder] ?? [:] {
                let last = lines.last { $0.asset == asset }
                #expect(last?.pendingAfter ?? 0 == purse["pending"], "\(place) \(user)")
                #expect(last?.availableAfter ?? 0 == purse["available"], "\(place) \(user)")
                #expect(last?.receivableAfter ?? 0 == purse["receivable"], "\(place) \(user)")
            }
        }
    }

    private func checkSums(_ effective: EffectiveReader, _ naive: Naive, _ place: String) throws {
        var mine: [String: Int64] = [:]
        for line in try effective.trialBalance().value {
            mine["\(line.account) \(line.provider ?? "") \(line.asset.rawValue)"] = line.credit - line.debit
        }
        #expect(mine == naive.accounts.filter { $0.value != 0 }, "\(place)")
        var owed: [String: Int64] = [:]
        for row in try effective.receivables().value {
            owed["\(row.userId) \(row.asset.rawValue)"] = row.amount
        }
        var expected: [String: Int64] = [:]
        for (user, purses) in naive.purses {
            for (asset, purse) in purses where purse["receivable"] > 0 {
                expected["\(user) \(asset.rawValue)"] = purse["receivable"]
            }
        }
        #expect(owed == expected, "\(place)")
    }
}

extension UserBalance {
    /// Nothing of an asset.
    fileprivate static func none(_ asset: AssetNumber) -> UserBalance { UserBalance(nothingOf: asset) }
}
