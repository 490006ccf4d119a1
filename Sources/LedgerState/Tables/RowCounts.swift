/// How many rows each table of a state has, and had when the groups in flight began.
///
/// In one place for all tables: a group begins with a copy of the present counts. To ask each of sixty tables for its own took a
/// payment that comes alone more memory lines than all else that decides it.
///
/// Not thread-safe; all calls are made under the state's lock.
@safe final class RowCounts {
    /// Tables of a state, at most.
    static let capacity = 96

    /// The present counts, then those before the even group, then those before the odd one.
    private let memory: UnsafeMutablePointer<Int>
    private var places = 0

    init() {
        unsafe memory = .allocate(capacity: 3 * Self.capacity)
        unsafe memory.initialize(repeating: 0, count: 3 * Self.capacity)
    }

    deinit { unsafe memory.deallocate() }

    /// A table's place, which lives as long as this object: its present count stands there, those before the groups
    /// `offset(before:)` further.
    func makePlace() -> UnsafeMutablePointer<Int> {
        precondition(places < Self.capacity, "a state has too many tables")
        places += 1
        return unsafe memory + (places - 1)
    }

    /// Where a table's count before a group stands, from its place.
    @inline(__always)
    static func offset(before parity: UInt32) -> Int { Int(parity &+ 1) &* capacity }

    /// A group begins: the present counts are those before it.
    func begin(parity: UInt32) {
        unsafe (memory + Self.offset(before: parity)).update(from: memory, count: places)
    }
}
