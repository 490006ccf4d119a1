import LedgerDomain
import LedgerLog
import LedgerState

/// The internal checks of a ledger: a walk of its log, then a comparison with the rows of a live state.
///
/// ```swift
/// var work = Reconciliation(store, vault: vault)
/// try work.walk { _ in }
/// try work.compare(&core, &views)   // the live state, which stands where the walk ended
/// let report = try work.report()
/// ```
/// Not thread-safe. Memory: a state of its own, and what each auditor says, in all O(users + payments).
@safe public struct Reconciliation: ~Copyable {
    private let store: LogStore
    private var core: CoreState
    private var views: ViewState
    private var auditors = Auditors()
    private var breaks: Breaks
    private var outcome = ReconcileReport()
    private var hasFolded = true
    /// Told each record's stored value and base position as the walk reads it, the bytes during the call only: for a
    /// hash tree of its own.
    public var onRecord: ((UnsafeRawBufferPointer, LogPosition) -> Void)?

    /// - Parameters:
    ///   - vault: The keys of personal data; nil where they are not here.
    ///   - limit: Breaks listed of each check.
    public init(_ store: LogStore, vault: KeyVault?, limit: Int = 100) {
        self.store = store
        core = CoreState(records: RecordSource(store), hashSeed: 1)
        views = ViewState(hashSeed: 1)
        breaks = Breaks(limit: limit)
        auditors.keys.vault = vault
    }

    /// Whether the log could not be read or folded so far.
    public var isLogBroken: Bool { outcome.isLogBroken }
    /// How far the walk has come.
    public var position: LogPosition { outcome.position }

    /// Walks the log from where the last walk ended. A record that cannot be read ends it; one that cannot be
    /// folded ends the folding only: the auditors see the events after it too.
    ///
    /// - Parameters:
    ///   - through: Where to stop; nil: at the log's end.
    ///   - progress: Told the position now and then.
    /// - Throws: when the log cannot be read for a cause other than its content.
    public mutating func walk(
        through: LogPosition? = nil, progress: (UInt64) -> Void = { _ in }
    ) throws(LogError) {
        if outcome.isLogBroken { return }
        do throws(LogError) {
            unsafe try store.scan(after: outcome.position, through: through) {
                record, header throws(LogError) in
                if hasFolded { unsafe fold(record, header) }
                guard unsafe audit(record, header) else { return false }
                unsafe onRecord?(record, header.basePosition)
                outcome.position = header.lastPosition
                outcome.records += 1
                if header.ordinal & 0x3FFF == 0 { progress(header.lastPosition.rawValue) }
                return true
            }
        } catch {
            guard error.code == .broken else { throw error }
            // The page that is damaged is in what LMDB, or its reader, says.
            fault(error.cause.map { "\(error.message): \($0)" } ?? error.message, error.position)
        }
        core.records.release()
    }

    private mutating func fault(_ message: String, _ position: LogPosition?) {
        outcome.isLogBroken = true
        breaks.add(.log, message, position: position)
    }

    private mutating func fold(_ record: UnsafeRawBufferPointer, _ header: RecordHeader) {
        do throws(FoldFault) {
            try unsafe core.apply(record: record, header: header)
            try unsafe views.apply(record: record, header: header)
        } catch {
            hasFolded = false
            fault("\(error.check): \(error.message)", error.position)
        }
    }

    /// Shows a record to the auditors; false when it does not decode.
    private mutating func audit(_ record: UnsafeRawBufferPointer, _ header: RecordHeader) -> Bool {
        let base = header.basePosition
        var last: RecordEnvelope?
        let bad = unsafe StoredRecord.walk(record) { stored, envelope in
            last = envelope
            auditors.see(stored, envelope, base, &breaks)
            return true
        }
        if let bad {
            // The fold has said so already, where it came so far.
            if hasFolded || !outcome.isLogBroken { fault("log.decoding: \(bad.message)", base) }
            return false
        }
        if let last { auditors.endRecord(last, base, &breaks) }
        return true
    }

    /// Compares with a live state, which stands where the walk ended and has nothing in flight. Does nothing
    /// after a log that is broken.
    /// Cost: in step with rows, and two look-ups in the log for each id.
    public mutating func compare(_ live: inout CoreState, _ views: inout ViewState) throws(LogError) {
        if outcome.isLogBroken { return }
        precondition(
            live.head.position == outcome.position && views.head.position == outcome.position,
            "the state stands elsewhere than the walk")
        outcome.comparedViews = true
        Refold.compare(&live, &core, .rows, &breaks)
        Refold.compare(&views, &self.views, .scores, &breaks)
        try auditors.compare(live, &breaks)
    }

    /// Tells what of the stored hash tree is not what the records give.
    public mutating func add(treeFaults faults: [String]) {
        for fault in faults { breaks.add(.tree, fault) }
    }

    /// Where there is no live state: the fresh fold's own rows.
    public mutating func compareFold() throws(LogError) {
        if outcome.isLogBroken { return }
        try auditors.compare(core, &breaks)
    }

    /// What was found, with names. To be called once, at the end.
    public mutating func report() throws(LogError) -> ReconcileReport {
        try auditors.settle(store, &breaks)
        outcome.postings = auditors.books.postings
        outcome.users = core.users.count
        outcome.payments = core.payments.count
        outcome.results = breaks.results
        outcome.breaks = breaks.sorted
        for i in outcome.breaks.indices {
            if let user = outcome.breaks[i].user, Int(user.rawValue) < core.users.count {
                outcome.breaks[i].userId = try core.userId(Int(user.rawValue)).string
            }
            if let programme = outcome.breaks[i].programmeNumber,
                Int(programme.rawValue) < core.programmes.count
            {
                outcome.breaks[i].programme = try core.programmeId(Int(programme.rawValue)).string
            }
        }
        outcome.assetNames = try core.visibleAssetSymbols()
        core.records.release()
        return outcome
    }
}

/// All auditors.
struct Auditors {
    var books = BooksAuditor()
    var lots = LotsAuditor()
    var referrals = ReferralAuditor()
    var withdrawals = WithdrawalAuditor()
    var rewards = RewardAuditor()
    var payments = PaymentAuditor()
    var cases = CaseAuditor()
    var keys = KeyAuditor()
    var parking = ParkingAuditor()
    var statements = BreakAuditor()
    var rules = RuleAuditor()

    mutating func see(
        _ stored: StoredEvent, _ envelope: RecordEnvelope, _ base: LogPosition, _ out: inout Breaks
    ) {
        books.see(stored, envelope, base, &out)
        referrals.see(stored, envelope, base, &out)
        withdrawals.see(stored, envelope, base, &out)
        rewards.see(stored, envelope, base, &out)
        payments.see(stored, envelope, base, &out)
        cases.see(stored, envelope, base, &out)
        keys.see(stored, envelope, base, &out)
        parking.see(stored, envelope, base, &out)
        statements.see(stored, envelope, base, &out)
        rules.see(stored, envelope, base, &out)
    }

    mutating func endRecord(_ envelope: RecordEnvelope, _ base: LogPosition, _ out: inout Breaks) {
        books.endRecord(envelope, base, &out)
        withdrawals.endRecord(envelope, base, &out)
        keys.endRecord(envelope, base, &out)
        rules.endRecord(envelope, base, &out)
    }

    mutating func settle(_ log: LogStore, _ out: inout Breaks) throws(LogError) {
        try rewards.settle(log, &out)
        try payments.settle(log, &out)
    }

    mutating func compare(_ state: borrowing CoreState, _ out: inout Breaks) throws(LogError) {
        try books.compare(state, &out)
        try lots.compare(state, &out)
        try referrals.compare(state, &out)
        try withdrawals.compare(state, &out)
        try rewards.compare(state, &out)
        try payments.compare(state, &out)
        try cases.compare(state, &out)
        try keys.compare(state, &out)
        try parking.compare(state, &out)
        try statements.compare(state, &out)
        try rules.compare(state, &out)
    }
}

/// A live state against a fresh fold of the same log, row by row.
enum Refold {
    /// Rows read at a time.
    private static let stretch = 4_096

    static func compare<Tables: TableSet & ~Copyable>(
        _ live: inout Tables, _ fresh: inout Tables, _ check: ReconcileCheck, _ out: inout Breaks
    ) {
        for (a, b) in zip(live.rowTables(), fresh.rowTables()) {
            if a.count != b.count {
                out.add(check, "table \(a.name) has \(a.count) rows, the fresh fold \(b.count)")
            }
            var differing: [Int] = []
            for start in stride(from: 0, to: min(a.count, b.count), by: stretch) {
                let x = live.rowBytes(table: a.table, from: start, count: stretch)
                let y = fresh.rowBytes(table: a.table, from: start, count: stretch)
                if x == y { continue }
                for at in 0..<(min(x.count, y.count) / a.stride) {
                    let part = at * a.stride..<(at + 1) * a.stride
                    if x[part] != y[part] { differing.append(start + at) }
                }
            }
            for row in differing {
                guard out.isListing(check) else {
                    out.add(check, "")
                    continue
                }
                let (x, y) = (
                    live.rowFields(table: a.table, row: row), fresh.rowFields(table: a.table, row: row)
                )
                let fields = zip(x, y).filter { $0.0.value != $0.1.value }
                    .map { "\($0.0.name) is \($0.0.value), of the fresh fold \($0.1.value)" }
                out.add(check, "table \(a.name), row \(row): \(fields.joined(separator: "; "))")
            }
        }
    }
}
