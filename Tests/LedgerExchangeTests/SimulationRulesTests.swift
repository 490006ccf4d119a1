import LedgerDomain
import NaiveModel
import Testing

@testable import LedgerExchange

/// The simulation promises lines that the rules refuse none of; the naive model knows the rules.
@Suite struct SimulationRulesTests {
    @Test(arguments: [(600, 2_400), (100, 1_000), (3_000, 1_000)], Simulation.Preset.allCases)
    func noLineIsRefused(_ size: (Int, Int), _ preset: Simulation.Preset) throws {
        var simulation = Simulation(
            .init(users: size.0, payments: size.1, seed: 9, asset: pounds, preset: preset))
        let json = String(decoding: try fixture("programmes/\(preset.rawValue).json"), as: UTF8.self)
        let ledger = NaiveLedger(policy: NaiveLedger.Policy(json: json, asset: "GBP"))
        var line: [UInt8] = []
        var (repeated, parked) = (0, 0)
        while simulation.next(into: &line) {
            let text = String(decoding: line.dropLast(), as: UTF8.self)
            switch ledger.submit(line: text) {
            case .refused(let code): Issue.record("\(code): \(text)")
            case .repeated: repeated += 1
            case .parked: parked += 1
            case .accepted: break
            }
            line.removeAll(keepingCapacity: true)
        }
        // Webhooks that came again, refunds before their payment.
        #expect(repeated > 0 && parked > 0)
    }
}
