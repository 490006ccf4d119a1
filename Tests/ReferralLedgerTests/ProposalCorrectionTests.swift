import Foundation
import LedgerDomain
import LedgerExchange
import LedgerReplay
import NaiveModel
import ReferralLedger
import Testing

/// Tables: one case each, to the last minor unit.
@Suite struct ProposalCorrectionTests {
    /// 20 % and 10 %; c pays, b refers c, a refers b. What was meant: 20 % and 5 %.
    private func bench(_ policy: Policy = paying()) throws -> Bench {
        let bench = try Bench(policy: policy)
        try bench.run([
            Say.signup("a"), Say.signup("b", by: "a"), Say.signup("c", by: "b"), Say.pay("p", "c", 100_00),
        ])
        return bench
    }

    private static func meant(_ levels: [UInt32]) -> Policy {
        paying {
            $0.commission.levels = levels
            $0.commission.maxDepth = levels.count
        }
    }

    @Test("before maturity the pending commission becomes what it should have been")
    func pending() throws {
        let bench = try bench()
        let report = try bench.reDecide(Self.meant([200_000, 50_000]))
        #expect(report.differences.map(\.subject) == ["level 2 of payment shop/p"])
        #expect(report.differences.map(\.change) == [-5_00] && report.users == 1)
        #expect(report.sums.map(\.excess) == [5_00] && report.sums.map(\.net) == [-5_00])
        let before = bench.ledger.current.position
        #expect(try bench.correct(report.proposal) == ["accepted"])
        #expect(
            try bench.said(after: before) == [
                "CorrectionApplied", "CorrectionApplied pending:a→rewardExpense 500",
            ])
        #expect(try bench.purse("a") == [5_00, 0, 0, 0])
        #expect(
            try bench.advance(day(20)) == [
                "RewardMatured pending:b→available:b 2000", "RewardMatured pending:a→available:a 500",
            ])
    }

    @Test("after maturity what is missing is available, a debt repaid first")
    func missing() throws {
        let bench = try bench(Self.meant([200_000, 50_000]))
        try bench.advance(day(20))
        try bench.run([Say.adjust("a", -7_00, key: "debt")])
        #expect(try bench.purse("a") == [0, 0, 0, 2_00])
        let report = try bench.reDecide(paying())
        let before = bench.ledger.current.position
        try bench.correct(report.proposal)
        #expect(
            try bench.said(after: before) == [
                "CorrectionApplied",
                "CorrectionApplied rewardExpense→receivable:a 200 rewardExpense→available:a 300",
            ])
    }

    @Test("what was withdrawn already becomes a debt")
    func debt() throws {
        let bench = try bench()
        try bench.advance(day(20))
        try bench.run([Say.withdraw("w", "a", 8_00, day(21)), Say.payout("w", .sent, day(21))])
        let report = try bench.reDecide(Self.meant([200_000, 50_000]))
        // The withdrawal would have been refused; it happened, and stays.
        #expect(report.refused.map(\.type) == ["withdraw"])
        let before = bench.ledger.current.position
        try bench.correct(report.proposal)
        #expect(
            try bench.said(after: before) == [
                "CorrectionApplied",
                "CorrectionApplied available:a→rewardExpense 200 receivable:a→rewardExpense 300",
            ])
        #expect(try bench.reDecide(Self.meant([200_000, 50_000])).differences.isEmpty)
    }

    @Test("a level that was not paid is made, and matures at the next advance")
    func made() throws {
        let bench = try bench(Self.meant([200_000]))
        let report = try bench.reDecide(paying())
        #expect(report.differences.map(\.was) == [0] && report.differences.map(\.shouldBe) == [10_00])
        try bench.correct(report.proposal)
        #expect(try bench.purse("a") == [10_00, 0, 0, 0])
        #expect(try bench.advance(day(20)).last == "RewardMatured pending:a→available:a 1000")
        // A refund finds it as if it had been there.
        #expect(
            try bench.tell(Say.refund("r", "p", 50_00, day(21))) == [
                "RefundReceived", "CommissionReversed available:b→rewardExpense 1000",
                "CommissionReversed available:a→rewardExpense 500",
            ])
        #expect(try bench.reDecide(paying()).differences.isEmpty)
        try bench.sound()
    }

    @Test("however a corrected payment is refunded, what is left is what should be", arguments: [1, 2, 3])
    func refunds(pieces: Int) throws {
        let bench = try bench()
        try bench.run([Say.refund("r0", "p", 33_33, day(2))])
        let meant = Self.meant([123_457, 98_765])
        try bench.correct(try bench.reDecide(meant).proposal)
        for piece in 1...pieces {
            let part = piece == pieces ? 66_67 - Int64(pieces - 1) * 11_11 : 11_11
            try bench.run([Say.refund("r\(piece)", "p", part, day(2 + piece))])
            #expect(try bench.reDecide(meant).differences.isEmpty)
        }
        #expect(try bench.purse("a") == [0, 0, 0, 0])
        #expect(try bench.purse("b") == [0, 0, 0, 0])
        try bench.sound()
    }

    @Test("what a suspended user gets by a correction is held")
    func held() throws {
        let bench = try bench(Self.meant([200_000, 50_000]))
        try bench.run([Say.suspend("a", key: "s", day(2))])
        try bench.correct(try bench.reDecide(paying()).proposal)
        #expect(try bench.purse("a") == [5_00, 0, 5_00, 0])
        #expect(try bench.reDecide(paying()).differences.isEmpty)
        try bench.sound()
    }

    @Test("of what a disputed payment's commission becomes more, the dispute holds its share")
    func disputed() throws {
        let bench = try bench(Self.meant([200_000]))
        try bench.run([Say.dispute("d", "p", .opened, 60_00, day(2))])
        #expect(try bench.purse("b") == [8_00, 0, 12_00, 0])
        let due = Self.meant([300_000])
        try bench.correct(try bench.reDecide(due).proposal)
        #expect(try bench.purse("b") == [12_00, 0, 18_00, 0])
        #expect(try bench.reDecide(due).differences.isEmpty)
        try bench.run([Say.dispute("d", nil, .lost, nil, day(3))])
        #expect(try bench.purse("b") == [12_00, 0, 0, 0])
        try bench.sound()
    }

    @Test("stage rewards: what is missing is granted, what is too much taken back")
    func grants() throws {
        func rules(_ amount: Int64) -> Policy {
            paying {
                $0.rewards.rules = [
                    .init(stage: .completed, side: .referrer, asset: .usd, amount: .fixed(amount)),
                    .init(stage: .completed, side: .referee, asset: .premiumDay, amount: .fixed(amount)),
                ]
            }
        }
        let bench = try bench(rules(30))
        let more = try bench.reDecide(rules(45))
        #expect(more.differences.map(\.change) == [15, 15])
        try bench.correct(more.proposal)
        #expect(try bench.reDecide(rules(45)).differences.isEmpty)
        #expect(try bench.ledger.current.balance(of: "c", asset: .premiumDay)?.available == 45)
        let less = try bench.reDecide(rules(10))
        #expect(less.differences.map(\.change) == [-35, -35])
        try bench.correct(less.proposal)
        #expect(try bench.reDecide(rules(10)).differences.isEmpty)
        #expect(try bench.ledger.current.balance(of: "c", asset: .premiumDay)?.available == 10)
        try bench.sound()
    }

    @Test("what is in quarantine is told of, and corrected after its release")
    func quarantined() throws {
        let bench = try bench()
        let fact = FactReference.payment(provider: "shop", paymentId: "p")
        let meant = Self.meant([200_000, 50_000])
        let early = try #require(try bench.reDecide(meant).proposal)
        try bench.run([Say.quarantine(fact)])
        let report = try bench.reDecide(meant)
        #expect(report.differences.map(\.isQuarantined) == [true] && report.proposal == nil)
        // The proposal of before, whatever head it expects.
        let before = try bench.ledger.current.digest().value
        let command = early.corrections(approvedBy: "z", expectedHead: nil)[0]
        #expect(try bench.refusal(command) == "fact.quarantined entries")
        #expect(try bench.ledger.current.digest().value == before)
        try bench.run([Say.release(fact, day(3))])
        try bench.correct(try bench.reDecide(meant).proposal)
        #expect(try bench.purse("a") == [5_00, 0, 0, 0])
        #expect(try bench.reDecide(meant).differences.isEmpty)
        #expect(try bench.reDecide().isSameState)
        // And a corrected commission comes out of quarantine as what it was corrected to.
        try bench.run([Say.quarantine(fact, day(4), key: "again"), Say.release(fact, day(5), key: "again-2")])
        #expect(try bench.purse("a") == [5_00, 0, 0, 0])
        try bench.sound()
    }

    @Test("a grant in quarantine is not corrected")
    func quarantinedGrant() throws {
        func rules(_ amount: Int64) -> Policy {
            paying {
                $0.rewards.rules = [
                    .init(stage: .completed, side: .referrer, asset: .usd, amount: .fixed(amount))
                ]
            }
        }
        let bench = try bench(rules(30))
        let (more, less) = (rules(45), rules(10))
        var early: [CorrectionProposal] = []
        for due in [more, less] { early.append(try #require(try bench.reDecide(due).proposal)) }
        try bench.run([Say.quarantine(.reward("r1"))])
        for (due, proposal) in zip([more, less], early) {
            let report = try bench.reDecide(due)
            let grants = report.differences.filter { $0.subject.contains("completed of referral") }
            let waiting = grants.filter(\.isQuarantined).count
            #expect(waiting == 1, "\(grants)")
            let commands = proposal.corrections(approvedBy: "z", expectedHead: nil)
            #expect(try bench.refusal(commands[0]) == "fact.quarantined entries")
        }
        try bench.run([Say.release(.reward("r1"), day(3))])
        for due in [more, less] {
            try bench.correct(try bench.reDecide(due).proposal)
            #expect(try bench.reDecide(due).differences.isEmpty)
        }
        try bench.sound()
    }

    /// ann brings three, and claims the first two rewards of 30 days before the third comes.
    private func days() throws -> Bench {
        func rules(_ amount: Int64) -> Policy {
            paying {
                $0.rewards.rules = [
                    .init(stage: .registered, side: .referrer, asset: .premiumDay, amount: .fixed(amount))
                ]
            }
        }
        let bench = try Bench(policy: rules(30))
        try bench.run([Say.signup("ann"), Say.signup("b1", by: "ann"), Say.signup("b2", by: "ann")])
        try bench.run([Say.claim("r1", "ann", day(1)), Say.claim("r2", "ann", day(1))])
        try bench.run([Say.signup("b3", by: "ann")])
        return bench
    }

    @Test(
        "of used units a debt is made, to the last one, and other grants are taken for it",
        arguments: [(18, [0, 6]), (15, [0, 15]), (10, [0, 30]), (29, [27, 0]), (40, [60, 0])]
            as [(Int64, [Int64])])
    func usedUnits(amount: Int64, purse: [Int64]) throws {
        let bench = try days()
        #expect(try bench.ledger.current.balance(of: "ann", asset: .premiumDay)?.available == 30)
        let due = paying {
            $0.rewards.rules = [
                .init(stage: .registered, side: .referrer, asset: .premiumDay, amount: .fixed(amount))
            ]
        }
        let report = try bench.reDecide(due)
        #expect(report.sums.map(\.net) == [3 * (amount - 30)])
        #expect(try bench.correct(report.proposal) == ["accepted"])
        let balance = try #require(try bench.ledger.current.balance(of: "ann", asset: .premiumDay))
        #expect([balance.available, balance.receivable] == purse)
        #expect(balance.available - balance.receivable == 30 + 3 * (amount - 30))
        #expect(try bench.reDecide(due).differences.isEmpty)
        #expect(try bench.reDecide().isSameState)
        try bench.sound()
    }

    @Test("from a position on: approved corrections of what stands before it stay")
    func fromPosition() throws {
        let bench = try Bench(policy: Self.meant([200_000]))
        try bench.run([Say.signup("a"), Say.signup("b", by: "a"), Say.pay("p1", "b", 100_00)])
        let middle = LogPosition(bench.ledger.current.position.rawValue + 1)
        try bench.run([Say.pay("p2", "b", 100_00)])
        let due = Self.meant([300_000])
        try bench.correct(try bench.reDecide(due).proposal)
        #expect(try bench.purse("a") == [60_00, 0, 0, 0])
        let later = try bench.reDecide(due, from: middle)
        #expect(later.differences.isEmpty, "\(later.differences)")
        // What came later goes by the rules that are given, corrected or not.
        let back = try bench.reDecide(Self.meant([250_000]), from: middle)
        #expect(back.differences.map(\.change) == [-5_00])
        let end = bench.ledger.current.position
        #expect { try bench.reDecide(due, from: LogPosition(end.rawValue + 1)) } throws: {
            ($0 as? LedgerError)?.code == .beyondEnd
        }
    }

    @Test("a proposal is judged whole, and its legs are held against what its entries move")
    func wholeProposal() throws {
        let bench = try bench()
        for number in 0..<60 { try bench.run([Say.pay("q\(number)", "c", 10_00, day(1))]) }
        try bench.run([Say.signup("z", by: "c"), Say.pay("z1", "z", 10_00, day(1))])
        let proposal = try #require(try bench.reDecide(Self.meant([200_000, 50_000])).proposal)
        #expect(proposal.corrections(approvedBy: "y", expectedHead: nil).count == 2)
        func check(_ proposal: CorrectionProposal, _ approver: String = "y") throws -> ProposalCheck {
            let rehearsal = try bench.ledger.rehearsal()
            defer { rehearsal.close() }
            return try rehearsal.check(proposal, approvedBy: approver)
        }
        let fine = try check(proposal)
        #expect(!fine.isRefused && fine.problem == nil && fine.outcomes.count == 2)
        // Concerned in the last part only.
        #expect(try check(proposal, "b").isRefused)
        var greedy = proposal
        guard case .commission(var first) = greedy.entries[0] else { return }
        first.granted = 100_00
        greedy.entries[0] = .commission(first)
        #expect(try check(greedy).problem?.code == .legs)
        try bench.correct(proposal)
        let again = try check(proposal, "the-approver")
        #expect(!again.isRefused && again.problem == nil)
    }

    @Test("refused: another head, an edited or foreign proposal, an approver who gains, a bad form")
    func refusals() throws {
        let bench = try bench()
        let proposal = try #require(try bench.reDecide(Self.meant([200_000, 50_000])).proposal)
        let read = try CorrectionProposal(document: proposal.document())
        #expect(read == proposal && read.hash == proposal.hash)
        let text = String(decoding: proposal.document(), as: UTF8.self)
        for (old, new) in [("\"5.00\"", "\"4.00\""), ("two-level", "two-Level"), ("\"a\"", "\"b\"")] {
            let edited = text.replacingOccurrences(of: old, with: new)
            #expect(edited != text)
            #expect(throws: ProposalProblem.self) { try CorrectionProposal(document: Array(edited.utf8)) }
        }
        try bench.run([Say.signup("late")])
        #expect(try bench.correct(proposal).first?.hasPrefix("refused correction.head") == true)
        func refusal(_ change: (inout Correction) -> Void) throws -> String? {
            guard
                case .correct(var correction) = proposal.corrections(
                    approvedBy: "the-approver", expectedHead: nil)[0].action
            else { return nil }
            change(&correction)
            return try bench.refusal(Command(.correct(correction), key: "k"))
        }
        #expect(try refusal { $0.approvedBy = "a" } == "correction.approver approvedBy")
        try bench.run([Say.signup("alias"), Say.merge("alias", into: "a", key: "alias", day(30))])
        #expect(try refusal { $0.approvedBy = "alias" } == "correction.approver approvedBy")
        #expect(try refusal { $0.proposal = "no hash" } == "correction.invalid correction")
        #expect(try refusal { $0.part = 2 } == "correction.invalid correction")
        #expect(try refusal { $0.entries = [] } == "correction.invalid correction")
        #expect(try refusal { $0.approvedBy = "" } == "identifier.invalid approvedBy")
        func entry(_ change: @escaping (inout CorrectedCommission) -> Void) -> (inout Correction) -> Void {
            { correction in
                guard case .commission(var commission) = correction.entries[0] else { return }
                change(&commission)
                correction.entries = [.commission(commission)]
            }
        }
        #expect(try refusal(entry { $0.paymentId = "none" }) == "correction.subject entries")
        #expect(try refusal(entry { $0.userId = "none" }) == "correction.subject entries")
        #expect(try refusal(entry { $0.granted = 100_01 }) == "correction.amount entries")
        #expect(try refusal(entry { $0.reversed = 6_00 }) == "correction.amount correction")
        #expect(try refusal(entry { $0.granted = -1 }) == "correction.amount correction")
        #expect(try refusal(entry { $0.level = 9 }) == "number.out_of_range level")
        // As it was meant, wherever the log ends now.
        #expect(try bench.ledger.submit(proposal.corrections(approvedBy: "z", expectedHead: nil)).count == 1)
        #expect(try bench.purse("a") == [5_00, 0, 0, 0])
    }

    @Test("a long proposal goes in parts, and goes on where it was cut off")
    func parts() throws {
        let bench = try bench()
        for number in 0..<120 {
            try bench.run([Say.pay("q\(number)", "c", 10_00 + Int64(number), day(1))])
        }
        let proposal = try #require(try bench.reDecide(Self.meant([200_000, 50_000])).proposal)
        #expect(proposal.entries.count == 121)
        let commands = proposal.corrections(approvedBy: "z", expectedHead: proposal.position)
        #expect(commands.count == 3)
        #expect(try bench.ledger.submit(commands[0]).name == "accepted")
        // Cut off here, and sent again.
        #expect(
            try commands.map { try bench.ledger.submit($0).name } == ["repeated", "accepted", "accepted"])
        #expect(try bench.reDecide(Self.meant([200_000, 50_000])).differences.isEmpty)
        try bench.sound()
    }

    @Test("a correction shows in the statement, on the board of its payment's month, and in the books")
    func reading() throws {
        let bench = try bench()
        try bench.correct(try bench.reDecide(Self.meant([200_000, 50_000])).proposal)
        let line = try #require(try bench.ledger.current.statement(of: "a")?.last)
        #expect(line.text == "corrected to 5.00 USD: level 2 of payment p of c" && line.pending == -5_00)
        #expect(try bench.money("a")[3] == 5_00)
        #expect(try bench.account("rewardExpense") == -25_00)
    }

    /// Entries are absolute and held against what is now: the second of two would do it once more.
    @Test("two entries that change the same are refused, whole", arguments: 0..<5)
    func twice(kind: Int) throws {
        let bench = try bench()
        try bench.run([Say.signup("a2"), Say.merge("a2", into: "a", key: "m")])
        func leg(_ user: String, _ level: Int) -> CorrectionEntry {
            .commission(
                CorrectedCommission(
                    provider: "shop", paymentId: "p", level: level, userId: user, asset: .usd, granted: 7_00))
        }
        func grants(_ user: String) -> CorrectionEntry {
            .grants(
                CorrectedGrants(
                    refereeId: "c", userId: user, cause: .stage, isReferee: false, detail: 5, asset: .usd,
                    entitled: 3_00, earnedAt: day(1), maturesAt: day(9)))
        }
        let entries: [CorrectionEntry] =
            switch kind {
            case 0: [leg("b", 1), leg("b", 1)]
            case 1: [leg("b", 1), leg("a", 1)]
            case 2: [grants("a"), grants("a2")]
            case 3: [.tier(CorrectedTier(userId: "a", tier: 1)), .tier(CorrectedTier(userId: "a2", tier: 2))]
            default:
                [
                    .badge(CorrectedBadge(userId: "a", badge: "star", isHeld: true)),
                    .badge(CorrectedBadge(userId: "a2", badge: "star", isHeld: true)),
                ]
            }
        func command(_ entries: [CorrectionEntry]) -> Command {
            let hash = String(repeating: "ab", count: 32)
            return Command(
                .correct(Correction(proposal: hash, approvedBy: "boss", entries: entries, at: day(5))),
                key: hash + "#1")
        }
        let before = bench.ledger.current.position
        #expect(try bench.refusal(command(entries)) == "correction.invalid entries")
        #expect(bench.ledger.current.position == before)
        try bench.run([command([entries[0]])])
        try bench.sound()
    }
}
