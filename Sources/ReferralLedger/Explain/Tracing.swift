import LedgerDomain
import LedgerLog
import LedgerState

/// What came of one request of the host: the records that carry its id, and those that name it as their cause.
public struct Trace: Sendable, Equatable {
    /// A record.
    public struct Record: Sendable, Equatable {
        /// Whether its own id is the one asked for; else it names it as its cause, or a cause before it.
        public let isOwn: Bool
        public let correlationId: String?
        public let causation: String?
        public let recordedAt: Timestamp
        /// Whole.
        public let events: [LedgerEvent]
    }
    public let correlationId: String
    /// In log order.
    public let records: [Record]
    public let position: LogPosition
}

extension LedgerReader {
    /// Follows a correlation id through the log: what the request recorded, what names it as its cause, and
    /// what names those, in turn. Cost: a pass over the log, reading envelopes.
    public func trace(_ correlationId: String) throws(LedgerError) -> Trace {
        try checkOpen()
        let end = fixed ?? position
        var records: [Trace.Record] = []
        var ids: Set<String> = [correlationId]
        do throws(LogError) {
            unsafe try store.scan(after: .start, through: end) { record, header throws(LogError) in
                var found: [(StoredEvent, RecordEnvelope)] = []
                unsafe StoredRecord.walk(record) { stored, envelope in
                    guard found.isEmpty else {
                        found.append((stored, envelope))
                        return true
                    }
                    let isWanted =
                        Self.names(envelope.correlationId, ids) || Self.names(envelope.causation, ids)
                    if isWanted { found.append((stored, envelope)) }
                    return isWanted
                }
                guard let envelope = found.first?.1 else { return true }
                let own = envelope.correlationId.text
                if let own { ids.insert(own) }
                var events: [LedgerEvent] = []
                for (stored, envelope) in found { events.append(try describe(stored, envelope, header)) }
                records.append(
                    Trace.Record(
                        isOwn: own == correlationId, correlationId: own, causation: envelope.causation.text,
                        recordedAt: header.recordedAt, events: events))
                return true
            }
        } catch {
            throw LedgerError(error)
        }
        return Trace(correlationId: correlationId, records: records, position: end)
    }

    private static func names(_ text: BorrowedText, _ ids: Set<String>) -> Bool {
        !text.isEmpty && ids.contains(text.string)
    }
}
