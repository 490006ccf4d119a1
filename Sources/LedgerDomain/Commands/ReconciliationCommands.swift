// Commands about provider statements: what was compared, and what did not agree.

/// A statement of a provider was compared with the ledger. Its breaks follow as commands of their own.
public struct RecordReconciliation: Sendable, Equatable {
    /// What names it for ever: 1–255 bytes.
    public var runId: String
    /// The provider's name: 1–255 bytes of UTF-8.
    public var provider: String
    /// SHA-256 of the statement, hexadecimal: 1–255 bytes.
    public var statement: String
    /// Lines that are facts, ≥ 0.
    public var lines: Int
    /// Lines that a fact here belongs to, 0 … `lines`.
    public var matched: Int
    /// Breaks that were found, ≥ 0.
    public var breaks: Int
    /// The business moment up to which it speaks.
    public var at: Timestamp
    /// Memberwise.
    public init(
        runId: String, provider: String, statement: String, lines: Int, matched: Int, breaks: Int,
        at: Timestamp
    ) {
        self.runId = runId
        self.provider = provider
        self.statement = statement
        self.lines = lines
        self.matched = matched
        self.breaks = breaks
        self.at = at
    }
}

/// What a break means. The names are those of input lines.
public enum BreakKind: String, Sendable, CaseIterable {
    /// Two things that must be equal are not.
    case mismatch = "MISMATCH"
    /// Something is on its way.
    case incomplete = "INCOMPLETE"
}

/// Something in a statement and the ledger do not agree.
public struct OpenBreak: Sendable, Equatable {
    /// What names it: 1–255 bytes. A run opens it once at most, and nobody while it is open.
    public var breakId: String
    /// The run that found it.
    public var runId: String
    /// Code of the check: 1–255 bytes.
    public var rule: String
    /// What it means.
    public var kind: BreakKind
    /// What it is about: 1–255 bytes.
    public var subject: String
    /// When the thing happened.
    public var since: Timestamp
    /// What the amounts are in; needed with one of them.
    public var asset: AssetNumber?
    /// By the ledger; minor units.
    public var expected: Int64?
    /// By the statement; minor units.
    public var found: Int64?
    /// The business moment: that of the run.
    public var at: Timestamp
    /// Memberwise.
    public init(
        breakId: String, runId: String, rule: String, kind: BreakKind, subject: String, since: Timestamp,
        asset: AssetNumber? = nil, expected: Int64? = nil, found: Int64? = nil, at: Timestamp
    ) {
        self.breakId = breakId
        self.runId = runId
        self.rule = rule
        self.kind = kind
        self.subject = subject
        self.since = since
        self.asset = asset
        self.expected = expected
        self.found = found
        self.at = at
    }
}

/// A break is no more. Has no natural id, since a break may be opened again: needs a key.
public struct ResolveBreak: Sendable, Equatable {
    /// The break, which is open.
    public var breakId: String
    /// The run that did not find it any more; nil: a person has dealt with it.
    public var runId: String?
    /// Why: 1–255 bytes.
    public var reason: String
    /// The business moment.
    public var at: Timestamp
    /// Memberwise.
    public init(breakId: String, runId: String? = nil, reason: String, at: Timestamp) {
        self.breakId = breakId
        self.runId = runId
        self.reason = reason
        self.at = at
    }
}
