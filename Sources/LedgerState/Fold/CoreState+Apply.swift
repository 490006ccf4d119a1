import LedgerDomain
import LedgerLog

/// What an event's place in its record says.
@frozen
public struct EventPlace: Sendable {
    /// Position of the record's first event.
    public var base: LogPosition
    /// The log position.
    public var position: LogPosition
    /// The business moment.
    public var occurredAt: Timestamp
    /// The programme.
    public var programme: ProgrammeNumber
    /// Memberwise.
    @inlinable
    public init(base: LogPosition, position: LogPosition, occurredAt: Timestamp, programme: ProgrammeNumber) {
        self.base = base
        self.position = position
        self.occurredAt = occurredAt
        self.programme = programme
    }
}

extension CoreState {
    /// Folds one stored record. Throws what is wrong with it; the state is then not to be used any more.
    public mutating func apply(record: UnsafeRawBufferPointer, header: RecordHeader) throws(FoldFault) {
        try checkOrder(header)
        let region = unsafe UnsafeRawBufferPointer(rebasing: record[RecordHeader.size...])
        var decoder = unsafe EventDecoder(
            region: region,
            context: RecordContext(basePosition: header.basePosition, occurredAt: Timestamp(nanoseconds: 0)))
        let envelope = decoder.prelude()
        var place = EventPlace(
            base: header.basePosition, position: header.basePosition, occurredAt: envelope.occurredAt,
            programme: envelope.programme)
        let isKnown = Int(place.programme.rawValue) < programmes.count
        for _ in 0..<header.eventCount {
            guard let type = decoder.nextType(recordOccurredAt: envelope.occurredAt) else { break }
            place.position = decoder.context.position
            place.occurredAt = decoder.context.occurredAt
            if !isKnown || !applyFrequent(type, &decoder, place) {
                guard let event = decoder.event(of: type) else { break }
                if Int(place.programme.rawValue) >= programmes.count, !Self.needsNoProgramme(event) {
                    fail("programme.unknown", "there is no programme \(place.programme.rawValue)", place)
                } else {
                    apply(event, place)
                }
            }
            // What comes after a fault may stand on what was not folded.
            if fault != nil || !decoder.isSound { break }
            decoder.step()
        }
        // Where a fault stopped the fold, what stands behind it was not read: nothing is left over.
        if fault == nil { decoder.finish() }
        if let bad = decoder.fault {
            throw FoldFault("log.decoding", bad.message, at: decoder.context.position)
        }
        // What belongs to a record as a whole comes after its last event.
        if !envelope.key.isEmpty {
            noteKey(envelope.key, envelope.keyType, envelope.programme, header.basePosition)
        }
        if let fault { throw fault }
        head = LogHead(
            position: header.lastPosition, records: header.ordinal + 1, recordedAt: header.recordedAt)
    }

    /// A record must follow the one before.
    @inline(__always)
    func checkOrder(_ header: RecordHeader) throws(FoldFault) {
        if header.basePosition.rawValue != head.position.rawValue + 1 {
            throw FoldFault(
                "log.density", "the record begins at \(header.basePosition), after \(head.position)",
                at: header.basePosition)
        }
        if header.ordinal != head.records {
            throw FoldFault(
                "log.ordinal", "the record's ordinal is \(header.ordinal), expected \(head.records)",
                at: header.basePosition)
        }
        if header.ordinal > 0, header.recordedAt <= head.recordedAt {
            throw FoldFault("log.order", "recordedAt does not rise", at: header.basePosition)
        }
    }

    /// Decodes and folds an event of one of the types that make up nearly all of a log, without the detour over
    /// `Event`; false for the others, of which nothing was read.
    @inline(__always)
    private mutating func applyFrequent(
        _ type: EventType, _ decoder: inout EventDecoder, _ place: EventPlace
    ) -> Bool {
        switch type {
        case .paymentReceived:
            let e = decoder.paymentReceived()
            if decoder.isSound { applyPayment(e, place) }
        case .commissionEarned:
            let e = decoder.commissionEarned()
            if decoder.isSound { applyCommission(e, place) }
        case .rewardMatured:
            let e = decoder.rewardMatured()
            if decoder.isSound { applyMatured(e, place) }
        case .referralAdvanced:
            let e = decoder.referralAdvanced()
            if decoder.isSound { applyAdvance(e, place) }
        case .referralConverted:
            let e = decoder.referralConverted()
            if decoder.isSound { applyConversion(e, place) }
        case .userSignedUp:
            let e = decoder.userSignedUp()
            if decoder.isSound { applySignup(e, place) }
        case .referralAttributed:
            let e = decoder.referralAttributed()
            if decoder.isSound { applyAttribution(e, place) }
        default: return false
        }
        return true
    }

    /// Whether an event may stand in a record of a programme that is not there (yet).
    static func needsNoProgramme(_ event: Event) -> Bool {
        switch event {
        case .ledgerCreated, .programmeCreated, .importProgressed: true
        default: false
        }
    }

    /// Folds a record's explicit key.
    /// - Parameter hash: of the key in its name space.
    mutating func noteKey(hash: UInt64, _ base: LogPosition) {
        let number = keyPositions.count
        further.keyPositions.append(base.rawValue)
        further.keyIds.insert(hash, number, &undo)
    }

    /// The same for a key whose hash is not known yet.
    mutating func noteKey(
        _ key: BorrowedText, _ type: UInt8, _ programme: ProgrammeNumber, _ base: LogPosition
    ) {
        noteKey(hash: hash(key, space: IdSpace.key(programme, type)), base)
    }

    /// The fold: what an event does to the state. The same for live, open, rebuild and the past.
    @inline(__always)
    mutating func apply(_ event: Event, _ place: EventPlace) {
        switch event {
        case .paymentReceived(let e): applyPayment(e, place)
        case .commissionEarned(let e): applyCommission(e, place)
        case .rewardMatured(let e): applyMatured(e, place)
        case .userSignedUp(let e): applySignup(e, place)
        case .referralAttributed(let e): applyAttribution(e, place)
        case .referralAdvanced(let e): applyAdvance(e, place)
        default: applyRarer(event, place)
        }
    }

    private mutating func applyRarer(_ event: Event, _ place: EventPlace) {
        switch event {
        case .referralConverted(let e): applyConversion(e, place)
        case .codeIssued(let e): applyCode(e, place)
        case .codeExpired(let e): applyCodeExpiry(e, place)
        case .codeDisabled(let e): applyCodeDisabled(e, place)
        case .codeReactivated(let e): applyCodeReactivated(e, place)
        case .referralExpired(let e): applyExpiry(e, place)
        case .referralReverted(let e): applyReversion(e, place)
        case .refundReceived(let e): applyRefund(e, place)
        case .refundFailed(let e): applyRefundFailed(e, place)
        case .commissionReversed(let e): applyReversal(e, place)
        case .commissionRestored(let e): applyRestored(e, place)
        case .eventParked(let e): applyParked(e, place)
        case .eventUnparked(let e): applyUnparked(e, place)
        case .programmeCreated(let e): applyProgramme(e, place)
        case .policyPublished(let e): applyPolicy(e, place)
        case .budgetSet(let e): applyBudget(e, place)
        case .budgetExhausted(let e): applyExhausted(e, place)
        case .symbolDefined(let e): applySymbol(e, place)
        case .clockAdvanced(let e): applyClock(e, place)
        case .periodClosed(let e): applyPeriodClosed(e, place)
        case .importProgressed(let e): applyImport(e, place)
        case .ledgerCreated:
            if place.position.rawValue != 1 {
                fail("ledger.first", "LedgerCreated is not the first event", place)
            }
        default: applyMainLine(event, place)
        }
    }

    /// Rewards, cases, withdrawals, books.
    private mutating func applyMainLine(_ event: Event, _ place: EventPlace) {
        switch event {
        case .rewardGranted(let e): applyGranted(e, place)
        case .rewardHeld(let e): applyHeld(e, place)
        case .rewardReleased(let e): applyReleased(e, place)
        case .rewardRevoked(let e): applyRevoked(e, place)
        case .rewardClaimed(let e): applyClaimed(e, place)
        case .rewardFulfilled(let e): applyFulfilled(e, place)
        case .fulfilmentFailed(let e): applyFulfilmentFailed(e, place)
        case .rewardExpired(let e): applyRewardExpired(e, place)
        case .tierChanged(let e): applyTier(e, place)
        case .badgeAwarded(let e): applyBadge(e.user, e.asset, awarded: true, event, place)
        case .badgeRevoked(let e): applyBadge(e.user, e.asset, awarded: false, event, place)
        case .disputeOpened(let e): applyDispute(e, place)
        case .disputeWon(let e): applyDisputeWon(e, place)
        case .disputeLost(let e): applyDisputeLost(e, place)
        case .userSuspended(let e): applySuspended(e, place)
        case .userReinstated(let e): applyReinstated(e, place)
        case .userClosed(let e): applyClosed(e, place)
        case .balanceForfeited(let e): applyForfeited(e, place)
        case .usersMerged(let e): applyMerged(e, place)
        case .balanceMerged(let e): applyBalanceMerged(e, place)
        case .fraudFlagged(let e): applyFlagged(e, place)
        case .reviewDecided(let e): applyReviewed(e, place)
        case .riskScoreReported(let e):
            if let member = member(e.user, place) {
                unsafe editProfile(member).pointee.riskScore = UInt32(e.score) + 1
            }
            noteFact(place)
        case .withdrawalRequested(let e): applyWithdrawal(e, place)
        case .withdrawalApproved(let e): applyApproved(e, place)
        case .withdrawalReduced(let e): applyFreed(e, to: nil, event, place)
        case .withdrawalRejected(let e): applyFreed(e, to: .rejected, event, place)
        case .withdrawalCancelled(let e): applyFreed(e, to: .cancelled, event, place)
        case .withdrawalExpired(let e): applyFreed(e, to: .expired, event, place)
        case .payoutSent(let e): applySent(e, place)
        case .taxWithheld(let e): applyCharge(e.withdrawal, e.amount, isTax: true, event, place)
        case .feeCharged(let e): applyCharge(e.withdrawal, e.amount, isTax: false, event, place)
        case .payoutSettled(let e): applySettled(e, place)
        case .payoutFailed(let e): applyPayoutBack(e, isReturn: false, event, place)
        case .payoutReturned(let e): applyPayoutBack(e, isReturn: true, event, place)
        case .kycSubmitted: noteFact(place)
        case .kycDecided(let e): applyKyc(e, place)
        case .kycExpired(let e): applyKycExpired(e, place)
        case .adjustmentPosted(let e): applyAdjustment(e, place)
        case .openingBalance(let e): applyOpening(e, place)
        case .fxRateRecorded(let e): applyRate(e, place)
        case .fxConverted(let e): applyConverted(e, place)
        case .eventQuarantined(let e): applyQuarantined(e, place)
        case .eventReleased(let e): applyReleasedFact(e, place)
        case .attributionCorrected(let e): applyCorrected(e, place)
        case .correctionApplied(let e): applyCorrection(e, place)
        case .debtWrittenOff, .taxRemitted, .cashFunded, .costRecorded:
            applyPostings(event, place)
            noteFact(place)
        case .reconciliationRun(let e): applyRun(e, place)
        case .breakOpened(let e): applyBreakOpened(e, place)
        case .breakResolved(let e): applyBreakResolved(e, place)
        // Handled before.
        default: break
        }
    }

    @inline(never)
    mutating func fail(_ check: String, _ message: String, _ place: EventPlace) {
        // By business time what an event stands on may be left out: then it has nothing to change.
        if isByBusinessTime, check != "amount.overflow" { return }
        if fault == nil { fault = FoldFault(check, message, at: place.position) }
    }

    /// Adds with a check; an overflow is a broken log (live, it was refused before).
    @inline(__always)
    mutating func add(_ target: UnsafeMutablePointer<Int64>, _ amount: Int64, _ place: EventPlace) {
        let (sum, overflow) = unsafe target.pointee.addingReportingOverflow(amount)
        if overflow { fail("amount.overflow", "an amount leaves the range of 64 bits", place) }
        unsafe target.pointee = sum
    }

    /// The member of a user in the event's programme; a user without one is a broken log.
    @inline(__always)
    mutating func member(_ user: UserNumber, _ place: EventPlace) -> Int? {
        let number = Int(user.rawValue)
        // Nearly always: then the member's row, which is far away, need not be read for it.
        let programme = Int(place.programme.rawValue)
        if programme < programmes.count,
            unsafe number < Int(programmes.peek(programme).pointee.identityMembers)
        {
            return number
        }
        if number < users.count, let found = member(of: number, in: place.programme) { return found }
        fail("user.unknown", "user number \(number) is not in the programme", place)
        return nil
    }

    /// A place for changing a member's balance in an asset; valid until the next change of any table.
    @inline(__always)
    mutating func editBalance(_ member: Int, _ asset: AssetNumber) -> UnsafeMutablePointer<Balance> {
        if member >= money.count {
            precondition(member < members.count, "money of nobody")
            money.extend(to: member + 1)
        }
        let row = unsafe money.edit(member, &undo)
        if unsafe row.pointee.used == 0 {
            unsafe row.pointee.used = 1
            unsafe row.pointee.asset = asset.rawValue
        }
        if unsafe row.pointee.asset == asset.rawValue {
            return unsafe UnsafeMutableRawPointer(row)
                .advanced(by: MoneyRow.balanceOffset)
                .assumingMemoryBound(to: Balance.self)
        }
        return unsafe editFurtherBalance(member, asset)
    }

    private mutating func editFurtherBalance(_ member: Int, _ asset: AssetNumber) -> UnsafeMutablePointer<
        Balance
    > {
        var next = profile(member).extraAccount
        var found: Int?
        while next != 0 {
            let account = accounts[Int(next) - 1]
            if account.asset == asset.rawValue {
                found = Int(next) - 1
                break
            }
            next = account.next
        }
        if found == nil {
            var row = AccountRow()
            row.member = UInt32(member)
            row.asset = asset.rawValue
            row.next = profile(member).extraAccount
            let number = further.accounts.append(row)
            unsafe editProfile(member).pointee.extraAccount = UInt32(number + 1)
            found = number
        }
        let row = unsafe further.accounts.edit(found!, &undo)
        return unsafe UnsafeMutableRawPointer(row)
            .advanced(by: MemoryLayout<AccountRow>.offset(of: \AccountRow.balance)!)
            .assumingMemoryBound(to: Balance.self)
    }

    /// A place for changing the sums of a programme's asset.
    @inline(__always)
    mutating func editTotals(_ programme: ProgrammeNumber, _ asset: AssetNumber) -> UnsafeMutablePointer<
        TotalsRow
    > {
        if lastTotals < totals.count {
            let row = unsafe totals.peek(lastTotals)
            if unsafe row.pointee.programme == programme.rawValue && row.pointee.asset == asset.rawValue {
                return unsafe totals.edit(lastTotals, &undo)
            }
        }
        for i in 0..<totals.count {
            let row = totals[i]
            if row.programme == programme.rawValue && row.asset == asset.rawValue {
                lastTotals = i
                return unsafe totals.edit(i, &undo)
            }
        }
        var row = TotalsRow()
        row.programme = programme.rawValue
        row.asset = asset.rawValue
        lastTotals = totals.append(row)
        return unsafe totals.edit(lastTotals, &undo)
    }
}
