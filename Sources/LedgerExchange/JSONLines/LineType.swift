/// A kind of input line and its fields: one row of the table that the decoder, the `record` verb, CSV maps
/// and the documentation go by.
public struct LineType: Sendable, Equatable {
    /// The value of the line's `type`.
    public let name: String
    /// What it does, in one sentence.
    public let summary: String
    /// Its own fields in the order of the canonical line, then those of the envelope. `type` is not listed.
    public let fields: [LineField]
    /// A line of this type that the decoder takes.
    public let example: String

    /// The field of that name, or nil.
    public func field(_ name: String) -> LineField? { fields.first { $0.name == name } }
}

/// A field of an input line.
public struct LineField: Sendable, Equatable {
    /// What a field's JSON value must be.
    public enum Kind: Sendable, Equatable {
        /// A string: an id, a code, a name.
        case text
        /// A string that is one of these.
        case choice([String])
        /// A string, RFC 3339: `2010-12-01T08:26:00Z`.
        case time
        /// A string, decimal, with at most as many fraction digits as the currency has: `"139.12"`.
        case amount
        /// A string, an asset's code: `GBP`.
        case currency
        /// A whole number.
        case integer
        /// A string, decimal, above zero: `"1.0825"`.
        case rate
        /// An array of strings.
        case list
        /// An object whose members are strings of these names.
        case texts([String])
        /// An object of any content.
        case object
        /// An object: a policy in its JSON form.
        case policy

        /// For people: `text`, `decimal string` …
        public var description: String {
            switch self {
            case .text: "text"
            case .choice(let names): names.map { "`\($0)`" }.joined(separator: ", ")
            case .time: "time"
            case .amount: "decimal string"
            case .currency: "currency code"
            case .integer: "whole number"
            case .rate: "decimal string"
            case .list: "array of texts"
            case .texts(let names): "object of " + names.map { "`\($0)`" }.joined(separator: ", ")
            case .object: "object"
            case .policy: "policy"
            }
        }
    }

    /// The name in the line, camelCase.
    public let name: String
    /// What its value must be.
    public let kind: Kind
    /// Whether a line without it is refused by the decoder.
    public let isRequired: Bool
    /// What it means, for people.
    public let note: String
    let id: FieldID

    init(_ id: FieldID, _ kind: Kind, isRequired: Bool = false, _ note: String) {
        self.id = id
        self.kind = kind
        self.isRequired = isRequired
        self.note = note
        name = id.name
    }
}

extension LineType {
    /// The table as Markdown, one section a type, in the order of ``CommandLineDecoder/lineTypes``.
    public static func markdown() -> String {
        var text = ""
        for type in CommandLineDecoder.lineTypes {
            text += "### \(type.name)\n\n\(type.summary)\n\n```json\n\(type.example)\n```\n\n"
            text += "| field | value | required | meaning |\n|---|---|---|---|\n"
            for field in type.fields {
                let required = field.isRequired ? "yes" : "no"
                text += "| `\(field.name)` | \(field.kind.description) | \(required) | \(field.note) |\n"
            }
            text += "\n"
        }
        return text
    }
}

/// What the decoder needs of a type: the same table as masks.
struct LineShape: Sendable {
    let name: String
    let nameBytes: [UInt8]
    let allowed: FieldSet
    let required: FieldSet

    static let all = CommandLineDecoder.lineTypes.map(LineShape.init)

    private init(_ type: LineType) {
        name = type.name
        nameBytes = Array(type.name.utf8)
        allowed = FieldSet(type.fields.map(\.id)).union(FieldSet(.type))
        required = FieldSet(type.fields.filter(\.isRequired).map(\.id))
    }
}
