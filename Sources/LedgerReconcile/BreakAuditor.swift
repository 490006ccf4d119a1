import LedgerDomain
import LedgerLog
import LedgerState

/// Runs over provider statements and their breaks. Memory: an entry a run and a break.
struct BreakAuditor: Auditor {
    private struct Trace {
        let programme: ProgrammeNumber
        let breakId: String
        var resolved: LogPosition?
    }
    private var runs: [LogPosition: ProgrammeNumber] = [:]
    private var runIds: Set<String> = []
    private var breaks: [LogPosition: Trace] = [:]
    /// Open now, by programme and id.
    private var open: Set<String> = []

    mutating func see(
        _ stored: StoredEvent, _ envelope: RecordEnvelope, _ base: LogPosition, _ out: inout Breaks
    ) {
        let programme = envelope.programme
        func name(_ id: String) -> String { "\(programme.rawValue) \(id)" }
        func add(_ message: String, _ out: inout Breaks) {
            out.add(.breakStep, message, position: stored.position, programme: programme)
        }
        switch stored.event {
        case .reconciliationRun(let e):
            if !runIds.insert(name(e.runId.string)).inserted { add("a run is recorded twice", &out) }
            if e.matched > e.lines { add("a run matched more lines than it had", &out) }
            runs[stored.position] = programme
        case .breakOpened(let e):
            if runs[e.run] != programme { add("a break is opened by no run", &out) }
            let id = name(e.breakId.string)
            if !open.insert(id).inserted { add("a break is opened that is open", &out) }
            breaks[stored.position] = Trace(programme: programme, breakId: id)
        case .breakResolved(let e):
            if e.flags & BreakResolved.byRun != 0, runs[e.run] != programme {
                add("a break is resolved by no run", &out)
            }
            guard let known = breaks[e.opened], known.resolved == nil, known.programme == programme else {
                return add("a break is resolved that is not open", &out)
            }
            breaks[e.opened]?.resolved = stored.position
            open.remove(known.breakId)
        default: break
        }
    }

    mutating func compare(_ state: borrowing CoreState, _ out: inout Breaks) throws(LogError) {
        var rows = 0
        for number in 0..<state.breaks.count {
            let row = state.breaks[number]
            let position = LogPosition(row.opened)
            rows += 1
            var texts = FieldTexts()
            if row.isRun {
                texts.compare("programme", runs[position]?.rawValue, row.programme)
            } else if let trace = breaks[position] {
                texts.compare("programme", trace.programme.rawValue, row.programme)
                texts.compare("open", trace.resolved == nil, row.isOpen)
                texts.compare("resolved", trace.resolved?.rawValue ?? 0, row.resolved)
            } else {
                texts.compare("a break", false, true)
            }
            if let text = texts.text {
                out.add(.breakState, text, position: position, programme: ProgrammeNumber(row.programme))
            }
        }
        if rows != runs.count + breaks.count {
            out.add(
                .breakState, "\(rows) rows of runs and breaks, by the events \(runs.count + breaks.count)")
        }
        for number in 0..<state.breaks.count {
            if try state.foundBreak(number) { continue }
            out.add(
                .keyLost, "a run or a break is not found by its id",
                position: LogPosition(state.breaks[number].opened),
                programme: ProgrammeNumber(state.breaks[number].programme))
        }
    }
}
