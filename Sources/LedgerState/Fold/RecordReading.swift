import LedgerDomain
import LedgerLog

/// An event as the log has it.
public struct StoredEvent: Sendable {
    /// The event.
    public let event: Event
    /// The log position.
    public let position: LogPosition
    /// The business moment.
    public let occurredAt: Timestamp
}

/// Walking a stored record.
public enum StoredRecord {
    /// Visits a record's events in order until the body says it has seen enough.
    ///
    /// The record's checksum is taken as checked, or as not needed (a match to confirm): every read is
    /// bounded anyway.
    /// - Returns: the fault that ended the walk early, if any.
    @inline(__always)
    @discardableResult
    public static func walk(
        _ record: UnsafeRawBufferPointer, _ body: (StoredEvent, RecordEnvelope) -> Bool
    ) -> DecodingFault? {
        guard record.count >= RecordHeader.size, let base = record.baseAddress else { return .truncated }
        let count = unsafe Int(UInt16(littleEndian: base.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
        let position = unsafe LogPosition(
            UInt64(littleEndian: base.loadUnaligned(fromByteOffset: 16, as: UInt64.self)))
        let region = unsafe UnsafeRawBufferPointer(rebasing: record[RecordHeader.size...])
        var decoder = unsafe EventDecoder(
            region: region,
            context: RecordContext(basePosition: position, occurredAt: Timestamp(nanoseconds: 0)))
        let envelope = decoder.prelude()
        for _ in 0..<count {
            guard let event = decoder.event(recordOccurredAt: envelope.occurredAt) else {
                return decoder.fault
            }
            let stored = StoredEvent(
                event: event, position: decoder.context.position, occurredAt: decoder.context.occurredAt)
            if !body(stored, envelope) { return nil }
            decoder.step()
        }
        decoder.finish()
        return decoder.fault
    }

    /// Visits the payment and the commissions of a record, in order, until a body says it has seen enough: as
    /// `walk(_:_:)`, without the detour over `Event`, which is as large as the largest of its payloads.
    @inline(__always)
    static func walkPayment(
        _ record: UnsafeRawBufferPointer,
        payment: (PaymentReceived, _ position: LogPosition, _ at: Timestamp, RecordEnvelope) -> Bool,
        commission: (CommissionEarned) -> Bool
    ) {
        guard record.count >= RecordHeader.size, let base = record.baseAddress else { return }
        let count = unsafe Int(UInt16(littleEndian: base.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
        let position = unsafe LogPosition(
            UInt64(littleEndian: base.loadUnaligned(fromByteOffset: 16, as: UInt64.self)))
        let region = unsafe UnsafeRawBufferPointer(rebasing: record[RecordHeader.size...])
        var decoder = unsafe EventDecoder(
            region: region,
            context: RecordContext(basePosition: position, occurredAt: Timestamp(nanoseconds: 0)))
        let envelope = decoder.prelude()
        for _ in 0..<count {
            guard let type = decoder.nextType(recordOccurredAt: envelope.occurredAt) else { return }
            var goesOn = true
            switch type {
            case .paymentReceived:
                let event = decoder.paymentReceived()
                guard decoder.isSound else { return }
                goesOn = payment(event, decoder.context.position, decoder.context.occurredAt, envelope)
            case .commissionEarned:
                let event = decoder.commissionEarned()
                guard decoder.isSound else { return }
                goesOn = commission(event)
            default: if decoder.event(of: type) == nil { return }
            }
            if !goesOn { return }
            decoder.step()
        }
    }
}
