import StrictJSON

/// A field in which two policies differ.
public struct PolicyDifference: Sendable, Equatable {
    /// Its path in the canonical form: `commission.levels[0].ratePpm`. Elements of an array that have a name
    /// go by it: `tiers.levels[PRO].threshold`.
    public let field: String
    /// The value in the first policy, as JSON; nil: it has none there.
    public let before: String?
    /// The value in the second policy, as JSON; nil: it has none there.
    public let after: String?
}

extension Policy {
    /// The fields in which another policy differs, in the order of the canonical form; empty when the two are
    /// equal. An element or member that only one of them has is told as a whole.
    ///
    /// Elements with a name are told apart by it, others by their place; a mere change of the order of named
    /// elements is a change of the array as a whole.
    public func differences(to other: Policy) -> [PolicyDifference] {
        guard let mine = try? JSONValue.parse(canonicalJSON()),
            let theirs = try? JSONValue.parse(other.canonicalJSON())
        else { preconditionFailure("a canonical form is JSON") }
        var found: [PolicyDifference] = []
        Self.compare(mine, theirs, "", &found)
        return found
    }

    private static func compare(
        _ mine: JSONValue, _ theirs: JSONValue, _ path: String, _ found: inout [PolicyDifference]
    ) {
        if mine.text == theirs.text { return }
        let before = found.count
        switch (mine.kind, theirs.kind) {
        case (.object(let a), .object(let b)):
            let prefix = path.isEmpty ? "" : path + "."
            compare(
                a.map { (prefix + $0.key, $0.value) }, b.map { (prefix + $0.key, $0.value) }, &found)
        case (.array(let a), .array(let b)):
            if let mine = named(a, path), let theirs = named(b, path) {
                compare(mine, theirs, &found)
            } else {
                func placed(_ all: [JSONValue]) -> [(String, JSONValue)] {
                    all.enumerated().map { ("\(path)[\($0.offset)]", $0.element) }
                }
                compare(placed(a), placed(b), &found)
            }
        default: break
        }
        // Scalars, other kinds, another order.
        if found.count == before {
            found.append(PolicyDifference(field: path, before: mine.text, after: theirs.text))
        }
    }

    /// Members by path: those of the first in its order, then those that only the second has.
    private static func compare(
        _ mine: [(String, JSONValue)], _ theirs: [(String, JSONValue)], _ found: inout [PolicyDifference]
    ) {
        for (path, value) in mine {
            if let other = theirs.first(where: { $0.0 == path }) {
                compare(value, other.1, path, &found)
            } else {
                found.append(PolicyDifference(field: path, before: value.text, after: nil))
            }
        }
        for (path, value) in theirs where !mine.contains(where: { $0.0 == path }) {
            found.append(PolicyDifference(field: path, before: nil, after: value.text))
        }
    }

    /// The elements by their names; nil where one has none, or two have the same.
    private static func named(_ elements: [JSONValue], _ path: String) -> [(String, JSONValue)]? {
        var all: [(String, JSONValue)] = []
        for element in elements {
            guard case .object(let members) = element.kind,
                case .string(let name)? = members.first(where: { $0.key == "name" })?.value.kind,
                !all.contains(where: { $0.0 == "\(path)[\(name)]" })
            else { return nil }
            all.append(("\(path)[\(name)]", element))
        }
        return all
    }
}

extension JSONValue {
    /// The value as JSON without white space.
    fileprivate var text: String {
        var writer = JSONWriter()
        write(to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private func write(to writer: inout JSONWriter) {
        switch kind {
        case .null: writer.null()
        case .bool(let value): writer.bool(value)
        case .number(let text): writer.raw(text.utf8)
        case .string(let text): writer.string(text)
        case .array(let elements):
            writer.beginArray()
            for element in elements { element.write(to: &writer) }
            writer.endArray()
        case .object(let members):
            writer.beginObject()
            for member in members {
                writer.key(member.key)
                member.value.write(to: &writer)
            }
            writer.endObject()
        }
    }
}
