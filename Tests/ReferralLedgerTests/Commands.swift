import LedgerDomain
import ReferralLedger
import Testing

/// 2026-01-01T00:00:00Z and so many days of 24 hours.
func day(_ number: Int, hours: Int = 0) -> Timestamp {
    Timestamp(
        nanoseconds: 1_767_225_600_000_000_000 + (Int64(number) * 24 + Int64(hours)) * 3_600_000_000_000)
}

/// Short ways to say commands. Amounts are minor units, moments days of 2026.
enum Say {
    static func signup(
        _ id: String, _ at: Timestamp = day(0), by referrer: String? = nil, code: String? = nil,
        programme: String? = nil
    ) -> Command {
        Command(
            .signup(Signup(userId: id, at: at, referrerId: referrer, referralCode: code)),
            programme: programme)
    }

    static func pay(
        _ id: String, _ user: String, _ amount: Int64, _ at: Timestamp = day(1), asset: AssetNumber = .usd,
        provider: String = "shop", base: Int64? = nil, programme: String? = nil, key: String? = nil
    ) -> Command {
        Command(
            .payment(
                Payment(
                    paymentId: id, provider: provider, userId: user, amount: amount, asset: asset, at: at,
                    commissionableBase: base)),
            programme: programme, key: key)
    }

    static func refund(
        _ id: String, _ payment: String?, _ amount: Int64, _ at: Timestamp = day(2),
        asset: AssetNumber = .usd,
        provider: String = "shop", total: Int64? = nil, programme: String? = nil, key: String? = nil
    ) -> Command {
        Command(
            .refund(
                Refund(
                    refundId: id, provider: provider, paymentId: payment, amount: amount, asset: asset,
                    at: at,
                    refundedTotal: total)),
            programme: programme, key: key)
    }

    static func issue(
        _ user: String, _ code: String?, key: String?, _ at: Timestamp = day(0), days: Int? = nil,
        programme: String? = nil
    ) -> Command {
        Command(
            .issueCode(IssueCode(userId: user, at: at, code: code, expiresInDays: days)),
            programme: programme,
            key: key)
    }

    static func apply(
        _ user: String, _ code: String, _ at: Timestamp = day(1), programme: String? = nil, key: String? = nil
    ) -> Command {
        Command(.applyCode(ApplyCode(userId: user, code: code, at: at)), programme: programme, key: key)
    }

    static func move(
        _ user: String, _ stage: ReferralStage, _ at: Timestamp = day(1), key: String? = nil
    ) -> Command {
        Command(.advanceReferral(AdvanceReferral(userId: user, to: stage, at: at)), key: key)
    }

    static func convert(_ user: String, _ at: Timestamp = day(1), key: String? = nil) -> Command {
        Command(.convert(Convert(userId: user, at: at)), key: key)
    }

    static func create(_ id: String, asset: AssetNumber = .usd, policy: Policy) -> Command {
        Command(
            .createProgramme(
                CreateProgramme(programmeId: id, asset: asset, at: day(0), policy: policy, zoneRules: .utc)))
    }

    static func publish(
        _ policy: Policy, from: Timestamp, programme: String? = nil, key: String? = nil
    ) -> Command {
        Command(
            .publishPolicy(PublishPolicy(policy: policy, effectiveFrom: from, zoneRules: .utc)),
            programme: programme, key: key)
    }
}

/// The two-level preset, changed.
func twoLevel(_ change: (inout Policy) -> Void = { _ in }) -> Policy {
    var policy = Policy.preset(named: "two-level")!
    change(&policy)
    return policy
}

extension Outcome {
    /// The refusal, if it is one.
    var refusal: Refusal? {
        if case .refused(let refusal) = self { refusal } else { nil }
    }

    /// The receipt, if there is one.
    var receipt: Receipt? {
        switch self {
        case .accepted(let receipt), .repeated(let receipt), .parked(let receipt): receipt
        case .refused: nil
        }
    }
}

/// A ledger in a folder of its own.
final class Bench {
    let folder = TemporaryFolder()
    let ledger: Ledger

    init(asset: String = "USD", policy: Policy? = nil, options: LedgerOptions = testOptions()) throws {
        ledger = try makeLedger(folder, asset: asset, policy: policy, options: options)
    }

    deinit { ledger.close() }

    /// Of 300 users in a tree and a payment, with a checkpoint before the payment and one behind it.
    static func withTwoCheckpoints() throws -> Bench {
        let bench = try Bench()
        try bench.run((0..<300).map { Say.signup("u\($0)", by: $0 == 0 ? nil : "u\($0 / 2)") })
        try bench.ledger.checkpoint()
        try bench.run([Say.pay("p", "u1", 10_00)])
        try bench.ledger.checkpoint()
        return bench
    }

    /// Submits commands that must not be refused.
    func run(_ commands: [Command], sourceLocation: SourceLocation = #_sourceLocation) throws {
        for (number, outcome) in try ledger.submit(commands).enumerated() {
            #expect(outcome.refusal == nil, "command \(number + 1)", sourceLocation: sourceLocation)
        }
    }

    /// pending, available, receivable, earned.
    func money(_ user: String, _ asset: AssetNumber = .usd, programme: String? = nil) throws -> [Int64] {
        let balance = try ledger.current.balance(of: user, asset: asset, programme: programme)
        return balance.map { [$0.pending, $0.available, $0.receivable, $0.earned] } ?? []
    }
}
