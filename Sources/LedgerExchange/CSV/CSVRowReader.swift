import StrictJSON

/// Reads the rows of an RFC 4180 table from a file descriptor, in bounded memory.
///
/// Comma, `"` around cells that hold commas, quotes (doubled) or line breaks; rows end with LF or CRLF; a
/// byte order mark at the start and empty lines are passed over. Bytes of a damaged row are never taken for
/// another row: an open quote goes on until it closes or the input ends.
struct CSVRowReader: Sendable {
    private enum State { case cellStart, plain, quoted, quoteInQuoted, closed, damaged }

    private var buffer: InputBuffer
    private let limit: Int
    private var lineEnds: UInt64 = 0
    private var at = 0
    private var isAtStart = true
    private var range = 0..<0
    /// The beginning of a row that is too long.
    private var prefix: [UInt8] = []

    /// The line on which the last row began, from 1; 0 before the first.
    private(set) var number: UInt64 = 0
    /// What is wrong with the last row; its cells mean nothing then.
    private(set) var problem: LineProblem?
    /// The last row's cells, one after another, unquoted, and the range and place of each.
    private var cellBytes: [UInt8] = []
    private var cells: [(range: Range<Int>, offset: Int)] = []

    init(descriptor: Int32, limit: Int, stopsAfterSignal: @escaping @Sendable () -> Bool) {
        buffer = InputBuffer(descriptor: descriptor, stopsAfterSignal: stopsAfterSignal)
        self.limit = limit
    }

    var cellCount: Int { cells.count }

    /// A cell's text.
    func cell(_ index: Int) -> ArraySlice<UInt8> { cellBytes[cells[index].range] }

    /// Where a cell begins, from 1, in Unicode scalars from the row's start.
    func column(ofCell index: Int) -> Int { column(at: cells[index].offset) }

    /// The last row as it was written, without its last line break.
    var text: ArraySlice<UInt8> { prefix.isEmpty ? buffer.bytes[range] : prefix[...] }

    /// Goes to the next row that is not an empty line.
    mutating func next() throws(ReadProblem) -> Bool {
        while true {
            if isAtStart { try skipByteOrderMark() }
            guard try peek() != nil else { return false }
            try readRow()
            if !range.isEmpty || problem != nil { return true }
        }
    }

    // MARK: Bytes

    /// The byte at `at`, or nil at the end of the input.
    private mutating func peek() throws(ReadProblem) -> UInt8? {
        if at == buffer.end {
            if !prefix.isEmpty { buffer.start = at }
            guard try buffer.refill(moving: &at) else { return nil }
        }
        return buffer.bytes[at]
    }

    private mutating func skipByteOrderMark() throws(ReadProblem) {
        isAtStart = false
        for (count, byte) in [UInt8(0xEF), 0xBB, 0xBF].enumerated() {
            guard try peek() == byte else {
                at -= count
                return
            }
            at += 1
        }
    }

    // MARK: Rows

    private mutating func readRow() throws(ReadProblem) {
        buffer.start = at
        cellBytes.removeAll(keepingCapacity: true)
        cells.removeAll(keepingCapacity: true)
        prefix = []
        problem = nil
        number = lineEnds + 1
        var state = State.cellStart
        var from = 0
        var quote = 0
        cells.append((0..<0, 0))
        while let byte = try peek() {
            // What has been taken of a row that is too long is forgotten.
            if prefix.isEmpty, at - buffer.start > limit + 1 {
                prefix = Array(buffer.bytes[buffer.start..<buffer.start + limit])
                cellBytes.removeAll(keepingCapacity: true)
            }
            if byte == 0x0A {
                lineEnds += 1
                if state != .quoted { break }
            }
            at += 1
            let isTaken = step(byte, &state, quote: &quote, from: &from)
            if isTaken, prefix.isEmpty { cellBytes.append(byte) }
        }
        let isOpen = state == .quoted
        finish(isOpen: isOpen, state: state, from: from, quote: quote)
        if !isOpen, try peek() != nil { at += 1 }
    }

    /// Takes one byte.
    /// - Returns: whether it belongs to the cell's text.
    private mutating func step(
        _ byte: UInt8, _ state: inout State, quote: inout Int, from: inout Int
    ) -> Bool {
        let offset = at - 1 - buffer.start
        switch (state, byte) {
        case (.cellStart, UInt8(ascii: "\"")):
            state = .quoted
            quote = offset
            return false
        case (.cellStart, UInt8(ascii: ",")), (.plain, UInt8(ascii: ",")),
            (.quoteInQuoted, UInt8(ascii: ",")):
            state = .cellStart
            if !prefix.isEmpty { return false }
            closeCell(from: from)
            from = cellBytes.count
            cells.append((from..<from, offset + 1))
            return false
        case (.cellStart, _):
            state = .plain
            return true
        case (.quoted, UInt8(ascii: "\"")):
            state = .quoteInQuoted
            return false
        case (.quoteInQuoted, UInt8(ascii: "\"")):
            state = .quoted
            return true
        case (.quoteInQuoted, 0x0D):
            // Part of the line break, or the next byte is damage.
            state = .closed
            return false
        case (.quoteInQuoted, _), (.closed, _):
            state = .damaged
            quote = offset
            return false
        case (.damaged, _): return false
        case (.plain, _), (.quoted, _): return true
        }
    }

    private mutating func closeCell(from: Int) {
        cells[cells.count - 1].range = from..<cellBytes.count
    }

    private mutating func finish(isOpen: Bool, state: State, from: Int, quote: Int) {
        var end = at
        if !isOpen, end > buffer.start, buffer.bytes[end - 1] == 0x0D {
            end -= 1
            if state == .plain, !cellBytes.isEmpty, prefix.isEmpty { cellBytes.removeLast() }
        }
        if prefix.isEmpty { closeCell(from: from) }
        if !prefix.isEmpty || end - buffer.start > limit {
            if prefix.isEmpty { prefix = Array(buffer.bytes[buffer.start..<buffer.start + limit]) }
            problem = .tooLong
            range = 0..<0
            return
        }
        range = buffer.start..<end
        problem = textProblem()
        if problem == nil, isOpen {
            problem = LineProblem(.csvQuote, column: column(at: quote), "this quote never closes")
        } else if problem == nil, state == .damaged {
            problem = LineProblem(
                .csvQuote, column: column(at: quote), "behind a closing quote stands neither comma nor end")
        }
    }

    private func textProblem() -> LineProblem? {
        let row = buffer.bytes[range]
        if let index = row.firstIndex(of: 0) {
            return LineProblem(.lineNUL, column: column(at: index - range.lowerBound), "the row holds NUL")
        }
        let invalid = unsafe row.withUnsafeBufferPointer { unsafe UTF8Text.firstInvalidOffset(in: $0) }
        guard let invalid else { return nil }
        return LineProblem(.lineNotUTF8, column: column(at: invalid), "the row is not well-formed UTF-8")
    }

    private func column(at offset: Int) -> Int {
        let end = min(range.lowerBound + offset, range.upperBound)
        return 1 + buffer.bytes[range.lowerBound..<end].count { $0 & 0xC0 != 0x80 }
    }
}
