import LedgerDomain
import LedgerLog
import LedgerReconcile
import LedgerState

@_exported import enum LedgerReconcile.MatchKey
@_exported import struct LedgerReconcile.ProviderLine
@_exported import struct LedgerReconcile.ProviderStatement
@_exported import struct LedgerReconcile.StatementBreak
@_exported import struct LedgerReconcile.StatementCheck
@_exported import enum LedgerReconcile.StatementKind
@_exported import struct LedgerReconcile.StatementOptions
@_exported import struct LedgerReconcile.StatementReport
@_exported import enum LedgerReconcile.StatementStatus

extension LedgerReader {
    /// Compares a provider's statement with the facts up to this reader's position: each line's fact is looked
    /// for, rung by rung of a ladder of keys, and what does not agree is told, with its age. Records nothing.
    /// `Documentation/reconcile.md` says what is compared, and how.
    ///
    /// Cost: one pass over the log. Memory: the statement, and the facts that it names or that happened in its
    /// period.
    ///
    /// ```swift
    /// let report = try ledger.current.reconcile(statement)
    /// for found in report.breaks { print(found.kind.rawValue, found.code, found.subject) }
    /// ```
    /// - Parameters:
    ///   - programme: Only facts of this one; nil: of all.
    ///   - progress: Told the position now and then.
    public func reconcile(
        _ statement: ProviderStatement, programme: String? = nil, options: StatementOptions = .init(),
        progress: (UInt64) -> Void = { _ in }
    ) throws(LedgerError) -> StatementReport {
        try checkOpen()
        let ids = try programmeIds()
        var number: ProgrammeNumber?
        if let programme {
            guard let index = ids.firstIndex(of: programme) else {
                throw LedgerError(.inputOutput, "no programme is called “\(programme)”")
            }
            number = ProgrammeNumber(UInt16(index))
        }
        let end = fixed ?? position
        do throws(LogError) {
            var report = try StatementReconciliation.run(
                statement, store, through: end, programme: number, options: options, progress: progress)
            report.name(assets: try trusted { core throws(LogError) in try core.visibleAssetSymbols() })
            return report
        } catch {
            throw LedgerError(error)
        }
    }
}

extension StatementReport {
    /// The commands that record what was found: the run, breaks that are not open yet, and the end of those that
    /// it does not find any more. To be sent in this order, and again after a failure: what was recorded is
    /// repeated.
    ///
    /// A break that a person has dealt with is not opened again. One that lies outside of what the statement
    /// covers stays open.
    /// - Parameter known: All breaks of this programme and provider so far.
    public func commands(programme: String?, known: [BreakSummary]) -> [Command] {
        var commands = [
            Command(
                .reconciliation(
                    RecordReconciliation(
                        runId: runId, provider: provider, statement: statement, lines: lines,
                        matched: matched, breaks: mismatches + incomplete, at: asOf)),
                programme: programme)
        ]
        var latest: [String: BreakSummary] = [:]
        for known in known { latest[known.breakId] = known }
        let found = Set(breaks.map(\.id))
        for known in known
        where known.isOpen && !found.contains(known.breakId)
            && resolves(subject: known.subject, about: known.about, since: known.since)
        {
            let resolve = ResolveBreak(
                breakId: known.breakId, runId: runId, reason: "not found any more", at: asOf)
            commands.append(
                Command(
                    .resolveBreak(resolve), programme: programme, key: "\(runId):\(known.position.rawValue)"))
        }
        for b in breaks {
            if let before = latest[b.id], before.isOpen || before.resolution?.runId == nil { continue }
            commands.append(
                Command(
                    .openBreak(
                        OpenBreak(
                            breakId: b.id, runId: runId, rule: b.code,
                            kind: b.kind == .mismatch ? .mismatch : .incomplete, subject: b.subject,
                            since: b.since, asset: b.asset, expected: b.expected, found: b.found, at: asOf)),
                    programme: programme))
        }
        return commands
    }
}

/// What recording a report has written.
public struct StatementRecording: Sendable, Equatable {
    /// Whether the same outcome of the same statement had been recorded before.
    public internal(set) var isRepeated = false
    /// Breaks opened, and breaks that are no more.
    public internal(set) var opened = 0
    public internal(set) var resolved = 0
    /// With the defaults.
    public init() {}

    /// Counts what came of a command; a refusal is given back.
    public mutating func note(_ command: Command, _ outcome: Outcome) -> Refusal? {
        switch (command.action, outcome) {
        case (_, .refused(let refusal)): return refusal
        case (.reconciliation, .repeated): isRepeated = true
        case (.openBreak, .accepted): opened += 1
        case (.resolveBreak, .accepted): resolved += 1
        default: break
        }
        return nil
    }
}

extension Ledger {
    /// Records a report as events: the run and its breaks. The same report again writes nothing.
    ///
    /// - Throws: `inputOutput` with the refusal's words when a command is refused.
    @discardableResult
    public func record(
        _ report: StatementReport, programme: String? = nil
    ) throws(LedgerError) -> StatementRecording {
        let known = try current.breaks(openOnly: false, programme: programme, provider: report.provider)
        var recording = StatementRecording()
        for command in report.commands(programme: programme, known: known) {
            if let refusal = recording.note(command, try submit(command)) {
                throw LedgerError(.inputOutput, "\(refusal)")
            }
        }
        return recording
    }
}
