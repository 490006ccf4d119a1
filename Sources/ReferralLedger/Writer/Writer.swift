import LedgerDomain
import LedgerLog
import LedgerState
import Platform
import Synchronization

/// The one writer: a bounded queue, a decider that turns jobs into groups, a committer that makes groups
/// durable.
///
/// Group N + 1 is decided while group N is synced; never more than two are in flight. What comes by ones is collected
/// meanwhile (`isWorthDeciding`), so that many callers share one sync. A caller that comes when nothing is going on
/// does all of it on its own thread (`submitInline`): no hand-over, one fsync.
final class Writer: @unchecked Sendable {
    // Proof of Sendable: queue fields are under `queueLock`, pipeline fields under `pipeLock`, decider and
    // groups belong to whoever holds `role`, alone; the state has its own lock. So exclusive access needs no check either, where
    // no access to a field calls out.

    /// A group between decision and disk. Used again for a later one, with its memory.
    final class Flight {
        // Handed on through locks like the group itself, and no access calls out: exclusive access needs no check.
        let group = RecordGroup()
        @safe @exclusivity(unchecked) var parity: UInt32 = 0
        @safe @exclusivity(unchecked) var jobs: [Job] = []
        /// Instead of jobs, a command whose caller does all of it (`submitInline`).
        @safe @exclusivity(unchecked) var isLone = false
        /// An advance that has more to do after this group: told at once when the group is undone.
        @safe @exclusivity(unchecked) var continuing: Job?
        @safe @exclusivity(unchecked) var headBefore = LogHead.empty
        /// Why the group is not recorded, or not known to be; until the next group has the flight.
        @safe @exclusivity(unchecked) var failure: LedgerError?

        /// How many wait for it.
        var waiting: Int { isLone ? 1 : jobs.count }

        /// Takes the jobs out, to be told.
        func takeJobs() -> [Job] {
            let taken = jobs
            jobs = []
            return taken
        }
    }

    let store: LogStore
    let vault: KeyVault
    let box: StateBox
    let options: LedgerOptions
    /// Past states, which hold on to snapshots of the log.
    private let readers: OpenReaders
    private let onDurable: @Sendable (LogHead, RecordGroup) -> Void
    /// Called between two groups, when callers have been told: may hold the writer back for a moment.
    private let pace: @Sendable () -> Void

    // The queue.
    let queueLock = Lock()
    /// There is room in the queue.
    private let queueShrank = Condition()
    /// For the decider, while it says that it waits.
    private let workCame = Condition()
    @safe @exclusivity(unchecked) private var deciderWaits = false
    @safe @exclusivity(unchecked) private var queue: [Job] = []
    @safe @exclusivity(unchecked) private var queueHead = 0
    @safe @exclusivity(unchecked) private var queuedCommands = 0
    /// Jobs in the queue that are a group by themselves.
    @safe @exclusivity(unchecked) private var queuedAlone = 0
    /// Jobs taken and not yet answered.
    let outstanding = Atomic<Int>(0)
    @safe @exclusivity(unchecked) private var closing = false
    @safe @exclusivity(unchecked) private var stopped: LedgerError?

    // The decider's role: held while a group is decided, and while groups are undone.
    let role = Lock()
    @safe @exclusivity(unchecked) var decider = Decider()
    @safe @exclusivity(unchecked) var nextParity: UInt32 = 0
    /// What the group being decided is decided with: made once, as a command that comes alone needs it like any group.
    let inputs: DecisionInputs
    /// A command that comes alone, and what comes of it: memory, used again and again.
    let lone = CommandBatch()
    @safe @exclusivity(unchecked) var loneOutcome: [Outcome] = []

    // Decided groups on their way to the disk.
    let pipeLock = Lock()
    /// For the committer: a group was decided, or none will be any more.
    private let pipeGrew = Condition()
    /// For those who wait until fewer are in flight.
    private let pipeShrank = Condition()
    private var pipe: [Flight] = []
    /// For the groups to come.
    @safe @exclusivity(unchecked) var spare = [Flight(), Flight(), Flight()]
    @safe @exclusivity(unchecked) var inFlight = 0 {
        didSet { inFlightNow.store(inFlight, ordering: .releasing) }
    }
    /// `inFlight`, for those who have not `pipeLock`.
    private let inFlightNow = Atomic<Int>(0)
    /// Callers that wait for the role with nothing in flight: no group is begun before they have had it.
    @safe @exclusivity(unchecked) var idlers = 0
    private var pipeClosing = false

    private var deciderThread: WorkerThread?
    private var committerThread: WorkerThread?

    init(
        store: LogStore, vault: KeyVault, box: StateBox, options: LedgerOptions, readers: OpenReaders,
        onDurable: @escaping @Sendable (LogHead, RecordGroup) -> Void, pace: @escaping @Sendable () -> Void
    ) {
        self.store = store
        self.vault = vault
        self.box = box
        self.options = options
        self.readers = readers
        self.onDurable = onDurable
        self.pace = pace
        inputs = DecisionInputs(now: Timestamp(nanoseconds: 0), vault: vault, ledgerId: store.ledgerId)
        if let draw = options.drawCode { inputs.drawCode = draw }
        deciderThread = WorkerThread(name: "ledger-decide") { [unowned self] in decideLoop() }
        committerThread = WorkerThread(name: "ledger-commit") { [unowned self] in commitLoop() }
    }

    // MARK: Callers

    /// Puts a job in the queue. Throws `busy` when the queue is full, or `closed`, or why the writer has
    /// stopped.
    func enqueue(_ job: Job, waitUntil deadline: UInt64?) throws(LedgerError) {
        queueLock.lock()
        defer { queueLock.unlock() }
        try checkOpen()
        while queuedCommands > 0, queuedCommands + job.commandCount > options.queueCapacity {
            guard let deadline else {
                throw LedgerError(
                    .busy,
                    "\(queuedCommands) commands are waiting; the queue's bound is \(options.queueCapacity)")
            }
            if !queueShrank.wait(queueLock, until: deadline), Clock.monotonicNanoseconds() >= deadline {
                throw LedgerError(.busy, "the queue stayed full until the caller's deadline")
            }
            try checkOpen()
        }
        outstanding.add(1, ordering: .relaxed)
        queue.append(job)
        queuedCommands += job.commandCount
        if job.isAlone { queuedAlone += 1 }
        wakeDecider()
    }

    /// Commands that are worth deciding while another group is synced: in less time than that takes, but not much.
    private static let worthOverlap = 256

    /// Whether the decider should begin a group now. Called with `queueLock` held.
    ///
    /// Beside a group in flight, only for much, or once half of the callers that there are have come: the others
    /// are in flight, and their next commands will be the group after this one. Without the second rule a group is
    /// what came first, one command, and each sync is shared by few.
    private var isWorthDeciding: Bool {
        let jobs = queue.count - queueHead
        if jobs == 0 { return false }
        return queuedCommands >= Self.worthOverlap || queuedAlone > 0
            || inFlightNow.load(ordering: .acquiring) == 0
            || 2 * jobs >= outstanding.load(ordering: .relaxed)
    }

    /// Wakes the decider if it waits for what there is now. Called with `queueLock` held.
    private func wakeDecider() {
        if deciderWaits, isWorthDeciding { workCame.signal() }
    }

    func checkOpen() throws(LedgerError) {
        if let stopped { throw stopped }
        if closing { throw LedgerError(.closed, "the ledger is closed") }
    }

    // MARK: Deciding

    private func decideLoop() {
        while awaitWork() {
            waitForSlot()
            role.lock()
            // Taken now, and not before: whatever came meanwhile shares the sync.
            let jobs = takeJobs()
            if jobs.isEmpty {
                role.unlock()
                continue
            }
            let flight = pipeLock.locked { spare.popLast() } ?? Flight()
            flight.jobs = jobs
            // After a stop nothing is decided any more, not even what was taken from the queue before it.
            if let stopped = queueLock.locked({ stopped }) {
                for job in jobs { job.failure = stopped }
            }
            let unfinished = decide(flight)
            pipeLock.locked {
                inFlight += 1
                pipe.append(flight)
            }
            role.unlock()
            pipeGrew.signal()
            if let unfinished { putBack(unfinished) }
        }
        pipeLock.locked { pipeClosing = true }
        pipeGrew.signal()
    }

    /// Waits for work that is worth a group now; false when the writer closes and nothing is left.
    private func awaitWork() -> Bool {
        queueLock.lock()
        defer { queueLock.unlock() }
        while !isWorthDeciding {
            if closing { return queueHead < queue.count }
            deciderWaits = true
            workCame.wait(queueLock)
            deciderWaits = false
        }
        return true
    }

    /// Takes the jobs of the next group off the queue. An advance, or a batch of an import, is a group of its own.
    private func takeJobs() -> [Job] {
        queueLock.lock()
        defer { queueLock.unlock() }
        if queueHead == 0, queuedAlone == 0, queuedCommands <= options.groupCommands { return takeAll() }
        var jobs: [Job] = []
        var commands = 0
        while queueHead < queue.count {
            let job = queue[queueHead]
            let alone = job.isAlone
            if !jobs.isEmpty, alone || commands + job.commandCount > options.groupCommands { break }
            jobs.append(job)
            commands += job.commandCount
            queueHead += 1
            if alone {
                queuedAlone -= 1
                break
            }
        }
        queuedCommands -= commands
        if queueHead == queue.count {
            queue.removeAll(keepingCapacity: true)
            queueHead = 0
        } else if queueHead > 4_096 {
            queue.removeFirst(queueHead)
            queueHead = 0
        }
        queueShrank.broadcast()
        return jobs
    }

    /// Takes the whole queue. Called with `queueLock` held.
    private func takeAll() -> [Job] {
        let jobs = queue
        queue = []
        queue.reserveCapacity(jobs.count)
        queuedCommands = 0
        queueShrank.broadcast()
        return jobs
    }

    /// An advance that has more to do comes next again.
    private func putBack(_ job: Job) {
        queueLock.locked {
            queuedAlone += 1
            queueHead -= 1
            if queueHead < 0 {
                queue.insert(job, at: 0)
                queueHead = 0
            } else {
                queue[queueHead] = job
            }
            queuedCommands += job.commandCount
        }
    }

    private func waitForSlot() {
        pipeLock.lock()
        defer { pipeLock.unlock() }
        while inFlight >= 2 || idlers > 0 { pipeShrank.wait(pipeLock) }
    }

    // MARK: Committing

    private func commitLoop() {
        while true {
            pipeLock.lock()
            while pipe.isEmpty, !pipeClosing { pipeGrew.wait(pipeLock) }
            guard let flight = pipe.first else {
                pipeLock.unlock()
                return
            }
            pipe.removeFirst()
            pipeLock.unlock()
            commit(flight)
            pace()
        }
    }

    /// Makes a group durable, then visible, then tells its callers.
    func commit(_ flight: Flight, roleHeld: Bool = false) {
        do throws(LogError) {
            if !flight.group.isEmpty {
                try vault.flush()
                try store.append(flight.group, expecting: flight.headBefore)
            }
            publish(flight, roleHeld: roleHeld)
        } catch {
            recover(flight, from: error, roleHeld: roleHeld)
        }
    }

    private func publish(_ flight: Flight, roleHeld: Bool) {
        // As a reader: the decider lets it in between two commands of the next group.
        let head = box.read { core in
            core.records.remove(flight.group)
            core.retireGroup(parity: flight.parity)
            return core.visibleHead
        }
        // Told before the group is let go of: from then on it may hold the next one's records.
        if !flight.group.isEmpty { onDurable(head, flight.group) }
        outstanding.subtract(flight.waiting, ordering: .relaxed)
        // Whoever has the role looks for itself what came of it.
        let jobs = roleHeld ? [] : flight.takeJobs()
        release(flight)
        Job.complete(jobs)
    }

    /// The group is not in flight any more, and used for another one.
    private func release(_ flight: Flight) {
        if !flight.jobs.isEmpty { flight.jobs = [] }
        flight.continuing = nil
        pipeLock.locked {
            inFlight -= 1
            if spare.count < 3, flight.group.byteCount <= Self.largestSpareBytes { spare.append(flight) }
        }
        pipeShrank.broadcast()
        queueLock.locked { wakeDecider() }
    }

    // MARK: Failure

    /// A group could not be committed. After a failed commit the log's own head says whether it is there all
    /// the same.
    private func recover(_ flight: Flight, from error: LogError, roleHeld: Bool) {
        if error.code == .indeterminate {
            let letGo = { [self] in
                box.read { $0.records.release() }
                readers.releaseAll()
            }
            letGo()
            do throws(LogError) {
                try store.reopen(lettingGo: letGo)
                let head = try store.head()
                if flight.group.count > 0,
                    head.records == flight.headBefore.records + UInt64(flight.group.count)
                {
                    return publish(flight, roleHeld: roleHeld)
                }
                if head != flight.headBefore {
                    return stop(
                        flight, LedgerError(.broken, "the log's head is neither before nor after the group"),
                        roleHeld: roleHeld)
                }
            } catch {
                return stop(flight, LedgerError(.indeterminate, "\(error)"), roleHeld: roleHeld)
            }
        }
        // Looked up, it is not there after all.
        let code: LedgerError.Code =
            error.code != .indeterminate
            ? LedgerError(error).code : error.cause?.isOutOfSpace == true ? .outOfSpace : .inputOutput
        undo(flight, LedgerError(code, LedgerError(error).message), roleHeld: roleHeld)
    }

    /// Undoes the group and the one decided after it, if there is one, and tells their callers.
    ///
    /// - Parameter roleHeld: on the caller's own thread (`submitInline`) the role is held already.
    private func undo(_ flight: Flight, _ error: LedgerError, roleHeld: Bool) {
        if !roleHeld { role.lock() }
        defer { if !roleHeld { role.unlock() } }
        let later = pipeLock.locked { () -> [Flight] in
            let later = pipe
            pipe.removeAll()
            return later
        }
        box.lock.lock()
        for group in later.reversed() + [flight] {
            box.core.records.remove(group.group)
            box.core.rollBackGroup(parity: group.parity)
        }
        nextParity = flight.parity
        box.lock.unlock()
        for group in [flight] + later {
            // It is back in the queue, or on its way there: the decider tells its caller.
            group.continuing?.failure = error
            group.failure = error
            outstanding.subtract(group.waiting, ordering: .relaxed)
            let jobs = group.takeJobs()
            release(group)
            for job in jobs { job.fail(error) }
        }
    }

    /// The writer cannot go on: everything that waits is told so.
    private func stop(_ flight: Flight, _ error: LedgerError, roleHeld: Bool) {
        let waiting = queueLock.locked { () -> [Job] in
            stopped = error
            let waiting = Array(queue[queueHead...])
            queue.removeAll()
            queueHead = 0
            queuedCommands = 0
            queuedAlone = 0
            return waiting
        }
        undo(flight, error, roleHeld: roleHeld)
        for job in waiting {
            outstanding.subtract(1, ordering: .relaxed)
            job.fail(error)
        }
    }

    /// Takes no more jobs, finishes those it has, ends its threads.
    func close() {
        queueLock.locked {
            closing = true
            workCame.signal()
        }
        queueShrank.broadcast()
        deciderThread?.join()
        committerThread?.join()
        // A caller that was let in before may still be at work on its own thread.
        role.lock()
        role.unlock()
    }

    /// Runs the body at a boundary between groups, with the state's lock held and no group half decided.
    func atBoundary<R>(_ body: (inout CoreState) -> R) -> R {
        role.lock()
        defer { role.unlock() }
        return box.read { body(&$0) }
    }

    /// Runs the body while nothing is in flight: all that was decided is on disk, and nothing more is decided
    /// meanwhile.
    func whileIdle<R, E: Error>(_ body: (inout CoreState) throws(E) -> R) throws(E) -> R {
        takeRoleWhenIdle()
        defer { giveRoleBack() }
        return try box.read { core throws(E) in try body(&core) }
    }

    /// Takes the role once nothing is in flight. It is not held while waiting: a group that fails needs it for
    /// its undoing.
    func takeRoleWhenIdle() {
        pipeLock.lock()
        idlers += 1
        while true {
            while inFlight > 0 { pipeShrank.wait(pipeLock) }
            pipeLock.unlock()
            role.lock()
            pipeLock.lock()
            if inFlight == 0 { break }
            role.unlock()
        }
        pipeLock.unlock()
    }

    /// Gives back what `takeRoleWhenIdle` took.
    func giveRoleBack() {
        pipeLock.locked { idlers -= 1 }
        role.unlock()
        pipeShrank.broadcast()
        queueLock.locked { wakeDecider() }
    }
}
