import CPlatform
import LedgerDomain

/// Commands that are decided together, with their payments laid out flat.
///
/// A `Command` is as large as the largest of its some forty kinds, and its texts are counted references: taking a
/// payment out of one cost as much as deciding it. So the thread that hands commands over copies each payment once,
/// into a plain row and one piece of memory for all texts, and checks its form on the way. What is no payment of good
/// form is decided from the command itself.
///
/// Any thread may read it, as nobody changes it but who has it alone (`lay(_:)`). Memory: 40 bytes a command and a payment's
/// texts, in one piece.
@safe public final class CommandBatch: @unchecked Sendable {
    // Proof of Sendable: everything is written by init, or by who has it alone, and else only read; no access calls out, so
    // that exclusive access needs no check.

    /// How many commands.
    public let count: Int
    /// Where the commands are that are not laid out flat: a row says at which index.
    @safe @exclusivity(unchecked) private var others: [Command]
    /// Whether it is for one command after another.
    private let isLaidAgain: Bool
    /// The asset of the last payment that was laid out here.
    @safe @exclusivity(unchecked) private var knownAsset: AssetNumber?
    private let rows: UnsafeMutablePointer<FlatPayment>
    /// Behind the rows.
    private let texts: UnsafeMutablePointer<UInt8>
    private let textBytes: Int
    /// Whether an `advance` is among them.
    public let hasAdvance: Bool

    /// Lays the commands out. Cost: a copy of each payment's texts, and the check of their form.
    public init(_ commands: [Command]) {
        count = commands.count
        var layout = BatchLayout(expecting: commands.count)
        var (areFlat, hasAdvance) = (true, false)
        // Through a pointer: an element of an array is copied, and each of its texts counted.
        unsafe commands.withUnsafeBufferPointer { commands in
            for i in 0..<commands.count {
                let row = unsafe layout.row(of: commands.baseAddress! + i, at: i)
                if row.flags & FlatPayment.isPayment == 0 { areFlat = false }
                if row.flags & FlatPayment.isAdvance != 0 { hasAdvance = true }
                layout.put(row, at: i)
            }
        }
        self.hasAdvance = hasAdvance
        isLaidAgain = false
        others = areFlat ? [] : commands
        textBytes = layout.used
        unsafe (rows, texts) = layout.takeMemory()
    }

    /// Lays one command out.
    public init(_ command: borrowing Command) {
        count = 1
        var layout = BatchLayout(expecting: 1)
        let row = unsafe withUnsafePointer(to: command) { unsafe layout.row(of: $0, at: 0) }
        layout.put(row, at: 0)
        hasAdvance = row.flags & FlatPayment.isAdvance != 0
        isLaidAgain = false
        others = row.flags & FlatPayment.isPayment == 0 ? [copy command] : []
        textBytes = layout.used
        unsafe (rows, texts) = layout.takeMemory()
    }

    /// Room for one command, which is laid out in it later, and after it another one: see `lay(_:)`.
    public init() {
        count = 1
        textBytes = BatchLayout.largest
        hasAdvance = false
        isLaidAgain = true
        others = []
        unsafe (rows, texts) = BatchLayout.allocate(rows: 1, textBytes: textBytes)
        unsafe rows.initialize(to: FlatPayment())
    }

    /// Lays a command out, which is no advance, in place of the one that was there. Only for a batch that was made by `init()`, and
    /// for who has it alone.
    public func lay(_ command: borrowing Command) {
        precondition(isLaidAgain, "a batch is laid out once")
        var layout = unsafe BatchLayout(one: rows, texts, asset: knownAsset)
        let row = unsafe withUnsafePointer(to: command) { unsafe layout.row(of: $0, at: 0) }
        layout.put(row, at: 0)
        knownAsset = layout.asset
        if row.flags & FlatPayment.isPayment == 0 { others = [copy command] }
    }

    /// Forgets a command that is not laid out flat: it may hold what concerns a person. (The ids of a payment stay until the next
    /// one is laid out.)
    public func forget() {
        if !others.isEmpty { others = [] }
    }

    /// Lays batches out as one, in order: commands of many callers that share a group. Cost: a copy of their rows and texts,
    /// and of the commands that are not flat.
    public init(joining batches: [CommandBatch]) {
        var (bytes, commands) = (0, 0)
        for batch in batches {
            bytes += batch.textBytes
            commands += batch.count
        }
        precondition(bytes <= Int(UInt32.max), "offsets have 32 bits")
        count = commands
        hasAdvance = batches.contains { $0.hasAdvance }
        isLaidAgain = false
        unsafe (rows, texts) = BatchLayout.allocate(rows: count, textBytes: bytes)
        textBytes = bytes
        var others: [Command] = []
        var (next, used) = (0, 0)
        var before = (provider: BorrowedText.empty, programme: BorrowedText.empty)
        for batch in batches {
            unsafe (texts + used).update(from: batch.texts, count: batch.textBytes)
            for i in 0..<batch.count {
                var row = batch.row(i)
                if row.flags & FlatPayment.isPayment != 0 {
                    row.offset += UInt32(used)
                    let start = Int(row.offset) + row.length(0) + row.length(1)
                    let provider = unsafe BorrowedText(texts + start, count: row.length(2))
                    let programme = unsafe BorrowedText(
                        texts + start + row.length(2), count: row.length(3))
                    row.flags &= ~(FlatPayment.sameProvider | FlatPayment.sameProgramme)
                    if provider.equals(before.provider) { row.flags |= FlatPayment.sameProvider }
                    if programme.equals(before.programme) { row.flags |= FlatPayment.sameProgramme }
                    before = (provider, programme)
                } else {
                    row.offset = UInt32(others.count)
                    others.append(batch.command(i))
                }
                unsafe (rows + next).initialize(to: row)
                next += 1
            }
            used += batch.textBytes
        }
        self.others = others
    }

    deinit { unsafe rows.deallocate() }

    /// A command that is not laid out flat.
    func command(_ i: Int) -> Command {
        let row = row(i)
        precondition(row.flags & FlatPayment.isPayment == 0, "a payment is laid out flat")
        return others[Int(row.offset)]
    }

    /// The row of a command.
    @inline(__always)
    func row(_ i: Int) -> FlatPayment {
        precondition(i >= 0 && i < count, "no such command")
        return unsafe rows[i]
    }

    /// Whether a command is a payment of good form.
    @inline(__always)
    func isPayment(_ i: Int) -> Bool { row(i).flags & FlatPayment.isPayment != 0 }

    /// The texts that `look(at:)` needs of a row: payment id and user id.
    @inline(__always)
    func ids(_ row: FlatPayment) -> (payment: BorrowedText, user: BorrowedText) {
        let base = unsafe UnsafePointer(texts + Int(row.offset))
        let first = row.length(0)
        return unsafe (
            BorrowedText(base, count: first), BorrowedText(base + first, count: row.length(1))
        )
    }

    /// Starts loading what will be read of the commands further on: it was written on another core.
    @inline(__always)
    func prefetch(behind row: FlatPayment, _ i: Int) {
        // Never past the end: an address of nothing would be looked for.
        let ahead = min(i + 16, count - 1)
        unsafe platform_prefetch_read(rows + ahead)
        unsafe platform_prefetch_read(texts + min(Int(row.offset) + 1_024, textBytes - 1))
    }

    /// A payment. Its texts are valid while the batch lives.
    @inline(__always)
    func payment(_ i: Int) -> PaymentFacts {
        let row = row(i)
        let base = unsafe UnsafePointer(texts + Int(row.offset))
        let (first, second) = (row.length(0), row.length(1))
        return unsafe PaymentFacts(
            paymentId: BorrowedText(base, count: first),
            userId: BorrowedText(base + first, count: second),
            provider: BorrowedText(base + first + second, count: row.length(2)), amount: row.amount,
            base: row.base, at: row.at, asset: row.asset, flags: row.flags)
    }

    /// Who sends a payment, and the programme it names.
    func sender(_ i: Int) -> PaymentSender {
        let row = row(i)
        var next = unsafe UnsafePointer(
            texts + Int(row.offset) + row.length(0) + row.length(1) + row.length(2))
        func text(_ slot: Int) -> BorrowedText {
            let count = row.length(slot)
            defer { unsafe next += count }
            return unsafe BorrowedText(next, count: count)
        }
        var sender = PaymentSender(role: row.role)
        sender.programme = text(3)
        sender.key = text(4)
        sender.id = text(5)
        sender.correlationId = text(6)
        sender.causation = text(7)
        return sender
    }
}

/// A payment in a batch: its texts stand one after another from `offset` on. 40 bytes.
struct FlatPayment: BitwiseCopyable {
    static let isPayment: UInt8 = 1
    /// The provider is that of the payment before.
    static let sameProvider: UInt8 = 2
    /// The system sends it, without a key or an id: what is usual.
    static let plain: UInt8 = 4
    /// Not a payment but an advance of the clock.
    static let isAdvance: UInt8 = 8
    /// It names the programme that the payment before names, or neither names one.
    static let sameProgramme: UInt8 = 16

    /// Of its texts; of what is no payment of good form, its index among the commands that are not flat.
    var offset: UInt32 = 0
    var role = ActorRole.system
    var flags: UInt8 = 0
    var asset = AssetNumber(rawValue: 0)
    /// A byte each: payment id, user id, provider, programme, key, actor, correlation id, causation; 0: not given.
    var lengths: UInt64 = 0
    var amount: Int64 = 0
    /// What rates apply to.
    var base: Int64 = 0
    var at = Timestamp(nanoseconds: 0)

    @inline(__always)
    func length(_ slot: Int) -> Int { Int(truncatingIfNeeded: lengths &>> (UInt64(slot) &* 8)) & 0xFF }
}

/// A payment as the decider sees it: of good form, its texts borrowed from the batch.
struct PaymentFacts {
    let paymentId: BorrowedText
    let userId: BorrowedText
    let provider: BorrowedText
    let amount: Int64
    /// What rates apply to, 0…amount.
    let base: Int64
    let at: Timestamp
    let asset: AssetNumber
    /// Of its row.
    let flags: UInt8

    /// The provider is that of the payment before in the batch.
    @inline(__always)
    var isOfSameProvider: Bool { flags & FlatPayment.sameProvider != 0 }

    /// It names the programme that the payment before in the batch names, or neither names one.
    @inline(__always)
    var isOfSameProgramme: Bool { flags & FlatPayment.sameProgramme != 0 }

    /// Its sender says nothing, but for the programme.
    @inline(__always)
    var isPlain: Bool { flags & FlatPayment.plain != 0 }
}

/// Who sends a payment, and with which ids; empty: not given.
struct PaymentSender {
    let role: ActorRole
    var programme = BorrowedText.empty
    var key = BorrowedText.empty
    var id = BorrowedText.empty
    var correlationId = BorrowedText.empty
    var causation = BorrowedText.empty
}

/// Copies payments into rows and their texts behind them, into one piece of memory.
@safe private struct BatchLayout: ~Copyable {
    private let count: Int
    private var rows: UnsafeMutablePointer<FlatPayment>
    private var texts: UnsafeMutablePointer<UInt8>
    private(set) var used = 0
    private var capacity: Int
    /// Where the last payment's provider and programme stand.
    private var provider = (offset: 0, count: 0)
    private var programme = (offset: 0, count: 0)
    /// The last payment's asset, which was found to be one.
    private(set) var asset: AssetNumber?

    /// Bytes of the texts of one payment, at most.
    static let largest = 8 * IdentifierRules.maximumByteCount

    /// For one command, in memory for the largest, which stays where it is.
    init(
        one rows: UnsafeMutablePointer<FlatPayment>, _ texts: UnsafeMutablePointer<UInt8>,
        asset: AssetNumber?
    ) {
        count = 1
        capacity = Self.largest
        self.asset = asset
        unsafe (self.rows, self.texts) = unsafe (rows, texts)
    }

    init(expecting count: Int) {
        self.count = count
        capacity = max(256, count * 64)
        unsafe (rows, texts) = Self.allocate(rows: count, textBytes: capacity)
    }

    /// Memory for rows and their texts, which is freed by the rows.
    static func allocate(
        rows: Int, textBytes: Int
    ) -> (rows: UnsafeMutablePointer<FlatPayment>, texts: UnsafeMutablePointer<UInt8>) {
        let rowBytes = rows * MemoryLayout<FlatPayment>.stride
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: rowBytes + max(1, textBytes), alignment: MemoryLayout<FlatPayment>.alignment)
        return unsafe (
            memory.bindMemory(to: FlatPayment.self, capacity: rows),
            (memory + rowBytes).bindMemory(to: UInt8.self, capacity: max(1, textBytes))
        )
    }

    /// The memory; its owner frees it, by the rows.
    consuming func takeMemory() -> (UnsafeMutablePointer<FlatPayment>, UnsafeMutablePointer<UInt8>) {
        unsafe (rows, texts)
    }

    @inline(__always)
    mutating func put(_ row: FlatPayment, at i: Int) {
        precondition(i >= 0 && i < count, "no such command")
        unsafe (rows + i).initialize(to: row)
    }

    /// The row of a command, which is number `index` of those that are not flat if it is none of them.
    mutating func row(of command: UnsafePointer<Command>, at index: Int) -> FlatPayment {
        var other = FlatPayment()
        other.offset = UInt32(index)
        guard case .payment(let payment) = unsafe command.pointee.action else {
            if unsafe command.pointee.action.isAdvance { other.flags = FlatPayment.isAdvance }
            return other
        }
        // Whether there is such an asset is asked once for all payments that follow one another.
        guard Decider.badAmounts(payment, knownAsset: asset) == nil else { return other }
        asset = payment.asset
        // Offsets are 32 bits: past them nothing is laid out flat. (Groups are bounded far below.)
        guard used < Int(UInt32.max) - 8 * LedgerBounds.identifierBytes else { return other }
        let start = used
        var row = FlatPayment()
        row.offset = UInt32(start)
        guard add(payment.paymentId, 0, &row), add(payment.userId, 1, &row),
            add(payment.provider, 2, &row), unsafe add(command.pointee.programme, 3, &row),
            unsafe add(command.pointee.key, 4, &row), unsafe add(command.pointee.actor.id, 5, &row),
            unsafe add(command.pointee.correlationId, 6, &row),
            unsafe add(command.pointee.causation, 7, &row)
        else {
            used = start
            return other
        }
        row.flags = FlatPayment.isPayment
        let place = (offset: start + row.length(0) + row.length(1), count: row.length(2))
        if isSameText(place, provider) { row.flags |= FlatPayment.sameProvider }
        provider = place
        let named = (offset: place.offset + place.count, count: row.length(3))
        if isSameText(named, programme) { row.flags |= FlatPayment.sameProgramme }
        programme = named
        row.role = unsafe command.pointee.actor.role
        if row.role == .system, row.lengths >> 32 == 0 { row.flags |= FlatPayment.plain }
        row.asset = payment.asset
        row.amount = payment.amount
        row.base = payment.commissionableBase ?? payment.amount
        row.at = payment.at
        return row
    }

    /// Copies a text, which may be missing; false when it is no id.
    @inline(__always)
    private mutating func add(_ text: String?, _ slot: UInt64, _ row: inout FlatPayment) -> Bool {
        guard let text else { return true }
        let utf8 = text.utf8
        let count = utf8.count
        guard count > 0, count <= IdentifierRules.maximumByteCount else { return false }
        if capacity - used < count { grow() }
        let place = unsafe texts + used
        let copied: Void? = unsafe utf8.withContiguousStorageIfAvailable { source in
            unsafe place.update(from: source.baseAddress!, count: count)
        }
        if copied == nil {
            for (i, byte) in utf8.enumerated() { unsafe place[i] = byte }
        }
        guard unsafe IdentifierRules.validate(UnsafeBufferPointer(start: place, count: count)) == nil else {
            return false
        }
        used += count
        row.lengths |= UInt64(count) &<< (slot &* 8)
        return true
    }

    /// Makes room for one more id at least.
    @inline(never)
    private mutating func grow() {
        let larger = unsafe Self.allocate(rows: count, textBytes: capacity * 2 + 256)
        unsafe larger.rows.update(from: rows, count: count)
        unsafe larger.texts.update(from: texts, count: used)
        unsafe rows.deallocate()
        unsafe (rows, texts) = unsafe larger
        capacity = capacity * 2 + 256
    }

    private func isSameText(_ a: (offset: Int, count: Int), _ b: (offset: Int, count: Int)) -> Bool {
        unsafe BorrowedText(texts + a.offset, count: a.count).equals(
            BorrowedText(texts + b.offset, count: b.count))
    }
}
