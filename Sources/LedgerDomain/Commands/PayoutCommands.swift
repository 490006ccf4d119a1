// Commands about claims and withdrawals.

/// What is decided about a withdrawal. Raw values are part of the log format.
public enum WithdrawalDecision: UInt8, Sendable, CaseIterable {
    case approve = 1
    case reject, cancel, reduce
    /// The name in input lines.
    public var name: String {
        switch self {
        case .approve: "approve"
        case .reject: "reject"
        case .cancel: "cancel"
        case .reduce: "reduce"
        }
    }
}

/// What became of a payout. Raw values are part of the log format.
public enum PayoutStatus: UInt8, Sendable, CaseIterable {
    case sent = 1
    case settled, failed, returned
    /// The name in input lines.
    public var name: String {
        switch self {
        case .sent: "sent"
        case .settled: "settled"
        case .failed: "failed"
        case .returned: "returned"
        }
    }
}

/// A user claims a reward in units.
public struct ClaimReward: Sendable, Equatable {
    /// `r17`: as receipts and `user` name it.
    public var rewardId: String
    /// The user, as the host names them: 1–255 bytes of UTF-8.
    public var userId: String
    /// The business moment.
    public var at: Timestamp
    /// Memberwise.
    public init(rewardId: String, userId: String, at: Timestamp) {
        self.rewardId = rewardId
        self.userId = userId
        self.at = at
    }
}

/// A claimed reward was delivered, or could not be.
public struct FulfilReward: Sendable, Equatable {
    /// `r17`.
    public var rewardId: String
    /// Whether it was.
    public var isDelivered: Bool
    /// The business moment.
    public var at: Timestamp
    /// Memberwise.
    public init(rewardId: String, isDelivered: Bool, at: Timestamp) {
        self.rewardId = rewardId
        self.isDelivered = isDelivered
        self.at = at
    }
}

/// A user asks for money.
public struct Withdraw: Sendable, Equatable {
    /// The host's id of it: 1–255 bytes of UTF-8.
    public var withdrawalId: String
    /// The user, as the host names them: 1–255 bytes of UTF-8.
    public var userId: String
    /// Minor units, > 0.
    public var amount: Int64
    /// What the amount is in.
    public var asset: AssetNumber
    /// Where to: sealed under the user's key.
    public var method: String?
    /// The business moment.
    public var at: Timestamp
    /// Memberwise.
    public init(
        withdrawalId: String, userId: String, amount: Int64, asset: AssetNumber, method: String? = nil,
        at: Timestamp
    ) {
        self.withdrawalId = withdrawalId
        self.userId = userId
        self.amount = amount
        self.asset = asset
        self.method = method
        self.at = at
    }
}

/// A person decides about a withdrawal; who stands in the command's actor.
public struct DecideWithdrawal: Sendable, Equatable {
    /// The withdrawal.
    public var withdrawalId: String
    /// What is decided.
    public var decision: WithdrawalDecision
    /// Of `reduce`: minor units that stay.
    public var amount: Int64?
    /// What the amount is in: the withdrawal's asset, or the command is refused.
    public var asset: AssetNumber?
    /// Why: 1–255 bytes.
    public var reason: String?
    /// The business moment.
    public var at: Timestamp
    /// Memberwise.
    public init(
        withdrawalId: String, decision: WithdrawalDecision, amount: Int64? = nil,
        asset: AssetNumber? = nil, reason: String? = nil, at: Timestamp
    ) {
        self.withdrawalId = withdrawalId
        self.decision = decision
        self.amount = amount
        self.asset = asset
        self.reason = reason
        self.at = at
    }
}

/// What became of the money of a withdrawal, as its provider reports it.
public struct Payout: Sendable, Equatable {
    /// The withdrawal.
    public var withdrawalId: String
    /// What has happened.
    public var status: PayoutStatus
    /// The provider's name.
    public var provider: String
    /// The provider's own reference: 1–255 bytes.
    public var providerRef: String
    /// Minor units that the bank keeps of money that comes back, ≥ 0.
    public var kept: Int64?
    /// What `kept` is in: the withdrawal's asset, or the command is refused.
    public var asset: AssetNumber?
    /// The business moment.
    public var at: Timestamp
    /// Memberwise.
    public init(
        withdrawalId: String, status: PayoutStatus, provider: String, providerRef: String,
        kept: Int64? = nil, asset: AssetNumber? = nil, at: Timestamp
    ) {
        self.withdrawalId = withdrawalId
        self.status = status
        self.provider = provider
        self.providerRef = providerRef
        self.kept = kept
        self.asset = asset
        self.at = at
    }
}
