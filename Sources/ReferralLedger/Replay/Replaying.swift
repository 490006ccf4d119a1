import LedgerDomain
import LedgerLog
import LedgerState
import Platform

/// What a replay came to: enough for another machine to do the same and compare.
public struct ReplayReceipt: Sendable, Equatable {
    /// A digest on the way.
    public struct Mark: Sendable, Equatable {
        /// Where the record ends.
        public let position: LogPosition
        /// SHA-256 of the state there, hexadecimal.
        public let stateDigest: String
    }
    /// A policy version that ruled.
    public struct PolicyVersion: Sendable, Equatable {
        /// The programme's id.
        public let programme: String
        /// From 1.
        public let version: UInt64
        public let name: String
        /// SHA-256 of its canonical JSON, hexadecimal.
        public let hash: String
    }

    /// The ledger's id.
    public let ledgerId: String
    /// The last event that was folded: of the last whole record at or before the position asked for.
    public let position: LogPosition
    /// Records so far, which are the leaves of the hash tree.
    public let records: UInt64
    /// Root of the hash tree (RFC 6962) of them, hexadecimal.
    public let logRoot: String
    /// Versions of the folds: state and views.
    public let foldVersion: String
    /// Policy versions published so far, in log order.
    public let policies: [PolicyVersion]
    /// SHA-256 of the state, hexadecimal.
    public let stateDigest: String
    /// Digests on the way, where they were asked for.
    public let marks: [Mark]
    /// Seconds that folding took.
    public let seconds: Double
}

extension Ledger {
    /// Folds a log anew in memory, from its first record on, whatever checkpoints there are.
    ///
    /// Reads only, and does nothing else: no command is decided, nothing is delivered, no file is touched. A
    /// writer may go on beside it.
    /// - Parameters:
    ///   - position: Where to stop; nil: at the log's end.
    ///   - every: A digest after about this many events each, at ends of records; nil: only the last.
    ///   - progress: Told the position now and then.
    /// - Throws: `noLedger`, `broken` with the place, `newer`, `inputOutput`.
    public static func replay(
        at directory: String, to position: LogPosition? = nil, digestEvery every: UInt64? = nil,
        options: LedgerOptions = .init(), progress: (UInt64) -> Void = { _ in }
    ) throws(LedgerError) -> ReplayReceipt {
        let folders = LedgerFolders(root: directory)
        guard folders.holdsLog else { throw LedgerError(.noLedger, "there is no ledger in \(directory)") }
        let store: LogStore
        do throws(LogError) {
            store = try LogStore.open(
                directory: folders.log, readOnly: true, mapSizeBytes: options.logMapBytes)
        } catch {
            throw LedgerError(error)
        }
        defer { store.close() }
        return try replay(store, position, every, progress)
    }

    /// As ``replay(at:to:digestEvery:options:progress:)``, of the ledger that this process writes.
    public func replay(
        to position: LogPosition? = nil, digestEvery every: UInt64? = nil,
        progress: (UInt64) -> Void = { _ in }
    ) throws(LedgerError) -> ReplayReceipt {
        try current.checkOpen()
        return try Self.replay(store, position, every, progress)
    }

    private static func replay(
        _ store: LogStore, _ position: LogPosition?, _ every: UInt64?, _ progress: (UInt64) -> Void
    ) throws(LedgerError) -> ReplayReceipt {
        let start = Clock.monotonicNanoseconds()
        let fold = try ScratchFold(store)
        defer { fold.close() }
        if let position, position > fold.end { throw .beyond(position, end: fold.end) }
        let end = position ?? fold.end
        var marks: [ReplayReceipt.Mark] = []
        if let every, every > 0 {
            var next = every
            while next < end.rawValue {
                try fold.run(through: LogPosition(next), progress)
                let (digest, head) = try fold.digest()
                if head.position.rawValue > (marks.last?.position.rawValue ?? 0) {
                    marks.append(.init(position: head.position, stateDigest: digest.hex))
                }
                next += every
            }
        }
        try fold.run(through: end, progress)
        let (digest, head) = try fold.digest()
        let seconds = Double(Clock.monotonicNanoseconds() - start) / 1e9
        return ReplayReceipt(
            ledgerId: fold.store.ledgerId.hex, position: head.position, records: head.records,
            logRoot: try fold.logRoot(), foldVersion: "\(CoreState.foldVersion).\(ViewState.foldVersion)",
            policies: try fold.policies(), stateDigest: digest.hex, marks: marks, seconds: seconds)
    }
}

/// A fold of a log from its first record on, in memory. For one thread.
final class ScratchFold {
    let store: LogStore
    let box: StateBox
    let viewBox: ViewBox
    let end: LogPosition
    private let tree: TreeKeeper

    init(_ store: LogStore) throws(LedgerError) {
        self.store = store
        do throws(LogError) {
            end = try store.head().position
            tree = try TreeKeeper(store, nil, nil)
        } catch {
            throw LedgerError(error)
        }
        box = StateBox(CoreState(records: RecordSource(store), hashSeed: 1))
        viewBox = ViewBox(ViewState(hashSeed: 1))
    }

    func close() { box.read { $0.records.release() } }

    /// Folds the records that end at or before a position.
    func run(through position: LogPosition, _ progress: (UInt64) -> Void = { _ in }) throws(LedgerError) {
        do throws(LogError) {
            try box.read { core throws(LogError) in
                guard core.head.position < position else { return }
                var count = 0
                unsafe try store.scan(after: core.head.position, through: position) {
                    record, header throws(LogError) in
                    do throws(FoldFault) {
                        try unsafe core.apply(record: record, header: header)
                    } catch {
                        throw LogError(.broken, "\(error.check): \(error.message)", position: error.position)
                    }
                    count += 1
                    if count & 0x3FFF == 0 { progress(header.lastPosition.rawValue) }
                    return true
                }
            }
        } catch {
            throw LedgerError(error)
        }
    }

    func digest() throws(LedgerError) -> (digest: Digest32, head: LogHead) {
        try PrivateDigest.compute(box, viewBox, store)
    }

    /// Root of the hash tree of the records folded so far.
    func logRoot() throws(LedgerError) -> String {
        do throws(LogError) { try tree.catchUp(through: box.read { $0.head.position }) } catch {
            throw LedgerError(error)
        }
        return tree.root().root.hex
    }

    func policies() throws(LedgerError) -> [ReplayReceipt.PolicyVersion] {
        do throws(LogError) {
            return try box.read { core throws(LogError) in
                var out: [ReplayReceipt.PolicyVersion] = []
                for index in 0..<core.policies.count {
                    let known = try core.readPolicy(index)
                    out.append(
                        .init(
                            programme: try core.programmeId(Int(core.policies[index].programme)).string,
                            version: known.version, name: known.policy.name,
                            hash: SHA256Hasher().hash(known.policy.canonicalJSON()).hex))
                }
                return out
            }
        } catch {
            throw LedgerError(error)
        }
    }
}
