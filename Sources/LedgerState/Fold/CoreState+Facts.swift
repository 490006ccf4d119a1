import LedgerDomain
import LedgerLog

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

extension StoredLeg {
    init(_ leg: CommissionEarned) {
        self.init(
            level: leg.level, beneficiary: leg.beneficiary, amount: leg.amount, maturesAt: leg.maturesAt)
    }
}

/// Codes, payments, refunds and keys, by what the log calls them.
extension CoreState {
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
        let hash = hash(id, space: IdSpace.payment(programme, provider))
        guard let number = try findPaymentNumber(programme, provider, id, hash: hash) else { return nil }
        return try storedPayment(number)
    }

    /// The number of a payment whose id has this hash. (Nearly always there is none: a payment as stored, even if it is
    /// nil, is large to hand back.)
    @inline(__always)
    func findPaymentNumber(
        _ programme: ProgrammeNumber, _ provider: SymbolNumber, _ id: BorrowedText, hash: UInt64
    ) throws(LogError) -> Int? {
        var probe = paymentIds.probe(hash)
        while let candidate = paymentIds.next(&probe) {
            guard candidate < payments.count else { continue }
            if try isPayment(candidate, programme, provider, id) { return candidate }
        }
        return nil
    }

    @inline(never)
    private func isPayment(
        _ number: Int, _ programme: ProgrammeNumber, _ provider: SymbolNumber, _ id: BorrowedText
    ) throws(LogError) -> Bool {
        let stored = try storedPayment(number)
        return stored.payment.paymentId.equals(id) && stored.payment.provider == provider
            && stored.envelope.programme == programme
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

    /// A payment and its legs, which stand in one record: read once.
    func storedPaymentAndLegs(_ number: Int) throws(LogError) -> (payment: StoredPayment, legs: [StoredLeg]) {
        let base = paymentPositions[number]
        var found: StoredPayment?
        var legs: [StoredLeg] = []
        unsafe StoredRecord.walkPayment(try record(base)) { payment, position, at, envelope in
            found = StoredPayment(
                number: number, base: LogPosition(base), envelope: envelope, payment: payment,
                position: position, occurredAt: at)
            return true
        } commission: { leg in
            if leg.payment == found?.position { legs.append(StoredLeg(leg)) }
            return true
        }
        guard let found else {
            throw LogError(.broken, "a payment's record holds no payment", position: LogPosition(base))
        }
        return (found, corrected(legs, of: number))
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
            return body(StoredLeg(leg))
        }
    }

    /// The number of the payment whose `PaymentReceived` stands at a position. Cost: a binary search.
    mutating func paymentNumber(at position: LogPosition) -> Int? {
        if lastPayment.position == position.rawValue, position.rawValue != 0 { return lastPayment.number }
        guard let number = paymentPositions.find(notAfter: position.rawValue) else { return nil }
        // Where payments are left out, the one before is another one.
        if isByBusinessTime, (try? storedPayment(number))?.position != position { return nil }
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
