/// Where the records of entities are, by number: base positions, which rise, as entities are numbered in log order. Two bytes each.
///
/// The lower sixteen bits stand by number. The upper ones change once in 65,536 events at most, so where they do is a short list.
/// (Positions that fall would be kept rightly, too; only `find` needs them in order.)
///
/// Not thread-safe; all calls are made under the state's lock.
public struct PositionTable: ~Copyable {
    /// From which number on the upper bits are what. 8 bytes.
    @frozen
    public struct Upper: BitwiseCopyable, Sendable {
        var number: UInt32
        var bits: UInt32
    }

    /// See `AddressOnly`.
    private let pin = AddressOnly()
    var lower: PlainTable<UInt16>
    var upper: PlainTable<Upper>

    init(_ table: Int, upper upperTable: Int, _ name: String, _ home: TableHome) {
        lower = PlainTable(table, name, home)
        upper = PlainTable(upperTable, name + "Upper", home)
    }

    /// How many.
    public var count: Int { lower.count }

    /// How many a reader may see.
    public func visibleCount(_ flight: Flight) -> Int { lower.visibleCount(flight) }

    /// The position of a number. Cost: one look at the list for the newest numbers, else a search in it.
    @inline(__always)
    public subscript(_ number: Int) -> UInt64 {
        let low = unsafe UInt64(lower.peek(number).pointee)
        let last = unsafe upper.peek(upper.count - 1).pointee
        if number >= Int(last.number) { return UInt64(last.bits) << 16 | low }
        return unsafe UInt64(upper.peek(stretch(of: number)).pointee.bits) << 16 | low
    }

    /// Adds the position of the next number; below 2^48.
    @inline(__always)
    mutating func append(_ position: UInt64) {
        precondition(position >> 48 == 0, "more than a table can number")
        let bits = UInt32(truncatingIfNeeded: position >> 16)
        if unsafe upper.count == 0 || upper.peek(upper.count - 1).pointee.bits != bits {
            upper.add(Upper(number: UInt32(lower.count), bits: bits))
        }
        lower.add(UInt16(truncatingIfNeeded: position))
    }

    /// The last number whose position is not after one; nil when there is none.
    public func find(notAfter position: UInt64) -> Int? {
        let bits = position >> 16
        guard let found = last(before: upper.count, { unsafe UInt64(upper.peek($0).pointee.bits) <= bits })
        else { return nil }
        let first = unsafe Int(upper.peek(found).pointee.number)
        let end = found + 1 < upper.count ? unsafe Int(upper.peek(found + 1).pointee.number) : count
        if unsafe UInt64(upper.peek(found).pointee.bits) < bits { return end - 1 }
        let low = UInt16(truncatingIfNeeded: position)
        guard let at = last(before: end - first, { unsafe lower.peek(first + $0).pointee <= low }) else {
            return first == 0 ? nil : first - 1
        }
        return first + at
    }

    /// Whether the list is one of these numbers: false when a checkpoint was not written by this program.
    var isSound: Bool {
        var before = -1
        for i in 0..<upper.count {
            let number = unsafe Int(upper.peek(i).pointee.number)
            guard number > before, number < count, i > 0 || number == 0 else { return false }
            before = number
        }
        return upper.count > 0 || count == 0
    }

    /// The entry of the list that holds for a number.
    @inline(never)
    private func stretch(of number: Int) -> Int {
        // The first one holds from number 0 on.
        last(before: upper.count) { unsafe Int(upper.peek($0).pointee.number) <= number } ?? 0
    }

    /// The last of some numbers for which something holds that holds for all before it, too.
    @inline(__always)
    private func last(before end: Int, _ holds: (Int) -> Bool) -> Int? {
        var (low, high) = (0, end)
        while low < high {
            let middle = (low + high) / 2
            if holds(middle) { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : low - 1
    }
}

extension TableVisitor {
    public mutating func positions(_ table: inout PositionTable) {
        words(&table.lower)
        words(&table.upper)
    }
}
