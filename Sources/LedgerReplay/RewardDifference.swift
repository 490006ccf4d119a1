import LedgerDomain
import LedgerLog
import LedgerState

/// A reward that the rules give otherwise than it was given.
public struct RewardDifference: Sendable, Equatable {
    /// Whose it is.
    public let userId: String
    /// What it is, in words: `level 2 of payment shop/536365`.
    public let subject: String
    /// Of the payment, or of the first grant; nil where nothing was recorded.
    public let position: LogPosition?
    /// What the amounts are in; nil of tiers, badges and stages.
    public let asset: AssetNumber?
    /// What stands; minor units, or a tier's number, or 1 for a badge that is held.
    public let was: Int64
    /// What should stand.
    public let shouldBe: Int64
    /// What makes it right; nil where another difference's entry does, or no correction can.
    public let entry: CorrectionEntry?
    /// Whether what was granted is in quarantine: what depends on it is blocked, and corrected after its release.
    public let isQuarantined: Bool

    /// Memberwise.
    public init(
        userId: String, subject: String, position: LogPosition?, asset: AssetNumber?, was: Int64,
        shouldBe: Int64, entry: CorrectionEntry?, isQuarantined: Bool = false
    ) {
        self.userId = userId
        self.subject = subject
        self.position = position
        self.asset = asset
        self.was = was
        self.shouldBe = shouldBe
        self.entry = isQuarantined ? nil : entry
        self.isQuarantined = isQuarantined
    }

    /// What the user should have more; minor units of ``asset``.
    public var change: Int64 { shouldBe - was }
}

/// Compares what was granted with what should have been.
///
/// Two states of the same facts: rewards are matched by what they are for (payment and level; referral, cause,
/// side, stage), never by the order in which they were made. What became of a reward afterwards (maturity,
/// withdrawals, claims, expiry) is not compared: it follows.
public struct RewardComparison {
    /// What differs, payments first, then grants, tiers, badges, stages; each in log order.
    public private(set) var differences: [RewardDifference] = []
    private let programme: Int

    /// Compares one programme of two states. Cost: reading each payment's record in both.
    /// - Parameters:
    ///   - was: The state that the log led to.
    ///   - due: The state that the rules lead to.
    /// - Throws: `broken` when the two are not of the same users.
    public init(
        _ was: inout CoreState, against due: inout CoreState, programme: Int
    ) throws(LogError) {
        self.programme = programme
        guard was.users.count == due.users.count, was.members.count == due.members.count else {
            throw LogError(.broken, "the facts lead to \(due.users.count) users, not \(was.users.count)")
        }
        try comparePayments(&was, &due)
        try compareGrants(&was, &due)
        try compareMembers(&was, &due)
    }

    // MARK: Commissions

    private mutating func comparePayments(
        _ was: inout CoreState, _ due: inout CoreState
    ) throws(LogError) {
        for number in 0..<was.payments.count {
            let stored = try was.storedPayment(number)
            guard Int(stored.envelope.programme.rawValue) == programme else { continue }
            let (position, asset) = (stored.position, stored.payment.asset)
            let (id, symbol) = (stored.payment.paymentId.string, Int(stored.payment.provider.rawValue))
            let provider = try was.symbolName(symbol).string
            guard let other = try Self.payment(number, provider, id, programme, &due) else { continue }
            let before = try was.commissionTotals(of: number)
            let after = try due.commissionTotals(of: other)
            if before == after { continue }
            let waits = was.isQuarantined(payment: number)
            for level in UInt8(1)...UInt8(LedgerBounds.commissionLevels) {
                let old = before.first { $0.level == level }
                let new = after.first { $0.level == level }
                let text = "level \(level) of payment \(provider)/\(id)"
                try compare(
                    old, new, text, position, asset, (provider, id), level, waits, &was)
            }
        }
    }

    /// The same payment in the other state: nearly always of the same number.
    private static func payment(
        _ number: Int, _ provider: String, _ id: String, _ programme: Int, _ state: inout CoreState
    ) throws(LogError) -> Int? {
        if number < state.payments.count {
            let stored = try state.storedPayment(number)
            let (isSame, symbol) = (
                stored.payment.paymentId.string == id, Int(stored.payment.provider.rawValue)
            )
            let inProgramme = Int(stored.envelope.programme.rawValue) == programme
            if isSame, inProgramme, try state.symbolName(symbol).string == provider { return number }
        }
        let symbol = try withText(provider) { text throws(LogError) in
            try state.findSymbol(SymbolDefined.provider, text)
        }
        guard let symbol else { return nil }
        return try withText(id) { text throws(LogError) in
            try state.findPayment(ProgrammeNumber(UInt16(programme)), symbol, text)?.number
        }
    }

    private mutating func compare(
        _ old: CommissionTotals?, _ new: CommissionTotals?, _ subject: String, _ position: LogPosition,
        _ asset: AssetNumber, _ payment: (provider: String, id: String), _ level: UInt8,
        _ waits: Bool, _ was: inout CoreState
    ) throws(LogError) {
        let isSame =
            old?.granted == new?.granted && old?.reversed == new?.reversed && old?.revoked == new?.revoked
            && old?.member == new?.member
        if isSame || (old?.granted ?? 0 == 0 && new?.granted ?? 0 == 0) { return }
        guard let member = new?.member ?? old?.member else { return }
        let userId = try Self.userId(member, was)
        let entry = CorrectionEntry.commission(
            CorrectedCommission(
                provider: payment.provider, paymentId: payment.id, level: Int(level), userId: userId,
                asset: asset, granted: new?.granted ?? 0, reversed: new?.reversed ?? 0,
                revoked: new?.revoked ?? 0, maturesAt: old == nil ? new?.maturesAt : nil))
        var before = old?.standing ?? 0
        if let old, old.member != member {
            // Somebody else has it.
            if before != 0 {
                differences.append(
                    RewardDifference(
                        userId: try Self.userId(old.member, was), subject: subject, position: position,
                        asset: asset, was: before, shouldBe: 0, entry: nil, isQuarantined: waits))
            }
            before = 0
        }
        differences.append(
            RewardDifference(
                userId: userId, subject: subject, position: position, asset: asset, was: before,
                shouldBe: new?.standing ?? 0, entry: entry, isQuarantined: waits))
    }

    // MARK: Grants

    /// What a grant is for.
    private struct GrantKey: Hashable {
        let member: Int
        let about: Int
        let cause: UInt8
        let side: UInt8
        let detail: UInt8
        let asset: UInt16
    }
    private struct GrantSum {
        var entitled: Int64 = 0
        /// What could still be taken back.
        var left: Int64 = 0
        var isQuarantined = false
        var first: Int
        var last: Int
    }

    private func grants(_ state: borrowing CoreState) -> (order: [GrantKey], sums: [GrantKey: GrantSum]) {
        var order: [GrantKey] = []
        var sums: [GrantKey: GrantSum] = [:]
        for number in 0..<state.rewards.count {
            let row = state.rewards[number]
            guard Int(state.members[Int(row.member)].programme) == programme else { continue }
            let key = GrantKey(
                member: state.resolve(Int(row.member)), about: state.resolve(Int(row.about)),
                cause: row.cause, side: row.side, detail: row.detail, asset: row.asset)
            if sums[key] == nil { order.append(key) }
            var sum = sums[key] ?? GrantSum(first: number, last: number)
            sum.last = number
            sum.entitled += row.granted - row.revoked
            if row.isQuarantined { sum.isQuarantined = true }
            if !row.isRevoked, !row.isExpired { sum.left += row.takeable }
            sums[key] = sum
        }
        return (order, sums)
    }

    private mutating func compareGrants(_ was: inout CoreState, _ due: inout CoreState) throws(LogError) {
        let (oldOrder, old) = grants(was)
        let (newOrder, new) = grants(due)
        for key in oldOrder + newOrder.filter({ old[$0] == nil }) {
            let before = old[key]?.entitled ?? 0
            let waits = old[key]?.isQuarantined ?? false
            let left = waits ? before : old[key]?.left ?? 0
            // What has expired or was claimed away cannot be taken back.
            let after = max(new[key]?.entitled ?? 0, before - left)
            if before == after { continue }
            guard let cause = RewardCause(rawValue: key.cause) else { continue }
            let like = try new[key].map { sum throws(LogError) in try Self.grant(sum.last, &due) }
            let made = try old[key].map { sum throws(LogError) in try Self.grant(sum.first, &was) }
            let referee = try Self.userId(key.about, was)
            let userId = try Self.userId(key.member, was)
            let stage =
                cause == .stage
                ? "\(ReferralStage(rawValue: key.detail)?.name ?? "") of referral \(referee)"
                : "bonus of tier \(key.detail)"
            let entry = CorrectedGrants(
                refereeId: referee, userId: userId, cause: cause, isReferee: key.side == 1,
                detail: key.detail, asset: AssetNumber(rawValue: key.asset), entitled: after,
                earnedAt: (like ?? made)?.at ?? Timestamp(nanoseconds: 0), maturesAt: like?.maturesAt,
                expiresAt: like?.expiresAt)
            differences.append(
                RewardDifference(
                    userId: userId, subject: stage, position: made?.position,
                    asset: AssetNumber(rawValue: key.asset), was: before, shouldBe: after,
                    entry: .grants(entry), isQuarantined: waits))
        }
    }

    private static func grant(
        _ number: Int, _ state: inout CoreState
    ) throws(LogError) -> (at: Timestamp, maturesAt: Timestamp?, expiresAt: Timestamp?, position: LogPosition)
    {
        let (event, at, position) = try state.readReward(number)
        return (
            at, event.flags & RewardGranted.matures != 0 ? event.maturesAt : nil,
            event.flags & RewardGranted.expires != 0 ? event.expiresAt : nil, position
        )
    }

    // MARK: Tiers, badges, stages

    private mutating func compareMembers(_ was: inout CoreState, _ due: inout CoreState) throws(LogError) {
        let oldSymbols = try was.visibleAssetSymbols()
        let newSymbols = try due.visibleAssetSymbols()
        for number in 0..<was.members.count {
            let row = was.members[number]
            guard Int(row.programme) == programme, !row.isMerged else { continue }
            let (old, new) = (Int(was.profile(number).tier), Int(due.profile(number).tier))
            if old != new {
                let userId = try Self.userId(number, was)
                add(userId, "tier", old, new, .tier(CorrectedTier(userId: userId, tier: new)))
            }
            let held = was.badges(of: number, oldSymbols)
            let earned = due.badges(of: number, newSymbols)
            for badge in held.symmetricDifference(earned).sorted() {
                let userId = try Self.userId(number, was)
                let isHeld = earned.contains(badge)
                let entry = CorrectedBadge(userId: userId, badge: badge, isHeld: isHeld)
                add(userId, "badge \(badge)", isHeld ? 0 : 1, isHeld ? 1 : 0, .badge(entry))
            }
            let (stage, dueStage) = (row.referralStage, due.members[number].referralStage)
            if stage != dueStage {
                let text = "referral \(stage.name), by the rules \(dueStage.name)"
                add(try Self.userId(number, was), text, Int(stage.rawValue), Int(dueStage.rawValue), nil)
            }
        }
    }

    private mutating func add(
        _ userId: String, _ subject: String, _ was: Int, _ shouldBe: Int, _ entry: CorrectionEntry?
    ) {
        differences.append(
            RewardDifference(
                userId: userId, subject: subject, position: nil, asset: nil, was: Int64(was),
                shouldBe: Int64(shouldBe), entry: entry))
    }

    private static func userId(_ member: Int, _ state: borrowing CoreState) throws(LogError) -> String {
        try state.userId(Int(state.members[member].user)).string
    }
}

/// A string's bytes as a borrowed text, for the closure only.
func withText<R>(_ string: String, _ body: (BorrowedText) throws(LogError) -> R) throws(LogError) -> R {
    try unsafe string.utf8.span.withUnsafeBufferPointer { (utf8) throws(LogError) -> R in
        try unsafe body(BorrowedText(utf8.baseAddress, count: utf8.count))
    }
}
