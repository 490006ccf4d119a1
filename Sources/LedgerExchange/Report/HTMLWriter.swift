import LedgerDomain

/// Writes HTML. Every text that is not markup of this program goes through `text` or an attribute: ids are the
/// host's own and may hold anything but control characters.
struct HTMLWriter {
    private(set) var html = ""

    /// Markup of this program's own.
    mutating func raw(_ markup: StaticString) { html += "\(markup)" }

    /// Markup that is made of this program's own and of escaped texts.
    mutating func markup(_ markup: String) { html += markup }

    /// A text.
    mutating func text(_ text: String) { html += Self.escaped(text) }

    /// An element with a text in it.
    mutating func element(_ name: StaticString, class kind: String? = nil, _ text: String) {
        html +=
            "<\(name)\(kind.map { " class=\"\(Self.escaped($0))\"" } ?? "")>\(Self.escaped(text))</\(name)>"
    }

    /// A table that scrolls by itself where the page is narrow. Cells are texts; numbers stand to the right.
    /// - Parameter kind: `whole` is kept on one page, of `stack` the rows stand below each other on a phone.
    mutating func table(
        _ head: [(title: String, isNumber: Bool)], _ rows: [[String]], foot: [[String]] = [],
        caption: String? = nil, class kind: StaticString = "plain"
    ) {
        html += "<div class=\"wide\"><table class=\"\(kind)\">"
        if let caption { html += "<caption>\(Self.escaped(caption))</caption>" }
        html += "<thead><tr>"
        for column in head {
            html +=
                "<th scope=\"col\"\(column.isNumber ? " class=\"n\"" : "")>\(Self.escaped(column.title))</th>"
        }
        html += "</tr></thead><tbody>"
        for row in rows { self.row(head, row) }
        html += "</tbody>"
        if !foot.isEmpty {
            html += "<tfoot>"
            for row in foot { self.row(head, row) }
            html += "</tfoot>"
        }
        html += "</table></div>\n"
    }

    private mutating func row(_ head: [(title: String, isNumber: Bool)], _ cells: [String]) {
        html += "<tr>"
        for (column, cell) in zip(head, cells) {
            // A hash has no place to break, an id may be as long; a time or short id has places, and needs none.
            let kind =
                column.isNumber
                ? "n"
                : cell.count <= (cell.contains(" ") ? 20 : 28) ? "short" : cell.contains(" ") ? nil : "long"
            html += "<td\(kind.map { " class=\"\($0)\"" } ?? "")>\(Self.escaped(cell))</td>"
        }
        html += "</tr>"
    }

    /// Names and values below each other.
    mutating func facts(_ rows: [(name: String, value: String)]) {
        html += "<dl>"
        for row in rows {
            html += "<div><dt>\(Self.escaped(row.name))</dt><dd>\(Self.escaped(row.value))</dd></div>"
        }
        html += "</dl>\n"
    }

    /// For element content and for attributes in double quotes (HTML Standard, 13.3).
    ///
    /// Marks that turn the direction of text are shown by number, so that an id cannot make a row read otherwise
    /// than it is.
    static func escaped(_ text: String) -> String {
        var out = ""
        out.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            case "\u{200E}", "\u{200F}", "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}", "\u{061C}":
                out += "[U+\(String(scalar.value, radix: 16, uppercase: true))]"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}

/// Numbers as people read them in a page.
enum ReportNumber {
    /// `1,234,567.89`, of a decimal text.
    static func grouped(_ decimal: String) -> String {
        let sign = decimal.hasPrefix("-") ? "−" : ""
        let digits = decimal.drop { $0 == "-" }
        let whole = digits.prefix { $0 != "." }
        var out = ""
        for (index, digit) in whole.enumerated() {
            if index > 0, (whole.count - index) % 3 == 0 { out += "," }
            out.append(digit)
        }
        return sign + out + digits.dropFirst(whole.count)
    }

    static func count(_ number: some BinaryInteger) -> String { grouped("\(number)") }

    /// Minor units in an asset, without its code.
    static func amount(_ minor: Int64, _ asset: AssetNumber) -> String {
        grouped(DecimalText.format(minor: minor, exponent: Asset(number: asset)?.exponent ?? 0))
    }

    /// `2 d 6 h`.
    static func age(_ seconds: Int64) -> String {
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60)
        if days > 0 { return "\(days) d \(hours) h" }
        return hours > 0 ? "\(hours) h \(minutes) min" : "\(minutes) min"
    }
}
