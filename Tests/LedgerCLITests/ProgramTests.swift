import Testing

@testable import LedgerCLI

/// The real tree of verbs.
@Suite struct ProgramTests {
    @Test func theTreeIsSound() {
        #expect(Program.root.problems() == [])
    }
}
