import LedgerDomain
import LedgerLog

extension Decider {
    /// Holds that are released or taken back in the record that ends a case; `advance` does the rest.
    static let holdsPerRecord = 512

    func decide(_ c: Kyc, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let end = c.expiresInDays.flatMap { c.at.adding(wholeDays: $0) }
        let byKey = try judgeKey(state, now, at: c.at) { stored throws(LogError) in
            switch stored.event {
            case .kycSubmitted(let e):
                return .compare(
                    ("userId", try isSame(e.user, c.userId, state, now)), ("level", Int(e.level) == c.level),
                    ("decision", c.decision == .submitted),
                    ("documentHash", try isSame(e.sealed, c.documentHash, of: e.user, now)))
            case .kycDecided(let e):
                let approved = e.flags & KycDecided.approved != 0
                return .compare(
                    ("userId", try isSame(e.user, c.userId, state, now)), ("level", Int(e.level) == c.level),
                    ("decision", c.decision == (approved ? .approved : .rejected)),
                    (
                        "expiresInDays",
                        isSame(e.flags & KycDecided.expires, e.expiresAt, c.expiresInDays, stored)
                    ),
                    ("documentHash", try isSame(e.sealed, c.documentHash, of: e.user, now)))
            default: return .other
            }
        }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard let party = try party(c.userId, state, now) else { return unknownUser(c.userId, now) }
        let sealed = try c.documentHash.map { (text) throws(LogError) in
            try seal(Array(text.utf8), for: party.user, now)
        }
        var out = state.begin(now.envelope, in: now.group)
        if c.decision == .submitted {
            var event = KycSubmitted()
            event.user = party.user
            event.level = UInt8(c.level)
            if let sealed {
                event.flags = KycSubmitted.hasSealed
                event.sealed = sealed
            }
            state.emit(.kycSubmitted(event), at: c.at, &out)
            return accept(out, &state, now)
        }
        var event = KycDecided()
        event.user = party.user
        event.level = UInt8(c.level)
        if c.decision == .approved { event.flags |= KycDecided.approved }
        if let end {
            event.flags |= KycDecided.expires
            event.expiresAt = end
        }
        if let sealed {
            event.flags |= KycDecided.hasSealed
            event.sealed = sealed
        }
        state.emit(.kycDecided(event), at: c.at, &out)
        return accept(out, &state, now)
    }

    // MARK: Suspension, closure

    func decide(_ c: SuspendUser, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let byKey = try judgeKey(state, now, at: c.at) { stored throws(LogError) in
            guard case .userSuspended(let e) = stored.event else { return .other }
            return .compare(
                ("userId", try isSame(e.user, c.userId, state, now)),
                ("reason", e.reason.equals(arena.text(c.reason))))
        }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard let party = try party(c.userId, state, now) else { return unknownUser(c.userId, now) }
        if state.profile(party.member).isSuspended {
            return now.refuse(.userState, "userId", "the user is suspended already")
        }
        var event = UserSuspended()
        event.user = party.user
        event.reason = arena.text(c.reason)
        var out = state.begin(now.envelope, in: now.group)
        state.emit(.userSuspended(event), at: c.at, &out)
        return accept(out, &state, now)
    }

    func decide(_ c: ReinstateUser, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let byKey = try judgeKey(state, now, at: c.at) { stored throws(LogError) in
            guard case .userReinstated(let e) = stored.event else { return .other }
            return .compare(("userId", try isSame(e.user, c.userId, state, now)))
        }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard let party = try party(c.userId, state, now) else { return unknownUser(c.userId, now) }
        guard state.profile(party.member).isSuspended, let number = state.blockingCase(party.member) else {
            return now.refuse(.userState, "userId", "the user is not suspended")
        }
        var event = UserReinstated()
        event.user = party.user
        event.suspended = LogPosition(state.casePositions[number])
        var out = state.begin(now.envelope, in: now.group)
        state.emit(.userReinstated(event), at: c.at, &out)
        try release(number, limit: Self.holdsPerRecord, at: c.at, &state, &out)
        return accept(out, &state, now)
    }

    func decide(_ c: CloseUser, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let reason = arena.text(c.reason ?? "")
        let byKey = try judgeKey(state, now, at: c.at) { stored throws(LogError) in
            guard case .userClosed(let e) = stored.event else { return .other }
            return .compare(
                ("userId", try isSame(e.user, c.userId, state, now)), ("reason", e.reason.equals(reason)))
        }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard let party = try party(c.userId, state, now) else { return unknownUser(c.userId, now) }
        if state.profile(party.member).isClosed {
            return now.refuse(.userState, "userId", "the user is closed already")
        }
        var event = UserClosed()
        event.user = party.user
        event.reason = reason
        let rule = now.policy.policy.closure
        event.rule = rule == .pay ? 1 : rule == .hold ? 2 : 3
        var out = state.begin(now.envelope, in: now.group)
        state.emit(.userClosed(event), at: c.at, &out)
        if rule == .forfeit { forfeit(party, at: c.at, &state, &out) }
        return accept(out, &state, now)
    }

    /// What a closed user has goes to breakage, unsent withdrawals included.
    private func forfeit(
        _ party: Party, at moment: Timestamp, _ state: inout CoreState, _ out: inout RecordBuilder
    ) {
        var next = state.profile(party.member).firstWithdrawal
        while next != 0 {
            let number = Int(next) - 1
            let row = state.withdrawals[number]
            next = row.next
            if row.withdrawalState.isUnsent {
                free(number, row.amount, .cancel, clawback: true, reason: nil, at: moment, &state, &out)
            }
        }
        for asset in state.assets(of: party.member) where asset.isMoney {
            let available = state.balance(member: party.member, asset: asset).available
            guard available > 0 else { continue }
            var event = BalanceForfeited()
            event.user = party.user
            event.asset = asset
            event.amount = available
            state.emit(.balanceForfeited(event), at: moment, &out)
        }
    }

    // MARK: Merging

    func decide(_ c: MergeUsers, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let byKey = try judgeKey(state, now, at: c.at) { stored throws(LogError) in
            guard case .usersMerged(let e) = stored.event else { return .other }
            return .compare(
                ("userId", try wasMerged(c.userId, as: e.from, state, now)),
                ("intoUserId", try isSame(e.into, c.intoUserId, state, now)),
                ("approvers", isSame(c.approvers, e.approver, e.secondApprover)))
        }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard let from = try party(c.userId, state, now) else { return unknownUser(c.userId, now) }
        guard let into = try party(c.intoUserId, state, now) else {
            return now.refuse(.userUnknown, "intoUserId", "no user “\(c.intoUserId)” has signed up")
        }
        if from.member == into.member {
            return now.refuse(.mergeSame, "intoUserId", "they are one user already")
        }
        if state.isBelow(from.member, into.member) || state.isBelow(into.member, from.member) {
            return now.refuse(
                .mergeCycle, "intoUserId",
                "one was referred by the other, directly or not: a user would stand above itself")
        }
        for (party, id) in [(from, c.userId), (into, c.intoUserId)]
        where state.members[party.member].isBlocked || state.profile(party.member).isClosed {
            return blocked(id, now)
        }
        if c.approvers.contains(where: { $0 == c.userId || $0 == c.intoUserId }) {
            return now.refuse(.adjustApprovers, "approvers", "nobody approves for oneself")
        }
        var out = state.begin(now.envelope, in: now.group)
        var event = UsersMerged()
        event.from = from.user
        event.into = into.user
        event.approver = arena.text(c.approvers[0])
        if c.approvers.count > 1 {
            event.flags = UsersMerged.second
            event.secondApprover = arena.text(c.approvers[1])
        }
        state.emit(.usersMerged(event), at: c.at, &out)
        for asset in state.assets(of: from.member) { merge(asset, from, into, at: c.at, &state, &out) }
        return accept(out, &state, now)
    }

    /// Whether a user's id means the one that went in a merge: it, or one that was merged into it before.
    private func wasMerged(_ userId: String, as gone: UserNumber, _ state: borrowing CoreState, _ now: Case)
        throws(LogError) -> Bool
    {
        var member = try ownMember(arena.text(userId), state, now)
        while let named = member {
            if state.members[named].user == gone.rawValue { return true }
            let into = state.members[named].isMerged ? Int(state.profile(named).mergedInto) : 0
            member = into == 0 ? nil : into - 1
        }
        return false
    }

    private func merge(
        _ asset: AssetNumber, _ from: Party, _ into: Party, at moment: Timestamp, _ state: inout CoreState,
        _ out: inout RecordBuilder
    ) {
        let mine = state.balance(member: from.member, asset: asset)
        let theirs = state.balance(member: into.member, asset: asset)
        guard mine.pending != 0 || mine.settled != 0 || mine.held != 0 || mine.earned != 0 else { return }
        // A badge is had once.
        if asset.isLedgerDefined, mine.settled > 0, theirs.settled > 0 {
            var event = BadgeRevoked()
            event.user = from.user
            event.asset = asset
            return state.emit(.badgeRevoked(event), at: moment, &out)
        }
        var event = BalanceMerged()
        event.from = from.user
        event.into = into.user
        event.asset = asset
        event.pending = mine.pending
        event.held = mine.held
        event.toReceivable = min(mine.available, theirs.receivable)
        event.toAvailable = mine.available - event.toReceivable
        event.fromAvailable = min(mine.receivable, theirs.available)
        event.fromReceivable = mine.receivable - event.fromAvailable
        state.emit(.balanceMerged(event), at: moment, &out)
    }

    // MARK: Suspicion

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
        let isUser =
            try state.findUser(actor).flatMap { state.member(of: $0, in: now.envelope.programme) }
            .map { state.resolve($0) == member } ?? false
        if isUser || now.envelope.actorRole == .user || now.envelope.actorRole == .auditor {
            return now.refuse(.reviewReviewer, "actor", "“\(actor.string)” may not decide this review")
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
            reverse(
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
                reverse(
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

    // MARK: Codes

    func decide(_ c: DisableCode, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let byKey = try judgeKey(state, now, at: c.at) { stored throws(LogError) in
            guard case .codeDisabled(let e) = stored.event else { return .other }
            return .compare(
                ("userId", try isSame(e.owner, c.userId, state, now)),
                ("code", try isCode(e.issued, c.code, state)))
        }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard let party = try party(c.userId, state, now) else { return unknownUser(c.userId, now) }
        guard let number = try ownCode(c.code, party, state, now) else { return unknownCode(c.code, now) }
        if state.codes[number].flags & CodeRow.disabled != 0 {
            return now.refuse(.codeDisabled, "code", "the code is disabled already")
        }
        var event = CodeDisabled()
        event.owner = party.user
        event.issued = LogPosition(state.codePositions[number])
        var out = state.begin(now.envelope, in: now.group)
        state.emit(.codeDisabled(event), at: c.at, &out)
        return accept(out, &state, now)
    }

    func decide(_ c: ReactivateCode, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let byKey = try judgeKey(state, now) { base throws(LogError) in
            // By the policy that it was decided under: a later version does not make it another command.
            var days = c.expiresInDays
            let version = try state.policyVersion(of: base)
            if days == nil, let index = state.policyIndex(now.envelope.programme, version: version) {
                days = try state.readPolicy(index).policy.codes.ttlDays
            }
            return try difference(from: base, state, at: c.at) { stored throws(LogError) in
                guard case .codeReactivated(let e) = stored.event else { return .other }
                return .compare(
                    ("userId", try isSame(e.owner, c.userId, state, now)),
                    ("code", try isCode(e.issued, c.code, state)),
                    ("expiresInDays", isSame(e.flags & CodeReactivated.expires, e.expiresAt, days, stored)))
            }
        }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard let party = try party(c.userId, state, now) else { return unknownUser(c.userId, now) }
        guard let number = try ownCode(c.code, party, state, now) else { return unknownCode(c.code, now) }
        if try state.codeState(number, at: c.at) == .lives {
            return now.refuse(.codeActive, "code", "the code lives")
        }
        if now.policy.policy.codes.oneActive, let active = try state.activeCode(of: party.member, at: c.at) {
            return now.refuse(.codeOneActive, "userId", "the user has the active code “\(active)”")
        }
        var event = CodeReactivated()
        event.owner = party.user
        event.issued = LogPosition(state.codePositions[number])
        if let days = c.expiresInDays ?? now.policy.policy.codes.ttlDays {
            guard let end = c.at.adding(wholeDays: days) else {
                return now.refuse(
                    .timeOutOfRange, "expiresInDays", "the code would expire past the year 2262")
            }
            event.flags = CodeReactivated.expires
            event.expiresAt = end
        }
        var out = state.begin(now.envelope, in: now.group)
        state.emit(.codeReactivated(event), at: c.at, &out)
        return accept(out, &state, now)
    }

    /// Whether an event's end is so many days after it.
    private func isSame(_ expires: UInt8, _ end: Timestamp, _ days: Int?, _ stored: StoredEvent) -> Bool {
        let due = days.flatMap { stored.occurredAt.adding(wholeDays: $0) }
        return expires != 0 ? end == due : due == nil
    }

    private func ownCode(_ code: String, _ party: Party, _ state: borrowing CoreState, _ now: Case)
        throws(LogError)
        -> Int?
    {
        guard let number = try state.findCode(now.envelope.programme, arena.text(code)),
            state.resolve(Int(state.codes[number].owner)) == party.member
        else { return nil }
        return number
    }

    private func unknownCode(_ code: String, _ now: Case) -> Outcome {
        now.refuse(.codeUnknown, "code", "“\(code)” is no code of this user")
    }

    private func isCode(_ issued: LogPosition, _ code: String, _ state: borrowing CoreState) throws(LogError)
        -> Bool
    {
        guard let number = state.codeNumber(issued) else { return false }
        return CodeSkeleton.bytes(of: try state.storedCode(number).event.code)
            == CodeSkeleton.bytes(of: arena.text(code))
    }
}

/// Whether a code may be used at a moment.
enum CodeState {
    case lives, expired, disabled
}

extension CoreState {
    /// The assets of a member's balances, in the order in which it got them.
    func assets(of member: Int) -> [AssetNumber] {
        let row = members[member]
        var out: [AssetNumber] = []
        if row.flags & MemberRow.hasAsset != 0 { out.append(AssetNumber(rawValue: row.asset)) }
        var further: [AssetNumber] = []
        var next = profile(member).extraAccount
        while next != 0 {
            further.append(AssetNumber(rawValue: accounts[Int(next) - 1].asset))
            next = accounts[Int(next) - 1].next
        }
        return out + further.reversed()
    }

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

    /// The version of the policy that a record was decided under.
    func policyVersion(of base: LogPosition) throws(LogError) -> UInt64 {
        var version: UInt64 = 0
        unsafe StoredRecord.walk(try record(base.rawValue)) { _, envelope in
            version = envelope.policyVersion
            return false
        }
        return version
    }

    /// A code's state at a moment: by its issue, or by what made it live again.
    func codeState(_ number: Int, at moment: Timestamp) throws(LogError) -> CodeState {
        let flags = codes[number].flags
        if try codeExpiry(number) <= moment { return .expired }
        return flags & CodeRow.disabled != 0 ? .disabled : .lives
    }

    /// When a code expires; the end of time when it does not.
    public func codeExpiry(_ number: Int) throws(LogError) -> Timestamp {
        guard codes[number].flags & CodeRow.reactivated != 0, let base = marked(.codeReactivated, number)
        else {
            return try storedCode(number).event.expiresAt
        }
        var found = Timestamp(nanoseconds: .max)
        unsafe StoredRecord.walk(try record(base.rawValue)) { stored, _ in
            guard case .codeReactivated(let e) = stored.event else { return true }
            found = e.expiresAt
            return false
        }
        return found
    }
}
