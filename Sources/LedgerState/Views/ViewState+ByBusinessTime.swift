import LedgerDomain
import LedgerLog

extension ViewState {
    /// Folds those events of a record that had happened by a moment; of what happened later only the calendars,
    /// which are rules and no facts. For a state of its own, from the log's beginning.
    public mutating func apply(
        record: UnsafeRawBufferPointer, header: RecordHeader, through moment: Timestamp
    ) throws(FoldFault) {
        touched.removeAll(keepingCapacity: true)
        let region = unsafe UnsafeRawBufferPointer(rebasing: record[RecordHeader.size...])
        var decoder = unsafe EventDecoder(
            region: region,
            context: RecordContext(basePosition: header.basePosition, occurredAt: Timestamp(nanoseconds: 0)))
        let envelope = decoder.prelude()
        for _ in 0..<header.eventCount {
            guard let event = decoder.event(recordOccurredAt: envelope.occurredAt) else { break }
            let occurredAt = decoder.context.occurredAt
            if occurredAt <= moment {
                if event.counts { sequence += 1 }
                fold(event, occurredAt, envelope.programme)
            } else if case .policyPublished(let e) = event {
                recall(policy: e, in: envelope.programme)
            }
            decoder.step()
        }
        decoder.finish()
        if let fault = decoder.fault {
            throw FoldFault("log.decoding", fault.message, at: header.basePosition)
        }
        for user in touched { note(user, header.basePosition) }
        head = LogHead(
            position: header.lastPosition, records: header.ordinal + 1, recordedAt: header.recordedAt)
    }
}
