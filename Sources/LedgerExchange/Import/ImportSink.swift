import ReferralLedger

/// Where an importer's commands go: a ledger, a rehearsal, or the group of an atomic import.
protocol ImportSink {
    /// Groups that may be on their way while one more is decoded; at least 1.
    var groupsAhead: Int { get }
    /// How far an import has come: its last line, and how many lines were refused; nil when it was never begun.
    func importProgress(_ importId: String) throws(LedgerError) -> (throughLine: UInt64, refused: UInt64)?
    /// Hands commands over; the closure gets the outcomes, on any thread, once they are as durable as they get.
    func send(
        _ commands: [Command], _ mark: ImportMark?,
        _ completion: @escaping @Sendable (Result<[Outcome], LedgerError>) -> Void
    ) throws(LedgerError)
}

extension ImportSink {
    // What is done when it is sent needs no more.
    var groupsAhead: Int { 1 }
}

extension Ledger: ImportSink {
    /// A fourth of the queue at the most: other callers, and other imports, are to find room in it.
    var groupsAhead: Int { max(1, min(4, queueCapacity / (4 * Importer.groupLines))) }

    func importProgress(_ importId: String) throws(LedgerError) -> (throughLine: UInt64, refused: UInt64)? {
        try current.importProgress(importId).map { ($0.throughLine, $0.refused) }
    }

    func send(
        _ commands: [Command], _ mark: ImportMark?,
        _ completion: @escaping @Sendable (Result<[Outcome], LedgerError>) -> Void
    ) throws(LedgerError) {
        try submit(commands, mark: mark, completion: completion)
    }
}

/// Decides and records nothing.
struct RehearsalSink: ImportSink {
    let rehearsal: Rehearsal
    /// Whether the import has an id by which an earlier run may be known.
    let isNamed: Bool

    func importProgress(_ importId: String) throws(LedgerError) -> (throughLine: UInt64, refused: UInt64)? {
        isNamed ? try rehearsal.importProgress(importId).map { ($0.throughLine, $0.refused) } : nil
    }

    func send(
        _ commands: [Command], _ mark: ImportMark?,
        _ completion: @escaping @Sendable (Result<[Outcome], LedgerError>) -> Void
    ) throws(LedgerError) {
        completion(.success(commands.isEmpty ? [] : try rehearsal.submit(commands)))
    }
}

/// One transaction. The importer marks its lines at the end.
private struct AtomicSink: ImportSink {
    let group: AtomicGroup
    let progress: (throughLine: UInt64, refused: UInt64)?

    func importProgress(_ importId: String) throws(LedgerError) -> (throughLine: UInt64, refused: UInt64)? {
        progress
    }

    func send(
        _ commands: [Command], _ mark: ImportMark?,
        _ completion: @escaping @Sendable (Result<[Outcome], LedgerError>) -> Void
    ) throws(LedgerError) {
        completion(.success(commands.isEmpty ? [] : try group.decide(commands)))
    }
}

extension Importer {
    /// Lines of an atomic import, at most.
    public static var atomicLimit: Int { Ledger.atomicLimit }

    /// Imports all that a source has left in one transaction of the log, or nothing.
    ///
    /// Nothing is recorded when a line cannot be decoded or is refused, when there are more than
    /// ``atomicLimit`` lines (``exceedsLimit``), when the run is stopped, or when it throws. All lines are
    /// decided and told of first, so that every refusal is known. An import that an earlier run has begun goes
    /// on after it, unless lines were refused then: those are decided again with all the others.
    ///
    /// Blocks the thread, and every other writer of the ledger. Memory: the records of all lines.
    /// - Returns: whether it is recorded; ``counts`` say what came of the lines, or would have.
    public static func importAtomically(
        _ source: inout some CommandSource, into ledger: Ledger, importId: String,
        options: Options = Options(), shouldStop: @escaping () -> Bool = { false },
        onProgress: @escaping (UInt64) -> Void = { _ in },
        onReject: @escaping (RejectedLine) -> Void = { _ in }
    ) throws(ImportFailure) -> (importer: Importer, isRecorded: Bool) {
        let before: (throughLine: UInt64, refused: UInt64)?
        do throws(LedgerError) { before = try ledger.importProgress(importId) } catch { throw .ledger(error) }
        var options = options
        if let before, before.refused > 0 { options.retriesRefused = true }
        var importer: Importer?
        var failure: ImportFailure?
        let isRecorded: Bool
        do throws(LedgerError) {
            isRecorded = try ledger.atomically { group in
                var run = Importer(
                    into: AtomicSink(group: group, progress: before), importId: importId, options: options,
                    shouldStop: shouldStop, onProgress: onProgress, onReject: onReject)
                run.lineLimit = UInt64(atomicLimit)
                defer { importer = run }
                do throws(ImportFailure) {
                    try run.run(&source)
                    guard !run.wasStopped, !run.exceedsLimit, run.counts.refused == 0 else { return false }
                    try run.mark(group, after: before?.throughLine ?? 0)
                    return true
                } catch {
                    failure = error
                    return false
                }
            }
        } catch {
            throw .ledger(error)
        }
        if let failure { throw failure }
        guard let importer else { preconditionFailure("the body has run") }
        return (importer, isRecorded)
    }

    /// Adds to the group how far the import has come.
    private func mark(_ group: AtomicGroup, after passed: UInt64) throws(ImportFailure) {
        guard lastLine > passed else { return }
        let old = countsOfPassed
        do throws(LedgerError) {
            try group.mark(
                importId, throughLine: lastLine, accepted: counts.accepted - old.accepted,
                repeated: counts.repeated - old.repeated, parked: counts.parked - old.parked)
        } catch {
            throw .ledger(error)
        }
    }
}
