@testable import LedgerDomain

/// Keeps the bytes that borrowed texts point into, for as long as a test needs them.
final class TextKeeper {
    private var held: [UnsafeMutablePointer<UInt8>] = []

    deinit { for memory in held { memory.deallocate() } }

    func text(_ bytes: [UInt8]) -> BorrowedText {
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, bytes.count))
        memory.update(from: bytes, count: bytes.count)
        held.append(memory)
        return BorrowedText(memory, count: bytes.count)
    }

    func text(_ string: String) -> BorrowedText { text(Array(string.utf8)) }
}

/// Draws events that a sound writer could have made: each in the one form that it has.
struct RandomEvents {
    var random: SplitMix
    let keeper: TextKeeper

    init(seed: UInt64, keeper: TextKeeper) {
        random = SplitMix(seed: seed)
        self.keeper = keeper
    }

    /// A number of any magnitude, so that every length of varint comes up.
    mutating func word() -> UInt64 {
        let bits = Int.random(in: 0...64, using: &random)
        return bits == 0 ? 0 : random.next() >> UInt64(64 - bits)
    }

    mutating func signed() -> Int64 {
        let magnitude = Int64(bitPattern: word())
        return Bool.random(using: &random) ? magnitude : ~magnitude
    }

    mutating func nonZero() -> Int64 {
        let value = signed()
        return value == 0 ? 1 : value
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
    mutating func small<T: FixedWidthInteger>(_ limit: T) -> T { T.random(in: 0..<limit, using: &random) }
    mutating func user() -> UserNumber { UserNumber(UInt32(truncatingIfNeeded: word())) }
    mutating func symbol() -> SymbolNumber { SymbolNumber(UInt16(truncatingIfNeeded: word())) }
    mutating func asset() -> AssetNumber { AssetNumber(rawValue: UInt16(truncatingIfNeeded: word())) }
    mutating func time() -> Timestamp { Timestamp(nanoseconds: signed()) }
    mutating func level() -> UInt8 { 1 + small(8) }
    mutating func hash() -> Bytes16 { Bytes16(low: random.next(), high: random.next()) }
    mutating func stage() -> ReferralStage { ReferralStage(rawValue: 1 + small(7))! }

    mutating func earlier(_ position: LogPosition) -> LogPosition {
        LogPosition(UInt64.random(in: 1..<position.rawValue, using: &random))
    }

    mutating func text() -> BorrowedText {
        let count =
            chance(5) ? Int.random(in: 0...2_000, using: &random) : Int.random(in: 0...40, using: &random)
        let salt = random.next()
        return keeper.text((0..<count).map { UInt8(truncatingIfNeeded: salt &+ UInt64($0) &* 31) })
    }

    /// What a record may say before its events.
    mutating func envelope() -> RecordEnvelope {
        var envelope = RecordEnvelope()
        envelope.programme = ProgrammeNumber(UInt16(truncatingIfNeeded: word()))
        envelope.policyVersion = word()
        envelope.occurredAt = time()
        if chance(50) {
            envelope.actorRole = ActorRole.allCases.randomElement(using: &random)!
            envelope.actorId = text()
        }
        if chance(50) { envelope.correlationId = text() }
        if chance(50) { envelope.causation = text() }
        if chance(50) {
            envelope.key = text()
            if !envelope.key.isEmpty { envelope.keyType = 1 + small(10) }
        }
        return envelope
    }

    /// An event of a type as it may stand at the context's place.
    mutating func event(_ type: EventType, _ context: RecordContext) -> Event {
        switch type {
        case .ledgerCreated, .programmeCreated, .periodClosed, .policyPublished, .symbolDefined,
            .clockAdvanced,
            .importProgressed:
            aboutTheLedger(type)
        case .codeIssued, .codeExpired, .userSignedUp, .referralAttributed, .attributionRejected,
            .referralAdvanced,
            .referralExpired, .referralReverted, .referralConverted:
            aboutUsers(type, context)
        case .paymentReceived, .refundReceived, .eventParked, .eventUnparked, .commissionEarned,
            .rewardMatured:
            aboutMoney(type, context)
        case .eventQuarantined: .eventQuarantined(quarantine(context, released: false))
        case .eventReleased: .eventReleased(quarantine(context, released: true))
        default: drawn(type, context)
        }
    }

    /// Draws field by field, along the event's own list, until its conditions hold.
    private mutating func drawn(_ type: EventType, _ context: RecordContext) -> Event {
        while true {
            var coder = DrawingCoder(draw: self, context: context)
            var event = Event.empty(type)
            event.code(&coder)
            self = coder.draw
            if coder.holds { return event }
        }
    }

    /// A fact that goes into quarantine, or comes out, in a form that a ledger writes.
    private mutating func quarantine(_ context: RecordContext, released: Bool) -> QuarantineMove {
        var e = QuarantineMove()
        let kind = QuarantineKind.allCases.randomElement(using: &random)!
        (e.kind, e.fact) = (kind.rawValue, earlier(context.position))
        if kind == .payment, chance(60) { (e.flags, e.level) = (QuarantineMove.part, level()) }
        if released, kind == .grant, chance(30) { e.flags |= QuarantineMove.automatic }
        if e.flags & (QuarantineMove.part | QuarantineMove.automatic) == 0 {
            e.approver = keeper.text([97] + [UInt8](repeating: 98, count: Int(small(UInt8(20)))))
            if !released || chance(50) { e.reason = text() }
        }
        guard kind != .payment || e.flags & QuarantineMove.part != 0 else { return e }
        e.flags |= QuarantineMove.moves
        e.asset = kind == .grant ? asset() : AssetNumber(rawValue: 826)
        e.available = 1 + Int64(small(1_000))
        if kind == .funding || kind == .remittance { return e }
        e.flags |= QuarantineMove.ofUser
        if kind == .adjustment, chance(50) { e.flags |= QuarantineMove.minus }
        (e.user, e.earnedAt) = (user(), time())
        if chance(50) { e.receivable = Int64(small(1_000)) }
        if e.isReward, e.asset.isMoney {
            if chance(50) { e.pending = Int64(small(1_000)) }
            if !released, chance(50) { e.held = Int64(small(1_000)) }
            if chance(30) { e.available = e.pending > 0 ? 0 : 5 }
        }
        return e
    }

    private mutating func aboutTheLedger(_ type: EventType) -> Event {
        var event = Event.empty(type)
        switch event {
        case .ledgerCreated(var e):
            e.ledgerId = hash()
            event = .ledgerCreated(e)
        case .programmeCreated(var e):
            (e.programmeId, e.asset) = (text(), asset())
            event = .programmeCreated(e)
        case .periodClosed(var e):
            (e.kind, e.start, e.end) = (1 + small(2), time(), time())
            event = .periodClosed(e)
        case .policyPublished(var e):
            (e.version, e.policyHash, e.rules, e.zoneRules) = (word(), hash(), text(), text())
            e.effectiveFrom = chance(30) ? Timestamp(nanoseconds: .min) : time()
            if e.effectiveFrom.nanoseconds == .min { e.flags = PolicyPublished.fromTheBeginning }
            event = .policyPublished(e)
        case .symbolDefined(var e):
            (e.kind, e.number, e.name) = (1 + small(2), symbol(), text())
            event = .symbolDefined(e)
        case .clockAdvanced(var e):
            e.to = time()
            event = .clockAdvanced(e)
        case .importProgressed(var e):
            (e.importId, e.throughLine, e.accepted) = (text(), word(), word())
            (e.repeated, e.parked, e.refused) = (word(), word(), word())
            event = .importProgressed(e)
        default: break
        }
        return event
    }

    private mutating func aboutUsers(_ type: EventType, _ context: RecordContext) -> Event {
        var event = Event.empty(type)
        switch event {
        case .codeIssued(var e):
            (e.flags, e.owner, e.code) = (small(4), user(), text())
            if e.flags & CodeIssued.expires != 0 { e.expiresAt = time() }
            event = .codeIssued(e)
        case .codeExpired(var e):
            (e.owner, e.issued) = (user(), earlier(context.position))
            event = .codeExpired(e)
        case .userSignedUp(var e):
            (e.flags, e.user, e.userId) = (small(24), user(), text())
            if e.flags & UserSignedUp.hasCountry != 0 { e.country = UInt64(small(UInt16.max)) }
            if e.flags & UserSignedUp.hasSignals != 0 { e.signals = text() }
            if e.flags & UserSignedUp.hasSealed != 0 { e.sealed = text() }
            if e.flags & (UserSignedUp.namedReferrer | UserSignedUp.namedCode) != 0 { e.named = text() }
            event = .userSignedUp(e)
        case .referralAttributed(var e):
            (e.flags, e.referee, e.referrer) = (small(4), user(), user())
            if e.flags & ReferralAttributed.applied != 0 { e.given = text() }
            event = .referralAttributed(e)
        case .attributionRejected(var e):
            (e.referee, e.reason) = (
                user(), AttributionRejection.allCases.randomElement(using: &random)!.rawValue
            )
            event = .attributionRejected(e)
        case .referralAdvanced(var e):
            (e.referee, e.from, e.to) = (user(), stage(), stage())
            event = .referralAdvanced(e)
        case .referralExpired(var e):
            (e.referee, e.from) = (user(), stage())
            event = .referralExpired(e)
        case .referralReverted(var e):
            (e.referee, e.referrer, e.convertedAt) = (user(), user(), time())
            event = .referralReverted(e)
        case .referralConverted(var e):
            (e.flags, e.referee, e.referrer) = (small(2), user(), user())
            event = .referralConverted(e)
        default: break
        }
        return event
    }

    private mutating func aboutMoney(_ type: EventType, _ context: RecordContext) -> Event {
        var event = Event.empty(type)
        switch event {
        case .paymentReceived(var e):
            (e.payer, e.provider, e.paymentId, e.asset, e.amount) = (
                user(), symbol(), text(), asset(), signed()
            )
            e.commissionableBase = chance(50) ? e.amount : signed()
            if e.commissionableBase != e.amount { e.flags = PaymentReceived.hasBase }
            event = .paymentReceived(e)
        case .refundReceived(var e):
            (e.flags, e.payment, e.provider, e.refundId) = (
                small(4), earlier(context.position), symbol(), text()
            )
            (e.asset, e.moved) = (asset(), signed())
            e.amount = e.moved
            if e.flags & RefundReceived.cumulative != 0 { (e.amount, e.refundedTotal) = (signed(), signed()) }
            event = .refundReceived(e)
        case .eventParked(var e):
            (e.flags, e.kind, e.reason, e.provider, e.factId) = (
                small(16), 1 + small(4), 1 + small(6), symbol(), text()
            )
            if e.flags & EventParked.hasPredecessor != 0 { e.predecessor = text() }
            if e.flags & EventParked.noAmount == 0 { (e.asset, e.amount) = (asset(), signed()) }
            if e.flags & EventParked.cumulative != 0 { e.refundedTotal = signed() }
            if e.flags & EventParked.hasStatus != 0 { (e.status, e.reference) = (small(4), text()) }
            event = .eventParked(e)
        case .eventUnparked(var e):
            e.parked = earlier(context.position)
            event = .eventUnparked(e)
        case .commissionEarned(var e):
            (e.level, e.beneficiary, e.ratePpm, e.amount) = (
                level(), user(), UInt32(truncatingIfNeeded: word()), signed()
            )
            if context.payment != .start, chance(70) {
                (e.payment, e.asset, e.base) = (context.payment, context.paymentAsset, context.paymentBase)
            } else {
                (e.payment, e.asset, e.base) = (earlier(context.position), asset(), signed())
            }
            e.maturesAt = chance(50) ? context.maturesAt : time()
            event = .commissionEarned(e)
        case .rewardMatured(var e):
            (e.level, e.payment, e.beneficiary, e.asset) = (
                level(), earlier(context.position), user(), asset()
            )
            (e.toAvailable, e.toReceivable) = (signed(), chance(50) ? 0 : signed())
            event = .rewardMatured(e)
        default: break
        }
        return event
    }
}

/// Fills an event as a decoder would, with drawn values.
private struct DrawingCoder: EventCoder {
    var draw: RandomEvents
    var context: RecordContext
    var holds = true

    init(draw: RandomEvents, context: RecordContext) {
        self.draw = draw
        self.context = context
    }

    mutating func flags(_ value: inout UInt8, known: UInt8) { value = draw.small(255) & known }
    mutating func inFlags(_ name: StaticString, _ value: UInt8) {}
    mutating func require(_ condition: Bool, _ name: StaticString) { if !condition { holds = false } }
    mutating func byte(_ name: StaticString, _ value: inout UInt8) { value = draw.small(12) }
    mutating func count(_ name: StaticString, _ value: inout UInt64) {
        value = draw.chance(50) ? UInt64(draw.small(1_000)) : draw.word()
    }
    mutating func user(_ name: StaticString, _ value: inout UserNumber) { value = draw.user() }
    mutating func symbol(_ name: StaticString, _ value: inout SymbolNumber) { value = draw.symbol() }
    mutating func asset(_ name: StaticString, _ value: inout AssetNumber) { value = draw.asset() }
    mutating func money(_ name: StaticString, _ value: inout Int64) {
        value = draw.chance(20) ? 0 : draw.chance(50) ? Int64(draw.small(1_000)) : Int64(draw.word() >> 4)
    }
    mutating func rate(_ name: StaticString, _ value: inout UInt32) {
        value = UInt32(truncatingIfNeeded: draw.word())
    }
    mutating func time(_ name: StaticString, _ value: inout Timestamp) { value = draw.time() }
    mutating func position(_ name: StaticString, _ value: inout LogPosition) {
        value = draw.earlier(context.position)
    }
    mutating func stage(_ name: StaticString, _ value: inout ReferralStage) { value = draw.stage() }
    mutating func text(_ name: StaticString, _ value: inout BorrowedText) { value = draw.text() }
    mutating func blob(_ name: StaticString, _ value: inout BorrowedText) { value = draw.text() }
    mutating func hash(_ name: StaticString, _ value: inout Bytes16) { value = draw.hash() }
}

/// Every field of an event by name and value, texts as the bytes they hold: what two equal events agree in.
func contents(_ event: Event) -> [String] {
    guard let payload = Mirror(reflecting: event).children.first else { return [] }
    return [event.type.name]
        + Mirror(reflecting: payload.value).children.map { "\($0.label ?? "?")=\(content($0.value))" }
}

private func content(_ value: Any) -> String {
    switch value {
    case let text as BorrowedText: "\(Array(text.utf8))"
    case let time as Timestamp: "\(time.nanoseconds)"
    default: "\(value)"
    }
}

func contents(_ envelope: RecordEnvelope) -> [String] {
    Mirror(reflecting: envelope).children.map { "\($0.label ?? "?")=\(content($0.value))" }
}
