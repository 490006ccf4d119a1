import Foundation
import LedgerExchange
import ReferralLedger
import Testing

@testable import LedgerSocket

/// Imports through the socket are imports.
@Suite struct ForwardedImportTests {
    /// What a run gave.
    struct Ran {
        var counts: ImportCounts
        var wasStopped: Bool
        var rejects: [ForwardedReject]
        var progress: [UInt64]
    }

    private func run(
        _ text: String, _ client: LedgerSocketClient, id: String = "i", retries: Bool = false,
        stopAfter limit: UInt64 = .max
    ) throws -> Ran {
        let input = try descriptor(of: text)
        defer { close(input) }
        var rejects: [ForwardedReject] = []
        var progress: [UInt64] = []
        var asked: UInt64 = 0
        var forwarded = ForwardedImport(
            client: client, importId: id, retriesRefused: retries, keepsTexts: true,
            shouldStop: {
                asked += 1
                return asked > limit
            }, onProgress: { progress.append($0) }, onReject: { rejects.append($0) })
        var source = JSONForwarding(reader: LineReader(descriptor: input))
        try forwarded.run(&source)
        return Ran(
            counts: forwarded.counts, wasStopped: forwarded.wasStopped, rejects: rejects, progress: progress)
    }

    /// 20,001 lines: two blank, four refused in all kinds of ways, two advances; more than two groups.
    private static let mixed: String = {
        var lines: [String] = []
        for number in 1...20_000 {
            switch number {
            case 5: lines += ["", " \t"]
            case 7: lines.append("not json")
            case 9: lines.append(String(repeating: "y", count: 70_000))
            case 11, 15_000: lines.append(payment(of: "nobody"))
            case 500: lines.append(#"{"type":"advance","to":"2024-02-01T00:00:00Z"}"#)
            case 19_000: lines.append(#"{"type":"advance","to":"2024-03-01T00:00:00Z"}"#)
            default: lines.append(signup("u-\(number)"))
            }
        }
        return lines.joined(separator: "\n")
    }()

    @Test func givesTheCountsRejectsAndDigestOfADirectImport() throws {
        let (served, other) = (try Served(), try Served())
        let forwarded = try run(Self.mixed, try served.client())
        var direct: [RejectedLine] = []
        var options = Importer.Options()
        options.keepsTexts = true
        var importer = Importer(
            ledger: other.ledger, importId: "i", options: options, onReject: { direct.append($0) })
        let input = try descriptor(of: Self.mixed)
        defer { close(input) }
        var source = JSONLineSource(
            reader: LineReader(descriptor: input), decoder: try CommandLineDecoder(of: other.ledger.current))
        try importer.run(&source)
        #expect(forwarded.counts == importer.counts)
        #expect(forwarded.counts.refused == 4)
        #expect(forwarded.rejects.map(\.number) == direct.map(\.number))
        #expect(forwarded.rejects.map(\.code) == direct.map(\.code))
        #expect(forwarded.rejects.map(\.reason) == direct.map(\.reason))
        #expect(forwarded.rejects.map(\.text) == direct.map(\.text))
        #expect(forwarded.progress.last == importer.counts.lines)
        #expect(try served.ledger.current.status().stateDigest == other.ledger.current.status().stateDigest)
    }

    @Test func resumesWhatADirectImportBegan() throws {
        let served = try Served()
        let client = try served.client()
        let head = Self.mixed.split(separator: "\n", omittingEmptySubsequences: false).prefix(12_000)
        let input = try descriptor(of: head.joined(separator: "\n"))
        defer { close(input) }
        var importer = Importer(ledger: served.ledger, importId: "i")
        var source = JSONLineSource(
            reader: LineReader(descriptor: input), decoder: try CommandLineDecoder(of: served.ledger.current))
        try importer.run(&source)
        let rest = try run(Self.mixed, client)
        #expect(rest.counts.accepted == 8_000)
        #expect(rest.counts.repeated + rest.counts.refused == 11_999)
        // What was refused before is not decided again, unless asked for.
        #expect(rest.rejects.map(\.number) == [15_001])
        let again = try run(Self.mixed, client, retries: true)
        #expect(again.counts.accepted == 0)
        #expect(again.rejects.count == 4)
        #expect(String(decoding: again.rejects[0].text, as: UTF8.self) == "not json")
    }

    @Test func stopsWhenAskedAndGoesOn() throws {
        let served = try Served()
        let client = try served.client()
        let first = try run(Self.mixed, client, stopAfter: 9_000)
        #expect(first.wasStopped)
        #expect(first.counts.lines > 8_000 && first.counts.lines < 10_000)
        let second = try run(Self.mixed, client)
        #expect(!second.wasStopped)
        #expect(second.counts.lines == 19_999)
        #expect(second.counts.accepted + first.counts.accepted == 19_995)
    }

    @Test func aServerThatStopsEndsTheImportAfterItsGroups() throws {
        let served = try Served()
        let raw = try served.raw()
        raw.say(#"{"import":"i","retryRefused":false}"# + "\n")
        #expect(try raw.line() == #"{"skipThrough":0}"#)
        raw.say("S 0\n" + (1...10_000).map { "L \($0) \(signup("u-\($0)"))\n" }.joined())
        // The first group is on its way once the server has read past it.
        while try served.ledger.current.status().users == 0 { usleep(1_000) }
        served.server.stop()
        var last = ""
        while last.contains("\"end\"") == false {
            last = try raw.line()
            try #require(last != "")
        }
        #expect(last.contains(#""stopped":true"#))
        let users = try served.ledger.current.status().users
        #expect(last.contains(#""accepted":\#(users),"#), "\(last) \(users)")
        #expect(users >= Importer.groupLines)
    }

    /// The line that was cut off is no line, and the group it belongs to was never whole.
    @Test func whoHangsUpMidwayLosesNothingAndGoesOn() throws {
        let (served, other) = (try Served(), try Served())
        let lines = (1...20_000).map { signup("u-\($0)") }
        let text = lines.joined(separator: "\n")
        for cut in [10, 3_000_000 / 2, 700_000, 777_777] {
            let raw = try served.raw()
            raw.say(#"{"import":"i"}"# + "\n")
            let start = try raw.line()
            let through = try #require(Int(start.drop { !$0.isNumber }.prefix { $0.isNumber }))
            let frames = "S \(through)\n" + (through..<20_000).map { "L \($0 + 1) \(lines[$0])\n" }.joined()
            raw.say(String(frames.prefix(cut)))
            raw.hangUp()
        }
        // Threads of clients that are gone may still be finishing their groups.
        served.server.stop()
        let server = try LedgerSocketServer(served.ledger, program: "again")
        let ran = try run(text, try served.client())
        #expect(ran.counts.refused == 0)
        #expect(ran.counts.lines == 20_000)
        #expect(try run(text, try other.client()).counts.accepted == 20_000)
        #expect(try served.ledger.current.status().stateDigest == other.ledger.current.status().stateDigest)
        server.stop()
    }

    @Test func framesOutOfOrderEndTheConversation() throws {
        let served = try Served()
        let twice = "S 0\nL 2 \(signup("a"))\nL 2 \(signup("b"))\n"
        for frames in ["L 1 {}\n", "S x\n", twice, "S 0\nX\n", "S 0\n\n", "S 0\nP 1 {}\n"] {
            let raw = try served.raw()
            raw.say(#"{"import":"i"}"# + "\n")
            #expect(try raw.line().contains("skipThrough"))
            raw.say(frames)
            #expect(try raw.line().contains(#""error":"socket.gone""#), "\(frames)")
            #expect(try raw.line() == "")
        }
        #expect(try served.ledger.current.status().users == 0)
    }
}
