import ReferralLedger

/// One row a posting, as RFC 4180 has it, with a row of names first.
struct CSVBooksWriter: BooksWriter {
    /// The columns, in order.
    static let columns = [
        "position", "date", "occurredAt", "programme", "event", "reference", "level", "account", "userId",
        "provider", "asset", "debit", "credit", "balance",
    ]

    private let books: Books

    init(_ books: Books) { self.books = books }

    mutating func begin(_ text: inout BooksText) { text.line(Self.columns.joined(separator: ",")) }

    mutating func transaction(_ entry: Books.Entry, _ legs: [BooksLeg], _ text: inout BooksText) {
        let start =
            "\(entry.position),\(entry.dateText),\(entry.occurredAt),"
            + Self.cell(books.programmes[Int(entry.programme)]) + ",\(entry.type.name),"
            + Self.cell(entry.name.map { books.names[Int($0)] } ?? "") + ","
            + (entry.level > 0 ? "\(entry.level)" : "")
        for leg in legs {
            let account = books.accounts[leg.account].name
            let asset = books.assets[leg.asset]
            text.line(
                start, ",", account.account, ",", Self.cell(account.userId ?? ""), ",",
                Self.cell(account.provider ?? ""), ",", asset.code, ",",
                leg.amount > 0 ? asset.decimal(leg.amount) : "", ",",
                leg.amount < 0 ? asset.decimal(-leg.amount) : "", ",", asset.decimal(leg.after))
        }
    }

    mutating func end(_ text: inout BooksText) {}

    /// In quotes where it needs them, and nowhere else.
    private static func cell(_ text: String) -> String {
        let needsQuotes = text.utf8.contains {
            $0 == 0x2C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D
        }
        return needsQuotes ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }
}
