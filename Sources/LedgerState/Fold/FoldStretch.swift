import CPlatform
import LedgerDomain
import LedgerLog

/// Records that are folded together, decoded.
///
/// Decoding needs no state, so another thread can do it ahead. Of records with other than the frequent events only the
/// bytes are kept; they are decoded when it is their turn. Memory: some 160 KiB.
@safe public final class FoldStretch: @unchecked Sendable {
    // Proof of Sendable: whoever has a stretch is the only one who uses it; it is handed over through a lock.

    /// Records of a stretch, at most.
    public static let capacity = 256
    /// Records that are best read together: decoded while their bytes, checked just before, are still in the nearest cache.
    public static let piece = 32

    /// What is known of a record. A line of the cache.
    @unsafe struct Record {
        private let start: UnsafePointer<UInt8>
        private let ordinal: UInt64
        let base: LogPosition
        private let recordedAt: Timestamp
        /// The record's own moment.
        var occurredAt = Timestamp(nanoseconds: 0)
        /// Hash of its explicit key, where it has one.
        var keyHash: UInt64 = 0
        private let length: UInt32
        /// Where its events begin; −1: to be decoded when it is folded, for good or for what is wrong with it.
        var first: Int32 = -1
        var programme = ProgrammeNumber(0)
        private let events: UInt16
        /// Slots of its events.
        var slots: UInt8 = 0
        var hasKey = false

        @inline(__always)
        init(_ scanned: ScannedRecord) {
            unsafe start = scanned.bytes.baseAddress!.assumingMemoryBound(to: UInt8.self)
            let header = scanned.header
            // A record has 256 KiB and 1,024 events at most.
            unsafe (ordinal, base, recordedAt) = (header.ordinal, header.basePosition, header.recordedAt)
            unsafe (length, events) = (UInt32(header.length), UInt16(header.eventCount))
        }

        /// All of it, header included.
        var bytes: UnsafeRawBufferPointer {
            @inline(__always) get { unsafe UnsafeRawBufferPointer(start: start, count: Int(length)) }
        }

        var eventCount: Int {
            @inline(__always) get { unsafe Int(events) }
        }

        var header: RecordHeader {
            @inline(__always) get {
                unsafe RecordHeader(
                    ordinal: ordinal, basePosition: base, eventCount: Int(events), recordedAt: recordedAt,
                    length: Int(length))
            }
        }
    }

    private let slots: UnsafeMutablePointer<FrequentEvent>
    private let records: UnsafeMutablePointer<Record>
    private var used = 0
    /// Records in it.
    @safe @exclusivity(unchecked) public private(set) var count = 0
    /// How ids are hashed; nil when nobody asks for it.
    let hash: KeyedHash?

    /// With room for a stretch.
    /// - Parameter hash: of the state that is to fold it: ids are hashed where they are read, as their bytes are at hand there.
    ///   Nil for a stretch that only views fold.
    public init(hash: KeyedHash?) {
        self.hash = hash
        unsafe slots = Self.allocate(Self.capacity * FrequentRecord.slotBound)
        unsafe records = Self.allocate(Self.capacity)
    }

    deinit {
        unsafe UnsafeMutableRawPointer(slots).deallocate()
        unsafe UnsafeMutableRawPointer(records).deallocate()
    }

    /// From the begin of a line on: else a record spans two, and every second slot does.
    private static func allocate<Element>(_ count: Int) -> UnsafeMutablePointer<Element> {
        unsafe UnsafeMutableRawPointer.allocate(
            byteCount: count * MemoryLayout<Element>.stride, alignment: 64
        ).bindMemory(to: Element.self, capacity: count)
    }

    /// Takes checked records in, in place of those that were here. Their bytes must stay until they are folded.
    /// - Parameter scanned: `capacity` at most.
    public func fill(_ scanned: UnsafeBufferPointer<ScannedRecord>) {
        empty()
        unsafe add(scanned)
    }

    /// Lets go of the records.
    public func empty() {
        used = 0
        count = 0
    }

    /// Takes further checked records in, behind those that are here.
    /// - Parameter scanned: as many as there is still room for, at most.
    public func add(_ scanned: UnsafeBufferPointer<ScannedRecord>) {
        precondition(count + scanned.count <= Self.capacity, "a stretch is full")
        for i in scanned.indices {
            let record = unsafe records + count + i
            unsafe record.initialize(to: Record(scanned[i]))
            unsafe decode(record)
        }
        count += scanned.count
    }

    /// A place for reading; valid until the next `fill`.
    @inline(__always)
    func record(_ i: Int) -> UnsafePointer<Record> { unsafe UnsafePointer(records + i) }

    /// The first event of a decoded record; the others stand behind it.
    @inline(__always)
    func events(_ record: UnsafePointer<Record>) -> UnsafePointer<FrequentEvent> {
        unsafe UnsafePointer(slots + Int(record.pointee.first))
    }

    @inline(__always)
    private func decode(_ record: UnsafeMutablePointer<Record>) {
        let events = unsafe slots + used
        guard
            let found = unsafe FrequentRecord.decode(
                UnsafeRawBufferPointer(rebasing: record.pointee.bytes[RecordHeader.size...]),
                base: record.pointee.base, count: record.pointee.eventCount, into: events)
        else { return }
        unsafe record.pointee.programme = found.programme
        unsafe record.pointee.occurredAt = found.occurredAt
        unsafe record.pointee.first = Int32(used)
        unsafe record.pointee.slots = UInt8(found.slots)
        used += found.slots
        guard let hash else { return }
        if !found.key.isEmpty {
            unsafe record.pointee.hasKey = true
            unsafe record.pointee.keyHash = hash(
                found.key, space: IdSpace.key(found.programme, found.keyType))
        }
        var event = unsafe events
        while unsafe event < slots + used {
            unsafe hashId(of: event, found.programme, hash)
            unsafe event += Int(event.pointee.slots)
        }
    }

    @inline(__always)
    private func hashId(
        of event: UnsafeMutablePointer<FrequentEvent>, _ programme: ProgrammeNumber, _ hash: KeyedHash
    ) {
        let space: UInt64
        switch unsafe event.pointee.type {
        case .paymentReceived: space = unsafe IdSpace.payment(programme, event.pointee.provider)
        case .userSignedUp: space = IdSpace.user
        default: return
        }
        unsafe event.pointee.idHash = hash(event.pointee.id, space: space)
    }

    /// Starts loading what is known of a record: it was written on another core, and the way from there is long.
    @inline(__always)
    func prefetchRecord(_ i: Int) {
        if i < count { unsafe platform_prefetch_read(records + i) }
    }

    /// Starts loading a record's events.
    @inline(__always)
    func prefetchEvents(_ i: Int) {
        guard i < count, unsafe records[i].first >= 0 else { return }
        var line = unsafe UnsafeRawPointer(slots + Int(records[i].first))
        let end = unsafe line + Int(records[i].slots) * MemoryLayout<FrequentEvent>.stride
        while unsafe line < end {
            unsafe platform_prefetch_read(line)
            unsafe line += 64
        }
    }
}

/// Folding is bound by cache misses: a payment touches an id slot, a payer and three ancestors, all far apart. So what a
/// record will touch starts being loaded some records before it is folded. (All of a stretch at once would ask for lines
/// faster than they come, and then for none.)
extension CoreState {
    /// How many records ahead: enough to overlap the misses, few enough to stay in the cache.
    private static let ahead = 24
    /// The same for what is known of a record, and for its events, which come from another core.
    private static let (aheadForRecords, aheadForEvents) = (64, 44)

    /// Folds a stretch: as `apply(record:header:)` of each of its records, in order.
    public mutating func apply(_ stretch: FoldStretch) throws(FoldFault) {
        precondition(stretch.hash?.seed == hash.seed, "ids were hashed for another state")
        for i in 0..<Self.aheadForRecords { stretch.prefetchRecord(i) }
        for i in 0..<Self.aheadForEvents { stretch.prefetchEvents(i) }
        for i in 0..<min(Self.ahead, stretch.count) { unsafe prefetch(stretch.record(i), stretch) }
        for i in 0..<stretch.count {
            stretch.prefetchRecord(i + Self.aheadForRecords)
            stretch.prefetchEvents(i + Self.aheadForEvents)
            if i + Self.ahead < stretch.count { unsafe prefetch(stretch.record(i + Self.ahead), stretch) }
            let record = unsafe stretch.record(i)
            if unsafe record.pointee.first >= 0,
                unsafe Int(record.pointee.programme.rawValue) < programmes.count
            {
                try unsafe apply(record, stretch)
            } else {
                try unsafe apply(record: record.pointee.bytes, header: record.pointee.header)
            }
        }
    }

    @inline(__always)
    private mutating func apply(
        _ record: UnsafePointer<FoldStretch.Record>, _ stretch: FoldStretch
    ) throws(FoldFault) {
        let header = unsafe record.pointee.header
        try checkOrder(header)
        let base = header.basePosition
        var place = unsafe EventPlace(
            base: base, position: base, occurredAt: record.pointee.occurredAt,
            programme: record.pointee.programme)
        var event = unsafe stretch.events(record)
        for _ in 0..<header.eventCount {
            unsafe place.occurredAt = event.occurredAt(record.pointee.occurredAt)
            unsafe apply(event, place)
            // What comes after a fault may stand on what was not folded.
            if fault != nil { break }
            place.position = LogPosition(place.position.rawValue &+ 1)
            unsafe event += Int(event.pointee.slots)
        }
        if unsafe record.pointee.hasKey { unsafe noteKey(hash: record.pointee.keyHash, base) }
        if let fault { throw fault }
        head = LogHead(
            position: header.lastPosition, records: header.ordinal + 1, recordedAt: header.recordedAt)
    }

    @inline(__always)
    private mutating func apply(_ event: UnsafePointer<FrequentEvent>, _ place: EventPlace) {
        switch unsafe event.pointee.type {
        case .paymentReceived: unsafe applyPayment(event.payment, place, idHash: event.pointee.idHash)
        case .commissionEarned: unsafe applyCommission(event.commission(at: place.position), place)
        case .rewardMatured: unsafe applyMatured(event.maturity(at: place.position), place)
        case .userSignedUp: unsafe applySignup(event.signup, place, idHash: event.pointee.idHash)
        case .referralAttributed: unsafe applyAttribution(event.attribution, place)
        case .referralAdvanced: unsafe applyAdvance(event.advance, place)
        case .referralConverted: unsafe applyConversion(event.conversion, place)
        default: preconditionFailure("a stretch holds no other events")
        }
    }

    /// Starts loading what a record will touch. Changes nothing; what it does not know costs only speed.
    @inline(__always)
    private func prefetch(_ record: UnsafePointer<FoldStretch.Record>, _ stretch: FoldStretch) {
        guard unsafe record.pointee.first >= 0 else { return }
        let first = unsafe stretch.events(record)
        var event = unsafe first
        for _ in unsafe 0..<record.pointee.eventCount {
            let user = unsafe Int(event.pointee.user.rawValue)
            switch unsafe event.pointee.type {
            case .paymentReceived:
                members.prefetch(user)
                // Who feeds a table loads it, too.
                if !paymentIds.isAway { unsafe paymentIds.prefetchRun(event.pointee.idHash) }
            case .commissionEarned: money.prefetch(user)
            case .rewardMatured:
                members.prefetch(user)
                money.prefetch(user)
            case .userSignedUp:
                // Copied into the table of ids, and read long ago.
                unsafe platform_prefetch_read(event.pointee.id.bytes.baseAddress)
                if !userIds.isAway { unsafe userIds.prefetchRun(event.pointee.idHash) }
            case .referralAttributed: unsafe members.prefetch(Int(event.pointee.referrer.rawValue))
            case .referralAdvanced: if unsafe event == first { prefetchStep(by: user) }
            case .referralConverted:
                unsafe members.prefetch(Int(event.pointee.referrer.rawValue))
                if unsafe event == first { prefetchStep(by: user) }
            default: break
            }
            unsafe event += Int(event.pointee.slots)
        }
    }

    /// Starts loading what a step that somebody made by hand touches.
    @inline(__always)
    private func prefetchStep(by referee: Int) {
        members.prefetch(referee)
        if further.keyIds.isAway { return }
        further.keyIds.prefetchRun(factHash(.steppedByHand, referee))
    }
}
