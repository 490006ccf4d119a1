import LedgerDomain
import LedgerLog
import LedgerState
import Platform

/// From jobs to a group of records. All of it is called with the role held.
extension Writer {
    /// Decides a group's jobs; the job that has more to do, which is an advance. Called with the role held.
    func decide(_ flight: Flight) -> Job? {
        let group = flight.group
        var unfinished: Job?
        decide(flight) { () throws(LogError) in
            if let batch = Job.joined(flight.jobs) {
                let outcomes = try decide(batch, group)
                var next = 0
                for job in flight.jobs {
                    job.outcomes = outcomes[next..<(next + job.commandCount)]
                    next += job.commandCount
                }
            } else {
                for job in flight.jobs where job.failure == nil {
                    if try decide(job, group) { unfinished = job }
                }
            }
        }
        if let failure = flight.failure {
            unfinished = nil
            for job in flight.jobs { job.failure = failure }
        }
        if unfinished != nil {
            flight.jobs = []
            flight.continuing = unfinished
        }
        return unfinished
    }

    /// Begins a group and has it decided, with the state's lock held; says in the flight why nothing of it stands, if so. Called
    /// with the role held.
    @inline(__always)
    func decide(_ flight: Flight, _ body: () throws(LogError) -> Void) {
        begin(flight)
        box.lock.lock()
        defer { box.lock.unlock() }
        box.core.records.add(flight.group)
        box.core.beginGroup(parity: flight.parity)
        flight.headBefore = box.core.head
        do throws(LogError) {
            try body()
            // A damaged block of the checkpoint reads as zeros: nothing may be decided on it.
            if box.core.isDamaged, let table = box.core.damagedTable { throw .damaged(table) }
        } catch {
            // The log could not be read in the middle of a decision: nothing of the group stands.
            box.core.records.hideBuilding()
            box.core.rollBackGroup(parity: flight.parity)
            box.core.beginGroup(parity: flight.parity)
            flight.group.removeAll()
            flight.failure = LedgerError(box.core.damagedTable.map { LogError.damaged($0) } ?? error)
        }
    }

    /// A group begins, empty, at this moment. Called with the role held.
    func begin(_ flight: Flight) {
        flight.group.removeAll()
        flight.failure = nil
        flight.parity = nextParity
        nextParity = 1 - nextParity
        inputs.begin(at: Timestamp(nanoseconds: options.clock()))
    }

    /// Decides one job; true when an advance has more to do.
    private func decide(_ job: Job, _ group: RecordGroup) throws(LogError) -> Bool {
        if try !follows(job) {
            job.failure = LedgerError(
                .busy, "the batch before it of the import was not recorded: resume the import")
            return false
        }
        switch job.work {
        case .commands(let batch):
            job.outcomes = try decide(batch, group)[...]
            if let mark = job.mark {
                try decider.progress(mark.progress(of: job.outcomes), &box.core, group, inputs)
            }
            return false
        case .advance(let command, let advance):
            if isBehind {
                job.outcomes = [.refused(.clockBehind(box.core.head.recordedAt))]
                return false
            }
            let progress = try decider.advance(advance, command, &box.core, group, inputs)
            return try finish(job, progress, group)
        }
    }

    /// Whether the wall clock is too far behind the log's last record for anything to be recorded.
    var isBehind: Bool { inputs.areBehind(box.core.head.recordedAt) }

    static var tooMuch: LogError {
        LogError(.outOfSpace, "one group of commands touches too much: send fewer at once")
    }

    /// Decides the commands of a batch, in order; readers are let in between them.
    private func decide(_ batch: CommandBatch, _ group: RecordGroup) throws(LogError) -> [Outcome] {
        if isBehind {
            return Array(repeating: .refused(.clockBehind(box.core.head.recordedAt)), count: batch.count)
        }
        var outcomes: [Outcome] = []
        outcomes.reserveCapacity(batch.count)
        var next = 0
        while next < batch.count {
            next = try decider.decide(batch, from: next, &box.core, group, inputs, into: &outcomes)
            if box.core.isGroupFull {
                throw Self.tooMuch
            }
            box.yieldToReaders()
        }
        return outcomes
    }

    /// Whether the import stands where a batch of it begins.
    private func follows(_ job: Job) throws(LogError) -> Bool {
        // An advance that goes on has moved nothing yet: its mark comes with its last group.
        guard let mark = job.mark, let line = mark.afterLine, job.advanced == nil else { return true }
        return try box.core.importedThrough(mark.importId) == line
    }

    private func finish(
        _ job: Job, _ progress: AdvanceProgress, _ group: RecordGroup
    ) throws(LogError) -> Bool {
        switch progress {
        case .more(let receipt):
            job.note(receipt)
            // The line is not through: the group says how far the import was before it.
            if let mark = job.mark { try decider.progress(mark.before, &box.core, group, inputs) }
            return true
        case .done(let receipt):
            if let receipt { job.note(receipt) }
            job.outcomes = [
                job.advanced.map { .accepted($0) }
                    ?? .repeated(Receipt(position: box.core.head.position, events: 0))
            ]
        case .refused(let refusal): job.outcomes = [.refused(refusal)]
        }
        if let mark = job.mark {
            try decider.progress(mark.progress(of: job.outcomes), &box.core, group, inputs)
        }
        return false
    }
}
