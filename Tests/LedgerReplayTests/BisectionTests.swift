import LedgerReplay
import Testing

@Suite struct BisectionTests {
    @Test("every place is found, in no more than ⌈log₂ n⌉ comparisons")
    func exhaustive() {
        for size in [UInt64(1), 2, 3, 7, 64, 1_000] {
            for first in 1...size {
                let found = Bisection.search(from: 0, to: size) { (at: UInt64) in at < first }
                #expect(found.first == first)
                let bound = size == 1 ? 0 : 64 - (size - 1).leadingZeroBitCount
                #expect(found.probes <= bound, "\(found.probes) comparisons of \(size)")
            }
        }
    }
}
