import LedgerDomain
import LedgerLog
import LedgerState

/// Double entry: everybody's accounts from postings alone. Memory: one entry a user and asset.
struct BooksAuditor: Auditor {
    /// A user's accounts in one asset, each in its usual sign; minor units.
    struct Purse {
        var pending: Int64 = 0
        var available: Int64 = 0
        var held: Int64 = 0
        var receivable: Int64 = 0
        var reserved: Int64 = 0
        /// A row was compared with it.
        var isSeen = false
        /// What no record may leave behind.
        var isBad: Bool {
            pending < 0 || available < 0 || held < 0 || receivable < 0 || (available > 0 && receivable > 0)
        }
        var isEmpty: Bool { pending == 0 && available == 0 && held == 0 && receivable == 0 }
    }
    /// One side of a posting: a debit is above zero.
    struct Move {
        let account: LedgerAccount
        let asset: AssetNumber
        let debit: Int64
    }
    struct BookKey: Hashable, Comparable {
        let programme: ProgrammeNumber
        let asset: AssetNumber
        /// Of an account, or the number of a provider.
        let name: String
        static func < (a: BookKey, b: BookKey) -> Bool {
            (a.programme.rawValue, a.asset.rawValue, a.name)
                < (b.programme.rawValue, b.asset.rawValue, b.name)
        }
    }

    private var purses: [PurseKey: Purse] = [:]
    private var accounts: [BookKey: Int128] = [:]
    private var clearings: [BookKey: Int128] = [:]
    private var merges = MergeTrace()
    private var recordSums: [(asset: AssetNumber, sum: Int128)] = []
    private var touched: Set<PurseKey> = []
    private(set) var postings: UInt64 = 0

    mutating func see(
        _ stored: StoredEvent, _ envelope: RecordEnvelope, _ base: LogPosition, _ out: inout Breaks
    ) {
        if case .usersMerged(let e) = stored.event { merges.see(e, envelope.programme) }
        for posting in stored.event.postings {
            postings += 1
            let (asset, amount) = (posting.asset, posting.amount)
            move(Move(account: posting.debit, asset: asset, debit: amount), envelope.programme)
            move(Move(account: posting.credit, asset: asset, debit: 0 &- amount), envelope.programme)
        }
    }

    mutating func move(_ move: Move, _ programme: ProgrammeNumber) {
        if let known = recordSums.firstIndex(where: { $0.asset == move.asset }) {
            recordSums[known].sum += Int128(move.debit)
        } else {
            recordSums.append((move.asset, Int128(move.debit)))
        }
        if case .clearing(let provider) = move.account {
            let key = BookKey(programme: programme, asset: move.asset, name: "\(provider.rawValue)")
            clearings[key, default: 0] -= Int128(move.debit)
        } else {
            // What may be claimed stands in the same row as what may be spent.
            let name = move.account.name == "claimable" ? "available" : move.account.name
            let key = BookKey(programme: programme, asset: move.asset, name: name)
            accounts[key, default: 0] += Int128(move.debit)
        }
        guard let user = move.account.user else { return }
        let key = PurseKey(MemberKey(programme, user), move.asset)
        touched.insert(key)
        switch move.account {
        case .pending: purses[key, default: Purse()].pending &-= move.debit
        case .available, .claimable: purses[key, default: Purse()].available &-= move.debit
        case .held: purses[key, default: Purse()].held &-= move.debit
        case .receivable: purses[key, default: Purse()].receivable &+= move.debit
        case .reserved: purses[key, default: Purse()].reserved &-= move.debit
        default: break
        }
    }

    mutating func endRecord(_ envelope: RecordEnvelope, _ base: LogPosition, _ out: inout Breaks) {
        for (asset, sum) in recordSums where sum != 0 {
            out.add(
                .recordSum, "the record's postings do not sum to zero", position: base,
                programme: envelope.programme, asset: asset, expected: 0, found: sum)
        }
        let bad = touched.filter { key in
            guard let purse = purses[key] else { return false }
            return purse.isBad
        }
        for key in bad.sorted() {
            guard let purse = purses[key] else { continue }
            for (name, amount) in [
                ("pending", purse.pending), ("available", purse.available), ("held", purse.held),
                ("receivable", purse.receivable),
            ] where amount < 0 {
                out.add(
                    .negative, "\(name) is below zero after this record", position: base,
                    programme: key.member.programme, user: key.member.user, asset: key.asset, expected: 0,
                    found: Int128(amount))
            }
            if purse.available > 0, purse.receivable > 0 {
                out.add(
                    .both, "something is available beside a debt after this record", position: base,
                    programme: key.member.programme, user: key.member.user, asset: key.asset, expected: 0,
                    found: Int128(min(purse.available, purse.receivable)))
            }
        }
        recordSums.removeAll(keepingCapacity: true)
        touched.removeAll(keepingCapacity: true)
    }

    // MARK: Against the rows

    mutating func compare(_ state: borrowing CoreState, _ out: inout Breaks) throws(LogError) {
        compareUsers(state, &out)
        compareReserved(state, &out)
        compareTotals(state, &out)
        compareClearings(state, &out)
        compareWhole(state, &out)
    }

    private mutating func compareUsers(_ state: borrowing CoreState, _ out: inout Breaks) {
        for number in 0..<state.members.count {
            let member = MemberKey(state.members[number])
            for (asset, balance, _) in state.auditedBalances(number) {
                let key = PurseKey(member, asset)
                guard var purse = purses[key] else {
                    if balance.pending != 0 || balance.settled != 0 || balance.held != 0 {
                        unexplained(key, balance, &out)
                    }
                    continue
                }
                for (name, row, log) in [
                    ("pending", balance.pending, purse.pending),
                    ("available", balance.available, purse.available), ("held", balance.held, purse.held),
                    ("receivable", balance.receivable, purse.receivable),
                ] where row != log {
                    differs(key, name, "the row of \(name) differs from the postings", log, row, &out)
                }
                purse.isSeen = true
                purses[key] = purse
            }
        }
        for key in purses.keys.sorted() {
            guard let purse = purses[key], !purse.isSeen, !purse.isEmpty else { continue }
            for (name, amount) in [
                ("pending", purse.pending), ("available", purse.available), ("held", purse.held),
                ("receivable", purse.receivable),
            ] where amount != 0 {
                differs(key, name, "no row holds what postings brought to \(name)", amount, 0, &out)
            }
        }
    }

    private func differs(
        _ key: PurseKey, _ account: String, _ message: String, _ expected: Int64, _ found: Int64,
        _ out: inout Breaks
    ) {
        out.add(
            .balance, message, programme: key.member.programme, user: key.member.user, asset: key.asset,
            expected: Int128(expected), found: Int128(found))
    }

    private func unexplained(_ key: PurseKey, _ balance: Balance, _ out: inout Breaks) {
        for (name, amount) in [
            ("pending", balance.pending), ("settled", balance.settled), ("held", balance.held),
        ] where amount != 0 {
            out.add(
                .unexplained, "the row of \(name) holds what no posting brought",
                programme: key.member.programme, user: key.member.user, asset: key.asset, expected: 0,
                found: Int128(amount))
        }
    }

    private func compareReserved(_ state: borrowing CoreState, _ out: inout Breaks) {
        var sums: [PurseKey: (log: Int128, rows: Int128)] = [:]
        for (key, purse) in purses where purse.reserved != 0 {
            let member = merges.resolve(key.member)
            sums[PurseKey(member, key.asset), default: (0, 0)].log += Int128(purse.reserved)
        }
        for number in 0..<state.withdrawals.count {
            let row = state.withdrawals[number]
            guard row.withdrawalState.isUnsent, Int(row.member) < state.members.count else { continue }
            let member = merges.resolve(MemberKey(state.members[Int(row.member)]))
            let key = PurseKey(member, AssetNumber(rawValue: row.asset))
            sums[key, default: (0, 0)].rows += Int128(row.amount)
        }
        for key in sums.keys.sorted() {
            guard let (log, rows) = sums[key], log != rows else { continue }
            out.add(
                .reserved, "the unsent withdrawals differ from what postings reserved",
                programme: key.member.programme, user: key.member.user, asset: key.asset, expected: log,
                found: rows)
        }
    }

    /// A row's accounts, debits above zero.
    private static func debits(_ row: TotalsRow) -> [(name: String, debit: Int64)] {
        [
            ("rewardExpense", row.rewardExpense), ("pending", 0 &- row.pending),
            ("available", 0 &- row.available), ("held", 0 &- row.held), ("receivable", row.receivable),
            ("reserved", 0 &- row.reserved), ("cash", row.cash), ("funding", 0 &- row.funding),
            ("tax", 0 &- row.tax), ("fee", 0 &- row.fee), ("breakage", 0 &- row.breakage),
            ("loss", row.loss), ("fx", row.fx), ("opening", row.opening), ("issued", row.issued),
            ("used", 0 &- row.used),
        ]
    }

    private func compareTotals(_ state: borrowing CoreState, _ out: inout Breaks) {
        var left = accounts.filter { $0.value != 0 }
        for number in 0..<state.totals.count {
            let row = state.totals[number]
            let programme = ProgrammeNumber(row.programme)
            let asset = AssetNumber(rawValue: row.asset)
            for (name, debit) in Self.debits(row) {
                let key = BookKey(programme: programme, asset: asset, name: name)
                let log = left.removeValue(forKey: key) ?? 0
                if log != Int128(debit) {
                    out.add(
                        .trial, "\(name): the row differs from the postings (debits above zero)",
                        programme: programme, asset: asset, expected: log, found: Int128(debit))
                }
            }
        }
        for key in left.keys.sorted() {
            out.add(
                .trial, "\(key.name): no row holds what postings brought (debits above zero)",
                programme: key.programme, asset: key.asset, expected: left[key], found: 0)
        }
    }

    private func compareClearings(_ state: borrowing CoreState, _ out: inout Breaks) {
        var left = clearings.filter { $0.value != 0 }
        for number in 0..<state.clearings.count {
            let row = state.clearings[number]
            let key = BookKey(
                programme: ProgrammeNumber(row.programme), asset: AssetNumber(rawValue: row.asset),
                name: "\(row.provider)")
            let log = left.removeValue(forKey: key) ?? 0
            if log != Int128(row.balance) {
                out.add(
                    .clearing, "the row of provider \(row.provider) differs from the postings",
                    programme: key.programme, asset: key.asset, expected: log, found: Int128(row.balance))
            }
        }
        for key in left.keys.sorted() {
            out.add(
                .clearing, "no row holds what postings brought to provider \(key.name)",
                programme: key.programme, asset: key.asset, expected: left[key], found: 0)
        }
    }

    private func compareWhole(_ state: borrowing CoreState, _ out: inout Breaks) {
        var sums: [BookKey: Int128] = [:]
        for number in 0..<state.totals.count {
            let row = state.totals[number]
            let key = BookKey(
                programme: ProgrammeNumber(row.programme), asset: AssetNumber(rawValue: row.asset), name: "")
            sums[key, default: 0] += Self.debits(row).reduce(0) { $0 + Int128($1.debit) }
        }
        for number in 0..<state.clearings.count {
            let row = state.clearings[number]
            let key = BookKey(
                programme: ProgrammeNumber(row.programme), asset: AssetNumber(rawValue: row.asset), name: "")
            sums[key, default: 0] -= Int128(row.balance)
        }
        for key in sums.keys.sorted() {
            guard let sum = sums[key], sum != 0 else { continue }
            out.add(
                .whole, "the accounts do not sum to zero", programme: key.programme, asset: key.asset,
                expected: 0, found: sum)
        }
    }
}

/// Lots: what available balances and withdrawals are made of. Rows against rows.
struct LotsAuditor: Auditor {
    mutating func see(
        _ stored: StoredEvent, _ envelope: RecordEnvelope, _ base: LogPosition, _ out: inout Breaks
    ) {}

    mutating func compare(_ state: borrowing CoreState, _ out: inout Breaks) throws(LogError) {
        for number in 0..<state.members.count {
            for (asset, balance, firstLot) in state.auditedBalances(number) where asset.isMoney {
                let sum = state.auditedLots(from: firstLot)
                if sum == Int128(balance.available) { continue }
                let member = MemberKey(state.members[number])
                out.add(
                    .userLots, sum == nil ? "the list of lots is broken" : "the lots are not the balance",
                    programme: member.programme, user: member.user, asset: asset,
                    expected: Int128(balance.available), found: sum ?? 0)
            }
        }
        for number in 0..<state.withdrawals.count {
            let row = state.withdrawals[number]
            let holds: Bool =
                switch row.withdrawalState {
                case .requested, .partlyApproved, .approved, .sent, .settled: true
                case .failed, .returned, .rejected, .cancelled, .expired: false
                }
            let expected = holds ? Int128(row.amount) : 0
            let sum = state.auditedLots(from: row.firstLot)
            if sum == expected { continue }
            let member =
                Int(row.member) < state.members.count ? MemberKey(state.members[Int(row.member)]) : nil
            out.add(
                .withdrawalLots,
                sum == nil ? "the list of lots is broken" : "the lots are not the withdrawal's amount",
                position: LogPosition(state.withdrawalPositions[number]), programme: member?.programme,
                user: member?.user, asset: AssetNumber(rawValue: row.asset), expected: expected,
                found: sum ?? 0)
        }
    }
}
