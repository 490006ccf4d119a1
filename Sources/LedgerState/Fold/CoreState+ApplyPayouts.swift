import LedgerDomain
import LedgerLog

/// Withdrawals, from request to settlement and back; checks of identity.
extension CoreState {
    mutating func applyWithdrawal(_ e: WithdrawalRequested, _ place: EventPlace) {
        guard let member = member(e.user, place) else { return }
        applyPostings(.withdrawalRequested(e), place)
        var row = WithdrawalRow()
        row.member = UInt32(member)
        row.asset = e.asset.rawValue
        row.state = WithdrawalState.requested.rawValue
        row.amount = e.amount
        row.requested = e.amount
        row.expiresAt = e.expiresAt.nanoseconds
        row.next = profile(member).firstWithdrawal
        let number = further.withdrawals.append(row)
        further.withdrawalPositions.append(place.position.rawValue)
        further.withdrawalIds.insert(
            hash(e.withdrawalId, space: IdSpace.withdrawal(place.programme)), number, &undo)
        let profile = unsafe editProfile(member)
        unsafe profile.pointee.firstWithdrawal = UInt32(number + 1)
        unsafe profile.pointee.openWithdrawals &+= 1
        reserveLots(of: member, e.asset, e.amount, in: number, place)
        if e.flags & WithdrawalRequested.expires != 0 {
            schedule(.withdrawal, number, at: e.expiresAt, place.programme)
        }
        noteFact(place)
    }

    /// The withdrawal whose `WithdrawalRequested` stands at a position.
    func withdrawalNumber(at position: LogPosition) -> Int? {
        guard let number = find(in: withdrawalPositions, notAfter: position.rawValue),
            withdrawalPositions[number] == position.rawValue
        else { return nil }
        return number
    }

    /// The withdrawal that an event names, in one of the states from which the event may come.
    private mutating func withdrawal(
        _ position: LogPosition, from states: [WithdrawalState], _ place: EventPlace
    ) -> Int? {
        guard let number = withdrawalNumber(at: position) else {
            fail("withdrawal.unknown", "no withdrawal stands at \(position)", place)
            return nil
        }
        guard states.contains(withdrawals[number].withdrawalState) else {
            fail(
                "withdrawal.state", "an impossible step from \(withdrawals[number].withdrawalState.name)",
                place)
            return nil
        }
        return number
    }

    private mutating func setState(_ number: Int, _ state: WithdrawalState) {
        let row = withdrawals[number]
        if row.withdrawalState.isUnsent, !state.isUnsent {
            unsafe editProfile(resolve(Int(row.member))).pointee.openWithdrawals &-= 1
        }
        unsafe further.withdrawals.edit(number, &undo).pointee.state = state.rawValue
    }

    mutating func applyApproved(_ e: WithdrawalApproved, _ place: EventPlace) {
        guard let number = withdrawal(e.withdrawal, from: [.requested, .partlyApproved], place) else {
            return
        }
        setState(number, e.flags & WithdrawalApproved.final != 0 ? .approved : .partlyApproved)
        mark(.decided, number, place)
    }

    /// Reduced, rejected, cancelled, expired: money goes back.
    mutating func applyFreed(
        _ e: WithdrawalFreed, to state: WithdrawalState?, _ event: Event, _ place: EventPlace
    ) {
        guard let number = withdrawal(e.withdrawal, from: [.requested, .partlyApproved, .approved], place),
            let member = member(e.user, place)
        else { return }
        let row = withdrawals[number]
        guard state == nil ? e.amount < row.amount : e.amount == row.amount,
            resolve(Int(row.member)) == member, row.asset == e.asset.rawValue
        else { return fail("withdrawal.amount", "\(e.amount) of \(row.amount) goes back", place) }
        applyPostings(event, place)
        returnLots(of: number, to: member, e.asset, e.amount, repaying: e.toReceivable, place)
        unsafe further.withdrawals.edit(number, &undo).pointee.amount &-= e.amount
        if let state { setState(number, state) }
        if e.flags & WithdrawalFreed.clawback == 0, state != .expired { mark(.decided, number, place) }
    }

    mutating func applySent(_ e: PayoutSent, _ place: EventPlace) {
        guard let number = withdrawal(e.withdrawal, from: [.approved], place) else { return }
        guard e.net <= withdrawals[number].amount else {
            return fail("payout.net", "more is sent than was reserved", place)
        }
        applyPostings(.payoutSent(e), place)
        setState(number, .sent)
        unsafe further.withdrawals.edit(number, &undo).pointee.provider = e.provider.rawValue
        mark(.sent, number, place)
        noteFact(place)
    }

    /// Tax or fee of what was just sent.
    mutating func applyCharge(
        _ position: LogPosition, _ amount: Int64, isTax: Bool, _ event: Event, _ place: EventPlace
    ) {
        guard let number = withdrawal(position, from: [.sent], place) else { return }
        applyPostings(event, place)
        let row = unsafe further.withdrawals.edit(number, &undo)
        if isTax { unsafe row.pointee.tax &+= amount } else { unsafe row.pointee.fee &+= amount }
        if unsafe row.pointee.tax &+ row.pointee.fee >= row.pointee.amount {
            fail("payout.net", "tax and fee are more than was reserved", place)
        }
    }

    mutating func applySettled(_ e: PayoutSettled, _ place: EventPlace) {
        guard let number = withdrawal(e.withdrawal, from: [.sent], place) else { return }
        let row = withdrawals[number]
        guard e.net == row.amount &- row.tax &- row.fee, e.provider.rawValue == row.provider else {
            return fail("payout.net", "what settles is not what was sent", place)
        }
        applyPostings(.payoutSettled(e), place)
        setState(number, .settled)
        mark(.settled, number, place)
        noteFact(place)
    }

    mutating func applyPayoutBack(_ e: PayoutBack, isReturn: Bool, _ event: Event, _ place: EventPlace) {
        guard let number = withdrawal(e.withdrawal, from: [isReturn ? .settled : .sent], place),
            let member = member(e.user, place)
        else { return }
        let row = withdrawals[number]
        guard e.tax == row.tax, e.fee == row.fee, e.amount == row.amount, e.provider.rawValue == row.provider,
            resolve(Int(row.member)) == member
        else { return fail("payout.net", "what comes back is not what was sent", place) }
        applyPostings(event, place)
        returnLots(of: number, to: member, e.asset, e.amount, repaying: e.toReceivable, place)
        setState(number, isReturn ? .returned : .failed)
        mark(isReturn ? .returned : .payoutFailed, number, place)
        noteFact(place)
    }

    // MARK: Identity

    mutating func applyKyc(_ e: KycDecided, _ place: EventPlace) {
        guard let member = member(e.user, place) else { return }
        if e.flags & KycDecided.approved != 0 {
            let row = unsafe editProfile(member)
            unsafe row.pointee.kycLevel = e.level
            unsafe row.pointee.kycUntil = e.expiresAt.nanoseconds
            mark(.kycApproved, member, place)
            if e.flags & KycDecided.expires != 0 { schedule(.kyc, member, at: e.expiresAt, place.programme) }
        }
        noteFact(place)
    }

    mutating func applyKycExpired(_ e: KycExpired, _ place: EventPlace) {
        guard let member = member(e.user, place) else { return }
        guard profile(member).kycLevel > 0 else { return fail("kyc.expired", "nothing was approved", place) }
        unsafe editProfile(member).pointee.kycLevel = 0
    }
}
