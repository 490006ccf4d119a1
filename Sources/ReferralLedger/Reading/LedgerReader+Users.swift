import LedgerDomain
import LedgerLog
import LedgerState

extension LedgerReader {
    /// A user's balances, one an asset. Empty for a user without money; nil for an unknown user.
    /// - Parameter programme: Needed when the ledger has several.
    public func balances(of userId: String, programme: String? = nil) throws(LedgerError) -> [UserBalance]? {
        if let business { return try business.money.balances(of: userId, programme: programme) }
        return try reading { core throws(LogError) in
            guard let member = try member(userId, programme, core) else { return nil }
            return balances(ofMember: member, core)
        }
    }

    func balances(ofMember member: Int, _ core: borrowing CoreState) -> [UserBalance] {
        let reserved = core.visibleReserved(member: member)
        return core.visibleBalances(member: member).map { asset, balance in
            UserBalance(asset, balance, reserved: reserved.first { $0.asset == asset }?.amount ?? 0)
        }
    }

    /// A user's balance in one asset; zeros where there was never any, nil for an unknown user.
    /// Cost: a hash probe and two rows; for ids of more than 23 bytes one look-up in the log to confirm the id. Nearly
    /// always without a lock while nobody writes: not of long ids, unknown and merged users, further assets, and of users
    /// with an open withdrawal. See Documentation/Decisions/0013.
    ///
    /// ```swift
    /// let usd = try ledger.current.balance(of: "u-1", asset: .usd)   // pending, available, held, receivable
    /// ```
    public func balance(
        of userId: String, asset: AssetNumber, programme: String? = nil
    ) throws(LedgerError) -> UserBalance? {
        if _fastPath(business == nil),
            let balance = peekBalance(of: userId, asset: asset, programme: programme)
        {
            return balance
        }
        return try balanceUnderLock(of: userId, asset: asset, programme: programme)
    }

    /// The same without a peek. Apart, so that a peek has little to set up.
    @inline(never)
    private func balanceUnderLock(
        of userId: String, asset: AssetNumber, programme: String?
    ) throws(LedgerError) -> UserBalance? {
        if let business {
            return try business.money.balance(of: userId, asset: asset, programme: programme)
        }
        return try reading { core throws(LogError) in
            // Beside a group in flight there is nothing to peek at.
            if case .none = core.flight { box.lock.invitePeeks() }
            guard let number = try self.programme(programme, core) else { return nil }
            return try withText(userId) { text throws(LogError) in
                try core.visibleBalance(of: text, in: number, asset: asset).map {
                    UserBalance(asset, $0.balance, reserved: $0.reserved)
                }
            }
        }
    }

    /// The balance, if it can be had without the state's lock just now.
    @inline(__always)
    func peekBalance(of userId: String, asset: AssetNumber, programme: String?) -> UserBalance? {
        box.peek { core in
            guard isOpen, let number = peekProgramme(programme, core) else { return nil }
            // Without the call that `withText` needs, where that can be.
            let balance = unsafe userId.utf8.withContiguousStorageIfAvailable { utf8 in
                let text = unsafe BorrowedText(utf8.baseAddress, count: utf8.count)
                return unsafe core.peekBalance(of: text, in: number, asset: asset)
            }
            guard let place = unsafe balance.flatMap({ unsafe $0 }) else { return nil }
            return unsafe UserBalance(asset, place.pointee, reserved: 0)
        }
    }

    /// All about a user; nil for an unknown one. A merged user's id answers for the user it was merged into.
    public func user(_ userId: String, programme: String? = nil) throws(LedgerError) -> UserSummary? {
        let money = try business?.money.balances(of: userId, programme: programme)
        return try reading { core throws(LogError) -> UserSummary? in
            guard let member = try member(userId, programme, core), let row = core.visibleRow(member: member)
            else { return nil }
            let profile = core.visibleProfile(member: member)
            let id = try core.userId(Int(row.user)).string
            let above = row.parent == 0 ? nil : core.visibleResolve(Int(row.parent) - 1)
            let referrer = try above.map { (member) throws(LogError) in
                try self.userId(ofMember: member, core)
            }
            let country = core.visibleRow(user: Int(row.user))?.country ?? 0
            let balances = money ?? balances(ofMember: member, core)
            let codes = AssetCodes(own: try core.visibleAssetSymbols())
            return UserSummary(
                userId: id, mergedFrom: id == userId ? nil : userId, number: UserNumber(row.user),
                programme: try core.programmeId(Int(row.programme)).string,
                signedUpAt: try core.signupTime(member),
                country: country == 0
                    ? nil : String(decoding: [UInt8(country >> 8), UInt8(country & 255)], as: UTF8.self),
                referrerId: referrer,
                attributedAt: referrer == nil ? nil : Timestamp(nanoseconds: row.attributedAt),
                stage: row.referralStage, isConverted: row.isConverted, referrals: Int(row.referrals),
                conversions: Int(row.conversions), qualifyingPayments: Int(row.qualifying),
                standing: UserStanding(
                    isSuspended: profile.isSuspended, isClosed: profile.isClosed,
                    openReviews: Int(profile.openReviews), isBlocked: row.isBlocked),
                tier: try tier(Int(profile.tier), ProgrammeNumber(row.programme), &core),
                badges: balances.filter { $0.asset.isLedgerDefined && $0.available > 0 }
                    .map { codes.code($0.asset) },
                kycLevel: Int(profile.kycLevel),
                kycUntil: profile.kycLevel == 0 || profile.kycUntil == .max
                    ? nil : Timestamp(nanoseconds: profile.kycUntil),
                riskScore: profile.riskScore == 0 ? nil : Int(profile.riskScore) - 1,
                codes: try self.codes(from: row.firstCode, core), balances: balances)
        }
    }

    private func tier(
        _ index: Int, _ programme: ProgrammeNumber, _ core: inout CoreState
    ) throws(LogError) -> TierStanding? {
        guard let latest = core.visiblePolicy(programme, at: Timestamp(nanoseconds: .max)) else { return nil }
        let levels = try core.policy(latest).policy.tiers.levels
        if levels.isEmpty { return nil }
        return TierStanding(
            index: index, name: levels.indices.contains(index) ? levels[index].name : "tier \(index)",
            nextThreshold: levels.indices.contains(index + 1) ? levels[index + 1].threshold : nil)
    }

    /// A member's codes, oldest first.
    private func codes(from first: UInt32, _ core: borrowing CoreState) throws(LogError) -> [CodeSummary] {
        var codes: [CodeSummary] = []
        var next = first
        while next != 0 {
            let number = Int(next) - 1
            let stored = try core.storedCode(number)
            let (code, issuedAt) = (stored.event.code.string, stored.occurredAt)
            var expires = stored.event.flags & CodeIssued.expires != 0 ? stored.event.expiresAt : nil
            let state = core.visibleCodeState(number)
            if state.isReactivated { expires = try core.visibleReactivatedExpiry(code: number) }
            codes.append(
                CodeSummary(
                    code: code, issuedAt: issuedAt, expiresAt: expires, isDisabled: state.isDisabled))
            next = core.visibleRow(code: number)?.next ?? 0
        }
        return codes.reversed()
    }

    /// What assets are called here: the fixed ones and the ledger's badges.
    public func assetCodes() throws(LedgerError) -> AssetCodes {
        try reading { core throws(LogError) in AssetCodes(own: try core.visibleAssetSymbols()) }
    }
}
