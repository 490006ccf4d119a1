import LedgerDomain
import ReferralLedger

/// Reads a provider's statement whole. A row that cannot be read refuses the file.
///
/// ```swift
/// let statement = try StatementReader.read(descriptor, digest: FileDigest.sha256(path: path))
/// let report = try ledger.current.reconcile(statement)
/// ```
/// Memory: about 300 bytes a line.
public enum StatementReader {
    /// Reads a statement.
    /// - Parameters:
    ///   - descriptor: Open for reading, at the file's beginning; stays the caller's, to close.
    ///   - digest: SHA-256 of the file, and of the map's text where there is one; hexadecimal.
    ///   - map: Which column is what; nil: the form is recognised by the header.
    ///   - provider: In place of the name that the form gives, such as `stripe`.
    public static func read(
        _ descriptor: Int32, digest: String, map: StatementMap? = nil, provider: String? = nil
    ) throws(StatementProblem) -> ProviderStatement {
        var rows = CSVRowReader(
            descriptor: descriptor, limit: CommandLineDecoder.maximumLineBytes, stopsAfterSignal: { false })
        guard try next(&rows) else {
            throw StatementProblem(.header, line: 1, column: 1, "the file has no header")
        }
        let header = (0..<rows.cellCount).map { String(decoding: rows.cell($0), as: UTF8.self) }
        var used: StatementMap
        if let map {
            used = map
            if let provider { used.provider = provider }
        } else if let known = try StatementMap.recognised(header, provider: provider) {
            used = known
        } else {
            throw StatementProblem(
                .unknownFormat, line: 1, column: 1,
                "no known form of statement has these columns; known are "
                    + StatementMap.knownFormats.joined(separator: ", ") + ", others need a map")
        }
        let reader = StatementRows(used, try Self.indices(used, header), header)
        var lines: [ProviderLine] = []
        while try next(&rows) {
            guard rows.cellCount == header.count else {
                throw StatementProblem(
                    .row, line: rows.number, column: 1,
                    "\(rows.cellCount) cells where the header has \(header.count)")
            }
            if let line = try reader.line(rows) { lines.append(line) }
        }
        return ProviderStatement(
            provider: used.provider, format: used.format, digest: digest, lines: lines, covers: used.covers)
    }

    private static func next(_ rows: inout CSVRowReader) throws(StatementProblem) -> Bool {
        let isThere: Bool
        do throws(ReadProblem) { isThere = try rows.next() } catch {
            throw StatementProblem(.read, line: max(1, rows.number), column: 1, "cannot be read: \(error)")
        }
        if isThere, let problem = rows.problem {
            throw StatementProblem(
                rows.number == 1 ? .header : .row, line: rows.number, column: problem.column, problem.message)
        }
        return isThere
    }

    /// Places of the columns of each field.
    private static func indices(
        _ map: StatementMap, _ header: [String]
    ) throws(StatementProblem) -> [StatementMap.Field: [Int]] {
        var out: [StatementMap.Field: [Int]] = [:]
        for field in StatementMap.Field.allCases {
            for column in map.columns[field] ?? [] {
                let found = header.indices.filter { header[$0].utf8.elementsEqual(column.utf8) }
                if found.count > 1 {
                    throw StatementProblem(
                        .columnTwice, line: 1, column: 1, field: column,
                        "the file has two columns of this name")
                }
                if let index = found.first {
                    out[field, default: []].append(index)
                } else if map.isStrict {
                    let place = map.places[column] ?? (1, 1)
                    throw StatementProblem(
                        .unknownColumn, inMap: true, line: place.line, column: place.column,
                        field: "columns.\(field.rawValue)", "the file has no column “\(column)”")
                }
            }
        }
        return out
    }
}

/// Rows of a statement in the ledger's terms.
private struct StatementRows {
    let map: StatementMap
    let indices: [StatementMap.Field: [Int]]
    let header: [String]

    init(_ map: StatementMap, _ indices: [StatementMap.Field: [Int]], _ header: [String]) {
        self.map = map
        self.indices = indices
        self.header = header
    }

    /// A row's line; nil of one that is not to be looked at.
    func line(_ rows: CSVRowReader) throws(StatementProblem) -> ProviderLine? {
        let type = text(.type, rows)
        var meaning = map.types[type.lowercased()] ?? .init(kind: .other)
        if meaning.isIgnored { return nil }
        let asset = try self.asset(rows)
        let sides = try self.sides(rows, asset)
        let signed = try amount(.amount, rows, asset) ?? 0
        let gross = indices[.amount] == nil ? sides.map { $0.credit > 0 ? $0.credit : $0.debit } ?? 0 : signed
        var line = ProviderLine(
            number: rows.number, kind: meaning.kind, asset: asset.number, amount: 0, at: try time(rows))
        line.typeName = type
        line.id = try identifier(.id, rows)
        line.lineId = try identifier(.lineId, rows)
        line.references = names(.references, rows)
        line.paymentIds = names(.paymentIds, rows)
        line.settlementId = text(.settlementId, rows).nilIfEmpty
        let isInflow = sides.map { $0.credit >= $0.debit } ?? (signed >= 0)
        disputed(&meaning, &line, isInflow, rows)
        (line.kind, line.isFollowUp) = (meaning.kind, meaning.isFollowUp)
        line.status = meaning.status ?? map.statuses[text(.status, rows).lowercased()]
        guard gross != .min else { throw self.problem(.amount, .amount, rows, "the amount is out of range") }
        line.amount = abs(gross)
        line.isCredit =
            sides != nil || map.isSigned || signed < 0
            ? isInflow : (meaning.kind == .payment) != meaning.isFollowUp
        for index in indices[.fee] ?? [] {
            let fee = try amount(at: index, rows, asset) ?? 0
            let (sum, overflow) = line.fee.addingReportingOverflow(fee)
            if overflow { throw self.problem(.amount, .fee, rows, "the fees are out of range") }
            line.fee = sum
        }
        if let sides {
            line.net = sides.credit - sides.debit
        } else {
            line.net = try amount(.net, rows, asset)
        }
        return line
    }

    /// A provider's adjustment that is about a dispute: money out when it begins, in when it is won.
    private func disputed(
        _ meaning: inout StatementMap.Meaning, _ line: inout ProviderLine, _ isInflow: Bool,
        _ rows: CSVRowReader
    ) {
        guard line.typeName.lowercased() == "adjustment", map.types["adjustment"] == nil else { return }
        let named = text(.disputeId, rows)
        if !named.isEmpty {
            line.references.append(line.id)
            line.id = named
        } else if !line.id.hasPrefix("dp_"), !line.id.hasPrefix("du_") {
            return
        }
        meaning = .init(kind: .dispute)
        if isInflow { meaning = .init(kind: .dispute, status: .returned, isFollowUp: true) }
    }

    // MARK: Cells

    private func text(_ field: StatementMap.Field, _ rows: CSVRowReader) -> String {
        for index in indices[field] ?? [] {
            let cell = rows.cell(index)
            if !cell.isEmpty { return String(decoding: cell, as: UTF8.self) }
        }
        return map.constants[field] ?? ""
    }

    private func names(_ field: StatementMap.Field, _ rows: CSVRowReader) -> [String] {
        var names: [String] = []
        for index in indices[field] ?? [] {
            let name = String(decoding: rows.cell(index), as: UTF8.self)
            // Free text may be anything; what cannot be an id is not one.
            if IdentifierRules.validate(name) == nil, !names.contains(name) { names.append(name) }
        }
        return names
    }

    private func identifier(
        _ field: StatementMap.Field, _ rows: CSVRowReader
    ) throws(StatementProblem) -> String {
        let name = text(field, rows)
        if name.isEmpty { return "" }
        if let reason = IdentifierRules.validate(name) {
            throw problem(.identifier, field, rows, "no id: \(reason.rawValue)")
        }
        return name
    }

    private func asset(_ rows: CSVRowReader) throws(StatementProblem) -> Asset {
        let code = text(.currency, rows)
        if let asset = Asset(code: code.uppercased()) { return asset }
        throw problem(
            .currency, .currency, rows,
            code.isEmpty ? "no currency is given" : "“\(code)” is no known currency")
    }

    private func amount(
        _ field: StatementMap.Field, _ rows: CSVRowReader, _ asset: Asset
    ) throws(StatementProblem) -> Int64? {
        guard let index = indices[field]?.first else { return nil }
        return try amount(at: index, rows, asset)
    }

    /// An amount as providers write them: more fraction digits than the currency has, when they are zeros;
    /// thousands set apart by commas; a plus sign. An empty cell is none.
    private func amount(
        at index: Int, _ rows: CSVRowReader, _ asset: Asset
    ) throws(StatementProblem) -> Int64? {
        let cell = String(decoding: rows.cell(index), as: UTF8.self)
        if cell.isEmpty { return nil }
        var text = cell
        if text.hasPrefix("+") { text.removeFirst() }
        if text.contains(",") {
            guard Self.hasThousands(text) else {
                throw problem(.amount, index, rows, "“\(cell)” is no amount")
            }
            text.removeAll { $0 == "," }
        }
        if let point = text.firstIndex(of: ".") {
            while text.hasSuffix("0"), text.distance(from: point, to: text.endIndex) - 1 > asset.exponent {
                text.removeLast()
            }
            if text.hasSuffix(".") { text.removeLast() }
        }
        do throws(DecimalProblem) {
            return try DecimalText.parse(text, exponent: asset.exponent)
        } catch {
            throw problem(.amount, index, rows, "“\(cell)” is no amount in \(asset.code): \(error.rawValue)")
        }
    }

    /// `-1,234,567.89`: groups of three behind the first.
    private static func hasThousands(_ text: String) -> Bool {
        let whole = text.drop { $0 == "-" }.prefix { $0 != "." }
        if text.drop(while: { $0 != "." }).contains(",") { return false }
        let groups = whole.split(separator: ",", omittingEmptySubsequences: false)
        return (1...3).contains(groups[0].count) && groups.dropFirst().allSatisfy { $0.count == 3 }
    }

    private func sides(
        _ rows: CSVRowReader, _ asset: Asset
    ) throws(StatementProblem) -> (debit: Int64, credit: Int64)? {
        guard indices[.debit] != nil, indices[.credit] != nil else { return nil }
        let debit = try amount(.debit, rows, asset) ?? 0
        let credit = try amount(.credit, rows, asset) ?? 0
        guard debit >= 0, credit >= 0 else {
            throw problem(.amount, .debit, rows, "debit and credit are not negative")
        }
        return (debit, credit)
    }

    private func time(_ rows: CSVRowReader) throws(StatementProblem) -> Timestamp {
        let text = text(.at, rows)
        if let moment = Self.moment(text, map) { return moment }
        throw problem(.time, .at, rows, text.isEmpty ? "no time is given" : "“\(text)” is no time")
    }

    /// RFC 3339; or local to the map's zone: `2026-01-31 08:05[:09]`, `2026-01-31`, `31/01/2026[ 08:05[:09]]`.
    private static func moment(_ text: String, _ map: StatementMap) -> Timestamp? {
        if let moment = try? Timestamp(text) { return moment }
        let parts = text.split(separator: " ", maxSplits: 1)
        guard let first = parts.first else { return nil }
        var date = String(first)
        let numbers = date.split(separator: "/", omittingEmptySubsequences: false)
        if numbers.count == 3 {
            let (day, month) = map.isDayFirst ? (numbers[0], numbers[1]) : (numbers[1], numbers[0])
            func two(_ text: Substring) -> String { text.count == 1 ? "0\(text)" : String(text) }
            date = "\(numbers[2])-\(two(month))-\(two(day))"
        }
        let time = parts.count > 1 ? String(parts[1]) : "00:00"
        let local = date.contains("T") ? date : "\(date) \(time)"
        return try? LocalDateTime(local).moment(in: map.zone)
    }

    // MARK: Problems

    private func problem(
        _ code: StatementProblem.Code, _ field: StatementMap.Field, _ rows: CSVRowReader, _ message: String
    ) -> StatementProblem {
        guard let index = indices[field]?.first else {
            return StatementProblem(code, line: rows.number, column: 1, field: field.rawValue, message)
        }
        return problem(code, index, rows, message)
    }

    private func problem(
        _ code: StatementProblem.Code, _ index: Int, _ rows: CSVRowReader, _ message: String
    ) -> StatementProblem {
        StatementProblem(
            code, line: rows.number, column: rows.column(ofCell: index), field: header[index], message)
    }
}

extension String {
    fileprivate var nilIfEmpty: String? { isEmpty ? nil : self }
}
