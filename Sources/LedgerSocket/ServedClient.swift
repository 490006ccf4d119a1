import Glibc
import LedgerExchange
import Platform
import ReferralLedger
import StrictJSON

/// One client of the server, on a thread of its own: reads command lines, answers each in order.
struct ServedClient {
    /// Commands that are decided together when they are there already; a bound of memory.
    private static let batchCommands = 1_024
    /// Windows that are still read once the server is to stop.
    private static let lastWindows = 16

    private let ledger: Ledger
    private let channel: LineChannel
    private let stop: Int32
    private var decoder: CommandLineDecoder
    private var programmes: Int
    private var batch: [Result<Command, LineProblem>] = []
    private var out = JSONWriter()

    init(ledger: Ledger, channel: LineChannel, stop: Int32) throws(LedgerError) {
        self.ledger = ledger
        self.channel = channel
        self.stop = stop
        decoder = try CommandLineDecoder(of: ledger.current)
        programmes = try ledger.current.programmeIds().count
    }

    /// Serves until the client hangs up or the server stops. What was received whole by then is answered.
    mutating func run() throws(SocketError) {
        var windowsLeft: Int?
        while true {
            guard try answerBuffered() else { return }
            if let left = windowsLeft {
                if left == 0 { return }
                windowsLeft = left - 1
            }
            switch try channel.fill(stop: stop, waits: windowsLeft == nil) {
            case .some: continue
            case .end, .nothing: return
            case .stopped: windowsLeft = Self.lastWindows
            }
        }
    }

    /// Answers all whole lines that are there.
    /// - Returns: whether the connection goes on.
    private mutating func answerBuffered() throws(SocketError) -> Bool {
        while let line = channel.buffered() {
            switch line {
            case .tooLong: batch.append(.failure(.aboveLimit))
            case .line(let range):
                if range.isEmpty { continue }
                if channel.begins(range, with: SocketProtocol.importPrefix) {
                    try decideBatch()
                    try send()
                    let request = try SocketAnswer(channel.bytes(range))
                    let served = ServedImport(ledger: ledger, channel: channel, stop: stop)
                    guard try served.run(request) else { return false }
                    continue
                }
                try add(range)
            }
            if batch.count == Self.batchCommands {
                try decideBatch()
                try send()
            }
        }
        try decideBatch()
        try send()
        return true
    }

    private mutating func add(_ range: Range<Int>) throws(SocketError) {
        if batch.isEmpty { refreshDecoder() }
        let result: Result<Command, LineProblem>
        do throws(LineProblem) {
            result = .success(
                try unsafe channel.withBytes(range) { (bytes) throws(LineProblem) in
                    try unsafe decoder.decode(bytes)
                })
        } catch {
            result = .failure(error)
        }
        guard case .success(let command) = result, command.isAdvance else {
            batch.append(result)
            return
        }
        // An advance takes as many groups as it needs, all its own.
        try decideBatch()
        batch.append(result)
        try decideBatch()
    }

    /// A programme may have come since the last batch.
    private mutating func refreshDecoder() {
        guard let count = try? ledger.current.programmeIds().count, count != programmes else { return }
        guard let fresh = try? CommandLineDecoder(of: ledger.current) else { return }
        (decoder, programmes) = (fresh, count)
    }

    /// Decides the batch in one submission and writes its answers.
    private mutating func decideBatch() throws(SocketError) {
        if batch.isEmpty { return }
        defer { batch.removeAll(keepingCapacity: true) }
        let commands = batch.compactMap { try? $0.get() }
        var outcomes: [Outcome] = []
        var failure: LedgerError?
        do throws(LedgerError) { outcomes = try ledger.submit(commands) } catch { failure = error }
        var next = 0
        for entry in batch {
            out.beginObject()
            switch entry {
            case .failure(let problem): out.problem(problem)
            case .success:
                if let failure { out.failure(failure) } else { out.outcome(outcomes[next]) }
                next += 1
            }
            out.member("head", ledger.current.position.rawValue)
            out.endObject()
            out.endLine()
        }
    }

    private mutating func send() throws(SocketError) {
        if out.bytes.isEmpty { return }
        try channel.send(out.bytes)
        out.removeAll()
    }
}

extension Command {
    /// Whether it is one that takes groups of its own.
    fileprivate var isAdvance: Bool {
        if case .advance = action { true } else { false }
    }
}
