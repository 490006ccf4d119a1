import LedgerDomain
import LedgerLog

/// What an audit asks of the state that no decision does.
extension CoreState {
    /// How many entries an id table holds, and how many entities should be found by it.
    public struct IdTableSize: Sendable, Equatable {
        /// Name of the table.
        public let name: String
        /// Entries.
        public let entries: Int
        /// Entities.
        public let entities: Int
    }

    /// The id tables of all that has a natural id or a key. Cost: a walk over the tables' segments.
    public var idTableSizes: [IdTableSize] {
        [
            IdTableSize(name: "userIds", entries: userIds.count, entities: users.count + memberships.count),
            IdTableSize(name: "codeIds", entries: codeIds.count, entities: codes.count),
            IdTableSize(name: "paymentIds", entries: paymentIds.count, entities: payments.count),
            IdTableSize(name: "refundIds", entries: refundIds.count, entities: refunds.count),
            IdTableSize(name: "keyIds", entries: keyIds.count, entities: keyPositions.count + facts.count),
        ]
    }

    /// A code's number by its text; nil when none is found. Cost: a probe, and a look-up in the log.
    public func codeNumber(
        _ code: BorrowedText, in programme: ProgrammeNumber
    ) throws(LogError) -> Int? { try findCode(programme, code) }

    /// A refund id's number, applied or parked; nil when none is found.
    public func refundNumber(
        _ id: BorrowedText, of provider: SymbolNumber, in programme: ProgrammeNumber
    ) throws(LogError) -> Int? { try findRefund(programme, provider, id)?.number }

    /// The number of a dispute's case; nil when none is found.
    public func disputeNumber(
        _ id: BorrowedText, of provider: SymbolNumber, in programme: ProgrammeNumber
    ) throws(LogError) -> Int? { try findDispute(programme, provider, id) }

    /// A withdrawal's number; nil when none is found.
    public func withdrawalNumber(
        _ id: BorrowedText, in programme: ProgrammeNumber
    ) throws(LogError) -> Int? { try findWithdrawal(programme, id) }

    /// The base position of the record that an explicit key belongs to; nil when none is found.
    public func keyPosition(
        _ key: BorrowedText, _ type: UInt8, in programme: ProgrammeNumber
    ) throws(LogError) -> LogPosition? { try findKey(programme, type, key) }

    /// Walks the events of the record that begins at a position, until the body has seen enough.
    public func visitRecord(
        at base: LogPosition, _ body: (StoredEvent, RecordEnvelope) -> Bool
    ) throws(LogError) { unsafe StoredRecord.walk(try record(base.rawValue), body) }
}

// MARK: Rows of any table

/// A table of rows or words, as far as a comparison needs it.
public struct TableExtent: Sendable, Equatable {
    /// Number of the table.
    public let table: Int
    /// Name.
    public let name: String
    /// Rows.
    public let count: Int
    /// Bytes of a row.
    public let stride: Int
}

extension TableSet where Self: ~Copyable {
    /// All tables but those of ids, whose content depends on a seed.
    public mutating func rowTables() -> [TableExtent] {
        var visitor = ExtentVisitor()
        visit(&visitor)
        return visitor.tables
    }

    /// Some rows of a table as bytes, undo tags as they are. Nothing must be in flight.
    public mutating func rowBytes(table: Int, from first: Int, count: Int) -> [UInt8] {
        var visitor = RowBytesVisitor(wanted: table, first: first, count: count)
        visit(&visitor)
        return visitor.bytes
    }

    /// The fields of a row by name, as text for people. A word of five bytes has one field.
    public mutating func rowFields(table: Int, row: Int) -> [(name: String, value: String)] {
        var visitor = FieldVisitor(wanted: table, row: row)
        visit(&visitor)
        return visitor.fields
    }
}

private struct ExtentVisitor: TableVisitor {
    var tables: [TableExtent] = []
    private mutating func add(_ store: borrowing BlockStore) {
        tables.append(
            TableExtent(table: store.table, name: store.name, count: store.count, stride: store.stride))
    }
    mutating func rows<Row>(_ table: inout RowTable<Row>) { add(table.store) }
    mutating func words<Element>(_ table: inout PlainTable<Element>) { add(table.store) }
    func ids(_ table: inout IdTable) {}
    /// How long rows are depends on what was undone, and what that left behind is nobody's: ids are compared with the log.
    func texts(_ table: inout TextTable) {}
}

private struct RowBytesVisitor: TableVisitor {
    let wanted: Int
    let first: Int
    let count: Int
    var bytes: [UInt8] = []

    mutating func rows<Row>(_ table: inout RowTable<Row>) {
        guard table.store.table == wanted else { return }
        bytes.reserveCapacity(count * table.store.stride)
        for i in first..<min(first + count, table.count) {
            var row = table[i]
            // Left by a group that is long on disk; no content.
            row.undo = 0
            unsafe withUnsafeBytes(of: row) { unsafe bytes.append(contentsOf: $0) }
        }
    }
    mutating func words<Element>(_ table: inout PlainTable<Element>) {
        guard table.store.table == wanted else { return }
        for i in first..<min(first + count, table.count) {
            unsafe withUnsafeBytes(of: table.peek(i).pointee) { unsafe bytes.append(contentsOf: $0) }
        }
    }
    func ids(_ table: inout IdTable) {}
}

private struct FieldVisitor: TableVisitor {
    let wanted: Int
    let row: Int
    var fields: [(name: String, value: String)] = []

    mutating func rows<Row>(_ table: inout RowTable<Row>) {
        guard table.store.table == wanted, row < table.count else { return }
        for child in Mirror(reflecting: table[row]).children where child.label != "undo" {
            fields.append((child.label ?? "", "\(child.value)"))
        }
    }
    mutating func words<Element>(_ table: inout PlainTable<Element>) {
        guard table.store.table == wanted, row < table.count else { return }
        let element = unsafe table.peek(row).pointee
        if let word = element as? Word40 {
            fields = [("position", "\(word.value)")]
        } else if let number = element as? any FixedWidthInteger {
            fields = [("word", "\(number)")]
        } else {
            fields = Mirror(reflecting: element).children.map { ($0.label ?? "", "\($0.value)") }
        }
    }
    mutating func positions(_ table: inout PositionTable) {
        if table.lower.store.table == wanted, row < table.count {
            fields = [("position", "\(table[row])")]
        } else {
            words(&table.upper)
        }
    }
    func ids(_ table: inout IdTable) {}
}
