import ReferralLedger

/// The journal that hledger and Ledger read alike: every posting asserts the balance after it.
struct JournalWriter: BooksWriter {
    private let books: Books
    private let accounts: [String]
    private let commodities: [String]

    init(_ books: Books) {
        self.books = books
        accounts = books.accounts.map { HledgerNames.account($0.name, programme: $0.programme) }
        commodities = books.assets.map { HledgerNames.commodity($0.code) }
    }

    mutating func begin(_ text: inout BooksText) {
        text.line("; Books of a referral ledger through position \(books.end).")
        text.line("; Debits are above zero. The code of a transaction is the event's log position.")
        for (asset, commodity) in zip(books.assets, commodities) {
            text.line("commodity ", commodity)
            if asset.exponent > 0 { text.line("    format 100", asset.decimal(0), " ", commodity) }
        }
        for name in accounts.sorted() { text.line("account ", name) }
    }

    mutating func transaction(_ entry: Books.Entry, _ legs: [BooksLeg], _ text: inout BooksText) {
        text.line("")
        var description = entry.type.name
        if let name = entry.name { description += " \(HledgerNames.part(books.names[Int(name)]))" }
        if entry.level > 0 { description += " level \(entry.level)" }
        text.line(entry.dateText, " (\(entry.position)) ", description)
        for leg in legs {
            let asset = books.assets[leg.asset]
            let commodity = commodities[leg.asset]
            text.line(
                "    ", accounts[leg.account], "  ", asset.decimal(leg.amount), " ", commodity, " = ",
                asset.decimal(leg.after), " ", commodity)
        }
    }

    mutating func end(_ text: inout BooksText) {}
}
