import Foundation
import LedgerDomain
import ReferralLedger
import Testing

import struct NaiveModel.SplitMix64

/// Flipped bytes: the right answer or a clear error, never a wrong answer.
///
/// LMDB trusts its own pages and may crash on damaged ones, so bytes are flipped where values lie.
@Suite struct DamageTests {
    /// The data of LMDB's overflow pages, where blocks of checkpoints lie: (offset, length).
    static func overflow(_ bytes: Data) -> [(Int, Int)] {
        func word(_ offset: Int, _ size: Int) -> Int {
            (0..<size).reversed().reduce(0) { $0 << 8 | Int(bytes[offset + $1]) }
        }
        var found: [(Int, Int)] = []
        var page = 2
        while (page + 1) * 4_096 <= bytes.count {
            let at = page * 4_096
            // The page's own number, the flag, and how many pages it spans.
            if word(at, 8) == page, word(at + 10, 2) & 0x04 != 0, case let count = word(at + 12, 4),
                count > 0,
                (page + count) * 4_096 <= bytes.count
            {
                found.append((at + 16, count * 4_096 - 16))
                page += count
            } else {
                page += 1
            }
        }
        return found
    }

    static func history(_ users: Int) -> [Command] {
        var commands = [Say.signup("u0"), Say.issue("u0", "CODE0", key: "k0")]
        for i in 1..<users {
            commands.append(Say.signup("u\(i)", by: "u\(i / 2)"))
            commands.append(Say.pay("p\(i)", "u\(i)", Int64(1_000 + i * 7), day(i % 20)))
            if i % 3 == 0 { commands.append(Say.refund("r\(i)", "p\(i)", Int64(i), day(20))) }
            if i % 5 == 0 { commands.append(Say.issue("u\(i)", "CODE\(i)", key: "k\(i)")) }
        }
        return commands
    }

    struct Truth: Equatable {
        let digest: String
        let users: [UserSummary?]
        let board: [LeaderboardEntry]?
        let statement: [StatementLine]?
        init(_ reader: LedgerReader, _ users: Int) throws {
            digest = try reader.digest().value
            self.users = try (0..<users).map { try reader.user("u\($0)") }
            board = try reader.leaderboard(by: .earnings, limit: 1_000)?.entries
            statement = try reader.statement(of: "u1")
        }
    }

    @Test func damagedCheckpoints() throws {
        let users = 60
        let bench = try Bench()
        try bench.run(Self.history(users))
        try bench.ledger.checkpoint()
        try bench.run([Say.pay("tail", "u9", 5_00, day(21))])
        let truth = try Truth(bench.ledger.current, users)
        bench.ledger.close()
        let path = bench.folder.path + "/views/data.mdb"
        let sound = try Data(contentsOf: URL(fileURLWithPath: path))
        let places = Self.overflow(sound)
        #expect(places.count > 20)
        let next = [
            Say.pay("p1", "u1", 1_007, day(1)), Say.signup("u30", by: "u15"),
            Say.refund("r3", "p3", 3, day(20)),
            Say.refund("new", "p4", 1, day(22)), Say.issue("u5", "CODE5", key: "k5"),
            Say.pay("n", "u50", 1_00, day(22)),
        ]
        var random = SplitMix64(seed: 5)
        var (right, refusing) = (0, 0)
        for round in 0..<100 {
            var damaged = sound
            // Most values are a few rows and zeros: mostly among the rows.
            let (start, length) = random.pick(places)
            let at = start + random.below(random.below(4) == 0 ? length : 600)
            damaged[at] ^= UInt8(1 << random.below(8))
            try damaged.write(to: URL(fileURLWithPath: path))
            let ledger = try Ledger.open(
                at: bench.folder.path, options: testOptions { $0.checkpointOnClose = false })
            switch Result(catching: { try Truth(ledger.current, users) }) {
            case .success(let found):
                #expect(found == truth, "round \(round), byte \(at)")
                right += 1
            case .failure(let error):
                let known = error as? LedgerError
                #expect(known?.code == .broken && known?.message.contains("views/") == true, "\(error)")
                refusing += 1
            }
            ledger.close()
            if round % 10 == 0 { try Self.decide(next, bench.folder, path, damaged) }
        }
        #expect(right + refusing == 100 && refusing > 5, "\(right) right, \(refusing) refused")
        // The cure that the message names.
        try Folders.removeViews(of: bench.folder)
        let ledger = try Ledger.open(at: bench.folder.path, options: testOptions())
        #expect(try Truth(ledger.current, users) == truth)
        ledger.close()
    }

    /// Nothing is decided on a damaged block, and no checkpoint is made of it.
    private static func decide(_ next: [Command], _ folder: TemporaryFolder, _ path: String, _ damaged: Data)
        throws
    {
        let copy = TemporaryFolder()
        try FileManager.default.copyItem(atPath: folder.path, toPath: copy.path)
        let ledger = try Ledger.open(at: copy.path, options: testOptions())
        let fresh = try? ledger.submit(Say.signup("fresh", day(22)))
        let result = Result { try ledger.submit(next).map(\.name) }
        switch result {
        case .success(let names):
            #expect(names == ["repeated", "repeated", "repeated", "accepted", "repeated", "accepted"])
        case .failure(let error):
            #expect((error as? LedgerError)?.code == .broken)
            if fresh != nil { #expect(throws: LedgerError.self) { try ledger.checkpoint() } }
        }
        ledger.close()
        #expect(
            try Ledger.verify(at: copy.path, options: testOptions()).findings.allSatisfy {
                $0.code == "views.damaged"
            })
    }

    /// A record of the log with a flipped byte is found, and named.
    @Test func damagedRecords() throws {
        let bench = try Bench(options: testOptions { $0.checkpointOnClose = false })
        try bench.run(Self.history(40))
        let events = try bench.ledger.current.events(from: LogPosition(1), limit: 10_000)
        bench.ledger.close()
        let path = bench.folder.path + "/log/data.mdb"
        let sound = try Data(contentsOf: URL(fileURLWithPath: path))
        var random = SplitMix64(seed: 9)
        let payments = events.filter { $0.type == .paymentReceived }
        var copies = 0
        for _ in 0..<25 {
            let payment = random.pick(payments)
            guard case .text(let id)? = payment["paymentId"] else { continue }
            let begin = events.first { $0.ordinal == payment.ordinal }!.position
            var damaged = sound
            // The payment's id, wherever a page has it: old pages may hold copies.
            var from = damaged.startIndex
            while let found = damaged.range(
                of: Data([UInt8(id.utf8.count)] + id.utf8), in: from..<damaged.endIndex)
            {
                damaged[found.upperBound - 1] ^= 0x10
                from = found.upperBound
                copies += 1
            }
            try damaged.write(to: URL(fileURLWithPath: path))
            let report = try Ledger.verify(at: bench.folder.path, options: testOptions())
            // A shorter id may be the begin of another's: the first damaged record is named.
            let named = try #require(report.findings.first?.position)
            #expect(named <= begin, "\(id): \(report.findings)")
            #expect(
                events.contains {
                    $0.position == named && $0.ordinal == events.first { $0.position == named }!.ordinal
                })
            let error = #expect(throws: LedgerError.self) {
                try Ledger.open(at: bench.folder.path, options: testOptions())
            }
            #expect(error?.code == .broken && error?.position == named)
            // The past before it can still be read; after it not.
            let archive = #expect(throws: LedgerError.self) {
                try LedgerArchive.open(at: bench.folder.path, options: testOptions())
            }
            #expect(archive?.code == .broken)
        }
        #expect(copies >= 25)
        try sound.write(to: URL(fileURLWithPath: path))
        #expect(try Ledger.verify(at: bench.folder.path, options: testOptions()).isClean)
    }
}
