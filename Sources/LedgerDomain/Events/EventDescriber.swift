/// A field of an event, by name, for people and JSON.
public struct EventField: Sendable, Equatable {
    /// Name.
    public let name: String
    /// The answer.
    public let value: Value
    public enum Value: Sendable, Equatable {
        case count(UInt64)
        case user(UserNumber)
        case symbol(SymbolNumber)
        case asset(AssetNumber)
        case money(Int64, AssetNumber)
        case rate(UInt32)
        case time(Timestamp)
        case position(LogPosition)
        case stage(ReferralStage)
        case text(String)
        /// Opaque bytes: only their number is shown.
        case blob(Int)
        case hash(Bytes16)
    }
}

extension Event {
    /// The event's fields in stored order.
    public func fields(position: LogPosition, base: LogPosition, occurredAt: Timestamp) -> [EventField] {
        var describer = EventDescriber(
            context: RecordContext(basePosition: base, occurredAt: occurredAt))
        describer.context.position = position
        var copy = self
        copy.code(&describer)
        return describer.fields
    }
}

/// Collects names and values. What an event inherits from its record is shown, too.
struct EventDescriber: EventCoder {
    var context: RecordContext
    var fields: [EventField] = []

    init(context: RecordContext) { self.context = context }

    private mutating func add(_ name: StaticString, _ value: EventField.Value) {
        fields.append(EventField(name: "\(name)", value: value))
    }

    mutating func flags(_ value: inout UInt8, known: UInt8) {}
    mutating func inFlags(_ name: StaticString, _ value: UInt8) { add(name, .count(UInt64(value))) }
    mutating func require(_ condition: Bool, _ name: StaticString) {}
    mutating func byte(_ name: StaticString, _ value: inout UInt8) { add(name, .count(UInt64(value))) }
    mutating func count(_ name: StaticString, _ value: inout UInt64) { add(name, .count(value)) }
    mutating func user(_ name: StaticString, _ value: inout UserNumber) { add(name, .user(value)) }
    mutating func symbol(_ name: StaticString, _ value: inout SymbolNumber) { add(name, .symbol(value)) }
    mutating func asset(_ name: StaticString, _ value: inout AssetNumber) {
        context.asset = value
        add(name, .asset(value))
    }
    mutating func money(_ name: StaticString, _ value: inout Int64) {
        add(name, .money(value, context.asset))
    }
    mutating func rate(_ name: StaticString, _ value: inout UInt32) { add(name, .rate(value)) }
    mutating func time(_ name: StaticString, _ value: inout Timestamp) { add(name, .time(value)) }
    mutating func position(_ name: StaticString, _ value: inout LogPosition) { add(name, .position(value)) }
    mutating func stage(_ name: StaticString, _ value: inout ReferralStage) { add(name, .stage(value)) }
    mutating func text(_ name: StaticString, _ value: inout BorrowedText) { add(name, .text(value.string)) }
    mutating func blob(_ name: StaticString, _ value: inout BorrowedText) { add(name, .blob(value.count)) }
    mutating func hash(_ name: StaticString, _ value: inout Bytes16) { add(name, .hash(value)) }
}
