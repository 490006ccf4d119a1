extension ZoneRules {
    /// The version of the layout, its first byte.
    private static let layoutVersion: UInt8 = 1

    /// Appends the rules in the layout that the log stores, about 9 bytes a transition (London: 5 KiB).
    ///
    /// Little-endian: version `u8` = 1; name length `u8`, name; initial offset `i32`; count `u16`; then the
    /// transitions' seconds since 1970, `i64` each; then their offsets east of UTC in seconds, `i32` each.
    public func encode(into output: inout [UInt8]) {
        output.append(Self.layoutVersion)
        output.append(UInt8(name.utf8.count))
        output.append(contentsOf: name.utf8)
        Self.append(initialOffset, to: &output)
        Self.append(UInt16(transitions.count), to: &output)
        for transition in transitions { Self.append(transition.second, to: &output) }
        for transition in transitions { Self.append(transition.offset, to: &output) }
    }

    /// Reads what ``encode(into:)`` wrote, or nil: another version, cut off, longer, out of order or out of
    /// range.
    public init?(bytes: [UInt8]) {
        var reader = Reader(bytes: bytes)
        guard reader.integer(UInt8.self) == Self.layoutVersion, let nameCount = reader.integer(UInt8.self),
            let nameBytes = reader.take(Int(nameCount)),
            let name = String(validating: nameBytes, as: UTF8.self), ZoneName.isValid(name),
            let initialOffset = reader.integer(Int32.self), let count = reader.integer(UInt16.self)
        else { return nil }
        var transitions: [Transition] = []
        transitions.reserveCapacity(Int(count))
        for _ in 0..<count {
            guard let second = reader.integer(Int64.self) else { return nil }
            transitions.append(Transition(second: second, offset: 0))
        }
        for index in transitions.indices {
            guard let offset = reader.integer(Int32.self), offset.magnitude < TZif.greatestOffset else {
                return nil
            }
            transitions[index].offset = offset
        }
        self.init(name: name, initialOffset: initialOffset, transitions: transitions)
        // What the initialiser would leave out, or what is out of order, was not written by `encode`.
        let isOrdered = zip(transitions, transitions.dropFirst()).allSatisfy { $0.second < $1.second }
        guard reader.isAtEnd, isOrdered, self.transitions == transitions, self.initialOffset == initialOffset,
            initialOffset.magnitude < TZif.greatestOffset
        else { return nil }
    }

    private static func append(_ value: some FixedWidthInteger, to output: inout [UInt8]) {
        for index in 0..<value.bitWidth / 8 { output.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
    }

    private struct Reader {
        let bytes: [UInt8]
        var index = 0

        var isAtEnd: Bool { index == bytes.count }

        mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
            guard count <= bytes.count - index else { return nil }
            defer { index += count }
            return bytes[index..<index + count]
        }

        mutating func integer<Value: FixedWidthInteger>(_: Value.Type) -> Value? {
            take(Value.bitWidth / 8)?.reversed().reduce(Value(0)) { $0 << 8 | Value(truncatingIfNeeded: $1) }
        }
    }
}
