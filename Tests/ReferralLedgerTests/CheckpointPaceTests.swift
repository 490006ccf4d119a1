import Foundation
import Testing

@testable import ReferralLedger

/// When a checkpoint is due.
struct CheckpointPaceTests {
    /// After a checkpoint at 1,000 that wrote 500 bytes, of a log of 10,000 bytes.
    @Test(
        arguments: [
            // Not before the interval, whatever the log has grown by.
            (100, 99, 100_000, false),
            // Then as soon as it has grown by what was written.
            (100, 100, 499, false), (100, 100, 500, true), (100, 399, 499, false), (100, 399, 501, true),
            // At four intervals in any case.
            (100, 400, 0, true), (100, 4_000, 0, true),
            // Never without an interval.
            (0, 1_000_000, 1_000_000, false),
        ] as [(UInt64, UInt64, UInt64, Bool)])
    func due(_ interval: UInt64, _ events: UInt64, _ growth: UInt64, _ isDue: Bool) {
        var pace = CheckpointPace(interval: interval)
        pace.note(at: 1_000, written: 500, logBytes: 10_000)
        #expect(pace.isDue(at: 1_000 + events) { 10_000 + growth } == isDue)
    }

    @Test func theFirstIsDueAfterTheInterval() {
        let pace = CheckpointPace(interval: 100)
        #expect(!pace.isDue(at: 99) { 1 << 30 })
        #expect(pace.isDue(at: 100) { 8_192 })
    }

    /// A log that was compacted or restored meanwhile is smaller than it was.
    @Test func aLogThatShrank() {
        var pace = CheckpointPace(interval: 100)
        pace.note(at: 1_000, written: 500, logBytes: 10_000)
        #expect(pace.isDue(at: 1_100) { 9_000 })
        #expect(!pace.isDue(at: 900) { 9_000 })
    }

    /// Only blocks of this checkpoint count, not those that an earlier one has written.
    @Test func whatACheckpointWrote() throws {
        let bench = try Bench.withTwoCheckpoints()
        let directory = bench.folder.path
        bench.ledger.close()
        let checkpoints = try CheckpointStore(
            directory: directory + "/views", readOnly: true, mapSizeBytes: testOptions().viewsMapBytes)
        defer { checkpoints.close() }
        let manifests = try checkpoints.readManifests().sorted { $0.generation < $1.generation }
        let (first, second) = (try #require(manifests.first), try #require(manifests.last))
        func blocks(_ manifest: Manifest) -> UInt64 {
            UInt64(manifest.tables.reduce(0) { $0 + $1.shape.blockCount })
        }
        #expect(first.bytesWritten == 65_536 * blocks(first))
        #expect(second.bytesWritten > 0)
        #expect(second.bytesWritten < 65_536 * blocks(second))
    }

    /// With a ledger: written by the keeper's own thread when it is due, and not before.
    @Test(.timeLimit(.minutes(1))) func inTheBackground() throws {
        let options = testOptions {
            $0.checkpointEvents = 100
            $0.checkpointOnClose = false
        }
        let bench = try Bench(options: options)
        let ledger = bench.ledger
        func generations(from wanted: UInt32) throws -> UInt32 {
            while try ledger.keeper.checkpoints.newestGeneration() < wanted { usleep(20_000) }
            return try ledger.keeper.checkpoints.newestGeneration()
        }
        func signups(_ numbers: Range<Int>) throws { try bench.run(numbers.map { Say.signup("u\($0)") }) }
        try signups(0..<120)
        #expect(try generations(from: 1) == 1)
        // Less than an interval since: for as long as five looks take, none is due.
        try signups(120..<190)
        usleep(1_000_000)
        #expect(try ledger.keeper.checkpoints.newestGeneration() == 1)
        #expect(ledger.keeper.checkpointLag() == 0)
        // Far less than it wrote has been logged; but four intervals are over.
        try signups(190..<530)
        #expect(try generations(from: 2) == 2)
        let digest = try ledger.current.digest().value
        ledger.close()
        let again = try Ledger.open(at: bench.folder.path, options: options)
        #expect(try again.current.digest().value == digest)
        again.close()
    }
}
