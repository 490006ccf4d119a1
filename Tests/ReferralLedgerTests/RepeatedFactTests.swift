import LedgerDomain
import Testing

@testable import LedgerState
@testable import ReferralLedger

/// What can be undone and said again is recorded of one entity so many times, and refused then: its records stand in one block
/// of an id table. (More than such a block holds ended the process, and each opening after it.)
@Suite struct RepeatedFactTests {
    private static let bound = LedgerBounds.repeatsOfAFact

    /// Says it and takes it back until it is refused: not before the bound, and then without a trace.
    private func repeated(
        _ bench: Bench, _ field: String, say: (Int) -> Command, undo: (Int) -> Command?,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let story = (0..<Self.bound).flatMap { [say($0), undo($0)].compactMap(\.self) }
        try bench.run(story, sourceLocation: sourceLocation)
        let before = try bench.ledger.current.digest().value
        let last = try bench.ledger.submit(say(Self.bound))
        #expect(last.refusal?.code == .limitReached, sourceLocation: sourceLocation)
        #expect(last.refusal?.field == field, sourceLocation: sourceLocation)
        #expect(try bench.ledger.current.digest().value == before, sourceLocation: sourceLocation)
        // The last one again is a repeat, as it always was.
        #expect(
            try bench.ledger.submit(say(Self.bound - 1)).name == "repeated", sourceLocation: sourceLocation)
        bench.ledger.close()
        #expect(try Ledger.verify(at: bench.folder.path).isClean, sourceLocation: sourceLocation)
    }

    @Test func suspensions() throws {
        let bench = try Bench()
        try bench.run([Say.signup("u"), Say.signup("v")])
        try repeated(bench, "userId") {
            Say.suspend("u", key: "s-\($0)")
        } undo: {
            Say.reinstate("u", key: "r-\($0)")
        }
    }

    @Test func checksOfIdentity() throws {
        let bench = try Bench()
        try bench.run([Say.signup("u")])
        try repeated(bench, "userId") {
            Say.kyc("u", 1, .approved, key: "k-\($0)")
        } undo: { _ in
            nil
        }
    }

    @Test func reactivations() throws {
        let bench = try Bench()
        try bench.run([
            Say.signup("u"), Say.issue("u", "CODE1", key: "c"), Say.disable("u", "CODE1", key: "d"),
        ])
        try repeated(bench, "code") {
            Say.reactivate("u", "CODE1", key: "a-\($0)")
        } undo: {
            Say.disable("u", "CODE1", key: "d-\($0)")
        }
    }

    // MARK: What is compared with all that was said before: told the state, not said a thousand times

    /// Says it once, tells the state that it was said there as often as it can be, but for once; says it twice more.
    private func marked(
        _ bench: Bench, _ kind: FactKind, _ field: String, say: (Int) -> Command, undo: (Int) -> Command?,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let base = try bench.ledger.submit(say(0)).receipt?.position
        try bench.run([undo(0)].compactMap(\.self), sourceLocation: sourceLocation)
        try bench.ledger.current.box.read { core in
            for _ in 2..<Self.bound { core.mark(kind, 0, at: try #require(base)) }
        }
        try bench.run([say(1), undo(1)].compactMap(\.self), sourceLocation: sourceLocation)
        let last = try bench.ledger.submit(say(2))
        #expect(last.refusal?.code == .limitReached, sourceLocation: sourceLocation)
        #expect(last.refusal?.field == field, sourceLocation: sourceLocation)
    }

    @Test func claims() throws {
        let days = [
            Policy.Rewards.Rule(stage: .completed, side: .referee, asset: .premiumDay, amount: .fixed(30))
        ]
        let bench = try Bench(policy: GrantRuleTests.granting(days))
        try bench.run([Say.signup("a"), Say.signup("b", by: "a"), Say.pay("p", "b", 10_00)])
        try marked(bench, .claimed, "rewardId") {
            Say.claim("r1", "b", day(2, hours: 2 * $0))
        } undo: {
            Say.fulfil("r1", false, day(2, hours: 2 * $0 + 1))
        }
    }

    @Test func quarantines() throws {
        let bench = try Bench()
        let fact = FactReference.payment(provider: "shop", paymentId: "p")
        try bench.run([Say.signup("a"), Say.signup("b", by: "a"), Say.pay("p", "b", 10_00)])
        try marked(bench, .quarantined, "fact") {
            Say.quarantine(fact, day(2, hours: 2 * $0))
        } undo: {
            Say.release(fact, day(2, hours: 2 * $0 + 1))
        }
    }

    @Test func reductions() throws {
        let bench = try Bench()
        try bench.run([Say.signup("a"), Say.signup("b", by: "a"), Say.pay("p", "b", 1_000_00)])
        try bench.ledger.submit(Say.advance(day(16)))
        try bench.run([Say.withdraw("w", "a", 100_00, day(17))])
        try marked(bench, .decided, "withdrawalId") {
            Say.decide("w", .reduce, day(18, hours: $0), to: 99_00 - Int64($0))
        } undo: { _ in
            nil
        }
        // It is not stuck.
        try bench.run([Say.decide("w", .approve, day(19))])
    }
}
