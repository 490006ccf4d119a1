import Foundation
import LedgerDomain
import ReferralLedger
import Synchronization
import Testing

/// Nothing that is not on disk is ever seen, and a group that failed leaves no trace.
@Suite struct UndoTests {
    /// A log with room for few pages.
    static var tiny: LedgerOptions {
        testOptions {
            $0.logMapBytes = 384 << 10
            $0.checkpointOnClose = false
        }
    }

    /// What a ledger says of itself.
    struct Picture: Equatable {
        let digest: String
        let position: LogPosition
        let balances: [[UserBalance]?]
        let users: [UserSummary?]
        let trial: [TrialBalanceLine]
        let parked: [ParkedFact]
        let board: [LeaderboardEntry]?
        init(_ reader: LedgerReader) throws {
            let digest = try reader.digest()
            self.digest = digest.value
            position = digest.position
            balances = try ["a", "b", "c", "n0"].map { try reader.balances(of: $0) }
            users = try ["a", "b", "c", "n0"].map { try reader.user($0) }
            trial = try reader.trialBalance().value
            parked = try reader.parkedFacts()
            board = try reader.leaderboard(by: .earnings)?.entries
        }
    }

    static let start = [
        Say.signup("a"), Say.signup("b", by: "a"), Say.signup("c", by: "b"), Say.issue("a", "AAAA", key: "1"),
        Say.pay("p", "c", 100_00), Say.pay("q", "c", 50_00), Say.refund("w", "later", 1_00),
    ]

    /// Touches every table, then more than the map can hold.
    static let tooMuch: [Command] =
        [
            Say.refund("r", "p", 10_00), Say.pay("later", "c", 5_00, asset: .eur, provider: "new"),
            Say.pay("later", "c", 5_00), Say.signup("n0", by: "c"), Say.issue("n0", "NNNN", key: "2"),
            Say.refund("x", "never", 1), Say.convert("nobody"), Say.move("b", .qualified),
            Say.publish(twoLevel { $0.commission.holdingDays = 3 }, from: day(50)),
        ] + (1..<6_000).map { Say.signup("n\($0)-\(String(repeating: "x", count: 100))", by: "n0") }

    /// A command that comes alone is recorded by its caller's own thread: when that fails, its caller is told, and nothing is left.
    @Test func aCommandAloneThatFailedLeavesNoTrace() throws {
        let bench = try Bench(options: Self.tiny)
        try bench.run(Self.start)
        var (failed, compared) = (0, 0)
        var before: Picture?
        for i in 1..<20_000 where failed < 3 {
            let signup = Say.signup("m\(i)-\(String(repeating: "x", count: 100))", by: "a")
            do {
                let outcome = try bench.ledger.submit(signup)
                #expect(failed == 0 && outcome.name == "accepted")
                // A look at all of it is slow: only when the map is nearly full.
                if i > 900 { before = try Picture(bench.ledger.current) }
            } catch let error as LedgerError {
                #expect(error.code == .outOfSpace)
                failed += 1
                guard let before else { continue }
                compared += 1
                #expect(try Picture(bench.ledger.current) == before, "command \(i)")
            }
        }
        #expect(failed == 3 && compared == 3)
        // What is refused or was recorded needs no room.
        #expect(try bench.ledger.submit(Say.pay("p", "c", 100_00)).name == "repeated")
        #expect(try bench.ledger.submit(Say.pay("s", "nobody", 100_00)).name == "refused")
    }

    @Test func aGroupThatFailedLeavesNoTrace() throws {
        let bench = try Bench(options: Self.tiny)
        try bench.run(Self.start)
        let before = try Picture(bench.ledger.current)
        for round in 0..<3 {
            let error = #expect(throws: LedgerError.self) { try bench.ledger.submit(Self.tooMuch) }
            #expect(error?.code == .outOfSpace)
            #expect(try Picture(bench.ledger.current) == before, "round \(round)")
        }
        // Through the queue, too.
        let done = Mutex<LedgerError.Code?>(nil)
        let ended = DispatchSemaphore(value: 0)
        try bench.ledger.submit(
            Self.tooMuch,
            completion: { result in
                if case .failure(let error) = result { done.withLock { $0 = error.code } }
                ended.signal()
            })
        ended.wait()
        #expect(done.withLock { $0 } == .outOfSpace)
        #expect(try Picture(bench.ledger.current) == before)
        // What fits goes on, as if nothing had been: the same as in a ledger where nothing had.
        let few = Array(Self.tooMuch.prefix(9))
        let names = try bench.ledger.submit(few).map(\.name)
        let other = try Bench()
        try other.run(Self.start)
        #expect(try other.ledger.submit(few).map(\.name) == names)
        let after = try Picture(bench.ledger.current)
        #expect(after == (try Picture(other.ledger.current)))
        bench.ledger.close()
        let ledger = try Ledger.open(at: bench.folder.path, options: testOptions())
        defer { ledger.close() }
        #expect(try Picture(ledger.current) == after)
        #expect(try ledger.submit(Self.tooMuch).allSatisfy { $0.refusal == nil })
    }

    /// Two groups in flight: the first fails, and the second, decided on top of it, goes with it.
    @Test func whatWasDecidedOnTopGoesToo() throws {
        let bench = try Bench(options: Self.tiny)
        try bench.run(Self.start)
        let before = try Picture(bench.ledger.current)
        let results = Mutex<[Int: String]>([:])
        let ended = DispatchSemaphore(value: 0)
        let second = [Say.pay("late", "n0", 1_00), Say.pay("fine", "c", 1_00)]
        for (number, commands) in [Self.tooMuch, second].enumerated() {
            try bench.ledger.submit(
                commands,
                completion: { result in
                    let text =
                        switch result {
                        case .success(let outcomes): outcomes.map(\.name).joined(separator: " ")
                        case .failure(let error): error.code.rawValue
                        }
                    results.withLock { $0[number] = text }
                    ended.signal()
                })
        }
        ended.wait()
        ended.wait()
        let found = results.withLock { $0 }
        #expect(found[0] == "ledger.out_of_space")
        // Decided in the same group, on top of it, or after its end: never on what was not written.
        #expect(found[1] == "ledger.out_of_space" || found[1] == "refused accepted", "\(found)")
        if found[1] == "ledger.out_of_space" { #expect(try Picture(bench.ledger.current) == before) }
        #expect(try bench.ledger.current.user("n0") == nil)
        #expect(try bench.ledger.submit(second).map(\.name)[0] == "refused")
    }

    /// An advance of many groups on a full disk ends with an error, and does not try for ever.
    @Test(.timeLimit(.minutes(1))) func anAdvanceThatDoesNotFit() throws {
        let folder = TemporaryFolder()
        let ledger = try makeLedger(folder, options: testOptions { $0.checkpointOnClose = false })
        var commands = [Say.signup("u0")]
        for i in 1...8 { commands.append(Say.signup("u\(i)", by: "u\(i - 1)")) }
        try ledger.submit(commands)
        let deep = twoLevel {
            $0.commission.levels = Array(repeating: 10_000, count: 8)
            $0.commission.maxDepth = 8
        }
        try ledger.submit(Say.publish(deep, from: day(0)))
        // Eight maturities a payment: more than one group of an advance holds.
        for start in stride(from: 0, to: 15_000, by: 5_000) {
            let part = (start..<(start + 5_000)).map {
                Say.pay("p\($0)", "u8", 10_000_000_00, day(1, hours: $0 % 24))
            }
            try ledger.submit(part)
        }
        let used = try ledger.current.status().logBytes
        let digest = try ledger.current.digest()
        ledger.close()
        let full = try Ledger.open(
            at: folder.path,
            options: testOptions {
                $0.logMapBytes = (Int(used) + (1 << 18)) & ~0xFFFF
                $0.checkpointOnClose = false
            })
        for _ in 0..<2 {
            let error = #expect(throws: LedgerError.self) { try full.advance(to: day(60)) }
            #expect(error?.code == .outOfSpace)
            #expect(try full.current.digest().value == digest.value)
        }
        full.close()
        let again = try Ledger.open(at: folder.path, options: testOptions { $0.checkpointOnClose = false })
        defer { again.close() }
        // A thread that does nothing but look where the ledger stands, from before the advance to its end.
        let positions = Mutex<Set<UInt64>>([])
        let isOver = Mutex(false)
        let looks = DispatchSemaphore(value: 0)
        let follower = Thread {
            var isFirst = true
            while !isOver.withLock({ $0 }) {
                let position = again.current.position.rawValue
                positions.withLock { _ = $0.insert(position) }
                if isFirst { looks.signal() }
                isFirst = false
            }
            looks.signal()
        }
        follower.start()
        looks.wait()
        let outcome = try again.advance(to: day(60))
        isOver.withLock { $0 = true }
        looks.wait()
        #expect(outcome.name == "accepted")
        // All of it is in the receipt, and it came in more than one group.
        let end = again.current.position.rawValue
        #expect(
            outcome.receipt
                == Receipt(
                    position: LogPosition(digest.position.rawValue + 1),
                    events: Int(end - digest.position.rawValue)))
        #expect(positions.withLock { $0.subtracting([digest.position.rawValue, end]).count } > 0)
        #expect(try again.current.balance(of: "u0", asset: .usd)?.available == 15_000 * 10_000_000)
    }

    /// While a group is decided and synced, readers see all of the last one and nothing of this.
    @Test func readersSeeWholeGroupsOnly() throws {
        let bench = try Bench()
        try bench.run(Self.start)
        let ledger = bench.ledger
        let stop = Atomic<Bool>(false)
        let seen = Mutex<Set<String>>([])
        let reads = Atomic<Int>(0)
        let thread = Thread {
            while !stop.load(ordering: .relaxed) {
                let policy = try? ledger.current.policy()
                let progress = try? ledger.current.importProgress("file")
                let user = try? ledger.current.user("n0")
                let position = ledger.current.position
                seen.withLock {
                    _ = $0.insert("policy \(policy?.version ?? 0)")
                    _ = $0.insert("import \(progress?.throughLine ?? 0)")
                    _ = $0.insert("n0 \(user != nil)")
                    _ = $0.insert("position \(position.rawValue)")
                }
                reads.add(1, ordering: .relaxed)
            }
        }
        thread.start()
        let before = ledger.current.position
        let outcomes = try ledger.submit(Self.tooMuch, mark: ImportMark(importId: "file", throughLine: 7))
        while try ledger.current.policy()?.version != 2 {}
        let during = reads.load(ordering: .relaxed)
        while reads.load(ordering: .relaxed) < during + 3 {}
        stop.store(true, ordering: .relaxed)
        #expect(outcomes.allSatisfy { $0.refusal == nil })
        #expect(during > 10, "the reader never got in")
        let after = ledger.current.position
        #expect(
            seen.withLock { $0 }.subtracting([
                "policy 1", "policy 2", "import 0", "import 7", "n0 false", "n0 true",
                "position \(before.rawValue)",
                "position \(after.rawValue)",
            ]) == [])
    }
}
