/// Writes JSON into a growing array of bytes.
///
/// Output is deterministic: the caller's order, one way of escaping, integers only. Misuse (a value where a
/// key is due, an end without its beginning) is a programming error and traps. Isolation: a value, for one
/// task at a time.
public struct JSONWriter: Sendable {
    /// What has been written so far.
    public private(set) var bytes: [UInt8] = []

    private let pretty: Bool
    private var depth: UInt64 = 0
    /// One bit a depth: whether something already stands there, so that a comma is due.
    private var filled: UInt64 = 0
    /// One bit a depth: whether it is an object.
    private var objects: UInt64 = 0
    private var afterKey = false

    /// Makes an empty writer.
    /// - Parameter pretty: two spaces a level, a line a member; otherwise no white space at all.
    public init(pretty: Bool = false) {
        self.pretty = pretty
    }

    // MARK: Containers

    /// Begins an object. At most 63 levels.
    public mutating func beginObject() { begin(UInt8(ascii: "{"), isObject: true) }

    /// Ends the object begun last.
    public mutating func endObject() { end(UInt8(ascii: "}"), isObject: true) }

    /// Begins an array. At most 63 levels.
    public mutating func beginArray() { begin(UInt8(ascii: "["), isObject: false) }

    /// Ends the array begun last.
    public mutating func endArray() { end(UInt8(ascii: "]"), isObject: false) }

    // MARK: Keys

    /// Writes a member's key; its value must follow.
    public mutating func key(_ name: String) {
        prepareKey()
        quote(name)
        finishKey()
    }

    /// Writes a member's key from well-formed UTF-8; its value must follow.
    public mutating func key(_ name: UnsafeBufferPointer<UInt8>) {
        prepareKey()
        unsafe quote(name)
        finishKey()
    }

    // MARK: Values

    /// Writes a string.
    public mutating func string(_ value: String) {
        prepareValue()
        quote(value)
    }

    /// Writes a string from UTF-8 that the caller knows to be well-formed: it is not checked again.
    public mutating func string(_ utf8: UnsafeBufferPointer<UInt8>) {
        prepareValue()
        unsafe quote(utf8)
    }

    /// Writes an integer.
    public mutating func integer(_ value: some FixedWidthInteger) {
        prepareValue()
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        let first = bytes.count
        var rest = value.magnitude
        repeat {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit))
            rest = quotient
        } while rest != 0
        bytes[first...].reverse()
    }

    /// Writes `true` or `false`.
    public mutating func bool(_ value: Bool) {
        prepareValue()
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    /// Writes `null`.
    public mutating func null() {
        prepareValue()
        bytes.append(contentsOf: "null".utf8)
    }

    /// Writes bytes that the caller knows to be one JSON value.
    public mutating func raw(_ value: some Sequence<UInt8>) {
        prepareValue()
        bytes.append(contentsOf: value)
    }

    // MARK: Members

    /// Writes a member that is a string.
    public mutating func member(_ name: String, _ value: String) {
        key(name)
        string(value)
    }

    /// Writes a member that is an integer.
    public mutating func member(_ name: String, _ value: some FixedWidthInteger) {
        key(name)
        integer(value)
    }

    /// Writes a member that is an integer or `null`.
    public mutating func member<Value: FixedWidthInteger>(_ name: String, _ value: Value?) {
        key(name)
        if let value { integer(value) } else { null() }
    }

    /// Writes a member that is `true` or `false`.
    public mutating func member(_ name: String, _ value: Bool) {
        key(name)
        bool(value)
    }

    // MARK: Output

    /// Ends a complete document with U+000A, after which the next may begin: JSON lines.
    public mutating func endLine() {
        precondition(depth == 0, "a line ends only after its value")
        bytes.append(0x0A)
        filled = 0
    }

    /// Forgets what was written and keeps the memory.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        (depth, filled, objects, afterKey) = (0, 0, 0, false)
    }

    // MARK: Inside

    private var isInObject: Bool { depth > 0 && objects & (1 << depth) != 0 }

    private mutating func begin(_ bracket: UInt8, isObject: Bool) {
        prepareValue()
        precondition(depth < 63, "at most 63 levels")
        bytes.append(bracket)
        depth += 1
        filled &= ~(1 << depth)
        if isObject { objects |= 1 << depth } else { objects &= ~(1 << depth) }
    }

    private mutating func end(_ bracket: UInt8, isObject: Bool) {
        precondition(depth > 0 && isInObject == isObject && !afterKey, "this end matches no beginning")
        let wasFilled = filled & (1 << depth) != 0
        depth -= 1
        if pretty && wasFilled { newLine() }
        bytes.append(bracket)
    }

    private mutating func prepareKey() {
        precondition(isInObject && !afterKey, "a key stands only in an object, before a value")
        separate()
    }

    private mutating func finishKey() {
        bytes.append(UInt8(ascii: ":"))
        if pretty { bytes.append(0x20) }
        afterKey = true
    }

    private mutating func prepareValue() {
        if afterKey {
            afterKey = false
            return
        }
        precondition(!isInObject, "a member needs a key")
        separate()
    }

    private mutating func separate() {
        if filled & (1 << depth) != 0 {
            precondition(depth > 0, "a document is one value")
            bytes.append(UInt8(ascii: ","))
        }
        filled |= 1 << depth
        if pretty && depth > 0 { newLine() }
    }

    private mutating func newLine() {
        bytes.append(0x0A)
        for _ in 0..<depth { bytes.append(contentsOf: [0x20, 0x20]) }
    }

    private mutating func quote(_ value: String) {
        var value = value
        value.withUTF8 { unsafe quote($0) }
    }

    /// Escapes what RFC 8259 §7 says must be escaped, and nothing else.
    private mutating func quote(_ utf8: UnsafeBufferPointer<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        var from = 0
        for index in 0..<utf8.count {
            let byte = unsafe utf8[index]
            if byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") { continue }
            unsafe bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[from..<index]))
            escape(byte)
            from = index + 1
        }
        unsafe bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[from..<utf8.count]))
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        default:
            let low = byte & 0xF
            let digit = low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(byte < 0x10 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
            bytes.append(digit)
        }
    }
}
