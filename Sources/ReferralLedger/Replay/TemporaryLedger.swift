import Glibc
import LedgerDomain
import LedgerLog
import LedgerState
import Platform

/// A ledger in a folder of its own that begins as another one did: where facts are decided anew.
///
/// It has keys of its own, so that nothing is sealed with the other's, and no file of the other is written.
final class TemporaryLedger {
    let ledger: Ledger
    let path: String
    private let isKept: Bool

    /// - Parameters:
    ///   - store: The log that it begins as.
    ///   - through: The last position that is copied: the end of a record. `.start`: nothing.
    ///   - folder: Where it is left; nil: in a temporary folder that goes with it.
    ///   - clock: What `recordedAt` and the tolerance towards the future go by.
    init(
        of store: LogStore, through: LogPosition, folder: String?, clock: Int64,
        progress: (UInt64) -> Void = { _ in }
    ) throws(LedgerError) {
        isKept = folder != nil
        if let folder {
            guard unsafe access(folder, F_OK) != 0 else {
                throw LedgerError(.exists, "\(folder) is there already: name a folder that is not")
            }
            path = folder
        } else {
            path = try ScratchFolders.make()
        }
        do throws(LedgerError) {
            ledger = try Self.make(of: store, through, path, clock, progress)
        } catch {
            if folder == nil { ScratchFolders.remove(path) }
            throw error
        }
    }

    private static func make(
        of store: LogStore, _ through: LogPosition, _ path: String, _ clock: Int64,
        _ progress: (UInt64) -> Void
    ) throws(LedgerError) -> Ledger {
        let folders = LedgerFolders(root: path)
        try LedgerFolders.makeDirectory(folders.log)
        do throws(LogError) {
            try copy(store, through: through, to: folders, progress)
        } catch {
            throw LedgerError(error)
        }
        var options = LedgerOptions()
        options.checkpointEvents = 0
        options.checkpointOnClose = false
        options.clock = { max(clock, Clock.wallNanoseconds()) }
        return try Ledger.open(at: path, options: options)
    }

    deinit {
        ledger.close()
        if !isKept { ScratchFolders.remove(path) }
    }

    private static func copy(
        _ store: LogStore, through: LogPosition, to folders: LedgerFolders, _ progress: (UInt64) -> Void
    ) throws(LogError) {
        let copy = try LogStore.create(
            directory: folders.log, ledgerId: store.ledgerId, mapSizeBytes: LedgerOptions().logMapBytes)
        defer { copy.close() }
        // Made now: a ledger makes its keys only while its log is empty.
        try KeyVault(
            directory: folders.keys, readOnly: false, ledgerId: store.ledgerId, mayCreate: true
        ).close()
        guard through > .start else { return }
        let group = RecordGroup()
        var head = LogHead.empty
        unsafe try store.scan(after: .start, through: through) { record, header throws(LogError) in
            let room = unsafe group.reserve()
            unsafe room.copyMemory(from: record)
            group.commit(length: record.count, base: header.basePosition)
            if group.byteCount > 8 << 20 {
                try copy.append(group, expecting: head)
                head = LogHead(
                    position: header.lastPosition, records: header.ordinal + 1, recordedAt: header.recordedAt)
                group.removeAll()
                progress(header.lastPosition.rawValue)
            }
            return true
        }
        try copy.append(group, expecting: head)
    }
}
