/// One signature line of a note.
public struct NoteSignature: Sendable, Hashable {
    /// Who says to have signed.
    public let name: String
    /// Key id, then the signature.
    let bytes: [UInt8]

    /// The key id it states.
    public var keyId: UInt32 { bytes[..<4].reduce(0) { $0 << 8 | UInt32($1) } }

    /// The line without its end.
    var line: String { "— \(name) \(Base64.encode(bytes))" }

    /// What a witness signs: two lines, then the checkpoint's text (C2SP tlog-cosignature).
    static func cosigned(_ text: String, _ time: UInt64) -> [UInt8] {
        Array("cosignature/v1\ntime \(time)\n\(text)".utf8)
    }

    /// Whether the signature is by a key, and, of a cosignature, the time it states.
    func verify(_ text: String, _ key: NoteVerifier) -> (isGood: Bool, time: UInt64?) {
        let body = Array(bytes.dropFirst(4))
        switch key.kind {
        case .ed25519: return (Ed25519.verify(body, Array(text.utf8), publicKey: key.publicKey), nil)
        case .cosignature:
            guard body.count == 8 + Ed25519.signatureBytes else { return (false, nil) }
            let time = body[..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            guard time <= UInt64(Int64.max) else { return (false, nil) }
            let message = Self.cosigned(text, time)
            return (Ed25519.verify(Array(body.dropFirst(8)), message, publicKey: key.publicKey), time)
        }
    }
}

/// A text signed by one or more keys: C2SP signed-note.
public struct SignedNote: Sendable, Equatable, CustomStringConvertible {
    /// Ends with a newline. To be ignored until a trusted signature was verified.
    public let text: String
    /// In the order of the note.
    public private(set) var signatures: [NoteSignature]

    /// The longest note that is read, in bytes.
    public static let longest = 1 << 20
    /// The most signatures that are read; the format asks for 16 at least.
    public static let mostSignatures = 100

    /// A signature by a trusted key that holds.
    public struct Verified: Sendable, Equatable {
        /// Whose.
        public let key: NoteVerifier
        /// When, in seconds since 1970, of a cosignature.
        public let time: UInt64?
    }

    /// Reads a note. Nothing is verified.
    /// - Throws: `malformedNote`.
    public init(_ bytes: [UInt8]) throws(ProofError) {
        func refuse(_ why: String) -> ProofError { ProofError(.malformedNote, "not a signed note: \(why)") }
        guard bytes.count <= Self.longest else { throw refuse("longer than \(Self.longest) bytes") }
        guard let whole = String(validating: bytes, as: UTF8.self) else { throw refuse("not UTF-8") }
        guard !bytes.contains(where: { $0 < 0x20 && $0 != 0x0A }) else { throw refuse("control characters") }
        guard bytes.last == 0x0A else { throw refuse("its last line has no end") }
        guard
            let gap = (1..<max(1, bytes.count)).reversed().first(where: {
                bytes[$0] == 0x0A && bytes[$0 - 1] == 0x0A
            })
        else { throw refuse("no empty line parts text and signatures") }
        text = String(decoding: bytes[..<gap], as: UTF8.self)
        signatures = []
        let lines = String(decoding: bytes[(gap + 1)...], as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false
        ).dropLast()
        guard !lines.isEmpty, lines.count <= Self.mostSignatures else {
            throw refuse("\(lines.count) signatures")
        }
        for line in lines {
            let parts = line.split(separator: " ", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0] == "—", NoteVerifier.isName(parts[1]),
                let signature = Base64.decode(parts[2]), signature.count > 4
            else { throw refuse("“\(line.prefix(80))” is no signature line") }
            signatures.append(NoteSignature(name: String(parts[1]), bytes: signature))
        }
        _ = whole
    }

    /// Signs a text.
    /// - Parameters:
    ///   - text: lines that all have their ends; no control characters; the last is not empty.
    ///   - time: seconds since 1970, for cosignatures.
    public init(signing text: String, by signers: [NoteSigner], time: UInt64 = 0) throws(ProofError) {
        guard text.utf8.last == 0x0A, text.utf8.count > 1, text.utf8.allSatisfy({ $0 >= 0x20 || $0 == 0x0A })
        else { throw ProofError(.malformedNote, "a note's text is made of whole lines") }
        self.text = text
        signatures = []
        for signer in signers { try add(signer, time: time) }
    }

    /// Adds a signature; an older one by the same key goes.
    public mutating func add(_ signer: NoteSigner, time: UInt64) throws(ProofError) {
        let new = try signer.sign(text, time: time)
        signatures.removeAll { $0.name == new.name && $0.keyId == new.keyId }
        signatures.append(new)
    }

    /// The signatures by trusted keys, each key once: further ones by the same key are passed over, as are unknown keys.
    /// - Throws: `badSignature` when one by a trusted key does not hold; `untrusted` when there is none.
    public func verified(by keys: [NoteVerifier]) throws(ProofError) -> [Verified] {
        var found: [Verified] = []
        for signature in signatures {
            guard let key = keys.first(where: { $0.name == signature.name && $0.id == signature.keyId }),
                !found.contains(where: { $0.key == key })
            else { continue }
            let (isGood, time) = signature.verify(text, key)
            guard isGood else {
                throw ProofError(.badSignature, "the signature of \(key.name) does not fit the text")
            }
            found.append(Verified(key: key, time: time))
        }
        if found.isEmpty {
            throw ProofError(
                .untrusted,
                "no trusted key has signed; signed by "
                    + (signatures.isEmpty ? "nobody" : signatures.map(\.name).joined(separator: ", ")))
        }
        return found
    }

    /// The note as text.
    public var description: String { text + "\n" + signatures.map { $0.line + "\n" }.joined() }
}
