import Glibc
import LMDB
import LedgerDomain
import LedgerLog

/// What `compact` did.
public struct CompactReport: Sendable, Equatable {
    /// A part of a ledger and its file's length.
    public struct Part: Sendable, Equatable {
        /// `log`, `keys` or `views`.
        public let name: String
        /// Bytes before and after.
        public let before: UInt64
        public let after: UInt64
    }
    /// What was written anew.
    public internal(set) var parts: [Part] = []
    /// The log's last position, the same as before.
    public internal(set) var position: LogPosition = .start
    /// Root of the hash tree, the same as before; hexadecimal.
    public internal(set) var logRoot = ""
}

extension Ledger {
    /// Writes a ledger's files anew without the pages that are free, and puts each in the place of the old one.
    ///
    /// Nobody else may have the ledger open: not to write, and not to read, since a reader would go on reading
    /// the old file for ever. The log's records, ordinals and root are the same; the new log is read from end to
    /// end and its root compared before it takes the old one's place. Each file is exchanged by one renaming:
    /// killed anywhere, every part is the old one or the new one.
    /// Cost: a copy of the ledger on the disk for as long as it takes, two passes over the log.
    ///
    /// - Throws: `busy` while anybody has it open; `noLedger`, `broken`, `outOfSpace`, `inputOutput`: nothing was
    ///   exchanged then but what the report of an earlier part says.
    public static func compact(
        at directory: String, options: LedgerOptions = .init()
    ) throws(LedgerError) -> CompactReport {
        let folders = LedgerFolders(root: directory)
        guard folders.holdsLog else { throw LedgerError(.noLedger, "there is no ledger in \(directory)") }
        let lock = try folders.takeLock()
        defer { lock.release() }
        for part in ["log", "keys", "views"] {
            // What a compaction left that was killed.
            DraftFolder.removeTree(draft(folders, part))
            let readers = FileLock.holders(path: "\(directory)/\(part)/lock.mdb")
            if let reader = readers.first {
                throw LedgerError(.busy, "process \(reader) is reading the ledger in \(directory)")
            }
        }
        defer { for part in ["log", "keys", "views"] { DraftFolder.removeTree(draft(folders, part)) } }
        var report = CompactReport()
        do throws(LogError) {
            try compactLog(folders, options, &report)
        } catch {
            throw LedgerError(error)
        }
        try exchange(folders, "log", &report)
        if folders.holdsKeys { try compactKeys(folders, options, &report) }
        if unsafe access(folders.views + "/data.mdb", F_OK) == 0,
            let checkpoints = try? CheckpointStore(
                directory: folders.views, readOnly: true, mapSizeBytes: options.viewsMapBytes)
        {
            // They are no truth: damaged ones stay as they are until `rebuild`.
            let isCopied =
                (try? checkpoints.copy(to: draft(folders, "views"), compacting: true)) != nil
            checkpoints.close()
            if isCopied { try exchange(folders, "views", &report) }
        }
        return report
    }

    private static func draft(_ folders: LedgerFolders, _ part: String) -> String {
        "\(folders.root)/\(part).compact"
    }

    private static func compactLog(
        _ folders: LedgerFolders, _ options: LedgerOptions, _ report: inout CompactReport
    ) throws(LogError) {
        let store = try LogStore.open(
            directory: folders.log, readOnly: true, mapSizeBytes: options.logMapBytes)
        defer { store.close() }
        try store.copy(to: draft(folders, "log"), compacting: true)
        let copy = try LogStore.open(
            directory: draft(folders, "log"), readOnly: true, mapSizeBytes: options.logMapBytes)
        defer { copy.close() }
        let (old, new) = (try tree(of: store), try tree(of: copy))
        guard old == new, copy.ledgerId == store.ledgerId else {
            throw LogError(.broken, "the compacted log is not the log: root \(new.root), not \(old.root)")
        }
        report.position = try store.head().position
        report.logRoot = old.root
    }

    private static func tree(of store: LogStore) throws(LogError) -> Tree {
        var range = MerkleRange()
        let hasher = SHA256Hasher()
        unsafe try store.scan(after: .start) { record, _ throws(LogError) in
            range.append(unsafe MerkleRange.leaf(record, hasher), hasher)
            return true
        }
        return Tree(size: range.size, root: range.root(hasher).hex)
    }

    private struct Tree: Equatable {
        let size: UInt64
        let root: String
    }

    private static func compactKeys(
        _ folders: LedgerFolders, _ options: LedgerOptions, _ report: inout CompactReport
    ) throws(LedgerError) {
        do throws(LogError) {
            let store = try LogStore.open(
                directory: folders.log, readOnly: true, mapSizeBytes: options.logMapBytes)
            let id = store.ledgerId
            store.close()
            let vault = try KeyVault(directory: folders.keys, readOnly: true, ledgerId: id, mayCreate: false)
            defer { vault.close() }
            try vault.copy(to: draft(folders, "keys"), compacting: true)
            // That it opens as this ledger's, with its secret.
            try KeyVault(
                directory: draft(folders, "keys"), readOnly: true, ledgerId: id, mayCreate: false
            ).close()
        } catch {
            throw LedgerError(error)
        }
        try exchange(folders, "keys", &report)
    }

    /// Puts the new file in the place of the old one.
    private static func exchange(
        _ folders: LedgerFolders, _ part: String, _ report: inout CompactReport
    ) throws(LedgerError) {
        let (old, new) = ("\(folders.root)/\(part)/data.mdb", "\(draft(folders, part))/data.mdb")
        let (before, after) = (DraftFolder.size(old), DraftFolder.size(new))
        try DraftFolder.sync(new)
        guard unsafe rename(new, old) == 0 else { throw DraftFolder.failure("replace", old) }
        // LMDB numbers the transactions of a compacted file anew and keeps the last number in the lock file: one
        // that somebody opened in this instant must not stay for the next writer.
        unsafe unlink("\(folders.root)/\(part)/lock.mdb")
        try DraftFolder.sync("\(folders.root)/\(part)")
        report.parts.append(.init(name: part, before: before, after: after))
    }
}
