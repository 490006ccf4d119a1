import LedgerDomain
import LedgerLog
import LedgerState
import Platform
import Synchronization

/// Where an import stands after a batch; recorded in the batch's own group.
public struct ImportMark: Sendable, Equatable {
    /// SHA-256 of the file in hexadecimal, or the caller's id; 1–255 bytes.
    public var importId: String
    /// The last line that the batch covers.
    public var throughLine: UInt64
    /// Lines of the batch that could not be decoded: counted as refused.
    public var undecodable: UInt64
    /// Where the import must stand for the batch to be decided, 0 for one that was never begun; nil: anywhere. So a
    /// batch can be handed over while the one before it is on its way: when that fails, this one fails, too.
    public var afterLine: UInt64?
    /// Memberwise.
    public init(
        importId: String, throughLine: UInt64, undecodable: UInt64 = 0, afterLine: UInt64? = nil
    ) {
        self.importId = importId
        self.throughLine = throughLine
        self.undecodable = undecodable
        self.afterLine = afterLine
    }
}

/// Commands that wait for the writer, with what to do when they are decided and on disk.
final class Job: @unchecked Sendable {
    // Proof of Sendable: made by the caller, then owned by the writer until it is completed, which it is once; whoever is
    // told of that through a lock or the end of a call may read what came of it.
    enum Work {
        /// Decided in one group, in order.
        case commands(CommandBatch)
        /// As many groups as it needs. (Boxed: what is nearly always looked at is small to copy.)
        indirect case advance(Command, Advance)
    }
    /// Who is told of the outcomes.
    enum Completion {
        /// Nobody: who has the job looks when the writer is done with it.
        case none
        case thread(Waiter)
        case task(Answer)
        case call(@Sendable (Result<[Outcome], LedgerError>) -> Void)
    }
    let work: Work
    let mark: ImportMark?
    /// Set before the job is handed over.
    var completion = Completion.none
    /// May be a part of what a whole group came to.
    var outcomes: ArraySlice<Outcome> = []
    /// What an advance has recorded so far.
    var advanced: Receipt?

    init(_ work: Work, mark: ImportMark? = nil) {
        self.work = work
        self.mark = mark
    }

    /// Whether the completion resumes a task.
    var resumesTask: Bool {
        if case .task = completion { true } else { false }
    }

    var commandCount: Int {
        switch work {
        case .commands(let batch): max(1, batch.count)
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

    /// Commands that are worth a look at their job.
    private static let smallBatch = 64

    /// The commands of several jobs as one batch, so that they are decided without a look at each job; nil where that
    /// cannot be: for a single one, one that has failed or is a group by itself, or one that is large enough.
    static func joined(_ jobs: [Job]) -> CommandBatch? {
        guard jobs.count > 1 else { return nil }
        var batches: [CommandBatch] = []
        batches.reserveCapacity(jobs.count)
        for job in jobs {
            guard case .commands(let batch) = job.work, job.failure == nil, !job.isAlone, batch.count > 0
            else {
                return nil
            }
            batches.append(batch)
        }
        return CommandBatch(joining: batches)
    }

    func note(_ receipt: Receipt) {
        advanced = Receipt(
            position: advanced?.position ?? receipt.position, events: (advanced?.events ?? 0) + receipt.events
        )
    }

    /// What came of it, once the writer is done with it.
    var result: Result<ArraySlice<Outcome>, LedgerError> {
        if let failure { .failure(failure) } else { .success(outcomes) }
    }

    func complete() {
        switch completion {
        case .none: break
        case .thread(let waiter): waiter.set(result)
        case .task(let answer): answer.set(result)
        case .call(let body): body(result.map { Array($0) })
        }
    }

    func fail(_ error: LedgerError) {
        failure = error
        complete()
    }

    /// Tells the callers of a group that is durable, in order.
    ///
    /// To resume a task from a thread that runs none costs a wake-up each, and the next group would wait for all of
    /// them: several tasks are resumed by one more, on the threads that run tasks.
    static func complete(_ jobs: [Job]) {
        let tasks = jobs.count > 1 ? jobs.count(where: \.resumesTask) : 0
        guard tasks > 1 else {
            for job in jobs { job.complete() }
            return
        }
        Task.detached(priority: .high) {
            for job in jobs where job.resumesTask { job.complete() }
        }
        if tasks < jobs.count {
            for job in jobs where !job.resumesTask { job.complete() }
        }
    }
}

/// A thread that waits for a job's result.
final class Waiter: @unchecked Sendable {
    // Proof of Sendable: `result` is only touched with `lock` held.
    private let lock = Lock()
    private let changed = Condition()
    private var result: Result<ArraySlice<Outcome>, LedgerError>?

    func set(_ value: Result<ArraySlice<Outcome>, LedgerError>) {
        lock.locked { result = value }
        changed.signal()
    }

    /// Waits; past the deadline (monotonic nanoseconds) the job goes on and the result is lost to this
    /// caller.
    func wait(until deadline: UInt64?) throws(LedgerError) -> ArraySlice<Outcome> {
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

/// A task that waits for outcomes, and may stop waiting.
@safe final class Answer: @unchecked Sendable {
    // Proof of Sendable: `result` is written by who has `claimed`, before `stage` says so; `continuation` by the task,
    // before `stage` says so. Who changes `stage` second has seen both, alone resumes, and nobody reads them after that.
    private enum Stage {
        static let begun: UInt8 = 0
        static let waiting: UInt8 = 1
        static let resolved: UInt8 = 2
    }

    private let claimed = Atomic<Bool>(false)
    private let stage = Atomic<UInt8>(Stage.begun)
    // Resumed exactly once, as shown above: no need for a continuation that counts.
    private var continuation: UnsafeContinuation<ArraySlice<Outcome>, any Error>?
    private var result: Result<ArraySlice<Outcome>, any Error>?

    func wait(_ continuation: UnsafeContinuation<ArraySlice<Outcome>, any Error>) {
        unsafe self.continuation = unsafe continuation
        if stage.exchange(Stage.waiting, ordering: .acquiringAndReleasing) == Stage.resolved { resume() }
    }

    private func resolve(_ value: Result<ArraySlice<Outcome>, any Error>) {
        // The outcome and the end of the waiting may come at the same time: the first one counts.
        if claimed.exchange(true, ordering: .relaxed) { return }
        result = value
        if stage.exchange(Stage.resolved, ordering: .acquiringAndReleasing) == Stage.waiting { resume() }
    }

    private func resume() {
        guard let result, let continuation = unsafe continuation else { return }
        unsafe self.continuation = nil
        unsafe continuation.resume(with: result)
    }

    func set(_ value: Result<ArraySlice<Outcome>, LedgerError>) { resolve(value.mapError { $0 }) }
    func cancel() { resolve(.failure(CancellationError())) }
}

extension ImportMark {
    /// How the import stands with these outcomes.
    func progress(of outcomes: ArraySlice<Outcome>) -> ImportProgress {
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
