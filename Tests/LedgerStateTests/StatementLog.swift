@testable import LedgerDomain
@testable import LedgerState

/// The log behind `Fixtures/log/statements.json`: runs over statements of a provider, and their breaks.
///
/// Fixed is what is fixed in ``VectorLog``; nothing is drawn.
struct StatementLog {
    let engine: Engine

    init(folder: String) throws {
        engine = try Engine(
            folder: folder, ledgerId: VectorLog.ledgerId,
            now: try Timestamp("2026-06-01T00:00:00.123456789Z"),
            secret: (0..<32).map { UInt8($0) })
        func at(_ day: String) throws -> Timestamp { try Timestamp("2026-\(day)T10:00:00Z") }
        func send(_ action: Command.Action, key: String? = nil, actor: Command.Actor = .system) throws {
            try engine.record(Command(action, key: key, actor: actor))
        }
        let usd = VectorLog.usd
        try send(
            .createProgramme(
                CreateProgramme(
                    programmeId: "shop", asset: usd, at: at("01-01"),
                    policy: Policy.preset(named: "two-level")!, zoneRules: .utc)))
        try send(.signup(Signup(userId: "a", at: at("01-01"))))
        try send(
            .payment(
                Payment(
                    paymentId: "ch_1", provider: "stripe", userId: "a", amount: 100_00, asset: usd,
                    at: at("01-02"))))
        let run = RecordReconciliation(
            runId: "7d0c41", provider: "stripe", statement: "5e88", lines: 300, matched: 298, breaks: 3,
            at: try at("01-31"))
        try send(.reconciliation(run))
        func open(
            _ id: String, _ rule: String, _ kind: BreakKind, _ subject: String, _ expected: Int64?,
            _ found: Int64?, run: String = "7d0c41", _ day: String = "01-31"
        ) throws {
            try send(
                .openBreak(
                    OpenBreak(
                        breakId: id, runId: run, rule: rule, kind: kind, subject: subject, since: at("01-02"),
                        asset: expected == nil && found == nil ? nil : usd, expected: expected, found: found,
                        at: at(day))))
        }
        try open("b-1", "statement.amount", .mismatch, "payment ch_1", 100_00, 99_00)
        try open("b-2", "statement.missing-here", .incomplete, "payment ch_2", nil, 5_00)
        try open("b-3", "statement.currency", .mismatch, "payment ch_3", nil, nil)
        var later = run
        (later.runId, later.breaks, later.at) = ("9a11", 1, try at("02-28"))
        try send(.reconciliation(later))
        try send(
            .resolveBreak(
                ResolveBreak(
                    breakId: "b-2", runId: "9a11", reason: "not found any more", at: at("02-28"))),
            key: "9a11:5")
        try send(
            .resolveBreak(ResolveBreak(breakId: "b-1", reason: "the bank's error", at: at("03-01"))),
            key: "rb-1", actor: Command.Actor(role: .admin, id: "ann"))
        // Opened again by a run that finds it again.
        try open(
            "b-2", "statement.missing-here", .incomplete, "payment ch_2", nil, 5_00, run: "9a11", "02-28")
    }
}
