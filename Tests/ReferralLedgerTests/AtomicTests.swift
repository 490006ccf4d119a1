import LedgerDomain
import LedgerExchange
import NaiveModel
import ReferralLedger
import Testing

/// Batches that are recorded whole or not at all, and rehearsals that record nothing.
@Suite struct AtomicTests {
    static let story = [
        Say.signup("a"), Say.signup("b", by: "a"), Say.pay("p", "b", 100_00, day(1)),
        Command(.advance(Advance(to: day(40)))), Say.pay("q", "b", 10_00, day(41)),
    ]

    @Test func wholeOrNotAtAll() throws {
        let bench = try Bench()
        let before = try bench.ledger.current.status()
        // The last command is refused: nothing stands, not even the advance in the middle.
        let failed = try bench.ledger.submitAtomically(Self.story + [Say.pay("r", "nobody", 1_00)])
        #expect(!failed.isRecorded)
        #expect(failed.outcomes.map(\.name).last == "refused")
        #expect(failed.outcomes.dropLast().allSatisfy { $0.refusal == nil })
        #expect(try bench.ledger.current.status() == before)
        #expect(try bench.ledger.current.balances(of: "a") == nil)
        // The writer goes on.
        let done = try bench.ledger.submitAtomically(Self.story)
        #expect(done.isRecorded)
        #expect(try bench.money("a") == [2_00, 20_00, 0, 22_00])
        let again = try bench.ledger.submitAtomically(Self.story)
        #expect(again.isRecorded)
        #expect(again.outcomes.map(\.name) == Array(repeating: "repeated", count: Self.story.count))
        // The same commands one by one make the same state.
        let other = try Bench()
        for command in Self.story { try other.ledger.submit(command) }
        #expect(try bench.ledger.current.digest().value == other.ledger.current.digest().value)
        bench.ledger.close()
        #expect(try Ledger.verify(at: bench.folder.path).isClean)
    }

    /// What a batch that is taken back leaves in memory differs from what a fold makes, and says nothing.
    @Test func aBatchTakenBackLeavesNothingToReconcile() throws {
        let bench = try Bench()
        try bench.run([Say.signup("a"), Say.signup("b", by: "a"), Say.pay("p", "b", 100_00)])
        let long = (0..<100).map { Say.signup("an-id-of-22-bytes-\(1_000 + $0)", by: "b") }
        let failed = try bench.ledger.submitAtomically(long + [Say.pay("r", "nobody", 1_00)])
        #expect(!failed.isRecorded)
        try bench.run([Say.signup("c", by: "b"), Say.pay("q", "c", 100_00)])
        #expect(try bench.ledger.reconcile().breaks.map(\.message) == [])
        for user in ["a", "b", "c"] { #expect(try bench.ledger.current.balances(of: user) != nil) }
        #expect(try bench.ledger.current.balances(of: "an-id-of-22-bytes-1000") == nil)
        bench.ledger.close()
        let report = try Ledger.reconcile(at: bench.folder.path, options: testOptions())
        #expect(report.breaks.map(\.message) == [])
    }

    @Test func nothingOfABatchIsSeenByReaders() throws {
        let bench = try Bench()
        let seen = try bench.ledger.atomically { group in
            let outcomes = (try? group.decide([Say.signup("a")])) ?? []
            let isUnseen = (try? bench.ledger.current.balances(of: "a")) == .some(nil)
            return outcomes.count == 1 && isUnseen
        }
        #expect(seen)
        #expect(try bench.ledger.current.balances(of: "a") == [])
    }

    @Test func besideOtherCallers() async throws {
        let bench = try Bench()
        let ledger = bench.ledger
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<4 {
                group.addTask {
                    for i in 0..<60 { _ = try await ledger.submit(Say.signup("u-\(caller)-\(i)")) }
                }
            }
            group.addTask {
                for i in 0..<30 {
                    let bad = i % 3 == 0 ? [Say.pay("x", "nobody", 1)] : []
                    let answer = try ledger.submitAtomically([Say.signup("z-\(i)")] + bad)
                    #expect(answer.isRecorded == bad.isEmpty)
                }
            }
            try await group.waitForAll()
        }
        #expect(try ledger.current.status().users == 4 * 60 + 20)
        ledger.close()
        #expect(try Ledger.verify(at: bench.folder.path).isClean)
    }

    /// What a rehearsal says is what the ledger then says, command by command; and it leaves no trace.
    @Test(arguments: [3, 4] as [UInt64])
    func aRehearsalSaysWhatTheLedgerWillSay(seed: UInt64) throws {
        for policy in [RandomPolicy.plain, .tiered] {
            let folder = TemporaryFolder()
            let rules = try Policy.parse(Array(policy.json.utf8))
            let ledger = try makeLedger(folder, asset: policy.asset, policy: rules)
            defer { ledger.close() }
            var decoder = CommandLineDecoder(defaultAsset: Asset(code: policy.asset)!)
            let lines = MainLineProgramme.lines(seed: seed, policy: policy, lines: 400)
            var commands: [Command] = []
            for line in lines { if let command = try? decoder.decode(line) { commands.append(command) } }
            let half = commands.count / 2
            for command in commands[..<half] { try ledger.submit(command) }
            let before = try ledger.current.status()
            let rehearsal = try ledger.rehearsal()
            defer { rehearsal.close() }
            var rehearsed: [LedgerDomain.Outcome] = []
            for start in stride(from: half, to: commands.count, by: 37) {
                rehearsed += try rehearsal.submit(Array(commands[start..<min(start + 37, commands.count)]))
            }
            #expect(try ledger.current.status() == before, "\(policy) seed \(seed)")
            var real: [LedgerDomain.Outcome] = []
            for command in commands[half...] { real.append(try ledger.submit(command)) }
            for (index, pair) in zip(rehearsed, real).enumerated() {
                #expect(pair.0 == pair.1, "\(policy) seed \(seed) command \(half + index)")
            }
            #expect(rehearsed.count == real.count)
        }
    }

    @Test func rehearsalsThatCannotBegin() throws {
        let bench = try Bench()
        bench.ledger.close()
        #expect(throws: LedgerError.self) { try Rehearsal.open(at: bench.folder.path + "/nothing") }
        let rehearsal = try Rehearsal.open(at: bench.folder.path, options: testOptions())
        #expect(try rehearsal.submit([Say.signup("a")]).map(\.name) == ["accepted"])
        #expect(try rehearsal.submit([Say.signup("a")]).map(\.name) == ["repeated"])
        rehearsal.close()
        #expect(throws: LedgerError.self) { try rehearsal.submit([Say.signup("b")]) }
    }
}
