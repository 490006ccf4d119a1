import LedgerDomain
import LedgerReplay

/// What would come of a proposal, before any of it is appended.
public struct ProposalCheck: Sendable {
    /// Of its parts, in order, up to the first that is refused.
    public let outcomes: [Outcome]
    /// Where the log would end.
    public let position: LogPosition
    /// What its entries would move other than its legs say; nil when they agree, when a part is refused, and when parts of
    /// it were appended before.
    public let problem: ProposalProblem?

    /// Whether a part is refused.
    public var isRefused: Bool {
        outcomes.contains { if case .refused = $0 { true } else { false } }
    }
}

extension Rehearsal {
    /// Decides all parts of a proposal, and compares what they move with the legs that people read: a hash names a
    /// content, and proves nothing about who wrote it.
    ///
    /// Cost: deciding every entry, and two balances a user concerned.
    public func check(
        _ proposal: CorrectionProposal, approvedBy approver: String
    ) throws(LedgerError) -> ProposalCheck {
        let due = try dueMoves(of: proposal)
        let before = try worths(of: due, in: proposal.programme)
        var outcomes: [Outcome] = []
        var isNew = true
        for command in proposal.corrections(approvedBy: approver, expectedHead: proposal.position) {
            let outcome = try submit([command])[0]
            outcomes.append(outcome)
            switch outcome {
            case .refused: return ProposalCheck(outcomes: outcomes, position: position, problem: nil)
            case .accepted: continue
            default: isNew = false
            }
        }
        guard isNew else { return ProposalCheck(outcomes: outcomes, position: position, problem: nil) }
        let after = try worths(of: due, in: proposal.programme)
        var problem: ProposalProblem?
        for (key, amount) in due.sorted(by: { $0.key < $1.key }) {
            let moved = (after[key] ?? 0) &- (before[key] ?? 0)
            if moved == amount { continue }
            let exponent = Asset(number: key.asset)?.exponent ?? 0
            func text(_ minor: Int64) -> String { DecimalText.format(minor: minor, exponent: exponent) }
            problem = ProposalProblem(
                .legs,
                "its entries move \(text(moved)) \(Asset(number: key.asset)?.code ?? "") of “\(key.userId)”, "
                    + "its legs say \(text(amount))")
            break
        }
        return ProposalCheck(outcomes: outcomes, position: position, problem: problem)
    }

    /// One user's account in one asset.
    private struct Purse: Hashable, Comparable {
        let userId: String
        let asset: AssetNumber

        static func < (a: Purse, b: Purse) -> Bool {
            (a.userId, a.asset.rawValue) < (b.userId, b.asset.rawValue)
        }
    }

    /// What the legs say, by user as they are called now; zero for users that only entries name.
    private func dueMoves(of proposal: CorrectionProposal) throws(LedgerError) -> [Purse: Int64] {
        var due: [Purse: Int64] = [:]
        func purse(_ userId: String, _ asset: AssetNumber) throws(LedgerError) -> Purse {
            let user = try state.user(userId, programme: proposal.programme)
            return Purse(userId: user?.userId ?? userId, asset: asset)
        }
        for leg in proposal.legs {
            guard let userId = leg.userId else { continue }
            due[try purse(userId, leg.asset), default: 0] &-= leg.amount
        }
        for entry in proposal.entries {
            switch entry {
            case .commission(let entry): due[try purse(entry.userId, entry.asset), default: 0] &+= 0
            case .grants(let entry): due[try purse(entry.userId, entry.asset), default: 0] &+= 0
            case .tier, .badge: continue
            }
        }
        return due
    }

    /// What users have less what they owe, wherever it stands; minor units.
    private func worths(
        of purses: [Purse: Int64], in programme: String
    ) throws(LedgerError) -> [Purse: Int64] {
        var worths: [Purse: Int64] = [:]
        for userId in Set(purses.keys.map(\.userId)) {
            for balance in try state.balances(of: userId, programme: programme) ?? [] {
                let owned = balance.pending &+ balance.available &+ balance.held &+ balance.reserved
                worths[Purse(userId: userId, asset: balance.asset)] = owned &- balance.receivable
            }
        }
        return worths
    }
}
