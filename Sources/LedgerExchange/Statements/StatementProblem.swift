/// Why a provider's statement, or the map under it, cannot be used. The whole file is refused: half a statement
/// would show as breaks what is only unreadable.
public struct StatementProblem: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of problem. Raw values are stable.
    public enum Code: String, Sendable, CaseIterable {
        /// The map is not JSON.
        case syntax
        /// A member that a map does not have.
        case unknownMember
        /// A member that a map must have is absent.
        case missingMember
        /// A value of another kind than its member takes.
        case wrongType
        /// A time zone that the system does not know.
        case unknownZone
        /// The file has no header, or one that is not well-formed.
        case header
        /// No known form of statement has such a header.
        case unknownFormat
        /// A column that the file's header does not have.
        case unknownColumn
        /// A column that is used, and that the header has twice.
        case columnTwice
        /// A row that is not well-formed: number of cells, quotes, UTF-8, length.
        case row
        /// A cell that is no amount of its currency.
        case amount
        /// A cell that is no time.
        case time
        /// A cell that is no currency.
        case currency
        /// A name of more than 255 bytes, or with control characters.
        case identifier
        /// The file cannot be read.
        case read
    }
    /// The kind of problem.
    public var code: Code
    /// Whether it is in the map, not in the statement.
    public var isInMap: Bool
    /// The line, from 1.
    public var line: UInt64
    /// The column, from 1, in Unicode scalars.
    public var column: Int
    /// The column's name in the file, or the member of the map; empty where it is the whole.
    public var field: String
    /// One sentence for people.
    public var message: String

    init(
        _ code: Code, inMap isInMap: Bool = false, line: UInt64, column: Int, field: String = "",
        _ message: String
    ) {
        self.code = code
        self.isInMap = isInMap
        self.line = line
        self.column = column
        self.field = field
        self.message = message
    }

    /// `line 3, column 14: gross: “1,5” is no amount in GBP`.
    public var description: String {
        "line \(line), column \(column): \(field.isEmpty ? "" : "\(field): ")\(message)"
    }
}
