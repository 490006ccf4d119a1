import LedgerDomain
import LedgerLog
import LedgerState
import Platform

/// Where an import stands after a batch; recorded in the batch's own group.
public struct ImportMark: Sendable, Equatable {
    /// SHA-256 of the file in hexadecimal, or the caller's id; 1–255 bytes.
    public var importId: String
    /// The last line that the batch covers.
    public var throughLine: UInt64
    /// Lines of the batch that could not be decoded: counted as refused.
    public var undecodable: UInt64
    /// Memberwise.
    public init(importId: String, throughLine: UInt64, undecodable: UInt64 = 0) {
        self.importId = importId
        self.throughLine = throughLine
        self.undecodable = undecodable
    }
}

/// Commands that wait for the writer, with what to do when they are decided and on disk.
final class Job: @unchecked Sendable {
    // Proof of Sendable: made by the caller, then owned by the writer until `finish`, which runs once.
    enum Work {
        /// Decided in one group, in order.
        case commands([Command])
        /// As many groups as it needs.
        case advance(Command, Advance)
    }
    let work: Work
    let mark: ImportMark?
    private let completion: @Sendable (Result<[Outcome], LedgerError>) -> Void
    var outcomes: [Outcome] = []
    /// What an advance has recorded so far.
    var advanced: Receipt?

    init(
        _ work: Work, mark: ImportMark? = nil,
        completion: @escaping @Sendable (Result<[Outcome], LedgerError>) -> Void
    ) {
        self.work = work
        self.mark = mark
        self.completion = completion
    }

    var commandCount: Int {
        switch work {
        case .commands(let commands): max(1, commands.count)
        case .advance: 1
        }
    }

    /// Set when the job could not be decided at all; it is told so once its group is through.
    var failure: LedgerError?

    /// Whether the job is a group by itself: an advance, or a batch of an import.
    var isAlone: Bool {
        if mark != nil { return true }
        if case .advance = work { return true }
        return false
    }

    func note(_ receipt: Receipt) {
        advanced = Receipt(
            position: advanced?.position ?? receipt.position, events: (advanced?.events ?? 0) + receipt.events
        )
    }

    func complete() {
        if let failure { completion(.failure(failure)) } else { completion(.success(outcomes)) }
    }
    func fail(_ error: LedgerError) { completion(.failure(error)) }
}

/// A thread that waits for a job's result.
final class Waiter: @unchecked Sendable {
    // Proof of Sendable: `result` is only touched with `lock` held.
    private let lock = Lock()
    private let changed = Condition()
    private var result: Result<[Outcome], LedgerError>?

    func set(_ value: Result<[Outcome], LedgerError>) {
        lock.locked { result = value }
        changed.signal()
    }

    /// Waits; past the deadline (monotonic nanoseconds) the job goes on and the result is lost to this
    /// caller.
    func wait(until deadline: UInt64?) throws(LedgerError) -> [Outcome] {
        lock.lock()
        defer { lock.unlock() }
        while result == nil {
            if let deadline {
                if !changed.wait(lock, until: deadline), result == nil,
                    Clock.monotonicNanoseconds() >= deadline
                {
                    throw LedgerError(
                        .timedOut, "no answer before the deadline; the command may still be recorded")
                }
            } else {
                changed.wait(lock)
            }
        }
        return try result!.get()
    }
}

extension ImportMark {
    /// How the import stands with these outcomes.
    func progress(of outcomes: [Outcome]) -> ImportProgress {
        var progress = ImportProgress(importId: importId, throughLine: throughLine)
        progress.refused = undecodable
        for outcome in outcomes {
            switch outcome {
            case .accepted: progress.accepted += 1
            case .repeated: progress.repeated += 1
            case .parked: progress.parked += 1
            case .refused: progress.refused += 1
            }
        }
        return progress
    }

    /// How it stood before the batch: nothing of it is counted.
    var before: ImportProgress { ImportProgress(importId: importId, throughLine: nil) }
}

extension Refusal {
    static func clockBehind(_ last: Timestamp) -> Refusal {
        Refusal(
            .clockBehind,
            "the log's last record is of \(last), more than an hour ahead of the wall clock: set the clock right"
        )
    }
}
