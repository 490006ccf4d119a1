/// Something the host asks of the ledger: decided against the present state, it becomes one record of events,
/// or a refusal.
public struct Command: Sendable, Equatable {
    /// What is asked.
    public var action: Action
    /// Id of the programme; nil where the ledger has only one.
    public var programme: String?
    /// Explicit idempotency key, 1–255 bytes; needed where an action has no natural id (`issueCode`).
    /// It never replaces the natural one.
    public var key: String?
    /// Who sends it.
    public var actor: Actor
    /// The host's request id, recorded in the envelope.
    public var correlationId: String?
    /// What made the host send it, recorded in the envelope.
    public var causation: String?

    /// Memberwise.
    public init(
        _ action: Action, programme: String? = nil, key: String? = nil, actor: Actor = .system,
        correlationId: String? = nil, causation: String? = nil
    ) {
        self.action = action
        self.programme = programme
        self.key = key
        self.actor = actor
        self.correlationId = correlationId
        self.causation = causation
    }

    /// Who sends a command.
    public struct Actor: Sendable, Equatable {
        /// The role.
        public var role: ActorRole
        /// Opaque id, or nil.
        public var id: String?
        /// Memberwise.
        public init(role: ActorRole, id: String? = nil) {
            self.role = role
            self.id = id
        }
        /// The system itself: the usual actor, costs no bytes in the log.
        public static let system = Actor(role: .system)
    }

    /// The kinds of command, one for each input line type.
    ///
    /// A value is as large as the largest payload, and is moved about whole: payloads larger than a payment's are
    /// boxed (`indirect`), which costs them an allocation and all others nothing.
    public enum Action: Sendable, Equatable {
        indirect case signup(Signup)
        case issueCode(IssueCode)
        case applyCode(ApplyCode)
        case advanceReferral(AdvanceReferral)
        case convert(Convert)
        case payment(Payment)
        case refund(Refund)
        case advance(Advance)
        indirect case publishPolicy(PublishPolicy)
        indirect case createProgramme(CreateProgramme)
        case refundFailed(RefundFailure)
        case dispute(Dispute)
        case adjust(Adjust)
        case writeOff(WriteOff)
        case openingBalance(OpenBalance)
        case fxRate(RecordRate)
        case fxConvert(ConvertBalance)
        case fund(FundCash)
        case remitTax(RemitTax)
        case recordCost(RecordCost)
        case setBudget(SetBudget)
        case claim(ClaimReward)
        case fulfil(FulfilReward)
        case withdraw(Withdraw)
        case decideWithdrawal(DecideWithdrawal)
        case payout(Payout)
        case kyc(Kyc)
        case suspend(SuspendUser)
        case reinstate(ReinstateUser)
        case closeUser(CloseUser)
        case mergeUsers(MergeUsers)
        indirect case flag(FlagUser)
        case review(DecideReview)
        case riskScore(ReportRisk)
        case disableCode(DisableCode)
        case reactivateCode(ReactivateCode)
        indirect case quarantine(QuarantineFact)
        indirect case release(ReleaseFact)
        indirect case correctAttribution(CorrectAttribution)
        indirect case reconciliation(RecordReconciliation)
        indirect case openBreak(OpenBreak)
        case resolveBreak(ResolveBreak)
        case correct(Correction)

        /// Stored with an explicit key, which is scoped to programme and type. Never reused.
        public var typeNumber: UInt8 {
            switch self {
            case .signup: 1
            case .issueCode: 2
            case .applyCode: 3
            case .advanceReferral: 4
            case .convert: 5
            case .payment: Self.paymentTypeNumber
            case .refund: 7
            case .advance: 8
            case .publishPolicy: 9
            case .createProgramme: 10
            case .refundFailed: 11
            case .dispute: 12
            case .adjust: 13
            case .writeOff: 14
            case .openingBalance: 15
            case .fxRate: 16
            case .fxConvert: 17
            case .fund: 18
            case .remitTax: 19
            case .recordCost: 20
            case .setBudget: 21
            case .claim: 22
            case .fulfil: 23
            case .withdraw: 24
            case .decideWithdrawal: 25
            case .payout: 26
            case .kyc: 27
            case .suspend: 28
            case .reinstate: 29
            case .closeUser: 30
            case .mergeUsers: 31
            case .flag: 32
            case .review: 33
            case .riskScore: 34
            case .disableCode: 35
            case .reactivateCode: 36
            case .quarantine: 37
            case .release: 38
            case .correctAttribution: 39
            case .reconciliation: 60
            case .openBreak: 61
            case .resolveBreak: 62
            case .correct: 63
            }
        }

        /// `typeNumber` of payments.
        public static let paymentTypeNumber: UInt8 = 6

        /// Whether it moves a programme's clock. (To match the case copies what it has.)
        public var isAdvance: Bool { if case .advance = self { true } else { false } }

        /// The `type` of the input line.
        public var typeName: String {
            switch self {
            case .signup: "signup"
            case .issueCode: "issueCode"
            case .applyCode: "applyCode"
            case .advanceReferral: "advanceReferral"
            case .convert: "convert"
            case .payment: "payment"
            case .refund: "refund"
            case .advance: "advance"
            case .publishPolicy: "publishPolicy"
            case .createProgramme: "createProgramme"
            case .refundFailed: "refundFailed"
            case .dispute: "dispute"
            case .adjust: "adjust"
            case .writeOff: "writeOff"
            case .openingBalance: "openingBalance"
            case .fxRate: "fxRate"
            case .fxConvert: "fxConvert"
            case .fund: "fund"
            case .remitTax: "remitTax"
            case .recordCost: "recordCost"
            case .setBudget: "setBudget"
            case .claim: "claim"
            case .fulfil: "fulfil"
            case .withdraw: "withdraw"
            case .decideWithdrawal: "decideWithdrawal"
            case .payout: "payout"
            case .kyc: "kyc"
            case .suspend: "suspend"
            case .reinstate: "reinstate"
            case .closeUser: "closeUser"
            case .mergeUsers: "mergeUsers"
            case .flag: "flag"
            case .review: "review"
            case .riskScore: "riskScore"
            case .disableCode: "disableCode"
            case .reactivateCode: "reactivateCode"
            case .quarantine: "quarantine"
            case .release: "release"
            case .correctAttribution: "correctAttribution"
            case .reconciliation: "reconciliation"
            case .openBreak: "openBreak"
            case .resolveBreak: "resolveBreak"
            case .correct: "correct"
            }
        }
    }
}

/// A user signs up, or joins a further programme.
public struct Signup: Sendable, Equatable {
    /// The user's id as the host gives it: 1–255 bytes of UTF-8, echoed exactly.
    public var userId: String
    /// The business moment (`occurredAt`).
    public var at: Timestamp
    /// ISO 3166 alpha-2.
    public var country: String?
    /// The referrer's user id; not together with a code.
    public var referrerId: String?
    /// The referrer's code; not together with an id.
    public var referralCode: String?
    /// Personal fields: sealed under the user's own key, never stored in clear.
    public var personal: PersonalData
    /// Signals: stored as keyed hashes only.
    public var signals: Signals
    /// Hashes that another ledger stored, at most one of a kind, in the order of the kinds: as its export
    /// gives them. Each stands in place of the hash that this ledger would make.
    public var signalHashes: [SignalHash]

    /// Memberwise.
    public init(
        userId: String, at: Timestamp, country: String? = nil, referrerId: String? = nil,
        referralCode: String? = nil, personal: PersonalData = .init(), signals: Signals = .init(),
        signalHashes: [SignalHash] = []
    ) {
        self.userId = userId
        self.at = at
        self.country = country
        self.referrerId = referrerId
        self.referralCode = referralCode
        self.personal = personal
        self.signals = signals
        self.signalHashes = signalHashes
    }

    /// What erasure must be able to destroy.
    public struct PersonalData: Sendable, Equatable {
        /// E-mail address.
        public var email: String?
        /// Phone number.
        public var phone: String?
        /// Name.
        public var name: String?
        /// Opaque to the ledger; canonical JSON text.
        public var metadata: String?
        /// Memberwise.
        public init(email: String? = nil, phone: String? = nil, name: String? = nil, metadata: String? = nil)
        {
            self.email = email
            self.phone = phone
            self.name = name
            self.metadata = metadata
        }
        /// Whether nothing is in it.
        public var isEmpty: Bool { email == nil && phone == nil && name == nil && metadata == nil }
    }

    /// What may show that two users are one.
    public struct Signals: Sendable, Equatable {
        /// IP address, as text.
        public var ip: String?
        /// Device fingerprint, opaque.
        public var device: String?
        /// Fingerprint of the payment method, opaque.
        public var paymentMethod: String?
        /// Memberwise.
        public init(ip: String? = nil, device: String? = nil, paymentMethod: String? = nil) {
            self.ip = ip
            self.device = device
            self.paymentMethod = paymentMethod
        }
        /// Whether nothing is in it.
        public var isEmpty: Bool { ip == nil && device == nil && paymentMethod == nil }
    }
}

/// A signal as a ledger stores it.
public struct SignalHash: Sendable, Equatable {
    /// What it is of.
    public var kind: SignalKind
    /// Under the secret of the ledger that made it.
    public var hash: Bytes16
    /// Memberwise.
    public init(kind: SignalKind, hash: Bytes16) {
        self.kind = kind
        self.hash = hash
    }
}

/// A user gets a referral code: the given one, or one drawn at random from the policy's alphabet. Needs a
/// `key`.
public struct IssueCode: Sendable, Equatable {
    /// The user's id as the host gives it: 1–255 bytes of UTF-8, echoed exactly.
    public var userId: String
    /// The business moment (`occurredAt`).
    public var at: Timestamp
    /// The code.
    public var code: String?
    /// From `at`; nil: the policy's `ttlDays`.
    public var expiresInDays: Int?
    /// Memberwise.
    public init(userId: String, at: Timestamp, code: String? = nil, expiresInDays: Int? = nil) {
        self.userId = userId
        self.at = at
        self.code = code
        self.expiresInDays = expiresInDays
    }
}

/// A code after signup.
public struct ApplyCode: Sendable, Equatable {
    /// The user's id as the host gives it: 1–255 bytes of UTF-8, echoed exactly.
    public var userId: String
    /// The code.
    public var code: String
    /// The business moment (`occurredAt`).
    public var at: Timestamp
    /// Memberwise.
    public init(userId: String, code: String, at: Timestamp) {
        self.userId = userId
        self.code = code
        self.at = at
    }
}

/// Moves a user's referral forward to a stage.
public struct AdvanceReferral: Sendable, Equatable {
    /// The user's id as the host gives it: 1–255 bytes of UTF-8, echoed exactly.
    public var userId: String
    /// Where it goes.
    public var to: ReferralStage
    /// The business moment (`occurredAt`).
    public var at: Timestamp
    /// Memberwise.
    public init(userId: String, to: ReferralStage, at: Timestamp) {
        self.userId = userId
        self.to = to
        self.at = at
    }
}

/// Converts a user's referral by hand.
public struct Convert: Sendable, Equatable {
    /// The user's id as the host gives it: 1–255 bytes of UTF-8, echoed exactly.
    public var userId: String
    /// The business moment (`occurredAt`).
    public var at: Timestamp
    /// Memberwise.
    public init(userId: String, at: Timestamp) {
        self.userId = userId
        self.at = at
    }
}

/// A payment of a user, as its provider reports it.
public struct Payment: Sendable, Equatable {
    /// The payment's id at its provider: 1–255 bytes of UTF-8.
    public var paymentId: String
    /// The provider's name: 1–255 bytes of UTF-8.
    public var provider: String
    /// The user's id as the host gives it: 1–255 bytes of UTF-8, echoed exactly.
    public var userId: String
    /// Minor units, ≥ 0.
    public var amount: Int64
    /// The asset that amounts are in.
    public var asset: AssetNumber
    /// The business moment (`occurredAt`).
    public var at: Timestamp
    /// What rates apply to, 0…amount; nil: the amount.
    public var commissionableBase: Int64?
    /// Memberwise.
    public init(
        paymentId: String, provider: String, userId: String, amount: Int64, asset: AssetNumber, at: Timestamp,
        commissionableBase: Int64? = nil
    ) {
        self.paymentId = paymentId
        self.provider = provider
        self.userId = userId
        self.amount = amount
        self.asset = asset
        self.at = at
        self.commissionableBase = commissionableBase
    }
}

/// A refund, as its provider reports it.
public struct Refund: Sendable, Equatable {
    /// The refund's id at its provider: 1–255 bytes of UTF-8.
    public var refundId: String
    /// The provider's name: 1–255 bytes of UTF-8.
    public var provider: String
    /// The payment's id at its provider: 1–255 bytes of UTF-8.
    public var paymentId: String?
    /// Minor units, > 0.
    public var amount: Int64
    /// The asset that amounts are in.
    public var asset: AssetNumber
    /// The business moment (`occurredAt`).
    public var at: Timestamp
    /// Given by providers that report what was refunded in all so far.
    public var refundedTotal: Int64?
    /// Memberwise.
    public init(
        refundId: String, provider: String, paymentId: String?, amount: Int64, asset: AssetNumber,
        at: Timestamp,
        refundedTotal: Int64? = nil
    ) {
        self.refundId = refundId
        self.provider = provider
        self.paymentId = paymentId
        self.amount = amount
        self.asset = asset
        self.at = at
        self.refundedTotal = refundedTotal
    }
}

/// Moves the business clock and does what is due: the one command that becomes as many records as it needs.
public struct Advance: Sendable, Equatable {
    /// Where it goes.
    public var to: Timestamp
    /// Memberwise.
    public init(to: Timestamp) { self.to = to }
}

/// A new policy version for a programme. Versions count from 1.
public struct PublishPolicy: Sendable, Equatable {
    /// The rules.
    public var policy: Policy
    /// From which business moment on they rule.
    public var effectiveFrom: Timestamp
    /// The time-zone rules it is published with; pinned in the log.
    public var zoneRules: ZoneRules
    /// Memberwise.
    public init(policy: Policy, effectiveFrom: Timestamp, zoneRules: ZoneRules) {
        self.policy = policy
        self.effectiveFrom = effectiveFrom
        self.zoneRules = zoneRules
    }
}

/// A programme with its first policy version.
public struct CreateProgramme: Sendable, Equatable {
    /// The programme's id: 1–255 bytes of UTF-8.
    public var programmeId: String
    /// The asset that amounts are in.
    public var asset: AssetNumber
    /// The business moment (`occurredAt`).
    public var at: Timestamp
    /// The rules.
    public var policy: Policy
    public var zoneRules: ZoneRules
    /// Memberwise.
    public init(programmeId: String, asset: AssetNumber, at: Timestamp, policy: Policy, zoneRules: ZoneRules)
    {
        self.programmeId = programmeId
        self.asset = asset
        self.at = at
        self.policy = policy
        self.zoneRules = zoneRules
    }
}
