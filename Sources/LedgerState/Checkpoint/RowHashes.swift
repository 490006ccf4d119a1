import LedgerLog

/// The rows of one digested table, each as a number that stands for its content.
public struct TableRows: Sendable, Equatable {
    /// Number of the table.
    public let table: Int
    public let name: String
    /// FNV-1a of each row's bytes, its undo tag left out.
    public let hashes: [UInt64]
}

/// Reads every digested table row by row: for comparing two states. Cost: reading all rows; 8 bytes a row.
private struct RowHashVisitor: TableVisitor {
    var tables: [TableRows] = []

    mutating func rows<Row>(_ table: inout RowTable<Row>) {
        guard table.store.digested else { return }
        var hashes: [UInt64] = []
        hashes.reserveCapacity(table.count)
        for number in 0..<table.count {
            let row = table[number]
            // The first word is the undo tag of the process that holds the row: no content.
            hashes.append(unsafe withUnsafeBytes(of: row) { unsafe Self.hash($0, from: 4) })
        }
        tables.append(TableRows(table: table.store.table, name: table.store.name, hashes: hashes))
    }

    mutating func words<Element>(_ table: inout PlainTable<Element>) {
        guard table.store.digested else { return }
        var hashes: [UInt64] = []
        hashes.reserveCapacity(table.count)
        for number in 0..<table.count {
            let row = unsafe table.peek(number).pointee
            hashes.append(unsafe withUnsafeBytes(of: row) { unsafe Self.hash($0, from: 0) })
        }
        tables.append(TableRows(table: table.store.table, name: table.store.name, hashes: hashes))
    }

    func ids(_ table: inout IdTable) {}

    private static func hash(_ bytes: UnsafeRawBufferPointer, from first: Int) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in first..<max(first, bytes.count) {
            hash = (hash ^ UInt64(unsafe bytes[index])) &* 0x100_0000_01B3
        }
        return hash
    }
}

extension TableSet where Self: ~Copyable {
    /// Every digested table's rows, as numbers that stand for their contents.
    public mutating func rowHashes() -> [TableRows] {
        var visitor = RowHashVisitor()
        visit(&visitor)
        return visitor.tables
    }
}
