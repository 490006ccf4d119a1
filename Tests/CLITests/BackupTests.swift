import Foundation
import Testing

/// `backup`, `restore` and `compact`, as a program: under load, and killed.
@Suite struct BackupTests {
    private func path(_ box: Sandbox, _ name: String) -> String {
        box.folder.appendingPathComponent(name).path
    }
    private func url(_ box: Sandbox, _ name: String) -> URL { box.folder.appendingPathComponent(name) }

    private func filled(users: Int, payments: Int) throws -> Sandbox {
        let box = try Sandbox()
        try box.initialise()
        let run = try box.run("import", try box.simulated(users: users, payments: payments))
        try #require(run.code == 0 || run.code == 1, "\(run.out)\(run.err)")
        return box
    }

    @Test func aRestoredLedgerGoesOn() throws {
        let box = try filled(users: 30, payments: 120)
        let sealed =
            #"{"type":"signup","userId":"sealed","email":"s@example.com","at":"2024-01-01T00:00:00Z"}"# + "\n"
        #expect(try box.run("import", try box.file("sealed.jsonl", sealed)).code == 0)
        let (digest, backup, keys) = (try box.digest(), path(box, "b"), path(box, "k"))
        let made = try box.run("backup", backup, "--keys", keys, "--verify", "--json")
        #expect(made.code == 0, "\(made.err)")
        #expect(try made.text("stateDigest") == digest)
        #expect(!FileManager.default.fileExists(atPath: backup + "/keys"), "the keys are apart")
        // Nothing is overwritten, on either side.
        #expect(try box.run("backup", backup).code == 64)
        #expect(try box.run("restore", backup).code == 64)
        let restored = url(box, "restored")
        let run = try box.run("restore", backup, "--keys", keys, "--verify", "--json", ledger: restored)
        #expect(run.code == 0, "\(run.err)")
        #expect(try run.text("stateDigest") == digest)
        #expect(try box.digest(restored) == digest)
        // Both go on alike.
        let more = try box.simulated(users: 40, payments: 150, seed: 2)
        let (a, b) = (try box.run("import", more), try box.run("import", more, ledger: restored))
        #expect(a.out == b.out && a.code == b.code)
        #expect(try box.digest(restored) == box.digest())
        #expect(try box.run("verify", ledger: restored).code == 0)
        #expect(try box.run("restore", path(box, "none"), ledger: url(box, "x")).code == 66)
    }

    @Test func damageAndOldKeysAreFound() throws {
        let box = try filled(users: 10, payments: 30)
        #expect(try box.run("backup", path(box, "old"), "--keys", path(box, "old-keys")).code == 0)
        let sealed =
            #"{"type":"signup","userId":"sealed","email":"s@example.com","at":"2024-01-01T00:00:00Z"}"# + "\n"
        #expect(try box.run("import", try box.file("sealed.jsonl", sealed)).code == 0)
        #expect(try box.run("backup", path(box, "b"), "--keys", path(box, "k")).code == 0)
        // Keys that are older than the log.
        let stale = try box.run(
            "restore", path(box, "b"), "--keys", path(box, "old-keys"), ledger: url(box, "r1"))
        #expect(stale.code == 76, "\(stale.err)")
        let checked = try box.run(
            "restore", path(box, "b"), "--keys", path(box, "old-keys"), "--verify", ledger: url(box, "r1"))
        #expect(checked.code == 76 && checked.err.contains("keys.vault"), "\(checked.err)")
        // Another ledger's keys.
        let other = try Sandbox()
        try other.initialise()
        #expect(try other.run("backup", path(box, "ob"), "--keys", path(box, "ok")).code == 0)
        #expect(
            try box.run("restore", path(box, "b"), "--keys", path(box, "ok"), ledger: url(box, "r1")).code
                == 76)
        // A flipped bit, and a file that was cut off.
        let log = url(box, "b/log/data.mdb")
        let bytes = try Data(contentsOf: log)
        var flipped = bytes
        flipped[bytes.count / 2] ^= 1
        try flipped.write(to: log)
        let run = try box.run("restore", path(box, "b"), "--keys", path(box, "k"), ledger: url(box, "r1"))
        #expect(run.code == 76, "\(run.err)")
        try bytes.prefix(bytes.count - 4_096).write(to: log)
        #expect(try box.run("restore", path(box, "b"), ledger: url(box, "r1")).code == 76)
        try bytes.write(to: log)
        #expect(!FileManager.default.fileExists(atPath: path(box, "r1")))
        #expect(!FileManager.default.fileExists(atPath: path(box, "r1.partial")))
        // Without keys it can be read, and says why it cannot be written.
        let blind = url(box, "r2")
        #expect(try box.run("restore", path(box, "b"), "--verify", ledger: blind).code == 0)
        #expect(try box.digest(blind) == box.digest())
        #expect(try box.run("advance", "--to", "2030-01-01T00:00:00Z", ledger: blind).code == 76)
    }

    /// Backups while an import writes: each is a moment of the log, with the digest that the source has there.
    @Test func underLoad() throws {
        let box = try Sandbox()
        try box.initialise()
        let facts = try box.simulated(users: 400, payments: 6_000)
        let started = try box.start(["import", facts, "--json"])
        var backups: [String] = []
        while started.process.isRunning, backups.count < 6 {
            let name = path(box, "b\(backups.count)")
            let run = try box.run("backup", name, "--keys", name + "-keys", "--json")
            #expect(run.code == 0, "\(run.err)")
            backups.append(name)
        }
        let end = try started.finish()
        #expect(end.code == 0 || end.code == 1, "\(end.err)")
        #expect(!backups.isEmpty)
        var positions: [Int] = []
        for (number, name) in backups.enumerated() {
            let restored = url(box, "r\(number)")
            let run = try box.run(
                "restore", name, "--keys", name + "-keys", "--verify", "--json", ledger: restored)
            #expect(run.code == 0, "\(run.err)")
            let position = try run.number("position")
            positions.append(position)
            let past = try box.run("status", "--at", "\(position)", "--json")
            #expect(try run.text("stateDigest") == past.text("stateDigest"))
        }
        #expect(positions == positions.sorted())
        // The import goes on in a restored ledger, to the end of the undisturbed one.
        let last = url(box, "r\(backups.count - 1)")
        _ = try box.run("import", facts, ledger: last)
        #expect(try box.digest(last) == box.digest())
    }

    /// Killed anywhere, a backup is whole or not there, and the next call makes it.
    @Test func killedAnywhere() throws {
        let box = try filled(users: 200, payments: 3_000)
        let digest = try box.digest()
        let manager = FileManager.default
        #expect(
            try box.run("backup", path(box, "good"), "--keys", path(box, "good-keys"), "--views").code == 0)
        var (killed, whole) = (0, 0)
        for round in 0..<15 {
            let (name, keys) = (path(box, "b\(round)"), path(box, "k\(round)"))
            let restored = url(box, "r\(round)")
            let words: [String]
            switch round % 3 {
            case 0: words = ["backup", name, "--keys", keys, "--verify"]
            case 1: words = ["restore", path(box, "good"), "--keys", path(box, "good-keys"), "--verify"]
            default: words = ["compact"]
            }
            let started = try box.start(words, ledger: round % 3 == 1 ? restored : nil)
            usleep(UInt32(1_000 + 15_000 * (round / 3)))
            kill(started.process.processIdentifier, SIGKILL)
            let run = try started.finish()
            if run.code == -SIGKILL { killed += 1 } else { whole += 1 }
            switch round % 3 {
            case 0:
                if manager.fileExists(atPath: name) {
                    #expect(manager.fileExists(atPath: keys + "/keys.json"))
                } else {
                    // Cleared and made by the same call, unless the keys had their name already.
                    if manager.fileExists(atPath: keys) { try manager.removeItem(atPath: keys) }
                    #expect(try box.run("backup", name, "--keys", keys).code == 0)
                }
                #expect(!manager.fileExists(atPath: name + ".partial"))
                let check = url(box, "c\(round)")
                #expect(try box.run("restore", name, "--keys", keys, "--verify", ledger: check).code == 0)
                #expect(try box.digest(check) == digest)
            case 1:
                if !manager.fileExists(atPath: restored.path) {
                    #expect(try box.start(words, ledger: restored).finish().code == 0)
                }
                #expect(!manager.fileExists(atPath: restored.path + ".partial"))
                #expect(try box.digest(restored) == digest)
            default:
                #expect(try box.digest() == digest)
                #expect(try box.run("verify").code == 0)
                #expect(try box.run("compact").code == 0)
                let left = try manager.contentsOfDirectory(atPath: box.ledger.path)
                #expect(!left.contains { $0.hasSuffix(".compact") })
                #expect(try box.digest() == digest)
            }
        }
        print("killed \(killed), done before \(whole)")
        #expect(killed > 0)
    }

    @Test func compactNeedsTheLedgerForItself() throws {
        let box = try filled(users: 20, payments: 50)
        let digest = try box.digest()
        let reader = try box.start(["events", "--follow"])
        defer { reader.process.terminate() }
        for _ in 0..<500 where try Data(contentsOf: reader.out).isEmpty { usleep(10_000) }
        let busy = try box.run("compact")
        #expect(busy.code == 75, "\(busy.out)\(busy.err)")
        reader.process.terminate()
        _ = try reader.finish()
        let run = try box.run("compact", "--json")
        #expect(run.code == 0, "\(run.err)")
        let parts = try #require(try run.json["parts"] as? [[String: Any]])
        #expect(parts.map { $0["part"] as? String } == ["log", "keys", "views"])
        #expect(parts.allSatisfy { ($0["bytesAfter"] as? Int ?? .max) <= ($0["bytesBefore"] as? Int ?? 0) })
        #expect(try box.digest() == digest)
        #expect(try box.run("advance", "--to", "2026-06-01T00:00:00Z").code == 0)
        #expect(try box.run("verify").code == 0)
    }
}
