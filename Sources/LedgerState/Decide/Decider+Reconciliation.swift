import LedgerDomain
import LedgerLog

/// What provider statements showed. Moves nothing.
extension Decider {
    func decide(_ c: RecordReconciliation, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome
    {
        func likeness(_ stored: StoredEvent) -> Likeness {
            guard case .reconciliationRun(let e) = stored.event else { return .other }
            return .compare(
                ("runId", e.runId.equals(arena.text(c.runId))),
                ("provider", e.provider.equals(arena.text(c.provider))),
                ("statement", e.statement.equals(arena.text(c.statement))),
                ("lines", e.lines == UInt64(c.lines)),
                ("matched", e.matched == UInt64(c.matched)), ("breaks", e.breaks == UInt64(c.breaks)))
        }
        if let known = try state.findRun(now.envelope.programme, arena.text(c.runId)) {
            let base = LogPosition(state.breaks[known].opened)
            if let field = try difference(from: base, state, at: c.at, { likeness($0) }) {
                return now.refuse(
                    .breakConflict, field, "the run was recorded at position \(base) with another \(field)")
            }
            return .repeated(try state.receipt(base))
        }
        if let byKey = try judgeKey(state, now, at: c.at, { likeness($0) }) { return byKey }
        if let early = inFuture(now) { return early }
        var event = ReconciliationRun()
        event.runId = arena.text(c.runId)
        event.provider = arena.text(c.provider)
        event.statement = arena.text(c.statement)
        (event.lines, event.matched, event.breaks) = (UInt64(c.lines), UInt64(c.matched), UInt64(c.breaks))
        var out = state.begin(now.envelope, in: now.group)
        state.emit(.reconciliationRun(event), at: c.at, &out)
        return accept(out, &state, now)
    }

    func decide(_ c: OpenBreak, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let programme = now.envelope.programme
        let run = try state.findRun(programme, arena.text(c.runId))
        let runAt = run.map { LogPosition(state.breaks[$0].opened) }
        func likeness(_ stored: StoredEvent) -> Likeness {
            guard case .breakOpened(let e) = stored.event else { return .other }
            let isIncomplete = e.flags & BreakOpened.incomplete != 0
            return .compare(
                ("breakId", e.breakId.equals(arena.text(c.breakId))), ("runId", e.run == runAt),
                ("rule", e.rule.equals(arena.text(c.rule))),
                ("kind", isIncomplete == (c.kind == .incomplete)),
                ("subject", e.subject.equals(arena.text(c.subject))), ("since", e.since == c.since),
                ("currency", e.flags & BreakOpened.hasAmounts == 0 || e.asset == c.asset),
                ("expected", (e.flags & BreakOpened.hasExpected != 0 ? e.expected : nil) == c.expected),
                ("found", (e.flags & BreakOpened.hasFound != 0 ? e.found : nil) == c.found))
        }
        let openings = try state.findOpenings(programme, arena.text(c.breakId))
        if let runAt, let known = try opening(of: runAt, among: openings, state) {
            if let field = try difference(from: known, state, at: c.at, { likeness($0) }) {
                return now.refuse(
                    .breakConflict, field, "the break was opened at position \(known) with another \(field)")
            }
            return .repeated(try state.receipt(known))
        }
        if let byKey = try judgeKey(state, now, at: c.at, { likeness($0) }) { return byKey }
        if let early = inFuture(now) { return early }
        guard let runAt else {
            return now.refuse(.runUnknown, "runId", "no run is called “\(c.runId)”")
        }
        if openings.contains(where: { state.breaks[$0].isOpen }) {
            return now.refuse(.breakState, "breakId", "the break is open")
        }
        var event = BreakOpened()
        event.run = runAt
        event.breakId = arena.text(c.breakId)
        event.rule = arena.text(c.rule)
        event.subject = arena.text(c.subject)
        event.since = c.since
        if c.kind == .incomplete { event.flags |= BreakOpened.incomplete }
        if let asset = c.asset, c.expected != nil || c.found != nil {
            event.flags |= BreakOpened.hasAmounts
            event.asset = asset
        }
        if let expected = c.expected {
            event.flags |= BreakOpened.hasExpected
            event.expected = expected
        }
        if let found = c.found {
            event.flags |= BreakOpened.hasFound
            event.found = found
        }
        var out = state.begin(now.envelope, in: now.group)
        state.emit(.breakOpened(event), at: c.at, &out)
        return accept(out, &state, now)
    }

    /// Where a run opened one of these breaks.
    private func opening(
        of run: LogPosition, among openings: [Int], _ state: borrowing CoreState
    ) throws(LogError) -> LogPosition? {
        for number in openings where try state.storedBreak(number)?.run == run {
            return LogPosition(state.breaks[number].opened)
        }
        return nil
    }

    func decide(_ c: ResolveBreak, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let programme = now.envelope.programme
        let run = try c.runId.map { id throws(LogError) in try state.findRun(programme, arena.text(id)) }
        let runAt = run.flatMap { $0 }.map { LogPosition(state.breaks[$0].opened) }
        let openings = try state.findOpenings(programme, arena.text(c.breakId))
        let byKey = try judgeKey(state, now, at: c.at) { stored throws(LogError) in
            guard case .breakResolved(let e) = stored.event else { return .other }
            return .compare(
                ("breakId", openings.contains { state.breaks[$0].opened == e.opened.rawValue }),
                ("runId", (e.flags & BreakResolved.byRun != 0 ? e.run : nil) == runAt),
                ("reason", e.reason.equals(arena.text(c.reason))))
        }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard !openings.isEmpty else {
            return now.refuse(.breakUnknown, "breakId", "no break is called “\(c.breakId)”")
        }
        if let id = c.runId, runAt == nil {
            return now.refuse(.runUnknown, "runId", "no run is called “\(id)”")
        }
        guard let open = openings.first(where: { state.breaks[$0].isOpen }) else {
            return now.refuse(.breakState, "breakId", "the break is resolved")
        }
        var event = BreakResolved()
        event.opened = LogPosition(state.breaks[open].opened)
        if let runAt {
            event.flags |= BreakResolved.byRun
            event.run = runAt
        }
        event.reason = arena.text(c.reason)
        var out = state.begin(now.envelope, in: now.group)
        state.emit(.breakResolved(event), at: c.at, &out)
        return accept(out, &state, now)
    }
}
