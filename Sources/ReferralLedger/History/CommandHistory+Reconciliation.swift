import LedgerDomain
import LedgerLog
import LedgerState

extension CommandHistory {
    /// What a statement showed.
    func reconciliationAction(of record: Record) throws(LogError) -> Command.Action? {
        let at = record.at
        switch record.lead.event {
        case .reconciliationRun(let e):
            return .reconciliation(
                RecordReconciliation(
                    runId: e.runId.string, provider: e.provider.string, statement: e.statement.string,
                    lines: Int(clamping: e.lines), matched: Int(clamping: e.matched),
                    breaks: Int(clamping: e.breaks), at: at))
        case .breakOpened(let e):
            var open = OpenBreak(
                breakId: e.breakId.string, runId: "", rule: e.rule.string,
                kind: e.flags & BreakOpened.incomplete != 0 ? .incomplete : .mismatch,
                subject: e.subject.string, since: e.since, at: at)
            if e.flags & BreakOpened.hasAmounts != 0 { open.asset = e.asset }
            if e.flags & BreakOpened.hasExpected != 0 { open.expected = e.expected }
            if e.flags & BreakOpened.hasFound != 0 { open.found = e.found }
            open.runId = try runId(at: e.run)
            return .openBreak(open)
        case .breakResolved(let e):
            var resolve = ResolveBreak(breakId: "", reason: e.reason.string, at: at)
            if e.flags & BreakResolved.byRun != 0 { resolve.runId = try runId(at: e.run) }
            resolve.breakId = try breakText(at: e.opened) { event in
                if case .breakOpened(let e) = event { e.breakId.string } else { nil }
            }
            return .resolveBreak(resolve)
        default: return nil
        }
    }

    private func runId(at position: LogPosition) throws(LogError) -> String {
        try breakText(at: position) { event in
            if case .reconciliationRun(let e) = event { e.runId.string } else { nil }
        }
    }

    private func breakText(
        at position: LogPosition, _ text: (Event) -> String?
    ) throws(LogError) -> String {
        let found = try reader.trusted { core throws(LogError) in
            text(try core.readBreakEvent(position.rawValue).0.event)
        }
        guard let found else {
            throw LogError(.broken, "the log refers to a run or break that is not there", position: position)
        }
        return found
    }
}
