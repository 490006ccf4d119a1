import LedgerLog

extension TileTree {
    /// The audit path of a leaf in the tree of a size: PATH(m, D[n]) of RFC 6962, section 2.1.1, from the leaf's sibling
    /// upwards. At most 64 hashes.
    ///
    /// Cost: a tile of 256 records hashed (some 50 µs), and a few stored rows read.
    /// - Throws: `.broken` when a stored row is missing, or records are not those the tree was made of.
    public func inclusion(of leaf: UInt64, in count: UInt64) throws(LogError) -> [Digest32] {
        precondition(leaf < count && count <= size)
        var path: [Digest32] = []
        var (start, end) = (UInt64(0), count)
        // From the root down: the sibling at each step.
        while end - start > 1 {
            let middle = start + largestPower(below: end - start)
            if leaf < middle {
                path.append(try hash(middle, end))
                end = middle
            } else {
                path.append(try hash(start, middle))
                start = middle
            }
        }
        return path.reversed()
    }

    /// The proof that the tree of one size is the beginning of the tree of another: PROOF(m, D[n]) of RFC 6962, section
    /// 2.1.2. Empty for equal sizes and from the empty tree.
    /// - Throws: as `inclusion`.
    public func consistency(from first: UInt64, to second: UInt64) throws(LogError) -> [Digest32] {
        precondition(first <= second && second <= size)
        guard first > 0, first < second else { return [] }
        var path: [Digest32] = []
        var (start, end) = (UInt64(0), second)
        // Whether the part under way begins where both trees begin: then the verifier knows its hash.
        var isWhole = true
        while first != end {
            let middle = start + largestPower(below: end - start)
            if first <= middle {
                path.append(try hash(middle, end))
                end = middle
            } else {
                path.append(try hash(start, middle))
                start = middle
                isWhole = false
            }
        }
        if !isWhole { path.append(try hash(start, end)) }
        return path.reversed()
    }

    private func largestPower(below count: UInt64) -> UInt64 {
        1 << UInt64(63 - (count - 1).leadingZeroBitCount)
    }
}

/// Verifying of what ``TileTree`` proves, and any other log of RFC 6962. Needs no tree.
public enum TreeProof {
    /// Leaf hash of a stored record: SHA-256(0x00 ‖ value).
    public static func leafHash(_ record: [UInt8]) -> Digest32 {
        unsafe record.withUnsafeBytes { unsafe MerkleRange.leaf($0, SHA256Hasher()) }
    }

    /// Root of no leaves: SHA-256 of nothing.
    public static var emptyRoot: Digest32 { SHA256Hasher().hash([]) }

    /// Whether a path leads from a leaf to a root (RFC 9162, section 2.1.3.2).
    /// - Parameter count: the tree's size; a leaf at or past it has no proof.
    public static func isIncluded(
        _ leaf: Digest32, at index: UInt64, in count: UInt64, root: Digest32, path: [Digest32]
    ) -> Bool {
        guard index < count else { return false }
        let hasher = SHA256Hasher()
        var (place, last) = (index, count - 1)
        var hash = leaf
        for sibling in path {
            if last == 0 { return false }
            if place & 1 == 1 || place == last {
                hash = MerkleRange.node(sibling, hash, hasher)
                while place & 1 == 0, place != 0 {
                    place >>= 1
                    last >>= 1
                }
            } else {
                hash = MerkleRange.node(hash, sibling, hasher)
            }
            place >>= 1
            last >>= 1
        }
        return last == 0 && hash == root
    }

    /// Whether a path shows that one tree is the beginning of another (RFC 9162, section 2.1.4.2).
    ///
    /// Equal sizes need equal roots and no path; everything begins with the empty tree, with no path and its known root.
    public static func isConsistent(
        from first: UInt64, _ firstRoot: Digest32, to second: UInt64, _ secondRoot: Digest32, path: [Digest32]
    ) -> Bool {
        if first > second { return false }
        if first == 0 {
            return path.isEmpty && firstRoot == emptyRoot && (second > 0 || secondRoot == emptyRoot)
        }
        if first == second { return path.isEmpty && firstRoot == secondRoot }
        var hashes = path[...]
        // A first tree that is one perfect subtree is its own start.
        if first.nonzeroBitCount == 1 { hashes = ([firstRoot] + path)[...] }
        guard let start = hashes.popFirst() else { return false }
        let hasher = SHA256Hasher()
        var (place, last) = (first - 1, second - 1)
        while place & 1 == 1 {
            place >>= 1
            last >>= 1
        }
        var (one, two) = (start, start)
        for hash in hashes {
            if last == 0 { return false }
            if place & 1 == 1 || place == last {
                one = MerkleRange.node(hash, one, hasher)
                two = MerkleRange.node(hash, two, hasher)
                while place & 1 == 0, place != 0 {
                    place >>= 1
                    last >>= 1
                }
            } else {
                two = MerkleRange.node(two, hash, hasher)
            }
            place >>= 1
            last >>= 1
        }
        return last == 0 && one == firstRoot && two == secondRoot
    }
}
