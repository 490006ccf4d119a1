/// Turns the words of a command line into a `ParsedVerb`, by the model alone.
///
/// `--name value` and `--name=value` are the same; `--` ends the options; a lone `-` is an ordinary word. A
/// value that itself begins with `--` must be given as `--name=--value`: otherwise a forgotten value would
/// swallow the next option. `--help` and `--version` win over every mistake after them and over what is
/// missing.
struct CommandLineParser {
    /// What the words ask for.
    enum Outcome {
        /// Run a verb.
        case run(ParsedVerb)
        /// Show the help of the last command of the path.
        case help([Verb])
        /// Show the version.
        case version
    }

    /// The whole tree; its name is the program's.
    let root: Verb
    /// Asked for options that the command line does not give.
    let environment: Environment

    /// Parses the words after the program's name.
    ///
    /// - Throws: a usage error (exit 64), with the nearest known word as the hint.
    func parse(_ words: [String]) throws(CLIError) -> Outcome {
        var scan = Scan(root: root, words: words)
        while let word = scan.next() {
            if scan.optionsEnded || word == "-" || !word.hasPrefix("-") {
                if let help = try scan.takeWord(word) { return .help(help) }
            } else if word == "--" {
                scan.optionsEnded = true
            } else {
                try scan.takeOption(word)
                if scan.flags.contains("help") { return .help(scan.path) }
                if scan.flags.contains("version") { return .version }
            }
        }
        return .run(try finish(scan))
    }

    /// Fills in environment and defaults and checks what is missing.
    private func finish(_ scan: Scan) throws(CLIError) -> ParsedVerb {
        let verb = scan.verb
        guard verb.action != nil else {
            throw .usage("'\(scan.pathText)' needs a verb", hint: scan.tryVerbs)
        }
        try scan.checkExclusive()
        var values = scan.values
        for option in scan.knownOptions where values[option.name] == nil {
            if let name = option.environmentVariable, let value = environment[name] {
                try option.kind.check(value, of: "\(name) in the environment")
                values[option.name] = [value]
            } else if let value = option.defaultValue {
                values[option.name] = [value]
            } else if option.isRequired {
                throw .usage("missing option '--\(option.name) \(option.valueName)'", hint: scan.tryHelp)
            } else {
                values[option.name] = []
            }
        }
        let flags = Dictionary(
            scan.knownFlags.map { ($0.name, scan.flags.contains($0.name)) },
            uniquingKeysWith: { given, _ in given })
        return ParsedVerb(
            path: scan.path.map(\.name), verb: verb, optionValues: values,
            givenOptions: Set(scan.values.keys), flags: flags,
            argumentValues: try scan.assignArguments(), fields: scan.fields)
    }
}

/// One pass over the words.
private struct Scan {
    let words: [String]
    var index = 0
    var path: [Verb]
    var optionsEnded = false
    var values: [String: [String]] = [:]
    var flags: Set<String> = []
    var fields: [ParsedVerb.Field] = []
    var positionals: [String] = []

    init(root: Verb, words: [String]) {
        self.words = words
        self.path = [root]
    }

    var verb: Verb { path[path.count - 1] }
    var pathText: String { path.map(\.name).joined(separator: " ") }
    var tryHelp: String { "Try '\(pathText) --help'." }

    /// The verbs of a group, where they are few enough to be read at once; then where to look on.
    var tryVerbs: String {
        let names = verb.subcommands.filter { !$0.isHidden }.map(\.name)
        return path.count > 1 && names.count <= Self.fewNames
            ? "It has \(names.joined(separator: ", ")). \(tryHelp)" : tryHelp
    }

    /// The options of the verb itself and its groups, likewise.
    private var tryOptions: String {
        let verbs = path.dropFirst()
        let names =
            verbs.flatMap(\.options).filter { !$0.isHidden }.map(\.name)
            + verbs.flatMap(\.flags).filter { !$0.isHidden }.map(\.name)
        return !names.isEmpty && names.count <= Self.fewNames
            ? "It takes \(names.map { "--\($0)" }.joined(separator: ", ")). \(tryHelp)" : tryHelp
    }

    private static let fewNames = 10

    /// Innermost first, so that a verb may redefine what its group declares.
    var knownOptions: [Verb.Option] { path.reversed().flatMap(\.options) + GlobalOptions.options }
    var knownFlags: [Verb.Flag] { path.reversed().flatMap(\.flags) + GlobalOptions.flags }

    mutating func next() -> String? {
        guard index < words.count else { return nil }
        defer { index += 1 }
        return words[index]
    }

    /// A subcommand or a positional argument. Returns the path whose help is asked for by the word `help`.
    mutating func takeWord(_ word: String) throws(CLIError) -> [Verb]? {
        guard !verb.subcommands.isEmpty else {
            positionals.append(word)
            return nil
        }
        if let next = verb.subcommand(word) {
            path.append(next)
            return nil
        }
        if word == "help" {
            try takeHelpPath()
            return path
        }
        throw .usage("unknown verb '\(word)'", hint: likelyVerb(word) ?? tryVerbs)
    }

    /// The verb that may have been meant: the nearest one here, else one of that name in another group.
    private func likelyVerb(_ word: String) -> String? {
        let known = verb.subcommands.filter { !$0.isHidden }.map(\.name)
        if let near = Suggestion.nearest(to: word, among: known) {
            return "Did you mean '\(pathText) \(near)'?"
        }
        let begun = known.filter { word.count > 1 && $0.hasPrefix(word) }
        if !begun.isEmpty {
            return "Did you mean \(begun.map { "'\(pathText) \($0)'" }.joined(separator: " or "))?"
        }
        let elsewhere = VerbPath(verbs: [path[0]]).all.filter { $0.verb.name == word }
        if elsewhere.isEmpty { return nil }
        let names = elsewhere.map { "'\($0.words)'" }.joined(separator: " or ")
        return "Did you mean \(names)?"
    }

    /// The words after `help` name the verb to explain.
    private mutating func takeHelpPath() throws(CLIError) {
        while !verb.subcommands.isEmpty, let word = next() {
            if word.hasPrefix("-") { continue }
            guard word != "help" else { return }
            if try takeWord(word) != nil { return }
        }
    }

    mutating func takeOption(_ word: String) throws(CLIError) {
        guard word.hasPrefix("--") else {
            guard word.count == 2, let letter = word.last,
                let flag = knownFlags.first(where: { $0.letter == letter })
            else {
                let known = (knownOptions.map(\.name) + knownFlags.map(\.name))
                let near =
                    word.count > 2 ? Suggestion.nearest(to: String(word.dropFirst()), among: known) : nil
                throw .usage(
                    "unknown option '\(word)'",
                    hint: near.map { "Did you mean '--\($0)'?" }
                        ?? "After '--' every word is an argument. \(tryHelp)")
            }
            flags.insert(flag.name)
            return
        }
        let body = word.dropFirst(2)
        let equals = body.firstIndex(of: "=")
        let name = String(equals.map { body[..<$0] } ?? body)
        let inline = equals.map { String(body[body.index(after: $0)...]) }
        if knownFlags.contains(where: { $0.name == name }) {
            guard inline == nil else { throw .usage("option '--\(name)' takes no value", hint: tryHelp) }
            flags.insert(name)
        } else if let option = knownOptions.first(where: { $0.name == name }) {
            try take(option, inline: inline)
        } else if verb.openFields != nil, !name.isEmpty {
            fields.append(.init(name: name, value: try value(of: name, "VALUE", inline: inline)))
        } else {
            throw unknownOption(name)
        }
    }

    private mutating func take(_ option: Verb.Option, inline: String?) throws(CLIError) {
        let value = try value(of: option.name, option.valueName, inline: inline)
        try option.kind.check(value, of: "--\(option.name)")
        guard option.isRepeatable || values[option.name] == nil else {
            throw .usage("option '--\(option.name)' is given twice", hint: tryHelp)
        }
        values[option.name, default: []].append(value)
    }

    private mutating func value(
        of name: String, _ valueName: String, inline: String?
    ) throws(CLIError) -> String {
        if let inline { return inline }
        guard index < words.count, !words[index].hasPrefix("--") else {
            throw .usage(
                "option '--\(name)' needs a value",
                hint: "Write '--\(name) \(valueName)'; a value that begins with '--' as '--\(name)=VALUE'.")
        }
        defer { index += 1 }
        return words[index]
    }

    private func unknownOption(_ name: String) -> CLIError {
        let known =
            knownOptions.filter { !$0.isHidden }.map(\.name) + knownFlags.filter { !$0.isHidden }.map(\.name)
        let hint = Suggestion.nearest(to: name, among: known).map { "Did you mean '--\($0)'?" }
        return .usage("unknown option '--\(name)' for '\(pathText)'", hint: hint ?? tryOptions)
    }

    func checkExclusive() throws(CLIError) {
        for group in verb.exclusive {
            let given = group.filter { values[$0] != nil || flags.contains($0) }
            guard given.count > 1 else { continue }
            let names = given.map { "'--\($0)'" }.joined(separator: " and ")
            throw .usage("\(names) exclude each other", hint: tryHelp)
        }
    }

    /// Hands the positional words to the declared arguments in order.
    func assignArguments() throws(CLIError) -> [String: [String]] {
        var rest = positionals[...]
        var assigned: [String: [String]] = [:]
        for argument in verb.arguments {
            let taken = argument.isRepeating ? rest : rest.prefix(1)
            rest = rest.dropFirst(taken.count)
            if taken.isEmpty, argument.isRequired {
                throw .usage("missing argument \(argument.name)", hint: tryHelp)
            }
            for value in taken { try argument.kind.check(value, of: argument.name) }
            assigned[argument.name] = Array(taken)
        }
        if let extra = rest.first {
            throw .usage("unexpected argument '\(extra)'", hint: tryHelp)
        }
        return assigned
    }
}

extension Verb.ValueKind {
    /// Refuses a value that is not of this kind; `name` is what the message calls it.
    func check(_ value: String, of name: String) throws(CLIError) {
        switch self {
        case .text:
            return
        case .file, .directory:
            if value.isEmpty { throw .usage("\(name) is empty") }
        case .integer(let range):
            guard let number = Int(value), range.contains(number) else {
                throw .usage("\(name) is '\(value)', not \(Self.describe(range))")
            }
        case .choice(let words):
            guard !words.contains(value) else { return }
            let hint = Suggestion.nearest(to: value, among: words).map { "Did you mean '\($0)'?" }
            throw .usage("\(name) is '\(value)', not one of \(words.joined(separator: ", "))", hint: hint)
        }
    }

    private static func describe(_ range: ClosedRange<Int>) -> String {
        switch (range.lowerBound, range.upperBound) {
        case (.min, .max): "an integer"
        case (let low, .max): "an integer from \(low)"
        case (.min, let high): "an integer up to \(high)"
        case (let low, let high): "an integer from \(low) to \(high)"
        }
    }
}
