import Foundation
import LedgerDomain
import Testing

@testable import LedgerState

/// `Tests/independent/read_log.py`: a reader in another language, written from `Documentation/log-format.md` alone. It reads
/// the bytes of every fixture, and of the logs that the engine makes anew, to the same balances as the engine.
@Suite struct IndependentReaderTests {
    private func read(_ arguments: [String], _ input: String? = nil) throws -> (
        code: Int32, out: Data, said: String
    ) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", repositoryFile("Tests/independent/read_log.py").path] + arguments
        let (out, messages, given) = (Pipe(), Pipe(), Pipe())
        process.standardOutput = out
        process.standardError = messages
        process.standardInput = given
        try process.run()
        try given.fileHandleForWriting.write(contentsOf: Data((input ?? "").utf8))
        try given.fileHandleForWriting.close()
        let data = try out.fileHandleForReading.readToEnd() ?? Data()
        let said = try messages.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, data, String(decoding: said, as: UTF8.self))
    }

    @Test("the fixtures hold", arguments: LogFixture.allCases)
    func fixtures(_ fixture: LogFixture) throws {
        let (code, out, said) = try read([fixture.file.path])
        #expect(code == 0, "\(String(decoding: out, as: UTF8.self))\(said)")
    }

    @Test("every balance that it derives is the engine's", arguments: LogFixture.allCases)
    func balances(_ fixture: LogFixture) throws {
        let folder = try TemporaryFolder()
        let engine = try fixture.make(in: folder.path)
        let lines = try engine.records().map { Hex.text($0) }.joined(separator: "\n") + "\n"
        let (code, out, said) = try read(["--json", "--hex", "-"], lines)
        try #require(code == 0, "\(said)")
        let answer = try #require(try JSONSerialization.jsonObject(with: out) as? [String: Any])
        let log = try #require((answer["logs"] as? [[String: Any]])?.first)
        let rows = try #require(log["users"] as? [[String: Any]])
        for row in rows { try compare(row, engine) }
        // What it does not speak of is nothing.
        let spoken = Set(rows.map { "\($0["programme"] ?? "") \($0["number"] ?? "") \($0["asset"] ?? "")" })
        for member in 0..<engine.state.members.count {
            let row = engine.state.members[member]
            let programme = try engine.state.programmeId(Int(row.programme)).string
            let money = engine.state.money(of: member)
            if money.balance == Balance() || spoken.contains("\(programme) \(row.user) \(money.asset)") {
                continue
            }
            Issue.record("\(programme): user \(row.user) has \(money.balance)")
        }
    }

    private func compare(_ row: [String: Any], _ engine: Engine) throws {
        func number(_ name: String) -> Int64 { Int64("\(row[name] ?? "")") ?? .min }
        let id = try #require(row["programme"] as? String)
        var programme: Int?
        for index in 0..<engine.state.programmes.count {
            if try engine.state.programmeId(index).string == id { programme = index }
        }
        let own = ProgrammeNumber(UInt16(try #require(programme)))
        let found = engine.state.member(of: Int(number("number")), in: own)
        let member = try #require(found)
        let asset = AssetNumber(rawValue: UInt16(number("asset")))
        let balance = engine.state.balance(member: member, asset: asset)
        let place = "\(id) \(row["user"] ?? "") \(asset.rawValue)"
        #expect(balance.pending == number("pending"), "\(place)")
        #expect(balance.held == number("held"), "\(place)")
        #expect(balance.receivable == number("receivable"), "\(place)")
        #expect(balance.available == number("available") + number("claimable"), "\(place)")
    }
}
