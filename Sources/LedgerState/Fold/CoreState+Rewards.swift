import LedgerDomain
import LedgerLog

/// Rows of rewards and of what holds them.
extension CoreState {
    /// A reward's row: of a grant, or of a leg that a case has touched.
    func reward(_ key: RewardKey) -> RewardRow { key.isLeg ? legs[key.number] : rewards[key.number] }

    /// Whether a reward has matured: the commissions of a payment do so together.
    func isMatured(_ key: RewardKey) -> Bool {
        key.isLeg ? payments[Int(legs[key.number].payment)].isMatured : rewards[key.number].isMatured
    }

    mutating func editReward(_ key: RewardKey) -> UnsafeMutablePointer<RewardRow> {
        if key.isLeg { return unsafe further.legs.edit(key.number, &undo) }
        return unsafe further.rewards.edit(key.number, &undo)
    }

    /// What an event names by (position, level); nil for a leg without a row.
    mutating func rewardKey(at position: LogPosition, level: UInt8) -> RewardKey? {
        if level == 0 { return grantNumber(at: position).map { .grant($0) } }
        guard let payment = paymentNumber(at: position) else { return nil }
        return legNumber(payment, level).map { .leg($0) }
    }

    /// The grant whose `RewardGranted` stands at a position. Cost: a binary search.
    func grantNumber(at position: LogPosition) -> Int? {
        guard let number = find(in: rewardPositions, notAfter: position.rawValue),
            rewardPositions[number] == position.rawValue
        else { return nil }
        return number
    }

    /// The row of a payment's leg; nil when no case has touched it.
    func legNumber(_ payment: Int, _ level: UInt8) -> Int? {
        guard let extra = payments[payment].extra else { return nil }
        var next = paymentExtras[extra].firstLeg
        while next != 0 {
            if legs[Int(next) - 1].level == level { return Int(next) - 1 }
            next = legs[Int(next) - 1].next
        }
        return nil
    }

    /// A payment's row of what few payments have; made when it is not there.
    mutating func editExtra(_ payment: Int) -> UnsafeMutablePointer<PaymentExtraRow> {
        if let extra = payments[payment].extra { return unsafe further.paymentExtras.edit(extra, &undo) }
        var row = PaymentExtraRow()
        row.payment = UInt32(payment)
        let number = further.paymentExtras.append(row)
        payments.setExtra(payment, number, &undo)
        return unsafe further.paymentExtras.edit(number, &undo)
    }

    /// What was taken back of a payment; minor units.
    func counted(_ payment: Int) -> Int64 {
        payments[payment].extra.map { paymentExtras[$0].counted } ?? 0
    }

    /// Makes a leg's row when a case first touches it. What refunds took so far follows from their sum.
    mutating func makeLeg(_ payment: Int, _ level: UInt8, _ place: EventPlace) -> RewardKey? {
        if let known = legNumber(payment, level) { return .leg(known) }
        do throws(LogError) {
            let stored = try storedPayment(payment)
            let (paid, envelope, asset) = (stored.payment.amount, stored.envelope, stored.payment.asset)
            let rounding = try rounding(of: envelope)
            guard let leg = try legs(of: payment).first(where: { $0.level == level }),
                let member = member(leg.beneficiary, place)
            else { return nil }
            var row = RewardRow()
            row.member = UInt32(member)
            row.payment = UInt32(payment)
            row.asset = asset.rawValue
            row.level = level
            row.granted = leg.amount
            row.reversed = rounding.share(leg.amount, numerator: counted(payment), denominator: paid) ?? 0
            row.maturesAt = leg.maturesAt.nanoseconds
            if payments[payment].isMatured { row.state = RewardRow.matured }
            row.next = payments[payment].extra.map { paymentExtras[$0].firstLeg } ?? 0
            let number = further.legs.append(row)
            unsafe editExtra(payment).pointee.firstLeg = UInt32(number + 1)
            return .leg(number)
        } catch {
            fail("reward.leg", error.message, place)
            return nil
        }
    }

    /// The row of what an event names; a leg's is made when it is not there.
    mutating func ensureReward(
        _ position: LogPosition, _ level: UInt8, _ place: EventPlace
    ) -> RewardKey? {
        var key = rewardKey(at: position, level: level)
        if key == nil, level > 0, let payment = paymentNumber(at: position) {
            key = makeLeg(payment, level, place)
        }
        if key == nil { fail("reward.unknown", "no reward stands at \(position)", place) }
        return key
    }

    /// The lot that a reward is, once matured.
    func lotKey(_ key: RewardKey) -> LotRow {
        let row = reward(key)
        var lot = LotRow()
        lot.kind = key.isLeg ? LotRow.leg : LotRow.grant
        lot.number = key.isLeg ? row.payment : UInt32(key.number)
        lot.level = row.level
        lot.maturesAt = row.maturesAt
        return lot
    }

    /// The lot of a leg that may have no row.
    func lotKey(payment: Int, level: UInt8, maturesAt: Int64) -> LotRow {
        var lot = LotRow()
        lot.kind = LotRow.leg
        lot.number = UInt32(payment)
        lot.level = level
        lot.maturesAt = maturesAt
        return lot
    }

    /// The case that an event opened.
    func caseNumber(at position: LogPosition) -> Int? {
        guard let number = find(in: casePositions, notAfter: position.rawValue),
            casePositions[number] == position.rawValue
        else { return nil }
        return number
    }

    /// Whether a case holds something of a payment's legs.
    func holdsOfLegs(_ payment: Int) -> Bool {
        guard let extra = payments[payment].extra else { return false }
        var next = paymentExtras[extra].firstLeg
        while next != 0 {
            if legs[Int(next) - 1].held > 0 { return true }
            next = legs[Int(next) - 1].next
        }
        return false
    }

    /// Ended cases that still hold something.
    var releasingCount: Int { globals.count == 0 ? 0 : Int(globals[0].releasing) }

    // MARK: Holds

    mutating func applyHeld(_ e: RewardHeld, _ place: EventPlace) {
        guard let key = ensureReward(e.reward, e.level, place), let member = member(e.user, place) else {
            return
        }
        guard let holder = caseNumber(at: e.heldBy), cases[holder].isOpen else {
            return fail("hold.case", "no open case was opened at \(e.heldBy)", place)
        }
        let row = reward(key)
        let matured = e.flags & RewardHeld.matured != 0
        guard matured == isMatured(key), e.amount <= row.pendingPart,
            resolve(Int(row.member)) == member
        else { return fail("hold.amount", "more is held than is left of the reward", place) }
        applyPostings(.rewardHeld(e), place)
        if matured { reduceLot(lotKey(key), of: member, e.asset, by: e.amount, place) }
        var hold = HoldRow()
        hold.of = UInt32(holder)
        hold.reward = key.raw
        hold.amount = e.amount
        let number = UInt32(further.holds.append(hold) + 1)
        let of = unsafe further.cases.edit(holder, &undo)
        unsafe of.pointee.holds &+= 1
        let lastOfCase = unsafe of.pointee.lastHold
        unsafe of.pointee.lastHold = number
        if lastOfCase == 0 {
            unsafe of.pointee.firstHold = number
        } else {
            unsafe further.holds.edit(Int(lastOfCase) - 1, &undo).pointee.nextOfCase = number
        }
        let held = unsafe editReward(key)
        unsafe held.pointee.held &+= e.amount
        let lastOfReward = unsafe held.pointee.lastHold
        unsafe held.pointee.lastHold = number
        if lastOfReward == 0 {
            unsafe held.pointee.firstHold = number
        } else {
            unsafe further.holds.edit(Int(lastOfReward) - 1, &undo).pointee.nextOfReward = number
        }
    }

    /// What a case holds of a reward; minor units.
    func held(_ key: RewardKey, by holder: Int?) -> Int64 {
        var sum: Int64 = 0
        var next = reward(key).firstHold
        while next != 0 {
            let hold = holds[Int(next) - 1]
            if holder == nil || Int(hold.of) == holder! { sum &+= hold.amount }
            next = hold.nextOfReward
        }
        return sum
    }

    /// Takes from a reward's holds: those of the case first, then, where others may be used, the oldest first.
    /// - Parameter setAside: A quarantine takes it: each hold remembers its part.
    mutating func unhold(
        _ key: RewardKey, _ amount: Int64, first holder: Int?, others: Bool, setAside: Bool = false,
        _ place: EventPlace
    ) {
        var rest = amount
        for pass in 0..<2 where rest > 0 && (pass == 0 ? holder != nil : others) {
            var next = reward(key).firstHold
            while next != 0, rest > 0 {
                let hold = holds[Int(next) - 1]
                defer { next = hold.nextOfReward }
                guard hold.amount > 0, pass == 1 || Int(hold.of) == holder! else { continue }
                let part = min(rest, hold.amount)
                let row = unsafe further.holds.edit(Int(next) - 1, &undo)
                unsafe row.pointee.amount -= part
                if setAside { unsafe row.pointee.quarantined += part }
                rest -= part
                guard part == hold.amount else { continue }
                let of = unsafe further.cases.edit(Int(hold.of), &undo)
                unsafe of.pointee.holds &-= 1
                if unsafe of.pointee.holds == 0 && of.pointee.state != CaseRow.open {
                    unsafe further.globals.edit(0, &undo).pointee.releasing &-= 1
                }
            }
        }
        if rest > 0 { return fail("hold.amount", "more is taken from holds than they hold", place) }
        unsafe editReward(key).pointee.held &-= amount
    }

    /// A case is over; while it still holds something, `advance` goes on with it.
    mutating func endCase(_ number: Int, _ state: UInt8, _ place: EventPlace) {
        let row = unsafe further.cases.edit(number, &undo)
        unsafe row.pointee.state = state
        if unsafe row.pointee.holds > 0 { unsafe further.globals.edit(0, &undo).pointee.releasing &+= 1 }
        mark(.caseEnded, number, place)
    }

    mutating func applyReleased(_ e: RewardReleased, _ place: EventPlace) {
        guard let key = ensureReward(e.reward, e.level, place), let member = member(e.user, place),
            let holder = caseNumber(at: e.heldBy)
        else { return fail("hold.case", "no case was opened at \(e.heldBy)", place) }
        guard isMatured(key) == (e.flags & RewardReleased.matured != 0) else {
            return fail("hold.matured", "a release goes to pending before maturity only", place)
        }
        applyPostings(.rewardReleased(e), place)
        unhold(key, e.toPending &+ e.toAvailable &+ e.toReceivable, first: holder, others: false, place)
        var lot = lotKey(key)
        lot.left = e.toAvailable
        addLot(lot, to: member, e.asset)
        if !key.isLeg { scheduleExpiry(key.number, place) }
    }

    /// Something of a grant is there again whose end may have passed meanwhile: it is due.
    mutating func scheduleExpiry(_ number: Int, _ place: EventPlace) {
        // Of units all expires at once. Of money a case may have held a part that is there only now.
        let row = rewards[number]
        guard !row.isExpired || AssetNumber(rawValue: row.asset).isMoney, let end = try? grantExpiry(number),
            end.nanoseconds != .max
        else {
            return
        }
        schedule(.grantExpiry, number, at: end, place.programme)
    }

    // MARK: Taking back

    mutating func applyReversal(_ e: CommissionReversed, _ place: EventPlace) {
        let isRevoked = e.flags & CommissionReversed.revoked != 0
        guard let payment = paymentNumber(at: e.payment) else {
            return fail("reversal.payment", "a reversal of no payment", place)
        }
        var key = legNumber(payment, e.level).map { RewardKey.leg($0) }
        if key == nil, isRevoked || e.fromHeld > 0 { key = makeLeg(payment, e.level, place) }
        guard let member = member(e.beneficiary, place), e.amount > 0 else { return }
        if let key {
            let row = reward(key)
            guard e.amount <= row.standing, e.fromPending <= max(0, row.pendingPart) else {
                return fail("reversal.amount", "more is taken back than was granted", place)
            }
        }
        applyPostings(.commissionReversed(e), place)
        unsafe add(&editBalance(member, e.asset).pointee.earned, 0 &- e.amount, place)
        consumeLots(of: member, e.asset, e.fromAvailable, place)
        countGrant(member, e.asset, 0 &- e.amount, at: e.earnedAt, place)
        guard let key else { return }
        if e.fromHeld > 0 {
            let holder = e.heldBy == .start ? nil : caseNumber(at: e.heldBy)
            unhold(key, e.fromHeld, first: holder, others: true, place)
        }
        let row = unsafe editReward(key)
        if isRevoked {
            unsafe row.pointee.revoked &+= e.amount
        } else {
            unsafe row.pointee.reversed &+= e.amount
        }
    }

    mutating func applyRestored(_ e: CommissionRestored, _ place: EventPlace) {
        guard let member = member(e.beneficiary, place), let payment = paymentNumber(at: e.payment) else {
            return fail("restored.payment", "a restored commission of no payment", place)
        }
        let matured = e.flags & CommissionRestored.matured != 0
        let key = legNumber(payment, e.level).map { RewardKey.leg($0) }
        guard matured == payments[payment].isMatured, e.amount > 0,
            key == nil || reward(key!).reversed >= e.amount
        else { return fail("restored.amount", "more is restored than was reversed", place) }
        applyPostings(.commissionRestored(e), place)
        unsafe add(&editBalance(member, e.asset).pointee.earned, e.amount, place)
        countGrant(member, e.asset, e.amount, at: e.earnedAt, place)
        if let key { unsafe editReward(key).pointee.reversed -= e.amount }
        do throws(LogError) {
            guard let leg = try legs(of: payment).first(where: { $0.level == e.level }) else { return }
            // Its day may have passed while nothing was left of it.
            if e.toPending > 0 { return schedule(.payment, payment, at: leg.maturesAt, place.programme) }
            var lot = lotKey(payment: payment, level: e.level, maturesAt: leg.maturesAt.nanoseconds)
            lot.left = e.toAvailable
            addLot(lot, to: member, e.asset)
        } catch {
            fail("restored.leg", error.message, place)
        }
    }

    mutating func applyRevoked(_ e: RewardRevoked, _ place: EventPlace) {
        guard let number = grantNumber(at: e.reward), let member = member(e.beneficiary, place) else {
            return fail("reward.unknown", "no grant stands at \(e.reward)", place)
        }
        let key = RewardKey.grant(number)
        let row = reward(key)
        guard !row.isRevoked,
            e.asset.isMoney
                ? e.amount <= row.standing : !row.isExpired && e.amount <= row.standing + row.reversed
        else {
            return fail("reward.revoked", "more is revoked than was granted", place)
        }
        applyPostings(.rewardRevoked(e), place)
        unsafe add(&editBalance(member, e.asset).pointee.earned, 0 &- e.amount, place)
        countGrant(member, e.asset, 0 &- e.amount, at: e.earnedAt, place)
        if e.asset.isMoney {
            consumeLots(of: member, e.asset, e.fromAvailable, place)
            if e.fromHeld > 0 {
                let holder = e.heldBy == .start ? nil : caseNumber(at: e.heldBy)
                unhold(key, e.fromHeld, first: holder, others: true, place)
            }
        }
        let edited = unsafe editReward(key)
        // Of units also what had repaid a debt may be owed again.
        let again = e.asset.isMoney ? 0 : max(0, e.amount &- row.standing)
        unsafe edited.pointee.reversed &-= again
        unsafe edited.pointee.revoked &+= e.amount
        unsafe edited.pointee.state |= RewardRow.revoked
        if !e.asset.isMoney {
            repayFromGrants(
                of: member, e.asset, e.fromAvailable &- (row.isClaimed ? 0 : row.standing), place)
        }
    }

    /// Used units that are owed are taken from the user's other grants, the oldest first.
    mutating func repayFromGrants(
        of member: Int, _ asset: AssetNumber, _ amount: Int64, _ place: EventPlace
    ) {
        var numbers: [Int] = []
        var next = profile(member).firstReward
        while next != 0 {
            let row = rewards[Int(next) - 1]
            if row.asset == asset.rawValue, !row.isClaimed, !row.isExpired {
                numbers.append(Int(next) - 1)
            }
            next = row.next
        }
        var rest = amount
        for number in numbers.sorted() where rest > 0 {
            let part = min(rest, rewards[number].standing)
            unsafe further.rewards.edit(number, &undo).pointee.reversed &+= part
            rest -= part
        }
        if rest > 0 { fail("reward.units", "a user's grants hold less than what is claimable", place) }
    }
}
