import Foundation
import Testing

/// `reconcile`, as a program: its exit codes and what it prints.
@Suite struct ReconcileTests {
    private static let facts =
        [
            #"{"type":"signup","userId":"a","at":"2024-01-01T00:00:00Z"}"#,
            #"{"type":"signup","userId":"b","referrerId":"a","at":"2024-01-01T00:00:00Z"}"#,
            #"{"type":"payment","paymentId":"p1","provider":"shop","userId":"b","amount":"100.00","at":"2024-01-02T00:00:00Z"}"#,
            #"{"type":"refund","refundId":"r1","provider":"shop","paymentId":"later","amount":"7.50","currency":"GBP","at":"2024-01-03T00:00:00Z"}"#,
            #"{"type":"advance","to":"2024-01-05T06:00:00Z"}"#,
        ].joined(separator: "\n") + "\n"

    private func ledger() throws -> Sandbox {
        let box = try Sandbox()
        try box.initialise()
        let run = try box.run("import", try box.file("facts.jsonl", Self.facts))
        #expect(run.code == 0, "\(run.err)")
        return box
    }

    @Test func whatIsOnItsWayIsNotWrong() throws {
        let box = try ledger()
        let run = try box.run("reconcile")
        #expect(run.code == 0, "\(run.out)\(run.err)")
        #expect(run.err == "")
        #expect(run.out.contains("INCOMPLETE  parked.waiting"))
        #expect(run.out.contains("2 d 6 h"))
        #expect(run.out.contains("Everything agrees."))
        let json = try box.run("reconcile", "--json")
        #expect(json.code == 0)
        let answer = try json.json
        #expect(answer["ok"] as? Bool == true)
        #expect(answer["comparedViews"] as? Bool == true)
        #expect(answer["logBroken"] as? Bool == false)
        #expect(try json.number("mismatches") == 0)
        #expect(try json.number("incomplete") == 1)
        #expect(try #require(answer["checks"] as? [[String: Any]]).count > 30)
        let breaks = try #require(answer["breaks"] as? [[String: Any]])
        #expect(breaks.count == 1)
        #expect(breaks.first?["code"] as? String == "parked.waiting")
        #expect(breaks.first?["kind"] as? String == "INCOMPLETE")
        #expect(breaks.first?["found"] as? String == "7.50")
        #expect(breaks.first?["asset"] as? String == "GBP")
        #expect(breaks.first?["ageSeconds"] as? Int == 2 * 86_400 + 6 * 3_600)
        #expect(breaks.first?["programme"] as? String == "two-level")
        #expect(breaks.first?["userId"] is NSNull)
    }

    /// The keys of a backup that is older than the log.
    @Test func aMismatchEndsWith1() throws {
        let box = try ledger()
        let keys = box.ledger.appendingPathComponent("keys")
        let old = box.folder.appendingPathComponent("old-keys")
        try FileManager.default.copyItem(at: keys, to: old)
        let signup =
            #"{"type":"signup","userId":"c","email":"c@example.com","at":"2024-01-06T00:00:00Z"}"# + "\n"
        #expect(try box.run("import", try box.file("more.jsonl", signup)).code == 0)
        #expect(try box.run("reconcile").code == 0)
        try FileManager.default.removeItem(at: keys)
        try FileManager.default.copyItem(at: old, to: keys)
        let run = try box.run("reconcile")
        #expect(run.code == 1, "\(run.out)\(run.err)")
        #expect(run.out.contains("MISMATCH    keys.vault"))
        #expect(run.out.contains("1 break: see above."))
        let json = try box.run("reconcile", "--json", "--quiet")
        #expect(json.code == 1)
        #expect(try json.number("mismatches") == 1)
    }

    @Test func aBrokenLogEndsWith76() throws {
        let box = try ledger()
        let log = box.ledger.appendingPathComponent("log/data.mdb")
        var bytes = try Data(contentsOf: log)
        while let place = bytes.range(of: Data("later".utf8)) { bytes[place.lowerBound] ^= 0x01 }
        try bytes.write(to: log)
        let run = try box.run("reconcile", "--json")
        #expect(run.code == 76, "\(run.out)\(run.err)")
        #expect(try run.json["logBroken"] as? Bool == true)
        let breaks = try #require(try run.json["breaks"] as? [[String: Any]])
        #expect(breaks.map { $0["code"] as? String } == ["log.broken"])
        #expect(breaks.first?["position"] is Int)
        #expect(try box.run("reconcile", ledger: box.folder.appendingPathComponent("none")).code == 66)
        #expect(try box.run("reconcile", "--limit", "0").code == 64)
    }
}
