import Foundation
import LedgerDomain
import Testing

@testable import LedgerExchange

/// Fields that came with the types of the main line.
@Suite struct LineTypeTests {
    private func decode(_ line: String) throws -> Command {
        var decoder = CommandLineDecoder(defaultAsset: pounds)
        return try decoder.decode(line)
    }

    private let at = #""at":"2024-01-01T00:00:00Z""#

    /// The page is the table; it is written anew with LEDGER_WRITE_DOCUMENTS=1.
    @Test func thePageSaysWhatTheTableSays() throws {
        var folder = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { folder.deleteLastPathComponent() }
        let page = folder.appendingPathComponent("Documentation/input-lines.md")
        let mark = "<!-- From here on written from the code. -->\n\n"
        let text = try String(contentsOf: page, encoding: .utf8)
        let parts = text.components(separatedBy: mark)
        try #require(parts.count == 2)
        if ProcessInfo.processInfo.environment["LEDGER_WRITE_DOCUMENTS"] == "1" {
            try (parts[0] + mark + LineType.markdown()).write(to: page, atomically: true, encoding: .utf8)
        } else {
            #expect(parts[1] == LineType.markdown())
        }
        #expect(LineType.markdown().contains("| `amount` | decimal string | yes |"))
    }

    @Test func anActorWhoDecidesIsAPerson() throws {
        let decide = #"{"type":"decideWithdrawal","withdrawalId":"w","decision":"approve",\#(at)"#
        #expect(try decode(decide + #","actor":"ann"}"#).actor == .init(role: .admin, id: "ann"))
        #expect(try decode(decide + "}").actor == .system)
        let asSystem = try decode(decide + #","actor":"job","actorRole":"system"}"#)
        #expect(asSystem.actor == .init(role: .system, id: "job"))
        let written = String(decoding: try CommandLineWriter.line(asSystem), as: UTF8.self)
        #expect(written.contains(#""actorRole":"system""#))
        let review = #"{"type":"review","reviewId":"f1","decision":"clear",\#(at),"actor":"ann"}"#
        #expect(try decode(review).actor.role == .admin)
        let other = #"{"type":"convert","userId":"u","actor":"ann",\#(at)}"#
        #expect(try decode(other).actor.role == .system)
    }

    @Test func amountsOfWithdrawals() throws {
        let reduce = #"{"type":"decideWithdrawal","withdrawalId":"w","decision":"reduce",\#(at)"#
        func asset(_ line: String) throws -> AssetNumber? {
            guard case .decideWithdrawal(let c) = try decode(line).action else { return nil }
            #expect(c.amount != nil)
            return c.asset
        }
        #expect(try asset(reduce + #","amount":"5.00"}"#) == pounds.number)
        #expect(try asset(reduce + #","amount":"5","currency":"JPY"}"#) == Asset(code: "JPY")!.number)
        #expect(problem(reduce + "}")?.field == "amount")
        let cancel = reduce.replacing("reduce", with: "cancel")
        #expect(problem(cancel + #","amount":"5.00"}"#)?.code == .fieldConflict)
        let failed =
            #"{"type":"payout","withdrawalId":"w","status":"failed","provider":"p","providerRef":"x",\#(at)"#
        guard case .payout(let plain) = try decode(failed + "}").action,
            case .payout(let kept) = try decode(failed + #","kept":"0.30"}"#).action
        else { return }
        #expect(plain.kept == nil && plain.asset == nil)
        #expect(kept.kept == 30 && kept.asset == pounds.number)
    }

    @Test func disputes() throws {
        let opened = #"{"type":"dispute","disputeId":"d","provider":"p","status":"opened",\#(at)"#
        #expect(problem(opened + "}")?.field == "paymentId")
        #expect(problem(opened + #","paymentId":"x"}"#)?.field == "amount")
        let won = opened.replacing("opened", with: "won")
        guard case .dispute(let plain) = try decode(won + "}").action,
            case .dispute(let full) = try decode(won + #","amount":"1.00","currency":"EUR"}"#).action
        else { return }
        #expect(plain.amount == nil && plain.asset == nil && plain.paymentId == nil)
        #expect(full.amount == 100 && full.asset == Asset(code: "EUR")!.number)
        #expect(problem(opened.replacing("opened", with: "paused") + "}")?.code == .fieldChoice)
    }

    @Test func arraysOfTexts() throws {
        func line(_ approvers: String) -> String {
            #"{"type":"mergeUsers","userId":"a","intoUserId":"b","key":"k","approvers":\#(approvers),\#(at)}"#
        }
        guard case .mergeUsers(let merge) = try decode(line(#"["x","y, z"]"#)).action else { return }
        #expect(merge.approvers == ["x", "y, z"])
        #expect(problem(line(#""x""#))?.code == .fieldType)
        #expect(problem(line(#"["x",1]"#))?.code == .fieldType)
        let many = (0..<9).map { "\"\($0)\"" }.joined(separator: ",")
        #expect(problem(line("[\(many)]"))?.code == .fieldRange)
        #expect(problem(line("[\(many.dropLast(4))]")) == nil)
    }

    @Test func arraysFieldByField() throws {
        var decoder = CommandLineDecoder(defaultAsset: pounds)
        let fields = [
            ("approvers", "ann"), ("userId", "u"), ("amount", "-5"), ("reason", "r"), ("approvers", "b,c"),
            ("key", "k"), ("at", "2024-01-01T00:00:00Z"),
        ]
        let command = try decoder.decode(
            type: "adjust", fields: fields.map { (name: $0.0, text: $0.1) })
        guard case .adjust(let adjust) = command.action else { return }
        #expect(adjust.approvers == ["ann", "b,c"] && adjust.amount == -500)
    }

    @Test func ratesAndHashes() throws {
        func rate(_ text: String) -> String {
            #"{"type":"fxRate","base":"GBP","quote":"PREMIUM_DAY","rate":"\#(text)","source":"s","key":"k",\#(at)}"#
        }
        guard case .fxRate(let known) = try decode(rate("1.0820")).action else { return }
        #expect(known.rate.description == "1.082" && known.quote == .premiumDay)
        for text in ["0", "-1", "01", "1.", ".5", "1e3", "", "0.0000000000001"] {
            #expect(problem(rate(text))?.code == .amountNotDecimal, "\(text)")
        }
        let hash = String(repeating: "0a", count: 16)
        func signup(_ hashes: String) -> String {
            #"{"type":"signup","userId":"u","signalHashes":\#(hashes),\#(at)}"#
        }
        guard case .signup(let signed) = try decode(signup(#"{"ip":"\#(hash)","email":"\#(hash)"}"#)).action
        else { return }
        #expect(signed.signalHashes.map(\.kind) == [.email, .ip] && signed.signalHashes[0].hash.hex == hash)
        #expect(problem(signup(#"{"mac":"\#(hash)"}"#))?.code == .fieldUnknown)
        #expect(problem(signup(#"{"ip":"\#(hash.uppercased())"}"#))?.code == .fieldType)
        #expect(problem(signup(#"{"ip":"0a"}"#))?.field == "signalHashes.ip")
        func flag(_ more: String) -> String {
            #"{"type":"flag","userId":"u","rule":"r","severity":"low","key":"k",\#(at)\#(more)}"#
        }
        #expect(problem(flag(#","evidence":"e""#)) == nil)
        #expect(problem(flag(#","evidence":"e","evidenceHash":"\#(hash)""#))?.code == .fieldConflict)
        #expect(problem(flag(#","evidenceHash":"x""#))?.code == .fieldType)
    }

    @Test func corrections() throws {
        func line(_ correction: String) -> String {
            #"{"type":"correct","correction":\#(correction),"key":"k",\#(at)}"#
        }
        func whole(_ entry: String) -> String {
            line(#"{"proposal":"p","part":1,"parts":2,"approvedBy":"ann","entries":[\#(entry)]}"#)
        }
        guard
            case .correct(let known) = try decode(whole(#"{"kind":"tier","userId":"u","tier":2}"#)).action
        else { return }
        #expect(known.entries == [.tier(CorrectedTier(userId: "u", tier: 2))])
        #expect(known.parts == 2 && known.approvedBy == "ann" && known.expectedHead == nil)
        let leg = #"{"kind":"commission","provider":"s","paymentId":"p","level":1,"userId":"u","asset":"GBP""#
        #expect(problem(whole(leg + #","granted":"1.00","reversed":"0","revoked":"0"}"#)) == nil)
        for bad in [
            #"{"kind":"tier","userId":"u"}"#, #"{"kind":"other"}"#,
            #"{"kind":"tier","userId":"u","tier":1,"x":1}"#,
            #"{"kind":"badge","userId":"u","badge":"b","held":1}"#, "7", leg + "}",
            leg + #","granted":1,"reversed":"0","revoked":"0"}"#,
            leg + #","granted":"1.001","reversed":"0","revoked":"0"}"#,
            leg.replacing("GBP", with: "XXX") + #","granted":"1","reversed":"0","revoked":"0"}"#,
        ] {
            let found = problem(whole(bad))
            #expect(found?.code == .fieldType && found?.field == "correction", "\(bad)")
        }
        #expect(problem(line("[]"))?.code == .fieldType)
        #expect(problem(line("{}"))?.message.contains("missing") == true)
    }
}
