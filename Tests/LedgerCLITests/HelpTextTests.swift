import Testing

@testable import LedgerCLI

@Suite struct HelpTextTests {
    @Test func ofTheProgram() {
        #expect(
            HelpText(path: [Sample.tree]).text == """
                An event-sourced ledger for referral programmes.

                Usage: referral-ledger VERB …

                Write:
                  import      Reads a stream of commands in durable groups.
                  record      Records one command.

                Read:
                  status      Where the ledger stands.
                  user        One user.

                Audit:
                  checkpoint  Signed checkpoints.

                Global options:
                  --ledger DIR  Folder of the ledger. Environment: REFERRAL_LEDGER_DIR.
                  --json        Write the whole answer as JSON.
                  -q, --quiet   No progress and no messages but errors.
                  -h, --help    Show this help and end.
                  --version     Show the version and end.

                Example:
                  # A first look
                  referral-ledger status

                Exit codes:
                  0   done, equal or clean
                  1   differences, breaks or refused lines found
                  64  wrong use of the command line
                  65  bad input; the message names file, line and reason
                  66  no such ledger or file
                  70  internal error
                  74  input/output error
                  75  busy, try again
                  76  broken log or failed proof

                """)
    }

    @Test func ofAVerb() {
        #expect(
            HelpText(path: [Sample.tree, Sample.importVerb]).text == """
                Reads a stream of commands in durable groups.

                Usage: referral-ledger import [--format NAME] [--map FILE]… [--group N]
                                              [--atomic | --dry-run] FILE…

                Resumes where it was stopped. Running it twice changes nothing.

                  kept as it is

                Arguments:
                  FILE           What to read; - is stdin.

                Options:
                  --format NAME  The form. One of: jsonl, csv. Default: jsonl.
                  --map FILE     How columns become fields. May be repeated.
                  --group N      Lines in a durable group.
                  --atomic       All lines or none.
                  -n, --dry-run  Records nothing.

                Global options:
                  --ledger DIR   Folder of the ledger. Environment: REFERRAL_LEDGER_DIR.
                  --json         Write the whole answer as JSON.
                  -q, --quiet    No progress and no messages but errors.
                  -h, --help     Show this help and end.
                  --version      Show the version and end.

                Example:
                  # Payments from a spreadsheet
                  referral-ledger import --format csv --map m.json p.csv

                """)
    }

    @Test func ofAVerbInAGroupShowsTheGroupsOptions() throws {
        let group = try #require(Sample.tree.subcommand("checkpoint"))
        let text = HelpText(path: [Sample.tree, group, try #require(group.subcommand("sign"))]).text
        #expect(text.contains("Usage: referral-ledger checkpoint sign --origin NAME [--key FILE]\n"))
    }

    @Test func openFieldsAreShown() throws {
        let text = HelpText(path: [Sample.tree, try #require(Sample.tree.subcommand("record"))]).text
        #expect(text.contains("Usage: referral-ledger record [--FIELD VALUE]… TYPE\n"))
        #expect(text.contains("  --FIELD VALUE  A field of the command.\n"))
    }

    @Test(arguments: [60, 80])
    func noLineIsTooLong(width: Int) {
        let verb = Verb(
            "lorem", abstract: String(repeating: "word ", count: 40) + ".",
            discussion: String(repeating: "more ", count: 60), examples: [],
            options: [
                .init("a-rather-long-option-name", "VALUE", String(repeating: "text ", count: 30) + "."),
                .init("b", "B", String(repeating: "text ", count: 30) + "."),
            ], action: Sample.verb)
        for line in HelpText(path: [verb], width: width).text.split(separator: "\n") {
            #expect(line.count <= width, "\(line)")
        }
    }

    @Test func headingsAreBoldOnlyWithStyle() {
        let styled = HelpText(path: [Sample.tree], style: Style(isEnabled: true)).text
        #expect(styled.contains("\u{1B}[1mUsage:\u{1B}[0m referral-ledger VERB …"))
        #expect(!HelpText(path: [Sample.tree]).text.contains("\u{1B}"))
    }

    @Test func wrapping() {
        #expect(TextWrapping.wrap("aa bb cc", width: 5) == ["aa bb", "cc"])
        #expect(TextWrapping.wrap("a verylongword b", width: 5) == ["a", "verylongword", "b"])
        #expect(TextWrapping.wrap("  ", width: 5) == [])
        #expect(TextWrapping.wrap("日本 語", width: 6) == ["日本", "語"])
        #expect(TextWrapping.paragraphs("a\nb\n\n  c  d\ne", width: 9) == ["a b", "", "  c  d", "e"])
    }
}
