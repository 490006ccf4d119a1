import Testing

@testable import LedgerDomain
@testable import LedgerLog
@testable import LedgerState

/// Payments that are decided side by side, against the same decided one by one: outcomes, records, rows, and what is left when a
/// group is taken back.
@Suite struct PlainPaymentTests {
    private static let usd = AssetNumber(rawValue: 840)
    private static let eur = AssetNumber(rawValue: 978)
    private static let admin = Command.Actor(role: .admin, id: "root")
    private static let start = 1_780_272_000 as Int64  // 2026-06-01

    private static func at(_ seconds: Int64) -> Timestamp {
        Timestamp(nanoseconds: (start + seconds) * 1_000_000_000)
    }

    /// Two engines that differ in nothing but how they decide.
    private final class Pair {
        let folders: [TemporaryFolder]
        let sideBySide: Engine
        let oneByOne: Engine
        /// Payments that were decided side by side.
        var plain: Int { sideBySide.decider.plain.total }

        init() throws {
            folders = [try TemporaryFolder(), try TemporaryFolder()]
            func engine(_ folder: TemporaryFolder, _ sideBySide: Bool) throws -> Engine {
                try Engine(
                    folder: folder.path, ledgerId: VectorLog.ledgerId,
                    now: PlainPaymentTests.at(400 * 86_400),
                    secret: (0..<32).map { UInt8($0) }, sideBySide: sideBySide)
            }
            sideBySide = try engine(folders[0], true)
            oneByOne = try engine(folders[1], false)
        }

        @discardableResult
        func send(_ commands: [Command], keeps: Bool = true, _ comment: Comment) throws -> [Outcome] {
            let some = try sideBySide.decide(commands, keeps: keeps)
            let others = try oneByOne.decide(commands, keeps: keeps)
            #expect(some == others, comment)
            #expect(oneByOne.decider.plain.total == 0)
            return some
        }

        /// - Parameter table: not looked at: a row for each day since 1677.
        func compare(besides table: String? = nil, _ comment: Comment) throws {
            let hidden = Set([table].compactMap { $0 })
            let (some, others) = (sideBySide.rows(besides: hidden), oneByOne.rows(besides: hidden))
            #expect(some.keys == others.keys)
            for (table, rows) in some { #expect(rows == others[table], "\(comment): \(table)") }
            #expect(sideBySide.state.head == oneByOne.state.head, comment)
            // No id stays behind of a payment that was left to the other way.
            #expect(sideBySide.state.paymentIds.count == sideBySide.state.payments.count, comment)
            #expect(oneByOne.state.paymentIds.count == oneByOne.state.payments.count, comment)
        }
    }

    private static func programme(_ id: String, months: Int?, holdingDays: Int) -> Command {
        var policy = Policy.preset(named: "two-level")!
        policy.name = id
        policy.commission.levels = [125_000, 50_000, 25_000, 0, 10_000, 5_000, 2_000, 1_000]
        policy.commission.maxDepth = 8
        policy.commission.holdingDays = holdingDays
        policy.commission.months = months
        return Command(
            .createProgramme(
                CreateProgramme(
                    programmeId: id, asset: usd, at: at(-86_400 * 100), policy: policy, zoneRules: .utc)))
    }

    private static func policy(_ id: String, from moment: Timestamp) -> Command {
        var policy = Policy.preset(named: "two-level")!
        policy.name = id
        policy.commission.levels = [99_999, 33_333]
        policy.commission.maxDepth = 2
        policy.commission.rounding = .up
        return Command(
            .publishPolicy(PublishPolicy(policy: policy, effectiveFrom: moment, zoneRules: .utc)),
            programme: id, actor: admin)
    }

    /// Users in a tree, in both programmes; every ninth has an id that only the log holds whole.
    private static func users(_ random: inout SplitMix) -> (ids: [String], commands: [Command]) {
        var (ids, commands) = ([String](), [Command]())
        for i in 0..<60 {
            let id = i % 9 == 8 ? "user-with-an-id-of-more-than-23-bytes-\(i)" : "u-\(i)"
            // Deep in part: there are eight levels.
            let referrer =
                i == 0 || i % 13 == 12 ? nil : i % 2 == 0 ? ids.last : ids.randomElement(using: &random)
            for programme in i % 3 == 2 ? ["beta", "alpha"] : ["alpha"] {
                let by = programme == "alpha" ? referrer : nil
                let signup = Signup(userId: id, at: at(-86_400 * Int64(60 - i)), referrerId: by)
                commands.append(Command(.signup(signup), programme: programme))
            }
            ids.append(id)
        }
        return (ids, commands)
    }

    private struct Draw {
        var random: SplitMix
        let ids: [String]
        var next = 0
        var others = 0
        var sent: [Payment] = []
        var clock: Int64 = 0

        init(random: SplitMix, ids: [String]) {
            self.random = random
            self.ids = ids
        }

        mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

        mutating func payment() -> Payment {
            if chance(4), var again = sent.randomElement(using: &random) {
                if chance(40) { again.amount += 1 }
                return again
            }
            next += 1
            clock += Int64.random(in: 0...4_000, using: &random)
            var payment = Payment(
                paymentId: chance(3) ? "waited-\(next % 40)" : "p-\(next)",
                provider: chance(3) ? "stripe" : "shop",
                userId: chance(2) ? "nobody" : ids.randomElement(using: &random)!,
                amount: Int64.random(in: 0...200_000, using: &random), asset: chance(3) ? eur : usd,
                at: at(chance(3) ? clock - 86_400 * 50 : chance(1) ? 86_400 * 5_000 : clock))
            // Before the first signup; at the ends of time.
            if chance(2) { payment.at = at(-86_400 * Int64.random(in: 61...90, using: &random)) }
            if chance(1) { payment.at = [.min, .max].randomElement(using: &random)! }
            if chance(4) { payment.amount = 0 }
            if chance(1) { payment.amount = 1 << 51 }
            if chance(1) { payment.amount = 1 << 50 }
            if chance(10) { payment.commissionableBase = payment.amount / 2 }
            sent.append(payment)
            return payment
        }

        mutating func other() -> Command {
            let user = ids.randomElement(using: &random)!
            others += 1
            let key = "o-\(others)"
            switch Int.random(in: 0..<5, using: &random) {
            case 0:
                return Command(
                    .suspend(SuspendUser(userId: user, reason: "odd", at: at(clock))), programme: "alpha",
                    key: key,
                    actor: admin)
            case 1:
                return Command(
                    .reinstate(ReinstateUser(userId: user, at: at(clock))), programme: "alpha", key: key,
                    actor: admin)
            case 2:
                return Command(
                    .mergeUsers(
                        MergeUsers(
                            userId: user, intoUserId: ids.randomElement(using: &random)!,
                            approvers: ["root", "toor"],
                            at: at(clock))), programme: "alpha", key: key, actor: admin)
            case 3:
                // Waits for its payment.
                return Command(
                    .refund(
                        Refund(
                            refundId: "r-\(next)", provider: "shop",
                            paymentId: "waited-\(Int.random(in: 0..<40, using: &random))",
                            amount: 1, asset: usd, at: at(clock))), programme: "alpha", key: key)
            default:
                return Command(
                    .signup(
                        Signup(
                            userId: "late-\(next)", at: at(clock), referrerId: user)), programme: "alpha",
                    key: key)
            }
        }

        /// Mostly payments for the first programme.
        mutating func commands() -> [Command] {
            (0..<Int.random(in: 1...70, using: &random)).map { _ in
                if chance(2) { return other() }
                let payment = Command.Action.payment(payment())
                if chance(3) { return Command(payment, programme: "alpha", key: "k-\(next)") }
                return Command(payment, programme: chance(12) ? "beta" : "alpha")
            }
        }
    }

    @Test("whatever is among the payments", arguments: UInt64(1)...6)
    func sameAsOneByOne(_ seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let pair = try Pair()
        let (ids, signups) = Self.users(&random)
        try pair.send([Self.programme("alpha", months: nil, holdingDays: 14)], "programme")
        try pair.send([Self.programme("beta", months: 1, holdingDays: 0)], "programme")
        try pair.send(signups, "signups")
        var draw = Draw(random: random, ids: ids)
        var counts: [String: Int] = [:]
        for round in 0..<60 {
            if round == 20 { try pair.send([Self.policy("alpha", from: Self.at(draw.clock))], "policy") }
            if round == 50 {
                let budget = SetBudget(
                    amount: 1_000_000, asset: Self.usd, period: .month, at: Self.at(draw.clock))
                let set = Command(.setBudget(budget), programme: "alpha", key: "b", actor: Self.admin)
                #expect(try pair.send([set], "budget")[0].name == "accepted")
            }
            let commands = draw.commands()
            let comment: Comment = "seed \(seed), round \(round)"
            if draw.chance(30) {
                let before = pair.sideBySide.rows(besides: ["dueDays"])
                let users = try pair.sideBySide.userTexts()
                try pair.send(commands, keeps: false, comment)
                // What was taken back left nothing.
                for (table, rows) in pair.sideBySide.rows(besides: ["dueDays"]) {
                    #expect(rows == before[table], "\(comment): \(table)")
                }
                #expect(try pair.sideBySide.userTexts() == users, comment)
            }
            for outcome in try pair.send(commands, comment) { counts[outcome.name, default: 0] += 1 }
            try pair.compare(besides: "dueDays", comment)
        }
        #expect(try pair.sideBySide.records() == pair.oneByOne.records())
        // Not all of them one by one after all.
        #expect(pair.plain > 300 && counts["accepted", default: 0] > pair.plain)
        for name in ["repeated", "parked", "refused"] { #expect(counts[name, default: 0] > 0, "\(name)") }
        // Their ids can be found, all of them.
        try pair.send(draw.sent.map { Command(.payment($0), programme: "alpha") }, "once more")
        try pair.compare("once more")
    }

    /// A programme and its users; no second one.
    private static func ofOneProgramme(seed: UInt64) throws -> Pair {
        var random = SplitMix(seed: seed)
        let pair = try Pair()
        let (_, signups) = users(&random)
        try pair.send([programme("alpha", months: nil, holdingDays: 14)], "programme")
        try pair.send(signups.filter { $0.programme == "alpha" }, "signups")
        return pair
    }

    /// A whole batch of payments about which nothing is special is decided side by side, run by run; near the end of a sum none is.
    @Test func plainOnesAreTaken() throws {
        let pair = try Self.ofOneProgramme(seed: 0x5EED_0F01)
        func payments(_ range: Range<Int>, amount: Int64 = 5_000) -> [Command] {
            range.map {
                Command(
                    .payment(
                        Payment(
                            paymentId: "p-\($0)", provider: "shop", userId: "u-\($0 % 5)", amount: amount,
                            asset: Self.usd, at: Self.at(Int64($0)))))
            }
        }
        // The first ones of each user convert it, and make the programme's sums.
        try pair.send(payments(0..<5), "first")
        let before = pair.plain
        let outcomes = try pair.send(payments(5..<5 + 3 * Decider.run), "runs")
        #expect(pair.plain == before + 3 * Decider.run)
        let large = try pair.send(payments(100..<340, amount: LedgerBounds.amount), "large")
        let most = pair.plain
        try pair.send(payments(340..<341), "small, beside a large sum")
        #expect(most > before + 3 * Decider.run && pair.plain == most)
        #expect((outcomes + large).allSatisfy { if case .accepted = $0 { true } else { false } })
        try pair.compare("all")
    }

    /// No run is taken near the end of any sum that a payment adds to, or of what can be numbered, or under a cap.
    @Test func nothingIsTakenNearTheEnd() throws {
        let pair = try Self.ofOneProgramme(seed: 0x5EED_0F02)
        let first = Payment(
            paymentId: "p", provider: "shop", userId: "u-1", amount: 100, asset: Self.usd, at: Self.at(0))
        try pair.send([Command(.payment(first))], "first")
        func takes(_ asset: AssetNumber = Self.usd) -> Bool {
            pair.sideBySide.state.takesPlainPayments(ProgrammeNumber(0), asset)
        }
        let sums: [WritableKeyPath<TotalsRow, Int64>] = [\.paid, \.rewardExpense, \.available, \.pending]
        for sum in sums {
            #expect(takes())
            func set(_ value: Int64) -> Int64 {
                func exchange(_ state: inout CoreState) -> Int64 {
                    let row = state.totals.edit(0, &state.undo)
                    defer { row.pointee[keyPath: sum] = value }
                    return row.pointee[keyPath: sum]
                }
                return exchange(&pair.sideBySide.state)
            }
            let was = set(1 << 61)
            #expect(!takes())
            _ = set(1 << 61 - 1)
            #expect(takes())
            _ = set(-1)
            #expect(takes() == (sum != \.pending))
            _ = set(was)
        }
        #expect(!takes(Self.eur))
        let count = pair.sideBySide.state.payments.positions.lower.store.count
        let almost = LedgerBounds.entitiesOfAKind - 3 - Decider.run
        pair.sideBySide.state.payments.positions.lower.store.count = almost
        #expect(takes())
        pair.sideBySide.state.payments.positions.lower.store.count += 1
        #expect(!takes())
        pair.sideBySide.state.payments.positions.lower.store.count = count
        #expect(takes())
        let budget = SetBudget(amount: 1_000_000, asset: Self.usd, period: .month, at: Self.at(1))
        #expect(
            try pair.send([Command(.setBudget(budget), key: "b", actor: Self.admin)], "budget")[0].name
                == "accepted")
        #expect(!takes())
    }

    /// The writer uses one batch for all commands that come alone: nothing of one may be taken for the next one's, not even when the log
    /// could not be read in the middle of a decision.
    @Test func oneBatchForOneAfterAnother() throws {
        let folder = try TemporaryFolder()
        let engine = try Engine(
            folder: folder.path, ledgerId: VectorLog.ledgerId, now: Self.at(400 * 86_400),
            secret: (0..<32).map { UInt8($0) })
        func payment(_ id: String) -> Command {
            Command(
                .payment(
                    Payment(
                        paymentId: id, provider: "shop", userId: "u", amount: 1_000, asset: Self.usd,
                        at: Self.at(0))))
        }
        let begin = [
            Self.programme("alpha", months: nil, holdingDays: 30),
            Command(.signup(Signup(userId: "u", at: Self.at(-86_400)))), payment("p-1"),
        ]
        for command in begin { try engine.record(command) }
        let (batch, group) = (CommandBatch(), RecordGroup())
        let inputs = DecisionInputs(
            now: Self.at(400 * 86_400), vault: engine.vault, ledgerId: engine.store.ledgerId)
        func decide(_ id: String) throws -> Outcome {
            batch.lay(payment(id))
            var outcomes: [Outcome] = []
            let next = try engine.decider.decide(
                batch, from: 0, &engine.state, group, inputs, into: &outcomes)
            #expect(next == 1 && outcomes.count == 1)
            return outcomes[0]
        }
        engine.state.records.release()
        engine.store.close()
        engine.state.beginGroup(parity: 0)
        engine.state.records.add(group)
        // Whether it is the same is in the log, which is closed.
        #expect(throws: LogError.self) { _ = try decide("p-1") }
        guard case .accepted = try decide("p-2") else { throw TestFailure("p-2 was taken for p-1") }
        guard case .repeated = try decide("p-2") else { throw TestFailure("p-2 was not found") }
        #expect(throws: LogError.self) { _ = try decide("p-1") }
        engine.state.records.remove(group)
        engine.state.rollBackGroup(parity: 0)
    }

    private struct TestFailure: Error {
        let message: String
        init(_ message: String) { self.message = message }
    }
}
