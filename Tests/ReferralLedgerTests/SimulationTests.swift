import LedgerDomain
import LedgerExchange
import ReferralLedger
import Testing

/// What the simulation makes, the engine takes.
@Suite struct SimulatedLedgerTests {
    @Test(arguments: [("GBP", Simulation.Interval.week), ("JPY", .month)], Simulation.Preset.allCases)
    func noLineIsRefused(_ how: (String, Simulation.Interval), _ preset: Simulation.Preset) throws {
        let policy = try #require(Policy.preset(named: preset.rawValue))
        let bench = try Bench(asset: how.0, policy: policy)
        var simulation = Simulation(
            .init(
                users: how.1 == .week ? 2_500 : 500, payments: how.1 == .week ? 12_000 : 2_000, seed: 3,
                asset: Asset(code: how.0)!, advance: how.1,
                preset: preset))
        var decoder = CommandLineDecoder()
        var batch: [Command] = []
        var bytes: [UInt8] = []
        func send() throws {
            for (command, outcome) in zip(batch, try bench.ledger.submit(batch)) {
                if let refusal = outcome.refusal { Issue.record("\(refusal): \(command)") }
            }
            batch.removeAll()
        }
        while simulation.next(into: &bytes) {
            let command = try decoder.decode(bytes.span.extracting(droppingLast: 1))
            bytes.removeAll(keepingCapacity: true)
            let isAdvance = command.action.typeName == "advance"
            if isAdvance { try send() }
            batch.append(command)
            if isAdvance || batch.count == 500 { try send() }
        }
        try send()
        if how.1 == .month { return }
        let types = Set(try bench.ledger.current.events(from: LogPosition(1), limit: .max).map(\.type))
        #expect(types.isSuperset(of: [.disputeWon, .disputeLost, .userReinstated, .adjustmentPosted]))
        if preset == .premiumDays {
            #expect(types.isSuperset(of: [.rewardFulfilled, .fulfilmentFailed]))
        } else {
            #expect(types.isSuperset(of: [.payoutSettled, .payoutFailed, .withdrawalRejected, .kycDecided]))
        }
    }
}
