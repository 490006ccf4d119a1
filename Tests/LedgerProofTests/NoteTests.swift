import Foundation
import LedgerLog
import Testing

@testable import LedgerProof

/// Signed notes, checkpoints and cosignatures against the vectors of `Fixtures/vectors/checkpoint.json`, and all the ways
/// to be none.
@Suite struct NoteTests {
    private struct Vector: Decodable {
        let log_seed_hex: String
        let witness_seed_hex: String
        let log_vkey: String
        let witness_vkey: String
        let witness_time: UInt64
        let note: String
    }

    private static let vector = try! JSONDecoder().decode(
        Vector.self, from: Data(contentsOf: repositoryFile("Fixtures/vectors/checkpoint.json")))

    private static func bytes(_ hex: String) -> [UInt8] {
        stride(from: 0, to: hex.utf8.count, by: 2).map {
            UInt8(hex.dropFirst($0).prefix(2), radix: 16)!
        }
    }

    private func signers() throws -> (log: NoteSigner, witness: NoteSigner) {
        (
            try NoteSigner(
                name: "example.com/ledger", kind: .ed25519, seed: Self.bytes(Self.vector.log_seed_hex)),
            try NoteSigner(
                name: "witness.example.com/w1", kind: .cosignature,
                seed: Self.bytes(Self.vector.witness_seed_hex))
        )
    }

    private func code(_ body: () throws -> Void) -> ProofError.Code? {
        do {
            try body()
            return nil
        } catch { return (error as? ProofError)?.code }
    }

    @Test func theVectorIsMadeByteForByte() throws {
        let (log, witness) = try signers()
        #expect("\(log.verifier)" == Self.vector.log_vkey)
        #expect("\(witness.verifier)" == Self.vector.witness_vkey)
        let given = try SignedNote(Array(Self.vector.note.utf8))
        let head = try TreeHead(text: given.text)
        #expect(head.origin == "example.com/ledger" && head.size == 8 && head.text == given.text)
        #expect(head.root.hex == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")
        let made = try SignedNote(signing: head.text, by: [log, witness], time: Self.vector.witness_time)
        #expect("\(made)" == Self.vector.note && made == given)
    }

    @Test func theVectorVerifies() throws {
        let note = try SignedNote(Array(Self.vector.note.utf8))
        let keys = [try NoteVerifier(Self.vector.log_vkey), try NoteVerifier(Self.vector.witness_vkey)]
        let verified = try note.verified(by: keys)
        #expect(verified.map(\.key) == keys)
        #expect(verified.map(\.time) == [nil, Self.vector.witness_time])
        #expect(try note.verified(by: [keys[1]]).count == 1, "others' signatures are passed over")
    }

    @Test func keysAsText() throws {
        let (log, witness) = try signers()
        for signer in [log, witness] {
            #expect(try NoteVerifier("\(signer.verifier)") == signer.verifier)
            let again = try NoteSigner(secretText: signer.secretText)
            #expect(again.verifier == signer.verifier && again.secretText == signer.secretText)
        }
        let vkey = Self.vector.log_vkey
        for bad in [
            "", "+", "a+b", "example.com/ledger", vkey + "A", String(vkey.dropLast()),
            vkey.replacing("93727de6", with: "93727de7"),
            vkey.replacing("93727de6", with: "93727DE6"),
            vkey.replacing("example.com/ledger", with: "example.com"),
            vkey.replacing("example.com/ledger", with: "example.com ledger"),
            vkey.replacing("example.com/ledger", with: ""),
            vkey.replacing("+AQ", with: "+Ag"), " " + vkey, vkey + "\n",
        ] {
            #expect(code { _ = try NoteVerifier(bad) } == .malformedKey, "\(bad)")
        }
        let secret = log.secretText
        for bad in [
            "", vkey, String(secret.dropFirst()), String(secret.dropLast()),
            secret.replacing("PRIVATE", with: "PUBLIC"),
            secret.replacing("93727de6", with: "00000000"), secret + "=",
        ] {
            #expect(code { _ = try NoteSigner(secretText: bad) } == .malformedKey)
        }
        for name in ["", "a b", "a+b", "a\u{2003}b", "a\nb", String(repeating: "x", count: 256)] {
            #expect(code { _ = try NoteSigner.generate(name: name, kind: .ed25519) } == .malformedKey)
        }
        let fresh = try NoteSigner.generate(name: "x", kind: .ed25519)
        #expect(fresh.verifier != (try NoteSigner.generate(name: "x", kind: .ed25519)).verifier)
    }

    /// Each line: what is done to the vector's note, and what comes of it.
    @Test func notesThatAreNone() throws {
        let note = Self.vector.note
        let lines = note.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let cases: [(String, String)] = [
            ("empty", ""), ("no end", String(note.dropLast())),
            ("cut in a signature", String(note.dropLast(8)) + "\n"),
            ("no signatures", lines[0...3].joined(separator: "\n") + "\n"),
            ("no empty line", note.replacing("\n\n", with: "\n")),
            ("a hyphen", note.replacing("—", with: "-")), ("two blanks", note.replacing("— e", with: "—  e")),
            ("a tab", note.replacing("8\n", with: "8\t\n")),
            ("a carriage return", note.replacing("\n", with: "\r\n")),
            ("a zero", note.replacing("8\n", with: "8\0\n")),
            ("a line after the signatures", note + "more\n"), ("a short signature", note + "— x AAAA\n"),
            ("an empty name", note + "—  AAAAAAAA\n"), ("a plus in the name", note + "— a+b AAAAAAAA\n"),
            ("no base 64", note + "— x AAAAAAA*\n"), ("bits over", note + "— x AAAAAAB=\n"),
            ("101 signatures", note + String(repeating: "— x AAAAAAAA\n", count: 99)),
        ]
        for (what, text) in cases {
            #expect(code { _ = try SignedNote(Array(text.utf8)) } == .malformedNote, "\(what)")
        }
        #expect(code { _ = try SignedNote([0xFF, 0x0A, 0x0A, 0x0A]) } == .malformedNote, "not UTF-8")
        #expect(
            code { _ = try SignedNote([UInt8](repeating: 0x0A, count: SignedNote.longest + 1)) }
                == .malformedNote)
        #expect(
            try SignedNote(Array((note + String(repeating: "— x AAAAAAAA\n", count: 98)).utf8)).signatures
                .count == 100)
    }

    @Test func signaturesThatDoNotHold() throws {
        let (log, witness) = try signers()
        let keys = [log.verifier, witness.verifier]
        let note = try SignedNote(Array(Self.vector.note.utf8))
        func verify(_ text: String, _ keys: [NoteVerifier]) -> ProofError.Code? {
            code { _ = try SignedNote(Array(text.utf8)).verified(by: keys) }
        }
        #expect(
            verify(Self.vector.note.replacing("\n8\n", with: "\n9\n"), keys) == .badSignature, "another text")
        #expect(verify(Self.vector.note.replacing("hYm3p+6AM", with: "hYm3p+6AN"), keys) != nil)
        // Another key of the same name: unknown, so passed over; alone it is nobody.
        let stranger = try NoteSigner.generate(name: log.verifier.name, kind: .ed25519)
        #expect(verify(Self.vector.note, [stranger.verifier]) == .untrusted)
        #expect(verify(Self.vector.note, []) == .untrusted)
        let mixed = try SignedNote(signing: note.text, by: [stranger, log], time: 0)
        #expect(try mixed.verified(by: keys).map(\.key) == [log.verifier])
        // The right name and id over another key's signature.
        let forged = "\(note)".split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.hasPrefix("— example")
                ? "— example.com/ledger k3J95g" + String(repeating: "A", count: 84) + "==" : String(line)
        }.joined(separator: "\n")
        #expect([ProofError.Code.badSignature, .malformedNote].contains(verify(forged, keys)))
        // The same signature twice counts once; a bad one after a good one of the same key is not looked at.
        let twice =
            "\(note)" + "\(note)".split(separator: "\n").filter { $0.hasPrefix("— example") }.joined() + "\n"
        #expect(try SignedNote(Array(twice.utf8)).verified(by: keys).count == 2)
        // A cosignature's time is part of what it signs.
        var dated = try SignedNote(signing: note.text, by: [log], time: 0)
        try dated.add(witness, time: 1)
        #expect(try dated.verified(by: [witness.verifier])[0].time == 1)
        try dated.add(witness, time: 2)
        #expect(dated.signatures.count == 2, "the older one went")
        // A log's key is no witness's, though the bytes are the same.
        let seed = Self.bytes(Self.vector.witness_seed_hex)
        let asLog = try NoteSigner(name: witness.verifier.name, kind: .ed25519, seed: seed)
        #expect(asLog.verifier.id != witness.verifier.id)
        #expect(verify(Self.vector.note, [asLog.verifier]) == .untrusted)
    }

    @Test func checkpointsThatAreNone() throws {
        let root = "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg="
        #expect(try TreeHead(text: "a\n0\n\(root)\n").size == 0)
        #expect(try TreeHead(text: "a\n18446744073709551615\n\(root)\nmore\n").extensions == ["more"])
        for bad in [
            "", "a\n", "a\n8\n", "a\n8\n\(root)", "\n8\n\(root)\n", "a\n08\n\(root)\n", "a\n+8\n\(root)\n",
            "a\n-1\n\(root)\n",
            "a\n\n\(root)\n", "a\n8 \n\(root)\n", "a\n18446744073709551616\n\(root)\n", "a\n8\n\(root)=\n",
            "a\n8\nAAAA\n",
            "a\n8\n\(root)\n\n", "a\n8\n\(root.dropLast(2))h=\n", "a\n８\n\(root)\n",
        ] {
            #expect(code { _ = try TreeHead(text: bad) } == .malformedCheckpoint, "\(bad)")
        }
    }

    @Test func base64IsCanonical() {
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37 + count) }
            let text = Base64.encode(bytes)
            #expect(text == Data(bytes).base64EncodedString())
            #expect(Base64.decode(text) == bytes)
        }
        for bad in [
            "A", "AA", "AAA", "AA=", "A===", "AB==", "AAB=", "AA==AA==", "AA-_", "A A=", "AAA=\n", "====",
            "é===",
        ] {
            #expect(Base64.decode(bad) == nil, "\(bad)")
        }
    }

    @Test func proofsAsText() throws {
        let (log, _) = try signers()
        let source = MemorySource()
        for i in 0..<300 { source.leaves.append(TileTreeTests.leaf(i)) }
        let tree = source.tree(300)
        func head(_ size: UInt64) throws -> TreeHead {
            try TreeHead(origin: "o", size: size, root: tree.root(at: size))
        }
        let note = try SignedNote(signing: head(300).text, by: [log])
        let proof = InclusionProof(
            index: 256, path: try tree.inclusion(of: 256, in: 300), record: source.leaves[256],
            checkpoint: "\(note)")
        let again = try InclusionProof(Array("\(proof)".utf8))
        #expect(again == proof)
        #expect(try SignedNote(Array(again.checkpoint.utf8)) == note)
        try again.check(against: head(300))
        #expect(code { try again.check(against: head(299)) } == .failed)
        #expect(code { try again.check(against: head(300), leaf: TreeProof.leafHash([1])) } == .failed)
        let bare = InclusionProof(index: 256, path: proof.path, record: nil, checkpoint: "\(note)")
        #expect(
            code { try InclusionProof(Array("\(bare)".utf8)).check(against: head(300)) } == .malformedProof)
        try bare.check(against: head(300), leaf: TreeProof.leafHash(source.leaves[256]))
        let text = "\(proof)"
        for (what, bad) in [
            ("empty", ""), ("another header", text.replacing("@v1", with: "@v2")),
            ("no index", text.replacing("index 256\n", with: "")),
            ("a leading zero", text.replacing("index 256", with: "index 0256")),
            ("extra that is none", text.replacing("extra ", with: "extra *")),
            ("an odd line", text.replacing("index 256\n", with: "index 256\nhello\n")),
            ("no checkpoint", String(text.prefix(while: { $0 != "\n" })) + "\n"),
            (
                "65 hashes",
                text.replacing(
                    "index 256\n",
                    with: "index 256\n" + String(repeating: Digest32().base64 + "\n", count: 65))
            ),
        ] {
            #expect(code { _ = try InclusionProof(Array(bad.utf8)) } == .malformedProof, "\(what)")
        }
        let step = ConsistencyProof(
            oldSize: 100, path: try tree.consistency(from: 100, to: 300), checkpoint: "\(note)")
        let read = try ConsistencyProof(Array("\(step)".utf8))
        #expect(read == step)
        try read.check(from: head(100), to: head(300))
        #expect(code { try read.check(from: head(101), to: head(300)) } == .failed)
        #expect(code { try read.check(from: head(100), to: head(299)) } == .failed)
        for bad in ["", "old 1\n", "old x\n\nc", "new 1\n\nc", "old 01\n\nc", "old 1\nhello\n\nc"] {
            #expect(code { _ = try ConsistencyProof(Array(bad.utf8)) } == .malformedProof, "\(bad)")
        }
    }

    /// The published leaves, roots and paths of `Fixtures/vectors/rfc6962.json`.
    @Test func publishedPaths() throws {
        struct Published: Decodable {
            struct Inclusion: Decodable { let index: UInt64, size: UInt64, path: [String] }
            struct Consistency: Decodable { let from: UInt64, to: UInt64, path: [String] }
            let leaf_inputs_hex: [String]
            let roots_by_size_hex: [String: String]
            let inclusion: [Inclusion]
            let consistency: [Consistency]
        }
        let published = try JSONDecoder().decode(
            Published.self, from: Data(contentsOf: repositoryFile("Fixtures/vectors/rfc6962.json")))
        let source = MemorySource()
        let tree = TileTree(source: source)
        for leaf in published.leaf_inputs_hex { source.append(Self.bytes(leaf), to: tree) }
        for (size, root) in published.roots_by_size_hex {
            #expect(try tree.root(at: UInt64(size)!).hex == root)
        }
        /// `leaf 4`, `node [2,4)`: as the file names the parts of a path.
        func part(_ name: String) throws -> Digest32 {
            let numbers = name.split(whereSeparator: { !$0.isNumber }).compactMap { UInt64($0) }
            return numbers.count == 1
                ? try tree.hash(numbers[0], numbers[0] + 1) : try tree.hash(numbers[0], numbers[1])
        }
        for one in published.inclusion {
            #expect(try tree.inclusion(of: one.index, in: one.size) == one.path.map(part))
        }
        for one in published.consistency {
            #expect(try tree.consistency(from: one.from, to: one.to) == one.path.map(part))
        }
    }
}
