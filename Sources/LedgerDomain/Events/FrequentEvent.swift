/// An event of one of the seven types that make up nearly all of a log, as far as a fold asks, in one or two slots of 32 bytes.
///
/// An `Event` is as large as the largest of some seventy payloads, and even these seven differ fourfold. These go from the thread
/// that decodes to the one that folds, and the way of a line from one core's cache to another's costs as much as decoding it: so they
/// are small. The types share their fields, and what those mean is said by the accessors, which give payloads. **Left out is**
/// of a payment its id (once it is hashed), of a commission base and rate, of a signup signals, sealed data and what it named, of an
/// attribution the code as given.
///
/// A second slot stands behind the first where an event has a moment of its own, and behind a payment with a base of its own.
@frozen
@safe public struct FrequentEvent: BitwiseCopyable {
    /// Which of the seven.
    public let type: EventType
    /// The payload's flags, or a level.
    @usableFromInline var flags: UInt8 = 0
    /// The stages that a step is between.
    @usableFromInline var from = ReferralStage.none
    @usableFromInline var to = ReferralStage.none
    /// Length of an id: natural ones have up to 255 bytes.
    @usableFromInline var textCount: UInt8 = 0
    /// Slots, 1 or 2.
    public private(set) var slots: UInt8 = 1
    /// An asset, or a country.
    @usableFromInline var asset: UInt16 = 0
    /// Whom the event is about: payer, beneficiary, user, referee.
    public let user: UserNumber
    /// A referrer, a provider, or how far back a payment stands.
    @usableFromInline var other: UInt32 = 0
    @usableFromInline var first: Int64 = 0
    @usableFromInline var second: Int64 = 0

    /// Slots that an event takes at most.
    public static let slotBound = 2

    @inline(__always)
    private init(_ type: EventType, _ user: UserNumber) {
        self.type = type
        self.user = user
    }

    /// Of a payment or signup: its id, until the hash is set; borrowed from the record.
    public var id: BorrowedText {
        @inlinable @inline(__always) get {
            let word = type == .userSignedUp ? first : second
            return unsafe BorrowedText(UnsafePointer(bitPattern: Int(word)), count: Int(textCount))
        }
    }
    /// Of a payment or signup: the hash of its id in the id's name space, where somebody has set it who knows the hash's key.
    /// A payment's id is gone then.
    public var idHash: UInt64 {
        @inlinable @inline(__always) get { UInt64(bitPattern: second) }
        @inlinable @inline(__always) set { second = Int64(bitPattern: newValue) }
    }
    /// Of a payment: the provider.
    public var provider: SymbolNumber {
        @inlinable @inline(__always) get { SymbolNumber(rawValue: UInt16(truncatingIfNeeded: other)) }
    }
    /// Of an attribution or conversion: the referrer.
    public var referrer: UserNumber {
        @inlinable @inline(__always) get { UserNumber(other) }
    }
    /// Of a commission: its asset and amount.
    public var earned: (asset: AssetNumber, amount: Int64) {
        @inlinable @inline(__always) get { (AssetNumber(rawValue: asset), first) }
    }

    @inline(__always)
    private mutating func hold(_ id: BorrowedText) -> Int64 {
        textCount = UInt8(truncatingIfNeeded: id.count)
        return Int64(Int(bitPattern: unsafe id.base))
    }
}

extension UnsafePointer<FrequentEvent> {
    /// The moment of an event of a record.
    /// - Parameter record: the record's own.
    @inlinable
    @inline(__always)
    public func occurredAt(_ record: Timestamp) -> Timestamp {
        unsafe pointee.slots == 1 ? record : Timestamp(nanoseconds: self[1].second)
    }

    /// Of `.paymentReceived`: the payment.
    public var payment: PaymentReceived {
        @inlinable @inline(__always) get {
            var e = PaymentReceived()
            e.flags = unsafe pointee.flags
            e.payer = unsafe pointee.user
            e.provider = unsafe pointee.provider
            e.asset = unsafe AssetNumber(rawValue: pointee.asset)
            e.amount = unsafe pointee.first
            e.commissionableBase = unsafe pointee.slots == 1 ? pointee.first : self[1].first
            return e
        }
    }

    /// Of `.commissionEarned`: the commission.
    @inlinable
    @inline(__always)
    public func commission(at position: LogPosition) -> CommissionEarned {
        var e = CommissionEarned()
        e.level = unsafe pointee.flags
        e.payment = unsafe LogPosition(position.rawValue &- UInt64(pointee.other))
        e.beneficiary = unsafe pointee.user
        e.asset = unsafe AssetNumber(rawValue: pointee.asset)
        e.amount = unsafe pointee.first
        e.maturesAt = unsafe Timestamp(nanoseconds: pointee.second)
        return e
    }

    /// Of `.rewardMatured`: the maturity.
    @inlinable
    @inline(__always)
    public func maturity(at position: LogPosition) -> RewardMatured {
        var e = RewardMatured()
        e.level = unsafe pointee.flags
        e.payment = unsafe LogPosition(position.rawValue &- UInt64(pointee.other))
        e.beneficiary = unsafe pointee.user
        e.asset = unsafe AssetNumber(rawValue: pointee.asset)
        e.toAvailable = unsafe pointee.first
        e.toReceivable = unsafe pointee.second
        return e
    }

    /// Of `.userSignedUp`: the signup.
    public var signup: UserSignedUp {
        @inlinable @inline(__always) get {
            var e = UserSignedUp()
            e.flags = unsafe pointee.flags
            e.user = unsafe pointee.user
            e.userId = unsafe pointee.id
            e.country = unsafe UInt64(pointee.asset)
            return e
        }
    }

    /// Of `.referralAttributed`: the attribution.
    public var attribution: ReferralAttributed {
        @inlinable @inline(__always) get {
            var e = ReferralAttributed()
            e.flags = unsafe pointee.flags
            e.referee = unsafe pointee.user
            e.referrer = unsafe pointee.referrer
            return e
        }
    }

    /// Of `.referralAdvanced`: the step.
    public var advance: ReferralAdvanced {
        @inlinable @inline(__always) get {
            var e = ReferralAdvanced()
            e.referee = unsafe pointee.user
            e.from = unsafe pointee.from
            e.to = unsafe pointee.to
            return e
        }
    }

    /// Of `.referralConverted`: the conversion.
    public var conversion: ReferralConverted {
        @inlinable @inline(__always) get {
            var e = ReferralConverted()
            e.flags = unsafe pointee.flags
            e.referee = unsafe pointee.user
            e.referrer = unsafe pointee.referrer
            return e
        }
    }
}

// MARK: Decoding

/// What a record of frequent events says of itself.
public struct FrequentRecord: BitwiseCopyable {
    /// The programme.
    public let programme: ProgrammeNumber
    /// The record's own moment.
    public let occurredAt: Timestamp
    /// As in `RecordEnvelope`.
    public let keyType: UInt8
    /// The explicit key, borrowed from the record.
    public let key: BorrowedText
    /// Slots of its events, together.
    public let slots: Int

    /// Events of a record that is decoded this way, at most: a payment and its commissions.
    public static let events = 1 + LedgerBounds.commissionLevels
    /// Slots of such a record, at most.
    public static let slotBound = events * FrequentEvent.slotBound

    /// Decodes a record into events, if all are frequent ones and nothing is wrong with any of it.
    ///
    /// - Parameters:
    ///   - region: The bytes after the record's header; they must outlive the events.
    ///   - base: Position of its first event.
    ///   - count: Its events.
    ///   - slots: Room for `slotBound` of them. Written in any case.
    /// - Returns: nil for any other record: it is for `EventDecoder`, which says what and where. Cost: some 20 ns an event.
    public static func decode(
        _ region: UnsafeRawBufferPointer, base: LogPosition, count: Int,
        into slots: UnsafeMutablePointer<FrequentEvent>
    ) -> FrequentRecord? {
        guard count <= Self.events else { return nil }
        var decoder = unsafe EventDecoder(
            region: region,
            context: RecordContext(basePosition: base, occurredAt: Timestamp(nanoseconds: 0)))
        let envelope = decoder.prelude()
        var next = unsafe slots
        for _ in 0..<count {
            guard unsafe decoder.frequentEvent(into: &next, envelope.occurredAt) else { return nil }
            decoder.step()
        }
        decoder.finish()
        guard decoder.isSound else { return nil }
        return unsafe FrequentRecord(
            programme: envelope.programme, occurredAt: envelope.occurredAt, keyType: envelope.keyType,
            key: envelope.key, slots: next - slots)
    }
}

extension EventDecoder {
    /// Reads an event into the next slots; false for a rarer one. After a fault it means nothing.
    @inline(__always)
    fileprivate mutating func frequentEvent(
        into next: inout UnsafeMutablePointer<FrequentEvent>, _ recordOccurredAt: Timestamp
    ) -> Bool {
        let tag = get()
        moment(tag, recordOccurredAt)
        var base: Int64?
        switch tag & 0x7F {
        case EventType.paymentReceived.rawValue:
            let paid = unsafe readPayment(into: next)
            guard paid.isFrequent else { return false }
            if paid.base != paid.amount { base = paid.base }
        case EventType.commissionEarned.rawValue:
            guard unsafe readCommission(into: next) else { return false }
        case EventType.rewardMatured.rawValue:
            guard unsafe readMaturity(into: next) else { return false }
        case EventType.userSignedUp.rawValue:
            guard unsafe readSignup(into: next) else { return false }
        case EventType.referralAttributed.rawValue:
            unsafe next.initialize(to: FrequentEvent(read(ReferralAttributed.self)))
        case EventType.referralAdvanced.rawValue:
            unsafe next.initialize(to: FrequentEvent(read(ReferralAdvanced.self)))
        case EventType.referralConverted.rawValue:
            unsafe next.initialize(to: FrequentEvent(read(ReferralConverted.self)))
        default: return false
        }
        if tag & 0x80 != 0 || base != nil {
            unsafe next.pointee.extend(by: next + 1, base: base, occurredAt: context.occurredAt)
            unsafe next += 1
        }
        unsafe next += 1
        return true
    }

    // The usual ones each in a function of its own, so small that reading is inlined there: the payload then lies in registers, and
    // goes into the slot from there. Returned to a common caller, it would go through memory, and be read there in other pieces than
    // it was written in, which a processor waits for.

    @inline(never)
    private mutating func readPayment(
        into slot: UnsafeMutablePointer<FrequentEvent>
    ) -> (isFrequent: Bool, amount: Int64, base: Int64) {
        let e = read(PaymentReceived.self)
        unsafe slot.initialize(to: FrequentEvent(e))
        return (e.paymentId.count <= Int(UInt8.max), e.amount, e.commissionableBase)
    }

    @inline(never)
    private mutating func readCommission(into slot: UnsafeMutablePointer<FrequentEvent>) -> Bool {
        let e = read(CommissionEarned.self)
        let back = context.position.rawValue &- e.payment.rawValue
        unsafe slot.initialize(to: FrequentEvent(e, back: UInt32(truncatingIfNeeded: back)))
        return back <= UInt64(UInt32.max)
    }

    @inline(never)
    private mutating func readMaturity(into slot: UnsafeMutablePointer<FrequentEvent>) -> Bool {
        let e = read(RewardMatured.self)
        let back = context.position.rawValue &- e.payment.rawValue
        unsafe slot.initialize(to: FrequentEvent(e, back: UInt32(truncatingIfNeeded: back)))
        return back <= UInt64(UInt32.max)
    }

    @inline(never)
    private mutating func readSignup(into slot: UnsafeMutablePointer<FrequentEvent>) -> Bool {
        let e = read(UserSignedUp.self)
        unsafe slot.initialize(to: FrequentEvent(e))
        return e.userId.count <= Int(UInt8.max)
    }
}

extension FrequentEvent {
    @inline(__always)
    fileprivate init(_ e: PaymentReceived) {
        self.init(.paymentReceived, e.payer)
        flags = e.flags
        asset = e.asset.rawValue
        other = UInt32(e.provider.rawValue)
        first = e.amount
        second = hold(e.paymentId)
    }

    @inline(__always)
    fileprivate init(_ e: CommissionEarned, back: UInt32) {
        self.init(.commissionEarned, e.beneficiary)
        flags = e.level
        asset = e.asset.rawValue
        other = back
        (first, second) = (e.amount, e.maturesAt.nanoseconds)
    }

    @inline(__always)
    fileprivate init(_ e: RewardMatured, back: UInt32) {
        self.init(.rewardMatured, e.beneficiary)
        flags = e.level
        asset = e.asset.rawValue
        other = back
        (first, second) = (e.toAvailable, e.toReceivable)
    }

    @inline(__always)
    fileprivate init(_ e: UserSignedUp) {
        self.init(.userSignedUp, e.user)
        flags = e.flags
        asset = UInt16(truncatingIfNeeded: e.country)
        first = hold(e.userId)
    }

    @inline(__always)
    fileprivate init(_ e: ReferralAttributed) {
        self.init(.referralAttributed, e.referee)
        flags = e.flags
        other = e.referrer.rawValue
    }

    @inline(__always)
    fileprivate init(_ e: ReferralAdvanced) {
        self.init(.referralAdvanced, e.referee)
        (from, to) = (e.from, e.to)
    }

    @inline(__always)
    fileprivate init(_ e: ReferralConverted) {
        self.init(.referralConverted, e.referee)
        flags = e.flags
        other = e.referrer.rawValue
    }

    /// Puts into a second slot what has no room in this one.
    @inline(__always)
    fileprivate mutating func extend(
        by slot: UnsafeMutablePointer<FrequentEvent>, base: Int64?, occurredAt: Timestamp
    ) {
        var further = FrequentEvent(type, user)
        (further.first, further.second) = (base ?? first, occurredAt.nanoseconds)
        unsafe slot.initialize(to: further)
        slots = 2
    }
}
