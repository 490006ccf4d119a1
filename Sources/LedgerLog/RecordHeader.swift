import CXXHash
import LedgerDomain

/// The forty bytes before a record's events. Layout: `Documentation/log-format.md`, "Header".
@frozen
public struct RecordHeader: Sendable, Equatable, BitwiseCopyable {
    /// Bytes of a header.
    public static let size = 40
    /// The format this program writes, and the newest that it reads.
    public static let formatVersion: UInt8 = 1

    /// Dense number of the record, from 0: its leaf index in the hash tree.
    public var ordinal: UInt64
    /// Position of its first event.
    public var basePosition: LogPosition
    /// Events in it, 1…1,024.
    public var eventCount: Int
    /// Nanoseconds since 1970 by the wall clock, strictly rising from record to record; audit only.
    public var recordedAt: Timestamp
    /// Bytes of the whole record.
    public var length: Int

    /// Memberwise.
    public init(
        ordinal: UInt64, basePosition: LogPosition, eventCount: Int, recordedAt: Timestamp, length: Int
    ) {
        self.ordinal = ordinal
        self.basePosition = basePosition
        self.eventCount = eventCount
        self.recordedAt = recordedAt
        self.length = length
    }

    /// How many events a stored record says that it has. Nothing is checked; the record has a header's bytes at least.
    @inlinable
    public static func statedEvents(_ record: UnsafeRawBufferPointer) -> Int {
        unsafe Int(UInt16(littleEndian: record.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
    }

    /// Position of the record's last event.
    public var lastPosition: LogPosition { LogPosition(basePosition.rawValue + UInt64(eventCount) - 1) }

    /// Why stored bytes are not a record.
    public enum Fault: Error, Sendable, Equatable {
        case tooShort(Int)
        case newerFormat(UInt8)
        case badVersion(UInt8)
        case badFlags(UInt8)
        case badPlace(ordinal: UInt64, base: UInt64)
        case badLength(stated: Int, actual: Int)
        case badCount(Int)
        case badChecksum(stated: UInt64, actual: UInt64)

        /// One sentence for people.
        public var message: String {
            switch self {
            case .tooShort(let count): "\(count) bytes are too few for a record"
            case .newerFormat(let version):
                "record format \(version) is newer than this program's \(formatVersion)"
            case .badVersion(let version): "there is no record format \(version)"
            case .badFlags(let flags): "unknown header flags \(flags)"
            case .badPlace(let ordinal, let base): "record \(ordinal) cannot begin at position \(base)"
            case .badLength(let stated, let actual):
                "the header states \(stated) bytes, \(actual) are stored, \(LedgerBounds.recordBytes) are allowed"
            case .badCount(let count): "a record of \(count) events"
            case .badChecksum(let stated, let actual):
                "checksum \(String(actual, radix: 16)) does not match the stored \(String(stated, radix: 16))"
            }
        }
    }

    /// Writes the header in front of a record's finished events, checksum included.
    /// - Parameter record: exactly the record's bytes; the first forty are overwritten.
    public static func write(_ header: RecordHeader, into record: UnsafeMutableRawBufferPointer) {
        unsafe writeUnsealed(header, into: record)
        unsafe seal(record)
    }

    /// The same without the checksum: until `seal`, the record is not to be checked.
    public static func writeUnsealed(_ header: RecordHeader, into record: UnsafeMutableRawBufferPointer) {
        precondition(record.count == header.length && header.length >= size)
        let base = record.baseAddress!
        // Version, flags 0, events, length.
        let first =
            UInt64(formatVersion) | UInt64(UInt16(header.eventCount)) << 16
            | UInt64(UInt32(header.length)) << 32
        unsafe base.storeBytes(of: first.littleEndian, toByteOffset: 0, as: UInt64.self)
        unsafe base.storeBytes(of: header.ordinal.littleEndian, toByteOffset: 8, as: UInt64.self)
        unsafe base.storeBytes(
            of: header.basePosition.rawValue.littleEndian, toByteOffset: 16, as: UInt64.self)
        unsafe base.storeBytes(
            of: header.recordedAt.nanoseconds.littleEndian, toByteOffset: 24, as: Int64.self)
    }

    /// Puts the checksum into a record that is complete but for it. Cost: one pass over the bytes.
    @inline(__always)
    public static func seal(_ record: UnsafeMutableRawBufferPointer) {
        let sum = unsafe checksum(UnsafeRawBufferPointer(record))
        unsafe record.storeBytes(of: sum.littleEndian, toByteOffset: 32, as: UInt64.self)
    }

    /// XXH64 of the events, seeded with XXH64 (seed 0) of the header's first 32 bytes.
    @inline(__always)
    static func checksum(_ record: UnsafeRawBufferPointer) -> UInt64 {
        let base = record.baseAddress!
        let seed = unsafe xxhash_64(base, 32, 0)
        return unsafe xxhash_64(base + size, record.count - size, seed)
    }

    /// Reads and checks a stored record: version, flags, length, count and checksum. Cost: one pass over the
    /// bytes.
    @inline(__always)
    public static func read(_ record: UnsafeRawBufferPointer) throws(Fault) -> RecordHeader {
        guard record.count >= size, let base = record.baseAddress else { throw .tooShort(record.count) }
        let version = unsafe base.load(as: UInt8.self)
        guard version == formatVersion else {
            if version > formatVersion { throw .newerFormat(version) }
            throw .badVersion(version)
        }
        let flags = unsafe base.load(fromByteOffset: 1, as: UInt8.self)
        guard flags == 0 else { throw .badFlags(flags) }
        let count = unsafe Int(UInt16(littleEndian: base.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
        let length = unsafe Int(UInt32(littleEndian: base.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
        guard length == record.count, length <= LedgerBounds.recordBytes else {
            throw .badLength(stated: length, actual: record.count)
        }
        let stated = unsafe UInt64(littleEndian: base.loadUnaligned(fromByteOffset: 32, as: UInt64.self))
        let actual = unsafe checksum(record)
        guard stated == actual else { throw .badChecksum(stated: stated, actual: actual) }
        guard count >= 1, count <= LedgerBounds.eventsPerRecord else { throw .badCount(count) }
        let ordinal = unsafe UInt64(littleEndian: base.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        let first = unsafe UInt64(littleEndian: base.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
        // A record has at least one event; and positions after it must be numbers, too.
        guard ordinal < first, first <= UInt64(Int64.max) else {
            throw .badPlace(ordinal: ordinal, base: first)
        }
        return unsafe RecordHeader(
            ordinal: ordinal, basePosition: LogPosition(first), eventCount: count,
            recordedAt: Timestamp(
                nanoseconds: Int64(littleEndian: base.loadUnaligned(fromByteOffset: 24, as: Int64.self))),
            length: length)
    }
}
