import CLMDB

/// A node of a branch or leaf page: `MDB_node`, after its page was found to be one of tidy nodes.
struct PageNode {
    /// Where the key lies in the page.
    let key: Range<Int>
    /// Where the value begins: itself, or the number of its first page.
    let data: Int
    /// Bytes of the value, wherever it lies.
    let size: Int
    let flags: UInt16
    /// The page below, of a branch's.
    let child: UInt64

    /// Why a page is not one of tidy nodes.
    struct Untidy: Error { let text: String }

    /// The nodes of a page in the order of its pointers: each wholly inside, none over another, no gap between them.
    static func all(
        _ bytes: [UInt8], page: UInt64, kind: UInt16, pageSize: Int
    ) -> Result<[PageNode], Untidy> {
        func refuse(_ text: String) -> Result<[PageNode], Untidy> { .failure(Untidy(text: text)) }
        guard bytes.count == pageSize else { return refuse("the file ends inside it") }
        let number = bytes.littleEndian(at: 0, as: UInt64.self)
        guard number == page else { return refuse("it says to be page \(number)") }
        let flags = bytes.littleEndian(at: 10, as: UInt16.self)
        guard flags == kind else { return refuse("its kind is \(flags), not \(kind)") }
        let lower = Int(bytes.littleEndian(at: 12, as: UInt16.self))
        let upper = Int(bytes.littleEndian(at: 14, as: UInt16.self))
        guard lower >= PageWalk.pageHeader, lower % 2 == 0, lower <= upper, upper <= pageSize else {
            return refuse("its free room is said to lie from \(lower) to \(upper)")
        }
        var nodes: [PageNode] = []
        var spans: [(start: Int, end: Int)] = []
        for index in 0..<(lower - PageWalk.pageHeader) / 2 {
            let at = Int(bytes.littleEndian(at: PageWalk.pageHeader + 2 * index, as: UInt16.self))
            guard at >= upper, at % 2 == 0, at + PageWalk.nodeHeader <= pageSize else {
                return refuse("its node \(index) lies at \(at)")
            }
            let node = PageNode(bytes, at: at, kind: kind)
            let isApart = node.flags & 0x01 != 0 && kind == 0x02
            let length = kind == 0x01 ? 0 : (isApart ? 8 : node.size)
            let end = (node.data + length + 1) & ~1
            guard end <= pageSize else { return refuse("its node \(index) is too long") }
            nodes.append(node)
            spans.append((at, end))
        }
        spans.sort { $0.start < $1.start }
        var reached = upper
        for span in spans {
            guard span.start == reached else {
                return refuse("its nodes overlap, or leave a gap at \(reached)")
            }
            reached = span.end
        }
        guard reached == pageSize else { return refuse("its nodes end at \(reached)") }
        return .success(nodes)
    }

    private init(_ bytes: [UInt8], at offset: Int, kind: UInt16) {
        let (low, high) = (
            bytes.littleEndian(at: offset, as: UInt16.self),
            bytes.littleEndian(at: offset + 2, as: UInt16.self)
        )
        let third = bytes.littleEndian(at: offset + 4, as: UInt16.self)
        let keyBytes = Int(bytes.littleEndian(at: offset + 6, as: UInt16.self))
        let start = offset + PageWalk.nodeHeader
        key = start..<min(start + keyBytes, bytes.count)
        data = start + keyBytes
        size = Int(low) | Int(high) << 16
        flags = kind == 0x01 ? 0 : third
        child = UInt64(low) | UInt64(high) << 16 | UInt64(third) << 32
    }
}

/// Pages read ahead: a walk in key order mostly reads upwards.
struct PageWindow {
    private let path: String
    private let descriptor: Int32
    private let pageSize: Int
    private var first: UInt64 = 0
    private var held: [UInt8] = []
    private static let byteCount = 1 << 18

    init(path: String, descriptor: Int32, pageSize: Int) {
        self.path = path
        self.descriptor = descriptor
        self.pageSize = pageSize
    }

    /// A page, or what the file holds of it.
    /// - Parameter keeping: whether its neighbours above are likely to be asked for next.
    mutating func page(_ number: UInt64, keeping: Bool) throws(LMDBError) -> [UInt8] {
        let offset = Int(number - min(first, number)) * pageSize
        if number >= first, offset + pageSize <= held.count { return Array(held[offset..<offset + pageSize]) }
        held = try pread(at: number, count: keeping ? pageSize : Self.byteCount)
        first = number
        return Array(held.prefix(pageSize))
    }

    /// Bytes from a page on.
    mutating func bytes(_ number: UInt64, count: Int) throws(LMDBError) -> [UInt8] {
        let bytes = try pread(at: number, count: count)
        guard bytes.count == count else {
            throw LMDBError(
                code: MDB_CORRUPTED, operation: "check", path: path, detail: "the file is cut short")
        }
        return bytes
    }

    private func pread(at page: UInt64, count: Int) throws(LMDBError) -> [UInt8] {
        try readBytes(descriptor, path, at: page * UInt64(pageSize), count: count)
    }
}

/// A set of page numbers below a bound.
struct PageSet {
    private var words: [UInt64]
    private(set) var count: UInt64 = 0

    init(count: UInt64) { words = Array(repeating: 0, count: Int((count + 63) / 64)) }

    func covers(_ page: UInt64) -> Bool { page / 64 < UInt64(words.count) }

    /// False when it is there already.
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
