import LedgerDomain
import LedgerLog
import LedgerState

extension LedgerReader {
    /// The trial balance: for each programme and asset, what each account sums up to. Debits equal credits.
    ///
    /// ```swift
    /// let net = try ledger.current.trialBalance().value.reduce(0) { $0 + $1.debit - $1.credit }   // 0
    /// ```
    public func trialBalance(programme: String? = nil) throws(LedgerError) -> Answered<[TrialBalanceLine]> {
        if let business { return try business.money.trialBalance(programme: programme) }
        return try reading { core throws(LogError) in
            var lines: [TrialBalanceLine] = []
            for i in 0..<core.visibleTotals {
                guard let row = core.visibleRow(total: i) else { continue }
                let id = try core.programmeId(Int(row.programme)).string
                if let programme, programme != id { continue }
                let asset = AssetNumber(rawValue: row.asset)
                func line(_ account: String, _ provider: String? = nil, debit: Int64) -> TrialBalanceLine? {
                    if debit == 0 { return nil }
                    return TrialBalanceLine(
                        programme: id, account: account, provider: provider, asset: asset,
                        debit: max(0, debit), credit: max(0, -debit))
                }
                lines += Self.accounts(of: row, asset.isMoney).compactMap { line($0.name, debit: $0.debit) }
                for clearing in try clearings(ProgrammeNumber(row.programme), asset, core) {
                    line("clearing", clearing.provider, debit: -clearing.amount).map { lines.append($0) }
                }
            }
            return Answered(value: lines, position: core.visibleHead.position)
        }
    }

    /// All accounts but clearing, each as a debit.
    private static func accounts(of row: TotalsRow, _ isMoney: Bool) -> [(name: String, debit: Int64)] {
        [
            ("rewardExpense", row.rewardExpense), ("issued", row.issued), ("pending", -row.pending),
            (isMoney ? "available" : "claimable", -row.available), ("held", -row.held),
            ("reserved", -row.reserved), ("receivable", row.receivable), ("cash", row.cash),
            ("funding", -row.funding), ("tax", -row.tax), ("fee", -row.fee), ("breakage", -row.breakage),
            ("loss", row.loss), ("fx", row.fx), ("opening", row.opening), ("used", -row.used),
        ]
    }

    /// All accounts that the trial balance may show, in its order, with the programme's id and the provider's
    /// name.
    func accountsInOrder(
        programme: String?
    ) throws(LedgerError) -> [(key: AccountKey, programme: String, provider: String?)] {
        try reading { core throws(LogError) in
            var all: [(key: AccountKey, programme: String, provider: String?)] = []
            for i in 0..<core.visibleTotals {
                guard let row = core.visibleRow(total: i) else { continue }
                let id = try core.programmeId(Int(row.programme)).string
                if let programme, programme != id { continue }
                let asset = AssetNumber(rawValue: row.asset)
                for account in Self.accounts(of: row, asset.isMoney) {
                    all.append((AccountKey(row.programme, asset, account.name), id, nil))
                }
                for j in 0..<core.visibleClearings {
                    guard let clearing = core.visibleRow(clearing: j), clearing.programme == row.programme,
                        clearing.asset == row.asset
                    else { continue }
                    let key = AccountKey(row.programme, asset, "clearing", provider: clearing.provider)
                    all.append((key, id, try core.symbolName(Int(clearing.provider)).string))
                }
            }
            return all
        }
    }

    private func clearings(
        _ programme: ProgrammeNumber, _ asset: AssetNumber?, _ core: borrowing CoreState
    ) throws(LogError) -> [ClearingBalance] {
        let id = try core.programmeId(Int(programme.rawValue)).string
        var found: [ClearingBalance] = []
        for i in 0..<core.visibleClearings {
            guard let row = core.visibleRow(clearing: i), row.programme == programme.rawValue,
                asset == nil || row.asset == asset!.rawValue
            else { continue }
            found.append(
                ClearingBalance(
                    programme: id, provider: try core.symbolName(Int(row.provider)).string,
                    asset: AssetNumber(rawValue: row.asset), amount: row.balance))
        }
        return found
    }

    /// What each provider of payouts was sent and has not confirmed, in the order of their first payouts.
    public func clearingBalances(programme: String? = nil) throws(LedgerError) -> Answered<[ClearingBalance]>
    {
        if let business {
            let lines = try business.money.trialBalance(programme: programme)
            let balances = lines.value.compactMap { line in
                line.provider.map {
                    ClearingBalance(
                        programme: line.programme, provider: $0, asset: line.asset,
                        amount: line.credit - line.debit)
                }
            }
            return Answered(value: balances, position: lines.position)
        }
        return try reading { core throws(LogError) in
            var all: [ClearingBalance] = []
            for i in 0..<core.visibleProgrammes {
                if let programme, try core.programmeId(i).string != programme { continue }
                all += try clearings(ProgrammeNumber(UInt16(i)), nil, core)
            }
            return Answered(value: all, position: core.visibleHead.position)
        }
    }

    /// Users who owe, in the order of signup.
    ///
    /// Cost: where nobody owes, none; else a pass over the members after `after` until the page is full.
    /// - Parameters:
    ///   - asset: Only this asset; nil: all.
    ///   - after: The `next` of the page before.
    ///   - limit: Users at most, 1 to 100,000.
    public func receivables(
        asset: AssetNumber? = nil, programme: String? = nil, after: Int? = nil, limit: Int = 1_000
    ) throws(LedgerError) -> ReceivablesPage {
        if let business {
            return ReceivablesPage(try business.money.receivables(asset: asset, programme: programme))
        }
        return try reading { core throws(LogError) in
            var found: [Receivable] = []
            let owed = (0..<core.visibleTotals).contains { core.visibleRow(total: $0)?.receivable ?? 0 > 0 }
            let end = owed ? core.visibleMembers : 0
            let limit = min(max(1, limit), 100_000)
            var users = 0
            var number = (after ?? -1) + 1
            while number < end, users < limit {
                let debts = core.visibleDebts(member: number).filter { asset == nil || $0.asset == asset }
                if !debts.isEmpty, let row = core.visibleRow(member: number) {
                    let id = try core.programmeId(Int(row.programme)).string
                    if programme == nil || programme == id {
                        let user = try core.userId(Int(row.user)).string
                        users += 1
                        found += debts.map {
                            Receivable(programme: id, userId: user, asset: $0.asset, amount: $0.amount)
                        }
                    }
                }
                number += 1
            }
            return ReceivablesPage(
                receivables: found, next: number < end ? number - 1 : nil,
                position: core.visibleHead.position)
        }
    }

    /// Limits of what is granted, as they stand at the business clock, and how much of them is used.
    /// - Parameter userId: Whose use of the limits of each user is shown; nil: nobody's.
    /// - Returns: nil for an unknown programme or user.
    public func budgets(
        of userId: String? = nil, programme: String? = nil
    ) throws(LedgerError) -> Answered<[BudgetUse]>? {
        try reading { core throws(LogError) -> Answered<[BudgetUse]>? in
            guard let number = try self.programme(programme, core) else { return nil }
            var member: Int?
            if let userId {
                member = try self.member(userId, programme, core)
                if member == nil { return nil }
            }
            let clock = core.visibleClock(number)
            guard let index = core.visiblePolicy(number, at: clock) else { return nil }
            let policy = try core.policy(index)
            let id = try core.programmeId(Int(number.rawValue)).string
            func use(
                _ scope: BudgetUse.Scope, _ origin: BudgetUse.Origin, _ asset: AssetNumber,
                _ period: BudgetPeriod, _ cap: Int64
            ) -> BudgetUse {
                let start = policy.periodStart(period, at: clock)
                let isKnown = scope == .programme || member != nil
                let usage =
                    isKnown
                    ? core.visibleUsage(scope == .programme ? nil : member, number, asset, period, start)
                        ?? (0, false) : nil
                return BudgetUse(
                    programme: id, scope: scope, origin: origin, asset: asset, period: period,
                    periodStart: start == .min ? nil : Timestamp(nanoseconds: start), cap: cap,
                    used: usage?.used, isExhausted: usage?.isExhausted ?? false)
            }
            var uses = policy.policy.caps.map {
                use($0.scope == .user ? .user : .programme, .policy, $0.asset, $0.period, $0.amount)
            }
            for row in core.visibleBudgets(number) where row.amount >= 0 && row.isWhole != 0 {
                guard let period = BudgetPeriod(rawValue: row.period) else { continue }
                uses.append(use(.programme, .budget, AssetNumber(rawValue: row.asset), period, row.amount))
            }
            return Answered(value: uses, position: core.visibleHead.position)
        }
    }

    /// Facts that wait for a predecessor, in the order in which they were parked.
    public func parkedFacts(limit: Int = 1_000_000) throws(LedgerError) -> [ParkedFact] {
        try reading { core throws(LogError) in
            var facts: [ParkedFact] = []
            for i in 0..<core.visibleParked where facts.count < limit {
                guard let row = core.visibleRow(parked: i), !row.isApplied else { continue }
                facts.append(try parkedFact(i, core))
            }
            return facts
        }
    }

    private func parkedFact(_ number: Int, _ core: borrowing CoreState) throws(LogError) -> ParkedFact {
        let stored = try core.storedParked(number)
        let e = stored.event
        let kind = ParkedKind(rawValue: e.kind) ?? .refund
        let predecessor = e.flags & EventParked.hasPredecessor != 0 ? e.predecessor.string : nil
        let (position, at, programme) = (stored.position, stored.occurredAt, stored.programme)
        let (id, amount, asset, provider) = (e.factId.string, e.amount, e.asset, e.provider)
        let hasAmount = kind != .conversion && e.flags & EventParked.noAmount == 0
        let status = e.flags & EventParked.hasStatus != 0 ? e.status : 0
        var reason = ParkedReason(rawValue: e.reason) ?? .nothing
        // A refund that was parked for its payment, and did not fit when it came, waits for headroom.
        if reason == .payment, kind == .refund, let predecessor {
            let found = try withText(predecessor) { text throws(LogError) in
                try core.findPayment(programme, provider, text)?.number
            }
            if let found, found < core.visiblePayments, !core.isQuarantined(payment: found) {
                reason = .headroom
            }
        }
        return ParkedFact(
            position: position, programme: try core.programmeId(Int(programme.rawValue)).string,
            kind: "\(kind)", id: id,
            provider: kind == .conversion ? nil : try core.symbolName(Int(provider.rawValue)).string,
            status: kind == .dispute
                ? DisputeStatus(rawValue: status)?.name
                : kind == .payout ? PayoutStatus(rawValue: status)?.name : nil,
            waitingFor: reason.code,
            predecessor: predecessor, amount: hasAmount ? amount : nil, asset: hasAmount ? asset : nil,
            occurredAt: at)
    }
}
