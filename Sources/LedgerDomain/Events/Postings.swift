/// The accounts of a programme and asset. Those of a user carry the user's number.
public enum LedgerAccount: Hashable, Sendable {
    /// What rewards cost.
    case rewardExpense
    /// Earned, and not yet matured.
    case pending(UserNumber)
    /// Can be spent. Of a unit: `claimable`.
    case available(UserNumber)
    /// Held by a case.
    case held(UserNumber)
    /// What the user owes.
    case receivable(UserNumber)
    /// On its way out, by withdrawal; the user is whose it was.
    case reserved(UserNumber)
    /// With a provider of payouts.
    case clearing(SymbolNumber)
    /// The programme's own money.
    case cash
    /// What the programme was given.
    case funding
    /// Withheld for the tax office.
    case tax
    /// Earned by charging for withdrawals.
    case fee
    /// Expired and forfeited.
    case breakage
    /// Debts given up, and what banks kept.
    case loss
    /// Between two assets.
    case fx
    /// What users had before this ledger.
    case opening
    /// Units: made by the programme.
    case issued
    /// Units: a user may use them.
    case claimable(UserNumber)
    /// Units: used up.
    case used

    /// Stable name without the user or provider.
    public var name: String {
        switch self {
        case .rewardExpense: "rewardExpense"
        case .pending: "pending"
        case .available: "available"
        case .held: "held"
        case .receivable: "receivable"
        case .reserved: "reserved"
        case .clearing: "clearing"
        case .cash: "cash"
        case .funding: "funding"
        case .tax: "tax"
        case .fee: "fee"
        case .breakage: "breakage"
        case .loss: "loss"
        case .fx: "fx"
        case .opening: "opening"
        case .issued: "issued"
        case .claimable: "claimable"
        case .used: "used"
        }
    }

    /// Whose it is; nil for the programme's own.
    public var user: UserNumber? {
        switch self {
        case .pending(let u), .available(let u), .held(let u), .receivable(let u), .reserved(let u),
            .claimable(let u):
            u
        default: nil
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

/// Gathers an event's postings; amounts of zero are none.
struct PostingList {
    var all: [Posting] = []

    mutating func post(_ debit: LedgerAccount, _ credit: LedgerAccount, _ amount: Int64, _ asset: AssetNumber)
    {
        if amount > 0 { all.append(Posting(debit: debit, credit: credit, amount: amount, asset: asset)) }
    }

    /// From one account to a user: the debt first, as the event says, then what can be spent.
    mutating func credit(
        _ user: UserNumber, from debit: LedgerAccount, _ available: Int64, repaying receivable: Int64,
        _ asset: AssetNumber
    ) {
        post(debit, .receivable(user), receivable, asset)
        post(debit, asset.isMoney ? .available(user) : .claimable(user), available, asset)
    }

    /// From several accounts to a user, the debt first.
    mutating func credit(
        _ user: UserNumber, from debits: [(LedgerAccount, Int64)], repaying receivable: Int64,
        _ asset: AssetNumber
    ) {
        var debt = receivable
        for (account, amount) in debits {
            let repaid = min(debt, amount)
            credit(user, from: account, amount - repaid, repaying: repaid, asset)
            debt -= repaid
        }
    }
}

extension Event {
    /// The postings of an event, from the event alone: the table of `Documentation/events.md`.
    public var postings: [Posting] {
        var out = PostingList()
        switch self {
        case .commissionEarned(let e):
            out.post(.rewardExpense, .pending(e.beneficiary), e.amount, e.asset)
        case .rewardMatured(let e):
            out.credit(
                e.beneficiary, from: .pending(e.beneficiary), e.toAvailable, repaying: e.toReceivable, e.asset
            )
        case .commissionReversed(let e):
            out.post(.pending(e.beneficiary), .rewardExpense, e.fromPending, e.asset)
            out.post(.held(e.beneficiary), .rewardExpense, e.fromHeld, e.asset)
            out.post(.available(e.beneficiary), .rewardExpense, e.fromAvailable, e.asset)
            out.post(.receivable(e.beneficiary), .rewardExpense, e.toReceivable, e.asset)
        default:
            if !postRewards(&out) && !postPayouts(&out) && !postQuarantine(&out) { postBooks(&out) }
        }
        return out.all
    }

    private func postRewards(_ out: inout PostingList) -> Bool {
        switch self {
        case .rewardGranted(let e):
            if e.asset.isMoney {
                out.post(.rewardExpense, .pending(e.beneficiary), e.amount, e.asset)
            } else {
                out.credit(e.beneficiary, from: .issued, e.amount - e.repaid, repaying: e.repaid, e.asset)
            }
        case .rewardHeld(let e):
            let matured = e.flags & RewardHeld.matured != 0
            out.post(matured ? .available(e.user) : .pending(e.user), .held(e.user), e.amount, e.asset)
        case .rewardReleased(let e):
            out.post(.held(e.user), .pending(e.user), e.toPending, e.asset)
            out.credit(e.user, from: .held(e.user), e.toAvailable, repaying: e.toReceivable, e.asset)
        case .commissionRestored(let e):
            out.post(.rewardExpense, .pending(e.beneficiary), e.toPending, e.asset)
            out.credit(e.beneficiary, from: .rewardExpense, e.toAvailable, repaying: e.toReceivable, e.asset)
        case .rewardRevoked(let e):
            let source = e.asset.isMoney ? LedgerAccount.rewardExpense : .issued
            let spendable =
                e.asset.isMoney ? LedgerAccount.available(e.beneficiary) : .claimable(e.beneficiary)
            out.post(.held(e.beneficiary), source, e.fromHeld, e.asset)
            out.post(.pending(e.beneficiary), source, e.fromPending, e.asset)
            out.post(spendable, source, e.fromAvailable, e.asset)
            out.post(.receivable(e.beneficiary), source, e.toReceivable, e.asset)
        case .rewardClaimed(let e): out.post(.claimable(e.user), .used, e.amount, e.asset)
        case .fulfilmentFailed(let e):
            out.credit(e.user, from: .used, e.toAvailable, repaying: e.toReceivable, e.asset)
        case .rewardExpired(let e):
            if e.asset.isMoney {
                out.post(.pending(e.user), .breakage, e.fromPending, e.asset)
                out.post(.available(e.user), .breakage, e.fromAvailable, e.asset)
            } else {
                out.post(.claimable(e.user), .issued, e.fromAvailable, e.asset)
            }
        case .badgeAwarded(let e): out.post(.issued, .claimable(e.user), 1, e.asset)
        case .badgeRevoked(let e): out.post(.claimable(e.user), .issued, 1, e.asset)
        default: return false
        }
        return true
    }

    private func postPayouts(_ out: inout PostingList) -> Bool {
        switch self {
        case .withdrawalRequested(let e): out.post(.available(e.user), .reserved(e.user), e.amount, e.asset)
        case .withdrawalReduced(let e), .withdrawalRejected(let e), .withdrawalCancelled(let e),
            .withdrawalExpired(let e):
            out.credit(e.user, from: .reserved(e.user), e.toAvailable, repaying: e.toReceivable, e.asset)
        case .payoutSent(let e): out.post(.reserved(e.user), .clearing(e.provider), e.net, e.asset)
        case .taxWithheld(let e): out.post(.reserved(e.user), .tax, e.amount, e.asset)
        case .feeCharged(let e): out.post(.reserved(e.user), .fee, e.amount, e.asset)
        case .payoutSettled(let e): out.post(.clearing(e.provider), .cash, e.net, e.asset)
        case .payoutFailed(let e):
            out.credit(
                e.user, from: [(.clearing(e.provider), e.net), (.tax, e.tax), (.fee, e.fee)],
                repaying: e.toReceivable, e.asset)
            // What the bank keeps is a loss of cash; nothing is under way with the provider any more.
            out.post(.loss, .clearing(e.provider), e.kept, e.asset)
            out.post(.clearing(e.provider), .cash, e.kept, e.asset)
        case .payoutReturned(let e):
            out.credit(
                e.user, from: [(.cash, e.net), (.tax, e.tax), (.fee, e.fee)], repaying: e.toReceivable,
                e.asset)
            out.post(.loss, .cash, e.kept, e.asset)
        default: return false
        }
        return true
    }

    private func postBooks(_ out: inout PostingList) {
        switch self {
        case .adjustmentPosted(let e):
            if e.flags & AdjustmentPosted.minus == 0 {
                out.credit(e.user, from: .rewardExpense, e.available, repaying: e.receivable, e.asset)
            } else {
                out.post(.available(e.user), .rewardExpense, e.available, e.asset)
                out.post(.receivable(e.user), .rewardExpense, e.receivable, e.asset)
            }
        case .debtWrittenOff(let e): out.post(.loss, .receivable(e.user), e.amount, e.asset)
        case .openingBalance(let e):
            out.credit(e.user, from: .opening, e.toAvailable, repaying: e.toReceivable, e.asset)
        case .fxConverted(let e):
            out.post(.available(e.user), .fx, e.amount, e.from)
            out.credit(e.user, from: .fx, e.toAvailable, repaying: e.toReceivable, e.to)
        case .taxRemitted(let e): out.post(.tax, .cash, e.amount, e.asset)
        case .cashFunded(let e): out.post(.cash, .funding, e.amount, e.asset)
        case .balanceForfeited(let e): out.post(.available(e.user), .breakage, e.amount, e.asset)
        case .balanceMerged(let e): postMerge(e, &out)
        case .correctionApplied(let e): postCorrection(e, &out)
        default: break
        }
    }

    private func postMerge(_ e: BalanceMerged, _ out: inout PostingList) {
        out.post(.pending(e.from), .pending(e.into), e.pending, e.asset)
        out.post(.held(e.from), .held(e.into), e.held, e.asset)
        let spendable = e.asset.isMoney ? LedgerAccount.available(e.from) : .claimable(e.from)
        let theirs = e.asset.isMoney ? LedgerAccount.available(e.into) : .claimable(e.into)
        out.credit(e.into, from: spendable, e.toAvailable, repaying: e.toReceivable, e.asset)
        out.post(theirs, .receivable(e.from), e.fromAvailable, e.asset)
        out.post(.receivable(e.into), .receivable(e.from), e.fromReceivable, e.asset)
    }

    private func postCorrection(_ e: CorrectionApplied, _ out: inout PostingList) {
        let source = e.asset.isMoney ? LedgerAccount.rewardExpense : .issued
        if e.isTaking {
            let spendable =
                e.asset.isMoney ? LedgerAccount.available(e.beneficiary) : .claimable(e.beneficiary)
            out.post(.held(e.beneficiary), source, e.held, e.asset)
            out.post(.pending(e.beneficiary), source, e.pending, e.asset)
            out.post(spendable, source, e.available, e.asset)
            out.post(.receivable(e.beneficiary), source, e.receivable, e.asset)
        } else {
            out.post(source, .pending(e.beneficiary), e.pending, e.asset)
            out.credit(e.beneficiary, from: source, e.available, repaying: e.receivable, e.asset)
        }
    }
}
