import CPlatform
import Platform

/// What rows were before groups that are not yet on disk touched them.
///
/// Two groups can be in flight: one being synced, one being decided. A row's tag (its first four bytes) names
/// its newest image: the upper 8 bits are the group's stamp, the lower 24 the image's place + 1. An image keeps
/// the tag that the row had before, so the images of a row form a chain from new to old; the oldest is what
/// readers may see.
///
/// **Tags are never taken off.** A tag counts while a group of its stamp is in flight and the image it names is
/// of this very row; so letting go of a group costs nothing, however many rows it touched. Stamps come round
/// after 255 groups: by then an old tag can name a new group's image, but never one of its own row, since a
/// group that touches a row puts its own tag on it.
@safe public struct UndoLog: ~Copyable {
    /// Where an image's bytes begin, and whose they are.
    struct Image: BitwiseCopyable {
        let row: UInt32
        let table: UInt32
        let offset: Int
    }

    /// An id that was put into a table.
    struct Insertion: BitwiseCopyable {
        let hash: UInt64
        let number: UInt32
        let table: UInt8
    }

    /// The images of one group. Memory is kept from group to group.
    @safe struct Side: ~Copyable {
        /// See `AddressOnly`.
        private let pin = AddressOnly()
        private(set) var images: UnsafeMutablePointer<Image>
        private(set) var imageCount = 0
        private var imageCapacity = 1 << 10
        private(set) var bytes: UnsafeMutableRawPointer
        private var byteCount = 0
        private var byteCapacity = 1 << 16
        /// Ids put into id tables, in order.
        var inserted = PlainList<Insertion>()
        var open = false
        /// 1…255; the other group in flight has another.
        var stamp: UInt32 = 0

        init() {
            unsafe images = .allocate(capacity: imageCapacity)
            unsafe bytes = .allocate(byteCount: byteCapacity, alignment: 16)
        }

        deinit {
            unsafe images.deallocate()
            unsafe bytes.deallocate()
        }

        /// Whether a tag names an image of this row in this group.
        @inline(__always)
        func names(_ tag: UInt32, _ table: UInt32, _ row: Int) -> Bool {
            let place = Int(tag & UndoLog.placeMask) - 1
            guard tag >> 24 == stamp, place >= 0, place < imageCount else { return false }
            return unsafe images[place].row == UInt32(row) && images[place].table == table
        }

        @inline(__always)
        mutating func keep(
            _ table: UInt32, _ row: Int, _ pointer: UnsafeRawPointer, _ count: Int
        ) -> UInt32 {
            if imageCount == imageCapacity { growImages() }
            if byteCount + count > byteCapacity { growBytes(by: count) }
            unsafe (bytes + byteCount).copyMemory(from: pointer, byteCount: count)
            unsafe (images + imageCount).initialize(
                to: Image(row: UInt32(row), table: table, offset: byteCount))
            byteCount += count
            imageCount += 1
            return stamp << 24 | UInt32(imageCount)
        }

        @inline(never)
        private mutating func growImages() {
            precondition(
                imageCapacity < Int(UndoLog.placeMask), "a group touches more rows than can be told apart")
            let larger = UnsafeMutablePointer<Image>.allocate(capacity: imageCapacity * 2)
            unsafe larger.update(from: images, count: imageCount)
            unsafe images.deallocate()
            unsafe images = larger
            imageCapacity *= 2
        }

        @inline(never)
        private mutating func growBytes(by count: Int) {
            let wanted = max(byteCapacity * 2, byteCount + count)
            let larger = UnsafeMutableRawPointer.allocate(byteCount: wanted, alignment: 16)
            unsafe larger.copyMemory(from: bytes, byteCount: byteCount)
            unsafe bytes.deallocate()
            unsafe bytes = larger
            byteCapacity = wanted
        }

        mutating func clear() {
            imageCount = 0
            byteCount = 0
            inserted.removeAll()
            open = false
        }
    }

    static let placeMask: UInt32 = (1 << 24) - 1
    /// A group of more images than this is not added to: half of what tags can tell apart.
    static let imageBound = 1 << 23

    var even = Side()
    var odd = Side()
    /// Whether changes are written down at all: not while folding what is on disk already.
    public internal(set) var recording = false
    /// The group being decided.
    var parity: UInt32 = 0
    /// Its stamp.
    private(set) var stamp: UInt32 = 0

    init() {}

    /// Images of the group being decided.
    var imageCount: Int { parity == 0 ? even.imageCount : odd.imageCount }

    /// Begins a group's images.
    mutating func begin(parity: UInt32) {
        self.parity = parity
        recording = true
        stamp = stamp % 255 + 1
        if parity == 0 {
            even.open = true
            even.stamp = stamp
        } else {
            odd.open = true
            odd.stamp = stamp
        }
    }

    /// Lets go of a group's images. Cost: none, whatever it touched.
    mutating func end(parity: UInt32) {
        if parity == 0 { even.clear() } else { odd.clear() }
        recording = even.open || odd.open
    }

    /// Whether a row's tag says that the group being decided has its image.
    @inline(__always)
    func hasImage(_ tag: UInt32, _ table: UInt32, _ row: Int) -> Bool {
        guard tag >> 24 == stamp else { return false }
        return parity == 0 ? even.names(tag, table, row) : odd.names(tag, table, row)
    }

    /// Keeps a row as it is and tags it. Called once a row and group, by `RowTable.edit`.
    @inline(__always)
    mutating func save(table: UInt32, row: Int, at pointer: UnsafeMutableRawPointer, bytes count: Int) {
        let tag: UInt32
        if parity == 0 {
            tag = unsafe even.keep(table, row, UnsafeRawPointer(pointer), count)
        } else {
            tag = unsafe odd.keep(table, row, UnsafeRawPointer(pointer), count)
        }
        unsafe pointer.storeBytes(of: tag, as: UInt32.self)
    }

    @inline(__always)
    mutating func noteInsert(table: UInt8, hash: UInt64, number: UInt32) {
        if parity == 0 {
            even.inserted.append(Insertion(hash: hash, number: number, table: table))
        } else {
            odd.inserted.append(Insertion(hash: hash, number: number, table: table))
        }
    }

    /// The row as it was before any group in flight.
    func oldest<Row: StateRow>(_ row: Row, _ table: UInt32, _ number: Int) -> Row {
        var row = row
        // Two groups, so two images at the most.
        for _ in 0..<2 {
            if even.open, even.names(row.undo, table, number) {
                row = UndoLog.image(even, row.undo)
            } else if odd.open, odd.names(row.undo, table, number) {
                row = UndoLog.image(odd, row.undo)
            } else {
                break
            }
        }
        return row
    }

    private static func image<Row: StateRow>(_ side: borrowing Side, _ tag: UInt32) -> Row {
        let offset = unsafe side.images[Int(tag & placeMask) - 1].offset
        return unsafe side.bytes.loadUnaligned(fromByteOffset: offset, as: Row.self)
    }
}
