import LedgerDomain
import LedgerLog

extension Decider {
    /// Creates a programme with its first policy version; in an empty log, `LedgerCreated` comes before.
    func createProgramme(
        _ c: CreateProgramme, _ command: Command, _ state: inout CoreState, _ group: RecordGroup,
        _ inputs: DecisionInputs
    ) throws(LogError) -> Outcome {
        let id = arena.text(c.programmeId)
        if let known = try state.findProgramme(id) {
            let base = LogPosition(state.programmePositions[Int(known.rawValue)])
            // What it was created with: later versions do not make the same command another one.
            let policy = try state.policyIndex(known, version: 1).map { index throws(LogError) in
                try state.readPolicy(index).policy
            }
            if state.programmes[Int(known.rawValue)].asset == c.asset.rawValue, policy == c.policy {
                return .repeated(try state.receipt(base))
            }
            return .refused(
                Refusal(
                    .programmeExists, field: "programme",
                    "the programme “\(c.programmeId)” exists, and is another"))
        }
        guard state.programmes.count < Int(UInt16.max) else {
            return .refused(Refusal(.limitReached, "the ledger holds as many programmes as it can number"))
        }
        if let bad = invalidPolicy(c.policy) { return .refused(bad) }
        var envelope = envelope(command, ProgrammeNumber(UInt16(state.programmes.count)))
        envelope.occurredAt = c.at
        var out = state.begin(envelope, in: group)
        if state.head.position == .start {
            var first = LedgerCreated()
            first.ledgerId = inputs.ledgerId
            state.emit(.ledgerCreated(first), at: c.at, &out)
        }
        var created = ProgrammeCreated()
        created.programmeId = id
        created.asset = c.asset
        state.emit(.programmeCreated(created), at: c.at, &out)
        // The first version rules from before any fact.
        emitPolicy(
            c.policy, c.zoneRules, version: 1, from: Timestamp(nanoseconds: .min), at: c.at, &state, &out)
        return .accepted(state.finish(out, now: inputs.now, in: group))
    }

    func decide(_ c: PublishPolicy, _ state: inout CoreState, _ now: Case) throws(LogError) -> Outcome {
        let programme = now.envelope.programme
        let versions = state.programmes[Int(programme.rawValue)].policies
        for i in 0..<state.policies.count
        where state.policies[i].programme == UInt32(programme.rawValue)
            && state.policies[i].version == UInt64(versions)
        {
            let latest = try state.readPolicy(i)
            if latest.policy == c.policy, state.policies[i].effectiveFrom == c.effectiveFrom.nanoseconds {
                return .repeated(try state.receipt(LogPosition(state.policyPositions[i])))
            }
        }
        let byKey = try judgeKey(state, now) { base throws(LogError) in
            for i in 0..<state.policies.count where state.policyPositions[i] == base.rawValue {
                if state.policies[i].effectiveFrom != c.effectiveFrom.nanoseconds { return "effectiveFrom" }
                return try state.readPolicy(i).policy == c.policy ? nil : "policy"
            }
            return "type"
        }
        if let byKey { return byKey }
        if let bad = invalidPolicy(c.policy) { return .refused(bad) }
        var out = state.begin(now.envelope, in: now.group)
        emitPolicy(
            c.policy, c.zoneRules, version: UInt64(versions) + 1, from: c.effectiveFrom, at: c.effectiveFrom,
            &state,
            &out)
        return .accepted(state.finish(out, now: now.inputs.now, in: now.group))
    }

    /// A policy that was put together in memory is judged as one that is read: what the log holds must be readable for ever.
    private func invalidPolicy(_ policy: Policy) -> Refusal? {
        let rules = policy.canonicalJSON()
        guard rules.count <= 64 * 1_024 else {
            return Refusal(.policyInvalid, field: "policy", "a policy of more than 64 KiB")
        }
        do {
            if try Policy.parse(rules) == policy { return nil }
            return Refusal(.policyInvalid, field: "policy", "the policy says more than its text can hold")
        } catch {
            return Refusal(.policyInvalid, field: "policy", "\(error)")
        }
    }

    private func emitPolicy(
        _ policy: Policy, _ zone: ZoneRules, version: UInt64, from: Timestamp, at: Timestamp,
        _ state: inout CoreState, _ out: inout RecordBuilder
    ) {
        let rules = policy.canonicalJSON()
        var event = PolicyPublished()
        event.version = version
        event.effectiveFrom = from
        if from.nanoseconds == .min { event.flags = PolicyPublished.fromTheBeginning }
        event.policyHash = Bytes16(SHA256Hasher().hash(rules).bytes)
        event.rules = arena.text(rules)
        if zone != .utc {
            var encoded: [UInt8] = []
            zone.encode(into: &encoded)
            event.zoneRules = arena.text(encoded)
        }
        state.emit(.policyPublished(event), at: at, &out)
    }
}

/// What a batch adds to an import's progress.
public struct ImportProgress: Sendable {
    /// The import's id.
    public var importId: String
    /// Nil: the import stands where it stood.
    public var throughLine: UInt64?
    /// Recorded.
    public var accepted: UInt64 = 0
    /// Done before.
    public var repeated: UInt64 = 0
    /// Recorded, and waiting.
    public var parked: UInt64 = 0
    /// Not done.
    public var refused: UInt64 = 0
    /// Memberwise.
    public init(importId: String, throughLine: UInt64?) {
        self.importId = importId
        self.throughLine = throughLine
    }
}

extension Decider {
    /// Records how far an import has come, as a record of its own at the end of the group.
    public mutating func progress(
        _ added: ImportProgress, _ state: inout CoreState, _ group: RecordGroup, _ inputs: DecisionInputs
    ) throws(LogError) {
        arena.reset()
        let id = arena.text(added.importId)
        let before = try state.findImport(id) ?? ImportRow()
        var event = ImportProgressed()
        event.importId = id
        event.throughLine = added.throughLine ?? before.throughLine
        event.accepted = before.accepted + added.accepted
        event.repeated = before.repeated + added.repeated
        event.parked = before.parked + added.parked
        event.refused = before.refused + added.refused
        var envelope = RecordEnvelope()
        envelope.occurredAt = inputs.now
        var out = state.begin(envelope, in: group)
        state.emit(.importProgressed(event), at: inputs.now, &out)
        let head = state.head
        _ = state.finish(out, now: inputs.now, in: group)
        // Nothing is due for it: an advance goes on where it was.
        if state.unfinishedAdvance?.head == head { state.unfinishedAdvance?.head = state.head }
    }
}

extension CoreState {
    /// The last line that an import has covered, the groups in flight included; 0 for one that was never begun.
    public func importedThrough(_ importId: String) throws(LogError) -> UInt64 {
        try Array(importId.utf8).withBorrowed { id throws(LogError) in try findImport(id)?.throughLine ?? 0 }
    }
}
