import Foundation
import Testing

/// Input and folders that are not as they should be: a code, a place, an exit code, and never a crash.
@Suite struct BadInputTests {
    private static let at = #""at":"2024-01-02T00:00:00Z""#

    private static func payment(_ amount: String, user: String = "u-1", at: String = at) -> String {
        #"{"type":"payment","paymentId":"p-1","provider":"s","userId":"\#(user)","amount":\#(amount),\#(at)}"#
    }

    private static let texts: [(line: String, code: String)] = [
        (#"{"type":"signup""#, "json.invalid"),
        ("[]", "json.invalid"),
        (#"{"type":"nonsense"}"#, "type.unknown"),
        (#"{"userId":"u-1"}"#, "type.missing"),
        (#"{"type":"signup","userId":"u-7","colour":"red",\#(at)}"#, "field.unknown"),
        (#"{"type":"signup","userId":"u-7"}"#, "field.missing"),
        (#"{"type":"signup","userId":"u-7","userId":"u-8",\#(at)}"#, "json.duplicate_key"),
        (#"{"type":"signup","userId":null,\#(at)}"#, "field.type"),
        (payment("10.5"), "amount.float"),
        (payment("1"), "amount.float"),
        (payment(#""10.555""#), "amount.too_many_digits"),
        (payment(#""1e3""#), "amount.not_decimal"),
        (payment(#""-10.00""#), "amount.negative"),
        (payment(#""99999999999999999999""#), "amount.overflow"),
        (payment(#""1.00""#, user: "u-404"), "user.unknown"),
        (payment(#""1.00""#, at: #""at":"2024-02-30T00:00:00Z""#), "time.invalid"),
        (payment(#""1.00""#, at: #""at":"2024-01-01T23:59:60Z""#), "time.invalid"),
        (payment(#""1.00""#, at: #""at":"2200-01-01T00:00:00Z""#), "time.in_future"),
        (payment(#""1.00","currency":"XXQ""#), "currency.unknown"),
        (
            #"{"type":"refund","refundId":"r-1","provider":"s","paymentId":"p-0","amount":"0.00",\#(at)}"#,
            "amount.not_positive"
        ),
        (#"{"type":"signup","userId":"a\u0000b",\#(at)}"#, "line.nul"),
        (#"{"type":"signup","userId":"",\#(at)}"#, "identifier.invalid"),
        (#"{"type":"signup","userId":"a\u0007b",\#(at)}"#, "identifier.invalid"),
        (
            #"{"type":"signup","userId":"\#(String(repeating: "x", count: 256))",\#(at)}"#,
            "identifier.invalid"
        ),
        (
            #"{"type":"signup","userId":"u-7","name":"\#(String(repeating: "x", count: 66_000))",\#(at)}"#,
            "line.too_long"
        ),
    ]

    /// A signup whose user id holds these bytes.
    private static func signup(_ bytes: [UInt8]) -> [UInt8] {
        Array(#"{"type":"signup","userId":"u"#.utf8) + bytes + Array(#"",\#(at)}"#.utf8)
    }

    private static let cases: [(line: [UInt8], code: String)] = {
        var cases = texts.map { (line: Array($0.line.utf8), code: $0.code) }
        cases.append((signup([0]), "line.nul"))
        cases.append((signup([0xC3, 0x28]), "line.not_utf8"))
        cases.append((signup([0xED, 0xA0, 0x80]), "line.not_utf8"))
        // Last, as of a file that was cut off: no line end.
        cases.append((Array(#"{"type":"signup","userId":"u-9","#.utf8), "json.invalid"))
        return cases
    }()

    @Test func eachBadLineHasItsCodeAndTheImportGoesOn() throws {
        let box = try Sandbox()
        try box.initialise()
        try box.run("record", "signup", "--userId", "u-1", "--at", "2024-01-01T00:00:00Z")
        var data = Data()
        for (index, bad) in Self.cases.enumerated() {
            data += bad.line
            if index < Self.cases.count - 1 { data += [0x0A] }
            // A good line between the bad ones.
            if index == 3 { data += Array(#"{"type":"signup","userId":"good",\#(Self.at)}"#.utf8) + [0x0A] }
        }
        let rejects = box.folder.appendingPathComponent("rejects")
        let run = try box.run("import", try box.file("bad.jsonl", data), "--rejects", rejects.path, "--json")
        #expect(run.code == 1)
        #expect(try run.number("accepted") == 1)
        #expect(try run.number("refused") == Self.cases.count)
        let rows = try String(contentsOf: rejects, encoding: .utf8).split(separator: "\n").map {
            try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        #expect(rows.count == Self.cases.count)
        for (index, (row, bad)) in zip(rows, Self.cases).enumerated() {
            #expect(row["code"] as? String == bad.code, "case \(index): \(row["reason"] ?? "")")
            #expect(row["line"] as? Int == index + (index > 3 ? 2 : 1))
        }
    }

    @Test func foreignAndBrokenFilesEndWith76() throws {
        let box = try Sandbox()
        try box.initialise()
        let manager = FileManager.default
        // Another program's LMDB file: sound, but no log.
        let foreign = box.folder.appendingPathComponent("foreign")
        try manager.createDirectory(
            at: foreign.appendingPathComponent("log"), withIntermediateDirectories: true)
        try manager.copyItem(
            at: box.ledger.appendingPathComponent("views/data.mdb"),
            to: foreign.appendingPathComponent("log/data.mdb"))
        // No LMDB file at all, and one that was cut off.
        let garbage = box.folder.appendingPathComponent("garbage")
        try manager.createDirectory(
            at: garbage.appendingPathComponent("log"), withIntermediateDirectories: true)
        try Data(repeating: 0x5A, count: 40_000).write(to: garbage.appendingPathComponent("log/data.mdb"))
        let short = box.folder.appendingPathComponent("short")
        try manager.copyItem(at: box.ledger, to: short)
        let log = short.appendingPathComponent("log/data.mdb")
        try Data(contentsOf: log).prefix(9_000).write(to: log)
        for ledger in [foreign, garbage, short] {
            for verb in [["status"], ["verify"], ["advance"], ["events"]] {
                let run = try box.start(verb, ledger: ledger).finish()
                #expect(run.code == 76, "\(ledger.lastPathComponent) \(verb): \(run.code) \(run.err)")
                #expect(!run.err.isEmpty)
            }
        }
    }

    @Test func aFlippedByteIsFound() throws {
        let box = try Sandbox()
        try box.initialise()
        try box.run("import", try box.file("facts.jsonl", VerbTests.facts))
        let log = box.ledger.appendingPathComponent("log/data.mdb")
        var bytes = try Data(contentsOf: log)
        // Freed pages may hold the record, too.
        var places = 0
        while let place = bytes.range(of: Data("FRIEND".utf8)) {
            bytes[place.lowerBound] ^= 0x01
            places += 1
        }
        #expect(places > 0)
        try bytes.write(to: log)
        let verified = try box.run("verify")
        #expect(verified.code == 76)
        #expect((verified.out + verified.err).contains("position"))
        try FileManager.default.removeItem(at: box.ledger.appendingPathComponent("views"))
        #expect(try box.run("status").code == 76)
        #expect(try box.run("rebuild").code == 76)
    }

    /// Whether some process holds a lock on a file, by the kernel's own list.
    private static func isLocked(_ file: URL) -> Bool {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: file.path),
            let inode = attributes[.systemFileNumber] as? Int,
            let locks = try? String(contentsOfFile: "/proc/locks", encoding: .utf8)
        else { return false }
        return locks.split(separator: "\n").contains { $0.contains(":\(inode) ") && $0.contains("WRITE") }
    }

    /// LMDB asserts on, or follows, what stands in a damaged page: never the end by a signal.
    @Test func overwrittenPages() throws {
        let box = try Sandbox()
        try box.initialise()
        try box.run("import", try box.simulated(users: 300, payments: 1_200, seed: 3))
        let log = box.ledger.appendingPathComponent("log/data.mdb")
        let sound = try Data(contentsOf: log)
        var broken = 0
        for page in stride(from: 8_192, to: sound.count, by: 4_096) {
            var bytes = sound
            bytes.replaceSubrange(page..<page + 4_096, with: Data(count: 4_096))
            try bytes.write(to: log)
            let code = try box.run("verify").code
            #expect(code == 0 || code == 76, "page at \(page)")
            broken += code == 76 ? 1 : 0
        }
        #expect(broken > 10)
    }

    @Test func aSecondWriterIsTurnedAwayAndReadersAreNot() throws {
        let box = try Sandbox()
        try box.initialise()
        let pipe = Pipe()
        let writer = try box.start(["import", "-", "--import-id", "s"], input: pipe)
        // Not before it holds the lock: an `advance` that came first would turn the import away instead.
        let deadline = Date(timeIntervalSinceNow: 60)
        let lock = box.ledger.appendingPathComponent("writer.lock")
        while !Self.isLocked(lock), Date() < deadline { usleep(5_000) }
        // Without its socket there is no way through it.
        let socket = box.ledger.appendingPathComponent("writer.sock")
        while !FileManager.default.fileExists(atPath: socket.path), Date() < deadline { usleep(5_000) }
        try FileManager.default.removeItem(at: socket)
        #expect(try box.run("advance", "--to", "2024-01-01T00:00:00Z").code == 75)
        #expect(try box.run("rebuild").code == 75)
        #expect(try box.run("status").code == 0)
        #expect(try box.run("events").code == 0)
        try pipe.fileHandleForWriting.close()
        #expect(try writer.finish().code == 0)
        #expect(try box.run("advance", "--to", "2024-01-01T00:00:00Z").code == 0)
    }

    /// Files may not grow beyond a limit, as on a disk that is full: nothing is lost, and later it goes on.
    @Test(arguments: [100, 400]) func aFullDisk(kilobytes: Int) throws {
        let box = try Sandbox()
        let facts = try box.simulated(users: 800, payments: 4_000, seed: 5)
        try box.initialise()
        let calm = box.folder.appendingPathComponent("calm")
        #expect(try box.run("init", ledger: calm).code == 0)
        #expect(try box.run("import", facts, ledger: calm).code == 0)
        let full = try box.shell("ulimit -f \(kilobytes); \"$0\" import \"$1\"", facts)
        #expect(full.code == 74, "\(full.code) \(full.err)")
        #expect(try box.run("status").code == 0)
        let run = try box.run("import", facts)
        #expect(run.code == 0, "\(run.err)")
        #expect(try box.digest() == box.digest(calm))
        #expect(try box.run("verify").code == 0)
    }

    /// A folder that cannot be written is read all the same.
    @Test func aReadOnlyFolder() throws {
        let box = try Sandbox()
        try box.initialise()
        try box.run("import", try box.file("facts.jsonl", VerbTests.facts))
        let program = box.folder.appendingPathComponent("program")
        try FileManager.default.copyItem(atPath: Binary.path, toPath: program.path)
        // Root may write anywhere, so another user reads.
        let prefix = geteuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups" : ""
        let line = """
            chmod 755 "$1" "$1/program" && chmod -R a+rX,a-w "$1/ledger"
            trap 'chmod -R u+w "$1/ledger"' EXIT
            \(prefix) "$1/program" status --json; echo "read=$?"
            \(prefix) "$1/program" advance; echo "write=$?"
            """
        let run = try box.shell(line, box.folder.path)
        #expect(run.out.contains("read=0"), "\(run.out)\(run.err)")
        #expect(run.out.contains("write=74"), "\(run.out)\(run.err)")
    }

    @Test func fullStandardOutput() throws {
        let box = try Sandbox()
        try box.initialise()
        #expect(try box.shell("\"$0\" events > /dev/full").code == 74)
        #expect(try box.shell("set -o pipefail; \"$0\" events | head -n 1 > /dev/null").code == 0)
    }
}
