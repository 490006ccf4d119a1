import LedgerDomain
import StrictJSON
import Testing

@testable import LedgerExchange

@Suite struct RoundTripTests {
    @Test func everyCommandComesBackFromItsLine() throws {
        var random = SplitMix64(7)
        var decoder = CommandLineDecoder()
        var writer = JSONWriter()
        for _ in 0..<20_000 {
            let command = RandomCommand.make(&random)
            writer.removeAll()
            try CommandLineWriter.write(command, to: &writer)
            let line = writer.bytes
            #expect(line.last == 0x0A)
            let back = try decoder.decode(line.dropLast())
            #expect(back == command)
            if back != command { return }
        }
    }

    @Test func anAssetWithoutCodeIsNoLine() throws {
        let number = AssetNumber(rawValue: 2001)
        let command = Command(
            .refund(
                Refund(
                    refundId: "r", provider: "p", paymentId: nil, amount: 1, asset: number,
                    at: Timestamp(nanoseconds: 0))))
        #expect(throws: CommandLineWriter.UnknownAsset(number: number)) {
            try CommandLineWriter.line(command)
        }
        let line = try CommandLineWriter.line(command) { Asset(ledgerDefined: $0, code: "BADGE:b") }
        #expect(String(decoding: line, as: UTF8.self).contains(#""currency":"BADGE:b""#))
    }

    /// Whatever is done to a line, the decoder answers, and what it takes it can write again.
    @Test func damagedLinesNeverCrash() throws {
        var random = SplitMix64(8)
        var decoder = CommandLineDecoder(defaultAsset: pounds)
        var taken = 0
        for _ in 0..<20_000 {
            var line = try CommandLineWriter.line(RandomCommand.make(&random))
            for _ in 0..<Int.random(in: 1...4, using: &random) { damage(&line, &random) }
            guard let command = try? decoder.decode(line.span) else { continue }
            taken += 1
            let again = try CommandLineWriter.line(command)
            #expect(try decoder.decode(again.dropLast()) == command)
        }
        #expect(taken > 300)
    }

    private func damage(_ line: inout [UInt8], _ random: inout SplitMix64) {
        guard let at = line.indices.randomElement(using: &random) else { return }
        switch Int.random(in: 0..<6, using: &random) {
        case 0: line[at] = UInt8.random(in: 0...255, using: &random)
        case 1: line.remove(at: at)
        case 2: line.insert(Array("{}[]\",:\\0-.eZ\u{0}".utf8).randomElement(using: &random)!, at: at)
        case 3: line.removeSubrange(at...)
        case 4: line.insert(contentsOf: line[at...].prefix(20), at: at)
        default: line.swapAt(at, line.indices.randomElement(using: &random)!)
        }
    }
}
