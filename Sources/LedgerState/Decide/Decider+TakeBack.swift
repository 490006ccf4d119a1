import LedgerDomain
import LedgerLog

/// Taking back what was granted. Source: Documentation/rules.md, "Taking back: the one routine".
extension Decider {
    /// Where the money of a reversal comes from.
    struct Taken {
        var fromHeld: Int64 = 0
        var fromPending: Int64 = 0
        var fromAvailable: Int64 = 0
        var toReceivable: Int64 = 0
    }

    /// Splits what is taken of a reward; makes room among unsent withdrawals before it makes a debt.
    ///
    /// - Parameters:
    ///   - key: The reward's row; nil for a leg that no case has touched.
    ///   - matured: Whether it has matured.
    ///   - holder: The case whose hold is used first.
    func take(
        _ amount: Int64, of key: RewardKey?, matured: Bool, member: Int, asset: AssetNumber, holder: Int?,
        at moment: Timestamp, _ state: inout CoreState, _ out: inout RecordBuilder, _ now: Case
    ) -> Taken {
        var taken = Taken()
        var rest = amount
        if let key {
            let row = state.reward(key)
            if let holder {
                taken.fromHeld = min(rest, state.held(key, by: holder))
                rest -= taken.fromHeld
            }
            if !matured {
                taken.fromPending = min(rest, row.pendingPart)
                rest -= taken.fromPending
            }
            let others = min(rest, row.held - taken.fromHeld)
            taken.fromHeld += others
            rest -= others
        } else if !matured {
            taken.fromPending = rest
            rest = 0
        }
        if rest > 0 {
            makeRoom(rest, member, asset, at: moment, &state, &out, now)
            taken.fromAvailable = min(rest, state.balance(member: member, asset: asset).available)
            taken.toReceivable = rest - taken.fromAvailable
        }
        return taken
    }

    /// Gives money of unsent withdrawals back, the latest first, as far as it is needed and the policy says.
    func makeRoom(
        _ needed: Int64, _ member: Int, _ asset: AssetNumber, at moment: Timestamp, _ state: inout CoreState,
        _ out: inout RecordBuilder, _ now: Case
    ) {
        let rule = now.policy.policy.withdrawal.onClawback
        if rule == .owe { return }
        var next = state.profile(member).firstWithdrawal
        while next != 0 {
            let number = Int(next) - 1
            let row = state.withdrawals[number]
            next = row.next
            let shortfall = needed - state.balance(member: member, asset: asset).available
            if shortfall <= 0 { return }
            guard row.withdrawalState.isUnsent, row.asset == asset.rawValue else { continue }
            let cut = rule == .cancel ? row.amount : min(shortfall, row.amount)
            free(number, cut, .cancel, clawback: true, reason: nil, at: moment, &state, &out)
        }
    }

    /// Gives reserved money of a withdrawal back: all of it, or a part by reducing it. What disputes are about of it
    /// is for ``holdReturned(_:_:)``.
    func free(
        _ number: Int, _ amount: Int64, _ decision: WithdrawalDecision?, clawback: Bool,
        reason: BorrowedText?,
        at moment: Timestamp, _ state: inout CoreState, _ out: inout RecordBuilder
    ) {
        let row = state.withdrawals[number]
        let member = state.resolve(Int(row.member))
        var event = WithdrawalFreed()
        if clawback { event.flags |= WithdrawalFreed.clawback }
        if let reason {
            event.flags |= WithdrawalFreed.hasReason
            event.reason = reason
        }
        event.withdrawal = LogPosition(state.withdrawalPositions[number])
        event.user = UserNumber(state.members[member].user)
        event.asset = AssetNumber(rawValue: row.asset)
        (event.toAvailable, event.toReceivable) = state.credit(amount, member, event.asset)
        noteReturned(number, amount, repaying: event.toReceivable, at: moment, state)
        if amount < row.amount {
            state.emit(.withdrawalReduced(event), at: moment, &out)
        } else {
            switch decision {
            case .reject: state.emit(.withdrawalRejected(event), at: moment, &out)
            case nil: state.emit(.withdrawalExpired(event), at: moment, &out)
            default: state.emit(.withdrawalCancelled(event), at: moment, &out)
            }
        }
    }

    // MARK: Legs of a payment

    /// Reverses what the legs of a payment still owe after more of it was taken back. Called after the event
    /// that says so.
    func reverseLegs(
        of payment: Int, before: Int64, holder: Int?, at moment: Timestamp, _ state: inout CoreState,
        _ out: inout RecordBuilder, _ now: Case
    ) throws(LogError) {
        let stored = try state.storedPayment(payment)
        let (paid, asset, paidAt, position) = (
            stored.payment.amount, stored.payment.asset, stored.occurredAt, stored.position
        )
        let rounding = try state.rounding(of: stored.envelope)
        let counted = state.counted(payment)
        for leg in try state.legs(of: payment) {
            let key = state.legNumber(payment, leg.level).map { RewardKey.leg($0) }
            // Both products fit: a leg and what is taken back are at most the payment.
            let target = rounding.share(leg.amount, numerator: counted, denominator: paid)!
            let soFar =
                key.map { state.reward($0).reversed + state.reward($0).revoked }
                ?? rounding.share(leg.amount, numerator: before, denominator: paid)!
            // Of a leg that expired or was revoked in part no more than is left can go.
            let due = min(target - soFar, key.map { state.reward($0).standing } ?? leg.amount)
            guard due > 0 else { continue }
            try reverse(
                leg, due, key, of: position, payment: payment, asset, earnedAt: paidAt, holder: holder,
                revoked: false, at: moment, &state, &out, now)
        }
    }

    /// Takes an amount of one leg back.
    func reverse(
        _ leg: StoredLeg, _ amount: Int64, _ key: RewardKey?, of position: LogPosition, payment: Int,
        _ asset: AssetNumber, earnedAt: Timestamp, holder: Int?, revoked: Bool, at moment: Timestamp,
        _ state: inout CoreState, _ out: inout RecordBuilder, _ now: Case
    ) throws(LogError) {
        let member = state.holder(of: leg.beneficiary, out.envelope.programme)
        let matured = state.payments[payment].isMatured
        let taken = take(
            amount, of: key, matured: matured, member: member, asset: asset, holder: holder, at: moment,
            &state,
            &out, now)
        var event = CommissionReversed()
        if revoked { event.flags = CommissionReversed.revoked }
        event.level = leg.level
        event.payment = position
        event.beneficiary = UserNumber(state.members[member].user)
        event.asset = asset
        event.earnedAt = earnedAt
        event.fromHeld = taken.fromHeld
        if taken.fromHeld > 0, let holder { event.heldBy = LogPosition(state.casePositions[holder]) }
        event.fromPending = taken.fromPending
        event.fromAvailable = taken.fromAvailable
        event.toReceivable = taken.toReceivable
        state.emit(.commissionReversed(event), at: moment, &out)
        try holdReturned(&state, &out)
    }

    /// Takes what is left of a grant back. Of used units a debt, where the policy says so; else nothing.
    func revoke(
        _ number: Int, _ reason: RevocationReason, holder: Int?, at moment: Timestamp,
        _ state: inout CoreState,
        _ out: inout RecordBuilder, _ now: Case
    ) throws(LogError) {
        if state.rewards[number].isQuarantined { try letOutToRevoke(number, at: moment, &state, &out) }
        let row = state.rewards[number]
        let asset = AssetNumber(rawValue: row.asset)
        guard !row.isRevoked, !row.isExpired || asset.isMoney, row.standing > 0 || !asset.isMoney
        else { return }
        let member = state.resolve(Int(row.member))
        let granted = try state.grantTime(number)
        var event = RewardRevoked()
        event.reward = LogPosition(state.rewardPositions[number])
        event.reason = reason.rawValue
        event.beneficiary = UserNumber(state.members[member].user)
        event.asset = asset
        event.earnedAt = granted
        if asset.isMoney {
            let taken = take(
                row.standing, of: .grant(number), matured: row.isMatured, member: member, asset: asset,
                holder: holder, at: moment, &state, &out, now)
            event.fromHeld = taken.fromHeld
            event.fromPending = taken.fromPending
            event.fromAvailable = taken.fromAvailable
            event.toReceivable = taken.toReceivable
            if taken.fromHeld > 0, let holder {
                event.flags |= RewardRevoked.ofCase
                event.heldBy = LogPosition(state.casePositions[holder])
            }
        } else {
            let owes = now.policy.policy.rewards.usedUnits == .owe
            if row.isClaimed && !owes { return }
            event.fromAvailable = row.isClaimed ? 0 : row.standing
            if owes {
                // What was used, or repaid a debt, is owed. What the user has of other grants goes first: nobody
                // owes and has at once.
                let due = row.reversed + (row.isClaimed ? row.standing : 0)
                let others = state.balance(member: member, asset: asset).available - event.fromAvailable
                event.fromAvailable += min(due, others)
                event.toReceivable = due - min(due, others)
            }
        }
        guard event.amount > 0 else { return }
        if event.fromHeld > 0 { event.flags |= RewardRevoked.held }
        if event.fromPending > 0 { event.flags |= RewardRevoked.pending }
        if event.fromAvailable > 0 { event.flags |= RewardRevoked.available }
        if event.toReceivable > 0 { event.flags |= RewardRevoked.owed }
        state.emit(.rewardRevoked(event), at: moment, &out)
        try holdReturned(&state, &out)
    }
}

extension CoreState {
    /// When a grant was made.
    func grantTime(_ number: Int) throws(LogError) -> Timestamp {
        let position = LogPosition(rewardPositions[number])
        var found = Timestamp(nanoseconds: 0)
        unsafe StoredRecord.walk(try record(holding: position)) { stored, _ in
            if stored.position == position { found = stored.occurredAt }
            return stored.position != position
        }
        return found
    }
}
