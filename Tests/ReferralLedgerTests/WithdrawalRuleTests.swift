import LedgerDomain
import ReferralLedger
import Testing

/// Withdrawals and payouts, from request to the bank and back.
@Suite struct WithdrawalRuleTests {
    /// 10 % tax, 1 % and 0.50 fee; two approve above 50.00; ten days to be sent.
    static func charged(_ change: (inout Policy) -> Void = { _ in }) -> Policy {
        twoLevel {
            $0.withdrawal.taxPpm = 100_000
            $0.withdrawal.feePpm = 10_000
            $0.withdrawal.fixedFee = .usd(50)
            $0.withdrawal.secondApproverAbove = .usd(50_00)
            $0.withdrawal.expiryDays = 10
            change(&$0)
        }
    }

    private func rich(_ change: (inout Policy) -> Void = { _ in }) throws -> Bench {
        let bench = try Bench(policy: Self.charged(change))
        try bench.run([Say.signup("a"), Say.opening("a", 100_00, key: "1")])
        return bench
    }

    /// 60.00: tax 6.00, fee 0.60 and 0.50, net 52.90.
    private func sent() throws -> Bench {
        let bench = try rich()
        try bench.run([
            Say.withdraw("w", "a", 60_00), Say.decide("w", .approve),
            Say.decide("w", .approve, by: Say.second), Say.payout("w", .sent),
        ])
        return bench
    }

    @Test func twoApproversTaxAndFee() throws {
        let bench = try rich()
        #expect(
            try bench.tell(Say.withdraw("w", "a", 60_00)) == [
                "WithdrawalRequested available:a→reserved:a 6000"
            ])
        #expect(try bench.tell(Say.decide("w", .approve)) == ["WithdrawalApproved"])
        #expect(try bench.refusal(Say.payout("w", .sent)) == "withdrawal.state withdrawalId")
        #expect(try bench.refusal(Say.decide("w", .approve, day(22))) == "withdrawal.reviewer actor")
        #expect(try bench.tell(Say.decide("w", .approve, by: Say.second)) == ["WithdrawalApproved"])
        #expect(
            try bench.tell(Say.payout("w", .sent)) == [
                "PayoutSent reserved:a→clearing 5290", "TaxWithheld reserved:a→tax 600",
                "FeeCharged reserved:a→fee 110",
            ])
        #expect(try bench.tell(Say.payout("w", .settled)) == ["PayoutSettled clearing→cash 5290"])
        #expect(try bench.purse("a") == [0, 40_00, 0, 0])
        #expect(try bench.tell(Say.remitTax(6_00, key: "1")) == ["TaxRemitted tax→cash 600"])
        #expect(try bench.refusal(Say.remitTax(1, key: "2")) == "tax.balance amount")
        #expect(try bench.tell(Say.fund(100_00, key: "1")) == ["CashFunded cash→funding 10000"])
        #expect(try bench.account("cash") == 58_90 - 100_00)
        #expect(try bench.tell(Say.cost("ads", 5_00, key: "1")) == ["CostRecorded"])
        try bench.sound()
    }

    /// Up to the limit nobody is asked.
    @Test func approvalAbove() throws {
        let bench = try rich { $0.withdrawal.approvalAbove = .usd(20_00) }
        #expect(
            try bench.tell(Say.withdraw("w", "a", 20_00)) == [
                "WithdrawalRequested available:a→reserved:a 2000", "WithdrawalApproved",
            ])
        #expect(
            try bench.tell(Say.withdraw("v", "a", 20_01)) == [
                "WithdrawalRequested available:a→reserved:a 2001"
            ])
        try bench.sound()
    }

    @Test func decisions() throws {
        let bench = try rich()
        try bench.run([Say.withdraw("w", "a", 60_00), Say.withdraw("v", "a", 20_00)])
        #expect(
            try bench.tell(Say.decide("w", .reduce, to: 45_00, reason: "limit")) == [
                "WithdrawalReduced reserved:a→available:a 1500"
            ])
        // 45.00 need one approval.
        try bench.run([Say.decide("w", .approve)])
        #expect(
            try bench.tell(Say.decide("w", .reject, day(22))) == [
                "WithdrawalRejected reserved:a→available:a 4500"
            ])
        #expect(
            try bench.tell(Say.decide("v", .cancel, by: .init(role: .user, id: "a"))) == [
                "WithdrawalCancelled reserved:a→available:a 2000"
            ])
        #expect(try bench.refusal(Say.decide("v", .approve)) == "withdrawal.state withdrawalId")
        #expect(try bench.purse("a") == [0, 100_00, 0, 0])
        // A reduced one is sent as it is: tax 1.50, fee 0.15 and 0.50.
        try bench.run([
            Say.withdraw("u", "a", 20_00), Say.decide("u", .approve),
            Say.decide("u", .reduce, to: 15_00),
        ])
        #expect(try bench.tell(Say.payout("u", .sent)).first == "PayoutSent reserved:a→clearing 1285")
        try bench.sound()
    }

    @Test func expiry() throws {
        let bench = try rich()
        try bench.run([Say.withdraw("w", "a", 20_00), Say.withdraw("v", "a", 30_00)])
        try bench.run([Say.decide("w", .approve), Say.decide("v", .approve), Say.payout("v", .sent)])
        let last = Timestamp(nanoseconds: day(30).nanoseconds - 1)
        #expect(try bench.refusal(Say.payout("w", .sent, day(30))) == "withdrawal.expired at")
        #expect(try bench.advance(last) == [])
        #expect(
            try bench.advance(day(30)) == ["WithdrawalExpired reserved:a→available:a 2000"])
        #expect(try bench.refusal(Say.payout("w", .sent, last)) == "withdrawal.state withdrawalId")
        try bench.sound()
    }

    @Test func sixteenAtOnce() throws {
        let bench = try rich()
        try bench.run((0..<16).map { Say.withdraw("w\($0)", "a", 2_00) })
        #expect(try bench.refusal(Say.withdraw("w16", "a", 2_00)) == "limit.reached userId")
        try bench.run([Say.decide("w3", .cancel), Say.withdraw("w16", "a", 2_00)])
        try bench.sound()
    }

    @Test func failed() throws {
        let bench = try sent()
        #expect(
            try bench.tell(Say.payout("w", .failed, day(23), kept: 2_00)) == [
                "PayoutFailed clearing→available:a 5290 tax→available:a 600 fee→available:a 110 "
                    + "loss→clearing 200 clearing→cash 200"
            ])
        // What it keeps is cash that is gone; nothing is under way with the bank.
        #expect(try bench.account("clearing") == 0 && bench.account("cash") == 2_00)
        // At once, and all of it.
        #expect(try bench.purse("a") == [0, 100_00, 0, 0])
        #expect(try bench.refusal(Say.payout("w", .settled)) == "withdrawal.state withdrawalId")
        try bench.sound()
    }

    @Test func returned() throws {
        let bench = try sent()
        try bench.run([Say.payout("w", .settled, day(23))])
        #expect(
            try bench.tell(Say.payout("w", .returned, day(24), kept: 52_90)) == [
                "PayoutReturned cash→available:a 5290 tax→available:a 600 fee→available:a 110 "
                    + "loss→cash 5290"
            ])
        #expect(try bench.account("clearing") == 0 && bench.account("tax") == 0)
        try bench.sound()
    }

    /// A debt is repaid from each source in turn.
    @Test(
        arguments: [
            (-100_00 as Int64, "clearing→receivable:a 5290 tax→receivable:a 600 fee→receivable:a 110"),
            (
                -95_00,
                "clearing→receivable:a 5290 tax→receivable:a 210 tax→available:a 390 fee→available:a 110"
            ),
        ])
    func failedWithADebt(taken: Int64, moves: String) throws {
        let bench = try sent()
        try bench.run([Say.adjust("a", taken, key: "2", day(22))])
        #expect(try bench.tell(Say.payout("w", .failed, day(23))) == ["PayoutFailed \(moves)"])
        #expect(try bench.purse("a") == [0, 100_00 + taken, 0, 0])
        try bench.sound()
    }

    /// Each keeps its place: what comes back is the reward's own money again.
    @Test func lotsGoBack() throws {
        let bench = try Bench(policy: paying())
        try bench.run(
            TakeBackTests.people + [Say.pay("p", "b", 10_00, day(1)), Say.pay("q", "b", 20_00, day(2))])
        try bench.advance(day(20))
        try bench.run([Say.withdraw("w", "a", 5_00), Say.decide("w", .cancel)])
        #expect(
            try bench.tell(Say.dispute("d", "p", .opened, 10_00, day(22))) == [
                "DisputeOpened", "RewardHeld available:a→held:a 200",
            ])
        try bench.run([Say.withdraw("v", "a", 4_00), Say.payout("v", .sent), Say.payout("v", .failed)])
        #expect(
            try bench.tell(Say.dispute("e", "q", .opened, 10_00, day(23))) == [
                "DisputeOpened", "RewardHeld available:a→held:a 200",
            ])
        try bench.sound()
    }

    // MARK: Parked payouts

    @Test func settledBeforeSent() throws {
        let bench = try rich()
        try bench.run([Say.withdraw("w", "a", 20_00), Say.decide("w", .approve)])
        #expect(try bench.tell(Say.payout("w", .settled, day(23))) == ["EventParked"])
        #expect(
            try bench.tell(Say.payout("w", .returned, day(24), provider: "other")) == ["EventParked"])
        #expect(
            try bench.refusal(Say.payout("w", .settled, day(23), provider: "other"))
                == "payout.conflict provider")
        #expect(
            try bench.tell(Say.payout("w", .sent)) == [
                "PayoutSent reserved:a→clearing 1730", "TaxWithheld reserved:a→tax 200",
                "FeeCharged reserved:a→fee 70", "EventUnparked", "PayoutSettled clearing→cash 1730",
            ])
        // Of another provider than the sending's: it stays where it is.
        #expect(try bench.ledger.current.parkedFacts().map(\.id) == ["w"])
        try bench.sound()
    }

    @Test func allBeforeTheRequest() throws {
        let bench = try rich { $0.withdrawal.approvalRequired = false }
        try bench.run([
            Say.payout("w", .returned, day(24), kept: 30), Say.payout("w", .settled, day(23)),
            Say.payout("w", .sent, day(22)),
        ])
        #expect(try bench.ledger.current.status().parked == 3)
        #expect(
            try bench.tell(Say.withdraw("w", "a", 20_00)) == [
                "WithdrawalRequested available:a→reserved:a 2000", "WithdrawalApproved", "EventUnparked",
                "PayoutSent reserved:a→clearing 1730", "TaxWithheld reserved:a→tax 200",
                "FeeCharged reserved:a→fee 70", "EventUnparked", "PayoutSettled clearing→cash 1730",
                "EventUnparked",
                "PayoutReturned cash→available:a 1730 tax→available:a 200 fee→available:a 70 loss→cash 30",
            ])
        #expect(try bench.ledger.current.status().parked == 0)
        try bench.sound()
    }

    // MARK: Identity

    @Test func identity() throws {
        let bench = try rich { $0.withdrawal.kycLevel = 2 }
        #expect(try bench.tell(Say.kyc("a", 2, .submitted, key: "1", day(9), hash: "h")) == ["KycSubmitted"])
        #expect(try bench.refusal(Say.withdraw("w", "a", 2_00, day(10))) == "withdrawal.kyc userId")
        #expect(
            try bench.tell(Say.kyc("a", 2, .approved, key: "2", day(10), days: 10)) == ["KycDecided"])
        try bench.run([Say.withdraw("w", "a", 2_00, day(19))])
        // The time counts, whether or not an advance has been there.
        #expect(try bench.refusal(Say.withdraw("v", "a", 2_00, day(20))) == "withdrawal.kyc userId")
        #expect(try bench.advance(day(19)) == [])
        #expect(try bench.advance(day(20)) == ["KycExpired"])
        try bench.run([Say.kyc("a", 3, .approved, key: "3", day(20)), Say.withdraw("v", "a", 2_00, day(20))])
        // A rejection takes nothing; a lower approval takes the place of the higher one.
        try bench.run([Say.kyc("a", 4, .rejected, key: "4", day(21)), Say.withdraw("u", "a", 2_00, day(21))])
        try bench.run([Say.kyc("a", 1, .approved, key: "5", day(22))])
        #expect(try bench.refusal(Say.withdraw("t", "a", 2_00, day(22))) == "withdrawal.kyc userId")
        #expect(try bench.advance(day(28)) == [])
        try bench.sound()
    }
}
