import ReferralLedger

/// `quarantine` and `release`: a fact of the log is set aside, and let out again.
enum QuarantineVerbs {
    static let quarantine = Verb(
        "quarantine", abstract: "Sets a fact aside: reverses what it posted, and stops what depends on it.",
        discussion: """
            POSITION is that of a payment, a grant, an adjustment, a write-off, an opening balance, a funding or a \
            remitted tax, as `events` shows it. Nothing earlier changes: what is left of the fact is reversed now, \
            what is gone already becomes a debt. A payment's refunds and disputes wait until the release.
            """,
        section: "Audit",
        examples: [
            .init(
                "A payment that was sent twice",
                "referral-ledger quarantine 21 --reason \"sent twice\" --approved-by ann")
        ],
        arguments: [position],
        options: [
            .init("reason", "TEXT", "Why.", isRequired: true), approver, DeskOptions.at,
            CommonOptions.programme,
        ],
        action: { (invocation) throws(CLIError) in
            let action = Command.Action.quarantine(
                QuarantineFact(
                    fact: try fact(invocation), reason: try invocation.parsed.required("reason"),
                    approver: try invocation.parsed.required("approved-by"), at: try invocation.deskTime()))
            return try invocation.sendFromDesk(action)
        })

    static let release = Verb(
        "release", abstract: "Lets a fact out of quarantine: it counts again, and what waited takes effect.",
        discussion: """
            The inverse of `quarantine`, at its own position: what was set aside comes back (a debt is repaid first), \
            open cases hold again what they held, refunds and disputes that came meanwhile are applied.
            """,
        section: "Audit",
        examples: [
            .init("It was right after all", "referral-ledger release 21 --approved-by ann")
        ],
        arguments: [position],
        options: [
            .init("reason", "TEXT", "Why."), approver, DeskOptions.at, CommonOptions.programme,
        ],
        action: { (invocation) throws(CLIError) in
            let action = Command.Action.release(
                ReleaseFact(
                    fact: try fact(invocation), reason: invocation.parsed.string("reason"),
                    approver: try invocation.parsed.required("approved-by"), at: try invocation.deskTime()))
            return try invocation.sendFromDesk(action)
        })

    private static let position = Verb.Argument(
        "POSITION", "The fact's position in the log.", kind: .integer(1...Int.max))
    private static let approver = Verb.Option(
        "approved-by", "NAME", "Who approves; nobody whose money it moves.", isRequired: true)

    private static func fact(_ invocation: Invocation) throws(CLIError) -> FactReference {
        let text = invocation.parsed.argument("POSITION") ?? ""
        guard let number = UInt64(text) else { throw .usage("POSITION is '\(text)', no position") }
        return .position(LogPosition(number))
    }
}
