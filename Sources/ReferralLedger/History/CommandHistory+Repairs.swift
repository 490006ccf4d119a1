import LedgerDomain
import LedgerLog
import LedgerState

extension CommandHistory {
    // MARK: Quarantine, corrections

    func repairAction(of record: Record) throws(LogError) -> Command.Action? {
        let at = record.at
        switch record.lead.event {
        case .eventQuarantined(let e):
            return .quarantine(
                QuarantineFact(
                    fact: try fact(e), reason: e.reason.string, approver: e.approver.string, at: at))
        case .eventReleased(let e):
            return .release(
                ReleaseFact(fact: try fact(e), reason: e.reason.text, approver: e.approver.string, at: at))
        case .attributionCorrected(let e):
            let second = e.flags & AttributionCorrected.second != 0 ? e.secondApprover : nil
            return .correctAttribution(
                CorrectAttribution(
                    userId: try userId(e.referee),
                    referrerId: e.flags & AttributionCorrected.hasReferrer != 0
                        ? try userId(e.referrer) : nil,
                    reason: e.reason.string, approvers: Self.approvers(e.approver, second), at: at))
        default: return nil
        }
    }

    /// The fact by a name that holds in other ledgers, too.
    private func fact(_ e: QuarantineMove) throws(LogError) -> FactReference {
        switch QuarantineKind(rawValue: e.kind) {
        case .payment:
            let (id, symbol) = try payment(e.fact)
            return .payment(provider: try provider(symbol), paymentId: id)
        case .grant:
            return .reward(try grant(e.fact))
        case .adjustment: return try keyed("adjust", e.fact)
        case .writeOff: return try keyed("writeOff", e.fact)
        case .opening: return try keyed("openingBalance", e.fact)
        case .funding: return try keyed("fund", e.fact)
        case .remittance: return try keyed("remitTax", e.fact)
        case nil: throw LogError(.broken, "a quarantine of no kind", position: e.fact)
        }
    }

    private func keyed(_ type: String, _ position: LogPosition) throws(LogError) -> FactReference {
        let key = try reader.trusted { core throws(LogError) in try core.key(ofRecordHolding: position) }
        guard let key else {
            throw LogError(.broken, "the log refers to a fact that has no key", position: position)
        }
        return .keyed(type: type, key: key)
    }
}
