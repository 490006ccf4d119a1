import NaiveModel
import Testing

@Suite("Signups, codes, stages")
struct ReferralTests {
    @Test("A signup with a referrer")
    func signup() {
        let ledger = Ledger().chain()
        #expect(ledger.naive.parent("c") == "b")
        #expect(ledger.naive.ancestors("c") == ["b", "a"])
        #expect(ledger.naive.children("a") == ["b"])
        #expect(ledger.naive.stage("c") == .registered)
        #expect(ledger.naive.stage("a") == nil)
        #expect(ledger.naive.counts("a") == (1, 0))
        #expect(ledger.signup("c", by: "b") == .repeated)
        #expect(ledger.signup("c", by: "a") == refused("signup.conflict"))
    }

    @Test("A referrer that cannot be: the signup stands, and says why")
    func rejections() {
        let ledger = Ledger()
        ledger.signup("a")
        ledger.issue("OLD", to: "a", key: "k", days: 1, at: day(1))
        #expect(ledger.signup("u1", by: "nobody") == .accepted)
        #expect(ledger.signup("u2", by: "u2") == .accepted)
        #expect(ledger.signup("u3", code: "NEVER") == .accepted)
        #expect(ledger.signup("u4", code: "OLD", at: day(2)) == .accepted)
        #expect(ledger.signup("u5", code: "OLD", at: "2024-01-01T23:59:59.999999999Z") == .accepted)
        let reasons = ["u1", "u2", "u3", "u4", "u5"].map { ledger.naive.rejection($0) }
        #expect(reasons == ["unknownReferrer", "selfReferral", "unknownCode", "expiredCode", nil])
        #expect(ledger.naive.parent("u5") == "a")
        #expect(ledger.naive.counts("a") == (1, 0))
    }

    @Test("A shared signal is a self-referral, a shared e-mail is not by default")
    func sharedSignals() {
        let ledger = Ledger()
        func join(_ id: String, _ rest: String) {
            let line = "{\"type\":\"signup\",\"userId\":\"\(id)\",\"at\":\"\(day(1))\",\(rest)}"
            #expect(ledger.naive.submit(line: line) == .accepted)
        }
        join("a", "\"email\":\"m\",\"signals\":{\"ip\":\"1\",\"device\":\"2\"}")
        join("b", "\"referrerId\":\"a\",\"signals\":{\"ip\":\"1\",\"device\":\"9\"}")
        join("c", "\"referrerId\":\"a\",\"signals\":{\"ip\":\"2\",\"device\":\"1\"}")
        join("d", "\"referrerId\":\"a\",\"email\":\"m\"")
        #expect(ledger.naive.rejection("b") == "selfReferral")
        #expect(ledger.naive.children("a") == ["c", "d"])
    }

    @Test("Ids are compared byte for byte")
    func exactIDs() {
        let ledger = Ledger()
        #expect(ledger.signup("caf\u{E9}") == .accepted)
        #expect(ledger.signup("cafe\u{301}") == .accepted)
        #expect(ledger.signup("Caf\u{E9}") == .accepted)
        #expect(ledger.naive.userIDs.count == 3)
        #expect(ledger.signup("") == refused("id.invalid"))
        #expect(ledger.signup("a\u{7F}") == refused("id.invalid"))
        #expect(ledger.signup(String(repeating: "\u{E9}", count: 127)) == .accepted)
        #expect(ledger.signup(String(repeating: "\u{E9}", count: 128)) == refused("id.invalid"))
    }

    @Test("Codes that look alike are one code, for ever")
    func skeletons() {
        let ledger = Ledger()
        ledger.signup("a")
        ledger.signup("b")
        #expect(ledger.issue("Lo1I", to: "a", key: "k1", days: 1) == .accepted)
        #expect(ledger.issue("Lo1I", to: "a", key: "k1", days: 1) == .repeated)
        #expect(ledger.issue("Lo1I", to: "a", key: "k1", days: 2) == refused("key.conflict"))
        #expect(ledger.issue("1011", to: "b", key: "k2", at: day(9)) == refused("code.taken"))
        #expect(ledger.issue("OTHER", to: "a", key: "k3") == refused("code.one_active"))
        #expect(ledger.issue("OTHER", to: "a", key: "k3", at: day(2)) == .accepted)
        #expect(ledger.issue("X", to: "nobody", key: "k4") == refused("user.unknown"))
        #expect(ledger.issue("", to: "b", key: "k5") == refused("code.text"))
        #expect(
            ledger.say("issueCode", ["userId": "b", "at": day(1), "code": "Y"]) == refused("key.missing"))
        ledger.signup("c", code: "io0t", at: day(1))
        ledger.signup("d", code: "iOLl", at: day(1))
        #expect(ledger.naive.parent("c") == nil)
        #expect(ledger.naive.parent("d") == "a")
    }

    @Test("A code after signup")
    func applyCode() {
        let ledger = Ledger(NaiveLedger(applyWindowDays: 10))
        for id in ["a", "b", "c"] { ledger.signup(id) }
        ledger.issue("AAA", to: "a", key: "ka", days: 5)
        ledger.issue("CCC", to: "c", key: "kc")
        #expect(ledger.apply("AAA", to: "nobody") == refused("user.unknown"))
        #expect(ledger.apply("NEVER", to: "b") == refused("code.unknown"))
        #expect(ledger.apply("AAA", to: "b", at: day(6)) == refused("code.expired"))
        #expect(ledger.apply("AAA", to: "a") == refused("code.own"))
        #expect(ledger.apply("CCC", to: "b", at: "2024-01-11T00:00:00.1Z") == refused("attribution.too_late"))
        #expect(ledger.apply("aaa", to: "b", at: day(3)) == .accepted)
        #expect(ledger.apply("aaa", to: "b", at: day(3)) == .repeated)
        #expect(ledger.apply("CCC", to: "b", at: day(3)) == refused("attribution.conflict"))
        #expect(ledger.naive.stage("b") == .registered)
        // No back-pay: the edge counts from the third.
        ledger.pay("p", "b", "1.00", at: day(2))
        ledger.pay("q", "b", "1.00", at: day(3))
        #expect(ledger.balance("a").pending == 20)
        ledger.pay("r", "c", "0.00", at: day(2))
        #expect(ledger.apply("AAA", to: "c") == refused("attribution.too_late"))
        ledger.signup("e")
        #expect(ledger.apply("CCC", to: "e", at: day(11)) == .accepted)
        ledger.signup("d", by: "c")
        #expect(ledger.apply("AAA", to: "d") == refused("attribution.already"))
    }

    @Test("A code of someone below is a cycle")
    func cycle() {
        let ledger = Ledger().chain()
        ledger.issue("CCC", to: "c", key: "k")
        #expect(ledger.apply("CCC", to: "a") == refused("attribution.cycle"))
    }

    @Test("Steps go forward only")
    func steps() {
        let ledger = Ledger().chain()
        #expect(ledger.step("nobody", to: "active") == refused("user.unknown"))
        #expect(ledger.step("a", to: "active") == refused("referral.none"))
        #expect(ledger.step("c", to: "registered") == refused("referral.stage"))
        #expect(ledger.step("c", to: "qualified") == .accepted)
        #expect(ledger.step("c", to: "active") == .repeated)
        #expect(ledger.naive.stage("c") == .qualified)
        #expect(ledger.step("c", to: "completed") == .accepted)
        #expect(ledger.naive.counts("b") == (1, 1))
        #expect(ledger.convert("c") == refused("referral.already_converted"))
    }

    @Test("A zero payment makes active, a payment completes")
    func payments() {
        let ledger = Ledger().chain()
        ledger.pay("z", "c", "0.00")
        #expect(ledger.naive.stage("c") == .active)
        ledger.pay("p", "c", "0.01")
        #expect(ledger.naive.stage("c") == .completed)
        ledger.pay("y", "c", "0.00")
        #expect(ledger.naive.stage("c") == .completed)
        #expect(ledger.naive.counts("b") == (1, 1))
    }

    @Test("Convert, before and after the signup")
    func convert() {
        let ledger = Ledger()
        ledger.signup("a")
        #expect(ledger.convert("a") == refused("referral.none"))
        #expect(ledger.convert("b", at: day(2)) == .parked)
        #expect(ledger.convert("b", at: day(2)) == .repeated)
        #expect(ledger.convert("b", at: day(3)) == .parked)
        ledger.signup("b", by: "a")
        #expect(ledger.naive.stage("b") == .completed)
        #expect(ledger.naive.counts("a") == (1, 1))
        #expect(
            ledger.naive.parkedFacts == [NaiveParkedFact(kind: "convert", id: "b", waitingFor: "user:b")])
        #expect(ledger.convert("b", at: day(2)) == .repeated)
        #expect(ledger.convert("b", at: day(4)) == refused("referral.already_converted"))
    }

    @Test("The last qualifying payment refunded takes the conversion back; the next one converts again")
    func reverted() {
        let ledger = Ledger().chain()
        ledger.pay("p", "c", "1.00")
        ledger.pay("q", "c", "2.00")
        ledger.refund("r1", of: "p", "1.00")
        #expect(ledger.naive.stage("c") == .completed)
        ledger.refund("r2", of: "q", "1.99")
        #expect(ledger.naive.stage("c") == .completed)
        ledger.refund("r3", of: "q", "0.01")
        #expect(ledger.naive.stage("c") == .reverted)
        #expect(ledger.naive.counts("b") == (1, 0))
        #expect(ledger.step("c", to: "active") == .repeated)
        #expect(ledger.step("c", to: "qualified") == .accepted)
        ledger.pay("s", "c", "1.00")
        #expect(ledger.naive.stage("c") == .completed)
        #expect(ledger.naive.counts("b") == (1, 1))
    }

    @Test("A conversion that no payment made, no refund takes back")
    func manualConversionStays() {
        let ledger = Ledger().chain()
        ledger.convert("c")
        ledger.pay("p", "c", "1.00")
        ledger.refund("r", of: "p", "1.00")
        #expect(ledger.naive.stage("c") == .completed)
    }

    @Test("Expiry is judged by the fact's own date; advance records it")
    func expiry() {
        let ledger = Ledger(NaiveLedger(expiryDays: 10)).chain()
        ledger.signup("d", by: "a")
        ledger.pay("done", "b", "1.00", at: day(2))
        #expect(ledger.step("c", to: "active", at: day(11)) == refused("referral.expired"))
        ledger.pay("p", "c", "1.00", at: day(11))
        #expect(ledger.naive.stage("c") == .registered)
        #expect(ledger.balance("b").pending == 20)
        #expect(ledger.step("c", to: "active", at: "2024-01-10T23:59:59.999999999Z") == .accepted)
        ledger.advance(to: "2024-01-10T23:59:59.999999999Z")
        #expect(ledger.naive.stage("c") == .active)
        ledger.advance(to: day(11))
        #expect(ledger.naive.stage("c") == .expired && ledger.naive.stage("b") == .completed)
        #expect(ledger.convert("d", at: day(12)) == refused("referral.expired"))
        ledger.refund("r", of: "done", "1.00", at: day(12))
        ledger.advance(to: day(40))
        #expect(ledger.naive.stage("b") == .reverted)
    }

    @Test("Lines that no state makes right")
    func junk() {
        let ledger = Ledger()
        #expect(ledger.naive.submit(line: "{") == refused("line.undecodable"))
        #expect(ledger.naive.submit(line: "[]") == refused("line.undecodable"))
        #expect(ledger.say("nonsense", ["at": day(1)]) == refused("type.unknown"))
        #expect(ledger.say("signup", ["userId": "a"]) == refused("field.missing"))
        #expect(ledger.say("signup", ["userId": "a", "at": day(1), "zip": "1"]) == refused("field.unknown"))
        #expect(
            ledger.say("signup", ["userId": "a", "at": day(1), "referrerId": "b", "referralCode": "c"])
                == refused("signup.two_referrers"))
        #expect(ledger.naive.userIDs.isEmpty)
    }
}
