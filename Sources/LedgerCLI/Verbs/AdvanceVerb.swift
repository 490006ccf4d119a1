import LedgerSocket
import ReferralLedger
import StrictJSON

/// `advance`: the business clock.
enum AdvanceVerb {
    static let verb = Verb(
        "advance", abstract: "Moves the business clock and does what is due.",
        discussion: """
            Commissions mature, referrals and codes expire, weeks and months close. One advance over a year \
            does what 365 of a day do. The clock never goes back: an advance to a time that it has passed \
            changes nothing.
            """,
        section: "Write",
        examples: [
            .init("Up to now", "referral-ledger advance"),
            .init("Up to a moment", "referral-ledger advance --to 2011-09-01T00:00:00Z"),
        ],
        options: [
            .init("to", "TIME", "Where the clock goes; else to now."), CommonOptions.programme,
        ],
        action: { (invocation) throws(CLIError) in
            let moment =
                try invocation.parsed.string("to").map { text throws(CLIError) in
                    try Timestamp.option(text, of: "--to")
                } ?? .now()
            return try invocation.withWriter { writer throws(CLIError) in
                let programme = try writer.programmeId(invocation.programme)
                let outcome = try writer.submit(
                    Command(.advance(Advance(to: moment)), programme: programme))
                return try report(outcome, moment, programme, writer.position, invocation)
            }
        })

    private static func report(
        _ outcome: Outcome, _ moment: Timestamp, _ programme: String, _ position: LogPosition,
        _ invocation: Invocation
    ) throws(CLIError) -> ExitCode {
        let output = invocation.output
        if invocation.isJSON {
            try output.json { json throws(CLIError) in
                json.member("programme", programme)
                json.member("to", moment.description)
                json.outcome(outcome)
            }
        }
        switch outcome {
        case .accepted(let receipt), .parked(let receipt):
            if invocation.isJSON { break }
            output.line(
                "Advanced \(programme) to \(moment): \(Plural.text(receipt.events, "event")), "
                    + "through position \(position).")
        case .repeated:
            if !invocation.isJSON {
                output.line("Nothing is due: \(programme) stands at \(moment) or later.")
            }
        case .refused(let refusal):
            output.error("refused: \(DisplayText.safe("\(refusal.code.rawValue): \(refusal.message)"))\n")
            return .differences
        }
        return .done
    }
}
