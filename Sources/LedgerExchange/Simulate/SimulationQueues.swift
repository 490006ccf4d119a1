/// The last payments above zero, some of which are refunded or disputed: bounded, whatever the size of the
/// programme.
struct RecentPayments: Sendable {
    private static let capacity = 4096

    /// A payment, and what became of it so far.
    struct Entry {
        var payment: SimulationLine.Payment
        /// Minor units that were refunded or lost.
        var counted: Int64 = 0
        /// Whether its line has gone out.
        var hasArrived = false
        /// Disputed: no refund comes any more.
        var isClosed = false
    }

    private var entries: [Entry] = []
    /// Where the last payment went.
    private(set) var newest = -1

    mutating func add(_ payment: SimulationLine.Payment) {
        newest = (newest + 1) % Self.capacity
        if newest < entries.count {
            entries[newest] = Entry(payment: payment)
        } else {
            entries.append(Entry(payment: payment))
        }
    }

    /// Any of them, or nil when there are none.
    func draw(_ random: inout SimulationRandom) -> Int? {
        entries.isEmpty ? nil : random.below(entries.count)
    }

    subscript(index: Int) -> Entry {
        get { entries[index] }
        set { entries[index] = newValue }
    }

    /// What is left to refund or dispute.
    func left(_ index: Int) -> Int64 {
        entries[index].isClosed ? 0 : entries[index].payment.amount - entries[index].counted
    }
}

/// The last grants in units, most of which are claimed: bounded.
struct RecentGrants: Sendable {
    private static let capacity = 1024

    /// A grant that nobody has claimed yet.
    struct Grant {
        var number: Int
        var owner: Int
        /// Whose conversion it is for; nil of a tier's bonus.
        var referee: Int?
    }

    /// Grants in the ledger so far.
    private(set) var count = 0
    private var entries: [Grant] = []
    private var place = 0

    /// A grant that nobody claims.
    mutating func pass() { count += 1 }

    /// A grant that can be claimed.
    mutating func add(to owner: Int, for referee: Int?) -> Grant {
        count += 1
        let grant = Grant(number: count, owner: owner, referee: referee)
        if entries.count < Self.capacity {
            entries.append(grant)
        } else {
            entries[place] = grant
            place = (place + 1) % Self.capacity
        }
        return grant
    }

    /// Takes a grant out, if it is still there.
    mutating func take(_ number: Int) -> Bool {
        guard let index = entries.firstIndex(where: { $0.number == number }) else { return false }
        entries[index].number = 0
        return true
    }

    /// The grant for a conversion was revoked.
    mutating func revoke(referee: Int) {
        for index in entries.indices where entries[index].referee == referee { entries[index].number = 0 }
    }
}

/// Lines that come at once, in their order.
struct FollowingLines: Sendable {
    private var lines: [[UInt8]] = []
    private var first = 0

    mutating func add(_ line: [UInt8]) {
        if !line.isEmpty { lines.append(line) }
    }

    mutating func take(into output: inout [UInt8]) -> Bool {
        if first == lines.count { return false }
        output.append(contentsOf: lines[first])
        first += 1
        if first == lines.count {
            lines.removeAll(keepingCapacity: true)
            first = 0
        }
        return true
    }
}

/// Lines that come later than they were made: a ring with a slot for each of the next lines.
struct DelayedLines: Sendable {
    /// How many lines later at most, apart from slots that are taken.
    static let longest = 250
    private static let slotCount = 256
    /// About ten lines wait at a time; past this nothing more is put off.
    private static let maximumWaiting = 200

    private struct Slot {
        var line: [UInt8] = []
        /// The recent payment that arrives with it.
        var payment: Int?
    }

    private var slots: [Slot] = Array(repeating: Slot(), count: slotCount)
    private var waiting = 0
    private var lineCount = 0
    /// The line whose slot is looked at next: behind the count where lines had to come at once.
    private var looked = 0

    /// Whether one more line may be put off.
    var hasRoom: Bool { waiting < Self.maximumWaiting }

    /// Puts a line off. Where its slot is taken, it comes behind.
    /// - Precondition: `hasRoom`, and the line is one.
    mutating func add(_ line: ArraySlice<UInt8>, after distance: Int, payment: Int? = nil) {
        precondition(hasRoom && !line.isEmpty)
        var slot = (lineCount + distance) % Self.slotCount
        while !slots[slot].line.isEmpty { slot = (slot + 1) % Self.slotCount }
        waiting += 1
        slots[slot] = Slot(line: Array(line), payment: payment)
    }

    /// One line has gone out.
    mutating func countLine() { lineCount += 1 }

    /// Appends a line that is due by now.
    /// - Returns: nil when none is; else the payment that arrives with it, if any.
    mutating func takeDue(into output: inout [UInt8]) -> Int?? {
        if waiting == 0 { looked = lineCount }
        while looked <= lineCount {
            let slot = looked % Self.slotCount
            if !slots[slot].line.isEmpty {
                output.append(contentsOf: slots[slot].line)
                let payment = slots[slot].payment
                slots[slot] = Slot()
                waiting -= 1
                return .some(payment)
            }
            if looked == lineCount { break }
            looked += 1
        }
        return .none
    }

    /// Appends the line that is due first.
    mutating func takeAny(into output: inout [UInt8]) -> Int?? {
        while waiting > 0 {
            if let taken = takeDue(into: &output) { return .some(taken) }
            lineCount += 1
        }
        return .none
    }
}

/// What is to happen at a later moment of the simulated time: a heap, bounded.
struct Agenda: Sendable {
    private static let capacity = 8192

    /// What happens.
    enum Item {
        case dispute(Dispute)
        case decide(Withdrawal)
        case approve(Withdrawal)
        case send(Withdrawal)
        case settle(Withdrawal)
        case giveBack(Withdrawal)
        case reinstate(user: Int, number: Int)
        case claim(RecentGrants.Grant)
        case fulfil(RecentGrants.Grant)
    }

    /// A dispute that is not decided.
    struct Dispute {
        var number: Int
        var payment: SimulationLine.Payment
        var amount: Int64
        /// What was refunded of the payment before.
        var counted: Int64
    }

    /// A withdrawal on its way.
    struct Withdrawal {
        var number: Int
        var user: Int
        var amount: Int64
    }

    private struct Entry {
        var due: Int
        var serial: Int
        var item: Item

        func precedes(_ other: Entry) -> Bool {
            due == other.due ? serial < other.serial : due < other.due
        }
    }

    private var heap: [Entry] = []
    private var serial = 0

    /// Whether a new case may be begun: what goes on with an old one always has a place.
    var hasRoom: Bool { heap.count < Self.capacity }

    mutating func add(_ item: Item, at due: Int) {
        serial += 1
        heap.append(Entry(due: due, serial: serial, item: item))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            if !heap[child].precedes(heap[parent]) { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes what is due first, when its moment has come.
    mutating func takeDue(_ now: Int) -> Item? {
        guard let first = heap.first, first.due <= now else { return nil }
        let last = heap.removeLast()
        if heap.isEmpty { return first.item }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child].precedes(heap[least]) { least = child }
            if least == parent { return first.item }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
