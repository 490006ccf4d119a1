import LedgerDomain
import Platform

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
    @safe @exclusivity(unchecked) private var records = PlainList<Place>()

    /// Where a record ends, which is where the next one begins.
    private struct Place: BitwiseCopyable {
        let end: Int
        let base: UInt64
    }

    /// With the defaults.
    public init() {
        unsafe storage = .allocate(byteCount: 1 << 20, alignment: 16)
    }

    deinit { unsafe storage.deallocate() }

    /// Number of records.
    public var count: Int { records.count }
    /// Whether nothing is in it.
    public var isEmpty: Bool { records.isEmpty }
    /// Bytes of all records.
    public var byteCount: Int { used }

    /// Forgets the records, keeps the memory.
    public func removeAll() {
        used = 0
        records.removeAll()
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
        records.append(Place(end: used, base: base.rawValue))
    }

    /// Puts in the checksums of all records. Not done record by record: a record's bytes have just been written in pieces,
    /// and reading them back at once waits for each store; and who appends the group has the time.
    func seal() {
        var start = 0
        for i in 0..<records.count {
            let end = records[i].end
            unsafe RecordHeader.seal(UnsafeMutableRawBufferPointer(rebasing: storage[start..<end]))
            start = end
        }
    }

    /// Takes back the records after the first `count`.
    public func truncate(to count: Int) {
        records.truncate(to: count)
        used = records.last?.end ?? 0
    }

    /// The i-th record.
    public subscript(i: Int) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(
            rebasing: storage[(i == 0 ? 0 : records[i - 1].end)..<records[i].end])
    }

    /// Base position of the i-th record.
    public func base(_ i: Int) -> LogPosition { LogPosition(records[i].base) }

    /// Position of the last event. The group has a record.
    public var end: LogPosition {
        let events = unsafe RecordHeader.statedEvents(self[count - 1])
        return LogPosition(base(count - 1).rawValue + UInt64(events) - 1)
    }

    /// The record that starts at a position, if it is in this group. Cost: a binary search.
    public func record(at base: LogPosition) -> UnsafeRawBufferPointer? {
        var low = 0
        var high = records.count
        while low < high {
            let middle = (low + high) / 2
            if records[middle].base < base.rawValue { low = middle + 1 } else { high = middle }
        }
        guard low < records.count, records[low].base == base.rawValue else { return nil }
        return unsafe self[low]
    }
}
