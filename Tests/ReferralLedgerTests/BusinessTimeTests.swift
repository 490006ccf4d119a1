import Foundation
import LedgerDomain
import LedgerExchange
import NaiveModel
import ReferralLedger
import Testing

/// States by business time: a fold of what had happened by a moment, with the gaps that this leaves.
@Suite struct BusinessTimeTests {
    // MARK: By hand

    @Test func aDayAtATime() throws {
        let bench = try Bench()
        try bench.run([
            Say.signup("a"), Say.signup("b", day(2), by: "a"), Say.pay("p", "b", 100_00, day(10)),
            // Recorded last, and long before by business time.
            Say.pay("late", "b", 10_00, day(5)), Say.signup("c", day(1), by: "a"),
            Say.refund("r", "p", 25_00, day(20)),
        ])
        try bench.ledger.advance(to: day(40))
        struct Row {
            let moment: Timestamp
            let users: Int
            let payments: Int
            let referrals: Int
            let stage: String?
        }
        let table = [
            Row(moment: day(0, hours: -1), users: 0, payments: 0, referrals: 0, stage: nil),
            Row(moment: day(0), users: 1, payments: 0, referrals: 0, stage: nil),
            Row(moment: day(1), users: 2, payments: 0, referrals: 1, stage: nil),
            Row(moment: day(2), users: 3, payments: 0, referrals: 2, stage: "registered"),
            // What the later payment had done when the earlier one came is not done again.
            Row(moment: day(5), users: 3, payments: 1, referrals: 2, stage: "registered"),
            Row(moment: day(10), users: 3, payments: 2, referrals: 2, stage: "completed"),
            Row(moment: day(1_000), users: 3, payments: 2, referrals: 2, stage: "completed"),
        ]
        for row in table {
            let state = try bench.ledger.effective(at: row.moment).state()
            #expect(state.effectiveMoment == row.moment && state.position == bench.ledger.current.position)
            let status = try state.status()
            #expect(status.users == row.users && status.members == row.users, "\(row.moment)")
            #expect(status.programmes.first?.members == row.users, "\(row.moment)")
            #expect(status.payments == row.payments, "\(row.moment)")
            #expect(try state.user("a")?.referrals ?? 0 == row.referrals, "\(row.moment)")
            #expect(try state.tree(of: "a")?.count ?? 0 == (row.users == 0 ? 0 : row.referrals + 1))
            #expect(try state.user("b")?.stage.name == row.stage, "\(row.moment)")
            #expect(try state.user("nobody") == nil && state.rewards(of: "nobody") == nil)
        }
        let then = try bench.ledger.effective(at: day(19)).state()
        let late = try #require(try then.explain(.balance(userId: "a", asset: .usd)))
        #expect(late.effective == day(19))
        #expect(
            late.steps.map(\.type.name) == ["CommissionEarned", "CommissionEarned", "RewardMatured"])
        #expect(try then.rank(of: "a", by: .earnings)?.score == 22_00)
        // By business time of business time is the earlier one; its past goes with the ledger.
        #expect(then.effective(at: day(1_000)).moment == day(19))
        bench.ledger.close()
        #expect(throws: LedgerError.self) { _ = try then.user("a") }
    }

    /// A refund that is dated before its payment moves money and nothing else; names stay what they are.
    @Test func gaps() throws {
        let bench = try Bench(policy: .preset(named: "tiered"))
        try bench.run([
            Say.signup("a"), Say.signup("b", day(3), by: "a"), Say.pay("p", "b", 100_00, day(30)),
            Say.refund("r", "p", 100_00, day(6)),
            Say.signup("c", day(1), by: "a"), Say.pay("q", "c", 50_00, day(4)),
        ])
        let all = try #require(try bench.ledger.current.rewards(of: "a"))
        try #require(all.contains { $0.refereeId == "c" })
        let state = try bench.ledger.effective(at: day(7)).state()
        let then = try #require(try state.rewards(of: "a"))
        #expect(!then.isEmpty && then.count < all.count)
        for reward in then {
            let same = try #require(all.first { $0.id == reward.id })
            #expect(same.position == reward.position && same.refereeId == reward.refereeId)
        }
        for reward in all where !then.contains(where: { $0.id == reward.id }) {
            #expect(try state.reward(reward.id) == nil)
        }
        #expect(try state.status().payments == 1 && state.status().refunds == 0)
    }

    // MARK: Random programmes

    @Test(arguments: RandomPolicy.all.map(\.name))
    func agreesWithANaiveFilter(policyName: String) throws {
        let environment = ProcessInfo.processInfo.environment
        let seed = UInt64(environment["LEDGER_SEED"] ?? "") ?? 5
        let folder = TemporaryFolder()
        let ledger = try makeRandomLedger(folder, policyName: policyName, seed: seed)
        defer { ledger.close() }
        let events = try ledger.current.events(limit: .max)
        // Every user is asked about at each moment, and each answer may be a fold: few moments, but in a campaign.
        let count = Int(environment["LEDGER_MOMENTS"] ?? "") ?? 3
        let moments = events.indices.filter { $0 % (events.count / max(1, count) + 1) == 0 }.map {
            events[$0].occurredAt
        }
        for moment in moments {
            let place = "\(policyName) seed \(seed) at \(moment)"
            try check(NaiveFilter(events, until: moment), ledger.effective(at: moment), ledger.current, place)
        }
        try endOfTimeIsThePresent(ledger, events, "\(policyName) seed \(seed)")
        try aPrefixIsAPast(ledger, events, "\(policyName) seed \(seed)")
    }

    private func check(
        _ naive: NaiveFilter, _ effective: EffectiveReader, _ now: LedgerReader, _ place: String
    ) throws {
        let state = try effective.state()
        let status = try state.status()
        #expect(status.members == naive.signedUp.count, "\(place)")
        #expect(status.payments == naive.payments && status.codes == naive.codes, "\(place)")
        #expect(
            Set(try state.parkedFacts().map(\.position)) == naive.parked, "\(place)")
        #expect(
            Set(try #require(try state.withdrawals(limit: .max)).map(\.position)) == naive.withdrawals,
            "\(place)")
        let cases = try #require(try state.cases(openOnly: false, limit: .max))
        #expect(cases.allSatisfy { $0.openedAt <= effective.moment }, "\(place)")
        for review in cases where review.kind == .review {
            #expect(try now.review(review.id ?? "")?.position == review.position, "\(place)")
        }
        let board = try #require(try state.leaderboard(by: .referrals, limit: .max))
        #expect(
            Dictionary(uniqueKeysWithValues: board.entries.map { ($0.userId, $0.score) })
                == naive.referrals.filter { $0.value > 0 }, "\(place)")
        for user in naive.everybody {
            let summary = try state.user(user)
            #expect((summary != nil) == naive.signedUp.contains(user), "\(place) \(user)")
            #expect(
                try summary?.balances == effective.balances(of: user) || summary == nil, "\(place) \(user)")
            for reward in try state.rewards(of: user) ?? [] {
                #expect(reward.grantedAt <= effective.moment, "\(place) \(reward.id)")
                #expect(try now.reward(reward.id)?.position == reward.position, "\(place) \(reward.id)")
            }
            for what in [Explained.balance(userId: user, asset: nil), .tier(userId: user)] {
                let steps = try state.explain(what)?.steps ?? []
                #expect(steps.allSatisfy { $0.occurredAt <= effective.moment }, "\(place) \(user)")
            }
            _ = try state.tree(of: user)
            _ = try state.budgets(of: user)
        }
        #expect(try state.events(limit: .max).count == effective.events(limit: .max).count, "\(place)")
        _ = try state.breaks(openOnly: false)
    }

    /// With all of it nothing is left out, and the same fold gives the same bytes.
    private func endOfTimeIsThePresent(
        _ ledger: Ledger, _ events: [LedgerEvent], _ place: String
    ) throws {
        let last = try ledger.effective(at: Timestamp(nanoseconds: .max)).state()
        #expect(try last.digest().value == ledger.current.digest().value, "\(place)")
        #expect(try last.status().users == ledger.current.status().users, "\(place)")
    }

    /// Where the log is in business order up to a place, what had happened there is the past there.
    /// - Returns: how many such places there are.
    @discardableResult
    private func aPrefixIsAPast(
        _ ledger: Ledger, _ events: [LedgerEvent], _ place: String, places: Int = 6
    ) throws -> Int {
        let facts = events.filter {
            ![.ledgerCreated, .programmeCreated, .policyPublished, .symbolDefined].contains($0.type)
        }
        var later = [Timestamp](repeating: Timestamp(nanoseconds: .max), count: facts.count + 1)
        for i in facts.indices.reversed() { later[i] = min(later[i + 1], facts[i].occurredAt) }
        var latest = Timestamp(nanoseconds: .min)
        var cuts: [(LogPosition, Timestamp)] = []
        for (i, event) in facts.enumerated() {
            latest = max(latest, event.occurredAt)
            if latest < later[i + 1], i + 1 < facts.count, facts[i + 1].ordinal != event.ordinal {
                cuts.append((event.position, latest))
            }
        }
        // Spread over the log.
        let chosen = cuts.indices.filter { $0 % (cuts.count / places + 1) == 0 }.map { cuts[$0] }
        for (position, moment) in chosen {
            let past = try ledger.past(at: position)
            let state = try ledger.effective(at: moment).state()
            #expect(try past.leaderboard(limit: .max)?.entries == state.leaderboard(limit: .max)?.entries)
            #expect(
                try past.cases(openOnly: false) == state.cases(openOnly: false), "\(place) at \(position)")
            #expect(try past.withdrawals() == state.withdrawals(), "\(place) at \(position)")
            #expect(try past.parkedFacts() == state.parkedFacts(), "\(place) at \(position)")
            for user in NaiveFilter(events, until: moment).everybody {
                let (mine, theirs) = (try state.user(user), try past.user(user))
                #expect(mine?.stage == theirs?.stage && mine?.tier == theirs?.tier, "\(place) at \(position)")
                #expect(mine?.standing == theirs?.standing && mine?.codes == theirs?.codes)
                #expect(
                    mine?.qualifyingPayments == theirs?.qualifyingPayments && mine?.badges == theirs?.badges)
                #expect(try state.tree(of: user) == past.tree(of: user), "\(place) at \(position) \(user)")
                #expect(
                    try state.rewards(of: user) == past.rewards(of: user), "\(place) at \(position) \(user)")
            }
        }
        return cuts.count
    }

    /// Random programmes come out of order; this one is in order, so that every record is a cut.
    @Test(arguments: ["two-level", "tiered", "premium-days"])
    func anOrderedLogHasAPastAtEveryMoment(preset: String) throws {
        let bench = try Bench(asset: preset == "tiered" ? "INR" : "USD", policy: .preset(named: preset))
        let asset: AssetNumber = preset == "tiered" ? .inr : .usd
        for i in 0..<24 {
            // What is due comes before what happens next.
            try bench.ledger.advance(to: day(2 * i))
            try bench.run([
                Say.signup("u\(i)", day(2 * i), by: i == 0 ? nil : "u\(i / 3)"),
                Say.pay("p\(i)", "u\(i)", 40_00, day(2 * i, hours: 5), asset: asset),
            ])
            if i % 5 == 4 {
                try bench.run([Say.refund("r\(i)", "p\(i - 1)", 40_00, day(2 * i, hours: 7), asset: asset)])
            }
        }
        let events = try bench.ledger.current.events(limit: .max)
        #expect(try aPrefixIsAPast(bench.ledger, events, preset, places: 40) > 20)
        try endOfTimeIsThePresent(bench.ledger, events, preset)
    }
}

/// What events up to a moment say, without any state: from what `events` lists and nothing else.
private struct NaiveFilter {
    var everybody: [String] = []
    var signedUp: Set<String> = []
    var payments = 0
    var codes = 0
    var parked: Set<LogPosition> = []
    var withdrawals: Set<LogPosition> = []
    var referrals: [String: Int64] = [:]

    init(_ all: [LedgerEvent], until moment: Timestamp) {
        everybody = Set(
            all.filter { $0.type == .userSignedUp }.compactMap {
                if case .text(let id)? = $0["userId"] { id } else { nil }
            }
        ).sorted()
        for event in all where event.occurredAt <= moment {
            switch event.type {
            case .userSignedUp: if case .text(let id)? = event["userId"] { signedUp.insert(id) }
            case .paymentReceived: payments += 1
            case .codeIssued: codes += 1
            case .eventParked: parked.insert(event.position)
            case .eventUnparked: if case .position(let at)? = event["parked"] { parked.remove(at) }
            case .withdrawalRequested: withdrawals.insert(event.position)
            case .referralAttributed: add(event["referrer"], 1)
            case .attributionCorrected:
                add(event["former"], -1)
                add(event["referrer"], 1)
            case .usersMerged:
                guard case .user(let gone)? = event["from"], case .user(let stays)? = event["into"] else {
                    break
                }
                referrals[stays, default: 0] += referrals.removeValue(forKey: gone) ?? 0
            default: break
            }
        }
    }

    private mutating func add(_ user: LedgerEvent.Value?, _ change: Int64) {
        if case .user(let id)? = user { referrals[id, default: 0] += change }
    }
}
