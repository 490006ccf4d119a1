import Foundation
import Testing

/// A bit flipped in a log of more leaf pages than an opening reads: told by page or position with 76, or of no matter to
/// the answer; never a signal, and never LMDB led astray. `LEDGER_FLIPS` sets how many are tried, and makes the log one of
/// small records.
@Suite(.serialized) struct FlippedLeafTests {
    private static let wanted = ProcessInfo.processInfo.environment["LEDGER_FLIPS"].flatMap { Int($0) }
    private static let rounds = wanted ?? verbs.count

    /// What the program says when it had read what it must not (`Signals.reportDamage`).
    private static let fault = "one of its pages points out of the file"

    private static let verbs: [[String]] = [
        ["status"], ["user", "u-1"], ["events", "--from", "2500", "--limit", "4000"],
        ["events", "--type", "UserSignedUp"], ["rewards", "u-1"], ["verify"], ["reconcile"],
        ["export", "--format", "jsonl"], ["import"], ["explain", "balance", "u-1"],
        ["leaderboard", "--effective", "2025-01-01T00:00:00Z"],
    ]

    /// An answer without what differs from run to run.
    private static func said(_ run: Run) -> String {
        run.out.split(separator: "\n").filter { !$0.contains(" in ") }.joined(separator: "\n")
    }

    /// As many pages of fewer records: users with much personal data among the others.
    private static func wide(_ facts: String, _ box: Sandbox) throws -> String {
        let filling = String(repeating: "much about it; ", count: 80)
        var lines = try String(contentsOfFile: facts, encoding: .utf8)
            .split(separator: "\n").map(String.init)
        let step = 3_000 / lines.count + 1
        for number in (0..<3_000).reversed() {
            let line =
                #"{"type":"signup","userId":"w-\#(number)","at":"2024-01-01T00:00:00Z","#
                + #""metadata":{"about":"\#(filling)"}}"#
            lines.insert(line, at: number / step)
        }
        return try box.file("wide.jsonl", lines.joined(separator: "\n") + "\n")
    }

    private static func poke(_ path: String, _ at: Int, _ byte: UInt8) throws {
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file.seek(toOffset: UInt64(at))
        try file.write(contentsOf: Data([byte]))
        try file.close()
    }

    @Test(arguments: wanted == nil ? [true] : [true, false]) func everyVerb(hasCheckpoint: Bool) throws {
        let box = try Sandbox()
        try box.initialise()
        let isLong = Self.wanted != nil
        try box.run(
            "import",
            isLong
                ? try box.simulated(users: 6_000, payments: 34_000)
                : try Self.wide(try box.simulated(users: 300, payments: 1_000), box))
        let more = try box.simulated(users: 40, payments: 60, seed: 2)
        if !hasCheckpoint {
            try FileManager.default.removeItem(at: box.ledger.appendingPathComponent("views"))
        }
        let log = box.ledger.appendingPathComponent("log/data.mdb").path
        let sound = try Data(contentsOf: URL(fileURLWithPath: log))
        let pages = sound.count / 4_096
        try #require(pages > 1_200, "an opening reads the leaves of so small a log: \(pages) pages")

        func run(_ words: [String]) throws -> Run {
            guard words == ["import"] else { return try box.start(words).finish() }
            // It writes: to a copy.
            let copy = box.folder.appendingPathComponent("copy")
            try? FileManager.default.removeItem(at: copy)
            try FileManager.default.copyItem(at: box.ledger, to: copy)
            return try box.run("import", more, ledger: copy)
        }
        var truths: [[String]: Run] = [:]
        for verb in Self.verbs {
            truths[verb] = try run(verb)
            #expect(truths[verb]?.code == 0 || verb == ["import"], "\(verb): \(truths[verb]?.err ?? "")")
        }
        var random = Draws(state: hasCheckpoint ? 11 : 12)
        var told = 0
        for round in 0..<Self.rounds {
            let page = 2 + random.below(pages - 2)
            // Headers, pointers and nodes more often than the rest.
            let within = round % 3 == 0 ? random.below(4_096) : random.below(64)
            let (at, bit) = (page * 4_096 + within, UInt8(1) << UInt8(random.below(8)))
            let verb = Self.verbs[round % Self.verbs.count]
            let place = "\(verb.joined(separator: " ")), page \(page), byte \(within), bit \(bit)"
            try Self.poke(log, at, sound[at] ^ bit)
            let found = try run(verb)
            try Self.poke(log, at, sound[at])
            #expect(!found.err.contains(Self.fault) && !found.err.contains("lmdb:"), "\(place): \(found.err)")
            if found.code == 76 {
                told += 1
                let text = found.err + found.out
                let isNamed = text.contains(/page \d/) || text.contains(/position \d/)
                #expect(isNamed, "\(place): \(text.prefix(400))")
            } else {
                let truth = try #require(truths[verb])
                #expect(found.code == truth.code, "\(place): \(found.code) \(found.err)")
                #expect(Self.said(found) == Self.said(truth), "\(place): another answer")
            }
        }
        print("\(told) of \(Self.rounds) flips were told, with a checkpoint: \(hasCheckpoint)")
        #expect(told > 0)
    }
}

/// SplitMix64.
private struct Draws {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(bound))
    }
}
