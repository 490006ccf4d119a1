/// Plain values one after another, in memory that is kept when they are removed: for what is filled and emptied over and over.
///
/// Not an array: that asks with each value whether it shares its memory with another, and takes a hundred instructions to be
/// emptied.
@frozen @safe public struct PlainList<Element: BitwiseCopyable>: ~Copyable {
    @usableFromInline var memory: UnsafeMutablePointer<Element>
    @usableFromInline var capacity: Int
    @usableFromInline var used = 0
    /// How many there are.
    @inlinable @inline(__always) public var count: Int { used }

    /// An empty list.
    /// - Parameter capacity: values that it has room for at first, at least one.
    @inlinable public init(capacity: Int = 64) {
        self.capacity = max(1, capacity)
        unsafe memory = .allocate(capacity: self.capacity)
    }

    @inlinable deinit { unsafe memory.deallocate() }

    /// Whether there are none.
    @inlinable @inline(__always) public var isEmpty: Bool { used == 0 }

    /// The last one; nil when there is none.
    @inlinable @inline(__always)
    public var last: Element? { count == 0 ? nil : unsafe memory[count - 1] }

    /// The i-th. Traps when there is none.
    @inlinable @inline(__always)
    public subscript(_ i: Int) -> Element {
        precondition(i >= 0 && i < count, "no such value")
        return unsafe memory[i]
    }

    /// Adds one. Cost: a store, and now and then a copy of all.
    @inlinable @inline(__always)
    public mutating func append(_ value: Element) {
        if used == capacity { grow() }
        unsafe (memory + used).initialize(to: value)
        used += 1
    }

    /// Forgets all, keeps the memory.
    @inlinable @inline(__always)
    public mutating func removeAll() { used = 0 }

    /// Forgets those after the first `count`. Traps when there are fewer.
    @inlinable public mutating func truncate(to count: Int) {
        precondition(count >= 0 && count <= used, "no such value")
        used = count
    }

    @usableFromInline @inline(never)
    mutating func grow() {
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
        unsafe larger.update(from: memory, count: count)
        unsafe memory.deallocate()
        unsafe memory = larger
        capacity *= 2
    }
}
