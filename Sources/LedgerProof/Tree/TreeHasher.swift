import CTreeHash
import LedgerLog

/// Leaf and node hashes of RFC 6962, section 2.1, in bulk.
///
/// On machines with SHA instructions two hashes run side by side, which halves their price; elsewhere libcrypto hashes
/// one after another. Not for use from two threads at once.
@safe final class TreeHasher {
    private let waiting: UnsafeMutablePointer<tree_hash_leaves>
    private let plain: SHA256Hasher?

    /// - Parameter usesInstructions: false takes libcrypto even where there are SHA instructions. For tests.
    init(usesInstructions: Bool = true) {
        unsafe waiting = .allocate(capacity: 1)
        unsafe waiting.initialize(to: tree_hash_leaves())
        plain = usesInstructions && tree_hash_is_available() != 0 ? nil : SHA256Hasher()
    }

    deinit { unsafe waiting.deallocate() }

    /// Takes a leaf; its hash is at `out` after the next leaf, or after `finish`. The bytes are free again at once.
    /// - Parameter out: 32 bytes that stay in place until then.
    func add(_ record: UnsafeRawBufferPointer, to out: UnsafeMutableRawPointer) {
        // Asked so, nothing is counted.
        if plain == nil {
            unsafe tree_hash_add(
                waiting, record.baseAddress, record.count, out.assumingMemoryBound(to: UInt8.self))
        } else if let plain {
            let hash = unsafe MerkleRange.leaf(record, plain)
            unsafe out.storeBytes(of: hash, as: Digest32.self)
        }
    }

    /// Hashes the leaf that waits, if one does.
    func finish() { if plain == nil { unsafe tree_hash_finish(waiting) } }

    /// One leaf alone.
    func leaf(_ record: UnsafeRawBufferPointer) -> Digest32 {
        var hash = Digest32()
        finish()
        unsafe withUnsafeMutableBytes(of: &hash) { raw in
            unsafe add(record, to: raw.baseAddress!)
            finish()
        }
        return hash
    }

    /// One node alone.
    func node(_ left: Digest32, _ right: Digest32) -> Digest32 {
        var pair = (left, right)
        return unsafe withUnsafeMutableBytes(of: &pair) { unsafe root(in: $0.baseAddress!, count: 2) }
    }

    /// Root of the hashes given, as RFC 6962 pairs them: from the left, a lone last one passed up as it is.
    /// - Parameters:
    ///   - hashes: at least one; its memory is used up.
    func root(in hashes: UnsafeMutableRawPointer, count: Int) -> Digest32 {
        precondition(count > 0)
        var left = count
        while left > 1 {
            let pairs = left / 2
            if let plain {
                for i in 0..<pairs {
                    let one = unsafe hashes.load(fromByteOffset: 64 * i, as: Digest32.self)
                    let two = unsafe hashes.load(fromByteOffset: 64 * i + 32, as: Digest32.self)
                    let hash = MerkleRange.node(one, two, plain)
                    unsafe hashes.storeBytes(of: hash, toByteOffset: 32 * i, as: Digest32.self)
                }
            } else {
                let bytes = unsafe hashes.assumingMemoryBound(to: UInt8.self)
                unsafe tree_hash_nodes(bytes, bytes, pairs)
            }
            if left % 2 == 1 {
                let lone = unsafe hashes.load(fromByteOffset: 32 * (left - 1), as: Digest32.self)
                unsafe hashes.storeBytes(of: lone, toByteOffset: 32 * pairs, as: Digest32.self)
            }
            left = pairs + left % 2
        }
        return unsafe hashes.load(as: Digest32.self)
    }

    /// Root of the hashes given.
    func root(of hashes: some Collection<Digest32>) -> Digest32 {
        var copy = Array(hashes)
        return unsafe copy.withUnsafeMutableBytes { unsafe root(in: $0.baseAddress!, count: $0.count / 32) }
    }
}
