import LedgerDomain
import LedgerLog

/// Programmes, policies and symbols, by what the log calls them.
extension CoreState {
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
struct PaymentTerms: ~Copyable, Sendable {
    /// See `AddressOnly`.
    private let pin = AddressOnly()
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

    /// Where a payment of an amount moves its payer's referral.
    @inline(__always)
    func target(paid: Int64) -> ReferralStage? { paid > 0 ? paymentAdvancesTo : zeroPaymentAdvancesTo }

    /// When the commissions of a payment mature. Past the year 2262 nothing does.
    @inline(__always)
    func maturity(of payment: Timestamp) -> Timestamp {
        payment.adding(wholeDays: holdingDays) ?? Timestamp(nanoseconds: .max)
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

/// What a `RulingPolicy` says of referrals, without the policy: nothing to be retained.
struct RulingExpiry: BitwiseCopyable {
    let programme: ProgrammeNumber
    /// As in `RulingPolicy`.
    let from: Int64
    let until: Int64
    /// `workflow.expiryDays`.
    let days: Int?
}
