// Commands about disputes, corrections of balances, currencies and the programme's own money.

/// What a provider says of a dispute. Raw values are part of the log format.
public enum DisputeStatus: UInt8, Sendable, CaseIterable {
    case opened = 1
    case won, lost
    /// The name in input lines.
    public var name: String {
        switch self {
        case .opened: "opened"
        case .won: "won"
        case .lost: "lost"
        }
    }
}

/// A rate: `mantissa` × 10^−`scale`.
public struct ExchangeRate: Sendable, Hashable {
    /// Digits, > 0, at most 18 of them.
    public var mantissa: Int64
    /// Fraction digits, 0 to 12; none of the last ones is zero.
    public var scale: UInt8
    /// From decimal text such as `1.0825`; nil when it is not a positive decimal number within the bounds.
    public init?(text: String) {
        var digits: [UInt8] = []
        var fraction: Int?
        for byte in text.utf8 {
            if byte == UInt8(ascii: "."), fraction == nil, !digits.isEmpty {
                fraction = 0
            } else if 0x30...0x39 ~= byte {
                digits.append(byte - 0x30)
                if let known = fraction { fraction = known + 1 }
            } else {
                return nil
            }
            if digits.count > 18 { return nil }
        }
        // No leading zero but a single one, no bare dot.
        if digits.isEmpty || fraction == 0 { return nil }
        if digits.count - (fraction ?? 0) > 1, digits[0] == 0 { return nil }
        var scale = fraction ?? 0
        if scale > 12 { return nil }
        while scale > 0, digits.last == 0 {
            digits.removeLast()
            scale -= 1
        }
        mantissa = digits.reduce(0) { $0 * 10 + Int64($1) }
        self.scale = UInt8(scale)
        if mantissa == 0 { return nil }
    }
    /// Memberwise, as the log has it; nil out of range.
    public init?(mantissa: Int64, scale: UInt8) {
        guard mantissa > 0, mantissa < 1_000_000_000_000_000_000, scale <= 12 else { return nil }
        guard scale == 0 || mantissa % 10 != 0 else { return nil }
        self.mantissa = mantissa
        self.scale = scale
    }
    /// Decimal text.
    public var description: String {
        let digits = String(mantissa)
        if scale == 0 { return digits }
        let padded = String(repeating: "0", count: max(0, Int(scale) + 1 - digits.count)) + digits
        return padded.dropLast(Int(scale)) + "." + padded.suffix(Int(scale))
    }
}

/// A refund that the provider could not carry out: what it took back is given back.
public struct RefundFailure: Sendable, Equatable {
    /// The refund's id at its provider.
    public var refundId: String
    /// The provider's name.
    public var provider: String
    /// The business moment.
    public var at: Timestamp
    /// Memberwise.
    public init(refundId: String, provider: String, at: Timestamp) {
        self.refundId = refundId
        self.provider = provider
        self.at = at
    }
}

/// A dispute, as its provider reports it.
public struct Dispute: Sendable, Equatable {
    /// The dispute's id at its provider: 1–255 bytes of UTF-8.
    public var disputeId: String
    /// The provider's name.
    public var provider: String
    /// The disputed payment; needed when it is opened.
    public var paymentId: String?
    /// What has happened.
    public var status: DisputeStatus
    /// Minor units, > 0; needed when it is opened.
    public var amount: Int64?
    /// What the amount is in; needed when it is opened.
    public var asset: AssetNumber?
    /// The business moment.
    public var at: Timestamp
    /// Memberwise.
    public init(
        disputeId: String, provider: String, paymentId: String? = nil, status: DisputeStatus,
        amount: Int64? = nil, asset: AssetNumber? = nil, at: Timestamp
    ) {
        self.disputeId = disputeId
        self.provider = provider
        self.paymentId = paymentId
        self.status = status
        self.amount = amount
        self.asset = asset
        self.at = at
    }
}

/// A balance is corrected by people. Needs a `key`.
public struct Adjust: Sendable, Equatable {
    /// The user, as the host names them: 1–255 bytes of UTF-8.
    public var userId: String
    /// Minor units of either sign, not zero.
    public var amount: Int64
    /// What the amount is in.
    public var asset: AssetNumber
    /// Why: 1–255 bytes.
    public var reason: String
    /// Who approved: one, or two where the policy asks for it.
    public var approvers: [String]
    /// The business moment.
    public var at: Timestamp
    /// Memberwise.
    public init(
        userId: String, amount: Int64, asset: AssetNumber, reason: String, approvers: [String], at: Timestamp
    ) {
        self.userId = userId
        self.amount = amount
        self.asset = asset
        self.reason = reason
        self.approvers = approvers
        self.at = at
    }
}

/// A debt is given up. Needs a `key`.
public struct WriteOff: Sendable, Equatable {
    /// The user, as the host names them: 1–255 bytes of UTF-8.
    public var userId: String
    /// Minor units, > 0.
    public var amount: Int64
    /// What the amount is in.
    public var asset: AssetNumber
    /// Why: 1–255 bytes.
    public var reason: String
    /// Who approved: one, or two where the policy asks for it.
    public var approvers: [String]
    /// The business moment.
    public var at: Timestamp
    /// Memberwise.
    public init(
        userId: String, amount: Int64, asset: AssetNumber, reason: String, approvers: [String], at: Timestamp
    ) {
        self.userId = userId
        self.amount = amount
        self.asset = asset
        self.reason = reason
        self.approvers = approvers
        self.at = at
    }
}

/// What a user had before this ledger. Needs a `key`.
public struct OpenBalance: Sendable, Equatable {
    /// The user, as the host names them: 1–255 bytes of UTF-8.
    public var userId: String
    /// Minor units, > 0.
    public var amount: Int64
    /// What the amount is in.
    public var asset: AssetNumber
    /// The business moment.
    public var at: Timestamp
    /// Memberwise.
    public init(userId: String, amount: Int64, asset: AssetNumber, at: Timestamp) {
        self.userId = userId
        self.amount = amount
        self.asset = asset
        self.at = at
    }
}

/// A rate between two assets. Needs a `key`.
public struct RecordRate: Sendable, Equatable {
    /// From.
    public var base: AssetNumber
    /// To.
    public var quote: AssetNumber
    /// Whole units of `quote` for one whole unit of `base`.
    public var rate: ExchangeRate
    /// Where the rate is from: 1–255 bytes.
    public var source: String
    /// The business moment.
    public var at: Timestamp
    /// Memberwise.
    public init(base: AssetNumber, quote: AssetNumber, rate: ExchangeRate, source: String, at: Timestamp) {
        self.base = base
        self.quote = quote
        self.rate = rate
        self.source = source
        self.at = at
    }
}

/// A user's available money goes into another asset, at the rate recorded last. Needs a `key`.
public struct ConvertBalance: Sendable, Equatable {
    /// The user, as the host names them: 1–255 bytes of UTF-8.
    public var userId: String
    /// Minor units, > 0.
    public var amount: Int64
    /// What the amount is in.
    public var asset: AssetNumber
    /// The asset it becomes.
    public var to: AssetNumber
    /// The business moment.
    public var at: Timestamp
    /// Memberwise.
    public init(userId: String, amount: Int64, asset: AssetNumber, to: AssetNumber, at: Timestamp) {
        self.userId = userId
        self.amount = amount
        self.asset = asset
        self.to = to
        self.at = at
    }
}

/// Money comes into the programme's cash. Needs a `key`.
public struct FundCash: Sendable, Equatable {
    /// Minor units, > 0.
    public var amount: Int64
    /// What the amount is in.
    public var asset: AssetNumber
    /// The host's own.
    public var reference: String?
    /// The business moment.
    public var at: Timestamp
    /// Memberwise.
    public init(amount: Int64, asset: AssetNumber, reference: String? = nil, at: Timestamp) {
        self.amount = amount
        self.asset = asset
        self.reference = reference
        self.at = at
    }
}

/// Withheld tax is paid to the tax office. Needs a `key`.
public struct RemitTax: Sendable, Equatable {
    /// Minor units, > 0.
    public var amount: Int64
    /// What the amount is in.
    public var asset: AssetNumber
    /// The host's own.
    public var reference: String?
    /// The business moment.
    public var at: Timestamp
    /// Memberwise.
    public init(amount: Int64, asset: AssetNumber, reference: String? = nil, at: Timestamp) {
        self.amount = amount
        self.asset = asset
        self.reference = reference
        self.at = at
    }
}

/// What the programme cost elsewhere: a memo for analytics. Needs a `key`.
public struct RecordCost: Sendable, Equatable {
    /// What for: 1–255 bytes.
    public var kind: String
    /// Minor units, > 0.
    public var amount: Int64
    /// What the amount is in.
    public var asset: AssetNumber
    /// The host's own.
    public var reference: String?
    /// The business moment.
    public var at: Timestamp
    /// Memberwise.
    public init(kind: String, amount: Int64, asset: AssetNumber, reference: String? = nil, at: Timestamp) {
        self.kind = kind
        self.amount = amount
        self.asset = asset
        self.reference = reference
        self.at = at
    }
}

/// Limits what the whole programme grants in a period. Needs a `key`.
public struct SetBudget: Sendable, Equatable {
    /// Minor units, ≥ 0.
    public var amount: Int64
    /// What the amount is in.
    public var asset: AssetNumber
    /// Over what time.
    public var period: BudgetPeriod
    /// The business moment.
    public var at: Timestamp
    /// Memberwise.
    public init(amount: Int64, asset: AssetNumber, period: BudgetPeriod, at: Timestamp) {
        self.amount = amount
        self.asset = asset
        self.period = period
        self.at = at
    }
}
