import Foundation
import Testing

/// Business time, traces, and what two policies differ in, through the built program.
@Suite struct ReadTests {
    /// The facts of `VerbTests`: a commission of 10.00 to u-1 and 20.00 to u-2 on 1 February, a quarter of it
    /// refunded on the 3rd, matured on the 15th.
    private func filled() throws -> Sandbox {
        let box = try Sandbox()
        try box.initialise()
        let run = try box.run("import", try box.file("facts.jsonl", VerbTests.facts), "--json")
        try #require(run.code == 0, "\(run.err)")
        return box
    }

    private func balance(_ box: Sandbox, _ moment: String) throws -> [String?] {
        let run = try box.run("balance", "u-2", "--asset", "GBP", "--effective", moment, "--json")
        let rows = try #require(try run.json["balances"] as? [[String: Any]], "\(run.err)")
        return ["pending", "available", "earned"].map { rows.first?[$0] as? String }
    }

    @Test func moneyByBusinessTime() throws {
        let box = try filled()
        #expect(try balance(box, "2024-02-01T09:59:59Z") == ["0.00", "0.00", "0.00"])
        #expect(try balance(box, "2024-02-01T10:00:00Z") == ["20.00", "0.00", "20.00"])
        #expect(try balance(box, "2024-02-03T10:00:00Z") == ["15.00", "0.00", "15.00"])
        #expect(try balance(box, "2024-02-15T10:00:00Z") == ["0.00", "15.00", "15.00"])
        let none = try box.run("balance", "u-2", "--effective", "2024-01-05T00:00:00Z")
        #expect(none.out == "No money yet.\n")
        let statement = try box.run("statement", "u-2", "--effective", "2024-02-03T10:00:00Z", "--json")
        #expect((try statement.json["lines"] as? [Any])?.count == 2)
        #expect(try statement.text("effective") == "2024-02-03T10:00:00Z")
        let trial = try box.run("trial-balance", "--effective", "2024-02-02T00:00:00Z", "--json")
        let lines = try #require(try trial.json["lines"] as? [[String: Any]])
        #expect(lines.map { $0["account"] as? String } == ["rewardExpense", "pending"])
        #expect(lines.first?["debit"] as? String == "30.00")
        // Known by a position, and happened by a time.
        #expect(
            try box.run("trial-balance", "--at", "4", "--effective", "2024-12-31T00:00:00Z").out
                == "No money has moved yet.\n")
        #expect(
            try box.run("events", "--effective", "2024-01-01T00:30:00Z", "--type", "UserSignedUp").out.split(
                separator: "\n"
            ).count == 1)
        #expect(try box.run("receivables", "--effective", "2024-12-31T00:00:00Z").out == "Nobody owes.\n")
        let books = try box.run("export", "--format", "csv", "--effective", "2024-02-01T10:00:00Z")
        let all = try box.run("export", "--format", "csv")
        #expect(all.out.hasPrefix(books.out.split(separator: "\n").first.map(String.init) ?? "-"))
        #expect(books.out.count < all.out.count)
    }

    /// Every verb that reads takes a moment of business time. `LedgerCLITests` sees to it that there is no other.
    static let verbsByBusinessTime: [[String]] = [
        ["status"], ["user", "u-1"], ["tree", "u-1"], ["balance", "u-1"], ["statement", "u-1"],
        ["rewards", "u-1"], ["leaderboard"], ["rank", "u-1"], ["trial-balance"], ["receivables"],
        ["budgets"], ["parked"], ["breaks"], ["withdrawals", "list"], ["review", "list"], ["trace", "req-1"],
        ["explain", "balance", "u-1"], ["explain", "tier", "u-1"], ["explain", "rank", "u-1"],
        ["explain", "reward", "shop/p-1/1"], ["explain", "parked", "r-9"],
    ]

    @Test func everyVerbTakesBusinessTime() throws {
        let box = try filled()
        let more = try box.file(
            "more.jsonl",
            """
            {"type":"signup","userId":"u-late","referrerId":"u-1","at":"2024-05-01T00:00:00Z"}
            {"type":"refund","refundId":"r-9","provider":"shop","paymentId":"p-none","amount":"1.00","currency":"GBP","at":"2024-02-02T00:00:00Z"}
            {"type":"signup","userId":"u-traced","at":"2024-02-02T00:00:00Z","correlationId":"req-1"}

            """)
        try #require(try box.run("import", more).code == 0)
        for words in Self.verbsByBusinessTime {
            let run = try box.start(words + ["--effective", "2024-02-03T10:00:00Z", "--json"]).finish()
            #expect(run.code == 0, "\(words): \(run.err)")
            #expect(try run.text("effective") == "2024-02-03T10:00:00Z", "\(words)")
            let now = try box.start(words + ["--json"]).finish()
            #expect(try now.json.keys.contains("effective") && now.json["effective"] is NSNull, "\(words)")
            #expect(
                try box.start(words + ["--effective", "2024-02-03T10:00:00Z"]).finish().code == 0, "\(words)")
            #expect(try box.start(words + ["--effective", "soon"]).finish().code == 64, "\(words)")
        }
        let when = ["--effective", "2024-04-30T00:00:00Z"]
        for words in [["user", "u-late"], ["tree", "u-late"], ["rank", "u-late"], ["rewards", "u-late"]] {
            let run = try box.start(words + when).finish()
            #expect(
                run.code == 66 && run.err.contains("who had signed up by 2024-04-30"), "\(words): \(run.err)")
        }
        #expect(!(try box.start(["tree", "u-1"] + when).finish().out.contains("u-late")))
        #expect(try box.run("tree", "u-1").out.contains("u-late"))
        #expect(try box.start(["trace", "req-1", "--effective", "2024-02-01T00:00:00Z"]).finish().code == 66)
        // Both orders at once: recorded by a position, and happened by a time.
        let both = try box.run("status", "--at", "4", "--effective", "2024-02-03T10:00:00Z", "--json")
        #expect(try both.number("position") <= 4 && both.number("payments") == 0)
        // Commands are decided in the order of the log.
        let lines = try box.run("export", "--format", "jsonl", "--effective", "2024-02-03T10:00:00Z")
        #expect(lines.code == 64 && lines.err.contains("--at"), "\(lines.err)")
    }

    @Test func timesThatAreNone() throws {
        let box = try filled()
        for (text, words) in [
            ("yesterday", "a time is written as"), ("2024-02-30T00:00:00Z", "no calendar or clock"),
            ("3000-01-01T00:00:00Z", "not between 1677-09-21"),
        ] {
            let run = try box.run("balance", "u-1", "--effective", text)
            #expect(run.code == 64 && run.err.contains(words), "\(run.err)")
        }
    }

    @Test func traces() throws {
        let box = try filled()
        try box.run(
            "record", "payment", "--paymentId", "p-2", "--provider", "shop", "--userId", "u-3", "--amount",
            "10.00", "--at", "2024-03-02T00:00:00Z", "--correlationId", "req-1")
        try box.run(
            "record", "refund", "--refundId", "r-7", "--provider", "shop", "--paymentId", "p-2", "--amount",
            "1.00", "--at", "2024-03-03T00:00:00Z", "--correlationId", "req-2", "--causation", "req-1")
        let run = try box.run("trace", "req-1")
        #expect(run.code == 0, "\(run.err)")
        #expect(run.out.contains("PaymentReceived") && run.out.contains("because of req-1"), "\(run.out)")
        let events = try #require(
            try box.run("trace", "req-2", "--json").json["events"] as? [[String: Any]])
        #expect(events.allSatisfy { $0["correlationId"] as? String == "req-2" })
        #expect(events.first?["type"] as? String == "RefundReceived")
        // Down to rule, policy version and proof; as a page.
        let whole = try box.run("trace", "req-1", "--json").json
        let steps = try #require(whole["steps"] as? [[String: Any]])
        #expect(steps.count == (whole["events"] as? [Any])?.count)
        let earned = try #require(steps.first { $0["type"] as? String == "CommissionEarned" })
        #expect((earned["rule"] as? String)?.contains("commission.levels[0]") == true)
        #expect(earned["policyVersion"] as? Int == 1)
        #expect(earned["changes"] as? [String] == ["u-2 pending +2.00 GBP"])
        let leaves = Set(steps.compactMap { $0["leaf"] as? Int })
        #expect(Set((whole["proofs"] as? [[String: Any]] ?? []).compactMap { $0["leaf"] as? Int }) == leaves)
        #expect(try box.run("status", "--json").text("logRoot") == whole["logRoot"] as? String)
        let page = box.folder.appendingPathComponent("trace.html").path
        #expect(try box.run("trace", "req-2", "--html", page).code == 0)
        let html = try String(contentsOfFile: page, encoding: .utf8)
        #expect(html.contains("request req-2") && html.contains("CommissionReversed"))
        #expect(html.contains("because of") && !html.contains("src=") && !html.contains("http"))
        #expect(try box.run("trace", "nobody", "--html", page).code == 66)
        #expect(try box.run("trace", "nobody").code == 66)
        #expect(try box.run("trace", "req-1", "--at", "5").code == 66)
    }

    @Test func policiesSideBySide() throws {
        let box = try filled()
        #expect(try box.run("policy", "diff", "v1", "preset:two-level").code == 0)
        let shown = try box.run("policy", "show").out
        let file = try box.file(
            "rules.json", shown.replacingOccurrences(of: "200000", with: "150000"))
        let run = try box.run("policy", "diff", "latest", file)
        #expect(run.code == 1)
        #expect(run.out.contains("commission.levels[0].ratePpm  200000 (20 %)  150000 (15 %)"), "\(run.out)")
        let json = try box.run("policy", "diff", "v1", file, "--json")
        #expect(try json.json["equal"] as? Bool == false)
        let differences = try #require(try json.json["differences"] as? [[String: Any]])
        #expect(differences.first?["before"] as? Int == 200_000)
        #expect(try box.run("policy", "publish", file, "--effective", "2030-01-01T00:00:00Z").code == 0)
        #expect(try box.run("policy", "diff", "v2", file).code == 0)
        #expect(try box.run("policy", "diff", "v3", file).code == 66)
        #expect(try box.run("policy", "diff", "v1", box.folder.path + "/none.json").code == 66)
        #expect(try box.run("policy", "diff", "-", "-").code == 64)
        let preset = try box.run("policy", "diff", "preset:two-levle", file)
        #expect(preset.code == 64 && preset.err.contains("Did you mean 'preset:two-level'?"), "\(preset.err)")
        #expect(try box.run("policy", "diff", try box.file("x.json", "[]"), file).code == 65)
    }

    /// What a hostile or a tired user types: a code, a reason, and nothing left behind.
    @Test func oddWords() throws {
        let box = try Sandbox()
        let table: [(words: [String], code: Int32, says: String)] = [
            (["init", "--programme", ""], 64, "no id: it is empty"),
            (["init", "--programme", "a\u{7}b"], 64, "no id: it holds a control character"),
            (["sta"], 64, "'referral-ledger status' or 'referral-ledger statement'"),
            (["status", "--at", "abc"], 64, "neither a position nor a time: "),
            (["status", "--at", "99999999999999999999"], 64, "too large a position"),
            (["status"], 66, "there is no ledger in"),
            (["import", "--dry-run", box.folder.path + "/none.jsonl"], 66, "No such file"),
            (["import", "--atomic", "-"], 64, "stdin needs --import-id"),
        ]
        for (words, code, says) in table {
            let run = try box.start(words).finish()
            #expect(run.code == code && run.err.contains(says), "\(words): \(run.err)")
            #expect(!run.err.contains("notRFC3339"), "\(words)")
        }
        #expect(!FileManager.default.fileExists(atPath: box.ledger.path))
    }
}
