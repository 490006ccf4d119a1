/// Scans input lines, one JSON object each, into storage that is used again and again.
///
/// Meant for the hot path of an import: after the first few lines a scan allocates nothing. The scanner
/// copies the line, so its results stay valid until the next scan, whatever becomes of the caller's buffer.
/// Isolation: a value, for one task at a time. Cost: about one pass over the line.
///
/// ```swift
/// var scanner = JSONObjectScanner()
/// try scanner.scan(line)
/// for index in scanner.members() {
///     let member = scanner[index]
///     if scanner.matches(member.key, "amount"), member.kind == .string { … }
/// }
/// ```
public struct JSONObjectScanner: Sendable {
    /// The last line, strings unescaped in place, and the parser's padding.
    @usableFromInline var storage: [UInt8]
    private var nodes: [JSONNode]

    /// A scanner with room for lines of a usual length; it grows with longer ones.
    public init() {
        storage = Array(repeating: 0, count: 1024)
        nodes = []
        nodes.reserveCapacity(32)
    }

    /// Scans one line that holds one object; white space around it is fine.
    ///
    /// After an error the scanner holds no members and may be used again.
    /// - Throws: what is wrong first, with its place in `line`.
    public mutating func scan(_ line: UnsafeBufferPointer<UInt8>) throws(JSONError) {
        try unsafe scanDocument(line, objectOnly: true)
    }

    /// Scans one line that holds one object; see ``scan(_:)-(UnsafeBufferPointer<UInt8>)``.
    public mutating func scan(_ line: Span<UInt8>) throws(JSONError) {
        try unsafe line.withUnsafeBufferPointer { (bytes) throws(JSONError) in try unsafe scan(bytes) }
    }

    /// Scans one line that holds one object; see ``scan(_:)-(UnsafeBufferPointer<UInt8>)``.
    public mutating func scan(_ line: [UInt8]) throws(JSONError) {
        try scan(line.span)
    }

    mutating func scanDocument(
        _ input: UnsafeBufferPointer<UInt8>, objectOnly: Bool
    ) throws(JSONError) {
        var recycled: [JSONNode] = []
        swap(&recycled, &nodes)
        recycled.removeAll(keepingCapacity: true)
        guard input.count <= JSONLimits.maximumByteCount else {
            throw JSONError(
                reason: .tooLong, byteOffset: input.count, position: JSONPosition(line: 1, column: 1))
        }
        let needed = input.count + TapeParser.paddingByteCount
        if storage.count < needed { storage = Array(repeating: 0, count: max(needed, storage.count * 2)) }
        let count = input.count
        do throws(JSONFault) {
            nodes = try unsafe storage.withUnsafeMutableBufferPointer {
                (buffer) throws(JSONFault) -> [JSONNode] in
                // Storage is never empty, so the base address exists.
                let base = unsafe buffer.baseAddress.unsafelyUnwrapped
                if let source = input.baseAddress { unsafe base.update(from: source, count: count) }
                unsafe (base + count).update(repeating: 0, count: TapeParser.paddingByteCount)
                // Handed over, not shared: a second owner would make the parser allocate anew.
                var handedOver: [JSONNode] = []
                swap(&handedOver, &recycled)
                var parser = unsafe TapeParser(base: base, count: count, nodes: handedOver)
                try parser.parseDocument(objectOnly: objectOnly)
                return parser.takeNodes()
            }
        } catch {
            let position = unsafe JSONPosition(byteOffset: error.offset, in: input.span)
            throw JSONError(reason: error.reason, byteOffset: error.offset, position: position)
        }
    }

    // MARK: Nodes

    /// How many values the last line held, the outer object included; 0 before the first scan and after an
    /// error.
    public var count: Int { nodes.count }

    /// The value at an index that ``members(of:)`` gave; 0 is the outer object.
    public subscript(index: Int) -> JSONNode { nodes[index] }

    /// The indices of the direct members of an object, or elements of an array, in the order of the text.
    /// Empty for other kinds and when nothing is scanned.
    /// - Parameter index: the container; by default the outer object.
    public func members(of index: Int = 0) -> JSONChildren {
        guard index < nodes.count else { return JSONChildren(nodes: nodes, index: 0, end: 0) }
        return JSONChildren(nodes: nodes, index: index + 1, end: Int(nodes[index].end))
    }

    /// The index of the member of that name, or nil. Cost: one comparison a member.
    public func member(_ name: StaticString, of index: Int = 0) -> Int? {
        for child in members(of: index) where matches(nodes[child].key, name) { return child }
        return nil
    }

    // MARK: Texts

    /// Calls `body` with a text's UTF-8, well-formed and unescaped. The pointer must not leave the closure.
    @inlinable
    public func withUTF8<Result, Failure: Error>(
        of text: JSONText, _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // Not by way of `bytes(of:)`: a slice holds on to the storage, which is counted.
        try unsafe storage.withUnsafeBufferPointer { (all) throws(Failure) in
            let start = Int(text.offset)
            return try unsafe body(UnsafeBufferPointer(rebasing: all[start..<start + Int(text.byteCount)]))
        }
    }

    /// A text as a string. Allocates above 15 bytes.
    public func string(_ text: JSONText) -> String {
        unsafe withUTF8(of: text) { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// A text's UTF-8 as a slice of the scanner's bytes; holding it on makes the next scan copy them.
    public func bytes(of text: JSONText) -> ArraySlice<UInt8> {
        storage[Int(text.offset)..<Int(text.offset) + Int(text.byteCount)]
    }

    /// Whether a text is `literal`, byte for byte.
    public func matches(_ text: JSONText, _ literal: StaticString) -> Bool {
        let count = Int(text.byteCount)
        guard count == literal.utf8CodeUnitCount, literal.hasPointerRepresentation else { return false }
        let start = Int(text.offset)
        for index in 0..<count where storage[start + index] != (unsafe literal.utf8Start[index]) {
            return false
        }
        return true
    }

    /// A number's value when it is written as a plain integer (no fraction, no exponent, not `-0`) that fits,
    /// else nil.
    public func integer(_ node: JSONNode) -> Int64? {
        guard node.kind == .number else { return nil }
        return JSONInteger.parse(bytes(of: node.text))
    }

    /// Writes a value to `writer` in this module's one way of writing, for content that is kept but not
    /// understood.
    public func write(_ index: Int, to writer: inout JSONWriter) {
        let node = nodes[index]
        switch node.kind {
        case .null: writer.null()
        case .true: writer.bool(true)
        case .false: writer.bool(false)
        case .number: writer.raw(bytes(of: node.text))
        case .string: unsafe withUTF8(of: node.text) { unsafe writer.string($0) }
        case .array:
            writer.beginArray()
            for child in members(of: index) { write(child, to: &writer) }
            writer.endArray()
        case .object:
            writer.beginObject()
            for child in members(of: index) {
                unsafe withUTF8(of: nodes[child].key) { unsafe writer.key($0) }
                write(child, to: &writer)
            }
            writer.endObject()
        }
    }
}

/// Integers out of a number's text.
enum JSONInteger {
    /// The value when the text is a plain integer that fits, else nil.
    static func parse(_ text: some Sequence<UInt8>) -> Int64? {
        var value: Int64 = 0
        var negative = false
        var digits = 0
        for byte in text {
            if byte == UInt8(ascii: "-"), digits == 0, !negative {
                negative = true
                continue
            }
            guard byte &- UInt8(ascii: "0") < 10 else { return nil }
            let digit = Int64(byte - UInt8(ascii: "0"))
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(negative ? -digit : digit)
            if overflow || carry { return nil }
            value = sum
            digits += 1
        }
        return digits == 0 || (negative && value == 0) ? nil : value
    }
}
