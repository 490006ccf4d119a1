/// A JSON document as a tree, for small texts that a person writes, such as policies.
///
/// Members keep their order, numbers their text, and every value knows where it stood, so that a rule about
/// the content can name a line and a column as well as a rule about the grammar.
public struct JSONValue: Sendable, Equatable {
    /// What a value is.
    public indirect enum Kind: Sendable, Equatable {
        /// `null`
        case null
        /// `true` or `false`
        case bool(Bool)
        /// A number's text.
        case number(String)
        /// A string, unescaped.
        case string(String)
        /// An array's elements.
        case array([JSONValue])
        /// An object's members, in the order of the text; no two keys are equal.
        case object([Member])
    }

    /// A member of an object.
    public struct Member: Sendable, Equatable {
        /// The key, unescaped.
        public var key: String
        /// Where the key's opening quote stood, in bytes from the start of the text.
        public var keyOffset: Int
        /// The value.
        public var value: JSONValue

        /// Makes a member.
        public init(key: String, keyOffset: Int, value: JSONValue) {
            self.key = key
            self.keyOffset = keyOffset
            self.value = value
        }
    }

    /// What it is.
    public var kind: Kind
    /// Where it began, in bytes from the start of the text.
    public var offset: Int

    /// Makes a value.
    public init(_ kind: Kind, offset: Int) {
        self.kind = kind
        self.offset = offset
    }

    /// Parses a whole document, of any kind.
    /// - Throws: what is wrong first, with its place.
    public static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        var scanner = JSONObjectScanner()
        try unsafe bytes.span.withUnsafeBufferPointer { (input) throws(JSONError) in
            try unsafe scanner.scanDocument(input, objectOnly: false)
        }
        return JSONValue(node: 0, of: scanner)
    }

    private init(node index: Int, of scanner: JSONObjectScanner) {
        let node = scanner[index]
        let offset = Int(node.offset)
        switch node.kind {
        case .null: self.init(.null, offset: offset)
        case .true: self.init(.bool(true), offset: offset)
        case .false: self.init(.bool(false), offset: offset)
        case .number: self.init(.number(scanner.string(node.text)), offset: offset)
        case .string: self.init(.string(scanner.string(node.text)), offset: offset)
        case .array:
            let elements = scanner.members(of: index).map { JSONValue(node: $0, of: scanner) }
            self.init(.array(elements), offset: offset)
        case .object:
            let members = scanner.members(of: index).map {
                let key = scanner[$0].key
                return Member(
                    key: scanner.string(key), keyOffset: Int(key.offset) - 1,
                    value: JSONValue(node: $0, of: scanner))
            }
            self.init(.object(members), offset: offset)
        }
    }

    /// The member of that name, or nil when there is none or this is no object.
    public subscript(key: String) -> JSONValue? {
        guard case .object(let members) = kind else { return nil }
        return members.first { $0.key == key }?.value
    }

    /// A number's value when it is written as a plain integer that fits, else nil.
    public var integer: Int64? {
        guard case .number(let text) = kind else { return nil }
        return JSONInteger.parse(text.utf8)
    }

    /// The kind's name in a message to a person: `a string`, `an object` …
    public var kindName: String {
        switch kind {
        case .null: "null"
        case .bool: "true or false"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
