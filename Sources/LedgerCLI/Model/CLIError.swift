/// Why a verb stopped: what the user reads on stderr, and the exit code a script reads.
struct CLIError: Error, Equatable, Sendable {
    /// The status the process ends with.
    let exitCode: ExitCode
    /// One sentence without a full stop, small first letter; names what was given, in quotes.
    let message: String
    /// What to do about it, where that is known.
    let hint: String?

    /// An error that ends the run with `exitCode`.
    init(_ exitCode: ExitCode, _ message: String, hint: String? = nil) {
        self.exitCode = exitCode
        self.message = message
        self.hint = hint
    }

    /// A mistake in the command line (exit 64).
    static func usage(_ message: String, hint: String? = nil) -> CLIError {
        CLIError(.usage, message, hint: hint)
    }

    /// The lines for stderr, each ended by a newline: `program: message`, then the hint.
    ///
    /// Control characters (a value that was given may hold some) are made visible.
    func report(program: String) -> String {
        var text = "\(program): \(DisplayText.safe(message, keepingNewlines: true))\n"
        if let hint {
            text += "  \(DisplayText.safe(hint, keepingNewlines: true))\n"
        }
        return text
    }
}
