import Foundation
import Testing

@testable import LedgerDomain
@testable import LedgerLog
@testable import LedgerProof
@testable import LedgerReconcile
@testable import ReferralLedger

/// The hash tree in `views/` against the log's records.
@Suite struct TreeCheckTests {
    /// What is done to a stored row.
    enum Fault: String, CaseIterable, Sendable {
        case hash, base, missing, extra, damaged
    }

    /// A shop whose log is so long that two levels of the tree are stored.
    static func grown(_ shop: Shop, by users: Int = 800) throws {
        try shop.ledger.submit(
            (0..<users).map { i in
                var signup = Command(
                    .signup(Signup(userId: "many-\(i)", at: try Timestamp("2024-02-10T00:00:00Z"))))
                signup.programme = "two-level"
                return signup
            })
        try shop.ledger.checkpoint()
    }

    static func plant(_ fault: Fault, in checkpoints: CheckpointStore) throws {
        let first = try #require(try checkpoints.treeRow(level: 1, index: 0))
        var row = first
        let write = try checkpoints.environment.beginWrite()
        let table = try #require(checkpoints.tree)
        switch fault {
        case .hash: row.hashes[1] = SHA256Hasher().hash([1])
        case .base: row.bases[2] += 1
        case .missing: row.index = 1
        case .extra: (row.level, row.bases) = (2, [])
        case .damaged: break
        }
        try checkpoints.put([row], write)
        if fault == .missing || fault == .damaged {
            try withUnsafeBytes(of: first.key) { key in
                _ = try write.delete(table, key: key.load(as: UInt64.self))
            }
        }
        if fault == .damaged {
            try [UInt8](repeating: 7, count: 60).withUnsafeBytes {
                try write.put(table, key: first.key, value: $0)
            }
        }
        try write.commit()
    }

    @Test(arguments: Fault.allCases, [false, true])
    func isFound(fault: Fault, isOpen: Bool) throws {
        let shop = try Shop()
        try Self.grown(shop)
        #expect(try shop.ledger.reconcile().isClean)
        let report: ReconcileReport
        if isOpen {
            try Self.plant(fault, in: shop.ledger.keeper.checkpoints)
            report = try shop.ledger.reconcile()
        } else {
            shop.ledger.close()
            let checkpoints = try CheckpointStore(
                directory: shop.folder.path + "/views", readOnly: false, mapSizeBytes: 1 << 32)
            try Self.plant(fault, in: checkpoints)
            checkpoints.close()
            report = try Ledger.reconcile(at: shop.folder.path, options: testOptions())
        }
        #expect(report.codes.contains("log.tree"), "\(fault), open \(isOpen): \(report.text)")
        #expect(!report.isClean)
        let named = report.breaks.filter { $0.code == "log.tree" }.allSatisfy { $0.message.contains("row ") }
        #expect(named, "\(report.breaks)")
    }

    /// Rows that a writer stored after the walk are nothing to say of; those before it are.
    @Test func aLogThatWentOn() throws {
        let shop = try Shop()
        try Self.grown(shop)
        let store = shop.ledger.store
        let fresh = TileTree(source: NoTiles())
        try store.scan(after: .start, through: LogPosition(300)) { record, header in
            fresh.append(record, base: header.basePosition.rawValue)
            return true
        }
        let checkpoints = shop.ledger.keeper.checkpoints
        #expect(try checkpoints.wrongTreeRows(fresh, mayHoldMore: true) == [])
        #expect(try checkpoints.wrongTreeRows(fresh) == ["1.0"])
        try Self.plant(.hash, in: checkpoints)
        #expect(try checkpoints.wrongTreeRows(fresh, mayHoldMore: true) == [])
        let longer = TileTree(source: NoTiles())
        try store.scan(after: .start, through: LogPosition(700)) { record, header in
            longer.append(record, base: header.basePosition.rawValue)
            return true
        }
        #expect(try checkpoints.wrongTreeRows(longer, mayHoldMore: true) == ["1.0"])
    }
}
