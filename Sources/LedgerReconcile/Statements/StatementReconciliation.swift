import LedgerDomain
import LedgerLog
import LedgerState

/// A provider's statement against the facts of a log.
public enum StatementReconciliation {
    /// Compares a statement with the log up to a position.
    ///
    /// Cost: one pass over the log. Memory: the statement, and the facts that it names or that happened in its
    /// period.
    /// - Parameters:
    ///   - programme: Only facts of this one; nil: of all.
    ///   - progress: Told the position now and then.
    /// - Throws: when the log cannot be read.
    public static func run(
        _ statement: ProviderStatement, _ store: LogStore, through position: LogPosition,
        programme: ProgrammeNumber? = nil, options: StatementOptions = .init(),
        progress: (UInt64) -> Void = { _ in }
    ) throws(LogError) -> StatementReport {
        let moments = statement.lines.map(\.at)
        let from = options.from ?? moments.min() ?? Timestamp(nanoseconds: 0)
        let through = max(from, options.through ?? moments.max() ?? from)
        let asOf = options.asOf ?? through
        let reach = max(options.timingSeconds, options.graceSeconds)
        let window =
            (from.adding(seconds: -reach) ?? from)...(through.adding(seconds: reach) ?? through)
        var wanted: Set<String> = []
        for line in statement.lines {
            wanted.formUnion(line.names)
            wanted.formUnion(line.paymentIds)
            if !line.lineId.isEmpty { wanted.insert(line.lineId) }
        }
        var facts = StatementFacts(
            provider: statement.provider, programme: programme, wanted: wanted, window: window)
        unsafe try store.scan(after: .start, through: position) { record, header throws(LogError) in
            let bad = unsafe StoredRecord.walk(record) { stored, envelope in
                facts.see(stored, envelope)
                return true
            }
            if let bad { throw LogError(.broken, bad.message, position: header.basePosition) }
            if header.ordinal & 0x3FFF == 0 { progress(header.lastPosition.rawValue) }
            return true
        }
        try facts.settle(store)
        // A provider's own transfer is told from a payout to a user by the ledger having sent it.
        var statement = statement
        let sent = Set(facts.facts.filter { $0.kind == .payout }.flatMap(\.names))
        for index in statement.lines.indices where statement.lines[index].kind == .settlement {
            if statement.lines[index].names.contains(where: sent.contains) {
                statement.lines[index].kind = .payout
            }
        }
        // Where the ledger records fees, those that come with other lines are lines of their own.
        if facts.recordsFees {
            for line in statement.lines where line.fee > 0 && line.kind != .fee {
                var fee = ProviderLine(
                    number: line.number, kind: .fee, asset: line.asset, amount: line.fee, at: line.at)
                fee.references = line.names + (line.lineId.isEmpty ? [] : [line.lineId])
                fee.settlementId = line.settlementId
                fee.isCredit = false
                statement.lines.append(fee)
            }
        }
        var matcher = StatementMatcher(statement, options, facts, from...through, asOf: asOf)
        var report = matcher.run()
        report.position = position
        return report
    }
}
