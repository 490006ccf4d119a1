import ReferralLedger
import StrictJSON

/// `checkpoint`: signing the log, and keys for it.
enum CheckpointVerbs {
    static let group = Verb(
        "checkpoint", abstract: "Signs the log's hash tree, and shows what was signed.",
        discussion: """
            A checkpoint says how many records the log has and which root their hash tree has (C2SP tlog-checkpoint, \
            a signed note). Who holds one can tell at any later time whether the log still begins as it did. The one \
            signed last is kept in the ledger as DIR/checkpoint.
            """,
        section: "Audit",
        examples: [
            .init("Sign the log as it is", "referral-ledger checkpoint sign --key /etc/acme/ledger.key")
        ],
        subcommands: [newKey, verifierKey, sign, cosign, show])

    private static let newKey = Verb(
        "new-key", abstract: "Makes a key that signs checkpoints.",
        discussion: """
            Writes the secret to a file that only you can read, outside of the ledger, and the key that others verify \
            with to stdout. The name is a URL without its scheme, as a rule; no blanks, no plus.
            """,
        examples: [
            .init(
                "For a log", "referral-ledger checkpoint new-key example.com/acme --out /etc/acme/ledger.key"),
            .init(
                "For a witness",
                "referral-ledger checkpoint new-key witness.example/w1 --witness --out w1.key"),
        ],
        arguments: [.init("NAME", "Who signs.")],
        options: [
            .init("out", "FILE", "Where the secret goes; never overwritten.", kind: .file, isRequired: true)
        ],
        flags: [.init("witness", "For cosignatures, which state their time.")],
        action: { (invocation) throws(CLIError) in
            let name = invocation.parsed.argument("NAME") ?? ""
            let kind: NoteVerifier.Kind = invocation.parsed.flag("witness") ? .cosignature : .ed25519
            let key = try ProofFiles.checked { () throws(ProofError) in
                try NoteSigner.generate(name: name, kind: kind)
            }
            let path = try invocation.parsed.required("out")
            try calling { () throws(LedgerError) in
                try NoteKeyFile.create(path, key, outsideOf: invocation.parsed.string("ledger"))
            }
            try tell(key.verifier, invocation)
            return .done
        })

    private static let verifierKey = Verb(
        "vkey", abstract: "Writes the key that others verify with.",
        examples: [.init("For auditors", "referral-ledger checkpoint vkey /etc/acme/ledger.key > acme.vkey")],
        arguments: [.init("FILE", "The signing key's file.", kind: .file)],
        action: { (invocation) throws(CLIError) in
            let path = invocation.parsed.argument("FILE") ?? ""
            let key = try ProofFiles.key(path, invocation)
            try tell(key.verifier, invocation)
            return .done
        })

    private static func tell(_ key: NoteVerifier, _ invocation: Invocation) throws(CLIError) {
        if invocation.isJSON {
            try invocation.output.json { json throws(CLIError) in
                json.member("name", key.name)
                json.member("kind", ProofFiles.kind(key))
                json.member("vkey", "\(key)")
            }
        } else {
            invocation.output.line("\(key)")
        }
    }

    private static let sign = Verb(
        "sign", abstract: "Signs the log as it is.",
        discussion: """
            Writes the signed checkpoint to stdout and keeps it in the ledger. The one kept before must be of the same \
            log: otherwise nothing is signed and the exit code is 76, for a log never signs two histories. Goes on \
            beside a writer.
            """,
        examples: [
            .init(
                "Each night",
                "referral-ledger checkpoint sign --key /etc/acme/ledger.key > 2026-01-05.checkpoint")
        ],
        options: [
            ProofFiles.keyOption,
            .init("origin", "TEXT", "The log's name in the checkpoint; else the key's."),
        ],
        action: { (invocation) throws(CLIError) in
            let key = try ProofFiles.key(try invocation.parsed.required("key"), invocation)
            guard key.verifier.kind == .ed25519 else {
                throw .usage("the key is a witness's", hint: "'checkpoint cosign' signs with it.")
            }
            return try invocation.withProver { prover throws(CLIError) in
                let note = try calling { () throws(LedgerError) in
                    try prover.sign(by: key, origin: invocation.parsed.string("origin"))
                }
                try ProofFiles.write(note, trusting: [key.verifier], invocation)
                return .done
            }
        })

    private static let cosign = Verb(
        "cosign", abstract: "Adds a witness's signature to a checkpoint.",
        discussion: """
            First the log's signature is verified, and that the checkpoint is one of the log at hand: by the ledger \
            that --ledger names, or, where the witness has none, by a consistency proof from the checkpoint that it \
            cosigned before. Without FILE the checkpoint kept in the ledger is cosigned, and kept with the signature.
            """,
        examples: [
            .init(
                "On a copy of the ledger",
                "referral-ledger checkpoint cosign --key w1.key --log-key \"$(cat acme.vkey)\""),
            .init(
                "Without a ledger",
                "referral-ledger checkpoint cosign new.checkpoint --key w1.key --log-key \"$(cat acme.vkey)\" --old old.checkpoint --proof p"
            ),
        ],
        arguments: [.init("FILE", "The checkpoint; - is stdin.", kind: .file, isRequired: false)],
        options: [
            ProofFiles.keyOption,
            .init("log-key", "VKEY", "The log's key.", isRequired: true),
            .init("old", "FILE", "The checkpoint cosigned before.", kind: .file),
            .init("proof", "FILE", "The proof from it: what 'prove consistency' wrote.", kind: .file),
            .init("time", "SECONDS", "The time stated, since 1970; else now.", kind: .integer(0...Int.max)),
        ],
        action: { (invocation) throws(CLIError) in try Cosigning.run(invocation) })

    private static let show = Verb(
        "show", abstract: "Shows a checkpoint, and whether it holds.",
        discussion: """
            Without FILE the one kept in the ledger. Signatures are verified with the keys given; when a ledger is \
            named its tree is compared. Ends with 76 when something does not hold.
            """,
        examples: [.init("The one kept", "referral-ledger checkpoint show --key \"$(cat acme.vkey)\"")],
        arguments: [.init("FILE", "The checkpoint; - is stdin.", kind: .file, isRequired: false)],
        options: [ProofFiles.verifierOption],
        action: { (invocation) throws(CLIError) in try ShowingCheckpoint.run(invocation) })
}

/// `checkpoint cosign`.
private enum Cosigning {
    static func run(_ invocation: Invocation) throws(CLIError) -> ExitCode {
        let witness = try ProofFiles.key(try invocation.parsed.required("key"), invocation)
        guard witness.verifier.kind == .cosignature else {
            throw .usage("the key is no witness's", hint: "'checkpoint new-key --witness' makes one.")
        }
        let log = try ProofFiles.verifier(try invocation.parsed.required("log-key"), "--log-key")
        let file = invocation.parsed.argument("FILE")
        let time = invocation.parsed.int("time").map { UInt64($0) }
        if let old = invocation.parsed.string("old") {
            guard let file, let proof = invocation.parsed.string("proof") else {
                throw .usage("--old needs FILE and --proof")
            }
            let note = try ProofFiles.note(file)
            let bytes = try InputFile.read(proof, limit: SignedNote.longest)
            try ProofFiles.checkConsistency(bytes, old: try ProofFiles.note(old), new: note, keys: [log])
            var signed = note
            let now = time ?? UInt64(max(0, Timestamp.nowSeconds()))
            try ProofFiles.checked { () throws(ProofError) in try signed.add(witness, time: now) }
            try ProofFiles.write(signed, trusting: [log, witness.verifier], invocation)
            return .done
        }
        return try invocation.withProver { prover throws(CLIError) in
            let note = if let file { try ProofFiles.note(file) } else { try ProofFiles.kept(prover) }
            let signed = try calling { () throws(LedgerError) in
                try prover.cosign(note, by: witness, trusting: [log], at: time)
            }
            if file == nil {
                try calling { () throws(LedgerError) in try Ledger.publish(signed, at: prover.directory) }
            }
            try ProofFiles.write(signed, trusting: [log, witness.verifier], invocation)
            return .done
        }
    }
}

/// `checkpoint show`.
private enum ShowingCheckpoint {
    static func run(_ invocation: Invocation) throws(CLIError) -> ExitCode {
        let keys = try ProofFiles.verifiers(invocation)
        guard let file = invocation.parsed.argument("FILE") else {
            return try invocation.withProver { prover throws(CLIError) in
                try show(try ProofFiles.kept(prover), keys, prover, invocation)
            }
        }
        let note = try ProofFiles.note(file)
        guard invocation.parsed.string("ledger") != nil else { return try show(note, keys, nil, invocation) }
        return try invocation.withProver { prover throws(CLIError) in try show(note, keys, prover, invocation)
        }
    }

    private static func show(
        _ note: SignedNote, _ keys: [NoteVerifier], _ prover: LogProver?, _ invocation: Invocation
    ) throws(CLIError) -> ExitCode {
        let head = try ProofFiles.head(note)
        if !keys.isEmpty {
            _ = try ProofFiles.proving { () throws(ProofError) in try note.verified(by: keys) }
        }
        let agrees = try prover.map { prover throws(CLIError) in
            try calling { () throws(LedgerError) in try prover.agrees(with: head) }
        }
        if invocation.isJSON {
            try ProofFiles.write(note, trusting: keys, agrees: agrees, invocation)
        } else {
            invocation.output.facts([
                ("origin", head.origin), ("records", NumberText.grouped(Int(clamping: head.size))),
                ("root", head.root.hex),
            ])
            for signature in note.signatures {
                let known = keys.first { $0.name == signature.name && $0.id == signature.keyId }
                let time = known.flatMap { key in
                    try? note.verified(by: [key]).first?.time.map {
                        Timestamp(nanoseconds: Int64($0) * 1_000_000_000)
                    }
                }
                let when = time.map { " at \($0)" } ?? ""
                invocation.output.line(
                    "signed by \(signature.name)\(when): \(known == nil ? "not verified, no key given" : "good")"
                )
            }
            if let agrees {
                invocation.output.line(agrees ? "The log begins with it." : "It is not of this log.")
            }
        }
        return agrees == false ? .broken : .done
    }
}
