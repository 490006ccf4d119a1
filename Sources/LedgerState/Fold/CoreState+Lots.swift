import LedgerDomain
import LedgerLog

/// What available balances are made of. Source: Documentation/rules.md, "Lots".
extension CoreState {
    /// The ends of a list of lots; row numbers + 1.
    struct LotList {
        var first: UInt32
        var last: UInt32
    }

    func lots(of member: Int, _ asset: AssetNumber) -> LotList {
        let profile = profile(member)
        if money(of: member).takes(asset) {
            return LotList(first: profile.firstLot, last: profile.lastLot)
        }
        var next = profile.extraAccount
        while next != 0 {
            let account = accounts[Int(next) - 1]
            if account.asset == asset.rawValue {
                return LotList(first: account.firstLot, last: account.lastLot)
            }
            next = account.next
        }
        return LotList(first: 0, last: 0)
    }

    private mutating func setLots(of member: Int, _ asset: AssetNumber, _ list: LotList) {
        // Makes the balance, and with it the account, where there was none.
        _ = unsafe editBalance(member, asset)
        if money(of: member).takes(asset) {
            let profile = unsafe editProfile(member)
            unsafe profile.pointee.firstLot = list.first
            unsafe profile.pointee.lastLot = list.last
            return
        }
        var next = profile(member).extraAccount
        while next != 0 {
            if accounts[Int(next) - 1].asset == asset.rawValue {
                let account = unsafe further.accounts.edit(Int(next) - 1, &undo)
                unsafe account.pointee.firstLot = list.first
                unsafe account.pointee.lastLot = list.last
                return
            }
            next = accounts[Int(next) - 1].next
        }
    }

    /// The order of lots: when they matured, then where the log made them.
    private func precedes(_ a: LotRow, _ b: LotRow) -> Bool {
        if a.maturesAt != b.maturesAt { return a.maturesAt < b.maturesAt }
        let (x, y) = (position(of: a), position(of: b))
        return x != y ? x < y : a.level < b.level
    }

    private func position(of lot: LotRow) -> UInt64 {
        switch lot.kind {
        case LotRow.leg: paymentPositions[Int(lot.number)]
        case LotRow.grant: rewardPositions[Int(lot.number)]
        default: creditPositions[Int(lot.number)]
        }
    }

    private mutating func makeLot(_ lot: LotRow) -> UInt32 {
        var lot = lot
        lot.next = 0
        let free = globals[0].freeLot
        if free == 0 { return UInt32(further.lots.append(lot) + 1) }
        unsafe further.globals.edit(0, &undo).pointee.freeLot = lots[Int(free) - 1].next
        let row = unsafe further.lots.edit(Int(free) - 1, &undo)
        lot.undo = unsafe row.pointee.undo
        unsafe row.pointee = lot
        return free
    }

    private mutating func freeLot(_ number: UInt32) {
        let next = globals[0].freeLot
        let row = unsafe further.lots.edit(Int(number) - 1, &undo)
        var empty = LotRow()
        empty.undo = unsafe row.pointee.undo
        empty.next = next
        unsafe row.pointee = empty
        unsafe further.globals.edit(0, &undo).pointee.freeLot = number
    }

    /// Adds to what is available. Cost: nothing where it is the latest; else a walk over the user's lots.
    mutating func addLot(_ lot: LotRow, to member: Int, _ asset: AssetNumber) {
        guard lot.left > 0 else { return }
        var list = lots(of: member, asset)
        if list.last != 0 {
            let last = lots[Int(list.last) - 1]
            if last.isSame(lot) {
                unsafe further.lots.edit(Int(list.last) - 1, &undo).pointee.left &+= lot.left
                return
            }
            if !precedes(lot, last) {
                let number = makeLot(lot)
                unsafe further.lots.edit(Int(list.last) - 1, &undo).pointee.next = number
                list.last = number
                return setLots(of: member, asset, list)
            }
        }
        insert(lot, into: &list)
        setLots(of: member, asset, list)
    }

    private mutating func insert(_ lot: LotRow, into list: inout LotList) {
        var before: UInt32 = 0
        var next = list.first
        while next != 0 {
            let row = lots[Int(next) - 1]
            if row.isSame(lot) {
                unsafe further.lots.edit(Int(next) - 1, &undo).pointee.left &+= lot.left
                return
            }
            if precedes(lot, row) { break }
            before = next
            next = row.next
        }
        let number = makeLot(lot)
        unsafe further.lots.edit(Int(number) - 1, &undo).pointee.next = next
        if before == 0 {
            list.first = number
        } else {
            unsafe further.lots.edit(Int(before) - 1, &undo).pointee.next = number
        }
        if next == 0 { list.last = number }
    }

    /// Uses up what is available, from the front.
    mutating func consumeLots(of member: Int, _ asset: AssetNumber, _ amount: Int64, _ place: EventPlace) {
        var list = lots(of: member, asset)
        let taken = take(amount, from: &list, place)
        setLots(of: member, asset, list)
        for lot in taken { freeLot(lot) }
    }

    /// Takes an amount off the front of a list; the last lot is split. The numbers of the lots taken, in order;
    /// they are in no list.
    private mutating func take(_ amount: Int64, from list: inout LotList, _ place: EventPlace) -> [UInt32] {
        var rest = amount
        var taken: [UInt32] = []
        while rest > 0 {
            guard list.first != 0 else {
                fail("lots.balance", "a user's lots are less than what is available", place)
                return taken
            }
            let row = lots[Int(list.first) - 1]
            if row.left <= rest {
                rest -= row.left
                taken.append(list.first)
                list.first = row.next
                if list.first == 0 { list.last = 0 }
            } else {
                unsafe further.lots.edit(Int(list.first) - 1, &undo).pointee.left -= rest
                var part = row
                part.left = rest
                taken.append(makeLot(part))
                rest = 0
            }
        }
        return taken
    }

    /// Moves an amount from the front of a user's lots into a withdrawal.
    mutating func reserveLots(
        of member: Int, _ asset: AssetNumber, _ amount: Int64, in withdrawal: Int, _ place: EventPlace
    ) {
        var list = lots(of: member, asset)
        let taken = take(amount, from: &list, place)
        setLots(of: member, asset, list)
        chain(taken, in: withdrawal)
    }

    private mutating func chain(_ numbers: [UInt32], in withdrawal: Int) {
        for (i, number) in numbers.enumerated() {
            unsafe further.lots.edit(Int(number) - 1, &undo).pointee.next =
                i + 1 < numbers.count ? numbers[i + 1] : 0
        }
        let row = unsafe further.withdrawals.edit(withdrawal, &undo)
        unsafe row.pointee.firstLot = numbers.first ?? 0
        unsafe row.pointee.lastLot = numbers.last ?? 0
    }

    /// Gives a part of a withdrawal's lots back to its user: the last ones, of which the front repays a debt.
    /// What came from a grant whose time has run out meanwhile is a fresh lot: it was asked for in time, and
    /// whether anything was left to expire then, or `advance` has said so yet, is another matter.
    mutating func returnLots(
        of withdrawal: Int, to member: Int, _ asset: AssetNumber, _ amount: Int64, repaying debt: Int64,
        _ place: EventPlace
    ) {
        let row = withdrawals[withdrawal]
        var numbers: [UInt32] = []
        var sum: Int64 = 0
        var next = row.firstLot
        while next != 0 {
            numbers.append(next)
            sum &+= lots[Int(next) - 1].left
            next = lots[Int(next) - 1].next
        }
        guard sum >= amount else { return fail("lots.withdrawal", "more comes back than went out", place) }
        var list = LotList(first: row.firstLot, last: row.lastLot)
        let stays = take(sum - amount, from: &list, place)
        chain(stays, in: withdrawal)
        for lot in take(debt, from: &list, place) { freeLot(lot) }
        var fresh: Int64 = 0
        while list.first != 0 {
            let number = list.first
            let lot = lots[Int(number) - 1]
            list.first = lot.next
            freeLot(number)
            if lot.kind == LotRow.grant, hasRunOut(Int(lot.number), at: place.occurredAt) {
                fresh &+= lot.left
            } else {
                addLot(lot, to: member, asset)
                if lot.kind == LotRow.grant { scheduleExpiry(Int(lot.number), place) }
            }
        }
        addCredit(fresh, to: member, asset, place)
    }

    /// Whether a grant's time is over at a moment, whether or not `advance` has said so.
    private func hasRunOut(_ number: Int, at moment: Timestamp) -> Bool {
        if rewards[number].isExpired { return true }
        guard let end = try? grantExpiry(number) else { return false }
        return end <= moment
    }

    /// A lot of its own for money that is no matured reward.
    mutating func addCredit(_ amount: Int64, to member: Int, _ asset: AssetNumber, _ place: EventPlace) {
        guard amount > 0 else { return }
        var lot = LotRow()
        lot.kind = LotRow.credit
        lot.number = UInt32(creditPositions.count)
        lot.left = amount
        lot.maturesAt = place.occurredAt.nanoseconds
        further.creditPositions.append(place.position.rawValue)
        addLot(lot, to: member, asset)
    }

    /// What is left of a matured reward. Cost: a walk over the user's lots.
    func lotLeft(of key: LotRow, _ member: Int, _ asset: AssetNumber) -> Int64 {
        var next = lots(of: member, asset).first
        while next != 0 {
            let row = lots[Int(next) - 1]
            if row.isSame(key) { return row.left }
            next = row.next
        }
        return 0
    }

    /// Takes an amount out of one lot: it is held, or has expired.
    mutating func reduceLot(
        _ key: LotRow, of member: Int, _ asset: AssetNumber, by amount: Int64, _ place: EventPlace
    ) {
        guard amount > 0 else { return }
        var list = lots(of: member, asset)
        var before: UInt32 = 0
        var next = list.first
        while next != 0 {
            let row = lots[Int(next) - 1]
            if row.isSame(key) { break }
            before = next
            next = row.next
        }
        guard next != 0, lots[Int(next) - 1].left >= amount else {
            return fail("lots.left", "more is taken of a reward than is left of it", place)
        }
        unsafe further.lots.edit(Int(next) - 1, &undo).pointee.left -= amount
        let row = lots[Int(next) - 1]
        guard row.left == 0 else { return }
        if before == 0 {
            list.first = row.next
        } else {
            unsafe further.lots.edit(Int(before) - 1, &undo).pointee.next = row.next
        }
        if row.next == 0 { list.last = before }
        freeLot(next)
        setLots(of: member, asset, list)
    }

    /// All lots of a user go to another, but for a part at the front that repays a debt there.
    mutating func mergeLots(
        from member: Int, to other: Int, _ asset: AssetNumber, repaying debt: Int64, _ place: EventPlace
    ) {
        if debt > 0 { consumeLots(of: member, asset, debt, place) }
        var next = lots(of: member, asset).first
        if next == 0 { return }
        setLots(of: member, asset, LotList(first: 0, last: 0))
        while next != 0 {
            let lot = lots[Int(next) - 1]
            freeLot(next)
            next = lot.next
            addLot(lot, to: other, asset)
        }
    }

    /// A user's lots, first to be used first.
    public func lotRows(of member: Int, _ asset: AssetNumber) -> [LotRow] {
        var out: [LotRow] = []
        var next = lots(of: member, asset).first
        while next != 0 {
            out.append(lots[Int(next) - 1])
            next = lots[Int(next) - 1].next
        }
        return out
    }
}
