/// What an event's fields are written to, read from or shown by.
///
/// Every event lists its fields once, in `code(_:)`, in the order in which they are stored. The encoder, the
/// decoder
/// and the describer walk the same list, so what is written, what is read and what is documented cannot part.
/// Stored forms are in `Documentation/log-format.md`.
public protocol EventCoder {
    /// What earlier events of the record already said, so that later ones need not repeat it.
    var context: RecordContext { get set }
    /// One byte of event-specific flags; bit meanings stand with each event. A bit outside `known` is a
    /// fault.
    mutating func flags(_ value: inout UInt8, known: UInt8)
    /// A value that the flags hold, for those who show events.
    mutating func inFlags(_ name: StaticString, _ value: UInt8)
    /// A condition that a stored event must meet.
    mutating func require(_ condition: Bool, _ name: StaticString)
    /// One unsigned byte.
    mutating func byte(_ name: StaticString, _ value: inout UInt8)
    /// Unsigned LEB128.
    mutating func count(_ name: StaticString, _ value: inout UInt64)
    /// A user's number, unsigned LEB128.
    mutating func user(_ name: StaticString, _ value: inout UserNumber)
    /// A symbol's number, unsigned LEB128.
    mutating func symbol(_ name: StaticString, _ value: inout SymbolNumber)
    /// An asset's number, unsigned LEB128. Amounts after it are in this asset.
    mutating func asset(_ name: StaticString, _ value: inout AssetNumber)
    /// Minor units, zigzag LEB128.
    mutating func money(_ name: StaticString, _ value: inout Int64)
    /// Parts per million, unsigned LEB128.
    mutating func rate(_ name: StaticString, _ value: inout UInt32)
    /// A moment as zigzag LEB128 nanoseconds after the event's own `occurredAt`.
    mutating func time(_ name: StaticString, _ value: inout Timestamp)
    /// An earlier event's position, as unsigned LEB128 distance back from the event's own position: at least
    /// 1.
    mutating func position(_ name: StaticString, _ value: inout LogPosition)
    /// A stage, one byte.
    mutating func stage(_ name: StaticString, _ value: inout ReferralStage)
    /// LEB128 length and bytes of UTF-8.
    mutating func text(_ name: StaticString, _ value: inout BorrowedText)
    /// LEB128 length and opaque bytes.
    mutating func blob(_ name: StaticString, _ value: inout BorrowedText)
    /// Sixteen bytes.
    mutating func hash(_ name: StaticString, _ value: inout Bytes16)
}

/// What a record has said so far: an event that says the same leaves it out.
@frozen
public struct RecordContext: Sendable, BitwiseCopyable {
    /// Position of the record's first event.
    public var basePosition: LogPosition
    /// Position of the event at hand.
    public var position: LogPosition
    /// Business moment of the event at hand.
    public var occurredAt: Timestamp
    /// The record's last `PaymentReceived`, or position 0.
    public var payment: LogPosition
    public var paymentAsset: AssetNumber
    public var paymentBase: Int64
    /// `maturesAt` of the record's last `CommissionEarned`.
    public var maturesAt: Timestamp
    /// The asset that the record's last event with one was in.
    public var asset: AssetNumber

    /// At the begin of a record, where nothing was said yet.
    @inlinable
    public init(basePosition: LogPosition, occurredAt: Timestamp) {
        self.basePosition = basePosition
        self.position = basePosition
        self.occurredAt = occurredAt
        payment = .start
        paymentAsset = AssetNumber(rawValue: 0)
        paymentBase = 0
        maturesAt = Timestamp(nanoseconds: .min)
        asset = AssetNumber(rawValue: 0)
    }
}

/// A payload that lists its fields for an `EventCoder`.
public protocol EventPayload: BitwiseCopyable, Sendable {
    init()
    mutating func code<C: EventCoder>(_ coder: inout C)
}
