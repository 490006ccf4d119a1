import Testing

@testable import LedgerCLI

@Suite struct CommandLineParserTests {
    @Test func theSampleTreeIsSound() {
        #expect(Sample.tree.problems() == [])
    }

    @Test func valuesComeInBothForms() throws {
        let apart = try Sample.parse("import", "--format", "csv", "--map", "m.json", "p.csv")
        let joined = try Sample.parse("import", "p.csv", "--format=csv", "--map=m.json")
        for parsed in [apart, joined] {
            #expect(parsed.path == ["referral-ledger", "import"])
            #expect(parsed.string("format") == "csv")
            #expect(parsed.values("map") == ["m.json"])
            #expect(parsed.arguments("FILE") == ["p.csv"])
            #expect(parsed.isGiven("format"))
            #expect(!parsed.isGiven("group"))
            #expect(parsed.int("group") == nil)
        }
    }

    @Test func aValueKeepsItsEqualsSignsAndMayBeEmpty() throws {
        #expect(try Sample.parse("status", "--at=a=b").string("at") == "a=b")
        #expect(try Sample.parse("status", "--at=").string("at") == "")
    }

    @Test func negativeNumbersAndStdinAreValues() throws {
        let record = try Sample.parse("record", "adjust", "--amount", "-5.00", "--reason=--x")
        #expect(
            record.fields == [.init(name: "amount", value: "-5.00"), .init(name: "reason", value: "--x")])
        #expect(try Sample.parse("import", "-", "--map", "-").arguments("FILE") == ["-"])
    }

    @Test func twoHyphensEndTheOptions() throws {
        let parsed = try Sample.parse("import", "--atomic", "--", "--format", "--", "-")
        #expect(parsed.arguments("FILE") == ["--format", "--", "-"])
        #expect(parsed.flag("atomic"))
    }

    @Test func repeatableOptionsKeepTheirOrder() throws {
        #expect(try Sample.parse("import", "--map", "b", "f", "--map", "a").values("map") == ["b", "a"])
    }

    @Test func integersAreTyped() throws {
        #expect(try Sample.parse("import", "f", "--group", "100").int("group") == 100)
    }

    @Test func globalOptionsStandBeforeOrAfterTheVerb() throws {
        for parsed in [
            try Sample.parse("--ledger", "/l", "--json", "-q", "status"),
            try Sample.parse("status", "-q", "--json", "--ledger=/l"),
        ] {
            #expect(parsed.string("ledger") == "/l")
            #expect(parsed.flag("json") && parsed.flag("quiet"))
        }
    }

    @Test func theCommandLineWinsOverTheEnvironmentAndThatOverNothing() throws {
        let variables = ["REFERRAL_LEDGER_DIR": "/env"]
        #expect(try Sample.parse("status", environment: variables).string("ledger") == "/env")
        #expect(try !Sample.parse("status", environment: variables).isGiven("ledger"))
        #expect(try Sample.parse("status", "--ledger", "/l", environment: variables).string("ledger") == "/l")
        #expect(try Sample.parse("status", environment: ["REFERRAL_LEDGER_DIR": ""]).string("ledger") == nil)
    }

    @Test func groupsHandTheirOptionsDown() throws {
        let parsed = try Sample.parse("checkpoint", "--key", "k", "sign", "--origin", "o")
        #expect(parsed.path == ["referral-ledger", "checkpoint", "sign"])
        #expect(parsed.string("key") == "k")
        #expect(try Sample.parse("checkpoint", "sign", "--origin", "o", "--key", "k").string("key") == "k")
    }

    @Test func optionalArgumentsMayBeMissing() throws {
        #expect(try Sample.parse("user", "u-1").argument("ASSET") == nil)
        #expect(try Sample.parse("user", "u-1", "USD").argument("ASSET") == "USD")
    }

    @Test func askingForWhatIsNotDeclaredTraps() async {
        await #expect(processExitsWith: .failure) { _ = try Sample.parse("status").flag("jsno") }
        await #expect(processExitsWith: .failure) { _ = try Sample.parse("status").string("form") }
        await #expect(processExitsWith: .failure) { _ = try Sample.parse("status").argument("ID") }
    }

    @Test func aMissingRequiredValueIsAUsageError() throws {
        let parsed = try Sample.parse("status")
        #expect(throws: CLIError.usage("missing option '--at'", hint: "Try 'referral-ledger status --help'."))
        {
            try parsed.required("at")
        }
    }

    @Test(
        arguments: [
            (["improt"], "unknown verb 'improt'", "Did you mean 'referral-ledger import'?"),
            (["xyzzy"], "unknown verb 'xyzzy'", "Try 'referral-ledger --help'."),
            (["hiden"], "unknown verb 'hiden'", "Try 'referral-ledger --help'."),
            (
                ["checkpoint", "sing"], "unknown verb 'sing'",
                "Did you mean 'referral-ledger checkpoint sign'?"
            ),
            (
                ["checkpoint"], "'referral-ledger checkpoint' needs a verb",
                "It has sign. Try 'referral-ledger checkpoint --help'."
            ),
            (
                ["checkpoint", "xyzzy"], "unknown verb 'xyzzy'",
                "It has sign. Try 'referral-ledger checkpoint --help'."
            ),
            (
                ["status", "--jsno"], "unknown option '--jsno' for 'referral-ledger status'",
                "Did you mean '--json'?"
            ),
            (
                ["import", "f", "--forma=csv"], "unknown option '--forma' for 'referral-ledger import'",
                "Did you mean '--format'?"
            ),
            (
                ["import", "f", "--secrt"], "unknown option '--secrt' for 'referral-ledger import'",
                "It takes --format, --map, --group, --atomic, --dry-run. Try 'referral-ledger import --help'."
            ),
            (
                ["status", "-z"], "unknown option '-z'",
                "After '--' every word is an argument. Try 'referral-ledger status --help'."
            ),
            (
                ["status", "--json=yes"], "option '--json' takes no value",
                "Try 'referral-ledger status --help'."
            ),
            (
                ["import", "f", "--map"], "option '--map' needs a value",
                "Write '--map FILE'; a value that begins with '--' as '--map=VALUE'."
            ),
            (
                ["import", "f", "--map", "--json"], "option '--map' needs a value",
                "Write '--map FILE'; a value that begins with '--' as '--map=VALUE'."
            ),
            (
                ["record", "t", "--amount"], "option '--amount' needs a value",
                "Write '--amount VALUE'; a value that begins with '--' as '--amount=VALUE'."
            ),
            (
                ["status", "--at", "1", "--at", "2"], "option '--at' is given twice",
                "Try 'referral-ledger status --help'."
            ),
            (
                ["import", "f", "--format", "cvs"], "--format is 'cvs', not one of jsonl, csv",
                "Did you mean 'csv'?"
            ),
            (["import", "f", "--group", "0"], "--group is '0', not an integer from 1 to 8190", nil),
            (["import", "f", "--group", "1.5"], "--group is '1.5', not an integer from 1 to 8190", nil),
            (["import", "f", "--map="], "--map is empty", nil),
            (["import"], "missing argument FILE", "Try 'referral-ledger import --help'."),
            (["user", "a", "b", "c"], "unexpected argument 'c'", "Try 'referral-ledger user --help'."),
            (
                ["import", "f", "--atomic", "-n"], "'--atomic' and '--dry-run' exclude each other",
                "Try 'referral-ledger import --help'."
            ),
            (
                ["checkpoint", "sign"], "missing option '--origin NAME'",
                "Try 'referral-ledger checkpoint sign --help'."
            ),
            (["help", "improt"], "unknown verb 'improt'", "Did you mean 'referral-ledger import'?"),
        ] as [([String], String, String?)])
    func mistakesAreNamedWithAHint(words: [String], message: String, hint: String?) {
        let parser = CommandLineParser(root: Sample.tree, environment: Environment([:]))
        #expect(throws: CLIError.usage(message, hint: hint)) { try parser.parse(words) }
    }

    @Test(arguments: [
        (["--help"], ["referral-ledger"]),
        (["help"], ["referral-ledger"]),
        (["help", "import"], ["referral-ledger", "import"]),
        (["help", "checkpoint", "sign"], ["referral-ledger", "checkpoint", "sign"]),
        (["checkpoint", "help", "sign"], ["referral-ledger", "checkpoint", "sign"]),
        (["checkpoint", "-h"], ["referral-ledger", "checkpoint"]),
        (["import", "--help", "--nonsense"], ["referral-ledger", "import"]),
        (["help", "help"], ["referral-ledger"]),
    ])
    func helpIsFoundAtEachLevel(words: [String], path: [String]) throws {
        let parser = CommandLineParser(root: Sample.tree, environment: Environment([:]))
        guard case .help(let commands) = try parser.parse(words) else {
            Issue.record("not help: \(words)")
            return
        }
        #expect(commands.map(\.name) == path)
    }

    @Test func helpAfterTwoHyphensIsAnArgument() throws {
        #expect(try Sample.parse("import", "--", "--help").arguments("FILE") == ["--help"])
    }

    @Test func mistakesOfATreeAreFound() {
        let verb = Verb(
            "Bad Name", abstract: "no stop", examples: [.init("other", "git status")],
            arguments: [
                .init("A", "One.", isRequired: false, isRepeating: true), .init("B", "Two."),
            ],
            options: [
                .init("json", "X", "Hides."),
                .init("n", "N", "Number.", kind: .integer(0...9), default: "10"),
            ],
            flags: [.init("hot", letter: "h", "Taken.")],
            exclusive: [["n", "m"]], action: Sample.verb)
        #expect(
            verb.problems().map { $0.replacing("Bad Name: ", with: "") } == [
                "name is not a lower-case word", "abstract without full stop",
                "an example does not call the program", "an option hides one of the group or a global one",
                "a letter stands for two flags", "exclusive names are not options of the verb",
                "A repeats but is not the last argument", "B is required after an optional argument",
                "--n: bad default",
            ])
        let group = Verb("g", abstract: "Group.", examples: [], subcommands: [])
        #expect(group.problems() == ["g: no example", "g: neither a verb nor a group"])
    }
}
