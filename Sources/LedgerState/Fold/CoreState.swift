import LedgerDomain
import LedgerLog

/// The state that decisions are made against: tree, balances, payments, codes, parked facts, due work.
///
/// A pure fold of the log, in dense rows. The same `apply` runs live, on open, on rebuild and for the past.
/// Not thread-safe; all calls are made under the state's lock.
public struct CoreState: ~Copyable {
    /// Changes when the same log folds to other rows: checkpoints of another version are not used.
    public static let foldVersion: UInt32 = 3

    let home = TableHome()
    var undo = UndoLog()
    /// Tables that few commands touch.
    let further: FurtherTables
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
    /// Payments.
    public internal(set) var payments: RowTable<PaymentRow>
    public internal(set) var paymentPositions: WordTable
    /// Programmes, in the order in which they were created.
    public internal(set) var programmes: RowTable<ProgrammeRow>
    public internal(set) var totals: RowTable<TotalsRow>
    var dueDays: RowTable<DueDayRow>
    var dueRuns: RowTable<DueRunRow>
    var userIds: IdTable
    var paymentIds: IdTable

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
    /// The earliest day for which something was put in the queue since `advance` last looked.
    var lowestScheduled = Int.max
    var lastPayment = (position: UInt64(0), number: 0)
    var symbolNames: [[UInt8]] = []

    /// Memberwise.
    public init(records: RecordSource, hashSeed: UInt64) {
        self.records = records
        hash = KeyedHash(seed: hashSeed)
        further = FurtherTables(home)
        users = RowTable(1, "users", home)
        userPositions = WordTable(2, "userPositions", home)
        members = RowTable(3, "members", home)
        payments = RowTable(8, "payments", home)
        paymentPositions = WordTable(9, "paymentPositions", home)
        programmes = RowTable(17, "programmes", home)
        totals = RowTable(21, "totals", home)
        dueDays = RowTable(24, "dueDays", digested: false, home)
        dueRuns = RowTable(25, "dueRuns", digested: false, home)
        userIds = IdTable(40, "userIds", home)
        paymentIds = IdTable(42, "paymentIds", home)
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
        visitor.rows(&further.accounts)
        visitor.rows(&further.memberships)
        visitor.rows(&further.codes)
        visitor.words(&further.codePositions)
        visitor.rows(&payments)
        visitor.words(&paymentPositions)
        visitor.rows(&further.paymentExtras)
        visitor.rows(&further.refunds)
        visitor.words(&further.refundPositions)
        visitor.rows(&further.parked)
        visitor.words(&further.parkedPositions)
        visitor.rows(&further.waits)
        visitor.words(&further.keyPositions)
        visitor.rows(&programmes)
        visitor.words(&further.programmePositions)
        visitor.rows(&further.policies)
        visitor.words(&further.policyPositions)
        visitor.rows(&totals)
        visitor.rows(&further.symbols)
        visitor.words(&further.symbolPositions)
        visitor.rows(&dueDays)
        visitor.rows(&dueRuns)
        visitor.rows(&further.imports)
        visitor.words(&further.importPositions)
        visitor.rows(&further.globals)
        visitor.rows(&further.facts)
        visitor.rows(&further.profiles)
        visitor.rows(&further.lots)
        visitor.rows(&further.rewards)
        visitor.words(&further.rewardPositions)
        visitor.rows(&further.legs)
        visitor.rows(&further.cases)
        visitor.words(&further.casePositions)
        visitor.rows(&further.holds)
        visitor.rows(&further.withdrawals)
        visitor.words(&further.withdrawalPositions)
        visitor.rows(&further.usages)
        visitor.rows(&further.budgets)
        visitor.rows(&further.rates)
        visitor.words(&further.ratePositions)
        visitor.words(&further.creditPositions)
        visitor.rows(&further.clearings)
        visitor.words(&further.reviewCases)
        visitor.rows(&further.quarantines)
        visitor.words(&further.quarantinePositions)
        visitor.ids(&userIds)
        visitor.ids(&further.codeIds)
        visitor.ids(&paymentIds)
        visitor.ids(&further.refundIds)
        visitor.ids(&further.keyIds)
        visitor.ids(&further.waitIds)
        visitor.ids(&further.importIds)
        visitor.ids(&further.caseIds)
        visitor.ids(&further.withdrawalIds)
    }

    mutating func retireRow(
        _ table: UInt8, _ row: Int, _ parity: UInt32, _ place: Int, _ newer: inout UndoLog.Side
    ) {
        switch table {
        case 1: users.retire(row, parity: parity, place: place, newer: &newer)
        case 3: members.retire(row, parity: parity, place: place, newer: &newer)
        case 4: further.accounts.retire(row, parity: parity, place: place, newer: &newer)
        case 5: further.memberships.retire(row, parity: parity, place: place, newer: &newer)
        case 6: further.codes.retire(row, parity: parity, place: place, newer: &newer)
        case 8: payments.retire(row, parity: parity, place: place, newer: &newer)
        case 10: further.paymentExtras.retire(row, parity: parity, place: place, newer: &newer)
        case 11: further.refunds.retire(row, parity: parity, place: place, newer: &newer)
        case 13: further.parked.retire(row, parity: parity, place: place, newer: &newer)
        case 15: further.waits.retire(row, parity: parity, place: place, newer: &newer)
        case 17: programmes.retire(row, parity: parity, place: place, newer: &newer)
        case 19: further.policies.retire(row, parity: parity, place: place, newer: &newer)
        case 21: totals.retire(row, parity: parity, place: place, newer: &newer)
        case 22: further.symbols.retire(row, parity: parity, place: place, newer: &newer)
        case 24: dueDays.retire(row, parity: parity, place: place, newer: &newer)
        case 25: dueRuns.retire(row, parity: parity, place: place, newer: &newer)
        case 26: further.imports.retire(row, parity: parity, place: place, newer: &newer)
        case 28: further.globals.retire(row, parity: parity, place: place, newer: &newer)
        case 29: further.facts.retire(row, parity: parity, place: place, newer: &newer)
        case 30: further.profiles.retire(row, parity: parity, place: place, newer: &newer)
        case 31: further.lots.retire(row, parity: parity, place: place, newer: &newer)
        case 32: further.rewards.retire(row, parity: parity, place: place, newer: &newer)
        case 34: further.legs.retire(row, parity: parity, place: place, newer: &newer)
        case 35: further.cases.retire(row, parity: parity, place: place, newer: &newer)
        case 37: further.holds.retire(row, parity: parity, place: place, newer: &newer)
        case 38: further.withdrawals.retire(row, parity: parity, place: place, newer: &newer)
        case 50: further.usages.retire(row, parity: parity, place: place, newer: &newer)
        case 51: further.budgets.retire(row, parity: parity, place: place, newer: &newer)
        case 52: further.rates.retire(row, parity: parity, place: place, newer: &newer)
        case 55: further.clearings.retire(row, parity: parity, place: place, newer: &newer)
        case 57: further.quarantines.retire(row, parity: parity, place: place, newer: &newer)
        default: preconditionFailure("no row table \(table)")
        }
    }

    mutating func restoreRow(_ table: UInt8, _ row: Int, _ bytes: UnsafeRawPointer) {
        switch table {
        case 1: unsafe users.restore(row, from: bytes)
        case 3: unsafe members.restore(row, from: bytes)
        case 4: unsafe further.accounts.restore(row, from: bytes)
        case 5: unsafe further.memberships.restore(row, from: bytes)
        case 6: unsafe further.codes.restore(row, from: bytes)
        case 8: unsafe payments.restore(row, from: bytes)
        case 10: unsafe further.paymentExtras.restore(row, from: bytes)
        case 11: unsafe further.refunds.restore(row, from: bytes)
        case 13: unsafe further.parked.restore(row, from: bytes)
        case 15: unsafe further.waits.restore(row, from: bytes)
        case 17: unsafe programmes.restore(row, from: bytes)
        case 19: unsafe further.policies.restore(row, from: bytes)
        case 21: unsafe totals.restore(row, from: bytes)
        case 22: unsafe further.symbols.restore(row, from: bytes)
        case 24: unsafe dueDays.restore(row, from: bytes)
        case 25: unsafe dueRuns.restore(row, from: bytes)
        case 26: unsafe further.imports.restore(row, from: bytes)
        case 28: unsafe further.globals.restore(row, from: bytes)
        case 29: unsafe further.facts.restore(row, from: bytes)
        case 30: unsafe further.profiles.restore(row, from: bytes)
        case 31: unsafe further.lots.restore(row, from: bytes)
        case 32: unsafe further.rewards.restore(row, from: bytes)
        case 34: unsafe further.legs.restore(row, from: bytes)
        case 35: unsafe further.cases.restore(row, from: bytes)
        case 37: unsafe further.holds.restore(row, from: bytes)
        case 38: unsafe further.withdrawals.restore(row, from: bytes)
        case 50: unsafe further.usages.restore(row, from: bytes)
        case 51: unsafe further.budgets.restore(row, from: bytes)
        case 52: unsafe further.rates.restore(row, from: bytes)
        case 55: unsafe further.clearings.restore(row, from: bytes)
        case 57: unsafe further.quarantines.restore(row, from: bytes)
        default: preconditionFailure("no row table \(table)")
        }
    }

    mutating func removeId(_ table: UInt8, _ hash: UInt64, _ number: Int) {
        switch table {
        case 40: userIds.remove(hash, number)
        case 41: further.codeIds.remove(hash, number)
        case 42: paymentIds.remove(hash, number)
        case 43: further.refundIds.remove(hash, number)
        case 44: further.keyIds.remove(hash, number)
        case 45: further.waitIds.remove(hash, number)
        case 46: further.importIds.remove(hash, number)
        case 47: further.caseIds.remove(hash, number)
        case 48: further.withdrawalIds.remove(hash, number)
        default: preconditionFailure("no id table \(table)")
        }
    }
}
