import LedgerDomain
import LedgerLog

extension Decider {
    // MARK: Balances corrected by people

    func decide(_ c: Adjust, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let byKey = try judgeKey(state, now, at: c.at) { stored throws(LogError) in
            guard case .adjustmentPosted(let e) = stored.event else { return .other }
            let amount = e.flags & AdjustmentPosted.minus == 0 ? e.amount : -e.amount
            return .compare(
                ("userId", try isSame(e.user, c.userId, state, now)), ("amount", amount == c.amount),
                ("currency", e.asset == c.asset), ("reason", e.reason.equals(arena.text(c.reason))),
                ("approvers", isSame(c.approvers, e.approver, e.secondApprover)))
        }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard let party = try party(c.userId, state, now) else { return unknownUser(c.userId, now) }
        let amount = c.amount.magnitude
        if let refused = try approvers(c.approvers, party, amount, c.asset, state, now) { return refused }
        if let refused = overflows(abs(c.amount), c.asset, state, now) { return refused }
        var out = state.begin(now.envelope, in: now.group)
        var event = AdjustmentPosted()
        event.user = party.user
        event.asset = c.asset
        event.reason = arena.text(c.reason)
        event.approver = arena.text(c.approvers[0])
        if c.approvers.count > 1 {
            event.flags |= AdjustmentPosted.second
            event.secondApprover = arena.text(c.approvers[1])
        }
        if c.amount > 0 {
            (event.available, event.receivable) = state.credit(c.amount, party.member, c.asset)
        } else {
            event.flags |= AdjustmentPosted.minus
            makeRoom(-c.amount, party.member, c.asset, at: c.at, &state, &out, now)
            event.available = min(-c.amount, state.balance(member: party.member, asset: c.asset).available)
            event.receivable = -c.amount - event.available
        }
        state.emit(.adjustmentPosted(event), at: c.at, &out)
        try holdReturned(&state, &out)
        return accept(out, &state, now)
    }

    func decide(_ c: WriteOff, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let byKey = try judgeKey(state, now, at: c.at) { stored throws(LogError) in
            guard case .debtWrittenOff(let e) = stored.event else { return .other }
            return .compare(
                ("userId", try isSame(e.user, c.userId, state, now)), ("amount", e.amount == c.amount),
                ("currency", e.asset == c.asset), ("reason", e.reason.equals(arena.text(c.reason))),
                ("approvers", isSame(c.approvers, e.approver, e.secondApprover)))
        }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard let party = try party(c.userId, state, now) else { return unknownUser(c.userId, now) }
        let amount = c.amount.magnitude
        if let refused = try approvers(c.approvers, party, amount, c.asset, state, now) { return refused }
        let debt = state.balance(member: party.member, asset: c.asset).receivable
        if c.amount > debt {
            return now.refuse(
                .writeOffDebt, "amount",
                "the user owes \(c.asset.amountText(debt)), not \(c.asset.amountText(c.amount))")
        }
        if let refused = overflows(c.amount, c.asset, state, now) { return refused }
        var out = state.begin(now.envelope, in: now.group)
        var event = DebtWrittenOff()
        event.user = party.user
        event.asset = c.asset
        event.amount = c.amount
        event.reason = arena.text(c.reason)
        event.approver = arena.text(c.approvers[0])
        if c.approvers.count > 1 {
            event.flags |= DebtWrittenOff.second
            event.secondApprover = arena.text(c.approvers[1])
        }
        state.emit(.debtWrittenOff(event), at: c.at, &out)
        return accept(out, &state, now)
    }

    /// One approver, or two above the policy's limit; none of them the user.
    private func approvers(
        _ names: [String], _ party: Party, _ amount: UInt64, _ asset: AssetNumber,
        _ state: borrowing CoreState, _ now: Case
    ) throws(LogError) -> Outcome? {
        if let refused = try refusal(ofApprovers: names, over: [party.member], state, now) { return refused }
        let limit = now.policy.policy.adjustmentSecondApproverAbove[asset]
        if names.count < 2, let limit, amount > limit.magnitude {
            return now.refuse(.adjustApprovers, "approvers", "above \(asset.amountText(limit)) two approve")
        }
        return nil
    }

    func isSame(_ names: [String], _ first: BorrowedText, _ second: BorrowedText) -> Bool {
        guard let one = names.first, first.equals(arena.text(one)) else { return false }
        return names.count > 1 ? second.equals(arena.text(names[1])) : second.isEmpty
    }

    func decide(_ c: OpenBalance, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let byKey = try judgeKey(state, now, at: c.at) { stored throws(LogError) in
            guard case .openingBalance(let e) = stored.event else { return .other }
            return .compare(
                ("userId", try isSame(e.user, c.userId, state, now)), ("amount", e.amount == c.amount),
                ("currency", e.asset == c.asset))
        }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard let party = try party(c.userId, state, now) else { return unknownUser(c.userId, now) }
        if let refused = overflows(c.amount, c.asset, state, now) { return refused }
        var event = OpeningBalance()
        event.user = party.user
        event.asset = c.asset
        (event.toAvailable, event.toReceivable) = state.credit(c.amount, party.member, c.asset)
        var out = state.begin(now.envelope, in: now.group)
        state.emit(.openingBalance(event), at: c.at, &out)
        return accept(out, &state, now)
    }

    // MARK: Currencies

    func decide(_ c: RecordRate, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let byKey = try judgeKey(state, now, at: c.at) { stored throws(LogError) in
            guard case .fxRateRecorded(let e) = stored.event else { return .other }
            return .compare(
                ("base", e.base == c.base), ("quote", e.quote == c.quote),
                ("rate", e.mantissa == c.rate.mantissa && e.scale == c.rate.scale),
                ("source", e.source.equals(arena.text(c.source))))
        }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        var event = FxRateRecorded()
        event.base = c.base
        event.quote = c.quote
        event.mantissa = c.rate.mantissa
        event.scale = c.rate.scale
        event.source = arena.text(c.source)
        var out = state.begin(now.envelope, in: now.group)
        state.emit(.fxRateRecorded(event), at: c.at, &out)
        return accept(out, &state, now)
    }

    func decide(_ c: ConvertBalance, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let byKey = try judgeKey(state, now, at: c.at) { stored throws(LogError) in
            guard case .fxConverted(let e) = stored.event else { return .other }
            return .compare(
                ("userId", try isSame(e.user, c.userId, state, now)), ("amount", e.amount == c.amount),
                ("currency", e.from == c.asset), ("to", e.to == c.to))
        }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard let party = try party(c.userId, state, now) else { return unknownUser(c.userId, now) }
        guard let rate = state.rate(now.envelope.programme, c.asset, c.to, at: c.at) else {
            return now.refuse(
                .fxNoRate, "to", "no rate from one to the other is recorded at or before \(c.at)")
        }
        if state.members[party.member].isBlocked { return blocked(c.userId, now) }
        let balance = state.balance(member: party.member, asset: c.asset)
        if balance.receivable > 0 {
            return now.refuse(
                .withdrawalDebt, "userId", "the user owes \(c.asset.amountText(balance.receivable))")
        }
        if c.amount > balance.available {
            return now.refuse(
                .withdrawalFunds, "amount",
                "available are \(c.asset.amountText(balance.available)), not \(c.asset.amountText(c.amount))")
        }
        guard let amount = converted(c, state.rates[rate], now.policy.policy.commission.rounding) else {
            return now.refuse(.amountOverflow, "amount", "the amount would leave the range of 64 bits")
        }
        if amount == 0 { return now.refuse(.fxTooSmall, "amount", "it would become nothing") }
        if let refused = overflows(amount, c.to, state, now) ?? overflows(c.amount, c.asset, state, now) {
            return refused
        }
        var event = FxConverted()
        event.user = party.user
        event.from = c.asset
        event.amount = c.amount
        event.rate = LogPosition(state.ratePositions[rate])
        event.to = c.to
        (event.toAvailable, event.toReceivable) = state.credit(amount, party.member, c.to)
        var out = state.begin(now.envelope, in: now.group)
        state.emit(.fxConverted(event), at: c.at, &out)
        return accept(out, &state, now)
    }

    /// amount × mantissa × 10^(exponent of to) ÷ 10^(scale + exponent of from), rounded once.
    private func converted(_ c: ConvertBalance, _ rate: RateRow, _ rounding: Rounding) -> Int64? {
        guard let from = Asset(number: c.asset), let to = Asset(number: c.to) else { return nil }
        func power(_ exponent: Int) -> Int64 { (0..<exponent).reduce(1) { sum, _ in sum * 10 } }
        let shift = Int(rate.scale) + from.exponent - to.exponent
        if shift >= 0 { return rounding.share(c.amount, numerator: rate.mantissa, denominator: power(shift)) }
        let (numerator, overflow) = rate.mantissa.multipliedReportingOverflow(by: power(-shift))
        return overflow ? nil : rounding.share(c.amount, numerator: numerator, denominator: 1)
    }

    // MARK: The programme's own money

    func decide(_ c: FundCash, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let reference = arena.text(c.reference ?? "")
        let byKey = try judgeKey(state, now, at: c.at) {
            guard case .cashFunded(let e) = $0.event else { return .other }
            return .compare(
                ("amount", e.amount == c.amount), ("currency", e.asset == c.asset),
                ("reference", e.reference.equals(reference)))
        }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        if let refused = overflows(c.amount, c.asset, state, now) { return refused }
        var event = CashFunded()
        (event.asset, event.amount, event.reference) = (c.asset, c.amount, reference)
        var out = state.begin(now.envelope, in: now.group)
        state.emit(.cashFunded(event), at: c.at, &out)
        return accept(out, &state, now)
    }

    func decide(_ c: RemitTax, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let reference = arena.text(c.reference ?? "")
        let byKey = try judgeKey(state, now, at: c.at) {
            guard case .taxRemitted(let e) = $0.event else { return .other }
            return .compare(
                ("amount", e.amount == c.amount), ("currency", e.asset == c.asset),
                ("reference", e.reference.equals(reference)))
        }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        let withheld = state.taxHeld(now.envelope.programme, c.asset)
        if c.amount > withheld {
            return now.refuse(
                .taxBalance, "amount",
                "withheld as tax are \(c.asset.amountText(withheld)), not \(c.asset.amountText(c.amount))")
        }
        if let refused = overflows(c.amount, c.asset, state, now) { return refused }
        var event = TaxRemitted()
        (event.asset, event.amount, event.reference) = (c.asset, c.amount, reference)
        var out = state.begin(now.envelope, in: now.group)
        state.emit(.taxRemitted(event), at: c.at, &out)
        return accept(out, &state, now)
    }

    func decide(_ c: RecordCost, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let reference = arena.text(c.reference ?? "")
        let byKey = try judgeKey(state, now, at: c.at) {
            guard case .costRecorded(let e) = $0.event else { return .other }
            return .compare(
                ("kind", e.kind.equals(arena.text(c.kind))), ("amount", e.amount == c.amount),
                ("currency", e.asset == c.asset), ("reference", e.reference.equals(reference)))
        }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        var event = CostRecorded()
        (event.kind, event.asset, event.amount, event.reference) = (
            arena.text(c.kind), c.asset, c.amount, reference
        )
        var out = state.begin(now.envelope, in: now.group)
        state.emit(.costRecorded(event), at: c.at, &out)
        return accept(out, &state, now)
    }

    func decide(_ c: SetBudget, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let byKey = try judgeKey(state, now, at: c.at) {
            guard case .budgetSet(let e) = $0.event else { return .other }
            return .compare(
                ("amount", e.amount == c.amount), ("currency", e.asset == c.asset),
                ("period", e.period == c.period.rawValue))
        }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        var event = BudgetSet()
        (event.asset, event.amount, event.period) = (c.asset, c.amount, c.period.rawValue)
        var out = state.begin(now.envelope, in: now.group)
        state.emit(.budgetSet(event), at: c.at, &out)
        return accept(out, &state, now)
    }
}

extension CoreState {
    /// Tax that is withheld and not remitted; minor units.
    func taxHeld(_ programme: ProgrammeNumber, _ asset: AssetNumber) -> Int64 {
        for i in 0..<totals.count
        where totals[i].programme == programme.rawValue && totals[i].asset == asset.rawValue {
            return totals[i].tax
        }
        return 0
    }
}
