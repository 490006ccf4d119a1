/// Who may have sent a command.
public enum ActorRole: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    case system = 0
    case user, admin, auditor
    /// Stable name.
    public var name: String {
        switch self {
        case .system: "system"
        case .user: "user"
        case .admin: "admin"
        case .auditor: "auditor"
        }
    }
}

/// What all events of a record share. What is usual (the system as actor, no ids) costs no bytes.
@frozen
public struct RecordEnvelope: Sendable, BitwiseCopyable {
    public static let hasActor: UInt8 = 1
    public static let hasCorrelation: UInt8 = 2
    public static let hasCausation: UInt8 = 4
    public static let hasKey: UInt8 = 8
    static let knownFlags: UInt8 = 15

    /// The programme.
    public var programme = ProgrammeNumber(0)
    /// Version of the policy that ruled the command; 0 where none did.
    public var policyVersion: UInt64 = 0
    /// The business moment of the command; an event may have its own.
    public var occurredAt = Timestamp(nanoseconds: 0)
    /// Who sent the command.
    public var actorRole = ActorRole.system
    /// The sender's id, or nil.
    public var actorId = BorrowedText.empty
    /// The host's request id.
    public var correlationId = BorrowedText.empty
    /// What made the host send the command.
    public var causation = BorrowedText.empty
    /// `Command.Action.typeNumber` of the command that brought the key: keys are scoped to programme and
    /// type.
    public var keyType: UInt8 = 0
    /// The explicit idempotency key.
    public var key = BorrowedText.empty

    /// With the defaults.
    @inlinable public init() {}
}
