import Glibc
import LMDB
import LedgerDomain
import LedgerLog
import LedgerState
import LedgerViews
import Platform

/// The programme that a new ledger begins with.
public struct ProgrammeSetup: Sendable {
    /// The id.
    public var id: String
    /// Code of the asset of facts that name none.
    public var asset: String
    /// The rules.
    public var policy: Policy

    /// - Parameter id: 1–255 bytes; nil: the preset's name.
    /// - Throws: `LedgerError` when there is no such preset.
    public init(id: String? = nil, asset: String = "USD", preset: String) throws(LedgerError) {
        guard let policy = Policy.preset(named: preset) else {
            throw LedgerError(
                .inputOutput,
                "no preset is called “\(preset)”; there are: \(Policy.presetNames.joined(separator: ", "))")
        }
        self.id = id ?? preset
        self.asset = asset
        self.policy = policy
    }

    /// Memberwise.
    public init(id: String, asset: String = "USD", policy: Policy) {
        self.id = id
        self.asset = asset
        self.policy = policy
    }
}

/// Holds the writer's lock file for as long as the ledger is open.
final class FileLockHolder: Sendable {
    private let file: FileLock
    init(_ file: FileLock) { self.file = file }
    func release() { file.release() }
}

/// The folders of a ledger.
struct LedgerFolders {
    let root: String
    var log: String { root + "/log" }
    var views: String { root + "/views" }
    var keys: String { root + "/keys" }
    var lock: String { root + "/writer.lock" }

    /// Whether there is a log.
    var holdsLog: Bool { unsafe access(log + "/data.mdb", F_OK) == 0 }
    /// Whether there are checkpoints.
    var holdsViews: Bool { unsafe access(views + "/data.mdb", F_OK) == 0 }
    /// Goes on when there is a log.
    /// - Throws: `noLedger`; `inputOutput` when the folder may not be looked into.
    func requireLog() throws(LedgerError) {
        if holdsLog { return }
        let code = errno
        if code == ENOENT || code == ENOTDIR {
            throw LedgerError(.noLedger, "there is no ledger in \(root)")
        }
        let reason = unsafe String(cString: strerror(code))
        throw LedgerError(.inputOutput, "the ledger in \(root) cannot be read: \(reason)")
    }
    /// Whether there are keys.
    var holdsKeys: Bool { unsafe access(keys + "/data.mdb", F_OK) == 0 }

    static func makeDirectory(_ path: String) throws(LedgerError) {
        if unsafe mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        if errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex {
            // What was removed because the process ends is not made again.
            if try ScratchFolders.makeMissing(String(path[..<slash])) {
                throw LedgerError(.closed, "the process is ending")
            }
            if unsafe mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        }
        let reason = unsafe String(cString: strerror(errno))
        let code: LedgerError.Code =
            errno == ENOSPC ? .outOfSpace : (errno == EROFS || errno == EACCES ? .readOnly : .inputOutput)
        throw LedgerError(code, "cannot make the folder \(path): \(reason)")
    }

    /// Takes the writer's lock, before LMDB is opened.
    func takeLock() throws(LedgerError) -> FileLockHolder {
        do {
            guard let file = try FileLock.acquire(path: lock) else {
                throw LedgerError(
                    .busy, "another process, or another handle, is writing the ledger in \(root)")
            }
            return FileLockHolder(file)
        } catch let error as LMDBError {
            throw LedgerError(LogError(error, "cannot lock the ledger in \(root)"))
        } catch let error as LedgerError {
            throw error
        } catch {
            throw LedgerError(.inputOutput, "\(error)")
        }
    }
}

extension Ledger {
    /// Version of the fold of state and views, as `status` shows it.
    static let ownFoldVersion = "\(CoreState.foldVersion).\(ViewState.foldVersion)"

    /// Makes a ledger in a folder that has none, with one programme, and opens it for writing.
    ///
    /// ```swift
    /// let ledger = try Ledger.create(
    ///     at: "/var/lib/acme/ledger", programme: ProgrammeSetup(asset: "USD", preset: "two-level"))
    /// ```
    ///
    /// - Throws: `exists` when there is a ledger already, `busy` while another process makes one.
    public static func create(
        at directory: String, programme: ProgrammeSetup, options: LedgerOptions = .init()
    ) throws(LedgerError) -> Ledger {
        guard let asset = Asset(code: programme.asset) else {
            throw LedgerError(
                .inputOutput, "“\(programme.asset)” is no currency of ISO 4217 and no unit of the ledger's")
        }
        let zone = try loadZone(programme.policy.timeZone)
        let folders = LedgerFolders(root: directory)
        try LedgerFolders.makeDirectory(directory)
        let lock: FileLockHolder
        do throws(LedgerError) {
            lock = try folders.takeLock()
        } catch {
            if error.code == .busy, folders.holdsLog {
                throw LedgerError(
                    .exists, "there is a ledger in \(directory) already, and somebody writes it")
            }
            throw error
        }
        do throws(LogError) {
            try makeLog(folders, options)
        } catch {
            lock.release()
            throw LedgerError(error)
        }
        let ledger = try open(folders, lock, options)
        let moment = Timestamp(nanoseconds: options.clock())
        let create = CreateProgramme(
            programmeId: programme.id, asset: asset.number, at: moment, policy: programme.policy,
            zoneRules: zone)
        let outcome = try ledger.submit(Command(.createProgramme(create)))
        if case .refused(let refusal) = outcome {
            ledger.close()
            throw LedgerError(.inputOutput, "\(refusal)")
        }
        return ledger
    }

    /// Makes an empty log. One that is there and empty was left by a `create` that was cut off: it is taken up.
    private static func makeLog(_ folders: LedgerFolders, _ options: LedgerOptions) throws(LogError) {
        if folders.holdsLog {
            let known = try LogStore.open(
                directory: folders.log, readOnly: true, mapSizeBytes: options.logMapBytes)
            defer { known.close() }
            if try known.head().position == .start { return }
            throw LogError(.exists, "there is a ledger in \(folders.root) already")
        }
        if folders.holdsKeys {
            throw LogError(
                .exists,
                "\(folders.keys) holds the keys of another ledger: move them away before making a new one")
        }
        let id = Bytes16(try drawn(16))
        try LogStore.create(directory: folders.log, ledgerId: id, mapSizeBytes: options.logMapBytes).close()
    }

    /// The rules of a time zone, from the system's tzdata, to be pinned in the log.
    public static func loadZone(_ name: String) throws(LedgerError) -> ZoneRules {
        if name == "UTC" { return .utc }
        do {
            return try ZoneRules.load(name)
        } catch {
            throw LedgerError(.inputOutput, "time zone “\(name)”: \(error)")
        }
    }

    private static func drawn(_ count: Int) throws(LogError) -> [UInt8] {
        do { return try Crypto.random(count) } catch { throw LogError(.inputOutput, error.message) }
    }

    /// Opens a ledger for writing: from the newest checkpoint and the log's tail, or from the log alone.
    ///
    /// ```swift
    /// let ledger = try Ledger.open(at: "/var/lib/acme/ledger")
    /// defer { ledger.close() }
    /// ```
    ///
    /// - Throws: `noLedger`, `busy` when another process writes it, `broken` and `newer` when the log cannot
    ///   be trusted or read.
    public static func open(at directory: String, options: LedgerOptions = .init()) throws(LedgerError)
        -> Ledger
    {
        let folders = LedgerFolders(root: directory)
        try folders.requireLog()
        return try open(folders, try folders.takeLock(), options)
    }

    /// Opens a ledger whose lock is held; the ledger holds it from here on.
    static func open(
        _ folders: LedgerFolders, _ lock: FileLockHolder, _ options: LedgerOptions
    ) throws(LedgerError) -> Ledger {
        do throws(LogError) {
            return try assemble(folders, lock, options)
        } catch {
            lock.release()
            throw LedgerError(error)
        }
    }

    private static func assemble(
        _ folders: LedgerFolders, _ lock: FileLockHolder, _ options: LedgerOptions
    ) throws(LogError) -> Ledger {
        let store = try LogStore.open(
            directory: folders.log, readOnly: false, mapSizeBytes: options.logMapBytes)
        var opened: [() -> Void] = [{ store.close() }]
        do throws(LogError) {
            let vault = try KeyVault(
                directory: folders.keys, readOnly: false, ledgerId: store.ledgerId,
                mayCreate: try store.head().records == 0)
            opened.append { vault.close() }
            let checkpoints = try openCheckpoints(folders, options)
            opened.append { checkpoints.close() }
            var loaded = try Loader.load(
                store, checkpoints, progress: options.foldProgress, viewsToo: options.foldThreads > 1)
            let head = loaded.core.head
            let (manifest, seed) = (loaded.takeManifest(), loaded.hashSeed)
            let (box, viewBox) = boxes(loaded)
            let tree = try TreeKeeper(store, checkpoints, manifest)
            let keeper = try Keeper(
                store: store, checkpoints: checkpoints, box: box, viewBox: viewBox, tree: tree,
                options: options,
                hashSeed: seed, manifest: manifest, head: head)
            let follow = FollowSignal(head.position)
            let readers = OpenReaders()
            let writer = Writer(store: store, vault: vault, box: box, options: options, readers: readers) {
                head, group in
                keeper.note(head)
                tree.recent.add(group)
                follow.note(head)
            } pace: {
                keeper.letTreeCatchUp()
            }
            keeper.start(writer)
            let reader = LedgerReader(
                store: store, box: box, viewBox: viewBox, tree: tree, fixed: nil, dependents: readers)
            reader.attach(digest: { () throws(LedgerError) in try keeper.digest() })
            return Ledger(
                directory: folders.root, store: store, vault: vault, writer: writer, keeper: keeper,
                lockFile: lock,
                follow: follow, readers: readers, current: reader)
        } catch {
            for undo in opened.reversed() { undo() }
            throw error
        }
    }

    /// Splits a loaded state into the two boxes that readers share.
    static func boxes(_ loaded: consuming LoadedState) -> (StateBox, ViewBox) {
        (StateBox(loaded.core), ViewBox(loaded.views))
    }

    /// Opens `views/`; when it is damaged beyond opening it is thrown away: nothing in it is the truth.
    static func openCheckpoints(_ folders: LedgerFolders, _ options: LedgerOptions) throws(LogError)
        -> CheckpointStore
    {
        do throws(LogError) {
            return try CheckpointStore(
                directory: folders.views, readOnly: false, mapSizeBytes: options.viewsMapBytes)
        } catch {
            guard error.code == .broken else { throw error }
            removeViews(folders)
            return try CheckpointStore(
                directory: folders.views, readOnly: false, mapSizeBytes: options.viewsMapBytes)
        }
    }

    /// Deletes the files of `views/`.
    static func removeViews(_ folders: LedgerFolders) {
        for file in ["data.mdb", "lock.mdb"] { unsafe unlink(folders.views + "/" + file) }
    }
}
