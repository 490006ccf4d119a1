import Testing

@testable import LedgerState

/// Positions against a plain array.
@Suite struct PositionTableTests {
    private static func filled(_ positions: [UInt64]) -> PositionTable {
        var table = PositionTable(2, upper: 85, "positions", TableHome())
        for position in positions { table.append(position) }
        return table
    }

    private static func check(_ table: borrowing PositionTable, _ positions: [UInt64], _ comment: Comment) {
        #expect(table.count == positions.count, comment)
        for (number, position) in positions.enumerated() {
            let found = table[number]
            #expect(found == position, comment)
        }
        let around = positions + positions.map { $0 &+ 1 } + positions.map { $0 &- min($0, 1) }
        let asked = around + [0, .max >> 16]
        for position in asked {
            let found = table.find(notAfter: position)
            #expect(found == positions.lastIndex { $0 <= position }, "\(comment), \(position)")
        }
    }

    @Test("positions near and far apart", arguments: [0, 2, 8, 15, 17, 24] as [UInt64])
    func property(_ bits: UInt64) {
        var random = SplitMix(seed: 0x9051 ^ bits)
        var position = bits % 3 == 0 ? 0 : random.next() >> 24
        var positions: [UInt64] = []
        for _ in 0..<400 {
            positions.append(position)
            // The same one now and then: a record may give several numbers.
            if random.next() % 8 != 0 { position += 1 + random.next() & ((1 << bits) - 1) }
        }
        Self.check(Self.filled(positions), positions, "gaps below 2^\(bits)")
    }

    @Test(
        "at the edges of the upper bits",
        arguments: [
            [], [0], [0xFFFF], [0x10000], [0xFFFF, 0x10000], [0x10000, 0x1FFFF, 0x20000, 0x20000],
            [5, 0x30005, 0x30006, 0x50000], [(1 << 48) - 1], [0, (1 << 48) - 1],
        ] as [[UInt64]])
    func edges(_ positions: [UInt64]) {
        Self.check(Self.filled(positions), positions, "\(positions)")
    }

    @Test("more than a block of them, and of changes")
    func blocks() {
        let dense = (0..<70_000).map { UInt64($0) * 4 }
        let sparse = (0..<9_000).map { UInt64($0) << 20 | 7 }
        for positions in [dense, sparse] {
            let table = Self.filled(positions)
            for number in stride(from: 0, to: positions.count, by: 997) {
                let (found, place) = (table[number], table.find(notAfter: positions[number] + 1))
                #expect(found == positions[number] && place == number)
            }
        }
    }

    @Test("a list that fits no numbers is not used")
    func soundness() {
        func upper(_ numbers: [UInt32], count: Int = 10) -> Bool {
            var table = PositionTable(2, upper: 85, "positions", TableHome())
            for _ in 0..<count { table.lower.add(7) }
            for number in numbers { table.upper.add(.init(number: number, bits: number)) }
            return table.isSound
        }
        #expect(upper([], count: 0) && upper([0]) && upper([0, 1, 9]))
        #expect(!upper([]) && !upper([1]) && !upper([0, 0]) && !upper([0, 5, 4]) && !upper([0, 10]))
        #expect(!upper([0], count: 0))
    }

    @Test("two bytes each")
    func size() {
        let table = Self.filled((0..<100_000).map { UInt64($0) * 5 })
        let (lower, upper) = (table.lower.store.stride, table.upper.count)
        #expect(lower == 2 && upper == 100_000 * 5 / 65_536 + 1)
    }
}
