import LedgerDomain
import LedgerLog
import LedgerState

// What stored numbers of events stand for, in words.

extension EventField {
    /// What the field is called in answers; nil for what is there for the stored form only.
    func name(in event: Event) -> String? {
        switch (event, name) {
        case (.fxRateRecorded, "scale"), (.commissionReversed, "ofCase"): nil
        case (.rewardGranted(let e), "detail"): e.cause == RewardCause.stage.rawValue ? "stage" : "tier"
        case (.fxRateRecorded, "mantissa"): "rate"
        default: name
        }
    }
}

extension LedgerReader {
    /// The id behind a position that an event names: a field of its own, beside the position.
    func reference(
        _ name: String, _ position: LogPosition, _ event: Event, _ core: borrowing CoreState
    ) throws(LogError) -> LedgerEvent.Field? {
        func field(_ name: String, _ text: String?) -> LedgerEvent.Field? {
            text.map { LedgerEvent.Field(name: name, value: .text($0)) }
        }
        func reward(_ level: UInt8) throws(LogError) -> LedgerEvent.Field? {
            if level == 0 { return field("rewardId", core.grantName(at: position)) }
            return field("paymentId", try core.givenId(at: position))
        }
        switch (event, name) {
        case (.rewardMatured(let e), "payment"): return try reward(e.level)
        case (.rewardHeld(let e), "reward"): return try reward(e.level)
        case (.rewardReleased(let e), "reward"): return try reward(e.level)
        case (_, "reward"): return try reward(0)
        case (_, "payment"): return field("paymentId", try core.givenId(at: position))
        case (_, "refund"): return field("refundId", try core.givenId(at: position))
        case (_, "withdrawal"): return field("withdrawalId", try core.givenId(at: position))
        case (_, "dispute"): return field("disputeId", try core.givenId(at: position))
        case (.codeExpired, "issued"): return nil
        case (_, "issued"): return field("code", try core.givenId(at: position))
        case (_, "flagged"):
            return field("reviewId", core.caseRow(openedAt: position).map { "f\($0.number)" })
        case (_, "heldBy"): return field("case", try caseName(position, core))
        case (.eventQuarantined, "fact"), (.eventReleased, "fact"):
            if let grant = core.grantName(at: position) { return field("rewardId", grant) }
            return field("paymentId", try core.givenId(at: position))
        case (.fraudFlagged, "subject"):
            if let grant = core.grantName(at: position) { return field("rewardId", grant) }
            return field("paymentId", try core.givenId(at: position))
        default: return nil
        }
    }

    /// `dispute d-1`, `review f3`, `suspension`, `closure`.
    private func caseName(
        _ position: LogPosition, _ core: borrowing CoreState
    ) throws(LogError) -> String? {
        guard let row = core.caseRow(openedAt: position) else { return nil }
        switch row.caseKind {
        case .dispute: return try core.givenId(at: position).map { "dispute \($0)" }
        case .review: return "review f\(row.number)"
        case .suspension: return "suspension"
        case .closure: return "closure"
        }
    }

    /// What an event's flags say, and the name of what it made.
    func flags(
        _ stored: StoredEvent, _ core: borrowing CoreState
    ) throws(LogError) -> [LedgerEvent.Field] {
        func text(_ name: String, _ value: String) -> [LedgerEvent.Field] {
            [LedgerEvent.Field(name: name, value: .text(value))]
        }
        switch stored.event {
        case .rewardGranted:
            return core.grantName(at: stored.position).map { text("rewardId", $0) } ?? []
        case .fraudFlagged(let e):
            let number = core.caseRow(openedAt: stored.position)?.number
            return (number.map { text("reviewId", "f\($0)") } ?? [])
                + text("openedBy", e.flags & FraudFlagged.automatic != 0 ? "rule" : "person")
        case .withdrawalApproved(let e):
            return text("approval", e.flags & WithdrawalApproved.final != 0 ? "final" : "first")
        case .withdrawalReduced(let e), .withdrawalCancelled(let e):
            return e.flags & WithdrawalFreed.clawback != 0 ? text("cause", "clawback") : []
        case .reviewDecided(let e):
            return text("decision", e.flags & ReviewDecided.confirmed != 0 ? "confirm" : "clear")
        case .kycDecided(let e):
            return text("decision", e.flags & KycDecided.approved != 0 ? "approved" : "rejected")
        case .adjustmentPosted(let e):
            return text("direction", e.flags & AdjustmentPosted.minus != 0 ? "minus" : "plus")
        case .eventReleased(let e) where e.flags & QuarantineMove.automatic != 0:
            return text("cause", "revocation")
        case .correctionApplied(let e):
            return e.amount > 0 ? text("direction", e.isTaking ? "minus" : "plus") : []
        case .commissionReversed(let e):
            return e.flags & CommissionReversed.revoked != 0 ? text("cause", "review") : []
        default: return []
        }
    }
}

extension LedgerEvent.Value {
    /// A stored number that stands for a name.
    func named(_ field: String, _ event: Event) -> LedgerEvent.Value {
        if case .integer(let number) = self, case .userSignedUp = event, field == "country" {
            return .text(
                String(
                    decoding: [UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)],
                    as: UTF8.self))
        }
        guard case .integer(let number) = self, let small = UInt8(exactly: number) else { return self }
        let name: String? =
            switch (event, field) {
            case (.attributionRejected, "reason"): AttributionRejection(rawValue: small)?.code
            case (.eventParked, "reason"): ParkedReason(rawValue: small)?.code
            case (.eventParked, "kind"): ParkedKind(rawValue: small).map { "\($0)" }
            case (.eventParked(let e), "status"):
                e.kind == ParkedKind.dispute.rawValue
                    ? DisputeStatus(rawValue: small)?.name : PayoutStatus(rawValue: small)?.name
            case (.periodClosed, "kind"): PeriodKind(rawValue: small).map { "\($0)" }
            case (.symbolDefined, "kind"): small == SymbolDefined.provider ? "provider" : "asset"
            case (.rewardGranted, "cause"): RewardCause(rawValue: small)?.name
            case (.rewardGranted, "side"): small == 0 ? "referrer" : "referee"
            case (.rewardGranted(let e), "detail"):
                e.cause == RewardCause.stage.rawValue ? ReferralStage(rawValue: small)?.name : nil
            case (.correctionApplied, "kind"): CorrectionKind(rawValue: small).map { "\($0)" }
            case (.correctionApplied, "cause"): RewardCause(rawValue: small)?.name
            case (.correctionApplied, "side"): small == 0 ? "referrer" : "referee"
            case (.rewardRevoked, "reason"): RevocationReason(rawValue: small)?.name
            case (.fraudFlagged, "severity"): FraudSeverity(rawValue: small)?.name
            case (.userClosed, "rule"):
                ["pay", "hold", "forfeit"].indices.contains(Int(small) - 1)
                    ? ["pay", "hold", "forfeit"][Int(small) - 1] : nil
            case (.eventQuarantined, "kind"), (.eventReleased, "kind"): QuarantineKind(rawValue: small)?.name
            case (.budgetSet, "period"), (.budgetExhausted, "period"): BudgetPeriod(rawValue: small)?.name
            default: nil
            }
        return name.map { .text($0) } ?? self
    }
}
