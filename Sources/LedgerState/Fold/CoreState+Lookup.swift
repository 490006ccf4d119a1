import LedgerDomain
import LedgerLog

/// Name spaces of hashed ids.
enum IdSpace {
    static let user: UInt64 = 1
    static func code(_ programme: ProgrammeNumber) -> UInt64 { 2 << 32 | UInt64(programme.rawValue) }
    static func payment(_ programme: ProgrammeNumber, _ provider: SymbolNumber) -> UInt64 {
        3 << 32 | UInt64(provider.rawValue) << 16 | UInt64(programme.rawValue)
    }
    static func refund(_ programme: ProgrammeNumber, _ provider: SymbolNumber) -> UInt64 {
        4 << 32 | UInt64(provider.rawValue) << 16 | UInt64(programme.rawValue)
    }
    static func key(_ programme: ProgrammeNumber, _ type: UInt8) -> UInt64 {
        5 << 32 | UInt64(type) << 16 | UInt64(programme.rawValue)
    }
    static func waitPayment(_ programme: ProgrammeNumber, _ provider: SymbolNumber) -> UInt64 {
        6 << 32 | UInt64(provider.rawValue) << 16 | UInt64(programme.rawValue)
    }
    static func waitUser(_ programme: ProgrammeNumber) -> UInt64 { 7 << 32 | UInt64(programme.rawValue) }
    static let importId: UInt64 = 8
    static func run(_ programme: ProgrammeNumber) -> UInt64 { 40 << 32 | UInt64(programme.rawValue) }
    static func opening(_ programme: ProgrammeNumber) -> UInt64 { 41 << 32 | UInt64(programme.rawValue) }
    static func dispute(_ programme: ProgrammeNumber, _ provider: SymbolNumber) -> UInt64 {
        11 << 32 | UInt64(provider.rawValue) << 16 | UInt64(programme.rawValue)
    }
    static func withdrawal(_ programme: ProgrammeNumber) -> UInt64 { 12 << 32 | UInt64(programme.rawValue) }
    static func waitDispute(_ programme: ProgrammeNumber, _ provider: SymbolNumber) -> UInt64 {
        13 << 32 | UInt64(provider.rawValue) << 16 | UInt64(programme.rawValue)
    }
    static func parkedDispute(_ programme: ProgrammeNumber, _ provider: SymbolNumber) -> UInt64 {
        15 << 32 | UInt64(provider.rawValue) << 16 | UInt64(programme.rawValue)
    }
    static let quarantine: UInt64 = 16
    static func waitRefund(_ programme: ProgrammeNumber, _ provider: SymbolNumber) -> UInt64 {
        17 << 32 | UInt64(provider.rawValue) << 16 | UInt64(programme.rawValue)
    }
    static func waitWithdrawal(_ programme: ProgrammeNumber) -> UInt64 {
        14 << 32 | UInt64(programme.rawValue)
    }
}

extension CoreState {
    /// The record that begins at a position; a log without it is broken.
    func record(_ base: UInt64) throws(LogError) -> UnsafeRawBufferPointer {
        guard let found = unsafe try records.record(at: LogPosition(base)) else {
            throw LogError(
                .broken, "the state refers to a record that the log does not have",
                position: LogPosition(base))
        }
        return unsafe found
    }

    // MARK: Users and members

    /// A user's number by id. Cost: a probe and a row; for ids of more than 23 bytes one look-up in the log to confirm.
    public func findUser(_ id: BorrowedText) throws(LogError) -> Int? {
        var probe = userIds.probe(hash(id, space: IdSpace.user))
        while let candidate = userIds.next(&probe) {
            guard candidate < users.count else { continue }
            // Nearly always asked for next; loaded while the id is compared.
            members.prefetch(candidate)
            if try isUser(candidate, id) { return candidate }
        }
        return nil
    }

    /// Whether a user's id is this one. Cost: a row; for ids of more than 23 bytes a look-up in the log.
    @inline(__always)
    func isUser(_ number: Int, _ id: BorrowedText) throws(LogError) -> Bool {
        if let same = userTexts.holds(id, number) { return same }
        return try userId(number).equals(id)
    }

    /// A user by id, where a number is known that the id may be of; −1 for none.
    @inline(__always)
    func findUser(_ id: BorrowedText, candidate: Int) throws(LogError) -> Int? {
        if candidate >= 0, candidate < users.count, userTexts.holds(id, candidate) == true {
            return candidate
        }
        return try findUser(id)
    }

    /// A user's id, as given at signup. Valid until the next read or change.
    public func userId(_ number: Int) throws(LogError) -> BorrowedText {
        var found = BorrowedText.empty
        unsafe StoredRecord.walk(try record(userPositions[number])) { stored, _ in
            guard case .userSignedUp(let signup) = stored.event else { return true }
            found = signup.userId
            return false
        }
        return found
    }

    /// A user's id as a string of its own. Cost: a row; for ids of more than 23 bytes a look-up in the log.
    public func userText(_ number: Int) throws(LogError) -> String {
        if let short = userTexts.text(number) { return short }
        return try userId(number).string
    }

    /// A user's member number in a programme. Cost: a row in a ledger of one programme, else a walk over
    /// the user's memberships, which are few.
    public func member(of user: Int, in programme: ProgrammeNumber) -> Int? {
        if isMember(user, of: UInt32(truncatingIfNeeded: user), in: programme) { return user }
        return furtherMember(of: user, in: programme)
    }

    /// Whether a member is a user in a programme: nearly always the one of the user's own number is.
    @inline(__always)
    func isMember(_ member: Int, of user: UInt32, in programme: ProgrammeNumber) -> Bool {
        guard member < members.count else { return false }
        let row = unsafe members.peek(member)
        return unsafe row.pointee.user == user && row.pointee.programme == programme.rawValue
    }

    private func furtherMember(of user: Int, in programme: ProgrammeNumber) -> Int? {
        var probe = userIds.probe(membershipHash(user, programme))
        while let candidate = userIds.next(&probe) {
            // Memberships share the users' id table; their numbers are told apart by what they point to.
            if candidate < memberships.count {
                let row = memberships[candidate]
                if Int(row.user) == user, row.programme == UInt32(programme.rawValue) {
                    return Int(row.member)
                }
            }
        }
        return nil
    }

    func membershipHash(_ user: Int, _ programme: ProgrammeNumber) -> UInt64 {
        var words = (UInt64(user), UInt64(programme.rawValue))
        return unsafe withUnsafeBytes(of: &words) { raw in
            let text = unsafe BorrowedText(raw.baseAddress!.assumingMemoryBound(to: UInt8.self), count: 16)
            return hash(text, space: 9)
        }
    }

    /// A member's balance of its first asset, of zeros where it has had no money.
    @inline(__always)
    public func money(of member: Int) -> MoneyRow { member < money.count ? money[member] : MoneyRow() }

    /// The balance of a member in an asset.
    public func balance(member: Int, asset: AssetNumber) -> Balance {
        let row = money(of: member)
        if row.takes(asset) { return row.balance }
        var next = profile(member).extraAccount
        while next != 0 {
            let account = accounts[Int(next) - 1]
            if account.asset == asset.rawValue { return account.balance }
            next = account.next
        }
        return Balance()
    }
}

extension CoreState {
    /// The record that an event stands in, for positions that need not be a record's first.
    /// Cost: up to as many look-ups as the event is away from its record's begin, which is few for what is
    /// looked up this way.
    func record(holding position: LogPosition) throws(LogError) -> UnsafeRawBufferPointer {
        unsafe try record(try baseOfRecord(holding: position).rawValue)
    }

    /// The position of the first event of an event's record. Cost: as above.
    func baseOfRecord(holding position: LogPosition) throws(LogError) -> LogPosition {
        var base = position.rawValue
        while base > 0, position.rawValue - base < UInt64(LedgerBounds.eventsPerRecord) {
            if unsafe try records.record(at: LogPosition(base)) != nil { return LogPosition(base) }
            base -= 1
        }
        throw LogError(.broken, "no record holds the position", position: position)
    }
}
