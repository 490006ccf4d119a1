import Glibc
import LMDB
import LedgerDomain
import LedgerLog
import LedgerState
import LedgerViews

/// What goes into a backup.
public struct BackupOptions: Sendable, Equatable {
    /// The folder for the keys of personal data; nil: they are not copied. Apart from the log's, since who has
    /// both has what erasure destroyed.
    public var keysDirectory: String?
    /// Whether to take `views/` along, so that the restored ledger opens at once. They are no truth.
    public var includesViews = false
    /// Whether to leave out free pages. Takes more time.
    public var isCompacting = false
    /// Whether to check the copy from its first record to its last, and to note state digest and root in it.
    public var isVerified = false
    /// With the defaults.
    public init() {}
}

/// What `backUp` wrote.
public struct BackupReport: Sendable, Equatable {
    /// Whose it is, hexadecimal.
    public let ledgerId: String
    /// The last position in it.
    public let position: LogPosition
    /// Records in it.
    public let records: UInt64
    /// Length of the log's copy.
    public let logBytes: UInt64
    /// SHA-256 of the log's copy, hexadecimal.
    public let logSHA256: String
    /// Whether the keys were copied.
    public let hasKeys: Bool
    /// Whether `views/` was copied.
    public let hasViews: Bool
    /// SHA-256 of the state, hexadecimal; nil when the backup was not verified.
    public let stateDigest: String?
    /// Root of the hash tree, hexadecimal; nil when the backup was not verified.
    public let logRoot: String?
}

/// The parts of a ledger, each as something that can copy itself while it is written.
private struct BackupSource {
    let ledgerId: Bytes16
    let copyLog: (String, Bool) throws(LogError) -> Void
    /// Nil where there are none here.
    let copyKeys: ((String, Bool) throws(LogError) -> Void)?
    let copyViews: ((String, Bool) throws(LogError) -> Void)?
}

extension Ledger {
    /// Copies a ledger while another process writes it: the log as of one moment, whole records only.
    ///
    /// The copy appears under its name whole and durable, or not at all; killed anywhere it leaves
    /// `DIR.partial`, which the next backup clears. Keys are copied after the log, so that none that it refers to
    /// is missing (but those that were erased meanwhile, as they are to be).
    /// Cost: one pass over the log's file, and one more to hash it; the writer is not stopped, but its file
    /// grows by what it writes meanwhile.
    ///
    /// ```swift
    /// var options = BackupOptions()
    /// options.keysDirectory = "/safe/keys-2026-11-26"
    /// let report = try Ledger.backUp(at: folder, to: "/backup/2026-11-26", options: options)
    /// ```
    /// - Throws: `exists` when a target is there and not empty; `noLedger`; `busy` while another backup makes
    ///   the same, or where a running writer cannot be kept from reusing pages; `broken` when the copy does not
    ///   pass; `outOfSpace`, `inputOutput`.
    public static func backUp(
        at directory: String, to target: String, options: BackupOptions = .init(),
        ledgerOptions: LedgerOptions = .init(), progress: (UInt64) -> Void = { _ in }
    ) throws(LedgerError) -> BackupReport {
        let folders = LedgerFolders(root: directory)
        guard folders.holdsLog else { throw LedgerError(.noLedger, "there is no ledger in \(directory)") }
        let store: LogStore
        do throws(LogError) {
            store = try LogStore.open(
                directory: folders.log, readOnly: true, mapSizeBytes: ledgerOptions.logMapBytes)
        } catch {
            throw LedgerError(error)
        }
        defer { store.close() }
        if store.isLockless, (try? FileLock.isHeld(path: folders.lock)) == true {
            throw LedgerError(
                .busy, "\(folders.log) cannot be written, so the writer could reuse what is being copied")
        }
        let source = source(store, folders, ledgerOptions)
        return try perform(source, target, options, ledgerOptions.logMapBytes, progress)
    }

    /// The parts of a ledger that another process may write.
    private static func source(
        _ store: LogStore, _ folders: LedgerFolders, _ options: LedgerOptions
    ) -> BackupSource {
        let (id, viewsMapBytes) = (store.ledgerId, options.viewsMapBytes)
        let copyKeys = { (to: String, compacting: Bool) throws(LogError) in
            let vault = try KeyVault(directory: folders.keys, readOnly: true, ledgerId: id, mayCreate: false)
            defer { vault.close() }
            try vault.copy(to: to, compacting: compacting)
        }
        let copyViews = { (to: String, compacting: Bool) throws(LogError) in
            let checkpoints = try CheckpointStore(
                directory: folders.views, readOnly: true, mapSizeBytes: viewsMapBytes)
            defer { checkpoints.close() }
            try checkpoints.copy(to: to, compacting: compacting)
        }
        let hasViews = unsafe access(folders.views + "/data.mdb", F_OK) == 0
        return BackupSource(
            ledgerId: id,
            copyLog: { (to, compacting) throws(LogError) in try store.copy(to: to, compacting: compacting) },
            copyKeys: folders.holdsKeys ? copyKeys : nil, copyViews: hasViews ? copyViews : nil)
    }

    /// As ``backUp(at:to:options:ledgerOptions:progress:)``, of the ledger that this process writes; the writer
    /// goes on.
    public func backUp(
        to target: String, options: BackupOptions = .init(), progress: (UInt64) -> Void = { _ in }
    ) throws(LedgerError) -> BackupReport {
        try current.checkOpen()
        let (store, vault, checkpoints) = (store, vault, keeper.checkpointStore)
        let source = BackupSource(
            ledgerId: id,
            copyLog: { (to, compacting) throws(LogError) in try store.copy(to: to, compacting: compacting) },
            copyKeys: { (to, compacting) throws(LogError) in try vault.copy(to: to, compacting: compacting) },
            copyViews: { (to, compacting) throws(LogError) in
                try checkpoints.copy(to: to, compacting: compacting)
            })
        return try Self.perform(source, target, options, LedgerOptions().logMapBytes, progress)
    }

    private static func perform(
        _ source: BackupSource, _ target: String, _ options: BackupOptions, _ logMapBytes: Int,
        _ progress: (UInt64) -> Void
    ) throws(LedgerError) -> BackupReport {
        let draft = try DraftFolder(for: target)
        var keys: DraftFolder?
        do throws(LedgerError) {
            if let name = options.keysDirectory { keys = try DraftFolder(for: name) }
            let report = try fill(draft, keys, source, options, logMapBytes, progress)
            // The keys first: a log without its keys is the worse half.
            try keys?.publish()
            try draft.publish()
            return report
        } catch {
            keys?.discard()
            draft.discard()
            throw error
        }
    }

    private static func fill(
        _ draft: DraftFolder, _ keys: DraftFolder?, _ source: BackupSource, _ options: BackupOptions,
        _ logMapBytes: Int, _ progress: (UInt64) -> Void
    ) throws(LedgerError) -> BackupReport {
        var manifest = BackupManifest()
        manifest.ledgerId = source.ledgerId.hex
        manifest.foldVersion = ownFoldVersion
        let head: LogHead
        do throws(LogError) {
            try source.copyLog(draft.path + "/log", options.isCompacting)
            head = try headOfCopy(draft.path + "/log", logMapBytes)
        } catch {
            throw LedgerError(error)
        }
        (manifest.position, manifest.records) = (head.position, head.records)
        let log = draft.path + "/log/data.mdb"
        manifest.logSHA256 = try FileDigest.sha256(path: log)
        manifest.logBytes = DraftFolder.size(log)
        if let keys { try fill(keys, source, head.position, options.isCompacting) }
        if options.includesViews, let copy = source.copyViews {
            do throws(LogError) { try copy(draft.path + "/views", options.isCompacting) } catch {
                throw LedgerError(error)
            }
            manifest.viewsSHA256 = try FileDigest.sha256(path: draft.path + "/views/data.mdb")
        }
        if options.isVerified {
            let report = try Ledger.verify(at: draft.path, progress: progress)
            if let finding = report.findings.first {
                throw LedgerError(
                    .broken, "the copy does not pass: \(finding.code): \(finding.message)",
                    position: finding.position)
            }
            (manifest.stateDigest, manifest.logRoot) = (report.stateDigest, report.logRoot)
        }
        DraftFolder.removeLocks(draft.path)
        try HashedCopy.write(manifest.text, to: draft.path + "/" + BackupManifest.fileName)
        return BackupReport(
            ledgerId: manifest.ledgerId, position: head.position, records: head.records,
            logBytes: manifest.logBytes, logSHA256: manifest.logSHA256, hasKeys: keys != nil,
            hasViews: manifest.viewsSHA256 != nil, stateDigest: manifest.stateDigest,
            logRoot: manifest.logRoot)
    }

    private static func fill(
        _ keys: DraftFolder, _ source: BackupSource, _ position: LogPosition, _ isCompacting: Bool
    ) throws(LedgerError) {
        guard let copy = source.copyKeys else {
            throw LedgerError(.inputOutput, "the ledger's keys are not here to be copied")
        }
        do throws(LogError) { try copy(keys.path, isCompacting) } catch { throw LedgerError(error) }
        let file = keys.path + "/data.mdb"
        let manifest = KeysManifest(
            ledgerId: source.ledgerId.hex, position: position, sha256: try FileDigest.sha256(path: file))
        try HashedCopy.write(manifest.text, to: keys.path + "/" + KeysManifest.fileName)
    }

    /// Where a copied log ends.
    static func headOfCopy(_ directory: String, _ mapBytes: Int) throws(LogError) -> LogHead {
        let copy = try LogStore.open(directory: directory, readOnly: true, mapSizeBytes: mapBytes)
        defer { copy.close() }
        return try copy.head()
    }
}

extension DraftFolder {
    /// A file's length; 0 when it is not there.
    static func size(_ path: String) -> UInt64 {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? UInt64(status.st_size) : 0
    }

    /// Removes the lock files that looking at a copy has made.
    static func removeLocks(_ root: String) {
        for part in ["log", "keys", "views"] { unsafe unlink("\(root)/\(part)/lock.mdb") }
    }
}
