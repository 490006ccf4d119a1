import Glibc
import LedgerDomain
import LedgerLog
import LedgerReplay
import LedgerState
import Platform

@_exported import struct LedgerReplay.StateDifference

/// A state to compare: views of a ledger, or a fold of its log.
public enum ViewsSide: Sendable, Equatable {
    /// The checkpoints in `views/`, and the log's tail.
    case live
    /// Those of a rebuild beside them, in `views.next/`.
    case next
    /// Those that a swap has put aside, in `views.old/`.
    case old
    /// The log alone.
    case fresh
    /// Another ledger: its views and its log.
    case ledger(String)

    /// `views`, `views.next`, `views.old`, `fresh`, or else a ledger's folder; `./views` is a folder.
    public init(_ text: String) {
        switch text {
        case "views": self = .live
        case "views.next": self = .next
        case "views.old": self = .old
        case "fresh": self = .fresh
        default: self = .ledger(text)
        }
    }
}

/// How two sides compare at one position.
public struct ViewsDiff: Sendable {
    /// Where both were compared.
    public let position: LogPosition
    /// State digests, hexadecimal.
    public let before: String
    public let after: String
    /// What differs, where the digests do.
    public let difference: StateDifference?
    /// Where the checkpoints stand that the sides were folded from; nil: from the log's first record.
    public let checkpoints: (before: LogPosition?, after: LogPosition?)

    public var isEqual: Bool { before == after }

    /// SHA-256 of position and digests: what `swap --approve` names.
    public var hash: String {
        SHA256Hasher().hash(Array("\(position) \(before) \(after)\n".utf8)).hex
    }
}

/// The first event at which two sides part.
public struct Divergence: Sendable {
    /// The first position at which the states differ: the end of a record in one of them.
    public let position: LogPosition
    /// The first event that differs in those records; nil where they say the same, and only the states differ.
    public let event: LogPosition?
    /// The record there, in each: none where the log has none.
    public let before: [LedgerEvent]
    public let after: [LedgerEvent]
    /// The states there.
    public let diff: ViewsDiff
    /// How many times a state was folded, from the nearest checkpoint each.
    public let folds: Int
}

/// One side, opened: gives its state at any position.
final class OpenSide {
    let store: LogStore
    let end: LogPosition
    private let checkpoints: CheckpointStore?
    private let ownsStore: Bool
    private(set) var folds = 0

    /// Both sides. A process opens a log once: sides of one ledger share it.
    static func pair(
        _ a: ViewsSide, _ b: ViewsSide, of directory: String, _ options: LedgerOptions
    ) throws(LedgerError) -> (OpenSide, OpenSide) {
        let first = try OpenSide(a, of: directory, options, sharing: nil)
        return (first, try OpenSide(b, of: directory, options, sharing: first))
    }

    private let root: String
    private let views: String?
    /// Whose files this one uses.
    private let shared: OpenSide?

    private init(
        _ side: ViewsSide, of directory: String, _ options: LedgerOptions, sharing other: OpenSide?
    ) throws(LedgerError) {
        var root = directory
        if case .ledger(let other) = side { root = other }
        let folders = LedgerFolders(root: root)
        guard folders.holdsLog else { throw LedgerError(.noLedger, "there is no ledger in \(root)") }
        let views: String? =
            switch side {
            case .live, .ledger: folders.views
            case .next: folders.nextViews
            case .old: folders.oldViews
            case .fresh: nil
            }
        self.root = root
        self.views = views
        let shared = other.flatMap { other in
            Self.realPath(other.root) == Self.realPath(root) ? other : nil
        }
        self.shared = shared
        ownsStore = shared == nil
        do throws(LogError) {
            if let shared {
                store = shared.store
            } else {
                store = try LogStore.open(
                    directory: folders.log, readOnly: true, mapSizeBytes: options.logMapBytes)
            }
            do throws(LogError) {
                end = try store.head().position
                let isSame = shared.map { $0.views == views } ?? false
                checkpoints = isSame ? shared?.checkpoints : try Self.open(views, side, options)
            } catch {
                if ownsStore { store.close() }
                throw error
            }
        } catch {
            throw LedgerError(error)
        }
    }

    /// Whether a side has a checkpoint that can be used, or the log is empty.
    static func holdsUsable(_ side: ViewsSide, of directory: String) throws(LedgerError) -> Bool {
        let side = try OpenSide(side, of: directory, .init(), sharing: nil)
        if side.end == .start { return true }
        return try side.state(at: side.end).checkpoint != nil
    }

    private static func realPath(_ path: String) -> String {
        guard let real = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(real) }
        return unsafe String(cString: real)
    }

    private static func open(
        _ views: String?, _ side: ViewsSide, _ options: LedgerOptions
    ) throws(LogError) -> CheckpointStore? {
        guard let views else { return nil }
        guard LedgerFolders.holdsFile(views + "/data.mdb") else {
            if case .ledger = side { return nil }
            throw LogError(.noLedger, "there are no views in \(views)")
        }
        return try CheckpointStore(directory: views, readOnly: true, mapSizeBytes: options.viewsMapBytes)
    }

    deinit {
        // The one that shares them goes first: it holds on to the other.
        if shared == nil || shared?.views != views { checkpoints?.close() }
        if ownsStore { store.close() }
    }

    /// Where its newest checkpoint that can be used stands.
    var newest: LogPosition? {
        (try? checkpoints?.readManifests())?.first { $0.ledgerId == store.ledgerId }?.head.position
    }

    /// The state at a position: of the last record that ends at or before it.
    func state(
        at position: LogPosition, _ progress: (UInt64) -> Void = { _ in }
    ) throws(LedgerError) -> SideState {
        folds += 1
        do throws(LogError) {
            let loaded = try Loader.load(store, checkpoints, through: position, progress: progress)
            let checkpoint = loaded.manifest?.head.position
            let (box, viewBox) = Ledger.boxes(loaded)
            return SideState(box: box, viewBox: viewBox, side: self, checkpoint: checkpoint)
        } catch {
            throw LedgerError(error)
        }
    }
}

/// A state of one side.
final class SideState {
    let box: StateBox
    let viewBox: ViewBox
    /// Where the checkpoint stands that it was folded from.
    let checkpoint: LogPosition?
    /// Closes the log that this state reads, and would wait for it for ever: it must not go first, as it may where its
    /// last use is before that of the state.
    private let side: OpenSide
    private var store: LogStore { side.store }

    init(box: StateBox, viewBox: ViewBox, side: OpenSide, checkpoint: LogPosition?) {
        (self.box, self.viewBox, self.side, self.checkpoint) = (box, viewBox, side, checkpoint)
    }

    deinit {
        box.read {
            $0.records.release()
            $0.detachMapped(source: nil)
        }
        viewBox.lock.locked { viewBox.views.detachMapped(source: nil) }
    }

    func digest() throws(LedgerError) -> String {
        try PrivateDigest.compute(box, viewBox, store).digest.hex
    }

    /// Answers in names, about this state.
    func reader() throws(LedgerError) -> LedgerReader {
        do throws(LogError) {
            return LedgerReader(
                store: store, box: box, viewBox: viewBox, tree: try TreeKeeper(store, nil, nil),
                fixed: box.read { $0.head.position })
        } catch {
            throw LedgerError(error)
        }
    }
}

extension Ledger {
    /// Compares two sides at the last position that both have, or at an earlier one.
    ///
    /// Reads only; a writer may go on. Cost: folding what the checkpoints lack, and reading all rows when the
    /// digests differ.
    public static func diff(
        at directory: String, _ before: ViewsSide, _ after: ViewsSide, position: LogPosition? = nil,
        options: LedgerOptions = .init(), progress: (UInt64) -> Void = { _ in }
    ) throws(LedgerError) -> ViewsDiff {
        let (a, b) = try OpenSide.pair(before, after, of: directory, options)
        let end = min(a.end, b.end)
        if let position, position > end { throw .beyond(position, end: end) }
        return try diff(a, b, at: position ?? end, progress)
    }

    static func diff(
        _ a: OpenSide, _ b: OpenSide, at position: LogPosition, _ progress: (UInt64) -> Void
    ) throws(LedgerError) -> ViewsDiff {
        let (old, new) = (try a.state(at: position, progress), try b.state(at: position, progress))
        let (before, after) = (try old.digest(), try new.digest())
        var found: StateDifference?
        if before != after { found = try difference(old, new) }
        return ViewsDiff(
            position: position, before: before, after: after, difference: found,
            checkpoints: (old.checkpoint, new.checkpoint))
    }

    private static func difference(_ old: SideState, _ new: SideState) throws(LedgerError) -> StateDifference
    {
        do throws(LogError) {
            return try old.box.read { was throws(LogError) in
                try new.box.read { now throws(LogError) in
                    let oldViews = old.viewBox.lock.locked { old.viewBox.views.rowHashes() }
                    return try new.viewBox.lock.locked { () throws(LogError) in
                        let newViews = new.viewBox.views.rowHashes()
                        return try StateDifference(&was, &now, views: (oldViews, newViews)) { user in
                            var last: LogPosition?
                            new.viewBox.views.history(of: user) {
                                last = $0
                                return false
                            }
                            return last
                        }
                    }
                }
            }
        } catch {
            throw LedgerError(error)
        }
    }

    /// The first event at which two sides part, by halving; nil when they agree where both have a log.
    ///
    /// Each comparison folds both sides from their nearest checkpoint at or before the position: about
    /// 2 × log₂ n folds. That sides that part do not meet again is taken for granted.
    public static func bisect(
        at directory: String, _ before: ViewsSide, _ after: ViewsSide, options: LedgerOptions = .init(),
        progress: (UInt64) -> Void = { _ in }
    ) throws(LedgerError) -> Divergence? {
        let (a, b) = try OpenSide.pair(before, after, of: directory, options)
        func agree(_ position: UInt64) throws(LedgerError) -> Bool {
            progress(position)
            let place = LogPosition(position)
            return try a.state(at: place).digest() == b.state(at: place).digest()
        }
        let end = min(a.end, b.end)
        if end == .start { return nil }
        if try agree(end.rawValue) { return nil }
        let found = try Bisection.search(from: 0, to: end.rawValue, agree: agree)
        let position = LogPosition(found.first)
        let diff = try diff(a, b, at: position) { _ in }
        let folds = a.folds + b.folds
        let (was, now) = (try record(a, position), try record(b, position))
        return Divergence(
            position: position, event: firstDifference(was, now), before: was, after: now, diff: diff,
            folds: folds)
    }

    /// The first event of two records that says something else.
    private static func firstDifference(_ a: [LedgerEvent], _ b: [LedgerEvent]) -> LogPosition? {
        for (was, now) in zip(a, b)
        where was.position != now.position || was.type != now.type || was.occurredAt != now.occurredAt
            || was.fields != now.fields
        {
            return min(was.position, now.position)
        }
        return a.count == b.count ? nil : (a.count > b.count ? a : b)[min(a.count, b.count)].position
    }

    /// The record of one side that holds a position.
    private static func record(
        _ side: OpenSide, _ position: LogPosition
    ) throws(LedgerError) -> [LedgerEvent] {
        guard position <= side.end else { return [] }
        let state = try side.state(at: position)
        let reader = try state.reader()
        defer { withExtendedLifetime(state) {} }
        do throws(LogError) {
            guard let base = try side.store.baseOfRecord(holding: position) else { return [] }
            let events = try catching { () throws(LedgerError) in try reader.events(from: base, limit: 1) }
            return events.filter { $0.position >= base }
        } catch {
            throw LedgerError(error)
        }
    }

    private static func catching<R>(_ body: () throws(LedgerError) -> R) throws(LogError) -> R {
        do throws(LedgerError) { return try body() } catch {
            throw LogError(.broken, error.message, position: error.position)
        }
    }
}
