import Glibc

/// Why the writer's socket could not be used: a stable code and a sentence.
public struct SocketError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Stable codes.
    public enum Code: String, Sendable, CaseIterable {
        /// The socket cannot be made or reached: no permission, a path that no socket can have.
        case system = "socket.system"
        /// The writer went away before it answered. What was sent may be recorded: sent again, it is repeated.
        case gone = "socket.gone"
        /// The other end speaks another version of the protocol, or none.
        case version = "socket.version"
        /// The writer serves as many clients as it may.
        case busy = "socket.busy"
        /// The command has no form that fits a line.
        case notForwardable = "socket.not_forwardable"
        /// The server is about to stop.
        case stopped = "socket.stopped"
    }
    /// What kind of failure it is.
    public let code: Code
    /// One sentence for people.
    public let message: String

    /// Memberwise.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// A failed call of the system's.
    static func system(_ operation: String, _ number: Int32) -> SocketError {
        let words = unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
        return SocketError(.system, "\(operation): \(words)")
    }

    /// The other end hung up.
    static let gone = SocketError(.gone, "the process that writes the ledger went away before it answered")

    /// The other end sent what the protocol does not know.
    static func strange(_ what: String) -> SocketError {
        SocketError(.version, "the process that writes the ledger speaks another protocol: \(what)")
    }

    /// For messages.
    public var description: String { "\(code.rawValue): \(message)" }
}
