import Testing

@testable import LedgerCLI

/// A typing mistake is answered with what may have been meant, wherever a known word is due.
@Suite struct DidYouMeanTests {
    private func hint(_ words: String...) -> String? {
        do throws(CLIError) {
            _ = try CommandLineParser(root: Program.root, environment: Environment([:])).parse(words)
            return nil
        } catch {
            #expect(error.exitCode == .usage)
            return error.hint
        }
    }

    @Test func everywhere() {
        for (words, expected) in [
            (["statsu"], "Did you mean 'referral-ledger status'?"),
            (["polcy", "show"], "Did you mean 'referral-ledger policy'?"),
            (["policy", "shwo"], "Did you mean 'referral-ledger policy show'?"),
            (["help", "imprt"], "Did you mean 'referral-ledger import'?"),
            (["policy", "help", "publsh"], "Did you mean 'referral-ledger policy publish'?"),
            // A verb of a group, called without it.
            (["publish"], "Did you mean 'referral-ledger policy publish'?"),
            (["import", "--fromat", "csv", "x"], "Did you mean '--format'?"),
            (["--legder", "x", "status"], "Did you mean '--ledger'?"),
            (["status", "--jsno"], "Did you mean '--json'?"),
            (["status", "-json"], "Did you mean '--json'?"),
            (["import", "--format", "cvs", "x"], "Did you mean 'csv'?"),
            (["import", "--format=jsnol", "x"], "Did you mean 'jsonl'?"),
            (["init", "--preset", "two-levle"], "Did you mean 'two-level'?"),
            (["record", "singup", "--userId", "u"], "Did you mean 'signup'?"),
            (["completions", "bsh"], "Did you mean 'bash'?"),
        ] {
            do throws(CLIError) {
                _ = try CommandLineParser(root: Program.root, environment: Environment([:])).parse(words)
                Issue.record("\(words) was taken")
            } catch {
                #expect(error.exitCode == .usage, "\(words)")
                #expect(error.hint == expected, "\(words)")
            }
        }
    }

    @Test func nothingNearGivesTheWayToTheHelp() {
        #expect(hint("xyzzy") == "Try 'referral-ledger --help'.")
        // Of few, all are named.
        #expect(
            hint("import", "--xyzzy", "x")
                == "It takes --format, --map, --import-id, --rejects, --atomic, --dry-run, --retry-refused. "
                + "Try 'referral-ledger import --help'.")
        #expect(
            hint("explain", "withdrawal")
                == "It has balance, tier, rank, reward, parked. Try 'referral-ledger explain --help'.")
        #expect(hint("explain", "balance", "u", "--xyzzy")?.hasPrefix("It takes --programme, --at, ") == true)
        #expect(
            hint("status", "-z")
                == "After '--' every word is an argument. Try 'referral-ledger status --help'.")
        #expect(hint("import", "--format", "xyzzy", "x") == nil)
    }

    /// Each verb, each option and each choice of the real tree, with its last letter doubled.
    @Test func everyWordOfTheTree() {
        for path in VerbPath(verbs: [Program.root]).all {
            let group = path.verbs.dropFirst().dropLast().map(\.name)
            if path.verbs.count > 1 {
                expect(group + [path.verb.name + "q"], "'\(path.words)'")
            }
            let words = path.verbs.dropFirst().map(\.name)
            guard path.verb.openFields == nil else { continue }
            for name in path.options.map(\.name) + path.flags.map(\.name) {
                expect(words + ["--\(name)q"], "'--\(name)'")
            }
            for option in path.options {
                guard case .choice(let choices) = option.kind else { continue }
                for choice in choices { expect(words + ["--\(option.name)", choice + "q"], "'\(choice)'") }
            }
        }
    }

    private func expect(_ words: [String], _ meant: String) {
        do throws(CLIError) {
            _ = try CommandLineParser(root: Program.root, environment: Environment([:])).parse(words)
            Issue.record("\(words) was taken")
        } catch {
            #expect(error.hint == "Did you mean \(meant)?", "\(words)")
        }
    }
}
