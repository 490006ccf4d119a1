import Foundation
import Testing

/// `scenario`, and every scenario that ships.
@Suite struct ScenarioTests {
    private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Fixtures/scenarios").standardized

    @Test func everyFixtureHolds() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.fixtures.path).sorted()
        // One file at least for each case that a scenario can tell, and nothing else in the folder.
        for number in (1...16) where number != 14 {
            let prefix = number < 10 ? "0\(number)-" : "\(number)-"
            #expect(names.contains { $0.hasPrefix(prefix) }, "no scenario of case \(number)")
        }
        #expect(names.allSatisfy { $0.hasSuffix(".scenario") })
        let box = try Sandbox()
        let files = names.map { Self.fixtures.appendingPathComponent($0).path }
        let run = try box.start(["scenario"] + files).finish()
        #expect(run.code == 0, "\(run.out)\(run.err)")
        #expect(run.out.hasSuffix("all hold.\n"))
        // It needs no ledger and leaves none.
        #expect(!FileManager.default.fileExists(atPath: box.ledger.path))
    }

    private static let wrong = """
        scenario "a penny too much"
        preset two-level
        given
          2026-01-01  signup u-anna
          2026-01-01  signup u-ben referrer u-anna
          2026-01-02  payment p-1 by u-ben of 100.00 GBP via shop
        then
          balance u-anna GBP  pending 20.01
        scenario "this one holds"
        preset two-level
        then
          parked 0

        """

    @Test func whatDoesNotHoldEndsWith1AndSaysByHowMuch() throws {
        let box = try Sandbox()
        let file = try box.file("wrong.scenario", Self.wrong)
        let run = try box.run("scenario", file)
        #expect(run.code == 1)
        #expect(
            run.out == """
                fails  a penny too much
                       \(file):8: balance u-anna pending
                         expected  20.01 GBP
                         actual    20.00 GBP
                         differs   -0.01 GBP
                holds  this one holds
                2 scenarios, 3 commands, 10 checks: 1 fails.

                """)
    }

    @Test func jsonSaysAll() throws {
        let box = try Sandbox()
        let run = try box.run("scenario", "--json", try box.file("wrong.scenario", Self.wrong))
        #expect(run.code == 1)
        #expect(try run.number("files") == 1)
        #expect(try run.number("failed") == 1)
        let scenarios = try #require(try run.json["scenarios"] as? [[String: Any]])
        #expect(scenarios.map { $0["title"] as? String } == ["a penny too much", "this one holds"])
        #expect(scenarios.map { $0["holds"] as? Bool } == [false, true])
        #expect(scenarios.map { $0["line"] as? Int } == [1, 9])
        let failure = try #require((scenarios[0]["failures"] as? [[String: Any]])?.first)
        #expect(failure["line"] as? Int == 8)
        #expect(failure["expected"] as? String == "20.01 GBP")
        #expect(failure["actual"] as? String == "20.00 GBP")
        #expect(failure["difference"] as? String == "-0.01 GBP")
    }

    @Test func aFileThatCannotBeReadEndsWith65AndNothingIsPlayed() throws {
        let box = try Sandbox()
        let good = try box.file("good.scenario", "scenario x\npreset two-level\nthen\n  parked 0\n")
        let bad = try box.file(
            "bad.scenario", "scenario x\npreset two-level\nwhen\n  2026-01-01 sginup u-1\n")
        let run = try box.run("scenario", good, bad)
        #expect(run.code == 65)
        #expect(run.out == "")
        #expect(run.err.contains("\(bad): line 4, column 14: no command “sginup”"))
        #expect(try box.run("scenario", "nowhere.scenario").code == 66)
        #expect(try box.run("scenario").code == 64)
        let piped = try box.shell("\"$0\" scenario - < \"$1\"", good)
        #expect(piped.code == 0, "\(piped.err)")
    }
}
