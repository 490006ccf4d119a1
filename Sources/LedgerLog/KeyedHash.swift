import CXXHash
import LedgerDomain

/// A 64-bit hash of ids, keyed per process run of a ledger's tables so that ids from outside cannot be chosen
/// to collide.
///
/// XXH3 under a secret seed: fast, not a commitment. Every match is confirmed against the log.
@frozen
public struct KeyedHash: Sendable {
    public let seed: UInt64
    /// Memberwise.
    public init(seed: UInt64) { self.seed = seed }

    /// Hash of a text in a name space of its own (entity kind and programme).
    @inlinable
    @inline(__always)
    public func callAsFunction(_ text: BorrowedText, space: UInt64) -> UInt64 {
        unsafe xxhash3_64(text.bytes.baseAddress, text.count, seed ^ (space &* 0x9E37_79B9_7F4A_7C15))
    }
}

/// XXH3 (64 bit) of a state block, for the checkpoint's own damage check.
public func blockChecksum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    unsafe xxhash3_64(bytes.baseAddress, bytes.count, 0)
}
