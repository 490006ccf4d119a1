import LedgerDomain
import LedgerLog

/// Corrections: what was granted wrongly becomes what it should have been. Source: Documentation/repair.md.
extension CoreState {
    mutating func applyCorrection(_ e: CorrectionApplied, _ place: EventPlace) {
        switch e.correctionKind {
        case .proposal: noteFact(place)
        // What it says is what the grants after it add up to.
        case .grant: _ = member(e.beneficiary, place)
        case .commission: correctLeg(e, place)
        case .revocation: correctGrant(e, place)
        case nil: fail("correction.kind", "a correction of kind \(e.kind)", place)
        }
    }

    private mutating func correctLeg(_ e: CorrectionApplied, _ place: EventPlace) {
        guard let payment = paymentNumber(at: e.reward), let member = member(e.beneficiary, place) else {
            return fail("correction.payment", "a correction of no payment", place)
        }
        guard let number = correctedLeg(payment, member, e, place) else { return }
        let key = RewardKey.leg(number)
        let row = legs[number]
        let matured = payments[payment].isMatured
        let changes = (e.granted &- e.reversed &- e.revoked) &- row.standing
        let isOther = resolve(Int(row.member)) != member
        guard matured == (e.flags & CorrectionApplied.matured != 0), e.change == changes,
            e.granted >= e.reversed &+ e.revoked, !e.isTaking || e.pending <= max(0, row.pendingPart),
            e.isTaking || e.held == 0, matured || e.isTaking || e.available &+ e.receivable == 0,
            !isOther || row.standing == 0 && row.held == 0
        else {
            return fail(
                "correction.amount", "a correction by \(e.change) of a commission that changes by \(changes)",
                place)
        }
        applyPostings(.correctionApplied(e), place)
        unsafe add(&editBalance(member, e.asset).pointee.earned, changes, place)
        countGrant(member, e.asset, changes, isGrant: changes > 0, at: e.earnedAt, place)
        if e.isTaking {
            consumeLots(of: member, e.asset, e.available, place)
            if e.held > 0 { unhold(key, e.held, first: nil, others: true, place) }
        }
        let edited = unsafe editReward(key)
        unsafe edited.pointee.member = UInt32(member)
        unsafe edited.pointee.granted = e.granted
        unsafe edited.pointee.reversed = e.reversed
        unsafe edited.pointee.revoked = e.revoked
        unsafe edited.pointee.state |= RewardRow.corrected
        guard !e.isTaking else { return }
        if e.pending > 0 {
            return schedule(
                .payment, payment, at: Timestamp(nanoseconds: row.maturesAt), place.programme)
        }
        var lot = lotKey(key)
        lot.left = e.available
        addLot(lot, to: member, e.asset)
    }

    /// The row of a leg that is corrected: made from the payment's record, or new where there was no leg.
    private mutating func correctedLeg(
        _ payment: Int, _ member: Int, _ e: CorrectionApplied, _ place: EventPlace
    ) -> Int? {
        if let key = makeLeg(payment, e.level, place) {
            guard legs[key.number].asset == e.asset.rawValue else {
                fail("correction.asset", "a correction in another asset than the commission's", place)
                return nil
            }
            return key.number
        }
        if fault != nil { return nil }
        guard e.flags & CorrectionApplied.made != 0, (try? storedPayment(payment))?.payment.asset == e.asset
        else {
            fail("correction.leg", "a correction of a commission that is not there", place)
            return nil
        }
        var row = RewardRow()
        row.member = UInt32(member)
        row.payment = UInt32(payment)
        row.asset = e.asset.rawValue
        row.level = e.level
        row.maturesAt = e.maturesAt.nanoseconds
        row.state = RewardRow.corrected
        if payments[payment].isMatured { row.state |= RewardRow.matured }
        row.next = payments[payment].extra.map { paymentExtras[$0].firstLeg } ?? 0
        let number = further.legs.append(row)
        unsafe editExtra(payment).pointee.firstLeg = UInt32(number + 1)
        return number
    }

    private mutating func correctGrant(_ e: CorrectionApplied, _ place: EventPlace) {
        guard let number = grantNumber(at: e.reward), let member = member(e.beneficiary, place) else {
            return fail("correction.grant", "no grant stands at \(e.reward)", place)
        }
        let key = RewardKey.grant(number)
        let row = rewards[number]
        guard row.asset == e.asset.rawValue, e.amount > 0, e.amount <= row.takeable, !row.isRevoked,
            resolve(Int(row.member)) == member, e.pending <= max(0, row.pendingPart),
            (e.flags & CorrectionApplied.ends != 0) == (e.amount == row.takeable),
            row.isClaimed || e.asset.isMoney || e.available >= min(e.amount, row.standing)
        else { return fail("correction.amount", "more is taken back than stands", place) }
        applyPostings(.correctionApplied(e), place)
        unsafe add(&editBalance(member, e.asset).pointee.earned, e.change, place)
        countGrant(member, e.asset, e.change, at: e.earnedAt, place)
        if e.asset.isMoney {
            consumeLots(of: member, e.asset, e.available, place)
            if e.held > 0 { unhold(key, e.held, first: nil, others: true, place) }
        }
        let edited = unsafe editReward(key)
        // Of units also what had repaid a debt may be owed again.
        let again = e.asset.isMoney ? 0 : max(0, e.amount &- row.standing)
        unsafe edited.pointee.reversed &-= again
        unsafe edited.pointee.revoked &+= e.amount
        if e.flags & CorrectionApplied.ends != 0 { unsafe edited.pointee.state |= RewardRow.revoked }
        if !e.asset.isMoney {
            let own = row.isClaimed ? 0 : min(e.amount, row.standing)
            repayFromGrants(of: member, e.asset, e.available &- own, place)
        }
    }

    /// Puts what corrections say over the legs that the payment's own record holds.
    func corrected(_ stored: [StoredLeg], of payment: Int) -> [StoredLeg] {
        guard let extra = payments[payment].extra else { return stored }
        var legs = stored
        var next = paymentExtras[extra].firstLeg
        while next != 0 {
            let row = self.legs[Int(next) - 1]
            next = row.next
            guard row.state & RewardRow.corrected != 0 else { continue }
            let index = legs.firstIndex { $0.level == row.level }
            let leg = StoredLeg(
                level: row.level, beneficiary: UserNumber(members[Int(row.member)].user),
                amount: row.granted,
                maturesAt: index.map { legs[$0].maturesAt } ?? Timestamp(nanoseconds: row.maturesAt))
            if let index { legs[index] = leg } else { legs.append(leg) }
        }
        return legs.sorted { $0.level < $1.level }
    }
}
