import Glibc
import LedgerExchange

/// One end of a connection: lines in, bytes out. Memory: one window. For one thread at a time.
final class LineChannel {
    /// The longest line: an input line with what a frame puts before it.
    static let maximumLineBytes = CommandLineDecoder.maximumLineBytes + 64
    private static let windowBytes = 256 * 1_024

    /// What a try to read gave.
    enum Filled {
        /// Further bytes.
        case some
        /// The other end sends no more.
        case end
        /// The stop event came first.
        case stopped
        /// Nothing is there, and waiting was not asked for.
        case nothing
    }

    /// A line in the window.
    enum Line {
        /// Valid until the next `fill`.
        case line(Range<Int>)
        /// One above the limit was passed over.
        case tooLong
    }

    let descriptor: Int32
    private var window = [UInt8](repeating: 0, count: windowBytes)
    private var start = 0
    private var searched = 0
    private var end = 0
    private var isSkipping = false

    /// Takes the descriptor over.
    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { _ = close(descriptor) }

    // MARK: Lines

    /// The next whole line of what was read; nil when there is none yet.
    func buffered() -> Line? {
        while let lineEnd = lineEnd() {
            let range = start..<lineEnd
            start = lineEnd + 1
            searched = start
            if isSkipping || range.count > Self.maximumLineBytes {
                isSkipping = false
                return .tooLong
            }
            return .line(range)
        }
        if end - start > Self.maximumLineBytes {
            isSkipping = true
            start = end
        }
        searched = end
        return nil
    }

    /// A line's bytes. The pointer must not leave the closure.
    func withBytes<Result, Failure: Error>(
        _ range: Range<Int>, _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe window.withUnsafeBufferPointer { (all) throws(Failure) in
            try unsafe body(UnsafeBufferPointer(rebasing: all[range]))
        }
    }

    /// A copy of a line's bytes.
    func bytes(_ range: Range<Int>) -> [UInt8] { Array(window[range]) }

    /// Whether a line begins with these bytes.
    func begins(_ range: Range<Int>, with prefix: StaticString) -> Bool {
        guard range.count >= prefix.utf8CodeUnitCount else { return false }
        for index in 0..<prefix.utf8CodeUnitCount
        where window[range.lowerBound + index] != (unsafe prefix.utf8Start[index]) { return false }
        return true
    }

    /// The byte at an index of a line.
    subscript(index: Int) -> UInt8 { window[index] }

    private func lineEnd() -> Int? {
        guard searched < end else { return nil }
        return unsafe window.withUnsafeBytes { all in
            // In bounds: searched < end ≤ count.
            let base = unsafe all.baseAddress.unsafelyUnwrapped
            guard let found = unsafe memchr(base + searched, 0x0A, end - searched) else { return nil }
            return unsafe UnsafeRawPointer(found) - base
        }
    }

    // MARK: Reading

    /// Reads on. Call it when ``buffered()`` has no more.
    /// - Parameters:
    ///   - stop: a descriptor whose hang-up ends the waiting; negative: none.
    ///   - waits: whether to wait for the first byte.
    func fill(stop: Int32 = -1, waits: Bool = true) throws(SocketError) -> Filled {
        makeRoom()
        while true {
            if waits, wait(for: Int16(POLLIN), stop: stop) { return .stopped }
            let (room, offset) = (window.count - end, end)
            let count = unsafe window.withUnsafeMutableBytes { all in
                // In bounds: `room` bytes behind `end`.
                unsafe recv(
                    descriptor, all.baseAddress.unsafelyUnwrapped + offset, room, Int32(MSG_DONTWAIT)
                )
            }
            if count > 0 {
                end += count
                return .some
            }
            if count == 0 { return .end }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                if !waits { return .nothing }
            // Who hung up with answers unread shows as a reset.
            case ECONNRESET: return .end
            case let number: throw .system("cannot read from the socket", number)
            }
        }
    }

    /// Moves what is left to the window's begin. There is room then: no line fills the window.
    private func makeRoom() {
        guard start > 0 else { return }
        let (from, count) = (start, end - start)
        unsafe window.withUnsafeMutableBytes { all in
            let base = unsafe all.baseAddress.unsafelyUnwrapped
            unsafe memmove(base, base + from, count)
        }
        (start, end, searched) = (0, count, searched - from)
    }

    /// Waits until the socket is ready, and says whether the stop event came. Ends at a signal too.
    @discardableResult
    func wait(for events: Int16, stop: Int32 = -1, milliseconds: Int32 = -1) -> Bool {
        var both = [
            pollfd(fd: descriptor, events: events, revents: 0),
            pollfd(fd: stop, events: Int16(POLLIN), revents: 0),
        ]
        // A negative descriptor is passed over (poll(2)).
        _ = unsafe poll(&both, 2, milliseconds)
        return both[1].revents != 0
    }

    // MARK: Writing

    /// Sends all bytes; waits as long as the other end does not read.
    func send(_ bytes: [UInt8]) throws(SocketError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            if try sendSome(&rest) == 0 { wait(for: Int16(POLLOUT)) }
        }
    }

    /// Sends what the socket takes now, and takes it off the slice.
    /// - Returns: how many bytes it took.
    func sendSome(_ rest: inout ArraySlice<UInt8>) throws(SocketError) -> Int {
        let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
        let count = unsafe rest.withUnsafeBytes {
            unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, flags)
        }
        if count >= 0 {
            rest = rest.dropFirst(count)
            return count
        }
        switch errno {
        case EINTR, EAGAIN: return 0
        case EPIPE, ECONNRESET: throw .gone
        case let number: throw .system("cannot write to the socket", number)
        }
    }

    /// Breaks the connection off: waiting calls of any thread end.
    static func hangUp(_ descriptor: Int32) { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }
}
