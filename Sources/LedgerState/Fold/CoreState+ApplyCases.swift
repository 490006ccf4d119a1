import LedgerDomain
import LedgerLog

/// Disputes, reviews, suspensions, closures: what can hold rewards.
extension CoreState {
    /// Opens a case. Its number.
    private mutating func openCase(
        _ kind: CaseKind, _ subject: Int, next: UInt32, amount: Int64, _ place: EventPlace
    )
        -> Int
    {
        var row = CaseRow()
        row.kind = kind.rawValue
        row.subject = UInt32(subject)
        row.next = next
        row.amount = amount
        let number = further.cases.append(row)
        further.casePositions.append(place.position.rawValue)
        noteFact(place)
        return number
    }

    /// A case about a member.
    private mutating func openCase(_ kind: CaseKind, about member: Int, _ place: EventPlace) -> Int {
        let number = openCase(kind, member, next: profile(member).firstCase, amount: 0, place)
        unsafe editProfile(member).pointee.firstCase = UInt32(number + 1)
        return number
    }

    /// Sets the one bit that hot paths look at, from all that can block.
    private mutating func noteBlocked(_ member: Int) {
        let blocked = profile(member).isBlocked
        let row = unsafe members.edit(member, &undo)
        if blocked {
            unsafe row.pointee.flags |= MemberRow.blocked
        } else {
            unsafe row.pointee.flags &= ~MemberRow.blocked
        }
    }

    /// The case that holds what a blocked member earns: the suspension, else the closure, else the oldest open
    /// review.
    func blockingCase(_ member: Int) -> Int? {
        var found: (kind: CaseKind, number: Int)?
        var next = profile(member).firstCase
        while next != 0 {
            let row = cases[Int(next) - 1]
            if row.isOpen, let kind = CaseKind(rawValue: row.kind) {
                switch kind {
                case .suspension: return Int(next) - 1
                case .closure: found = (kind, Int(next) - 1)
                case .review where found?.kind != .closure: found = (kind, Int(next) - 1)
                default: break
                }
            }
            next = row.next
        }
        return found?.number
    }

    // MARK: Disputes

    mutating func applyDispute(_ e: DisputeOpened, _ place: EventPlace) {
        guard let payment = paymentNumber(at: e.payment) else {
            return fail("dispute.payment", "a dispute of no payment", place)
        }
        let first = payments[payment].extra.map { paymentExtras[$0].firstDispute } ?? 0
        let number = openCase(.dispute, payment, next: first, amount: e.amount, place)
        let extra = unsafe editExtra(payment)
        unsafe extra.pointee.firstDispute = UInt32(number + 1)
        unsafe add(&extra.pointee.disputed, e.amount, place)
        further.caseIds.insert(
            hash(e.disputeId, space: IdSpace.dispute(place.programme, e.provider)), number, &undo)
    }

    private mutating func openDispute(_ position: LogPosition, _ place: EventPlace) -> Int? {
        guard let number = caseNumber(at: position), cases[number].isOpen,
            cases[number].kind == CaseKind.dispute.rawValue
        else {
            fail("dispute.state", "no open dispute stands at \(position)", place)
            return nil
        }
        return number
    }

    mutating func applyDisputeWon(_ e: DisputeWon, _ place: EventPlace) {
        guard let number = openDispute(e.dispute, place) else { return }
        let row = cases[number]
        unsafe editExtra(Int(row.subject)).pointee.disputed &-= row.amount
        endCase(number, CaseRow.released, place)
        noteFact(place)
    }

    mutating func applyDisputeLost(_ e: DisputeLost, _ place: EventPlace) {
        guard let number = openDispute(e.dispute, place) else { return }
        let row = cases[number]
        unsafe editExtra(Int(row.subject)).pointee.disputed &-= row.amount
        unsafe further.cases.edit(number, &undo).pointee.moved = e.moved
        endCase(number, CaseRow.taken, place)
        count(e.moved, lost: true, of: Int(row.subject), place)
        unsafe add(&editTotals(place.programme, e.asset).pointee.chargedBack, e.moved, place)
        noteFact(place)
    }

    /// More, or by an amount below zero less, of a payment is taken back.
    mutating func count(_ money: Int64, lost: Bool, of payment: Int, _ place: EventPlace) {
        let paid: Int64
        let payer: UserNumber
        do throws(LogError) {
            let stored = try storedPayment(payment)
            paid = stored.payment.amount
            payer = stored.payment.payer
        } catch {
            return fail("refund.payment", error.message, place)
        }
        let row = unsafe editExtra(payment)
        let before = unsafe row.pointee.counted
        if lost { unsafe row.pointee.lost &+= money } else { unsafe row.pointee.refunded &+= money }
        let after = before &+ money
        guard after >= 0, after <= paid, unsafe row.pointee.refunded >= 0 else {
            return fail("refund.headroom", "more is taken back than was paid", place)
        }
        guard (before < paid) != (after < paid), let payer = member(payer, place) else { return }
        let member = unsafe members.edit(resolve(payer), &undo)
        if after < paid {
            unsafe member.pointee.qualifying &+= 1
        } else {
            unsafe member.pointee.qualifying &-= 1
        }
    }

    mutating func applyRefundFailed(_ e: RefundFailed, _ place: EventPlace) {
        guard let payment = paymentNumber(at: e.payment), let extra = payments[payment].extra,
            let refund = refundNumber(at: e.refund), refunds[refund].failed == 0, e.moved >= 0,
            e.moved <= paymentExtras[extra].refunded, (try? storedPayment(payment))?.payment.asset == e.asset
        else { return fail("refund.failed", "no refund stands at \(e.refund)", place) }
        unsafe further.refunds.edit(refund, &undo).pointee.failed = 1
        count(0 &- e.moved, lost: false, of: payment, place)
        let sums = unsafe editTotals(place.programme, e.asset)
        unsafe add(&sums.pointee.refunded, 0 &- e.moved, place)
        unsafe sums.pointee.refunds &-= 1
        takeOver(e.moved, of: payment, e.asset, place)
        mark(.refundFailed, refund, place)
        noteFact(place)
    }

    /// Money that a failed refund leaves free goes to lost disputes that found no room for all of theirs, the
    /// oldest first: the order in which a provider's reports come must not decide what is taken back.
    private mutating func takeOver(
        _ room: Int64, of payment: Int, _ asset: AssetNumber, _ place: EventPlace
    ) {
        guard let extra = payments[payment].extra else { return }
        var lost: [Int] = []
        var next = paymentExtras[extra].firstDispute
        while next != 0 {
            let row = cases[Int(next) - 1]
            if row.state == CaseRow.taken, row.moved < row.amount { lost.append(Int(next) - 1) }
            next = row.next
        }
        var rest = room
        for number in lost.reversed() where rest > 0 {
            let money = min(rest, cases[number].amount - cases[number].moved)
            rest -= money
            unsafe further.cases.edit(number, &undo).pointee.moved += money
            count(money, lost: true, of: payment, place)
            unsafe add(&editTotals(place.programme, asset).pointee.chargedBack, money, place)
        }
    }

    /// The refund that a `RefundReceived` at a position is about: by its own record, or where it was parked.
    mutating func refundNumber(at position: LogPosition) -> Int? {
        var found: (id: BorrowedText, provider: SymbolNumber, programme: ProgrammeNumber)?
        do throws(LogError) {
            unsafe StoredRecord.walk(try record(holding: position)) { stored, envelope in
                guard stored.position == position, case .refundReceived(let refund) = stored.event else {
                    return true
                }
                found = (refund.refundId, refund.provider, envelope.programme)
                return false
            }
        } catch {
            return nil
        }
        guard let found else { return nil }
        return (try? findRefund(found.programme, found.provider, found.id))?.number
    }

    // MARK: Standing

    mutating func applySuspended(_ e: UserSuspended, _ place: EventPlace) {
        guard let member = member(e.user, place) else { return }
        guard !profile(member).isSuspended else { return fail("user.suspended", "suspended twice", place) }
        _ = openCase(.suspension, about: member, place)
        unsafe editProfile(member).pointee.standing |= ProfileRow.suspended
        noteBlocked(member)
        mark(.suspended, member, place)
    }

    mutating func applyReinstated(_ e: UserReinstated, _ place: EventPlace) {
        guard let member = member(e.user, place) else { return }
        guard let number = caseNumber(at: e.suspended), cases[number].isOpen,
            cases[number].kind == CaseKind.suspension.rawValue, resolve(Int(cases[number].subject)) == member
        else { return fail("user.suspended", "no suspension stands at \(e.suspended)", place) }
        unsafe editProfile(member).pointee.standing &= ~ProfileRow.suspended
        noteBlocked(member)
        endCase(number, CaseRow.released, place)
        noteFact(place)
    }

    mutating func applyClosed(_ e: UserClosed, _ place: EventPlace) {
        guard let member = member(e.user, place) else { return }
        guard !profile(member).isClosed else { return fail("user.closed", "closed twice", place) }
        var standing = ProfileRow.closed
        if e.rule != 1 {
            _ = openCase(.closure, about: member, place)
            standing |= ProfileRow.closedAndHeld
        }
        unsafe editProfile(member).pointee.standing |= standing
        noteBlocked(member)
        mark(.closed, member, place)
        noteFact(place)
    }

    mutating func applyForfeited(_ e: BalanceForfeited, _ place: EventPlace) {
        guard let member = member(e.user, place) else { return }
        applyPostings(.balanceForfeited(e), place)
        consumeLots(of: member, e.asset, e.amount, place)
    }

    // MARK: Reviews

    mutating func applyFlagged(_ e: FraudFlagged, _ place: EventPlace) {
        guard let member = member(e.user, place) else { return }
        let number = openCase(.review, about: member, place)
        further.reviewCases.append(UInt64(number))
        let row = unsafe further.cases.edit(number, &undo)
        unsafe row.pointee.number = UInt32(reviewCases.count)
        if e.flags & FraudFlagged.hasSubject != 0 { unsafe row.pointee.flags |= CaseRow.names }
        unsafe editProfile(member).pointee.openReviews &+= 1
        noteBlocked(member)
    }

    mutating func applyReviewed(_ e: ReviewDecided, _ place: EventPlace) {
        guard let member = member(e.user, place) else { return }
        guard let number = caseNumber(at: e.flagged), cases[number].isOpen,
            cases[number].kind == CaseKind.review.rawValue, resolve(Int(cases[number].subject)) == member
        else { return fail("review.state", "no open review stands at \(e.flagged)", place) }
        unsafe editProfile(member).pointee.openReviews &-= 1
        noteBlocked(member)
        endCase(number, e.flags & ReviewDecided.confirmed != 0 ? CaseRow.taken : CaseRow.released, place)
        noteFact(place)
    }

    // MARK: Merging

    mutating func applyMerged(_ e: UsersMerged, _ place: EventPlace) {
        guard let from = member(e.from, place), let into = member(e.into, place) else { return }
        guard from != into, !members[from].isMerged, !members[into].isMerged, !isBelow(from, into),
            !isBelow(into, from)
        else { return fail("merge.cycle", "a merge of users that stand above one another", place) }
        let gone = members[from]
        let old = profile(from)
        moveEdge(gone, from, to: into, place)
        moveReferees(gone, from, to: into)
        let row = unsafe members.edit(into, &undo)
        unsafe row.pointee.referrals &+= gone.referrals
        unsafe row.pointee.conversions &+= gone.conversions
        unsafe row.pointee.qualifying &+= gone.qualifying
        unsafe row.pointee.flags |= gone.flags & MemberRow.hasPaid
        unsafe members.edit(from, &undo).pointee.flags |= MemberRow.merged
        let mine = unsafe editProfile(into)
        unsafe mine.pointee.openWithdrawals &+= old.openWithdrawals
        unsafe mine.pointee.bonuses |= old.bonuses
        let firsts = unsafe (mine.pointee.firstReward, mine.pointee.firstWithdrawal, mine.pointee.firstCase)
        unsafe mine.pointee.firstReward = joined(old.firstReward, firsts.0) {
            $0.rewards[$1].next
        } link: {
            unsafe $0.further.rewards.edit($1, &$0.undo).pointee.next = $2
        }
        unsafe editProfile(into).pointee.firstWithdrawal = joined(old.firstWithdrawal, firsts.1) {
            $0.withdrawals[$1].next
        } link: {
            unsafe $0.further.withdrawals.edit($1, &$0.undo).pointee.next = $2
        }
        unsafe editProfile(into).pointee.firstCase = joined(old.firstCase, firsts.2) {
            $0.cases[$1].next
        } link: {
            unsafe $0.further.cases.edit($1, &$0.undo).pointee.next = $2
        }
        let code = joined(gone.firstCode, members[into].firstCode) {
            $0.codes[$1].next
        } link: {
            unsafe $0.further.codes.edit($1, &$0.undo).pointee.next = $2
        }
        unsafe members.edit(into, &undo).pointee.firstCode = code
        addUsages(of: old, to: into, place)
        unsafe editProfile(from).pointee.mergedInto = UInt32(into + 1)
        noteFact(place)
    }

    /// A list of the one that goes, before the list of the one that stays.
    private mutating func joined(
        _ first: UInt32, _ second: UInt32, next: (borrowing CoreState, Int) -> UInt32,
        link: (inout CoreState, Int, UInt32) -> Void
    ) -> UInt32 {
        guard first != 0 else { return second }
        var last = Int(first) - 1
        while next(self, last) != 0 { last = Int(next(self, last)) - 1 }
        link(&self, last, second)
        return first
    }

    /// Referees are listed below the one that stays. Their own edges lead there through the merge.
    private mutating func moveReferees(_ gone: MemberRow, _ from: Int, to into: Int) {
        guard gone.firstChild != 0 else { return }
        let first = joined(gone.firstChild, members[into].firstChild) {
            $0.members[$1].nextSibling
        } link: {
            unsafe $0.members.edit($1, &$0.undo).pointee.nextSibling = $2
        }
        unsafe members.edit(into, &undo).pointee.firstChild = first
        unsafe members.edit(from, &undo).pointee.firstChild = 0
    }

    /// The one that stays takes over a referrer that it does not have.
    private mutating func moveEdge(_ gone: MemberRow, _ from: Int, to into: Int, _ place: EventPlace) {
        guard gone.parent != 0, members[into].parent == 0 else { return }
        let referrer = resolve(Int(gone.parent) - 1)
        let elder = members[referrer].firstChild
        let row = unsafe members.edit(into, &undo)
        unsafe row.pointee.parent = gone.parent
        unsafe row.pointee.nextSibling = elder
        unsafe row.pointee.attributedAt = gone.attributedAt
        unsafe row.pointee.convertedAt = gone.convertedAt
        unsafe row.pointee.stage = gone.stage
        unsafe row.pointee.flags |= gone.flags & (MemberRow.converted | MemberRow.convertedManually)
        unsafe members.edit(referrer, &undo).pointee.firstChild = UInt32(into + 1)
        // What the referral has earned goes with it, and its end stands.
        let about = joined(profile(from).firstAbout, profile(into).firstAbout) {
            $0.rewards[$1].nextAbout
        } link: {
            unsafe $0.further.rewards.edit($1, &$0.undo).pointee.nextAbout = $2
        }
        unsafe editProfile(into).pointee.firstAbout = about
        unsafe editProfile(from).pointee.firstAbout = 0
        scheduleReferralExpiry(into, attributedAt: Timestamp(nanoseconds: gone.attributedAt), place)
    }

    mutating func applyBalanceMerged(_ e: BalanceMerged, _ place: EventPlace) {
        guard let from = member(e.from, place), let into = member(e.into, place) else { return }
        let before = balance(member: from, asset: e.asset)
        guard members[from].isMerged, resolve(from) == into, before.pending == e.pending,
            before.held == e.held,
            before.available == e.toAvailable &+ e.toReceivable,
            before.receivable == e.fromAvailable &+ e.fromReceivable
        else { return fail("merge.balance", "a merge does not move the whole balance", place) }
        applyPostings(.balanceMerged(e), place)
        let earned = before.earned
        unsafe add(&editBalance(from, e.asset).pointee.earned, 0 &- earned, place)
        unsafe add(&editBalance(into, e.asset).pointee.earned, earned, place)
        guard e.asset.isMoney else {
            // The grants are in one list already, and only one side has some.
            return repayFromGrants(of: into, e.asset, e.toReceivable &+ e.fromAvailable, place)
        }
        consumeLots(of: into, e.asset, e.fromAvailable, place)
        mergeLots(from: from, to: into, e.asset, repaying: e.toReceivable, place)
    }
}
