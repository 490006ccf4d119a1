import CPlatform
import LedgerDomain
import LedgerLog

/// Deciding is bound by cache misses: a payment touches id slots, a payer and three ancestors, all far apart, and each
/// is only found by the one before. So the commands that come next are looked at while this one is decided: each step
/// forward lets one command ahead take one step of its way, which only starts loading what the next step needs. (All steps
/// of a stretch at once wait for one another: a processor loads a dozen lines at a time, and no more.)
///
/// What is found out on the way is kept, so that deciding need not find it out again. Nothing here changes anything.
///
/// A class: as a part of the decider all of it was copied for each payment, twice, by loads that wait for the stores just before
/// them. Only touched by who decides, which one thread does at a time (`Writer`), and no access calls out: so exclusive access
/// needs no check.
@safe final class Warmth {
    /// Commands that are kept an eye on. A power of two.
    static let capacity = 128
    /// How far ahead of its decision a command's ids are hashed, and its payer is looked for.
    private static let hashed = 80
    private static let found = 60
    /// Where the walk up the tree begins.
    private static let climbed = 44
    /// How many commands' places in the table of payments are touched for the first time together: a power of two.
    private static let together = 4

    /// What a payment's decision may build on.
    struct Hint {
        /// The user that the payer's id seems to name, −1 for none: to be confirmed.
        var user = -1
        /// Name space that `paymentHash` is of; 0: of none.
        var space: UInt64 = 0
        /// Hash of the payment's id.
        var paymentHash: UInt64 = 0
    }

    @safe private struct Entry: BitwiseCopyable {
        /// The command's number in the batch; −1 for one that is no payment.
        var number = -1
        var userHash: UInt64 = 0
        var paymentHash: UInt64 = 0
        var space: UInt64 = 0
        var user = -1
        /// Where the walk up the tree is.
        var member = -1
        /// Where the payment's id would stand. Nothing is read there: it may be anywhere by now.
        var paymentLine: UnsafeRawPointer?
    }

    private let entries: UnsafeMutablePointer<Entry>
    /// Held on to, so that no other batch can be taken for it.
    @safe @exclusivity(unchecked) private var batch: CommandBatch?
    /// Which batch it is: to compare the references themselves counts them, for each payment.
    @safe @exclusivity(unchecked) private var current: ObjectIdentifier?
    /// The first command that was not hashed, found, and taken up by each level.
    @safe @exclusivity(unchecked) private var next = 0
    @safe @exclusivity(unchecked) private var nextFound = 0
    @safe @exclusivity(unchecked) private var nextClimbed = InlineArray<8, Int>(repeating: 0)
    /// How far ahead each level's step is taken, for a tree walked so many levels up.
    @safe @exclusivity(unchecked) private var ahead = InlineArray<8, Int>(repeating: 0)
    @safe @exclusivity(unchecked) private var depth = 0

    init() {
        unsafe entries = .allocate(capacity: Self.capacity)
        unsafe entries.initialize(repeating: Entry(), count: Self.capacity)
    }

    deinit { unsafe entries.deallocate() }

    /// Lets go of the batch. What is known of its commands stays until a batch that begins has put its own there.
    func forget() {
        batch = nil
        current = nil
    }

    /// Command `i` is decided next: those behind it move on.
    @inline(__always)
    func move(to i: Int, of batch: CommandBatch, _ state: borrowing CoreState) {
        if current != ObjectIdentifier(batch) { begin(batch, at: i, state.ruling?.policy.terms.depth ?? 0) }
        let end = batch.count
        while next < min(i + Self.hashed, end) {
            hash(next, of: batch, state)
            let isLast = next == end - 1
            if next & (Self.together - 1) == Self.together - 1 || isLast { touch(through: next) }
            next += 1
        }
        while nextFound < min(i + Self.found, end) {
            find(nextFound, state)
            nextFound += 1
        }
        for level in 0..<depth {
            let stop = min(i + ahead[level], end)
            while nextClimbed[level] < stop {
                climb(nextClimbed[level], state)
                nextClimbed[level] += 1
            }
        }
    }

    /// - Parameter depth: of the policy that rules the batch's first payment: for others it costs only speed.
    private func begin(_ batch: CommandBatch, at i: Int, _ depth: Int) {
        self.batch = batch
        current = ObjectIdentifier(batch)
        self.depth = depth
        for level in 0..<depth { ahead[level] = Self.climbed * (depth - level) / (depth + 1) }
        next = i
        nextFound = i
        for level in 0..<nextClimbed.count { nextClimbed[level] = i }
    }

    @inline(__always)
    private func entry(_ i: Int) -> UnsafeMutablePointer<Entry> {
        unsafe entries + (i & (Self.capacity - 1))
    }

    @inline(__always)
    private func hash(_ i: Int, of batch: CommandBatch, _ state: borrowing CoreState) {
        let entry = unsafe entry(i)
        let row = batch.row(i)
        guard row.flags & FlatPayment.isPayment != 0 else {
            unsafe entry.pointee.number = -1
            return
        }
        batch.prefetch(behind: row, i)
        let ids = batch.ids(row)
        let user = state.hash(ids.user, space: IdSpace.user)
        // Nearly always the programme and provider of the payment before; if not, it costs only speed.
        let space = state.lastPaymentSpace
        let payment = state.hash(ids.payment, space: space)
        state.userIds.prefetch(user)
        unsafe entry.initialize(
            to: Entry(
                number: i, userHash: user, paymentHash: payment, space: space,
                paymentLine: state.paymentIds.line(payment)))
    }

    /// Has the places of some payments' ids looked up, each in a page of its own. A large table has more pages than the processor
    /// knows the addresses of, and each that it does not know stops it until it does: several at once take as long as one.
    @inline(__always)
    private func touch(through last: Int) {
        var i = last & ~(Self.together - 1)
        while i <= last {
            let entry = unsafe entry(i)
            if unsafe entry.pointee.number == i, let line = unsafe entry.pointee.paymentLine {
                unsafe platform_prefetch_write(line)
            }
            i &+= 1
        }
    }

    /// The user by the hash alone; and the lines that the payment's id may go over.
    @inline(__always)
    private func find(_ i: Int, _ state: borrowing CoreState) {
        let entry = unsafe entry(i)
        guard unsafe entry.pointee.number == i else { return }
        if let line = unsafe entry.pointee.paymentLine { unsafe IdTable.prefetchRun(behind: line) }
        var probe = unsafe state.userIds.probe(entry.pointee.userHash)
        var user = state.userIds.isAway ? -1 : state.userIds.glance(probe)
        if user < 0 { user = state.userIds.next(&probe) ?? -1 }
        guard user >= 0, user < state.members.count else { return }
        unsafe entry.pointee.user = user
        unsafe entry.pointee.member = user
        state.userTexts.prefetch(user)
        state.members.prefetch(user)
    }

    /// One step up the tree.
    @inline(__always)
    private func climb(_ i: Int, _ state: borrowing CoreState) {
        let entry = unsafe entry(i)
        guard unsafe entry.pointee.number == i && entry.pointee.member >= 0 else { return }
        let parent = unsafe Int(state.members.peek(entry.pointee.member).pointee.parent) - 1
        unsafe entry.pointee.member = parent
        state.members.prefetch(parent)
        state.money.prefetch(parent)
    }

    /// What is known of a command of the batch that was last moved in.
    @inline(__always)
    func hint(_ i: Int) -> Hint {
        let entry = unsafe entry(i)
        guard unsafe entry.pointee.number == i else { return Hint() }
        return unsafe Hint(
            user: entry.pointee.user, space: entry.pointee.space, paymentHash: entry.pointee.paymentHash)
    }
}
