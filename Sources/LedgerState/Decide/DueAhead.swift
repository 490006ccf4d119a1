import LedgerDomain
import LedgerLog

/// What an advance asks of a payment that matures: its record is read once, and no text of it is kept.
struct MaturingPayment {
    let number: Int
    let position: LogPosition
    let asset: AssetNumber
    /// Minor units.
    let paid: Int64
    /// Of the policy that it was decided under.
    let rounding: Rounding
    let legs: [StoredLeg]

    init(reading number: Int, _ state: borrowing CoreState) throws(LogError) {
        let (stored, legs) = try state.storedPaymentAndLegs(number)
        self.number = number
        self.legs = legs
        (position, asset, paid) = (stored.position, stored.payment.asset, stored.payment.amount)
        rounding = try state.rounding(of: stored.envelope)
    }
}

/// Payments that mature next. Each touches some users' members, profiles and last lots, all far apart, and each found by the one
/// before: so records are read some payments ahead, and what they name starts being loaded.
///
/// Changes nothing. What a record says never changes, and no item of an advance corrects a commission: so what was read stays true.
struct DueAhead: ~Copyable {
    /// How far ahead of its turn a payment's record is read, and members, then profiles are looked at.
    private static let read = 24
    private static let profiled = 16
    private static let lotted = 8
    /// A power of two.
    private static let capacity = 32

    private var payments = [MaturingPayment?](repeating: nil, count: capacity)
    /// The first item that was not read.
    private var next = 0

    /// A day's items, from this one on, come next.
    mutating func begin(at first: Int) { next = first }

    /// Item `i` is done next: those behind it move on.
    mutating func move(to i: Int, of items: [DueItem], _ state: borrowing CoreState) {
        while next < min(i + Self.read, items.count) {
            let item = items[next]
            // A record that cannot be read is refused when its turn comes.
            payments[next & (Self.capacity - 1)] =
                item.isPayment ? try? MaturingPayment(reading: item.number, state) : nil
            for leg in payments[next & (Self.capacity - 1)]?.legs ?? [] {
                // Nearly always the user's own number.
                state.members.prefetch(Int(leg.beneficiary.rawValue))
                state.money.prefetch(Int(leg.beneficiary.rawValue))
            }
            next += 1
        }
        if i + Self.profiled < next {
            for leg in payments[(i + Self.profiled) & (Self.capacity - 1)]?.legs ?? [] {
                state.profiles.prefetch(state.profileNumber(ofLoaded: leg.beneficiary))
            }
        }
        if i + Self.lotted < next {
            for leg in payments[(i + Self.lotted) & (Self.capacity - 1)]?.legs ?? [] {
                let profile = unsafe state.profiles.loaded(state.profileNumber(ofLoaded: leg.beneficiary))
                if let profile = unsafe profile {
                    unsafe state.lots.prefetch(Int(profile.pointee.lastLot) - 1)
                }
            }
        }
    }

    /// The payment that item `i` is about.
    func payment(_ i: Int, _ number: Int, _ state: borrowing CoreState) throws(LogError) -> MaturingPayment {
        if let known = payments[i & (Self.capacity - 1)], known.number == number { return known }
        return try MaturingPayment(reading: number, state)
    }
}

extension CoreState {
    /// The number of a user's profile, where the member has the user's own number and is in memory; −1 for none.
    fileprivate func profileNumber(ofLoaded user: UserNumber) -> Int {
        guard let row = unsafe members.loaded(Int(user.rawValue)) else { return -1 }
        return unsafe Int(row.pointee.profile) - 1
    }
}
