import CPlatform
import LedgerDomain
import LedgerLog

/// What readers may see: the state as of the last group on disk, whatever the writer is doing.
extension CoreState {
    /// A user's number by id.
    public func visibleUser(_ id: BorrowedText) throws(LogError) -> Int? {
        guard let number = try findUser(id), number < users.visibleCount(flight) else { return nil }
        return number
    }

    /// A user's member number in a programme.
    public func visibleMember(of user: Int, in programme: ProgrammeNumber) -> Int? {
        guard let number = member(of: user, in: programme), number < members.visibleCount(flight) else {
            return nil
        }
        return number
    }

    public func visibleRow(member: Int) -> MemberRow? { members.visible(member, undo, flight) }
    public func visibleRow(user: Int) -> UserRow? {
        user < users.visibleCount(flight) ? unsafe users.peek(user).pointee : nil
    }
    public func visibleRow(code: Int) -> CodeRow? { codes.visible(code, undo, flight) }
    public func visibleRow(extra: Int) -> PaymentExtraRow? { paymentExtras.visible(extra, undo, flight) }
    public func visibleRow(parked number: Int) -> ParkedRow? { parked.visible(number, undo, flight) }
    public func visibleRow(programme: Int) -> ProgrammeRow? { programmes.visible(programme, undo, flight) }
    public func visibleRow(policy: Int) -> PolicyRow? { policies.visible(policy, undo, flight) }
    public func visibleRow(total: Int) -> TotalsRow? { totals.visible(total, undo, flight) }

    /// The policy version that rules a moment, among those that readers may see.
    public func visiblePolicy(_ programme: ProgrammeNumber, at moment: Timestamp) -> Int? {
        policyIndex(programme, at: moment, among: visiblePolicies)
    }

    /// How far an import has come, on disk.
    public func visibleImport(_ id: BorrowedText) throws(LogError) -> ImportRow? {
        try importNumber(id).flatMap { imports.visible($0, undo, flight) }
    }

    public var visibleUsers: Int { users.visibleCount(flight) }
    public var visibleMembers: Int { members.visibleCount(flight) }
    public var visibleCodes: Int { codes.visibleCount(flight) }
    public var visiblePayments: Int { payments.visibleCount(flight) }
    public var visibleRefunds: Int { refunds.visibleCount(flight) }
    public var visibleParked: Int { parked.visibleCount(flight) }
    public var visibleProgrammes: Int { programmes.visibleCount(flight) }
    public var visiblePolicies: Int { policies.visibleCount(flight) }
    public var visibleTotals: Int { totals.visibleCount(flight) }
    public var visibleWaiting: Int { Int(globals.visible(0, undo, flight)?.waiting ?? 0) }

    /// A member's profile; one of zeros when it has none.
    public func visibleProfile(member: Int) -> ProfileRow {
        guard let row = visibleRow(member: member), row.profile != 0 else { return ProfileRow() }
        return profiles.visible(Int(row.profile) - 1, undo, flight) ?? ProfileRow()
    }

    /// A member's balances, by asset: the first one it got first.
    public func visibleBalances(member: Int) -> [(asset: AssetNumber, balance: Balance)] {
        var out: [(asset: AssetNumber, balance: Balance)] = []
        let row = visibleMoney(of: member)
        if row.hasBalance { out.append((AssetNumber(rawValue: row.asset), row.balance)) }
        var further: [(asset: AssetNumber, balance: Balance)] = []
        var next = visibleProfile(member: member).extraAccount
        while next != 0 {
            guard let account = accounts.visible(Int(next) - 1, undo, flight) else { break }
            further.append((AssetNumber(rawValue: account.asset), account.balance))
            next = account.next
        }
        return out + further.reversed()
    }

    /// A member's balance of its first asset; one of zeros when it has had no money.
    func visibleMoney(of member: Int) -> MoneyRow { money.visible(member, undo, flight) ?? MoneyRow() }

    /// A member's balance in one asset. Cost: one row; three and one for each further asset before it, if it is not the first.
    public func visibleBalance(member: Int, asset: AssetNumber) -> Balance {
        let row = visibleMoney(of: member)
        if row.takes(asset) { return row.balance }
        var next = visibleProfile(member: member).extraAccount
        while next != 0 {
            guard let account = accounts.visible(Int(next) - 1, undo, flight) else { break }
            if account.asset == asset.rawValue { return account.balance }
            next = account.next
        }
        return Balance()
    }

    /// What a user has in one asset, and how much of it withdrawals have reserved; nil for an unknown user. A merged
    /// user's id answers for the user that goes on.
    ///
    /// Nearly always the two rows of one member say it all, and are the only ones that are read.
    public func visibleBalance(
        of id: BorrowedText, in programme: ProgrammeNumber, asset: AssetNumber
    ) throws(LogError) -> (balance: Balance, reserved: Int64)? {
        guard let user = try findUser(id) else { return nil }
        if case .none = flight, user < members.count {
            let row = unsafe members.peek(user)
            let money = unsafe user < money.count ? money.peek(user) : Self.noMoney
            if let balance = unsafe peekBalance(in: row, money, of: user, programme, asset) {
                return unsafe (balance.pointee, 0)
            }
        }
        guard user < users.visibleCount(flight), let own = visibleMember(of: user, in: programme) else {
            return nil
        }
        let member = visibleResolve(own)
        let reserved = visibleReserved(member: member).first { $0.asset == asset }?.amount ?? 0
        return (visibleBalance(member: member, asset: asset), reserved)
    }

    /// The balance of a user of whom two rows in memory say all, in a peek: nothing is changed on the way. Nil where they do
    /// not, or must not be asked: an unknown user, an id of more than 23 bytes, a merge, a further asset, an open withdrawal, a
    /// block not touched yet, damage, a group in flight. ``visibleBalance(of:in:asset:)`` answers then.
    ///
    /// Kept short: how many reads a processor has under way at once, each waiting for memory, depends on how many instructions
    /// one has.
    /// - Returns: a place that is to be read in the same peek.
    public func peekBalance(
        of id: BorrowedText, in programme: ProgrammeNumber, asset: AssetNumber
    ) -> UnsafePointer<Balance>? {
        guard case .none = flight, !isDamaged, !userIds.isAway, id.count <= TextTable.capacity else {
            return nil
        }
        let hash = hash(id, space: IdSpace.user)
        // Nearly always it is this one; what is loaded of the row is on its way while the id is compared.
        let first = userIds.glance(userIds.probe(hash))
        if let text = unsafe userTexts.loaded(first), let row = unsafe members.loaded(first),
            let money = unsafe loadedMoney(first)
        {
            unsafe platform_prefetch_read(row)
            unsafe platform_prefetch_read(money)
            unsafe platform_prefetch_read(UnsafeRawPointer(money) + MemoryLayout<MoneyRow>.stride - 1)
            if unsafe TextTable.isShort(id, text) {
                return unsafe peekBalance(in: row, money, of: first, programme, asset)
            }
        }
        return unsafe peekFurther(hash, id, programme, asset)
    }

    /// A row of zeros.
    private static var noMoney: UnsafePointer<MoneyRow> {
        unsafe UnsafeRawPointer(BlockArena.zeroBlock.base).assumingMemoryBound(to: MoneyRow.self)
    }

    /// A member's money, in a peek: as it stands in memory; zeros where it has had none.
    @inline(__always)
    private func loadedMoney(_ member: Int) -> UnsafePointer<MoneyRow>? {
        unsafe member < money.count ? money.loaded(member) : Self.noMoney
    }

    /// The balance of the user that a walk over entries in memory finds.
    @inline(never)
    private func peekFurther(
        _ hash: UInt64, _ id: BorrowedText, _ programme: ProgrammeNumber, _ asset: AssetNumber
    ) -> UnsafePointer<Balance>? {
        var probe = userIds.probe(hash)
        guard userIds.isLoaded(probe) else { return nil }
        while let candidate = userIds.next(&probe) {
            guard let text = unsafe userTexts.loaded(candidate) else { return nil }
            if unsafe !TextTable.isShort(id, text) { continue }
            guard let row = unsafe members.loaded(candidate), let money = unsafe loadedMoney(candidate) else {
                return nil
            }
            return unsafe peekBalance(in: row, money, of: candidate, programme, asset)
        }
        return nil
    }

    /// What rows say, and the profile beside them, in a peek or under the lock while nothing is in flight.
    @inline(__always)
    private func peekBalance(
        in row: UnsafePointer<MemberRow>, _ money: UnsafePointer<MoneyRow>, of user: Int,
        _ programme: ProgrammeNumber, _ asset: AssetNumber
    ) -> UnsafePointer<Balance>? {
        // Whether anything is not as usual, in one question. (Half of the users have no money yet, which nobody can foretell,
        // nor the processor: so a mask stands for a condition here. Their zeros are answered as they stand.)
        let member = unsafe row.pointee
        let unusual =
            unsafe member.profile | (member.user ^ UInt32(truncatingIfNeeded: user))
            | UInt32(member.programme ^ programme.rawValue) | UInt32(money.pointee.otherAsset(than: asset))
        if _slowPath(unusual != 0) { return unsafe peekUnusual(row, money, user, programme, asset) }
        return unsafe Self.balance(of: money)
    }

    /// The same of a member with a profile or another asset: its row's balance, if it is of this asset and no open withdrawal
    /// has any of it; zeros, if it has no profile.
    @inline(never)
    private func peekUnusual(
        _ row: UnsafePointer<MemberRow>, _ money: UnsafePointer<MoneyRow>, _ user: Int,
        _ programme: ProgrammeNumber, _ asset: AssetNumber
    ) -> UnsafePointer<Balance>? {
        let member = unsafe row.pointee
        guard member.user == UInt32(truncatingIfNeeded: user), member.programme == programme.rawValue else {
            return nil
        }
        let isOther = unsafe money.pointee.otherAsset(than: asset) != 0
        if member.profile == 0 { return unsafe Self.balance(of: isOther ? Self.noMoney : money) }
        // Further assets, and into whom a user was merged, stand elsewhere.
        guard unsafe !isOther && !member.isMerged && money.pointee.hasBalance,
            let profile = unsafe profiles.loaded(Int(member.profile) - 1),
            unsafe profile.pointee.openWithdrawals == 0
        else { return nil }
        return unsafe Self.balance(of: money)
    }

    @inline(__always)
    private static func balance(of row: UnsafePointer<MoneyRow>) -> UnsafePointer<Balance> {
        let place = unsafe UnsafeRawPointer(row) + MoneyRow.balanceOffset
        return unsafe place.assumingMemoryBound(to: Balance.self)
    }

    /// The direct referees of a member, oldest first: those of merged members too, and no merged ones.
    public func visibleChildren(of member: Int) -> [Int] {
        guard let row = visibleRow(member: member) else { return [] }
        var out: [Int] = []
        var next = row.firstChild
        while next != 0 {
            guard let row = visibleRow(member: Int(next) - 1) else { break }
            if !row.isMerged { out.append(Int(next) - 1) }
            next = row.nextSibling
        }
        return out.reversed()
    }
}

extension CoreState {
    /// The payment whose `PaymentReceived` stands at a position. Texts are valid until the next read or
    /// change.
    public func payment(at position: LogPosition) throws(LogError) -> StoredPayment? {
        guard let number = paymentPositions.find(notAfter: position.rawValue) else { return nil }
        return try storedPayment(number)
    }
}

extension CoreState {
    /// The state stands where a checkpoint was taken.
    public mutating func resume(at head: LogHead) { self.head = head }

    /// Whether tables that are read by what others say fit together, as they do in whatever this program wrote. Asked once, of what comes from
    /// outside. Cost: a word for each 64 users.
    public var isSound: Bool {
        userTexts.isSound(users: users.count) && userPositions.isSound && payments.positions.isSound
            && further.codePositions.isSound && further.keyPositions.isSound
            && userPositions.count == users.count && money.count <= members.count
    }

    /// Runs the body on a policy version as published.
    public func visitPolicy(_ index: Int, _ body: (PolicyPublished) -> Void) throws(LogError) {
        unsafe StoredRecord.walk(try record(policyPositions[index])) { stored, _ in
            guard case .policyPublished(let published) = stored.event else { return true }
            body(published)
            return false
        }
    }
}

extension ViewState {
    /// The views stand where a checkpoint was taken.
    public mutating func resume(at head: LogHead, sequence: UInt64) {
        self.head = head
        self.sequence = sequence
    }

    /// How far weeks and months are closed, by programme.
    public var closedTo: [(week: Int64, month: Int64)] {
        calendars.map { ($0.weekClosedTo, $0.monthClosedTo) }
    }
}
