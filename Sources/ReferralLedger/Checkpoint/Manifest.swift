import LedgerDomain
import LedgerLog
import LedgerState

/// What a checkpoint holds, and where its blocks are. The last thing written of a checkpoint: without it the
/// rest does not count.
struct Manifest: Sendable {
    struct Table: Sendable {
        var shape: TableShape
        /// For each block, the checkpoint that wrote it; `CheckpointStore.shared` for those that belong to no one.
        var generations: [UInt32]
        /// XXH3 of each block as stored.
        var checksums: [UInt64]
    }
    var generation: UInt32
    var ledgerId: Bytes16
    var hashSeed: UInt64
    var head: LogHead
    /// SHA-256 of the record that ends at `head`; zeros for an empty log.
    var recordHash: Digest32
    var viewsHead: LogHead
    var sequence: UInt64
    /// How far weeks and months were closed at `viewsHead`, by programme.
    var closedTo: [(week: Int64, month: Int64)]
    var tree: MerkleRange
    var tables: [Table]

    static let magic: UInt64 = 0x3230_5043_4C52  // "RLCP02"

    func encoded() -> [UInt8] {
        var out = WordWriter()
        out.put(Self.magic)
        out.put(UInt64(CoreState.foldVersion) << 32 | UInt64(ViewState.foldVersion))
        out.put(UInt64(generation))
        out.put(ledgerId.low)
        out.put(ledgerId.high)
        out.put(hashSeed)
        out.put(head)
        out.put(recordHash)
        out.put(viewsHead)
        out.put(sequence)
        out.put(UInt64(closedTo.count))
        for pair in closedTo {
            out.put(UInt64(bitPattern: pair.week))
            out.put(UInt64(bitPattern: pair.month))
        }
        out.put(tree.size)
        for hash in tree.edge { out.put(hash) }
        out.put(UInt64(tables.count))
        for table in tables {
            let shape = table.shape
            for value in [shape.table, shape.stride, shape.rowsPerBlock, shape.count, shape.blockCount] {
                out.put(UInt64(value))
            }
            out.put(shape.digested ? 1 : 0)
            out.put(shape.name)
            for generation in table.generations { out.put(UInt64(generation)) }
            for checksum in table.checksums { out.put(checksum) }
            if shape.digested { for hash in shape.hashes { out.put(hash ?? Digest32()) } }
            out.put(UInt64(shape.extra.count))
            for word in shape.extra { out.put(UInt64(word)) }
        }
        let sum = SHA256Hasher().hash(out.bytes)
        out.put(sum)
        return out.bytes
    }

    /// Whether bytes are as they were written for a generation: by this version of the program, or by another.
    static func isWhole(_ bytes: [UInt8], generation: UInt64) -> Bool {
        guard bytes.count > 40,
            SHA256Hasher().hash(Array(bytes.dropLast(32))).bytes == Array(bytes.suffix(32))
        else { return false }
        // All versions begin alike.
        return bytes[16..<24].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) } == generation
    }

    /// Nil when the bytes are damaged, or of another version.
    init?(_ bytes: [UInt8]) {
        guard bytes.count > 32,
            SHA256Hasher().hash(Array(bytes.dropLast(32))).bytes == Array(bytes.suffix(32))
        else {
            return nil
        }
        var input = WordReader(bytes)
        guard input.word() == Self.magic,
            input.word() == UInt64(CoreState.foldVersion) << 32 | UInt64(ViewState.foldVersion)
        else { return nil }
        generation = UInt32(truncatingIfNeeded: input.word())
        ledgerId = Bytes16(low: input.word(), high: input.word())
        hashSeed = input.word()
        head = input.head()
        recordHash = input.digest()
        viewsHead = input.head()
        sequence = input.word()
        closedTo = input.list { (Int64(bitPattern: $0.word()), Int64(bitPattern: $0.word())) }
        let size = input.word()
        var edge: [Digest32] = []
        for _ in 0..<size.nonzeroBitCount { edge.append(input.digest()) }
        guard let tree = MerkleRange(size: size, edge: edge) else { return nil }
        self.tree = tree
        tables = input.list { input in
            let numbers = (0..<5).map { _ in Int(truncatingIfNeeded: input.word()) }
            let digested = input.word() == 1
            let name = input.text()
            let blocks = max(0, min(numbers[4], 1 << 24))
            var table = Table(
                shape: TableShape(
                    table: numbers[0], name: name, digested: digested, stride: numbers[1],
                    rowsPerBlock: numbers[2],
                    count: numbers[3], blockCount: blocks, hashes: [], changed: [], extra: []),
                generations: [], checksums: [])
            for _ in 0..<blocks { table.generations.append(UInt32(truncatingIfNeeded: input.word())) }
            for _ in 0..<blocks { table.checksums.append(input.word()) }
            if digested { for _ in 0..<blocks { table.shape.hashes.append(input.digest()) } }
            table.shape.extra = input.list { UInt32(truncatingIfNeeded: $0.word()) }
            return table
        }
        if input.failed { return nil }
    }

    init(
        generation: UInt32, ledgerId: Bytes16, hashSeed: UInt64, head: LogHead, recordHash: Digest32,
        viewsHead: LogHead, sequence: UInt64, closedTo: [(week: Int64, month: Int64)], tree: MerkleRange
    ) {
        self.generation = generation
        self.ledgerId = ledgerId
        self.hashSeed = hashSeed
        self.head = head
        self.recordHash = recordHash
        self.viewsHead = viewsHead
        self.sequence = sequence
        self.closedTo = closedTo
        self.tree = tree
        tables = []
    }
}

/// Little-endian words, one after another.
struct WordWriter {
    var bytes: [UInt8] = []
    mutating func put(_ word: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: word >> shift))
        }
    }
    mutating func put(_ digest: Digest32) { bytes.append(contentsOf: digest.bytes) }
    mutating func put(_ head: LogHead) {
        put(head.position.rawValue)
        put(head.records)
        put(UInt64(bitPattern: head.recordedAt.nanoseconds))
    }
    mutating func put(_ text: String) {
        put(UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }
}

/// Reads what `WordWriter` wrote; past the end it gives zeros and says `failed`.
struct WordReader {
    private let bytes: [UInt8]
    private var next = 0
    private(set) var failed = false
    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, bytes.count - next >= count else {
            failed = true
            return nil
        }
        defer { next += count }
        return bytes[next..<(next + count)]
    }
    mutating func word() -> UInt64 {
        guard let slice = take(8) else { return 0 }
        return slice.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    mutating func digest() -> Digest32 {
        guard let slice = take(32) else { return Digest32() }
        return unsafe Array(slice).withUnsafeBytes { unsafe Digest32($0)! }
    }
    mutating func head() -> LogHead {
        LogHead(
            position: LogPosition(word()), records: word(),
            recordedAt: Timestamp(nanoseconds: Int64(bitPattern: word())))
    }
    mutating func text() -> String {
        guard let slice = take(Int(truncatingIfNeeded: min(word(), 1_000))) else { return "" }
        return String(decoding: slice, as: UTF8.self)
    }
    mutating func list<T>(_ body: (inout WordReader) -> T) -> [T] {
        let count = word()
        var out: [T] = []
        for _ in 0..<count {
            if failed { break }
            out.append(body(&self))
        }
        return out
    }
}
