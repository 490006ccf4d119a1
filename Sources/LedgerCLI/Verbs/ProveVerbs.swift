import ReferralLedger
import StrictJSON

/// `prove`: proofs for those who have the log's key and nothing else.
enum ProveVerbs {
    static let group = Verb(
        "prove", abstract: "Proves what the log holds.",
        discussion:
            "Proofs go by a signed checkpoint. 'check-proof' and other tools for C2SP formats check them.",
        section: "Audit",
        examples: [
            .init("That an event is in the log", "referral-ledger prove inclusion 42 > 42.tlog-proof")
        ],
        subcommands: [inclusion, consistency])

    private static let checkpointOption = Verb.Option(
        "checkpoint", "FILE", "The checkpoint; else the one kept in the ledger.", kind: .file)

    private static let inclusion = Verb(
        "inclusion", abstract: "Proves that the event at a position is in the log.",
        discussion: """
            Writes a C2SP tlog-proof: the record that holds the event, the path of hashes, the checkpoint. Whoever has \
            the log's key needs nothing else to check it. Personal data in the record is sealed, and stays so.
            """,
        examples: [.init("For a partner", "referral-ledger prove inclusion 42 > 42.tlog-proof")],
        arguments: [.init("POS", "The event's position.", kind: .integer(1...Int.max))],
        options: [checkpointOption],
        flags: [.init("without-record", "Leave the record out: it is given by other means.")],
        action: { (invocation) throws(CLIError) in
            let position = LogPosition(UInt64(Int(invocation.parsed.argument("POS") ?? "") ?? 0))
            return try invocation.withProver { prover throws(CLIError) in
                let note = try checkpoint(invocation, prover)
                let proof = try calling { () throws(LedgerError) in
                    try prover.inclusionProof(
                        of: position, in: note, includesRecord: !invocation.parsed.flag("without-record"))
                }
                guard let proof else {
                    throw CLIError(
                        .notFound, "position \(position) is past the checkpoint",
                        hint: "'referral-ledger checkpoint sign' signs the log as it is.")
                }
                if invocation.isJSON {
                    let head = try ProofFiles.head(note)
                    try invocation.output.json { json throws(CLIError) in
                        json.member("position", position)
                        json.member("index", proof.index)
                        json.member("size", head.size)
                        json.member("root", head.root.hex)
                        json.strings("path", proof.path.map(\.hex))
                        json.member("proof", "\(proof)")
                    }
                } else {
                    invocation.output.write("\(proof)")
                }
                return .done
            }
        })

    private static let consistency = Verb(
        "consistency", abstract: "Proves that the log of one time is the beginning of the log of another.",
        discussion: """
            A and B are files of checkpoints, or numbers of records. The proof (in the form that C2SP tlog-witness \
            sends) ends with the checkpoint of B; when B is a number, with its text, which nobody has signed.
            """,
        examples: [
            .init(
                "From last month's checkpoint to now",
                "referral-ledger prove consistency december.checkpoint january.checkpoint > proof")
        ],
        arguments: [
            .init("A", "The older: a checkpoint's file, or a number of records."),
            .init("B", "The newer."),
        ],
        action: { (invocation) throws(CLIError) in
            try invocation.withProver { prover throws(CLIError) in
                let old = try End(invocation.parsed.argument("A") ?? "", prover)
                let new = try End(invocation.parsed.argument("B") ?? "", prover)
                guard old.head.size <= new.head.size else {
                    throw .usage("the older log has \(old.head.size) records, the newer \(new.head.size)")
                }
                let path = try calling { () throws(LedgerError) in
                    try prover.consistencyPath(from: old.head.size, to: new.head.size)
                }
                let proof = ConsistencyProof(oldSize: old.head.size, path: path, checkpoint: new.text)
                if invocation.isJSON {
                    try invocation.output.json { json throws(CLIError) in
                        json.member("oldSize", old.head.size)
                        json.member("oldRoot", old.head.root.hex)
                        json.member("size", new.head.size)
                        json.member("root", new.head.root.hex)
                        json.strings("path", path.map(\.hex))
                        json.member("proof", "\(proof)")
                    }
                } else {
                    invocation.output.write("\(proof)")
                }
                return .done
            }
        })

    private static func checkpoint(_ invocation: Invocation, _ prover: LogProver) throws(CLIError)
        -> SignedNote
    {
        guard let name = invocation.parsed.string("checkpoint") else { return try ProofFiles.kept(prover) }
        return try ProofFiles.note(name)
    }

    /// One end of a consistency proof.
    private struct End {
        let head: TreeHead
        let text: String

        init(_ given: String, _ prover: LogProver) throws(CLIError) {
            if !given.isEmpty, given.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let size = UInt64(given)
            {
                guard let root = try calling({ () throws(LedgerError) in try prover.root(at: size) }) else {
                    throw CLIError(.notFound, "the log has \(prover.size) records, not \(size)")
                }
                head = try ProofFiles.checked { () throws(ProofError) in
                    try TreeHead(origin: "referral-ledger/\(prover.ledgerId)", size: size, root: root)
                }
                text = head.text
                return
            }
            let note = try ProofFiles.note(given)
            head = try ProofFiles.head(note)
            text = "\(note)"
            let head = head
            guard try calling({ () throws(LedgerError) in try prover.agrees(with: head) }) else {
                throw CLIError(.broken, "\(given) is not a checkpoint of this log")
            }
        }
    }
}

/// `check-proof`: needs no ledger.
enum CheckProofVerb {
    static let verb = Verb(
        "check-proof", abstract: "Checks a proof.",
        discussion: """
            Takes what 'prove inclusion' and 'prove consistency' wrote, and tells by the first line which it is. Trust \
            comes from --key (the log's, for its signature; further ones for witnesses, who must then have signed, too) \
            or, without, from the ledger that is named: its own tree must have the root. A proof of consistency needs \
            the older checkpoint, too. Ends with 76 when the proof does not hold.
            """,
        section: "Audit",
        examples: [
            .init(
                "An inclusion proof", "referral-ledger check-proof 42.tlog-proof --key \"$(cat acme.vkey)\""),
            .init(
                "A consistency proof",
                "referral-ledger check-proof proof --old december.checkpoint --key \"$(cat acme.vkey)\""),
        ],
        arguments: [.init("FILE", "The proof; - is stdin.", kind: .file)],
        options: [
            ProofFiles.verifierOption,
            .init("old", "FILE", "Of a consistency proof: the older checkpoint.", kind: .file),
            .init(
                "record", "FILE", "Of an inclusion proof: the stored record, when the proof holds none.",
                kind: .file),
            .init("origin", "TEXT", "The log's name in its checkpoints; else the first key's."),
        ],
        action: { (invocation) throws(CLIError) in
            let bytes = try InputFile.read(
                invocation.parsed.argument("FILE") ?? "-", limit: SignedNote.longest)
            let isConsistency = bytes.starts(with: Array("old ".utf8))
            return isConsistency ? try consistency(bytes, invocation) : try inclusion(bytes, invocation)
        })

    private static func inclusion(_ bytes: [UInt8], _ invocation: Invocation) throws(CLIError) -> ExitCode {
        let proof = try ProofFiles.checked { () throws(ProofError) in try InclusionProof(bytes) }
        let (head, signers) = try trusted(proof.checkpoint, invocation)
        let given = try invocation.parsed.string("record").map { name throws(CLIError) in
            try InputFile.read(name, limit: 1 << 20)
        }
        try ProofFiles.proving { () throws(ProofError) in
            try proof.check(against: head, leaf: given.map { TreeProof.leafHash($0) })
        }
        let positions = (given ?? proof.record).flatMap { LogProver.positions(ofRecord: $0) }
        if invocation.isJSON {
            try invocation.output.json { json throws(CLIError) in
                json.member("holds", true)
                json.member("kind", "inclusion")
                json.member("index", proof.index)
                json.member("firstPosition", positions?.lowerBound.rawValue)
                json.member("lastPosition", positions?.upperBound.rawValue)
                write(head, signers, to: &json)
            }
        } else {
            let what =
                positions.map { "positions \($0.lowerBound) to \($0.upperBound)" } ?? "the record given"
            invocation.output.line(
                "Record \(proof.index) (\(what)) is in the log of \(head.size) records with root \(head.root.hex)."
            )
            tell(signers, invocation)
        }
        return .done
    }

    private static func consistency(_ bytes: [UInt8], _ invocation: Invocation) throws(CLIError) -> ExitCode {
        let proof = try ProofFiles.checked { () throws(ProofError) in try ConsistencyProof(bytes) }
        let (head, signers) = try trusted(proof.checkpoint, invocation)
        let old: TreeHead
        if let name = invocation.parsed.string("old") {
            old = try trusted("\(try ProofFiles.note(name))", invocation).head
        } else if invocation.parsed.values("key").isEmpty {
            old = try invocation.withProver { prover throws(CLIError) in
                guard let root = try calling({ () throws(LedgerError) in try prover.root(at: proof.oldSize) })
                else {
                    throw CLIError(.broken, "the log has fewer than \(proof.oldSize) records")
                }
                return try ProofFiles.checked { () throws(ProofError) in
                    try TreeHead(origin: head.origin, size: proof.oldSize, root: root)
                }
            }
        } else {
            throw .usage("a consistency proof needs --old, the older checkpoint")
        }
        try ProofFiles.proving { () throws(ProofError) in try proof.check(from: old, to: head) }
        if invocation.isJSON {
            try invocation.output.json { json throws(CLIError) in
                json.member("holds", true)
                json.member("kind", "consistency")
                json.member("oldSize", old.size)
                json.member("oldRoot", old.root.hex)
                write(head, signers, to: &json)
            }
        } else {
            invocation.output.line("The log of \(head.size) records begins with the log of \(old.size).")
            tell(signers, invocation)
        }
        return .done
    }

    /// A checkpoint's tree head, by its signatures, or by the ledger at hand.
    private static func trusted(
        _ text: String, _ invocation: Invocation
    ) throws(CLIError) -> (head: TreeHead, signers: [SignedNote.Verified]) {
        let keys = try ProofFiles.verifiers(invocation)
        guard !keys.isEmpty else {
            guard invocation.parsed.string("ledger") != nil else {
                throw .usage(
                    "nobody is trusted", hint: "Give the log's key with --key, or the ledger with --ledger.")
            }
            // An unsigned text will do: the ledger itself is asked.
            let body = (try? SignedNote(Array(text.utf8)))?.text ?? text
            let head = try ProofFiles.checked { () throws(ProofError) in try TreeHead(text: body) }
            let agrees = try invocation.withProver { prover throws(CLIError) in
                try calling { () throws(LedgerError) in try prover.agrees(with: head) }
            }
            guard agrees else { throw CLIError(.broken, "the checkpoint is not one of this ledger's log") }
            return (head, [])
        }
        return try ProofFiles.proving { () throws(ProofError) in
            let note = try SignedNote(Array(text.utf8))
            let signers = try note.verified(by: keys)
            if let missing = keys.first(where: { key in !signers.contains { $0.key == key } }) {
                throw ProofError(.untrusted, "\(missing.name) has not signed")
            }
            let head = try TreeHead(text: note.text)
            let origin = invocation.parsed.string("origin") ?? keys[0].name
            guard head.origin == origin else {
                throw ProofError(.wrongOrigin, "the checkpoint is of “\(head.origin)”, not of “\(origin)”")
            }
            return (head, signers)
        }
    }

    private static func tell(_ signers: [SignedNote.Verified], _ invocation: Invocation) {
        if signers.isEmpty {
            invocation.output.line("Its root is that of the ledger named; no signature was looked at.")
        }
        for signer in signers {
            let time = signer.time.map { " at \(Timestamp(nanoseconds: Int64($0) * 1_000_000_000))" } ?? ""
            invocation.output.line("Signed by \(signer.key.name)\(time).")
        }
    }

    private static func write(
        _ head: TreeHead, _ signers: [SignedNote.Verified], to json: inout JSONWriter
    ) {
        json.member("origin", head.origin)
        json.member("size", head.size)
        json.member("root", head.root.hex)
        json.list("signatures", signers) { json, signer in
            json.member("name", signer.key.name)
            json.member(
                "time", signer.time.map { Timestamp(nanoseconds: Int64($0) * 1_000_000_000).description })
        }
    }
}
