import LedgerDomain
import LedgerLog

/// The state by business time: a fold of the events with `occurredAt` ≤ a moment, in log order, nothing decided
/// anew. Source: Documentation/past.md.
///
/// It is a fold with gaps. What only gives numbers to things (users, programmes, policies, names) is folded
/// whatever its time, so that a number means the same as in the log. An event whose predecessor is left out has
/// nothing to change: it is passed over, and is no fault of the log. So balances in this state are not to be
/// read: money by business time is the sum of the postings, whatever they stand on.
extension CoreState {
    /// Makes an empty state one of business time.
    public mutating func beginByBusinessTime() {
        precondition(head.records == 0, "by business time a state is folded from the beginning")
        isByBusinessTime = true
    }

    /// Folds those events of a record that had happened by a moment.
    /// - Throws: when the record cannot be decoded or does not follow the one before; the state is then not to
    ///   be used any more.
    public mutating func apply(
        record: UnsafeRawBufferPointer, header: RecordHeader, through moment: Timestamp
    ) throws(FoldFault) {
        precondition(isByBusinessTime)
        try checkOrder(header)
        let region = unsafe UnsafeRawBufferPointer(rebasing: record[RecordHeader.size...])
        var decoder = unsafe EventDecoder(
            region: region,
            context: RecordContext(basePosition: header.basePosition, occurredAt: Timestamp(nanoseconds: 0)))
        let envelope = decoder.prelude()
        for _ in 0..<header.eventCount {
            guard let event = decoder.event(recordOccurredAt: envelope.occurredAt) else { break }
            apply(
                event,
                EventPlace(
                    base: header.basePosition, position: decoder.context.position,
                    occurredAt: decoder.context.occurredAt, programme: envelope.programme),
                through: moment)
            if fault != nil { break }
            decoder.step()
        }
        // Where a fault stopped the fold, what stands behind it was not read: nothing is left over.
        if fault == nil { decoder.finish() }
        if let bad = decoder.fault {
            throw FoldFault("log.decoding", bad.message, at: decoder.context.position)
        }
        if let fault { throw fault }
        head = LogHead(
            position: header.lastPosition, records: header.ordinal + 1, recordedAt: header.recordedAt)
    }

    private mutating func apply(_ event: Event, _ place: EventPlace, through moment: Timestamp) {
        if Int(place.programme.rawValue) >= programmes.count, !Self.needsNoProgramme(event) { return }
        if place.occurredAt <= moment { return apply(event, place) }
        switch event {
        case .ledgerCreated, .programmeCreated, .policyPublished, .symbolDefined, .userSignedUp:
            // For its number only: the moment is the latest that anything has happened at.
            var named = place
            named.occurredAt = moment
            apply(event, named)
        case .rewardGranted(let e): keepNumber(of: e, place)
        case .fraudFlagged(let e): keepNumber(of: e, place)
        default: break
        }
    }

    /// Grants are called by their number (`r17`): a row that nothing can come of, and that is in nobody's list.
    private mutating func keepNumber(of e: RewardGranted, _ place: EventPlace) {
        var row = RewardRow()
        row.member = UInt32(member(e.beneficiary, place) ?? 0)
        row.about = UInt32(member(e.referee, place) ?? 0)
        row.asset = e.asset.rawValue
        row.state =
            RewardRow.matured | RewardRow.claimed | RewardRow.fulfilled | RewardRow.expired
            | RewardRow.revoked
        further.rewards.append(row)
        further.rewardPositions.append(place.position.rawValue)
    }

    /// Reviews are called by their number (`f3`): a case that is over, and in nobody's list.
    private mutating func keepNumber(of e: FraudFlagged, _ place: EventPlace) {
        var row = CaseRow()
        row.kind = CaseKind.review.rawValue
        row.state = CaseRow.released
        row.subject = UInt32(member(e.user, place) ?? 0)
        row.number = UInt32(reviewCases.count + 1)
        let number = further.cases.append(row)
        further.casePositions.append(place.position.rawValue)
        further.reviewCases.append(UInt64(number))
    }
}
