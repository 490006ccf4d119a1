import Testing

@testable import LedgerDomain

/// Bytes that no sound writer makes. Source: Documentation/log-format.md, section 5.
@Suite struct RefusedBytesTests {
    /// A prelude that says nothing: programme 0, no policy, 1970.
    static let prelude = [UInt8](repeating: 0, count: 11)

    private func fault(_ event: [UInt8], base: UInt64 = 100) -> DecodingFault? {
        Coding.decode(Self.prelude + event, count: 1, base: LogPosition(base)).fault
    }

    @Test("one number has one form")
    func varints() {
        // ClockAdvanced: its one field is a zigzag varint.
        #expect(fault([15, 0x00]) == nil)
        #expect(fault([15, 0x80, 0x01]) == nil)
        #expect(fault([15, 0x80, 0x00]) == .badField("varint"))
        #expect(fault([15, 0xFF, 0x80, 0x00]) == .badField("varint"))
        let nines = [UInt8](repeating: 0xFF, count: 9)
        #expect(fault([15] + nines + [0x01]) == nil)
        #expect(fault([15] + nines + [0x00]) == .badField("varint"))
        #expect(fault([15] + nines + [0x02]) == .badField("varint"))
        #expect(fault([15] + nines + [0x81, 0x00]) == .badField("varint"))
        #expect(fault([15] + nines) == .truncated)
    }

    @Test("numbers keep to their width")
    func widths() {
        // SymbolDefined 65,535 and 65,536.
        #expect(fault([14, 1, 0xFF, 0xFF, 0x03, 0]) == nil)
        #expect(fault([14, 1, 0x80, 0x80, 0x04, 0]) == .badField("number"))
        // ReferralExpired of user 2³² − 1 and 2³².
        #expect(fault([32, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 1]) == nil)
        #expect(fault([32, 0x80, 0x80, 0x80, 0x80, 0x10, 1]) == .badField("referee"))
        // A text longer than all memory.
        #expect(fault([120] + [UInt8](repeating: 0xFF, count: 9) + [0x01]) == .truncated)
    }

    @Test("types that are not in use, and the escape to later versions")
    func types() {
        let known = Set(EventType.allCases.map(\.rawValue))
        for type in UInt8(0)..<127 where !known.contains(type) {
            #expect(fault([type]) == .unknownEventType(type))
            #expect(fault([type | 0x80, 2]) == .unknownEventType(type))
        }
        #expect(fault([15 | 0x80, 2, 0]) == nil)
        #expect(fault([15 | 0x80, 0, 0]) == .badField("occurredAt"))
        #expect(fault([127, 2, 40]) == .newerEventVersion(2))
        #expect(fault([255, 3, 40]) == .newerEventVersion(3))
        #expect(fault([]) == .truncated)
    }

    @Test("a position is at least one back, and past the log's begin")
    func positions() {
        #expect(fault([47, 0x00]) == .badField("parked"))
        #expect(fault([47, 0x01]) == nil)
        #expect(fault([47, 99]) == nil)
        #expect(fault([47, 100]) == .badField("parked"))
        #expect(fault([47, 101]) == .badField("parked"))
    }

    @Test("a position counts back from the event itself, not from its record")
    func positionBase() {
        // The second event of a record that begins at 100 names the first: distance 1.
        var parked: LogPosition?
        let bytes = Self.prelude + [15, 0, 47, 1]
        let decoded = Coding.decode(bytes, count: 2, base: LogPosition(100)) { _, timed in
            if case .eventUnparked(let e) = timed.event { parked = e.parked }
        }
        #expect(decoded.fault == nil)
        #expect(parked == LogPosition(100))
    }

    struct Case: CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]
        let field: String?
        var testDescription: String { name }
        init(_ name: String, _ bytes: [UInt8], _ field: String?) {
            (self.name, self.bytes, self.field) = (name, bytes, field)
        }
    }

    static let hash = [UInt8](repeating: 7, count: 16)
    static let cases: [Case] = [
        Case("unknown flags of CodeIssued", [16, 4, 0, 0], "flags"),
        Case("unknown flags of UserSignedUp", [20, 32, 0, 0], "flags"),
        Case("a referrer and a code", [20, 24, 0, 0, 0], "flags"),
        Case("country of three bytes", [20, 1, 0, 0, 0x80, 0x80, 0x04], "country"),
        Case("unknown flags of ReferralAttributed", [28, 4, 0, 0], "flags"),
        Case("unknown flags of ReferralConverted", [34, 2, 0, 0], "flags"),
        Case("unknown flags of PaymentReceived", [40, 2, 0, 0, 0, 0, 0], "flags"),
        Case("unknown flags of RefundReceived", [41, 4, 1, 0, 0, 0, 0], "flags"),
        Case("unknown flags of EventParked", [46, 16, 1, 1, 0, 0, 0, 0], "flags"),
        Case("unknown flags of CommissionEarned", [50, 0x15, 1, 0, 0, 0, 0, 0, 2], "flags"),
        Case("unknown flags of RewardMatured", [52, 0x12, 1, 0, 0, 0], "flags"),
        Case("pending beside nothing else", [53, 0x14, 1, 0, 0, 0, 2], "flags"),
        Case("pending alone", [53, 0x10, 1, 0, 0, 0, 2], nil),
        Case("nothing from holds", [53, 0x12, 1, 0, 0, 0, 0, 0], "fromHeld"),
        Case("from holds of no case", [53, 0x12, 1, 0, 0, 0, 0, 2], nil),
        Case("holds of two cases", [53, 0x12, 1, 0, 0, 0, 2, 1, 2], "ofCase"),
        Case("nothing pending beside holds", [53, 0x16, 1, 0, 0, 0, 0, 2, 0], "fromPending"),
        Case("pending beside holds", [53, 0x16, 1, 0, 0, 0, 0, 2, 2], nil),
        Case("unknown flags of PolicyPublished", [10, 2, 1, 0] + hash + [0, 0], "flags"),
        Case("a grant matures: level 0", [52, 0x00, 1, 0, 0, 0], nil),
        Case("a commission of level 0", [50, 0x00, 0, 0, 0, 2], "level"),
        Case("a reversal of level 0", [53, 0x00, 1, 0, 0, 0, 2], "level"),
        Case("a hold of level 9", [39, 0x90, 1, 1, 0, 0, 2], "level"),
        Case("a hold of nothing", [39, 0x00, 1, 1, 0, 0, 0], "amount"),
        Case("unknown flags of RewardHeld", [39, 0x02, 1, 1, 0, 0, 2], "flags"),
        Case("a grant of nothing", [51, 0, 1, 0, 5, 0, 0, 0, 0], "amount"),
        Case("a grant of no cause", [51, 0, 3, 0, 5, 0, 0, 0, 2], "cause"),
        Case("a grant cut to more", [51, 1, 1, 0, 5, 0, 0, 0, 4, 4], "uncappedAmount"),
        Case("a grant that repays nothing", [51, 2, 1, 0, 5, 0, 0, 0, 4, 0], "repaid"),
        Case("a revocation from no holds", [54, 6, 1, 1, 0, 0, 0, 0, 2], "fromHeld"),
        Case("a revocation of a case without holds", [54, 5, 1, 1, 1, 0, 0, 0, 2], "flags"),
        Case("a revocation for no reason", [54, 4, 1, 4, 0, 0, 0, 2], "reason"),
        Case("a revocation from pending", [54, 4, 1, 1, 0, 0, 0, 2], nil),
        Case("a tier left for itself", [59, 0, 1, 1], "to"),
        Case("identity level 0", [64, 0, 0, 0], "level"),
        Case("identity level 10", [65, 1, 0, 10], "level"),
        Case("nothing sealed", [64, 1, 0, 1, 0], "sealed"),
        Case("a withdrawal of nothing", [68, 0, 0, 0, 0, 0], "amount"),
        Case("a withdrawal cut by nothing", [70, 0, 1, 0, 0, 0, 0], "amount"),
        Case("an empty reason", [70, 2, 1, 0, 0, 2, 0, 0], "reason"),
        Case("a payout of nothing", [74, 1, 0, 0, 0, 0, 0], "net"),
        Case("a bank that keeps more than there is", [78, 1, 0, 0, 0, 0, 2, 0, 0, 4, 0], "amount"),
        Case("an unknown severity", [86, 0, 0, 4, 0], "severity"),
        Case("a score above 1000", [87, 0, 0, 0xE9, 0x07], "score"),
        Case("a score of 1000", [87, 0, 0, 0xE8, 0x07], nil),
        Case("a rate that ends in zero", [95, 0, 0, 20, 1, 0], "rate"),
        Case("a rate of zero", [95, 0, 0, 0, 0, 0], "rate"),
        Case("a second approver without a name", [92, 2, 0, 0, 2, 0, 0, 0, 0], "secondApprover"),
        Case("an adjustment of nothing", [92, 0, 0, 0, 0, 0, 0, 0], "amount"),
        Case("a merge with oneself", [24, 0, 1, 1, 0], "into"),
        Case("a budget of no period", [11, 0, 0, 5], "period"),
        Case("a budget below zero", [11, 0, 1, 1], "amount"),
        Case("a closure by no rule", [23, 0, 4, 0], "rule"),
        Case("level 9", [52, 0x90, 1, 0, 0, 0], "level"),
        Case("a commission of no payment", [50, 0x10, 0, 0, 0, 2], "payment"),
        Case("a debt of nothing repaid", [52, 0x11, 1, 0, 0, 0, 0], "toReceivable"),
        Case("a matured reversal of nothing", [53, 0x11, 1, 0, 0, 0, 0, 0], "fromAvailable"),
        Case("a base that is the amount", [40, 1, 0, 0, 0, 0, 8, 8], "commissionableBase"),
        Case("unknown kind of period", [8, 3, 0, 0], "kind"),
        Case("unknown kind of symbol", [14, 0, 0, 0], "kind"),
        Case("unknown reason of rejection", [29, 0, 8], "reason"),
        Case("unknown kind of parked fact", [46, 0, 6, 1, 0, 0, 0, 0], "kind"),
        Case("unknown reason of parking", [46, 0, 1, 0, 0, 0, 0, 0], "reason"),
        Case("a later reason of parking", [46, 0, 1, 8, 0, 0, 0, 0], "reason"),
        Case("unknown stage", [32, 0, 8], "from"),
        Case("a step from no stage", [31, 0, 0, 1], "stage"),
        Case("expired from no stage", [32, 0, 0], "stage"),
        Case("a level that is sound", [52, 0x80, 1, 0, 0, 0], nil),
        Case("a policy from the beginning", [10, 1, 1] + hash + [0, 0], nil),
        Case("a policy from 1970", [10, 0, 1, 0] + hash + [0, 0], nil),
        Case(
            "the beginning spelt out",
            [10, 0, 1] + [UInt8](repeating: 0xFF, count: 9) + [0x01] + hash + [0, 0], "effectiveFrom"),
    ]

    @Test("values that an event cannot have", arguments: cases)
    func values(_ c: Case) { #expect(fault(c.bytes) == c.field.map { .badField($0) }) }

    @Test("a commission does not say again what the record said")
    func repetition() {
        let payment: [UInt8] = [40, 0, 3, 0, 1, 0x70, 0xBA, 0x06, 0x14]
        func fault(_ events: [UInt8], _ count: Int) -> DecodingFault? {
            Coding.decode(Self.prelude + payment + events, count: count, base: LogPosition(9)).fault
        }
        #expect(fault([50, 0x10, 2, 1, 2, 2], 2) == nil)
        #expect(fault([50, 0x11, 1, 0xBA, 0x06, 0x14, 2, 1, 2, 2], 2) == .badField("payment"))
        #expect(fault([50, 0x11, 1, 0xBA, 0x06, 0x12, 2, 1, 2, 2], 2) == nil)
        #expect(fault([50, 0x10, 2, 1, 2, 2, 50, 0x22, 1, 1, 2], 3) == nil)
        #expect(fault([50, 0x10, 2, 1, 2, 2, 50, 0x20, 1, 1, 2, 2], 3) == .badField("maturesAt"))
    }

    private func preludeFault(_ flags: UInt8, _ rest: [UInt8]) -> DecodingFault? {
        let bytes = [flags] + Self.prelude.dropFirst() + rest + [15, 0]
        return Coding.decode(bytes, count: 1, base: LogPosition(1)).fault
    }

    @Test("an envelope does not state what is left out otherwise")
    func envelopes() {
        #expect(preludeFault(1, [1, 0]) == nil)
        #expect(preludeFault(1, [0, 1, 0x61]) == nil)
        #expect(preludeFault(1, [0, 0]) == .badField("actor"))
        #expect(preludeFault(1, [4, 0]) == .badField("actorRole"))
        #expect(preludeFault(2, [1, 0x61]) == nil)
        #expect(preludeFault(2, [0]) == .badField("correlationId"))
        #expect(preludeFault(4, [1, 0x61]) == nil)
        #expect(preludeFault(4, [0]) == .badField("causation"))
        #expect(preludeFault(8, [2, 1, 0x61]) == nil)
        #expect(preludeFault(8, [2, 0]) == .badField("key"))
        #expect(preludeFault(8, [0, 1, 0x61]) == .badField("keyType"))
        for bit in 4..<8 { #expect(preludeFault(1 << UInt8(bit), []) == .badField("envelope flags")) }
    }

    @Test("names of event types are one each, and are those of the catalogue's cases")
    func names() {
        #expect(Set(EventType.allCases.map(\.name)).count == EventType.allCases.count)
        for type in EventType.allCases {
            #expect(type.name.lowercased() == "\(type)".lowercased())
            #expect(Event.empty(type).type == type)
        }
    }
}
