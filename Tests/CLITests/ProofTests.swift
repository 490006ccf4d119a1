import Foundation
import Testing

/// Checkpoints, proofs and tiles of the built program, checked by verifiers that share no code with it.
@Suite struct ProofTests {
    /// That of `scripts/verifiers` where it is installed, else the system's; LEDGER_PYTHON names another one.
    private static let python: String = {
        if let named = ProcessInfo.processInfo.environment["LEDGER_PYTHON"] { return named }
        let own = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent(".build/verifiers/bin/python3").path
        return FileManager.default.isExecutableFile(atPath: own) ? own : "python3"
    }()

    private static func script(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("independent/\(name)").path
    }

    static let hasProofbundle: Bool = {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [python, script("check_with_proofbundle.py"), "available"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    private struct Signed {
        let box: Sandbox
        let key: String
        let vkey: String
        let witness: String
        let witnessKey: String
        /// The checkpoint of the log's first part, in a file, and its text.
        let first: String

        init() throws {
            box = try Sandbox()
            try box.initialise()
            let facts = try box.simulated(users: 150, payments: 400)
            try #require(try box.run("import", facts).code <= 1)
            key = box.folder.appendingPathComponent("log.key").path
            witness = box.folder.appendingPathComponent("w.key").path
            let made = try box.run("checkpoint", "new-key", "example.com/acme", "--out", key)
            try #require(made.code == 0, "\(made.err)")
            vkey = made.out.trimmingCharacters(in: .newlines)
            witnessKey = try box.run("checkpoint", "new-key", "w.example/1", "--witness", "--out", witness)
                .out
                .trimmingCharacters(in: .newlines)
            let signed = try box.run("checkpoint", "sign", "--key", key)
            try #require(signed.code == 0, "\(signed.err)")
            first = try box.file("first.checkpoint", signed.out)
        }

        func grow(_ user: String) throws {
            let run = try box.run("record", "signup", "--userId", user, "--at", "2026-01-05T10:00:00Z")
            try #require(run.code == 0, "\(run.err)")
        }

        func python(_ script: String, _ words: String...) throws -> Run {
            try box.start([ProofTests.python, ProofTests.script(script)] + words, program: "/usr/bin/env")
                .finish()
        }
    }

    @Test func keysAreTheirOwnersAlone() throws {
        let signed = try Signed()
        let box = signed.box
        let attributes = try FileManager.default.attributesOfItem(atPath: signed.key)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(
            try box.run("checkpoint", "new-key", "x", "--out", signed.key).code == 64, "never overwritten")
        let inside = box.ledger.appendingPathComponent("k").path
        #expect(try box.run("checkpoint", "new-key", "x", "--out", inside).code == 74)
        #expect(!FileManager.default.fileExists(atPath: inside))
        #expect(try box.run("checkpoint", "new-key", "a b", "--out", box.folder.path + "/n").code == 65)
        #expect(try box.run("checkpoint", "vkey", signed.key).out == signed.vkey + "\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: signed.key)
        let open = try box.run("checkpoint", "sign", "--key", signed.key)
        #expect(open.code == 74 && open.err.contains("chmod 600"))
        #expect(!open.err.contains("PRIVATE"))
        #expect(try box.run("checkpoint", "sign", "--key", box.folder.path + "/none").code == 66)
        #expect(try box.run("checkpoint", "sign", "--key", try box.file("no.key", "hello\n")).code != 0)
        #expect(try box.run("checkpoint", "sign", "--key", signed.witness).code == 64)
    }

    @Test func inclusion() throws {
        let signed = try Signed()
        let box = signed.box
        let cosigned = try box.run("checkpoint", "cosign", "--key", signed.witness, "--log-key", signed.vkey)
        #expect(cosigned.code == 0, "\(cosigned.err)")
        let keys = ["--key", signed.vkey, "--key", signed.witnessKey]
        for position in [1, 77] {
            let proof = try box.run("prove", "inclusion", "\(position)")
            #expect(proof.code == 0, "\(proof.err)")
            let file = try box.file("\(position).tlog-proof", proof.out)
            let checked = try box.start(["check-proof", file, "--json"] + keys).finish()
            #expect(checked.code == 0, "\(checked.err)")
            #expect(
                try checked.number("firstPosition") <= position && checked.number("lastPosition") >= position)
            // The same by the specifications alone, without the ledger.
            let other = try signed.python("check_tiles.py", "proof", file, signed.vkey, signed.witnessKey)
            #expect(other.code == 0, "\(other.out)")
            // Each line of it counts.
            for (number, line) in proof.out.split(separator: "\n").enumerated() where line.count > 20 {
                var lines = proof.out.split(separator: "\n", omittingEmptySubsequences: false).map(
                    String.init)
                let at = try #require(lines.firstIndex(of: String(line)))
                var letters = Array(line)
                letters[letters.count / 2] = letters[letters.count / 2] == "A" ? "B" : "A"
                lines[at] = String(letters)
                let bad = try box.file("bad", lines.joined(separator: "\n"))
                let refused = try box.start(["check-proof", bad] + keys).finish()
                #expect([65, 76].contains(refused.code), "line \(number): \(refused.out)")
                #expect(
                    try signed.python("check_tiles.py", "proof", bad, signed.vkey, signed.witnessKey).code
                        == 1)
            }
        }
        let file = box.folder.appendingPathComponent("77.tlog-proof").path
        #expect(try box.run("check-proof", file).code == 0, "by the ledger at hand")
        #expect(try box.run("check-proof", file, "--key", signed.witnessKey).code == 76, "another origin")
        let stranger = try box.run(
            "checkpoint", "new-key", "example.com/acme", "--out", box.folder.path + "/s"
        ).out
        #expect(
            try box.run("check-proof", file, "--key", stranger.trimmingCharacters(in: .newlines)).code == 76)
        #expect(try box.run("check-proof", file, "--key", "nonsense").code == 64)
        #expect(try box.run("prove", "inclusion", "99999999").code == 66)
        // Without its record, which comes by other means.
        let bare = try box.file("bare", try box.run("prove", "inclusion", "77", "--without-record").out)
        #expect(try box.run("check-proof", bare, "--key", signed.vkey).code == 65)
        // A checkpoint that was never this log's.
        let other = try Signed()
        #expect(try box.run("prove", "inclusion", "1", "--checkpoint", other.first).code == 76)
        #expect(try box.run("check-proof", file, ledger: other.box.ledger).code == 76)
    }

    @Test(
        .enabled(if: hasProofbundle, "SKIPPED: proofbundle is not installed; scripts/verifiers installs it"))
    func proofbundleAgrees() throws {
        let signed = try Signed()
        _ = try signed.box.run("checkpoint", "cosign", "--key", signed.witness, "--log-key", signed.vkey)
        for position in [1, 50, 300] {
            let proof = try signed.box.run("prove", "inclusion", "\(position)").out
            let file = try signed.box.file("p", proof)
            let good = try signed.python(
                "check_with_proofbundle.py", "proof", file, signed.vkey, signed.witnessKey)
            #expect(good.code == 0, "\(good.out)\(good.err)")
            let bad = try signed.box.file("b", proof.replacing("index ", with: "index 1"))
            #expect(try signed.python("check_with_proofbundle.py", "proof", bad, signed.vkey).code == 1)
        }
    }

    @Test func consistencyAndWitness() throws {
        let signed = try Signed()
        let box = signed.box
        try signed.grow("late-1")
        let second = try box.file(
            "second.checkpoint", try box.run("checkpoint", "sign", "--key", signed.key).out)
        let proof = try box.file("proof", try box.run("prove", "consistency", signed.first, second).out)
        let keys = ["--key", signed.vkey]
        #expect(try box.start(["check-proof", proof, "--old", signed.first] + keys).finish().code == 0)
        #expect(
            try signed.python("check_tiles.py", "consistency", proof, signed.first, signed.vkey).code == 0)
        #expect(try box.start(["check-proof", proof, "--old", second] + keys).finish().code == 76)
        #expect(try box.start(["check-proof", proof] + keys).finish().code == 64)
        #expect(try box.run("check-proof", proof).code == 0, "by the ledger at hand")
        let sizes = try box.run("prove", "consistency", "10", "20", "--json")
        #expect(try sizes.number("oldSize") == 10 && sizes.number("size") == 20)
        #expect(try box.run("prove", "consistency", "20", "10").code == 64)
        #expect(try box.run("prove", "consistency", "1", "99999").code == 66)
        // A witness without a ledger goes by the proof alone.
        let elsewhere = box.folder.appendingPathComponent("none")
        func cosign(_ old: String, _ new: String) throws -> Run {
            try box.run(
                "checkpoint", "cosign", new, "--key", signed.witness, "--log-key", signed.vkey, "--old", old,
                "--proof",
                proof, "--time", "1700000000", ledger: elsewhere)
        }
        let cosigned = try cosign(signed.first, second)
        #expect(cosigned.code == 0, "\(cosigned.err)")
        #expect(cosigned.out.split(separator: "\n").filter { $0.hasPrefix("—") }.count == 2)
        #expect(try cosign(second, signed.first).code == 76)
        let shown = try box.run(
            "checkpoint", "show", try box.file("c", cosigned.out), "--key", signed.vkey, "--key",
            signed.witnessKey, "--json")
        #expect(shown.code == 0 && shown.out.contains("2023-11-14T22:13:20Z"), "\(shown.out)\(shown.err)")
    }

    @Test func verifyAgainstWhatWasSigned() throws {
        let signed = try Signed()
        let box = signed.box
        try signed.grow("late-1")
        let good = try box.run("verify", "--from", signed.first, "--key", signed.vkey, "--json")
        #expect(good.code == 0, "\(good.out)\(good.err)")
        #expect(try good.json["signers"] as? [String] == ["example.com/acme"])
        #expect(try box.run("verify", "--key", signed.witnessKey).code == 76, "not signed by it")
        // The ledger of another history: the same facts, recorded again.
        let other = try Signed()
        let bad = try box.run("verify", "--from", other.first, "--json")
        #expect(bad.code == 76 && bad.out.contains("checkpoint.root"), "\(bad.out)")
        // A log that was cut back: fewer records than were signed.
        try other.grow("late-2")
        let longer = try other.box.run("checkpoint", "sign", "--key", other.key).out
        let short = try box.file("short", longer.replacing("example.com", with: "example.com"))
        #expect(try box.run("verify", "--from", short).code == 76)
        #expect(try box.run("verify", "--from", try box.file("none", "hello\n")).code == 65)
        // Nothing of another history is signed.
        try Data(contentsOf: URL(fileURLWithPath: other.first)).write(
            to: box.ledger.appendingPathComponent("checkpoint"))
        let refused = try box.run("checkpoint", "sign", "--key", signed.key)
        #expect(refused.code == 76 && refused.out.isEmpty)
    }

    @Test func tiles() throws {
        let signed = try Signed()
        let box = signed.box
        let folder = box.folder.appendingPathComponent("tiles").path
        #expect(try box.run("export", "--format", "tiles").code == 64)
        #expect(try box.run("export", "--format", "csv", "--out", folder).code == 64)
        let run = try box.run("export", "--format", "tiles", "--out", folder, "--json")
        #expect(run.code == 0, "\(run.err)")
        let checked = try signed.python("check_tiles.py", "tiles", folder, signed.vkey)
        #expect(checked.code == 0, "\(checked.out)\(checked.err)")
        // Grown: full tiles stay, the partial ones and the checkpoint are new.
        try signed.grow("late-1")
        _ = try box.run("checkpoint", "sign", "--key", signed.key)
        let again = try box.run("export", "--format", "tiles", "--out", folder, "--json")
        #expect(
            try again.number("files") < run.number("files") && again.number("size") > run.number("size"))
        #expect(try signed.python("check_tiles.py", "tiles", folder, signed.vkey).code == 0)
        // One byte of one entry.
        let entries = URL(fileURLWithPath: folder + "/tile/entries/000")
        var bytes = try Data(contentsOf: entries)
        bytes[100] ^= 1
        try bytes.write(to: entries)
        #expect(try signed.python("check_tiles.py", "tiles", folder, signed.vkey).code == 1)
    }
}
