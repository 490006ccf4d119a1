import LedgerDomain
import LedgerLog
import LedgerState

/// Payments, refunds and what disputes took. Memory: an entry a refund, a dispute, and a payment that has one.
struct PaymentAuditor: Auditor {
    struct Trace {
        var programme: ProgrammeNumber
        var asset: AssetNumber
        /// By refunds, less those that failed; minor units.
        var refunded: Int64 = 0
        /// By lost disputes; minor units.
        var lost: Int64 = 0
        /// What lost disputes found no room for; minor units.
        var unmet: Int64 = 0
        /// In open disputes; minor units.
        var disputed: Int64 = 0
        var peak: Int64 = 0
        var peakAt = LogPosition.start
        var isSeen = false
    }
    struct Totals: Equatable {
        var paid: Int128 = 0
        var payments: UInt64 = 0
        var refunded: Int128 = 0
        var refunds: UInt64 = 0
        var chargedBack: Int128 = 0
    }
    struct TotalsKey: Hashable, Comparable {
        let programme: ProgrammeNumber
        let asset: AssetNumber
        static func < (a: TotalsKey, b: TotalsKey) -> Bool {
            (a.programme.rawValue, a.asset.rawValue) < (b.programme.rawValue, b.asset.rawValue)
        }
    }

    private var traces: [LogPosition: Trace] = [:]
    private var totals: [TotalsKey: Totals] = [:]
    /// What each refund moved; nil once it has failed.
    private var refunds: [LogPosition: Int64?] = [:]
    private var disputes: [LogPosition: (payment: LogPosition, amount: Int64)] = [:]

    mutating func see(
        _ stored: StoredEvent, _ envelope: RecordEnvelope, _ base: LogPosition, _ out: inout Breaks
    ) {
        let programme = envelope.programme
        switch stored.event {
        case .paymentReceived(let e):
            let key = TotalsKey(programme: programme, asset: e.asset)
            totals[key, default: Totals()].paid += Int128(e.amount)
            totals[key, default: Totals()].payments += 1
        case .refundReceived(let e):
            refunds[stored.position] = .some(e.moved)
            let key = TotalsKey(programme: programme, asset: e.asset)
            totals[key, default: Totals()].refunded += Int128(e.moved)
            totals[key, default: Totals()].refunds += 1
            change(e.payment, programme, e.asset, stored) { $0.refunded &+= e.moved }
        case .refundFailed(let e):
            if refunds[e.refund] != .some(.some(e.moved)) {
                out.add(
                    .paymentStep, "a refund fails twice, or with another amount than it moved",
                    position: stored.position, programme: programme, asset: e.asset)
            }
            refunds[e.refund] = .some(nil)
            let key = TotalsKey(programme: programme, asset: e.asset)
            totals[key, default: Totals()].refunded -= Int128(e.moved)
            totals[key, default: Totals()].refunds &-= 1
            var takenOver: Int64 = 0
            change(e.payment, programme, e.asset, stored) {
                takenOver = max(0, min(e.moved, $0.unmet))
                $0.refunded &-= e.moved
                $0.lost &+= takenOver
                $0.unmet &-= takenOver
            }
            totals[key, default: Totals()].chargedBack += Int128(takenOver)
        case .disputeOpened(let e):
            disputes[stored.position] = (e.payment, e.amount)
            change(e.payment, programme, e.asset, stored) { $0.disputed &+= e.amount }
        case .disputeWon(let e):
            guard let dispute = disputes[e.dispute], let trace = traces[dispute.payment] else { return }
            change(dispute.payment, programme, trace.asset, stored) { $0.disputed &-= dispute.amount }
        case .disputeLost(let e):
            let key = TotalsKey(programme: programme, asset: e.asset)
            totals[key, default: Totals()].chargedBack += Int128(e.moved)
            guard let dispute = disputes[e.dispute] else { return }
            change(dispute.payment, programme, e.asset, stored) {
                $0.disputed &-= dispute.amount
                $0.lost &+= e.moved
                $0.unmet &+= dispute.amount &- e.moved
            }
        default: break
        }
    }

    private mutating func change(
        _ payment: LogPosition, _ programme: ProgrammeNumber, _ asset: AssetNumber, _ stored: StoredEvent,
        _ body: (inout Trace) -> Void
    ) {
        var trace = traces[payment] ?? Trace(programme: programme, asset: asset)
        body(&trace)
        let counted = trace.refunded &+ trace.lost
        if counted > trace.peak { (trace.peak, trace.peakAt) = (counted, stored.position) }
        traces[payment] = trace
    }

    /// Never more taken back than the log says was paid.
    mutating func settle(_ log: LogStore, _ out: inout Breaks) throws(LogError) {
        for position in traces.keys.sorted() {
            guard let trace = traces[position], trace.peak > 0 else { continue }
            let payment = try LoggedPayment(at: position, in: log)
            let paid = payment?.amount ?? 0
            if trace.peak > paid {
                out.add(
                    .paymentOver, "more is taken back than was paid", position: trace.peakAt,
                    programme: trace.programme, user: payment?.payer, asset: trace.asset,
                    expected: Int128(paid), found: Int128(trace.peak))
            }
        }
    }

    // MARK: Against the rows

    mutating func compare(_ state: borrowing CoreState, _ out: inout Breaks) throws(LogError) {
        try compareRows(state, &out)
        compareTotals(state, &out)
    }

    private mutating func compareRows(_ state: borrowing CoreState, _ out: inout Breaks) throws(LogError) {
        for number in 0..<state.paymentExtras.count {
            let row = state.paymentExtras[number]
            guard Int(row.payment) < state.payments.count else {
                out.add(.paymentState, "a row names no payment")
                continue
            }
            let stored = try state.storedPayment(Int(row.payment))
            let trace = traces[stored.position]
            traces[stored.position]?.isSeen = true
            var fields = FieldTexts()
            fields.compare("what was refunded", trace?.refunded ?? 0, row.refunded)
            fields.compare("what was lost", trace?.lost ?? 0, row.lost)
            fields.compare("what is disputed", trace?.disputed ?? 0, row.disputed)
            guard let text = fields.text else { continue }
            out.add(
                .paymentState, text, position: stored.position, programme: stored.envelope.programme,
                user: stored.payment.payer, asset: stored.payment.asset)
        }
        for (position, trace) in traces.sorted(by: { $0.key < $1.key }) where !trace.isSeen {
            out.add(
                .paymentState, "no row of what was refunded or disputed", position: position,
                programme: trace.programme, asset: trace.asset)
        }
    }

    private func compareTotals(_ state: borrowing CoreState, _ out: inout Breaks) {
        var left = totals
        for number in 0..<state.totals.count {
            let row = state.totals[number]
            let key = TotalsKey(
                programme: ProgrammeNumber(row.programme), asset: AssetNumber(rawValue: row.asset))
            let log = left.removeValue(forKey: key) ?? Totals()
            var fields = FieldTexts()
            fields.compare("the sum of payments", log.paid, Int128(row.paid))
            fields.compare("the number of payments", log.payments, row.payments)
            fields.compare("the sum of refunds", log.refunded, Int128(row.refunded))
            fields.compare("the number of refunds", log.refunds, row.refunds)
            fields.compare("the sum of lost disputes", log.chargedBack, Int128(row.chargedBack))
            guard let text = fields.text else { continue }
            out.add(.paymentTotals, text, programme: key.programme, asset: key.asset)
        }
        for key in left.keys.sorted() where left[key] != Totals() {
            out.add(
                .paymentTotals, "no row of what events sum to", programme: key.programme, asset: key.asset)
        }
    }
}

/// Disputes, reviews, suspensions and closures. Memory: an entry a case.
struct CaseAuditor: Auditor {
    struct Trace {
        let kind: CaseKind
        let programme: ProgrammeNumber
        let user: UserNumber?
        var isOpen = true
    }
    private var traces: [LogPosition: Trace] = [:]
    private var suspended: Set<MemberKey> = []

    mutating func see(
        _ stored: StoredEvent, _ envelope: RecordEnvelope, _ base: LogPosition, _ out: inout Breaks
    ) {
        let programme = envelope.programme
        func open(_ kind: CaseKind, _ user: UserNumber?) {
            traces[stored.position] = Trace(kind: kind, programme: programme, user: user)
        }
        switch stored.event {
        case .disputeOpened: open(.dispute, nil)
        case .fraudFlagged(let e): open(.review, e.user)
        case .userSuspended(let e):
            open(.suspension, e.user)
            if !suspended.insert(MemberKey(programme, e.user)).inserted {
                wrong("suspended twice", stored, programme, e.user, &out)
            }
        case .userClosed(let e): if e.rule != 1 { open(.closure, e.user) }
        case .disputeWon(let e): end(e.dispute, .dispute, stored, programme, &out)
        case .disputeLost(let e): end(e.dispute, .dispute, stored, programme, &out)
        case .reviewDecided(let e): end(e.flagged, .review, stored, programme, &out)
        case .userReinstated(let e):
            suspended.remove(MemberKey(programme, e.user))
            end(e.suspended, .suspension, stored, programme, &out)
        default: break
        }
    }

    private func wrong(
        _ message: String, _ stored: StoredEvent, _ programme: ProgrammeNumber, _ user: UserNumber?,
        _ out: inout Breaks
    ) {
        out.add(.caseStep, message, position: stored.position, programme: programme, user: user)
    }

    private mutating func end(
        _ position: LogPosition, _ kind: CaseKind, _ stored: StoredEvent, _ programme: ProgrammeNumber,
        _ out: inout Breaks
    ) {
        let name = stored.event.type.name
        guard let trace = traces[position], trace.kind == kind else {
            return wrong("\(name) of nothing that began", stored, programme, nil, &out)
        }
        if !trace.isOpen { wrong("\(name) of what is over", stored, programme, trace.user, &out) }
        traces[position]?.isOpen = false
    }

    mutating func compare(_ state: borrowing CoreState, _ out: inout Breaks) throws(LogError) {
        for number in 0..<state.cases.count {
            let row = state.cases[number]
            let position = LogPosition(state.casePositions[number])
            guard let trace = traces[position] else {
                out.add(.caseState, "a row of a case that never began", position: position)
                continue
            }
            var fields = FieldTexts()
            let kind = CaseKind(rawValue: row.kind)
            fields.compare("the kind", "\(trace.kind)", kind.map { "\($0)" } ?? "none")
            fields.compare("open", trace.isOpen, row.isOpen)
            guard let text = fields.text else { continue }
            out.add(
                .caseState, text, position: position, programme: trace.programme, user: trace.user)
        }
        if state.cases.count != traces.count {
            out.add(.caseState, "the state has \(state.cases.count) cases, the log \(traces.count)")
        }
    }
}
