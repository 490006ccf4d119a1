import Testing

@testable import LedgerDomain

@Suite struct PolicyTests {
    private let twoLevel = Policy.preset(named: "two-level")

    /// The preset's JSON with one piece of text replaced.
    private func changed(_ old: String, _ new: String) throws -> [UInt8] {
        let text = String(decoding: try #require(twoLevel).canonicalJSON(), as: UTF8.self)
        let parts = text.split(separator: old, omittingEmptySubsequences: false)
        try #require(parts.count == 2, "“\(old)” stands \(parts.count - 1) times in the preset")
        return Array((parts[0] + new + parts[1]).utf8)
    }

    @Test func theTwoLevelPresetIsTheSpecifications() throws {
        let policy = try #require(twoLevel)
        #expect(Policy.presetNames == ["two-level", "premium-days", "tiered"])
        #expect(policy.name == "two-level")
        #expect(policy.timeZone == "UTC")
        #expect(policy.weekStart == .monday)
        #expect(policy.attribution.applyWindowDays == nil)
        #expect(policy.attribution.rejectSharedSignals)
        #expect(policy.codes.ttlDays == nil)
        #expect(policy.commission.levels == [200_000, 100_000])
        #expect(policy.commission.payingLevels == [200_000, 100_000])
        #expect(policy.commission.maxDepth == 2)
        #expect(policy.commission.rounding == .halfEven)
        #expect(policy.commission.holdingDays == 14)
        #expect(policy.commission.months == nil)
        #expect(policy.workflow.paymentAdvancesTo == .completed)
        #expect(policy.workflow.zeroPaymentAdvancesTo == .active)
        #expect(policy.workflow.conversionStep == .completed)
        #expect(policy.workflow.expiryDays == nil)
        #expect(policy.periods.graceHours == 24)
        #expect(policy.rewards == Policy.Rewards())
        #expect(policy.tiers == Policy.Tiers())
        #expect(policy.badges.isEmpty && policy.caps.isEmpty)
        #expect(policy.withdrawal == Policy.Withdrawal(approvalRequired: true))
        #expect(policy.withdrawal.onClawback == .reduce)
        #expect(policy.adjustmentSecondApproverAbove == Policy.Amounts())
        #expect(policy.fraudAttributionsPerDay == nil)
        #expect(policy.closure == .hold)
        #expect(policy.clockToleranceSeconds == 300)
        #expect(Policy.preset(named: "Two-Level") == nil)
    }

    /// Byte for byte, so that a hash of the canonical form stays what it was.
    @Test func theCanonicalFormIsStable() throws {
        let expected =
            #"{"name":"two-level","timeZone":"UTC","weekStart":"monday","#
            + #""attribution":{"applyWindowDays":null,"rejectSharedSignals":true},"#
            + #""codes":{"length":8,"alphabet":"23456789ABCDEFGHJKMNPQRSTUVWXYZ","#
            + #""ttlDays":null,"oneActive":false},"#
            + #""commission":{"levels":[{"ratePpm":200000},{"ratePpm":100000}],"maxDepth":2,"#
            + #""rounding":"halfEven","holdingDays":14,"months":null},"#
            + #""workflow":{"paymentAdvancesTo":"completed","zeroPaymentAdvancesTo":"active","#
            + #""conversionStep":"completed","expiryDays":null},"periods":{"graceHours":24},"#
            + #""rewards":{"rules":[],"revokeOnRevert":true,"usedUnits":"keep"},"#
            + #""tiers":{"levels":[],"downgrade":"never","bonusClawback":false},"badges":[],"#
            + #""caps":{"limits":[],"excess":"clamp","reversalsFree":false},"#
            + #""withdrawal":{"approvalRequired":true,"approvalAbove":{},"secondApproverAbove":{},"#
            + #""minimum":{},"fee":{"ratePpm":0,"fixed":{}},"taxPpm":0,"kycLevel":0,"expiryDays":null,"#
            + #""onClawback":"reduce"},"adjustment":{"secondApproverAbove":{}},"#
            + #""fraud":{"attributionsPerDay":null},"closure":"hold","clockToleranceSeconds":300}"#
        #expect(try String(decoding: #require(twoLevel).canonicalJSON(), as: UTF8.self) == expected)
    }

    @Test func formsRoundTrip() throws {
        var policy = try #require(twoLevel)
        policy.name = "Überall \"1\""
        policy.timeZone = "America/Argentina/Buenos_Aires"
        policy.weekStart = .sunday
        policy.attribution = .init(applyWindowDays: 0, rejectSharedSignals: false)
        policy.codes = .init(length: 50, alphabet: "ABCDEFGH", ttlDays: 3650, oneActive: true)
        policy.commission = .init(
            levels: [300_000, 0, 700_000, 0, 0, 0, 0, 0], maxDepth: 3, rounding: .down, holdingDays: 3650)
        policy.workflow = .init(paymentAdvancesTo: .qualified, zeroPaymentAdvancesTo: nil, expiryDays: 90)
        policy.periods.graceHours = 0
        policy.withdrawal.approvalRequired = false
        policy.clockToleranceSeconds = 0
        #expect(try Policy.parse(policy.canonicalJSON()) == policy)
        #expect(try Policy.parse(policy.prettyJSON()) == policy)
        #expect(try Policy.parse(policy.prettyJSON()).canonicalJSON() == policy.canonicalJSON())
        #expect(policy.commission.payingLevels == [300_000, 0, 700_000])
    }

    @Test func whatIsLeftOutTakesItsDefault() throws {
        let text = #"{"commission":{"levels":[{"ratePpm":5}],"holdingDays":0},"name":"small"}"#
        let policy = try Policy.parse(Array(text.utf8))
        var expected = try #require(twoLevel)
        expected.name = "small"
        expected.commission = .init(levels: [5], maxDepth: 1, rounding: .halfEven, holdingDays: 0)
        expected.workflow.expiryDays = 90
        #expect(policy == expected)
    }

    @Test(
        arguments: [
            (#""length":8"#, #""length":3"#, .outOfRange, "$.codes.length", nil),
            (#""length":8"#, #""length":8.0"#, .wrongType, "$.codes.length", nil),
            (#""length":8"#, #""length":"8""#, .wrongType, "$.codes.length", nil),
            (#""length":8"#, #""length":99999999999999999999"#, .outOfRange, "$.codes.length", nil),
            (#""length":8"#, #""lenght":8"#, .unknownField, "$.codes.lenght", "length"),
            (#""ttlDays":null"#, #""ttlDays":0"#, .outOfRange, "$.codes.ttlDays", nil),
            (#""oneActive":false"#, #""oneActive":0"#, .wrongType, "$.codes.oneActive", nil),
            ("23456789ABC", "23456789abc", .invalidValue, "$.codes.alphabet", nil),
            ("23456789ABC", "023456789ABCO", .invalidValue, "$.codes.alphabet", nil),
            ("23456789ABC", "AABC", .invalidValue, "$.codes.alphabet", nil),
            ("23456789ABCDEFGHJKMNPQRSTUVWXYZ", "ABC", .invalidValue, "$.codes.alphabet", nil),
            (#""two-level""#, #""""#, .invalidValue, "$.name", nil),
            (#""name":"two-level","#, "", .missingField, "$.name", nil),
            (#""UTC""#, #""../UTC""#, .invalidValue, "$.timeZone", nil),
            (#""monday""#, #""Monday""#, .invalidValue, "$.weekStart", nil),
            (#""ratePpm":200000"#, #""ratePpm":1000001"#, .outOfRange, "$.commission.levels[0].ratePpm", nil),
            (#""ratePpm":100000"#, #""ratePpm":-1"#, .outOfRange, "$.commission.levels[1].ratePpm", nil),
            (
                #""ratePpm":100000"#, #""ratePPM":100000,"ratePpm":1"#, .unknownField,
                "$.commission.levels[1].ratePPM", "ratePpm"
            ),
            (#""ratePpm":200000"#, #""ratePpm":900001"#, .outOfRange, "$.commission.levels", nil),
            (#"{"ratePpm":200000}"#, "200000", .wrongType, "$.commission.levels[0]", nil),
            (
                #"[{"ratePpm":200000},{"ratePpm":100000}]"#,
                "[" + Array(repeating: #"{"ratePpm":1}"#, count: 9).joined(separator: ",") + "]", .outOfRange,
                "$.commission.levels", nil
            ),
            (
                #"[{"ratePpm":200000},{"ratePpm":100000}]"#, "[]", .outOfRange, "$.commission.maxDepth", nil
            ),
            (#"[{"ratePpm":200000},{"ratePpm":100000}]"#, "{}", .wrongType, "$.commission.levels", nil),
            (
                #""levels":[{"ratePpm":200000},{"ratePpm":100000}],"#, "", .missingField,
                "$.commission.levels", nil
            ),
            (#""maxDepth":2"#, #""maxDepth":3"#, .outOfRange, "$.commission.maxDepth", nil),
            (#""maxDepth":2"#, #""maxDepth":0"#, .outOfRange, "$.commission.maxDepth", nil),
            (#""halfEven""#, #""bankers""#, .invalidValue, "$.commission.rounding", nil),
            (#","holdingDays":14"#, "", .missingField, "$.commission.holdingDays", nil),
            (#""months":null"#, #""months":0"#, .outOfRange, "$.commission.months", nil),
            (#""months":null"#, #""months":1201"#, .outOfRange, "$.commission.months", nil),
            (#""months":null"#, #""months":"12""#, .wrongType, "$.commission.months", nil),
            (#""holdingDays":14"#, #""holdingDays":3651"#, .outOfRange, "$.commission.holdingDays", nil),
            (
                #""paymentAdvancesTo":"completed""#, #""paymentAdvancesTo":"expired""#, .invalidValue,
                "$.workflow.paymentAdvancesTo", nil
            ),
            (
                #""paymentAdvancesTo":"completed""#, #""paymentAdvancesTo":null"#, .wrongType,
                "$.workflow.paymentAdvancesTo", nil
            ),
            (
                #""conversionStep":"completed""#, #""conversionStep":"active""#, .invalidValue,
                "$.workflow.conversionStep", nil
            ),
            (
                #""expiryDays":null},"periods"#, #""expiryDays":0},"periods"#, .outOfRange,
                "$.workflow.expiryDays", nil
            ),
            (#"{"graceHours":24}"#, "24", .wrongType, "$.periods", nil),
            (
                #"{"graceHours":24}"#, #"{"graceHours":24,"missions":1}"#, .unknownField,
                "$.periods.missions", nil
            ),
            (
                #""clockToleranceSeconds":300"#, #""clockToleranceSeconds":300,"holdingDays":1"#,
                .unknownField, "$.holdingDays", "$.commission.holdingDays"
            ),
            (
                #""clockToleranceSeconds":300"#, #""clockToleranceSeconds":86401"#, .outOfRange,
                "$.clockToleranceSeconds", nil
            ),
        ] as [(String, String, PolicyProblem.Code, String, String?)])
    func refuses(old: String, new: String, code: PolicyProblem.Code, path: String, suggestion: String?) throws
    {
        let text = try changed(old, new)
        let error = try #require(throws: PolicyProblems.self) { try Policy.parse(text) }
        #expect(error.problems.count == 1, "\(error)")
        #expect(error.problems[0].code == code)
        #expect(error.problems[0].path == path)
        #expect(error.problems[0].suggestion == suggestion)
        #expect(error.problems[0].line == 1)
    }

    @Test func allProblemsAreToldInTheOrderOfTheText() throws {
        let text = """
            {
              "name": "é", "tmieZone": "UTC",
              "commission": {
                "levels": [{"ratePpm": 1}, {"rate": 0.1}],
                "holdingDays": "14"
              },
              "missions": []
            }
            """
        let error = try #require(throws: PolicyProblems.self) { try Policy.parse(Array(text.utf8)) }
        let expected = [
            "line 2, column 16: $.tmieZone: unknown field; did you mean “timeZone”?",
            "line 4, column 32: $.commission.levels[1].ratePpm: required, but missing",
            "line 4, column 33: $.commission.levels[1].rate: unknown field",
            "line 5, column 20: $.commission.holdingDays: a whole number is due, not a string",
            "line 7, column 3: $.missions: unknown field",
        ]
        #expect(error.problems.map(\.description) == expected)
        #expect(error.description == expected.joined(separator: "\n"))
    }

    @Test(arguments: [
        ("", PolicyProblem.Code.syntax), ("{\"name\":\"a\",}", .syntax),
        ("{\"name\":\"a\",\"name\":\"b\"}", .syntax),
        ("[]", .wrongType), ("null", .wrongType),
    ])
    func refusesWhatIsNoObject(text: String, code: PolicyProblem.Code) throws {
        let error = try #require(throws: PolicyProblems.self) { try Policy.parse(Array(text.utf8)) }
        #expect(error.problems.first?.code == code)
    }

    @Test func anEmptyObjectLacksWhatIsRequired() throws {
        let error = try #require(throws: PolicyProblems.self) { try Policy.parse(Array("{}".utf8)) }
        #expect(error.problems.map(\.path) == ["$.name", "$.commission"])
        #expect(error.problems.allSatisfy { $0.code == .missingField })
        let long = Array(repeating: UInt8(ascii: " "), count: Policy.maximumByteCount + 1)
        #expect(throws: PolicyProblems.self) { try Policy.parse(long) }
    }

    @Test func stageNamesAndNumbersAreFixed() {
        let names = [
            "none", "pending", "registered", "active", "qualified", "completed", "expired", "reverted",
        ]
        #expect(ReferralStage.allCases.map(\.name) == names)
        #expect(ReferralStage.allCases.map(\.rawValue) == Array(0..<8))
        #expect(names.map { ReferralStage(name: $0)?.name } == names)
        #expect(ReferralStage(name: "Active") == nil)
    }
}
