import LedgerDomain

/// The right edge of an RFC 6962 tree: enough to add leaves and to give the root, in O(log n) memory.
///
/// Leaf hash = SHA-256(0x00 ‖ stored record), node hash = SHA-256(0x01 ‖ left ‖ right) (RFC 6962, section
/// 2.1);
/// the leaf index is the record's ordinal.
public struct MerkleRange: Sendable, Equatable {
    /// Leaves so far.
    public private(set) var size: UInt64
    /// Roots of the perfect subtrees that make up the tree, largest first.
    public private(set) var edge: [Digest32]

    /// With the defaults.
    public init() {
        size = 0
        edge = []
    }

    /// Restores a range that was written down; nil when the number of hashes does not fit the size.
    public init?(size: UInt64, edge: [Digest32]) {
        guard edge.count == size.nonzeroBitCount else { return nil }
        self.size = size
        self.edge = edge
    }

    /// Hash of a leaf.
    public static func leaf(_ record: UnsafeRawBufferPointer, _ hasher: SHA256Hasher) -> Digest32 {
        var prefix: UInt8 = 0
        hasher.begin()
        unsafe withUnsafeBytes(of: &prefix) { unsafe hasher.update($0) }
        unsafe hasher.update(record)
        return hasher.finish()
    }

    /// Hash of an inner node.
    public static func node(_ left: Digest32, _ right: Digest32, _ hasher: SHA256Hasher) -> Digest32 {
        var input: (UInt8, Digest32, Digest32) = (1, left, right)
        hasher.begin()
        unsafe withUnsafeBytes(of: &input.0) { unsafe hasher.update($0) }
        unsafe withUnsafeBytes(of: &input.1) { unsafe hasher.update($0) }
        unsafe withUnsafeBytes(of: &input.2) { unsafe hasher.update($0) }
        return hasher.finish()
    }

    /// Adds the next leaf; amortised cost one node hash.
    public mutating func append(_ leaf: Digest32, _ hasher: SHA256Hasher) {
        var hash = leaf
        var bits = size
        while bits & 1 == 1 {
            hash = MerkleRange.node(edge.removeLast(), hash, hasher)
            bits >>= 1
        }
        edge.append(hash)
        size += 1
    }

    /// The tree's root; of no leaves, SHA-256 of nothing.
    public func root(_ hasher: SHA256Hasher) -> Digest32 {
        guard var hash = edge.last else { return hasher.hash([]) }
        for left in edge.dropLast().reversed() { hash = MerkleRange.node(left, hash, hasher) }
        return hash
    }
}
