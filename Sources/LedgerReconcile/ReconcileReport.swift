import LedgerDomain

/// Something that does not agree, or is on its way.
public struct ReconcileBreak: Sendable, Equatable {
    /// Code of the check.
    public let code: String
    /// MISMATCH or INCOMPLETE.
    public let kind: ReconcileCheck.Kind
    /// One sentence for people.
    public let message: String
    /// The log position that it is about.
    public let position: LogPosition?
    /// Id of the programme.
    public internal(set) var programme: String?
    /// Id of the user.
    public internal(set) var userId: String?
    /// What the amounts are in.
    public let asset: AssetNumber?
    /// What it should be, by the log; minor units.
    public let expected: Int64?
    /// What it is; minor units. Of what is INCOMPLETE: the amount on its way.
    public let found: Int64?
    /// Seconds by the business clock since it began to wait; nil before the clock's first advance.
    public let ageSeconds: Int64?
    let user: UserNumber?
    let programmeNumber: ProgrammeNumber?
}

/// What one check found.
public struct ReconcileResult: Sendable, Equatable {
    /// The check.
    public let check: ReconcileCheck
    /// How many breaks, listed or not.
    public let count: Int
    /// Sum of the differences, or of what is on its way, by asset; minor units, ≥ 0. Only of breaks with
    /// amounts; held at the ends of 64 bits.
    public let amounts: [Amount]

    /// A sum in one asset.
    public struct Amount: Sendable, Equatable {
        /// What it is in.
        public let asset: AssetNumber
        /// Minor units.
        public let minor: Int64
    }
}

/// What `reconcile` found.
public struct ReconcileReport: Sendable, Equatable {
    /// The log position at which everything was compared.
    public internal(set) var position: LogPosition = .start
    /// Records walked.
    public internal(set) var records: UInt64 = 0
    /// Postings summed.
    public internal(set) var postings: UInt64 = 0
    /// Users.
    public internal(set) var users = 0
    /// Payments.
    public internal(set) var payments = 0
    /// Whether there was a live state, or a checkpoint, to compare with the fresh fold.
    public internal(set) var comparedViews = false
    /// The log cannot be read or folded to its end; rows were compared with nothing.
    public internal(set) var isLogBroken = false
    /// One for each check, in their order.
    public internal(set) var results: [ReconcileResult] = []
    /// What was found, sorted by check, position, programme, user and asset. At most so many of each check
    /// as was asked for: `results` has the whole number.
    public internal(set) var breaks: [ReconcileBreak] = []

    /// What the assets from number 2000 on are called in this ledger.
    public internal(set) var assetNames: [AssetNumber: String] = [:]

    /// MISMATCHes, listed or not.
    public var mismatches: Int { count(.mismatch) }
    /// INCOMPLETE things, listed or not.
    public var incomplete: Int { count(.incomplete) }
    /// No MISMATCH. What is INCOMPLETE is not wrong.
    public var isClean: Bool { mismatches == 0 }

    private func count(_ kind: ReconcileCheck.Kind) -> Int {
        results.reduce(0) { $0 + ($1.check.kind == kind ? $1.count : 0) }
    }
}

/// Gathers breaks: a bounded number of each check, and the totals of all.
struct Breaks {
    let limit: Int
    private var listed: [ReconcileBreak] = []
    private var counts: [String: Int] = [:]
    private var sums: [String: [AssetNumber: Int128]] = [:]

    init(limit: Int) { self.limit = limit }

    mutating func add(
        _ check: ReconcileCheck, _ message: @autoclosure () -> String, position: LogPosition? = nil,
        programme: ProgrammeNumber? = nil, user: UserNumber? = nil, asset: AssetNumber? = nil,
        expected: Int128? = nil, found: Int128? = nil, age: Int64? = nil
    ) {
        let count = counts[check.code, default: 0]
        counts[check.code] = count + 1
        if let asset, let found {
            let difference = found - (expected ?? 0)
            sums[check.code, default: [:]][asset, default: 0] += difference < 0 ? -difference : difference
        }
        guard count < limit else { return }
        listed.append(
            ReconcileBreak(
                code: check.code, kind: check.kind, message: message(), position: position, programme: nil,
                userId: nil, asset: asset, expected: expected.map { Int64(clamping: $0) },
                found: found.map { Int64(clamping: $0) }, ageSeconds: age, user: user,
                programmeNumber: programme))
    }

    /// Whether the next break of a check is listed, and so needs its message.
    func isListing(_ check: ReconcileCheck) -> Bool { counts[check.code, default: 0] < limit }

    var results: [ReconcileResult] {
        ReconcileCheck.all.map { check in
            let amounts = (sums[check.code] ?? [:]).sorted { $0.key < $1.key }
                .map { ReconcileResult.Amount(asset: $0.key, minor: Int64(clamping: $0.value)) }
            return ReconcileResult(check: check, count: counts[check.code, default: 0], amounts: amounts)
        }
    }

    /// What was listed, in order.
    var sorted: [ReconcileBreak] {
        var order: [String: Int] = [:]
        for (place, check) in ReconcileCheck.all.enumerated() { order[check.code] = place }
        func key(_ b: ReconcileBreak) -> (Int, UInt64, Int, Int, Int) {
            (
                order[b.code] ?? order.count, b.position?.rawValue ?? .max,
                b.programmeNumber.map { Int($0.rawValue) } ?? -1, b.user.map { Int($0.rawValue) } ?? -1,
                b.asset.map { Int($0.rawValue) } ?? -1
            )
        }
        return listed.enumerated().sorted {
            let (a, b) = (key($0.element), key($1.element))
            return a == b ? $0.offset < $1.offset : a < b
        }.map(\.element)
    }
}
