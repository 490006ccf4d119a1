import LedgerDomain
import LedgerLog
import LedgerProof

@_exported import struct LedgerLog.Digest32
@_exported import struct LedgerProof.ConsistencyProof
@_exported import struct LedgerProof.InclusionProof
@_exported import struct LedgerProof.NoteSigner
@_exported import struct LedgerProof.NoteVerifier
@_exported import struct LedgerProof.ProofError
@_exported import struct LedgerProof.SignedNote
@_exported import struct LedgerProof.TreeHead
@_exported import enum LedgerProof.TreeProof

/// Proves what a log holds: roots, inclusion and consistency proofs, tiles (RFC 6962, C2SP).
///
/// Reads the log and the stored hash tree only: no state is folded, no key is needed. A ledger that is open for writing
/// has one (``Ledger/prover``); beside a writer in another process, or on a copy, open one. From any thread; proofs are
/// made one at a time.
public final class LogProver: Sendable {
    /// The ledger's folder.
    public let directory: String
    /// Hexadecimal.
    public let ledgerId: String
    let store: LogStore
    let tree: TreeKeeper
    private let checkpoints: CheckpointStore?
    /// Where the log ends for this prover; nil: on disk, now.
    private let isOwner: Bool

    init(directory: String, store: LogStore, tree: TreeKeeper, checkpoints: CheckpointStore?, isOwner: Bool) {
        self.directory = directory
        self.store = store
        self.tree = tree
        self.checkpoints = checkpoints
        self.isOwner = isOwner
        ledgerId = store.ledgerId.hex
    }

    /// Opens the log of a ledger for proving, beside a writer if there is one.
    ///
    /// ```swift
    /// let prover = try LogProver.open(at: folder)
    /// defer { prover.close() }
    /// print(try prover.head(origin: "example.com/ledger").text)
    /// ```
    /// - Parameter usesStoredTree: false hashes the whole log: some 0.25 s a million records.
    /// - Throws: `noLedger`, `broken`, `newer`.
    public static func open(
        at directory: String, options: LedgerOptions = .init(), usesStoredTree: Bool = true
    ) throws(LedgerError) -> LogProver {
        let folders = LedgerFolders(root: directory)
        guard folders.holdsLog else { throw LedgerError(.noLedger, "there is no ledger in \(directory)") }
        do throws(LogError) {
            let store = try LogStore.open(
                directory: folders.log, readOnly: true, mapSizeBytes: options.logMapBytes)
            let checkpoints =
                usesStoredTree
                ? try? CheckpointStore(
                    directory: folders.views, readOnly: true, mapSizeBytes: options.viewsMapBytes) : nil
            do throws(LogError) {
                let tree = try TreeKeeper(store, checkpoints, try newest(checkpoints, store))
                let prover = LogProver(
                    directory: directory, store: store, tree: tree, checkpoints: checkpoints, isOwner: true)
                try tree.catchUp(through: try store.head().position)
                return prover
            } catch {
                checkpoints?.close()
                store.close()
                throw error
            }
        } catch {
            throw LedgerError(error)
        }
    }

    /// The newest checkpoint that is one of this log.
    private static func newest(
        _ checkpoints: CheckpointStore?, _ store: LogStore
    ) throws(LogError) -> Manifest? {
        let end = try store.head().position
        for manifest in (try? checkpoints?.readManifests()) ?? [] {
            guard manifest.ledgerId == store.ledgerId, manifest.head.position <= end,
                try Loader.holds(manifest, store)
            else { continue }
            return manifest
        }
        return nil
    }

    /// Lets go of the files; not needed for a ledger's own prover.
    public func close() {
        guard isOwner else { return }
        checkpoints?.close()
        store.close()
    }

    /// Takes up what was recorded since, and says how many records there are.
    @discardableResult
    public func refresh() throws(LedgerError) -> UInt64 {
        try proving { () throws(LogError) in
            try tree.catchUp(through: try store.head().position)
            return tree.size
        }
    }

    /// Records in the tree, as of opening or the last `refresh`.
    public var size: UInt64 { tree.size }

    /// The root of the first records.
    /// - Returns: nil when the tree has fewer leaves.
    public func root(at count: UInt64) throws(LedgerError) -> Digest32? {
        guard count <= size else { return nil }
        return try proving { () throws(LogError) in
            try tree.withTree { tree throws(LogError) in try tree.root(at: count) }
        }
    }

    /// The tree as it is: what a checkpoint says.
    /// - Parameter origin: which log it is, for those who read checkpoints of many: a URL without its scheme, as a rule.
    public func head(origin: String) throws(LedgerError) -> TreeHead {
        let (count, root) = tree.root()
        do { return try TreeHead(origin: origin, size: count, root: root) } catch { throw LedgerError(error) }
    }

    /// Whether a checkpoint's tree is the beginning of this log. False also when the log has fewer records.
    public func agrees(with head: TreeHead) throws(LedgerError) -> Bool {
        guard let root = try root(at: head.size) else { return false }
        return root == head.root
    }

    // MARK: Proofs

    /// Where a position is: the record that holds it.
    public struct Place: Sendable, Equatable {
        /// The leaf's index.
        public let ordinal: UInt64
        /// Positions of its events.
        public let positions: ClosedRange<LogPosition>
        /// The stored value: what the leaf hashes.
        public let record: [UInt8]
    }

    /// The record that holds a position; nil past the end.
    public func place(of position: LogPosition) throws(LedgerError) -> Place? {
        try proving { () throws(LogError) in
            guard position > .start, let base = try store.baseOfRecord(holding: position),
                let record = try store.record(at: base)
            else { return nil }
            do throws(RecordHeader.Fault) {
                let header = try unsafe record.span.bytes.withUnsafeBytes {
                    (raw) throws(RecordHeader.Fault) in
                    try unsafe RecordHeader.read(raw)
                }
                return Place(
                    ordinal: header.ordinal, positions: header.basePosition...header.lastPosition,
                    record: record)
            } catch {
                throw LogError(.broken, error.message, position: base)
            }
        }
    }

    /// The proof that the record at a position is in the log of a checkpoint.
    ///
    /// ```swift
    /// let proof = try prover.inclusionProof(of: LogPosition(42), in: signed)
    /// try "\(proof!)".write(toFile: "42.tlog-proof", atomically: true, encoding: .utf8)
    /// ```
    /// - Parameters:
    ///   - checkpoint: as it was signed; its signatures are not looked at here.
    ///   - includesRecord: whether the proof carries the stored value. Without, whoever checks it needs it from elsewhere.
    /// - Returns: nil when the position is past the checkpoint's end.
    /// - Throws: `broken` when the checkpoint is not one of this log.
    public func inclusionProof(
        of position: LogPosition, in checkpoint: SignedNote, includesRecord: Bool = true
    ) throws(LedgerError) -> InclusionProof? {
        let head = try self.head(of: checkpoint)
        guard let place = try place(of: position), place.ordinal < head.size else { return nil }
        let path = try inclusionPath(of: place.ordinal, in: head.size)
        return InclusionProof(
            index: place.ordinal, path: path, record: includesRecord ? place.record : nil,
            checkpoint: "\(checkpoint)")
    }

    /// The audit path of a record, from its sibling upwards (RFC 6962, section 2.1.1).
    /// - Parameter ordinal: below `count`, which is at most `size`.
    public func inclusionPath(of ordinal: UInt64, in count: UInt64) throws(LedgerError) -> [Digest32] {
        precondition(ordinal < count && count <= size, "no such leaf")
        return try proving { () throws(LogError) in
            try tree.withTree { tree throws(LogError) in try tree.inclusion(of: ordinal, in: count) }
        }
    }

    /// The proof that one checkpoint's log is the beginning of another's.
    /// - Parameters:
    ///   - old: its size, at most that of the newer one.
    ///   - checkpoint: the newer one, as it was signed.
    /// - Throws: `broken` when a checkpoint is not one of this log.
    public func consistencyProof(
        from old: TreeHead, to checkpoint: SignedNote
    ) throws(LedgerError) -> ConsistencyProof? {
        let head = try self.head(of: checkpoint)
        guard old.size <= head.size else { return nil }
        guard try agrees(with: old) else { throw notOurs(old) }
        return ConsistencyProof(
            oldSize: old.size, path: try consistencyPath(from: old.size, to: head.size),
            checkpoint: "\(checkpoint)")
    }

    /// The path between two sizes (RFC 6962, section 2.1.2).
    /// - Parameter first: at most `second`, which is at most `size`.
    public func consistencyPath(from first: UInt64, to second: UInt64) throws(LedgerError) -> [Digest32] {
        precondition(first <= second && second <= size, "no such trees")
        return try proving { () throws(LogError) in
            try tree.withTree { tree throws(LogError) in try tree.consistency(from: first, to: second) }
        }
    }

    /// A checkpoint's tree head, once it is known to be one of this log.
    func head(of checkpoint: SignedNote) throws(LedgerError) -> TreeHead {
        let head: TreeHead
        do { head = try TreeHead(text: checkpoint.text) } catch { throw LedgerError(error) }
        guard try agrees(with: head) else { throw notOurs(head) }
        return head
    }

    private func notOurs(_ head: TreeHead) -> LedgerError {
        LedgerError(
            .broken,
            head.size > size
                ? "the checkpoint is of \(head.size) records, this log has \(size)"
                : "this log's first \(head.size) records have another root than the checkpoint says")
    }

    func proving<R>(_ body: () throws(LogError) -> R) throws(LedgerError) -> R {
        do throws(LogError) { return try body() } catch { throw LedgerError(error) }
    }
}

extension LedgerError {
    /// A checkpoint or proof that does not hold is a broken one.
    init(_ error: ProofError) { self.init(.broken, error.message) }
}

extension Ledger {
    /// Proves what this ledger's log holds. Take it while the ledger is open.
    public var prover: LogProver {
        LogProver(directory: directory, store: store, tree: keeper.hashTree, checkpoints: nil, isOwner: false)
    }
}

extension LogProver {
    /// The positions that a stored record says it has; nil when the bytes are none. Proves nothing by itself: what was
    /// checked is their hash.
    public static func positions(ofRecord record: [UInt8]) -> ClosedRange<LogPosition>? {
        let header = try? unsafe record.span.bytes.withUnsafeBytes { (raw) throws(RecordHeader.Fault) in
            try unsafe RecordHeader.read(raw)
        }
        return header.map { $0.basePosition...$0.lastPosition }
    }
}
