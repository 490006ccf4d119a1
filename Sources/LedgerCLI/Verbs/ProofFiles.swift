import Glibc
import ReferralLedger
import StrictJSON

/// Keys, checkpoints and proofs in files, for the verbs that read and write them.
enum ProofFiles {
    static let keyOption = Verb.Option(
        "key", "FILE", "The signing key's file, of 'checkpoint new-key'.", kind: .file, isRequired: true)
    static let verifierOption = Verb.Option(
        "key", "VKEY", "A key that is trusted: NAME+ID+BASE64.", isRepeatable: true)

    /// A signing key, from a file outside of the ledger.
    static func key(_ path: String, _ invocation: Invocation) throws(CLIError) -> NoteSigner {
        do throws(LedgerError) {
            return try NoteKeyFile.read(path, outsideOf: invocation.parsed.string("ledger"))
        } catch {
            if unsafe access(path, F_OK) != 0 { throw CLIError(.notFound, error.message) }
            throw CLIError(error.code == .broken ? .badInput : .inputOutput, error.message)
        }
    }

    static func verifier(_ text: String, _ option: String) throws(CLIError) -> NoteVerifier {
        do throws(ProofError) { return try NoteVerifier(text) } catch {
            throw .usage("\(option): \(error.message)")
        }
    }

    static func verifiers(_ invocation: Invocation) throws(CLIError) -> [NoteVerifier] {
        try invocation.parsed.values("key").map { text throws(CLIError) in try verifier(text, "--key") }
    }

    /// A checkpoint in a file.
    static func note(_ name: String) throws(CLIError) -> SignedNote {
        let bytes = try InputFile.read(name, limit: SignedNote.longest)
        do throws(ProofError) { return try SignedNote(bytes) } catch {
            throw CLIError(.badInput, "\(name): \(error.message)")
        }
    }

    /// The checkpoint kept in the ledger.
    static func kept(_ prover: LogProver) throws(CLIError) -> SignedNote {
        guard let note = try calling({ () throws(LedgerError) in try prover.published() }) else {
            throw CLIError(
                .notFound, "no checkpoint was signed yet",
                hint: "'referral-ledger checkpoint sign' signs one.")
        }
        return note
    }

    static func head(_ note: SignedNote) throws(CLIError) -> TreeHead {
        try checked { () throws(ProofError) in try TreeHead(text: note.text) }
    }

    /// What is malformed is bad input.
    static func checked<R>(_ body: () throws(ProofError) -> R) throws(CLIError) -> R {
        do throws(ProofError) { return try body() } catch { throw CLIError(.badInput, error.message) }
    }

    /// What does not hold is a failed proof.
    static func proving<R>(_ body: () throws(ProofError) -> R) throws(CLIError) -> R {
        do throws(ProofError) { return try body() } catch {
            switch error.code {
            case .malformedNote, .malformedCheckpoint, .malformedProof, .malformedKey:
                throw CLIError(.badInput, error.message)
            default: throw CLIError(.broken, error.message)
            }
        }
    }

    /// Two signed checkpoints of one log, and the proof between them.
    static func checkConsistency(
        _ bytes: [UInt8], old: SignedNote, new: SignedNote,
        keys: [NoteVerifier]
    ) throws(CLIError) {
        let proof = try checked { () throws(ProofError) in try ConsistencyProof(bytes) }
        let (before, after) = (try head(old), try head(new))
        try proving { () throws(ProofError) in
            _ = try old.verified(by: keys)
            _ = try new.verified(by: keys)
            guard before.origin == after.origin else {
                throw ProofError(
                    .wrongOrigin, "the checkpoints are of “\(before.origin)” and “\(after.origin)”")
            }
            try proof.check(from: before, to: after)
        }
    }

    static func kind(_ key: NoteVerifier) -> String { key.kind == .ed25519 ? "log" : "witness" }

    /// A signed checkpoint on stdout: the note itself, or with `--json` what it says.
    static func write(
        _ note: SignedNote, trusting keys: [NoteVerifier], agrees: Bool? = nil, _ invocation: Invocation
    ) throws(CLIError) {
        guard invocation.isJSON else { return invocation.output.write("\(note)") }
        let head = try head(note)
        try invocation.output.json { json throws(CLIError) in
            json.member("origin", head.origin)
            json.member("size", head.size)
            json.member("root", head.root.hex)
            if let agrees { json.member("agrees", agrees) }
            json.list("signatures", note.signatures) { json, signature in
                let key = keys.first { $0.name == signature.name && $0.id == signature.keyId }
                let good = key.flatMap { try? note.verified(by: [$0]).first }
                json.member("name", signature.name)
                json.member("verified", good != nil)
                json.member(
                    "time", good?.time.map { Timestamp(nanoseconds: Int64($0) * 1_000_000_000).description })
            }
            json.member("checkpoint", "\(note)")
        }
    }
}

extension JSONWriter {
    /// A member that is a list of texts.
    mutating func strings(_ name: String, _ values: [String]) {
        key(name)
        beginArray()
        for value in values { string(value) }
        endArray()
    }
}

extension Timestamp {
    /// Seconds since 1970 now.
    static func nowSeconds() -> Int64 {
        var now = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec)
    }
}

extension Invocation {
    /// Opens the ledger's log for proving, beside a writer if there is one, and runs the body.
    func withProver<Result>(_ body: (LogProver) throws(CLIError) -> Result) throws(CLIError) -> Result {
        let directory = try directory()
        let prover = try calling { () throws(LedgerError) in try LogProver.open(at: directory) }
        defer { prover.close() }
        return try body(prover)
    }
}
