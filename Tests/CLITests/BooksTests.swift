import Foundation
import Testing

/// The exported books, added up by other programs. Where a program is not installed its tests are skipped.
@Suite struct BooksTests {
    private static func isInstalled(_ program: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: "/usr/bin/\(program)")
    }

    /// A ledger with names that no other program would take as they are, and debts that are repaid.
    private func oddBooks() throws -> (box: Sandbox, journal: String) {
        let box = try Sandbox()
        try box.initialise(asset: "JPY")
        let odd = [
            "a:b", "a%3Ab", "two  spaces", " lead", "trail ", "(x)", "[y]", "s;c", "ünï", "t|p", "\\\"q\\\"",
            "=1", "*",
        ]
        var facts = #"{"type":"signup","userId":"top","at":"2024-01-01T00:00:00Z"}"# + "\n"
        for (index, id) in odd.enumerated() {
            let referrer = index == 0 ? "top" : odd[index - 1]
            facts +=
                #"{"type":"signup","userId":"\#(id)","referrerId":"\#(referrer)","at":"2024-01-02T00:00:00Z"}"#
                + "\n"
            for currency in ["JPY", "GBP", "KWD", "POINT"] {
                facts +=
                    #"{"type":"payment","paymentId":"\#(id)-\#(currency)","provider":"s","userId":"\#(id)","#
                facts += #""amount":"99","currency":"\#(currency)","at":"2024-01-03T00:00:00Z"}"# + "\n"
            }
        }
        facts += #"{"type":"advance","to":"2024-02-01T00:00:00Z"}"# + "\n"
        // After maturity: a debt, which a later commission repays.
        for index in 1...2 {
            facts +=
                #"{"type":"refund","refundId":"r-\#(index)","provider":"s","paymentId":"*-GBP","amount":"49","#
            facts += #""currency":"GBP","at":"2024-02-0\#(index + 1)T00:00:00Z"}"# + "\n"
        }
        facts +=
            #"{"type":"payment","paymentId":"late","provider":"s","userId":"*","amount":"10","currency":"GBP","#
        facts += #""at":"2023-12-31T00:00:00Z"}"# + "\n"
        let run = try box.run("import", try box.file("odd.jsonl", facts))
        #expect(run.code == 0, "\(run.err)")
        return (box, try export(box, "hledger", "odd.journal"))
    }

    private func export(_ box: Sandbox, _ format: String, _ name: String) throws -> String {
        let export = try box.run("export", "--format", format)
        #expect(export.code == 0, "\(export.err)")
        return try box.file(name, export.out)
    }

    /// Whether another program takes a file.
    private func takes(_ file: String, _ box: Sandbox, _ program: String) throws -> Run {
        let words =
            switch program {
            case "hledger": ["-f", file, "check", "-s", "ordereddates", "accounts", "commodities"]
            case "ledger": ["-f", file, "--pedantic", "balance"]
            default: [file]
            }
        return try box.start(words, program: "/usr/bin/\(program)").finish()
    }

    /// The same decimal, one minor unit more or less.
    private func changed(_ decimal: Substring, by step: Int) throws -> String {
        let digits = decimal.split(separator: ".", omittingEmptySubsequences: false)
        let places = digits.count > 1 ? digits[1].count : 0
        let minor = try #require(Int(decimal.replacingOccurrences(of: ".", with: ""))) + step
        let text =
            String(
                repeating: "0", count: max(0, places + 1 - String(minor.magnitude).count))
            + String(minor.magnitude)
        let point = text.index(text.endIndex, offsetBy: -places)
        return (minor < 0 ? "-" : "") + (places == 0 ? text : "\(text[..<point]).\(text[point...])")
    }

    /// Changes the first decimal that the pattern's first group finds in each place, and sees it refused.
    private func refuses(
        _ file: String, _ box: Sandbox, _ program: String, _ patterns: [Regex<(Substring, Substring)>]
    ) throws {
        let text = try String(contentsOfFile: file, encoding: .utf8)
        for (index, pattern) in patterns.enumerated() {
            let found = try #require(text.matches(of: pattern).last, "pattern \(index) of \(program)")
            for step in [-1, 1] {
                var wrong = text
                let number = found.output.1
                wrong.replaceSubrange(
                    number.startIndex..<number.endIndex, with: try changed(number, by: step))
                let name = try box.file("wrong-\(program)", wrong)
                #expect(
                    try takes(name, box, program).code != 0,
                    "\(program) takes \(found.output.0) changed by \(step)")
            }
        }
    }

    /// Lines out of one ledger make the same one again.
    @Test func commandsComeBack() throws {
        let (box, _) = try oddBooks()
        let lines = try box.run("export", "--format", "jsonl")
        #expect(lines.code == 0 && lines.err.isEmpty, "\(lines.err)")
        #expect(lines.out.contains(#""userId":"\"q\"""#))
        let policy = try box.run("policy", "show", "--effective", "1700-01-01T00:00:00Z")
        let other = try Sandbox()
        let rules = try other.file("first.json", policy.out)
        let made = try other.run("init", "--asset", "JPY", "--programme", "two-level", "--policy", rules)
        #expect(made.code == 0, "\(made.err)")
        let taken = try other.run("import", try other.file("commands.jsonl", lines.out))
        #expect(taken.code == 0, "\(taken.err)")
        func digest(_ box: Sandbox) throws -> String {
            let status = try box.run("status", "--json").out
            return String(status.split(separator: #""stateDigest":""#)[1].prefix { $0 != "\"" })
        }
        #expect(try digest(other) == digest(box))
        #expect(try other.run("export", "--format", "jsonl").out == lines.out)
        let one = try box.run("export", "--format", "jsonl", "--programme", "two-level")
        #expect(one.code == 64 && one.out.isEmpty)
    }

    // MARK: hledger and Ledger

    /// An assertion, and an amount, of each kind of asset.
    private static var journalPatterns: [Regex<(Substring, Substring)>] {
        [
            /= (-?[0-9.]+) GBP\n/, /= (-?[0-9.]+) JPY\n/, /= (-?[0-9.]+) KWD\n/, /= (-?[0-9.]+) POINT\n/,
            /= (-?[0-9.]+) "PREMIUM_DAY"\n/, /= (-?[0-9.]+) "BADGE:referral-master"\n/, /= (-?[0-9.]+) EUR\n/,
            /:available  (-?[0-9.]+) GBP =/, /:claimable  (-?[0-9.]+) "PREMIUM_DAY" =/,
            /:fx  (-?[0-9.]+) EUR =/,
        ]
    }

    @Test(.enabled(if: isInstalled("hledger"), "hledger is not installed")) func hledgerAgrees() throws {
        let (odd, journal) = try oddBooks()
        let run = try takes(journal, odd, "hledger")
        #expect(run.code == 0, "\(run.err)")
        let balances = try odd.start(
            ["-f", journal, "balance", "-O", "csv", "expenses:two-level:rewards"], program: "/usr/bin/hledger"
        ).finish()
        #expect(balances.out.contains("JPY"))
        let box = try Everything.sandbox()
        let books = try export(box, "hledger", "books.journal")
        let all = try takes(books, box, "hledger")
        #expect(all.code == 0, "\(all.err)")
        try refuses(books, box, "hledger", Self.journalPatterns)
    }

    @Test(.enabled(if: isInstalled("ledger"), "ledger is not installed")) func ledgerAgrees() throws {
        let (odd, journal) = try oddBooks()
        let run = try takes(journal, odd, "ledger")
        #expect(run.code == 0, "\(run.err)")
        let box = try Everything.sandbox()
        let books = try export(box, "ledger", "books.ledger")
        let all = try takes(books, box, "ledger")
        #expect(all.code == 0, "\(all.err)")
        try refuses(books, box, "ledger", Self.journalPatterns)
    }

    @Test func namesStayApart() throws {
        let (box, journal) = try oddBooks()
        let text = try withExtendedLifetime(box) { try String(contentsOfFile: journal, encoding: .utf8) }
        #expect(text.contains("liabilities:two-level:users:a%3Ab:available\n"))
        #expect(text.contains("liabilities:two-level:users:a%253Ab:available\n"))
        #expect(text.contains("liabilities:two-level:users:two%20%20spaces:available\n"))
    }

    @Test func everyAccountHasItsName() throws {
        let box = try Everything.sandbox()
        let journal = try String(contentsOfFile: export(box, "hledger", "names"), encoding: .utf8)
        let p = "all%3A%20of%20it"
        for name in [
            "expenses:\(p):rewards", "expenses:\(p):loss", "expenses:\(p):used",
            "liabilities:\(p):users:mid:available", "liabilities:\(p):users:mid:pending",
            "liabilities:\(p):users:mid:held", "liabilities:\(p):users:mid:reserved",
            "liabilities:\(p):users:mid:claimable", "liabilities:\(p):tax", "assets:\(p):receivable:top",
            "assets:\(p):cash", "assets:\(p):clearing:razor%20pay", "income:\(p):fee",
            "income:\(p):breakage", "equity:\(p):fx", "equity:\(p):opening", "equity:\(p):funding",
            "equity:\(p):issued",
        ] { #expect(journal.contains("\naccount \(name)\n"), "\(name)") }
        #expect(journal.contains("\ncommodity \"PREMIUM_DAY\"\n"))
    }

    // MARK: Beancount

    @Test(.enabled(if: isInstalled("bean-check"), "beancount is not installed")) func beancountAgrees() throws
    {
        let (odd, _) = try oddBooks()
        let run = try takes(try export(odd, "beancount", "odd.beancount"), odd, "bean-check")
        #expect(run.code == 0, "\(run.out)\(run.err)")
        let box = try Everything.sandbox()
        let books = try export(box, "beancount", "books.beancount")
        let all = try takes(books, box, "bean-check")
        #expect(all.code == 0, "\(all.out)\(all.err)")
        let text = try String(contentsOfFile: books, encoding: .utf8)
        #expect(text.contains(" open Liabilities:Pall-3A-20of-20it:Users:Ua-3Ab:Available "))
        #expect(text.contains(" commodity BADGE.REFERRAL-MASTER\n"))
        #expect(
            text.firstMatch(of: /commodity BADGE_20[0-9][0-9]\n  name: "BADGE:one-of-a-very-long-name"\n/)
                != nil)
        try refuses(
            books, box, "bean-check",
            [
                #/ balance [^ ]+  (-?[0-9.]+) ~ 0 GBP\n/#, #/ balance [^ ]+  (-?[0-9.]+) ~ 0 JPY\n/#,
                #/ balance [^ ]+  (-?[0-9.]+) ~ 0 KWD\n/#, #/ balance [^ ]+  (-?[0-9.]+) ~ 0 PREMIUM_DAY\n/#,
                #/ balance [^ ]+  (-?[0-9.]+) ~ 0 BADGE.REFERRAL-MASTER\n/#, /:Available  (-?[0-9.]+) GBP\n/,
                /:Claimable  (-?[0-9.]+) PREMIUM_DAY\n/, /:Fx  (-?[0-9.]+) EUR\n/,
            ])
    }

    // MARK: CSV

    /// The rows of RFC 4180 text.
    private func rows(_ text: String) -> [[String]] {
        var rows: [[String]] = []
        var row: [String] = []
        var cell = ""
        var isQuoted = false
        for character in text {
            switch character {
            case "\"":
                // Two quotes in a row are one: the second one opens the cell again.
                if !isQuoted, !cell.isEmpty { cell.append(character) }
                isQuoted.toggle()
            case "," where !isQuoted:
                row.append(cell)
                cell = ""
            case "\n" where !isQuoted:
                rows.append(row + [cell])
                row = []
                cell = ""
            default: cell.append(character)
            }
        }
        return rows
    }

    @Test func csvAddsUpToTheTrialBalance() throws {
        let box = try Everything.sandbox()
        let run = try box.run("export", "--format", "csv")
        #expect(run.code == 0, "\(run.err)")
        let table = rows(run.out)
        #expect(
            table[0] == [
                "position", "date", "occurredAt", "programme", "event", "reference", "level", "account",
                "userId", "provider", "asset", "debit", "credit", "balance",
            ])
        var sums: [String: Decimal] = [:]
        var balances: [String: Decimal] = [:]
        for row in table.dropFirst() {
            try #require(row.count == 14, "\(row)")
            let amount = (Decimal(string: row[11]) ?? 0) - (Decimal(string: row[12]) ?? 0)
            #expect(amount != 0)
            sums["\(row[7]) \(row[9]) \(row[10])", default: 0] += amount
            let account = "\(row[7]) \(row[8]) \(row[9]) \(row[10])"
            balances[account, default: 0] += amount
            #expect(balances[account] == Decimal(string: row[13]), "\(row)")
        }
        #expect(table.contains { $0[8] == #"ünï "q" \ ;|"# }, "ids are echoed exactly")
        let trial = try #require(try box.run("trial-balance", "--json").json["lines"] as? [[String: Any]])
        var expected: [String: Decimal] = [:]
        for line in trial {
            func text(_ name: String) -> String { line[name] as? String ?? "" }
            expected["\(text("account")) \(text("provider")) \(text("asset"))"] =
                Decimal(string: text("debit"))! - Decimal(string: text("credit"))!
        }
        #expect(sums.filter { $0.value != 0 } == expected)
        #expect(expected.count > 20)
    }
}
