import ReferralLedger

/// An input file for Beancount. Its balance assertions hold at the begin of a day: after the last transaction
/// of a day each balance that the day has touched is asserted for the next, without tolerance.
struct BeancountWriter: BooksWriter {
    private let books: Books
    private let accounts: [String]
    private let commodities: [String]
    private var day: Int?
    /// Balances that the day has touched, by account and asset.
    private var touched: [UInt64: Int64] = [:]

    init(_ books: Books) {
        self.books = books
        accounts = books.accounts.map { BeancountNames.account($0.name, programme: $0.programme) }
        commodities = books.assets.map { BeancountNames.commodity($0.code, $0.number) }
    }

    mutating func begin(_ text: inout BooksText) {
        text.line("; Books of a referral ledger through position \(books.end).")
        text.line("; Debits are above zero.")
        text.line("option \"title\" \"Referral ledger through position \(books.end)\"")
        guard let first = books.entries.first else { return }
        for (asset, commodity) in zip(books.assets, commodities) {
            text.line(first.dateText, " commodity ", commodity)
            text.line("  name: ", BeancountNames.string(asset.code))
        }
        let assets = books.assetsByAccount()
        for index in accounts.indices.sorted(by: { accounts[$0] < accounts[$1] }) {
            let currencies = assets[index].map { commodities[$0] }.sorted().joined(separator: ",")
            text.line(first.dateText, " open ", accounts[index], " ", currencies)
        }
    }

    mutating func transaction(_ entry: Books.Entry, _ legs: [BooksLeg], _ text: inout BooksText) {
        if day != Int(entry.date) { assertDay(&text) }
        day = Int(entry.date)
        text.line("")
        var narration = entry.type.name
        if let name = entry.name { narration += " \(books.names[Int(name)])" }
        if entry.level > 0 { narration += " level \(entry.level)" }
        text.line(entry.dateText, " * ", BeancountNames.string(narration))
        text.line("  position: \(entry.position)")
        text.line("  at: \"\(entry.occurredAt)\"")
        for leg in legs {
            let amount = books.assets[leg.asset].decimal(leg.amount)
            text.line("  ", accounts[leg.account], "  ", amount, " ", commodities[leg.asset])
            touched[UInt64(leg.account) << 32 | UInt64(leg.asset)] = leg.after
        }
    }

    mutating func end(_ text: inout BooksText) { assertDay(&text) }

    private mutating func assertDay(_ text: inout BooksText) {
        guard let day else { return }
        let next = Books.Entry.text(day: day + 1)
        text.line("")
        for (key, after) in touched.sorted(by: { $0.key < $1.key }) {
            let asset = Int(key & 0xFFFF_FFFF)
            // Without a tolerance of its own, a balance that is wrong by one minor unit would pass.
            text.line(
                next, " balance ", accounts[Int(key >> 32)], "  ", books.assets[asset].decimal(after),
                " ~ 0 ", commodities[asset])
        }
        touched.removeAll(keepingCapacity: true)
    }
}

/// Names as Beancount takes them. The mapping is injective; Documentation/exports.md describes it.
enum BeancountNames {
    /// A component of an account: a capital letter that says what it is, then ASCII letters and digits as they
    /// are, every other byte of the UTF-8 as `-XX`.
    static func component(_ kind: String, _ name: String) -> String {
        var encoded = kind
        for byte in name.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += digits.utf8.count == 1 ? "-0\(digits)" : "-\(digits)"
            }
        }
        return encoded
    }

    /// A commodity: 2 to 24 capital letters, digits and `'._-`, a letter first, a letter or digit last. Codes
    /// of currencies and fixed units are that already. A badge is in capitals with a dot for the colon; where
    /// that is too long or ends with a hyphen, it is `BADGE_` and the number that the ledger gave it.
    static func commodity(_ code: String, _ number: AssetNumber) -> String {
        guard number.isLedgerDefined else { return code }
        let capitals = code.replacing(":", with: ".").uppercased()
        let isPlain = capitals.utf8.allSatisfy {
            0x41...0x5A ~= $0 || 0x30...0x39 ~= $0 || $0 == 0x2D || $0 == 0x2E
        }
        if isPlain, capitals.utf8.count <= 24, code.hasPrefix("BADGE:"), !capitals.hasSuffix("-"),
            !capitals.hasSuffix(".")
        {
            return capitals
        }
        return "BADGE_\(number.rawValue)"
    }

    /// A text in quotes.
    static func string(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { quoted += "\\" }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }

    /// The account's full name in a programme.
    static func account(_ name: LedgerEvent.AccountName, programme: String) -> String {
        let programme = component("P", programme)
        if let userId = name.userId {
            let user = component("U", userId)
            if name.account == "receivable" { return "Assets:\(programme):Receivable:\(user)" }
            return "Liabilities:\(programme):Users:\(user):\(capitalised(name.account))"
        }
        switch name.account {
        case "rewardExpense": return "Expenses:\(programme):Rewards"
        case "loss", "used": return "Expenses:\(programme):\(capitalised(name.account))"
        case "cash": return "Assets:\(programme):Cash"
        case "clearing": return "Assets:\(programme):Clearing:\(component("C", name.provider ?? ""))"
        case "tax": return "Liabilities:\(programme):Tax"
        case "fee", "breakage": return "Income:\(programme):\(capitalised(name.account))"
        default: return "Equity:\(programme):\(capitalised(name.account))"
        }
    }

    private static func capitalised(_ name: String) -> String {
        name.prefix(1).uppercased() + name.dropFirst()
    }
}
