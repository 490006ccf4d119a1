import LedgerDomain
import LedgerLog
import LedgerState
import Platform

/// Decides commands as a ledger would, on a private copy of its state, and records nothing.
///
/// It begins where the ledger stands when it is made; each batch is decided on top of those before it, so the
/// outcomes of a whole import are those that the import itself would have. The copy shares the checkpoint's
/// blocks until they change. Needs no lock: another process may write the ledger meanwhile, and is not seen.
/// Keys of personal data that new users would get are drawn and forgotten.
///
/// Memory grows with what is decided, as the records are kept for look-ups: about 250 bytes a payment, beside
/// the rows that change. Safe from any thread; one batch at a time.
///
/// ```swift
/// let rehearsal = try ledger.rehearsal()        // or Rehearsal.open(at:), where another process writes
/// let outcome = try rehearsal.submit([Command(.withdraw(request))])[0]    // would it be refused?
/// rehearsal.close()
/// ```
public final class Rehearsal: @unchecked Sendable {
    // Proof of Sendable: `decider`, `parity` and the group are only touched with `lock` held; state and vault
    // have locks of their own.
    private let lock = Lock()
    private let store: LogStore
    private let vault: KeyVault
    private let options: LedgerOptions
    private var decider = Decider()
    private var parity: UInt32 = 0
    private let group = RecordGroup()
    /// The private state: what it answers holds after the last batch. Statements, leaderboards and events are
    /// those of the log, which has none of the batches.
    package let state: LedgerReader

    private let closeFiles: @Sendable () -> Void

    fileprivate init(
        _ store: LogStore, _ vault: KeyVault, _ options: LedgerOptions, _ state: LedgerReader,
        closing closeFiles: @escaping @Sendable () -> Void
    ) {
        self.store = store
        self.vault = vault
        self.options = options
        self.state = state
        self.closeFiles = closeFiles
        state.box.read { $0.records.add(group) }
    }

    deinit { close() }

    /// Takes the state of a ledger as it is now, beside a running writer of another process if there is one.
    /// - Throws: `noLedger`; `broken`, also when the keys of personal data are missing.
    public static func open(
        at directory: String, options: LedgerOptions = .init(), progress: (UInt64) -> Void = { _ in }
    ) throws(LedgerError) -> Rehearsal {
        let folders = LedgerFolders(root: directory)
        try folders.requireLog()
        var undo: [() -> Void] = []
        do throws(LogError) {
            let store = try LogStore.open(
                directory: folders.log, readOnly: true, mapSizeBytes: options.logMapBytes)
            undo.append { store.close() }
            let vault = try KeyVault(rehearsingIn: folders.keys, ledgerId: store.ledgerId)
            undo.append { vault.close() }
            let checkpoints = try? CheckpointStore(
                directory: folders.views, readOnly: true, mapSizeBytes: options.viewsMapBytes)
            undo.append { checkpoints?.close() }
            let state = try LedgerArchive.makeReader(store, checkpoints, through: nil, progress: progress)
            return Rehearsal(store, vault, options, state) {
                checkpoints?.close()
                vault.close()
                store.close()
            }
        } catch {
            for step in undo.reversed() { step() }
            throw LedgerError(error)
        }
    }

    /// Decides commands in order, each outcome its own: those that ``Ledger/submit(_:)`` would give. An advance
    /// may be among them. Positions of receipts are those that would come next in the log.
    @discardableResult
    public func submit(_ commands: [Command]) throws(LedgerError) -> [Outcome] {
        let inputs = DecisionInputs(
            now: Timestamp(nanoseconds: options.clock()), vault: vault, ledgerId: store.ledgerId)
        if let draw = options.drawCode { inputs.drawCode = draw }
        lock.lock()
        defer { lock.unlock() }
        return try state.reading { core throws(LogError) in
            let known = group.count
            core.beginGroup(parity: parity)
            let outcomes: [Outcome]
            do throws(LogError) {
                outcomes = try decider.decideAll(commands, &core, group, inputs)
            } catch {
                core.records.hideBuilding()
                group.truncate(to: known)
                core.rollBackGroup(parity: parity)
                throw error
            }
            // Seen from here on; the records stay for look-ups.
            core.retireGroup(parity: parity)
            parity = 1 - parity
            return outcomes
        }
    }

    /// How far an import has come in the ledger itself; nil when it was never begun.
    public func importProgress(
        _ importId: String
    ) throws(LedgerError) -> (
        throughLine: UInt64, accepted: UInt64, repeated: UInt64, parked: UInt64, refused: UInt64
    )? {
        try state.importProgress(importId)
    }

    /// Where the next batch begins: the last position, of the log and of what was decided here.
    public var position: LogPosition { state.position }

    /// Lets go of the files; further calls throw `closed`. May be called twice.
    public func close() {
        state.release()
        closeFiles()
    }
}

extension Ledger {
    /// Decides commands on a private copy of the state as it is now, and records nothing. The writer goes on.
    /// Cost: as of ``past(at:)-(LogPosition)``. It ends with the ledger.
    public func rehearsal() throws(LedgerError) -> Rehearsal {
        try current.checkOpen()
        do throws(LogError) {
            let state = try LedgerArchive.makeReader(store, keeper.checkpointStore, through: nil)
            return Rehearsal(store, vault.rehearsing(), writer.options, readers.add(state)) {}
        } catch {
            throw LedgerError(error)
        }
    }
}
