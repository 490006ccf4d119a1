import Glibc

/// Bold, dim and colour, or plain text where nobody would see them.
struct Style: Equatable, Sendable {
    /// Whether escape sequences are written.
    let isEnabled: Bool

    /// No escape sequences.
    static let plain = Style(isEnabled: false)

    /// A style with or without escape sequences.
    init(isEnabled: Bool) {
        self.isEnabled = isEnabled
    }

    /// Escape sequences only on a terminal that knows them, and not when `NO_COLOR` is set
    /// (https://no-color.org).
    init(isTerminal: Bool, environment: Environment) {
        self.isEnabled = isTerminal && environment["NO_COLOR"] == nil && environment["TERM"] != "dumb"
    }

    /// Headings.
    func bold(_ text: String) -> String { wrap(text, "1") }
    /// What may be passed over.
    func dim(_ text: String) -> String { wrap(text, "2") }
    /// Errors and differences.
    func red(_ text: String) -> String { wrap(text, "31") }
    /// What holds.
    func green(_ text: String) -> String { wrap(text, "32") }
    /// What is incomplete.
    func yellow(_ text: String) -> String { wrap(text, "33") }

    private func wrap(_ text: String, _ code: String) -> String {
        isEnabled && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}

/// What is known of the terminal behind a file descriptor.
enum Terminal {
    /// Whether the descriptor is a terminal.
    static func isTerminal(_ descriptor: Int32) -> Bool {
        isatty(descriptor) == 1
    }

    /// The columns of the terminal behind the descriptor, or nil.
    static func columns(_ descriptor: Int32) -> Int? {
        var size = winsize()
        guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }
}
