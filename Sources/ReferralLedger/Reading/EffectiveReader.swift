import LedgerDomain
import LedgerLog
import LedgerState

/// A ledger's money by business time: the postings of all events with `occurredAt` ≤ a moment, in log order.
///
/// Nothing is decided anew: what a fact caused then, it causes here, as soon as both have happened. So a
/// consequence that was dated before what it takes back (a refund that was reported with an earlier time than
/// its payment) shows as an amount below zero between the two. ``state(progress:)`` gives all that is no sum of
/// postings: stages, tiers, boards, queues.
///
/// Made by ``LedgerReader/effective(at:)``; of a past state it knows what was recorded by then. Safe from any
/// thread. Cost: of one user's money a pass over the user's history, of sums a pass over the log.
public struct EffectiveReader: Sendable {
    /// The business moment; events at it count.
    public let moment: Timestamp
    let reader: LedgerReader

    /// The log position up to which events are known.
    public var position: LogPosition { reader.position }

    // MARK: One user

    /// A user's balances, one an asset, in the order in which they first came; empty for a user without money
    /// by then, nil for a user that the ledger does not know. A merge counts from its own business time on.
    /// - Parameter programme: Needed when the ledger has several.
    public func balances(of userId: String, programme: String? = nil) throws(LedgerError) -> [UserBalance]? {
        guard let account = try account(userId, programme) else { return nil }
        return try purses(of: account, before: LogPosition(.max)).map {
            UserBalance($0.change, earned: $0.earned)
        }
    }

    /// A user's balance in one asset; zeros where there was none by then, nil for an unknown user.
    public func balance(
        of userId: String, asset: AssetNumber, programme: String? = nil
    ) throws(LedgerError) -> UserBalance? {
        try balances(of: userId, programme: programme).map { all in
            all.first { $0.asset == asset } ?? UserBalance(nothingOf: asset)
        }
    }

    /// A user's statement: every change of the user's money by then, in log order, with the balances after it.
    /// - Parameter asset: Only this asset; nil for all.
    /// - Returns: nil for an unknown user.
    public func statement(
        of userId: String, asset: AssetNumber? = nil, programme: String? = nil
    ) throws(LedgerError) -> [StatementLine]? {
        guard let account = try account(userId, programme) else { return nil }
        return try reader.statement(
            of: account.user, in: account.programme, asset: asset, until: moment)
    }

    // MARK: All users

    /// The trial balance by business time, in the order of ``LedgerReader/trialBalance(programme:)``.
    /// - Parameter progress: Told the position now and then.
    /// - Throws: `broken` when a sum leaves 64 bits.
    public func trialBalance(
        programme: String? = nil, progress: (UInt64) -> Void = { _ in }
    ) throws(LedgerError) -> Answered<[TrialBalanceLine]> {
        let end = position
        var sums: [AccountKey: Int128] = [:]
        try scan(through: end, progress) { posting, number in
            let (asset, amount) = (posting.asset, Int128(posting.amount))
            sums[AccountKey(number, asset, posting.debit), default: 0] += amount
            sums[AccountKey(number, asset, posting.credit), default: 0] -= amount
        }
        var lines: [TrialBalanceLine] = []
        for account in try reader.accountsInOrder(programme: programme) {
            guard let debit = sums[account.key], debit != 0 else { continue }
            guard let minor = Int64(exactly: debit), minor != .min else {
                throw LedgerError(.broken, "the sum of \(account.key.name) leaves 64 bits")
            }
            lines.append(
                TrialBalanceLine(
                    programme: account.programme, account: account.key.name, provider: account.provider,
                    asset: account.key.asset, debit: max(0, minor), credit: max(0, -minor)))
        }
        return Answered(value: lines, position: end)
    }

    /// Users who owed by then, in the order of signup; all of them, on one page.
    /// - Parameter asset: Only this asset; nil: all.
    public func receivables(
        asset: AssetNumber? = nil, programme: String? = nil, progress: (UInt64) -> Void = { _ in }
    ) throws(LedgerError) -> Answered<[Receivable]> {
        struct Debtor: Hashable {
            let user: UInt32
            let programme: UInt16
            let asset: AssetNumber
        }
        let end = position
        var debts: [Debtor: Int64] = [:]
        try scan(through: end, progress) { posting, number in
            for (account, sign) in [(posting.debit, Int64(1)), (posting.credit, Int64(-1))] {
                guard case .receivable(let user) = account else { continue }
                let key = Debtor(user: user.rawValue, programme: number.rawValue, asset: posting.asset)
                debts[key, default: 0] &+= sign &* posting.amount
            }
        }
        let owed = debts.filter { $0.value > 0 && (asset == nil || $0.key.asset == asset) }.sorted {
            ($0.key.programme, $0.key.user, $0.key.asset.rawValue)
                < ($1.key.programme, $1.key.user, $1.key.asset.rawValue)
        }
        return try reader.reading { core throws(LogError) in
            var found: [Receivable] = []
            for (key, amount) in owed {
                let id = try core.programmeId(Int(key.programme)).string
                if let programme, programme != id { continue }
                found.append(
                    Receivable(
                        programme: id, userId: try core.userId(Int(key.user)).string, asset: key.asset,
                        amount: amount))
            }
            return Answered(value: found, position: end)
        }
    }

    /// Events by then from a position on, in log order.
    /// - Parameter limit: Events at most; a record is never cut in its middle, so a few more may come.
    public func events(
        from: LogPosition = LogPosition(1), limit: Int = 1_000
    ) throws(LedgerError) -> [LedgerEvent] {
        try reader.events(from: from, limit: limit) { $0.occurredAt <= moment }
    }

    /// What one request of the host's made by then; as ``LedgerReader/trace(_:progress:)``.
    public func trace(
        _ correlationId: String, progress: (UInt64) -> Void = { _ in }
    ) throws(LedgerError) -> [LedgerEvent] {
        try reader.trace(correlationId, progress: progress).filter { $0.occurredAt <= moment }
    }

    // MARK: Passes

    private struct Account {
        var user: UserNumber
        let programme: ProgrammeNumber
    }

    /// A user's money in one asset.
    private struct Purse {
        var change: BalanceChange
        var earned: Int64 = 0
    }

    /// Whose account an id stands for at the moment: a merge counts once it has happened.
    private func account(_ userId: String, _ programme: String?) throws(LedgerError) -> Account? {
        var account = try reader.reading { core throws(LogError) -> Account? in
            guard let number = try reader.programme(programme, core) else { return nil }
            let user = try withText(userId) { text throws(LogError) in try core.visibleUser(text) }
            guard let user, core.visibleMember(of: user, in: number) != nil else { return nil }
            return Account(user: UserNumber(UInt32(user)), programme: number)
        }
        while let known = account, let into = try mergedInto(known) { account?.user = into }
        return account
    }

    private func mergedInto(_ account: Account) throws(LedgerError) -> UserNumber? {
        let user = Int(account.user.rawValue)
        let isMerged = try reader.reading { core throws(LogError) in
            core.visibleMember(of: user, in: account.programme)
                .flatMap { core.visibleRow(member: $0)?.isMerged } ?? false
        }
        guard isMerged else { return nil }
        var into: UserNumber?
        for base in try reader.historyPositions(of: user) {
            try reader.visit(base) { stored, envelope, _ throws(LogError) in
                guard case .usersMerged(let e) = stored.event, e.from == account.user,
                    envelope.programme == account.programme, stored.occurredAt <= moment
                else { return }
                into = e.into
            }
        }
        return into
    }

    /// Sums of a user's postings, by asset.
    private func purses(of account: Account, before end: LogPosition) throws(LedgerError) -> [Purse] {
        var purses: [Purse] = []
        var joined: [(from: UserNumber, asset: AssetNumber, position: LogPosition)] = []
        var merged: [UserNumber] = []
        func edit(_ asset: AssetNumber, _ body: (inout Purse) -> Void) {
            let index = purses.firstIndex { $0.change.asset == asset } ?? purses.count
            if index == purses.count { purses.append(Purse(change: BalanceChange(asset: asset))) }
            body(&purses[index])
        }
        for base in try reader.historyPositions(of: Int(account.user.rawValue)) where base < end {
            try reader.visit(base) { stored, envelope, _ throws(LogError) in
                guard envelope.programme == account.programme, stored.occurredAt <= moment,
                    stored.position < end
                else { return }
                for change in BalanceChange.all(of: stored.event, for: account.user) {
                    edit(change.asset) { $0.change = $0.change.adding(change) }
                }
                if let earned = stored.event.earned(by: account.user) {
                    edit(earned.asset) { $0.earned &+= earned.amount }
                }
                if case .usersMerged(let e) = stored.event, e.into == account.user { merged.append(e.from) }
                if case .balanceMerged(let e) = stored.event {
                    if e.from == account.user { edit(e.asset) { $0.earned = 0 } }
                    if e.into == account.user { joined.append((e.from, e.asset, stored.position)) }
                }
            }
        }
        // What the other one had earned comes along.
        for merge in joined {
            let other = Account(user: merge.from, programme: account.programme)
            let theirs = try self.purses(of: other, before: merge.position)
            let earned = theirs.first { $0.change.asset == merge.asset }?.earned ?? 0
            edit(merge.asset) { $0.earned &+= earned }
        }
        // Open withdrawals come along without a posting: what they have reserved stays in their account.
        for user in merged {
            for purse in try self.purses(of: Account(user: user, programme: account.programme), before: end)
            where purse.change.reserved != 0 {
                edit(purse.change.asset) { $0.change.reserved &+= purse.change.reserved }
            }
        }
        return purses
    }

    /// All postings by the moment, in log order.
    private func scan(
        through end: LogPosition, _ progress: (UInt64) -> Void, _ body: (Posting, ProgrammeNumber) -> Void
    ) throws(LedgerError) {
        try reader.checkOpen()
        var records = 0
        do throws(LogError) {
            unsafe try reader.store.scan(after: .start, through: end) { record, header throws(LogError) in
                let fault = unsafe StoredRecord.walk(record) { stored, envelope in
                    if stored.occurredAt <= moment {
                        for posting in stored.event.postings { body(posting, envelope.programme) }
                    }
                    return true
                }
                if let fault {
                    throw LogError(
                        .broken, "an event cannot be decoded: \(fault)", position: header.basePosition)
                }
                records += 1
                if records & 0xFFF == 0 { progress(header.basePosition.rawValue) }
                return true
            }
        } catch {
            throw LedgerError(error)
        }
    }
}

/// An account of a programme, users summed up.
struct AccountKey: Hashable {
    let programme: UInt16
    let asset: AssetNumber
    let name: String
    /// Of `clearing`: the provider's number.
    let provider: UInt16?

    init(_ programme: ProgrammeNumber, _ asset: AssetNumber, _ account: LedgerAccount) {
        self.programme = programme.rawValue
        self.asset = asset
        name = account.name
        if case .clearing(let symbol) = account { provider = symbol.rawValue } else { provider = nil }
    }

    init(_ programme: UInt16, _ asset: AssetNumber, _ name: String, provider: UInt16? = nil) {
        self.programme = programme
        self.asset = asset
        self.name = name
        self.provider = provider
    }
}

extension Event {
    /// What the event adds to all that a user ever earned, in minor units; a merge is for the caller.
    fileprivate func earned(by user: UserNumber) -> (asset: AssetNumber, amount: Int64)? {
        switch self {
        case .commissionEarned(let e) where e.beneficiary == user: (e.asset, e.amount)
        case .commissionReversed(let e) where e.beneficiary == user: (e.asset, -e.amount)
        case .commissionRestored(let e) where e.beneficiary == user: (e.asset, e.amount)
        case .rewardGranted(let e) where e.beneficiary == user: (e.asset, e.amount)
        case .rewardRevoked(let e) where e.beneficiary == user: (e.asset, -e.amount)
        case .eventQuarantined(let e) where e.isReward && e.user == user && e.amount > 0: (e.asset, -e.amount)
        case .eventReleased(let e) where e.isReward && e.user == user && e.amount > 0: (e.asset, e.amount)
        case .correctionApplied(let e) where e.beneficiary == user && e.amount > 0: (e.asset, e.change)
        default: nil
        }
    }
}

extension UserBalance {
    /// Zeros.
    public init(nothingOf asset: AssetNumber) {
        self.init(BalanceChange(asset: asset), earned: 0)
    }

    init(_ sums: BalanceChange, earned: Int64) {
        asset = sums.asset
        pending = sums.pending
        available = sums.available
        held = sums.held
        reserved = sums.reserved
        receivable = sums.receivable
        self.earned = earned
    }
}

extension LedgerReader {
    /// The same ledger's money by business time: events with `occurredAt` ≤ the moment, in log order, nothing
    /// decided anew.
    ///
    /// ```swift
    /// let endOfYear = try Timestamp("2026-12-31T23:59:59Z")
    /// let books = try ledger.current.effective(at: endOfYear).trialBalance()
    /// ```
    public func effective(at moment: Timestamp) -> EffectiveReader {
        guard let business else { return EffectiveReader(moment: moment, reader: self) }
        return EffectiveReader(moment: min(moment, business.moment), reader: business.source)
    }
}

extension Ledger {
    /// The ledger's money by business time, of all that is recorded now.
    /// See ``LedgerReader/effective(at:)``.
    public func effective(at moment: Timestamp) -> EffectiveReader { current.effective(at: moment) }
}

extension LedgerArchive {
    /// The ledger's money by business time, of all that was recorded at opening or the last `refresh`.
    /// See ``LedgerReader/effective(at:)``.
    public func effective(at moment: Timestamp) -> EffectiveReader { current.effective(at: moment) }
}
