import Foundation
import Testing

/// Each verb once, on a small programme: u-1 referred u-2, who referred u-3.
@Suite struct VerbTests {
    static let facts = """
        {"type":"signup","userId":"u-1","at":"2024-01-01T00:00:00Z","country":"GB"}
        {"type":"issueCode","userId":"u-1","code":"FRIEND","key":"c-1","at":"2024-01-01T01:00:00Z"}
        {"type":"signup","userId":"u-2","at":"2024-01-02T00:00:00Z","referralCode":"friend"}
        {"type":"signup","userId":"u-3","at":"2024-01-03T00:00:00Z","referrerId":"u-2"}
        {"type":"payment","paymentId":"p-1","provider":"shop","userId":"u-3","amount":"100.00","at":"2024-02-01T10:00:00Z"}
        {"type":"refund","refundId":"r-1","provider":"shop","paymentId":"p-1","amount":"25.00","at":"2024-02-03T10:00:00Z"}
        {"type":"refund","refundId":"r-2","provider":"shop","paymentId":"p-9","amount":"5.00","at":"2024-02-04T10:00:00Z"}
        {"type":"advance","to":"2024-03-01T00:00:00Z"}

        """

    /// A sandbox with the facts imported.
    private func filled() throws -> Sandbox {
        let box = try Sandbox()
        try box.initialise()
        let run = try box.run("import", try box.file("facts.jsonl", Self.facts), "--json")
        #expect(run.code == 0, "\(run.err)")
        #expect(try run.number("accepted") == 7)
        #expect(try run.number("parked") == 1)
        #expect(try run.number("repeated") == 0)
        #expect(try run.number("refused") == 0)
        return box
    }

    @Test func initSaysWhatItMadeAndNeverOverwrites() throws {
        let box = try Sandbox()
        let made = try box.run("init", "--asset", "EUR", "--programme", "friends", "--json")
        #expect(made.code == 0)
        #expect(try made.text("programme") == "friends")
        #expect(try made.text("asset") == "EUR")
        #expect(try made.text("ledgerId").count == 32)
        let again = try box.run("init")
        #expect(again.code == 64)
        #expect(again.err.contains("already"))
        for name in ["log", "views", "keys"] {
            #expect(
                FileManager.default.fileExists(
                    atPath: box.ledger.appendingPathComponent("\(name)/data.mdb").path))
        }
    }

    @Test func usageErrorsEndWith64() throws {
        let box = try Sandbox()
        #expect(try box.run().code == 64)
        #expect(try box.run("statsu").err.contains("Did you mean 'referral-ledger status'?"))
        #expect(try box.run("init", "--asset", "GPB").code == 64)
        #expect(try box.run("import", "-").code == 64)
        #expect(try box.run("import", "--format", "csv", "x.csv").code == 64)
        #expect(try box.run("advance", "--to", "yesterday").code == 64)
    }

    @Test func missingThingsEndWith66() throws {
        let box = try Sandbox()
        #expect(try box.run("status").code == 66)
        #expect(try box.run("import", "nowhere.jsonl").code == 66)
        try box.initialise()
        #expect(try box.run("import", "nowhere.jsonl").code == 66)
        for verb in ["user", "balance", "statement", "tree", "rank"] {
            let run = try box.run(verb, "u-404")
            #expect(run.code == 66, "\(verb): \(run.err)")
        }
    }

    @Test func everyVerbHasHelpWithAnExample() throws {
        let box = try Sandbox()
        for verb in [
            "init", "record", "import", "advance", "policy check", "policy show", "policy publish", "status",
            "user",
            "tree", "balance", "statement", "leaderboard", "rank", "events", "trial-balance", "parked",
            "verify",
            "rebuild", "export", "simulate",
        ] {
            let run = try box.start(verb.split(separator: " ").map(String.init) + ["--help"]).finish()
            #expect(run.code == 0)
            #expect(run.out.contains("referral-ledger \(verb)"), "\(verb)")
            #expect(run.out.contains("Example"), "\(verb)")
        }
    }

    @Test func statusUserAndBalance() throws {
        let box = try filled()
        let status = try box.run("status", "--json")
        #expect(try status.number("users") == 3)
        #expect(try status.number("payments") == 1)
        #expect(try status.number("parked") == 1)
        #expect(try box.run("status").out.contains("two-level v1"))
        let user = try box.run("user", "u-2", "--json")
        #expect(try user.text("referrerId") == "u-1")
        #expect(try user.text("stage") == "registered")
        #expect(try box.run("user", "u-1").out.contains("FRIEND"))
        let balances = try #require(
            try box.run("balance", "u-2", "--json").json["balances"] as? [[String: Any]])
        #expect(balances.count == 1)
        #expect(balances.first?["available"] as? String == "15.00")
        #expect(balances.first?["earned"] as? String == "15.00")
        #expect(balances.first?["pending"] as? String == "0.00")
    }

    @Test func thePastByPositionAndTime() throws {
        let box = try filled()
        let all = try box.run("events", "--type", "CommissionEarned", "--json").out.split(separator: "\n")
        #expect(all.count == 2)
        let second = try #require(
            JSONSerialization.jsonObject(with: Data(all[1].utf8)) as? [String: Any])
        let position = try #require(second["position"] as? Int)
        let then = try #require(
            try box.run("balance", "u-2", "--at", "\(position + 4)", "--json").json["balances"]
                as? [[String: Any]])
        #expect(then.first?["pending"] as? String == "20.00")
        #expect(try box.run("balance", "u-2", "--at", "99999").code == 64)
        #expect(try box.run("user", "u-1", "--at", "1971-01-01T00:00:00Z").code == 66)
        #expect(try box.run("status", "--at", "2099-01-01T00:00:00Z", "--json").number("users") == 3)
    }

    @Test func statementTreeAndBoards() throws {
        let box = try filled()
        let lines = try #require(try box.run("statement", "u-1", "--json").json["lines"] as? [[String: Any]])
        #expect(lines.map { $0["pending"] as? String } == ["10.00", "-2.50", "-7.50"])
        #expect(lines.last?["availableAfter"] as? String == "7.50")
        #expect(try box.run("statement", "u-1").out.contains("+10.00"))
        #expect(
            try box.run("tree", "u-1").out == """
                u-1 · 1 referral
                └─ u-2 · registered · 1 referral
                   └─ u-3 · completed

                """)
        #expect(try box.run("tree", "u-1", "--depth", "1").out.contains("… 1 more"))
        let nodes = try #require(try box.run("tree", "u-1", "--json").json["nodes"] as? [[String: Any]])
        #expect(nodes.map { $0["parentId"] as? String } == [nil, "u-1", "u-2"])
        #expect(try box.run("tree", "u-1", "--format", "dot").out.contains(#""u-1" -> "u-2";"#))
        let board = try box.run("leaderboard", "--by", "earnings", "--json")
        let entries = try #require(try board.json["entries"] as? [[String: Any]])
        #expect(entries.map { $0["userId"] as? String } == ["u-2", "u-1"])
        #expect(entries.map { $0["score"] as? String } == ["15.00", "7.50"])
        #expect(
            try box.run("leaderboard", "--by", "referrals", "--period", "2024-01", "--json").number("size")
                == 2)
        #expect(try box.run("leaderboard", "--period", "2023-13").code == 64)
        #expect(try box.run("rank", "u-1", "--json").number("rank") == 2)
        #expect(try box.run("rank", "u-3").out.contains("no rank"))
    }

    @Test func eventsAreFiltered() throws {
        let box = try filled()
        let refunds = try box.run("events", "--type", "RefundReceived")
        #expect(refunds.out.split(separator: "\n").count == 1)
        #expect(try box.run("events", "--from", "1", "--to", "3").out.split(separator: "\n").count == 3)
        let january = try box.run(
            "events", "--from", "2024-01-01T00:00:00Z", "--to", "2024-01-02T00:00:00Z", "--type",
            "UserSignedUp")
        #expect(january.out.split(separator: "\n").count == 1)
        let user = try box.run("events", "--user", "u-3", "--json").out.split(separator: "\n")
        #expect(user.contains { $0.contains(#""paymentId":"p-1""#) })
        #expect(try box.run("events", "--type", "Nonsense").code == 64)
        #expect(try box.run("events", "--limit", "2").out.split(separator: "\n").count == 2)
    }

    @Test func eventsFollowWhatAnotherProcessRecords() throws {
        let box = try filled()
        let follower = try box.start(["events", "--follow", "--type", "UserSignedUp", "--json"])
        try box.run("record", "signup", "--userId", "u-9", "--at", "2024-03-02T00:00:00Z")
        let deadline = Date(timeIntervalSinceNow: 20)
        while Date() < deadline,
            !String(decoding: try Data(contentsOf: follower.out), as: UTF8.self).contains("u-9")
        {
            usleep(20_000)
        }
        follower.process.interrupt()
        let run = try follower.finish()
        #expect(run.code == 0)
        #expect(run.out.split(separator: "\n").count == 4)
    }

    @Test func recordOneCommand() throws {
        let box = try filled()
        let words = [
            "record", "payment", "--paymentId", "p-2", "--provider", "shop", "--userId", "u-2", "--amount",
            "10.00",
            "--at", "2024-03-02T00:00:00Z", "--json",
        ]
        let first = try box.start(words).finish()
        #expect(first.code == 0)
        #expect(try first.text("outcome") == "accepted")
        let second = try box.start(words).finish()
        #expect(try second.text("outcome") == "repeated")
        #expect(try second.number("position") == first.number("position"))
        let refused = try box.run("record", "convert", "--userId", "u-1", "--at", "2024-03-02T00:00:00Z")
        #expect(refused.code == 1)
        #expect(refused.err.contains("referral.none"))
        #expect(
            try box.run("record", "convert", "--userId", "u-1", "--at", "2024-02-30T00:00:00Z").code == 65)
        #expect(try box.run("record", "convert", "--user", "u-1").code == 65)
    }

    @Test func advanceTwice() throws {
        let box = try filled()
        #expect(
            try box.run("advance", "--to", "2024-04-01T00:00:00Z", "--json").text("outcome") == "accepted")
        #expect(
            try box.run("advance", "--to", "2024-04-01T00:00:00Z", "--json").text("outcome") == "repeated")
    }

    @Test func booksBalance() throws {
        let box = try filled()
        let trial = try box.run("trial-balance", "--json")
        #expect(trial.code == 0)
        #expect(try trial.json["balanced"] as? Bool == true)
        let parked = try #require(try box.run("parked", "--json").json["parked"] as? [[String: Any]])
        #expect(parked.map { $0["id"] as? String } == ["r-2"])
        #expect(parked.first?["amount"] as? String == "5.00")
        #expect(try box.run("parked").out.contains("INCOMPLETE"))
    }

    @Test func verifyAndRebuild() throws {
        let box = try filled()
        let digest = try box.digest()
        let report = try box.run("verify", "--json")
        #expect(report.code == 0, "\(report.err)")
        #expect(try report.json["ok"] as? Bool == true)
        #expect(try report.text("stateDigest") == digest)
        try FileManager.default.removeItem(at: box.ledger.appendingPathComponent("views"))
        let rebuilt = try box.run("rebuild", "--json")
        #expect(rebuilt.code == 0, "\(rebuilt.err)")
        #expect(try rebuilt.text("stateDigest") == digest)
        #expect(try box.digest() == digest)
    }

    @Test func policies() throws {
        let box = try filled()
        let shown = try box.run("policy", "show")
        #expect(shown.code == 0)
        let file = try box.file("rules.json", shown.out)
        #expect(try box.run("policy", "check", file).code == 0)
        let bad = try box.file(
            "bad.json", shown.out.replacingOccurrences(of: "\"holdingDays\"", with: "\"holdngDays\""))
        let check = try box.run("policy", "check", bad)
        #expect(check.code == 65)
        #expect(check.err.contains("line ") && check.err.contains("column "))
        #expect(
            try box.run("init", "--policy", bad, ledger: box.folder.appendingPathComponent("other")).code
                == 65)
        let published = try box.run(
            "policy", "publish", file, "--effective", "2030-01-01T00:00:00Z", "--key", "v2", "--json")
        #expect(published.code == 0, "\(published.err)")
        #expect(try box.run("policy", "show", "--json").number("version") == 2)
        #expect(
            try box.run("policy", "show", "--effective", "2029-12-31T00:00:00Z", "--json").number("version")
                == 1)
    }

    @Test(arguments: ["two-level", "premium-days", "tiered"])
    func presets(name: String) throws {
        let box = try Sandbox()
        let shown = try box.run("policy", "show", "--preset", name)
        #expect(shown.code == 0)
        #expect(shown.out.hasSuffix("}\n") && !shown.out.hasSuffix("\n\n"))
        #expect(try box.run("policy", "check", box.file("\(name).json", shown.out)).code == 0)
        #expect(try box.run("init", "--preset", name).code == 0)
        #expect(try box.run("status").out.contains("\(name) v1"))
        #expect(try box.run("policy", "show").out == shown.out)
    }

    @Test func simulationIsDeterministicAndRefusedNowhere() throws {
        let box = try Sandbox()
        let facts = try box.simulated(users: 200, payments: 900, seed: 3)
        #expect(
            try box.run("simulate", "--users", "200", "--payments", "900", "--seed", "3").out
                == String(contentsOfFile: facts, encoding: .utf8))
        try box.initialise()
        let run = try box.run("import", facts, "--json")
        #expect(run.code == 0, "\(run.err)")
        #expect(try run.number("refused") == 0)
    }

    @Test func jsonHelpAndVersion() throws {
        let box = try Sandbox()
        #expect(try box.run("--version").out.hasPrefix("referral-ledger "))
        #expect(try box.run("help", "import").out.contains("--retry-refused"))
    }
}
