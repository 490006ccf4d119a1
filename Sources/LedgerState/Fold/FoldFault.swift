import LedgerDomain

/// Something in the log that the rules do not allow: the log is broken, or was written by a program with a
/// fault.
public struct FoldFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// Stable name of the check.
    public let check: String
    /// One sentence for people.
    public let message: String
    /// The log position.
    public let position: LogPosition
    /// Memberwise.
    public init(_ check: String, _ message: String, at position: LogPosition) {
        self.check = check
        self.message = message
        self.position = position
    }
    /// For messages.
    public var description: String { "position \(position): \(check): \(message)" }
}
