import Testing

@testable import LedgerDomain

/// Rewards, tiers, badges, caps, withdrawals and what else is not about payments.
@Suite struct PolicyRewardsTests {
    /// Every field that is not in the two-level preset, in the canonical form's order.
    static let full =
        #"{"name":"full","commission":{"levels":[],"holdingDays":7},"#
        + #""rewards":{"rules":[{"stage":"registered","side":"referee","asset":"POINT","amount":"5"},"#
        + #"{"stage":"completed","side":"referrer","asset":"GBP","tierAmounts":["1.00","2.5"],"#
        + #""holdingDays":3,"expiryDays":30}],"revokeOnRevert":false,"usedUnits":"owe"},"#
        + #""tiers":{"levels":[{"name":"LOW","threshold":0},"#
        + #"{"name":"HIGH","threshold":9,"bonuses":{"PREMIUM_DAY":"7","GBP":"10"}}],"#
        + #""downgrade":"below","bonusClawback":true},"#
        + #""badges":[{"name":"first-one","threshold":1,"revocable":true},{"name":"ten","threshold":10}],"#
        + #""caps":{"limits":[{"scope":"user","asset":"GBP","amount":"100.00","period":"month"},"#
        + #"{"scope":"programme","asset":"GBP","amount":"0","period":"ever"}],"#
        + #""excess":"refuse","reversalsFree":true},"#
        + #""withdrawal":{"approvalRequired":false,"approvalAbove":{"GBP":"50"},"#
        + #""secondApproverAbove":{"POINT":"500","GBP":"500.00","JPY":"1000"},"minimum":{"KWD":"1.234"},"#
        + #""fee":{"ratePpm":10000,"fixed":{"EUR":"0.30"}},"taxPpm":100000,"kycLevel":2,"#
        + #""expiryDays":60,"onClawback":"cancel"},"#
        + #""adjustment":{"secondApproverAbove":{"USD":"1"}},"fraud":{"attributionsPerDay":20},"#
        + #""closure":"forfeit"}"#

    private func number(_ code: String) throws -> AssetNumber { try #require(Asset(code: code)).number }

    @Test func everyFieldIsRead() throws {
        let policy = try Policy.parse(Array(Self.full.utf8))
        let (pound, point, dinar) = (try number("GBP"), AssetNumber.point, try number("KWD"))
        let (euro, dollar) = (try number("EUR"), try number("USD"))
        #expect(policy.commission.levels.isEmpty && policy.commission.maxDepth == 0)
        #expect(
            policy.rewards.rules == [
                .init(
                    stage: .registered, side: .referee, asset: point, amount: .fixed(5), holdingDays: 7,
                    expiryDays: nil),
                .init(
                    stage: .completed, side: .referrer, asset: pound, amount: .byTier([100, 250]),
                    holdingDays: 3, expiryDays: 30),
            ])
        #expect(!policy.rewards.revokeOnRevert && policy.rewards.usedUnits == .owe)
        #expect(policy.tiers.levels.map(\.name) == ["LOW", "HIGH"])
        #expect(policy.tiers.levels.map(\.threshold) == [0, 9])
        #expect(
            policy.tiers.levels[1].bonuses.entries == [
                .init(asset: pound, amount: 1000), .init(asset: .premiumDay, amount: 7),
            ])
        #expect(policy.tiers.downgrade == .below && policy.tiers.bonusClawback)
        #expect(
            policy.badges == [
                .init(name: "first-one", threshold: 1, revocable: true),
                .init(name: "ten", threshold: 10, revocable: false),
            ])
        #expect(
            policy.caps == [
                .init(scope: .user, asset: pound, amount: 10_000, period: .month),
                .init(scope: .programme, asset: pound, amount: 0, period: .ever),
            ])
        #expect(policy.capExcess == .refuse && policy.capReversalsFree)
        let withdrawal = policy.withdrawal
        #expect(!withdrawal.approvalRequired && withdrawal.approvalAbove[pound] == 5000)
        #expect(withdrawal.secondApproverAbove.entries.map(\.amount) == [50_000, 1000, 500])
        #expect(withdrawal.minimum[dinar] == 1234 && withdrawal.minimum[pound] == nil)
        #expect(withdrawal.feePpm == 10_000 && withdrawal.fixedFee[euro] == 30)
        #expect(withdrawal.taxPpm == 100_000 && withdrawal.kycLevel == 2 && withdrawal.expiryDays == 60)
        #expect(withdrawal.onClawback == .cancel)
        #expect(policy.adjustmentSecondApproverAbove[dollar] == 100)
        #expect(policy.fraudAttributionsPerDay == 20)
        #expect(policy.closure == .forfeit)
        #expect(try Policy.parse(policy.canonicalJSON()) == policy)
    }

    /// Byte for byte, so that a hash of the canonical form stays what it was.
    @Test func theCanonicalFormIsStable() throws {
        let text = String(decoding: try Policy.parse(Array(Self.full.utf8)).canonicalJSON(), as: UTF8.self)
        let expected =
            #""rewards":{"rules":[{"stage":"registered","side":"referee","asset":"POINT","amount":"5","#
            + #""holdingDays":7,"expiryDays":null},{"stage":"completed","side":"referrer","asset":"GBP","#
            + #""tierAmounts":["1.00","2.50"],"holdingDays":3,"expiryDays":30}],"#
            + #""revokeOnRevert":false,"usedUnits":"owe"},"#
            + #""tiers":{"levels":[{"name":"LOW","threshold":0,"bonuses":{}},"#
            + #"{"name":"HIGH","threshold":9,"bonuses":{"GBP":"10.00","PREMIUM_DAY":"7"}}],"#
            + #""downgrade":"below","bonusClawback":true},"#
            + #""badges":[{"name":"first-one","threshold":1,"revocable":true},"#
            + #"{"name":"ten","threshold":10,"revocable":false}],"#
            + #""caps":{"limits":[{"scope":"user","asset":"GBP","amount":"100.00","period":"month"},"#
            + #"{"scope":"programme","asset":"GBP","amount":"0.00","period":"ever"}],"#
            + #""excess":"refuse","reversalsFree":true},"#
            + #""withdrawal":{"approvalRequired":false,"approvalAbove":{"GBP":"50.00"},"#
            + #""secondApproverAbove":{"GBP":"500.00","JPY":"1000","POINT":"500"},"#
            + #""minimum":{"KWD":"1.234"},"fee":{"ratePpm":10000,"fixed":{"EUR":"0.30"}},"#
            + #""taxPpm":100000,"kycLevel":2,"expiryDays":60,"onClawback":"cancel"},"#
            + #""adjustment":{"secondApproverAbove":{"USD":"1.00"}},"fraud":{"attributionsPerDay":20},"#
            + #""closure":"forfeit","clockToleranceSeconds":300}"#
        #expect(text.hasSuffix(expected), "\(text)")
    }

    /// A piece of `full`, what stands there instead, and the one problem that is told then.
    struct Row: Sendable {
        var old: String
        var new: String
        var code: PolicyProblem.Code
        var path: String
        var suggestion: String?

        init(
            _ old: String, _ new: String, _ code: PolicyProblem.Code, _ path: String,
            _ suggestion: String? = nil
        ) {
            (self.old, self.new, self.code, self.path) = (old, new, code, path)
            self.suggestion = suggestion
        }
    }

    private func judge(_ row: Row) throws {
        let parts = Self.full.split(separator: row.old, omittingEmptySubsequences: false)
        try #require(parts.count == 2, "“\(row.old)” stands \(parts.count - 1) times")
        let text = Array((parts[0] + row.new + parts[1]).utf8)
        let error = try #require(throws: PolicyProblems.self) { try Policy.parse(text) }
        #expect(error.problems.count == 1, "\(error)")
        #expect(error.problems[0].code == row.code, "\(error)")
        #expect(error.problems[0].path == row.path)
        #expect(error.problems[0].suggestion == row.suggestion)
        #expect(error.problems[0].line == 1)
    }

    private static let first = "$.rewards.rules[0]"
    private static let second = "$.rewards.rules[1]"

    @Test(arguments: [
        Row(#""stage":"registered""#, #""stage":"pending""#, .invalidValue, "\(first).stage"),
        Row(#""stage":"registered","#, "", .missingField, "\(first).stage"),
        Row(#""side":"referee""#, #""side":"both""#, .invalidValue, "\(first).side"),
        Row(#""side":"referee","#, "", .missingField, "\(first).side"),
        Row(#""asset":"POINT","#, "", .missingField, "\(first).asset"),
        Row(#""asset":"POINT""#, #""asset":"point""#, .invalidValue, "\(first).asset", "POINT"),
        Row(#""asset":"POINT""#, #""asset":"BADGE:x""#, .invalidValue, "\(first).asset"),
        Row(#""asset":"POINT""#, #""asset":1002"#, .wrongType, "\(first).asset"),
        Row(#","amount":"5""#, "", .missingField, "\(first).amount"),
        Row(#""amount":"5""#, #""amout":"5","amount":"5""#, .unknownField, "\(first).amout", "amount"),
        Row(#""amount":"5""#, #""amount":5"#, .wrongType, "\(first).amount"),
        Row(#""amount":"5""#, #""amount":"0""#, .outOfRange, "\(first).amount"),
        Row(#""amount":"5""#, #""amount":"-5""#, .outOfRange, "\(first).amount"),
        Row(#""amount":"5""#, #""amount":"5.0""#, .invalidValue, "\(first).amount"),
        Row(#""amount":"5""#, #""amount":"""#, .invalidValue, "\(first).amount"),
        Row(#""amount":"5""#, #""amount":"5e3""#, .invalidValue, "\(first).amount"),
        Row(#""amount":"5""#, #""amount":"9223372036854775808""#, .outOfRange, "\(first).amount"),
        Row(
            #""amount":"5""#, #""amount":"5","tierAmounts":["1","2"]"#, .invalidValue, "\(first).tierAmounts"),
        Row(#"["1.00","2.5"]"#, #"["1.00"]"#, .outOfRange, "\(second).tierAmounts"),
        Row(#"["1.00","2.5"]"#, #"["1.00","2.5","3"]"#, .outOfRange, "\(second).tierAmounts"),
        Row(#"["1.00","2.5"]"#, #"["1.00","-2.5"]"#, .outOfRange, "\(second).tierAmounts[1]"),
        Row(#"["1.00","2.5"]"#, #"["1.00",2.5]"#, .wrongType, "\(second).tierAmounts[1]"),
        Row(#"["1.00","2.5"]"#, #""1.00""#, .wrongType, "\(second).tierAmounts"),
        Row(#""holdingDays":3"#, #""holdingDays":3651"#, .outOfRange, "\(second).holdingDays"),
        Row(#""expiryDays":30"#, #""expiryDays":0"#, .outOfRange, "\(second).expiryDays"),
        Row(
            #""amount":"5"},"#,
            #""amount":"5"},{"stage":"registered","side":"referee","asset":"POINT","amount":"6"},"#,
            .invalidValue, second),
        Row(#""revokeOnRevert":false"#, #""revokeOnRevert":0"#, .wrongType, "$.rewards.revokeOnRevert"),
        Row(#""usedUnits":"owe""#, #""usedUnits":"ow""#, .invalidValue, "$.rewards.usedUnits"),
        Row(#""usedUnits""#, #""usedUnit""#, .unknownField, "$.rewards.usedUnit", "usedUnits"),
        Row(
            #""usedUnits":"owe""#, #""holdingDays":1"#, .unknownField, "$.rewards.holdingDays",
            "$.commission.holdingDays"),
    ])
    func refusesRewards(row: Row) throws { try judge(row) }

    @Test(arguments: [
        Row(#""name":"HIGH""#, #""name":"""#, .invalidValue, "$.tiers.levels[1].name"),
        Row(#""name":"HIGH","#, "", .missingField, "$.tiers.levels[1].name"),
        Row(#""name":"HIGH""#, #""name":"LOW""#, .invalidValue, "$.tiers.levels[1]"),
        Row(
            #""name":"HIGH""#, #""name":"\#(String(repeating: "H", count: 65))""#, .invalidValue,
            "$.tiers.levels[1].name"),
        Row(#""threshold":0"#, #""threshold":1"#, .outOfRange, "$.tiers.levels[0].threshold"),
        Row(#""threshold":9"#, #""threshold":0"#, .outOfRange, "$.tiers.levels[1].threshold"),
        Row(#""threshold":9"#, #""threshold":"9""#, .wrongType, "$.tiers.levels[1].threshold"),
        Row(#""threshold":9"#, #""threshold":1000000001"#, .outOfRange, "$.tiers.levels[1].threshold"),
        Row(#""threshold":9,"#, "", .missingField, "$.tiers.levels[1].threshold"),
        Row(
            #""threshold":0}"#, #""threshold":0,"bonuses":{"GBP":"1"}}"#, .invalidValue,
            "$.tiers.levels[0].bonuses"),
        Row(
            #""PREMIUM_DAY":"7""#, #""PREMIUM_DAY":"0""#, .outOfRange,
            "$.tiers.levels[1].bonuses.PREMIUM_DAY"),
        Row(#""GBP":"10"}"#, #""GPB":"10"}"#, .invalidValue, "$.tiers.levels[1].bonuses.GPB"),
        Row(#""GBP":"10"}"#, #""GBP":"10.001"}"#, .invalidValue, "$.tiers.levels[1].bonuses.GBP"),
        Row(
            #""GBP":"10"}"#, #""GBP":"10","EUR":"1","USD":"1","INR":"1"}"#, .outOfRange,
            "$.tiers.levels[1].bonuses"),
        Row(#"{"PREMIUM_DAY":"7","GBP":"10"}"#, "[]", .wrongType, "$.tiers.levels[1].bonuses"),
        Row(#""downgrade":"below""#, #""downgrade":"always""#, .invalidValue, "$.tiers.downgrade"),
        Row(#""bonusClawback":true"#, #""bonusClawback":null"#, .wrongType, "$.tiers.bonusClawback"),
        Row(#""name":"first-one""#, #""name":"First""#, .invalidValue, "$.badges[0].name"),
        Row(#""name":"first-one""#, #""name":"""#, .invalidValue, "$.badges[0].name"),
        Row(
            #""name":"first-one""#, #""name":"\#(String(repeating: "f", count: 41))""#, .invalidValue,
            "$.badges[0].name"),
        Row(#""name":"first-one""#, #""name":"ten""#, .invalidValue, "$.badges[1]"),
        Row(#""threshold":10"#, #""threshold":0"#, .outOfRange, "$.badges[1].threshold"),
        Row(#","threshold":10"#, "", .missingField, "$.badges[1].threshold"),
        Row(#""revocable":true"#, #""revokable":true"#, .unknownField, "$.badges[0].revokable", "revocable"),
    ])
    func refusesTiersAndBadges(row: Row) throws { try judge(row) }

    @Test(arguments: [
        Row(#""scope":"user""#, #""scope":"all""#, .invalidValue, "$.caps.limits[0].scope"),
        Row(#""scope":"user","#, "", .missingField, "$.caps.limits[0].scope"),
        Row(#","period":"month""#, "", .missingField, "$.caps.limits[0].period"),
        Row(#""period":"month""#, #""period":"year""#, .invalidValue, "$.caps.limits[0].period"),
        Row(#""amount":"100.00""#, #""amount":"-0.01""#, .outOfRange, "$.caps.limits[0].amount"),
        Row(#""amount":"100.00","#, "", .missingField, "$.caps.limits[0].amount"),
        Row(
            #""scope":"programme","asset":"GBP","amount":"0","period":"ever""#,
            #""scope":"user","asset":"GBP","amount":"0","period":"month""#, .invalidValue, "$.caps.limits[1]"),
        Row(#""excess":"refuse""#, #""excess":"cut""#, .invalidValue, "$.caps.excess"),
        Row(#""reversalsFree":true"#, #""reversalsFree":"yes""#, .wrongType, "$.caps.reversalsFree"),
        Row(#""kycLevel":2"#, #""kycLevel":10"#, .outOfRange, "$.withdrawal.kycLevel"),
        Row(#""kycLevel":2"#, #""kyclevel":2"#, .unknownField, "$.withdrawal.kyclevel", "kycLevel"),
        Row(#""expiryDays":60"#, #""expiryDays":3651"#, .outOfRange, "$.withdrawal.expiryDays"),
        Row(#""onClawback":"cancel""#, #""onClawback":"keep""#, .invalidValue, "$.withdrawal.onClawback"),
        Row(#""taxPpm":100000"#, #""taxPpm":1000000"#, .outOfRange, "$.withdrawal.taxPpm"),
        Row(#""taxPpm":100000"#, #""taxPpm":990000"#, .outOfRange, "$.withdrawal"),
        Row(#""ratePpm":10000"#, #""ratePpm":-1"#, .outOfRange, "$.withdrawal.fee.ratePpm"),
        Row(#""ratePpm":10000"#, #""rate":1"#, .unknownField, "$.withdrawal.fee.rate"),
        Row(#"{"EUR":"0.30"}"#, #""0.30""#, .wrongType, "$.withdrawal.fee.fixed"),
        Row(#"{"EUR":"0.30"}"#, #"{"eur":"0.30"}"#, .invalidValue, "$.withdrawal.fee.fixed.eur", "EUR"),
        Row(
            #"{"EUR":"0.30"}"#, #"{"PREMIUM_DAY":"1"}"#, .invalidValue,
            "$.withdrawal.fee.fixed.PREMIUM_DAY"),
        Row(#"{"GBP":"50"}"#, #"{"GBP":50}"#, .wrongType, "$.withdrawal.approvalAbove.GBP"),
        Row(#""JPY":"1000""#, #""JPY":"1000.0""#, .invalidValue, "$.withdrawal.secondApproverAbove.JPY"),
        Row(#"{"KWD":"1.234"}"#, #"{"KWD":"-1.234"}"#, .outOfRange, "$.withdrawal.minimum.KWD"),
        Row(
            #"{"USD":"1"}"#, #"{"PREMIUM_LIFETIME":"1"}"#, .invalidValue,
            "$.adjustment.secondApproverAbove.PREMIUM_LIFETIME"),
        Row(#"{"attributionsPerDay":20}"#, "20", .wrongType, "$.fraud"),
        Row(
            #""attributionsPerDay":20"#, #""attributionsPerDay":0"#, .outOfRange,
            "$.fraud.attributionsPerDay"),
        Row(#""closure":"forfeit""#, #""closure":"keep""#, .invalidValue, "$.closure"),
        Row(#""closure":"forfeit""#, #""kycLevel":1"#, .unknownField, "$.kycLevel", "$.withdrawal.kycLevel"),
    ])
    func refusesCapsAndWithdrawals(row: Row) throws { try judge(row) }

    /// 16 entries of each list are fine, 17 are one problem.
    @Test(arguments: [
        ("$.badges", #""badges":["#, #"{"name":"b#","threshold":1}"#, "]"),
        ("$.tiers.levels", #""tiers":{"levels":["#, ##"{"name":"t#","threshold":#}"##, "]}"),
        (
            "$.caps.limits", #""caps":{"limits":["#,
            #"{"scope":"user","asset":"@","amount":"1","period":"day"}"#, "]}"
        ),
        (
            "$.rewards.rules", #""rewards":{"rules":["#,
            #"{"stage":"active","side":"referee","asset":"@","amount":"1"}"#, "]}"
        ),
    ])
    func listsAreShort(path: String, begin: String, entry: String, end: String) throws {
        func parse(_ count: Int) throws -> Policy {
            let entries = (0..<count).map { index in
                entry.split(separator: "#", omittingEmptySubsequences: false).joined(separator: "\(index)")
                    .split(separator: "@", omittingEmptySubsequences: false)
                    .joined(separator: Asset.all[index].code)
            }
            let list = begin + entries.joined(separator: ",") + end
            return try Policy.parse(
                Array((#"{"name":"x","commission":{"levels":[],"holdingDays":0},"# + list + "}").utf8))
        }
        let policy = try parse(16)
        let counts = [policy.badges, policy.tiers.levels, policy.caps, policy.rewards.rules] as [[Any]]
        #expect(counts.map(\.count).max() == 16)
        let error = try #require(throws: PolicyProblems.self) { try parse(17) }
        #expect(error.problems.map(\.path) == [path])
        #expect(error.problems.map(\.code) == [.outOfRange])
    }

    @Test func amountsByTierNeedTiers() throws {
        for amounts in ["[]", #"["1"]"#] {
            let text =
                #"{"name":"x","commission":{"levels":[],"holdingDays":0},"rewards":{"rules":"#
                + #"[{"stage":"active","side":"referee","asset":"POINT","tierAmounts":\#(amounts)}]}}"#
            let error = try #require(throws: PolicyProblems.self) { try Policy.parse(Array(text.utf8)) }
            #expect(error.problems.map(\.reason) == ["the policy has no tiers"])
        }
    }

    @Test func problemsNameLineAndColumn() throws {
        let text = """
            {
              "name": "x", "commission": {"levels": [], "holdingDays": 0},
              "tiers": {"levels": [{"name": "A", "threshold": 0}, {"name": "B", "threshold": 5},
                                   {"name": "C", "threshold": 5}]},
              "withdrawal": {"minimum": {"usd": "1",
                "GBP": "1.001"}}
            }
            """
        let error = try #require(throws: PolicyProblems.self) { try Policy.parse(Array(text.utf8)) }
        let expected = [
            "line 4, column 51: $.tiers.levels[2].threshold: 5 is not above 5, the threshold before",
            "line 5, column 30: $.withdrawal.minimum.usd: “usd” is no currency or unit; did you mean “USD”?",
            "line 6, column 12: $.withdrawal.minimum.GBP: “1.001” has more than 2 digits after the point of GBP",
        ]
        #expect(error.problems.map(\.description) == expected)
    }

    /// The same currency twice is the same key twice: no JSON that anything would be read of.
    @Test func anAssetStandsOnceInATable() throws {
        let text =
            #"{"name":"x","commission":{"levels":[],"holdingDays":0},"#
            + #""withdrawal":{"minimum":{"GBP":"1","GBP":"2"}}}"#
        let error = try #require(throws: PolicyProblems.self) { try Policy.parse(Array(text.utf8)) }
        #expect(error.problems.map(\.code) == [.syntax])
    }
}
