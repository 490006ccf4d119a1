import LedgerDomain
import StrictJSON

/// Puts fields that came as texts (a CSV row, the options of a verb) into the JSON form of a line, so that
/// one decoder judges them all.
struct LineComposer: Sendable {
    private(set) var writer = JSONWriter()
    /// The object that is open inside the line's own.
    private var group: String?

    /// Begins a line of a type and forgets the one before.
    mutating func begin(type: String) {
        writer.removeAll()
        group = nil
        writer.beginObject()
        writer.member("type", type)
    }

    /// Ends the line.
    mutating func end() {
        if group != nil { writer.endObject() }
        writer.endObject()
    }

    /// Begins a member; those of one `head` with a `member` must follow each other.
    private mutating func key(_ head: String, member: String?) {
        if group != nil, group != head || member == nil {
            writer.endObject()
            group = nil
        }
        if let member {
            if group == nil {
                writer.key(head)
                writer.beginObject()
                group = head
            }
            writer.key(member)
        } else {
            writer.key(head)
        }
    }

    /// A member from text; of an array, its one element. A whole number stays text when it is none: the
    /// decoder says what is due.
    mutating func append(
        _ head: String, member: String?, kind: LineField.Kind, text: UnsafeBufferPointer<UInt8>
    ) {
        key(head, member: member)
        if kind == .integer, unsafe Self.isInteger(text) {
            writer.raw(unsafe Array(text))
        } else if kind == .list {
            writer.beginArray()
            unsafe writer.string(text)
            writer.endArray()
        } else {
            unsafe writer.string(text)
        }
    }

    /// A member that is an array of strings.
    mutating func append(_ head: String, list: [String]) {
        key(head, member: nil)
        writer.beginArray()
        for text in list { writer.string(text) }
        writer.endArray()
    }

    /// A member from JSON that has been checked.
    mutating func append(_ head: String, member: String?, json: [UInt8]) {
        key(head, member: member)
        writer.raw(json)
    }

    /// Whether JSON would take the text as a whole number.
    static func isInteger(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let digits = unsafe text.first == UInt8(ascii: "-") ? text.dropFirst() : text[...]
        guard let first = unsafe digits.first, unsafe digits.allSatisfy({ 0x30...0x39 ~= $0 }) else {
            return false
        }
        return unsafe first != UInt8(ascii: "0") || (digits.count == 1 && text.count == 1)
    }
}

/// A field by its written name, `amount` or `signals.ip`, in one type of line.
struct FieldPath: Sendable, Equatable {
    /// The field of the line.
    var head: String
    /// The member of the object that it is, or nil.
    var member: String?
    /// What a text for it becomes.
    var kind: LineField.Kind

    /// Finds a field.
    /// - Returns: nil where the type has none of that name.
    init?(_ name: String, in type: LineType) {
        let dot = name.utf8.firstIndex(of: UInt8(ascii: "."))
        head = String(name[..<(dot ?? name.endIndex)])
        guard let field = type.field(head) else { return nil }
        guard let dot else {
            kind = field.kind
            return
        }
        let member = String(name[name.utf8.index(after: dot)...])
        switch field.kind {
        case .texts(let names) where names.contains(member): break
        case .object where !member.isEmpty: break
        default: return nil
        }
        self.member = member
        kind = .text
    }

    /// Whether its value is an object, which no plain text can give.
    var isObject: Bool {
        switch kind {
        case .texts, .object, .policy: true
        default: false
        }
    }
}

extension CommandLineDecoder {
    /// Decodes a command whose fields come as texts, as the `record` verb has them: with the checks of a
    /// line. A field of an object is named with a dot (`signals.ip`); an object as a whole is JSON. An array
    /// is its field given again for each element, so that no character parts them.
    /// - Throws: problems with column 1; the field's name says where.
    public mutating func decode(
        type name: String, fields: [(name: String, text: String)]
    ) throws(LineProblem) -> Command {
        guard let type = Self.lineTypes.first(where: { $0.name == name }) else {
            throw LineProblem(.typeUnknown, field: "type", column: 1, "no command “\(name)”")
        }
        var paths: [(path: FieldPath, text: String)] = []
        var seen: Set<String> = []
        var lists: [String: [String]] = [:]
        for (field, text) in fields {
            guard let path = FieldPath(field, in: type) else {
                throw LineProblem(.fieldUnknown, field: field, column: 1, "\(name) has no field “\(field)”")
            }
            let isWhole = path.member == nil
            if path.kind == .list {
                lists[path.head, default: []].append(text)
                if seen.insert(field).inserted { paths.append((path, text)) }
                continue
            }
            if !seen.insert(field).inserted
                || paths.contains(where: {
                    $0.path.head == path.head && (isWhole || $0.path.member == nil)
                })
            {
                throw LineProblem(.jsonDuplicateKey, field: field, column: 1, "“\(field)” is given twice")
            }
            // Members of one object stand together.
            let place = paths.lastIndex { $0.path.head == path.head }.map { $0 + 1 } ?? paths.count
            paths.insert((path, text), at: place)
        }
        var composer = LineComposer()
        composer.begin(type: name)
        for (path, text) in paths {
            if let list = lists[path.head] {
                composer.append(path.head, list: list)
            } else {
                try Self.append(path, text, to: &composer)
            }
        }
        composer.end()
        let line = composer.writer.bytes
        if line.count > Self.maximumLineBytes { throw .tooLong }
        do throws(LineFault) {
            return try unsafe line.span.withUnsafeBufferPointer { (bytes) throws(LineFault) in
                try unsafe decodeUnbounded(bytes)
            }
        } catch {
            throw LineProblem(error.code, field: error.field, column: 1, error.message)
        }
    }

    private static func append(
        _ path: FieldPath, _ text: String, to composer: inout LineComposer
    ) throws(LineProblem) {
        var text = text
        guard path.isObject else {
            text.withUTF8 {
                unsafe composer.append(path.head, member: path.member, kind: path.kind, text: $0)
            }
            return
        }
        let json = Array(text.utf8)
        do throws(JSONError) {
            _ = try JSONValue.parse(json)
        } catch {
            throw LineProblem(
                .jsonInvalid, field: path.head, column: error.column,
                "\(path.head): not JSON: \(error.reason.message)")
        }
        composer.append(path.head, member: nil, json: json)
    }
}
