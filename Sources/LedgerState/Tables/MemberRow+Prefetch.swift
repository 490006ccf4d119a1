import CPlatform

/// A member's row spans two lines of the cache; but half of the rows begin in the middle of a line, and much of what is folded
/// touches one side of the row only.
extension RowTable<MemberRow> {
    /// Where the later part begins: `firstCode` and all behind it.
    private static var middle: Int { 32 }

    /// Starts loading what the tree is made of: parent, children, counts.
    @inline(__always)
    func prefetchTree(_ i: Int) {
        guard i >= 0, i < store.count, let block = unsafe store.blocks[i / Self.rowsPerBlock] else { return }
        unsafe platform_prefetch_write(block + i % Self.rowsPerBlock * MemoryLayout<MemberRow>.stride)
    }

    /// Starts loading the balance, and what says which asset it is of.
    @inline(__always)
    func prefetchMoney(_ i: Int) {
        guard i >= 0, i < store.count, let block = unsafe store.blocks[i / Self.rowsPerBlock] else { return }
        let row = unsafe block + i % Self.rowsPerBlock * MemoryLayout<MemberRow>.stride
        let end = unsafe row + MemoryLayout<MemberRow>.stride - 1
        unsafe platform_prefetch_write(end)
        // Within one line with the end, for every second row.
        if Int(bitPattern: row) & 63 != Self.middle { unsafe platform_prefetch_write(row + Self.middle) }
    }
}
