import LedgerDomain
import StrictJSON

/// Why a CSV table cannot be read at all.
public enum CSVProblem: Error, Sendable, Equatable {
    /// The map, or the header under it.
    case map(CSVMapProblem)
    /// The system.
    case read(ReadProblem)
}

/// Commands out of the rows of a CSV table: each row is put into the JSON form of its line and decoded as
/// one. Source: Documentation/csv-map.md.
///
/// Isolation: a value for one task at a time; a copy reads from the same descriptor, so make none.
public struct CSVCommandReader: CommandSource, Sendable {
    private enum Value: Sendable {
        case cell(Int)
        case constant([UInt8])
    }

    private struct Field: Sendable {
        var name: String
        var path: FieldPath
        var value: Value
    }

    private let type: String
    private let zone: ZoneRules?
    private let fields: [Field]
    private let columnCount: Int
    private var rows: CSVRowReader
    private var decoder: CommandLineDecoder
    private var composer = LineComposer()
    /// ``skip(through:)`` has to read one row too many: the next one.
    private var isAhead = false

    /// Makes a reader and reads the header.
    /// - Parameters:
    ///   - descriptor: open for reading, at the table's beginning; stays the caller's, to close.
    ///   - map: which column becomes which field.
    ///   - decoder: knows the assets of lines without `currency`.
    ///   - stopsAfterSignal: as for ``LineReader``.
    public init(
        descriptor: Int32, map: CSVMap, decoder: CommandLineDecoder,
        stopsAfterSignal: @escaping @Sendable () -> Bool = { false }
    ) throws(CSVProblem) {
        var rows = CSVRowReader(
            descriptor: descriptor, limit: CommandLineDecoder.maximumLineBytes,
            stopsAfterSignal: stopsAfterSignal)
        let hasHeader: Bool
        do throws(ReadProblem) { hasHeader = try rows.next() } catch { throw .read(error) }
        if !hasHeader { throw .map(Self.header("the file has no header")) }
        if let problem = rows.problem { throw .map(Self.header("the header: \(problem)")) }
        let names = (0..<rows.cellCount).map { String(decoding: rows.cell($0), as: UTF8.self) }
        var fields: [Field] = []
        for entry in map.entries {
            switch entry.source {
            case .constant(let json):
                fields.append(Field(name: entry.name, path: entry.path, value: .constant(json)))
            case .column(let column):
                let index: Int
                do throws(CSVMapProblem) {
                    index = try Self.index(of: column, in: names, entry)
                } catch {
                    throw .map(error)
                }
                fields.append(Field(name: entry.name, path: entry.path, value: .cell(index)))
            }
        }
        self.type = map.type
        self.zone = map.zone
        self.fields = fields
        self.columnCount = names.count
        self.rows = rows
        self.decoder = decoder
    }

    private static func header(_ message: String) -> CSVMapProblem {
        CSVMapProblem(code: .header, member: "", line: 1, column: 1, message: message)
    }

    private static func index(
        of column: String, in names: [String], _ entry: CSVMap.Entry
    ) throws(CSVMapProblem) -> Int {
        // Names are compared as bytes, like ids.
        let matches = names.indices.filter { names[$0].utf8.elementsEqual(column.utf8) }
        if matches.count == 1 { return matches[0] }
        throw CSVMapProblem(
            code: matches.isEmpty ? .unknownColumn : .columnTwice, member: "columns.\(entry.name)",
            line: entry.line, column: entry.column,
            message: matches.isEmpty
                ? "the file has no column “\(column)”" : "the file has two columns “\(column)”")
    }

    // MARK: CommandSource

    /// See ``CommandSource/next()``.
    public mutating func next() throws(ReadProblem) -> SourceLine? {
        if isAhead {
            isAhead = false
        } else if try !rows.next() {
            return nil
        }
        do throws(LineProblem) {
            return SourceLine(number: rows.number, result: .success(try command()))
        } catch {
            return SourceLine(number: rows.number, result: .failure(error))
        }
    }

    /// See ``CommandSource/skip(through:)``.
    public mutating func skip(through line: UInt64) throws(ReadProblem) -> UInt64 {
        var count: UInt64 = 0
        while true {
            if !isAhead, try !rows.next() { return count }
            isAhead = rows.number > line
            if isAhead { return count }
            count += 1
        }
    }

    /// See ``CommandSource/text``.
    public var text: ArraySlice<UInt8> { rows.text }

    // MARK: Rows

    private mutating func command() throws(LineProblem) -> Command {
        if let problem = rows.problem { throw problem }
        guard rows.cellCount == columnCount else {
            throw LineProblem(
                .csvCellCount, column: 1, "\(rows.cellCount) cells where the header has \(columnCount)")
        }
        composer.begin(type: type)
        for field in fields {
            switch field.value {
            case .constant(let json): composer.append(field.path.head, member: field.path.member, json: json)
            case .cell(let index): try append(field, cell: index)
            }
        }
        composer.end()
        let line = composer.writer.bytes
        do throws(LineFault) {
            return try unsafe line.span.withUnsafeBufferPointer { (bytes) throws(LineFault) in
                try unsafe decoder.decodeUnbounded(bytes)
            }
        } catch {
            throw LineProblem(error.code, field: error.field, column: column(of: error.field), error.message)
        }
    }

    /// An empty cell is an absent field.
    private mutating func append(_ field: Field, cell index: Int) throws(LineProblem) {
        let cell = rows.cell(index)
        if cell.isEmpty { return }
        if let zone, field.path.kind == .time, let moment = try moment(cell, in: zone, field.name) {
            composer.append(field.path.head, member: nil, json: Array("\"\(moment)\"".utf8))
            return
        }
        unsafe cell.withUnsafeBufferPointer {
            unsafe composer.append(
                field.path.head, member: field.path.member, kind: field.path.kind, text: $0)
        }
    }

    /// A local time's moment, or nil where the cell is none: it then has to carry its offset.
    private func moment(
        _ cell: ArraySlice<UInt8>, in zone: ZoneRules, _ name: String
    ) throws(LineProblem) -> Timestamp? {
        do throws(TimestampProblem) {
            let local = try unsafe cell.span.withUnsafeBufferPointer { (utf8) throws(TimestampProblem) in
                try unsafe LocalDateTime(utf8)
            }
            return try local.moment(in: zone)
        } catch {
            if error == .notLocalDateTime { return nil }
            throw LineProblem(
                error == .outOfRange ? .timeOutOfRange : .timeInvalid, field: name, column: column(of: name),
                "\(name): no time in \(zone.name): \(error.message)")
        }
    }

    private func column(of field: String?) -> Int {
        for candidate in fields where candidate.name == field {
            if case .cell(let index) = candidate.value { return rows.column(ofCell: index) }
        }
        return 1
    }
}
