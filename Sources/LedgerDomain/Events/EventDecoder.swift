/// Why bytes are not a record of this format.
public enum DecodingFault: Error, Sendable, Equatable {
    case truncated
    case unknownEventType(UInt8)
    case newerEventVersion(UInt8)
    case badField(String)
    case trailingBytes(Int)

    /// One sentence for people.
    public var message: String {
        switch self {
        case .truncated: "the record ends inside a field"
        case .unknownEventType(let type): "event type \(type) is not known to this version"
        case .newerEventVersion(let version):
            "an event has schema version \(version), newer than this program"
        case .badField(let name): "field \(name) holds a value that is not allowed"
        case .trailingBytes(let count): "\(count) bytes follow the last event"
        }
    }
}

/// Reads fields out of stored bytes. Every read is checked against the end; the first fault stays and later
/// reads give zeros.
///
/// No call has its address but that for a whole event: what is found wrong is only noted, and its text made when somebody
/// asks. So a decoder that a loop has for itself lies in registers.
@frozen
@safe public struct EventDecoder: EventCoder {
    public var context: RecordContext
    var cursor: UnsafePointer<UInt8>
    let end: UnsafePointer<UInt8>
    /// Whether eight bytes end where the region does: then its last bytes can be read at once, too.
    private let isLong: Bool
    private var found: Found?

    /// What was found wrong, without a text of its own.
    @usableFromInline
    enum Found: BitwiseCopyable {
        case truncated
        case unknownEventType(UInt8)
        case newerEventVersion(UInt8)
        case badField(StaticString)
        case trailingBytes(Int)
    }

    /// - Parameter region: the bytes after the record's header; alive until the decoder and its events are
    ///   gone.
    @inline(__always)
    public init(region: UnsafeRawBufferPointer, context: RecordContext) {
        let base = unsafe region.baseAddress!.assumingMemoryBound(to: UInt8.self)
        unsafe cursor = base
        unsafe end = base + region.count
        isLong = region.count >= 8
        self.context = context
    }

    /// The first thing found wrong.
    public var fault: DecodingFault? {
        switch found {
        case nil: nil
        case .truncated: .truncated
        case .unknownEventType(let type): .unknownEventType(type)
        case .newerEventVersion(let version): .newerEventVersion(version)
        case .badField(let name): .badField("\(name)")
        case .trailingBytes(let count): .trailingBytes(count)
        }
    }

    /// Whether nothing was found wrong so far; at no cost.
    public var isSound: Bool {
        @inline(__always) get {
            if case nil = found { true } else { false }
        }
    }

    @inline(__always)
    mutating func fail(_ fault: Found) {
        if isSound { found = fault }
        unsafe cursor = end
    }

    @inline(__always)
    mutating func get() -> UInt8 {
        guard unsafe cursor < end else {
            fail(.truncated)
            return 0
        }
        let value = unsafe cursor.pointee
        unsafe cursor += 1
        return value
    }

    @inline(__always)
    mutating func varint() -> UInt64 {
        // Eight bytes at once: numbers of up to 56 bits, which nearly all are, need no loop.
        let left = unsafe end - cursor
        let word: UInt64
        if _fastPath(left >= 8) {
            word = unsafe UInt64(littleEndian: UnsafeRawPointer(cursor).loadUnaligned(as: UInt64.self))
        } else if _fastPath(isLong && left > 0) {
            // The last bytes, with zeros behind them.
            let last = unsafe UInt64(littleEndian: UnsafeRawPointer(end - 8).loadUnaligned(as: UInt64.self))
            word = last &>> UInt64(64 - 8 * left)
        } else {
            return byteByByte()
        }
        if word & 0x80 == 0 {
            unsafe cursor += 1
            return word & 0x7F
        }
        let ends = ~word & 0x8080_8080_8080_8080
        guard _fastPath(ends != 0) else { return byteByByte() }
        let bits = UInt64(ends.trailingZeroBitCount) + 1
        // One number has one form: no trailing group of zeros.
        let own = word & (~0 &>> (64 - bits))
        guard _fastPath(own &>> (bits - 8) != 0) else {
            fail(Int(bits / 8) > left ? .truncated : .badField("varint"))
            return 0
        }
        unsafe cursor += Int(bits / 8)
        return Self.packed(own)
    }

    /// Seven bits of each byte, side by side.
    @inline(__always)
    private static func packed(_ bytes: UInt64) -> UInt64 {
        var value = bytes & 0x7F7F_7F7F_7F7F_7F7F
        value = value & 0x007F_007F_007F_007F | (value & 0x7F00_7F00_7F00_7F00) >> 1
        value = value & 0x0000_3FFF_0000_3FFF | (value & 0x3FFF_0000_3FFF_0000) >> 2
        return value & 0x0000_0000_0FFF_FFFF | (value & 0x0FFF_FFFF_0000_0000) >> 4
    }

    /// The same for what is short of eight bytes, or longer than 56 bits.
    @inline(__always)
    private mutating func byteByByte() -> UInt64 {
        let read = unsafe Self.byteByByte(cursor, end)
        unsafe cursor = read.next
        if let fault = unsafe read.fault { fail(fault) }
        return unsafe read.value
    }

    @inline(never)
    private static func byteByByte(
        _ from: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
    ) -> (value: UInt64, next: UnsafePointer<UInt8>, fault: Found?) {
        var cursor = unsafe from
        var (value, shift) = (UInt64(0), UInt64(0))
        while shift <= 63 {
            guard unsafe cursor < end else { return unsafe (0, end, .truncated) }
            let next = unsafe cursor.pointee
            unsafe cursor += 1
            if shift == 63, next > 1 { break }
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 {
                // One number has one form: no trailing group of zeros.
                if next == 0, shift > 0 { break }
                return unsafe (value, cursor, nil)
            }
            shift += 7
        }
        return unsafe (0, end, .badField("varint"))
    }

    @inline(__always)
    mutating func zigzag() -> Int64 {
        let raw = varint()
        return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
    }

    @inline(__always)
    mutating func fixed64() -> UInt64 {
        guard unsafe end - cursor >= 8 else {
            fail(.truncated)
            return 0
        }
        let value = unsafe UnsafeRawPointer(cursor).loadUnaligned(as: UInt64.self)
        unsafe cursor += 8
        return UInt64(littleEndian: value)
    }

    @inline(__always)
    mutating func bytes() -> BorrowedText {
        let length = varint()
        guard unsafe length <= UInt64(end - cursor) else {
            fail(.truncated)
            return .empty
        }
        let value = unsafe BorrowedText(cursor, count: Int(length))
        unsafe cursor += Int(length)
        return value
    }

    @inline(__always)
    mutating func narrow<T: FixedWidthInteger>(_ name: StaticString, _ value: inout T) {
        let wide = varint()
        guard let fits = T(exactly: wide) else {
            fail(.badField(name))
            return
        }
        value = fits
    }

    @inline(__always) public mutating func flags(_ value: inout UInt8, known: UInt8) {
        value = get()
        if value & ~known != 0 { fail(.badField("flags")) }
    }
    @inline(__always) public mutating func inFlags(_ name: StaticString, _ value: UInt8) {}
    @inline(__always) public mutating func require(_ condition: Bool, _ name: StaticString) {
        if !condition { fail(.badField(name)) }
    }
    @inline(__always) public mutating func byte(_ name: StaticString, _ value: inout UInt8) { value = get() }
    @inline(__always) public mutating func count(_ name: StaticString, _ value: inout UInt64) {
        value = varint()
    }
    @inline(__always) public mutating func user(_ name: StaticString, _ value: inout UserNumber) {
        narrow(name, &value.rawValue)
    }
    @inline(__always) public mutating func symbol(_ name: StaticString, _ value: inout SymbolNumber) {
        narrow(name, &value.rawValue)
    }
    @inline(__always) public mutating func asset(_ name: StaticString, _ value: inout AssetNumber) {
        var raw: UInt16 = 0
        narrow(name, &raw)
        value = AssetNumber(rawValue: raw)
        context.asset = value
    }
    @inline(__always) public mutating func money(_ name: StaticString, _ value: inout Int64) {
        value = zigzag()
    }
    @inline(__always) public mutating func rate(_ name: StaticString, _ value: inout UInt32) {
        narrow(name, &value)
    }
    @inline(__always) public mutating func time(_ name: StaticString, _ value: inout Timestamp) {
        value = Timestamp(nanoseconds: context.occurredAt.nanoseconds &+ zigzag())
    }
    @inline(__always) public mutating func position(_ name: StaticString, _ value: inout LogPosition) {
        let distance = varint()
        if distance == 0 || distance >= context.position.rawValue { fail(.badField(name)) }
        value = LogPosition(context.position.rawValue &- distance)
    }
    @inline(__always) public mutating func stage(_ name: StaticString, _ value: inout ReferralStage) {
        guard let known = ReferralStage(rawValue: get()) else {
            fail(.badField(name))
            return
        }
        value = known
    }
    @inline(__always) public mutating func text(_ name: StaticString, _ value: inout BorrowedText) {
        value = bytes()
    }
    @inline(__always) public mutating func blob(_ name: StaticString, _ value: inout BorrowedText) {
        value = bytes()
    }
    @inline(__always) public mutating func hash(_ name: StaticString, _ value: inout Bytes16) {
        value.low = fixed64()
        value.high = fixed64()
    }

    /// Reads what all events of the record share.
    @inline(__always)
    public mutating func prelude() -> RecordEnvelope {
        var envelope = RecordEnvelope()
        let flags = get()
        var programme: UInt16 = 0
        narrow("programme", &programme)
        envelope.programme = ProgrammeNumber(programme)
        envelope.policyVersion = varint()
        envelope.occurredAt = Timestamp(nanoseconds: Int64(bitPattern: fixed64()))
        if flags & RecordEnvelope.hasActor != 0 {
            guard let role = ActorRole(rawValue: get()) else {
                fail(.badField("actorRole"))
                return envelope
            }
            envelope.actorRole = role
            envelope.actorId = bytes()
            // The system without an id is what no actor at all means.
            require(role != .system || !envelope.actorId.isEmpty, "actor")
        }
        if flags & RecordEnvelope.hasCorrelation != 0 {
            envelope.correlationId = bytes()
            require(!envelope.correlationId.isEmpty, "correlationId")
        }
        if flags & RecordEnvelope.hasCausation != 0 {
            envelope.causation = bytes()
            require(!envelope.causation.isEmpty, "causation")
        }
        if flags & RecordEnvelope.hasKey != 0 {
            envelope.keyType = get()
            envelope.key = bytes()
            require(envelope.keyType != 0, "keyType")
            require(!envelope.key.isEmpty, "key")
        }
        if flags & ~RecordEnvelope.knownFlags != 0 { fail(.badField("envelope flags")) }
        context.occurredAt = envelope.occurredAt
        return envelope
    }

    /// Reads the next event, or nil after a fault. `context.position` and `context.occurredAt` are the
    /// event's own
    /// until the next call.
    @inline(__always)
    public mutating func event(recordOccurredAt: Timestamp) -> Event? {
        guard let type = nextType(recordOccurredAt: recordOccurredAt) else { return nil }
        return event(of: type)
    }

    /// Reads what stands before an event's fields: its type and moment; nil after a fault. Then read the fields, by
    /// `event(of:)` or the payload's own function.
    @inline(__always)
    public mutating func nextType(recordOccurredAt: Timestamp) -> EventType? {
        let tag = get()
        if tag & 0x7F == 0x7F {
            fail(.newerEventVersion(get()))
            return nil
        }
        guard let type = EventType(rawValue: tag & 0x7F) else {
            fail(.unknownEventType(tag & 0x7F))
            return nil
        }
        moment(tag, recordOccurredAt)
        return type
    }

    /// Reads the event's own moment, where its first byte says that it has one.
    @inline(__always)
    mutating func moment(_ tag: UInt8, _ recordOccurredAt: Timestamp) {
        if tag & 0x80 == 0 {
            context.occurredAt = recordOccurredAt
        } else {
            let delta = zigzag()
            require(delta != 0, "occurredAt")
            context.occurredAt = Timestamp(nanoseconds: recordOccurredAt.nanoseconds &+ delta)
        }
    }

    /// Reads the fields of an event of a type; nil after a fault.
    public mutating func event(of type: EventType) -> Event? {
        var event = Event.empty(type)
        event.code(&self)
        return isSound ? event : nil
    }

    /// Steps to the next event's position; to be called after each event.
    @inline(__always)
    public mutating func step() { context.position = LogPosition(context.position.rawValue &+ 1) }

    /// To be called after the last event: nothing may be left.
    public mutating func finish() {
        if isSound, unsafe cursor != end { fail(.trailingBytes(unsafe end - cursor)) }
    }
}
