import LedgerDomain
import LedgerLog

/// What readers may see of rewards, cases, withdrawals and caps: the state as of the last group on disk.
extension CoreState {
    public func visibleRow(profile: Int) -> ProfileRow? { profiles.visible(profile, undo, flight) }
    public func visibleRow(account: Int) -> AccountRow? { accounts.visible(account, undo, flight) }
    public func visibleRow(lot: Int) -> LotRow? { lots.visible(lot, undo, flight) }
    public func visibleRow(reward: Int) -> RewardRow? { rewards.visible(reward, undo, flight) }
    public func visibleRow(leg: Int) -> RewardRow? { legs.visible(leg, undo, flight) }
    public func visibleRow(case number: Int) -> CaseRow? { cases.visible(number, undo, flight) }
    public func visibleRow(hold: Int) -> HoldRow? { holds.visible(hold, undo, flight) }
    public func visibleRow(withdrawal: Int) -> WithdrawalRow? {
        withdrawals.visible(withdrawal, undo, flight)
    }
    public func visibleRow(usage: Int) -> UsageRow? { usages.visible(usage, undo, flight) }
    public func visibleRow(budget: Int) -> BudgetRow? { budgets.visible(budget, undo, flight) }
    public func visibleRow(clearing: Int) -> ClearingRow? { clearings.visible(clearing, undo, flight) }
    public func visibleRow(symbol: Int) -> SymbolRow? { symbols.visible(symbol, undo, flight) }

    public var visibleAccounts: Int { accounts.visibleCount(flight) }
    public var visibleRewards: Int { rewards.visibleCount(flight) }
    public var visibleCases: Int { cases.visibleCount(flight) }
    public var visibleWithdrawals: Int { withdrawals.visibleCount(flight) }
    public var visibleClearings: Int { clearings.visibleCount(flight) }
    public var visibleSymbols: Int { symbols.visibleCount(flight) }

    /// The member that goes on for this one after merges. Cost: the number of merges.
    public func visibleResolve(_ member: Int) -> Int {
        var member = member
        while let row = visibleRow(member: member), row.isMerged {
            let into = visibleProfile(member: member).mergedInto
            if into == 0 { break }
            member = Int(into) - 1
        }
        return member
    }

    /// Numbers of a list of rows, as linked: for rewards, withdrawals and cases the latest first.
    /// - Parameter next: The row after a row, + 1; 0 ends.
    func visibleList(from first: UInt32, next: (borrowing CoreState, Int) -> UInt32) -> [Int] {
        var numbers: [Int] = []
        var link = first
        while link != 0 {
            numbers.append(Int(link) - 1)
            link = next(self, Int(link) - 1)
        }
        return numbers
    }

    /// Grants to a member, the latest first (those of a merged member before its own).
    public func visibleRewards(of member: Int) -> [Int] {
        visibleList(from: visibleProfile(member: member).firstReward) {
            $0.visibleRow(reward: $1)?.next ?? 0
        }
    }

    /// Withdrawals of a member, the latest first (those of a merged member before its own).
    public func visibleWithdrawals(of member: Int) -> [Int] {
        visibleList(from: visibleProfile(member: member).firstWithdrawal) {
            $0.visibleRow(withdrawal: $1)?.next ?? 0
        }
    }

    /// Reviews, suspensions and closures of a member, the latest first.
    public func visibleCases(of member: Int) -> [Int] {
        visibleList(from: visibleProfile(member: member).firstCase) { $0.visibleRow(case: $1)?.next ?? 0 }
    }

    /// What a case has held, in the order in which it was held; rows of nothing included.
    public func visibleHolds(of number: Int) -> [HoldRow] {
        visibleList(from: visibleRow(case: number)?.firstHold ?? 0) {
            $0.visibleRow(hold: $1)?.nextOfCase ?? 0
        }.compactMap { visibleRow(hold: $0) }
    }

    /// The reward of a hold: its row, and a grant's number from 1, or nil for a commission.
    public func visibleReward(of hold: HoldRow) -> (row: RewardRow, grant: Int?)? {
        let key = RewardKey(raw: hold.reward)
        if key.isLeg { return visibleRow(leg: key.number).map { ($0, nil) } }
        return visibleRow(reward: key.number).map { ($0, key.number + 1) }
    }

    /// What each of a member's matured grants in an asset has left, by the grant's number from 0.
    public func visibleGrantLots(of member: Int, _ asset: AssetNumber) -> [Int: Int64] {
        let profile = visibleProfile(member: member)
        var first: UInt32 = 0
        if visibleMoney(of: member).takes(asset) {
            first = profile.firstLot
        } else {
            var next = profile.extraAccount
            while next != 0, let account = visibleRow(account: Int(next) - 1) {
                if account.asset == asset.rawValue { first = account.firstLot }
                next = account.next
            }
        }
        var left: [Int: Int64] = [:]
        for number in visibleList(from: first, next: { $0.visibleRow(lot: $1)?.next ?? 0 }) {
            guard let lot = visibleRow(lot: number), lot.kind == LotRow.grant else { continue }
            left[Int(lot.number), default: 0] += lot.left
        }
        return left
    }

    /// What unsent withdrawals of a member hold of each asset, in the order of assets.
    /// Cost: none for a member without any; else a walk over its withdrawals.
    public func visibleReserved(member: Int) -> [(asset: AssetNumber, amount: Int64)] {
        let profile = visibleProfile(member: member)
        if profile.openWithdrawals == 0 { return [] }
        var sums: [UInt16: Int64] = [:]
        var open = Int(profile.openWithdrawals)
        var next = profile.firstWithdrawal
        while next != 0, open > 0, let row = visibleRow(withdrawal: Int(next) - 1) {
            next = row.next
            guard row.withdrawalState.isUnsent else { continue }
            sums[row.asset, default: 0] += row.amount
            open -= 1
        }
        return sums.sorted { $0.key < $1.key }.map { (AssetNumber(rawValue: $0.key), $0.value) }
    }

    /// A withdrawal's number by the host's id.
    public func visibleWithdrawal(_ programme: ProgrammeNumber, _ id: BorrowedText) throws(LogError) -> Int? {
        var probe = withdrawalIds.probe(hash(id, space: IdSpace.withdrawal(programme)))
        while let candidate = withdrawalIds.next(&probe) {
            guard candidate < visibleWithdrawals else { continue }
            let same = try visit(withdrawalPositions[candidate]) { stored, envelope in
                guard case .withdrawalRequested(let e) = stored.event else { return false }
                return envelope.programme == programme && e.withdrawalId.equals(id)
            }
            if same == true { return candidate }
        }
        return nil
    }

    /// Whether a code is out of use by its owner's or an admin's word.
    public func visibleCodeState(_ number: Int) -> (isDisabled: Bool, isExpired: Bool, isReactivated: Bool) {
        let flags = visibleRow(code: number)?.flags ?? 0
        return (
            flags & CodeRow.disabled != 0, flags & CodeRow.expired != 0, flags & CodeRow.reactivated != 0
        )
    }

    // MARK: What the log says

    /// Runs the body on the event at a position; nil when no event stands there.
    func visit<R>(_ position: UInt64, _ body: (StoredEvent, RecordEnvelope) -> R) throws(LogError) -> R? {
        var answer: R?
        unsafe StoredRecord.walk(try record(holding: LogPosition(position))) { stored, envelope in
            guard stored.position.rawValue == position else { return true }
            answer = body(stored, envelope)
            return false
        }
        return answer
    }

    /// A grant as the log has it: its event, business moment and position.
    public func readReward(
        _ number: Int
    ) throws(LogError) -> (event: RewardGranted, occurredAt: Timestamp, position: LogPosition) {
        let position = rewardPositions[number]
        let found = try visit(position) { stored, _ -> (RewardGranted, Timestamp)? in
            guard case .rewardGranted(let e) = stored.event else { return nil }
            return (e, stored.occurredAt)
        }
        guard case (let event, let at)?? = found else {
            throw LogError(.broken, "no grant stands there", position: LogPosition(position))
        }
        return (event, at, LogPosition(position))
    }

    /// A withdrawal as the log has it. Texts are valid until the next read or change.
    public func readWithdrawal(
        _ number: Int
    ) throws(LogError) -> (event: WithdrawalRequested, occurredAt: Timestamp, position: LogPosition) {
        let position = withdrawalPositions[number]
        let found = try visit(position) { stored, _ -> (WithdrawalRequested, Timestamp)? in
            guard case .withdrawalRequested(let e) = stored.event else { return nil }
            return (e, stored.occurredAt)
        }
        guard case (let event, let at)?? = found else {
            throw LogError(.broken, "no withdrawal stands there", position: LogPosition(position))
        }
        return (event, at, LogPosition(position))
    }

    /// The event that opened a case. Texts are valid until the next read or change.
    public func readCase(_ number: Int) throws(LogError) -> StoredEvent {
        let position = casePositions[number]
        guard let found = try visit(position, { stored, _ in stored }) else {
            throw LogError(.broken, "no case was opened there", position: LogPosition(position))
        }
        return found
    }

    /// Base positions of the records on disk that say something about an entity, oldest first.
    private func visibleMarks(_ kind: FactKind, _ subject: Int) -> [UInt64] {
        var found: [Int] = []
        let limit = facts.visibleCount(flight)
        var probe = keyIds.probe(factHash(kind, subject))
        while let candidate = keyIds.next(&probe) {
            guard candidate < limit, facts[candidate].kind == kind.rawValue,
                Int(facts[candidate].subject) == subject
            else { continue }
            found.append(candidate)
        }
        return found.sorted().map { facts[$0].position }
    }

    /// Who has approved a withdrawal so far, by actor id; "" for the system.
    public func visibleApprovers(of withdrawal: Int) throws(LogError) -> [String] {
        let position = withdrawalPositions[withdrawal]
        var approvers: [String] = []
        for base in visibleMarks(.decided, withdrawal) {
            unsafe StoredRecord.walk(try record(base)) { stored, envelope in
                if case .withdrawalApproved(let e) = stored.event, e.withdrawal.rawValue == position {
                    approvers.append(envelope.actorId.string)
                }
                return true
            }
        }
        return approvers
    }

    /// The provider's latest word on a payout: its reference and when it came; nil while nothing was sent.
    public func visiblePayout(
        of withdrawal: Int
    ) throws(LogError) -> (reference: String, occurredAt: Timestamp)? {
        let position = withdrawalPositions[withdrawal]
        var latest: UInt64?
        for kind in [FactKind.sent, .settled, .payoutFailed, .returned] {
            if let base = visibleMarks(kind, withdrawal).last { latest = max(latest ?? 0, base) }
        }
        guard let latest else { return nil }
        var found: (String, Timestamp)?
        unsafe StoredRecord.walk(try record(latest)) { stored, _ in
            switch stored.event {
            case .payoutSent(let e) where e.withdrawal.rawValue == position:
                found = (e.reference.string, stored.occurredAt)
            case .payoutSettled(let e) where e.withdrawal.rawValue == position:
                found = (e.reference.string, stored.occurredAt)
            case .payoutFailed(let e) where e.withdrawal.rawValue == position:
                found = (e.reference.string, stored.occurredAt)
            case .payoutReturned(let e) where e.withdrawal.rawValue == position:
                found = (e.reference.string, stored.occurredAt)
            default: break
            }
            return true
        }
        return found
    }

    /// When a code that lives again expires; nil: never, or it was not reactivated.
    public func visibleReactivatedExpiry(code: Int) throws(LogError) -> Timestamp? {
        guard let base = visibleMarks(.codeReactivated, code).last else { return nil }
        var expires: Timestamp?
        unsafe StoredRecord.walk(try record(base)) { stored, _ in
            guard case .codeReactivated(let e) = stored.event else { return true }
            if e.flags & CodeReactivated.expires != 0 { expires = e.expiresAt }
            return false
        }
        return expires
    }
}

/// What positions in events stand for.
extension CoreState {
    /// A case by the position of the event that opened it.
    public func caseRow(openedAt position: LogPosition) -> CaseRow? {
        caseNumber(at: position).map { cases[$0] }
    }

    /// A payment's or refund's id, a withdrawal's, a dispute's, a code: the text that the event at a position
    /// gives to what it made. Nil for other events.
    public func givenId(at position: LogPosition) throws(LogError) -> String? {
        try visit(position.rawValue) { stored, _ -> String? in
            switch stored.event {
            case .paymentReceived(let e): e.paymentId.string
            case .refundReceived(let e): e.refundId.string
            case .withdrawalRequested(let e): e.withdrawalId.string
            case .disputeOpened(let e): e.disputeId.string
            case .codeIssued(let e): e.code.string
            default: nil
            }
        } ?? nil
    }
}

extension CoreState {
    /// The explicit key of the record that an event stands in; nil when it has none.
    public func key(ofRecordHolding position: LogPosition) throws(LogError) -> String? {
        var found: String?
        unsafe StoredRecord.walk(try record(holding: position)) { _, envelope in
            if !envelope.key.isEmpty { found = envelope.key.string }
            return false
        }
        return found
    }

    /// Whether the fact at a position is in quarantine, as of the last group on disk.
    public func visibleIsQuarantined(_ fact: LogPosition) -> Bool {
        guard let number = quarantineNumber(of: fact), number < quarantines.visibleCount(flight) else {
            return false
        }
        return quarantines.visible(number, undo, flight)?.isActive == 1
    }
}

/// Caps and budgets.
extension CoreState {
    /// What caps and budgets the programme's use is counted for, oldest first.
    public func visibleBudgets(_ programme: ProgrammeNumber) -> [BudgetRow] {
        visibleList(from: visibleRow(programme: Int(programme.rawValue))?.firstBudget ?? 0) {
            $0.visibleRow(budget: $1)?.next ?? 0
        }.reversed().compactMap { visibleRow(budget: $0) }
    }

    /// What was granted in the period that begins at `start`; nil where nothing was counted.
    /// - Parameter member: nil: the whole programme.
    public func visibleUsage(
        _ member: Int?, _ programme: ProgrammeNumber, _ asset: AssetNumber, _ period: BudgetPeriod,
        _ start: Int64
    ) -> (used: Int64, isExhausted: Bool)? {
        var next =
            member.map { visibleProfile(member: $0).firstUsage }
            ?? visibleRow(programme: Int(programme.rawValue))?.firstUsage ?? 0
        while next != 0, let row = visibleRow(usage: Int(next) - 1) {
            if row.asset == asset.rawValue, row.period == period.rawValue, row.start == start {
                return (row.used, row.flags & UsageRow.exhausted != 0)
            }
            next = row.next
        }
        return nil
    }

    /// Where "now" is for a programme's periods: the business clock, before the first advance the last fact.
    public func visibleClock(_ programme: ProgrammeNumber) -> Timestamp {
        guard let row = visibleRow(programme: Int(programme.rawValue)) else {
            return Timestamp(nanoseconds: 0)
        }
        return Timestamp(nanoseconds: row.clock == .min ? max(row.lastFactAt, 0) : row.clock)
    }
}

extension CachedPolicy {
    /// The first moment of the period around a moment, nanoseconds; `Int64.min` for `ever`.
    public func periodStart(_ period: BudgetPeriod, at moment: Timestamp) -> Int64 {
        start(of: period, at: moment)
    }
}

/// What assets are called.
extension CoreState {
    /// The ledger's own assets: a symbol's number is the asset's, counted from 2000.
    public func visibleAssetSymbols() throws(LogError) -> [AssetNumber: String] {
        var names: [AssetNumber: String] = [:]
        for number in 0..<visibleSymbols
        where visibleRow(symbol: number)?.kind == UInt32(SymbolDefined.asset) {
            let asset = AssetNumber(
                rawValue: AssetNumber.firstLedgerDefined.rawValue + UInt16(number))
            names[asset] = try symbolName(number).string
        }
        return names
    }
}

extension CaseRow {
    /// Whether it ended with what it held being taken back: a lost dispute, a confirmed review.
    public var isTaken: Bool { state == Self.taken }
    /// What it is.
    public var caseKind: CaseKind { CaseKind(rawValue: kind) ?? .dispute }
}

extension CoreState {
    /// What a member owes, by asset. Cost: two rows; one more for a member that has a profile, and one for each
    /// further asset.
    public func visibleDebts(member: Int) -> [(asset: AssetNumber, amount: Int64)] {
        guard let row = visibleRow(member: member) else { return [] }
        var debts: [(asset: AssetNumber, amount: Int64)] = []
        let money = visibleMoney(of: member)
        if money.balance.receivable > 0 {
            debts.append((AssetNumber(rawValue: money.asset), money.balance.receivable))
        }
        if row.profile == 0 { return debts }
        var next = visibleProfile(member: member).extraAccount
        while next != 0, let account = visibleRow(account: Int(next) - 1) {
            if account.balance.receivable > 0 {
                debts.append((AssetNumber(rawValue: account.asset), account.balance.receivable))
            }
            next = account.next
        }
        return debts
    }
}
