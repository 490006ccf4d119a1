import LedgerDomain
import LedgerState

@_exported import enum LedgerState.WithdrawalState

/// A grant: what a user got for a stage or a tier. (Commissions are named by their payment; see the statement.)
public struct RewardSummary: Sendable, Equatable {
    /// What has become of it. Of money, the case that holds of most of what is left.
    public enum State: String, Sendable, CaseIterable {
        /// Money that has not matured.
        case pending
        /// All that is left of it is held by a case.
        case held
        /// A part is held.
        case partlyHeld
        /// Matured money that can be spent.
        case available
        /// Matured money of which a part was withdrawn, taken back or has repaid a debt.
        case partlyUsed
        /// Matured money of which nothing is left.
        case used
        /// Units that can be claimed.
        case claimable
        /// Units that were claimed and are not delivered yet.
        case claimed
        /// Units that were delivered.
        case fulfilled
        /// Units that repaid a debt at once.
        case repaid
        /// Not used in time.
        case expired
        /// Taken back.
        case revoked
    }

    /// Who is rewarded for a referral.
    public enum Side: String, Sendable {
        case referrer, referee
    }

    /// `r17`: as `claim`, `fulfil` and `flag` name it.
    public let id: String
    /// Whose it is now, through merges.
    public let userId: String
    /// The programme.
    public let programme: String
    /// Why it was granted.
    public let cause: RewardCause
    /// Of a stage reward: which side of the referral.
    public let side: Side
    /// Of a stage reward: the stage that was reached.
    public let stage: ReferralStage?
    /// Of a tier bonus: the tier, from 0.
    public let tier: Int?
    /// Of a tier bonus: the tier's name, by the policy that ruled the grant's business time.
    public let tierName: String?
    /// Of a stage reward: whose referral reached the stage.
    public let refereeId: String?
    /// The asset that amounts are in.
    public let asset: AssetNumber
    /// Granted, in minor units.
    public let amount: Int64
    /// What it would have been without a cap; nil: no cap cut it.
    public let uncappedAmount: Int64?
    /// What has become of it.
    public let state: State
    /// What can still come of it: pending, or matured and not used up, or claimable. Minor units.
    public let left: Int64
    /// Held by cases, in minor units.
    public let held: Int64
    /// Taken back by name, in minor units.
    public let revoked: Int64
    /// Expired, in minor units.
    public let expired: Int64
    /// Of units: what repaid a debt.
    public let repaid: Int64
    /// The business moment of the grant.
    public let grantedAt: Timestamp
    /// Of money: when it matures.
    public let maturesAt: Timestamp?
    /// When what is not used expires; nil: never.
    public let expiresAt: Timestamp?
    /// Of the `RewardGranted`.
    public let position: LogPosition
}

/// A withdrawal. Where the money goes is sealed: ``Ledger/withdrawalMethod(_:programme:)`` opens it.
public struct WithdrawalSummary: Sendable, Equatable {
    /// The host's id.
    public let id: String
    /// Whose it is now, through merges.
    public let userId: String
    /// The programme.
    public let programme: String
    /// The asset that amounts are in.
    public let asset: AssetNumber
    /// Asked for, in minor units.
    public let requested: Int64
    /// Reserved or sent, in minor units: less than asked for once it was reduced, 0 once it has all gone back.
    public let amount: Int64
    /// Kept for charging, in minor units; 0 before it is sent.
    public let fee: Int64
    /// Withheld for the tax office, in minor units; 0 before it is sent.
    public let tax: Int64
    /// What the provider was sent: amount − fee − tax; nil before it is sent.
    public let net: Int64?
    /// How far it has come.
    public let state: WithdrawalState
    /// Who carries the payout; nil before it is sent.
    public let provider: String?
    /// The provider's own reference, from its latest word.
    public let providerRef: String?
    /// When that word came.
    public let payoutAt: Timestamp?
    /// Actor ids of those who have approved it; "" for the system.
    public let approvers: [String]
    /// Whether it says where the money goes.
    public let hasMethod: Bool
    /// The business moment.
    public let requestedAt: Timestamp
    /// When it expires unless it is sent; nil: never.
    public let expiresAt: Timestamp?
    /// Of the `WithdrawalRequested`.
    public let position: LogPosition
}

/// Sealed personal text, opened.
public enum SealedText: Sendable, Equatable {
    /// None was given.
    case absent
    /// The user's key is gone: nobody can read it any more.
    case erased
    /// The text.
    case text(String)
}

/// What can hold rewards.
public struct CaseSummary: Sendable, Equatable {
    /// What it is.
    public enum Kind: String, Sendable, CaseIterable {
        case dispute, review, suspension, closure
    }

    /// A reward, or a commission, and what of it is held.
    public struct Hold: Sendable, Equatable {
        /// `r17` for a grant; nil for a commission.
        public let rewardId: String?
        /// The payment of a commission.
        public let paymentId: String?
        /// Level of a commission; 0 for a grant.
        public let level: Int
        /// Whose it is now.
        public let userId: String
        /// The asset that the amount is in.
        public let asset: AssetNumber
        /// Minor units, above zero.
        public let amount: Int64
    }

    /// What it is.
    public let kind: Kind
    /// `f3` of a review, the provider's id of a dispute; nil for the rest.
    public let id: String?
    /// The programme.
    public let programme: String
    /// Whom it is about; of a dispute the payer.
    public let userId: String
    /// open; won, lost; cleared, confirmed; reinstated; ended.
    public let state: String
    /// When it was opened: the business moment.
    public let openedAt: Timestamp
    /// Of the event that opened it.
    public let position: LogPosition
    /// Of a review: the rule that spoke.
    public let rule: String?
    /// Of a review.
    public let severity: FraudSeverity?
    /// Of a suspension or closure.
    public let reason: String?
    /// Of a review: the first sixteen bytes of the evidence's SHA-256, hexadecimal.
    public let evidence: String?
    /// Of a dispute.
    public let provider: String?
    /// Of a dispute.
    public let paymentId: String?
    /// Of a dispute.
    public let asset: AssetNumber?
    /// Of a dispute: contested, in minor units.
    public let amount: Int64?
    /// Of a lost dispute: what counts as taken back of the payment, in minor units.
    public let moved: Int64?
    /// What it holds now.
    public let holds: [Hold]

    /// Whether it is undecided.
    public var isOpen: Bool { state == "open" }
}

/// What a user owes in one asset.
public struct Receivable: Sendable, Equatable {
    /// The programme.
    public let programme: String
    /// Who owes.
    public let userId: String
    /// The asset that the amount is in.
    public let asset: AssetNumber
    /// Minor units, above zero.
    public let amount: Int64
}

/// A page of receivables.
public struct ReceivablesPage: Sendable, Equatable {
    /// In the order of signup, a user's assets together.
    public let receivables: [Receivable]
    /// Give it as `after` for the next page; nil: this is the last one.
    public let next: Int?
    /// The log position at which it holds.
    public let position: LogPosition

    init(receivables: [Receivable], next: Int?, position: LogPosition) {
        self.receivables = receivables
        self.next = next
        self.position = position
    }

    /// All of an answer, on one page.
    public init(_ answer: Answered<[Receivable]>) {
        self.init(receivables: answer.value, next: nil, position: answer.position)
    }
}

/// What a provider of payouts was sent and has not confirmed.
public struct ClearingBalance: Sendable, Equatable {
    /// The programme.
    public let programme: String
    /// The provider.
    public let provider: String
    /// The asset that the amount is in.
    public let asset: AssetNumber
    /// Minor units on their way.
    public let amount: Int64
}

/// A limit of what is granted, and how much of it is used.
public struct BudgetUse: Sendable, Equatable {
    /// Whose grants count.
    public enum Scope: String, Sendable {
        case user, programme
    }

    /// Where the limit stands.
    public enum Origin: String, Sendable {
        /// In the policy that rules now.
        case policy
        /// Set by `setBudget`.
        case budget
    }

    /// The programme.
    public let programme: String
    /// Whose grants count.
    public let scope: Scope
    /// Where the limit stands.
    public let origin: Origin
    /// The asset that amounts are in.
    public let asset: AssetNumber
    /// Over what time the sum goes.
    public let period: BudgetPeriod
    /// When the present period began; nil for `ever`.
    public let periodStart: Timestamp?
    /// The limit, in minor units.
    public let cap: Int64
    /// Granted in the present period, in minor units; nil for a limit of each user when none was named.
    public let used: Int64?
    /// Whether a `BudgetExhausted` says so for the present period.
    public let isExhausted: Bool

    /// What may still be granted, ≥ 0.
    public var left: Int64? { used.map { max(0, cap - $0) } }
}

/// What the assets of a ledger are called: those that every ledger knows, and its own badges.
public struct AssetCodes: Sendable, Equatable {
    private let own: [AssetNumber: String]

    /// - Parameter own: Codes of the assets from number 2000 on.
    public init(own: [AssetNumber: String] = [:]) { self.own = own }

    /// The code; a number for an asset that the ledger does not know.
    public func code(_ number: AssetNumber) -> String {
        Asset(number: number)?.code ?? own[number] ?? "ASSET-\(number.rawValue)"
    }

    /// The asset of a code, letter for letter.
    public func asset(_ code: String) -> AssetNumber? {
        Asset(code: code)?.number ?? own.first { $0.value == code }?.key
    }

    /// All codes: the fixed ones, then the ledger's own.
    public var all: [String] { Asset.all.map(\.code) + own.values.sorted() }
}
