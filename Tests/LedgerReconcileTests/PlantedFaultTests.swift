import Foundation
import Testing

@testable import LedgerDomain
@testable import LedgerLog
@testable import LedgerReconcile
@testable import LedgerState
@testable import ReferralLedger

/// For each check a fault of its own, that it must find.
@Suite struct PlantedFaultTests {
    /// A fault, planted in a sound ledger.
    struct Plant: Sendable, CustomTestStringConvertible {
        let code: String
        /// Plants it and checks.
        let find: @Sendable (Shop) throws -> ReconcileReport
        var testDescription: String { code }

        /// In the live rows.
        static func rows(_ code: String, _ body: @escaping @Sendable (inout CoreState) -> Void) -> Plant {
            Plant(code: code) { shop in
                shop.corrupt(body)
                return try shop.ledger.reconcile()
            }
        }

        /// In the log.
        static func log(_ code: String, _ events: @escaping @Sendable (Shop) throws -> [Event]) -> Plant {
            Plant(code: code) { shop in
                try shop.append(try events(shop))
                return try Ledger.reconcile(at: shop.folder.path, options: testOptions())
            }
        }
    }

    static let plants: [Plant] = bookPlants + treePlants + lifePlants + logPlants + keyPlants + breakPlants

    // Rows by number: members a 0, b 1, c 2, d 3, e 4; withdrawals w1 0, w2 1.
    static let bookPlants: [Plant] = [
        .rows("books.balance") { $0.money.edit(0, &$0.undo).pointee.balance.pending += 1 },
        .rows("books.unexplained") {
            $0.editBalance(4, AssetNumber(rawValue: 978)).pointee.held = 7
        },
        .rows("books.reserved") { $0.further.withdrawals.edit(1, &$0.undo).pointee.amount += 1 },
        .rows("books.trial-balance") { $0.totals.edit(0, &$0.undo).pointee.fee += 1 },
        .rows("books.clearing") { $0.further.clearings.edit(0, &$0.undo).pointee.balance += 1 },
        .rows("books.whole") { $0.totals.edit(0, &$0.undo).pointee.cash += 1 },
        .rows("lots.user") {
            let first = Int($0.profile(0).firstLot) - 1
            $0.further.lots.edit(first, &$0.undo).pointee.left += 1
        },
        .rows("lots.withdrawal") {
            let first = Int($0.withdrawals[0].firstLot) - 1
            $0.further.lots.edit(first, &$0.undo).pointee.next = UInt32(first + 1)
        },
        Plant(code: "log.tree") { shop in
            try TreeCheckTests.grown(shop)
            try TreeCheckTests.plant(.hash, in: shop.ledger.keeper.checkpoints)
            return try shop.ledger.reconcile()
        },
        .rows("views.rows") { $0.payments.bits.edit(0, &$0.undo).pointee.matured ^= 1 << 5 },
        Plant(code: "views.scores") { shop in
            let box = shop.ledger.current.viewBox
            _ = try shop.ledger.current.leaderboard(by: .earnings, limit: 1, programme: "two-level")
            func raise(_ views: inout ViewState) { views.tallies.change(0).pointee.score += 1 }
            box.lock.locked { raise(&box.views) }
            return try shop.ledger.reconcile()
        },
        .rows("payments.state") { $0.further.paymentExtras.edit(0, &$0.undo).pointee.refunded += 1 },
        .rows("payments.totals") { $0.totals.edit(0, &$0.undo).pointee.payments += 1 },
        .rows("clearing.payouts") { $0.further.clearings.edit(0, &$0.undo).pointee.balance -= 1 },
        Plant(code: "books.record-sum") { shop in
            var (auditor, breaks) = (BooksAuditor(), Breaks(limit: 10))
            let programme = ProgrammeNumber(0)
            auditor.move(.init(account: .cash, asset: .usd, debit: 5), programme)
            auditor.move(.init(account: .funding, asset: .usd, debit: -4), programme)
            auditor.endRecord(RecordEnvelope(), LogPosition(1), &breaks)
            var report = ReconcileReport()
            report.results = breaks.results
            #expect(breaks.sorted.first?.found == 1)
            return report
        },
    ]

    static let treePlants: [Plant] = [
        .rows("referrals.state") {
            $0.members.edit(2, &$0.undo).pointee.stage = ReferralStage.active.rawValue
        },
        .rows("forest.edges") { $0.members.edit(0, &$0.undo).pointee.firstChild = 0 },
        .rows("forest.cycle") { $0.members.edit(0, &$0.undo).pointee.parent = 3 },
        .rows("forest.counts") { $0.members.edit(0, &$0.undo).pointee.conversions += 1 },
    ]

    static let lifePlants: [Plant] = [
        .rows("withdrawals.state") {
            $0.further.withdrawals.edit(0, &$0.undo).pointee.state = WithdrawalState.failed.rawValue
        },
        .rows("rewards.state") { $0.further.rewards.edit(1, &$0.undo).pointee.state ^= RewardRow.claimed },
        .rows("rewards.earned") { $0.money.edit(0, &$0.undo).pointee.balance.earned -= 1 },
        .rows("cases.state") { $0.further.cases.edit(0, &$0.undo).pointee.state = CaseRow.taken },
        .rows("parked.state") { $0.further.parked.edit(0, &$0.undo).pointee.state |= ParkedRow.applied },
    ]

    static let breakPlants: [Plant] = [
        .log("rewards.rule") { shop in
            // 25 % where the rules say 20 %.
            var payment = PaymentReceived()
            (payment.payer, payment.asset, payment.amount) = (UserNumber(1), .usd, 100_00)
            payment.commissionableBase = 100_00
            (payment.provider, payment.paymentId) = (try shop.provider("shop"), lasting("p-wrong"))
            var leg = CommissionEarned()
            (leg.level, leg.beneficiary, leg.asset) = (1, UserNumber(0), .usd)
            (leg.base, leg.ratePpm, leg.amount) = (100_00, 250_000, 25_00)
            leg.payment = LogPosition(shop.ledger.current.position.rawValue + 1)
            leg.maturesAt = try Timestamp("2024-02-25T00:00:00Z")
            return [.paymentReceived(payment), .commissionEarned(leg)]
        },
        .rows("receivables.clawback") {
            $0.editBalance(4, .usd).pointee.settled = -3
        },
        Plant(code: "breaks.step") { shop in
            // The fold refuses such a log, too; the life cycles are replayed nevertheless.
            var run = ReconciliationRun()
            (run.runId, run.provider, run.statement) = (lasting("r"), lasting("shop"), lasting("s"))
            (run.lines, run.matched) = (1, 2)
            try shop.append([.reconciliationRun(run)])
            return try Ledger.reconcile(at: shop.folder.path, options: testOptions())
        },
        Plant(code: "breaks.state") { shop in
            let at = try Timestamp("2024-02-11T00:00:00Z")
            let run = RecordReconciliation(
                runId: "run", provider: "shop", statement: "s", lines: 1, matched: 0, breaks: 1, at: at)
            let open = OpenBreak(
                breakId: "b", runId: "run", rule: "statement.amount", kind: .mismatch, subject: "payment p",
                since: at, at: at)
            for action in [Command.Action.reconciliation(run), .openBreak(open)] {
                guard case .accepted = try shop.ledger.submit(Command(action, programme: "two-level")) else {
                    Issue.record("not accepted")
                    continue
                }
            }
            #expect(try shop.ledger.reconcile().isClean)
            shop.corrupt { $0.further.breaks.edit(1, &$0.undo).pointee.state = 0 }
            return try shop.ledger.reconcile()
        },
    ]

    static let logPlants: [Plant] = [
        .log("books.negative") { _ in
            var e = BalanceForfeited()
            (e.user, e.asset, e.amount) = (UserNumber(1), .usd, 1_000_000)
            return [.balanceForfeited(e)]
        },
        .log("books.available-and-debt") { _ in
            var e = AdjustmentPosted()
            e.flags = AdjustmentPosted.minus
            (e.user, e.asset, e.receivable) = (UserNumber(1), .usd, 5)
            (e.reason, e.approver) = (lasting("r"), lasting("boss"))
            return [.adjustmentPosted(e)]
        },
        .log("log.broken") { _ in
            var e = UserSuspended()
            e.user = UserNumber(3)
            return [.userSuspended(e)]
        },
        .log("referrals.step") { _ in
            var e = ReferralAdvanced()
            (e.referee, e.from, e.to) = (UserNumber(4), .registered, .completed)
            return [.referralAdvanced(e)]
        },
        .log("withdrawals.step") { shop in
            var e = WithdrawalApproved()
            e.flags = WithdrawalApproved.final
            (e.withdrawal, e.user) = (try shop.position(of: .withdrawalRequested, 3), UserNumber(1))
            return [.withdrawalApproved(e)]
        },
        .log("withdrawals.amount") { shop in
            var e = PayoutSettled()
            e.withdrawal = try shop.position(of: .withdrawalRequested)
            (e.user, e.asset, e.net) = (UserNumber(0), .usd, 9_99)
            e.reference = lasting("ref")
            return [.payoutSettled(e)]
        },
        .log("rewards.step") { shop in
            var e = RewardMatured()
            e.level = 1
            e.payment = try shop.position(of: .paymentReceived)
            (e.beneficiary, e.asset, e.toAvailable) = (UserNumber(1), .usd, 1)
            return [.rewardMatured(e)]
        },
        .log("rewards.over-taken") { shop in
            // b has two commissions pending; no row of the state knows the single one.
            var e = CommissionReversed()
            e.level = 1
            e.payment = try shop.position(of: .paymentReceived, 5)
            (e.beneficiary, e.asset, e.fromPending) = (UserNumber(1), .usd, 12_01)
            e.earnedAt = try Timestamp("2024-02-02T00:00:00Z")
            return [.commissionReversed(e)]
        },
        .log("payments.step") { shop in
            var e = RefundFailed()
            e.refund = try shop.position(of: .refundReceived, 1)
            e.payment = try shop.position(of: .paymentReceived, 1)
            (e.asset, e.moved) = (.usd, 5_00)
            return [.refundFailed(e)]
        },
        .log("payments.over-taken") { shop in
            var e = RefundReceived()
            e.payment = try shop.position(of: .paymentReceived, 5)
            e.provider = try shop.provider("shop")
            (e.asset, e.moved, e.amount, e.refundId) = (.usd, 60_01, 60_01, lasting("r-over"))
            return [.refundReceived(e)]
        },
        .log("cases.step") { shop in
            var e = DisputeWon()
            e.dispute = try shop.position(of: .disputeOpened, 1)
            return [.disputeWon(e)]
        },
    ]

    static let keyPlants: [Plant] = [
        .log("keys.twice") { shop in
            var e = PaymentReceived()
            e.provider = try shop.provider("shop")
            (e.payer, e.paymentId, e.asset) = (UserNumber(4), lasting("p1"), .usd)
            return [.paymentReceived(e)]
        },
        .rows("keys.lost") { core in
            let id = (try? core.userId(2)) ?? .empty
            core.userIds.remove(core.hash(id, space: IdSpace.user), 2)
        },
        .rows("keys.count") { core in core.further.codeIds.insert(7, 0, &core.undo) },
        Plant(code: "keys.vault") { shop in
            // The keys of an older backup.
            let keys = shop.folder.path + "/keys"
            let old = TemporaryFolder()
            try FileManager.default.copyItem(atPath: keys, toPath: old.path)
            try shop.play(
                [
                    #"{"type":"signup","userId":"late","at":"2024-02-09T00:00:00Z","email":"l@example.com"}"#
                ],
                "two-level")
            shop.ledger.close()
            try FileManager.default.removeItem(atPath: keys)
            try FileManager.default.copyItem(atPath: old.path, toPath: keys)
            let report = try Ledger.reconcile(at: shop.folder.path, options: testOptions())
            #expect(report.breaks.filter { $0.code == "keys.vault" }.map(\.userId) == ["late"])
            return report
        },
        Plant(code: "keys.not-here") { shop in
            shop.ledger.close()
            try FileManager.default.removeItem(atPath: shop.folder.path + "/keys")
            let report = try Ledger.reconcile(at: shop.folder.path, options: testOptions())
            #expect(report.isClean)
            return report
        },
    ]

    @Test(arguments: plants)
    func isFound(plant: Plant) throws {
        let shop = try Shop()
        let report = try plant.find(shop)
        let codes = report.codes.sorted()
        #expect(codes.contains(plant.code), "\(plant.code) in \(codes)\n\(report.text)")
        let check = try #require(ReconcileCheck.all.first { $0.code == plant.code })
        #expect(check.kind == .incomplete || !report.isClean)
        #expect(report.breaks.allSatisfy { !$0.message.isEmpty })
    }

    /// No check is without a fault that it was seen to find. What is on its way is in the shop as it is.
    @Test func everyCheckHasAPlant() {
        let planted = Set(Self.plants.map(\.code)).union(["clearing.open", "parked.waiting"])
        #expect(planted == Set(ReconcileCheck.all.map(\.code)))
        #expect(Set(ReconcileCheck.all.map(\.code)).count == ReconcileCheck.all.count)
    }

    /// A damaged row is told by its place and in money.
    @Test func amountsAndNames() throws {
        let shop = try Shop()
        shop.corrupt { $0.money.edit(1, &$0.undo).pointee.balance.settled += 2_50 }
        let report = try shop.ledger.reconcile()
        let found = try #require(report.breaks.first { $0.code == "books.balance" })
        #expect(found.userId == "b")
        #expect(found.programme == "two-level")
        #expect(found.asset == .usd)
        #expect(try #require(found.found) - #require(found.expected) == 2_50)
        let total = try #require(report.results.first { $0.check.code == "books.balance" })
        #expect(total.amounts == [.init(asset: .usd, minor: 2_50)])
        let row = try #require(report.breaks.first { $0.code == "views.rows" })
        #expect(row.message.hasPrefix("table money, row 1: balance is "))
    }

    /// More breaks than are listed are counted all the same, and listed in order.
    @Test func boundedAndSorted() throws {
        let shop = try Shop()
        shop.corrupt { core in
            for member in 0..<7 { core.members.edit(member, &core.undo).pointee.referrals += 1 }
        }
        let report = try shop.ledger.reconcile(limit: 3)
        #expect(report.breaks.filter { $0.code == "forest.counts" }.map(\.userId) == ["a", "b", "c"])
        #expect(report.results.first { $0.check.code == "forest.counts" }?.count == 7)
        #expect(report.results.first { $0.check.code == "views.rows" }?.count == 7)
        let order = ReconcileCheck.all.map(\.code)
        let places = report.breaks.compactMap { order.firstIndex(of: $0.code) }
        #expect(places == places.sorted())
    }

    /// References that lead nowhere are found, and never followed.
    @Test func brokenReferences() throws {
        let shop = try Shop()
        shop.corrupt { core in
            let far = UInt32(1 << 29)
            core.members.edit(0, &core.undo).pointee.firstChild = far
            core.members.edit(1, &core.undo).pointee.parent = far
            core.members.edit(2, &core.undo).pointee.nextSibling = 3
            core.members.edit(3, &core.undo).pointee.profile = far
            let x = Int(core.members[5].profile) - 1
            core.further.profiles.edit(x, &core.undo).pointee.mergedInto = 6
            let a = Int(core.members[0].profile) - 1
            core.further.profiles.edit(a, &core.undo).pointee.firstLot = far
            core.further.profiles.edit(a, &core.undo).pointee.extraAccount = far
            core.further.withdrawals.edit(0, &core.undo).pointee.member = far
            core.further.withdrawals.edit(0, &core.undo).pointee.firstLot = far
            core.further.paymentExtras.edit(0, &core.undo).pointee.payment = far
            core.further.legs.edit(0, &core.undo).pointee.payment = far
            core.further.codes.edit(0, &core.undo).pointee.owner = far
        }
        let report = try shop.ledger.reconcile()
        for code in ["forest.edges", "lots.user", "lots.withdrawal", "payments.state", "rewards.state"] {
            #expect(report.codes.contains(code), "\(code)")
        }
    }
}

extension Shop {
    /// The number of a provider.
    func provider(_ name: String) throws -> SymbolNumber {
        try ledger.current.box.read { core in
            for number in 0..<core.symbols.count where try core.symbolName(number).string == name {
                return SymbolNumber(rawValue: UInt16(number))
            }
            throw LogError(.broken, "no provider \(name)")
        }
    }
}
