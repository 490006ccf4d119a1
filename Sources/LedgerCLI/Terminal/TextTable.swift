/// Rows in aligned columns, for people.
///
/// Cells are made safe to show (`DisplayText.safe`). Cost: all rows are kept until the table is drawn, as the
/// widths are not known before; a verb that lists without a limit writes lines instead.
struct TextTable {
    /// A column's heading and where its text stands.
    struct Column: Sendable {
        /// Shown above the rule.
        let title: String
        /// Numbers stand right, so that their digits line up.
        let isNumber: Bool
        /// Cells beyond this are cut, with "…"; nil is never.
        let maxColumns: Int?

        /// A column of text.
        static func text(_ title: String, maxColumns: Int? = nil) -> Column {
            Column(title: title, isNumber: false, maxColumns: maxColumns)
        }

        /// A column of numbers.
        static func number(_ title: String) -> Column {
            Column(title: title, isNumber: true, maxColumns: nil)
        }
    }

    private enum Row {
        case cells([String])
        case rule
    }

    private let columns: [Column]
    private var rows: [Row] = []

    /// An empty table.
    init(_ columns: [Column]) {
        precondition(!columns.isEmpty, "a table needs a column")
        self.columns = columns
    }

    /// Adds a row; one cell a column.
    mutating func add(_ cells: [String]) {
        precondition(cells.count == columns.count, "a row needs one cell a column")
        rows.append(
            .cells(
                zip(columns, cells).map { column, cell in
                    let cell = DisplayText.safe(cell)
                    return column.maxColumns.map { DisplayText.truncated(cell, to: $0) } ?? cell
                }))
    }

    /// Adds a rule, as above a sum.
    mutating func addRule() {
        rows.append(.rule)
    }

    /// The table's lines: headings, rule, rows; nothing stands at the end of a line. Ended by a newline.
    func text(style: Style = .plain) -> String {
        let widths = columns.indices.map { index in
            rows.reduce(DisplayText.columns(columns[index].title)) { widest, row in
                guard case .cells(let cells) = row else { return widest }
                return max(widest, DisplayText.columns(cells[index]))
            }
        }
        let rule = style.dim(widths.map { String(repeating: "─", count: $0) }.joined(separator: "  "))
        var lines = [style.bold(line(columns.map(\.title), widths)), rule]
        for row in rows {
            switch row {
            case .cells(let cells): lines.append(line(cells, widths))
            case .rule: lines.append(rule)
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        let parts = columns.indices.map { index in
            DisplayText.padded(cells[index], to: widths[index], right: columns[index].isNumber)
        }
        return TextWrapping.trimmingEnd(parts.joined(separator: "  "))
    }
}
