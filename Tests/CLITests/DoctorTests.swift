import Foundation
import Testing

/// What `doctor` finds on ledgers with one thing wrong.
@Suite struct DoctorTests {
    /// State and text of each check.
    private func checks(_ run: Run) throws -> [String: (state: String, text: String, advice: String?)] {
        let list = try #require(try run.json["checks"] as? [[String: Any]])
        var found: [String: (state: String, text: String, advice: String?)] = [:]
        for check in list {
            let name = try #require(check["check"] as? String)
            #expect(found[name] == nil, "\(name) twice")
            found[name] = (
                try #require(check["state"] as? String), try #require(check["text"] as? String),
                check["advice"] as? String
            )
        }
        return found
    }

    private func doctor(_ box: Sandbox) throws -> (
        Run, [String: (state: String, text: String, advice: String?)]
    ) {
        let run = try box.run("doctor", "--json")
        return (run, try checks(run))
    }

    private static let names: Set<String> = [
        "platform", "libraries", "limits", "timeZones", "files", "permissions", "space", "writer", "socket",
        "log",
        "pages", "map", "readers", "clock", "keys", "checkpoint",
    ]

    @Test func aSoundLedger() throws {
        let box = try Sandbox()
        try box.initialise()
        let (run, found) = try doctor(box)
        #expect(run.code == 0, "\(run.out)")
        #expect(Set(found.keys) == Self.names)
        for name in [
            "libraries", "files", "permissions", "writer", "socket", "log", "map", "readers", "clock", "keys",
            "checkpoint",
        ] {
            #expect(found[name]?.state == "ok", "\(name): \(found[name]?.text ?? "")")
        }
        #expect(found["libraries"]?.text.contains("LMDB 0.9") == true)
        #expect(found["writer"]?.text == "nobody writes the ledger")
        let text = try box.run("doctor").out
        #expect(text.split(separator: "\n").filter { $0.hasPrefix("ok") }.count >= 11)
        #expect(try box.run("doctor", ledger: box.folder.appendingPathComponent("none")).code == 66)
    }

    @Test func whoWrites() throws {
        let box = try Sandbox()
        try box.initialise()
        let daemon = try box.start(["daemon"])
        for _ in 0..<1_000 where try Data(contentsOf: daemon.out).isEmpty { usleep(10_000) }
        let (run, found) = try doctor(box)
        let process = daemon.process.processIdentifier
        #expect(run.code == 0)
        #expect(found["writer"]?.text == "process \(process) writes the ledger")
        #expect(found["socket"]?.text.hasPrefix("process \(process) (referral-ledger ") == true)
        try FileManager.default.removeItem(at: box.ledger.appendingPathComponent("writer.sock"))
        #expect(try doctor(box).1["socket"]?.state == "warn")
        daemon.process.terminate()
        #expect(try daemon.finish().code == 0)
    }

    @Test func permissions() throws {
        let box = try Sandbox()
        try box.initialise()
        let keys = box.ledger.appendingPathComponent("keys").path
        for (root, folder, state, code) in [
            (0o700, 0o700, "ok", 0), (0o755, 0o700, "warn", 0), (0o700, 0o755, "warn", 0),
            (0o750, 0o750, "fail", 1),
            (0o755, 0o755, "fail", 1), (0o777, 0o700, "fail", 1),
        ] as [(mode_t, mode_t, String, Int32)] {
            chmod(box.ledger.path, root)
            chmod(keys, folder)
            let (run, found) = try doctor(box)
            #expect(found["permissions"]?.state == state, "\(root) \(folder)")
            #expect(run.code == code)
            #expect((found["permissions"]?.advice != nil) == (state != "ok"))
        }
    }

    @Test func whatIsMissing() throws {
        let box = try Sandbox()
        try box.initialise()
        try FileManager.default.removeItem(at: box.ledger.appendingPathComponent("views"))
        let (run, found) = try doctor(box)
        #expect(run.code == 0)
        #expect(found["files"]?.state == "warn")
        #expect(found["checkpoint"]?.state == "warn")
        #expect(!FileManager.default.fileExists(atPath: box.ledger.appendingPathComponent("views").path))
        try FileManager.default.removeItem(at: box.ledger.appendingPathComponent("keys"))
        let (second, without) = try doctor(box)
        #expect(second.code == 1)
        #expect(without["files"]?.state == "fail")
        #expect(without["keys"]?.state == "fail")
    }

    @Test func keysAndCheckpointsOfAnotherLedger() throws {
        let box = try Sandbox()
        try box.initialise()
        let other = box.folder.appendingPathComponent("other")
        #expect(try box.run("init", ledger: other).code == 0)
        for folder in ["keys", "views"] {
            let place = box.ledger.appendingPathComponent("\(folder)/data.mdb")
            try FileManager.default.removeItem(at: place)
            try FileManager.default.copyItem(
                at: other.appendingPathComponent("\(folder)/data.mdb"), to: place)
        }
        let (run, found) = try doctor(box)
        #expect(run.code == 1)
        #expect(found["keys"]?.state == "fail")
        #expect(found["checkpoint"]?.state == "warn")
        #expect(found["checkpoint"]?.text.contains("not of this log") == true)
    }

    @Test func aLogThatIsNone() throws {
        let box = try Sandbox()
        try box.initialise()
        let log = box.ledger.appendingPathComponent("log/data.mdb")
        try Data(repeating: 7, count: 65_536).write(to: log)
        let (run, found) = try doctor(box)
        #expect(run.code == 76)
        #expect(found["log"]?.state == "fail")
        #expect(found["permissions"]?.state == "ok")
        #expect(try run.json["ok"] as? Bool == false)
    }

    @Test func aLimitOfAddressSpace() throws {
        let box = try Sandbox()
        try box.initialise()
        let run = try box.shell("ulimit -f 1000000; \"$0\" doctor --json")
        #expect(run.code == 0)
        #expect(try checks(run)["limits"]?.state == "warn")
    }
}
