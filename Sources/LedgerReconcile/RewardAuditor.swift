import LedgerDomain
import LedgerLog
import LedgerState

/// Commissions and grants, replayed from events alone. Memory: 10 bytes a payment, and an entry a grant, a
/// commission that a case or reversal has touched, a user and asset.
struct RewardAuditor: Auditor {
    /// A grant (level 0) or a commission.
    struct Key: Hashable, Comparable {
        let position: LogPosition
        let level: UInt8
        static func < (a: Key, b: Key) -> Bool {
            (a.position.rawValue, a.level) < (b.position.rawValue, b.level)
        }
    }
    struct Trace {
        var member: MemberKey
        var asset: AssetNumber
        /// Of a grant, and of a commission that a correction has changed; of others it is looked up in the log
        /// at the end.
        var granted: Int64 = 0
        var isCorrected = false
        /// Taken back, less what was restored; and the most that ever was, with its place.
        var taken: Int64 = 0
        var peak: Int64 = 0
        var peakAt = LogPosition.start
        var expired: Int64 = 0
        var held: Int64 = 0
        /// Of what was taken back: what is in quarantine.
        var quarantined: Int64 = 0
        var isMatured = false
        var isClaimed = false
        var isFulfilled = false
        var isExpired = false
        var isRevoked = false
        var isSeen = false
    }

    private var grants: [LogPosition] = []
    private var traces: [Key: Trace] = [:]
    private var earned: [PurseKey: Int128] = [:]
    /// By payment: its position, the levels earned and those matured, a bit each.
    private var payments: [LogPosition] = []
    private var earnedLevels: [UInt8] = []
    private var maturedLevels: [UInt8] = []

    mutating func see(
        _ stored: StoredEvent, _ envelope: RecordEnvelope, _ base: LogPosition, _ out: inout Breaks
    ) {
        let programme = envelope.programme
        switch stored.event {
        case .paymentReceived:
            payments.append(stored.position)
            earnedLevels.append(0)
            maturedLevels.append(0)
        case .commissionEarned(let e): seeEarned(e, stored, programme, &out)
        case .rewardMatured(let e): seeMatured(e, stored, programme, &out)
        case .commissionReversed(let e):
            let member = MemberKey(programme, e.beneficiary)
            let key = Key(position: e.payment, level: e.level)
            take(key, member, e.asset, e.amount, held: e.fromHeld, stored, &out)
        case .commissionRestored(let e):
            let member = MemberKey(programme, e.beneficiary)
            let key = Key(position: e.payment, level: e.level)
            take(key, member, e.asset, 0 &- e.amount, held: 0, stored, &out)
        case .rewardHeld(let e):
            let key = Key(position: e.reward, level: e.level)
            hold(key, MemberKey(programme, e.user), e.asset, e.amount, stored, &out)
        case .rewardReleased(let e):
            let amount = e.toPending &+ e.toAvailable &+ e.toReceivable
            let key = Key(position: e.reward, level: e.level)
            hold(key, MemberKey(programme, e.user), e.asset, 0 &- amount, stored, &out)
        case .eventQuarantined(let e): setAside(e, 1, stored, programme, &out)
        case .eventReleased(let e): setAside(e, -1, stored, programme, &out)
        case .correctionApplied(let e): seeCorrection(e, stored, programme, &out)
        case .balanceMerged(let e):
            let from = PurseKey(MemberKey(programme, e.from), e.asset)
            earned[PurseKey(MemberKey(programme, e.into), e.asset), default: 0] += earned[from] ?? 0
            earned[from] = 0
        default: seeGrant(stored, programme, &out)
        }
    }

    /// A reward goes into quarantine, or with sign −1 comes out.
    private mutating func setAside(
        _ e: QuarantineMove, _ sign: Int64, _ stored: StoredEvent, _ programme: ProgrammeNumber,
        _ out: inout Breaks
    ) {
        guard e.isReward, e.flags & QuarantineMove.moves != 0 else { return }
        let member = MemberKey(programme, e.user)
        let key = Key(position: e.fact, level: e.level)
        let amount = sign &* e.amount
        take(key, member, e.asset, amount, held: e.held, setAside: amount, stored, &out)
        if let trace = traces[key], trace.quarantined != (sign > 0 ? e.amount : 0) {
            out.add(
                .rewardStep, sign > 0 ? "set aside twice" : "another amount is released than was set aside",
                position: stored.position, programme: programme, user: e.user, asset: e.asset)
        }
    }

    /// A commission is from here on what the correction says; of a grant a part is taken back.
    private mutating func seeCorrection(
        _ e: CorrectionApplied, _ stored: StoredEvent, _ programme: ProgrammeNumber, _ out: inout Breaks
    ) {
        let member = MemberKey(programme, e.beneficiary)
        switch e.correctionKind {
        case .commission:
            earned[PurseKey(member, e.asset), default: 0] += Int128(e.change)
            let key = Key(position: e.reward, level: e.level)
            if e.held != 0 { hold(key, member, e.asset, 0 &- e.held, stored, &out) }
            var trace = traces[key] ?? Trace(member: member, asset: e.asset)
            (trace.member, trace.granted, trace.isCorrected) = (member, e.granted, true)
            trace.taken = e.reversed &+ e.revoked
            (trace.peak, trace.peakAt) = (trace.taken, stored.position)
            traces[key] = trace
            if let number = payment(at: e.reward) { earnedLevels[number] |= UInt8(1) << ((e.level &- 1) & 7) }
        case .revocation:
            change(e.reward, stored, &out) { grant in
                defer { grant.isRevoked = grant.isRevoked || e.flags & CorrectionApplied.ends != 0 }
                return grant.isRevoked ? "corrected after it was revoked" : nil
            }
            take(Key(position: e.reward, level: 0), member, e.asset, e.amount, held: e.held, stored, &out)
        case .proposal, .grant, nil: break
        }
    }

    private mutating func seeGrant(
        _ stored: StoredEvent, _ programme: ProgrammeNumber, _ out: inout Breaks
    ) {
        switch stored.event {
        case .rewardGranted(let e):
            let member = MemberKey(programme, e.beneficiary)
            var trace = Trace(member: member, asset: e.asset)
            trace.granted = e.amount
            traces[Key(position: stored.position, level: 0)] = trace
            grants.append(stored.position)
            earned[PurseKey(member, e.asset), default: 0] += Int128(e.amount)
        case .rewardRevoked(let e):
            change(e.reward, stored, &out) { grant in
                defer { grant.isRevoked = true }
                return grant.isRevoked ? "revoked twice" : nil
            }
            let member = MemberKey(programme, e.beneficiary)
            let key = Key(position: e.reward, level: 0)
            take(key, member, e.asset, e.amount, held: e.fromHeld, stored, &out)
        case .rewardClaimed(let e):
            change(e.reward, stored, &out) { grant in
                defer { grant.isClaimed = true }
                if grant.isClaimed { return "claimed twice" }
                if grant.isExpired { return "claimed after its end" }
                return grant.isRevoked ? "claimed and revoked" : nil
            }
        case .rewardFulfilled(let e):
            change(e.reward, stored, &out) { grant in
                defer { grant.isFulfilled = true }
                return !grant.isClaimed ? "delivered unclaimed" : grant.isFulfilled ? "delivered twice" : nil
            }
        case .fulfilmentFailed(let e):
            change(e.reward, stored, &out) { grant in
                defer { grant.isClaimed = false }
                return !grant.isClaimed || grant.isFulfilled ? "fails without a claim under way" : nil
            }
        case .rewardExpired(let e):
            change(e.reward, stored, &out) { grant in
                defer { grant.isExpired = true }
                grant.expired &+= e.fromPending &+ e.fromAvailable
                // Of money a case may have held a part at the first time.
                return grant.isExpired && !e.asset.isMoney ? "expires twice" : nil
            }
        default: break
        }
    }

    /// Takes a step of a grant; the body says what is wrong with it.
    private mutating func change(
        _ position: LogPosition, _ stored: StoredEvent, _ out: inout Breaks,
        _ body: (inout Trace) -> String?
    ) {
        let key = Key(position: position, level: 0)
        guard var trace = traces[key] else {
            out.add(
                .rewardStep, "\(stored.event.type.name) of no grant at \(position)",
                position: stored.position)
            return
        }
        if let wrong = body(&trace) {
            out.add(
                .rewardStep, wrong, position: stored.position, programme: trace.member.programme,
                user: trace.member.user, asset: trace.asset)
        }
        traces[key] = trace
    }

    private func payment(at position: LogPosition) -> Int? {
        if payments.last == position { return payments.count - 1 }
        var (low, high) = (0, payments.count)
        while low < high {
            let middle = (low + high) / 2
            if payments[middle] < position { low = middle + 1 } else { high = middle }
        }
        return low < payments.count && payments[low] == position ? low : nil
    }

    private mutating func seeEarned(
        _ e: CommissionEarned, _ stored: StoredEvent, _ programme: ProgrammeNumber, _ out: inout Breaks
    ) {
        let member = MemberKey(programme, e.beneficiary)
        earned[PurseKey(member, e.asset), default: 0] += Int128(e.amount)
        let bit = UInt8(1) << ((e.level &- 1) & 7)
        guard let number = payment(at: e.payment), earnedLevels[number] & bit == 0 else {
            out.add(
                .rewardStep, "level \(e.level) earns twice, or of no payment", position: stored.position,
                programme: programme, user: e.beneficiary, asset: e.asset)
            return
        }
        earnedLevels[number] |= bit
    }

    private mutating func seeMatured(
        _ e: RewardMatured, _ stored: StoredEvent, _ programme: ProgrammeNumber, _ out: inout Breaks
    ) {
        if e.level == 0 {
            return change(e.payment, stored, &out) { grant in
                defer { grant.isMatured = true }
                return grant.isMatured ? "matures twice" : nil
            }
        }
        let bit = UInt8(1) << ((e.level &- 1) & 7)
        guard let number = payment(at: e.payment), earnedLevels[number] & bit != 0,
            maturedLevels[number] & bit == 0
        else {
            out.add(
                .rewardStep, "level \(e.level) matures twice, or without being earned",
                position: stored.position, programme: programme, user: e.beneficiary, asset: e.asset)
            return
        }
        maturedLevels[number] |= bit
    }

    /// Takes an amount back, or below zero restores it.
    private mutating func take(
        _ key: Key, _ member: MemberKey, _ asset: AssetNumber, _ amount: Int64, held: Int64,
        setAside: Int64 = 0, _ stored: StoredEvent, _ out: inout Breaks
    ) {
        earned[PurseKey(member, asset), default: 0] -= Int128(amount)
        var trace = traces[key] ?? Trace(member: member, asset: asset)
        trace.taken &+= amount
        trace.quarantined &+= setAside
        // What is set aside may come back, and expire then.
        let gone = trace.taken &- trace.quarantined
        if gone > trace.peak { (trace.peak, trace.peakAt) = (gone, stored.position) }
        if trace.taken < 0 {
            out.add(
                .rewardOver, "more is restored than was taken back", position: stored.position,
                programme: member.programme, user: member.user, asset: asset, expected: 0,
                found: Int128(trace.taken))
        }
        traces[key] = trace
        if held != 0 { hold(key, member, asset, 0 &- held, stored, &out) }
    }

    private mutating func hold(
        _ key: Key, _ member: MemberKey, _ asset: AssetNumber, _ amount: Int64, _ stored: StoredEvent,
        _ out: inout Breaks
    ) {
        var trace = traces[key] ?? Trace(member: member, asset: asset)
        trace.held &+= amount
        if trace.held < 0 {
            out.add(
                .rewardOver, "more is released than is held", position: stored.position,
                programme: member.programme, user: member.user, asset: asset, expected: 0,
                found: Int128(trace.held))
        }
        traces[key] = trace
    }

    /// Never more taken back than the log granted.
    mutating func settle(_ log: LogStore, _ out: inout Breaks) throws(LogError) {
        for key in traces.keys.sorted() {
            guard let trace = traces[key] else { continue }
            var granted = trace.granted
            if key.level > 0, !trace.isCorrected {
                guard trace.peak > 0 else { continue }
                granted = try LoggedPayment(at: key.position, in: log)?.legs[key.level] ?? 0
            }
            let taken = Int128(trace.peak) + Int128(trace.expired)
            if taken > Int128(granted) {
                out.add(
                    .rewardOver, "more is taken back than was granted", position: trace.peakAt,
                    programme: trace.member.programme, user: trace.member.user, asset: trace.asset,
                    expected: Int128(granted), found: taken)
            }
        }
    }

    // MARK: Against the rows

    mutating func compare(_ state: borrowing CoreState, _ out: inout Breaks) throws(LogError) {
        try compareRows(state, &out)
        compareEarned(state, &out)
    }

    private mutating func compareRows(_ state: borrowing CoreState, _ out: inout Breaks) throws(LogError) {
        for number in 0..<state.rewards.count {
            let row = state.rewards[number]
            let key = Key(position: LogPosition(state.rewardPositions[number]), level: 0)
            compare(row, key, isLeg: false, &out)
        }
        for number in 0..<state.legs.count {
            let row = state.legs[number]
            guard Int(row.payment) < state.payments.count else {
                out.add(.rewardState, "a commission's row names no payment")
                continue
            }
            let position = try state.storedPayment(Int(row.payment)).position
            compare(row, Key(position: position, level: row.level), isLeg: true, &out)
        }
        if state.rewards.count != grants.count {
            out.add(
                .rewardState, "the state has \(state.rewards.count) grants, the log \(grants.count)")
        }
        for (key, trace) in traces.sorted(by: { $0.key < $1.key })
        where !trace.isSeen && (key.level == 0 || trace.held != 0) {
            out.add(
                .rewardState, "no row of what events say", position: key.position,
                programme: trace.member.programme, user: trace.member.user, asset: trace.asset)
        }
    }

    private mutating func compare(_ row: RewardRow, _ key: Key, isLeg: Bool, _ out: inout Breaks) {
        guard let trace = traces[key] else {
            out.add(.rewardState, "a row that no event explains", position: key.position)
            return
        }
        traces[key]?.isSeen = true
        var fields = FieldTexts()
        fields.compare("what is held", trace.held, row.held)
        fields.compare("what is in quarantine", trace.quarantined, row.quarantined)
        if isLeg {
            if trace.isCorrected { fields.compare("what was granted", trace.granted, row.granted) }
            fields.compare("what was taken back", trace.taken, row.reversed &+ row.revoked &+ row.quarantined)
        } else {
            fields.compare("what was granted", trace.granted, row.granted)
            fields.compare("what was revoked", trace.taken, row.revoked &+ row.quarantined)
            fields.compare("what expired", trace.expired, row.expired)
            fields.compare("matured", trace.isMatured, row.isMatured)
            fields.compare("claimed", trace.isClaimed, row.isClaimed)
            fields.compare("delivered", trace.isFulfilled, row.isFulfilled)
            fields.compare("expired", trace.isExpired, row.isExpired)
            fields.compare("revoked", trace.isRevoked, row.isRevoked)
        }
        guard let text = fields.text else { return }
        out.add(
            .rewardState, text, position: key.position, programme: trace.member.programme,
            user: trace.member.user, asset: trace.asset)
    }

    private mutating func compareEarned(_ state: borrowing CoreState, _ out: inout Breaks) {
        for number in 0..<state.members.count {
            let member = MemberKey(state.members[number])
            for (asset, balance, _) in state.auditedBalances(number) {
                let log = earned.removeValue(forKey: PurseKey(member, asset)) ?? 0
                if log == Int128(balance.earned) { continue }
                out.add(
                    .earned, "the row of what was earned differs from the events",
                    programme: member.programme, user: member.user, asset: asset, expected: log,
                    found: Int128(balance.earned))
            }
        }
        for key in earned.keys.sorted() {
            guard let log = earned[key], log != 0 else { continue }
            out.add(
                .earned, "no row holds what was earned", programme: key.member.programme,
                user: key.member.user, asset: key.asset, expected: log, found: 0)
        }
    }
}
