import LedgerDomain

/// What a line of a provider's statement is about.
public enum StatementKind: String, Sendable, CaseIterable {
    /// A payment of a user.
    case payment
    /// Money back to a payer.
    case refund
    /// A payment that the payer contests.
    case dispute
    /// Money to a user, for a withdrawal.
    case payout
    /// What the provider charges, as a line of its own or with another.
    case fee
    /// The provider's own transfer to the host's bank: the sum of other lines.
    case settlement
    /// What the ledger has no facts for.
    case other
}

/// What a line says has become of a thing.
public enum StatementStatus: String, Sendable, CaseIterable {
    /// It is on its way.
    case pending
    /// The money has moved, and that was it.
    case done
    /// It came to nothing: a payout that failed, a refund that never went out.
    case failed
    /// The money came back: a payout returned, a dispute won.
    case returned
}

/// One line of a provider's statement, in the ledger's terms.
public struct ProviderLine: Sendable, Equatable {
    /// The line in the file, from 1; the header is line 1.
    public var number: UInt64
    /// What it is about.
    public var kind: StatementKind
    /// The provider's id of the payment, refund, dispute or payout; empty where there is none.
    public var id: String
    /// The provider's id of the line itself; empty where there is none.
    public var lineId: String
    /// Further names of the thing: an order, a receipt, an intent.
    public var references: [String]
    /// Of refunds and disputes: names of the payment.
    public var paymentIds: [String]
    /// What the amounts are in.
    public var asset: AssetNumber
    /// Gross, ≥ 0; minor units.
    public var amount: Int64
    /// Whether the money came in, by the statement.
    public var isCredit: Bool
    /// What the provider charges with the line, taxes included; minor units.
    public var fee: Int64
    /// What the line adds to the balance; signed minor units. Nil where the file does not say.
    public var net: Int64?
    /// When it happened.
    public var at: Timestamp
    /// The settlement that the line is part of.
    public var settlementId: String?
    /// What has become of it; nil where the file does not say.
    public var status: StatementStatus?
    /// Whether the line tells the end of a thing that an earlier line told of.
    public var isFollowUp: Bool
    /// The type as the file has it.
    public var typeName: String

    /// With the defaults.
    public init(number: UInt64, kind: StatementKind, asset: AssetNumber, amount: Int64, at: Timestamp) {
        self.number = number
        self.kind = kind
        self.asset = asset
        self.amount = amount
        self.at = at
        id = ""
        lineId = ""
        references = []
        paymentIds = []
        isCredit = true
        fee = 0
        isFollowUp = false
        typeName = kind.rawValue
    }

    /// Every name of the thing that is not empty.
    var names: [String] { ([id] + references).filter { !$0.isEmpty } }
    /// The name that people know it by.
    var label: String {
        names.first ?? (lineId.isEmpty ? "line \(number)" : lineId)
    }
}

/// A provider's statement as a whole.
public struct ProviderStatement: Sendable, Equatable {
    /// The provider's name, as facts of the ledger name it.
    public var provider: String
    /// What form the file has, such as `stripe-balance`.
    public var format: String
    /// SHA-256 of the file, and of the map under it; hexadecimal.
    public var digest: String
    /// Its lines, in the order of the file.
    public var lines: [ProviderLine]
    /// What such a file lists completely: a fact of these kinds that is not in it is missing there.
    public var covers: Set<StatementKind>
    /// Memberwise.
    public init(
        provider: String, format: String, digest: String, lines: [ProviderLine], covers: Set<StatementKind>
    ) {
        self.provider = provider
        self.format = format
        self.digest = digest
        self.lines = lines
        self.covers = covers
    }
}

/// How a line finds its fact. The order is that of the ladder: the surest first.
public enum MatchKey: String, Sendable, CaseIterable {
    /// The provider's id is the fact's.
    case id
    /// Another name of the thing is the fact's id, or its reference.
    case reference
    /// Refunds and disputes: the same payment and amount.
    case payment
    /// The same amount on the same day, by UTC.
    case amountDay = "amount-day"
    /// The same amount, at most `timing` apart.
    case amountNear = "amount-near"
}

/// What counts as equal, and what as late.
public struct StatementOptions: Sendable, Equatable {
    /// Minor units that an amount may differ. Default 0.
    public var tolerance: Int64 = 0
    /// Seconds that the two moments may differ. Default one day.
    public var timingSeconds: Int64 = 86_400
    /// Seconds that a thing may be on its way, counted back from the statement's end: younger, it is
    /// INCOMPLETE. Default three days.
    public var graceSeconds: Int64 = 3 * 86_400
    /// The ladder. Default: all rungs.
    public var keys: [MatchKey] = MatchKey.allCases
    /// The period that the statement covers; nil: from its first to its last moment.
    public var from: Timestamp?
    public var through: Timestamp?
    /// The moment that ages count to; nil: the end of the period.
    public var asOf: Timestamp?
    /// Breaks listed of each check; totals are always whole. Default: 10,000.
    public var limit = 10_000
    /// With the defaults.
    public init() {}
}
