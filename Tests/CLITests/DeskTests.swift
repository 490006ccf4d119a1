import Foundation
import Testing

/// The verbs about rewards, withdrawals, reviews, debts and limits, on the programme of `Fixtures/everything`.
@Suite struct DeskTests {
    private func list(_ run: Run, _ name: String) throws -> [[String: Any]] {
        #expect(run.code == 0, "\(run.err)")
        return try #require(try run.json[name] as? [[String: Any]], "\(run.out)")
    }

    private func texts(_ rows: [[String: Any]], _ name: String) -> [String] {
        rows.map { $0[name] as? String ?? "–" }
    }

    @Test func rewardsSayWhatBecameOfThem() throws {
        let box = try Everything.sandbox()
        let rewards = try list(try box.run("rewards", "mid", "--json"), "rewards")
        #expect(texts(rewards, "rewardId") == ["r1", "r5", "r6", "r7", "r8", "r9", "r10"])
        #expect(
            texts(rewards, "state") == [
                "available", "available", "used", "fulfilled", "used", "claimable", "available",
            ])
        #expect(texts(rewards, "cause").last == "tierBonus")
        #expect(texts(rewards, "asset")[3] == "PREMIUM_DAY")
        let claimable = try box.run("rewards", "mid", "--state", "claimable")
        #expect(claimable.out.contains("r9 "))
        #expect(!claimable.out.contains("r10"))
        // Before the claim, by the same reader.
        let past = try list(try box.run("rewards", "mid", "--json", "--at", "60"), "rewards")
        #expect(
            texts(past, "state") == ["pending", "pending", "claimable", "pending", "claimable", "pending"])
        #expect(try box.run("rewards", "nobody").code == 66)
    }

    @Test func theDeskDecidesAndReports() throws {
        let box = try Everything.sandbox()
        let all = try list(try box.run("withdrawals", "list", "--json", "--method"), "withdrawals")
        #expect(texts(all, "withdrawalId") == ["w-1", "w-2", "w-3", "w-4", "w-5"])
        #expect(texts(all, "state") == ["settled", "failed", "returned", "rejected", "requested"])
        #expect(all[0]["method"] as? String == "upi:mid@bank")
        #expect(all[0]["net"] as? String == "13.05")
        #expect(try !box.run("withdrawals", "list").out.contains("upi:"))

        #expect(try box.run("withdrawals", "approve", "w-5").code == 64, "who decides is needed")
        #expect(try box.run("withdrawals", "approve", "w-5", "--actor", "mid").code == 1, "not the user")
        let cut = try box.run("withdrawals", "reduce", "w-5", "--actor", "ann", "--amount", "1.50")
        #expect(cut.code == 0, "\(cut.err)")
        #expect(try box.run("withdrawals", "reduce", "w-5", "--actor", "ann", "--amount", "1.505").code == 64)
        #expect(try box.run("withdrawals", "reduce", "w-6", "--actor", "ann", "--amount", "1").code == 66)
        let at = ["--at", "2024-05-02T00:00:00Z"]
        let yes = ["withdrawals", "approve", "w-5", "--actor", "ann", "--json"] + at
        #expect(try box.start(yes).finish().text("outcome") == "accepted")
        #expect(try box.start(yes).finish().text("outcome") == "repeated")
        let queue = try list(
            try box.run("withdrawals", "list", "--state", "approved", "--json"), "withdrawals")
        #expect(queue[0]["approvers"] as? [String] == ["ann"])
        #expect(queue[0]["amount"] as? String == "1.50")
        let sent = try box.run("withdrawals", "sent", "w-5", "--provider", "bank", "--ref", "b-1")
        #expect(sent.code == 0, "\(sent.err)")
        let back = try box.run(
            "withdrawals", "failed", "w-5", "--provider", "bank", "--ref", "b-1", "--kept", "0.10")
        #expect(back.code == 0, "\(back.err)")
        let mine = try list(
            try box.run("withdrawals", "list", "--user", "mid", "--after", "122", "--json"), "withdrawals")
        #expect(texts(mine, "state") == ["failed"])
        #expect(texts(mine, "providerRef") == ["b-1"])
        // An id that was merged away answers for the one that stays.
        let merged = try list(try box.run("withdrawals", "list", "--user", "dup", "--json"), "withdrawals")
        #expect(merged.count == 5)
    }

    @Test func reviewsAreListedAndDecided() throws {
        let box = try Everything.sandbox()
        let open = try list(try box.run("review", "list", "--json"), "cases")
        #expect(texts(open, "id") == ["f2"])
        #expect(texts(open, "userId") == ["a:b"])
        let all = try list(try box.run("review", "list", "--kind", "all", "--all", "--json"), "cases")
        #expect(
            texts(all, "state") == ["lost", "won", "reinstated", "confirmed", "open", "open"])
        // While it was open, the dispute held what its payment had earned.
        let past = try list(
            try box.run("review", "list", "--kind", "dispute", "--json", "--at", "67"), "cases")
        let holds = try #require(past[0]["holds"] as? [[String: Any]])
        #expect(texts(holds, "userId") == ["mid", "top"])
        #expect(texts(holds, "amount") == ["30.00", "15.00"])
        let mids = try list(
            try box.run(
                "review", "list", "--kind", "all", "--all", "--user", "mid", "--json", "--at", "67"), "cases")
        #expect(texts(mids, "id") == ["d-1", "d-2"])

        #expect(try box.run("review", "decide", "f2", "clear", "--actor", "a:b").code == 1, "not the user")
        #expect(try box.run("review", "decide", "f2", "maybe", "--actor", "ann").code == 64)
        #expect(try box.run("review", "decide", "f2", "clear", "--actor", "ann").code == 0)
        #expect(try list(try box.run("review", "list", "--json"), "cases").isEmpty)
    }

    @Test func debtsLimitsAndStandingAreShown() throws {
        let box = try Everything.sandbox()
        let owed = try list(try box.run("receivables", "--json"), "receivables")
        #expect(texts(owed, "userId") == ["top"])
        #expect(texts(owed, "amount") == ["49.50"])
        #expect(try box.run("receivables", "--json", "--asset", "JPY").json["next"] is NSNull)
        let limits = try list(try box.run("budgets", "--user", "mid", "--json", "--at", "61"), "budgets")
        #expect(texts(limits, "scope") == ["user", "programme"])
        #expect(texts(limits, "origin") == ["policy", "budget"])
        // mid: 20 + 5 + 40 + 5 + 25; with top's 10 + 20 in all 125.
        #expect(texts(limits, "used") == ["95.00", "125.00"])
        let user = try box.run("user", "dup", "--json").json
        #expect(user["userId"] as? String == "mid")
        #expect(user["mergedFrom"] as? String == "dup")
        #expect(user["tier"] as? String == "PRO")
        #expect(user["kycLevel"] as? Int == 2)
        #expect(user["riskScore"] as? Int == 220)
        #expect(
            user["badges"] as? [String] == ["BADGE:one-of-a-very-long-name", "BADGE:referral-master"])
        #expect(try box.run("user", "low", "--json").text("standing") == "closed")
        let parked = try list(try box.run("parked", "--json"), "parked")
        #expect(texts(parked, "kind") == ["dispute"])
        #expect(texts(parked, "status") == ["opened"])
    }

    @Test func statementsTellAStory() throws {
        let box = try Everything.sandbox()
        let lines = try list(try box.run("statement", "mid", "--json"), "lines")
        let told = texts(lines, "text")
        for text in [
            "reward r6: referral of a:b completed", "badge BADGE:one-of-a-very-long-name for 1 conversion",
            "held by dispute d-1: level 1 of payment p \"2\" of ünï \"q\" \\ ;|",
            "dispute d-1: level 1 of payment p \"2\" of ünï \"q\" \\ ;| taken back",
            "withdrawal w-1 sent by razor pay, pout_1", "tax on withdrawal w-1",
            "withdrawal w-3 reduced: limit", "3.00 GBP converted to 3.55 EUR",
            "the refund failed: level 1 of payment p-1 of a:b restored",
            "released by the suspension: level 1 of payment p-3 of a:b",
            "review f1: level 1 of payment p-4 of a:b taken back", "dup merged into this account",
            "claimed: reward r7", "not delivered, back again: reward r7",
        ] { #expect(told.contains(text), "\(text)") }
        // One event in two assets is two lines.
        let both = lines.filter { $0["type"] as? String == "FxConverted" }
        #expect(texts(both, "asset") == ["GBP", "EUR"])
        #expect(try box.run("statement", "mid").out.contains("reserved"))
    }
}
