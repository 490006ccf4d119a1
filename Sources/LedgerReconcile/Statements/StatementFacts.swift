import LedgerDomain
import LedgerLog
import LedgerState

/// A fact of the ledger that a statement can hold.
struct StatementFact {
    enum End { case none, failed, returned, settled, won, lost }
    var kind: StatementKind
    var position: LogPosition
    /// Payment, refund or dispute id; of a payout the provider's reference.
    var id: String
    /// Further names: the withdrawal.
    var references: [String] = []
    /// Of refunds and disputes.
    var paymentId: String?
    var asset: AssetNumber
    var amount: Int64
    var at: Timestamp
    /// Recorded, and waiting for another: it has moved nothing yet.
    var isParked = false
    var end = End.none
    var endedAt: Timestamp?
    /// What else it refers to, to be looked up once it is kept.
    var other = LogPosition.start

    var names: [String] { ([id] + references).filter { !$0.isEmpty } }
    var label: String { names.first ?? "position \(position)" }
}

/// Gathers the facts of one provider from a log. Only those are kept that a statement's lines name, or that
/// happened in the given time: memory grows with the statement, not with the log.
struct StatementFacts {
    private let provider: String
    private let programme: ProgrammeNumber?
    private let wanted: Set<String>
    private let window: ClosedRange<Timestamp>
    private var symbol: SymbolNumber?
    private(set) var facts: [StatementFact] = []
    private var byPosition: [LogPosition: Int] = [:]
    private var wantedWithdrawals: Set<LogPosition> = []
    /// Parked facts that took effect.
    private var applied: Set<Int> = []
    /// Whether the log records what the provider charges.
    private(set) var recordsFees = false

    init(
        provider: String, programme: ProgrammeNumber?, wanted: Set<String>, window: ClosedRange<Timestamp>
    ) {
        self.provider = provider
        self.programme = programme
        self.wanted = wanted
        self.window = window
    }

    /// Kind of a `recordCost` that is a fee of the provider.
    static func feeKind(_ provider: String) -> String { "fee:\(provider)" }

    mutating func see(_ stored: StoredEvent, _ envelope: RecordEnvelope) {
        if case .symbolDefined(let e) = stored.event {
            if e.kind == SymbolDefined.provider, e.name.string == provider { symbol = e.number }
            return
        }
        if let programme, envelope.programme != programme { return }
        if case .costRecorded(let e) = stored.event {
            guard e.kind.string == Self.feeKind(provider) else { return }
            recordsFees = true
            keep(
                StatementFact(
                    kind: .fee, position: stored.position, id: e.reference.string, asset: e.asset,
                    amount: e.amount, at: stored.occurredAt))
            return
        }
        guard let symbol else { return }
        seeMoney(stored, symbol)
    }

    private mutating func seeMoney(_ stored: StoredEvent, _ symbol: SymbolNumber) {
        let (at, position) = (stored.occurredAt, stored.position)
        switch stored.event {
        case .paymentReceived(let e) where e.provider == symbol:
            keep(
                StatementFact(
                    kind: .payment, position: position, id: e.paymentId.string, asset: e.asset,
                    amount: e.amount, at: at))
        case .refundReceived(let e) where e.provider == symbol:
            // A second report of the same total moves nothing, and is no fact of its own.
            guard e.moved != 0 else { return }
            keep(
                StatementFact(
                    kind: .refund, position: position, id: e.refundId.string, asset: e.asset,
                    amount: e.moved, at: at, other: e.payment))
        case .refundFailed(let e): end(e.refund, .failed, at)
        case .disputeOpened(let e) where e.provider == symbol:
            keep(
                StatementFact(
                    kind: .dispute, position: position, id: e.disputeId.string, asset: e.asset,
                    amount: e.amount, at: at, other: e.payment))
        case .disputeWon(let e): end(e.dispute, .won, at)
        case .disputeLost(let e): end(e.dispute, .lost, at)
        case .withdrawalRequested(let e):
            if wanted.contains(e.withdrawalId.string) { wantedWithdrawals.insert(position) }
        case .payoutSent(let e) where e.provider == symbol:
            let fact = StatementFact(
                kind: .payout, position: position, id: e.reference.string, asset: e.asset, amount: e.net,
                at: at, other: e.withdrawal)
            keep(fact, isWanted: wantedWithdrawals.contains(e.withdrawal), as: e.withdrawal)
        case .payoutSettled(let e): end(e.withdrawal, .settled, at)
        case .payoutFailed(let e): end(e.withdrawal, .failed, at)
        case .payoutReturned(let e): end(e.withdrawal, .returned, at)
        case .eventParked(let e) where e.provider == symbol: park(e, stored)
        case .eventUnparked(let e):
            if let index = byPosition[e.parked] { applied.insert(index) }
        default: break
        }
    }

    /// A refund or dispute that waits. Once it takes effect, its own event stands for it.
    private mutating func park(_ e: EventParked, _ stored: StoredEvent) {
        let kind: StatementKind
        switch ParkedKind(rawValue: e.kind) {
        case .refund: kind = .refund
        case .dispute where e.status == DisputeStatus.opened.rawValue: kind = .dispute
        default: return
        }
        var fact = StatementFact(
            kind: kind, position: stored.position, id: e.factId.string, asset: e.asset, amount: e.amount,
            at: stored.occurredAt, isParked: true)
        if e.flags & EventParked.hasPredecessor != 0 { fact.paymentId = e.predecessor.string }
        keep(fact)
    }

    private mutating func keep(_ fact: StatementFact, isWanted: Bool = false, as position: LogPosition? = nil)
    {
        guard isWanted || window.contains(fact.at) || fact.names.contains(where: wanted.contains) else {
            return
        }
        byPosition[position ?? fact.position] = facts.count
        facts.append(fact)
    }

    private mutating func end(_ position: LogPosition, _ end: StatementFact.End, _ at: Timestamp) {
        guard let index = byPosition[position] else { return }
        facts[index].end = end
        facts[index].endedAt = at
    }

    /// Looks up what the facts refer to, and drops what was parked and took effect.
    mutating func settle(_ log: LogStore) throws(LogError) {
        for index in facts.indices where facts[index].other != .start {
            guard let name = try Self.name(at: facts[index].other, log) else { continue }
            if facts[index].kind == .payout {
                facts[index].references = [name]
            } else {
                facts[index].paymentId = name
            }
        }
        // What was parked and took effect has an event of its own.
        facts = facts.indices.filter { !applied.contains($0) }.map { facts[$0] }
    }

    private static func name(at position: LogPosition, _ log: LogStore) throws(LogError) -> String? {
        guard let base = try log.baseOfRecord(holding: position), let record = try log.record(at: base) else {
            return nil
        }
        var name: String?
        unsafe record.span.bytes.withUnsafeBytes { raw in
            _ = unsafe StoredRecord.walk(raw) { stored, _ in
                guard stored.position == position else { return true }
                switch stored.event {
                case .paymentReceived(let e): name = e.paymentId.string
                case .withdrawalRequested(let e): name = e.withdrawalId.string
                default: break
                }
                return false
            }
        }
        return name
    }
}
