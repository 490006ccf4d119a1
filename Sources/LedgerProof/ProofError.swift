/// What is wrong with a key, a note, a checkpoint or a proof: a stable code and a sentence.
public struct ProofError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Stable codes.
    public enum Code: String, Sendable {
        /// Not a key of the note format.
        case malformedKey = "key.malformed"
        /// Not a signed note.
        case malformedNote = "note.malformed"
        /// None of the trusted keys has signed it.
        case untrusted = "note.untrusted"
        /// A signature by a trusted key does not verify.
        case badSignature = "note.bad_signature"
        /// A note, but no checkpoint.
        case malformedCheckpoint = "checkpoint.malformed"
        /// The checkpoint of another log.
        case wrongOrigin = "checkpoint.wrong_origin"
        /// Not a proof of the format.
        case malformedProof = "proof.malformed"
        /// The proof does not lead from the leaf to the root, or not from one root to the other.
        case failed = "proof.failed"
        /// libcrypto said no.
        case crypto = "crypto.failed"
    }
    /// What kind of failure it is.
    public let code: Code
    /// One sentence for people.
    public let message: String

    /// Memberwise.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// For messages.
    public var description: String { "\(code.rawValue): \(message)" }
}
