import LedgerDomain
import LedgerLog
import LedgerState
import Platform

/// The outcomes of commands that are all recorded, or none of them.
public struct AtomicOutcome: Sendable, Equatable {
    /// One for each command, in order: what was decided, also when nothing was recorded.
    public let outcomes: [Outcome]
    /// Whether they are on disk; false when any of them is refused.
    public let isRecorded: Bool
}

extension Ledger {
    /// Commands, or imported lines, that one atomic batch takes at most: the specification, "Import".
    public static let atomicLimit = 1_000_000

    /// Decides commands in order and records all of them in one transaction of the log, or nothing when any is
    /// refused. An `advance` may be among them.
    ///
    /// Blocks the thread; until it is through no other command is decided. Memory: the records (about 200
    /// bytes a payment) and what the rows were before.
    ///
    /// ```swift
    /// let answer = try ledger.submitAtomically([Command(.signup(a)), Command(.signup(b))])
    /// if !answer.isRecorded { print(answer.outcomes) }
    /// ```
    /// - Parameter commands: ``atomicLimit`` at most.
    /// - Throws: as ``submit(_:)-(Command)``; then nothing was recorded.
    public func submitAtomically(_ commands: [Command]) throws(LedgerError) -> AtomicOutcome {
        if commands.count > Self.atomicLimit {
            throw LedgerError(.inputOutput, "an atomic batch takes \(Self.atomicLimit) commands at most")
        }
        var outcomes: [Outcome] = []
        var failure: LedgerError?
        let isRecorded = try atomically { group in
            do throws(LedgerError) { outcomes = try group.decide(commands) } catch { failure = error }
            return failure == nil && !outcomes.contains { $0.isRefusal }
        }
        if let failure { throw failure }
        return AtomicOutcome(outcomes: outcomes, isRecorded: isRecorded)
    }

    /// Runs the body with a group that is recorded as one transaction when the body says so, else undone.
    ///
    /// The body must not call the ledger's other writing methods: they wait for it. Reading is free, and sees
    /// nothing of the group.
    /// - Returns: whether it is recorded.
    package func atomically(_ body: (AtomicGroup) -> Bool) throws(LedgerError) -> Bool {
        if ViewContext.isApplying {
            preconditionFailure(
                "a command was submitted from inside a view's apply: it would wait for itself")
        }
        return try writer.atomically(body)
    }
}

extension Outcome {
    /// Whether nothing came of the command.
    package var isRefusal: Bool {
        if case .refused = self { true } else { false }
    }
}

/// The group of an atomic batch, while it is decided. For the thread that got it.
package final class AtomicGroup {
    private let writer: Writer
    fileprivate let flight: Writer.Flight

    fileprivate init(_ writer: Writer, _ flight: Writer.Flight) {
        self.writer = writer
        self.flight = flight
    }

    /// Decides commands in order; each outcome its own.
    /// - Throws: when the log cannot be read: then the group must not be recorded.
    package func decide(_ commands: [Command]) throws(LedgerError) -> [Outcome] {
        do throws(LogError) {
            return try writer.decideAtomically(commands, flight.group)
        } catch {
            throw LedgerError(error)
        }
    }

    /// Adds how far an import has come with the lines of this group.
    package func mark(
        _ importId: String, throughLine: UInt64, accepted: UInt64, repeated: UInt64, parked: UInt64
    ) throws(LedgerError) {
        var progress = ImportProgress(importId: importId, throughLine: throughLine)
        progress.accepted = accepted
        progress.repeated = repeated
        progress.parked = parked
        do throws(LogError) {
            try writer.markAtomically(progress, flight.group)
        } catch {
            throw LedgerError(error)
        }
    }
}

extension Writer {
    /// Groups larger than this are not kept for reuse.
    static let largestSpareBytes = 64 << 20

    /// See ``Ledger/atomically(_:)``.
    fileprivate func atomically(_ body: (AtomicGroup) -> Bool) throws(LedgerError) -> Bool {
        takeRoleWhenIdle()
        defer { giveRoleBack() }
        try queueLock.locked { () throws(LedgerError) in try checkOpen() }
        let flight = Flight()
        begin(flight)
        box.lock.locked {
            flight.headBefore = box.core.head
            box.core.beginGroup(parity: flight.parity)
            box.core.records.add(flight.group)
        }
        let isWanted = body(AtomicGroup(self, flight))
        let isSound = box.lock.locked { box.core.damagedTable == nil }
        guard isWanted, isSound else {
            undoUndecided(flight)
            return false
        }
        let job = Job(.commands(CommandBatch([])))
        flight.jobs = [job]
        outstanding.add(1, ordering: .relaxed)
        pipeLock.locked { inFlight += 1 }
        commit(flight, roleHeld: true)
        _ = try job.result.get()
        return true
    }

    private func undoUndecided(_ flight: Flight) {
        box.lock.locked {
            box.core.records.hideBuilding()
            box.core.records.remove(flight.group)
            box.core.rollBackGroup(parity: flight.parity)
        }
        nextParity = flight.parity
    }

    fileprivate func decideAtomically(
        _ commands: [Command], _ group: RecordGroup
    ) throws(LogError) -> [Outcome] {
        box.lock.lock()
        defer { box.lock.unlock() }
        let outcomes = try decider.decideAll(commands, &box.core, group, inputs) { box.yieldToReaders() }
        if let table = box.core.damagedTable { throw .damaged(table) }
        return outcomes
    }

    fileprivate func markAtomically(
        _ progress: ImportProgress, _ group: RecordGroup
    ) throws(LogError) {
        box.lock.lock()
        defer { box.lock.unlock() }
        try decider.progress(progress, &box.core, group, inputs)
    }
}

extension Decider {
    /// Decides commands in order into one group, advances too.
    /// - Parameter between: called after each command.
    mutating func decideAll(
        _ commands: [Command], _ state: inout CoreState, _ group: RecordGroup, _ inputs: DecisionInputs,
        between: () -> Void = {}
    ) throws(LogError) -> [Outcome] {
        let last = state.head.recordedAt
        let isBehind = inputs.areBehind(last)
        var outcomes: [Outcome] = []
        outcomes.reserveCapacity(commands.count)
        let batch = CommandBatch(commands)
        var next = 0
        while next < commands.count {
            if isBehind {
                outcomes.append(.refused(.clockBehind(last)))
                next += 1
            } else if case .advance(let advance) = commands[next].action {
                outcomes.append(try wholeAdvance(advance, commands[next], &state, group, inputs))
                next += 1
            } else {
                next = try decide(batch, from: next, &state, group, inputs, into: &outcomes)
            }
            between()
        }
        return outcomes
    }

    /// An advance to its end, whatever the group's size.
    private mutating func wholeAdvance(
        _ advance: Advance, _ command: Command, _ state: inout CoreState, _ group: RecordGroup,
        _ inputs: DecisionInputs
    ) throws(LogError) -> Outcome {
        var sum: Receipt?
        func add(_ receipt: Receipt) {
            sum = Receipt(
                position: sum?.position ?? receipt.position, events: (sum?.events ?? 0) + receipt.events)
        }
        while true {
            switch try self.advance(advance, command, &state, group, inputs) {
            case .more(let receipt): add(receipt)
            case .refused(let refusal): return .refused(refusal)
            case .done(let receipt):
                if let receipt { add(receipt) }
                return sum.map { .accepted($0) }
                    ?? .repeated(Receipt(position: state.head.position, events: 0))
            }
        }
    }
}
