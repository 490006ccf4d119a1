/// The kind of a JSON value.
public enum JSONKind: UInt8, Sendable, BitwiseCopyable {
    /// `null`
    case null
    /// `false`
    case `false`
    /// `true`
    case `true`
    /// A number, kept as text: this module never makes a floating point value of it.
    case number
    /// A string.
    case string
    /// An array.
    case array
    /// An object.
    case object
}

/// A range of a scanner's bytes: a key, a string after unescaping, or a number's text.
///
/// Valid for the scanner it came from until that scanner's next scan; a stale range reads other text, never
/// memory that is not the scanner's.
public struct JSONText: Hashable, Sendable, BitwiseCopyable {
    /// The first byte. For a string it is the byte after the opening quote, in the input as well.
    public let offset: UInt32
    /// How many bytes, after unescaping.
    public let byteCount: UInt32

    /// No bytes, as the key of an array's element.
    static let none = JSONText(offset: 0, byteCount: 0)
}

/// One value of a scanned document. Nodes lie in document order, a container before what it holds.
public struct JSONNode: Sendable, BitwiseCopyable {
    /// The key, empty for the root and for elements of arrays.
    public let key: JSONText
    /// A string's unescaped bytes or a number's text; empty for other kinds.
    public internal(set) var text: JSONText
    /// Where the value begins in the input, in bytes.
    public let offset: UInt32
    /// The index of the first node that is not inside this one.
    public internal(set) var end: UInt32
    /// What it is.
    public let kind: JSONKind
}

/// The indices of a container's direct members or elements, in document order.
public struct JSONChildren: Sequence, IteratorProtocol, Sendable {
    let nodes: [JSONNode]
    var index: Int
    let end: Int

    /// The next child's index.
    public mutating func next() -> Int? {
        guard index < end else { return nil }
        defer { index = Int(nodes[index].end) }
        return index
    }
}
