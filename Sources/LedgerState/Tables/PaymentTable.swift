/// 32 payments: what changes of them. 12 bytes.
@frozen
public struct PaymentBitsRow: StateRow {
    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    /// By payment, the lowest bit first: its commissions have matured.
    public var matured: UInt32 = 0
    /// The same: it has a `PaymentExtraRow`.
    public var extra: UInt32 = 0
    /// With the defaults.
    public init() {}
}

/// A payment, as far as it is not in the log.
public struct PaymentRow: Sendable {
    /// Its commissions have matured.
    public let isMatured: Bool
    /// Its `PaymentExtraRow`.
    public let extra: Int?
}

/// Payments: two bits each, and where their records are. What they were stands in the log.
///
/// Few have a `PaymentExtraRow`, so its number is not kept for each, but looked up by the payment's number
/// where a bit says so.
///
/// Not thread-safe; all calls are made under the state's lock.
public struct PaymentTable: ~Copyable {
    /// See `AddressOnly`.
    private let pin = AddressOnly()
    var bits: RowTable<PaymentBitsRow>
    /// Base position of each payment's record.
    public internal(set) var positions: PositionTable
    var extraIds: IdTable
    private static let perRow = 32

    init(_ home: TableHome) {
        bits = RowTable(8, "payments", home)
        positions = PositionTable(9, upper: 86, "paymentPositions", home)
        extraIds = IdTable(81, "paymentExtraIds", home)
    }

    /// How many.
    public var count: Int { positions.count }

    /// How many a reader may see.
    public func visibleCount(_ flight: Flight) -> Int { positions.visibleCount(flight) }

    /// A payment as the writer sees it.
    @inline(__always)
    public subscript(_ payment: Int) -> PaymentRow {
        precondition(payment >= 0 && payment < count, "row out of range")
        let row = unsafe bits.peek(payment / Self.perRow).pointee
        let bit = UInt32(1) << UInt32(payment % Self.perRow)
        return PaymentRow(
            isMatured: row.matured & bit != 0, extra: row.extra & bit == 0 ? nil : find(payment))
    }

    /// Numbers differ, so their fingerprints do: nothing is to be confirmed.
    private static func hash(_ payment: Int) -> UInt64 { (UInt64(payment) &* 0x2_7D4E_B2F1) << 30 }

    private func find(_ payment: Int) -> Int? {
        var probe = extraIds.probe(Self.hash(payment))
        return extraIds.next(&probe)
    }

    /// Adds a payment; its number.
    @inline(__always)
    mutating func append(at position: UInt64) -> Int {
        let number = count
        if number % Self.perRow == 0 { bits.append(PaymentBitsRow()) }
        positions.append(position)
        return number
    }

    mutating func setMatured(_ payment: Int, _ undo: inout UndoLog) {
        unsafe bits.edit(payment / Self.perRow, &undo).pointee.matured |= 1 << UInt32(payment % Self.perRow)
    }

    mutating func setExtra(_ payment: Int, _ extra: Int, _ undo: inout UndoLog) {
        unsafe bits.edit(payment / Self.perRow, &undo).pointee.extra |= 1 << UInt32(payment % Self.perRow)
        extraIds.insert(Self.hash(payment), extra, &undo)
    }
}
