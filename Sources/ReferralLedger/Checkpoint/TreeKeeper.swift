import LedgerDomain
import LedgerLog
import Platform

/// Keeps the RFC 6962 tree over the stored records up, off the commit path.
final class TreeKeeper: @unchecked Sendable {
    // Proof of Sendable: `range` and `hasher` are only touched with `lock` held.
    private let lock = Lock()
    private let store: LogStore
    private let hasher = SHA256Hasher()
    private var range: MerkleRange
    private var position: LogPosition

    init(_ store: LogStore, _ range: MerkleRange, at position: LogPosition) {
        self.store = store
        self.range = range
        self.position = position
    }

    /// Adds the leaves of records that end at or before a position.
    func catchUp(through target: LogPosition) throws(LogError) {
        lock.lock()
        defer { lock.unlock() }
        guard position < target else { return }
        unsafe try store.scan(after: position, through: target) { record, header throws(LogError) in
            if header.ordinal != range.size {
                throw LogError(
                    .broken, "ordinal \(header.ordinal) is not leaf \(range.size)",
                    position: header.basePosition)
            }
            range.append(unsafe MerkleRange.leaf(record, hasher), hasher)
            position = header.lastPosition
            return true
        }
    }

    /// Leaves so far.
    var size: UInt64 { lock.locked { range.size } }

    /// Size and root now.
    func root() -> (size: UInt64, root: Digest32) { lock.locked { (range.size, range.root(hasher)) } }

    /// The right edge now.
    func edge() -> MerkleRange { lock.locked { range } }
}
