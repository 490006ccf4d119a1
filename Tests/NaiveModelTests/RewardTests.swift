import NaiveModel
import Testing

@Suite("Stage rewards, tiers, badges, caps, units")
struct RewardTests {
    /// 50.00 a completed referral, 100.00 from two on; bonus 250.00 at two. No commissions to speak of.
    private func tiered(_ rest: String) -> Ledger {
        let json = """
            {"name":"t","commission":{"levels":[{"ratePpm":0}],"holdingDays":3},
            "workflow":{"expiryDays":null},
            "rewards":{"rules":[{"stage":"completed","side":"referrer","asset":"INR",
            "tierAmounts":["50.00","100.00"],"holdingDays":1}]},
            "tiers":{"levels":[{"name":"A","threshold":0,"bonuses":{}},
            {"name":"B","threshold":2,"bonuses":{"INR":"250.00"}}]\(rest)},
            "badges":[{"name":"one","threshold":1,"revocable":true}]}
            """
        let ledger = Ledger(NaiveLedger(policy: NaiveLedger.Policy(json: json, asset: "INR")))
        ledger.signup("a")
        for id in ["x", "y", "z"] { ledger.signup(id, by: "a") }
        return ledger
    }

    @Test("The referral that lifts the tier is paid at the old one")
    func upgrade() {
        let ledger = tiered("")
        ledger.pay("px", "x", "1.00", "INR", at: day(2))
        #expect(ledger.naive.badges("a") == ["one"])
        #expect(ledger.balance("a", "BADGE:one").claimable == 1)
        ledger.pay("py", "y", "1.00", "INR", at: day(2))
        #expect(ledger.naive.tier("a") == 1)
        ledger.pay("pz", "z", "1.00", "INR", at: day(3))
        #expect(ledger.naive.rewards("a").map(\.granted) == [5_000, 5_000, 25_000, 10_000])
        // The stage's rule holds for a day, the bonus as long as a commission.
        ledger.advance(to: day(3))
        #expect(
            ledger.balance("a", "INR")
                == NaiveBalance(pending: 35_000, available: 10_000, earned: 45_000))
        ledger.advance(to: day(5))
        #expect(ledger.balance("a", "INR") == NaiveBalance(available: 45_000, earned: 45_000))
        // A second payment of the same referee gives nothing.
        ledger.pay("px2", "x", "1.00", "INR", at: day(6))
        #expect(ledger.naive.rewards("a").count == 4)
    }

    @Test("Reverted referrals: the tier stays, or falls and takes its bonus; the bonus comes once")
    func downgrade() {
        let stays = tiered("")
        let falls = tiered(",\"downgrade\":\"below\",\"bonusClawback\":true")
        for ledger in [stays, falls] {
            ledger.pay("px", "x", "1.00", "INR", at: day(2))
            ledger.pay("py", "y", "1.00", "INR", at: day(2))
            ledger.refund("ry", of: "py", "1.00", "INR", at: day(3))
        }
        #expect(stays.naive.tier("a") == 1 && falls.naive.tier("a") == 0)
        // 50.00 of the first; and the bonus where the tier stays.
        #expect(stays.balance("a", "INR").pending == 30_000)
        #expect(falls.balance("a", "INR").pending == 5_000)
        #expect(falls.naive.rewards("a").map(\.state) == ["pending", "revoked", "revoked"])
        // Completed anew: paid at the tier of now, and no second bonus.
        for ledger in [stays, falls] { ledger.pay("py2", "y", "1.00", "INR", at: day(4)) }
        #expect(stays.balance("a", "INR").pending == 40_000)
        #expect(falls.balance("a", "INR").pending == 10_000 && falls.naive.tier("a") == 1)
        falls.refund("rx", of: "px", "1.00", "INR", at: day(5))
        falls.refund("ry2", of: "py2", "1.00", "INR", at: day(5))
        #expect(falls.naive.badges("a") == [] && falls.balance("a", "BADGE:one").claimable == 0)
        #expect(falls.trial("INR").isEmpty && falls.naive.invariants() == [])
    }

    private func capped(_ rest: String) -> Ledger {
        let ledger = Ledger(
            """
            "caps":{"limits":[{"scope":"user","asset":"GBP","amount":"15.00","period":"week"}],\(rest)}
            """)
        ledger.signup("b")
        ledger.signup("c", by: "b")
        return ledger
    }

    @Test("A cap in the middle of a grant cuts it, or refuses it whole")
    func caps() {
        let cuts = capped("\"excess\":\"clamp\"")
        let refuses = capped("\"excess\":\"refuse\"")
        for ledger in [cuts, refuses] {
            // 12.00, then 12.00 where 3.00 is left, then 2.00. Monday the eighth is another week.
            ledger.pay("p", "c", "60.00", "GBP", at: day(2))
            ledger.pay("q", "c", "60.00", "GBP", at: day(3))
            ledger.pay("r", "c", "10.00", "GBP", at: day(4))
            ledger.pay("s", "c", "60.00", "GBP", at: day(8))
        }
        #expect(cuts.naive.rewards("b").map(\.granted) == [1_200, 300, 1_200])
        #expect(refuses.naive.rewards("b").map(\.granted) == [1_200, 200, 1_200])
        // A cut leg is reversed by its own amount: a third of 3.00.
        cuts.refund("rq", of: "q", "20.00", "GBP", at: day(9))
        #expect(cuts.naive.reward("shop/q/1")?.reversed == 100)
    }

    @Test("Reversals give room back only where the policy says so", arguments: [true, false])
    func freed(isFreed: Bool) {
        let ledger = capped("\"excess\":\"clamp\",\"reversalsFree\":\(isFreed)")
        ledger.pay("p", "c", "60.00", "GBP", at: day(2))
        ledger.refund("r", of: "p", "30.00", "GBP", at: day(3))
        // 6.00 of 12.00 went back: 9.00 is left, or 3.00.
        ledger.pay("q", "c", "60.00", "GBP", at: day(3))
        #expect(ledger.naive.reward("shop/q/1")?.granted == (isFreed ? 900 : 300))
    }

    @Test("A budget of the programme holds for all, level by level")
    func budget() {
        let ledger = Ledger("").chain()
        ledger.say(
            "setBudget", ["key": "k", "currency": "GBP", "amount": "2.50", "period": "day", "at": day(1)])
        // b has 2.00, for a 0.50 of 1.00 is left.
        ledger.pay("p", "c", "10.00", "GBP", at: day(2))
        #expect(ledger.pounds("b").pending == 200 && ledger.pounds("a").pending == 50)
        ledger.pay("q", "c", "10.00", "GBP", at: day(2))
        #expect(ledger.pounds("b").pending == 200)
        ledger.say(
            "setBudget", ["key": "l", "currency": "GBP", "amount": "2.60", "period": "day", "at": day(2)])
        ledger.pay("r", "c", "10.00", "GBP", at: day(2))
        #expect(ledger.pounds("b").pending == 210)
    }

    /// 30 days of premium to a referee, 10 to the referrer, for five days.
    private func units(_ rest: String) -> Ledger {
        let ledger = Ledger(
            """
            "rewards":{"rules":[
            {"stage":"registered","side":"referee","asset":"PREMIUM_DAY","amount":"30","expiryDays":5},
            {"stage":"completed","side":"referrer","asset":"PREMIUM_DAY","amount":"10"}]\(rest)}
            """)
        ledger.signup("a")
        ledger.signup("b", by: "a")
        return ledger
    }

    @Test("Claims, fulfilment, expiry")
    func claims() {
        let ledger = units("")
        #expect(ledger.claim("r1", "a", at: day(2)) == refused("reward.unknown"))
        #expect(ledger.claim("r2", "b", at: day(2)) == refused("reward.unknown"))
        #expect(ledger.claim("r1", "b", at: day(6)) == refused("reward.expired"))
        #expect(ledger.fulfil("r1", "fulfilled", at: day(2)) == refused("reward.not_claimed"))
        #expect(ledger.claim("r1", "b", at: day(2)) == .accepted)
        #expect(ledger.claim("r1", "b", at: day(2)) == .repeated)
        #expect(ledger.claim("r1", "b", at: day(7)) == refused("reward.claimed"))
        #expect(ledger.trial("PREMIUM_DAY") == ["issued": 30, "used": -30])
        #expect(ledger.fulfil("r1", "failed", at: day(3)) == .accepted)
        #expect(ledger.fulfil("r1", "failed", at: day(4)) == .repeated)
        #expect(ledger.trial("PREMIUM_DAY") == ["issued": 30, "claimable": -30])
        ledger.claim("r1", "b", at: day(4))
        #expect(ledger.fulfil("r1", "fulfilled", at: day(4)) == .accepted)
        #expect(ledger.fulfil("r1", "failed", at: day(5)) == refused("reward.fulfilled"))
        // What was claimed does not expire; what nobody claimed does.
        ledger.signup("c", by: "a", at: day(3))
        ledger.advance(to: day(20))
        #expect(ledger.naive.rewards("b").map(\.state) == ["fulfilled"])
        #expect(ledger.naive.rewards("c").map(\.state) == ["expired"])
        #expect(ledger.trial("PREMIUM_DAY") == ["issued": 30, "used": -30])
        #expect(ledger.claim("r2", "c", at: day(4)) == refused("reward.expired"))
    }

    @Test("Used units of a reverted referral are owed, or kept", arguments: [true, false])
    func used(isOwed: Bool) {
        let ledger = units(isOwed ? ",\"usedUnits\":\"owe\"" : ",\"usedUnits\":\"keep\"")
        ledger.pay("p", "b", "1.00", "GBP", at: day(2))
        ledger.claim("r2", "a", at: day(2))
        ledger.refund("r", of: "p", "1.00", "GBP", at: day(3))
        #expect(ledger.balance("a", "PREMIUM_DAY").receivable == (isOwed ? 10 : 0))
        // Completed again: the new ten repay the debt; or the old ten stand, and no new ones come.
        ledger.pay("q", "b", "1.00", "GBP", at: day(4))
        #expect(ledger.balance("a", "PREMIUM_DAY").receivable == 0)
        #expect(ledger.balance("a", "PREMIUM_DAY").claimable == 0)
        #expect(ledger.naive.rewards("a").filter { $0.asset == "PREMIUM_DAY" }.count == (isOwed ? 2 : 1))
        if isOwed { #expect(ledger.claim("r3", "a", at: day(5)) == refused("reward.not_claimable")) }
        #expect(ledger.naive.invariants() == [])
    }

    @Test("Money that expires: what is pending, or its own lot; what is held stays")
    func expiry() {
        let ledger = Ledger(
            """
            "rewards":{"rules":[{"stage":"registered","side":"referrer","asset":"GBP","amount":"3.00",
            "holdingDays":2,"expiryDays":6}]},"withdrawal":{"approvalRequired":false}
            """)
        ledger.signup("a")
        ledger.signup("b", by: "a")
        ledger.signup("c", by: "a", at: day(2))
        ledger.advance(to: day(4))
        #expect(ledger.lots("a") == [300, 300])
        // 2.00 of the first are in a withdrawal, 1.00 expires on the seventh, 3.00 on the eighth.
        ledger.withdraw("w", "a", "2.00", at: day(5))
        ledger.advance(to: day(7))
        #expect(ledger.lots("a") == [300])
        // What comes back of a reward that has expired is a fresh lot and stays.
        #expect(ledger.decide("w", "cancel", at: day(7)) == .accepted)
        #expect(ledger.lots("a") == [300, 200])
        ledger.advance(to: day(30))
        #expect(ledger.pounds("a") == NaiveBalance(available: 200, earned: 600))
        #expect(ledger.trial() == ["rewardExpense": 600, "available": -200, "breakage": -400])
    }

    @Test("Commissions end so many months after the payer's attribution")
    func months() {
        let json = """
            {"name":"t","commission":{"levels":[{"ratePpm":200000}],"holdingDays":1,"months":1}}
            """
        let ledger = Ledger(NaiveLedger(policy: NaiveLedger.Policy(json: json, asset: "GBP")))
        ledger.signup("a")
        ledger.signup("b", by: "a", at: day(31))
        // The month after 31 January ends on 29 February.
        ledger.pay("p", "b", "1.00", "GBP", at: "2024-02-28T23:59:59.999999999Z")
        ledger.pay("q", "b", "1.00", "GBP", at: day(60))
        #expect(ledger.naive.rewards("a").map(\.name) == ["shop/p/1"])
    }
}
