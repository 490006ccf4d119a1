import LedgerDomain
import LedgerLog
import LedgerState

extension LedgerReader {
    /// A user's statement: every change of the user's money, oldest first, with the balances after it.
    ///
    /// ```swift
    /// for line in try ledger.current.statement(of: "u-1") ?? [] { print(line.occurredAt, line.text, line.available) }
    /// ```
    ///
    /// - Parameter asset: Only this asset; nil for all.
    /// - Returns: nil for an unknown user.
    public func statement(
        of userId: String, asset: AssetNumber? = nil, programme: String? = nil
    ) throws(LedgerError) -> [StatementLine]? {
        if let business {
            return try business.money.statement(of: userId, asset: asset, programme: programme)
        }
        let who = try reading { core throws(LogError) -> (user: Int, programme: ProgrammeNumber)? in
            guard let member = try member(userId, programme, core), let row = core.visibleRow(member: member)
            else {
                return nil
            }
            return (Int(row.user), ProgrammeNumber(row.programme))
        }
        guard let who else { return nil }
        return try statement(
            of: UserNumber(UInt32(who.user)), in: who.programme, asset: asset, until: nil)
    }

    /// The statement of a user by number; with a moment, only of events at or before it by business time.
    func statement(
        of user: UserNumber, in programme: ProgrammeNumber, asset: AssetNumber?, until moment: Timestamp?
    ) throws(LedgerError) -> [StatementLine] {
        var running: [AssetNumber: BalanceChange] = [:]
        var lines: [StatementLine] = []
        for base in try historyPositions(of: Int(user.rawValue)) {
            try visit(base) { stored, envelope, header throws(LogError) in
                guard envelope.programme == programme else { return }
                if let moment, stored.occurredAt > moment { return }
                for change in BalanceChange.all(of: stored.event, for: user) {
                    if let asset, asset != change.asset { continue }
                    let after = (running[change.asset] ?? BalanceChange(asset: change.asset)).adding(change)
                    running[change.asset] = after
                    lines.append(
                        StatementLine(
                            position: stored.position, occurredAt: stored.occurredAt,
                            type: stored.event.type.name, text: try explain(stored, envelope, for: user),
                            asset: change.asset, pending: change.pending, available: change.available,
                            held: change.held, reserved: change.reserved, receivable: change.receivable,
                            pendingAfter: after.pending, availableAfter: after.available,
                            heldAfter: after.held, reservedAfter: after.reserved,
                            receivableAfter: after.receivable))
                }
            }
        }
        return lines
    }

    /// The events that concern a user, oldest first; nil for an unknown user.
    public func events(of userId: String) throws(LedgerError) -> [LedgerEvent]? {
        if let business {
            return try business.source.events(of: userId)?.filter { $0.occurredAt <= business.moment }
        }
        let user = try reading { core throws(LogError) in
            try withText(userId) { text throws(LogError) in try core.visibleUser(text) }
        }
        guard let user else { return nil }
        var events: [LedgerEvent] = []
        for base in try historyPositions(of: user) {
            try visit(base) { stored, envelope, header throws(LogError) in
                let event = try describe(stored, envelope, header)
                let concerns =
                    event.fields.contains { $0.value == .user(userId) }
                    || event.postings.contains { $0.debit.userId == userId || $0.credit.userId == userId }
                if concerns { events.append(event) }
            }
        }
        return events
    }

    /// Base positions of the records that concern a user, oldest first.
    func historyPositions(of user: Int) throws(LedgerError) -> [LogPosition] {
        try withViews { box, _ in
            var positions: [LogPosition] = []
            box.views.history(of: user) {
                positions.append($0)
                return true
            }
            return positions.reversed()
        }
    }

    /// Walks one record, with its texts alive during the body.
    func visit(
        _ base: LogPosition, _ body: (StoredEvent, RecordEnvelope, RecordHeader) throws(LogError) -> Void
    ) throws(LedgerError) {
        do throws(LogError) {
            guard let bytes = try store.record(at: base) else {
                throw LogError(
                    .broken, "the history names a record that the log does not have", position: base)
            }
            try unsafe bytes.span.bytes.withUnsafeBytes { (record) throws(LogError) in
                let header: RecordHeader
                do throws(RecordHeader.Fault) {
                    header = try unsafe RecordHeader.read(record)
                } catch {
                    throw LogError(.broken, error.message, position: base)
                }
                var failure: LogError?
                unsafe StoredRecord.walk(record) { stored, envelope in
                    do throws(LogError) {
                        try body(stored, envelope, header)
                    } catch {
                        failure = error
                        return false
                    }
                    return true
                }
                if let failure { throw failure }
            }
        } catch {
            throw LedgerError(error)
        }
    }
}

/// What an event changes for a user in one asset, in minor units.
struct BalanceChange: Equatable {
    let asset: AssetNumber
    var pending: Int64 = 0
    var available: Int64 = 0
    var held: Int64 = 0
    var reserved: Int64 = 0
    var receivable: Int64 = 0

    init(asset: AssetNumber) { self.asset = asset }

    func adding(_ other: BalanceChange) -> BalanceChange {
        var sum = self
        sum.pending += other.pending
        sum.available += other.available
        sum.held += other.held
        sum.reserved += other.reserved
        sum.receivable += other.receivable
        return sum
    }

    /// One for each asset, in the order of the postings; none where the event leaves the user's money alone.
    static func all(of event: Event, for user: UserNumber) -> [BalanceChange] {
        var changes: [BalanceChange] = []
        for posting in event.postings {
            for (account, sign) in [(posting.debit, Int64(-1)), (posting.credit, Int64(1))]
            where account.user == user {
                let index = changes.firstIndex { $0.asset == posting.asset } ?? changes.count
                if index == changes.count { changes.append(BalanceChange(asset: posting.asset)) }
                switch account {
                case .pending: changes[index].pending += sign * posting.amount
                case .available, .claimable: changes[index].available += sign * posting.amount
                case .held: changes[index].held += sign * posting.amount
                case .reserved: changes[index].reserved += sign * posting.amount
                // A debt rises by a debit.
                case .receivable: changes[index].receivable -= sign * posting.amount
                default: break
                }
            }
        }
        return changes
    }
}
