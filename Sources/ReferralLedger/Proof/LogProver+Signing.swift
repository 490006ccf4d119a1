import LedgerDomain
import LedgerProof
import Platform

extension LogProver {
    /// The checkpoint that was signed last and kept in the ledger's folder; nil when none was.
    /// - Throws: `broken` when the file is none.
    public func published() throws(LedgerError) -> SignedNote? { try Ledger.signedCheckpoint(at: directory) }

    /// Signs the log as it is, and keeps the checkpoint in the ledger's folder, where proofs find it.
    ///
    /// A log must never sign two checkpoints of which one is not the beginning of the other (C2SP tlog-checkpoint): the one
    /// kept is compared first. Cosignatures on it are of that one, and go.
    ///
    /// ```swift
    /// let signed = try prover.sign(by: try NoteKeyFile.read("/etc/acme/ledger.key"))
    /// ```
    /// - Parameter origin: nil: the key's name, as C2SP asks for.
    /// - Throws: `broken` when the log does not begin as the checkpoint kept says it did.
    public func sign(by signer: NoteSigner, origin: String? = nil) throws(LedgerError) -> SignedNote {
        try refresh()
        if let kept = try published() { _ = try self.head(of: kept) }
        let head = try self.head(origin: origin ?? signer.verifier.name)
        let note: SignedNote
        do { note = try SignedNote(signing: head.text, by: [signer]) } catch { throw LedgerError(error) }
        try Ledger.publish(note, at: directory)
        return note
    }

    /// Adds a witness's signature to a checkpoint, after it was found to be one of this log.
    ///
    /// - Parameters:
    ///   - keys: the log's; one of them must have signed.
    ///   - seconds: since 1970; the time that the witness states. Nil: now.
    /// - Throws: `broken` when the log's signature does not hold, or the checkpoint is not of this log.
    public func cosign(
        _ checkpoint: SignedNote, by witness: NoteSigner, trusting keys: [NoteVerifier],
        at seconds: UInt64? = nil
    ) throws(LedgerError) -> SignedNote {
        var note = checkpoint
        do throws(ProofError) {
            _ = try note.verified(by: keys)
        } catch { throw LedgerError(error) }
        _ = try head(of: note)
        let now = seconds ?? UInt64(max(0, Clock.wallNanoseconds() / 1_000_000_000))
        do throws(ProofError) { try note.add(witness, time: now) } catch { throw LedgerError(error) }
        return note
    }
}

extension Ledger {
    /// The checkpoint that was signed last and kept in a ledger's folder; nil when none was.
    /// - Throws: `broken` when the file is none.
    public static func signedCheckpoint(at directory: String) throws(LedgerError) -> SignedNote? {
        guard let bytes = try SmallFile.read(directory + "/checkpoint", most: SignedNote.longest) else {
            return nil
        }
        do throws(ProofError) { return try SignedNote(bytes) } catch {
            throw LedgerError(.broken, "\(directory)/checkpoint: \(error.message)")
        }
    }

    /// Keeps a signed checkpoint in a ledger's folder, in place of the one before. Public, not secret.
    public static func publish(_ checkpoint: SignedNote, at directory: String) throws(LedgerError) {
        try SmallFile.replace(directory + "/checkpoint", Array("\(checkpoint)".utf8), mode: 0o644)
    }
}

/// Files of signing keys: one line each, of their owner alone, and outside of the ledger they sign.
public enum NoteKeyFile {
    /// Writes a new key file, readable for its owner only.
    /// - Parameter ledger: the folder that the key must not lie in.
    /// - Throws: `exists`; a key is never overwritten.
    public static func create(
        _ path: String, _ key: NoteSigner, outsideOf ledger: String? = nil
    ) throws(LedgerError) {
        if let ledger { try refuse(path, inside: ledger) }
        try SmallFile.create(path, Array((key.secretText + "\n").utf8), mode: 0o600)
    }

    /// Reads a key.
    /// - Throws: `broken` when it is none; `readOnly` when others than its owner may read it; `inputOutput`.
    public static func read(_ path: String, outsideOf ledger: String? = nil) throws(LedgerError) -> NoteSigner
    {
        if let ledger { try refuse(path, inside: ledger) }
        guard let bytes = try SmallFile.read(path, most: 4_096, mustBePrivate: true) else {
            throw LedgerError(.inputOutput, "there is no key file \(path)")
        }
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.hasSuffix("\n"), !text.dropLast().contains("\n") else {
            throw LedgerError(.broken, "\(path) is not a key file of one line")
        }
        do throws(ProofError) { return try NoteSigner(secretText: text.dropLast()) } catch {
            throw LedgerError(.broken, "\(path): \(error.message)")
        }
    }

    /// A key in the ledger would be copied with every backup, to those whom it shall guard against.
    private static func refuse(_ path: String, inside ledger: String) throws(LedgerError) {
        guard let folder = SmallFile.realPath(SmallFile.folder(of: path)),
            let inside = SmallFile.realPath(ledger)
        else { return }
        if folder == inside || folder.hasPrefix(inside + "/") {
            throw LedgerError(.inputOutput, "\(path) lies in the ledger: keep signing keys apart from it")
        }
    }
}
