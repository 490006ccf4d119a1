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
        guard let row = visibleRow(member: member) else { return [] }
        var out: [(asset: AssetNumber, balance: Balance)] = []
        if row.flags & MemberRow.hasAsset != 0 { out.append((AssetNumber(rawValue: row.asset), row.balance)) }
        var further: [(asset: AssetNumber, balance: Balance)] = []
        var next = visibleProfile(member: member).extraAccount
        while next != 0 {
            guard let account = accounts.visible(Int(next) - 1, undo, flight) else { break }
            further.append((AssetNumber(rawValue: account.asset), account.balance))
            next = account.next
        }
        return out + further.reversed()
    }

    /// A member's balance in one asset. Cost: the member's row, and one row for each further asset before it.
    public func visibleBalance(member: Int, asset: AssetNumber) -> Balance {
        guard let row = visibleRow(member: member) else { return Balance() }
        if row.flags & MemberRow.hasAsset != 0, row.asset == asset.rawValue { return row.balance }
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
    /// Nearly always the row of one member says it all, and is the only one that is read.
    public func visibleBalance(
        of id: BorrowedText, in programme: ProgrammeNumber, asset: AssetNumber
    ) throws(LogError) -> (balance: Balance, reserved: Int64)? {
        guard let user = try findUser(id) else { return nil }
        if case .none = flight, user < members.count,
            let balance = unsafe Self.balance(in: members.peek(user), of: user, programme, asset)
        {
            return (balance, 0)
        }
        guard user < users.visibleCount(flight), let own = visibleMember(of: user, in: programme) else {
            return nil
        }
        let member = visibleResolve(own)
        let reserved = visibleReserved(member: member).first { $0.asset == asset }?.amount ?? 0
        return (visibleBalance(member: member, asset: asset), reserved)
    }

    /// The same, in a peek: nothing is changed on the way. Nil where the memory of one row does not say it, an
    /// unknown user among that: ``visibleBalance(of:in:asset:)`` does.
    @inline(__always)
    public func peekBalance(
        of id: BorrowedText, in programme: ProgrammeNumber, asset: AssetNumber
    ) -> Balance? {
        guard case .none = flight, !isDamaged, !userIds.isAway else { return nil }
        let probe = userIds.probe(hash(id, space: IdSpace.user))
        // Nearly always it is this one; what is loaded of the row is on its way while the id is compared.
        let first = userIds.glance(probe)
        if let text = unsafe userTexts.loaded(first), let row = unsafe members.loaded(first) {
            unsafe platform_prefetch_read(row)
            unsafe platform_prefetch_read(UnsafeRawPointer(row) + MemoryLayout<MemberRow>.stride - 1)
            if unsafe PlainTable.holds(id, text) == true {
                return unsafe Self.balance(in: row, of: first, programme, asset)
            }
        }
        guard let user = peekFurther(probe, id), let row = unsafe members.loaded(user) else { return nil }
        return unsafe Self.balance(in: row, of: user, programme, asset)
    }

    /// What a row says of a user's balance: all that there is, or nil.
    @inline(__always)
    private static func balance(
        in row: UnsafePointer<MemberRow>, of user: Int, _ programme: ProgrammeNumber, _ asset: AssetNumber
    ) -> Balance? {
        let row = unsafe row.pointee
        // A merge, a withdrawal and a further asset are told of by a profile.
        guard row.user == UInt32(truncatingIfNeeded: user), row.programme == programme.rawValue,
            row.profile == 0
        else { return nil }
        // Half of the users have no money yet, which nobody can foretell: their zeros are answered without asking.
        let isOther = row.flags & MemberRow.hasAsset &* (row.asset == asset.rawValue ? 0 : 1)
        return isOther == 0 ? row.balance : Balance()
    }

    /// A user's number by a walk over entries in memory.
    @inline(never)
    private func peekFurther(_ probe: IdTable.Probe, _ id: BorrowedText) -> Int? {
        guard userIds.isLoaded(probe) else { return nil }
        var probe = probe
        while let candidate = userIds.next(&probe) {
            guard let text = unsafe userTexts.loaded(candidate), let same = unsafe PlainTable.holds(id, text)
            else { return nil }
            if same { return candidate }
        }
        return nil
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
        guard let number = find(in: paymentPositions, notAfter: position.rawValue) else { return nil }
        return try storedPayment(number)
    }
}

extension CoreState {
    /// The state stands where a checkpoint was taken.
    public mutating func resume(at head: LogHead) { self.head = head }

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
