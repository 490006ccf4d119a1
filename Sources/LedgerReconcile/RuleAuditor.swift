import LedgerDomain
import LedgerLog
import LedgerState

/// Each reward against the rule that it was granted by, and debts against what was taken back.
///
/// Works from events alone: versions of policies as they were published, edges as they were attributed. Who
/// earns is checked in programmes without merges, and that nothing is missing in those without caps, budgets and
/// limits in months; rate, amount and maturity everywhere.
/// Memory: an entry a referee, and one a user who ever owed.
struct RuleAuditor: Auditor {
    private struct Edge {
        let referrer: UserNumber
        let at: Timestamp
    }
    private struct Leg: Equatable {
        let level: UInt8
        let beneficiary: UserNumber
        let amount: Int64
    }
    /// A payment and what was earned by it in its record.
    private struct Earned {
        let position: LogPosition
        let payer: UserNumber
        let base: Int64
        let at: Timestamp
        var legs: [Leg] = []
    }
    private var policies: [UInt16: [UInt64: Policy]] = [:]
    private var edges: [MemberKey: Edge] = [:]
    private var merged: Set<UInt16> = []
    private var budgeted: Set<UInt16> = []
    private var payment: Earned?
    /// The record is an approved correction: what it grants makes earlier ones right, and follows no rule of
    /// its version.
    private var isCorrection = false
    private var debts: [PurseKey: Int128] = [:]

    mutating func see(
        _ stored: StoredEvent, _ envelope: RecordEnvelope, _ base: LogPosition, _ out: inout Breaks
    ) {
        let programme = envelope.programme
        seeDebts(stored, programme, &out)
        switch stored.event {
        case .policyPublished(let e):
            if let policy = try? Policy.parse(Array(e.rules.string.utf8)) {
                policies[programme.rawValue, default: [:]][e.version] = policy
            }
        case .budgetSet: budgeted.insert(programme.rawValue)
        case .usersMerged: merged.insert(programme.rawValue)
        case .referralAttributed(let e):
            edges[MemberKey(programme, e.referee)] = Edge(referrer: e.referrer, at: stored.occurredAt)
        case .attributionCorrected(let e):
            let has = e.flags & AttributionCorrected.hasReferrer != 0
            edges[MemberKey(programme, e.referee)] =
                has ? Edge(referrer: e.referrer, at: e.attributedAt) : nil
        case .paymentReceived(let e):
            payment = Earned(
                position: stored.position, payer: e.payer, base: e.commissionableBase, at: stored.occurredAt)
        case .commissionEarned(let e): judge(e, stored, envelope, &out)
        case .correctionApplied: isCorrection = true
        case .rewardGranted(let e) where !isCorrection: judge(e, stored, envelope, &out)
        default: break
        }
    }

    mutating func endRecord(_ envelope: RecordEnvelope, _ base: LogPosition, _ out: inout Breaks) {
        isCorrection = false
        guard let earned = payment else { return }
        payment = nil
        let programme = envelope.programme
        guard let policy = policies[programme.rawValue]?[envelope.policyVersion],
            !merged.contains(programme.rawValue), let due = due(earned, policy.commission, programme)
        else { return }
        let isCapped = !policy.caps.isEmpty || budgeted.contains(programme.rawValue)
        for leg in earned.legs
        where !due.contains(where: { $0.level == leg.level && $0.beneficiary == leg.beneficiary }) {
            out.add(
                .rewardRule, "level \(leg.level) goes to a user who does not stand there above the payer",
                position: earned.position, programme: programme, user: leg.beneficiary)
        }
        if isCapped || policy.commission.months != nil { return }
        for leg in due where !earned.legs.contains(where: { $0.level == leg.level }) {
            out.add(
                .rewardRule, "level \(leg.level) of the payment was not granted", position: earned.position,
                programme: programme, user: leg.beneficiary)
        }
    }

    /// What the rules give for a payment: the payer's referrer first, an edge that is younger than the payment ends
    /// the walk, each level is rounded alone, and a leg of nothing is none.
    private func due(_ earned: Earned, _ rules: Policy.Commission, _ programme: ProgrammeNumber) -> [Leg]? {
        var legs: [Leg] = []
        var user = earned.payer
        for (index, rate) in rules.payingLevels.enumerated() {
            guard let edge = edges[MemberKey(programme, user)], edge.at <= earned.at else { break }
            user = edge.referrer
            guard
                let amount = rules.rounding.share(earned.base, numerator: Int64(rate), denominator: 1_000_000)
            else { return nil }
            if amount > 0 { legs.append(Leg(level: UInt8(index + 1), beneficiary: user, amount: amount)) }
        }
        return legs
    }

    private mutating func judge(
        _ e: CommissionEarned, _ stored: StoredEvent, _ envelope: RecordEnvelope, _ out: inout Breaks
    ) {
        let programme = envelope.programme
        if payment?.position == e.payment {
            payment?.legs.append(Leg(level: e.level, beneficiary: e.beneficiary, amount: e.amount))
        }
        guard let policy = policies[programme.rawValue]?[envelope.policyVersion] else { return }
        let rules = policy.commission
        func add(_ message: String, _ expected: Int64? = nil, _ out: inout Breaks) {
            out.add(
                .rewardRule, message, position: stored.position, programme: programme, user: e.beneficiary,
                asset: expected == nil ? nil : e.asset, expected: expected.map { Int128($0) },
                found: expected == nil ? nil : Int128(e.amount))
        }
        let rates = Array(rules.payingLevels)
        guard Int(e.level) <= rates.count else {
            return add("level \(e.level) earns nothing by the rules", nil, &out)
        }
        let rate = rates[Int(e.level) - 1]
        if e.ratePpm != rate {
            add(
                "level \(e.level) was paid at \(e.ratePpm) parts per million, by the rules \(rate)", nil, &out
            )
        }
        let isCapped = !policy.caps.isEmpty || budgeted.contains(programme.rawValue)
        if let due = rules.rounding.share(e.base, numerator: Int64(rate), denominator: 1_000_000),
            e.amount > due || (e.amount < due && !isCapped)
        {
            add("level \(e.level) of a payment is not its rate of the base", due, &out)
        }
        if let payment, payment.position == e.payment {
            let matures =
                payment.at.adding(days: Int64(rules.holdingDays)) ?? Timestamp(nanoseconds: .max)
            if e.maturesAt != matures {
                add("it matures at \(e.maturesAt), by the rules \(matures)", nil, &out)
            }
            if e.base != payment.base { add("its base is not the payment's", nil, &out) }
        }
    }

    private func judge(
        _ e: RewardGranted, _ stored: StoredEvent, _ envelope: RecordEnvelope, _ out: inout Breaks
    ) {
        let programme = envelope.programme
        guard let policy = policies[programme.rawValue]?[envelope.policyVersion],
            let cause = RewardCause(rawValue: e.cause)
        else { return }
        // What it would be without a cap is what the rule says.
        let whole = e.flags & RewardGranted.capped != 0 ? e.uncappedAmount : e.amount
        let allowed: [Int64]
        switch cause {
        case .stage:
            let side: Policy.Rewards.Side = e.side == 0 ? .referrer : .referee
            allowed = policy.rewards.rules
                .filter { $0.stage.rawValue == e.detail && $0.side == side && $0.asset == e.asset }
                .flatMap { rule -> [Int64] in
                    switch rule.amount {
                    case .fixed(let amount): [amount]
                    case .byTier(let amounts): amounts
                    }
                }
        case .tierBonus:
            let tier = Int(e.detail)
            let level = tier < policy.tiers.levels.count ? policy.tiers.levels[tier] : nil
            allowed = level?.bonuses[e.asset].map { [$0] } ?? []
        }
        if allowed.contains(whole) { return }
        out.add(
            .rewardRule, "a \(cause.name) reward that no rule of version \(envelope.policyVersion) gives",
            position: stored.position, programme: programme, user: e.beneficiary, asset: e.asset,
            expected: allowed.first.map { Int128($0) }, found: Int128(whole))
    }

    // MARK: Debts

    /// What was taken back beyond what a user had, less what repaid it. Nothing else may make a debt.
    private mutating func seeDebts(
        _ stored: StoredEvent, _ programme: ProgrammeNumber, _ out: inout Breaks
    ) {
        for posting in stored.event.postings {
            if case .receivable(let user) = posting.debit {
                debts[PurseKey(MemberKey(programme, user), posting.asset), default: 0] += Int128(
                    posting.amount)
            }
            if case .receivable(let user) = posting.credit {
                let key = PurseKey(MemberKey(programme, user), posting.asset)
                debts[key, default: 0] -= Int128(posting.amount)
                if debts[key, default: 0] < 0 {
                    out.add(
                        .debt, "more was repaid than was ever taken back", position: stored.position,
                        programme: programme, user: user, asset: posting.asset, expected: 0,
                        found: debts[key])
                }
            }
        }
    }

    mutating func compare(_ state: borrowing CoreState, _ out: inout Breaks) throws(LogError) {
        var left = debts.filter { $0.value != 0 }
        for member in 0..<state.members.count {
            let row = state.members[member]
            for account in state.auditedBalances(member) {
                let key = PurseKey(MemberKey(row), account.asset)
                let due = left.removeValue(forKey: key) ?? 0
                if due == Int128(account.balance.receivable) { continue }
                out.add(
                    .debt, "what the user owes is not what was taken back, less what was repaid",
                    programme: key.member.programme, user: key.member.user, asset: key.asset, expected: due,
                    found: Int128(account.balance.receivable))
            }
        }
        for (key, due) in left.sorted(by: { $0.key < $1.key }) {
            out.add(
                .debt, "a debt has no row", programme: key.member.programme, user: key.member.user,
                asset: key.asset, expected: due, found: 0)
        }
    }
}
