import Glibc
import LMDB
import LedgerDomain
import LedgerLog
import LedgerState
import Testing

@testable import ReferralLedger

/// Histories lie on disk: their full blocks leave the memory, and stay readable over checkpoints, restarts and crashes.
@Suite struct HistoryOnDiskTests {
    private static let users = 400

    /// Some three full blocks of histories.
    private static func bench(_ options: LedgerOptions = testOptions()) throws -> Bench {
        let bench = try Bench(options: options)
        try bench.run((0..<users).map { Say.signup("u\($0)", by: $0 == 0 ? nil : "u\($0 / 2)") })
        try pay(bench.ledger, from: 0)
        return bench
    }

    private static func pay(_ ledger: Ledger, from first: Int, count: Int = 10_000) throws {
        for outcome in try ledger.submit(
            (first..<(first + count)).map { Say.pay("p\($0)", "u\($0 % users)", 10_00) })
        {
            #expect(outcome.refusal == nil)
        }
    }

    private static func histories(_ ledger: Ledger) throws -> [[LogPosition]] {
        try stride(from: 0, to: users, by: 37).map { try ledger.current.historyPositions(of: $0) }
    }

    /// Of the log alone.
    private static func expected(_ directory: String) throws -> [[LogPosition]] {
        let store = try LogStore.open(
            directory: directory + "/log", readOnly: true, mapSizeBytes: testOptions().logMapBytes)
        defer { store.close() }
        let box = ViewBox(ViewState(hashSeed: 3))
        try box.catchUp(store, through: try store.head().position)
        return stride(from: 0, to: users, by: 37).map { user in
            var positions: [LogPosition] = []
            box.views.history(of: user) {
                positions.append($0)
                return true
            }
            return positions.reversed()
        }
    }

    private static func inMemory(_ ledger: Ledger) throws -> Int {
        try #require(try ledger.current.tableMemory().first { $0.name == "history" }).bytes / 65_536
    }

    private static func blocks(_ ledger: Ledger) -> [UInt32] {
        ledger.keeper.busy.locked { ledger.keeper.historyBlocks?.generations ?? [] }
    }

    @Test("a checkpoint stores them, later ones share them")
    func checkpoints() throws {
        let bench = try Self.bench()
        let ledger = bench.ledger
        let before = try Self.histories(ledger)
        #expect(before.allSatisfy { $0.count > 20 })
        #expect(try Self.inMemory(ledger) >= 4)
        let digest = try ledger.current.digest().value
        try ledger.checkpoint()
        #expect(try Self.inMemory(ledger) == 1)
        #expect(try Self.histories(ledger) == before)
        let first = Self.blocks(ledger)
        #expect(first.count >= 4 && first.last == 1)
        #expect(first.dropLast().allSatisfy { $0 == CheckpointStore.shared })
        try Self.pay(ledger, from: 20_000, count: 300)
        try ledger.checkpoint()
        let second = Self.blocks(ledger)
        #expect(second.count == first.count && second.dropLast() == first.dropLast())
        #expect(second.last! > first.last!)
        #expect(try ledger.current.digest().value != digest)
        let after = try Self.histories(ledger)
        ledger.close()
        #expect(try Ledger.verify(at: bench.folder.path, options: testOptions()).isClean)
        #expect(try Self.expected(bench.folder.path) == after)
        let again = try Ledger.open(at: bench.folder.path, options: testOptions())
        defer { again.close() }
        #expect(try Self.histories(again) == after)
    }

    /// Stored in the background, no checkpoint since: the next opening folds them again, and they are stored again.
    @Test("blocks that no checkpoint names are made again", .timeLimit(.minutes(1)))
    func unnamed() throws {
        let options = testOptions {
            $0.checkpointOnClose = false
            $0.historyBlocksAtOnce = 2
        }
        let bench = try Self.bench(options)
        try bench.ledger.checkpoint()
        try Self.pay(bench.ledger, from: 30_000)
        let before = try Self.histories(bench.ledger)
        while try Self.inMemory(bench.ledger) > 2 { usleep(20_000) }
        let stored = Self.blocks(bench.ledger).count { $0 == CheckpointStore.shared }
        bench.ledger.close()
        let again = try Ledger.open(at: bench.folder.path, options: options)
        #expect(Self.blocks(again).count { $0 == CheckpointStore.shared } < stored)
        #expect(try Self.histories(again) == before)
        try again.checkpoint()
        #expect(Self.blocks(again).count { $0 == CheckpointStore.shared } >= stored)
        #expect(try Self.inMemory(again) == 1)
        #expect(try Self.histories(again) == before)
        again.close()
        #expect(try Ledger.verify(at: bench.folder.path, options: testOptions()).isClean)
    }

    @Test("a damaged one is found, and views made of it are not used")
    func damage() throws {
        let bench = try Self.bench(testOptions { $0.checkpointOnClose = false })
        let directory = bench.folder.path
        let before = try Self.histories(bench.ledger)
        try bench.ledger.checkpoint()
        bench.ledger.close()
        let store = try CheckpointStore(
            directory: directory + "/views", readOnly: false, mapSizeBytes: testOptions().viewsMapBytes)
        let key = CheckpointStore.key(ViewState.historyTable, 1, CheckpointStore.shared)
        let write = try store.environment.beginWrite()
        try key.span.bytes.withUnsafeBytes { (raw) throws(LMDBError) in
            try [UInt8](repeating: 7, count: 65_536).span.bytes.withUnsafeBytes { (bytes) throws(LMDBError) in
                try write.put(store.blocks, key: raw, value: bytes)
            }
        }
        try write.commit()
        store.close()
        let report = try Ledger.verify(at: directory, options: testOptions())
        #expect(report.findings.map(\.code) == ["views.damaged"])
        let name = "block 75.1.\(CheckpointStore.shared) of a checkpoint is damaged"
        #expect(report.findings.first?.message.hasPrefix(name) == true)
        let ledger = try Ledger.open(at: directory, options: testOptions())
        #expect(throws: LedgerError.self) { try Self.histories(ledger) }
        ledger.close()
        _ = try Ledger.rebuild(at: directory, options: testOptions())
        let again = try Ledger.open(at: directory, options: testOptions())
        defer { again.close() }
        #expect(try Self.histories(again) == before)
    }

    @Test("a full disk costs memory, and nothing else")
    func noRoom() throws {
        let bench = try Self.bench(testOptions { $0.viewsMapBytes = 1 << 17 })
        let before = try Self.histories(bench.ledger)
        let blocks = try Self.inMemory(bench.ledger)
        #expect(throws: LedgerError.self) { try bench.ledger.checkpoint() }
        #expect(try Self.inMemory(bench.ledger) == blocks)
        #expect(try Self.histories(bench.ledger) == before)
        try Self.pay(bench.ledger, from: 40_000, count: 10)
    }
}
