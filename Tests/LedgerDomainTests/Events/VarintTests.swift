import Testing

@testable import LedgerDomain

/// Numbers are written and read eight bytes at a time where there is room: against a model that goes byte by byte.
@Suite struct VarintTests {
    /// LEB128, by the book.
    private static func bytes(_ value: UInt64) -> [UInt8] {
        var (rest, out) = (value, [UInt8]())
        while rest >= 0x80 {
            out.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return out + [UInt8(rest)]
    }

    private static func encoded(_ value: UInt64) -> [UInt8] {
        var memory = [UInt8](repeating: 0xAA, count: 32)
        let written = memory.withUnsafeMutableBytes { raw in
            let begin = raw.baseAddress!.assumingMemoryBound(to: UInt8.self)
            var encoder = EventEncoder(region: raw, context: context)
            encoder.varint(value)
            return encoder.cursor - begin
        }
        return Array(memory[..<written])
    }

    private static let context = RecordContext(
        basePosition: LogPosition(1), occurredAt: Timestamp(nanoseconds: 0))

    /// What a decoder makes of bytes, and how many it took.
    private static func decoded(_ bytes: [UInt8]) -> (value: UInt64, taken: Int, fault: DecodingFault?) {
        bytes.withUnsafeBytes { raw in
            let begin = raw.baseAddress!.assumingMemoryBound(to: UInt8.self)
            var decoder = EventDecoder(region: raw, context: context)
            let value = decoder.varint()
            return (value, decoder.cursor - begin, decoder.fault)
        }
    }

    /// The ends of every length, and some between.
    private static var values: [UInt64] {
        var random = SplitMix(seed: 0x5EED_0041)
        return (0..<64).flatMap { bits -> [UInt64] in
            let power: UInt64 = 1 << UInt64(bits)
            return [power - 1, power, power + 1, power | random.next() & (power - 1)]
        } + [.max, .max - 1]
    }

    @Test("written as by the book", arguments: values)
    func writes(_ value: UInt64) { #expect(Self.encoded(value) == Self.bytes(value)) }

    @Test("read back with anything behind it, and with nothing", arguments: values)
    func reads(_ value: UInt64) {
        let own = Self.bytes(value)
        for behind in 0...12 {
            for filler: UInt8 in [0x00, 0x7F, 0x80, 0xFF] {
                let read = Self.decoded(own + [UInt8](repeating: filler, count: behind))
                #expect(read.value == value)
                #expect(read.taken == own.count)
                #expect(read.fault == nil)
            }
        }
    }

    /// The last bytes of a region that is longer than they are: read together with what was read before.
    private static func decodedLast(_ bytes: [UInt8]) -> (value: UInt64, taken: Int, fault: DecodingFault?) {
        ([0xFF, 0x00, 0x80, 0x7F, 0xFF, 0x80, 0x01, 0xFF] + bytes).withUnsafeBytes { raw in
            var decoder = EventDecoder(region: raw, context: context)
            _ = decoder.fixed64()
            let begin = decoder.cursor
            let value = decoder.varint()
            return (value, decoder.cursor - begin, decoder.fault)
        }
    }

    @Test("read as the last of a region, whatever stands before", arguments: values)
    func last(_ value: UInt64) {
        let own = Self.bytes(value)
        let read = Self.decodedLast(own)
        #expect(read.value == value)
        #expect(read.taken == own.count)
        #expect(read.fault == nil)
        for cut in 0..<own.count { #expect(Self.decodedLast(Array(own[..<cut])).fault == .truncated) }
        #expect(Self.decodedLast([0x80, 0x00]).fault == .badField("varint"))
        #expect(Self.decodedLast([0x80, 0x80, 0x00]).fault == .badField("varint"))
    }

    @Test("a group of zeros at the end is refused, whatever stands behind", arguments: 1...9)
    func padded(_ groups: Int) {
        for behind in 0...12 {
            let bytes =
                [UInt8](repeating: 0x80, count: groups) + [0] + [UInt8](repeating: 0x33, count: behind)
            #expect(Self.decoded(bytes).fault == .badField("varint"))
        }
    }

    @Test("cut short, or without an end", arguments: 1...12)
    func endless(_ count: Int) {
        let fault = Self.decoded([UInt8](repeating: 0xFF, count: count)).fault
        #expect(fault == (count < 10 ? .truncated : .badField("varint")))
    }
}
