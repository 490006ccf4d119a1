import LedgerExchange
import ReferralLedger

/// `simulate`: a made-up programme.
enum SimulateVerb {
    static let verb = Verb(
        "simulate", abstract: "Writes a made-up programme as JSON lines, for tests and benchmarks.",
        discussion: """
            Signups on a skewed tree, codes, payments, refunds, disputes, withdrawals with checks of identity, \
            decisions and payouts, suspensions, adjustments, repeats and late arrivals; with preset premium-days \
            or tiered also rewards that are claimed and delivered. The same lines for the same numbers on every \
            machine. A ledger with the same preset and asset refuses none.
            """,
        section: "Tools",
        examples: [
            .init(
                "A file to import",
                "referral-ledger simulate --users 1000 --payments 5000 --seed 7 > facts.jsonl")
        ],
        options: [
            .init("users", "N", "Signups.", kind: .integer(0...1 << 30), isRequired: true),
            .init("payments", "N", "Payments.", kind: .integer(0...1 << 30), isRequired: true),
            .init("seed", "S", "Another one, another programme.", kind: .integer(0...Int.max), default: "1"),
            .init(
                "asset", "CODE", "Of every payment; what tiered grants and pays out is INR.",
                default: "GBP"),
            .init(
                "preset", "NAME", "The rules that the lines are to keep.",
                kind: .choice(Simulation.Preset.allCases.map(\.rawValue)), default: "two-level"),
            .init(
                "advance", "EVERY", "How often the business clock is moved.",
                kind: .choice(["week", "month"]),
                default: "week"),
            .init("programme", "ID", "Written into each line when given."),
        ],
        action: { (invocation) throws(CLIError) in
            let parsed = invocation.parsed
            let asset = try Asset.option(try parsed.required("asset"), of: "--asset")
            var simulation = Simulation(
                .init(
                    users: parsed.int("users") ?? 0, payments: parsed.int("payments") ?? 0,
                    seed: UInt64(parsed.int("seed") ?? 1), asset: asset,
                    advance: parsed.string("advance") == "month" ? .month : .week,
                    preset: Simulation.Preset(rawValue: parsed.string("preset") ?? "") ?? .twoLevel,
                    programme: parsed.string("programme")))
            var lines: [UInt8] = []
            lines.reserveCapacity(70_000)
            while simulation.next(into: &lines) {
                guard lines.count >= 65_536 else { continue }
                invocation.output.write(lines)
                lines.removeAll(keepingCapacity: true)
                if invocation.output.isReaderGone || invocation.output.failure != nil { return .done }
            }
            invocation.output.write(lines)
            return .done
        })
}
