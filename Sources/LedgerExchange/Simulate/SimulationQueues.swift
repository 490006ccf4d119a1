/// The last payments above zero, some of which are refunded: bounded, whatever the size of the programme.
struct RecentPayments: Sendable {
    private static let capacity = 4096

    private var entries: [(payment: SimulationLine.Payment, refunded: Int64)] = []
    /// Where the last payment went.
    private(set) var newest = -1

    mutating func add(_ payment: SimulationLine.Payment) {
        newest = (newest + 1) % Self.capacity
        if newest < entries.count {
            entries[newest] = (payment, 0)
        } else {
            entries.append((payment, 0))
        }
    }

    /// Any of them, or nil when there are none.
    func draw(_ random: inout SimulationRandom) -> Int? {
        entries.isEmpty ? nil : random.below(entries.count)
    }

    /// What is left to refund.
    func left(_ index: Int) -> Int64 { entries[index].payment.amount - entries[index].refunded }

    /// Takes a refund down.
    /// - Returns: the payment and what is refunded of it in all.
    mutating func take(_ amount: Int64, of index: Int) -> (SimulationLine.Payment, Int64) {
        entries[index].refunded += amount
        return entries[index]
    }
}

/// Lines that come later than they were made: a ring with a slot for each of the next lines.
struct DelayedLines: Sendable {
    /// How many lines later at most, apart from slots that are taken.
    static let longest = 250
    private static let slotCount = 256

    private var slots: [[UInt8]] = Array(repeating: [], count: slotCount)
    private var waiting = 0
    private var lineCount = 0

    /// Puts a line off. Where its slot is taken, it comes behind.
    /// - Parameter distance: 1: the next line.
    mutating func add(_ line: [UInt8], after distance: Int) {
        // A refund of what has been refunded already is no line.
        if line.isEmpty { return }
        // About five lines wait at a time; when ever all slots are taken, one of them grows.
        var slot = (lineCount + distance) % Self.slotCount
        if waiting < Self.slotCount {
            while !slots[slot].isEmpty { slot = (slot + 1) % Self.slotCount }
            waiting += 1
        }
        slots[slot] += line
    }

    /// One line has gone out.
    mutating func countLine() { lineCount += 1 }

    /// Appends the line that is due now.
    mutating func takeDue(into output: inout [UInt8]) -> Bool {
        let slot = lineCount % Self.slotCount
        if waiting == 0 || slots[slot].isEmpty { return false }
        output.append(contentsOf: slots[slot])
        slots[slot].removeAll()
        waiting -= 1
        return true
    }

    /// Appends the line that is due first.
    mutating func takeAny(into output: inout [UInt8]) -> Bool {
        for _ in 0..<Self.slotCount where waiting > 0 {
            if takeDue(into: &output) { return true }
            lineCount += 1
        }
        return false
    }
}
