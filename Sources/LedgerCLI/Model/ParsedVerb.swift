/// A verb with its arguments, checked against the model.
///
/// Asking for a name that the verb does not declare is a defect of the verb and traps.
struct ParsedVerb: Sendable {
    /// The words that led here, program name first: `["referral-ledger", "checkpoint", "sign"]`.
    let path: [String]
    /// The verb.
    let verb: Verb
    /// Undeclared `--name value` pairs in the order given; only a verb with `openFields` has any.
    let fields: [Field]

    /// One undeclared option with its value.
    struct Field: Equatable, Sendable {
        /// Without the hyphens.
        let name: String
        /// As given.
        let value: String
    }

    private let optionValues: [String: [String]]
    private let flags: [String: Bool]
    private let argumentValues: [String: [String]]
    private let givenOptions: Set<String>

    /// Made by the parser, with every declared option, flag and argument as a key.
    init(
        path: [String], verb: Verb, optionValues: [String: [String]], givenOptions: Set<String>,
        flags: [String: Bool], argumentValues: [String: [String]], fields: [Field]
    ) {
        self.path = path
        self.verb = verb
        self.optionValues = optionValues
        self.givenOptions = givenOptions
        self.flags = flags
        self.argumentValues = argumentValues
        self.fields = fields
    }

    /// All values of an option: from the command line, else the environment, else its default.
    func values(_ option: String) -> [String] {
        guard let values = optionValues[option] else {
            preconditionFailure("\(verb.name) declares no option --\(option)")
        }
        return values
    }

    /// The value of an option, or nil.
    func string(_ option: String) -> String? {
        values(option).last
    }

    /// The value of an option of kind `integer`, or nil. The parser has checked the range.
    func int(_ option: String) -> Int? {
        guard let text = string(option) else { return nil }
        guard let value = Int(text) else { preconditionFailure("--\(option) is not declared as an integer") }
        return value
    }

    /// The value of an option without which the verb cannot go on.
    func required(_ option: String) throws(CLIError) -> String {
        guard let value = string(option) else {
            throw .usage("missing option '--\(option)'", hint: "Try '\(path.joined(separator: " ")) --help'.")
        }
        return value
    }

    /// Whether the flag was given.
    func flag(_ name: String) -> Bool {
        guard let isGiven = flags[name] else {
            preconditionFailure("\(verb.name) declares no flag --\(name)")
        }
        return isGiven
    }

    /// Whether the command line itself gave this option or flag.
    func isGiven(_ name: String) -> Bool {
        optionValues[name] == nil ? flag(name) : givenOptions.contains(name)
    }

    /// All values of a positional argument.
    func arguments(_ name: String) -> [String] {
        guard let values = argumentValues[name] else {
            preconditionFailure("\(verb.name) declares no argument \(name)")
        }
        return values
    }

    /// The value of a positional argument, or nil when it is optional and absent.
    func argument(_ name: String) -> String? {
        arguments(name).first
    }
}
