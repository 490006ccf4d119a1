import LedgerDomain
import LedgerLog

/// What is to be explained.
public enum Explained: Sendable, Equatable {
    /// A user's money; one asset, or all.
    case balance(userId: String, asset: AssetNumber?)
    /// A user's tier.
    case tier(userId: String)
    /// A user's place on a board of all time.
    case rank(userId: String, by: LeaderboardMetric, asset: AssetNumber?)
    /// A grant by its name (`r17`), or a commission as `provider/payment/level`.
    case reward(String)
    /// A fact that waits, or waited: its id, or the position of its `EventParked`.
    case parked(String)
    /// All that one request of the host's made: its correlation id.
    case request(String)
}

/// How an answer came to be: the events that made it, each with the rule and the policy version it was made by.
public struct Explanation: Sendable, Equatable {
    /// One event of the account.
    public struct Step: Sendable, Equatable {
        /// Its position.
        public let position: LogPosition
        /// Ordinal of its record: the leaf of the hash tree that an inclusion proof is about.
        public let leaf: UInt64
        public let occurredAt: Timestamp
        public let type: EventType
        /// What happened, in words.
        public let text: String
        /// What it changed for the user, as `pending +2.55 USD`; of a request for every user, as
        /// `u-1 pending +2.55 USD`.
        public let changes: [String]
        /// The policy version that ruled the record; 0 where none did.
        public let policyVersion: UInt64
        /// The rule it was made by, with the values of that version.
        public let rule: String
    }
    /// A policy version that a step was made by.
    public struct PolicyCited: Sendable, Equatable {
        public let version: UInt64
        public let name: String
        /// From when it rules; nil: from the beginning.
        public let effectiveFrom: Timestamp?
        /// SHA-256 of its canonical JSON, hexadecimal.
        public let hash: String
    }
    /// That the record of a step is in the log: an RFC 6962 audit path.
    public struct Proof: Sendable, Equatable {
        /// Index of the leaf.
        public let leaf: UInt64
        /// SHA-256 of the leaf: 0x00 and the stored record.
        public let leafHash: Digest32
        /// From the leaf's sibling upwards; with ``leafHash`` it gives ``Explanation/logRoot``.
        public let path: [Digest32]
    }
    /// A part of the answer.
    public struct Fact: Sendable, Equatable {
        public let name: String
        public let value: String
    }

    /// balance, tier, rank, reward, parked or request.
    public let kind: String
    /// What was asked for.
    public let key: String
    public let programme: String
    /// The answer.
    public let facts: [Fact]
    /// The events that made it, in log order.
    public let steps: [Step]
    /// The versions that steps name.
    public let policies: [PolicyCited]
    /// Where it holds.
    public let position: LogPosition
    /// By business time: only what had happened by then; nil: all.
    public let effective: Timestamp?
    /// Leaves of the hash tree there, and its root (RFC 6962), hexadecimal: what proofs of the steps lead to.
    public let treeSize: UInt64
    public let logRoot: String
    /// One proof a record that steps name, by leaf.
    public let proofs: [Proof]
}
