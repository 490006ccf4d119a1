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
        for _ in 0..<60_000 {
            var line = try CommandLineWriter.line(RandomCommand.make(&random))
            for _ in 0..<Int.random(in: 1...4, using: &random) { damage(&line, &random) }
            guard let command = try? decoder.decode(line.span) else { continue }
            taken += 1
            let again = try CommandLineWriter.line(command)
            #expect(try decoder.decode(again.dropLast()) == command)
        }
        #expect(taken > 1000)
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

enum RandomCommand {
    static func make(_ random: inout SplitMix64) -> Command {
        var command = Command(action(&random))
        command.key = optional(&random)
        if case .issueCode = command.action { command.key = text(&random) }
        if case .createProgramme = command.action {} else { command.programme = optional(&random) }
        command.actor = Command.Actor(
            role: ActorRole.allCases.randomElement(using: &random)!, id: optional(&random))
        command.correlationId = optional(&random)
        command.causation = optional(&random)
        return command
    }

    private static func action(_ random: inout SplitMix64) -> Command.Action {
        let asset = Asset.all.randomElement(using: &random)!.number
        switch Int.random(in: 0..<10, using: &random) {
        case 0: return .signup(signup(&random))
        case 1:
            return .issueCode(
                IssueCode(
                    userId: text(&random), at: time(&random), code: optional(&random),
                    expiresInDays: Bool.random(using: &random)
                        ? nil : .random(in: -5...1 << 60, using: &random)
                ))
        case 2: return .applyCode(ApplyCode(userId: text(&random), code: text(&random), at: time(&random)))
        case 3:
            let stage = ReferralStage.allCases.randomElement(using: &random)!
            return .advanceReferral(AdvanceReferral(userId: text(&random), to: stage, at: time(&random)))
        case 4: return .convert(Convert(userId: text(&random), at: time(&random)))
        case 5:
            return .payment(
                Payment(
                    paymentId: text(&random), provider: text(&random), userId: text(&random),
                    amount: amount(&random), asset: asset, at: time(&random),
                    commissionableBase: Bool.random(using: &random) ? nil : amount(&random)))
        case 6:
            return .refund(
                Refund(
                    refundId: text(&random), provider: text(&random), paymentId: optional(&random),
                    amount: amount(&random), asset: asset, at: time(&random),
                    refundedTotal: Bool.random(using: &random) ? nil : amount(&random)))
        case 7: return .advance(Advance(to: time(&random)))
        case 8:
            return .publishPolicy(
                PublishPolicy(policy: policy(&random), effectiveFrom: time(&random), zoneRules: .utc))
        default:
            return .createProgramme(
                CreateProgramme(
                    programmeId: text(&random), asset: asset, at: time(&random), policy: policy(&random),
                    zoneRules: .utc))
        }
    }

    private static func signup(_ random: inout SplitMix64) -> Signup {
        let metadata = [nil, "{}", #"{"a":[1,2.50,null],"b":{"ü":"\n"}}"#].randomElement(using: &random)!
        return Signup(
            userId: text(&random), at: time(&random), country: optional(&random),
            referrerId: optional(&random), referralCode: optional(&random),
            personal: .init(
                email: optional(&random), phone: optional(&random), name: optional(&random),
                metadata: metadata),
            signals: .init(
                ip: optional(&random), device: optional(&random), paymentMethod: optional(&random)))
    }

    private static func policy(_ random: inout SplitMix64) -> Policy {
        var policy = Policy.preset(named: "two-level")!
        policy.commission.holdingDays = .random(in: 0...3650, using: &random)
        policy.workflow.expiryDays = Bool.random(using: &random) ? nil : 90
        return policy
    }

    static func text(_ random: inout SplitMix64) -> String {
        let pieces = [
            "a", "7", "\"", "\\", "/", "ü", "😀", " ", "\n", "\u{1F}", "\u{85}",
            "€", "e\u{301}", "Z",
        ]
        let count = Int.random(in: 0...30, using: &random)
        return (0..<count).map { _ in pieces.randomElement(using: &random)! }.joined()
    }

    private static func optional(_ random: inout SplitMix64) -> String? {
        Bool.random(using: &random) ? nil : text(&random)
    }

    private static func amount(_ random: inout SplitMix64) -> Int64 {
        let small = Int64.random(in: -99...99, using: &random)
        let any = Int64.random(in: .min ... .max, using: &random)
        return [0, 1, -1, .max, .min, small, any].randomElement(using: &random)!
    }

    private static func time(_ random: inout SplitMix64) -> Timestamp {
        let nanoseconds = Int64.random(in: .min ... .max, using: &random)
        return Timestamp(
            nanoseconds: [nanoseconds, nanoseconds / 1_000_000_000 * 1_000_000_000, .min, .max]
                .randomElement(using: &random)!)
    }
}
