import LedgerDomain
import Testing

@testable import ReferralLedger

/// The checkpoint that closing writes.
@Suite struct LastCheckpointTests {
    @Test("a ledger that was opened from a checkpoint closes with one of its end, whatever nobody has read")
    func closing() throws {
        let bench = try Bench()
        let directory = bench.folder.path
        try bench.run((0..<300).map { Say.signup("u\($0)", by: $0 == 0 ? nil : "u\($0 / 2)") })
        try bench.run((0..<400).map { Say.pay("p\($0)", "u\($0 % 300)", 10_00) })
        try bench.ledger.checkpoint()
        bench.ledger.close()
        var options = testOptions()
        options.checkpointOnClose = true
        let again = try Ledger.open(at: directory, options: options)
        // What this touches is not what the views have to fold.
        try again.submit((0..<20).map { Say.pay("more-\($0)", "u\(200 + $0)", 10_00) })
        let end = again.current.position
        again.close()
        let checkpoints = try CheckpointStore(
            directory: directory + "/views", readOnly: true, mapSizeBytes: options.viewsMapBytes)
        let newest = try #require(try checkpoints.readManifests().first)
        checkpoints.close()
        #expect(newest.head.position == end)
        #expect(newest.viewsHead.position == end)
    }
}
