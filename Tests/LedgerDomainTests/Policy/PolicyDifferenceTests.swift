import LedgerDomain
import Testing

/// Policies field by field.
@Suite struct PolicyDifferenceTests {
    private func difference(_ a: Policy, _ b: Policy) -> [String] {
        a.differences(to: b).map { "\($0.field): \($0.before ?? "–") → \($0.after ?? "–")" }
    }

    @Test func fields() throws {
        let two = try #require(Policy.preset(named: "two-level"))
        #expect(difference(two, two) == [])
        var other = two
        other.commission.levels[0] = 150_000
        other.commission.holdingDays = 30
        other.attribution.applyWindowDays = 7
        #expect(
            difference(two, other) == [
                "attribution.applyWindowDays: null → 7",
                "commission.levels[0].ratePpm: 200000 → 150000", "commission.holdingDays: 14 → 30",
            ])
        other = two
        other.commission.levels.append(50_000)
        #expect(difference(two, other) == [#"commission.levels[2]: – → {"ratePpm":50000}"#])
        #expect(difference(other, two) == [#"commission.levels[2]: {"ratePpm":50000} → –"#])
    }

    /// Tiers and badges go by their names.
    @Test func namedElements() throws {
        let tiered = try #require(Policy.preset(named: "tiered"))
        var other = tiered
        let last = other.tiers.levels.removeLast()
        #expect(difference(tiered, other).first?.hasPrefix("tiers.levels[\(last.name)]: {") == true)
        other = tiered
        other.tiers.levels[1].threshold += 1
        let name = other.tiers.levels[1].name
        #expect(
            difference(tiered, other) == [
                "tiers.levels[\(name)].threshold: \(tiered.tiers.levels[1].threshold) → "
                    + "\(other.tiers.levels[1].threshold)"
            ])
    }

    /// Every pair of presets differs, in the same fields both ways round.
    @Test func bothWaysRound() {
        let presets = Policy.presetNames.compactMap { Policy.preset(named: $0) }
        for a in presets {
            for b in presets where a != b {
                let there = a.differences(to: b)
                let back = b.differences(to: a)
                #expect(!there.isEmpty)
                #expect(Set(there.map(\.field)) == Set(back.map(\.field)))
                for one in there {
                    #expect(
                        back.contains {
                            $0.field == one.field && $0.before == one.after && $0.after == one.before
                        })
                }
            }
        }
    }
}
