import NaiveModel
import Testing

@Suite("Payments, refunds, maturity")
struct PaymentTests {
    @Test("20 % and 10 %, whatever the stage; the payer and the third level earn nothing")
    func levels() {
        let ledger = Ledger().chain()
        ledger.signup("d", by: "c")
        #expect(ledger.pay("p", "d", "49.99") == .accepted)
        #expect(ledger.balance("c").pending == 1_000)  // 999.8
        #expect(ledger.balance("b").pending == 500)  // 499.9
        #expect(ledger.naive.balances("a").isEmpty)
        #expect(ledger.naive.balances("d").isEmpty)
        #expect(ledger.naive.trialBalance == ["rewardExpense": ["USD": 1_500], "pending": ["USD": -1_500]])
    }

    @Test(
        "Half to even",
        arguments: [("0.05", 0), ("0.15", 2), ("0.25", 2), ("0.35", 4), ("0.36", 4), ("0.04", 0)])
    func rounding(amount: String, second: Int64) {
        let ledger = Ledger().chain()
        ledger.pay("p", "c", amount)
        #expect(ledger.balance("a").pending == second)
    }

    @Test("A leg of zero emits nothing, and the walk goes on")
    func zeroLeg() {
        let ledger = Ledger(NaiveLedger(ratesPpm: [0, 100_000])).chain()
        ledger.pay("p", "c", "1.00")
        #expect(ledger.naive.statement("b").isEmpty)
        #expect(ledger.balance("a").pending == 10)
    }

    @Test("An edge later than the payment ends the walk, also for older edges above; the same moment counts")
    func laterEdge() {
        let ledger = Ledger()
        ledger.signup("a", at: day(1))
        ledger.signup("b", by: "a", at: day(1))
        ledger.signup("c", by: "b", at: day(5))
        ledger.pay("before", "c", "10.00", at: "2024-01-04T23:59:59.999999999Z")
        #expect(ledger.naive.balances("a").isEmpty && ledger.naive.balances("b").isEmpty)
        #expect(ledger.naive.stage("c") == .completed)
        ledger.pay("at", "c", "10.00", at: day(5))
        #expect(ledger.balance("b").pending == 200 && ledger.balance("a").pending == 100)
    }

    @Test("The base pays, the amount is what is refunded")
    func base() {
        let ledger = Ledger().chain()
        ledger.say(
            "payment",
            [
                "paymentId": "p", "provider": "shop", "userId": "c", "amount": "10.00",
                "commissionableBase": "5.00", "currency": "USD", "at": day(2),
            ])
        #expect(ledger.balance("b").pending == 100)
        ledger.refund("r", of: "p", "5.00")
        #expect(ledger.balance("b").pending == 50)
    }

    @Test("Currencies keep their own digits")
    func currencies() {
        let ledger = Ledger().chain()
        ledger.pay("k", "c", "1.005", "KWD")
        ledger.pay("j", "c", "105", "JPY")
        #expect(ledger.balance("b", "KWD").pending == 201)
        #expect(ledger.balance("a", "KWD").pending == 100)  // 100.5, to even
        #expect(ledger.balance("b", "JPY").pending == 21)
        #expect(ledger.balance("a", "JPY").pending == 10)  // 10.5, to even
        #expect(ledger.pay("x", "c", "1.5", "JPY") == refused("amount.digits"))
        #expect(ledger.pay("x", "c", "1.5", "XYZ") == refused("currency.unknown"))
    }

    @Test("Saying it again")
    func repeats() {
        let ledger = Ledger().chain()
        #expect(ledger.pay("p", "nobody", "5.00") == refused("user.unknown"))
        #expect(ledger.pay("p", "c", "5.00") == .accepted)
        #expect(ledger.pay("p", "c", "5", at: "2024-01-02T05:30:00+05:30") == .repeated)
        #expect(ledger.pay("p", "c", "5.01") == refused("payment.conflict"))
        #expect(ledger.balance("b").pending == 100)
    }

    @Test("Any slicing of 100 % reverses exactly 100 %")
    func slices() {
        let ledger = Ledger().chain()
        ledger.pay("p", "c", "0.07")  // 1.4 → 1, 0.7 → 1
        // After 1, 2, … 7 of 7 refunded: round(1 × n ÷ 7) = 0 0 0 1 1 1 1
        for slice in 1...7 {
            #expect(ledger.refund("r\(slice)", of: "p", "0.01") == .accepted)
            #expect(ledger.balance("b").reversed == (slice >= 4 ? 1 : 0))
        }
        #expect(ledger.balance("b") == NaiveBalance(reversed: 1))
        #expect(ledger.balance("a") == NaiveBalance(reversed: 1))
        #expect(ledger.naive.trialBalance.isEmpty)
    }

    @Test("Before maturity from pending; what is left matures")
    func maturity() {
        let ledger = Ledger().chain()
        ledger.pay("p", "c", "10.00", at: day(2))
        ledger.refund("r", of: "p", "5.00", at: day(3))
        #expect(ledger.advance(to: "2024-01-15T23:59:59.999999999Z") == .accepted)
        #expect(ledger.balance("b").pending == 100)
        #expect(ledger.advance(to: day(16)) == .accepted)
        #expect(ledger.balance("b") == NaiveBalance(available: 100, earned: 100, reversed: 100))
        #expect(ledger.advance(to: day(16)) == .repeated)
        #expect(ledger.advance(to: day(5)) == .repeated)
        #expect(
            ledger.naive.statement("b") == [
                NaiveEntry(
                    occurredAt: nanoseconds(2), kind: "commissionEarned", currency: "USD", pending: 200),
                NaiveEntry(
                    occurredAt: nanoseconds(3), kind: "commissionReversed", currency: "USD", pending: -100),
                NaiveEntry(
                    occurredAt: nanoseconds(16), kind: "rewardMatured", currency: "USD", pending: -100,
                    available: 100),
            ])
    }

    @Test("Money goes by the record of maturity, not by dates")
    func lateAdvance() {
        let ledger = Ledger().chain()
        ledger.pay("p", "c", "10.00", at: day(2))
        ledger.refund("r", of: "p", "1.00", at: day(100))
        #expect(ledger.balance("b").pending == 180)
        // A payment of long ago, after the clock has passed its maturity: due at the next advance, even to
        // the same moment.
        ledger.advance(to: day(100))
        ledger.pay("old", "c", "1.00", at: day(2))
        #expect(ledger.balance("b") == NaiveBalance(pending: 20, available: 180, earned: 200, reversed: 20))
        #expect(ledger.advance(to: day(100)) == .accepted)
        #expect(ledger.balance("b").pending == 0)
    }

    @Test("Maturities are recorded in the order of their due times, then of the log")
    func maturityOrder() {
        let ledger = Ledger().chain()
        ledger.pay("p", "c", "5.00", at: day(5))
        ledger.pay("q", "c", "2.00", at: day(2))
        ledger.pay("r", "c", "3.00", at: day(2))
        ledger.advance(to: day(60))
        let matured = ledger.naive.statement("b").filter { $0.kind == "rewardMatured" }
        #expect(matured.map(\.available) == [40, 60, 100])
        #expect(matured.map(\.occurredAt) == [16, 16, 19].map(nanoseconds))
    }

    @Test("After maturity: from available only")
    func afterMaturity() {
        let ledger = Ledger().chain()
        ledger.pay("p", "c", "10.00", at: day(2))
        ledger.advance(to: day(16))
        ledger.pay("q", "c", "10.00", at: day(16))
        ledger.refund("r", of: "p", "2.50", at: day(17))
        #expect(ledger.balance("b") == NaiveBalance(pending: 200, available: 150, earned: 350, reversed: 50))
        #expect(ledger.naive.trialBalance["available"]?["USD"] == -225)
        #expect(ledger.naive.invariants().isEmpty)
    }

    @Test("A fact refused for what it says")
    func refusals() {
        let ledger = Ledger().chain()
        ledger.pay("zero", "c", "0.00")
        ledger.pay("p", "c", "10.00")
        #expect(ledger.refund("r", of: "zero", "1.00") == refused("refund.zero_payment"))
        #expect(ledger.refund("r", of: "p", "1.00", "EUR") == refused("refund.currency"))
        #expect(ledger.refund("r", of: "p", "0.00") == refused("amount.zero"))
        #expect(ledger.refund("r", of: "p", "-1.00") == refused("amount.negative"))
        #expect(ledger.refund("r", of: "p", "1.00") == .accepted)
        #expect(ledger.refund("r", of: "p", "1.00") == .repeated)
        #expect(ledger.refund("r", of: "p", "2.00") == refused("refund.conflict"))
        #expect(ledger.refund("s", of: "p", "1.00", total: "2.00") == refused("refund.mixed_counting"))
    }

    @Test("A cumulative provider: the total counts, the amount never")
    func cumulative() {
        let ledger = Ledger().chain()
        ledger.pay("p", "c", "10.00")
        #expect(ledger.refund("r1", of: "p", "3.00", total: "3.00") == .accepted)
        #expect(ledger.refund("r2", of: "p", "3.00", total: "3.00") == .accepted)
        #expect(ledger.balance("b").reversed == 60)
        #expect(ledger.refund("r3", of: "p", "9.99", total: "4.00") == .accepted)
        #expect(ledger.balance("b").reversed == 80)
        #expect(ledger.refund("r4", of: "p", "1.00", total: "3.99") == refused("refund.total_went_back"))
        #expect(ledger.refund("r5", of: "p", "1.00") == refused("refund.mixed_counting"))
        #expect(ledger.refund("r6", of: "p", "1.00", total: "10.01") == .parked)
    }

    @Test("More than the payment: parked whole; a later one that fits applies")
    func headroom() {
        let ledger = Ledger().chain()
        ledger.pay("p", "c", "10.00")
        #expect(ledger.refund("r1", of: "p", "6.00") == .accepted)
        #expect(ledger.refund("r2", of: "p", "4.01") == .parked)
        #expect(ledger.refund("r3", of: "p", "4.00") == .accepted)
        #expect(ledger.refund("r2", of: "p", "4.01") == .repeated)
        #expect(ledger.balance("b") == NaiveBalance(reversed: 200))
        #expect(
            ledger.naive.parkedFacts
                == [NaiveParkedFact(kind: "refund", id: "shop/r2", waitingFor: "headroom")])
    }

    @Test("Refunds before their payment apply with it, in the order of parking; what fails stays")
    func parked() {
        let ledger = Ledger().chain()
        #expect(ledger.refund("r1", of: "p", "1.00", "EUR") == .parked)
        #expect(ledger.refund("r2", of: "p", "8.00") == .parked)
        #expect(ledger.refund("r3", of: "p", "3.00") == .parked)
        #expect(ledger.refund("r4", of: "p", "2.00") == .parked)
        #expect(ledger.refund("r2", of: "p", "9.00") == refused("refund.conflict"))
        #expect(ledger.pay("p", "c", "10.00") == .accepted)
        #expect(ledger.balance("b") == NaiveBalance(reversed: 200))
        #expect(ledger.naive.parkedFacts.map(\.waitingFor) == ["payment:shop/p", "headroom"])
        #expect(ledger.naive.stage("c") == .reverted)
    }

    @Test("64 for one payment; a refund without payment id waits for ever")
    func parkingLimits() {
        let ledger = Ledger().chain()
        for number in 1...64 { #expect(ledger.refund("r\(number)", of: "p", "0.01") == .parked) }
        #expect(ledger.refund("r65", of: "p", "0.01") == refused("parking.full"))
        let orphan = ["refundId": "o", "provider": "shop", "amount": "1", "currency": "USD", "at": day(2)]
        let text = orphan.map { "\"\($0.key)\":\"\($0.value)\"" }.joined(separator: ",")
        #expect(ledger.naive.submit(line: "{\"type\":\"refund\",\(text)}") == .parked)
        ledger.pay("p", "c", "1.00")
        #expect(ledger.naive.parkedFacts.map(\.waitingFor) == ["paymentId"])
        #expect(ledger.refund("r65", of: "p", "0.01") == .accepted)
        #expect(ledger.balance("b").reversed == 13)
    }

    @Test("Parking is bounded in all")
    func parkingInAll() {
        let ledger = Ledger { $0.parkedInAll = 2 }
        #expect(ledger.convert("x") == .parked)
        #expect(ledger.refund("r", of: "p", "1") == .parked)
        #expect(ledger.refund("s", of: "q", "1") == refused("parking.full"))
        ledger.signup("a")
        ledger.signup("x", by: "a")
        #expect(ledger.refund("s", of: "q", "1") == .parked)
    }

    @Test("A commission that would leave an Int64 is refused and leaves no trace")
    func overflow() {
        let ledger = Ledger(NaiveLedger(ratesPpm: [1_000_000])).chain()
        let most = "100000000000000.00"
        #expect(ledger.pay("x", "c", "100000000000000.01") == refused("amount.limit"))
        for number in 0..<922 { #expect(ledger.pay("p\(number)", "c", most) == .accepted) }
        #expect(ledger.pay("q", "c", most) == refused("amount.overflow"))
        for number in 0..<922 { #expect(ledger.refund("r\(number)", of: "p\(number)", most) == .accepted) }
        #expect(ledger.naive.trialBalance.isEmpty)
    }

    @Test("A fact too far ahead of the wall clock")
    func ahead() {
        let ledger = Ledger()
        let line = "{\"type\":\"signup\",\"userId\":\"a\",\"at\":\"\(day(2))\"}"
        #expect(ledger.naive.submit(line: line, now: nanoseconds(1)) == refused("time.ahead"))
        #expect(ledger.naive.submit(line: line, now: nanoseconds(2) - 300_000_000_000) == .accepted)
    }
}
