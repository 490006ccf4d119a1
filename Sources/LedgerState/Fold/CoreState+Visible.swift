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
        if case .none = flight, isMember(user, of: UInt32(truncatingIfNeeded: user), in: programme) {
            let row = unsafe members.peek(user)
            // A merge, a withdrawal and a further asset are told of by a profile.
            if unsafe row.pointee.profile == 0 {
                let isOfAsset =
                    unsafe row.pointee.flags & MemberRow.hasAsset != 0
                    && row.pointee.asset == asset.rawValue
                return (isOfAsset ? unsafe row.pointee.balance : Balance(), 0)
            }
        }
        guard user < users.visibleCount(flight), let own = visibleMember(of: user, in: programme) else {
            return nil
        }
        let member = visibleResolve(own)
        let reserved = visibleReserved(member: member).first { $0.asset == asset }?.amount ?? 0
        return (visibleBalance(member: member, asset: asset), reserved)
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
