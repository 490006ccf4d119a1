import LedgerDomain
import LedgerLog

/// Facts that are set aside and let out again. Source: Documentation/rules.md, "quarantine, release".
extension Decider {
    /// A fact of the log that somebody names.
    struct Fact {
        let position: LogPosition
        let type: EventType
        /// The business moment.
        let at: Timestamp
        /// Nil for what is not put in quarantine.
        var kind: QuarantineKind?
        /// Whose it is, through merges; of a payment the payer.
        var member: Int?
        var asset = AssetNumber(rawValue: 0)
        /// Minor units.
        var amount: Int64 = 0
        /// It took from its user.
        var isMinus = false
    }

    func decide(_ c: QuarantineFact, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let fact = try fact(c.fact, &state, now)
        let number = fact.flatMap { state.quarantineNumber(of: $0.position) }
        if let fact, let number,
            let outcome = try repeated(
                .quarantined, number, fact, c.at, reason: arena.text(c.reason), arena.text(c.approver), state,
                now)
        {
            return outcome
        }
        let byKey = try judgeKey(state, now) { _ throws(LogError) in "fact" }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard let fact else { return unknown(c.fact, now) }
        guard let kind = fact.kind else { return wrongKind(fact, now) }
        if let number, state.quarantines[number].isActive != 0 {
            return now.refuse(
                .quarantineAlready, nil, "the \(kind.name) at \(fact.position) is in quarantine")
        }
        if let refused = try approver(c.approver, fact, &state, now) { return refused }
        if let refused = try refusal(toSetAside: fact, kind, &state, now) { return refused }
        if let number, let full = timesFull(.quarantined, number, "fact", state, now) { return full }
        var move = QuarantineMove()
        move.kind = kind.rawValue
        move.fact = fact.position
        move.reason = arena.text(c.reason)
        move.approver = arena.text(c.approver)
        var out = state.begin(now.envelope, in: now.group)
        switch kind {
        case .payment: try setAside(payment: fact, move, at: c.at, &state, &out, now)
        case .grant: try setAside(grant: fact, move, at: c.at, &state, &out, now)
        default:
            fill(&move, fact, takes: !fact.isMinus, at: c.at, &state, &out, now)
            state.emit(.eventQuarantined(move), at: c.at, &out)
            try holdReturned(&state, &out)
        }
        return accept(out, &state, now)
    }

    func decide(_ c: ReleaseFact, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let fact = try fact(c.fact, &state, now)
        let number = fact.flatMap { state.quarantineNumber(of: $0.position) }
        if let fact, let number,
            let outcome = try repeated(
                .releasedFact, number, fact, c.at, reason: arena.text(c.reason ?? ""), arena.text(c.approver),
                state, now)
        {
            return outcome
        }
        let byKey = try judgeKey(state, now) { _ throws(LogError) in "fact" }
        if let byKey { return byKey }
        if let early = inFuture(now) { return early }
        guard let fact else { return unknown(c.fact, now) }
        guard let kind = fact.kind, let number, state.quarantines[number].isActive != 0 else {
            return now.refuse(
                .quarantineNone, nil, "the \(fact.type.name) at \(fact.position) is not in quarantine")
        }
        if let refused = try approver(c.approver, fact, &state, now) { return refused }
        if let refused = overflows(fact.amount, fact.asset, state, now) { return refused }
        if kind == .remittance {
            let withheld = state.taxHeld(now.envelope.programme, fact.asset)
            if fact.amount > withheld {
                return now.refuse(
                    .taxBalance, nil, "\(withheld) minor units of tax are withheld, not \(fact.amount)")
            }
        }
        var move = QuarantineMove()
        move.kind = kind.rawValue
        move.fact = fact.position
        move.reason = arena.text(c.reason ?? "")
        move.approver = arena.text(c.approver)
        var out = state.begin(now.envelope, in: now.group)
        switch kind {
        case .payment: try letOut(payment: fact, move, at: c.at, &state, &out, now)
        case .grant: try letOut(grant: state.grantNumber(at: fact.position)!, move, at: c.at, &state, &out)
        default:
            fill(&move, fact, takes: fact.isMinus, at: c.at, &state, &out, now)
            state.emit(.eventReleased(move), at: c.at, &out)
            try holdReturned(&state, &out)
        }
        return accept(out, &state, now)
    }

    // MARK: Which fact

    private func fact(_ named: FactReference, _ state: inout CoreState, _ now: Case) throws(LogError) -> Fact?
    {
        switch named {
        case .position(let position):
            guard position > .start, position <= state.head.position else { return nil }
            return try fact(in: state.baseOfRecord(holding: position), state, now) {
                $0.position == position
            }
        case .payment(let provider, let id):
            guard let symbol = try state.findSymbol(SymbolDefined.provider, arena.text(provider)),
                let found = try state.findPayment(now.envelope.programme, symbol, arena.text(id))
            else { return nil }
            let position = found.position
            return try fact(in: found.base, state, now) { $0.position == position }
        case .reward(let id):
            guard let number = grantNumber(id, state, now) else { return nil }
            let position = LogPosition(state.rewardPositions[number])
            return try fact(in: state.baseOfRecord(holding: position), state, now) {
                $0.position == position
            }
        case .keyed(let type, let key):
            let numbers: [String: (UInt8, EventType)] = [
                "adjust": (13, .adjustmentPosted), "writeOff": (14, .debtWrittenOff),
                "openingBalance": (15, .openingBalance), "fund": (18, .cashFunded),
                "remitTax": (19, .taxRemitted),
            ]
            guard let (number, event) = numbers[type],
                let base = try state.findKey(now.envelope.programme, number, arena.text(key))
            else { return nil }
            return try fact(in: base, state, now) { $0.event.type == event }
        }
    }

    /// The first event of a record that is meant; nil when it is of another programme.
    private func fact(
        in base: LogPosition, _ state: borrowing CoreState, _ now: Case, _ isMeant: (StoredEvent) -> Bool
    ) throws(LogError) -> Fact? {
        var found: (fact: Fact, user: UserNumber?)?
        unsafe StoredRecord.walk(try state.record(base.rawValue)) { stored, envelope in
            guard isMeant(stored) else { return true }
            if envelope.programme == now.envelope.programme { found = Self.fact(stored) }
            return false
        }
        guard let found else { return nil }
        var fact = found.fact
        if let user = found.user {
            let member = state.holder(of: user, now.envelope.programme)
            fact.member = member < 0 ? nil : member
        }
        return fact
    }

    private static func fact(_ stored: StoredEvent) -> (Fact, UserNumber?) {
        var fact = Fact(position: stored.position, type: stored.event.type, at: stored.occurredAt)
        switch stored.event {
        case .paymentReceived(let e):
            (fact.kind, fact.asset, fact.amount) = (.payment, e.asset, e.amount)
            return (fact, e.payer)
        case .rewardGranted(let e):
            (fact.kind, fact.asset, fact.amount) = (.grant, e.asset, e.amount)
            return (fact, e.beneficiary)
        case .adjustmentPosted(let e):
            (fact.kind, fact.asset, fact.amount) = (.adjustment, e.asset, e.amount)
            fact.isMinus = e.flags & AdjustmentPosted.minus != 0
            return (fact, e.user)
        case .debtWrittenOff(let e):
            (fact.kind, fact.asset, fact.amount) = (.writeOff, e.asset, e.amount)
            return (fact, e.user)
        case .openingBalance(let e):
            (fact.kind, fact.asset, fact.amount) = (.opening, e.asset, e.amount)
            return (fact, e.user)
        case .cashFunded(let e): (fact.kind, fact.asset, fact.amount) = (.funding, e.asset, e.amount)
        case .taxRemitted(let e): (fact.kind, fact.asset, fact.amount) = (.remittance, e.asset, e.amount)
        default: break
        }
        return (fact, nil)
    }

    // MARK: Judging

    private func unknown(_ named: FactReference, _ now: Case) -> Outcome {
        switch named {
        case .position(let position):
            now.refuse(.quarantineFact, "position", "no event of the programme stands at \(position)")
        case .payment(let provider, let id):
            now.refuse(.quarantineFact, "paymentId", "no payment “\(id)” of “\(provider)” is recorded")
        case .reward(let id): now.refuse(.quarantineFact, "rewardId", "there is no reward “\(id)”")
        case .keyed(let type, let key):
            now.refuse(.quarantineFact, "reference", "no \(type) has the key “\(key)”")
        }
    }

    private func wrongKind(_ fact: Fact, _ now: Case) -> Outcome {
        let instead =
            switch fact.type {
            case .commissionEarned, .refundReceived, .disputeOpened, .rewardMatured, .commissionReversed:
                ": its payment is, with all that came of it"
            case .withdrawalRequested, .payoutSent: ": reject the withdrawal, or report what the bank says"
            default: ""
            }
        return now.refuse(
            .quarantineKind, "position", "a \(fact.type.name) is not put in quarantine\(instead)")
    }

    /// An earlier quarantine or release of the fact at this moment: its receipt, or what differs.
    private func repeated(
        _ kind: FactKind, _ number: Int, _ fact: Fact, _ at: Timestamp, reason: BorrowedText,
        _ approver: BorrowedText, _ state: borrowing CoreState, _ now: Case
    ) throws(LogError) -> Outcome? {
        for base in state.allMarked(kind, number) {
            var field: String?
            var isIt = false
            unsafe StoredRecord.walk(try state.record(base.rawValue)) { stored, _ in
                let move: QuarantineMove
                switch stored.event {
                case .eventQuarantined(let e) where kind == .quarantined: move = e
                case .eventReleased(let e) where kind == .releasedFact: move = e
                default: return true
                }
                guard move.fact == fact.position,
                    move.flags & (QuarantineMove.part | QuarantineMove.automatic) == 0
                else { return true }
                isIt = stored.occurredAt == at
                field =
                    !move.reason.equals(reason)
                    ? "reason" : move.approver.equals(approver) ? nil : "approvers"
                return false
            }
            if !isIt { continue }
            if let field {
                return now.refuse(
                    .quarantineConflict, field, "at that moment it was done with another \(field)")
            }
            return .repeated(try state.receipt(base))
        }
        return nil
    }

    /// Nobody approves where it moves one's own money.
    private func approver(
        _ name: String, _ fact: Fact, _ state: inout CoreState, _ now: Case
    ) throws(LogError) -> Outcome? {
        var members: [Int] = fact.member.map { [$0] } ?? []
        if fact.kind == .payment, let payment = state.payment(standingAt: fact.position) {
            for leg in try state.legs(of: payment) {
                members.append(state.holder(of: leg.beneficiary, now.envelope.programme))
            }
        }
        guard let party = try party(name, state, now), members.contains(party.member) else { return nil }
        return now.refuse(.adjustApprovers, "approvers", "nobody approves for oneself")
    }

    private func refusal(
        toSetAside fact: Fact, _ kind: QuarantineKind, _ state: inout CoreState, _ now: Case
    ) throws(LogError) -> Outcome? {
        switch kind {
        case .payment:
            guard let payment = state.payment(standingAt: fact.position) else { return nil }
            for leg in try state.legs(of: payment) {
                guard let row = state.legNumber(payment, leg.level) else { continue }
                if isUnsettled(.leg(row), state) { return unsettled(now) }
            }
        case .grant:
            guard let number = state.grantNumber(at: fact.position) else { return nil }
            let row = state.rewards[number]
            if row.isRevoked { return now.refuse(.rewardRevoked, nil, "the reward was taken back") }
            if row.isClaimed {
                return now.refuse(.quarantineUsed, nil, "the units are claimed: they cannot be set aside")
            }
            if isUnsettled(.grant(number), state) { return unsettled(now) }
        default: return overflows(fact.amount, fact.asset, state, now)
        }
        return nil
    }

    private func unsettled(_ now: Case) -> Outcome {
        now.refuse(.quarantineUnsettled, nil, "a case that has ended still holds some of it: advance first")
    }

    /// Whether an ended case still holds something of a reward.
    private func isUnsettled(_ key: RewardKey, _ state: borrowing CoreState) -> Bool {
        var next = state.reward(key).firstHold
        while next != 0 {
            let hold = state.holds[Int(next) - 1]
            if hold.amount > 0, !state.cases[Int(hold.of)].isOpen { return true }
            next = hold.nextOfReward
        }
        return false
    }

    // MARK: Books

    private func fill(
        _ move: inout QuarantineMove, _ fact: Fact, takes: Bool, at moment: Timestamp,
        _ state: inout CoreState, _ out: inout RecordBuilder, _ now: Case
    ) {
        move.flags |= QuarantineMove.moves
        if fact.isMinus { move.flags |= QuarantineMove.minus }
        move.asset = fact.asset
        guard let member = fact.member else {
            move.available = fact.amount
            return
        }
        move.flags |= QuarantineMove.ofUser
        move.user = UserNumber(state.members[member].user)
        move.earnedAt = fact.at
        if takes {
            makeRoom(fact.amount, member, fact.asset, at: moment, &state, &out, now)
            move.available = min(fact.amount, state.balance(member: member, asset: fact.asset).available)
            move.receivable = fact.amount - move.available
        } else {
            (move.available, move.receivable) = state.credit(fact.amount, member, fact.asset)
        }
    }
}
