import LedgerDomain
import Testing

@testable import LedgerState

/// Ids of users against a plain array.
@Suite struct TextTableTests {
    private static func put(_ id: String, at number: Int, _ table: inout TextTable) {
        let bytes = Array(id.utf8)
        bytes.withUnsafeBufferPointer { table.put(BorrowedText($0.baseAddress, count: $0.count), at: number) }
    }

    private static func holds(_ id: String, _ number: Int, _ table: borrowing TextTable) -> Bool? {
        let bytes = Array(id.utf8)
        return bytes.withUnsafeBufferPointer {
            table.holds(BorrowedText($0.baseAddress, count: $0.count), number)
        }
    }

    private static func check(_ table: borrowing TextTable, _ ids: [String], _ comment: Comment) {
        for (number, id) in ids.enumerated() {
            let isShort = id.utf8.count <= TextTable.capacity
            let text = table.text(number)
            #expect(text == (isShort ? id : nil), comment)
            let same = holds(id, number, table)
            #expect(same == (isShort ? true : nil), comment)
            // Another one of the same length, a shorter and a longer one.
            for other in [String(id.dropLast()) + "~", String(id.dropLast()), id + "~"] where !other.isEmpty {
                let found = holds(other, number, table)
                #expect(found == (isShort || other.utf8.count <= TextTable.capacity ? false : nil), comment)
            }
            let row = table.loaded(number)
            #expect(row != nil, comment)
        }
    }

    private static func id(_ length: Int, _ random: inout SplitMix) -> String {
        String((0..<length).map { _ in Character(UnicodeScalar(UInt8(97 + random.next() % 26))) })
    }

    @Test("ids of all lengths", arguments: [1, 3, 16, 23, 24, 60])
    func property(_ longest: Int) {
        var random = SplitMix(seed: UInt64(longest))
        var table = TextTable(59, segments: 87, "texts", TableHome())
        var ids: [String] = []
        // Some blocks, and a segment that is not full.
        for number in 0..<9_999 {
            ids.append(Self.id(1 + Int(random.next() % UInt64(longest)), &random))
            Self.put(ids[number], at: number, &table)
        }
        Self.check(table, ids, "up to \(longest) bytes")
    }

    /// A segment grows from one byte to the longest, where it fills a block and where it has to move to the next one.
    @Test("a segment's rows become longer", arguments: [0, 41, 42, 43])
    func longer(_ segmentsBefore: Int) {
        var random = SplitMix(seed: 7)
        var table = TextTable(59, segments: 87, "texts", TableHome())
        var ids: [String] = []
        func put(_ length: Int) {
            ids.append(Self.id(length, &random))
            Self.put(ids.last!, at: ids.count - 1, &table)
        }
        for _ in 0..<(segmentsBefore * 64) { put(23) }
        for row in 0..<64 { put(1 + row * 22 / 63) }
        for _ in 0..<100 { put(9) }
        Self.check(table, ids, "after \(segmentsBefore) segments")
    }

    @Test("ids made in one way leave no gaps")
    func size() {
        var table = TextTable(59, segments: 87, "texts", TableHome())
        for number in 0..<100_000 { Self.put("u-\(10_000_000_000_000 + number)", at: number, &table) }
        let bytes = table.bytes.count + table.segments.count * 8
        #expect(bytes < 100_000 * 173 / 10)
    }

    @Test("places that fit nothing are not used")
    func soundness() {
        func table(_ change: (inout TextTable) -> Void = { _ in }) -> Bool {
            var table = TextTable(59, segments: 87, "texts", TableHome())
            for number in 0..<200 { Self.put("user-\(number)", at: number, &table) }
            change(&table)
            return table.isSound(users: 200)
        }
        func word(_ word: UInt64) -> Bool { table { $0.segments.change(2).pointee = word } }
        #expect(table())
        #expect(!table { Self.put("a", at: 256, &$0) })
        #expect(word(64 << 8 | 24) && word((65_536 - 64) << 8 | 1))
        #expect(!word(64 << 8 | 25) && !word(64 << 8))
        #expect(!word(65_536 << 8 | 9) && !word((65_536 - 63) << 8 | 1) && !word(.max))
    }

    @Test("what an undone group leaves behind is written over", arguments: UInt64(1)...8)
    func undoing(_ seed: UInt64) {
        var random = SplitMix(seed: seed)
        let home = TableHome()
        var table = TextTable(59, segments: 87, "texts", home)
        var ids: [String] = []
        func add(_ count: Int) {
            let longest = 1 + random.next() % 30
            for _ in 0..<count {
                ids.append(Self.id(1 + Int(random.next() % longest), &random))
                Self.put(ids.last!, at: ids.count - 1, &table)
            }
        }
        for round in 0..<60 {
            home.counts.begin(parity: 0)
            let before = ids
            add(Int(random.next() % 200))
            if random.next() % 2 == 0 {
                table.segments.truncate(parity: 0)
                table.bytes.truncate(parity: 0)
                ids = before
            }
            if round % 10 == 9 { Self.check(table, ids, "seed \(seed), round \(round)") }
        }
    }
}
