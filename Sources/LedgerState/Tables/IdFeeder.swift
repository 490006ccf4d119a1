import Platform

/// Puts ids into tables on a thread of its own while a log is folded from its begin.
///
/// A fold nearly only adds ids: what an event is about stands in it as a number. So the tables *go away*
/// (`IdTable.goAway(with:)`): what is added is handed over in chunks, in order, and a look-up waits until everything
/// handed over is in. A log whose fold looks ids up again and again (members of a second programme, say) would wait all
/// the time: after some such waits the tables come back by themselves, and the thread has nothing left to do.
///
/// A table is the same afterwards, word for word, as without: each gets its ids in the same order.
@safe final class IdFeeder: @unchecked Sendable {
    // Proof of Sendable: everything is touched with `lock` held, but for what is said to be the folding thread's, and
    // for the tables: these are this thread's while it has chunks to put in, and the folding thread's once `wait` has
    // seen that it has none.

    /// Ids of one table.
    @safe struct Chunk: @unchecked Sendable {
        // Proof of Sendable: whoever has a chunk is the only one who has it.
        let table: FedTable
        let ids: UnsafeMutablePointer<FedId>
        let count: Int
    }

    /// Ids of a chunk: 32 KiB.
    static let capacity = 2048
    /// Chunks handed over and not yet put in: past it the folding thread waits, so memory is bounded by 1 MiB.
    private static let bound = 32
    /// Waits for a look-up, after which feeding costs more than it brings.
    private static let waitBound = 64
    /// How many ids ahead lines are fetched.
    private static let ahead = 12

    private let lock = Lock()
    private let changed = Condition()
    private var queue: [Chunk] = []
    private var first = 0
    private var isBusy = false
    private var hasEnded = false
    private var spare: [UnsafeMutablePointer<FedId>] = unsafe []
    /// Only the folding thread's.
    private var waits = 0
    private var thread: WorkerThread?

    init() { thread = WorkerThread(name: "ledger-index") { [self] in run() } }

    deinit { while let ids = unsafe spare.popLast() { unsafe ids.deallocate() } }

    /// Whether look-ups have waited too often.
    var isInTheWay: Bool { waits > Self.waitBound }

    /// Memory for a chunk.
    func takeIds() -> UnsafeMutablePointer<FedId> {
        unsafe lock.locked { unsafe spare.popLast() } ?? .allocate(capacity: Self.capacity)
    }

    /// Hands a chunk over. Waits while too much is under way.
    func hand(_ chunk: Chunk) {
        lock.lock()
        while queue.count - first >= Self.bound { changed.wait(lock) }
        queue.append(chunk)
        lock.unlock()
        changed.broadcast()
    }

    /// Waits until all that was handed over is in its table.
    /// - Parameter forLookUp: whether the fold itself stands still for it.
    func wait(forLookUp: Bool) {
        if forLookUp { waits += 1 }
        lock.lock()
        while first < queue.count || isBusy { changed.wait(lock) }
        lock.unlock()
    }

    /// Ends the thread, when everything is in.
    func end() {
        lock.lock()
        hasEnded = true
        lock.unlock()
        changed.broadcast()
        thread?.join()
        thread = nil
    }

    private func run() {
        lock.lock()
        while true {
            if first < queue.count {
                let chunk = queue[first]
                first += 1
                if first == queue.count || first >= Self.bound {
                    queue.removeFirst(first)
                    first = 0
                }
                isBusy = true
                lock.unlock()
                chunk.table.put(chunk, ahead: Self.ahead)
                lock.lock()
                unsafe spare.append(chunk.ids)
                isBusy = false
                changed.broadcast()
            } else if hasEnded {
                break
            } else {
                changed.wait(lock)
            }
        }
        lock.unlock()
    }
}

/// An id's hash and its number.
struct FedId: BitwiseCopyable {
    let hash: UInt64
    let number: UInt32
}

/// What was added to a table and not yet handed over.
@unsafe struct FedIds: BitwiseCopyable {
    var ids: UnsafeMutablePointer<FedId>
    var count = 0
    /// How many there is room for; 0 when the table is to come back.
    var bound = IdFeeder.capacity
}

/// A table that is being fed, and what was not yet handed over.
@safe final class FedTable: @unchecked Sendable {
    // Proof of Sendable: see `IdFeeder`.
    @safe @exclusivity(unchecked) var table: IdTable
    let feeder: IdFeeder
    /// The folding thread's.
    let queue: UnsafeMutablePointer<FedIds>

    init(_ table: consuming IdTable, _ feeder: IdFeeder) {
        self.table = table
        self.feeder = feeder
        unsafe queue = .allocate(capacity: 1)
        unsafe queue.initialize(to: FedIds(ids: feeder.takeIds()))
    }

    deinit {
        unsafe queue.pointee.ids.deallocate()
        unsafe queue.deallocate()
    }

    /// Hands over what is queued; false when the table is rather to come back.
    func makesRoom() -> Bool {
        if feeder.isInTheWay { return false }
        handOver()
        return true
    }

    private func handOver() {
        guard unsafe queue.pointee.count > 0 else { return }
        unsafe feeder.hand(
            IdFeeder.Chunk(table: self, ids: queue.pointee.ids, count: queue.pointee.count))
        unsafe queue.pointee.ids = feeder.takeIds()
        unsafe queue.pointee.count = 0
    }

    /// Waits until the table has everything.
    func settle(forLookUp: Bool) {
        handOver()
        feeder.wait(forLookUp: forLookUp)
        if feeder.isInTheWay { unsafe queue.pointee.bound = 0 }
    }

    /// On the feeder's thread.
    func put(_ chunk: IdFeeder.Chunk, ahead: Int) {
        for i in 0..<chunk.count {
            if i + ahead < chunk.count { unsafe table.prefetchRun(chunk.ids[i + ahead].hash) }
            unsafe table.insert(chunk.ids[i])
        }
    }
}

extension CoreState {
    /// Lets ids be put into the larger id tables on a thread of its own, until `gatherIds`. Only while nothing is
    /// recorded for undoing, and for a state without a checkpoint behind it.
    public mutating func spreadIds() {
        precondition(!undo.recording && head.position == .start, "ids are fed to a state from the log alone")
        let feeder = IdFeeder()
        self.feeder = feeder
        userIds.goAway(with: feeder)
        paymentIds.goAway(with: feeder)
        further.codeIds.goAway(with: feeder)
        further.keyIds.goAway(with: feeder)
    }

    /// Ends what `spreadIds` began; nothing when it did not. Waits until all ids are in.
    public mutating func gatherIds() {
        guard let feeder else { return }
        userIds.comeBack()
        paymentIds.comeBack()
        further.codeIds.comeBack()
        further.keyIds.comeBack()
        feeder.end()
        self.feeder = nil
    }
}
