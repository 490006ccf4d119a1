import Glibc

/// `completions`: scripts for shells.
enum CompletionsVerb {
    static let shells = ["bash", "zsh", "fish"]

    static let verb: Verb = Verb(
        "completions", abstract: "Writes the completion script of a shell.",
        discussion: """
            It completes verbs, options, values that are choices, and files. scripts/install puts all three \
            where the shells look for them.
            """,
        section: "Manual",
        examples: [
            .init(
                "For one user",
                "referral-ledger completions fish > ~/.config/fish/completions/referral-ledger.fish")
        ],
        arguments: [.init("SHELL", "Whose script.", kind: .choice(shells))],
        action: { (invocation) throws(CLIError) in
            invocation.output.write(script(invocation.parsed.argument("SHELL") ?? "", of: Program.root))
            return .done
        })

    /// The script of one of `shells`.
    static func script(_ shell: String, of root: Verb) -> String {
        switch shell {
        case "bash": BashCompletion(root: root).text
        case "zsh": ZshCompletion(root: root).text
        default: FishCompletion(root: root).text
        }
    }
}

/// `man`: manual pages.
enum ManVerb {
    static let verb: Verb = Verb(
        "man", abstract: "Writes the manual page of the program or of a verb.",
        discussion: """
            The page is roff for man(1). --into writes the pages of the program and of every verb into a folder, \
            as scripts/install does.
            """,
        section: "Manual",
        examples: [
            .init("To read", "referral-ledger man import | man -l -"),
            .init("All of them", "referral-ledger man --into ./man1"),
        ],
        arguments: [
            .init("VERB", "Whose page; else the program's.", isRequired: false, isRepeating: true)
        ],
        options: [.init("into", "DIR", "Writes all pages there, and none to stdout.", kind: .directory)],
        action: { (invocation) throws(CLIError) in
            let words = invocation.parsed.arguments("VERB")
            guard let folder = invocation.parsed.string("into") else {
                let path = try find(words)
                invocation.output.write(ManPage(path: path, version: Program.version).text)
                return .done
            }
            guard words.isEmpty else { throw .usage("--into writes all pages: name no verb") }
            try OutputFile.makeFolder(folder)
            for path in VerbPath(verbs: [Program.root]).all {
                let page = ManPage(path: path, version: Program.version)
                let file = try OutputFile("\(folder)/\(page.fileName)")
                file.write(Array(page.text.utf8))
                try file.finish()
            }
            return .done
        })

    /// The command that the words lead to.
    private static func find(_ words: [String]) throws(CLIError) -> VerbPath {
        var path = VerbPath(verbs: [Program.root])
        for word in words {
            guard let next = path.verb.subcommand(word) else {
                let known = path.subcommands.map(\.name)
                let hint = Suggestion.nearest(to: word, among: known).map { "Did you mean '\($0)'?" }
                throw .usage("'\(path.words)' has no verb '\(word)'", hint: hint)
            }
            path = VerbPath(verbs: path.verbs + [next])
        }
        return path
    }
}
