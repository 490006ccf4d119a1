import LedgerDomain

/// The records of one durable group, encoded one after another, before and while they are written.
///
/// One thread fills it; after that it is only read, but for the checksums, which who appends it puts in. Its memory is reused
/// from group to group.
@safe public final class RecordGroup: @unchecked Sendable {
    // Proof of Sendable: the decider fills a group and hands it to the committer through a lock; after that nobody writes
    // until both are done with it, but for the committer's checksums, which nobody reads before the group is on disk. So
    // exclusive access needs no check at run time, either; no access to a field calls out.
    @exclusivity(unchecked) private var storage: UnsafeMutableRawBufferPointer
    @safe @exclusivity(unchecked) private var used = 0
    @safe @exclusivity(unchecked) private var ends: [Int] = []
    @safe @exclusivity(unchecked) private var bases: [UInt64] = []

    /// With the defaults.
    public init() {
        unsafe storage = .allocate(byteCount: 1 << 20, alignment: 16)
    }

    deinit { unsafe storage.deallocate() }

    /// Number of records.
    public var count: Int { ends.count }
    /// Whether nothing is in it.
    public var isEmpty: Bool { ends.isEmpty }
    /// Bytes of all records.
    public var byteCount: Int { used }

    /// Forgets the records, keeps the memory.
    public func removeAll() {
        used = 0
        ends.removeAll(keepingCapacity: true)
        bases.removeAll(keepingCapacity: true)
    }

    /// Room for one more record of the largest size. Valid until the next call.
    public func reserve() -> UnsafeMutableRawBufferPointer {
        if unsafe storage.count - used < LedgerBounds.recordBytes {
            let grown = unsafe UnsafeMutableRawBufferPointer.allocate(
                byteCount: storage.count * 2, alignment: 16)
            unsafe grown.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[..<used]))
            unsafe storage.deallocate()
            unsafe storage = grown
        }
        return unsafe UnsafeMutableRawBufferPointer(
            rebasing: storage[used..<(used + LedgerBounds.recordBytes)])
    }

    /// The reserved room now holds a record of `length` bytes that starts at `base`.
    public func commit(length: Int, base: LogPosition) {
        used += length
        ends.append(used)
        bases.append(base.rawValue)
    }

    /// Puts in the checksums of all records. Not done record by record: a record's bytes have just been written in pieces,
    /// and reading them back at once waits for each store; and who appends the group has the time.
    func seal() {
        var start = 0
        for end in ends {
            unsafe RecordHeader.seal(UnsafeMutableRawBufferPointer(rebasing: storage[start..<end]))
            start = end
        }
    }

    /// Takes back the records after the first `count`.
    public func truncate(to count: Int) {
        ends.removeSubrange(count...)
        bases.removeSubrange(count...)
        used = ends.last ?? 0
    }

    /// The i-th record.
    public subscript(i: Int) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: storage[(i == 0 ? 0 : ends[i - 1])..<ends[i]])
    }

    /// Base position of the i-th record.
    public func base(_ i: Int) -> LogPosition { LogPosition(bases[i]) }

    /// The record that starts at a position, if it is in this group. Cost: a binary search.
    public func record(at base: LogPosition) -> UnsafeRawBufferPointer? {
        var low = 0
        var high = bases.count
        while low < high {
            let middle = (low + high) / 2
            if bases[middle] < base.rawValue { low = middle + 1 } else { high = middle }
        }
        guard low < bases.count, bases[low] == base.rawValue else { return nil }
        return unsafe self[low]
    }
}
