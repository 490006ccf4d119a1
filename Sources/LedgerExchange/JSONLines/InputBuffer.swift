#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Why reading an input came to an end before the input did.
public struct ReadProblem: Error, Sendable, Equatable, CustomStringConvertible {
    /// The system's error number.
    public var errorNumber: Int32

    /// Makes a problem.
    public init(errorNumber: Int32) { self.errorNumber = errorNumber }

    /// Whether a signal came and the reader was told to stop then.
    public var isInterruption: Bool { errorNumber == EINTR }

    /// The system's words.
    public var description: String {
        guard let words = unsafe strerror(errorNumber) else { return "error \(errorNumber)" }
        return unsafe String(cString: words)
    }
}

/// The bytes of a file descriptor as a window that moves over them. It does not close the descriptor.
struct InputBuffer: Sendable {
    private static let blockByteCount = 256 * 1024

    private let descriptor: Int32
    /// Asked after each signal that breaks off a read: whether to give up.
    private let stopsAfterSignal: @Sendable () -> Bool
    private(set) var bytes: [UInt8]
    /// The first byte that is still needed; what is before it may go.
    var start = 0
    /// The end of what has been read.
    private(set) var end = 0
    private(set) var isAtEnd = false

    init(descriptor: Int32, stopsAfterSignal: @escaping @Sendable () -> Bool) {
        self.descriptor = descriptor
        self.stopsAfterSignal = stopsAfterSignal
        bytes = Array(repeating: 0, count: Self.blockByteCount)
    }

    /// Reads on; what stands before `start` is dropped, and indices move down by as much.
    /// - Parameter index: a place at or behind `start`, which is moved.
    /// - Returns: `false` when the input is at its end.
    mutating func refill(moving index: inout Int) throws(ReadProblem) -> Bool {
        if isAtEnd { return false }
        let dropped = start
        if start > 0 {
            unsafe bytes.withUnsafeMutableBufferPointer { buffer in
                // The array is never empty.
                let base = unsafe buffer.baseAddress.unsafelyUnwrapped
                unsafe base.update(from: base + dropped, count: end - dropped)
            }
            end -= dropped
            index -= dropped
            start = 0
        }
        if end == bytes.count { bytes.append(contentsOf: repeatElement(0, count: bytes.count)) }
        while true {
            let room = bytes.count - end
            let offset = end
            let count = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe read(descriptor, buffer.baseAddress.unsafelyUnwrapped + offset, room)
            }
            if count > 0 {
                end += count
                return true
            }
            if count == 0 {
                isAtEnd = true
                return false
            }
            let error = errno
            if error != EINTR || stopsAfterSignal() { throw ReadProblem(errorNumber: error) }
        }
    }

    /// The index of the first byte that is `byte` in a range that has been read.
    func firstIndex(of byte: UInt8, in range: Range<Int>) -> Int? {
        if range.isEmpty { return nil }
        return unsafe bytes.withUnsafeBytes { buffer in
            let base = unsafe buffer.baseAddress.unsafelyUnwrapped
            guard let found = unsafe memchr(base + range.lowerBound, Int32(byte), range.count) else {
                return nil
            }
            return unsafe UnsafeRawPointer(found) - base
        }
    }
}
