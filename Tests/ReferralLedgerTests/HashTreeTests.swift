import Foundation
import ReferralLedger
import Testing

/// The hash tree of a ledger: kept up, stored, taken up, made again; always the one that `verify` makes of the log.
@Suite struct HashTreeTests {
    private func root(_ ledger: Ledger) throws -> (UInt64, String) {
        let status = try ledger.current.status()
        return (status.treeSize, status.logRoot)
    }

    @Test func storedTakenUpAndMadeAgain() throws {
        let bench = try Bench()
        try bench.run((0..<600).map { Say.signup("u\($0)") })
        let first = try root(bench.ledger)
        #expect(first.0 >= 600)
        try bench.ledger.checkpoint()
        try bench.run((600..<1_300).map { Say.signup("u\($0)") })
        let second = try root(bench.ledger)
        bench.ledger.close()
        func verified() throws -> String {
            let report = try Ledger.verify(at: bench.folder.path, options: testOptions())
            #expect(report.isClean && report.treeSize == second.0)
            return report.logRoot
        }
        #expect(try verified() == second.1)
        // From the checkpoint that `close` wrote; then grown on.
        let again = try Ledger.open(at: bench.folder.path, options: testOptions())
        #expect(try root(again) == second)
        let past = try #require(try again.current.status().position.rawValue > 700 ? LogPosition(700) : nil)
        #expect(try again.past(at: past).status().treeSize < second.0)
        for i in 1_300..<1_400 { try again.submit(Say.signup("u\(i)")) }
        let third = try root(again)
        again.close()
        #expect(third.0 == second.0 + 100)
        // Without views/: the same.
        try Folders.removeViews(of: bench.folder)
        let anew = try Ledger.open(at: bench.folder.path, options: testOptions())
        #expect(try root(anew) == third)
        anew.close()
        #expect(try Ledger.verify(at: bench.folder.path, options: testOptions()).logRoot == third.1)
    }

    /// At most a second behind, without anybody asking for the root.
    @Test func lagsNoMoreThanASecond() throws {
        let bench = try Bench()
        try bench.run((0..<3_000).map { Say.signup("u\($0)") })
        let deadline = Date(timeIntervalSinceNow: 20)
        var lag = try bench.ledger.treeLag()
        while lag > 0, Date() < deadline {
            usleep(20_000)
            lag = try bench.ledger.treeLag()
        }
        #expect(lag == 0)
        bench.ledger.close()
    }
}
