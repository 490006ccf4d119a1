import LedgerDomain
import LedgerLog

/// Commissions of disputed payments whose money came back out of a withdrawal, while a record is decided.
///
/// Belongs to one decider, which one thread at a time has: exclusive access needs no check at run time.
@safe final class ReturnedLegs {
    struct Leg {
        let payment: Int
        let level: UInt8
        let moment: Timestamp
    }

    /// Events by which what came back is held, in one record, at most: what else one may hold leaves room for
    /// them. Past it money stays available, and a lost dispute takes it from there.
    static let holdsPerRecord = 256

    @safe @exclusivity(unchecked) var legs: [Leg] = []
    /// How many events of the record were used up.
    @safe @exclusivity(unchecked) var events = 0

    /// What came back so far; then nothing has.
    func take() -> [Leg] {
        defer { legs = [] }
        return legs
    }

    /// Another record, or another piece of work of a record.
    func begin() {
        legs.removeAll(keepingCapacity: true)
        events = 0
    }
}

/// What disputes are about goes on being held when it comes back out of a withdrawal.
/// Source: Documentation/rules.md, "dispute".
extension Decider {
    /// Remembers what gets free when a withdrawal gives an amount back: its last lots, of which the front repays
    /// a debt. Called before the event.
    func noteReturned(
        _ number: Int, _ amount: Int64, repaying debt: Int64, at moment: Timestamp,
        _ state: borrowing CoreState
    ) {
        var sum: Int64 = 0
        var next = state.withdrawals[number].firstLot
        while next != 0 {
            sum &+= state.lots[Int(next) - 1].left
            next = state.lots[Int(next) - 1].next
        }
        var stays = sum &- amount &+ debt
        next = state.withdrawals[number].firstLot
        while next != 0 {
            let lot = state.lots[Int(next) - 1]
            next = lot.next
            stays &-= lot.left
            guard stays < 0, lot.kind == LotRow.leg, let extra = state.payments[Int(lot.number)].extra,
                state.paymentExtras[extra].disputed > 0
            else { continue }
            returned.legs.append(.init(payment: Int(lot.number), level: lot.level, moment: moment))
        }
    }

    /// Holds what came back, by each open dispute its own share. Called after the event that gave it back, or
    /// after the one that needed the room: what is taken back comes first.
    func holdReturned(_ state: inout CoreState, _ out: inout RecordBuilder) throws(LogError) {
        guard !returned.legs.isEmpty else { return }
        for leg in returned.take() {
            guard returned.events + LedgerBounds.holdersPerRelease <= ReturnedLegs.holdsPerRecord else {
                return
            }
            let events = try holdForDisputes(
                level: leg.level, of: leg.payment, at: leg.moment, &state, &out)
            returned.events += events
        }
    }
}
