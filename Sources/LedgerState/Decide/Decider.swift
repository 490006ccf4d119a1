import LedgerDomain
import LedgerLog

/// What a decision needs beside the state. Everything that is not pure comes in here. One for all commands of a group, and
/// with another `now` for the next group.
///
/// Not thread-safe: only touched by who decides.
public final class DecisionInputs {
    /// The wall clock: for `recordedAt` and the tolerance towards the future, nothing else.
    @safe @exclusivity(unchecked) public private(set) var now: Timestamp
    /// Keys of personal data.
    public var vault: KeyVault
    /// The ledger's id, bound into sealed data.
    public var ledgerId: Bytes16
    /// Draws a code of a length from an alphabet; random bytes come from the operating system.
    public var drawCode: (_ length: Int, _ alphabet: [UInt8]) throws(LogError) -> [UInt8]

    /// Memberwise.
    public init(
        now: Timestamp, vault: KeyVault, ledgerId: Bytes16,
        drawCode: @escaping (_ length: Int, _ alphabet: [UInt8]) throws(LogError) -> [UInt8] = DecisionInputs
            .draw
    ) {
        self.now = now
        self.vault = vault
        self.ledgerId = ledgerId
        self.drawCode = drawCode
    }

    /// Another group is decided, at another moment.
    public func begin(at now: Timestamp) { self.now = now }

    /// Whether the wall clock is too far behind the log's last record for anything to be recorded: by more than an hour.
    public func areBehind(_ last: Timestamp) -> Bool { last > now.adding(seconds: 3_600) ?? .max }

    /// Unbiased draws: bytes at or past the largest multiple of the alphabet's size are thrown away.
    public static func draw(_ length: Int, _ alphabet: [UInt8]) throws(LogError) -> [UInt8] {
        var out: [UInt8] = []
        let limit = 256 - 256 % alphabet.count
        while out.count < length {
            let bytes: [UInt8]
            do { bytes = try Crypto.random(2 * length) } catch { throw LogError(.inputOutput, error.message) }
            for byte in bytes where Int(byte) < limit && out.count < length {
                out.append(alphabet[Int(byte) % alphabet.count])
            }
        }
        return out
    }
}

/// Decides commands against the state: refusal, or a record that is encoded into a group and folded at once.
///
/// Not thread-safe; the writer owns it. Pure but for `DecisionInputs`.
public struct Decider: ~Copyable {
    let arena = TextArena()
    let returned = ReturnedLegs()
    /// What the look-ahead has found out about the commands that come next.
    let warmth = Warmth()
    /// Payments that are decided side by side.
    let plain = PlainRun()
    let decidesSideBySide: Bool
    let advanceBounds: AdvanceBounds

    /// How much of an advance is one record, and one group.
    struct AdvanceBounds {
        /// Events.
        var record = LedgerBounds.eventsPerRecord
        /// Bytes past which a group is not added to.
        var group = 1 << 19
    }

    /// With the defaults.
    public init() { self.init(sideBySide: true) }

    /// - Parameters:
    ///   - sideBySide: false: plain payments are decided one by one, too. To the same bytes and rows, as tests show.
    ///   - advanceBounds: smaller ones cut an advance as a large ledger's is cut.
    init(sideBySide: Bool, advanceBounds: AdvanceBounds = AdvanceBounds()) {
        decidesSideBySide = sideBySide
        self.advanceBounds = advanceBounds
    }

    /// What one command needs while it is decided. A class, as its envelope is large: lent by value, it was copied for each
    /// payment.
    final class Case {
        let inputs: DecisionInputs
        let group: RecordGroup
        /// Of the decider's thread alone, and no access to it calls out: exclusive access needs no check.
        @safe @exclusivity(unchecked) var envelope: RecordEnvelope
        let policyIndex: Int
        let policy: CachedPolicy
        /// Business moments after this one are too far ahead of the clock for the policy.
        let latest: Int64

        init(
            inputs: DecisionInputs, group: RecordGroup, envelope: RecordEnvelope, policyIndex: Int,
            policy: CachedPolicy
        ) {
            self.inputs = inputs
            self.group = group
            self.envelope = envelope
            self.policyIndex = policyIndex
            self.policy = policy
            let tolerance = Int64(policy.policy.clockToleranceSeconds)
            latest = (inputs.now.adding(seconds: tolerance) ?? .max).nanoseconds
        }

        func refuse(_ code: Refusal.Code, _ field: String? = nil, _ message: String) -> Outcome {
            .refused(Refusal(code, field: field, message))
        }
    }

    /// Decides one command. `advance` is not for here: see `advance(_:_:_:_:_:)`.
    ///
    /// - Throws: `LogError` when the log cannot be read; then nothing of the command was recorded.
    public mutating func decide(
        _ command: Command, _ state: inout CoreState, _ group: RecordGroup, _ inputs: DecisionInputs
    ) throws(LogError) -> Outcome {
        arena.reset()
        returned.begin()
        if case .payment = command.action { return try decidePayment(command, &state, group, inputs) }
        if let bad = invalidTexts(command) { return .refused(bad) }
        if case .createProgramme(let create) = command.action {
            return try createProgramme(create, command, &state, group, inputs)
        }
        let now: Case
        switch try open(command, &state, group, inputs) {
        case .success(let opened): now = opened
        case .failure(let refusal): return .refused(refusal.refusal)
        }
        switch command.action {
        case .signup(let signup): return try decide(signup, &state, now)
        case .issueCode(let issue): return try decide(issue, &state, now)
        case .applyCode(let apply): return try decide(apply, &state, now)
        case .advanceReferral(let advance): return try decide(advance, &state, now)
        case .convert(let convert): return try decide(convert, &state, now)
        case .refund(let refund): return try decide(refund, &state, now)
        case .publishPolicy(let publish): return try decide(publish, &state, now)
        case .advance, .createProgramme, .payment: preconditionFailure("handled elsewhere")
        default: return try decideMainLine(command.action, &state, now)
        }
    }

    /// Finds the programme and the policy that a command is decided by.
    private func open(
        _ command: Command, _ state: inout CoreState, _ group: RecordGroup, _ inputs: DecisionInputs
    ) throws(LogError) -> Result<Case, Unresolved> {
        let programme: ProgrammeNumber
        switch try resolveProgramme(command.programme, state) {
        case .success(let number): programme = number
        case .failure(let refusal): return .failure(refusal)
        }
        return try open(
            envelope(command, programme), at: command.action.occurredAt, &state, group, inputs)
    }

    /// Finds the policy that a command is decided by.
    func open(
        _ envelope: RecordEnvelope, at moment: Timestamp, _ state: inout CoreState, _ group: RecordGroup,
        _ inputs: DecisionInputs
    ) throws(LogError) -> Result<Case, Unresolved> {
        guard let ruling = try state.rulingPolicy(envelope.programme, at: moment) else {
            return .failure(
                Unresolved(
                    refusal: Refusal(.policyInvalid, field: "programme", "the programme has no policy")))
        }
        var envelope = envelope
        envelope.policyVersion = ruling.policy.version
        envelope.occurredAt = moment
        return .success(
            Case(
                inputs: inputs, group: group, envelope: envelope, policyIndex: ruling.index,
                policy: ruling.policy))
    }

    /// Rewards, disputes, withdrawals, books, standing.
    private func decideMainLine(_ action: Command.Action, _ state: inout CoreState, _ now: Case)
        throws(LogError)
        -> Outcome
    {
        switch action {
        case .refundFailed(let c): return try decide(c, &state, now)
        case .dispute(let c): return try decide(c, &state, now)
        case .adjust(let c): return try decide(c, &state, now)
        case .writeOff(let c): return try decide(c, &state, now)
        case .openingBalance(let c): return try decide(c, &state, now)
        case .fxRate(let c): return try decide(c, &state, now)
        case .fxConvert(let c): return try decide(c, &state, now)
        case .fund(let c): return try decide(c, &state, now)
        case .remitTax(let c): return try decide(c, &state, now)
        case .recordCost(let c): return try decide(c, &state, now)
        case .setBudget(let c): return try decide(c, &state, now)
        case .claim(let c): return try decide(c, &state, now)
        case .fulfil(let c): return try decide(c, &state, now)
        case .withdraw(let c): return try decide(c, &state, now)
        case .decideWithdrawal(let c): return try decide(c, &state, now)
        case .payout(let c): return try decide(c, &state, now)
        case .kyc(let c): return try decide(c, &state, now)
        case .suspend(let c): return try decide(c, &state, now)
        case .reinstate(let c): return try decide(c, &state, now)
        case .closeUser(let c): return try decide(c, &state, now)
        case .mergeUsers(let c): return try decide(c, &state, now)
        case .flag(let c): return try decide(c, &state, now)
        case .review(let c): return try decide(c, &state, now)
        case .riskScore(let c): return try decide(c, &state, now)
        case .disableCode(let c): return try decide(c, &state, now)
        case .reactivateCode(let c): return try decide(c, &state, now)
        case .quarantine(let c): return try decide(c, &state, now)
        case .release(let c): return try decide(c, &state, now)
        case .correctAttribution(let c): return try decide(c, &state, now)
        case .reconciliation(let c): return try decide(c, &state, now)
        case .openBreak(let c): return try decide(c, &state, now)
        case .resolveBreak(let c): return try decide(c, &state, now)
        case .correct(let c): return try decide(c, &state, now)
        default: preconditionFailure("decided before")
        }
    }

    /// The envelope that a command's records get.
    func envelope(_ command: Command, _ programme: ProgrammeNumber) -> RecordEnvelope {
        var envelope = RecordEnvelope()
        envelope.programme = programme
        envelope.actorRole = command.actor.role
        if let id = command.actor.id { envelope.actorId = arena.text(id) }
        if let id = command.correlationId { envelope.correlationId = arena.text(id) }
        if let id = command.causation { envelope.causation = arena.text(id) }
        if let key = command.key {
            envelope.key = arena.text(key)
            envelope.keyType = command.action.typeNumber
        }
        return envelope
    }

    struct Unresolved: Error { let refusal: Refusal }

    /// The programme a command is for.
    func resolveProgramme(
        _ id: String?, _ state: borrowing CoreState
    ) throws(LogError) -> Result<ProgrammeNumber, Unresolved> {
        try resolveProgramme(id.map { arena.text($0) } ?? .empty, state)
    }

    /// The same; an empty id is none.
    func resolveProgramme(
        _ id: BorrowedText, _ state: borrowing CoreState
    ) throws(LogError) -> Result<ProgrammeNumber, Unresolved> {
        if id.isEmpty {
            if state.programmes.count == 1 { return .success(ProgrammeNumber(0)) }
            return .failure(
                Unresolved(
                    refusal: Refusal(
                        .programmeRequired, field: "programme",
                        "the ledger has \(state.programmes.count) programmes: name one")))
        }
        if let found = try state.findProgramme(id) { return .success(found) }
        return .failure(
            Unresolved(
                refusal: Refusal(
                    .programmeUnknown, field: "programme", "no programme is called “\(id.string)”")))
    }

    /// Too far ahead of the wall clock for the policy?
    func inFuture(_ now: Case, field: String = "at") -> Outcome? {
        if now.envelope.occurredAt.nanoseconds <= now.latest { return nil }
        return now.refuse(
            .timeInFuture, field,
            "\(now.envelope.occurredAt) is more than \(now.policy.policy.clockToleranceSeconds) s ahead of the clock"
        )
    }

    /// What the explicit key says: nil to go on, else the outcome.
    func judgeKey(
        _ state: borrowing CoreState, _ now: Case, difference: (LogPosition) throws(LogError) -> String?
    ) throws(LogError) -> Outcome? {
        guard !now.envelope.key.isEmpty else { return nil }
        let found = try state.findKey(now.envelope.programme, now.envelope.keyType, now.envelope.key)
        guard let found else { return nil }
        if let field = try difference(found) {
            return now.refuse(
                .keyConflict, field, "the key was used at position \(found) with another \(field)")
        }
        return .repeated(try state.receipt(found))
    }
}

extension CoreState {
    /// The receipt of a record, again.
    func receipt(_ base: LogPosition) throws(LogError) -> Receipt {
        let record = unsafe try record(base.rawValue)
        return unsafe Receipt(position: base, events: RecordHeader.statedEvents(record))
    }
}

extension Command.Action {
    /// The business moment that the policy version goes by.
    public var occurredAt: Timestamp {
        switch self {
        case .signup(let c): c.at
        case .issueCode(let c): c.at
        case .applyCode(let c): c.at
        case .advanceReferral(let c): c.at
        case .convert(let c): c.at
        case .payment(let c): c.at
        case .refund(let c): c.at
        case .advance(let c): c.to
        case .publishPolicy(let c): c.effectiveFrom
        case .createProgramme(let c): c.at
        case .refundFailed(let c): c.at
        case .dispute(let c): c.at
        case .adjust(let c): c.at
        case .writeOff(let c): c.at
        case .openingBalance(let c): c.at
        case .fxRate(let c): c.at
        case .fxConvert(let c): c.at
        case .fund(let c): c.at
        case .remitTax(let c): c.at
        case .recordCost(let c): c.at
        case .setBudget(let c): c.at
        case .claim(let c): c.at
        case .fulfil(let c): c.at
        case .withdraw(let c): c.at
        case .decideWithdrawal(let c): c.at
        case .payout(let c): c.at
        case .kyc(let c): c.at
        case .suspend(let c): c.at
        case .reinstate(let c): c.at
        case .closeUser(let c): c.at
        case .mergeUsers(let c): c.at
        case .flag(let c): c.at
        case .review(let c): c.at
        case .riskScore(let c): c.at
        case .disableCode(let c): c.at
        case .reactivateCode(let c): c.at
        case .quarantine(let c): c.at
        case .release(let c): c.at
        case .correctAttribution(let c): c.at
        case .reconciliation(let c): c.at
        case .openBreak(let c): c.at
        case .resolveBreak(let c): c.at
        case .correct(let c): c.at
        }
    }
}
