import LedgerDomain
import LedgerLog
import LedgerState

/// Finds in one ledger what another numbered: the same grant, the same review.
///
/// A name that leads nowhere becomes one that nothing has, so that the command is refused, and told of.
struct NumberedNames {
    private let source: LedgerReader
    private let target: LedgerReader

    init(from source: LedgerReader, to target: LedgerReader) {
        self.source = source
        self.target = target
    }

    /// What a grant is for, and which of its kind it is.
    private struct GrantName: Equatable {
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

    /// The name, such as `r17`, of a grant that the source calls so.
    func reward(_ id: String) throws(LedgerError) -> String {
        guard let number = Self.number(id, "r") else { return id }
        let wanted = try source.reading { core throws(LogError) -> GrantName? in
            number <= core.rewards.count ? GrantName(core.rewards[number - 1]) : nil
        }
        guard let name = wanted else { return id }
        return try target.reading { core throws(LogError) in
            // Nearly always the rules give the same grants, in the same order.
            if number <= core.rewards.count, GrantName(core.rewards[number - 1]) == name { return id }
            var left = try before(number, name)
            for other in 0..<core.rewards.count where GrantName(core.rewards[other]) == name {
                if left == 0 { return "r\(other + 1)" }
                left -= 1
            }
            return "r999999999"
        }
    }

    /// How many of a kind come before one in the source.
    private func before(_ number: Int, _ name: GrantName) throws(LogError) -> Int {
        try source.trusted { core throws(LogError) in
            (0..<(number - 1)).count { GrantName(core.rewards[$0]) == name }
        }
    }

    /// The name, such as `f3`, of a review that the source calls so: of the same user, opened at the same
    /// moment, the same one in turn.
    func review(_ id: String) throws(LedgerError) -> String {
        guard let number = Self.number(id, "f") else { return id }
        let wanted = try source.reading { core throws(LogError) -> (Int, Timestamp, Int)? in
            guard number <= core.reviewCases.count else { return nil }
            let key = try Self.review(number - 1, core)
            var before = 0
            for other in 0..<(number - 1) {
                let (member, moment) = try Self.review(other, core)
                if member == key.0, moment == key.1 { before += 1 }
            }
            return (key.0, key.1, before)
        }
        guard let (member, moment, before) = wanted else { return id }
        return try target.reading { core throws(LogError) in
            var left = before
            for other in 0..<core.reviewCases.count {
                let found = try Self.review(other, core)
                guard found.0 == member, found.1 == moment else { continue }
                if left == 0 { return "f\(other + 1)" }
                left -= 1
            }
            return "f999999999"
        }
    }

    private static func review(
        _ index: Int, _ core: borrowing CoreState
    ) throws(LogError) -> (Int, Timestamp) {
        let number = Int(core.reviewCases[index])
        return (Int(core.cases[number].subject), try core.readCase(number).occurredAt)
    }

    private static func number(_ id: String, _ letter: Character) -> Int? {
        guard id.first == letter, let number = Int(id.dropFirst()), number > 0 else { return nil }
        return number
    }
}
