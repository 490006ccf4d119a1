import NaiveModel
import Testing

@Suite("Merging, suspension, closing, reviews")
struct UserTests {
    @discardableResult
    private func state(_ type: String, _ user: String, in ledger: Ledger, key: String, at: String) -> Outcome
    {
        ledger.say(type, ["key": key, "userId": user, "reason": "r", "at": at])
    }

    @Test("A merge moves money, debts, rewards, referees, codes and the edge")
    func merge() {
        let ledger = Ledger.paying()
        for id in ["top", "new"] { ledger.signup(id) }
        ledger.signup("old", by: "top")
        ledger.signup("x", by: "old")
        ledger.signup("y", by: "new")
        ledger.issue("OLD", to: "old", key: "c")
        // old: 2.00 available of x's payment; new: 0.50 owed; old also 1.00 pending.
        ledger.pay("p", "x", "10.00", "GBP", at: day(2))
        ledger.advance(to: day(16))
        ledger.pay("q", "x", "5.00", "GBP", at: day(16))
        ledger.adjust("k", "new", "-0.50", at: day(17))
        ledger.convert("old", at: day(17))
        #expect(ledger.merge("old", into: "old", at: day(18)) == refused("merge.same"))
        #expect(ledger.merge("old", into: "top", at: day(18)) == refused("merge.cycle"))
        #expect(ledger.merge("old", into: "new", at: day(18)) == .accepted)
        #expect(
            ledger.pounds("new") == NaiveBalance(pending: 100, available: 150, earned: 300))
        #expect(ledger.pounds("old") == ledger.pounds("new"))
        #expect(ledger.naive.mergedInto("old") == "new")
        #expect(ledger.naive.children("new") == ["y", "x"] && ledger.naive.parent("x") == "new")
        #expect(ledger.naive.counts("new") == (2, 1))
        #expect(ledger.naive.parent("new") == "top" && ledger.naive.stage("new") == .completed)
        #expect(ledger.naive.children("top") == ["new"] && ledger.naive.counts("top") == (1, 1))
        // Both names are one user from now on.
        ledger.signup("z", code: "OLD", at: day(19))
        #expect(ledger.naive.parent("z") == "new")
        ledger.pay("r", "x", "1.00", "GBP", at: day(19))
        #expect(ledger.naive.reward("shop/r/1")?.user == "new")
        ledger.refund("rp", of: "p", "10.00", "GBP", at: day(20))
        // 2.00 goes back, 1.50 is there.
        #expect(ledger.pounds("old").receivable == 50)
        #expect(ledger.withdraw("w", "old", "0.01", at: day(20)) == refused("withdrawal.debt"))
        #expect(ledger.naive.leaderboard(.conversions).map(\.user) == ["top", "new"])
        #expect(ledger.naive.invariants() == [])
    }

    @Test("With a referrer of its own the one that stays keeps it; blocked users do not merge")
    func mergeRefused() {
        let ledger = Ledger("").chain()
        ledger.signup("d", by: "a")
        state("suspend", "d", in: ledger, key: "s", at: day(2))
        #expect(ledger.merge("d", into: "b", key: "m1", at: day(3)) == refused("user.blocked"))
        state("reinstate", "d", in: ledger, key: "t", at: day(3))
        #expect(ledger.merge("d", into: "c", key: "m2", at: day(3)) == .accepted)
        #expect(ledger.naive.parent("c") == "b" && ledger.naive.counts("a") == (2, 0))
        #expect(ledger.merge("c", into: "a", key: "m3", at: day(4)) == refused("merge.cycle"))
    }

    @Test("What a suspended user earns is held, and released where it belongs by then")
    func suspended() {
        let ledger = Ledger.paying().chain()
        ledger.pay("p", "c", "10.00", "GBP", at: day(2))
        #expect(state("suspend", "b", in: ledger, key: "s", at: day(3)) == .accepted)
        #expect(state("suspend", "b", in: ledger, key: "s2", at: day(3)) == refused("user.state"))
        ledger.pay("q", "c", "5.00", "GBP", at: day(4))
        ledger.pay("r", "c", "3.00", "GBP", at: day(10))
        #expect(ledger.pounds("b") == NaiveBalance(pending: 200, held: 160, earned: 360))
        #expect(ledger.pounds("a").held == 0)
        ledger.advance(to: day(18))
        #expect(ledger.withdraw("w", "b", "1.00", at: day(18)) == refused("user.blocked"))
        // The second has matured meanwhile, the third has not.
        #expect(state("reinstate", "b", in: ledger, key: "u", at: day(19)) == .accepted)
        #expect(ledger.pounds("b") == NaiveBalance(pending: 60, available: 300, earned: 360))
        #expect(ledger.withdraw("w", "b", "1.00", at: day(19)) == .accepted)
        #expect(state("reinstate", "b", in: ledger, key: "v", at: day(19)) == refused("user.state"))
    }

    @Test("More than 512 holds: the rest by the next advance, whatever its moment")
    func manyHolds() {
        let ledger = Ledger("").chain()
        state("suspend", "b", in: ledger, key: "s", at: day(2))
        for number in 1...520 { ledger.pay("p\(number)", "c", "0.05", "GBP", at: day(3)) }
        #expect(ledger.pounds("b").held == 520)
        state("reinstate", "b", in: ledger, key: "t", at: day(4))
        #expect(ledger.pounds("b").held == 8 && ledger.pounds("b").pending == 512)
        #expect(ledger.advance(to: day(1)) == .accepted)
        #expect(ledger.pounds("b").pending == 520)
    }

    @Test("A closed user's money is paid, held or given up", arguments: ["pay", "hold", "forfeit"])
    func closed(rule: String) {
        let ledger = Ledger(
            "\"closure\":\"\(rule)\",\"withdrawal\":{\"approvalRequired\":false}")
        ledger.chain().pay("p", "c", "10.00", "GBP", at: day(2))
        ledger.advance(to: day(16))
        ledger.withdraw("w", "b", "0.50", at: day(17))
        #expect(state("closeUser", "b", in: ledger, key: "x", at: day(18)) == .accepted)
        #expect(state("closeUser", "b", in: ledger, key: "y", at: day(18)) == refused("user.state"))
        ledger.pay("q", "c", "5.00", "GBP", at: day(19))
        let isBlocked = rule != "pay"
        #expect(ledger.naive.isBlocked("b") == isBlocked)
        #expect(ledger.pounds("b").held == (isBlocked ? 100 : 0))
        #expect(ledger.pounds("b").available == (rule == "forfeit" ? 0 : 150))
        #expect(ledger.trial()["breakage"] == (rule == "forfeit" ? -200 : nil))
        let later = ledger.withdraw("v", "b", "1.00", at: day(19))
        #expect(later == (isBlocked ? refused("user.blocked") : .accepted))
        #expect(ledger.naive.invariants() == [])
    }

    private func flag(_ ledger: Ledger, _ user: String, key: String, payment: String? = nil, at: String)
        -> Outcome
    {
        let what = payment.map { ",\"provider\":\"shop\",\"paymentId\":\"\($0)\"" } ?? ""
        return ledger.line(
            """
            "type":"flag","key":"\(key)","userId":"\(user)","rule":"r","severity":"low","evidence":"e",\
            "at":"\(at)"\(what)
            """)
    }

    private func decide(_ ledger: Ledger, _ review: String, _ decision: String, by actor: String, at: String)
        -> Outcome
    {
        ledger.say(
            "review",
            ["reviewId": review, "decision": decision, "at": at, "actor": actor, "actorRole": "admin"])
    }

    @Test("A review holds what is named and what is earned; cleared it lets go, confirmed it takes")
    func reviews() {
        let ledger = Ledger.paying().chain()
        ledger.pay("p", "c", "10.00", "GBP", at: day(2))
        ledger.advance(to: day(16))
        ledger.withdraw("w", "b", "1.50", at: day(17))
        // 0.50 of 2.00 is still there.
        #expect(flag(ledger, "b", key: "k1", payment: "p", at: day(18)) == .accepted)
        #expect(ledger.pounds("b").held == 50 && ledger.pounds("b").available == 0)
        ledger.pay("q", "c", "5.00", "GBP", at: day(18))
        #expect(ledger.pounds("b").held == 150)
        #expect(flag(ledger, "b", key: "k2", at: day(18)) == .accepted)
        ledger.pay("r", "c", "1.00", "GBP", at: day(18))
        #expect(decide(ledger, "f2", "clear", by: "b", at: day(19)) == refused("review.reviewer"))
        #expect(decide(ledger, "f3", "clear", by: "x", at: day(19)) == refused("review.unknown"))
        #expect(decide(ledger, "f2", "clear", by: "x", at: day(19)) == .accepted)
        #expect(decide(ledger, "f2", "clear", by: "x", at: day(19)) == .repeated)
        #expect(decide(ledger, "f2", "confirm", by: "x", at: day(19)) == refused("review.decided"))
        // The oldest held all three. It takes its holds, and of p the 1.50 in the withdrawal as a debt.
        #expect(ledger.pounds("b").held == 170)
        #expect(decide(ledger, "f1", "confirm", by: "x", at: day(20)) == .accepted)
        #expect(
            ledger.pounds("b") == NaiveBalance(receivable: 150, reversed: 320, reserved: 150))
        #expect(ledger.naive.rewards("b").map(\.state) == ["revoked", "revoked", "revoked"])
        // A refund finds nothing left to take.
        ledger.refund("rp", of: "p", "10.00", "GBP", at: day(21))
        #expect(ledger.pounds("b").receivable == 150)
        #expect(ledger.naive.invariants() == [])
    }

    @Test("Too many attributions in a day open a review, once a day")
    func velocity() {
        let ledger = Ledger("\"fraud\":{\"attributionsPerDay\":2}")
        ledger.signup("a")
        for number in 1...2 { ledger.signup("u\(number)", by: "a", at: day(2)) }
        #expect(ledger.naive.allReviews.isEmpty)
        for number in 3...5 { ledger.signup("u\(number)", by: "a", at: "2024-01-02T23:59:59Z") }
        ledger.signup("u6", by: "a", at: day(3))
        #expect(ledger.naive.allReviews.map(\.name) == ["f1"])
        #expect(ledger.naive.isBlocked("a"))
    }

    @Test("A code that is disabled, and back")
    func codes() {
        let ledger = Ledger("")
        ledger.signup("a")
        ledger.issue("CODE", to: "a", key: "k", days: 5)
        func say(_ type: String, _ user: String, _ key: String, at: String) -> Outcome {
            ledger.say(type, ["key": key, "code": "c0de", "userId": user, "at": at])
        }
        #expect(say("reactivateCode", "a", "k1", at: day(2)) == refused("code.active"))
        ledger.signup("b")
        #expect(say("disableCode", "b", "k2", at: day(2)) == refused("code.unknown"))
        #expect(say("disableCode", "a", "k3", at: day(2)) == .accepted)
        ledger.signup("c", code: "CODE", at: day(2))
        #expect(ledger.naive.rejection("c") == "disabledCode")
        #expect(ledger.apply("CODE", to: "b", at: day(2)) == refused("code.disabled"))
        #expect(say("reactivateCode", "a", "k4", at: day(9)) == .accepted)
        #expect(ledger.apply("CODE", to: "b", at: day(9)) == .accepted)
    }
}
