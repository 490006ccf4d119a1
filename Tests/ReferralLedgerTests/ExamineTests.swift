import Foundation
import ReferralLedger
import Testing

/// What `Ledger.examine` says of clocks, maps and checkpoints, which a program cannot set.
@Suite struct ExamineTests {
    private func check(
        _ name: String, _ folder: TemporaryFolder, _ options: LedgerOptions = testOptions()
    ) throws -> HealthCheck {
        let checks = try Ledger.examine(at: folder.path, options: options)
        #expect(Set(checks.map(\.name)).count == checks.count)
        return try #require(checks.first { $0.name == name })
    }

    @Test func aClockBehindTheLog() throws {
        let folder = TemporaryFolder()
        let moment = try Timestamp("2030-01-01T00:00:00Z").nanoseconds
        try makeLedger(folder, options: testOptions { $0.clock = { moment } }).close()
        for (seconds, state) in [
            (0, .ok), (1, .ok), (-1, .warn), (-3_599, .warn), (-3_600, .fail), (-86_400, .fail),
        ] as [(Int64, HealthCheck.State)] {
            let options = testOptions { $0.clock = { moment + seconds * 1_000_000_000 } }
            let found = try check("clock", folder, options)
            #expect(found.state == state, "\(seconds): \(found.text)")
            #expect((found.advice == nil) == (state == .ok))
        }
    }

    @Test func aMapThatFillsUp() throws {
        let folder = TemporaryFolder()
        try makeLedger(folder).close()
        let used = try #require(
            FileManager.default.attributesOfItem(atPath: folder.path + "/log/data.mdb")[.size] as? Int)
        for (parts, state) in [(2, .ok), (1, .fail)] as [(Int, HealthCheck.State)] {
            let found = try check("map", folder, testOptions { $0.logMapBytes = used * parts })
            #expect(found.state == state, "\(found.text)")
        }
        #expect(try check("map", folder, testOptions { $0.logMapBytes = used * 10 / 9 }).state == .warn)
    }

    @Test func aCheckpointThatLagsBehind() throws {
        let folder = TemporaryFolder()
        try makeLedger(folder).close()
        let behind = testOptions {
            $0.checkpointEvents = 5
            $0.checkpointOnClose = false
        }
        let ledger = try Ledger.open(at: folder.path, options: behind)
        let at = try Timestamp("2024-01-01T00:00:00Z")
        try ledger.submit((0..<20).map { Command(.signup(Signup(userId: "u-\($0)", at: at))) })
        #expect(try check("writer", folder).isBusy)
        ledger.close()
        #expect(try check("checkpoint", folder, testOptions { $0.checkpointEvents = 5 }).state == .ok)
        let found = try check("checkpoint", folder, testOptions { $0.checkpointEvents = 3 })
        #expect(found.state == .warn)
        #expect(found.text.contains("20 events behind"))
        // An interval of which five are no number: never late.
        #expect(try check("checkpoint", folder, testOptions { $0.checkpointEvents = .max }).state == .ok)
        #expect(try !check("writer", folder).isBusy)
    }
}
