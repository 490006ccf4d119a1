import LMDB
import LedgerDomain

/// A stored record, checked. Valid as long as the call that it is handed to.
@safe public struct ScannedRecord {
    /// The record, header included.
    public let bytes: UnsafeRawBufferPointer
    /// What its header says.
    public let header: RecordHeader
}

extension LogStore {
    /// How many records a scan reads before it renews its snapshot, so that it never keeps old pages alive
    /// for long.
    static let scanStretch = 200_000

    /// Walks the records after a position, in order, checking each header and checksum.
    ///
    /// - Parameters:
    ///   - after: Records that begin after this position.
    ///   - through: Records that end at or before this position.
    ///   - body: Returns false to stop. The bytes are valid during the call only.
    /// - Throws: `LogError` `.broken`, with the position, at the first record that is damaged or out of
    ///   place.
    /// - Returns: the position of the last event of the last record visited, or `after`.
    @discardableResult
    public func scan(
        after: LogPosition, through: LogPosition? = nil,
        _ body: (UnsafeRawBufferPointer, RecordHeader) throws(LogError) -> Bool
    ) throws(LogError) -> LogPosition {
        var last = after
        var more = true
        while more {
            var failure: LogError?
            more = false
            try reading { read, records throws(LMDBError) in
                var cursor = try Self.checked(read, records).cursor()
                var entry = unsafe try cursor.seekInteger(atLeast: last.rawValue + 1)
                var count = 0
                while let (key, value) = unsafe entry {
                    do throws(LogError) {
                        let header = try unsafe Self.check(key, value)
                        if let through, header.lastPosition > through { return }
                        last = header.lastPosition
                        if try unsafe !body(value, header) { return }
                    } catch {
                        failure = error
                        return
                    }
                    count += 1
                    if count == Self.scanStretch {
                        more = true
                        return
                    }
                    unsafe entry = try cursor.nextInteger()
                }
            }
            if let failure { throw failure }
        }
        return last
    }

    /// As `scan`, some records at a time: so that a fold can start loading what the next ones need.
    ///
    /// - Parameters:
    ///   - stretch: How many records `body` is given at once, at most; 1 or more.
    ///   - body: The records, checked, in order. The buffer is valid during the call; the records' bytes, until
    ///     `atEndOfSnapshot` has returned.
    ///   - atEndOfSnapshot: Called before a snapshot is let go of: after some 200,000 records, and at the end, whatever
    ///     it is.
    public func scanStretches(
        after: LogPosition, through: LogPosition? = nil, of stretch: Int,
        _ body: (UnsafeBufferPointer<ScannedRecord>) throws(LogError) -> Void,
        atEndOfSnapshot: () -> Void = {}
    ) throws(LogError) {
        let waiting = UnsafeMutableBufferPointer<ScannedRecord>.allocate(capacity: stretch)
        defer { unsafe waiting.deallocate() }
        var last = after
        var more = true
        while more {
            var failure: LogError?
            more = false
            try reading { read, records throws(LMDBError) in
                defer { atEndOfSnapshot() }
                do throws(LogError) {
                    var cursor = try Self.moving { () throws(LMDBError) in
                        try Self.checked(read, records).cursor()
                    }
                    var entry = unsafe try Self.moving { () throws(LMDBError) in
                        unsafe try cursor.seekInteger(atLeast: last.rawValue + 1)
                    }
                    var count = 0
                    var filled = 0
                    while let (key, value) = unsafe entry {
                        let header = try unsafe Self.check(key, value)
                        if let through, header.lastPosition > through { break }
                        last = header.lastPosition
                        unsafe waiting.initializeElement(
                            at: filled, to: ScannedRecord(bytes: value, header: header))
                        filled += 1
                        count += 1
                        if filled == stretch {
                            try unsafe body(UnsafeBufferPointer(waiting))
                            filled = 0
                            if count >= Self.scanStretch {
                                more = true
                                break
                            }
                        }
                        unsafe entry = try Self.moving { () throws(LMDBError) in
                            unsafe try cursor.nextInteger()
                        }
                    }
                    if filled > 0 { try unsafe body(UnsafeBufferPointer(rebasing: waiting[..<filled])) }
                } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
        }
    }

    private static func moving<R: ~Copyable>(_ body: () throws(LMDBError) -> R) throws(LogError) -> R {
        do { return try body() } catch { throw LogError(error, "the log cannot be read") }
    }

    @inline(__always)
    static func check(_ key: UInt64, _ value: UnsafeRawBufferPointer) throws(LogError) -> RecordHeader {
        let header: RecordHeader
        do throws(RecordHeader.Fault) {
            header = try unsafe RecordHeader.read(value)
        } catch {
            let code: LogError.Code =
                if case .newerFormat = error { .newer } else { .broken }
            throw LogError(
                code, "the record at position \(key): \(error.message)", position: LogPosition(key))
        }
        if header.basePosition.rawValue != key {
            throw LogError(
                .broken, "the record under key \(key) says it begins at \(header.basePosition)",
                position: LogPosition(key))
        }
        return header
    }

    /// A copy of the record that starts at a position.
    public func record(at base: LogPosition) throws(LogError) -> [UInt8]? {
        var found: [UInt8]?
        try reading { read, records throws(LMDBError) in
            found = unsafe try Self.checked(read, records).value(key: base.rawValue).map { unsafe Array($0) }
        }
        return found
    }
}

extension LogStore {
    /// The base of the record that holds a position; nil past the end.
    public func baseOfRecord(holding position: LogPosition) throws(LogError) -> LogPosition? {
        var base: LogPosition?
        try reading { read, records throws(LMDBError) in
            var cursor = try Self.checked(read, records).cursor()
            if let at = unsafe try cursor.seekInteger(atLeast: position.rawValue),
                unsafe at.key == position.rawValue
            {
                base = position
                return
            }
            let before =
                unsafe try cursor.seekInteger(atLeast: position.rawValue) == nil
                ? try cursor.lastInteger() : try cursor.previousInteger()
            guard let before = unsafe before, unsafe before.value.count >= RecordHeader.size else { return }
            let count = unsafe RecordHeader.statedEvents(before.value)
            if unsafe position.rawValue - before.key < UInt64(count) { base = unsafe LogPosition(before.key) }
        }
        return base
    }
}

extension LogStore {
    /// The position of the last event recorded at or before a moment. Cost: a binary search over positions.
    public func position(recordedBy moment: Timestamp) throws(LogError) -> LogPosition {
        var low = LogPosition.start
        var high = try head().position
        // Invariant: all up to `low` was recorded by then; what is after `high` was not.
        while low < high {
            let middle = LogPosition(low.rawValue + (high.rawValue - low.rawValue + 1) / 2)
            guard let base = try baseOfRecord(holding: middle), let record = try record(at: base) else {
                break
            }
            let header: RecordHeader
            do throws(RecordHeader.Fault) {
                header = try unsafe record.span.bytes.withUnsafeBytes { (raw) throws(RecordHeader.Fault) in
                    try unsafe RecordHeader.read(raw)
                }
            } catch {
                throw LogError(.broken, error.message, position: base)
            }
            if header.recordedAt <= moment {
                low = header.lastPosition
            } else {
                high = LogPosition(base.rawValue - 1)
            }
        }
        return low
    }
}
