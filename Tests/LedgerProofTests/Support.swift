import Foundation
import LedgerLog
import LedgerProof

/// RFC 6962, section 2.1, word by word, from one hash function: what the tree is held against.
enum Naive {
    static func root(_ leaves: ArraySlice<[UInt8]>) -> Digest32 {
        let hasher = SHA256Hasher()
        if leaves.isEmpty { return hasher.hash([]) }
        if leaves.count == 1 { return hasher.hash([0] + leaves.first!) }
        let middle = leaves.startIndex + split(leaves.count)
        return hasher.hash([1] + root(leaves[..<middle]).bytes + root(leaves[middle...]).bytes)
    }

    static func path(_ index: Int, _ leaves: ArraySlice<[UInt8]>) -> [Digest32] {
        if leaves.count == 1 { return [] }
        let k = split(leaves.count)
        let middle = leaves.startIndex + k
        return index < k
            ? path(index, leaves[..<middle]) + [root(leaves[middle...])]
            : path(index - k, leaves[middle...]) + [root(leaves[..<middle])]
    }

    static func proof(_ first: Int, _ leaves: ArraySlice<[UInt8]>, _ isWhole: Bool = true) -> [Digest32] {
        if first == leaves.count { return isWhole ? [] : [root(leaves)] }
        let k = split(leaves.count)
        let middle = leaves.startIndex + k
        return first <= k
            ? proof(first, leaves[..<middle], isWhole) + [root(leaves[middle...])]
            : proof(first - k, leaves[middle...], false) + [root(leaves[..<middle])]
    }

    /// The largest power of two below n.
    static func split(_ n: Int) -> Int {
        var k = 1
        while 2 * k < n { k *= 2 }
        return k
    }
}

/// Records and rows in memory, with faults on demand. Base positions are 3 apart.
final class MemorySource: TileSource, @unchecked Sendable {
    // Proof of Sendable: one test uses it on one thread.
    var leaves: [[UInt8]] = []
    var rows: [UInt64: TileRow] = [:]

    func base(_ index: Int) -> UInt64 { UInt64(index * 3 + 1) }

    func row(level: Int, index: UInt64) throws(LogError) -> TileRow? {
        guard let row = rows[TileRow.key(level: level, index: index)] else { return nil }
        return TileRow(level: level, index: index, encoded: row.encoded())
    }

    func records(from base: UInt64, count: Int, _ body: (UnsafeRawBufferPointer) -> Void) throws(LogError) {
        let first = Int((base - 1) / 3)
        for leaf in leaves[min(first, leaves.count)..<min(first + count, leaves.count)] {
            leaf.withUnsafeBytes { body($0) }
        }
    }

    func keep(_ tree: TileTree) {
        let new = tree.rowsToStore()
        for row in new { rows[row.key] = row }
        tree.stored(new)
    }

    func append(_ leaf: [UInt8], to tree: TileTree) {
        let base = base(leaves.count)
        leaves.append(leaf)
        leaf.withUnsafeBytes { tree.append($0, base: base) }
    }

    /// The tree over the first leaves, made anew.
    func tree(_ count: Int, usesInstructions: Bool = true) -> TileTree {
        let tree = TileTree(source: self, usesInstructions: usesInstructions)
        for i in 0..<count { leaves[i].withUnsafeBytes { tree.append($0, base: base(i)) } }
        return tree
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Random: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// A file of the repository.
func repositoryFile(_ path: String) -> URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent(path)
}
