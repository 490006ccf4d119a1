import LedgerDomain
import LedgerLog

/// Approved parts of a proposal. Source: Documentation/repair.md.
extension Decider {
    /// Grants of one cause that one entry takes back from, at most: what an entry causes is bounded.
    static let grantsOfACause = 8

    /// What an entry changes, with all names resolved. Entries that change nothing have no step.
    enum CorrectionStep {
        case leg(LegStep)
        case grants(GrantStep)
        case tier(member: Int, tier: UInt8)
        case badge(member: Int, name: String, isHeld: Bool)

        /// Whether both say what one thing is to be, by whatever of its users' ids.
        func isAboutSame(as other: CorrectionStep) -> Bool {
            switch (self, other) {
            case (.leg(let a), .leg(let b)): a.payment == b.payment && a.level == b.level
            case (.grants(let a), .grants(let b)):
                a.member == b.member && a.referee == b.referee && a.entry.cause == b.entry.cause
                    && a.entry.isReferee == b.entry.isReferee && a.entry.detail == b.entry.detail
                    && a.entry.asset == b.entry.asset
            case (.tier(let a, _), .tier(let b, _)): a == b
            case (.badge(let a, let x, _), .badge(let b, let y, _)): a == b && x == y
            default: false
            }
        }
    }

    /// A commission to correct.
    struct LegStep {
        var payment: Int
        var position: LogPosition
        var paidAt: Timestamp
        var level: UInt8
        var member: Int
        var asset: AssetNumber
        var granted: Int64
        var reversed: Int64
        var revoked: Int64
        var maturesAt: Timestamp?

        var standing: Int64 { granted - reversed - revoked }
    }

    /// Grants of one cause to correct.
    struct GrantStep {
        var entry: CorrectedGrants
        var referee: Int
        var member: Int
        /// Above zero: to be granted. Below: to be taken back of `rows`.
        var change: Int64
        /// Numbers of grants, the latest first.
        var rows: [Int]
    }

    enum Planned {
        case step(CorrectionStep)
        case nothing
        case refused(Outcome)
    }

    func decide(_ c: Correction, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let byKey = try judgeKey(state, now, at: c.at) { stored throws(LogError) in
            guard case .correctionApplied(let e) = stored.event, e.correctionKind == .proposal else {
                return .other
            }
            return .compare(
                ("proposal", e.proposal.equals(arena.text(c.proposal))), ("part", e.part == UInt64(c.part)),
                ("approvedBy", e.approver.equals(arena.text(c.approvedBy))))
        }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        if let refused = try otherHead(c, state, now) { return refused }
        if let approver = try party(c.approvedBy, state, now) {
            for entry in c.entries where try party(entry.userId, state, now)?.member == approver.member {
                return now.refuse(.correctionApprover, "approvedBy", "nobody approves for oneself")
            }
        }
        var steps: [CorrectionStep] = []
        for entry in c.entries {
            switch try plan(entry, &state, now) {
            case .step(let step):
                // Each says what its subject is to be, and was held against what it is now.
                if steps.contains(where: { $0.isAboutSame(as: step) }) {
                    return now.refuse(
                        .correctionInvalid, "entries", "two entries of one part say what the same is to be")
                }
                steps.append(step)
            case .nothing: continue
            case .refused(let refused): return refused
            }
        }
        if let refused = overflows(steps, state, now) { return refused }
        // What holds already is not corrected again.
        guard !steps.isEmpty else { return .repeated(Receipt(position: state.head.position, events: 0)) }
        var out = state.begin(now.envelope, in: now.group)
        var first = CorrectionApplied()
        first.kind = CorrectionKind.proposal.rawValue
        first.proposal = arena.text(c.proposal)
        first.approver = arena.text(c.approvedBy)
        (first.part, first.parts) = (UInt64(c.part), UInt64(c.parts))
        state.emit(.correctionApplied(first), at: c.at, &out)
        for step in steps { try perform(step, at: c.at, &state, &out, now) }
        return accept(out, &state, now)
    }

    /// Whether something was recorded since the proposal was made: parts of itself are no such thing.
    private func otherHead(
        _ c: Correction, _ state: borrowing CoreState, _ now: Case
    ) throws(LogError) -> Outcome? {
        guard let expected = c.expectedHead else { return nil }
        var end = expected
        for part in stride(from: c.part - 1, through: 1, by: -1) {
            let key = arena.text(Correction.key(proposal: c.proposal, part: part))
            guard let base = try state.findKey(now.envelope.programme, now.envelope.keyType, key) else {
                continue
            }
            let receipt = try state.receipt(base)
            end = LogPosition(base.rawValue + UInt64(receipt.events) - 1)
            break
        }
        if state.head.position == end { return nil }
        return now.refuse(
            .correctionHead, "expectHead",
            "the log ends at \(state.head.position), not at \(end): re-decide, and look again")
    }

    private func overflows(
        _ steps: [CorrectionStep], _ state: borrowing CoreState, _ now: Case
    ) -> Outcome? {
        var sums: [AssetNumber: Int64] = [:]
        for step in steps {
            let (asset, amount): (AssetNumber, Int64)
            switch step {
            case .leg(let leg): (asset, amount) = (leg.asset, leg.granted)
            case .grants(let grants): (asset, amount) = (grants.entry.asset, max(grants.change, 0))
            case .tier, .badge: continue
            }
            let (sum, overflow) = sums[asset, default: 0].addingReportingOverflow(amount)
            if overflow || !state.hasRoom(for: sum, asset, now.envelope.programme) {
                return now.refuse(.amountOverflow, "entries", "a sum would leave the range of 64 bits")
            }
            sums[asset] = sum
        }
        return nil
    }

    // MARK: Plans

    private func plan(
        _ entry: CorrectionEntry, _ state: inout CoreState, _ now: Case
    ) throws(LogError) -> Planned {
        guard let party = try party(entry.userId, state, now) else {
            return .refused(unknown("no user “\(entry.userId)” has signed up", now))
        }
        switch entry {
        case .commission(let c): return try plan(c, party.member, &state, now)
        case .grants(let g): return try plan(g, party.member, &state, now)
        case .tier(let t):
            if Int(state.profile(party.member).tier) == t.tier { return .nothing }
            return .step(.tier(member: party.member, tier: UInt8(t.tier)))
        case .badge(let b):
            let held = try badge(b.badge, &state).map {
                state.balance(member: party.member, asset: $0).settled > 0
            }
            if held ?? false == b.isHeld { return .nothing }
            return .step(.badge(member: party.member, name: b.badge, isHeld: b.isHeld))
        }
    }

    private func unknown(_ message: String, _ now: Case) -> Outcome {
        now.refuse(.correctionSubject, "entries", message)
    }

    private func plan(
        _ c: CorrectedCommission, _ member: Int, _ state: inout CoreState, _ now: Case
    ) throws(LogError) -> Planned {
        guard let symbol = try state.findSymbol(SymbolDefined.provider, arena.text(c.provider)),
            let payment = try state.findPayment(now.envelope.programme, symbol, arena.text(c.paymentId))
        else { return .refused(unknown("no payment “\(c.paymentId)” of \(c.provider) is recorded", now)) }
        let step = LegStep(
            payment: payment.number, position: payment.position, paidAt: payment.occurredAt,
            level: UInt8(c.level), member: member, asset: payment.payment.asset, granted: c.granted,
            reversed: c.reversed, revoked: c.revoked, maturesAt: c.maturesAt)
        guard c.asset == step.asset, c.granted <= payment.payment.amount else {
            let message = "level \(c.level) of payment “\(c.paymentId)” is in its currency, and at most it"
            return .refused(now.refuse(.correctionAmount, "entries", message))
        }
        if state.isQuarantined(payment: step.payment) {
            let message = "payment “\(c.paymentId)” is in quarantine: release it, and decide anew"
            return .refused(now.refuse(.factQuarantined, "entries", message))
        }
        guard let known = try legNow(step, state, now) else {
            return c.granted == 0 ? .nothing : .step(.leg(step))
        }
        let isSame =
            known.member == member && known.granted == c.granted && known.reversed == c.reversed
            && known.revoked == c.revoked
        // A leg that is to be nothing may be anybody's.
        let isGone = c.granted == 0 && known.granted == 0
        return isSame || isGone ? .nothing : .step(.leg(step))
    }

    /// What a leg is now; nil where there is none.
    private func legNow(
        _ step: LegStep, _ state: borrowing CoreState, _ now: Case
    ) throws(LogError) -> LegStep? {
        guard let leg = try state.legs(of: step.payment).first(where: { $0.level == step.level }) else {
            return nil
        }
        var known = step
        known.member = state.holder(of: leg.beneficiary, now.envelope.programme)
        known.granted = leg.amount
        if let number = state.legNumber(step.payment, step.level) {
            let row = state.legs[number]
            (known.reversed, known.revoked) = (row.reversed, row.revoked)
        } else {
            let stored = try state.storedPayment(step.payment)
            let (paid, envelope) = (stored.payment.amount, stored.envelope)
            let counted = state.counted(step.payment)
            known.reversed =
                counted == 0
                ? 0
                : try state.rounding(of: envelope).share(leg.amount, numerator: counted, denominator: paid)!
            known.revoked = 0
        }
        return known
    }

    private func plan(
        _ g: CorrectedGrants, _ member: Int, _ state: inout CoreState, _ now: Case
    ) throws(LogError) -> Planned {
        guard let referee = try party(g.refereeId, state, now) else {
            return .refused(unknown("no user “\(g.refereeId)” has signed up", now))
        }
        if g.cause == .stage, ReferralStage(rawValue: g.detail) == nil {
            return .refused(now.refuse(.correctionSubject, "entries", "there is no stage \(g.detail)"))
        }
        if g.earnedAt.nanoseconds > now.latest {
            let message = "a reward earned at \(g.earnedAt) is ahead of the clock"
            return .refused(now.refuse(.timeInFuture, "entries", message))
        }
        var entitled: Int64 = 0
        var rows: [Int] = []
        for number in state.grants(
            to: member, about: referee.member, g.cause, isReferee: g.isReferee, g.detail, g.asset)
        {
            let row = state.rewards[number]
            if row.isQuarantined {
                let message = "a grant of “\(g.userId)” is in quarantine: release it, and decide anew"
                return .refused(now.refuse(.factQuarantined, "entries", message))
            }
            entitled += row.granted - row.revoked
            if !row.isRevoked, !row.isExpired, row.takeable > 0 { rows.append(number) }
        }
        var change = g.entitled - entitled
        if change < 0 {
            let left = rows.reduce(Int64(0)) { $0 + state.rewards[$1].takeable }
            change = max(change, -left)
            rows = Array(rows.prefix(Self.grantsOfACause))
            guard rows.reduce(Int64(0), { $0 + state.rewards[$1].takeable }) >= -change else {
                let message = "it takes back from more than \(Self.grantsOfACause) grants of one cause"
                return .refused(now.refuse(.correctionAmount, "entries", message))
            }
        }
        if change == 0 { return .nothing }
        return .step(
            .grants(GrantStep(entry: g, referee: referee.member, member: member, change: change, rows: rows)))
    }

    // MARK: Doing

    private func perform(
        _ step: CorrectionStep, at moment: Timestamp, _ state: inout CoreState, _ out: inout RecordBuilder,
        _ now: Case
    ) throws(LogError) {
        switch step {
        case .leg(let step):
            if let known = try legNow(step, state, now), known.member != step.member, known.standing > 0 {
                // Somebody else's: it is taken back first.
                var gone = known
                (gone.granted, gone.reversed, gone.revoked) = (0, 0, 0)
                try correct(gone, at: moment, &state, &out, now)
            }
            try correct(step, at: moment, &state, &out, now)
        case .grants(let step): try correct(step, at: moment, &state, &out, now)
        case .tier(let member, let tier):
            var event = TierChanged()
            event.user = UserNumber(state.members[member].user)
            event.from = state.profile(member).tier
            event.to = tier
            state.emit(.tierChanged(event), at: moment, &out)
        case .badge(let member, let name, let isHeld):
            guard let asset = try badgeAsset(name, &state, &out) else { return }
            let (user, count) = (UserNumber(state.members[member].user), state.members[member].conversions)
            if isHeld {
                var event = BadgeAwarded()
                (event.user, event.asset, event.threshold) = (user, asset, UInt64(count))
                state.emit(.badgeAwarded(event), at: moment, &out)
            } else {
                var event = BadgeRevoked()
                (event.user, event.asset, event.threshold) = (user, asset, UInt64(count))
                state.emit(.badgeRevoked(event), at: moment, &out)
            }
        }
    }

    private func correct(
        _ step: LegStep, at moment: Timestamp, _ state: inout CoreState, _ out: inout RecordBuilder,
        _ now: Case
    ) throws(LogError) {
        let known = try legNow(step, state, now)
        let key = state.legNumber(step.payment, step.level).map { RewardKey.leg($0) }
        let matured = state.payments[step.payment].isMatured
        let change = step.standing - (known?.standing ?? 0)
        var event = CorrectionApplied()
        event.kind = CorrectionKind.commission.rawValue
        if matured { event.flags |= CorrectionApplied.matured }
        if known == nil {
            event.flags |= CorrectionApplied.made
            event.maturesAt = step.maturesAt ?? step.paidAt
        }
        (event.level, event.reward) = (step.level, step.position)
        event.beneficiary = UserNumber(state.members[step.member].user)
        event.asset = step.asset
        (event.granted, event.reversed, event.revoked) = (step.granted, step.reversed, step.revoked)
        event.earnedAt = step.paidAt
        if change < 0 {
            event.flags |= CorrectionApplied.takes
            let taken = take(
                -change, of: key, matured: matured, member: step.member, asset: step.asset, holder: nil,
                at: moment, &state, &out, now)
            (event.held, event.pending) = (taken.fromHeld, taken.fromPending)
            (event.available, event.receivable) = (taken.fromAvailable, taken.toReceivable)
        } else if matured {
            (event.available, event.receivable) = state.credit(change, step.member, step.asset)
        } else {
            event.pending = change
        }
        state.emit(.correctionApplied(event), at: moment, &out)
        try holdReturned(&state, &out)
        let earned = matured ? event.available : event.pending
        guard change > 0, earned > 0 else { return }
        guard state.members[step.member].isBlocked, let holder = state.blockingCase(step.member) else {
            // Its share of what is disputed is held, as if it had been there when the dispute was opened.
            try holdForDisputes(level: step.level, of: step.payment, at: moment, &state, &out)
            return
        }
        hold(
            earned, step.position, level: step.level, matured: matured, step.member, step.asset, by: holder,
            at: moment, &state, &out)
    }

    private func correct(
        _ step: GrantStep, at moment: Timestamp, _ state: inout CoreState, _ out: inout RecordBuilder,
        _ now: Case
    ) throws(LogError) {
        var event = CorrectionApplied()
        event.kind = CorrectionKind.grant.rawValue
        event.cause = step.entry.cause.rawValue
        event.side = step.entry.isReferee ? 1 : 0
        event.detail = step.entry.detail
        event.beneficiary = UserNumber(state.members[step.member].user)
        event.referee = UserNumber(state.members[step.referee].user)
        event.asset = step.entry.asset
        event.granted = step.entry.entitled
        state.emit(.correctionApplied(event), at: moment, &out)
        if step.change > 0 { return grant(step, &state, &out) }
        var rest = -step.change
        for number in step.rows where rest > 0 {
            // As it is by now: what was owed of an earlier one may have been taken from this one.
            let row = state.rewards[number]
            let amount = min(rest, row.takeable)
            rest -= amount
            event.kind = CorrectionKind.revocation.rawValue
            event.flags = CorrectionApplied.takes | (amount == row.takeable ? CorrectionApplied.ends : 0)
            event.granted = 0
            event.reward = LogPosition(state.rewardPositions[number])
            event.earnedAt = try state.grantTime(number)
            if event.asset.isMoney {
                let taken = take(
                    amount, of: .grant(number), matured: row.isMatured, member: step.member,
                    asset: event.asset, holder: nil, at: moment, &state, &out, now)
                (event.held, event.pending) = (taken.fromHeld, taken.fromPending)
                (event.available, event.receivable) = (taken.fromAvailable, taken.toReceivable)
            } else {
                // What was used, or has repaid a debt, is owed; what the user has of other grants goes first.
                let own = row.isClaimed ? 0 : min(amount, row.standing)
                let others = state.balance(member: step.member, asset: event.asset).available - own
                let more = min(amount - own, max(0, others))
                (event.available, event.receivable) = (own + more, amount - own - more)
            }
            state.emit(.correctionApplied(event), at: moment, &out)
            try holdReturned(&state, &out)
        }
    }

    /// Grants what was missing, as of when it was earned.
    private func grant(_ step: GrantStep, _ state: inout CoreState, _ out: inout RecordBuilder) {
        let entry = step.entry
        var event = RewardGranted()
        event.cause = entry.cause.rawValue
        event.side = entry.isReferee ? 1 : 0
        event.detail = entry.detail
        event.beneficiary = UserNumber(state.members[step.member].user)
        event.referee = UserNumber(state.members[step.referee].user)
        event.asset = entry.asset
        event.amount = step.change
        if entry.asset.isMoney {
            event.flags |= RewardGranted.matures
            event.maturesAt = entry.maturesAt ?? entry.earnedAt
        } else {
            event.repaid = state.credit(step.change, step.member, entry.asset).receivable
            if event.repaid > 0 { event.flags |= RewardGranted.repays }
        }
        if let end = entry.expiresAt {
            event.flags |= RewardGranted.expires
            event.expiresAt = end
        }
        let position = out.encoder.context.position
        state.emit(.rewardGranted(event), at: entry.earnedAt, &out)
        if entry.asset.isMoney {
            holdIfBlocked(
                step.change, position, level: 0, step.member, entry.asset, at: entry.earnedAt, &state, &out)
        }
    }

    /// The asset of a badge that somebody has had.
    private func badge(_ name: String, _ state: inout CoreState) throws(LogError) -> AssetNumber? {
        try state.findSymbol(SymbolDefined.asset, arena.text("BADGE:\(name)")).map {
            AssetNumber(rawValue: AssetNumber.firstLedgerDefined.rawValue + $0.rawValue)
        }
    }
}

extension CoreState {
    /// A member's grants of one cause, the latest first. Cost: a walk over the member's grants.
    func grants(
        to member: Int, about referee: Int, _ cause: RewardCause, isReferee: Bool, _ detail: UInt8,
        _ asset: AssetNumber
    ) -> [Int] {
        var found: [Int] = []
        var next = profile(member).firstReward
        while next != 0 {
            let number = Int(next) - 1
            let row = rewards[number]
            next = row.next
            if row.cause == cause.rawValue, row.side == (isReferee ? 1 : 0), row.detail == detail,
                row.asset == asset.rawValue, resolve(Int(row.about)) == referee
            {
                found.append(number)
            }
        }
        return found.sorted(by: >)
    }
}
