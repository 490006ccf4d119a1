/// UTF-8 bytes that somebody else owns: a slice of a stored record, or of a command's scratch memory.
///
/// It is two words and is never freed. It must not outlive what it points into: code that keeps a text makes
/// a `String` of it. The engine's inner rooms pass it around; the facade never hands one out.
@frozen
@safe public struct BorrowedText: @unchecked Sendable, BitwiseCopyable {
    // Proof of Sendable: the bytes are immutable while the owner lives, and owners are not shared across
    // threads
    // while they change.
    @usableFromInline let base: UnsafePointer<UInt8>?
    /// Length in bytes.
    public let count: Int

    /// Memberwise.
    @inlinable
    public init(_ base: UnsafePointer<UInt8>?, count: Int) {
        unsafe self.base = base
        self.count = count
    }

    /// No bytes at all.
    @inlinable public static var empty: BorrowedText { unsafe BorrowedText(nil, count: 0) }

    /// Whether nothing is in it.
    @inlinable public var isEmpty: Bool { count == 0 }

    /// The bytes, for reading while the owner lives.
    @inlinable public var bytes: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: UnsafeRawPointer(base), count: count)
    }

    /// The bytes as unsigned octets, for reading while the owner lives.
    @inlinable public var utf8: UnsafeBufferPointer<UInt8> {
        unsafe UnsafeBufferPointer(start: base, count: count)
    }

    /// A string of its own; invalid UTF-8 (only in a damaged log) is repaired, not trusted.
    public var string: String { unsafe String(decoding: utf8, as: UTF8.self) }

    /// Byte equality; cost: a memory comparison, eight bytes at a time.
    @inlinable
    public func equals(_ other: BorrowedText) -> Bool {
        if count != other.count { return false }
        guard count > 0 else { return true }
        let mine = unsafe UnsafeRawPointer(base!)
        let theirs = unsafe UnsafeRawPointer(other.base!)
        var i = 0
        if count >= 8 {
            // The last eight may have been looked at in part.
            while i < count {
                let at = min(i, count - 8)
                let word = unsafe mine.loadUnaligned(fromByteOffset: at, as: UInt64.self)
                if unsafe word != theirs.loadUnaligned(fromByteOffset: at, as: UInt64.self) { return false }
                i += 8
            }
            return true
        }
        while i < count {
            if unsafe base![i] != other.base![i] { return false }
            i += 1
        }
        return true
    }

    /// Byte equality of texts of the same length, 24 bytes at most: all are compared at once where there are eight or more.
    @inlinable
    @inline(__always)
    public func equalsShort(_ other: BorrowedText) -> Bool {
        precondition(count == other.count && count <= 24, "texts of one length, 24 bytes at most")
        if count < 8 { return equals(other) }
        let mine = unsafe UnsafeRawPointer(base!)
        let theirs = unsafe UnsafeRawPointer(other.base!)
        // Begin, middle and end, which may overlap.
        let (middle, end) = (count &>> 1 &- 4, count &- 8)
        let first = unsafe mine.loadUnaligned(as: UInt64.self) ^ theirs.loadUnaligned(as: UInt64.self)
        let second =
            unsafe mine.loadUnaligned(fromByteOffset: middle, as: UInt64.self)
            ^ theirs.loadUnaligned(fromByteOffset: middle, as: UInt64.self)
        let third =
            unsafe mine.loadUnaligned(fromByteOffset: end, as: UInt64.self)
            ^ theirs.loadUnaligned(fromByteOffset: end, as: UInt64.self)
        return first | second | third == 0
    }

    /// Byte equality with bytes that somebody else owns.
    public func equals(_ other: [UInt8]) -> Bool {
        guard count == other.count else { return false }
        return unsafe other.withUnsafeBufferPointer {
            unsafe equals(BorrowedText($0.baseAddress, count: $0.count))
        }
    }
}

/// Sixteen bytes: a keyed hash or an id.
@frozen
public struct Bytes16: Hashable, Sendable, BitwiseCopyable {
    /// First eight bytes, little-endian.
    public var low: UInt64
    /// Last eight bytes, little-endian.
    public var high: UInt64
    /// Memberwise.
    @inlinable public init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }
    /// All zeros.
    public static let zero = Bytes16(low: 0, high: 0)

    /// From up to sixteen bytes, little-endian; missing ones are zero.
    public init(_ bytes: some Sequence<UInt8>) {
        var words: (UInt64, UInt64) = (0, 0)
        for (i, byte) in bytes.prefix(16).enumerated() {
            if i < 8 { words.0 |= UInt64(byte) << (8 * i) } else { words.1 |= UInt64(byte) << (8 * (i - 8)) }
        }
        self.init(low: words.0, high: words.1)
    }

    /// The bytes in order of address.
    public var bytes: [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: low >> (8 * $0)) }
            + (0..<8).map { UInt8(truncatingIfNeeded: high >> (8 * $0)) }
    }

    /// From thirty-two hexadecimal digits as ``hex`` writes them; nil for any other text.
    public init?(hex digits: some Collection<UInt8>) {
        guard digits.count == 32 else { return nil }
        var bytes: [UInt8] = []
        var high: UInt8?
        for digit in digits {
            let value: UInt8
            switch digit {
            case 0x30...0x39: value = digit - 0x30
            case 0x61...0x66: value = digit - 0x57
            default: return nil
            }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        self.init(bytes)
    }

    /// Thirty-two hexadecimal digits.
    public var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
