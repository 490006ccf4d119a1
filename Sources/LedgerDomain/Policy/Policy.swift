/// The rules of a programme: one version of them, as published in the log.
///
/// A value comes from ``parse(_:)``, which checks it, or from a preset. Each rule here is one that the engine
/// applies; a field that it does not know is refused, never ignored. Documentation/policy.md says what each
/// field means.
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
        /// first: 1 to 8 entries, in all at most 1 000 000.
        public var levels: [UInt32]
        /// How many levels earn, 1 to the number of rates. It never limits how deep the tree may grow.
        public var maxDepth: Int
        /// How a leg becomes whole minor units; each level is rounded alone.
        public var rounding: Rounding
        /// Days × 24 h between a payment and the maturity of what it earned, 0 to 3650.
        public var holdingDays: Int

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

    /// How users get money out.
    public struct Withdrawal: Sendable, Equatable {
        /// Whether a person approves each withdrawal.
        public var approvalRequired: Bool
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
    /// How users get money out.
    public var withdrawal: Withdrawal
    /// How far a fact's `occurredAt` may be ahead of the wall clock, in seconds, 0 to 86 400.
    public var clockToleranceSeconds: Int
}

// MARK: Presets

extension Policy {
    /// The names of the presets that are compiled in.
    public static var presetNames: [String] { presets.map(\.name) }

    /// The preset of that name. Each also ships as `Fixtures/programmes/NAME.json`.
    public static func preset(named name: String) -> Policy? { presets.first { $0.name == name } }

    private static let presets = [twoLevel]

    /// Every payment, for ever, pays 20 % to the referrer and 10 % to the referrer's referrer.
    private static let twoLevel = Policy(
        name: "two-level", timeZone: "UTC", weekStart: .monday,
        attribution: Attribution(applyWindowDays: nil, rejectSharedSignals: true),
        codes: Codes(length: 8, alphabet: defaultAlphabet, ttlDays: nil, oneActive: false),
        commission: Commission(
            levels: [200_000, 100_000], maxDepth: 2, rounding: .halfEven, holdingDays: 14),
        workflow: Workflow(
            paymentAdvancesTo: .completed, zeroPaymentAdvancesTo: .active, expiryDays: nil),
        periods: Periods(graceHours: 24), withdrawal: Withdrawal(approvalRequired: true),
        clockToleranceSeconds: 300)

    /// Digits and capitals without 0, 1, I, L and O.
    static let defaultAlphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
}
