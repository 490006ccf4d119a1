/// A verb with its arguments, checked against the model.
///
/// Asking for a name that the verb does not declare is a defect of the verb and traps.
struct ParsedCommand: Sendable {
    /// The words that led here, program name first: `["referral-ledger", "checkpoint", "sign"]`.
    let path: [String]
    /// The verb.
    let command: Command
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
    private let givenFlags: Set<String>
    private let argumentValues: [String: [String]]
    private let givenOptions: Set<String>

    /// Made by the parser, with every declared option and argument as a key.
    init(
        path: [String], command: Command, optionValues: [String: [String]], givenOptions: Set<String>,
        givenFlags: Set<String>, argumentValues: [String: [String]], fields: [Field]
    ) {
        self.path = path
        self.command = command
        self.optionValues = optionValues
        self.givenOptions = givenOptions
        self.givenFlags = givenFlags
        self.argumentValues = argumentValues
        self.fields = fields
    }

    /// All values of an option: from the command line, else the environment, else its default.
    func values(_ option: String) -> [String] {
        guard let values = optionValues[option] else {
            preconditionFailure("\(command.name) declares no option --\(option)")
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
        givenFlags.contains(name)
    }

    /// Whether the command line itself gave this option or flag.
    func isGiven(_ name: String) -> Bool {
        givenOptions.contains(name) || givenFlags.contains(name)
    }

    /// All values of a positional argument.
    func arguments(_ name: String) -> [String] {
        guard let values = argumentValues[name] else {
            preconditionFailure("\(command.name) declares no argument \(name)")
        }
        return values
    }

    /// The value of a positional argument, or nil when it is optional and absent.
    func argument(_ name: String) -> String? {
        arguments(name).first
    }
}
