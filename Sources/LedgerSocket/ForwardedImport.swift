import Glibc
import LedgerExchange
import ReferralLedger
import StrictJSON

/// A line on its way to the writer.
public enum ForwardedLine: Sendable {
    /// In the form of an input line, without its break.
    case line([UInt8])
    /// It is no command.
    case problem(LineProblem)
}

/// An input whose lines are sent to the writer.
public protocol ForwardSource {
    /// Goes to the next line that holds something; nil at the end of the input.
    mutating func next() throws(ForwardFailure) -> (number: UInt64, line: ForwardedLine)?
    /// Passes over all lines up to and including a number.
    /// - Returns: how many of them hold something.
    mutating func skip(through line: UInt64) throws(ForwardFailure) -> UInt64
    /// The text of the last line, for a file of rejects.
    var text: ArraySlice<UInt8> { get }
}

/// Why a forwarded import stopped before the end of its input.
public enum ForwardFailure: Error, Sendable {
    /// The input could not be read on.
    case read(ReadProblem)
    /// The connection, or a line that fits none.
    case socket(SocketError)
    /// The writer could not record.
    case ledger(LedgerError)
}

/// JSON lines, sent as they are: the writer decodes them.
public struct JSONForwarding: ForwardSource {
    private var reader: LineReader
    private var isAhead = false

    /// Makes a source.
    public init(reader: LineReader) { self.reader = reader }

    /// See ``ForwardSource/next()``.
    public mutating func next() throws(ForwardFailure) -> (number: UInt64, line: ForwardedLine)? {
        do throws(ReadProblem) {
            if isAhead {
                isAhead = false
            } else if try !reader.next() {
                return nil
            }
        } catch {
            throw .read(error)
        }
        if reader.isTooLong { return (reader.number, .problem(.aboveLimit)) }
        return (reader.number, .line(Array(reader.bytes)))
    }

    /// See ``ForwardSource/skip(through:)``.
    public mutating func skip(through line: UInt64) throws(ForwardFailure) -> UInt64 {
        var count: UInt64 = 0
        do throws(ReadProblem) {
            while true {
                if !isAhead, try !reader.next() { return count }
                isAhead = reader.number > line
                if isAhead { return count }
                count += 1
            }
        } catch {
            throw .read(error)
        }
    }

    /// See ``ForwardSource/text``.
    public var text: ArraySlice<UInt8> { reader.bytes }
}

/// Any other input: decoded here, sent as the lines its commands are.
public struct CommandForwarding<Source: CommandSource>: ForwardSource {
    private var source: Source

    /// Makes a source.
    public init(_ source: Source) { self.source = source }

    /// See ``ForwardSource/next()``.
    public mutating func next() throws(ForwardFailure) -> (number: UInt64, line: ForwardedLine)? {
        let line: SourceLine?
        do throws(ReadProblem) { line = try source.next() } catch { throw .read(error) }
        guard let line else { return nil }
        switch line.result {
        case .failure(let problem): return (line.number, .problem(problem))
        case .success(let command):
            do throws(SocketError) {
                return (line.number, .line(try LedgerSocketClient.line(command).dropLast()))
            } catch {
                throw .socket(SocketError(error.code, "line \(line.number): \(error.message)"))
            }
        }
    }

    /// See ``ForwardSource/skip(through:)``.
    public mutating func skip(through line: UInt64) throws(ForwardFailure) -> UInt64 {
        do throws(ReadProblem) { return try source.skip(through: line) } catch { throw .read(error) }
    }

    /// See ``ForwardSource/text``.
    public var text: ArraySlice<UInt8> { source.text }
}

/// A line that the writer refused.
public struct ForwardedReject: Sendable, Equatable {
    /// From 1. Of a CSV row: the line on which it begins.
    public var number: UInt64
    /// A `LineProblem.Code` or a `Refusal.Code`, as its stable text.
    public var code: String
    /// The field at fault, where there is one.
    public var field: String?
    /// One sentence for people.
    public var reason: String
    /// The line itself, when texts are kept.
    public var text: [UInt8]
}

/// Streams an input to the process that writes the ledger, which imports it as an ``Importer`` of its own:
/// durable groups, resumed after what an earlier run has done, whoever ran it.
///
/// Sends and listens at once, on one thread, which it blocks. Memory: a window, and with texts those of the
/// lines on their way.
public struct ForwardedImport {
    private static let windowBytes = 128 * 1_024

    private let client: LedgerSocketClient
    private let importId: String
    private let retriesRefused: Bool
    private let keepsTexts: Bool
    private let shouldStop: () -> Bool
    private let onProgress: (_ lines: UInt64) -> Void
    private let onReject: (ForwardedReject) -> Void

    /// What came of the lines, as the writer counted.
    public private(set) var counts = ImportCounts()
    /// Whether the run ended before the end of the input, by either side's wish.
    public private(set) var wasStopped = false

    private var out: [UInt8] = []
    private var isFed = false
    /// Texts of lines whose outcome is not known, by the order of the lines.
    private var texts: [(number: UInt64, ordinal: UInt64, text: [UInt8])] = []
    private var firstText = 0
    private var sent: UInt64 = 0
    /// Why the input could not be read on.
    private var inputFailure: ForwardFailure?

    /// Makes a forwarded import; see ``Importer`` for the closures.
    public init(
        client: LedgerSocketClient, importId: String, retriesRefused: Bool, keepsTexts: Bool,
        shouldStop: @escaping () -> Bool = { false }, onProgress: @escaping (UInt64) -> Void = { _ in },
        onReject: @escaping (ForwardedReject) -> Void = { _ in }
    ) {
        self.client = client
        self.importId = importId
        self.retriesRefused = retriesRefused
        self.keepsTexts = keepsTexts
        self.shouldStop = shouldStop
        self.onProgress = onProgress
        self.onReject = onReject
    }

    /// Imports all that the source has left. Call once.
    /// - Throws: why it stopped; ``counts`` then holds what the writer acknowledged, if it could say so.
    public mutating func run(_ source: inout some ForwardSource) throws(ForwardFailure) {
        do throws(SocketError) {
            try begin()
        } catch {
            throw .socket(error)
        }
        let first: SocketAnswer
        do throws(SocketError) { first = try client.receive() } catch { throw .socket(error) }
        if first.bool("end") {
            try finish(first)
            return
        }
        guard let line = first.number("skipThrough") else {
            throw .socket(.strange("no place to begin at"))
        }
        // The first frame says how many lines that passes over, also when reading them fails.
        do throws(ForwardFailure) {
            sent = line == 0 ? 0 : try source.skip(through: line)
        } catch {
            inputFailure = error
        }
        out += Array("S \(sent)\n".utf8)
        if inputFailure != nil { end("Q") }
        while true {
            if !isFed, out.count < Self.windowBytes / 2 { feed(&source) }
            let last: SocketAnswer?
            do throws(SocketError) { last = try exchange() } catch { throw .socket(error) }
            if let last { return try finish(last) }
        }
    }

    private func begin() throws(SocketError) {
        var json = JSONWriter()
        json.beginObject()
        json.member("import", importId)
        json.member("retryRefused", retriesRefused)
        json.endObject()
        json.endLine()
        try client.channel.send(json.bytes)
    }

    /// Puts frames of further lines into the window.
    private mutating func feed(_ source: inout some ForwardSource) {
        while out.count < Self.windowBytes {
            if shouldStop() { return end("Q") }
            do throws(ForwardFailure) {
                guard let (number, line) = try source.next() else { return end("E") }
                sent += 1
                if keepsTexts { texts.append((number, sent, Array(source.text))) }
                append(number, line)
            } catch {
                if case .read(let problem) = error, problem.isInterruption, shouldStop() { return end("Q") }
                inputFailure = error
                return end("Q")
            }
        }
    }

    private mutating func append(_ number: UInt64, _ line: ForwardedLine) {
        switch line {
        case .line(let bytes):
            out += Array("L \(number) ".utf8)
            out += bytes
        case .problem(let problem):
            var json = JSONWriter()
            json.beginObject()
            json.problem(problem)
            json.endObject()
            out += Array("P \(number) ".utf8)
            out += json.bytes
        }
        out.append(0x0A)
    }

    /// The last frame.
    private mutating func end(_ frame: String) {
        out += Array("\(frame)\n".utf8)
        isFed = true
    }

    /// Sends what the socket takes, reads what is there.
    /// - Returns: the writer's last word, once it has come.
    private mutating func exchange() throws(SocketError) -> SocketAnswer? {
        let channel = client.channel
        channel.wait(for: Int16(POLLIN) | (out.isEmpty ? 0 : Int16(POLLOUT)), milliseconds: 200)
        if !isFed, shouldStop() { end("Q") }
        if !out.isEmpty {
            var rest = out[...]
            do throws(SocketError) {
                _ = try channel.sendSome(&rest)
                out = Array(rest)
            } catch {
                // Who does not read on may have said why.
                out = []
                isFed = true
            }
        }
        let filled = try channel.fill(waits: false)
        while let line = channel.buffered() {
            guard case .line(let range) = line else { throw .strange("a line too long") }
            let answer = try SocketAnswer(channel.bytes(range))
            if answer.bool("end") { return answer }
            note(answer)
        }
        if case .end = filled { throw .gone }
        return nil
    }

    /// Progress, or a line that was refused.
    private mutating func note(_ answer: SocketAnswer) {
        if let lines = answer.number("lines") {
            dropTexts { $0.ordinal <= lines }
            onProgress(lines)
        } else if let number = answer.number("line") {
            dropTexts { $0.number < number }
            let text = texts.dropFirst(firstText).first.flatMap { $0.number == number ? $0.text : nil } ?? []
            onReject(
                ForwardedReject(
                    number: number, code: answer.text("code") ?? "", field: answer.text("field"),
                    reason: answer.text("reason") ?? "", text: text))
        }
    }

    /// Lets go of the texts of lines that are done: refused ones are told in the order of the lines.
    private mutating func dropTexts(
        where isDone: ((number: UInt64, ordinal: UInt64, text: [UInt8])) -> Bool
    ) {
        while firstText < texts.count, isDone(texts[firstText]) {
            texts[firstText].text = []
            firstText += 1
        }
        if firstText > 4_096 {
            texts.removeFirst(firstText)
            firstText = 0
        }
    }

    /// Takes the writer's last word.
    private mutating func finish(_ answer: SocketAnswer) throws(ForwardFailure) {
        counts = answer.counts
        client.note(LogPosition(answer.number("position") ?? 0))
        wasStopped = answer.bool("stopped")
        if let inputFailure { throw inputFailure }
        if let failure = answer.failure { throw .ledger(failure) }
        if answer.text("error") != nil, !wasStopped { throw .socket(.strange(answer.text("reason") ?? "")) }
    }
}
