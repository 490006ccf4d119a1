import NaiveModel
import Testing

@Suite("Disputes and refunds, won, lost, failed")
struct DisputeTests {
    /// c pays 10.00 on the second: b earns 2.00, a 1.00.
    private func paid() -> Ledger {
        let ledger = Ledger("").chain()
        ledger.pay("p", "c", "10.00", "GBP", at: day(2))
        return ledger
    }

    @Test("Partial refunds, each level rounded from the whole so far")
    func partial() {
        let ledger = Ledger("").chain()
        // Legs 0.20 and 0.10. After 33, 66, 100 of 100: 6.6 → 7, 13.2 → 13, 20; and 3.3 → 3, 6.6 → 7, 10.
        ledger.pay("p", "c", "1.00", "GBP", at: day(2))
        ledger.refund("r1", of: "p", "0.33", "GBP")
        #expect(ledger.pounds("b").pending == 13 && ledger.pounds("a").pending == 7)
        ledger.advance(to: day(16))
        ledger.refund("r2", of: "p", "0.33", "GBP")
        #expect(ledger.pounds("b").available == 7 && ledger.pounds("a").available == 3)
        ledger.refund("r3", of: "p", "0.34", "GBP")
        #expect(ledger.pounds("b") == NaiveBalance(reversed: 20))
        #expect(ledger.pounds("a") == NaiveBalance(reversed: 10))
        #expect(ledger.trial().isEmpty)
    }

    @Test("A refund while a dispute holds: pending first, then the hold; won releases the rest")
    func won() {
        let ledger = paid()
        // 60 % of 2.00 and of 1.00.
        #expect(ledger.dispute("d", of: "p", "opened", "6.00", at: day(3)) == .accepted)
        #expect(ledger.pounds("b").pending == 80 && ledger.pounds("b").held == 120)
        #expect(ledger.pounds("a").pending == 40 && ledger.pounds("a").held == 60)
        // Half goes back: 1.00, of which 0.80 was pending; 0.50, of which 0.40 was.
        ledger.refund("r", of: "p", "5.00", "GBP", at: day(4))
        #expect(ledger.pounds("b").pending == 0 && ledger.pounds("b").held == 100)
        #expect(ledger.pounds("a").pending == 0 && ledger.pounds("a").held == 50)
        ledger.advance(to: day(20))
        #expect(ledger.naive.reward("shop/p/1")?.isMatured == true)
        #expect(ledger.dispute("d", of: "p", "won", at: day(21)) == .accepted)
        #expect(ledger.pounds("b").available == 100 && ledger.pounds("b").held == 0)
        #expect(ledger.naive.stage("c") == .completed)
        #expect(ledger.dispute("d", of: "p", "lost", at: day(21)) == refused("dispute.decided"))
        #expect(ledger.dispute("d", of: "p", "won", at: day(21)) == .repeated)
        #expect(ledger.naive.invariants() == [])
    }

    @Test("Lost after a refund: no more than the payment, and the conversion goes back")
    func lost() {
        let ledger = paid()
        ledger.dispute("d", of: "p", "opened", "6.00", at: day(3))
        ledger.refund("r", of: "p", "5.00", "GBP", at: day(4))
        // 5.00 of 6.00 are moved: the payment is gone, and with it what the dispute still held.
        #expect(ledger.dispute("d", of: "p", "lost", "6.00", at: day(5)) == .accepted)
        #expect(ledger.pounds("b") == NaiveBalance(reversed: 200))
        #expect(ledger.pounds("a") == NaiveBalance(reversed: 100))
        #expect(ledger.naive.stage("c") == .reverted)
        #expect(ledger.refund("r2", of: "p", "0.01", "GBP") == .parked)
        #expect(ledger.trial().isEmpty)
    }

    @Test("Two disputes at once: each holds and releases its own")
    func two() {
        let ledger = paid()
        ledger.dispute("d1", of: "p", "opened", "4.00", at: day(3))
        // 0.80 and 0.40 by the first. 4.00 + 8.00 are more than the payment: the second holds the rest.
        ledger.dispute("d2", of: "p", "opened", "8.00", at: day(3))
        #expect(ledger.naive.dispute(provider: "shop", id: "d1")?.held == 120)
        #expect(ledger.naive.dispute(provider: "shop", id: "d2")?.held == 180)
        ledger.dispute("d1", of: "p", "lost", at: day(4))
        #expect(ledger.pounds("b") == NaiveBalance(held: 120, earned: 120, reversed: 80))
        ledger.dispute("d2", of: "p", "won", at: day(5))
        #expect(ledger.pounds("b") == NaiveBalance(pending: 120, earned: 120, reversed: 80))
    }

    @Test("After maturity the hold is the reward's own lot; what was withdrawn becomes a debt when lost")
    func matured() {
        let ledger = Ledger.paying().chain()
        ledger.pay("p", "c", "10.00", "GBP", at: day(2))
        ledger.pay("q", "c", "5.00", "GBP", at: day(3))
        ledger.advance(to: day(17))
        ledger.withdraw("w", "b", "1.50", at: day(18))
        #expect(ledger.lots("b") == [50, 100])
        // All of 2.00 is in dispute, 0.50 of it is still there.
        ledger.dispute("d", of: "p", "opened", "10.00", at: day(19))
        #expect(ledger.lots("b") == [100] && ledger.pounds("b").held == 50)
        // 0.50 from the hold, 1.00 from the other reward's lot, 0.50 owed.
        ledger.dispute("d", of: "p", "lost", at: day(20))
        #expect(
            ledger.pounds("b")
                == NaiveBalance(receivable: 50, earned: 100, reversed: 200, reserved: 150))
        #expect(ledger.naive.invariants() == [])
    }

    @Test("What comes before what it is about waits")
    func parked() {
        let ledger = Ledger("").chain()
        #expect(ledger.dispute("d", of: "p", "lost", at: day(4)) == .parked)
        #expect(ledger.dispute("d", of: "p", "opened", "5.00", at: day(3)) == .parked)
        #expect(ledger.dispute("e", of: "p", "opened", "10.01", at: day(3)) == .parked)
        ledger.pay("p", "c", "10.00", "GBP", at: day(2))
        #expect(ledger.pounds("b") == NaiveBalance(pending: 100, earned: 100, reversed: 100))
        #expect(ledger.naive.parkedFacts.map(\.id) == ["shop/e"])
        ledger.pay("z", "c", "0.00", "GBP", at: day(2))
        #expect(ledger.dispute("f", of: "z", "opened", "1.00", at: day(3)) == refused("dispute.zero_payment"))
        #expect(ledger.dispute("g", of: "p", "opened", "10.01", at: day(3)) == refused("dispute.amount"))
    }

    @Test("A refund that never went out gives back what it took, to where it belongs now")
    func refundFailed() {
        let ledger = Ledger.paying().chain()
        ledger.pay("p", "c", "10.00", "GBP", at: day(2))
        ledger.refund("r1", of: "p", "3.00", "GBP", at: day(3))
        #expect(ledger.refundFailed("r1", at: day(4)) == .accepted)
        #expect(ledger.pounds("b") == NaiveBalance(pending: 200, earned: 200))
        #expect(ledger.refundFailed("r1", at: day(4)) == .repeated)
        #expect(ledger.refundFailed("r1", at: day(5)) == refused("refund.conflict"))
        #expect(ledger.refundFailed("none", at: day(5)) == .parked)
        ledger.advance(to: day(16))
        ledger.withdraw("w", "b", "1.20", at: day(17))
        // 2.00 back, 0.80 there: 1.20 owed, and the conversion is gone.
        ledger.refund("r2", of: "p", "10.00", "GBP", at: day(18))
        #expect(ledger.pounds("b").receivable == 120 && ledger.naive.stage("c") == .reverted)
        #expect(ledger.naive.counts("b").conversions == 0)
        #expect(ledger.refund("r3", of: "p", "1.00", "GBP", at: day(18)) == .parked)
        #expect(ledger.refundFailed("r3", at: day(19)) == .parked)
        // The debt first, then 0.80 in the reward's own lot.
        #expect(ledger.refundFailed("r2", at: day(19)) == .accepted)
        #expect(ledger.pounds("b").receivable == 0 && ledger.lots("b") == [80])
        #expect(ledger.naive.lots("b", "GBP").map(\.maturesAt) == [nanoseconds(16)])
        #expect(ledger.naive.stage("c") == .completed && ledger.naive.counts("b").conversions == 1)
        #expect(ledger.naive.invariants() == [])
    }
}
