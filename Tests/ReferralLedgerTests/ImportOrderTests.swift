import Foundation
import LedgerDomain
import LedgerExchange
import ReferralLedger
import Testing

/// A batch of an import can be handed over while the one before it is on its way, and is never recorded without it.
@Suite struct ImportOrderTests {
    private static func mark(_ line: UInt64, after: UInt64?, of id: String = "file") -> ImportMark {
        ImportMark(importId: id, throughLine: line, afterLine: after)
    }

    @Test func whatDoesNotFollowIsNotRecorded() throws {
        let folder = TemporaryFolder()
        let ledger = try makeLedger(folder)
        defer { ledger.close() }
        #expect(
            try ledger.submit([Say.signup("a")], mark: Self.mark(1, after: 0)).allSatisfy {
                $0.refusal == nil
            })
        let before = ledger.current.position
        for wrong: UInt64 in [0, 2] {
            #expect {
                try ledger.submit([Say.signup("b")], mark: Self.mark(3, after: wrong))
            } throws: { ($0 as? LedgerError)?.code == .busy }
        }
        #expect {
            try ledger.submit([Say.signup("b")], mark: Self.mark(2, after: 1, of: "other"))
        } throws: { ($0 as? LedgerError)?.code == .busy }
        #expect(ledger.current.position == before)
        #expect(try ledger.current.user("b") == nil)
        try ledger.submit([Say.signup("b")], mark: Self.mark(2, after: 1))
        // Without a word about it: anywhere.
        try ledger.submit([Say.signup("c")], mark: Self.mark(9, after: nil))
        #expect(try ledger.current.importProgress("file")?.throughLine == 9)
    }

    @Test func anAdvanceIsABatchLikeOthers() throws {
        let folder = TemporaryFolder()
        let ledger = try makeLedger(folder)
        defer { ledger.close() }
        try ledger.submit([Say.signup("a"), Say.pay("p", "a", 100)], mark: Self.mark(2, after: 0))
        let advance = Command(.advance(Advance(to: day(40))))
        #expect {
            try ledger.submit([advance], mark: Self.mark(3, after: 1))
        } throws: { ($0 as? LedgerError)?.code == .busy }
        try ledger.submit([advance], mark: Self.mark(3, after: 2))
        try ledger.submit([Say.pay("q", "a", 100)], mark: Self.mark(4, after: 3))
        #expect(try ledger.current.importProgress("file")?.accepted == 4)
    }

    /// However many groups may be on their way: with room for one, for some, and for as many as an import makes use of.
    @Test func theQueueSetsHowFarAnImportIsAhead() throws {
        let folder = TemporaryFolder()
        var simulation = Simulation(
            .init(users: 3_000, payments: 24_000, seed: 5, asset: try #require(Asset(code: "USD"))))
        var lines: [UInt8] = []
        while simulation.next(into: &lines) {}
        let file = folder.path + ".jsonl"
        try Data(lines).write(to: URL(fileURLWithPath: file))
        defer { try? FileManager.default.removeItem(atPath: file) }
        var seen: Set<String> = []
        for capacity in [Importer.groupLines, 65_536, 1 << 20] {
            let ledgerFolder = TemporaryFolder()
            var options = testOptions()
            options.queueCapacity = capacity
            let ledger = try makeLedger(ledgerFolder, options: options)
            defer { ledger.close() }
            #expect(ledger.queueCapacity == capacity)
            let input = try FileHandle(forReadingFrom: URL(fileURLWithPath: file))
            defer { try? input.close() }
            var told: [UInt64] = []
            var importer = Importer(ledger: ledger, importId: "i", onProgress: { told.append($0) })
            var source = JSONLineSource(
                reader: LineReader(descriptor: input.fileDescriptor),
                decoder: CommandLineDecoder(defaultAsset: Asset(code: "USD")))
            try importer.run(&source)
            #expect(importer.counts.refused == 0 && importer.counts.lines > 3 * UInt64(Importer.groupLines))
            #expect(told == told.sorted() && told.last == importer.counts.lines)
            seen.insert(try ledger.current.status().stateDigest)
        }
        #expect(seen.count == 1)
    }

    /// Handed over at once: all in flight or in the queue together.
    @Test func batchesOneAfterTheOther() throws {
        let folder = TemporaryFolder()
        let ledger = try makeLedger(folder)
        defer { ledger.close() }
        let results = Results()
        for line: UInt64 in 0..<40 {
            // The 20th is out of order; all after it stand on it.
            let after = line == 20 ? 7 : line
            try ledger.submit([Say.signup("u\(line)")], mark: Self.mark(line + 1, after: after)) {
                results.add($0)
            }
        }
        while results.count < 40 { try ledger.submit(Say.issue("u0", nil, key: nil)) }
        #expect(results.failures == 20)
        #expect(try ledger.current.importProgress("file")?.throughLine == 20)
        #expect(try ledger.current.user("u19") != nil && ledger.current.user("u20") == nil)
    }
}

private final class Results: @unchecked Sendable {
    // Proof of Sendable: all fields are only touched with `lock` held.
    private let lock = NSLock()
    private var all: [Bool] = []
    var count: Int { lock.withLock { all.count } }
    var failures: Int { lock.withLock { all.filter { !$0 }.count } }
    func add(_ result: Result<[Outcome], LedgerError>) {
        let isGood = if case .success = result { true } else { false }
        lock.withLock { all.append(isGood) }
    }
}
