/// The rules of a programme: one version of them, as published in the log.
///
/// A value comes from ``parse(_:)``, which checks it, or from a preset. Each rule here is one that the engine
/// applies; a field that it does not know is refused, never ignored. Documentation/policy.md says what each
/// field means.
///
/// Two policies are equal when their canonical forms are.
public struct Policy: Sendable, Equatable {
    /// Who is attributed to whom.
    public struct Attribution: Sendable, Equatable {
        /// How many days × 24 h after signup a code may still be applied; nil: until the first payment.
        public var applyWindowDays: Int?
        /// Whether a referral between users that share a signal or an e-mail is refused as a self-referral.
        public var rejectSharedSignals: Bool
    }

    /// Referral codes that the ledger draws.
    public struct Codes: Sendable, Equatable {
        /// Characters of a drawn code, 4 to 50.
        public var length: Int
        /// What codes are drawn from: ASCII capitals and digits, no two of which look alike.
        public var alphabet: String
        /// How many days × 24 h a code lives when its issue does not say; nil: for ever.
        public var ttlDays: Int?
        /// Whether a user may have only one code at a time that is neither expired nor disabled.
        public var oneActive: Bool
    }

    /// What payments earn.
    public struct Commission: Sendable, Equatable {
        /// The rate of each level in parts per million of the commissionable base, the payer's referrer
        /// first: at most 8 entries, in all at most 1 000 000. Empty: payments earn nothing.
        public var levels: [UInt32]
        /// How many levels earn, at most the number of rates; 0 only without rates. It never limits how deep
        /// the tree may grow.
        public var maxDepth: Int
        /// How a leg becomes whole minor units; each level is rounded alone.
        public var rounding: Rounding
        /// Days × 24 h between a payment and the maturity of what it earned, 0 to 3650.
        public var holdingDays: Int
        /// Months after the payer's attribution during which payments earn, 1 to 1200; nil: for ever.
        public var months: Int?

        /// The rates that are paid, level 1 first.
        public var payingLevels: ArraySlice<UInt32> { levels.prefix(maxDepth) }
    }

    /// How a referral moves.
    public struct Workflow: Sendable, Equatable {
        /// Where a payment above zero moves the payer's referral.
        public var paymentAdvancesTo: ReferralStage
        /// Where a payment of zero moves it; nil: nowhere.
        public var zeroPaymentAdvancesTo: ReferralStage?
        /// Days × 24 h after attribution at which a referral that is not completed expires; nil: never.
        public var expiryDays: Int?
        /// The stage at which a referral converts: always `completed` in this version.
        public var conversionStep: ReferralStage { .completed }
    }

    /// How weeks and months close.
    public struct Periods: Sendable, Equatable {
        /// Hours after a period's end at which it closes, 0 to 8784.
        public var graceHours: Int
    }

    /// How users get money out. An asset that an amounts table does not name has no such limit.
    public struct Withdrawal: Sendable, Equatable {
        /// What becomes of money in unsent withdrawals when rewards are taken back and nothing else is there.
        public enum OnClawback: String, Sendable, CaseIterable {
            case owe, reduce, cancel
        }

        /// Whether a person approves each withdrawal.
        public var approvalRequired: Bool
        /// Up to this amount nobody needs to.
        public var approvalAbove = Amounts()
        /// Above this amount two do.
        public var secondApproverAbove = Amounts()
        /// The least that may be withdrawn.
        public var minimum = Amounts()
        /// A charge for each withdrawal, in parts per million of it.
        public var feePpm: UInt32 = 0
        /// A charge for each withdrawal, on top of the rate.
        public var fixedFee = Amounts()
        /// What is withheld for the tax office, in parts per million.
        public var taxPpm: UInt32 = 0
        /// The level of identity check that a withdrawal needs, 0 to 9.
        public var kycLevel = 0
        /// Days × 24 h after the request at which an unsent withdrawal expires; nil: never.
        public var expiryDays: Int?
        /// See ``OnClawback``.
        public var onClawback = OnClawback.reduce
    }

    /// Amounts in minor units by asset, sorted by the assets' codes; each asset once.
    public struct Amounts: Sendable, Equatable {
        /// One row of the table.
        public struct Entry: Sendable, Equatable {
            /// The asset.
            public var asset: AssetNumber
            /// Minor units, ≥ 0.
            public var amount: Int64
            /// Memberwise.
            public init(asset: AssetNumber, amount: Int64) {
                (self.asset, self.amount) = (asset, amount)
            }
        }
        /// The rows.
        public var entries: [Entry] = []
        /// An empty table.
        public init() {}
        /// From rows in any order.
        public init(_ entries: [Entry]) {
            self.entries = entries.sorted {
                (Asset(number: $0.asset)?.code ?? "") < (Asset(number: $1.asset)?.code ?? "")
            }
        }
        /// The amount of an asset, or nil where the table does not name it.
        public subscript(asset: AssetNumber) -> Int64? { entries.first { $0.asset == asset }?.amount }
    }

    /// What reaching a stage earns, beside commissions.
    public struct Rewards: Sendable, Equatable {
        /// Who gets a stage's reward.
        public enum Side: String, Sendable, CaseIterable {
            case referrer, referee
        }
        /// How much.
        public enum Amount: Sendable, Equatable {
            /// The same for all; minor units, > 0.
            case fixed(Int64)
            /// By the referrer's tier at the time, one for each of `tiers.levels`; minor units, ≥ 0.
            case byTier([Int64])
        }
        /// One grant.
        public struct Rule: Sendable, Equatable {
            /// `registered` to `completed`.
            public var stage: ReferralStage
            /// Who gets it.
            public var side: Side
            /// What it is in.
            public var asset: AssetNumber
            /// How much.
            public var amount: Amount
            /// Days × 24 h until money matures, 0 to 3650. Units do not wait.
            public var holdingDays: Int
            /// Days × 24 h until what is not used expires; nil: never.
            public var expiryDays: Int?

            /// Memberwise. It is judged when the policy is published.
            public init(
                stage: ReferralStage, side: Side, asset: AssetNumber, amount: Amount, holdingDays: Int = 0,
                expiryDays: Int? = nil
            ) {
                (self.stage, self.side, self.asset) = (stage, side, asset)
                (self.amount, self.holdingDays, self.expiryDays) = (amount, holdingDays, expiryDays)
            }
        }
        /// What becomes of units that were used when their reward is revoked.
        public enum UsedUnits: String, Sendable, CaseIterable {
            case keep, owe
        }
        /// At most 16.
        public var rules: [Rule] = []
        /// Whether a reverted referral takes its completion's rewards back.
        public var revokeOnRevert = true
        /// See ``UsedUnits``.
        public var usedUnits = UsedUnits.keep
    }

    /// Standings that a referrer reaches by conversions.
    public struct Tiers: Sendable, Equatable {
        /// When a tier is lost.
        public enum Downgrade: String, Sendable, CaseIterable {
            case never, below
        }
        /// One tier.
        public struct Level: Sendable, Equatable {
            /// 1–64 bytes.
            public var name: String
            /// Conversions that it needs; 0 for the first, then rising.
            public var threshold: Int
            /// Granted once a user, ever, on reaching it; none for the first tier. At most 4.
            public var bonuses: Amounts

            /// Memberwise. It is judged when the policy is published.
            public init(name: String, threshold: Int, bonuses: Amounts = Amounts()) {
                (self.name, self.threshold, self.bonuses) = (name, threshold, bonuses)
            }
        }
        /// Lowest first, at most 16; empty: the programme has no tiers.
        public var levels: [Level] = []
        /// See ``Downgrade``.
        public var downgrade = Downgrade.never
        /// Whether a lost tier's bonuses are taken back.
        public var bonusClawback = false
    }

    /// A badge for conversions.
    public struct Badge: Sendable, Equatable {
        /// The badge's asset is `BADGE:name`: small letters, digits and hyphens, 1–40 bytes.
        public var name: String
        /// Conversions that it needs, ≥ 1.
        public var threshold: Int
        /// Whether it is lost below the threshold.
        public var revocable: Bool

        /// Memberwise. It is judged when the policy is published.
        public init(name: String, threshold: Int, revocable: Bool = false) {
            (self.name, self.threshold, self.revocable) = (name, threshold, revocable)
        }
    }

    /// A limit of what is granted.
    public struct Cap: Sendable, Equatable {
        /// Whose sum counts.
        public enum Scope: String, Sendable, CaseIterable {
            case user, programme
        }
        /// See ``Scope``.
        public var scope: Scope
        /// What it is in.
        public var asset: AssetNumber
        /// Minor units, ≥ 0.
        public var amount: Int64
        /// Over what time the sum goes.
        public var period: BudgetPeriod

        /// Memberwise. It is judged when the policy is published.
        public init(scope: Scope, asset: AssetNumber, amount: Int64, period: BudgetPeriod) {
            (self.scope, self.asset, self.amount, self.period) = (scope, asset, amount, period)
        }
    }

    /// What becomes of a grant that would pass a cap.
    public enum CapExcess: String, Sendable, CaseIterable {
        case clamp, refuse
    }

    /// What becomes of what a closed account is owed.
    public enum Closure: String, Sendable, CaseIterable {
        case pay, hold, forfeit
    }

    /// The policy's name; a preset's name is the default programme id. An id by ``IdentifierRules``.
    public var name: String
    /// The IANA name of the time zone that days, weeks and months go by.
    public var timeZone: String
    /// The first day of a week.
    public var weekStart: Weekday
    /// Who is attributed to whom.
    public var attribution: Attribution
    /// Referral codes that the ledger draws.
    public var codes: Codes
    /// What payments earn.
    public var commission: Commission
    /// How a referral moves.
    public var workflow: Workflow
    /// How weeks and months close.
    public var periods: Periods
    /// What reaching a stage earns.
    public var rewards = Rewards()
    /// Standings.
    public var tiers = Tiers()
    /// Badges, at most 16.
    public var badges: [Badge] = []
    /// Limits of what is granted, at most 16.
    public var caps: [Cap] = []
    /// What becomes of a grant that would pass a cap or budget.
    public var capExcess = CapExcess.clamp
    /// Whether what is taken back may be granted again within a cap.
    public var capReversalsFree = false
    /// How users get money out.
    public var withdrawal: Withdrawal
    /// Above these amounts an adjustment needs two approvers.
    public var adjustmentSecondApproverAbove = Amounts()
    /// More attributions of one referrer in a day open a review; nil: any number is fine.
    public var fraudAttributionsPerDay: Int?
    /// What becomes of what a closed account is owed.
    public var closure = Closure.hold
    /// How far a fact's `occurredAt` may be ahead of the wall clock, in seconds, 0 to 86 400.
    public var clockToleranceSeconds: Int

    /// The tier of a member with that many conversions, as an index into `tiers.levels`: the highest whose
    /// threshold is reached; 0 when the programme has no tiers.
    public func tier(forConversions count: Int) -> Int {
        tiers.levels.lastIndex { $0.threshold <= count } ?? 0
    }

    /// Names are compared byte for byte here, which strings of their own are not.
    public static func == (left: Policy, right: Policy) -> Bool {
        left.canonicalJSON() == right.canonicalJSON()
    }
}

/// Over what time a cap or budget goes. Raw values are part of the log format.
public enum BudgetPeriod: UInt8, Sendable, CaseIterable {
    case day = 1
    case week, month, ever
    /// The name in policies and input lines.
    public var name: String {
        switch self {
        case .day: "day"
        case .week: "week"
        case .month: "month"
        case .ever: "ever"
        }
    }
}
