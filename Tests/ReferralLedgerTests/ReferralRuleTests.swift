import LedgerDomain
import ReferralLedger
import Testing

/// Documentation/rules.md on referrals, codes, periods and programmes.
@Suite struct ReferralRuleTests {
    static let pair = [Say.signup("a"), Say.signup("b", by: "a")]

    @Test func stagesMoveForwardOnly() throws {
        let bench = try Bench()
        try bench.run(Self.pair)
        func stage() throws -> ReferralStage? { try bench.ledger.current.user("b")?.stage }
        #expect(try stage() == .registered)
        try bench.run([Say.pay("0", "b", 0)])
        #expect(try stage() == .active)
        try bench.run([Say.move("b", .qualified)])
        #expect(try stage() == .qualified)
        #expect(try bench.ledger.submit(Say.move("b", .active)).name == "repeated")
        try bench.run([Say.pay("1", "b", 1), Say.pay("2", "b", 0)])
        #expect(try stage() == .completed)
        #expect(try bench.ledger.current.user("a")?.conversions == 1)
        let steps = try bench.ledger.current.events().filter { $0.type == .referralAdvanced }.compactMap {
            $0["to"]
        }
        #expect(steps == ["registered", "active", "qualified", "completed"].map { .text($0) })
    }

    /// The last qualifying payment gone takes the conversion back; the next one brings it again.
    @Test func revertedAndCompletedAgain() throws {
        let bench = try Bench()
        try bench.run(Self.pair)
        try bench.run([Say.pay("1", "b", 10_00), Say.pay("2", "b", 10_00), Say.refund("1", "1", 10_00)])
        #expect(try bench.ledger.current.user("b")?.stage == .completed)
        try bench.run([Say.refund("2a", "2", 9_99)])
        #expect(try bench.ledger.current.user("b")?.stage == .completed)
        try bench.run([Say.refund("2b", "2", 1)])
        let user = try #require(try bench.ledger.current.user("b"))
        #expect(user.stage == .reverted && !user.isConverted && user.qualifyingPayments == 0)
        #expect(try bench.ledger.current.user("a")?.conversions == 0)
        // From reverted as from active; a zero payment does not bring it back.
        #expect(try bench.ledger.submit(Say.move("b", .active)).name == "repeated")
        try bench.run([Say.pay("0", "b", 0)])
        #expect(try bench.ledger.current.user("b")?.stage == .reverted)
        try bench.run([Say.pay("3", "b", 10_00)])
        #expect(try bench.ledger.current.user("b")?.stage == .completed)
        #expect(try bench.ledger.current.user("a")?.conversions == 1)
        let types = try bench.ledger.current.events().map(\.type)
        #expect(
            types.filter { $0 == .referralConverted }.count == 2
                && types.filter { $0 == .referralReverted }.count == 1)
    }

    /// What was converted by hand stays converted.
    @Test func manualConversionsStay() throws {
        let bench = try Bench()
        try bench.run(Self.pair)
        try bench.run([Say.convert("b", day(1)), Say.pay("1", "b", 10_00), Say.refund("1", "1", 10_00)])
        #expect(try bench.ledger.current.user("b")?.stage == .completed)
        #expect(try bench.ledger.submit(Say.convert("b", day(1))).name == "repeated")
        #expect(try bench.ledger.submit(Say.convert("b", day(2))).refusal?.code == .referralAlreadyConverted)
    }

    /// A conversion waits for the signup; without a referral it stays parked.
    @Test func conversionsBeforeSignup() throws {
        let bench = try Bench()
        try bench.run([Say.signup("a")])
        #expect(try bench.ledger.submit(Say.convert("b")).name == "parked")
        #expect(try bench.ledger.submit(Say.convert("b")).name == "repeated")
        #expect(try bench.ledger.submit(Say.convert("c")).name == "parked")
        try bench.run([Say.signup("b", by: "a"), Say.signup("c")])
        #expect(try bench.ledger.current.user("b")?.isConverted == true)
        #expect(try bench.ledger.current.user("c")?.isConverted == false)
        #expect(try bench.ledger.current.parkedFacts().map(\.predecessor) == ["c"])
        #expect(try bench.ledger.submit(Say.convert("b")).name == "repeated")
    }

    @Test func expiry() throws {
        let bench = try Bench(policy: twoLevel { $0.workflow.expiryDays = 10 })
        let before = Timestamp(nanoseconds: day(10).nanoseconds - 1)
        try bench.run([
            Say.signup("a"), Say.signup("b", by: "a"), Say.signup("c", by: "a"), Say.signup("d", by: "a"),
            // By the fact's own moment, whether or not the clock has been there.
            Say.pay("b", "b", 10_00, day(10)), Say.pay("c", "c", 10_00, before),
            Say.pay("d", "d", 10_00, before),
            Say.refund("d", "d", 10_00),
        ])
        #expect(try bench.ledger.submit(Say.move("b", .active, day(10))).refusal?.code == .referralExpired)
        #expect(try bench.ledger.current.user("b")?.stage == .registered)
        // The commission does not care.
        #expect(try bench.money("a") == [4_00, 0, 0, 4_00])
        try bench.ledger.advance(to: before)
        #expect(try bench.ledger.current.user("b")?.stage == .registered)
        try bench.ledger.advance(to: day(10))
        #expect(
            try ["b", "c", "d"].map { try bench.ledger.current.user($0)?.stage } == [
                .expired, .completed, .reverted,
            ])
        #expect(try bench.ledger.submit(Say.move("b", .active, day(1))).refusal?.code == .referralExpired)
        try bench.run([Say.pay("b2", "b", 10_00, day(1))])
        #expect(try bench.ledger.current.user("b")?.stage == .expired)
        #expect(try bench.ledger.current.user("b")?.qualifyingPayments == 2)
        // Reverted does not run out.
        try bench.ledger.advance(to: day(60))
        #expect(try bench.ledger.current.user("d")?.stage == .reverted)
    }

    /// The version that rules a referral is one that was published before it: later ones change nothing, not even backdated.
    @Test func laterPoliciesLeaveOldReferralsAlone() throws {
        for expiry in [nil, 5, 30] {
            let bench = try Bench(policy: twoLevel { $0.workflow.expiryDays = 10 })
            try bench.run([
                Say.signup("a"), Say.issue("a", "AAAA", key: "1"), Say.signup("b", by: "a"), Say.signup("c"),
                Say.apply("c", "AAAA", day(0)),
                Say.publish(twoLevel { $0.workflow.expiryDays = expiry }, from: day(-1)),
                Say.signup("d", by: "a"),
            ])
            for user in ["b", "c"] {
                #expect(
                    try bench.ledger.submit(Say.move(user, .active, day(9))).name == "accepted", "\(user)")
                #expect(
                    try bench.ledger.submit(Say.move(user, .qualified, day(10))).refusal?.code
                        == .referralExpired,
                    "\(user), \(String(describing: expiry))")
            }
            try bench.ledger.advance(to: day(10))
            #expect(try bench.ledger.current.user("b")?.stage == .expired, "\(String(describing: expiry))")
            #expect(try bench.ledger.current.user("c")?.stage == .expired, "\(String(describing: expiry))")
            #expect(try bench.ledger.current.user("d")?.stage == (expiry == 5 ? .expired : .registered))
            try bench.ledger.advance(to: day(31))
            #expect(try bench.ledger.current.user("d")?.stage == (expiry == nil ? .registered : .expired))
        }
    }

    @Test func codesGoBySkeleton() throws {
        let bench = try Bench()
        try bench.run([Say.signup("a"), Say.issue("a", "oil-01", key: "1")])
        for other in ["OIL-01", "0IL-O1", "o1l-oI", "OlI-0l"] {
            #expect(
                try bench.ledger.submit(Say.issue("a", other, key: other)).refusal?.code == .codeTaken,
                "\(other)")
        }
        try bench.run([
            Say.signup("b", code: "0ll-OL"), Say.signup("c", code: "OIL-02"), Say.issue("a", "Öl", key: "2"),
        ])
        #expect(try bench.ledger.current.user("b")?.referrerId == "a")
        #expect(try bench.ledger.current.user("c")?.referrerId == nil)
        // ASCII letters alone are folded, and the code is kept as given.
        try bench.run([Say.issue("a", "öl", key: "3")])
        #expect(try bench.ledger.current.user("a")?.codes.map(\.code) == ["oil-01", "Öl", "öl"])
    }

    @Test func codesExpire() throws {
        let bench = try Bench(policy: twoLevel { $0.codes.oneActive = true })
        let before = Timestamp(nanoseconds: day(3).nanoseconds - 1)
        try bench.run([
            Say.signup("a"), Say.issue("a", "AAAA", key: "1", day(0), days: 3),
            Say.signup("b", before, code: "AAAA"),
            Say.signup("c", day(3), code: "AAAA"),
        ])
        #expect(try bench.ledger.current.user("b")?.referrerId == "a")
        #expect(try bench.ledger.current.user("c")?.referrerId == nil)
        let reason = try bench.ledger.current.events().last { $0.type == .attributionRejected }?["reason"]
        #expect(reason == .text("expiredCode"))
        #expect(
            try bench.ledger.submit(Say.issue("a", "BBBB", key: "2", before)).refusal?.code == .codeOneActive)
        try bench.run([Say.issue("a", "BBBB", key: "2", day(3))])
        // Expired or not, it is never free again.
        try bench.ledger.advance(to: day(5))
        #expect(try bench.ledger.current.events().filter { $0.type == .codeExpired }.count == 1)
        #expect(try bench.ledger.submit(Say.issue("c", "AAAA", key: "3", day(5))).refusal?.code == .codeTaken)
    }

    @Test func rejectedAttributionsKeepTheSignup() throws {
        let bench = try Bench()
        func signed(
            _ id: String, _ device: String? = nil, by: String? = nil, code: String? = nil,
            email: String? = nil
        ) -> Command {
            Command(
                .signup(
                    Signup(
                        userId: id, at: day(0), referrerId: by, referralCode: code,
                        personal: .init(email: email),
                        signals: .init(device: device))))
        }
        try bench.run([signed("a", "d-1", email: "One@Example.org"), Say.issue("a", "AAAA", key: "1")])
        let rows: [(Command, String)] = [
            (signed("u1", by: "ghost"), "unknownReferrer"), (signed("u2", code: "NONE"), "unknownCode"),
            (signed("u3", by: "u3"), "selfReferral"), (signed("u4", "d-1", by: "a"), "sharedSignal"),
            (signed("u5", code: "AAAA", email: "one@example.ORG"), "sharedSignal"),
        ]
        for (command, reason) in rows {
            #expect(try bench.ledger.submit(command).name == "accepted")
            #expect(try bench.ledger.current.events().last?["reason"] == .text(reason))
        }
        #expect(try bench.ledger.current.user("a")?.referrals == 0)
        // Where the policy does not mind, a shared signal is no bar.
        let lenient = try Bench(policy: twoLevel { $0.attribution.rejectSharedSignals = false })
        try lenient.run([signed("a", "d-1"), signed("b", "d-1", by: "a")])
        #expect(try lenient.ledger.current.user("b")?.referrerId == "a")
    }

    /// Several programmes in one ledger: users join in any order, and nothing of one is in the other.
    @Test func programmesAreApart() throws {
        let bench = try Bench()
        let (one, two) = ("two-level", "second")
        try bench.run([
            Say.create(two, asset: .eur, policy: twoLevel { $0.commission.levels = [100_000] + [50_000] }),
            // The first two are members by their own number; c breaks that, and d and e come after.
            Say.signup("a", programme: one), Say.signup("b", by: "a", programme: one),
            Say.signup("c", programme: two),
            Say.signup("d", by: "b", programme: one), Say.signup("b", by: "c", programme: two),
            Say.signup("a", by: "b", programme: two), Say.signup("c", by: "d", programme: one),
            Say.signup("e", by: "a", programme: two), Say.signup("e", day(1), by: "c", programme: one),
        ])
        let again = Say.signup("a", by: "b", programme: two)
        #expect(try bench.ledger.submit(again).name == "repeated")
        #expect(try bench.ledger.submit(Say.signup("e", by: "a", programme: one)).refusal?.field == "at")
        #expect(
            try bench.ledger.submit(Say.signup("e", by: "c", programme: two)).refusal?.field == "referrerId")
        try bench.run([
            Say.pay("p", "e", 100_00, programme: one), Say.pay("p", "e", 100_00, programme: two),
            Say.issue("a", "SAME", key: "1", programme: one),
            Say.issue("b", "SAME", key: "1", programme: two),
            Say.refund("r", "p", 50_00, programme: two),
        ])
        func parents(_ programme: String) throws -> [String?] {
            try ["a", "b", "c", "d", "e"].map {
                try bench.ledger.current.user($0, programme: programme)?.referrerId
            }
        }
        #expect(try parents(one) == [nil, "a", "d", "b", "c"])
        #expect(try parents(two) == ["b", "c", nil, nil, "a"])
        #expect(try bench.ledger.current.user("d", programme: two) == nil)
        #expect(try ["c", "d", "a"].map { try bench.money($0, programme: one)[0] } == [20_00, 10_00, 0])
        #expect(try ["a", "b", "c"].map { try bench.money($0, programme: two)[0] } == [5_00, 2_50, 0])
        try bench.ledger.advance(to: day(30), programme: two)
        #expect(try bench.money("a", programme: two) == [0, 5_00, 0, 5_00])
        #expect(try bench.money("c", programme: one) == [20_00, 0, 0, 20_00])
        #expect(
            try bench.ledger.current.leaderboard(by: .referrals, programme: two)?.entries.map(\.userId) == [
                "c", "b", "a",
            ])
        #expect(try bench.ledger.current.statement(of: "a", programme: one)?.isEmpty == true)
        #expect(
            try bench.ledger.current.statement(of: "a", programme: two)?.map(\.pending) == [
                10_00, -5_00, -5_00,
            ])
        let digest = try bench.ledger.current.digest().value
        bench.ledger.close()
        for path in ["checkpoint", "log"] {
            if path == "log" { try Folders.removeViews(of: bench.folder) }
            let ledger = try Ledger.open(at: bench.folder.path, options: testOptions())
            #expect(try ledger.current.digest().value == digest)
            #expect(try ledger.submit(again).name == "repeated")
            #expect(
                try ledger.submit(Say.signup("d", by: "e", programme: two)).name
                    == (path == "log" ? "repeated" : "accepted"))
            if path == "checkpoint" {
                ledger.close()
                let other = try Ledger.open(at: bench.folder.path, options: testOptions())
                #expect(try other.submit(again).name == "repeated")
                other.close()
                break
            }
        }
        #expect(try Ledger.verify(at: bench.folder.path, options: testOptions()).findings == [])
    }

    /// One advance over months equals one of each day, also over a change of week start, grace and zone.
    @Test func advancesMayBeSplit() throws {
        let commands = [
            Say.signup("a"), Say.signup("b", by: "a"), Say.issue("a", "AAAA", key: "1", day(0), days: 11),
            Say.publish(
                twoLevel {
                    $0.weekStart = .sunday
                    $0.periods.graceHours = 100
                    $0.workflow.expiryDays = 20
                }, from: day(40)),
            Say.signup("c", day(41), by: "b"), Say.signup("d", day(50), by: "b"),
            Say.pay("1", "b", 10_00, day(3)), Say.pay("2", "c", 10_00, day(42)),
            Say.pay("3", "c", 70_00, day(70)),
        ]
        var digests: Set<String> = []
        var closed: Set<[String]> = []
        for step in [1, 7, 30, 120] {
            let bench = try Bench()
            try bench.run(commands)
            for moment in stride(from: step, through: 120, by: step) {
                try bench.ledger.advance(to: day(moment))
            }
            try bench.ledger.advance(to: day(120))
            digests.insert(try bench.ledger.current.digest().value)
            closed.insert(
                try bench.ledger.current.events().filter {
                    // Which period before the first fact is closed first is a matter of the first advance.
                    guard case .time(let end)? = $0["end"], $0.type == .periodClosed else { return false }
                    return end > day(0)
                }.map { "\($0["kind"]!) \($0["start"]!) \($0["end"]!) \($0.occurredAt)" })
        }
        #expect(digests.count == 1)
        #expect(closed.count == 1, "\(closed)")
    }
}
