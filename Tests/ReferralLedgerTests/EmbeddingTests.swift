import ReferralLedger
import Testing

/// The lines of the README's “Embedding”, as an embedder would write them: one import.
@Suite struct EmbeddingTests {
    @Test func readmeLinesDoWhatTheySay() async throws {
        let folder = TemporaryFolder()
        let ledger = try Ledger.create(
            at: folder.path, programme: ProgrammeSetup(asset: "USD", preset: "two-level"))
        let at = try Timestamp("2026-01-05T10:00:00Z")
        try await ledger.submit(Command(.signup(Signup(userId: "u-1", at: at))))
        try await ledger.submit(Command(.signup(Signup(userId: "u-2", at: at, referrerId: "u-1"))))
        let payment = Payment(
            paymentId: "pi_3Mtw", provider: "stripe", userId: "u-2", amount: 49_99, asset: .usd, at: at)
        let outcome = try await ledger.submit(Command(.payment(payment)))
        #expect(outcome.name == "accepted")
        let balance = try ledger.current.balance(of: "u-1", asset: .usd)
        #expect(balance?.pending == 10_00)
        let board = try ledger.current.leaderboard(by: LeaderboardMetric.earnings)
        #expect(board?.entries.first?.userId == "u-1")
        var types: [String] = []
        for try await event in ledger.events(after: .start) {
            types.append(event.type.name)
            if event.type == .referralConverted { break }
        }
        #expect(types.first == "LedgerCreated" && types.contains("CommissionEarned"))
        ledger.close()
        let archive = try LedgerArchive.open(at: folder.path)
        #expect(try archive.current.balance(of: "u-1", asset: .usd) == balance)
        archive.close()
    }
}
