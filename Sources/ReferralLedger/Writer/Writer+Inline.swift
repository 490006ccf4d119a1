import LedgerDomain
import LedgerLog
import LedgerState
import Platform
import Synchronization

/// What comes when nothing is going on is done by its caller's own thread: no hand-over, one sync.
extension Writer {
    /// Does a command, which is no advance, on the caller's thread when nothing else is going on; nil when it has to queue.
    ///
    /// A thread that was asleep while the disk synced comes back to cold caches, so what counts here is how much memory is
    /// touched: no job, no batch of its own, no array for one outcome.
    func submitInline(_ command: borrowing Command) throws(LedgerError) -> Outcome? {
        guard let flight = try takeOff() else { return nil }
        defer { role.unlock() }
        flight.isLone = true
        var outcome: Outcome?
        lone.lay(command)
        decide(flight) { () throws(LogError) in outcome = try decideLone(flight.group) }
        lone.forget()
        commit(flight, roleHeld: true)
        flight.isLone = false
        if let failure = flight.failure { throw failure }
        return outcome
    }

    private func decideLone(_ group: RecordGroup) throws(LogError) -> Outcome {
        if isBehind { return .refused(.clockBehind(box.core.head.recordedAt)) }
        defer { loneOutcome.removeAll(keepingCapacity: true) }
        _ = try decider.decide(lone, from: 0, &box.core, group, inputs, into: &loneOutcome)
        if box.core.isGroupFull { throw Self.tooMuch }
        return loneOutcome.removeLast()
    }

    /// Does a job on the caller's thread when nothing else is going on; false when it has to queue.
    func submitInline(_ job: Job) throws(LedgerError) -> Bool {
        guard case .commands = job.work, let flight = try takeOff() else { return false }
        defer { role.unlock() }
        flight.jobs = [job]
        _ = decide(flight)
        commit(flight, roleHeld: true)
        return true
    }

    /// Takes the role, and the only flight, when nothing is going on; nil, and nothing taken, when something is.
    private func takeOff() throws(LedgerError) -> Flight? {
        guard role.tryLock() else { return nil }
        do throws(LedgerError) {
            try queueLock.locked { () throws(LedgerError) in try checkOpen() }
        } catch {
            role.unlock()
            throw error
        }
        // Nothing before it may still be on its way: one caller's order is kept.
        if outstanding.load(ordering: .relaxed) == 0, let flight = onlyFlight() {
            outstanding.add(1, ordering: .relaxed)
            return flight
        }
        role.unlock()
        return nil
    }

    /// A flight that is the only one from now on; nil while there is another one, or somebody waits for there being none.
    private func onlyFlight() -> Flight? {
        pipeLock.lock()
        defer { pipeLock.unlock() }
        guard inFlight == 0, idlers == 0 else { return nil }
        inFlight = 1
        return spare.popLast() ?? Flight()
    }
}
