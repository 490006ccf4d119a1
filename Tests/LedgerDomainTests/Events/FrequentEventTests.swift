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

    private static func whole(_ event: UnsafePointer<FrequentEvent>, at position: LogPosition) -> Event {
        switch event.pointee.type {
        case .paymentReceived:
            var e = event.payment
            e.paymentId = event.pointee.id
            return .paymentReceived(e)
        case .commissionEarned: return .commissionEarned(event.commission(at: position))
        case .rewardMatured: return .rewardMatured(event.maturity(at: position))
        case .userSignedUp: return .userSignedUp(event.signup)
        case .referralAttributed: return .referralAttributed(event.attribution)
        case .referralAdvanced: return .referralAdvanced(event.advance)
        case .referralConverted: return .referralConverted(event.conversion)
        default: preconditionFailure("not a frequent event")
        }
    }

    /// What an event is expected to be in the shorter form; nil where it has none.
    private static func expected(_ event: Event, at position: LogPosition) -> Event? {
        func isNear(_ payment: LogPosition) -> Bool {
            position.rawValue - payment.rawValue <= UInt64(UInt32.max)
        }
        switch event {
        case .userSignedUp(var e):
            (e.signals, e.sealed, e.named) = (.empty, .empty, .empty)
            return e.userId.count <= 255 ? .userSignedUp(e) : nil
        case .paymentReceived(let e): return e.paymentId.count <= 255 ? event : nil
        case .commissionEarned(var e):
            (e.base, e.ratePpm) = (0, 0)
            return isNear(e.payment) ? .commissionEarned(e) : nil
        case .rewardMatured(let e): return isNear(e.payment) ? event : nil
        case .referralAttributed(var e):
            e.given = .empty
            return .referralAttributed(e)
        default: return types.contains(event.type) ? event : nil
        }
    }

    /// Contents and moments of a record in the shorter form, and what it says of itself; nil when it has none.
    private static func decoded(_ bytes: [UInt8], count: Int, base: LogPosition) -> [[String]]? {
        // Of exactly this size, so that a read past the end is one past an allocation.
        let region = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 8)
        defer { region.deallocate() }
        region.copyBytes(from: bytes)
        let slots = UnsafeMutablePointer<FrequentEvent>.allocate(capacity: FrequentRecord.slotBound)
        defer { slots.deallocate() }
        guard
            let record = FrequentRecord.decode(
                UnsafeRawBufferPointer(rebasing: region[..<bytes.count]), base: base, count: count,
                into: slots)
        else { return nil }
        var all = [["\(record.programme.rawValue)", "\(record.keyType)", record.key.string]]
        var event = UnsafePointer(slots)
        for i in 0..<count {
            let position = LogPosition(base.rawValue + UInt64(i))
            all.append(
                contents(whole(event, at: position)) + ["\(event.occurredAt(record.occurredAt).nanoseconds)"])
            event += Int(event.pointee.slots)
        }
        #expect(event - UnsafePointer(slots) == record.slots)
        return all
    }

    /// The same by way of the other decoder.
    private static func modelled(_ bytes: [UInt8], count: Int, base: LogPosition) -> [[String]]? {
        var all: [[String]] = []
        var hasForm = count <= FrequentRecord.events
        var position = base
        let body = Coding.decode(bytes, count: count, base: base) { envelope, timed in
            if all.isEmpty {
                all.append(["\(envelope.programme.rawValue)", "\(envelope.keyType)", envelope.key.string])
            }
            if let event = expected(timed.event, at: position) {
                all.append(contents(event) + ["\(timed.occurredAt.nanoseconds)"])
            } else {
                hasForm = false
            }
            position = LogPosition(position.rawValue + 1)
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

    @Test("a line of the cache holds two slots")
    func size() { #expect(MemoryLayout<FrequentEvent>.stride == 32) }
}
