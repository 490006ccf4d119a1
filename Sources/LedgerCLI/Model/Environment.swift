import Glibc

/// The environment variables a run may look at; a test brings its own.
struct Environment: Sendable {
    private let lookUp: @Sendable (String) -> String?

    /// The variables of this process, read at each look-up.
    static let process = Environment { name in
        // getenv is safe as long as nobody calls setenv; this program never does.
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }

    /// Only these variables.
    init(_ variables: [String: String]) {
        self.init { variables[$0] }
    }

    private init(lookUp: @escaping @Sendable (String) -> String?) {
        self.lookUp = lookUp
    }

    /// The variable's value; nil when it is unset **or empty**, which by custom mean the same.
    subscript(name: String) -> String? {
        guard let value = lookUp(name), !value.isEmpty else { return nil }
        return value
    }
}
