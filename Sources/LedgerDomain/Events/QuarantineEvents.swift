// Facts that are put in quarantine, and let out again. Source: Documentation/rules.md, "quarantine, release".

/// What kind of fact is in quarantine. Raw values are part of the log format.
public enum QuarantineKind: UInt8, Sendable, CaseIterable {
    /// A payment, with its commissions.
    case payment = 1
    /// A grant.
    case grant
    /// An adjustment, whichever way it went.
    case adjustment
    /// A debt that was written off.
    case writeOff
    /// An opening balance.
    case opening
    /// Cash that was paid in.
    case funding
    /// Tax that was remitted.
    case remittance

    /// Stable name.
    public var name: String {
        switch self {
        case .payment: "payment"
        case .grant: "grant"
        case .adjustment: "adjustment"
        case .writeOff: "writeOff"
        case .opening: "opening"
        case .funding: "funding"
        case .remittance: "remittance"
        }
    }
}

/// A fact is put in quarantine (`EventQuarantined`) or let out of it (`EventReleased`): what it posted, or what is
/// left of it, is posted the other way round, here and now; nothing earlier changes.
///
/// Of a payment one such event stands for the payment, and one for each commission of which something moves.
/// One payload for both events: the type says which way the money goes.
public struct QuarantineMove: EventPayload {
    /// A commission of the payment whose own event stands before: its level follows, no reason and approver.
    public static let part: UInt8 = 1
    /// Amounts follow.
    public static let moves: UInt8 = 2
    /// They are a user's.
    public static let ofUser: UInt8 = 4
    /// The fact took from its user: quarantine gives, release takes again.
    public static let minus: UInt8 = 8
    /// A release without anybody's word: what is let out is taken back for good in the same record.
    public static let automatic: UInt8 = 16

    /// Bits as named above.
    public var flags: UInt8 = 0
    /// `QuarantineKind`.
    public var kind: UInt8 = 0
    /// The fact: `PaymentReceived`, `RewardGranted`, `AdjustmentPosted` …
    public var fact = LogPosition.start
    /// Of a commission, 1 to 8; 0 for the fact itself.
    public var level: UInt8 = 0
    /// Why; of a release it may be empty.
    public var reason = BorrowedText.empty
    /// Who approved.
    public var approver = BorrowedText.empty
    /// Whose it is.
    public var user = UserNumber(0)
    /// The asset that amounts are in.
    public var asset = AssetNumber(rawValue: 0)
    /// When the reward was earned: the period in which it counts.
    public var earnedAt = Timestamp(nanoseconds: 0)
    /// From holds; minor units. Nothing goes back there by this event.
    public var held: Int64 = 0
    /// From or to pending; minor units.
    public var pending: Int64 = 0
    /// From or to available, of units claimable; of the programme's own money all of it. Minor units.
    public var available: Int64 = 0
    /// That become a debt, or repay one; minor units.
    public var receivable: Int64 = 0
    /// Minor units in all.
    public var amount: Int64 { held &+ pending &+ available &+ receivable }
    /// Whether it is about a reward: what users earned goes down or up by it.
    public var isReward: Bool {
        kind == QuarantineKind.payment.rawValue || kind == QuarantineKind.grant.rawValue
    }
    /// With the defaults.
    public init() {}
    @inline(__always)
    public mutating func code<C: EventCoder>(_ c: inout C) {
        c.flags(&flags, known: 0x1F)
        c.byte("kind", &kind)
        c.position("fact", &fact)
        if flags & Self.part != 0 { c.byte("level", &level) }
        if flags & (Self.part | Self.automatic) == 0 {
            c.text("reason", &reason)
            c.text("approver", &approver)
        }
        if flags & Self.moves != 0 {
            if flags & Self.ofUser != 0 { c.user("user", &user) }
            c.asset("asset", &asset)
            if flags & Self.ofUser != 0 { c.time("earnedAt", &earnedAt) }
            c.money("held", &held)
            c.money("pending", &pending)
            c.money("available", &available)
            c.money("receivable", &receivable)
        }
        c.require(QuarantineKind(rawValue: kind) != nil, "kind")
        c.require(flags & Self.part == 0 || level >= 1, "level")
        c.require(Int(level) <= LedgerBounds.commissionLevels, "level")
        c.require(flags & Self.part == 0 || kind == QuarantineKind.payment.rawValue, "flags")
        c.require(flags & Self.part == 0 || flags & Self.moves != 0, "flags")
        c.require(flags & (Self.part | Self.automatic) != 0 || !approver.isEmpty, "approver")
        let isUsers = kind != QuarantineKind.funding.rawValue && kind != QuarantineKind.remittance.rawValue
        c.require(flags & Self.ofUser == 0 || flags & Self.moves != 0, "flags")
        c.require(flags & Self.moves == 0 || isUsers == (flags & Self.ofUser != 0), "flags")
        c.require(flags & Self.minus == 0 || kind == QuarantineKind.adjustment.rawValue, "flags")
        // Amounts of nothing are not said: one event has one form.
        c.require(flags & Self.moves == 0 || amount > 0, "amount")
        c.require(held >= 0 && pending >= 0 && available >= 0 && receivable >= 0, "amount")
    }
}

extension Event {
    /// Adds what quarantine and release post: false for other events.
    func postQuarantine(_ out: inout PostingList) -> Bool {
        switch self {
        case .eventQuarantined(let e): post(e, takes: e.flags & QuarantineMove.minus == 0, &out)
        case .eventReleased(let e): post(e, takes: e.flags & QuarantineMove.minus != 0, &out)
        default: return false
        }
        return true
    }

    /// - Parameter takes: From the user (or of the programme's own money: what the fact did is undone); else
    ///   to the user.
    private func post(_ e: QuarantineMove, takes: Bool, _ out: inout PostingList) {
        guard e.flags & QuarantineMove.moves != 0 else { return }
        let other: LedgerAccount
        switch QuarantineKind(rawValue: e.kind) {
        case .payment, .grant: other = e.asset.isMoney ? .rewardExpense : .issued
        case .adjustment: other = .rewardExpense
        case .writeOff: other = .loss
        case .opening: other = .opening
        case .funding:
            return out.post(takes ? .funding : .cash, takes ? .cash : .funding, e.available, e.asset)
        case .remittance: return out.post(takes ? .cash : .tax, takes ? .tax : .cash, e.available, e.asset)
        case nil: return
        }
        if takes {
            let spendable = e.asset.isMoney ? LedgerAccount.available(e.user) : .claimable(e.user)
            out.post(.held(e.user), other, e.held, e.asset)
            out.post(.pending(e.user), other, e.pending, e.asset)
            out.post(spendable, other, e.available, e.asset)
            out.post(.receivable(e.user), other, e.receivable, e.asset)
        } else {
            out.post(other, .pending(e.user), e.pending, e.asset)
            out.credit(e.user, from: other, e.available, repaying: e.receivable, e.asset)
        }
    }
}
