import LedgerDomain

// Rows of the state. Layouts are fixed by the fold version: a change of one is a new version.
// A reference to another row is its number + 1, so that a row of zeros refers to nothing.

/// What a user has of one asset. `settled` is available money above zero, debt below.
@frozen
public struct Balance: BitwiseCopyable, Sendable, Equatable {
    /// Earned, and not yet matured; minor units.
    public var pending: Int64 = 0
    public var settled: Int64 = 0
    /// Held by a dispute or a review; minor units.
    public var held: Int64 = 0
    /// Commissions granted less reversed, of all time.
    public var earned: Int64 = 0
    /// With the defaults.
    public init() {}
    /// Can be spent; minor units.
    @inlinable public var available: Int64 { max(0, settled) }
    /// Owed by the user; minor units.
    @inlinable public var receivable: Int64 { settled < 0 ? -settled : 0 }
}

/// A user, over all programmes. 2 bytes; never changes.
@frozen
public struct UserRow: BitwiseCopyable, Sendable {
    /// First letter << 8 | second; 0 when not given.
    public var country: UInt16 = 0
    /// With the defaults.
    public init() {}
}

/// A user in a programme: place in the tree and counters. 64 bytes, one line of the cache.
@frozen
public struct MemberRow: StateRow {
    static let converted: UInt8 = 1
    static let convertedManually: UInt8 = 2
    static let hasPaid: UInt8 = 4
    /// A suspension, closure or open review: the profile says which.
    static let blocked: UInt8 = 16
    /// The profile says into whom.
    static let merged: UInt8 = 32

    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    /// The user's number.
    public var user: UInt32 = 0
    /// Member, + 1.
    public var parent: UInt32 = 0
    public var firstChild: UInt32 = 0
    public var nextSibling: UInt32 = 0
    /// Direct referees.
    public var referrals: UInt32 = 0
    /// Converted referees.
    public var conversions: UInt32 = 0
    /// Payments above zero that are not wholly refunded.
    public var qualifying: UInt32 = 0
    public var firstCode: UInt32 = 0
    /// `ProfileRow`, + 1: what few members have.
    public var profile: UInt32 = 0
    /// Nanoseconds; of the edge to the parent.
    public var attributedAt: Int64 = 0
    /// Nanoseconds; of this member's own conversion.
    public var convertedAt: Int64 = 0
    /// The programme.
    public var programme: UInt16 = 0
    /// The referral's stage.
    public var stage: UInt8 = 0
    /// Bits as named above.
    public var flags: UInt8 = 0
    /// Zero.
    public var spare: UInt32 = 0
    /// With the defaults.
    public init() {}

    /// Whether the referral is converted.
    public var isConverted: Bool { flags & Self.converted != 0 }
    public var isConvertedManually: Bool { flags & Self.convertedManually != 0 }
    public var hasPaid: Bool { flags & Self.hasPaid != 0 }
    /// Earnings are held, and nothing is paid out.
    public var isBlocked: Bool { flags & Self.blocked != 0 }
    /// Another member goes on for this one.
    public var isMerged: Bool { flags & Self.merged != 0 }
    public var referralStage: ReferralStage { ReferralStage(rawValue: stage) ?? .none }
}

/// A member's balance of its first asset, under the member's number. 40 bytes. Only as far as the last member that has had money: so
/// who has none yet takes up nothing, until somebody who signed up later has.
@frozen
public struct MoneyRow: StateRow {
    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    /// Of `balance`.
    public var asset: UInt16 = 0
    /// 1: `asset` and `balance` say something.
    var used: UInt16 = 0
    public var balance = Balance()
    /// With the defaults.
    public init() {}

    /// Whether `asset` and `balance` say something.
    public var hasBalance: Bool { used != 0 }

    /// Whether this is where a balance in an asset stands, or will.
    func takes(_ wanted: AssetNumber) -> Bool { used == 0 || asset == wanted.rawValue }

    /// Where `balance` stands in the row, in bytes.
    static var balanceOffset: Int {
        @inline(__always) get { MemoryLayout<MoneyRow>.offset(of: \.balance)! }
    }

    /// Zero, unless `balance` is one of another asset. Without a condition, of which a branch could be made.
    @inline(__always)
    func otherAsset(than wanted: AssetNumber) -> UInt16 { (asset ^ wanted.rawValue) & (0 &- used) }
}

/// A member's balance of a further asset. 56 bytes.
@frozen
public struct AccountRow: StateRow {
    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    /// The member.
    public var member: UInt32 = 0
    /// The next one, + 1.
    public var next: UInt32 = 0
    /// The asset that amounts are in.
    public var asset: UInt16 = 0
    /// Zero.
    public var spare: UInt16 = 0
    public var balance = Balance()
    /// `LotRow`, + 1: what the available balance is made of.
    public var firstLot: UInt32 = 0
    /// The last of them, + 1.
    public var lastLot: UInt32 = 0
    /// With the defaults.
    public init() {}
}

/// A user in a further programme: only members whose number is not the user's own. 24 bytes. Derived; not in
/// the digest.
@frozen
public struct MembershipRow: StateRow {
    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    /// The user's number.
    public var user: UInt32 = 0
    /// The member.
    public var member: UInt32 = 0
    /// The programme.
    public var programme: UInt32 = 0
    /// Of the signup's record.
    public var position: UInt64 = 0
    /// With the defaults.
    public init() {}
}

/// Where the log says something about an entity that is asked for by natural key. 24 bytes. Derived; not in
/// the digest.
@frozen
public struct FactRow: StateRow {
    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    /// The entity's number.
    public var subject: UInt32 = 0
    /// `FactKind`.
    public var kind: UInt32 = 0
    /// Zero.
    public var spare: UInt32 = 0
    /// Base position of the record.
    public var position: UInt64 = 0
    /// With the defaults.
    public init() {}
}

/// A referral code. 12 bytes.
@frozen
public struct CodeRow: StateRow {
    static let expired: UInt32 = 1
    static let disabled: UInt32 = 2
    /// It lived again after its end: its expiry stands in the `CodeReactivated`.
    static let reactivated: UInt32 = 4
    private static let nextMask: UInt32 = 1 << 29 - 1
    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    /// Member.
    public var owner: UInt32 = 0
    /// The upper three bits are flags, the others `next`.
    private var word: UInt32 = 0
    /// With the defaults.
    public init() {}

    /// The next one of the owner, + 1; below 2^29.
    public var next: UInt32 {
        get { word & Self.nextMask }
        set {
            precondition(newValue <= Self.nextMask, "more codes than a row can number")
            word = word & ~Self.nextMask | newValue
        }
    }
    /// Bits as named above.
    public var flags: UInt32 {
        get { word >> 29 }
        set { word = word & Self.nextMask | newValue << 29 }
    }
}

/// A payment with refunds, disputes or held commissions. 48 bytes.
@frozen
public struct PaymentExtraRow: StateRow {
    static let cumulative: UInt32 = 1
    /// Its first refund has said how its provider counts.
    static let countingIsFixed: UInt32 = 2
    /// The payment is in quarantine.
    static let quarantined: UInt32 = 4
    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    /// The payment's number.
    public var payment: UInt32 = 0
    /// By refunds, less those that failed; minor units.
    public var refunded: Int64 = 0
    /// By lost disputes; minor units.
    public var lost: Int64 = 0
    /// In open disputes; minor units.
    public var disputed: Int64 = 0
    /// Bits as named above.
    public var flags: UInt32 = 0
    /// `RewardRow` of a leg, + 1.
    public var firstLeg: UInt32 = 0
    /// `CaseRow` of a dispute, + 1, the latest first.
    public var firstDispute: UInt32 = 0
    /// Zero.
    public var spare: UInt32 = 0
    /// With the defaults.
    public init() {}
    public var isCumulative: Bool { flags & Self.cumulative != 0 }
    public var isCountingFixed: Bool { flags & Self.countingIsFixed != 0 }
    public var isQuarantined: Bool { flags & Self.quarantined != 0 }
    /// What was taken back of the payment; minor units.
    public var counted: Int64 { refunded &+ lost }
}

/// A refund id that was seen: applied or parked. 12 bytes.
@frozen
public struct RefundRow: StateRow {
    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    /// Parked fact, + 1; 0 for a refund applied on arrival.
    public var parked: UInt32 = 0
    /// 1: it failed.
    public var failed: UInt32 = 0
    /// With the defaults.
    public init() {}
}

/// A parked fact. 24 bytes.
@frozen
public struct ParkedRow: StateRow {
    static let applied: UInt8 = 1
    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    /// Next one that waits for the same predecessor, + 1.
    public var next: UInt32 = 0
    /// `WaitRow`, + 1; 0 when it waits for nothing that can come.
    public var wait: UInt32 = 0
    /// The kind.
    public var kind: UInt8 = 0
    public var reason: UInt8 = 0
    public var state: UInt8 = 0
    /// Zero.
    public var spare: UInt8 = 0
    /// The programme.
    public var programme: UInt16 = 0
    /// Zero.
    public var spare2: UInt16 = 0
    /// Zero.
    public var spare3: UInt32 = 0
    /// With the defaults.
    public init() {}
    public var isApplied: Bool { state & Self.applied != 0 }
}

/// A predecessor that parked facts wait for. 16 bytes.
@frozen
public struct WaitRow: StateRow {
    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    /// The first one, + 1.
    public var first: UInt32 = 0
    /// The last one, + 1.
    public var last: UInt32 = 0
    /// How many.
    public var count: UInt32 = 0
    /// With the defaults.
    public init() {}
}

/// A programme. 80 bytes; its id stands in the log.
@frozen
public struct ProgrammeRow: StateRow {
    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    /// The asset that amounts are in.
    public var asset: UInt16 = 0
    /// Zero.
    public var spare: UInt16 = 0
    /// The business clock, nanoseconds; `Int64.min` before the first advance.
    public var clock: Int64 = .min
    /// Ends of the last closed week and month, nanoseconds; `Int64.min` before the first.
    public var weekClosedTo: Int64 = .min
    public var monthClosedTo: Int64 = .min
    /// The earliest business moment of any fact: where periods begin. `Int64.max` before the first.
    public var firstFactAt: Int64 = .max
    public var policies: UInt32 = 0
    /// Users in the programme.
    public var members: UInt32 = 0
    /// Users below this number are members of the same number.
    public var identityMembers: UInt32 = 0
    /// First day that may hold due work (`CoreState.dueDay`).
    public var dueFrom: UInt32 = .max
    /// The latest business moment of any fact.
    public var lastFactAt: Int64 = .min
    /// `UsageRow` of a cap on the whole programme, + 1.
    public var firstUsage: UInt32 = 0
    /// `BudgetRow`, + 1.
    public var firstBudget: UInt32 = 0
    /// 1: attributions are counted by day.
    public var flags: UInt32 = 0
    /// Zero.
    public var spare2: UInt32 = 0
    /// With the defaults.
    public init() {}
}

/// A policy version. 24 bytes; its text stands in the log.
@frozen
public struct PolicyRow: StateRow {
    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    /// The programme.
    public var programme: UInt32 = 0
    /// From which business moment on they rule.
    public var effectiveFrom: Int64 = 0
    /// The version.
    public var version: UInt64 = 0
    /// With the defaults.
    public init() {}
}

/// The accounts of a programme and asset, for the trial balance. 176 bytes. Each in its usual sign: expenses
/// and assets as debits, the rest as credits.
@frozen
public struct TotalsRow: StateRow {
    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    /// The programme.
    public var programme: UInt16 = 0
    /// The asset that amounts are in.
    public var asset: UInt16 = 0
    public var rewardExpense: Int64 = 0
    /// Earned, and not yet matured; minor units.
    public var pending: Int64 = 0
    /// Can be spent; minor units.
    public var available: Int64 = 0
    /// Held by a dispute or a review; minor units.
    public var held: Int64 = 0
    /// Owed by the user; minor units.
    public var receivable: Int64 = 0
    /// Payments and refunds: not the ledger's money, but what analytics ask first.
    public var paid: Int64 = 0
    public var refunded: Int64 = 0
    /// Payments.
    public var payments: UInt64 = 0
    /// Refunds that took effect.
    public var refunds: UInt64 = 0
    /// Lost disputes: minor units of payments.
    public var chargedBack: Int64 = 0
    public var reserved: Int64 = 0
    /// Debit.
    public var cash: Int64 = 0
    public var funding: Int64 = 0
    public var tax: Int64 = 0
    public var fee: Int64 = 0
    public var breakage: Int64 = 0
    /// Debit.
    public var loss: Int64 = 0
    /// Debit.
    public var fx: Int64 = 0
    /// Debit.
    public var opening: Int64 = 0
    /// Debit.
    public var issued: Int64 = 0
    public var used: Int64 = 0
    /// With the defaults.
    public init() {}
}

/// A symbol: its kind; its name stands in the log. 8 bytes.
@frozen
public struct SymbolRow: StateRow {
    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    /// The kind.
    public var kind: UInt32 = 0
    /// With the defaults.
    public init() {}
}

/// What falls due on one UTC day. 16 bytes.
@frozen
public struct DueDayRow: StateRow {
    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    public var firstRun: UInt32 = 0
    public var lastRun: UInt32 = 0
    /// Zero.
    public var spare: UInt32 = 0
    /// With the defaults.
    public init() {}
}

/// A run of entities with neighbouring numbers, due on the same day. 20 bytes.
@frozen
public struct DueRunRow: StateRow {
    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    /// The next one, + 1.
    public var next: UInt32 = 0
    /// Number of the first entity of the run.
    public var first: UInt32 = 0
    /// How many.
    public var count: UInt32 = 0
    /// `DueKind`; high half: programme.
    public var kind: UInt32 = 0
    /// With the defaults.
    public init() {}
}

/// An import: how far it has come. 48 bytes.
@frozen
public struct ImportRow: StateRow {
    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    /// Zero.
    public var spare: UInt32 = 0
    /// The last line covered.
    public var throughLine: UInt64 = 0
    /// Recorded.
    public var accepted: UInt64 = 0
    /// Done before.
    public var repeated: UInt64 = 0
    /// Recorded, and waiting.
    public var parked: UInt64 = 0
    /// Not done.
    public var refused: UInt64 = 0
    /// With the defaults.
    public init() {}
}

/// The one row of things that are counted once a ledger. 16 bytes.
@frozen
public struct GlobalsRow: StateRow {
    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    /// Parked facts that still wait.
    public var waiting: UInt32 = 0
    /// `LotRow` that is free to use again, + 1.
    public var freeLot: UInt32 = 0
    /// Ended cases that still hold something.
    public var releasing: UInt32 = 0
    /// With the defaults.
    public init() {}
}
