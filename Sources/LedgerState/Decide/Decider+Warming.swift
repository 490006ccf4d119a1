import CPlatform
import LedgerDomain
import LedgerLog

/// Deciding is bound by cache misses: a payment touches id slots, a payer and three ancestors, all far apart.
/// So a stretch of commands is looked at in passes first, each of which only starts loading what the next one needs.
/// What the passes find out on the way is kept, so that deciding need not find it out again.
extension Decider {
    /// Commands of a stretch: enough to overlap the misses, few enough to stay in the cache until they are decided.
    public static let stretch = Warmth.capacity

    /// Starts loading what a stretch of commands will touch. Decides nothing and changes nothing.
    mutating func warm(_ batch: CommandBatch, from first: Int, _ state: borrowing CoreState) {
        let end = min(first + Self.stretch, batch.count)
        warmth.begin(batch, first..<end, space: state.lastPaymentSpace)
        for i in first..<end {
            let row = batch.row(i)
            guard row.flags & FlatPayment.isPayment != 0 else { continue }
            let ids = batch.ids(row)
            let user = state.hash(ids.user, space: IdSpace.user)
            // Nearly always the programme and provider of the payment before; if not, it costs only speed.
            let payment = state.hash(ids.payment, space: warmth.space)
            state.userIds.prefetch(user)
            state.paymentIds.prefetchRun(payment)
            warmth.note(i, userHash: user, paymentHash: payment)
        }
        for i in first..<end { warmth.findUser(i, state) }
        for _ in 0..<(state.ruling?.policy.terms.depth ?? 0) {
            for i in first..<end { warmth.climb(i, state) }
        }
    }
}

/// What is known of the commands of a stretch before they are decided.
@safe struct Warmth: ~Copyable {
    static let capacity = 64

    /// What a payment's decision may build on.
    struct Hint {
        /// The user that the payer's id seems to name, −1 for none: to be confirmed.
        var user = -1
        /// Name space that `paymentHash` is of; 0: of none.
        var space: UInt64 = 0
        /// Hash of the payment's id.
        var paymentHash: UInt64 = 0
    }

    private struct Entry: BitwiseCopyable {
        var userHash: UInt64 = 0
        var paymentHash: UInt64 = 0
        var user = -1
        /// Where the walk up the tree is.
        var member = -1
        var isPayment = false
    }

    private let entries: UnsafeMutablePointer<Entry>
    /// Held on to, so that no other batch can be taken for it.
    private var batch: CommandBatch?
    private var range = 0..<0
    private(set) var space: UInt64 = 0

    init() {
        unsafe entries = .allocate(capacity: Self.capacity)
        unsafe entries.initialize(repeating: Entry(), count: Self.capacity)
    }

    deinit { unsafe entries.deallocate() }

    /// Whether a command is of the stretch.
    @inline(__always)
    func covers(_ batch: CommandBatch, _ i: Int) -> Bool { range.contains(i) && self.batch === batch }

    /// Forgets everything.
    mutating func forget() {
        batch = nil
        range = 0..<0
    }

    /// Begins a stretch of a batch.
    mutating func begin(_ batch: CommandBatch, _ range: Range<Int>, space: UInt64) {
        precondition(range.count <= Self.capacity)
        self.batch = batch
        self.range = range
        self.space = space
        for i in 0..<range.count { unsafe entries[i].isPayment = false }
    }

    @inline(__always)
    mutating func note(_ i: Int, userHash: UInt64, paymentHash: UInt64) {
        unsafe entries[i - range.lowerBound] = Entry(
            userHash: userHash, paymentHash: paymentHash, isPayment: true)
    }

    /// The user by the hash alone.
    @inline(__always)
    mutating func findUser(_ i: Int, _ state: borrowing CoreState) {
        let entry = unsafe entries + (i - range.lowerBound)
        guard unsafe entry.pointee.isPayment else { return }
        var probe = unsafe state.userIds.probe(entry.pointee.userHash)
        guard let user = state.userIds.next(&probe), user < state.members.count else { return }
        unsafe entry.pointee.user = user
        unsafe entry.pointee.member = user
        state.userTexts.prefetch(user)
        state.members.prefetch(user)
    }

    /// One step up the tree.
    @inline(__always)
    mutating func climb(_ i: Int, _ state: borrowing CoreState) {
        let entry = unsafe entries + (i - range.lowerBound)
        guard unsafe entry.pointee.isPayment && entry.pointee.member >= 0 else { return }
        let parent = unsafe Int(state.members.peek(entry.pointee.member).pointee.parent) - 1
        unsafe entry.pointee.member = parent
        state.members.prefetch(parent)
    }

    /// What is known of a command of the batch that the stretch is of.
    @inline(__always)
    func hint(_ i: Int) -> Hint {
        guard range.contains(i) else { return Hint() }
        let entry = unsafe entries + (i - range.lowerBound)
        guard unsafe entry.pointee.isPayment else { return Hint() }
        return unsafe Hint(user: entry.pointee.user, space: space, paymentHash: entry.pointee.paymentHash)
    }
}
