@testable import LedgerDomain

/// A record's body (prelude and events) in terms that tests can compare.
struct DecodedBody: Equatable {
    var envelope: [String] = []
    var events: [[String]] = []
    var moments: [Int64] = []
    var fault: DecodingFault?
}

/// An event with its own moment.
struct TimedEvent {
    var event: Event
    var occurredAt: Timestamp
}

enum Coding {
    /// Encodes a body; nil when it does not fit into `capacity` bytes.
    static func encode(
        _ envelope: RecordEnvelope, _ events: [TimedEvent], base: LogPosition, capacity: Int = 1 << 18
    ) -> [UInt8]? {
        let region = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 8)
        defer { region.deallocate() }
        var encoder = EventEncoder(
            region: region, context: RecordContext(basePosition: base, occurredAt: envelope.occurredAt))
        encoder.prelude(envelope)
        for timed in events {
            var event = timed.event
            encoder.event(&event, occurredAt: timed.occurredAt, recordOccurredAt: envelope.occurredAt)
        }
        guard !encoder.overflowed else { return nil }
        return Array(region[..<(UnsafeMutableRawPointer(encoder.cursor) - region.baseAddress!)])
    }

    /// Decodes `count` events and hands each out while its bytes are alive.
    static func decode(
        _ bytes: [UInt8], count: Int, base: LogPosition,
        _ body: (RecordEnvelope, TimedEvent) -> Void = { _, _ in }
    ) -> DecodedBody {
        // A copy of exactly this size, so that a read past the end is one past an allocation.
        let region = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 8)
        defer { region.deallocate() }
        region.copyBytes(from: bytes)
        var decoder = EventDecoder(
            region: UnsafeRawBufferPointer(rebasing: region[..<bytes.count]),
            context: RecordContext(basePosition: base, occurredAt: Timestamp(nanoseconds: 0)))
        var decoded = DecodedBody()
        let envelope = decoder.prelude()
        decoded.envelope = contents(envelope)
        for _ in 0..<count {
            guard let event = decoder.event(recordOccurredAt: envelope.occurredAt) else { break }
            let timed = TimedEvent(event: event, occurredAt: decoder.context.occurredAt)
            body(envelope, timed)
            decoded.events.append(contents(event))
            decoded.moments.append(timed.occurredAt.nanoseconds)
            decoder.step()
        }
        decoder.finish()
        decoded.fault = decoder.fault
        return decoded
    }

    /// Decodes and encodes again; nil when the bytes are refused.
    static func recode(_ bytes: [UInt8], count: Int, base: LogPosition) -> [UInt8]? {
        let region = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 8)
        defer { region.deallocate() }
        var encoder: EventEncoder?
        let decoded = decode(bytes, count: count, base: base) { envelope, timed in
            if encoder == nil {
                encoder = EventEncoder(
                    region: region,
                    context: RecordContext(basePosition: base, occurredAt: envelope.occurredAt))
                encoder!.prelude(envelope)
            }
            var event = timed.event
            encoder!.event(&event, occurredAt: timed.occurredAt, recordOccurredAt: envelope.occurredAt)
        }
        guard decoded.fault == nil, let encoder else { return nil }
        return Array(region[..<(UnsafeMutableRawPointer(encoder.cursor) - region.baseAddress!)])
    }
}

extension RandomEvents {
    /// A whole body: events of the types given, or of random ones.
    mutating func body(_ types: [EventType]? = nil) -> (RecordEnvelope, [TimedEvent], LogPosition) {
        let envelope = envelope()
        let base = LogPosition(2 + word() >> 2)
        let count = Int.random(in: 1...8, using: &random)
        let chosen = types ?? (0..<count).map { _ in EventType.allCases.randomElement(using: &random)! }
        var context = RecordContext(basePosition: base, occurredAt: envelope.occurredAt)
        var events: [TimedEvent] = []
        for type in chosen {
            let event = event(type, context)
            let moment = chance(70) ? envelope.occurredAt : time()
            events.append(TimedEvent(event: event, occurredAt: moment))
            if case .paymentReceived(let e) = event {
                context.payment = context.position
                (context.paymentAsset, context.paymentBase) = (e.asset, e.commissionableBase)
            }
            if case .commissionEarned(let e) = event { context.maturesAt = e.maturesAt }
            context.position = LogPosition(context.position.rawValue + 1)
        }
        return (envelope, events, base)
    }
}
