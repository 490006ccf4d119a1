import Testing

@testable import LedgerDomain

/// Events to bytes and back. Source: Documentation/log-format.md, sections 2 to 4.
@Suite struct EventCodecTests {
    /// Fixed, so that a failure comes again; change it to look further.
    static let seed: UInt64 = 0x5EED_0001

    @Test("every type comes back as it was, 100 times", arguments: EventType.allCases)
    func roundTrip(_ type: EventType) throws {
        let keeper = TextKeeper()
        let seed = Self.seed &+ UInt64(type.rawValue)
        var random = RandomEvents(seed: seed, keeper: keeper)
        for i in 0..<100 {
            let (envelope, events, base) = random.body(
                [.paymentReceived, type, type].shuffled(using: &random.random))
            let bytes = try #require(Coding.encode(envelope, events, base: base), "seed \(seed), body \(i)")
            let decoded = Coding.decode(bytes, count: events.count, base: base)
            try #require(decoded.fault == nil, "seed \(seed), body \(i)")
            try #require(decoded.envelope == contents(envelope), "seed \(seed), body \(i)")
            try #require(decoded.events == events.map { contents($0.event) }, "seed \(seed), body \(i)")
            try #require(decoded.moments == events.map(\.occurredAt.nanoseconds), "seed \(seed), body \(i)")
        }
    }

    @Test("mixed records come back as they were, byte for byte")
    func mixed() throws {
        let keeper = TextKeeper()
        var random = RandomEvents(seed: Self.seed, keeper: keeper)
        for i in 0..<1_000 {
            let (envelope, events, base) = random.body()
            let bytes = try #require(Coding.encode(envelope, events, base: base))
            let again = Coding.recode(bytes, count: events.count, base: base)
            try #require(again == bytes, "seed \(Self.seed), body \(i)")
        }
    }

    @Test("a body cut short anywhere is refused")
    func truncation() throws {
        let keeper = TextKeeper()
        var random = RandomEvents(seed: Self.seed, keeper: keeper)
        for type in EventType.allCases {
            let (envelope, events, base) = random.body([.paymentReceived, type])
            let bytes = try #require(Coding.encode(envelope, events, base: base))
            for length in 0..<bytes.count {
                let decoded = Coding.decode(Array(bytes[..<length]), count: events.count, base: base)
                try #require(
                    decoded.fault == .truncated, "seed \(Self.seed), \(type), \(length) of \(bytes.count)")
            }
        }
    }

    @Test("bytes after the last event are refused")
    func trailing() throws {
        let keeper = TextKeeper()
        var random = RandomEvents(seed: Self.seed, keeper: keeper)
        let (envelope, events, base) = random.body()
        let bytes = try #require(Coding.encode(envelope, events, base: base)) + [0, 0, 0]
        #expect(Coding.decode(bytes, count: events.count, base: base).fault == .trailingBytes(3))
    }

    @Test("random damage is refused, or is the one form of something else")
    func mutations() throws {
        let keeper = TextKeeper()
        var random = RandomEvents(seed: Self.seed, keeper: keeper)
        var taken = 0
        for i in 0..<1_500 {
            let (envelope, events, base) = random.body()
            let sound = try #require(Coding.encode(envelope, events, base: base))
            for _ in 0..<10 {
                var bytes = sound
                for _ in 0...Int.random(in: 0..<3, using: &random.random) {
                    let at = Int.random(in: 0..<bytes.count, using: &random.random)
                    switch Int.random(in: 0..<4, using: &random.random) {
                    case 0: bytes[at] ^= 1 << random.small(8 as UInt8)
                    case 1: bytes[at] = [0x00, 0x7F, 0x80, 0xFF].randomElement(using: &random.random)!
                    case 2: bytes.insert(UInt8.random(in: 0...255, using: &random.random), at: at)
                    default: if bytes.count > 1 { bytes.remove(at: at) }
                    }
                }
                if let again = Coding.recode(bytes, count: events.count, base: base) {
                    taken += 1
                    try #require(again == bytes, "seed \(Self.seed), body \(i): two forms of one record")
                }
            }
        }
        // Otherwise the test above would say nothing.
        #expect(taken > 1_000)
    }

    @Test("noise never traps")
    func noise() {
        var random = SplitMix(seed: Self.seed)
        for _ in 0..<10_000 {
            let count = Int.random(in: 0...120, using: &random)
            var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            // Most noise ends in the prelude: let half of it begin with a sound one.
            if Bool.random(using: &random) {
                bytes.insert(contentsOf: [UInt8](repeating: 0, count: 11), at: 0)
            }
            let base = LogPosition(UInt64.random(in: 1...UInt64(Int64.max), using: &random))
            let decoded = Coding.decode(bytes, count: 1_024, base: base)
            #expect(decoded.fault != nil)
        }
    }

    @Test("what does not fit is said, and nothing is written past the end")
    func overflow() throws {
        let keeper = TextKeeper()
        var random = RandomEvents(seed: Self.seed, keeper: keeper)
        let (envelope, events, base) = random.body()
        let bytes = try #require(Coding.encode(envelope, events, base: base))
        // A varint asks for ten bytes before it is written.
        #expect(Coding.encode(envelope, events, base: base, capacity: bytes.count + 10) == bytes)
        for capacity in 0..<bytes.count {
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity + 64, alignment: 8)
            defer { memory.deallocate() }
            memory.initializeMemory(as: UInt8.self, repeating: 0xA5)
            var encoder = EventEncoder(
                region: UnsafeMutableRawBufferPointer(rebasing: memory[..<capacity]),
                context: RecordContext(basePosition: base, occurredAt: envelope.occurredAt))
            encoder.prelude(envelope)
            for timed in events {
                var event = timed.event
                encoder.event(&event, occurredAt: timed.occurredAt, recordOccurredAt: envelope.occurredAt)
            }
            try #require(encoder.overflowed)
            #expect(memory[capacity...].allSatisfy { $0 == 0xA5 })
        }
    }
}
