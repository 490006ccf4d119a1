import LedgerDomain
import LedgerLog

/// Records that are folded together, decoded.
///
/// Decoding needs no state, so another thread can do it ahead. Of records with other than the frequent events only the
/// bytes are kept; they are decoded when it is their turn. Memory: some 320 KiB.
@safe public final class FoldStretch: @unchecked Sendable {
    // Proof of Sendable: whoever has a stretch is the only one who uses it; it is handed over through a lock.

    /// Records of a stretch, at most.
    public static let capacity = 256
    /// Events of a record that is kept decoded.
    private static let events = 1 + LedgerBounds.commissionLevels

    /// An event of one of the types that make up nearly all of a log.
    enum Frequent: BitwiseCopyable {
        case payment(PaymentReceived)
        case commission(CommissionEarned)
        case matured(RewardMatured)
        case signup(UserSignedUp)
        case attribution(ReferralAttributed)
        case advance(ReferralAdvanced)
        case conversion(ReferralConverted)
    }

    struct Step: BitwiseCopyable {
        var event: Frequent
        var occurredAt: Timestamp
    }

    /// What is known of a record.
    struct Record {
        var scanned: ScannedRecord
        var programme = ProgrammeNumber(0)
        var keyType: UInt8 = 0
        /// Where its steps begin; −1: to be decoded when it is folded, for good or for what is wrong with it.
        var first: Int32 = -1
        var key = BorrowedText.empty
    }

    private let steps: UnsafeMutablePointer<Step>
    private let records: UnsafeMutablePointer<Record>
    private var used = 0
    /// Records in it.
    @safe @exclusivity(unchecked) public private(set) var count = 0

    /// With room for a stretch.
    public init() {
        unsafe steps = .allocate(capacity: Self.capacity * Self.events)
        unsafe records = .allocate(capacity: Self.capacity)
    }

    deinit {
        unsafe steps.deallocate()
        unsafe records.deallocate()
    }

    /// Takes checked records in, in place of those that were here. Their bytes must stay until they are folded.
    /// - Parameter scanned: `capacity` at most.
    public func fill(_ scanned: UnsafeBufferPointer<ScannedRecord>) {
        precondition(scanned.count <= Self.capacity)
        used = 0
        count = scanned.count
        for i in scanned.indices { unsafe (records + i).initialize(to: decode(scanned[i])) }
    }

    /// A place for reading; valid until the next `fill`.
    @inline(__always)
    func record(_ i: Int) -> UnsafePointer<Record> { unsafe UnsafePointer(records + i) }

    /// The same.
    @inline(__always)
    func step(_ i: Int) -> UnsafePointer<Step> { unsafe UnsafePointer(steps + i) }

    @inline(__always)
    private func decode(_ scanned: ScannedRecord) -> Record {
        let region = unsafe UnsafeRawBufferPointer(rebasing: scanned.bytes[RecordHeader.size...])
        var decoder = unsafe EventDecoder(
            region: region,
            context: RecordContext(
                basePosition: scanned.header.basePosition, occurredAt: Timestamp(nanoseconds: 0)))
        let envelope = decoder.prelude()
        var record = Record(scanned: scanned)
        record.programme = envelope.programme
        record.keyType = envelope.keyType
        record.key = envelope.key
        let count = scanned.header.eventCount
        guard count <= Self.events else { return record }
        for i in 0..<count {
            guard let type = decoder.nextType(recordOccurredAt: envelope.occurredAt),
                let event = Self.event(type, &decoder)
            else { return record }
            unsafe (steps + used + i).initialize(
                to: Step(event: event, occurredAt: decoder.context.occurredAt))
            decoder.step()
        }
        decoder.finish()
        guard decoder.fault == nil else { return record }
        record.first = Int32(used)
        used += count
        return record
    }

    /// Decodes an event; nil for a rarer one, and after a fault.
    @inline(__always)
    private static func event(_ type: EventType, _ decoder: inout EventDecoder) -> Frequent? {
        let event: Frequent
        switch type {
        case .paymentReceived: event = .payment(decoder.paymentReceived())
        case .commissionEarned: event = .commission(decoder.commissionEarned())
        case .rewardMatured: event = .matured(decoder.rewardMatured())
        case .userSignedUp: event = .signup(decoder.userSignedUp())
        case .referralAttributed: event = .attribution(decoder.referralAttributed())
        case .referralAdvanced: event = .advance(decoder.referralAdvanced())
        case .referralConverted: event = .conversion(decoder.referralConverted())
        default: return nil
        }
        return decoder.fault == nil ? event : nil
    }
}

/// Folding is bound by cache misses: a payment touches an id slot, a payer and three ancestors, all far apart. So what a
/// record will touch starts being loaded some records before it is folded. (All of a stretch at once would ask for lines
/// faster than they come, and then for none.)
extension CoreState {
    /// How many records ahead: enough to overlap the misses, few enough to stay in the cache.
    private static let ahead = 24

    /// Folds a stretch: as `apply(record:header:)` of each of its records, in order.
    public mutating func apply(_ stretch: FoldStretch) throws(FoldFault) {
        for i in 0..<min(Self.ahead, stretch.count) { unsafe prefetch(stretch.record(i), stretch) }
        for i in 0..<stretch.count {
            if i + Self.ahead < stretch.count { unsafe prefetch(stretch.record(i + Self.ahead), stretch) }
            let record = unsafe stretch.record(i)
            if unsafe record.pointee.first >= 0,
                unsafe Int(record.pointee.programme.rawValue) < programmes.count
            {
                try unsafe apply(record, stretch)
            } else {
                try unsafe apply(record: record.pointee.scanned.bytes, header: record.pointee.scanned.header)
            }
        }
    }

    @inline(__always)
    private mutating func apply(
        _ record: UnsafePointer<FoldStretch.Record>, _ stretch: FoldStretch
    ) throws(FoldFault) {
        let header = unsafe record.pointee.scanned.header
        try checkOrder(header)
        let base = header.basePosition
        let programme = unsafe record.pointee.programme
        for event in 0..<header.eventCount {
            let step = unsafe stretch.step(Int(record.pointee.first) + event)
            let place = unsafe EventPlace(
                base: base, position: LogPosition(base.rawValue &+ UInt64(event)),
                occurredAt: step.pointee.occurredAt, programme: programme)
            switch unsafe step.pointee.event {
            case .payment(let e): applyPayment(e, place)
            case .commission(let e): applyCommission(e, place)
            case .matured(let e): applyMatured(e, place)
            case .signup(let e): applySignup(e, place)
            case .attribution(let e): applyAttribution(e, place)
            case .advance(let e): applyAdvance(e, place)
            case .conversion(let e): applyConversion(e, place)
            }
            // What comes after a fault may stand on what was not folded.
            if fault != nil { break }
        }
        let key = unsafe record.pointee.key
        if !key.isEmpty { unsafe noteKey(key, record.pointee.keyType, programme, base) }
        if let fault { throw fault }
        head = LogHead(
            position: header.lastPosition, records: header.ordinal + 1, recordedAt: header.recordedAt)
    }

    /// Starts loading what a record will touch. Changes nothing; what it does not know costs only speed.
    @inline(__always)
    private func prefetch(_ record: UnsafePointer<FoldStretch.Record>, _ stretch: FoldStretch) {
        guard unsafe record.pointee.first >= 0 else { return }
        for event in unsafe 0..<record.pointee.scanned.header.eventCount {
            let step = unsafe stretch.step(Int(record.pointee.first) + event)
            switch unsafe step.pointee.event {
            case .payment(let e):
                members.prefetch(Int(e.payer.rawValue))
                // Who feeds a table loads it, too.
                if paymentIds.isAway { continue }
                let space = unsafe IdSpace.payment(record.pointee.programme, e.provider)
                paymentIds.prefetchRun(hash(e.paymentId, space: space))
            case .commission(let e): members.prefetch(Int(e.beneficiary.rawValue))
            case .matured(let e): members.prefetch(Int(e.beneficiary.rawValue))
            case .signup(let e):
                if !userIds.isAway { userIds.prefetchRun(hash(e.userId, space: IdSpace.user)) }
            case .attribution(let e): members.prefetch(Int(e.referrer.rawValue))
            case .advance(let e): if event == 0 { prefetchStep(by: e.referee) }
            case .conversion(let e):
                members.prefetch(Int(e.referrer.rawValue))
                if event == 0 { prefetchStep(by: e.referee) }
            }
        }
    }

    /// Starts loading what a step that somebody made by hand touches.
    @inline(__always)
    private func prefetchStep(by referee: UserNumber) {
        members.prefetch(Int(referee.rawValue))
        if further.keyIds.isAway { return }
        further.keyIds.prefetchRun(factHash(.steppedByHand, Int(referee.rawValue)))
    }
}
