/// What rows were before groups that are not yet on disk touched them.
///
/// Two groups can be in flight: one being synced, one being decided. A row's tag (its first four bytes) names
/// its newest
/// image: bit 31 the group's parity, below it the image's place. An image keeps the tag the row had before,
/// so
/// the images of a row form a chain from new to old; the oldest is what readers may see.
public struct UndoLog: ~Copyable {
    struct Image {
        let table: UInt8
        let row: UInt32
        /// Where its bytes begin in `bytes`.
        let offset: Int
    }

    struct Side {
        var images: [Image] = []
        var bytes: [UInt8] = []
        /// Ids put into id tables: (table, hash, number), in order.
        var inserted: [(table: UInt8, hash: UInt64, number: UInt32)] = []
        var open = false
    }

    var sides: (Side, Side) = (Side(), Side())
    /// Whether changes are written down at all: not while folding what is on disk already.
    public internal(set) var recording = false
    /// The group being decided.
    var parity: UInt32 = 0

    init() {}

    /// Keeps a row as it is and tags it. Called once a row and group, by `RowTable.edit`.
    @inline(never)
    mutating func save(table: UInt8, row: Int, at pointer: UnsafeMutableRawPointer, bytes count: Int) {
        let place: Int
        if parity == 0 {
            place = unsafe UndoLog.keep(&sides.0, table, row, pointer, count)
        } else {
            place = unsafe UndoLog.keep(&sides.1, table, row, pointer, count)
        }
        unsafe pointer.storeBytes(of: parity << 31 | UInt32(place + 1), as: UInt32.self)
    }

    private static func keep(
        _ side: inout Side, _ table: UInt8, _ row: Int, _ pointer: UnsafeMutableRawPointer, _ count: Int
    ) -> Int {
        side.images.append(Image(table: table, row: UInt32(row), offset: side.bytes.count))
        unsafe side.bytes.append(contentsOf: UnsafeRawBufferPointer(start: pointer, count: count))
        return side.images.count - 1
    }

    mutating func noteInsert(table: UInt8, hash: UInt64, number: UInt32) {
        if parity == 0 {
            sides.0.inserted.append((table, hash, number))
        } else {
            sides.1.inserted.append((table, hash, number))
        }
    }

    /// Copies the oldest image that a tag leads to.
    func oldest<Row: BitwiseCopyable>(tag: UInt32, as type: Row.Type) -> Row {
        var tag = tag
        while true {
            let place = Int(tag & 0x7FFF_FFFF) - 1
            let (row, before) =
                tag >> 31 == 0 ? UndoLog.image(sides.0, place, type) : UndoLog.image(sides.1, place, type)
            if before == 0 { return row }
            tag = before
        }
    }

    private static func image<Row: BitwiseCopyable>(_ side: Side, _ place: Int, _ type: Row.Type) -> (
        Row, UInt32
    ) {
        let offset = side.images[place].offset
        return unsafe side.bytes.withUnsafeBytes { raw in
            unsafe (
                raw.loadUnaligned(fromByteOffset: offset, as: Row.self),
                raw.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
            )
        }
    }
}
