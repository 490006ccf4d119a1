import LedgerDomain
import LedgerLog
import LedgerReconcile
import LedgerState

/// A run over a provider's statement, as it was recorded.
public struct RunSummary: Sendable, Equatable {
    /// What names it.
    public let runId: String
    /// The programme.
    public let programme: String
    /// The provider.
    public let provider: String
    /// SHA-256 of the statement and its map, hexadecimal.
    public let statement: String
    /// Lines that are facts, those matched, and the breaks found.
    public let lines: UInt64
    public let matched: UInt64
    public let breaks: UInt64
    /// The business moment up to which it speaks.
    public let at: Timestamp
    /// Of the event.
    public let position: LogPosition
}

/// A break that a run opened, and what became of it.
public struct BreakSummary: Sendable, Equatable {
    /// What names it.
    public let breakId: String
    /// The programme.
    public let programme: String
    /// The provider.
    public let provider: String
    /// The run that opened it.
    public let runId: String
    /// Code of the check.
    public let rule: String
    /// MISMATCH or INCOMPLETE.
    public let kind: BreakKind
    /// What it is about.
    public let subject: String
    /// When the thing happened.
    public let since: Timestamp
    /// What the amounts are in.
    public let asset: AssetNumber?
    /// By the ledger; minor units.
    public let expected: Int64?
    /// By the statement; minor units.
    public let found: Int64?
    /// When it was opened, and where.
    public let openedAt: Timestamp
    public let position: LogPosition
    /// How it ended; nil while it is open.
    public let resolution: Resolution?

    /// The end of a break.
    public struct Resolution: Sendable, Equatable {
        /// The business moment.
        public let at: Timestamp
        /// Where.
        public let position: LogPosition
        /// Why.
        public let reason: String
        /// The run that did not find it any more; nil: a person dealt with it.
        public let runId: String?
        /// Id of who.
        public let actor: String?
    }

    /// Whether nothing has ended it.
    public var isOpen: Bool { resolution == nil }
    /// The kind of thing, by the subject's first word.
    public var about: StatementKind? {
        StatementKind(rawValue: String(subject.prefix { $0 != " " }))
    }
}

extension LedgerReader {
    /// Breaks of provider statements, in the order in which they were opened.
    ///
    /// Cost: a row for each run and break; for each that is listed up to four look-ups in the log.
    /// - Parameter openOnly: Only those that nothing has ended.
    public func breaks(
        openOnly: Bool = true, programme: String? = nil, provider: String? = nil
    ) throws(LedgerError) -> [BreakSummary] {
        try reading { core throws(LogError) in
            var found: [BreakSummary] = []
            for number in 0..<core.visibleBreaks {
                guard let row = core.visibleRow(break: number), !row.isRun, row.isOpen || !openOnly else {
                    continue
                }
                let name = try core.programmeId(Int(row.programme)).string
                if let programme, programme != name { continue }
                let summary = try Self.summary(row, name, core)
                if let provider, provider != summary.provider { continue }
                found.append(summary)
            }
            return found
        }
    }

    /// Runs over provider statements, in the order in which they were recorded.
    public func reconciliationRuns(programme: String? = nil) throws(LedgerError) -> [RunSummary] {
        try reading { core throws(LogError) in
            var found: [RunSummary] = []
            for number in 0..<core.visibleBreaks {
                guard let row = core.visibleRow(break: number), row.isRun else { continue }
                let name = try core.programmeId(Int(row.programme)).string
                if let programme, programme != name { continue }
                found.append(try Self.run(at: row.opened, name, core))
            }
            return found
        }
    }

    private static func run(
        at position: UInt64, _ programme: String, _ core: borrowing CoreState
    ) throws(LogError) -> RunSummary {
        let (stored, _) = try core.readBreakEvent(position)
        guard case .reconciliationRun(let e) = stored.event else {
            throw LogError(.broken, "no run stands there", position: LogPosition(position))
        }
        return RunSummary(
            runId: e.runId.string, programme: programme, provider: e.provider.string,
            statement: e.statement.string, lines: e.lines, matched: e.matched, breaks: e.breaks,
            at: stored.occurredAt, position: stored.position)
    }

    private static func summary(
        _ row: BreakRow, _ programme: String, _ core: borrowing CoreState
    ) throws(LogError) -> BreakSummary {
        let (stored, _) = try core.readBreakEvent(row.opened)
        guard case .breakOpened(let e) = stored.event else {
            throw LogError(.broken, "no break was opened there", position: LogPosition(row.opened))
        }
        let (breakId, rule, subject) = (e.breakId.string, e.rule.string, e.subject.string)
        let run = try run(at: e.run.rawValue, programme, core)
        return BreakSummary(
            breakId: breakId, programme: programme, provider: run.provider, runId: run.runId, rule: rule,
            kind: e.flags & BreakOpened.incomplete != 0 ? .incomplete : .mismatch, subject: subject,
            since: e.since, asset: e.flags & BreakOpened.hasAmounts != 0 ? e.asset : nil,
            expected: e.flags & BreakOpened.hasExpected != 0 ? e.expected : nil,
            found: e.flags & BreakOpened.hasFound != 0 ? e.found : nil, openedAt: stored.occurredAt,
            position: stored.position, resolution: try resolution(row, programme, core))
    }

    private static func resolution(
        _ row: BreakRow, _ programme: String, _ core: borrowing CoreState
    ) throws(LogError) -> BreakSummary.Resolution? {
        guard !row.isOpen, row.resolved > 0 else { return nil }
        let (stored, envelope) = try core.readBreakEvent(row.resolved)
        guard case .breakResolved(let e) = stored.event else {
            throw LogError(.broken, "no break was resolved there", position: LogPosition(row.resolved))
        }
        let (reason, actor) = (e.reason.string, envelope.actorId.text)
        return BreakSummary.Resolution(
            at: stored.occurredAt, position: stored.position, reason: reason,
            runId: e.flags & BreakResolved.byRun != 0
                ? try run(at: e.run.rawValue, programme, core).runId : nil,
            actor: actor)
    }
}
