import LedgerDomain

/// Payments that are decided side by side, between one step of all of them and the next: memory, used again and again.
///
/// Only touched by who decides, which one thread does at a time (`Writer`), and no access calls out: so exclusive access needs
/// no check.
@safe final class PlainRun {
    /// How many at most.
    static let capacity = Decider.run

    /// What was found out about one.
    struct Entry: BitwiseCopyable {
        var member: UInt32 = 0
        var user = UserNumber(0)
        /// How many commissions it earns.
        var legs = 0
    }

    private let entries: UnsafeMutablePointer<Entry>
    private let shares: UnsafeMutablePointer<CommissionShare>
    private let members: UnsafeMutablePointer<UInt32>
    /// How many there are.
    @safe @exclusivity(unchecked) private(set) var count = 0
    /// How many there were in all runs: for tests.
    @safe @exclusivity(unchecked) private(set) var total = 0
    /// Their amounts, and those of their commissions; minor units.
    @safe @exclusivity(unchecked) private(set) var paid: Int64 = 0
    @safe @exclusivity(unchecked) private(set) var earned: Int64 = 0
    /// The earliest and the latest of their moments.
    @safe @exclusivity(unchecked) private(set) var moments = Timestamp.max...Timestamp.max

    init() {
        let legs = Self.capacity * LedgerBounds.commissionLevels
        unsafe entries = .allocate(capacity: Self.capacity)
        unsafe entries.initialize(repeating: Entry(), count: Self.capacity)
        unsafe shares = .allocate(capacity: legs)
        unsafe members = .allocate(capacity: legs)
    }

    deinit {
        unsafe entries.deallocate()
        unsafe shares.deallocate()
        unsafe members.deallocate()
    }

    func removeAll() {
        count = 0
        paid = 0
        earned = 0
    }

    /// Place for the commissions of the i-th payment.
    @inline(__always)
    func legs(_ i: Int) -> Legs {
        precondition(i >= 0 && i < Self.capacity, "a run has no such payment")
        let first = i &* LedgerBounds.commissionLevels
        return unsafe Legs(shares + first, members + first)
    }

    /// What was found out about the i-th.
    @inline(__always)
    subscript(_ i: Int) -> Entry {
        precondition(i >= 0 && i < count, "a run has no such payment")
        return unsafe entries[i]
    }

    /// The commissions of the i-th payment, and their members.
    @inline(__always)
    func commissions(
        _ i: Int
    ) -> (shares: UnsafeBufferPointer<CommissionShare>, members: UnsafeBufferPointer<UInt32>) {
        let count = self[i].legs
        let first = i &* LedgerBounds.commissionLevels
        return unsafe (
            UnsafeBufferPointer(start: shares + first, count: count),
            UnsafeBufferPointer(start: members + first, count: count)
        )
    }

    /// Adds one, whose commissions stand in `legs(count)`. Sums are in range: see `CoreState.takesPlainPayments`.
    @inline(__always)
    func add(member: Int, user: UserNumber, amount: Int64, at moment: Timestamp, _ legs: Legs) {
        precondition(count < Self.capacity, "a run is full")
        unsafe entries[count] = Entry(member: UInt32(member), user: user, legs: legs.count)
        moments =
            count == 0 ? moment...moment : min(moments.lowerBound, moment)...max(moments.upperBound, moment)
        count += 1
        total += 1
        paid += amount
        earned += legs.total
    }
}

/// The commissions of a payment, before they are events: eight at most. Their memory is that of a `PlainRun`.
@safe struct Legs {
    private let firstShare: UnsafeMutablePointer<CommissionShare>
    private let firstMember: UnsafeMutablePointer<UInt32>
    private(set) var count = 0
    /// Minor units.
    private(set) var total: Int64 = 0
    /// Whether somebody's earnings are to be held.
    private(set) var areBlocked = false

    @inline(__always)
    init(_ shares: UnsafeMutablePointer<CommissionShare>, _ members: UnsafeMutablePointer<UInt32>) {
        unsafe firstShare = shares
        unsafe firstMember = members
    }

    /// In the order of their levels. Valid until the memory is used again.
    var shares: UnsafeBufferPointer<CommissionShare> {
        @inline(__always) get { unsafe UnsafeBufferPointer(start: firstShare, count: count) }
    }

    /// Walks up from the payer. An edge younger than the payment ends the walk. False on overflow.
    @inline(__always)
    mutating func fill(
        _ base: Int64, at moment: Timestamp, _ payer: Int, _ terms: borrowing PaymentTerms,
        _ state: borrowing CoreState
    ) -> Bool {
        var row = unsafe state.members.peek(payer)
        for level in 0..<terms.depth {
            guard unsafe row.pointee.parent != 0 && row.pointee.attributedAt <= moment.nanoseconds else {
                break
            }
            var member = unsafe Int(row.pointee.parent) - 1
            unsafe row = state.members.peek(member)
            if unsafe row.pointee.flags & MemberRow.merged != 0 {
                member = state.resolve(member)
                unsafe row = state.members.peek(member)
            }
            let rate = terms.rates[level]
            guard let amount = terms.rounding.share(base, numerator: Int64(rate), denominator: 1_000_000)
            else { return false }
            if amount == 0 { continue }
            unsafe firstShare[count] = CommissionShare(
                amount: amount, beneficiary: UserNumber(row.pointee.user), ratePpm: rate,
                level: UInt8(level + 1))
            unsafe firstMember[count] = UInt32(member)
            if unsafe row.pointee.flags & MemberRow.blocked != 0 { areBlocked = true }
            count += 1
            let (sum, overflow) = total.addingReportingOverflow(amount)
            if overflow { return false }
            total = sum
        }
        return true
    }
}
