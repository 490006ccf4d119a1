/// Reads the lines of a file descriptor one after another, in bounded memory.
///
/// Lines end with LF or CRLF; the last may end with the input. Lines of blanks and tabs alone are passed over
/// but counted in the numbers; so is a byte order mark before the first line. A line above the limit is reported once and skipped to its end. Isolation: a
/// value for one task at a time; a copy reads from the same descriptor, so make none. Cost: one pass.
public struct LineReader: Sendable {
    private var buffer: InputBuffer
    private let limit: Int
    /// How many line ends have been passed.
    private var passed: UInt64 = 0
    private var range = 0..<0
    private var isAtStart = true

    /// The number of the line that ``next()`` gave last, from 1; 0 before the first.
    public private(set) var number: UInt64 = 0
    /// Whether that line is above the limit; ``bytes`` is then its beginning.
    public private(set) var isTooLong = false

    /// Makes a reader.
    /// - Parameters:
    ///   - descriptor: open for reading, at the input's beginning; stays the caller's, to close.
    ///   - limit: the longest line in bytes, its line break not counted.
    ///   - stopsAfterSignal: asked when a signal breaks off a read; `true` makes ``next()`` throw a
    ///   ``ReadProblem`` that is an interruption, so that a wait at a terminal can be ended.
    public init(
        descriptor: Int32, limit: Int = CommandLineDecoder.maximumLineBytes,
        stopsAfterSignal: @escaping @Sendable () -> Bool = { false }
    ) {
        buffer = InputBuffer(descriptor: descriptor, stopsAfterSignal: stopsAfterSignal)
        self.limit = limit
    }

    /// The last line without its line break. Holding it on makes the next read copy the buffer.
    public var bytes: ArraySlice<UInt8> { buffer.bytes[range] }

    /// Calls `body` with the last line without its line break. The pointer must not leave the closure.
    public func withLine<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe buffer.bytes.withUnsafeBufferPointer { (all) throws(Failure) in
            try unsafe body(UnsafeBufferPointer(rebasing: all[range]))
        }
    }

    /// Goes to the next line that is not blank.
    /// - Returns: `false` at the end of the input.
    public mutating func next() throws(ReadProblem) -> Bool {
        while try advance() {
            if isTooLong || !isBlank { return true }
        }
        return false
    }

    private var isBlank: Bool {
        for index in range {
            let byte = buffer.bytes[index]
            if byte != 0x20 && byte != 0x09 && byte != 0x0D { return false }
        }
        return true
    }

    /// One line further, blank or not.
    private mutating func advance() throws(ReadProblem) -> Bool {
        if isAtStart { try skipByteOrderMark() }
        buffer.start = range.upperBound
        // Behind the end of the last line stands its line break.
        if number > 0 { try skipRestOfLine() }
        isTooLong = false
        var searched = buffer.start
        while true {
            if let end = buffer.firstIndex(of: 0x0A, in: searched..<buffer.end) {
                take(to: end)
                return true
            }
            searched = buffer.end
            // A CR may stand behind the longest line.
            if buffer.end - buffer.start > limit + 1 {
                take(to: buffer.end)
                return true
            }
            guard try buffer.refill(moving: &searched) else {
                range = buffer.start..<buffer.start
                if buffer.end == buffer.start { return false }
                take(to: buffer.end)
                return true
            }
        }
    }

    /// U+FEFF at the very beginning, which some programs write, is no part of the first line.
    private mutating func skipByteOrderMark() throws(ReadProblem) {
        isAtStart = false
        var index = 0
        while buffer.end - buffer.start < 3, try buffer.refill(moving: &index) {}
        let start = buffer.start
        if buffer.end - start >= 3, buffer.bytes[start..<start + 3].elementsEqual([0xEF, 0xBB, 0xBF]) {
            range = start + 3..<start + 3
        }
    }

    /// Makes the line up to `end` the current one.
    private mutating func take(to end: Int) {
        var end = end
        if end > buffer.start, buffer.bytes[end - 1] == 0x0D { end -= 1 }
        isTooLong = end - buffer.start > limit
        range = buffer.start..<(isTooLong ? buffer.start + limit : end)
        passed += 1
        number = passed
    }

    /// From the end of the current line's bytes to behind its LF.
    private mutating func skipRestOfLine() throws(ReadProblem) {
        range = 0..<0
        while true {
            if let end = buffer.firstIndex(of: 0x0A, in: buffer.start..<buffer.end) {
                buffer.start = end + 1
                return
            }
            buffer.start = buffer.end
            var start = buffer.start
            if try !buffer.refill(moving: &start) { return }
        }
    }
}
