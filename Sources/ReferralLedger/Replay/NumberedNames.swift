import LedgerDomain
import LedgerLog
import LedgerState

/// Finds in one ledger what another numbered: the same grant, the same review.
///
/// A name that leads nowhere becomes one that nothing has, so that the command is refused, and told of.
///
/// Grants and reviews are only ever appended, and what names them never changes. So each of them is looked at twice at
/// most, however many names are asked for. For one thread, and for a source that stays as it is.
final class NumberedNames {
    private let source: LedgerReader
    private let target: LedgerReader
    private var grants = SameOnes<GrantName>()
    private var reviews = SameOnes<ReviewName>()

    /// - Parameter target: Of another ledger than the source: both are read at once.
    init(from source: LedgerReader, to target: LedgerReader) {
        self.source = source
        self.target = target
    }

    /// Rows that were looked at so far, in both ledgers.
    var steps: Int { grants.steps + reviews.steps }

    /// What a grant is for. Several may have one name: they are told apart by their turn.
    private struct GrantName: Hashable {
        var member: Int
        var about: Int
        var cause: UInt8
        var side: UInt8
        var detail: UInt8
        var asset: UInt16

        /// Members as they were: merges come at other times in one than in the other.
        init(_ row: RewardRow) {
            (member, about) = (Int(row.member), Int(row.about))
            (cause, side, detail, asset) = (row.cause, row.side, row.detail, row.asset)
        }
    }

    /// Whom a review is about, and since when.
    private struct ReviewName: Hashable {
        var member: Int
        var opened: Timestamp

        init(_ index: Int, _ core: borrowing CoreState) throws(LogError) {
            let number = Int(core.reviewCases[index])
            member = Int(core.cases[number].subject)
            opened = try core.readCase(number).occurredAt
        }
    }

    /// The name, such as `r17`, of a grant that the source calls so.
    func reward(_ id: String) throws(LedgerError) -> String {
        guard let number = Self.number(id, "r") else { return id }
        let found = try reading { was, now throws(LogError) in
            try grants.find(number - 1, of: was.rewards.count, among: now.rewards.count) {
                GrantName(was.rewards[$0])
            } target: {
                GrantName(now.rewards[$0])
            }
        }
        return Self.name(found, "r") ?? id
    }

    /// The name, such as `f3`, of a review that the source calls so: of the same user, opened at the same
    /// moment, the same one in turn.
    func review(_ id: String) throws(LedgerError) -> String {
        guard let number = Self.number(id, "f") else { return id }
        let found = try reading { was, now throws(LogError) in
            try reviews.find(number - 1, of: was.reviewCases.count, among: now.reviewCases.count) {
                index throws(LogError) in
                try ReviewName(index, was)
            } target: { index throws(LogError) in
                try ReviewName(index, now)
            }
        }
        return Self.name(found, "f") ?? id
    }

    private func reading<R>(
        _ body: (borrowing CoreState, borrowing CoreState) throws(LogError) -> R
    ) throws(LedgerError) -> R {
        try source.reading { was throws(LogError) in
            try target.trusted { now throws(LogError) in try body(was, now) }
        }
    }

    private static func name(_ found: SameOneFound, _ letter: Character) -> String? {
        switch found {
        case .unknown: nil
        case .none: "\(letter)999999999"
        case .index(let index): "\(letter)\(index + 1)"
        }
    }

    private static func number(_ id: String, _ letter: Character) -> Int? {
        guard id.first == letter, let number = Int(id.dropFirst()), number > 0 else { return nil }
        return number
    }
}

private enum SameOneFound {
    /// The source has no such row.
    case unknown
    /// The target has none of that name and turn.
    case none
    case index(Int)
}

/// Rows of one kind in both ledgers, by what names them. Each row is read at most twice, whatever is asked.
private struct SameOnes<Name: Hashable> {
    /// So many of the first rows have the same names in both: nearly always all of them, and nothing need be kept.
    private var agreed = 0
    private var isApart = false
    /// Of the source's rows, in order: the name, and how many of that name came before.
    private var turns: [(name: Name, before: Int)] = []
    private var seen: [Name: Int] = [:]
    /// Of the target's rows: their indices, in order.
    private var places: [Name: [Int]] = [:]
    private var placed = 0
    private(set) var steps = 0

    /// The target's row that has the name and the turn of a row of the source. Cost: each new row once, then constant.
    mutating func find(
        _ index: Int, of sources: Int, among targets: Int, source: (Int) throws(LogError) -> Name,
        target: (Int) throws(LogError) -> Name
    ) throws(LogError) -> SameOneFound {
        guard index < sources else { return .unknown }
        while !isApart, agreed <= index, agreed < targets {
            steps += 2
            if try source(agreed) == target(agreed) { agreed += 1 } else { isApart = true }
        }
        if index < agreed { return .index(index) }
        while turns.count <= index {
            steps += 1
            let name = try source(turns.count)
            turns.append((name, seen[name, default: 0]))
            seen[name, default: 0] += 1
        }
        while placed < targets {
            steps += 1
            places[try target(placed), default: []].append(placed)
            placed += 1
        }
        let (name, before) = turns[index]
        guard let same = places[name], before < same.count else { return .none }
        return .index(same[before])
    }
}
