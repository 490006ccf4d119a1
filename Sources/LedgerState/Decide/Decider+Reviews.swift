import LedgerDomain
import LedgerLog

/// Suspicion: flags, reviews, scores. Source: Documentation/rules.md, "flag, review, riskScore".
extension Decider {
    func decide(_ c: FlagUser, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let evidence =
            c.evidenceHash ?? c.evidence.map { Bytes16(SHA256Hasher().hash(Array($0.utf8)).bytes) }
        let subject = try subject(c, &state, now)
        let byKey = try judgeKey(state, now, at: c.at) { stored throws(LogError) in
            guard case .fraudFlagged(let e) = stored.event else { return .other }
            let named = e.flags & FraudFlagged.hasSubject != 0 ? e.subject : nil
            return .compare(
                ("userId", try isSame(e.user, c.userId, state, now)),
                ("rule", e.rule.equals(arena.text(c.rule))),
                ("severity", e.severity == c.severity.rawValue),
                (
                    "evidence",
                    e.flags & FraudFlagged.hasEvidence != 0 ? e.evidence == evidence : evidence == nil
                ),
                (c.paymentId == nil ? "rewardId" : "paymentId", named == subject.position))
        }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard let party = try party(c.userId, state, now) else { return unknownUser(c.userId, now) }
        if c.rewardId != nil {
            guard let grant = subject.grant, state.resolve(Int(state.rewards[grant].member)) == party.member
            else {
                return now.refuse(.rewardUnknown, "rewardId", "that is no reward of “\(c.userId)”")
            }
        }
        if c.paymentId != nil, subject.payment == nil {
            return now.refuse(.rewardUnknown, "paymentId", "no such payment is recorded")
        }
        var out = state.begin(now.envelope, in: now.group)
        var event = FraudFlagged()
        event.user = party.user
        event.severity = c.severity.rawValue
        event.rule = arena.text(c.rule)
        if let evidence {
            event.flags |= FraudFlagged.hasEvidence
            event.evidence = evidence
        }
        if let position = subject.position {
            event.flags |= FraudFlagged.hasSubject
            event.subject = position
        }
        state.emit(.fraudFlagged(event), at: c.at, &out)
        let holder = state.cases.count - 1
        if let grant = subject.grant { holdGrant(grant, party, by: holder, at: c.at, &state, &out) }
        if let payment = subject.payment {
            try holdLegs(of: payment, party, by: holder, at: c.at, &state, &out)
        }
        return accept(out, &state, now)
    }

    /// What a flag names, if anything.
    private struct Subject {
        var grant: Int?
        var payment: Int?
        var position: LogPosition?
    }

    private func subject(_ c: FlagUser, _ state: inout CoreState, _ now: Case) throws(LogError) -> Subject {
        if let rewardId = c.rewardId {
            guard let number = grantNumber(rewardId, state, now) else { return Subject() }
            return Subject(grant: number, position: LogPosition(state.rewardPositions[number]))
        }
        guard let provider = c.provider, let paymentId = c.paymentId,
            let symbol = try state.findSymbol(SymbolDefined.provider, arena.text(provider)),
            let payment = try state.findPayment(now.envelope.programme, symbol, arena.text(paymentId))
        else { return Subject() }
        return Subject(payment: payment.number, position: payment.position)
    }

    /// Holds what is left of a grant.
    private func holdGrant(
        _ number: Int, _ party: Party, by holder: Int, at moment: Timestamp, _ state: inout CoreState,
        _ out: inout RecordBuilder
    ) {
        let row = state.rewards[number]
        let asset = AssetNumber(rawValue: row.asset)
        var left = row.pendingPart
        if row.isMatured {
            left = min(left, state.lotLeft(of: state.lotKey(.grant(number)), party.member, asset))
        }
        // Units are not held: who is under review cannot claim them.
        guard left > 0, !row.isRevoked, asset.isMoney else { return }
        hold(
            left, LogPosition(state.rewardPositions[number]), level: 0, matured: row.isMatured, party.member,
            asset,
            by: holder, at: moment, &state, &out)
    }

    /// Holds what is left of a payment's legs that are a user's.
    private func holdLegs(
        of payment: Int, _ party: Party, by holder: Int, at moment: Timestamp, _ state: inout CoreState,
        _ out: inout RecordBuilder
    ) throws(LogError) {
        let stored = try state.storedPayment(payment)
        let (asset, position, paid) = (stored.payment.asset, stored.position, stored.payment.amount)
        let rounding = try state.rounding(of: stored.envelope)
        for leg in try state.legs(of: payment)
        where state.holder(of: leg.beneficiary, out.envelope.programme) == party.member {
            let row = state.legNumber(payment, leg.level).map { state.legs[$0] }
            let matured = state.payments[payment].isMatured
            var left =
                row?.pendingPart
                ?? leg.amount
                - rounding.share(leg.amount, numerator: state.counted(payment), denominator: paid)!
            if matured {
                let lot = state.lotKey(
                    payment: payment, level: leg.level, maturesAt: leg.maturesAt.nanoseconds)
                left = min(left, state.lotLeft(of: lot, party.member, asset))
            }
            guard left > 0 else { continue }
            hold(
                left, position, level: leg.level, matured: matured, party.member, asset, by: holder,
                at: moment,
                &state, &out)
        }
    }

    func decide(_ c: DecideReview, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let number = reviewCase(c.reviewId, state, now)
        if let number, let base = state.marked(.caseEnded, number) {
            let same = state.cases[number].state == (c.isConfirmed ? CaseRow.taken : CaseRow.released)
            let field = try difference(from: base, state, at: c.at) {
                if case .reviewDecided = $0.event { .same } else { .other }
            }
            if same, field == nil { return .repeated(try state.receipt(base)) }
            return now.refuse(.reviewDecided, same ? field : "decision", "the review is decided already")
        }
        let byKey = try judgeKey(state, now) { _ throws(LogError) in "reviewId" }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard let number else {
            return now.refuse(.reviewUnknown, "reviewId", "there is no review “\(c.reviewId)”")
        }
        let member = state.resolve(Int(state.cases[number].subject))
        if now.envelope.actorId.isEmpty {
            return now.refuse(.actorRequired, "actor", "who decides is needed")
        }
        let actor = now.envelope.actorId
        let isUser = try isMember(actor, member, state, now)
        if isUser || now.envelope.actorRole == .user || now.envelope.actorRole == .auditor {
            return now.refuse(.reviewReviewer, "actor", "“\(actor.string)” may not decide this review")
        }
        if try state.waitsForRelease(review: number) {
            return now.refuse(
                .factQuarantined, "reviewId", "the review is about something in quarantine: release it first")
        }
        var event = ReviewDecided()
        event.flagged = LogPosition(state.casePositions[number])
        event.user = UserNumber(state.members[member].user)
        if c.isConfirmed { event.flags = ReviewDecided.confirmed }
        var out = state.begin(now.envelope, in: now.group)
        state.emit(.reviewDecided(event), at: c.at, &out)
        if c.isConfirmed {
            try takeNamed(number, at: c.at, &state, &out, now)
            try confiscate(number, limit: Self.holdsPerRecord, at: c.at, &state, &out, now)
        } else {
            try release(number, limit: Self.holdsPerRecord, at: c.at, &state, &out)
        }
        return accept(out, &state, now)
    }

    /// Takes back all that is left of what a confirmed review names.
    private func takeNamed(
        _ number: Int, at moment: Timestamp, _ state: inout CoreState, _ out: inout RecordBuilder, _ now: Case
    ) throws(LogError) {
        let row = state.cases[number]
        guard row.flags & CaseRow.names != 0, let position = try state.flagSubject(number) else { return }
        if let grant = state.grantNumber(at: position) {
            return try revoke(grant, .review, holder: number, at: moment, &state, &out, now)
        }
        guard let payment = state.paymentNumber(at: position) else { return }
        let member = state.resolve(Int(row.subject))
        let stored = try state.storedPayment(payment)
        let (asset, paidAt, paid) = (stored.payment.asset, stored.occurredAt, stored.payment.amount)
        let rounding = try state.rounding(of: stored.envelope)
        for leg in try state.legs(of: payment)
        where state.holder(of: leg.beneficiary, out.envelope.programme) == member {
            let key = state.legNumber(payment, leg.level).map { RewardKey.leg($0) }
            let left =
                key.map { state.reward($0).standing }
                ?? leg.amount - rounding.share(
                    leg.amount, numerator: state.counted(payment), denominator: paid)!
            guard left > 0 else { continue }
            try reverse(
                leg, left, key, of: position, payment: payment, asset, earnedAt: paidAt, holder: number,
                revoked: true, at: moment, &state, &out, now)
        }
    }

    /// Takes back what a confirmed review still holds, in the order in which it was held; at most so many holds.
    func confiscate(
        _ number: Int, limit: Int, at moment: Timestamp, _ state: inout CoreState, _ out: inout RecordBuilder,
        _ now: Case
    ) throws(LogError) {
        var left = limit
        var next = state.cases[number].firstHold
        while next != 0, left > 0 {
            let hold = state.holds[Int(next) - 1]
            next = hold.nextOfCase
            if hold.amount == 0 { continue }
            left -= 1
            let key = RewardKey(raw: hold.reward)
            let row = state.reward(key)
            if key.isLeg {
                let stored = try state.storedPayment(Int(row.payment))
                let (asset, paidAt, position) = (stored.payment.asset, stored.occurredAt, stored.position)
                guard let leg = try state.legs(of: Int(row.payment)).first(where: { $0.level == row.level })
                else {
                    throw LogError(.broken, "a hold of a leg that is not there", position: position)
                }
                try reverse(
                    leg, hold.amount, key, of: position, payment: Int(row.payment), asset, earnedAt: paidAt,
                    holder: number, revoked: true, at: moment, &state, &out, now)
            } else {
                let member = state.resolve(Int(row.member))
                var event = RewardRevoked()
                event.flags = RewardRevoked.ofCase | RewardRevoked.held
                event.reward = LogPosition(state.rewardPositions[key.number])
                event.reason = RevocationReason.review.rawValue
                event.heldBy = LogPosition(state.casePositions[number])
                event.beneficiary = UserNumber(state.members[member].user)
                event.asset = AssetNumber(rawValue: row.asset)
                event.earnedAt = try state.grantTime(key.number)
                event.fromHeld = hold.amount
                state.emit(.rewardRevoked(event), at: moment, &out)
            }
        }
    }

    /// Opens a review of a referrer whose attributions of one day pass the policy's number.
    func flagVelocity(
        _ referrer: Int, at moment: Timestamp, _ state: inout CoreState, _ out: inout RecordBuilder,
        _ now: Case
    ) {
        guard let limit = now.policy.policy.fraudAttributionsPerDay else { return }
        let day = now.periods(at: moment, &state).start(of: .day, at: moment)
        guard
            let usage = state.usage(
                referrer, now.envelope.programme, AssetNumber(rawValue: 0), BudgetPeriod.day.rawValue, day),
            state.usages[usage].used == limit + 1
        else { return }
        var event = FraudFlagged()
        event.flags = FraudFlagged.automatic
        event.user = UserNumber(state.members[referrer].user)
        event.severity = FraudSeverity.medium.rawValue
        event.rule = arena.text("velocity")
        state.emit(.fraudFlagged(event), at: moment, &out)
    }

    func decide(_ c: ReportRisk, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let byKey = try judgeKey(state, now, at: c.at) { stored throws(LogError) in
            guard case .riskScoreReported(let e) = stored.event else { return .other }
            return .compare(
                ("userId", try isSame(e.user, c.userId, state, now)),
                ("source", e.source.equals(arena.text(c.source))),
                ("score", e.score == UInt64(c.score)))
        }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard let party = try party(c.userId, state, now) else { return unknownUser(c.userId, now) }
        var event = RiskScoreReported()
        event.user = party.user
        event.source = arena.text(c.source)
        event.score = UInt64(c.score)
        var out = state.begin(now.envelope, in: now.group)
        state.emit(.riskScoreReported(event), at: c.at, &out)
        return accept(out, &state, now)
    }
}

extension CoreState {
    /// What a review's flag names.
    func flagSubject(_ number: Int) throws(LogError) -> LogPosition? {
        let position = LogPosition(casePositions[number])
        var found: LogPosition?
        unsafe StoredRecord.walk(try record(holding: position)) { stored, _ in
            if stored.position == position, case .fraudFlagged(let e) = stored.event { found = e.subject }
            return stored.position != position
        }
        return found
    }
}
