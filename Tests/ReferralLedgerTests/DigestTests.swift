import Foundation
import LedgerDomain
import LedgerExchange
import ReferralLedger
import Testing

import struct NaiveModel.RandomProgramme
import struct NaiveModel.SplitMix64

/// One digest, however a ledger came to be: grouped, reopened, rebuilt, or looked at afterwards.
@Suite struct DigestTests {
    /// Random commands, with several programmes' worth of trouble, as the decoder gives them.
    static func commands(_ seed: UInt64, lines: Int = 500) -> [Command] {
        var options = RandomProgramme.Options()
        options.lines = lines
        options.sharesEmails = true
        var decoder = CommandLineDecoder(defaultAsset: Asset(code: "USD")!)
        // Drawn codes differ from ledger to ledger.
        return RandomProgramme(seed: seed, options: options).compactMap { try? decoder.decode($0) }.filter {
            if case .issueCode(let issue) = $0.action { issue.code != nil } else { true }
        }
    }

    static var policy: Policy {
        twoLevel {
            $0.workflow.expiryDays = 30
            $0.codes.ttlDays = 50
        }
    }

    static func isAdvance(_ command: Command) -> Bool {
        if case .advance = command.action { true } else { false }
    }

    /// Hands commands over in batches of at most so many; an advance is a batch of its own.
    static func feed(_ commands: [Command], to ledger: Ledger, upTo size: () -> Int) throws -> [LedgerDomain
        .Outcome]
    {
        var outcomes: [LedgerDomain.Outcome] = []
        var start = 0
        while start < commands.count {
            var end = start + 1
            if !isAdvance(commands[start]) {
                let wanted = min(commands.count, start + max(1, size()))
                while end < wanted, !isAdvance(commands[end]) { end += 1 }
            }
            outcomes += try ledger.submit(Array(commands[start..<end]))
            start = end
        }
        return outcomes
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func batchesAndReopening(seed: UInt64) throws {
        let commands = Self.commands(seed)
        let plain = try Bench(policy: Self.policy)
        let outcomes = try Self.feed(commands, to: plain.ledger) { 1 }.map(\.name)
        let digest = try plain.ledger.current.digest()

        var random = SplitMix64(seed: seed)
        let whole = try Bench(policy: Self.policy)
        #expect(try Self.feed(commands, to: whole.ledger) { 1_000_000 }.map(\.name) == outcomes)
        #expect(try whole.ledger.current.digest().value == digest.value)

        // Random batches, checkpoints in between, opened again at random moments, with and without views/.
        let folder = TemporaryFolder()
        var ledger = try makeLedger(folder, policy: Self.policy)
        var names: [String] = []
        var rest = commands[...]
        while !rest.isEmpty {
            let part = Array(rest.prefix(1 + random.below(90)))
            rest = rest.dropFirst(part.count)
            names += try Self.feed(part, to: ledger) { 1 + random.below(40) }.map(\.name)
            switch random.below(6) {
            case 0: try ledger.checkpoint()
            case 1, 2:
                let before = try ledger.current.digest()
                let options = testOptions { $0.checkpointOnClose = random.below(2) == 0 }
                ledger.close()
                if random.below(3) == 0 { try Folders.removeViews(of: folder) }
                ledger = try Ledger.open(at: folder.path, options: options)
                #expect(try ledger.current.digest().value == before.value)
                #expect(try ledger.current.digest().position == before.position)
            case 3: _ = try ledger.current.digest()
            default: break
            }
        }
        #expect(names == outcomes)
        #expect(try ledger.current.digest().value == digest.value)
        #expect(try ledger.current.digest().position == digest.position)
        ledger.close()
        for threads in [1, 2] {
            let report = try Ledger.rebuild(at: folder.path, threads: threads, options: testOptions())
            #expect(report.stateDigest == digest.value && report.position == digest.position)
        }
        let verified = try Ledger.verify(at: folder.path, options: testOptions())
        #expect(
            verified.isClean && verified.stateDigest == digest.value && verified.comparedViews,
            "\(verified.findings)")
    }

    /// What was seen live at a position is what any later look at that position sees.
    @Test(arguments: [11, 12] as [UInt64])
    func pastPositions(seed: UInt64) throws {
        struct Note {
            let position: LogPosition
            let digest: String
            let statement: [StatementLine]?
            let board: [LeaderboardEntry]?
            let user: UserSummary?
            let trial: [TrialBalanceLine]
        }
        func note(_ reader: LedgerReader, _ user: String) throws -> Note {
            let digest = try reader.digest()
            return Note(
                position: digest.position, digest: digest.value, statement: try reader.statement(of: user),
                board: try reader.leaderboard(by: .earnings)?.entries, user: try reader.user(user),
                trial: try reader.trialBalance().value)
        }
        func check(_ reader: LedgerReader, _ known: Note, _ user: String) throws {
            let found = try note(reader, user)
            #expect(found.digest == known.digest && found.position == known.position)
            #expect(found.statement == known.statement && found.board == known.board)
            #expect(found.user == known.user && found.trial == known.trial)
        }
        let commands = Self.commands(seed, lines: 400)
        let bench = try Bench(policy: Self.policy)
        let user = commands.lazy.compactMap { command -> String? in
            if case .signup(let signup) = command.action { signup.userId } else { nil }
        }.first!
        var random = SplitMix64(seed: seed)
        var notes: [Note] = []
        var rest = commands[...]
        while !rest.isEmpty {
            let part = Array(rest.prefix(1 + random.below(60)))
            rest = rest.dropFirst(part.count)
            _ = try Self.feed(part, to: bench.ledger) { 20 }
            notes.append(try note(bench.ledger.current, user))
            if random.below(4) == 0 { try bench.ledger.checkpoint() }
        }
        for known in notes where random.below(2) == 0 {
            try check(try bench.ledger.past(at: known.position), known, user)
        }
        let archive = try #require(try? LedgerArchiveBeside(bench))
        for known in notes.reversed() where random.below(2) == 0 {
            try check(try archive.value.past(at: known.position), known, user)
        }
        try check(archive.value.current, notes.last!, user)
        // In the middle of a record: what was before it.
        let events = try bench.ledger.current.events(from: LogPosition(1), limit: 5_000)
        let ordinal = try #require(events.last { $0.type == .commissionEarned }).ordinal
        let record = events.filter { $0.ordinal == ordinal }
        let (begin, end) = (record.first!.position, record.last!.position)
        let last = try bench.ledger.past(at: LogPosition(end.rawValue - 1)).digest()
        #expect(last.position.rawValue == begin.rawValue - 1)
        let cut = try bench.ledger.past(at: begin).digest()
        #expect(cut.position.rawValue == begin.rawValue - 1)
        #expect(try bench.ledger.past(at: cut.position).digest().value == cut.value)
        // By recorded moments.
        let moment = record[0].recordedAt
        let at = try bench.ledger.past(at: moment).digest().position
        #expect(at == events.last { $0.recordedAt <= moment }!.position)
        #expect(try bench.ledger.past(at: LogPosition(0)).status().users == 0)
        let far = try bench.ledger.past(at: LogPosition(.max / 2)).digest()
        #expect(far.value == notes.last!.digest)
    }

    /// An archive on a copy of the folder: one process may open a folder but once.
    final class LedgerArchiveBeside {
        let folder = TemporaryFolder()
        let value: LedgerArchive
        init(_ bench: Bench) throws {
            try FileManager.default.copyItem(atPath: bench.folder.path, toPath: folder.path)
            value = try LedgerArchive.open(at: folder.path, options: testOptions())
        }
        deinit { value.close() }
    }

    /// Callers that do not touch one another: users get other numbers, and everybody has what he would have had.
    @Test func independentCallers() async throws {
        func commands(_ family: Int) -> [Command] {
            let (a, b, c) = ("a\(family)", "b\(family)", "c\(family)")
            var list = [Say.signup(a), Say.signup(b, by: a), Say.signup(c, by: b)]
            for i in 0..<10 {
                list.append(Say.pay("p\(family)-\(i)", c, Int64(family * 100 + i + 20)))
                list.append(Say.refund("r\(family)-\(i)", "p\(family)-\(i)", Int64(1 + i)))
            }
            return list
        }
        let one = try Bench()
        for family in 0..<20 { try one.run(commands(family)) }
        let many = try Bench()
        let ledger = many.ledger
        try await withThrowingTaskGroup(of: Void.self) { group in
            for family in 0..<20 {
                group.addTask { for command in commands(family) { try await ledger.submit(command) } }
            }
            try await group.waitForAll()
        }
        for family in 0..<20 {
            for user in ["a", "b", "c"].map({ "\($0)\(family)" }) {
                #expect(try one.ledger.current.balances(of: user) == many.ledger.current.balances(of: user))
                #expect(try one.ledger.current.user(user)?.stage == many.ledger.current.user(user)?.stage)
            }
        }
        #expect(try one.ledger.current.trialBalance().value == many.ledger.current.trialBalance().value)
        let digest = try ledger.current.digest().value
        ledger.close()
        #expect(try Ledger.rebuild(at: many.folder.path, options: testOptions()).stateDigest == digest)
    }

    /// Drawn codes, ledger ids, seeds of hashes and moments of recording are not in it; what was decided is.
    @Test func whatIsInIt() throws {
        let draw: @Sendable (Int, [UInt8]) -> [UInt8] = { length, _ in Array(repeating: 90, count: length) }
        func digest(_ clock: Int64, _ amount: Int64) throws -> String {
            let bench = try Bench(
                options: testOptions {
                    $0.clock = { clock }
                    $0.drawCode = { (length, alphabet) in draw(length, alphabet) }
                })
            try bench.run([
                Say.signup("a"), Say.issue("a", nil, key: "1"), Say.signup("b", by: "a"),
                Say.pay("p", "b", amount),
            ])
            return try bench.ledger.current.digest().value
        }
        let first = try digest(day(100).nanoseconds, 10_00)
        #expect(try digest(day(50).nanoseconds, 10_00) == first)
        #expect(try digest(day(100).nanoseconds, 10_05) != first)
    }
}
