import LedgerDomain
import LedgerLog
import LedgerState

extension CommandHistory {
    /// The approved part of a proposal that a record was made for. Its entries are absolute, as they were.
    func correction(_ e: CorrectionApplied, _ record: Record) throws(LogError) -> Command.Action {
        var entries: [CorrectionEntry] = []
        for stored in record.events {
            switch stored.event {
            case .correctionApplied(let e):
                if let entry = try entry(e, stored) { entries.append(entry) }
            case .rewardGranted(let e):
                // The grant that the entry before it led to says when.
                guard case .grants(var entry)? = entries.last else { continue }
                entry.earnedAt = stored.occurredAt
                entry.maturesAt = e.flags & RewardGranted.matures != 0 ? e.maturesAt : nil
                entry.expiresAt = e.flags & RewardGranted.expires != 0 ? e.expiresAt : nil
                entries[entries.count - 1] = .grants(entry)
            case .tierChanged(let e):
                entries.append(.tier(CorrectedTier(userId: try userId(e.user), tier: Int(e.to))))
            case .badgeAwarded(let e): entries.append(try badge(e.user, e.asset, isHeld: true))
            case .badgeRevoked(let e): entries.append(try badge(e.user, e.asset, isHeld: false))
            default: break
            }
        }
        return .correct(
            Correction(
                proposal: e.proposal.string, part: Int(clamping: e.part), parts: Int(clamping: e.parts),
                approvedBy: e.approver.string, entries: entries, at: record.at))
    }

    private func entry(_ e: CorrectionApplied, _ stored: StoredEvent) throws(LogError) -> CorrectionEntry? {
        switch e.correctionKind {
        case .commission:
            let (id, symbol) = try payment(e.reward)
            return .commission(
                CorrectedCommission(
                    provider: try provider(symbol), paymentId: id, level: Int(e.level),
                    userId: try userId(e.beneficiary), asset: e.asset, granted: e.granted,
                    reversed: e.reversed, revoked: e.revoked,
                    maturesAt: e.flags & CorrectionApplied.made != 0 ? e.maturesAt : nil))
        case .grant:
            guard let cause = RewardCause(rawValue: e.cause) else { return nil }
            return .grants(
                CorrectedGrants(
                    refereeId: try userId(e.referee), userId: try userId(e.beneficiary), cause: cause,
                    isReferee: e.side == 1, detail: e.detail, asset: e.asset, entitled: e.granted,
                    earnedAt: stored.occurredAt))
        case .proposal, .revocation, nil: return nil
        }
    }

    private func badge(
        _ user: UserNumber, _ asset: AssetNumber, isHeld: Bool
    ) throws(LogError) -> CorrectionEntry {
        let code = try reader.trusted { core throws(LogError) in try core.visibleAssetSymbols()[asset] ?? "" }
        let name = code.hasPrefix("BADGE:") ? String(code.dropFirst(6)) : code
        return .badge(CorrectedBadge(userId: try userId(user), badge: name, isHeld: isHeld))
    }
}
