import LedgerLog

/// What a checkpoint says: which log, how many leaves, which root (C2SP tlog-checkpoint). Not to be mixed up with
/// checkpoints of the state in `views/`.
public struct TreeHead: Sendable, Equatable {
    /// Which log: its first line.
    public let origin: String
    /// Leaves: records.
    public let size: UInt64
    /// The tree's root.
    public let root: Digest32
    /// Further lines, opaque.
    public let extensions: [String]

    /// Memberwise.
    /// - Throws: `malformedCheckpoint` for lines that are empty or not one line.
    public init(origin: String, size: UInt64, root: Digest32, extensions: [String] = []) throws(ProofError) {
        for line in [origin] + extensions where line.isEmpty || line.utf8.contains(where: { $0 < 0x20 }) {
            throw ProofError(.malformedCheckpoint, "a checkpoint's lines are not empty, and lines")
        }
        self.origin = origin
        self.size = size
        self.root = root
        self.extensions = extensions
    }

    /// Reads a note's text.
    /// - Throws: `malformedCheckpoint`.
    public init(text: String) throws(ProofError) {
        func refuse(_ why: String) -> ProofError {
            ProofError(.malformedCheckpoint, "not a checkpoint: \(why)")
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.last == "", lines.count >= 4 else { throw refuse("it has three lines at least") }
        guard lines.dropLast().allSatisfy({ !$0.isEmpty }) else { throw refuse("a line is empty") }
        guard let size = Decimal.number(lines[1]) else { throw refuse("“\(lines[1].prefix(40))” is no size") }
        guard let bytes = Base64.decode(lines[2]), let root = Digest32(copying: bytes) else {
            throw refuse("“\(lines[2].prefix(80))” is no SHA-256 in base 64")
        }
        try self.init(
            origin: String(lines[0]), size: size, root: root,
            extensions: lines[3..<(lines.count - 1)].map { String($0) })
    }

    /// A note's text.
    public var text: String {
        ([origin, String(size), Base64.encode(root.bytes)] + extensions).map { $0 + "\n" }.joined()
    }
}

/// ASCII decimals without leading zeros.
enum Decimal {
    static func number(_ text: some StringProtocol) -> UInt64? {
        let bytes = text.utf8
        guard !bytes.isEmpty, bytes.count <= 20, bytes.allSatisfy({ (0x30...0x39).contains($0) }),
            bytes.first != 0x30 || bytes.count == 1
        else { return nil }
        return UInt64(text)
    }
}

extension Digest32 {
    /// From 32 bytes; nil for another count.
    public init?(copying bytes: [UInt8]) {
        guard let digest = unsafe bytes.withUnsafeBytes({ unsafe Digest32($0) }) else { return nil }
        self = digest
    }

    /// Base 64, as checkpoints and proofs write hashes.
    public var base64: String { Base64.encode(bytes) }

    /// From 64 hexadecimal digits, or 44 characters of base 64.
    public init?(text: String) {
        if let bytes = Base64.decode(text), bytes.count == 32 {
            self.init(copying: bytes)
            return
        }
        let digits = Array(text.utf8)
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for i in stride(from: 0, to: 64, by: 2) {
            guard let byte = UInt8(String(decoding: digits[i...i + 1], as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(byte)
        }
        self.init(copying: bytes)
    }
}
