import LedgerDomain
import LedgerLog
import LedgerState

extension Policy {
    /// What a tier is called; nil for one that the policy does not have.
    func tierName(_ index: Int) -> String? {
        tiers.levels.indices.contains(index) ? tiers.levels[index].name : nil
    }
}

/// Events in the words of the user whose statement they are on.
extension LedgerReader {
    func explain(
        _ stored: StoredEvent, _ envelope: RecordEnvelope, for user: UserNumber
    ) throws(LogError) -> String {
        try trusted { core throws(LogError) in
            var words = EventWords(user: user)
            if case .rewardGranted(let e) = stored.event, e.cause == RewardCause.tierBonus.rawValue,
                let ruling = core.policyIndex(envelope.programme, version: envelope.policyVersion)
            {
                words.tierName = try core.policy(ruling).policy.tierName(Int(e.detail))
            }
            if let text = try words.commission(stored.event, core) { return text }
            if let text = try words.reward(stored, core) { return text }
            if let text = try words.payout(stored.event, core) { return text }
            if let text = try words.quarantine(stored.event, core) { return text }
            return try words.books(stored.event, core) ?? stored.event.type.name
        }
    }
}

/// What a user reads about an event.
struct EventWords {
    let user: UserNumber
    /// Of a tier bonus, by the policy version that ruled it.
    var tierName: String?

    init(user: UserNumber) { self.user = user }

    // MARK: Names

    private func userId(_ user: UserNumber, _ core: borrowing CoreState) throws(LogError) -> String {
        Int(user.rawValue) < core.users.count ? try core.userId(Int(user.rawValue)).string : "a user"
    }

    private func payment(_ position: LogPosition, _ core: borrowing CoreState) throws(LogError) -> String {
        guard let stored = try core.payment(at: position), stored.position == position else {
            return "a payment"
        }
        let (id, payer) = (stored.payment.paymentId.string, stored.payment.payer)
        return "payment \(id) of \(try userId(payer, core))"
    }

    private func reward(
        _ position: LogPosition, level: UInt8, _ core: borrowing CoreState
    ) throws(LogError) -> String {
        if level > 0 { return "level \(level) of \(try payment(position, core))" }
        return core.grantName(at: position).map { "reward \($0)" } ?? "a reward"
    }

    private func holder(_ position: LogPosition, _ core: borrowing CoreState) throws(LogError) -> String {
        guard let row = core.caseRow(openedAt: position) else { return "a case" }
        switch row.caseKind {
        case .dispute: return try core.givenId(at: position).map { "dispute \($0)" } ?? "a dispute"
        case .review: return "review f\(row.number)"
        case .suspension: return "the suspension"
        case .closure: return "the closure"
        }
    }

    private func withdrawal(_ position: LogPosition, _ core: borrowing CoreState) throws(LogError) -> String {
        try core.givenId(at: position).map { "withdrawal \($0)" } ?? "a withdrawal"
    }

    private func money(
        _ minor: Int64, _ asset: AssetNumber, _ core: borrowing CoreState
    ) throws(LogError) -> String {
        if let fixed = Asset(number: asset) {
            return "\(DecimalText.format(minor: minor, exponent: fixed.exponent)) \(fixed.code)"
        }
        return "\(minor) \(try code(asset, core))"
    }

    private func code(_ asset: AssetNumber, _ core: borrowing CoreState) throws(LogError) -> String {
        if let fixed = Asset(number: asset) { return fixed.code }
        return AssetCodes(own: try core.visibleAssetSymbols()).code(asset)
    }

    // MARK: Commissions

    func commission(_ event: Event, _ core: borrowing CoreState) throws(LogError) -> String? {
        switch event {
        case .commissionEarned(let e):
            let base =
                Asset(number: e.asset).map { DecimalText.format(minor: e.base, exponent: $0.exponent) } ?? ""
            return "\(Self.percent(e.ratePpm)) of \(base) (level \(e.level)), \(try payment(e.payment, core))"
        case .rewardMatured(let e):
            let repaid = e.toReceivable > 0 ? ", a debt repaid first" : ""
            return "matured: \(try reward(e.payment, level: e.level, core))\(repaid)"
        case .commissionReversed(let e):
            let cause = try e.heldBy == .start ? "refund" : holder(e.heldBy, core)
            return "\(cause): \(try reward(e.payment, level: e.level, core)) taken back"
        case .commissionRestored(let e):
            return "the refund failed: \(try reward(e.payment, level: e.level, core)) restored"
        case .rewardHeld(let e):
            return "held by \(try holder(e.heldBy, core)): \(try reward(e.reward, level: e.level, core))"
        case .rewardReleased(let e):
            return "released by \(try holder(e.heldBy, core)): \(try reward(e.reward, level: e.level, core))"
        default: return nil
        }
    }

    // MARK: Grants, badges

    func reward(_ stored: StoredEvent, _ core: borrowing CoreState) throws(LogError) -> String? {
        switch stored.event {
        case .rewardGranted(let e): return try granted(e, at: stored.position, core)
        case .rewardRevoked(let e):
            let why =
                switch RevocationReason(rawValue: e.reason) {
                case .reverted: "the referral was reverted"
                case .tierLost: "the tier was lost"
                case .review, nil: try e.heldBy == .start ? "review" : holder(e.heldBy, core)
                }
            return "\(why): \(try reward(e.reward, level: 0, core)) taken back"
        case .rewardClaimed(let e): return "claimed: \(try reward(e.reward, level: 0, core))"
        case .fulfilmentFailed(let e):
            return "not delivered, back again: \(try reward(e.reward, level: 0, core))"
        case .rewardExpired(let e): return "expired: \(try reward(e.reward, level: 0, core))"
        case .badgeAwarded(let e):
            let count = "\(e.threshold) conversion\(e.threshold == 1 ? "" : "s")"
            return "badge \(try code(e.asset, core)) for \(count)"
        case .badgeRevoked(let e): return "badge \(try code(e.asset, core)) taken back"
        default: return nil
        }
    }

    private func granted(
        _ e: RewardGranted, at position: LogPosition, _ core: borrowing CoreState
    ) throws(LogError) -> String {
        let name = try reward(position, level: 0, core)
        let cut = e.flags & RewardGranted.capped != 0 ? ", cut by a cap" : ""
        let repaid = e.repaid > 0 ? ", a debt repaid first" : ""
        if e.cause == RewardCause.tierBonus.rawValue {
            return "\(name): bonus of tier \(tierName ?? "\(e.detail)")\(cut)\(repaid)"
        }
        let who = try e.side == 1 ? "own referral" : "referral of \(userId(e.referee, core))"
        let stage = ReferralStage(rawValue: e.detail)?.name ?? "\(e.detail)"
        return "\(name): \(who) \(stage)\(cut)\(repaid)"
    }

    // MARK: Withdrawals

    func payout(_ event: Event, _ core: borrowing CoreState) throws(LogError) -> String? {
        switch event {
        case .withdrawalRequested(let e): return "withdrawal \(e.withdrawalId.string) requested"
        case .withdrawalReduced(let e): return try freed(e, "reduced", core)
        case .withdrawalRejected(let e): return try freed(e, "rejected", core)
        case .withdrawalCancelled(let e): return try freed(e, "cancelled", core)
        case .withdrawalExpired(let e): return try freed(e, "expired", core)
        case .payoutSent(let e):
            let provider = try core.symbolName(Int(e.provider.rawValue)).string
            return "\(try withdrawal(e.withdrawal, core)) sent by \(provider), \(e.reference.string)"
        case .taxWithheld(let e): return "tax on \(try withdrawal(e.withdrawal, core))"
        case .feeCharged(let e): return "fee of \(try withdrawal(e.withdrawal, core))"
        case .payoutFailed(let e): return "\(try withdrawal(e.withdrawal, core)) failed: the money is back"
        case .payoutReturned(let e):
            return "\(try withdrawal(e.withdrawal, core)) returned: the money is back"
        default: return nil
        }
    }

    private func freed(
        _ e: WithdrawalFreed, _ what: String, _ core: borrowing CoreState
    ) throws(LogError) -> String {
        let cause = e.flags & WithdrawalFreed.clawback != 0 ? ", to cover what is taken back" : ""
        let reason = e.flags & WithdrawalFreed.hasReason != 0 ? ": \(e.reason.string)" : ""
        return "\(try withdrawal(e.withdrawal, core)) \(what)\(cause)\(reason)"
    }

    // MARK: Quarantine

    func quarantine(_ event: Event, _ core: borrowing CoreState) throws(LogError) -> String? {
        switch event {
        case .eventQuarantined(let e): return "in quarantine: \(try fact(e, core))"
        case .eventReleased(let e): return "out of quarantine: \(try fact(e, core))"
        default: return nil
        }
    }

    private func fact(_ e: QuarantineMove, _ core: borrowing CoreState) throws(LogError) -> String {
        switch QuarantineKind(rawValue: e.kind) {
        case .payment, .grant: return try reward(e.fact, level: e.level, core)
        case .adjustment: return "the adjustment at \(e.fact)"
        case .writeOff: return "the write-off at \(e.fact)"
        case .opening: return "the opening balance"
        default: return "what was recorded at \(e.fact)"
        }
    }

    // MARK: Books

    func books(_ event: Event, _ core: borrowing CoreState) throws(LogError) -> String? {
        switch event {
        case .adjustmentPosted(let e): return "adjustment: \(e.reason.string)"
        case .correctionApplied(let e): return try corrected(e, core)
        case .debtWrittenOff(let e): return "debt written off: \(e.reason.string)"
        case .openingBalance: return "opening balance"
        case .fxConverted(let e):
            let got = try money(e.toAvailable + e.toReceivable, e.to, core)
            return "\(try money(e.amount, e.from, core)) converted to \(got)"
        case .balanceForfeited: return "forfeited: the account is closed"
        case .balanceMerged(let e):
            return e.into == user
                ? "\(try userId(e.from, core)) merged into this account"
                : "merged into \(try userId(e.into, core))"
        default: return nil
        }
    }

    private func corrected(_ e: CorrectionApplied, _ core: borrowing CoreState) throws(LogError) -> String {
        switch e.correctionKind {
        case .commission:
            let now = try money(e.granted &- e.reversed &- e.revoked, e.asset, core)
            return "corrected to \(now): level \(e.level) of \(try payment(e.reward, core))"
        case .grant:
            let stage =
                e.cause == RewardCause.stage.rawValue
                ? ReferralStage(rawValue: e.detail)?.name ?? "\(e.detail)" : "tier \(e.detail)"
            return
                "corrected to \(try money(e.granted, e.asset, core)): \(stage) of \(try userId(e.referee, core))"
        case .revocation: return "corrected: \(try reward(e.reward, level: 0, core)) taken back"
        case .proposal, nil: return "correction"
        }
    }

    /// Parts per million as a percentage, exactly.
    static func percent(_ ppm: UInt32) -> String {
        let whole = ppm / 10_000
        var rest = String(ppm % 10_000)
        if ppm % 10_000 == 0 { return "\(whole) %" }
        rest = String(repeating: "0", count: 4 - rest.count) + rest
        while rest.hasSuffix("0") { rest.removeLast() }
        return "\(whole).\(rest) %"
    }
}
