import Foundation
import Testing

/// `reconcile --statement`, `breaks` and `report`, as a program.
@Suite struct StatementVerbTests {
    private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/statements")

    private static func file(_ name: String) -> String { fixtures.appendingPathComponent(name).path }

    private func ledger() throws -> Sandbox {
        let box = try Sandbox()
        try box.initialise(asset: "USD")
        let run = try box.run("import", Self.file("facts.jsonl"))
        try #require(run.code == 0, "\(run.out)\(run.err)")
        return box
    }

    @Test func exitCodes() throws {
        let box = try ledger()
        let sound = try box.run("reconcile", "--statement", Self.file("stripe-balance.csv"))
        #expect(sound.code == 0, "\(sound.out)\(sound.err)")
        #expect(sound.out.contains("The statement agrees."))
        let mapped = try box.run(
            "reconcile", "--statement", Self.file("acme.csv"), "--map", Self.file("acme.map.json"))
        #expect(mapped.code == 0, "\(mapped.out)\(mapped.err)")
        let broken = try box.run("reconcile", "--statement", Self.file("stripe-balance-breaks.csv"))
        #expect(broken.code == 1, "\(broken.out)\(broken.err)")
        #expect(broken.out.contains("MISMATCH    statement.missing-here"))
        let bad = try box.run("reconcile", "--statement", Self.file("facts.jsonl"))
        #expect(bad.code == 65, "\(bad.out)\(bad.err)")
        #expect(bad.err.contains("header: line 1, column 26"))
        let map = try box.file("bad.json", #"{"provider":"p","columns":{"amont":"A"}}"#)
        let badMap = try box.run("reconcile", "--statement", Self.file("acme.csv"), "--map", map)
        #expect(badMap.code == 65 && badMap.err.contains("columns.amont"), "\(badMap.err)")
        #expect(try box.run("reconcile", "--record").code == 64)
        #expect(try box.run("reconcile", "--tolerance", "1").code == 64)
        let rung = try box.run(
            "reconcile", "--statement", Self.file("stripe-balance.csv"), "--match", "id,colour")
        #expect(rung.code == 64 && rung.err.contains("colour"))
        #expect(try box.run("reconcile", "--statement", "/nowhere.csv").code == 66)
    }

    @Test func recordedBreaks() throws {
        let box = try ledger()
        let words = [
            "reconcile", "--statement", Self.file("stripe-balance-breaks.csv"), "--record", "--json",
        ]
        let first = try box.start(words).finish()
        #expect(first.code == 1, "\(first.err)")
        let breaks = try #require(try first.json["breaks"] as? [[String: Any]])
        let recorded = try #require(try first.json["recorded"] as? [String: Any])
        #expect(recorded["opened"] as? Int == breaks.count)
        let position = try box.run("status", "--json").number("position")
        let again = try box.start(words).finish()
        let repeated = try #require(try again.json["recorded"] as? [String: Any])
        #expect(repeated["repeated"] as? Bool == true && repeated["opened"] as? Int == 0)
        #expect(try box.run("status", "--json").number("position") == position)
        let list = try box.run("breaks", "--json")
        let open = try #require(try list.json["breaks"] as? [[String: Any]])
        #expect(open.map { $0["breakId"] as? String } == breaks.map { $0["breakId"] as? String })
        let digest = try box.digest()
        let sound = try box.run("reconcile", "--statement", Self.file("stripe-balance.csv"), "--record")
        #expect(sound.code == 0, "\(sound.out)\(sound.err)")
        #expect(try box.run("breaks").out == "No break is open.\n")
        let past = try box.run("breaks", "--at", "\(position)", "--json")
        #expect(try #require(try past.json["breaks"] as? [[String: Any]]).count == open.count)
        #expect(try box.digest() == digest)
        // The lines that an export gives make the same ledger.
        let lines = try box.run("export", "--format", "jsonl")
        #expect(lines.code == 0 && lines.out.contains(#""type":"openBreak""#))
        let copy = box.folder.appendingPathComponent("copy")
        #expect(try box.run("init", "--asset", "USD", ledger: copy).code == 0)
        let run = try box.run("import", try box.file("export.jsonl", lines.out), ledger: copy)
        #expect(run.code == 0, "\(run.out)\(run.err)")
        #expect(try box.digest(copy) == digest)
        let all = try box.run("breaks", "--all", "--json", ledger: copy)
        #expect(try #require(try all.json["breaks"] as? [[String: Any]]).count == open.count)
    }

    @Test func report() throws {
        let box = try ledger()
        // Ids that would be markup, and one that turns the direction of text.
        let user = "<script>alert(1)</script>\u{202E}\"'&"
        let debtor = try JSONSerialization.data(
            withJSONObject: [
                "type": "signup", "userId": user, "at": "2026-01-01T00:00:00Z",
            ])
        let debt = try JSONSerialization.data(
            withJSONObject: [
                "type": "adjust", "userId": user, "amount": "-3.00", "currency": "USD", "reason": "<b>",
                "approvers": ["ann"], "key": "adj", "at": "2026-01-02T00:00:00Z",
            ])
        let lines =
            String(decoding: debtor, as: UTF8.self) + "\n" + String(decoding: debt, as: UTF8.self) + "\n"
        let added = try box.run("import", try box.file("debt.jsonl", lines))
        #expect(added.code == 0, "\(added.out)\(added.err)")
        let page = box.folder.appendingPathComponent("report.html")
        let clean = try box.run("report", page.path, "--json")
        #expect(clean.code == 0, "\(clean.out)\(clean.err)")
        var html = try String(contentsOf: page, encoding: .utf8)
        #expect(!html.contains("<script") && !html.contains("<b>") && !html.contains("\u{202E}"))
        #expect(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;[U+202E]&quot;&#39;&amp;"))
        for text in [
            try box.digest(), try clean.text("logRoot"), "Trial balance", "Everything holds", "rewardExpense",
            "Open breaks", "Receivables", "<svg", "@page", "prefers-color-scheme", "books.trial-balance",
        ] {
            #expect(html.contains(text), "\(text)")
        }
        // Nothing from elsewhere.
        for asset in ["http://", "https://", "src=", "href=", "@import", "url("] {
            #expect(!html.contains(asset), "\(asset)")
        }
        #expect(
            try box.run(
                "reconcile", "--statement", Self.file("stripe-balance-breaks.csv"), "--record"
            ).code == 1)
        let broken = try box.run("report", page.path)
        #expect(broken.code == 1, "\(broken.err)")
        html = try String(contentsOf: page, encoding: .utf8)
        #expect(html.contains("payment ch_9") && html.contains("do not agree"))
        #expect(html.contains("No signed checkpoint was given"))
        // The checkpoint that was signed last is on it without being named.
        let key = box.folder.appendingPathComponent("log.key").path
        _ = try box.run("checkpoint", "new-key", "example.com/acme", "--out", key)
        let signed = try box.run("checkpoint", "sign", "--key", key)
        #expect(signed.code == 0, "\(signed.err)")
        #expect(try box.run("report", page.path).code == 1)
        html = try String(contentsOf: page, encoding: .utf8)
        #expect(html.contains("names this very tree") && html.contains("— example.com/acme "))
        #expect(try box.run("report", box.folder.path + "/no/such.html").code == 74)
        #expect(
            try box.run(
                "report", page.path, "--from", "2026-02-01T00:00:00Z", "--through", "2026-01-01T00:00:00Z"
            ).code == 64)
        // A checkpoint of another tree is told.
        let note = try box.file(
            "note", "origin\n999999\n" + Data(repeating: 7, count: 32).base64EncodedString() + "\n\n— x y\n")
        let other = try box.run("report", page.path, "--checkpoint", note)
        #expect(other.code == 1)
        #expect(try String(contentsOf: page, encoding: .utf8).contains("another tree"))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: box.folder.path).allSatisfy {
                !$0.contains(".partial")
            })
    }
}
