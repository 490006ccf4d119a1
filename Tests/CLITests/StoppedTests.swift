import Foundation
import Testing

/// Verbs that make a scratch folder leave none behind, however they are stopped.
@Suite struct StoppedTests {
    /// Waits until a folder holds what is asked for; false after twenty seconds.
    private func wait(for folder: URL, until holds: ([String]) -> Bool) throws -> Bool {
        for _ in 0..<20_000 {
            if holds(try FileManager.default.contentsOfDirectory(atPath: folder.path)) { return true }
            usleep(1_000)
        }
        return false
    }

    private func stop(_ words: [String], by signal: Int32, after delay: UInt32, _ box: Sandbox) throws {
        let scratch = box.folder.appendingPathComponent("scratch-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        let run = try box.start(words, environment: ["TMPDIR": scratch.path])
        let what = "\(words[0]) stopped by \(signal) after \(delay) µs"
        #expect(try wait(for: scratch) { !$0.isEmpty }, "\(what): it made no scratch folder")
        usleep(delay)
        kill(run.process.processIdentifier, signal)
        let end = try run.finish()
        // Ended by the signal itself, as the shell expects it.
        #expect(end.code == -signal, "\(what): \(end.code) \(end.out)\(end.err)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == [], "\(what)")
    }

    /// While the log is copied, while facts are decided, while the states are compared.
    @Test func reDecide() throws {
        let box = try Sandbox()
        try box.initialise()
        let facts = try box.simulated(users: 1_500, payments: 12_000)
        #expect(try box.run("import", facts).code == 0)
        let digest = try box.digest()
        let out = box.folder.appendingPathComponent("proposal.json").path
        let signals = [SIGINT, SIGTERM, SIGHUP]
        for (round, delay) in [0, 5_000, 60_000, 250_000, 700_000].enumerated() {
            try stop(["re-decide", "--out", out], by: signals[round % 3], after: UInt32(delay), box)
        }
        let late = ["re-decide", "--from", "30000", "--out", out]
        for delay in [0, 20_000] { try stop(late, by: SIGINT, after: UInt32(delay), box) }
        #expect(!FileManager.default.fileExists(atPath: out))
        #expect(try box.digest() == digest)
    }

    @Test func scenario() throws {
        let box = try Sandbox()
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Fixtures/scenarios")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            .map { folder.appendingPathComponent($0).path }
        for (round, delay) in [0, 3_000, 40_000].enumerated() {
            try stop(["scenario"] + files, by: round == 1 ? SIGTERM : SIGINT, after: UInt32(delay), box)
        }
    }

    /// What was ignored when the program was started stays ignored (nohup, a shell's background).
    @Test func anIgnoredSignalStaysIgnored() throws {
        let box = try Sandbox()
        try box.initialise()
        let run = try box.shell(
            #"trap '' INT; "$0" re-decide --out "$1" & pid=$!; for i in 1 2 3 4 5; do kill -INT $pid; done; wait $pid"#,
            box.folder.appendingPathComponent("p.json").path)
        #expect(run.code == 0, "\(run.out)\(run.err)")
    }

    /// And after an undisturbed run nothing is there either.
    @Test func anUndisturbedRun() throws {
        let box = try Sandbox()
        try box.initialise()
        let run = try box.start(["re-decide"], environment: ["TMPDIR": box.folder.path]).finish()
        #expect(run.code == 0, "\(run.err)")
        let left = try FileManager.default.contentsOfDirectory(atPath: box.folder.path)
        #expect(!left.contains { $0.hasPrefix("referral-ledger-") }, "\(left)")
    }
}
