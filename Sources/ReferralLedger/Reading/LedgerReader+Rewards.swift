import LedgerDomain
import LedgerLog
import LedgerState

extension LedgerReader {
    /// What was granted to a user for stages and tiers, oldest first; nil for an unknown user.
    ///
    /// ```swift
    /// let open = try ledger.current.rewards(of: "u-1")?.filter { $0.state == .claimable } ?? []
    /// ```
    public func rewards(of userId: String, programme: String? = nil) throws(LedgerError) -> [RewardSummary]? {
        try reading { core throws(LogError) in
            guard let member = try member(userId, programme, core) else { return nil }
            var lots: [UInt16: [Int: Int64]] = [:]
            var rewards: [RewardSummary] = []
            for number in core.visibleRewards(of: member).sorted() {
                guard let row = core.visibleRow(reward: number) else { continue }
                let known =
                    lots[row.asset]
                    ?? core.visibleGrantLots(of: member, AssetNumber(rawValue: row.asset))
                lots[row.asset] = known
                rewards.append(try reward(number, row, lotLeft: known[number] ?? 0, &core))
            }
            return rewards
        }
    }

    /// One grant by its name, such as `r17`; nil when there is none of that name.
    public func reward(_ rewardId: String) throws(LedgerError) -> RewardSummary? {
        guard rewardId.hasPrefix("r"), let number = Int(rewardId.dropFirst()), number > 0,
            "r\(number)" == rewardId
        else { return nil }
        return try reading { core throws(LogError) in
            guard let row = core.visibleRow(reward: number - 1) else { return nil }
            if let business, try core.readReward(number - 1).occurredAt > business.moment { return nil }
            let member = core.visibleResolve(Int(row.member))
            let lots = core.visibleGrantLots(of: member, AssetNumber(rawValue: row.asset))
            return try reward(number - 1, row, lotLeft: lots[number - 1] ?? 0, &core)
        }
    }

    private func reward(
        _ number: Int, _ row: RewardRow, lotLeft: Int64, _ core: inout CoreState
    ) throws(LogError) -> RewardSummary {
        let stored = try core.readReward(number)
        let e = stored.event
        let isMoney = e.asset.isMoney
        let isStage = e.cause == RewardCause.stage.rawValue
        let state = Self.state(of: row, isMoney: isMoney, lotLeft: lotLeft)
        let left =
            row.isQuarantined
            ? 0
            : isMoney ? (row.isMatured ? lotLeft : row.pendingPart) : state == .claimable ? row.standing : 0
        let holder = core.visibleResolve(Int(row.member))
        let programme = ProgrammeNumber(core.visibleRow(member: holder)?.programme ?? 0)
        var tierName: String?
        if !isStage, let ruling = core.visiblePolicy(programme, at: stored.occurredAt) {
            tierName = try core.policy(ruling).policy.tierName(Int(e.detail))
        }
        return RewardSummary(
            id: "r\(number + 1)", userId: try userId(ofMember: holder, core),
            programme: try core.programmeId(Int(programme.rawValue)).string,
            cause: isStage ? .stage : .tierBonus, side: e.side == 0 ? .referrer : .referee,
            stage: isStage ? ReferralStage(rawValue: e.detail) : nil, tier: isStage ? nil : Int(e.detail),
            tierName: tierName,
            refereeId: isStage ? try userId(ofMember: Int(row.about), core) : nil, asset: e.asset,
            amount: e.amount,
            uncappedAmount: e.flags & RewardGranted.capped != 0 ? e.uncappedAmount : nil, state: state,
            left: left, held: row.held, revoked: row.revoked, expired: row.expired,
            repaid: isMoney ? 0 : row.reversed, grantedAt: stored.occurredAt,
            maturesAt: isMoney ? e.maturesAt : nil,
            expiresAt: e.flags & RewardGranted.expires != 0 ? e.expiresAt : nil, position: stored.position)
    }

    static func state(of row: RewardRow, isMoney: Bool, lotLeft: Int64) -> RewardSummary.State {
        if row.isQuarantined { return .quarantined }
        if !isMoney {
            if row.isRevoked { return .revoked }
            if row.isExpired { return .expired }
            if row.isFulfilled { return .fulfilled }
            if row.isClaimed { return .claimed }
            return row.standing > 0 ? .claimable : .repaid
        }
        if row.standing <= 0 { return row.revoked > 0 ? .revoked : .expired }
        if row.held > 0 { return row.held == row.standing ? .held : .partlyHeld }
        if !row.isMatured { return .pending }
        if lotLeft == 0 { return .used }
        return lotLeft < row.standing ? .partlyUsed : .available
    }
}

extension LedgerReader {
    /// Withdrawals, oldest first.
    ///
    /// ```swift
    /// let queue = try ledger.current.withdrawals(states: [.requested, .partlyApproved]) ?? []
    /// ```
    /// Cost: of one user, its withdrawals; else a pass over all.
    /// - Parameters:
    ///   - userId: Only this user's; nil: all.
    ///   - states: Only those that have come this far; empty: all.
    ///   - after: Only those requested after this position: that of the last one of the page before.
    ///   - limit: At most so many.
    /// - Returns: nil for an unknown user.
    public func withdrawals(
        of userId: String? = nil, states: Set<WithdrawalState> = [], programme: String? = nil,
        after: LogPosition = .start, limit: Int = 1_000
    ) throws(LedgerError) -> [WithdrawalSummary]? {
        try reading { core throws(LogError) -> [WithdrawalSummary]? in
            var numbers: [Int]?
            if let userId {
                guard let member = try member(userId, programme, core) else { return nil }
                numbers = core.visibleWithdrawals(of: member).sorted()
            }
            var found: [WithdrawalSummary] = []
            let count = numbers?.count ?? core.visibleWithdrawals
            for i in 0..<count where found.count < limit {
                let number = numbers?[i] ?? i
                guard let row = core.visibleRow(withdrawal: number),
                    states.isEmpty || states.contains(row.withdrawalState),
                    core.withdrawalPositions[number] > after.rawValue
                else { continue }
                let summary = try withdrawal(number, row, core)
                if programme == nil || summary.programme == programme { found.append(summary) }
            }
            return found
        }
    }

    /// One withdrawal by the host's id; nil when there is none.
    public func withdrawal(
        _ id: String, programme: String? = nil
    ) throws(LedgerError) -> WithdrawalSummary? {
        try reading { core throws(LogError) in
            guard let number = try withdrawalNumber(id, programme, core),
                let row = core.visibleRow(withdrawal: number)
            else { return nil }
            return try withdrawal(number, row, core)
        }
    }

    private func withdrawalNumber(
        _ id: String, _ programme: String?, _ core: borrowing CoreState
    ) throws(LogError) -> Int? {
        guard let number = try self.programme(programme, core) else { return nil }
        return try withText(id) { text throws(LogError) in try core.visibleWithdrawal(number, text) }
    }

    private func withdrawal(
        _ number: Int, _ row: WithdrawalRow, _ core: borrowing CoreState
    ) throws(LogError) -> WithdrawalSummary {
        let stored = try core.readWithdrawal(number)
        let (id, at, position) = (stored.event.withdrawalId.string, stored.occurredAt, stored.position)
        let hasMethod = stored.event.flags & WithdrawalRequested.hasSealed != 0
        let holder = core.visibleResolve(Int(row.member))
        let state = row.withdrawalState
        let payout = try core.visiblePayout(of: number)
        return WithdrawalSummary(
            id: id, userId: try userId(ofMember: holder, core),
            programme: try core.programmeId(Int(core.visibleRow(member: holder)?.programme ?? 0)).string,
            asset: AssetNumber(rawValue: row.asset), requested: row.requested, amount: row.amount,
            fee: row.fee, tax: row.tax, net: payout == nil ? nil : row.amount - row.fee - row.tax,
            state: state,
            provider: payout == nil ? nil : try core.symbolName(Int(row.provider)).string,
            providerRef: payout?.reference, payoutAt: payout?.occurredAt,
            approvers: try core.visibleApprovers(of: number), hasMethod: hasMethod, requestedAt: at,
            expiresAt: row.expiresAt == .max ? nil : Timestamp(nanoseconds: row.expiresAt),
            position: position)
    }

    /// Where a withdrawal's money goes, as sealed, and whose key opens it; nil for an unknown withdrawal.
    func sealedMethod(
        _ id: String, _ programme: String?
    ) throws(LedgerError) -> (user: UserNumber, sealed: [UInt8])? {
        try reading { core throws(LogError) -> (user: UserNumber, sealed: [UInt8])? in
            guard let number = try withdrawalNumber(id, programme, core) else { return nil }
            let event = try core.readWithdrawal(number).event
            return (event.user, unsafe Array(event.sealed.utf8))
        }
    }

    func openMethod(
        _ found: (user: UserNumber, sealed: [UInt8]), with vault: KeyVault
    ) throws(LedgerError) -> SealedText {
        if found.sealed.isEmpty { return .absent }
        do throws(LogError) {
            guard let key = try vault.key(of: found.user, create: false) else { return .erased }
            let bound = PersonalCodec.binding(store.ledgerId, found.user)
            guard let plain = Crypto.open(found.sealed, key: key, bound: bound) else {
                throw LogError(.broken, "sealed data does not open with its user's key")
            }
            return .text(String(decoding: plain, as: UTF8.self))
        } catch {
            throw LedgerError(error)
        }
    }
}

extension Ledger {
    /// Where a withdrawal's money goes: personal data, opened with the user's key. Nil for an unknown
    /// withdrawal.
    public func withdrawalMethod(
        _ id: String, programme: String? = nil
    ) throws(LedgerError) -> SealedText? {
        guard let found = try current.sealedMethod(id, programme) else { return nil }
        return try current.openMethod(found, with: vault)
    }
}

extension LedgerArchive {
    /// Where a withdrawal's money goes: personal data, opened with the user's key. Nil for an unknown
    /// withdrawal. Needs the ledger's `keys/`.
    public func withdrawalMethod(
        _ id: String, programme: String? = nil
    ) throws(LedgerError) -> SealedText? {
        guard let found = try current.sealedMethod(id, programme) else { return nil }
        if found.sealed.isEmpty { return .absent }
        let vault: KeyVault
        do throws(LogError) {
            vault = try KeyVault(
                directory: LedgerFolders(root: directory).keys, readOnly: true, ledgerId: store.ledgerId,
                mayCreate: false)
        } catch {
            throw LedgerError(error)
        }
        defer { vault.close() }
        return try current.openMethod(found, with: vault)
    }
}
