import CPlatform
import Foundation
import LedgerDomain
import Synchronization
import Testing

@testable import ReferralLedger

/// Balances are read beside one another, without the state's lock, while nobody has it. They say what those under it say.
@Suite(.serialized) struct PeekingTests {
    /// So many balances make sure that peeks are allowed.
    private static let many = 200

    /// What a receipt tells of is in the next balance, however many were read before.
    @Test func aReceiptsOwnWriteIsSeen() throws {
        let bench = try Bench()
        let ledger = bench.ledger
        try bench.run([Say.signup("a"), Say.signup("b", by: "a"), Say.move("b", .completed)])
        var earned: Int64 = 0
        for i in 0..<20 {
            for _ in 0..<Self.many { #expect(try bench.money("a") == [earned, 0, 0, earned]) }
            #expect(try isPeeking(ledger))
            try bench.run([Say.pay("p\(i)", "b", 10_00)])
            #expect(try bench.money("a")[0] > earned)
            earned = try #require(try ledger.current.balances(of: "a")?.first?.pending)
        }
        #expect(try bench.money("a") == [earned, 0, 0, earned])
    }

    /// Whether balances are peeked at, once as many were asked for as that takes; true where no thread can.
    private func isPeeking(_ ledger: Ledger) throws -> Bool {
        if !platform_can_peek() { return true }
        // A thread of the ledger's own may have taken the lock in between, now and then.
        for _ in 0..<10 {
            for _ in 0..<Self.many { _ = try ledger.current.balance(of: "a", asset: .usd) }
            if ledger.current.box.lock.peek({ true }) == true { return true }
        }
        return false
    }

    /// What a group in flight has done is not seen, and what was undone never was.
    @Test func groupsInFlightAreNotSeen() throws {
        let bench = try Bench()
        let ledger = bench.ledger
        try bench.run([Say.signup("a"), Say.signup("b", by: "a"), Say.move("b", .completed)])
        try bench.run([Say.pay("p", "b", 10_00)])
        let before = try bench.money("a")
        for keeps in [false, true] {
            for _ in 0..<Self.many { #expect(try bench.money("a") == before) }
            _ = try ledger.atomically { group in
                let decided = try? group.decide([Say.pay("q", "b", 10_00)])
                #expect(decided?.count == 1)
                for _ in 0..<Self.many {
                    let seen = try? bench.money("a")
                    #expect(seen == before)
                }
                return keeps
            }
            for _ in 0..<Self.many { #expect((try bench.money("a") == before) == !keeps) }
        }
        #expect(try bench.money("a")[3] == 2 * before[3])
    }

    /// Unknown users, other assets, long ids, merged and suspended users, a second programme: what one row does not say.
    @Test func whatOneRowDoesNotSay() throws {
        let bench = try Bench()
        let ledger = bench.ledger
        let long = String(repeating: "x", count: 200)
        try bench.run(
            ["a", "b", long, "moved", "whole"].map { Say.signup($0) } + [
                Say.signup("payer", by: "a"), Say.move("payer", .completed),
                Say.signup("payer2", by: long), Say.move("payer2", .completed),
                Say.signup("payer3", by: "moved"), Say.move("payer3", .completed),
                Say.pay("p1", "payer", 10_00), Say.pay("p2", "payer2", 10_00), Say.pay("p3", "payer3", 10_00),
            ])
        let earned = try bench.money("a")
        #expect(earned[0] > 0)
        func check() throws {
            for _ in 0..<Self.many {
                #expect(try bench.money("a") == earned)
                #expect(try bench.money("b") == [0, 0, 0, 0])
                #expect(try bench.money("a", AssetNumber(rawValue: 978)) == [0, 0, 0, 0])
                #expect(try bench.money(long) == earned)
                #expect(try bench.money("nobody") == [])
                #expect(try bench.money("moved") == earned)
                #expect(try bench.money("a", programme: "two-level") == earned)
                #expect(try bench.money("a", programme: "nothing") == [])
            }
        }
        try check()
        try bench.run([
            Command(
                .mergeUsers(
                    MergeUsers(userId: "moved", intoUserId: "whole", approvers: ["ann", "bob"], at: day(3))),
                key: "merge"),
            Command(.suspend(SuspendUser(userId: "b", reason: "looked into", at: day(3))), key: "suspend"),
        ])
        try check()
        #expect(try bench.money("whole") == earned)
        try bench.run([Say.create("second", policy: twoLevel())])
        #expect(throws: Never.self) { try ledger.current.balance(of: "a", asset: .usd, programme: "second") }
        for _ in 0..<Self.many {
            #expect(try bench.money("a", programme: "two-level") == earned)
            // Two programmes, and none is named.
            #expect(try bench.money("a") == [])
            #expect(try bench.money("a", programme: "second") == [])
        }
    }

    /// A user with a profile: its row says all unless a withdrawal is open, a further asset is asked for, or it was merged.
    @Test func usersWithAProfile() throws {
        let bench = try Bench(policy: paying())
        let reader = bench.ledger.current
        func peeked(_ user: String, _ asset: AssetNumber = .usd) throws -> [Int64]? {
            for _ in 0..<10 {
                for _ in 0..<Self.many { _ = try reader.balance(of: "plain", asset: .usd) }
                let seen = reader.peekBalance(of: user, asset: asset, programme: nil)
                // Nothing is said where peeks are not allowed just now, too.
                if let seen { return Self.four(seen) }
                if reader.box.lock.peek({ true }) == true { return nil }
            }
            return nil
        }
        try bench.run([
            Say.signup("a"), Say.signup("b"), Say.signup("plain"), Say.opening("a", 10_00, key: "1"),
            Say.opening("b", 7_00, key: "2"), Say.withdraw("w", "a", 4_00),
        ])
        // What is reserved stands in the withdrawal.
        #expect(try peeked("a") == nil)
        #expect(try reader.balance(of: "a", asset: .usd)?.reserved == 4_00)
        if platform_can_peek() { #expect(try peeked("b") != nil) }
        try bench.run([Say.decide("w", .reject, reason: "no")])
        #expect(try reader.balance(of: "a", asset: .usd).map(Self.four) == [0, 10_00, 0, 0])
        if platform_can_peek() {
            #expect(try peeked("a") == [0, 10_00, 0, 0])
            #expect(try peeked("a", .eur) == nil)
        }
        #expect(try reader.balance(of: "a", asset: .eur).map(Self.four) == [0, 0, 0, 0])
        // No profile, and another asset: zeros; a suspended user with money, and one whose money is held.
        #expect(try reader.balance(of: "plain", asset: .eur).map(Self.four) == [0, 0, 0, 0])
        if platform_can_peek() { #expect(try peeked("plain", .eur) == [0, 0, 0, 0]) }
        try bench.run([
            Say.signup("referee", by: "a"), Say.move("referee", .completed), Say.pay("p", "referee", 10_00),
            Say.suspend("b", key: "s"), Say.dispute("d", "p", .opened, 10_00),
        ])
        for user in ["a", "b"] {
            let told = try reader.balances(of: user)?.first { $0.asset == .usd }
            #expect(try reader.balance(of: user, asset: .usd) == told)
            if platform_can_peek() { #expect(try peeked(user) == told.map(Self.four)) }
        }
        #expect(try reader.balance(of: "a", asset: .usd)?.held != 0)
        try bench.run([Say.reinstate("b", key: "r")])
        try bench.run([Say.merge("b", into: "a", key: "m")])
        #expect(try peeked("b") == nil)
        #expect(try reader.balance(of: "b", asset: .usd)?.available == 17_00)
    }

    /// An advance among other commands is refused before any is taken.
    @Test func anAdvanceIsTakenAlone() throws {
        let bench = try Bench()
        let before = bench.ledger.current.position
        for commands in [
            [Say.signup("a"), Command(.advance(Advance(to: day(2))))],
            [Command(.advance(Advance(to: day(2)))), Say.signup("a")],
        ] {
            let error = #expect(throws: LedgerError.self) { try bench.ledger.submit(commands) }
            #expect(error?.message.contains("an advance is submitted alone") == true)
        }
        #expect(bench.ledger.current.position == before)
        try bench.ledger.submit([Command(.advance(Advance(to: day(2))))])
    }

    private static func four(_ balance: UserBalance) -> [Int64] {
        [balance.pending, balance.available, balance.reserved, balance.earned]
    }

    /// After a reopen rows lie in the checkpoint, and are loaded as they are touched; after the close there is no answer.
    @Test func throughCheckpointAndClose() throws {
        let folder = TemporaryFolder()
        var ledger = try makeLedger(folder)
        for i in 0..<3_000 { try ledger.submit([Say.signup("u\(i)")]) }
        try ledger.submit([
            Say.signup("payer", by: "u7"), Say.move("payer", .completed), Say.pay("p", "payer", 10_00),
        ])
        let earned = try #require(try ledger.current.balance(of: "u7", asset: .usd))
        let nothing = try #require(try ledger.current.balance(of: "u0", asset: .usd))
        #expect(earned.pending > 0 && nothing.pending == 0)
        ledger.close()
        ledger = try Ledger.open(at: folder.path, options: testOptions())
        let reader = ledger.current
        for _ in 0..<2 {
            for i in 0..<3_000 {
                #expect(try reader.balance(of: "u\(i)", asset: .usd) == (i == 7 ? earned : nothing))
            }
        }
        ledger.close()
        #expect(
            #expect(throws: LedgerError.self) { try reader.balance(of: "u7", asset: .usd) }?.code == .closed)
    }

    /// Readers without a pause beside a writer: a balance only grows, and holds at least what was acknowledged before.
    @Test func besideAWriter() throws {
        let bench = try Bench()
        let ledger = bench.ledger
        try bench.run([Say.signup("a"), Say.signup("b", by: "a"), Say.move("b", .completed)])
        try bench.run([Say.pay("first", "b", 10_00)])
        let each = try bench.money("a")[0]
        let acknowledged = Atomic<Int64>(1)
        let done = Atomic<Bool>(false)
        let wrong = Mutex<[String]>([])
        let ended = DispatchSemaphore(value: 0)
        for _ in 0..<2 {
            Thread.detachNewThread {
                defer { ended.signal() }
                var before: Int64 = 0
                while !done.load(ordering: .relaxed) {
                    let floor = acknowledged.load(ordering: .acquiring)
                    guard let seen = try? ledger.current.balance(of: "a", asset: .usd)?.earned else {
                        return wrong.withLock { $0.append("no answer") }
                    }
                    if seen < before || seen < floor * each || seen % each != 0 {
                        wrong.withLock { $0.append("\(seen) after \(before), \(floor) acknowledged") }
                    }
                    before = seen
                }
            }
        }
        for i in 0..<150 {
            try ledger.submit(Say.pay("p\(i)", "b", 10_00))
            // Tables grow meanwhile, and move.
            _ = try ledger.submit((0..<10).map { Say.signup("u\(i)-\($0)") })
            acknowledged.add(1, ordering: .releasing)
            // Long enough for readers to peek, now and then.
            if i % 20 == 0 { usleep(2_000) }
        }
        done.store(true, ordering: .relaxed)
        for _ in 0..<2 { ended.wait() }
        #expect(wrong.withLock { $0 } == [])
        #expect(try bench.money("a")[3] == 151 * each)
    }
}
