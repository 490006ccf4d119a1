import LMDB
import LedgerDomain
import LedgerState
import Testing

@testable import LedgerLog
@testable import ReferralLedger

/// Checkpoints of another version of the program.
@Suite struct OtherVersionTests {
    /// Checkpoints that another version wrote are whole, and of no use: the log is folded, and once there are two that can be read, the
    /// others are dropped with all that only they had.
    @Test func ofAnotherVersion() throws {
        let bench = try Bench.withTwoCheckpoints()
        let directory = bench.folder.path
        let digest = try bench.ledger.current.status().stateDigest
        bench.ledger.close()
        func store() throws -> CheckpointStore {
            try CheckpointStore(
                directory: directory + "/views", readOnly: false, mapSizeBytes: testOptions().viewsMapBytes)
        }
        let old = try store()
        var generations: [UInt32] = []
        for manifest in try old.readManifests() {
            var bytes = Array(manifest.encoded().dropLast(32))
            #expect(bytes[5] == UInt8(ascii: "2"))
            bytes[5] = UInt8(ascii: "1")
            bytes += SHA256Hasher().hash(bytes).bytes
            let write = try old.environment.beginWrite()
            try bytes.span.bytes.withUnsafeBytes { (raw) throws(LMDBError) in
                try write.put(old.manifests, key: UInt64(manifest.generation), value: raw)
            }
            try write.commit()
            generations.append(manifest.generation)
        }
        #expect(generations.count >= 2)
        #expect(try old.readManifests().isEmpty)
        #expect(try old.damagedManifests().isEmpty)
        // Histories that all of its checkpoints shared.
        let shared = CheckpointStore.key(ViewState.historyTable, 0, CheckpointStore.shared - 1)
        let write = try old.environment.beginWrite()
        try shared.span.bytes.withUnsafeBytes { (raw) throws(LMDBError) in
            try write.put(old.blocks, key: raw, value: raw)
        }
        try write.commit()
        let before = try keys(old.blocks, of: old)
        #expect(before.contains(shared))
        old.close()
        let health = try Ledger.examine(at: directory, options: testOptions())
        let check = try #require(health.first { $0.name == "checkpoint" })
        #expect(
            check.state == .warn && check.text.contains("was written by another version of this program"))
        let ledger = try Ledger.open(at: directory, options: testOptions())
        #expect(try ledger.current.status().stateDigest == digest)
        try ledger.checkpoint()
        let newest = try ledger.keeper.checkpoints.newestGeneration()
        #expect(newest > generations.max()!)
        // One is not enough.
        #expect(
            Set(try manifestKeys(ledger.keeper.checkpoints)).isSuperset(of: generations.map { UInt64($0) }))
        try ledger.submit([Say.pay("q", "u2", 10_00)])
        try ledger.checkpoint()
        #expect(
            Set(try manifestKeys(ledger.keeper.checkpoints)).isDisjoint(with: generations.map { UInt64($0) }))
        let kept = try ledger.keeper.checkpoints.readManifests()
        #expect(kept.count == 2)
        let after = try keys(ledger.keeper.checkpoints.blocks, of: ledger.keeper.checkpoints)
        #expect(before.isDisjoint(with: after))
        ledger.close()
        #expect(try Ledger.verify(at: directory, options: testOptions()).isClean)
    }

    private func keys(_ database: Database, of store: CheckpointStore) throws -> Set<[UInt8]> {
        let read = try store.environment.beginRead()
        let cursor = try read.cursor(database)
        var all: Set<[UInt8]> = []
        while let (key, _) = try cursor.next() { all.insert(Array(key)) }
        return all
    }

    private func manifestKeys(_ store: CheckpointStore) throws -> [UInt64] {
        let read = try store.environment.beginRead()
        let cursor = try read.cursor(store.manifests)
        var all: [UInt64] = []
        while let (key, _) = try cursor.nextInteger() { all.append(key) }
        return all
    }
}
