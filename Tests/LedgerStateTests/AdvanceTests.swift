import Testing

@testable import LedgerDomain
@testable import LedgerLog
@testable import LedgerState

/// An advance of many groups, which goes on where it was, against one that finds out anew for each group what a day has left.
@Suite struct AdvanceTests {
    private static let usd = AssetNumber(rawValue: 840)
    private static let admin = Command.Actor(role: .admin, id: "root")
    private static let start = 1_780_272_000 as Int64  // 2026-06-01

    private static func at(_ seconds: Int64) -> Timestamp {
        Timestamp(nanoseconds: (start + seconds) * 1_000_000_000)
    }

    /// Much falls due on one day: commissions, grants and their ends, withdrawals that nobody decides, referrals, periods.
    private static var policy: Policy {
        var policy = Policy.preset(named: "two-level")!
        policy.name = "shop"
        policy.commission.levels = [200_000, 100_000, 50_000]
        policy.commission.maxDepth = 3
        policy.commission.holdingDays = 3
        policy.rewards.rules = [
            .init(
                stage: .registered, side: .referee, asset: .premiumDay, amount: .fixed(30), expiryDays: 4),
            .init(
                stage: .completed, side: .referrer, asset: usd, amount: .fixed(50_00), holdingDays: 1,
                expiryDays: 4),
        ]
        policy.withdrawal.expiryDays = 2
        policy.workflow.expiryDays = 5
        // Weeks close amid a day's work.
        policy.periods.graceHours = 12
        return policy
    }

    /// Two engines that differ in nothing but whether an advance remembers where it was.
    private final class Pair {
        let folders: [TemporaryFolder]
        let goingOn: Engine
        let anew: Engine
        /// Groups that went on where the one before had been, after nothing and after an import's progress.
        var resumed = (0, 0)
        /// All that could have.
        var between = (0, 0)
        var isCheckingWeeks = false

        init() throws {
            folders = [try TemporaryFolder(), try TemporaryFolder()]
            func engine(_ folder: TemporaryFolder) throws -> Engine {
                try Engine(
                    folder: folder.path, ledgerId: VectorLog.ledgerId, now: AdvanceTests.at(400 * 86_400),
                    secret: (0..<32).map { UInt8($0) }, advanceBounds: .init(record: 24, group: 1))
            }
            goingOn = try engine(folders[0])
            anew = try engine(folders[1])
        }

        func send(_ commands: [Command], _ comment: Comment) throws {
            #expect(try goingOn.decide(commands) == anew.decide(commands), comment)
        }

        /// - Parameter between: sent after each group but the last, if there are any; with nil, an import's progress.
        func advance(to moment: Timestamp, between: (Int) -> [Command]?, _ comment: Comment) throws {
            func run(_ engine: Engine, _ forgets: Bool) throws {
                var groups = 0
                try engine.advance("shop", to: moment) {
                    groups += 1
                    let commands = between(groups)
                    if commands == nil {
                        try engine.progress(ImportProgress(importId: "file", throughLine: nil))
                    } else if commands?.isEmpty == false {
                        _ = try engine.decide(commands!)
                    }
                    if forgets {
                        engine.state.unfinishedAdvance = nil
                        return
                    }
                    let goesOn = engine.state.unfinishedAdvance?.head == engine.state.head
                    if commands == nil {
                        (self.between.1, resumed.1) = (self.between.1 + 1, resumed.1 + (goesOn ? 1 : 0))
                    } else if commands?.isEmpty == true {
                        (self.between.0, resumed.0) = (self.between.0 + 1, resumed.0 + (goesOn ? 1 : 0))
                    } else {
                        #expect(!goesOn)
                    }
                }
            }
            try run(goingOn, false)
            try run(anew, true)
            try compare(comment)
            // Weeks close twelve hours after their end.
            let seconds = goingOn.state.programmes[0].clock / 1_000_000_000 - start - 43_200
            let weeks = seconds >= 0 ? seconds / (7 * 86_400) : -1
            if isCheckingWeeks {
                #expect(
                    goingOn.state.programmes[0].weekClosedTo == at(weeks * 7 * 86_400).nanoseconds, comment)
            }
        }

        func compare(_ comment: Comment) throws {
            #expect(goingOn.state.fault == nil, comment)
            let (some, others) = (goingOn.rows(), anew.rows())
            #expect(some.keys == others.keys)
            for (table, rows) in some { #expect(rows == others[table], "\(comment): \(table)") }
            #expect(goingOn.state.head == anew.state.head, comment)
        }
    }

    private struct Draw {
        var random: SplitMix
        var next = 0
        var clock: Int64 = 0

        mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
        mutating func user() -> String { "u-\(Int.random(in: 0..<40, using: &random))" }

        mutating func payment(at moment: Timestamp) -> Command {
            next += 1
            return Command(
                .payment(
                    Payment(
                        paymentId: "p-\(next)", provider: "shop", userId: user(),
                        amount: Int64.random(in: 0...90_000, using: &random), asset: usd, at: moment)),
                programme: "shop")
        }

        mutating func command() -> Command {
            clock += Int64.random(in: 0...400, using: &random)
            let moment = at(clock)
            let key = "k-\(next)-\(clock)"
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<4:
                let refund = Refund(
                    refundId: "r-\(clock)", provider: "shop", paymentId: "p-\(max(1, next - 20))",
                    amount: 500,
                    asset: usd, at: moment)
                return Command(.refund(refund), programme: "shop")
            case 4..<8:
                let dispute = Dispute(
                    disputeId: "d-\(next % 30)", provider: "shop", paymentId: "p-\(max(1, next - 20))",
                    status: [.opened, .won, .lost].randomElement(using: &random)!, amount: 300, asset: usd,
                    at: moment)
                return Command(.dispute(dispute), programme: "shop")
            case 8..<14:
                let withdraw = Withdraw(
                    withdrawalId: "w-\(clock)", userId: user(), amount: 20_00, asset: usd, at: moment)
                return Command(.withdraw(withdraw), programme: "shop")
            case 14..<17:
                next += 1
                let signup = Signup(userId: "late-\(next)", at: moment, referrerId: user())
                return Command(.signup(signup), programme: "shop")
            case 17:
                let suspend = SuspendUser(userId: user(), reason: "odd", at: moment)
                return Command(.suspend(suspend), programme: "shop", key: key, actor: admin)
            case 18:
                let reinstate = ReinstateUser(userId: user(), at: moment)
                return Command(.reinstate(reinstate), programme: "shop", key: key, actor: admin)
            default: return payment(at: moment)
            }
        }
    }

    private static func begin(_ random: inout SplitMix) throws -> Pair {
        let pair = try Pair()
        let create = CreateProgramme(
            programmeId: "shop", asset: usd, at: at(-86_400), policy: policy, zoneRules: .utc)
        try pair.send([Command(.createProgramme(create))], "programme")
        let signups = (0..<40).map { i in
            Command(
                .signup(
                    Signup(
                        userId: "u-\(i)", at: at(0),
                        referrerId: i == 0 ? nil : "u-\(Int.random(in: 0..<i, using: &random))")),
                programme: "shop")
        }
        try pair.send(signups, "signups")
        return pair
    }

    @Test("whatever falls due, and whatever comes between", arguments: UInt64(1)...4)
    func sameAsAnew(_ seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let pair = try Self.begin(&random)
        var draw = Draw(random: random)
        pair.isCheckingWeeks = true
        for round in 0..<12 {
            let comment: Comment = "seed \(seed), round \(round)"
            for _ in 0..<4 { try pair.send((0..<60).map { _ in draw.command() }, comment) }
            // Both engines get the same: a payment of days ago falls due at once, on a day that is done, at work, or to come.
            let late = (0..<400).map { _ in
                draw.payment(at: Self.at(draw.clock - Int64.random(in: 0...86_400 * 6, using: &draw.random)))
            }
            let behind = Int64.random(in: 0...86_400, using: &draw.random)
            try pair.advance(
                to: Self.at(draw.clock - behind),
                between: { group in
                    if group % 7 == 3 { return group < late.count ? [late[group]] : [] }
                    return group % 3 == 0 ? nil : []
                }, comment)
        }
        // Wherever it is cut, the records are the same.
        let isSame = try pair.goingOn.records() == pair.anew.records()
        #expect(isSame)
        try Self.checkMoments(pair.goingOn)
        #expect(pair.resumed == pair.between && pair.between.0 > 50 && pair.between.1 > 20)
        // Nothing is left that was due.
        let clock = pair.goingOn.state.programmes[0].clock
        try pair.advance(
            to: Timestamp(nanoseconds: clock + 86_400 * 20 * 1_000_000_000), between: { _ in [] }, "end")
        let payments = 0..<pair.goingOn.state.payments.count
        let isOpen = payments.filter { number in
            let row = pair.goingOn.state.payments[number]
            return !row.isMatured && row.extra == nil && pair.goingOn.state.hasLegs(number)
        }
        #expect(isOpen.isEmpty)
    }

    /// A week that closes in the middle of a day is closed once, wherever the day is cut, and where a group goes on with the next.
    @Test("a day cut before a week's end", arguments: 25..<32)
    func weeksCloseOnce(_ count: Int) throws {
        var random = SplitMix(seed: 0x5EED_AD03)
        let pair = try Self.begin(&random)
        var draw = Draw(random: random)
        // Three days before a Monday's noon, and from then on.
        let noon = 86_400 * 4 + 43_200 as Int64
        try pair.send((0..<count).map { _ in draw.payment(at: Self.at(noon - 60)) }, "before")
        try pair.send((0..<2).map { draw.payment(at: Self.at(noon + 60 + 86_400 * Int64($0))) }, "after")
        try pair.advance(to: Self.at(noon + 86_400 * 6), between: { _ in [] }, "\(count) payments")
        #expect(pair.goingOn.state.fault == nil && pair.resumed.0 > 2)
        #expect(pair.goingOn.state.programmes[0].weekClosedTo == Self.at(86_400 * 7).nanoseconds)
    }

    /// A record is of the moment of its first event.
    private static func checkMoments(_ engine: Engine) throws {
        try engine.store.scan(after: .start) { bytes, _ throws(LogError) in
            StoredRecord.walk(bytes) { first, envelope in
                #expect(first.occurredAt == envelope.occurredAt, "\(first.event)")
                return false
            }
            return true
        }
    }

    /// A withdrawal runs out in the morning, and gives money back of a grant that ends in the evening: what is due at noon is still done.
    @Test func whatComesBackIsDoneFirst() throws {
        var random = SplitMix(seed: 0x5EED_AD08)
        let pair = try Self.begin(&random)
        func at(_ day: Int64, _ hour: Int64) -> Timestamp { Self.at(day * 86_400 + hour * 3_600) }
        let payment = Payment(
            paymentId: "p", provider: "shop", userId: "u-1", amount: 10, asset: Self.usd, at: at(3, 20))
        let withdraw = Withdraw(
            withdrawalId: "w", userId: "u-0", amount: 50_00, asset: Self.usd, at: at(5, 6))
        try pair.send([Command(.payment(payment))], "payment")
        try pair.advance(to: at(5, 1), between: { _ in [] }, "the grant matures")
        try pair.send([Command(.withdraw(withdraw))], "withdrawal")
        #expect(pair.goingOn.state.withdrawals.count == 1)
        try pair.advance(to: at(9, 0), between: { _ in [] }, "it runs out")
        #expect(
            pair.goingOn.state.rewards.count > 0
                && pair.goingOn.state.rewards[pair.goingOn.state.rewards.count - 1].isExpired)
        #expect(pair.goingOn.state.programmes[0].weekClosedTo == at(7, 0).nanoseconds)
        try Self.checkMoments(pair.goingOn)
    }

    /// Of a payment of three, two are taken back, and with them its only commission of one: it falls due, and comes to nothing.
    @Test func whatComesToNothingLeavesNoTrace() throws {
        var random = SplitMix(seed: 0x5EED_AD09)
        let pair = try Self.begin(&random)
        try pair.advance(to: Self.at(86_400), between: { _ in [] }, "units")
        let payment = Payment(
            paymentId: "p", provider: "shop", userId: "u-1", amount: 3, asset: Self.usd,
            at: Self.at(86_400 + 36_000))
        let refund = Refund(
            refundId: "r", provider: "shop", paymentId: "p", amount: 2, asset: Self.usd,
            at: Self.at(86_400 + 36_001))
        try pair.send([Command(.payment(payment)), Command(.refund(refund))], "payment and refund")
        let before = try pair.goingOn.records().count
        try pair.advance(to: Self.at(86_400 * 4 + 32_400), between: { _ in [] }, "before it is due")
        try pair.advance(to: Self.at(86_400 * 4 + 39_600), between: { _ in [] }, "after")
        #expect(!pair.goingOn.state.payments[0].isMatured)
        #expect(try pair.goingOn.records().count > before)
        try Self.checkMoments(pair.goingOn)
    }

    /// A period does not close before the one ahead of it, whose grace was longer: in whichever group it comes.
    @Test("a shorter grace", arguments: [false, true])
    func periodsCloseInOrder(_ isAmidADay: Bool) throws {
        var random = SplitMix(seed: 0x5EED_AD05)
        let pair = try Pair()
        let folder = try TemporaryFolder()
        let whole = try Engine(
            folder: folder.path, ledgerId: VectorLog.ledgerId, now: Self.at(400 * 86_400),
            secret: (0..<32).map { UInt8($0) })
        func send(_ commands: [Command], _ comment: Comment) throws {
            try pair.send(commands, comment)
            #expect(try whole.decide(commands).allSatisfy { $0.name == "accepted" }, comment)
        }
        var policy = Self.policy
        policy.periods.graceHours = 24 * 200
        policy.workflow.expiryDays = nil
        let create = CreateProgramme(
            programmeId: "shop", asset: Self.usd, at: Self.at(-86_400), policy: policy, zoneRules: .utc)
        try send([Command(.createProgramme(create))], "programme")
        policy.periods.graceHours = 0
        let publish = PublishPolicy(policy: policy, effectiveFrom: Self.at(86_400 * 5), zoneRules: .utc)
        try send([Command(.publishPolicy(publish), programme: "shop", actor: Self.admin)], "policy")
        let signups = (0..<40).map { i in
            let referrer = i == 0 ? nil : "u-\(Int.random(in: 0..<i, using: &random))"
            return Command(.signup(Signup(userId: "u-\(i)", at: Self.at(86_400), referrerId: referrer)))
        }
        try send(signups, "signups")
        var draw = Draw(random: random)
        if isAmidADay {
            try send((0..<40).map { _ in draw.payment(at: Self.at(86_400 * 204 + 43_200)) }, "payments")
        }
        try pair.advance(to: Self.at(86_400 * 260), between: { _ in [] }, "chain")
        try whole.advance("shop", to: Self.at(86_400 * 260))
        func closings(_ engine: Engine) throws -> [String] {
            var found: [String] = []
            try engine.store.scan(after: .start) { bytes, _ throws(LogError) in
                StoredRecord.walk(bytes) { stored, _ in
                    if case .periodClosed(let period) = stored.event {
                        found.append("\(period.kind) \(period.end) \(stored.occurredAt)")
                    }
                    return true
                }
                return true
            }
            return found
        }
        let expected = try closings(whole)
        #expect(expected.count > 30)
        #expect(try closings(pair.goingOn) == expected)
        #expect(try closings(pair.anew) == expected)
    }

    /// What was recorded in between counts, even if an import's progress comes after it.
    @Test func whatWasRecordedInBetweenCounts() throws {
        var random = SplitMix(seed: 0x5EED_AD06)
        let pair = try Self.begin(&random)
        var draw = Draw(random: random)
        try pair.send((0..<200).map { _ in draw.payment(at: Self.at(60 + Int64(draw.next))) }, "payments")
        try pair.advance(to: Self.at(86_400 * 3), between: { _ in [] }, "first")
        func once() throws {
            for engine in [pair.goingOn, pair.anew] {
                _ = try engine.advanceOnce("shop", to: Self.at(86_400 * 10))
            }
            pair.anew.state.unfinishedAdvance = nil
        }
        try once()
        #expect(pair.goingOn.state.unfinishedAdvance != nil)
        try pair.send([draw.payment(at: Self.at(60))], "late")
        for engine in [pair.goingOn, pair.anew] {
            try engine.progress(ImportProgress(importId: "file", throughLine: nil))
        }
        try once()
        try pair.compare("a late payment")
        #expect(pair.goingOn.state.payments[200].isMatured)
    }

    /// Another programme's advance to the same moment is another advance.
    @Test func anotherProgrammeIsAnotherAdvance() throws {
        var random = SplitMix(seed: 0x5EED_AD07)
        let pair = try Self.begin(&random)
        var draw = Draw(random: random)
        var policy = Self.policy
        policy.name = "other"
        let create = CreateProgramme(
            programmeId: "other", asset: Self.usd, at: Self.at(-86_400), policy: policy, zoneRules: .utc)
        try pair.send([Command(.createProgramme(create), key: "other", actor: Self.admin)], "other")
        let payment = Payment(
            paymentId: "x", provider: "shop", userId: "o2", amount: 10_000, asset: Self.usd, at: Self.at(100))
        try pair.send(
            [
                Command(.signup(Signup(userId: "o", at: Self.at(0))), programme: "other"),
                Command(.signup(Signup(userId: "o2", at: Self.at(0), referrerId: "o")), programme: "other"),
                Command(.payment(payment), programme: "other"),
            ], "others")
        try pair.send((0..<200).map { _ in draw.payment(at: Self.at(60 + Int64(draw.next))) }, "payments")
        for programme in ["shop", "other", "shop"] {
            for engine in [pair.goingOn, pair.anew] {
                _ = try engine.advanceOnce(programme, to: Self.at(86_400 * 10))
            }
            pair.anew.state.unfinishedAdvance = nil
        }
        try pair.compare("two programmes")
        try pair.advance(to: Self.at(86_400 * 10), between: { _ in [] }, "after")
    }

    /// An advance that is left for one to another moment is left.
    @Test func anotherMomentIsAnotherAdvance() throws {
        var random = SplitMix(seed: 0x5EED_AD02)
        let pair = try Self.begin(&random)
        var draw = Draw(random: random)
        try pair.send((0..<200).map { _ in draw.payment(at: Self.at(60 + Int64(draw.next))) }, "payments")
        for days in [12, 7, 9] as [Int64] {
            for engine in [pair.goingOn, pair.anew] {
                let progress = try engine.advanceOnce("shop", to: Self.at(86_400 * days))
                guard case .more = progress else {
                    Issue.record("one group is enough: \(progress)")
                    return
                }
            }
            pair.anew.state.unfinishedAdvance = nil
        }
        try pair.advance(to: Self.at(86_400 * 3 + 100), between: { _ in [] }, "earlier")
        try pair.advance(to: Self.at(86_400 * 8), between: { _ in [] }, "later")
        #expect(pair.goingOn.state.programmes[0].clock == Self.at(86_400 * 8).nanoseconds)
    }

    /// Where a group is taken back, what it left for the next one goes with it.
    @Test func nothingIsLeftOfAGroupTakenBack() throws {
        var random = SplitMix(seed: 0x5EED_AD01)
        let pair = try Self.begin(&random)
        var draw = Draw(random: random)
        try pair.send((0..<200).map { _ in draw.payment(at: Self.at(60)) }, "payments")
        let engine = pair.goingOn
        let before = engine.rows(besides: ["dueDays"])
        let progress = try engine.tryAdvance("shop", to: Self.at(86_400 * 10))
        guard case .more = progress else {
            Issue.record("one group is enough: \(progress)")
            return
        }
        #expect(engine.state.unfinishedAdvance == nil)
        #expect(engine.rows(besides: ["dueDays"]) == before)
        try pair.advance(to: Self.at(86_400 * 10), between: { _ in [] }, "after")
    }
}

extension CoreState {
    fileprivate func hasLegs(_ number: Int) -> Bool { (try? legs(of: number).isEmpty) == false }
}
