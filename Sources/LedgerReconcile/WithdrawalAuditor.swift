import LedgerDomain
import LedgerLog
import LedgerState

/// Withdrawals, replayed from events alone. Memory: an entry a withdrawal.
struct WithdrawalAuditor: Auditor {
    struct Trace {
        let member: MemberKey
        let asset: AssetNumber
        var state = WithdrawalState.requested
        /// What is reserved or was sent; minor units.
        var amount: Int64
        var tax: Int64 = 0
        var fee: Int64 = 0
        var net: Int64 = 0
        var provider = SymbolNumber(rawValue: 0)
        var sentAt = Timestamp(nanoseconds: 0)
    }

    private var traces: [LogPosition: Trace] = [:]
    private var order: [LogPosition] = []
    /// Sent by the present record: tax and fee may still follow.
    private var sentNow: [LogPosition] = []
    private var clocks = ClockTrace()

    mutating func see(
        _ stored: StoredEvent, _ envelope: RecordEnvelope, _ base: LogPosition, _ out: inout Breaks
    ) {
        switch stored.event {
        case .withdrawalRequested(let e):
            let member = MemberKey(envelope.programme, e.user)
            traces[stored.position] = Trace(member: member, asset: e.asset, amount: e.amount)
            order.append(stored.position)
        case .withdrawalApproved(let e):
            let isFinal = e.flags & WithdrawalApproved.final != 0
            change(e.withdrawal, stored, from: isFinal ? [.requested, .partlyApproved] : [.requested], &out) {
                $0.state = isFinal ? .approved : .partlyApproved
                return nil
            }
        case .withdrawalReduced(let e): free(e, to: nil, stored, &out)
        case .withdrawalRejected(let e): free(e, to: .rejected, stored, &out)
        case .withdrawalCancelled(let e): free(e, to: .cancelled, stored, &out)
        case .withdrawalExpired(let e): free(e, to: .expired, stored, &out)
        case .payoutSent(let e):
            sentNow.append(e.withdrawal)
            change(e.withdrawal, stored, from: [.approved], &out) {
                ($0.state, $0.net, $0.provider) = (.sent, e.net, e.provider)
                $0.sentAt = stored.occurredAt
                return nil
            }
        case .taxWithheld(let e):
            change(e.withdrawal, stored, from: [.sent], &out) { trace in
                defer { trace.tax &+= e.amount }
                return trace.tax == 0 ? nil : "tax is withheld twice"
            }
        case .feeCharged(let e):
            change(e.withdrawal, stored, from: [.sent], &out) { trace in
                defer { trace.fee &+= e.amount }
                return trace.fee == 0 ? nil : "a fee is charged twice"
            }
        case .payoutSettled(let e):
            change(e.withdrawal, stored, from: [.sent], &out) {
                $0.state = .settled
                let same = e.net == $0.net && e.provider == $0.provider
                return same ? nil : "what settles is not what was sent"
            }
        case .payoutFailed(let e): comeBack(e, to: .failed, from: .sent, stored, &out)
        case .payoutReturned(let e): comeBack(e, to: .returned, from: .settled, stored, &out)
        case .clockAdvanced(let e): clocks.see(e, envelope.programme)
        default: break
        }
    }

    /// Takes a step; the body says what of its amounts is wrong.
    private mutating func change(
        _ position: LogPosition, _ stored: StoredEvent, from states: [WithdrawalState],
        _ out: inout Breaks, _ body: (inout Trace) -> String?
    ) {
        guard var trace = traces[position] else {
            out.add(
                .withdrawalStep, "\(stored.event.type.name) of no withdrawal at \(position)",
                position: stored.position)
            return
        }
        if !states.contains(trace.state) {
            out.add(
                .withdrawalStep, "\(stored.event.type.name) of a withdrawal that is \(trace.state.name)",
                position: stored.position, programme: trace.member.programme, user: trace.member.user,
                asset: trace.asset)
        }
        if let wrong = body(&trace) {
            out.add(
                .withdrawalAmount, wrong, position: stored.position, programme: trace.member.programme,
                user: trace.member.user, asset: trace.asset)
        }
        traces[position] = trace
    }

    private mutating func free(
        _ e: WithdrawalFreed, to end: WithdrawalState?, _ stored: StoredEvent, _ out: inout Breaks
    ) {
        change(e.withdrawal, stored, from: [.requested, .partlyApproved, .approved], &out) {
            let fits = end == nil ? e.amount < $0.amount : e.amount == $0.amount
            $0.amount &-= e.amount
            if let end { $0.state = end }
            return fits ? nil : "\(stored.event.type.name) gives back another amount than is reserved"
        }
    }

    private mutating func comeBack(
        _ e: PayoutBack, to end: WithdrawalState, from state: WithdrawalState, _ stored: StoredEvent,
        _ out: inout Breaks
    ) {
        change(e.withdrawal, stored, from: [state], &out) {
            $0.state = end
            let same = e.net == $0.net && e.tax == $0.tax && e.fee == $0.fee && e.provider == $0.provider
            return same ? nil : "what comes back is not what was sent"
        }
    }

    mutating func endRecord(_ envelope: RecordEnvelope, _ base: LogPosition, _ out: inout Breaks) {
        for position in sentNow {
            guard let trace = traces[position] else { continue }
            let sum = Int128(trace.net) + Int128(trace.tax) + Int128(trace.fee)
            if sum != Int128(trace.amount) {
                out.add(
                    .withdrawalAmount, "net, tax and fee are not what was reserved", position: base,
                    programme: trace.member.programme, user: trace.member.user, asset: trace.asset,
                    expected: Int128(trace.amount), found: sum)
            }
        }
        sentNow.removeAll(keepingCapacity: true)
    }

    // MARK: Against the rows

    mutating func compare(_ state: borrowing CoreState, _ out: inout Breaks) throws(LogError) {
        for number in 0..<state.withdrawals.count {
            let row = state.withdrawals[number]
            let position = LogPosition(state.withdrawalPositions[number])
            guard let trace = traces[position] else {
                out.add(.withdrawalState, "a row without a request", position: position)
                continue
            }
            var fields = FieldTexts()
            fields.compare("the state", trace.state.name, row.withdrawalState.name)
            fields.compare("the tax", trace.tax, row.tax)
            fields.compare("the fee", trace.fee, row.fee)
            let amountDiffers = trace.amount != row.amount
            fields.compare("the amount", trace.amount, row.amount)
            if let text = fields.text {
                out.add(
                    .withdrawalState, text, position: position, programme: trace.member.programme,
                    user: trace.member.user, asset: trace.asset,
                    expected: amountDiffers ? Int128(trace.amount) : nil,
                    found: amountDiffers ? Int128(row.amount) : nil)
            }
        }
        if state.withdrawals.count != order.count {
            out.add(
                .withdrawalState,
                "the state has \(state.withdrawals.count) withdrawals, the log \(order.count)")
        }
        try compareClearings(state, &out)
    }

    private struct Way: Hashable, Comparable {
        let programme: ProgrammeNumber
        let provider: SymbolNumber
        let asset: AssetNumber
        static func < (a: Way, b: Way) -> Bool {
            (a.programme.rawValue, a.provider.rawValue, a.asset.rawValue)
                < (b.programme.rawValue, b.provider.rawValue, b.asset.rawValue)
        }
    }

    /// What is on its way with each provider: as payouts say, and as rows say.
    private func compareClearings(
        _ state: borrowing CoreState, _ out: inout Breaks
    ) throws(LogError) {
        struct Sum {
            var payouts: Int128 = 0
            var rows: Int128 = 0
            var count = 0
            var oldest: (at: Timestamp, position: LogPosition)?
        }
        var sums: [Way: Sum] = [:]
        for position in order {
            guard let trace = traces[position], trace.state == .sent else { continue }
            let way = Way(
                programme: trace.member.programme, provider: trace.provider, asset: trace.asset)
            sums[way, default: Sum()].payouts += Int128(trace.net)
            sums[way, default: Sum()].count += 1
            if trace.sentAt < sums[way]?.oldest?.at ?? Timestamp(nanoseconds: .max) {
                sums[way]?.oldest = (trace.sentAt, position)
            }
        }
        for number in 0..<state.clearings.count {
            let row = state.clearings[number]
            let way = Way(
                programme: ProgrammeNumber(row.programme), provider: SymbolNumber(rawValue: row.provider),
                asset: AssetNumber(rawValue: row.asset))
            sums[way, default: Sum()].rows += Int128(row.balance)
        }
        for way in sums.keys.sorted() {
            guard let sum = sums[way] else { continue }
            let known = Int(way.provider.rawValue) < state.symbols.count
            let provider = known ? try state.symbolName(Int(way.provider.rawValue)).string : "?"
            if sum.payouts != sum.rows {
                out.add(
                    .clearingPayouts, "the row of provider \(provider) is not the sum of its payouts",
                    programme: way.programme, asset: way.asset, expected: sum.payouts, found: sum.rows)
            }
            guard sum.rows != 0 || sum.count > 0 else { continue }
            let payouts = sum.count == 1 ? "1 payout" : "\(sum.count) payouts"
            out.add(
                .clearingOpen, "provider \(provider): \(payouts) without an answer",
                position: sum.oldest?.position, programme: way.programme, asset: way.asset, found: sum.rows,
                age: sum.oldest.flatMap { clocks.age(of: $0.at, way.programme) })
        }
    }
}

/// The business clocks, as events move them.
struct ClockTrace {
    private var clocks: [ProgrammeNumber: Timestamp] = [:]

    mutating func see(_ e: ClockAdvanced, _ programme: ProgrammeNumber) { clocks[programme] = e.to }

    /// Whole seconds since a moment, by the programme's clock; nil before its first advance. Never below zero.
    func age(of moment: Timestamp, _ programme: ProgrammeNumber) -> Int64? {
        guard let now = clocks[programme] else { return nil }
        let (difference, overflow) = now.nanoseconds.subtractingReportingOverflow(moment.nanoseconds)
        return overflow ? .max / 1_000_000_000 : max(0, difference / 1_000_000_000)
    }
}
