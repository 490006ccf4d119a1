import Glibc
import LedgerExchange
import ReferralLedger
import StrictJSON

/// One import that a client streams: its lines become a ``CommandSource`` for the ``Importer``.
///
/// A stream that breaks off is never taken for the end of the file: only the client's frame `E` is. The lines
/// of the group that was being filled are then dropped, unrecorded and unmarked.
struct ServedImport {
    let ledger: Ledger
    let channel: LineChannel
    let stop: Int32
    private let state = State()

    /// What source, importer and sender share; one thread.
    private final class State {
        /// The client asked to stop, the server is about to, or the client does not take answers.
        var shouldStop = false
        /// The client's stream is not at one of its two regular ends.
        var isBrokenOff = false
        /// Answers that wait to be sent.
        var out = JSONWriter()
    }

    init(ledger: Ledger, channel: LineChannel, stop: Int32) {
        self.ledger = ledger
        self.channel = channel
        self.stop = stop
    }

    /// Answers an import request to its end.
    /// - Returns: whether the connection can go on.
    func run(_ request: SocketAnswer) throws(SocketError) -> Bool {
        guard let importId = request.text("import"), 1...255 ~= importId.utf8.count else {
            throw .strange("an import without its id")
        }
        var options = Importer.Options()
        options.retriesRefused = request.bool("retryRefused")
        let state = state
        let channel = channel
        var importer = Importer(
            ledger: ledger, importId: importId, options: options, shouldStop: { state.shouldStop },
            onProgress: { lines in
                state.out.beginObject()
                state.out.member("lines", lines)
                state.out.endObject()
                state.out.endLine()
                Self.flush(state, channel)
            },
            onReject: { line in
                Self.tell(line, state)
                if state.out.bytes.count > 1 << 16 { Self.flush(state, channel) }
            })
        let result: Result<Void, ImportFailure>
        do throws(ImportFailure) {
            let decoder: CommandLineDecoder
            do throws(LedgerError) { decoder = try CommandLineDecoder(of: ledger.current) } catch {
                throw .ledger(error)
            }
            var source = FrameSource(channel: channel, decoder: decoder, stop: stop) { quit in
                state.shouldStop = true
                if !quit { state.isBrokenOff = true }
            }
            try importer.run(&source)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        answer(importer, result)
        try channel.send(state.out.bytes)
        if case .failure = result { return false }
        return !state.isBrokenOff
    }

    private func answer(_ importer: Importer, _ result: Result<Void, ImportFailure>) {
        state.out.beginObject()
        state.out.member("end", true)
        state.out.counts(importer.counts)
        state.out.member("position", ledger.current.position.rawValue)
        state.out.member("stopped", importer.wasStopped)
        switch result {
        case .success: break
        case .failure(.ledger(let error)): state.out.failure(error)
        case .failure(.read(let problem)):
            state.out.member("error", SocketError.Code.gone.rawValue)
            state.out.member("reason", problem.description)
        case .failure(.table(let problem)):
            state.out.member("error", SocketError.Code.version.rawValue)
            state.out.member("reason", "\(problem)")
        }
        state.out.endObject()
        state.out.endLine()
    }

    private static func tell(_ line: RejectedLine, _ state: State) {
        state.out.beginObject()
        state.out.member("line", line.number)
        state.out.member("code", line.code)
        if let field = line.field { state.out.member("field", field) }
        state.out.member("reason", line.reason)
        state.out.endObject()
        state.out.endLine()
    }

    private static func flush(_ state: State, _ channel: LineChannel) {
        do throws(SocketError) {
            try channel.send(state.out.bytes)
        } catch {
            // Nobody listens: what is on its way is finished, and no more is begun.
            state.shouldStop = true
            state.isBrokenOff = true
        }
        state.out.removeAll()
    }
}

/// The lines of a client's import. Frames: `S COUNT` once, then `L NUMBER JSON` or `P NUMBER PROBLEM`, at last
/// `E` (the end) or `Q` (stop here).
private struct FrameSource: CommandSource {
    private let channel: LineChannel
    private var decoder: CommandLineDecoder
    private let stop: Int32
    /// Told when the stream ends before its end; `true`: by the client's own wish.
    private let onBreak: (Bool) -> Void
    private var hasBegun = false
    private var isAtEnd = false
    private var lastNumber: UInt64 = 0
    private(set) var text: ArraySlice<UInt8> = []

    init(
        channel: LineChannel, decoder: CommandLineDecoder, stop: Int32, onBreak: @escaping (Bool) -> Void
    ) {
        self.channel = channel
        self.decoder = decoder
        self.stop = stop
        self.onBreak = onBreak
    }

    mutating func skip(through line: UInt64) throws(ReadProblem) -> UInt64 { try begin(line) }

    mutating func next() throws(ReadProblem) -> SourceLine? {
        if !hasBegun { _ = try begin(0) }
        if isAtEnd { return nil }
        let range = try frame()
        switch channel[range.lowerBound] {
        case UInt8(ascii: "L"), UInt8(ascii: "P"):
            guard let (number, rest) = number(range), number > lastNumber else { throw strange() }
            lastNumber = number
            if channel[range.lowerBound] == UInt8(ascii: "P") {
                guard let problem = (try? SocketAnswer(channel.bytes(rest)))?.problem else { throw strange() }
                return SourceLine(number: number, result: .failure(problem))
            }
            return SourceLine(number: number, result: decode(rest))
        case UInt8(ascii: "E"):
            isAtEnd = true
            return nil
        case UInt8(ascii: "Q"):
            isAtEnd = true
            onBreak(true)
            throw ReadProblem(errorNumber: EINTR)
        default: throw strange()
        }
    }

    /// Says where to begin and learns how many lines that passes over.
    private mutating func begin(_ line: UInt64) throws(ReadProblem) -> UInt64 {
        hasBegun = true
        var json = JSONWriter()
        json.beginObject()
        json.member("skipThrough", line)
        json.endObject()
        json.endLine()
        do throws(SocketError) { try channel.send(json.bytes) } catch { throw broken(ECONNRESET) }
        let range = try frame()
        guard channel[range.lowerBound] == UInt8(ascii: "S"), let (count, _) = number(range) else {
            throw strange()
        }
        lastNumber = line
        return count
    }

    private mutating func decode(_ range: Range<Int>) -> Result<Command, LineProblem> {
        do throws(LineProblem) {
            return .success(
                try unsafe channel.withBytes(range) { (bytes) throws(LineProblem) in
                    try unsafe decoder.decode(bytes)
                })
        } catch {
            return .failure(error)
        }
    }

    /// The next frame, not empty.
    private func frame() throws(ReadProblem) -> Range<Int> {
        while true {
            switch channel.buffered() {
            case .line(let range):
                if range.isEmpty { throw strange() }
                return range
            case .tooLong: throw strange()
            case nil: break
            }
            let filled: LineChannel.Filled
            do throws(SocketError) { filled = try channel.fill(stop: stop) } catch { throw broken(EIO) }
            switch filled {
            case .some, .nothing: continue
            case .end: throw broken(ECONNRESET)
            case .stopped: throw broken(EINTR)
            }
        }
    }

    /// The number behind the frame's letter, and what stands behind that.
    private func number(_ range: Range<Int>) -> (UInt64, Range<Int>)? {
        var index = range.lowerBound + 2
        var number: UInt64 = 0
        let first = index
        while index < range.upperBound, 0x30...0x39 ~= channel[index] {
            guard index - first < 19 else { return nil }
            number = number * 10 + UInt64(channel[index] - 0x30)
            index += 1
        }
        if index == first { return nil }
        return (number, min(index + 1, range.upperBound)..<range.upperBound)
    }

    private func broken(_ number: Int32) -> ReadProblem {
        onBreak(false)
        return ReadProblem(errorNumber: number)
    }

    private func strange() -> ReadProblem { broken(EPROTO) }
}
