import LedgerDomain

/// A stream of commands to import, each with the number of its line.
public protocol CommandSource {
    /// Goes to the next line that holds something and decodes it.
    /// - Returns: nil at the end of the input.
    mutating func next() throws(ReadProblem) -> SourceLine?

    /// Passes over lines without decoding them, to resume an import: all up to and including line `line`.
    /// - Returns: how many of them hold something.
    mutating func skip(through line: UInt64) throws(ReadProblem) -> UInt64

    /// The text of the line that ``next()`` gave last, for a file of rejects, without its last line break;
    /// of a line that is too long, its beginning. Do not hold it over the next call.
    var text: ArraySlice<UInt8> { get }
}

/// A line and what it says.
public struct SourceLine: Sendable {
    /// From 1. Of a CSV row: the line on which it begins.
    public var number: UInt64
    /// The command, or why there is none.
    public var result: Result<Command, LineProblem>

    /// Makes one.
    public init(number: UInt64, result: Result<Command, LineProblem>) {
        self.number = number
        self.result = result
    }
}

/// Commands out of JSON lines.
public struct JSONLineSource: CommandSource, Sendable {
    private var reader: LineReader
    private var decoder: CommandLineDecoder
    /// ``skip(through:)`` has to read one line too many: the next one.
    private var isAhead = false

    /// Makes a source.
    public init(reader: LineReader, decoder: CommandLineDecoder) {
        self.reader = reader
        self.decoder = decoder
    }

    /// See ``CommandSource/next()``.
    public mutating func next() throws(ReadProblem) -> SourceLine? {
        if isAhead {
            isAhead = false
        } else if try !reader.next() {
            return nil
        }
        if reader.isTooLong { return SourceLine(number: reader.number, result: .failure(.tooLong)) }
        return SourceLine(number: reader.number, result: Self.decode(reader, &decoder))
    }

    /// See ``CommandSource/skip(through:)``.
    public mutating func skip(through line: UInt64) throws(ReadProblem) -> UInt64 {
        var count: UInt64 = 0
        while true {
            if !isAhead, try !reader.next() { return count }
            isAhead = reader.number > line
            if isAhead { return count }
            count += 1
        }
    }

    /// See ``CommandSource/text``.
    public var text: ArraySlice<UInt8> { reader.bytes }

    private static func decode(
        _ reader: borrowing LineReader, _ decoder: inout CommandLineDecoder
    ) -> Result<Command, LineProblem> {
        do throws(LineProblem) {
            return .success(
                try unsafe reader.withLine { (line) throws(LineProblem) in try unsafe decoder.decode(line) })
        } catch {
            return .failure(error)
        }
    }
}
