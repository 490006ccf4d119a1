/// A verb of the command line, or a group of verbs, as data.
///
/// The parser, the help texts, the shell completions and the man pages all read this one tree, so they cannot
/// disagree. `problems()` finds mistakes in a tree; a test calls it on the real one.
struct Verb: Sendable {
    /// What runs when the verb was parsed. It is called once, on the main thread, and may block.
    typealias Action = @Sendable (Invocation) throws(CLIError) -> ExitCode

    /// The word that calls it: lower case, hyphens.
    let name: String
    /// One sentence with its full stop; stands beside the name in the list of verbs.
    let abstract: String
    /// Paragraphs, parted by empty lines; wrapped when shown. Lines that begin with a blank are kept as they
    /// are.
    let discussion: String
    /// The heading under which the list of verbs shows it.
    let section: String
    /// At least one for every verb that runs.
    let examples: [Example]
    /// Positional arguments in order.
    let arguments: [Argument]
    /// Options that take a value.
    let options: [Option]
    /// Options that take none.
    let flags: [Flag]
    /// Names of options and flags of which at most one may be given.
    let exclusive: [[String]]
    /// Set when any other `--name value` is taken too, as `record` takes the fields of a command line.
    let openFields: OpenFields?
    /// Left out of help and completions, yet callable.
    let isHidden: Bool
    /// The verbs of a group. A group takes no positional arguments.
    let subcommands: [Verb]
    /// Nil for a group.
    let action: Action?

    /// A verb that runs.
    init(
        _ name: String,
        abstract: String,
        discussion: String = "",
        section: String = "",
        examples: [Example],
        arguments: [Argument] = [],
        options: [Option] = [],
        flags: [Flag] = [],
        exclusive: [[String]] = [],
        openFields: OpenFields? = nil,
        isHidden: Bool = false,
        action: @escaping Action
    ) {
        self.name = name
        self.abstract = abstract
        self.discussion = discussion
        self.section = section
        self.examples = examples
        self.arguments = arguments
        self.options = options
        self.flags = flags
        self.exclusive = exclusive
        self.openFields = openFields
        self.isHidden = isHidden
        self.subcommands = []
        self.action = action
    }

    /// A group of verbs. Its options and flags are taken by each of them.
    init(
        _ name: String,
        abstract: String,
        discussion: String = "",
        section: String = "",
        examples: [Example],
        options: [Option] = [],
        flags: [Flag] = [],
        isHidden: Bool = false,
        subcommands: [Verb]
    ) {
        self.name = name
        self.abstract = abstract
        self.discussion = discussion
        self.section = section
        self.examples = examples
        self.arguments = []
        self.options = options
        self.flags = flags
        self.exclusive = []
        self.openFields = nil
        self.isHidden = isHidden
        self.subcommands = subcommands
        self.action = nil
    }

    /// The subcommand of this name.
    func subcommand(_ name: String) -> Verb? {
        subcommands.first { $0.name == name }
    }
}

extension Verb {
    /// A command line as a user would type it, and why.
    struct Example: Sendable {
        /// What it does, without a full stop.
        let purpose: String
        /// The whole line, program name included.
        let line: String

        /// `line`, shown under `purpose`.
        init(_ purpose: String, _ line: String) {
            self.purpose = purpose
            self.line = line
        }
    }

    /// What a value may be: checked by the parser, offered by the completions.
    enum ValueKind: Sendable, Equatable {
        /// Any text.
        case text
        /// A decimal integer within the range.
        case integer(ClosedRange<Int>)
        /// One of these words.
        case choice([String])
        /// The path of a file; `-` is stdin where the verb reads.
        case file
        /// The path of a folder.
        case directory
    }

    /// A positional argument.
    struct Argument: Sendable {
        /// In capitals: `FILE`.
        let name: String
        /// One sentence with its full stop.
        let abstract: String
        /// What is allowed.
        let kind: ValueKind
        /// Missing it is a usage error. A required one never follows an optional one.
        let isRequired: Bool
        /// Takes all that is left; only the last argument may.
        let isRepeating: Bool

        /// An argument shown as `name`.
        init(
            _ name: String, _ abstract: String, kind: ValueKind = .text, isRequired: Bool = true,
            isRepeating: Bool = false
        ) {
            self.name = name
            self.abstract = abstract
            self.kind = kind
            self.isRequired = isRequired
            self.isRepeating = isRepeating
        }
    }

    /// An option with a value: `--name VALUE` or `--name=VALUE`.
    struct Option: Sendable {
        /// Without the hyphens.
        let name: String
        /// What the help calls its value, in capitals.
        let valueName: String
        /// One sentence with its full stop.
        let abstract: String
        /// What is allowed.
        let kind: ValueKind
        /// The value when neither the command line nor the environment gives one.
        let defaultValue: String?
        /// Asked when the command line does not give the option.
        let environmentVariable: String?
        /// May be given more than once.
        let isRepeatable: Bool
        /// Missing it is a usage error.
        let isRequired: Bool
        /// Left out of help and completions, yet taken.
        let isHidden: Bool

        /// The option `--name valueName`.
        init(
            _ name: String, _ valueName: String, _ abstract: String, kind: ValueKind = .text,
            default defaultValue: String? = nil, environment: String? = nil, isRepeatable: Bool = false,
            isRequired: Bool = false, isHidden: Bool = false
        ) {
            self.name = name
            self.valueName = valueName
            self.abstract = abstract
            self.kind = kind
            self.defaultValue = defaultValue
            self.environmentVariable = environment
            self.isRepeatable = isRepeatable
            self.isRequired = isRequired
            self.isHidden = isHidden
        }
    }

    /// An option without a value: `--name`, or its letter.
    struct Flag: Sendable {
        /// Without the hyphens.
        let name: String
        /// `h` for `-h`.
        let letter: Character?
        /// One sentence with its full stop.
        let abstract: String
        /// Left out of help and completions, yet taken.
        let isHidden: Bool

        /// The flag `--name`.
        init(_ name: String, letter: Character? = nil, _ abstract: String, isHidden: Bool = false) {
            self.name = name
            self.letter = letter
            self.abstract = abstract
            self.isHidden = isHidden
        }
    }

    /// Says that options which are not declared are taken as fields, and how the help speaks of them.
    struct OpenFields: Sendable {
        /// For the usage line: `--field value`.
        let usage: String
        /// One sentence with its full stop.
        let abstract: String
        /// Names that are known, by the first argument, for completions; others are taken too.
        let names: [(argument: String, names: [String])]

        /// Fields shown as `usage`.
        init(usage: String, _ abstract: String, names: [(argument: String, names: [String])] = []) {
            self.usage = usage
            self.abstract = abstract
            self.names = names
        }
    }
}
