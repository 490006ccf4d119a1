import Glibc
import LMDB
import LedgerDomain
import LedgerLog
import LedgerState
import Platform

/// Looks at what an operator would want to know. Each check has one signature; what is found is collected.
struct Doctor {
    /// Readers' slots of a log or its checkpoints in use, of which a warning is due.
    private static let fewSlots = 16

    let folders: LedgerFolders
    let options: LedgerOptions

    func run() throws(LedgerError) -> [HealthCheck] {
        try folders.requireLog()
        var checks = [
            checkPlatform(), checkLibraries(), checkLimits(), checkTimeZones(), checkFiles(),
            checkPermissions(),
            checkSpace(), checkWriter(),
        ]
        let store: LogStore
        do throws(LogError) {
            store = try LogStore.open(
                directory: folders.log, readOnly: true, mapSizeBytes: options.logMapBytes)
        } catch {
            checks.append(Self.brokenLog(error))
            return checks
        }
        defer { store.close() }
        do throws(LogError) {
            let head = try store.head()
            checks.append(checkLog(store, head))
            checks.append(try checkPages(store))
            checks.append(try checkMap(store))
            checks.append(checkReaders(store))
            checks.append(checkClock(head))
            checks.append(checkKeys(store))
            checks.append(try checkCheckpoint(store, head))
        } catch {
            checks.append(Self.brokenLog(error))
        }
        return checks
    }

    private static func brokenLog(_ error: LogError) -> HealthCheck {
        let failure = LedgerError(error)
        let isBroken = failure.code == .broken
        return HealthCheck(
            "log", .fail, failure.message,
            advice: isBroken
                ? "Run 'verify' to find where; restore log/data.mdb from its backup." : "See the message.",
            isBrokenLog: isBroken)
    }

    private func checkLog(_ store: LogStore, _ head: LogHead) -> HealthCheck {
        HealthCheck(
            "log", .ok,
            "ledger \(store.ledgerId.hex), position \(head.position), \(head.records) records; 'verify' checks all of it"
        )
    }

    /// Every page of the three files.
    private func checkPages(_ store: LogStore) throws(LogError) -> HealthCheck {
        if let fault = try FileVerifier.logPages(store).first {
            return HealthCheck(
                "pages", .fail, "log/data.mdb: \(fault.message)",
                advice: "Restore log/data.mdb from its backup.", isBrokenLog: true)
        }
        if let fault = FileVerifier.keyPages(folders).first {
            return HealthCheck(
                "pages", .fail, "keys/data.mdb: \(fault.message)",
                advice: "Restore keys/data.mdb from its backup.", isBrokenLog: true)
        }
        let (views, findings) = FileVerifier.openViews(folders, options)
        views?.close()
        if let fault = findings.first {
            return HealthCheck(
                "pages", .warn, "views/data.mdb: \(fault.message)",
                advice: "'rebuild' makes them again; nothing is lost.")
        }
        return HealthCheck("pages", .ok, "every page of log, keys and views is where and what it should be")
    }

    private func checkMap(_ store: LogStore) throws(LogError) -> HealthCheck {
        let info = try store.info()
        let (used, size) = (info.usedBytes, UInt64(options.logMapBytes))
        let text = "the log takes \(byteText(used)) of a map of \(byteText(size))"
        // Parts of twenty, so that nothing overflows.
        if used >= size / 20 * 19 {
            return HealthCheck("map", .fail, text, advice: "Open the ledger with a larger logMapBytes.")
        }
        if used >= size / 20 * 16 {
            return HealthCheck("map", .warn, text, advice: "Plan for a larger logMapBytes.")
        }
        return HealthCheck("map", .ok, text)
    }

    /// Slots of dead readers hold back pages; LMDB itself clears them only when it runs out of slots.
    private func checkReaders(_ store: LogStore) -> HealthCheck {
        do throws(LogError) {
            let dead = try store.clearDeadReaders()
            let info = try store.info()
            if Int(info.maxReaders) - Int(info.readers) < Self.fewSlots {
                return HealthCheck(
                    "readers", .warn,
                    "\(info.readers) of \(info.maxReaders) reader slots have been in use at once",
                    advice: "End readers that are not needed.")
            }
            let cleared = dead == 0 ? "none of a dead process" : "\(dead) of dead processes, now cleared"
            return HealthCheck(
                "readers", .ok, "\(info.readers) of \(info.maxReaders) reader slots used; \(cleared)")
        } catch {
            return HealthCheck(
                "readers", .warn, LedgerError(error).message,
                advice: "Another user's lock.mdb cannot be looked at.")
        }
    }

    private func checkClock(_ head: LogHead) -> HealthCheck {
        let behind = head.records == 0 ? 0 : (head.recordedAt.nanoseconds - options.clock()) / 1_000_000_000
        if behind >= 3_600 {
            return HealthCheck(
                "clock", .fail,
                "the wall clock is \(behind) s behind the log's last record, \(head.recordedAt)",
                advice: "Set the clock right: more than an hour behind, the writer refuses commands.")
        }
        if behind > 0 {
            return HealthCheck(
                "clock", .warn,
                "the wall clock is \(behind) s behind the log's last record, \(head.recordedAt)",
                advice: "Set the clock right.")
        }
        return HealthCheck("clock", .ok, "the wall clock is not behind the log")
    }

    private func checkKeys(_ store: LogStore) -> HealthCheck {
        guard folders.holdsKeys else {
            return HealthCheck(
                "keys", .fail, "there are no keys", advice: "Restore keys/data.mdb from its backup.")
        }
        do throws(LogError) {
            try KeyVault(
                directory: folders.keys, readOnly: true, ledgerId: store.ledgerId, mayCreate: false
            ).close()
            return HealthCheck("keys", .ok, "the keys are this ledger's")
        } catch {
            return HealthCheck(
                "keys", .fail, LedgerError(error).message, advice: "Restore keys/data.mdb from its backup.")
        }
    }

    private func checkCheckpoint(_ store: LogStore, _ head: LogHead) throws(LogError) -> HealthCheck {
        let version = "\(CoreState.foldVersion).\(ViewState.foldVersion)"
        let again = "The next opening folds the whole log; 'rebuild' does it now."
        guard
            let checkpoints = try? CheckpointStore(
                directory: folders.views, readOnly: true, mapSizeBytes: options.viewsMapBytes)
        else {
            return HealthCheck("checkpoint", .warn, "there is none that can be read", advice: again)
        }
        defer { checkpoints.close() }
        let manifests = (try? checkpoints.readManifests()) ?? []
        let newest = (try? checkpoints.newestGeneration()) ?? 0
        guard let manifest = manifests.first else {
            let text =
                newest == 0
                ? "there is none yet"
                : "generation \(newest) is damaged, or was written by another version of this program"
            return HealthCheck("checkpoint", .warn, text, advice: again)
        }
        guard manifest.ledgerId == store.ledgerId, manifest.head.position <= head.position,
            try Loader.holds(manifest, store)
        else {
            return HealthCheck(
                "checkpoint", .warn, "generation \(manifest.generation) is not of this log", advice: again)
        }
        let age = head.position.rawValue - manifest.head.position.rawValue
        let text =
            "generation \(manifest.generation) of fold \(version) at position \(manifest.head.position), "
            + "\(age) events behind the log; \(manifests.count) kept"
        if manifest.generation != newest {
            return HealthCheck(
                "checkpoint", .warn,
                "\(text); generation \(newest) is damaged, or was written by another version of this program",
                advice: "The next close of the ledger writes a new one.")
        }
        // Five intervals of `.max` events are no number, and never over.
        let late = options.checkpointEvents.multipliedReportingOverflow(by: CheckpointPace.patience + 1)
        if options.checkpointEvents > 0, !late.overflow, age > late.partialValue {
            return HealthCheck(
                "checkpoint", .warn, text, advice: "The next close of the ledger writes a new one.")
        }
        return HealthCheck("checkpoint", .ok, text)
    }
}

extension Ledger {
    /// Looks at machine, folder and ledger as an operator would. Reads only, beside a writer if there is one;
    /// but slots of dead readers are cleared. Not for the process that has the ledger open itself: a folder is
    /// opened once in a process, and the finding `log` says so.
    ///
    /// - Throws: `noLedger`. Whatever else is wrong is a finding. A damaged page may end the process, as
    ///   everywhere.
    public static func examine(
        at directory: String, options: LedgerOptions = .init()
    ) throws(LedgerError) -> [HealthCheck] {
        try Doctor(folders: LedgerFolders(root: directory), options: options).run()
    }
}
