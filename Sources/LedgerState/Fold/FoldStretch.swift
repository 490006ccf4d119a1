import CPlatform
import LedgerDomain
import LedgerLog

/// Records that are folded together, decoded.
///
/// Decoding needs no state, so another thread can do it ahead. Of records with other than the frequent events only the
/// bytes are kept; they are decoded when it is their turn. Memory: some 170 KiB.
@safe public final class FoldStretch: @unchecked Sendable {
    // Proof of Sendable: whoever has a stretch is the only one who uses it; it is handed over through a lock.

    /// Records of a stretch, at most.
    public static let capacity = 256
    /// Records that are best read together: decoded while their bytes, checked just before, are still in the nearest cache.
    public static let piece = 32

    /// What is known of a record.
    struct Record {
        var scanned: ScannedRecord
        /// Hash of its explicit key, where it has one.
        var keyHash: UInt64 = 0
        var hasKey = false
        var programme = ProgrammeNumber(0)
        /// Where its events begin; −1: to be decoded when it is folded, for good or for what is wrong with it.
        var first: Int32 = -1
    }

    private let events: UnsafeMutablePointer<FrequentEvent>
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
        unsafe events = .allocate(capacity: Self.capacity * FrequentRecord.events)
        unsafe records = .allocate(capacity: Self.capacity)
    }

    deinit {
        unsafe events.deallocate()
        unsafe records.deallocate()
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
        for i in scanned.indices { unsafe (records + count + i).initialize(to: decode(scanned[i])) }
        count += scanned.count
    }

    /// A place for reading; valid until the next `fill`.
    @inline(__always)
    func record(_ i: Int) -> UnsafePointer<Record> { unsafe UnsafePointer(records + i) }

    /// The same.
    @inline(__always)
    func event(_ i: Int) -> UnsafePointer<FrequentEvent> { unsafe UnsafePointer(events + i) }

    @inline(__always)
    private func decode(_ scanned: ScannedRecord) -> Record {
        let count = scanned.header.eventCount
        var record = Record(scanned: scanned)
        guard
            let found = unsafe FrequentRecord.decode(
                UnsafeRawBufferPointer(rebasing: scanned.bytes[RecordHeader.size...]),
                base: scanned.header.basePosition, count: count, into: events + used)
        else { return record }
        record.programme = found.programme
        record.hasKey = !found.key.isEmpty
        record.first = Int32(used)
        if let hash {
            if record.hasKey {
                record.keyHash = hash(found.key, space: IdSpace.key(found.programme, found.keyType))
            }
            for i in used..<(used + count) { unsafe hashId(of: events + i, found.programme, hash) }
        }
        used += count
        return record
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
}

/// Folding is bound by cache misses: a payment touches an id slot, a payer and three ancestors, all far apart. So what a
/// record will touch starts being loaded some records before it is folded. (All of a stretch at once would ask for lines
/// faster than they come, and then for none.)
extension CoreState {
    /// How many records ahead: enough to overlap the misses, few enough to stay in the cache.
    private static let ahead = 24

    /// Folds a stretch: as `apply(record:header:)` of each of its records, in order.
    public mutating func apply(_ stretch: FoldStretch) throws(FoldFault) {
        precondition(stretch.hash?.seed == hash.seed, "ids were hashed for another state")
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
        for i in 0..<header.eventCount {
            let event = unsafe stretch.event(Int(record.pointee.first) + i)
            let place = unsafe EventPlace(
                base: base, position: LogPosition(base.rawValue &+ UInt64(i)),
                occurredAt: event.pointee.occurredAt, programme: programme)
            switch unsafe event.pointee.type {
            case .paymentReceived:
                unsafe applyPayment(event.pointee.payment, place, idHash: event.pointee.idHash)
            case .commissionEarned: unsafe applyCommission(event.pointee.commission, place)
            case .rewardMatured: unsafe applyMatured(event.pointee.maturity, place)
            case .userSignedUp: unsafe applySignup(event.pointee.signup, place, idHash: event.pointee.idHash)
            case .referralAttributed: unsafe applyAttribution(event.pointee.attribution, place)
            case .referralAdvanced: unsafe applyAdvance(event.pointee.advance, place)
            case .referralConverted: unsafe applyConversion(event.pointee.conversion, place)
            default: preconditionFailure("a stretch holds no other events")
            }
            // What comes after a fault may stand on what was not folded.
            if fault != nil { break }
        }
        if unsafe record.pointee.hasKey { unsafe noteKey(hash: record.pointee.keyHash, base) }
        if let fault { throw fault }
        head = LogHead(
            position: header.lastPosition, records: header.ordinal + 1, recordedAt: header.recordedAt)
    }

    /// Starts loading what a record will touch. Changes nothing; what it does not know costs only speed.
    @inline(__always)
    private func prefetch(_ record: UnsafePointer<FoldStretch.Record>, _ stretch: FoldStretch) {
        guard unsafe record.pointee.first >= 0 else { return }
        let first = unsafe Int(record.pointee.first)
        for i in unsafe 0..<record.pointee.scanned.header.eventCount {
            let event = unsafe stretch.event(first + i)
            let user = unsafe Int(event.pointee.user.rawValue)
            switch unsafe event.pointee.type {
            case .paymentReceived:
                members.prefetch(user)
                // Who feeds a table loads it, too.
                if !paymentIds.isAway { unsafe paymentIds.prefetchRun(event.pointee.idHash) }
            case .commissionEarned, .rewardMatured: members.prefetchMoney(user)
            case .userSignedUp:
                // Copied into the table of ids, and read long ago.
                unsafe platform_prefetch_read(event.pointee.id.bytes.baseAddress)
                if !userIds.isAway { unsafe userIds.prefetchRun(event.pointee.idHash) }
            case .referralAttributed: unsafe members.prefetchTree(Int(event.pointee.referrer.rawValue))
            case .referralAdvanced: if i == 0 { prefetchStep(by: user) }
            case .referralConverted:
                unsafe members.prefetch(Int(event.pointee.referrer.rawValue))
                if i == 0 { prefetchStep(by: user) }
            default: break
            }
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

/// A member's row spans two lines of the cache; but half of the rows begin in the middle of a line, and much of what is folded
/// touches one side of the row only.
extension RowTable<MemberRow> {
    /// Where the later part begins: `attributedAt` and all behind it.
    private static var middle: Int { 32 }

    /// Starts loading what the tree is made of: parent, children, counts.
    @inline(__always)
    func prefetchTree(_ i: Int) {
        guard i >= 0, i < store.count, let block = unsafe store.blocks[i / Self.rowsPerBlock] else { return }
        unsafe platform_prefetch_write(block + i % Self.rowsPerBlock * MemoryLayout<MemberRow>.stride)
    }

    /// Starts loading the balance, and what says whose it is.
    @inline(__always)
    func prefetchMoney(_ i: Int) {
        guard i >= 0, i < store.count, let block = unsafe store.blocks[i / Self.rowsPerBlock] else { return }
        let row = unsafe block + i % Self.rowsPerBlock * MemoryLayout<MemberRow>.stride
        let end = unsafe row + MemoryLayout<MemberRow>.stride - 1
        unsafe platform_prefetch_write(end)
        // Within one line with the end, for every second row.
        if Int(bitPattern: row) & 63 != Self.middle { unsafe platform_prefetch_write(row + Self.middle) }
    }
}
