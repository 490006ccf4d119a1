import CLMDB
import Glibc

/// One page as bytes, each access within it. Good until the next page is read.
@safe struct PageView {
    private let base: UnsafePointer<UInt8>
    let byteCount: Int

    init(_ base: UnsafePointer<UInt8>, byteCount: Int) {
        unsafe self.base = base
        self.byteCount = byteCount
    }

    // Byte by byte and not generic: this runs at every opening, in unoptimised builds, too.
    @inline(__always) func u8(_ at: Int) -> UInt8 {
        precondition(at >= 0 && at < byteCount)
        return unsafe base[at]
    }
    @inline(__always) func u16(_ at: Int) -> UInt16 {
        precondition(at >= 0 && at + 2 <= byteCount)
        return unsafe UInt16(base[at]) | UInt16(base[at + 1]) << 8
    }
    func u32(_ at: Int) -> UInt32 { UInt32(u16(at)) | UInt32(u16(at + 2)) << 16 }
    func u64(_ at: Int) -> UInt64 { UInt64(u32(at)) | UInt64(u32(at + 4)) << 32 }

    func bytes(_ range: Range<Int>) -> [UInt8] {
        precondition(range.lowerBound >= 0 && range.upperBound <= byteCount)
        return unsafe Array(UnsafeBufferPointer(start: base + range.lowerBound, count: range.count))
    }

    /// Compares a part with other bytes as LMDB does: from the left, the shorter first.
    func compare(_ range: Range<Int>, _ other: [UInt8]) -> Int {
        let order = unsafe other.withUnsafeBufferPointer { other in
            unsafe memcmp(base + range.lowerBound, other.baseAddress ?? base, min(range.count, other.count))
        }
        return order != 0 ? Int(order) : range.count - other.count
    }

    /// Compares two parts as LMDB does.
    func compare(_ range: Range<Int>, _ other: Range<Int>) -> Int {
        let order = unsafe memcmp(
            base + range.lowerBound, base + other.lowerBound, min(range.count, other.count))
        return order != 0 ? Int(order) : range.count - other.count
    }
}

/// A node of a branch or leaf page: `MDB_node`.
struct PageNode {
    /// Where the key lies in the page.
    let key: Range<Int>
    /// Where the value begins: itself, or the number of its first page.
    let data: Int
    /// Bytes of the value, wherever it lies.
    let size: Int
    /// Of a leaf's node.
    let flags: UInt16
    /// The page below, of a branch's.
    let child: UInt64
    /// Where the node ends.
    let end: Int

    /// - Parameter at: with room for the node's own header behind it.
    init(_ page: PageView, at offset: Int, isBranch: Bool) {
        let (low, high, third) = (page.u16(offset), page.u16(offset + 2), page.u16(offset + 4))
        let start = offset + PageWalk.nodeHeader
        data = start + Int(page.u16(offset + 6))
        key = start..<data
        size = Int(low) | Int(high) << 16
        flags = isBranch ? 0 : third
        child = UInt64(low) | UInt64(high) << 16 | UInt64(third) << 32
        let length = isBranch ? 0 : (third & 0x01 != 0 ? 8 : size)
        end = (data + length + 1) & ~1
    }
}

/// Whether a page is one of tidy nodes: each wholly inside, none over another, no gap between them.
struct PageTidiness {
    /// A bit for each even place where a node begins.
    private var starts: [UInt64]

    init(pageSize: Int) { starts = Array(repeating: 0, count: pageSize / 128) }

    /// How many nodes the page has.
    /// - Returns: or why it is none.
    mutating func nodes(
        _ page: PageView, number: UInt64, isBranch: Bool
    ) -> (count: Int, refusal: String?) {
        if page.u64(0) != number { return (0, "it says to be page \(page.u64(0))") }
        let kind = page.u16(10)
        if kind != (isBranch ? 0x01 : 0x02) { return (0, "its kind is \(kind)") }
        let (lower, upper) = (Int(page.u16(12)), Int(page.u16(14)))
        guard lower >= PageWalk.pageHeader, lower % 2 == 0, lower <= upper, upper <= page.byteCount,
            upper % 2 == 0
        else { return (0, "its free room is said to lie from \(lower) to \(upper)") }
        let count = (lower - PageWalk.pageHeader) / 2
        for word in 0..<starts.count { starts[word] = 0 }
        // Nodes that begin at different places, each ending where another begins or at the page's end, and together
        // as long as their room: they are side by side.
        var total = 0
        for index in 0..<count {
            let at = Int(page.u16(PageWalk.pageHeader + 2 * index))
            guard at >= upper, at % 2 == 0, at + PageWalk.nodeHeader <= page.byteCount else {
                return (0, "its node \(index) lies at \(at)")
            }
            let bit = UInt64(1) << UInt64(at / 2 % 64)
            if starts[at / 128] & bit != 0 { return (0, "two of its nodes lie at \(at)") }
            starts[at / 128] |= bit
            let end = PageNode(page, at: at, isBranch: isBranch).end
            guard end <= page.byteCount else { return (0, "its node \(index) is too long") }
            total += end - at
        }
        if total != page.byteCount - upper { return (0, "its nodes do not fill their room") }
        for index in 0..<count {
            let at = Int(page.u16(PageWalk.pageHeader + 2 * index))
            let end = PageNode(page, at: at, isBranch: isBranch).end
            if end == page.byteCount { continue }
            if starts[end / 128] & UInt64(1) << UInt64(end / 2 % 64) == 0 {
                return (0, "its nodes overlap, or leave a gap at \(end)")
            }
        }
        return (count, nil)
    }
}

/// Pages read ahead: a walk in key order mostly reads upwards.
@safe final class PageWindow {
    private let path: String
    private let descriptor: Int32
    private let pageSize: Int
    private let buffer: UnsafeMutablePointer<UInt8>
    private var first: UInt64 = 0
    private var held = 0
    private static let byteCount = 1 << 18

    init(path: String, descriptor: Int32, pageSize: Int) {
        self.path = path
        self.descriptor = descriptor
        self.pageSize = pageSize
        unsafe buffer = .allocate(capacity: Self.byteCount)
    }

    deinit { unsafe buffer.deallocate() }

    /// A page; nil when the file ends before or inside it. Good until the next call.
    /// - Parameter isAlone: whether its neighbours above are not likely to be asked for next.
    func page(_ number: UInt64, isAlone: Bool) throws(LMDBError) -> PageView? {
        if number < first || Int(number - first) * pageSize + pageSize > held {
            let room = unsafe UnsafeMutableRawBufferPointer(
                start: buffer, count: isAlone ? pageSize : Self.byteCount)
            held = 0
            held = try unsafe readBytes(descriptor, path, at: number * UInt64(pageSize), into: room)
            first = number
        }
        let at = Int(number - first) * pageSize
        return at + pageSize <= held ? unsafe PageView(buffer + at, byteCount: pageSize) : nil
    }

    /// Bytes from a page on.
    func bytes(_ number: UInt64, count: Int) throws(LMDBError) -> [UInt8] {
        let bytes = try readBytes(descriptor, path, at: number * UInt64(pageSize), count: count)
        guard bytes.count == count else {
            throw LMDBError(
                code: MDB_CORRUPTED, operation: "check", path: path, detail: "the file is cut short")
        }
        return bytes
    }
}

/// A set of page numbers below a bound.
struct PageSet {
    private var words: [UInt64]
    private(set) var count: UInt64 = 0

    init(count: UInt64) { words = Array(repeating: 0, count: Int((count + 63) / 64)) }

    func covers(_ page: UInt64) -> Bool { page / 64 < UInt64(words.count) }

    /// False when it is there already, or past the bound.
    @discardableResult
    mutating func insert(_ page: UInt64) -> Bool {
        guard covers(page) else { return false }
        let (word, bit) = (Int(page / 64), UInt64(1) << (page % 64))
        if words[word] & bit != 0 { return false }
        words[word] |= bit
        count += 1
        return true
    }

    func firstMissing(through last: UInt64) -> UInt64? {
        for word in 0..<words.count where words[word] != .max {
            let page = UInt64(word) * 64 + UInt64((~words[word]).trailingZeroBitCount)
            return page <= last ? page : nil
        }
        return nil
    }
}
