import ReferralLedger

/// What came of the lines of an import in one run. The four are disjoint and sum to the lines that hold
/// something. Source: the specification, "Commands and records", Import.
public struct ImportCounts: Sendable, Equatable {
    /// Lines recorded in this run.
    public var accepted: UInt64 = 0
    /// Lines done before: in an earlier run, in this one, or by another way in.
    public var repeated: UInt64 = 0
    /// Lines that were parked when they came, also those whose predecessor came later in the run.
    public var parked: UInt64 = 0
    /// Lines that cannot be decoded or that the ledger refuses; of lines passed over, those refused then.
    public var refused: UInt64 = 0

    /// All zero.
    public init() {}

    /// Lines in all.
    public var lines: UInt64 { accepted + repeated + parked + refused }

    /// Adds another file's counts.
    public static func += (sum: inout ImportCounts, other: ImportCounts) {
        sum.accepted += other.accepted
        sum.repeated += other.repeated
        sum.parked += other.parked
        sum.refused += other.refused
    }
}

/// A line that was not done, and why: one row of a file of rejects.
public struct RejectedLine: Sendable, Equatable {
    /// From 1. Of a CSV row: the line on which it begins.
    public var number: UInt64
    /// A ``LineProblem/Code`` or a `Refusal.Code`, as its stable text.
    public var code: String
    /// The field at fault, where there is one.
    public var field: String?
    /// One sentence for people.
    public var reason: String
    /// The line itself, without its line break; of one that is too long, its beginning. Empty unless
    /// ``Importer/Options/keepsTexts`` is set.
    public var text: [UInt8]

    init(_ number: UInt64, _ problem: LineProblem, _ text: [UInt8]) {
        self.number = number
        code = problem.code.rawValue
        field = problem.field
        reason = "column \(problem.column): \(problem.message)"
        self.text = text
    }

    init(_ number: UInt64, _ refusal: Refusal, _ text: [UInt8]) {
        self.number = number
        code = refusal.code.rawValue
        field = refusal.field
        reason = refusal.message
        self.text = text
    }
}

/// Why an import stopped before the end of its input. What was acknowledged before stays; run again, the
/// import goes on after it.
public enum ImportFailure: Error, Sendable {
    /// The input could not be read on.
    case read(ReadProblem)
    /// The table does not fit its map.
    case table(CSVMapProblem)
    /// The ledger could not record.
    case ledger(LedgerError)
}
