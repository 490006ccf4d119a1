/// Writes fields into memory that the caller owns. Past the end it stops writing and says so in `overflowed`.
@frozen
@safe public struct EventEncoder: EventCoder {
    public var context: RecordContext
    public private(set) var cursor: UnsafeMutablePointer<UInt8>
    let end: UnsafeMutablePointer<UInt8>
    /// A field did not fit; nothing written since counts.
    public private(set) var overflowed = false

    /// - Parameter region: where to write; owned by the caller and alive until the encoder is gone.
    public init(region: UnsafeMutableRawBufferPointer, context: RecordContext) {
        let base = unsafe region.baseAddress!.assumingMemoryBound(to: UInt8.self)
        unsafe cursor = base
        unsafe end = base + region.count
        self.context = context
    }

    /// For a part of a record.
    @inline(__always)
    init(
        from start: UnsafeMutablePointer<UInt8>, to end: UnsafeMutablePointer<UInt8>, context: RecordContext
    ) {
        unsafe cursor = start
        unsafe self.end = unsafe end
        self.context = context
    }

    /// Where the part ends; it must have had room.
    @inline(__always)
    var finished: UnsafeMutablePointer<UInt8> {
        precondition(!overflowed, "a part of a record is larger than it can be")
        return unsafe cursor
    }

    @inline(__always)
    mutating func room(_ bytes: Int) -> Bool {
        if unsafe end - cursor >= bytes { return true }
        overflowed = true
        return false
    }

    @inline(__always)
    mutating func put(_ value: UInt8) {
        guard room(1) else { return }
        unsafe cursor.pointee = value
        unsafe cursor += 1
    }

    @inline(__always)
    mutating func varint(_ value: UInt64) {
        guard room(10) else { return }
        if value < 0x80 {
            unsafe cursor.pointee = UInt8(truncatingIfNeeded: value)
            unsafe cursor += 1
        } else if value >> 56 == 0 {
            // Seven bits to a byte, in one store; what it writes past the number is written over, or never read.
            let bytes = Self.spread(value)
            // Bits of all bytes but the last.
            let before = UInt64(truncatingIfNeeded: 56 &- (bytes.leadingZeroBitCount & 56))
            let goOn: UInt64 = 0x8080_8080_8080_8080 & ((1 &<< before) &- 1)
            unsafe UnsafeMutableRawPointer(cursor).storeBytes(
                of: (bytes | goOn).littleEndian, as: UInt64.self)
            unsafe cursor += Int(truncatingIfNeeded: before &>> 3) &+ 1
        } else {
            unsafe cursor = unsafe Self.longVarint(value, cursor)
        }
    }

    /// Seven bits to each byte.
    @inline(__always)
    private static func spread(_ value: UInt64) -> UInt64 {
        var bytes = value & 0x0000_0000_0FFF_FFFF | (value & 0x00FF_FFFF_F000_0000) << 4
        bytes = bytes & 0x0000_3FFF_0000_3FFF | (bytes & 0x0FFF_C000_0FFF_C000) << 2
        return bytes & 0x007F_007F_007F_007F | (bytes & 0x3F80_3F80_3F80_3F80) << 1
    }

    /// A number of more than 56 bits; there is room. Where it ends. (Not a method: an encoder whose address is taken is one that
    /// lives in memory.)
    @inline(never)
    private static func longVarint(
        _ value: UInt64, _ start: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8> {
        var (rest, cursor) = unsafe (value, start)
        while rest >= 0x80 {
            unsafe cursor.pointee = UInt8(truncatingIfNeeded: rest) | 0x80
            unsafe cursor += 1
            rest >>= 7
        }
        unsafe cursor.pointee = UInt8(truncatingIfNeeded: rest)
        return unsafe cursor + 1
    }

    @inline(__always)
    mutating func zigzag(_ value: Int64) {
        varint(UInt64(bitPattern: (value &<< 1) ^ (value &>> 63)))
    }

    @inline(__always)
    mutating func fixed64(_ value: UInt64) {
        guard room(8) else { return }
        unsafe UnsafeMutableRawPointer(cursor).storeBytes(of: value.littleEndian, as: UInt64.self)
        unsafe cursor += 8
    }

    @inline(__always)
    mutating func bytes(_ value: BorrowedText) {
        varint(UInt64(value.count))
        guard value.count > 0, room(value.count) else { return }
        let (from, to) = unsafe (value.bytes.baseAddress!, UnsafeMutableRawPointer(cursor))
        if value.count >= 16, value.count <= 32 {
            // As most ids are: begin and end, which overlap, without a call.
            let end = value.count &- 16
            let first = unsafe from.loadUnaligned(as: SIMD2<UInt64>.self)
            let last = unsafe from.loadUnaligned(fromByteOffset: end, as: SIMD2<UInt64>.self)
            unsafe to.storeBytes(of: first, as: SIMD2<UInt64>.self)
            unsafe to.storeBytes(of: last, toByteOffset: end, as: SIMD2<UInt64>.self)
        } else {
            unsafe to.copyMemory(from: from, byteCount: value.count)
        }
        unsafe cursor += value.count
    }

    @inline(__always) public mutating func flags(_ value: inout UInt8, known: UInt8) { put(value) }
    @inline(__always) public mutating func inFlags(_ name: StaticString, _ value: UInt8) {}
    @inline(__always) public mutating func require(_ condition: Bool, _ name: StaticString) {
        precondition(condition, "an event was made that no reader would take")
    }
    @inline(__always) public mutating func byte(_ name: StaticString, _ value: inout UInt8) { put(value) }
    @inline(__always) public mutating func count(_ name: StaticString, _ value: inout UInt64) {
        varint(value)
    }
    @inline(__always) public mutating func user(_ name: StaticString, _ value: inout UserNumber) {
        varint(UInt64(value.rawValue))
    }
    @inline(__always) public mutating func symbol(_ name: StaticString, _ value: inout SymbolNumber) {
        varint(UInt64(value.rawValue))
    }
    @inline(__always) public mutating func asset(_ name: StaticString, _ value: inout AssetNumber) {
        varint(UInt64(value.rawValue))
        context.asset = value
    }
    @inline(__always) public mutating func money(_ name: StaticString, _ value: inout Int64) { zigzag(value) }
    @inline(__always) public mutating func rate(_ name: StaticString, _ value: inout UInt32) {
        varint(UInt64(value))
    }
    @inline(__always) public mutating func time(_ name: StaticString, _ value: inout Timestamp) {
        zigzag(value.nanoseconds &- context.occurredAt.nanoseconds)
    }
    @inline(__always) public mutating func position(_ name: StaticString, _ value: inout LogPosition) {
        varint(context.position.rawValue &- value.rawValue)
    }
    @inline(__always) public mutating func stage(_ name: StaticString, _ value: inout ReferralStage) {
        put(value.rawValue)
    }
    @inline(__always) public mutating func text(_ name: StaticString, _ value: inout BorrowedText) {
        bytes(value)
    }
    @inline(__always) public mutating func blob(_ name: StaticString, _ value: inout BorrowedText) {
        bytes(value)
    }
    @inline(__always) public mutating func hash(_ name: StaticString, _ value: inout Bytes16) {
        fixed64(value.low)
        fixed64(value.high)
    }

    /// Writes what all events of a record share.
    public mutating func prelude(_ envelope: RecordEnvelope) {
        var flags: UInt8 = 0
        if envelope.actorRole != .system || !envelope.actorId.isEmpty { flags |= RecordEnvelope.hasActor }
        if !envelope.correlationId.isEmpty { flags |= RecordEnvelope.hasCorrelation }
        if !envelope.causation.isEmpty { flags |= RecordEnvelope.hasCausation }
        if !envelope.key.isEmpty { flags |= RecordEnvelope.hasKey }
        prelude(flags, envelope.programme, envelope.policyVersion, envelope.occurredAt)
        if flags & RecordEnvelope.hasActor != 0 {
            put(envelope.actorRole.rawValue)
            bytes(envelope.actorId)
        }
        if flags & RecordEnvelope.hasCorrelation != 0 { bytes(envelope.correlationId) }
        if flags & RecordEnvelope.hasCausation != 0 { bytes(envelope.causation) }
        if flags & RecordEnvelope.hasKey != 0 {
            precondition(envelope.keyType != 0, "a key without the type of its command")
            put(envelope.keyType)
            bytes(envelope.key)
        }
    }

    /// What every prelude begins with.
    @inline(__always)
    mutating func prelude(
        _ flags: UInt8, _ programme: ProgrammeNumber, _ policyVersion: UInt64, _ occurredAt: Timestamp
    ) {
        put(flags)
        varint(UInt64(programme.rawValue))
        varint(policyVersion)
        fixed64(UInt64(bitPattern: occurredAt.nanoseconds))
    }

    /// Writes one event at `context.position`, then steps to the next position.
    /// - Parameters:
    ///   - occurredAt: The event's own moment; costs bytes only where it differs from the record's.
    public mutating func event(_ event: inout Event, occurredAt: Timestamp, recordOccurredAt: Timestamp) {
        begin(event.type, occurredAt: occurredAt, recordOccurredAt: recordOccurredAt)
        event.code(&self)
        context.position = LogPosition(context.position.rawValue + 1)
    }

    /// Writes an event's number, and its own moment where that is not the record's.
    @inline(__always)
    mutating func begin(_ type: EventType, occurredAt: Timestamp, recordOccurredAt: Timestamp) {
        context.occurredAt = occurredAt
        if occurredAt == recordOccurredAt {
            put(type.rawValue)
        } else {
            put(type.rawValue | 0x80)
            zigzag(occurredAt.nanoseconds &- recordOccurredAt.nanoseconds)
        }
    }
}
