/// What a table takes up.
public struct TableMemory: Sendable, Equatable {
    /// Name of the table.
    public let name: String
    /// Rows; of an id table its slots, of which some nine tenths are in use.
    public let rows: Int
    /// Bytes of a row.
    public let rowBytes: Int
    /// Anonymous memory of its blocks, in bytes. Blocks that are read from a mapped checkpoint are not in it.
    public let bytes: Int
}

extension TableSet where Self: ~Copyable {
    /// What each table takes up. Cost: a byte for each block of 64 KiB.
    public mutating func tableMemory() -> [TableMemory] {
        var visitor = MemoryVisitor()
        visit(&visitor)
        return visitor.tables
    }
}

private struct MemoryVisitor: TableVisitor {
    var tables: [TableMemory] = []

    private mutating func add(_ store: borrowing BlockStore) {
        var blocks = unsafe store.kept.count
        for i in 0..<store.blockCount where unsafe store.marks[i] & BlockStore.Mark.owned != 0 { blocks += 1 }
        tables.append(
            TableMemory(
                name: store.name, rows: store.count, rowBytes: store.stride,
                bytes: blocks * BlockArena.blockBytes))
    }
    mutating func rows<Row>(_ table: inout RowTable<Row>) { add(table.store) }
    mutating func words<Element>(_ table: inout PlainTable<Element>) { add(table.store) }
    mutating func ids(_ table: inout IdTable) { add(table.store) }
}
