import StrictJSON

/// An object of a policy's text; what the text leaves out is an object without a value.
struct PolicyObject {
    /// `$.commission.levels[1]`
    var path: String
    var value: JSONValue?
    /// Where to point when a field is missing.
    var offset: Int
}

/// Reads fields and gathers every problem instead of stopping at the first: a field that is wrong counts as
/// its default.
struct PolicyReader {
    private let bytes: [UInt8]
    private var found: [(offset: Int, problem: PolicyProblem)] = []

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// What was found, in the order of the text.
    var problems: [PolicyProblem] {
        // Offsets may be equal, and sorting keeps no order of its own.
        found.enumerated().sorted { ($0.element.offset, $0.offset) < ($1.element.offset, $1.offset) }
            .map(\.element.problem)
    }

    mutating func report(
        _ code: PolicyProblem.Code, at offset: Int, path: String, _ reason: String, suggestion: String? = nil
    ) {
        let position = JSONPosition(byteOffset: offset, in: bytes.span)
        found.append(
            (
                offset,
                PolicyProblem(
                    code: code, line: position.line, column: position.column, path: path, reason: reason,
                    suggestion: suggestion)
            ))
    }

    // MARK: Objects

    /// The whole document.
    mutating func root(_ value: JSONValue) -> PolicyObject {
        object(value, path: "$", offset: value.offset, fields: "$")
    }

    /// A member that is an object; when it is absent, its fields take their defaults.
    mutating func group(_ name: String, of parent: PolicyObject) -> PolicyObject {
        let path = "\(parent.path).\(name)"
        guard let value = parent.value?[name] else {
            return PolicyObject(path: path, value: nil, offset: parent.offset)
        }
        return object(value, path: path, offset: value.offset, fields: path)
    }

    /// An object whose fields are those listed under `fields`; others are problems.
    mutating func object(_ value: JSONValue, path: String, offset: Int, fields: String) -> PolicyObject {
        guard case .object(let members) = value.kind else {
            report(.wrongType, at: offset, path: path, "an object is due, not \(value.kindName)")
            return PolicyObject(path: path, value: nil, offset: offset)
        }
        let known = PolicyFields.names(at: fields)
        for member in members where !known.contains(member.key) {
            report(
                .unknownField, at: member.keyOffset, path: "\(path).\(member.key)", "unknown field",
                suggestion: PolicyFields.suggestion(for: member.key, at: fields))
        }
        return PolicyObject(path: path, value: value, offset: offset)
    }

    // MARK: Fields

    /// The value of a field, or nil, which is a problem when the field is required: not in an object that
    /// is itself no object or missing, which is one problem already.
    mutating func field(_ name: String, of object: PolicyObject, isRequired: Bool) -> JSONValue? {
        if let value = object.value?[name] { return value }
        if isRequired, object.value != nil { reportMissing(name, of: object) }
        return nil
    }

    mutating func reportMissing(_ name: String, of object: PolicyObject) {
        report(.missingField, at: object.offset, path: "\(object.path).\(name)", "required, but missing")
    }

    /// A whole number; required when there is no default.
    mutating func integer(
        _ name: String, of object: PolicyObject, in range: ClosedRange<Int>, default fallback: Int? = nil
    ) -> Int {
        let value = field(name, of: object, isRequired: fallback == nil)
        let otherwise = fallback ?? range.lowerBound
        guard let value else { return otherwise }
        return integer(value, path: "\(object.path).\(name)", in: range, due: "a whole number") ?? otherwise
    }

    /// A whole number or `null`.
    mutating func optionalInteger(
        _ name: String, of object: PolicyObject, in range: ClosedRange<Int>, default fallback: Int?
    ) -> Int? {
        guard let value = field(name, of: object, isRequired: false) else { return fallback }
        if value.kind == .null { return nil }
        let due = "a whole number or null"
        return integer(value, path: "\(object.path).\(name)", in: range, due: due) ?? fallback
    }

    private mutating func integer(
        _ value: JSONValue, path: String, in range: ClosedRange<Int>, due: String
    ) -> Int? {
        guard case .number(let text) = value.kind else {
            report(.wrongType, at: value.offset, path: path, "\(due) is due, not \(value.kindName)")
            return nil
        }
        if let number = value.integer, range.contains(Int(number)) { return Int(number) }
        let isWhole = text.utf8.allSatisfy { $0 == UInt8(ascii: "-") || 0x30...0x39 ~= $0 }
        report(
            isWhole ? .outOfRange : .wrongType, at: value.offset, path: path,
            isWhole
                ? "\(text) is not in \(range.lowerBound) to \(range.upperBound)"
                : "\(due) is due, not \(text)")
        return nil
    }

    /// `true` or `false`.
    mutating func bool(_ name: String, of object: PolicyObject, default fallback: Bool) -> Bool {
        guard let value = field(name, of: object, isRequired: false) else { return fallback }
        if case .bool(let bool) = value.kind { return bool }
        report(
            .wrongType, at: value.offset, path: "\(object.path).\(name)",
            "true or false is due, not \(value.kindName)")
        return fallback
    }

    /// A string that `problem` finds nothing wrong with; required when there is no default.
    mutating func string(
        _ name: String, of object: PolicyObject, default fallback: String? = nil,
        problem: (String) -> String?
    ) -> String {
        let otherwise = fallback ?? ""
        guard let value = field(name, of: object, isRequired: fallback == nil) else { return otherwise }
        let path = "\(object.path).\(name)"
        guard case .string(let text) = value.kind else {
            report(.wrongType, at: value.offset, path: path, "a string is due, not \(value.kindName)")
            return otherwise
        }
        if let reason = problem(text) {
            report(.invalidValue, at: value.offset, path: path, reason)
            return otherwise
        }
        return text
    }

    /// One of some names. A required one has a default too, for the rest of the reading.
    mutating func choice<Value>(
        _ name: String, of object: PolicyObject, among choices: [(name: String, value: Value)],
        default fallback: Value, isRequired: Bool = false
    ) -> Value {
        let names = choices.map(\.name).joined(separator: ", ")
        let text = string(name, of: object, default: isRequired ? nil : "") { text in
            choices.contains { $0.name == text } ? nil : "“\(text)” is none of \(names)"
        }
        return choices.first { $0.name == text }?.value ?? fallback
    }

    /// One of some names or `null`.
    mutating func optionalChoice<Value>(
        _ name: String, of object: PolicyObject, among choices: [(name: String, value: Value)],
        default fallback: Value
    ) -> Value? {
        if object.value?[name]?.kind == .null { return nil }
        return choice(name, of: object, among: choices, default: fallback)
    }
}
