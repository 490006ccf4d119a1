import LedgerDomain
import LedgerLog
import LedgerReplay
import LedgerState
import Platform

@_exported import struct LedgerReplay.CorrectionProposal
@_exported import struct LedgerReplay.ProposalProblem
@_exported import struct LedgerReplay.RewardDifference

/// How facts are decided anew.
public struct ReDecision: Sendable {
    /// Rules that stand in place of every version of the programme's policy; nil: the recorded ones.
    public var policy: Policy?
    /// Facts recorded from this position on are decided anew; what was recorded before stands as it is.
    /// Nil: all.
    public var from: LogPosition?
    /// The programme; nil where the ledger has only one.
    public var programme: String?
    /// The business moment of the proposal; nil: the wall clock's.
    public var at: Timestamp?
    /// A folder, not there yet, where the ledger that the rules lead to is left for a look. Nil: none.
    public var keep: String?
    /// Loads the rules of a policy's time zone; by default from the system's data.
    public var zone: ZoneRules?

    /// With the recorded rules, from the beginning.
    public init(
        policy: Policy? = nil, from: LogPosition? = nil, programme: String? = nil, at: Timestamp? = nil,
        keep: String? = nil
    ) {
        self.policy = policy
        self.from = from
        self.programme = programme
        self.at = at
        self.keep = keep
    }
}

/// What `re-decide` found.
public struct ReDecisionReport: Sendable {
    /// A recorded fact that the rules would not have taken. It happened all the same: it is listed, and no
    /// correction undoes it.
    public struct RefusedFact: Sendable, Equatable {
        public let position: LogPosition
        /// As of the input line.
        public let type: String
        public let refusal: Refusal
    }
    /// Money or units of one asset.
    public struct Sum: Sendable, Equatable {
        public let asset: AssetNumber
        /// What users should have more; minor units.
        public let missing: Int64
        /// What users have too much; minor units.
        public let excess: Int64
        /// What would be missing (above zero) or too much of what is in quarantine, and is in neither; minor units.
        public let quarantined: Int64
        /// missing − excess.
        public var net: Int64 { missing - excess }
    }

    public let programme: String
    /// The log's end.
    public let position: LogPosition
    /// From where facts were decided anew.
    public let from: LogPosition
    /// Facts that were decided anew.
    public let facts: Int
    public let refused: [RefusedFact]
    /// What differs, in log order.
    public let differences: [RewardDifference]
    /// By asset.
    public let sums: [Sum]
    /// Users with a difference.
    public let users: Int
    /// Whether the rules lead to the very same state, by its digest.
    public let isSameState: Bool
    /// What makes it right; nil where no correction is needed, or none can.
    public let proposal: CorrectionProposal?
}

extension LedgerArchive {
    /// Runs the recorded facts through the rules again, in a scratch ledger, and compares what should have
    /// been granted with what was.
    ///
    /// Facts are what the host, users, providers and reviewers said, in the order of the log: signups, payments,
    /// refunds, disputes, claims, withdrawals, payouts, decisions, policies, advances of the clock. Consequences
    /// (attributions, commissions, grants, maturities, tiers) are decided anew. An approved correction is a
    /// fact under the recorded rules; under a policy that is given it is a consequence, and is compared.
    ///
    /// Reads only: nothing is delivered, no key is used, and this ledger's files are not written. Cost: deciding
    /// every fact once more, and the scratch ledger's disk.
    ///
    /// ```swift
    /// let report = try archive.reDecide(ReDecision(policy: fixed))
    /// for difference in report.differences { print(difference.userId, difference.subject, difference.change) }
    /// ```
    public func reDecide(
        _ how: ReDecision = .init(), progress: (UInt64) -> Void = { _ in }
    ) throws(LedgerError) -> ReDecisionReport {
        try ReDecisionRun(current, how).report(progress)
    }
}

extension Ledger {
    /// As ``LedgerArchive/reDecide(_:progress:)``, of the ledger that this process writes: the facts recorded so
    /// far. The writer goes on.
    public func reDecide(
        _ how: ReDecision = .init(), progress: (UInt64) -> Void = { _ in }
    ) throws(LedgerError) -> ReDecisionReport {
        try ReDecisionRun(try past(at: current.position), how).report(progress)
    }
}

/// One run of `re-decide`.
private final class ReDecisionRun {
    private let reader: LedgerReader
    private let how: ReDecision
    private let end: LogPosition
    private let programme: String
    private let policy: (rules: Policy, zone: ZoneRules)?
    private var facts = 0
    private var refused: [ReDecisionReport.RefusedFact] = []
    private var batch: [RecordedCommand] = []
    /// From the first command that names what the log numbered.
    private var names: NumberedNames?
    /// With a `from`: the end of what stands as it is, and the latest moment up to there.
    private var prefixEnd: (position: LogPosition, occurredAt: Timestamp)?

    /// - Parameter reader: Of a state that stays as it is.
    init(_ reader: LedgerReader, _ how: ReDecision) throws(LedgerError) {
        self.reader = reader
        self.how = how
        end = reader.position
        let ids = try reader.programmeIds()
        guard let id = how.programme ?? (ids.count == 1 ? ids.first : nil), ids.contains(id) else {
            throw LedgerError(.inputOutput, "name one of the programmes: \(ids.joined(separator: ", "))")
        }
        programme = id
        if let rules = how.policy {
            let zone: ZoneRules
            if let given = how.zone { zone = given } else { zone = try Ledger.loadZone(rules.timeZone) }
            policy = (rules, zone)
        } else {
            policy = nil
        }
    }

    func report(_ progress: (UInt64) -> Void) throws(LedgerError) -> ReDecisionReport {
        if let from = how.from, from > end { throw .beyond(from, end: end) }
        let prefix = try self.prefix()
        // Ahead of the log by the largest tolerance: what was taken when it came is not refused for its moment now.
        // Not up to the end of time, as each record is a nanosecond after the one before it.
        let latest = Int64.max - 60 * 1_000_000_000
        let ahead = reader.box.read { $0.head.recordedAt }.adding(seconds: 86_400) ?? .max
        let clock = min(ahead.nanoseconds, latest)
        if how.from != nil, prefix > .start { prefixEnd = try lastOf(prefix) }
        let scratch = try TemporaryLedger(
            of: reader.store, through: prefix, folder: how.keep, clock: clock, progress: progress)
        if policy != nil { try override(scratch.ledger, prefix) }
        var history = CommandHistory(reader: reader, keys: nil, after: prefix)
        while true {
            let commands = try history.next(limit: 1_000)
            for recorded in commands { try take(recorded, scratch.ledger) }
            guard let last = commands.last else { break }
            progress(last.position.rawValue)
        }
        try flush(scratch.ledger)
        if let keep = how.keep {
            let hash = policy.map { SHA256Hasher().hash($0.rules.canonicalJSON()).hex }
            let from = LogPosition(prefix.rawValue + 1)
            try ReDecidedOrigin(
                ledgerId: reader.store.ledgerId.hex, from: from, through: end,
                end: scratch.ledger.current.position, policyHash: hash
            ).write(at: keep)
        }
        return try compare(scratch.ledger, from: LogPosition(prefix.rawValue + 1))
    }

    /// What stands as it is: up to the record before `from`; at least the one that created the ledger, unless
    /// its policy is another.
    private func prefix() throws(LedgerError) -> LogPosition {
        do throws(LogError) {
            var first = LogPosition.start
            unsafe try reader.store.scan(after: .start) { _, header throws(LogError) in
                first = header.lastPosition
                return false
            }
            guard let from = how.from, from > first else { return first }
            guard let base = try reader.store.baseOfRecord(holding: from) else { return end }
            return LogPosition(base.rawValue - 1)
        } catch {
            throw LedgerError(error)
        }
    }

    /// The end of the prefix, and the latest business moment in it.
    private func lastOf(_ prefix: LogPosition) throws(LedgerError) -> (LogPosition, Timestamp) {
        var latest = Timestamp(nanoseconds: .min)
        do throws(LogError) {
            unsafe try reader.store.scan(after: .start, through: prefix) { record, _ throws(LogError) in
                unsafe StoredRecord.walk(record) { stored, _ in
                    latest = max(latest, stored.occurredAt)
                    return true
                }
                return true
            }
        } catch {
            throw LedgerError(error)
        }
        return (prefix, latest)
    }

    /// Publishes the rules from every moment at which a version begins: they rule whatever follows.
    private func override(_ ledger: Ledger, _ prefix: LogPosition) throws(LedgerError) {
        guard let policy else { return }
        let moments = try ledger.current.reading { core throws(LogError) in
            guard let number = try core.programmeNumber(programme) else { return [Timestamp]() }
            var moments: [Timestamp] = []
            for index in 0..<core.policies.count where Int(core.policies[index].programme) == number {
                let moment = Timestamp(nanoseconds: core.policies[index].effectiveFrom)
                // The first version rules from before any fact: from before the earliest that there can be.
                moments.append(max(moment, .earliestFact))
            }
            return Array(Set(moments)).sorted()
        }
        for moment in moments {
            let publish = PublishPolicy(policy: policy.rules, effectiveFrom: moment, zoneRules: policy.zone)
            let outcome = try ledger.submit(Command(.publishPolicy(publish), programme: programme))
            if case .refused(let refusal) = outcome {
                throw LedgerError(.inputOutput, "the policy is refused: \(refusal)")
            }
        }
    }

    // MARK: Facts

    private func take(_ recorded: RecordedCommand, _ ledger: Ledger) throws(LedgerError) {
        var recorded = recorded
        facts += 1
        switch recorded.command.action {
        case .advance:
            try flush(ledger)
            note(try ledger.submit(recorded.command), recorded)
            return
        case .publishPolicy(var publish) where isOurs(recorded.command.programme):
            if let policy {
                (publish.policy, publish.zoneRules) = (policy.rules, policy.zone)
                recorded.command.action = .publishPolicy(publish)
                recorded.command.key = nil
            }
        case .createProgramme(var create) where create.programmeId == programme:
            if let policy {
                (create.policy, create.zoneRules) = (policy.rules, policy.zone)
                recorded.command.action = .createProgramme(create)
            }
        case .correct(var correction) where policy != nil && isOurs(recorded.command.programme):
            // A consequence: what it made right, the rules make right themselves, but of facts that stand as they are.
            var standing: [CorrectionEntry] = []
            for entry in correction.entries where try isOfPrefix(entry) { standing.append(entry) }
            correction.entries = standing
            if correction.entries.isEmpty {
                facts -= 1
                return
            }
            correction.expectedHead = nil
            recorded.command.action = .correct(correction)
        case .claim, .fulfil, .flag, .review:
            // They name what the log numbered: the same thing may have another number here.
            try flush(ledger)
            try rename(&recorded.command, ledger)
        default: break
        }
        batch.append(recorded)
        if batch.count >= 1_000 { try flush(ledger) }
    }

    private func isOurs(_ id: String?) -> Bool { id == nil || id == programme }

    /// Whether an entry is about what was recorded before the facts that are decided anew: a commission by its payment, a
    /// grant by when it was earned. Tiers and badges follow from all that happened: with a `from` they count as before.
    private func isOfPrefix(_ entry: CorrectionEntry) throws(LedgerError) -> Bool {
        guard let last = prefixEnd else { return false }
        switch entry {
        case .commission(let commission):
            let position = try reader.paymentPosition(
                provider: commission.provider, paymentId: commission.paymentId, programme: programme)
            return position.map { $0 <= last.position } ?? false
        case .grants(let grants): return grants.earnedAt <= last.occurredAt
        case .tier, .badge: return true
        }
    }

    private func flush(_ ledger: Ledger) throws(LedgerError) {
        if batch.isEmpty { return }
        let outcomes = try ledger.submit(batch.map(\.command))
        for (recorded, outcome) in zip(batch, outcomes) { note(outcome, recorded) }
        batch.removeAll(keepingCapacity: true)
    }

    private func note(_ outcome: Outcome, _ recorded: RecordedCommand) {
        guard case .refused(let refusal) = outcome else { return }
        refused.append(
            .init(
                position: recorded.position, type: recorded.command.action.typeName, refusal: refusal))
    }

    /// Grants and reviews are named by their number in log order: looked up by what they are for.
    private func rename(_ command: inout Command, _ ledger: Ledger) throws(LedgerError) {
        let names = self.names ?? NumberedNames(from: reader, to: ledger.current)
        self.names = names
        switch command.action {
        case .claim(var c):
            c.rewardId = try names.reward(c.rewardId)
            command.action = .claim(c)
        case .fulfil(var c):
            c.rewardId = try names.reward(c.rewardId)
            command.action = .fulfil(c)
        case .flag(var c):
            if let id = c.rewardId { c.rewardId = try names.reward(id) }
            command.action = .flag(c)
        case .review(var c):
            c.reviewId = try names.review(c.reviewId)
            command.action = .review(c)
        default: break
        }
    }

    // MARK: Comparing

    private func compare(_ ledger: Ledger, from: LogPosition) throws(LedgerError) -> ReDecisionReport {
        let isSame = try ledger.current.digest().value == reader.digest().value
        let differences: [RewardDifference] =
            isSame
            ? []
            : try reader.reading { was throws(LogError) in
                try ledger.current.trusted { due throws(LogError) in
                    guard let number = try was.programmeNumber(programme) else { return [] }
                    return try RewardComparison(&was, against: &due, programme: number).differences
                }
            }
        let at = how.at ?? Timestamp(nanoseconds: Clock.wallNanoseconds())
        let proposal = CorrectionProposal(
            ledgerId: reader.store.ledgerId.hex, programme: programme, position: end, from: from,
            policy: policy?.rules, at: at, differences: differences)
        return ReDecisionReport(
            programme: programme, position: end, from: from, facts: facts, refused: refused,
            differences: differences, sums: Self.sums(differences),
            users: Set(differences.map(\.userId)).count, isSameState: isSame,
            proposal: proposal.entries.isEmpty ? nil : proposal)
    }

    private static func sums(_ differences: [RewardDifference]) -> [ReDecisionReport.Sum] {
        var sums: [AssetNumber: (missing: Int64, excess: Int64, quarantined: Int64)] = [:]
        for difference in differences {
            guard let asset = difference.asset else { continue }
            if difference.isQuarantined {
                sums[asset, default: (0, 0, 0)].quarantined &+= difference.change
                continue
            }
            sums[asset, default: (0, 0, 0)].missing &+= max(0, difference.change)
            sums[asset, default: (0, 0, 0)].excess &+= max(0, 0 &- difference.change)
        }
        return sums.sorted { $0.key < $1.key }.map { asset, sum in
            .init(
                asset: asset, missing: sum.missing, excess: sum.excess, quarantined: sum.quarantined)
        }
    }
}

extension Timestamp {
    /// 1700-01-01: before any fact, and within what 64 bits of nanoseconds can say.
    fileprivate static let earliestFact = Timestamp(nanoseconds: -8_520_336_000_000_000_000)
}
