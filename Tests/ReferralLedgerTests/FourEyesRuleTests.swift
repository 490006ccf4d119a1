import LedgerDomain
import ReferralLedger
import Testing

/// Who may approve, and what nobody may send: persons by all their ids, and users who are blocked.
@Suite struct FourEyesRuleTests {
    /// `old` was merged into `new`; `x` and `y` are others, `y2` was merged into `y`.
    private func merged(_ change: (inout Policy) -> Void = { _ in }) throws -> Bench {
        let bench = try Bench(policy: WithdrawalRuleTests.charged(change))
        try bench.run(["old", "new", "x", "y", "y2"].map { Say.signup($0) })
        try bench.run([
            Say.merge("old", into: "new", key: "m-1"), Say.merge("y2", into: "y", key: "m-2"),
            Say.opening("new", 500_00, key: "o-1"),
        ])
        return bench
    }

    private static let pairs = [
        (["new"], true), (["old"], true), (["x", "old"], true), (["y", "y2"], true), (["y2", "y"], true),
        (["y"], false), (["x", "y2"], false), (["root", "boss"], false),
    ]

    @Test(arguments: pairs)
    func adjustments(approvers: [String], refused: Bool) throws {
        let bench = try merged()
        try bench.run([Say.adjust("x", -5_00, key: "a-0")])
        for user in ["new", "old"] {
            let said = try bench.refusal(Say.adjust(user, 1_00, key: "a-\(user)", by: approvers))
            #expect(said == (refused ? "adjust.approvers approvers" : nil))
        }
        try bench.run([Say.adjust("new", -600_00, key: "debt", by: ["root"])])
        let said = try bench.refusal(Say.writeOff("old", 1_00, key: "w-1", by: approvers))
        #expect(said == (refused ? "adjust.approvers approvers" : nil))
        try bench.sound()
    }

    @Test(arguments: pairs)
    func mergesAndAttributions(approvers: [String], refused: Bool) throws {
        let bench = try merged()
        try bench.run([Say.signup("z"), Say.signup("third")])
        let moved = try bench.refusal(Say.correct("z", to: "old", key: "c-1", by: approvers))
        #expect(moved == (refused ? "adjust.approvers approvers" : nil))
        let joined = try bench.refusal(Say.merge("third", into: "new", key: "m-3", by: approvers))
        #expect(joined == (refused ? "adjust.approvers approvers" : nil))
        try bench.sound()
    }

    /// Two ids of one person are one reviewer; so are two of the user.
    @Test func withdrawals() throws {
        let bench = try merged()
        func by(_ id: String) -> Command.Actor { .init(role: .admin, id: id) }
        try bench.run([Say.withdraw("w", "new", 60_00)])
        for id in ["old", "new"] {
            #expect(
                try bench.refusal(Say.decide("w", .approve, by: by(id))) == "withdrawal.reviewer actor")
        }
        try bench.run([Say.decide("w", .approve, by: by("y"))])
        #expect(
            try bench.refusal(Say.decide("w", .approve, day(22), by: by("y2"))) == "withdrawal.reviewer actor"
        )
        try bench.run([Say.decide("w", .reduce, to: 55_00, by: by("x"))])
        #expect(
            try bench.refusal(Say.decide("w", .approve, day(22), by: by("y2"))) == "withdrawal.reviewer actor"
        )
        #expect(try bench.tell(Say.decide("w", .approve, by: by("x"))) == ["WithdrawalApproved"])
        try bench.sound()
    }

    // MARK: Two persons

    /// Neither a missing approval rule nor `approvalAbove` stands in for two persons.
    @Test(arguments: [false, true])
    func noRuleApprovesForTwo(byAmount: Bool) throws {
        let bench = try merged {
            $0.withdrawal.approvalRequired = byAmount
            $0.withdrawal.approvalAbove = .usd(byAmount ? 80_00 : 0)
        }
        #expect(
            try bench.tell(Say.withdraw("w", "new", 50_00)) == [
                "WithdrawalRequested available:new→reserved:new 5000", "WithdrawalApproved",
            ])
        #expect(
            try bench.tell(Say.withdraw("v", "new", 50_01)) == [
                "WithdrawalRequested available:new→reserved:new 5001"
            ])
        #expect(try bench.refusal(Say.payout("v", .sent)) == "withdrawal.state withdrawalId")
        try bench.run([Say.decide("v", .approve)])
        #expect(try bench.refusal(Say.payout("v", .sent)) == "withdrawal.state withdrawalId")
        try bench.run([Say.decide("v", .approve, by: Say.second), Say.payout("v", .sent)])
        try bench.sound()
    }

    // MARK: Blocked users

    private static let blocks = ["suspend", "review", "hold", "forfeit", "pay"]

    /// Nothing is sent, and nothing approved, of a user who is blocked since.
    @Test(arguments: blocks)
    func blockedAfterApproval(block: String) throws {
        let bench = try merged {
            $0.closure = block == "hold" ? .hold : block == "forfeit" ? .forfeit : .pay
        }
        try bench.run([
            Say.withdraw("w", "new", 20_00), Say.withdraw("v", "new", 20_00), Say.decide("w", .approve),
        ])
        let command =
            switch block {
            case "suspend": Say.suspend("old", key: "s-1", day(21))
            case "review": Say.flag("new", key: "f-1", day(21))
            default: Say.close("new", key: "c-1", day(21))
            }
        try bench.run([command])
        let (sent, approved) = (Say.payout("w", .sent), Say.decide("v", .approve))
        switch block {
        case "pay":
            #expect(try bench.ledger.submit(sent).name == "accepted")
            #expect(try bench.ledger.submit(approved).name == "accepted")
        case "forfeit":
            #expect(try bench.refusal(sent) == "withdrawal.state withdrawalId")
            #expect(try bench.refusal(approved) == "withdrawal.state withdrawalId")
        default:
            #expect(try bench.refusal(sent) == "user.blocked withdrawalId")
            #expect(try bench.refusal(approved) == "user.blocked withdrawalId")
            #expect(try bench.purse("new") == [0, 460_00, 0, 0])
        }
        switch block {
        case "suspend", "review":
            let over =
                block == "suspend"
                ? Say.reinstate("new", key: "r-1", day(22)) : Say.review("f1", confirm: false, day(22))
            try bench.run([over, sent, approved])
        case "hold": try bench.run([Say.decide("w", .reject), Say.decide("v", .cancel)])
        default: break
        }
        try bench.sound()
    }

    /// What was under way before goes on: the provider's word about it is a fact.
    @Test(arguments: [PayoutStatus.settled, .failed])
    func sentBefore(status: PayoutStatus) throws {
        let bench = try merged()
        try bench.run([
            Say.withdraw("w", "new", 20_00), Say.decide("w", .approve), Say.payout("w", .sent),
            Say.suspend("new", key: "s-1", day(22)), Say.payout("w", status, day(23)),
        ])
        try bench.sound()
    }

    // MARK: Repeats

    /// The same decision for another reason is another command; of an approval no reason is kept.
    @Test func reasonsOfDecisions() throws {
        let bench = try merged()
        try bench.run([
            Say.withdraw("w", "new", 20_00), Say.withdraw("v", "new", 20_00),
            Say.decide("w", .reduce, to: 15_00, reason: "too much"),
            Say.decide("w", .reduce, to: 10_00, reason: "still too much"),
            Say.decide("v", .approve, reason: "fine"),
        ])
        let again: [(Command, String)] = [
            (Say.decide("w", .reduce, to: 10_00, reason: "still too much"), "repeated"),
            (Say.decide("w", .reduce, to: 15_00, reason: "too much"), "repeated"),
            (Say.decide("w", .reduce, to: 10_00, reason: "because"), "withdrawal.conflict reason"),
            (Say.decide("w", .reduce, to: 10_00), "withdrawal.conflict reason"),
            (Say.decide("v", .approve, reason: "really"), "repeated"),
        ]
        for (command, expected) in again {
            let outcome = try bench.ledger.submit(command)
            let said = outcome.refusal.map { "\($0.code.rawValue) \($0.field ?? "-")" } ?? outcome.name
            #expect(said == expected, "\(command)")
        }
        try bench.sound()
    }
}
