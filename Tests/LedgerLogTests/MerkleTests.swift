import Foundation
import Testing

@testable import LedgerLog

/// The hash tree of RFC 6962, section 2.1.
@Suite struct MerkleTests {
    private struct Published: Decodable {
        var inputs: [String]
        var hashes: [String]
        var roots: [String: String]

        enum CodingKeys: String, CodingKey {
            case inputs = "leaf_inputs_hex"
            case hashes = "leaf_hashes_hex"
            case roots = "roots_by_size_hex"
        }
    }

    private static func published() throws -> Published {
        try JSONDecoder().decode(
            Published.self, from: Data(contentsOf: repositoryFile("Fixtures/vectors/rfc6962.json")))
    }

    @Test("the published leaves and roots")
    func vectors() throws {
        let published = try Self.published()
        let hasher = SHA256Hasher()
        var range = MerkleRange()
        #expect(range.root(hasher).hex == published.roots["0"])
        var sizes = 1
        for (i, hex) in published.inputs.enumerated() {
            let input = try #require(Hex.bytes(hex))
            let leaf = input.withUnsafeBytes { MerkleRange.leaf($0, hasher) }
            #expect(leaf.hex == published.hashes[i])
            range.append(leaf, hasher)
            #expect(range.root(hasher).hex == published.roots[String(i + 1)])
            sizes += 1
        }
        #expect(sizes == published.roots.count)
    }

    /// MTH of RFC 6962, word for word.
    private static func naive(_ leaves: ArraySlice<Digest32>, _ hasher: SHA256Hasher) -> Digest32 {
        if leaves.isEmpty { return hasher.hash([]) }
        if leaves.count == 1 { return leaves[leaves.startIndex] }
        var k = 1
        while k * 2 < leaves.count { k *= 2 }
        let middle = leaves.startIndex + k
        return hasher.hash(
            [1] + naive(leaves[..<middle], hasher).bytes + naive(leaves[middle...], hasher).bytes)
    }

    @Test("sizes 0 to 300 agree with the definition, and can be written down and taken up again")
    func definition() throws {
        let hasher = SHA256Hasher()
        var range = MerkleRange()
        var leaves: [Digest32] = []
        for size in 0...300 {
            #expect(range.root(hasher) == Self.naive(leaves[...], hasher), "size \(size)")
            #expect(range.size == UInt64(size))
            #expect(range.edge.count == size.nonzeroBitCount)
            range = try #require(MerkleRange(size: range.size, edge: range.edge))
            let leaf = [UInt8(truncatingIfNeeded: size), UInt8(size >> 8)]
            leaves.append(leaf.withUnsafeBytes { MerkleRange.leaf($0, hasher) })
            range.append(leaves[size], hasher)
        }
        #expect(MerkleRange(size: 3, edge: range.edge) == nil)
    }
}
