import Testing

@testable import LedgerDomain

/// The shorter form of the seven frequent events: against the decoder that knows all.
@Suite struct FrequentEventTests {
    private static let seed: UInt64 = 0x5EED_0044
    private static let types: [EventType] = [
        .paymentReceived, .commissionEarned, .rewardMatured, .userSignedUp, .referralAttributed,
        .referralAdvanced,
        .referralConverted,
    ]

    private static func whole(_ event: FrequentEvent) -> Event {
        switch event.type {
        case .paymentReceived: .paymentReceived(event.payment)
        case .commissionEarned: .commissionEarned(event.commission)
        case .rewardMatured: .rewardMatured(event.maturity)
        case .userSignedUp: .userSignedUp(event.signup)
        case .referralAttributed: .referralAttributed(event.attribution)
        case .referralAdvanced: .referralAdvanced(event.advance)
        case .referralConverted: .referralConverted(event.conversion)
        default: preconditionFailure("not a frequent event")
        }
    }

    /// What an event is expected to be in the shorter form; nil where it has none.
    private static func expected(_ event: Event) -> Event? {
        switch event {
        case .userSignedUp(var e):
            (e.signals, e.sealed, e.named) = (.empty, .empty, .empty)
            return e.userId.count <= 255 ? .userSignedUp(e) : nil
        case .paymentReceived(let e): return e.paymentId.count <= 255 ? event : nil
        case .referralAttributed(let e): return e.given.count <= 255 ? event : nil
        default: return types.contains(event.type) ? event : nil
        }
    }

    /// Contents and moments of a record in the shorter form, and what it says of itself; nil when it has none.
    private static func decoded(_ bytes: [UInt8], count: Int, base: LogPosition) -> [[String]]? {
        // Of exactly this size, so that a read past the end is one past an allocation.
        let region = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 8)
        defer { region.deallocate() }
        region.copyBytes(from: bytes)
        let events = UnsafeMutablePointer<FrequentEvent>.allocate(capacity: FrequentRecord.events)
        defer { events.deallocate() }
        guard
            let record = FrequentRecord.decode(
                UnsafeRawBufferPointer(rebasing: region[..<bytes.count]), base: base, count: count,
                into: events)
        else { return nil }
        let said = ["\(record.programme.rawValue)", "\(record.keyType)", record.key.string]
        return [said]
            + (0..<count).map { contents(whole(events[$0])) + ["\(events[$0].occurredAt.nanoseconds)"] }
    }

    /// The same by way of the other decoder.
    private static func modelled(_ bytes: [UInt8], count: Int, base: LogPosition) -> [[String]]? {
        var all: [[String]] = []
        var hasForm = count <= FrequentRecord.events
        let body = Coding.decode(bytes, count: count, base: base) { envelope, timed in
            if all.isEmpty {
                all.append(["\(envelope.programme.rawValue)", "\(envelope.keyType)", envelope.key.string])
            }
            if let event = expected(timed.event) {
                all.append(contents(event) + ["\(timed.occurredAt.nanoseconds)"])
            } else {
                hasForm = false
            }
        }
        return body.fault == nil && hasForm ? all : nil
    }

    @Test("whole records, flipped ones, cut ones and longer ones")
    func agreement() {
        let keeper = TextKeeper()
        var random = RandomEvents(seed: Self.seed, keeper: keeper)
        var (taken, left) = (0, 0)
        for round in 0..<6_000 {
            let count = Int.random(in: 1...10, using: &random.random)
            let pool = round % 10 == 0 ? EventType.allCases : Self.types
            let types = (0..<count).map { _ in pool.randomElement(using: &random.random)! }
            let (envelope, events, base) = random.body(types)
            guard var bytes = Coding.encode(envelope, events, base: base) else { continue }
            switch round % 4 {
            case 1: bytes[Int.random(in: 0..<bytes.count, using: &random.random)] ^= 1 << random.small(8)
            case 2: bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random.random))
            case 3 where round % 8 == 3: bytes += [random.small(255)]
            default: break
            }
            let wanted = Self.modelled(bytes, count: count, base: base)
            #expect(
                Self.decoded(bytes, count: count, base: base) == wanted, "seed \(Self.seed), round \(round)")
            if wanted == nil { left += 1 } else { taken += 1 }
        }
        #expect(taken > 1_500 && left > 1_500)
    }

    @Test("a line of the cache holds one")
    func size() { #expect(MemoryLayout<FrequentEvent>.stride == 64) }
}
