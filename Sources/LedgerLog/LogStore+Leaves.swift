import LMDB
import LedgerDomain

extension LogStore {
    /// Walks the stored values after a position, in order, in one snapshot: for hashing them.
    ///
    /// - Parameters:
    ///   - after: Values that begin after this position.
    ///   - through: Values that begin at or before this position.
    ///   - limit: The most to visit, so that the snapshot does not keep old pages alive for long.
    ///   - ordinal: The ordinal that the first must have; each one after it the next.
    ///   - isChecked: Whether checksums are compared. Without, a value is only looked at where it says which one it is:
    ///     right for what this process wrote a moment ago.
    ///   - body: The value and its header's positions. The bytes are valid during the call only.
    /// - Returns: the position of the last event of the last value visited, or `after`.
    /// - Throws: `.broken`, with the position, at the first value that is damaged or out of place.
    public func leaves(
        after: LogPosition, through: LogPosition, limit: Int, ordinal: UInt64, isChecked: Bool,
        _ body: (UnsafeRawBufferPointer, LogPosition) -> Void
    ) throws(LogError) -> LogPosition {
        var last = after
        var failure: LogError?
        try reading { read, records throws(LMDBError) in
            var cursor = try Self.checked(read, records).cursor()
            var entry = unsafe try cursor.seekInteger(atLeast: after.rawValue + 1)
            var next = ordinal
            while next - ordinal < UInt64(limit), let (key, value) = unsafe entry, key <= through.rawValue {
                do throws(LogError) {
                    let count =
                        isChecked
                        ? unsafe try Self.check(key, value).eventCount : unsafe try Self.place(key, value)
                    let found = unsafe UInt64(
                        littleEndian: value.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                    guard key == last.rawValue + 1, found == next else {
                        throw LogError(
                            .broken,
                            "record \(found) at position \(key) stands where record \(next) at position \(last.rawValue + 1) was due",
                            position: LogPosition(key))
                    }
                    unsafe body(value, LogPosition(key))
                    last = LogPosition(key + UInt64(count) - 1)
                    next += 1
                } catch {
                    failure = error
                    return
                }
                unsafe entry = try cursor.nextInteger()
            }
        }
        if let failure { throw failure }
        return last
    }

    /// How many events a value says it has; its length and base must be what LMDB says.
    private static func place(_ key: UInt64, _ value: UnsafeRawBufferPointer) throws(LogError) -> Int {
        guard value.count >= RecordHeader.size else {
            throw LogError(
                .broken, "\(value.count) bytes are too few for a record", position: LogPosition(key))
        }
        let count = unsafe RecordHeader.statedEvents(value)
        let length = unsafe Int(
            UInt32(littleEndian: value.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
        let base = unsafe UInt64(
            littleEndian: value.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
        guard length == value.count, length <= LedgerBounds.recordBytes, base == key, count >= 1,
            count <= LedgerBounds.eventsPerRecord
        else {
            throw LogError(
                .broken, "the header of the record at position \(key) is damaged", position: LogPosition(key))
        }
        return count
    }

    /// The base of the record that stands some records before the one that holds a position; nil when there are not that
    /// many. Cost: a step a record.
    public func base(_ back: Int, recordsBefore position: LogPosition) throws(LogError) -> LogPosition? {
        guard let from = try baseOfRecord(holding: position) else { return nil }
        var base: LogPosition?
        try reading { read, records throws(LMDBError) in
            var cursor = try Self.checked(read, records).cursor()
            var entry = unsafe try cursor.seekInteger(atLeast: from.rawValue)
            for _ in 0..<back { unsafe entry = try cursor.previousInteger() }
            base = unsafe entry.map { unsafe LogPosition($0.key) }
        }
        return base
    }
}
