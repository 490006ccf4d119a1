import Foundation
import Testing

/// The promises of `import`: each line its own result, resumed anywhere, never twice.
@Suite struct ImportTests {
    private func sum(_ run: Run) throws -> Int {
        try ["accepted", "repeated", "parked", "refused"].reduce(0) { try $0 + run.number($1) }
    }

    @Test func twiceChangesNothing() throws {
        let box = try Sandbox()
        try box.initialise()
        let facts = try box.simulated(users: 300, payments: 1_500)
        let lines = try String(contentsOfFile: facts, encoding: .utf8).split(separator: "\n").count
        let first = try box.run("import", facts, "--json")
        #expect(try sum(first) == lines)
        let digest = try box.digest()
        let second = try box.run("import", facts, "--json")
        #expect(try second.number("repeated") == lines)
        #expect(try second.number("position") == first.number("position"))
        // The same content by another name is the same import, and by another id its lines are repeats.
        let copy = try box.file("copy.jsonl", try Data(contentsOf: URL(fileURLWithPath: facts)))
        #expect(try box.run("import", copy, "--json").number("position") == first.number("position"))
        let other = try box.run("import", facts, "--import-id", "other", "--json")
        #expect(try other.number("repeated") == lines)
        #expect(try box.digest() == digest)
    }

    @Test func aFileThatGrewAndSeveralFiles() throws {
        let box = try Sandbox()
        try box.initialise()
        let all = VerbTests.facts.split(separator: "\n", omittingEmptySubsequences: true)
        let head = try box.file("head.jsonl", all.prefix(3).joined(separator: "\n"))
        let whole = try box.file("whole.jsonl", all.joined(separator: "\r\n") + "\r\n\r\n")
        let run = try box.run("import", head, whole, "--json")
        #expect(run.code == 0, "\(run.err)")
        #expect(try run.number("repeated") == 3)
        #expect(try sum(run) == all.count + 3)
    }

    @Test func standardInput() throws {
        let box = try Sandbox()
        try box.initialise()
        let facts = try box.file("facts.jsonl", VerbTests.facts)
        let run = try box.shell("\"$0\" import - --import-id s-1 --json < \"$1\"", facts)
        #expect(run.code == 0, "\(run.err)")
        #expect(try run.number("accepted") == 7)
        let again = try box.shell("cat \"$1\" | \"$0\" import - --import-id s-1 --json", facts)
        #expect(try again.number("repeated") == 8)
        #expect(try box.shell("\"$0\" import <(cat \"$1\")", facts).code == 64)
    }

    @Test func refusedLinesAreToldKeptAndRetried() throws {
        let box = try Sandbox()
        try box.initialise()
        let facts = try box.file(
            "facts.jsonl",
            """
            {"type":"payment","paymentId":"p-1","provider":"shop","userId":"u-1","amount":"1.00","at":"2024-01-01T00:00:00Z"}
            not json
            {"type":"signup","userId":"u-2","at":"2024-01-01T00:00:00Z"}
            """)
        let rejects = box.folder.appendingPathComponent("rejects.jsonl")
        let run = try box.run("import", facts, "--rejects", rejects.path, "--json")
        #expect(run.code == 1)
        #expect(try run.number("accepted") == 1)
        #expect(try run.number("refused") == 2)
        #expect(run.err.contains("line 1: user.unknown"))
        let rows = try String(contentsOf: rejects, encoding: .utf8).split(separator: "\n").map {
            try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        #expect(rows.map { $0["line"] as? Int } == [1, 2])
        #expect(rows.map { $0["code"] as? String } == ["user.unknown", "json.invalid"])
        #expect(rows.first?["field"] as? String == "userId")
        #expect(rows.last?["text"] as? String == "not json")
        // Passed lines are not decided again, unless asked for.
        try box.run("record", "signup", "--userId", "u-1", "--at", "2023-01-01T00:00:00Z")
        let again = try box.run("import", facts, "--json")
        #expect(again.code == 1)
        #expect(try again.number("refused") == 2)
        #expect(try again.number("repeated") == 1)
        let retried = try box.run("import", facts, "--retry-refused", "--json")
        #expect(try retried.number("accepted") == 1)
        #expect(try retried.number("repeated") == 1)
        #expect(try retried.number("refused") == 1)
    }

    @Test func dryRunRecordsNothing() throws {
        let box = try Sandbox()
        try box.initialise()
        let before = try box.run("status", "--json").number("position")
        let facts = try box.file("facts.jsonl", VerbTests.facts + "{}\n")
        let run = try box.run("import", facts, "--dry-run", "--json")
        #expect(run.code == 1)
        #expect(try run.number("accepted") == 7 && run.number("parked") == 1)
        #expect(try run.number("refused") == 1)
        #expect(try box.run("status", "--json").number("position") == before)
    }

    @Test func tables() throws {
        let box = try Sandbox()
        try box.initialise()
        let map = try box.file(
            "m.json", #"{"type":"signup","columns":{"userId":"id","at":"when","referrerId":"by"}}"#)
        let table = try box.file(
            "t.csv",
            "id,when,by\nu-1,2024-01-01T00:00:00Z,\nu-2,2024-01-02T00:00:00Z,u-1\nu-3,2024-02-30T00:00:00Z,u-1\n"
        )
        let run = try box.run("import", "--format", "csv", "--map", map, table, "--json")
        #expect(run.code == 1)
        #expect(try run.number("accepted") == 2)
        #expect(run.err.contains("line 4: time.invalid"))
        #expect(try box.run("user", "u-2", "--json").text("referrerId") == "u-1")
        let wrong = try box.file("w.json", #"{"type":"signup","columns":{"userId":"nobody","at":"when"}}"#)
        let refused = try box.run("import", "--format", "csv", "--map", wrong, table)
        #expect(refused.code == 65)
        #expect(refused.err.contains("nobody"))
        // Another map of the same table is another import.
        let other = try box.file("o.json", #"{"type":"signup","columns":{"userId":"by","at":"when"}}"#)
        #expect(
            try box.run("import", "--format", "csv", "--map", other, table, "--json").number("repeated") == 0)
    }

    /// Killed at random moments and run again, the import gives the digest of an undisturbed one.
    /// `LEDGER_TEST_KILLS` sets how often; `scripts/crash-test` runs it with the issue's fifty.
    @Test func killedAnywhere() throws {
        let kills = Int(ProcessInfo.processInfo.environment["LEDGER_TEST_KILLS"] ?? "") ?? 6
        let box = try Sandbox()
        let facts = try box.simulated(users: 1_500, payments: 12_000, seed: 11)
        try box.initialise()
        let calm = try box.run("import", facts, "--json")
        #expect(calm.code == 0, "\(calm.err)")
        let digest = try box.digest()
        let position = try box.run("status", "--json").number("position")
        var done = 0
        var round = 0
        var generator = SystemRandomNumberGenerator()
        while done < kills, round < 20 * kills {
            // A fresh ledger whenever one import has got through.
            round += 1
            let ledger = box.folder.appendingPathComponent("killed-\(round)")
            #expect(try box.run("init", ledger: ledger).code == 0)
            var ended = false
            while !ended, done < kills {
                let started = try box.start(["import", facts, "--json"], ledger: ledger)
                usleep(UInt32.random(in: 2_000...600_000, using: &generator))
                kill(started.process.processIdentifier, SIGKILL)
                let run = try started.finish()
                if run.code == -SIGKILL { done += 1 } else { ended = true }
            }
            let last = try box.run("import", facts, "--json", ledger: ledger)
            #expect(last.code == 0, "\(last.err)")
            #expect(try last.number("refused") == 0)
            #expect(try sum(last) == sum(calm))
            #expect(try box.digest(ledger) == digest)
            let verified = try box.run("verify", "--json", ledger: ledger)
            #expect(verified.code == 0, "\(verified.out)\(verified.err)")
            #expect(try box.run("status", "--json", ledger: ledger).number("position") >= position)
            try FileManager.default.removeItem(at: ledger)
        }
        #expect(done == kills)
    }

    @Test func anInterruptFinishesWhatIsOnItsWay() throws {
        let box = try Sandbox()
        try box.initialise()
        let pipe = Pipe()
        let started = try box.start(["import", "-", "--import-id", "s", "--json"], input: pipe)
        pipe.fileHandleForWriting.write(
            Data(#"{"type":"signup","userId":"u-1","at":"2024-01-01T00:00:00Z"}"#.utf8 + [0x0A]))
        // The line is read once the writer's lock is held and the pipe is empty.
        usleep(700_000)
        started.process.interrupt()
        let run = try started.finish()
        #expect(run.code == 75)
        #expect(try run.number("accepted") == 1)
        #expect(run.err.contains("stopped"))
        #expect(try box.run("status", "--json").number("users") == 1)
    }
}
