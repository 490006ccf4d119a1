import ReferralLedger

// How verbs come to a ledger, and what its errors mean for the exit code.

extension CLIError {
    /// What the ledger's error means for a run.
    init(_ error: LedgerError) {
        let place = error.position.map { " (position \($0))" } ?? ""
        let message = error.message + place
        switch error.code {
        case .noLedger:
            self.init(.notFound, message, hint: "'referral-ledger init' creates a ledger.")
        case .exists: self.init(.usage, message, hint: "A ledger is never overwritten: name another folder.")
        case .broken: self.init(.broken, message)
        case .newer: self.init(.broken, message, hint: "A newer version of this program wrote it.")
        case .busy, .timedOut:
            self.init(.busy, message, hint: "Nothing was lost: the same call may succeed later.")
        case .outOfSpace:
            self.init(.inputOutput, message, hint: "What was acknowledged before is on disk.")
        case .readOnly, .inputOutput: self.init(.inputOutput, message)
        case .indeterminate:
            self.init(.inputOutput, message, hint: "Run the same call again: what was recorded is repeated.")
        case .beyondEnd: self.init(.usage, message)
        case .closed, .reentrant: self.init(.internalError, message)
        }
    }
}

/// Runs a call of the facade with its errors in the command line's terms.
func calling<Result>(_ body: () throws(LedgerError) -> Result) throws(CLIError) -> Result {
    do throws(LedgerError) {
        return try body()
    } catch {
        throw CLIError(error)
    }
}

extension Invocation {
    /// The folder of the ledger.
    func directory() throws(CLIError) -> String {
        guard let directory = parsed.string("ledger") else {
            throw .usage("no ledger is named", hint: "Give --ledger DIR or set REFERRAL_LEDGER_DIR.")
        }
        return directory
    }

    /// The programme that `--programme` names, or nil.
    var programme: String? { parsed.string("programme") }

    /// Whether the answer is to be JSON.
    var isJSON: Bool { parsed.flag("json") }

    /// Opens the ledger as its one writer, runs the body, closes it. For what no other process can do in its
    /// place; commands go by `withWriter`.
    /// - Parameter purpose: what needs it so; nil: the verb.
    func withLedger<Result>(
        purpose: String? = nil, _ body: (Ledger) throws(CLIError) -> Result
    ) throws(CLIError) -> Result {
        let directory = try directory()
        let ledger: Ledger
        do throws(LedgerError) {
            ledger = try Ledger.open(at: directory)
        } catch {
            guard error.code == .busy else { throw CLIError(error) }
            // Named, so that nobody waits for a way through the socket.
            throw CLIError(
                .busy, error.message,
                hint:
                    "'\(purpose ?? parsed.verb.name)' needs the ledger for itself: stop the other process first."
            )
        }
        defer { ledger.close() }
        return try body(ledger)
    }

    /// Opens the ledger to read, beside a writer if there is one, and runs the body on the present state.
    func withReaderOfNow<Result>(
        _ body: (LedgerReader) throws(CLIError) -> Result
    ) throws(CLIError) -> Result {
        try withArchive { archive throws(CLIError) in try body(archive.current) }
    }

    /// Opens the ledger to read, beside a writer if there is one, and runs the body on the state that `--at`
    /// names, or the present one.
    func withReader<Result>(
        _ body: (LedgerReader) throws(CLIError) -> Result
    ) throws(CLIError) -> Result {
        try withArchiveAndReader { _, reader throws(CLIError) in try body(reader) }
    }

    /// As `withReader`; by business time, when `--effective` names a moment: a fold of what had happened by then.
    func withState<Result>(
        _ body: (LedgerReader) throws(CLIError) -> Result
    ) throws(CLIError) -> Result {
        try withReader { reader throws(CLIError) in
            guard let effective = try effective(reader) else { return try body(reader) }
            let state = try summing(reader) { progress throws(LedgerError) in
                try effective.state(progress: progress)
            }
            return try body(state)
        }
    }

    /// As `withReader`, with the commands that led to the state.
    func withHistory<Result>(
        _ body: (CommandHistory) throws(CLIError) -> Result
    ) throws(CLIError) -> Result {
        try withArchiveAndReader { archive, reader throws(CLIError) in
            let history = try calling { () throws(LedgerError) in try archive.commandHistory(of: reader) }
            return try body(history)
        }
    }

    private func withArchiveAndReader<Result>(
        _ body: (LedgerArchive, LedgerReader) throws(CLIError) -> Result
    ) throws(CLIError) -> Result {
        let moment = try parsed.string("at").map { text throws(CLIError) in try Moment(text, of: "--at") }
        return try withArchive { archive throws(CLIError) in
            if case .position(let position) = moment, position > archive.current.position {
                throw .usage(
                    "--at is \(position), beyond the log's last position, \(archive.current.position)")
            }
            let reader = try calling { () throws(LedgerError) in
                switch moment {
                case nil: archive.current
                case .position(let position): try archive.past(at: position)
                case .time(let time): try archive.past(at: time)
                }
            }
            return try body(archive, reader)
        }
    }

    /// The same ledger by business time, when `--effective` names one.
    func effective(_ reader: LedgerReader) throws(CLIError) -> EffectiveReader? {
        try parsed.string("effective").map { text throws(CLIError) in
            reader.effective(at: try Timestamp.option(text, of: "--effective"))
        }
    }

    /// Runs a pass over the log with its progress shown.
    func summing<Result>(
        _ reader: LedgerReader, _ body: ((UInt64) -> Void) throws(LedgerError) -> Result
    ) throws(CLIError) -> Result {
        let total = Int(clamping: reader.position.rawValue)
        let progress = ProgressCell(parsed.verb.name, total: total, output)
        defer { progress.finish() }
        return try calling { () throws(LedgerError) in try body { progress.update($0) } }
    }

    /// Opens the ledger to read, beside a writer if there is one.
    func withArchive<Result>(
        _ body: (LedgerArchive) throws(CLIError) -> Result
    ) throws(CLIError) -> Result {
        let directory = try directory()
        let archive = try calling { () throws(LedgerError) in try LedgerArchive.open(at: directory) }
        defer { archive.close() }
        return try body(archive)
    }
}

/// A place in the log's order as a user writes it: a position, or a time.
enum Moment: Equatable {
    case position(LogPosition)
    case time(Timestamp)

    /// Reads `POSITION|TIME`.
    init(_ text: String, of name: String) throws(CLIError) {
        if !text.isEmpty, text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) {
            guard let number = UInt64(text) else {
                throw .usage("\(name) is '\(text)', too large a position")
            }
            self = .position(LogPosition(number))
        } else {
            do throws(TimestampProblem) {
                self = .time(try Timestamp(text))
            } catch {
                throw .usage(
                    "\(name) is '\(text)', neither a position nor a time: \(error.message)",
                    hint: "For example 125000, or 2010-12-01T08:26:00Z.")
            }
        }
    }
}

extension Timestamp {
    /// Reads a time that an option gives.
    static func option(_ text: String, of name: String) throws(CLIError) -> Timestamp {
        do throws(TimestampProblem) {
            return try Timestamp(text)
        } catch {
            throw .usage(
                "\(name) is '\(text)', not a time: \(error.message)",
                hint: "For example 2010-12-01T08:26:00Z, which is 2010-12-01T13:56:00+05:30.")
        }
    }
}

extension LedgerReader {
    /// The programme that is meant, by its id.
    /// - Throws: when the ledger has no such programme, or several and none was named.
    func programmeId(_ named: String?) throws(CLIError) -> String {
        let ids = try calling { () throws(LedgerError) in try programmeIds() }
        return try ProgrammeChoice.choose(named, among: ids)
    }
}

extension CLIError {
    /// The ledger does not know the user, or by business time not yet.
    static func unknownUser(_ userId: String, _ programme: String, by moment: Timestamp? = nil) -> CLIError {
        let when = moment.map { " who had signed up by \($0)" } ?? ""
        return CLIError(.notFound, "no user '\(userId)' in programme '\(programme)'\(when)")
    }
}

/// Options that several verbs share.
enum CommonOptions {
    /// A past state.
    static let at = Verb.Option(
        "at", "POSITION|TIME", "The state at a past position, or of what was recorded up to a time.")
    /// A state by business time.
    static let effective = Verb.Option(
        "effective", "TIME", "Only what had happened by then, by business time.")
    /// One of several programmes.
    static let programme = Verb.Option(
        "programme", "ID", "The programme; needed when the ledger has several.")
    /// Only one asset.
    static let asset = Verb.Option("asset", "CODE", "Only this currency or unit.")
}
