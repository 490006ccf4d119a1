import Foundation
import ReferralLedger
import Testing

@testable import LedgerExchange

/// Reading scenarios, and playing them.
@Suite struct ScenarioTests {
    /// Plays the one scenario of a text.
    private func play(_ text: String) throws -> ScenarioResult {
        let scenarios = try Scenario.parse(Array(text.utf8))
        try #require(scenarios.count == 1)
        return try scenarios[0].run()
    }

    /// The place of what is wrong with a text, and what.
    private func problem(_ text: String) -> ScenarioProblem? {
        do {
            _ = try Scenario.parse(Array(text.utf8))
            return nil
        } catch {
            return error
        }
    }

    // MARK: Expectations

    /// Anna referred Ben, who paid; she withdrew, a payment is disputed, somebody is under review.
    private static let story = """
        scenario "a story"
        preset two-level
        given
          2026-01-01  signup u-anna
          2026-01-01  signup u-ben referrer u-anna
          2026-01-01  signup u-self referrer u-self
          2026-01-01  signup u-cat
          2026-01-02  payment p-1 by u-ben of 100.00 GBP via shop
          2026-01-20  advance
          2026-01-20  withdraw w-1 by u-anna of 5.00 GBP
          2026-01-20  payment p-2 by u-ben of 50.00 GBP via shop
          2026-01-21  dispute d-1 opened of 50.00 GBP on p-2 via shop
          2026-01-21  flag u-cat rule velocity severity low
          parked: 2026-01-22  refund r-9 of 1.00 GBP on p-9 via shop
        then

        """

    /// What holds, what does not, and what the failure says: subject, expected, actual, difference.
    private static let table: [(holds: String, fails: String, failure: [String?])] = [
        (
            "balance u-anna GBP available 15.00 reserved 5.00 pending 0.00 held 10.00 earned 30.00",
            "balance u-anna GBP available 15.01",
            ["balance u-anna available", "15.01 GBP", "15.00 GBP", "-0.01 GBP"]
        ),
        (
            "balance u-cat USD available 0.00", "balance u-cat USD pending 1.00",
            ["balance u-cat pending", "1.00 USD", "0.00 USD", "-1.00 USD"]
        ),
        (
            "balance u-ben GBP pending 0.00", "balance u-404 GBP pending 0.00",
            ["balance u-404", "a balance", "no such user", nil]
        ),
        (
            "debt u-anna 0.00 GBP", "debt u-anna -2.00 GBP",
            ["balance u-anna owed", "-2.00 GBP", "0.00 GBP", "+2.00 GBP"]
        ),
        (
            "trial balance GBP only rewardExpense 30.00 available -15.00 held -10.00 reserved -5.00",
            "trial balance GBP rewardExpense 29.99",
            ["trial balance rewardExpense", "29.99 GBP", "30.00 GBP", "+0.01 GBP"]
        ),
        (
            "trial balance USD only",
            "trial balance GBP only rewardExpense 30.00 available -15.00 held -10.00",
            ["trial balance reserved", "0.00 GBP", "-5.00 GBP", "-5.00 GBP"]
        ),
        (
            "trial balance GBP cash 0.00", "trial balance GBP clearing:bank 1.00",
            ["trial balance clearing:bank", "1.00 GBP", "0.00 GBP", "-1.00 GBP"]
        ),
        (
            "withdrawal w-1 requested of 5.00 GBP fee 0.00 tax 0.00 net 0.00", "withdrawal w-1 approved",
            ["withdrawal w-1", "approved", "requested", nil]
        ),
        (
            "withdrawal w-1 requested", "withdrawal w-1 requested of 6.00 GBP",
            ["withdrawal w-1 of", "6.00 GBP", "5.00 GBP", "-1.00 GBP"]
        ),
        (
            "withdrawal w-1 requested of 5.00 GBP", "withdrawal w-404 requested",
            ["withdrawal w-404", "requested", "no such withdrawal", nil]
        ),
        ("stage u-ben completed", "stage u-ben active", ["stage u-ben", "active", "completed", nil]),
        ("referrer u-ben u-anna", "referrer u-ben none", ["referrer u-ben", "none", "u-anna", nil]),
        ("referrer u-anna none", "referrer u-anna u-ben", ["referrer u-anna", "u-ben", "none", nil]),
        (
            "rejected u-self selfReferral", "rejected u-ben cycle",
            ["rejected u-ben", "cycle", "not rejected", nil]
        ),
        ("referrals u-anna 1", "referrals u-anna 2", ["referrals u-anna", "2", "1", nil]),
        ("conversions u-anna 1", "conversions u-404 1", ["conversions u-404", "1", "no such user", nil]),
        ("rewards u-anna 0", "rewards u-anna 1", ["rewards u-anna", "1", "0", nil]),
        ("user u-cat underReview", "user u-cat active", ["user u-cat", "active", "underReview", nil]),
        (
            "rank u-anna 1 by earnings GBP score 30.00", "rank u-anna 1 by earnings GBP score 29.00",
            ["rank u-anna by earnings score", "29.00 GBP", "30.00 GBP", "+1.00 GBP"]
        ),
        (
            "rank u-anna 1 by conversions score 1 month 2026-01-31", "rank u-ben 1 by referrals",
            ["rank u-ben by referrals", "1", "none", nil]
        ),
        (
            "rank u-anna none by conversions week 2025-01-01",
            "rank u-anna none by conversions week 2026-01-02",
            ["rank u-anna by conversions", "none", "1", nil]
        ),
        (
            "dispute d-1 open holds 10.00 GBP", "dispute d-1 open holds 9.00 GBP",
            ["dispute d-1 holds", "9.00 GBP", "10.00 GBP", "+1.00 GBP"]
        ),
        ("dispute d-1 open", "dispute d-404 won", ["dispute d-404", "won", "no such dispute", nil]),
        ("review f1 open holds 0.00 GBP", "review f1 cleared", ["review f1", "cleared", "open", nil]),
        ("parked 1", "parked 0", ["parked", "0", "1", nil]),
        ("events PaymentReceived 2", "events PaymentReceived 3", ["events PaymentReceived", "3", "2", nil]),
        (
            "clock 2026-01-20", "clock 2026-01-21",
            ["clock", "2026-01-21T00:00:00Z", "2026-01-20T00:00:00Z", nil]
        ),
        ("no badge u-anna star", "badge u-anna star", ["badge u-anna star", "held", "not held", nil]),
        ("no badge u-ben star", "reward r1 pending", ["reward r1", "pending", "no such reward", nil]),
        ("stage u-cat none", "tier u-anna PRO", ["tier u-anna", "PRO", "none", nil]),
    ]

    @Test func eachExpectationHoldsWhereItIsTrue() throws {
        let result = try play(Self.story + Self.table.map { "  \($0.holds)\n" }.joined())
        #expect(result.failures == [])
        #expect(result.commands == 11)
        #expect(result.checks > Self.table.count + result.commands)
    }

    @Test func eachExpectationFailsWhereItIsNotAndSaysWhereAndByHowMuch() throws {
        let result = try play(Self.story + Self.table.map { "  \($0.fails)\n" }.joined())
        #expect(result.failures.count == Self.table.count)
        let first = Self.story.split(separator: "\n", omittingEmptySubsequences: false).count
        for (index, failure) in result.failures.enumerated() {
            let due = Self.table[index]
            #expect(failure.line == first + index, "\(due.fails)")
            let found = [failure.subject, failure.expected, failure.actual, failure.difference]
            #expect(found == due.failure, "\(due.fails)")
        }
    }

    @Test func rewardsTiersAndBadgesAreCheckedToo() throws {
        let story = """
            scenario "tiers"
            policy {
              "name": "t", "commission": { "levels": [], "holdingDays": 0 },
              "rewards": { "rules": [
                { "stage": "completed", "side": "referrer", "asset": "PREMIUM_DAY", "amount": "30" }
              ] },
              "tiers": { "levels": [{ "name": "LOW", "threshold": 0 }, { "name": "HIGH", "threshold": 1 }] },
              "badges": [{ "name": "star", "threshold": 1 }]
            }
            given
              2026-01-01  signup u-anna
              2026-01-01  signup u-ben referrer u-anna
              2026-01-02  convert u-ben
            then

            """
        let holds = """
              tier u-anna HIGH
              badge u-anna star
              balance u-anna BADGE:star claimable 1
              reward r1 claimable of 30 PREMIUM_DAY to u-anna
              trial balance BADGE:star only issued 1 claimable -1
            """
        #expect(try play(story + holds).failures == [])
        let fails = """
              tier u-anna LOW
              no badge u-anna star
              balance u-anna BADGE:star claimable 2
              reward r1 claimed
              reward r1 claimable of 31 PREMIUM_DAY
              reward r1 claimable of 30 PREMIUM_DAY to u-ben
            """
        let found = try play(story + fails).failures.map { "\($0.subject): \($0.expected), \($0.actual)" }
        #expect(
            found == [
                "tier u-anna: LOW, HIGH", "badge u-anna star: not held, held",
                "balance u-anna claimable: 2 BADGE:star, 1 BADGE:star", "reward r1: claimed, claimable",
                "reward r1 of: 31 PREMIUM_DAY, 30 PREMIUM_DAY", "reward r1 to: u-ben, u-anna",
            ])
    }

    // MARK: Outcomes of commands

    @Test func whatComesOfACommandIsCheckedOnItsLine() throws {
        let result = try play(
            """
            scenario "outcomes"
            preset two-level
            when
              2026-01-01  signup u-anna
              repeated: 2026-01-01  signup u-anna
              refused signup.conflict: 2026-01-02  signup u-anna
              2026-01-01  signup u-anna
              repeated: 2026-01-01  signup u-ben
              parked: 2026-01-01  signup u-cat
              refused user.unknown: 2026-01-01  signup u-dan
              refused user.unknown: 2026-01-02  withdraw w-1 by u-anna of 1.00 GBP
              2026-01-02  withdraw w-1 by u-anna of 1.00 GBP
            """)
        #expect(result.failures.map(\.line) == [7, 8, 9, 10, 11, 12])
        #expect(
            result.failures.map(\.expected) == [
                "accepted", "repeated", "parked", "refused user.unknown", "refused user.unknown", "accepted",
            ])
        #expect(result.failures[0].actual == "repeated")
        #expect(result.failures[1].actual == "accepted")
        #expect(result.failures[5].actual.hasPrefix("refused withdrawal.funds: "))
    }

    @Test func anyCommandMayBeItsJSONLineAlsoOverSeveralLines() throws {
        let result = try play(
            """
            scenario "raw lines"
            preset two-level
            asset USD
            when
              {"type":"signup","userId":"u-anna","at":"2026-01-01T00:00:00Z","metadata":{"a":"}{#"}}  # why
              {
                "type": "signup", "userId": "u-ben", "referrerId": "u-anna",
                "at": "2026-01-01T00:00:00Z"
              }
              refused payment.conflict: {"type":"advance","to":"2026-01-02T00:00:00Z"}
            """)
        #expect(result.commands == 3)
        #expect(result.failures.map(\.line) == [10])
    }

    @Test func aClockLineFixesTheWallClock() throws {
        let result = try play(
            """
            scenario "the wall clock"
            preset two-level
            when
              clock 2026-01-01T12:00:00Z
              2026-01-01T12:05:00Z  signup u-anna
              refused time.in_future: 2026-01-01T12:05:01Z  signup u-ben
              clock 2026-01-01T12:00:01Z
              2026-01-01T12:05:01Z  signup u-ben
            """)
        #expect(result.failures == [])
    }

    @Test func aScenarioIsTheSameEachTime() throws {
        let text = """
            scenario "drawn codes"
            preset two-level
            when
              2026-01-01  signup u-anna
              {"type":"issueCode","userId":"u-anna","key":"c-1","at":"2026-01-01T00:00:00Z"}
              {"type":"issueCode","userId":"u-anna","key":"c-2","at":"2026-01-01T00:00:00Z"}
              2026-01-02  signup u-ben code 22222223
              2026-01-02  signup u-cat code 22222224
            then
              referrals u-anna 2
            """
        #expect(try play(text).failures == [])
        #expect(try play(text) == play(text))
    }

    @Test func theTemporaryLedgerGoes() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "scen-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let text = "scenario \"x\"\npreset two-level\nthen\n parked 0\n"
        let scenario = try Scenario.parse(Array(text.utf8))[0]
        _ = try scenario.run(in: folder.path + "/kept")
        #expect(FileManager.default.fileExists(atPath: folder.path + "/kept/log/data.mdb"))
        var path = ""
        do {
            let temporary = try TemporaryFolder()
            path = temporary.path
            _ = try scenario.run(in: path + "/ledger")
            #expect(FileManager.default.fileExists(atPath: path + "/ledger/log/data.mdb"))
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func aFileMayHoldSeveralScenariosWithSettingsOfTheirOwn() throws {
        let scenarios = try Scenario.parse(
            Array(
                """
                # A comment first.
                scenario "one"
                preset two-level
                programme friends
                asset EUR
                then
                  parked 0
                scenario "two \\"quoted\\" \\\\"
                preset tiered
                given
                then\r
                  parked 0\r
                """.utf8))
        #expect(scenarios.map(\.title) == ["one", "two \"quoted\" \\"])
        #expect(scenarios.map(\.line) == [2, 8])
        #expect(scenarios.map(\.programme) == ["friends", "tiered"])
        #expect(scenarios.map(\.asset.code) == ["EUR", "GBP"])
        for scenario in scenarios { #expect(try scenario.run().failures == []) }
    }

    // MARK: Phrases

    @Test func everyPhraseIsReadAsItsCommand() throws {
        for phrase in ScenarioPhrase.all {
            let text = "scenario \"x\"\npreset two-level\nwhen\n 2026-01-31 \(phrase.example)\n"
            let scenario = try #require(try Scenario.parse(Array(text.utf8)).first, "\(phrase.example)")
            guard case .command(let step)? = scenario.steps.first else {
                Issue.record("\(phrase.example) is no command")
                continue
            }
            #expect(step.command.action.typeName == phrase.type, "\(phrase.example)")
        }
        #expect(Set(ScenarioPhrase.all.map(\.verb)).count == ScenarioPhrase.all.count)
        // Every command but the programme's creation, which the settings do, and those that `reconcile --record` and
        // `correct` make of files.
        let all = Set(CommandLineDecoder.lineTypes.map(\.name)).subtracting([
            "createProgramme", "reconciliation", "openBreak", "resolveBreak", "correct",
        ])
        #expect(Set(ScenarioPhrase.all.map(\.type)) == all)
    }

    @Test func thePageNamesEveryPhrase() throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Documentation/scenarios.md").standardized
        let text = try String(contentsOf: page, encoding: .utf8)
        for phrase in ScenarioPhrase.all {
            #expect(text.contains("`\(phrase.example)`"), "\(phrase.example)")
            for option in phrase.options where !phrase.example.contains(" \(option.keyword) ") {
                #expect(text.contains("`\(option.keyword)`"), "\(phrase.verb): \(option.keyword)")
            }
        }
        for (holds, _, _) in Self.table {
            let subject = String(holds.prefix { $0 != " " })
            #expect(text.contains("`\(subject) "), "\(subject)")
        }
    }

    // MARK: What is no scenario

    /// A line in a `when` or `then`, with the column of what is wrong and a part of what is said.
    static let badLines: [(block: String, line: String, column: Int, message: String)] = [
        ("when", "2026-13-01 signup u-1", 1, "is no time"),
        ("when", "2026-01-01", 11, "a command is missing"),
        ("when", "2026-01-01 sginup u-1", 12, "no command “sginup”"),
        ("when", "2026-01-01 \"signup\" u-1", 12, "no command"),
        ("when", "2026-01-01 signup", 18, "userId"),
        ("when", "2026-01-01 signup u-1 refferer u-2", 23, "signup has no “refferer”"),
        ("when", "2026-01-01 signup u-1 referrer", 31, "what follows “referrer” is missing"),
        ("when", "2026-01-01 signup u-1 referrer u-2 referrer u-3", 36, "said twice"),
        ("when", "2026-01-01 payment p-1 by u-1 of 1.00 via shop", 39, "a currency or unit is due"),
        ("when", "2026-01-01 payment p-1 by u-1 of 1.001 GBP via shop", 34, "amount.too_many_digits"),
        ("when", "2026-01-01 payment p-1 by u-1 of 1.00 GBP", 42, "“via” is missing"),
        ("when", "2026-01-01 refund r-1 of 1.00 GBP on p-1 via shop total 1.00 USD", 62, "“USD” and “GBP”"),
        ("when", "2026-01-01 dispute d-1 lots via shop", 24, "field.choice"),
        ("when", "refused: 2026-01-01 signup u-1", 1, "is no time"),
        ("when", "refused no.such: 2026-01-01 signup u-1", 9, "no refusal has the code “no.such”"),
        ("when", "refused code.taken 2026-01-01 signup u-1", 9, "a code and a colon"),
        ("when", "{\"type\":\"advance\"}", 1, "field.missing"),
        ("when", "{\"type\":\"advance\",\"to\":5}", 24, "field.type"),
        ("when", "{\"type\":\"advance\"", 1, "never closed"),
        ("when", "{\"type\":\"advance\",\"to\":\"2026-01-01T00:00:00Z\"} more", 48, "too much"),
        ("when", "clock yesterday", 7, "is no time"),
        ("when", "2026-01-01 suspend u-1 reason \"too long", 31, "never closed"),
        ("when", "2026-01-01 suspend u-1 reason \"a\\b\"", 33, "stands before"),
        ("then", "balnce u-1 GBP pending 1.00", 1, "nothing that can be checked"),
        ("then", "balance", 8, "a user is missing"),
        ("then", "balance u-1 GPB pending 1.00", 13, "no currency or unit “GPB”"),
        ("then", "balance u-1 GBP", 16, "a part of a balance is missing"),
        ("then", "balance u-1 GBP spent 1.00", 17, "is not a part of a balance"),
        ("then", "balance u-1 GBP pending 1.005", 25, "is no amount"),
        ("then", "balance u-1 GBP pending 1.00 pending 1.00", 30, "said twice"),
        ("then", "trial GBP cash 1.00", 7, "“balance” is due"),
        ("then", "trial balance GBP", 18, "an account is missing"),
        ("then", "trial balance GBP bank 1.00", 19, "no account “bank”"),
        ("then", "trial balance GBP clearing 1.00", 19, "no account “clearing”"),
        ("then", "trial balance GBP cash 1.00 cash 1.00", 29, "said twice"),
        ("then", "withdrawal w-1 paid", 16, "is not a state"),
        ("then", "withdrawal w-1 sent fee 1.00", 21, "“of” is due"),
        ("then", "withdrawal w-1 sent of 1.00 GBP of 1.00", 33, "said twice"),
        ("then", "reward r1 gone", 11, "is not a state"),
        ("then", "no tier u-1 PRO", 4, "“badge” is due"),
        ("then", "rank u-1 first by conversions", 10, "is no whole number"),
        ("then", "rank u-1 1 by fame", 15, "is not a leaderboard"),
        ("then", "rank u-1 1 by earnings", 23, "a currency or unit is missing"),
        ("then", "stage u-1 finished", 11, "is not a stage"),
        ("then", "rejected u-1 whim", 14, "is not a reason"),
        ("then", "user u-1 happy", 10, "is not a state"),
        ("then", "dispute d-1 lost holds 1.00", 28, "a currency or unit is missing"),
        ("then", "events Nothing 1", 8, "is not an event type"),
        ("then", "parked -1", 8, "is no whole number"),
        ("then", "parked 01", 8, "is no whole number"),
        ("then", "parked 0 today", 10, "“today” is too much"),
    ]

    @Test(arguments: badLines.indices)
    func aLineThatIsWrongIsNamedWithItsPlace(_ index: Int) throws {
        let (block, line, column, message) = Self.badLines[index]
        let found = try #require(
            problem("scenario \"x\"\npreset two-level\n\(block)\n    \(line)\n"), "\(line)")
        #expect(found.line == 4, "\(line)")
        #expect(found.column == column + 4, "\(line): \(found)")
        #expect(found.message.contains(message), "\(line): \(found)")
    }

    @Test func aFileThatIsWrongAroundItsLinesIsNamedWithItsPlace() {
        let table: [(text: String, line: Int, column: Int, message: String)] = [
            ("", 1, 1, "no scenario"),
            ("# nothing\n", 1, 1, "no scenario"),
            ("given\n", 1, 1, "a file begins with scenario"),
            ("scenario\n", 1, 9, "what the scenario shows is missing"),
            ("scenario a b\n", 1, 12, "“b” is too much"),
            ("scenario x\npreset two-level\n", 1, 1, "no given, when or then"),
            ("scenario x\n\nscenario y\n", 1, 1, "no given, when or then"),
            ("scenario x\ngiven\n", 2, 1, "the rules come first"),
            ("scenario x\n preset three-level\n", 2, 9, "no preset “three-level”; there are two-level"),
            ("scenario x\npreset tiered\npreset tiered\n", 3, 1, "has its rules already"),
            ("scenario x\nasset GPB\n", 2, 7, "no currency or unit “GPB”"),
            ("scenario x\ncurrency GBP\n", 2, 1, "“currency” is no setting"),
            ("scenario x\npolicy\n", 2, 1, "policy is followed by its JSON"),
            ("scenario x\npolicy { \"name\": \"a\"\n", 2, 8, "never closed"),
            ("scenario x\npolicy { \"name\": \"a\" }\n", 2, 8, "commission"),
            (
                "scenario x\npolicy {\n  \"name\": \"a\",\n  \"comission\": {}\n}\n", 4, 3,
                "did you mean “commission”?"
            ),
            (
                "scenario x\npolicy { \"name\": \"a\", \"timeZone\": \"Mars/Base\",\n"
                    + "\"commission\": { \"levels\": [], \"holdingDays\": 0 } }\n",
                2, 8, "Mars/Base"
            ),
        ]
        for (text, line, column, message) in table {
            guard let found = problem(text) else {
                Issue.record("nothing is wrong with \(text)")
                continue
            }
            #expect(found.line == line && found.column == column, "\(text): \(found)")
            #expect(found.message.contains(message), "\(text): \(found)")
        }
    }

    @Test func bytesThatAreNoTextAreNamedWithTheirPlace() {
        for (bytes, message) in [([0xFF], "UTF-8"), ([0], "NUL")] as [([UInt8], String)] {
            do {
                _ = try Scenario.parse(Array("scenario x\nab".utf8) + bytes)
                Issue.record("it was read")
            } catch {
                #expect(error.line == 2 && error.column == 3)
                #expect(error.message.contains(message))
            }
        }
    }
}
