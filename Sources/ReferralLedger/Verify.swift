import LedgerDomain
import LedgerLog
import LedgerProof
import LedgerState
import LedgerViews
import Platform

/// What `verify` found.
public struct VerifyReport: Sendable, Equatable {
    /// A thing that is wrong.
    public struct Finding: Sendable, Equatable {
        /// Stable name of the check, such as `log.density` or `postings.balance`.
        public let code: String
        /// One sentence for people.
        public let message: String
        /// The log position.
        public let position: LogPosition?
    }
    /// The log position.
    public internal(set) var position: LogPosition = .start
    /// Records so far.
    public internal(set) var records: UInt64 = 0
    /// Users.
    public internal(set) var users = 0
    /// Payments.
    public internal(set) var payments = 0
    /// The postings.
    public internal(set) var postings: UInt64 = 0
    /// SHA-256 of the state, hexadecimal.
    public internal(set) var stateDigest = ""
    /// Leaves of the hash tree.
    public internal(set) var treeSize: UInt64 = 0
    /// Root of the hash tree, hexadecimal.
    public internal(set) var logRoot = ""
    /// Records of the signed checkpoint that the log was held against; nil when there was none.
    public internal(set) var checkpointSize: UInt64?
    /// Names of trusted keys whose signatures on it hold.
    public internal(set) var signers: [String] = []
    /// Whether `views/` held a checkpoint to compare with.
    public internal(set) var comparedViews = false
    public internal(set) var findings: [Finding] = []
    /// Nothing is wrong.
    public var isClean: Bool { findings.isEmpty }
}

/// What `rebuild` did.
public struct RebuildReport: Sendable, Equatable {
    /// The log position.
    public let position: LogPosition
    /// Records so far.
    public let records: UInt64
    /// SHA-256 of the state, hexadecimal.
    public let stateDigest: String
    /// Seconds it took.
    public let seconds: Double
    /// 2: core and views were folded at once; 1: in turn. Reading and ids have threads of their own.
    public let threads: Int
}

extension Ledger {
    /// Checks a whole ledger: every page of its files, then from the log checksums, density, order, decoding, every
    /// state machine and balance by folding it anew, double entry by summing the postings apart from the fold, the hash
    /// tree against the signed checkpoint, and what `views/` and `keys/` hold.
    ///
    /// Reads only; a writer in another process may go on beside it. The first damaged page of the log, or record, ends the
    /// walk, as nothing after it can be judged.
    ///
    /// ```swift
    /// let report = try Ledger.verify(at: folder)
    /// for finding in report.findings { print(finding.code, finding.message) }
    /// ```
    /// - Parameters:
    ///   - expecting: A checkpoint and keys; by default the checkpoint kept in the ledger, its signatures not looked at.
    ///   - progress: Told the position now and then.
    public static func verify(
        at directory: String, expecting: VerifyExpectations = .init(), options: LedgerOptions = .init(),
        progress: (UInt64) -> Void = { _ in }
    ) throws(LedgerError) -> VerifyReport {
        let folders = LedgerFolders(root: directory)
        try folders.requireLog()
        do throws(LogError) {
            let store = try LogStore.open(
                directory: folders.log, readOnly: true, mapSizeBytes: options.logMapBytes)
            defer { store.close() }
            return try Verifier.run(store, folders, expecting, options, progress)
        } catch {
            throw LedgerError(error)
        }
    }

    /// Throws `views/` away, folds the log anew and writes a checkpoint. With two threads the views are
    /// folded beside the core: the digest is the same.
    ///
    /// ```swift
    /// print(try Ledger.rebuild(at: folder).stateDigest)
    /// ```
    public static func rebuild(
        at directory: String, threads: Int = 2, options: LedgerOptions = .init(),
        progress: @escaping @Sendable (UInt64) -> Void = { _ in }
    ) throws(LedgerError) -> RebuildReport {
        let folders = LedgerFolders(root: directory)
        try folders.requireLog()
        let lock = try folders.takeLock()
        removeViews(folders)
        let start = Clock.monotonicNanoseconds()
        var chosen = options
        chosen.foldThreads = threads
        chosen.foldProgress = progress
        let ledger = try open(folders, lock, chosen)
        defer { ledger.close() }
        let digest = try ledger.current.digest()
        try ledger.checkpoint()
        let seconds = Double(Clock.monotonicNanoseconds() - start) / 1e9
        return RebuildReport(
            position: digest.position, records: ledger.current.records, stateDigest: digest.value,
            seconds: seconds, threads: threads)
    }
}

extension LedgerReader {
    /// Records on disk.
    public var records: UInt64 { box.read { $0.visibleHead.records } }
}

/// The walk of `verify`.
private enum Verifier {
    /// Account sums by programme and asset, apart from the fold.
    struct SumKey: Hashable {
        let programme: UInt16
        let asset: UInt16
        let account: String
    }

    static func run(
        _ store: LogStore, _ folders: LedgerFolders, _ expecting: VerifyExpectations,
        _ options: LedgerOptions, _ progress: (UInt64) -> Void
    ) throws(LogError) -> VerifyReport {
        var report = VerifyReport()
        report.findings = try FileVerifier.logPages(store)
        // What is read through a damaged page may be anything, or the end of the process.
        guard report.findings.isEmpty else { return report }
        report.findings = FileVerifier.keys(folders, store.ledgerId)
        var expected = ExpectedHead.read(expecting, folders.root, &report)
        let before = report.findings.count
        var core = CoreState(records: RecordSource(store), hashSeed: 1)
        var views = ViewState(hashSeed: 1)
        let tree = TileTree(source: NoTiles())
        expected?.compare(tree, .start, &report)
        var sums: [SumKey: Int128] = [:]
        do throws(LogError) {
            unsafe try store.scan(after: .start) { record, header throws(LogError) in
                do throws(FoldFault) {
                    try unsafe core.apply(record: record, header: header)
                    try unsafe views.apply(record: record, header: header)
                } catch {
                    report.findings.append(
                        .init(code: error.check, message: error.message, position: error.position))
                    return false
                }
                unsafe tree.append(record, base: header.basePosition.rawValue)
                expected?.compare(tree, header.basePosition, &report)
                unsafe StoredRecord.walk(record) { stored, envelope in
                    checkIdentity(stored.event, store, stored.position, &report)
                    for posting in stored.event.postings {
                        report.postings += 1
                        let (p, a) = (envelope.programme.rawValue, posting.asset.rawValue)
                        sums[SumKey(programme: p, asset: a, account: posting.debit.name), default: 0] +=
                            Int128(posting.amount)
                        sums[SumKey(programme: p, asset: a, account: posting.credit.name), default: 0] -=
                            Int128(posting.amount)
                    }
                    return true
                }
                if header.ordinal & 0x3FFF == 0 { progress(header.lastPosition.rawValue) }
                return true
            }
        } catch {
            guard error.code == .broken || error.code == .newer else { throw error }
            report.findings.append(
                .init(code: "log.record", message: error.message, position: error.position))
        }
        report.position = core.head.position
        report.records = core.head.records
        report.users = core.users.count
        report.payments = core.payments.count
        report.treeSize = tree.size
        report.logRoot = tree.root().hex
        expected?.finish(tree, &report)
        if report.findings.count == before { checkSums(core, sums, &report) }
        let (box, viewBox) = (StateBox(core), ViewBox(views))
        do throws(LedgerError) {
            report.stateDigest = try PrivateDigest.compute(box, viewBox, store).digest.hex
        } catch {
            report.findings.append(
                .init(code: "state.digest", message: error.message, position: error.position))
        }
        if report.findings.count == before { try compareViews(store, folders, tree, options, &report) }
        return report
    }

    private static func checkIdentity(
        _ event: Event, _ store: LogStore, _ position: LogPosition, _ report: inout VerifyReport
    ) {
        guard case .ledgerCreated(let created) = event, created.ledgerId != store.ledgerId else { return }
        report.findings.append(
            .init(
                code: "ledger.id", message: "the log's first event names another ledger than its meta table",
                position: position))
    }

    /// The postings, summed by themselves, against the fold's sums and against the users' own balances.
    private static func checkSums(
        _ core: borrowing CoreState, _ sums: [SumKey: Int128], _ report: inout VerifyReport
    ) {
        var users: [SumKey: Int128] = [:]
        for member in 0..<core.members.count {
            let programme = core.members[member].programme
            for (asset, balance) in core.visibleBalances(member: member) {
                func add(_ account: String, _ amount: Int64) {
                    users[
                        SumKey(programme: programme, asset: asset.rawValue, account: account), default: 0] -=
                        Int128(amount)
                }
                add("pending", balance.pending)
                add(asset.isMoney ? "available" : "claimable", balance.available)
                add("held", balance.held)
                add("receivable", -balance.receivable)
            }
        }
        for i in 0..<core.withdrawals.count {
            let row = core.withdrawals[i]
            guard row.withdrawalState.isUnsent else { continue }
            let programme = core.members[Int(row.member)].programme
            users[SumKey(programme: programme, asset: row.asset, account: "reserved"), default: 0] -=
                Int128(row.amount)
        }
        for i in 0..<core.totals.count {
            let row = core.totals[i]
            var net: Int128 = 0
            for (account, total) in accounts(of: row, core) {
                let key = SumKey(programme: row.programme, asset: row.asset, account: account)
                net += Int128(total)
                if sums[key, default: 0] != Int128(total) {
                    found(
                        "postings.totals",
                        "\(account): postings sum to \(sums[key, default: 0]), the fold to \(total)", &report)
                }
                if usersAccounts.contains(account), users[key, default: 0] != Int128(total) {
                    found(
                        "balances.totals",
                        "\(account): users' balances sum to \(users[key, default: 0]), the fold to \(total)",
                        &report)
                }
            }
            if net != 0 {
                found("postings.balance", "accounts of asset \(row.asset) sum to \(net), not zero", &report)
            }
        }
    }

    /// Accounts whose sum is that of users' balances.
    private static let usersAccounts: Set<String> = [
        "pending", "available", "claimable", "held", "reserved", "receivable",
    ]

    /// What the fold sums up of an asset, each account as a debit.
    private static func accounts(of row: TotalsRow, _ core: borrowing CoreState) -> [(String, Int64)] {
        var clearing: Int64 = 0
        for i in 0..<core.clearings.count
        where core.clearings[i].programme == row.programme && core.clearings[i].asset == row.asset {
            clearing += core.clearings[i].balance
        }
        let spendable = AssetNumber(rawValue: row.asset).isMoney ? "available" : "claimable"
        return [
            ("rewardExpense", row.rewardExpense), ("pending", -row.pending), (spendable, -row.available),
            ("held", -row.held), ("receivable", row.receivable), ("reserved", -row.reserved),
            ("clearing", -clearing), ("cash", row.cash), ("funding", -row.funding), ("tax", -row.tax),
            ("fee", -row.fee), ("breakage", -row.breakage), ("loss", row.loss), ("fx", row.fx),
            ("opening", row.opening), ("issued", row.issued), ("used", -row.used),
        ]
    }

    private static func found(_ code: String, _ message: String, _ report: inout VerifyReport) {
        report.findings.append(.init(code: code, message: message, position: nil))
    }

    /// What a reader would get from the checkpoint and the tail, against the fresh fold.
    private static func compareViews(
        _ store: LogStore, _ folders: LedgerFolders, _ fresh: TileTree, _ options: LedgerOptions,
        _ report: inout VerifyReport
    ) throws(LogError) {
        let (opened, findings) = FileVerifier.openViews(folders, options)
        report.findings += findings
        guard let checkpoints = opened else { return }
        defer { checkpoints.close() }
        report.findings += try FileVerifier.views(checkpoints, fresh)
        guard findings.isEmpty, let manifests = try? checkpoints.readManifests(), !manifests.isEmpty else {
            return
        }
        report.comparedViews = true
        let loaded = try Loader.load(store, checkpoints, through: report.position)
        let tree = try TreeKeeper(store, checkpoints, loaded.manifest)
        let (box, viewBox) = Ledger.boxes(loaded)
        do throws(LedgerError) {
            let digest = try PrivateDigest.compute(box, viewBox, store).digest.hex
            if digest != report.stateDigest {
                found("views.mismatch", "the checkpoint's state has digest \(digest): rebuild", &report)
            }
        } catch {
            found("views.damaged", error.message, &report)
        }
        try tree.catchUp(through: report.position)
        if tree.root().root.hex != report.logRoot {
            found("views.tree", "the checkpoint's hash tree has another root than the log: rebuild", &report)
        }
    }
}
