import LedgerDomain
import Testing

@testable import ReferralLedger

/// A clock that stands closer to the last moment there is than any tolerance is long: nothing is ahead of it, and nothing overflows.
@Suite struct EndOfTimeTests {
    /// 2262-04-11T23:47:00Z, some seventeen seconds before it.
    private static let now = at("2262-04-11T23:47:00Z")

    private static let story = [
        Say.signup("anna", now), Say.signup("ben", now, by: "anna"), Say.pay("p", "ben", 10_00, now),
        Say.pay("q", "ben", 5_00, .max),
    ]

    private func bench() throws -> Bench {
        try Bench(options: testOptions { $0.clock = { Self.now.nanoseconds } })
    }

    @Test func oneByOne() throws {
        let bench = try bench()
        for command in Self.story { #expect(try bench.ledger.submit(command).name == "accepted") }
        #expect(try bench.money("anna") == [3_00, 0, 0, 3_00])
    }

    @Test func atomically() throws {
        let bench = try bench()
        #expect(try bench.ledger.submitAtomically(Self.story).isRecorded)
        #expect(try bench.money("anna") == [3_00, 0, 0, 3_00])
    }

    @Test func advance() throws {
        let bench = try bench()
        for command in Self.story { #expect(try bench.ledger.submit(command).name == "accepted") }
        #expect(try bench.ledger.submit(Command(.advance(Advance(to: .max)))).name == "accepted")
        bench.ledger.close()
        #expect(try Ledger.verify(at: bench.folder.path).isClean)
    }

    /// A re-decision's clock stands a day after the log's last record.
    @Test func reDecision() throws {
        let bench = try bench()
        for command in Self.story { #expect(try bench.ledger.submit(command).name == "accepted") }
        let report = try bench.ledger.reDecide(ReDecision(at: Self.now))
        #expect(report.differences.isEmpty && report.refused.isEmpty && report.isSameState)
    }
}
