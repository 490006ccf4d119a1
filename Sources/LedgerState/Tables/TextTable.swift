import CPlatform
import LedgerDomain

/// Users' ids, by number, so that a look-up by a short id is confirmed without reading the log. Ids of more than 23 bytes stand there
/// only.
///
/// The ids of 64 neighbours are as many rows of one length, that of the longest of them and a byte for its own; so ids that are made in one
/// way leave no gaps. Rows of one such segment stand in one block; a list says where each segment begins. Only the newest segment is written to:
/// a longer id makes its rows longer.
///
/// It has no count of its own: who asks knows which users there are. What a group that is undone leaves behind is written over.
///
/// Not thread-safe; all calls are made under the state's lock, or in a peek where it says so: those change nothing.
@safe public struct TextTable: ~Copyable {
    /// The longest id that is here.
    public static let capacity = 23
    private static let perSegment = 64
    private static let absent: UInt8 = 255

    /// Where a segment's rows begin, and how long they are.
    private struct Segment {
        let start: Int
        let stride: Int
        var end: Int { start + stride * TextTable.perSegment }

        init(start: Int, stride: Int) {
            let room = BlockArena.blockBytes - start % BlockArena.blockBytes
            self.start = stride * TextTable.perSegment <= room ? start : start + room
            self.stride = stride
        }

        @inline(__always)
        init(_ word: UInt64) { (start, stride) = (Int(word >> 8), Int(word & 0xFF)) }

        var word: UInt64 { UInt64(start) << 8 | UInt64(stride) }

        @inline(__always)
        func place(of number: Int) -> Int { start &+ (number & (TextTable.perSegment - 1)) &* stride }
    }

    /// See `AddressOnly`.
    private let pin = AddressOnly()
    var bytes: PlainTable<UInt8>
    var segments: PlainTable<UInt64>

    init(_ table: Int, segments segmentTable: Int, _ name: String, _ home: TableHome) {
        bytes = PlainTable(table, name, home)
        segments = PlainTable(segmentTable, name + "Segments", home)
    }

    /// Whether there are places for as many users, where there are bytes: false when a checkpoint was not written by this program.
    func isSound(users: Int) -> Bool {
        guard segments.count == (users + Self.perSegment - 1) / Self.perSegment else { return false }
        for i in 0..<segments.count {
            let segment = unsafe Segment(segments.peek(i).pointee)
            guard (1...Self.capacity + 1).contains(segment.stride),
                segment.end <= bytes.store.blockCount * BlockArena.blockBytes,
                segment.start / BlockArena.blockBytes == (segment.end - 1) / BlockArena.blockBytes
            else { return false }
        }
        return true
    }

    /// The id of the next user; or of one that was undone, and of which nothing is left to be asked for.
    mutating func put(_ id: BorrowedText, at number: Int) {
        let isShort = id.count <= Self.capacity
        let length = isShort ? id.count + 1 : 1
        let index = number / Self.perSegment
        precondition(index >= segments.count - 1 && index <= segments.count, "users come in order")
        if index == segments.count {
            let end = index == 0 ? 0 : unsafe Segment(segments.peek(index - 1).pointee).end
            let segment = Segment(start: end, stride: length)
            segments.add(segment.word)
            bytes.extend(to: segment.end)
        }
        var segment = unsafe Segment(segments.peek(index).pointee)
        if length > segment.stride {
            segment = lengthen(segment, to: length, rows: number % Self.perSegment)
            unsafe segments.change(index).pointee = segment.word
        }
        let row = unsafe write(segment.place(of: number))
        unsafe row.storeBytes(of: isShort ? UInt8(id.count) : Self.absent, as: UInt8.self)
        if isShort { unsafe (row + 1).copyMemory(from: id.bytes.baseAddress!, byteCount: id.count) }
    }

    /// Longer rows for the newest segment, where it is or in the block behind it.
    private mutating func lengthen(_ old: Segment, to stride: Int, rows: Int) -> Segment {
        let new = Segment(start: old.start, stride: stride)
        bytes.extend(to: max(new.end, bytes.count))
        // The last one first: what a row is moved over has been moved.
        for row in (0..<rows).reversed() {
            let from = unsafe read(old.place(of: row))
            unsafe write(new.place(of: row)).copyMemory(from: from, byteCount: old.stride)
        }
        return new
    }

    @inline(__always)
    private func read(_ place: Int) -> UnsafeRawPointer {
        unsafe bytes.store.readable(place / BlockArena.blockBytes) + place % BlockArena.blockBytes
    }

    @inline(__always)
    private mutating func write(_ place: Int) -> UnsafeMutableRawPointer {
        unsafe bytes.store.writable(place / BlockArena.blockBytes) + place % BlockArena.blockBytes
    }

    /// Where the row of a user is.
    @inline(__always)
    private func row(_ number: Int) -> UnsafeRawPointer {
        unsafe read(Segment(segments.peek(number / Self.perSegment).pointee).place(of: number))
    }

    /// The same, in a peek: if reading it changes nothing, as its blocks were touched before.
    @inline(__always)
    func loaded(_ number: Int) -> UnsafeRawPointer? {
        guard number >= 0, let word = unsafe segments.loaded(number / Self.perSegment) else { return nil }
        let place = unsafe Segment(word.pointee).place(of: number)
        guard let block = unsafe bytes.store.blocks[place / BlockArena.blockBytes] else { return nil }
        return unsafe UnsafeRawPointer(block) + place % BlockArena.blockBytes
    }

    /// Starts loading one.
    @inline(__always)
    func prefetch(_ number: Int) {
        guard let row = unsafe loaded(number) else { return }
        unsafe platform_prefetch_read(row)
        // It may stand on two lines.
        unsafe platform_prefetch_read(row + Self.capacity)
    }

    /// Whether the id of a user is this one; nil when only the log can say.
    @inline(__always)
    func holds(_ id: BorrowedText, _ number: Int) -> Bool? {
        let row = unsafe row(number)
        if unsafe row.load(as: UInt8.self) == Self.absent { return id.count <= Self.capacity ? false : nil }
        return unsafe Self.isShort(id, row)
    }

    /// Whether an id of at most 23 bytes is the one of a row.
    @inline(__always)
    static func isShort(_ id: BorrowedText, _ row: UnsafeRawPointer) -> Bool {
        guard unsafe Int(row.load(as: UInt8.self)) == id.count else { return false }
        return unsafe BorrowedText((row + 1).assumingMemoryBound(to: UInt8.self), count: id.count)
            .equalsShort(id)
    }

    /// The id of a user; nil when only the log has it.
    func text(_ number: Int) -> String? {
        let row = unsafe row(number)
        let length = unsafe row.load(as: UInt8.self)
        if length > Self.capacity { return nil }
        return unsafe String(
            decoding: UnsafeRawBufferPointer(start: row + 1, count: Int(length)), as: UTF8.self)
    }
}

extension TableVisitor {
    public mutating func texts(_ table: inout TextTable) {
        words(&table.bytes)
        words(&table.segments)
    }
}
