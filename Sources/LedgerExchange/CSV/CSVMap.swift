import LedgerDomain
import StrictJSON

/// What is wrong with a CSV map, or with a file's header under it: found before the first row.
public struct CSVMapProblem: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of problem. Raw values are stable.
    public enum Code: String, Sendable, CaseIterable {
        /// Not JSON.
        case syntax
        /// A member that a map does not have.
        case unknownMember
        /// `type` or `columns` is absent.
        case missingMember
        /// A value of another kind than its member or field takes.
        case wrongType
        /// A `type` that is no type of line.
        case unknownType
        /// A field that the type does not have, or an object's as a whole.
        case unknownField
        /// A field both in `columns` and in `constants`.
        case fieldTwice
        /// A time zone that the system does not know.
        case unknownZone
        /// A column that the file's header does not have.
        case unknownColumn
        /// A column that the map uses and the header has twice.
        case columnTwice
        /// The file has no header, or one that is not well-formed.
        case header
    }

    /// The kind of problem.
    public var code: Code
    /// The member of the map: `columns.amount`; empty where it is the map or file as a whole.
    public var member: String
    /// The line in the map's text, from 1.
    public var line: Int
    /// The column in the map's text, from 1, in Unicode scalars.
    public var column: Int
    /// One sentence for people.
    public var message: String

    /// `line 3, column 14: columns.amount: the file has no column “total”`.
    public var description: String {
        "line \(line), column \(column): \(member.isEmpty ? "" : "\(member): ")\(message)"
    }
}

/// Which column of a table becomes which field of a command line. Source: Documentation/csv-map.md.
public struct CSVMap: Sendable {
    /// Where a field's value comes from.
    enum Source: Sendable {
        /// The name of a column.
        case column(String)
        /// JSON.
        case constant([UInt8])
    }

    /// One field of every line.
    struct Entry: Sendable {
        /// As the map writes it: `signals.ip`.
        var name: String
        var path: FieldPath
        var source: Source
        /// Where the map names it.
        var line: Int
        var column: Int
    }

    /// The `type` of every line.
    public let type: String
    /// The zone in which times without offset are local; nil: there are none.
    public let zone: ZoneRules?
    /// Members of one object follow each other.
    let entries: [Entry]

    /// Reads a map and checks all of it that can be checked without the table.
    /// - Parameters:
    ///   - json: the map's text.
    ///   - loadZone: by default the system's data.
    public static func parse(
        _ json: [UInt8],
        loadZone: CommandLineDecoder.ZoneLoader = { (name) throws(ZoneProblem) in try ZoneRules.load(name) }
    ) throws(CSVMapProblem) -> CSVMap {
        try CSVMapParser(text: json).parse(loadZone)
    }
}

/// Reads one map.
private struct CSVMapParser {
    let text: [UInt8]

    func parse(_ loadZone: CommandLineDecoder.ZoneLoader) throws(CSVMapProblem) -> CSVMap {
        let root: JSONValue
        do throws(JSONError) {
            root = try JSONValue.parse(text)
        } catch {
            throw problem(.syntax, "", at: error.byteOffset, "not JSON: \(error.reason.message)")
        }
        for member in try members(root, "") {
            guard ["type", "columns", "constants", "timeZone"].contains(member.key) else {
                throw problem(.unknownMember, member.key, at: member.keyOffset, "a map has no such member")
            }
        }
        let type = try self.type(root)
        let entries = try columns(root, type) + constants(root, type)
        try refuseTwice(entries)
        return CSVMap(type: type.name, zone: try zone(root, loadZone), entries: grouped(entries))
    }

    private func type(_ root: JSONValue) throws(CSVMapProblem) -> LineType {
        guard let value = root["type"] else {
            throw problem(.missingMember, "type", at: root.offset, "required, but missing")
        }
        guard case .string(let name) = value.kind else { throw wrongKind("type", value, "a string") }
        guard let type = CommandLineDecoder.lineTypes.first(where: { $0.name == name }) else {
            throw problem(.unknownType, "type", at: value.offset, "no command “\(name)”")
        }
        return type
    }

    private func columns(_ root: JSONValue, _ type: LineType) throws(CSVMapProblem) -> [CSVMap.Entry] {
        guard let value = root["columns"] else {
            throw problem(.missingMember, "columns", at: root.offset, "required, but missing")
        }
        var entries: [CSVMap.Entry] = []
        for member in try members(value, "columns") {
            let name = "columns.\(member.key)"
            guard case .string(let column) = member.value.kind else {
                throw wrongKind(name, member.value, "a column's name")
            }
            let path = try path(member, name, type)
            if path.isObject {
                throw problem(
                    .unknownField, name, at: member.keyOffset,
                    "an object: name its fields with a dot, such as “\(member.key).x”")
            }
            entries.append(entry(member, path, .column(column)))
        }
        return entries
    }

    private func constants(_ root: JSONValue, _ type: LineType) throws(CSVMapProblem) -> [CSVMap.Entry] {
        guard let value = root["constants"] else { return [] }
        var entries: [CSVMap.Entry] = []
        for member in try members(value, "constants") {
            let name = "constants.\(member.key)"
            let path = try path(member, name, type)
            let isRight: Bool
            switch member.value.kind {
            case .string: isRight = !path.isObject && path.kind != .integer && path.kind != .list
            case .array: isRight = path.kind == .list
            case .number: isRight = path.kind == .integer && member.value.integer != nil
            case .object: isRight = path.isObject
            default: isRight = false
            }
            if !isRight { throw wrongKind(name, member.value, path.kind.description) }
            var writer = JSONWriter()
            member.value.write(to: &writer)
            entries.append(entry(member, path, .constant(writer.bytes)))
        }
        return entries
    }

    private func zone(
        _ root: JSONValue, _ loadZone: CommandLineDecoder.ZoneLoader
    ) throws(CSVMapProblem) -> ZoneRules? {
        guard let value = root["timeZone"], value.kind != .null else { return nil }
        guard case .string(let name) = value.kind else {
            throw wrongKind("timeZone", value, "a zone's name or null")
        }
        do throws(ZoneProblem) {
            return try loadZone(name)
        } catch {
            throw problem(.unknownZone, "timeZone", at: value.offset, "\(error)")
        }
    }

    private func refuseTwice(_ entries: [CSVMap.Entry]) throws(CSVMapProblem) {
        for (index, entry) in entries.enumerated() {
            for other in entries[..<index] where other.path.head == entry.path.head {
                // Two members of one object are two fields; a member and the whole are not.
                guard other.path.member == nil || entry.path.member == nil || other.name == entry.name else {
                    continue
                }
                throw CSVMapProblem(
                    code: .fieldTwice, member: "constants.\(entry.name)", line: entry.line,
                    column: entry.column, message: "“\(other.name)” has a value already")
            }
        }
    }

    private func grouped(_ entries: [CSVMap.Entry]) -> [CSVMap.Entry] {
        var grouped: [CSVMap.Entry] = []
        for entry in entries {
            let place = grouped.lastIndex { $0.path.head == entry.path.head }.map { $0 + 1 } ?? grouped.count
            grouped.insert(entry, at: place)
        }
        return grouped
    }

    // MARK: Members

    private func members(_ value: JSONValue, _ name: String) throws(CSVMapProblem) -> [JSONValue.Member] {
        guard case .object(let members) = value.kind else { throw wrongKind(name, value, "an object") }
        return members
    }

    private func path(
        _ member: JSONValue.Member, _ name: String, _ type: LineType
    ) throws(CSVMapProblem) -> FieldPath {
        if let path = FieldPath(member.key, in: type) { return path }
        throw problem(
            .unknownField, name, at: member.keyOffset, "\(type.name) has no field “\(member.key)”")
    }

    private func entry(
        _ member: JSONValue.Member, _ path: FieldPath, _ source: CSVMap.Source
    ) -> CSVMap.Entry {
        let place = JSONPosition(byteOffset: member.keyOffset, in: text.span)
        return CSVMap.Entry(
            name: member.key, path: path, source: source, line: place.line, column: place.column)
    }

    private func wrongKind(_ member: String, _ value: JSONValue, _ due: String) -> CSVMapProblem {
        problem(.wrongType, member, at: value.offset, "\(due) is due, not \(value.kindName)")
    }

    private func problem(
        _ code: CSVMapProblem.Code, _ member: String, at offset: Int, _ message: String
    ) -> CSVMapProblem {
        let place = JSONPosition(byteOffset: offset, in: text.span)
        return CSVMapProblem(
            code: code, member: member, line: place.line, column: place.column, message: message)
    }
}

extension JSONValue {
    /// Writes the value without white space, members in their order.
    fileprivate func write(to writer: inout JSONWriter) {
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
