import Foundation
import LedgerDomain
import LedgerExchange
import ReferralLedger
import Testing

/// What readers answer about the programme of `Fixtures/everything`, at every position of its log.
@Suite struct ReadingTests {
    private static let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Fixtures/everything")

    private func filled(_ folder: TemporaryFolder) throws -> Ledger {
        let text = try String(contentsOf: Self.fixture.appendingPathComponent("policy.json"), encoding: .utf8)
        let ledger = try Ledger.create(
            at: folder.path,
            programme: ProgrammeSetup(id: "all", asset: "GBP", policy: try Policy.parse(Array(text.utf8))),
            options: testOptions())
        var feeder = LineFeeder(ledger, asset: "GBP")
        let facts = try String(
            contentsOf: Self.fixture.appendingPathComponent("facts.jsonl"), encoding: .utf8)
        for line in facts.split(separator: "\n") {
            let outcome = try feeder.submit(String(line))
            #expect(["accepted", "parked"].contains(outcome.name), "\(line): \(outcome)")
        }
        return ledger
    }

    private static let users = ["top", "mid", "a:b", #"ünï "q" \ ;|"#, "low", "dup"]

    /// The sums of all accounts, of users' balances and of statements are one and the same at every position.
    @Test func everyPositionAddsUp() throws {
        let folder = TemporaryFolder()
        let ledger = try filled(folder)
        defer { ledger.close() }
        var seen: Set<String> = []
        for position in 2...ledger.current.position.rawValue {
            let reader = try ledger.past(at: LogPosition(position))
            var sums: [AssetNumber: Int64] = [:]
            var accounts: [String: Int64] = [:]
            for line in try reader.trialBalance().value {
                sums[line.asset, default: 0] += line.debit - line.credit
                accounts["\(line.account) \(line.asset.rawValue)", default: 0] += line.debit - line.credit
                seen.insert(line.account)
            }
            #expect(sums.values.allSatisfy { $0 == 0 }, "position \(position): \(sums)")
            var byKind: [String: Int64] = [:]
            var counted: Set<UserNumber> = []
            for id in Self.users {
                guard let user = try reader.user(id), counted.insert(user.number).inserted else { continue }
                let lines = try #require(try reader.statement(of: id))
                for asset in [AssetNumber.gbp, .usd] + user.balances.map(\.asset) {
                    let one = try #require(try reader.balance(of: id, asset: asset))
                    if let same = user.balances.first(where: { $0.asset == asset }) {
                        #expect(one == same, "\(id) at \(position)")
                    } else {
                        #expect(one.earned == 0 && one.pending == 0 && one.available == 0 && one.held == 0)
                    }
                }
                for balance in user.balances {
                    let last = lines.last { $0.asset == balance.asset }
                    #expect(last?.pendingAfter ?? 0 == balance.pending, "\(id) at \(position)")
                    #expect(last?.availableAfter ?? 0 == balance.available, "\(id) at \(position)")
                    #expect(last?.heldAfter ?? 0 == balance.held, "\(id) at \(position)")
                    #expect(last?.reservedAfter ?? 0 == balance.reserved, "\(id) at \(position)")
                    #expect(last?.receivableAfter ?? 0 == balance.receivable, "\(id) at \(position)")
                    #expect(balance.available == 0 || balance.receivable == 0)
                    let spendable = balance.asset.isMoney ? "available" : "claimable"
                    for (kind, amount) in [
                        ("pending", -balance.pending), (spendable, -balance.available),
                        ("held", -balance.held), ("receivable", balance.receivable),
                    ] where amount != 0 { byKind["\(kind) \(balance.asset.rawValue)", default: 0] += amount }
                }
            }
            let ofUsers = accounts.filter { account in
                ["pending ", "available ", "claimable ", "held ", "receivable "].contains {
                    account.key.hasPrefix($0)
                }
            }
            #expect(byKind.filter { $0.value != 0 } == ofUsers, "position \(position)")
        }
        let all: Set = [
            "rewardExpense", "pending", "available", "held", "reserved", "receivable", "cash", "funding",
            "tax", "fee", "breakage", "loss", "fx", "opening", "issued", "claimable", "used", "clearing",
        ]
        #expect(seen == all, "\(all.subtracting(seen))")
    }

    @Test func sealedMethodsAreOpenedOnRequest() throws {
        let folder = TemporaryFolder()
        let ledger = try filled(folder)
        #expect(try ledger.withdrawalMethod("w-1") == .text("upi:mid@bank"))
        #expect(try ledger.withdrawalMethod("w-2") == .absent)
        #expect(try ledger.withdrawalMethod("w-9") == nil)
        let events = try ledger.current.events(limit: 1_000)
        #expect(!events.contains { $0.fields.contains { $0.value == .text("upi:mid@bank") } })
        ledger.close()
        let archive = try LedgerArchive.open(at: folder.path)
        defer { archive.close() }
        #expect(try archive.withdrawalMethod("w-1") == .text("upi:mid@bank"))
    }

    @Test func eventsNameWhatTheyReferTo() throws {
        let folder = TemporaryFolder()
        let ledger = try filled(folder)
        defer { ledger.close() }
        let events = try ledger.current.events(limit: 1_000)
        func first(_ type: EventType) throws -> LedgerEvent {
            try #require(events.first { $0.type == type }, "\(type)")
        }
        #expect(try first(.rewardGranted)["rewardId"] == .text("r1"))
        #expect(try first(.rewardGranted)["stage"] == .text("registered"))
        #expect(try first(.rewardHeld)["case"] == .text("dispute d-1"))
        #expect(try first(.rewardHeld)["paymentId"] == .text("p \"2\""))
        #expect(try first(.payoutSent)["withdrawalId"] == .text("w-1"))
        #expect(try first(.disputeLost)["disputeId"] == .text("d-1"))
        #expect(try first(.refundFailed)["refundId"] == .text("r-1"))
        #expect(try first(.reviewDecided)["reviewId"] == .text("f1"))
        #expect(try first(.reviewDecided)["decision"] == .text("confirm"))
        #expect(try first(.fxRateRecorded)["rate"] == .text("1.1835"))
        #expect(try first(.badgeAwarded)["asset"] == .text("BADGE:one-of-a-very-long-name"))
        let settled = try first(.payoutSettled)
        #expect(settled.postings[0].debit.provider == "razor pay")
        #expect(settled.postings[0].credit.provider == nil)
        // What the bank kept is a loss, and not on its way any more.
        #expect(try ledger.current.clearingBalances().value.allSatisfy { $0.amount == 0 })
        var lost: [AssetNumber: Int64] = [:]
        for event in try ledger.current.events(from: LogPosition(1), limit: 10_000) {
            for posting in event.postings
            where posting.debit.account == "loss" && posting.credit.account == "clearing" {
                lost[posting.asset, default: 0] += posting.amount
            }
        }
        #expect(lost == [.gbp: 1_00])
    }

    /// Who was merged away is nobody's referee any more; their referees are listed below the one that stays.
    @Test func mergedUsersLeaveTheTree() throws {
        let folder = TemporaryFolder()
        let ledger = try makeLedger(folder)
        defer { ledger.close() }
        for (id, referrer) in [
            ("top", nil), ("gone", "top"), ("below", "gone"), ("stays", nil), ("mine", "stays"),
        ] as [(String, String?)] { try ledger.submit(Say.signup(id, by: referrer)) }
        let merge = MergeUsers(userId: "gone", intoUserId: "stays", approvers: ["ann"], at: day(3))
        guard case .accepted = try ledger.submit(Command(.mergeUsers(merge), key: "m")) else {
            Issue.record("the merge is not accepted")
            return
        }
        try ledger.submit(Say.signup("late", day(4), by: "gone"))
        let tree = try #require(try ledger.current.tree(of: "top"))
        #expect(tree.map(\.userId) == ["top", "stays", "mine", "below", "late"])
        #expect(tree.map(\.depth) == [0, 1, 2, 2, 2])
        #expect(tree[1].referrals == 3)
        #expect(try ledger.current.tree(of: "gone")?.map(\.userId) == ["stays", "mine", "below", "late"])
        let user = try #require(try ledger.current.user("gone"))
        #expect(user.userId == "stays")
        #expect(user.mergedFrom == "gone")
        #expect(user.referrerId == "top")
        #expect(try ledger.current.user("below")?.referrerId == "stays")
    }

    @Test func pagesOfDebtsAreWhole() throws {
        let folder = TemporaryFolder()
        let ledger = try makeLedger(folder)
        defer { ledger.close() }
        for i in 0..<30 {
            try ledger.submit(Say.signup("u-\(i)"))
            let debt = Adjust(
                userId: "u-\(i)", amount: -Int64(i + 1), asset: i % 2 == 0 ? .usd : .gbp, reason: "test",
                approvers: ["ann"], at: day(1))
            guard i % 3 != 0 else { continue }
            try ledger.submit(Command(.adjust(debt), key: "a-\(i)"))
        }
        var found: [String] = []
        var after: Int?
        var pages = 0
        repeat {
            let page = try ledger.current.receivables(after: after, limit: 7)
            found += page.receivables.map { "\($0.userId) \($0.amount)" }
            after = page.next
            pages += 1
        } while after != nil && pages < 20
        #expect(found == (0..<30).filter { $0 % 3 != 0 }.map { "u-\($0) \($0 + 1)" })
        #expect(pages == 3)
        let usd = try ledger.current.receivables(asset: .usd)
        #expect(usd.receivables.count == 10)
        #expect(usd.next == nil)
    }
}
