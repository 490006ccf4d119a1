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
        let who = try reading { core throws(LogError) -> (user: Int, programme: ProgrammeNumber)? in
            guard let member = try member(userId, programme, core), let row = core.visibleRow(member: member)
            else {
                return nil
            }
            return (Int(row.user), ProgrammeNumber(row.programme))
        }
        guard let who else { return nil }
        var running: [AssetNumber: (pending: Int64, available: Int64, receivable: Int64)] = [:]
        var lines: [StatementLine] = []
        for base in try historyPositions(of: who.user) {
            try visit(base) { stored, envelope, header throws(LogError) in
                guard envelope.programme == who.programme,
                    let change = Self.change(stored.event, UserNumber(UInt32(who.user)))
                else { return }
                if let asset, asset != change.asset { return }
                var sums = running[change.asset] ?? (0, 0, 0)
                sums.pending += change.pending
                sums.available += change.available
                sums.receivable += change.receivable
                running[change.asset] = sums
                lines.append(
                    StatementLine(
                        position: stored.position, occurredAt: stored.occurredAt,
                        type: stored.event.type.name,
                        text: try explain(stored.event), asset: change.asset, pending: change.pending,
                        available: change.available, receivable: change.receivable,
                        pendingAfter: sums.pending,
                        availableAfter: sums.available, receivableAfter: sums.receivable))
            }
        }
        return lines
    }

    /// The events that concern a user, oldest first; nil for an unknown user.
    public func events(of userId: String) throws(LedgerError) -> [LedgerEvent]? {
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
    private func visit(
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

    /// What an event changes for a user.
    private static func change(
        _ event: Event, _ user: UserNumber
    ) -> (asset: AssetNumber, pending: Int64, available: Int64, receivable: Int64)? {
        var change: (asset: AssetNumber, pending: Int64, available: Int64, receivable: Int64)?
        for posting in event.postings {
            for (account, sign) in [(posting.debit, Int64(-1)), (posting.credit, Int64(1))]
            where account.user == user {
                var sums = change ?? (posting.asset, 0, 0, 0)
                switch account {
                case .pending: sums.pending += sign * posting.amount
                case .available: sums.available += sign * posting.amount
                // A debt rises by a debit.
                case .receivable: sums.receivable -= sign * posting.amount
                default: break
                }
                change = sums
            }
        }
        return change
    }

    /// An event in the words of the user whose statement it is on.
    private func explain(_ event: Event) throws(LogError) -> String {
        func payment(_ position: LogPosition) throws(LogError) -> String {
            try trusted { core throws(LogError) in
                guard let stored = try core.payment(at: position) else { return "a payment" }
                let id = stored.payment.paymentId.string
                return "payment \(id) of \(try core.userId(Int(stored.payment.payer.rawValue)).string)"
            }
        }
        switch event {
        case .commissionEarned(let e):
            let base =
                Asset(number: e.asset).map { DecimalText.format(minor: e.base, exponent: $0.exponent) } ?? ""
            return "\(Self.percent(e.ratePpm)) of \(base) (level \(e.level)), \(try payment(e.payment))"
        case .rewardMatured(let e):
            let repaid = e.toReceivable > 0 ? ", a debt repaid first" : ""
            return "matured: level \(e.level) of \(try payment(e.payment))\(repaid)"
        case .commissionReversed(let e):
            return "refund: level \(e.level) of \(try payment(e.payment))"
        default: return event.type.name
        }
    }

    /// Parts per million as a percentage, exactly.
    static func percent(_ ppm: UInt32) -> String {
        let whole = ppm / 10_000
        var rest = String(ppm % 10_000)
        if ppm % 10_000 == 0 { return "\(whole) %" }
        rest = String(repeating: "0", count: 4 - rest.count) + rest
        while rest.hasSuffix("0") { rest.removeLast() }
        return "\(whole).\(rest) %"
    }
}
