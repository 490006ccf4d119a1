import Foundation
import Testing

/// `import --atomic` and `import --dry-run`: all or nothing, and nothing.
@Suite struct AtomicImportTests {
    private let counts = ["accepted", "repeated", "parked", "refused"]

    private func counts(_ run: Run) throws -> [Int] { try counts.map { try run.number($0) } }

    @Test func recordsAllOfIt() throws {
        let box = try Sandbox()
        try box.initialise()
        let facts = try box.simulated(users: 200, payments: 900)
        let plain = try Sandbox()
        try plain.initialise()
        try plain.run("import", facts)
        let run = try box.run("import", "--atomic", facts, "--json")
        #expect(run.code == 0, "\(run.err)")
        #expect(try run.json["recorded"] as? Bool == true)
        #expect(try box.digest() == plain.digest())
        // Again: all of it is done. And without --atomic the import is known.
        for words in [["--atomic"], []] {
            let again = try box.start(["import", facts, "--json"] + words).finish()
            #expect(again.code == 0, "\(again.err)")
            #expect(try again.number("accepted") == 0 && again.number("refused") == 0)
            #expect(try again.number("position") == run.number("position"))
        }
        #expect(try box.run("verify").code == 0)
    }

    @Test(arguments: [
        "not json", #"{"type":"signup"}"#,
        #"{"type":"payment","paymentId":"x","provider":"s","userId":"nobody","amount":"1.00","at":"2024-01-01T00:00:00Z"}"#,
    ])
    func orNothing(bad: String) throws {
        let box = try Sandbox()
        try box.initialise()
        let file = try box.file("facts.jsonl", VerbTests.facts + "\n" + bad + "\n")
        let before = try box.run("status", "--json").out
        let run = try box.run("import", "--atomic", file)
        #expect(run.code == 65)
        #expect(run.out.contains("Nothing was recorded"), "\(run.out)")
        #expect(run.err.contains("so nothing was"), "\(run.err)")
        #expect(try box.run("status", "--json").out == before)
        // The same file without it: each line its own result.
        #expect(try box.run("import", file).code == 1)
        // What is left of it, atomically: still the bad line.
        #expect(try box.run("import", "--atomic", file).code == 65)
    }

    @Test func takesOneFileAndNeedsTheLedger() throws {
        let box = try Sandbox()
        try box.initialise()
        let file = try box.file("facts.jsonl", VerbTests.facts)
        let two = try box.run("import", "--atomic", file, file)
        #expect(two.code == 64)
        #expect(two.err.contains("takes one FILE"))
        let daemon = try box.start(["daemon"])
        defer {
            daemon.process.terminate()
            daemon.process.waitUntilExit()
        }
        let socket = box.ledger.appendingPathComponent("writer.sock").path
        for _ in 0..<200 where !FileManager.default.fileExists(atPath: socket) { usleep(50_000) }
        let busy = try box.run("import", "--atomic", file)
        #expect(busy.code == 75)
        #expect(busy.err.contains("'import --atomic' needs the ledger for itself"), "\(busy.err)")
        // A rehearsal needs nobody's leave.
        let dry = try box.run("import", "--dry-run", file, "--json")
        #expect(dry.code == 0, "\(dry.err)")
        #expect(try dry.number("accepted") == 7)
    }

    /// Counts are those of the import that follows: also of facts that refer to one another, of several
    /// files, of one that was half done, of lines that are tried again.
    @Test func aDryRunCountsWhatTheImportWill() throws {
        let box = try Sandbox()
        try box.initialise()
        let facts = try box.simulated(users: 150, payments: 600)
        let bad = try box.file(
            "bad.jsonl",
            """
            {"type":"payment","paymentId":"p-x","provider":"shop","userId":"nobody","amount":"1.00","at":"2024-01-01T00:00:00Z"}
            [1]
            {"type":"refund","refundId":"r-x","provider":"shop","paymentId":"later","amount":"1.00","at":"2024-01-01T00:00:00Z"}
            """)
        for words in [[facts, bad], [facts, bad], [bad, "--retry-refused"]] {
            let before = try box.run("status", "--json").out
            let dry = try box.start(["import", "--dry-run", "--json"] + words).finish()
            #expect(try box.run("status", "--json").out == before)
            let real = try box.start(["import", "--json"] + words).finish()
            #expect(try counts(dry) == counts(real), "\(words)\(dry.out)\(real.out)")
            #expect(dry.code == real.code)
            #expect(try dry.json["recorded"] as? Bool == false)
        }
        let piped = try box.shell("\"$0\" import --dry-run - < \"$1\"", bad)
        #expect(piped.code == 1, "\(piped.err)")
        #expect(piped.out.contains("Nothing was recorded"), "\(piped.out)")
        #expect(try box.run("import", "--dry-run", "--atomic", bad).code == 65)
    }

    @Test func tablesToo() throws {
        let box = try Sandbox()
        try box.initialise()
        let map = try box.file(
            "map.json",
            #"{"type":"signup","columns":{"userId":"id","at":"at"}}"#)
        let table = try box.file(
            "users.csv", "id,at\nu-1,2024-01-01T00:00:00Z\nu-2,2024-01-01T00:00:00Z\n")
        let dry = try box.run("import", "--dry-run", "--format", "csv", "--map", map, table, "--json")
        #expect(dry.code == 0, "\(dry.err)")
        #expect(try dry.number("accepted") == 2)
        let run = try box.run("import", "--atomic", "--format", "csv", "--map", map, table, "--json")
        #expect(run.code == 0, "\(run.err)")
        #expect(try run.number("accepted") == 2)
    }

    /// A mark that some programs write before the first character is no part of it.
    @Test func aByteOrderMark() throws {
        let box = try Sandbox()
        try box.initialise()
        let mark = Data([0xEF, 0xBB, 0xBF])
        let file = try box.file("facts.jsonl", mark + Data(VerbTests.facts.utf8))
        let run = try box.run("import", file, "--json")
        #expect(try run.number("refused") == 0, "\(run.err)")
        let policy = try box.file("policy.json", mark + Data("{\"name\":\"x\"}".utf8))
        let check = try box.run("policy", "check", policy)
        #expect(check.code == 65)
        #expect(
            check.err.contains("begins with a byte order mark: save it as UTF-8 without one"), "\(check.err)")
    }
}
