import Glibc
import LMDB
import LedgerDomain
import LedgerLog
import LedgerProof
import LedgerState
import Platform

/// The background work of a ledger: the hash tree, checkpoints, and lifting the views to what is on disk.
final class Keeper: @unchecked Sendable {
    // Proof of Sendable: mutable fields are under `lock`, or under `busy`, which one snapshot at a time
    // holds.
    let store: LogStore
    let checkpoints: CheckpointStore
    private let box: StateBox
    let viewBox: ViewBox
    private let tree: TreeKeeper
    let options: LedgerOptions
    private let hashSeed: UInt64

    private let lock = Lock()
    private let changed = Condition()
    // No access to these calls out: exclusive access needs no check.
    @safe @exclusivity(unchecked) private var durable: LogHead
    private var closing = false
    /// When the log had how many records, for the tree's lag.
    @safe @exclusivity(unchecked) private var marks: [(records: UInt64, at: UInt64)] = []
    /// Whether the tree has been level with the log since it was opened: from then on, what it lags behind is of now.
    private var wasLevel = false
    /// Since when a checkpoint is due, while one is.
    private var checkpointDueAt: UInt64?
    private var thread: WorkerThread?
    /// Of its own: a checkpoint may take seconds, the tree must not lag that long.
    private var treeThread: WorkerThread?
    private var viewKeeper: ViewKeeper?

    /// Held while a snapshot is taken and written: there is one frozen state at a time.
    let busy = Lock()
    private var manifest: Manifest?
    /// Where the blocks of histories are that are on disk.
    var historyBlocks: Manifest.Table?
    private var pace: CheckpointPace
    private var generation: UInt32
    private var isClosed = false
    /// Set once: the writer whose boundaries snapshots are taken at. Nil for a fold that nobody writes.
    private unowned var writer: Writer!

    init(
        store: LogStore, checkpoints: CheckpointStore, box: StateBox, viewBox: ViewBox, tree: TreeKeeper,
        options: LedgerOptions, hashSeed: UInt64, manifest: Manifest?,
        head: LogHead
    ) throws(LogError) {
        self.store = store
        self.checkpoints = checkpoints
        self.box = box
        self.viewBox = viewBox
        self.tree = tree
        self.options = options
        self.hashSeed = hashSeed
        self.manifest = manifest
        historyBlocks = manifest?.tables.first { $0.shape.table == ViewState.historyTable }
        pace = CheckpointPace(interval: options.checkpointEvents)
        durable = head
        do { generation = try checkpoints.newestGeneration() } catch {
            throw LogError(error, "cannot read the checkpoints")
        }
    }

    /// For proofs.
    var hashTree: TreeKeeper { tree }

    /// For states of the past.
    var checkpointStore: CheckpointStore { checkpoints }

    /// Starts the background thread.
    func start(_ writer: Writer) {
        self.writer = writer
        busy.locked { if let manifest { notePace(manifest) } }
        thread = WorkerThread(name: "ledger-keeper") { [unowned self] in loop() }
        treeThread = WorkerThread(name: "ledger-tree") { [unowned self] in treeLoop() }
        viewKeeper = ViewKeeper(store, viewBox) { [unowned self] in durableHead.position }
        viewKeeper?.start()
    }

    /// Told by the writer after each group.
    func note(_ head: LogHead) {
        lock.locked {
            durable = head
            // A mark for each fifth of a second is enough to tell the lag by.
            let now = Clock.monotonicNanoseconds()
            if marks.last.map({ now - $0.at > 200_000_000 }) ?? true { marks.append((head.records, now)) }
            if marks.count > 1_000 { marks.removeFirst(500) }
        }
    }

    /// What is on disk.
    var durableHead: LogHead { lock.locked { durable } }

    func beginClosing() -> Bool {
        viewKeeper?.beginClosing()
        return lock.locked {
            if closing { return false }
            closing = true
            changed.broadcast()
            return true
        }
    }

    /// After the writer has closed: the last checkpoint, then the end.
    func close() {
        thread?.join()
        treeThread?.join()
        viewKeeper?.join()
        if options.checkpointOnClose { try? checkpoint() }
        busy.locked {
            isClosed = true
            // The states read blocks in place: they let go of them before the file is closed.
            box.read { $0.detachMapped(source: nil) }
            viewBox.lock.locked { viewBox.views.detachMapped(source: nil) }
        }
        checkpoints.close()
    }

    /// For how long a checkpoint has been due that is not written yet, in seconds.
    func checkpointLag() -> Double {
        lock.locked { checkpointDueAt.map { Double(Clock.monotonicNanoseconds() - $0) / 1e9 } ?? 0 }
    }

    /// How long ago the oldest record was durable that is not in the tree yet, in seconds.
    func treeLag() -> Double {
        let size = tree.size
        let now = Clock.monotonicNanoseconds()
        return lock.locked {
            while let first = marks.first, first.records <= size { marks.removeFirst() }
            if marks.isEmpty, durable.records <= size { wasLevel = true }
            return marks.first.map { Double(now - $0.at) / 1e9 } ?? 0
        }
    }

    /// Holds the writer back while the tree is half a second behind: at full rate, on two processors, it would fall
    /// ever further back. Only for a lag of now, not for a tree that is made anew after opening; and never for more than a
    /// twentieth of a second a group, so that a tree that fails stops nobody.
    func letTreeCatchUp() {
        guard treeLag() > Self.lagBound, lock.locked({ wasLevel && !closing }) else { return }
        for _ in 0..<25 where treeLag() > Self.lagBound {
            changed.broadcast()
            usleep(2_000)
        }
    }

    private static let lagBound = 0.5

    private func loop() {
        // After a failure, most likely for want of room, histories stay in memory for a minute.
        var noRoomUntil: UInt64 = 0
        while true {
            lock.lock()
            if !closing { _ = changed.wait(lock, until: Clock.monotonicNanoseconds() + 200_000_000) }
            let (stop, head) = (closing, durable)
            lock.unlock()
            if stop { return }
            // What fails here fails again, with a message, where somebody asks for it.
            let pace = busy.locked { self.pace }
            if pace.isDue(at: head.position.rawValue, logBytes: logBytes) {
                lock.locked { checkpointDueAt = checkpointDueAt ?? Clock.monotonicNanoseconds() }
                if (try? checkpoint()) != nil { lock.locked { checkpointDueAt = nil } }
            } else if Clock.monotonicNanoseconds() > noRoomUntil {
                do throws(LogError) {
                    try busy.locked { () throws(LogError) in
                        try storeHistory(from: options.historyBlocksAtOnce)
                    }
                } catch {
                    noRoomUntil = Clock.monotonicNanoseconds() + 60_000_000_000
                }
            }
        }
    }

    /// A checkpoint was written or found. Called with `busy` held.
    private func notePace(_ manifest: Manifest) {
        pace.note(
            at: manifest.head.position.rawValue, written: manifest.bytesWritten, logBytes: logBytes())
    }

    /// How large the log is. What cannot be asked for is taken for large: the checkpoint then says what is wrong.
    private func logBytes() -> UInt64 { (try? store.info().usedBytes) ?? .max }

    /// Hashes what was recorded since, five times a second.
    private func treeLoop() {
        while true {
            lock.lock()
            if !closing { _ = changed.wait(lock, until: Clock.monotonicNanoseconds() + 200_000_000) }
            let (stop, head) = (closing, durable)
            lock.unlock()
            if stop { return }
            // What fails here fails again, with a message, where somebody asks for it.
            try? tree.catchUp(through: head.position)
        }
    }

    // MARK: Checkpoints

    /// Writes the blocks that changed since the last checkpoint, then a manifest. The writer pauses only
    /// while blocks are marked.
    func checkpoint() throws(LedgerError) {
        busy.lock()
        defer { busy.unlock() }
        if isClosed { throw LedgerError(.closed, "the ledger is closed") }
        do throws(LogError) {
            try writeCheckpoint()
        } catch {
            throw LedgerError(error)
        }
    }

    private func writeCheckpoint() throws(LogError) {
        // Most of the views' work is done before anything is frozen.
        try catchUpViews(through: durableHead.position)
        try storeHistory(from: 1)
        let snapshot = atBoundary { core in core.freeze(at: core.head) }
        var written: [(table: Int, block: Int)] = []
        do throws(LogError) {
            if let known = manifest, known.head == snapshot.head {
                box.read { $0.thaw() }
                return
            }
            try waitUntilDurable(snapshot.head.position)
            let (range, rows) = try treeSnapshot(snapshot.head)
            var next = try makeManifest(snapshot, range)
            let views = try freezeViews(&next)
            let tables = unsafe try writeBlocks(snapshot.tables, &written) { table, block, target in
                self.box.read {
                    unsafe $0.take(table: table, block: block, into: target, forCheckpoint: true)
                }
            }
            let viewTables = unsafe try writeBlocks(views.tables, &written) { table, block, target in
                self.viewBox.lock.locked {
                    unsafe self.viewBox.views.take(
                        table: table, block: block, into: target, forCheckpoint: true)
                }
            }
            next.tables = tables + viewTables
            // A damaged block of the last checkpoint reads as zeros: it must not become a good one of this.
            try checkDamage()
            try finish(next, rows)
        } catch {
            box.read {
                $0.thaw()
                $0.markDirty(written.filter { !ViewState.owns(table: $0.table) })
            }
            viewBox.lock.locked {
                viewBox.views.thaw()
                viewBox.views.markDirty(written.filter { ViewState.owns(table: $0.table) })
            }
            throw error
        }
    }

    /// Between two groups of the writer; without a writer whenever it is asked.
    private func atBoundary<R>(_ body: (inout CoreState) -> R) -> R {
        if let writer { return writer.atBoundary(body) }
        return box.read { body(&$0) }
    }

    private func checkDamage() throws(LogError) {
        let table = box.read { $0.damagedTable } ?? viewBox.lock.locked { viewBox.views.damagedTable }
        if let table { throw .damaged(table) }
    }

    private func waitUntilDurable(_ position: LogPosition) throws(LogError) {
        let deadline = Clock.monotonicNanoseconds() + 60_000_000_000
        while durableHead.position < position {
            if Clock.monotonicNanoseconds() > deadline {
                throw LogError(.inputOutput, "a group did not reach the disk within a minute")
            }
            lock.locked { _ = changed.wait(lock, until: Clock.monotonicNanoseconds() + 2_000_000) }
        }
    }

    /// The tree as of a position; the tree's own thread may be past it, but never in an older state.
    private func treeSnapshot(_ head: LogHead) throws(LogError) -> (MerkleRange, [TileRow]) {
        try tree.catchUp(through: head.position)
        return try tree.snapshot(at: head.records)
    }

    private func makeManifest(_ snapshot: Snapshot, _ tree: MerkleRange) throws(LogError) -> Manifest {
        var hash = Digest32()
        if snapshot.head.position > .start {
            guard let base = try store.baseOfRecord(holding: snapshot.head.position),
                let record = try store.record(at: base)
            else {
                throw LogError(.broken, "the last record cannot be read", position: snapshot.head.position)
            }
            hash = SHA256Hasher().hash(record)
        }
        return Manifest(
            generation: generation + 1, ledgerId: store.ledgerId, hashSeed: hashSeed, head: snapshot.head,
            recordHash: hash, viewsHead: snapshot.head, sequence: 0, closedTo: [], tree: tree)
    }

    private func freezeViews(_ manifest: inout Manifest) throws(LogError) -> Snapshot {
        viewBox.lock.lock()
        defer { viewBox.lock.unlock() }
        try viewBox.catchUp(store, through: manifest.head.position)
        let views = viewBox.views.freeze(at: viewBox.views.head)
        manifest.viewsHead = views.head
        manifest.sequence = viewBox.views.sequence
        manifest.closedTo = viewBox.views.closedTo
        return views
    }

    /// Blocks of one transaction: 32 MiB.
    static let stretch = 512

    /// Writes the changed blocks of tables; unchanged ones stay where an earlier checkpoint put them.
    private func writeBlocks(
        _ shapes: [TableShape], _ written: inout [(table: Int, block: Int)],
        _ take: (Int, Int, UnsafeMutableRawPointer) -> Bool
    ) throws(LogError) -> [Manifest.Table] {
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: BlockArena.blockBytes, alignment: 64)
        defer { unsafe buffer.deallocate() }
        let hasher = SHA256Hasher()
        var tables: [Manifest.Table] = []
        for shape in shapes {
            let before =
                shape.table == ViewState.historyTable
                ? historyBlocks : manifest?.tables.first { $0.shape.table == shape.table }
            var table = Manifest.Table(shape: shape, generations: [], checksums: [])
            table.generations = Array(repeating: 0, count: shape.blockCount)
            table.checksums = Array(repeating: 0, count: shape.blockCount)
            let changed = Set(shape.changed)
            for block in 0..<shape.blockCount where !changed.contains(block) {
                guard let before, block < before.generations.count else { continue }
                table.generations[block] = before.generations[block]
                table.checksums[block] = before.checksums[block]
            }
            for start in stride(from: 0, to: shape.changed.count, by: Self.stretch) {
                let part = shape.changed[start..<min(start + Self.stretch, shape.changed.count)]
                do throws(LMDBError) {
                    let write = try checkpoints.environment.beginWrite()
                    for block in part {
                        guard unsafe take(shape.table, block, buffer) else { continue }
                        written.append((shape.table, block))
                        if shape.digested {
                            table.shape.hashes[block] = unsafe StateDigest.hash(
                                buffer, shape: shape, index: block, hasher: hasher)
                        }
                        let bytes = unsafe UnsafeRawBufferPointer(start: buffer, count: BlockArena.blockBytes)
                        table.generations[block] = generation + 1
                        table.checksums[block] = unsafe blockChecksum(bytes)
                        let key = CheckpointStore.key(shape.table, block, generation + 1)
                        try unsafe key.span.bytes.withUnsafeBytes { (raw) throws(LMDBError) in
                            try unsafe write.put(checkpoints.blocks, key: raw, value: bytes)
                        }
                    }
                    try write.commit()
                } catch {
                    throw LogError(error, "cannot write a checkpoint")
                }
            }
            tables.append(table)
        }
        return tables
    }

    /// The marker last; then the states read the new checkpoint's blocks, and old ones go.
    private func finish(_ next: Manifest, _ rows: [TileRow]) throws(LogError) {
        do throws(LMDBError) {
            let bytes = next.encoded()
            let write = try checkpoints.environment.beginWrite()
            try unsafe bytes.span.bytes.withUnsafeBytes { (raw) throws(LMDBError) in
                try unsafe write.put(checkpoints.manifests, key: UInt64(next.generation), value: raw)
            }
            try checkpoints.put(rows, write)
            try write.commit()
            tree.stored(rows)
            generation = next.generation
            manifest = next
            historyBlocks = next.tables.first { $0.shape.table == ViewState.historyTable }
            notePace(next)
            let fresh = try CheckpointBlocks(checkpoints, next.tables)
            box.read {
                $0.thaw()
                $0.detachMapped(source: fresh)
                for table in next.tables where !ViewState.owns(table: table.shape.table) {
                    $0.keepHashes(of: table.shape)
                }
            }
            viewBox.lock.locked {
                viewBox.views.thaw()
                viewBox.views.detachMapped(source: fresh)
                for table in next.tables where ViewState.owns(table: table.shape.table) {
                    viewBox.views.keepHashes(of: table.shape)
                }
            }
            try checkpoints.prune(kept: options.keptCheckpoints)
        } catch {
            throw LogError(error, "cannot write a checkpoint")
        }
    }

    // MARK: Digest

    /// The state digest of what is on disk. The writer waits while blocks are marked; hashing goes on beside
    /// it.
    func digest() throws(LedgerError) -> (digest: Digest32, head: LogHead) {
        busy.lock()
        defer { busy.unlock() }
        if isClosed { throw LedgerError(.closed, "the ledger is closed") }
        do throws(LogError) {
            // Most of the views' work is done before the writer is held.
            try catchUpViews(through: durableHead.position)
            let (core, views) = try writer.whileIdle { core throws(LogError) in
                try viewBox.lock.locked { () throws(LogError) -> (Snapshot, Snapshot) in
                    try viewBox.catchUp(store, through: core.head.position)
                    return (core.freeze(at: core.head), viewBox.views.freeze(at: core.head))
                }
            }
            defer {
                box.read { $0.thaw() }
                viewBox.lock.locked { viewBox.views.thaw() }
            }
            var parts =
                unsafe DigestWork.hash(core.tables) { table, block, target in
                    self.box.read {
                        unsafe $0.take(table: table, block: block, into: target, forCheckpoint: false)
                    }
                } keep: { hash, table, block in
                    self.box.read { $0.keep(hash: hash, table: table, block: block) }
                }
            parts += unsafe DigestWork.hash(views.tables) { table, block, target in
                self.viewBox.lock.locked {
                    unsafe self.viewBox.views.take(
                        table: table, block: block, into: target, forCheckpoint: false)
                }
            } keep: { hash, table, block in
                self.viewBox.lock.locked { self.viewBox.views.keep(hash: hash, table: table, block: block) }
            }
            try checkDamage()
            return (StateDigest.combine(parts), core.head)
        } catch {
            throw LedgerError(error)
        }
    }
}

/// Hashing of frozen blocks.
enum DigestWork {
    /// The block hashes of digested tables: known ones as they are, the others from the frozen content.
    static func hash(
        _ tables: [TableShape], take: (Int, Int, UnsafeMutableRawPointer) -> Bool,
        keep: (Digest32, Int, Int) -> Void
    ) -> [(shape: TableShape, hashes: [Digest32])] {
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: BlockArena.blockBytes, alignment: 64)
        defer { unsafe buffer.deallocate() }
        let hasher = SHA256Hasher()
        var out: [(shape: TableShape, hashes: [Digest32])] = []
        for shape in tables where shape.digested {
            var hashes: [Digest32] = []
            for block in 0..<shape.digestBlocks {
                if let known = shape.hashes[block] {
                    hashes.append(known)
                    continue
                }
                // A block without a known hash is stale, so it was frozen.
                let taken = unsafe take(shape.table, block, buffer)
                precondition(taken, "block \(block) of \(shape.name) was not frozen")
                let hash = unsafe StateDigest.hash(buffer, shape: shape, index: block, hasher: hasher)
                keep(hash, shape.table, block)
                hashes.append(hash)
            }
            out.append((shape, hashes))
        }
        return out
    }
}
