import LedgerDomain
import LedgerLog

/// The state that decisions are made against: tree, balances, payments, codes, parked facts, due work.
///
/// A pure fold of the log, in dense rows. The same `apply` runs live, on open, on rebuild and for the past.
/// Not thread-safe; all calls are made under the state's lock, or in a peek where it says so: those change nothing.
public struct CoreState: ~Copyable {
    /// Changes when the same log folds to other rows: checkpoints of another version are not used.
    public static let foldVersion: UInt32 = 6

    /// See `AddressOnly`.
    private let pin = AddressOnly()
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
    public internal(set) var users: PlainTable<UserRow>
    public internal(set) var userPositions: PositionTable
    var userTexts: TextTable
    /// Users in the programme.
    public internal(set) var members: RowTable<MemberRow>
    /// Their money.
    var money: RowTable<MoneyRow>
    /// Payments.
    public internal(set) var payments: PaymentTable
    public var paymentPositions: PositionTable { _read { yield payments.positions } }
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

    /// Whether only what had happened by a moment is folded, with the gaps that this leaves.
    public internal(set) var isByBusinessTime = false

    /// Puts ids into their tables while a whole log is folded.
    var feeder: IdFeeder?

    // Caches of what the log says; derived, never persisted.
    var policyCache: [Int: CachedPolicy] = [:]
    var ruling: RulingPolicy? { didSet { rulingExpiry = nil } }
    /// The same, as far as `expiryDays(of:)` asks.
    var rulingExpiry: RulingExpiry?
    var lastTotals = 0
    /// The fact that was last noted: that of the same moment says nothing new.
    var lastFact = (programme: -1, moment: Int64(0))
    /// The earliest day for which something was put in the queue since `advance` last looked.
    var lowestScheduled = Int.max
    /// What `advance` left for its next group.
    var unfinishedAdvance: UnfinishedAdvance?
    var lastPayment = (position: UInt64(0), number: 0)
    /// The record whose commissions were last put in the queue, and when they mature.
    var lastDue = (base: UInt64(0), moment: Timestamp(nanoseconds: 0))
    /// Name space of the newest payment's id: that of the next one, nearly always.
    var lastPaymentSpace: UInt64 = 0
    var symbolNames: [[UInt8]] = []

    /// Memberwise.
    public init(records: RecordSource, hashSeed: UInt64) {
        self.records = records
        hash = KeyedHash(seed: hashSeed)
        // Made now: a peek that answers zeros neither allocates nor waits for who does.
        _ = BlockArena.zeroBlock
        further = FurtherTables(home)
        users = PlainTable(1, "users", digested: true, home)
        userPositions = PositionTable(2, upper: 85, "userPositions", home)
        userTexts = TextTable(59, segments: 87, "userTexts", home)
        members = RowTable(3, "members", home)
        money = RowTable(82, "money", home)
        payments = PaymentTable(home)
        programmes = RowTable(17, "programmes", home)
        totals = RowTable(21, "totals", home)
        dueDays = RowTable(24, "dueDays", digested: false, home)
        dueRuns = RowTable(25, "dueRuns", digested: false, home)
        userIds = IdTable(40, "userIds", home)
        paymentIds = IdTable(42, "paymentIds", home)
    }

    /// A block of the checkpoint was found damaged: throw the state away and fold the log again.
    public var damagedTable: String? { home.damage.table }
    /// Whether there is such a block; cheaper to ask.
    public var isDamaged: Bool { home.damage.table != nil }

    // MARK: Groups in flight

    /// Begins a group: from here on, changes can be undone and are invisible to readers.
    /// - Parameter parity: 0 or 1, the other one than the group's before.
    public mutating func beginGroup(parity: UInt32) {
        undo.begin(parity: parity)
        if parity == 0 { headBefore.0 = head } else { headBefore.1 = head }
        home.counts.begin(parity: parity)
        if case .none = flight { flight = .oldest(parity) }
    }

    /// The group of this parity is on disk: readers see it now.
    ///
    /// Cost: none, whatever the group touched; its images are let go of, its rows stay as they are.
    public mutating func retireGroup(parity: UInt32) {
        undo.end(parity: parity)
        noteOldest(besides: parity)
    }

    /// Which group readers look past, when the one of this parity is gone.
    private mutating func noteOldest(besides parity: UInt32) {
        let otherOpen = parity == 0 ? undo.odd.open : undo.even.open
        flight = otherOpen ? .oldest(1 - parity) : .none
    }

    /// Whether the group being decided should not be added to: its rows could soon not be told apart.
    public var isGroupFull: Bool { undo.imageCount > UndoLog.imageBound }

    /// Undoes the newest group in flight, which has this parity.
    public mutating func rollBackGroup(parity: UInt32) {
        let insertions = parity == 0 ? undo.even.inserted.count : undo.odd.inserted.count
        for place in (0..<insertions).reversed() {
            let entry = parity == 0 ? undo.even.inserted[place] : undo.odd.inserted[place]
            removeId(entry.table, entry.hash, Int(entry.number))
        }
        let images = parity == 0 ? undo.even.imageCount : undo.odd.imageCount
        for place in (0..<images).reversed() {
            let image = unsafe parity == 0 ? undo.even.images[place] : undo.odd.images[place]
            let bytes = unsafe parity == 0 ? undo.even.bytes : undo.odd.bytes
            unsafe restoreRow(UInt8(image.table), Int(image.row), UnsafeRawPointer(bytes) + image.offset)
        }
        forEachRows(TruncateGroup(parity: parity))
        head = parity == 0 ? headBefore.0 : headBefore.1
        undo.end(parity: parity)
        noteOldest(besides: parity)
        undo.parity = 1 - parity
        // Derived caches may hold what was undone.
        policyCache.removeAll()
        ruling = nil
        symbolNames.removeAll()
        lastTotals = 0
        lastFact.programme = -1
        lastPayment = (0, 0)
        lastDue.base = 0
        unfinishedAdvance = nil
        fault = nil
    }

    /// Where the log ended before any group in flight: what readers answer at.
    public var visibleHead: LogHead {
        switch flight {
        case .none: head
        case .oldest(let parity): parity == 0 ? headBefore.0 : headBefore.1
        }
    }
}

/// Tables that fold together and are checkpointed together.
public protocol TableSet: ~Copyable {
    mutating func visit(_ visitor: inout some TableVisitor)
}

/// Something done to every table.
public protocol TableVisitor {
    mutating func rows<Row>(_ table: inout RowTable<Row>)
    mutating func words<Element>(_ table: inout PlainTable<Element>)
    mutating func ids(_ table: inout IdTable)
    /// Two tables, as a rule done to like any others.
    mutating func positions(_ table: inout PositionTable)
    /// Two tables, as a rule done to like any others.
    mutating func texts(_ table: inout TextTable)
}

struct TruncateGroup: TableVisitor {
    let parity: UInt32
    func rows<Row>(_ table: inout RowTable<Row>) { table.truncate(parity: parity) }
    func words<Element>(_ table: inout PlainTable<Element>) { table.truncate(parity: parity) }
    func ids(_ table: inout IdTable) {}
}

extension CoreState: TableSet {
    mutating func forEachRows(_ visitor: some TableVisitor) {
        var visitor = visitor
        visit(&visitor)
    }

    /// Every table, in the same order always.
    public mutating func visit(_ visitor: inout some TableVisitor) {
        visitor.words(&users)
        visitor.positions(&userPositions)
        visitor.texts(&userTexts)
        visitor.rows(&members)
        visitor.rows(&further.accounts)
        visitor.rows(&further.memberships)
        visitor.rows(&further.codes)
        visitor.positions(&further.codePositions)
        visitor.rows(&payments.bits)
        visitor.positions(&payments.positions)
        visitor.rows(&further.paymentExtras)
        visitor.rows(&further.refunds)
        visitor.words(&further.refundPositions)
        visitor.rows(&further.parked)
        visitor.words(&further.parkedPositions)
        visitor.rows(&further.waits)
        visitor.positions(&further.keyPositions)
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
        visitor.rows(&further.breaks)
        visitor.rows(&money)
        visitor.ids(&userIds)
        visitor.ids(&further.codeIds)
        visitor.ids(&paymentIds)
        visitor.ids(&further.refundIds)
        visitor.ids(&further.keyIds)
        visitor.ids(&further.waitIds)
        visitor.ids(&further.importIds)
        visitor.ids(&further.caseIds)
        visitor.ids(&further.withdrawalIds)
        visitor.ids(&further.breakIds)
        visitor.ids(&payments.extraIds)
    }

    mutating func restoreRow(_ table: UInt8, _ row: Int, _ bytes: UnsafeRawPointer) {
        switch table {
        case 3: unsafe members.restore(row, from: bytes)
        case 4: unsafe further.accounts.restore(row, from: bytes)
        case 5: unsafe further.memberships.restore(row, from: bytes)
        case 6: unsafe further.codes.restore(row, from: bytes)
        case 8: unsafe payments.bits.restore(row, from: bytes)
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
        case 49: unsafe further.breaks.restore(row, from: bytes)
        case 82: unsafe money.restore(row, from: bytes)
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
        case 80: further.breakIds.remove(hash, number)
        case 81: payments.extraIds.remove(hash, number)
        default: preconditionFailure("no id table \(table)")
        }
    }
}
