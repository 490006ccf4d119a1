import ReferralLedger

/// Feeds a stream of commands to a ledger in durable groups, resuming after what an earlier run has done.
///
/// Each group of lines is recorded together with how far the import has come, so a run that was killed
/// anywhere and is run again leaves the ledger as one undisturbed run would. While one group is synced, the next is
/// decided and the one after it decoded. Isolation: a value for one thread, which it blocks. Memory: up to six groups.
public struct Importer {
    /// Lines in a group, at most.
    public static let groupLines = 8_190

    /// How an import runs.
    public struct Options: Sendable {
        /// Lines that an earlier run has passed are decided again: what was done is repeated, what was
        /// refused gets another chance.
        public var retriesRefused = false
        /// Keeps the text of lines until their outcome is known, for ``RejectedLine/text``.
        public var keepsTexts = false

        /// An import that resumes.
        public init() {}
    }

    private var sink: any ImportSink
    let importId: String
    private let options: Options
    private let shouldStop: () -> Bool
    private let onProgress: (_ lines: UInt64) -> Void
    private let onReject: (RejectedLine) -> Void

    /// What came of the lines so far.
    public private(set) var counts = ImportCounts()
    /// Whether `shouldStop` ended the run before the end of the input.
    public private(set) var wasStopped = false

    private var group = ImportGroup()
    private var inFlight: [SentGroup] = []
    /// The last line that an earlier run has passed.
    private var passedLine: UInt64 = 0
    /// What came of the lines that an earlier run has passed.
    var countsOfPassed = ImportCounts()
    /// Lines to decide at most; nil: any number.
    var lineLimit: UInt64?
    private var decided: UInt64 = 0
    /// Lines of an earlier run are being decided again.
    private var hasPassedLines = false
    /// The last line that was sent.
    private(set) var lastLine: UInt64 = 0
    /// Whether the input has more lines than an atomic import takes.
    public internal(set) var exceedsLimit = false

    /// Makes an importer.
    /// - Parameters:
    ///   - importId: names the import for ever: the SHA-256 of a file, or the caller's own, 1–255 bytes.
    ///   - shouldStop: asked often; `true` finishes what is in flight and ends the run.
    ///   - onProgress: told how many lines are durable or passed, after each group.
    ///   - onReject: told of each line that is refused in this run, in the order of the lines.
    public init(
        ledger: Ledger, importId: String, options: Options = Options(),
        shouldStop: @escaping () -> Bool = { false }, onProgress: @escaping (UInt64) -> Void = { _ in },
        onReject: @escaping (RejectedLine) -> Void = { _ in }
    ) {
        self.init(
            into: ledger, importId: importId, options: options, shouldStop: shouldStop,
            onProgress: onProgress, onReject: onReject)
    }

    /// Makes an importer that records nothing: it decides what the same import would record, and counts alike.
    /// - Parameters:
    ///   - rehearsal: the private state; lines of an earlier file that were rehearsed with it stand.
    ///   - importId: as of the import itself; nil: one that was never begun.
    public init(
        rehearsal: Rehearsal, importId: String?, options: Options = Options(),
        shouldStop: @escaping () -> Bool = { false }, onProgress: @escaping (UInt64) -> Void = { _ in },
        onReject: @escaping (RejectedLine) -> Void = { _ in }
    ) {
        self.init(
            into: RehearsalSink(rehearsal: rehearsal, isNamed: importId != nil), importId: importId ?? "",
            options: options, shouldStop: shouldStop, onProgress: onProgress, onReject: onReject)
    }

    init(
        into sink: any ImportSink, importId: String, options: Options, shouldStop: @escaping () -> Bool,
        onProgress: @escaping (UInt64) -> Void, onReject: @escaping (RejectedLine) -> Void
    ) {
        self.sink = sink
        self.importId = importId
        self.options = options
        self.shouldStop = shouldStop
        self.onProgress = onProgress
        self.onReject = onReject
    }

    /// Imports all that the source has left. Call once.
    ///
    /// - Throws: why it stopped; ``counts`` then holds what was acknowledged.
    public mutating func run(_ source: inout some CommandSource) throws(ImportFailure) {
        try resume(&source)
        do throws(ImportFailure) {
            try send(from: &source)
        } catch {
            // What is on its way is acknowledged or not: the counts must say which.
            while !inFlight.isEmpty { try? settleOldest() }
            throw error
        }
    }

    /// Passes over what an earlier run has done.
    private mutating func resume(_ source: inout some CommandSource) throws(ImportFailure) {
        let before: (throughLine: UInt64, refused: UInt64)
        do throws(LedgerError) {
            guard let progress = try sink.importProgress(importId) else { return }
            before = progress
        } catch {
            throw .ledger(error)
        }
        passedLine = before.throughLine
        if options.retriesRefused { return }
        do throws(ReadProblem) {
            let passed = try source.skip(through: passedLine)
            counts.refused = min(before.refused, passed)
            counts.repeated = passed - counts.refused
            countsOfPassed = counts
        } catch {
            throw .read(error)
        }
        onProgress(counts.lines)
    }

    private mutating func send(from source: inout some CommandSource) throws(ImportFailure) {
        while let line = try next(&source) {
            if group.lastLine <= passedLine, line.number > passedLine { try sendGroup() }
            let text = options.keepsTexts ? Array(source.text) : []
            switch line.result {
            case .failure(let problem): group.add(line.number, problem, text)
            case .success(let command):
                guard case .advance = command.action else {
                    group.add(line.number, command, text)
                    break
                }
                // An advance takes as many groups as it needs, all its own.
                try sendGroup()
                group.add(line.number, command, text)
                try sendGroup()
            }
            if group.lineCount == Self.groupLines { try sendGroup() }
        }
        try sendGroup()
        while !inFlight.isEmpty { try settleOldest() }
    }

    /// The next line; nil at the end, or when the run is to stop.
    private mutating func next(_ source: inout some CommandSource) throws(ImportFailure) -> SourceLine? {
        if group.lineCount & 0xFF == 0, shouldStop() {
            wasStopped = true
            return nil
        }
        if let lineLimit, decided == lineLimit {
            // One more line is too many; the end of the input is not.
            do throws(ReadProblem) { exceedsLimit = try source.next() != nil } catch { throw .read(error) }
            return nil
        }
        do throws(ReadProblem) {
            decided += 1
            return try source.next()
        } catch {
            guard error.isInterruption, shouldStop() else { throw .read(error) }
            wasStopped = true
            return nil
        }
    }

    private mutating func sendGroup() throws(ImportFailure) {
        if group.lineCount == 0 { return }
        // While one is synced, the next one is decided, and those after it are decoded, also while the ledger is at work on
        // an advance, which takes as long as some groups do.
        // A group that fails must not be followed by one that succeeds, whose mark would pass over its lines: each
        // says after which line it is to be decided. Without a mark nothing can say so.
        let mayOverlap = group.lastLine > passedLine && !hasPassedLines
        while inFlight.count > (mayOverlap ? sink.groupsAhead : 0) { try settleOldest() }
        let lines = group
        group = ImportGroup()
        if lines.lastLine <= passedLine { hasPassedLines = true }
        if hasPassedLines, lines.lastLine > passedLine {
            countsOfPassed = counts
            hasPassedLines = false
        }
        let before = max(lastLine, passedLine)
        lastLine = lines.lastLine
        // Passed lines that are tried again move no mark: it would go back.
        let isRetry = lines.lastLine <= passedLine
        let mark = ImportMark(
            importId: importId, throughLine: lines.lastLine, undecodable: UInt64(lines.problems.count),
            afterLine: before)
        let sent = SentGroup(lines)
        if isRetry, lines.commands.isEmpty {
            sent.finish(.success([]))
        } else {
            while true {
                do throws(LedgerError) {
                    try sink.send(lines.commands, isRetry ? nil : mark) { sent.finish($0) }
                    break
                } catch {
                    // The queue is full of our own groups: once they are through there is room.
                    guard error.code == .busy, !inFlight.isEmpty else { throw .ledger(error) }
                }
                try settleOldest()
            }
        }
        inFlight.append(sent)
    }

    /// Waits for the oldest group's outcomes and counts them.
    private mutating func settleOldest() throws(ImportFailure) {
        let sent = inFlight.removeFirst()
        let outcomes: [Outcome]
        do throws(LedgerError) { outcomes = try sent.wait() } catch { throw .ledger(error) }
        let lines = sent.lines
        var rejected: [RejectedLine] = lines.problems
        for (index, outcome) in outcomes.enumerated() {
            switch outcome {
            case .accepted: counts.accepted += 1
            case .repeated: counts.repeated += 1
            case .parked: counts.parked += 1
            case .refused(let refusal):
                let text = options.keepsTexts ? lines.texts[index] : []
                rejected.append(RejectedLine(lines.numbers[index], refusal, text))
            }
        }
        counts.refused += UInt64(rejected.count)
        if !lines.problems.isEmpty { rejected.sort { $0.number < $1.number } }
        for line in rejected { onReject(line) }
        onProgress(counts.lines)
    }
}

/// Lines that are recorded together.
struct ImportGroup: Sendable {
    var commands: [Command] = []
    /// The line of each command.
    var numbers: [UInt64] = []
    /// The text of each command's line, where texts are kept.
    var texts: [[UInt8]] = []
    /// Lines that are no command.
    var problems: [RejectedLine] = []
    var lastLine: UInt64 = 0

    var lineCount: Int { commands.count + problems.count }

    mutating func add(_ number: UInt64, _ command: Command, _ text: [UInt8]) {
        if commands.isEmpty {
            commands.reserveCapacity(Importer.groupLines)
            numbers.reserveCapacity(Importer.groupLines)
        }
        commands.append(command)
        numbers.append(number)
        if !text.isEmpty { texts.append(text) }
        lastLine = number
    }

    mutating func add(_ number: UInt64, _ problem: LineProblem, _ text: [UInt8]) {
        problems.append(RejectedLine(number, problem, text))
        lastLine = number
    }
}
