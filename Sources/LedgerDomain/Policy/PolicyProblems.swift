/// One thing that is wrong with a policy's text.
public struct PolicyProblem: Equatable, Sendable, CustomStringConvertible {
    /// The kind of problem. Raw values are stable.
    public enum Code: String, Sendable, CaseIterable {
        /// Not JSON; nothing else is told about the text then.
        case syntax
        /// A field that no rule reads.
        case unknownField
        /// A required field is absent.
        case missingField
        /// A value of another kind than its field takes.
        case wrongType
        /// A number outside its field's range.
        case outOfRange
        /// A value that its field does not take.
        case invalidValue
    }

    /// The kind of problem.
    public var code: Code
    /// The line, from 1.
    public var line: Int
    /// The column, from 1, in Unicode scalars.
    public var column: Int
    /// Where in the document: `$.commission.levels[1].ratePpm`.
    public var path: String
    /// What is wrong, for a person.
    public var reason: String
    /// What was probably meant: a field, as a name in the same object or as a path from `$`, or an asset's
    /// code.
    public var suggestion: String?

    /// `line 3, column 5: $.codes.lenght: unknown field; did you mean “length”?`
    public var description: String {
        let hint = suggestion.map { "; did you mean “\($0)”?" } ?? ""
        return "line \(line), column \(column): \(path): \(reason)\(hint)"
    }
}

/// Everything that is wrong with a policy's text, in the order of the text. Never empty when thrown.
public struct PolicyProblems: Error, Equatable, Sendable, CustomStringConvertible {
    /// The problems.
    public var problems: [PolicyProblem]

    /// One line a problem.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
