import LedgerDomain
import ReferralLedger
import Testing

/// "quarantine, release": what is reversed, what waits, what comes back; by hand-computed figures.
@Suite struct QuarantineRuleTests {
    static let people = TakeBackTests.people
    static let p = FactReference.payment(provider: "shop", paymentId: "p")

    @Test("Before maturity all of it leaves pending, and a release brings it back")
    func pending() throws {
        let bench = try Bench(policy: paying())
        try bench.run(Self.people + [Say.signup("c", by: "b"), Say.pay("p", "c", 100_00)])
        #expect(
            try bench.tell(Say.quarantine(Self.p)) == [
                "EventQuarantined", "EventQuarantined pending:b→rewardExpense 2000",
                "EventQuarantined pending:a→rewardExpense 1000", "ReferralReverted",
            ])
        #expect(try bench.money("b") == [0, 0, 0, 0] && bench.money("a") == [0, 0, 0, 0])
        // Its day comes and nothing matures.
        #expect(try bench.advance(day(20)) == [])
        #expect(
            try bench.tell(Say.release(Self.p, day(21))) == [
                "EventReleased", "EventReleased rewardExpense→pending:b 2000",
                "EventReleased rewardExpense→pending:a 1000", "ReferralAdvanced", "ReferralAdvanced",
                "ReferralConverted",
            ])
        #expect(try bench.money("b") == [20_00, 0, 0, 20_00])
        #expect(
            try bench.advance(day(21)) == [
                "RewardMatured pending:b→available:b 2000", "RewardMatured pending:a→available:a 1000",
            ])
        try bench.sound()
    }

    @Test("Of what was spent a debt is made; the release repays it first")
    func spent() throws {
        let bench = try Bench(policy: paying())
        try bench.run(Self.people + [Say.pay("p", "b", 100_00)])
        try bench.advance(day(15))
        try bench.run([Say.withdraw("w", "a", 15_00), Say.payout("w", .sent)])
        #expect(
            try bench.tell(Say.quarantine(Self.p, day(23))) == [
                "EventQuarantined",
                "EventQuarantined available:a→rewardExpense 500 receivable:a→rewardExpense 1500",
                "ReferralReverted",
            ])
        #expect(try bench.refusal(Say.withdraw("v", "a", 1, day(23))) == "withdrawal.debt userId")
        #expect(
            try bench.tell(Say.release(Self.p, day(24))).prefix(2) == [
                "EventReleased",
                "EventReleased rewardExpense→receivable:a 1500 rewardExpense→available:a 500",
            ])
        #expect(try bench.purse("a") == [0, 5_00, 0, 0])
        try bench.sound()
    }

    /// Unsent withdrawals make room, as with any clawback.
    @Test func reserved() throws {
        let bench = try Bench(policy: paying { $0.withdrawal.onClawback = .reduce })
        try bench.run(Self.people + [Say.pay("p", "b", 100_00)])
        try bench.advance(day(15))
        try bench.run([Say.withdraw("w", "a", 15_00)])
        #expect(
            try bench.tell(Say.quarantine(Self.p, day(23))) == [
                "EventQuarantined", "WithdrawalCancelled reserved:a→available:a 1500",
                "EventQuarantined available:a→rewardExpense 2000", "ReferralReverted",
            ])
        try bench.sound()
    }

    @Test("Refunds and disputes wait, and take effect with the release, in their order")
    func factsThatWait() throws {
        let bench = try Bench(policy: paying())
        try bench.run(
            Self.people + [
                Say.pay("p", "b", 100_00), Say.refund("r0", "p", 10_00),
                Say.dispute("d", "p", .opened, 40_00), Say.quarantine(Self.p),
            ])
        #expect(try bench.purse("a") == [0, 0, 0, 0])
        for command in [
            Say.refund("r1", "p", 20_00, day(6)), Say.dispute("d", nil, .lost, nil, day(7)),
            Say.dispute("e", "p", .opened, 10_00, day(8)), Say.refund("r2", "p", 31_00, day(9)),
            Say.refundFailed("r0", day(9)),
        ] {
            let first = try bench.ledger.submit(command)
            #expect(first.name == "parked")
            #expect(try bench.ledger.submit(command) == .repeated(first.receipt!))
        }
        #expect(try bench.refusal(Say.refundFailed("r0", day(8))) == "refund.conflict at")
        #expect(
            try bench.ledger.current.parkedFacts().map { "\($0.kind) \($0.id) \($0.waitingFor)" } == [
                "refund r1 payment", "dispute d dispute", "dispute e payment", "refund r2 payment",
                "refundFailed r0 payment",
            ])
        // Held again: 8.00 of the 18.00 that were left. Then 20.00 of 100.00, then the dispute of 40.00, another of 10.00; the
        // last 31.00 are more than is left. Then 10.00 of those before did not go out after all: of them 2.00 come back.
        #expect(
            try bench.tell(Say.release(Self.p, day(10))) == [
                "EventReleased", "EventReleased rewardExpense→pending:a 1800",
                "RewardHeld pending:a→held:a 800", "ReferralAdvanced", "ReferralAdvanced",
                "ReferralConverted", "EventUnparked", "RefundReceived",
                "CommissionReversed pending:a→rewardExpense 400", "EventUnparked", "DisputeLost",
                "CommissionReversed held:a→rewardExpense 800", "EventUnparked", "DisputeOpened",
                "RewardHeld pending:a→held:a 200", "EventUnparked", "RefundFailed",
                "CommissionRestored rewardExpense→pending:a 200",
            ])
        #expect(try bench.purse("a") == [6_00, 0, 2_00, 0])
        #expect(try bench.ledger.current.parkedFacts().map(\.waitingFor) == ["headroom"])
        #expect(try bench.ledger.submit(Say.refundFailed("r0", day(9))).name == "repeated")
        try bench.sound()
    }

    @Test("A suspension that has ended holds nothing again")
    func endedCases() throws {
        let bench = try Bench(policy: paying())
        try bench.run(
            Self.people + [
                Say.suspend("a", key: "1", day(1)), Say.pay("p", "b", 100_00, day(2)), Say.quarantine(Self.p),
                Say.reinstate("a", key: "2", day(6)),
            ])
        #expect(
            try bench.tell(Say.release(Self.p, day(7))).prefix(3) == [
                "EventReleased", "EventReleased rewardExpense→pending:a 2000", "ReferralAdvanced",
            ])
        try bench.sound()
    }

    @Test("A review of what is set aside waits for the release")
    func reviews() throws {
        let bench = try Bench(policy: paying())
        try bench.run(
            Self.people + [
                Say.pay("p", "b", 100_00), Say.flag("a", key: "1", provider: "shop", payment: "p"),
                Say.quarantine(Self.p),
            ])
        for confirm in [true, false] {
            #expect(
                try bench.refusal(Say.review("f1", confirm: confirm, day(6))) == "fact.quarantined reviewId")
        }
        #expect(
            try bench.tell(Say.release(Self.p, day(7))).prefix(3) == [
                "EventReleased", "EventReleased rewardExpense→pending:a 2000",
                "RewardHeld pending:a→held:a 2000",
            ])
        #expect(
            try bench.tell(Say.review("f1", confirm: true, day(8))) == [
                "ReviewDecided", "CommissionReversed held:a→rewardExpense 2000",
            ])
        try bench.sound()
    }

    @Test("While an ended case still holds some of it, there is nothing to set aside yet")
    func unsettled() throws {
        let bench = try Bench(policy: paying())
        try bench.run(Self.people + [Say.suspend("a", key: "1", day(0))])
        try bench.run((0..<600).map { Say.pay("p\($0)", "b", 10_00) })
        try bench.run([Say.reinstate("a", key: "2", day(2))])
        let last = FactReference.payment(provider: "shop", paymentId: "p599")
        #expect(try bench.refusal(Say.quarantine(last)) == "quarantine.unsettled -")
        try bench.advance(day(3))
        try bench.run([Say.quarantine(last)])
        try bench.sound()
    }

    // MARK: Grants

    private var rewarding: Policy {
        paying {
            $0.rewards.rules = [
                .init(
                    stage: .registered, side: .referee, asset: .premiumDay, amount: .fixed(30), expiryDays: 50
                ),
                .init(stage: .completed, side: .referrer, asset: .usd, amount: .fixed(5_00)),
            ]
        }
    }

    @Test("Units: nobody claims what is set aside; it may expire after the release only")
    func units() throws {
        let bench = try Bench(policy: rewarding)
        try bench.run(Self.people)
        #expect(
            try bench.tell(Say.quarantine(.reward("r1")))
                == ["EventQuarantined claimable:b→issued 30 PREMIUM_DAY"])
        #expect(try bench.refusal(Say.claim("r1", "b", day(6))) == "fact.quarantined rewardId")
        #expect(try bench.advance(day(60)) == [])
        #expect(
            try bench.tell(Say.release(.reward("r1"), day(61)))
                == ["EventReleased issued→claimable:b 30 PREMIUM_DAY"])
        #expect(try bench.advance(day(61)) == ["RewardExpired claimable:b→issued 30 PREMIUM_DAY"])
        try bench.sound()
    }

    @Test("A grant that is revoked while it is set aside comes out first, and is gone for good")
    func revoked() throws {
        let bench = try Bench(policy: rewarding)
        try bench.run(Self.people + [Say.pay("p", "b", 100_00), Say.quarantine(.reward("r2"))])
        #expect(
            try bench.tell(Say.refund("r", "p", 100_00, day(6))) == [
                "RefundReceived", "CommissionReversed pending:a→rewardExpense 2000", "ReferralReverted",
                "EventReleased rewardExpense→pending:a 500", "RewardRevoked pending:a→rewardExpense 500",
            ])
        #expect(try bench.refusal(Say.release(.reward("r2"), day(7))) == "quarantine.none -")
        try bench.sound()
    }

    /// What the conversion by the payment had earned goes with it, and comes anew.
    @Test func whatFollowsFromThePayment() throws {
        let bench = try Bench(policy: rewarding)
        try bench.run(Self.people + [Say.pay("p", "b", 100_00)])
        #expect(
            try bench.tell(Say.quarantine(Self.p)).suffix(2)
                == ["ReferralReverted", "RewardRevoked pending:a→rewardExpense 500"])
        #expect(
            try bench.tell(Say.release(Self.p)).suffix(2)
                == ["ReferralConverted", "RewardGranted rewardExpense→pending:a 500"])
        try bench.sound()
    }

    // MARK: Books

    @Test(
        "What people recorded is undone, and done again",
        arguments: [
            (
                Say.opening("a", 7_00, key: "k"), "openingBalance", "available:a→opening 700",
                "opening→available:a 700"
            ),
            (
                Say.adjust("a", 7_00, key: "k"), "adjust", "available:a→rewardExpense 700",
                "rewardExpense→available:a 700"
            ),
            (
                Say.adjust("a", -7_00, key: "k"), "adjust",
                "rewardExpense→receivable:a 600 rewardExpense→available:a 100",
                "available:a→rewardExpense 100 receivable:a→rewardExpense 600"
            ),
            (Say.fund(7_00, key: "k"), "fund", "funding→cash 700", "cash→funding 700"),
        ])
    func books(command: Command, type: String, undone: String, done: String) throws {
        let bench = try Bench(policy: paying())
        try bench.run([Say.signup("a")])
        if undone.hasPrefix("rewardExpense") { try bench.run([Say.opening("a", 1_00, key: "o")]) }
        try bench.run([command])
        let before = try bench.purse("a")
        let fact = FactReference.keyed(type: type, key: "k")
        #expect(try bench.tell(Say.quarantine(fact)) == ["EventQuarantined \(undone)"])
        #expect(try bench.tell(Say.release(fact)) == ["EventReleased \(done)"])
        #expect(try bench.purse("a") == before)
        try bench.sound()
    }

    @Test func writeOffsAndTax() throws {
        let bench = try Bench(policy: paying { $0.withdrawal.taxPpm = 100_000 })
        try bench.run([
            Say.signup("a"), Say.adjust("a", -5_00, key: "k"), Say.writeOff("a", 5_00, key: "k"),
            Say.opening("a", 100_00, key: "o"), Say.withdraw("w", "a", 50_00), Say.payout("w", .sent),
            Say.remitTax(5_00, key: "t"),
        ])
        let (debt, tax) = (
            FactReference.keyed(type: "writeOff", key: "k"), FactReference.keyed(type: "remitTax", key: "t")
        )
        #expect(try bench.tell(Say.quarantine(debt)) == ["EventQuarantined available:a→loss 500"])
        #expect(try bench.tell(Say.release(debt)) == ["EventReleased loss→available:a 500"])
        #expect(try bench.tell(Say.quarantine(tax)) == ["EventQuarantined cash→tax 500"])
        try bench.run([Say.remitTax(3_00, key: "u")])
        #expect(try bench.refusal(Say.release(tax)) == "tax.balance -")
        try bench.sound()
    }

    // MARK: Saying it twice

    @Test("The fact and the moment are the natural key; by position or by name it is one fact")
    func repeats() throws {
        let bench = try Bench(policy: paying())
        try bench.run(Self.people + [Say.pay("p", "b", 100_00)])
        let events = try bench.ledger.current.events(from: LogPosition(1), limit: 100)
        let position = try #require(events.first { $0.type == .paymentReceived }?.position)
        let first = try bench.ledger.submit(Say.quarantine(.position(position), key: "k"))
        #expect(first.name == "accepted")
        #expect(try bench.ledger.submit(Say.quarantine(Self.p)) == .repeated(first.receipt!))
        #expect(try bench.refusal(Say.quarantine(Self.p, reason: "other")) == "quarantine.conflict reason")
        let second = try bench.ledger.submit(Say.release(Self.p))
        #expect(try bench.ledger.submit(Say.release(.position(position))) == .repeated(second.receipt!))
        #expect(try bench.ledger.submit(Say.quarantine(Self.p)) == .repeated(first.receipt!))
        try bench.run([Say.quarantine(Self.p, day(8)), Say.release(Self.p, day(9))])
        #expect(try bench.ledger.submit(Say.release(Self.p)) == .repeated(second.receipt!))
        try bench.sound()
    }

    @Test("The commands of a ledger, sent to another, lead to the same state")
    func history() throws {
        let bench = try Bench(policy: rewarding)
        let commands =
            Self.people + [
                Say.pay("p", "b", 100_00), Say.opening("a", 3_00, key: "o"), Say.quarantine(Self.p),
                Say.quarantine(.reward("r1")), Say.quarantine(.keyed(type: "openingBalance", key: "o")),
                Say.refund("r", "p", 100_00, day(6)), Say.release(Self.p, day(7), reason: "checked"),
                Say.signup("c"), Say.correct("b", to: "c", key: "1"), Say.correct("b", to: nil, key: "2"),
            ]
        try bench.run(commands)
        let lines = try Lines.export(bench.ledger.commandHistory())
        #expect(!lines.contains { $0.contains("position") })
        let copy = try Bench(policy: rewarding)
        var feeder = LineFeeder(copy.ledger)
        for line in lines { _ = try feeder.submit(line) }
        #expect(try copy.ledger.current.digest().value == bench.ledger.current.digest().value)
        try bench.sound()
    }
}
