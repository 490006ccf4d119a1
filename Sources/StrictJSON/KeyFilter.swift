/// Says cheaply that a key cannot be one of those before it, so that usual objects compare no keys at all.
struct KeyFilter {
    /// Objects of more members are checked by sorting, so that the cost stays n log n.
    static let linearLimit = 64

    private(set) var count = 0
    private var bits: UInt64 = 0

    /// Whether an equal key may have been seen; takes note of this one.
    @inline(__always)
    mutating func mayHold(_ key: JSONText, first: UInt8) -> Bool {
        let bit: UInt64 = 1 << (UInt64(key.byteCount &* 11 &+ UInt32(first)) & 63)
        defer {
            bits |= bit
            count += 1
        }
        return bits & bit != 0
    }
}
