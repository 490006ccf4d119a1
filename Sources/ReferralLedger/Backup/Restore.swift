import Glibc
import LedgerDomain
import LedgerLog
import LedgerReconcile

/// What `restore` made.
public struct RestoreReport: Sendable, Equatable {
    /// Whose it is, hexadecimal.
    public let ledgerId: String
    /// The last position in it.
    public let position: LogPosition
    /// Records in it.
    public let records: UInt64
    /// Whether it can be written: whether the keys came with it.
    public let hasKeys: Bool
    /// Whether all of it was checked, beyond the hashes of the files.
    public let isVerified: Bool
    /// SHA-256 of the state, hexadecimal; nil when it was not verified.
    public let stateDigest: String?
    /// Root of the hash tree, hexadecimal; nil when it was not verified.
    public let logRoot: String?
}

extension Ledger {
    /// Makes a ledger of a backup, in a folder that is not there yet, or empty. It goes on where the backup
    /// ended, under the same id.
    ///
    /// The files' hashes are always checked. The ledger appears whole and durable, or not at all; killed
    /// anywhere it leaves `DIR.partial`, which the next restore clears.
    ///
    /// ```swift
    /// try Ledger.restore(from: "/backup/2026-11-26", keys: "/safe/keys-2026-11-26", to: folder, verify: true)
    /// ```
    /// - Parameters:
    ///   - keys: The copy of the keys; nil: without them, and then for reading only.
    ///   - verify: Whether every record is checked and folded, the state digest and the root compared with those
    ///     of the backup, and for each user with sealed data a key looked for. Cost: as `verify` and
    ///     `reconcile`.
    /// - Throws: `exists` when there is something in the folder; `noLedger` when there is no backup; `broken`
    ///   when something does not hold; `outOfSpace`, `inputOutput`.
    @discardableResult
    public static func restore(
        from backup: String, keys: String? = nil, to directory: String, verify: Bool = false,
        options: LedgerOptions = .init(), progress: (UInt64) -> Void = { _ in }
    ) throws(LedgerError) -> RestoreReport {
        let manifest = try BackupManifest.read(backup)
        let keysManifest = try keys.map { name throws(LedgerError) in try KeysManifest.read(name) }
        if let keysManifest {
            guard keysManifest.ledgerId == manifest.ledgerId else {
                throw LedgerError(
                    .broken,
                    "the keys in \(keys ?? "") are of ledger \(keysManifest.ledgerId), not of "
                        + manifest.ledgerId)
            }
            guard verify || keysManifest.position >= manifest.position else {
                throw LedgerError(
                    .broken,
                    "the keys in \(keys ?? "") were copied at position \(keysManifest.position), before the log: "
                        + "whether any is missing shows only when the ledger is verified")
            }
        }
        let draft = try DraftFolder(for: directory)
        do throws(LedgerError) {
            try copy(backup, manifest, keys, keysManifest, to: draft)
            let checked = verify ? try check(draft.path, manifest, options, progress) : nil
            if !verify {
                let head: LogHead
                do throws(LogError) { head = try headOfCopy(draft.path + "/log", options.logMapBytes) } catch
                {
                    throw LedgerError(error)
                }
                try compare("position", "\(head.position)", "\(manifest.position)")
            }
            DraftFolder.removeLocks(draft.path)
            try draft.publish()
            return RestoreReport(
                ledgerId: manifest.ledgerId, position: manifest.position, records: manifest.records,
                hasKeys: keys != nil, isVerified: verify, stateDigest: checked?.stateDigest,
                logRoot: checked?.logRoot)
        } catch {
            draft.discard()
            throw error
        }
    }

    private static func copy(
        _ backup: String, _ manifest: BackupManifest, _ keys: String?, _ keysManifest: KeysManifest?,
        to draft: DraftFolder
    ) throws(LedgerError) {
        try copy(backup + "/log/data.mdb", to: draft.path + "/log", manifest.logSHA256)
        if let hash = manifest.viewsSHA256 {
            try copy(backup + "/views/data.mdb", to: draft.path + "/views", hash)
        }
        if let keys, let keysManifest {
            try copy(keys + "/data.mdb", to: draft.path + "/keys", keysManifest.sha256)
        }
    }

    private static func copy(
        _ file: String, to folder: String, _ expected: String
    ) throws(LedgerError) {
        try LedgerFolders.makeDirectory(folder)
        let hash = try HashedCopy.copy(file, to: folder + "/data.mdb").sha256
        guard hash == expected else {
            throw LedgerError(.broken, "\(file) is not what was backed up: its SHA-256 is \(hash)")
        }
    }

    private static func compare(_ what: String, _ found: String, _ expected: String) throws(LedgerError) {
        guard found == expected else {
            throw LedgerError(.broken, "the \(what) is \(found), of the backup \(expected)")
        }
    }

    private static func check(
        _ directory: String, _ manifest: BackupManifest, _ options: LedgerOptions,
        _ progress: (UInt64) -> Void
    ) throws(LedgerError) -> VerifyReport {
        let report = try Ledger.verify(at: directory, options: options, progress: progress)
        if let finding = report.findings.first {
            throw LedgerError(
                .broken, "the backup does not pass: \(finding.code): \(finding.message)",
                position: finding.position)
        }
        try compare("position", "\(report.position)", "\(manifest.position)")
        try compare("number of records", "\(report.records)", "\(manifest.records)")
        if let root = manifest.logRoot { try compare("log's root", report.logRoot, root) }
        // Another fold version gives other rows: then only the log itself can be compared.
        if let digest = manifest.stateDigest, manifest.foldVersion == ownFoldVersion {
            try compare("state digest", report.stateDigest, digest)
        }
        if LedgerFolders(root: directory).holdsKeys {
            let reconciled = try Ledger.reconcile(at: directory, limit: 1, options: options)
            if let missing = reconciled.breaks.first(where: { $0.code == ReconcileCheck.vaultCode }) {
                throw LedgerError(.broken, "\(missing.code): \(missing.message)", position: missing.position)
            }
        }
        return report
    }
}
