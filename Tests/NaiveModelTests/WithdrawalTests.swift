import NaiveModel
import Testing

@Suite("Withdrawals, payouts, clawbacks")
struct WithdrawalTests {
    /// b has 20.00 available and a 10.00, from the 16th on.
    private func paid(_ ledger: Ledger) -> Ledger {
        ledger.chain().pay("p", "c", "100.00", "GBP", at: day(2))
        ledger.advance(to: day(16))
        return ledger
    }

    @Test("A refund after the payout: a debt, taken once, paid off by what comes")
    func refundAfterPayout() {
        let ledger = paid(
            .paying("\"taxPpm\":100000,\"fee\":{\"ratePpm\":20000,\"fixed\":{\"GBP\":\"0.25\"}}"))
        #expect(ledger.withdraw("w", "b", "15.00", at: day(17)) == .accepted)
        #expect(ledger.pounds("b").available == 500 && ledger.pounds("b").reserved == 1_500)
        // Tax 1.50, fee 0.30 + 0.25, net 12.95.
        #expect(ledger.payout("w", "sent", at: day(18)) == .accepted)
        #expect(
            ledger.trial() == [
                "rewardExpense": 3_000, "available": -1_500, "clearing:bank": -1_295, "tax": -150, "fee": -55,
            ])
        #expect(ledger.payout("w", "settled", at: day(19)) == .accepted)
        // Half of 20.00 goes back: 5.00 is there, 5.00 is owed. a has 5.00 of 10.00 left.
        ledger.refund("r", of: "p", "50.00", "GBP", at: day(20))
        #expect(ledger.pounds("b") == NaiveBalance(receivable: 500, earned: 1_000, reversed: 1_000))
        #expect(
            ledger.trial() == [
                "rewardExpense": 1_500, "available": -500, "receivable": 500, "cash": -1_295, "tax": -150,
                "fee": -55,
            ])
        #expect(ledger.withdraw("w2", "b", "1.00", at: day(20)) == refused("withdrawal.debt"))
        // 2.00 more matures into the debt.
        ledger.pay("q", "c", "10.00", "GBP", at: day(20))
        ledger.advance(to: day(34))
        #expect(ledger.pounds("b").receivable == 300 && ledger.pounds("b").available == 0)
        // Returned: 12.95 + 1.50 + 0.55 = 15.00, of which 3.00 repays. The bank keeps 0.40.
        #expect(ledger.payout("w", "returned", kept: "0.40", at: day(35)) == .accepted)
        #expect(ledger.pounds("b").receivable == 0 && ledger.pounds("b").available == 1_200)
        #expect(ledger.trial()["cash"] == -40 && ledger.trial()["loss"] == 40)
        #expect(ledger.trial()["tax"] == nil && ledger.trial()["fee"] == nil)
        #expect(ledger.naive.invariants() == [])
    }

    @Test("Lots go first in, first out, and come back to their places")
    func lots() {
        let ledger = Ledger("").chain()
        // 20 % of 10.00, 5.00, 3.00, mature on the 16th, 17th, 18th.
        ledger.pay("p", "c", "10.00", "GBP", at: day(2))
        ledger.pay("q", "c", "5.00", "GBP", at: day(3))
        ledger.pay("r", "c", "3.00", "GBP", at: day(4))
        ledger.advance(to: day(18))
        #expect(ledger.lots("b") == [200, 100, 60])
        ledger.withdraw("w", "b", "2.50", at: day(19))
        #expect(ledger.lots("b") == [50, 60])
        // Of 2.00 and 0.50, the last 0.30 goes back.
        #expect(ledger.decide("w", "reduce", to: "2.20", at: day(20)) == .accepted)
        #expect(ledger.lots("b") == [80, 60])
        #expect(ledger.decide("w", "reduce", to: "2.20", at: day(20)) == .repeated)
        #expect(ledger.decide("w", "reduce", to: "2.20", at: day(21)) == refused("withdrawal.amount"))
        #expect(ledger.decide("w", "approve", at: day(21)) == .accepted)
        ledger.payout("w", "sent", at: day(22))
        #expect(ledger.payout("w", "settled", provider: "x", at: day(23)) == refused("payout.provider"))
        #expect(ledger.payout("w", "failed", at: day(23)) == .accepted)
        #expect(ledger.lots("b") == [200, 100, 60])
        #expect(ledger.payout("w", "settled", at: day(24)) == refused("withdrawal.state"))
        // An adjustment is a lot of its own, by its moment: before all, or after.
        ledger.adjust("k1", "b", "0.07", at: day(10))
        ledger.adjust("k2", "b", "0.05", at: day(25))
        #expect(ledger.lots("b") == [7, 200, 100, 60, 5])
        // A refund of the second payment takes from the front, not from its own lot.
        ledger.refund("x", of: "q", "5.00", "GBP", at: day(26))
        #expect(ledger.lots("b") == [107, 100, 60, 5])
        #expect(ledger.naive.invariants() == [])
    }

    @Test("Open withdrawals make room for a clawback, by policy", arguments: ["owe", "reduce", "cancel"])
    func room(rule: String) {
        let ledger = paid(.paying("\"onClawback\":\"\(rule)\""))
        ledger.withdraw("w1", "b", "8.00", at: day(17))
        ledger.withdraw("w2", "b", "7.00", at: day(17))
        // 5.00 is left. The refund of 55 % takes 11.00 back: 6.00 is missing, the latest withdrawal first.
        ledger.refund("r", of: "p", "55.00", "GBP", at: day(18))
        let left = ledger.naive.withdrawals("b").map { "\($0.state) \($0.amount)" }
        let balance = ledger.pounds("b")
        switch rule {
        case "owe":
            #expect(left == ["approved 800", "approved 700"])
            #expect(balance.receivable == 600 && balance.available == 0)
        case "reduce":
            #expect(left == ["approved 800", "approved 100"])
            #expect(balance.receivable == 0 && balance.available == 0)
        default:
            #expect(left == ["approved 800", "cancelled 0"])
            #expect(balance.receivable == 0 && balance.available == 100)
        }
        #expect(ledger.naive.invariants() == [])
    }

    @Test("Who may decide, and when")
    func decisions() {
        let ledger = paid(
            Ledger(
                """
                "withdrawal":{"approvalRequired":true,"approvalAbove":{"GBP":"1.00"},
                "secondApproverAbove":{"GBP":"5.00"},"minimum":{"GBP":"0.50"},"kycLevel":1,"expiryDays":5}
                """))
        #expect(ledger.withdraw("w", "b", "6.00", at: day(17)) == refused("withdrawal.kyc"))
        func kyc(_ key: String, _ decision: String, days: Int) {
            ledger.line(
                """
                "type":"kyc","key":"\(key)","userId":"b","level":1,"decision":"\(decision)",\
                "expiresInDays":\(days),"at":"\(day(17))"
                """)
        }
        kyc("k1", "submitted", days: 2)
        #expect(ledger.withdraw("w", "b", "6.00", at: day(17)) == refused("withdrawal.kyc"))
        kyc("k2", "approved", days: 2)
        #expect(ledger.withdraw("w", "b", "6.00", at: day(19)) == refused("withdrawal.kyc"))
        #expect(ledger.withdraw("v", "b", "0.49", at: day(18)) == refused("withdrawal.minimum"))
        #expect(ledger.withdraw("v", "b", "20.01", at: day(18)) == refused("withdrawal.funds"))
        #expect(ledger.withdraw("u", "b", "1.00", at: day(18)) == .accepted)
        #expect(ledger.naive.withdrawals("b").map(\.state) == ["approved"])
        #expect(ledger.withdraw("w", "b", "6.00", at: day(18)) == .accepted)
        #expect(ledger.withdraw("w", "b", "6", at: day(18)) == .repeated)
        #expect(ledger.decide("w", "approve", by: "b", at: day(19)) == refused("withdrawal.reviewer"))
        #expect(ledger.decide("w", "approve", by: nil, at: day(19)) == refused("actor.required"))
        #expect(ledger.decide("w", "approve", by: "x", at: day(19)) == .accepted)
        #expect(ledger.decide("w", "approve", by: "x", at: day(19)) == .repeated)
        #expect(ledger.decide("w", "approve", by: "x", at: day(20)) == refused("withdrawal.reviewer"))
        #expect(ledger.payout("w", "sent", at: day(20)) == refused("withdrawal.state"))
        #expect(ledger.decide("w", "approve", by: "y", at: day(20)) == .accepted)
        #expect(ledger.payout("w", "sent", at: day(23)) == refused("withdrawal.expired"))
        #expect(ledger.decide("none", "cancel", at: day(19)) == refused("withdrawal.unknown"))
        #expect(ledger.decide("u", "cancel", by: "b", at: day(19)) == .accepted)
        #expect(ledger.decide("u", "reject", at: day(19)) == refused("withdrawal.state"))
        // 14.00 beside the 6.00, which come back on the 23rd.
        #expect(ledger.pounds("b").available == 1_400)
        ledger.advance(to: day(23))
        #expect(ledger.pounds("b").available == 2_000)
        #expect(ledger.naive.withdrawals("b").map(\.state) == ["cancelled", "expired"])
        #expect(ledger.naive.kycLevel("b", at: nanoseconds(18)) == 0)
    }

    @Test("Sixteen unsent ones at once, whatever their assets")
    func limit() {
        let ledger = paid(.paying())
        for number in 1...16 { #expect(ledger.withdraw("w\(number)", "b", "1.00", at: day(17)) == .accepted) }
        #expect(ledger.withdraw("w17", "b", "1.00", at: day(18)) == refused("limit.reached"))
        ledger.payout("w1", "sent", at: day(18))
        #expect(ledger.withdraw("w17", "b", "1.00", at: day(18)) == .accepted)
    }

    @Test("A payout that overtakes its withdrawal waits, step by step")
    func parked() {
        let ledger = paid(.paying())
        #expect(ledger.payout("w", "settled", at: day(18)) == .parked)
        #expect(ledger.payout("w", "sent", at: day(18)) == .parked)
        #expect(ledger.payout("w", "returned", at: day(19)) == .parked)
        #expect(ledger.naive.parkedFacts.map(\.kind) == ["payout", "payout", "payout"])
        #expect(ledger.withdraw("w", "b", "4.00", at: day(17)) == .accepted)
        #expect(ledger.naive.withdrawals("b").map(\.state) == ["returned"])
        #expect(ledger.naive.parkedFacts.isEmpty)
        #expect(ledger.pounds("b").available == 2_000)
        #expect(ledger.payout("w", "sent", at: day(18)) == .repeated)
        #expect(ledger.payout("w", "sent", at: day(19)) == refused("payout.conflict"))
    }

    @Test("Adjustments, write-offs, opening balances, cash, conversion of assets")
    func desk() {
        let ledger = Ledger("\"adjustment\":{\"secondApproverAbove\":{\"GBP\":\"5.00\"}}").chain()
        #expect(ledger.adjust("k", "b", "5.01", at: day(2)) == refused("adjust.approvers"))
        #expect(
            ledger.adjust("k", "b", "5.00", approvers: "[\"b\"]", at: day(2)) == refused("adjust.approvers"))
        #expect(ledger.adjust("k", "b", "5.00", at: day(2)) == .accepted)
        #expect(ledger.adjust("k", "b", "5", at: day(2)) == .repeated)
        #expect(ledger.adjust("k", "b", "4.00", at: day(2)) == refused("key.conflict"))
        #expect(ledger.adjust("k2", "b", "-8.00", approvers: "[\"x\",\"y\"]", at: day(3)) == .accepted)
        #expect(ledger.pounds("b") == NaiveBalance(receivable: 300))
        func writeOff(_ amount: String) -> Outcome {
            ledger.line(
                """
                "type":"writeOff","key":"o\(amount)","userId":"b","amount":"\(amount)","currency":"GBP",\
                "reason":"r","approvers":["x"],"at":"\(day(4))"
                """)
        }
        #expect(writeOff("3.01") == refused("writeOff.debt"))
        #expect(writeOff("1.00") == .accepted)
        ledger.say(
            "openingBalance",
            ["key": "ob", "userId": "b", "amount": "10.00", "currency": "GBP", "at": day(5)])
        // 2.00 of 10.00 repays.
        #expect(ledger.pounds("b") == NaiveBalance(available: 800))
        func rate(_ key: String, _ rate: String, at: String) -> Outcome {
            ledger.say(
                "fxRate",
                ["key": key, "base": "GBP", "quote": "JPY", "rate": rate, "source": "ecb", "at": at])
        }
        func convert(_ key: String, _ amount: String, at: String) -> Outcome {
            ledger.say(
                "fxConvert",
                ["key": key, "userId": "b", "amount": amount, "currency": "GBP", "to": "JPY", "at": at])
        }
        #expect(rate("f1", "190.5", at: day(5)) == .accepted)
        #expect(rate("f2", "200", at: day(9)) == .accepted)
        #expect(rate("f3", "0", at: day(9)) == refused("fx.rate"))
        #expect(convert("c1", "1.00", at: day(4)) == refused("fx.no_rate"))
        // 3.01 × 190.5 = 573.405; 0.01 × 190.5 = 1.905.
        #expect(convert("c2", "3.01", at: day(8)) == .accepted)
        #expect(ledger.balance("b", "JPY").available == 573)
        #expect(convert("c3", "0.01", at: day(9)) == .accepted)
        #expect(ledger.balance("b", "JPY").available == 575)
        #expect(convert("c4", "9.99", at: day(9)) == refused("withdrawal.funds"))
        #expect(ledger.trial()["fx"] == -302 && ledger.trial("JPY")["fx"] == 575)
        #expect(
            ledger.say("fund", ["key": "c", "amount": "7.00", "currency": "GBP", "at": day(9)]) == .accepted)
        #expect(
            ledger.say("remitTax", ["key": "t", "amount": "0.01", "currency": "GBP", "at": day(9)])
                == refused("tax.balance"))
        #expect(
            ledger.say("fund", ["key": "u", "amount": "7", "currency": "PREMIUM_DAY", "at": day(9)])
                == refused("asset.not_money"))
        // Expense 5.00 − 8.00, lost 1.00, opened 10.00, converted 3.02, and what is left.
        #expect(
            ledger.trial() == [
                "rewardExpense": -300, "loss": 100, "opening": 1_000, "available": -498, "fx": -302,
                "cash": 700, "funding": -700,
            ])
    }
}
