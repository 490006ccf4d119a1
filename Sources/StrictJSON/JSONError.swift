/// Why bytes are not JSON as this module understands it, and where.
///
/// The grammar is that of RFC 8259, narrowed: duplicate keys, a byte order mark, escaped NUL and nesting past
/// ``JSONLimits/maximumDepth`` are refused as well.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong. Raw values are stable: they appear in reject files and in `--json` output.
    public enum Reason: String, Sendable, CaseIterable {
        /// Nothing but white space.
        case empty
        /// The input begins with U+FEFF (RFC 8259 §8.1 forbids writing one).
        case byteOrderMark
        /// A byte that cannot stand here.
        case unexpectedByte
        /// The input ends inside a value.
        case truncated
        /// Not well-formed UTF-8 (Unicode 15, table 3-7).
        case invalidUTF8
        /// A raw control character, U+0001 to U+001F, inside a string.
        case controlCharacter
        /// NUL in a string, raw or as `\u0000`.
        case nulCharacter
        /// An escape that RFC 8259 §7 does not know.
        case invalidEscape
        /// Half of a surrogate pair.
        case loneSurrogate
        /// A number that RFC 8259 §6 does not allow, such as `01`, `1.` or `-`.
        case invalidNumber
        /// A key that its object already has, compared after unescaping.
        case duplicateKey
        /// Nested deeper than ``JSONLimits/maximumDepth``.
        case tooDeep
        /// Something after the value.
        case trailingBytes
        /// The value is not an object where an object is due.
        case notAnObject
        /// Longer than ``JSONLimits/maximumByteCount``.
        case tooLong

        /// Half a sentence for people, to stand behind a place or a colon.
        public var message: String {
            switch self {
            case .empty: "there is nothing but white space"
            case .byteOrderMark: "it begins with a byte order mark: save it as UTF-8 without one"
            case .unexpectedByte: "this character cannot stand here"
            case .truncated: "it ends in the middle of a value"
            case .invalidUTF8: "this is not well-formed UTF-8"
            case .controlCharacter: "a string holds a raw control character"
            case .nulCharacter: "a string holds NUL"
            case .invalidEscape: "a backslash is followed by something that it cannot escape"
            case .loneSurrogate: "half of a surrogate pair is missing"
            case .invalidNumber: "this is not a number as JSON writes them"
            case .duplicateKey: "a name stands twice in one object"
            case .tooDeep: "arrays and objects are nested deeper than \(JSONLimits.maximumDepth)"
            case .trailingBytes: "something follows the value"
            case .notAnObject: "an object, in braces, is due"
            case .tooLong: "it is longer than \(JSONLimits.maximumByteCount) bytes"
            }
        }
    }

    /// What is wrong.
    public var reason: Reason
    /// Where, in bytes from the start of the input; the input's length for ``Reason/truncated``.
    public var byteOffset: Int
    /// Where, for a person.
    public var position: JSONPosition

    /// The line, from 1.
    public var line: Int { position.line }
    /// The column, from 1, in Unicode scalars.
    public var column: Int { position.column }

    /// Makes an error whose position is already known.
    public init(reason: Reason, byteOffset: Int, position: JSONPosition) {
        self.reason = reason
        self.byteOffset = byteOffset
        self.position = position
    }

    /// `line 3, column 14: a name stands twice in one object`.
    public var description: String { "line \(line), column \(column): \(reason.message)" }
}

/// Fixed bounds of the scanner.
public enum JSONLimits {
    /// How deep arrays and objects may nest; the outermost counts as 1.
    public static let maximumDepth = 32
    /// The longest input, in bytes (1 GiB). Callers set smaller bounds of their own.
    public static let maximumByteCount = 1 << 30
}

/// A place in a text, as editors count it.
public struct JSONPosition: Hashable, Sendable {
    /// The line, from 1; lines end with U+000A.
    public var line: Int
    /// The column, from 1, in Unicode scalars.
    public var column: Int

    /// Makes a position.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// The place of a byte. Cost: one pass over the bytes before it.
    /// - Parameters:
    ///   - byteOffset: clamped to the text.
    ///   - bytes: the text as it was given to the scanner.
    public init(byteOffset: Int, in bytes: Span<UInt8>) {
        var line = 1
        var column = 1
        for index in 0..<max(0, min(byteOffset, bytes.count)) {
            let byte = bytes[index]
            if byte == 0x0A {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        self.init(line: line, column: column)
    }
}
