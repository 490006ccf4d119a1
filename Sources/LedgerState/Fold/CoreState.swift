import LedgerDomain
import LedgerLog

/// The state that decisions are made against: tree, balances, payments, codes, parked facts, due work.
///
/// A pure fold of the log, in dense rows. The same `apply` runs live, on open, on rebuild and for the past.
/// Not thread-safe; all calls are made under the state's lock.
public struct CoreState: ~Copyable {
    /// Changes when the same log folds to other rows: checkpoints of another version are not used.
    public static let foldVersion: UInt32 = 2

    let home = TableHome()
    var undo = UndoLog()
    /// Reads records that look-ups and the fold need.
    public let records: RecordSource
    /// The keyed hash.
    public internal(set) var hash: KeyedHash

    // Tables. Numbers are for ever; a table that goes leaves its number unused.
    /// Users.
    public internal(set) var users: RowTable<UserRow>
    public internal(set) var userPositions: WordTable
    /// Users in the programme.
    public internal(set) var members: RowTable<MemberRow>
    public internal(set) var accounts: RowTable<AccountRow>
    public internal(set) var memberships: RowTable<MembershipRow>
    /// Referral codes.
    public internal(set) var codes: RowTable<CodeRow>
    public internal(set) var codePositions: WordTable
    /// Payments.
    public internal(set) var payments: RowTable<PaymentRow>
    public internal(set) var paymentPositions: WordTable
    public internal(set) var paymentExtras: RowTable<PaymentExtraRow>
    /// Refunds that took effect.
    public internal(set) var refunds: RowTable<RefundRow>
    public internal(set) var refundPositions: WordTable
    /// Recorded, and waiting.
    public internal(set) var parked: RowTable<ParkedRow>
    public internal(set) var parkedPositions: WordTable
    public internal(set) var waits: RowTable<WaitRow>
    public internal(set) var keyPositions: WordTable
    /// Programmes, in the order in which they were created.
    public internal(set) var programmes: RowTable<ProgrammeRow>
    public internal(set) var programmePositions: WordTable
    public internal(set) var policies: RowTable<PolicyRow>
    public internal(set) var policyPositions: WordTable
    public internal(set) var totals: RowTable<TotalsRow>
    public internal(set) var symbols: RowTable<SymbolRow>
    public internal(set) var symbolPositions: WordTable
    var dueDays: RowTable<DueDayRow>
    var dueRuns: RowTable<DueRunRow>
    public internal(set) var imports: RowTable<ImportRow>
    public internal(set) var importPositions: WordTable
    var globals: RowTable<GlobalsRow>
    var facts: RowTable<FactRow>
    public internal(set) var profiles: RowTable<ProfileRow>
    public internal(set) var lots: RowTable<LotRow>
    public internal(set) var rewards: RowTable<RewardRow>
    public internal(set) var legs: RowTable<RewardRow>
    public internal(set) var cases: RowTable<CaseRow>
    public internal(set) var holds: RowTable<HoldRow>
    public internal(set) var withdrawals: RowTable<WithdrawalRow>
    public internal(set) var usages: RowTable<UsageRow>
    public internal(set) var budgets: RowTable<BudgetRow>
    public internal(set) var rates: RowTable<RateRow>
    public internal(set) var clearings: RowTable<ClearingRow>
    public internal(set) var rewardPositions: WordTable
    public internal(set) var casePositions: WordTable
    public internal(set) var withdrawalPositions: WordTable
    public internal(set) var ratePositions: WordTable
    public internal(set) var creditPositions: WordTable
    public internal(set) var reviewCases: WordTable
    var userIds: IdTable
    var codeIds: IdTable
    var paymentIds: IdTable
    var refundIds: IdTable
    var keyIds: IdTable
    var waitIds: IdTable
    var importIds: IdTable
    var caseIds: IdTable
    var withdrawalIds: IdTable

    /// Where the folded log ends.
    public internal(set) var head = LogHead.empty
    var headBefore = (LogHead.empty, LogHead.empty)
    /// Groups not yet on disk.
    public internal(set) var flight = Flight.none
    /// The first thing in the log that cannot have happened. From then on the state is not to be used.
    public internal(set) var fault: FoldFault?

    // Caches of what the log says; derived, never persisted.
    var policyCache: [Int: CachedPolicy] = [:]
    var lastTotals = 0
    var lastPayment = (position: UInt64(0), number: 0)
    var symbolNames: [[UInt8]] = []

    /// Memberwise.
    public init(records: RecordSource, hashSeed: UInt64) {
        self.records = records
        hash = KeyedHash(seed: hashSeed)
        users = RowTable(1, "users", home)
        userPositions = WordTable(2, "userPositions", home)
        members = RowTable(3, "members", home)
        accounts = RowTable(4, "accounts", home)
        memberships = RowTable(5, "memberships", digested: false, home)
        codes = RowTable(6, "codes", home)
        codePositions = WordTable(7, "codePositions", home)
        payments = RowTable(8, "payments", home)
        paymentPositions = WordTable(9, "paymentPositions", home)
        paymentExtras = RowTable(10, "paymentExtras", home)
        refunds = RowTable(11, "refunds", home)
        refundPositions = WordTable(12, "refundPositions", home)
        parked = RowTable(13, "parked", home)
        parkedPositions = WordTable(14, "parkedPositions", home)
        waits = RowTable(15, "waits", home)
        keyPositions = WordTable(16, "keyPositions", home)
        programmes = RowTable(17, "programmes", home)
        programmePositions = WordTable(18, "programmePositions", home)
        policies = RowTable(19, "policies", home)
        policyPositions = WordTable(20, "policyPositions", home)
        totals = RowTable(21, "totals", home)
        symbols = RowTable(22, "symbols", home)
        symbolPositions = WordTable(23, "symbolPositions", home)
        dueDays = RowTable(24, "dueDays", digested: false, home)
        dueRuns = RowTable(25, "dueRuns", digested: false, home)
        imports = RowTable(26, "imports", digested: false, home)
        importPositions = WordTable(27, "importPositions", home)
        globals = RowTable(28, "globals", digested: false, home)
        facts = RowTable(29, "facts", digested: false, home)
        profiles = RowTable(30, "profiles", home)
        lots = RowTable(31, "lots", home)
        rewards = RowTable(32, "rewards", home)
        legs = RowTable(34, "legs", home)
        cases = RowTable(35, "cases", home)
        holds = RowTable(37, "holds", home)
        withdrawals = RowTable(38, "withdrawals", home)
        usages = RowTable(50, "usages", home)
        budgets = RowTable(51, "budgets", home)
        rates = RowTable(52, "rates", home)
        clearings = RowTable(55, "clearings", home)
        rewardPositions = WordTable(33, "rewardPositions", home)
        casePositions = WordTable(36, "casePositions", home)
        withdrawalPositions = WordTable(39, "withdrawalPositions", home)
        ratePositions = WordTable(53, "ratePositions", home)
        creditPositions = WordTable(54, "creditPositions", home)
        reviewCases = WordTable(56, "reviewCases", home)
        userIds = IdTable(40, "userIds", home)
        codeIds = IdTable(41, "codeIds", home)
        paymentIds = IdTable(42, "paymentIds", home)
        refundIds = IdTable(43, "refundIds", home)
        keyIds = IdTable(44, "keyIds", home)
        waitIds = IdTable(45, "waitIds", home)
        importIds = IdTable(46, "importIds", home)
        caseIds = IdTable(47, "caseIds", home)
        withdrawalIds = IdTable(48, "withdrawalIds", home)
    }

    /// A block of the checkpoint was found damaged: throw the state away and fold the log again.
    public var damagedTable: String? { home.damage.table }

    // MARK: Groups in flight

    /// Begins a group: from here on, changes can be undone and are invisible to readers.
    /// - Parameter parity: 0 or 1, the other one than the group's before.
    public mutating func beginGroup(parity: UInt32) {
        undo.parity = parity
        undo.recording = true
        if parity == 0 {
            undo.sides.0.open = true
            headBefore.0 = head
        } else {
            undo.sides.1.open = true
            headBefore.1 = head
        }
        forEachRows(BeginGroup(parity: parity, recording: true))
        if case .none = flight { flight = .oldest(parity) }
    }

    /// The group of this parity is on disk: readers see it now.
    public mutating func retireGroup(parity: UInt32) {
        let images = parity == 0 ? undo.sides.0.images : undo.sides.1.images
        var newer = UndoLog.Side()
        if parity == 0 { swap(&newer, &undo.sides.1) } else { swap(&newer, &undo.sides.0) }
        for (place, image) in images.enumerated() {
            retireRow(image.table, Int(image.row), parity, place, &newer)
        }
        if parity == 0 { swap(&newer, &undo.sides.1) } else { swap(&newer, &undo.sides.0) }
        clearSide(parity)
        let otherOpen = parity == 0 ? undo.sides.1.open : undo.sides.0.open
        if otherOpen {
            flight = .oldest(1 - parity)
        } else {
            flight = .none
        }
    }

    /// Undoes the newest group in flight, which has this parity.
    public mutating func rollBackGroup(parity: UInt32) {
        let side = parity == 0 ? undo.sides.0 : undo.sides.1
        for entry in side.inserted.reversed() { removeId(entry.table, entry.hash, Int(entry.number)) }
        for image in side.images.reversed() {
            unsafe side.bytes.withUnsafeBytes { raw in
                unsafe restoreRow(image.table, Int(image.row), raw.baseAddress! + image.offset)
            }
        }
        forEachRows(TruncateGroup(parity: parity))
        head = parity == 0 ? headBefore.0 : headBefore.1
        clearSide(parity)
        let otherOpen = parity == 0 ? undo.sides.1.open : undo.sides.0.open
        if otherOpen { flight = .oldest(1 - parity) } else { flight = .none }
        undo.parity = 1 - parity
        // Derived caches may hold what was undone.
        policyCache.removeAll()
        symbolNames.removeAll()
        lastTotals = 0
        lastPayment = (0, 0)
        fault = nil
    }

    private mutating func clearSide(_ parity: UInt32) {
        if parity == 0 {
            UndoLog.clear(&undo.sides.0)
        } else {
            UndoLog.clear(&undo.sides.1)
        }
        undo.recording = undo.sides.0.open || undo.sides.1.open
    }

    /// Where the log ended before any group in flight: what readers answer at.
    public var visibleHead: LogHead {
        switch flight {
        case .none: head
        case .oldest(let parity): parity == 0 ? headBefore.0 : headBefore.1
        }
    }
}

extension UndoLog {
    static func clear(_ side: inout Side) {
        side.images.removeAll(keepingCapacity: true)
        side.bytes.removeAll(keepingCapacity: true)
        side.inserted.removeAll(keepingCapacity: true)
        side.open = false
    }
}

/// Tables that fold together and are checkpointed together.
public protocol TableSet: ~Copyable {
    mutating func visit(_ visitor: inout some TableVisitor)
}

/// Something done to every table.
public protocol TableVisitor {
    mutating func rows<Row>(_ table: inout RowTable<Row>)
    mutating func words(_ table: inout WordTable)
    mutating func ids(_ table: inout IdTable)
}

struct BeginGroup: TableVisitor {
    let parity: UInt32
    let recording: Bool
    func rows<Row>(_ table: inout RowTable<Row>) { table.begin(parity: parity, recording: recording) }
    func words(_ table: inout WordTable) { table.begin(parity: parity) }
    func ids(_ table: inout IdTable) {}
}

struct TruncateGroup: TableVisitor {
    let parity: UInt32
    func rows<Row>(_ table: inout RowTable<Row>) { table.truncate(parity: parity) }
    func words(_ table: inout WordTable) { table.truncate(parity: parity) }
    func ids(_ table: inout IdTable) {}
}

extension CoreState: TableSet {
    mutating func forEachRows(_ visitor: some TableVisitor) {
        var visitor = visitor
        visit(&visitor)
    }

    /// Every table, in the order of their numbers.
    public mutating func visit(_ visitor: inout some TableVisitor) {
        visitor.rows(&users)
        visitor.words(&userPositions)
        visitor.rows(&members)
        visitor.rows(&accounts)
        visitor.rows(&memberships)
        visitor.rows(&codes)
        visitor.words(&codePositions)
        visitor.rows(&payments)
        visitor.words(&paymentPositions)
        visitor.rows(&paymentExtras)
        visitor.rows(&refunds)
        visitor.words(&refundPositions)
        visitor.rows(&parked)
        visitor.words(&parkedPositions)
        visitor.rows(&waits)
        visitor.words(&keyPositions)
        visitor.rows(&programmes)
        visitor.words(&programmePositions)
        visitor.rows(&policies)
        visitor.words(&policyPositions)
        visitor.rows(&totals)
        visitor.rows(&symbols)
        visitor.words(&symbolPositions)
        visitor.rows(&dueDays)
        visitor.rows(&dueRuns)
        visitor.rows(&imports)
        visitor.words(&importPositions)
        visitor.rows(&globals)
        visitor.rows(&facts)
        visitor.rows(&profiles)
        visitor.rows(&lots)
        visitor.rows(&rewards)
        visitor.words(&rewardPositions)
        visitor.rows(&legs)
        visitor.rows(&cases)
        visitor.words(&casePositions)
        visitor.rows(&holds)
        visitor.rows(&withdrawals)
        visitor.words(&withdrawalPositions)
        visitor.rows(&usages)
        visitor.rows(&budgets)
        visitor.rows(&rates)
        visitor.words(&ratePositions)
        visitor.words(&creditPositions)
        visitor.rows(&clearings)
        visitor.words(&reviewCases)
        visitor.ids(&userIds)
        visitor.ids(&codeIds)
        visitor.ids(&paymentIds)
        visitor.ids(&refundIds)
        visitor.ids(&keyIds)
        visitor.ids(&waitIds)
        visitor.ids(&importIds)
        visitor.ids(&caseIds)
        visitor.ids(&withdrawalIds)
    }

    mutating func retireRow(
        _ table: UInt8, _ row: Int, _ parity: UInt32, _ place: Int, _ newer: inout UndoLog.Side
    ) {
        switch table {
        case 1: users.retire(row, parity: parity, place: place, newer: &newer)
        case 3: members.retire(row, parity: parity, place: place, newer: &newer)
        case 4: accounts.retire(row, parity: parity, place: place, newer: &newer)
        case 5: memberships.retire(row, parity: parity, place: place, newer: &newer)
        case 6: codes.retire(row, parity: parity, place: place, newer: &newer)
        case 8: payments.retire(row, parity: parity, place: place, newer: &newer)
        case 10: paymentExtras.retire(row, parity: parity, place: place, newer: &newer)
        case 11: refunds.retire(row, parity: parity, place: place, newer: &newer)
        case 13: parked.retire(row, parity: parity, place: place, newer: &newer)
        case 15: waits.retire(row, parity: parity, place: place, newer: &newer)
        case 17: programmes.retire(row, parity: parity, place: place, newer: &newer)
        case 19: policies.retire(row, parity: parity, place: place, newer: &newer)
        case 21: totals.retire(row, parity: parity, place: place, newer: &newer)
        case 22: symbols.retire(row, parity: parity, place: place, newer: &newer)
        case 24: dueDays.retire(row, parity: parity, place: place, newer: &newer)
        case 25: dueRuns.retire(row, parity: parity, place: place, newer: &newer)
        case 26: imports.retire(row, parity: parity, place: place, newer: &newer)
        case 28: globals.retire(row, parity: parity, place: place, newer: &newer)
        case 29: facts.retire(row, parity: parity, place: place, newer: &newer)
        case 30: profiles.retire(row, parity: parity, place: place, newer: &newer)
        case 31: lots.retire(row, parity: parity, place: place, newer: &newer)
        case 32: rewards.retire(row, parity: parity, place: place, newer: &newer)
        case 34: legs.retire(row, parity: parity, place: place, newer: &newer)
        case 35: cases.retire(row, parity: parity, place: place, newer: &newer)
        case 37: holds.retire(row, parity: parity, place: place, newer: &newer)
        case 38: withdrawals.retire(row, parity: parity, place: place, newer: &newer)
        case 50: usages.retire(row, parity: parity, place: place, newer: &newer)
        case 51: budgets.retire(row, parity: parity, place: place, newer: &newer)
        case 52: rates.retire(row, parity: parity, place: place, newer: &newer)
        case 55: clearings.retire(row, parity: parity, place: place, newer: &newer)
        default: preconditionFailure("no row table \(table)")
        }
    }

    mutating func restoreRow(_ table: UInt8, _ row: Int, _ bytes: UnsafeRawPointer) {
        switch table {
        case 1: unsafe users.restore(row, from: bytes)
        case 3: unsafe members.restore(row, from: bytes)
        case 4: unsafe accounts.restore(row, from: bytes)
        case 5: unsafe memberships.restore(row, from: bytes)
        case 6: unsafe codes.restore(row, from: bytes)
        case 8: unsafe payments.restore(row, from: bytes)
        case 10: unsafe paymentExtras.restore(row, from: bytes)
        case 11: unsafe refunds.restore(row, from: bytes)
        case 13: unsafe parked.restore(row, from: bytes)
        case 15: unsafe waits.restore(row, from: bytes)
        case 17: unsafe programmes.restore(row, from: bytes)
        case 19: unsafe policies.restore(row, from: bytes)
        case 21: unsafe totals.restore(row, from: bytes)
        case 22: unsafe symbols.restore(row, from: bytes)
        case 24: unsafe dueDays.restore(row, from: bytes)
        case 25: unsafe dueRuns.restore(row, from: bytes)
        case 26: unsafe imports.restore(row, from: bytes)
        case 28: unsafe globals.restore(row, from: bytes)
        case 29: unsafe facts.restore(row, from: bytes)
        case 30: unsafe profiles.restore(row, from: bytes)
        case 31: unsafe lots.restore(row, from: bytes)
        case 32: unsafe rewards.restore(row, from: bytes)
        case 34: unsafe legs.restore(row, from: bytes)
        case 35: unsafe cases.restore(row, from: bytes)
        case 37: unsafe holds.restore(row, from: bytes)
        case 38: unsafe withdrawals.restore(row, from: bytes)
        case 50: unsafe usages.restore(row, from: bytes)
        case 51: unsafe budgets.restore(row, from: bytes)
        case 52: unsafe rates.restore(row, from: bytes)
        case 55: unsafe clearings.restore(row, from: bytes)
        default: preconditionFailure("no row table \(table)")
        }
    }

    mutating func removeId(_ table: UInt8, _ hash: UInt64, _ number: Int) {
        switch table {
        case 40: userIds.remove(hash, number)
        case 41: codeIds.remove(hash, number)
        case 42: paymentIds.remove(hash, number)
        case 43: refundIds.remove(hash, number)
        case 44: keyIds.remove(hash, number)
        case 45: waitIds.remove(hash, number)
        case 46: importIds.remove(hash, number)
        case 47: caseIds.remove(hash, number)
        case 48: withdrawalIds.remove(hash, number)
        default: preconditionFailure("no id table \(table)")
        }
    }
}
