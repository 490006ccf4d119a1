import LedgerLog

/// A key that notes are verified with: C2SP signed-note's “vkey”.
///
/// As text: `NAME+HHHHHHHH+BASE64`, with the key id in hexadecimal and, in the base 64, a byte for the kind of signature
/// and the 32 bytes of the Ed25519 key.
public struct NoteVerifier: Sendable, Hashable, CustomStringConvertible {
    /// Kinds of signature, by their byte.
    public enum Kind: UInt8, Sendable {
        /// Ed25519 over the note's text: what a log signs with.
        case ed25519 = 0x01
        /// A time and Ed25519 over it and the text: what a witness signs with (C2SP tlog-cosignature).
        case cosignature = 0x04
    }
    /// Who signs: a URL without its scheme, as a rule. No blanks, no plus.
    public let name: String
    /// What is signed.
    public let kind: Kind
    /// 32 bytes.
    public let publicKey: [UInt8]
    /// The first four bytes of SHA-256(name ‖ 0x0A ‖ kind ‖ key), big-endian.
    public let id: UInt32

    /// - Throws: `malformedKey` for a name that notes cannot hold, or a key that has not 32 bytes.
    public init(name: String, kind: Kind, publicKey: [UInt8]) throws(ProofError) {
        guard Self.isName(name) else {
            throw ProofError(
                .malformedKey, "a key's name has 1 to 255 bytes, no blanks and no plus: “\(name)”")
        }
        guard publicKey.count == Ed25519.keyBytes else {
            throw ProofError(.malformedKey, "an Ed25519 key has 32 bytes, not \(publicKey.count)")
        }
        self.name = name
        self.kind = kind
        self.publicKey = publicKey
        let hash = SHA256Hasher().hash(Array(name.utf8) + [0x0A, kind.rawValue] + publicKey).bytes
        id = hash[..<4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Reads the text form.
    /// - Throws: `malformedKey`, also when the id in the text is not that of the key.
    public init(_ text: String) throws(ProofError) {
        // The base 64 may hold plus signs, the name may not.
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let key = Base64.decode(parts[2]), let first = key.first else {
            throw ProofError(.malformedKey, "a verifier key reads NAME+ID+BASE64")
        }
        guard let kind = Kind(rawValue: first) else {
            throw ProofError(.malformedKey, "signatures of kind \(first) are not known here")
        }
        try self.init(name: String(parts[0]), kind: kind, publicKey: Array(key.dropFirst()))
        guard parts[1] == Self.hex(id) else {
            throw ProofError(.malformedKey, "the key's id is \(Self.hex(id)), the text says \(parts[1])")
        }
    }

    /// The text form.
    public var description: String {
        "\(name)+\(Self.hex(id))+\(Base64.encode([kind.rawValue] + publicKey))"
    }

    /// Whether notes can hold the name of a key.
    static func isName(_ name: some StringProtocol) -> Bool {
        !name.isEmpty && name.utf8.count <= 255
            && name.unicodeScalars.allSatisfy {
                !$0.properties.isWhitespace && $0 != "+" && $0.value >= 0x20 && $0.value != 0x7F
            }
    }

    static func hex(_ id: UInt32) -> String {
        let text = String(id, radix: 16)
        return String(repeating: "0", count: 8 - text.utf8.count) + text
    }
}

/// A key that signs notes. Holds a secret: it is never printed by itself, and written to a file only on purpose.
///
/// As text, as Go's `note` package writes it: `PRIVATE+KEY+NAME+HHHHHHHH+BASE64`, with kind and 32 bytes of seed.
public struct NoteSigner: Sendable {
    /// What others verify with.
    public let verifier: NoteVerifier
    private let seed: [UInt8]

    /// A fresh key from the operating system's generator by way of libcrypto.
    public static func generate(name: String, kind: NoteVerifier.Kind) throws(ProofError) -> NoteSigner {
        let seed: [UInt8]
        do { seed = try Crypto.random(Ed25519.keyBytes) } catch { throw ProofError(.crypto, error.message) }
        return try NoteSigner(name: name, kind: kind, seed: seed)
    }

    /// - Parameter seed: 32 bytes, the private key of RFC 8032.
    public init(name: String, kind: NoteVerifier.Kind, seed: [UInt8]) throws(ProofError) {
        self.seed = seed
        verifier = try NoteVerifier(name: name, kind: kind, publicKey: Ed25519.publicKey(seed: seed))
    }

    /// Reads the text form. The text is in no message.
    public init(secretText text: some StringProtocol) throws(ProofError) {
        let parts = text.split(separator: "+", maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0] == "PRIVATE", parts[1] == "KEY", let key = Base64.decode(parts[4]),
            let first = key.first, let kind = NoteVerifier.Kind(rawValue: first),
            key.count == 1 + Ed25519.keyBytes
        else {
            throw ProofError(.malformedKey, "a signing key reads PRIVATE+KEY+NAME+ID+BASE64")
        }
        try self.init(name: String(parts[2]), kind: kind, seed: Array(key.dropFirst()))
        guard parts[3] == NoteVerifier.hex(verifier.id) else {
            throw ProofError(.malformedKey, "the signing key's id does not fit it")
        }
    }

    /// The text form: a secret.
    public var secretText: String {
        "PRIVATE+KEY+\(verifier.name)+\(NoteVerifier.hex(verifier.id))+"
            + Base64.encode([verifier.kind.rawValue] + seed)
    }

    /// Signs a note's text.
    /// - Parameter time: seconds since 1970; what a cosignature states, else not used.
    func sign(_ text: String, time: UInt64) throws(ProofError) -> NoteSignature {
        var bytes = (0..<4).map { UInt8(truncatingIfNeeded: verifier.id >> UInt32(24 - 8 * $0)) }
        switch verifier.kind {
        case .ed25519: bytes += try Ed25519.sign(Array(text.utf8), seed: seed)
        case .cosignature:
            bytes += (0..<8).map { UInt8(truncatingIfNeeded: time >> UInt64(56 - 8 * $0)) }
            bytes += try Ed25519.sign(NoteSignature.cosigned(text, time), seed: seed)
        }
        return NoteSignature(name: verifier.name, bytes: bytes)
    }
}
