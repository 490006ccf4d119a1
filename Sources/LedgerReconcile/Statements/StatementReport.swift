import LedgerDomain

/// One thing that is compared with a statement.
public struct StatementCheck: Sendable, Equatable {
    /// Stable code.
    public let code: String
    /// What holds when it holds. One sentence.
    public let sentence: String

    init(_ code: String, _ sentence: String) {
        self.code = code
        self.sentence = sentence
    }

    static let missingHere = StatementCheck(
        "statement.missing-here", "Every line of the statement belongs to a fact of the ledger.")
    static let missingThere = StatementCheck(
        "statement.missing-there",
        "Every fact of the period that such a file lists, and that moved money, is in the statement.")
    static let amount = StatementCheck(
        "statement.amount", "A line and its fact have the same amount, within the tolerance.")
    static let currency = StatementCheck("statement.currency", "A line and its fact are in one currency.")
    static let timing = StatementCheck(
        "statement.timing", "The moments of a line and its fact lie no further apart than allowed.")
    static let state = StatementCheck(
        "statement.state", "A payout, refund or dispute has ended in the statement as it has in the ledger.")
    static let duplicateThere = StatementCheck(
        "statement.duplicate-there", "No two lines are the same thing.")
    static let duplicateHere = StatementCheck(
        "statement.duplicate-here", "No two facts of the ledger belong to one line.")
    static let parked = StatementCheck(
        "statement.parked", "No line belongs to a fact that waits, and so has moved nothing yet.")
    static let settlement = StatementCheck(
        "statement.settlement", "The lines of a settlement sum to what was transferred.")
    static let arithmetic = StatementCheck(
        "statement.arithmetic", "A line's net is its gross less its fee.")
    static let unknown = StatementCheck(
        "statement.unknown-line", "Every line is of a type that the ledger has facts for.")

    /// Every check, in the order in which breaks are listed.
    public static let all: [StatementCheck] = [
        .missingHere, .missingThere, .amount, .currency, .timing, .state, .duplicateThere, .duplicateHere,
        .parked, .settlement, .arithmetic, .unknown,
    ]
}

/// Something in a statement and the ledger that does not agree, or is on its way.
public struct StatementBreak: Sendable, Equatable {
    /// Names it: the same thing has the same name in each run. 32 hexadecimal digits.
    public internal(set) var id = ""
    /// Code of the check.
    public let code: String
    /// MISMATCH or INCOMPLETE.
    public let kind: ReconcileCheck.Kind
    /// What it is about: `payment ch_1`.
    public let subject: String
    /// One sentence for people.
    public let message: String
    /// The kind of thing.
    public let about: StatementKind
    /// Line of the file; nil where it has none.
    public let line: UInt64?
    /// Log position of the fact; nil where there is none.
    public let position: LogPosition?
    /// What the amounts are in.
    public let asset: AssetNumber?
    /// By the ledger; minor units.
    public let expected: Int64?
    /// By the statement; minor units.
    public let found: Int64?
    /// When the thing happened.
    public let since: Timestamp
    /// Seconds from then to the moment that ages count to, ≥ 0.
    public internal(set) var ageSeconds: Int64 = 0
}

/// What a comparison of a statement with the ledger found.
public struct StatementReport: Sendable, Equatable {
    /// Sums of a kind of line.
    public struct Sum: Sendable, Equatable {
        /// What kind.
        public let kind: StatementKind
        /// What the amounts are in.
        public let asset: AssetNumber
        /// Lines, and those that a fact belongs to.
        public internal(set) var lines = 0
        public internal(set) var matched = 0
        /// Sum of the lines; of fees also those that come with other lines. Minor units, held at the ends of 64
        /// bits.
        public internal(set) var amount: Int64 = 0
        /// Sum of the facts that lines belong to.
        public internal(set) var ledger: Int64 = 0
    }
    /// Breaks by age.
    public struct AgeBucket: Sendable, Equatable {
        /// Days, both ends included; nil: and more.
        public let fromDays: Int
        public let toDays: Int?
        /// How many of each kind.
        public internal(set) var mismatches = 0
        public internal(set) var incomplete = 0
    }
    /// A transfer to the host's bank, and the lines that are part of it.
    public struct Settlement: Sendable, Equatable {
        /// The provider's id.
        public let id: String
        /// What it is in.
        public let asset: AssetNumber
        /// Lines of the file that are part of it.
        public internal(set) var lines = 0
        /// Sum of their nets; minor units.
        public internal(set) var net: Int64 = 0
        /// What was transferred; nil where the file does not say.
        public internal(set) var transferred: Int64?
    }

    /// The provider.
    public let provider: String
    /// The form of the file.
    public let format: String
    /// SHA-256 of the statement and its map, hexadecimal.
    public let statement: String
    /// Names this outcome: of the statement and all that was found. 32 hexadecimal digits.
    public internal(set) var runId = ""
    /// The log position that it was compared at.
    public internal(set) var position: LogPosition = .start
    /// The period.
    public internal(set) var from: Timestamp
    public internal(set) var through: Timestamp
    /// The moment that ages count to.
    public internal(set) var asOf: Timestamp
    /// Lines that are facts (settlements and unknown ones are not), and those matched.
    public internal(set) var lines = 0
    public internal(set) var matched = 0
    /// Lines by the rung of the ladder that found their fact.
    public internal(set) var matchedBy: [(key: MatchKey, count: Int)] = []
    /// Sums by kind and asset.
    public internal(set) var sums: [Sum] = []
    /// Transfers to the bank.
    public internal(set) var settlements: [Settlement] = []
    /// What was found: sorted by check, moment, subject. At most so many of each check as was asked for.
    public internal(set) var breaks: [StatementBreak] = []
    /// Of each check how many, listed or not.
    public internal(set) var counts: [(check: StatementCheck, mismatches: Int, incomplete: Int)] = []
    /// All breaks by age.
    public internal(set) var ages: [AgeBucket] = []
    /// What the assets from number 2000 on are called in this ledger.
    public internal(set) var assetNames: [AssetNumber: String] = [:]
    /// Subjects that agree: breaks of theirs are no more.
    var agreed: Set<String> = []
    /// Kinds that the statement lists completely.
    var covers: Set<StatementKind> = []

    /// MISMATCHes, listed or not.
    public var mismatches: Int { counts.reduce(0) { $0 + $1.mismatches } }
    /// INCOMPLETE things, listed or not.
    public var incomplete: Int { counts.reduce(0) { $0 + $1.incomplete } }
    /// No MISMATCH.
    public var isClean: Bool { mismatches == 0 }

    public static func == (a: StatementReport, b: StatementReport) -> Bool {
        a.runId == b.runId && a.position == b.position && a.breaks == b.breaks && a.sums == b.sums
            && a.settlements == b.settlements && a.ages == b.ages
    }

    /// Names the ledger's own assets.
    public mutating func name(assets: [AssetNumber: String]) { assetNames = assets }

    /// Whether a break that was opened before is no more by what this run has seen: its subject agrees, or it lies
    /// in the period and is of a kind that the file lists completely.
    public func resolves(subject: String, about: StatementKind?, since: Timestamp) -> Bool {
        if agreed.contains(subject) { return true }
        switch about {
        case nil: return false
        case .settlement:
            // Only a file with its lines has judged it.
            let names = settlements.filter { $0.lines > 0 && $0.transferred != nil }.map(\.id)
            guard names.contains(where: { subject == StatementMatcher.subject(.settlement, $0) }) else {
                return false
            }
        case .other: guard covers.contains(.payment) else { return false }
        case .some(let kind): guard covers.contains(kind) else { return false }
        }
        return since >= from && since <= through
    }

    static func buckets() -> [AgeBucket] {
        [(0, 1), (2, 7), (8, 30), (31, 90)].map { AgeBucket(fromDays: $0.0, toDays: $0.1) }
            + [AgeBucket(fromDays: 91, toDays: nil)]
    }
}
