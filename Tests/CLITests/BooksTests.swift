import Foundation
import Testing

/// The exported books, added up by other programs.
@Suite struct BooksTests {
    private static func isInstalled(_ program: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: "/usr/bin/\(program)")
    }

    /// A ledger with names that no other program would take as they are.
    private func books() throws -> (box: Sandbox, journal: String) {
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
            for currency in ["JPY", "GBP", "KWD", "POINT", "PREMIUM_DAY"] {
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
        let export = try box.run("export", "--format", "hledger")
        #expect(export.code == 0, "\(export.err)")
        return (box, try box.file("books.journal", export.out))
    }

    /// Lines out of one ledger make the same one again.
    @Test func commandsComeBack() throws {
        let (box, _) = try books()
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

    @Test(.enabled(if: isInstalled("hledger"))) func hledgerAgrees() throws {
        let (box, journal) = try books()
        let run = try box.start(
            ["-f", journal, "check", "-s", "ordereddates", "accounts", "commodities"],
            program: "/usr/bin/hledger"
        ).finish()
        #expect(run.code == 0, "\(run.err)")
        let balances = try box.start(
            ["-f", journal, "balance", "-O", "csv", "expenses:two-level:rewards"], program: "/usr/bin/hledger"
        ).finish()
        #expect(balances.out.contains("JPY"))
        let broken = try String(contentsOfFile: journal, encoding: .utf8)
        let wrong = try box.file("wrong.journal", broken.replacingOccurrences(of: " 20 JPY", with: " 21 JPY"))
        #expect(
            try box.start(["-f", wrong, "check"], program: "/usr/bin/hledger").finish().code != 0,
            "a changed amount must not pass")
    }

    @Test(.enabled(if: isInstalled("ledger"))) func ledgerAgrees() throws {
        let (box, journal) = try books()
        let run = try box.start(["-f", journal, "--pedantic", "balance"], program: "/usr/bin/ledger").finish()
        #expect(run.code == 0, "\(run.err)")
    }

    @Test func namesStayApart() throws {
        let (box, journal) = try books()
        let text = try withExtendedLifetime(box) { try String(contentsOfFile: journal, encoding: .utf8) }
        #expect(text.contains("liabilities:two-level:users:a%3Ab:available\n"))
        #expect(text.contains("liabilities:two-level:users:a%253Ab:available\n"))
        #expect(text.contains("liabilities:two-level:users:two%20%20spaces:available\n"))
        #expect(text.contains("commodity \"PREMIUM_DAY\"\n"))
    }
}
