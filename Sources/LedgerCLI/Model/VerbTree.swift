/// One command of the tree, with the way to it: what help, completions and man pages go through.
struct VerbPath {
    /// From the program down to the command.
    let verbs: [Verb]

    /// The command.
    var verb: Verb { verbs[verbs.count - 1] }
    /// As a user types it: `referral-ledger policy show`.
    var words: String { verbs.map(\.name).joined(separator: " ") }
    /// As a page or a function is called: `referral-ledger-policy-show`.
    var hyphenated: String { verbs.map(\.name).joined(separator: "-") }

    /// Its own options and those of its groups, global ones not included.
    var options: [Verb.Option] { verbs.reversed().flatMap(\.options).filter { !$0.isHidden } }
    /// The same of flags.
    var flags: [Verb.Flag] { verbs.reversed().flatMap(\.flags).filter { !$0.isHidden } }
    /// Verbs of a group that are shown.
    var subcommands: [Verb] { verb.subcommands.filter { !$0.isHidden } }

    /// The command and all that are shown under it, each before its own.
    var all: [VerbPath] { [self] + subcommands.flatMap { VerbPath(verbs: verbs + [$0]).all } }
}
