import LedgerDomain
import Testing

@testable import ReferralLedger

/// The same grant or review in two ledgers that number them differently.
@Suite struct NumberedNamesTests {
    private static let people = 300

    /// Signups of a tree, each referee of "a"; with a rule more, every referral earns one grant more.
    private func bench(_ stages: [ReferralStage]) throws -> Bench {
        let rules = stages.map { stage in
            Policy.Rewards.Rule(stage: stage, side: .referee, asset: .premiumDay, amount: .fixed(1))
        }
        let bench = try Bench(policy: GrantRuleTests.granting(rules))
        try bench.run([Say.signup("a")] + (0..<Self.people).map { Say.signup("u\($0)", by: "a") })
        try bench.run((0..<Self.people).map { Say.pay("p\($0)", "u\($0)", 1_00) })
        return bench
    }

    /// Numbers that have shifted from the first one on: each is found, and each row is looked at twice at most.
    @Test func shiftedNumbersAreFoundInLinearSteps() throws {
        let (was, now) = (try bench([.completed]), try bench([.registered, .completed]))
        let names = NumberedNames(from: was.ledger.current, to: now.ledger.current)
        let n = Self.people
        for number in 1...n {
            // The signups' grants come first there.
            #expect(try names.reward("r\(number)") == "r\(n + number)")
        }
        let steps = names.steps
        #expect(steps <= 2 * (n + 2 * n), "\(steps) steps for \(n) names among \(n) and \(2 * n) rows")
        // Asked again nothing is looked at again.
        for number in (1...n).reversed() { #expect(try names.reward("r\(number)") == "r\(n + number)") }
        #expect(names.steps == steps)
        // The other way round half of them lead nowhere.
        let back = NumberedNames(from: now.ledger.current, to: was.ledger.current)
        for number in 1...(2 * n) {
            #expect(try back.reward("r\(number)") == (number <= n ? "r999999999" : "r\(number - n)"))
        }
        #expect(back.steps <= 2 * (n + 2 * n))
    }

    @Test func sameNumbersAreKeptAndWhatIsNoneStaysAsItIs() throws {
        let (was, now) = (try bench([.registered, .completed]), try bench([.registered, .completed]))
        let names = NumberedNames(from: was.ledger.current, to: now.ledger.current)
        for number in 1...(2 * Self.people) { #expect(try names.reward("r\(number)") == "r\(number)") }
        #expect(names.steps <= 4 * Self.people)
        for other in ["r0", "r601", "r-1", "x1", "r", "", "f1", "r1x", "f7"] {
            #expect(try names.reward(other) == other && names.review(other) == other)
        }
    }

    /// What comes into the target later is found, too, without looking at the rest again.
    @Test func aTargetThatGrows() throws {
        let was = try bench([.completed])
        let now = try Bench(
            policy: GrantRuleTests.granting([
                .init(stage: .registered, side: .referee, asset: .premiumDay, amount: .fixed(1)),
                .init(stage: .completed, side: .referee, asset: .premiumDay, amount: .fixed(1)),
            ]))
        let names = NumberedNames(from: was.ledger.current, to: now.ledger.current)
        try now.run([Say.signup("a")])
        for number in 0..<Self.people {
            try now.run([Say.signup("u\(number)", by: "a")])
            #expect(try names.reward("r\(number + 1)") == "r999999999")
            try now.run([Say.pay("p\(number)", "u\(number)", 1_00)])
            #expect(try names.reward("r\(number + 1)") == "r\(2 * (number + 1))")
        }
        #expect(names.steps <= 2 * 3 * Self.people)
    }

    /// Several of one name are told apart by their turn: none is found twice.
    @Test func reviewsOfOneUserAndMoment() throws {
        let (was, now) = (try Bench(), try Bench())
        let people = [Say.signup("a"), Say.signup("b")]
        try was.run(people + (0..<40).map { Say.flag($0 % 2 == 0 ? "a" : "b", key: "k\($0)", day(1)) })
        // There b's come first, and one of a's is missing.
        try now.run(
            people + (0..<20).map { Say.flag("b", key: "b\($0)", day(1)) }
                + (0..<19).map { Say.flag("a", key: "a\($0)", day(1)) })
        let names = NumberedNames(from: was.ledger.current, to: now.ledger.current)
        for number in 0..<40 {
            let turn = number / 2
            let found = try names.review("f\(number + 1)")
            if number % 2 == 1 {
                #expect(found == "f\(turn + 1)")
            } else {
                #expect(found == (turn < 19 ? "f\(20 + turn + 1)" : "f999999999"))
            }
        }
        #expect(names.steps <= 2 * (40 + 39))
    }
}
