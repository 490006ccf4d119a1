import LedgerDomain

// Facts in quarantine, attributions put right.
extension CommandLineDecoder {
    /// The action of a line of one of these types; nil for others.
    func repairAction(_ type: String) throws(LineFault) -> Command.Action? {
        switch type {
        case "quarantine":
            return .quarantine(
                QuarantineFact(
                    fact: try fact(), reason: try text(.reason), approver: try approver(), at: try time(.at)))
        case "release":
            return .release(
                ReleaseFact(
                    fact: try fact(), reason: try optionalText(.reason), approver: try approver(),
                    at: try time(.at)))
        case "correctAttribution":
            return .correctAttribution(
                CorrectAttribution(
                    userId: try text(.userId), referrerId: try optionalText(.referrerId),
                    reason: try text(.reason), approvers: try texts(.approvers), at: try time(.at)))
        default: return nil
        }
    }

    private func approver() throws(LineFault) -> String {
        let names = try texts(.approvers)
        guard names.count == 1 else {
            throw LineFault(
                .fieldRange, field: FieldID.approvers.name, at: Int(node(.approvers).offset),
                "approvers: one name is due")
        }
        return names[0]
    }

    /// The fact in the one way in which the line names it.
    private func fact() throws(LineFault) -> FactReference {
        let ways: [[FieldID]] = [[.provider, .paymentId], [.rewardId], [.kind, .reference], [.position]]
        let used = ways.filter { $0.contains(where: { has($0) }) }
        guard let way = used.first else {
            throw missing("paymentId")
        }
        if used.count > 1, let other = used[1].first(where: { has($0) }) {
            throw LineFault(
                .fieldConflict, field: other.name, at: Int(node(other).offset),
                "a fact is named in one way: by \(way[0].name), or by \(other.name)")
        }
        if let absent = way.first(where: { !has($0) }) { throw missing(absent.name) }
        switch way[0] {
        case .provider:
            return .payment(provider: try text(.provider), paymentId: try text(.paymentId))
        case .rewardId: return .reward(try text(.rewardId))
        case .kind:
            let type = try choice(.kind, FactReference.keyedTypes, \.self)
            return .keyed(type: type, key: try text(.reference))
        default:
            let position = try integer(.position)
            guard position > 0 else {
                throw LineFault(
                    .fieldRange, field: FieldID.position.name, at: Int(node(.position).offset),
                    "position: above zero")
            }
            return .position(LogPosition(UInt64(position)))
        }
    }
}
