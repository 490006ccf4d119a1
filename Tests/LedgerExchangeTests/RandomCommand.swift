import LedgerDomain
import Testing

@testable import LedgerExchange

enum RandomCommand {
    static func make(_ random: inout SplitMix64) -> Command {
        var command = Command(action(&random))
        command.key = optional(&random)
        // Without it the line is refused.
        if command.key == nil { command.key = text(&random) }
        if Bool.random(using: &random), !needsKey(command.action) { command.key = nil }
        if case .createProgramme = command.action {} else { command.programme = optional(&random) }
        command.actor = Command.Actor(
            role: ActorRole.allCases.randomElement(using: &random)!, id: optional(&random))
        command.correlationId = optional(&random)
        command.causation = optional(&random)
        return command
    }

    private static func action(_ random: inout SplitMix64) -> Command.Action {
        let asset = Asset.all.randomElement(using: &random)!.number
        switch Int.random(in: 0..<44, using: &random) {
        case 42...: return .correct(correction(&random))
        case 10..<18: return money(&random)
        case 18..<23: return payout(&random)
        case 23..<33: return people(&random)
        case 33..<36: return programme(&random)
        case 36..<39: return repair(&random)
        case 39...: return reconciliation(&random)
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
                ip: optional(&random), device: optional(&random), paymentMethod: optional(&random)),
            signalHashes: SignalKind.allCases.filter { _ in Int.random(in: 0..<4, using: &random) == 0 }
                .map { SignalHash(kind: $0, hash: hash(&random)) })
    }

    private static func needsKey(_ action: Command.Action) -> Bool {
        let type = CommandLineDecoder.lineTypes.first { $0.name == action.typeName }!
        return type.field("key")!.isRequired
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

    static func optional(_ random: inout SplitMix64) -> String? {
        Bool.random(using: &random) ? nil : text(&random)
    }

    static func amount(_ random: inout SplitMix64) -> Int64 {
        let small = Int64.random(in: -99...99, using: &random)
        let any = Int64.random(in: .min ... .max, using: &random)
        return [0, 1, -1, .max, .min, small, any].randomElement(using: &random)!
    }

    static func time(_ random: inout SplitMix64) -> Timestamp {
        let nanoseconds = Int64.random(in: .min ... .max, using: &random)
        return Timestamp(
            nanoseconds: [nanoseconds, nanoseconds / 1_000_000_000 * 1_000_000_000, .min, .max]
                .randomElement(using: &random)!)
    }
    static func days(_ random: inout SplitMix64) -> Int? {
        Bool.random(using: &random) ? nil : .random(in: -5...1 << 60, using: &random)
    }

    static func hash(_ random: inout SplitMix64) -> Bytes16 {
        Bytes16(low: random.next(), high: random.next())
    }
}
