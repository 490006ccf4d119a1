import LedgerDomain
import LedgerLog

/// What a position of the log stands for, for those who tell it to people or to another ledger.
extension CoreState {
    /// The event at a position, and its record's envelope. Texts are valid until the next read or change.
    public func event(
        at position: LogPosition
    ) throws(LogError) -> (event: Event, occurredAt: Timestamp, envelope: RecordEnvelope) {
        var found: (Event, Timestamp, RecordEnvelope)?
        unsafe StoredRecord.walk(try record(holding: position)) { stored, envelope in
            guard stored.position == position else { return true }
            found = (stored.event, stored.occurredAt, envelope)
            return false
        }
        guard let found else {
            throw LogError(.broken, "the log refers to an event that is not there", position: position)
        }
        return found
    }

    /// The name of the grant that stands at a position, such as `r17`; nil when none does.
    public func grantName(at position: LogPosition) -> String? {
        Self.index(of: position.rawValue, in: rewardPositions.count) { rewardPositions[$0] }
            .map { "r\($0 + 1)" }
    }

    /// The name of the review that was opened at a position, such as `f3`; nil when none was.
    public func reviewName(at position: LogPosition) -> String? {
        Self.index(of: position.rawValue, in: reviewCases.count) {
            casePositions[Int(reviewCases[$0])]
        }
        .map { "f\($0 + 1)" }
    }

    /// Binary search among rising values.
    private static func index(of value: UInt64, in count: Int, _ at: (Int) -> UInt64) -> Int? {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if at(middle) < value { low = middle + 1 } else { high = middle }
        }
        return low < count && at(low) == value ? low : nil
    }
}
