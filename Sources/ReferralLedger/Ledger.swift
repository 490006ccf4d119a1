import LedgerDomain
@_exported import LedgerDomain
import LedgerLog
import LedgerState
import LedgerViews
import Platform

@_exported import enum LedgerState.LeaderboardMetric
@_exported import struct LedgerState.TableMemory

/// A referral ledger: an append-only log of events, and the state that is a pure fold of it.
///
/// Make one with ``create(at:programme:options:)`` or ``open(at:options:)``; one process writes a ledger at a
/// time.
/// All methods may be called from any thread or task. What `submit` returns is on disk: the record, and
/// everything
/// that the answer speaks of. A read right after a write sees it.
///
/// ```swift
/// let ledger = try Ledger.create(
///     at: "/var/lib/acme/ledger",
///     programme: .init(id: "friends", asset: "USD", preset: "two-level"))
/// let at = try Timestamp("2026-01-05T10:00:00Z")
/// try ledger.submit(Command(.signup(Signup(userId: "u-1", at: at))))
/// try ledger.submit(Command(.signup(Signup(userId: "u-2", at: at, referrerId: "u-1"))))
/// let outcome = try ledger.submit(Command(.payment(Payment(
///     paymentId: "p-1", provider: "stripe", userId: "u-2", amount: 49_99, asset: .usd, at: at))))
/// let balance = try ledger.current.balances(of: "u-1")
/// ledger.close()
/// ```
public final class Ledger: Sendable {
    /// The ledger's folder: `log/`, `views/`, `keys/`.
    public let directory: String
    /// Random, drawn when the ledger was made.
    public let id: Bytes16
    /// Commands that may wait to be decided; past it callers wait, or get `busy`. As given in ``LedgerOptions``.
    public var queueCapacity: Int { writer.options.queueCapacity }
    let store: LogStore
    let vault: KeyVault
    let writer: Writer
    let keeper: Keeper
    let lockFile: FileLockHolder
    let follow: FollowSignal
    let readers: OpenReaders
    /// The state now: what is on disk, and nothing else.
    public let current: LedgerReader

    init(
        directory: String, store: LogStore, vault: KeyVault, writer: Writer, keeper: Keeper,
        lockFile: FileLockHolder, follow: FollowSignal, readers: OpenReaders, current: LedgerReader
    ) {
        self.directory = directory
        self.id = store.ledgerId
        self.store = store
        self.vault = vault
        self.writer = writer
        self.keeper = keeper
        self.lockFile = lockFile
        self.follow = follow
        self.readers = readers
        self.current = current
    }

    deinit { close() }

    // MARK: Writing

    /// Decides one command and waits until its record, and all that the answer speaks of, is on disk.
    ///
    /// When nothing else is going on, the calling thread does it all: one fsync, about 0.2 ms. Otherwise it
    /// joins a group. Blocks the thread:
    /// from a task use the `async` form.
    ///
    /// ```swift
    /// switch try ledger.submit(Command(.payment(payment))) {
    /// case .accepted(let receipt), .repeated(let receipt), .parked(let receipt): print(receipt.position)
    /// case .refused(let refusal): print(refusal.code.rawValue, refusal.field ?? "", refusal.message)
    /// }
    /// ```
    /// - Throws: ``LedgerError`` with `busy` when the queue is full; `outOfSpace`, `inputOutput`,
    ///   `indeterminate`, `closed`. A refusal is no error.
    @discardableResult
    public func submit(_ command: Command) throws(LedgerError) -> Outcome {
        refuseInsideApply()
        if !command.action.isAdvance, let outcome = try writer.submitInline(command) { return outcome }
        return try queued(makeJob(command), until: nil).first!
    }

    /// Decides commands in order, as one or more groups, each outcome its own. A command that is refused does
    /// not hinder those after it.
    @discardableResult
    public func submit(
        _ commands: [Command], mark: ImportMark? = nil, timeoutMilliseconds: UInt64? = nil
    ) throws(LedgerError) -> [Outcome] {
        if commands.isEmpty, mark == nil { return [] }
        let deadline = timeoutMilliseconds.map { Clock.monotonicNanoseconds() + $0 * 1_000_000 }
        return Array(try wait(for: try makeJob(commands, mark), until: deadline))
    }

    /// Does a job on this thread, or waits until it is done.
    private func wait(
        for job: Job, until deadline: UInt64? = nil
    ) throws(LedgerError) -> ArraySlice<Outcome> {
        if try writer.submitInline(job) { return try job.result.get() }
        return try queued(job, until: deadline)
    }

    /// Waits until a job is done.
    private func queued(_ job: Job, until deadline: UInt64?) throws(LedgerError) -> ArraySlice<Outcome> {
        let waiter = Waiter()
        job.completion = .thread(waiter)
        try writer.enqueue(job, waitUntil: deadline)
        return try waiter.wait(until: deadline)
    }

    /// As the blocking form, without blocking a thread. Cancelling the task ends the waiting, never the
    /// command.
    ///
    /// ```swift
    /// let outcome = try await ledger.submit(Command(.refund(refund), key: requestId))
    /// ```
    @discardableResult
    public func submit(_ command: Command) async throws -> Outcome {
        try await answer { () throws(LedgerError) in makeJob(command) }.first!
    }

    /// As the blocking form, without blocking a thread. Cancelling the task ends the waiting, never the
    /// commands.
    @discardableResult
    public func submit(_ commands: [Command], mark: ImportMark? = nil) async throws -> [Outcome] {
        if commands.isEmpty, mark == nil { return [] }
        return Array(try await answer { () throws(LedgerError) in try makeJob(commands, mark) })
    }

    /// Waits, without blocking a thread, until a job is done.
    private func answer(_ make: () throws(LedgerError) -> Job) async throws -> ArraySlice<Outcome> {
        let answer = Answer()
        return try await withTaskCancellationHandler {
            try await unsafe withUnsafeThrowingContinuation { continuation in
                unsafe answer.wait(continuation)
                do throws(LedgerError) {
                    let job = try make()
                    job.completion = .task(answer)
                    try writer.enqueue(job, waitUntil: nil)
                } catch {
                    answer.set(.failure(error))
                }
            }
        } onCancel: {
            answer.cancel()
        }
    }

    /// Hands commands over and returns at once; the closure gets the outcomes on a thread of the ledger's,
    /// once they are on disk.
    /// Keep it short. For pipelines that decide the next batch while this one is synced.
    public func submit(
        _ commands: [Command], mark: ImportMark? = nil, waitMilliseconds: UInt64 = 60_000,
        completion: @escaping @Sendable (Result<[Outcome], LedgerError>) -> Void
    ) throws(LedgerError) {
        let job = try makeJob(commands, mark)
        job.completion = .call(completion)
        try writer.enqueue(job, waitUntil: Clock.monotonicNanoseconds() + waitMilliseconds * 1_000_000)
    }

    private func makeJob(_ command: Command) -> Job {
        refuseInsideApply()
        if command.action.isAdvance, case .advance(let advance) = command.action {
            return Job(.advance(command, advance))
        }
        return Job(.commands(CommandBatch(command)))
    }

    private func makeJob(_ commands: [Command], _ mark: ImportMark?) throws(LedgerError) -> Job {
        refuseInsideApply()
        if commands.count == 1, case .advance(let advance) = commands[0].action {
            return Job(.advance(commands[0], advance), mark: mark)
        }
        let batch = CommandBatch(commands)
        if batch.hasAdvance {
            throw LedgerError(
                .inputOutput, "an advance is submitted alone: it takes as many groups as it needs")
        }
        return Job(.commands(batch), mark: mark)
    }

    private func refuseInsideApply() {
        if ViewContext.isApplying {
            preconditionFailure(
                "a command was submitted from inside a view's apply: it would wait for itself")
        }
    }

    /// Moves a programme's business clock and does what is due: maturities, expiries, ends of periods.
    ///
    /// ```swift
    /// try ledger.advance(to: Timestamp("2026-02-01T00:00:00Z"))
    /// ```
    @discardableResult
    public func advance(to moment: Timestamp, programme: String? = nil) throws(LedgerError) -> Outcome {
        try submit(Command(.advance(Advance(to: moment)), programme: programme))
    }

    // MARK: Life

    /// Writes a checkpoint now, and waits for it.
    public func checkpoint() throws(LedgerError) { try keeper.checkpoint() }

    /// Seconds' worth of records, at the present rate, that the hash tree is behind the log: at most about
    /// one.
    public func treeLag() throws(LedgerError) -> Double { keeper.treeLag() }

    /// Finishes what was submitted, writes a checkpoint, lets go of the folder. Further calls throw `closed`.
    /// May be called twice.
    public func close() {
        guard keeper.beginClosing() else { return }
        writer.close()
        follow.close()
        // Readers first: what they read in place goes with the checkpoints.
        readers.closeAll()
        current.release(detaching: false)
        keeper.close()
        current.releaseSnapshot()
        store.close()
        vault.close()
        lockFile.release()
    }
}

extension AssetNumber {
    /// United States dollar.
    @inlinable public static var usd: AssetNumber { AssetNumber(rawValue: 840) }
    /// Euro.
    @inlinable public static var eur: AssetNumber { AssetNumber(rawValue: 978) }
    /// Pound sterling.
    @inlinable public static var gbp: AssetNumber { AssetNumber(rawValue: 826) }
    /// Indian rupee.
    @inlinable public static var inr: AssetNumber { AssetNumber(rawValue: 356) }
}
