import LedgerDomain
import Testing

@testable import LedgerState

/// Histories against plain arrays: positions with small and large gaps, short and long ones side by side.
@Suite struct ViewHistoryTests {
    @Test(arguments: UInt64(1)...6)
    func property(_ seed: UInt64) {
        var random = SplitMix(seed: seed)
        var views = ViewState(hashSeed: 1)
        var model: [UInt32: [UInt64]] = [:]
        var position: UInt64 = seed == 1 ? 0 : random.next() >> 30
        // Enough units for several blocks, so that pieces of two units meet the ends of blocks.
        for _ in 0..<30_000 {
            position += 1 + (random.next() >> (63 - random.next() % 30))
            // Few users have much, many have little.
            let user = UInt32(random.next() % 3 == 0 ? random.next() % 3 : random.next() % 2_000)
            views.note(user, LogPosition(position))
            model[user, default: []].append(position)
            // A record that names a user twice is noted once.
            if random.next() % 5 == 0 { views.note(user, LogPosition(position)) }
        }
        for (user, positions) in model {
            var found: [UInt64] = []
            views.history(of: Int(user)) {
                found.append($0.rawValue)
                return true
            }
            #expect(found == positions.reversed(), "seed \(seed), user \(user)")
            var first: UInt64?
            views.history(of: Int(user)) {
                first = $0.rawValue
                return false
            }
            #expect(first == positions.last)
        }
        views.history(of: 1 << 20) { _ in
            Issue.record("a user that nobody noted has a history")
            return false
        }
    }
}
