import Foundation
import Testing

/// The ledger that `re-decide --keep` leaves: for any verb that reads, and for bisect only where positions mean the same.
@Suite struct KeptLedgerTests {
    @Test func bisectAgainstIt() throws {
        let box = try Sandbox()
        try box.initialise()
        let facts = try box.simulated(users: 40, payments: 120)
        #expect(try box.run("import", facts).code <= 1)
        let rules = try box.run("policy", "show", "--preset", "two-level").out
        let other = try box.file("other.json", rules.replacingOccurrences(of: "200000", with: "190000"))
        let kept = (
            same: box.folder.appendingPathComponent("s"), other: box.folder.appendingPathComponent("o")
        )
        let out = box.folder.appendingPathComponent("p.json").path
        #expect(try box.run("re-decide", "--keep", kept.same.path).code == 0)
        let changed = try box.run("re-decide", "--policy", other, "--keep", kept.other.path, "--out", out)
        #expect(changed.code == 1, "\(changed.err)")
        for ledger in [kept.same, kept.other] {
            #expect(try box.run("status", ledger: ledger).code == 0)
            #expect(try box.run("verify", ledger: ledger).code == 0)
        }
        // An import's progress is no fact: nor are positions the same without it.
        let imported = try box.run("bisect", "fresh", kept.same.path)
        #expect(imported.code == 65 && imported.err.contains("progress of imports"), "\(imported.err)")
        // Under others each way round is refused, with the reason and what to do instead.
        for refused in [
            try box.run("bisect", "fresh", kept.other.path), try box.run("bisect", kept.other.path, "views"),
        ] {
            #expect(refused.code == 65 && refused.out.isEmpty, "\(refused.out)\(refused.err)")
            #expect(refused.err.contains("decided under other rules"), "\(refused.err)")
            #expect(refused.err.contains("re-decide --policy FILE"), "\(refused.err)")
        }
        // Without imports the logs go together under the recorded rules.
        let plain = box.folder.appendingPathComponent("plain")
        let copy = box.folder.appendingPathComponent("copy").path
        #expect(try box.run("init", "--asset", "GBP", ledger: plain).code == 0)
        for user in ["a", "b"] {
            let signup = ["record", "signup", "--userId", user, "--at", "2026-01-05T10:00:00Z"]
            #expect(try box.start(signup, ledger: plain).finish().code == 0)
        }
        #expect(try box.run("re-decide", "--keep", copy, ledger: plain).code == 0)
        let together = try box.run("bisect", "fresh", copy, ledger: plain)
        #expect(together.code == 0, "\(together.out)\(together.err)")
        // Within itself it is a ledger as any other.
        #expect(try box.run("bisect", "fresh", kept.other.path, ledger: kept.other).code == 0)
    }
}
