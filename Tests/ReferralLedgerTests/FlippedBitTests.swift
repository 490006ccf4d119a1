import Foundation
import ReferralLedger
import Testing

import struct NaiveModel.SplitMix64

/// One bit flipped anywhere in a ledger's files: found and named, or it held no information; never a crash.
///
/// LEDGER_FLIPS sets how many bits of each file are tried. The seed is fixed; a failure names file, byte and bit.
@Suite(.serialized) struct FlippedBitTests {
    private static let rounds =
        ProcessInfo.processInfo.environment["LEDGER_FLIPS"].flatMap { Int($0) } ?? 60

    /// A ledger with branches, leaves, overflow pages, free pages, two checkpoints, sealed data and a signed checkpoint.
    private static func make() throws -> TemporaryFolder {
        let bench = try Bench()
        try bench.run(DamageTests.history(60))
        try bench.ledger.checkpoint()
        let sealed = (0..<40).map { i in
            var signup = Signup(userId: "s\(i)", at: day(1))
            signup.personal.email = "s\(i)@example.com"
            return Command(.signup(signup))
        }
        try bench.run(sealed)
        // One commit a command: pages are copied, and the old ones freed.
        for i in 0..<120 { try bench.run([Say.pay("x\(i)", "u\(i % 50)", 1_000, day(2))]) }
        let key = try NoteSigner.generate(name: "test/log", kind: .ed25519)
        _ = try bench.ledger.prover.sign(by: key)
        bench.ledger.close()
        return bench.folder
    }

    private static func kind(_ bytes: Data, _ page: Int) -> Int {
        page * 4_096 + 12 <= bytes.count ? Int(bytes[page * 4_096 + 10]) : -1
    }

    @Test(arguments: ["log", "views", "keys"]) func everyBitCounts(part: String) throws {
        let folder = try Self.make()
        let truth = try Ledger.verify(at: folder.path, options: testOptions())
        try #require(truth.isClean && truth.comparedViews && truth.checkpointSize != nil, "\(truth.findings)")
        let path = folder.path + "/\(part)/data.mdb"
        let sound = try Data(contentsOf: URL(fileURLWithPath: path))
        var random = SplitMix64(seed: UInt64(part.utf8.count) * 76)
        var (found, refused) = (0, 0)
        for round in 0..<Self.rounds {
            var damaged = sound
            let page = round % 4 == 0 ? random.below(2) : random.below(sound.count / 4_096)
            // Headers, pointers and nodes near the ends of pages more often than the rest.
            let within =
                switch round % 3 {
                case 0: random.below(page < 2 ? 152 : 64)
                case 1: 4_095 - random.below(256)
                default: random.below(4_096)
                }
            let (at, bit) = (page * 4_096 + within, random.below(8))
            damaged[at] ^= UInt8(1 << bit)
            try damaged.write(to: URL(fileURLWithPath: path))
            let place = "\(part), page \(page) of kind \(Self.kind(sound, page)), byte \(within), bit \(bit)"
            do {
                let report = try Ledger.verify(at: folder.path, options: testOptions())
                if report.isClean {
                    #expect(report == truth, "\(place): clean, and yet another report")
                } else {
                    found += 1
                    let named = report.findings.allSatisfy { $0.position != nil || !$0.message.isEmpty }
                    #expect(named, "\(place): \(report.findings)")
                }
            } catch {
                refused += 1
                #expect(error.code == .broken || error.code == .newer, "\(place): \(error)")
                let named = error.message.contains(/page \d/) || error.position != nil
                #expect(named || error.message.contains("header"), "\(place): \(error)")
            }
        }
        try sound.write(to: URL(fileURLWithPath: path))
        #expect(try Ledger.verify(at: folder.path, options: testOptions()) == truth)
        #expect(found + refused > Self.rounds / 5, "\(found) found, \(refused) refused of \(Self.rounds)")
    }

    /// Bytes of a value, wherever it lies: all of them count.
    @Test func everyBitOfARecordCounts() throws {
        let folder = try Self.make()
        let path = folder.path + "/log/data.mdb"
        let prover = try LogProver.open(at: folder.path, options: testOptions())
        let sound = try Data(contentsOf: URL(fileURLWithPath: path))
        var random = SplitMix64(seed: 6_962)
        var records: [(position: LogPosition, bytes: [UInt8])] = []
        var position = LogPosition(1)
        while let place = try prover.place(of: position) {
            records.append((place.positions.lowerBound, place.record))
            position = LogPosition(place.positions.upperBound.rawValue + 1)
        }
        prover.close()
        for _ in 0..<25 {
            let (position, bytes) = random.pick(records)
            let at = try #require(sound.range(of: Data(bytes), in: 0..<sound.count))
            var damaged = sound
            // Free pages may hold older copies of the page: all are damaged.
            let (offset, bit) = (random.below(bytes.count), random.below(8))
            var from = 0
            while let copy = sound.range(of: Data(bytes), in: from..<sound.count) {
                damaged[copy.lowerBound + offset] ^= UInt8(1 << bit)
                from = copy.upperBound
            }
            try damaged.write(to: URL(fileURLWithPath: path))
            let report = try Ledger.verify(at: folder.path, options: testOptions())
            let first = try #require(report.findings.first, "position \(position), byte \(offset)")
            #expect(first.position == position, "\(first) at \(at)")
        }
    }
}
