import LedgerDomain
import LedgerLog
import LedgerState
import LedgerViews
import Platform
import Synchronization

/// Reads a ledger's state: the present one (``Ledger/current``) or a past one (``Ledger/past(at:)``).
///
/// Safe from any thread. An answer about a user holds at or after the last acknowledged position; one over
/// many
/// rows holds at one position, which it carries. Nothing that is not on disk is ever seen.
public final class LedgerReader: @unchecked Sendable {
    // Proof of Sendable: everything is constant but `digestWork`, which is set before the reader is handed out, and
    // after that only touched with the state's lock held, as is `knownProgrammes`, which is looked at in peeks, too; and the
    // atomic `closed`.
    let store: LogStore
    let box: StateBox
    let viewBox: ViewBox
    let tree: TreeKeeper
    /// For a past state: where it stands. Nil for the present.
    let fixed: LogPosition?
    /// For a state by business time; nil for all that is recorded.
    let business: BusinessTime?
    /// Where states by business time of this one are kept: they end with it.
    let dependents: OpenReaders

    init(
        store: LogStore, box: StateBox, viewBox: ViewBox, tree: TreeKeeper, fixed: LogPosition?,
        business: BusinessTime? = nil, dependents: OpenReaders = OpenReaders()
    ) {
        self.store = store
        self.box = box
        self.viewBox = viewBox
        self.tree = tree
        self.fixed = fixed
        self.business = business
        self.dependents = dependents
    }

    /// Of a state by business time, see ``EffectiveReader/state(progress:)``: its moment. Nil for all that is
    /// recorded.
    public var effectiveMoment: Timestamp? { business?.moment }

    typealias DigestWork = () throws(LedgerError) -> (digest: Digest32, head: LogHead)
    private var digestWork: DigestWork?
    @safe @exclusivity(unchecked) private var knownProgrammes: [String] = []
    private let closed = Atomic<Bool>(false)

    /// - Parameter work: Computes the digest; keeps alive what the state reads in place.
    func attach(digest work: @escaping DigestWork) { digestWork = work }

    /// The state digest, and where it was taken.
    public func digest() throws(LedgerError) -> Answered<String> {
        let (digest, head) = try computeDigest()
        return Answered(value: digest.hex, position: head.position)
    }

    func computeDigest() throws(LedgerError) -> (digest: Digest32, head: LogHead) {
        guard let work = box.read({ _ in digestWork }) else { throw Self.closedError }
        return try work()
    }

    private static let closedError = LedgerError(.closed, "the ledger is closed")

    /// Throws `closed` once the ledger is: the state's blocks may be gone with the checkpoint they were read from.
    func checkOpen() throws(LedgerError) {
        if !isOpen { throw Self.closedError }
    }

    /// Whether it is not closed yet.
    var isOpen: Bool {
        @inline(__always) get { !closed.load(ordering: .acquiring) }
    }

    /// Lets go of the log's snapshot. It is taken again when next needed.
    func releaseSnapshot() {
        dependents.releaseAll()
        box.read { $0.records.release() }
    }

    /// Ends the reader: further questions throw `closed`.
    ///
    /// - Parameter detaching: Whether the states let go of what they read in place, too. Those of an open ledger do so
    ///   with its keeper, which may still have a checkpoint to write from them.
    func release(detaching: Bool = true) {
        dependents.closeAll()
        let work = box.read { core in
            closed.store(true, ordering: .releasing)
            core.records.release()
            if detaching { core.detachMapped(source: nil) }
            defer { digestWork = nil }
            return digestWork
        }
        // Whoever reads the views now gets to the end; who comes after finds the reader closed.
        viewBox.lock.locked { if detaching { viewBox.views.detachMapped(source: nil) } }
        // What it keeps alive goes outside the locks.
        _ = work
    }

    /// Runs a reader on the state, with errors in the facade's terms.
    func reading<R>(_ body: (inout CoreState) throws(LogError) -> R) throws(LedgerError) -> R {
        try checkOpen()
        do {
            return try box.read { core throws(LogError) in
                if !isOpen { throw LogError(.closed, "the ledger is closed") }
                let answer: Result<R, LogError>
                do throws(LogError) { answer = .success(try body(&core)) } catch { answer = .failure(error) }
                // First of all: on blocks of zeros the log itself looks damaged.
                if core.isDamaged, let table = core.damagedTable { throw .damaged(table) }
                return try answer.get()
            }
        } catch {
            throw LedgerError(error)
        }
    }

    /// The position of the last event that is on disk.
    public var position: LogPosition { box.read { $0.visibleHead.position } }

    /// Ids of the programmes, in the order in which they were created.
    public func programmeIds() throws(LedgerError) -> [String] {
        try reading { core throws(LogError) in
            var ids: [String] = []
            for i in 0..<core.visibleProgrammes { ids.append(try core.programmeId(i).string) }
            return ids
        }
    }

    /// A programme by id; nil stands for the only one.
    func programme(_ id: String?, _ core: borrowing CoreState) throws(LogError) -> ProgrammeNumber? {
        guard let id else { return core.visibleProgrammes == 1 ? ProgrammeNumber(0) : nil }
        for i in 0..<core.visibleProgrammes {
            let number = ProgrammeNumber(UInt16(i))
            if try programmeId(number, core) == id { return number }
        }
        return nil
    }

    /// The same, as far as memory says it: programmes that were asked for before.
    @inline(__always)
    func peekProgramme(_ id: String?, _ core: borrowing CoreState) -> ProgrammeNumber? {
        // Beside a group in flight nothing is peeked at.
        guard case .none = core.flight else { return nil }
        let count = core.programmes.count
        guard let id else { return count == 1 ? ProgrammeNumber(0) : nil }
        for i in 0..<min(count, knownProgrammes.count) where knownProgrammes[i] == id {
            return ProgrammeNumber(UInt16(i))
        }
        return nil
    }

    /// A user's member number, through merges.
    @inline(__always)
    func member(_ userId: String, _ programmeId: String?, _ core: borrowing CoreState) throws(LogError)
        -> Int?
    {
        let number: ProgrammeNumber?
        if programmeId == nil, core.visibleProgrammes == 1 {
            number = ProgrammeNumber(0)
        } else {
            number = try programme(programmeId, core)
        }
        guard let number else { return nil }
        return try member(userId, number, core)
    }

    @inline(__always)
    func member(
        _ userId: String, _ programme: ProgrammeNumber, _ core: borrowing CoreState
    ) throws(LogError) -> Int? {
        try withText(userId) { text throws(LogError) in
            guard let user = try core.visibleUser(text) else { return nil }
            guard let member = core.visibleMember(of: user, in: programme) else { return nil }
            if let business, try core.signupTime(member) > business.moment { return nil }
            return core.visibleResolve(member)
        }
    }

    /// A programme's id, which never changes once it is on disk: kept. Called with the state's lock held.
    func programmeId(_ number: ProgrammeNumber, _ core: borrowing CoreState) throws(LogError) -> String {
        let index = Int(number.rawValue)
        while knownProgrammes.count <= index {
            knownProgrammes.append(try core.programmeId(knownProgrammes.count).string)
        }
        return knownProgrammes[index]
    }

    func userId(ofMember member: Int, _ core: borrowing CoreState) throws(LogError) -> String {
        guard let row = core.visibleRow(member: member) else { return "" }
        return try core.userId(Int(row.user)).string
    }

    /// A user and all below, the root first, in the order of a drawing; nil for an unknown user.
    ///
    /// ```swift
    /// let nodes = try ledger.current.tree(of: "u-1", maximumDepth: 3) ?? []
    /// ```
    /// - Parameters:
    ///   - maximumDepth: Levels below the root; nil for all.
    ///   - limit: Nodes at most; the tree is cut where it ends.
    public func tree(
        of userId: String, maximumDepth: Int? = nil, limit: Int = 1_000_000, programme: String? = nil
    ) throws(LedgerError) -> [TreeNode]? {
        try reading { core throws(LogError) in
            guard let root = try member(userId, programme, core) else { return nil }
            var nodes: [TreeNode] = []
            var stack: [(member: Int, depth: Int, parent: Int?)] = [(root, 0, nil)]
            while let (member, depth, parent) = stack.popLast(), nodes.count < limit {
                guard let row = core.visibleRow(member: member) else { continue }
                let index = nodes.count
                nodes.append(
                    TreeNode(
                        userId: try core.userId(Int(row.user)).string, depth: depth, stage: row.referralStage,
                        referrals: Int(row.referrals), children: []))
                if let parent { nodes[parent].children.append(index) }
                if let maximumDepth, depth >= maximumDepth { continue }
                for child in core.visibleChildren(of: member).reversed() {
                    stack.append((child, depth + 1, index))
                }
            }
            return nodes
        }
    }

    /// How many users stand below one, at all depths; nil for an unknown user.
    public func descendants(of userId: String, programme: String? = nil) throws(LedgerError) -> Int? {
        try tree(of: userId, programme: programme).map { $0.count - 1 }
    }

    // MARK: Rules

    /// The programme's policy that rules a moment (now, by the latest version, when nil), and its version.
    public func policy(
        programme: String? = nil, at moment: Timestamp? = nil
    ) throws(LedgerError) -> (policy: Policy, version: UInt64, zone: ZoneRules)? {
        try reading { core throws(LogError) in
            guard let number = try self.programme(programme, core) else { return nil }
            let index = core.visiblePolicy(number, at: moment ?? Timestamp(nanoseconds: .max))
            guard let index else { return nil }
            let known = try core.readPolicy(index)
            return (known.policy, known.version, known.zone)
        }
    }

    /// A published version of the programme's policy, from 1; nil when there is none of that number.
    public func policy(
        programme: String? = nil, version: UInt64
    ) throws(LedgerError) -> (policy: Policy, version: UInt64, zone: ZoneRules)? {
        try reading { core throws(LogError) in
            guard let number = try self.programme(programme, core),
                let index = core.policyIndex(number, version: version), index < core.visiblePolicies
            else { return nil }
            let known = try core.readPolicy(index)
            return (known.policy, known.version, known.zone)
        }
    }

    /// The asset of facts that name none; nil for an unknown programme.
    public func defaultAsset(programme: String? = nil) throws(LedgerError) -> AssetNumber? {
        try reading { core throws(LogError) in
            guard let number = try self.programme(programme, core) else { return nil }
            return core.visibleRow(programme: Int(number.rawValue)).map { AssetNumber(rawValue: $0.asset) }
        }
    }

    /// How far an import has come: its last line and counts over all runs; nil when it was never begun.
    public func importProgress(
        _ importId: String
    ) throws(LedgerError) -> (
        throughLine: UInt64, accepted: UInt64, repeated: UInt64, parked: UInt64, refused: UInt64
    )? {
        try reading { core throws(LogError) in
            try withText(importId) { text throws(LogError) in
                try core.visibleImport(text).map {
                    ($0.throughLine, $0.accepted, $0.repeated, $0.parked, $0.refused)
                }
            }
        }
    }
}

/// A string's bytes as a borrowed text, for the closure only.
@inline(__always)
func withText<R>(_ string: String, _ body: (BorrowedText) throws(LogError) -> R) throws(LogError) -> R {
    try unsafe string.utf8.span.withUnsafeBufferPointer { (utf8) throws(LogError) -> R in
        try unsafe body(BorrowedText(utf8.baseAddress, count: utf8.count))
    }
}

/// The past states of a ledger that are still in use: they hold snapshots of the log, and end with the ledger.
final class OpenReaders: @unchecked Sendable {
    // Proof of Sendable: `readers` is only touched with `lock` held.
    private struct Entry { weak var reader: LedgerReader? }
    private let lock = Lock()
    private var readers: [Entry] = []

    func add(_ reader: LedgerReader) -> LedgerReader {
        lock.locked {
            readers.removeAll { $0.reader == nil }
            readers.append(Entry(reader: reader))
        }
        return reader
    }

    private var all: [LedgerReader] { lock.locked { readers.compactMap(\.reader) } }

    /// Their snapshots go; they take new ones when next asked.
    func releaseAll() { for reader in all { reader.releaseSnapshot() } }

    /// They end.
    func closeAll() { for reader in all { reader.release() } }
}

extension LogError {
    /// A block of the checkpoint cannot be trusted.
    static func damaged(_ table: String) -> LogError {
        LogError(.broken, "the checkpoint's table \(table) is damaged: delete views/ and open again")
    }
}
