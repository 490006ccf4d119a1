import Foundation
import Testing

/// Writing through another process: each verb answers as it does alone, and the ledger comes out the same.
@Suite struct DaemonTests {
    /// Starts a daemon and waits until it says that it is ready.
    private func daemon(_ box: Sandbox, ledger: URL? = nil) throws -> Started {
        let started = try box.start(["daemon", "--json"], ledger: ledger)
        for _ in 0..<1_000 {
            if try !Data(contentsOf: started.out).isEmpty { return started }
            guard started.process.isRunning else { break }
            usleep(10_000)
        }
        started.process.terminate()
        let run = try started.finish()
        throw NoDaemon(text: run.err)
    }

    private struct NoDaemon: Error { let text: String }

    private func stop(_ started: Started) throws -> Run {
        started.process.terminate()
        return try started.finish()
    }

    private static let cdnow = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/cdnow")

    /// The head of a fixture's table, as a file of the box.
    private func table(_ name: String, lines: Int, _ box: Sandbox) throws -> String {
        let text = try String(
            contentsOf: Self.cdnow.appendingPathComponent("\(name).csv"), encoding: .utf8)
        return try box.file(
            "\(name).csv", text.split(separator: "\n").prefix(lines).joined(separator: "\n") + "\n")
    }

    private func map(_ name: String) -> String {
        Self.cdnow.appendingPathComponent("\(name).map.json").path
    }

    @Test func verbsAnswerAsTheyDoAlone() throws {
        let box = try Sandbox()
        let alone = box.folder.appendingPathComponent("alone")
        try box.initialise()
        #expect(try box.run("init", "--asset", "GBP", ledger: alone).code == 0)
        let daemon = try daemon(box)
        let policy = try box.file("rules.json", try box.run("policy", "show").out)
        let calls: [[String]] = [
            ["record", "signup", "--userId", "u-1", "--at", "2024-01-01T00:00:00Z", "--json"],
            ["record", "signup", "--userId", "u-1", "--at", "2024-01-01T00:00:00Z"],
            ["record", "signup", "--userId", "u-1", "--at", "2024-01-02T00:00:00Z", "--json"],
            ["record", "signup", "--userId", "u-2", "--at", "yesterday"],
            [
                "record", "payment", "--paymentId", "p", "--provider", "s", "--userId", "u-1", "--amount",
                "3.20",
                "--at", "2024-01-03T00:00:00Z", "--json",
            ],
            [
                "record", "refund", "--refundId", "r", "--provider", "s", "--paymentId", "q", "--amount",
                "1.00",
                "--at", "2024-01-03T00:00:00Z",
            ],
            ["advance", "--to", "2024-02-01T00:00:00Z", "--json"],
            ["advance", "--to", "2024-02-01T00:00:00Z"],
            ["advance", "--to", "2024-03-01T00:00:00Z", "--programme", "two-levle"],
            ["policy", "publish", policy, "--effective", "2024-06-01T00:00:00Z", "--key", "k", "--json"],
            ["policy", "publish", policy, "--effective", "2024-06-01T00:00:00Z", "--key", "k", "--json"],
            ["import", try box.file("f.jsonl", VerbTests.facts + "{}\n"), "--json"],
            ["import", try box.file("g.jsonl", VerbTests.facts), "--import-id", "again"],
        ]
        for call in calls {
            let forwarded = try box.start(call).finish()
            let direct = try box.start(call, ledger: alone).finish()
            #expect(forwarded.code == direct.code, "\(call)")
            #expect(forwarded.out == direct.out, "\(call)")
            #expect(forwarded.err == direct.err, "\(call)")
        }
        #expect(try box.digest() == box.digest(alone))
        #expect(try box.run("user", "u-1", "--json").text("userId") == "u-1")
        let ended = try stop(daemon)
        #expect(ended.code == 0)
        #expect(ended.err.contains("Stopped at position"))
        #expect(try box.digest() == box.digest(alone))
        #expect(
            !FileManager.default.fileExists(atPath: box.ledger.appendingPathComponent("writer.sock").path))
    }

    @Test func tablesThroughTheSocketGiveTheDigestOfADirectImport() throws {
        let box = try Sandbox()
        let alone = box.folder.appendingPathComponent("alone")
        try box.initialise(asset: "USD")
        #expect(try box.run("init", "--asset", "USD", ledger: alone).code == 0)
        let daemon = try daemon(box)
        for (kind, name, lines) in [
            ("signups", "customers", 4_000), ("refunds", "refunds", 1_000), ("payments", "payments", 9_000),
        ] {
            let file = try table(name, lines: lines, box)
            let rejects = ["forwarded", "direct"].map {
                box.folder.appendingPathComponent("\(name).\($0)").path
            }
            let call = ["import", "--format", "csv", "--map", map(kind), file, "--json", "--rejects"]
            let forwarded = try box.start(call + [rejects[0]]).finish()
            let direct = try box.start(call + [rejects[1]], ledger: alone).finish()
            #expect(forwarded.code == direct.code)
            #expect(forwarded.out == direct.out)
            #expect(
                try Data(contentsOf: URL(fileURLWithPath: rejects[0]))
                    == Data(contentsOf: URL(fileURLWithPath: rejects[1])))
            let again = try box.start(call + [rejects[0]]).finish()
            #expect(try again.number("accepted") == 0)
        }
        #expect(try stop(daemon).code == 0)
        #expect(try box.digest() == box.digest(alone))
        #expect(try box.run("verify").code == 0)
    }

    @Test func aDaemonKilledInMidImportLosesNothing() throws {
        let box = try Sandbox()
        let facts = try box.simulated(users: 1_000, payments: 9_000, seed: 5)
        try box.initialise()
        #expect(try box.run("import", facts, "--json").code == 0)
        let digest = try box.digest()
        var generator = SystemRandomNumberGenerator()
        for round in 0..<2 {
            let ledger = box.folder.appendingPathComponent("killed-\(round)")
            #expect(try box.run("init", ledger: ledger).code == 0)
            let daemon = try daemon(box, ledger: ledger)
            let forwarded = try box.start(["import", facts, "--json"], ledger: ledger)
            usleep(UInt32.random(in: 10_000...900_000, using: &generator))
            kill(daemon.process.processIdentifier, SIGKILL)
            #expect(try daemon.finish().code == -SIGKILL)
            let run = try forwarded.finish()
            // Through in time, cut off, or told that nobody serves the socket and writing by itself.
            #expect([0, 75].contains(run.code), "\(run.err)")
            if run.code == 75 { #expect(run.err.contains("went away")) }
            // The stale socket hinders nobody.
            let last = try box.run("import", facts, "--json", ledger: ledger)
            #expect(last.code == 0, "\(last.err)")
            #expect(try last.number("refused") == 0)
            #expect(try box.digest(ledger) == digest)
            #expect(try box.run("verify", ledger: ledger).code == 0)
        }
    }

    @Test func terminatedInMidImportItDrains() throws {
        let box = try Sandbox()
        try box.initialise()
        let facts = try box.simulated(users: 1_000, payments: 12_000, seed: 6)
        let daemon = try daemon(box)
        let forwarded = try box.start(["import", facts, "--json"])
        usleep(300_000)
        #expect(try stop(daemon).code == 0)
        let run = try forwarded.finish()
        #expect([0, 75].contains(run.code), "\(run.err)")
        let rest = try box.run("import", facts, "--json")
        #expect(rest.code == 0)
        // What the first run counted is what the second finds done.
        let calm = box.folder.appendingPathComponent("calm")
        #expect(try box.run("init", ledger: calm).code == 0)
        let undisturbed = try box.run("import", facts, "--json", ledger: calm)
        for name in ["accepted", "parked", "refused"] {
            #expect(try run.number(name) + rest.number(name) == undisturbed.number(name))
        }
        #expect(try box.digest() == box.digest(calm))
    }

    @Test func severalProcessesAtOnce() throws {
        let box = try Sandbox()
        try box.initialise()
        let daemon = try daemon(box)
        let files = try (0..<4).map { worker in
            try box.file(
                "w-\(worker).jsonl",
                (0..<500).map {
                    #"{"type":"signup","userId":"u-\#(worker)-\#($0)","at":"2024-01-01T00:00:00Z"}"# + "\n"
                }.joined())
        }
        let runs = try files.map { try box.start(["import", $0, "--json"]) }
        for run in try runs.map({ try $0.finish() }) {
            #expect(run.code == 0, "\(run.err)")
            #expect(try run.number("accepted") == 500)
        }
        #expect(try box.run("status", "--json").number("users") == 2_000)
        // One writer: a second daemon, and what cannot be forwarded, are told so.
        let second = try box.run("daemon")
        #expect(second.code == 75)
        #expect(second.err.contains("needs the ledger for itself"))
        #expect(try box.run("rebuild").code == 75)
        #expect(try stop(daemon).code == 0)
        #expect(try box.run("rebuild").code == 0)
    }

    /// An import holds the ledger for as long as its input lasts; meanwhile others write through it.
    @Test func anImportLetsOthersWrite() throws {
        let box = try Sandbox()
        try box.initialise()
        let pipe = Pipe()
        let importing = try box.start(["import", "-", "--import-id", "s", "--json"], input: pipe)
        let socket = box.ledger.appendingPathComponent("writer.sock").path
        for _ in 0..<1_000 where !FileManager.default.fileExists(atPath: socket) { usleep(10_000) }
        let record = try box.run(
            "record", "signup", "--userId", "u-1", "--at", "2024-01-01T00:00:00Z", "--json")
        #expect(record.code == 0, "\(record.err)")
        #expect(importing.process.isRunning)
        pipe.fileHandleForWriting.write(
            Data(
                (#"{"type":"signup","userId":"u-2","at":"2024-01-01T00:00:00Z","referrerId":"u-1"}"# + "\n")
                    .utf8))
        pipe.fileHandleForWriting.closeFile()
        let run = try importing.finish()
        #expect(run.code == 0, "\(run.err)")
        #expect(try run.number("accepted") == 1)
        #expect(try box.run("status", "--json").number("users") == 2)
    }

    @Test func anInterruptedClientStopsAfterItsGroups() throws {
        let box = try Sandbox()
        try box.initialise()
        let daemon = try daemon(box)
        let pipe = Pipe()
        let started = try box.start(["import", "-", "--import-id", "s", "--json"], input: pipe)
        pipe.fileHandleForWriting.write(
            Data((#"{"type":"signup","userId":"u-1","at":"2024-01-01T00:00:00Z"}"# + "\n").utf8))
        usleep(700_000)
        started.process.interrupt()
        let run = try started.finish()
        #expect(run.code == 75)
        #expect(try run.number("accepted") == 1)
        #expect(try box.run("status", "--json").number("users") == 1)
        #expect(try stop(daemon).code == 0)
    }
}
