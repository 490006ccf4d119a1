import LedgerLog

/// A proof that a record is in the log, in one text: C2SP tlog-proof.
///
/// The record itself travels in the `extra` line: not trusted there, but hashed to the leaf that the path leads from. So
/// the text and the log's key are all a verifier needs.
public struct InclusionProof: Sendable, Equatable, CustomStringConvertible {
    /// The record's ordinal.
    public let index: UInt64
    /// From the leaf's sibling upwards.
    public let path: [Digest32]
    /// The stored value; nil when it is given by other means.
    public let record: [UInt8]?
    /// The checkpoint, as it was signed; without signatures when nobody has.
    public let checkpoint: String

    static let header = "c2sp.org/tlog-proof@v1"
    /// A path is no longer: trees have at most 2⁶⁴ leaves.
    static let longestPath = 64

    /// Memberwise.
    public init(index: UInt64, path: [Digest32], record: [UInt8]?, checkpoint: String) {
        self.index = index
        self.path = path
        self.record = record
        self.checkpoint = checkpoint
    }

    /// Reads a proof. Nothing is verified.
    /// - Throws: `malformedProof`.
    public init(_ bytes: [UInt8]) throws(ProofError) {
        func refuse(_ why: String) -> ProofError { ProofError(.malformedProof, "not a proof: \(why)") }
        var (lines, rest) = try ProofLines.split(bytes)
        guard lines.first == Self.header else { throw refuse("its first line is not \(Self.header)") }
        lines.removeFirst()
        var extra: [UInt8]?
        if let line = lines.first, line.hasPrefix("extra ") {
            guard let bytes = Base64.decode(line.dropFirst(6)) else {
                throw refuse("its extra line is no base 64")
            }
            extra = bytes
            lines.removeFirst()
        }
        guard let line = lines.first, line.hasPrefix("index "), let index = Decimal.number(line.dropFirst(6))
        else {
            throw refuse("no index")
        }
        self.index = index
        path = try ProofLines.hashes(Array(lines.dropFirst()), most: Self.longestPath)
        record = extra
        checkpoint = rest
        rest = ""
    }

    /// Checks the path against a tree head that is trusted by now.
    /// - Parameter leaf: the leaf's hash; nil: that of the record in the proof.
    /// - Throws: `failed`; `malformedProof` when there is no leaf to start from.
    public func check(against head: TreeHead, leaf: Digest32? = nil) throws(ProofError) {
        guard let leaf = leaf ?? record.map(TreeProof.leafHash) else {
            throw ProofError(.malformedProof, "the proof holds no record, and none was given")
        }
        guard TreeProof.isIncluded(leaf, at: index, in: head.size, root: head.root, path: path) else {
            throw ProofError(
                .failed, "the path does not lead from leaf \(index) to the root of \(head.size) leaves")
        }
    }

    /// The proof as text.
    public var description: String {
        var lines = [Self.header]
        if let record { lines.append("extra \(Base64.encode(record))") }
        lines.append("index \(index)")
        lines += path.map(\.base64)
        return lines.joined(separator: "\n") + "\n\n" + checkpoint
    }
}

/// A proof that one checkpoint's tree is the beginning of another's: the form that C2SP tlog-witness sends.
public struct ConsistencyProof: Sendable, Equatable, CustomStringConvertible {
    /// Leaves of the older tree.
    public let oldSize: UInt64
    /// As in RFC 6962, section 2.1.2.
    public let path: [Digest32]
    /// The newer checkpoint, as it was signed; without signatures when nobody has.
    public let checkpoint: String

    /// Memberwise.
    public init(oldSize: UInt64, path: [Digest32], checkpoint: String) {
        self.oldSize = oldSize
        self.path = path
        self.checkpoint = checkpoint
    }

    /// Reads a proof. Nothing is verified.
    /// - Throws: `malformedProof`.
    public init(_ bytes: [UInt8]) throws(ProofError) {
        let (lines, rest) = try ProofLines.split(bytes)
        guard let line = lines.first, line.hasPrefix("old "), let size = Decimal.number(line.dropFirst(4))
        else {
            throw ProofError(.malformedProof, "not a proof: its first line is not “old” and a size")
        }
        oldSize = size
        path = try ProofLines.hashes(Array(lines.dropFirst()), most: InclusionProof.longestPath)
        checkpoint = rest
    }

    /// Checks the path between two tree heads that are trusted by now.
    /// - Throws: `failed`.
    public func check(from old: TreeHead, to new: TreeHead) throws(ProofError) {
        guard old.size == oldSize else {
            throw ProofError(
                .failed, "the proof is from \(oldSize) leaves, the older checkpoint has \(old.size)")
        }
        guard TreeProof.isConsistent(from: old.size, old.root, to: new.size, new.root, path: path) else {
            throw ProofError(
                .failed, "the log of \(new.size) leaves does not begin with the log of \(old.size) leaves")
        }
    }

    /// The proof as text.
    public var description: String {
        (["old \(oldSize)"] + path.map(\.base64)).joined(separator: "\n") + "\n\n" + checkpoint
    }
}

/// What both forms share: lines, an empty line, a checkpoint.
enum ProofLines {
    static func split(_ bytes: [UInt8]) throws(ProofError) -> (lines: [String], rest: String) {
        guard bytes.count <= SignedNote.longest, let text = String(validating: bytes, as: UTF8.self),
            let gap = text.utf8.indices.first(where: { at in
                text.utf8[at] == 0x0A && text.utf8.index(after: at) < text.utf8.endIndex
                    && text.utf8[text.utf8.index(after: at)] == 0x0A
            })
        else { throw ProofError(.malformedProof, "not a proof: no empty line before its checkpoint") }
        let rest = text.utf8.index(gap, offsetBy: 2)
        let lines = text[..<gap].split(separator: "\n", omittingEmptySubsequences: false)
        return (lines.map { String($0) }, String(text[rest...]))
    }

    static func hashes(_ lines: [String], most: Int) throws(ProofError) -> [Digest32] {
        guard lines.count <= most else {
            throw ProofError(.malformedProof, "not a proof: \(lines.count) hashes")
        }
        var out: [Digest32] = []
        for line in lines {
            guard let bytes = Base64.decode(line), let hash = Digest32(copying: bytes) else {
                throw ProofError(.malformedProof, "not a proof: “\(line.prefix(80))” is no hash")
            }
            out.append(hash)
        }
        return out
    }
}
