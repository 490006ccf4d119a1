/// An event of one of the seven types that make up nearly all of a log, as a fold needs it, in 64 bytes: one line of the cache.
///
/// An `Event` is as large as the largest of some seventy payloads, and even these seven differ fourfold. Here they share their
/// fields; which means what is said by the accessors, which give the payload itself. **Of a signup its signals, its sealed data and
/// what it named are left out**; of the others nothing is. Texts are borrowed from the record.
@frozen
@safe public struct FrequentEvent: BitwiseCopyable {
    /// Which of the seven.
    public let type: EventType
    /// The payload's flags, or a level.
    @usableFromInline var flags: UInt8 = 0
    /// The stages that a step is between.
    @usableFromInline var from = ReferralStage.none
    @usableFromInline var to = ReferralStage.none
    /// Length of `text`: natural ids have up to 255 bytes.
    @usableFromInline var textCount: UInt8 = 0
    /// An asset, or a country.
    @usableFromInline var asset: UInt16 = 0
    /// Whom the event is about: payer, beneficiary, user, referee.
    public let user: UserNumber
    /// A referrer, provider or rate.
    @usableFromInline var other: UInt32 = 0
    @usableFromInline var first: Int64 = 0
    @usableFromInline var second: Int64 = 0
    @usableFromInline var third: Int64 = 0
    @usableFromInline var text: UnsafePointer<UInt8>?
    /// The business moment.
    public let occurredAt: Timestamp
    /// A position, or a hash.
    @usableFromInline var word: UInt64 = 0

    @inline(__always)
    init(_ e: PaymentReceived, _ occurredAt: Timestamp) {
        self.init(.paymentReceived, e.payer, occurredAt)
        flags = e.flags
        asset = e.asset.rawValue
        other = UInt32(e.provider.rawValue)
        (first, second) = (e.amount, e.commissionableBase)
        hold(e.paymentId)
    }

    @inline(__always)
    init(_ e: CommissionEarned, _ occurredAt: Timestamp) {
        self.init(.commissionEarned, e.beneficiary, occurredAt)
        flags = e.level
        asset = e.asset.rawValue
        other = e.ratePpm
        (first, second, third) = (e.amount, e.base, e.maturesAt.nanoseconds)
        word = e.payment.rawValue
    }

    @inline(__always)
    init(_ e: RewardMatured, _ occurredAt: Timestamp) {
        self.init(.rewardMatured, e.beneficiary, occurredAt)
        flags = e.level
        asset = e.asset.rawValue
        (first, second) = (e.toAvailable, e.toReceivable)
        word = e.payment.rawValue
    }

    @inline(__always)
    init(_ e: UserSignedUp, _ occurredAt: Timestamp) {
        self.init(.userSignedUp, e.user, occurredAt)
        flags = e.flags
        asset = UInt16(truncatingIfNeeded: e.country)
        hold(e.userId)
    }

    @inline(__always)
    init(_ e: ReferralAttributed, _ occurredAt: Timestamp) {
        self.init(.referralAttributed, e.referee, occurredAt)
        flags = e.flags
        other = e.referrer.rawValue
        hold(e.given)
    }

    @inline(__always)
    init(_ e: ReferralAdvanced, _ occurredAt: Timestamp) {
        self.init(.referralAdvanced, e.referee, occurredAt)
        (from, to) = (e.from, e.to)
    }

    @inline(__always)
    init(_ e: ReferralConverted, _ occurredAt: Timestamp) {
        self.init(.referralConverted, e.referee, occurredAt)
        flags = e.flags
        other = e.referrer.rawValue
    }

    @inline(__always)
    private init(_ type: EventType, _ user: UserNumber, _ occurredAt: Timestamp) {
        self.type = type
        self.user = user
        self.occurredAt = occurredAt
        unsafe text = nil
    }

    @inline(__always)
    private mutating func hold(_ borrowed: BorrowedText) {
        unsafe text = borrowed.base
        textCount = UInt8(truncatingIfNeeded: borrowed.count)
    }

    @usableFromInline var borrowed: BorrowedText {
        @inlinable @inline(__always) get { unsafe BorrowedText(text, count: Int(textCount)) }
    }

    /// Of a payment or signup: the hash of its id in the id's name space, where somebody has set it who knows the hash's key.
    public var idHash: UInt64 {
        @inlinable @inline(__always) get { word }
        @inlinable @inline(__always) set { word = newValue }
    }
    /// Of a payment: the provider.
    public var provider: SymbolNumber {
        @inlinable @inline(__always) get { SymbolNumber(rawValue: UInt16(truncatingIfNeeded: other)) }
    }
    /// Of a payment or signup: its id.
    public var id: BorrowedText {
        @inlinable @inline(__always) get { borrowed }
    }
    /// Of an attribution or conversion: the referrer.
    public var referrer: UserNumber {
        @inlinable @inline(__always) get { UserNumber(other) }
    }

    // MARK: What it is

    /// Of `.paymentReceived`: the payment.
    public var payment: PaymentReceived {
        @inlinable @inline(__always) get {
            var e = PaymentReceived()
            e.flags = flags
            e.payer = user
            e.provider = SymbolNumber(rawValue: UInt16(truncatingIfNeeded: other))
            e.paymentId = borrowed
            e.asset = AssetNumber(rawValue: asset)
            (e.amount, e.commissionableBase) = (first, second)
            return e
        }
    }

    /// Of `.commissionEarned`: the commission.
    public var commission: CommissionEarned {
        @inlinable @inline(__always) get {
            var e = CommissionEarned()
            e.level = flags
            e.payment = LogPosition(word)
            e.beneficiary = user
            e.asset = AssetNumber(rawValue: asset)
            e.ratePpm = other
            (e.amount, e.base) = (first, second)
            e.maturesAt = Timestamp(nanoseconds: third)
            return e
        }
    }

    /// Of `.rewardMatured`: the maturity.
    public var maturity: RewardMatured {
        @inlinable @inline(__always) get {
            var e = RewardMatured()
            e.level = flags
            e.payment = LogPosition(word)
            e.beneficiary = user
            e.asset = AssetNumber(rawValue: asset)
            (e.toAvailable, e.toReceivable) = (first, second)
            return e
        }
    }

    /// Of `.userSignedUp`: the signup, but for what is left out.
    public var signup: UserSignedUp {
        @inlinable @inline(__always) get {
            var e = UserSignedUp()
            e.flags = flags
            e.user = user
            e.userId = borrowed
            e.country = UInt64(asset)
            return e
        }
    }

    /// Of `.referralAttributed`: the attribution.
    public var attribution: ReferralAttributed {
        @inlinable @inline(__always) get {
            var e = ReferralAttributed()
            e.flags = flags
            e.referee = user
            e.referrer = UserNumber(other)
            e.given = borrowed
            return e
        }
    }

    /// Of `.referralAdvanced`: the step.
    public var advance: ReferralAdvanced {
        @inlinable @inline(__always) get {
            var e = ReferralAdvanced()
            e.referee = user
            (e.from, e.to) = (from, to)
            return e
        }
    }

    /// Of `.referralConverted`: the conversion.
    public var conversion: ReferralConverted {
        @inlinable @inline(__always) get {
            var e = ReferralConverted()
            e.flags = flags
            e.referee = user
            e.referrer = UserNumber(other)
            return e
        }
    }
}

/// What a record of frequent events says of itself.
public struct FrequentRecord: BitwiseCopyable {
    /// The programme.
    public let programme: ProgrammeNumber
    /// As in `RecordEnvelope`.
    public let keyType: UInt8
    /// The explicit key, borrowed from the record.
    public let key: BorrowedText

    /// Events of a record that is decoded this way, at most: a payment and its commissions.
    public static let events = 1 + LedgerBounds.commissionLevels

    /// Decodes a record into events, if all are frequent ones and nothing is wrong with any of it.
    ///
    /// - Parameters:
    ///   - region: The bytes after the record's header; they must outlive the events.
    ///   - base: Position of its first event.
    ///   - count: Its events.
    ///   - events: Room for `count` of them, `FrequentRecord.events` at most. Written in any case.
    /// - Returns: nil for any other record: it is for `EventDecoder`, which says what and where. Cost: some 20 ns an event.
    public static func decode(
        _ region: UnsafeRawBufferPointer, base: LogPosition, count: Int,
        into events: UnsafeMutablePointer<FrequentEvent>
    ) -> FrequentRecord? {
        guard count <= Self.events else { return nil }
        var decoder = unsafe EventDecoder(
            region: region,
            context: RecordContext(basePosition: base, occurredAt: Timestamp(nanoseconds: 0)))
        let envelope = decoder.prelude()
        for i in 0..<count {
            guard let event = decoder.frequentEvent(recordOccurredAt: envelope.occurredAt) else { return nil }
            unsafe (events + i).initialize(to: event)
            decoder.step()
        }
        decoder.finish()
        guard decoder.isSound else { return nil }
        return FrequentRecord(programme: envelope.programme, keyType: envelope.keyType, key: envelope.key)
    }
}

extension EventDecoder {
    /// Reads an event; nil for a rarer one. After a fault it means nothing.
    @inline(__always)
    fileprivate mutating func frequentEvent(recordOccurredAt: Timestamp) -> FrequentEvent? {
        let tag = get()
        moment(tag, recordOccurredAt)
        switch tag & 0x7F {
        case EventType.paymentReceived.rawValue:
            let e = read(PaymentReceived.self)
            return e.paymentId.count <= Int(UInt8.max) ? FrequentEvent(e, context.occurredAt) : nil
        case EventType.commissionEarned.rawValue:
            return FrequentEvent(read(CommissionEarned.self), context.occurredAt)
        case EventType.rewardMatured.rawValue:
            return FrequentEvent(read(RewardMatured.self), context.occurredAt)
        case EventType.userSignedUp.rawValue:
            let e = read(UserSignedUp.self)
            return e.userId.count <= Int(UInt8.max) ? FrequentEvent(e, context.occurredAt) : nil
        case EventType.referralAttributed.rawValue:
            let e = read(ReferralAttributed.self)
            return e.given.count <= Int(UInt8.max) ? FrequentEvent(e, context.occurredAt) : nil
        case EventType.referralAdvanced.rawValue:
            return FrequentEvent(read(ReferralAdvanced.self), context.occurredAt)
        case EventType.referralConverted.rawValue:
            return FrequentEvent(read(ReferralConverted.self), context.occurredAt)
        default: return nil
        }
    }
}
