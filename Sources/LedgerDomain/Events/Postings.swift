/// The accounts of a programme and asset. Those of a user carry the user's number.
public enum LedgerAccount: Hashable, Sendable {
    case rewardExpense
    case pending(UserNumber)
    case available(UserNumber)
    case held(UserNumber)
    /// What the user owes.
    case receivable(UserNumber)

    /// Stable name without the user.
    public var name: String {
        switch self {
        case .rewardExpense: "rewardExpense"
        case .pending: "pending"
        case .available: "available"
        case .held: "held"
        case .receivable: "receivable"
        }
    }

    /// Whose it is; nil for the programme's own.
    public var user: UserNumber? {
        switch self {
        case .rewardExpense: nil
        case .pending(let u), .available(let u), .held(let u), .receivable(let u): u
        }
    }
}

/// Money from one account to another: `debit → credit`, above zero. An event's postings sum to zero by their
/// form.
public struct Posting: Hashable, Sendable {
    /// Debit; minor units.
    public let debit: LedgerAccount
    /// Credit; minor units.
    public let credit: LedgerAccount
    /// Minor units, > 0.
    public let amount: Int64
    /// The asset that amounts are in.
    public let asset: AssetNumber
    /// Memberwise.
    public init(debit: LedgerAccount, credit: LedgerAccount, amount: Int64, asset: AssetNumber) {
        self.debit = debit
        self.credit = credit
        self.amount = amount
        self.asset = asset
    }
}

extension Event {
    /// The postings of an event, from the event alone: the table of `Documentation/events.md`.
    public var postings: [Posting] {
        var out: [Posting] = []
        func post(_ debit: LedgerAccount, _ credit: LedgerAccount, _ amount: Int64, _ asset: AssetNumber) {
            if amount > 0 { out.append(Posting(debit: debit, credit: credit, amount: amount, asset: asset)) }
        }
        switch self {
        case .commissionEarned(let e):
            post(.rewardExpense, .pending(e.beneficiary), e.amount, e.asset)
        case .rewardMatured(let e):
            post(.pending(e.beneficiary), .receivable(e.beneficiary), e.toReceivable, e.asset)
            post(.pending(e.beneficiary), .available(e.beneficiary), e.toAvailable, e.asset)
        case .commissionReversed(let e):
            post(.pending(e.beneficiary), .rewardExpense, e.fromPending, e.asset)
            post(.available(e.beneficiary), .rewardExpense, e.fromAvailable, e.asset)
            post(.receivable(e.beneficiary), .rewardExpense, e.toReceivable, e.asset)
        default: break
        }
        return out
    }
}
