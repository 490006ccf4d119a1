import NaiveModel
import Testing

@Suite("Leaderboards, time and amounts as text")
struct BoardTests {
    private let january = NaivePeriod.month(start: nanoseconds(1))
    private let firstWeek = NaivePeriod.week(start: nanoseconds(1))

    @Test("Rank 1, 1, 3; then who was there earlier; nobody at zero")
    func ties() {
        let ledger = Ledger()
        for id in ["a", "b", "c", "d"] { ledger.signup(id) }
        for (index, referrer) in ["a", "b", "b", "c", "a"].enumerated() {
            ledger.signup("r\(index)", by: referrer)
        }
        #expect(
            ledger.naive.leaderboard(.referrals) == [
                NaiveRank(rank: 1, user: "b", score: 2), NaiveRank(rank: 1, user: "a", score: 2),
                NaiveRank(rank: 3, user: "c", score: 1),
            ])
    }

    @Test("A fact counts in its own week and month")
    func periods() {
        #expect(NaiveLedger.week(of: nanoseconds(7)) == firstWeek)
        #expect(NaiveLedger.week(of: nanoseconds(8)) == .week(start: nanoseconds(8)))
        #expect(NaiveLedger.month(of: nanoseconds(32) - 1) == january)
        #expect(NaiveLedger.month(of: nanoseconds(32)) == .month(start: nanoseconds(32)))
        // The first week of 1970 began on Monday, 29 December 1969.
        #expect(NaiveLedger.week(of: -1) == .week(start: -3 * 86_400_000_000_000))
        #expect(NaiveLedger.month(of: -1) == .month(start: -31 * 86_400_000_000_000))
    }

    @Test("A reversal goes back in the period of its payment while that is open")
    func reversals() {
        let ledger = Ledger().chain()
        ledger.pay("p", "c", "10.00", at: day(2))
        ledger.refund("r1", of: "p", "1.00", at: day(20))
        let earnings = NaiveMetric.earnings("USD")
        #expect(ledger.naive.leaderboard(earnings, firstWeek).map(\.score) == [180, 90])
        // The week ends on the 8th and closes a day later.
        ledger.advance(to: "2024-01-08T23:59:59.999999999Z")
        #expect(!ledger.naive.isClosed(firstWeek))
        ledger.advance(to: day(9))
        #expect(ledger.naive.isClosed(firstWeek) && !ledger.naive.isClosed(january))
        ledger.refund("r2", of: "p", "9.00", at: day(21))
        #expect(ledger.naive.leaderboard(earnings, firstWeek).map(\.score) == [180, 90])
        #expect(ledger.naive.leaderboard(earnings, january).isEmpty)
        #expect(ledger.naive.leaderboard(earnings).isEmpty)
        #expect(ledger.naive.leaderboard(.conversions, firstWeek).map(\.user) == ["b"])
        #expect(ledger.naive.leaderboard(.conversions, january).isEmpty)
    }

    @Test("A reverted conversion goes back in the week in which it was one")
    func revertedConversion() {
        let ledger = Ledger().chain()
        ledger.pay("p", "c", "1.00", at: day(8))
        let secondWeek = NaivePeriod.week(start: nanoseconds(8))
        #expect(ledger.naive.leaderboard(.conversions, secondWeek).map(\.user) == ["b"])
        #expect(ledger.naive.leaderboard(.conversions, firstWeek).isEmpty)
        ledger.refund("r", of: "p", "1.00", at: day(16))
        #expect(ledger.naive.leaderboard(.conversions, secondWeek).isEmpty)
        #expect(ledger.naive.leaderboard(.referrals, firstWeek).map(\.user) == ["a", "b"])
    }

    @Test("A fact for a closed period counts for all time only")
    func late() {
        let ledger = Ledger()
        ledger.signup("a")
        ledger.advance(to: day(33))
        ledger.signup("b", by: "a", at: day(30))
        #expect(ledger.naive.leaderboard(.referrals, january).isEmpty)
        #expect(ledger.naive.leaderboard(.referrals).map(\.score) == [1])
    }

    @Test(
        "Moments",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59.999999999z", -1),
            ("2024-02-29t00:00:00.5+05:30", 1_709_145_000_500_000_000),
            ("2262-04-11T23:47:16.854775807Z", Int64.max), ("1677-09-21T00:12:43.145224192Z", Int64.min),
        ])
    func moments(text: String, expected: Int64) {
        let ledger = Ledger()
        #expect(ledger.advance(to: text) == .accepted || expected == .min)
        #expect(ledger.naive.businessClock == (expected == .min ? nil : expected))
    }

    @Test(
        "Moments that are none",
        arguments: [
            "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:00:60Z",
            "2024-01-01T00:00:00", "2024-01-01 00:00:00Z", "2024-01-01T00:00:00.Z",
            "2024-01-01T00:00:00.1234567891Z", "2024-01-01T00:00:00+24:00", "2024-1-01T00:00:00Z", "",
        ])
    func badMoments(text: String) {
        #expect(Ledger().advance(to: text) == refused("time.text"))
    }

    @Test("Moments out of range")
    func farMoments() {
        #expect(Ledger().advance(to: "2262-04-11T23:47:16.854775808Z") == refused("time.range"))
        #expect(Ledger().signup("a", at: "1677-09-21T00:12:43.145224191Z") == refused("time.range"))
    }

    @Test(
        "Amounts",
        arguments: [
            ("5", 100), ("5.5", 110), ("0.50", 10), ("100000000000000.00", 2_000_000_000_000_000),
        ])
    func amounts(text: String, fifth: Int64) {
        let ledger = Ledger().chain()
        #expect(ledger.pay("p", "c", text) == .accepted)
        #expect(ledger.balance("b").pending == fifth)
    }

    @Test(
        "Amounts that are none",
        arguments: [
            ("", "text"), ("-", "text"), (".5", "text"), ("5.", "text"), ("+5", "text"), ("05", "text"),
            ("00", "text"), ("1e3", "text"), ("1.2.3", "text"), ("1,00", "text"), (" 1", "text"),
            ("1.000", "digits"), ("92233720368547758.08", "range"), ("-0.01", "negative"),
        ])
    func badAmounts(text: String, reason: String) {
        #expect(Ledger().chain().pay("p", "c", text) == refused("amount.\(reason)"))
    }
}
