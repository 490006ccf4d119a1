import LedgerDomain
import LedgerLog
import LedgerState

extension LedgerReader {
    /// Disputes, reviews, suspensions and closures with what they hold, oldest first.
    ///
    /// ```swift
    /// let queue = try ledger.current.cases(kind: .review) ?? []   // what waits for a decision
    /// ```
    /// Cost: of one user without disputes, its cases; else a pass over all.
    /// - Parameters:
    ///   - userId: Only cases about this user, and disputes of payments that it made or has money held of;
    ///     nil: all.
    ///   - kind: Only this kind; nil: all.
    ///   - openOnly: Leaves out what is decided.
    ///   - after: Only those opened after this position: that of the last one of the page before.
    ///   - limit: At most so many.
    /// - Returns: nil for an unknown user.
    public func cases(
        of userId: String? = nil, kind: CaseSummary.Kind? = nil, openOnly: Bool = true,
        programme: String? = nil, after: LogPosition = .start, limit: Int = 1_000
    ) throws(LedgerError) -> [CaseSummary]? {
        try reading { core throws(LogError) -> [CaseSummary]? in
            var wanted: Int?
            if let userId {
                wanted = try member(userId, programme, core)
                if wanted == nil { return nil }
            }
            // Reviews, suspensions and closures are linked to their user; disputes are not.
            let mine = wanted.map { core.visibleCases(of: $0) }
            var found: [CaseSummary] = []
            for number in 0..<core.visibleCases where found.count < limit {
                guard let row = core.visibleRow(case: number), !openOnly || row.isOpen,
                    kind == nil || kind == CaseSummary.Kind(row.caseKind),
                    core.casePositions[number] > after.rawValue
                else { continue }
                if let mine, row.caseKind != .dispute, !mine.contains(number) { continue }
                let summary = try summary(ofCase: number, row, core)
                if let business, summary.openedAt > business.moment { continue }
                if let programme, summary.programme != programme { continue }
                if let wanted, row.caseKind == .dispute {
                    let id = try self.userId(ofMember: wanted, core)
                    if summary.userId != id, !summary.holds.contains(where: { $0.userId == id }) { continue }
                }
                found.append(summary)
            }
            return found
        }
    }

    /// A review by its name, such as `f3`; nil when there is none of that name.
    public func review(_ reviewId: String) throws(LedgerError) -> CaseSummary? {
        guard reviewId.hasPrefix("f"), let number = Int(reviewId.dropFirst()), number > 0,
            "f\(number)" == reviewId
        else { return nil }
        return try reading { core throws(LogError) -> CaseSummary? in
            guard number <= core.reviewCases.count else { return nil }
            let index = Int(core.reviewCases[number - 1])
            guard let row = core.visibleRow(case: index) else { return nil }
            let summary = try summary(ofCase: index, row, core)
            if let business, summary.openedAt > business.moment { return nil }
            return summary
        }
    }

    private func summary(
        ofCase number: Int, _ row: CaseRow, _ core: borrowing CoreState
    ) throws(LogError) -> CaseSummary {
        let stored = try core.readCase(number)
        var rule: String?
        var severity: FraudSeverity?
        var reason: String?
        var evidence: String?
        var dispute: (id: String, provider: SymbolNumber, asset: AssetNumber)?
        switch stored.event {
        case .fraudFlagged(let e):
            rule = e.rule.string
            severity = FraudSeverity(rawValue: e.severity)
            evidence = e.flags & FraudFlagged.hasEvidence != 0 ? e.evidence.hex : nil
        case .disputeOpened(let e): dispute = (e.disputeId.string, e.provider, e.asset)
        case .userSuspended(let e): reason = e.reason.string
        case .userClosed(let e): reason = e.reason.isEmpty ? nil : e.reason.string
        default: break
        }
        let isDispute = row.caseKind == .dispute
        let about: (userId: String, programme: Int, paymentId: String?)
        if isDispute {
            let payment = try core.storedPayment(Int(row.subject))
            let (payer, programme) = (payment.payment.payer, Int(payment.envelope.programme.rawValue))
            let id = payment.payment.paymentId.string
            let member = core.visibleMember(
                of: Int(payer.rawValue), in: ProgrammeNumber(UInt16(programme)))
            about = (
                try member.map { (m) throws(LogError) in
                    try userId(ofMember: core.visibleResolve(m), core)
                } ?? "", programme, id
            )
        } else {
            let member = core.visibleResolve(Int(row.subject))
            about = (
                try userId(ofMember: member, core),
                Int(core.visibleRow(member: member)?.programme ?? 0), nil
            )
        }
        return CaseSummary(
            kind: CaseSummary.Kind(row.caseKind),
            id: row.caseKind == .review ? "f\(row.number)" : dispute?.id,
            programme: try core.programmeId(about.programme).string, userId: about.userId,
            state: Self.state(of: row), openedAt: stored.occurredAt, position: stored.position, rule: rule,
            severity: severity, reason: reason, evidence: evidence,
            provider: try dispute.map { (d) throws(LogError) in
                try core.symbolName(Int(d.provider.rawValue)).string
            },
            paymentId: about.paymentId, asset: dispute?.asset, amount: isDispute ? row.amount : nil,
            moved: isDispute && row.isTaken ? row.moved : nil, holds: try holds(ofCase: number, core))
    }

    private static func state(of row: CaseRow) -> String {
        if row.isOpen { return "open" }
        switch row.caseKind {
        case .dispute: return row.isTaken ? "lost" : "won"
        case .review: return row.isTaken ? "confirmed" : "cleared"
        case .suspension: return "reinstated"
        case .closure: return "ended"
        }
    }

    private func holds(
        ofCase number: Int, _ core: borrowing CoreState
    ) throws(LogError) -> [CaseSummary.Hold] {
        var holds: [CaseSummary.Hold] = []
        for hold in core.visibleHolds(of: number) where hold.amount > 0 {
            guard let (row, grant) = core.visibleReward(of: hold) else { continue }
            let payment =
                try grant == nil ? core.storedPayment(Int(row.payment)).payment.paymentId.string : nil
            holds.append(
                CaseSummary.Hold(
                    rewardId: grant.map { "r\($0)" }, paymentId: payment, level: Int(row.level),
                    userId: try userId(ofMember: core.visibleResolve(Int(row.member)), core),
                    asset: AssetNumber(rawValue: row.asset), amount: hold.amount))
        }
        return holds
    }
}

extension CaseSummary.Kind {
    init(_ kind: CaseKind) {
        switch kind {
        case .dispute: self = .dispute
        case .review: self = .review
        case .suspension: self = .suspension
        case .closure: self = .closure
        }
    }
}
