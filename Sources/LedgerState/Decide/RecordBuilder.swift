import LedgerDomain
import LedgerLog

/// A record while its events are decided. Each event is encoded and folded at once, so that the next sees
/// what it did.
@safe struct RecordBuilder: ~Copyable {
    /// See `AddressOnly`.
    private let pin = AddressOnly()
    var encoder: EventEncoder
    let region: UnsafeMutableRawBufferPointer
    let envelope: Origin
    let base: LogPosition
    var count = 0

    /// What is needed of the envelope once it is written. (The whole of it, copied with each record, cost more than
    /// a row: eight-byte stores that are read back in sixteens wait for the stores to retire.)
    struct Origin {
        let programme: ProgrammeNumber
        let keyType: UInt8
        let occurredAt: Timestamp
        let key: BorrowedText

        init(_ envelope: RecordEnvelope) {
            programme = envelope.programme
            keyType = envelope.keyType
            occurredAt = envelope.occurredAt
            key = envelope.key
        }
    }

    init(
        encoder: EventEncoder, region: UnsafeMutableRawBufferPointer, envelope: Origin, base: LogPosition
    ) {
        self.encoder = encoder
        unsafe self.region = region
        self.envelope = envelope
        self.base = base
    }

    /// Bytes of events so far.
    var byteCount: Int { unsafe UnsafeMutableRawPointer(encoder.cursor) - region.baseAddress! }

    /// Lets the events so far be read back before the record is finished.
    func expose(to source: RecordSource) {
        unsafe region.baseAddress!.storeBytes(
            of: UInt16(count).littleEndian, toByteOffset: 2, as: UInt16.self)
        unsafe region.baseAddress!.storeBytes(
            of: base.rawValue.littleEndian, toByteOffset: 16, as: UInt64.self)
        unsafe source.showBuilding(UnsafeRawBufferPointer(rebasing: region[..<byteCount]), base)
    }
}

extension CoreState {
    /// Begins a record at the head of the log.
    func begin(_ envelope: RecordEnvelope, in group: RecordGroup) -> RecordBuilder {
        let region = unsafe group.reserve()
        let base = LogPosition(head.position.rawValue + 1)
        let body = unsafe UnsafeMutableRawBufferPointer(rebasing: region[RecordHeader.size...])
        var encoder = unsafe EventEncoder(
            region: body, context: RecordContext(basePosition: base, occurredAt: envelope.occurredAt))
        encoder.prelude(envelope)
        return unsafe RecordBuilder(
            encoder: encoder, region: region, envelope: RecordBuilder.Origin(envelope), base: base)
    }

    /// Encodes and folds an event.
    @inline(__always)
    mutating func emit(_ event: Event, at occurredAt: Timestamp, _ out: inout RecordBuilder) {
        var event = event
        let place = EventPlace(
            base: out.base, position: out.encoder.context.position, occurredAt: occurredAt,
            programme: out.envelope.programme)
        out.encoder.event(&event, occurredAt: occurredAt, recordOccurredAt: out.envelope.occurredAt)
        out.count += 1
        apply(event, place)
    }

    /// The place of the event that is written next.
    @inline(__always)
    private func place(_ out: borrowing RecordBuilder, _ occurredAt: Timestamp) -> EventPlace {
        EventPlace(
            base: out.base, position: out.encoder.context.position, occurredAt: occurredAt,
            programme: out.envelope.programme)
    }

    /// Encodes and folds a payment: as `emit(_:at:_:)`, without the detour over `Event`.
    @inline(__always)
    mutating func emit(
        payment: inout PaymentReceived, idHash: UInt64?, at occurredAt: Timestamp, _ out: inout RecordBuilder
    ) {
        let place = place(out, occurredAt)
        out.encoder.event(&payment, occurredAt: occurredAt, recordOccurredAt: out.envelope.occurredAt)
        out.count += 1
        applyPayment(payment, place, idHash: idHash)
    }

    /// Encodes and folds a commission: as `emit(_:at:_:)`, without the detour over `Event`.
    @inline(__always)
    mutating func emit(commission: CommissionEarned, at occurredAt: Timestamp, _ out: inout RecordBuilder) {
        var event = commission
        let place = place(out, occurredAt)
        out.encoder.event(&event, occurredAt: occurredAt, recordOccurredAt: out.envelope.occurredAt)
        out.count += 1
        applyCommission(event, place)
    }

    /// Encodes and folds a referral's step: as `emit(_:at:_:)`, without the detour over `Event`.
    mutating func emit(advance: ReferralAdvanced, at occurredAt: Timestamp, _ out: inout RecordBuilder) {
        var event = advance
        let place = place(out, occurredAt)
        out.encoder.event(&event, occurredAt: occurredAt, recordOccurredAt: out.envelope.occurredAt)
        out.count += 1
        applyAdvance(event, place)
    }

    /// Ends the record: header, key, head. Its bytes are part of the group from here on; its checksum is put in when the
    /// group is appended.
    mutating func finish(_ out: borrowing RecordBuilder, now: Timestamp, in group: RecordGroup) -> Receipt {
        // Bounds are checked before the first event; past them is a fault of this program.
        precondition(!out.encoder.overflowed, "a record of more than \(LedgerBounds.recordBytes) bytes")
        precondition(
            out.count >= 1 && out.count <= LedgerBounds.eventsPerRecord, "a record of \(out.count) events")
        let receipt = unsafe close(
            out.region, at: out.base, events: out.count, length: out.byteCount, now: now, in: group)
        if !out.envelope.key.isEmpty {
            noteKey(out.envelope.key, out.envelope.keyType, out.envelope.programme, out.base)
        }
        return receipt
    }

    /// Puts the header in front of a record's events, which are folded, and takes it into the group.
    /// - Parameters:
    ///   - region: what the group reserved.
    ///   - base: the position behind the head.
    ///   - length: bytes of the record, header included.
    @inline(__always)
    mutating func close(
        _ region: UnsafeMutableRawBufferPointer, at base: LogPosition, events: Int, length: Int,
        now: Timestamp, in group: RecordGroup
    ) -> Receipt {
        // On a damaged checkpoint anything can be decided; the writer undoes it all.
        if let fault, damagedTable == nil {
            preconditionFailure("an event was decided that cannot be folded: \(fault)")
        }
        let recordedAt = Timestamp(
            nanoseconds: max(now.nanoseconds, head.recordedAt.nanoseconds + (head.records == 0 ? 0 : 1)))
        let header = RecordHeader(
            ordinal: head.records, basePosition: base, eventCount: events, recordedAt: recordedAt,
            length: length)
        unsafe RecordHeader.writeUnsealed(
            header, into: UnsafeMutableRawBufferPointer(rebasing: region[..<length]))
        group.commit(length: length, base: base)
        head = LogHead(position: header.lastPosition, records: header.ordinal + 1, recordedAt: recordedAt)
        return Receipt(position: base, events: events)
    }
}
