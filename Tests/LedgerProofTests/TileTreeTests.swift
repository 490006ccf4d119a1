import Foundation
import LedgerLog
import LedgerProof
import Testing

@Suite struct TileTreeTests {
    /// Records of all lengths around the bounds of SHA-256's blocks and of what is hashed side by side.
    static func leaf(_ index: Int) -> [UInt8] {
        let lengths = [
            0, 1, 54, 55, 56, 62, 63, 64, 118, 119, 120, 127, 160, 1_013, 1_014, 1_015, 2_000, 5_000,
        ]
        let count = index % 7 == 0 ? lengths[index / 7 % lengths.count] : 100 + index % 90
        var random = Random(state: UInt64(index))
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    /// Root and edge after each leaf, by both ways of hashing, against RFC 6962's own words.
    @Test(arguments: [true, false]) func rootsOfAllSizes(usesInstructions: Bool) throws {
        let source = MemorySource()
        let tree = TileTree(source: source, usesInstructions: usesInstructions)
        #expect(tree.root() == Naive.root([]))
        for i in 0..<700 {
            source.append(Self.leaf(i), to: tree)
            if i < 40 || i % 37 == 0 || (250...260).contains(i) || (510...514).contains(i) {
                let expected = Naive.root(source.leaves[...])
                #expect(tree.root() == expected, "\(i + 1) leaves")
                let range = try tree.range(at: UInt64(i + 1))
                #expect(range.root(SHA256Hasher()) == expected)
            }
        }
        #expect(tree.size == 700)
    }

    /// Every index and size up to 40, and seeded ones around full tiles: the same paths as the definition, and verified.
    @Test func proofsAreThoseOfTheDefinition() throws {
        let source = MemorySource()
        for i in 0..<1_100 { source.leaves.append(Self.leaf(i)) }
        let tree = source.tree(1_100)
        source.keep(tree)
        var random = Random(state: 6962)
        var pairs = (1...40).flatMap { n in (1...n).map { ($0, n) } }
        for _ in 0..<60 {
            let n = Int.random(in: 1...1_100, using: &random)
            pairs.append((Int.random(in: 1...n, using: &random), n))
        }
        for (m, n) in pairs {
            let leaves = source.leaves[0..<n]
            let root = try tree.root(at: UInt64(n))
            #expect(root == Naive.root(leaves))
            let path = try tree.inclusion(of: UInt64(m - 1), in: UInt64(n))
            #expect(path == Naive.path(m - 1, leaves), "leaf \(m - 1) of \(n)")
            let leaf = TreeProof.leafHash(source.leaves[m - 1])
            #expect(TreeProof.isIncluded(leaf, at: UInt64(m - 1), in: UInt64(n), root: root, path: path))
            let proof = try tree.consistency(from: UInt64(m), to: UInt64(n))
            #expect(proof == Naive.proof(m, leaves), "\(m) to \(n)")
            let first = try tree.root(at: UInt64(m))
            #expect(TreeProof.isConsistent(from: UInt64(m), first, to: UInt64(n), root, path: proof))
        }
    }

    /// Each way to be wrong is found wrong.
    @Test func wrongProofs() throws {
        let source = MemorySource()
        for i in 0..<300 { source.leaves.append(Self.leaf(i)) }
        let tree = source.tree(300)
        var random = Random(state: 9162)
        for n in [1, 2, 3, 7, 8, 255, 256, 257, 300] {
            for m in Set([1, 2, n / 2, n - 1, n]) where m >= 1 && m <= n {
                let (index, size, first) = (UInt64(m - 1), UInt64(n), UInt64(m))
                let root = try tree.root(at: size)
                let leaf = TreeProof.leafHash(source.leaves[m - 1])
                let path = try tree.inclusion(of: index, in: size)
                func included(
                    _ leaf: Digest32, _ index: UInt64, _ size: UInt64, _ root: Digest32, _ path: [Digest32]
                ) -> Bool {
                    TreeProof.isIncluded(leaf, at: index, in: size, root: root, path: path)
                }
                #expect(included(leaf, index, size, root, path))
                #expect(!included(root == leaf ? Digest32() : root, index, size, root, path))
                #expect(!included(leaf, index, size, leaf == root ? Digest32() : leaf, path))
                #expect(!included(leaf, index, index, root, path), "a leaf past the end")
                #expect(!included(leaf, index, size, root, path + [leaf]))
                #expect(!included(leaf, index, size, root, [leaf] + path))
                if n > 1 { #expect(!included(leaf, index ^ 1, size, root, path), "\(index) of \(size)") }
                if !path.isEmpty {
                    #expect(!included(leaf, index, size, root, Array(path.dropLast())))
                    #expect(!included(leaf, index, size, root, Array(path.dropFirst())))
                    var flipped = path
                    flipped[Int.random(in: 0..<path.count, using: &random)].b ^= 1 << 17
                    #expect(!included(leaf, index, size, root, flipped))
                }
                let proof = try tree.consistency(from: first, to: size)
                let before = try tree.root(at: first)
                func consistent(_ a: UInt64, _ ra: Digest32, _ b: UInt64, _ rb: Digest32, _ p: [Digest32])
                    -> Bool
                {
                    TreeProof.isConsistent(from: a, ra, to: b, rb, path: p)
                }
                #expect(consistent(first, before, size, root, proof))
                #expect(!consistent(first, Digest32(), size, root, proof))
                #expect(!consistent(first, before, size, Digest32(), proof))
                #expect(!consistent(first, before, size, root, proof + [leaf]))
                #expect(m == n || !consistent(size, root, first, before, proof), "the wrong way round")
                if !proof.isEmpty {
                    #expect(!consistent(first, before, size, root, Array(proof.dropLast())))
                    #expect(!consistent(first, before, size, root, []))
                    var flipped = proof
                    flipped[Int.random(in: 0..<proof.count, using: &random)].a ^= 1
                    #expect(!consistent(first, before, size, root, flipped))
                }
            }
        }
        let empty = TreeProof.emptyRoot
        let one = try tree.root(at: 1)
        #expect(TreeProof.isConsistent(from: 0, empty, to: 1, one, path: []))
        #expect(!TreeProof.isConsistent(from: 0, one, to: 1, one, path: []))
        #expect(!TreeProof.isConsistent(from: 0, empty, to: 1, one, path: [one]))
        #expect(!TreeProof.isConsistent(from: 0, empty, to: 0, one, path: []))
    }

    /// Stored at one size, taken up, grown: the same as one that grew at a stretch.
    @Test func takenUpAtManySizes() throws {
        let source = MemorySource()
        for i in 0..<700 { source.leaves.append(Self.leaf(i)) }
        for size in [0, 1, 2, 255, 256, 257, 511, 512, 513, 699] {
            source.rows = [:]
            let before = source.tree(size)
            let range = try before.range(at: UInt64(size))
            source.keep(before)
            let tree = TileTree(source: source)
            let base = source.base(size / 256 * 256)
            #expect(try tree.resume(range, openTileBase: base), "size \(size)")
            #expect(tree.size == UInt64(size))
            for i in size..<700 { source.leaves[i].withUnsafeBytes { tree.append($0, base: source.base(i)) } }
            #expect(tree.root() == Naive.root(source.leaves[...]))
            // Rows from before it was taken up, and its own.
            #expect(try tree.inclusion(of: 3, in: 700) == Naive.path(3, source.leaves[...]))
            #expect(try tree.base(ofTile: 1) == source.base(256))
        }
    }

    /// Rows of a later size serve an earlier one; other rows, other records and missing ones do not.
    @Test func damagedOrForeignRowsAreNotTakenUp() throws {
        let source = MemorySource()
        for i in 0..<70_000 { source.leaves.append([UInt8(i & 255), UInt8(i >> 8 & 255), UInt8(i >> 16)]) }
        let tree = source.tree(70_000)
        let early = try tree.range(at: 66_000)
        source.keep(tree)
        let base = source.base(66_000 / 256 * 256)
        #expect(try TileTree(source: source).resume(early, openTileBase: base))
        #expect(try !TileTree(source: source).resume(early, openTileBase: base + 3))
        #expect(try !TileTree(source: source).resume(early, openTileBase: source.base(69_990)))
        let key = TileRow.key(level: 1, index: 1)
        let row = try #require(source.rows[key])
        #expect(row.hashes.count == 17 && row.bases.count == 17)
        source.rows[key]!.hashes[0].c ^= 4
        let refused = TileTree(source: source)
        #expect(try !refused.resume(early, openTileBase: base))
        #expect(refused.size == 0 && refused.root() == TreeProof.emptyRoot)
        source.rows[key] = nil
        #expect(try !TileTree(source: source).resume(early, openTileBase: base))
        source.rows[key] = row
        // A row that only proofs read: found when one does.
        let taken = TileTree(source: source)
        #expect(try taken.resume(early, openTileBase: base))
        source.rows[TileRow.key(level: 1, index: 0)] = nil
        #expect(throws: LogError.self) { try taken.inclusion(of: 5, in: 66_000) }
        // A record that changed since: found by the tile's root.
        source.rows[TileRow.key(level: 1, index: 0)] = tree.rowsToStore().first ?? row
        let whole = source.tree(70_000)
        source.keep(whole)
        let again = TileTree(source: source)
        #expect(try again.resume(early, openTileBase: base))
        #expect(try again.inclusion(of: 5, in: 66_000).count == 17)
        source.leaves[300][0] ^= 1
        #expect(throws: LogError.self) { try again.inclusion(of: 256, in: 66_000) }
        #expect(try again.inclusion(of: 6, in: 66_000).count == 17, "other tiles are whole")
    }

    @Test func rowsAreReadAsWritten() throws {
        let source = MemorySource()
        for i in 0..<800 { source.leaves.append(Self.leaf(i)) }
        for row in source.tree(800).rowsToStore() {
            let bytes = row.encoded()
            #expect(TileRow(level: row.level, index: row.index, encoded: bytes) == row)
            #expect(TileRow(level: row.level, index: row.index, encoded: Array(bytes.dropLast())) == nil)
            #expect(TileRow(level: 0, index: row.index, encoded: bytes) == nil)
        }
        #expect(TileRow(level: 1, index: 0, encoded: []) == nil)
        #expect(TileRow(level: 2, index: 0, encoded: Array(repeating: 0, count: 257 * 32)) == nil)
    }
}
