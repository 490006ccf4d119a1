import LedgerDomain
import LedgerLog

extension ViewState {
    /// Folds a durable record. The core has folded it before, so what it says holds.
    public mutating func apply(record: UnsafeRawBufferPointer, header: RecordHeader) throws(FoldFault) {
        touched.removeAll(keepingCapacity: true)
        let region = unsafe UnsafeRawBufferPointer(rebasing: record[RecordHeader.size...])
        var decoder = unsafe EventDecoder(
            region: region,
            context: RecordContext(basePosition: header.basePosition, occurredAt: Timestamp(nanoseconds: 0)))
        let envelope = decoder.prelude()
        for _ in 0..<header.eventCount {
            guard let type = decoder.nextType(recordOccurredAt: envelope.occurredAt) else { break }
            let moment = decoder.context.occurredAt
            if !foldFrequent(type, &decoder, moment, envelope.programme) {
                guard let event = decoder.event(of: type) else { break }
                if event.counts { sequence += 1 }
                fold(event, moment, envelope.programme)
            }
            if !decoder.isSound { break }
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

    /// Decodes and folds an event of one of the types that make up nearly all of a log, without the detour
    /// over `Event`; false for the others, of which nothing was read.
    @inline(__always)
    private mutating func foldFrequent(
        _ type: EventType, _ decoder: inout EventDecoder, _ moment: Timestamp, _ programme: ProgrammeNumber
    ) -> Bool {
        switch type {
        case .paymentReceived:
            let e = decoder.paymentReceived()
            sequence += 1
            if decoder.isSound { touch(e.payer) }
        case .commissionEarned:
            let e = decoder.commissionEarned()
            sequence += 1
            guard decoder.isSound else { return true }
            touch(e.beneficiary)
            score(e.beneficiary, .earnings, e.asset.rawValue, e.amount, moment, programme)
        case .rewardMatured:
            let e = decoder.rewardMatured()
            sequence += 1
            if decoder.isSound { touch(e.beneficiary) }
        case .referralAdvanced:
            let e = decoder.referralAdvanced()
            sequence += 1
            if decoder.isSound { touch(e.referee) }
        case .userSignedUp:
            let e = decoder.userSignedUp()
            sequence += 1
            if decoder.isSound { touch(e.user) }
        default: return false
        }
        return true
    }

    /// Reads only what calendars need: for the part of the log that a checkpoint covers.
    public mutating func recall(policy published: PolicyPublished, in programme: ProgrammeNumber) {
        while calendars.count <= Int(programme.rawValue) { calendars.append(ProgrammeCalendar()) }
        guard let policy = try? Policy.parse(unsafe Array(published.rules.utf8)) else { return }
        let zone =
            published.zoneRules.isEmpty
            ? ZoneRules.utc : ZoneRules(bytes: unsafe Array(published.zoneRules.utf8))
        calendars[Int(programme.rawValue)].versions.append(
            .init(effectiveFrom: published.effectiveFrom, zone: zone ?? .utc, weekStart: policy.weekStart))
    }

    /// Restores how far periods were closed at the checkpoint.
    public mutating func recall(closedTo: (week: Int64, month: Int64), in programme: Int) {
        while calendars.count <= programme { calendars.append(ProgrammeCalendar()) }
        calendars[programme].weekClosedTo = closedTo.week
        calendars[programme].monthClosedTo = closedTo.month
    }

    mutating func fold(_ event: Event, _ occurredAt: Timestamp, _ programme: ProgrammeNumber) {
        switch event {
        case .policyPublished(let e): recall(policy: e, in: programme)
        case .userSignedUp(let e): touch(e.user)
        case .codeIssued(let e): touch(e.owner)
        case .codeExpired(let e): touch(e.owner)
        case .referralAttributed(let e):
            touch(e.referee)
            touch(e.referrer)
            score(e.referrer, .referrals, 0, 1, occurredAt, programme)
        case .attributionRejected(let e): touch(e.referee)
        case .referralAdvanced(let e): touch(e.referee)
        case .referralExpired(let e): touch(e.referee)
        case .referralConverted(let e):
            touch(e.referrer)
            score(e.referrer, .conversions, 0, 1, occurredAt, programme)
        case .referralReverted(let e):
            touch(e.referee)
            touch(e.referrer)
            score(e.referrer, .conversions, 0, -1, e.convertedAt, programme)
        case .paymentReceived(let e): touch(e.payer)
        case .commissionEarned(let e):
            touch(e.beneficiary)
            score(e.beneficiary, .earnings, e.asset.rawValue, e.amount, occurredAt, programme)
        case .commissionReversed(let e):
            touch(e.beneficiary)
            score(e.beneficiary, .earnings, e.asset.rawValue, -e.amount, e.earnedAt, programme)
        case .rewardMatured(let e): touch(e.beneficiary)
        case .periodClosed(let e): close(e, programme)
        case .commissionRestored(let e):
            touch(e.beneficiary)
            score(e.beneficiary, .earnings, e.asset.rawValue, e.amount, e.earnedAt, programme)
        case .rewardGranted(let e):
            touch(e.beneficiary)
            score(e.beneficiary, .earnings, e.asset.rawValue, e.amount, occurredAt, programme)
        case .rewardRevoked(let e):
            touch(e.beneficiary)
            score(e.beneficiary, .earnings, e.asset.rawValue, -e.amount, e.earnedAt, programme)
        case .eventQuarantined(let e) where e.isReward && e.flags & QuarantineMove.ofUser != 0:
            touch(e.user)
            score(e.user, .earnings, e.asset.rawValue, -e.amount, e.earnedAt, programme)
        case .eventReleased(let e) where e.isReward && e.flags & QuarantineMove.ofUser != 0:
            touch(e.user)
            score(e.user, .earnings, e.asset.rawValue, e.amount, e.earnedAt, programme)
        case .attributionCorrected(let e): correct(e, programme)
        case .correctionApplied(let e) where e.amount > 0:
            touch(e.beneficiary)
            score(e.beneficiary, .earnings, e.asset.rawValue, e.change, e.earnedAt, programme)
        case .usersMerged(let e):
            touch(e.from)
            touch(e.into)
            mergeScores(e, programme)
        default:
            if let user = event.subject { touch(user) }
        }
    }

    /// A referral, and its conversion, count for another referrer, each in the period in which it was
    /// counted.
    private mutating func correct(_ e: AttributionCorrected, _ programme: ProgrammeNumber) {
        touch(e.referee)
        let isConverted = e.flags & AttributionCorrected.converted != 0
        if e.flags & AttributionCorrected.hadReferrer != 0 {
            touch(e.former)
            score(e.former, .referrals, 0, -1, e.attributedAt, programme)
            if isConverted { score(e.former, .conversions, 0, -1, e.convertedAt, programme) }
        }
        if e.flags & AttributionCorrected.hasReferrer != 0 {
            touch(e.referrer)
            score(e.referrer, .referrals, 0, 1, e.attributedAt, programme)
            if isConverted { score(e.referrer, .conversions, 0, 1, e.convertedAt, programme) }
        }
    }

    // MARK: History

    @inline(__always)
    private mutating func touch(_ user: UserNumber) {
        if touched.count < 16 {
            if !touched.contains(user.rawValue) { touched.append(user.rawValue) }
        } else {
            touched.append(user.rawValue)
        }
    }

    private mutating func close(_ e: PeriodClosed, _ programme: ProgrammeNumber) {
        while calendars.count <= Int(programme.rawValue) { calendars.append(ProgrammeCalendar()) }
        if e.kind == PeriodKind.week.rawValue {
            calendars[Int(programme.rawValue)].weekClosedTo = e.end.nanoseconds
        } else {
            calendars[Int(programme.rawValue)].monthClosedTo = e.end.nanoseconds
        }
    }
}

extension Event {
    /// Whether an event changes what anyone has or is, as opposed to how the log came to be.
    var counts: Bool {
        switch self {
        case .importProgressed, .clockAdvanced, .periodClosed, .ledgerCreated, .reconciliationRun,
            .breakOpened, .breakResolved:
            false
        default: true
        }
    }
}
