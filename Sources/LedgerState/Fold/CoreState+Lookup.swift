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

/// A payment as the log has it. Texts are valid until the next read or change.
public struct StoredPayment {
    /// The number inside the ledger.
    public let number: Int
    /// Position of the record's first event.
    public let base: LogPosition
    /// What its record shares.
    public let envelope: RecordEnvelope
    /// The event itself.
    public let payment: PaymentReceived
    /// The log position.
    public let position: LogPosition
    /// The business moment.
    public let occurredAt: Timestamp
}

/// A commission leg as the log has it.
public struct StoredLeg: Sendable {
    /// 1 for the direct referrer.
    public let level: UInt8
    /// Who gets it.
    public let beneficiary: UserNumber
    /// Minor units.
    public let amount: Int64
    /// When it matures.
    public let maturesAt: Timestamp
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
            if let same = userTexts.holds(id, candidate) {
                if same { return candidate }
            } else if try userId(candidate).equals(id) {
                return candidate
            }
        }
        return nil
    }

    /// The same, where a number is known that the id may be of; −1 for none.
    @inline(__always)
    func findUser(_ id: BorrowedText, candidate: Int) throws(LogError) -> Int? {
        if candidate >= 0, candidate < userTexts.count, userTexts.holds(id, candidate) == true {
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

    /// A user's member number in a programme. Cost: none in a ledger of one programme, else a walk over
    /// the user's memberships, which are few.
    public func member(of user: Int, in programme: ProgrammeNumber) -> Int? {
        if Int(programme.rawValue) < programmes.count,
            unsafe user < Int(programmes.peek(Int(programme.rawValue)).pointee.identityMembers)
        {
            return unsafe members.peek(user).pointee.programme == programme.rawValue ? user : nil
        }
        return furtherMember(of: user, in: programme)
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

    /// The balance of a member in an asset.
    public func balance(member: Int, asset: AssetNumber) -> Balance {
        let row = members[member]
        if row.flags & MemberRow.hasAsset != 0, row.asset == asset.rawValue { return row.balance }
        var next = row.profile == 0 ? 0 : profiles[Int(row.profile) - 1].extraAccount
        while next != 0 {
            let account = accounts[Int(next) - 1]
            if account.asset == asset.rawValue { return account.balance }
            next = account.next
        }
        return Balance()
    }

    // MARK: Programmes, policies, symbols

    /// A programme's number by id. Few exist: a walk.
    public func findProgramme(_ id: BorrowedText) throws(LogError) -> ProgrammeNumber? {
        for i in 0..<programmes.count where try programmeId(i).equals(id) {
            return ProgrammeNumber(UInt16(i))
        }
        return nil
    }

    /// A programme's id. Valid until the next read or change.
    public func programmeId(_ number: Int) throws(LogError) -> BorrowedText {
        var found = BorrowedText.empty
        unsafe StoredRecord.walk(try record(programmePositions[number])) { stored, _ in
            guard case .programmeCreated(let created) = stored.event else { return true }
            found = created.programmeId
            return false
        }
        return found
    }

    /// The policy version that rules a moment; nil where the programme has none.
    /// - Parameter limit: Only the first so many versions of the ledger count; nil: all.
    public func policyIndex(_ programme: ProgrammeNumber, at moment: Timestamp, among limit: Int? = nil)
        -> Int?
    {
        var first: Int?
        var best: Int?
        for i in 0..<min(policies.count, limit ?? .max)
        where policies[i].programme == UInt32(programme.rawValue) {
            if first == nil { first = i }
            guard policies[i].effectiveFrom <= moment.nanoseconds else { continue }
            if let known = best, policies[known].effectiveFrom > policies[i].effectiveFrom { continue }
            best = i
        }
        return best ?? first
    }

    /// The policy version that rules a moment, ready for use; nil where the programme has none.
    ///
    /// Cost: two compares while one version goes on ruling, else a walk over all of them.
    mutating func rulingPolicy(
        _ programme: ProgrammeNumber, at moment: Timestamp
    ) throws(LogError) -> RulingPolicy? {
        if let known = ruling, known.programme == programme, known.from <= moment.nanoseconds,
            moment.nanoseconds < known.until
        {
            return known
        }
        guard let index = policyIndex(programme, at: moment) else { return nil }
        // The first version rules what is before all of them, too.
        var from = Int64.min
        if policies[index].effectiveFrom <= moment.nanoseconds { from = policies[index].effectiveFrom }
        var until = Int64.max
        for i in 0..<policies.count
        where policies[i].programme == UInt32(programme.rawValue)
            && policies[i].effectiveFrom > moment.nanoseconds
        {
            until = min(until, policies[i].effectiveFrom)
        }
        let found = RulingPolicy(
            programme: programme, from: from, until: until, index: index, policy: try policy(index))
        ruling = found
        return found
    }

    /// A policy version by its number.
    public func policyIndex(_ programme: ProgrammeNumber, version: UInt64) -> Int? {
        for i in 0..<policies.count
        where policies[i].programme == UInt32(programme.rawValue) && policies[i].version == version {
            return i
        }
        return nil
    }

    /// A policy version, parsed once.
    public mutating func policy(_ index: Int) throws(LogError) -> CachedPolicy {
        if let known = policyCache[index] { return known }
        let read = try readPolicy(index)
        policyCache[index] = read
        return read
    }

    /// A policy version, parsed from the log.
    public func readPolicy(_ index: Int) throws(LogError) -> CachedPolicy {
        let base = policyPositions[index]
        var found: CachedPolicy?
        unsafe StoredRecord.walk(try record(base)) { stored, _ in
            guard case .policyPublished(let published) = stored.event else { return true }
            if let policy = try? Policy.parse(unsafe Array(published.rules.utf8)),
                let zone = published.zoneRules.isEmpty
                    ? ZoneRules.utc : ZoneRules(bytes: unsafe Array(published.zoneRules.utf8))
            {
                found = CachedPolicy(policy: policy, zone: zone, version: published.version)
            }
            return false
        }
        guard let found else {
            throw LogError(.broken, "a policy in the log cannot be read", position: LogPosition(base))
        }
        return found
    }

    /// A symbol's number. Cost: a walk over names kept in memory; symbols are few.
    public mutating func findSymbol(_ kind: UInt8, _ name: BorrowedText) throws(LogError) -> SymbolNumber? {
        if symbolNames.count < symbols.count { try fillSymbolNames() }
        for i in 0..<symbolNames.count where symbols[i].kind == UInt32(kind) {
            if name.equals(symbolNames[i]) { return SymbolNumber(rawValue: UInt16(i)) }
        }
        return nil
    }

    /// A symbol's number, without the names kept in memory. Cost: a look-up in the log for each symbol.
    func symbolNumber(_ kind: UInt8, _ name: BorrowedText) throws(LogError) -> SymbolNumber? {
        for i in 0..<symbols.count where symbols[i].kind == UInt32(kind) {
            if i < symbolNames.count {
                if unsafe name.utf8.elementsEqual(symbolNames[i]) { return SymbolNumber(rawValue: UInt16(i)) }
            } else if try symbolName(i).equals(name) {
                return SymbolNumber(rawValue: UInt16(i))
            }
        }
        return nil
    }

    /// A symbol's name as bytes of its own: also of one that this record defines.
    mutating func symbolText(_ number: Int) throws(LogError) -> [UInt8] {
        try fillSymbolNames()
        return symbolNames[number]
    }

    private mutating func fillSymbolNames() throws(LogError) {
        while symbolNames.count < symbols.count {
            symbolNames.append(unsafe Array(try symbolName(symbolNames.count).utf8))
        }
    }

    /// A symbol's name. Valid until the next read or change.
    public func symbolName(_ number: Int) throws(LogError) -> BorrowedText {
        var found = BorrowedText.empty
        unsafe StoredRecord.walk(try record(symbolPositions[number])) { stored, _ in
            guard case .symbolDefined(let defined) = stored.event, Int(defined.number.rawValue) == number
            else {
                return true
            }
            found = defined.name
            return false
        }
        return found
    }

    // MARK: Codes, payments, refunds, keys

    /// A code's number by skeleton.
    func findCode(_ programme: ProgrammeNumber, _ code: BorrowedText) throws(LogError) -> Int? {
        let skeleton = CodeSkeleton.bytes(of: code)
        return try skeleton.withBorrowed { wanted throws(LogError) in
            var probe = codeIds.probe(hash(wanted, space: IdSpace.code(programme)))
            while let candidate = codeIds.next(&probe) {
                guard candidate < codes.count,
                    members[Int(codes[candidate].owner)].programme == programme.rawValue
                else { continue }
                let issued = try storedCode(candidate)
                let same = CodeSkeleton.bytes(of: issued.event.code) == skeleton
                if same { return candidate }
            }
            return nil
        }
    }

    /// A code as the log has it.
    public func storedCode(_ number: Int) throws(LogError) -> (event: CodeIssued, occurredAt: Timestamp) {
        var found = (CodeIssued(), Timestamp(nanoseconds: 0))
        unsafe StoredRecord.walk(try record(codePositions[number])) { stored, _ in
            guard case .codeIssued(let issued) = stored.event else { return true }
            found = (issued, stored.occurredAt)
            return false
        }
        return found
    }

    /// A payment by its natural key.
    public func findPayment(
        _ programme: ProgrammeNumber, _ provider: SymbolNumber, _ id: BorrowedText
    ) throws(LogError) -> StoredPayment? {
        try findPayment(programme, provider, id, hash: hash(id, space: IdSpace.payment(programme, provider)))
    }

    /// The same, where the id's hash is known.
    @inline(__always)
    func findPayment(
        _ programme: ProgrammeNumber, _ provider: SymbolNumber, _ id: BorrowedText, hash: UInt64
    ) throws(LogError) -> StoredPayment? {
        var probe = paymentIds.probe(hash)
        while let candidate = paymentIds.next(&probe) {
            guard candidate < payments.count else { continue }
            let stored = try storedPayment(candidate)
            if stored.payment.paymentId.equals(id), stored.payment.provider == provider,
                stored.envelope.programme == programme
            {
                return stored
            }
        }
        return nil
    }

    /// A payment as the log has it.
    public func storedPayment(_ number: Int) throws(LogError) -> StoredPayment {
        let base = paymentPositions[number]
        var found: StoredPayment?
        unsafe StoredRecord.walkPayment(try record(base)) { payment, position, at, envelope in
            found = StoredPayment(
                number: number, base: LogPosition(base), envelope: envelope, payment: payment,
                position: position, occurredAt: at)
            return false
        } commission: { _ in
            true
        }
        guard let found else {
            throw LogError(.broken, "a payment's record holds no payment", position: LogPosition(base))
        }
        return found
    }

    /// A payment's commission legs, in order of level. They stand in the payment's own record; what a
    /// correction has changed stands in their rows.
    public func legs(of number: Int) throws(LogError) -> [StoredLeg] {
        var legs: [StoredLeg] = []
        try walkLegs(of: number) {
            legs.append($0)
            return true
        }
        return corrected(legs, of: number)
    }

    /// When a payment's commissions mature; nil without any.
    func maturity(of number: Int) throws(LogError) -> Timestamp? {
        // A correction may have made the first of them.
        if payments[number].extra != nil { return try legs(of: number).first?.maturesAt }
        var found: Timestamp?
        try walkLegs(of: number) {
            found = $0.maturesAt
            return false
        }
        return found
    }

    /// Visits a payment's legs, in order of level, until the body says it has seen enough.
    @inline(__always)
    private func walkLegs(of number: Int, _ body: (StoredLeg) -> Bool) throws(LogError) {
        var own = LogPosition.start
        unsafe StoredRecord.walkPayment(try record(paymentPositions[number])) { _, position, _, _ in
            own = position
            return true
        } commission: { leg in
            if leg.payment != own { return true }
            return body(
                StoredLeg(
                    level: leg.level, beneficiary: leg.beneficiary, amount: leg.amount,
                    maturesAt: leg.maturesAt))
        }
    }

    /// The number of the payment whose `PaymentReceived` stands at a position. Cost: a binary search.
    mutating func paymentNumber(at position: LogPosition) -> Int? {
        if lastPayment.position == position.rawValue, position.rawValue != 0 { return lastPayment.number }
        guard let number = find(in: paymentPositions, notAfter: position.rawValue) else { return nil }
        lastPayment = (position.rawValue, number)
        return number
    }

    /// Index of the last word ≤ `value` in an ascending table.
    func find(in table: borrowing WordTable, notAfter value: UInt64) -> Int? {
        var low = 0
        var high = table.count
        while low < high {
            let middle = (low + high) / 2
            if table[middle] <= value { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : low - 1
    }

    /// A refund id's row: applied or parked.
    func findRefund(
        _ programme: ProgrammeNumber, _ provider: SymbolNumber, _ id: BorrowedText
    ) throws(LogError) -> (number: Int, stored: StoredRefund)? {
        var probe = refundIds.probe(hash(id, space: IdSpace.refund(programme, provider)))
        while let candidate = refundIds.next(&probe) {
            guard candidate < refunds.count else { continue }
            if let stored = try storedRefund(candidate, programme, provider, id) {
                return (candidate, stored)
            }
        }
        return nil
    }

    private func storedRefund(
        _ number: Int, _ programme: ProgrammeNumber, _ provider: SymbolNumber, _ id: BorrowedText
    ) throws(LogError) -> StoredRefund? {
        var found: StoredRefund?
        let base = refundPositions[number]
        unsafe StoredRecord.walk(try record(base)) { stored, envelope in
            guard envelope.programme == programme else { return false }
            switch stored.event {
            case .refundReceived(let refund) where refund.provider == provider && refund.refundId.equals(id):
                found = StoredRefund(base: LogPosition(base), occurredAt: stored.occurredAt, applied: refund)
                return false
            case .eventParked(let parked)
            where parked.kind == ParkedKind.refund.rawValue && parked.provider == provider
                && parked.factId.equals(id):
                found = StoredRefund(base: LogPosition(base), occurredAt: stored.occurredAt, parked: parked)
                return false
            default: return true
            }
        }
        return found
    }

    /// The record that an explicit key belongs to.
    func findKey(_ programme: ProgrammeNumber, _ type: UInt8, _ key: BorrowedText) throws(LogError)
        -> LogPosition?
    {
        var probe = keyIds.probe(hash(key, space: IdSpace.key(programme, type)))
        while let candidate = keyIds.next(&probe) {
            guard candidate < keyPositions.count else { continue }
            var same = false
            unsafe StoredRecord.walk(try record(keyPositions[candidate])) { _, envelope in
                same = envelope.programme == programme && envelope.keyType == type && envelope.key.equals(key)
                return false
            }
            if same { return LogPosition(keyPositions[candidate]) }
        }
        return nil
    }

    /// How far an import has come.
    public func findImport(_ id: BorrowedText) throws(LogError) -> ImportRow? {
        try importNumber(id).map { imports[$0] }
    }

    func importNumber(_ id: BorrowedText) throws(LogError) -> Int? {
        var probe = importIds.probe(hash(id, space: IdSpace.importId))
        while let candidate = importIds.next(&probe) {
            guard candidate < imports.count else { continue }
            var same = false
            unsafe StoredRecord.walk(try record(importPositions[candidate])) { stored, _ in
                if case .importProgressed(let progress) = stored.event { same = progress.importId.equals(id) }
                return !same
            }
            if same { return candidate }
        }
        return nil
    }
}

/// A refund that the log knows.
struct StoredRefund {
    let base: LogPosition
    let occurredAt: Timestamp
    var applied: RefundReceived?
    var parked: EventParked?
    init(base: LogPosition, occurredAt: Timestamp, applied: RefundReceived? = nil, parked: EventParked? = nil)
    {
        self.base = base
        self.occurredAt = occurredAt
        self.applied = applied
        self.parked = parked
    }
}

/// A policy version ready for use. A class: it is large, and handed on with every command.
public final class CachedPolicy: Sendable {
    /// The rules.
    public let policy: Policy
    /// Its time zone.
    public let zone: ZoneRules
    /// The version.
    public let version: UInt64
    /// What payments are decided by.
    let terms: PaymentTerms

    init(policy: Policy, zone: ZoneRules, version: UInt64) {
        self.policy = policy
        self.zone = zone
        self.version = version
        terms = PaymentTerms(policy)
    }
}

/// What a policy says of payments, without anything that is counted by reference.
struct PaymentTerms: BitwiseCopyable, Sendable {
    /// Parts per million, by level.
    let rates: InlineArray<8, UInt32>
    /// Levels that earn, 8 at most.
    let depth: Int
    /// Days until a commission matures.
    let holdingDays: Int
    /// Months from the attribution in which payments earn; nil: all.
    let months: Int?
    let rounding: Rounding
    /// Where a payment above zero moves the payer's referral, and one of zero.
    let paymentAdvancesTo: ReferralStage?
    let zeroPaymentAdvancesTo: ReferralStage?

    init(_ policy: Policy) {
        let commission = policy.commission
        depth = max(0, min(commission.levels.count, commission.maxDepth, LedgerBounds.commissionLevels))
        var rates = InlineArray<8, UInt32>(repeating: 0)
        for level in 0..<depth { rates[level] = UInt32(commission.levels[level]) }
        self.rates = rates
        holdingDays = commission.holdingDays
        months = commission.months
        rounding = commission.rounding
        paymentAdvancesTo = policy.workflow.paymentAdvancesTo
        zeroPaymentAdvancesTo = policy.workflow.zeroPaymentAdvancesTo
    }
}

/// A policy version, and the moments it rules: what the last command was decided by.
struct RulingPolicy {
    let programme: ProgrammeNumber
    /// Nanoseconds: from here on.
    let from: Int64
    /// Nanoseconds: and before here.
    let until: Int64
    let index: Int
    let policy: CachedPolicy
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
